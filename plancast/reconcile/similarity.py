"""Similarity of texts, and an index that finds similar texts among many.

A `Wording` is a text prepared for comparison: case and blanks are evened out, and every link is
replaced by the same word, since Buffer and people shorten links. *Likeness* is the Jaccard index of
the trigrams of two texts, from 0 (nothing in common) to 1 (the same trigrams).

A text that is little more than links would then be like any other text of that kind. It is *thin*:
it is compared as a whole, with its links, and is either the same as another or not like it at all.

`Rare` finds all texts of at least a given likeness without comparing each with each. It uses prefix
filtering: two sets with much in common also share some of their rarest members, provided that
enough of the rarest are taken. So only short lists have to be looked up, and no pair is missed.
"""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from math import ceil

from plancast.reconcile.compare import blind_links

SUBSTANCE = 12
"""A text with fewer letters and digits outside of links than this is thin."""

COMMON = 24
"""Rare trigrams that two texts must share to be compared. A higher number means longer prefixes,
and fewer candidates that turn out to be unlike."""

_LINK = "<link>"


@dataclass(frozen=True, slots=True)
class Wording:
    """A text prepared for comparison.

    `blind` is the text with its links replaced, `whole` the text with them. `grams` are the
    trigrams of the blind text; a thin text has itself as the only one.
    """

    blind: str
    whole: str
    thin: bool
    grams: frozenset[str]

    @property
    def key(self) -> str:
        """The part that decides if two texts are the same: whole if thin, else blind."""
        return self.whole if self.thin else self.blind

    def says_the_same(self, other: Wording) -> bool:
        """Return whether two texts are the same; two empty texts are not, as they say nothing."""
        return bool(self.whole) and self.key == other.key and self.thin == other.thin


def wording_key(text: str) -> str:
    """Return `wording(text).key` without computing the trigrams."""
    blind = _even(blind_links(text))
    return _even(text) if _is_thin(blind) else blind


def wording(text: str) -> Wording:
    """Prepare a text for comparison."""
    whole, blind = _even(text), _even(blind_links(text))
    thin = _is_thin(blind)
    if thin:
        return Wording(blind, whole, thin, frozenset([whole] if whole else ()))
    # Padding makes the first and the last letter count as often as those in between.
    padded = f" {blind} "
    grams = frozenset(padded[at : at + 3] for at in range(len(padded) - 2))
    return Wording(blind, whole, thin, grams)


def _is_thin(blind: str) -> bool:
    return sum(map(str.isalnum, blind.replace(_LINK, ""))) < SUBSTANCE


def _even(text: str) -> str:
    """Even out forms of characters, case and blanks."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def in_order(one: str, two: str) -> float:
    """Return the share of two texts that both contain in the same order, from 0 to 1.

    Trigrams judge short texts harshly: two letters that trade places change four to six of them.
    """
    return SequenceMatcher(None, one, two, autojunk=False).ratio()


def likeness(one: frozenset[str], two: frozenset[str]) -> float:
    """Return the Jaccard index of two sets of trigrams, from 0 to 1."""
    shared = len(one & two)
    return shared / (len(one) + len(two) - shared) if shared else 0.0


@dataclass(frozen=True, slots=True)
class Rare:
    """An index of texts by their rarest trigrams. Build it with `Rare.of`.

    `frequency` counts the texts in which each trigram occurs. `places` maps a trigram to the
    numbers of the texts that have it among their rarest.
    """

    floor: float
    frequency: Mapping[str, int]
    places: Mapping[str, Sequence[int]]

    @classmethod
    def of(cls, texts: Sequence[Collection[str]], floor: float) -> Rare:
        """Build an index over `texts` (sets of trigrams) for a likeness of at least `floor`."""
        frequency = Counter(gram for text in texts for gram in text)
        places: dict[str, list[int]] = defaultdict(list)
        for number, text in enumerate(texts):
            for gram in _rarest(text, frequency, floor):
                places[gram].append(number)
        return cls(floor, frequency, places)

    def near(self, text: Collection[str]) -> list[int]:
        """Return the numbers of all texts with at least the floor's likeness, and of some others.

        The caller computes the likeness of these; the index only guarantees that none is missing.
        """
        shared: Counter[int] = Counter()
        for gram in _rarest(text, self.frequency, self.floor):
            shared.update(self.places.get(gram, ()))
        enough = min(COMMON, _needed(text, self.floor))
        return sorted(number for number, times in shared.items() if times >= enough)


def _needed(text: Collection[str], floor: float) -> int:
    """Return how many trigrams a text of the floor's likeness must share with this one."""
    # Rounding may only ever ask for one trigram less, or a pair could be missed.
    return ceil(floor * len(text) - 1e-9)


def _rarest(text: Collection[str], frequency: Mapping[str, int], floor: float) -> list[str]:
    """Return the prefix of a text: its rarest trigrams.

    It is so long that two texts of the floor's likeness share at least COMMON members of their
    prefixes, or all the trigrams that they share at all.
    """
    prefix_length = len(text) - _needed(text, floor) + COMMON
    return sorted(text, key=lambda gram: (frequency.get(gram, 0), gram))[:prefix_length]
