"""Answers of media that were good, remembered for an hour in a file of the user's cache folder.

The file only saves requests. If it is missing, damaged, too large or strange, it is empty; if it
cannot be written, nothing is remembered. It holds digests of addresses, since an address may have a
signature in it that opens a private file.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import stat
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from plancast.model.media import MediaAnswer, MediaOutcome

LIFE = 3600
"""Seconds for which an answer is remembered."""

MOST = 2000
MAX_BYTES = 1024 * 1024
_VERSION = 1
_DIGEST = re.compile("[0-9a-f]{64}")
_TYPE = re.compile(r"(?:(?:image|video)/[a-z0-9.+-]{1,80}|application/octet-stream|)")
_LONGEST = 10**15
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)
_NO_WAIT = getattr(os, "O_NONBLOCK", 0)


class MediaMemory:
    """The remembered answers in a file. `now` is in Unix seconds."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def recall(self, now: int) -> dict[str, MediaAnswer]:
        """Return the answers that are still fresh, by the digest of their address."""
        return {digest: answer for digest, (_, answer) in self._load(now).items()}

    def remember(self, answers: Mapping[str, MediaAnswer], now: int) -> None:
        """Add the good ones among the answers, by address. No error of the disk is raised."""
        fresh = {digest_of(url): (now, one) for url, one in answers.items() if is_good(one)}
        if not fresh:
            return
        known = {**self._load(now), **fresh}
        newest = sorted(known.items(), key=lambda pair: pair[1][0], reverse=True)[:MOST]
        document = {"version": _VERSION, "answers": {key: _encoded(*one) for key, one in newest}}
        with suppress(OSError):
            self._save(json.dumps(document))

    def _load(self, now: int) -> dict[str, tuple[int, MediaAnswer]]:
        try:
            raw = self._raw()
            if len(raw) > MAX_BYTES:
                return {}
            entries = json.loads(raw)["answers"].items()
            decoded = {key: _decoded(one) for key, one in entries if _DIGEST.fullmatch(key)}
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return {}
        return {key: one for key, one in decoded.items() if 0 <= now - one[0] < LIFE}

    def _raw(self) -> bytes:
        """Return the start of the file, if it is a plain file of this user. Raises OSError."""
        self._must_be_absolute()
        # A pipe would keep the run waiting for a writer.
        handle = os.open(self._path, os.O_RDONLY | _NO_LINK | _NO_WAIT)
        with os.fdopen(handle, "rb") as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode) or not _is_own(found):
                raise OSError(errno.EACCES, os.strerror(errno.EACCES))
            return file.read(MAX_BYTES + 1)

    def _must_be_absolute(self) -> None:
        """Raise OSError for a path that begins with `~`, as it does without a home.

        It would lie in the repository that is checked.
        """
        if not self._path.is_absolute():
            raise OSError(errno.ENOENT, os.strerror(errno.ENOENT))

    def _save(self, text: str) -> None:
        """Replace the file as a whole. Raises OSError."""
        self._must_be_absolute()
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".media-", dir=self._path.parent)
        try:
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(text)
            Path(name).replace(self._path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise


def _is_own(found: os.stat_result) -> bool:
    return not hasattr(os, "geteuid") or found.st_uid == os.geteuid()


def digest_of(url: str) -> str:
    """Return the digest of an address, from which the address cannot be derived."""
    return hashlib.sha256(f"plancast media\n{url}".encode("utf-8", "surrogatepass")).hexdigest()


def is_good(answer: MediaAnswer) -> bool:
    """Return whether an answer is one to remember: the head of what may well be a file of media."""
    is_there = answer.outcome is MediaOutcome.ANSWERED and answer.status in (200, 206)
    return is_there and _TYPE.fullmatch(answer.content_type) is not None


def _encoded(at: int, answer: MediaAnswer) -> dict[str, Any]:
    removed = answer.removed_at
    return {
        "at": at,
        "status": answer.status,
        "type": answer.content_type,
        "size": answer.size,
        "removed": int(removed.timestamp()) if removed else None,
    }


def _decoded(entry: Mapping[str, Any]) -> tuple[int, MediaAnswer]:
    """Return an entry of the file. Raises ValueError, TypeError or KeyError if it is strange."""
    removed = _integer(entry["removed"])
    answer = MediaAnswer(
        MediaOutcome.ANSWERED,
        _integer(entry["status"]) or 0,
        str(entry["type"]),
        _integer(entry["size"]),
        datetime.fromtimestamp(removed, UTC) if removed is not None else None,
    )
    at = _integer(entry["at"])
    if at is None or not is_good(answer):
        raise ValueError("no answer that would have been remembered")
    return at, answer


def _integer(value: object) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < _LONGEST:
        raise ValueError("not a number of this file")
    return value
