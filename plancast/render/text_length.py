"""Length of a text as its network counts it, for the counters of comments, pages and terminals."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from plancast.model.entry import Entry
from plancast.model.limits import Counting, NetworkLimits
from plancast.model.plan import ProfileRef
from plancast.networks.counting import measure
from plancast.networks.registry import LIMITS

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


def length_on(entry: Entry, profile: ProfileRef) -> Length:
    """Return the length of an entry's text on a profile, beside the limit that it was checked by.

    A plan that an older plancast saved has no limits; then that of the network is shown.
    """
    if profile.text_limit is None:
        return length(entry, profile.service)
    network = LIMITS.get(profile.service, NetworkLimits())
    known = replace(network, text=profile.text_limit)
    return length(entry, profile.service, {profile.service: known})


def said(entry: Entry, service: str, known: Mapping[str, NetworkLimits] = LIMITS) -> str:
    """Return the text as the network gets it.

    If the network has no link cards, Buffer appends the address of the card to the text.
    """
    limits = known.get(service)
    # A text that has the address already is sent as it is.
    if limits and limits.link_in_text and entry.link and entry.link.url not in entry.text:
        return f"{entry.text} {entry.link.url}".strip()
    return entry.text


def length(entry: Entry, service: str, known: Mapping[str, NetworkLimits] = LIMITS) -> Length:
    """Return the length of an entry's text as its network gets and counts it."""
    limits = known.get(service)
    text = said(entry, service, known)
    if limits is None or limits.text is None:
        return Length(len(text))
    limit = limits.text
    if entry.video and limits.text_with_video is not None:
        limit = min(limit, limits.text_with_video)
    return Length(_measured(text, limits.counting), limit)


@lru_cache(maxsize=4096)
def _measured(text: str, counting: Counting) -> int:
    """Measure a text, cached, since one text is on several profiles.

    ASCII without a possible link counts by characters, which skips Twitter's slow rules.
    """
    if counting is Counting.TWITTER and text.isascii() and not _LINKED.search(text):
        return len(text)
    return measure(text, counting)
