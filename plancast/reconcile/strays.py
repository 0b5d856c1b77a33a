"""Twins of ours that came late.

Terms. An *abandoned* create is one whose answer was lost and whose absence was
believed after the quiet period (engine.recovery). A *stray* is a live entry
that is what an abandoned create would have made, and that nobody needs: its
address is owned under another id by now, or no file asks for it any more.

Premise. Nothing but an abandoned create explains a stray. An entry that merely
looks like one of ours is somebody's, however much alike: without such a create
on record nothing is ever called a stray. What waited in the queue when the
create was planned (`Intent.known`) is not its work either.

What follows. The plan shows a stray and destroys it like any entry of ours. If
it went out before anybody looked, there is nothing to do; that is told as well.
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
"""How far the provider's clock may be behind ours when it stamps what we created."""

MEMORY = timedelta(days=30)
"""How long an abandoned create is remembered. No proxy holds a request back for as long."""


@dataclass(frozen=True, slots=True)
class Stray:
    """A live entry, and the address that it was meant for."""

    address: Address
    live: LiveEntry
    intent: Intent


def strays(
    free: Sequence[LiveEntry],
    abandoned: Iterable[Intent],
    profiles: Mapping[str, Profile],
    expected: Expected,
) -> tuple[Stray, ...]:
    """The strays among live entries that nobody owns and nothing was paired with."""
    found: dict[str, Stray] = {}
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
                    found.setdefault(live.id, Stray(address, live, intent))
    return tuple(found[key] for key in sorted(found))


def young_enough(live: LiveEntry, intent: Intent) -> bool:
    """Whether an entry can be the work of a call by its age."""
    return live.created_at is None or live.created_at >= intent.made_at - CLOCK_TOLERANCE


def forget_old(state: State, now: datetime) -> State:
    """Without the abandoned creates that nobody has to fear any more."""
    kept = tuple(intent for intent in state.abandoned if intent.made_at + MEMORY > now)
    return state if kept == state.abandoned else replace(state, abandoned=kept)
