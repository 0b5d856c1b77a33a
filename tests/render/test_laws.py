"""What holds for every renderer and any plan."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plancast.codec import plan_from_dict
from plancast.model.plan import Action, Plan
from plancast.render import RENDERERS
from plancast.render.terminal.style import columns
from tests.render.desk import look, orders, uncoloured
from tests.strategies import plans

every_renderer = pytest.mark.parametrize("renderer", RENDERERS)
widths = st.integers(1, 140)


@every_renderer
@given(plan=plans(), width=widths, color=st.booleans())
def test_every_changed_address_and_every_code_appears(
    renderer: str, plan: Plan, width: int, color: bool
) -> None:
    text = uncoloured(look(plan, renderer, width=width, color=color))
    missing = [
        str(change.address)
        for change in plan.changes
        if change.action is not Action.NONE and str(change.address) not in text
    ]
    missing += [item.code for item in plan.diagnostics if item.code not in text]
    assert missing == []


@every_renderer
@given(plan=plans(), width=widths, color=st.booleans(), verbose=st.booleans())
def test_no_text_gives_a_terminal_an_order(
    renderer: str, plan: Plan, width: int, color: bool, verbose: bool
) -> None:
    text = look(plan, renderer, width=width, color=color, verbose=verbose)
    assert orders(text) == set()
    assert color or "\x1b" not in text


@every_renderer
@given(plan=plans())
def test_output_is_utf8_and_ends_with_one_line_end(renderer: str, plan: Plan) -> None:
    text = look(plan, renderer)
    text.encode("utf-8")
    assert text.endswith("\n")
    assert not text.endswith("\n\n")


@every_renderer
@given(plan=plans(), width=widths)
def test_the_same_plan_always_looks_the_same(renderer: str, plan: Plan, width: int) -> None:
    assert look(plan, renderer, width=width) == look(plan, renderer, width=width)


@given(plan=plans())
def test_the_json_form_is_the_plan(plan: Plan) -> None:
    document = json.loads(look(plan, "json"))
    assert plan_from_dict(document).changes == plan.changes
    assert plan_from_dict(document).unmanaged == plan.unmanaged
    assert document["summary"] == dict(plan.summary)


@given(plan=plans())
def test_the_json_form_is_the_same_for_every_reader(plan: Plan) -> None:
    assert look(plan, "json", width=20, color=True, verbose=True) == look(plan, "json")


@given(plan=plans(), width=st.integers(60, 140))
def test_bodies_stay_within_the_width(plan: Plan, width: int) -> None:
    """Texts of posts are wrapped; addresses, places and links may be longer, but are never cut."""
    lines = look(plan, width=width).splitlines()
    bodies = [line for line in lines if re.match(r"\s+(\d+/\d+ |first comment )?│", line)]
    assert [line for line in bodies if columns(line) > width] == []
