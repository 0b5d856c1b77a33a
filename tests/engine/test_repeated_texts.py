"""Repeated texts in whole loops: no apply meets a refusal that a plan could foresee."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plancast.model.entry import Address, Entry, LiveEntry, LiveStatus, Stage
from plancast.model.events import Outcome
from plancast.model.features import RepeatRule
from plancast.model.plan import Action, Situation
from plancast.model.ports import Capabilities, OutcomeUnknown, Rejected, Unreachable
from plancast.model.profile import Profile
from plancast.model.workspace import Desired, Policy
from plancast.testing.fakes import ABLE, Failure, FakeClock, FakeProvider
from plancast.testing.memory_store import MemoryJournal, MemoryStore
from tests.engine.test_approvals_applied import approved, merge, top_up
from tests.engine.worlds import PROFILES, Loop, moment, wanted

RULE = RepeatRule(timedelta(hours=24))
CAPABLE = replace(ABLE, features=replace(ABLE.features, repeats=RULE))
REPEATED = Rejected("Whoops, it looks like you've already got this one scheduled.", repeated=True)
FIRST = "2026-11-23 09:00"
TEXTS = ("Market day.", "Spring is here.", "Meet the team.")


@dataclass(slots=True)
class StrictProvider(FakeProvider):
    """A queue that refuses a text as Buffer does, and counts how often it had to."""

    refusals: list[str] = field(default_factory=list)

    def create(self, entry: Entry, profiles: Sequence[Profile]) -> tuple[LiveEntry, ...]:
        for profile in profiles:
            self._refuse(entry, profile)
        return FakeProvider.create(self, entry, profiles)

    def update(self, remote_id: str, entry: Entry, previous: Entry, profile: Profile) -> LiveEntry:
        self._refuse(entry, profile, remote_id)
        return FakeProvider.update(self, remote_id, entry, previous, profile)

    def _refuse(self, entry: Entry, profile: Profile, but: str = "") -> None:
        since = self.clock.now() - RULE.wait
        self.queue(profile.id)  # lets time pass
        # Lists may lag behind; Buffer knows what it holds.
        holding = [
            one.live
            for one in self._items.values()
            if one.live.profile_id == profile.id and _holds(one.live, since)
        ]
        text = self.expected(entry, profile).text
        if entry.stage is Stage.SCHEDULED and any(
            one.id != but and one.entry.text == text for one in holding
        ):
            self.refusals.append(text)
            raise REPEATED


def _holds(one: LiveEntry, since: datetime) -> bool:
    if one.status is LiveStatus.PUBLISHED:
        return one.sent_at is not None and one.sent_at > since
    return one.entry.stage is Stage.SCHEDULED


def loop_of(capable: Capabilities = CAPABLE, **options: Any) -> Loop:
    clock = FakeClock(moment(FIRST))
    provider = StrictProvider(clock, tuple(PROFILES.values()), capabilities=capable, **options)
    return Loop(clock, provider, MemoryStore(), MemoryJournal(), policy=Policy(missed="warn"))


def post(name: str, text: str, day: int, hour: int = 9, on: str = "x") -> Desired:
    at = moment(FIRST) + timedelta(days=day, hours=hour - 9)
    return wanted({"address": f"{name}@{on}", "text": text, "at": f"{at:%Y-%m-%d %H:%M}"})


def refusals(loop: Loop) -> list[str]:
    assert isinstance(loop.provider, StrictProvider)
    return loop.provider.refusals


# -- no apply meets a refusal -----------------------------------------------------------------


POSTS = st.lists(
    st.builds(
        post,
        name=st.sampled_from("abcdefgh"),
        text=st.sampled_from(TEXTS),
        day=st.integers(1, 8),
        hour=st.sampled_from((6, 9, 21)),
        on=st.sampled_from(("x", "li")),
    ),
    max_size=8,
    unique_by=lambda item: item.address,
)
BY_HAND = st.lists(st.tuples(st.sampled_from(TEXTS), st.integers(1, 6)), max_size=1)


@given(
    versions=st.lists(POSTS, min_size=1, max_size=3),
    by_hand=BY_HAND,
    hours=st.lists(st.sampled_from((0, 7, 24, 30)), min_size=3, max_size=3),
    limit=st.sampled_from((None, 2)),
)
def test_no_apply_meets_a_refusal_of_a_repeated_text(
    versions: list[list[Desired]],
    by_hand: list[tuple[str, int]],
    hours: list[int],
    limit: int | None,
) -> None:
    loop = loop_of(replace(CAPABLE, queue_limit=limit))
    for text, day in by_hand:
        # Later than all of ours, so that it is in the queue for as long as it matters.
        loop.provider.add(
            Entry(text=text, due_at=moment(FIRST) + timedelta(days=20 + day)), PROFILES["x"]
        )
    known: dict[Address, Desired] = {}
    for version, pause in zip(versions, hours, strict=False):
        # Files of posts that went out stay: without them only the sent list shows the texts, and a
        # plan does not always read it.
        kept = {
            place: known[place]
            for place, binding in loop.state.resources.items()
            if binding.due_at is not None and binding.due_at <= loop.clock.now()
        }
        desired = [*{**{item.address: item for item in version}, **kept}.values()]
        known.update((item.address, item) for item in desired)
        planned = loop.plan(desired)
        if not planned.plan.can_apply:
            continue
        loop.apply(planned)
        assert refusals(loop) == []
        loop.clock.advance(timedelta(hours=pause).total_seconds())
    _assert_no_twins(loop)


def _assert_no_twins(loop: Loop) -> None:
    for profile in PROFILES.values():
        waiting = [one.entry.text for one in loop.provider.queue(profile.id)]
        assert len(waiting) == len(set(waiting))


def test_a_provider_without_the_rule_is_not_restricted() -> None:
    loop = Loop.at(FIRST)
    loop.converge([post("a", TEXTS[0], 1), post("b", TEXTS[0], 8)])
    assert len(loop.live()["x"]) == 2


# -- weekly posts, approved once --------------------------------------------------------------


def test_the_top_up_creates_each_post_when_the_one_before_it_is_out() -> None:
    loop = loop_of()
    weeks = [post(f"w{n}", TEXTS[0], 7 * n) for n in range(1, 4)]
    merge(loop, weeks)
    assert approved(loop) == {"w2@x": False, "w3@x": False}
    for _ in range(23):
        loop.clock.advance(86_400)
        top_up(loop, weeks)
    assert refusals(loop) == []
    assert [one.sent_at for one in reversed(loop.provider.history("p-x"))] == [
        item.entry.due_at for item in weeks
    ]
    assert approved(loop) == {}


def test_a_post_of_a_person_that_went_out_lately_is_read_for_an_approved_create() -> None:
    loop = loop_of()
    made = loop.provider.add(
        Entry(text=TEXTS[0], due_at=moment(FIRST) + timedelta(days=1)), PROFILES["x"]
    )
    weekly = [post("w", TEXTS[0], 7)]
    merge(loop, weekly)
    loop.clock.advance(25 * 3600)
    assert loop.provider.history("p-x")[0].id == made.id
    top_up(loop, weekly)
    assert (refusals(loop), approved(loop)) == ([], {"w@x": False})
    loop.clock.advance(24 * 3600)
    top_up(loop, weekly)
    assert (refusals(loop), approved(loop)) == ([], {})


def test_what_was_not_foreseen_is_deferred_and_stays_approved() -> None:
    loop = loop_of(failures=[Failure("create", 1, REPEATED)])
    report = merge(loop, [post("a", TEXTS[0], 7)])
    assert [str(one) for one in report.addresses(Outcome.DEFERRED)] == ["a@x"]
    assert approved(loop) == {"a@x": False}
    top_up(loop, [post("a", TEXTS[0], 7)])
    assert len(loop.live()["x"]) == 1


# -- a refusal after an unknown create --------------------------------------------------------


def test_a_refusal_after_a_try_that_seemed_not_to_arrive_is_answered_by_a_look() -> None:
    loop = loop_of(failures=[Failure("create", 1, Unreachable("no connection"), executed=True)])
    desired = [post("a", TEXTS[0], 7)]
    report = loop.converge(desired)
    assert [str(one) for one in report.addresses(Outcome.UNKNOWN)] == ["a@x"]
    loop.clock.advance(1)
    loop.converge(desired)
    assert list(loop.state.resources) == [desired[0].address]
    assert len(loop.live()["x"]) == 1


@pytest.mark.parametrize("on_unknown", ["hold", "recreate"])
def test_the_twin_of_an_abandoned_create_is_adopted_when_it_shows(
    on_unknown: Literal["hold", "recreate"],
) -> None:
    loop = loop_of(failures=[Failure("create", 1, OutcomeUnknown("no answer"), executed=True)])
    loop.policy = replace(loop.policy, on_unknown=on_unknown)
    desired = [post("a", TEXTS[0], 7)]
    loop.converge(desired)
    (twin,) = loop.provider.queue("p-x")
    # Lists that lag behind: the queue does not show it, and the quiet period passes.
    loop.provider.unlisted.add(twin.id)
    loop.clock.advance(600)
    report = loop.converge(desired)
    assert [str(one) for one in report.addresses(Outcome.DEFERRED)] == ["a@x"]
    loop.provider.unlisted.clear()
    loop.converge(desired)
    assert [one.remote_id for one in loop.state.resources.values()] == [twin.id]
    assert [one.id for one in loop.provider.queue("p-x")] == [twin.id]


# -- updates ----------------------------------------------------------------------------------


def test_an_edit_to_a_text_that_waits_is_deferred_and_made_later() -> None:
    loop = loop_of()
    a, b = post("a", TEXTS[0], 1), post("b", TEXTS[1], 14)
    loop.converge([a, b])
    same = replace(b, entry=replace(b.entry, text=TEXTS[0]))
    planned = loop.plan([a, same])
    (change,) = [one for one in planned.plan.changes if one.address == b.address]
    assert change.action is Action.NONE
    assert change.situations == (Situation.DEFERRED,)
    assert [one.code for one in planned.plan.diagnostics] == ["PC528"]
    loop.clock.advance(3 * 86_400)
    loop.converge([a, same])
    assert [entry.text for entry in loop.live()["x"]] == [TEXTS[0]]
    assert refusals(loop) == []
