"""YAML by our own rules.

`yaml.load` turns `12:30` into 750, `no` into False and a date into an object,
keeps the last of two equal keys without a word, and can be made to crash the
process with a file of 50 KB. So plancast takes only the events of the parser
(libyaml's, where it is there) and builds its own tree:

* scalars follow the core schema of YAML 1.2: `true`, `false`, `null` and
  numbers are special where they are plain, everything else is text. A number
  with leading zeros is text: it was written to be read, not to be counted;
* a key is text and stands once;
* tags that construct anything are refused, so are merge keys: defaults belong
  into `_defaults.yaml`, where a reader finds them;
* depth is counted here, event by event, and the parser is left alone as soon as
  it is too deep: nothing recurses, so nothing overflows;
* an alias stands for what it names, but what it would be when written out is
  counted, and a document that would become too large is refused.

Positions cost time and are needed only where something is wrong, so the tree
has none. `Marks` reads the text a second time and finds them.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 64
MAX_NODES = 100_000
"""Nodes of a document with all aliases written out."""

MAX_FILE_NODES = 500_000
"""The same for all documents of a file."""

LONG = 100
"""Characters for which a text counts as one node more: an alias can repeat it as well."""

_STR = "tag:yaml.org,2002:str"
_PLAIN_TAGS = {None, "!", _STR}
_KNOWN_TAGS = {f"tag:yaml.org,2002:{name}" for name in ("int", "float", "bool", "null")}
_COLLECTIONS = {None, "!", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"}

_WORDS: dict[str, object] = {
    "": None,
    "~": None,
    "null": None,
    "Null": None,
    "NULL": None,
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}
_INT = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,99})")
_FLOAT = re.compile(r"[-+]?(?:0|[1-9][0-9]*)(?:\.[0-9]*)?(?:[eE][-+]?[0-9]{1,3})?|[-+]?\.[0-9]+")
_KEY = re.compile(r"[^\s:]+")
_NUMBER_START = frozenset("-+.0123456789")

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something wrong in a text: a code of the table, where (from 1), and what."""

    code: str
    line: int
    column: int
    detail: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """One YAML document: its number from 0, the line where its content begins, and its tree."""

    number: int
    line: int
    value: Any


@dataclass(slots=True)
class _Frame:
    """An open collection. `key` is None while a mapping waits for one."""

    value: list[Any] | dict[str, Any]
    anchor: str | None
    key: str | None = None
    size: int = 1

    def expect(self, key: str) -> None:
        """Take the next value as that of this key."""
        self.key = key

    def put(self, value: Any, size: int) -> None:
        """Add a finished value."""
        self.size += size
        if isinstance(self.value, list):
            self.value.append(value)
        else:
            self.value[self.key or ""] = value
            self.key = None


class _FlawError(Exception):
    def __init__(self, flaw: Flaw) -> None:
        super().__init__(flaw.code)
        self.flaw = flaw


def decode(raw: bytes) -> str | Flaw:
    """UTF-8 with or without a byte order mark."""
    if len(raw) > MAX_BYTES:
        return Flaw("PC005", 1, 1, f"more than {MAX_BYTES:,} bytes")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        line = before.count(b"\n") + 1
        column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8", "replace")) + 1
        detail = f"byte 0x{raw[error.start]:02x} at offset {error.start}"
        return Flaw("PC003", line, column, detail)


def read(text: str) -> tuple[tuple[Document, ...], tuple[Flaw, ...]]:
    """All documents that can be read, and what is wrong. Never raises for what a text holds.

    After a broken place nothing can be trusted, so reading ends there; equal
    keys and the like are collected.
    """
    builder = _Builder()
    try:
        builder.build(text)
    except _FlawError as error:
        builder.flaws.append(error.flaw)
    except yaml.YAMLError as error:
        builder.flaws.append(_explained(error, text))
    return tuple(builder.documents), tuple(builder.flaws)


@dataclass(slots=True)
class _Builder:
    """Events in, documents out. With `marks`, positions of keys and values are kept as well."""

    documents: list[Document] = field(default_factory=list)
    flaws: list[Flaw] = field(default_factory=list)
    marks: dict[tuple[int, Path], tuple[Any, Any, Any]] | None = None
    _stack: list[_Frame] = field(default_factory=list)
    _anchors: dict[str, tuple[Any, int]] = field(default_factory=dict)
    _open: set[str] = field(default_factory=set)
    _nodes: int = 0
    _written: int = 0
    _line: int = 1
    _number: int = 0
    _key_mark: Any = None

    def build(self, text: str) -> None:
        parser = _parser(text)
        try:
            while parser.check_event():
                self._event(parser.get_event())
        finally:
            parser.dispose()

    def _event(self, event: Any) -> None:
        kind = type(event)
        if kind is yaml.ScalarEvent:
            frame = self._stack[-1] if self._stack else None
            if frame is not None and isinstance(frame.value, dict) and frame.key is None:
                self._key(frame, event)
            else:
                value = event.value if event.style else self._scalar(event)
                if event.tag is not None:
                    value = self._tagged(event)
                self._add(value, 1 + len(event.value) // LONG, event, event.anchor)
        elif kind is yaml.MappingStartEvent:
            self._push({}, event)
        elif kind is yaml.SequenceStartEvent:
            self._push([], event)
        elif kind in (yaml.MappingEndEvent, yaml.SequenceEndEvent):
            frame = self._stack.pop()
            self._open.discard(frame.anchor or "")
            self._add(frame.value, frame.size, event, frame.anchor)
        elif kind is yaml.AliasEvent:
            self._alias(event)
        elif kind is yaml.DocumentStartEvent:
            self._anchors.clear()
            self._nodes = 0
            self._line = 0

    def _push(self, value: list[Any] | dict[str, Any], event: Any) -> None:
        if event.tag not in _COLLECTIONS:
            raise _FlawError(_at(event, "PC106", event.tag))
        frame = self._stack[-1] if self._stack else None
        if frame is not None and isinstance(frame.value, dict) and frame.key is None:
            raise _FlawError(_at(event, "PC107", "a list or a mapping is used as a key"))
        if len(self._stack) >= MAX_DEPTH:
            raise _FlawError(_at(event, "PC104", f"more than {MAX_DEPTH} levels"))
        if not self._line:
            self._line = event.start_mark.line + 1
        self._mark(event)
        if event.anchor:
            self._open.add(event.anchor)
        self._stack.append(_Frame(value, event.anchor))

    def _key(self, frame: _Frame, event: Any) -> None:
        assert isinstance(frame.value, dict)
        name = event.value
        if event.tag is not None and event.tag != _STR:
            raise _FlawError(_at(event, "PC106", event.tag))
        if not event.style:
            if name == "<<":
                hint = "Write the keys out, or put them into a _defaults.yaml."
                raise _FlawError(_at(event, "PC106", "merge keys (<<)", hint))
            if not isinstance(self._scalar(event), str):
                self.flaws.append(_at(event, "PC107", repr(name)))
        if name in frame.value:
            self.flaws.append(_at(event, "PC103", repr(name)))
        frame.expect(name)
        self._key_mark = event

    def _add(self, value: Any, size: int, event: Any, anchor: str | None) -> None:
        """A finished value goes into what is open, or is the document."""
        if type(event) is yaml.ScalarEvent:
            self._mark(event)
        if anchor:
            self._anchors[anchor] = (value, size)
        self._nodes += 1
        if not self._stack:
            self._written += size
            if self._written > MAX_FILE_NODES:
                detail = f"more than {MAX_FILE_NODES:,} values written out in one file"
                raise _FlawError(_at(event, "PC105", detail))
            if not self._line:
                self._line = event.start_mark.line + 1
            if value is not None:
                self.documents.append(Document(self._number, self._line, value))
            self._number += 1
            return
        frame = self._stack[-1]
        frame.put(value, size)
        if frame.size > MAX_NODES:
            raise _FlawError(_at(event, "PC105", f"more than {MAX_NODES:,} values written out"))

    def _alias(self, event: Any) -> None:
        frame = self._stack[-1] if self._stack else None
        if frame is not None and isinstance(frame.value, dict) and frame.key is None:
            raise _FlawError(_at(event, "PC107", "an alias is used as a key"))
        if event.anchor in self._open:
            raise _FlawError(_at(event, "PC105", f"*{event.anchor} stands inside itself"))
        known = self._anchors.get(event.anchor)
        if known is None:
            raise _FlawError(_at(event, "PC101", f"there is no &{event.anchor} for this alias"))
        self._mark(event)
        self._add(known[0], known[1], event, None)

    def _scalar(self, event: Any) -> Any:
        return plain_scalar(event.value)

    def _tagged(self, event: Any) -> Any:
        if event.tag in _PLAIN_TAGS:
            return event.value
        if event.tag in _KNOWN_TAGS:
            return plain_scalar(event.value)
        raise _FlawError(_at(event, "PC106", event.tag))

    def _mark(self, event: Any) -> None:
        if self.marks is None:
            return
        path: list[str | int] = []
        for frame in self._stack:
            path.append(len(frame.value) if isinstance(frame.value, list) else frame.key or "")
        key = self._key_mark if self._stack and isinstance(self._stack[-1].value, dict) else None
        key_mark = key.start_mark if key is not None else event.start_mark
        self.marks[self._number, tuple(path)] = (key_mark, event.start_mark, event.end_mark)


def plain_scalar(text: str) -> Any:
    """What a scalar without quotes is, by the core schema of YAML 1.2 (see the essay)."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] in _NUMBER_START:
        if _INT.fullmatch(text):
            return int(text)
        if _FLOAT.fullmatch(text):
            return float(text)
    return text


def _parser(text: str) -> Any:
    """libyaml's parser where it is there; the other one gives the same events."""
    try:
        from yaml.cyaml import CParser  # type: ignore[attr-defined]  # noqa: PLC0415
    except ImportError:
        return _PurePythonParser(text)
    return CParser(text)


class _PurePythonParser(yaml.reader.Reader, yaml.scanner.Scanner, yaml.parser.Parser):
    """For installations without libyaml."""

    def __init__(self, text: str) -> None:
        yaml.reader.Reader.__init__(self, text)
        yaml.scanner.Scanner.__init__(self)
        yaml.parser.Parser.__init__(self)


def _at(event: Any, code: str, detail: str = "", hint: str = "") -> Flaw:
    mark = event.start_mark
    return Flaw(code, mark.line + 1, mark.column + 1, detail, hint)


_HINTS = (
    ("mapping values are not allowed", "A text with a colon and a blank in it must be quoted."),
    ("did not find expected key", "Check the indentation and the quotes above this line."),
    ("found unexpected end of stream", "A quote or a bracket is opened and never closed."),
    ("did not find expected ',' or ']'", "Close the list with ], or separate with a comma."),
    ("did not find expected ',' or '}'", "Close the mapping with }, or separate with a comma."),
    ("found character that cannot start any token", "Quote texts that begin with such a sign."),
)


def _explained(error: yaml.YAMLError, text: str) -> Flaw:
    mark = getattr(error, "problem_mark", None)
    trouble = str(getattr(error, "problem", "") or getattr(error, "reason", "") or error)
    if mark is None:
        position = getattr(error, "position", 0) or 0
        line = text.count("\n", 0, position) + 1
        column = position - (text.rfind("\n", 0, position) + 1) + 1
        return Flaw("PC101", line, max(1, column), trouble)
    line, column = mark.line + 1, mark.column + 1
    lines = text.split("\n")
    shown = lines[mark.line] if mark.line < len(lines) else ""
    if "\t" in shown[: mark.column + 1] and not shown[: mark.column].strip("- "):
        return Flaw("PC102", line, shown.index("\t") + 1)
    context = getattr(error, "context", None)
    detail = f"{trouble} ({context})" if context else trouble
    hint = next((words for sign, words in _HINTS if sign in trouble), "")
    return Flaw("PC101", line, column, detail, hint)


class Marks:
    """Where everything stands in a text that could be read."""

    def __init__(self, text: str) -> None:
        builder = _Builder(marks={})
        with contextlib.suppress(_FlawError, yaml.YAMLError):
            builder.build(text)  # what came before a flaw has its place all the same
        self._marks = builder.marks or {}
        self._lines = text.split("\n")

    def find(self, number: int, path: Path, *, key: bool = False) -> tuple[int, int, int, str]:
        """(line, column, end column, the line) of a value or, with `key`, of its key.

        A place that is not there is looked for further up: what is missing is
        told where it should be.
        """
        for length in range(len(path), -1, -1):
            found = self._marks.get((number, path[:length]))
            if found is not None:
                key_mark, start, end = found
                mark = key_mark if key or length < len(path) else start
                return self._range(mark, end if mark is start else None)
        return (1, 1, 2, self._lines[0].rstrip("\r"))

    def _range(self, mark: Any, end: Any) -> tuple[int, int, int, str]:
        line = self._lines[mark.line] if mark.line < len(self._lines) else ""
        line = line.rstrip("\r")
        if end is not None and end.line == mark.line:
            stop = end.column
        else:
            word = _KEY.search(line, mark.column)
            stop = mark.column + (word.end() - word.start() if word else 1)
        return (mark.line + 1, mark.column + 1, max(stop, mark.column + 1) + 1, line)


def events(text: str) -> Iterator[Any]:
    """What the parser says of a text that was checked before, with marks."""
    parser = _parser(text)
    try:
        while parser.check_event():
            yield parser.get_event()
    finally:
        parser.dispose()
