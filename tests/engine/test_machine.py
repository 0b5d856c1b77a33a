"""The whole loop as a state machine: authors, people, time, faults, crashes and three appliers.

What must hold after every step: no address has two entries that are live or published, and nothing
that a person made was touched. What must hold once nothing disturbs: the queue is what the files
ask for, and the next plan is empty.

Here its text identifies an address: every post has one of its own for as long as it lives.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import ClassVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from plancast.engine.planner import Planned
from plancast.model.entry import Address, LiveEntry, LiveStatus
from plancast.model.features import Features
from plancast.model.ports import (
    OutcomeUnknown,
    ProviderError,
    RateLimited,
    Rejected,
    StateLocked,
    Unreachable,
)
from plancast.model.workspace import Desired, Policy
from plancast.providers.buffer_features import CLASSIC, CURRENT
from plancast.reconcile.keyed import open_creates
from plancast.reconcile.rails import Allowances
from plancast.testing.fakes import Failure
from tests.engine.keyed import FOUND
from tests.engine.wired import WiredProvider, wired
from tests.engine.worlds import PROFILES, Loop, wanted
from tests.reliability.depth import THOROUGH

ERRORS: tuple[ProviderError, ...] = (
    OutcomeUnknown("no answer in time"),
    Unreachable("could not connect"),
    Rejected("something is wrong with it"),
    RateLimited("the budget is used up", 900.0, spent=True),
)
MAKING = ("create", "promote")
KEYED_CALLS = ("create_draft", "promote", "content_item", "remove_item", "drafts")
QUIET = Policy().quiet_period.total_seconds()


class Killed(BaseException):
    """The process is killed: no handler catches this."""


class Team(RuleBasedStateMachine):
    """One team and its queue. `steps` counts those of all teams that ever were."""

    steps: ClassVar[int] = 0

    def __init__(self) -> None:
        super().__init__()
        self.world = Loop.at("2026-11-23 09:00")
        self.runs: list[Loop] = []
        self.files: dict[Address, Desired] = {}
        self.born = 0
        self.hand_made: dict[str, LiveEntry] = {}

    @initialize(
        safety=st.sampled_from(["direct", "strict", "keyed"]),
        features=st.sampled_from([CLASSIC, CURRENT]),
        edits_failed=st.booleans(),
        forgets_keys=st.booleans(),
        half_promotes=st.booleans(),
    )
    def begin(
        self,
        safety: str,
        features: Features,
        edits_failed: bool,
        forgets_keys: bool,
        half_promotes: bool,
    ) -> None:
        provider = self.world.provider
        if not isinstance(provider, WiredProvider):
            able = replace(provider.capabilities, features=features, edits_failed=edits_failed)
            provider.capabilities = replace(able, keyed_group=10, api="fake")
        if safety == "keyed":
            found = replace(FOUND, api=provider.capabilities.api)
            self.world.store.write(replace(self.world.store.read(), findings=found))
        provider.set_keyed(forgets_keys=forgets_keys, half_promotes=half_promotes)
        policy = replace(Policy(), safety=safety, max_destroy=1000)
        self.world = replace(self.world, policy=policy)
        machines = ("here", "there", "elsewhere")
        self.runs = [
            replace(self.world, store=self.world.store.elsewhere(name)) for name in machines
        ]

    # -- authors ----

    @rule(
        aliases=st.lists(st.sampled_from(sorted(PROFILES)), min_size=1, max_size=3, unique=True),
        days=st.integers(0, 20),
    )
    def write_a_post(self, aliases: list[str], days: int) -> None:
        self.born += 1
        due = self.world.clock.now() + timedelta(days=1 + days, minutes=self.born)
        for alias in aliases:
            item = wanted(
                {
                    "address": f"post-{self.born}@{alias}",
                    "text": f"[{self.born}] one",
                    "at": f"{due:%Y-%m-%d %H:%M}",
                }
            )
            self.files[item.address] = item

    @precondition(lambda self: self.files)
    @rule(data=st.data())
    def edit_a_post(self, data: st.DataObject) -> None:
        item = self._one(data)
        mark, _, version = item.entry.text.partition(" ")
        text = f"{mark} {'two' if version == 'one' else 'one'}"
        self.files[item.address] = replace(item, entry=replace(item.entry, text=text))

    @precondition(lambda self: self.files)
    @rule(data=st.data(), hours=st.integers(1, 300))
    def move_a_post(self, data: st.DataObject, hours: int) -> None:
        item = self._one(data)
        due = (self.world.clock.now() + timedelta(hours=hours)).replace(second=0)
        self.files[item.address] = replace(item, entry=replace(item.entry, due_at=due))

    @precondition(lambda self: self.files)
    @rule(data=st.data())
    def delete_a_post(self, data: st.DataObject) -> None:
        del self.files[self._one(data).address]

    def _one(self, data: st.DataObject) -> Desired:
        return self.files[data.draw(st.sampled_from(sorted(self.files)))]

    # -- people ----

    @rule(alias=st.sampled_from(sorted(PROFILES)), days=st.integers(1, 20))
    def add_by_hand(self, alias: str, days: int) -> None:
        due = self.world.clock.now() + timedelta(days=days, seconds=30)
        item = wanted({"address": f"x@{alias}", "text": f"[hand {len(self.hand_made)}]", "at": ""})
        entry = replace(item.entry, due_at=due.replace(second=0), queue=None)
        made = self.world.provider.add(entry, PROFILES[alias])
        self.hand_made[made.id] = made

    @rule(data=st.data())
    def edit_by_hand(self, data: st.DataObject) -> None:
        # Not what is inert: once a person has edited that, it is nothing that we made.
        ours = [live for live in self._ours() if live.status is LiveStatus.SCHEDULED]
        ours = [live for live in ours if live.due_at and live.due_at.year < 2030]
        if ours:
            live = data.draw(st.sampled_from(ours))
            mark = live.entry.text.partition(" ")[0]
            self.world.provider.edit(live.id, text=f"{mark} by hand")

    # -- networks ----

    @rule(data=st.data())
    def a_network_refuses(self, data: st.DataObject) -> None:
        """A post is tried and fails; only an edit of its file may send it after all."""
        ours = [live for live in self._ours() if live.status is LiveStatus.SCHEDULED]
        ours = [live for live in ours if live.due_at and live.due_at.year < 2030]
        if ours:
            self._refuse(data.draw(st.sampled_from(ours)))

    def _refuse(self, live: LiveEntry) -> None:
        self.world.provider.fail(live.id)

    @rule(alias=st.sampled_from(sorted(PROFILES)))
    def a_channel_takes_no_promotions(self, alias: str) -> None:
        self.world.provider.refuse_promotions(PROFILES[alias].id)

    # -- time ----

    @rule(hours=st.integers(1, 60))
    def time_passes(self, hours: int) -> None:
        self.world.clock.advance(QUIET / 2)
        self._all()  # what was late has arrived by now, and says so by its age
        self.world.clock.advance(hours * 3600.0)

    @rule()
    def a_moment_passes(self) -> None:
        self.world.clock.advance(20.0)

    # -- appliers ----

    @rule(
        run=st.integers(0, 2),
        nth=st.integers(1, 4),
        method=st.sampled_from(["create", "update", "delete", *KEYED_CALLS]),
        error=st.sampled_from(ERRORS),
        what=st.sampled_from(["before", "after", "part", "late"]),
        killed=st.booleans(),
        seconds=st.sampled_from([0.0, QUIET]),
    )
    def apply_on_a_bad_day(  # what can be wrong with one
        self,
        run: int,
        nth: int,
        method: str,
        error: ProviderError,
        what: str,
        killed: bool,
        seconds: float,
    ) -> None:
        done = sum(1 for call in self.world.provider.calls if call.method == method)
        unknown = isinstance(error, OutcomeUnknown)
        self.world.provider.failures = [
            Failure(
                method,
                done + nth,
                Killed() if killed else error,
                executed=(unknown or killed) and what in ("after", "part"),
                only=1 if method in MAKING and what == "part" and unknown else None,
                late=QUIET / 2 if (unknown or killed) and what == "late" else None,
            )
        ]
        try:
            self._apply(self.runs[run], seconds)
        except Killed:
            self.world.store.disk.holders.clear()  # the lock of a machine falls with the process
        except StateLocked:
            pass
        finally:
            self.world.provider.failures = ()

    @rule(run=st.integers(0, 2))
    def apply_in_peace(self, run: int) -> None:
        self.world.provider.refuse_promotions()
        self._converge(self.runs[run])
        plan = self._plan(self.runs[run]).plan
        assert not plan.has_changes, [str(change) for change in plan.changes]
        now = self.world.clock.now()
        ours = {
            (live.profile_id, live.entry.text): live
            for live in self._ours()
            if live.status is LiveStatus.SCHEDULED
        }
        state = self.world.state
        sent = {
            address
            for address, known in state.resources.items()
            if known.status.value != "scheduled"
        }
        due = {
            (item.profile.id, item.entry.text): item.entry.due_at
            for address, item in self.files.items()
            if address not in sent and item.entry.due_at and item.entry.due_at > now
        }
        there = {key: live.due_at for key, live in ours.items()}
        assert there == due, f"{set(there.items()) ^ set(due.items())}"
        assert not any(binding.inert for binding in state.resources.values())
        assert not open_creates(state)

    def _converge(self, run: Loop) -> None:
        """Until nothing is left to wait for, as `apply` does it."""
        for _ in range(6):
            try:
                self._apply(run)
            except StateLocked:
                self._unlock()
            after = self._plan(run)
            if after.plan.can_apply and not after.undecided and not after.plan.has_changes:
                return
            self.world.clock.advance(QUIET + 10.0)
            self._decide(run)

    def _decide(self, run: Loop) -> None:
        """Settle what only people can know: they remove it, or write it down as it is."""
        planned = self._plan(run)
        for question in planned.plan.diagnostics:
            if question.code == "PC619":
                self._write_as_published(Address.parse(question.address))
        for item in planned.undecided:
            if item.alike is None:
                continue
            if item.alike.status is LiveStatus.SCHEDULED:
                self.world.provider.remove(item.alike.id)
                self.hand_made.pop(item.alike.id, None)
            else:
                entry = replace(
                    self.files[item.address].entry,
                    text=item.alike.entry.text,
                    due_at=item.alike.due_at,
                )
                self.files[item.address] = replace(self.files[item.address], entry=entry)

    def _write_as_published(self, address: Address) -> None:
        """Answer that the file means the post that went out, and not a new one."""
        sent = self.world.state.resources[address].remote_id
        (live,) = (live for live in self._all() if live.id == sent)
        wish = self.files[address]
        entry = replace(wish.entry, text=live.entry.text, due_at=live.due_at)
        self.files[address] = replace(wish, entry=entry)

    def _plan(self, run: Loop) -> Planned:
        allow = Allowances(destroy=1000, empty=True, due_soon=True)
        return run.plan(list(self.files.values()), allow=allow)

    def _apply(self, run: Loop, seconds: float = 0.0) -> None:
        """Do what `apply` does, after mending the times that passed since the last one.

        `seconds` pass between plan and apply: what was late arrives meanwhile.
        """
        for item in self._plan(run).plan.diagnostics:
            if item.code in ("PC405", "PC406", "PC537"):
                address = Address.parse(item.address)
                later = self.world.clock.now().replace(second=0) + timedelta(
                    days=1, minutes=self.born
                )
                entry = replace(self.files[address].entry, due_at=later)
                self.files[address] = replace(self.files[address], entry=entry)
        planned = self._plan(run)
        self.world.clock.advance(seconds)
        if planned.plan.can_apply:
            run.apply(planned)

    def _unlock(self) -> None:
        """`plancast state unlock`."""
        state = self.world.state
        self.world.store.write(replace(state, lease=None, epoch=state.epoch + 1))
        self.world.journal.clear()

    def _ours(self) -> list[LiveEntry]:
        return [live for live in self._all() if live.id not in self.hand_made]

    def _all(self) -> list[LiveEntry]:
        provider = self.world.provider
        profiles = [profile.id for profile in PROFILES.values()]
        return [
            live
            for profile_id in profiles
            for live in (*provider.queue(profile_id), *provider.history(profile_id))
        ]

    # -- what must hold ----

    @invariant()
    def nothing_is_there_twice(self) -> None:
        Team.steps += 1
        # What is due in years is inert: with `strict`, a twin of it does no harm and is removed.
        counts = Counter(
            (live.profile_id, live.entry.text.partition(" ")[0])
            for live in self._ours()
            if live.due_at is None or live.due_at.year < 2030
        )
        assert max(counts.values(), default=0) <= 1, counts

    @invariant()
    def nothing_by_hand_was_touched(self) -> None:
        there = {live.id: live for live in self._all()}
        for before in self.hand_made.values():
            now = there.get(before.id)
            assert now is not None, "somebody's post is gone"
            assert (now.entry, now.due_at) == (before.entry, before.due_at)


class WiredTeam(Team):
    """The same with the provider of the current API, over the sandbox."""

    def __init__(self) -> None:
        super().__init__()
        clock = self.world.clock
        self.world = replace(self.world, provider=wired(clock, tuple(PROFILES.values())))

    def _refuse(self, live: LiveEntry) -> None:
        """Let its time come while no network takes anything."""
        provider = self.world.provider
        assert isinstance(provider, WiredProvider)
        provider.world.set_setting("network_refuses", ["*"])
        wait = (live.due_at or self.world.clock.now()) - self.world.clock.now()
        self.world.clock.advance(max(wait.total_seconds(), 0.0) + 60.0)
        self._all()
        provider.world.set_setting("network_refuses", [])


TestTeam = Team.TestCase
TestTeam.settings = settings(
    max_examples=600 if THOROUGH else 25, stateful_step_count=40, deadline=None
)

TestWiredTeam = WiredTeam.TestCase
TestWiredTeam.settings = settings(
    max_examples=100 if THOROUGH else 2, stateful_step_count=30, deadline=None
)
