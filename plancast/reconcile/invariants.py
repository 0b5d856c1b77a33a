"""Invariants of every plan, asserted at run time: a plan that breaks one is not applied.

M1  A binding is in one pair at most, a remote id in one sending change at most, and no entry is
    both kept and destroyed.
M2  On each profile: entries kept waiting + created + adopted = desired to come - held back.
M3  If files were only renamed, by any permutation, all of them are paired by equality.
M4  Writing the renames is a bijection: no binding is lost, overwritten or owned twice.

All four follow from how `match` works. They are checked again here because `match` is the place
where a bug publishes a post twice or loses it: the assertion turns that into the error PC618.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from plancast.model.entry import Address, Entry, LiveStatus
from plancast.model.plan import Action, Change
from plancast.model.state import Binding, State
from plancast.model.workspace import Desired
from plancast.reconcile.match import How, Pair, is_to_come
from plancast.reconcile.state_updates import StateUpdateError, apply_state_changes

Paired = Sequence[tuple[Pair, Change]]


def repeated_ids(state: State) -> tuple[tuple[str, tuple[Address, ...]], ...]:
    """Return the remote ids that a state names more than once, with their addresses."""
    places: dict[str, list[Address]] = defaultdict(list)
    for binding in state.resources.values():
        places[binding.remote_id].append(binding.address)
    return tuple(
        (remote_id, tuple(sorted(addresses)))
        for remote_id, addresses in sorted(places.items())
        if len(addresses) > 1
    )


def contradictions(
    desired: Iterable[Desired],
    bindings: Iterable[Binding],
    paired: Paired,
    changes: Iterable[Change],
    now: datetime,
) -> tuple[str, ...]:
    """Return the violations of M1 to M3 as sentences; empty if there are none.

    `paired` holds each pair with its change. `changes` are all changes of the plan, including those
    without a pair (strays, addresses that are left behind).
    """
    desired = list(desired)
    return (
        *_one_pair_each(paired),
        *_one_fate_each(changes),
        *_all_are_accounted_for(desired, paired, now),
        *_renames_are_found(desired, bindings, paired),
    )


def state_update_faults(state: State, changes: Sequence[Change]) -> tuple[str, ...]:
    """Return the violations of M4 by a dry run: apply the changes to the state, drop the result."""
    try:
        apply_state_changes(state, changes)
    except StateUpdateError as error:
        return (f"M4: {error}",)
    return ()


def _one_pair_each(paired: Paired) -> Iterator[str]:
    """Check M1 on pairs."""
    bound = Counter(pair.binding.remote_id for pair, _ in paired if pair.binding)
    yield from (f"M1: {key} is in {n} pairs" for key, n in bound.items() if n > 1)
    wanted = Counter((pair.desired.address, pair.profile_id) for pair, _ in paired if pair.desired)
    yield from (f"M1: {key[0]} is in {n} pairs" for key, n in wanted.items() if n > 1)


def _one_fate_each(changes: Iterable[Change]) -> Iterator[str]:
    """Check M1 on changes."""
    sends: Counter[str] = Counter()
    kept: set[str] = set()
    destroyed: set[str] = set()
    # Creates have no remote id yet, so only updates and destroys can collide.
    for change in changes:
        if change.action in (Action.UPDATE, Action.DESTROY):
            sends[change.remote_id] += 1
        if change.action is Action.DESTROY:
            destroyed.add(change.remote_id)
        elif change.action.keeps and change.remote_id:
            kept.add(change.remote_id)
    yield from (f"M1: {key} is in {n} changes that send" for key, n in sends.items() if n > 1)
    yield from (f"M1: {key} is kept and destroyed" for key in sorted(kept & destroyed))


def _all_are_accounted_for(
    desired: Sequence[Desired], paired: Paired, now: datetime
) -> Iterator[str]:
    """Check M2. Live entries are counted by id, so two posts that share one entry are found."""
    to_come = Counter(item.profile.id for item in desired if is_to_come(item.entry, now))
    ids: dict[str, set[str]] = defaultdict(set)
    created: Counter[str] = Counter()
    held_back: Counter[str] = Counter()
    for pair, change in paired:
        if pair.desired is None or not is_to_come(pair.desired.entry, now):
            continue
        place = pair.desired.profile.id
        waits = pair.live is not None and pair.live.status is not LiveStatus.PUBLISHED
        # A claimed create is not made yet: the planner holds it.
        if waits and change.action is not Action.DESTROY and pair.live is not None:
            ids[place].add(pair.live.id)
        elif change.action is Action.CREATE and pair.how is not How.CLAIMED:
            created[place] += 1
        else:
            held_back[place] += 1
    for place in sorted({*to_come, *ids, *created, *held_back}):
        there = len(ids[place]) + created[place]
        if there != to_come[place] - held_back[place]:
            yield (
                f"M2: on {place} {there} entries would wait, for {to_come[place]} desired ones "
                f"of which {held_back[place]} are held back"
            )


_GUESSED = (
    How.READS_EQUAL, How.ALIKE, How.CLEAR, How.ADDRESS, How.CHAIN, How.NEW, How.MISSED,
)  # fmt: skip
"""Steps and rules that no unchanged file may end in. An entry that is gone may still be adopted or
held, so ADOPTED and CLAIMED are not among them."""


def _renames_are_found(
    desired: Iterable[Desired], bindings: Iterable[Binding], paired: Paired
) -> Iterator[str]:
    """Check M3 on profiles whose files ask for just the entries that were applied, in any order.

    Profiles with a stated move, or with an entry that reads equal at its own address, are exempt:
    both steps come before equality.
    """
    stated = {pair.profile_id for pair, _ in paired if pair.how in (How.STATED, How.READS_SAME)}
    guessed = [pair for pair, _ in paired if pair.how in _GUESSED and pair.profile_id not in stated]
    places = {pair.profile_id for pair in guessed}
    if not places:
        return
    asked: dict[str, Counter[Entry]] = defaultdict(Counter)
    applied: dict[str, Counter[Entry]] = defaultdict(Counter)
    for item in desired:
        if item.profile.id in places:
            asked[item.profile.id][item.entry] += 1
    for binding in bindings:
        if binding.profile_id in places:
            applied[binding.profile_id][binding.applied] += 1
    # As plain dicts: two counters are compared key by key, in Python.
    only_renamed = {place for place in places if dict(asked[place]) == dict(applied[place])}
    for pair in guessed:
        if pair.profile_id in only_renamed:
            yield f"M3: {pair.address} was only renamed, and is paired by {pair.how.value}"
