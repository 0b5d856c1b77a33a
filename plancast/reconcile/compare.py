"""When two entries mean the same, and in which fields they do not.

Two kinds of comparison, never to be confused:

* *Ours against ours* (`field_diffs` on what was applied and what is desired) is exact:
  both sides are what an author wrote.
* *Theirs against ours* goes through `as_asked` first. Buffer and the networks
  rewrite what they are given: texts are trimmed, a card is scraped from a link,
  images are copied to Buffer's own storage, alternative texts are not told
  (docs/buffer/v1.md#text-and-links-on-read-back, docs/buffer/v1.md#media-on-read-back),
  defaults stand where nobody said anything.
  `as_asked` reduces a live entry to the parts that somebody asked for, so that
  such rewriting can never look like a change. Texts are compared as `normalize_text`.

What is not done here: deciding which entry belongs to which (match), and what
follows from a difference (diff).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any

from plancast.model.composing import compose
from plancast.model.entry import Entry, Image, Link, LiveEntry, ThreadItem, Video
from plancast.model.plan import FieldDiff

_URL = re.compile(r"https?://\S+")

Leaf = str | bool | datetime | None


def field_diffs(before: Entry, after: Entry) -> tuple[FieldDiff, ...]:
    """The leaves that differ, by path (`text`, `link.title`, `images[0].alt`), in a fixed order.

    Equality is checked first: it is a thousand times cheaper than looking for
    the difference, and nearly all pairs are equal.
    """
    if before == after:
        return ()
    found = _part_diffs(_plain(before), _plain(after))
    return tuple(sorted(found, key=lambda item: _order(item.path)))


def as_asked(seen: Entry, asked: Entry, due_at: datetime | None = None) -> Entry:
    """What was `seen` at the provider, reduced to what was `asked` for.

    `due_at` is the effective time of a live entry: an entry that was asked for
    a time is compared by the time at which it goes out, however it got it.
    """
    wanted = {key for key, _ in asked.metadata}
    return Entry(
        text=normalize_text(seen.text),
        due_at=_time(seen.due_at or (due_at if asked.due_at else None), asked.due_at),
        link=_link(seen.link, asked),
        images=_images(seen.images, asked.images),
        video=_video(seen.video, asked.video),
        thread=_thread(seen.thread, asked.thread),
        first_comment=normalize_text(seen.first_comment),
        metadata=tuple(pair for pair in seen.metadata if pair[0] in wanted),
        tags=tuple(tag for tag in seen.tags if tag in asked.tags),
        # What was moved on from there is what a draft is for.
        stage=min(seen.stage, asked.stage, key=lambda stage: stage.rank),
    )


def drift(
    asked: Entry, observed: Entry, live: LiveEntry, *, blind: bool = False
) -> tuple[FieldDiff, ...]:
    """What a person changed since `observed` was read, as (observed, live) leaves.

    `asked` is the entry that was applied last; what it left open is not compared. `blind`: links
    in texts are replaced by somebody else's at any time, so they tell nothing.
    """
    then = as_asked(observed, asked)
    now = as_asked(live.entry, asked, live.due_at)
    if blind:
        then, now = _blinded(then, now)
    if then.due_at is None and now.due_at is not None and asked.due_at is not None:
        # The answer to a create need not tell the time that was asked for.
        then = replace(then, due_at=_time(asked.due_at, asked.due_at))
    return field_diffs(_without_copies(then, now), _without_copies(now, then))


def same_as_live(asked: Entry, expected: Entry, live: LiveEntry) -> bool:
    """Whether a live entry is what `asked` becomes once the provider has rewritten it.

    `expected` is the provider's word on how `asked` reads back. With `shorten`
    the links in the text are other ones by then, so they are not compared. Nor
    are tags: an account may have no room for them, and an entry without is the
    same entry.
    """
    ours = replace(as_asked(expected, asked), tags=())
    theirs = replace(as_asked(live.entry, asked, live.due_at), tags=())
    ours, theirs = _comparable(ours, theirs)
    if asked.shorten or expected.shorten:
        ours, theirs = _blinded(ours, theirs)
    return ours == theirs


def live_diffs(asked: Entry, expected: Entry, live: LiveEntry) -> tuple[FieldDiff, ...]:
    """The leaves in which a live entry is not what was asked for, as (live, asked)."""
    ours = as_asked(expected, asked)
    theirs = as_asked(live.entry, asked, live.due_at)
    if asked.shorten or expected.shorten:
        ours, theirs = _blinded(ours, theirs)
    ours, theirs = _comparable(ours, theirs)
    return field_diffs(theirs, ours)


def same_text(asked: Entry, expected: Entry, live: LiveEntry) -> bool:
    """Whether the text of a live entry is that of `asked`, which reads back as `expected`."""
    ours, theirs = normalize_text(expected.text), normalize_text(live.entry.text)
    blind = asked.shorten or expected.shorten
    return ours == theirs or (blind and blind_links(ours) == blind_links(theirs))


def normalize_text(text: str) -> str:
    """Normalize a text: strip it, use LF line ends, compose letters.

    The rest may be lost on the way (docs/buffer/graphql.md#posts-on-read-back).
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return compose(text.strip())


def blind_links(text: str) -> str:
    """The text with every address replaced by the same word."""
    return _URL.sub("<link>", text)


def _time(seen: datetime | None, asked: datetime | None) -> datetime | None:
    """`seen`, or `asked` where they differ only by seconds that the provider cut off."""
    if seen is not None and asked is not None and seen.second == 0:
        return asked if asked.replace(second=0) == seen else seen
    return seen


def _link(seen: Link | None, asked: Entry) -> Link | None:
    if seen is None:
        return None
    if asked.link is None:
        # A card that grew out of a link in the text is the network's doing.
        return None if asked.link_card and seen.url in asked.text else Link(seen.url)
    wanted = asked.link
    return Link(
        url=seen.url,
        title=seen.title if wanted.title is not None else None,
        description=seen.description if wanted.description is not None else None,
        thumbnail=seen.thumbnail if wanted.thumbnail is not None else None,
    )


def _images(seen: tuple[Image, ...], asked: tuple[Image, ...]) -> tuple[Image, ...]:
    """Alternative texts stay only where they were asked for and are told."""
    wanted = [image.alt for image in asked] + [None] * len(seen)
    return tuple(
        replace(image, alt=image.alt if alt is not None else None)
        for image, alt in zip(seen, wanted, strict=False)
    )


def _video(seen: Video | None, asked: Video | None) -> Video | None:
    if seen is None:
        return None
    wanted = asked or Video("")
    return replace(
        seen,
        title=seen.title if wanted.title is not None else None,
        cover_ms=seen.cover_ms if wanted.cover_ms is not None else None,
    )


def _thread(seen: tuple[ThreadItem, ...], asked: tuple[ThreadItem, ...]) -> tuple[ThreadItem, ...]:
    wanted = [item.images for item in asked] + [()] * len(seen)
    return tuple(
        ThreadItem(normalize_text(item.text), _images(item.images, images))
        for item, images in zip(seen, wanted, strict=False)
    )


def _comparable(one: Entry, two: Entry) -> tuple[Entry, Entry]:
    """Both without what only one of them can tell: addresses, alternative texts, titles."""
    one, two = _without_copies(one, two), _without_copies(two, one)
    return _without_silence(one, two), _without_silence(two, one)


def _without_copies(entry: Entry, other: Entry) -> Entry:
    """Media that either side knows only as the provider's copy count as the same."""
    video, twin = entry.video, other.video
    if video and twin and (video.hosted or twin.hosted):
        video = replace(video, url="(copy)", hosted=False)
    return _media(entry, other, _uncopied, video)


def _without_silence(entry: Entry, other: Entry) -> Entry:
    """Without what the other side does not tell: API v1 never told an alternative text."""
    video, twin = entry.video, other.video
    if video and twin:
        video = replace(
            video,
            title=video.title if twin.title is not None else None,
            cover_ms=video.cover_ms if twin.cover_ms is not None else None,
        )
    return _media(entry, other, _silenced, video)


def _uncopied(image: Image, twin: Image) -> Image:
    return Image(url="(copy)", alt=image.alt) if image.hosted or twin.hosted else image


def _silenced(image: Image, twin: Image) -> Image:
    return replace(image, alt=None) if twin.alt is None else image


def _media(
    entry: Entry, other: Entry, step: Callable[[Image, Image], Image], video: Video | None
) -> Entry:
    """The entry with each image made by `step` from itself and its twin."""

    def stepped(images: tuple[Image, ...], twins: tuple[Image, ...]) -> tuple[Image, ...]:
        pairs = zip(images, twins, strict=False)
        return (*(step(image, twin) for image, twin in pairs), *images[len(twins) :])

    twins = (*other.thread, *(ThreadItem() for _ in entry.thread))
    thread = tuple(
        replace(item, images=stepped(item.images, twin.images))
        for item, twin in zip(entry.thread, twins, strict=False)
    )
    images = stepped(entry.images, other.images)
    return replace(entry, images=images, thread=thread, video=video)


def _blinded(one: Entry, two: Entry) -> tuple[Entry, Entry]:
    """`two` with the texts of `one` where they differ by their links alone."""
    if blind_links(one.text) == blind_links(two.text):
        two = replace(two, text=one.text)
    if blind_links(one.first_comment) == blind_links(two.first_comment):
        two = replace(two, first_comment=one.first_comment)
    twins = (*one.thread, *two.thread[len(one.thread) :])
    thread = tuple(
        replace(item, text=twin.text) if blind_links(item.text) == blind_links(twin.text) else item
        for item, twin in zip(two.thread, twins, strict=False)
    )
    return one, replace(two, thread=thread)


def _plain(entry: Entry) -> dict[str, Any]:
    """The entry as nested dicts and lists of leaves; parts that are not there are left out."""
    plain: dict[str, Any] = {
        "text": entry.text,
        "due_at": entry.due_at,
        "queue": entry.queue.value if entry.queue else None,
        "shorten": entry.shorten,
        "link_card": entry.link_card,
        "images": [_image(image) for image in entry.images],
        "thread": [
            {"text": item.text, "images": [_image(image) for image in item.images]}
            for item in entry.thread
        ],
        "first_comment": entry.first_comment,
        "metadata": dict(entry.metadata),
        "tags": ", ".join(entry.tags),
        "stage": entry.stage.value,
    }
    if entry.video is not None:
        video = entry.video
        cover = None if video.cover_ms is None else str(video.cover_ms)
        shown = (("url", video.url), ("title", video.title), ("cover_ms", cover))
        plain["video"] = {key: value for key, value in shown if value is not None}
    if entry.link is not None:
        link = entry.link
        parts = (
            ("url", link.url),
            ("title", link.title),
            ("description", link.description),
            ("thumbnail", link.thumbnail),
        )
        plain["link"] = {key: value for key, value in parts if value is not None}
    return plain


def _image(image: Image) -> dict[str, Any]:
    parts = (("url", image.url), ("file", image.file), ("alt", image.alt))
    return {key: value for key, value in parts if value}


def _part_diffs(before: dict[str, Any], after: dict[str, Any]) -> list[FieldDiff]:
    """The leaves that differ. Only parts that have parts of their own need a deep comparison."""
    found: list[FieldDiff] = []
    nested: tuple[dict[str, Any], dict[str, Any]] = ({}, {})
    for name in {**before, **after}:
        sides = (before.get(name), after.get(name))
        if sides[0] == sides[1]:
            continue
        if any(isinstance(side, dict | list) for side in sides):
            for part, whole in zip(nested, (before, after), strict=True):
                part.update({name: whole[name]} if name in whole else {})
        else:
            found.append(FieldDiff(name, *sides))
    return found + (_deep_diff(*nested) if any(nested) else [])


def _deep_diff(before: dict[str, Any], after: dict[str, Any]) -> list[FieldDiff]:
    from deepdiff import DeepDiff  # noqa: PLC0415  # 0.1 s to import, wanted only here

    found: list[FieldDiff] = []
    for levels in DeepDiff(before, after, view="tree").values():
        for level in levels:
            path = _path(level.path(output_format="list"))
            found.extend(_leaves(path, level.t1, level.t2))
    return found


def _leaves(path: str, before: object, after: object) -> list[FieldDiff]:
    """One FieldDiff for each leaf at or below `path`; a side that is absent is None."""
    one, two = _present(before), _present(after)
    if isinstance(one, dict | list) or isinstance(two, dict | list):
        left, right = _steps(one), _steps(two)
        steps = sorted({*left, *right})
        nested = (_leaves(path + step, left.get(step), right.get(step)) for step in steps)
        return [leaf for group in nested for leaf in group]
    return [] if one == two else [FieldDiff(path, one, two)]


def _steps(value: object) -> dict[str, object]:
    """What is in a part, by how the path goes on to it."""
    if isinstance(value, list):
        return {f"[{index}]": item for index, item in enumerate(value)}
    return {f".{key}": item for key, item in value.items()} if isinstance(value, dict) else {}


def _present(value: object) -> object:
    """deepdiff marks an absent side by a value of its own."""
    return None if value is _absent() else value


@cache
def _absent() -> object:
    from deepdiff.helper import notpresent  # noqa: PLC0415

    return notpresent


def _path(steps: list[str | int]) -> str:
    text = ""
    for step in steps:
        text += f"[{step}]" if isinstance(step, int) else f".{step}"
    return text.removeprefix(".")


_FIRST = (
    "text", "thread", "due_at", "queue", "stage", "link", "images", "video", "first_comment",
    "metadata", "tags", "shorten", "link_card",
)  # fmt: skip


def _order(path: str) -> tuple[int, str]:
    head = re.split(r"[.\[]", path, maxsplit=1)[0]
    return (_FIRST.index(head) if head in _FIRST else len(_FIRST), path)
