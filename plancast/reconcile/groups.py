"""What belongs together in a plan: a group of changes is done whole, or held whole.

A *group* is the closure of these bonds between changes that an apply would make:

* they use one address: a rename, and what happens to the entry whose address it takes; a destroy
  and a create of one address;
* a destroy and a create, or an update and a create, whose texts are alike or that are due in the
  same minute: most likely a post that was renamed and edited, in two halves;
* an update that frees a text which another change needs: Buffer holds a text only once.

Half of a group is worse than nothing: a create without the destroy that it belongs to publishes
two versions of one post. So a scope (`--target`, `--only`), a policy or an unanswered call that
holds one member holds all of them, and each says with whom.

A stray is in no group: to leave it is to publish twice.
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
    """Return the changes, each with the name of its group; "" for those that stand alone.

    `applied` is what was asked for last, by remote id: a person may have edited it since.
    """
    acting = [change for change in changes if _is_acting(change)]
    bonds = _Bonds()
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
    """Sets that grow together."""

    parents: dict[Hashable, Hashable] = field(default_factory=dict)

    def root(self, key: Hashable) -> Hashable:
        """What stands for the whole set."""
        path = []
        while (parent := self.parents.setdefault(key, key)) != key:
            path.append(key)
            key = parent
        self.parents.update(dict.fromkeys(path, key))
        return key

    def tie(self, one: Hashable, two: Hashable) -> None:
        """Make the sets of both one."""
        self.parents[self.root(one)] = self.root(two)


# -- bonds ------------------------------------------------------------------------------------


def _tie_freed_texts(acting: Sequence[Change], applied: Mapping[str, Entry], bonds: _Bonds) -> None:
    """Tie an update that gives up a text to what needs that text."""
    freed: dict[tuple[str, str], list[Change]] = defaultdict(list)
    for change in acting:
        if change.action is Action.UPDATE and _gives_up_its_text(change):
            for text in _texts_of(change, applied):
                freed[change.profile.id, text].append(change)
    for change in acting if freed else ():
        needs = change.action.sends and change.after and _gives_up_its_text(change)
        for other in freed.get((change.profile.id, text_key(change.after)), ()) if needs else ():
            bonds.tie(("change", id(change)), ("change", id(other)))


def _gives_up_its_text(change: Change) -> bool:
    return text_key(change.before) != text_key(change.after)


def _texts_of(change: Change, applied: Mapping[str, Entry]) -> set[str]:
    """The texts by which an entry is known: as it is, and as it was asked for.

    What a person edited in Buffer is still the post that it was.
    """
    return {text_key(change.before), text_key(applied.get(change.remote_id, change.before))}


def text_key(entry: Entry | None) -> str:
    """Return the words alone: networks append and shorten links; a bond too many is free."""
    return " ".join(blind_links(entry.text).replace("<link>", " ").split()) if entry else ""


def _tie_halves(acting: Sequence[Change], applied: Mapping[str, Entry], bonds: _Bonds) -> None:
    """Tie creates to what they may be the other half of, on each profile."""
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
    """Creates and what they may take the place of, on one profile."""

    creates: Sequence[Change]
    old: Sequence[Change]
    applied: Mapping[str, Entry]

    def tie(self, bonds: _Bonds) -> None:
        """Tie what is due in the same minute, and what is alike."""
        for one, two in (*self._same_minute(), *self._alike()):
            bonds.tie(("change", id(one)), ("change", id(two)))

    def _before(self, change: Change) -> Iterator[Entry]:
        """What goes: as it is live, and as it was asked for."""
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
        """Pairs with like texts; all of them, where so many are alike that nothing is clear."""
        texts = [
            (change, wording(text))
            for change in self.old
            if change.action is Action.DESTROY or _gives_up_its_text(change)
            for text in {entry.text for entry in self._before(change)}
        ]
        rare = Rare.of([words.grams for _, words in texts], THRESHOLD)
        found: list[tuple[Change, Change]] = []
        looked_at = 0
        for change in self.creates:
            words = wording(change.after.text if change.after else "")
            near = rare.near(words.grams)
            looked_at += len(near)
            if looked_at > CROWD:
                first = self.creates[0]
                return [(first, other) for other in (*self.creates[1:], *self.old)]
            found.extend((change, texts[n][0]) for n in near if _is_like(words, texts[n][1]))
        return found


def _is_like(one: Wording, two: Wording) -> bool:
    return round(likeness(one.grams, two.grams) - THRESHOLD, 6) >= 0


# -- holding ----------------------------------------------------------------------------------


def hold(changes: Sequence[Change], direct: Mapping[int, Hold]) -> list[Change]:
    """Return the changes without those that must wait. `direct`: why, by their position.

    Whatever belongs together with one of them waits as well.
    """
    if not direct:
        return list(changes)
    cause: dict[str, Address] = {}
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
    """Return the changes without those that need a text which an edit that is held keeps.

    Buffer refuses to hold a text twice on one profile, so they could only fail, again and again;
    and if a person edited it, one post would stand there in two versions. `applied` is as in
    `grouped`.
    """
    found = list(changes)
    while True:
        kept = {
            (change.profile.id, text): change.address
            for change in found
            if not change.action.sends and _keeps_a_text(change)
            for text in _texts_of(change, applied)
        }
        waits: dict[int, Hold] = {}
        for number, change in enumerate(found) if kept else ():
            address = kept.get((change.profile.id, text_key(change.after)))
            if address is not None and change.action.sends and _gives_up_its_text(change):
                reason = f"{address} has the text that it needs, and its edit is held back"
                waits[number] = (Situation.BLOCKED, reason)
        if not waits:
            return found
        found = hold(found, waits)


def _keeps_a_text(change: Change) -> bool:
    """Whether it waits with another text than its file asks for."""
    live = change.live
    waits = live is not None and live.status is not LiveStatus.PUBLISHED
    return waits and change.after is not None and _gives_up_its_text(change)


def hold_back(
    change: Change, situation: Situation, reason: str, held_with: tuple[Address, ...] = ()
) -> Change:
    """Return the same change with nothing to send. What stands alone still gets its new name."""
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
    """Return what a scope leaves. A group of which it leaves only a part is held.

    `flags` are those that made the scope, for the reason.
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
    """Return the first few addresses in words."""
    names = [str(address) for address in sorted(set(addresses))]
    if len(names) > NAMED:
        return f"{', '.join(names[:NAMED])} and {len(names) - NAMED} more"
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _members(changes: Iterable[Change]) -> dict[str, tuple[Address, ...]]:
    """The addresses of each group, by its name."""
    found: dict[str, set[Address]] = defaultdict(set)
    for change in changes:
        if change.group and _is_acting(change):
            found[change.group].add(change.address)
    return {name: tuple(sorted(addresses)) for name, addresses in found.items()}
