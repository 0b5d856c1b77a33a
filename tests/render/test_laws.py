"""Laws of every renderer, for any plan."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from plancast.codec import plan_from_dict
from plancast.model.diagnostics import Diagnostic
from plancast.model.plan import Action, Plan
from plancast.render.formats import PLAN_FORMATS
from plancast.render.terminal.style import columns
from tests.render.rendering import control_characters, rendered, uncoloured
from tests.strategies import plans

widths = st.integers(1, 140)


@given(plan=plans(), width=widths, color=st.booleans(), verbose=st.booleans())
def test_each_format_keeps_the_laws_of_all(
    plan: Plan, width: int, color: bool, verbose: bool
) -> None:
    """Each plan is drawn once for all formats and all laws: drawing it is what takes long."""
    for name, form in PLAN_FORMATS.items():
        text = rendered(plan, name, width=width, color=color, verbose=verbose)
        if form.complete:
            shows_all = name != "markdown" and (verbose or name != "human")
            found = plan.diagnostics if shows_all else plan.diagnostics_here
            assert left_out(plan, found, uncoloured(text)) == [], name
        assert control_characters(text) == set(), f"{name} gives a terminal an order"
        assert color or "\x1b" not in text, f"{name} is coloured"
        text.encode("utf-8")
        assert text.endswith("\n"), f"{name} ends with a line end"
        assert not text.endswith("\n\n"), f"{name} ends with one line end"
        again = rendered(plan, name, width=width, color=color, verbose=verbose)
        assert again == text, f"{name} shows the same plan in two ways"


def left_out(plan: Plan, found: Iterable[Diagnostic], text: str) -> list[str]:
    """Return the addresses that change and the codes of problems that a text does not have."""
    addresses = [str(change.address) for change in plan.changes if change.action is not Action.NONE]
    codes = [item.code for item in found]
    return [word for word in (*addresses, *codes) if word not in text]


@given(plan=plans())
def test_the_json_form_is_the_plan(plan: Plan) -> None:
    document = json.loads(rendered(plan, "json"))
    assert plan_from_dict(document).changes == plan.changes
    assert plan_from_dict(document).unmanaged == plan.unmanaged
    assert document["summary"] == dict(plan.summary)


@given(plan=plans())
def test_the_json_form_is_the_same_for_every_reader(plan: Plan) -> None:
    assert rendered(plan, "json", width=20, color=True, verbose=True) == rendered(plan, "json")


@given(plan=plans(), width=st.integers(60, 140))
def test_bodies_stay_within_the_width(plan: Plan, width: int) -> None:
    """Texts of posts are wrapped; addresses, places and links may be longer, but are never cut."""
    lines = rendered(plan, width=width).splitlines()
    bodies = [line for line in lines if re.match(r"\s+(\d+/\d+ |first comment )?│", line)]
    assert [line for line in bodies if columns(line) > width] == []
