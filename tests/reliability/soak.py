"""The long run: authors, people, faults, kills and rival appliers, for a given time.

`python -m tests.reliability.soak [SECONDS] [SEED]`. A *life* is one workspace with its sandbox. In
each round of it authors edit files, a person adds posts by hand, faults are armed, and one, two or
three processes apply at once; some are killed, at an effect or at any moment. After every round
nothing may be there twice and nothing that a person made may be touched; after every calm run
everything must be there once. Then, for a quarter of that time, teams of
the state machine in memory do the same with a clock that jumps, and for another quarter projects
with requests and CI are lived through. The exit code is 1 if any of
that does not hold.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from plancast.sandbox import Fault, FaultKind
from tests.engine.test_machine import Team
from tests.reliability import project
from tests.reliability.crash_workspace import CrashWorkspace, Ended, workspace_yaml

ALIASES = {"x": "twitter", "li": "linkedin", "ma": "mastodon"}
ROUNDS = 12
"""Rounds of one life, with a calm run after every third."""
POSTS = 25
FATAL = {FaultKind.UNAUTHORIZED, FaultKind.HTML_401}
"""These end a run, so they are rare: it would not get far."""
KINDS: list[FaultKind] = [
    kind
    for kind in FaultKind
    for _ in range(1 if kind in FATAL else 3)
    if kind is not FaultKind.SLOW
]


@dataclass
class Tally:
    """Counts of what was done, and a list of what went wrong."""

    lives: int = 0
    rounds: int = 0
    applies: int = 0
    kills: int = 0
    lost: int = 0
    faults: int = 0
    rivals: int = 0
    calm: int = 0
    entries: int = 0
    problems: list[str] = field(default_factory=list)


@dataclass
class Author:
    """An author who edits files, and knows what must be there in the end."""

    chance: random.Random
    posts: dict[str, tuple[tuple[str, ...], str, str]] = field(default_factory=dict)
    born: int = 0
    resting: set[str] = field(default_factory=set)

    def work(self, *, settled: bool) -> None:
        """Some new posts, some edits, renames and deletions.

        A post that is renamed and edited in one go is another entry, by another address: the old
        one may outlive the new one's beginning. So files are renamed only if all is `settled`, and
        then left alone until it is again: it must stay one entry all the time.
        """
        if settled:
            self.resting.clear()
        while len(self.posts) < POSTS or self.chance.random() < 0.3:
            self.born += 1
            count = self.chance.choice((1, 1, 2, 3))
            on = tuple(self.chance.sample(sorted(ALIASES), count))
            self.posts[f"post-{self.born}"] = (on, self._time(), f"[{self.born}] is new")
        free = sorted(set(self.posts) - self.resting)
        for name in self.chance.sample(free, min(12, len(free))):
            on, due, text = self.posts[name]
            what = self.chance.random()
            if what < 0.3:
                self.posts[name] = (
                    on,
                    due,
                    f"{text.split()[0]} is edit {self.chance.random():.6f}",
                )
            elif what < 0.6:
                self.posts[name] = (on, self._time(), text)
            elif what < 0.8 or not settled:
                del self.posts[name]
            else:
                self.posts[f"{name}-renamed"] = self.posts.pop(name)
                self.resting.add(f"{name}-renamed")

    def _time(self) -> str:
        day, hour = self.chance.randint(5, 28), self.chance.randint(6, 20)
        return f"2026-12-{day:02d} {hour:02d}:{self.chance.randint(0, 59):02d}"

    def files(self) -> dict[str, str]:
        return {
            name: f"profiles: [{', '.join(on)}]\nschedule: {due}\ntext: '{text}'\n"
            for name, (on, due, text) in self.posts.items()
        }

    def wanted(self) -> set[tuple[str, str]]:
        return {(ALIASES[alias], text) for on, _, text in self.posts.values() for alias in on}


def live(folder: Path, chance: random.Random, tally: Tally, until: float) -> None:
    """One workspace, from its first apply to its last."""
    safety = chance.choice(("direct", "direct", "strict", "keyed"))
    state = chance.choice(("local", "local", "git"))
    api = "graphql" if safety == "keyed" else chance.choice(("v1", "graphql"))
    folder.mkdir()
    rails = "policy: {max_destroy: 1000, max_update: 1000, "
    rules = workspace_yaml(safety, state, api).replace("policy: {", rails)
    if api == "graphql":
        grouping = chance.choice(("off", "content_item", "aliases"))
        rules = rules.replace("api: graphql", f"api: graphql, grouping: {grouping}")
    (folder / "plancast.yaml").write_text(rules, encoding="utf-8")
    workspace, author = CrashWorkspace(folder, api=api), Author(chance)
    if state == "git":
        workspace.found_remote()
    tally.lives += 1
    for number in range(1, ROUNDS + 1):
        author.work(settled=number % 3 == 1)
        workspace.write(author.files())
        workspace.wanted = author.wanted()
        before = set(workspace.hand_made)
        disturb(workspace, chance, tally)
        if state == "git" and chance.random() < 0.3:
            lose_machine(workspace, tally)
        found = workspace.problems(settled=False)
        if number % 3 == 0:
            found += calm(workspace, tally)
        if number == 3 and safety == "keyed":
            workspace.probe(state)  # until then, creates are strict
        tally.rounds += 1
        tally.problems.extend(f"{folder.name}, round {number}: {item}" for item in found)
        assert before <= set(workspace.hand_made)
        if found or time.monotonic() > until:
            return


def disturb(workspace: CrashWorkspace, chance: random.Random, tally: Tally) -> None:
    """A round with everything that can go wrong in it."""
    with workspace.world() as world:
        owner = chance.choice([p for p in world.profiles() if p.service in ALIASES.values()])
        made = world.person_create(
            owner.id, f"[hand-{len(workspace.hand_made)}] by a person", at="2026-12-30T10:00:00Z"
        )
        workspace.hand_made[made.id] = made
        count = chance.randint(0, 40)
        for _ in range(count):
            kind, skip = chance.choice(KINDS), chance.randint(0, 4)
            world.arm(Fault(kind, workspace.changes, skip, 1, 0.0, retry_after=1))
    if chance.random() < 0.4:
        compete(workspace, chance, tally)
    else:
        fatal = chance.randint(1, 120) if chance.random() < 0.7 else None
        ended = workspace.apply(fatal=fatal)
        tally.applies += 1
        tally.kills += ended.killed
        if ended.code == 70:
            tally.problems.append(f"a bug: {ended.out}")
    with workspace.world() as world:
        tally.faults += count - len(world.faults())
        world.clear_faults()


def overtaken(ended: Ended) -> bool:
    """Whether a push of a run that was killed arrived after it: git is a process of its own.

    The ref has moved then under the next run, which says so and changes nothing.
    """
    return ended.code == 1 and "PC604" in ended.out


def lose_machine(workspace: CrashWorkspace, tally: Tally) -> None:
    """Journal, locks and clone are gone, what was pushed is there; a person unlocks it."""
    workspace.check_out()
    tally.lost += 1
    for _ in range(3):
        ended = workspace.run("state", "unlock", "--auto-approve")
        if not overtaken(ended):
            break
    if ended.code != 0:
        tally.problems.append(f"unlocking ended with {ended.code}: {ended.out[-3000:]}")


def compete(workspace: CrashWorkspace, chance: random.Random, tally: Tally) -> None:
    """Two or three at once, some of which are killed at any moment."""
    flags = ("apply", "--auto-approve", "--lock-timeout", "20")
    children = [workspace.start(*flags) for _ in range(chance.choice((2, 3)))]
    tally.rivals += 1
    tally.applies += len(children)
    for child in children:
        if chance.random() < 0.6:
            time.sleep(chance.random() * 0.15)
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
    for child in children:
        ended = workspace.wait(child)
        tally.kills += ended.killed
        if ended.code == 70:
            tally.problems.append(f"a bug: {ended.out}")


def calm(workspace: CrashWorkspace, tally: Tally) -> list[str]:
    """Nothing disturbs this run: afterwards everything is there, once."""
    ended = workspace.apply()
    if overtaken(ended):
        ended = workspace.apply()
    tally.applies += 1
    tally.calm += 1
    tally.entries += len(workspace.wanted)
    found = [] if ended.code == 0 else [f"a calm run ended with {ended.code}: {ended.out[-3000:]}"]
    return found + workspace.problems(settled=True)


def main(arguments: list[str]) -> int:
    """Live for so many seconds; print what was done every ten."""
    seconds = float(arguments[0]) if arguments else 60.0
    seed = int(arguments[1]) if len(arguments) > 1 else int(time.time())
    chance, tally = random.Random(seed), Tally()
    begun = reported_at = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="plancast-soak-") as name:
        while time.monotonic() < begun + seconds and not tally.problems:
            live(Path(name, f"life-{tally.lives}"), chance, tally, begun + seconds)
            if time.monotonic() - reported_at > 10:
                reported_at = time.monotonic()
                report(tally, seed, reported_at - begun)
    report(tally, seed, time.monotonic() - begun)
    for problem in tally.problems:
        print(problem)
    return 1 if tally.problems else machines(seconds / 4) or projects(seconds / 4, seed)


def machines(seconds: float) -> int:
    """Teams in memory, a hundred at a time."""
    begun, hundreds = time.monotonic(), 0
    rules = settings(
        max_examples=100,
        stateful_step_count=50,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    while time.monotonic() < begun + seconds:
        run_state_machine_as_test(Team, settings=rules)
        hundreds += 1
    took = time.monotonic() - begun
    print(f"{took:5.0f} s, state machine: {hundreds * 100} teams, {Team.steps} steps, 0 problems")
    return 0


def projects(seconds: float, seed: int) -> int:
    """Repositories and their CI in memory, one after the other; how often pairs were met."""
    begun, met = time.monotonic(), project.Tally()
    broken = None
    while time.monotonic() < begun + seconds and broken is None:
        broken = project.live_through(project.LIFE, seed, met)
        seed += 1
    print(
        f"{time.monotonic() - begun:5.0f} s, requests and CI: {met.projects} projects, {met.steps} "
        f"steps, {met.applies} applies, each ordered pair of {len(project.OPERATIONS)} operations "
        f"at least {met.least} times, {0 if broken is None else 1} problems"
    )
    if broken:
        print(broken)
    return 1 if broken else 0


def report(tally: Tally, seed: int, seconds: float) -> None:
    """One line."""
    print(
        f"{seconds:5.0f} s, seed {seed}: {tally.lives} lives, {tally.rounds} rounds, "
        f"{tally.applies} applies, {tally.kills} kills, "
        f"{tally.lost} machines lost, {tally.faults} faults, "
        f"{tally.rivals} rounds with rivals, {tally.calm} calm runs, {tally.entries} entries "
        f"checked, {len(tally.problems)} problems",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
