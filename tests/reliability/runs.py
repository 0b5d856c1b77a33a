"""One machine that runs commands of plancast: a job of CI with a fresh clone, or a person's.

The commands are the real ones, in this process, with their real stores. In memory are the commit
that is checked out, the remote, the forge, the queue and the clock. Files that commands write lie
in a folder that is gone with the machine.
"""

from __future__ import annotations

import hashlib
import io
import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from plancast.app.console import Console
from plancast.app.context import STATE_FOLDER, Runtime, StateAccess, Stores
from plancast.app.process import run_command
from plancast.commands import apply, comment, plan, reviewed, state, status
from plancast.content.loader import Loaded
from plancast.files.named_file import NamedFile
from plancast.forges import RunEvent
from plancast.model.diagnostics import Pointer
from plancast.model.entry import QueuePosition
from plancast.model.exit_codes import ExitCode
from plancast.model.plan import Plan
from plancast.model.ports import Clock
from plancast.model.workspace import (
    Policy,
    Post,
    PostFields,
    ProviderSettings,
    Schedule,
    Selector,
    StateSettings,
    Workspace,
)
from plancast.providers import Connected
from plancast.providers.registry import is_shared
from plancast.store import plan_file
from plancast.store.git import GitJournal, GitStore
from plancast.store.git_states import ref_for
from plancast.store.journal import FileJournal
from plancast.testing.fakes import FakeClock
from tests.fakes_git import MemoryClone, MemoryRef, MemoryRemote, MemoryStates
from tests.reliability.commits import (
    SETTINGS,
    Commits,
    Document,
    Settings,
    Tree,
    documents,
    ids_of,
    workspaces,
)
from tests.reliability.forge import GITHUB, Visit
from tests.reliability.queue import Queue

SELECTORS = (Selector("x", service="twitter"), Selector("li", service="linkedin"))
PLAN, REVIEWED, EVENTS, SUMMARY = "plan.json", "reviewed.json", "events.jsonl", "summary.md"


@dataclass
class World:
    """The parts that all machines share."""

    clock: FakeClock
    queue: Queue
    sandbox: Queue
    commits: Commits
    remote: MemoryRemote
    policy: Policy
    folder: Path
    made: int = 0


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def errors(self) -> list[str]:
        return re.findall(r"^error\[(PC[0-9]+)\]", self.out + self.err, re.MULTILINE)

    @property
    def warned(self) -> frozenset[str]:
        """The addresses that problems are about."""
        said = self.out + self.err
        single = re.findall(r"^(?:error|warning)\[PC\d+\].*\n *--> (\S+)", said, re.MULTILINE)
        # Many problems of one code are one block, with all of their addresses.
        blocks = re.findall(r"^\w+\[PC\d+\].* times\)\n((?: .*\n)+)", said, re.MULTILINE)
        return frozenset([*single, *re.findall(r"[^\s,]+@[^\s,]+", "".join(blocks))])

    @property
    def description(self) -> str:
        """Return the end of its output, for a message."""
        outputs = [" ".join(text.split())[-900:] for text in (self.err, self.out)]
        return f"exit code {self.code}: {' '.join(outputs)}"


@dataclass(frozen=True, eq=False)
class MemoryRuntime(Runtime):
    """The runtime of one command on a machine."""

    machine: Machine | None = None

    @property
    def here(self) -> Machine:
        assert self.machine is not None
        return self.machine

    @cached_property
    def root(self) -> Path:
        return self.here.top / self.here.folder

    @cached_property
    def checkout(self) -> Path | None:
        return self.here.top

    @property
    def inside(self) -> str:
        return self.here.folder

    @cached_property
    def settings(self) -> Workspace:
        return self.here.loaded.workspace

    @cached_property
    def loaded(self) -> Loaded:
        return self.here.loaded

    @cached_property
    def system_clock(self) -> Clock:
        return self.here.world.clock

    def open_stores(self, access: StateAccess) -> Stores:
        machine, owner = self.here, self._owner(access)
        owner = replace(owner, folders=lambda: ids_of(machine.tree))
        ref = MemoryRef(machine.clone, ref_for(machine.folder))
        states = MemoryStates(ref, owner, is_named=False)
        monotonic = machine.world.clock.monotonic
        store = GitStore(ref, self.root / STATE_FOLDER, "ci", monotonic, states=states)
        local = FileJournal(self.root / STATE_FOLDER / "journal.jsonl")
        journal = GitJournal(store, local)
        return Stores(store, journal, None, store.claimed_elsewhere, store.neighbours, store.stands)

    def connect(self, *_args: Any, **_more: Any) -> Connected:
        world = self.here.world
        name = self.settings.provider.name
        return Connected(world.queue if is_shared(name) else world.sandbox, world.clock)

    def watch_signals(self, stores: Stores, abort: Callable[[], None]) -> None:
        """Watch no signals: the code that asks a run to end is in this process, `stop`."""

    def forge(self) -> Visit | None:
        return self.here.visit

    def head(self) -> str:
        return self.here.commit

    def tip_of(self, branch: str) -> str:
        self.here.clone.must_live()
        return self.here.world.commits.branches.get(branch, "")


@dataclass
class Machine:
    """A machine on which a commit is checked out, for one workspace in a folder of it.

    `visit` is the view of its CI, None for a person's own machine. `stop` is called with the
    runtime of each command that begins.
    """

    world: World
    commit: str
    folder: str
    visit: Visit | None = None
    loaded_as: Settings | None = None
    clone: MemoryClone = field(init=False)
    top: Path = field(init=False)
    begun: Callable[[Runtime], None] = lambda _runtime: None
    _read: tuple[str, Plan] | None = None

    def __post_init__(self) -> None:
        self.world.made += 1
        self.top = self.world.folder / str(self.world.made)
        self.clone = MemoryClone(self.world.remote)
        (self.top / ".git").mkdir(parents=True)
        self.check_out(self.commit, self.folder)

    def check_out(self, commit: str, folder: str) -> None:
        """Another commit, in which the workspace may lie in another folder."""
        self.commit, self.folder = commit, folder
        (self.top / folder).mkdir(exist_ok=True)
        (self.top / folder / SETTINGS).touch()
        self.__dict__.pop("loaded", None)

    def lose(self) -> None:
        """The machine is gone, with all that it had not pushed."""
        self.clone.is_dead = True
        shutil.rmtree(self.top, ignore_errors=True)

    @property
    def tree(self) -> Tree:
        return self.world.commits.tree(self.commit)

    @cached_property
    def loaded(self) -> Loaded:
        found = self.loaded_as or workspaces(self.tree)[self.folder]
        return load(self.tree, self.folder, found, self.world.policy)

    # -- commands -----------------------------------------------------------------------------

    def run(self, command: Callable[[Any, Runtime], ExitCode], args: object) -> Ended:
        """Run a command as the command line does, with streams of its own."""
        out, err = io.StringIO(), io.StringIO()
        self.world.queue.calls.clear()
        console = Console(io.StringIO("yes\n"), out, err)
        runtime = MemoryRuntime(self.top / self.folder, self.environ, console, machine=self)
        self.begun(runtime)
        return Ended(run_command(runtime, command, args), out.getvalue(), err.getvalue())

    def plan(self, *, offline: bool = False) -> Ended:
        args = plan.Args(out=self.file(PLAN), allow_empty=True, offline=offline)
        return self.run(plan.run, args)

    def comment(self, events: str | None = None) -> Ended:
        args = comment.Args(plan_file=self.file(PLAN), events=events and self.file(events))
        return self.run(comment.run, args)

    def reviewed(self, named: str = "") -> Ended:
        args = reviewed.Args(plan_file=self.file(PLAN), plan=named, out=self.file(REVIEWED))
        return self.run(reviewed.run, args)

    def apply(self) -> Ended:
        args = apply.Args(
            plan_file=self.file(PLAN),
            reviewed=self.file(REVIEWED),
            json_into=self.file(EVENTS),
            summary=self.file(SUMMARY),
            lock_timeout=400.0,
        )
        return self.run(apply.run, args)

    def top_up(self) -> Ended:
        args = apply.Args(
            waiting=True,
            auto_approve=True,
            summary=self.file(SUMMARY),
            json_into=self.file(EVENTS),
            lock_timeout=400.0,
        )
        return self.run(apply.run, args)

    def apply_at_terminal(self) -> Ended:
        """Apply as a person does, who sees the plan and says yes."""
        args = apply.Args(allow_empty=True, json_into=self.file(EVENTS), summary=self.file(SUMMARY))
        return self.run(apply.run, args)

    def status(self) -> Ended:
        return self.run(status.run, status.Args(format_name="json"))

    def status_for_people(self) -> Ended:
        return self.run(status.run, status.Args())

    def adopt(self, place: str) -> Ended:
        return self.run(state.run_adopt, state.AdoptArgs(place=place))

    # -- files --------------------------------------------------------------------------------

    def file(self, name: str) -> str:
        """Outside of the checkout, as the scripts of CI have it."""
        out = self.world.folder / f"out-{self.top.name}"
        out.mkdir(exist_ok=True)
        return str(out / name)

    def text(self, name: str) -> str:
        path = Path(self.file(name))
        return path.read_text(encoding="utf-8") if path.exists() else ""

    @property
    def saved(self) -> Plan:
        """The plan that was saved."""
        text = self.text(PLAN)
        if self._read is None or self._read[0] != text:
            self._read = text, plan_file.load(NamedFile(Path(self.file(PLAN))))
        return self._read[1]

    @property
    def environ(self) -> Mapping[str, str]:
        visit = self.visit
        if visit is None:
            return {"BUFFER_API_KEY": "a-key"}
        events = {RunEvent.PUSH: "push", RunEvent.CLOCK: "schedule"}
        if visit.server.kind == GITHUB:
            name = events.get(visit.event, "workflow_dispatch")
            return {"CI": "true", "GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": name}
        return {
            "CI": "true",
            "GITLAB_CI": "true",
            "CI_PIPELINE_SOURCE": events.get(visit.event, ""),
        }


def load(tree: Tree, folder: str, found: Settings, policy: Policy) -> Loaded:
    """The workspace in a folder of a tree, as the loader would read it from files."""
    posts = documents(tree, folder)
    workspace = Workspace(
        root=f"/{folder}",
        provider=ProviderSettings(found.provider),
        profiles=SELECTORS,
        policy=policy,
        state=StateSettings("git"),
        id=found.id,
    )
    digest = hashlib.sha256(repr((found, sorted(posts.items()))).encode()).hexdigest()
    return Loaded(
        workspace,
        tuple(_post(name, document) for name, document in posts.items()),
        (),
        digest,
        len(posts),
    )


def _post(name: str, document: Document) -> Post:
    at = document.due_at
    schedule = Schedule(at=f"{at:%Y-%m-%d %H:%M}") if at else Schedule(queue=QueuePosition.NEXT)
    fields = PostFields(text=document.text, schedule=schedule, profiles=document.profiles)
    return Post(name, Pointer(f"{name}.yaml"), fields)
