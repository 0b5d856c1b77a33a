"""Recovery: what became of calls whose outcome was not recorded.

Terms. An *open intent* is a call that was made durable before it was sent and
never settled: its process died, or the answer was lost. A *candidate* is a live
entry that nobody owns, that was not there when the plan was made, that is as
old as the call or younger, and that equals what was sent. One that was created
just then and is only like it is never taken: a person has to say.

Premise. A create is never sent again because of an error. It is looked for: if
the entry is there, it is ours; if it is not there once the quiet period has
passed since the call was given up, it never happened, and the ordinary plan
creates it. In between nothing is known, and nothing is done.

That a call is about to be sent is durable before it is (`sent_at`), so an intent
without that was surely not sent, and nothing has to be waited for.

Updates and destroys need no such care. They name an id, so whatever happened,
the live queue tells, and doing them again does no harm. An update that was
given up may still arrive, though, and must not undo a newer one: it leaves a
note on the entry (`unsettled_at`), and the planner waits.

A create that is believed not to have happened is remembered (`abandoned`). If
it arrives after all, it is a twin of ours, and reconcile.strays finds it.

What is not done here: no request is made. All evidence was read for the plan.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from plancast.model.entry import Address, Entry, LiveEntry, LiveStatus
from plancast.model.outcomes import CallOutcome
from plancast.model.profile import Profile
from plancast.model.state import BindingStatus, Intent, Operation, State
from plancast.reconcile.compare import same_as_live, same_text
from plancast.reconcile.match import Claim, Live
from plancast.reconcile.state_updates import displaced, settle
from plancast.reconcile.strays import young_enough

MARK_HOLDS = timedelta(seconds=5)
"""How much later than it was marked a call may have been sent; after that it is marked anew."""


@dataclass(frozen=True, slots=True)
class Undecided:
    """An address of which nothing can be known before `until`.

    `since` is when the create was made, or the update given up, that may still
    arrive. `alike` may be the work of the create, edited since: a person has to
    say, however much time passes. `claim` is what an unanswered create may have
    made, `profile_id` where.
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
    """The state with everything settled that can be, and what is left."""

    state: State
    undecided: tuple[Undecided, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """The evidence of recovery: what is live, and when it was looked at. Profiles are by id.

    `recreate`: an entry that would be due before anybody can know is created
    again (`policy.on_unknown`); at least once then, and not at most once.
    `wanted`: the addresses that files ask for, and `wanted_entries` what they
    ask for, by profile: nobody has to be asked about anything else. `elsewhere`:
    remote ids that another workspace owns.
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


def recover(state: State, evidence: Evidence) -> Recovered:
    """Settle the open intents of a state against what is live. Pure."""
    once = _recover(state, evidence)
    if any(item.alike for item in once.undecided):
        # What was like one create may have turned out to be the work of another one.
        return _recover(once.state, evidence)
    return once


def _recover(state: State, evidence: Evidence) -> Recovered:
    undecided: list[Undecided] = []
    for intent in sorted(state.intents.values(), key=lambda item: item.id):
        if intent.sent_at is None and intent.given_up_at is None:
            state = settle(state, intent, CallOutcome.NOT_SENT, (), evidence.now)
        elif intent.operation is Operation.CREATE:
            state, left = _recover_create(state, intent, evidence)
            undecided.extend(left)
        else:
            state = _recover_by_id(state, intent, evidence)
    return Recovered(state, tuple(undecided))


def _recover_create(
    state: State, intent: Intent, evidence: Evidence
) -> tuple[State, list[Undecided]]:
    given_up_at = _given_up_at(intent)
    until = _believable(intent, given_up_at, evidence)
    now = evidence.now
    found: list[LiveEntry] = []
    left: list[Undecided] = []
    absent: set[str] = set()
    for address, profile_id in intent.places:
        profile = evidence.profiles.get(profile_id)
        claim = Claim(address, profile_id, intent.entry, intent.inert)
        unknown = Undecided(address, intent.made_at, until, claim=claim, profile_id=profile_id)
        if profile is None:
            left.append(unknown)
            continue
        candidate = _candidate(state, intent, profile, evidence)
        if candidate is not None:
            found.append(candidate)
        elif _matters(claim, evidence) and (
            alike := _alike(state, intent, profile, until, evidence)
        ):
            left.append(replace(unknown, alike=alike))
        elif now < until:
            left.append(unknown)
        else:
            absent.add(profile_id)
    if absent:
        # Even where the rest stays open: what is created anew must not be found by this intent.
        state = state.abandon(_only(intent, absent))
    rest = _only(intent, {*intent.profile_ids} - absent)
    rest = _with_room(state, rest, found, evidence)
    if left:
        return settle(state, rest, CallOutcome.UNKNOWN, found, given_up_at), left
    state = settle(state, rest, CallOutcome.CONFIRMED, found, now)
    return state, left


def _given_up_at(intent: Intent) -> datetime:
    """Return when the run that sent it stopped to wait for the answer, at the latest."""
    return intent.given_up_at or (intent.sent_at or intent.made_at) + MARK_HOLDS


def _believable(intent: Intent, given_up_at: datetime, evidence: Evidence) -> datetime:
    """Return when its absence may be believed."""
    until = given_up_at + evidence.quiet_period
    if intent.inert:
        return given_up_at  # a twin that arrives late goes out in years, and is removed before
    due = intent.entry.due_at
    hurried = evidence.recreate and due is not None and evidence.now < due <= until
    return evidence.now if hurried else until


def _with_room(
    state: State, intent: Intent, found: Collection[LiveEntry], evidence: Evidence
) -> Intent:
    """The intent under addresses that nothing else owns: what is found must not replace it.

    What is gone may be replaced: most likely this create was to do just that.
    """
    there = {entry.id for entry in (*evidence.live.queue, *evidence.live.sent)}
    shown = {entry.profile_id: entry.id for entry in found}
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
    """The intent reduced to these profiles."""
    return intent.only(place for place in intent.places if place[1] in profile_ids)


def _candidate(
    state: State, intent: Intent, profile: Profile, evidence: Evidence
) -> LiveEntry | None:
    """The entry that this create made on this profile, the oldest where there are several."""
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
    """Return whether a file asks for it, at its address or at another one."""
    if evidence.wanted is None or claim.address in evidence.wanted:
        return True
    return any(
        profile_id == claim.profile_id and claim.is_for(entry)
        for profile_id, entry in evidence.wanted_entries
    )


def _alike(
    state: State, intent: Intent, profile: Profile, until: datetime, evidence: Evidence
) -> LiveEntry | None:
    """An entry that was created just then and is like what was sent in its text or its time.

    It may be what this create made, and a person has edited it since; or a person made it. To
    take it for ours would touch what a person made, to create again would make a twin.
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
    if entry.status is LiveStatus.PUBLISHED:
        return same_text(asked, reads_as, entry)
    return same_as_live(asked, reads_as, entry)


def _recover_by_id(state: State, intent: Intent, evidence: Evidence) -> State:
    live, now = evidence.live, evidence.now
    found = next((entry for entry in live.queue if entry.id == intent.remote_id), None)
    sent = any(entry.id == intent.remote_id for entry in live.sent)
    if intent.operation is Operation.DESTROY:
        done = found is None and not sent
        outcome = CallOutcome.CONFIRMED if done else CallOutcome.NOT_SENT
        return settle(state, intent, outcome, (), now)
    profile = evidence.profiles.get(intent.profile_ids[0])
    binding = state.holder(intent.remote_id, intent.addresses[0])
    if binding is not None:
        binding = replace(binding, unsettled_at=_given_up_at(intent))
        reads_as = evidence.expected(intent.entry, profile) if profile else intent.entry
        if found and profile and same_as_live(intent.entry, reads_as, found):
            # What is seen is no drift. If it is not what was there before, the update happened;
            # else only something changed that is not told, such as an alternative text: then
            # `applied` stays, and it is sent once more.
            before = evidence.expected(binding.applied, profile)
            binding = replace(binding, observed=found.entry)
            if not same_as_live(binding.applied, before, found):
                binding = replace(binding, applied=intent.entry, inert=False)
        state = state.bind(binding)
    return settle(state, intent, CallOutcome.NOT_SENT, (), now)
