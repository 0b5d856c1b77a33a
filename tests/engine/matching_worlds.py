"""Worlds in which matching has something to do: both sides drawn from a few texts and times.

Several profiles, timed and for the queue; owned entries that wait, failed, are reserved, went out
or are gone, drifted or protected; entries of others; history; creates that were not answered.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from hypothesis import strategies as st

from plancast.engine.observer import Observation
from plancast.engine.planner import Planned, PlanRequest, make_plan
from plancast.model.diagnostics import Pointer
from plancast.model.entry import Address, Entry, LiveEntry, LiveStatus, QueuePosition, Stage
from plancast.model.state import Binding, BindingStatus, Intent, Operation, State
from plancast.model.workspace import Desired, OnDrift, Policy
from plancast.reconcile.match import Live
from plancast.reconcile.rails import Allowances
from plancast.testing.fakes import START, FakeClock, FakeProvider
from tests.engine.worlds import PROFILES

NOW = START
ALL = tuple(PROFILES.values())
POSTS = ("a", "b", "c", "d", "e")
ALIASES = ("x", "li")
STEMS = (
    "Spring is here, and so is our new collection of garden tools",
    "Which of these four bridges is the oldest? Answers on Sunday",
    "Hi",
)
TEXTS = tuple(f"{stem}{end}" for stem in STEMS for end in ("", "!", " Come and see it today"))
DAY = timedelta(days=1)
TIMES = (None, NOW - 2 * DAY, NOW - DAY, NOW + DAY, NOW + 2 * DAY, NOW + 9 * DAY)
PROVIDER = FakeProvider(FakeClock(NOW), ALL)


@dataclass(frozen=True)
class World:
    """Both sides, and what stands between them."""

    desired: tuple[Desired, ...]
    state: State
    live: Live
    history: frozenset[Address] = frozenset()
    elsewhere: frozenset[str] = frozenset()
    policy: Policy = field(default_factory=lambda: Policy(max_destroy=99))

    def plan(self) -> Planned:
        """Return the plan of this world."""
        question = PlanRequest(
            desired=self.desired,
            profiles=PROFILES,
            policy=self.policy,
            content_digest="digest",
            locate=lambda _: None,
            history=self.history,
            elsewhere=self.elsewhere,
            allow=Allowances(destroy=99, empty=True, due_soon=True),
        )
        seen = Observation(self.live, ALL, NOW)
        return make_plan(question, self.state, seen, PROVIDER, NOW)

    @property
    def owned(self) -> dict[str, Binding]:
        """Return the owned bindings by remote id."""
        return {one.remote_id: one for one in self.state.resources.values()}

    @property
    def waiting(self) -> dict[str, LiveEntry]:
        """Return the queued entries by id."""
        return {one.id: one for one in self.live.queue}


@st.composite
def contents(draw: st.DrawFn) -> Entry:
    due_at = draw(st.sampled_from(TIMES))
    queue = QueuePosition.NEXT if due_at is None else None
    return Entry(draw(st.sampled_from(TEXTS)), due_at, queue=queue)


def shown(id: str, alias: str, entry: Entry, status: LiveStatus) -> LiveEntry:
    """A live entry, as the provider shows it."""
    due: datetime = entry.due_at or NOW + DAY
    is_published = status is LiveStatus.PUBLISHED
    return LiveEntry(
        id,
        PROFILES[alias].id,
        PROVIDER.expected(entry, PROFILES[alias]),
        status,
        due_at=due,
        created_at=NOW - 5 * DAY,
        sent_at=min(due, NOW - DAY) if is_published else None,
    )


@st.composite
def owned_entries(draw: st.DrawFn, place: Address, id: str) -> tuple[Binding, LiveEntry | None]:
    """A binding of any kind, with what is live of it."""
    kind = draw(st.sampled_from(["waiting", "waiting", "failed", "reserved", "published", "gone"]))
    asked, alias = draw(contents()), place.profile
    inert = kind == "reserved"
    if inert:
        later = NOW + timedelta(days=2000)
        asked = replace(asked, due_at=later, queue=None, stage=Stage.DRAFT)
    known = PROVIDER.expected(asked, PROFILES[alias])
    status = BindingStatus(kind) if kind in ("published", "failed") else BindingStatus.SCHEDULED
    bound = Binding(
        place,
        id,
        PROFILES[alias].id,
        asked,
        known,
        status,
        due_at=asked.due_at or NOW + DAY,
        created_at=NOW - 5 * DAY,
        protect=draw(st.booleans()),
        inert=inert,
    )
    if kind == "gone" or (kind == "published" and draw(st.booleans())):
        return bound, None
    standing = LiveStatus(kind) if kind in ("published", "failed") else LiveStatus.SCHEDULED
    entry = asked
    if kind == "waiting" and draw(st.booleans()):
        entry = replace(asked, text=draw(st.sampled_from(TEXTS)))
    return bound, shown(id, alias, entry, standing)


@st.composite
def places(draw: st.DrawFn, most: int) -> list[Address]:
    one = st.builds(Address, st.sampled_from(POSTS), st.sampled_from(ALIASES))
    return draw(st.lists(one, unique=True, max_size=most))


@st.composite
def wanted(draw: st.DrawFn, place: Address, alias: str, entries: list[Entry]) -> Desired:
    return Desired(
        address=place,
        profile=PROFILES[alias],
        entry=draw(st.sampled_from(entries) | contents() if entries else contents()),
        at=Pointer(f"{place.post}.yaml"),
        protect=draw(st.booleans()),
        on_drift=draw(st.sampled_from([OnDrift.OVERWRITE, OnDrift.OVERWRITE, OnDrift.KEEP])),
    )


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Anything at all."""
    queue: list[LiveEntry] = []
    sent: list[LiveEntry] = []
    bindings: list[Binding] = []
    for number, place in enumerate(draw(places(6))):
        bound, live = draw(owned_entries(place, f"r{number}"))
        bindings.append(bound)
        if live is not None:
            (sent if live.status is LiveStatus.PUBLISHED else queue).append(live)
    for number in range(draw(st.integers(0, 3))):
        alias, is_published = draw(st.sampled_from(ALIASES)), draw(st.booleans())
        status = LiveStatus.PUBLISHED if is_published else LiveStatus.SCHEDULED
        (sent if is_published else queue).append(
            shown(f"f{number}", alias, draw(contents()), status)
        )
    intents = []
    for number, place in enumerate(draw(places(2))):
        intents.append(_unanswered(number, place, draw(contents()), draw(st.booleans())))
    # Now and then an alias means another profile.
    moved = draw(st.sampled_from([{}, {}, {}, {"li": "fb"}]))
    entries = [one.applied for one in bindings if not one.inert]
    desired = tuple(
        draw(wanted(place, moved.get(place.profile, place.profile), entries))
        for place in draw(places(6))
    )
    asked = {one.address for one in desired}
    over = [one for one in bindings if one.status is BindingStatus.PUBLISHED]
    past = [one.address for one in over if one.address not in asked]
    foreign = [one.id for one in queue if one.id.startswith("f")]
    return World(
        desired,
        State("lineage", serial=3).bind(*bindings).intend(intents),
        Live(tuple(queue), tuple(sent)),
        frozenset(draw(st.lists(st.sampled_from(past), max_size=1)) if past else ()),
        frozenset(draw(st.lists(st.sampled_from(foreign), max_size=1)) if foreign else ()),
        Policy(max_destroy=99, safety=draw(st.sampled_from(["direct", "strict"]))),
    )


def _unanswered(number: int, place: Address, entry: Entry, inert: bool) -> Intent:
    """A create that was given up a moment ago."""
    if inert:
        entry = replace(entry, due_at=NOW + timedelta(days=2000 + number), queue=None)
    return Intent(
        id=f"lineage.2-{number:06d}",
        operation=Operation.CREATE,
        addresses=(place,),
        profile_ids=(PROFILES[place.profile].id,),
        entry=entry,
        made_at=NOW - timedelta(seconds=20),
        sent_at=NOW - timedelta(seconds=20),
        given_up_at=NOW - timedelta(seconds=10),
        inert=inert,
    )
