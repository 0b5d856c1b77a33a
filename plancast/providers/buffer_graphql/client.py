"""The GraphQL API as it is: one method an operation, variables in, objects out.

Knows HTTP and GraphQL, and nothing of plans. What an answer proves is decided in answers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from plancast.net.rate_limiter import Spent, http_date
from plancast.net.transport import Lost, NotSent, Request, Transport
from plancast.providers.buffer_graphql import queries
from plancast.providers.buffer_graphql.responses import (
    TOO_MANY,
    GraphqlAnswer,
    Json,
    NotSentError,
    RefusedError,
    UnclearError,
    WireError,
    result,
    typed_error,
    understood,
)

PATH = "/graphql"
"""Below the base address. The service answers at `/` too; its own client posts here
(docs/buffer/graphql.md#endpoint)."""

PAGES = (100, 50, 20)
"""How many posts are asked for at once. The most is not documented
(docs/buffer/graphql.md#lists-and-pages), so the first number is tried, and the next one where the
service says that it is too large."""

_TOO_LARGE = re.compile(r"\bfirst\b|page size|complex|\bcost\b", re.IGNORECASE)

OLDEST_FIRST = ({"field": "createdAt", "direction": "asc"},)
"""The one order in which nothing moves: a post that is edited, that goes out or that is new shifts
no other one over the border of two pages, as it could in the order of times."""

NEWEST_FIRST = (
    {"field": "dueAt", "direction": "desc"},
    {"field": "createdAt", "direction": "desc"},
)


@dataclass(frozen=True, slots=True)
class GraphqlPage:
    """A page of a list; `after` is the cursor of the next one, None at the end."""

    nodes: tuple[Json, ...]
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """A post as an answer shows it. `warnings` are the errors that stood beside it."""

    post: Json
    warnings: tuple[str, ...] = ()


class GraphqlClient:
    """The operations of docs/buffer/graphql.md that plancast uses. All raise WireError.

    `server_time` and `requests`: the date of the last answer, and how many requests were made.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._size = 0
        self.server_time: datetime | None = None
        self.requests = 0

    # -- reading ------------------------------------------------------------------------------

    def account(self) -> Json:
        """Query account, with its organizations."""
        return _mapping(result(self._query("account", queries.ACCOUNT, {}), "account"))

    def home(self, organization: str) -> tuple[Json, tuple[Json, ...]]:
        """Query account and channels, in one request."""
        variables = {"channels": {"organizationId": organization}}
        answer = self._query("account+channels", queries.HOME, variables)
        return _mapping(result(answer, "account")), _list(result(answer, "channels"))

    def channels(self, organization: str) -> tuple[Json, ...]:
        """Query channels: a plain list, not paged."""
        variables = {"channels": {"organizationId": organization}}
        return _list(result(self._query("channels", queries.CHANNELS, variables), "channels"))

    def channel(self, channel_id: str) -> Json:
        """Query channel."""
        answer = self._query("channel", queries.CHANNEL, {"input": {"id": channel_id}})
        return _mapping(result(answer, "channel"))

    def post(self, post_id: str) -> Json:
        """Query post."""
        answer = self._query("post", queries.POST, {"input": {"id": post_id}})
        return _whole(answer, "post")

    def posts(self, organization: str, chosen: Json, after: str | None = None) -> GraphqlPage:
        """Query posts: one page, oldest first. `chosen` is a PostsFiltersInput."""
        asked = {"organizationId": organization, "filter": chosen, "sort": OLDEST_FIRST}
        return self._page("posts", queries.POSTS, {"input": asked}, after)

    def sent(self, organization: str, chosen: Json, after: str | None = None) -> GraphqlPage:
        """Query posts with their figures: one page, latest time first."""
        asked = {"organizationId": organization, "filter": chosen, "sort": NEWEST_FIRST}
        return self._page("posts", queries.SENT, {"input": asked}, after)

    def tags(self, organization: str, after: str | None = None) -> GraphqlPage:
        """Query tagsV2: one page. Experimental."""
        return self._page("tagsV2", queries.TAGS, {"organization": organization}, after)

    # -- changing -----------------------------------------------------------------------------

    def create_post(self, given: Json) -> Made:
        """Mutation createPost with a CreatePostInput."""
        answer = self._mutate("createPost", queries.CREATE_POST, {"input": given})
        return _made(answer, "createPost")

    def create_posts(self, given: Sequence[Json]) -> tuple[Made | WireError, ...]:
        """Several createPost in one document: for each what it made, or why nothing is shown.

        Raises WireError where one thing holds for all of them.
        """
        variables = {f"i{index}": item for index, item in enumerate(given)}
        document = queries.create_posts(len(given))
        answer = self._mutate(f"createPost*{len(given)}", document, variables)
        return tuple(_made_or_not(answer, f"p{index}") for index in range(len(given)))

    def create_content_item(self, organization: str, given: Sequence[Json]) -> tuple[Json, ...]:
        """Mutation createContentItem: the posts that it shows, in an order of its own.

        Experimental. All are refused, or all are made; what is not shown may have failed later.
        """
        variables = {"organization": organization, "posts": list(given)}
        document = queries.CREATE_CONTENT_ITEM
        answer = self._mutate("createContentItem", document, variables)
        found = _mapping(result(answer, "createContentItem"))
        item = found.get("contentItem")
        if not isinstance(item, Mapping):
            raise typed_error(found)
        body = item.get("body")
        return _list(body.get("posts") if isinstance(body, Mapping) else None)

    def edit_post(self, given: Json) -> Made:
        """Mutation editPost with an EditPostInput."""
        answer = self._mutate("editPost", queries.EDIT_POST, {"input": given})
        return _made(answer, "editPost")

    def delete_post(self, post_id: str) -> None:
        """Mutation deletePost."""
        answer = self._mutate("deletePost", queries.DELETE_POST, {"input": {"id": post_id}})
        found = _mapping(result(answer, "deletePost"))
        if found.get("id") == post_id:
            return
        if found.get("id") is not None:
            raise UnclearError("the answer shows another post")
        raise typed_error(found)

    def create_tag(self, organization: str, name: str, color: str) -> Json:
        """Mutation createTag. `color` is `#RRGGBB`. Experimental."""
        variables = {"organization": organization, "name": name, "color": color}
        answer = self._mutate("createTag", queries.CREATE_TAG, variables)
        found = _mapping(result(answer, "createTag"))
        tag = found.get("tag")
        if not isinstance(tag, Mapping):
            raise typed_error(found)
        return tag

    # -- inside -------------------------------------------------------------------------------

    def _page(self, name: str, document: str, variables: Json, after: str | None) -> GraphqlPage:
        """One page, of as many as the service gives at once."""
        while True:
            size = PAGES[self._size]
            try:
                answer = self._query(name, document, {**variables, "first": size, "after": after})
                return _page(_whole(answer, name))
            except RefusedError as error:
                too_large = error.code != TOO_MANY and _TOO_LARGE.search(str(error))
                if not too_large or size == PAGES[-1]:
                    raise
                self._size += 1

    def _query(self, name: str, document: str, variables: Json) -> GraphqlAnswer:
        return self._call(f"query {name}", document, variables, idempotent=True)

    def _mutate(self, name: str, document: str, variables: Json) -> GraphqlAnswer:
        return self._call(f"mutation {name}", document, variables, idempotent=False)

    def _call(
        self, name: str, document: str, variables: Json, *, idempotent: bool
    ) -> GraphqlAnswer:
        body = json.dumps({"query": document, "variables": variables})
        request = Request("POST", PATH, json=body, name=name, idempotent=idempotent)
        self.requests += 1
        try:
            response = self._transport.send(request)
        except Spent as error:
            self.requests -= 1
            raise RefusedError(TOO_MANY, TOO_MANY, str(error), error.seconds) from error
        except NotSent as error:
            raise NotSentError(str(error)) from error
        except Lost as error:
            raise UnclearError(str(error)) from error
        self.server_time = http_date(response.header("date") or "") or self.server_time
        return understood(response)


def _made(answer: GraphqlAnswer, name: str, *, one_of_many: bool = False) -> Made:
    """The post that a field shows. Raises RefusedError or UnclearError where it shows none."""
    found = _mapping(result(answer, name, one_of_many=one_of_many))
    post = found.get("post")
    if not isinstance(post, Mapping):
        raise typed_error(found)
    return Made(post, tuple(str(problem) for problem in answer.problems))


def _made_or_not(answer: GraphqlAnswer, name: str) -> Made | WireError:
    if not answer.begun:
        # Refused as a whole; `result` says whether that is sure.
        result(answer, name)
    try:
        return _made(answer, name, one_of_many=True)
    except WireError as error:
        return error


def _whole(answer: GraphqlAnswer, name: str) -> Json:
    """A field without any error beside it: what an error left out would look like a change."""
    found = _mapping(result(answer, name))
    if answer.problems:
        raise UnclearError(f"the answer is not whole: {answer.problems[0]}")
    return found


def _page(found: Json) -> GraphqlPage:
    """Edges may be null, which without an error means that there are none.

    See docs/buffer/graphql.md#lists-and-pages.
    """
    edges = found.get("edges")
    info = _mapping(found.get("pageInfo"))
    nodes = tuple(_mapping(edge.get("node")) for edge in _list([] if edges is None else edges))
    more = info.get("hasNextPage")
    if not isinstance(more, bool):
        raise UnclearError("the answer does not say whether there is more")
    after = info.get("endCursor")
    if more and not (isinstance(after, str) and after):
        raise UnclearError("the answer does not say where the list goes on")
    return GraphqlPage(nodes, after if more else None)


def _mapping(data: object) -> Json:
    if not isinstance(data, Mapping):
        raise UnclearError("the answer has another form than expected")
    return data


def _list(data: object) -> tuple[Json, ...]:
    if not isinstance(data, list) or not all(isinstance(item, Mapping) for item in data):
        raise UnclearError("the answer has another form than expected")
    return tuple(data)
