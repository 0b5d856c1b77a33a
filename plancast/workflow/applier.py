"""Doing what a plan says, once.

The loop. Everything that needs no request is written to the state first. Then
calls are made in batches: the intents of a batch become durable in one write,
then its calls are made one after the other, and the outcome of each is durable
before the next begins. After a batch the state is replaced and the journal
emptied. Whatever kills the process in between, the next run finds what was
about to be done and looks for it (workflow.recovery).

When may a call be made again? Where it surely had no effect: the provider said
"too early", or no byte of it arrived (workflow.calling). An update and a destroy
name an id, so they may be made again whatever happened. A create may not, ever.

What is not done here: no decision about what to do. If the world differs from
the plan, the call fails, and the next plan says what is to do now.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from plancast.core.booking import book, remember_protection
from plancast.core.events import (
    ApplyFinished,
    ApplyStarted,
    BatchStarted,
    ChangeFinished,
    Outcome,
)
from plancast.core.model import Address, Profile
from plancast.core.order import Call, calls, eta_seconds
from plancast.core.outcomes import CallOutcome, settle
from plancast.core.plan import Action, Change, Plan
from plancast.core.ports import Clock, Journal, Provider, Sink, StateStore
from plancast.core.state import Intent, Operation, State
from plancast.workflow.calling import Answer, make_call

BATCH = 60
"""Calls whose intents are made durable together: what API v1 takes in one window."""


@dataclass(frozen=True, slots=True)
class World:
    """The ports that an apply works with."""

    provider: Provider
    store: StateStore
    journal: Journal
    clock: Clock
    sink: Sink


@dataclass(frozen=True, slots=True)
class Settled:
    """How one change ended."""

    change: Change
    outcome: Outcome
    message: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """What an apply did. `state` is what is on disk now."""

    state: State
    settled: tuple[Settled, ...]
    requests: int = 0
    interrupted: bool = False
    aborted: str = ""

    def addresses(self, *outcomes: Outcome) -> tuple[Address, ...]:
        """The addresses that ended so, in the order in which they did."""
        return tuple(item.change.address for item in self.settled if item.outcome in outcomes)


def apply(
    plan: Plan,
    state: State,
    profiles: Mapping[str, Profile],
    world: World,
    stop: Callable[[], bool] = lambda: False,
) -> Report:
    """Do what `plan` says. `profiles` are by id; `stop` is asked before every call.

    The caller holds the lock of the state. Raises StateError where state or
    journal cannot be written; nothing is sent after that.
    """
    run = _Run(plan, state, profiles, world)
    run.start()
    for number, batch in enumerate(run.batches, start=1):
        if stop() or run.aborted:
            break
        run.do_batch(number, batch, stop)
    return run.finish(interrupted=stop())


class _Run:
    """One apply. Mutable, private, and gone when it is over."""

    def __init__(
        self, plan: Plan, state: State, profiles: Mapping[str, Profile], world: World
    ) -> None:
        self.plan = plan
        self.state = state
        self.profiles = profiles
        self.world = world
        made = calls(plan.changes, world.provider.capabilities)
        self.batches = [made[start : start + BATCH] for start in range(0, len(made), BATCH)]
        self.left = len(made)
        self.requests = 0
        self.settled: list[Settled] = []
        self.total = len(
            plan.with_action(*(action for action in Action if action is not Action.NONE))
        )
        self.aborted = ""
        self.stuck: set[Address] = set()

    def start(self) -> None:
        """Write what needs no request, and say what is to come."""
        clock = self.world.clock
        self.world.sink.emit(
            ApplyStarted(clock.now(), self.total, self.left, self.plan.budget.eta_seconds)
        )
        self.state = self.world.store.write(book(self.state, self.plan.changes))
        self.world.journal.clear()
        for change in self.plan.changes:
            if change.action is not Action.NONE and not change.action.sends:
                self.note(change, Outcome.APPLIED)

    def do_batch(self, number: int, batch: Sequence[Call], stop: Callable[[], bool]) -> None:
        """Intents, calls, outcomes, state: in this order."""
        now = self.world.clock.now()
        prefix = f"{self.state.lineage}.{self.state.serial}"
        intents = [self.intent(f"{prefix}-{index:03d}", call) for index, call in enumerate(batch)]
        self.world.journal.intend(self.state, intents)
        self.state = self.state.intend(intents)
        self.world.sink.emit(BatchStarted(now, number, len(self.batches), len(batch)))
        for call, intent in zip(batch, intents, strict=True):
            if stop() or self.aborted or self.is_stuck(call):
                self.settle(intent, Answer(CallOutcome.NOT_SENT))
                continue
            answer = make_call(call, self.profiles, self.world.provider, self.world.clock)
            self.requests += answer.requests
            self.left -= 1
            self.settle(intent, answer)
            self.record(call, answer)
        made = [change for call in batch for change in call.changes]
        self.state = self.world.store.write(remember_protection(self.state, made))
        self.world.journal.clear()

    def intent(self, intent_id: str, call: Call) -> Intent:
        """What is made durable before the call is."""
        profile_ids = tuple(change.profile.id for change in call.changes)
        known = tuple(
            item.id for item in self.plan.unmanaged if item.profile.id in set(profile_ids)
        )
        creates = call.action is Action.CREATE
        return Intent(
            id=intent_id,
            operation=_OPERATIONS[call.action],
            addresses=tuple(change.address for change in call.changes),
            profile_ids=profile_ids,
            entry=call.entry,
            made_at=self.world.clock.now(),
            remote_id="" if creates else call.changes[0].remote_id,
            known=known if creates else (),
        )

    def is_stuck(self, call: Call) -> bool:
        """Whether it must not be made because what it waits for did not happen."""
        creates = call.action is Action.CREATE
        return creates and any(change.address in self.stuck for change in call.changes)

    def settle(self, intent: Intent, answer: Answer) -> None:
        """The outcome, durable, and in the state."""
        now = self.world.clock.now()
        self.world.journal.outcome(intent.id, answer.outcome, now, answer.live)
        self.state = settle(self.state, intent, answer.outcome, answer.live, now)

    def record(self, call: Call, answer: Answer) -> None:
        """Tell how each change of a call ended."""
        confirmed = {entry.profile_id for entry in answer.live}
        for change in call.changes:
            ended = _ended(answer)
            if answer.outcome is CallOutcome.UNKNOWN and change.profile.id in confirmed:
                ended = Outcome.APPLIED
            if ended is not Outcome.APPLIED and call.action is Action.DESTROY:
                self.stuck.add(change.address)
            remote_id = next(
                (item.id for item in answer.live if item.profile_id == change.profile.id),
                change.remote_id,
            )
            self.note(change, ended, remote_id, answer.message)
        if answer.fatal:
            self.aborted = answer.message

    def note(
        self, change: Change, outcome: Outcome, remote_id: str = "", message: str = ""
    ) -> None:
        """One change is done with."""
        self.settled.append(Settled(change, outcome, message))
        self.world.sink.emit(
            ChangeFinished(
                at=self.world.clock.now(),
                address=change.address,
                action=change.action,
                outcome=outcome,
                done=len(self.settled),
                total=self.total,
                remaining_seconds=eta_seconds(self.left, self.world.provider.windows()),
                remote_id=remote_id or change.remote_id,
                message=message,
            )
        )

    def finish(self, *, interrupted: bool) -> Report:
        """Account for every change of the plan."""
        seen = {id(item.change) for item in self.settled}
        for change in self.plan.changes:
            if change.action is not Action.NONE and id(change) not in seen:
                self.settled.append(Settled(change, Outcome.NOT_ATTEMPTED))
        report = Report(self.state, tuple(self.settled), self.requests, interrupted, self.aborted)
        self.world.sink.emit(
            ApplyFinished(
                at=self.world.clock.now(),
                applied=report.addresses(Outcome.APPLIED),
                failed=report.addresses(Outcome.FAILED),
                unknown=report.addresses(Outcome.UNKNOWN),
                not_attempted=report.addresses(Outcome.NOT_ATTEMPTED),
                deferred=report.addresses(Outcome.DEFERRED),
                requests=self.requests,
            )
        )
        return report


_OPERATIONS = {
    Action.CREATE: Operation.CREATE,
    Action.UPDATE: Operation.UPDATE,
    Action.DESTROY: Operation.DESTROY,
}


def _ended(answer: Answer) -> Outcome:
    if answer.outcome is CallOutcome.CONFIRMED:
        return Outcome.APPLIED
    if answer.outcome is CallOutcome.UNKNOWN:
        return Outcome.UNKNOWN
    if answer.queue_full:
        return Outcome.DEFERRED
    return Outcome.FAILED
