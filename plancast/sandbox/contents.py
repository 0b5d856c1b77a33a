"""Refusals of single characters, and of too many links, hashtags or posts in 24 hours.

Written by its own rules and not by those of plancast, so that the two can disagree. Which network
has which limit stands in `services`. Buffer's wordings are not known for most of these; they are
ours, after the pattern of others.
"""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from plancast.sandbox.services import SERVICES, Service

DAY = 86_400
_WORD_AFTER = ("#", "\uff03")
_FILLERS = frozenset((0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0)).union(
    range(0x180B, 0x1810), range(0xFE00, 0xFE10), range(0xE0000, 0xE1000)
)
_STOPS = (
    frozenset(' \t\n\r\x0b\x0c\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000<>"')
    | {chr(number) for number in range(0x2000, 0x200B)}
    | {chr(number) for number in range(0x1C, 0x20)}
)
_TAIL = ".,;:!?'\")]}\u00bb\u201d\u2019\u2026"


def mistakes(
    service: Service,
    texts: Sequence[str],
    comment: str = "",
    cards: Sequence[str] = (),
    others: Sequence[str] = (),
) -> Iterator[str]:
    """Yield what a network refuses about the texts of a post, the first of a thread first.

    `cards` are the addresses of the link cards beside these texts, "" for none, `others` all texts
    beside those of posts.
    """
    title = next(iter(service.types.values()))
    if any(_is_control(ord(sign)) for text in (*texts, comment, *others) for sign in text):
        yield "The text contains control characters."
    if any(sign in service.refused_characters for text in texts for sign in text):
        yield f"The text contains characters that are invalid on {title}."
    if comment and is_blank(comment):
        yield "The first comment is empty."
    if service.most_hashtags is not None:
        number = count_hashtags(texts[0]) + count_hashtags(comment)
        if number > service.most_hashtags:
            yield f"{title} posts can have up to {service.most_hashtags} hashtags."
    if service.most_links is not None:
        for index, text in enumerate(texts):
            addresses = set(web_addresses(text))
            addresses |= {card.rstrip(_TAIL) for card in cards[index : index + 1] if card}
            if len(addresses) > service.most_links:
                yield f"{title} posts can have up to {service.most_links} links."


def is_blank(text: str) -> bool:
    """Return whether a text shows nothing: blanks, control and format characters, and fillers."""
    for sign in text:
        kind = unicodedata.category(sign)
        if kind[0] != "Z" and kind not in ("Cc", "Cf") and ord(sign) not in _FILLERS:
            return False
    return True


def _is_control(number: int) -> bool:
    return number not in (9, 10, 13) and (number < 32 or 127 <= number < 160)


def count_hashtags(text: str) -> int:
    """Count the words behind a `#`, if no word, slash, `#` or ampersand stands before it."""
    number = 0
    for index, sign in enumerate(text[:-1]):
        before = text[index - 1] if index else " "
        begins = sign in _WORD_AFTER and not (_in_word(before) or before in "&/#\uff03")
        number += begins and _in_word(text[index + 1])
    return number


def _in_word(sign: str) -> bool:
    return sign == "_" or sign.isalnum()


def web_addresses(text: str) -> Iterator[str]:
    """Yield the web addresses of a text, without the punctuation that ends a sentence."""
    low, position = text.lower(), 0
    if len(low) != len(text):  # a letter whose small form is longer
        low = "".join(sign.lower() if sign.isascii() else sign for sign in text)
    while position < len(text):
        begins = next(
            (one for one in ("http://", "https://", "www.") if low.startswith(one, position)), ""
        )
        before = text[position - 1] if position else " "
        if not begins or (begins == "www." and (_in_word(before) or before in ".@/-")):
            position += 1
            continue
        end = position + len(begins)
        while end < len(text) and text[end] not in _STOPS:
            end += 1
        if end > position + len(begins):
            yield text[position:end].rstrip(_TAIL)
        position = end


def refused_at_the_network(service: str, extras: Mapping[str, Any]) -> str:
    """Return why a network refuses a post that Buffer has taken, "" if it takes it."""
    most = SERVICES[service].photo_title
    title = extras.get("metadata", {}).get("title", "")
    kinds = {asset["kind"] for asset in extras.get("assets") or ()}
    if most is None or "image" not in kinds or "video" in kinds:
        return ""
    units = len(str(title).encode("utf-16-le", "surrogatepass")) // 2
    return f"The title of a photo can have up to {most} characters." if units > most else ""


def is_full(times: Sequence[int], at: int, most: int) -> bool:
    """Return whether one more post at a time makes more than `most` within some 24 hours."""
    all_times = sorted((*times, at))
    return any(
        last - first < DAY and first <= at <= last
        for first, last in zip(all_times, all_times[most:], strict=False)
    )
