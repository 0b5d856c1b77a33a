"""What a post says and shows, as blocks of HTML: each is one line, and their order is that of the
network.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from plancast.model.entry import Entry, Image, Video
from plancast.render.markdown.escape import attribute, block, code, is_address, phrase
from plancast.render.markdown.escape import length as size
from plancast.render.terminal.entry_block import (
    about_video,
    answer,
    as_post,
    first,
    instructions,
    names,
    parts,
    settings,
    texts,
)
from plancast.render.text_length import length

LONGEST = 12_000
"""Characters of the posts that follow the first of a thread: one thread must not take all room."""


_SIGNS = {"first_comment": "💬 "}
_INSTRUCTIONS = {
    "shorten": "links are shortened by {provider}",
    "link_card": "no card for links in the text",
}


def counter(entry: Entry, service: str) -> str:
    """`271/280`; the length alone where nobody knows a limit."""
    found = length(entry, service)
    if not found.limit:
        return f"{found.size:,}"
    return f"{found.size:,}/{found.limit:,}" + (" ⚠️" if found.over else "")


def shown(entry: Entry, services: Sequence[str], title: str) -> Iterator[str]:
    """All of an entry. `services`: the networks that it is for, whose lengths are told.

    `title` is that of the provider.
    """
    if entry.thread:
        yield f"<p><b>{first(entry)}</b></p>"
    if entry.text.strip():
        yield _quote(entry.text)
    if entry.link:
        card = [code(entry.link.url)]
        card.extend(phrase(text) for text in (entry.link.title, entry.link.description) if text)
        if entry.link.thumbnail:
            # A network without link cards publishes it as a picture.
            card.append(f"🖼️ {code(entry.link.thumbnail)}")
        yield "<p>🔗 " + "<br>".join(card) + "</p>"
    yield from map(_image, entry.images)
    if entry.video:
        yield _video(entry.video)
    yield from _thread(entry, services)
    for row, text in texts(entry):
        yield f"<p>{_SIGNS.get(row.name, '')}<b>{row.label}</b></p>{_quote(text)}"
    yield from _beside(entry, title)


def _quote(text: str) -> str:
    return f"<blockquote>{block(text.strip())}</blockquote>"


def _thread(entry: Entry, services: Sequence[str]) -> Iterator[str]:
    """What follows the first post; of what is too long the number of posts."""
    left = LONGEST
    found = zip(parts(entry), entry.thread, strict=True)
    for index, ((number, text, images), item) in enumerate(found):
        told = dict.fromkeys(counter(as_post(item), service) for service in services)
        piece = "".join(
            [
                f"<p><b>{number}</b> <sub>{' · '.join(told)}</sub></p>",
                _quote(text) if text else "",
                *map(_image, images),
            ]
        )
        left -= size(piece)
        if left < 0:
            more = f"… {len(entry.thread) - index} more of the thread"
            yield f"<p>{more}: see the page, or <code>plancast show</code>.</p>"
            return
        yield piece


def _image(image: Image) -> str:
    alt = f"alt: {phrase(image.alt)}" if image.alt else "<b>no alternative text</b>"
    if not is_address(image.url):
        return f"<p>🖼 {code(image.url or image.file)}<br>{alt}</p>"
    words = attribute(image.alt or "")
    return f'<p><img src="{attribute(image.url)}" width="160" alt="{words}"><br>{alt}</p>'


def _video(video: Video) -> str:
    told = [code(video.url), *(f"{name}: {phrase(said)}" for name, said in about_video(video))]
    return "<p>🎬 " + "<br>".join(told) + "</p>"


def _beside(entry: Entry, title: str) -> Iterator[str]:
    """Settings of the network, tags, and what happens to links."""
    told = [f"{phrase(name)}: <b>{phrase(said)}</b>" for name, said in settings(entry)]
    told.extend(f"{row.label}: <b>{phrase(listed)}</b>" for row, listed in names(entry))
    for row in instructions(entry):
        words = _INSTRUCTIONS.get(row.name) or f"{row.label}: {answer(entry, row)}"
        told.append(words.replace("{provider}", phrase(title)))
    if told:
        yield f"<p>{'<br>'.join(told)}</p>"
