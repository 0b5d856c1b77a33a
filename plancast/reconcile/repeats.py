"""Repeated texts: hold back a change until the provider takes its text again. Pure.

Buffer refuses a text on a profile while the same text waits there, and for some time after it went
out (docs/buffer/graphql.md#the-same-text-twice). A provider states this rule in its features
(`RepeatRule`); one without it is not restricted.

Terms. A *holder* is an entry that keeps a text from being taken: one that waits in the queue,
be it of a person; one that failed or went out a short time ago; one that an unanswered create may
have made; or one that this plan makes earlier. A change *takes* a text if it creates an entry with
it, or updates an entry that has it afterwards. Takers are judged by due time, so of five equal
posts the soonest is created and each of the others waits for the one before it.

An update that takes a held text waits as well and leaves its entry as it is. An error would stop
every other change of the plan, and the cause may be a post that a person made in Buffer.

If a text is held for longer than until the taker's own time, waiting cannot help: the entry is held
back all the same, and reported as one that will be missed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import md5

from plancast.model.entry import Address, Entry, LiveEntry, LiveStatus, Stage
from plancast.model.features import THE_PROVIDER, RepeatRule
from plancast.model.plan import Action, Change, Situation
from plancast.model.profile import Profile
from plancast.model.state import Binding, BindingStatus, Operation, State
from plancast.reconcile.compare import normalize_text
from plancast.reconcile.groups import Hold, hold
from plancast.reconcile.match import Live

WAITS, TOO_LATE = "PC528", "PC529"
"""The codes of a change that waits for a text, and of one whose time comes before the text is free.
"""

Key = tuple[str, str, str]
"""Something that a profile holds only once: its id, a kind (`text`, `md5`, `picture`), a value."""

_LAST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class RepeatFacts:
    """The facts that decide if a text can be taken: the live entries, the state, the time.

    `profiles` are by id, `expected` returns an entry as it reads back, `title` names the provider.
    """

    live: Live
    state: State
    profiles: Mapping[str, Profile]
    expected: Callable[[Entry, Profile], Entry]
    now: datetime
    title: str = THE_PROVIDER


@dataclass(frozen=True, slots=True)
class Foreseen:
    """The changes, those that would be refused held back.

    `codes` has WAITS or TOO_LATE for each of those, by profile id and address. `too_close` are the
    ones among them whose files are too close in time, which `lint.duplicates` reports.
    """

    changes: tuple[Change, ...]
    codes: Mapping[tuple[str, Address], str] = field(default_factory=dict)
    too_close: Collection[tuple[str, Address]] = frozenset()


@dataclass(frozen=True, slots=True)
class _Holder:
    """An entry that holds a text.

    `remote_id` is "" if it does not exist yet. `until` is when its text is free again: known for an
    entry that is out, the earliest possible time for one that waits, `_LAST` if that has no time.
    """

    name: str
    until: datetime
    remote_id: str = ""
    is_out: bool = False
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Verdict:
    """The reason for which a change waits, its code, and whether two files are too close."""

    code: str
    reason: str
    is_too_close: bool


def hold_repeats(
    changes: Sequence[Change], facts: RepeatFacts, rule: RepeatRule | None
) -> Foreseen:
    """Hold back the changes that take a text which the provider would refuse."""
    if rule is None or not any(_takes(change) for change in changes):
        return Foreseen(tuple(changes))
    texts = _Texts(facts, rule)
    verdicts: dict[int, _Verdict] = {}
    # A change that is held back frees nothing, and so may hold up a further one.
    while True:
        held: dict[int, Hold] = {
            number: (Situation.DEFERRED, one.reason) for number, one in verdicts.items()
        }
        result = hold(changes, held)
        more = _judged(changes, result, texts)
        if more.keys() <= verdicts.keys():
            break
        verdicts = {**more, **verdicts}
    places = {number: (changes[number].profile.id, changes[number].address) for number in verdicts}
    return Foreseen(
        tuple(result),
        {places[number]: one.code for number, one in verdicts.items()},
        frozenset(places[number] for number, one in verdicts.items() if one.is_too_close),
    )


def _takes(change: Change) -> bool:
    """Return whether a change sends an entry that the provider compares with the others.

    That is each entry that waits to go out, also if only its time changes; drafts are not compared.
    """
    sends_one = change.action in (Action.CREATE, Action.UPDATE) and change.after is not None
    return sends_one and change.stage is Stage.SCHEDULED


def _judged(
    changes: Sequence[Change], result: Sequence[Change], texts: _Texts
) -> dict[int, _Verdict]:
    """Return the changes that have to wait, by position. `result` has those held that are known."""
    takers = [number for number, change in enumerate(changes) if _takes(change)]
    takers.sort(key=lambda number: (_due(changes[number]) or _LAST, changes[number].sort_key))
    holders = texts.holders(result, {changes[number].profile.id for number in takers})
    verdicts: dict[int, _Verdict] = {}
    for number in takers:
        change = changes[number]
        keys = texts.keys(change.after or Entry(), change.profile.id)
        in_the_way = [
            holder
            for key in sorted(keys)
            for holder in holders.get(key, ())
            if not holder.remote_id or holder.remote_id != change.remote_id
        ]
        last = max(in_the_way, key=lambda holder: holder.until, default=None)
        if last is not None:
            verdicts[number] = texts.verdict(change, last)
        # A change that only waits goes before the later ones; one that comes too late never will.
        if last is None or verdicts[number].code == WAITS:
            holder = texts.planned(change)
            for key in keys:
                holders[key].append(holder)
    return verdicts


@dataclass(frozen=True, slots=True)
class _Texts:
    """The texts of entries as the provider compares them, and the entries that hold them."""

    facts: RepeatFacts
    rule: RepeatRule

    def keys(self, entry: Entry, profile_id: str) -> set[Key]:
        """Return the keys of an entry of ours: of its text as written and as it is sent."""
        profile = self.facts.profiles.get(profile_id)
        sent = self.facts.expected(entry, profile) if profile else entry
        keys: set[Key] = set()
        for text in {entry.text, sent.text} - {""}:
            keys.add((profile_id, "text", normalize_text(text)))
            digest = md5(text.encode("utf-8", "replace"), usedforsecurity=False).hexdigest()
            keys.add((profile_id, "md5", digest))
        return keys | self._pictures(entry, profile_id)

    def holders(
        self, changes: Sequence[Change], profile_ids: Collection[str]
    ) -> defaultdict[Key, list[_Holder]]:
        """Return the holders on these profiles by key, once the destroys and updates are made."""
        rewritten = {one.remote_id for one in changes if one.action is Action.UPDATE}
        gone = {one.remote_id for one in changes if one.action is Action.DESTROY}
        names = {one.remote_id: one.address for one in changes if one.remote_id}
        holders: defaultdict[Key, list[_Holder]] = defaultdict(list)
        for profile_id, remote_id, keys, holder in self._found(profile_ids, names):
            # An updated entry is a taker: `_judged` adds the text that it has afterwards.
            if profile_id in profile_ids and remote_id not in gone and remote_id not in rewritten:
                for key in keys:
                    holders[key].append(holder)
        return holders

    def _found(
        self, profile_ids: Collection[str], names: Mapping[str, Address]
    ) -> Iterator[tuple[str, str, set[Key], _Holder]]:
        """Yield what is known to exist, or may exist: profile id, remote id, keys and holder."""
        state, now = self.facts.state, self.facts.now
        bound = {one.remote_id: one for one in state.resources.values()}
        listed = set()
        for live in (*self.facts.live.queue, *self.facts.live.sent):
            if live.profile_id not in profile_ids:
                continue
            listed.add(live.id)
            binding = bound.get(live.id)
            address = names.get(live.id) or (binding.address if binding else None)
            holder = self._holder(live, address)
            if holder is not None:
                yield live.profile_id, live.id, self._live_keys(live, binding), holder
        for binding in state.resources.values():
            went_out = binding.status is BindingStatus.PUBLISHED
            sent_at = binding.sent_at or binding.due_at
            if not went_out or sent_at is None or binding.remote_id in listed:
                continue
            until = sent_at + self.rule.wait
            if until > now and binding.profile_id in profile_ids:
                holder = _Holder(
                    str(binding.address), until, binding.remote_id, True, binding.applied.due_at
                )
                keys = self.keys(binding.applied, binding.profile_id)
                yield binding.profile_id, binding.remote_id, keys, holder
        for intent in state.intents.values():
            # An open keyed create has a draft at most, which holds no text.
            if intent.operation is Operation.CREATE and not intent.keyed:
                due_at = intent.entry.due_at
                until = due_at + self.rule.wait if due_at else _LAST
                for address, profile_id in intent.places:
                    # Its own change waits for the answer anyway (`planner.holds`).
                    keys = self.keys(intent.entry, profile_id)
                    yield profile_id, "", keys, _Holder(str(address), until, due_at=due_at)

    def _holder(self, live: LiveEntry, address: Address | None) -> _Holder | None:
        """Return the holder that a live entry is; None if its text can be taken."""
        now, wait = self.facts.now, self.rule.wait
        name = str(address) if address else f"a post that is in {self.facts.title} already"
        if live.status in (LiveStatus.PUBLISHED, LiveStatus.FAILED):
            # Buffer may count a try that failed as well, and its time is all that shows it.
            tried_at = live.sent_at or live.due_at
            if tried_at is None or tried_at + wait <= now:
                return None
            return _Holder(name, tried_at + wait, live.id, True, live.entry.due_at)
        if live.entry.stage is not Stage.SCHEDULED:
            return None
        # An entry that is overdue is still to go out.
        until = max(live.due_at, now) + wait if live.due_at else _LAST
        return _Holder(name, until, live.id, due_at=live.entry.due_at)

    def _live_keys(self, live: LiveEntry, binding: Binding | None) -> set[Key]:
        text = normalize_text(live.entry.text)
        keys: set[Key] = {(live.profile_id, "text", text)} if text else set()
        if live.fingerprint and text:
            keys.add((live.profile_id, "md5", live.fingerprint))
        # Links may be shortened in the live text. Unless a person has edited it since, it is the
        # text that was applied.
        if binding is not None and binding.observed.text == live.entry.text:
            keys |= self.keys(binding.applied, live.profile_id)
        return keys | self._pictures(live.entry, live.profile_id)

    def _pictures(self, entry: Entry, profile_id: str) -> set[Key]:
        profile = self.facts.profiles.get(profile_id)
        if profile is None or profile.service not in self.rule.picture_services:
            return set()
        return {(profile_id, "picture", image.url) for image in entry.images if image.url}

    def planned(self, change: Change) -> _Holder:
        """Return the holder that a change makes of its entry."""
        due_at = _due(change)
        until = due_at + self.rule.wait if due_at else _LAST
        return _Holder(str(change.address), until, change.remote_id, due_at=due_at)

    def verdict(self, change: Change, holder: _Holder) -> _Verdict:
        """Return why a change waits for a holder, and whether its own time comes first."""
        due_at = _due(change)
        is_late = due_at is not None and due_at <= holder.until
        if holder.is_out:
            reason = (
                f"{holder.name} went out with the same text; {self.facts.title} takes it again "
                f"after {holder.until:%Y-%m-%d %H:%M} UTC"
            )
        else:
            reason = f"waits until {holder.name} is out, which has the same text"
        if is_late:
            reason += "; its own time comes first"
        elif change.action is Action.UPDATE:
            reason += "; it stays as it is until then"
        return _Verdict(
            TOO_LATE if is_late else WAITS,
            reason,
            _gap(due_at, holder.due_at) < self.rule.wait,
        )


def _due(change: Change) -> datetime | None:
    """Return the time that a file asks for; an entry for the queue has none."""
    return change.after.due_at if change.after else None


def _gap(one: datetime | None, two: datetime | None) -> timedelta:
    return abs(one - two) if one is not None and two is not None else timedelta.max
