"""Rules about images: alternative texts (`policy.require_alt`), and files without an address."""

from __future__ import annotations

from collections.abc import Iterator

from plancast.lint.base import LintContext, report, severity_of
from plancast.model.diagnostics import Diagnostic
from plancast.model.entry import Image
from plancast.model.workspace import Desired


def described_and_public(item: Desired, context: LintContext) -> Iterator[Diagnostic]:
    """Report images without an alternative text, and files where addresses are needed."""
    severity = severity_of(context.policy.require_alt)
    for path, image in _all_images(item):
        if severity and not (image.alt or "").strip():
            yield report(item, "PC210", image.url or image.file, *path, severity=severity)
        if context.public_media_only and image.file:
            yield report(item, "PC508", image.file, *path, title=context.features.title)


def _all_images(item: Desired) -> Iterator[tuple[tuple[str | int, ...], Image]]:
    """Yield each image of a post and of its thread, with its place in the file."""
    for index, image in enumerate(item.entry.images):
        yield ("images", index), image
    for number, part in enumerate(item.entry.thread):
        for index, image in enumerate(part.images):
            yield ("thread", number, "images", index), image
