"""The states of a remote: which there are, whose they are, and what they own.

Beside `state.json` each ref of a state holds `owned.txt`: the account, then the remote ids of all
that it owns, one a line. Whoever is about to adopt an entry reads these small files of the other
refs, instead of all states.

A state is looked for in `refs/plancast/` and among branches whose name begins with `plancast`. One
in a ref of another name is found if a state names it (`moved_to`) or a person does.
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
from plancast.model.identity import Identity
from plancast.model.ports import StateError, StateUnreachable
from plancast.model.state import Operation, State
from plancast.reconcile.identity import Course, IdentityVerdict, Kept, Sighting, identify
from plancast.reconcile.neighbours import Neighbour
from plancast.store.git_process import Git
from plancast.store.git_ref import GitRef, TreeEntry
from plancast.store.state_json import decode, encode
from plancast.store.workspace_owner import Owner, judged

STATE, JOURNAL, OWNED = "state.json", "journal.jsonl", "owned.txt"

OUR_FILES = frozenset({STATE, JOURNAL, OWNED})
"""All that the tree of a state's ref may hold. A ref with anything else is for something else."""

_LISTED = ("refs/plancast/*", "refs/heads/plancast*")
_DERIVED = re.compile(r"refs/plancast/state(-[a-z0-9-]*-?[0-9a-f]{6})?")
_MOVED = "moved to "
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]*")
_FOLLOWED = 8
"""How often a state may have been moved until the trail is given up."""


def folder_in(root: Path, top: Path) -> str:
    """Return where a workspace is in its checkout: "" for the top, else such as `social/acme`."""
    below = os.fsencode(root.resolve().relative_to(top))
    return "" if below == b"." else below.decode("utf-8", "replace")


def ref_for(inside: str) -> str:
    """The ref of a workspace by its folder within the repository ("" for the top)."""
    if not inside:
        return "refs/plancast/state"
    plain = "".join(sign if sign.isascii() and sign.isalnum() else "-" for sign in inside)
    return f"refs/plancast/state-{plain.strip('-').lower()}-{uuid.uuid5(_FOLDERS, inside).hex[:6]}"


_FOLDERS = uuid.UUID("6f1d3a52-6d0c-4a55-9f0e-5b1f4f8f7c11")
"""Where the names of folders live; any fixed one would do."""


# -- the files of a ref ---------------------------------------------------------------------------


def files_of(state: State) -> dict[str, bytes]:
    """Return what the ref of a state holds, its journal left out."""
    return {STATE: encode(state).encode(), OWNED: owned_text(state).encode()}


def owned_text(state: State) -> str:
    """Return `owned.txt` of a state: the account, where it was moved to, the remote ids."""
    lines = [_line(state.account_id)]
    if state.moved_to:
        lines.append(f"{_MOVED}{state.moved_to}")
    lines.extend(_line(remote_id) for remote_id in sorted(state.owned_ids()))
    return "".join(f"{line}\n" for line in lines)


@dataclass(frozen=True, slots=True)
class OwnedIds:
    """What `owned.txt` says."""

    account_id: str = ""
    moved_to: str = ""
    remote_ids: frozenset[str] = frozenset()


def parse_owned(text: str) -> OwnedIds:
    """Read `owned.txt`. Raises CodecError."""
    account, *rest = text.split("\n")
    moved = [line.removeprefix(_MOVED) for line in rest if line.startswith(_MOVED)]
    ids = frozenset(_word(line) for line in rest if line and not line.startswith(_MOVED))
    return OwnedIds(_word(account), moved[0] if moved else "", ids)


def _line(word: str) -> str:
    """An id as one line; one that is no plain word as JSON."""
    return word if _PLAIN.fullmatch(word) else json.dumps(word)


def _word(line: str) -> str:
    if _PLAIN.fullmatch(line):
        return line
    found = parse_json(line)
    if not isinstance(found, str):
        raise CodecError(f"expected an id, found {line[:40]!r}")
    return found


def claimed(found: Mapping[str, OwnedIds], own: str, account_id: str) -> frozenset[str]:
    """Return the remote ids that states in other refs than `own` say are theirs.

    A state that was moved here says no more than ours does, and one of another account is about
    other entries.
    """
    return frozenset(
        remote_id
        for name, owned in found.items()
        if own not in {name, owned.moved_to} and owned.account_id in ("", account_id)
        for remote_id in owned.remote_ids
    )


# -- the refs of a remote -------------------------------------------------------------------------


def _folder_of(recorded: Identity | None, folders: Mapping[str, str]) -> str | None:
    """Return where the workspace of a state is now, by its id or its path; None if nowhere."""
    if recorded is None:
        return None
    if recorded.id:
        return next((path for path, name in folders.items() if name == recorded.id), None)
    return recorded.path if recorded.path in folders else None


class GitStates:
    """The states in other refs of the remote of `ref`, which is the own one of its `owner`.

    `is_named`: plancast.yaml names that ref.
    """

    def __init__(self, git: Git, ref: GitRef, owner: Owner, *, is_named: bool) -> None:
        self.owner = owner
        self._git = git
        self._ref = ref
        self._is_named = is_named

    def judge(self, own: State | None) -> IdentityVerdict:
        """Decide whether what stands in the own ref is the state of the owner.

        None: nothing stands there. Raises StateRefused, StateUnreachable.
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
            # After folders were swapped the own state is in the ref of another folder.
            seen = replace(seen, others=self.others())
        verdict = judged(seen)
        if not (is_usual or verdict.place or seen.is_allowed):
            # Other remotes are asked last: each takes an exchange, and may not answer at all.
            return judged(replace(seen, original=self.original()))
        return verdict

    def ref(self, name: str) -> GitRef:
        """Another ref of the remote."""
        return GitRef(self._git, self._ref.remote, name)

    def others(self, *named: str) -> tuple[Kept, ...]:
        """Return the states in other refs, and in those that are named or that they were moved to.

        Raises StateUnreachable. One that cannot be understood counts as one that may be ours.
        """
        found: dict[str, Kept] = {}
        seen = {self._ref.name}
        wanted = {*named} - seen
        for _ in range(_FOLLOWED):
            tips = self._ref.tips((*_LISTED, *sorted(wanted)))
            new = {name: tip for name, tip in tips.items() if name not in seen}
            seen.update(new)
            for name, files in self._fetched(new).items():
                if STATE in files:
                    found[name] = self._kept(name, self._state(name, files))
            wanted = {one.moved_to for one in found.values() if one.moved_to} - seen
            if not wanted:
                break
        return tuple(found[name] for name in sorted(found))

    def claimed(self, account_id: str) -> frozenset[str]:
        """Return the remote ids that the other states of this account own.

        Raises StateUnreachable. A state of an older plancast has no list yet: it is read itself.
        """
        if not self.owner.is_shared(self.owner.identity.environment):
            return frozenset()
        tips = self._ref.tips(_LISTED)
        tips.pop(self._ref.name, None)
        found = {name: self._owned(name, files) for name, files in self._fetched(tips).items()}
        return claimed(found, self._ref.name, account_id)

    def neighbours(self, account_id: str) -> tuple[Neighbour, ...]:
        """Return the other states of this account that own anything.

        Raises StateUnreachable. One that cannot be read is one of them, with what is wrong.
        """
        if not self.owner.is_shared(self.owner.identity.environment):
            return ()
        tips = self._ref.tips(_LISTED)
        tips.pop(self._ref.name, None)
        found: list[Neighbour] = []
        for name, files in self._fetched(tips).items():
            if STATE not in files:
                continue
            try:
                owned = {name: self._owned(name, files)}
            except StateUnreachable as error:
                kept = self._kept(name, self._state(name, files))
                found.append(Neighbour(kept, trouble=str(error)))
            else:
                if claimed(owned, self._ref.name, account_id):
                    found.append(self._neighbour(name, files))
        return tuple(found)

    def _neighbour(self, name: str, files: Mapping[str, TreeEntry]) -> Neighbour:
        state = self._state(name, files)
        kept = self._kept(name, state)
        if isinstance(state, StateError):
            return Neighbour(kept, trouble=f"{name}: {state}")
        # One that does not say whose it is may be in use, unless its name says of which folder.
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
        """Return which other remote has the own ref; else what the owner says. "" for none."""
        for remote in self._git.text("remote").splitlines():
            if remote == self._ref.remote:
                continue
            try:
                if GitRef(self._git, remote, self._ref.name).look():
                    return f"the remote {remote}"
            except StateUnreachable:
                continue  # a remote of a colleague who is away says nothing
        return self.owner.original()

    def _fetched(self, tips: Mapping[str, str]) -> dict[str, dict[str, TreeEntry]]:
        """The files of each ref; those that hold anything that is not ours are left out."""
        found = {name: self._ref.files(tip) for name, tip in self._ref.fetch_tips(tips).items()}
        return {name: files for name, files in found.items() if files.keys() <= OUR_FILES}

    def _state(self, name: str, files: Mapping[str, TreeEntry]) -> State | StateError:
        """Return the state in a ref, or why it cannot be understood."""
        try:
            return decode(self._text(files[STATE]), name)
        except StateError as error:
            return error

    def _kept(self, name: str, state: State | StateError) -> Kept:
        here = self.owner.identity
        is_gone = bool(_DERIVED.fullmatch(name)) and all(
            name != ref_for(folder) for folder in self.owner.folders()
        )
        if isinstance(state, StateError):
            return Kept(name, is_gone=is_gone, meets=True)
        kept = self.owner.kept(name, state, is_gone=is_gone)
        if kept.identity is None and name == ref_for(here.path):
            # The settings name another ref since it was written.
            return Kept(
                name, Identity("", here.path), kept.is_empty, kept.is_new, False, kept.meets
            )
        return kept

    def _owned(self, name: str, files: Mapping[str, TreeEntry]) -> OwnedIds:
        try:
            if OWNED in files:
                return parse_owned(self._text(files[OWNED]))
            state = decode(self._text(files[STATE]), name) if STATE in files else None
        except (CodecError, StateError) as error:
            hint = "Nothing is adopted while it is not known what other workspaces own."
            raise StateUnreachable(f"{name}: {error}", name, hint=hint) from error
        return parse_owned(owned_text(state)) if state else OwnedIds()

    def _text(self, entry: TreeEntry) -> str:
        return self._ref.content(entry).decode("utf-8", "replace")
