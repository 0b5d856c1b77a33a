"""Every valid document is answered, and never by an accident of the sandbox."""

from __future__ import annotations

from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLUnionType,
    get_named_type,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from plancast.sandbox.graphql.paging import cursor
from plancast.sandbox.graphql.schema import schema
from tests.robustness.mutation import examples
from tests.sandbox.graphql_client import (
    EVERYBODY,
    GOOGLE,
    ORGANIZATION,
    PINTEREST,
    POST,
    TIKTOK,
    UNKNOWN,
    YOUTUBE,
    GraphqlClient,
)
from tests.sandbox.sandbox_client import BLUESKY, FACEBOOK, INSTAGRAM, LINKEDIN, TWITTER

CODES = {"NOT_FOUND", "BAD_USER_INPUT", "UNEXPECTED"}
SERVED = {
    "query": [
        *("account", "channel", "channels", "contentItem", "contentItems", "dailyPostingLimits"),
        *("configuration", "post", "posts", "tag", "tagsV2"),
    ],
    "mutation": [
        *("createContentItem", "createPost", "createTag", "deletePost", "editPost"),
        *("createContentItemDraft", "promoteContentItemDraftToPosts", "deleteContentItem"),
        *("addPostToContentItem", "removePostFromContentItem"),
        *("updateContentItem", "updateContentItemDraft"),
        *("movePostInQueue", "createPost", "editPost"),
    ],
}
MADE = "6b03e4705a4db0c500000001"
SCALARS: dict[str, st.SearchStrategy[Any]] = {
    "Boolean": st.booleans(),
    "Int": st.integers(-2, 120),
    "Float": st.floats(-1e6, 1e6),
    "DateTime": st.sampled_from(
        [
            "2026-12-01T09:30:00Z",
            "2026-11-01T09:30:00+02:00",
            "2026-11-23T07:00:00.000Z",
            "9998-01-01",
        ]
    ),
    "OrganizationId": st.sampled_from([ORGANIZATION] * 5 + [UNKNOWN]),
    "ChannelId": st.sampled_from(
        [TWITTER, FACEBOOK, LINKEDIN, INSTAGRAM, BLUESKY, GOOGLE, PINTEREST, YOUTUBE, TIKTOK]
    ),
    "PostId": st.sampled_from([MADE] * 3 + [UNKNOWN]),
    "TagId": st.sampled_from(["1" * 24, UNKNOWN]),
    "Uuid": st.sampled_from(["0b6c9d52-6a0f-5c61-9d5e-6d1c4a1f2b3c", "0" * 32]),
}
WORDS = st.one_of(
    st.sampled_from(["Hello", "https://acme.example/b.png"]),
    st.sampled_from(["", "Hello", "77", "22", "#1A2B3C", "https://acme.example/a.png", "http://["]),
    st.sampled_from([cursor(MADE), "x" * 300, "\ud800", "\0", "😀"]),
    st.text(max_size=8),
)


def value(type_: GraphQLInputType, depth: int = 0) -> st.SearchStrategy[Any]:
    """Values of an input type; the deeper, the emptier."""
    if isinstance(type_, GraphQLNonNull):
        return value(type_.of_type, depth)
    if isinstance(type_, GraphQLList):
        return st.lists(value(type_.of_type, depth + 1), max_size=2)
    if isinstance(type_, GraphQLEnumType):
        return st.sampled_from(sorted(type_.values))
    if isinstance(type_, GraphQLInputObjectType):
        needed, other = {}, {}
        for name, field in type_.fields.items():
            is_needed = isinstance(field.type, GraphQLNonNull)
            if is_needed:
                needed[name] = value(field.type, depth + 1)
            elif depth < 5:
                other[name] = st.none() | value(field.type, depth + 1)
        return st.fixed_dictionaries(needed, optional=other)
    return SCALARS.get(getattr(type_, "name", ""), WORDS)


@st.composite
def requests(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """A document with one to three root fields, and its variables."""
    known = schema()
    kind = draw(st.sampled_from(["query", "mutation", "mutation"]))
    root = known.query_type if kind == "query" else known.mutation_type
    assert root is not None
    variables: dict[str, Any] = {}
    declared, fields = [], []
    for number in range(draw(st.integers(1, 3))):
        name = draw(st.sampled_from(SERVED[kind] * 3 + sorted(root.fields)))
        field = root.fields[name]
        arguments = []
        for argument, type_ in field.args.items():
            if isinstance(type_.type, GraphQLNonNull) or draw(st.booleans()):
                variable = f"{argument}{number}"
                declared.append(f"${variable}: {type_.type}")
                arguments.append(f"{argument}: ${variable}")
                variables[variable] = draw(value(type_.type))
        called = f"({', '.join(arguments)})" if arguments else ""
        fields.append(f"f{number}: {name}{called} {selection(field.type)}")
    head = f"({', '.join(declared)})" if declared else ""
    return f"{kind}{head} {{ {' '.join(fields)} }}", variables


def selection(type_: GraphQLOutputType, depth: int = 0) -> str:
    """Everything that can be asked of a type without an argument, down to a depth."""
    named = get_named_type(type_)
    if named.name == "Post":
        return f"{{ {POST} channel {{ id }} }}"
    if isinstance(named, GraphQLUnionType):
        parts = [f"... on {t.name} {selection(t, depth)}" for t in named.types]
        return f"{{ __typename {' '.join(parts) if depth < 3 else ''} }}"
    if isinstance(named, GraphQLObjectType | GraphQLInterfaceType):
        inside = [
            f"{name} {selection(field.type, depth + 1)}"
            for name, field in named.fields.items()
            if depth < 3 and not field.args
        ]
        return f"{{ __typename {' '.join(inside)} }}"
    return ""


@settings(max_examples=examples(30))
@given(request=requests(), mode=st.sampled_from(["replace", "patch"]), draft=st.booleans())
def test_every_valid_document_is_answered(
    request: tuple[str, dict[str, Any]], mode: str, draft: bool
) -> None:
    tags = [{"name": "x", "id": "1" * 24}]
    sandbox = GraphqlClient(seed={**EVERYBODY, "tags": tags}, edit_mode=mode)
    assert sandbox.made("Hello", saveToDraft=draft)["id"] == MADE
    answer = sandbox.ask(request[0], **request[1])
    body = answer.json
    assert body is not None
    assert answer.status_code == 200, answer.text
    assert {error["extensions"]["code"] for error in body.get("errors", [])} <= CODES
    sandbox.page(first=100)  # whatever was made, can be shown
    assert sandbox.get("profiles.json").status_code == 200
    sandbox.world.close()
