"""A post as the API shows it."""

from collections.abc import Mapping
from typing import Any

from plancast.sandbox import media, queues
from plancast.sandbox.graphql import account, labels, output, post_input
from plancast.sandbox.graphql.context import Context
from plancast.sandbox.graphql.errors import not_found
from plancast.sandbox.graphql.schema import Info
from plancast.sandbox.values import Status, Tag, Update

Shown = dict[str, Any]

_ACTIONS: Mapping[str, tuple[str, ...]] = {
    "sent": (
        *("viewPost", "sharePostLink", "copyPostLink", "updatePostTags", "addPostNote"),
        *("duplicatePost", "updateShopGridLink"),
    ),
    "draft": (
        *("addPostToQueue", "publishPostNow", "updatePost", "publishPostNext"),
        *("updatePostSchedule", "updatePostTags", "addPostNote", "duplicatePost", "deletePost"),
        "updateShopGridLink",
    ),
    "needs_approval": (
        *("approvePost", "rejectPost", "revertPostApprovalRequest", "updatePost"),
        *("updatePostSchedule", "updatePostTags", "addPostNote", "duplicatePost", "deletePost"),
    ),
    "scheduled": (
        *("publishPostNow", "updatePost", "publishPostNext", "updatePostSchedule"),
        *("movePostToDraft", "updatePostTags", "addPostNote", "duplicatePost", "deletePost"),
    ),
    "sending": ("addPostNote", "duplicatePost"),
    "error": (
        *("addPostToQueue", "publishPostNow", "updatePost", "publishPostNext"),
        *("updatePostSchedule", "updatePostTags", "addPostNote", "duplicatePost", "deletePost"),
    ),
}
_PASSING = "The network did not answer in time. Trying again."
_SENT = (Status.SENT, Status.SERVICE, Status.SERVICE_REPLY)


def status(context: Context, item: Update) -> str:
    """Return the state of a post in the words of PostStatus."""
    if item.draft:
        return "needs_approval" if item.approval else "draft"
    if item.status is Status.ERROR:
        return "error"
    if item.status not in _SENT:
        return "scheduled"
    since = context.session.now - context.settings.sending_seconds
    is_sending = item.status is Status.SENT and item.sent_at is not None and item.sent_at > since
    return "sending" if is_sending else "sent"


def post(context: Context, sent: Mapping[str, Any]) -> Shown:
    """Return one post. Raises GraphQLError if there is none."""
    item = context.post(sent["id"])
    if item is None:
        raise not_found("Post")
    return show(context, item)


def show(context: Context, item: Update, tags: Mapping[str, Tag] | None = None) -> Shown:
    """Return a post; `tags` are those of the organization, if the caller has them already."""
    owner = context.channels[item.profile_id]
    piece = post_input.stored(item, owner)
    stands = status(context, item)
    is_sent = stands == "sent"
    known = (context.tags() if tags is None else tags) if item.tags else {}

    # A function, so that a channel is built only for queries that ask for it.
    def channel(_info: Info) -> Shown:
        return account.show(context, owner)

    return {
        "id": context.turn(item.id),
        "allowedActions": _ACTIONS[stands],
        "assets": output.assets(piece.assets, context.settings),
        "author": None if item.status is Status.SERVICE else account.author(context),
        "channel": channel,
        "channelId": context.turn(owner.id),
        "channelService": owner.service,
        "contentItemId": item.item_id or None,
        "dueAt": _due(item),
        "error": _error(context, item, stands),
        "externalLink": item.service_link or None if is_sent else None,
        "ideaId": item.extras.get("idea"),
        "isCustomScheduled": item.scheduled_at is not None,
        "metrics": _metrics(owner.service, item) if is_sent else [],
        "metadata": output.metadata(piece, owner, context.settings),
        "notes": [],
        "notificationStatus": "notified" if is_sent and _reminds(item) else None,
        "schedulingType": item.extras.get("scheduling", _scheduling(item)),
        "sentAt": item.sent_at if is_sent else None,
        "sharedNow": item.shared_now,
        "shareMode": _mode(item),
        "status": context.status or stands,
        "tags": [labels.show(tag) for id_, tag in known.items() if id_ in item.tags],
        "text": item.content.text,
        "via": "network" if item.status is Status.SERVICE else "buffer",
        "createdAt": item.created_at,
        "updatedAt": item.updated_at,
    }


def _error(context: Context, item: Update, stands: str) -> Shown | None:
    """Return the error of a post that failed, or one that goes away while a post is being sent."""
    if stands == "sending" and context.settings.passing_errors:
        return {"message": _PASSING}
    return _failure(item.error) if item.error else None


def _failure(error: str) -> Shown:
    """Return why a post failed. That its media could not be fetched stands in `rawError` alone."""
    if error == media.BACKFILL:
        return {"message": queues.NETWORK_SAID_NO, "rawError": error}
    return {"message": error}


_METRICS: Mapping[str, str] = {
    "favorites": "likes",
    "retweets": "reposts",
    "reblogs": "reposts",
    "reshares": "shares",
    "replies": "comments",
    "mentions": "",
}
"""The types of metrics for the names that v1 has; "" if there is none. A guess, but for `likes`."""

_REACTING = frozenset({"instagram", "tiktok"})
"""Networks whose likes come as `reactions`."""


def _metrics(service: str, item: Update) -> list[Shown]:
    """Return the results of a post that went out."""
    types = {name: _METRICS.get(name, name) for name in item.statistics}
    if service in _REACTING:
        types = {name: "reactions" if type_ == "likes" else type_ for name, type_ in types.items()}
    return [
        {"type": type_, "name": type_, "description": "", "unit": "count", "value": float(number)}
        for name, number in item.statistics.items()
        if (type_ := types[name])
    ]


def _due(item: Update) -> int | None:
    return item.scheduled_at if item.draft else item.due_at or None


def _reminds(item: Update) -> bool:
    return bool(item.extras.get("scheduling") == "notification")


def _scheduling(item: Update) -> str | None:
    """Return the schedulingType of a post that this API did not create: null for a person's."""
    return "automatic" if item.via == "api" and item.status is not Status.SERVICE else None


def _mode(item: Update) -> str:
    if item.shared_now:
        return "shareNow"
    if item.scheduled_at is not None:
        return "customScheduled"
    return "shareNext" if item.extras.get("mode") == "shareNext" else "addToQueue"
