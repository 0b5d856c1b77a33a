"""Two-phase creates (`policy.safety: strict`): create an entry inert, then give it its own time.

The danger of a create is a lost answer: the entry may exist without an id that plancast knows, and
a second create would publish the post twice. In two phases a lost answer is harmless:

1. *Reserve*: create the entry *inert*, so that it cannot go out soon. It is due years from now and,
   if the provider has drafts, it is a draft as well. (API v1 has none. The far time protects even
   a draft that a person schedules by hand.)
2. Write its id to the state.
3. *Activate*: update the entry with that id to the time and stage of its file. An update names an
   id, so it can be repeated safely.

If the answer to phase 1 is lost, a twin may appear later. It is inert too, and the next plan
removes it long before it is due. If the run is killed after phase 1, the binding is marked `inert`
and the next run activates it.

The placeholder time differs for every create, so it also identifies the create: an entry that is
due in exactly that minute was made by that call and no other.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256

from plancast.model.entry import Entry, Stage

AHEAD = timedelta(days=5 * 365)
"""The least distance of a placeholder time."""

NONCE_BITS = 20
"""Bits of the hash that are added to it as minutes: up to two years."""


def parked(entry: Entry, intent_id: str, now: datetime, *, drafts: bool = False) -> Entry:
    """Return the inert form of an entry for its first phase; a draft if the provider has `drafts`.

    The time is in whole minutes, since providers drop the seconds.
    """
    # A hash of the intent's id spreads the creates of one batch over two years, so that hardly any
    # two share a minute.
    nonce = int.from_bytes(sha256(intent_id.encode()).digest(), "big") % 2**NONCE_BITS
    due_at = now.replace(second=0, microsecond=0) + AHEAD + timedelta(minutes=nonce)
    stage = Stage.DRAFT if drafts else entry.stage
    return replace(entry, due_at=due_at, queue=None, stage=stage)
