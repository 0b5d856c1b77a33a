"""How long a text is for its network, as a figure and as a ring."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from plancast.model.entry import Entry
from plancast.model.limits import Counting, NetworkLimits
from plancast.networks.counting import measure
from plancast.networks.registry import LIMITS

_LINKED = re.compile(r"\.\w|://")


@dataclass(frozen=True, slots=True)
class Length:
    """`limit` is 0 where nobody knows one."""

    size: int
    limit: int = 0

    @property
    def share(self) -> int:
        """Percent of the limit, 100 at the most."""
        return min(100, round(100 * self.size / self.limit)) if self.limit else 0

    @property
    def over(self) -> int:
        """How many too many."""
        return max(0, self.size - self.limit) if self.limit else 0

    @property
    def level(self) -> str:
        """`over`, `close` (nine tenths) or `fine`."""
        if self.over:
            return "over"
        return "close" if self.share >= 90 else "fine"


NOTHING = Length(0)


def said(entry: Entry, service: str, known: Mapping[str, NetworkLimits] = LIMITS) -> str:
    """Return the text as the network gets it: if it has no link cards, Buffer appends the link."""
    limits = known.get(service)
    if limits and limits.link_in_text and entry.link and entry.link.url not in entry.text:
        return f"{entry.text} {entry.link.url}".strip()
    return entry.text


def length(entry: Entry, service: str, known: Mapping[str, NetworkLimits] = LIMITS) -> Length:
    """Return how long the text is as the network gets it and counts it."""
    limits = known.get(service)
    text = said(entry, service, known)
    if limits is None or limits.text is None:
        return Length(len(text))
    return Length(_measured(text, limits.counting), limits.text)


@lru_cache(maxsize=4096)
def _measured(text: str, counting: Counting) -> int:
    """The same text stands on several profiles; and where nothing can be a link, signs count."""
    if counting is Counting.TWITTER and text.isascii() and not _LINKED.search(text):
        return len(text)
    return measure(text, counting)
