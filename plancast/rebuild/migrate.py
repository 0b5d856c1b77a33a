"""The same entries under other ids: a state that was made with one API, converted for another.

Terms. The *old* bindings are those of the state, by the ids of the API that it was made with. A
*channel* is what an old profile is in the other API (see `profile_matching`).

Premise. This module sends nothing: the queue is the same one, seen through another API. So each
owned entry must be found there, and a person decides about each one that cannot be found for
certain. If it were left out of the state, the next plan would create it again beside the one that
is there.

Entries are paired by id if it is the same and the content does not contradict it; the rest by
`rebuild`, which matches by text and time with a margin. If that leaves a question, the second in
which the entry was made may answer it. The text to match is the one that was *observed* last, not
the one that files ask for, since the queue held the former. If other entries kept their ids, or the
second in which they were made, only an equal entry is taken for one whose id is gone. Entries that
went out are looked for in the sent list; one that is not there any more stays as it is, since
nothing can happen to it.

Not done here: reading, asking, writing. The next plan still shows what a person changed since the
last look: see `_rebound`.
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
    """A binding and the live entry that belongs to it.

    `how`: given, id, a stage of `rebuild`, or born (made in the same second).
    """

    binding: Binding
    live: LiveEntry
    how: str
    evidence: str = ""

    @property
    def is_certain(self) -> bool:
        """Return whether no person has to look at it."""
        return self.how in ("id", "exact", "born")


@dataclass(frozen=True, slots=True)
class FoundEntries:
    """The result: each binding is in one of the four.

    `kept` went out, and no list shows it any more.
    """

    moved: tuple[Moved, ...] = ()
    ambiguous: tuple[RebuildQuestion, ...] = ()
    lost: tuple[Desired, ...] = ()
    kept: tuple[Binding, ...] = ()

    @property
    def doubtful(self) -> tuple[Address, ...]:
        """The addresses that a person must settle, sorted."""
        asked = [question.item.address for question in self.ambiguous]
        return tuple(sorted([*asked, *(item.address for item in self.lost)]))


@dataclass(frozen=True, slots=True)
class Target:
    """The other API: its name in states, the account there, and when it was read.

    `tags`: the tags that the files give each address. The old API has none, so they were never
    sent. They count as sent all the same, or every post would be updated only to be tagged; they go
    with the next change of a post.
    """

    api: str
    account_id: str
    profiles: tuple[Profile, ...]
    read_at: datetime
    tags: Mapping[Address, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Search:
    """The bindings to look for. `channels`: old profile id -> channel.

    `zones` show the times of a question. `given`: address -> the id that it has now, as a person
    decided. A binding whose profile has no channel must have gone out; it stays as it is.
    """

    bindings: Sequence[Binding]
    channels: Mapping[str, Profile]
    zones: Mapping[Address, str] = field(default_factory=dict)
    given: Mapping[Address, str] = field(default_factory=dict)

    def waiting(self) -> list[Binding]:
        """Return the bindings that have not gone out, as far as is known."""
        return [one for one in self.bindings if one.status is not BindingStatus.PUBLISHED]

    def gone(self) -> list[Binding]:
        """Return the bindings that went out."""
        return [one for one in self.bindings if one.status is BindingStatus.PUBLISHED]


def find(search: Search, live: Live) -> FoundEntries:
    """Find the live entry of each binding, in the queue and the sent list."""
    moved = {pair.binding.address: pair for pair in _given(search, live)}
    same = _same_ids(search, live, moved)
    moved.update({pair.binding.address: pair for pair in same})
    waiting = [one for one in search.waiting() if one.address not in moved]
    by_content = _rebuilt(waiting, search, live, moved, ids_hold=bool(same))
    moved.update(by_content.moved)
    published = [one for one in search.gone() if one.address not in moved]
    mapped = [one for one in published if one.profile_id in search.channels]
    # What is in the queue cannot have gone out, however alike: look in the sent list only.
    moved.update(_rebuilt(mapped, search, Live(sent=live.sent), moved).moved)
    kept = (one for one in published if one.address not in moved)
    return FoundEntries(
        tuple(moved[address] for address in sorted(moved)),
        by_content.rebuilt.ambiguous,
        by_content.rebuilt.lost,
        tuple(sorted(kept, key=lambda binding: binding.address)),
    )


def _given(search: Search, live: Live) -> list[Moved]:
    """Return the pairs that a person gave. `misgiven` reports those that cannot be."""
    by_id = {entry.id: entry for entry in (*live.sent, *live.queue)}
    return [
        Moved(one, by_id[remote_id], "given")
        for one in search.bindings
        if (remote_id := search.given.get(one.address, "")) in by_id
    ]


def misgiven(search: Search, live: Live) -> tuple[tuple[Address, str], ...]:
    """Return the pairs of a person that cannot be, by address, with the reason."""
    by_id = {entry.id: entry for entry in (*live.sent, *live.queue)}
    bindings = {one.address: one for one in search.bindings}
    times = Counter(search.given.values())
    refusals: list[tuple[Address, str]] = []
    for address, remote_id in sorted(search.given.items()):
        binding, entry = bindings.get(address), by_id.get(remote_id)
        channel = search.channels.get(binding.profile_id) if binding else None
        if binding is None:
            refusals.append((address, "it is not in the state"))
        elif entry is None:
            refusals.append((address, f"no post {remote_id} is in the queue or was sent lately"))
        elif channel is None or channel.id != entry.profile_id:
            refusals.append((address, f"the post {remote_id} is on another channel"))
        elif times[remote_id] > 1:
            refusals.append((address, f"the post {remote_id} is given to another address too"))
    return tuple(refusals)


def _same_ids(search: Search, live: Live, moved: Mapping[Address, Moved]) -> list[Moved]:
    """Return the pairs with the same id on the right channel, if their content agrees."""
    paired = {pair.live.id for pair in moved.values()}
    by_id = {entry.id: entry for entry in (*live.sent, *live.queue) if entry.id not in paired}
    pairs = []
    for one in search.bindings:
        entry, channel = by_id.get(one.remote_id), search.channels.get(one.profile_id)
        if one.address in moved or entry is None or channel is None:
            continue
        if entry.profile_id == channel.id and _are_alike(one, entry):
            pairs.append(Moved(one, entry, "id", "the same id"))
    return pairs


def _are_alike(binding: Binding, live: LiveEntry) -> bool:
    """Return whether text or minute agree, so that the content does not contradict an equal id."""
    theirs = wording(live.entry.text)
    for text in (binding.observed.text, binding.applied.text):
        ours = wording(text)
        if ours.says_the_same(theirs) or likeness(ours.grams, theirs.grams) >= THRESHOLD:
            return True
    return live.due_at is not None and minute(live.due_at) == minute(_time(binding))


def _time(binding: Binding) -> datetime | None:
    """Return when the entry goes out or went out, as far as is known."""
    return binding.due_at or binding.observed.due_at or binding.applied.due_at or binding.sent_at


@dataclass(frozen=True, slots=True)
class _Rebuilt:
    """The result of `rebuild`, and the matches of it as pairs by address."""

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
    """Match bindings by content, first at their known times, then queued ones at any time.

    `ids_hold`: other entries have their ids still. An entry whose id is gone was removed, so one
    that is merely like it belongs to another author, or was put in its place: that is a question.
    So is an entry that was made at another time, if others were made in the second that is on
    record.
    """
    known = {one.address: one for one in bindings}
    owned = {pair.live.id for pair in moved.values()}
    result = rebuild([_item(one, search, _time(one)) for one in bindings], live, owned, _as_it_is)
    matches = list(result.matches)
    unmatched = [*(question.item for question in result.ambiguous), *result.lost]
    queued_addresses = {
        item.address for item in unmatched if known[item.address].applied.due_at is None
    }
    # The time of a queued post changes with the queue. If none was found at the known time, look at
    # all times. The other unmatched ones go along, since they may want the same entries.
    if queued_addresses:
        items = [
            _item(known[item.address], search, None) if item.address in queued_addresses else item
            for item in unmatched
        ]
        result = rebuild(items, live, owned | {match.live.id for match in matches}, _as_it_is)
        matches.extend(result.matches)
    born = _born(result.ambiguous, known)
    left_open = [question for question in result.ambiguous if question.item.address not in born]
    exact = [match for match in matches if match.stage is RebuildStage.EXACT]
    births_hold = any(
        _age_gap(known[match.item.address], match.live) == timedelta() for match in exact
    )
    for match in [match for match in matches if match.stage is not RebuildStage.EXACT]:
        age_gap = _age_gap(known[match.item.address], match.live)
        if ids_hold or (births_hold and age_gap is not None and age_gap > _SAME_BIRTH):
            matches.remove(match)
            reason = "its id is gone, and others have theirs still"
            left_open.append(_asked(match, reason if ids_hold else "it was made at another time"))
    left_open.sort(key=lambda question: question.item.address)
    by_content = {
        match.item.address: Moved(
            known[match.item.address], match.live, match.stage.value, match.evidence
        )
        for match in matches
    }
    return _Rebuilt(replace(result, ambiguous=tuple(left_open)), {**by_content, **born})


_SAME_BIRTH = timedelta(minutes=1)


def _age_gap(binding: Binding, live: LiveEntry) -> timedelta | None:
    """Return how far apart the two were made, if both times are known."""
    if binding.created_at is None or live.created_at is None:
        return None
    return abs(live.created_at - binding.created_at)


def _asked(match: Match, reason: str) -> RebuildQuestion:
    """Turn a match into a question."""
    candidate = Candidate(match.live, match.score, match.evidence)
    return RebuildQuestion(match.item, (candidate,), reason)


def _born(
    questions: Sequence[RebuildQuestion], known: Mapping[Address, Binding]
) -> dict[Address, Moved]:
    """Return the pairs for questions that the time of creation answers.

    The candidate was made in the very second on record, as the only one, and no other question
    claims it.
    """
    made: dict[Address, list[LiveEntry]] = {}
    for question in questions:
        moment = known[question.item.address].created_at
        made_then = [
            candidate.live
            for candidate in question.candidates
            if moment and candidate.live.created_at == moment
        ]
        made[question.item.address] = made_then
    claims = Counter(live.id for made_then in made.values() for live in made_then)
    return {
        address: Moved(known[address], made_then[0], "born", "made in the same second")
        for address, made_then in made.items()
        if len(made_then) == 1 and claims[made_then[0].id] == 1
    }


def _as_it_is(entry: Entry, _profile: Profile) -> Entry:
    """Return the entry itself: the observed content has been rewritten by the provider already."""
    return entry


def _item(binding: Binding, search: Search, due_at: datetime | None) -> Desired:
    """Return a binding as if the files asked for the content that was observed last."""
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
    """Return from when on the sent list of each channel is needed, None for all of it.

    A channel whose list is not needed is left out. `found` is the result with the queue alone; the
    sent list may explain the rest. Entries that went out longer than `reach` ago are left out:
    nothing can happen to them, and lists are long.
    """
    doubtful = set(found.doubtful)
    since: dict[str, datetime | None] = {}

    def want(binding: Binding, moment: datetime | None) -> None:
        channel = search.channels[binding.profile_id].id
        known = since.get(channel, moment)
        since[channel] = min(known, moment) if known and moment else None

    doubtful.update(pair.binding.address for pair in found.moved if _may_be_another(pair))
    for one in search.waiting():
        if one.address in doubtful:
            want(one, one.created_at)
    for one in found.kept:
        moment = one.sent_at or _time(one)
        if one.profile_id in search.channels and moment and moment >= now - reach:
            want(one, moment - timedelta(minutes=1))
    return since


def _may_be_another(moved: Moved) -> bool:
    """Return whether ours may have gone out, and the live entry be a repetition of a person's."""
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
    """Return the state by the ids of the other API. Doubtful entries are no longer in it.

    Raises ValueError if an intent is open: its outcome could not be found out with other ids.
    """
    if state.intents:
        raise ValueError("there are open intents")
    bindings = [
        *(_rebound(pair, channels[pair.binding.profile_id], expected) for pair in found.moved),
        *(_elsewhere(one, channels) for one in found.kept),
    ]
    bindings = [_tagged(one, target.tags.get(one.address, ())) for one in bindings]
    ids = {pair.binding.remote_id: pair.live.id for pair in found.moved}
    return replace(
        state,
        provider=target.api,
        account_id=target.account_id,
        profiles=tuple(sorted(target.profiles, key=lambda profile: profile.id)),
        read_at=target.read_at,
        resources={one.address: one for one in sorted(bindings, key=lambda one: one.address)},
        abandoned=tuple(_abandoned(intent, channels, ids) for intent in state.abandoned),
    )


def _rebound(moved: Moved, channel: Profile, expected: Expected) -> Binding:
    """Return the binding under its new ids.

    The applied content stays: edits of files since are still to be sent. The live content becomes
    the observed one if it is what was asked for; else the old view is kept, so that the next plan
    shows what a person changed since.
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
        ignored_edit=old.ignored_edit,
    )


def _elsewhere(binding: Binding, channels: Mapping[str, Profile]) -> Binding:
    """Return the binding of an entry that went out and cannot be found, on its channel.

    It stays in the state so that no plan creates it again.
    """
    channel = channels.get(binding.profile_id)
    return replace(binding, profile_id=channel.id) if channel else binding


def _tagged(binding: Binding, tags: tuple[str, ...]) -> Binding:
    """Return the binding with these tags as applied, unless it has tags already."""
    applied = replace(binding.applied, tags=binding.applied.tags or tags)
    return replace(binding, applied=applied)


def _abandoned(intent: Intent, channels: Mapping[str, Profile], ids: Mapping[str, str]) -> Intent:
    """Return an abandoned create, which may still arrive, by the ids of the other API."""
    moved = [channels[old_id].id if old_id in channels else old_id for old_id in intent.profile_ids]
    known = tuple(ids.get(old_id, old_id) for old_id in intent.known)
    return replace(intent, profile_ids=tuple(moved), known=known)
