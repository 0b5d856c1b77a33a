"""Groups of changes: an apply makes a group as a whole, or holds it back as a whole.

A *group* is the closure of these bonds between changes that do something:

* two changes use one address: a rename, and the change to the entry whose address it takes; or a
  destroy and a create at one address;
* a destroy and a create, or an update and a create, have similar texts or are due in the same
  minute: most likely one post that was renamed and edited, seen as two halves;
* an update frees a text that another change needs, since Buffer holds a text only once a profile.

Half of a group is worse than nothing: a create without the destroy that belongs to it publishes
two versions of one post. So if a scope (`--target`, `--only`), a policy or an unanswered call holds
one member back, all members are held back, and the reason of each names another member.

Within a group, updates and destroys are sent before creates (`order`). A process that is killed in
between leaves one entry too few, which the next run creates, and never one too many.

A stray is in no group: to hold back its removal would publish it twice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from plancast.model.entry import Address, Entry, LiveStatus
from plancast.model.plan import Action, Change, Situation
from plancast.reconcile.candidates import THRESHOLD, minute
from plancast.reconcile.compare import blind_links
from plancast.reconcile.match_scores import CROWD
from plancast.reconcile.similarity import Rare, Wording, likeness, wording

NAMED = 3
"""Addresses that a reason names before it counts the rest."""

Hold = tuple[Situation, str]


def grouped(changes: Sequence[Change], applied: Mapping[str, Entry]) -> tuple[Change, ...]:
    """Return the changes, each with the name of its group; "" for a change that stands alone.

    The name of a group is its lowest address. `applied` is the entry that was applied last, by
    remote id: a person may have edited the live one since.
    """
    acting = [change for change in changes if _is_acting(change)]
    bonds = _Bonds()
    # Keys are pairs, so that a change and an address never collide. A change is keyed by identity:
    # two changes can be equal, and hashing an entry is slow.
    for change in acting:
        bonds.tie(("change", id(change)), ("address", change.address))
        if change.previous_address is not None:
            bonds.tie(("change", id(change)), ("address", change.previous_address))
    _tie_freed_texts(acting, applied, bonds)
    _tie_halves(acting, applied, bonds)
    members: dict[Hashable, list[Change]] = defaultdict(list)
    for change in acting:
        members[bonds.root(("change", id(change)))].append(change)
    names = {
        id(change): str(min(one.address for one in group))
        for group in members.values()
        if len(group) > 1
        for change in group
    }
    return tuple(
        replace(change, group=names[id(change)]) if id(change) in names else change
        for change in changes
    )


def _is_acting(change: Change) -> bool:
    return change.action is not Action.NONE and Situation.STRAY not in change.situations


@dataclass(slots=True)
class _Bonds:
    """A union-find over hashable keys: changes, by identity, and addresses."""

    parents: dict[Hashable, Hashable] = field(default_factory=dict)

    def root(self, key: Hashable) -> Hashable:
        """Return the representative of the set that holds a key."""
        path = []
        while (parent := self.parents.setdefault(key, key)) != key:
            path.append(key)
            key = parent
        # Path compression keeps later look-ups short.
        self.parents.update(dict.fromkeys(path, key))
        return key

    def tie(self, one: Hashable, two: Hashable) -> None:
        """Merge the sets of two keys."""
        self.parents[self.root(one)] = self.root(two)


# -- bonds ------------------------------------------------------------------------------------


def _tie_freed_texts(acting: Sequence[Change], applied: Mapping[str, Entry], bonds: _Bonds) -> None:
    """Tie each update that gives up a text to the changes that need that text."""
    freed: dict[tuple[str, str], list[Change]] = defaultdict(list)
    for change in acting:
        # A destroy frees its text too; `_tie_halves` ties it to a create of the same text.
        if change.action is Action.UPDATE and _gives_up_its_text(change):
            for text in _texts_of(change, applied):
                freed[change.profile.id, text].append(change)
    for change in acting if freed else ():
        needs = change.action.sends and change.after and _gives_up_its_text(change)
        for other in freed.get((change.profile.id, text_key(change.after)), ()) if needs else ():
            bonds.tie(("change", id(change)), ("change", id(other)))


def _gives_up_its_text(change: Change) -> bool:
    before, after = change.before, change.after
    if before is not None and after is not None and before.text == after.text:
        return False  # the cheap answer for nearly all
    return text_key(change.before) != text_key(change.after)


def _texts_of(change: Change, applied: Mapping[str, Entry]) -> set[str]:
    """Return the keys of an entry's texts, live and as applied last.

    If a person edited the entry in Buffer, the applied text still says which post it is.
    """
    return {text_key(change.before), text_key(applied.get(change.remote_id, change.before))}


def text_key(entry: Entry | None) -> str:
    """Return the words of a text without links, which networks append and shorten.

    A key that is too coarse ties one change too many to a group, which costs nothing.
    """
    return " ".join(blind_links(entry.text).replace("<link>", " ").split()) if entry else ""


def _tie_halves(acting: Sequence[Change], applied: Mapping[str, Entry], bonds: _Bonds) -> None:
    """Tie creates to the destroys and updates whose other half they may be, for each profile."""
    creates: dict[str, list[Change]] = defaultdict(list)
    old: dict[str, list[Change]] = defaultdict(list)
    for change in acting:
        if change.action is Action.CREATE:
            creates[change.profile.id].append(change)
        elif change.action.sends:
            old[change.profile.id].append(change)
    for profile_id, made in creates.items():
        if profile_id in old:
            _Halves(made, old[profile_id], applied).tie(bonds)


@dataclass(frozen=True, slots=True)
class _Halves:
    """The creates of one profile, and the destroys and updates that they may replace."""

    creates: Sequence[Change]
    old: Sequence[Change]
    applied: Mapping[str, Entry]

    def tie(self, bonds: _Bonds) -> None:
        """Tie the pairs that are due in the same minute or have similar texts."""
        for one, two in (*self._same_minute(), *self._alike()):
            bonds.tie(("change", id(one)), ("change", id(two)))

    def _before(self, change: Change) -> Iterator[Entry]:
        """Return the entry that a change takes away: as it is live, and as it was applied."""
        entries = (change.before, self.applied.get(change.remote_id))
        return (entry for entry in entries if entry is not None)

    def _same_minute(self) -> Iterator[tuple[Change, Change]]:
        places = defaultdict(list)
        for change in self.old:
            for moment in {minute(entry.due_at) for entry in self._before(change)} - {None}:
                places[moment].append(change)
        for change in self.creates:
            due = minute(change.after.due_at) if change.after else None
            yield from ((change, other) for other in places.get(due, ()))

    def _alike(self) -> list[tuple[Change, Change]]:
        """Return pairs with similar texts; all pairs if too many are similar to compare.

        Beyond CROWD comparisons one group of everything is the safe answer: it is held whole.
        """
        texts = [
            (change, wording(text))
            for change in self.old
            if change.action is Action.DESTROY or _gives_up_its_text(change)
            for text in {entry.text for entry in self._before(change)}
        ]
        rare = Rare.of([words.grams for _, words in texts], THRESHOLD)
        pairs: list[tuple[Change, Change]] = []
        looked_at = 0
        for change in self.creates:
            words = wording(change.after.text if change.after else "")
            near = rare.near(words.grams)
            looked_at += len(near)
            if looked_at > CROWD:
                first = self.creates[0]
                return [(first, other) for other in (*self.creates[1:], *self.old)]
            pairs.extend((change, texts[n][0]) for n in near if _is_like(words, texts[n][1]))
        return pairs


def _is_like(one: Wording, two: Wording) -> bool:
    # Rounded, so that equal quotients of floats count as equal.
    return round(likeness(one.grams, two.grams) - THRESHOLD, 6) >= 0


# -- holding ----------------------------------------------------------------------------------


def hold(changes: Sequence[Change], direct: Mapping[int, Hold]) -> list[Change]:
    """Hold back some changes, and with each of them every other member of its group.

    `direct` maps the position of a change to the situation and reason that hold it.
    """
    if not direct:
        return list(changes)
    cause: dict[str, Address] = {}
    # The lowest held address of a group is the cause that its other members name.
    for number in sorted(direct, key=lambda number: changes[number].address):
        if changes[number].group:
            cause.setdefault(changes[number].group, changes[number].address)
    names = _members(changes)
    result = []
    for number, change in enumerate(changes):
        others = tuple(one for one in names.get(change.group, ()) if one != change.address)
        if number in direct:
            result.append(hold_back(change, *direct[number], others))
        elif change.group in cause and _is_acting(change):
            reason = f"it belongs together with {cause[change.group]}, which has to wait"
            result.append(hold_back(change, Situation.BLOCKED, reason, others))
        else:
            result.append(change)
    return result


def hold_for_texts(changes: Sequence[Change], applied: Mapping[str, Entry]) -> list[Change]:
    """Hold back changes that need a text which a held edit leaves in the queue.

    Buffer refuses a text twice on one profile, so such a change would fail in every run. If a
    person edited the entry that keeps the text, one post would also be live in two versions.
    `applied` is as in `grouped`.
    """
    result = list(changes)
    # Each hold can keep a further text in place, so repeat until nothing new is held.
    while True:
        kept = {
            (change.profile.id, text): change.address
            for change in result
            if not change.action.sends and _keeps_a_text(change)
            for text in _texts_of(change, applied)
        }
        waits: dict[int, Hold] = {}
        for number, change in enumerate(result) if kept else ():
            address = kept.get((change.profile.id, text_key(change.after)))
            if address is not None and change.action.sends and _gives_up_its_text(change):
                reason = f"{address} has the text that it needs, and its edit is held back"
                waits[number] = (Situation.BLOCKED, reason)
        if not waits:
            return result
        result = hold(result, waits)


def _keeps_a_text(change: Change) -> bool:
    """Return whether the live entry waits with another text than its file asks for."""
    live = change.live
    # A failed entry holds its text for a while only, which `repeats` knows.
    waits = live is not None and live.status is LiveStatus.SCHEDULED
    return waits and change.after is not None and _gives_up_its_text(change)


def hold_back(
    change: Change, situation: Situation, reason: str, held_with: tuple[Address, ...] = ()
) -> Change:
    """Return the change with nothing to send.

    The rename of a change that stands alone is still made, since it needs no request. In a group
    the old addresses stay as well: another member may still use the new one.
    """
    keeps_name = change.previous_address is not None and not change.group
    return replace(
        change,
        action=Action.RENAME if keeps_name else Action.NONE,
        previous_address=change.previous_address if keeps_name else None,
        situations=(*change.situations, situation),
        reason=reason,
        held_with=held_with,
    )


def narrowed(
    changes: Sequence[Change], is_asked: Callable[[Change], bool], flags: str
) -> list[Change]:
    """Return the changes within a scope; a group that is only partly within it is held back.

    `is_asked` is the scope, `flags` the command line flags that made it, for the reason.
    """
    left_out: dict[str, list[Address]] = defaultdict(list)
    for change in changes:
        if change.group and not is_asked(change):
            left_out[change.group].append(change.address)
    result = []
    for change in changes:
        if not is_asked(change):
            continue
        others = left_out.get(change.group)
        if others:
            reason = f"it belongs together with {listed(others)}, which {flags} leaves out"
            waits = hold_back(change, Situation.BLOCKED, reason, tuple(sorted(set(others))))
            result.append(waits)
        else:
            result.append(change)
    return result


def listed(addresses: Iterable[Address]) -> str:
    """Return addresses as words: the first NAMED ones, and a count of the rest."""
    names = [str(address) for address in sorted(set(addresses))]
    if len(names) > NAMED:
        return f"{', '.join(names[:NAMED])} and {len(names) - NAMED} more"
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _members(changes: Iterable[Change]) -> dict[str, tuple[Address, ...]]:
    """Return the addresses of each group, by its name."""
    members: dict[str, set[Address]] = defaultdict(set)
    for change in changes:
        if change.group and _is_acting(change):
            members[change.group].add(change.address)
    return {name: tuple(sorted(addresses)) for name, addresses in members.items()}
