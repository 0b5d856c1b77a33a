"""The features of Buffer's two APIs: what a post may contain beside text, links and images."""

from __future__ import annotations

from plancast.model.features import Features

CLASSIC = Features("Buffer", "API v1 of Buffer")
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
)
"""docs/buffer/graphql.md#creating-posts. Links are shortened by the channel there, whatever a post
says (docs/buffer/graphql.md#link-shortening)."""
