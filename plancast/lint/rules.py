"""Rules on what the files ask for, none of which knows the present time.

A problem that a post has on several profiles is one problem: it is told once,
with the networks named.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from plancast.model.diagnostics import Diagnostic, Pointer, Severity, problem
from plancast.model.entry import Image
from plancast.model.features import PLAIN, THE_PROVIDER, Features
from plancast.model.limits import NetworkLimits
from plancast.model.workspace import Desired, Policy
from plancast.networks.registry import excess
from plancast.networks.requirements import abilities

DAY = timedelta(hours=24)
_UNKNOWN = NetworkLimits(threads=True, first_comment=10_000)
"""A network that we know nothing of: what it takes is between it and the provider."""

_SEVERITIES = {"warn": Severity.WARNING, "error": Severity.ERROR}


def check(
    desired: Sequence[Desired],
    policy: Policy,
    limits: Mapping[str, NetworkLimits],
    features: Features = PLAIN,
    *,
    public_media_only: bool = True,
) -> tuple[Diagnostic, ...]:
    """All problems of all entries. `public_media_only`: the provider fetches images by address."""
    found: list[Diagnostic] = []
    for item in desired:
        rules = limits.get(item.profile.service, _UNKNOWN)
        own = item.profile.text_limit
        rules = rules if own is None else replace(rules, text=own)
        found.extend(_network(item, rules))
        asked = abilities(item, rules, features)
        found.extend(
            _about(item, one.code, one.detail, *one.path, hint=one.hint, title=features.title)
            for one in asked
        )
        found.extend(_images(item, policy, features, public_media_only=public_media_only))
        found.extend(_frozen(item, policy))
    found.extend(_repetitions(desired, policy))
    found.extend(_crowds(desired, policy))
    return _told_once(found)


def _network(item: Desired, rules: NetworkLimits) -> Iterator[Diagnostic]:
    entry, service = item.entry, item.profile.service
    text = entry.text
    if rules.link_in_text and entry.link and entry.link.url not in text:
        text = f"{text} {entry.link.url}"
    over = excess(text, rules)
    if over:
        length, limit = over
        detail = f"{service}: {length} of {limit}, {length - limit} too many"
        yield _about(item, "PC501", detail, "text")
    if rules.needs_image and not (entry.images or (entry.video and rules.video)):
        yield _about(item, "PC502", service)
    if rules.needs_text and not entry.text:
        yield _about(item, "PC505", service)
    if rules.images is not None and len(entry.images) > rules.images:
        detail = f"{service}: {len(entry.images)} of {rules.images}"
        yield _about(item, "PC503", detail, "images")
    for index, image in enumerate(entry.images):
        if rules.alt_text is not None and len(image.alt or "") > rules.alt_text:
            detail = f"{service}: {len(image.alt or '')} of {rules.alt_text}"
            yield _about(item, "PC506", detail, "images", index)


def _images(
    item: Desired, policy: Policy, features: Features, *, public_media_only: bool
) -> Iterator[Diagnostic]:
    severity = _SEVERITIES.get(policy.require_alt)
    for path, image in _all_images(item):
        if severity and not (image.alt or "").strip():
            yield _about(item, "PC210", image.url or image.file, *path, severity=severity)
        if public_media_only and image.file:
            yield _about(item, "PC508", image.file, *path, title=features.title)


def _all_images(item: Desired) -> Iterator[tuple[tuple[str | int, ...], Image]]:
    for index, image in enumerate(item.entry.images):
        yield ("images", index), image
    for number, part in enumerate(item.entry.thread):
        for index, image in enumerate(part.images):
            yield ("thread", number, "images", index), image


def _frozen(item: Desired, policy: Policy) -> Iterator[Diagnostic]:
    due = item.entry.due_at
    for window in policy.freeze:
        if due is not None and window.start <= due < window.end:
            reason = f": {window.reason}" if window.reason else ""
            start, end = _local(window.start, item.zone), _local(window.end, item.zone)
            yield _about(item, "PC407", f"from {start} to {end}{reason}", "schedule")


def _local(moment: datetime, zone: str) -> str:
    return f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M %Z}"


def _repetitions(desired: Sequence[Desired], policy: Policy) -> Iterator[Diagnostic]:
    """The same text twice on one profile: at one time an error, within a day a matter of policy."""
    severity = _SEVERITIES.get(policy.duplicates)
    groups: dict[tuple[str, str], list[Desired]] = defaultdict(list)
    for item in desired:
        if item.entry.text:
            groups[item.address.profile, item.entry.text].append(item)
    for group in groups.values():
        if len(group) == 1:
            continue
        timed = [(item.entry.due_at, item) for item in group if item.entry.due_at]
        timed.sort(key=lambda pair: (pair[0], pair[1].address))
        queued = [item for item in group if item.entry.due_at is None]
        for first, second in pairwise(queued):
            yield _about(second, "PC206", f"as {first.address}, both in the queue", "text")
        for (earlier, first), (later, second) in pairwise(timed):
            if earlier == later:
                yield _about(second, "PC206", f"as {first.address}", "text")
            elif severity and later - earlier < DAY:
                hours = (later - earlier).total_seconds() / 3600
                detail = f"{hours:.1f} hours after {first.address}"
                yield _about(second, "PC507", detail, "text", severity=severity)


@dataclass(frozen=True, slots=True)
class _Due:
    at: datetime
    item: Desired


def _crowds(desired: Sequence[Desired], policy: Policy) -> Iterator[Diagnostic]:
    """Too close together, or too many on one day of the profile's zone."""
    if policy.min_gap is None and policy.max_per_day is None:
        return
    by_profile: dict[str, list[_Due]] = defaultdict(list)
    for item in desired:
        if item.entry.due_at is not None:
            by_profile[item.address.profile].append(_Due(item.entry.due_at, item))
    for dues in by_profile.values():
        dues.sort(key=lambda due: (due.at, due.item.address))
        for first, second in pairwise(dues):
            if policy.min_gap is not None and second.at - first.at < policy.min_gap:
                minutes = int((second.at - first.at).total_seconds() // 60)
                detail = f"{minutes} minutes after {first.item.address}"
                yield _about(second.item, "PC408", detail, "schedule")
        days: dict[str, int] = defaultdict(int)
        for due in dues:
            day = f"{due.at.astimezone(ZoneInfo(due.item.zone)):%Y-%m-%d}"
            days[day] += 1
            if policy.max_per_day is not None and days[day] == policy.max_per_day + 1:
                detail = f"{due.item.address.profile}: more than {policy.max_per_day} on {day}"
                yield _about(due.item, "PC409", detail, "schedule")


def _about(  # noqa: PLR0913  # one keyword per part of the diagnostic
    item: Desired,
    code: str,
    detail: str,
    *path: str | int,
    severity: Severity | None = None,
    hint: str = "",
    title: str = THE_PROVIDER,
) -> Diagnostic:
    place = item.at
    for step in path:
        place = place / step
    address = str(item.address)
    return problem(
        code, detail, hint=hint, address=address, at=place, severity=severity, title=title
    )


def _told_once(found: Sequence[Diagnostic]) -> tuple[Diagnostic, ...]:
    """What differs only by its profile is one problem, told for the first of them."""
    told: dict[tuple[str, Pointer | None, str], Diagnostic] = {}
    more: dict[tuple[str, Pointer | None, str], list[str]] = defaultdict(list)
    for item in found:
        key = (item.code, item.at, item.detail)
        if key in told:
            more[key].append(item.address.rpartition("@")[2])
        told.setdefault(key, item)
    return tuple(
        replace(item, detail=f"{item.detail} (also {', '.join(more[key])})") if more[key] else item
        for key, item in told.items()
    )
