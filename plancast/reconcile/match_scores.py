"""Scores of pairs that are not equal, and the search for clear ones: steps 7 and 8 of `match`.

The text counts for 0.8 and the time for 0.2, as in `rebuild`. An owned entry has two texts, the one
that was applied and the one that is live now; the better score of both counts, since the author or
a person in Buffer may have edited either. A pair is *clear* if its score reaches THRESHOLD and it
beats every rival of both sides by MARGIN.

A rival is any other partner that one of the two sides could have, protected entries included. For a
pair without a common time (a day or more apart, or for the queue) sides that are already paired
are rivals too: if the same text goes out every week, the text does not say which week is meant.

Not every pair is scored: `similarity.Rare` finds those that can reach the threshold at all. With
more than BOUND entries on one side only equal texts and equal minutes are compared, so that the
cost stays linear.
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
"""Pairs that are scored at most. If there are more, they are so similar that no pair is clear."""

ALIKE = 0.5
"""Likeness from which an edited text at its own address is the same post (step 7)."""

REPEATED = 0.9
"""Sameness from which a text for the queue is taken for one that was published."""

SHORT = 600
"""Characters up to which texts are also compared by their order. In longer texts a typo changes
few of all trigrams, so likeness is enough."""

MOST_READ = 2_000
"""Pairs of texts that are compared by their order at most: each takes up to a millisecond."""

Couple = tuple[Want, Owned]
Sides = tuple[Sequence[Want], Sequence[Owned]]
Ranks = Mapping[Want | Owned, Sequence[tuple[float, Couple]]]


@dataclass(slots=True)
class Scores:
    """The measures of one profile: texts and times of desired and owned entries.

    It caches the prepared form of each text, since one text is compared with many.
    """

    _words: dict[str, Wording] = field(default_factory=dict)
    _texts: dict[Owned, list[Wording]] = field(default_factory=dict)
    _read: int = 0

    def words(self, text: str) -> Wording:
        """Return a text prepared for comparison."""
        known = self._words.get(text)
        if known is None:
            known = self._words[text] = wording(text)
        return known

    def texts(self, owned: Owned) -> list[Wording]:
        """Return the applied text of an owned entry, and the live one if it differs."""
        texts = self._texts.get(owned)
        if texts is None:
            texts = [self.words(owned.binding.applied.text)]
            if owned.live is not None and owned.live.entry.text != owned.binding.applied.text:
                texts.append(self.words(owned.live.entry.text))
            self._texts[owned] = texts
        return texts

    def keys(self, owned: Owned) -> Iterator[str]:
        """Yield the keys of the applied text and of the live one: equal keys mean equal texts."""
        yield self.asked_key(owned)
        live = self.live_key(owned)
        if live:
            yield live

    def asked_key(self, owned: Owned) -> str:
        """Return the key of the text that was applied last."""
        return wording_key(owned.binding.applied.text)

    def live_key(self, owned: Owned) -> str:
        """Return the key of the live text; "" if it is the applied one."""
        live, applied = owned.live, owned.binding.applied
        return wording_key(live.entry.text) if live and live.entry.text != applied.text else ""

    def likeness(self, want: Want, owned: Owned) -> float:
        """Return the likeness of two entries' texts, from 0 to 1."""
        ours = self.words(want.entry.text).grams
        theirs = self.texts(owned)
        if len(theirs) == 1:
            return likeness(ours, theirs[0].grams)
        return max(likeness(ours, one.grams) for one in theirs)

    def sameness(self, want: Want, owned: Owned) -> float:
        """Return the likeness, or the share of text in the same order if that is more.

        A corrected typo or one changed word does not make a new post, but can change half of the
        trigrams of a short text. Posts of a series are all similar, so each of them must be
        measured by order, or the one that happens to be measured would win.
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
        """Return whether the desired text is the applied or the live one."""
        ours = self.words(want.entry.text)
        return any(ours.says_the_same(theirs) for theirs in self.texts(owned))

    def score(self, want: Want, owned: Owned) -> float:
        """Return how well two entries fit by text and time, from 0 to 1."""
        # The time alone (0.2) can never reach THRESHOLD, the text alone (0.8) can.
        return TEXT_WEIGHT * self.likeness(want, owned) + TIME_WEIGHT * closeness(want, owned)


@dataclass(frozen=True, slots=True)
class Published:
    """An index by text of published entries that no file asks for any more."""

    scores: Scores
    entries: Sequence[Owned]
    rare: Rare

    @classmethod
    def of(cls, scores: Scores, entries: Iterable[Owned]) -> Published:
        """Build the index of these entries."""
        texts = [(one, words) for one in entries for words in scores.texts(one)]
        rare = Rare.of([words.grams for _, words in texts], ALIKE)
        return cls(scores, [one for one, _ in texts], rare)

    def likest(self, want: Want) -> tuple[float, Owned | None]:
        """Return the published entry that a desired one may repeat, with their sameness.

        (0.0, None) if none reaches REPEATED.
        """
        numbers = self.rare.near(self.scores.words(want.entry.text).grams)
        near = {self.entries[number] for number in numbers}
        candidates = [
            (self.scores.sameness(want, one), one.address, one)
            for one in near
            if may_repeat(want, one)
        ]
        # The address breaks ties, so that the order of the state does not matter.
        best = max(candidates, key=lambda one: one[:2], default=None)
        return (best[0], best[2]) if best and best[0] >= REPEATED else (0.0, None)


def may_repeat(want: Want, over: Owned) -> bool:
    """Return whether a similar published entry may be this one, so that an author must say.

    That is so if the desired entry is for the queue. A time of its own states that the text is to
    go out again, with two exceptions. If it is less than a day from the old time, a folder with
    another time zone may have moved it. If the old entry went out before its time, the author may
    not have known that when writing the new one.
    """
    is_early = lead(over.binding, over.live) > EARLY
    return want.entry.due_at is None or closeness(want, over) > 0 or is_early


EARLY = timedelta(minutes=1)
"""Providers drop the seconds."""


def closeness(want: Want, owned: Owned) -> float:
    """Return 1 at the same time, falling to 0 at a day; 0 if one has no time of its own."""
    due = want.entry.due_at
    if due is None:
        return 0.0
    gaps = [abs(moment - due) / DAY for moment in times(owned)]
    return max(0.0, 1 - min(gaps, default=1.0))


def times(owned: Owned) -> list[datetime]:
    """Return when an owned entry was asked to go out, and when it will; empty for the queue."""
    binding = owned.binding
    # The live time of a reserved entry is a placeholder, years ahead.
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
    """The search for clear pairs between two sides. The order of the sides does not matter.

    `may_pair` says which pairs are possible, `counts` which ones are possible or count as rivals.
    """

    scores: Scores
    may_pair: Callable[[Want, Owned], bool]
    counts: Callable[[Want, Owned], bool]

    def find(self, free: Sides, paired: Sides) -> list[Couple]:
        """Return the clear pairs of the `free` sides; `paired` sides are rivals of distant pairs.

        All pairs are judged against the same scores before any is taken, so that no pair depends on
        another one having been taken first.
        """
        near = {pair: score for pair, score in self._scored(free).items() if score >= FLOOR}
        good = {
            pair: score
            for pair, score in near.items()
            if _reaches(score, THRESHOLD) and self.may_pair(*pair)
        }
        ranks = _ranks(near)
        clear = {pair: score for pair, score in good.items() if not _has_rival(pair, score, ranks)}
        # Without a common time only the text speaks, and what is paired already may say it as well.
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
        """Return the scores between the sides of these pairs and the sides paired already."""
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
        """Return each pair whose texts could reach FLOOR; fewer if there are too many entries."""
        if not wants or not owned:
            return {}
        # Even the index would take too long for so many.
        if len(wants) > BOUND or len(owned) > BOUND:
            return self._plainly_alike(wants, owned)
        texts = [(one, words.grams) for one in owned for words in self.scores.texts(one)]
        rare = Rare.of([grams for _, grams in texts], (FLOOR - TIME_WEIGHT) / TEXT_WEIGHT)
        pairs: dict[Couple, None] = {}
        for want in wants:
            numbers = rare.near(self.scores.words(want.entry.text).grams)
            # A dict without values is a set that keeps its order.
            pairs.update(((want, texts[number][0]), None) for number in numbers)
            if len(pairs) > CROWD:
                return self._plainly_alike(wants, owned)
        return pairs

    def _plainly_alike(self, wants: Sequence[Want], owned: Sequence[Owned]) -> dict[Couple, None]:
        """Return the pairs with equal texts or equal minutes; none if they are a crowd."""
        places: dict[object, list[Owned]] = defaultdict(list)
        for one in owned:
            keys = {*self.scores.keys(one), *map(minute, times(one))}
            for key in keys:
                places[key].append(one)
        pairs: dict[Couple, None] = {}
        for want in wants:
            pairs.update((pair, None) for pair in self._at(want, places))
            # So many equal texts leave no clear pair: steps 9 and 10 and the rules decide.
            if len(pairs) > CROWD:
                return {}
        return pairs

    def _at(self, want: Want, places: Mapping[object, Sequence[Owned]]) -> Iterator[Couple]:
        for key in (wording_key(want.entry.text), minute(want.entry.due_at)):
            if key:
                yield from ((want, one) for one in places.get(key, ()))


def _reaches(score: float, bar: float) -> bool:
    """Return whether a score is at least `bar`."""
    # Rounded: sums of floats that should be equal differ in their last digits.
    return round(score - bar, 6) >= 0


def _ranks(scores: Mapping[Couple, float]) -> Ranks:
    """Return for each side all of its pairs with their scores."""
    ranks: dict[Want | Owned, list[tuple[float, Couple]]] = defaultdict(list)
    for pair, score in scores.items():
        for side in pair:
            ranks[side].append((score, pair))
    return ranks


def _has_rival(pair: Couple, score: float, ranks: Ranks) -> bool:
    """Return whether another pair of either side scores within MARGIN of this one, or better."""
    return any(
        other != pair and not _reaches(score - rival, MARGIN)
        for side in pair
        for rival, other in ranks[side]
    )
