"""The text of a file of posts: read, split into front matter and body, and searched for positions.

Positions are found on demand (`locate`, `flaw_range`), by reading the YAML a second time. Texts are
not kept until then: `FileTexts` reads a file again.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from plancast.content.discovery import Source
from plancast.content.yaml_reader import MAX_BYTES, Document, Flaw, Marks, decode, read
from plancast.model.diagnostics import Pointer, SourceRange

if TYPE_CHECKING:
    from plancast.content.markdown import BodyPlace

_FENCE = "---"


@dataclass(frozen=True)
class PostText:
    """The text of one file. Of a Markdown file `yaml` is the front matter and `body` the rest.

    `offset` is the number of lines before `yaml`; `body_line` is the first line of the body that
    is not empty, counted from 1. `body` is None for a YAML file. `from_body` has the places of
    values of the post that stand in the body, such as images, by their paths.
    """

    name: str
    text: str
    yaml: str
    offset: int = 0
    body: str | None = None
    body_line: int = 0
    from_body: Mapping[tuple[str | int, ...], SourceRange] = field(default_factory=dict)

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
        """Return line and columns of a value in this file, or of its key with `key`."""
        for length in range(len(pointer.path), 0, -1):
            if place := self.from_body.get(pointer.path[:length]):
                return place
        # The text of a Markdown post stands below the front matter, if there is any.
        if self.body is not None and self.body.strip() and pointer.path == ("text",):
            line = min(self.body_line, len(self._lines))
            return SourceRange.in_line(self.name, line, 1, 2, self._lines[line - 1].rstrip("\r"))
        if image := self._image_in_body(pointer):
            return self.in_body(image.line, image.column)
        line, column, end, shown = self._marks.find(pointer.document, pointer.path, key=key)
        return SourceRange.in_line(self.name, line + self.offset, column, end, shown)

    def _image_in_body(self, pointer: Pointer) -> BodyPlace | None:
        """Return the place of an image that stands in the body; None if the pointer names none."""
        match pointer.path:
            case ("images", int(index), *_):
                is_above = self._marks.has(pointer.document, ("images",))
                places = () if is_above else self._body_images
                return places[index] if index < len(places) else None
        return None

    @cached_property
    def _body_images(self) -> tuple[BodyPlace, ...]:
        from plancast.content.markdown import convert, is_web_address  # noqa: PLC0415

        images = convert(self.body).images if self.body else ()
        return tuple(image.place for image in images if is_web_address(image.url))

    def in_body(self, line: int, column: int) -> SourceRange:
        """Return the position of a place in the body; both numbers count from 1."""
        lines = (self.body or "").split("\n")
        skipped = next((number for number, text in enumerate(lines) if text.strip()), 0)
        line = min(self.body_line - skipped + line - 1, len(self._lines))
        shown = self._lines[line - 1].rstrip("\r")
        return SourceRange.in_line(self.name, line, column, column + 1, shown)

    def flaw_range(self, flaw: Flaw) -> SourceRange:
        """Return the position of a flaw, with its line of text."""
        lines, line = self._yaml_lines, flaw.line
        shown = lines[line - 1].rstrip("\r") if 0 < line <= len(lines) else ""
        column = flaw.column
        end = column + flaw.length
        return SourceRange.in_line(self.name, line + self.offset, column, end, shown)

    def documents(self) -> tuple[tuple[Document, ...], tuple[Flaw, ...]]:
        """Read the YAML: return its documents, and its flaws."""
        return read(self.yaml)


BodyPlaces = Mapping[tuple[str | int, ...], SourceRange]
"""The places of values of a post that stand in the body of its file."""


class FileTexts(Mapping[str, PostText]):
    """The texts of the files that were loaded, by name. Each is read again when it is asked for.

    Kept is a checksum of each file. One that was changed, replaced or removed since it was loaded
    is missing: a line of it would be a line of another text. Memory then grows with the posts, and
    not with their files as well.
    """

    MOST_RECENT = 64
    """Texts that are kept: problems and changes of one file mostly follow each other."""

    def __init__(self, root: str) -> None:
        self._root = root
        self._checksums: dict[str, bytes] = {}
        self._body_places: dict[str, BodyPlaces] = {}
        self._recent: dict[str, PostText] = {}

    def note(self, name: str, raw: bytes) -> None:
        """Note that a file was loaded, and with which content."""
        self._checksums[name] = _checksum(raw)

    def note_body_places(self, name: str, places: BodyPlaces) -> None:
        """Note the places of values that stand in the body of a file."""
        self._body_places[name] = places

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names of all files that were loaded."""
        return iter(self._checksums)

    def __len__(self) -> int:
        return len(self._checksums)

    def __contains__(self, name: object) -> bool:
        return name in self._checksums

    def __getitem__(self, name: str) -> PostText:
        """Return the text of a file as it was loaded. Raises KeyError if it is not so any more."""
        text = self._recent.get(name)
        if text is None:
            text = self._read_again(name)
            if len(self._recent) >= self.MOST_RECENT:
                del self._recent[next(iter(self._recent))]
            self._recent[name] = text
        return text

    def _read_again(self, name: str) -> PostText:
        checksum = self._checksums[name]
        source = Source(name, f"{self._root}{os.sep}{name}")
        try:
            raw = read_bytes(source)
        except OSError:
            raise KeyError(name) from None
        text = post_text(source, raw) if _checksum(raw) == checksum else None
        if not isinstance(text, PostText):
            raise KeyError(name)
        return replace(text, from_body=self._body_places.get(name, {}))


def _checksum(raw: bytes) -> bytes:
    return hashlib.sha256(raw).digest()


def read_bytes(source: Source) -> bytes:
    """Read a file, at the most one byte more than the limit, so that `decode` sees the excess.

    Raises OSError, also for what is not a regular file: a read from a named pipe may never return.
    """
    # O_NONBLOCK: opening a named pipe must not wait for a writer.
    flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
    handle = os.open(source.location, flags)
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
    """Decode a file and split off its front matter; None for Markdown without any: it is prose.

    Returns a Flaw if it is too large, is not UTF-8, or if its front matter is never closed.
    """
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
