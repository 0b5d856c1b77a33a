"""What the script is told: of each card as much as a chip shows and a filter asks for.

Names are one letter long, since there is one of each for every entry of the queue. The texts of
cards are not in here: the script finds them in the list, where they stand once.
"""

from __future__ import annotations

from datetime import datetime

from plancast.render.html.cards import MARKS, Card, one
from plancast.render.html.offsets import Reading
from plancast.render.html.page import PreviewPage
from plancast.render.terminal.style import safe

Value = object


def facts(page: PreviewPage, title: str) -> dict[str, Value]:
    """As plain values; every text in it is safe to read. `title`: of the provider."""
    return {
        "now": _seconds(page.now),
        "zone": page.zone,
        "here": [page.here.offset, page.here.name],
        "marks": {mark: safe(one(mark, title)) for mark in MARKS},
        "shifts": {str(day): words for day, words in page.shifts},
        "cards": [_card(item) for item in page.cards],
    }


def _card(item: Card) -> dict[str, Value]:
    told: dict[str, Value] = {
        "a": safe(item.address),
        "i": safe(item.post),
        "p": safe(item.profile),
        "n": safe(item.look.name),
        "s": item.look.style,
        "l": safe(item.look.letter),
        "k": item.marks,
        "x": safe(item.excerpt),
    }
    if item.moment and item.own and item.home:
        told |= {"t": _seconds(item.moment), "o": _offset(item.own), "h": _offset(item.home)}
    if item.earlier and item.earlier_home:
        told["b"] = int(item.earlier.here.timestamp())
        told |= {"bo": _offset(item.earlier), "bh": _offset(item.earlier_home)}
    if item.campaign:
        told["c"] = safe(item.campaign)
    if item.tags:
        told["g"] = [safe(tag) for tag in item.tags]
    if item.content.pictures:
        told["m"] = len(item.content.pictures)
    if item.length.over:
        told["v"] = item.length.over
    return told


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def _offset(reading: Reading) -> list[int | str]:
    return [reading.offset, reading.name]
