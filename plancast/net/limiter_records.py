"""The text of the limiter's log: a first line with all of it, then a line for each change. Pure.

A line is JSON, so that one request is one write at the end of the file:

    {"version": 3, "wall": …, "monotonic": …, "pause": 0, "halved": 0, "slots": […], "words": […]}
    {"wall": …, "monotonic": …, "pause": 0, "halved": 0, "gone": […], "slots": […], "words": […]}

A change has the slots that are new, or were touched, and the ids of those that are gone; pause and
words are always whole. The log of a key whose account is known is one line, which names the log of
that account:

    {"version": 3, "moved": "account-….log"}

Earlier versions (1 and 2) were a single document without changes. They are read as well.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from plancast.net.rate_headers import LONGEST, MOST
from plancast.net.rate_windows import (
    KEPT,
    LONGEST_PAUSE,
    MOST_WORDS,
    Log,
    Slot,
    Stamp,
    Word,
    elapsed,
)

MAX_BYTES = 4 * 1024 * 1024
"""A longer file is not one that plancast wrote."""

_VERSION = 3
_READABLE = (1, 2, _VERSION)
_WORST_AGE = -3600.0
"""No request waits an hour for its answer: a slot that claims to is not believed."""

_FEW = 64
"""Records. Fewer are never compacted."""

_TARGET = re.compile(r"account-[0-9a-f]{64}\.log")
"""The only names that a log can move to. None leads out of the folder."""


_DAMAGE = (
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
    IndexError,
    OverflowError,
    RecursionError,
)
"""The errors that reading nonsense ends with."""


@dataclass(frozen=True, slots=True)
class LogText:
    """A log as it stands in a file, as of its last line.

    `records`: the requests in the first line, and the changes. `whole`: nothing of the file was
    unreadable, so a line can be appended.
    """

    log: Log
    stamp: Stamp
    records: int = 0
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Redirect:
    """The content of a log that is now part of another one."""

    target: str


NOTHING = LogText(Log(), Stamp(0.0, 0.0), whole=False)
"""A file that is damaged, or not there. At worst the server refuses a request with 429."""


def encode(log: Log, now: Stamp) -> bytes:
    """Return the text of a file that holds a log as of `now`."""
    return _line({"version": _VERSION, **_body(log, now, log.slots)})


def encode_redirect(target: str) -> bytes:
    """Return the text of a log that is now part of another one."""
    return _line({"version": _VERSION, "moved": target})


def encode_change(before: Log, after: Log, now: Stamp) -> bytes:
    """Return the line that turns one log into another; both are as of `now`."""
    known = {slot.id: slot for slot in before.slots if slot.id}
    touched = [slot for slot in after.slots if slot.id and _is_touched(slot, known.get(slot.id))]
    kept = {slot.id for slot in after.slots}
    gone = [slot_id for slot_id in known if slot_id not in kept]
    return _line({**_body(after, now, touched), "gone": gone})


def is_wasteful(text: LogText, log: Log) -> bool:
    """Return whether half of the records of a file, or more, are of no use any more."""
    return text.records > max(_FEW, 2 * len(log.slots))


def decode(raw: bytes) -> LogText | Redirect:
    """Read the text of a file; NOTHING if it is damaged.

    A last line without its end was not written wholly, and its request was not sent.
    """
    if len(raw) > MAX_BYTES:
        return NOTHING
    lines, whole = raw.split(b"\n"), raw.endswith(b"\n")
    try:
        if len(lines) == 1:
            document = json.loads(raw)  # an earlier version, which had no end of the line
            whole = False
            documents = [document]
        else:
            documents = json.loads(b"[" + b",".join(lines[:-1]) + b"]")
        if documents[0]["version"] not in _READABLE:
            return NOTHING
        if "moved" in documents[0]:
            return Redirect(_target(documents[0]["moved"]))
        return _replayed(documents, whole=whole)
    except _DAMAGE:
        return NOTHING


def decode_further(raw: bytes, before: bytes, known: LogText) -> LogText | Redirect:
    """Read the text of a file that was read `before`: then it held `known`.

    The result is that of `decode`; but of a file that only grew, only the new lines are read.
    """
    added = raw[len(before) :]
    grew = known.whole and raw.startswith(before) and len(raw) <= MAX_BYTES
    if grew and not added:
        return known
    if grew and added.endswith(b"\n"):
        with suppress(*_DAMAGE):
            changes = json.loads(b"[" + b",".join(added.split(b"\n")[:-1]) + b"]")
            return _replayed(changes, whole=True, known=known)
    return decode(raw)


def _is_touched(slot: Slot, known: Slot | None) -> bool:
    """Return whether a request was sent or answered since."""
    return known is None or (slot.open, slot.age) != (known.open, known.age)


def _replayed(
    documents: Sequence[Mapping[str, object]], *, whole: bool, known: LogText | None = None
) -> LogText:
    """Return the log after all changes, as of the last one.

    `known`: the log before the first of the documents, None if that has all of it.
    """
    stamp, passed = known.stamp if known else _stamp(documents[0]), 0.0
    slots: dict[object, Slot] = {}
    for slot in known.log.slots if known else ():
        slots[slot.id or object()] = slot
    for document in documents:
        before, stamp = stamp, _stamp(document)
        passed += elapsed(before, stamp)
        for slot_id in _list(document.get("gone", [])):
            slots.pop(slot_id, None)
        for item in _list(document["slots"]):
            slot = _slot(*item)
            key = slot.id or object()  # a group has no id, and no change is about it
            slots.pop(key, None)  # slots are in the order in which they were last touched
            # All ages are kept as of the first line until the end: one pass makes them older.
            slots[key] = _aged(slot, -passed)
    begun = known.records if known else len(_list(documents[0]["slots"])) - 1
    last = documents[-1]
    words = tuple(_word(*item) for item in _list(last.get("words", []))[:MOST_WORDS])
    log = Log(
        tuple(_aged(slot, passed) for slot in slots.values()),
        _number(last["pause"], 0.0, LONGEST_PAUSE),
        _number(last["halved"], 0.0, 2 * LONGEST_PAUSE),
        words,
    )
    return LogText(log, stamp, begun + len(documents), whole)


def _aged(slot: Slot, seconds: float) -> Slot:
    return Slot(slot.id, slot.age + seconds, slot.open, slot.count, slot.span, slot.left)


def _line(document: Mapping[str, object]) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode("ascii") + b"\n"


def _body(log: Log, now: Stamp, slots: Sequence[Slot]) -> dict[str, object]:
    return {
        "wall": now.wall,
        "monotonic": now.monotonic,
        "pause": log.pause,
        "halved": log.halved,
        "slots": [_brief(slot) for slot in slots],
        "words": [[w.limit, w.seconds, w.free, w.left, w.age] for w in log.words],
    }


def _brief(slot: Slot) -> list[object]:
    """Return a slot as a list, which leaves out the values that most slots do not have."""
    brief: list[object] = [slot.id, slot.age, slot.open]
    if slot.count > 1 or slot.left:
        brief += [slot.count, slot.span, slot.left]
    return brief


def _target(name: object) -> str:
    """Return the name of another log. Raises ValueError if it is none."""
    if not isinstance(name, str) or not _TARGET.fullmatch(name):
        raise ValueError("no log")
    return name


def _stamp(document: Mapping[str, object]) -> Stamp:
    return Stamp(_number(document["wall"]), _number(document["monotonic"]))


def _list(value: object) -> Sequence[Any]:
    """Return a list of JSON. Raises TypeError if it is none."""
    if not isinstance(value, list):
        raise TypeError("no list")
    return value


def _slot(  # noqa: PLR0913, PLR0917  # as many as stand in the file
    slot_id: object,
    age: object,
    is_open: object,
    count: object = 1,
    span: object = 0.0,
    left: object = (),
) -> Slot:
    """Build a slot from the values of its list. Raises TypeError."""
    if not isinstance(slot_id, str) or not isinstance(is_open, bool):
        raise TypeError("no slot")
    if not isinstance(left, list | tuple):
        raise TypeError("no words")
    return Slot(
        slot_id,
        _number(age, _WORST_AGE),
        is_open,
        int(_number(count, 1, MOST)),
        _number(span, 0.0),
        tuple((_number(window), int(_number(rest))) for window, rest in left[:MOST_WORDS]),
    )


def _word(limit: object, seconds: object, free: object, left: object, age: object) -> Word:
    """Build a word from the values of its list. Raises TypeError."""
    window = _number(seconds, 1.0, LONGEST)
    return Word(
        int(_number(limit, 1, MOST)),
        window,
        int(_number(free, -MOST, MOST)),
        _number(left, -KEPT, window + 1.0),
        _number(age, 0.0),
    )


def _number(value: object, least: float = -math.inf, most: float = math.inf) -> float:
    """Return a finite number, moved into its bounds. Raises TypeError."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise TypeError("no number")
    return min(most, max(least, float(value)))
