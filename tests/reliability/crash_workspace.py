"""An apply that dies at a chosen effect, and what must hold whatever happened to it.

Every durable write, every send and every receive of plancast leaves a line in its log, before and
after. Those lines are the *effects*: a child process counts them and kills itself, with SIGKILL, at
the one that it was given. The child is forked from a process that has everything loaded, so that a
trial takes some hundredths of a second; it is a process of its own all the same, with files of its
own, and no code runs to tidy up after it.
"""

from __future__ import annotations

import logging
import os
import shutil
import signal
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path

from plancast.commands.main import main
from plancast.model.findings import Answer, Findings, Question
from plancast.model.ports import StateStore
from plancast.model.workspace import StateSettings
from plancast.providers.sandbox import World, open_world
from plancast.sandbox.values import Update
from plancast.store.git import open_git
from plancast.store.local import LocalStore
from tests.store.gits import git

LOADED = (
    "deepdiff", "filelock", "httpx", "jsonschema", "platformdirs", "referencing", "regex", "yaml",
    "graphql", "plancast.commands.apply", "plancast.commands.plan", "plancast.content.loader",
    "plancast.content.validate", "plancast.providers.factories", "plancast.app.context",
    "plancast.store.git", "plancast.store.journal", "plancast.store.local", "plancast.render",
)  # fmt: skip
"""The modules that an apply imports on its way: loaded here, once, instead of in every child."""

START = "2026-11-30T08:00:00Z"
WORKSPACE = """\
version: 1
provider: {{name: sandbox, api: {api}, clock: "{start}"}}
state: {{backend: {state}}}
content: posts
timezone: Europe/Berlin
profiles:
  x: {{service: twitter}}
  li: {{service: linkedin}}
  ma: {{service: mastodon}}
policy: {{safety: {safety}, duplicates: "off"}}
"""
BEFORE = {
    "edited": "profiles: [x, ma]\nschedule: 2026-12-10 09:00\ntext: '[edited] as it was'\n",
    "moved": "profiles: [li]\nschedule: 2026-12-11 09:00\ntext: '[moved] to another time'\n",
    "gone": "profiles: [x, li]\nschedule: 2026-12-12 09:00\ntext: '[gone] before long'\n",
    "old-name": "profiles: [ma]\nschedule: 2026-12-13 09:00\ntext: '[renamed] and nothing else'\n",
    "kept": "profiles: [x]\nschedule: 2026-12-14 09:00\ntext: '[kept] as it is'\n",
    "swap-1": "profiles: [x]\nschedule: 2026-12-17 09:00\ntext: '[swapped] one of two names'\n",
    "swap-2": "profiles: [x]\nschedule: 2026-12-18 09:00\ntext: '[exchanged] for the other'\n",
    "row-1": "profiles: [li]\nschedule: 2026-12-19 09:00\ntext: '[removed] to make room'\n",
    "row-2": "profiles: [li]\nschedule: 2026-12-19 15:00\ntext: '[next] moves up by one'\n",
    "typo": "profiles: [ma]\nschedule: 2026-12-21 09:00\ntext: '[mended] teh text and renamed'\n",
}
AFTER = {
    "edited": "profiles: [x, ma]\nschedule: 2026-12-10 09:00\ntext: '[edited] as it is now'\n",
    "moved": "profiles: [li]\nschedule: 2026-12-11 10:30\ntext: '[moved] to another time'\n",
    "new-name": "profiles: [ma]\nschedule: 2026-12-13 09:00\ntext: '[renamed] and nothing else'\n",
    "kept": "profiles: [x]\nschedule: 2026-12-14 09:00\ntext: '[kept] as it is'\n",
    "swap-2": "profiles: [x]\nschedule: 2026-12-17 09:00\ntext: '[swapped] one of two names'\n",
    "swap-1": "profiles: [x]\nschedule: 2026-12-18 09:00\ntext: '[exchanged] for the other'\n",
    "row-1": "profiles: [li]\nschedule: 2026-12-19 15:00\ntext: '[next] moves up by one'\n",
    "text": "profiles: [ma]\nschedule: 2026-12-21 09:00\ntext: '[mended] the text and renamed'\n",
    "group": "profiles: [x, li, ma]\nschedule: 2026-12-15 09:00\ntext: '[group] for all of them'\n",
    "queued": "profiles: [li]\nschedule: queue\ntext: '[queued] whenever there is room'\n",
    "image": (
        "profiles: [ma]\nschedule: 2026-12-16 09:00\ntext: '[image] with a picture'\n"
        "images: [{url: https://images.acme.example/a.png, alt: A picture}]\n"
    ),
}
WANTED = {
    ("twitter", "[edited] as it is now"),
    ("mastodon", "[edited] as it is now"),
    ("linkedin", "[moved] to another time"),
    ("mastodon", "[renamed] and nothing else"),
    ("twitter", "[kept] as it is"),
    ("twitter", "[swapped] one of two names"),
    ("twitter", "[exchanged] for the other"),
    ("linkedin", "[next] moves up by one"),
    ("mastodon", "[mended] the text and renamed"),
    ("twitter", "[group] for all of them"),
    ("linkedin", "[group] for all of them"),
    ("mastodon", "[group] for all of them"),
    ("linkedin", "[queued] whenever there is room"),
    ("mastodon", "[image] with a picture"),
}
HAND_MADE = "[hand] made by a person"
CHANGES = {"v1": "POST *", "graphql": "mutation *"}


REMOTE = "remote.git"


for _name in LOADED:
    import_module(_name)


def workspace_yaml(safety: str, state: str = "local", api: str = "v1") -> str:
    """plancast.yaml."""
    return WORKSPACE.format(safety=safety, start=START, state=state, api=api)


class Mortal(logging.Handler):
    """Counts effects; at the fatal one the process is gone."""

    def __init__(self, fatal: int | None) -> None:
        super().__init__(logging.DEBUG)
        self.fatal = fatal
        self.count = 0

    def emit(self, record: logging.LogRecord) -> None:
        if record.getMessage().startswith("GET "):
            return  # reading has no effect
        self.count += 1
        if self.count == self.fatal:
            os.kill(os.getpid(), signal.SIGKILL)


@dataclass(frozen=True)
class Ended:
    """How a child ended: exit code or minus the signal, how many effects it had, what it wrote."""

    code: int
    effects: int
    out: str

    @property
    def killed(self) -> bool:
        return self.code == -signal.SIGKILL


@dataclass
class CrashWorkspace:
    """One workspace with its sandbox, and what a person made there."""

    folder: Path
    hand_made: dict[str, Update] = field(default_factory=dict)
    wanted: set[tuple[str, str]] = field(default_factory=lambda: set(WANTED))
    api: str = "v1"

    @property
    def changes(self) -> str:
        """Return the name that the sandbox gives to requests that change something."""
        return CHANGES[self.api]

    @classmethod
    def build(
        cls, folder: Path, safety: str = "direct", state: str = "local", api: str = "v1"
    ) -> CrashWorkspace:
        """A month under way: applied once, then edited, and a person has been there."""
        workspace = cls(folder, api=api)
        folder.mkdir(parents=True)
        (folder / "plancast.yaml").write_text(workspace_yaml(safety, state, api), encoding="utf-8")
        if state == "git":
            workspace.found_remote()
        workspace.write(BEFORE)
        with workspace.world():
            pass  # it is made
        first = workspace.apply()
        assert first.code == 0, first.out
        if safety == "keyed":
            workspace.probe(state)
        with workspace.world() as world:
            for profile in world.profiles():
                if profile.service not in ("twitter", "linkedin", "mastodon"):
                    continue
                world.person_create(profile.id, HAND_MADE, at="2026-12-20T10:00:00Z")
            workspace.hand_made = {u.id: u for u in world.snapshot() if u.content.text == HAND_MADE}
        workspace.write(AFTER)
        return workspace

    def copy(self, folder: Path) -> CrashWorkspace:
        """The same world once more."""
        shutil.copytree(self.folder, folder)
        return CrashWorkspace(folder, self.hand_made, self.wanted, self.api)

    def probe(self, backend: str) -> None:
        """Let the state know what a probe finds in this sandbox."""
        local = self.folder / ".plancast"
        store: StateStore = LocalStore(local)
        if backend == "git":
            settings = StateSettings("git")
            store = open_git(self.folder, local, settings, os.environ, checkout=self.folder)
        with store.lock("a probe", 0.0):
            state = store.read()
            assert state.read_at is not None
            answers = {Question.REPEATED_KEY: Answer.SAME_ITEM}
            found = Findings(state.account_id, state.provider, state.read_at, answers)
            store.write(replace(state, findings=found))

    def found_remote(self) -> None:
        """Make a remote inside the folder, so that each copy of the workspace has its own."""
        git(self.folder, "init", "-q", "--bare", REMOTE)
        self.check_out()

    def check_out(self) -> None:
        """A repository as on a machine that was never used: nothing of before is in it."""
        for name in (".git", ".plancast"):
            shutil.rmtree(self.folder / name, ignore_errors=True)
        git(self.folder, "init", "-q")
        git(self.folder, "remote", "add", "origin", REMOTE)

    def write(self, posts: dict[str, str]) -> None:
        """The posts, and no others."""
        target = self.folder / "posts"
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir()
        for name, text in posts.items():
            (target / f"{name}.yaml").write_text(text, encoding="utf-8")

    @contextmanager
    def world(self) -> Iterator[World]:
        """The sandbox, for a look or for a person."""
        with open_world(self.folder, {"clock": START}) as world:
            # Buffer refuses a text that it holds already, which would hide our own mistakes.
            for name in ("duplicates", "graphql_duplicates"):
                if getattr(world.settings, name):
                    world.set_setting(name, False)
            yield world

    def apply(self, *flags: str, fatal: int | None = None) -> Ended:
        """`plancast apply --auto-approve` in a child, which dies at the effect `fatal`."""
        return self.run("apply", "--auto-approve", *flags, fatal=fatal)

    def run(self, *args: str, fatal: int | None = None) -> Ended:
        """A command in a child."""
        return self.wait(self.start(*args, fatal=fatal))

    def start(self, *args: str, fatal: int | None = None) -> int:
        """A command in a child that is not waited for; its process id."""
        child = os.fork()
        if child == 0:
            _live_and_die([*args], self.folder, fatal)
        return child

    def wait(self, child: int) -> Ended:
        """How a child ended."""
        _, status = os.waitpid(child, 0)
        out, counted = (self.folder / f"{child}.{name}" for name in ("out", "effects"))
        # It may have been killed while it wrote this.
        effects = int(counted.read_text() or 0) if counted.exists() else 0
        output = out.read_text(errors="replace") if out.exists() else ""
        out.unlink(missing_ok=True)
        counted.unlink(missing_ok=True)
        return Ended(os.waitstatus_to_exitcode(status), effects, output)

    # -- what must hold ---------------------------------------------------------------------------

    def problems(self, *, settled: bool) -> list[str]:
        """Return what is wrong: at any time, and (`settled`) after an undisturbed run."""
        with self.world() as world:
            services = {profile.id: profile.service for profile in world.profiles()}
            updates, items = world.snapshot(), world.content_items()
        found = [
            f"{before.id}: what a person made was touched"
            for before in self.hand_made.values()
            if not any(_same(before, after) for after in updates)
        ]
        ours = [u for u in updates if u.id not in self.hand_made]
        # The word in brackets identifies an address: edits keep it.
        marks = Counter((services[u.profile_id], u.content.text.split()[0]) for u in ours)
        found.extend(f"{mark} stands there {n} times" for mark, n in marks.items() if n > 1)
        if not settled:
            return found
        there = {(services[u.profile_id], u.content.text) for u in ours}
        found.extend(f"lost: {item}" for item in sorted(self.wanted - there))
        found.extend(f"too many: {item}" for item in sorted(there - self.wanted))
        # Everything is due in this December; what is not was reserved and never got its time.
        inert = (u for u in ours if u.draft or u.due_at > 1_800_000_000)
        found.extend(f"{u.id} is still inert" for u in inert)
        found.extend(f"{item.id} is still a draft" for item in items if item.draft is not None)
        plan = self.run("plan", "--detailed-exitcode")
        if plan.code != 0:
            found.append(f"the next plan is not empty: {plan.out}")
        return found


def _same(before: Update, after: Update) -> bool:
    return (before.id, before.content, before.due_at, before.status, before.scheduled_at) == (
        after.id, after.content, after.due_at, after.status, after.scheduled_at,
    )  # fmt: skip


def _live_and_die(args: list[str], folder: Path, fatal: int | None) -> None:
    """The child. Never returns."""
    code = 70
    try:
        os.chdir(folder)
        handle = os.open(f"{os.getpid()}.out", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(handle, 1)
        os.dup2(handle, 2)
        sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
        sys.stderr = os.fdopen(2, "w", encoding="utf-8", closefd=False)
        mortal = Mortal(fatal)
        logger = logging.getLogger("plancast")
        logger.handlers[:] = [mortal]
        logger.setLevel(logging.DEBUG)
        try:
            main(args)
        except SystemExit as end:
            code = int(end.code or 0)
        sys.stdout.flush()
        sys.stderr.flush()
        (folder / f"{os.getpid()}.effects").write_text(str(mortal.count), encoding="utf-8")
    finally:
        os._exit(code)
