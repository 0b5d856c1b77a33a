"""The limiter's log in a file, for all processes of this machine.

The file is a courtesy between processes, not a record: where it is damaged it begins anew, and
where it cannot be used at all (a folder that may not be written, a full disk, a lock that nobody
gives back) this process paces itself alone until it can be used again.
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
"""Nobody waits an hour for an answer: a slot that claims to is not believed."""


def log_name(*secrets: str) -> str:
    """The name of the file for a token and an address. Neither can be told from it."""
    digest = hashlib.sha256("\n".join(("plancast pacing", *secrets)).encode())
    return f"pacing-{digest.hexdigest()}.json"


class FileLog:
    """A log shared through a file. Safe for threads and processes.

    `patience`: how long to wait for another process that holds the lock, in seconds.
    """

    def __init__(self, path: Path, patience: float = 10.0) -> None:
        self._path = path
        self._patience = patience
        self._mutex = threading.Lock()
        self._own = Log()
        self._own_stamp = Stamp(0.0, 0.0)
        self._alone: Stamp | None = None

    def change(self, step: Callable[[Log], Log], now: Callable[[], Stamp]) -> Log:
        """See LogStore. Never fails for what the disk does."""
        from filelock import FileLock, Timeout  # noqa: PLC0415

        with self._mutex:
            try:
                if not self._path.is_absolute():
                    # Without a home it would begin with "~", in whatever folder this runs.
                    raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
                self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                with FileLock(self._path.with_suffix(".lock"), timeout=self._patience):
                    changed = self._change_file(step, now())
                self._alone = None
            except (OSError, Timeout, NotImplementedError):
                moment = now()
                changed = step(self._own.older(elapsed(self._own_stamp, moment)))
                self._own, self._own_stamp = changed, moment
                self._alone = self._alone or moment
            return changed

    def _change_file(self, step: Callable[[Log], Log], now: Stamp) -> Log:
        shared = known = self._load(now)
        if self._alone:
            own = self._own.older(elapsed(self._own_stamp, now))
            known = _joined(shared, own, elapsed(self._alone, now))
        changed = step(known)
        if changed != shared:
            self._save(changed, now)
        self._own, self._own_stamp = changed, now
        return changed

    def _load(self, now: Stamp) -> Log:
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
            return Log()
        return log.older(elapsed(stamp, now))

    def _save(self, log: Log, now: Stamp) -> None:
        """Replaced as a whole: who reads it without the lock sees the old one or the new one."""
        handle, name = tempfile.mkstemp(prefix=".pacing-", dir=self._path.parent)
        try:
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(json.dumps(_encoded(log, now)))  # all at once is five times as fast
            Path(name).replace(self._path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise


def _joined(shared: Log, own: Log, alone: float) -> Log:
    """What two logs know together that went apart so many seconds ago.

    What is older both knew, or one of them has lost it: the fuller log is right. Of a younger
    slot that both know, the one that was answered is.
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
    # What is open stands first: whatever the other log had then counts as sent beside it.
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
    return slot.count > 1 or slot.age > seconds + ROUNDING


def _without(log: Log, other: Log) -> tuple[Word, ...]:
    """The words of a log, less what only the other one knows to have been sent since."""
    known = {slot.id for slot in log.slots}
    new = [slot for slot in other.slots if slot.count == 1 and slot.id not in known]
    return tuple(
        replace(word, free=word.free - sum(1 for slot in new if slot.open or slot.age <= word.age))
        for word in log.words
    )


def _encoded(log: Log, now: Stamp) -> dict[str, object]:
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
    brief: list[object] = [slot.id, slot.age, slot.open]
    if slot.count > 1 or slot.left:
        brief += [slot.count, slot.span, slot.left]
    return brief


def _decoded(document: dict[str, object]) -> tuple[Log, Stamp]:
    """Raises ValueError, TypeError or KeyError where it is not what `_encoded` writes."""
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
    window = _number(seconds, 1.0, LONGEST)
    return Word(
        int(_number(limit, 1, MOST)),
        window,
        int(_number(free, -MOST, MOST)),
        _number(left, -KEPT, window + 1.0),
        _number(age, 0.0),
    )


def _number(value: object, least: float = -math.inf, most: float = math.inf) -> float:
    """A finite number, moved into its bounds."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise TypeError("no number")
    return min(most, max(least, float(value)))
