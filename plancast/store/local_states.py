"""Local states in other folders of a checkout, for a workspace that has none of its own.

A folder that a pull renames leaves its `.plancast/` behind, since git does not track that.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

from plancast.files.folder import Folder
from plancast.model.ports import StateError, StateRefused, StateUnreachable
from plancast.model.state import State
from plancast.reconcile.workspace_identity import Course, Kept, Sighting
from plancast.store.git_head import workspaces_of
from plancast.store.git_process import Git
from plancast.store.git_states import folder_in
from plancast.store.state_json import MAX_BYTES, decode
from plancast.store.workspace_owner import Owner, judged

_PLACE = ":(top,glob)**/.plancast/state.json"


class LocalStates:
    """The local states of a checkout beside the one in `folder`, which is that of its `owner`."""

    def __init__(
        self, folder: Path, checkout: Path | None, owner: Owner, environ: Mapping[str, str]
    ) -> None:
        self._folder = folder
        self._checkout = checkout
        # A local state must work without git, so it is started only when a question needs it.
        pinned = cache(lambda: Git.pin(folder.parent, checkout, environ))
        self._git: Callable[[], Git] = pinned
        self.owner = replace(owner, folders=cache(lambda: workspaces_of(pinned(), owner.read_id)))

    def others(self) -> tuple[Kept, ...]:
        """Return the states in other folders.

        Files that git tracks are left out: any author may write them. If git cannot list the
        checkout there are none, so that a local state needs no git.
        """
        if self._checkout is None:
            return ()
        try:
            listed = self._git().run("ls-files", "--others", "-z", "--", _PLACE)
        except StateUnreachable:
            return ()
        names = os.fsdecode(listed.stdout).split("\0") if not listed.returncode else []
        paths = sorted(self._checkout / name for name in names if name)
        states = (self._kept(path) for path in paths if path.parent != self._folder)
        return tuple(one for one in states if one is not None)

    def _kept(self, path: Path) -> Kept | None:
        """Read the state at a path; return None if it cannot be read: it may be something else."""
        try:
            state = decode(Folder.at(path.parent).read(path.name, MAX_BYTES), str(path))
        except (OSError, StateError):
            return None
        folder = folder_in(path.parent.parent, self._git().top)
        is_gone = folder not in self.owner.folders()
        return self.owner.kept(str(path.parent), state, is_gone=is_gone)

    def stands(self, _place: str, state: State) -> bool:
        """Return whether the workspace of a state is in another folder of HEAD.

        Always False for the state of a sandbox: a copied folder brings its own copy of the queue
        along.
        """
        if self._checkout is None or state.workspace is None:
            return False
        shared = self.owner.is_shared(state.workspace.environment)
        return shared and self.owner.stands(state.workspace)

    def judge(self, own: State | None) -> None:
        """Check that the state in the own folder is that of the owner.

        `own` is None if there is none. Raises StateRefused, and StateUnreachable if git has to be
        asked and does not answer.
        """
        owner = self.owner
        if owner.adopting:
            return
        kept = None if own is None else owner.kept(str(self._folder), own, asks=False)
        seen = Sighting(
            owner.identity,
            str(self._folder),
            kept,
            others=self.others() if own is None or own.is_new else (),
            is_allowed=owner.is_allowed,
        )
        verdict = judged(seen)
        if verdict.course is Course.MOVED:
            # A run may be at work there, and the folder may hold files that only the user knows,
            # so the user moves it.
            old, new = (shlex.quote(place) for place in (verdict.place, str(self._folder)))
            raise StateRefused(
                f"it lies in {verdict.place}, since the folder was renamed",
                str(self._folder),
                hint=f"Move it: `mv {old} {new}`.",
                code="PC624",
            )
