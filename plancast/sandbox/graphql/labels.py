"""Tags: listing and creating them."""

import re
from collections.abc import Mapping
from typing import Any

from plancast.sandbox import database
from plancast.sandbox.graphql import account, paging
from plancast.sandbox.graphql.context import Context
from plancast.sandbox.graphql.errors import DUPLICATE, INVALID, LIMIT, NOT_FOUND, Refused, not_found
from plancast.sandbox.v1.serialize import ORGANIZATION_ID
from plancast.sandbox.values import Tag

Shown = dict[str, Any]

_NAME_MAX = 100


def show(of: Tag) -> Shown:
    """Return a tag as the API shows it."""
    return {"id": of.id, "color": of.color, "colorName": None, "isLocked": False, "name": of.name}


def tag(context: Context, sent: Mapping[str, Any]) -> Shown:
    """Return one tag. Raises GraphQLError if there is none."""
    label = context.tags().get(sent["id"])
    if label is None:
        raise not_found("Tag")
    return show(label)


def tags(context: Context, sent: Mapping[str, Any], cut: paging.Cut) -> Shown:
    """Return one page of the organization's tags, in the order of their names."""
    context.check_organization(sent["organizationId"])
    # No tag is locked here, so none matches a filter for locked ones.
    only_locked = (sent.get("filter") or {}).get("isLocked") is True
    known = {} if only_locked else context.tags()
    page = paging.cut(list(known), cut)
    return page.connection([show(known[id_]) for id_ in page.ids])


def create(context: Context, sent: Mapping[str, Any]) -> Shown:
    """Create a tag, whose name must be new, letter by letter. Raises Refused."""
    if sent["organizationId"] != ORGANIZATION_ID:
        raise Refused(INVALID, "Organization not found")
    name, color = sent["tag"]["name"], sent["tag"]["color"]
    known = context.tags()
    if not 1 <= len(name) <= _NAME_MAX:
        raise Refused(INVALID, f"The name of a tag has 1 to {_NAME_MAX} characters.")
    if not re.fullmatch(r"#[0-9A-Fa-f]{6}", color):
        raise Refused(INVALID, "The color of a tag is such as #1A2B3C.")
    if any(tag.name == name for tag in known.values()):
        raise Refused(DUPLICATE, "There is a tag of this name already.")
    if len(known) >= account.allowance(context)["tags"]:
        raise Refused(LIMIT, "The plan has no room for another tag.")
    db, now = context.session.db, context.session.now
    label = Tag(database.new_id(db, now), name, color, now)
    database.save_tag(db, label)
    return {"__typename": "TagActionSuccess", "tag": show(label)}


def known(context: Context, ids: list[str] | None) -> tuple[str, ...]:
    """Return ids of tags that exist, each once. Raises Refused for any other."""
    wanted = tuple(dict.fromkeys(ids or ()))
    if wanted and not set(wanted) <= set(context.tags()):
        raise Refused(NOT_FOUND, "Tag not found")
    return wanted
