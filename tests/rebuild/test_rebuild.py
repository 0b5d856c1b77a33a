"""Entries that are ours again after the state was lost, by the stages of the module's essay."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plancast.model.entry import Entry, LiveEntry, LiveStatus
from plancast.model.profile import Profile
from plancast.model.state import BindingStatus
from plancast.model.workspace import Desired
from plancast.rebuild.rebuild import RebuildStage, Rebuilt, owning, rebuild
from plancast.reconcile.compare import drift, field_diffs
from plancast.reconcile.match import Live
from plancast.testing.builders import ADDRESS, TEXT, entry, live
from tests.reconcile.making import as_it_is, desired

AT = "2026-12-01 08:30"
LINKED = "All about the workshop: https://acme.example/launch"
SHORT = "All about the workshop: https://buff.ly/3xYz"
EDITED = "Something new is coming to your workshop. Tomorrow, 10:30."
FAIR = "The {} day of the fair: come and see us."
EVERGREEN = "Fresh bread from the old oven in the yard."


def run(
    wanted: list[Desired],
    queue: list[LiveEntry],
    sent_list: list[LiveEntry] | None = None,
    owned: tuple[str, ...] = (),
) -> Rebuilt:
    return rebuild(wanted, Live(tuple(queue), tuple(sent_list or ())), owned, as_it_is)


def scheduled_entry(
    id: str = "r1", text: str = TEXT, at: str | None = AT, alias: str = "acme-x", url: str = ""
) -> LiveEntry:
    return live(id, entry(text, at=at, link=url or None), due_at=at, alias=alias)


def sent_entry(id: str = "s1", text: str = TEXT, at: str = "2026-11-23 08:00") -> LiveEntry:
    content = entry(text, at=at)
    return live(id, content, due_at=at, sent_at=at, status=LiveStatus.PUBLISHED)


def asks(address: str = ADDRESS, text: str = TEXT, at: str | None = AT) -> Desired:
    return desired(address, entry(text, at=at))


def result_by_address(found: Rebuilt) -> dict[str, str]:
    """By address: `STAGE ID` of a match, `? ID...` of a question, `lost`."""
    return {
        **{str(item.item.address): f"{item.stage.value} {item.live.id}" for item in found.matches},
        **{
            str(item.item.address): " ".join(["?", *(it.live.id for it in item.candidates)])
            for item in found.ambiguous
        },
        **{str(item.address): "lost" for item in found.lost},
    }


# -- one address, one live entry ---------------------------------------------------------------

ONE = {
    "equal": (asks(), scheduled_entry(), "exact r1"),
    "equal, seconds cut off": (asks(at="2026-12-01 08:30:20"), scheduled_entry(), "exact r1"),
    "for the queue, and there": (asks(at=None), scheduled_entry(at=None), "exact r1"),
    "another picture of the text": (asks(), scheduled_entry(url="https://a.example/"), "minute r1"),
    "shortened by the provider": (asks(text=LINKED), scheduled_entry(text=SHORT), "minute r1"),
    "blanks and capitals": (
        asks(),
        scheduled_entry(text=TEXT.upper().replace(" ", "  ")),
        "minute r1",
    ),
    "a few minutes later": (asks(), scheduled_entry(at="2026-12-01 08:50"), "order r1"),
    "a day later": (asks(), scheduled_entry(at="2026-12-02 08:30"), "order r1"),
    "shortened and moved": (
        asks(text=LINKED),
        scheduled_entry(text=SHORT, at="2026-12-01 18:00"),
        "order r1",
    ),
    "days later": (asks(), scheduled_entry(at="2026-12-04 08:30"), "likeness r1"),
    "pinned to a time, from the queue": (asks(at=None), scheduled_entry(), "likeness r1"),
    "edited": (asks(), scheduled_entry(text=EDITED), "likeness r1"),
    "edited and moved": (
        asks(),
        scheduled_entry(text=EDITED, at="2026-12-01 12:30"),
        "likeness r1",
    ),
    "weeks later": (asks(), scheduled_entry(at="2026-12-20 08:30"), "? r1"),
    "only a link, and another one": (
        asks(text="https://a.example/1"),
        scheduled_entry(text="https://buff.ly/1"),
        "? r1",
    ),
    "only a picture in the same minute": (
        asks(text=""),
        scheduled_entry(text="", url="https://a.b/"),
        "? r1",
    ),
    "only a link, at another time": (
        asks(text="https://a.example/1"),
        scheduled_entry(text="https://a.example/2", at="2026-12-01 09:00"),
        "lost",
    ),
    "something else in its minute": (
        asks(),
        scheduled_entry(text="A quiet evening by the river."),
        "lost",
    ),
    "on another profile": (asks(), scheduled_entry(alias="acme-fb"), "lost"),
}


@pytest.mark.parametrize("case", ONE)
def test_a_pair_is_found_by_the_first_stage_that_can(case: str) -> None:
    item, entry, verdict = ONE[case]
    assert result_by_address(run([item], [entry])) == {ADDRESS: verdict}


@pytest.mark.parametrize("case", [name for name in ONE if " r1" in ONE[name][2]])
def test_what_speaks_for_a_pair_is_said(case: str) -> None:
    found = run([ONE[case][0]], [ONE[case][1]])
    shown = [(item.score, item.evidence) for item in found.matches]
    shown += [(it.score, it.evidence) for asked in found.ambiguous for it in asked.candidates]
    assert len(shown) == 1
    assert 0 <= shown[0][0] <= 1
    assert shown[0][1]


EVIDENCE = {
    "equal": "it reads as the file asks",
    "shortened by the provider": "same text but for its links, same minute",
    "a few minutes later": "same text, 20 min later",
    "shortened and moved": "same text but for its links, 9 h later",
    "days later": "same text, 3 days later",
    "pinned to a time, from the queue": "same text",
}


@pytest.mark.parametrize("case", EVIDENCE)
def test_evidence_is_in_words(case: str) -> None:
    (found,) = run([ONE[case][0]], [ONE[case][1]]).matches
    assert found.evidence == EVIDENCE[case]


def test_how_the_provider_rewrites_is_no_difference() -> None:
    def shouting(content: Entry, profile: Profile) -> Entry:
        return replace(content, text=content.text.upper())

    found = rebuild([asks()], Live((scheduled_entry(text=TEXT.upper()),)), (), shouting)
    assert result_by_address(found) == {ADDRESS: "exact r1"}


# -- what went out -----------------------------------------------------------------------------

PAST = "2026-11-23 08:00"
SENT = {
    "as asked": (asks(at=PAST), sent_entry(), "exact s1"),
    "some minutes late": (asks(at="2026-11-23 07:50"), sent_entry(), "exact s1"),
    "from the queue": (asks(at=None), sent_entry(), "exact s1"),
    "with shortened links": (asks(text=LINKED, at=PAST), sent_entry(text=SHORT), "minute s1"),
    "edited": (asks(at=PAST), sent_entry(text=EDITED), "lost"),
    "on another day": (asks(at="2026-11-22 08:00"), sent_entry(), "lost"),
    "refused": (asks(at=PAST), replace(sent_entry(), status=LiveStatus.FAILED), "lost"),
}


@pytest.mark.parametrize("case", SENT)
def test_what_went_out_is_found_by_the_exact_stages_alone(case: str) -> None:
    item, entry, verdict = SENT[case]
    assert result_by_address(run([item], [], [entry])) == {ADDRESS: verdict}


def test_what_went_out_is_not_taken_for_something_alike() -> None:
    found = run([asks(at=PAST)], [scheduled_entry("r1", EVERGREEN)], [sent_entry(text=EDITED)])
    assert result_by_address(found) == {ADDRESS: "lost"}


def test_what_went_out_stays_published() -> None:
    (found,) = run([asks(text=LINKED, at=PAST)], [], [sent_entry(text=SHORT)]).matches
    bound = owning(found, as_it_is)
    assert bound.status is BindingStatus.PUBLISHED
    assert bound.applied == found.item.entry, "its file was not edited since"


def test_the_queue_comes_before_what_went_out() -> None:
    content = entry(at=PAST)
    waiting = live("r1", content, due_at=PAST)
    assert result_by_address(run([desired(content=content)], [waiting], [sent_entry()])) == {
        ADDRESS: "exact r1"
    }


# -- several ------------------------------------------------------------------------------------

A, B, C = "a@acme-x", "b@acme-x", "c@acme-x"
SEVERAL = {
    "twins, both just like it": (
        [asks(A)],
        [scheduled_entry("r1"), scheduled_entry("r2")],
        {A: "? r1 r2"},
    ),
    "a twin on either side of its time": (
        [asks(A)],
        [
            scheduled_entry("r1", at="2026-12-01 07:30"),
            scheduled_entry("r2", at="2026-12-01 09:30"),
        ],
        {A: "? r1 r2"},
    ),
    "one live entry, two addresses as near": (
        [asks(A, at="2026-12-01 07:30"), asks(B, at="2026-12-01 09:30")],
        [scheduled_entry("r1")],
        {A: "? r1", B: "? r1"},
    ),
    "two addresses for links, both shortened": (
        [asks(A, LINKED), asks(B, f"{LINKED}-2")],
        [scheduled_entry("r1", SHORT), scheduled_entry("r2", f"{SHORT}2")],
        {A: "? r1 r2", B: "? r1 r2"},
    ),
    "two addresses for links, one is live": (
        [asks(A, LINKED), asks(B, f"{LINKED}-2")],
        [scheduled_entry("r1", SHORT)],
        {A: "? r1", B: "? r1"},
    ),
    "moved a little, and a tie a week later": (
        [asks(A), asks(B, at="2026-12-08 08:30")],
        [
            scheduled_entry("r1", at="2026-12-01 10:00"),
            scheduled_entry("r2", at="2026-12-08 07:30"),
            scheduled_entry("r3", at="2026-12-08 09:30"),
        ],
        {A: "order r1", B: "? r2 r3"},
    ),
    "its own, and one by hand an hour later": (
        [asks(A)],
        [scheduled_entry("r1"), scheduled_entry("r2", at="2026-12-01 09:30")],
        {A: "exact r1"},
    ),
    "its own in other words, and one by hand far away": (
        [asks(A)],
        [scheduled_entry("r1", EDITED), scheduled_entry("r2", at="2026-12-06 08:30")],
        {A: "? r1 r2"},
    ),
    "moved, and something like it by hand": (
        [asks(A)],
        [
            scheduled_entry("r1", at="2026-12-01 10:00"),
            scheduled_entry("r2", EDITED, at="2026-12-05 08:30"),
        ],
        {A: "order r1"},
    ),
    "a series, all moved by two hours": (
        [asks(A, at="2026-12-01 08:30"), asks(B, at="2026-12-02 08:30")],
        [
            scheduled_entry("r2", at="2026-12-02 10:30"),
            scheduled_entry("r1", at="2026-12-01 10:30"),
        ],
        {A: "order r1", B: "order r2"},
    ),
    "a series of which one was said by hand": (
        [asks(A, at="2026-12-01 09:00"), asks(B, at="2026-12-02 08:00")],
        [
            scheduled_entry("r1", at="2026-12-02 08:30"),
            scheduled_entry("r2", at="2026-12-02 20:00"),
        ],
        {A: "? r2", B: "likeness r1"},
    ),
    "said again and again: one is missing, one is by hand": (
        [asks(A, EVERGREEN), asks(B, EVERGREEN, "2026-12-08 08:30")],
        [scheduled_entry("r1", EVERGREEN), scheduled_entry("r2", EVERGREEN, "2026-12-08 13:30")],
        {A: "exact r1", B: "? r2"},
    ),
    "said again and again: one was moved a little": (
        [asks(A, EVERGREEN), asks(B, EVERGREEN, "2026-12-08 08:30")],
        [scheduled_entry("r1", EVERGREEN), scheduled_entry("r2", EVERGREEN, "2026-12-08 09:00")],
        {A: "exact r1", B: "order r2"},
    ),
    "another text in its minute, its own text later": (
        [asks(A)],
        [
            scheduled_entry("r1", TEXT.replace("10:00", "11:00")),
            scheduled_entry("r2", at="2026-12-01 12:30"),
        ],
        {A: "? r2 r1"},
    ),
    "the second of two texts that are alike": (
        [asks(A, FAIR.format("first")), asks(B, EVERGREEN)],
        [scheduled_entry("r1", FAIR.format("second")), scheduled_entry("r2", EVERGREEN)],
        {A: "likeness r1", B: "exact r2"},
    ),
    "edited, beside one of its series that is in place": (
        [asks(A, FAIR.format("first")), asks(B, FAIR.format("next"), "2026-12-01 09:30")],
        [
            scheduled_entry("r1", FAIR.format("fifth")),
            scheduled_entry("r2", FAIR.format("next"), "2026-12-01 09:30"),
        ],
        {A: "likeness r1", B: "exact r2"},
    ),
    "missing, and days later one by hand like all of its series": (
        [asks(A, FAIR.format("first")), asks(B, FAIR.format("fifth"), "2026-12-02 09:30")],
        [
            scheduled_entry("r1", FAIR.format("sixth"), "2026-12-04 08:30"),
            scheduled_entry("r2", FAIR.format("fifth"), "2026-12-02 09:30"),
        ],
        {A: "? r1", B: "exact r2"},
    ),
    "two live entries that are alike": (
        [asks(A, FAIR.format("first"))],
        [
            scheduled_entry("r1", FAIR.format("third")),
            scheduled_entry("r2", FAIR.format("next")),
        ],
        {A: "? r2 r1"},
    ),
}


@pytest.mark.parametrize("case", SEVERAL)
def test_a_tie_is_a_question(case: str) -> None:
    wanted, queue, verdicts = SEVERAL[case]
    assert result_by_address(run(wanted, queue)) == verdicts


@pytest.mark.parametrize("case", SEVERAL)
def test_a_question_says_why_and_has_the_likeliest_first(case: str) -> None:
    for asked in run(*SEVERAL[case][:2]).ambiguous:
        assert asked.reason
        scores = [item.score for item in asked.candidates]
        assert scores == sorted(scores, reverse=True)


def test_what_is_asked_about_is_given_to_nobody_else() -> None:
    nearly = asks(B, at="2026-12-01 09:00")
    assert result_by_address(
        run([asks(A), nearly], [scheduled_entry("r1"), scheduled_entry("r2")])
    ) == {A: "? r1 r2", B: "lost"}


def test_what_is_owned_is_not_matched_and_not_listed() -> None:
    found = run([asks()], [scheduled_entry("r1"), scheduled_entry("r2")], owned=("r1",))
    assert result_by_address(found) == {ADDRESS: "exact r2"}
    assert found.foreign == ()


def test_a_text_that_stands_owned_elsewhere_counts_as_said_again_and_again() -> None:
    queue = [scheduled_entry("r1", EVERGREEN), scheduled_entry("r2", EVERGREEN, "2026-12-08 13:30")]
    wanted = [asks(B, EVERGREEN, "2026-12-08 08:30")]
    assert result_by_address(run(wanted, queue, owned=("r1",))) == {B: "? r2"}
    assert result_by_address(run(wanted, queue[1:])) == {B: "order r2"}


def test_what_people_made_is_foreign_and_sorted() -> None:
    made = [
        scheduled_entry("r3", "By hand, late.", "2026-12-09 08:30"),
        scheduled_entry("r2", "By hand, early."),
    ]
    found = run([asks()], [*made, scheduled_entry("r1")])
    assert [item.id for item in found.foreign] == ["r2", "r3"]


# -- what becomes of a match --------------------------------------------------------------------


@pytest.mark.parametrize("case", [name for name in ONE if not ONE[name][2].startswith(("?", "l"))])
def test_what_differs_counts_as_applied_so_that_a_plan_shows_it(case: str) -> None:
    item, entry, verdict = ONE[case]
    (found,) = run([item], [entry]).matches
    bound = owning(found, as_it_is)
    edits = field_diffs(bound.applied, item.entry)
    assert bool(edits) == (found.stage is not RebuildStage.EXACT), verdict
    assert drift(bound.applied, bound.observed, entry) == (), "nobody touched it since"
    assert (bound.address, bound.remote_id) == (item.address, entry.id)


def test_only_the_parts_that_differ_count_as_live() -> None:
    asked = entry(images=["https://a.example/1.png"], shorten=True)
    seen = live("r1", entry(EDITED, images=asked.images))
    (found,) = run([desired(content=asked, protect=True)], [seen]).matches
    bound = owning(found, as_it_is)
    assert bound.applied == replace(asked, text=EDITED)
    assert bound.protect


def test_a_link_that_the_text_should_hold_and_does_not_is_a_difference() -> None:
    """A network without cards gets the link in the text; a person took it out."""

    def without_cards(content: Entry, profile: Profile) -> Entry:
        return replace(content, text=f"{content.text} {content.link.url}", link=None)  # type: ignore[union-attr]

    asked = entry(link="https://a.example/1")
    (found,) = rebuild(
        [desired(content=asked)], Live((live("r1", entry()),)), (), without_cards
    ).matches
    assert field_diffs(owning(found, without_cards).applied, asked) != ()
