"""The GraphQL documents that are sent, as text. They hold no values: those travel as variables.

A server refuses a whole document for one name that it does not know. So the documents that every
run needs have only names of the stable part of the schema (but for `_ITEM_LINKS`), and none that is
to go: the numbers of a RestProxyError leave with the classic API
(docs/buffer/graphql.md#errors-in-three-layers). If experimental parts are asked for
(docs/buffer/graphql.md#experimental-parts), a refusal costs just these. For their inputs the
variables are single values: their fields are known, but the names of some of their types only by
inference.

Buffer limits a document to a depth of 25, 15,000 tokens, 30 aliases and a cost of 175,000, with 1
for a scalar, 2 for an object and 1.5 for each level (docs/buffer/graphql.md#query-limits); a test
keeps all of them within.
"""

from __future__ import annotations

from functools import cache

from plancast.networks.registry import NETWORKS
from plancast.providers.buffer_graphql.wire_networks import ROWS, WireNetwork

MOST_ALIASES = 10
"""Creates in one document (docs/buffer/graphql.md#several-creates-in-one-document)."""


def without_item_links(document: str) -> str:
    """Return a document that does not ask for the links of the posts of a thread."""
    return document.replace(_ITEM_LINKS, "")


_CHANNEL = """
fragment ChannelFields on Channel {
  id
  organizationId
  service
  serviceId
  type
  name
  displayName
  timezone
  isDisconnected
  isLocked
  isQueuePaused
  linkShortening { isEnabled config { domain } }
  metadata {
    __typename
    ... on PinterestMetadata { boards { serviceId name } }
    ... on MastodonMetadata { maxCharacters }
    ... on TwitterMetadata { subscriptionType }
    ... on InstagramMetadata { defaultToReminders }
    ... on TiktokMetadata { defaultToReminders }
    ... on YoutubeMetadata { defaultToReminders }
  }
}
"""

_ACCOUNT = """
fragment AccountFields on Account {
  id
  email
  name
  timezone
  organizations { id name limits { channels scheduledPosts scheduledThreadsPerChannel tags } }
}
"""

_ASSETS = """assets {
    __typename
    type
    source
    ... on ImageAsset { image { altText } }
    ... on VideoAsset { video { title thumbnailOffset } }
  }"""

_LINK = "linkAttachment { url title text thumbnail }"


_ITEM_LINKS = f"metadata {{ bluesky {{ {_LINK} }} threads {{ {_LINK} }} }}"
"""The link cards of the posts of a thread (docs/buffer/graphql.md#creating-posts). That they have
these names is inferred, so the client can do without them."""


def _fields(name: str, row: WireNetwork) -> str:
    """Return the fields of a network's own metadata that are read."""
    network = NETWORKS.get(name)
    comment = "firstComment" if network and network.first_comment is not None else ""
    card = _LINK if network and network.links.cards else ""
    return " ".join(part for part in (comment, row.fields, card) if part)


_OWN = "\n".join(
    f"  ... on {row.typename} {{ {fields} }}"
    for name, row in ROWS.items()
    if (fields := _fields(name, row))
)

_METADATA = f"""
fragment MetadataFields on PostMetadata {{
  __typename
  ... on CommonPostMetadata {{ type }}
  ... on ThreadedPostMetadata {{ thread {{ text {_ASSETS} {_ITEM_LINKS} }} }}
{_OWN}
}}
"""

_POST = f"""
fragment PostFields on Post {{
  id
  channelId
  channelService
  text
  status
  via
  dueAt
  sentAt
  createdAt
  schedulingType
  shareMode
  isCustomScheduled
  externalLink
  error {{ message rawError }}
  tags {{ id name }}
  {_ASSETS}
  metadata {{ ...MetadataFields }}
}}
{_METADATA}"""

_ACTION = """{
    __typename
    ... on PostActionSuccess { post { ...PostFields } }
    ... on MutationError { message }
  }"""

ACCOUNT = f"query Account {{ account {{ ...AccountFields }} }}\n{_ACCOUNT}"

HOME = f"""
query Home($channels: ChannelsInput!) {{
  account {{ ...AccountFields }}
  channels(input: $channels) {{ ...ChannelFields }}
}}
{_ACCOUNT}{_CHANNEL}"""
"""Account and channels in one request, if the organization is known."""

CHANNELS = f"""
query Channels($channels: ChannelsInput!) {{
  channels(input: $channels) {{ ...ChannelFields }}
}}
{_CHANNEL}"""

CHANNEL = f"""
query Channel($input: ChannelInput!) {{ channel(input: $input) {{ ...ChannelFields }} }}
{_CHANNEL}"""

_PAGE = "pageInfo { hasNextPage endCursor }"

POSTS = f"""
query Posts($input: PostsInput!, $first: Int, $after: String) {{
  posts(input: $input, first: $first, after: $after) {{
    edges {{ cursor node {{ ...PostFields }} }}
    {_PAGE}
  }}
}}
{_POST}"""

SENT = f"""
query Sent($input: PostsInput!, $first: Int, $after: String) {{
  posts(input: $input, first: $first, after: $after) {{
    edges {{ cursor node {{ ...PostFields metrics {{ type name value }} }} }}
    {_PAGE}
  }}
}}
{_POST}"""

POST = f"query Post($input: PostInput!) {{ post(input: $input) {{ ...PostFields }} }}\n{_POST}"

TAGS = f"""
query Tags($organization: OrganizationId!, $first: Int, $after: String) {{
  tagsV2(input: {{organizationId: $organization}}, first: $first, after: $after) {{
    edges {{ node {{ id name isLocked }} }}
    {_PAGE}
  }}
}}
"""
"""Experimental."""

CONFIGURATION = """
query Configuration($organization: OrganizationId!) {
  configuration(input: {organizationId: $organization}) {
    services { service content { rules { __typename ... on LengthRule { property maxLength } } } }
  }
}
"""
"""Experimental: Buffer's own rules, of which only lengths are read."""

CREATE_TAG = """
mutation CreateTag($organization: OrganizationId!, $name: String!, $color: String!) {
  createTag(input: {organizationId: $organization, tag: {name: $name, color: $color}}) {
    __typename
    ... on TagActionSuccess { tag { id name isLocked } }
    ... on MutationError { message }
  }
}
"""
"""Experimental."""

CREATE_POST = f"""
mutation CreatePost($input: CreatePostInput!) {{ createPost(input: $input) {_ACTION} }}
{_POST}"""

EDIT_POST = f"""
mutation EditPost($input: EditPostInput!) {{ editPost(input: $input) {_ACTION} }}
{_POST}"""

DELETE_POST = """
mutation DeletePost($input: DeletePostInput!) {
  deletePost(input: $input) {
    __typename
    ... on DeletePostSuccess { id }
    ... on MutationError { message }
  }
}
"""

CREATE_CONTENT_ITEM = f"""
mutation CreateContentItem($organization: OrganizationId!, $posts: [CreatePostInput!]!) {{
  createContentItem(input: {{organizationId: $organization, posts: $posts}}) {{
    __typename
    ... on CreateContentItemSuccess {{
      content {{ id body {{ ... on PostContent {{ posts {{ ...PostFields }} }} }} }}
    }}
    ... on CreateContentItemFailure {{
      message
      errors {{
        __typename
        ... on MutationError {{ message }}
        ... on CreateContentItemVariantInvalidInputError {{ channelId }}
        ... on CreateContentItemVariantLimitReachedError {{ channelId }}
        ... on CreateContentItemVariantNotFoundError {{ channelId }}
      }}
    }}
  }}
}}
{_POST}"""
"""Experimental (docs/buffer/graphql.md#experimental-parts). The errors of a failure are for the
message alone: they do not show which posts were made."""


_ITEM = """{
    id
    title
    body { __typename ... on PostContent { posts { ...PostFields } } }
  }"""

ITEM = f"""
query ContentItem($input: ContentItemInput!) {{ contentItem(input: $input) {_ITEM} }}
{_POST}"""
"""Experimental, as all documents about content items."""

ITEM_DRAFTS = f"""
query ContentItems($organization: OrganizationId!, $first: Int, $after: String) {{
  contentItems(
    input: {{
      organizationId: $organization
      filter: {{contentStatus: draftContent}}
      sort: [{{field: createdAt, direction: desc}}]
    }}
    first: $first
    after: $after
  ) {{
    edges {{ node {{ id title createdAt body {{ __typename }} }} }}
    {_PAGE}
  }}
}}
"""

CREATE_ITEM_DRAFT = f"""
mutation CreateItemDraft($input: CreateContentItemDraftInput!) {{
  createContentItemDraft(input: $input) {{
    __typename
    ... on CreateContentItemDraftSuccess {{ contentItem {_ITEM} }}
    ... on CreateContentItemDraftFailure {{
      message
      errors {{ __typename ... on MutationError {{ message }} }}
    }}
  }}
}}
{_POST}"""

PROMOTE_ITEM = f"""
mutation PromoteItem($input: PromoteContentItemDraftToPostsInput!) {{
  promoteContentItemDraftToPosts(input: $input) {{
    __typename
    ... on PromoteContentItemDraftToPostsSuccess {{ contentItem {_ITEM} }}
    ... on PromoteContentItemDraftToPostsFailure {{
      message
      errors {{
        __typename
        ... on MutationError {{ message }}
        ... on PostInvalidInputError {{ channelId }}
        ... on PostLimitReachedError {{ channelId }}
        ... on PostChannelNotFoundError {{ channelId }}
      }}
    }}
  }}
}}
{_POST}"""

DELETE_ITEM = """
mutation DeleteItem($input: DeleteContentItemInput!) {
  deleteContentItem(input: $input) {
    __typename
    ... on DeleteContentItemFailure { message errors { channelId message } }
  }
}
"""


@cache
def create_posts(count: int) -> str:
    """Build a document of `count` creates, named p0, p1 and so on, with variables i0, i1 and so on.

    Raises ValueError unless `count` is 1 to MOST_ALIASES.
    """
    if not 1 <= count <= MOST_ALIASES:
        raise ValueError(f"1 to {MOST_ALIASES} creates, not {count}")
    head = ", ".join(f"$i{index}: CreatePostInput!" for index in range(count))
    calls = "\n".join(
        f"  p{index}: createPost(input: $i{index}) {_ACTION}" for index in range(count)
    )
    return f"\nmutation CreatePosts({head}) {{\n{calls}\n}}\n{_POST}"
