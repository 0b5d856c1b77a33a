"""How much alike two texts are, and which of many are worth comparing.

A `Wording` is a text made ready for that: case and blanks evened out, every
link replaced by the same word, since Buffer and people shorten links. Likeness
is the Jaccard index of the trigrams, from 0 (nothing in common) to 1.

A text that is links and little else would be like any other of its kind. It is
*thin*: it counts as a whole, links included, and is like another or it is not.

`Rare` finds all texts of at least some likeness without comparing each with
each. Two sets that have much in common share a few of their rarest members too,
if enough of the rarest are taken (prefix filtering). So only short lists have
to be looked up, and nothing is missed.
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
"""Letters and digits outside of links below which a text is thin."""

COMMON = 24
"""How many rare trigrams two texts must share to be compared. More: longer lists, fewer of them."""

_LINK = "<link>"


@dataclass(frozen=True, slots=True)
class Wording:
    """A text, ready to be compared: `blind` to its links, and `whole`."""

    blind: str
    whole: str
    thin: bool
    grams: frozenset[str]

    @property
    def key(self) -> str:
        """What is the same for two texts that say the same."""
        return self.whole if self.thin else self.blind

    def says_the_same(self, other: Wording) -> bool:
        """Whether the two are one text. Of nothing at all nobody can tell."""
        return bool(self.whole) and self.key == other.key and self.thin == other.thin


def wording_key(text: str) -> str:
    """Return the key of a text's wording, without what likeness needs beside it."""
    blind = _even(blind_links(text))
    return _even(text) if _is_thin(blind) else blind


def wording(text: str) -> Wording:
    """Make a text ready to be compared."""
    whole, blind = _even(text), _even(blind_links(text))
    thin = _is_thin(blind)
    if thin:
        return Wording(blind, whole, thin, frozenset([whole] if whole else ()))
    padded = f" {blind} "
    grams = frozenset(padded[at : at + 3] for at in range(len(padded) - 2))
    return Wording(blind, whole, thin, grams)


def _is_thin(blind: str) -> bool:
    return sum(map(str.isalnum, blind.replace(_LINK, ""))) < SUBSTANCE


def _even(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def in_order(one: str, two: str) -> float:
    """The part of two texts that stands in both in the same order, from 0 to 1.

    Trigrams judge short texts harshly: two letters that trade places change six of them.
    """
    return SequenceMatcher(None, one, two, autojunk=False).ratio()


def likeness(one: frozenset[str], two: frozenset[str]) -> float:
    """The part of all their trigrams that two texts share."""
    shared = len(one & two)
    return shared / (len(one) + len(two) - shared) if shared else 0.0


@dataclass(frozen=True, slots=True)
class Rare:
    """Texts by their rare trigrams. Make it with `Rare.of`."""

    floor: float
    frequency: Mapping[str, int]
    places: Mapping[str, Sequence[int]]

    @classmethod
    def of(cls, texts: Sequence[Collection[str]], floor: float) -> Rare:
        """To find those of `texts` (sets of trigrams) that are alike by at least `floor`."""
        frequency = Counter(gram for text in texts for gram in text)
        places: dict[str, list[int]] = defaultdict(list)
        for number, text in enumerate(texts):
            for gram in _rarest(text, frequency, floor):
                places[gram].append(number)
        return cls(floor, frequency, places)

    def near(self, text: Collection[str]) -> list[int]:
        """The numbers of all texts that are alike by at least the floor, and of some others."""
        shared: Counter[int] = Counter()
        for gram in _rarest(text, self.frequency, self.floor):
            shared.update(self.places.get(gram, ()))
        enough = min(COMMON, _needed(text, self.floor))
        return sorted(number for number, times in shared.items() if times >= enough)


def _needed(text: Collection[str], floor: float) -> int:
    """How many trigrams a text of the wanted likeness has in common with this one, at least."""
    # Rounding must only ever ask for one less.
    return ceil(floor * len(text) - 1e-9)


def _rarest(text: Collection[str], frequency: Mapping[str, int], floor: float) -> list[str]:
    """So many that two texts of the wanted likeness share COMMON of them, or all they share."""
    prefix_length = len(text) - _needed(text, floor) + COMMON
    return sorted(text, key=lambda gram: (frequency.get(gram, 0), gram))[:prefix_length]
