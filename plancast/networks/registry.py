"""What each network allows, and how it counts.

The limits are ours and are newer than those of `GET /info/configuration.json`, whose figures were
never refreshed (docs/buffer/v1.md#configuration). What the provider tells can raise one of ours and
can add a network, but never lower one: a post that the network takes must not be refused because of
an old table.

Counting is exact where it matters and cheap elsewhere: a text that fits by an
upper bound is never counted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from plancast.model.composing import compose
from plancast.model.limits import Counting, NetworkLimits

_UTF16 = Counting.UTF16
LIMITS: Mapping[str, NetworkLimits] = {
    # Texts: what Buffer takes where networks take more (docs/networks.md#texts).
    # Images and alternative texts: docs/networks.md#images.
    "twitter": NetworkLimits(280, Counting.TWITTER, 4, 1000, link_in_text=True, threads=True),
    "facebook": NetworkLimits(5000, _UTF16, 10, first_comment=5000),
    "linkedin": NetworkLimits(3000, _UTF16, 9, 4086, first_comment=1250),
    "instagram": NetworkLimits(2196, _UTF16, 10, 1000, needs_image=True, first_comment=2200),
    "pinterest": NetworkLimits(
        500, _UTF16, 1, 500, needs_image=True, needs_text=True, video=False, title=100,
        requires=("board",),
    ),
    "mastodon": NetworkLimits(500, Counting.MASTODON, 4, 1500, threads=True),
    "bluesky": NetworkLimits(300, Counting.GRAPHEMES, 4, 2000, threads=True),
    "threads": NetworkLimits(500, _UTF16, 10, 1000, threads=True),
    "googlebusiness": NetworkLimits(4000, _UTF16, 1),
    "google": NetworkLimits(5000, images=1),
    "tiktok": NetworkLimits(4000, _UTF16, needs_image=True, text_with_video=2200),
    "youtube": NetworkLimits(
        5000, _UTF16, 0, needs_video=True, title=100, requires=("title", "category")
    ),
}  # fmt: skip

_URL = re.compile(r"https?://\S+")
_MENTION = re.compile(r"(?<![\w/])@(\w+)@[\w.-]+\w")
_MASTODON_URL = 23
_TWITTER_URL = 23


_HALVES = re.compile("[\ud800-\udfff]")
"""Halves of characters, which an answer in JSON can hold: no network takes them, one sign each."""


def measure(text: str, counting: Counting) -> int:
    """The length as the network counts it."""
    text = _HALVES.sub("\ufffd", text)
    if counting is Counting.UTF16:
        return len(text) + sum(1 for sign in text if sign > "\uffff")
    if counting is Counting.TWITTER:
        from plancast.networks.weighted_length import weighted_length  # noqa: PLC0415

        return weighted_length(text)
    if counting is Counting.MASTODON:
        text = _URL.sub("x" * _MASTODON_URL, _MENTION.sub(r"@\1", text))
    if counting in (Counting.GRAPHEMES, Counting.MASTODON):
        import regex  # noqa: PLC0415

        return len(regex.findall(r"\X", text))
    return len(text)


def excess(text: str, limits: NetworkLimits) -> tuple[int, int] | None:
    """(length, limit) where the text is too long, None where it fits."""
    if limits.text is None or _surely_fits(text, limits):
        return None
    length = measure(text, limits.counting)
    return (length, limits.text) if length > limits.text else None


def _surely_fits(text: str, limits: NetworkLimits) -> bool:
    """An upper bound that costs nothing: most texts are short.

    On Twitter a character weighs two at the most, and what is taken for a
    domain counts 23, however short it is; it needs a dot. On Mastodon a short
    link counts more than its characters.
    """
    bound = len(text)
    if limits.counting is Counting.TWITTER:
        composed = len(compose(text))  # can be more characters than before
        bound = composed * (1 if text.isascii() else 2) + _TWITTER_URL * text.count(".")
    elif limits.counting is Counting.UTF16:
        bound *= 1 if text.isascii() else 2
    elif limits.counting is Counting.MASTODON:
        bound += _MASTODON_URL * text.count("://")
    return limits.text is not None and bound <= limits.text


def merge(
    ours: Mapping[str, NetworkLimits], theirs: Mapping[str, NetworkLimits]
) -> Mapping[str, NetworkLimits]:
    """Our limits, raised and completed by what the provider tells; nothing is lowered."""
    merged = dict(ours)
    for service, told in theirs.items():
        known = merged.get(service)
        if known is None:
            merged[service] = told
        elif known.text is not None and told.text is not None and told.text > known.text:
            merged[service] = replace(known, text=told.text)
    return merged
