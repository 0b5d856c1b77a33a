"""Which desired entry is which owned or live one: scope before difference.

Terms. *Desired* (d) is what the files ask for, without drafts and history. *Owned* (b) is what
the state names; what lies in the history is owned too, and never paired. *Unowned* is a live
entry that no state of this account names. An owned entry is of one kind: *waiting*, *failed*,
*reserved* (created inert, see `parking`), *published*, or *gone* (no list shows it, and the
provider does not know its id). d and b are *equal* if the file asks for what was applied last;
of a reserved entry time and stage do not count. d *reads equal* a live entry that is what d
becomes once the provider has rewritten it. d is *to come* if it is due later than now or is for
the queue. *Like* is the measure of `likeness`. A *claim* is a create whose outcome is unknown.

Premise. Files are renamed, swapped, split and put in another order, so an address says less than
the content. What is equal belongs together, wherever it stands; what is edited is found again by
its address or by a likeness that nothing else comes near to. Nothing is guessed: if it is not
clear which is which, both sides are left over, or an error names both ways.

Why it must be right. Whatever is paired is ours and is compared later. A pair that is missed
makes a post go out twice, a pair too many makes one go missing. What is left over on the live
side is *unmanaged*, and no code after this module can reach it.

Everything happens for each profile by its id. The steps, in order:

====  ===============================================  ==========================================
step  pairs d with b                                   if b is
====  ===============================================  ==========================================
2     as an author states it                           of any kind
3     same address, equal                              of any kind
4     same address, reads equal                        waiting, failed, reserved
5     other address, equal                             of any kind, taken in the order of kinds,
                                                       then of addresses
6     other address, reads equal                       waiting, failed, reserved, and no file asks
                                                       for its address
6a    other address, the text alone, if one file and   waiting, failed, reserved; protected only
      one owned entry that are left say just that      if d is; not over a protected entry
7     same address, half of the text or the minute     not published; published if d is not to
                                                       come, or is for the queue and nearly the
                                                       same text, and nothing that waits says
                                                       just the same, or went out, is likelier
8     other address, clear (see `match_scores`)        waiting, failed, reserved; published if d is
                                                       not to come; protected only if d is
9     same address, anything                           not published, or d is not to come
10    the end of a chain: d, still to come, whose own  waiting, unchanged by people
      entry went to d1, whose own went to d2, …
====  ===============================================  ==========================================

What is left over of d, or is paired with what is gone, is decided by the first rule that fits:

(a) an equal claim, at whatever address: held until it is settled. If no other rule but (f) and
    (g) fits, a claim at the same address holds it as well, and one that is like it if no file
    asks for its address: an edit came after it, and what was sent may still arrive;
(b) an equal unowned entry that waits: adopted, in the place of what is gone;
(c) d is to come and its own entry was published, and no other file asks for just that: an error,
    since it may be a new post or the same one corrected;
(d) d is for the queue and nearly the text of something published that no file asks for any more:
    an error for the same reason;
(e) an equal unowned entry that was sent: it was published;
(f) its time has passed: missed, never sent late;
(g) it is created.

What is left over of b is destroyed if it is still there, and forgotten if it was published or is
gone. What an error of (c) or (d) names is kept, so that the question does not answer itself.

Open intents were settled before (step 1, `engine.recovery`), and a state that names one remote
id twice was refused (step 0, `invariants`). The laws that hold for all of this are asserted by
`invariants` too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from plancast.model.entry import Address, LiveEntry
from plancast.model.state import Binding
from plancast.model.workspace import Desired
from plancast.reconcile.match_rules import SENT_TOLERANCE, ProfileRules, Unowned, fits_sent
from plancast.reconcile.match_steps import ProfileSteps
from plancast.reconcile.match_values import (
    Claim,
    Expected,
    How,
    Live,
    Matched,
    Owned,
    OwnedKind,
    Pair,
    Want,
    is_to_come,
    kind_of,
)
from plancast.reconcile.moves import StatedMove

__all__ = [
    "SENT_TOLERANCE",
    "Claim",
    "Expected",
    "Facts",
    "How",
    "Live",
    "Matched",
    "OwnedKind",
    "Pair",
    "equal_sent",
    "is_to_come",
    "kind_of",
    "match",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Facts:
    """What matching must know beside both sides.

    `expected` says how an entry reads back; `history` are owned addresses that are never paired;
    `elsewhere` are remote ids that another workspace owns; `claims` are creates whose outcome is
    unknown; `stated` is what authors say; `kept` are posts whose entries shall stay as they are
    although their files are gone, so no likeness gives one to another post.
    """

    expected: Expected
    now: datetime
    history: Collection[Address] = frozenset()
    elsewhere: Collection[str] = frozenset()
    claims: Sequence[Claim] = ()
    stated: Sequence[StatedMove] = ()
    kept: Collection[str] = ()


def match(
    desired: Iterable[Desired],
    bindings: Iterable[Binding],
    live: Live,
    facts: Facts,
) -> Matched:
    """Pair everything up. Addresses are unique on both sides, and so are remote ids."""
    bindings = list(bindings)
    owned = {binding.remote_id for binding in bindings}
    taken = owned.union(facts.elsewhere)
    sides = _by_profile(desired, bindings, live, facts)
    pairs: list[Pair] = []
    for profile_id in sorted(sides):
        side = sides[profile_id]
        steps = ProfileSteps(side.wants, side.owned, facts.expected, facts.now, facts.kept)
        steps.run(facts.stated)
        rules = ProfileRules(
            steps,
            [claim for claim in facts.claims if claim.profile_id == profile_id],
            [entry for entry in side.queue if entry.id not in taken],
            # What went out from a neighbour went out: its file may have moved here.
            [entry for entry in side.sent if entry.id not in owned],
        )
        pairs.extend(rules.pairs())
    pairs.sort(key=_place)
    used = owned | {pair.live.id for pair in pairs if pair.live}
    unmanaged = tuple(entry for entry in live.queue if entry.id not in used)
    return Matched(tuple(pairs), unmanaged)


def _place(pair: Pair) -> tuple[Address, str, str]:
    binding = pair.binding.remote_id if pair.binding else ""
    return (pair.address, pair.profile_id, binding)


@dataclass(slots=True)
class _Sides:
    wants: list[Want] = field(default_factory=list)
    owned: list[Owned] = field(default_factory=list)
    queue: list[LiveEntry] = field(default_factory=list)
    sent: list[LiveEntry] = field(default_factory=list)


def _by_profile(
    desired: Iterable[Desired], bindings: Iterable[Binding], live: Live, facts: Facts
) -> Mapping[str, _Sides]:
    sides: dict[str, _Sides] = defaultdict(_Sides)
    for item in desired:
        sides[item.profile.id].wants.append(Want(item))
    by_id = {entry.id: entry for entry in (*live.sent, *live.queue)}
    for binding in bindings:
        if binding.address not in facts.history:
            owned = Owned.of(binding, by_id.get(binding.remote_id))
            sides[binding.profile_id].owned.append(owned)
    for entry in live.queue:
        sides[entry.profile_id].queue.append(entry)
    for entry in live.sent:
        sides[entry.profile_id].sent.append(entry)
    return sides


def equal_sent(
    desired: Iterable[Desired], sent: Iterable[LiveEntry], expected: Expected
) -> dict[Address, LiveEntry]:
    """Return which desired entries went out already, by rule (e) alone."""
    by_profile: dict[str, list[LiveEntry]] = defaultdict(list)
    for entry in sent:
        by_profile[entry.profile_id].append(entry)
    unowned = {key: Unowned(entries, fits_sent) for key, entries in by_profile.items()}
    found: dict[Address, LiveEntry] = {}
    for item in sorted(desired, key=lambda item: item.address):
        there = unowned.get(item.profile.id)
        went = there.take(Want(item), expected(item.entry, item.profile)) if there else None
        if went is not None:
            found[item.address] = went
    return found
