"""The features of Buffer's two APIs: what a post may contain beside text, links and images."""

from __future__ import annotations

from datetime import timedelta

from plancast.model.features import Features, RepeatRule

REPEATS = RepeatRule(timedelta(hours=24), picture_services=frozenset({"pinterest"}))
"""docs/buffer/graphql.md#the-same-text-twice. That Buffer refuses a repeated text is certain; the
24 hours after it went out are `assumed`, and this is their only place."""

CLASSIC = Features("Buffer", "API v1 of Buffer", repeats=REPEATS)
"""Text, links and images (docs/buffer/v1.md#creating-updates)."""

CURRENT = Features(
    "Buffer",
    "Buffer's API",
    threads=True,
    first_comment=True,
    video=True,
    metadata=True,
    stages=True,
    tags=True,
    shorten=False,
    repeats=REPEATS,
)
"""docs/buffer/graphql.md#creating-posts. Links are shortened by the channel there, whatever a post
says (docs/buffer/graphql.md#link-shortening)."""
