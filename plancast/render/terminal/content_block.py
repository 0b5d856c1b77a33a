"""Content of an entry in a terminal: its text, its attachments, and the rest of its thread."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from plancast.model.entry import Entry, Image, Link, Video
from plancast.model.entry_fields import details
from plancast.render.options import ViewOptions
from plancast.render.terminal.entry_block import (
    about_video,
    answer,
    first,
    instructions,
    names,
    parts,
    settings,
    texts,
)
from plancast.render.terminal.style import Ink, columns, cut, one_line, paint, safe, wrap
from plancast.render.text import count

TEXT_LINES = 8
"""Lines of a text that are shown without -v."""

LABEL = range(6, 21)
"""Columns of the labels: at least the first number, at most the last; a longer label is cut."""


_INSTRUCTIONS = {
    "shorten": ("links", "shortened by {provider}"),
    "link_card": ("card", "none for links in the text"),
}


def whole(entry: Entry, options: ViewOptions) -> Iterator[str]:
    """Yield the lines of an entry that is to be created; long texts are cut unless verbose."""
    lines = None if options.verbose else TEXT_LINES
    rows = [(cut(one_line(key), LABEL[-1]), said) for key, said in settings(entry)]
    # One column for all labels of the entry, as wide as the longest setting.
    wide = max([LABEL[0], *(columns(key) for key, _ in rows)])
    yield from text_block(entry.text, options, lines, first(entry))
    yield from labelled_all(_first(entry), options, wide)
    for (number, text, images), item in zip(parts(entry), entry.thread, strict=True):
        yield from text_block(text or "(no text)", options, lines, number)
        if item.link:
            yield from labelled_all(_link(item.link), options, wide)
        yield from labelled_all(_images(images), options, wide)
    for row, text in texts(entry):
        yield from text_block(text, options, lines, row.label)
    rows.extend((row.label, listed) for row, listed in names(entry))
    yield from labelled_all(rows, options, wide)
    for row in instructions(entry):
        name, words = _INSTRUCTIONS.get(row.name, (row.label, answer(entry, row)))
        yield labelled(name, words.replace("{provider}", options.title), options, wide)


def text_block(text: str, options: ViewOptions, lines: int | None, name: str = "") -> Iterator[str]:
    """Yield a text behind a bar, with `name` before the bar of the first line.

    `lines` is how many are shown, None for all. Nothing is yielded for a text of blanks.
    """
    if not text.strip():
        return
    bar = paint("│", Ink.FAINT, color=options.color)
    margin = f"{paint(name, Ink.FAINT, color=options.color)} " if name else ""
    blank = " " * (columns(name) + 1) if name else ""
    wrapped = wrap(safe(text.strip()), max(20, options.width - 6 - len(blank)))
    # One line too many is shown: "1 more line" would take the same room.
    shown = wrapped if lines is None or len(wrapped) <= lines + 1 else wrapped[:lines]
    for number, line in enumerate(shown):
        yield f"  {blank if number else margin}{bar} {line}".rstrip()
    left = len(wrapped) - len(shown)
    if left:
        more = paint(f"… {count(left, 'more line')}", Ink.FAINT, color=options.color)
        yield f"  {blank}{bar} {more}"


def labelled_all(
    rows: Iterable[tuple[str, str]], options: ViewOptions, wide: int = LABEL[0]
) -> Iterator[str]:
    """Yield one line for each label and value. `wide` is the column of the labels."""
    for label, value in rows:
        yield labelled(label, value, options, wide)


def labelled(label: str, value: str, options: ViewOptions, wide: int = LABEL[0]) -> str:
    """Return a line with a label and its value.

    A value is cut to fit, unless it has a web address: a part of that is of no use.
    """
    shown = one_line(value)
    if "://" not in shown:
        shown = cut(shown, max(20, options.width - 3 - wide))
    padding = " " * (wide - columns(label))
    return f"  {paint(label + padding, Ink.FAINT, color=options.color)} {shown}"


def _first(entry: Entry) -> Iterator[tuple[str, str]]:
    if entry.link:
        yield from _link(entry.link)
    yield from _images(entry.images)
    if entry.video:
        yield from _video(entry.video)


def _link(link: Link) -> Iterator[tuple[str, str]]:
    yield "link", link.url
    for name in details(Link):
        value = getattr(link, name)
        if value:
            yield "", value


def _images(images: Iterable[Image]) -> Iterator[tuple[str, str]]:
    for image in images:
        yield "image", image.url or image.file
        if image.alt:
            yield "", f"alt: {image.alt}"


def _video(video: Video) -> Iterator[tuple[str, str]]:
    yield "video", video.url
    for name, value in about_video(video):
        yield "", f"{name}: {value}"
