"""Parts of a card beside its first text: thread, pictures, video, first comment, settings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from plancast.model.entry import Entry, Image, Link, Video
from plancast.model.features import LinkCards
from plancast.model.plan import ProfileRef
from plancast.networks.registry import NETWORKS
from plancast.networks.sent_text import as_post
from plancast.render.html.spans import Run, marked
from plancast.render.terminal import entry_block
from plancast.render.text_length import NO_LINK, Length, length_on

HEADINGS = frozenset(
    setting.name for network in NETWORKS.values() for setting in network.settings if setting.heading
)
"""Names of the settings that a network shows above the text, such as a title."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of a post. `place` is its address or file; `fetch` is the address from which the
    browser may fetch it, "" if it must not.
    """

    place: str
    alt: str
    fetch: str


@dataclass(frozen=True, slots=True)
class Clip:
    """A video. Its address `place` is shown and never fetched; `about` are labels and values."""

    place: str
    about: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class CardPart:
    """One of the posts after the first of a thread. `number` is its place: `2/3`."""

    number: str
    text: tuple[Run, ...]
    pictures: tuple[Picture, ...]
    length: Length
    link: Link | None = None


@dataclass(frozen=True, slots=True)
class CardContent:
    """Everything on a card beside the first text.

    `heading` is shown above the text; `form` is the kind of the post: `reel`. `kinds` are words for
    what the first text does not show: `thread of 3`, `reel`. `first` is the place of the first text
    in its thread: `1/3`, "" if there is no thread.
    """

    first: str = ""
    heading: str = ""
    form: str = ""
    kinds: tuple[str, ...] = ()
    pictures: tuple[Picture, ...] = ()
    video: Clip | None = None
    parts: tuple[CardPart, ...] = ()
    comment: tuple[Run, ...] = ()
    settings: tuple[tuple[str, str], ...] = ()
    tags: tuple[str, ...] = ()


NO_CONTENT = CardContent()


def content(entry: Entry, profile: ProfileRef, cards: LinkCards = NO_LINK) -> CardContent:
    """Build the content of an entry's card. The network of `profile` counts its thread.

    `cards` are the links that the provider sends as cards.
    """
    plain = dict(entry.metadata)
    headings = [text for key, text in entry.metadata if key in HEADINGS and isinstance(text, str)]
    form = plain.get("type")
    form = form.replace("_", " ") if isinstance(form, str) and form != "post" else ""
    return CardContent(
        first=entry_block.first(entry),
        heading=next(filter(None, headings), ""),
        form=form,
        kinds=tuple(_kinds(entry, form)),
        pictures=tuple(map(picture, entry.images)),
        video=_clip(entry.video) if entry.video else None,
        parts=tuple(_parts(entry, profile, cards)),
        comment=marked(entry.first_comment.strip()),
        settings=(*entry_block.settings(entry), *_more(entry)),
        tags=entry.tags,
    )


def _more(entry: Entry) -> Iterator[tuple[str, str]]:
    """Yield label and text of the fields that have no place of their own on a card."""
    for row, shown in (*entry_block.texts(entry), *entry_block.names(entry)):
        if row.name not in ("first_comment", "tags"):
            yield row.label, shown


def _kinds(entry: Entry, form: str) -> Iterator[str]:
    if form:
        yield form
    if entry.thread:
        yield f"thread of {len(entry.thread) + 1}"
    if entry.video:
        yield "video"


def picture(image: Image) -> Picture:
    """Build the picture of an image. Only an https address may be fetched."""
    # The policy of the page allows https alone: plain http shows the network what is read.
    secure = image.url.startswith("https://")
    return Picture(image.url or image.file, image.alt or "", image.url if secure else "")


def _clip(video: Video) -> Clip:
    return Clip(video.url, tuple(entry_block.about_video(video)))


def _parts(entry: Entry, profile: ProfileRef, cards: LinkCards) -> Iterator[CardPart]:
    pairs = zip(entry_block.parts(entry), entry.thread, strict=True)
    for (number, text, images), follower in pairs:
        size = length_on(as_post(follower), profile, cards)
        yield CardPart(number, marked(text), tuple(map(picture, images)), size, follower.link)
