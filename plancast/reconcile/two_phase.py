"""Creating in two steps: first inert, then at its own time (`policy.safety: strict`).

What is inert is a draft, where the provider has them, and in any case an entry
that is due years from now (API v1 knows no drafts; and a draft that somebody
schedules by hand goes out in years as well). It is created there, its id is
written to the state, and only the id that stands in the state is moved to the
time that the files ask for, which can be repeated at will. A twin of such an
entry, made by a request that came late, is inert too, and the next plan removes
it.

The time is different for every create, so that it names the create: an entry
that is due at just that minute is the work of that call and of no other.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256

from plancast.model.entry import Entry, Stage

AHEAD = timedelta(days=5 * 365)
"""How far away an inert entry is due, at least."""

NONCE_BITS = 20
"""Minutes beyond that: up to two years."""


def parked(entry: Entry, intent_id: str, now: datetime, *, drafts: bool = False) -> Entry:
    """The entry as it is created first, as a draft where there are `drafts`.

    Times are in whole minutes: seconds may be cut off.
    """
    nonce = int.from_bytes(sha256(intent_id.encode()).digest(), "big") % 2**NONCE_BITS
    due_at = now.replace(second=0, microsecond=0) + AHEAD + timedelta(minutes=nonce)
    stage = Stage.DRAFT if drafts else entry.stage
    return replace(entry, due_at=due_at, queue=None, stage=stage)
