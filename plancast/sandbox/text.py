"""The rewriting of texts: finding links, shortening them, and rendering as HTML."""

import hashlib
import re
from collections.abc import Callable
from html import escape
from urllib.parse import SplitResult, urlsplit

from plancast.sandbox.services import Service

SHORT_DOMAIN = "buff.ly"

_URL = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)
_MARKUP = re.compile(
    r"(?P<url>https?://[^\s<>\"]+)|(?P<tag>(?<![\w&])#\w+)|(?P<user>(?<![\w@])@\w+)",
    re.IGNORECASE,
)
#: Punctuation that ends a sentence rather than an address.
_TRAILING = ".,;:!?'\")]}\u00bb\u201d\u2019"
_ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


def first_link(text: str) -> str:
    """Return the first web address in `text`, or ""."""
    match = _URL.search(text)
    return _bare(match.group()) if match else ""


def has_link(text: str, link: str) -> bool:
    """Return whether a link is one of the words or web addresses of a text."""
    return link in text.split() or link in {_bare(found) for found in _URL.findall(text)}


def address(link: str) -> SplitResult:
    """Return the parts of a web address; all are empty if it is none."""
    try:
        return urlsplit(link)
    except ValueError:
        return urlsplit("")


def without_link(text: str, link: str) -> str:
    """Return `text` without a link, and without the gap that this leaves."""
    before, _, after = text.partition(link)
    return f"{before.rstrip()} {after.lstrip()}".strip()


def shorten(text: str, owner: str) -> str:
    """Replace every link of `text` by its short form; short links stay as they are."""
    return _each_link(text, lambda link: short_link(link, owner))


def short_link(link: str, owner: str) -> str:
    """Return the short form of a link: the same for the same link and owner, on every machine."""
    if address(link).hostname == SHORT_DOMAIN:
        return link
    number = int.from_bytes(hashlib.sha256(f"{owner} {link}".encode()).digest()[:8])
    letters = ""
    for _ in range(7):
        number, rest = divmod(number, len(_ALPHABET))
        letters += _ALPHABET[rest]
    return f"https://{SHORT_DOMAIN}/{letters}"


def md5(text: str) -> str:
    """Return the digest that answers show as text_md5."""
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def formatted(text: str, service: Service) -> str:
    """Return `text` as HTML: links, and on networks with pages for them hashtags and mentions."""
    parts: list[str] = []
    end = 0
    for match in _MARKUP.finditer(text):
        shown = _bare(match.group()) if match["url"] else match.group()
        parts.append(escape(text[end : match.start()], quote=False))
        parts.append(_anchor(match.lastgroup or "", shown, service))
        end = match.start() + len(shown)
    parts.append(escape(text[end:], quote=False))
    return "".join(parts)


def _anchor(group: str, markup: str, service: Service) -> str:
    """Return a link, hashtag or mention as HTML; plain text if the network has no page for it."""
    shown = escape(markup)
    ending = 'rel="external nofollow" target="_blank"'
    if group == "url":
        return f'<a class="url" href="{shown}" {ending}>{shown}</a>'
    if group == "tag" and service.hashtag_url:
        href = f"{service.hashtag_url}{markup[1:]}"
        return f'<a href="{href}" title="{shown}" class="hashtag" {ending}>{shown}</a>'
    if group == "user" and service.user_url:
        href = escape(f"{service.user_url}{markup[1:]}")
        return f'@<a class="username" href="{href}" {ending}>{markup[1:]}</a>'
    return shown


def _each_link(text: str, change: Callable[[str], str]) -> str:
    def replace(match: re.Match[str]) -> str:
        link = _bare(match.group())
        return change(link) + match.group()[len(link) :]

    return _URL.sub(replace, text)


def _bare(link: str) -> str:
    """Return a link without the punctuation that ends its sentence."""
    end, closing, opening = len(link), link.count(")"), link.count("(")
    while link[end - 1] in _TRAILING:
        if link[end - 1] == ")":
            if opening >= closing:
                break  # the bracket belongs to the address, as in .../Mercury_(planet)
            closing -= 1
        end -= 1
    return link[:end]
