"""What a person changed in Buffer, as what a file has to say for it. Pure.

What the queue shows is not what an author would write: the link of a post may
stand at the end of the text, links are shortened, images are Buffer's own
copies. So nothing is copied over. What is looked for is an entry that reads back
as what is live, and of those the one nearest to what the file says now; the
provider's own `expected` is the judge. Where there is none, that is told: a
guess would be sent to the queue by the next apply.

Only what drifted is taken. An edit of the file that was not applied yet stays,
but where both changed the same the person's word is taken: that is what was asked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from plancast.core.compare import live_diffs
from plancast.core.model import Entry, Image, Link, LiveEntry, QueuePosition
from plancast.core.plan import Change

_URL = re.compile(r"https?://\S+")

Expected = Callable[[Entry], Entry]


class Untold(Exception):  # noqa: N818  # said of a change, as one says it
    """No file can say what is live; the message says why."""


def taken(change: Change, observed: Entry, expected: Expected) -> Entry:
    """The entry that a file shall ask for from now on. Raises Untold.

    `observed` is what was read after the last apply, `expected` the provider's word on how an
    entry reads back.
    """
    asked, live = change.after, change.live
    assert asked is not None, "what drifted is asked for"
    assert live is not None, "what drifted is there"
    heads = {_head(leaf.path) for leaf in change.drift}
    wanted = _timed(asked, live) if "due_at" in heads else asked
    if not heads & {"text", "link", "images"}:
        return wanted
    images = _images(asked, observed, live) if "images" in heads else asked.images
    open_before = {_head(leaf.path) for leaf in live_diffs(asked, expected(asked), live)} - heads
    for text, link in _candidates(asked, observed, live, heads, expected):
        tried = replace(wanted, text=text, link=link, images=images)
        left = {_head(leaf.path) for leaf in live_diffs(tried, expected(tried), live)}
        if left <= open_before:
            return tried
    raise Untold("no file reads back as what is in the queue")


def _head(path: str) -> str:
    return re.split(r"[.\[]", path, maxsplit=1)[0]


def _timed(asked: Entry, live: LiveEntry) -> Entry:
    """At the time that a person gave it; in the queue where a person put it back there."""
    due_at = live.entry.due_at
    if due_at is None:
        return replace(asked, due_at=None, queue=asked.queue or QueuePosition.NEXT)
    return replace(asked, due_at=due_at, queue=None)


def _candidates(
    asked: Entry, observed: Entry, live: LiveEntry, heads: set[str], expected: Expected
) -> Iterator[tuple[str, Link | None]]:
    """Texts with their links, those nearest to the file first."""
    if "text" not in heads:
        yield asked.text, _link(asked.link, live)
        return
    text = _lengthened(live.entry.text.strip(), asked, observed, expected)
    if asked.link is not None:
        without = text.removesuffix(asked.link.url)
        if without != text:
            yield without.rstrip(), asked.link
    yield text, asked.link
    yield text, _link(asked.link, live)
    yield text, None


def _lengthened(text: str, asked: Entry, observed: Entry, expected: Expected) -> str:
    """With the links that the author wrote in the place of those that Buffer made of them."""
    if not asked.shorten:
        return text
    short, long = _URL.findall(observed.text), _URL.findall(expected(asked).text)
    known = dict(zip(short, long, strict=True)) if len(short) == len(long) else {}
    return _URL.sub(lambda found: known.get(found.group(), found.group()), text)


def _link(asked: Link | None, live: LiveEntry) -> Link | None:
    """The live card; of its words those that the author wrote as well."""
    seen = live.entry.link
    if seen is None or asked is None:
        return Link(seen.url) if seen else None
    return Link(
        seen.url,
        seen.title if asked.title is not None else None,
        seen.description if asked.description is not None else None,
        seen.thumbnail if asked.thumbnail is not None else None,
    )


def _images(asked: Entry, observed: Entry, live: LiveEntry) -> tuple[Image, ...]:
    """The images by the addresses that the author wrote; a new one by its own. Raises Untold."""
    pairs = zip(observed.images, asked.images, strict=False)
    ours = {seen.url: mine for seen, mine in pairs}
    ours.update((mine.url, mine) for mine in asked.images if mine.url)
    found = []
    for image in live.entry.images:
        mine = ours.get(image.url)
        if mine is None and image.hosted:
            raise Untold("an image is only known by the address of Buffer's own copy")
        told = image.alt if image.alt is not None else (mine.alt if mine else None)
        found.append(replace(mine, alt=told) if mine else Image(image.url, image.alt))
    return tuple(found)
