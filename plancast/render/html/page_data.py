"""JSON data for the page's script: one compact object per card, for chips and filters.

Keys are one letter long, since they are repeated for every entry. The texts of cards are not in
here: the script finds them in the list, which has each of them once.
"""

from __future__ import annotations

from datetime import datetime

from plancast.render.html.cards import MARKS, Card, one
from plancast.render.html.offsets import Reading
from plancast.render.html.page import PreviewPage
from plancast.render.terminal.style import safe

Value = object


def facts(page: PreviewPage, title: str) -> dict[str, Value]:
    """Build the data as plain values, every text safe to read. `title` is that of the provider."""
    return {
        "now": _seconds(page.now),
        "zone": page.zone,
        "here": [page.here.offset, page.here.name],
        "marks": {mark: safe(one(mark, title)) for mark in MARKS},
        "shifts": {str(day): words for day, words in page.shifts},
        "cards": [_card(card) for card in page.cards],
    }


def _card(card: Card) -> dict[str, Value]:
    data: dict[str, Value] = {
        "a": safe(card.address),
        "i": safe(card.post),
        "p": safe(card.profile),
        "n": safe(card.look.name),
        "s": card.look.style,
        "l": safe(card.look.letter),
        "k": card.marks,
        "x": safe(card.excerpt),
    }
    if card.moment and card.own and card.home:
        data |= {"t": _seconds(card.moment), "o": _offset(card.own), "h": _offset(card.home)}
    if card.earlier and card.earlier_home:
        data["b"] = int(card.earlier.here.timestamp())
        data |= {"bo": _offset(card.earlier), "bh": _offset(card.earlier_home)}
    if card.campaign:
        data["c"] = safe(card.campaign)
    if card.tags:
        data["g"] = [safe(tag) for tag in card.tags]
    if card.content.pictures:
        data["m"] = len(card.content.pictures)
    if card.length.over:
        data["v"] = card.length.over
    return data


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def _offset(reading: Reading) -> list[int | str]:
    return [reading.offset, reading.name]
