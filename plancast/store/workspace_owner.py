"""The workspace that opens a store, and the questions that it may put to its checkout."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from plancast.model.entry import Address
from plancast.model.ports import StateRefused
from plancast.model.state import State
from plancast.model.workspace_identity import Identity
from plancast.reconcile.workspace_identity import Course, IdentityVerdict, Kept, Sighting, identify


@dataclass(frozen=True, slots=True)
class Owner:
    """The workspace that opens a store.

    A store compares states with it, so that it uses no state of another. `asks_for` returns whether
    the files ask for an address. `folders` returns the id of each workspace in the commit that is
    checked out by its folder, "" for one without an id. Both cost time, so they are called only if
    something is unusual. `read_id` finds the id in the bytes of a plancast.yaml. `original` names
    the project that this one is a fork of, "" if it is none. `is_shared` says whether several
    workspaces can see a queue, by the environment of an identity. `is_allowed`: a new state may be
    begun whatever other states there are. `adopting` is the ref whose state a person takes over, ""
    for none.
    """

    identity: Identity
    asks_for: Callable[[Address], bool] = lambda _address: False
    folders: Callable[[], Mapping[str, str]] = dict
    read_id: Callable[[bytes], str] = lambda _content: ""
    original: Callable[[], str] = str
    is_shared: Callable[[str], bool] = lambda _queue: True
    is_allowed: bool = False
    adopting: str = ""

    def stamped(self, state: State) -> State:
        """Return the state marked as that of this workspace.

        An id that plancast.yaml has lost is kept.
        """
        known = state.workspace.id if state.workspace else ""
        identity = replace(self.identity, id=self.identity.id or known)
        return replace(state, workspace=identity, moved_to="")

    def stands(self, recorded: Identity) -> bool:
        """Return whether the workspace that a state names is in another folder of HEAD.

        An id counts for more than a path: folders are swapped, and renamed in a chain. Unless both
        ids are known, the workspace in the recorded folder counts as the one that is meant.
        """
        here = self.identity
        if recorded.path == here.path and (not (here.id and recorded.id) or here.id == recorded.id):
            return False
        others = {path: name for path, name in self.folders().items() if path != here.path}
        if recorded.id not in ("", here.id) and recorded.id in others.values():
            return True
        name = others.get(recorded.path)
        return name is not None and (not (name and recorded.id) or name == recorded.id)

    def kept(self, place: str, state: State, *, is_gone: bool = False, asks: bool = True) -> Kept:
        """Summarize a state that stands at `place` for the decision about its owner.

        `is_gone` says whether the folder that `place` is derived from is gone; it counts only if
        the state does not name its workspace. `asks`: also find out whether the state owns an
        address that the files here ask for, for which all posts are read.
        """
        recorded, stands = state.workspace, False
        if recorded is not None:
            stands = self.stands(recorded)
            is_gone = recorded.path != self.identity.path and not stands
        return Kept(
            place,
            recorded,
            is_empty=not (state.resources or state.intents),
            is_new=state.is_new,
            is_gone=is_gone,
            stands=stands,
            meets=asks and any(map(self.asks_for, state.resources)),
            moved_to=state.moved_to,
        )


def judged(seen: Sighting) -> IdentityVerdict:
    """Decide which state a workspace uses. Raises StateRefused if it may use none of those seen."""
    verdict = identify(seen)
    if verdict.course is Course.REFUSED and verdict.refusal:
        refusal = verdict.refusal
        raise StateRefused(refusal.detail, seen.place, hint=refusal.hint, code=refusal.code)
    return verdict
