"""Rules of the networks: lengths, what must be there, and what they do not take at all."""

from __future__ import annotations

from collections.abc import Iterator

from plancast.lint.base import LintContext, report
from plancast.model.diagnostics import Diagnostic, Severity
from plancast.model.workspace import Desired
from plancast.networks.counting import overlong, overlong_alt_text
from plancast.networks.requirements import abilities
from plancast.networks.sent_text import as_post, content_warning, loses_images, sent_text


def within_limits(item: Desired, context: LintContext) -> Iterator[Diagnostic]:
    """Report a text, images or alternative texts over the limit, and what the network requires."""
    entry, service, limits = item.entry, item.profile.service, context.limits_for(item)
    text = sent_text(entry, service, limits, context.features.link_cards)
    over = overlong(text, limits, content_warning(entry, limits))
    if over:
        yield report(item, "PC501", f"{service}: {over}", "text")
    if limits.needs_image and not (entry.images or (entry.video and limits.video)):
        yield report(item, "PC502", service)
    if limits.needs_text and not entry.text:
        yield report(item, "PC505", service)
    if limits.images is not None and len(entry.images) > limits.images:
        detail = f"{service}: {len(entry.images)} of {limits.images}"
        yield report(item, "PC503", detail, "images")
    for index, image in enumerate(entry.images):
        long = overlong_alt_text(image.alt or "", limits)
        if long:
            yield report(item, "PC506", f"{service}: {long}", "images", index)


def within_usual_length(item: Desired, context: LintContext) -> Iterator[Diagnostic]:
    """Warn about a text that is too long for most accounts, if this one's limit is not known."""
    usual = context.usual_limits(item)
    if usual is None:
        return
    # A text that no account may have is an error already.
    highest, service, entry = context.limits_for(item), item.profile.service, item.entry
    first = sent_text(entry, service, usual, context.features.link_cards)
    texts: list[tuple[str, str, str, tuple[str | int, ...]]] = [
        (first, content_warning(entry, usual), service, ("text",))
    ]
    for index, part in enumerate(entry.thread if usual.threads else ()):
        name = f"{service}, part {index + 2}"
        text = sent_text(as_post(part), service, usual, context.features.link_cards)
        texts.append((text, "", name, ("thread", index, "text")))
    for text, warning, name, path in texts:
        over = overlong(text, usual, warning)
        if over and not overlong(text, highest, warning):
            yield report(item, "PC520", f"{name}: {over}", *path)


def images_beside_a_card(item: Desired, context: LintContext) -> Iterator[Diagnostic]:
    """Warn about images that are not sent, since the link of the post becomes a card."""
    features, service = context.features, item.profile.service
    if loses_images(item.entry, service, features.link_cards):
        api = features.api or features.title
        detail = f"{service}: {api} sends no images beside the card of a link"
        hint = "Leave out `link`, or write it into the text, or leave out `images`."
        yield report(item, "PC513", detail, "images", severity=Severity.WARNING, hint=hint)


def within_abilities(item: Desired, context: LintContext) -> Iterator[Diagnostic]:
    """Report what the network or the provider cannot do, such as threads or a first comment."""
    title = context.features.title
    for one in abilities(item, context.limits_for(item), context.features):
        yield report(item, one.code, one.detail, *one.path, hint=one.hint, title=title)
