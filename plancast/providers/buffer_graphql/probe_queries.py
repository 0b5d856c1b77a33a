"""The GraphQL documents of a probe, beside those in `queries`.

All are about experimental parts (docs/buffer/graphql.md#experimental-parts), so their variables are
single values, as in `queries`.
"""

from __future__ import annotations

QUERIES = ("contentItem", "contentItems", "configuration", "post", "posts", "tagsV2")
MUTATIONS = (
    "createContentItem",
    "createContentItemDraft",
    "createPost",
    "createTag",
    "deleteContentItem",
    "deletePost",
    "editPost",
    "promoteContentItemDraftToPosts",
)
"""The operations that plancast uses, or would use if they are offered."""

SENTINEL = "plancastAsksWhatExists"
"""A root field that no schema has: a document with it is refused before anything is executed."""

_ITEM = """{
    id
    createdAt
    body {
      __typename
      ... on DraftContent { text }
      ... on PostContent { posts { id channelId channelService text status dueAt createdAt } }
    }
  }"""

_FAILURE = "message errors { __typename ... on MutationError { message } }"

CREATE_ITEM_DRAFT = f"""
mutation CreateContentItemDraft($organization: OrganizationId!, $key: Uuid, $text: String!) {{
  createContentItemDraft(
    input: {{organizationId: $organization, correlationId: $key, draft: {{text: $text}}}}
  ) {{
    __typename
    ... on CreateContentItemDraftSuccess {{ contentItem {_ITEM} }}
    ... on CreateContentItemDraftFailure {{ {_FAILURE} }}
  }}
}}
"""

PROMOTE_ITEM = f"""
mutation PromoteContentItemDraft($id: ContentItemId!, $posts: [CreatePostInput!]!) {{
  promoteContentItemDraftToPosts(input: {{id: $id, posts: $posts}}) {{
    __typename
    ... on PromoteContentItemDraftToPostsSuccess {{ contentItem {_ITEM} }}
    ... on PromoteContentItemDraftToPostsFailure {{ {_FAILURE} }}
  }}
}}
"""

DELETE_ITEM = """
mutation DeleteContentItem($id: ContentItemId!) {
  deleteContentItem(input: {id: $id}) { __typename ... on MutationError { message } }
}
"""

ITEM = f"""
query ContentItem($id: ContentItemId!) {{ contentItem(input: {{id: $id}}) {_ITEM} }}
"""

ITEMS = f"""
query ContentItems($organization: OrganizationId!, $first: Int, $after: String) {{
  contentItems(
    input: {{organizationId: $organization, sort: [{{field: createdAt, direction: desc}}]}}
    first: $first
    after: $after
  ) {{
    edges {{ node {_ITEM} }}
    pageInfo {{ hasNextPage endCursor }}
  }}
}}
"""


def which_exist(kind: str, names: tuple[str, ...]) -> str:
    """Build a document that is sure to be refused, and whose errors show which names are unknown.

    Every server validates a document as a whole before it executes any of it, and SENTINEL makes
    each of these invalid, so it cannot have an effect.
    """
    fields = "".join(f"  {name} {{ __typename }}\n" for name in (SENTINEL, *names))
    return f"\n{kind} {{\n{fields}}}\n"
