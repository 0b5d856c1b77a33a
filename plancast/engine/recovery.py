"""Recovery: settle calls of earlier runs whose outcome was not recorded. Pure.

Terms. An *open intent* is a call that was made durable before it was sent and never settled: its
process died, or the answer was lost. A *candidate* is a live entry that no state owns, that was not
there when the plan was made, that was created when the call was sent or later, and that equals what
was sent. An entry that was created at that time and is only similar is never taken: a person has to
decide.

Creates. An error never makes plancast send a create again. It looks for the entry instead:

===========================================  =====================================================
the evidence                                 the decision
===========================================  =====================================================
no mark `sent_at`                            it was surely not sent: the plan may create it now
a candidate                                  it happened: the candidate is ours
only a similar entry, a file asks for it     not known: wait until a person has decided
nothing, within the quiet period             not known: wait, and create nothing equal
nothing, after the quiet period              it did not happen: the plan may create it again
===========================================  =====================================================

The quiet period begins when the call was given up. The mark `sent_at` is durable before the first
byte of the request, which is why its absence is proof.

A create that is believed not to have happened is remembered (`State.abandoned`). If it arrives
after all, `reconcile.strays` finds the second copy, and the plan removes it.

Updates and destroys name an id, so the queue shows what happened, and to repeat them does no harm.
But an update that was given up may still arrive, and must not undo a newer one. It leaves a note on
the binding (`unsettled_at`), for which the planner waits.

Keyed creates (`reconcile.keyed`) are settled by their content item, which was read for the plan: no
quiet period, no look at the queue. If the item is a draft the create stays open, and nothing has to
wait for it: the plan goes on with it, or removes the draft.

No request is made here: all evidence was read for the plan (`observer`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from plancast.model.entry import Address, Entry, LiveEntry, LiveStatus
from plancast.model.outcomes import CallOutcome
from plancast.model.ports import ContentItem
from plancast.model.profile import Profile
from plancast.model.state import Binding, BindingStatus, Intent, Operation, State
from plancast.reconcile.compare import same_as_live, same_text
from plancast.reconcile.keyed import as_sent, judge
from plancast.reconcile.match import Claim, Live
from plancast.reconcile.state_updates import displaced, settle
from plancast.reconcile.strays import young_enough

MARK_HOLDS = timedelta(seconds=5)
"""The longest time between the mark and the request; after that the mark is written again."""


@dataclass(frozen=True, slots=True)
class Undecided:
    """A call whose outcome cannot be known before `until`, for one address.

    `since` is when the create was made, or the update given up. `alike` is an entry that may be the
    work of the create, edited by a person since: a person has to decide, however much time passes.
    `claim` is the entry that an unanswered create may have made, on the profile `profile_id`.
    """

    address: Address
    since: datetime
    until: datetime
    operation: Operation = Operation.CREATE
    alike: LiveEntry | None = None
    claim: Claim | None = None
    profile_id: str = ""


@dataclass(frozen=True, slots=True)
class Recovered:
    """The state with all intents settled that can be, and the calls that stay open."""

    state: State
    undecided: tuple[Undecided, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """The evidence of recovery: the live entries, and the time when they were read.

    `profiles` are by id. `recreate` (`policy.on_unknown: recreate`): an entry that would be due
    before the quiet period ends is created again at once, so it goes out at least once instead of
    at most once. `wanted` are the addresses that files ask for (None: not known), `wanted_entries`
    their entries with the ids of their profiles: a person is asked about these only. `elsewhere`
    are remote ids that another workspace owns. `items` are the content items of open keyed creates,
    None for one that is gone; None for all if they could not be read.
    """

    live: Live
    profiles: Mapping[str, Profile]
    expected: Callable[[Entry, Profile], Entry]
    now: datetime
    quiet_period: timedelta
    recreate: bool = False
    wanted: Collection[Address] | None = None
    wanted_entries: Collection[tuple[str, Entry]] = frozenset()
    elsewhere: Collection[str] = frozenset()
    items: Mapping[str, ContentItem | None] | None = None

    def knows_item(self, intent: Intent) -> bool:
        """Return whether a keyed create can be settled by its content item."""
        return self.items is not None and (not intent.item or intent.item in self.items)


def recover(state: State, evidence: Evidence) -> Recovered:
    """Settle the open intents of a state against what is live."""
    first_pass = _recover(state, evidence)
    if any(item.alike for item in first_pass.undecided):
        # An entry that was similar to one create may have turned out to be the work of a later one.
        return _recover(first_pass.state, evidence)
    return first_pass


def _recover(state: State, evidence: Evidence) -> Recovered:
    undecided: list[Undecided] = []
    # In the order of the calls, so that of two equal creates the first gets the oldest entry.
    for intent in sorted(state.intents.values(), key=lambda item: item.id):
        # An intent with `given_up_at` was sent: that is how the run that lost the answer left it.
        # So was one with an item, whose promotion has to be ruled out by a read.
        if intent.sent_at is None and intent.given_up_at is None and not intent.item:
            state = settle(state, intent, CallOutcome.NOT_SENT, (), evidence.now)
        elif intent.keyed and evidence.knows_item(intent):
            state = _recover_keyed(state, intent, evidence)
        elif intent.operation is Operation.CREATE:
            state, left = _recover_create(state, intent, evidence)
            undecided.extend(left)
        else:
            state = _recover_by_id(state, intent, evidence)
    return Recovered(state, tuple(undecided))


def _recover_keyed(state: State, intent: Intent, evidence: Evidence) -> State:
    """Settle a keyed create by its content item; one that is a draft, or not known, stays open."""
    if not intent.item or evidence.items is None:
        return state
    item = evidence.items[intent.item]
    verdict = judge(intent, item, intent.profile_ids)
    if verdict.promote:
        return state
    # A profile without a post gets a new intent, since this item makes no more posts.
    state = state.settle(intent.id)
    if not verdict.made:
        return state
    rest = _only(intent, {entry.profile_id for entry in verdict.made})
    rest = _with_room(state, rest, verdict.made, evidence)
    made = as_sent(intent, verdict.made, evidence.profiles, evidence.expected)
    return settle(state, rest, CallOutcome.CONFIRMED, made, evidence.now)


def _recover_create(
    state: State, intent: Intent, evidence: Evidence
) -> tuple[State, list[Undecided]]:
    """Settle a create profile by profile; return the state and the calls that stay open."""
    given_up_at = _given_up_at(intent)
    until = _believable(intent, given_up_at, evidence)
    now = evidence.now
    confirmed: list[LiveEntry] = []
    left: list[Undecided] = []
    absent: set[str] = set()
    for address, profile_id in intent.places:
        profile = evidence.profiles.get(profile_id)
        claim = Claim(address, profile_id, intent.entry, intent.inert)
        unknown = Undecided(address, intent.made_at, until, claim=claim, profile_id=profile_id)
        # The profile was not read, so there is no evidence about it.
        if profile is None:
            left.append(unknown)
            continue
        candidate = _candidate(state, intent, profile, evidence)
        if candidate is not None:
            confirmed.append(candidate)
        elif _matters(claim, evidence) and (
            alike := _alike(state, intent, profile, until, evidence)
        ):
            left.append(replace(unknown, alike=alike))
        elif now < until:
            # Within the quiet period absence proves nothing: a proxy may still hold the request.
            left.append(unknown)
        else:
            absent.add(profile_id)
    if absent:
        # Even if the rest stays open: an entry that the plan creates now must not be taken for the
        # work of this intent later.
        state = state.abandon(_only(intent, absent))
    rest = _only(intent, {*intent.profile_ids} - absent)
    rest = _with_room(state, rest, confirmed, evidence)
    if left:
        return settle(state, rest, CallOutcome.UNKNOWN, confirmed, given_up_at), left
    state = settle(state, rest, CallOutcome.CONFIRMED, confirmed, now)
    return state, left


def _given_up_at(intent: Intent) -> datetime:
    """Return the latest time at which the run that sent it stopped waiting for the answer."""
    return intent.given_up_at or (intent.sent_at or intent.made_at) + MARK_HOLDS


def _believable(intent: Intent, given_up_at: datetime, evidence: Evidence) -> datetime:
    """Return the time from which on the absence of a create's entry is believed."""
    until = given_up_at + evidence.quiet_period
    if intent.inert:
        return given_up_at  # a twin would be due in years, and is removed long before that
    due = intent.entry.due_at
    hurried = evidence.recreate and due is not None and evidence.now < due <= until
    return evidence.now if hurried else until


def _with_room(
    state: State, intent: Intent, confirmed: Collection[LiveEntry], evidence: Evidence
) -> Intent:
    """Give the intent addresses that no other entry owns, so that what was found replaces none.

    A binding whose entry is gone may be replaced: most likely the create was to do just that.
    """
    there = {entry.id for entry in (*evidence.live.queue, *evidence.live.sent)}
    shown = {entry.profile_id: entry.id for entry in confirmed}
    names = set(state.resources)
    addresses = []
    for address, profile_id in intent.places:
        binding = state.binding(address)
        stays = binding is not None and (
            binding.remote_id in there or binding.status is BindingStatus.PUBLISHED
        )
        other = binding is not None and shown.get(profile_id) not in (None, binding.remote_id)
        addresses.append(displaced(address, names) if stays and other else address)
    return replace(intent, addresses=tuple(addresses))


def _only(intent: Intent, profile_ids: set[str]) -> Intent:
    """Return the intent reduced to these profiles."""
    return intent.only(place for place in intent.places if place[1] in profile_ids)


def _candidate(
    state: State, intent: Intent, profile: Profile, evidence: Evidence
) -> LiveEntry | None:
    """Return the entry that a create made on a profile, the oldest if several fit."""
    owned = state.owned_ids().union(evidence.elsewhere)
    reads_as = evidence.expected(intent.entry, profile)
    fitting = [
        entry
        for entry in (*evidence.live.queue, *evidence.live.sent)
        if entry.profile_id == profile.id
        and entry.id not in owned
        and entry.id not in intent.known
        and young_enough(entry, intent)
        and _fits(intent.entry, reads_as, entry)
    ]
    return min(fitting, key=lambda entry: entry.id, default=None)


def _matters(claim: Claim, evidence: Evidence) -> bool:
    """Return whether a file asks for the entry of a claim, at its address or another one."""
    if evidence.wanted is None or claim.address in evidence.wanted:
        return True
    return any(
        profile_id == claim.profile_id and claim.is_for(entry)
        for profile_id, entry in evidence.wanted_entries
    )


def _alike(
    state: State, intent: Intent, profile: Profile, until: datetime, evidence: Evidence
) -> LiveEntry | None:
    """Return an entry that was created at the time of the call and has its text or its time.

    Either the create made it and a person has edited it since, or a person made it. To take it
    could change what a person made, and to create again could make a twin, so a person must decide.
    """
    owned = state.owned_ids().union(evidence.elsewhere)
    reads_as = evidence.expected(intent.entry, profile)
    like = [
        entry
        for entry in (*evidence.live.queue, *evidence.live.sent)
        if entry.profile_id == profile.id
        and entry.id not in owned
        and entry.id not in intent.known
        and entry.created_at is not None
        and young_enough(entry, intent)
        and entry.created_at <= until
        and (
            same_text(intent.entry, reads_as, entry)
            or (intent.entry.due_at is not None and entry.due_at == intent.entry.due_at)
        )
    ]
    return min(like, key=lambda entry: entry.id, default=None)


def _fits(asked: Entry, reads_as: Entry, entry: LiveEntry) -> bool:
    """Return whether a live entry equals what was sent; of a published one only the text counts."""
    if entry.status is LiveStatus.PUBLISHED:
        return same_text(asked, reads_as, entry)
    return same_as_live(asked, reads_as, entry)


def _recover_by_id(state: State, intent: Intent, evidence: Evidence) -> State:
    """Settle an update or a destroy by what the queue shows of its id."""
    live, now = evidence.live, evidence.now
    entry_now = next((entry for entry in live.queue if entry.id == intent.remote_id), None)
    sent = any(entry.id == intent.remote_id for entry in live.sent)
    if intent.operation is Operation.DESTROY:
        done = entry_now is None and not sent
        outcome = CallOutcome.CONFIRMED if done else CallOutcome.NOT_SENT
        return settle(state, intent, outcome, (), now)
    profile = evidence.profiles.get(intent.profile_ids[0])
    binding = state.holder(intent.remote_id, intent.addresses[0])
    if binding is not None:
        binding = replace(binding, unsettled_at=_given_up_at(intent))
        reads_as = evidence.expected(intent.entry, profile) if profile else intent.entry
        arrived = entry_now is not None and not _still_failed(binding, entry_now)
        if entry_now and profile and arrived and same_as_live(intent.entry, reads_as, entry_now):
            # The live entry is what the update asked for, so it is no drift. If it differs from
            # what was applied before, the update happened. If not, the update changed only
            # something that is not read back, such as an alternative text: `applied` then stays
            # as it is, so that the update is sent once more.
            before = evidence.expected(binding.applied, profile)
            binding = replace(binding, observed=entry_now.entry)
            if not same_as_live(binding.applied, before, entry_now):
                binding = replace(binding, applied=intent.entry, inert=False)
        state = state.bind(binding)
    return settle(state, intent, CallOutcome.NOT_SENT, (), now)


def _still_failed(binding: Binding, live: LiveEntry) -> bool:
    """Return whether a live entry shows the failure that a repair was sent for.

    If the repair had arrived and failed in its turn, the entry would have been tried at another
    time. A person may have written into the failed entry just what the repair asks for, so its
    content alone proves nothing.
    """
    was_failed = binding.status is BindingStatus.FAILED
    return was_failed and live.status is LiveStatus.FAILED and live.due_at == binding.due_at
