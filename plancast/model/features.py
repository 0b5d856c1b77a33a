"""What a provider can carry beside text, links and images.

Known by the name of the provider alone, so that a post which asks for more is refused where it
is written, before anybody has a token.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Features:
    """`title` is how the provider is called in a refusal. `shorten`: each post says for itself."""

    title: str = "the provider"
    threads: bool = False
    first_comment: bool = False
    video: bool = False
    metadata: bool = False
    stages: bool = False
    tags: bool = False
    shorten: bool = True


CLASSIC = Features("API v1 of Buffer")
"""Text, links and images (docs/buffer/v1.md#creating-updates)."""

CURRENT = Features(
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
