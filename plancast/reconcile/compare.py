"""Comparison of entries: when two of them mean the same, and in which fields they differ.

There are two kinds of comparison, and to confuse them is a bug:

* *Ours against ours* compares what was applied with what is desired. Both are what an author
  wrote, so the comparison is exact (`field_diffs`).
* *Theirs against ours* compares a live entry with what was asked for. Buffer and the networks
  rewrite what they get: they trim texts, build a card from a link, copy images to Buffer's own
  storage, leave alternative texts out of their answers
  (docs/buffer/v1.md#text-and-links-on-read-back, docs/buffer/v1.md#media-on-read-back)
  and fill in defaults. So the live entry first goes through `as_asked`, which reduces it to the
  parts that the author asked for, with texts as `normalize_text` makes them. Rewriting by the
  provider can then never look like a change.

This module does not decide which entry belongs to which (`match`), nor what follows from a
difference (`diff`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import cache, partial
from typing import Any, NamedTuple

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
from plancast.model.unicode_nfc import compose

_URL = re.compile(r"https?://\S+")

Leaf = str | bool | datetime | None


def field_diffs(before: Entry, after: Entry) -> tuple[FieldDiff, ...]:
    """Return the leaves that differ, by path (`text`, `link.title`, `images[0].alt`).

    The order is that of the table of fields. A leaf that one side lacks is None there.
    """
    # Nearly all pairs are equal, and equality is a thousand times cheaper than a difference.
    if before == after:
        return ()
    diffs = _part_diffs(_plain(before), _plain(after))
    return tuple(sorted(diffs, key=lambda leaf: _order(leaf.path)))


def as_asked(seen: Entry, asked: Entry, due_at: datetime | None = None) -> Entry:
    """Reduce the entry `seen` at the provider to the parts that were `asked` for.

    `due_at` is the effective time of a live entry. An entry that has a time in its file is compared
    by the time at which it will go out, even if the provider reports it as queued.
    """
    return Entry(
        **{
            row.name: _REDUCERS[row.compared](
                _Sides(getattr(seen, row.name), getattr(asked, row.name), asked, due_at)
            )
            for row in _READ_BACK
        }
    )


def is_as_seen(asked: Entry, observed: Entry, live: LiveEntry) -> bool:
    """Return whether a live entry is surely as it was `observed`: the cheap answer for nearly all.

    False if only `drift` can decide.
    """
    # An answer may lack the time of an entry that has one in its file.
    has_time = observed.due_at is not None or asked.due_at is None
    return has_time and observed == live.entry


def drift(
    asked: Entry, observed: Entry, live: LiveEntry, *, blind: bool = False
) -> tuple[FieldDiff, ...]:
    """Return what a person changed in the queue since `observed` was read, as (observed, live).

    `asked` is the entry that was applied last; fields that it left open are not compared. With
    `blind`, links in texts are not compared: a link shortener replaces them at any time.
    """
    if is_as_seen(asked, observed, live):
        return ()
    then = as_asked(observed, asked)
    now = as_asked(live.entry, asked, live.due_at)
    if blind:
        then, now = _blinded(then, now)
    if then.due_at is None and now.due_at is not None and asked.due_at is not None:
        # The answer to a create may lack the time, and the next read then shows it.
        then = replace(then, due_at=_time(asked.due_at, asked.due_at))
    return field_diffs(_without(Loss.COPIES, then, now), _without(Loss.COPIES, now, then))


def same_as_live(asked: Entry, expected: Entry, live: LiveEntry) -> bool:
    """Return whether a live entry is what `asked` becomes once the provider has rewritten it.

    `expected` is `asked` as the provider says it reads back. With `shorten` the links in the text
    are replaced, so they are not compared. Neither are tags: an account may have no room for them,
    and an entry without its tags is still the same entry.
    """
    ours = as_asked(expected, asked)
    theirs = as_asked(live.entry, asked, live.due_at)
    ours, theirs = _without(Loss.ALL, ours, theirs), _without(Loss.ALL, theirs, ours)
    ours, theirs = _comparable(ours, theirs)
    # A shortener has replaced the links, and the live text does not show by what.
    if asked.shorten or expected.shorten:
        ours, theirs = _blinded(ours, theirs)
    return ours == theirs


def live_diffs(asked: Entry, expected: Entry, live: LiveEntry) -> tuple[FieldDiff, ...]:
    """Return the leaves in which a live entry differs from what was asked for, as (live, asked)."""
    ours = as_asked(expected, asked)
    theirs = as_asked(live.entry, asked, live.due_at)
    if asked.shorten or expected.shorten:
        ours, theirs = _blinded(ours, theirs)
    ours, theirs = _comparable(ours, theirs)
    return field_diffs(theirs, ours)


def same_text(asked: Entry, expected: Entry, live: LiveEntry) -> bool:
    """Return whether a live entry has the text of `asked`, which reads back as `expected`."""
    ours, theirs = normalize_text(expected.text), normalize_text(live.entry.text)
    blind = asked.shorten or expected.shorten
    return ours == theirs or (blind and blind_links(ours) == blind_links(theirs))


def normalize_text(text: str) -> str:
    """Normalize a text: strip it, use LF line ends, compose letters.

    Buffer does not document if it changes these (docs/buffer/graphql.md#posts-on-read-back).
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return compose(text.strip())


def blind_links(text: str) -> str:
    """Replace every web address in a text by the same word."""
    return _URL.sub("<link>", text)


# -- live values, reduced to what was asked for ---------------------------------------------------


class _Sides(NamedTuple):
    """One field of both sides, with the whole entry that was asked for and the effective time."""

    seen: Any
    asked: Any
    entry: Entry
    due_at: datetime | None


def _time(seen: datetime | None, asked: datetime | None) -> datetime | None:
    """Return `seen`, or `asked` if they differ only by seconds that the provider cut off."""
    if seen is not None and asked is not None and seen.second == 0:
        return asked if asked.replace(second=0) == seen else seen
    return seen


def _effective_time(sides: _Sides) -> datetime | None:
    return _time(sides.seen or (sides.due_at if sides.asked else None), sides.asked)


def _card(sides: _Sides) -> Any:
    """Reduce a link card to its address and the details that the file sets."""
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
    """Reduce media of any form to the details that were asked for."""
    seen, asked = sides.seen, sides.asked
    if not isinstance(seen, tuple):
        return None if seen is None else _known_by(seen, asked)
    # Padded with None, so that media a person added are kept and show up as a difference.
    pairs = zip(seen, (*asked, *(None for _ in seen)), strict=False)
    return tuple(
        _thread_item(part, wanted or ThreadItem(), sides.entry)
        if isinstance(part, ThreadItem)
        else _known_by(part, wanted)
        for part, wanted in pairs
    )


def _thread_item(seen: ThreadItem, asked: ThreadItem, entry: Entry) -> ThreadItem:
    """Reduce a post of a thread by the rules for the fields of an entry."""
    as_entry = Entry(asked.text, link=asked.link, link_card=entry.link_card)
    return ThreadItem(
        normalize_text(seen.text),
        _media(_Sides(seen.images, asked.images, as_entry, None)),
        _card(_Sides(seen.link, asked.link, as_entry, None)),
    )


def _known_by(part: Any, twin: Any) -> Any:
    """Return the part without the details that its twin does not have."""
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
    # A person who moves a draft on to the next stage does what the draft is for: no drift.
    Comparison.RANK: lambda sides: min(sides.seen, sides.asked, key=lambda stage: stage.rank),
    # Both are instructions that no provider reads back, so a live entry holds the default.
    Comparison.PLACEMENT: lambda sides: sides.seen,
    Comparison.INSTRUCTION: lambda sides: sides.seen,
}


# -- without what reading back may lose -----------------------------------------------------------


def _comparable(one: Entry, two: Entry) -> tuple[Entry, Entry]:
    """Remove from both entries what only one of them has: media addresses, alt texts, titles."""
    one, two = _without(Loss.COPIES, one, two), _without(Loss.COPIES, two, one)
    return _without(Loss.DETAILS, one, two), _without(Loss.DETAILS, two, one)


def _blinded(one: Entry, two: Entry) -> tuple[Entry, Entry]:
    """Give `two` the texts of `one` if they differ by links alone; return both."""
    return one, _without(Loss.LINKS, two, one)


def _without(loss: Loss, entry: Entry, other: Entry) -> Entry:
    """Return the entry, each value without what its twin in the other entry may have lost."""
    step = _STEPS[loss]
    return replace(
        entry,
        **{name: step(getattr(entry, name), getattr(other, name)) for name in _LOSING[loss]},
    )


def _stepped(step: Callable[[Any, Any], Any], value: Any, twin: Any) -> Any:
    """Apply `step` to a value and its twin, part by part; a part without a twin stays."""
    if isinstance(value, tuple):
        changed = tuple(_stepped(step, *pair) for pair in zip(value, twin, strict=False))
        return (*changed, *value[len(twin) :])
    if isinstance(value, ThreadItem) and isinstance(twin, ThreadItem):
        images = _stepped(step, value.images, twin.images)
        return replace(value, text=_stepped(step, value.text, twin.text), images=images)
    return value if value is None or twin is None else step(value, twin)


def _unlinked(value: Any, twin: Any) -> Any:
    """Return the twin's text if both differ by links alone."""
    is_text = isinstance(value, str) and isinstance(twin, str)
    return twin if is_text and blind_links(value) == blind_links(twin) else value


def _uncopied(value: Any, twin: Any) -> Any:
    """Hide the address of media if either side knows only the provider's copy of it."""
    if isinstance(value, str) or not (value.hosted or twin.hosted):
        return value
    kept = {name: getattr(value, name) for name in _DETAILS[type(value)]}
    return type(value)(url="(copy)", **kept)


def _silenced(value: Any, twin: Any) -> Any:
    """Drop details that the other side does not report: API v1 never reports alt texts."""
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
    """Return the entry as nested dicts and lists of leaves, without absent parts."""
    values = ((row.name, _LEAVES[row.kind](getattr(entry, row.name))) for row in ENTRY_FIELDS)
    return {name: value for name, value in values if value is not _NOTHING}


def _part(value: Any) -> Any:
    """Return a part as a mapping of its known leaves; _NOTHING if there is no such part."""
    if value is None:
        return _NOTHING
    leaves = (
        (part.name, _LEAVES[part.kind](getattr(value, part.name)))
        for part in PARTS[type(value)]
        if not part.observed
    )
    return {name: leaf for name, leaf in leaves if leaf is not None and leaf is not _NOTHING}


def _images(images: tuple[Image, ...]) -> list[dict[str, Any]]:
    """Return images as mappings; an empty alternative text counts as none."""
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
    """Return the leaves that differ. Only parts with parts of their own are compared deeply."""
    diffs: list[FieldDiff] = []
    nested: tuple[dict[str, Any], dict[str, Any]] = ({}, {})
    for name in {**before, **after}:
        sides = (before.get(name), after.get(name))
        if sides[0] == sides[1]:
            continue
        if any(isinstance(side, dict | list) for side in sides):
            for part, whole in zip(nested, (before, after), strict=True):
                part.update({name: whole[name]} if name in whole else {})
        else:
            diffs.append(FieldDiff(name, *sides))
    return diffs + (_deep_diff(*nested) if any(nested) else [])


def _deep_diff(before: dict[str, Any], after: dict[str, Any]) -> list[FieldDiff]:
    from deepdiff import DeepDiff  # noqa: PLC0415  # 0.1 s to import, wanted only here

    diffs: list[FieldDiff] = []
    for levels in DeepDiff(before, after, view="tree").values():
        for level in levels:
            path = _path(level.path(output_format="list"))
            # deepdiff reports an added part as one difference; views want its leaves.
            diffs.extend(_leaves(path, level.t1, level.t2))
    return diffs


def _leaves(path: str, before: object, after: object) -> list[FieldDiff]:
    """Return one FieldDiff for each leaf at or below `path`; an absent side is None."""
    one, two = _present(before), _present(after)
    if isinstance(one, dict | list) or isinstance(two, dict | list):
        left, right = _steps(one), _steps(two)
        steps = sorted({*left, *right})
        nested = (_leaves(path + step, left.get(step), right.get(step)) for step in steps)
        return [leaf for group in nested for leaf in group]
    return [] if one == two else [FieldDiff(path, one, two)]


def _steps(value: object) -> dict[str, object]:
    """Return the members of a part by the next step of their paths: `[0]` or `.title`."""
    if isinstance(value, list):
        return {f"[{index}]": item for index, item in enumerate(value)}
    return {f".{key}": item for key, item in value.items()} if isinstance(value, dict) else {}


def _present(value: object) -> object:
    """Replace the value by which deepdiff marks an absent side with None."""
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
