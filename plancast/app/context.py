"""The only place that wires: clock, streams, environment, provider, stores.

A `Runtime` is what a command gets beside its arguments. It is made once, from
the process or by a test, and handed on; nothing below looks at the process by
itself.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, partial
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, TextIO

from plancast.app.streams import nowhere, silence
from plancast.codec.state_history import Step
from plancast.model.diagnostics import Diagnostic, problem
from plancast.model.entry import Address
from plancast.model.error_diagnostics import stopped_by, system_reason
from plancast.model.exit_codes import ExitCode, Stop
from plancast.model.ports import (
    Clock,
    Interrupted,
    Journal,
    Notify,
    ProviderError,
    StateError,
    StateStore,
)
from plancast.model.state import State
from plancast.model.workspace import ProviderSettings, Workspace
from plancast.render.streams import Controls, GuardedStream, behind, guard

if TYPE_CHECKING:
    from plancast.content.loader import Loaded
    from plancast.files.named import NamedFile
    from plancast.forges import Forge
    from plancast.providers import Connected, ProviderInfo
    from plancast.reconcile.neighbours import Files, Neighbour
    from plancast.render.options import ViewOptions
    from plancast.store.git_process import Git
    from plancast.store.workspace_owner import Owner

from plancast.app.process import LAST_CALL, LAST_PUSH, LAST_WORD, SystemClock, _leave

History = Callable[[int], tuple[Step, ...]]

STATE_FOLDER = ".plancast"
OWN_FOLDERS = (STATE_FOLDER, ".plancast-sandbox")
"""Folders of a workspace whose files are plancast's own, and never the repository's."""


def _id_in(content: bytes) -> str:
    """Return the id in the content of a plancast.yaml, "" if it has none or cannot be read."""
    from plancast.content.yaml_reader import Flaw, decode, read  # noqa: PLC0415

    text = decode(content)
    documents = () if isinstance(text, Flaw) else read(text)[0]
    settings = documents[0].value if documents else None
    found = settings.get("workspace") if isinstance(settings, dict) else None
    return found if isinstance(found, str) else ""


def _files_of(neighbour: Neighbour, checkout: Path | None) -> Files:
    """Read the workspace of a neighbour, unless its folder is a link out of the checkout."""
    from plancast.content.loader import load  # noqa: PLC0415
    from plancast.model.diagnostics import has_errors  # noqa: PLC0415
    from plancast.providers.registry import environment  # noqa: PLC0415
    from plancast.reconcile.neighbours import Files  # noqa: PLC0415
    from plancast.store.git_states import ref_for  # noqa: PLC0415

    folder = neighbour.folder
    if folder is None or checkout is None:
        return Files()
    root = (checkout / folder).resolve()
    if not root.is_relative_to(checkout.resolve()) or not (root / "plancast.yaml").is_file():
        return Files()
    loaded = load(root)
    if has_errors(loaded.diagnostics):
        return Files()
    settings, kept = loaded.workspace, neighbour.kept
    places = {settings.state.ref or ref_for(folder)}
    if not settings.state.ref and kept.identity:
        places.add(ref_for(kept.identity.path))  # until an apply has moved it
    about = kept.identity.environment if kept.identity else ""
    uses = settings.state.backend == "git" and kept.place in places
    is_one = about in ("", environment(settings.provider, root))
    return Files(frozenset(post.id for post in loaded.posts), uses and is_one)


@dataclass(frozen=True)
class _Kept:
    """The store, the journal and the history of a state.

    `elsewhere` returns what others own on an account.
    `neighbours` returns the states of these others.
    `stands` says whether a state is that of another workspace of the commit that is checked out.
    """

    store: StateStore
    journal: Journal
    history: History | None = None
    elsewhere: Callable[[str], frozenset[str]] = field(default=lambda _account_id: frozenset())
    neighbours: Callable[[str], tuple[Neighbour, ...]] = field(default=lambda _account_id: ())
    stands: Callable[[str, State], bool] = field(default=lambda _place, _state: False)


@dataclass
class Runtime:
    """What a command may touch of the world.

    `moving`: a state is about to be moved to where it is kept from now on. `allow_new_state`: one
    may be begun, whatever speaks against it. `adopting`: the place whose state a person takes over.
    These three are set before the state is read. `unwritten`: output
    that was lost, which held nothing up and makes the run a failure in the end.
    """

    start: Path
    environ: Mapping[str, str]
    stdin: TextIO
    stdout: TextIO
    stderr: TextIO
    color: bool = False
    width: int = 100
    quiet: bool = False
    verbose: bool = False
    stop: threading.Event = field(default_factory=threading.Event)
    asking: bool = False
    moving: bool = False
    allow_new_state: bool = False
    adopting: str = ""
    opened: ExitStack = field(default_factory=ExitStack)
    unwritten: list[Diagnostic] = field(default_factory=list)
    abort: Callable[[], None] = lambda: None
    _neighbours: dict[str, Files] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Put a guard before both streams: no text that is printed can be an order."""
        controls = Controls.COLORS if self.color else Controls.NONE
        self.stdout = guard(self.stdout, controls)
        self.stderr = guard(self.stderr, controls)

    @classmethod
    def from_process(
        cls,
        *,
        directory: str,
        no_color: bool,
        quiet: bool,
        verbose: bool,
    ) -> Runtime:
        """The runtime of this very process."""
        environ = dict(os.environ)
        # Python has None where a stream was closed before it began.
        sys.stdin = sys.stdin or nowhere("r")
        sys.stdout = sys.stdout or nowhere("w")
        sys.stderr = sys.stderr or nowhere("w")
        for stream in (sys.stdout, sys.stderr):
            # A terminal that cannot show a character must not end a run.
            behind(stream).reconfigure(errors="replace")  # type: ignore[attr-defined]
        return cls(
            start=Path(directory),
            environ=environ,
            stdin=sys.stdin,
            stdout=sys.stdout,
            stderr=sys.stderr,
            color=not no_color and "NO_COLOR" not in environ and sys.stdout.isatty(),
            width=shutil.get_terminal_size((100, 24)).columns,
            quiet=quiet,
            verbose=verbose,
        )

    # -- running ------------------------------------------------------------------------------

    def run(self, command: Callable[[Any, Runtime], ExitCode], arguments: object) -> int:
        """Run a command; every way in which it can end becomes an exit code."""
        with self.opened:
            code = self._ended(command, arguments)
        self.problems(self.unwritten)
        failed = self.unwritten and code in (ExitCode.DONE, ExitCode.CHANGES)
        return int(ExitCode.ERROR) if failed else code

    def _ended(self, command: Callable[[Any, Runtime], ExitCode], arguments: object) -> int:
        try:
            return int(command(arguments, self))
        except (KeyboardInterrupt, Interrupted):
            self.say("Interrupted.")
            return int(ExitCode.INTERRUPTED)
        except BrokenPipeError:
            return int(ExitCode.ERROR)  # whoever read our output has seen enough
        except (Stop, ProviderError, StateError, OSError) as error:
            stop = stopped_by(error, self._keys_of(error))
            self.problems(stop.diagnostics)
            return int(stop.code)

    def _keys_of(self, error: Exception) -> tuple[str, ...]:
        """Return the variables of the provider's keys, if it is the provider that failed."""
        if not isinstance(error, ProviderError):
            return ()
        with suppress(Stop):  # `init` connects before there is a workspace
            if self.provider_info is not None:
                return self.provider_info.secrets
        return ()

    def watch_signals(self) -> None:
        """From now on the first SIGINT or SIGTERM asks the run to end, the second ends it.

        The call that is under way is finished, for LAST_CALL seconds; then it is broken off, and
        what became of it is not known. Where even that does not end the run it is ended like by
        a kill, which is as safe. While a question is asked nothing is under way, and it ends.
        """
        last = LAST_PUSH if self.history else LAST_WORD

        def heard(_number: int, _frame: FrameType | None) -> None:
            if self.asking:
                raise KeyboardInterrupt
            if self.stop.is_set():
                os._exit(int(ExitCode.INTERRUPTED))
            self.stop.set()
            for seconds, act in ((LAST_CALL, self.abort), (last, _leave)):
                timer = threading.Timer(seconds, act)
                timer.daemon = True
                timer.start()

        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, heard)

    # -- wiring -------------------------------------------------------------------------------

    @cached_property
    def root(self) -> Path:
        """The folder of plancast.yaml, found upwards. Raises Stop where there is none."""
        from plancast.content.loader import find_root  # noqa: PLC0415

        try:
            is_there = self.start.resolve().is_dir()
        except (OSError, RuntimeError, ValueError):  # the current folder is gone; a loop of links
            is_there = False
        if not is_there:
            # One above it may have a workspace, but that is not the one that was meant.
            raise Stop([problem("PC001", f"there is no folder {self.start}")])
        found = find_root(self.start)
        if found is None:
            raise Stop([problem("PC001", f"no plancast.yaml in {self.start} or above it")])
        return found

    @property
    def inside(self) -> str:
        """Where the workspace lies in its checkout, with slashes; "" at the top, or in none."""
        from plancast.content.discovery import inside  # noqa: PLC0415

        return inside(self.root, self.checkout) if self.checkout else ""

    @cached_property
    def checkout(self) -> Path | None:
        """The top of the checkout that the workspace lies in; None where it lies in none."""
        from plancast.content.discovery import find_checkout  # noqa: PLC0415

        return find_checkout(self.root)

    @cached_property
    def loaded(self) -> Loaded:
        """The workspace and its posts."""
        from plancast.content.loader import load  # noqa: PLC0415

        return load(self.root)

    @cached_property
    def system_clock(self) -> Clock:
        """The machine's time, interruptible."""
        return SystemClock(self.stop)

    def connect(
        self,
        notify: Notify | None = None,
        *,
        offline: bool = False,
        settings: ProviderSettings | None = None,
        root: Path | None = None,
        fence: Callable[[], None] = lambda: None,
    ) -> Connected:
        """The provider that the workspace (or `settings`) names, and the clock it lives by.

        `fence` is asked before each request that changes something.
        With `settings` and no `root` there is no workspace yet: it begins in the current folder.
        """
        from platformdirs import user_state_dir  # noqa: PLC0415

        from plancast.providers import ProviderContext, connect  # noqa: PLC0415

        if not settings:
            _ = self._untracked
        connected = connect(
            ProviderContext(
                settings=settings or self.settings.provider,
                workspace_root=str(root or (self.start.resolve() if settings else self.root)),
                environ=self.environ,
                clock=self.system_clock,
                pacing_dir=user_state_dir("plancast", appauthor=False),
                notify=notify or (lambda _seconds, _reason: None),
                offline=offline,
                fence=fence,
            )
        )
        self.opened.callback(connected.close)
        self.abort = connected.abort
        return connected

    @cached_property
    def settings(self) -> Workspace:
        """plancast.yaml. Raises Stop where it cannot be read: nobody guesses where the state is."""
        from plancast.content.loader import load_settings  # noqa: PLC0415

        workspace, found = load_settings(self.root)
        if workspace is None:
            raise Stop(found)
        return workspace

    @cached_property
    def provider_info(self) -> ProviderInfo | None:
        """The row of the provider that the workspace names, None if it is not installed."""
        from plancast.providers import registry  # noqa: PLC0415

        return registry.find(self.settings.provider.name, self.root)

    @cached_property
    def git_environ(self) -> Mapping[str, str]:
        """The environment without the keys of providers: git has no use for them."""
        from plancast.providers import registry  # noqa: PLC0415

        used: ProviderInfo | None = None
        with suppress(Stop):  # whoever needs the provider, or plancast.yaml, reports that
            used = self.provider_info
        dropped = registry.secrets([used] if used else [])
        return {name: value for name, value in self.environ.items() if name not in dropped}

    @cached_property
    def _untracked(self) -> None:
        """Refuse files of plancast that came with the repository. Raises Stop."""
        from plancast.store.git_tracked_files import tracked_files  # noqa: PLC0415

        found = tracked_files(self.root, self.checkout, OWN_FOLDERS, self.git_environ)
        if found:
            raise Stop([problem("PC014", ", ".join(found[:3]) + (", …" if found[3:] else ""))])

    @cached_property
    def _kept(self) -> _Kept:
        from plancast.store.journal import FileJournal  # noqa: PLC0415

        folder, state = self.root / STATE_FOLDER, self.settings.state
        _ = self._untracked
        local, owner = FileJournal(folder / "journal.jsonl"), self._owner
        if state.backend == "git":
            from plancast.store.git import GitJournal, open_git  # noqa: PLC0415

            store = open_git(
                self.root,
                folder,
                state,
                self.git_environ,
                checkout=self.checkout,
                moving=self.moving,
                owner=owner,
            )
            journal = GitJournal(store, local)
            return _Kept(
                store,
                journal,
                store.history,
                store.claimed_elsewhere,
                store.neighbours,
                store.stands,
            )
        from plancast.store.local import LocalStore  # noqa: PLC0415
        from plancast.store.local_states import LocalStates  # noqa: PLC0415

        states = LocalStates(folder, self.checkout, owner, self.git_environ)
        return _Kept(LocalStore(folder, states=states), local, stands=states.stands)

    @property
    def _owner(self) -> Owner:
        """The workspace, as its store must know it."""
        from plancast.model.identity import Identity  # noqa: PLC0415
        from plancast.providers import registry  # noqa: PLC0415
        from plancast.store.git_states import folder_in  # noqa: PLC0415
        from plancast.store.workspace_owner import Owner  # noqa: PLC0415

        settings = self.settings
        path = folder_in(self.root, self.checkout) if self.checkout else ""
        return Owner(
            Identity(settings.id, path, registry.environment(settings.provider, self.root)),
            asks_for=self.asks_for,
            is_shared=partial(registry.is_shared, root=self.root),
            read_id=_id_in,
            original=self._fork_of,
            is_allowed=self.allow_new_state,
            adopting=self.adopting,
        )

    def _fork_of(self) -> str:
        from plancast.forges.events import fork_of  # noqa: PLC0415

        return fork_of(self.environ)

    def forge(self) -> Forge | None:
        """Return the forge whose CI this run is part of, None if it is part of none.

        Raises ForgeError if the environment is not as the CI makes it.
        """
        from plancast.forges import detect  # noqa: PLC0415

        return detect(self.environ, self.system_clock)

    def head(self) -> str:
        """Return the commit that is checked out, "" if there is none."""
        from plancast.store.git_tip import head  # noqa: PLC0415

        return head(self._git)

    def tip_of(self, branch: str) -> str:
        """Ask the remote of the state for the last commit of a branch, "" if it has no such one.

        Raises StateUnreachable.
        """
        from plancast.store.git_tip import tip_of  # noqa: PLC0415

        return tip_of(self._git, self.settings.state.remote, branch)

    @cached_property
    def _git(self) -> Git:
        from plancast.store.git_process import Git  # noqa: PLC0415

        return Git.pin(self.root, self.checkout, self.git_environ)

    def asks_for(self, address: Address) -> bool:
        """Whether the files ask for an address, as far as they can be read."""
        return address.post in self._post_ids and bool(self.settings.selector(address.profile))

    @cached_property
    def _post_ids(self) -> frozenset[str]:
        return frozenset(post.id for post in self.loaded.posts)

    def claimed_elsewhere(self, account_id: str) -> frozenset[str]:
        """Remote ids of an account that other workspaces own, as far as the state's remote knows.

        Raises StateUnreachable.
        """
        return self._kept.elsewhere(account_id)

    def neighbours(self, account_id: str) -> tuple[Neighbour, ...]:
        """Return the other states that own anything on an account. Raises StateUnreachable."""
        return self._kept.neighbours(account_id)

    def files_of(self, neighbour: Neighbour) -> Files:
        """Return what the files of another workspace of this checkout say; each is read once."""
        place = neighbour.kept.place
        if place not in self._neighbours:
            self._neighbours[place] = _files_of(neighbour, self.checkout)
        return self._neighbours[place]

    def stands(self, place: str, state: State) -> bool:
        """Return whether a state is that of another workspace, which HEAD holds.

        Raises StateUnreachable.
        """
        return self._kept.stands(place, state)

    @property
    def store(self) -> StateStore:
        """Where the state of this workspace lives."""
        return self._kept.store

    @property
    def journal(self) -> Journal:
        """Where intents and outcomes are written."""
        return self._kept.journal

    @property
    def history(self) -> History | None:
        """Gives the last writes of the state, newest first; None where it keeps no history."""
        return self._kept.history

    def state(self) -> State:
        """What is owned, with everything that was journalled since it was written."""
        return self.journal.replay(self.store.read())

    def path(self, name: str) -> Path:
        """A path that the user gave, seen from where the user stands."""
        return self.start / name

    def named(self, name: str) -> NamedFile:
        """A file that the user named, behind no link that stands in the repository."""
        from plancast.content.discovery import named_file  # noqa: PLC0415

        return named_file(self.path(name), self.start)

    def options(
        self, now: datetime, zone: str | None = None, provider: str | None = None
    ) -> ViewOptions:
        """How things are to be shown; distances such as "in 8 days" count from `now`.

        `provider`: the name of the one that a saved plan is about, if not that of the workspace.
        """
        from plancast.providers import registry  # noqa: PLC0415
        from plancast.render.options import ViewOptions  # noqa: PLC0415

        return ViewOptions(
            title=registry.title(provider or self.settings.provider.name),
            color=self.color,
            width=self.width,
            now=now,
            zone=zone or self.loaded.workspace.timezone,
            verbose=self.verbose,
        )

    # -- talking ------------------------------------------------------------------------------

    def show(self, text: str) -> None:
        """A result: standard output. Raises Stop if it cannot be written, as on a full disk."""
        try:
            self.stdout.write(text if text.endswith("\n") else text + "\n")
            self.stdout.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            self.output_failed(error)
            raise Stop([]) from error

    def output_failed(
        self, error: OSError, stream: TextIO | None = None, name: str = "standard output"
    ) -> None:
        """A stream takes no more. It is reported when the run ends, unless its reader went away."""
        silence(stream or self.stdout)
        if not isinstance(error, BrokenPipeError):
            self.unwritten.append(problem("PC013", f"{name}: {system_reason(error)}"))

    def show_name(self, name: str) -> None:
        """A result that is a name, or a sentence with one: one line, whatever is in it."""
        from plancast.render.terminal.style import one_line  # noqa: PLC0415

        self.show(one_line(name))

    def show_json(self, document: object) -> None:
        """A result for machines."""
        from plancast.render.terminal.style import to_json  # noqa: PLC0415

        self.show(to_json(document, indent=2))

    def say(self, text: str) -> None:
        """Something beside the result: standard error, unless -q. Plain words, without colours."""
        if not self.quiet:
            from plancast.render.terminal.style import safe  # noqa: PLC0415

            self._tell(safe(text) + "\n")

    def _tell(self, text: str) -> bool:
        """Write to standard error. That it is full is no reason to leave anything half done."""
        try:
            self.stderr.write(text)
            self.stderr.flush()
        except OSError as error:
            self.output_failed(error, self.stderr, "standard error")
            return False
        return True

    def command_runner(self, lines: str) -> None:
        """Give the CI runner commands of our own, one a line. Only `annotations` makes them."""
        assert isinstance(self.stdout, GuardedStream)
        self.stdout.write_commands(lines)
        self.stdout.flush()

    def problems(self, diagnostics: Iterable[Diagnostic]) -> None:
        """Problems: standard error, also with -q."""
        from plancast.render.terminal.problems import render_diagnostics  # noqa: PLC0415

        found = tuple(diagnostics)
        if found:
            self._tell(render_diagnostics(found, color=self.color, width=self.width))

    def confirm(self, question: str) -> bool:
        """Ask; only the word `yes` is one. Without a terminal the answer is no. Or Interrupted."""
        return self.ask(f"{question}\n  Only 'yes' will be accepted.") == "yes"

    def ask(self, question: str) -> str:
        """Ask for a line, which is "" where nobody answers. Or Interrupted."""
        from plancast.render.terminal.style import safe  # noqa: PLC0415

        if not self._tell(f"\n{safe(question)}\n\n  Enter a value: "):
            return ""  # nobody can have seen what an answer would be to
        self.asking = True
        try:
            if self.stop.is_set():
                raise Interrupted
            return self.stdin.readline().strip()
        finally:
            self.asking = False
