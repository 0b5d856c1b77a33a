"""What a provider can carry beside text, links and images.

Known by the name of the provider alone, so that a post which asks for more is refused where it
is written, before there is a token.
"""

from __future__ import annotations

from dataclasses import dataclass

THE_PROVIDER = "the provider"
"""What a sentence says if it does not know the title of the provider."""


@dataclass(frozen=True, slots=True)
class Features:
    """What a post may hold.

    `title` is what people call the provider, `api` what a refusal calls it, if that is more exact.
    `shorten`: each post says for itself whether its links are shortened.
    """

    title: str = THE_PROVIDER
    api: str = ""
    threads: bool = False
    first_comment: bool = False
    video: bool = False
    metadata: bool = False
    stages: bool = False
    tags: bool = False
    shorten: bool = True

    @property
    def refuses_as(self) -> str:
        """The subject of a refusal: "API v1 of Buffer"."""
        return self.api or self.title


PLAIN = Features()
"""Text, links and images, which every provider can carry."""
