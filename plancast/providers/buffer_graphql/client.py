"""The client of the GraphQL API: one method for each operation, variables in, objects out.

It knows HTTP and GraphQL, and nothing of plans. `responses` decides what an answer proves.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from plancast.net.rate_limiter import Spent, http_date
from plancast.net.transport import Lost, NotSent, Request, Response, Transport
from plancast.providers.buffer_graphql import queries
from plancast.providers.buffer_graphql.responses import (
    INVALID,
    NO_RIGHT,
    NOT_VALID,
    TOO_MANY,
    GraphqlAnswer,
    GraphqlProblem,
    Json,
    NotSentError,
    RefusedError,
    UnclearError,
    WireError,
    failure_words,
    problems_of,
    promotion_error,
    result,
    typed_error,
    understood,
)

PATH = "/graphql"
"""Below the base address. The service answers at `/` too; its own client posts here
(docs/buffer/graphql.md#endpoint)."""

PAGES = (100, 50, 20)
"""Sizes of a page of posts. The largest that the service accepts is not documented
(docs/buffer/graphql.md#lists-and-pages), so the first number is tried, and the next one if the
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
    """A post that an answer shows. `warnings` are the errors that the answer has beside it."""

    post: Json
    warnings: tuple[str, ...] = ()


class GraphqlClient:
    """The operations of docs/buffer/graphql.md that plancast uses. All raise WireError.

    `server_time` is the Date of the last answer, `requests` the number of requests made.
    `reads_item_links`: documents ask for the links of the posts of a thread; False for the rest of
    a run once the service has refused a read that did.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._size = 0
        self._with_metrics = True
        self.reads_item_links = True
        self.server_time: datetime | None = None
        self.requests = 0

    # -- reading ------------------------------------------------------------------------------

    def account(self) -> Json:
        """Query the account, with its organizations."""
        return _mapping(result(self._query("account", queries.ACCOUNT, {}), "account"))

    def home(self, organization: str) -> tuple[Json, tuple[Json, ...]]:
        """Query account and channels of an organization, in one request."""
        variables = {"channels": {"organizationId": organization}}
        answer = self._query("account+channels", queries.HOME, variables)
        return _mapping(result(answer, "account")), _list(result(answer, "channels"))

    def channels(self, organization: str) -> tuple[Json, ...]:
        """Query the channels of an organization: a plain list, not paged."""
        variables = {"channels": {"organizationId": organization}}
        return _list(result(self._query("channels", queries.CHANNELS, variables), "channels"))

    def configuration(self, organization: str) -> tuple[Json, ...]:
        """Query Buffer's own rules for each network and kind of channel. Experimental."""
        variables = {"organization": organization}
        answer = self._query("configuration", queries.CONFIGURATION, variables)
        return _list(_mapping(result(answer, "configuration")).get("services"))

    def channel(self, channel_id: str) -> Json:
        """Query one channel."""
        answer = self._query("channel", queries.CHANNEL, {"input": {"id": channel_id}})
        return _mapping(result(answer, "channel"))

    def post(self, post_id: str) -> Json:
        """Query one post."""
        answer = self._query("post", queries.POST, {"input": {"id": post_id}})
        return _whole(answer, "post")

    def posts(self, organization: str, chosen: Json, after: str | None = None) -> GraphqlPage:
        """Query one page of posts, oldest first. `chosen` is a PostsFiltersInput."""
        asked = {"organizationId": organization, "filter": chosen, "sort": OLDEST_FIRST}
        return self._page("posts", queries.POSTS, {"input": asked}, after)

    def sent(self, organization: str, chosen: Json, after: str | None = None) -> GraphqlPage:
        """Query one page of posts with their statistics, latest time first.

        Statistics need a scope that a key may lack (docs/buffer/graphql.md#keys-and-organizations).
        Without it the posts are read alone, from the second request of a run on.
        """
        asked = {"organizationId": organization, "filter": chosen, "sort": NEWEST_FIRST}
        if self._with_metrics:
            try:
                return self._page("posts", queries.SENT, {"input": asked}, after)
            except RefusedError as error:
                if error.status == 401 or error.code not in NO_RIGHT:
                    raise
                self._with_metrics = False
        return self._page("posts", queries.POSTS, {"input": asked}, after)

    def tags(self, organization: str, after: str | None = None) -> GraphqlPage:
        """Query one page of tags (tagsV2). Experimental."""
        return self._page("tagsV2", queries.TAGS, {"organization": organization}, after)

    # -- changing -----------------------------------------------------------------------------

    def create_post(self, fields: Json) -> Made:
        """Create a post from a CreatePostInput (mutation createPost)."""
        answer = self._mutate("createPost", queries.CREATE_POST, {"input": fields})
        return _made(answer, "createPost", creates=True)

    def create_posts(self, inputs: Sequence[Json]) -> tuple[Made | WireError, ...]:
        """Create several posts in one document; return a post or an error for each, in order.

        Raises RefusedError if the whole document was refused, which proves that nothing was made.
        """
        variables = {f"i{index}": item for index, item in enumerate(inputs)}
        document = queries.create_posts(len(inputs))
        with _refused_as_a_whole():
            answer = self._mutate(f"createPost*{len(inputs)}", document, variables)
        return tuple(_made_or_not(answer, f"p{index}") for index in range(len(inputs)))

    def create_content_item(self, organization: str, inputs: Sequence[Json]) -> tuple[Json, ...]:
        """Create several posts as one content item; return the posts shown, in Buffer's order.

        Experimental (mutation createContentItem). Only a document that was not begun, a missing
        right and a spent budget prove that nothing was made. Whatever else is not the item leaves
        the outcome open: Buffer sends the same failure before and after the posts are made
        (docs/buffer/graphql.md#experimental-parts).
        """
        variables = {"organization": organization, "posts": list(inputs)}
        document = queries.CREATE_CONTENT_ITEM
        with _refused_as_a_whole():
            answer = self._mutate("createContentItem", document, variables)
            payload = _mapping(result(answer, "createContentItem", creates=True))
        item = payload.get("content")
        if not isinstance(item, Mapping):
            raise UnclearError(str(typed_error(payload, creates=True)))
        body = item.get("body")
        return _list(body.get("posts") if isinstance(body, Mapping) else None)

    def edit_post(self, fields: Json) -> Made:
        """Edit a post with an EditPostInput (mutation editPost)."""
        answer = self._mutate("editPost", queries.EDIT_POST, {"input": fields})
        return _made(answer, "editPost")

    def delete_post(self, post_id: str) -> None:
        """Delete a post (mutation deletePost)."""
        answer = self._mutate("deletePost", queries.DELETE_POST, {"input": {"id": post_id}})
        payload = _mapping(result(answer, "deletePost"))
        if payload.get("id") == post_id:
            return
        if payload.get("id") is not None:
            raise UnclearError("the answer shows another post")
        raise typed_error(payload)

    def create_tag(self, organization: str, name: str, color: str) -> Json:
        """Create a tag; `color` is `#RRGGBB`. Experimental (mutation createTag)."""
        variables = {"organization": organization, "name": name, "color": color}
        answer = self._mutate("createTag", queries.CREATE_TAG, variables)
        payload = _mapping(result(answer, "createTag"))
        tag = payload.get("tag")
        if not isinstance(tag, Mapping):
            raise typed_error(payload)
        return tag

    # -- for a probe --------------------------------------------------------------------------

    def ask(self, name: str, document: str, variables: Json) -> GraphqlAnswer:
        """Send a query and return its answer."""
        return self._query(name, document, variables)

    def page_of(self, name: str, document: str, variables: Json) -> GraphqlPage:
        """Send a query and return the page of a list that it asks for."""
        return _page(_whole(self._query(name, document, variables), name))

    def change(self, name: str, document: str, variables: Json) -> GraphqlAnswer:
        """Send a mutation and return its answer."""
        return self._mutate(name, document, variables)

    def problems(self, name: str, document: str) -> tuple[GraphqlProblem, ...]:
        """Return all errors of a document that is sure to be refused, and has no effect.

        Raises RefusedError if it was refused for another reason than its content.
        """
        response = self._response(f"query {name}", document, {}, idempotent=True)
        try:
            understood(response)
        except RefusedError as refused:
            if refused.status != 400 or refused.code == TOO_MANY:
                raise
        return problems_of(response)

    # -- content items, with drafts that have a key: experimental ------------------------------

    def item(self, item_id: str) -> Json:
        """Query one content item, with its posts if it is no draft any more."""
        return _whole(
            self._query("contentItem", queries.ITEM, {"input": {"id": item_id}}), "contentItem"
        )

    def item_drafts(self, organization: str, after: str | None = None) -> GraphqlPage:
        """Query one page of content items that are drafts, the newest first."""
        variables = {"organization": organization}
        return self._page("contentItems", queries.ITEM_DRAFTS, variables, after)

    def create_item_draft(self, fields: Json) -> Json:
        """Create a draft of content, or return the content item that has its key.

        Nothing goes out by a draft, so a failure counts as a refusal here.
        """
        answer = self._mutate(
            "createContentItemDraft", queries.CREATE_ITEM_DRAFT, {"input": fields}
        )
        payload = _mapping(result(answer, "createContentItemDraft"))
        made = payload.get("contentItem")
        if isinstance(made, Mapping):
            return made
        if payload.get("__typename") == "CreateContentItemDraftFailure":
            raise RefusedError(200, INVALID, failure_words(payload), begun=True)
        raise typed_error(payload)

    def promote_item(self, item_id: str, posts: Sequence[Json]) -> Json:
        """Turn a draft of content into posts; return the content item.

        Raises PromotionError if the answer names errors. Whatever else is not the item leaves open
        if posts were made (docs/buffer/graphql.md#experimental-parts).
        """
        fields = {"id": item_id, "posts": list(posts)}
        with _refused_as_a_whole():
            answer = self._mutate(
                "promoteContentItemDraftToPosts", queries.PROMOTE_ITEM, {"input": fields}
            )
            payload = _mapping(result(answer, "promoteContentItemDraftToPosts", creates=True))
        promoted = payload.get("contentItem")
        if isinstance(promoted, Mapping):
            return promoted
        raise promotion_error(payload)

    def delete_item(self, item_id: str) -> None:
        """Delete a content item, with its posts if it has any."""
        answer = self._mutate("deleteContentItem", queries.DELETE_ITEM, {"input": {"id": item_id}})
        payload = _mapping(result(answer, "deleteContentItem"))
        if payload.get("__typename") != "EmptySuccess":
            raise typed_error(payload)

    # -- inside -------------------------------------------------------------------------------

    def _page(self, name: str, document: str, variables: Json, after: str | None) -> GraphqlPage:
        """Query one page, as large as the service accepts.

        The size that was accepted last is kept, so a refusal costs a request once a run.
        """
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
        answer = self._call(f"query {name}", document, variables, idempotent=True)
        lacking = next((item for item in answer.problems if item.code in NO_RIGHT), None)
        if lacking:  # values were left out for want of a right, and so they will be next time
            raise RefusedError(answer.status, lacking.code, str(lacking))
        return answer

    def _mutate(self, name: str, document: str, variables: Json) -> GraphqlAnswer:
        return self._call(f"mutation {name}", document, variables, idempotent=False)

    def _call(
        self, name: str, document: str, variables: Json, *, idempotent: bool
    ) -> GraphqlAnswer:
        try:
            return understood(
                self._response(name, self._known(document), variables, idempotent=idempotent)
            )
        except RefusedError as error:
            may_do_without = self.reads_item_links and document != queries.without_item_links(
                document
            )
            if not (idempotent and may_do_without and error.code == NOT_VALID):
                raise
        # Maybe for another reason: then the same refusal comes again.
        self.reads_item_links = False
        return understood(
            self._response(name, self._known(document), variables, idempotent=idempotent)
        )

    def _known(self, document: str) -> str:
        """Return a document without the names that the service does not know."""
        return document if self.reads_item_links else queries.without_item_links(document)

    def _response(self, name: str, document: str, variables: Json, *, idempotent: bool) -> Response:
        body = json.dumps({"query": document, "variables": variables})
        request = Request("POST", PATH, json=body, name=name, idempotent=idempotent)
        self.requests += 1
        try:
            response = self._transport.send(request)
        except Spent as error:
            self.requests -= 1  # the limiter held it back, so nothing was sent
            raise RefusedError(TOO_MANY, TOO_MANY, str(error), error.seconds) from error
        except NotSent as error:
            raise NotSentError(str(error)) from error
        except Lost as error:
            raise UnclearError(str(error)) from error
        self.server_time = http_date(response.header("date") or "") or self.server_time
        return response


@contextmanager
def _refused_as_a_whole() -> Iterator[None]:
    """Pass on a refusal of a request that creates several posts if it proves that none was made.

    Otherwise raise UnclearError: once fields were executed, it may be about one post alone, or have
    come after the posts were made. A missing right stops a request before that.
    """
    try:
        yield
    except RefusedError as error:
        if error.begun and error.code not in NO_RIGHT:
            raise UnclearError(str(error)) from error
        raise


def _made(
    answer: GraphqlAnswer, name: str, *, one_of_many: bool = False, creates: bool = False
) -> Made:
    """Return the post that a field shows. Raises RefusedError or UnclearError if it shows none."""
    payload = _mapping(result(answer, name, one_of_many=one_of_many, creates=creates))
    post = payload.get("post")
    if not isinstance(post, Mapping):
        raise typed_error(payload, creates=creates)
    return Made(post, tuple(str(problem) for problem in answer.problems))


def _made_or_not(answer: GraphqlAnswer, name: str) -> Made | WireError:
    if not answer.begun:
        # The whole document was refused: let `result` raise for all of them, clear or unclear.
        result(answer, name, creates=True)
    try:
        return _made(answer, name, one_of_many=True, creates=True)
    except WireError as error:
        return error


def _whole(answer: GraphqlAnswer, name: str) -> Json:
    """Return a field, but only without any error beside it.

    An error leaves values out, and a missing value would look like a change in the queue.
    """
    value = _mapping(result(answer, name))
    if answer.problems:
        raise UnclearError(f"the answer is not whole: {answer.problems[0]}")
    return value


def _page(connection: Json) -> GraphqlPage:
    """Parse a page of a list. Edges may be null: without an error that means that there are none.

    See docs/buffer/graphql.md#lists-and-pages.
    """
    edges = connection.get("edges")
    info = _mapping(connection.get("pageInfo"))
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
