"""Rules of the networks: lengths, what must be there, and what they do not take at all."""

from __future__ import annotations

from collections.abc import Iterator

from plancast.lint.base import LintContext, report
from plancast.model.diagnostics import Diagnostic
from plancast.model.entry import Entry
from plancast.model.limits import NetworkLimits
from plancast.model.workspace import Desired
from plancast.networks.counting import excess
from plancast.networks.requirements import abilities


def within_limits(item: Desired, context: LintContext) -> Iterator[Diagnostic]:
    """Report a text, images or alternative texts over the limit, and what the network requires."""
    entry, service, limits = item.entry, item.profile.service, context.limits_for(item)
    over = excess(_text_as_sent(entry, limits), limits)
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


def _text_as_sent(entry: Entry, limits: NetworkLimits) -> str:
    if limits.link_in_text and entry.link and entry.link.url not in entry.text:
        return f"{entry.text} {entry.link.url}"
    return entry.text


def within_usual_length(item: Desired, context: LintContext) -> Iterator[Diagnostic]:
    """Warn about a text that is too long for most accounts, if this one's limit is not known."""
    usual = context.usual_limits(item)
    if usual is None:
        return
    # A text that no account may have is an error already.
    highest, service = context.limits_for(item), item.profile.service
    texts: list[tuple[str, str, tuple[str | int, ...]]] = [
        (_text_as_sent(item.entry, usual), service, ("text",))
    ]
    for index, part in enumerate(item.entry.thread if usual.threads else ()):
        texts.append((part.text.strip(), f"{service}, part {index + 2}", ("thread", index, "text")))
    for text, name, path in texts:
        over = excess(text, usual)
        if over and not excess(text, highest):
            length, limit = over
            yield report(item, "PC520", f"{name}: {length} of {limit}", *path)


def within_abilities(item: Desired, context: LintContext) -> Iterator[Diagnostic]:
    """Report what the network or the provider cannot do, such as threads or a first comment."""
    title = context.features.title
    for one in abilities(item, context.limits_for(item), context.features):
        yield report(item, one.code, one.detail, *one.path, hint=one.hint, title=title)
