"""Rules about media by what their addresses say, before anything is fetched (docs/media.md).

Buffer takes the address of a file and fetches it when the post goes out. Only what surely fails
then is an error: a file that is no image, a page around a file, a host that only this machine
knows, a signature that ends before the post goes out. If an address says nothing, neither does a
rule; `validate --online` asks it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from plancast.lint.base import LintContext, report
from plancast.lint.media_addresses import MediaAddress
from plancast.lint.media_expiry import expiry
from plancast.lint.media_pages import page
from plancast.lint.media_types import FileType
from plancast.model.diagnostics import Diagnostic, Severity
from plancast.model.media import MediaKind
from plancast.model.workspace import Desired

LATE = timedelta(hours=1)
"""How long after its time a post may still be fetched: Buffer sends late at times
(docs/buffer/v1.md#late-sending)."""


@dataclass(frozen=True, slots=True)
class Medium:
    """An address of media in a post: where it stands and which kind of file has to be there.

    `optional`: it is left out in some cases, so that a problem with it is no more than a warning.
    """

    url: str
    path: tuple[str | int, ...]
    kind: MediaKind = MediaKind.IMAGE
    optional: bool = False


def media_of(item: Desired) -> Iterator[Medium]:
    """Yield the addresses of media in a post: images, those of its thread, video, thumbnail."""
    entry = item.entry
    for index, image in enumerate(entry.images):
        if image.url:
            yield Medium(image.url, ("images", index))
    for number, part in enumerate(entry.thread):
        for index, image in enumerate(part.images):
            if image.url:
                yield Medium(image.url, ("thread", number, "images", index))
        if part.link is not None and part.link.thumbnail:
            place = ("thread", number, "link", "thumbnail")
            yield Medium(part.link.thumbnail, place, optional=bool(part.images))
    if entry.video is not None:
        yield Medium(entry.video.url, ("video",), MediaKind.VIDEO)
    if entry.link is not None and entry.link.thumbnail:
        # Beside images, or on a part of the networks, the picture of a link is not sent.
        is_beside = bool(entry.images or entry.video or entry.thread)
        yield Medium(entry.link.thumbnail, ("link", "thumbnail"), optional=is_beside)


def fetched_from_the_web(item: Desired, context: LintContext) -> Iterator[Diagnostic]:
    """Report addresses of media that cannot be fetched, or not when the post goes out."""
    if not context.public_media_only:
        return
    for medium in media_of(item):
        address = MediaAddress.parse(medium.url)
        if address is None:
            continue
        elsewhere = next(_unreachable(item, medium, address, context), None)
        if elsewhere is not None:
            yield elsewhere
            if elsewhere.severity is Severity.ERROR or medium.optional:
                continue  # the rest is about a file that is not there
        yield from _wrong_type(item, medium, address.file_type, context)
        if address.with_password:
            yield report(item, "PC534", address.host, *medium.path)
        yield from _expiring(item, medium, address, context)


def _unreachable(
    item: Desired, medium: Medium, address: MediaAddress, context: LintContext
) -> Iterator[Diagnostic]:
    """Yield the reason why an address cannot lead to the file, the plainest first."""
    title = context.features.title
    if address.is_private:
        severity = _weight(medium)
        yield report(item, "PC533", address.host, *medium.path, severity=severity, title=title)
    found = page(address)
    if found is not None:
        detail = f"{found.of}: {medium.url}"
        hint = f"The file itself is at {found.direct}" if found.direct else ""
        severity = _weight(medium, certain=found.certain)
        code = "PC532" if found.viewer else "PC531"
        yield report(item, code, detail, *medium.path, severity=severity, hint=hint)


def _weight(medium: Medium, *, certain: bool = True) -> Severity | None:
    """Return the severity of a problem: that of its code, or a warning if it may not matter."""
    return None if certain and not medium.optional else Severity.WARNING


def _wrong_type(
    item: Desired, medium: Medium, file_type: FileType | None, context: LintContext
) -> Iterator[Diagnostic]:
    """Report a type of file that is not taken; `judge_type` has the rule."""
    judged = judge_type(item, medium, file_type, context)
    if judged is not None:
        detail, certain = judged
        severity = _weight(medium, certain=certain)
        yield report(item, "PC530", detail, *medium.path, severity=severity)


def judge_type(
    item: Desired, medium: Medium, file_type: FileType | None, context: LintContext
) -> tuple[str, bool] | None:
    """Return the reason why a type of file is not taken, and whether that is certain.

    It is certain for a file that is no media of the kind, and for an image of a type that no known
    network takes. What some networks take may have come to others since, so it is not certain.
    """
    if file_type is None:
        return None
    if medium.kind is MediaKind.VIDEO:
        return _judge_video(item, file_type, context)
    return _judge_image(item, file_type, context)


def _judge_video(
    item: Desired, file_type: FileType, context: LintContext
) -> tuple[str, bool] | None:
    taken = context.limits_for(item).video_types
    if file_type.kind is not MediaKind.VIDEO:
        # Some networks show a moving GIF as a video.
        return f"{file_type.words} as a video", file_type.name != "gif"
    if not taken or file_type.name in taken:
        return None
    return f"{file_type.words}; {item.profile.service} takes {_listed(taken)}", False


def _judge_image(
    item: Desired, file_type: FileType, context: LintContext
) -> tuple[str, bool] | None:
    taken = context.limits_for(item).image_types
    if file_type.kind is not MediaKind.IMAGE:
        return f"{file_type.words} as an image", True
    if taken is None or file_type.name in taken:
        return None
    elsewhere = {name for one in context.limits.values() for name in one.image_types or ()}
    if file_type.name in elsewhere:
        return f"{file_type.words}; {item.profile.service} takes {_listed(taken)}", False
    return f"{file_type.words}; networks take {_listed(sorted(elsewhere))}", True


def _listed(names: tuple[str, ...] | list[str]) -> str:
    return ", ".join(name.upper() for name in names)


def _expiring(
    item: Desired, medium: Medium, address: MediaAddress, context: LintContext
) -> Iterator[Diagnostic]:
    """Compare the end of a signed address with the time at which the file is fetched."""
    found = expiry(address)
    if found is None:
        return
    title, due = context.features.title, item.entry.due_at
    if found.at is None:
        yield report(item, "PC536", f"a token of {found.service}", *medium.path, title=title)
    elif due is None:
        detail = f"it ends at {_utc(found.at)}, and the queue decides when the post goes out"
        yield report(item, "PC536", detail, *medium.path, title=title)
    elif found.at <= due:
        detail = f"it ends at {_utc(found.at)}, and the post goes out at {_utc(due)}"
        severity = _weight(medium)
        yield report(item, "PC535", detail, *medium.path, severity=severity, title=title)
    elif found.at < due + LATE:
        detail = f"it ends at {_utc(found.at)}, shortly after the post goes out"
        yield report(item, "PC536", detail, *medium.path, title=title)


def _utc(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
