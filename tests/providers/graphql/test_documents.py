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
    NamedTypeNode,
    Node,
    OperationDefinitionNode,
    SelectionSetNode,
    Source,
    TokenKind,
    Visitor,
    build_schema,
    parse,
    print_schema,
    validate,
    visit,
)

from plancast.providers.buffer_graphql import probe_queries, queries
from plancast.sandbox.graphql.schema import schema as schema_of_sandbox

ROOT = Path(__file__).resolve().parents[3]
SCHEMA = ROOT / "plancast/sandbox/graphql/schema.graphql"
"""Buffer's schema, with its origin and date. The sandbox serves this very file."""
DOCUMENTS = {
    name: text
    for name, text in {**vars(queries), **vars(probe_queries)}.items()
    if name.isupper() and not name.startswith("_") and isinstance(text, str) and "{" in text
} | {f"create_posts({count})": queries.create_posts(count) for count in (1, 2, 10)}


@cache
def schema() -> GraphQLSchema:
    return build_schema(SCHEMA.read_text(encoding="utf-8"))


def test_the_list_is_whole() -> None:
    assert {"HOME", "POSTS", "SENT", "CREATE_POST", "create_posts(10)"} <= set(DOCUMENTS)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_document_is_valid(name: str) -> None:
    found = validate(schema(), parse(DOCUMENTS[name]))
    assert [error.message for error in found] == []


def test_the_sandbox_serves_the_schema_that_the_documents_are_validated_against() -> None:
    assert list(ROOT.glob("plancast/**/*.graphql")) == [SCHEMA], "there is one copy"
    assert print_schema(schema_of_sandbox()) == print_schema(schema())


def test_the_schema_says_where_it_is_from_and_what_is_inferred() -> None:
    head, *lines = SCHEMA.read_text(encoding="utf-8").partition("\n\n")[::2]
    assert "October 2026" in head
    assert "Origin." in head
    marks = [line.partition("#")[2].strip() for line in lines[0].splitlines() if "#" in line]
    reasons = [mark.removeprefix("inferred: ") for mark in marks if mark.startswith("inferred: ")]
    assert reasons
    assert all(reasons)
    assert len(marks) - len(reasons) == 1, "@oneOf is the only other remark"


def test_no_document_relies_on_a_name_that_is_inferred() -> None:
    inferred = inferred_types()
    assert "TagsFilterInput" in inferred
    for name, text in DOCUMENTS.items():
        named = {node.name.value for node in nodes(parse(text)) if isinstance(node, NamedTypeNode)}
        assert not named & inferred, f"{name} would be refused if the guess is wrong"


@pytest.mark.parametrize("name", DOCUMENTS)
def test_no_document_relies_on_what_goes_with_the_classic_api(name: str) -> None:
    assert "RestProxyError" not in DOCUMENTS[name]


def test_validation_can_fail() -> None:
    found = validate(schema(), parse("{ account { nobody } }"))
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


def inferred_types() -> set[str]:
    """Return the types whose name is marked as inferred."""
    types = set()
    for line in SCHEMA.read_text(encoding="utf-8").splitlines():
        definition, _, mark = line.partition("  # inferred: ")
        words = definition.split()
        if mark == "the name" and words[0] in ("type", "input", "enum", "union", "scalar"):
            types.add(words[1])
    return types


def nodes(document: DocumentNode) -> list[Node]:
    found: list[Node] = []

    class Collector(Visitor):
        def enter(self, node: Node, *_: object) -> None:
            found.append(node)

    visit(document, Collector())
    return found


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
