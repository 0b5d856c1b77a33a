"""The documents are valid by every schema at hand, and within the limits of the service."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    Lexer,
    Node,
    OperationDefinitionNode,
    SelectionSetNode,
    Source,
    TokenKind,
    build_schema,
    parse,
    validate,
)

from plancast.providers.buffer_graphql import queries

ROOT = Path(__file__).resolve().parents[3]
SCHEMAS = {
    "published": ROOT.parent / "shared" / "facts" / "buffer-schema.graphql",
    "sandbox": ROOT / "plancast/sandbox/graphql/schema.graphql",
}
DOCUMENTS = {
    name: text
    for name, text in vars(queries).items()
    if name.isupper() and not name.startswith("_") and isinstance(text, str)
} | {f"create_posts({count})": queries.create_posts(count) for count in (1, 2, 10)}

NOT_PUBLISHED = {"CONFIGURATION", "CREATE_CONTENT_ITEM"}
"""Their answers are not in the part that was published first."""


@cache
def schema(name: str) -> GraphQLSchema:
    path = SCHEMAS[name]
    if not path.exists():
        pytest.skip(f"there is no {path.name} here")
    text = path.read_text(encoding="utf-8")
    # A word of the language that is younger than the library.
    younger = "" if "directive @oneOf" in text else "directive @oneOf on INPUT_OBJECT\n"
    return build_schema(younger + text)


def test_the_list_is_whole() -> None:
    assert {"HOME", "POSTS", "SENT", "CREATE_POST", "create_posts(10)"} <= set(DOCUMENTS)


@pytest.mark.parametrize(
    ("source", "name"),
    [
        (source, name)
        for source in SCHEMAS
        for name in DOCUMENTS
        if source != "published" or name not in NOT_PUBLISHED
    ],
)
def test_every_document_is_valid(source: str, name: str) -> None:
    found = validate(schema(source), parse(DOCUMENTS[name]))
    assert [error.message for error in found] == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_no_document_relies_on_what_goes_with_the_classic_api(name: str) -> None:
    assert "RestProxyError" not in DOCUMENTS[name]


def test_validation_can_fail() -> None:
    found = validate(schema("published"), parse("{ account { nobody } }"))
    assert len(found) == 1


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_document_is_within_the_limits(name: str) -> None:
    document = parse(DOCUMENTS[name])
    assert tokens(DOCUMENTS[name]) < 15_000 / 5
    assert deepest(document) <= 25 / 2
    assert cost(document) < 175_000 / 2
    assert aliases(document) <= queries.MOST_ALIASES


@pytest.mark.parametrize("count", [-1, 0, 11])
def test_there_is_no_document_for_so_many(count: int) -> None:
    with pytest.raises(ValueError, match="1 to 10"):
        queries.create_posts(count)


def tokens(text: str) -> int:
    lexer = Lexer(Source(text))
    count = 0
    while lexer.advance().kind is not TokenKind.EOF:
        count += 1
    return count


def operation(document: DocumentNode) -> OperationDefinitionNode:
    (found,) = (item for item in document.definitions if isinstance(item, OperationDefinitionNode))
    return found


def selected(document: DocumentNode, node: Node) -> tuple[Node, ...]:
    """Return the selections below a node; a fragment stands for what it holds."""
    if isinstance(node, FragmentSpreadNode):
        (node,) = (
            item
            for item in document.definitions
            if isinstance(item, FragmentDefinitionNode) and item.name.value == node.name.value
        )
    inner = getattr(node, "selection_set", None)
    return tuple(inner.selections) if isinstance(inner, SelectionSetNode) else ()


def deepest(document: DocumentNode, node: Node | None = None) -> int:
    node = node or operation(document)
    below = max((deepest(document, item) for item in selected(document, node)), default=0)
    return below + isinstance(node, FieldNode)


def cost(document: DocumentNode, node: Node | None = None) -> float:
    """1 for a scalar, 2 for an object, 1.5 times what is below it; fragments are a level too."""
    node = node or operation(document)
    inner = selected(document, node)
    return 2 + 1.5 * sum(cost(document, item) for item in inner) if inner else 1


def aliases(document: DocumentNode) -> int:
    return sum(
        isinstance(item, FieldNode) and item.alias is not None
        for item in operation(document).selection_set.selections
    )
