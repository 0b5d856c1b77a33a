"""The workspace that opens a store, and what it may ask of its checkout."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from plancast.core.identity import Course, Identity, Kept, Sighting, Verdict, identify
from plancast.core.model import Address
from plancast.core.ports import StateRefused
from plancast.core.state import State


@dataclass(frozen=True, slots=True)
class Owner:
    """A workspace as a store must know it, to use no state of another one.

    `asks_for` says whether the files ask for an address. `folders` returns the folders of all
    workspaces in the commit that is checked out; both are asked only if something is unusual.
    `original` names the project that this one is a fork of, "" if it is none. `is_allowed`: a new
    state may be begun whatever else there is. `adopting` is the place whose state a person takes
    over, "" for none.
    """

    identity: Identity
    asks_for: Callable[[Address], bool] = lambda _address: False
    folders: Callable[[], frozenset[str]] = frozenset
    original: Callable[[], str] = str
    is_allowed: bool = False
    adopting: str = ""

    def stamped(self, state: State) -> State:
        """Return the state as that of this workspace. An id that a file has lost is kept."""
        known = state.workspace.id if state.workspace else ""
        identity = replace(self.identity, id=self.identity.id or known)
        return replace(state, workspace=identity, moved_to="")

    def kept(self, place: str, state: State, *, is_gone: bool = False, asks: bool = True) -> Kept:
        """Return what matters of a state. `is_gone`: what its place says, if it does not itself.

        `asks`: whether it matters if it owns what is asked for here, for which posts are read.
        """
        recorded = state.workspace
        if recorded is not None:
            is_gone = recorded.path != self.identity.path and recorded.path not in self.folders()
        return Kept(
            place,
            recorded,
            is_empty=not (state.resources or state.intents),
            is_new=state.is_new,
            is_gone=is_gone,
            meets=asks and any(map(self.asks_for, state.resources)),
            moved_to=state.moved_to,
        )


def judged(seen: Sighting) -> Verdict:
    """Return the verdict. Raises StateRefused."""
    verdict = identify(seen)
    if verdict.course is Course.REFUSED and verdict.refusal:
        found = verdict.refusal
        raise StateRefused(found.detail, seen.place, hint=found.hint, code=found.code)
    return verdict
