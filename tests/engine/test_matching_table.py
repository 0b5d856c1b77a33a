"""The counterexamples that matching must get right, one row each, over both modes of safety.

A row is a story: what is owned, what happens to the queue, what the files say then, and what the
plan must be. At the end the plan is applied, and the one after that must be empty.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from plancast.model.entry import Entry, LiveEntry
from plancast.model.plan import Action, Plan
from plancast.model.ports import OutcomeUnknown
from plancast.model.workspace import Desired, Policy
from plancast.reconcile.rails import Allowances
from plancast.testing.fakes import Failure
from tests.engine.worlds import PROFILES, Loop, wanted

WEEK = timedelta(days=7)
SPRING = "Spring is here, and so is our new collection of garden tools."
TEAM = "Meet the team behind the release: seven people and one cat."
SALE = "The big sale begins on Friday at nine, doors open at eight."
QUIZ = "Which of these four bridges is the oldest? Answers on Sunday."
THANKS = "Thank you for a thousand orders, we did not see that coming."
ALLOWED = Allowances(destroy=99, empty=True)


def post(address: str, text: str, at: str = "", **spec: Any) -> Desired:
    return wanted({"address": address, "text": text, "at": at, **spec})


def mended(text: str) -> str:
    """The same text with a typo mended."""
    return text.replace("the", "teh", 1) + "!"


def at(day: int, hour: int = 9) -> str:
    return f"2026-12-{day:02d} {hour:02d}:00"


PAST = "2026-11-24 09:00"


def nothing(_: Loop) -> None:
    """Do nothing, as in most rows."""


def it_goes_out(text: str) -> Callable[[Loop], None]:
    """Return an act of a person in Buffer, who sends the entry with this text now."""

    def act(loop: Loop) -> None:
        loop.provider.publish(find(loop, text).id)

    return act


def find(loop: Loop, text: str) -> LiveEntry:
    lists = (loop.provider.queue(profile.id) for profile in PROFILES.values())
    return next(live for entries in lists for live in entries if live.entry.text == text)


def a_day_passes(loop: Loop) -> None:
    loop.clock.advance(36 * 3600.0)


def each(*acts: Callable[[Loop], None]) -> Callable[[Loop], None]:
    def act(loop: Loop) -> None:
        for one in acts:
            one(loop)

    return act


@dataclass(frozen=True)
class Row:
    """`plan` maps what is done, as `ADDRESS ACTION (was ADDRESS)`, or a code, to nothing."""

    before: Sequence[Desired]
    after: Sequence[Desired]
    plan: Iterable[str]
    between: Callable[[Loop], None] = nothing
    codes: Sequence[str] = ()
    question: dict[str, Any] = field(default_factory=dict)
    again: Iterable[str] = ()


def shown(plan: Plan) -> list[str]:
    """Return the changes of the plan in short form."""
    found = []
    for change in plan.changes:
        if change.action is Action.NONE:
            continue
        was = f" was {change.previous_address}" if change.previous_address else ""
        found.append(f"{change.address} {change.action.value}{was}")
    return sorted(found)


A, B = post("a@x", SPRING, at(1)), post("b@x", TEAM, at(2))
P1, P2, P3 = post("01@x", SPRING, PAST), post("02@x", TEAM, at(2)), post("03@x", SALE, at(3))


def under(address: str, item: Desired) -> Desired:
    """The same entry at another address."""
    return replace(post(address, ""), entry=item.entry)


def saying(item: Desired, **changes: Any) -> Desired:
    """The same address with another entry."""
    return replace(item, entry=replace(item.entry, **changes))


def edited(item: Desired) -> Desired:
    return saying(item, text=mended(item.entry.text))


def weekly(count: int, shift: int = 0, name: str = "week") -> list[Desired]:
    return [
        post(f"{name}-{n:02d}@x", "Every Monday: five things that we learned.", at(1 + n + shift))
        for n in range(1, count + 1)
    ]


def person_retypes(loop: Loop) -> None:
    """A person removes ours and puts the same back by hand."""
    loop.provider.remove(find(loop, SPRING).id)
    loop.provider.add(A.entry, A.profile)


def neighbour_has_it(loop: Loop) -> None:
    person_retypes(loop)


def person_edits(loop: Loop) -> None:
    loop.provider.edit(find(loop, SPRING).id, text=f"{SPRING} Come and see!")


ROWS: dict[str, Row] = {
    "swap of two names": Row(
        [A, B], [under("b@x", A), under("a@x", B)], ["a@x rename was b@x", "b@x rename was a@x"]
    ),
    "swap of two texts": Row(
        # An author who swaps texts and leaves the times swaps names and times: the entries stay.
        [post("a@x", SPRING), post("b@x", TEAM)],
        [post("a@x", TEAM), post("b@x", SPRING)],
        ["a@x rename was b@x", "b@x rename was a@x"],
    ),
    "swap of two texts that keep their times": Row(
        # As two edits of texts the network would refuse both: each text is there already.
        [A, B],
        [saying(A, text=TEAM), saying(B, text=SPRING)],
        ["a@x update was b@x", "b@x update was a@x"],
    ),
    "three texts that are alike go round, the times stay": Row(
        [
            post(f"tip-{n}@x", f"Tip {n} of five for the garden: water it.", at(n))
            for n in (1, 2, 3)
        ],
        [
            post(f"tip-{n}@x", f"Tip {n % 3 + 1} of five for the garden: water it.", at(n))
            for n in (1, 2, 3)
        ],
        ["tip-1@x update was tip-2@x", "tip-2@x update was tip-3@x", "tip-3@x update was tip-1@x"],
    ),
    "rm 01; mv 02 01; mv 03 02, 01 published": Row(
        [P1, P2, P3],
        [under("01@x", P2), under("02@x", P3)],
        ["01@x forget", "01@x rename was 02@x", "02@x rename was 03@x"],
        between=a_day_passes,
    ),
    "the same, each edited": Row(
        [P1, P2, P3],
        [edited(under("01@x", P2)), edited(under("02@x", P3))],
        ["01@x forget", "01@x update was 02@x", "02@x update was 03@x"],
        between=a_day_passes,
    ),
    "a: X to Y, b: Y to Z": Row(
        [A, B],
        [under("a@x", B), post("b@x", QUIZ, at(5))],
        ["a@x rename was b@x", "b@x update was a@x"],
    ),
    "the same, a protected": Row(
        [replace(A, protect=True), B],
        [replace(under("a@x", B), protect=True), post("b@x", QUIZ, at(5))],
        ["a@x rename was b@x", "b@x update was a@x"],
    ),
    "same text Monday and Tuesday, times swapped": Row(
        [post("mon@x", SALE, at(7)), post("tue@x", SALE, at(8))],
        [post("mon@x", SALE, at(8)), post("tue@x", SALE, at(7))],
        ["mon@x rename was tue@x", "tue@x rename was mon@x"],
    ),
    "weekly same text, named by week, shifted by a week": Row(
        weekly(4),
        [*weekly(4)[1:], post("week-05@x", "Every Monday: five things that we learned.", at(6))],
        ["week-01@x destroy", "week-05@x create"],
    ),
    "weekly same text, numbered, shifted by a week": Row(
        # Three of them are there under other names; the last one is what the first one left.
        weekly(4),
        weekly(4, shift=1),
        [
            "week-01@x rename was week-02@x",
            "week-02@x rename was week-03@x",
            "week-03@x rename was week-04@x",
            "week-04@x update was week-01@x",
        ],
    ),
    "queue: equal texts, one published; its file removed, the other renamed": Row(
        [post("a@x", QUIZ), post("b@x", QUIZ)],
        [post("c@x", QUIZ)],
        ["a@x forget", "c@x rename was b@x"],
        between=it_goes_out(QUIZ),
    ),
    "queue: published, file removed, another with the same text": Row(
        [post("a@x", QUIZ)],
        [post("c@x", QUIZ)],
        ["c@x rename was a@x"],
        between=it_goes_out(QUIZ),
        codes=["PC909"],
    ),
    "queue: published, file still there, another with the same text": Row(
        [post("a@x", QUIZ)],
        [post("a@x", QUIZ), post("c@x", QUIZ)],
        ["c@x create"],
        between=it_goes_out(QUIZ),
    ),
    "queue: the published text is replaced by another": Row(
        [post("a@x", QUIZ)],
        [post("a@x", THANKS)],
        [],
        between=it_goes_out(QUIZ),
        codes=["PC619"],
    ),
    "published, moved to another folder, typo mended, timed": Row(
        [post("old/a@x", SPRING, PAST), B],
        [edited(post("new/a@x", SPRING, PAST)), edited(B)],
        ["b@x update", "new/a@x rename was old/a@x"],
        between=a_day_passes,
        codes=["PC901"],
    ),
    "renamed and edited, a person edited the live one, keep": Row(
        [A],
        [replace(edited(under("b@x", A)), on_drift=post("b@x", "", on_drift="keep").on_drift)],
        ["b@x rename was a@x"],
        between=person_edits,
    ),
    "a person retyped it by hand after removing ours": Row(
        [A], [A], ["a@x adopt", "a@x forget"], between=person_retypes
    ),
    "ours waits, and a person's equal twin as well": Row(
        [A], [A], [], between=lambda loop: void(loop.provider.add(A.entry, A.profile))
    ),
    "ours is gone, an equal one is owned by the neighbour": Row(
        [A], [A], ["a@x create"], between=neighbour_has_it, question={"elsewhere": "all unowned"}
    ),
    "alias moved from profile 1 to 2": Row(
        [A], [replace(A, profile=PROFILES["li"])], ["a@x create", "a@x destroy"]
    ),
    "three profiles, equal on one, edited on two": Row(
        [post("a@x", SPRING, at(1)), post("a@fb", SPRING, at(1)), post("a@li", SPRING, at(1))],
        [
            post("b@x", SPRING, at(1)),
            edited(post("b@fb", SPRING, at(1))),
            edited(post("b@li", SPRING, at(1))),
        ],
        ["b@fb update was a@fb", "b@li update was a@li", "b@x rename was a@x"],
    ),
    "draft set on an owned post": Row([A, B], [B], ["a@x destroy"]),
    "draft set on an owned post, a copy with edits": Row(
        [A, B], [B, edited(under("copy@x", A))], ["copy@x update was a@x"]
    ),
    "two equal new files, one vanished binding": Row(
        [post("old@x", QUIZ)],
        [post("m@x", QUIZ), post("n@x", QUIZ)],
        ["m@x rename was old@x", "n@x create"],
    ),
    "history, and a new file with the same text for the queue": Row(
        [post("a@x", QUIZ, PAST)],
        [post("n@x", QUIZ)],
        ["n@x create"],
        between=a_day_passes,
        question={"history": frozenset({post("a@x", "").address})},
    ),
}


def void(_: object) -> None:
    """Take a value and do nothing with it."""


def loop_of(safety: str, **options: Any) -> Loop:
    made = Loop.at("2026-11-23 09:00", **options)
    return replace(made, policy=replace(Policy(), safety=safety, max_destroy=99))


def questions(row: Row, loop: Loop) -> dict[str, Any]:
    asked = {"allow": ALLOWED, **row.question}
    if asked.get("elsewhere"):
        owned = loop.state.owned_ids()
        asked["elsewhere"] = frozenset(
            live.id
            for profile in PROFILES.values()
            for live in loop.provider.queue(profile.id)
            if live.id not in owned
        )
    return asked


@pytest.mark.parametrize("safety", ["direct", "strict"])
@pytest.mark.parametrize("name", ROWS)
def test_a_counterexample_comes_out_right(name: str, safety: str) -> None:
    row, loop = ROWS[name], loop_of(safety)
    loop.converge(row.before)
    row.between(loop)
    asked = questions(row, loop)
    planned = loop.plan(row.after, **asked)
    assert shown(planned.plan) == sorted(row.plan)
    assert [item.code for item in planned.plan.diagnostics] == list(row.codes)
    if not planned.plan.can_apply:
        return
    requests = len([call for call in loop.provider.calls if call.entry or call.method == "delete"])
    loop.apply(planned)
    made = len([call for call in loop.provider.calls if call.entry or call.method == "delete"])
    sends = [change for change in planned.plan.changes if change.action.sends]
    twice = [change for change in sends if change.action is Action.CREATE and safety == "strict"]
    assert made - requests == len(sends) + len(twice)
    assert shown(loop.plan(row.after, **asked).plan) == []


# -- rows that need more than a story -----------------------------------------------------------


@pytest.mark.parametrize("safety", ["direct", "strict"])
def test_an_undecided_create_holds_the_same_entry_under_another_name(safety: str) -> None:
    """The answer is lost, the file is renamed; what was sent arrives a minute later."""
    lost = Failure("create", 1, OutcomeUnknown("no answer in time"), late=60.0)
    loop = loop_of(safety, failures=[lost])
    loop.converge([A])
    renamed = under("b@x", A)
    if safety == "direct":
        planned = loop.plan([renamed])
        assert shown(planned.plan) == []
        assert [item.code for item in planned.plan.diagnostics] == ["PC904"]
        loop.apply(planned)
    loop.clock.advance(61.0)
    loop.converge([renamed])
    loop.clock.advance(180.0)
    loop.converge([renamed])
    loop.converge([renamed])
    assert entries(loop) == [renamed.entry]
    assert [str(address) for address in loop.state.resources] == ["b@x"]
    assert shown(loop.plan([renamed]).plan) == []


def test_what_an_unanswered_create_made_may_have_been_sent_at_once() -> None:
    """A person sends it days before its time, before any run knows that it is there."""
    lost = Failure("create", 1, OutcomeUnknown("no answer in time"), executed=True)
    loop = loop_of("direct", failures=[lost])
    loop.converge([A])
    (there,) = loop.provider.queue("p-x")
    loop.provider.publish(there.id)
    loop.clock.advance(300.0)
    loop.converge([A])
    assert entries(loop) == []
    assert loop.state.owned_ids() == {there.id}
    assert shown(loop.plan([A]).plan) == []


class Killed(BaseException):
    """The process is gone."""


@pytest.mark.parametrize("edit", [False, True], ids=["renamed", "renamed and edited"])
def test_what_is_only_reserved_is_paired_without_its_time_and_stage(edit: bool) -> None:
    loop = loop_of("strict", failures=[Failure("update", 1, Killed())])
    with pytest.raises(Killed):
        loop.converge([A])
    (binding,) = loop.state.intents.values() or [None]
    assert binding is not None
    loop.clock.advance(180.0)
    after = edited(under("b@x", A)) if edit else under("b@x", A)
    planned = loop.plan([after])
    assert shown(planned.plan) == ["b@x update was a@x"]
    loop.apply(planned)
    assert entries(loop) == [after.entry]
    assert shown(loop.plan([after]).plan) == []


def test_what_moves_to_another_profile_is_one_group() -> None:
    loop = loop_of("direct")
    loop.converge([A])
    plan = loop.plan([replace(A, profile=PROFILES["li"])]).plan
    assert {change.group for change in plan.changes} == {"a@x"}


def test_a_permutation_never_trips_protection_and_a_removed_file_does() -> None:
    loop = loop_of("direct")
    kept, other = replace(A, protect=True), B
    loop.converge([kept, other])
    swapped = [replace(under("b@x", A), protect=True), under("a@x", B)]
    assert loop.plan(swapped).plan.diagnostics == ()
    removal = loop.plan([other]).plan
    assert [item.code for item in removal.diagnostics] == ["PC706"]


def entries(loop: Loop) -> list[Entry]:
    return [replace(entry, queue=None) for entry in loop.live()["x"]]
