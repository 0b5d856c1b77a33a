"""The limiter's log in a file, which all processes of this machine share.

The file only keeps processes from sending too much together; it is no record. If it is damaged it
begins anew. If it cannot be used at all (a folder that may not be written, a full disk, a lock that
is never released) this process paces itself alone until it can be used again.
"""

from __future__ import annotations

import errno
import hashlib
import json
import math
import os
import tempfile
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from plancast.net.rate_headers import LONGEST, MOST
from plancast.net.rate_windows import (
    KEPT,
    LONGEST_PAUSE,
    MOST_WORDS,
    ROUNDING,
    Log,
    Slot,
    Stamp,
    Word,
    elapsed,
)

_VERSION = 2
"""Version 1 had neither words nor groups, and is read as well."""
_MAX_BYTES = 4 * 1024 * 1024
_WORST_AGE = -3600.0
"""No request waits an hour for its answer: a slot that claims to is not believed."""


def log_name(*secrets: str) -> str:
    """Return the name of the file for a token and an address; neither can be derived from it."""
    digest = hashlib.sha256("\n".join(("plancast pacing", *secrets)).encode())
    return f"pacing-{digest.hexdigest()}.json"


class FileLog:
    """A log in a file. Safe for threads and processes.

    `patience`: seconds to wait for another process that holds the lock.
    """

    def __init__(self, path: Path, patience: float = 10.0) -> None:
        self._path = path
        self._patience = patience
        self._mutex = threading.Lock()
        self._own = Log()
        self._own_stamp = Stamp(0.0, 0.0)
        self._alone: Stamp | None = None

    def change(self, step: Callable[[Log], Log], now: Callable[[], Stamp]) -> Log:
        """Replace the log by the result of `step`; see LogStore. No error of the disk is raised."""
        from filelock import FileLock, Timeout  # noqa: PLC0415

        with self._mutex:
            try:
                if not self._path.is_absolute():
                    # Without a home the path begins with "~", and would be a folder of that name
                    # in the current one.
                    raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
                self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                with FileLock(self._path.with_suffix(".lock"), timeout=self._patience):
                    changed = self._change_file(step, now())
                self._alone = None
            except (OSError, Timeout, NotImplementedError):
                # Go on from the log as this process saw it last, without the other processes.
                moment = now()
                changed = step(self._own.older(elapsed(self._own_stamp, moment)))
                self._own, self._own_stamp = changed, moment
                self._alone = self._alone or moment
            return changed

    def _change_file(self, step: Callable[[Log], Log], now: Stamp) -> Log:
        """Change the log in the file. The caller holds its lock. Raises OSError."""
        shared = known = self._load(now)
        if self._alone:
            own = self._own.older(elapsed(self._own_stamp, now))
            # This process paced itself alone for a while, and the file has missed its requests.
            known = _joined(shared, own, elapsed(self._alone, now))
        changed = step(known)
        if changed != shared:  # many calls only look, and a look needs no write
            self._save(changed, now)
        self._own, self._own_stamp = changed, now
        return changed

    def _load(self, now: Stamp) -> Log:
        """Return the log in the file, aged up to now; an empty one if it is missing or damaged."""
        try:
            with self._path.open("rb") as file:
                raw = file.read(_MAX_BYTES + 1)
        except FileNotFoundError:
            return Log()
        try:
            if len(raw) > _MAX_BYTES:
                raise ValueError("too large")
            log, stamp = _decoded(json.loads(raw))
        except (ValueError, TypeError, KeyError, RecursionError):
            return Log()  # at worst the server refuses a request with 429
        return log.older(elapsed(stamp, now))

    def _save(self, log: Log, now: Stamp) -> None:
        """Replace the file as a whole: a reader without the lock sees the old or new one."""
        handle, name = tempfile.mkstemp(prefix=".pacing-", dir=self._path.parent)
        try:
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(json.dumps(_encoded(log, now)))  # all at once is five times as fast
            Path(name).replace(self._path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise


def _joined(shared: Log, own: Log, alone: float) -> Log:
    """Merge two logs that went separate ways so many seconds ago.

    Older slots were in both, unless one log has lost them: the fuller list is right. If both know a
    younger slot, the answered version is right.
    """
    old = max(
        (tuple(s for s in log.slots if _is_old(s, alone)) for log in (shared, own)),
        key=lambda slots: sum(slot.count for slot in slots),
    )
    young = {slot.id: slot for slot in shared.slots if not _is_old(slot, alone)}
    for slot in own.slots:
        known = young.get(slot.id)
        if not _is_old(slot, alone) and (known is None or known.open):
            young[slot.id] = slot
    # Open slots come first, so that all slots of the other log count as sent beside them.
    slots = sorted((*old, *young.values()), key=lambda slot: not slot.open)
    words = {word.seconds: word for word in _without(shared, own)}
    for word in _without(own, shared):
        known_word = words.get(word.seconds)
        if known_word is None or word.age < known_word.age:
            words[word.seconds] = word
    return Log(
        tuple(slots),
        max(shared.pause, own.pause),
        max(shared.halved, own.halved),
        tuple(words.values())[:MOST_WORDS],
    )


def _is_old(slot: Slot, seconds: float) -> bool:
    """Return whether a slot is from before the logs went separate ways. A group always is."""
    return slot.count > 1 or slot.age > seconds + ROUNDING


def _without(log: Log, other: Log) -> tuple[Word, ...]:
    """Return the words of a log, less the later requests that only the other log knows."""
    known = {slot.id for slot in log.slots}
    new = [slot for slot in other.slots if slot.count == 1 and slot.id not in known]
    return tuple(
        replace(word, free=word.free - sum(1 for slot in new if slot.open or slot.age <= word.age))
        for word in log.words
    )


def _encoded(log: Log, now: Stamp) -> dict[str, object]:
    """Return the document of a log that was written `now`."""
    return {
        "version": _VERSION,
        "wall": now.wall,
        "monotonic": now.monotonic,
        "pause": log.pause,
        "halved": log.halved,
        "slots": [_brief(slot) for slot in log.slots],
        "words": [[w.limit, w.seconds, w.free, w.left, w.age] for w in log.words],
    }


def _brief(slot: Slot) -> list[object]:
    """Return a slot as a list, which leaves out the values that most slots do not have."""
    brief: list[object] = [slot.id, slot.age, slot.open]
    if slot.count > 1 or slot.left:
        brief += [slot.count, slot.span, slot.left]
    return brief


def _decoded(document: dict[str, object]) -> tuple[Log, Stamp]:
    """Read a document. Raises ValueError, TypeError or KeyError if `_encoded` did not write it."""
    if document["version"] not in (1, _VERSION):
        raise ValueError("another version")
    slots, words = document["slots"], document.get("words", [])
    if not isinstance(slots, list) or not isinstance(words, list):
        raise TypeError("no lists")
    log = Log(
        tuple(_slot(*item) for item in slots),
        _number(document["pause"], 0.0, LONGEST_PAUSE),
        _number(document["halved"], 0.0, 2 * LONGEST_PAUSE),
        tuple(_word(*item) for item in words[:MOST_WORDS]),
    )
    return log, Stamp(_number(document["wall"]), _number(document["monotonic"]))


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
