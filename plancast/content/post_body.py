"""The body of a Markdown post: the keys that it stands for, and what is wrong with it.

`markdown:` decides how a body is read: `plain` converts it (`markdown.convert`), `literal` takes it
as it is written. Without the key a body is taken as it is written, too, since no post may change
because plancast was upgraded; then signs that a network would show are a warning.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from plancast.content.editing.key_order import KEYS
from plancast.content.source import PostText
from plancast.model.diagnostics import Diagnostic, Pointer, Severity, SourceRange, problem

if TYPE_CHECKING:
    from plancast.content.markdown import BodyImage, PlainText

PLAIN = "plain"
LITERAL = "literal"

_FENCES = ("---", "...")
_KEY = re.compile(rf"(?:{'|'.join(KEYS)}):(?:\s|$)")
_YAML_LINE = re.compile(r"\s|#|-\s|[A-Za-z_]+:(?:\s|$)")


@dataclass(frozen=True, slots=True)
class ReadBody:
    """The keys of a post that its body stands for, and the problems of the body.

    `places` are those of the values that have no place in the front matter, by their paths.
    """

    keys: Mapping[str, Any] = field(default_factory=dict)
    problems: Sequence[Diagnostic] = ()
    places: Mapping[tuple[str | int, ...], SourceRange] = field(default_factory=dict)


def read(value: Mapping[str, Any], file: PostText, markdown: str, at: Pointer) -> ReadBody:
    """Read the body of a file; `value` is its front matter, `markdown` the setting for it."""
    if file.body is None:
        return ReadBody(problems=_for_no_body(value, at))
    from plancast.content.markdown import convert, first_syntax  # noqa: PLC0415

    body = file.body.strip()
    if not body:
        return ReadBody()
    problems = []
    if "text" in value:
        hint = "The text below the front matter is the text of the post."
        problems.append(problem("PC203", "`text` stands twice", hint=hint, at=at / "text"))
    problems += _second_front_matter(file, markdown, at)
    if markdown == PLAIN:
        plain = convert(file.body)
        converted = _converted(value, plain, file, at)
        return replace(converted, problems=(*problems, *converted.problems))
    if not markdown and not problems and (place := first_syntax(file.body)):
        source = file.in_body(place.line, place.column)
        problems.append(problem("PC226", source=source, at=at / "text"))
    return ReadBody({"text": body}, problems)


def _for_no_body(value: Mapping[str, Any], at: Pointer) -> list[Diagnostic]:
    """Report `markdown:` in a YAML post, where it would change nothing."""
    if "markdown" not in value:
        return []
    hint = "It says how the body of a Markdown file is read. A text in YAML is sent as it is."
    return [problem("PC203", "`markdown` in a YAML file", hint=hint, at=at / "markdown")]


def _converted(value: Mapping[str, Any], plain: PlainText, file: PostText, at: Pointer) -> ReadBody:
    """Return the keys for a converted body, their places, and the remarks on the conversion."""
    keys: dict[str, Any] = {"text": plain.text} if plain.text else {}
    problems = [
        problem("PC228", kept.what, at=at / "text", source=file.in_body(*_numbers(kept)))
        for kept in plain.kept
    ]
    images: list[dict[str, str]] = []
    places: dict[tuple[str | int, ...], SourceRange] = {}
    for image in plain.images:
        source = file.in_body(*_numbers(image))
        if reason := _image_problem(value, image):
            detail, hint = reason
            problems.append(problem("PC229", detail, hint=hint, at=at / "text", source=source))
        else:
            places["images", len(images)] = source
            places.setdefault(("images",), source)
            images.append({"url": image.url, **({"alt": image.alt} if image.alt else {})})
    if images:
        keys["images"] = images
    if plain.text != (file.body or "").strip():
        problems.append(problem("PC227", at=at / "text"))
    return ReadBody(keys, problems, places)


def _numbers(found: Any) -> tuple[int, int]:
    return found.place.line, found.place.column


def _image_problem(value: Mapping[str, Any], image: BodyImage) -> tuple[str, str] | None:
    """Return why an image cannot be taken out of the body, and what to do; None if it can."""
    from plancast.content.markdown import is_web_address  # noqa: PLC0415

    if "images" in value:
        detail = f"{image.url}: the front matter has `images:`, too"
        return detail, "Write all images in one place: in `images:`, or in the text."
    if not is_web_address(image.url):
        return f"{image.url!r} is no web address", "Networks fetch images from http:// or https://."
    return None


def _second_front_matter(file: PostText, markdown: str, at: Pointer) -> Iterator[Diagnostic]:
    """Yield the first block of keys in a body: it would be sent, and its post would not."""
    line = second_front_matter(file.body or "")
    if line:
        # An author who writes `literal` may mean these lines as a text.
        severity = Severity.WARNING if markdown == LITERAL else None
        place = file.in_body(line, 1)
        yield problem("PC230", at=at / "text", source=place, severity=severity)


def second_front_matter(body: str) -> int:
    """Return the line of the fence above a block of keys in a body; 0 if there is none.

    Such a block has lines of YAML alone, at least one with a key of a post, and a fence below. At
    the top of the body the fence below may be missing.
    """
    lines = [line.rstrip() for line in body.split("\n")]
    first = next((number for number, line in enumerate(lines) if line), 0)
    keys, start, is_yaml = 0, -1, False
    for number, line in enumerate(lines):
        if line in _FENCES:
            if keys and is_yaml:
                return start + 1
            keys, start, is_yaml = 0, number, line == _FENCES[0]
        elif is_yaml and line:
            is_yaml = bool(_YAML_LINE.match(line))
            keys += bool(_KEY.match(line))
            if keys and start == first:
                return start + 1
    return 0
