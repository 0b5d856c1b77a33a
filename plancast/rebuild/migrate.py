"""The same entries under other ids: a state that was made with one API, for another.

Terms. The *old* bindings are those of the state, by the ids of the API that it
was made with. A *channel* is what an old profile is on the other side (see
`channels`).

Premise. Nothing is sent here or on behalf of this: the queue is the same one,
looked at through another door. So whatever is owned must be found there, and
what cannot be found for certain is for a person to say. Left out of the state
it would be created again by the next plan, beside the one that is there.

Entries are paired by the id where it is the same and the content does not speak
against it; the rest by `rebuild`, which matches by text and time with a margin.
Where it leaves a question, the second in which the entry was made may answer it.
What is matched there is what was *observed* last, not what the files ask for:
that is the very text that the queue held. Where other entries kept their ids,
or the second in which they were made, nothing but what is equal is taken for one
that is gone. Entries that went out are looked for among what was sent; those that
are not there any more stay as they are, since nothing can happen to them.

What is not done here: reading, asking, writing. What a person changed since the
last look is still to be seen by the next plan: see `_rebound`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from plancast.model.diagnostics import Pointer
from plancast.model.entry import Address, Entry, LiveEntry, LiveStatus
from plancast.model.profile import Profile
from plancast.model.state import Binding, BindingStatus, Intent, State
from plancast.model.workspace import Desired
from plancast.rebuild.rebuild import (
    Candidate,
    Match,
    RebuildQuestion,
    RebuildStage,
    Rebuilt,
    rebuild,
)
from plancast.reconcile.candidates import THRESHOLD, minute
from plancast.reconcile.compare import same_as_live
from plancast.reconcile.match import Expected, Live
from plancast.reconcile.similarity import likeness, wording
from plancast.reconcile.state_updates import adopt


@dataclass(frozen=True, slots=True)
class Moved:
    """A binding and the entry that it is about.

    `how`: given, id, a stage of `rebuild`, or born.
    """

    binding: Binding
    live: LiveEntry
    how: str
    evidence: str = ""

    @property
    def is_certain(self) -> bool:
        """Whether nobody has to look at it."""
        return self.how in ("id", "exact", "born")


@dataclass(frozen=True, slots=True)
class FoundEntries:
    """Every binding in one of the four. `kept` went out, and no list shows it any more."""

    moved: tuple[Moved, ...] = ()
    ambiguous: tuple[RebuildQuestion, ...] = ()
    lost: tuple[Desired, ...] = ()
    kept: tuple[Binding, ...] = ()

    @property
    def doubtful(self) -> tuple[Address, ...]:
        """What a person must settle, by address."""
        asked = [question.item.address for question in self.ambiguous]
        return tuple(sorted([*asked, *(item.address for item in self.lost)]))


@dataclass(frozen=True, slots=True)
class Target:
    """The other side: its name for states, whose it is, and when it was read.

    `tags`: what the files say of each address. The old side has none, so they were never sent. They
    count as if they were: else every post would have to be sent once more, only to be tagged. They
    go with the next change of it.
    """

    api: str
    account_id: str
    profiles: tuple[Profile, ...]
    read_at: datetime
    tags: Mapping[Address, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for, and where. `channels`: old profile id -> channel.

    `zones` show the times of a question. `given`: address -> the id that it has now. A binding
    whose profile has no channel must have gone out; it stays as it is.
    """

    bindings: Sequence[Binding]
    channels: Mapping[str, Profile]
    zones: Mapping[Address, str] = field(default_factory=dict)
    given: Mapping[Address, str] = field(default_factory=dict)

    def waiting(self) -> list[Binding]:
        """Those that did not go out as far as is known."""
        return [one for one in self.bindings if one.status is not BindingStatus.PUBLISHED]

    def gone(self) -> list[Binding]:
        """Those that did."""
        return [one for one in self.bindings if one.status is BindingStatus.PUBLISHED]


def find(search: Search, live: Live) -> FoundEntries:
    """What each binding is about, among the queue and what was sent."""
    moved = {it.binding.address: it for it in _given(search, live)}
    same = _same_ids(search, live, moved)
    moved.update({it.binding.address: it for it in same})
    waiting = [one for one in search.waiting() if one.address not in moved]
    found = _rebuilt(waiting, search, live, moved, ids_hold=bool(same))
    moved.update(found.moved)
    gone = [one for one in search.gone() if one.address not in moved]
    mapped = [one for one in gone if one.profile_id in search.channels]
    # The queue holds nothing that went out, however much alike.
    moved.update(_rebuilt(mapped, search, Live(sent=live.sent), moved).moved)
    kept = (one for one in gone if one.address not in moved)
    return FoundEntries(
        tuple(moved[address] for address in sorted(moved)),
        found.rebuilt.ambiguous,
        found.rebuilt.lost,
        tuple(sorted(kept, key=lambda it: it.address)),
    )


def _given(search: Search, live: Live) -> list[Moved]:
    """What a person said. Whether it can be is for `misgiven` to say."""
    by_id = {entry.id: entry for entry in (*live.sent, *live.queue)}
    return [
        Moved(one, by_id[remote_id], "given")
        for one in search.bindings
        if (remote_id := search.given.get(one.address, "")) in by_id
    ]


def misgiven(search: Search, live: Live) -> tuple[tuple[Address, str], ...]:
    """What a person said that cannot be, and why."""
    by_id = {entry.id: entry for entry in (*live.sent, *live.queue)}
    bindings = {one.address: one for one in search.bindings}
    times = Counter(search.given.values())
    found: list[tuple[Address, str]] = []
    for address, remote_id in sorted(search.given.items()):
        binding, entry = bindings.get(address), by_id.get(remote_id)
        channel = search.channels.get(binding.profile_id) if binding else None
        if binding is None:
            found.append((address, "it is not in the state"))
        elif entry is None:
            found.append((address, f"no post {remote_id} is in the queue or was sent lately"))
        elif channel is None or channel.id != entry.profile_id:
            found.append((address, f"the post {remote_id} is on another channel"))
        elif times[remote_id] > 1:
            found.append((address, f"the post {remote_id} is given to another address too"))
    return tuple(found)


def _same_ids(search: Search, live: Live, moved: Mapping[Address, Moved]) -> list[Moved]:
    taken = {it.live.id for it in moved.values()}
    by_id = {entry.id: entry for entry in (*live.sent, *live.queue) if entry.id not in taken}
    found = []
    for one in search.bindings:
        entry, channel = by_id.get(one.remote_id), search.channels.get(one.profile_id)
        if one.address in moved or entry is None or channel is None:
            continue
        if entry.profile_id == channel.id and _are_alike(one, entry):
            found.append(Moved(one, entry, "id", "the same id"))
    return found


def _are_alike(binding: Binding, live: LiveEntry) -> bool:
    """Whether the content does not speak against it: the text, or else the minute."""
    theirs = wording(live.entry.text)
    for text in (binding.observed.text, binding.applied.text):
        ours = wording(text)
        if ours.says_the_same(theirs) or likeness(ours.grams, theirs.grams) >= THRESHOLD:
            return True
    return live.due_at is not None and minute(live.due_at) == minute(_time(binding))


def _time(binding: Binding) -> datetime | None:
    """When it goes out or went out, as far as is known."""
    return binding.due_at or binding.observed.due_at or binding.applied.due_at or binding.sent_at


@dataclass(frozen=True, slots=True)
class _Rebuilt:
    rebuilt: Rebuilt
    moved: Mapping[Address, Moved]


def _rebuilt(
    bindings: Sequence[Binding],
    search: Search,
    live: Live,
    moved: Mapping[Address, Moved],
    *,
    ids_hold: bool = False,
) -> _Rebuilt:
    """Match by content. What has its time from the queue is looked for at that time first.

    `ids_hold`: others have their ids still. Whose id is gone was removed, so what is only like it
    is somebody else's, or was put in its place: a question. So is what was made at another time,
    where others were made in the second that is on record.
    """
    known = {one.address: one for one in bindings}
    owned = {it.live.id for it in moved.values()}
    found = rebuild([_item(one, search, _time(one)) for one in bindings], live, owned, _as_it_is)
    matches = list(found.matches)
    left = [*(asked.item for asked in found.ambiguous), *found.lost]
    queued = {it.address for it in left if known[it.address].applied.due_at is None}
    if queued:
        items = [
            _item(known[it.address], search, None) if it.address in queued else it for it in left
        ]
        found = rebuild(items, live, owned | {it.live.id for it in matches}, _as_it_is)
        matches.extend(found.matches)
    born = _born(found.ambiguous, known)
    left_open = [it for it in found.ambiguous if it.item.address not in born]
    exact = [it for it in matches if it.stage is RebuildStage.EXACT]
    births_hold = any(_age_gap(known[it.item.address], it.live) == timedelta() for it in exact)
    for it in [it for it in matches if it.stage is not RebuildStage.EXACT]:
        age_gap = _age_gap(known[it.item.address], it.live)
        if ids_hold or (births_hold and age_gap is not None and age_gap > _SAME_BIRTH):
            matches.remove(it)
            reason = "its id is gone, and others have theirs still"
            left_open.append(_asked(it, reason if ids_hold else "it was made at another time"))
    left_open.sort(key=lambda it: it.item.address)
    by_content = {
        it.item.address: Moved(known[it.item.address], it.live, it.stage.value, it.evidence)
        for it in matches
    }
    return _Rebuilt(replace(found, ambiguous=tuple(left_open)), {**by_content, **born})


_SAME_BIRTH = timedelta(minutes=1)


def _age_gap(binding: Binding, live: LiveEntry) -> timedelta | None:
    """How far apart the two were made, where both are known."""
    if binding.created_at is None or live.created_at is None:
        return None
    return abs(live.created_at - binding.created_at)


def _asked(match: Match, reason: str) -> RebuildQuestion:
    candidate = Candidate(match.live, match.score, match.evidence)
    return RebuildQuestion(match.item, (candidate,), reason)


def _born(
    questions: Sequence[RebuildQuestion], known: Mapping[Address, Binding]
) -> dict[Address, Moved]:
    """The questions of which one candidate, and nobody else's, was made in the very second."""
    made: dict[Address, list[LiveEntry]] = {}
    for asked in questions:
        moment = known[asked.item.address].created_at
        same = [it.live for it in asked.candidates if moment and it.live.created_at == moment]
        made[asked.item.address] = same
    claims = Counter(live.id for same in made.values() for live in same)
    return {
        address: Moved(known[address], same[0], "born", "made in the same second")
        for address, same in made.items()
        if len(same) == 1 and claims[same[0].id] == 1
    }


def _as_it_is(entry: Entry, _profile: Profile) -> Entry:
    """What was observed was rewritten already."""
    return entry


def _item(binding: Binding, search: Search, due_at: datetime | None) -> Desired:
    """What was seen of it last, as if that were asked for."""
    queue = None if due_at else binding.applied.queue
    return Desired(
        address=binding.address,
        profile=search.channels[binding.profile_id],
        entry=replace(binding.observed, due_at=due_at, queue=queue),
        at=Pointer(binding.address.post),
        zone=search.zones.get(binding.address, "UTC"),
        protect=binding.protect,
    )


def sent_since(
    search: Search, found: FoundEntries, now: datetime, reach: timedelta
) -> dict[str, datetime | None]:
    """Of which channels the sent list can explain what the queue does not for sure, and since when.

    `found` is what the queue alone explains. What went out longer than `reach` ago is not asked
    for: nothing can happen to it, and lists are long.
    """
    doubtful = set(found.doubtful)
    since: dict[str, datetime | None] = {}

    def want(binding: Binding, moment: datetime | None) -> None:
        channel = search.channels[binding.profile_id].id
        known = since.get(channel, moment)
        since[channel] = min(known, moment) if known and moment else None

    doubtful.update(it.binding.address for it in found.moved if _may_be_another(it))
    for one in search.waiting():
        if one.address in doubtful:
            want(one, one.created_at)
    for one in found.kept:
        moment = one.sent_at or _time(one)
        if one.profile_id in search.channels and moment and moment >= now - reach:
            want(one, moment - timedelta(minutes=1))
    return since


def _may_be_another(moved: Moved) -> bool:
    """Whether it may have gone out, and a person put the same text into the queue again."""
    if moved.how == "exact":  # of the queue at any time
        return minute(moved.live.due_at) != minute(_time(moved.binding))
    return not moved.is_certain and moved.how != "given"


# -- the state ------------------------------------------------------------------------------------


def migrated(
    state: State,
    found: FoundEntries,
    channels: Mapping[str, Profile],
    expected: Expected,
    target: Target,
) -> State:
    """The state by the ids of the other side. What is doubtful is in it no more.

    There must be no open intents: nobody could tell what became of them.
    """
    if state.intents:
        raise ValueError("there are open intents")
    bindings = [
        *(_rebound(it, channels[it.binding.profile_id], expected) for it in found.moved),
        *(_elsewhere(one, channels) for one in found.kept),
    ]
    bindings = [_tagged(one, target.tags.get(one.address, ())) for one in bindings]
    ids = {it.binding.remote_id: it.live.id for it in found.moved}
    return replace(
        state,
        provider=target.api,
        account_id=target.account_id,
        profiles=tuple(sorted(target.profiles, key=lambda it: it.id)),
        read_at=target.read_at,
        resources={one.address: one for one in sorted(bindings, key=lambda it: it.address)},
        abandoned=tuple(_abandoned(intent, channels, ids) for intent in state.abandoned),
    )


def _rebound(moved: Moved, channel: Profile, expected: Expected) -> Binding:
    """The binding under its new ids.

    What was applied stays: edits of files since are still to be sent. What is seen now counts as
    observed where it is what was asked for; else the old view is kept, so that the next plan
    tells what a person changed since, if anybody did.
    """
    old, live = moved.binding, moved.live
    reads_as = expected(old.applied, channel)
    settled = live.status is LiveStatus.PUBLISHED or same_as_live(old.applied, reads_as, live)
    fresh = adopt(old.address, old.applied, live)
    return replace(
        fresh,
        observed=fresh.observed if settled else old.observed,
        due_at=fresh.due_at or old.due_at,
        created_at=fresh.created_at or old.created_at,
        sent_at=fresh.sent_at or old.sent_at,
        link=fresh.link or old.link,
        protect=old.protect,
        inert=old.inert and live.status is not LiveStatus.PUBLISHED,
        unsettled_at=old.unsettled_at,
    )


def _elsewhere(binding: Binding, channels: Mapping[str, Profile]) -> Binding:
    """What went out and cannot be found, on its channel: nothing may ever create it again."""
    channel = channels.get(binding.profile_id)
    return replace(binding, profile_id=channel.id) if channel else binding


def _tagged(binding: Binding, tags: tuple[str, ...]) -> Binding:
    applied = replace(binding.applied, tags=binding.applied.tags or tags)
    return replace(binding, applied=applied)


def _abandoned(intent: Intent, channels: Mapping[str, Profile], ids: Mapping[str, str]) -> Intent:
    """A create that may still arrive, on the channels where it would."""
    moved = [channels[it].id if it in channels else it for it in intent.profile_ids]
    known = tuple(ids.get(it, it) for it in intent.known)
    return replace(intent, profile_ids=tuple(moved), known=known)
