"""A folder with a workspace: run commands on it, edit its files, look at the sandbox behind it.

`run` is quick and hands in streams and environment; `process` and `start` are the real thing, for
signals, pipes, and output that bypasses the console.
"""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plancast.app.console import Console
from plancast.app.context import Runtime, ask_the_web
from plancast.commands.main import main
from plancast.providers.sandbox import World, open_world
from plancast.sandbox import SandboxServer
from plancast.sandbox.values import Update
from tests.fork_server import start as fork_server
from tests.night import THOROUGH

if TYPE_CHECKING:
    from plancast.app.context import AskMedia

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "content"
PATIENCE = 60.0
"""Seconds after which a process that does not end is a failure."""

X = "4eb854340acb04e870000010"
LINKEDIN = "4eb854340acb04e870000011"
NOW = "2026-11-30T08:00:00Z"
"""When a tiny workspace begins: a Monday, 09:00 in Berlin. Its clock stands still."""

SANDBOX = f"{{name: sandbox, clock: {NOW}}}"


@dataclass(frozen=True)
class Result:
    """How a command ended and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Return the standard output, parsed as JSON."""
        return json.loads(self.out)

    @property
    def events(self) -> list[dict[str, Any]]:
        """Return the events that `apply --json` wrote."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def codes(self) -> list[str]:
        """The diagnostic codes that it showed, on either stream."""
        return re.findall(r"^(?:error|warning)\[(PC[0-9]+)\]", self.err + self.out, re.MULTILINE)

    @property
    def errors(self) -> list[str]:
        """The codes of what was wrong, warnings left out."""
        return re.findall(r"^error\[(PC[0-9]+)\]", self.err + self.out, re.MULTILINE)


@dataclass
class WorkspaceDir:
    """One folder with a workspace, and the environment that its commands get."""

    folder: Path
    environ: Mapping[str, str] = field(default_factory=dict)
    ask_media: AskMedia = ask_the_web

    @classmethod
    def with_examples(cls, folder: Path) -> WorkspaceDir:
        """A copy of examples/content."""
        target = folder / "content"
        shutil.copytree(EXAMPLES, target)
        return cls(target)

    @classmethod
    def tiny(
        cls, folder: Path, policy: str = "{}", provider: str = SANDBOX, **posts: str
    ) -> WorkspaceDir:
        """A workspace with profiles `x` and `li`, and a file for each of `posts`."""
        workspace = cls(folder)
        workspace.write("plancast.yaml", workspace_yaml(policy, provider))
        for name, text in posts.items():
            workspace.write(f"{name}.yaml", text)
        return workspace

    # -- commands -----------------------------------------------------------------------------

    def run(self, *args: str, stdin: str = "") -> Result:
        """`plancast ARGS`."""
        out, err = io.StringIO(), io.StringIO()

        def make(*, directory: str, quiet: bool, verbose: bool, **_rest: object) -> Runtime:
            console = Console(io.StringIO(stdin), out, err, quiet=quiet, verbose=verbose)
            return Runtime(
                self.folder / directory, dict(self.environ), console, ask_media=self.ask_media
            )

        with _own_signals():
            try:
                main(list(args), obj=make)
            except SystemExit as end:
                return Result(int(end.code or 0), out.getvalue(), err.getvalue())
        raise AssertionError("the command line always ends with an exit code")

    def process(self, *args: str, stdin: str = "") -> Result:
        """`plancast ARGS`, in a process of its own: forked by day, started at night.

        A Python that the environment changes, such as by its encoding, is always started.
        """
        line = [sys.executable, "-m", "plancast", *args]
        changes_python = any(name.startswith(("PYTHON", "LANG", "LC_")) for name in self.environ)
        if fork_server.available() and not (THOROUGH or changes_python):
            line = fork_server.command(line[1:])
        running = self._running(line)
        try:
            out, err = running.communicate(stdin, timeout=PATIENCE)
        except BaseException:
            running.kill()
            running.communicate()
            raise
        return Result(running.returncode, out, err)

    def start(self, *args: str, **streams: Any) -> subprocess.Popen[str]:
        """`plancast ARGS`, under way."""
        return self._running([sys.executable, "-m", "plancast", *args], **streams)

    def _running(self, line: list[str], **streams: Any) -> subprocess.Popen[str]:
        pipe = subprocess.PIPE
        return subprocess.Popen(
            line,
            cwd=self.folder,
            env={**os.environ, **self.environ},
            encoding="utf-8",
            **{"stdin": pipe, "stdout": pipe, "stderr": pipe, **streams},
        )

    def plan(self, *args: str) -> dict[str, Any]:
        """The plan as data."""
        result = self.run("plan", "--format", "json", *args)
        assert result.code in (0, 4), result.err
        document: dict[str, Any] = result.json
        return document

    def summary(self, *args: str) -> dict[str, int]:
        """Return the counts of a plan by action, zeros left out."""
        return {key: value for key, value in self.plan(*args)["summary"].items() if value}

    def apply(self, *args: str) -> Result:
        """Apply without being asked."""
        return self.run("apply", "--auto-approve", *args)

    # -- files --------------------------------------------------------------------------------

    def write(self, name: str, text: str) -> Path:
        """A file of the workspace."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def edit(self, name: str, before: str, after: str) -> None:
        """Put one text in the place of another that stands in a file once."""
        path = self.folder / name
        text = path.read_text(encoding="utf-8")
        assert text.count(before) == 1, f"{name} does not hold {before!r} once"
        path.write_text(text.replace(before, after), encoding="utf-8")

    def files(self) -> dict[str, bytes]:
        """Return the files of the workspace by path, without the sandbox and the files of git."""
        return {
            path.relative_to(self.folder).as_posix(): path.read_bytes()
            for path in sorted(self.folder.rglob("*"))
            if path.is_file() and not path.relative_to(self.folder).parts[0].startswith(".")
        }

    def lose_state(self) -> None:
        """Delete `.plancast/`."""
        shutil.rmtree(self.folder / ".plancast")

    @property
    def state_file(self) -> Path:
        """Return the path of the state file."""
        return self.folder / ".plancast" / "state.json"

    # -- the other side -----------------------------------------------------------------------

    @property
    def world(self) -> World:
        """The sandbox of the workspace, for a person to work in. Close it, or use `live`."""
        self.run("sandbox", "clock")  # makes it, with the clock and the seed of the workspace
        return open_world(self.folder, {})

    @contextmanager
    def person(self) -> Iterator[World]:
        """Open the sandbox for a person who works in Buffer."""
        with self.world as world:
            yield world

    def rewrite_live(self, before: str, after: str) -> None:
        """Give a live entry a text that the sandbox refuses, but that a queue may hold.

        It may have come from another client, or from a Buffer of years ago.
        """
        path = self.folder / ".plancast-sandbox" / "world.db"
        with closing(sqlite3.connect(path)) as database, database:
            changed = database.execute(
                "UPDATE updates SET text = ? WHERE text = ?", (after, before)
            ).rowcount
        assert changed == 1, f"{changed} entries have the text {before!r}"

    def live(self) -> Sequence[Update]:
        """All that the sandbox holds, in the order of creation, what was sent included."""
        with self.world as world:
            return world.snapshot()

    def texts(self) -> list[str]:
        """The texts of all that the sandbox holds."""
        return sorted(item.content.text for item in self.live())

    def requests(self) -> dict[str, int]:
        """How many requests changed something, by endpoint."""
        with self.world as world:
            received = world.requests().received
        return {name: number for name, number in received.items() if name.startswith("POST")}


def workspace_yaml(policy: str = "{}", provider: str = SANDBOX) -> str:
    """A plancast.yaml with two profiles."""
    return (
        f"version: 1\nprovider: {provider}\ntimezone: Europe/Berlin\n"
        f"profiles:\n  x: {{service: twitter}}\n  li: {{service: linkedin}}\npolicy: {policy}\n"
    )


def post(text: str = "Hello.", at: str = "2026-12-01 09:30", on: str = "x", more: str = "") -> str:
    """A post file."""
    return f"profiles: [{on}]\nschedule: {at}\ntext: {json.dumps(text, ensure_ascii=False)}\n{more}"


@contextmanager
def served(
    workspace: WorkspaceDir, token: str = "sandbox-token", **seed: object
) -> Iterator[tuple[WorkspaceDir, World]]:
    """Serve a Buffer on a port of this machine to the workspace; its clock runs."""
    workspace.write("plancast.yaml", workspace_yaml(provider="buffer"))
    with World() as world:
        world.reset({"rate_limit": {"requests": 0}, "account": {"token": token}, **seed})
        with SandboxServer(world) as server:
            environ = {"PLANCAST_API_URL": server.url, "BUFFER_ACCESS_TOKEN": token}
            yield replace(workspace, environ={**workspace.environ, **environ}), world


def applied(folder: Path, policy: str = "{}", **posts: str) -> WorkspaceDir:
    """A tiny workspace whose posts stand in the queue."""
    workspace = WorkspaceDir.tiny(folder, policy, **posts)
    result = workspace.apply()
    assert result.code == 0, result.err
    return workspace


def many(number: int) -> dict[str, str]:
    """So many posts, one a day."""
    return {f"p{n:02d}": post(f"Number {n}.", f"2026-12-{n + 1:02d} 09:30") for n in range(number)}


def broken(folder: Path, body: str) -> WorkspaceDir:
    """A workspace whose provider is a package that runs `body` when it is made."""
    package = folder / "packages" / "broken-1.0.dist-info"
    package.mkdir(parents=True)
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: broken\nVersion: 1.0\n")
    (package / "entry_points.txt").write_text("[plancast.providers]\nbroken = broken_one:INFO\n")
    code = (
        f"import os\n\n\ndef make(context):\n    {body}\n\n\n"
        "from plancast.model.features import Features\n"
        "from plancast.providers import ProviderInfo\n\n"
        "INFO = ProviderInfo('broken', 'Broken', Features(), make)\n"
    )
    (folder / "packages" / "broken_one.py").write_text(code)
    (folder / "reports").mkdir()
    workspace = WorkspaceDir.tiny(folder / "content", provider="broken", a=post())
    workspace.environ = {"PYTHONPATH": str(folder / "packages"), "TMPDIR": str(folder / "reports")}
    return workspace


def wait_for_the_question(process: subprocess.Popen[str]) -> None:
    """Return once an apply asks for its `yes`; by then it holds the state."""
    assert process.stderr is not None
    output = ""
    while "Enter a value" not in output:
        sign = process.stderr.read(1)
        assert sign, f"it ended before it asked: {output}"
        output += sign


@contextmanager
def _own_signals() -> Iterator[None]:
    """An apply listens to signals; afterwards they belong to the test runner again."""
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.getsignal(number) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
