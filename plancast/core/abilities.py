"""What a post asks for beyond text, links and images: whether provider and network can do it.

A part that cannot be done is an error, never left out in silence: half of what an author wrote
is not what they wrote. A variant can say otherwise for a profile that cannot.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from plancast.core.features import Features
from plancast.core.model import Desired, Entry, Image, Stage
from plancast.core.networks import NetworkLimits, excess

_URL = re.compile(r"https?://\S+")


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem of an entry. `path` leads to the key from the post."""

    code: str
    detail: str
    path: tuple[str | int, ...]


def abilities(item: Desired, rules: NetworkLimits, features: Features) -> Iterator[Finding]:
    """Everything that provider or network will not take. `rules` are the network's own."""
    lacking = {finding.path[0] for finding in _provider(item.entry, features)}
    yield from _provider(item.entry, features)
    for finding in _network(item, rules, features):
        if finding.path[0] not in lacking:
            yield finding
    yield from _links(item, features)


def _provider(entry: Entry, features: Features) -> Iterator[Finding]:
    asked = (
        (entry.thread and not features.threads, "threads", "thread"),
        (entry.first_comment and not features.first_comment, "first comments", "first_comment"),
        (entry.video and not features.video, "videos", "video"),
        (entry.metadata and not features.metadata, "settings of networks", "metadata"),
        (
            entry.stage is not Stage.SCHEDULED and not features.stages,
            "drafts and approvals",
            "stage",
        ),
    )
    for lacks, what, key in asked:
        if lacks:
            yield Finding("PC509", f"{features.title} has no {what}", (key,))


def _network(item: Desired, rules: NetworkLimits, features: Features) -> Iterator[Finding]:
    entry, service = item.entry, item.profile.service
    if entry.thread and not rules.threads:
        yield Finding("PC504", f"{service}: there are no threads", ("thread",))
    elif entry.thread:
        yield from _thread(entry, service, rules)
    if entry.first_comment and rules.first_comment is None:
        yield Finding("PC504", f"{service}: there are no first comments", ("first_comment",))
    elif entry.first_comment:
        limits = NetworkLimits(rules.first_comment, rules.counting)
        yield from _length(entry.first_comment, service, limits, ("first_comment",))
    yield from _media(entry, service, rules)
    if not features.metadata:
        return
    settings = dict(entry.metadata)
    for key in (*rules.requires, *_details(service, settings)):
        if not settings.get(key):
            yield Finding("PC510", f"{service}: {key}", ("metadata", service))
    title = settings.get("title")
    if rules.title and isinstance(title, str) and len(title) > rules.title:
        detail = f"{service}: the title has {len(title)} characters of {rules.title}"
        yield Finding("PC501", detail, ("metadata", service, "title"))
    board = settings.get("board")
    names = {name for known in item.profile.boards for name in (known.id, known.name)}
    if board and names and board not in names:
        listed = ", ".join(sorted(known.name for known in item.profile.boards))
        yield Finding("PC511", f"{board!r}; there are: {listed}", ("metadata", service, "board"))


def _details(service: str, settings: dict[str, str | bool]) -> tuple[str, ...]:
    """What a Google Business post needs for its type (GraphQL schema, details of each type)."""
    if service != "googlebusiness":
        return ()
    return ("title", "start", "end") if settings.get("type") in ("event", "offer") else ()


def _thread(entry: Entry, service: str, rules: NetworkLimits) -> Iterator[Finding]:
    if not entry.text:
        yield Finding("PC514", f"{service}: the first post of a thread needs a text", ("thread",))
    if entry.thread[0].text.strip() == entry.text and entry.text:
        yield Finding("PC514", "it repeats the first post", ("thread", 0))
    for index, part in enumerate(entry.thread):
        place = ("thread", index)
        if not (part.text.strip() or part.images):
            yield Finding("PC514", f"part {index + 2}", place)
        yield from _length(part.text.strip(), service, rules, (*place, "text"))
        yield from _pictures(part.images, service, rules, place)


def _pictures(
    images: tuple[Image, ...], service: str, rules: NetworkLimits, place: tuple[str | int, ...]
) -> Iterator[Finding]:
    if rules.images is not None and len(images) > rules.images:
        yield Finding("PC503", f"{service}: {len(images)} of {rules.images}", (*place, "images"))


def _media(entry: Entry, service: str, rules: NetworkLimits) -> Iterator[Finding]:
    if entry.video is None:
        if rules.needs_video:
            yield Finding("PC504", f"{service}: a post needs a video", ("video",))
        return
    if not rules.video:
        yield Finding("PC504", f"{service}: there are no videos", ("video",))
    if entry.images:
        yield Finding("PC513", f"{service}: a video and images", ("video",))
    if entry.link:
        yield Finding("PC513", f"{service}: a video and a link card", ("video",))
    if rules.text_with_video is not None:
        limits = NetworkLimits(rules.text_with_video, rules.counting)
        yield from _length(entry.text, f"{service} with a video", limits, ("text",))


def _length(
    text: str, where: str, limits: NetworkLimits, path: tuple[str | int, ...]
) -> Iterator[Finding]:
    over = excess(text, limits)
    if over:
        length, limit = over
        yield Finding("PC501", f"{where}: {length} of {limit}, {length - limit} too many", path)


def _links(item: Desired, features: Features) -> Iterator[Finding]:
    """Where the channel decides whether links are shortened, the word of a post counts nothing."""
    if features.shorten:
        return
    entry, domain = item.entry, item.profile.shortens
    if entry.shorten and not domain and item.profile.id:
        yield Finding(
            "PC512", "`shorten` has no effect: the channel does not shorten", ("shorten",)
        )
    elif domain and not entry.shorten and _URL.search(entry.text):
        yield Finding("PC512", f"{item.profile.label}: links become {domain} links", ("text",))
