"""Advice on broken YAML, in words for people who write posts.

The parser says at which sign it gave up, in the terms of its grammar. An author needs to know what
stands in the file and what to write in its place. `advise` looks at the lines around that sign for
the mistakes that authors make, and returns the first that fits. Without one, the parser's own words
are shown. Both parsers of PyYAML are understood: libyaml's and the one in Python. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from plancast.content.swallowed import QUOTE_IT
from plancast.model.quoting import shorten

_CONFLICT = re.compile(r"(?:<{7}|={7}|>{7})(?: |\r?$)")
_KEY_LINE = re.compile(r"\s*(?:- +)*[\w-]+:(?:\s|$)")
_TOUCHING = re.compile(r"(?P<before>\s*(?:- +)*[a-z_]+:)(?P<value>[^\s/:].*)")
_BLOCK_HEAD = re.compile(r"(?P<before>(?P<indent>\s*)(?:- +)*[\w-]+:)\s+[|>][-+0-9]*\s*$")
_VALUE = re.compile(r"\s*(?:- +)*[\w-]+:\s+(?P<value>\S.*?)\s*$")
_PLAIN_VALUE = re.compile(r"(?P<indent>\s*)(?P<key>[\w-]+):\s+[^\s|>\[{\"'&*!#].*")
_ITEM = re.compile(r"(?P<dash>\s*- +)(?P<key>[\w-]+):")
_BEHIND_A_VALUE = re.compile(r"did not find expected key|expected <block end>")
_CURLY = "“”„‟«»‘’‚"  # noqa: RUF001  # the quotes of word processors

_AS_BLOCK = "Write the text as a block: `|`, and the text below, indented."


@dataclass(frozen=True, slots=True)
class ParserStop:
    """A place at which the parser gave up, and why; lines and columns count from 0.

    `opened` is where the value begins that the parser was reading, `context` what it took that for.
    """

    words: str
    context: str
    line: int
    column: int
    opened: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Advice:
    """A mistake, an instruction, and the place of the mistake: numbers count from 0."""

    detail: str
    hint: str
    line: int
    column: int


def advise(stop: ParserStop, lines: Sequence[str]) -> Advice | None:
    """Return advice on the first mistake that explains the stop; None if none does."""
    for rule in _RULES:
        if advice := rule(stop, lines):
            return advice
    return None


def _conflict(stop: ParserStop, lines: Sequence[str]) -> Advice | None:
    for number, line in enumerate(lines[: stop.line + 1]):
        if _CONFLICT.match(line):
            detail = f"git marked a conflict here: {shorten(line.strip(), 80)}"
            hint = "Keep one version, and remove the lines with <<<<<<<, ======= and >>>>>>>."
            return Advice(detail, hint, number, 0)
    return None


def _block_not_indented(stop: ParserStop, lines: Sequence[str]) -> Advice | None:
    """`text: |`, and the text at the margin."""
    for number in range(min(stop.line, len(lines) - 1), 0, -1):
        head = _BLOCK_HEAD.match(lines[number - 1])
        line = lines[number]
        if head and line.strip() and not _KEY_LINE.match(line):
            if _indent(line) <= len(head["indent"]):
                detail = f"the text below `{head['before'].strip()} |` is not indented"
                return Advice(detail, "Indent each of its lines by two spaces.", number, 0)
            return None
    return None


def _touching(stop: ParserStop, lines: Sequence[str]) -> Advice | None:
    """`text:Hi`, a key without a blank behind it."""
    number = stop.opened[0] if stop.opened else stop.line
    match = _TOUCHING.match(_line(lines, number))
    if "expected ':'" not in stop.words or match is None:
        return None
    value = shorten(match["value"].strip(), 60)
    hint = f"Put a blank behind the colon: `{match['before'].strip()} {value}`."
    return Advice("a key and its value touch", hint, number, len(match["before"]))


def _line_without_key(stop: ParserStop, _lines: Sequence[str]) -> Advice | None:
    if "expected ':'" not in stop.words or stop.opened is None:
        return None
    hint = f"Is it a part of the text above? {_AS_BLOCK}"
    return Advice("the line has no key", hint, *stop.opened)


def _not_closed(stop: ParserStop, lines: Sequence[str]) -> Advice | None:
    """A quote or a bracket that opens and never closes: the parser gives up much later."""
    if stop.opened is None:
        return None
    if "quoted scalar" in stop.context and "end of stream" in stop.words:
        return _quote_not_closed(*stop.opened)
    sign = next((sign for sign in "]}" if f"',' or '{sign}'" in stop.words), "")
    line = _line(lines, stop.line)
    is_later = stop.line > stop.opened[0]
    if not sign or not is_later or (line.strip() and not _KEY_LINE.match(line)):
        return None
    detail = f"the {'list' if sign == ']' else 'mapping'} that begins here is not closed"
    return Advice(detail, f"Close it with {sign}.", *stop.opened)


def _quote_not_closed(line: int, column: int) -> Advice:
    hint = "Close it at the end of the text."
    return Advice("the quote that begins here is not closed", hint, line, column)


def _words_behind_quotes(stop: ParserStop, lines: Sequence[str]) -> Advice | None:
    """`text: "We say "hello""`; or the quote that closes was meant to open another text."""
    quote = _value(lines, stop.line)[:1]
    if quote not in ("'", '"') or not _BEHIND_A_VALUE.search(stop.words):
        return None
    if _line(lines, stop.line)[: stop.column].count(quote) > 1:
        detail = "the text goes on behind its closing quote"
        hint = f"{_AS_BLOCK} There, quotes are part of it."
        return Advice(detail, hint, stop.line, stop.column)
    for number in range(stop.line - 1, -1, -1):
        line = lines[number]
        if _value(lines, number)[:1] == quote and line.count(quote) % 2:
            return _quote_not_closed(number, line.index(quote))
    return None


def _curly_quotes(stop: ParserStop, lines: Sequence[str]) -> Advice | None:
    value = _value(lines, stop.line)
    if not value or value[0] not in _CURLY:
        return None
    detail = f"for YAML, {value[0]} is no quote but a part of the text"
    hint = f'Put straight quotes (") in its place. {_AS_BLOCK.replace("Write", "Or write")}'
    return Advice(detail, hint, stop.line, stop.column)


def _brackets_in_text(stop: ParserStop, lines: Sequence[str]) -> Advice | None:
    """`text: [Update] we are open`, which begins as a list does."""
    value = _value(lines, stop.line)
    if value[:1] not in ("[", "{") or not _BEHIND_A_VALUE.search(stop.words):
        return None
    kind = "list" if value[0] == "[" else "mapping"
    detail = f"`{value[0]}` begins a {kind} for YAML, and something follows behind its end"
    return Advice(detail, f"Is it a text? {QUOTE_IT}", stop.line, stop.column)


def _dash_in_text(stop: ParserStop, _lines: Sequence[str]) -> Advice | None:
    """`text: - one`: a list cannot begin behind its key."""
    if "sequence entries are not allowed" not in stop.words:
        return None
    hint = f"Write a list below its key, one line for each `- item`. Is it a text? {QUOTE_IT}"
    return Advice("`-` begins an item of a list for YAML", hint, stop.line, stop.column)


def _sign_in_front(stop: ParserStop, lines: Sequence[str]) -> Advice | None:
    """`@launch` or `%50`: a value cannot begin like that without quotes."""
    sign = _line(lines, stop.line)[stop.column : stop.column + 1]
    if "cannot start any token" not in stop.words or sign not in ("@", "%", "`"):
        return None
    group = re.match(r"@[\w-]+", _line(lines, stop.line)[stop.column :])
    hint = f'Put quotes around it: "{group.group()}".' if group else QUOTE_IT
    return Advice(f"no value begins with {sign} in YAML", hint, stop.line, stop.column)


def _indented_too_far(stop: ParserStop, lines: Sequence[str]) -> Advice | None:
    """A key that stands further right than the one above is a part of that one's text."""
    above = _PLAIN_VALUE.match(_line(lines, stop.line - 1))
    line = _line(lines, stop.line)
    if "mapping values" not in stop.words or not above or not _KEY_LINE.match(line):
        return None
    if _indent(line) <= len(above["indent"]):
        return None
    detail = (
        f"the line stands further right than `{above['key']}:` above it, as a part of that text"
    )
    hint = f"Let it begin in the same column. Is it a part of that text? {_AS_BLOCK}"
    return Advice(detail, hint, stop.line, _indent(line))


def _colon_in_text(stop: ParserStop, _lines: Sequence[str]) -> Advice | None:
    if "mapping values" not in stop.words:
        return None
    detail = "a text without quotes has a colon with a blank behind it"
    return Advice(detail, QUOTE_IT, stop.line, stop.column)


def _key_left_of_its_item(stop: ParserStop, lines: Sequence[str]) -> Advice | None:
    """`- url:`, and `alt:` below the dash."""
    item = _ITEM.match(_line(lines, stop.line - 1))
    if "block collection" not in stop.context or item is None:
        return None
    detail = f"the line stands left of `{item['key']}:` above it, so it is no part of that item"
    hint = f"Let it begin below `{item['key']}:`, in the same column."
    return Advice(detail, hint, stop.line, stop.column)


_RULES: tuple[Callable[[ParserStop, Sequence[str]], Advice | None], ...] = (
    _conflict,
    _block_not_indented,
    _touching,
    _line_without_key,
    _not_closed,
    _curly_quotes,
    _words_behind_quotes,
    _brackets_in_text,
    _dash_in_text,
    _sign_in_front,
    _indented_too_far,
    _colon_in_text,
    _key_left_of_its_item,
)


def _line(lines: Sequence[str], number: int) -> str:
    return lines[number] if 0 <= number < len(lines) else ""


def _value(lines: Sequence[str], number: int) -> str:
    match = _VALUE.match(_line(lines, number))
    return match["value"] if match else ""


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
