"""The applier: make the changes of a plan, each exactly once.

Order of effects. Each step is durable before the next one begins:

1. write the state-only changes (adopt, rename, forget) and the approvals to the state;
2. for each batch of calls, write all intents to the journal in one write;
3. for each call, write the mark "sending" to the journal, send the request, and write its outcome
   to the journal;
4. after the batch, write the state, which then contains the journal, and empty the journal.

If the process dies anywhere in between, the next run finds the intents and their marks. An intent
without a mark was surely not sent; a marked one without an outcome is looked for at the provider
(`engine.recovery`). No create is ever sent again just because its outcome is missing.

With `safety: strict` a batch with creates has two rounds (`reconcile.two_phase`). The first round
creates entries that are due years from now. When their ids are in the state, a second round updates
these ids to their own times.

With `safety: keyed` it has two rounds as well (`reconcile.keyed`). The first creates drafts of
content items. When the ids of these are in the state, a second round promotes them to posts. What
an earlier run has left is dealt with first: a draft whose file has changed is removed before
anything is created on its profiles.

A call may be sent again if it surely had no effect: the provider said "too early", or no byte of it
arrived (`engine.provider_call`). An update and a destroy name an id, so they may be sent again
whatever happened. A create may never be.

Groups (`reconcile.groups`) are made whole. A create comes after the updates and destroys of its
group, and is not made if one of them failed. If the request budget has no room for a whole group,
the group is left for the next run. While the outcome of a create is unknown, no equal entry is
created.

Approvals (`reconcile.approvals`) move into the state in the very first write, and each leaves it
with the outcome of its change. So if the process dies, an approved change that was not made is
still approved.

`_Run` is a frozen description of the run. What it has done so far is a `Progress`, which each step
takes and returns. The applier never decides what to do: if the world differs from the plan, a call
fails, and the next plan decides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from plancast.engine.apply_progress import NumberedCall, Progress, SettledCall
from plancast.engine.keyed_call import KeyedCall
from plancast.engine.lease import SendGate, Tenure
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
from plancast.model.ports import (
    Clock,
    Interrupted,
    KeyedCreates,
    Provider,
    ProviderError,
    Sink,
    StateMoved,
    keyed_creates,
)
from plancast.model.profile import Profile
from plancast.model.quoting import shorten
from plancast.model.safety import Safety
from plancast.model.state import Approval, Intent, Operation, State, intent_name
from plancast.reconcile import approvals
from plancast.reconcile.keyed import as_sent, key_of, left_over, resumable
from plancast.reconcile.order import PlannedCall, calls, eta_seconds, spans
from plancast.reconcile.repairs import replaced_entry
from plancast.reconcile.state_updates import apply_state_changes, remember_protection, settle
from plancast.reconcile.two_phase import parked

REMINDER = "will only remind somebody of it: a person must publish it by hand"
"""The message about a live entry that is only a reminder; the provider's title goes before it."""

BATCH = 60
"""Calls whose intents are made durable together: as many as API v1 allows in one window."""

KEYED_BATCH = 10
"""The same for keyed creates. All drafts of a batch come before its promotions, so if a run is cut
short, so many at most have been made in vain."""


@dataclass(frozen=True, slots=True)
class ApplyWorld:
    """The ports of an apply, and what was approved for it.

    `tenure` is the right to write the state. `queue_limit` is that of the account. `clearance`
    holds the approvals for this run, None if it needs none. `whole` are all changes that the files
    ask for, whatever the scope of the plan: approvals of other changes are dropped. `gate` is
    checked by the provider's connection before each request that changes something; each call
    opens it for itself. `stray_drafts` are content items to remove (`reconcile.keyed`).
    """

    provider: Provider
    tenure: Tenure
    clock: Clock
    sink: Sink
    safety: Safety = Safety.DIRECT
    clearance: Clearance | None = None
    whole: tuple[Change, ...] = ()
    gate: SendGate = field(default_factory=SendGate)
    queue_limit: int | None = None
    stray_drafts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """The result of an apply.

    `state` is the state on disk now. `aborted` is the reason for an early end, "" if there was
    none; `fenced`: it ended because another run took over. `resumes_at`: it ended because the
    request budget is used up until then. `dropped` are approvals of changes that no file asks for
    any more.
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
        """Return the addresses of changes with one of these outcomes, in the order they ended."""
        return tuple(item.change.address for item in self.settled if item.outcome in outcomes)


def apply(
    plan: Plan,
    state: State,
    profiles: Mapping[str, Profile],
    world: ApplyWorld,
    stop: Callable[[], bool] = lambda: False,
) -> Report:
    """Make the changes of a plan and return a report.

    `profiles` are by id. `stop` is called before each call; once it returns True, no further call
    is made.

    Raises:
        StateError: state or journal cannot be written. Nothing is sent after that.
    """
    run = _Run.of(plan, state, profiles, world, stop)
    progress = run.start(state)
    try:
        progress = run.discard_drafts(progress)
        for number, batch in enumerate(run.batches, start=1):
            if stop() or progress.aborted:
                break
            progress = run.do_batch(progress, number, batch)
    except _LeaseLost as lost:
        progress = replace(lost.progress, fenced=True, aborted=str(lost))
    return run.finish(progress, interrupted=stop())


class _LeaseLost(Exception):  # noqa: N818  # an ending, which `apply` reports
    """The end of a run because another one took over. `progress` is what was done until then."""

    def __init__(self, moved: StateMoved, progress: Progress) -> None:
        super().__init__(str(moved))
        self.progress = progress


@contextmanager
def _keeping(progress: Progress) -> Iterator[None]:
    """Turn a StateMoved of a write into _LeaseLost with `progress`, so that a report is made."""
    try:
        yield
    except StateMoved as moved:
        raise _LeaseLost(moved, progress) from moved


@dataclass(frozen=True, slots=True)
class _Run:
    """The frozen description of one apply. Its steps take a `Progress` and return a new one."""

    plan: Plan
    profiles: Mapping[str, Profile]
    world: ApplyWorld
    stop: Callable[[], bool]
    batches: tuple[tuple[NumberedCall, ...], ...]
    total: int

    @classmethod
    def of(
        cls,
        plan: Plan,
        state: State,
        profiles: Mapping[str, Profile],
        world: ApplyWorld,
        stop: Callable[[], bool],
    ) -> _Run:
        """Order the calls of a plan and cut them into batches."""
        capabilities = world.provider.capabilities.with_queue_limit(world.queue_limit)
        is_keyed = world.safety is Safety.KEYED
        able = capabilities.for_keyed_creates() if is_keyed else capabilities
        made = calls(plan.changes, able, state.abandoned_addresses(), resumable(state))
        begun = spans(made, world.safety)
        numbered = tuple(
            NumberedCall(call, number, begun.get(number)) for number, call in enumerate(made)
        )
        size = KEYED_BATCH if is_keyed else BATCH
        batches = tuple(numbered[start : start + size] for start in range(0, len(numbered), size))
        doing = [action for action in Action if action is not Action.NONE]
        return cls(plan, profiles, world, stop, batches, len(plan.with_action(*doing)))

    def start(self, state: State) -> Progress:
        """Write everything that needs no request, and emit the start of the apply."""
        now = self.world.clock.now()
        left = sum(len(batch) for batch in self.batches)
        eta = self.plan.budget.eta_seconds
        self.world.sink.emit(ApplyStarted(now, self.total, left, eta))
        # One write for renames and approvals, before the first request: a kill after it loses
        # neither.
        state, dropped = self.approved(apply_state_changes(state, self.plan.changes))
        progress = Progress(self.world.tenure.write(state), left, dropped=dropped)
        for change in self.plan.changes:
            if change.action is not Action.NONE and not change.action.sends:
                progress = self.note(progress, change, Outcome.APPLIED)
        return progress

    def approved(self, state: State) -> tuple[State, tuple[Approval, ...]]:
        """Return the state with the approvals of this run, and those that are dropped."""
        world = self.world
        if world.clearance is None:
            return state, ()
        now = world.clock.now()
        state = approvals.granted(state, world.clearance, now)
        state, dropped = approvals.pruned(state, world.whole)
        return approvals.noticed(state, world.whole, now), dropped

    def do_batch(self, progress: Progress, number: int, batch: Sequence[NumberedCall]) -> Progress:
        """Write the intents, make the calls, record the outcomes, write the state.

        Then give the two-phase entries whose ids are durable their own times. Raises _LeaseLost.
        """
        world, tenure = self.world, self.world.tenure
        intents = [
            self.intent(progress.state, one.call, position)
            for position, one in enumerate(batch, start=progress.announced + 1)
        ]
        with _keeping(progress):
            tenure.journal.intend(progress.state, intents)
        progress = replace(
            progress,
            state=progress.state.intend(intents),
            announced=progress.announced + len(batch),
        )
        world.sink.emit(BatchStarted(world.clock.now(), number, len(self.batches), len(batch)))
        for one, intent in zip(batch, intents, strict=True):
            # Re-evaluated before each call: an earlier one may have failed or lost its answer.
            is_open = not (self.stop() or progress.aborted or progress.blocks(one.call))
            if is_open:
                progress = self.within_budget(progress, one)
                is_open = one.number not in progress.left_out
            if not is_open:
                # Its intent is durable already, so it has to be closed; but a keyed create of an
                # earlier run may have a draft, so that one stays open.
                left = CallOutcome.DRAFTED if one.call.resumes else CallOutcome.NOT_SENT
                progress = self.settle(progress, intent, CallAnswer(left))
                continue
            # A write in the middle of a long batch shows other runs that this one is alive.
            if tenure.is_old():
                progress = self.written(progress, progress.state)
            step = self.make_draft if intent.keyed else self.do_call
            progress = step(progress, one.call, intent)
        made = [change for one in batch for change in one.call.changes]
        progress = self.written(progress, remember_protection(progress.state, made))
        # The content items are on disk now, so they may be promoted.
        if progress.drafts:
            progress = self.promote_drafts(progress)
            progress = self.written(progress, remember_protection(progress.state, made))
        # The ids of reserved entries are on disk now, so they may get their own times.
        waiting, progress = progress.reserved, replace(progress, reserved={})
        if waiting and not (self.stop() or progress.aborted):
            progress = self.activate(progress, number, waiting)
        return progress

    def written(self, progress: Progress, state: State) -> Progress:
        """Write the state. Raises _LeaseLost."""
        with _keeping(progress):
            return replace(progress, state=self.world.tenure.write(state))

    def do_call(self, progress: Progress, call: PlannedCall, intent: Intent) -> Progress:
        """Make one call, and record its outcome."""
        world = self.world
        fence = world.tenure.announce_call(intent.id, world.clock)
        previous = replaced_entry(call.changes[0])
        # The fence is checked in `make_call` and, through the gate, once more right at the wire.
        with world.gate.open_for(fence):
            answer = make_call(
                intent, previous, self.profiles, world.provider, world.clock, fence.check
            )
        return self.finish_call(progress, call, intent, answer)

    def finish_call(
        self, progress: Progress, call: PlannedCall, intent: Intent, answer: CallAnswer
    ) -> Progress:
        """Count a call that has ended, settle its intent, and record its outcome."""
        progress = replace(
            progress, requests=progress.requests + answer.requests, left=progress.left - 1
        )
        return self.record(self.settle(progress, intent, answer), call, intent, answer)

    def discard_drafts(self, progress: Progress) -> Progress:
        """Remove the drafts that earlier keyed creates have left, before anything is created.

        A promotion of such a draft may still arrive. So if a draft cannot be removed, or turns out
        to have posts, nothing is created on its profiles: the next plan knows more.
        """
        world = self.world
        if self.keyed is None:
            return progress
        over = left_over(progress.state, self.plan.changes)
        if not all(intent.removes for intent in over):
            state = progress.state.removing(*(intent.id for intent in over))
            progress = replace(progress, state=state)
            for intent in over:
                # The removal repeats a creation without an answer, which can make a second draft.
                progress = progress if intent.item else self.doubt(progress, intent)
            progress = self.written(progress, progress.state)
        for intent in over:
            if self.stop() or progress.aborted:
                return progress
            call, gate = self.keyed_call(intent, self.keyed)
            with gate:
                answer = call.discard()
            progress = replace(progress, requests=progress.requests + answer.requests)
            progress = self.settle(progress, intent, self.as_sent(intent, answer))
            if answer.outcome is not CallOutcome.REJECTED:
                blocked = progress.blocked_profiles.union(intent.profile_ids)
                progress = replace(progress, blocked_profiles=blocked)
            progress = self.ended_early(progress, answer)
        for item in world.stray_drafts:
            if self.stop() or progress.aborted:
                break
            # Inert, and looked for again: if it cannot be removed now, the next run tries again.
            fence = world.tenure.announce_call(item, world.clock)
            with (
                _keeping(progress),
                suppress(ProviderError, Interrupted),
                world.gate.open_for(fence),
            ):
                progress = replace(progress, requests=progress.requests + 1)
                shown = self.keyed.content_item(item)
                # A person may have promoted it since the plan; with an item go its posts.
                if shown is not None and shown.is_draft:
                    fence.check()
                    progress = replace(progress, requests=progress.requests + 1)
                    self.keyed.remove_item(item)
        return progress

    @property
    def keyed(self) -> KeyedCreates | None:
        """The keyed creates of the provider, None if it has none."""
        return keyed_creates(self.world.provider)

    def keyed_call(
        self, intent: Intent, keyed: KeyedCreates
    ) -> tuple[KeyedCall, AbstractContextManager[None]]:
        """Return the calls of a keyed create, and the context in which their requests may pass."""
        fence = self.world.tenure.announce_call(intent.id, self.world.clock)
        call = KeyedCall(intent, keyed, self.world.clock, fence.check)
        return call, self.world.gate.open_for(fence)

    def as_sent(self, intent: Intent, answer: CallAnswer) -> CallAnswer:
        """Return the answer with posts of an earlier run as they were sent."""
        live = as_sent(intent, answer.live, self.profiles, self.world.provider.expected)
        return replace(answer, live=live)

    def doubt(self, progress: Progress, intent: Intent) -> Progress:
        """Note that the creation of a draft was not answered."""
        now = self.world.clock.now()
        return replace(progress, state=progress.state.doubt_draft(key_of(intent), now))

    def make_draft(self, progress: Progress, call: PlannedCall, intent: Intent) -> Progress:
        """Create the draft of a keyed create, unless its item is known from an earlier run."""
        if intent.item:
            return progress.with_draft(call, intent.id)
        keyed = self.keyed
        assert keyed is not None, "only a provider with keyed creates gets a keyed intent"
        steps, gate = self.keyed_call(intent, keyed)
        with gate:
            drafted = steps.make_draft()
        answer, item = drafted.answer, drafted.item
        # As in the journal, which the state that is written before the promotion replaces.
        state = progress.state.sending(intent.id, self.world.clock.now())
        progress = replace(progress, state=state)
        if drafted.is_doubtful:
            progress = self.doubt(progress, intent)
        if item is None:
            return self.finish_call(progress, call, intent, answer)
        progress = replace(progress, requests=progress.requests + answer.requests)
        with _keeping(progress):
            self.world.tenure.journal.drafted(intent.id, item.id)
        progress = replace(progress, state=progress.state.drafted(intent.id, item.id))
        if item.is_draft:
            return progress.with_draft(call, intent.id)
        # The promotion of an earlier run arrived.
        made = steps.end(item, tuple(change.profile.id for change in call.changes))
        return self.finish_call(progress, call, intent, self.as_sent(intent, made))

    def promote_drafts(self, progress: Progress) -> Progress:
        """Promote the drafts of a batch, whose items are in the state: the second round."""
        drafts, progress = progress.drafts, replace(progress, drafts=())
        keyed = self.keyed
        assert keyed is not None, "only a provider with keyed creates has drafts"
        for call, name in drafts:
            # A draft that is not promoted now stays open for the next run.
            if self.stop() or progress.aborted or progress.blocks(call):
                continue
            if self.world.tenure.is_old():
                progress = self.written(progress, progress.state)
            intent = progress.state.intents[name]
            steps, gate = self.keyed_call(intent, keyed)
            with gate:
                answer = steps.promote([self.profiles[one.profile.id] for one in call.changes])
            if answer.removes:
                progress, answer = self.remove_refused(progress, intent, answer, keyed)
            progress = self.finish_call(progress, call, intent, answer)
        return progress

    def remove_refused(
        self, progress: Progress, intent: Intent, answer: CallAnswer, keyed: KeyedCreates
    ) -> tuple[Progress, CallAnswer]:
        """Remove a draft that all profiles have refused. Raises _LeaseLost."""
        progress = self.written(progress, progress.state.removing(intent.id))
        steps, gate = self.keyed_call(intent, keyed)
        with gate:
            removed = steps.remove(replace(answer, removes=False), tuple(answer.parts))
        return progress, replace(removed, requests=answer.requests + removed.requests)

    def activate(
        self, progress: Progress, number: int, waiting: Mapping[Address, Change]
    ) -> Progress:
        """Update reserved entries whose ids are durable to their own times: the second phase."""
        moves = []
        for address, change in waiting.items():
            binding = progress.state.resources[address]
            update = replace(
                change,
                action=Action.UPDATE,
                before=binding.observed,
                remote_id=binding.remote_id,
            )
            moves.append(NumberedCall(PlannedCall(Action.UPDATE, (update,))))
        # `origins` lets the report show the creates of the plan instead of these updates.
        progress = replace(
            progress,
            origins={**progress.origins, **waiting},
            left=progress.left + len(moves),
        )
        return self.do_batch(progress, number, moves)

    def intent(self, state: State, call: PlannedCall, position: int) -> Intent:
        """Build the intent of a call, or take up that of a keyed create of an earlier run.

        `position` counts all intents of this run, from 1.
        """
        if call.resumes:
            return state.intents[call.resumes]
        now = self.world.clock.now()
        name = intent_name(state.lineage, state.serial, position)
        profile_ids = tuple(change.profile.id for change in call.changes)
        creates = call.action is Action.CREATE
        reserves = creates and self.world.safety is Safety.STRICT
        # Entries that are there before the create cannot be its work: recovery ignores them.
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
            keyed=creates and self.world.safety is Safety.KEYED,
        )

    def inert(self, entry: Entry, name: str, now: datetime) -> Entry:
        """Return the inert form of an entry, for the first phase of a create."""
        drafts = self.world.provider.capabilities.features.stages
        return parked(entry, name, now, drafts=drafts)

    def within_budget(self, progress: Progress, one: NumberedCall) -> Progress:
        """Leave a group out if the request budget has no room for all of it.

        A provider that waits for windows always has room. A group that fits in no window at all is
        begun nevertheless, or it would never be made.
        """
        span, provider = one.span, self.world.provider
        if span is None or one.number in progress.left_out or provider.capabilities.waits:
            return progress
        windows = provider.windows()
        short = [window for window in windows if window.remaining < span.requests <= window.limit]
        if not short:
            return progress
        seconds = max(window.seconds for window in short)
        resumes_at = self.world.clock.now() + timedelta(seconds=seconds)
        return replace(progress, left_out=progress.left_out | span.calls, resumes_at=resumes_at)

    def settle(self, progress: Progress, intent: Intent, answer: CallAnswer) -> Progress:
        """Record an outcome in the journal, and fold it into the state. Raises _LeaseLost."""
        now = self.world.clock.now()
        with _keeping(progress):
            self.world.tenure.journal.outcome(intent.id, answer.outcome, now, answer.live)
        state = settle(progress.state, intent, answer.outcome, answer.live, now)
        progress = replace(progress, state=state)
        left = state.intents.get(intent.id)
        if left is not None and (answer.is_over or (answer.parts and not intent.keyed)):
            # The profiles that the answer lacks surely refused, or their content item makes no more
            # posts: recovery must not look for them.
            return self.settle(progress, left, CallAnswer(CallOutcome.REJECTED))
        return progress

    def ended_early(self, progress: Progress, answer: CallAnswer) -> Progress:
        """Note that the run ends, if an answer says that no further call can succeed."""
        for part in (answer, *answer.parts.values()):
            if part.resumes_in is not None:
                resumes_at = self.world.clock.now() + timedelta(seconds=part.resumes_in)
                progress = replace(progress, resumes_at=resumes_at, aborted=part.message)
        return replace(progress, aborted=answer.message) if answer.fatal else progress

    def record(
        self, progress: Progress, call: PlannedCall, intent: Intent, answer: CallAnswer
    ) -> Progress:
        """Report the end of each change of a call, and block what depends on it.

        A change that was only reserved has not ended. Neither has one that the budget did not
        allow, or that was not sent because the run was asked to stop: those are for the next run.
        """
        progress = self.ended_early(progress, answer)
        if answer.resumes_in is not None and answer.outcome in _WITHOUT_EFFECT:
            return progress
        shown = {entry.profile_id: entry for entry in answer.live}
        for change in call.changes:
            part = answer.parts.get(change.profile.id, answer)
            is_for_later = part.resumes_in is not None or self.stop()
            if is_for_later and part.outcome in _WITHOUT_EFFECT:
                continue
            outcome = _outcome(part)
            # The answer can be lost for the call as a whole and still show some of its entries.
            if part.outcome is CallOutcome.UNKNOWN and change.profile.id in shown:
                outcome = Outcome.APPLIED
            if outcome is Outcome.UNKNOWN and call.action is Action.CREATE:
                unknown = progress.unknown_creates | {(change.profile.id, call.entry)}
                progress = replace(progress, unknown_creates=unknown)
            elif outcome is not Outcome.APPLIED and call.action is not Action.CREATE:
                progress = progress.block_after(change)
            if outcome is Outcome.APPLIED and intent.inert:
                progress = progress.reserve(change)
                continue
            # For the second phase of a create, report the create.
            planned = progress.origins.get(change.address, change)
            progress = progress.without_origin(change.address)
            live = shown.get(change.profile.id)
            message = part.message
            if outcome is Outcome.APPLIED:
                reminds = live is not None and live.reminder
                message = f"{self.world.provider.title} {REMINDER}" if reminds else ""
            remote_id = live.id if live is not None else change.remote_id
            progress = self.note(progress, planned, outcome, remote_id, message)
            # A fatal answer (such as a wrong token) says nothing about this change.
            if outcome is Outcome.FAILED and not answer.fatal:
                progress = replace(progress, state=approvals.refused(progress.state, planned))
        return progress

    def note(
        self,
        progress: Progress,
        change: Change,
        outcome: Outcome,
        remote_id: str = "",
        message: str = "",
    ) -> Progress:
        """Add a change to the settled ones, and emit its outcome."""
        if outcome is Outcome.APPLIED:
            progress = replace(progress, state=approvals.done(progress.state, change))
        message = shorten(message)  # a server can send a page instead of a sentence
        progress = progress.add(SettledCall(change, outcome, message))
        self.world.sink.emit(
            ChangeFinished(
                at=self.world.clock.now(),
                address=change.address,
                action=change.action,
                outcome=outcome,
                done=len(progress.settled),
                total=self.total,
                remaining_seconds=self.remaining(progress.left),
                remote_id=remote_id or change.remote_id,
                message=message,
            )
        )
        return progress

    def remaining(self, left: int) -> int:
        """Return how long so many calls will take, in seconds."""
        provider = self.world.provider
        return eta_seconds(left, provider.windows(), waits=provider.capabilities.waits)

    def finish(self, progress: Progress, *, interrupted: bool) -> Report:
        """Build the report, in which every change of the plan has an outcome."""
        seen = {item.change.key for item in progress.settled}
        not_attempted = tuple(
            SettledCall(change, Outcome.NOT_ATTEMPTED)
            for change in self.plan.changes
            if change.action is not Action.NONE and change.key not in seen
        )
        report = Report(
            progress.state,
            (*progress.settled, *not_attempted),
            progress.requests,
            interrupted,
            progress.aborted,
            progress.fenced,
            progress.resumes_at,
            progress.dropped,
        )
        self.world.sink.emit(
            ApplyFinished(
                at=self.world.clock.now(),
                applied=report.addresses(Outcome.APPLIED),
                failed=report.addresses(Outcome.FAILED),
                unknown=report.addresses(Outcome.UNKNOWN),
                not_attempted=report.addresses(Outcome.NOT_ATTEMPTED),
                deferred=report.addresses(Outcome.DEFERRED),
                requests=progress.requests,
                resumes_at=progress.resumes_at,
                interrupted=interrupted,
            )
        )
        return report


_OPERATIONS = {
    Action.CREATE: Operation.CREATE,
    Action.UPDATE: Operation.UPDATE,
    Action.DESTROY: Operation.DESTROY,
}


_WITHOUT_EFFECT = (CallOutcome.NOT_SENT, CallOutcome.DRAFTED)


def _outcome(answer: CallAnswer) -> Outcome:
    """Return the outcome of a change for people, from the answer to its call."""
    if answer.outcome in (CallOutcome.CONFIRMED, CallOutcome.UNSETTLED):
        return Outcome.APPLIED
    if answer.outcome is CallOutcome.UNKNOWN:
        return Outcome.UNKNOWN
    is_drafted = answer.outcome is CallOutcome.DRAFTED and not answer.fatal
    if answer.queue_full or answer.repeated or answer.is_deferred or is_drafted:
        return Outcome.DEFERRED
    return Outcome.FAILED
