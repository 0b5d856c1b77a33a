"""The context of a command: workspace, environment, clock, provider and stores.

This is the only place that wires them together. A command gets a `Runtime` beside its arguments. It
is made once, from the process or by a test, and passed on; no code below reads `os.environ`, the
clock or the streams by itself.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from plancast.app.console import Console
from plancast.app.process import SystemClock, end_threads_with_interrupt, watch_signals
from plancast.model.diagnostics import problem
from plancast.model.exit_codes import Stop
from plancast.model.features import LinkCards
from plancast.model.ports import StateError

if TYPE_CHECKING:
    from plancast.codec.state_history import Step
    from plancast.content.known_posts import Rows
    from plancast.content.loader import Loaded
    from plancast.files.named_file import NamedFile
    from plancast.files.row_cache import RowCache
    from plancast.forges import Forge
    from plancast.model.address import Address
    from plancast.model.media import MediaAnswer
    from plancast.model.ports import Clock, Journal, Notify, StateStore
    from plancast.model.profile import Profile
    from plancast.model.state import State
    from plancast.model.workspace import ProviderSettings, Workspace
    from plancast.providers import Connected, ProviderInfo
    from plancast.reconcile.neighbours import Files, Neighbour
    from plancast.render.options import ViewOptions
    from plancast.store.git_process import Git
    from plancast.store.workspace_owner import Owner

    History = Callable[[int], tuple[Step, ...]]
    AskMedia = Callable[[Sequence[str], Clock], Mapping[str, MediaAnswer]]
    """Asks addresses of media for their heads, and returns the answer of each."""

_DAY = 24 * 3600
"""Seconds of a day."""

_IN_CI = ("CI", "GITHUB_ACTIONS", "GITLAB_CI")
"""Variables of which each CI sets one: where they are set, no cache is read."""


class _LateRows:
    """Rows of a cache that is opened when they are first used, which few posts never do."""

    def __init__(self, opened: Callable[[], RowCache]) -> None:
        self._opened = opened

    @cached_property
    def _rows(self) -> RowCache:
        return self._opened()

    def find(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """Return the values of the keys that are there."""
        return self._rows.find(keys)

    def keep(self, rows: Mapping[bytes, bytes]) -> None:
        """Keep rows for later runs."""
        self._rows.keep(rows)


STATE_FOLDER = ".plancast"
OWN_FOLDERS = (STATE_FOLDER, ".plancast-sandbox")
"""Folders of a workspace whose files plancast writes; a repository must not contain them."""


def _id_in(content: bytes) -> str:
    """Return `workspace:` in the content of a plancast.yaml, "" if missing or unreadable."""
    from plancast.content.yaml_reader import Flaw, decode, read  # noqa: PLC0415

    text = decode(content)
    documents = () if isinstance(text, Flaw) else read(text)[0]
    settings = documents[0].value if documents else None
    workspace_id = settings.get("workspace") if isinstance(settings, dict) else None
    return workspace_id if isinstance(workspace_id, str) else ""


def _files_of(neighbour: Neighbour, checkout: Path | None) -> Files:
    """Read the posts of a neighbour in the same checkout, and whether it still uses its state.

    Returns empty files if its folder is a link out of the checkout, holds no workspace, or has
    errors.
    """
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
        # A folder that was renamed keeps its old ref until the next apply moves the state.
        places.add(ref_for(kept.identity.path))
    about = kept.identity.environment if kept.identity else ""
    uses = settings.state.backend == "git" and kept.place in places
    is_one = about in ("", environment(settings.provider, root))
    return Files(frozenset(post.id for post in loaded.posts), uses and is_one)


@dataclass(frozen=True, slots=True)
class StateAccess:
    """The permissions for opening the state.

    `moving`: the state is about to be moved to the backend that plancast.yaml names. `allow_new`: a
    new state may begin even if something shows that there is one. `adopting`: the ref or folder
    whose state a person takes over, "" if none.
    """

    moving: bool = False
    allow_new: bool = False
    adopting: str = ""


@dataclass(frozen=True, slots=True)
class Stores:
    """The store, the journal and the history of a state, as one run opened them.

    `history` returns the last writes, newest first; it is None if the store keeps none.
    `remembered_profiles` returns those of the state that this machine saw last, without asking a
    remote.
    `claimed_elsewhere` maps an account id to the remote ids that other workspaces own, as far as
    the state's remote knows, and `neighbours` to the states of these others. `stands` returns
    whether a state, kept in a place, is that of another workspace that HEAD still contains. These
    three raise StateUnreachable.
    """

    store: StateStore
    journal: Journal
    history: History | None = None
    claimed_elsewhere: Callable[[str], frozenset[str]] = lambda _account_id: frozenset()
    neighbours: Callable[[str], tuple[Neighbour, ...]] = lambda _account_id: ()
    stands: Callable[[str, State], bool] = lambda _place, _state: False
    remembered_profiles: Callable[[], tuple[Profile, ...]] = tuple

    def state(self) -> State:
        """Read the state, and replay what was journalled since it was written."""
        return self.journal.replay(self.store.read())


def ask_the_web(urls: Sequence[str], clock: Clock) -> Mapping[str, MediaAnswer]:
    """Ask addresses over the internet; `plancast.net.media_probe` has the rules."""
    from platformdirs import user_cache_dir  # noqa: PLC0415

    from plancast.net.media_memory import MediaMemory  # noqa: PLC0415
    from plancast.net.media_probe import MediaProbe  # noqa: PLC0415
    from plancast.net.media_survey import survey  # noqa: PLC0415
    from plancast.net.media_transport import PinnedTransport, SystemResolver  # noqa: PLC0415

    probe = MediaProbe(SystemResolver(), PinnedTransport())
    memory = MediaMemory(Path(user_cache_dir("plancast", appauthor=False)) / "media.json")
    return survey(urls, probe.ask, memory, int(clock.now().timestamp()))


@dataclass(frozen=True, eq=False)
class Runtime:
    """Everything outside of itself that a command may use: files, environment, network, console.

    `start` is the folder of `-C`. The object is frozen, and cached properties read each thing once,
    so that one run sees one version of it. `opened` collects what the run has to close.
    `ask_media` asks the web for media; only `--online` uses it. `rows` is the cache of posts that
    were read before, None unless the command asked for it (`for_preview`).
    """

    start: Path
    environ: Mapping[str, str]
    console: Console
    opened: ExitStack = field(default_factory=ExitStack)
    ask_media: AskMedia = ask_the_web
    rows: Rows | None = None
    _neighbours: dict[str, Files] = field(default_factory=dict, init=False)

    @classmethod
    def from_process(cls, *, directory: str, no_color: bool, quiet: bool, verbose: bool) -> Runtime:
        """Return the runtime of this process: its environment and its streams."""
        environ = dict(os.environ)
        console = Console.of_process(environ, no_color=no_color, quiet=quiet, verbose=verbose)
        return cls(Path(directory), environ, console)

    @property
    def stop(self) -> threading.Event:
        """The event that is set once the run was asked to end."""
        return self.console.stop

    def watch_signals(self, stores: Stores, abort: Callable[[], None]) -> None:
        """Let SIGINT and SIGTERM end the run. `abort` breaks off the call in progress."""
        watch_signals(self.console, abort, pushes=stores.history is not None)

    # -- wiring -------------------------------------------------------------------------------

    @cached_property
    def root(self) -> Path:
        """The folder of plancast.yaml, found upwards. Raises Stop if there is none."""
        from plancast.content.discovery import find_root, misnamed_root  # noqa: PLC0415
        from plancast.content.file_names import WORKSPACE_FILE  # noqa: PLC0415

        try:
            is_there = self.start.resolve().is_dir()
        except (OSError, RuntimeError, ValueError):  # the current folder is gone; a loop of links
            is_there = False
        if not is_there:
            # Do not search above a missing folder: that would find another workspace than meant.
            raise Stop([problem("PC001", f"there is no folder {self.start}")])
        root = find_root(self.start)
        if root is None:
            other = misnamed_root(self.start)
            hint = f"Rename {other} to {WORKSPACE_FILE}." if other else ""
            detail = f"no {WORKSPACE_FILE} in {self.start} or above it"
            raise Stop([problem("PC001", detail, hint=hint)])
        return root

    @property
    def inside(self) -> str:
        """The folder of the workspace in its checkout, with slashes; "" at the top or in none."""
        from plancast.content.discovery import inside  # noqa: PLC0415

        return inside(self.root, self.checkout) if self.checkout else ""

    @cached_property
    def checkout(self) -> Path | None:
        """The top of the checkout that the workspace lies in; None if it lies in none."""
        from plancast.content.discovery import find_checkout  # noqa: PLC0415

        return find_checkout(self.root)

    @cached_property
    def loaded(self) -> Loaded:
        """The workspace and its posts, with the diagnostics of loading them."""
        from plancast.content.loader import load  # noqa: PLC0415

        return load(self.root, self.rows)

    def for_preview(self, *, no_cache: bool) -> Runtime:
        """Return this runtime with the cache of posts, for a command that only shows something.

        A row of the cache can be wrong if another program of this user wrote it. So a run that
        changes the queue or makes a plan for one must not call this, and in CI, where a cache can
        come from the run of a request, there is none (docs/adr/0038-a-cache-for-previews.md).
        """
        if no_cache or any(self.environ.get(name) for name in _IN_CI):
            return self
        return replace(self, rows=_LateRows(self._opened_cache))

    def _opened_cache(self) -> RowCache:
        """Return the cache of posts, which is closed at the end of the command."""
        cache = self.post_cache()

        def close() -> None:
            cache.close()
            if cache.trouble and self.console.verbose:
                self.console.say(f"Done without the cache {cache.path}: {cache.trouble}.")

        self.opened.callback(close)
        return cache

    def post_cache(self) -> RowCache:
        """Return the cache of posts. Its file is opened when it is first used."""
        from platformdirs import user_cache_dir  # noqa: PLC0415

        from plancast.files.row_cache import RowCache  # noqa: PLC0415

        folder = Path(user_cache_dir("plancast", appauthor=False)) / "posts"
        today = int(self.system_clock.now().timestamp()) // _DAY
        return RowCache(folder / "rows.sqlite", today)

    @cached_property
    def system_clock(self) -> Clock:
        """The machine's clock, whose sleeps end if the run was asked to end."""
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
        """Connect to the provider of the workspace, or of `settings`; return it with its clock.

        `notify` is called with the seconds and the reason of each wait. `fence` is called before
        each request that changes something, and may raise. With `settings` and no `root` there is
        no workspace yet: it begins in the current folder. The runtime closes the connection.
        """
        from platformdirs import user_state_dir  # noqa: PLC0415

        from plancast.providers import ProviderContext, connect  # noqa: PLC0415

        if not settings:
            # Before anything is read from `.plancast-sandbox`: its files must be our own.
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
        self.opened.enter_context(end_threads_with_interrupt(self.stop, connected.abort))
        return connected

    @cached_property
    def settings(self) -> Workspace:
        """The settings in plancast.yaml, without the posts. Raises Stop if it cannot be read.

        An unreadable file has no default: guessing a place for the state could begin a second one.
        """
        from plancast.content.loader import load_settings  # noqa: PLC0415

        workspace, diagnostics = load_settings(self.root)
        if workspace is None:
            raise Stop(diagnostics)
        return workspace

    @cached_property
    def provider_info(self) -> ProviderInfo | None:
        """The registry's row of the workspace's provider, None if that is not installed."""
        from plancast.providers import registry  # noqa: PLC0415

        return registry.find(self.settings.provider.name, self.root)

    @cached_property
    def git_environ(self) -> Mapping[str, str]:
        """The environment without the keys of providers: git has no use for them."""
        from plancast.providers import registry  # noqa: PLC0415

        used: ProviderInfo | None = None
        with suppress(Stop):  # a caller that needs the provider or plancast.yaml reports that
            used = self.provider_info
        # The names of built-in providers are dropped even if the workspace's is not installed.
        dropped = registry.secrets([used] if used else [])
        return {name: value for name, value in self.environ.items() if name not in dropped}

    @cached_property
    def _untracked(self) -> None:
        """Raise Stop (PC014) if git tracks a file in OWN_FOLDERS.

        A repository that brings its own state, journal or sandbox could direct what an apply does.
        """
        from plancast.store.git_tracked_files import tracked_files  # noqa: PLC0415

        found = tracked_files(self.root, self.checkout, OWN_FOLDERS, self.git_environ)
        if found:
            raise Stop([problem("PC014", ", ".join(found[:3]) + (", …" if found[3:] else ""))])

    @cached_property
    def stores(self) -> Stores:
        """The stores of the state, opened without special permissions."""
        return self.open_stores(StateAccess())

    def state(self) -> State:
        """Read the state, and replay what was journalled since it was written."""
        return self.stores.state()

    def remembered_profiles(self) -> tuple[Profile, ...]:
        """Return the profiles of the state that this machine has, without asking a remote.

        They only improve a check of the files, so a state that is not there, cannot be read or came
        with the repository has none.
        """
        try:
            # Without the folder no run of plancast was here, and git need not be started.
            is_there = (self.root / STATE_FOLDER).is_dir()
            return self.stores.remembered_profiles() if is_there else ()
        except (Stop, StateError):
            return ()

    def open_stores(self, access: StateAccess) -> Stores:
        """Open the stores of the state. Call it once in a run. Raises Stop, StateError.

        The journal is in the workspace's folder even if git keeps the state, since it has to
        survive a run that is killed. With git, intents are pushed too, for runs on other machines.
        """
        from plancast.store.journal import FileJournal  # noqa: PLC0415

        folder, state = self.root / STATE_FOLDER, self.settings.state
        _ = self._untracked
        local, owner = FileJournal(folder / "journal.jsonl"), self._owner(access)
        if state.backend == "git":
            from plancast.store.git import GitJournal, open_git  # noqa: PLC0415

            store = open_git(
                self.root,
                folder,
                state,
                self.git_environ,
                checkout=self.checkout,
                moving=access.moving,
                owner=owner,
            )
            journal = GitJournal(store, local)
            return Stores(
                store,
                journal,
                store.history,
                store.claimed_elsewhere,
                store.neighbours,
                store.stands,
                store.remembered_profiles,
            )
        from plancast.store.local import LocalStore  # noqa: PLC0415
        from plancast.store.local_states import LocalStates  # noqa: PLC0415

        states = LocalStates(folder, self.checkout, owner, self.git_environ)
        kept = LocalStore(folder, states=states)
        # Whose state it is does not matter for what it remembers, and needs git to find out.
        remembered = LocalStore(folder).remembered_profiles
        return Stores(kept, local, remembered_profiles=remembered, stands=states.stands)

    def _owner(self, access: StateAccess) -> Owner:
        """Return the identity of the workspace, by which a store recognizes its state."""
        from plancast.model.workspace_identity import Identity  # noqa: PLC0415
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
            is_allowed=access.allow_new,
            adopting=access.adopting,
        )

    def _fork_of(self) -> str:
        from plancast.forges.events import fork_of  # noqa: PLC0415

        return fork_of(self.environ)

    def forge(self) -> Forge | None:
        """Return the forge whose CI this run is part of, None outside of CI.

        Raises ForgeError if the environment lacks what that CI sets. The caller closes the forge.
        """
        from plancast.forges import detect  # noqa: PLC0415

        return detect(self.environ, self.system_clock)

    def head(self) -> str:
        """Return the commit that is checked out, "" if there is none."""
        from plancast.store.git_head import head  # noqa: PLC0415

        return head(self._git)

    def tip_of(self, branch: str) -> str:
        """Ask the remote of the state for the tip of a branch; "" if it has no such branch.

        Raises StateUnreachable.
        """
        from plancast.store.git_head import tip_of  # noqa: PLC0415

        return tip_of(self._git, self.settings.state.remote, branch)

    @cached_property
    def _git(self) -> Git:
        from plancast.store.git_process import Git  # noqa: PLC0415

        return Git.pin(self.root, self.checkout, self.git_environ)

    def asks_for(self, address: Address) -> bool:
        """Return whether the files ask for an address; posts that cannot be read do not count."""
        return address.post in self._post_ids and bool(self.settings.selector(address.profile))

    @cached_property
    def _post_ids(self) -> frozenset[str]:
        return frozenset(self.loaded.ids)

    def files_of(self, neighbour: Neighbour) -> Files:
        """Return the files of another workspace in this checkout; each is read once in a run."""
        place = neighbour.kept.place
        if place not in self._neighbours:
            self._neighbours[place] = _files_of(neighbour, self.checkout)
        return self._neighbours[place]

    def path(self, name: str) -> Path:
        """Resolve a path that the user gave against the folder of `-C`."""
        return self.start / name

    def named(self, name: str) -> NamedFile:
        """Return a file that the user named, which refuses to follow a link in the repository."""
        from plancast.content.discovery import named_file  # noqa: PLC0415

        return named_file(self.path(name), self.start)

    def options(
        self, now: datetime, zone: str | None = None, provider: str | None = None
    ) -> ViewOptions:
        """Return the options for renderers. Distances such as "in 8 days" count from `now`.

        `provider` names that of a saved plan; without it, the workspace's is used.
        """
        from plancast.providers import registry  # noqa: PLC0415
        from plancast.render.options import ViewOptions  # noqa: PLC0415

        return ViewOptions(
            link_cards=self._link_cards(provider),
            title=registry.title(provider or self.settings.provider.name),
            color=self.console.color,
            width=self.console.width,
            now=now,
            zone=zone or self.loaded.workspace.timezone,
            verbose=self.console.verbose,
            quiet=self.console.quiet,
        )

    def _link_cards(self, provider: str | None) -> LinkCards:
        """Return which links the provider sends as cards; none if no settings can be read.

        The comment about a workspace that cannot be read names a provider and shows no post.
        """
        from plancast.providers import registry  # noqa: PLC0415

        try:
            return registry.features(self.settings.provider, self.root).link_cards
        except Stop:
            if provider is None:
                raise
            return LinkCards()
