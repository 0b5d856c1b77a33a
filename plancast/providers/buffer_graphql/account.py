"""Whose key it is, and which organization is meant.

A key reaches every organization of its account, and every list is one organization's
(docs/buffer/graphql.md#keys-and-organizations). With its id, account and channels are one request;
without, the account has to be asked first, and must have just one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from plancast.model.ports import NotFound, Rejected
from plancast.model.profile import Account, Profile
from plancast.providers.buffer_graphql import parse
from plancast.providers.buffer_graphql.client import GraphqlClient
from plancast.providers.buffer_graphql.errors import reading_only
from plancast.providers.buffer_graphql.responses import Json
from plancast.providers.buffer_text import plain


@dataclass(frozen=True, slots=True)
class Home:
    """The account, one organization of it, and the channels there.

    `tags`: how many tags there may be, None if the answer does not say.
    """

    account: Account
    organization: str
    profiles: tuple[Profile, ...]
    tags: int | None = None


def find_home(client: GraphqlClient, organization: str) -> Home:
    """Ask for it: 1 request with an organization, 2 without. Raises ProviderError.

    Rejected, naming all of them, where it is not clear which organization is meant.
    """
    if not organization:
        with reading_only():
            found = client.account()
        organization = _only(found)
        with reading_only():
            return _home(found, organization, client.channels(organization))
    try:
        with reading_only():
            found, channels = client.home(organization)
    except NotFound:
        words = f"there is no organization {organization} for this key"
        raise Rejected(words, "organization") from None
    if organization not in _organizations(found):
        words = f"{organization} is none of {_listed(found)}"
        raise Rejected(words, "organization", choices=_choices(found))
    with reading_only():
        return _home(found, organization, channels)


def _home(found: Json, organization: str, channels: tuple[Json, ...]) -> Home:
    limits = _organizations(found).get(organization, {}).get("limits")
    told: Json = limits if isinstance(limits, Mapping) else {}
    room = _count(told.get("scheduledPosts")) or None
    return Home(
        account=replace(parse.account(found), organization=organization, queue_limit=room),
        organization=organization,
        profiles=tuple(parse.profile(item) for item in channels),
        tags=_count(told.get("tags")),
    )


def _only(found: Json) -> str:
    ids = tuple(_organizations(found))
    if len(ids) == 1:
        return ids[0]
    if not ids:
        raise Rejected("the account has no organization", "organization")
    words = f"the key reaches {_listed(found)}: name one as `organization` of the provider"
    raise Rejected(words, "organization", choices=_choices(found))


def _organizations(found: Json) -> dict[str, Json]:
    items = found.get("organizations")
    return {
        item["id"]: item
        for item in (items if isinstance(items, list) else ())
        if isinstance(item, Mapping) and isinstance(item.get("id"), str) and item["id"]
    }


def _choices(found: Json) -> tuple[tuple[str, str], ...]:
    named = _organizations(found).items()
    return tuple((plain(key), plain(item.get("name"))) for key, item in named)


def _listed(found: Json) -> str:
    """`ID (name), ID (name)`."""
    return ", ".join(f"{key} ({name})" for key, name in _choices(found))


def _count(value: object) -> int | None:
    known = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    return value if known and isinstance(value, int) else None
