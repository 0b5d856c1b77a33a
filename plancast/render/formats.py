"""Registry of the output formats: those of each command, and the renderer of each plan format.

A new format for plans is a module with `render(plan, options)` and a row in `PLAN_FORMATS`;
CONTRIBUTING.md has the steps. A format whose text grows with the whole plan also has
`render_pieces`, which yields the same text in pieces. This module imports no renderer: commands
read it for `--help`, and a renderer is loaded when its format is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from plancast.model.plan import Plan
    from plancast.render.options import ViewOptions

    Renderer = Callable[[Plan, ViewOptions], str]
    PiecesRenderer = Callable[[Plan, ViewOptions], Iterable[str]]


@dataclass(frozen=True, slots=True)
class PlanFormat:
    """A format of plans: the module that has its `render`, and whether it shows all of a plan.

    A complete format shows every address that changes and the code of every diagnostic; tests hold
    it to that. An export, such as a file for calendars, may leave out what its readers do not need.
    """

    module: str
    complete: bool = True


PLAN_FORMATS: Mapping[str, PlanFormat] = {
    "human": PlanFormat("plancast.render.terminal.plan"),
    "json": PlanFormat("plancast.render.json"),
    "markdown": PlanFormat("plancast.render.markdown"),
    "html": PlanFormat("plancast.render.html"),
}
"""The formats of plans, by the names that `--format` takes. The first one is the default."""

COMMAND_FORMATS: Mapping[str, tuple[str, ...]] = {
    "doctor": ("human", "json"),
    "import": ("human", "json"),
    "plan": tuple(PLAN_FORMATS),
    "profiles": ("human", "json"),
    "report": ("human", "json"),
    "show": tuple(PLAN_FORMATS),
    "state list": ("human", "json"),
    "state log": ("human", "json"),
    "status": ("human", "json", "markdown"),
    "validate": ("human", "json", "github", "sarif"),
}
"""The formats of each command that has `--format`. A command that shows a plan has all of those."""


def render_plan(plan: Plan, name: str, options: ViewOptions) -> str:
    """Render the plan in the format of that name, which must be a key of `PLAN_FORMATS`."""
    renderer = cast("Renderer", import_module(PLAN_FORMATS[name].module).render)
    return renderer(plan, options)


def plan_pieces(plan: Plan, name: str, options: ViewOptions) -> Iterable[str]:
    """Render as `render_plan` does, in pieces that are shown one after the other."""
    module = import_module(PLAN_FORMATS[name].module)
    in_pieces = cast("PiecesRenderer | None", getattr(module, "render_pieces", None))
    return in_pieces(plan, options) if in_pieces else (render_plan(plan, name, options),)
