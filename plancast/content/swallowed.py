"""Text that YAML takes for syntax of its own: hashtags for comments, first words for names.

`text: Join us #devops` is the text "Join us" with a comment behind it, and `text: &co is here` is
"is here" with a name. Both are right YAML, so no parser complains. The reader passes each scalar to
a `Watch`, which looks at what stands around it. It decides by the marks of the parser: what lies
between two scalars is blanks, comments and indicators and nothing else, so this holds in every
style, in flow and block collections, and for every line end.

A comment counts if a letter or a digit follows its `#`, as in a hashtag: `# a note` is a comment.
Which places hold words of an author is not known here: see `text_places`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from plancast.model.quoting import shorten

Path = tuple[str | int, ...]

_BREAKS = "\r\n\x85\u2028\u2029"
_BLANKS = rf" \t{_BREAKS}\ufeff"
"""The blanks that YAML skips. The others of Unicode, such as a no-break space, are text to it."""

_LINE_REST = f"[^{_BREAKS}]*"
_COMMENT = rf"#{_LINE_REST}"
_COMMENTS_BEHIND = rf"(?:[{_BLANKS}]*#{_LINE_REST})+"
_BEHIND_IN_BRACKETS = rf"[{_BLANKS}]*,?{_COMMENTS_BEHIND}"
_COMMENT_OR_OTHER = rf"(?<![^{_BLANKS}\[{{,])#{_LINE_REST}|[^{_BLANKS}]"
_HEAD = rf"(?:[&!]\S*\s+)*(?:[|>][-+0-9]*[ \t]+)?(#{_LINE_REST})?"
HASHTAG = re.compile(r"#\w")
"""The sign of a comment that may be a hashtag, with the character behind it."""
_BREAK = f"[{_BREAKS}]"
_INDICATORS = frozenset(",[]{}:-?")
_SIGNS = ("#", "&", "!")

QUOTE_IT = "Put the text in quotes, or write it as a block: `|`, and the text below, indented."
"""The instruction for every text that YAML reads in another way."""


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    # Compiled when a text has such a sign: every command that reads posts loads this module.
    return re.compile(pattern)


@dataclass(frozen=True, slots=True)
class Swallowed:
    """A part of a value that is not in it. `path` is the place of the value in its document.

    `index` is the position of the part in the text, `part` the part itself. `is_certain` is False
    if the value is quoted or a block: its end is marked, so the author may know what is outside.
    """

    code: str
    path: Path
    index: int
    part: str
    detail: str
    is_certain: bool = True

    def place(self, text: str) -> tuple[int, int]:
        """Return line and column in the text, from 1."""
        line = text.count("\n", 0, self.index) + 1
        return line, self.index - text.rfind("\n", 0, self.index)


@dataclass(slots=True)
class Watch:
    """The watch over one text: what is swallowed in the document that is being read.

    `_last` is the end of the previous scalar, `_reported` the place of the last comment that was
    found, which may stand behind one value and before another. `_named` holds the values with an
    anchor that no alias has used yet.
    """

    text: str
    _last: int = 0
    _reported: int = -1
    _found: list[Swallowed] = field(default_factory=list)
    _named: dict[str, Swallowed] = field(default_factory=dict)

    @classmethod
    def over(cls, text: str) -> Watch | None:
        """Return a watch, or None for a text that holds no sign which could swallow anything."""
        return cls(text) if any(sign in text for sign in _SIGNS) else None

    def passed(self, end: int) -> None:
        """Note the end of a key or an alias."""
        self._last = end

    def used(self, anchor: str) -> None:
        """Note that an alias uses an anchor, which is no part of a text then."""
        self._named.pop(anchor, None)

    def saw(self, event: Any, column: int, path: Callable[[], Path]) -> None:
        """Look at a scalar that is a value, in a collection that begins at `column`.

        A comment on a later line counts only if it is indented deeper than that: then a text could
        go on there. In a collection in brackets `column` is -1, as indentation has no meaning.
        """
        start, end = event.start_mark.index, event.end_mark.index
        last, self._last = self._last, end
        is_block = event.style in ("|", ">")
        if is_block and not event.value.strip():
            column = -1  # nothing is in it, so the text below was not indented at all
        has_head = event.style or event.anchor
        inside = _compiled(_HEAD).match(self.text, start, end) if has_head else None
        # In brackets a text ends at a comma: `[One, two #three` are two.
        pattern = _COMMENTS_BEHIND if column >= 0 or is_block else _BEHIND_IN_BRACKETS
        behind = _compiled(pattern).match(self.text, end)
        if "#" in self.text[last:start]:
            self._comments(self._before(last, start, column), event, path, is_sure=not event.style)
        if inside and inside.group(1) and HASHTAG.match(inside.group(1)):
            self._comments([(inside.start(1), inside.group(1))], event, path, is_sure=False)
        if behind:
            since = end - 1 if is_block else end  # a block ends with its line, not within it
            comments = _compiled(_COMMENT).finditer(self.text, end, behind.end())
            reaching = self._reaching(comments, since, column)
            self._comments(reaching, event, path, is_sure=is_block or not event.style)
        if event.anchor:
            self._note_name(event, path())
        if event.tag == "!":
            self._add("PC111", path(), start, "!", event, is_certain=not event.style)

    def taken(self) -> tuple[Swallowed, ...]:
        """Return what the document that ends here has swallowed, and begin with the next one."""
        found = tuple(sorted((*self._found, *self._named.values()), key=lambda one: one.index))
        self._found.clear()
        self._named.clear()
        return found

    def comment_before(self, line: int) -> tuple[int, str] | None:
        """Return the comment that probably broke a text at a line, with its own line; or None.

        The rest of the text follows in the next line, or a bracket was closed in the comment.
        """
        # Behind the last scalar stand indicators and comments, up to what could not be read.
        for piece in _compiled(_COMMENT_OR_OTHER).finditer(self.text, self._last):
            if HASHTAG.match(piece.group()):
                return self._line_of(piece.start()), piece.group().rstrip()
            if piece.group() not in _INDICATORS and not piece.group().startswith("#"):
                break
        for one in reversed(self._found):
            there = self._line_of(one.index)
            if one.code == "PC110" and (line - there in (0, 1) or set(one.part) & {"]", "}"}):
                return there, one.part
        return None

    def _line_of(self, index: int) -> int:
        return self.text.count("\n", 0, index) + 1

    def _before(self, last: int, start: int, column: int) -> Iterator[tuple[int, str]]:
        """Yield the comments between the indicator in front of a value and the value."""
        comments: list[re.Match[str]] = []
        for piece in _compiled(_COMMENT_OR_OTHER).finditer(self.text, last, start):
            if piece.group().startswith("#"):
                comments.append(piece)
            else:  # an indicator: what stood before it belongs to something else
                comments.clear()
                last = piece.end()
        return self._reaching(comments, last, column)

    def _reaching(
        self, comments: Iterable[re.Match[str]], since: int, column: int
    ) -> Iterator[tuple[int, str]]:
        """Yield the comments behind `since` that stand where a text could go on."""
        for comment in comments:
            index = comment.start()
            breaks = list(_compiled(_BREAK).finditer(self.text, since, index))
            if not breaks or index - breaks[-1].end() > column:
                yield index, comment.group()
            since = comment.end()

    def _comments(
        self,
        comments: Iterable[tuple[int, str]],
        event: Any,
        path: Callable[[], Path],
        *,
        is_sure: bool,
    ) -> None:
        # The first one is enough: the author looks at the whole value then.
        for index, comment in comments:
            if HASHTAG.match(comment) and index > self._reported:
                self._reported = index
                self._add("PC110", path(), index, comment.rstrip(), event, is_certain=is_sure)
                return

    def _note_name(self, event: Any, path: Path) -> None:
        earlier = self._named.pop(event.anchor, None)
        if earlier is not None:  # the name is given again, and no alias has used it until here
            self._found.append(earlier)
        self._named[event.anchor] = self._made(
            "PC111", path, event.start_mark.index, f"&{event.anchor}", event, not event.style
        )

    def _add(  # noqa: PLR0913, PLR0917  # the fields of the value it makes
        self, code: str, path: Path, index: int, part: str, event: Any, is_certain: bool
    ) -> None:
        self._found.append(self._made(code, path, index, part, event, is_certain))

    @staticmethod
    def _made(  # noqa: PLR0913, PLR0917  # the fields of the value it makes
        code: str, path: Path, index: int, part: str, event: Any, is_certain: bool
    ) -> Swallowed:
        left = shorten(" ".join(event.value.split()), _SHOWN)
        detail = f"`{shorten(part, _SHOWN)}` is not part of it"
        detail += f"; what is left: {left}" if left else "; nothing is left"
        return Swallowed(code, path, index, part, detail, is_certain)


_SHOWN = 80
"""Characters that are shown of a text and of a comment."""
