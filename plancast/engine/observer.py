"""Reading the world for a plan: the fewest requests that answer all questions.

Queues are read in pages of 100, one run over each profile that files or state
mention. Sent lists are read only where something cannot be explained without
them: an owned entry that left the queue, a time that passed, an entry for the
queue that might have gone out before, a create whose outcome is unknown.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from plancast.engine.recovery import Undecided
from plancast.model.entry import Address, LiveEntry, LiveStatus, Stage
from plancast.model.ports import Clock, Provider
from plancast.model.profile import Account, Profile
from plancast.model.state import Binding, BindingStatus, Operation, State
from plancast.model.workspace import Desired
from plancast.reconcile.lookups import read_since, sent_needed, unlisted
from plancast.reconcile.match import Facts, Live
from plancast.reconcile.strays import CLOCK_TOLERANCE


@dataclass(frozen=True, slots=True)
class Observation:
    """The entries that the provider holds. `offline_as_of`: read from the state, not live.

    `beside`: those of the live entries that were found by their ids, and stand in no list.
    `queue_limit`: how many entries the account lets wait on a profile, None if it does not say.
    """

    live: Live
    profiles: tuple[Profile, ...]
    read_at: datetime
    account: Account | None = None
    server_time: datetime | None = None
    offline_as_of: datetime | None = None
    beside: tuple[LiveEntry, ...] = ()
    queue_limit: int | None = None


def observe(  # noqa: PLR0913  # whom to ask, and all that says what for
    provider: Provider,
    clock: Clock,
    state: State,
    desired: Sequence[Desired],
    profiles: Sequence[Profile],
    *,
    history: Collection[Address] = frozenset(),
) -> Observation:
    """Read the queues of `profiles` and what is needed of their sent lists.

    `history`: addresses that lie before `policy.history_before`.
    """
    queue = provider.read(profiles)
    now = clock.now()
    owned = state.resources.values()
    facts = Facts(provider.expected, now, history)
    needed = sent_needed(desired, owned, queue.entries, facts)
    for intent in state.intents.values():
        # Whatever its time is: a person may have sent at once what an unanswered create made.
        for profile_id in intent.profile_ids if intent.operation is Operation.CREATE else ():
            read_since(needed, profile_id, intent.made_at)
    known = {profile.id for profile in profiles}
    sent = provider.sent({key: needed[key] for key in sorted(needed) if key in known})
    listed = _live(queue.entries, sent)
    beside = provider.find(unlisted(desired, owned, listed, facts))
    return Observation(
        live=_live((*queue.entries, *beside), sent),
        profiles=tuple(profiles),
        read_at=now,
        server_time=queue.server_time,
        beside=beside,
    )


def _live(waiting: Sequence[LiveEntry], sent: Sequence[LiveEntry]) -> Live:
    """The two lists, what was found beside them where it belongs."""
    gone = tuple(entry for entry in waiting if entry.status is LiveStatus.PUBLISHED)
    there = tuple(entry for entry in waiting if entry.status is not LiveStatus.PUBLISHED)
    return Live(there, (*sent, *gone))


def look_again(
    provider: Provider, clock: Clock, state: State, seen: Observation, waiting: Sequence[Undecided]
) -> Observation:
    """Return what was `seen`, with what may have happened since to what is `waiting`.

    For an unanswered create that is what was created on its profiles, or went out, since it was
    made. An update shows in no such list, so the queue of its profile is read once more; it was
    in there at the last look, so what went out before that is of no use.
    """
    whole = {item.profile_id for item in waiting if item.operation is Operation.UPDATE}
    since = dict.fromkeys(whole, seen.read_at)
    for intent in state.intents.values():
        if intent.operation is Operation.CREATE:
            for profile_id in intent.profile_ids:
                since[profile_id] = min(since.get(profile_id, intent.made_at), intent.made_at)
    now = clock.now()
    server_time = None
    queue = {entry.id: entry for entry in seen.live.queue if entry.profile_id not in whole}
    sent = {entry.id: entry for entry in seen.live.sent}
    asked = [profile for profile in seen.profiles if profile.id in since]
    begin = {profile.id: since[profile.id] - CLOCK_TOLERANCE for profile in asked}
    parts = [profile for profile in asked if profile.id not in whole]
    for group, earliest in (
        ([profile for profile in asked if profile.id in whole], None),
        (parts, min((begin[profile.id] for profile in parts), default=None)),
    ):
        if group:
            fresh = provider.read(group, earliest)
            server_time, now = fresh.server_time, clock.now()
            queue.update((entry.id, entry) for entry in fresh.entries)
    for entry in seen.beside:
        queue.setdefault(entry.id, entry)
    sent.update((entry.id, entry) for entry in provider.sent(begin))
    waits = tuple(entry for entry in queue.values() if entry.id not in sent)
    # Their clock is compared with ours of the same moment: what it showed before we waited is old.
    live = Live(waits, tuple(sent.values()))
    return replace(seen, live=live, read_at=now, server_time=server_time)


def remember(state: State, profiles: Sequence[Profile], now: datetime) -> Observation:
    """Return what the state remembers of the last look, for a plan without a token."""
    queue = tuple(
        LiveEntry(
            id=binding.remote_id,
            profile_id=binding.profile_id,
            entry=binding.observed,
            status=_STATUS[binding.status],
            due_at=binding.due_at,
            created_at=binding.created_at,
        )
        for binding in state.resources.values()
        if binding.status in _STATUS and not _should_be_gone(binding, now)
    )
    gone = tuple(
        LiveEntry(
            id=binding.remote_id,
            profile_id=binding.profile_id,
            entry=binding.observed,
            status=LiveStatus.PUBLISHED,
            due_at=binding.due_at,
            sent_at=binding.due_at,
        )
        for binding in state.resources.values()
        if _should_be_gone(binding, now)
    )
    return Observation(
        live=Live(queue, gone),
        profiles=tuple(profiles),
        read_at=now,
        offline_as_of=state.read_at or now,
    )


def _should_be_gone(binding: Binding, now: datetime) -> bool:
    """Return whether an entry that was waiting at the last look will have gone out since.

    Its time has passed. A draft, or an entry that needs approval, does not go out by itself.
    """
    waited = binding.status is BindingStatus.SCHEDULED
    by_itself = binding.observed.stage is Stage.SCHEDULED
    return waited and by_itself and binding.due_at is not None and binding.due_at <= now


_STATUS = {
    BindingStatus.SCHEDULED: LiveStatus.SCHEDULED,
    BindingStatus.FAILED: LiveStatus.FAILED,
}
