"""The limiter's log in a file, which all processes of this machine share that use one account.

The service counts the requests of an account, whichever of its keys they came with
(docs/buffer/graphql.md#rate-limits). So a log is named after its account. The account of a key is
known only once an answer has named it. Until then the log is named after the key. Then its requests
are merged into the log of the account, and it becomes a redirect: one line with the name of that
log. The next process that uses the key reads the redirect before its first request; one that still
has the old name reads it at its next request. So no request goes uncounted, and processes with
different keys of an account count apart only up to the first answer that each key ever had.

The file only keeps processes from sending too much together; it is no record. If it is damaged it
begins anew. If it cannot be used at all (a folder that may not be written, a full disk, a lock that
is never released) this process paces itself alone until it can be used again.

A log of an earlier plancast was named after the key as well, in another way. A log that begins
takes over its requests, once. The file stays: a process of that version may still use it.
"""

from __future__ import annotations

import errno
import hashlib
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from plancast.net import limiter_records as records
from plancast.net.limiter_files import LogFolder
from plancast.net.limiter_records import LogText, Redirect
from plancast.net.rate_merge import joined, merged
from plancast.net.rate_windows import LateStep, Log, Stamp, Step, elapsed, is_before

_HOPS = 4
"""Redirects that are followed in a row. Logs of accounts do not move, so one is the rule."""


@dataclass(frozen=True, slots=True)
class LogNames:
    """The names of the files that a log may have. No key and no address can be derived from them.

    `first`: the name as long as the account is not known. `earlier`: that of an earlier plancast.
    """

    origin: str
    first: str
    earlier: str

    @classmethod
    def of_key(cls, key: str, base: str) -> LogNames:
        """Return the names for a key of the API with this base address."""
        origin = _origin(base)
        return cls(origin, f"key-{_digest('key', origin, key)}.log", earlier_name(key, base))

    @classmethod
    def of_sandbox(cls, database: str, *words: str) -> LogNames:
        """Return the name for an embedded sandbox, which counts by itself.

        `words`: what an earlier plancast put before the database.
        """
        first = f"sandbox-{_digest('sandbox', *words, database)}.log"
        return cls("sandbox", first, earlier_name(*words, database))

    def of_account(self, account_id: str) -> str:
        """Return the name for an account of the same API: other origins never share a log."""
        return f"account-{_digest('account', self.origin, account_id)}.log"


def earlier_name(*secrets: str) -> str:
    """Return the name that plancast gave the log of a token and an address up to version 2."""
    digest = hashlib.sha256("\n".join(("plancast pacing", *secrets)).encode())
    return f"pacing-{digest.hexdigest()}.json"


def _origin(base: str) -> str:
    """Return scheme, host and port of an address that `check_base_url` has returned."""
    parts = urlsplit(base)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return f"{parts.scheme}://{parts.hostname}:{port}"


def _digest(kind: str, *parts: str) -> str:
    text = "\n".join((f"plancast limiter {kind}", *parts))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


class FileLog:
    """A log in a file. Safe for threads and processes.

    A change takes one lock and writes one line, with all that was noted since the last one. If
    half of a file is of no use any more, it is written anew. A look takes no lock and writes
    nothing.
    """

    def __init__(self, folder: LogFolder, names: LogNames) -> None:
        self._folder = folder
        self._names = names
        self._name = ""
        self._account = ""
        self._mutex = threading.Lock()
        self._noted: list[tuple[LateStep, Stamp]] = []
        self._tidy: Step = _unchanged
        self._ids: set[str] = set()
        self._read = (b"", records.NOTHING)
        self._own = Log()
        self._own_stamp = Stamp(0.0, 0.0)
        self._alone: Stamp | None = None

    def belongs_to(self, account_id: str) -> None:
        """Use the log of this account from the next change on: an answer has named it."""
        with self._mutex:
            self._account = self._names.of_account(account_id)

    def note(self, step: LateStep, now: Callable[[], Stamp], tidy: Step) -> None:
        """Keep a change in memory until the next one; see LogStore."""
        with self._mutex:
            self._noted.append((step, now()))
            self._tidy = tidy

    def flush(self, now: Callable[[], Stamp]) -> None:
        """Write what was noted, if anything; see LogStore."""
        if self._noted or self._account not in ("", self._name):
            self.change(_unchanged, now, self._tidy)

    def look(self, now: Callable[[], Stamp], tidy: Step) -> Log:
        """Return the log with all that was noted; see LogStore."""
        with self._mutex:
            seen = self._seen(now, tidy)
        return self.change(_unchanged, now, tidy) if seen is None else seen

    def change(self, step: Step, now: Callable[[], Stamp], tidy: Step) -> Log:
        """Replace the log by the result of `step`; see LogStore. No error of the disk is raised."""
        from filelock import Timeout  # noqa: PLC0415

        with self._mutex:

            def noted_and(log: Log, moment: Stamp) -> Log:
                before = {slot.id for slot in log.slots}
                log = step(self._with_notes(log, moment))
                self._ids.update(slot.id for slot in log.slots if slot.id not in before)
                return log

            try:
                changed, moment = self._change_file(noted_and, now, tidy)
                self._alone = None
            except (OSError, Timeout, NotImplementedError):
                # Go on from the log as this process saw it last, without the other processes.
                moment = now()
                own = self._own.older(elapsed(self._own_stamp, moment))
                changed = noted_and(tidy(own), moment)
                self._alone = self._alone or moment
            self._noted = []
            self._own, self._own_stamp = changed, moment
            return changed

    def _with_notes(self, log: Log, moment: Stamp) -> Log:
        for late, stamp in self._noted:
            log = late(log, elapsed(stamp, moment))
        return log

    # -- the file -----------------------------------------------------------------------------

    def _seen(self, now: Callable[[], Stamp], tidy: Step) -> Log | None:
        """Return the log as its file shows it without the lock, None if only a change can say.

        A line that another process is writing makes the text one that is not `whole`.
        """
        if self._alone or not self._name or self._account not in ("", self._name):
            return None
        try:
            content = self._content(self._name)
        except OSError:
            return None
        moment = now()
        if (
            not isinstance(content, LogText)
            or not content.whole
            or is_before(moment, content.stamp)
        ):
            return None
        log = tidy(content.log.older(elapsed(content.stamp, moment)))
        return self._with_notes(log, moment)

    def _change_file(
        self, step: Callable[[Log, Stamp], Log], now: Callable[[], Stamp], tidy: Step
    ) -> tuple[Log, Stamp]:
        """Change the log in its file; return it and the moment. Raises OSError, Timeout."""
        if not self._name:
            # The redirect of a key is written once, so reading it needs no lock.
            content = self._content(self._names.first)
            self._name = content.target if isinstance(content, Redirect) else self._names.first
        for _ in range(_HOPS):
            if self._account not in ("", self._name) and self._move(now):
                continue
            with self._folder.lock(self._name):
                moment = now()
                content = self._content(self._name)
                if isinstance(content, LogText):
                    return self._written(content, step, moment, tidy), moment
            self._name = content.target  # another process with the key has moved it meanwhile
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))

    def _content(self, name: str) -> LogText | Redirect:
        """Read a file. A log that begins takes over that of an earlier plancast."""
        raw = self._folder.read(name, records.MAX_BYTES + 1)
        if raw is None and name == self._names.first and self._names.earlier:
            raw = self._folder.read(self._names.earlier, records.MAX_BYTES + 1)
        if raw is None:
            return records.NOTHING
        # The bytes are compared, so it does not matter which file they were read from.
        content = records.decode_further(raw, *self._read)
        if isinstance(content, LogText):
            self._read = (raw, content)
        # Only the log of a key ever moves: a redirect elsewhere is damage, and could be a circle.
        is_damaged = isinstance(content, Redirect) and name != self._names.first
        return records.NOTHING if is_damaged else content

    def _written(
        self, text: LogText, step: Callable[[Log, Stamp], Log], moment: Stamp, tidy: Step
    ) -> Log:
        """Change a log and write the change. The caller holds its lock. Raises OSError."""
        shared = known = tidy(text.log.older(elapsed(text.stamp, moment)))
        if self._alone:
            own = self._own.older(elapsed(self._own_stamp, moment))
            # This process paced itself alone for a while, and the file has missed its requests.
            known = joined(shared, own, elapsed(self._alone, moment))
        changed = step(known, moment)
        # Many calls only look, and a look needs no write, unless both clocks show less than in the
        # file, after a new start of the machine: until they are noted, nothing in it grows older.
        if changed == shared and not (text.whole and is_before(moment, text.stamp)):
            return changed
        if self._alone or not text.whole or records.is_wasteful(text, changed):
            self._folder.replace(self._name, records.encode(changed, moment))
        else:
            self._folder.append(self._name, records.encode_change(shared, changed, moment))
        return changed

    def _move(self, now: Callable[[], Stamp]) -> bool:
        """Go on in the log of the account, with the requests of the log in use.

        Return whether another log is in use now. If the files cannot be used, this process stays
        with the log that it has.
        """
        from filelock import Timeout  # noqa: PLC0415

        try:
            self._name = self._moved(now)
        except (OSError, Timeout, NotImplementedError):
            self._account = ""  # the next process with the key tries again
            return False
        return True

    def _moved(self, now: Callable[[], Stamp]) -> str:
        """Merge the log in use into that of the account; return the name of the log to use.

        If another process has moved it meanwhile, only follow it. Raises OSError, Timeout.
        """
        first, target = self._names.first, self._account
        with self._folder.lock(first, self._name, target):
            moment = now()
            pointer, source = self._content(first), self._content(self._name)
            if isinstance(source, Redirect):
                return source.target
            if not (isinstance(pointer, Redirect) and pointer.target == target):
                self._merge(source, target, moment)
                # Last: if the process dies before this, the merge is repeated and adds nothing.
                self._folder.replace(first, records.encode_redirect(target))
        return target

    def _merge(self, source: LogText, target: str, moment: Stamp) -> None:
        """Add the requests of a log to that of the account. The caller holds both locks."""
        log = source.log.older(elapsed(source.stamp, moment))
        if self._name != self._names.first:
            # The redirect led to another account, whose requests do not count for this one.
            log = Log(tuple(slot for slot in log.slots if slot.id in self._ids))
        content = self._content(target)
        if isinstance(content, LogText):
            there = content.log.older(elapsed(content.stamp, moment))
            self._folder.replace(target, records.encode(merged(there, log), moment))


def _unchanged(log: Log) -> Log:
    return log
