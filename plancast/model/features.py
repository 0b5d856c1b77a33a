"""Features of providers: what a post can hold besides text, links and images.

They are known from the name of the provider alone. So `plancast validate` can refuse a post that
asks for more without a token, and point at the line in its file.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

THE_PROVIDER = "the provider"
"""The words for a provider in a message if its title is not known."""


@dataclass(frozen=True, slots=True)
class RepeatRule:
    """A refusal of repeated texts on one profile (`reconcile.repeats`).

    A text is refused while an entry with the same text waits, and until `wait` after that went out.
    On `picture_services` the address of a picture counts as a text does.
    """

    wait: timedelta
    picture_services: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Features:
    """The features of one provider.

    `title` is its name for people, `api` a more exact name for refusals, "" if there is none.
    `shorten`: each post can set whether its links are shortened. `repeats` is the rule about
    repeated texts, None if the provider takes them.
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
    repeats: RepeatRule | None = None

    @property
    def refuses_as(self) -> str:
        """The subject of a refusal: "API v1 of Buffer"."""
        return self.api or self.title


PLAIN = Features()
"""Text, links and images, which every provider can carry."""
