"""Status of owned entries: the rows that `plancast status` shows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

from plancast.model.durations import age
from plancast.model.entry import Address, LiveEntry, LiveStatus, Stage
from plancast.model.features import THE_PROVIDER
from plancast.model.quoting import shorten
from plancast.model.state import Binding, BindingStatus
from plancast.reconcile.failure_reasons import explain
from plancast.reconcile.match import Live

GRACE = timedelta(minutes=30)
"""How late an entry may still be before it is overdue. Buffer's own documentation shows one that
went out 22 minutes after its time (docs/buffer/v1.md#late-sending)."""


class Standing(Enum):
    """The status of an owned entry for people. All but those of `_WELL` are trouble.

    REMOVED: a person removed it in the queue, and `on_drift: keep` leaves it so. RESERVED: its
    two-phase create is approved, and waits for room or for a run. STUCK: no run will complete it.
    """

    SCHEDULED = "scheduled"
    PUBLISHED = "published"
    DRAFT = "draft"
    NEEDS_APPROVAL = "needs approval"
    REMOVED = "removed"
    RESERVED = "reserved"
    OVERDUE_DRAFT = "overdue draft"
    OVERDUE_APPROVAL = "overdue approval"
    FAILED = "failed"
    MISSING = "missing"
    STUCK = "stuck"
    OVERDUE = "overdue"
    UNKNOWN = "unknown"

    @property
    def is_trouble(self) -> bool:
        """Whether a person should look at the entry."""
        return self not in _WELL


_WELL = (
    Standing.SCHEDULED,
    Standing.PUBLISHED,
    Standing.DRAFT,
    Standing.NEEDS_APPROVAL,
    Standing.REMOVED,
    Standing.RESERVED,
)
_STAGES = {
    Stage.DRAFT: (Standing.DRAFT, Standing.OVERDUE_DRAFT, "to be scheduled"),
    Stage.NEEDS_APPROVAL: (
        Standing.NEEDS_APPROVAL,
        Standing.OVERDUE_APPROVAL,
        "for an approval",
    ),
}


@dataclass(frozen=True, slots=True)
class StatusRow:
    """One row of the table. `when` is the time at which the entry went out, or will."""

    address: Address
    standing: Standing
    when: datetime | None = None
    link: str = ""
    detail: str = ""
    zone: str = "UTC"


def waits_too_long(entry: LiveEntry, now: datetime) -> bool:
    """Return whether an entry still waits for a person at the provider after its time.

    Such an entry never goes out by itself, so plancast has to report it.
    """
    waits_for_a_person = entry.entry.stage is not Stage.SCHEDULED
    passed = entry.due_at is not None and entry.due_at <= now
    return entry.status is LiveStatus.SCHEDULED and waits_for_a_person and passed


def waits(entry: LiveEntry, now: datetime, title: str) -> str:
    """Describe what a draft or an entry for approval waits for, and how long past its time."""
    _, _, purpose = _STAGES[entry.entry.stage]
    if entry.due_at is None or not waits_too_long(entry, now):
        return f"it waits in {title} {purpose}"
    passed = age((now - entry.due_at).total_seconds())
    return f"its time passed {passed} ago, and it still waits in {title} {purpose}"


def standings(  # noqa: PLR0913  # what is owned, what is live, and how to say it
    bindings: Iterable[Binding],
    live: Live,
    now: datetime,
    zones: Mapping[Address, str],
    unknown: Collection[Address] = (),
    *,
    kept: Collection[Address] = (),
    to_complete: Collection[Address] = (),
    title: str = THE_PROVIDER,
) -> tuple[StatusRow, ...]:
    """Return one row for each binding and each `unknown` address, sorted by address.

    `zones` are the time zones of addresses that files ask for; `unknown` are the addresses of
    creates whose outcome is unknown; `kept` are the addresses with `on_drift: keep`; `to_complete`
    are those whose create is approved and still in time, so that a run may complete it.
    """
    by_id = {entry.id: entry for entry in (*live.sent, *live.queue)}
    rows = [
        _row(binding, by_id.get(binding.remote_id), now, zones.get(binding.address, "UTC"), title)
        for binding in bindings
    ]
    rows = [_unless_kept(row, now, title) if row.address in kept else row for row in rows]
    rows = [_unless_completed(row) if row.address in to_complete else row for row in rows]
    rows.extend(
        StatusRow(
            address,
            Standing.UNKNOWN,
            detail="a create was not answered; the next apply settles it",
        )
        for address in unknown
    )
    return tuple(sorted(rows, key=lambda row: row.address))


def _unless_kept(row: StatusRow, now: datetime, title: str) -> StatusRow:
    """Return the row of an entry with `on_drift: keep`: if a person removed it, all is well.

    As in `diff`, an entry whose time has passed may as well have been lost.
    """
    if row.standing is not Standing.MISSING or (row.when is not None and row.when <= now):
        return row
    detail = f"it was removed in {title}; on_drift says keep"
    return replace(row, standing=Standing.REMOVED, detail=detail)


def _unless_completed(row: StatusRow) -> StatusRow:
    """Return the row of an entry whose create is approved: what is only reserved will go on."""
    if row.standing is not Standing.STUCK:
        return row
    detail = "it is only reserved, and waits for room or for the next apply"
    return replace(row, standing=Standing.RESERVED, detail=detail)


def _row(
    binding: Binding, live: LiveEntry | None, now: datetime, zone: str, title: str
) -> StatusRow:
    """Return the row of one binding; the first case that fits decides."""
    address = binding.address
    if live is not None and live.status is LiveStatus.FAILED:
        meaning, _ = explain(live.error, title)
        return StatusRow(address, Standing.FAILED, live.due_at, detail=shorten(meaning), zone=zone)
    if live is not None and binding.inert:
        detail = "it was only reserved; the next apply gives it its time"
        return StatusRow(address, Standing.STUCK, detail=detail, zone=zone)
    if live is not None and live.status is LiveStatus.SCHEDULED:
        if live.entry.stage is not Stage.SCHEDULED:
            in_time, too_late, _ = _STAGES[live.entry.stage]
            standing = too_late if waits_too_long(live, now) else in_time
            detail = waits(live, now, title)
            return StatusRow(address, standing, live.due_at, detail=detail, zone=zone)
        # Buffer sends late at times, so an entry is overdue only after a grace period.
        late = live.due_at is not None and live.due_at + GRACE < now
        standing = Standing.OVERDUE if late else Standing.SCHEDULED
        detail = "" if live.due_at else "the profile has no posting times"
        if live.sending:
            detail = f"{title} is sending it to the network"
        elif live.reminder:
            detail = "a reminder: a person must publish it by hand"
        return StatusRow(address, standing, live.due_at, detail=detail, zone=zone)
    if live is not None or binding.status is BindingStatus.PUBLISHED:
        sent_at = (live.sent_at if live else None) or binding.sent_at or binding.due_at
        link = (live.link if live else "") or binding.link
        return StatusRow(address, Standing.PUBLISHED, sent_at, link=link, zone=zone)
    detail = "it is neither in the queue nor among what was sent"
    return StatusRow(address, Standing.MISSING, binding.due_at, detail=detail, zone=zone)
