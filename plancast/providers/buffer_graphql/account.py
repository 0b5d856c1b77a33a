"""The account of an API key: resolves the key to its account, organization and channels.

A key reaches every organization of its account, and every list belongs to one organization
(docs/buffer/graphql.md#keys-and-organizations). If the settings name the organization, one request
returns account and channels; else the account is read first, and must have exactly one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
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


def find_home(
    client: GraphqlClient,
    organization: str,
    on_account: Callable[[str], None] = lambda _account_id: None,
) -> Home:
    """Read account and channels: 1 request with an organization, 2 without. Raises ProviderError.

    `on_account` is called with the account's id as soon as an answer names it. Raises Rejected,
    with all organizations as choices, if it is not clear which one is meant.
    """
    if not organization:
        with reading_only():
            answer = client.account()
            on_account(parse.account(answer).id)
        organization = _only(answer)
        with reading_only():
            return _home(answer, organization, client.channels(organization))
    try:
        with reading_only():
            answer, channels = client.home(organization)
            on_account(parse.account(answer).id)
    except NotFound:
        words = f"there is no organization {organization} for this key"
        raise Rejected(words, "organization") from None
    if organization not in _organizations(answer):
        words = f"{organization} is none of {_listed(answer)}"
        raise Rejected(words, "organization", choices=_choices(answer))
    with reading_only():
        return _home(answer, organization, channels)


def _home(account: Json, organization: str, channels: tuple[Json, ...]) -> Home:
    reported = _organizations(account).get(organization, {}).get("limits")
    limits: Json = reported if isinstance(reported, Mapping) else {}
    room = _count(limits.get("scheduledPosts")) or None
    return Home(
        account=replace(parse.account(account), organization=organization, queue_limit=room),
        organization=organization,
        profiles=tuple(parse.profile(item) for item in channels),
        tags=_count(limits.get("tags")),
    )


def _only(account: Json) -> str:
    ids = tuple(_organizations(account))
    if len(ids) == 1:
        return ids[0]
    if not ids:
        raise Rejected("the account has no organization", "organization")
    words = f"the key reaches {_listed(account)}: name one as `organization` of the provider"
    raise Rejected(words, "organization", choices=_choices(account))


def _organizations(account: Json) -> dict[str, Json]:
    items = account.get("organizations")
    return {
        item["id"]: item
        for item in (items if isinstance(items, list) else ())
        if isinstance(item, Mapping) and isinstance(item.get("id"), str) and item["id"]
    }


def _choices(account: Json) -> tuple[tuple[str, str], ...]:
    named = _organizations(account).items()
    return tuple((plain(key), plain(item.get("name"))) for key, item in named)


def _listed(account: Json) -> str:
    """List the organizations of an account for a message: `ID (name), ID (name)`."""
    return ", ".join(f"{key} ({name})" for key, name in _choices(account))


def _count(value: object) -> int | None:
    known = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    return value if known and isinstance(value, int) else None
