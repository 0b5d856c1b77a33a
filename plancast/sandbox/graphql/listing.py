"""The posts query: filters, orders and pages.

Filters and order are SQL; a page is cut from the ids that it finds. The CASE below is
`posts.status` in SQL. Two assumptions of ours: a page holds at most 100 posts, as pages of other
lists do, and posts with equal keys come in the order of creation.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from plancast.sandbox import database
from plancast.sandbox.graphql import output, paging, post_input, posts
from plancast.sandbox.graphql.context import Context
from plancast.sandbox.graphql.errors import bad_input, not_found

Shown = dict[str, Any]

_STATUS = (
    "CASE WHEN draft AND approval THEN 'needs_approval' WHEN draft THEN 'draft'"
    " WHEN status = 'error' THEN 'error' WHEN status = 'buffer' THEN 'scheduled'"
    " WHEN status = 'sent' AND sent_at > ? THEN 'sending' ELSE 'sent' END"
)
_TYPES = frozenset(("carousel", "thread"))
"""Types that posts show and that the filter refuses: it counts such posts as `post`."""

_COLUMNS = {"dueAt": "due", "createdAt": "created_at"}


@dataclass(slots=True)
class Where:
    """Conditions that must all hold, with the values that belong to them."""

    conditions: list[str] = field(default_factory=list)
    values: list[object] = field(default_factory=list)

    def add(self, condition: str, *values: object) -> None:
        """Add a condition."""
        self.conditions.append(f"({condition})")
        self.values.extend(values)

    def among(self, column: str, values: list[str], *bound: object) -> None:
        """Require that a column, or an expression with bound values, is one of `values`."""
        self.add(f"{column} IN ({', '.join('?' * len(values))})", *bound, *values)

    def between(self, column: str, begin: float | None, end: float | None) -> None:
        """Require that a column is in a span, ends included. None: no limit on that side."""
        if begin is not None:
            self.add(f"{column} >= ?", begin)
        if end is not None:
            self.add(f"{column} <= ?", end)

    def tagged(self, ids: list[str], empty: bool = False) -> None:
        """Require one of some tags, or with `empty` none at all.

        Without either, require nothing.
        """
        # The column holds ids between blanks, so that no id is found inside another one.
        either = ["instr(tags, ?) > 0"] * len(ids) + ["tags = ''"] * empty
        if either:
            self.add(" OR ".join(either), *(f" {id_} " for id_ in ids))

    def __str__(self) -> str:
        return " AND ".join(self.conditions) or "1"


def posts_page(context: Context, sent: Mapping[str, Any], cut: paging.Cut) -> Shown:
    """Return one page of the posts that match a filter, the newest first unless sorted."""
    context.check_organization(sent["organizationId"])
    where = _where(context, sent.get("filter") or {})
    query = f"SELECT id FROM posts WHERE {where} ORDER BY {order(sent.get('sort'), _COLUMNS)}"
    ids = [row["id"] for row in database.rows(context.session.db, query, *where.values)]
    types = (sent.get("filter") or {}).get("postTypes")
    if types is not None:
        ids = _of_types(context, ids, types)
    page = paging.cut(ids, cut, own=context.turn)
    marks = ", ".join("?" * len(page.ids))
    query = f"SELECT * FROM updates WHERE id IN ({marks})"
    rows = {row["id"]: row for row in database.rows(context.session.db, query, *page.ids)}
    tags = context.tags()
    items = [database.update_of(rows[id_]) for id_ in page.ids]
    return page.connection([posts.show(context, item, tags) for item in items])


def _of_types(context: Context, ids: list[str], types: list[str]) -> list[str]:
    """Return the ids of the posts of these types. Raises GraphQLError."""
    if not _TYPES.isdisjoint(types):
        raise bad_input("postTypes takes neither carousel nor thread.")
    kept = []
    for id_ in ids:
        item = database.update_of(
            database.rows(context.session.db, "SELECT * FROM posts WHERE id = ?", id_)[0]
        )
        owner = context.channels[item.profile_id]
        piece = post_input.stored(item, owner)
        shown = (output.metadata(piece, owner, context.settings) or {}).get("type", "post")
        if ("post" if shown in _TYPES else shown) in types:
            kept.append(id_)
    return kept


def order(sort: list[Mapping[str, str]] | None, columns: Mapping[str, str]) -> str:
    """Return the ORDER BY of a sort; rows with equal keys come in the order of creation."""
    keys = sort or [{"field": "createdAt", "direction": "desc"}]
    parts = [f"{columns[key['field']]} {key['direction']}" for key in keys]
    return ", ".join([*parts, f"number {keys[-1]['direction']}"])


def _where(context: Context, asked: Mapping[str, Any]) -> Where:
    """Return the conditions of a filter. Raises GraphQLError."""
    where = Where()
    where.among("profile_id", _channels(context, asked.get("channelIds")))
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
        where.add("due IS NULL" if presence == "absent" else "due IS NOT NULL")
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
