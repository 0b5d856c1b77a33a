"""The inputs that are sent fit the schema, and each input field of a post is sent or explained."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from graphql import (
    GraphQLInputObjectType,
    GraphQLSchema,
    build_schema,
    get_named_type,
    graphql_sync,
    parse,
    validate,
)
from graphql.validation import NoDeprecatedCustomRule

from plancast.model.entry import Entry, Image, Link, Stage, ThreadItem, Video
from plancast.model.profile import Profile
from plancast.networks.registry import NETWORKS
from plancast.providers.buffer_graphql.build_input import create_input, edit_input
from plancast.providers.buffer_graphql.wire_networks import ROWS
from tests.providers.graphql.test_documents import DOCUMENTS, ROOT, SCHEMA
from tests.providers.graphql.test_networks import with_all_settings
from tests.providers.provider_setup import DUE, PICTURE, URL

PAGE = "docs/buffer/graphql.md"
CARD = Link(URL, "A title", "Some words", PICTURE)
SPAN = (("end", "2026-12-02T18:00:00Z"), ("start", "2026-12-02T10:00:00Z"), ("title", "Come"))


@cache
def schema() -> GraphQLSchema:
    return build_schema(SCHEMA.read_text(encoding="utf-8"))


def entries(name: str) -> Iterator[Entry]:
    """Yield entries for a network that say all that a post file can say for it."""
    network = NETWORKS[name]
    whole = replace(with_all_settings(network), tags=("a",))
    yield whole
    yield replace(whole, images=(), link=CARD)
    yield replace(whole, images=(), video=Video("https://acme.example/a.mp4", "A film", 1500))
    yield replace(whole, due_at=None, stage=Stage.NEEDS_APPROVAL, images=(Image(PICTURE, "Alt"),))
    yield Entry("One.", DUE)
    if network.first_comment is not None:
        yield replace(whole, first_comment="First.")
    if network.threads:
        parts = (ThreadItem("Two.", (), CARD), ThreadItem("Three.", (Image(PICTURE),)))
        yield Entry("One.", DUE, thread=parts)
    for setting in network.settings:
        for choice in setting.choices if setting.name == "type" else ():
            own = (*SPAN, ("type", choice)) if setting.name == "type" else ()
            yield Entry("One.", DUE, metadata=own if name == "googlebusiness" else own[3:])
        if setting.name == "ai_generated":
            yield Entry("One.", DUE, metadata=(("ai_generated", True),))


def inputs(name: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield what is sent for a network: creates, and edits from each entry to each other one."""
    owner = Profile("c", name)
    known = tuple(entries(name))
    for entry in known:
        yield "CreatePostInput", create_input(entry, owner, ["t"])
        for before in known:
            yield "EditPostInput", edit_input("u", entry, before, owner, ["t"])


MUTATIONS = {"CreatePostInput": "createPost", "EditPostInput": "editPost"}


def refusals(kind: str, sent: Mapping[str, Any]) -> list[str]:
    """Return why a server that has the schema refuses an input."""
    name = MUTATIONS[kind]
    document = f"mutation($input: {kind}!) {{ {name}(input: $input) {{ __typename }} }}"
    root = {name: {"__typename": "NotFoundError"}}
    done = graphql_sync(schema(), document, root, variable_values={"input": sent})
    return [error.message for error in done.errors or ()]


@pytest.mark.parametrize("name", ROWS)
def test_every_input_fits_the_schema(name: str) -> None:
    assert [refusal for kind, sent in inputs(name) for refusal in refusals(kind, sent)] == []


def test_an_input_that_does_not_fit_is_found() -> None:
    sent = create_input(Entry("One.", DUE, metadata=(("retweet", "20"),)), Profile("c", "twitter"))
    assert refusals("CreatePostInput", sent) == []
    sent["metadata"]["twitter"]["retweet"] = {"id": None, "comment": "One."}
    (found,) = refusals("CreatePostInput", sent)
    assert "id" in found


@pytest.mark.parametrize("name", DOCUMENTS)
def test_no_document_asks_for_what_is_deprecated(name: str) -> None:
    """`linkAttachment` of a part of a thread goes on 2026-12-15."""
    found = validate(schema(), parse(DOCUMENTS[name]), [NoDeprecatedCustomRule])
    assert [error.message for error in found] == []


# -- what is not sent ---------------------------------------------------------------------------

NOT_SENT: Mapping[str, str] = {
    "CreatePostInput.aiAssisted": "`aiAssisted`",
    "CreatePostInput.draftId": "`draftId`",
    "CreatePostInput.ideaId": "`ideaId`",
    "CreatePostInput.source": "`source`",
    "AssetInput.document": "`document`",
    "DocumentAssetInput.thumbnailUrl": "`document`",
    "DocumentAssetInput.title": "`document`",
    "DocumentAssetInput.url": "`document`",
    "AssetInput.link": "`linkAttachment`",
    "LinkAssetInput.description": "`linkAttachment`",
    "LinkAssetInput.thumbnailUrl": "`linkAttachment`",
    "LinkAssetInput.title": "`linkAttachment`",
    "LinkAssetInput.url": "`linkAttachment`",
    "ImageAssetInput.thumbnailUrl": "`thumbnailUrl`",
    "ImageMetadataInput.animatedThumbnail": "`animatedThumbnail`",
    "ImageMetadataInput.dimensions": "`dimensions`",
    "ImageDimensionsInput.height": "`dimensions`",
    "ImageDimensionsInput.width": "`dimensions`",
    "ImageMetadataInput.userTags": "`userTags`",
    "UserTagInput.handle": "`userTags`",
    "UserTagInput.x": "`userTags`",
    "UserTagInput.y": "`userTags`",
    "VideoAssetInput.thumbnailUrl": "`thumbnailUrl`",
    "FacebookPostMetadataInput.annotations": "`annotations`",
    "LinkedInPostMetadataInput.annotations": "`annotations`",
    **{
        f"AnnotationInputFacebook.{name}": "`annotations`"
        for name in ("content", "indices", "text", "url")
    },
    **{
        f"AnnotationInputLinkedIn.{name}": "`annotations`"
        for name in (
            *("id", "entity", "length", "link"),
            *("localizedName", "start", "vanityName"),
        )
    },
    "InstagramPostMetadataInput.stickerFields": "`instagram.stickerFields`",
    **{
        f"InstagramStickerFieldsInput.{name}": "`instagram.stickerFields`"
        for name in ("music", "other", "products", "text", "topics")
    },
    "ThreadsPostMetadataInput.type": "`threads.type`",
}
"""Input fields of a post that plancast never sends, by the word that explains it on PAGE."""


def fields_of(kind: GraphQLInputObjectType, seen: set[str]) -> Iterator[str]:
    """Yield the names of all input fields at or below a type, each once."""
    if kind.name in seen:
        return
    seen.add(kind.name)
    for name, one in kind.fields.items():
        yield f"{kind.name}.{name}"
        inner = get_named_type(one.type)
        if isinstance(inner, GraphQLInputObjectType):
            yield from fields_of(inner, seen)


def fields_sent(kind: GraphQLInputObjectType, sent: Any) -> Iterator[str]:
    """Yield the names of the input fields that an input has a value for."""
    for item in sent if isinstance(sent, list) else [sent]:
        for name, value in item.items() if item is not None else ():
            yield f"{kind.name}.{name}"
            inner = get_named_type(kind.fields[name].type)
            if isinstance(inner, GraphQLInputObjectType) and value is not None:
                yield from fields_sent(inner, value)


def test_each_input_field_of_a_post_is_sent_or_explained() -> None:
    root = schema().type_map["CreatePostInput"]
    assert isinstance(root, GraphQLInputObjectType)
    every = set(fields_of(root, set()))
    sent: set[str] = set()
    for name in ROWS:
        for kind, given in inputs(name):
            if kind == root.name:
                sent |= set(fields_sent(root, given))
    assert every - sent == set(NOT_SENT)
    page = (ROOT / PAGE).read_text(encoding="utf-8")
    section = page.partition("## What plancast does not send")[2].partition("\n## ")[0]
    assert {word for word in NOT_SENT.values() if word not in section} == set()
