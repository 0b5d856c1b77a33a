"""Rules of the networks: lengths, what must be there, and what they do not take at all."""

from __future__ import annotations

from collections.abc import Iterator

from plancast.lint.base import LintContext, report
from plancast.model.diagnostics import Diagnostic
from plancast.model.workspace import Desired
from plancast.networks.counting import excess
from plancast.networks.requirements import abilities


def within_limits(item: Desired, context: LintContext) -> Iterator[Diagnostic]:
    """Report a text, images or alternative texts over the limit, and what the network requires."""
    entry, service, limits = item.entry, item.profile.service, context.limits_for(item)
    text = entry.text
    if limits.link_in_text and entry.link and entry.link.url not in text:
        text = f"{text} {entry.link.url}"
    over = excess(text, limits)
    if over:
        length, limit = over
        detail = f"{service}: {length} of {limit}, {length - limit} too many"
        yield report(item, "PC501", detail, "text")
    if limits.needs_image and not (entry.images or (entry.video and limits.video)):
        yield report(item, "PC502", service)
    if limits.needs_text and not entry.text:
        yield report(item, "PC505", service)
    if limits.images is not None and len(entry.images) > limits.images:
        detail = f"{service}: {len(entry.images)} of {limits.images}"
        yield report(item, "PC503", detail, "images")
    for index, image in enumerate(entry.images):
        if limits.alt_text is not None and len(image.alt or "") > limits.alt_text:
            detail = f"{service}: {len(image.alt or '')} of {limits.alt_text}"
            yield report(item, "PC506", detail, "images", index)


def within_abilities(item: Desired, context: LintContext) -> Iterator[Diagnostic]:
    """Report what the network or the provider cannot do, such as threads or a first comment."""
    title = context.features.title
    for one in abilities(item, context.limits_for(item), context.features):
        yield report(item, one.code, one.detail, *one.path, hint=one.hint, title=title)
