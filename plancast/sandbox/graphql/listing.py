"""The posts query: filters, orders and pages.

Filters and order are SQL, and a page is read from its cursor on (`keyset`). The CASE below is
`posts.status` in SQL. Two assumptions of ours: a page holds at most 100 posts, as pages of other
lists do, and posts with equal keys come in the order of creation.
"""

from collections.abc import Callable, Mapping
from typing import Any

from plancast.sandbox.graphql import output, paging, post_input, posts
from plancast.sandbox.graphql.context import Context
from plancast.sandbox.graphql.errors import bad_input, not_found
from plancast.sandbox.graphql.keyset import Listing, Order, Where
from plancast.sandbox.v1 import actions

Shown = dict[str, Any]

_STATUS = (
    "CASE WHEN draft AND approval THEN 'needs_approval' WHEN draft THEN 'draft'"
    " WHEN status = 'error' THEN 'error' WHEN status = 'buffer' THEN 'scheduled'"
    " WHEN status = 'sent' AND sent_at > ? THEN 'sending' ELSE 'sent' END"
)
_STATES = {
    "needs_approval": ("needs_approval",),
    "draft": ("draft",),
    "error": ("error",),
    "scheduled": ("buffer",),
    "sending": ("sent",),
    "sent": ("sent", "service"),
}
"""The states (see `tables`) of updates that have a PostStatus, or may have it at some time."""

_TYPES = frozenset(("carousel", "thread"))
"""Types that posts show and that the filter refuses: it counts such posts as `post`."""

_COLUMNS = {"dueAt": "due", "createdAt": "created_at"}


def posts_page(context: Context, sent: Mapping[str, Any], cut: paging.Cut) -> Shown:
    """Return one page of the posts that match a filter, the newest first unless sorted."""
    context.check_organization(sent["organizationId"])
    asked = sent.get("filter") or {}
    ranges, where = _ranges(context, asked), _where(context, asked)
    order = Order.of(sent.get("sort"), _COLUMNS)
    found = Listing("updates", ranges, where, order)
    page = paging.read(context.session.db, found, cut, context.turn, _type_filter(context, asked))
    tags = context.tags()
    items = (actions.known(context.session, id_) for id_ in page.ids)
    return page.connection([posts.show(context, item, tags) for item in items])


def _type_filter(context: Context, asked: Mapping[str, Any]) -> Callable[[str], bool] | None:
    """Return the test whether the post with an id has one of the types. Raises GraphQLError."""
    types = asked.get("postTypes")
    if types is None:
        return None
    if not _TYPES.isdisjoint(types):
        raise bad_input("postTypes takes neither carousel nor thread.")

    def is_asked(id_: str) -> bool:
        item = actions.known(context.session, id_)
        owner = context.channels[item.profile_id]
        piece = post_input.stored(item, owner)
        shown = (output.metadata(piece, owner, context.settings) or {}).get("type", "post")
        return ("post" if shown in _TYPES else shown) in types

    return is_asked


def _ranges(context: Context, asked: Mapping[str, Any]) -> list[Mapping[str, str]]:
    """Return the ranges of updates that a filter can find, by channel and state.

    Raises GraphQLError.
    """
    wanted = _STATES if asked.get("status") is None else asked["status"]
    states = dict.fromkeys(state for status in wanted for state in _STATES[status])
    channels = dict.fromkeys(_channels(context, asked.get("channelIds")))
    return [{"profile_id": id_, "state": state} for id_ in channels for state in states]


def _where(context: Context, asked: Mapping[str, Any]) -> Where:
    """Return the conditions of a filter. Raises GraphQLError."""
    where = Where()
    if asked.get("status") is not None:
        since = context.session.now - context.settings.sending_seconds
        where.among(_STATUS, asked["status"], since)
    due = asked.get("dueAt")
    if due is not None:
        where.between("due", due.get("start"), due.get("end"))
    presence = asked.get("dueAtPresence")
    if presence == "absent" and due is not None:
        raise bad_input("dueAtPresence: absent cannot be combined with dueAt.")
    if presence is not None:
        where.present("due", presence == "present")
    created = asked.get("createdAt") or {}
    where.between("created_at", created.get("start"), created.get("end"))
    _either(where, asked.get("startDate"), asked.get("endDate"))
    tags = asked.get("tags")
    if tags is not None:
        where.tagged(tags["in"], tags["isEmpty"])
    where.tagged(asked.get("tagIds") or [])
    return where


def _channels(context: Context, asked: list[str] | None) -> list[str]:
    """Return the profile ids of a filter's channels, or of all. Raises GraphQLError."""
    if asked is None:
        return list(context.channels)
    profiles = [context.channel(id_) for id_ in asked]
    if None in profiles:
        raise not_found("Channel")
    return [profile.id for profile in profiles if profile]


def _either(where: Where, begin: float | None, end: float | None) -> None:
    """Require that the post was created, or is due, between startDate and endDate."""
    sides = []
    for column in ("created_at", "due"):
        side = Where()
        side.between(column, begin, end)
        sides.append(side)
    if sides[0].conditions:
        where.add(f"({sides[0]}) OR ({sides[1]})", *sides[0].values, *sides[1].values)
