"""A YAML reader with strict rules, on top of the parser of PyYAML.

`yaml.load` turns `12:30` into 750, `no` into False and a date into an object, silently keeps the
last of two equal keys, and can be made to crash the process with a file of 50 KB. So plancast takes
only the events of the parser (libyaml's if it is installed) and builds its own tree:

* Scalars follow the core schema of YAML 1.2: plain `true`, `false`, `null` and numbers are special,
  everything else is text. A number with leading zeros is text: it is a name, not a quantity.
* A key is text, and no mapping has it twice.
* Tags that construct objects are refused, and so are merge keys: defaults belong into
  `_defaults.yaml`, where a reader finds them.
* Depth is counted event by event, and reading stops as soon as it is too deep. Nothing here
  recurses, so no file can overflow the stack.
* An alias is replaced by the value that it names. The size of the document with all aliases
  written out is counted, and a document that would become too large is refused.

Positions cost time and only problems need them, so the tree has none: `Marks` reads the text a
second time and finds them.
"""

from __future__ import annotations

import contextlib
import re
from codecs import BOM_UTF8
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import yaml

from plancast.content.swallowed import HASHTAG, QUOTE_IT, Swallowed, Watch
from plancast.model.quoting import shorten

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 64
MAX_NODES = 100_000
"""Nodes of a document with all aliases written out."""

MAX_FILE_NODES = 500_000
"""The same for all documents of a file."""

LONG = 100
"""A text counts as one more node for each 100 characters, since aliases can repeat it too."""

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
    """A fault in a text: its code of `model/codes.py`, line and column from 1, and details.

    `length` is how many characters of its line it covers. `document` and `path` name the key whose
    value cannot be trusted. Without a path, nothing behind the fault can be, and reading ended
    there.
    """

    code: str
    line: int
    column: int
    detail: str = ""
    hint: str = ""
    length: int = 1
    document: int = 0
    path: Path | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """One YAML document: its number from 0, the line where its content begins, and its tree.

    `swallowed` are the parts of values that YAML took for comments or names.
    """

    number: int
    line: int
    value: Any
    swallowed: tuple[Swallowed, ...] = ()


@dataclass(slots=True)
class _Frame:
    """An open collection. `key` is None while a mapping waits for one.

    `column` is its indentation, -1 in brackets.
    """

    value: list[Any] | dict[str, Any]
    anchor: str | None
    column: int
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
    """A flaw after which reading cannot go on."""

    def __init__(self, flaw: Flaw) -> None:
        super().__init__(flaw.code)
        self.flaw = flaw


def decode(raw: bytes) -> str | Flaw:
    """Decode UTF-8 with or without a byte order mark; return a Flaw if it is not, or too large."""
    if len(raw) > MAX_BYTES:
        return Flaw("PC005", 1, 1, f"more than {MAX_BYTES:,} bytes")
    try:
        # The codec that knows the mark is written in Python: only files with a mark need it.
        return raw.decode("utf-8-sig" if raw.startswith(BOM_UTF8) else "utf-8")
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        line = before.count(b"\n") + 1
        column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8", "replace")) + 1
        detail = f"byte 0x{raw[error.start]:02x} at offset {error.start}"
        return Flaw("PC003", line, column, detail)


def read(text: str) -> tuple[tuple[Document, ...], tuple[Flaw, ...]]:
    """Read all documents of a text, and collect its flaws. Never raises for what a text holds.

    A syntax error ends the reading: nothing behind it can be trusted. Flaws such as equal keys do
    not, so one run reports all of them.
    """
    simple = _read_simple(text)
    return (simple, ()) if simple is not None else read_closely(text)


def read_closely(text: str) -> tuple[tuple[Document, ...], tuple[Flaw, ...]]:
    """Return what `read` does, by the long way, which explains flaws."""
    builder = _Builder()
    try:
        builder.build(text)
    except _FlawError as error:
        builder.flaws.append(error.flaw)
    except yaml.YAMLError as error:
        builder.flaws.append(builder.beside_comment(_explained(error, text)))
    return tuple(builder.documents), tuple(builder.flaws)


_SHORT = MAX_NODES // 2
"""Characters of a text that cannot hold too many values: each takes one character or more."""


class _UnusualError(Exception):
    """A text holds something that the short way does not read."""


def _read_simple(text: str) -> tuple[Document, ...] | None:  # noqa: PLR0912  # calls take long
    """Read a text in which nothing is unusual, as nearly all are; return None for any other.

    Unusual are flaws, anchors and tags, and comments that may be hashtags. `read_closely` reads
    those again, and is the reference for what this function returns. One plain loop takes half the
    time of a call for each event.
    """
    if len(text) > _SHORT or text.startswith("\ufeff"):
        return None
    documents: list[Document] = []
    number = line = 0
    stack: list[tuple[Any, str | None]] = []
    within: Any = None  # the open collection, and the key whose value comes next
    key: str | None = None
    try:
        for event, made in _simple_events(text):
            value = made
            if type(event) in _ENDS:
                value = within
                within, key = stack.pop()
            elif key is None and type(within) is dict:
                if type(value) is not str or value in within or value == "<<":
                    return None
                key = value
                continue
            elif type(event) in _STARTS:
                if len(stack) >= MAX_DEPTH:
                    return None
                if not stack:
                    line = event.start_mark.line + 1
                stack.append((within, key))
                within, key = value, None
                continue
            if type(within) is dict:
                within[key] = value
                key = None
            elif within is not None:
                within.append(value)
            else:
                if value is not None:
                    at = line if type(event) in _ENDS else event.start_mark.line + 1
                    documents.append(Document(number, at, value))
                number += 1
    except (yaml.YAMLError, _UnusualError):
        return None
    return tuple(documents)


_STARTS = frozenset({yaml.MappingStartEvent, yaml.SequenceStartEvent})
_ENDS = frozenset({yaml.MappingEndEvent, yaml.SequenceEndEvent})


def _simple_events(text: str) -> Iterator[tuple[Any, Any]]:
    """Yield events, each with its value: of a scalar, or an empty collection at its start.

    Raises _UnusualError, and YAMLError for a syntax error.
    """
    hashtags = (found.start() for found in HASHTAG.finditer(text))
    hashtag = next(hashtags, None)
    parser = _parser(text)
    try:
        while parser.check_event():
            event = parser.get_event()
            kind = type(event)
            if kind is yaml.ScalarEvent:
                if event.anchor is not None or event.tag is not None:
                    raise _UnusualError
                while hashtag is not None and hashtag < event.end_mark.index:
                    if not _is_within(hashtag, event, text):
                        raise _UnusualError
                    hashtag = next(hashtags, None)
                yield event, event.value if event.style else plain_scalar(event.value)
            elif kind in _STARTS:
                if event.anchor is not None or event.tag is not None:
                    raise _UnusualError
                yield event, {} if kind is yaml.MappingStartEvent else []
            elif kind in _ENDS:
                yield event, None
            elif kind is yaml.AliasEvent:
                raise _UnusualError
    finally:
        parser.dispose()
    if hashtag is not None:
        raise _UnusualError


_BREAK = re.compile("[\r\n\x85\u2028\u2029]")


def _is_within(hashtag: int, event: Any, text: str) -> bool:
    """Return whether a `#` is a part of a scalar; one in the first line of a block may be none."""
    start = event.start_mark.index
    if event.style in ("|", ">"):
        end_of_line = _BREAK.search(text, start)
        start = end_of_line.start() if end_of_line else len(text)
    return bool(start < hashtag)


@dataclass(slots=True)
class _Builder:
    """The builder of trees: takes parser events, makes documents.

    `_stack` holds the open collections, so depth is its length. `_nodes` counts the values of the
    current document, `_written` those of all documents with aliases written out. With `marks`, the
    positions of keys and values are kept as well.
    """

    documents: list[Document] = field(default_factory=list)
    flaws: list[Flaw] = field(default_factory=list)
    marks: dict[tuple[int, Path], tuple[Any, Any, Any]] | None = None
    _watch: Watch | None = None
    _stack: list[_Frame] = field(default_factory=list)
    _anchors: dict[str, tuple[Any, int]] = field(default_factory=dict)
    _open: set[str] = field(default_factory=set)
    _nodes: int = 0
    _written: int = 0
    _line: int = 1
    _number: int = 0
    _key_mark: Any = None

    def build(self, text: str) -> None:
        """Read a text to its end. Raises _FlawError, or YAMLError for a syntax error."""
        # A second byte order mark: libyaml would leave it out of its counts of characters.
        text = text.removeprefix("\ufeff")
        self._watch = Watch.over(text) if self.marks is None else None
        parser = _parser(text)
        try:
            while parser.check_event():
                self._event(parser.get_event())
        finally:
            parser.dispose()

    def _event(self, event: Any) -> None:
        # The innermost loop of a load: `is` is faster than isinstance, the parsers make exactly
        # these classes, and most events are scalars.
        kind = type(event)
        if kind is yaml.ScalarEvent:
            frame = self._stack[-1] if self._stack else None
            if frame is not None and isinstance(frame.value, dict) and frame.key is None:
                self._key(frame, event)
            else:
                value = event.value if event.style else self._scalar(event)
                if event.tag is not None:
                    value = self._tagged(event)
                if self._watch is not None and frame is not None:
                    self._watch.saw(event, frame.column, self._path)
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
        column = -1 if event.flow_style else event.start_mark.column
        self._stack.append(_Frame(value, event.anchor, column))

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
                self._flawed_key(event, "PC107")
        if name in frame.value:
            self._flawed_key(event, "PC103")
        frame.expect(name)
        self._key_mark = event
        if self._watch is not None:
            self._watch.passed(event.end_mark.index)

    def _flawed_key(self, event: Any, code: str) -> None:
        """Add a flaw of one key, after which reading goes on."""
        path = (*self._path()[:-1], event.value)
        self.flaws.append(
            replace(_at(event, code, repr(event.value)), document=self._number, path=path)
        )

    def _path(self) -> Path:
        """Return the path to the next value: of each open collection the key or index."""
        return tuple(
            len(frame.value) if isinstance(frame.value, list) else frame.key or ""
            for frame in self._stack
        )

    def _add(self, value: Any, size: int, event: Any, anchor: str | None) -> None:
        """Put a finished value into the open collection; if none is open, it is a document."""
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
            swallowed = self._watch.taken() if self._watch is not None else ()
            if value is not None:
                self.documents.append(Document(self._number, self._line, value, swallowed))
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
        # The anchored collection is not finished yet: the value would contain itself.
        if event.anchor in self._open:
            raise _FlawError(_at(event, "PC105", f"*{event.anchor} stands inside itself"))
        known = self._anchors.get(event.anchor)
        if known is None:
            detail = f"there is no &{event.anchor} for this alias"
            hint = f"Or is `*{event.anchor}` part of a text? {QUOTE_IT}"
            raise _FlawError(_at(event, "PC101", detail, hint))
        if self._watch is not None:
            self._watch.used(event.anchor)
            self._watch.passed(event.end_mark.index)
        self._mark(event)
        self._add(known[0], known[1], event, None)

    def _scalar(self, event: Any) -> Any:
        return plain_scalar(event.value)

    def _tagged(self, event: Any) -> Any:
        if event.tag in _PLAIN_TAGS:
            return event.value
        if event.tag in _KNOWN_TAGS:
            return plain_scalar(event.value)
        hint = f"Remove the tag. Or is `!` part of a text? {QUOTE_IT}"
        raise _FlawError(_at(event, "PC106", event.tag, hint))

    def _mark(self, event: Any) -> None:
        if self.marks is None:
            return
        key = self._key_mark if self._stack and isinstance(self._stack[-1].value, dict) else None
        key_mark = key.start_mark if key is not None else event.start_mark
        self.marks[self._number, self._path()] = (key_mark, event.start_mark, event.end_mark)

    def beside_comment(self, flaw: Flaw) -> Flaw:
        """Explain a syntax error that follows on a comment, which may be meant as a text."""
        comment = self._watch.comment_before(flaw.line) if self._watch is not None else None
        if comment is None:
            return flaw
        line, part = comment
        hint = f"YAML takes `{shorten(part, 80)}` in line {line} for a comment. {QUOTE_IT}"
        return replace(flaw, hint=hint)


def plain_scalar(text: str) -> Any:
    """Return the value of a scalar without quotes, by the core schema of YAML 1.2."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] in _NUMBER_START:
        if _INT.fullmatch(text):
            return int(text)
        if _FLOAT.fullmatch(text):
            return float(text)
    return text


def _parser(text: str) -> Any:
    """Return libyaml's parser, or the slower one in Python if libyaml is not installed."""
    try:
        from yaml.cyaml import CParser  # type: ignore[attr-defined]  # noqa: PLC0415
    except ImportError:
        return _PurePythonParser(text)
    return CParser(text)


class _PurePythonParser(yaml.reader.Reader, yaml.scanner.Scanner, yaml.parser.Parser):
    """A parser for installations without libyaml; it gives the same events."""

    def __init__(self, text: str) -> None:
        yaml.reader.Reader.__init__(self, text)
        yaml.scanner.Scanner.__init__(self)
        yaml.parser.Parser.__init__(self)


def _at(event: Any, code: str, detail: str = "", hint: str = "") -> Flaw:
    mark = event.start_mark
    return Flaw(code, mark.line + 1, mark.column + 1, detail, hint)


_HINTS = (
    ("did not find expected key", "Check indentation and quotes, in this line and above it."),
    ("found unexpected end of stream", "A quote or a bracket is opened and never closed."),
    ("did not find expected ',' or ']'", "Close the list with ], or separate with a comma."),
    ("did not find expected ',' or '}'", "Close the mapping with }, or separate with a comma."),
)


def _explained(error: yaml.YAMLError, text: str) -> Flaw:
    from plancast.content.yaml_advice import ParserStop, advise  # noqa: PLC0415

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
    # A tab in the indentation has many symptoms; it deserves a code of its own.
    if "\t" in shown[: mark.column + 1] and not shown[: mark.column].strip("- "):
        return Flaw("PC102", line, shown.index("\t") + 1)
    context = getattr(error, "context", None)
    detail = f"{trouble} ({context})" if context else trouble
    # `text: *bold* words` or `text: & so on`: a text that begins like a name of YAML.
    if str(context or "").endswith(("an alias", "an anchor", "a tag", "a block scalar")):
        return Flaw("PC101", line, column, detail, QUOTE_IT)
    opened = getattr(error, "context_mark", None)
    where = None if opened is None else (opened.line, opened.column)
    found = ParserStop(trouble, str(context or ""), mark.line, mark.column, where)
    if advice := advise(found, lines):
        return Flaw("PC101", advice.line + 1, advice.column + 1, advice.detail, advice.hint)
    hint = next((words for sign, words in _HINTS if sign in trouble), "")
    return Flaw("PC101", line, column, detail, hint)


class Marks:
    """The positions of all keys and values of a text, by document number and path."""

    def __init__(self, text: str) -> None:
        builder = _Builder(marks={})
        with contextlib.suppress(_FlawError, yaml.YAMLError):
            builder.build(text)  # what came before a flaw has its place all the same
        self._marks = builder.marks or {}
        self._lines = text.split("\n")

    def find(self, number: int, path: Path, *, key: bool = False) -> tuple[int, int, int, str]:
        """Return (line, column, end column, text of the line) of a value or, with `key`, its key.

        If the path does not exist, the nearest part of it that does is used: a missing key is
        reported at the mapping that should hold it.
        """
        for length in range(len(path), -1, -1):
            marks = self._marks.get((number, path[:length]))
            if marks is not None:
                key_mark, start, end = marks
                mark = key_mark if key or length < len(path) else start
                return self._range(mark, end if mark is start else None)
        return (1, 1, 2, self._lines[0].rstrip("\r"))

    def has(self, number: int, path: Path) -> bool:
        """Return whether the text has a value at a path."""
        return (number, path) in self._marks

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
    """Yield the parser's events, with their marks, for a text that `read` found no flaw in."""
    parser = _parser(text)
    try:
        while parser.check_event():
            yield parser.get_event()
    finally:
        parser.dispose()
