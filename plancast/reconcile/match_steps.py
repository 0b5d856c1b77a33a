"""Steps 2 to 10 of `match`, on one profile: which owned entry each desired one is.

The essay stands in `match`. Each step sees only what the steps before it left free, and decides
about all of that at once or in the order of addresses, so the order of files has no say.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from plancast.model.entry import Entry
from plancast.reconcile.compare import drift
from plancast.reconcile.match_scores import (
    ALIKE,
    REPEATED,
    ClearPairs,
    Published,
    Scores,
    may_repeat,
    same_minute,
)
from plancast.reconcile.match_values import (
    Expected,
    How,
    Owned,
    OwnedKind,
    Want,
    blank,
    is_equal,
    is_to_come,
    reads_equal,
    text_key,
)
from plancast.reconcile.moves import StatedMove
from plancast.reconcile.similarity import wording_key

_EXPLAINS = (How.STATED, How.SAME, How.EQUAL)


class ProfileSteps:
    """One profile at work. `wants` and `owned` are all there is, by address, in their order."""

    def __init__(
        self,
        wants: Iterable[Want],
        owned: Iterable[Owned],
        expected: Expected,
        now: datetime,
        kept: Collection[str] = (),
    ) -> None:
        self.wants = {want.address: want for want in sorted(wants, key=lambda one: one.address)}
        self.owned = {one.address: one for one in sorted(owned, key=lambda one: one.address)}
        self.expected = expected
        self.now = now
        self.kept = kept
        """Posts whose entries shall stay as they are: no step may take one by likeness."""
        self.scores = Scores()
        self.pairs: dict[Want, tuple[How, Owned]] = {}
        self.takers: dict[Owned, Want] = {}
        self._reads_as: dict[Want, Entry] = {}
        self._published: Published | None = None
        self._by_text: dict[str, list[Owned]] | None = None
        self._asked: dict[Entry, list[Want]] | None = None

    # -- what the steps ask for --------------------------------------------------------------

    def free_wants(self) -> list[Want]:
        """Desired entries that are not paired, by address."""
        return [want for want in self.wants.values() if want not in self.pairs]

    def free_owned(self) -> list[Owned]:
        """Owned entries that are not paired, by address."""
        return [one for one in self.owned.values() if one not in self.takers]

    def own(self, want: Want) -> Owned | None:
        """The owned entry at the same address, whether it is free or not."""
        return self.owned.get(want.address)

    def reads_as(self, want: Want) -> Entry:
        """The desired entry as the provider shows it."""
        known = self._reads_as.get(want)
        if known is None:
            known = self.expected(want.entry, want.item.profile)
            self._reads_as[want] = known
        return known

    def is_to_come(self, want: Want) -> bool:
        """Whether it is still to go out."""
        return is_to_come(want.entry, self.now)

    def is_explained(self, one: Owned) -> bool:
        """Whether some file still asks for just this: else its file is gone, or says otherwise."""
        taker = self.takers.get(one)
        return taker is not None and self.pairs[taker][0] in _EXPLAINS

    def repeated(self, want: Want) -> Owned | None:
        """What went out with nearly the same text, and may be this: an author has to say."""
        return self._likest_published(want)[1]

    def _likest_published(self, want: Want) -> tuple[float, Owned | None]:
        if not self.is_to_come(want):
            return 0.0, None
        if self._published is None:
            over = (one for one in self.owned.values() if one.kind is OwnedKind.PUBLISHED)
            left = [one for one in over if not self.is_explained(one)]
            self._published = Published.of(self.scores, left)
        return self._published.likest(want)

    def _pair(self, how: How, want: Want, one: Owned) -> None:
        self.pairs[want] = (how, one)
        self.takers[one] = want

    def _own_and_free(self) -> list[tuple[Want, Owned]]:
        return [
            (want, one)
            for want in self.free_wants()
            if (one := self.own(want)) is not None and one not in self.takers
        ]

    # -- the steps ---------------------------------------------------------------------------

    def run(self, moves: Sequence[StatedMove] = ()) -> None:
        """Take all steps."""
        self.stated(moves)
        self.same_address_equal()
        self.same_address_reads_equal()
        if len(self.pairs) == len(self.wants):
            return
        self.equal()
        self.reads_equal()
        self.texts_moved()
        self.same_address_alike()
        self.clear()
        self.same_address()
        self.chain()

    def stated(self, moves: Sequence[StatedMove]) -> None:
        """Step 2: pair what an author says is the same.

        Such words stay in files for long, and names are used again. So they count as long as the
        texts do not say that they are over.
        """
        if not moves:
            return
        wants, owned = _by_post(self.wants.values()), _by_post(self.owned.values())
        for move in sorted(moves, key=lambda move: (move.new, move.old)):
            for want in wants.get(move.new, ()):
                called = [
                    one
                    for one in owned.get(move.old, ())
                    if one not in self.takers and self._is_still_to_move(want, one)
                ]
                if called and want not in self.pairs:
                    # Another alias may have meant this profile: the same one comes first.
                    alias = want.address.profile
                    one = min(called, key=lambda one: (one.address.profile != alias, one.address))
                    self._pair(How.STATED, want, one)

    def _is_still_to_move(self, want: Want, one: Owned) -> bool:
        """Whether `one` may be what the author means, by what else is called so by now."""
        own, other = self.own(want), self.wants.get(one.address)
        alike = self.scores.likeness(want, one)
        if alike < ALIKE and self._is_repeated(want, one):
            return False  # it has another entry by now
        if own is one:
            return one.kind is OwnedKind.PUBLISHED
        is_likely = own is not None and alike <= self.scores.likeness(want, own)
        if own is not None and is_likely and not self._is_asked_elsewhere(want, own):
            return False  # it was moved before
        # Unless the old name belongs to another post now.
        return other is None or not self.scores.says_the_same(other, one)

    def _is_asked_elsewhere(self, want: Want, own: Owned) -> bool:
        """Whether another file asks for just what this address had: of a series all are alike."""
        if self._asked is None:
            self._asked = defaultdict(list)
            for each in self.wants.values():
                self._asked[blank(each.entry)].append(each)
        there = self._asked.get(blank(own.binding.applied), ())
        return any(each is not want and is_equal(each.entry, own.binding) for each in there)

    def _is_repeated(self, want: Want, one: Owned) -> bool:
        """Whether another owned entry has nearly the same text."""
        others = (other for other in self.owned.values() if other is not one)
        return any(self.scores.likeness(want, other) >= REPEATED for other in others)

    def same_address_equal(self) -> None:
        """Step 3."""
        for want in self.wants.values():
            one = self.owned.get(want.address)
            if one is None or want in self.pairs or one in self.takers:
                continue
            if is_equal(want.entry, one.binding):
                self._pair(How.SAME, want, one)

    def same_address_reads_equal(self) -> None:
        """Step 4."""
        for want, one in self._own_and_free():
            if one.kind.is_there and reads_equal(want.entry, self.reads_as(want), one):
                self._pair(How.READS_SAME, want, one)

    def equal(self) -> None:
        """Step 5. What waits comes before what went out, and that before what is gone."""
        exact: dict[Entry, list[Owned]] = defaultdict(list)
        reserved: dict[Entry, list[Owned]] = defaultdict(list)
        for one in sorted(self.free_owned(), key=lambda one: one.order, reverse=True):
            applied = one.binding.applied
            if one.binding.inert:
                reserved[blank(applied)].append(one)
            else:
                exact[applied].append(one)
        for want in self.free_wants():
            heaps = [exact.get(want.entry)]
            if reserved:
                heaps.append(reserved.get(blank(want.entry)))
            fitting = [heap for heap in heaps if heap]
            if fitting:
                best = min(fitting, key=lambda heap: heap[-1].order)
                self._pair(How.EQUAL, want, best.pop())

    def reads_equal(self) -> None:
        """Step 6: pair by what is live, if no file asks for the address that it has had."""
        by_text: dict[str, list[Owned]] = defaultdict(list)
        for one in sorted(self.free_owned(), key=lambda one: one.order):
            if one.live is not None and one.kind.is_there and one.address not in self.wants:
                by_text[text_key(one.live.entry.text)].append(one)
        for want in self.free_wants() if by_text else ():
            reads_as = self.reads_as(want)
            for one in by_text.get(text_key(reads_as.text), ()):
                if one not in self.takers and reads_equal(want.entry, reads_as, one):
                    self._pair(How.READS_EQUAL, want, one)
                    break

    def texts_moved(self) -> None:
        """Step 6a: a text stands at another address now, and the times stay.

        By its address each of the two would need a text that another one still holds. Buffer
        refuses that, in whatever order they are sent; a new time is always possible. And of a
        series, whose texts differ by a number, only the whole text says which one is which.
        """
        there = [one for one in self.free_owned() if one.kind.is_there]
        asked: dict[str, list[Want]] = defaultdict(list)
        for want in self.free_wants() if there else ():
            asked[wording_key(want.entry.text)].append(want)
        for key_of in (self.scores.asked_key, self.scores.live_key):
            holders: dict[str, list[Owned]] = defaultdict(list)
            for one in there:
                holders[key_of(one)].append(one)
            for key, ones in holders.items():
                wants = asked.get(key, ()) if key else ()
                if len(ones) == len(wants) == 1 and self._is_text_moved(wants[0], ones[0], asked):
                    self._pair(How.TEXT_MOVED, wants[0], ones[0])

    def _is_text_moved(self, want: Want, one: Owned, asked: Mapping[str, Sequence[Want]]) -> bool:
        """Whether the text says enough.

        The same text, said every week, does not say which week is meant. What a person typed into
        another entry moves nothing, and what went out at the address of `want` may be it as well.
        A protected entry keeps its file, unless another protected one says its text now.
        """
        if want in self.pairs or one in self.takers or not self._may_be_renamed(want, one):
            return False
        own = self.own(want)
        if own is not None and own not in self.takers:
            heirs = asked.get(self.scores.asked_key(own), ()) if own.binding.protect else ()
            is_kept = own.binding.protect and not any(heir.item.protect for heir in heirs)
            return own.kind.is_there and not is_kept
        was_asked = wording_key(want.entry.text) == self.scores.asked_key(one)
        return was_asked and all(other not in self.takers for other in self._with_the_text_of(want))

    def same_address_alike(self) -> None:
        """Step 7: an edit that keeps half of the text, or the minute."""
        for want, one in self._own_and_free():
            if self._is_edited(want, one):
                self._pair(How.ALIKE, want, one)

    def _is_edited(self, want: Want, one: Owned) -> bool:
        """Whether this is what its address had, with an edit."""
        alike = self.scores.sameness(want, one)
        if one.kind is OwnedKind.PUBLISHED and self.is_to_come(want):
            if want.entry.due_at is not None or alike < REPEATED:
                return False
            # Those of a series differ by a number alone: one that waits, or that went out from
            # another address, may say more of this.
            if self.scores.says_the_same(want, one):
                return True
            return self._likest_published(want)[0] <= alike and not self._waits_elsewhere(want)
        if self._likest_published(want)[0] > alike:
            return False
        return alike >= ALIKE or same_minute(want, one)

    def _waits_elsewhere(self, want: Want) -> bool:
        """Whether an owned entry that is free, and still in the queue, has just this text."""
        return any(one not in self.takers for one in self._with_the_text_of(want))

    def _with_the_text_of(self, want: Want) -> Sequence[Owned]:
        """The owned entries in the queue that have just this text, whether they are free or not."""
        if self._by_text is None:
            self._by_text = defaultdict(list)
            for one in self.owned.values():
                for key in self.scores.keys(one) if one.kind.is_there else ():
                    self._by_text[key].append(one)
        return self._by_text.get(wording_key(want.entry.text), ())

    def clear(self) -> None:
        """Step 8: a rename with an edit, if nothing else comes near."""
        wants, owned = self.free_wants(), self.free_owned()
        if not (wants and owned):
            return
        paired = (
            list(self.pairs),
            [one for one in self.takers if one.kind.is_there or one.kind is OwnedKind.PUBLISHED],
        )
        finder = ClearPairs(self.scores, self._may_be_renamed, self._counts)
        for want, one in finder.find((wants, owned), paired):
            self._pair(How.CLEAR, want, one)

    def _may_be_renamed(self, want: Want, one: Owned) -> bool:
        if one.binding.protect and not want.item.protect:
            return False
        if one.address.post in self.kept:
            return False
        return want.address != one.address and self._is_possible(want, one)

    def _is_possible(self, want: Want, one: Owned) -> bool:
        if one.kind is OwnedKind.PUBLISHED:
            return not self.is_to_come(want)
        return one.kind.is_there

    def _counts(self, want: Want, one: Owned) -> bool:
        """Whether the two must be looked at: what is to come may be what went out."""
        if one.kind is OwnedKind.PUBLISHED and self.is_to_come(want):
            return may_repeat(want, one) and not self.is_explained(one)
        return self._is_possible(want, one)

    def same_address(self) -> None:
        """Step 9: whatever is left at an address is what the address asks for now."""
        for want, one in self._own_and_free():
            over = one.kind is OwnedKind.PUBLISHED and self.is_to_come(want)
            if not over and self.repeated(want) is None:
                self._pair(How.ADDRESS, want, one)

    def chain(self) -> None:
        """Step 10: files changed places in a row, so the last one gets what the first one left."""
        for want in self.free_wants():
            new = self.is_to_come(want) and self.repeated(want) is None
            one = self._end_of_chain(want) if new else None
            if one is None or one.address.post in self.kept:
                continue
            if one.kind is OwnedKind.WAITING and not self._is_drifted(want, one):
                self._pair(How.CHAIN, want, one)

    def _end_of_chain(self, want: Want) -> Owned | None:
        """Follow who took the entry of whose address, up to an entry that is free.

        No two walks meet, and none comes back: an entry has one taker, and who begins has none.
        """
        one = self.own(want)
        while one is not None and one in self.takers:
            one = self.own(self.takers[one])
        return one

    def _is_drifted(self, want: Want, one: Owned) -> bool:
        """Whether a person changed it."""
        binding = one.binding
        if one.live is None:
            return True
        blind = self.expected(binding.applied, want.item.profile).shorten
        return bool(drift(binding.applied, binding.observed, one.live, blind=blind))


Side = TypeVar("Side", Want, Owned)


def _by_post(sides: Iterable[Side]) -> dict[str, list[Side]]:
    """Return them by the id of their post."""
    found: dict[str, list[Side]] = defaultdict(list)
    for side in sides:
        found[side.address.post].append(side)
    return found
