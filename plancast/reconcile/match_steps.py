"""Steps 2 to 10 of `match`, for one profile: find the owned entry of each desired one.

The essay is in `match`. Each step sees only what the steps before it left free. It decides about
all of that at once, or in the order of addresses, so the order of the files does not matter.
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
"""Steps after which a published entry needs no question: its file still asks for exactly that."""


class ProfileSteps:
    """The matching of one profile.

    `wants` and `owned` hold all entries of both sides by address, in that order. `pairs` maps each
    paired desired entry to its step and its owned entry, `takers` each owned entry back. `run`
    takes the steps; the other public methods answer what the steps and `match_rules` ask.
    """

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
        """Ids of posts whose entries must stay as they are: no step takes one by likeness."""
        self.scores = Scores()
        self.pairs: dict[Want, tuple[How, Owned]] = {}
        self.takers: dict[Owned, Want] = {}
        self._reads_as: dict[Want, Entry] = {}
        self._published: Published | None = None
        self._by_text: dict[str, list[Owned]] | None = None
        self._asked: dict[Entry, list[Want]] | None = None

    # -- questions of the steps --------------------------------------------------------------

    def free_wants(self) -> list[Want]:
        """Return the desired entries that are not paired yet, by address."""
        return [want for want in self.wants.values() if want not in self.pairs]

    def free_owned(self) -> list[Owned]:
        """Return the owned entries that are not paired yet, by address."""
        return [one for one in self.owned.values() if one not in self.takers]

    def own(self, want: Want) -> Owned | None:
        """Return the owned entry at the same address, paired or not."""
        return self.owned.get(want.address)

    def reads_as(self, want: Want) -> Entry:
        """Return a desired entry as the provider shows it after rewriting."""
        known = self._reads_as.get(want)
        if known is None:
            known = self.expected(want.entry, want.item.profile)
            self._reads_as[want] = known
        return known

    def is_to_come(self, want: Want) -> bool:
        """Return whether a desired entry is still to go out."""
        return is_to_come(want.entry, self.now)

    def is_explained(self, one: Owned) -> bool:
        """Return whether a file still asks for exactly this owned entry.

        If not, its file is gone or asks for something else now.
        """
        taker = self.takers.get(one)
        return taker is not None and self.pairs[taker][0] in _EXPLAINS

    def repeated(self, want: Want) -> Owned | None:
        """Return a published entry that this may repeat, so that an author has to say."""
        return self._likest_published(want)[1]

    def _likest_published(self, want: Want) -> tuple[float, Owned | None]:
        if not self.is_to_come(want):
            return 0.0, None
        if self._published is None:
            # Built once, after steps 2 to 5: only those pairs explain a published entry, and the
            # first question comes from step 7.
            published = (one for one in self.owned.values() if one.kind is OwnedKind.PUBLISHED)
            left = [one for one in published if not self.is_explained(one)]
            self._published = Published.of(self.scores, left)
        return self._published.likest(want)

    def _pair(self, how: How, want: Want, one: Owned) -> None:
        self.pairs[want] = (how, one)
        self.takers[one] = want

    def _own_and_free(self) -> list[tuple[Want, Owned]]:
        """Return the pairs at one address of which both sides are free."""
        return [
            (want, one)
            for want in self.free_wants()
            if (one := self.own(want)) is not None and one not in self.takers
        ]

    # -- the steps ---------------------------------------------------------------------------

    def run(self, moves: Sequence[StatedMove] = ()) -> None:
        """Take all steps, in order."""
        self.stated(moves)
        self.same_address_equal()
        self.same_address_reads_equal()
        # The usual run ends here: nothing was renamed or edited.
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
        """Step 2: pair the entries that an author states to be the same.

        A `was:` stays in its file long after the move, and old names are used again for new posts.
        So a stated move counts only until the texts show that it is over.
        """
        if not moves:
            return
        wants, owned = _by_post(self.wants.values()), _by_post(self.owned.values())
        for move in sorted(moves, key=lambda move: (move.new, move.old)):
            for want in wants.get(move.new, ()):
                candidates = [
                    one
                    for one in owned.get(move.old, ())
                    if one not in self.takers and self._is_still_to_move(want, one)
                ]
                if candidates and want not in self.pairs:
                    # Several aliases can mean this profile over time; the same alias comes first.
                    alias = want.address.profile
                    one = min(
                        candidates, key=lambda one: (one.address.profile != alias, one.address)
                    )
                    self._pair(How.STATED, want, one)

    def _is_still_to_move(self, want: Want, one: Owned) -> bool:
        """Return whether a stated move still has to be made, judged by both names as of now.

        `want` is at the new name, `one` at the old one.
        """
        own, other = self.own(want), self.wants.get(one.address)
        alike = self.scores.likeness(want, one)
        if alike < ALIKE and self._is_repeated(want, one):
            return False  # the move was made: another owned entry has this text
        if own is one:
            # `was:` with the post's own id: it corrects a published post (rule c).
            return one.kind is OwnedKind.PUBLISHED
        is_likely = own is not None and alike <= self.scores.likeness(want, own)
        if own is not None and is_likely and not self._is_asked_elsewhere(want, own):
            return False  # the move was made: the new name has its own entry, which fits better
        # If a file at the old name says exactly what its entry says, the name has a new owner.
        return other is None or not self.scores.says_the_same(other, one)

    def _is_asked_elsewhere(self, want: Want, own: Owned) -> bool:
        """Return whether another file asks for exactly the entry of this address.

        Posts of a series are all alike, so likeness alone does not show that an entry is this
        post's own.
        """
        if self._asked is None:
            self._asked = defaultdict(list)
            for each in self.wants.values():
                self._asked[blank(each.entry)].append(each)
        there = self._asked.get(blank(own.binding.applied), ())
        return any(each is not want and is_equal(each.entry, own.binding) for each in there)

    def _is_repeated(self, want: Want, one: Owned) -> bool:
        """Return whether an owned entry other than `one` has nearly the text of `want`."""
        others = (other for other in self.owned.values() if other is not one)
        return any(self.scores.likeness(want, other) >= REPEATED for other in others)

    def same_address_equal(self) -> None:
        """Step 3: pair equal entries at the same address."""
        for want in self.wants.values():
            one = self.owned.get(want.address)
            if one is None or want in self.pairs or one in self.takers:
                continue
            if is_equal(want.entry, one.binding):
                self._pair(How.SAME, want, one)

    def same_address_reads_equal(self) -> None:
        """Step 4: pair entries at the same address if the live one reads as the file asks.

        A person made the same edit in Buffer, or the answer to an update was lost.
        """
        for want, one in self._own_and_free():
            if one.kind.is_there and reads_equal(want.entry, self.reads_as(want), one):
                self._pair(How.READS_SAME, want, one)

    def equal(self) -> None:
        """Step 5: pair equal entries at other addresses.

        Of several equal owned entries a waiting one is taken first, and a published one before one
        that is gone. A new copy of a published text thus gets the entry that still waits, if any.
        """
        # Heaps in reverse order, so that `pop` takes the first one. Reserved entries are compared
        # without time and stage, which their live side does not have yet.
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
        """Step 6: pair by the live entry, if no file asks for its old address."""
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
        """Step 6a: pair by the exact text alone, if texts moved to other addresses.

        Two files swapped their texts and kept their times. Paired by address, each entry would need
        a text that the other one still holds. Buffer refuses a text twice on one profile, so no
        order of requests works; a new time, on the other hand, is always possible. In a series
        whose texts differ by a number, too, only the whole text identifies a post.
        """
        there = [one for one in self.free_owned() if one.kind.is_there]
        asked: dict[str, list[Want]] = defaultdict(list)
        for want in self.free_wants() if there else ():
            asked[wording_key(want.entry.text)].append(want)
        # The applied text first: a live text that differs was typed by a person.
        for key_of in (self.scores.asked_key, self.scores.live_key):
            holders: dict[str, list[Owned]] = defaultdict(list)
            for one in there:
                holders[key_of(one)].append(one)
            for key, ones in holders.items():
                wants = asked.get(key, ()) if key else ()
                if len(ones) == len(wants) == 1 and self._is_text_moved(wants[0], ones[0], asked):
                    self._pair(How.TEXT_MOVED, wants[0], ones[0])

    def _is_text_moved(self, want: Want, one: Owned, asked: Mapping[str, Sequence[Want]]) -> bool:
        """Return whether a common text is enough to pair the two.

        It is not if the text is used more than once, since it then does not say which entry is
        meant. A text that a person typed into another entry moves nothing. If the own entry of
        `want` was published, that may be this post too. A protected own entry keeps its file,
        unless another protected post has its text now.
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
        """Step 7: pair an edit at the same address that keeps half of the text, or the minute."""
        for want, one in self._own_and_free():
            if self._is_edited(want, one):
                self._pair(How.ALIKE, want, one)

    def _is_edited(self, want: Want, one: Owned) -> bool:
        """Return whether a desired entry is the owned one at its address, with an edit."""
        alike = self.scores.sameness(want, one)
        if one.kind is OwnedKind.PUBLISHED and self.is_to_come(want):
            if want.entry.due_at is not None or alike < REPEATED:
                return False
            if self.scores.says_the_same(want, one):
                return True
            # Posts of a series differ by a number alone. An entry that waits with exactly this
            # text, or a published one that is more like it, is the better partner.
            return self._likest_published(want)[0] <= alike and not self._waits_elsewhere(want)
        # The file may have been overwritten with the text of a post that went out elsewhere.
        if self._likest_published(want)[0] > alike:
            return False
        return alike >= ALIKE or same_minute(want, one)

    def _waits_elsewhere(self, want: Want) -> bool:
        """Return whether a free owned entry in the queue has exactly this text."""
        return any(one not in self.takers for one in self._with_the_text_of(want))

    def _with_the_text_of(self, want: Want) -> Sequence[Owned]:
        """Return the owned entries in the queue with exactly this text, free or paired."""
        if self._by_text is None:
            self._by_text = defaultdict(list)
            for one in self.owned.values():
                for key in self.scores.keys(one) if one.kind.is_there else ():
                    self._by_text[key].append(one)
        return self._by_text.get(wording_key(want.entry.text), ())

    def clear(self) -> None:
        """Step 8: pair a rename with an edit, if it is clear (see `match_scores`)."""
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
        """Return whether an owned entry may go to a desired one at another address."""
        if one.binding.protect and not want.item.protect:
            return False
        if one.address.post in self.kept:
            return False
        return want.address != one.address and self._is_possible(want, one)

    def _is_possible(self, want: Want, one: Owned) -> bool:
        """Return whether two entries can be one post by their kinds alone.

        A post that is to come is never taken for a published one here: it would not be sent.
        """
        if one.kind is OwnedKind.PUBLISHED:
            return not self.is_to_come(want)
        return one.kind.is_there

    def _counts(self, want: Want, one: Owned) -> bool:
        """Return whether a pair is scored: it is possible, or a published entry is a rival.

        A post that is to come may be a published one (rule d). It cannot be paired with that here,
        but it must not be given another entry while the question is open.
        """
        if one.kind is OwnedKind.PUBLISHED and self.is_to_come(want):
            return may_repeat(want, one) and not self.is_explained(one)
        return self._is_possible(want, one)

    def same_address(self) -> None:
        """Step 9: pair what is left at one address, however different."""
        for want, one in self._own_and_free():
            is_over = one.kind is OwnedKind.PUBLISHED and self.is_to_come(want)
            if not is_over and self.repeated(want) is None:
                self._pair(How.ADDRESS, want, one)

    def chain(self) -> None:
        """Step 10: files moved up in a row, so the last one gets the entry that the first left.

        `a` gets the text of `b`, and `b` a new text: the entry of `b` becomes `a` by equality, and
        the free entry of `a` becomes `b` by one update instead of a destroy and a create. Posts
        whose time has passed get none: an update must not move an entry into the past.
        """
        for want in self.free_wants():
            is_new = self.is_to_come(want) and self.repeated(want) is None
            one = self._end_of_chain(want) if is_new else None
            if one is None or one.address.post in self.kept:
                continue
            if one.kind is OwnedKind.WAITING and not self._is_drifted(want, one):
                self._pair(How.CHAIN, want, one)

    def _end_of_chain(self, want: Want) -> Owned | None:
        """Return the free owned entry at the end of the chain that begins at a desired one.

        The walk goes from an entry that was taken to the own entry of its taker. Walks of two
        desired entries never meet, since each entry has one taker, and no walk returns to its
        start, since the start has no entry.
        """
        one = self.own(want)
        while one is not None and one in self.takers:
            one = self.own(self.takers[one])
        return one

    def _is_drifted(self, want: Want, one: Owned) -> bool:
        """Return whether a person changed an owned entry in the queue; unknown counts as yes."""
        binding = one.binding
        if one.live is None:
            return True
        blind = self.expected(binding.applied, want.item.profile).shorten
        return bool(drift(binding.applied, binding.observed, one.live, blind=blind))


Side = TypeVar("Side", Want, Owned)


def _by_post(sides: Iterable[Side]) -> dict[str, list[Side]]:
    """Group entries of either side by the id of their post."""
    groups: dict[str, list[Side]] = defaultdict(list)
    for side in sides:
        groups[side.address.post].append(side)
    return groups
