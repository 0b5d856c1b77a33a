"""The observer: read what a plan needs from the provider, in as few requests as possible.

The queue of each profile that files or state mention is read once, in pages of 100. A sent list is
read only if something cannot be explained without it: an owned entry left the queue, a time has
passed, an entry for the queue may have gone out before, an approved create waits, or the outcome of
a create is unknown. An owned entry that no list shows is looked up by its id.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from plancast.engine.recovery import Undecided
from plancast.model.entry import Address, LiveEntry, LiveStatus, Stage
from plancast.model.ports import Clock, ContentItem, Provider, QueueRead, keyed_creates
from plancast.model.profile import Account, Profile
from plancast.model.state import Binding, BindingStatus, Operation, State
from plancast.model.workspace import Desired
from plancast.reconcile.keyed import open_creates, sought_keys
from plancast.reconcile.match import Facts, Live
from plancast.reconcile.needed_lookups import read_since, sent_needed, unlisted
from plancast.reconcile.probe_leftovers import without_probes
from plancast.reconcile.strays import CLOCK_TOLERANCE


@dataclass(frozen=True, slots=True)
class Observation:
    """The world as it was read for a plan.

    `offline_as_of` is set if it comes from the state instead of the provider. `beside` are the live
    entries that are in no list and were found by their ids. `queue_limit` is the number of entries
    that the account allows in the queue of a profile, None if it is not known. `items` are the
    content items of open keyed creates by their ids, None for one that is gone; None for all if
    they were not read. `own_drafts` are drafts with keys whose creation was not answered.
    """

    live: Live
    profiles: tuple[Profile, ...]
    read_at: datetime
    account: Account | None = None
    server_time: datetime | None = None
    offline_as_of: datetime | None = None
    beside: tuple[LiveEntry, ...] = ()
    queue_limit: int | None = None
    items: Mapping[str, ContentItem | None] | None = None
    own_drafts: tuple[str, ...] = ()


def observe(  # noqa: PLR0913  # whom to ask, and all that says what for
    provider: Provider,
    clock: Clock,
    state: State,
    desired: Sequence[Desired],
    profiles: Sequence[Profile],
    *,
    history: Collection[Address] = frozenset(),
) -> Observation:
    """Read the queues of `profiles`, and their sent lists as far as they are needed.

    `history` are the addresses before `policy.history_before`.
    """
    # Before the queue, so that the queue shows each post that an item has made.
    items, own_drafts = _keyed(provider, clock, state)
    queue = _without_probes(provider.read(profiles), state)
    # After the read, which can take minutes: "now" is the moment that the queue shows.
    now = clock.now()
    owned = state.resources.values()
    facts = Facts(provider.expected, now, history)
    needed = sent_needed(desired, owned, queue.entries, facts)
    for intent in state.intents.values():
        # Even if it is due later: a person may have published at once what an unanswered create
        # made.
        is_sought = intent.operation is Operation.CREATE and not (
            intent.keyed and items is not None
        )
        for profile_id in intent.profile_ids if is_sought else ():
            read_since(needed, profile_id, intent.made_at)
    rule = provider.capabilities.features.repeats
    for approval in state.approved.values() if rule else ():
        # An approved create had to wait, perhaps for a post of a person with the same text. If that
        # has gone out since, only the sent list shows it.
        if rule and approval.kind is Operation.CREATE and not approval.refused:
            read_since(needed, approval.profile_id, now - rule.wait)
    known = {profile.id for profile in profiles}
    sent = provider.sent({key: needed[key] for key in sorted(needed) if key in known})
    listed = _live(queue.entries, sent)
    beside = provider.find(unlisted(desired, owned, listed, facts))
    beside = (*beside, *_unseen(items, (*listed.queue, *listed.sent, *beside), known))
    return Observation(
        live=_live((*queue.entries, *beside), sent),
        profiles=tuple(profiles),
        read_at=now,
        server_time=queue.server_time,
        beside=beside,
        items=items,
        own_drafts=own_drafts,
    )


def _without_probes(queue: QueueRead, state: State) -> QueueRead:
    """Leave out what a probe has left: it is removed by the next one, and no author asks for it."""
    return replace(queue, entries=without_probes(queue.entries, state.probes))


def _keyed(
    provider: Provider, clock: Clock, state: State
) -> tuple[dict[str, ContentItem | None] | None, tuple[str, ...]]:
    """Read the items of open keyed creates, and the drafts that no answer has shown.

    None if the provider has no keyed creates.
    """
    keyed = keyed_creates(provider)
    if keyed is None:
        return None, ()
    names = sorted({intent.item for intent in open_creates(state) if intent.item})
    items = {name: keyed.content_item(name) for name in names}
    return items, keyed.drafts(sought_keys(state, clock.now()))


def _unseen(
    items: Mapping[str, ContentItem | None] | None,
    listed: Sequence[LiveEntry],
    profile_ids: Collection[str],
) -> list[LiveEntry]:
    """Return the posts of content items that no list shows: a list may be behind."""
    ids = {entry.id for entry in listed}
    return [
        post
        for item in (items or {}).values()
        for post in (item.posts if item and item.posts else ())
        if post.id not in ids and post.profile_id in profile_ids
    ]


def _live(waiting: Sequence[LiveEntry], sent: Sequence[LiveEntry]) -> Live:
    """Build both lists; entries in `waiting` that went out (found by id) move to the sent list."""
    published = tuple(entry for entry in waiting if entry.status is LiveStatus.PUBLISHED)
    queued = tuple(entry for entry in waiting if entry.status is not LiveStatus.PUBLISHED)
    return Live(queued, (*sent, *published))


def look_again(
    provider: Provider, clock: Clock, state: State, seen: Observation, waiting: Sequence[Undecided]
) -> Observation:
    """Return the observation `seen`, updated with what may have happened to `waiting` calls since.

    For an unanswered create, read what was created on its profiles, or went out, since it was made.
    For an update the whole queue of its profile is read again, since no list shows only what was
    edited. Its entry was in the queue at the last read, so older sent entries are of no use.
    """
    whole = {item.profile_id for item in waiting if item.operation is Operation.UPDATE}
    since = dict.fromkeys(whole, seen.read_at)
    for intent in state.intents.values():
        if intent.operation is Operation.CREATE:
            for profile_id in intent.profile_ids:
                since[profile_id] = min(since.get(profile_id, intent.made_at), intent.made_at)
    now = clock.now()
    server_time = None
    # A queue that is read whole replaces the old one, or removed entries would stay in it; a part
    # of a queue is added to what is known.
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
            fresh = _without_probes(provider.read(group, earliest), state)
            server_time, now = fresh.server_time, clock.now()
            queue.update((entry.id, entry) for entry in fresh.entries)
    # Entries that no list shows are in no fresh queue either.
    for entry in seen.beside:
        queue.setdefault(entry.id, entry)
    sent.update((entry.id, entry) for entry in provider.sent(begin))
    # An entry that went out between the two reads is in both: it was sent.
    waits = tuple(entry for entry in queue.values() if entry.id not in sent)
    # The provider's clock is compared with ours of the same moment, so the server time from before
    # the wait must go.
    live = Live(waits, tuple(sent.values()))
    return replace(seen, live=live, read_at=now, server_time=server_time)


def remember(state: State, profiles: Sequence[Profile], now: datetime) -> Observation:
    """Return the world as the state remembers it from the last read, for a plan without a token."""
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
    went_out = tuple(
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
        live=Live(queue, went_out),
        profiles=tuple(profiles),
        read_at=now,
        offline_as_of=state.read_at or now,
    )


def _should_be_gone(binding: Binding, now: datetime) -> bool:
    """Return whether an entry that waited at the last read will have gone out by now.

    Its time has passed, and it is scheduled: a draft or an entry for approval does not go out by
    itself.
    """
    waited = binding.status is BindingStatus.SCHEDULED
    by_itself = binding.observed.stage is Stage.SCHEDULED
    return waited and by_itself and binding.due_at is not None and binding.due_at <= now


_STATUS = {
    BindingStatus.SCHEDULED: LiveStatus.SCHEDULED,
    BindingStatus.FAILED: LiveStatus.FAILED,
}
