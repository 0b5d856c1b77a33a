"""The states in the refs of a remote: whose they are, and which entries they own.

Beside `state.json` each ref of a state holds `owned.txt`: the account, then the remote ids that it
owns, one on each line. A run that is about to adopt an entry reads these small files of the other
refs, instead of all states.

States are looked for in `refs/plancast/` and among branches whose name begins with `plancast`. A
state in a ref of another name is found only if a state names it (`moved_to`), or a person does.
"""

from __future__ import annotations

import json
import os
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from plancast.codec import CodecError, parse_json
from plancast.model.ports import StateError, StateUnreachable
from plancast.model.state import Operation, State
from plancast.model.workspace_identity import Identity
from plancast.reconcile.neighbours import Neighbour
from plancast.reconcile.workspace_identity import Course, IdentityVerdict, Kept, Sighting, identify
from plancast.store.git_process import Git
from plancast.store.git_ref import GitRef, TreeEntry
from plancast.store.state_json import Encoder, decode
from plancast.store.workspace_owner import Owner, judged

STATE, JOURNAL, OWNED = "state.json", "journal.jsonl", "owned.txt"

OUR_FILES = frozenset({STATE, JOURNAL, OWNED})
"""All that the tree of a state's ref may hold. A ref with anything else is not for a state."""

_LISTED = ("refs/plancast/*", "refs/heads/plancast*")
_DERIVED = re.compile(r"refs/plancast/state(-[a-z0-9-]*-?[0-9a-f]{6})?")
_MOVED = "moved to "
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]*")
_FOLLOWED = 8
"""The longest trail of moves that is followed from ref to ref."""


def folder_in(root: Path, top: Path) -> str:
    """Return the folder of a workspace in its checkout, such as `social/acme`; "" for the top."""
    below = os.fsencode(root.resolve().relative_to(top))
    return "" if below == b"." else below.decode("utf-8", "replace")


def ref_for(inside: str) -> str:
    """Return the ref for a workspace's state, by its folder in the repository ("" for the top).

    A hash ends the name: two folders can be the same once their letters are reduced to plain ones.
    """
    if not inside:
        return "refs/plancast/state"
    plain = "".join(sign if sign.isascii() and sign.isalnum() else "-" for sign in inside)
    return f"refs/plancast/state-{plain.strip('-').lower()}-{uuid.uuid5(_FOLDERS, inside).hex[:6]}"


_FOLDERS = uuid.UUID("6f1d3a52-6d0c-4a55-9f0e-5b1f4f8f7c11")
"""The namespace for the hashes of folders; any fixed one would do."""


# -- the files of a ref ---------------------------------------------------------------------------


def files_of(state: State, encoder: Encoder | None = None) -> dict[str, bytes]:
    """Return the files in the ref of a state, without its journal.

    `encoder` is one that is used for each state of a run, so that each write costs what changed.
    """
    return {STATE: (encoder or Encoder()).encode(state), OWNED: owned_text(state).encode()}


def owned_text(state: State) -> str:
    """Return the `owned.txt` of a state: the account, the ref that it moved to, the remote ids."""
    lines = [_line(state.account_id)]
    if state.moved_to:
        lines.append(f"{_MOVED}{state.moved_to}")
    lines.extend(_line(remote_id) for remote_id in sorted(state.owned_ids()))
    return "".join(f"{line}\n" for line in lines)


@dataclass(frozen=True, slots=True)
class OwnedIds:
    """The content of an `owned.txt`. `moved_to` is "" if the state stays where it is."""

    account_id: str = ""
    moved_to: str = ""
    remote_ids: frozenset[str] = frozenset()


def parse_owned(text: str) -> OwnedIds:
    """Parse an `owned.txt`. Raises CodecError."""
    account, *rest = text.split("\n")
    moved = [line.removeprefix(_MOVED) for line in rest if line.startswith(_MOVED)]
    ids = frozenset(_word(line) for line in rest if line and not line.startswith(_MOVED))
    return OwnedIds(_word(account), moved[0] if moved else "", ids)


def _line(word: str) -> str:
    """Return an id as one line: as it is if it is a plain word, else as JSON."""
    return word if _PLAIN.fullmatch(word) else json.dumps(word)


def _word(line: str) -> str:
    """Return the id that a line holds. Raises CodecError."""
    if _PLAIN.fullmatch(line):
        return line
    word = parse_json(line)
    if not isinstance(word, str):
        raise CodecError(f"expected an id, found {line[:40]!r}")
    return word


def claimed(owned_by_ref: Mapping[str, OwnedIds], own: str, account_id: str) -> frozenset[str]:
    """Return the remote ids that the states in other refs than `own` claim, for one account.

    A state that has moved to `own` claims what our own state does. A list without an account is
    from a state that no run has used for an account yet, and counts for each.
    """
    return frozenset(
        remote_id
        for name, owned in owned_by_ref.items()
        if own not in {name, owned.moved_to} and owned.account_id in ("", account_id)
        for remote_id in owned.remote_ids
    )


# -- the refs of a remote -------------------------------------------------------------------------


def _folder_of(recorded: Identity | None, folders: Mapping[str, str]) -> str | None:
    """Return the folder of the workspace that a state recorded, None if HEAD has no such workspace.

    It is found by its id, or by its path if the state recorded no id.
    """
    if recorded is None:
        return None
    if recorded.id:
        return next((path for path, name in folders.items() if name == recorded.id), None)
    return recorded.path if recorded.path in folders else None


class GitStates:
    """The states in other refs of the remote of `ref`, which is the own ref of its `owner`.

    `is_named`: plancast.yaml names that ref.
    """

    def __init__(self, git: Git, ref: GitRef, owner: Owner, *, is_named: bool) -> None:
        self.owner = owner
        self._git = git
        self._ref = ref
        self._is_named = is_named

    def judge(self, own: State | None) -> IdentityVerdict:
        """Decide whether the state in the own ref is that of the owner, or which other one is.

        `own` is None if the ref holds none. Raises StateRefused, StateUnreachable.
        """
        if self.owner.adopting:
            return IdentityVerdict(Course.GOES_ON)
        name = self._ref.name
        kept = None if own is None else self.owner.kept(name, own, asks=self._is_named)
        seen = Sighting(
            self.owner.identity,
            name,
            kept,
            self._is_named,
            is_allowed=self.owner.is_allowed,
        )
        is_usual = kept is not None and not (kept.is_new or kept.moved_to)
        if not is_usual:
            named = [kept.moved_to] if kept and kept.moved_to else []
            seen = replace(seen, others=self.others(*named))
        elif identify(seen).course is Course.REFUSED:
            # If two folders were swapped, each one's state is in the ref of the other.
            seen = replace(seen, others=self.others())
        verdict = judged(seen)
        if not (is_usual or verdict.place or seen.is_allowed):
            # Ask other remotes last: each takes an exchange, and may not answer at all.
            return judged(replace(seen, original=self.original()))
        return verdict

    def ref(self, name: str) -> GitRef:
        """Return another ref of the same remote."""
        return GitRef(self._git, self._ref.remote, name)

    def others(self, *named: str) -> tuple[Kept, ...]:
        """Return the states in other refs, in those `named`, and in those that they moved to.

        A state that cannot be understood is among them, as one that may be ours. Raises
        StateUnreachable.
        """
        states: dict[str, Kept] = {}
        seen = {self._ref.name}
        wanted = {*named} - seen
        for _ in range(_FOLLOWED):
            # Each round asks for the refs that the last round's states have moved to.
            tips = self._ref.tips((*_LISTED, *sorted(wanted)))
            new = {name: tip for name, tip in tips.items() if name not in seen}
            seen.update(new)
            for name, files in self._fetched(new).items():
                if STATE in files:
                    states[name] = self._kept(name, self._state(name, files))
            wanted = {one.moved_to for one in states.values() if one.moved_to} - seen
            if not wanted:
                break
        return tuple(states[name] for name in sorted(states))

    def claimed(self, account_id: str) -> frozenset[str]:
        """Return the remote ids that the other states of this account own.

        A state of an older plancast has no `owned.txt`: it is read itself. Raises StateUnreachable.
        """
        if not self.owner.is_shared(self.owner.identity.environment):
            return frozenset()
        tips = self._ref.tips(_LISTED)
        tips.pop(self._ref.name, None)
        owned_by_ref = {
            name: self._owned(name, files) for name, files in self._fetched(tips).items()
        }
        return claimed(owned_by_ref, self._ref.name, account_id)

    def neighbours(self, account_id: str) -> tuple[Neighbour, ...]:
        """Return the other states of this account that own anything.

        A state that cannot be read is among them, with what is wrong in `trouble`. Raises
        StateUnreachable.
        """
        if not self.owner.is_shared(self.owner.identity.environment):
            return ()
        tips = self._ref.tips(_LISTED)
        tips.pop(self._ref.name, None)
        neighbours: list[Neighbour] = []
        for name, files in self._fetched(tips).items():
            if STATE not in files:
                continue
            try:
                owned = {name: self._owned(name, files)}
            except StateUnreachable as error:
                kept = self._kept(name, self._state(name, files))
                neighbours.append(Neighbour(kept, trouble=str(error)))
            else:
                if claimed(owned, self._ref.name, account_id):
                    neighbours.append(self._neighbour(name, files))
        return tuple(neighbours)

    def _neighbour(self, name: str, files: Mapping[str, TreeEntry]) -> Neighbour:
        """Build the neighbour in a ref: its resources, its open creates, its folder in HEAD."""
        state = self._state(name, files)
        kept = self._kept(name, state)
        if isinstance(state, StateError):
            return Neighbour(kept, trouble=f"{name}: {state}")
        # A state of an older plancast does not name its workspace. It may be in use, unless its ref
        # is derived from a folder that is gone.
        is_left = kept.is_gone if kept.identity is None else not kept.stands
        folders = self.owner.folders()
        is_left = is_left and state.moved_to not in map(ref_for, folders)
        return Neighbour(
            kept,
            tuple(state.resources.values()),
            tuple(one for one in state.intents.values() if one.operation is Operation.CREATE),
            _folder_of(kept.identity, folders),
            is_left,
        )

    def stands(self, name: str, state: State) -> bool:
        """Return whether the workspace of the state in a ref is in another folder of HEAD."""
        if state.workspace is not None:
            return self.owner.stands(state.workspace)
        others = self.owner.folders().keys() - {self.owner.identity.path}
        return any(name == ref_for(folder) for folder in others)

    def original(self) -> str:
        """Return which other remote has the own ref, else the project that this one is a fork of.

        Return "" if there is neither.
        """
        for remote in self._git.text("remote").splitlines():
            if remote == self._ref.remote:
                continue
            try:
                if GitRef(self._git, remote, self._ref.name).look():
                    return f"the remote {remote}"
            except StateUnreachable:
                continue  # the machine of a colleague may be off
        return self.owner.original()

    def _fetched(self, tips: Mapping[str, str]) -> dict[str, dict[str, TreeEntry]]:
        """Fetch refs and return the files of each; a ref that holds anything else is left out."""
        files_by_ref = {
            name: self._ref.files(tip) for name, tip in self._ref.fetch_tips(tips).items()
        }
        return {name: files for name, files in files_by_ref.items() if files.keys() <= OUR_FILES}

    def _state(self, name: str, files: Mapping[str, TreeEntry]) -> State | StateError:
        """Return the state in a ref, or why it cannot be understood."""
        try:
            return decode(self._ref.content(files[STATE]), name)
        except StateError as error:
            return error

    def _kept(self, name: str, state: State | StateError) -> Kept:
        """Summarize the state in a ref for the decision about its owner."""
        here = self.owner.identity
        is_gone = bool(_DERIVED.fullmatch(name)) and all(
            name != ref_for(folder) for folder in self.owner.folders()
        )
        if isinstance(state, StateError):
            return Kept(name, is_gone=is_gone, meets=True)
        kept = self.owner.kept(name, state, is_gone=is_gone)
        if kept.identity is None and name == ref_for(here.path):
            # It stands in the ref for this folder, but plancast.yaml has named another ref since:
            # it may well be ours.
            return Kept(
                name, Identity("", here.path), kept.is_empty, kept.is_new, False, kept.meets
            )
        return kept

    def _owned(self, name: str, files: Mapping[str, TreeEntry]) -> OwnedIds:
        """Return what the state in a ref owns. Raises StateUnreachable if that cannot be read."""
        try:
            if OWNED in files:
                return parse_owned(self._text(files[OWNED]))
            state = decode(self._ref.content(files[STATE]), name) if STATE in files else None
        except (CodecError, StateError) as error:
            hint = "Nothing is adopted while it is not known what other workspaces own."
            raise StateUnreachable(f"{name}: {error}", name, hint=hint) from error
        return parse_owned(owned_text(state)) if state else OwnedIds()

    def _text(self, entry: TreeEntry) -> str:
        """Return the text of a file in a ref."""
        return self._ref.content(entry).decode("utf-8", "replace")
