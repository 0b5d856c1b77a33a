"""The queue of a profile: its order, the time of each post, and the sending of posts that are due.

Terms. An update without `scheduled_at` *stands in the queue*; its `position` orders it and the n-th
one holds the n-th posting slot from now on. An update with `scheduled_at` is *custom*: it goes out
at its own time and uses no slot, unless it is pinned to one.

Premise. Slots are dealt strictly in order, so an update that goes out at its slot leaves the others
where they are. Every other change that removes one from the queue, or changes its order or the
schedule, moves the rest: that is `retime`, and it must follow every such change.

Nothing here runs in the background. `go_out` is called at the beginning of every transaction; its
results look as if each post had gone out on time.
"""

import hashlib
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import islice

from plancast.sandbox import contents, database, media
from plancast.sandbox.posting_times import upcoming
from plancast.sandbox.services import SERVICES, Service
from plancast.sandbox.settings import Settings
from plancast.sandbox.values import Profile, Status, Update

NETWORK_SAID_NO = "The network did not accept this post."
NOT_CONNECTED = "The connection to this account was lost. Please reconnect it."


@dataclass(frozen=True, slots=True)
class Session:
    """An open transaction, with the calendar's second and the settings in force."""

    db: sqlite3.Connection
    now: int
    settings: Settings


def profile(session: Session, profile_id: str) -> Profile | None:
    """Return a profile by its id, None if there is none."""
    records = database.rows(session.db, "SELECT * FROM profiles WHERE id = ?", profile_id)
    return database.profile_of(records[0]) if records else None


def profiles(session: Session, user_id: str | None = None) -> tuple[Profile, ...]:
    """Return all profiles, or those of one user, in the order of the account."""
    records = database.rows(session.db, "SELECT * FROM profiles ORDER BY position, id")
    all_profiles = (database.profile_of(row) for row in records)
    return tuple(p for p in all_profiles if user_id in (None, p.user_id))


def update(session: Session, update_id: str) -> Update | None:
    """Return an update by its id, None if there is none."""
    records = database.rows(session.db, "SELECT * FROM updates WHERE id = ?", update_id)
    return database.update_of(records[0]) if records else None


def queued(session: Session, profile_id: str) -> list[Update]:
    """Return the updates that wait for a slot, in their order."""
    query = "SELECT * FROM queued WHERE profile_id = ? ORDER BY position"
    return [database.update_of(row) for row in database.rows(session.db, query, profile_id)]


def waiting(session: Session, profile_id: str) -> int:
    """Return how many posts wait on a profile, with and without a time of their own."""
    return lengths(session, profile_id).get(Status.BUFFER, 0)


def lengths(session: Session, profile_id: str) -> dict[str, int]:
    """Return how many updates a profile has in each state, see `tables`."""
    query = "SELECT state, number FROM lengths WHERE profile_id = ?"
    return dict(session.db.execute(query, (profile_id,)).fetchall())


def is_day_full(session: Session, owner: Profile, at: int, but: str = "") -> bool:
    """Return whether the network takes no further post at a time, for those within 24 hours.

    `but` is the id of the update itself, which does not count twice.
    """
    most = SERVICES[owner.service].most_a_day
    if most is None:
        return False
    query = (
        "SELECT due FROM updates WHERE profile_id = ? AND state IN ('buffer', 'sent')"
        " AND due > ? AND due < ? AND id <> ?"
    )
    near = (owner.id, max(at - contents.DAY, -1), at + contents.DAY, but)
    times = [row["due"] for row in database.rows(session.db, query, *near)]
    return contents.is_full(times, at, most)


def last_place(session: Session, owner: Profile) -> tuple[int, int]:
    """Return position and due time of an update that joins the end of the queue."""
    # Two queries: SQLite takes one maximum from an index, and looks for two in all rows.
    position, due = (
        session.db.execute(
            f"SELECT max({of}) FROM queued WHERE profile_id = ?", (owner.id,)
        ).fetchone()[0]
        for of in ("position", "due_at")
    )
    after = max(session.now, due or 0)
    slots = upcoming(owner.schedules, owner.timezone, after, _pinned(session, owner.id))
    return (0 if position is None else position + 1), next(slots, 0)


def first_position(session: Session, profile_id: str) -> int:
    """Return the position of an update that goes to the head of the queue."""
    query = "SELECT min(position) FROM queued WHERE profile_id = ?"
    position = session.db.execute(query, (profile_id,)).fetchone()[0]
    return 0 if position is None else int(position) - 1


def retime(session: Session, owner: Profile) -> None:
    """Deal the slots from now on to the queue, in its order."""
    query = "SELECT id FROM queued WHERE profile_id = ? ORDER BY position"
    ids = [row[0] for row in database.rows(session.db, query, owner.id)]
    if not ids:
        return
    pinned = _pinned(session, owner.id)
    slots = upcoming(owner.schedules, owner.timezone, session.now, pinned)
    # Without posting times nothing is ever due: 0 stands for that.
    due = list(islice(slots, len(ids))) or [0] * len(ids)
    session.db.executemany(
        "UPDATE updates SET due_at = ?, updated_at = ? WHERE id = ?",
        [(at, session.now, id_) for id_, at in zip(ids, due, strict=True)],
    )


def reorder(session: Session, owner: Profile, ids: list[str]) -> None:
    """Give the queue a new order; `ids` are all updates in it."""
    session.db.executemany(
        "UPDATE updates SET position = ? WHERE id = ?", [(n, id_) for n, id_ in enumerate(ids)]
    )
    retime(session, owner)


def go_out(session: Session) -> None:
    """Send everything that is due, in the order of the times."""
    query = (
        "SELECT * FROM waiting WHERE due_at > 0 AND due_at <= ? ORDER BY due_at, position, number"
    )
    due = [database.update_of(row) for row in database.rows(session.db, query, session.now)]
    # Most visits find nothing due, and then need no profiles.
    owners: Mapping[str, Profile] = {p.id: p for p in profiles(session)} if due else {}
    for item in due:
        owner = owners[item.profile_id]
        if not owner.paused:
            database.save_update(session.db, sent(session, item, owner, item.due_at))


def sent(session: Session, item: Update, owner: Profile, at: int) -> Update:
    """Return `item` as it is after it was handed to the network at `at`: published, or refused."""
    handed_over = replace(item, draft=False, due_at=at, updated_at=at)
    reason = contents.refused_at_the_network(owner.service, item.extras)
    if owner.disconnected or session.settings.refuses(owner.id):
        said = session.settings.network_words or NETWORK_SAID_NO
        reason = NOT_CONNECTED if owner.disconnected else said
    if reason:
        return replace(handed_over, status=Status.ERROR, error=reason)
    if session.settings.check_images and media.ended(item, at):
        return replace(handed_over, status=Status.ERROR, error=media.BACKFILL)
    service = SERVICES[owner.service]
    number = _number(item.id)
    return replace(
        handed_over,
        status=Status.SENT,
        error="",
        sent_at=at,
        service_update_id=number,
        service_link=f"{service.post_url}{number}",
        statistics=_statistics(item.id, service),
    )


def _pinned(session: Session, profile_id: str) -> frozenset[int]:
    """Return the slots that pinned updates occupy, so that the queue does not get them."""
    query = "SELECT scheduled_at FROM waiting WHERE profile_id = ? AND pinned = 1"
    return frozenset(row[0] for row in database.rows(session.db, query, profile_id))


def _number(update_id: str) -> str:
    """Return the network's id of a post: nineteen digits, the same for the same update."""
    # Derived and not counted, so that the number does not depend on the order of sending.
    digest = hashlib.sha256(update_id.encode()).digest()
    return str(10**18 + int.from_bytes(digest[:8]) % 10**18)


def _statistics(update_id: str, service: Service) -> dict[str, int]:
    digest = hashlib.sha256(f"statistics {update_id}".encode()).digest()
    return {name: digest[n] % 40 for n, name in enumerate(service.statistics)}
