"""How a plan is shown. Renderers know layout and nothing else; they are strangers to each other."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from plancast.model.plan import Plan
    from plancast.render.options import ViewOptions

    Renderer = Callable[[Plan, ViewOptions], str]

__all__ = ["RENDERERS"]


def _human(plan: Plan, options: ViewOptions) -> str:
    from plancast.render.terminal.plan import render  # noqa: PLC0415

    return render(plan, options)


def _json(plan: Plan, options: ViewOptions) -> str:
    from plancast.render.json import render  # noqa: PLC0415

    return render(plan, options)


def _markdown(plan: Plan, options: ViewOptions) -> str:
    from plancast.render.markdown import render  # noqa: PLC0415

    return render(plan, options)


def _html(plan: Plan, options: ViewOptions) -> str:
    from plancast.render.html import render  # noqa: PLC0415

    return render(plan, options)


RENDERERS: dict[str, Renderer] = {
    "human": _human,
    "json": _json,
    "markdown": _markdown,
    "html": _html,
}
"""By the name that `--format` takes. Each is imported when it is used."""
