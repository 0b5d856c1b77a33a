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
class LinkCards:
    """The posts whose link a provider sends as a card; that of others ends their text.

    `only`: the networks with cards, None for any. `never`: networks without. `beside_media`:
    networks whose posts have their link beside images, videos and threads. `alone`: elsewhere only
    a post without these has a card. `fills_text`: a post of a link alone has the address as text.
    `replaces_images`: the images of a post with a card are not sent.
    """

    only: frozenset[str] | None = None
    never: frozenset[str] = frozenset()
    beside_media: frozenset[str] = frozenset()
    alone: bool = False
    fills_text: bool = False
    replaces_images: bool = False

    def shows(self, service: str, alone: bool) -> bool:
        """Return whether a link becomes a card. `alone`: the post has text and link and no more."""
        if service in self.beside_media:
            return True
        if service in self.never or (self.only is not None and service not in self.only):
            return False
        return alone or not self.alone


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
    `shorten`: each post can set whether its links are shortened. `link_cards`: which links become
    cards. `repeats` is the rule about repeated texts, None if the provider takes them.
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
    link_cards: LinkCards = LinkCards()
    repeats: RepeatRule | None = None

    @property
    def refuses_as(self) -> str:
        """The subject of a refusal: "API v1 of Buffer"."""
        return self.api or self.title


PLAIN = Features()
"""Text, links and images, which every provider can carry."""
