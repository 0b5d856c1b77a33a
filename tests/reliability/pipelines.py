"""A repository on a forge whose CI runs plancast, and the checks on each of its runs.

Every job is a machine of its own (`runs`). What it did to the queue is checked as soon as it ends:
only the tip of the branch changes anything, nothing is done that no person has seen, nothing of
another workspace or of a person is touched, and what the run says is what happened.
"""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeGuard

from plancast.app.context import Runtime
from plancast.forges import RunEvent
from plancast.forges.protocol import MERGED
from plancast.model.entry import LiveStatus
from plancast.model.exit_codes import ExitCode
from plancast.model.plan import Situation
from plancast.model.profile import Profile
from plancast.model.state import BindingStatus, Operation, State
from plancast.model.workspace import Policy
from plancast.providers.buffer_features import CLASSIC, CURRENT
from plancast.reconcile.approvals import plan_id
from plancast.store.git_states import ref_for
from plancast.store.state_json import decode
from plancast.testing.fakes import Failure, FakeClock
from tests.engine.worlds import PROFILES
from tests.fakes_git import MemoryRemote
from tests.reliability.commits import Commits, Content, Document, documents, folder_of, workspaces
from tests.reliability.forge import GITHUB, GITLAB, MAIN, Forge, Pull, Visit
from tests.reliability.laws import LawError
from tests.reliability.ledger import (
    Ledger,
    Line,
    Review,
    is_waiting,
    lines_of,
    mark_of,
    twice,
)
from tests.reliability.queue import Effect, Queue, limited
from tests.reliability.runs import EVENTS, SUMMARY, Ended, Machine, World

ALIASES = ("x", "li")
ALLOWED = frozenset(int(code) for code in ExitCode) - {int(ExitCode.BUG)}
SOON = timedelta(minutes=10)
"""A post that is due sooner may miss its time while runs wait."""


class Killed(BaseException):
    """The machine is gone."""


@dataclass(frozen=True)
class Job:
    """A run of CI after something came to the branch: for a workspace, at a commit."""

    owner: int
    commit: str


@dataclass
class SavedPlan:
    """An apply that waits for reviewers, with the plan that was saved."""

    job: Job
    machine: Machine
    lines: list[Line]


@dataclass
class Disturbance:
    """The faults that strike one apply.

    Numbers count requests that change something, and pushes, from 1.
    """

    kill_at: int = 0
    stop_at: int = 0
    budget: int | None = None
    failures: tuple[Failure, ...] = ()
    refuses: str = ""


CALM = Disturbance()


@dataclass
class Pipelines:
    """The repository, its forge, its queue and its jobs. `chance` decides what is left open."""

    chance: random.Random
    folder: Path
    ledgers: dict[int, Ledger] = field(default_factory=dict)
    reviews: dict[tuple[int, int], Review] = field(default_factory=dict)
    pending: list[Job] = field(default_factory=list)
    finished: list[Job] = field(default_factory=list)
    saved_plans: list[SavedPlan] = field(default_factory=list)
    owner_of: dict[int, int] = field(default_factory=dict)
    came_back: set[int] = field(default_factory=set)
    again: set[str] = field(default_factory=set)
    checked: int = 0
    applies: int = 0
    hold_next: bool = False

    def __post_init__(self) -> None:
        chance = self.chance
        clock, commits = FakeClock(), Commits()
        queue = Queue(clock, tuple(PROFILES.values()))
        sandbox = Queue(clock, tuple(PROFILES.values()))
        able = replace(queue.capabilities, features=chance.choice([CLASSIC, CURRENT]))
        queue.capabilities = able
        self.room = chance.choice([None, None, 7])
        limited(queue, self.room, waits=True)
        policy = Policy(
            max_destroy=9999,
            max_destroy_percent=None,
            max_update=9999,
            max_update_percent=None,
            missed="warn",
            due_soon=timedelta(0),
            safety=chance.choice(["direct", "direct", "strict"]),
        )
        self.world = World(clock, queue, sandbox, commits, MemoryRemote(), policy, self.folder)
        kind = chance.choice([GITHUB, GITLAB])
        self.forge = Forge(kind, commits, chance.choice([65_536, 65_536, 65_536, 2_600]))

    # -- short for ----------------------------------------------------------------------------

    @property
    def commits(self) -> Commits:
        return self.world.commits

    @property
    def queue(self) -> Queue:
        return self.world.queue

    @property
    def tip(self) -> str:
        return self.commits.branches[MAIN]

    def wanted(self, owner: int) -> list[tuple[str, Document, Profile]]:
        """Return what the tip asks for, entry by entry: address, post and profile."""
        tree = self.commits.tree(self.tip)
        return [
            (f"{name}@{alias}", document, PROFILES[alias])
            for name, document in documents(tree, folder_of(tree, owner)).items()
            for alias in document.profiles
        ]

    def state_of(self, owner: int) -> State | None:
        """Return the state of a workspace at the tip, if its own ref has one."""
        folder = folder_of(self.commits.tree(self.tip), owner)
        raw = self.world.remote.file(ref_for(folder), "state.json")
        if not raw:
            return None
        found = decode(raw, folder)
        return None if found.moved_to or found.is_new else found

    @property
    def known(self) -> frozenset[str]:
        """The entries that stand in a state."""
        remote = self.world.remote
        texts = [remote.file(ref, "owned.txt").decode() for ref in remote.refs]
        return frozenset(word for text in texts for word in text.split())

    # -- what comes to the branch -------------------------------------------------------------

    def push(self, commit: str) -> None:
        """The branch is at a commit now: each workspace gets a run."""
        before = self.commits.branches.get(MAIN)
        self.commits.branches[MAIN] = commit
        tree = self.commits.tree(commit)
        there = {one.mark for one in self.commits.tree(before or commit).values() if is_post(one)}
        self.came_back |= {one.mark for one in tree.values() if is_post(one)} - there
        for found in workspaces(tree).values():
            job = Job(found.owner, commit)
            if before is None or found.owner in self.ledgers:
                self.pending.append(job)
        del self.pending[:-12]

    # -- a run for a request ------------------------------------------------------------------

    def preview(self, pull: Pull, owner: int, *, in_queue: bool = False) -> None:
        """Plan what a merge would do, and comment it. In a merge queue nothing is commented."""
        machine = self.planned(pull, owner, in_queue=in_queue)
        has_no_token = pull.foreign and self.forge.kind == GITLAB
        if machine is None or in_queue or has_no_token:
            return
        self.ended(machine.comment())
        self.note(pull, owner, machine, folder_of(machine.tree, owner))

    def planned(self, pull: Pull, owner: int, *, in_queue: bool = False) -> Machine | None:
        """Plan what a merge would do; None if there is no plan that could be shown."""
        merged = self.commits.add(self.commits.merged(self.tip, pull.head), self.tip, pull.head)
        folder = folder_of(merged.tree, owner)
        if not folder:
            return None
        event = RunEvent.OTHER if in_queue else RunEvent.REQUEST
        about = None if in_queue else pull
        visit = Visit(self.forge, event, pull.head, about=about)
        machine = Machine(self.world, merged.id, folder, visit)
        self.ended(machine.plan(offline=pull.foreign and not in_queue))
        self.nothing_done("a plan of a request")
        return machine if machine.text("plan.json") else None

    def note(self, pull: Pull, owner: int, machine: Machine, folder: str) -> None:
        """Keep what the comment shows now: all lines of the plan, or none if one is missing."""
        own = [note for note in self.forge.ours(pull) if f"comment {folder} " in note.body]
        lines = lines_of(machine.saved)
        body = own[-1].body if own else ""
        if pull.foreign or any(line.token not in body for line in lines):
            lines = []
        place = f"{workspaces(machine.tree)[folder].id} {folder}"
        is_drifted = any(Situation.DRIFTED in one.situations for one in machine.saved.changes)
        self.reviews[pull.number, owner] = Review(lines, place, is_drifted=is_drifted)

    def merged(self, pull: Pull, made: list[str]) -> None:
        """A request was merged: who did it has read its comments."""
        self.forge.merged(pull, made)
        for (number, owner), review in self.reviews.items():
            if number == pull.number:
                review.merge = pull.merge
                self.ledgers[owner].agree(review.lines)

    def comment_late(self, pull: Pull, machine: Machine) -> None:
        """Let the run of a request comment after the merge, when no person reads it."""
        has_no_token = pull.foreign and self.forge.kind == GITLAB
        if not has_no_token:
            self.ended(machine.comment())

    # -- a run after the merge ----------------------------------------------------------------

    def visit(self, job: Job, event: RunEvent = RunEvent.PUSH, branch: str = MAIN) -> Visit:
        return Visit(self.forge, event, job.commit, branch)

    def start(
        self, job: Job, event: RunEvent = RunEvent.PUSH, branch: str = MAIN
    ) -> Machine | None:
        folder = folder_of(self.commits.tree(job.commit), job.owner)
        if not folder:
            return None
        return Machine(self.world, job.commit, folder, self.visit(job, event, branch))

    def run(self, job: Job, disturbed: Disturbance = CALM, *, hold: bool = False) -> str:
        """Plan, ask, apply, as the installed workflows do; how it went, in a word."""
        if job.owner in self.ledgers:
            self.finished.append(job)
        machine = self.start(job)
        if machine is None:
            return "gone"
        planned = self.ended(machine.plan())
        self.nothing_done("a plan")
        if planned.code:
            self.mend(job, planned)
            self.adopt(job, planned)
            return "refused" if planned.code != ExitCode.UNKNOWN else "unknown"
        plan = machine.saved
        if not plan.has_changes:
            return "nothing"
        asked = self.ended(machine.reviewed())
        word, lines = asked.out.strip(), lines_of(plan)
        self.nothing_done("a question")
        is_copy = job.owner not in self.ledgers
        if is_copy and word == "same" and any(change.action.sends for change in plan.changes):
            raise LawError(f"a copy of a workspace may apply: {planned.description}")
        if word != "same":
            self.must_be_unseen(job, machine, lines)
        if word != "same" or is_copy:
            return word
        saved = SavedPlan(job, machine, lines)
        if hold:
            self.saved_plans.append(saved)
            return "held"
        return self.apply(saved, disturbed)

    def apply(self, saved: SavedPlan, disturbed: Disturbance = CALM) -> str:
        """The job that applies, on a fresh machine with the saved plan."""
        job, owner = saved.job, saved.job.owner
        machine = self.start(job)
        assert machine is not None
        for name in ("plan.json", "reviewed.json"):
            Path(machine.file(name)).write_text(saved.machine.text(name), encoding="utf-8")
        was_tip, is_late = job.commit == self.tip, self.queue_is_late
        ended = self.disturbed(machine, disturbed, machine.apply)
        self.must_be_tip(was_tip=was_tip, is_late=is_late)
        self.look(owner, machine)
        took_hold = ended is None or machine.text(EVENTS)
        if took_hold and was_tip:
            self.applies += 1
            self.took_on(owner, saved.lines, job, is_sure=ended is not None)
            self.refusals(owner, machine)
        if ended is None:
            return "lost"
        self.check_reported_outcomes(machine)
        if ended.code in (0, 3, 1, 6) and machine.text(EVENTS):
            self.ended(machine.comment(EVENTS))
        if ended.code == 0 and disturbed is CALM:
            self.is_settled(owner, ended)
        return f"applied {ended.code}"

    def disturbed(
        self, machine: Machine, what: Disturbance, command: Callable[[], Ended]
    ) -> Ended | None:
        """Run a command that something befalls; None if its machine is lost."""
        queue, seen = self.queue, Counter[str]()

        def counted() -> None:
            seen["all"] += 1
            if seen["all"] == what.kill_at:
                machine.clone.is_dead = True
                raise Killed

        stops: list[Runtime] = []

        def changing() -> None:
            counted()
            seen["calls"] += 1
            if what.stop_at and seen["calls"] >= what.stop_at:
                for runtime in stops:
                    runtime.stop.set()

        machine.begun = stops.append
        machine.clone.pushing = counted
        queue.changing, queue.budget = changing, what.budget
        queue.failures = what.failures
        queue.refuses = what.refuses
        limited(queue, self.room, waits=what.budget is None)
        try:
            return self.ended(command())
        except Killed:
            machine.lose()
            return None
        finally:
            machine.begun = lambda _runtime: None
            machine.clone.pushing = queue.changing = lambda: None
            queue.failures, queue.refuses, queue.budget = (), "", None
            limited(queue, self.room, waits=True)

    # -- other runs ---------------------------------------------------------------------------

    def night(self, owner: int, disturbed: Disturbance = CALM) -> None:
        """A top-up at the tip: it creates what is owed, and nothing else."""
        job = Job(owner, self.tip)
        machine = self.start(job, RunEvent.CLOCK)
        if machine is None:
            return
        ledger = self.ledgers[owner]
        planned = self.ended(machine.plan())
        before = (ledger.owed | ledger.may) - ledger.refused
        is_late = self.queue_is_late
        begun = len(self.queue.effects)
        ended = self.disturbed(machine, disturbed, machine.top_up)
        reserved = set(ledger.reserved)
        for effect in self.queue.effects[begun:]:
            if effect.is_reserved:
                reserved.add(effect.remote_id)
            is_create = effect.operation is Operation.CREATE or effect.remote_id in reserved
            line = Line(Operation.CREATE, effect.profile_id, effect.text, effect.due_at)
            if not is_late and not (is_create and (line in before or effect.is_reserved)):
                raise LawError(f"a night did {effect.operation.value} {effect.text}")
        self.look(owner, machine)
        if machine.text(EVENTS):
            self.refusals(owner, machine)
        if machine.text("plan.json") and (ended is None or machine.text(EVENTS)):
            ledger.owed &= set(lines_of(machine.saved))
            ledger.may &= set(lines_of(machine.saved))
        if ended is None or disturbed is not CALM:
            return
        self.check_reported_outcomes(machine)
        if ended.code == 0:
            self.nothing_owed_is_lost(owner, ended)
            self.all_is_reported(owner, ended.warned | planned.warned)

    def by_id(self, owner: int, *, later: bool = False) -> str:
        """A person reads a plan in the summary of a run, and starts one with its id."""
        job = Job(owner, self.tip)
        machine = self.start(job, RunEvent.PERSON)
        if machine is None or self.ended(machine.plan()).code or not machine.saved.has_changes:
            return "nothing"
        named, lines = plan_id(machine.saved), lines_of(machine.saved)
        shown = self.ended(machine.reviewed("none"))
        if shown.out.strip() == "same" or named not in shown.err:
            raise LawError(f"a run without the id of a plan: {shown.description}")
        if later:
            self.world.clock.advance(3600.0)
        again = self.start(Job(owner, self.tip), RunEvent.PERSON)
        assert again is not None
        if self.ended(again.plan()).code or not again.saved.has_changes:
            return "nothing"
        now = lines_of(again.saved)
        word = self.ended(again.reviewed(named)).out.strip()
        is_other = sorted(map(str, now)) != sorted(map(str, lines))
        if (word == "same" and is_other) or (word != "same" and not (is_other or later)):
            raise LawError(f"{word} for the plan that a person has read")
        if word != "same":
            return word
        self.ledgers[owner].agree(lines)
        return self.apply(SavedPlan(Job(owner, self.tip), again, lines))

    def at_terminal(self, owner: int) -> None:
        """A person applies on their own machine, and has seen the plan."""
        tree = self.commits.tree(self.tip)
        machine = Machine(self.world, self.tip, folder_of(tree, owner))
        if self.ended(machine.plan()).code:
            return
        lines = lines_of(machine.saved)
        self.ledgers[owner].agree(lines)
        ended = self.ended(machine.apply_at_terminal())
        self.look(owner, machine)
        if machine.text(EVENTS):
            self.applies += 1
            self.took_on(owner, lines, None, is_sure=True)
            self.refusals(owner, machine)
            self.check_reported_outcomes(machine)
        # What the person saw and this run did not do is not agreed to by it for ever.
        if ended.code == 0:
            self.is_settled(owner, ended)

    def mend(self, job: Job, planned: Ended) -> None:
        """Take out what cannot be planned, as authors do after such a report."""
        if planned.code != ExitCode.ERROR or job.commit != self.tip:
            return
        output = planned.out + planned.err
        found = set(re.findall(r"^error\[PC\d+\].*\n *--> (\w+)(?:@|\.yaml)", output, re.MULTILINE))
        tree = dict(self.commits.tree(self.tip))
        folder = folder_of(tree, job.owner)
        broken = [name for name in sorted(found) if f"{folder}/{name}" in tree]
        if not broken:
            raise LawError(f"a plan failed, and authors can do nothing: {planned.description}")
        for name in broken:
            del tree[f"{folder}/{name}"]
        self.push(self.commits.add(tree, self.tip).id)

    def adopt(self, job: Job, planned: Ended) -> None:
        """Name the place of a state that a run does not dare to take, as a person who knows it."""
        if not {"PC624", "PC625"} & set(planned.errors) or job.commit != self.tip:
            return
        for ref in sorted(self.world.remote.refs):
            found = decode(self.world.remote.file(ref, "state.json"), ref)
            live = [self.queue.entry(one) for one in found.owned_ids()]
            owners = {self.owner_of.get(mark_of(one.entry.text)) for one in live if one}
            folder = folder_of(self.commits.tree(self.tip), job.owner)
            if owners == {job.owner} and ref != ref_for(folder):
                machine = Machine(self.world, self.tip, folder)
                self.ended(machine.adopt(ref))
                self.nothing_done("state adopt")
                return

    # -- what must hold of a run --------------------------------------------------------------

    @property
    def queue_is_late(self) -> bool:
        return bool(self.queue._late)

    def ended(self, ended: Ended) -> Ended:
        if ended.code not in ALLOWED:
            raise LawError(ended.description)
        return ended

    def nothing_done(self, what: str) -> None:
        """A run that only looks changed nothing."""
        if self.checked != len(self.queue.effects) and not self.settle_late():
            raise LawError(f"{what} changed the queue: {self.queue.effects[self.checked :]}")

    def settle_late(self) -> bool:
        """Take what arrived late for what it is: the run that sent it had a line for it."""
        late = self.queue.effects[self.checked :]
        if any(effect.operation is not Operation.CREATE for effect in late):
            return False
        self.use(late)
        return True

    def must_be_tip(self, *, was_tip: bool, is_late: bool) -> None:
        if was_tip:
            return
        for effect in self.queue.effects[self.checked :]:
            if effect.operation is not Operation.CREATE or not is_late:
                raise LawError(f"a commit that is not the tip did {effect.operation.value}")

    def look(self, owner: int, machine: Machine) -> None:
        """Each effect of a run was agreed to, and is about an entry of its workspace."""
        new = self.queue.effects[self.checked :]
        for effect in new:
            of = self.owner_of.get(mark_of(effect.text), 0)
            is_own = of == owner or (effect.operation is Operation.CREATE and of)
            if not is_own and effect.remote_id not in self.queue.by_hand:
                raise LawError(f"{machine.folder} has touched what is not its own: {effect}")
        self.use(new)

    def use(self, effects: Sequence[Effect]) -> None:
        self.checked = len(self.queue.effects)
        for effect in effects:
            mark = mark_of(effect.text)
            self.ledgers[self.owner_of[mark]].use(effect)
            if self.is_wished_again(mark, effect):
                self.again.add(effect.remote_id)

    def is_wished_again(self, mark: int, effect: Effect) -> bool:
        """Whether a post may go out although it did: its author gave it a new time, or took it
        out and put it back.
        """
        over = [
            one
            for one in self.queue.everything()
            if one.status is LiveStatus.PUBLISHED
            and (one.profile_id, mark_of(one.entry.text)) == (effect.profile_id, mark)
        ]
        is_new_time = effect.due_at is not None and all(
            one.entry.due_at != effect.due_at for one in over
        )
        return bool(over) and (is_new_time or mark in self.came_back)

    def took_on(self, owner: int, lines: list[Line], job: Job | None, *, is_sure: bool) -> None:
        """An apply has begun: what it did not create is owed, and requests are used."""
        ledger = self.ledgers[owner]
        creates = {line for line in lines if line.operation is Operation.CREATE}
        there = {
            (one.profile_id, one.entry.text)
            for one in self.queue.everything()
            if is_waiting(one) or one.status is LiveStatus.PUBLISHED
        }
        left = {one for one in creates if (one.profile_id, one.text) not in there}
        ledger.owed &= creates
        ledger.may &= creates
        if is_sure:
            ledger.owed |= left
        else:
            ledger.may |= left
        history = self.commits.history(job.commit) if job else frozenset()
        for (_number, of), review in self.reviews.items():
            if of == owner and review.merge in history:
                review.is_used = True

    def refusals(self, owner: int, machine: Machine) -> None:
        """Remember what the network refused in a run."""
        ledger = self.ledgers[owner]
        for event in events(machine):
            if event.get("outcome") == "failed" and event.get("action") == "create":
                ledger.refused |= ledger.owed

    def must_be_unseen(self, job: Job, machine: Machine, lines: list[Line]) -> None:
        """Check a plan that was not called reviewed: part of it was not, judging by its creates."""
        if any(line.operation is not Operation.CREATE for line in lines):
            return
        if any(Situation.DRIFTED in change.situations for change in machine.saved.changes):
            return
        history = self.commits.history(job.commit)
        recent = sorted(self.forge.pulls, key=lambda one: one.updated)[-MERGED // 2 :]
        numbers = {one.number for one in recent if one.merge in history}
        place = f"{workspaces(machine.tree)[machine.folder].id} {machine.folder}"
        seen = {
            line
            for (number, owner), review in self.reviews.items()
            if owner == job.owner and number in numbers
            if not (review.is_used or review.is_drifted)
            if review.place == place
            for line in review.lines
        }
        if set(lines) <= seen:
            raise LawError(f"all of it was reviewed, and it was refused: {lines}")

    def check_reported_outcomes(self, machine: Machine) -> None:
        """Check that the outcomes that a run reports are true, one by one and in sum."""
        counts = Counter[str]()
        for event in events(machine):
            if event.get("event") != "change_finished":
                continue
            counts[str(event["outcome"])] += 1
            live = self.queue.entry(str(event.get("remote_id", "")))
            if event["outcome"] != "applied" or not event.get("remote_id"):
                continue
            if event["action"] in ("create", "update") and live is None:
                raise LawError(f"said to be done, and it is not there: {event}")
            if event["action"] == "destroy" and live is not None:
                raise LawError(f"said to be removed, and it is there: {event}")
        head = machine.text(SUMMARY).partition("Apply: ")[2].partition("\n")[0]
        count = re.search(r"(\d+) applied", head)
        if head and int(count[1] if count else 0) != counts["applied"]:
            raise LawError(f"the summary says {head!r}, and {counts['applied']} were done")

    def is_settled(self, owner: int, ended: Ended) -> None:
        """After a run that did all: what the tip asks for is there, or it has gone out.

        Else the run says so: a person removed an entry whose time has passed since.
        """
        now = self.world.clock.now()
        live = self.queue.everything()
        over = {
            (one.profile_id, mark_of(one.entry.text))
            for one in live
            if one.status is LiveStatus.PUBLISHED
        }
        there: dict[tuple[str, str], set[datetime | None]] = {}
        for one in filter(is_waiting, live):
            # A person may have put a second one back, with a time of its own.
            there.setdefault((one.profile_id, one.entry.text), set()).add(one.due_at)
        for address, document, profile in self.wanted(owner):
            if address in ended.warned:
                continue
            found = there.get((profile.id, document.text), set())
            due = document.due_at
            if (profile.id, document.mark) in over or (due and due <= now + SOON):
                continue
            if not found:
                raise LawError(f"lost: {document.token} on {profile.id}")
            if due is not None and due not in found:
                raise LawError(f"at another time: {document.token} on {profile.id}")

    def nothing_owed_is_lost(self, owner: int, ended: Ended) -> None:
        """After a night: what was approved and is still asked for is there."""
        ledger, now = self.ledgers[owner], self.world.clock.now()
        asked = {
            (profile.id, document.text, document.due_at)
            for _address, document, profile in self.wanted(owner)
        }
        for line in sorted(ledger.owed - ledger.refused, key=str):
            is_asked = (line.profile_id, line.text, line.due_at) in asked
            if is_asked and (line.due_at is None or line.due_at > now + SOON):
                raise LawError(f"owed and not created: {line.token}; {ended.description}")

    def all_is_reported(self, owner: int, warned: frozenset[str]) -> None:
        """After a night: each entry that is asked for and missing is reported by its name.

        Either by the top-up, or by the plan of the other job: an entry is gone, and its slot over.
        """
        now, live = self.world.clock.now(), self.queue.everything()
        there = {(one.profile_id, mark_of(one.entry.text)) for one in live}
        for address, document, profile in self.wanted(owner):
            is_over = document.due_at is not None and document.due_at <= now + SOON
            is_there = (profile.id, document.mark) in there
            if not (is_over or is_there or address in warned):
                raise LawError(f"a night says nothing of {address}")

    # -- what must hold at every moment -------------------------------------------------------

    def check(self) -> None:
        self.queue.everything()
        if self.checked != len(self.queue.effects) and not self.settle_late():
            raise LawError(f"nobody has run: {self.queue.effects[self.checked :]}")
        if found := twice(self.queue, self.again):
            raise LawError(f"there twice: {found}")
        for before in self.queue.by_hand.values():
            now = self.queue.entry(before.id)
            if mark_of(before.entry.text):
                continue  # it says what a file says, so that it may be adopted
            if now is None or now.entry != before.entry:
                raise LawError(f"what a person made was touched: {before.entry.text}")

    def check_status(self, owner: int) -> None:
        """`status` shows each entry as it is, and is not content with anything that is missing."""
        machine = self.start(Job(owner, self.tip), RunEvent.CLOCK)
        if machine is None:
            return
        ended = self.ended(machine.status())
        if not ended.out:
            return
        state = self.state_of(owner)
        rows = {row["address"]: row for row in json.loads(ended.out)}
        well = {"scheduled", "published", "reserved"}
        troubles = {row["status"] for row in rows.values()} - well
        if bool(troubles) is not (ended.code == ExitCode.ERROR):
            raise LawError(f"status ends with {ended.code}, and shows {troubles}")
        folder = folder_of(self.commits.tree(self.tip), owner)
        is_open = self.world.remote.file(ref_for(folder), "journal.jsonl") or not state
        for binding in state.resources.values() if state and not (is_open or state.intents) else ():
            live = self.queue.entry(binding.remote_id)
            right = {"missing"}
            if live is not None and live.status is LiveStatus.PUBLISHED:
                right = {"published"}
            elif live is not None:
                right = {"stuck", "reserved"} if binding.inert else {"scheduled"}
            elif binding.status is BindingStatus.PUBLISHED:
                right = {"published"}
            shown_status = rows[str(binding.address)]["status"]
            if shown_status not in right:
                raise LawError(f"status says {shown_status} of {binding.address}, which is {right}")
        people = self.ended(machine.status_for_people())
        if "all is well" in people.out:
            self.is_settled(owner, people)


def is_post(found: Content) -> TypeGuard[Document]:
    return isinstance(found, Document)


def events(machine: Machine) -> list[dict[str, object]]:
    return [json.loads(line) for line in machine.text(EVENTS).splitlines()]
