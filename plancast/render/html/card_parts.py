"""What a card shows beside the first text: what follows it, a video, a comment, settings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from plancast.model.entry import Entry, Image, Video
from plancast.networks.registry import NETWORKS
from plancast.render.html.spans import Run, marked
from plancast.render.terminal import entry_block
from plancast.render.text_length import Length, length

HEADINGS = frozenset(
    setting.name for network in NETWORKS.values() for setting in network.settings if setting.heading
)
"""Settings that a network shows above the text."""


@dataclass(frozen=True, slots=True)
class Picture:
    """`fetch` is the address where a browser may fetch it, "" where it must not."""

    place: str
    alt: str
    fetch: str


@dataclass(frozen=True, slots=True)
class Clip:
    """A video by its address, which is only told; `about` is what is known beside it."""

    place: str
    about: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class CardPart:
    """One of the posts that follow the first of a thread. `number` is like `2/3`."""

    number: str
    text: tuple[Run, ...]
    pictures: tuple[Picture, ...]
    length: Length


@dataclass(frozen=True, slots=True)
class CardContent:
    """`heading` stands above the text; `form` is what kind of post it is: `reel`.

    `kinds` are words for what one does not see in the first text: `thread of 3`, `reel`.
    `first` is the number of the text in its thread, "" where there is none.
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


def content(entry: Entry, service: str) -> CardContent:
    """Everything of it."""
    plain = dict(entry.metadata)
    headings = [said for key, said in entry.metadata if key in HEADINGS and isinstance(said, str)]
    form = plain.get("type")
    form = form.replace("_", " ") if isinstance(form, str) and form != "post" else ""
    return CardContent(
        first=entry_block.first(entry),
        heading=next(filter(None, headings), ""),
        form=form,
        kinds=tuple(_kinds(entry, form)),
        pictures=tuple(map(picture, entry.images)),
        video=_clip(entry.video) if entry.video else None,
        parts=tuple(_parts(entry, service)),
        comment=marked(entry.first_comment.strip()),
        settings=(*entry_block.settings(entry), *_more(entry)),
        tags=entry.tags,
    )


def _more(entry: Entry) -> Iterator[tuple[str, str]]:
    """What has no place of its own on a card, by its label."""
    for row, said in (*entry_block.texts(entry), *entry_block.names(entry)):
        if row.name not in ("first_comment", "tags"):
            yield row.label, said


def _kinds(entry: Entry, form: str) -> Iterator[str]:
    if form:
        yield form
    if entry.thread:
        yield f"thread of {len(entry.thread) + 1}"
    if entry.video:
        yield "video"


def picture(image: Image) -> Picture:
    """Only what comes by https is fetched."""
    secure = image.url.startswith("https://")
    return Picture(image.url or image.file, image.alt or "", image.url if secure else "")


def _clip(video: Video) -> Clip:
    return Clip(video.url, tuple(entry_block.about_video(video)))


def _parts(entry: Entry, service: str) -> Iterator[CardPart]:
    found = zip(entry_block.parts(entry), entry.thread, strict=True)
    for (number, text, images), item in found:
        size = length(entry_block.as_post(item), service)
        yield CardPart(number, marked(text), tuple(map(picture, images)), size)
