"""Authors at work, in memory: files are renamed, swapped, split, merged, reordered and edited.

`python -m tests.reliability.authors [STEPS] [SEED]`. A *team* has post files of one or more
documents, a queue and a state. Each step is one operation of an author or of a person in Buffer,
or a run whose answers are lost; which one comes next is chosen so that every ordered pair of
operations is met. Often an apply follows, often the next operation comes before it.

Every post has a mark in its text that stays whatever is edited. What must hold at every moment: of
a mark there is one entry on a profile, waiting or gone out, and what a person made for themselves
is untouched. What must hold after an undisturbed apply: all that files ask for is there, at its
time, unless it went out before; nothing else of ours is; and the next plan is empty.

The exit code is 1 if any of that does not hold.
"""

from __future__ import annotations

import random
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise

from plancast.engine.planner import Planned
from plancast.model.diagnostics import Pointer
from plancast.model.entry import Address, Entry, LiveEntry, LiveStatus, QueuePosition
from plancast.model.plan import Action, Plan, Situation
from plancast.model.ports import OutcomeUnknown, Rejected, StateLocked
from plancast.model.profile import Profile
from plancast.model.workspace import Desired, OnDrift, Policy
from plancast.providers.buffer_features import CLASSIC, CURRENT
from plancast.reconcile.moves import SettledMoves, StatedMove
from plancast.reconcile.rails import Allowances
from plancast.testing.fakes import Failure, FakeProvider
from tests.engine.worlds import PROFILES, Loop
from tests.reliability.laws import Broken, LawError

ALIASES = ("x", "li")
FILES = 7
QUIET = Policy().quiet_period.total_seconds()
ALLOW = Allowances(destroy=9999, update=9999, empty=True, due_soon=True)
LIFE = 60
"""Steps of one team: then another one begins, with an empty queue."""

WORDS = [
    "spring",
    "launch",
    "garden",
    "team",
    "photo",
    "release",
    "music",
    "coffee",
    "running",
    "winter",
    "bike",
    "market",
    "sale",
    "story",
    "workshop",
    "friend",
    "morning",
    "light",
    "river",
    "mountain",
    "craft",
    "paper",
    "colour",
    "table",
    "bread",
    "window",
    "summer",
    "letter",
    "bridge",
    "answer",
    "ticket",
    "harbour",
    "engine",
    "copper",
    "violet",
    "lantern",
    "orchard",
    "compass",
    "saddle",
]


class Killed(BaseException):
    """The process is gone."""


@dataclass(frozen=True)
class Document:
    """One post as its author has it. `mark` is what it is, whatever it is called."""

    mark: int
    words: tuple[str, ...]
    due_at: datetime | None
    version: int = 0
    on_drift: OnDrift = OnDrift.OVERWRITE
    was: str = ""

    @property
    def text(self) -> str:
        end = ("", "!", " now")[self.version % 3]
        return f"[{self.mark}] {' '.join(self.words)}{end}."


@dataclass
class Tally:
    """How often each ordered pair of operations was met, over all teams."""

    pairs: Counter[tuple[str, str]] = field(default_factory=Counter)
    steps: int = 0
    applies: int = 0


@dataclass(slots=True)
class Strict(FakeProvider):
    """A provider that refuses to hold a text twice on one profile, as Buffer does.

    What people made is left out of that: it is theirs to sort out.
    """

    by_hand: set[str] = field(default_factory=set)

    def create(self, entry: Entry, profiles: Sequence[Profile]) -> tuple[LiveEntry, ...]:
        for profile in profiles:
            self._refuse_twins(entry, profile, "")
        return FakeProvider.create(self, entry, profiles)

    def update(self, remote_id: str, entry: Entry, previous: Entry, profile: Profile) -> LiveEntry:
        self._refuse_twins(entry, profile, remote_id)
        return FakeProvider.update(self, remote_id, entry, previous, profile)

    def _refuse_twins(self, entry: Entry, profile: Profile, but: str) -> None:
        text = self.expected(entry, profile).text
        for live in self.queue(profile.id):
            if live.entry.text == text and live.id not in {but, *self.by_hand}:
                raise Rejected("it is in the queue already", 1025)


class Team:
    """One team. `files` are documents by path, in their order."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.loop = Loop.at("2026-11-23 09:00")
        provider = Strict(self.loop.clock, tuple(PROFILES.values()))
        able = self.chance.choice([CLASSIC, CURRENT])
        # `Strict` has a rule of its own, which leaves out what people made; to wait for their texts
        # would hide whether an edit arrives.
        able = replace(able, repeats=None)
        provider.capabilities = replace(provider.capabilities, features=able)
        self.loop = replace(self.loop, provider=provider)
        safety = self.chance.choice(["direct", "direct", "strict"])
        self.loop = replace(self.loop, policy=Policy(safety=safety, max_destroy=9999))
        self.files: dict[str, list[Document]] = {}
        self.removed: list[Document] = []
        self.foreign: dict[str, LiveEntry] = {}
        self.by_hand = provider.by_hand
        """Entries that people made, owned by now or not: they would go out without plancast too."""
        self.known: set[str] = set()
        """Ids that were there before this step."""
        self.born = 0

    # -- what the files ask for --------------------------------------------------------------

    def desired(self) -> list[Desired]:
        found: list[Desired] = []
        for path, documents in self.files.items():
            for number, document in enumerate(documents):
                post = path if number == 0 else f"{path}-{number + 1}"
                found.extend(self._asked(post, document, alias) for alias in ALIASES)
        return found

    def stated(self) -> tuple[StatedMove, ...]:
        """Return the moves that documents state. Authors keep them true, or take them out again."""
        return tuple(
            StatedMove(one.was, post, Pointer(f"{post}.yaml"))
            for post, one in self._documents()
            if one.was and one.was in {place.post for place in self._published_as(one.mark)}
        )

    def _asked(self, post: str, document: Document, alias: str) -> Desired:
        """The folder has a say, as `_defaults.yaml` has."""
        two = post.startswith("two/")
        due = document.due_at
        if due is not None and two and document.mark % 2:
            due += timedelta(hours=1)
        queue = QueuePosition.NEXT if due is None else None
        entry = Entry(document.text, due, queue=queue, link_card=not two)
        rule = document.on_drift
        place = Address(post, alias)
        return Desired(place, PROFILES[alias], entry, Pointer(f"{post}.yaml"), on_drift=rule)

    # -- operations of authors: each returns whether it could be done -------------------------

    def write(self) -> bool:
        """A new file of one to three posts."""
        if len(self.files) >= FILES:
            return False
        path = self._new_path()
        self.files[path] = [self._new() for _ in range(self.chance.choice((1, 1, 2, 3)))]
        return True

    def _new_path(self) -> str:
        folder = self.chance.choice(("one", "one", "two"))
        while (path := f"{folder}/f{self.chance.randint(1, 40):02d}") in self.files:
            pass
        return path

    def _new(self) -> Document:
        """A post like no other; now and then one of a series, that differs by its number alone."""
        self.born += 1
        words = tuple(self.chance.sample(WORDS, 14))
        if self.chance.random() < 0.2:
            words = tuple(WORDS[:14])
        due = None if self.chance.random() < 0.35 else self._time()
        rule = OnDrift.KEEP if self.chance.random() < 0.1 else OnDrift.OVERWRITE
        return Document(self.born, words, due, on_drift=rule)

    def _time(self) -> datetime:
        now = self.loop.clock.now().replace(second=0)
        taken = {one.due_at for documents in self.files.values() for one in documents}
        while True:
            due = now + timedelta(
                days=self.chance.randint(1, 9), minutes=self.chance.randint(0, 999)
            )
            if due not in taken:
                return due

    def rename(self) -> bool:
        return self._move(lambda path: f"{path.split('/')[0]}/{self._new_path().split('/')[1]}")

    def move_folder(self) -> bool:
        """To another folder, with other defaults."""
        other = {"one": "two", "two": "one"}
        return self._move(lambda path: f"{other[path.split('/')[0]]}/{path.split('/')[1]}")

    def _move(self, place: Callable[[str], str]) -> bool:
        if not self.files:
            return False
        old = self._path()
        new = place(old)
        if new in self.files:
            return False
        self.files[new] = self.files.pop(old)
        return True

    def swap_names(self) -> bool:
        return self._ring(2)

    def cycle_names(self) -> bool:
        return self._ring(3)

    def _ring(self, count: int) -> bool:
        if len(self.files) < count:
            return False
        paths = self.chance.sample(sorted(self.files), count)
        contents = [self.files[path] for path in paths]
        for path, documents in zip(paths, [*contents[1:], contents[0]], strict=True):
            self.files[path] = documents
        return True

    def shift_names(self) -> bool:
        """`rm 01; mv 02 01; mv 03 02`: the first is removed, the others move up."""
        if len(self.files) < 3:
            return False
        paths = sorted(self.files)[:3]
        self.removed.extend(self.files[paths[0]])
        for path, following in pairwise(paths):
            self.files[path] = self.files[following]
        del self.files[paths[-1]]
        return True

    def split(self) -> bool:
        """The last document of a file becomes a file of its own."""
        long = [path for path in sorted(self.files) if len(self.files[path]) > 1]
        if not long:
            return False
        source = self.chance.choice(long)
        self.files[self._new_path()] = [self.files[source].pop()]
        return True

    def merge(self) -> bool:
        """One file is put before, or behind, what stands in another."""
        if len(self.files) < 2:
            return False
        one, two = self.chance.sample(sorted(self.files), 2)
        moved, there = self.files.pop(one), self.files[two]
        self.files[two] = moved + there if self.chance.random() < 0.5 else there + moved
        return True

    def reorder(self) -> bool:
        long = [path for path in sorted(self.files) if len(self.files[path]) > 1]
        if not long:
            return False
        path = self.chance.choice(long)
        documents = self.files[path]
        self.files[path] = [*documents[1:], documents[0]]
        return True

    def edit(self) -> bool:
        return self._change(lambda one: replace(one, version=one.version + 1))

    def retime(self) -> bool:
        """Another time, or to the queue or from it; not for what went out, as the author knows."""
        return self._change(
            lambda one: replace(one, due_at=None if self.chance.random() < 0.2 else self._time()),
            fresh=True,
        )

    def rewrite(self) -> bool:
        """Other words from end to end: another post, under the same name."""
        return self._change(lambda one: replace(self._new(), due_at=one.due_at), fresh=True)

    def _change(self, how: Callable[[Document], Document], *, fresh: bool = False) -> bool:
        over = self._published_marks() if fresh else set()
        places = [
            (path, number)
            for path in sorted(self.files)
            for number, one in enumerate(self.files[path])
            if one.mark not in over
        ]
        if not places:
            return False
        path, number = self.chance.choice(places)
        self.files[path][number] = how(self.files[path][number])
        return True

    def swap_texts(self) -> bool:
        """Two posts exchange their texts; their times stay."""
        over = self._published_marks()
        places = [
            (path, number)
            for path in sorted(self.files)
            for number, one in enumerate(self.files[path])
            if one.mark not in over
        ]
        if len(places) < 2:
            return False
        (p1, n1), (p2, n2) = self.chance.sample(places, 2)
        one, two = self.files[p1][n1], self.files[p2][n2]
        self.files[p1][n1] = replace(two, due_at=one.due_at)
        self.files[p2][n2] = replace(one, due_at=two.due_at)
        return True

    def delete(self) -> bool:
        """A document goes; a file with its last one."""
        if not self.files:
            return False
        path = self._path()
        documents = self.files[path]
        self.removed.append(documents.pop(self.chance.randrange(len(documents))))
        if not documents:
            del self.files[path]
        return True

    def add_again(self) -> bool:
        """Add a removed post again, under another name. If it went out, it is not sent again."""
        over = self._published_marks()
        back = [one for one in self.removed if one.mark not in over]
        if not back or len(self.files) >= FILES:
            return False
        document = self.chance.choice(back)
        self.removed.remove(document)
        self.files[self._new_path()] = [document]
        return True

    def _path(self) -> str:
        return self.chance.choice(sorted(self.files))

    # -- operations of people, and of time ----------------------------------------------------

    def put_back(self) -> bool:
        """A person removes ours and types the same again.

        Not what an abandoned create of ours has asked for: that is taken for its late twin.
        """
        feared = {one.entry.text for one in self.loop.state.abandoned}
        found = [one for one in self._waiting() if one.entry.text not in feared]
        if not found:
            return False
        live = self.chance.choice(found)
        self.loop.provider.remove(live.id)
        profile = next(one for one in PROFILES.values() if one.id == live.profile_id)
        made = self.loop.provider.add(live.entry, profile)
        self.foreign[made.id] = made
        self.by_hand.add(made.id)
        return True

    def remove_by_hand(self) -> bool:
        found = self._waiting()
        if found:
            self.loop.provider.remove(self.chance.choice(found).id)
        return bool(found)

    def edit_by_hand(self) -> bool:
        found = self._waiting()
        if found:
            live = self.chance.choice(found)
            self.loop.provider.edit(live.id, text=f"{live.entry.text} By hand.")
        return bool(found)

    def send_by_hand(self) -> bool:
        """A person sends ours now."""
        found = self._waiting()
        if found:
            self.loop.provider.publish(self.chance.choice(found).id)
        return bool(found)

    def add_by_hand(self) -> bool:
        if len(self.foreign) > 5:
            return False
        due = self._time()
        entry = Entry(f"[hand {len(self.foreign)}] by a person, for themselves", due)
        made = self.loop.provider.add(entry, PROFILES[self.chance.choice(ALIASES)])
        self.foreign[made.id] = made
        self.by_hand.add(made.id)
        return True

    def time_passes(self) -> bool:
        self.loop.clock.advance(self.chance.choice((40.0, 3600.0, 90_000.0)))
        return True

    def lose_an_answer(self) -> bool:
        """Lose the answer of one create, or kill the run over it; the run does not wait."""
        done = sum(1 for call in self.loop.provider.calls if call.method == "create")
        killed, arrives = self.chance.random() < 0.3, self.chance.choice(("no", "yes", "late"))
        self.loop.provider.failures = [
            Failure(
                "create",
                done + self.chance.randint(1, 3),
                Killed() if killed else OutcomeUnknown("no answer in time"),
                executed=arrives == "yes",
                late=QUIET / 2 if arrives == "late" else None,
            )
        ]
        try:
            self.apply()
        except Killed:
            self.loop.store.disk.holders.clear()
        finally:
            self.loop.provider.failures = ()
        return True

    # -- what is there ------------------------------------------------------------------------

    def everything(self) -> list[LiveEntry]:
        provider = self.loop.provider
        return [
            live
            for alias in ALIASES
            for live in (
                *provider.queue(PROFILES[alias].id),
                *provider.history(PROFILES[alias].id),
            )
        ]

    def ours(self) -> list[LiveEntry]:
        owned = self.loop.state.owned_ids()
        return [one for one in self.everything() if one.id in owned or one.id not in self.foreign]

    def _waiting(self) -> list[LiveEntry]:
        """Return the entries of ours that wait, without those that are only reserved."""
        return [
            one
            for one in self.ours()
            if one.status is LiveStatus.SCHEDULED and one.due_at and one.due_at.year < 2030
        ]

    def look(self) -> None:
        """Remember what is there before a step."""
        self.known.update(one.id for one in self.everything())

    def notice(self) -> None:
        """Make another post of what went out at its old time, while its file had a new one.

        An author who gives a time to a text that went out says that it shall go out again.
        """
        over = {
            (one.profile_id, mark(one)): one.entry.due_at
            for one in self.everything()
            if one.status is LiveStatus.PUBLISHED
        }
        for path, documents in self.files.items():
            for number, one in enumerate(documents):
                asked = {
                    (item.profile.id, one.mark): item.entry.due_at
                    for item in (self._asked(path, one, alias) for alias in ALIASES)
                }
                if any(
                    key in over and due is not None and not _is_near(over[key], due)
                    for key, due in asked.items()
                ):
                    self.born += 1
                    documents[number] = replace(one, mark=self.born, was="")

    def _published_marks(self) -> set[int]:
        return {
            mark(one)
            for one in self.everything()
            if one.status is LiveStatus.PUBLISHED and not one.entry.text.startswith("[hand")
        }

    # -- runs ---------------------------------------------------------------------------------

    def plan(self) -> Planned:
        return self.loop.plan(self.desired(), allow=ALLOW, moves=SettledMoves(self.stated()))

    def apply(self) -> Planned:
        """Do what `apply --no-wait` does, after settling what only an author can settle."""
        for _ in range(60):
            planned = self.plan()
            errors = [one for one in planned.plan.diagnostics if one.severity.value == "error"]
            if not errors:
                self.loop.apply(planned)
                return planned
            if not errors[0].address:
                raise LawError(f"{errors[0].code}: {errors[0].detail}")
            self._settle(errors[0].code, errors[0].address)
        found = [f"{one.code} {one.address}: {one.detail}" for one in errors]
        raise LawError(f"the authors cannot settle {found}")

    def _settle(self, code: str, at: str) -> None:
        """An author knows which post is which, and says so."""
        post, _, alias = at.partition("@")
        path, number = self._place(post)
        document = self.files[path][number]
        if code in ("PC405", "PC406"):
            self.files[path][number] = replace(document, due_at=self._time())
            self.notice()  # elsewhere it went out, and goes out once more
        elif code in ("PC619", "PC620"):
            old = [one for one in self._published_as(document.mark) if one.profile == alias]
            if old:
                self.files[path][number] = replace(document, was=old[0].post)
            elif code == "PC620" and document.due_at is None:
                self.files[path][number] = replace(document, due_at=self._time())
            elif code == "PC620":
                self.removed.append(self.files[path].pop(number))  # for now: first the old one goes
                if not self.files[path]:
                    del self.files[path]
            else:
                self.files[self._new_path()] = [self.files[path].pop(number)]
                if not self.files[path]:
                    del self.files[path]
        else:
            raise LawError(f"{code} at {at}")

    def _place(self, post: str) -> tuple[str, int]:
        if post in self.files:
            return post, 0
        path, _, number = post.rpartition("-")
        return path, int(number) - 1

    def _published_as(self, wanted: int) -> list[Address]:
        """Under which addresses this very post went out."""
        over = {
            one.id
            for one in self.everything()
            if one.status is LiveStatus.PUBLISHED and mark(one) == wanted
        }
        return [key for key, bound in self.loop.state.resources.items() if bound.remote_id in over]

    def converge(self) -> None:
        """Until nothing is left to wait for."""
        for _ in range(8):
            try:
                planned = self.apply()
            except StateLocked:
                state = self.loop.state
                self.loop.store.write(replace(state, lease=None, epoch=state.epoch + 1))
                self.loop.journal.clear()
                continue
            after = self.plan()
            if not after.undecided and not after.plan.has_changes and after.plan.can_apply:
                return
            for item in planned.undecided:
                if item.alike is not None and item.alike.status is LiveStatus.SCHEDULED:
                    self.loop.provider.remove(item.alike.id)  # a person says that it is nothing
                    self.foreign.pop(item.alike.id, None)
            self.loop.clock.advance(QUIET + 10.0)
            self.check()  # what arrived meanwhile is there already, and no run has cleared it up

    # -- what must hold -----------------------------------------------------------------------

    def check(self) -> None:
        """At every moment."""
        counts = Counter(
            (one.profile_id, mark(one))
            for one in self.ours()
            if (one.due_at is None or one.due_at.year < 2030) and one.id not in self.by_hand
        )
        twice = [key for key, times in counts.items() if times > 1]
        if twice:
            raise LawError(f"there twice: {twice}")
        for adopted in self.loop.state.owned_ids() & self.foreign.keys():
            del self.foreign[adopted]
        there = {one.id: one for one in self.everything()}
        for before in self.foreign.values():
            now = there.get(before.id)
            if now is None or (now.entry, now.due_at is None) != (before.entry, False):
                raise LawError(f"what a person made was touched: {before.entry.text}")

    def check_settled(self) -> None:
        """Check what must hold after an undisturbed apply."""
        plan = self.plan().plan
        if plan.has_changes or not plan.can_apply:
            raise LawError(f"the next plan is not empty: {shown(plan)}")
        owned = self.loop.state.owned_ids()
        live = {one.id: one for one in self.everything()}
        there = Counter(
            (one.profile_id, one.entry.text)
            for one in live.values()
            if one.status is LiveStatus.SCHEDULED and one.id in owned
        )
        times = {
            (one.profile_id, one.entry.text, one.due_at) for one in live.values() if one.id in owned
        }
        self._nothing_is_lost(plan, live, there, times)
        self._no_twin_was_made(live, owned)
        asked = Counter((one.profile.id, one.entry.text) for one in self.desired())
        kept = {
            (one.profile.id, one.before.text)
            for one in plan.changes
            if one.drift and one.before is not None
        }
        for key in there:
            if there[key] > asked[key] and key not in kept:
                raise LawError(f"too many: {key}")

    def _no_twin_was_made(self, live: dict[str, LiveEntry], owned: frozenset[str]) -> None:
        """Check that an entry that a person put back is adopted, and nothing is made beside it.

        Another time is another wish: a file for the queue does not ask for what a person timed.
        An edit may lead to the same, but only of what was there before.
        """
        for one in self.foreign.values():
            for twin in live.values():
                same = one.profile_id == twin.profile_id and one.entry == twin.entry
                is_made = twin.id in owned and twin.id not in self.known | self.by_hand
                if same and is_made and _age(twin) > _age(one):
                    raise LawError(f"made beside what a person put back: {one.entry.text}")

    def _nothing_is_lost(
        self,
        plan: Plan,
        live: dict[str, LiveEntry],
        there: Counter[tuple[str, str]],
        times: set[tuple[str, str, datetime | None]],
    ) -> None:
        over = {
            (one.profile_id, mark(one))
            for one in live.values()
            if one.status is LiveStatus.PUBLISHED and not one.entry.text.startswith("[hand")
        }
        excused = {Situation.MISSED, Situation.DRIFTED}
        if any(Situation.DRIFTED in one.situations for one in plan.changes):
            excused.add(Situation.BLOCKED)  # it needs the text of what a person keeps as it is
        left = {one.address for one in plan.changes if excused & set(one.situations)}
        marks = {
            (address, alias): document.mark
            for address, document in self._documents()
            for alias in ALIASES
        }
        now = self.loop.clock.now()
        for item in self.desired():
            key = (item.profile.id, item.entry.text)
            post_mark = (item.profile.id, marks[item.address.post, item.address.profile])
            past = item.entry.due_at is not None and item.entry.due_at <= now
            if post_mark in over or past or item.address in left:
                continue
            if not there[key]:
                raise LawError(f"lost: {item.address} {item.entry.text}")
            if item.entry.due_at is not None and (*key, item.entry.due_at) not in times:
                raise LawError(f"at another time: {item.address} {item.entry.text}")

    def _documents(self) -> list[tuple[str, Document]]:
        return [
            (path if number == 0 else f"{path}-{number + 1}", one)
            for path, documents in self.files.items()
            for number, one in enumerate(documents)
        ]


OPERATIONS = (
    "write", "rename", "move_folder", "swap_names", "cycle_names", "shift_names", "split", "merge",
    "reorder", "edit", "retime", "rewrite", "swap_texts", "delete", "add_again", "put_back",
    "remove_by_hand", "edit_by_hand", "send_by_hand", "add_by_hand", "time_passes",
    "lose_an_answer",
)  # fmt: skip


def mark(live: LiveEntry) -> int:
    """Return the number of a post, by the mark in its text."""
    word = live.entry.text.partition("]")[0].removeprefix("[")
    return int(word) if word.isdecimal() else -1 - hash(live.id) % 1_000_000


def _age(live: LiveEntry) -> datetime:
    assert live.created_at is not None
    return live.created_at


def _is_near(one: datetime | None, two: datetime) -> bool:
    return one is not None and abs(one - two) < timedelta(hours=20)


def shown(plan: Plan) -> str:
    acting = [
        f"{one.address} {one.action.value}" for one in plan.changes if one.action is not Action.NONE
    ]
    return ", ".join([*acting, *(f"{one.code} {one.address}" for one in plan.diagnostics)])


def live_through(steps: int, seed: int, tally: Tally, life: int = LIFE) -> Broken | None:
    """Take so many steps with one team after the other; return what did not hold."""
    chance = random.Random(seed)
    while steps > 0:
        team = Team(chance.randrange(2**32))
        team.write()
        team.write()
        trail: list[str] = ["write"]
        for step in range(min(life, steps)):
            steps -= 1
            name = _next(team, trail[-1], tally, chance)
            tally.steps += 1
            tally.pairs[trail[-1], name] += 1
            trail.append(name)
            team.look()
            team.notice()
            try:
                team.check()
                if chance.random() < 0.55:
                    tally.applies += 1
                    team.converge()
                    team.check()
                    team.check_settled()
                elif chance.random() < 0.3:
                    team.apply()
                    team.check()
            except LawError as wrong:
                return Broken(seed, step, tuple(trail[-8:]), str(wrong))
    return None


def _next(team: Team, before: str, tally: Tally, chance: random.Random) -> str:
    """Do the operation that followed this one least so far, of those that can be done."""
    names = sorted(OPERATIONS, key=lambda name: (tally.pairs[before, name], chance.random()))
    for name in names:
        if getattr(team, name)():
            return name
    raise LawError("nothing can be done")


def main(arguments: list[str]) -> int:
    """So many steps from one seed."""
    steps = int(arguments[0]) if arguments else 2000
    seed = int(arguments[1]) if len(arguments) > 1 else 1
    tally = Tally()
    broken = live_through(steps, seed, tally)
    least = min(tally.pairs[a, b] for a in OPERATIONS for b in OPERATIONS)
    print(
        f"seed {seed}: {tally.steps} steps, {tally.applies} applies, each ordered pair of "
        f"{len(OPERATIONS)} operations at least {least} times"
    )
    if broken:
        print(broken)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
