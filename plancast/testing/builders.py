"""Builders of values for tests: one keyword for each field, with sensible defaults for all of them.

`change()` fills in the fields that its action requires (the table in `model.plan.Change`), so a
test names only the fields that it is about. Times are written as `2026-12-01 08:30` and mean UTC.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from plancast.model.diagnostics import Diagnostic, Pointer, SourceRange
from plancast.model.entry import (
    Address,
    Entry,
    Image,
    Link,
    LiveEntry,
    LiveStatus,
    QueuePosition,
    Stage,
    ThreadItem,
    Video,
)
from plancast.model.plan import (
    Action,
    Basis,
    Budget,
    Change,
    FieldDiff,
    Plan,
    ProfileRef,
    RateWindow,
    Situation,
    Unmanaged,
)
from plancast.model.workspace import Post, PostFields, Schedule

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
"""A Monday morning; the values of the builders are due eight days later, at DUE."""

DUE = "2026-12-01 08:30"
ADDRESS = "launch/teaser@acme-x"
TEXT = "Something is coming to your workshop. Tomorrow, 10:00."
ZONE = "Europe/Berlin"

_SERVICES = {"x": "twitter", "fb": "facebook"}
_BEFORE = frozenset(Action) - {Action.CREATE, Action.NONE}
_AFTER = frozenset(Action) - {Action.DESTROY, Action.FORGET}


def moment(text: str) -> datetime:
    """Parse `2026-12-01 08:30` or `2026-12-01 08:30:15` as UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def _moment(value: str | datetime | None) -> datetime | None:
    return moment(value) if isinstance(value, str) else value


def _link(value: str | Link | None) -> Link | None:
    return Link(value) if isinstance(value, str) else value


def _images(values: Sequence[str | Image]) -> tuple[Image, ...]:
    return tuple(Image(item) if isinstance(item, str) else item for item in values)


def post(
    id: str = "launch/teaser",
    text: str = TEXT,
    *,
    at: str = "2026-12-01 09:30",
    profiles: Sequence[str] = ("acme-x",),
    link: str | Link | None = None,
    images: Sequence[str | Image] = (),
    variants: Mapping[str, PostFields] | None = None,
    file: str = "",
    **fields: Any,
) -> Post:
    """Build a post as an author wrote it; `at` is a wall clock, or empty for the queue."""
    written = PostFields(
        text=text,
        link=_link(link),
        images=_images(images) or None,
        schedule=Schedule(at=at) if at else Schedule(queue=QueuePosition.NEXT),
        profiles=tuple(profiles),
        **fields,
    )
    return Post(id, Pointer(file or f"{id}.yaml"), written, dict(variants or {}))


def entry(
    text: str = TEXT,
    *,
    at: str | datetime | None = DUE,
    link: str | Link | None = None,
    images: Sequence[str | Image] = (),
    queue: QueuePosition | None = None,
    shorten: bool = False,
    link_card: bool = True,
    video: str | Video | None = None,
    thread: Sequence[str | ThreadItem] = (),
    first_comment: str = "",
    metadata: Mapping[str, str | bool] | None = None,
    tags: Sequence[str] = (),
    stage: Stage = Stage.SCHEDULED,
) -> Entry:
    """Build an entry; `at=None` leaves its time to the queue."""
    due_at = _moment(at)
    return Entry(
        text=text,
        due_at=due_at,
        link=_link(link),
        images=_images(images),
        queue=queue or (QueuePosition.NEXT if due_at is None else None),
        shorten=shorten,
        link_card=link_card,
        video=Video(video) if isinstance(video, str) else video,
        thread=tuple(ThreadItem(item) if isinstance(item, str) else item for item in thread),
        first_comment=first_comment,
        metadata=tuple(sorted((metadata or {}).items())),
        tags=tuple(sorted(tags)),
        stage=stage,
    )


def live(
    id: str = "remote-1",
    content: Entry | None = None,
    *,
    alias: str = "acme-x",
    due_at: str | datetime | None = DUE,
    status: LiveStatus = LiveStatus.SCHEDULED,
    sent_at: str | datetime | None = None,
    link: str = "",
    error: str = "",
) -> LiveEntry:
    """Build an entry as a provider shows it."""
    return LiveEntry(
        id=id,
        profile_id=f"p-{alias}",
        entry=content or entry(),
        status=status,
        due_at=_moment(due_at),
        sent_at=_moment(sent_at),
        link=link,
        error=error,
    )


def profile(alias: str, service: str = "") -> ProfileRef:
    """Build a profile from its alias, the last part of which names the network: `acme-x`."""
    last = alias.rpartition("-")[2]
    return ProfileRef(alias, f"p-{alias}", service or _SERVICES.get(last, last))


def leaf(path: str, before: object, after: object) -> FieldDiff:
    """Build the difference of one field; times may be written as text."""
    if path == "due_at":
        before = _moment(before) if isinstance(before, str) else before
        after = _moment(after) if isinstance(after, str) else after
    return FieldDiff(path, before, after)


def _address(address: str | Address) -> Address:
    """Return an address, parsed without checks if it is a text: tests may need odd ones."""
    if isinstance(address, Address):
        return address
    post, _, alias = address.rpartition("@")
    return Address(post, alias)


def change(
    action: Action = Action.CREATE,
    address: str | Address = ADDRESS,
    *,
    before: Entry | None = None,
    after: Entry | None = None,
    fields: Sequence[FieldDiff] = (),
    drift: Sequence[FieldDiff] = (),
    situations: Sequence[Situation] = (),
    reason: str = "",
    source: SourceRange | None = None,
    service: str = "",
    previous: str | None = None,
    remote_id: str = "",
    due_at: str | datetime | None = None,
    zone: str = ZONE,
    protect: bool = False,
    live: LiveEntry | None = None,
    campaign: str = "",
    tags: Sequence[str] = (),
    group: str = "",
    held_with: Sequence[str] = (),
    completes_create: bool = False,
) -> Change:
    """Build a change that is valid for its action; a rename is from `old@…` without `previous`."""
    place = _address(address)
    before = before or (entry() if action in _BEFORE else None)
    after = after or (entry() if action in _AFTER else None)
    if action is Action.RENAME and previous is None:
        previous = f"old@{place.profile}"
    shown = after or before
    return Change(
        action=action,
        address=place,
        profile=profile(place.profile, service),
        before=before,
        after=after,
        fields=tuple(fields),
        drift=tuple(drift),
        situations=tuple(situations),
        reason=reason,
        source=source,
        remote_id=remote_id or (f"remote-{place}" if before is not None else ""),
        previous_address=_address(previous) if previous else None,
        due_at=_moment(due_at) or (shown.due_at if shown else None),
        zone=zone,
        protect=protect,
        live=live,
        campaign=campaign,
        tags=tuple(tags),
        group=group,
        held_with=tuple(map(Address.parse, held_with)),
        completes_create=completes_create,
    )


def unmanaged(
    number: int = 1, alias: str = "acme-x", text: str = "", due_at: str | datetime | None = DUE
) -> Unmanaged:
    """Build an entry that plancast did not make."""
    shown = text or f"Made by hand, number {number}"
    return Unmanaged(profile(alias), f"foreign-{number}", shown, _moment(due_at))


def plan(
    *changes: Change,
    unmanaged: Sequence[Unmanaged] = (),
    diagnostics: Sequence[Diagnostic] = (),
    budget: Budget | None = None,
    offline_as_of: str | datetime | None = None,
    history: int = 0,
    targets: Sequence[str] = (),
    only: Sequence[Action] = (),
    generated_at: datetime = NOW,
) -> Plan:
    """Build a plan of these changes, sorted; without `budget`, of a request for each that sends."""
    sending = sum(1 for item in changes if item.action.sends)
    return Plan(
        generated_at=generated_at,
        provider="sandbox",
        basis=Basis("sha256:content", "lineage-1", 7, "sha256:live"),
        account_id="user-1",
        changes=tuple(sorted(changes, key=lambda item: item.sort_key)),
        unmanaged=tuple(unmanaged),
        diagnostics=tuple(diagnostics),
        budget=budget or Budget(sending, sending, (RateWindow(60, 60, 60),)),
        offline_as_of=_moment(offline_as_of),
        history=history,
        targets=tuple(targets),
        only=tuple(only),
    )
