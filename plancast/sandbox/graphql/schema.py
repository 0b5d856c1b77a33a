"""Documents: parsed, compared with the limits, validated against the SDL, and named.

The result depends on the text alone, so it is cached by text. The limits are Buffer's
(docs/buffer/graphql.md#query-limits); the cost of a query is not counted.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, TypeAlias
from uuid import UUID

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLResolveInfo,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLSyntaxError,
    InlineFragmentNode,
    Node,
    OperationDefinitionNode,
    SelectionSetNode,
    Visitor,
    build_schema,
    get_operation_ast,
    is_specified_scalar_type,
    parse,
    validate,
    visit,
)

ALIASES, DEPTH, DIRECTIVES, TOKENS = 30, 25, 50, 15_000
INVALID = "invalid"

#: The years in which a post can have its time: no offset leads from them out of the calendar.
_YEARS = range(1971, 9999)

#: graphql-core reads the first name in 3.2 and the second since 3.3. Both are set, so one code
#: serves both; the name that a release does not know is ignored by it.
_INPUT = ("parse_value", "coerce_input_value")
_OUTPUT = ("serialize", "coerce_output_value")

#: The first argument of a resolver. A text, since the class is generic from graphql-core 3.3 on.
Info: TypeAlias = "GraphQLResolveInfo[Any]"


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document that can be executed, or else its mistakes: `errors` as they are answered."""

    document: DocumentNode | None
    errors: tuple[dict[str, Any], ...] = ()


_TOO_DEEP = Prepared(None, ({"message": f"The document is deeper than {DEPTH}."},))


@cache
def schema() -> GraphQLSchema:
    """Return the schema of the package, with scalars that check their values."""
    text = files("plancast.sandbox.graphql").joinpath("schema.graphql").read_text("utf-8")
    built = build_schema(text)
    for type_ in built.type_map.values():
        if isinstance(type_, GraphQLScalarType) and not is_specified_scalar_type(type_):
            _set(type_, _INPUT, _READERS.get(type_.name, _word))
            _set(type_, _OUTPUT, stamp if type_.name == "DateTime" else str)
    # With this a fault can answer a status that is not in the schema, as a later Buffer might.
    _set(built.type_map["PostStatus"], _OUTPUT, str)
    return built


def _set(type_: object, names: tuple[str, ...], function: object) -> None:
    for name in names:
        setattr(type_, name, function)


def _word(value: object) -> str:
    if not isinstance(value, str):
        raise GraphQLError("A text is needed.")
    return value


def _moment(value: object) -> float:
    """Return an ISO 8601 time as Unix seconds; it is in UTC if it has no offset.

    Raises GraphQLError.
    """
    try:
        moment = datetime.fromisoformat(str(value) if isinstance(value, str) else "")
    except ValueError:
        raise GraphQLError(f"DateTime cannot represent {value!r}.") from None
    if moment.year not in _YEARS:
        raise GraphQLError(f"DateTime cannot represent the year {moment.year}.")
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _uuid(value: object) -> str:
    """Return a UUID in the one form in which UUIDs are compared. Raises GraphQLError."""
    try:
        return str(UUID(_word(value)))
    except ValueError:
        raise GraphQLError(f"Uuid cannot represent {value!r}.") from None


_READERS: Mapping[str, Callable[[object], object]] = {"DateTime": _moment, "Uuid": _uuid}


def stamp(value: float) -> str:
    """Return Unix seconds as the API writes them: UTC with milliseconds."""
    shown = datetime.fromtimestamp(value, UTC).isoformat(timespec="milliseconds")
    return shown.replace("+00:00", "Z")


@lru_cache(maxsize=256)
def prepared(text: str) -> Prepared:
    """Return a document that is ready, or the reasons why it is refused."""
    try:
        document = parse(text, max_tokens=TOKENS)
        beyond = _beyond(document)
        if beyond:
            return Prepared(None, ({"message": beyond},))
        errors = validate(schema(), document)
    except GraphQLSyntaxError as error:
        return _unparsed(error)
    except RecursionError:
        return _TOO_DEEP
    if errors:
        return Prepared(None, refusals(errors, "GRAPHQL_VALIDATION_FAILED"))
    return Prepared(document)


def _unparsed(error: GraphQLSyntaxError) -> Prepared:
    """Return the refusal of a document that the parser refused."""
    if "tokens" in error.message:
        return Prepared(None, ({"message": f"The document has more than {TOKENS} tokens."},))
    if "nested too deeply" in error.message:  # graphql-core 3.3; until then a RecursionError
        return _TOO_DEEP
    return Prepared(None, refusals([error], "GRAPHQL_PARSE_FAILED"))


def refusals(errors: Iterable[GraphQLError], code: str) -> tuple[dict[str, Any], ...]:
    """Return errors of a document or its variables as a 400 shows them."""
    return tuple(
        {
            "message": error.message,
            "locations": [place.formatted for place in error.locations or ()],
            "extensions": {"code": code},
        }
        for error in errors
    )


def hidden(text: str, names: Iterable[str]) -> tuple[dict[str, Any], ...]:
    """Return the errors of a document that asks for some of these root fields, and its others.

    They are as if the schema did not have the fields. Empty if it asks for none of them.
    """
    missing = frozenset(names)
    found: list[GraphQLError] = []
    try:
        document = parse(text, max_tokens=TOKENS)
        for node in document.definitions:
            if isinstance(node, OperationDefinitionNode):
                kind = node.operation.value.capitalize()
                asked = missing.intersection(_roots(node.selection_set, _fragments(document)))
                words = (f"Cannot query field '{name}' on type '{kind}'." for name in sorted(asked))
                found.extend(map(GraphQLError, words))
    except (GraphQLSyntaxError, KeyError, RecursionError):
        return ()  # it is refused for another reason, such as a fragment that it does not have
    if not found:
        return ()
    return (*refusals(found, "GRAPHQL_VALIDATION_FAILED"), *prepared(text).errors)


class _Counter(Visitor):
    """A visitor that counts aliases and directives."""

    def __init__(self) -> None:
        super().__init__()
        self.aliases = 0
        self.directives = 0

    def enter_field(self, node: FieldNode, *_: object) -> None:
        self.aliases += node.alias is not None

    def enter_directive(self, *_: object) -> None:
        self.directives += 1


def _beyond(document: DocumentNode) -> str:
    """Return which limit a document exceeds, in words; "" if it exceeds none."""
    counter = _Counter()
    visit(document, counter)
    if counter.aliases > ALIASES:
        return f"The document has {counter.aliases} aliases; {ALIASES} are allowed."
    if counter.directives > DIRECTIVES:
        return f"The document has {counter.directives} directives; {DIRECTIVES} are allowed."
    depth = _depth(document)
    return f"The document is {depth} deep; {DEPTH} is allowed." if depth > DEPTH else ""


def _depth(document: DocumentNode) -> int:
    """Return the deepest nesting of fields.

    A fragment that spreads itself is left to validation.
    """
    fragments = _fragments(document)
    known: dict[str, int] = {}

    def inside(selected: SelectionSetNode | None) -> int:
        return max((of(node) for node in selected.selections), default=0) if selected else 0

    def of(node: Node) -> int:
        if isinstance(node, FragmentSpreadNode):
            name = node.name.value
            if name not in known:
                # Set before descending, so that a fragment which spreads itself ends the recursion.
                known[name] = 0
                fragment = fragments.get(name)
                known[name] = inside(fragment.selection_set) if fragment else 0
            return known[name]
        below = inside(getattr(node, "selection_set", None))
        return below + 1 if isinstance(node, FieldNode) else below

    return max((of(node) for node in document.definitions), default=0)


def _fragments(document: DocumentNode) -> dict[str, FragmentDefinitionNode]:
    """Return the fragments of a document by name."""
    return {
        node.name.value: node
        for node in document.definitions
        if isinstance(node, FragmentDefinitionNode)
    }


def name_of(document: DocumentNode | None, operation: str | None) -> tuple[str, tuple[str, ...]]:
    """Return the name of a request, as in "mutation createPost*3", and that of each root field."""
    operation_node = get_operation_ast(document, operation) if document else None
    if document is None or operation_node is None:
        return INVALID, ()
    fields = Counter(_roots(operation_node.selection_set, _fragments(document)))
    kind = operation_node.operation.value
    parts = [name if count == 1 else f"{name}*{count}" for name, count in sorted(fields.items())]
    return f"{kind} {'+'.join(parts)}", tuple(f"{kind} {name}" for name in sorted(fields))


def _roots(
    selected: SelectionSetNode, fragments: dict[str, FragmentDefinitionNode]
) -> Iterator[str]:
    """Yield the names of the root fields, in fragments as well."""
    for node in selected.selections:
        if isinstance(node, FieldNode):
            yield node.name.value
        elif isinstance(node, InlineFragmentNode):
            yield from _roots(node.selection_set, fragments)
        elif isinstance(node, FragmentSpreadNode):
            yield from _roots(fragments[node.name.value].selection_set, fragments)


_OBJECT_ID = re.compile("[0-9a-f]{24}")
_OTHER_MACHINE = 0xF0E1D2C3B4_000000


def other_id(value: str) -> str:
    """Return the other API's id of a profile or a post.

    It is unique, and turning it again undoes it.
    """
    if not _OBJECT_ID.fullmatch(value):
        return value
    return f"{int(value, 16) ^ _OTHER_MACHINE:024x}"
