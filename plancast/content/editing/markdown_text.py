"""Texts as Markdown: the way back for `pull`, under `markdown: plain`.

`escaped` spells a text so that it converts to exactly that text. `merged` does so for an edited
text, and keeps the author's Markdown in every block that the edit did not touch. Pure; callers
check the result by reading it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from plancast.content.editing.pull_layers import Edit
from plancast.content.markdown import PlainText, convert

_SIGNS = re.compile(r"[\\`*\[\]<~]|&(?=#?\w+;)|_")
_INSIDE = re.compile(r"(?<=[^\W_])_(?=[^\W_])")
_LINE_START = re.compile(r"(?:#{1,6}(?=[ \t]|$)|[-+](?=[ \t]|$)|>|=|-(?=[ \t-]*$))")
_NUMBER = re.compile(r"(\d{1,9})([.)])(?=[ \t]|$)")


def escaped(text: str) -> str:
    """Return Markdown that converts to a text. Paragraphs without any Markdown stay as they are."""
    paragraphs = text.split("\n\n")
    if _reads_as(text, text):
        return text
    spelled = [one if _reads_as(one, one) else _escaped_lines(one) for one in paragraphs]
    gentle = "\n\n".join(spelled)
    return gentle if _reads_as(gentle, text) else _escaped_lines(text)


def _reads_as(source: str, text: str) -> bool:
    plain = convert(source)
    return "\n".join(plain.lines) == text and not plain.images and not plain.kept


def _escaped_lines(text: str) -> str:
    return "\n".join(map(_escaped_line, text.split("\n")))


def _escaped_line(line: str) -> str:
    if not line:
        return line
    inside = {match.start() for match in _INSIDE.finditer(line)}
    body = _SIGNS.sub(
        lambda sign: sign[0] if sign.start() in inside else f"\\{sign[0]}",
        line,
    )
    body = _LINE_START.sub(lambda sign: f"\\{sign[0]}", body, count=1) if _starts(body) else body
    body = _NUMBER.sub(r"\1\\\2", body, count=1) if _NUMBER.match(body) else body
    if {"|", "-"} <= {*line} <= {*" |:-\t"}:  # the line below the head of a table
        body = body.replace("|", "\\|", 1)
    # Blanks at both ends of a line mean something to Markdown; a reference is a character like any.
    start = f"&#{ord(body[0])};" if body[0].isspace() else body[0]
    if len(body) == 1:
        return start
    end = f"&#{ord(body[-1])};" if body[-1].isspace() else body[-1]
    return f"{start}{body[1:-1]}{end}"


def _starts(line: str) -> bool:
    return _LINE_START.match(line) is not None


def merged(body: str, text: str) -> str:
    """Return a body that converts to a text, as near to the old body as possible.

    Blocks at the top and at the end that convert to the same lines as before stay; so do comments
    and definitions, which are put at the end if what was around them changed.
    """
    before = convert(body)
    for candidate in _candidates(body, before, text.split("\n")):
        after = convert(candidate)
        if after.text == text and _pictures(after) == _pictures(before):
            return candidate
    return escaped(text)


def _pictures(plain: PlainText) -> list[tuple[str, str]]:
    return [(image.url, image.alt) for image in plain.images]


def _candidates(body: str, before: PlainText, wanted: Sequence[str]) -> Iterator[str]:
    """Yield bodies that may convert to `wanted`, those that keep the most first."""
    old = before.lines
    shorter = min(len(old), len(wanted))
    head = next((n for n in range(shorter) if old[n] != wanted[n]), shorter)
    rest = shorter - head
    tail = next((n for n in range(rest) if old[-1 - n] != wanted[-1 - n]), rest)
    sections = before.sections
    first = next((n for n, one in enumerate(sections) if one.last > head), len(sections))
    later = (n for n in range(first, len(sections)) if sections[n].first >= len(old) - tail)
    last = next(later, len(sections))
    for start, stop in ((first, last), (first, len(sections)), (0, last), (0, len(sections))):
        yield _spliced(body, before, wanted, start, stop)


def _spliced(body: str, before: PlainText, wanted: Sequence[str], start: int, stop: int) -> str:
    """Return the body with the sections from `start` to `stop` written anew, as plain text."""
    lines, sections = body.split("\n"), before.sections
    begins = [one.start for one in sections] + [len(lines)]
    top = sections[start - 1].last if start else 0
    below = len(before.lines) - sections[stop].first if stop < len(sections) else 0
    middle = "\n".join(wanted[top : len(wanted) - below])
    unseen = [
        "\n".join(lines[begins[n] : begins[n + 1]]).strip("\n")
        for n in range(start, stop)
        if sections[n].first == sections[n].last
    ]
    above = "\n".join(lines[: begins[start]]).rstrip("\n")
    parts = [above] if start else []
    parts += [escaped(middle)]
    parts += ["\n".join(lines[begins[stop] :])] if stop < len(sections) else []
    whole = "\n".join(parts).strip("\n")
    return "\n\n".join([whole, *unseen])


def body_edits(
    edits: Sequence[Edit], document: Mapping[str, Any], body: str
) -> tuple[tuple[Edit, ...], str | None]:
    """Return the edits of the front matter, and the new body; None if the body stays as it is.

    An image that stands in the body goes to `images:` if the images changed, or if the text around
    it cannot stay.
    """
    before = convert(body)
    texts = [edit for edit in edits if edit.path == ("text",) and isinstance(edit.value, str)]
    others = [edit for edit in edits if edit not in texts]
    text = str(texts[-1].value) if texts else before.text
    takes_images = any(edit.path[:1] == ("images",) for edit in edits)
    if not texts and not (takes_images and before.images):
        return tuple(edits), None
    if takes_images and before.images:
        return tuple(others), escaped(text)
    after = merged(body, text)
    if before.images and not convert(after).images and "images" not in document:
        images = [
            {"url": image.url, **({"alt": image.alt} if image.alt else {})}
            for image in before.images
        ]
        others.append(Edit(("images",), images))
    return tuple(others), after
