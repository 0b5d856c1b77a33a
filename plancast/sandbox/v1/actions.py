"""The actions of clients on updates: create, edit, share, delete, reorder.

Each function runs inside the transaction of its Session. It either does the whole action or raises
an ApiError, and then its caller rolls back all that it has changed. Wire formats are not known
here.
"""

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from html import escape
from typing import Any, Self

from plancast.sandbox import database, queues
from plancast.sandbox.compose import Submission, compose
from plancast.sandbox.queues import Session
from plancast.sandbox.services import CLASSIC_SERVICES, SERVICES
from plancast.sandbox.settings import WhenFull
from plancast.sandbox.v1.errors import NO_ACCOUNT_SELECTED, ApiError
from plancast.sandbox.v1.php_form import Form
from plancast.sandbox.v1.serialize import CLIENT_ID
from plancast.sandbox.values import Content, Profile, Status, Update


@dataclass(frozen=True, slots=True)
class Author:
    """The user who makes an update, and the client that the user makes it with."""

    user_id: str
    client_id: str = CLIENT_ID
    via: str = "api"


@dataclass(frozen=True, slots=True)
class Timing:
    """The time at which an update is to go out. A given time overrides `now` and `top`.

    `sent` says that scheduled_at was part of the request: if it was empty, an update that had a
    time of its own goes back into the queue.
    """

    sent: bool = False
    scheduled_at: int | None = None
    now: bool = False
    top: bool = False
    pinned: bool = False
    draft: bool = False

    @classmethod
    def from_form(cls, form: Form, draft: bool = False) -> Self:
        """Read the timing parameters of create and update."""
        at = form.moment("scheduled_at")
        return cls(
            sent="scheduled_at" in form,
            scheduled_at=at,
            now=form.flag("now") and at is None,
            top=form.flag("top") and at is None,
            pinned=form.flag("pinned") and at is not None,
            draft=draft,
        )

    def check(self, session: Session) -> None:
        """Refuse a time in the past. Raises ApiError."""
        if self.scheduled_at is not None and self.scheduled_at < session.now:
            raise ApiError(1034)


def accessible(session: Session, user_id: str, ids: Iterable[str]) -> list[Profile]:
    """Return the user's own profiles among `ids`, each once; drop all others silently.

    Raises ApiError if none is left.
    """
    wanted = list(dict.fromkeys(ids))
    if not wanted:
        raise ApiError(1004, NO_ACCOUNT_SELECTED)
    found = [profile for id_ in wanted if (profile := queues.profile(session, id_))]
    own = [one for one in found if one.user_id == user_id and one.service in CLASSIC_SERVICES]
    connected = [p for p in own if not p.disconnected]
    if own and not connected:
        raise ApiError(1011, status=400)
    if not own:
        raise ApiError(1011)
    return connected


def create(
    session: Session,
    author: Author,
    owners: Iterable[Profile],
    submission: Submission,
    timing: Timing,
) -> list[Update]:
    """Create one update on each of `owners`, or on none. Raises ApiError."""
    owners = list(owners)
    composed = _compose_all(session, owners, submission)
    timing.check(session)
    for owner in owners:
        if not timing.draft:
            _refuse_duplicate(session, owner, composed[owner.id])
            _day_has_room(session, owner, timing)
    if not (timing.now or timing.draft):  # neither waits, so neither needs room
        owners = _with_room(session, owners)
    return [_insert(session, author, o, composed[o.id], timing) for o in owners]


def _compose_all(
    session: Session, owners: Iterable[Profile], submission: Submission
) -> Mapping[str, Content]:
    """Return the stored content on each profile, by its id."""
    composed: dict[str, Content] = {}
    md5 = ""
    for owner in owners:
        content = compose(submission, owner, session.settings, md5_before=md5)
        composed[owner.id] = content
        md5 = content.text_md5
    return composed


def _insert(
    session: Session, author: Author, owner: Profile, content: Content, timing: Timing
) -> Update:
    """Store a new update on one profile."""
    item = Update(
        id=database.new_id(session.db, session.now),
        profile_id=owner.id,
        user_id=author.user_id,
        client_id=author.client_id,
        via=author.via,
        created_at=session.now,
        updated_at=session.now,
        content=content,
        scheduled_at=timing.scheduled_at,
        pinned=timing.pinned,
        draft=timing.draft,
    )
    return place(session, item, owner, timing)


def place(session: Session, item: Update, owner: Profile, timing: Timing) -> Update:
    """Store `item` at its place in time, and deal the slots anew if others must move."""
    # Whichever way a post leaves the drafts, it no longer waits for approval.
    item = item if timing.draft else replace(item, approval=False)
    if timing.draft:
        stored = item
    elif timing.now:
        stored = queues.sent(session, replace(item, shared_now=True), owner, session.now)
    elif item.scheduled_at is not None:
        stored = replace(item, due_at=item.scheduled_at)
    elif timing.top:
        stored = replace(item, position=queues.first_position(session, owner.id))
    else:
        position, due = queues.last_place(session, owner)
        stored = replace(item, position=position, due_at=due)
    database.save_update(session.db, stored)
    # At the end of the queue an update moves no other one; at its head, or in a slot, it does.
    if timing.top or stored.pinned:
        queues.retime(session, owner)
    # A time of this very second is due already.
    if stored.scheduled_at == session.now and not stored.draft:
        queues.go_out(session)
    return known(session, stored.id)


def edit(session: Session, item: Update, submission: Submission, timing: Timing) -> Update:
    """Replace the text, and media and time if they were sent. Raises ApiError."""
    owner = owner_of(session, item)
    if item.status not in (Status.BUFFER, Status.ERROR):
        raise ApiError(1022, "This update has been sent and cannot be changed any more.")
    if submission.text is None:
        raise ApiError(1004, "Please give the update a text.")
    content = compose(submission, owner, session.settings, kept=item.content)
    timing.check(session)
    if not item.draft:
        _refuse_duplicate(session, owner, content, but=item.id)
        _day_has_room(session, owner, timing, but=item.id)
    extras = _extras(item, submission)
    changed = replace(item, content=content, extras=extras, updated_at=session.now)
    if timing.sent:
        changed = replace(changed, scheduled_at=timing.scheduled_at, pinned=timing.pinned)
    if changed.draft and not timing.now:
        database.save_update(session.db, changed)
        return known(session, item.id)
    # An edit that leaves the time as it is must not cost the update its place in the queue.
    times = (changed.scheduled_at, changed.pinned), (item.scheduled_at, item.pinned)
    if times[0] == times[1] and not (timing.now or timing.top):
        database.save_update(session.db, changed)
        return known(session, item.id)
    leave(session, item, owner)
    back = replace(changed, status=Status.BUFFER, error="")
    return place(session, back, owner, replace(timing, draft=False))


def _extras(item: Update, submission: Submission) -> Mapping[str, Any]:
    """Return the values that only GraphQL has, without media that an edit over v1 replaces."""
    if not item.extras or (submission.media is None and submission.extra_media is None):
        return item.extras
    kept = {name: value for name, value in item.extras.items() if name != "assets"}
    metadata = dict(kept.get("metadata", {}))
    metadata.pop("linkAttachment", None)
    return kept | {"metadata": metadata}


def share(session: Session, item: Update) -> Update:
    """Hand an update to its network at once; the rest of the queue moves up. Raises ApiError."""
    owner = owner_of(session, item)
    if item.status not in (Status.BUFFER, Status.ERROR):
        raise ApiError(1022, "This update has been sent already.")
    leave(session, item, owner)
    return place(session, item, owner, Timing(now=True))


def approve(session: Session, item: Update) -> Update:
    """Turn a draft into a post: at its own time, or at the end of the queue. Raises ApiError."""
    owner = owner_of(session, item)
    if not item.draft:
        raise ApiError(1022, "This update is not a draft.")
    _refuse_duplicate(session, owner, item.content, but=item.id)
    _with_room(session, [owner])
    timing = Timing(scheduled_at=item.scheduled_at)
    timing.check(session)
    return place(session, replace(item, draft=False), owner, timing)


def requeue(session: Session, item: Update) -> Update:
    """Put an update that the network refused at the end of the queue. Raises ApiError."""
    if item.status is not Status.ERROR:
        raise ApiError(1026)
    back = replace(item, status=Status.BUFFER, error="", scheduled_at=None, pinned=False)
    return place(session, back, owner_of(session, item), Timing())


def move_to_top(session: Session, item: Update) -> Update:
    """Put an update at the head of its queue. Raises ApiError."""
    owner = owner_of(session, item)
    if item.status is not Status.BUFFER or item.draft or item.scheduled_at is not None:
        raise ApiError(1027)
    return place(session, item, owner, Timing(top=True))


def destroy(session: Session, item: Update) -> None:
    """Delete an update that has not been sent. Raises ApiError."""
    if item.status not in (Status.BUFFER, Status.ERROR):
        raise ApiError(1021, "This update has been sent and cannot be deleted any more.")
    remove(session, item)


def remove(session: Session, item: Update) -> None:
    """Delete an update, sent or not; the queue closes the gap."""
    session.db.execute("DELETE FROM updates WHERE id = ?", (item.id,))
    queues.retime(session, owner_of(session, item))


def reorder(session: Session, owner: Profile, order: list[str], offset: int) -> None:
    """Put the updates of `order` at place `offset` of the queue, the others around them."""
    ids = dict.fromkeys(item.id for item in queues.queued(session, owner.id))
    named = dict.fromkeys(id_ for id_ in order if id_ in ids)
    if not named:
        raise ApiError(1004, "Please give the order of the updates.")
    rest = [id_ for id_ in ids if id_ not in named]
    at = max(0, offset)
    queues.reorder(session, owner, [*rest[:at], *named, *rest[at:]])


def shuffle(session: Session, owner: Profile) -> None:
    """Give the queue another order; the same queue is always shuffled in the same way."""
    ids = [item.id for item in queues.queued(session, owner.id)]
    random.Random(" ".join(ids)).shuffle(ids)
    queues.reorder(session, owner, ids)


def known(session: Session, update_id: str) -> Update:
    """Return an update that must exist. Raises ApiError 1020 if it does not."""
    item = queues.update(session, update_id)
    if item is None:
        raise ApiError(1020)
    return item


def owner_of(session: Session, item: Update) -> Profile:
    """Return the profile of an update."""
    owner = queues.profile(session, item.profile_id)
    if owner is None:
        raise ApiError(1010)
    return owner


def leave(session: Session, item: Update, owner: Profile) -> None:
    """Take an update out of the queue before it is placed anew.

    It is stored as a draft meanwhile, so that neither slots nor positions count it.
    """
    database.save_update(session.db, replace(item, draft=True))
    if item.scheduled_at is None or item.pinned:
        queues.retime(session, owner)


def _refuse_duplicate(session: Session, owner: Profile, content: Content, but: str = "") -> None:
    """Refuse a text that `repeats` finds, if the settings ask for it. Raises ApiError."""
    if session.settings.duplicates and repeats(session, owner, content, but) is not None:
        raise ApiError(1025)


class Repetition(Enum):
    """The way in which a post repeats another one of its profile: one that waits, or a recent one.

    Both APIs refuse it; only the current one says which it is.
    """

    WAITS = "waits"
    RECENT = "recent"


def repeats(session: Session, owner: Profile, content: Content, but: str = "") -> Repetition | None:
    """Return if the same content waits on a profile, or went out or failed a short time ago.

    The text counts as it was submitted; on some networks the address of a picture counts as well.
    A post without either repeats nothing. `but` is the id of the update itself.
    """
    since = session.now - session.settings.duplicate_window
    alike: list[tuple[str, object]] = []
    if content.text:
        alike.append(("text_md5 = ?", content.text_md5))
    picture = content.media.get("picture")
    if owner.service in PICTURES_COUNT and picture:
        alike.append(("picture = ? AND picture <> ''", picture))
    # A query for each, so that each uses its own index: queues are long.
    equal = [
        row["status"]
        for condition, value in alike
        for row in database.rows(
            session.db, f"{_REPEATED} AND {condition}", owner.id, but, since, since, value
        )
    ]
    if not equal:
        return None
    return Repetition.WAITS if Status.BUFFER.value in equal else Repetition.RECENT


_REPEATED = (
    "SELECT status FROM updates WHERE profile_id = ? AND id <> ? AND draft = 0"
    " AND (status = 'buffer' OR (status = 'sent' AND sent_at > ?)"
    " OR (status = 'error' AND due_at > ?))"
)
PICTURES_COUNT = frozenset({"pinterest"})
"""Services on which the address of a picture is refused like a text
(docs/buffer/graphql.md#the-same-text-twice)."""


def _day_has_room(session: Session, owner: Profile, timing: Timing, but: str = "") -> None:
    """Refuse a post too many within 24 hours for the network. Raises ApiError."""
    at = session.now if timing.now else timing.scheduled_at
    if at is not None and queues.is_day_full(session, owner, at, but):
        raise ApiError(1004, "The network takes no more posts on this day.")


def _with_room(session: Session, owners: list[Profile]) -> list[Profile]:
    """Return the profiles whose queue has room for one more.

    Raises ApiError if the call fails as a whole.
    """
    limit = session.settings.queue_limit
    full = [owner for owner in owners if queues.waiting(session, owner.id) >= limit]
    room = [owner for owner in owners if owner not in full]
    if full and not (room and session.settings.when_full is WhenFull.SKIP):
        raise ApiError(1023, _full_message(full[0]))
    return room


def _full_message(owner: Profile) -> str:
    """Return a message like the recorded one: a sentence of HTML with a link to the queue."""
    name = escape(owner.formatted_username)
    title = SERVICES[owner.service].types.get(owner.service_type, owner.service)
    address = f"https://bufferapp.com/app/profile/{owner.id}/buffer/queue"
    return (
        f'You\'ve completely filled the buffer for your <a href="{address}">{name}</a> '
        f"{title} profile. A larger plan has room for more."
    )
