"""Strays: second copies of our own posts, made by creates that arrived late.

Terms. An *abandoned* create is one whose answer was lost, and which was believed not to have
happened after the quiet period (`engine.recovery`). A *stray* is a live entry that such a create
would have made and that is not needed: its address owns another id by now, or no file asks for it.

Premise. Only an abandoned create explains a stray. An entry that merely looks like one of ours
belongs to a person, however similar it is. Without an abandoned create on record no entry is ever
called a stray. An entry that was in the queue when the create was planned (`Intent.known`) cannot
be its work either.

What follows. The plan shows a stray and destroys it like an owned entry. If it went out before
plancast looked, nothing can be done. So only entries in the queue are looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from plancast.model.entry import Address, LiveEntry
from plancast.model.profile import Profile
from plancast.model.state import Intent, State
from plancast.reconcile.compare import same_as_live
from plancast.reconcile.match import Expected

CLOCK_TOLERANCE = timedelta(minutes=2)
"""How far the provider's clock may be behind ours when it stamps a new entry."""

MEMORY = timedelta(days=30)
"""How long an abandoned create is remembered. No proxy delays a request for so long."""


@dataclass(frozen=True, slots=True)
class Stray:
    """A stray: the live entry, the address it was meant for, and the create that made it."""

    address: Address
    live: LiveEntry
    intent: Intent


def strays(
    free: Sequence[LiveEntry],
    abandoned: Iterable[Intent],
    profiles: Mapping[str, Profile],
    expected: Expected,
) -> tuple[Stray, ...]:
    """Return the strays among `free`, the live entries without owner and partner."""
    result: dict[str, Stray] = {}
    for intent in abandoned:
        for address, profile_id in intent.places:
            profile = profiles.get(profile_id)
            if profile is None:
                continue
            reads_as = expected(intent.entry, profile)
            for live in free:
                if (
                    live.profile_id == profile_id
                    and live.id not in intent.known
                    and young_enough(live, intent)
                    and same_as_live(intent.entry, reads_as, live)
                ):
                    result.setdefault(live.id, Stray(address, live, intent))
    return tuple(result[key] for key in sorted(result))


def young_enough(live: LiveEntry, intent: Intent) -> bool:
    """Return whether an entry is young enough to be the work of a call; unknown counts as yes."""
    return live.created_at is None or live.created_at >= intent.made_at - CLOCK_TOLERANCE


def forget_old(state: State, now: datetime) -> State:
    """Return the state without abandoned creates that are too old to arrive."""
    kept = tuple(intent for intent in state.abandoned if intent.made_at + MEMORY > now)
    return state if kept == state.abandoned else replace(state, abandoned=kept)
