"""When two entries mean the same, and in which fields they do not.

Two kinds of comparison, never to be confused:

* *Ours against ours* (`field_diffs` on what was applied and what is desired) is exact:
  both sides are what an author wrote.
* *Theirs against ours* goes through `as_asked` first. Buffer and the networks
  rewrite what they are given: texts are trimmed, a card is scraped from a link,
  images are copied to Buffer's own storage, alternative texts are not told
  (docs/buffer/v1.md#text-and-links-on-read-back, docs/buffer/v1.md#media-on-read-back),
  defaults stand where nobody said anything.
  `as_asked` reduces a live entry to the parts that somebody asked for, so that
  such rewriting can never look like a change. Texts are compared as `normalize_text`.

What is not done here: deciding which entry belongs to which (match), and what
follows from a difference (diff).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import cache, partial
from typing import Any, NamedTuple

from plancast.model.composing import compose
from plancast.model.entry import Entry, Image, Link, LiveEntry, ThreadItem
from plancast.model.entry_fields import (
    ENTRY_FIELDS,
    PARTS,
    Comparison,
    Kind,
    Loss,
    details,
    head_of,
)
from plancast.model.plan import FieldDiff

_URL = re.compile(r"https?://\S+")

Leaf = str | bool | datetime | None


def field_diffs(before: Entry, after: Entry) -> tuple[FieldDiff, ...]:
    """The leaves that differ, by path (`text`, `link.title`, `images[0].alt`), in a fixed order.

    Equality is checked first: it is a thousand times cheaper than looking for
    the difference, and nearly all pairs are equal.
    """
    if before == after:
        return ()
    found = _part_diffs(_plain(before), _plain(after))
    return tuple(sorted(found, key=lambda item: _order(item.path)))


def as_asked(seen: Entry, asked: Entry, due_at: datetime | None = None) -> Entry:
    """What was `seen` at the provider, reduced to what was `asked` for.

    `due_at` is the effective time of a live entry: an entry that was asked for
    a time is compared by the time at which it goes out, however it got it.
    """
    return Entry(
        **{
            row.name: _REDUCERS[row.compared](
                _Sides(getattr(seen, row.name), getattr(asked, row.name), asked, due_at)
            )
            for row in _READ_BACK
        }
    )


def drift(
    asked: Entry, observed: Entry, live: LiveEntry, *, blind: bool = False
) -> tuple[FieldDiff, ...]:
    """What a person changed since `observed` was read, as (observed, live) leaves.

    `asked` is the entry that was applied last; what it left open is not compared. `blind`: links
    in texts are replaced by somebody else's at any time, so they tell nothing.
    """
    then = as_asked(observed, asked)
    now = as_asked(live.entry, asked, live.due_at)
    if blind:
        then, now = _blinded(then, now)
    if then.due_at is None and now.due_at is not None and asked.due_at is not None:
        # The answer to a create need not tell the time that was asked for.
        then = replace(then, due_at=_time(asked.due_at, asked.due_at))
    return field_diffs(_without(Loss.COPIES, then, now), _without(Loss.COPIES, now, then))


def same_as_live(asked: Entry, expected: Entry, live: LiveEntry) -> bool:
    """Whether a live entry is what `asked` becomes once the provider has rewritten it.

    `expected` is the provider's word on how `asked` reads back. With `shorten`
    the links in the text are other ones by then, so they are not compared. Nor
    are tags: an account may have no room for them, and an entry without is the
    same entry.
    """
    ours = as_asked(expected, asked)
    theirs = as_asked(live.entry, asked, live.due_at)
    ours, theirs = _without(Loss.ALL, ours, theirs), _without(Loss.ALL, theirs, ours)
    ours, theirs = _comparable(ours, theirs)
    if asked.shorten or expected.shorten:
        ours, theirs = _blinded(ours, theirs)
    return ours == theirs


def live_diffs(asked: Entry, expected: Entry, live: LiveEntry) -> tuple[FieldDiff, ...]:
    """The leaves in which a live entry is not what was asked for, as (live, asked)."""
    ours = as_asked(expected, asked)
    theirs = as_asked(live.entry, asked, live.due_at)
    if asked.shorten or expected.shorten:
        ours, theirs = _blinded(ours, theirs)
    ours, theirs = _comparable(ours, theirs)
    return field_diffs(theirs, ours)


def same_text(asked: Entry, expected: Entry, live: LiveEntry) -> bool:
    """Whether the text of a live entry is that of `asked`, which reads back as `expected`."""
    ours, theirs = normalize_text(expected.text), normalize_text(live.entry.text)
    blind = asked.shorten or expected.shorten
    return ours == theirs or (blind and blind_links(ours) == blind_links(theirs))


def normalize_text(text: str) -> str:
    """Normalize a text: strip it, use LF line ends, compose letters.

    The rest may be lost on the way (docs/buffer/graphql.md#posts-on-read-back).
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return compose(text.strip())


def blind_links(text: str) -> str:
    """The text with every address replaced by the same word."""
    return _URL.sub("<link>", text)


# -- live values, reduced to what was asked for ---------------------------------------------------


class _Sides(NamedTuple):
    """A value of both sides, the entry that was asked for, and the effective time."""

    seen: Any
    asked: Any
    entry: Entry
    due_at: datetime | None


def _time(seen: datetime | None, asked: datetime | None) -> datetime | None:
    """`seen`, or `asked` where they differ only by seconds that the provider cut off."""
    if seen is not None and asked is not None and seen.second == 0:
        return asked if asked.replace(second=0) == seen else seen
    return seen


def _effective_time(sides: _Sides) -> datetime | None:
    return _time(sides.seen or (sides.due_at if sides.asked else None), sides.asked)


def _card(sides: _Sides) -> Any:
    seen, asked = sides.seen, sides.entry
    if seen is None:
        return None
    if asked.link is None:
        # A card that grew out of a link in the text is the network's doing.
        return None if asked.link_card and seen.url in asked.text else Link(seen.url)
    return _known_by(seen, asked.link)


def _settings(sides: _Sides) -> Any:
    wanted = {key for key, _ in sides.asked}
    return tuple(pair for pair in sides.seen if pair[0] in wanted)


def _media(sides: _Sides) -> Any:
    """Details stay only if they were asked for, in media of any form."""
    seen, asked = sides.seen, sides.asked
    if not isinstance(seen, tuple):
        return None if seen is None else _known_by(seen, asked)
    pairs = zip(seen, (*asked, *(None for _ in seen)), strict=False)
    return tuple(
        _thread_item(part, wanted) if isinstance(part, ThreadItem) else _known_by(part, wanted)
        for part, wanted in pairs
    )


def _thread_item(seen: ThreadItem, asked: ThreadItem | None) -> ThreadItem:
    images = _Sides(seen.images, asked.images if asked else (), Entry(), None)
    return replace(seen, text=normalize_text(seen.text), images=_media(images))


def _known_by(part: Any, twin: Any) -> Any:
    """The part without those details that its twin does not know."""
    unknown = [name for name in _DETAILS[type(part)] if getattr(twin, name, None) is None]
    return replace(part, **dict.fromkeys(unknown)) if unknown else part


_REDUCERS: Mapping[Comparison, Callable[[_Sides], Any]] = {
    Comparison.EXACT: lambda sides: sides.seen,
    Comparison.TEXT: lambda sides: normalize_text(sides.seen),
    Comparison.TIME: _effective_time,
    Comparison.CARD: _card,
    Comparison.MEDIA: _media,
    Comparison.SETTINGS: _settings,
    Comparison.SUBSET: lambda sides: tuple(name for name in sides.seen if name in sides.asked),
    # What was moved on from there is what a draft is for.
    Comparison.RANK: lambda sides: min(sides.seen, sides.asked, key=lambda stage: stage.rank),
    # With the next one: no provider shows it, so a live entry holds the default.
    Comparison.PLACEMENT: lambda sides: sides.seen,
    Comparison.INSTRUCTION: lambda sides: sides.seen,
}


# -- without what reading back may lose -----------------------------------------------------------


def _comparable(one: Entry, two: Entry) -> tuple[Entry, Entry]:
    """Both without what only one of them can tell: addresses, alternative texts, titles."""
    one, two = _without(Loss.COPIES, one, two), _without(Loss.COPIES, two, one)
    return _without(Loss.DETAILS, one, two), _without(Loss.DETAILS, two, one)


def _blinded(one: Entry, two: Entry) -> tuple[Entry, Entry]:
    """`two` with the texts of `one` where they differ by their links alone."""
    return one, _without(Loss.LINKS, two, one)


def _without(loss: Loss, entry: Entry, other: Entry) -> Entry:
    """The entry, each value without what its twin in the other one may have lost."""
    step = _STEPS[loss]
    return replace(
        entry,
        **{name: step(getattr(entry, name), getattr(other, name)) for name in _LOSING[loss]},
    )


def _stepped(step: Callable[[Any, Any], Any], value: Any, twin: Any) -> Any:
    """The value made by `step` from itself and its twin, part by part; alone it stays."""
    if isinstance(value, tuple):
        changed = tuple(_stepped(step, *pair) for pair in zip(value, twin, strict=False))
        return (*changed, *value[len(twin) :])
    if isinstance(value, ThreadItem) and isinstance(twin, ThreadItem):
        images = _stepped(step, value.images, twin.images)
        return replace(value, text=_stepped(step, value.text, twin.text), images=images)
    return value if value is None or twin is None else step(value, twin)


def _unlinked(value: Any, twin: Any) -> Any:
    is_text = isinstance(value, str) and isinstance(twin, str)
    return twin if is_text and blind_links(value) == blind_links(twin) else value


def _uncopied(value: Any, twin: Any) -> Any:
    """Media that either side knows only as the provider's copy count as the same."""
    if isinstance(value, str) or not (value.hosted or twin.hosted):
        return value
    kept = {name: getattr(value, name) for name in _DETAILS[type(value)]}
    return type(value)(url="(copy)", **kept)


def _silenced(value: Any, twin: Any) -> Any:
    """Without what the other side does not tell: API v1 never told an alternative text."""
    return value if isinstance(value, str) else _known_by(value, twin)


_STEPS: Mapping[Loss, Callable[[Any, Any], Any]] = {
    Loss.LINKS: partial(_stepped, _unlinked),
    Loss.COPIES: partial(_stepped, _uncopied),
    Loss.DETAILS: partial(_stepped, _silenced),
    Loss.ALL: lambda value, _: type(value)(),
}

_READ_BACK = tuple(row for row in ENTRY_FIELDS if row.compared.is_read_back)
_LOSING = {loss: tuple(row.name for row in ENTRY_FIELDS if loss in row.loses) for loss in Loss}
_DETAILS = {owner: details(owner) for owner in PARTS}


# -- leaves ---------------------------------------------------------------------------------------


def _plain(entry: Entry) -> dict[str, Any]:
    """The entry as nested dicts and lists of leaves; parts that are not there are left out."""
    found = ((row.name, _LEAVES[row.kind](getattr(entry, row.name))) for row in ENTRY_FIELDS)
    return {name: value for name, value in found if value is not _NOTHING}


def _part(value: Any) -> Any:
    """A part as a mapping of what is known of it; _NOTHING if there is none."""
    if value is None:
        return _NOTHING
    found = (
        (part.name, _LEAVES[part.kind](getattr(value, part.name)))
        for part in PARTS[type(value)]
        if not part.observed
    )
    return {name: leaf for name, leaf in found if leaf is not None}


def _images(images: tuple[Image, ...]) -> list[dict[str, Any]]:
    """Of an image no more than is said: an empty alternative text is none."""
    return [{name: part for name, part in _part(image).items() if part} for image in images]


_NOTHING = object()
_LEAVES: Mapping[Kind, Callable[[Any], Any]] = {
    Kind.TEXT: lambda value: value,
    Kind.NUMBER: lambda value: None if value is None else str(value),
    Kind.FLAG: lambda value: value,
    Kind.MOMENT: lambda value: value,
    Kind.WORD: lambda value: value.value if value else None,
    Kind.LINK: _part,
    Kind.IMAGES: _images,
    Kind.VIDEO: _part,
    Kind.THREAD: lambda value: [_part(item) for item in value],
    Kind.SETTINGS: dict,
    Kind.NAMES: ", ".join,
}


def _part_diffs(before: dict[str, Any], after: dict[str, Any]) -> list[FieldDiff]:
    """The leaves that differ. Only parts that have parts of their own need a deep comparison."""
    found: list[FieldDiff] = []
    nested: tuple[dict[str, Any], dict[str, Any]] = ({}, {})
    for name in {**before, **after}:
        sides = (before.get(name), after.get(name))
        if sides[0] == sides[1]:
            continue
        if any(isinstance(side, dict | list) for side in sides):
            for part, whole in zip(nested, (before, after), strict=True):
                part.update({name: whole[name]} if name in whole else {})
        else:
            found.append(FieldDiff(name, *sides))
    return found + (_deep_diff(*nested) if any(nested) else [])


def _deep_diff(before: dict[str, Any], after: dict[str, Any]) -> list[FieldDiff]:
    from deepdiff import DeepDiff  # noqa: PLC0415  # 0.1 s to import, wanted only here

    found: list[FieldDiff] = []
    for levels in DeepDiff(before, after, view="tree").values():
        for level in levels:
            path = _path(level.path(output_format="list"))
            found.extend(_leaves(path, level.t1, level.t2))
    return found


def _leaves(path: str, before: object, after: object) -> list[FieldDiff]:
    """One FieldDiff for each leaf at or below `path`; a side that is absent is None."""
    one, two = _present(before), _present(after)
    if isinstance(one, dict | list) or isinstance(two, dict | list):
        left, right = _steps(one), _steps(two)
        steps = sorted({*left, *right})
        nested = (_leaves(path + step, left.get(step), right.get(step)) for step in steps)
        return [leaf for group in nested for leaf in group]
    return [] if one == two else [FieldDiff(path, one, two)]


def _steps(value: object) -> dict[str, object]:
    """What is in a part, by how the path goes on to it."""
    if isinstance(value, list):
        return {f"[{index}]": item for index, item in enumerate(value)}
    return {f".{key}": item for key, item in value.items()} if isinstance(value, dict) else {}


def _present(value: object) -> object:
    """deepdiff marks an absent side by a value of its own."""
    return None if value is _absent() else value


@cache
def _absent() -> object:
    from deepdiff.helper import notpresent  # noqa: PLC0415

    return notpresent


def _path(steps: list[str | int]) -> str:
    text = ""
    for step in steps:
        text += f"[{step}]" if isinstance(step, int) else f".{step}"
    return text.removeprefix(".")


_PLACES = {row.name: place for place, row in enumerate(ENTRY_FIELDS)}


def _order(path: str) -> tuple[int, str]:
    return (_PLACES.get(head_of(path), len(_PLACES)), path)
