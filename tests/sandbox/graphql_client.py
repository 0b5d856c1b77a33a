"""A client for the tests of the sandbox's GraphQL API, on top of the client of v1."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from werkzeug.test import TestResponse

from tests.sandbox.sandbox_client import HEADERS, TWITTER, SandboxClient

ORGANIZATION = "4eb854340acb04e8700000f0"
PINTEREST = "4eb854340acb04e870000020"
YOUTUBE = "4eb854340acb04e870000021"
TIKTOK = "4eb854340acb04e870000022"
GOOGLE = "4eb854340acb04e870000023"
THREADS = "4eb854340acb04e870000024"
UNKNOWN = "4eb854340acb04e8700009ff"
PNG = {"image": {"url": "https://acme.example/a.png", "metadata": {"altText": "A stage"}}}
VIDEO = {"video": {"url": "https://acme.example/a.mp4"}}

_MORE: tuple[tuple[str, str, dict[str, object]], ...] = (
    (PINTEREST, "pinterest", {"boards": [{"name": "Stages", "serviceId": "77"}]}),
    (YOUTUBE, "youtube", {}),
    (TIKTOK, "tiktok", {"reminders": True}),
    (GOOGLE, "googlebusiness", {}),
    (THREADS, "threads", {}),
)
#: All networks, each channel by the id that stands above or in sandbox_client.py.
EVERYBODY: Mapping[str, Any] = {
    "profiles": [
        *(
            {"id": f"4eb854340acb04e8700000{number}", "service": service}
            for number, service in (
                *((10, "twitter"), (11, "linkedin"), (12, "facebook")),
                *((13, "instagram"), (14, "mastodon"), (15, "bluesky")),
            )
        ),
        *({"id": id_, "service": service, "extras": extras} for id_, service, extras in _MORE),
    ]
}

POST = """
id text status dueAt sentAt createdAt updatedAt channelId channelService via schedulingType
shareMode isCustomScheduled sharedNow contentItemId externalLink notificationStatus allowedActions
error { message }
tags { id name }
assets {
  __typename id source type thumbnail mimeType
  ... on ImageAsset { image { altText width } }
  ... on VideoAsset { video { title thumbnailOffset } }
  ... on DocumentAsset { document { title } }
}
metadata {
  __typename
  ... on CommonPostMetadata { type annotations { text } }
  ... on ThreadedPostMetadata { threadCount thread { text assets { source } } }
  ... on FacebookPostMetadata { firstComment linkAttachment { url title text thumbnail } }
  ... on LinkedInPostMetadata { firstComment linkAttachment { url title text thumbnail } }
  ... on BlueskyPostMetadata { linkAttachment { url title text thumbnail } }
  ... on ThreadsPostMetadata { topic linkAttachment { url title text thumbnail } }
  ... on InstagramPostMetadata { shouldShareToFeed }
  ... on PinterestPostMetadata { title url board { name serviceId } }
  ... on YoutubePostMetadata { title privacy license category { categoryId } madeForKids }
  ... on GoogleBusinessPostMetadata {
    title
    details {
      __typename
      ... on GoogleBusinessWhatsNewMetaData { button link }
      ... on GoogleBusinessOfferMetaData { title startDate endDate code }
      ... on GoogleBusinessEventMetaData { title startDate endDate button isFullDayEvent }
    }
  }
}
"""
CREATE = f"""mutation Create($input: CreatePostInput!) {{
  createPost(input: $input) {{
    __typename ... on MutationError {{ message }} ... on PostActionSuccess {{ post {{ {POST} }} }}
  }}
}}"""
EDIT = CREATE.replace("Create(", "Edit(").replace("CreatePostInput", "EditPostInput")
EDIT = EDIT.replace("createPost(", "editPost(")
DELETE = """mutation($input: DeletePostInput!) {
  deletePost(input: $input) {
    __typename ... on DeletePostSuccess { id } ... on MutationError { message }
  }
}"""
MOVE = f"""mutation($input: MovePostInQueueInput!) {{
  movePostInQueue(input: $input) {{
    __typename ... on MutationError {{ message }} ... on PostActionSuccess {{ post {{ {POST} }} }}
  }}
}}"""
POSTS = f"""query($input: PostsInput!, $first: Int, $after: String) {{
  posts(input: $input, first: $first, after: $after) {{
    edges {{ cursor node {{ {POST} }} }}
    pageInfo {{ startCursor endCursor hasNextPage hasPreviousPage }}
  }}
}}"""
ONE = f"query($input: PostInput!) {{ post(input: $input) {{ {POST} }} }}"

Shown = dict[str, Any]


class GraphqlClient(SandboxClient):
    """Requests to the GraphQL API of a world without rate limits, which takes texts repeatedly.

    Settings can say otherwise.
    """

    def __init__(self, *, seed: Mapping[str, object] | None = None, **settings: object) -> None:
        super().__init__(seed=seed)
        usual = {"graphql_windows": "", "graphql_duplicates": False}
        for name, value in {**usual, **settings}.items():
            self.world.set_setting(name, value)

    def ask(self, query: str, /, **variables: object) -> TestResponse:
        return self.client.post(
            "/graphql", json={"query": query, "variables": variables}, headers=HEADERS
        )

    def data(self, query: str, /, **variables: object) -> Shown:
        """`data` of an answer without errors."""
        answer = self.ask(query, **variables)
        assert answer.status_code == 200, answer.text
        assert answer.json is not None
        assert "errors" not in answer.json, answer.text
        found: Shown = answer.json["data"]
        return found

    def errors(self, query: str, /, **variables: object) -> list[str]:
        """The codes of an answer that is HTTP 200 and has errors."""
        answer = self.ask(query, **variables)
        assert answer.status_code == 200, answer.text
        assert answer.json is not None
        return [error["extensions"]["code"] for error in answer.json["errors"]]

    def create(self, /, *, channel: str = TWITTER, **sent: object) -> Shown:  # type: ignore[override]
        """Return the payload of createPost: addToQueue, unless `sent` says otherwise."""
        usual = {"schedulingType": "automatic", "mode": "addToQueue", "channelId": channel}
        found: Shown = self.data(CREATE, input={**usual, **sent})["createPost"]
        return found

    def made(self, text: str = "Hello", /, **sent: object) -> Shown:
        """The post that a createPost makes; it must succeed."""
        payload = self.create(**{"text": text, **sent})  # type: ignore[arg-type]
        assert payload["__typename"] == "PostActionSuccess", payload
        found: Shown = payload["post"]
        return found

    def edit(self, id_: str, /, **sent: object) -> Shown:
        """The payload of editPost."""
        found: Shown = self.data(EDIT, input={"id": id_, **sent})["editPost"]
        return found

    def changed(self, id_: str, /, **sent: object) -> Shown:
        """The post after an editPost, which must succeed."""
        payload = self.edit(id_, **sent)
        assert payload["__typename"] == "PostActionSuccess", payload
        found: Shown = payload["post"]
        return found

    def delete(self, id_: str) -> Shown:
        found: Shown = self.data(DELETE, input={"id": id_})["deletePost"]
        return found

    def move(self, id_: str, position: str) -> Shown:
        found: Shown = self.data(MOVE, input={"id": id_, "position": position})["movePostInQueue"]
        return found

    def show(self, id_: str) -> Shown:
        found: Shown = self.data(ONE, input={"id": id_})["post"]
        return found

    def page(
        self, /, *, first: int | None = None, after: str | None = None, **sent: object
    ) -> Shown:
        """One page of posts; `sent` are filters, and `sort`."""
        wanted: dict[str, object] = {"organizationId": ORGANIZATION, "filter": sent}
        if "sort" in sent:
            wanted["sort"] = sent.pop("sort")
        found: Shown = self.data(POSTS, input=wanted, first=first, after=after)["posts"]
        return found

    def listed(self, /, **sent: object) -> list[str]:
        """The texts of the posts that a filter lets through."""
        page = self.page(first=100, **sent)  # type: ignore[arg-type]
        return [edge["node"]["text"] for edge in page["edges"]]


def refused(payload: Shown) -> tuple[str, str]:
    """Type and message of a payload that must be a refusal."""
    assert "message" in payload, payload
    return payload["__typename"], payload["message"]


def words(payload: Shown) -> str:
    """The message of a payload that must be an InvalidInputError about a post."""
    kind, message = refused(payload)
    assert kind == "InvalidInputError"
    return message.removeprefix("Invalid post: ")
