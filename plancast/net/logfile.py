"""The limiter's log in a file, for all processes of this machine.

The file is a courtesy between processes, not a record: where it is damaged it begins anew, and
where it cannot be used at all (a folder that may not be written, a full disk, a lock that nobody
gives back) this process paces itself alone until it can be used again.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

from plancast.net.pacing import LONGEST_PAUSE, Log, Slot, Stamp, elapsed

_VERSION = 1
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
        self._alone = False

    def change(self, step: Callable[[Log], Log], now: Callable[[], Stamp]) -> Log:
        """See LogStore. Never fails for what the disk does."""
        from filelock import FileLock, Timeout  # noqa: PLC0415

        with self._mutex:
            try:
                self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                with FileLock(self._path.with_suffix(".lock"), timeout=self._patience):
                    changed = self._change_file(step, now())
                self._alone = False
            except (OSError, Timeout, NotImplementedError):
                moment = now()
                changed = step(self._own.older(elapsed(self._own_stamp, moment)))
                self._own, self._own_stamp, self._alone = changed, moment, True
            return changed

    def _change_file(self, step: Callable[[Log], Log], now: Stamp) -> Log:
        shared = known = self._load(now)
        if self._alone:
            known = _joined(shared, self._own.older(elapsed(self._own_stamp, now)))
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
                json.dump(_encoded(log, now), file)
            Path(name).replace(self._path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise


def _joined(one: Log, other: Log) -> Log:
    """What two logs know together; of a slot that both know, the one that was answered."""
    slots = {slot.id: slot for slot in one.slots}
    for slot in other.slots:
        known = slots.get(slot.id)
        if known is None or known.open:
            slots[slot.id] = slot
    return Log(tuple(slots.values()), max(one.pause, other.pause), max(one.halved, other.halved))


def _encoded(log: Log, now: Stamp) -> dict[str, object]:
    return {
        "version": _VERSION,
        "wall": now.wall,
        "monotonic": now.monotonic,
        "pause": log.pause,
        "halved": log.halved,
        "slots": [[slot.id, slot.age, slot.open] for slot in log.slots],
    }


def _decoded(document: dict[str, object]) -> tuple[Log, Stamp]:
    """Raises ValueError, TypeError or KeyError where it is not what `_encoded` writes."""
    if document["version"] != _VERSION:
        raise ValueError("another version")
    slots = document["slots"]
    if not isinstance(slots, list):
        raise TypeError("no slots")
    log = Log(
        tuple(_slot(item) for item in slots),
        _number(document["pause"], 0.0, LONGEST_PAUSE),
        _number(document["halved"], 0.0, 2 * LONGEST_PAUSE),
    )
    return log, Stamp(_number(document["wall"]), _number(document["monotonic"]))


def _slot(item: list[object]) -> Slot:
    slot_id, age, is_open = item
    if not isinstance(slot_id, str) or not isinstance(is_open, bool):
        raise TypeError("no slot")
    return Slot(slot_id, _number(age, _WORST_AGE), is_open)


def _number(value: object, least: float = -math.inf, most: float = math.inf) -> float:
    """A finite number, moved into its bounds."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise TypeError("no number")
    return min(most, max(least, float(value)))
