"""First half of `pull`: find the entry that a post file must contain to read back as edited live.

The queue does not show what an author would write: the link of a post may stand at the end of the
text, links are shortened, images are Buffer's own copies. So nothing is copied over. Instead this
module searches for an entry that reads back as the live one, the nearest to the file first; the
provider's own `expected` decides. If there is none, Untold is raised: a guess would be sent to the
queue by the next apply.

Only drifted fields are pulled. An edit of the file that is not applied yet stays, but if both sides
changed the same field, the live value wins: pulling it is what the user asked for. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from plancast.content.schema import choices
from plancast.model.entry import (
    Entry,
    Image,
    Link,
    LiveEntry,
    QueuePosition,
    Setting,
    ThreadItem,
    Video,
)
from plancast.model.entry_fields import ENTRY_FIELDS, Kind, details, head_of, in_documents
from plancast.model.features import THE_PROVIDER
from plancast.model.plan import Change
from plancast.reconcile.compare import live_diffs

_URL = re.compile(r"https?://\S+")
_SIGNS = ".,;:!?…)]}>'\"’”»"
"""Signs after a link that may belong to the sentence and not to the link."""

SHORTENER = "buff.ly"
"""The domain of Buffer's own short links (docs/buffer/v1.md#text-and-links-on-read-back)."""

Expected = Callable[[Entry], Entry]


class Untold(Exception):  # noqa: N818  # an outcome that `pull` reports, not a failure
    """A live change that no file can express; the message names the reason."""


def taken(
    change: Change,
    observed: Entry,
    expected: Expected,
    title: str = THE_PROVIDER,
    shortener: str = SHORTENER,
) -> Entry:
    """Return the entry that the file must ask for from now on. Raises Untold.

    `observed` is the entry as read after the last apply, `expected` the provider's function that
    predicts how an entry reads back, `title` the provider's name in messages. `shortener` is the
    domain to which the channel shortens links.
    """
    asked, live = change.after, change.live
    assert asked is not None, "what drifted is asked for"
    assert live is not None, "what drifted is there"
    heads = {head_of(leaf.path) for leaf in change.drift}
    wanted = _timed(asked, live) if "due_at" in heads else asked
    if "stage" in heads:
        wanted = replace(wanted, stage=live.entry.stage)
    if heads <= {"due_at", "stage"}:
        return wanted
    source = _Source(asked, observed, live, expected, change.profile.service, title, shortener)
    wanted = replace(wanted, **_parts(source, heads))
    # Fields that differ without having drifted are edits of the file that wait for an apply. They
    # differ before and after the pull; a candidate is good if it leaves no other difference.
    open_before = {head_of(leaf.path) for leaf in live_diffs(asked, expected(asked), live)} - heads
    for text, link in _candidates(source, heads):
        tried = replace(wanted, text=text, link=link)
        shown = expected(tried)
        if short_links(live.entry, shortener) != short_links(tried, shortener):
            # The author's links stand where live has short ones: that is meant to differ.
            shown = replace(shown, shorten=True)
        left = {head_of(leaf.path) for leaf in live_diffs(tried, shown, live)}
        if left <= open_before:
            return tried
    raise Untold("no file reads back as what is in the queue")


@dataclass(frozen=True, slots=True)
class _Source:
    """The versions of one entry: asked for, read after the last apply, and live now."""

    asked: Entry
    observed: Entry
    live: LiveEntry
    expected: Expected
    service: str
    title: str
    shortener: str


def _parts(source: _Source, heads: set[str]) -> dict[str, Any]:
    """Return the drifted fields whose value can be found alone, without trying. Raises Untold."""
    names = [row.name for row in ENTRY_FIELDS if row.kind is Kind.NAMES]
    if heads.intersection(names):
        raise Untold("a tag of it was taken off")
    return {
        row.name: _PULLERS[row.kind](source, row.name)
        for row in in_documents(Entry, ENTRY_FIELDS)
        if row.name in heads - _ELSEWHERE
    }


def _timed(asked: Entry, live: LiveEntry) -> Entry:
    """Take over the live time; without one, the entry was put back into the queue."""
    due_at = live.entry.due_at
    if due_at is None:
        return replace(asked, due_at=None, queue=asked.queue or QueuePosition.NEXT)
    return replace(asked, due_at=due_at, queue=None)


def _candidates(source: _Source, heads: set[str]) -> Iterator[tuple[str, Link | None]]:
    """Yield possible texts with their links, those nearest to the file first.

    A live text may end in the address of its link, as a link or as words. Both are tried.
    """
    asked, live = source.asked, source.live
    if "text" not in heads:
        yield asked.text, _link(asked.link, live.entry.link) if "link" in heads else asked.link
        return
    text = _lengthened(live.entry.text.strip(), source.observed.text, _shown(source).text, source)
    if asked.link is not None:
        without = text.removesuffix(asked.link.url)
        if without != text:
            yield without.rstrip(), asked.link
    yield text, asked.link
    yield text, _link(asked.link, live.entry.link)
    yield text, None


def _shown(source: _Source) -> Entry:
    """Return how the entry that the file asks for reads back."""
    return source.expected(source.asked)


def _lengthened(text: str, short: str, long: str, source: _Source) -> str:
    """Replace the short links that Buffer made by those that the author wrote.

    `short` is the text as it was read after the last apply, `long` the same with the author's
    links. Their links are pairs by position. If `short` has no short link yet, those of `text` were
    made when a person edited it, and are pairs of the author's, if all others agree.
    """
    made, written = _URL.findall(short), _URL.findall(long)
    # If their numbers differ, the positions prove nothing and the text stays as it is.
    if len(made) != len(written):
        return text
    if any(_is_short(url, source.shortener) for url in made):
        known: dict[str, str] = {}
        for pair in zip(made, written, strict=True):
            known.update((pair, _without_ending(*pair)))
        return _URL.sub(lambda url: _mapped(url.group(), known), text)
    return _in_order(text, written, source.shortener)


def _without_ending(made: str, written: str) -> tuple[str, str]:
    """Return a pair of links without the signs after them, if both end in the same ones."""
    ending = _ending(made)
    if ending and _ending(written).endswith(ending):
        return made.removesuffix(ending), written.removesuffix(ending)
    return made, written


def _mapped(url: str, known: Mapping[str, str]) -> str:
    ending = _ending(url)
    core = url.removesuffix(ending)
    return known.get(url) or (known[core] + ending if core in known else url)


def _in_order(text: str, written: Sequence[str], shortener: str) -> str:
    """Replace short links by the author's at the same positions, if all other links are theirs."""
    seen = _URL.findall(text)
    pairs = [
        (url.removesuffix(_ending(url)), mine.removesuffix(_ending(mine)), url)
        for url, mine in zip(seen, written, strict=False)
    ]
    are_theirs = all(url == mine or _is_short(url, shortener) for url, mine, _ in pairs)
    if len(seen) != len(written) or not are_theirs:
        return text
    links = iter(pairs)

    def replaced(_url: re.Match[str]) -> str:
        core, mine, url = next(links)
        return f"{mine}{url.removeprefix(core)}"

    return _URL.sub(replaced, text)


def _ending(url: str) -> str:
    """Return the signs at the end of a link that may belong to the sentence; "" for none."""
    return url[len(url.rstrip(_SIGNS)) :]


def _is_short(url: str, shortener: str) -> bool:
    host = url.partition("//")[2].partition("/")[0].lower()
    return host in (SHORTENER, shortener.lower())


def short_links(entry: Entry, shortener: str) -> tuple[str, ...]:
    """Return the short links of Buffer in the texts of an entry, in their order."""
    texts = (entry.text, *(item.text for item in entry.thread))
    links = (url.removesuffix(_ending(url)) for text in texts for url in _URL.findall(text))
    return tuple(url for url in links if _is_short(url, shortener))


def _link(asked: Link | None, seen: Link | None) -> Link | None:
    """Return the live link, with those details only that the file sets as well.

    The other details come from the page that is linked, not from the author.
    """
    if seen is None or asked is None:
        return Link(seen.url) if seen else None
    return Link(
        seen.url,
        **{
            name: getattr(seen, name) if getattr(asked, name) is not None else None
            for name in details(Link)
        },
    )


def _images(
    asked: tuple[Image, ...], observed: tuple[Image, ...], seen: tuple[Image, ...], title: str
) -> tuple[Image, ...]:
    """Return the live images, each by the address that the author wrote, a new one by its own.

    Raises Untold for a new image of which only the provider's copy (`hosted`) has an address.
    """
    ours = {copy.url: mine for copy, mine in zip(observed, asked, strict=False)}
    ours.update((mine.url, mine) for mine in asked if mine.url)
    pulled = []
    for image in seen:
        mine = ours.get(image.url)
        if mine is None and image.hosted:
            raise Untold(f"an image is only known by the address of {title}'s own copy")
        shown = {name: getattr(image, name) for name in details(Image)}
        if mine is None:
            pulled.append(Image(image.url, **shown))
        else:
            known = {name: part for name, part in shown.items() if part is not None}
            pulled.append(replace(mine, **known))
    return tuple(pulled)


def _video(source: _Source) -> Video | None:
    """Return the live video by the address that the author wrote, a new one by its own.

    Raises Untold for a new video of which only the provider's copy has an address.
    """
    asked, seen = source.asked.video, source.live.entry.video
    if seen is None:
        return None
    known = {video.url for video in (asked, source.observed.video) if video}
    if seen.hosted and seen.url not in known:
        raise Untold(f"the video is only known by the address of {source.title}'s own copy")
    if asked is None:
        return Video(seen.url)
    shown = _shown(source).video or asked
    changed = {
        name: getattr(seen, name)
        for name in details(Video)
        if getattr(asked, name) is not None and getattr(seen, name) != getattr(shown, name)
    }
    url = asked.url if seen.url in known else seen.url
    return replace(asked, url=url, **changed)


def _thread(source: _Source) -> tuple[ThreadItem, ...]:
    """Return the live thread part by part; new parts as they are.

    Raises Untold if the thread got shorter: which part was removed cannot be seen.
    """
    asked, observed, seen = source.asked, source.observed.thread, source.live.entry.thread
    if len(seen) < len(asked.thread):
        raise Untold("the thread has lost parts")
    shown = _shown(source).thread
    parts = []
    for index, item in enumerate(seen):
        mine, then, long = (
            items[index] if index < len(items) else ThreadItem()
            for items in (asked.thread, observed, shown)
        )
        text = _lengthened(item.text.strip(), then.text, long.text, source)
        if text == then.text.strip():
            text = mine.text
        images = _images(mine.images, then.images, item.images, source.title)
        parts.append(ThreadItem(text, images, _link_of_part(mine, then, item)))
    return tuple(parts)


def _link_of_part(mine: ThreadItem, then: ThreadItem, seen: ThreadItem) -> Link | None:
    """Return the link of a part of a thread: that of the file, unless its card has changed."""
    if seen.link == then.link:
        return mine.link
    if mine.link is None and seen.link is not None and seen.link.url in seen.text:
        return None  # the card has grown out of the text
    return _link(mine.link, seen.link)


def _settings(source: _Source) -> tuple[Setting, ...]:
    """Return the settings of the file for the network, with their live values. Raises Untold.

    A setting that reads back as expected keeps the value of the file, also if the provider never
    returns it. One that is missing in the live entry was set back to Buffer's default.
    """
    shown, seen = dict(_shown(source).metadata), dict(source.live.entry.metadata)
    pulled: list[Setting] = []
    for key, mine in source.asked.metadata:
        if seen.get(key) == shown.get(key):
            pulled.append((key, mine))
        elif key in seen:
            pulled.append((key, seen[key]))
        else:
            pulled.append((key, _default_value(source, key)))
    return tuple(pulled)


def _default_value(source: _Source, key: str) -> str | bool:
    """Return the value of a setting that is left out when it reads back. Raises Untold."""
    others = [pair for pair in source.asked.metadata if pair[0] != key]
    for value in choices(source.service, key):
        tried = replace(source.asked, metadata=tuple(sorted([*others, (key, value)])))
        if key not in dict(source.expected(tried).metadata):
            return value
    raise Untold(f"a setting of its network was taken back: {key}")


def _as_seen(source: _Source, name: str) -> Any:
    return getattr(source.live.entry, name)


_PULLERS: Mapping[Kind, Callable[[_Source, str], Any]] = {
    Kind.TEXT: lambda source, name: _as_seen(source, name).strip(),
    Kind.NUMBER: _as_seen,
    Kind.FLAG: _as_seen,
    Kind.MOMENT: _as_seen,
    Kind.WORD: _as_seen,
    Kind.LINK: lambda source, _: _link(source.asked.link, source.live.entry.link),
    Kind.IMAGES: lambda source, _: _images(
        source.asked.images, source.observed.images, source.live.entry.images, source.title
    ),
    Kind.VIDEO: lambda source, _: _video(source),
    Kind.THREAD: lambda source, _: _thread(source),
    Kind.SETTINGS: lambda source, _: _settings(source),
    Kind.NAMES: _as_seen,
}
"""The function that finds the value of a field, by its kind.

Those of links, images, videos and threads read fixed fields: a second field of such a kind needs a
function of its own.
"""

_ELSEWHERE = {"due_at", "stage", "text", "link"}
"""Fields that `taken` finds itself: time and stage at first; text and link by trying candidates."""
