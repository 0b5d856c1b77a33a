"""Renderer of the plan for machines, in the form of `schemas/plan.schema.json`."""

from __future__ import annotations

from plancast.codec import plan_to_dict
from plancast.model.plan import Plan
from plancast.render.options import ViewOptions
from plancast.render.terminal.style import to_json


def render(plan: Plan, options: ViewOptions) -> str:
    """Return the plan as one JSON document, its keys in a stable order. `options` has no effect."""
    del options
    return to_json(plan_to_dict(plan), indent=2) + "\n"
