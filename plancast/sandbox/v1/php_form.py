"""Request parameters as PHP reads them: brackets make arrays, words make booleans.

`a[b][]=1&a[b][]=2` is `{"a": {"b": {"0": "1", "1": "2"}}}`: a list is a mapping with numbers for
keys, in the order of arrival, because clients number their brackets or leave them empty and PHP
accepts both. A repeated plain name keeps its last value.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from urllib.parse import parse_qsl

from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import FormDataParser

from plancast.sandbox.v1.errors import ApiError, GateError

Tree = dict[str, "str | Tree"]
Pairs = list[tuple[str, str]]

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
#: Parameters of one request; the order of a whole queue has one for each of its posts.
MAX_FIELDS = 10_000

_NAME = re.compile(r"^(?P<base>[^\[]+)(?P<rest>(\[[^\]]*\])*)")
#: Keys that count as numbers in an array; PHP takes longer ones as words too.
_INDEX = re.compile(r"[0-9]{1,18}")
_MAX_DEPTH = 8
_FALSE = frozenset({"", "0", "false"})
#: The beginning of the year 9999; beyond its end calendars know no dates, in any zone.
_LAST_SECOND = 253_370_764_800
#: Enough for every page, and little enough for the database to count with.
_LAST_NUMBER = 1_000_000_000


def read_urlencoded(raw: bytes, what: str) -> Pairs:
    """Return the parameters of a query or a body; `what` names it in the refusal.

    A percent sign without two hex digits stands for itself, as in PHP and in browsers. Raises
    GateError if a value is not UTF-8 or there are more than MAX_FIELDS.
    """
    if raw.count(b"&") >= MAX_FIELDS:
        raise _too_many_fields()
    try:
        return parse_qsl(raw.decode("utf-8"), keep_blank_values=True, errors="strict")
    except UnicodeDecodeError:
        raise _not_utf8(what) from None


def read_multipart(raw: bytes, parameters: Mapping[str, str]) -> Pairs:
    """Return the fields of a multipart body; files are left out. Raises GateError.

    `parameters` are those of its Content-Type, the boundary among them.
    """
    if not _is_utf8(raw):  # the parser would replace what it cannot decode
        raise _not_utf8("body")
    parser = FormDataParser(lambda *_, **__: BytesIO(), max_form_parts=MAX_FIELDS, silent=False)
    try:
        _, fields, _ = parser.parse(BytesIO(raw), MULTIPART, len(raw), dict(parameters))
    except RequestEntityTooLarge:
        raise _too_many_fields() from None
    except ValueError:
        raise GateError(1003, "The body is not multipart/form-data.") from None
    return [(name or "", value) for name, value in fields.items(multi=True)]


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _not_utf8(what: str) -> GateError:
    return GateError(1003, f"The {what} is not UTF-8.")


def _too_many_fields() -> GateError:
    return GateError(413, f"The request has more than {MAX_FIELDS} parameters.")


def parse(pairs: Iterable[tuple[str, str]]) -> Tree:
    """Return the parameters of a query or of a form body as nested mappings."""
    tree = _Node()
    for name, value in pairs:
        match = _NAME.match(name.strip())
        if match is None:
            continue  # an empty name: the leading or trailing "&" that some clients send
        keys = re.findall(r"\[([^\]]*)\]", match["rest"])
        if len(keys) <= _MAX_DEPTH:
            _put(tree, [match["base"], *keys], value)
    return tree


class _Node(Tree):
    """One level of a tree that is being built. `next` is the number for the next `[]`."""

    next = 0

    def key(self, step: str) -> str:
        """Return the key for a bracket; an empty one is the number after the largest."""
        key = step or str(self.next)
        if _INDEX.fullmatch(key):
            self.next = max(self.next, int(key) + 1)
        return key


def _put(tree: _Node, path: list[str], value: str) -> None:
    """Store a value at its path. A plain value on the way is replaced by an array, as in PHP."""
    node = tree
    for step in path[:-1]:
        key = node.key(step)
        child = node.get(key)
        if not isinstance(child, _Node):
            child = _Node()
            node[key] = child
        node = child
    node[node.key(path[-1])] = value


@dataclass(frozen=True, slots=True)
class Form:
    """Typed access to parsed parameters. A value that cannot be read raises ApiError."""

    tree: Mapping[str, "str | Tree"] = field(default_factory=dict)

    def __contains__(self, name: str) -> bool:
        return name in self.tree

    def text(self, name: str) -> str | None:
        """Return the value, None if the parameter is missing or an array."""
        value = self.tree.get(name)
        return value if isinstance(value, str) else None

    def flag(self, name: str, default: bool = False) -> bool:
        """Return False for an empty value, 0 and false, and True for any other that was sent."""
        value = self.text(name)
        return default if value is None else value.strip().lower() not in _FALSE

    def number(self, name: str, default: int) -> int:
        """Return a whole number. Raises ApiError 1006 if the value is none."""
        value = self.text(name)
        if value is None or not value.strip():
            return default
        if not re.fullmatch(r"\s*[+-]?[0-9]{1,18}\s*", value):
            raise ApiError(1006, f"The parameter {name} must be a whole number.")
        return min(int(value), _LAST_NUMBER)

    def strings(self, name: str) -> list[str]:
        """Return the elements of an array; a plain value counts as an array of one."""
        value = self.tree.get(name)
        if value is None or value == "":
            return []
        return [value] if isinstance(value, str) else _leaves(value)

    def mapping(self, name: str) -> dict[str, str] | None:
        """Return the plain values of a nested parameter.

        None: it was not sent. Empty: it was sent empty (`media=`), which clears the stored value.
        """
        value = self.tree.get(name)
        if value is None:
            return None
        return {} if isinstance(value, str) else _plain(value)

    def mappings(self, name: str) -> tuple[dict[str, str], ...] | None:
        """Return the elements of an array of nested parameters; None if it was not sent."""
        value = self.tree.get(name)
        if value is None:
            return None
        if isinstance(value, str):
            return ()
        elements = (_plain(item) for item in value.values() if isinstance(item, dict))
        return tuple(item for item in elements if item)

    def moment(self, name: str) -> int | None:
        """Return a time in seconds, None if it is empty. Raises ApiError 1003.

        It is a Unix time, or an ISO 8601 time, in UTC if it has no offset.
        """
        value = (self.text(name) or "").strip()
        return parse_moment(value, name) if value else None


def parse_moment(value: str, name: str) -> int:
    """Return a time as whole Unix seconds. Raises ApiError 1003 if `value` is no time."""
    try:
        if re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", value):
            seconds = int(float(value))
        else:
            moment = datetime.fromisoformat(value)
            seconds = int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
    except (ValueError, OverflowError):
        raise ApiError(1003, f"The parameter {name} is not a time.") from None
    if not 0 <= seconds <= _LAST_SECOND:
        raise ApiError(1003, f"The parameter {name} is not a time.")
    return seconds


def _leaves(tree: Tree) -> list[str]:
    return [value for value in tree.values() if isinstance(value, str)]


def _plain(tree: Tree) -> dict[str, str]:
    return {key: value for key, value in tree.items() if isinstance(value, str) and value}
