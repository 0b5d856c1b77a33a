"""Content of a post as blocks of HTML, each on one line, in the order of the network."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from plancast.model.entry import Entry, Image, Link, Video
from plancast.model.features import LinkCards
from plancast.model.plan import ProfileRef
from plancast.networks.sent_text import as_post
from plancast.render.markdown.escape import attribute, block, code, is_address, phrase
from plancast.render.markdown.escape import length as size
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
from plancast.render.text_length import NO_LINK, length_on

LONGEST = 12_000
"""Characters for the posts after the first of a thread: one thread must not take all room."""


_SIGNS = {"first_comment": "💬 "}
_INSTRUCTIONS = {
    "shorten": "links are shortened by {provider}",
    "link_card": "no card for links in the text",
}


def counter(entry: Entry, profile: ProfileRef, cards: LinkCards = NO_LINK) -> str:
    """Return length and limit of a text: `271/280`; the length alone if there is no limit."""
    size_and_limit = length_on(entry, profile, cards)
    if not size_and_limit.limit:
        return f"{size_and_limit.size:,}"
    return f"{size_and_limit.size:,}/{size_and_limit.limit:,}" + (
        " ⚠️" if size_and_limit.over else ""
    )


def shown(
    entry: Entry, profiles: Sequence[ProfileRef], title: str, cards: LinkCards = NO_LINK
) -> Iterator[str]:
    """Yield all of an entry.

    `profiles` are those that it is for, by whose networks the posts of a thread are counted.
    `title` is that of the provider, `cards` are the links that it sends as cards.
    """
    if entry.thread:
        yield f"<p><b>{first(entry)}</b></p>"
    if entry.text.strip():
        yield _quote(entry.text)
    if entry.link:
        yield _link(entry.link)
    yield from map(_image, entry.images)
    if entry.video:
        yield _video(entry.video)
    yield from _thread(entry, profiles, cards)
    for row, text in texts(entry):
        yield f"<p>{_SIGNS.get(row.name, '')}<b>{row.label}</b></p>{_quote(text)}"
    yield from _beside(entry, title)


def _link(link: Link) -> str:
    card = [code(link.url)]
    card.extend(phrase(text) for text in (link.title, link.description) if text)
    if link.thumbnail:
        # A network without link cards publishes it as a picture.
        card.append(f"🖼️ {code(link.thumbnail)}")
    return "<p>🔗 " + "<br>".join(card) + "</p>"


def _quote(text: str) -> str:
    return f"<blockquote>{block(text.strip())}</blockquote>"


def _thread(entry: Entry, profiles: Sequence[ProfileRef], cards: LinkCards) -> Iterator[str]:
    """Yield the posts after the first of a thread; beyond LONGEST only how many there are."""
    left = LONGEST
    numbered = zip(parts(entry), entry.thread, strict=True)
    for index, ((number, text, images), follower) in enumerate(numbered):
        counters = dict.fromkeys(counter(as_post(follower), profile, cards) for profile in profiles)
        piece = "".join(
            [
                f"<p><b>{number}</b> <sub>{' · '.join(counters)}</sub></p>",
                _quote(text) if text else "",
                _link(follower.link) if follower.link else "",
                *map(_image, images),
            ]
        )
        left -= size(piece)
        # One thread may not push out all other posts; the page shows it whole.
        if left < 0:
            more = f"… {len(entry.thread) - index} more of the thread"
            yield f"<p>{more}: see the page, or <code>plancast show</code>.</p>"
            return
        yield piece


def _image(image: Image) -> str:
    alt = f"alt: {phrase(image.alt)}" if image.alt else "<b>no alternative text</b>"
    # A file of the repository has no address yet, and an odd address is only shown.
    if not is_address(image.url):
        return f"<p>🖼 {code(image.url or image.file)}<br>{alt}</p>"
    words = attribute(image.alt or "")
    return f'<p><img src="{attribute(image.url)}" width="160" alt="{words}"><br>{alt}</p>'


def _video(video: Video) -> str:
    lines = [code(video.url), *(f"{name}: {phrase(value)}" for name, value in about_video(video))]
    return "<p>🎬 " + "<br>".join(lines) + "</p>"


def _beside(entry: Entry, title: str) -> Iterator[str]:
    """Yield one block with the settings of the network, the tags, and the handling of links."""
    lines = [f"{phrase(name)}: <b>{phrase(value)}</b>" for name, value in settings(entry)]
    lines.extend(f"{row.label}: <b>{phrase(listed)}</b>" for row, listed in names(entry))
    for row in instructions(entry):
        words = _INSTRUCTIONS.get(row.name) or f"{row.label}: {answer(entry, row)}"
        lines.append(words.replace("{provider}", phrase(title)))
    if lines:
        yield f"<p>{'<br>'.join(lines)}</p>"
