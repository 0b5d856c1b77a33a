"""The status of every post, for people: drafts and reminders calmly, troubles first."""

from __future__ import annotations

from datetime import timedelta

from plancast.model.entry import Address
from plancast.reconcile.status import Standing, StatusRow
from plancast.render import markdown
from plancast.render.terminal.status import render_status
from plancast.testing.builders import NOW, ZONE
from tests.render.rendering import options


def line(name: str, standing: Standing, detail: str = "", link: str = "") -> StatusRow:
    address = Address(name, "acme-x")
    return StatusRow(address, standing, NOW + timedelta(days=1), link, detail, ZONE)


ROWS = (
    line("a", Standing.SCHEDULED, "a reminder: a person must publish it by hand"),
    line("b", Standing.DRAFT, "it waits in Buffer for somebody to schedule it"),
    line("c", Standing.NEEDS_APPROVAL, "it waits in Buffer for an approval"),
    line("d", Standing.DRAFT, "it waits in Buffer for somebody to schedule it"),
)


def test_drafts_and_reminders_are_no_trouble_and_say_what_they_wait_for() -> None:
    for width in (60, 100, 160):
        text = render_status(ROWS, options(width=width))
        for row in ROWS:
            assert row.detail in " ".join(text.split())
        assert text.endswith("1 scheduled, 2 drafts and 1 needs approval: all is well.\n")
    text = markdown.render_status(ROWS, options())
    assert text.startswith("### ✅ Status: all is well")
    assert "1 scheduled, 2 drafts and 1 needs approval." in text
    assert "<b>" not in text


def test_what_a_person_forgot_is_trouble_and_counted() -> None:
    late = (
        line("e", Standing.OVERDUE_DRAFT, "its time passed 15 days ago"),
        line("f", Standing.OVERDUE_DRAFT, "its time passed 2 days ago"),
        line("g", Standing.OVERDUE_APPROVAL, "its time passed 3 h ago"),
    )
    text = render_status((*ROWS, *late), options())
    assert text.endswith(
        "1 scheduled, 2 drafts, 1 needs approval, 2 overdue drafts and 1 overdue approval.\n"
    )
    assert text.index("e@acme-x") < text.index("a@acme-x")
    assert markdown.render_status(late, options()).startswith("### ⚠️ Status: 3 entries need a look")


def test_all_is_well_only_if_the_files_ask_for_nothing_else() -> None:
    more = "The files ask for changes: 1 to destroy."
    assert render_status(ROWS[:1], options(), more).endswith(f"\n1 scheduled.\n{more}\n")
    text = markdown.render_status(ROWS[:1], options(), more)
    assert text.startswith(
        f"### Status: the queue is not what the files ask for\n\n1 scheduled.\n\n{more}\n"
    )
    for shown in (render_status((), options(), more), markdown.render_status((), options(), more)):
        assert more in shown
    failed = (line("h", Standing.FAILED),)
    text = markdown.render_status(failed, options(), more)
    assert text.startswith("### ⚠️ Status: 1 entry needs a look")
    assert more in text


def test_a_failed_post_is_shown_with_the_way_out() -> None:
    rows = (*ROWS[:1], line("h", Standing.FAILED, detail="The account is suspended"))
    for width in (40, 80, 200):
        text = render_status(rows, options(width=width))
        assert "not sent again by itself" in " ".join(text.split())
        assert max(map(len, text.splitlines()[-4:])) <= width
    assert "not sent again by itself" in markdown.render_status(rows, options())
    assert "not sent again" not in render_status(ROWS[:1], options())


def test_a_note_below_its_line_begins_below_the_address() -> None:
    for rows in (ROWS, ROWS[:2], (line("a", Standing.STUCK, "why " * 20),)):
        lines = render_status(rows, options(width=60)).splitlines()
        heads = [head.index("@acme-x") - 1 for head in lines if "@acme-x" in head]
        notes = [len(note) - len(note.lstrip()) for note in lines if note.startswith("    ")]
        assert set(notes) <= set(heads)
        assert len(notes) >= len(heads)


def test_a_reason_below_its_line_is_wrapped_and_a_link_is_not() -> None:
    rows = (
        line("a", Standing.STUCK, detail="why " * 40),
        line("b", Standing.PUBLISHED, link=f"https://acme.example/{'p' * 80}"),
    )
    lines = render_status(rows, options(width=60)).splitlines()
    assert [shown for shown in lines if len(shown) > 60] == [
        shown for shown in lines if "https://" in shown
    ]
    assert " ".join(" ".join(lines).split()).count("why") == 40
    assert rows[1].link in "\n".join(lines)


def test_several_need_approval() -> None:
    text = render_status([ROWS[2], line("e", Standing.NEEDS_APPROVAL)], options())
    assert text.endswith("2 need approval: all is well.\n")
