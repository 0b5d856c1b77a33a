"""Answers of the GraphQL API for scripts, and what requests of it say."""

from __future__ import annotations

import json
from typing import Any

from plancast.model.plan import RateWindow
from plancast.model.profile import Board, Profile
from plancast.net.transport import Request, Response
from plancast.providers.buffer_graphql.client import GraphqlClient
from plancast.providers.buffer_graphql.create import Grouping
from plancast.providers.buffer_graphql.provider import BufferGraphqlProvider
from plancast.testing.fakes import FakeClock
from tests.providers.wire import Answer, Script, reply

ORG = "org-1"
X = Profile("c-x", "twitter", "profile", "717", "acme")
FB = Profile("c-fb", "facebook")
LI = Profile("c-li", "linkedin")
IG = Profile("c-ig", "instagram")
BS = Profile("c-bs", "bluesky")
TH = Profile("c-th", "threads")
MA = Profile("c-ma", "mastodon")
TT = Profile("c-tt", "tiktok")
YT = Profile("c-yt", "youtube")
GB = Profile("c-gb", "googlebusiness")
PI = Profile("c-pi", "pinterest", boards=(Board("b-1", "Ideas"), Board("b-2", "Doors")))
ALL = (X, FB, LI, IG, BS, TH, MA, TT, YT, GB, PI)


def data(**fields: object) -> dict[str, object]:
    """The body of an answer that is all well."""
    return {"data": fields}


def errors(
    code: str = "", message: str = "no", body: object = None, **more: object
) -> dict[str, object]:
    """A body with `errors[]`; `data` is null unless it is said."""
    error: dict[str, object] = {"message": message, **more}
    if code:
        error["extensions"] = {"code": code}
    return {"data": body, "errors": [error]}


def invalid(message: str = 'Unknown field "x".') -> Response:
    """A document that the service does not understand."""
    error = {
        "message": message,
        "locations": [{"line": 3, "column": 7}],
        "extensions": {"code": "GRAPHQL_VALIDATION_FAILED"},
    }
    return reply({"errors": [error]}, 400)


def typed(kind: str, message: str = "no", **more: object) -> dict[str, object]:
    return {"__typename": kind, "message": message, **more}


def post(identity: str = "1", owner: Profile = X, **fields: object) -> dict[str, object]:
    """A post as small as the schema allows."""
    return {
        "id": identity,
        "channelId": owner.id,
        "channelService": owner.service,
        "text": "hello",
        "status": "scheduled",
        "via": "buffer",
        "dueAt": "2026-12-01T08:30:00.000Z",
        "sentAt": None,
        "createdAt": "2026-11-23T09:00:00.000Z",
        "schedulingType": "automatic",
        "shareMode": "addToQueue",
        "isCustomScheduled": False,
        "externalLink": None,
        "error": None,
        "tags": [],
        "assets": [],
        "metadata": None,
        **fields,
    }


def made(shown: object) -> dict[str, object]:
    """A result that holds a post."""
    return {"__typename": "PostActionSuccess", "post": shown}


def page(*nodes: object, after: str | None = None) -> dict[str, object]:
    return {
        "edges": [{"cursor": f"c{index}", "node": node} for index, node in enumerate(nodes)],
        "pageInfo": {"hasNextPage": after is not None, "endCursor": after or "end"},
    }


def account(*organizations: str, **limits: object) -> dict[str, object]:
    defaults = {"channels": 3, "scheduledPosts": 10, "scheduledThreadsPerChannel": 1, "tags": 3}
    return {
        "id": "a-1",
        "email": "who@acme.example",
        "name": "Acme",
        "timezone": "Europe/Berlin",
        "organizations": [
            {"id": one, "name": f"Org {one}", "limits": {**defaults, **limits}}
            for one in organizations or (ORG,)
        ],
    }


def channel(profile: Profile, **fields: object) -> dict[str, object]:
    boards = [{"serviceId": board.id, "name": board.name} for board in profile.boards]
    return {
        "id": profile.id,
        "organizationId": ORG,
        "service": profile.service,
        "serviceId": profile.service_id,
        "type": profile.service_type,
        "name": profile.username,
        "displayName": None,
        "timezone": "UTC",
        "isDisconnected": False,
        "isLocked": False,
        "isQueuePaused": False,
        "linkShortening": {"isEnabled": False, "config": None},
        "metadata": {"__typename": "PinterestMetadata", "boards": boards} if boards else None,
        **fields,
    }


def home(**limits: object) -> dict[str, object]:
    return data(account=account(**limits), channels=[channel(one) for one in ALL])


def client(*answers: Answer) -> GraphqlClient:
    return GraphqlClient(Script(answers))


def provider(script: Script, clock: FakeClock | None = None, **more: Any) -> BufferGraphqlProvider:
    given = {"organization": ORG, "grouping": Grouping.OFF, **more}
    return BufferGraphqlProvider(
        GraphqlClient(script), lambda: (RateWindow(100, 900, 99),), clock or FakeClock(), **given
    )


def variables(request: Request) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(request.json)["variables"]
    return found


def names(script: Script) -> list[str]:
    """Return the names of the operations that were asked for."""
    return [request.name for request in script.seen]
