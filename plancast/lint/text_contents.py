"""Rules about what stands in texts: links, hashtags, and characters that no post can have."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from plancast.lint.base import LintContext, report
from plancast.model.diagnostics import Diagnostic
from plancast.model.entry import Entry, Link
from plancast.model.limits import NetworkLimits
from plancast.model.workspace import Desired
from plancast.networks.counting import excess
from plancast.networks.sent_text import as_post, loses_images, sent_text
from plancast.networks.text_contents import (
    code_point,
    control_character,
    hashtags,
    links,
    shows_nothing,
)

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class _Text:
    """A text of a post that people read, with the link beside it.

    `name` is for messages, `path` leads to its key.
    """

    text: str
    path: Path
    name: str = ""
    link: Link | None = None

    def about(self, service: str) -> str:
        """Return the network and the part of the post, as messages name them."""
        return f"{service}, {self.name}" if self.name else service


def seen_characters(item: Desired, context: LintContext) -> Iterator[Diagnostic]:
    """Report characters that a text cannot have, and texts that show nothing."""
    entry, service, limits = item.entry, item.profile.service, context.limits_for(item)
    posts, comments = tuple(_posts(entry)), tuple(_beside(entry))
    for one in (*posts, *comments, *_details(entry, service)):
        found = control_character(one.text)
        if found:
            yield report(item, "PC524", _where(one, found), *one.path)
    for one in posts if limits.refused else ():
        found = next((sign for sign in limits.refused if sign in one.text), "")
        if found:
            yield report(item, "PC523", f"{one.about(service)}: {_where(one, found)}", *one.path)
    for one in (*posts, *comments):
        if one.text and shows_nothing(one.text) and not _has_more(one, item, context):
            yield report(item, "PC525", one.name, *one.path)


def countable_contents(item: Desired, context: LintContext) -> Iterator[Diagnostic]:
    """Report more links or hashtags than the network takes, and a title too long for photos."""
    entry, service, limits = item.entry, item.profile.service, context.limits_for(item)
    if limits.links is not None:
        for one in _posts(entry):
            addresses = links(one.text)
            if one.link:
                addresses |= links(one.link.url) or {one.link.url}
            if len(addresses) > limits.links:
                detail = f"{one.about(service)}: {len(addresses)} of {limits.links}"
                yield report(item, "PC521", detail, *one.path)
    if limits.hashtags is not None:
        number = len(hashtags(entry.text)) + len(hashtags(entry.first_comment))
        if number > limits.hashtags:
            with_comment = ", with the first comment" if hashtags(entry.first_comment) else ""
            detail = f"{service}{with_comment}: {number} of {limits.hashtags}"
            yield report(item, "PC522", detail, "text")
    title = dict(entry.metadata).get("title")
    if limits.photo_title is not None and isinstance(title, str) and entry.images:
        over = excess(title, NetworkLimits(limits.photo_title, limits.counting))
        if over and entry.video is None:
            detail = (
                f"{service}, title of photos: {over[0]} of {over[1]}, {over[0] - over[1]} too many"
            )
            yield report(item, "PC501", detail, "metadata", service, "title")


def _where(one: _Text, sign: str) -> str:
    return f"{code_point(sign)} at character {one.text.index(sign) + 1}"


def _posts(entry: Entry) -> Iterator[_Text]:
    """Yield the text of the post, and those that follow it in its thread."""
    yield _Text(entry.text, ("text",), link=entry.link)
    for index, part in enumerate(entry.thread):
        yield _Text(part.text, ("thread", index, "text"), f"part {index + 2}", part.link)


def _has_more(one: _Text, item: Desired, context: LintContext) -> bool:
    """Return whether a post shows something beside its text, and does not need a text as well."""
    entry, service, limits = item.entry, item.profile.service, context.limits_for(item)
    cards = context.features.link_cards
    if one.path == ("text",):
        if not shows_nothing(sent_text(entry, service, limits, cards)):
            return True  # an address ends it
        # A card does not make up for such a text.
        images = entry.images and not loses_images(entry, service, cards)
        return bool(images or entry.video) and not limits.needs_text
    if one.path[0] != "thread":
        return False
    part = entry.thread[int(one.path[1])]
    return bool(part.images) or not shows_nothing(sent_text(as_post(part), service, limits, cards))


def _beside(entry: Entry) -> Iterator[_Text]:
    if entry.first_comment:
        yield _Text(entry.first_comment, ("first_comment",), "first comment")


def _details(entry: Entry, service: str) -> Iterator[_Text]:
    """Yield the texts of images, links, videos and settings."""
    for index, image in enumerate(entry.images):
        yield _Text(image.alt or "", ("images", index))
    for number, part in enumerate(entry.thread):
        for index, image in enumerate(part.images):
            yield _Text(image.alt or "", ("thread", number, "images", index))
    for one in _posts(entry):
        if one.link:
            path = (*one.path[:-1], "link")
            yield _Text(one.link.title or "", path)
            yield _Text(one.link.description or "", path)
    if entry.video:
        yield _Text(entry.video.title or "", ("video",))
    for key, value in entry.metadata:
        if isinstance(value, str):
            yield _Text(value, ("metadata", service, key))
