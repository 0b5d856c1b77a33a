"""A file of posts as text: read, split into front matter and body, and asked for places."""

from __future__ import annotations

import errno
import os
import stat
from dataclasses import dataclass
from functools import cached_property

from plancast.content.discovery import Source
from plancast.content.yaml_reader import MAX_BYTES, Document, Flaw, Marks, decode, read
from plancast.model.diagnostics import Pointer, SourceRange

_FENCE = "---"


@dataclass(frozen=True)
class PostText:
    """The text of one file. Of a Markdown file `yaml` is the front matter and `body` the rest.

    `offset` is how many lines stand before `yaml`, `body_line` where the body begins.
    """

    name: str
    text: str
    yaml: str
    offset: int = 0
    body: str | None = None
    body_line: int = 0

    @cached_property
    def _marks(self) -> Marks:
        return Marks(self.yaml)

    @cached_property
    def _lines(self) -> list[str]:
        return self.text.split("\n")

    @cached_property
    def _yaml_lines(self) -> list[str]:
        return self.yaml.split("\n")

    def locate(self, pointer: Pointer, *, key: bool = False) -> SourceRange:
        """Line and column of a place in this file."""
        if self.body is not None and self.body.strip() and pointer.path == ("text",):
            line = min(self.body_line, len(self._lines))
            return SourceRange.in_line(self.name, line, 1, 2, self._lines[line - 1].rstrip("\r"))
        line, column, end, shown = self._marks.find(pointer.document, pointer.path, key=key)
        return SourceRange.in_line(self.name, line + self.offset, column, end, shown)

    def flaw_range(self, flaw: Flaw) -> SourceRange:
        """The place of a flaw, with its line."""
        lines, line = self._yaml_lines, flaw.line
        shown = lines[line - 1].rstrip("\r") if 0 < line <= len(lines) else ""
        column = flaw.column
        return SourceRange.in_line(self.name, line + self.offset, column, column + 1, shown)

    def documents(self) -> tuple[tuple[Document, ...], tuple[Flaw, ...]]:
        """The YAML documents that it holds, and what is wrong with them."""
        return read(self.yaml)


def read_bytes(source: Source) -> bytes:
    """The content of a file, at the most one byte more than may be. Raises OSError.

    A pipe with a name would be waited for, so only regular files are read.
    """
    flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
    handle = os.open(source.path, flags)
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(errno.EINVAL, "it is not a regular file")
        chunks = [os.read(handle, MAX_BYTES + 1)]
        left = MAX_BYTES + 1 - len(chunks[0])
        while chunks[-1] and left:
            chunks.append(os.read(handle, left))
            left -= len(chunks[-1])
        return b"".join(chunks)
    finally:
        os.close(handle)


def post_text(source: Source, raw: bytes) -> PostText | Flaw | None:
    """The text of a file; None for Markdown that has no front matter and so is prose."""
    text = decode(raw)
    if isinstance(text, Flaw):
        return text
    if not source.is_markdown:
        return PostText(source.name, text, text)
    lines = text.replace("\r\n", "\n").split("\n")
    if lines[0].rstrip() != _FENCE:
        return None
    for number, line in enumerate(lines[1:], start=1):
        if line.rstrip() in (_FENCE, "..."):
            body = "\n".join(lines[number + 1 :])
            first = next((i for i, item in enumerate(lines[number + 1 :]) if item.strip()), 0)
            front = "\n".join(lines[1:number])
            return PostText(source.name, text, front, 1, body, number + 2 + first)
    return Flaw("PC108", 1, 1)
