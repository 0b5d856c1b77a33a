"""How well a desired entry fits an owned one that is not equal: steps 7 and 8 of `match`.

Text counts for 0.8 and time for 0.2, as in `rebuild`. Of what was applied and what is live now
the better one counts: a person may have edited either away from the other. A pair is *clear* if
its score reaches THRESHOLD and no rival of either side comes nearer to it than MARGIN.

Rivals are all that the two sides might belong to as well, protected entries included. For a pair
that has no time in common (a day apart or more, or for the queue) that includes what was paired
before: the same text, said every week, says nothing about which week is meant.

Not each is compared with each: `likeness.Rare` finds those that are worth it. Above BOUND on one
side only equal texts and equal minutes are looked at, so that the cost stays linear.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from plancast.reconcile.candidates import (
    DAY,
    FLOOR,
    MARGIN,
    TEXT_WEIGHT,
    THRESHOLD,
    TIME_WEIGHT,
    minute,
)
from plancast.reconcile.match_values import Owned, Want, lead
from plancast.reconcile.similarity import Rare, Wording, in_order, likeness, wording, wording_key

BOUND = 2_000
"""Entries left on one side above which only equal texts and equal minutes are compared."""

CROWD = 50_000
"""Pairs that are scored at the most. What would take more is a crowd in which nothing is clear."""

ALIKE = 0.5
"""The likeness from which an edited text at its own address is the same post (step 7)."""

REPEATED = 0.9
"""The sameness from which a text for the queue is the one that was published."""

SHORT = 600
"""Characters up to which texts are compared by their order too; in others a typo weighs little."""

MOST_READ = 2_000
"""Pairs of texts that are compared by their order: each takes up to a millisecond."""

Couple = tuple[Want, Owned]
Sides = tuple[Sequence[Want], Sequence[Owned]]
Ranks = Mapping[Want | Owned, Sequence[tuple[float, Couple]]]


@dataclass(slots=True)
class Scores:
    """Compares texts and times; remembers how each text was made ready for it."""

    _words: dict[str, Wording] = field(default_factory=dict)
    _texts: dict[Owned, list[Wording]] = field(default_factory=dict)
    _read: int = 0

    def words(self, text: str) -> Wording:
        """Return the text, ready to be compared."""
        known = self._words.get(text)
        if known is None:
            known = self._words[text] = wording(text)
        return known

    def texts(self, owned: Owned) -> list[Wording]:
        """Return what was applied, and what is live if that is another text."""
        found = self._texts.get(owned)
        if found is None:
            found = [self.words(owned.binding.applied.text)]
            if owned.live is not None and owned.live.entry.text != owned.binding.applied.text:
                found.append(self.words(owned.live.entry.text))
            self._texts[owned] = found
        return found

    def keys(self, owned: Owned) -> Iterator[str]:
        """Return what is the same for texts that say the same, for what was applied and is live."""
        yield self.asked_key(owned)
        live = self.live_key(owned)
        if live:
            yield live

    def asked_key(self, owned: Owned) -> str:
        """Return what is the same for all texts that say what was applied."""
        return wording_key(owned.binding.applied.text)

    def live_key(self, owned: Owned) -> str:
        """Return the same for what is live; "" if that is what was applied."""
        live, applied = owned.live, owned.binding.applied
        return wording_key(live.entry.text) if live and live.entry.text != applied.text else ""

    def likeness(self, want: Want, owned: Owned) -> float:
        """Return how much alike the texts are, from 0 to 1."""
        ours = self.words(want.entry.text).grams
        theirs = self.texts(owned)
        if len(theirs) == 1:
            return likeness(ours, theirs[0].grams)
        return max(likeness(ours, one.grams) for one in theirs)

    def sameness(self, want: Want, owned: Owned) -> float:
        """Return the likeness; of short texts that are alike, how much stands in the same order.

        A typo that was mended, or one word that was changed, makes no new post of a text. Of a
        series all are alike, so each is measured in the same way.
        """
        alike = self.likeness(want, owned)
        if not ALIKE <= alike < 1.0:
            return alike
        ours = self.words(want.entry.text).blind
        for theirs in self.texts(owned):
            if max(len(ours), len(theirs.blind)) <= SHORT and self._read < MOST_READ:
                self._read += 1
                alike = max(alike, in_order(ours, theirs.blind))
        return alike

    def says_the_same(self, want: Want, owned: Owned) -> bool:
        """Return whether the texts are one."""
        ours = self.words(want.entry.text)
        return any(ours.says_the_same(theirs) for theirs in self.texts(owned))

    def score(self, want: Want, owned: Owned) -> float:
        """Return how well the two fit, from 0 to 1."""
        return TEXT_WEIGHT * self.likeness(want, owned) + TIME_WEIGHT * closeness(want, owned)


@dataclass(frozen=True, slots=True)
class Published:
    """What went out and no file asks for any more, to be found by its text."""

    scores: Scores
    entries: Sequence[Owned]
    rare: Rare

    @classmethod
    def of(cls, scores: Scores, entries: Iterable[Owned]) -> Published:
        """Make these entries ready."""
        found = [(one, words) for one in entries for words in scores.texts(one)]
        rare = Rare.of([words.grams for _, words in found], ALIKE)
        return cls(scores, [one for one, _ in found], rare)

    def likest(self, want: Want) -> tuple[float, Owned | None]:
        """Return the entry that this may be once more, and how much alike the two are."""
        numbers = self.rare.near(self.scores.words(want.entry.text).grams)
        near = {self.entries[number] for number in numbers}
        found = [
            (self.scores.sameness(want, one), one.address, one)
            for one in near
            if may_repeat(want, one)
        ]
        best = max(found, key=lambda one: one[:2], default=None)
        return (best[0], best[2]) if best and best[0] >= REPEATED else (0.0, None)


def may_repeat(want: Want, over: Owned) -> bool:
    """Return whether a text that went out may be this one, if only the texts are alike.

    That is so for the queue. A time of its own says that a text shall go out again, unless it is
    less than a day from when the old one was meant to: then a folder with another time zone may
    have moved it. If it went out before its time, its author may not have known that yet.
    """
    is_early = lead(over.binding, over.live) > EARLY
    return want.entry.due_at is None or closeness(want, over) > 0 or is_early


EARLY = timedelta(minutes=1)
"""Providers drop the seconds."""


def closeness(want: Want, owned: Owned) -> float:
    """Return 1 at the same time, 0 from a day on and if one of them has no time of its own."""
    due = want.entry.due_at
    if due is None:
        return 0.0
    gaps = [abs(moment - due) / DAY for moment in times(owned)]
    return max(0.0, 1 - min(gaps, default=1.0))


def times(owned: Owned) -> list[datetime]:
    """Return when it was asked to go out, and when it will; nothing for the queue."""
    binding = owned.binding
    if binding.inert or binding.applied.due_at is None:
        return []
    live = owned.live.due_at if owned.live else None
    return [moment for moment in (binding.applied.due_at, live) if moment is not None]


def same_minute(want: Want, owned: Owned) -> bool:
    """Return whether both are due in the same minute."""
    due = minute(want.entry.due_at)
    return due is not None and due in map(minute, times(owned))


@dataclass(frozen=True, slots=True)
class ClearPairs:
    """Finds the clear pairs among two sides. Their order has no say.

    `may_pair` says which pairs are possible, `counts` which ones are possible or rivals.
    """

    scores: Scores
    may_pair: Callable[[Want, Owned], bool]
    counts: Callable[[Want, Owned], bool]

    def find(self, free: Sides, paired: Sides) -> list[Couple]:
        """Return the pairs of the `free` sides that no rival, free or `paired`, comes near to."""
        near = {pair: score for pair, score in self._scored(free).items() if score >= FLOOR}
        good = {
            pair: score
            for pair, score in near.items()
            if _reaches(score, THRESHOLD) and self.may_pair(*pair)
        }
        ranks = _ranks(near)
        clear = {pair: score for pair, score in good.items() if not _has_rival(pair, score, ranks)}
        apart = {pair for pair in clear if closeness(*pair) == 0}
        if not apart:
            return list(clear)
        ranks = _ranks(self._beside(apart, paired))
        return [
            pair
            for pair, score in clear.items()
            if pair not in apart or not _has_rival(pair, score, ranks)
        ]

    def _beside(self, pairs: set[Couple], paired: Sides) -> dict[Couple, float]:
        """Return the scores of these pairs' sides with what is paired already."""
        wants = list(dict.fromkeys(want for want, _ in pairs))
        owned = list(dict.fromkeys(one for _, one in pairs))
        return {**self._scored((wants, paired[1])), **self._scored((paired[0], owned))}

    def _scored(self, sides: Sides) -> dict[Couple, float]:
        return {
            pair: self.scores.score(*pair)
            for pair in self._worth_a_look(*sides)
            if self.counts(*pair)
        }

    def _worth_a_look(self, wants: Sequence[Want], owned: Sequence[Owned]) -> dict[Couple, None]:
        """Return each pair whose texts are enough alike for the floor; fewer if there are many."""
        if not wants or not owned:
            return {}
        if len(wants) > BOUND or len(owned) > BOUND:
            return self._plainly_alike(wants, owned)
        texts = [(one, words.grams) for one in owned for words in self.scores.texts(one)]
        rare = Rare.of([grams for _, grams in texts], (FLOOR - TIME_WEIGHT) / TEXT_WEIGHT)
        found: dict[Couple, None] = {}
        for want in wants:
            numbers = rare.near(self.scores.words(want.entry.text).grams)
            found.update(((want, texts[number][0]), None) for number in numbers)
            if len(found) > CROWD:
                return self._plainly_alike(wants, owned)
        return found

    def _plainly_alike(self, wants: Sequence[Want], owned: Sequence[Owned]) -> dict[Couple, None]:
        """Return the pairs with equal texts or equal minutes."""
        places: dict[object, list[Owned]] = defaultdict(list)
        for one in owned:
            keys = {*self.scores.keys(one), *map(minute, times(one))}
            for key in keys:
                places[key].append(one)
        found: dict[Couple, None] = {}
        for want in wants:
            found.update((pair, None) for pair in self._at(want, places))
            if len(found) > CROWD:
                return {}
        return found

    def _at(self, want: Want, places: Mapping[object, Sequence[Owned]]) -> Iterator[Couple]:
        for key in (wording_key(want.entry.text), minute(want.entry.due_at)):
            if key:
                yield from ((want, one) for one in places.get(key, ()))


def _reaches(score: float, bar: float) -> bool:
    # Scores have no more than a few digits that mean anything.
    return round(score - bar, 6) >= 0


def _ranks(scores: Mapping[Couple, float]) -> Ranks:
    """Return the scores as each side sees them."""
    ranks: dict[Want | Owned, list[tuple[float, Couple]]] = defaultdict(list)
    for pair, score in scores.items():
        for side in pair:
            ranks[side].append((score, pair))
    return ranks


def _has_rival(pair: Couple, score: float, ranks: Ranks) -> bool:
    """Return whether anything fits one of the two nearly as well, or better."""
    return any(
        other != pair and not _reaches(score - rival, MARGIN)
        for side in pair
        for rival, other in ranks[side]
    )
