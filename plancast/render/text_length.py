"""Length of a text as its network counts it, for the counters of comments, pages and terminals."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from plancast.model.entry import Entry
from plancast.model.features import LinkCards
from plancast.model.limits import Counting, NetworkLimits
from plancast.model.plan import ProfileRef
from plancast.networks.counting import excess_bytes, measure
from plancast.networks.registry import LIMITS
from plancast.networks.sent_text import content_warning, sent_text

_LINKED = re.compile(r"\.\w|://")


@dataclass(frozen=True, slots=True)
class Length:
    """The length of a text and the limit of its network, in that network's units.

    `limit` is 0 if the network has none, or none is known.
    """

    size: int
    limit: int = 0

    @property
    def share(self) -> int:
        """Percent of the limit that the text takes, 100 at the most; 0 without a limit."""
        return min(100, round(100 * self.size / self.limit)) if self.limit else 0

    @property
    def over(self) -> int:
        """The excess over the limit; 0 if the text fits."""
        return max(0, self.size - self.limit) if self.limit else 0

    @property
    def level(self) -> str:
        """`over`, `close` (from 90 percent) or `fine`."""
        if self.over:
            return "over"
        return "close" if self.share >= 90 else "fine"


NOTHING = Length(0)

NO_LINK = LinkCards()
"""For posts without a link."""


def length_on(entry: Entry, profile: ProfileRef, cards: LinkCards) -> Length:
    """Return the length of an entry's text on a profile, beside the limit that it was checked by.

    A plan that an older plancast saved has no limits; then that of the network is shown.
    """
    if profile.text_limit is None:
        return length(entry, profile.service, cards)
    network = LIMITS.get(profile.service, NetworkLimits())
    known = replace(network, text=profile.text_limit)
    return length(entry, profile.service, cards, {profile.service: known})


def length(
    entry: Entry,
    service: str,
    cards: LinkCards,
    known: Mapping[str, NetworkLimits] = LIMITS,
) -> Length:
    """Return the length of an entry's text as it is sent and counted.

    If a second limit, in bytes, is passed and the usual one is not, it is the one that is shown.
    """
    limits = known.get(service)
    text = sent_text(entry, service, limits, cards)
    if limits is None or limits.text is None:
        return Length(len(text))
    limit = limits.text
    if entry.video and limits.text_with_video is not None:
        limit = min(limit, limits.text_with_video)
    size = _measured(text, limits.counting, content_warning(entry, limits))
    if size <= limit and (over := excess_bytes(text, limits)):
        return Length(*over)
    return Length(size, limit)


@lru_cache(maxsize=4096)
def _measured(text: str, counting: Counting, warning: str) -> int:
    """Measure a text, cached, since one text is on several profiles.

    ASCII without a possible link counts by characters, which skips Twitter's slow rules.
    """
    if counting is Counting.TWITTER and text.isascii() and not _LINKED.search(text):
        return len(text)
    return measure(text, counting, warning)
