"""Media by what their addresses answered (`validate --online`). Pure: the answers are given.

Unlike the other rules these are not part of every plan: a network that is slow for a moment must
not stop a post from being planned. Only an answer that is the same for everyone is an error.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from plancast.lint.base import LintContext, report
from plancast.lint.media import Medium, judge_type, media_of
from plancast.lint.media_addresses import MediaAddress
from plancast.lint.media_pages import page
from plancast.lint.media_types import type_of_answer
from plancast.lint.registry import reported_once
from plancast.model.diagnostics import Diagnostic, Severity
from plancast.model.media import MediaAnswer, MediaKind, MediaOutcome
from plancast.model.workspace import Desired

_GONE = frozenset({404, 410})
_IMAGE_MEGABYTES = 10
"""The size that Buffer names for images (docs/media.md#types-of-files)."""

_MEGABYTE = 1024 * 1024


def addresses_to_ask(desired: Iterable[Desired], now: datetime) -> tuple[str, ...]:
    """Return the addresses of media of posts that are still to go out, each once.

    Left out are those about which `plancast.lint.media` has said already that they lead nowhere.
    """
    found = (
        medium.url
        for item in desired
        if item.entry.due_at is None or item.entry.due_at > now
        for medium in media_of(item)
        if _may_lead_to_a_file(medium.url)
    )
    return tuple(dict.fromkeys(found))


def _may_lead_to_a_file(url: str) -> bool:
    address = MediaAddress.parse(url)
    if address is None or address.is_private:
        return False
    found = page(address)
    return found is None or not found.certain


def check_answers(
    desired: Sequence[Desired], answers: Mapping[str, MediaAnswer], context: LintContext
) -> tuple[Diagnostic, ...]:
    """Return the problems of the posts whose media were asked for."""
    found = [
        problem
        for item in desired
        for medium in media_of(item)
        if (answer := answers.get(medium.url)) is not None
        for problem in _judged(item, medium, answer, context)
    ]
    return reported_once(found)


def _judged(
    item: Desired, medium: Medium, answer: MediaAnswer, context: LintContext
) -> Iterator[Diagnostic]:
    """Yield what an answer says against a file; the first that is certain is enough."""
    if answer.outcome is MediaOutcome.NO_NAME or answer.status in _GONE:
        detail = answer.detail or f"it answers {answer.status}"
        yield _report(item, medium, "PC540", detail)
    elif answer.outcome is not MediaOutcome.ANSWERED:
        yield _report(item, medium, "PC541", answer.detail)
    elif answer.status not in (200, 206):
        yield _report(item, medium, "PC541", f"it answers {answer.status}")
    else:
        yield from _file(item, medium, answer, context)


def _file(
    item: Desired, medium: Medium, answer: MediaAnswer, context: LintContext
) -> Iterator[Diagnostic]:
    """Yield what speaks against a file that is there: its type, its size, its end."""
    judged = judge_type(item, medium, type_of_answer(answer.content_type), context)
    if judged is not None:
        detail, certain = judged
        yield _report(item, medium, "PC542", detail, certain=certain)
    most = _IMAGE_MEGABYTES
    if medium.kind is MediaKind.VIDEO:
        most = context.limits_for(item).video_megabytes or 0
    if most and answer.size is not None and answer.size > most * _MEGABYTE:
        size = answer.size / _MEGABYTE
        yield _report(item, medium, "PC543", f"{size:,.1f} MB of {most:,}")
    due = item.entry.due_at
    if due is not None and answer.removed_at is not None and answer.removed_at <= due:
        detail = f"its host removes it at {answer.removed_at:%Y-%m-%d %H:%M} UTC"
        yield _report(item, medium, "PC535", detail, title=context.features.title)


def _report(  # noqa: PLR0913  # the parts of a problem
    item: Desired,
    medium: Medium,
    code: str,
    detail: str,
    *,
    certain: bool = True,
    title: str = "",
) -> Diagnostic:
    severity = None if certain and not medium.optional else Severity.WARNING
    words = {"title": title} if title else {}
    return report(item, code, detail, *medium.path, severity=severity, **words)
