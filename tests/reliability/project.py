"""Projects at work, in memory: requests are merged in every way, and CI is late, cut off or lost.

`python -m tests.reliability.project [STEPS] [SEED]`. A *project* is a repository with one or two
workspaces that share an account, a forge (GitHub or GitLab), a queue, and the CI that plancast
installs. Each step is one operation of an author, a maintainer, a reviewer, a runner or a person in
Buffer; which one comes next is chosen so that every ordered pair of operations is met.

What must hold after every step: of a post there is one entry on a profile at the most, waiting or
gone out; all that was done to the queue was shown to a person who agreed, was done from the tip of
the branch, and about entries of the workspace that did it; what a person made is untouched;
`status` shows what is there. What must hold after an undisturbed apply: all that the tip
asks for is there. After such a night: all that is owed is there, and the rest is reported.

The exit code is 1 if any of that does not hold.
"""

from __future__ import annotations

import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from plancast.model.entry import Entry, LiveEntry, LiveStatus
from plancast.model.exit_codes import ExitCode
from plancast.model.ports import OutcomeUnknown, Rejected
from plancast.store.git_states import ref_for
from plancast.testing.fakes import Failure
from tests.engine.worlds import PROFILES
from tests.reliability.commits import (
    SETTINGS,
    ConflictError,
    Content,
    Document,
    Settings,
    documents,
    folder_of,
    same_posts,
    workspaces,
)
from tests.reliability.forge import Pull
from tests.reliability.laws import Broken, LawError
from tests.reliability.ledger import Ledger, is_waiting, mark_of
from tests.reliability.pipelines import ALIASES, Disturbance, Job, Pipelines
from tests.reliability.runs import Machine

LIFE = 60
"""Steps of one project: then another one begins, with an empty queue."""

MOST = 6
"""Documents of a workspace."""

FOLDERS = ("one", "two", "news", "social", "team", "blog")
WORDS = ("spring", "launch", "garden", "photo", "music", "coffee", "winter", "bike", "market",
         "story", "friend", "morning", "river", "craft", "paper", "table", "bread", "window",
         "letter", "bridge", "ticket", "engine", "copper", "violet", "orchard")  # fmt: skip

Tree = dict[str, Content]


class Project:
    """One project. Operations return whether they could be done."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.chance = chance = random.Random(seed)
        self.ci = Pipelines(chance, folder)
        self.clock = self.ci.world.clock
        self.born = 0
        self.removed: list[tuple[int, Document]] = []
        self.notes = 0
        self.folders: dict[str, int] = {"one": 1, "two": 2}
        tree: Tree = {}
        for owner in range(1, chance.choice([1, 2, 2]) + 1):
            self.ci.ledgers[owner] = Ledger()
            name = chance.choice(["", f"id-{owner}", f"id-{owner}"])
            tree[f"{FOLDERS[owner - 1]}/{SETTINGS}"] = Settings(owner, name)
            for _ in range(2):
                self.write(tree, owner)
        self.ci.push(self.ci.commits.add(tree).id)
        for owner in self.ci.ledgers:
            self.ci.at_terminal(owner)
        self.ci.pending.clear()

    # -- what authors do to files -------------------------------------------------------------

    def author(self, base: str, owner: int, most: int = 2) -> str:
        """A commit after `base` with one or two edits of a workspace."""
        tree = dict(self.ci.commits.tree(base))
        edits = (self.write, self.write, self.edit, self.retime, self.delete, self.rename)
        for _ in range(self.chance.randint(1, most)):
            edit = self.chance.choice((*edits, self.add_again))
            if not edit(tree, owner):
                self.write(tree, owner)
        return self.ci.commits.add(tree, base).id

    def write(self, tree: Tree, owner: int) -> bool:
        folder = folder_of(tree, owner)
        if len(documents(tree, folder)) >= MOST:
            return self.edit(tree, owner)
        self.born += 1
        self.ci.owner_of[self.born] = owner
        words = tuple(self.chance.sample(WORDS, 12))
        due = None if self.chance.random() < 0.3 else self.time()
        profiles = self.chance.choice([("x",), ("li",), ALIASES])
        tree[self.path(tree, folder)] = Document(self.born, words, due, profiles)
        return True

    def path(self, tree: Tree, folder: str) -> str:
        while (path := f"{folder}/f{self.chance.randint(1, 60):02d}") in tree:
            pass
        return path

    def time(self) -> datetime:
        """Some day soon, at a time of its own."""
        minutes = self.chance.randint(60, 9 * 1440)
        return self.clock.now().replace(second=0) + timedelta(minutes=minutes)

    def edit(self, tree: Tree, owner: int) -> bool:
        return self.change(tree, owner, lambda one: replace(one, version=one.version + self.next()))

    def next(self) -> int:
        """No version is written twice, in whichever branch."""
        self.notes += 1
        return self.notes

    def retime(self, tree: Tree, owner: int) -> bool:
        return self.change(
            tree,
            owner,
            lambda one: replace(one, due_at=self.time(), version=one.version + self.next()),
        )

    def change(self, tree: Tree, owner: int, how: Callable[[Document], Document]) -> bool:
        """Change a document that has not gone out, as far as its author knows."""
        path = self.pick(tree, owner)
        if path:
            found = tree[path]
            assert isinstance(found, Document)
            tree[path] = how(found)
        return bool(path)

    def pick(self, tree: Tree, owner: int, *, fresh: bool = True) -> str:
        folder = folder_of(tree, owner)
        over = self.published_marks() if fresh else set()
        found = documents(tree, folder)
        names = [name for name, one in found.items() if one.mark not in over]
        return f"{folder}/{self.chance.choice(names)}" if names else ""

    def delete(self, tree: Tree, owner: int) -> bool:
        path = self.pick(tree, owner, fresh=False)
        if path:
            found = tree.pop(path)
            assert isinstance(found, Document)
            self.removed.append((owner, found))
        return bool(path)

    def rename(self, tree: Tree, owner: int) -> bool:
        path = self.pick(tree, owner, fresh=False)
        if path:
            tree[self.path(tree, folder_of(tree, owner))] = tree.pop(path)
        return bool(path)

    def add_again(self, tree: Tree, owner: int) -> bool:
        """Add a removed post again under another name, unless it went out."""
        over = self.published_marks()
        folder = folder_of(tree, owner)
        there = {one.mark for one in documents(tree, folder).values()}
        back = [
            one
            for of, one in self.removed
            if of == owner and one.mark not in over and one.mark not in there
        ]
        if not back or len(there) >= MOST:
            return False
        tree[self.path(tree, folder)] = self.chance.choice(back)
        return True

    def published_marks(self) -> set[int]:
        return {
            mark_of(one.entry.text)
            for one in self.ci.queue.everything()
            if one.status is LiveStatus.PUBLISHED
        }

    def owner(self) -> int:
        return self.chance.choice(sorted(self.ci.ledgers))

    # -- requests -----------------------------------------------------------------------------

    def open_request(self) -> bool:
        self.new_pull()
        return True

    def open_from_fork(self) -> bool:
        self.new_pull(foreign=True)
        return True

    def new_pull(self, *, foreign: bool = False) -> Pull:
        """Of the tip, or of what was the tip a while ago."""
        for pull in self.open_pulls()[:-4]:
            self.ci.forge.close(pull)
        base, owner = self.ci.tip, self.owner()
        if self.chance.random() < 0.2:
            before = self.ci.commits.by_id[base].parents
            is_older = bool(before) and folder_of(self.ci.commits.tree(before[0]), owner)
            base = before[0] if is_older else base
        pull = self.ci.forge.open(self.author(base, owner), foreign=foreign)
        self.preview(pull)
        return pull

    def preview(self, pull: Pull) -> None:
        """Each workspace that it changes has a run, and often the others as well."""
        with suppress(ConflictError):
            merged, tip = self.ci.commits.merged(self.ci.tip, pull.head), self.ci.tip
            tree = self.ci.commits.tree(tip)
            for owner in self.ci.ledgers:
                is_same = same_posts(merged, tree, folder_of(tree, owner))
                if not is_same or self.chance.random() < 0.3:
                    self.ci.preview(pull, owner)

    def open_pulls(self) -> list[Pull]:
        return [one for one in self.ci.forge.pulls if one.is_open]

    def push_to_request(self) -> bool:
        """More commits; or one that is made anew on the tip, for what conflicts with it."""
        pull = self.some_pull()
        owner = self.owner()
        is_stuck = not self.can_merge(pull) or not folder_of(self.ci.commits.tree(pull.head), owner)
        base = self.ci.tip if is_stuck else pull.head
        self.ci.forge.push(pull, self.author(base, owner, 1))
        if self.chance.random() < 0.8:  # else the run is cancelled, and the comment is an old one
            self.preview(pull)
        if self.chance.random() < 0.1:
            other = self.chance.choice(self.ci.forge.pulls)
            for note in self.ci.forge.ours(pull):  # a person copies our comment to elsewhere
                self.ci.forge.say(other, "mallory", note.body)
        return True

    def some_pull(self) -> Pull:
        found = self.open_pulls()
        return self.chance.choice(found) if found else self.new_pull()

    def can_merge(self, pull: Pull) -> bool:
        try:
            self.ci.commits.merged(self.ci.tip, pull.head)
            return pull.head not in self.ci.commits.history(self.ci.tip)
        except ConflictError:
            return False

    def merge(self) -> bool:
        return self.merged(lambda tip, head: [self.ci.commits.merge(tip, head).id])

    def squash(self) -> bool:
        return self.merged(lambda tip, head: [self.ci.commits.squash(tip, head).id])

    def rebase(self) -> bool:
        return self.merged(lambda tip, head: [one.id for one in self.ci.commits.rebase(tip, head)])

    def merged(self, how: Callable[[str, str], list[str]]) -> bool:
        fitting = [one for one in self.open_pulls() if self.can_merge(one)]
        pull = self.chance.choice(fitting) if fitting else self.new_pull()
        try:
            made = how(self.ci.tip, pull.head)
        except ConflictError:
            return False
        if not made:
            return False
        slow = self.ci.planned(pull, self.owner()) if self.chance.random() < 0.2 else None
        self.ci.merged(pull, made)
        if slow:
            self.ci.comment_late(pull, slow)
        self.ci.push(made[-1])
        return True

    def queue(self) -> bool:
        """A merge queue: what both make is planned, comments nothing, and is merged."""
        for pull in [one for one in self.open_pulls() if self.can_merge(one)][:2] or [
            self.new_pull()
        ]:
            if not self.can_merge(pull):
                continue
            for owner in self.ci.ledgers:
                self.ci.preview(pull, owner, in_queue=True)
            made = self.ci.commits.merge(self.ci.tip, pull.head).id
            self.ci.merged(pull, [made])
            self.ci.push(made)
        return True

    def close(self) -> bool:
        self.ci.forge.close(self.some_pull())
        return True

    # -- the branch ---------------------------------------------------------------------------

    def push_directly(self) -> bool:
        """Push a change that no person has reviewed; now and then it is that of an open request."""
        ahead = [
            one for one in self.open_pulls() if self.ci.commits.contains(one.head, self.ci.tip)
        ]
        if ahead and self.chance.random() < 0.5:
            self.ci.push(self.chance.choice(ahead).head)
            for owner in self.ci.ledgers:  # before the forge has noticed
                self.ci.run(Job(owner, self.ci.tip))
            return True
        self.ci.push(self.author(self.ci.tip, self.owner()))
        return True

    def force_back(self) -> bool:
        """The last commit is forced away."""
        before = self.ci.commits.by_id[self.ci.tip].parents
        here = {one.owner for one in workspaces(self.ci.commits.tree(self.ci.tip)).values()}
        if not before:
            return self.push_directly()
        there = self.ci.commits.tree(before[0])
        if any(not folder_of(there, owner) for owner in here):
            return self.push_directly()
        self.ci.push(before[0])
        return True

    def rename_folder(self) -> bool:
        """A workspace moves, in a commit that edits a post as well."""
        owner = self.owner()
        tree = dict(self.ci.commits.tree(self.ci.tip))
        old = folder_of(tree, owner)
        new = self.name(tree, owner)
        for path in [path for path in tree if path.startswith(f"{old}/")]:
            tree[f"{new}/{path.partition('/')[2]}"] = tree.pop(path)
        if self.chance.random() < 0.5:
            self.edit(tree, owner)
        self.ci.push(self.ci.commits.add(tree, self.ci.tip).id)
        has_id = bool(workspaces(tree)[new].id)
        if self.chance.random() < 0.2 or not has_id:
            # Without an id, and with all of its files replaced meanwhile, nothing would know it.
            self.clock.advance(600.0)
            machine = Machine(self.ci.world, self.ci.tip, new)
            self.ci.ended(machine.adopt(ref_for(old)))
            self.ci.nothing_done("state adopt")
        return True

    def name(self, tree: Tree, owner: int) -> str:
        """A free name for a folder, which no other workspace ever had.

        A workspace without an id is known by its folder alone, so it does not come back to one.
        """
        free = [
            one
            for one in FOLDERS
            if one not in workspaces(tree) and self.folders.get(one, owner) == owner
        ]
        if free and all(found.id for found in workspaces(tree).values()):
            name = self.chance.choice(free)
            self.folders[name] = owner
            return name
        return f"{self.chance.choice(FOLDERS)}-{self.next()}"

    def copy_folder(self) -> bool:
        """A copy is pushed, and taken out again once its runs were refused."""
        owner = self.owner()
        if self.ci.state_of(owner) is None:
            # It was renamed, and no run has moved its state yet: a copy could be where it went.
            return self.push_directly()
        before = self.ci.commits.tree(self.ci.tip)
        tree, old = dict(before), folder_of(before, owner)
        new = f"copy-{self.next()}"
        for path, found in before.items():
            if path.startswith(f"{old}/"):
                copied = replace(found, owner=99) if isinstance(found, Settings) else found
                tree[f"{new}/{path.partition('/')[2]}"] = copied
        made = self.ci.commits.add(tree, self.ci.tip)
        self.ci.push(made.id)
        word = self.ci.run(Job(99, made.id))
        self.ci.nothing_done(f"a copy ({word})")
        self.ci.push(self.ci.commits.add(before, made.id).id)
        return True

    def other_environment(self) -> bool:
        """The same files for another queue: the state is not used, nor touched."""
        owner = self.owner()
        tree = self.ci.commits.tree(self.ci.tip)
        folder = folder_of(tree, owner)
        found = workspaces(tree)[folder]
        machine = Machine(
            self.ci.world, self.ci.tip, folder, loaded_as=replace(found, provider="sandbox")
        )
        had, refs = self.ci.state_of(owner), dict(self.ci.world.remote.refs)
        if had is None and not found.id:
            return True  # nothing says that a state of another folder is its own
        ended = self.ci.ended(machine.apply_at_terminal())
        self.ci.nothing_done("a run for another queue")
        if ended.code == ExitCode.DONE or refs != self.ci.world.remote.refs:
            raise LawError(f"a state was used for another queue: {ended.description}")
        return True

    # -- runs ---------------------------------------------------------------------------------

    def job(self, *, late: bool = False) -> Job:
        """The next run that waits, or any of them; else one of the tip."""
        if not self.ci.pending:
            return Job(self.owner(), self.ci.tip)
        return self.ci.pending.pop(self.chance.randrange(len(self.ci.pending)) if late else 0)

    def tip_job(self) -> Job:
        """A run of the tip, mostly one that waits."""
        fitting = [one for one in self.ci.pending if one.commit == self.ci.tip]
        if not fitting:
            return Job(self.owner(), self.ci.tip)
        job = self.chance.choice(fitting)
        self.ci.pending.remove(job)
        return job

    def run(self) -> bool:
        """The run that waits longest; or another one overtakes it."""
        self.ci.run(self.job(late=self.chance.random() < 0.5))
        return True

    def rerun(self) -> bool:
        done = self.ci.finished
        self.ci.run(self.chance.choice(done[-12:]) if done else self.job())
        return True

    def cancel(self) -> bool:
        """Before it begins, or in the middle of an apply."""
        job = self.tip_job()
        if self.chance.random() < 0.7:
            self.ci.run(job, Disturbance(stop_at=self.chance.randint(1, 3)))
        return True

    def hold(self) -> bool:
        """The apply waits for reviewers."""
        self.ci.run(self.tip_job(), hold=True)
        del self.ci.saved_plans[:-3]
        return True

    def release(self) -> bool:
        """Reviewers say yes, late; or no."""
        if not self.ci.saved_plans:
            self.hold()
        if self.ci.saved_plans:
            saved = self.ci.saved_plans.pop(self.chance.randrange(len(self.ci.saved_plans)))
            if self.chance.random() < 0.8:
                self.ci.apply(saved)
        return True

    def lose_machine(self) -> bool:
        self.ci.run(self.tip_job(), Disturbance(kill_at=self.chance.randint(1, 14)))
        return True

    def lose_answer(self) -> bool:
        """A create is not answered, or the network refuses it."""
        arrives = self.chance.choice(["no", "yes", "late", "refused"])
        error = (
            Rejected("the network does not want it", 1030)
            if arrives == "refused"
            else OutcomeUnknown("no answer in time")
        )
        late = 60.0 if arrives == "late" else None
        failure = Failure("create", self.chance.randint(1, 2), error, arrives == "yes", late=late)
        self.ci.run(self.tip_job(), Disturbance(failures=(failure,)))
        return True

    def budget_ends(self) -> bool:
        self.ci.run(self.tip_job(), Disturbance(budget=self.chance.randint(0, 2)))
        return True

    def night(self) -> bool:
        for owner in self.ci.ledgers:
            self.ci.night(owner)
        self.clock.advance(8 * 3600.0)
        return True

    def apply_by_id(self) -> bool:
        self.ci.by_id(self.owner(), later=self.chance.random() < 0.3)
        return True

    def apply_at_terminal(self) -> bool:
        self.ci.at_terminal(self.owner())
        return True

    # -- time, and people in Buffer -----------------------------------------------------------

    def time_passes(self) -> bool:
        self.clock.advance(self.chance.choice([40.0, 600.0, 90_000.0]))
        return True

    def posts_go_out(self) -> bool:
        """The next one, at its time."""
        dues = [one.due_at for one in self.ci.queue.everything() if is_waiting(one) and one.due_at]
        if dues:
            wait = (min(dues) - self.clock.now()).total_seconds()
            self.clock.advance(max(1.0, wait + 1.0))
        return True

    def waiting(self) -> list[LiveEntry]:
        """Entries of posts that wait. While it is not known whether one was made, it is left alone:
        what a person does to it then is tried with the loop in memory.
        """
        known = self.ci.known | self.ci.queue.by_hand.keys()
        return [
            one
            for one in self.ci.queue.everything()
            if is_waiting(one) and mark_of(one.entry.text) and one.id in known
        ]

    def edit_by_hand(self) -> bool:
        found = self.waiting()
        if found:
            live = self.chance.choice(found)
            if self.chance.random() < 0.5:
                self.ci.queue.edit(live.id, text=f"{live.entry.text} By hand {self.next()}.")
            else:
                self.ci.queue.edit(live.id, due_at=self.time())
        return True

    def remove_by_hand(self) -> bool:
        found = self.waiting()
        if found:
            live = self.chance.choice(found)
            self.ci.queue.remove(live.id)
            self.ci.queue.by_hand.pop(live.id, None)
        return True

    def put_back(self) -> bool:
        """A person removes an entry and types the same again."""
        found = self.waiting()
        if found:
            live = self.chance.choice(found)
            self.ci.queue.remove(live.id)
            self.ci.queue.by_hand.pop(live.id, None)
            profile = next(one for one in PROFILES.values() if one.id == live.profile_id)
            self.ci.queue.type_in(replace(live.entry, due_at=live.due_at), profile)
        return True

    def add_by_hand(self) -> bool:
        if len(self.ci.queue.by_hand) < 5:
            text = f"hand {self.next()} by a person, for themselves"
            profile = PROFILES[self.chance.choice(ALIASES)]
            self.ci.queue.type_in(Entry(text, self.time()), profile)
        return True

    # -- what must hold -----------------------------------------------------------------------

    def check(self) -> None:
        self.ci.check()
        if self.chance.random() < 0.15:
            self.ci.check_status(self.owner())

    def settle(self) -> None:
        """The lease of a lost run ends, and runs are made until nothing disturbs them."""
        self.clock.advance(600.0)
        for owner in self.ci.ledgers:
            word = self.ci.run(Job(owner, self.ci.tip))
            if word in ("different", "unknown") and self.chance.random() < 0.5:
                self.ci.by_id(owner)
            self.ci.check()


OPERATIONS = (
    "open_request", "open_from_fork", "push_to_request", "merge", "squash", "rebase", "queue",
    "close", "push_directly", "force_back", "rename_folder", "copy_folder", "other_environment",
    "run", "rerun", "cancel", "hold", "release", "lose_machine", "lose_answer",
    "budget_ends", "night", "apply_by_id", "apply_at_terminal", "time_passes", "posts_go_out",
    "edit_by_hand", "remove_by_hand", "put_back", "add_by_hand",
)  # fmt: skip


@dataclass
class Tally:
    """How often each ordered pair of operations was met, over all projects."""

    pairs: Counter[tuple[str, str]] = field(default_factory=Counter)
    steps: int = 0
    projects: int = 0
    applies: int = 0
    effects: int = 0

    @property
    def least(self) -> int:
        return min(self.pairs[one, two] for one in OPERATIONS for two in OPERATIONS)


def live_through(steps: int, seed: int, tally: Tally, life: int = LIFE) -> Broken | None:
    """Take so many steps with one project after the other; return what did not hold."""
    chance = random.Random(seed)
    while steps > 0:
        number = chance.randrange(2**32)
        folder = Path(tempfile.mkdtemp(prefix="plancast-project-", dir=_memory()))
        trail: list[str] = []
        step = -1
        try:
            project = Project(number, folder)
            tally.projects += 1
            trail.append("push_directly")
            for _ in range(min(life, steps)):
                steps, step = steps - 1, step + 1
                _step(project, trail, tally, chance)
            tally.applies += project.ci.applies
            tally.effects += len(project.ci.queue.effects)
        except LawError as wrong:
            return Broken(seed, step, tuple(trail[-10:]), str(wrong))
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    return None


def _step(project: Project, trail: list[str], tally: Tally, chance: random.Random) -> None:
    """Do the operation that followed the last one least so far, of those that can be done."""
    before = trail[-1]
    for name in sorted(OPERATIONS, key=lambda one: (tally.pairs[before, one], chance.random())):
        trail.append(name)
        if getattr(project, name)():
            break
        trail.pop()
    tally.steps += 1
    tally.pairs[before, trail[-1]] += 1
    project.clock.advance(5.0)
    project.check()
    if chance.random() < 0.15:
        project.settle()


def _memory() -> str | None:
    """Return a folder whose disk is memory, if the system has one: nothing here outlives a run."""
    place = Path("/dev/shm")  # folders in it have random names
    return str(place) if place.is_dir() else None


def main(arguments: list[str]) -> int:
    """So many steps from one seed."""
    steps = int(arguments[0]) if arguments else 2000
    seed = int(arguments[1]) if len(arguments) > 1 else 1
    tally, begun = Tally(), time.monotonic()
    broken = live_through(steps, seed, tally)
    print(
        f"seed {seed}: {tally.steps} steps of {tally.projects} projects in "
        f"{time.monotonic() - begun:.0f} s, {tally.applies} applies, {tally.effects} changes of "
        f"the queue, each ordered pair of {len(OPERATIONS)} operations at least {tally.least} times"
    )
    if broken:
        print(broken)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
