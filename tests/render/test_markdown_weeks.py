"""The small calendar in the comment: what goes out on which day, and what changes there."""

from __future__ import annotations

import re

from hypothesis import given

from plancast.model.plan import Action, Change, Plan, Situation
from plancast.render.markdown import render
from plancast.render.markdown.weeks import MOST, weeks
from plancast.testing.builders import change, entry, plan
from tests.render.rendering import options
from tests.render.test_markdown import Page
from tests.strategies import plans


def on(day: str, action: Action = Action.CREATE) -> Change:
    """A change that is due at nine on this day, in Berlin."""
    return change(action, f"{day}-{action.value}@acme-x", due_at=f"{day} 08:00")


def cells(made: Plan) -> dict[str, list[str]]:
    """By the Monday of the week: the texts of its days."""
    rows = {}
    for piece in weeks(made.changes).pieces:
        plain = [
            " ".join(re.sub(r"<[^>]+>|&nbsp;", " ", cell).split())
            for cell in re.findall(r"<td>(.*?)</td>", piece)
        ]
        rows[plain[0]] = plain[1:]
    return rows


def test_days_have_their_numbers_and_what_changes_there() -> None:
    made = plan(
        on("2026-12-01"),
        on("2026-12-01", Action.UPDATE),
        on("2026-12-02", Action.NONE),
        on("2026-12-03", Action.DESTROY),
        on("2026-12-14"),
    )
    assert cells(made) == {
        "30 Nov": ["", "2 +1 ~1", "1", "0 -1", "", "", ""],
        "14 Dec": ["1 +1", "", "", "", "", "", ""],
    }


def test_a_day_is_a_day_in_the_zone_of_the_post() -> None:
    late = change(after=entry(at="2026-12-06 23:30"))
    assert cells(plan(late)) == {"7 Dec": ["1 +1", "", "", "", "", "", ""]}


def test_what_does_not_go_out_is_not_counted() -> None:
    over = (Situation.PUBLISHED, Situation.FAILED, Situation.MISSED, Situation.BLOCKED)
    made = [
        change(Action.NONE, f"{item.value}@acme-x", due_at="2026-12-02 08:00", situations=[item])
        for item in over
    ]
    assert cells(plan(on("2026-12-01"), *made)) == {"30 Nov": ["", "1 +1", "", "", "", "", ""]}


def test_a_repair_goes_out_and_is_counted() -> None:
    mended = change(Action.UPDATE, due_at="2026-12-02 08:00", situations=[Situation.FAILED])
    assert cells(plan(mended)) == {"30 Nov": ["", "", "1 ~1", "", "", "", ""]}


def test_it_is_shown_from_the_third_day_on() -> None:
    two = [on("2026-12-01"), on("2026-12-02")]
    assert "The weeks" not in render(plan(*two), options())
    assert "#### The weeks" in render(plan(*two, on("2026-12-03")), options())


def test_a_year_is_counted_after_some_weeks() -> None:
    year = [on(f"2027-{month:02}-{day:02}") for month in range(1, 13) for day in (1, 15)]
    made = weeks(plan(*year).changes)
    assert (len(made.pieces), made.number) == (MOST, 24)


@given(plans())
def test_no_plan_breaks_it(made: Plan) -> None:
    section = weeks(made.changes)
    found = Page("\n".join([section.opening, *section.pieces, section.closing]))
    assert (found.broken, found.open) == ([], [])
