"""Matching: find out which desired entry is which owned or live entry.

Terms. A *desired* entry (d) is one that the files ask for, without drafts and history. An *owned*
entry (b) is one that the state has a binding for; those in the history are owned too, but never
paired. An *unowned* entry is live, and no state of this account names it.

An owned entry is of one kind (`OwnedKind`): *waiting* in the queue; *failed*, which means refused
by the network; *reserved*, which means created inert far in the future (`two_phase`); *published*;
or *gone*, which means that no list shows it and that the provider does not know its id.

d and b are *equal* if the file asks for exactly what was applied last; time and stage of a reserved
entry do not count. d *reads equal* to a live entry if that is what d becomes once the provider has
rewritten it (`compare`). d is *to come* if it is due later than now, or is for the queue.
*Likeness* is the share of common trigrams of two texts (`similarity`). A *claim* is a create with
an unknown outcome.

Premise. People rename, swap, split and reorder files, so the content says more than the address.
Two sides that are equal belong together at any address. An entry that was edited is found by its
address, or by a likeness that no other candidate comes near to. The steps never guess: if it is not
clear which is which, both sides stay unpaired, or an error names both possibilities.

Why it must be right. A pair that is missed publishes a post twice: once from the old entry and once
from the new one. A wrong pair loses a post. A live entry that no step pairs is *unmanaged*, and no
code after this module can change it: what a person made is safe because `diff` never sees it.

An example: `a.yaml` and `b.yaml` swap names. By address, each would be an update to the other's
text, which Buffer refuses since it holds a text only once. By equality (step 5), both are renames
and no request is sent.

Profiles are matched one by one and by id, never by alias: an alias may mean another profile today.
Certain evidence comes before weak evidence, so each step sees only what the steps before it left:

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
6a    other address, same text at another time, if     waiting, failed, reserved; protected only
      exactly one d and one b that are left have it    if d is; d's own entry is not protected
7     same address, likeness of at least 0.5, or due   not published; or published, if d is not to
      in the same minute                               come; or published, if d is for the queue
                                                       with nearly the same text, no waiting b has
                                                       exactly this text, and no other published b
                                                       is more like it
8     other address, clear (see `match_scores`)        waiting, failed, reserved; published if d is
                                                       not to come; protected only if d is
9     same address, anything                           not published, or d is not to come
10    the end of a chain: d is to come, its own entry  waiting, without drift
      went to d1, the own entry of d1 to d2, …
====  ===============================================  ==========================================

Why this order: the word of an author goes first (2). Equality is proof (3 to 6), and at the entry's
own address it settles which of several equal entries is meant. An edit at the same address (7)
comes before a rename with an edit (8), or step 8 could give the entry of an edited post to another
one. Step 8 weighs rivals against each other and needs a clear winner. Step 9 trusts the address
alone. Step 10 only saves requests: without it, one entry would be destroyed and another created.

A desired entry that is unpaired, or paired with an entry that is gone, would be created. The first
rule that fits decides instead (`match_rules`):

(a) there is an equal claim, at any address: d is held until the claim is settled, or the post might
    exist twice. If otherwise only (f) or (g) would fit, d is also held by a claim at its address,
    and by a similar claim whose address no file asks for: d is an edit of what that claim sent,
    and that may still arrive;
(b) an equal unowned entry waits: adopt it, in place of an entry that is gone;
(c) d is to come, its own entry was published, and no other file asks for exactly that: an error,
    since d may be a new post or a correction of the old one;
(d) d is for the queue and has nearly the text of a published entry that no file asks for any more:
    an error for the same reason (`match_scores.may_repeat` names two cases in which an entry with a
    time of its own counts as well);
(e) an equal unowned entry was sent: d is published, and nothing is sent;
(f) the time of d has passed: missed. A post is never sent late;
(g) otherwise d is created.

An owned entry that is left over is destroyed if it is still in the queue, and forgotten if it was
published or is gone. A published entry that an error of (c) or (d) names is kept in the state:
without it, the next run would have nothing to ask about and would send the post.

Two steps happen elsewhere. Step 0: `invariants` refuses a state that names one remote id twice.
Step 1: `engine.recovery` settles open intents; those that stay open arrive here as claims.
`invariants` also asserts the properties that every result of this module has.
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
    """The inputs of matching besides the two sides.

    `expected` returns an entry as it reads back. `history` are owned addresses that are never
    paired. `elsewhere` are remote ids that another workspace owns: never adopted. `claims` are
    creates whose outcome is unknown. `stated` are moves that authors wrote down. `kept` are ids of
    posts whose files are gone and whose entries must stay as they are (`removed: keep`), so no step
    may give one of these to another post by likeness.
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
    """Pair each desired and each owned entry of all profiles; return the unmanaged rest as well.

    Addresses must be unique on both sides, and remote ids too (step 0). The result does not depend
    on the order of the inputs.
    """
    bindings = list(bindings)
    owned = {binding.remote_id for binding in bindings}
    not_free = owned.union(facts.elsewhere)
    sides = _by_profile(desired, bindings, live, facts)
    pairs: list[Pair] = []
    for profile_id in sorted(sides):
        side = sides[profile_id]
        steps = ProfileSteps(side.wants, side.owned, facts.expected, facts.now, facts.kept)
        steps.run(facts.stated)
        rules = ProfileRules(
            steps,
            [claim for claim in facts.claims if claim.profile_id == profile_id],
            [entry for entry in side.queue if entry.id not in not_free],
            # What another workspace published counts here too: its file may have moved here, and
            # must not be sent again.
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
    """All that is desired, owned and live on one profile."""

    wants: list[Want] = field(default_factory=list)
    owned: list[Owned] = field(default_factory=list)
    queue: list[LiveEntry] = field(default_factory=list)
    sent: list[LiveEntry] = field(default_factory=list)


def _by_profile(
    desired: Iterable[Desired], bindings: Iterable[Binding], live: Live, facts: Facts
) -> Mapping[str, _Sides]:
    """Split both sides by the ids of their profiles, without owned entries of the history."""
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
    """Return the sent entries of desired entries that went out already, by rule (e) alone."""
    by_profile: dict[str, list[LiveEntry]] = defaultdict(list)
    for entry in sent:
        by_profile[entry.profile_id].append(entry)
    unowned = {key: Unowned(entries, fits_sent) for key, entries in by_profile.items()}
    published: dict[Address, LiveEntry] = {}
    # By address, so that of two equal posts always the same one gets the entry.
    for item in sorted(desired, key=lambda item: item.address):
        entries = unowned.get(item.profile.id)
        sent_entry = None
        if entries:
            sent_entry = entries.take(Want(item), expected(item.entry, item.profile))
        if sent_entry is not None:
            published[item.address] = sent_entry
    return published
