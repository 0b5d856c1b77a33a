"""The mutations of posts: createPost, editPost, deletePost and movePostInQueue.

Terms. A post is a *draft* (of one of two kinds), *waits*, or is *done*: sent, or on its way. Drafts
hold no slot and never go out. A mutation is *effective* in time if it says when; under `edit_mode:
replace` an editPost must send `mode` and `schedulingType` for that, and otherwise its values about
time are ignored silently, as users of the API have observed.

Everything is checked before anything is stored, so that a Refused leaves nothing behind.

Assumptions of ours, as no public source answers them: the refusal for a disconnected or locked
channel, and for a thread too many; that giving a time schedules a plain draft, and leaves one that
waits for approval a draft; that the rules of the network hold for drafts as well; the words for an
approval beside `saveToDraft: false`, and for a post that is no draft.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from plancast.sandbox import database, queues
from plancast.sandbox.graphql import account, labels, post_input, posts, rules
from plancast.sandbox.graphql.context import Context
from plancast.sandbox.graphql.errors import (
    INVALID,
    LIMIT,
    NOT_FOUND,
    Refused,
    invalid,
    problem,
)
from plancast.sandbox.graphql.post_input import Piece
from plancast.sandbox.services import GRAPHQL_SERVICES
from plancast.sandbox.settings import DeleteUnknown, EditMode, FarTimes
from plancast.sandbox.v1 import actions
from plancast.sandbox.v1.actions import Repetition, Timing
from plancast.sandbox.v1.serialize import CLIENT_ID
from plancast.sandbox.values import Profile, Status, Update

Sent = Mapping[str, Any]
Shown = dict[str, Any]

_DONE = frozenset(("sent", "sending"))
_FAR = 2 * 365 * 86_400
"""Seconds. Drafts can be due later than this only if the settings allow it."""

_NO_MORE_ON_THIS_DAY = "The network takes no more posts on this day."

# Words that users of the API have seen (docs/buffer/graphql.md#words-of-refusals).
NO_POST = "Document not found"
_PAST = "Invalid post input: dueAt must be in the future"
_NO_POLICY = "is only valid when your posting policy on this channel requires approval"
_REPEATED = {
    Repetition.WAITS: "Whoops, it looks like you've already got this one scheduled. Unfortunately, "
    "we're not able to post the same thing twice.",
    Repetition.RECENT: "Whoops, it looks like you've posted that one recently. Unfortunately, "
    "we're not able to post the same thing again so soon!",
}


@dataclass(frozen=True, slots=True)
class Ready:
    """A post that was checked and can be stored."""

    owner: Profile
    piece: Piece
    timing: Timing
    approval: bool
    tags: tuple[str, ...]
    extras: Mapping[str, Any]


def create(context: Context, sent: Sent) -> Shown:
    """Create a post on one channel. Raises Refused."""
    return _success(context, insert(context, prepare(context, sent)))


def prepare(context: Context, sent: Sent) -> Ready:
    """Check a createPost. Every refusal of createPost is raised here, as Refused."""
    owner = context.channel(sent["channelId"])
    if owner is None:
        raise Refused(NOT_FOUND, "Channel not found")
    _usable(owner)
    _can_remind(owner, sent)
    piece = post_input.read(sent, owner)
    rules.check(piece, owner, context.settings)
    if sent["needsApproval"]:
        _approval(context, "needsApproval", sent)
    draft = sent["needsApproval"] or bool(sent.get("saveToDraft"))
    timing = _timing(context, sent["mode"], sent.get("dueAt"), draft)
    tags = labels.known(context, sent.get("tagIds"))
    if not draft:
        _repeats(context, owner, piece)
        _room(context, owner, timing)
        _thread_room(context, owner, piece, timing)
    extras = _extras(context, owner, piece, sent, {})
    return Ready(owner, piece, timing, bool(sent["needsApproval"]), tags, extras)


def insert(context: Context, ready: Ready, item_id: str = "") -> Update:
    """Store a post at the place that its timing gives it."""
    session, now = context.session, context.session.now
    item = Update(
        id=database.new_id(session.db, now),
        profile_id=ready.owner.id,
        user_id=context.account.id,
        client_id=CLIENT_ID,
        created_at=now,
        updated_at=now,
        content=post_input.content(ready.piece, ready.owner, context.settings),
        scheduled_at=ready.timing.scheduled_at,
        draft=ready.timing.draft,
        approval=ready.approval,
        tags=ready.tags,
        item_id=item_id,
        extras=ready.extras,
    )
    return actions.place(session, item, ready.owner, ready.timing)


# --- editing ------------------------------------------------------------------------------------


def edit(context: Context, sent: Sent) -> Shown:
    """Change a post's content, its time, or its kind. Raises Refused."""
    item = context.post(sent["id"])
    if item is None:
        raise Refused(NOT_FOUND, NO_POST)
    if context.ignores_edits:  # a fault: the answer claims success
        return _success(context, item)
    if posts.status(context, item) in _DONE:
        raise Refused(INVALID, "This post has been published and cannot be edited any more.")
    owner = context.channels[item.profile_id]
    _usable(owner)
    _can_remind(owner, sent)
    replaces = context.settings.edit_mode is EditMode.REPLACE
    piece = post_input.read(sent, owner) if replaces else post_input.edited(sent, item, owner)
    rules.check(piece, owner, context.settings)
    is_effective = sent.get("mode") is not None and not (
        replaces and sent.get("schedulingType") is None
    )
    draft, approval = _kind(context, item, sent, is_effective)
    timing = _new_timing(context, item, sent, draft) if is_effective else None
    tags = labels.known(context, sent["tagIds"]) if sent.get("tagIds") is not None else item.tags
    # A post that waits already has its room; one that waits from now on needs some.
    enters = not draft and (item.draft or item.status is Status.ERROR)
    if not draft:
        _repeats(context, owner, piece, but=item.id)
        if timing and not enters:
            _day_has_room(context, owner, timing, but=item.id)
        if enters:
            _room(context, owner, timing or Timing(scheduled_at=item.scheduled_at))
        _thread_room(context, owner, piece, timing or Timing(), but=item.id)
    # A mode without effect must not become the shareMode that the post shows.
    accepted = sent if is_effective else {name: sent[name] for name in sent if name != "mode"}
    changed = replace(
        item,
        content=post_input.content(piece, owner, context.settings),
        extras=_extras(context, owner, piece, accepted, item.extras),
        tags=tags,
        approval=approval,
        updated_at=context.session.now,
    )
    return _success(context, _settle(context, item, changed, timing, draft))


def _kind(context: Context, item: Update, sent: Sent, is_effective: bool) -> tuple[bool, bool]:
    """Return whether the post is a draft afterwards, and whether it waits for approval."""
    draft, approval = item.draft, item.approval
    change, wish = sent.get("approvalChange"), sent.get("saveToDraft")
    if change is not None:
        _approval(context, "approvalChange", sent)
        if not draft and not wish:
            raise Refused(INVALID, "approvalChange is only valid for a draft")
        # To ask for the present state changes nothing.
        return True, change == "request"
    if wish is not None:
        return (True, approval) if wish else (False, False)
    # A time for a plain draft schedules it. A draft that waits for approval needs another person.
    return (False, False) if draft and not approval and is_effective else (draft, approval)


def _settle(
    context: Context, before: Update, changed: Update, timing: Timing | None, draft: bool
) -> Update:
    """Store an edited post. It leaves its place only if its time or its kind changes."""
    session, owner = context.session, context.channels[before.profile_id]
    if draft:
        # A draft keeps the time that is wished for it, but holds no slot.
        at = timing.scheduled_at if timing else changed.scheduled_at
        if not before.draft:
            actions.leave(session, before, owner)
        parked = replace(changed, status=Status.BUFFER, draft=True, error="", due_at=0)
        database.save_update(session.db, replace(parked, scheduled_at=at, pinned=False))
        return actions.known(session, before.id)
    stays = not before.draft and (timing is None or _is_there(before, timing))
    if stays:
        database.save_update(session.db, changed)
        return actions.known(session, before.id)
    timing = timing or Timing(scheduled_at=before.scheduled_at)
    actions.leave(session, before, owner)
    moved = replace(changed, status=Status.BUFFER, draft=False, error="", pinned=False)
    return actions.place(session, replace(moved, scheduled_at=timing.scheduled_at), owner, timing)


def _is_there(before: Update, timing: Timing) -> bool:
    """Return whether a waiting post is already at the place that a timing would give it."""
    if before.status is not Status.BUFFER or timing.now or timing.top:
        return False
    return before.scheduled_at == timing.scheduled_at and not before.pinned


# --- deleting and moving --------------------------------------------------------------------------


def delete(context: Context, sent: Sent) -> Shown:
    """Delete a post that has not been published.

    Raises Refused, or GraphQLError as the settings say.
    """
    item = context.post(sent["id"])
    if item is None:
        if context.settings.delete_unknown is DeleteUnknown.ERRORS:
            raise problem("NOT_FOUND", NO_POST)
        is_known = context.settings.delete_unknown is DeleteUnknown.PAYLOAD
        raise Refused(NOT_FOUND, NO_POST if is_known else "The post has left the building")
    if posts.status(context, item) in _DONE:
        raise Refused(INVALID, "This post has been published and cannot be deleted any more.")
    actions.remove(context.session, item)
    return {"__typename": "DeletePostSuccess", "id": sent["id"]}


def move(context: Context, sent: Sent) -> Shown:
    """Move a post of the queue to its top or its bottom; its content is not checked.

    Raises Refused.
    """
    item = context.post(sent["id"])
    if item is None:
        raise Refused(NOT_FOUND, NO_POST)
    if item.draft:
        raise Refused(INVALID, "This draft is not in the queue")
    if item.status is not Status.BUFFER or item.scheduled_at is not None:
        raise Refused(INVALID, "This post is not in the queue")
    owner = context.channels[item.profile_id]
    moved = replace(item, updated_at=context.session.now)
    if sent["position"] == "top":
        timing = Timing(top=True)
    else:
        actions.leave(context.session, item, owner)
        timing = Timing()
    return _success(context, actions.place(context.session, moved, owner, timing))


# --- checks ---------------------------------------------------------------------------------------


def _success(context: Context, item: Update) -> Shown:
    return {"__typename": "PostActionSuccess", "post": posts.show(context, item)}


def _usable(owner: Profile) -> None:
    """Refuse a channel that cannot be posted to. Raises Refused."""
    if owner.disconnected:
        raise Refused(INVALID, "The channel is disconnected and has to be connected again.")
    if owner.locked:
        raise Refused(INVALID, "The channel is locked: the plan does not cover it.")


def _can_remind(owner: Profile, sent: Sent) -> None:
    """Refuse a reminder for a person on a channel that has none. Raises Refused."""
    if sent.get("schedulingType") == "notification" and not GRAPHQL_SERVICES[owner.service].reminds:
        raise Refused(
            INVALID,
            f"Notification scheduling is not supported for {owner.service} channels. "
            "Use automatic scheduling instead.",
        )


def _approval(context: Context, name: str, sent: Sent) -> None:
    """Refuse what asks for an approval without a policy, or for no draft. Raises Refused."""
    if not context.settings.approvals:
        raise Refused(INVALID, f"{name} {_NO_POLICY}")
    if sent.get("saveToDraft") is False:
        raise Refused(INVALID, f"{name} makes a draft, so saveToDraft cannot be false")


def _timing(context: Context, mode: str, due: float | None, draft: bool) -> Timing:
    """Return the timing of a mode. Raises Refused."""
    if mode != "customScheduled":
        return Timing(now=mode == "shareNow", top=mode == "shareNext", draft=draft)
    if due is None:
        raise invalid("A post with mode customScheduled requires dueAt.")
    if not draft and due < context.session.now:
        raise Refused(INVALID, _PAST)
    if draft and due > context.session.now + _FAR:
        if context.settings.graphql_far_times is FarTimes.REFUSE:
            raise Refused(INVALID, "Invalid post input: dueAt is too far in the future")
        if context.settings.graphql_far_times is FarTimes.DROP:
            return Timing(draft=draft)
    return Timing(sent=True, scheduled_at=int(due), draft=draft)


def _new_timing(context: Context, item: Update, sent: Sent, draft: bool) -> Timing:
    """Return the timing of an edit; one that omits dueAt may keep the present time."""
    due = sent.get("dueAt")
    if due is None and context.settings.edit_mode is EditMode.PATCH:
        due = item.scheduled_at
    return _timing(context, sent["mode"], due, draft)


def _room(context: Context, owner: Profile, timing: Timing) -> None:
    """Refuse a post too many: in the queue, or on its day if the network counts days.

    Raises Refused.
    """
    session = context.session
    at = session.now if timing.now else timing.scheduled_at
    if at is not None and account.day(context, owner, at)["isAtLimit"]:
        raise Refused(LIMIT, _NO_MORE_ON_THIS_DAY)
    _day_has_room(context, owner, timing)
    depth = queues.waiting(session, owner.id)
    if not timing.now and depth >= context.settings.queue_limit:
        limit = context.settings.queue_limit
        raise Refused(
            LIMIT,
            "Scheduled posts limit reached. "
            f"You have {depth} scheduled posts out of {limit} allowed.",
        )


def _day_has_room(context: Context, owner: Profile, timing: Timing, but: str = "") -> None:
    """Refuse a post too many within 24 hours for the network. Raises Refused."""
    at = context.session.now if timing.now else timing.scheduled_at
    if at is not None and queues.is_day_full(context.session, owner, at, but):
        raise Refused(LIMIT, _NO_MORE_ON_THIS_DAY)


def _thread_room(
    context: Context, owner: Profile, piece: Piece, timing: Timing, but: str = ""
) -> None:
    """Refuse a thread too many among those that wait on the channel. Raises Refused."""
    if len(piece.thread) < 2 or timing.now:
        return
    query = "SELECT count(*) FROM waiting WHERE profile_id = ? AND id <> ? AND parts > 1"
    threads = database.rows(context.session.db, query, owner.id, but)[0][0]
    limit = account.allowance(context)["scheduledThreadsPerChannel"]
    if threads >= limit:
        raise Refused(
            LIMIT, f"The channel has {limit} scheduled threads, as many as the plan allows."
        )


def _repeats(context: Context, owner: Profile, piece: Piece, but: str = "") -> None:
    """Refuse a text that waits or was posted lately, if the settings say so. Raises Refused."""
    if not context.settings.graphql_duplicates:
        return
    content = post_input.content(piece, owner, context.settings)
    repetition = actions.repeats(context.session, owner, content, but)
    if repetition is not None:
        raise invalid(_REPEATED[repetition])


def _extras(
    context: Context, owner: Profile, piece: Piece, sent: Sent, before: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the values that `Update.extras` holds afterwards."""
    extras = {**before, **post_input.extras(piece, owner, context.settings)}
    for name, key in (("schedulingType", "scheduling"), ("mode", "mode"), ("ideaId", "idea")):
        if sent.get(name) is not None:
            extras[key] = sent[name]
    if context.settings.notification_downgrade and sent.get("schedulingType") is not None:
        extras["scheduling"] = "notification"
    return extras
