"""Stories of identity: the files of a workspace, changes in Buffer, and the plan that follows.

A *way* is how a story is run: which API the sandbox speaks, where the state is kept, and in how
many steps an entry is created. Each story takes two ways that have nothing in common, so it meets
every API, every store and every safety; together the stories meet all eight ways.

In each queue stands one entry that a person made. No story may touch it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from plancast.providers.sandbox import DATABASE, open_world
from plancast.sandbox import Fault, FaultKind, World
from plancast.sandbox.values import Status, Update
from tests.commands.workspace_dir import NOW, Result, WorkspaceDir, X, workspace_yaml
from tests.store.gits import ENVIRON, Remote

BERLIN = ZoneInfo("Europe/Berlin")
LATE = 7200.0
"""Real seconds after which what `lose_answer` has held back arrives: no test waits for it."""

BY_HAND = "A picture of the yard, by hand."
"""The text of the entry that a person has put into the queue of each story."""

Files = Mapping[str, str]
"""Texts of files by their names; without a dot in the name it is a post in YAML."""

Act = Callable[["Story"], None]
"""An event between an apply and the next change of the files."""


@dataclass(frozen=True)
class Way:
    """How a story is run."""

    api: str
    store: str
    safety: str

    def __str__(self) -> str:
        return f"{self.api}-{self.store}-{self.safety}"


_PAIRS = (
    (Way("v1", "local", "direct"), Way("graphql", "git", "strict")),
    (Way("v1", "git", "strict"), Way("graphql", "local", "direct")),
    (Way("v1", "local", "strict"), Way("graphql", "git", "direct")),
    (Way("v1", "git", "direct"), Way("graphql", "local", "strict")),
)


def over_ways(names: Iterable[str]) -> pytest.MarkDecorator:
    """Run a test with each `name`, and that in two ways."""
    cases = [
        pytest.param(name, way, id=f"{name}-{way}")
        for number, name in enumerate(names)
        for way in _PAIRS[number % len(_PAIRS)]
    ]
    return pytest.mark.parametrize(("name", "way"), cases)


def in_two_ways(number: int) -> pytest.MarkDecorator:
    """Run a test in two ways: which ones goes by its `number` in the file."""
    return pytest.mark.parametrize("way", _PAIRS[number % len(_PAIRS)], ids=str)


@dataclass(frozen=True)
class Seen:
    """A plan in short: what it does, the codes of what it says, and how it ended.

    `held` has what each address that is held waits with, `owned` the remote id of each address.
    """

    lines: Sequence[str]
    codes: Sequence[str]
    code: int
    held_with: Mapping[str, Sequence[str]] = field(default_factory=dict)
    owned: Mapping[str, str] = field(default_factory=dict)
    unmanaged: int = 0


@dataclass(frozen=True)
class Story:
    """A workspace, and the Buffer that it talks to."""

    workspace: WorkspaceDir
    way: Way

    @classmethod
    def begin(cls, folder: Path, way: Way, files: Files, policy: str = "") -> Story:
        """A workspace with these files, nothing of it applied yet."""
        if way.store == "git":
            workspace = WorkspaceDir(Remote.make(folder / "git").clone("work"), ENVIRON)
        else:
            workspace = WorkspaceDir(folder / "work")
        story = cls(workspace, way)
        story.configure(policy)
        with workspace.person() as world:
            world.set_setting("graphql_duplicates", True)
            world.person_create(X, BY_HAND, at="2026-12-20T09:00:00Z")
        story.write(files)
        return story

    @classmethod
    def applied(cls, folder: Path, way: Way, files: Files, policy: str = "") -> Story:
        """The same, and all that the files ask for stands in the queue."""
        story = cls.begin(folder, way, files, policy)
        done = story.workspace.apply()
        assert done.code == 0, done.err
        return story

    # -- files ----------------------------------------------------------------------------------

    def configure(self, policy: str = "", more: str = "") -> None:
        """Write plancast.yaml: with more rules, and with more at its end."""
        api = ", api: graphql" if self.way.api == "graphql" else ""
        rules = f"safety: {self.way.safety}" + (f", {policy}" if policy else "")
        made = workspace_yaml(f"{{{rules}}}", f"{{name: sandbox{api}, clock: {NOW}}}")
        state = "state: {backend: git}\n" if self.way.store == "git" else ""
        self.workspace.write("plancast.yaml", f"{made}{state}{more}")

    def write(self, files: Files) -> None:
        """Write files."""
        for name, text in files.items():
            self.workspace.write(name if "." in name else f"{name}.yaml", text)

    def become(self, files: Files) -> None:
        """Put these files in the place of all that there are, but plancast.yaml."""
        for name in self.workspace.files():
            if name not in ("plancast.yaml", "README"):
                (self.workspace.folder / name).unlink()
        self.write(files)

    # -- commands -------------------------------------------------------------------------------

    def plan(self, *flags: str) -> Seen:
        """Return what a plan does and says, or why there is none."""
        result = self.workspace.run("plan", "--format", "json", *flags)
        if not result.out:
            return Seen((), result.codes, result.code)
        changes, unmanaged = result.json["changes"], result.json["unmanaged"]
        lines = [_line(change) for change in changes if change["action"] != "none"]
        codes = sorted(item["code"] for item in result.json["diagnostics"])
        held_with = {one["address"]: one["held_with"] for one in changes if one["held_with"]}
        owned = {one["address"]: one["remote_id"] for one in changes if one["remote_id"]}
        return Seen(sorted(lines), codes, result.code, held_with, owned, len(unmanaged))

    def apply(self, *flags: str) -> tuple[Result, int]:
        """Apply, and count the requests that changed something."""
        before = self.changes()
        return self.workspace.apply(*flags), self.changes() - before

    def settled(self) -> Seen:
        """Plan once more: nothing is to do, and each entry is owned once."""
        seen = self.plan("--detailed-exitcode")
        assert (seen.lines, seen.held_with, seen.code) == ([], {}, 0)
        assert len(set(seen.owned.values())) == len(seen.owned)
        return seen

    # -- the other side -------------------------------------------------------------------------

    def world(self) -> World:
        """The sandbox, for a person to work in."""
        return open_world(self.workspace.folder, {})

    def live(self) -> Sequence[Update]:
        """All that the sandbox holds, what was sent included."""
        with self.world() as world:
            return world.snapshot()

    def changes(self) -> int:
        """How many requests that change something the sandbox was sent."""
        with self.world() as world:
            received = world.requests().received
        verbs = ("POST ", "mutation ")
        return sum(number for name, number in received.items() if name.startswith(verbs))

    def waiting(self) -> list[str]:
        """List what waits: `2026-12-01 09:30 TEXT` or `queue TEXT`, after `li: ` if on LinkedIn."""
        return sorted(_shown(item) for item in self._ours() if item.status is not Status.SENT)

    def sent(self) -> list[str]:
        """The texts of what went out."""
        return sorted(item.content.text for item in self._ours() if item.status is Status.SENT)

    def ids(self) -> dict[str, str]:
        """Remote ids by what waits."""
        return {_shown(item): item.id for item in self._ours() if item.status is not Status.SENT}

    def by_hand(self) -> Update:
        """The entry that a person made."""
        (found,) = (item for item in self.live() if item.content.text == BY_HAND)
        return found

    def find(self, text: str) -> Update:
        """The entry with this text."""
        (found,) = (item for item in self.live() if item.content.text == text)
        return found

    def _ours(self) -> list[Update]:
        return [item for item in self.live() if item.content.text != BY_HAND]

    def allow_duplicates(self) -> None:
        """Let Buffer take a text twice."""
        with self.world() as world:
            world.set_setting("duplicates", False)
            world.set_setting("graphql_duplicates", False)

    def lose_answer(self) -> None:
        """Let the next create go unanswered; it arrives with `deliver`."""
        endpoint = (
            "mutation createPost" if self.way.api == "graphql" else "POST /updates/create.json"
        )
        with self.world() as world:
            world.arm(Fault(FaultKind.LATE_COMMIT, endpoint, seconds=LATE))

    def deliver(self) -> None:
        """Let what was not answered arrive now."""
        later = time.time() + 2 * LATE
        with World(self.workspace.folder / DATABASE, now=lambda: later) as world:
            world.snapshot()


def _line(change: Mapping[str, object]) -> str:
    was = f" was {change['previous_address']}" if change["previous_address"] else ""
    return f"{change['address']} {change['action']}{was}"


def _shown(item: Update) -> str:
    when = "queue"
    if item.scheduled_at is not None:
        when = f"{datetime.fromtimestamp(item.scheduled_at, BERLIN):%Y-%m-%d %H:%M}"
    place = "" if item.profile_id == X else "li: "
    return f"{place}{when} {item.content.text}"


# -- what happens ---------------------------------------------------------------------------------


def nothing(_: Story) -> None:
    """In most stories nothing happens."""


def until(moment: str) -> Act:
    """Time passes, and what is due by then goes out."""

    def act(story: Story) -> None:
        with story.world() as world:
            world.set_clock(moment)

    return act


def retyped(text: str, at: str) -> Act:
    """A person removes an entry and puts the same back by hand."""

    def act(story: Story) -> None:
        with story.world() as world:
            world.person_delete(story.find(text).id)
            world.person_create(X, text, at=at)

    return act
