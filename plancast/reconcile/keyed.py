"""Keyed creates (`policy.safety: keyed`): the protocol, and every decision in it. Pure.

A create is made by a *content item* (`model.ports.KeyedCreates`): a draft, from which nothing goes
out, is created with a key, and promoted to one post on each profile. The key is made of the id and
the time of the intent, which are unique and durable before the first byte leaves. A new intent has
a new key: a key of the address alone would bring back an old draft after an edit.

==============================  ===========================  =====================================
step                            durable before it            if the answer is lost
==============================  ===========================  =====================================
create the draft                the intent, with its entry   repeat it: same key, same entry
promote it                      the id of the item, a mark   read the item, see `judge`
remove its draft                a mark                       read the item, remove it again
==============================  ===========================  =====================================

Why no post goes out twice. An item is promoted at most once, however often the call is repeated or
however late it arrives. A twin would need two items of one intent, both promoted. But only the item
whose id the intent holds is promoted, and that id is durable before. If the service forgets a key,
a repeated creation makes a second *draft*. It is inert, its id is not that of the intent, and it is
removed as a stray draft (`State.draft_keys`).

Why no post is lost. With an item go its posts, so a removal that arrives late must find no item
that was promoted after it. That a draft is being removed is durable before (`Intent.removes`), and
such a draft is never promoted.

A read of the item decides:

=====================  ===========================================================================
the item               what follows
=====================  ===========================================================================
is a draft             promote it (again), on the profiles that have not refused
  all have refused     remove it; the create is refused, or deferred if it may work later
  its file changed     remove it, also if that is so on one profile only; the plan creates anew,
                       by another intent
has posts              they are ours; a profile without one gets a new intent
  its file changed     they are ours; the plan then updates or destroys them
is gone                the create is over; a file that still asks for it gets a new intent
=====================  ===========================================================================

An error never proves anything about the posts, not even the error that an item is no draft any
more: the item is read. So a lost answer needs no quiet period, and no look at the queue.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha1

from plancast.codec import time_to_text
from plancast.model.entry import Entry, LiveEntry
from plancast.model.findings import Answer, Question
from plancast.model.plan import Action, Change
from plancast.model.ports import ContentItem
from plancast.model.profile import Profile
from plancast.model.state import Intent, State
from plancast.reconcile.compare import normalize_text, same_as_live
from plancast.reconcile.strays import young_enough

NAMESPACE = bytes.fromhex("7d0a5b1e3c4f4b0c9a6e2f81d5c07e93")
"""The namespace of the keys (RFC 9562, version 5). It must never change: a lost answer of an
earlier plancast is repeated with its key."""

DRAFT_MEMORY = timedelta(days=1)
"""How long a draft is looked for whose creation was not answered. Each look costs a request, and
nothing goes out by a draft that is missed."""


def key_of(intent: Intent) -> str:
    """Return the key of the draft of an intent: a UUID of version 5.

    It is made of the id and the time of the intent. A state that was set back counts its intents
    anew, so the id alone would bring back the content item of another post.
    """
    name = f"{intent.id} {time_to_text(intent.made_at)}"
    # What `uuid.uuid5` returns. Pure code imports no `uuid`, since that can also make random ones.
    made = bytearray(sha1(NAMESPACE + name.encode(), usedforsecurity=False).digest()[:16])
    made[6] = (made[6] & 0x0F) | 0x50
    made[8] = (made[8] & 0x3F) | 0x80
    text = made.hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


@dataclass(frozen=True, slots=True)
class Verdict:
    """The consequences of a read of a content item.

    `made` are the posts that it has made for the intent. `promote` are the profiles on which it is
    to be promoted. `removes`: it is to be removed. Without `promote` and `removes` the create is
    over: this item makes no more posts.
    """

    made: tuple[LiveEntry, ...] = ()
    promote: frozenset[str] = frozenset()
    removes: bool = False


def judge(
    intent: Intent,
    item: ContentItem | None,
    asked: Collection[str],
    refused: Collection[str] = frozenset(),
) -> Verdict:
    """Return what follows from the item of an intent, None if that is gone.

    `asked` are the profiles on which a file still asks for exactly this entry, `refused` those that
    have refused it for a reason that stands.
    """
    if item is None:
        return Verdict()
    if item.posts is not None:
        return Verdict(made=made_of(intent, item.posts))
    left = frozenset(asked) - frozenset(refused)
    return Verdict(promote=left, removes=not left)


def made_of(intent: Intent, posts: Sequence[LiveEntry]) -> tuple[LiveEntry, ...]:
    """Return the posts that a content item has made for an intent: one for each of its profiles.

    A person can add posts to an item. One that was there before the create is never ours. Of the
    others of a profile the one with our text is ours, else the older one.
    """
    young = [post for post in posts if post.id not in intent.known and young_enough(post, intent)]
    made = []
    for profile_id in intent.profile_ids:
        own = [post for post in young if post.profile_id == profile_id]
        if own:
            made.append(min(own, key=lambda post: _strangeness(intent.entry, post)))
    return tuple(made)


def as_sent(
    intent: Intent,
    posts: Sequence[LiveEntry],
    profiles: Mapping[str, Profile],
    expected: Callable[[Entry, Profile], Entry],
) -> tuple[LiveEntry, ...]:
    """Return posts that an earlier run made, each with the entry that was sent.

    A person may have edited one since. Bound as it is now, the edit would count as ours; bound as
    it was sent, the next look at the queue shows the edit as drift.
    """
    sent = []
    for post in posts:
        profile = profiles.get(post.profile_id)
        reads_as = expected(intent.entry, profile) if profile else intent.entry
        is_same = same_as_live(intent.entry, reads_as, post)
        sent.append(post if is_same else replace(post, entry=reads_as))
    return tuple(sent)


def _strangeness(sent: Entry, post: LiveEntry) -> tuple[bool, float, str]:
    is_other = normalize_text(post.entry.text) != normalize_text(sent.text)
    created = post.created_at.timestamp() if post.created_at else 0.0
    return (is_other, created, post.id)


def open_creates(state: State) -> tuple[Intent, ...]:
    """Return the keyed creates that are open, in the order of their calls.

    After recovery these are the ones whose item is a draft, or not known yet.
    """
    found = (intent for intent in state.intents.values() if intent.keyed)
    return tuple(sorted(found, key=lambda intent: intent.id))


def resumable(state: State) -> tuple[Intent, ...]:
    """Return the open keyed creates that a plan may go on with.

    None if a probe has shown that an item is promoted twice: an earlier promotion may still arrive.
    Their drafts are removed then.
    """
    twice = state.findings and state.findings.answers.get(Question.SECOND_PROMOTION)
    return () if twice == Answer.DONE_TWICE else open_creates(state)


def goes_on(intent: Intent, change: Change) -> bool:
    """Return whether a create of a plan is just what an open keyed create was to make.

    Not if its draft is being removed: the removal may arrive late, and take the posts away.
    """
    place = (change.address, change.profile.id)
    is_create = change.action is Action.CREATE and change.after == intent.entry
    return is_create and not intent.removes and place in intent.places


def resumptions(
    intents: Iterable[Intent], changes: Iterable[Change]
) -> dict[str, tuple[Change, ...]]:
    """Return the changes that go on with an open keyed create, by the id of its intent.

    A create is gone on with on all of its profiles or not at all. An earlier promotion of it may
    still arrive, with all of its posts, so beside it no other create may be made on any of them.
    """
    left = [change for change in changes if change.action is Action.CREATE]
    resumed: dict[str, tuple[Change, ...]] = {}
    for intent in intents:
        found = [change for change in left if goes_on(intent, change)]
        if len(found) == len(intent.places):
            resumed[intent.id] = tuple(found)
            left = [change for change in left if change not in found]
    return resumed


def left_over(state: State, changes: Iterable[Change]) -> tuple[Intent, ...]:
    """Return the open keyed creates that a plan does not go on with: remove their drafts."""
    resumed = resumptions(resumable(state), changes)
    return tuple(intent for intent in open_creates(state) if intent.id not in resumed)


def sought_keys(state: State, now: datetime) -> frozenset[str]:
    """Return the keys of drafts that may exist although no intent knows them.

    Not those of open creates without an item: a repeated creation returns just that draft, and a
    removal of it that arrives late would take away the posts that it has become.
    """
    unknown = {key_of(intent) for intent in open_creates(state) if not intent.item}
    return _remembered(state, now) - unknown


def _remembered(state: State, now: datetime) -> frozenset[str]:
    return frozenset(key for key, at in state.draft_keys.items() if at + DRAFT_MEMORY > now)


def stray_drafts(state: State, drafts: Iterable[str]) -> tuple[str, ...]:
    """Return the drafts with a key of ours that no intent holds."""
    held = {intent.item for intent in state.intents.values()}
    return tuple(item for item in drafts if item not in held)


def forget_old_drafts(state: State, now: datetime) -> State:
    """Return the state without the keys of drafts that are not looked for any more."""
    kept = {key: state.draft_keys[key] for key in _remembered(state, now)}
    return state if len(kept) == len(state.draft_keys) else replace(state, draft_keys=kept)
