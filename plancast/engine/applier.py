"""Doing what a plan says, once.

The loop. Everything that needs no request is written to the state first. Then
calls are made in batches: the intents of a batch become durable in one write,
then its calls are made one after the other. That a call is about to be sent is
durable before it is, and its outcome before the next one begins. After a batch
the state is replaced and the journal emptied. Whatever kills the process in
between, the next run finds what was about to be done and looks for it
(workflow.recovery).

With `safety: strict` a create is made in two steps. The batch first creates
entries that are due in years (core.parking); once their ids stand in the state,
a second batch moves those ids to their own times.

When may a call be made again? Where it surely had no effect: the provider said
"too early", or no byte of it arrived (workflow.calling). An update and a destroy
name an id, so they may be made again whatever happened. A create may not, ever.

Groups (core.groups) are made whole. A create waits for the updates and destroys
of its group, and is not made if one of them failed. If the budget of requests
has no room for a whole group, it is left for the next run. An equal entry is not
created while it is unknown what became of another create of it.

Approvals (core.approvals) are taken over into the state in the very first write, before anything
is sent, and each leaves it with the outcome of its change. So whatever kills the process, what was
approved and not made is still known to be approved.

What is not done here: no decision about what to do. If the world differs from
the plan, the call fails, and the next plan says what is to do now.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from plancast.engine.lease import Tenure
from plancast.engine.provider_call import CallAnswer, make_call
from plancast.model.clearance import Clearance
from plancast.model.entry import Address, Entry
from plancast.model.events import (
    ApplyFinished,
    ApplyStarted,
    BatchStarted,
    ChangeFinished,
    Outcome,
)
from plancast.model.outcomes import CallOutcome
from plancast.model.plan import Action, Change, Plan
from plancast.model.ports import Clock, Provider, Sink, StateMoved
from plancast.model.profile import Profile
from plancast.model.quoting import shorten
from plancast.model.state import Approval, Intent, Operation, State, intent_name
from plancast.reconcile import approvals
from plancast.reconcile.order import PlannedCall, calls, eta_seconds, spans
from plancast.reconcile.state_updates import book, remember_protection, settle
from plancast.reconcile.two_phase import parked

REMINDER = "will only remind somebody of it: a person must publish it by hand"
"""What is said of an entry after the title of the provider."""

BATCH = 60
"""Calls whose intents are made durable together: what API v1 takes in one window."""


@dataclass(frozen=True, slots=True)
class ApplyWorld:
    """What an apply works with. `tenure` is the right to write the state.

    `queue_limit` is that of the account. `clearance` is what was approved for this run; `whole` is
    all that the files ask for, whatever the scope of the plan: what is not in there is not approved
    any more.
    """

    provider: Provider
    tenure: Tenure
    clock: Clock
    sink: Sink
    strict: bool = False
    clearance: Clearance | None = None
    whole: tuple[Change, ...] = ()
    queue_limit: int | None = None


@dataclass(frozen=True, slots=True)
class SettledCall:
    """How one change ended."""

    change: Change
    outcome: Outcome
    message: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """What an apply did. `state` is what is on disk now; `fenced`: another run took over.

    `resumes_at`: it ended because the budget of requests is used up until then. `dropped` are
    approvals of what no file asks for any more.
    """

    state: State
    settled: tuple[SettledCall, ...]
    requests: int = 0
    interrupted: bool = False
    aborted: str = ""
    fenced: bool = False
    resumes_at: datetime | None = None
    dropped: tuple[Approval, ...] = ()

    def addresses(self, *outcomes: Outcome) -> tuple[Address, ...]:
        """The addresses that ended so, in the order in which they did."""
        return tuple(item.change.address for item in self.settled if item.outcome in outcomes)


def apply(
    plan: Plan,
    state: State,
    profiles: Mapping[str, Profile],
    world: ApplyWorld,
    stop: Callable[[], bool] = lambda: False,
) -> Report:
    """Do what `plan` says. `profiles` are by id; `stop` is asked before every call.

    Raises StateError where state or journal cannot be written; nothing is sent after that.
    """
    run = _Run(plan, state, profiles, world)
    run.start()
    try:
        for number, batch in enumerate(run.batches, start=1):
            if stop() or run.aborted:
                break
            run.do_batch(number, batch, stop)
    except StateMoved as moved:
        run.fenced, run.aborted = True, str(moved)
    return run.finish(interrupted=stop())


class _Run:
    """One apply. Mutable, private, and gone when it is over."""

    def __init__(
        self, plan: Plan, state: State, profiles: Mapping[str, Profile], world: ApplyWorld
    ) -> None:
        self.plan = plan
        self.state = state
        self.profiles = profiles
        self.world = world
        made = calls(plan.changes, world.provider.capabilities.with_queue_limit(world.queue_limit))
        self.batches = [made[start : start + BATCH] for start in range(0, len(made), BATCH)]
        self.spans = spans(made, strict=world.strict)
        self.numbers = {id(call): number for number, call in enumerate(made)}
        self.left_out: frozenset[int] = frozenset()
        self.left = len(made)
        self.requests = 0
        self.settled: list[SettledCall] = []
        self.total = len(
            plan.with_action(*(action for action in Action if action is not Action.NONE))
        )
        self.aborted = ""
        self.fenced = False
        self.resumes_at: datetime | None = None
        self.stuck: set[Address] = set()
        self.stuck_groups: set[str] = set()
        self.unknown: set[tuple[str, Entry]] = set()
        self.reserved: dict[Address, Change] = {}
        self.origins: dict[Address, Change] = {}
        self.announced = 0
        self.dropped: tuple[Approval, ...] = ()

    def start(self) -> None:
        """Write what needs no request, and say what is to come."""
        clock = self.world.clock
        self.world.sink.emit(
            ApplyStarted(clock.now(), self.total, self.left, self.plan.budget.eta_seconds)
        )
        self.state = self.world.tenure.write(self.approved(book(self.state, self.plan.changes)))
        for change in self.plan.changes:
            if change.action is not Action.NONE and not change.action.sends:
                self.note(change, Outcome.APPLIED)

    def approved(self, state: State) -> State:
        """The state with what this run may send, and without what is over."""
        world = self.world
        if world.clearance is None:
            return state
        now = world.clock.now()
        state = approvals.granted(state, world.clearance, now)
        state, self.dropped = approvals.pruned(state, world.whole)
        return approvals.noticed(state, world.whole, now)

    def do_batch(self, number: int, batch: Sequence[PlannedCall], stop: Callable[[], bool]) -> None:
        """Intents, calls, outcomes, state: in this order. What is only reserved then gets its time.

        Raises StateMoved where another run took over.
        """
        tenure = self.world.tenure
        intents = [self.intent(call) for call in batch]
        tenure.journal.intend(self.state, intents)
        self.state = self.state.intend(intents)
        now = self.world.clock.now()
        self.world.sink.emit(BatchStarted(now, number, len(self.batches), len(batch)))
        for call, intent in zip(batch, intents, strict=True):
            if stop() or self.aborted or self.is_stuck(call) or not self.fits(call):
                self.settle(intent, CallAnswer(CallOutcome.NOT_SENT))
                continue
            if tenure.is_old():
                self.state = tenure.write(self.state)
            self.do_call(call, intent)
        made = [change for call in batch for change in call.changes]
        self.state = tenure.write(remember_protection(self.state, made))
        waiting, self.reserved = self.reserved, {}
        if waiting and not (stop() or self.aborted):
            self.activate(number, waiting, stop)

    def do_call(self, call: PlannedCall, intent: Intent) -> None:
        """One call, its outcome durable."""
        world = self.world
        world.tenure.aim(intent.id, world.clock)
        previous = call.changes[0].before
        answer = make_call(
            intent, previous, self.profiles, world.provider, world.clock, world.tenure.fence
        )
        self.requests += answer.requests
        self.left -= 1
        self.settle(intent, answer)
        self.record(call, intent, answer)

    def activate(
        self, number: int, waiting: Mapping[Address, Change], stop: Callable[[], bool]
    ) -> None:
        """Give the entries that were reserved, and whose ids are durable, their own times."""
        moves = []
        for address, change in waiting.items():
            binding = self.state.resources[address]
            self.origins[address] = change
            moves.append(
                replace(
                    change,
                    action=Action.UPDATE,
                    before=binding.observed,
                    remote_id=binding.remote_id,
                )
            )
        self.left += len(moves)
        self.do_batch(number, [PlannedCall(Action.UPDATE, (change,)) for change in moves], stop)

    def intent(self, call: PlannedCall) -> Intent:
        """What is made durable before the call is."""
        now = self.world.clock.now()
        self.announced += 1
        name = intent_name(self.state.lineage, self.state.serial, self.announced)
        profile_ids = tuple(change.profile.id for change in call.changes)
        creates = call.action is Action.CREATE
        reserves = creates and self.world.strict
        known = tuple(
            item.id for item in self.plan.unmanaged if item.profile.id in set(profile_ids)
        )
        return Intent(
            id=name,
            operation=_OPERATIONS[call.action],
            addresses=tuple(change.address for change in call.changes),
            profile_ids=profile_ids,
            entry=self.inert(call.entry, name, now) if reserves else call.entry,
            made_at=now,
            remote_id="" if creates else call.changes[0].remote_id,
            known=known if creates else (),
            inert=reserves,
        )

    def inert(self, entry: Entry, name: str, now: datetime) -> Entry:
        """What is created first where creates take two steps."""
        drafts = self.world.provider.capabilities.features.stages
        return parked(entry, name, now, drafts=drafts)

    def is_stuck(self, call: PlannedCall) -> bool:
        """Whether it must not be made: what it waits for did not happen, or it may be there."""
        if call.action is not Action.CREATE:
            return False
        return any(
            change.address in self.stuck
            or change.group in self.stuck_groups
            or (change.profile.id, call.entry) in self.unknown
            for change in call.changes
        )

    def fits(self, call: PlannedCall) -> bool:
        """Whether the budget has room for all that belongs together with it.

        Where a window is waited for there is always room. What would fit into no window at all is
        begun all the same, or it would never be.
        """
        number = self.numbers.get(id(call), -1)
        span = self.spans.get(number)
        provider = self.world.provider
        if span is not None and number not in self.left_out and not provider.capabilities.waits:
            windows = provider.windows()
            short = [one for one in windows if one.remaining < span.requests <= one.limit]
            if short:
                self.left_out |= span.calls
                seconds = max(one.seconds for one in short)
                self.resumes_at = self.world.clock.now() + timedelta(seconds=seconds)
        return number not in self.left_out

    def settle(self, intent: Intent, answer: CallAnswer) -> None:
        """The outcome, durable, and in the state."""
        now = self.world.clock.now()
        self.world.tenure.journal.outcome(intent.id, answer.outcome, now, answer.live)
        self.state = settle(self.state, intent, answer.outcome, answer.live, now)
        left = self.state.intents.get(intent.id)
        if answer.parts and left is not None:
            # What was not shown was refused for sure: nobody has to look for it.
            self.settle(left, CallAnswer(CallOutcome.REJECTED))

    def record(self, call: PlannedCall, intent: Intent, answer: CallAnswer) -> None:
        """Tell how each change of a call ended; what was only reserved has not ended.

        Nor has what the budget did not allow: that is for the next run.
        """
        for part in (answer, *answer.parts.values()):
            if part.resumes_in is not None:
                self.resumes_at = self.world.clock.now() + timedelta(seconds=part.resumes_in)
                self.aborted = part.message
        if answer.resumes_in is not None and answer.outcome is CallOutcome.NOT_SENT:
            return
        reminded = {entry.profile_id for entry in answer.live if entry.reminder}
        shown = {entry.profile_id: entry.id for entry in answer.live}
        for change in call.changes:
            part = answer.parts.get(change.profile.id, answer)
            if part.resumes_in is not None and part.outcome is CallOutcome.NOT_SENT:
                continue
            ended = _ended(part)
            if part.outcome is CallOutcome.UNKNOWN and change.profile.id in shown:
                ended = Outcome.APPLIED
            if ended is Outcome.UNKNOWN and call.action is Action.CREATE:
                self.unknown.add((change.profile.id, call.entry))
            elif ended is not Outcome.APPLIED and call.action is not Action.CREATE:
                self.get_stuck(change)
            if ended is Outcome.APPLIED and intent.inert:
                self.reserved[change.address] = change
                continue
            remote_id = shown.get(change.profile.id, change.remote_id)
            asked = self.origins.pop(change.address, change)
            told = part.message
            if ended is Outcome.APPLIED:
                reminds = change.profile.id in reminded
                told = f"{self.world.provider.title} {REMINDER}" if reminds else ""
            self.note(asked, ended, remote_id, told)
            if ended is Outcome.FAILED and not answer.fatal:
                self.state = approvals.refused(self.state, asked)
        if answer.fatal:
            self.aborted = answer.message

    def get_stuck(self, change: Change) -> None:
        """What was to come after this change must not be made."""
        if change.action is Action.DESTROY:
            self.stuck.add(change.address)
        if change.group:
            self.stuck_groups.add(change.group)

    def note(
        self, change: Change, outcome: Outcome, remote_id: str = "", message: str = ""
    ) -> None:
        """One change is done with."""
        if outcome is Outcome.APPLIED:
            self.state = approvals.done(self.state, change)
        message = shorten(message)  # a server can send a page instead of a sentence
        self.settled.append(SettledCall(change, outcome, message))
        self.world.sink.emit(
            ChangeFinished(
                at=self.world.clock.now(),
                address=change.address,
                action=change.action,
                outcome=outcome,
                done=len(self.settled),
                total=self.total,
                remaining_seconds=self.remaining(),
                remote_id=remote_id or change.remote_id,
                message=message,
            )
        )

    def remaining(self) -> int:
        """How long what is left takes, in seconds."""
        provider = self.world.provider
        return eta_seconds(self.left, provider.windows(), waits=provider.capabilities.waits)

    def finish(self, *, interrupted: bool) -> Report:
        """Account for every change of the plan."""
        seen = {item.change.key for item in self.settled}
        for change in self.plan.changes:
            if change.action is not Action.NONE and change.key not in seen:
                self.settled.append(SettledCall(change, Outcome.NOT_ATTEMPTED))
        report = Report(
            self.state,
            tuple(self.settled),
            self.requests,
            interrupted,
            self.aborted,
            self.fenced,
            self.resumes_at,
            self.dropped,
        )
        self.world.sink.emit(
            ApplyFinished(
                at=self.world.clock.now(),
                applied=report.addresses(Outcome.APPLIED),
                failed=report.addresses(Outcome.FAILED),
                unknown=report.addresses(Outcome.UNKNOWN),
                not_attempted=report.addresses(Outcome.NOT_ATTEMPTED),
                deferred=report.addresses(Outcome.DEFERRED),
                requests=self.requests,
                resumes_at=self.resumes_at,
            )
        )
        return report


_OPERATIONS = {
    Action.CREATE: Operation.CREATE,
    Action.UPDATE: Operation.UPDATE,
    Action.DESTROY: Operation.DESTROY,
}


def _ended(answer: CallAnswer) -> Outcome:
    if answer.outcome in (CallOutcome.CONFIRMED, CallOutcome.UNSETTLED):
        return Outcome.APPLIED
    if answer.outcome is CallOutcome.UNKNOWN:
        return Outcome.UNKNOWN
    if answer.queue_full:
        return Outcome.DEFERRED
    return Outcome.FAILED
