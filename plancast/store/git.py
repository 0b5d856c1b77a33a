"""The state in a ref of the workspace's own remote.

Terms. The *tip* is the commit that the ref is at. Its tree holds `state.json`, `owned.txt` and,
while a batch is under way, `journal.jsonl`. *Cover*: the time until which an intent that stands in
the ref may be sent without another push.

Premise. All who share the remote see one state, and a push that names the commit it replaces is a
compare-and-swap, wherever the remote is. But a push takes a second, and the machine of a CI job is
gone when the job is. So the records of single calls go to a journal on this machine, as with the
local store, and the records that must outlive it go to the ref: the state after each batch, and the
intents of a batch before it. Another machine cannot know which of these intents were sent, so in
the ref each counts as sent, at the latest time that its cover allows. When that time has passed and
calls are left, the cover is pushed anew.

A push can be undone: a person with the right to force a push can set the ref to an older commit, or
remove it. A run that is under way notices at its next push. A repository that has seen a newer
state refuses the older one (StateRewound), by lineage, epoch and serial, since a shallow clone has
no ancestors to compare.

Not done here: nothing is fetched into a branch, no file of the work tree is touched, and no
credential is read; git does that.
"""

from __future__ import annotations

import logging
import re
import socket
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache, partial
from pathlib import Path

from plancast.codec.state_history import Step, announced, describe
from plancast.files.folder import Folder
from plancast.files.refusals import state_error
from plancast.model.entry import LiveEntry
from plancast.model.outcomes import CallOutcome
from plancast.model.ports import (
    StateDamaged,
    StateElsewhere,
    StateError,
    StateForeign,
    StateMoved,
    StateRefused,
    StateRewound,
    StateTooNew,
    StateUnreachable,
    StateUnwritable,
)
from plancast.model.profile import Profile
from plancast.model.state import Intent, Lease, State
from plancast.model.workspace import StateSettings
from plancast.reconcile.neighbours import Neighbour
from plancast.reconcile.workspace_identity import Course, IdentityVerdict
from plancast.store import journal_records as records
from plancast.store.git_head import workspaces_of
from plancast.store.git_process import Git
from plancast.store.git_ref import GitRef, TreeEntry
from plancast.store.git_states import (
    JOURNAL,
    OUR_FILES,
    STATE,
    GitStates,
    files_of,
    folder_in,
    ref_for,
)
from plancast.store.journal import FileJournal
from plancast.store.local import LocalStore
from plancast.store.state_json import Encoder, decode, decode_head
from plancast.store.workspace_owner import Owner

PLACE = "place"
_NAME = re.compile("[0-9a-f]{32}")
_MAX_PLACE = 64
"""Bytes: the name and a line end are 33."""

COVER = timedelta(seconds=60)
"""Time in which calls may be sent after their intents were pushed. Then they are pushed anew."""

GLANCE = 10.0
"""Seconds for which the answer to "is it still ours" is believed. Asking takes an exchange."""


class GitStore:
    """A StateStore in a ref. `folder` holds the lock of this machine.

    `journal` is the journal in the ref beside the state that was read last. `covers` gives for each
    of its intents that this run pushed, and whose outcome is open, the time until which it may be
    sent. `states` decide whose state the ref holds, and find the others; if they are None, the
    ref's own state is used as it is. `moving`: a local state is about to move here, so its presence
    is no reason to refuse.
    """

    def __init__(  # noqa: PLR0913  # its collaborators, one by one
        self,
        ref: GitRef,
        folder: Path,
        who: str = "plancast",
        monotonic: Callable[[], float] = time.monotonic,
        *,
        moving: bool = False,
        states: GitStates | None = None,
    ) -> None:
        self.ref = ref
        self.covers: dict[str, datetime] = {}
        self._folder = Folder.at(folder)
        self._who = who
        self._monotonic = monotonic
        self._moving = moving
        self._states = states
        self._adopts = states is not None and states.owner.adopting not in ("", ref.name)
        self._local = LocalStore(folder)
        self._move: GitMove | None = None
        self._tip: str | None = None
        self._state: State | None = None
        self.journal = b""
        self._encoder = Encoder()
        self._sure_at = 0.0

    @property
    def place(self) -> str:
        """The name of this folder on this machine, which no copy of the folder has.

        It is published with each lease, so the file is used only if it holds a name that plancast
        made. The name is mixed with the path and inode of the file: `cp -r` copies the name, and a
        run in a copy must not take the lease of the original's run for that of a dead one. Raises
        StateUnwritable, StateLinked.
        """
        note = self._folder.path / PLACE
        try:
            content = self._folder.read(PLACE, _MAX_PLACE)
        except FileNotFoundError:
            name = self._named(note)
        except OSError as error:
            raise state_error(error, note, StateUnwritable) from error
        else:
            name = content.decode("ascii", "replace").strip()
            if not _NAME.fullmatch(name):
                raise StateUnwritable(f"{note} holds no name that plancast gave", str(note))
        try:
            stat = self._folder.look(PLACE)
        except OSError as error:
            raise state_error(error, note, StateUnwritable) from error
        here = f"{note.resolve()}:{stat.st_ino if stat else 0}"
        return f"{socket.gethostname()}/{uuid.uuid5(uuid.UUID(name), here).hex}"

    def _named(self, note: Path) -> str:
        """Make up a name for this folder and keep it. Raises StateUnwritable, StateLinked."""
        name = uuid.uuid4().hex
        try:
            self._folder.replace(PLACE, f"{name}\n".encode())
        except OSError as error:
            raise state_error(error, note, StateUnwritable) from error
        return name

    # -- the state ----------------------------------------------------------------------------

    def read(self) -> State:
        """Return the state, or a new one if there is none.

        Two exchanges with the remote, one if nothing has changed. Raises StateDamaged, StateTooNew,
        StateUnreachable, StateRewound, StateElsewhere, StateForeign, StateRefused.
        """
        tip = self._looked_up()
        if self._states and self._adopts:
            return self._adopted(self._states.owner, tip)
        if not tip:
            return self._nothing()
        if tip != self._tip or self._state is None or self._move:
            tip, files = self._fetched(self.ref, tip)
            state = _decoded(self.ref, files)
            # Before anything is decided about it: a state that was set back must not be used, be it
            # ours or that of another workspace.
            self._must_go_on_from(self.ref, tip, state)
            verdict = self._states.judge(state) if self._states else IdentityVerdict(Course.GOES_ON)
            if verdict.course is Course.MOVED:
                return self._taken_from(verdict.place, tip)
            if verdict.course is Course.BEGINS:
                return self._begun(tip)
            self.journal = self._journal_of(self.ref, files)
            self._now_at(tip, replace(state, moved_to=""))
            self.ref.accept(tip)
        self._sure_at = self._monotonic()
        assert self._state is not None
        return self._state

    def remembered_profiles(self) -> tuple[Profile, ...]:
        """Return the profiles of the state that this repository accepted last, () if there is none.

        Asks no remote, so they may be out of date. Raises StateDamaged, StateTooNew, StateForeign,
        StateUnreachable.
        """
        commit = self.ref.accepted()
        if not commit or not self.ref.has(commit):
            return ()
        files = self.ref.refuse_others(commit, OUR_FILES)
        return decode_head(_content(self.ref, files), self.ref.place).profiles

    def write(self, state: State) -> State:
        """Replace the state if its serial is still that of `state`; return it with the next serial.

        Raises StateMoved if another run wrote in between, StateUnwritable, StateUnreachable.
        """
        if self._tip is None or (self._state and self._state.serial != state.serial):
            self.read()
        before = self._state or State(state.lineage)
        if (before.lineage, before.serial) != (state.lineage, state.serial):
            raise StateMoved(
                f"{self.ref.place} is at serial {before.serial} now, not at {state.serial}",
                self.ref.name,
            )
        written = state.next_serial()
        if self._states:
            written = self._states.owner.stamped(written)
        if self._move:
            # First mark the old ref, then push the new one: after a crash in between the next run
            # finds the state by the mark, and at no time do two refs look in use.
            self._move.begin(self.ref.name)
        files = files_of(self._covered(written), self._encoder)
        tip = self.ref.push(files, describe(before, written), self._tip or "", self._who)
        if self._move:
            self._move.end()
            self._move = None
        self._adopts = False  # from now on it is read as the own state, to end the lease
        self.journal = b""
        self._now_at(tip, written)
        return written

    def announce(self, lines: bytes, message: str, covers: Mapping[str, datetime]) -> None:
        """Push lines of the journal beside the unchanged state. Raises as `write` does.

        `covers` says of each intent until when it may be sent from then on.
        """
        if not self._tip or self._state is None:
            raise StateMoved(f"{self.ref.place}: nothing was written yet", self.ref.name)
        files = {
            **files_of(self._covered(self._state), self._encoder),
            JOURNAL: self.journal + lines,
        }
        tip = self.ref.push(files, message, self._tip, self._who)
        self.journal += lines
        self._now_at(tip, self._state)
        self.covers = dict(covers)

    def forget_journal(self) -> None:
        """Forget the journal beside the state: the ref lost it when the state was pushed."""
        self.journal = b""

    def history(self, limit: int) -> tuple[Step, ...]:
        """Return the last writes of the state, newest first."""
        tip = self._looked_up()
        return self.ref.log(self._fetched(self.ref, tip)[0], limit) if tip else ()

    def claimed_elsewhere(self, account_id: str) -> frozenset[str]:
        """Return the remote ids of an account that other states of the remote own.

        Raises StateUnreachable.
        """
        return self._states.claimed(account_id) if self._states else frozenset()

    def neighbours(self, account_id: str) -> tuple[Neighbour, ...]:
        """Return the other states of the remote that own anything on an account.

        Raises StateUnreachable.
        """
        return self._states.neighbours(account_id) if self._states else ()

    def stands(self, place: str, state: State) -> bool:
        """Return whether the state in a ref is that of another workspace, which HEAD holds."""
        return self._states is not None and self._states.stands(place, state)

    def _looked_up(self) -> str:
        """Return the commit of the ref, "" if there is none.

        Raises StateForeign if people work on it.
        """
        tip = self.ref.look()
        self.ref.refuse_branch()
        return tip

    @staticmethod
    def _fetched(ref: GitRef, tip: str) -> tuple[str, Mapping[str, TreeEntry]]:
        """Return a commit that is in the local repository now, and its files.

        The commit can be newer than `tip`, if the ref moved meanwhile. Raises StateTooNew if a
        newer plancast wrote it, which may keep more files there, else StateForeign if any file is
        not ours.
        """
        if not ref.has(tip):
            tip = ref.fetch()
        try:
            return tip, ref.refuse_others(tip, OUR_FILES)
        except StateForeign:
            _refuse_newer(ref, tip)
            raise

    @staticmethod
    def _journal_of(ref: GitRef, files: Mapping[str, TreeEntry]) -> bytes:
        """Return the journal among the files of a commit, b"" if there is none."""
        return ref.content(files[JOURNAL]) if JOURNAL in files else b""

    def _now_at(self, tip: str, state: State) -> None:
        """Remember the state that the ref holds, and that the remote has just confirmed it."""
        self._tip, self._state = tip, state
        self._sure_at = self._monotonic()

    def _covered(self, state: State) -> State:
        """Return the state as other machines must see it.

        An announced intent counts as sent at the end of its cover, as long as its outcome is open.
        """
        return state.intend(
            replace(intent, sent_at=self.covers[intent.id])
            for intent in state.intents.values()
            if intent.sent_at is None and intent.id in self.covers
        )

    def _nothing(self) -> State:
        """Return the state to begin with if the ref does not exist.

        Raises StateRewound if this repository has seen a state there, StateElsewhere if there is a
        local one.
        """
        if self.ref.accepted():
            raise _rewound(self.ref, "it is gone")
        if self._local.exists() and not self._moving:
            raise StateElsewhere(
                f"{self.ref.place} is not there yet, and {self._local.path} holds a state",
                self.ref.name,
            )
        place = self._states.judge(None).place if self._states else ""
        return self._taken_from(place, "") if place else self._begun("")

    def _begun(self, tip: str) -> State:
        """Return a new state.

        Its first write replaces the commit `tip`, "" if the ref does not exist.
        """
        self._move, self._tip, self._state, self.journal = None, tip, None, b""
        self._sure_at = self._monotonic()
        return State(lineage=str(uuid.uuid4()))

    def _must_go_on_from(self, ref: GitRef, tip: str, state: State) -> None:
        """Raise StateRewound if this repository has seen a later state in the ref than this one.

        `tip` is the commit of this one.
        """
        seen = ref.accepted()
        if seen in ("", tip) or not ref.has(seen):
            return
        before = decode_head(_content(ref, ref.files(seen)), ref.place)
        if state.lineage != before.lineage:
            if before.moved_to:
                return  # the old state moved away, and another workspace uses the ref since
            raise _rewound(ref, f"it is another one now ({state.lineage})")
        now, seen_at = (state.epoch, state.serial), (before.epoch, before.serial)
        # A state that moved away and back was written again, so its serial rose. With the same
        # serial the mark of the move was undone.
        is_back = bool(before.moved_to) and not state.moved_to
        if now < seen_at or (is_back and now == seen_at):
            raise _rewound(ref, f"it went back from serial {before.serial} to {state.serial}")

    # -- taking over a state ------------------------------------------------------------------

    def _adopted(self, owner: Owner, tip: str) -> State:
        """Return the state in the ref that a person names.

        Raises StateRefused if the own ref is in use.
        """
        if tip:
            files = self._fetched(self.ref, tip)[1]
            own = records.replay(
                self._journal_of(self.ref, files),
                _decoded(self.ref, files),
                f"{JOURNAL} in {self.ref.name}",
            )
            if not (own.moved_to or own.is_idle):
                detail = f"{self.ref.name} holds a state already, of {len(own.resources)} entries"
                hint = self._hint_for_taken(owner.adopting, own, tip)
                raise StateRefused(detail, self.ref.name, hint=hint, code="PC627")
        return self._taken_from(owner.adopting, tip)

    def _hint_for_taken(self, place: str, own: State, own_tip: str) -> str:
        """Return what to do if the own ref holds a state, so that no other is adopted."""
        if self.stands(self.ref.name, own):
            named = f"`state: {{backend: git, ref: {place}}}`"
            return f"That is of a workspace which is still there. To use the other one: {named}."
        if self.stands(place, self._taken_from(place, own_tip)):
            return "Keep it: the other one is of a workspace which is still there."
        return "Let go of them first (`plancast state rm`), or keep that state."

    def _taken_from(self, place: str, own_tip: str) -> State:
        """Return the state in another ref, which moves to the own ref with the next write.

        `own_tip` is the commit that this write replaces, "" if the own ref does not exist. Raises
        as `read` does.
        """
        assert self._states is not None
        source = self._states.ref(place)
        tip = source.look()
        source.refuse_branch()
        if not tip:
            hint = "`git ls-remote origin 'refs/plancast/*'` lists those that there are."
            raise StateRefused(f"there is no {source.place}", place, hint=hint, code="PC627")
        tip, files = self._fetched(source, tip)
        state = _decoded(source, files)
        self._must_go_on_from(source, tip, state)
        source.accept(tip)
        self.journal = self._journal_of(source, files)
        self._move = GitMove(source, tip, state, self.journal, self._who)
        self._now_at(own_tip, replace(state, moved_to=""))
        assert self._state is not None
        return self._state

    # -- locks and leases ---------------------------------------------------------------------

    @contextmanager
    def lock(self, holder: str, timeout: float) -> Iterator[None]:
        """Hold the lock for the runs of this folder. Runs elsewhere are kept away by the lease."""
        with self._local.lock(holder, timeout):
            yield

    def is_gone(self, lease: Lease) -> bool:
        """Return whether the run that holds a lease is dead. Call it only while holding the lock.

        A run in this folder needs that lock as well, so a lease of this folder has outlived its
        run.
        """
        return lease.host == self.place

    def is_ours(self) -> bool:
        """Return whether the ref is where this run put it, as of some seconds ago.

        If the remote does not answer, assume so: the lease, which no other run can take before it
        ends, decides then.
        """
        if self._tip is None or self._monotonic() - self._sure_at < GLANCE:
            return True
        try:
            ours = self.ref.look() == self._tip
        except StateUnreachable:
            return True
        if ours:
            self._sure_at = self._monotonic()
        return ours


class GitJournal:
    """A Journal on this machine that keeps intents in the ref as well."""

    def __init__(self, store: GitStore, local: FileJournal) -> None:
        self._store = store
        self._local = local

    def intend(self, state: State, intents: Sequence[Intent]) -> None:
        """Push the intents, then write them here. Raises StateError: then nothing may be sent."""
        covered = [replace(intent, sent_at=intent.made_at + COVER) for intent in intents]
        line = records.line(records.batch(state, covered))
        covers = {intent.id: intent.made_at + COVER for intent in intents}
        self._store.announce(line, announced(state, intents), covers)
        # Here they are not marked as sent: this machine will know which of them were.
        self._local.intend(state, intents)

    def sending(self, intent_id: str, at: datetime) -> None:
        """Record that a call is about to be sent. Raises StateError: then it must not be."""
        covers = self._store.covers
        if intent_id in covers and at > covers[intent_id]:
            # The cover has ended, so other machines count these intents as sent, at a time that has
            # passed. Renew it for all that are left, so that the next calls need no push.
            until = at + COVER
            lines = b"".join(records.line(records.sending(name, until)) for name in covers)
            message = f"still sending: {len(covers)} calls left"
            self._store.announce(lines, message, dict.fromkeys(covers, until))
        self._local.sending(intent_id, at)

    def drafted(self, intent_id: str, item: str) -> None:
        """Record a content item on this machine; the ref learns it with the state.

        The applier writes the state before it promotes the item, so any machine knows the item by
        then.
        """
        self._local.drafted(intent_id, item)

    def outcome(
        self,
        intent_id: str,
        outcome: CallOutcome,
        at: datetime,
        live: Sequence[LiveEntry] = (),
    ) -> None:
        """Record how a call ended, on this machine; the ref learns it with the next state."""
        self._store.covers.pop(intent_id, None)
        self._local.outcome(intent_id, outcome, at, live)

    def replay(self, state: State) -> State:
        """Fold in the journal of the ref, then that of this machine, which knows more."""
        elsewhere = records.replay(
            self._store.journal, state, f"{JOURNAL} in {self._store.ref.name}"
        )
        return self._local.replay(elsewhere)

    def clear(self) -> None:
        """Empty both, since the state holds everything.

        The push of the state removed the ref's journal.
        """
        self._store.forget_journal()
        self._local.clear()


def open_git(  # noqa: PLR0913  # what the runtime knows, one by one
    root: Path,
    folder: Path,
    settings: StateSettings,
    environ: Mapping[str, str],
    monotonic: Callable[[], float] = time.monotonic,
    *,
    checkout: Path | None,
    moving: bool = False,
    owner: Owner | None = None,
) -> GitStore:
    """Open the store of the workspace in `root`.

    `checkout` holds `root`, and `folder` is its `.plancast/`. `moving`: a local state is about to
    move here, so its presence is no reason to refuse. Only a state of the `owner` is used. Raises
    StateUnreachable if there is no checkout, or git refuses its repository.
    """
    git = Git.pin(root, checkout, environ)
    name = settings.ref or ref_for(folder_in(root, git.top))
    ref = GitRef(git, settings.remote, name)
    states = None
    if owner:
        owner = replace(
            owner,
            folders=cache(partial(workspaces_of, git, owner.read_id)),
            is_allowed=owner.is_allowed or moving,
        )
        states = GitStates(git, ref, owner, is_named=bool(settings.ref))
    return GitStore(ref, folder, author(environ), monotonic, moving=moving, states=states)


def _decoded(ref: GitRef, files: Mapping[str, TreeEntry]) -> State:
    """Return the state among the files of a commit. Raises StateDamaged, StateTooNew."""
    return decode(_content(ref, files), ref.place)


def _content(ref: GitRef, files: Mapping[str, TreeEntry]) -> bytes:
    """Return the document of the state among the files of a commit. Raises StateDamaged."""
    if STATE not in files:
        raise StateDamaged(f"{ref.place}: there is no {STATE} in it", ref.name)
    return ref.content(files[STATE])


def _refuse_newer(ref: GitRef, tip: str) -> None:
    """Raise StateTooNew if a newer plancast wrote the state in a commit."""
    entry = ref.files(tip).get(STATE)
    if entry is None or not entry.is_file:
        return
    try:
        _decoded(ref, {STATE: entry})
    except StateTooNew:
        raise
    except StateError:
        return


def _rewound(ref: GitRef, detail: str) -> StateRewound:
    """Build the error for a ref that was set back, with the command that accepts it."""
    return StateRewound(f"{ref.place}: {detail}. If that was meant: {ref.forget_command}", ref.name)


def author(environ: Mapping[str, str]) -> str:
    """Return the author of commits: the person behind the CI job if it is known, else the user."""
    for name in ("GITHUB_ACTOR", "GITLAB_USER_LOGIN", "USER", "LOGNAME"):
        # git refuses a name of punctuation alone, and NUL or a line end would end it.
        plain = "".join(sign for sign in environ.get(name, "") if sign.isprintable())
        if plain.strip(_NO_NAME):
            return plain.strip()
    return "plancast"


_NO_NAME = " .,:;<>\"\\'"


_LOG = logging.getLogger("plancast.store")


@dataclass(slots=True)
class GitMove:
    """A move of a state from `source`, which is at `tip`, together with the journal beside it.

    `begin` and `end` stand around the push of the state to its new ref.
    """

    source: GitRef
    tip: str
    state: State
    journal: bytes
    who: str

    def begin(self, target: str) -> None:
        """Record in the old ref where the state goes. Raises StateMoved, StateUnwritable."""
        if self.state.moved_to == target:
            return
        self.state = replace(self.state, moved_to=target)
        files = files_of(self.state)
        if self.journal:
            files[JOURNAL] = self.journal
        self.tip = self.source.push(files, f"moved to {target}", self.tip, self.who)
        _LOG.debug("state %s: goes to %s", self.source.name, target)

    def end(self) -> None:
        """Empty the old ref but for the name of the new one, which holds the state now."""
        marker = State(
            lineage=self.state.lineage,
            serial=self.state.serial,
            epoch=self.state.epoch,
            account_id=self.state.account_id,
            provider=self.state.provider,
            workspace=self.state.workspace,
            moved_to=self.state.moved_to,
        )
        with suppress(StateError):  # the old state says `moved_to` already, so it is out of use
            message = f"is in {self.state.moved_to} now"
            self.source.push(files_of(marker), message, self.tip, self.who)
