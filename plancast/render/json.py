"""Renderer of the plan for machines, in the form of `schemas/plan.schema.json`."""

from __future__ import annotations

from collections.abc import Iterator

from plancast.codec import plan_to_json
from plancast.model.plan import Plan
from plancast.render.options import ViewOptions
from plancast.render.terminal.style import safe_json


def render(plan: Plan, options: ViewOptions) -> str:
    """Return the plan as one JSON document, its keys in a stable order. `options` has no effect."""
    return "".join(render_pieces(plan, options))


def render_pieces(plan: Plan, options: ViewOptions) -> Iterator[str]:
    """Yield what `render` returns in pieces, each change for itself."""
    del options
    # Characters in strings alone are escaped, and no piece ends within a string.
    return map(safe_json, plan_to_json(plan, indent=2))
