"""A live queue in `queue.json`: two profiles, and what waits on them or went out.

Nothing is published: an entry counts as sent once its time has passed. What has no time of its own
goes out at the full hours, one after the other.
"""

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

from plancast.codec import live_from_dict, live_to_dict
from plancast.codec.reader import Reader
from plancast.files.folder import Folder
from plancast.model.diagnostics import problem
from plancast.model.entry import Entry, LiveEntry, LiveStatus, QueuePosition
from plancast.model.exit_codes import Stop
from plancast.model.features import Features
from plancast.model.plan import RateWindow
from plancast.model.ports import (
    Capabilities,
    Clock,
    NotFound,
    QueueRead,
    Rejected,
    ServiceLimits,
    Unreachable,
)
from plancast.model.profile import Account, Profile

FILE = "queue.json"
LIMIT = 64 * 1024 * 1024
PROFILES = (
    Profile("json-x", "twitter", username="acme"),
    Profile("json-facebook", "facebook", username="Acme"),
)
Queue = dict[str, LiveEntry]
_NEVER = datetime.max.replace(tzinfo=UTC)


class QueueFolder(Protocol):
    """The part of `Folder` that is used. It follows no link, and writes a file whole or not."""

    @property
    def path(self) -> Path: ...

    def lock(self, name: str, timeout: float) -> AbstractContextManager[None]: ...

    def read(self, name: str, limit: int) -> bytes: ...

    def replace(self, name: str, content: bytes) -> None: ...


def queue_file(root: str, options: Mapping[str, object]) -> Folder:
    """The folder that the option names. Raises Stop: a file of a repository leads nowhere else."""
    name = options.get("folder", "queue")
    if not isinstance(name, str) or not re.fullmatch("[A-Za-z0-9_-]{1,64}", name):
        hint = "Write the plain name of a folder in the workspace."
        raise Stop([problem("PC203", "provider option 'folder'", hint=hint)])
    return Folder(Path(root), (name,))


class JsonFolderProvider:
    """A Provider."""

    name = "json-folder"

    def __init__(self, folder: QueueFolder, clock: Clock, title: str, features: Features) -> None:
        self.title = title
        self.capabilities = Capabilities(create_group=10, features=features, api=self.name)
        self._folder = folder
        self._clock = clock

    # -- reading ----

    def account(self) -> Account:
        return Account("json-folder", "The JSON folder")

    def profiles(self) -> tuple[Profile, ...]:
        return PROFILES

    def profile(self, profile_id: str) -> Profile:
        for profile in PROFILES:
            if profile.id == profile_id:
                return profile
        raise NotFound(f"no profile {profile_id}")

    def limits(self) -> ServiceLimits:
        return ServiceLimits()  # those that plancast knows of each network

    def read(self, profiles: Sequence[Profile], since: datetime | None = None) -> QueueRead:
        ids = [self.profile(profile.id).id for profile in profiles]
        with self._queue() as queue:
            waiting = [
                live
                for live in queue.values()
                if live.profile_id in ids and live.status is LiveStatus.SCHEDULED
            ]
        if since is not None:
            waiting = [live for live in waiting if (live.created_at or _NEVER) >= since]
        waiting.sort(key=lambda live: (live.due_at or _NEVER, live.id))
        return QueueRead(tuple(waiting), self._clock.now(), requests=1)

    def sent(self, since: Mapping[str, datetime | None]) -> tuple[LiveEntry, ...]:
        with self._queue() as queue:
            published = [live for live in queue.values() if live.status is LiveStatus.PUBLISHED]
        found = [
            live
            for live in published
            if live.profile_id in since
            and (live.sent_at or _NEVER)
            >= (since[live.profile_id] or datetime.min.replace(tzinfo=UTC))
        ]
        return tuple(
            sorted(found, key=lambda live: (live.sent_at or _NEVER, live.id), reverse=True)
        )

    def find(self, remote_ids: Sequence[str]) -> tuple[LiveEntry, ...]:
        return ()  # the two lists hold all there is

    def expected(self, entry: Entry, profile: Profile) -> Entry:
        """The queue keeps all but instructions, and strips the text."""
        return replace(entry, text=entry.text.strip(), queue=None, shorten=False, link_card=True)

    def windows(self) -> tuple[RateWindow, ...]:
        return ()

    # -- changing ----

    def create(self, entry: Entry, profiles: Sequence[Profile]) -> tuple[LiveEntry, ...]:
        self._check(entry)
        with self._queue(changing=True) as queue:
            return tuple(self._put(queue, entry, profile) for profile in profiles)

    def update(self, remote_id: str, entry: Entry, previous: Entry, profile: Profile) -> LiveEntry:
        with self._queue(changing=True) as queue:
            live = _waiting(queue, remote_id)
            self._check(entry)
            shown = self.expected(entry, profile)
            queue[remote_id] = replace(live, entry=shown, due_at=entry.due_at)
            _give_times(queue, profile.id, self._clock.now())
            return queue[remote_id]

    def delete(self, remote_id: str) -> None:
        with self._queue(changing=True) as queue:
            live = _waiting(queue, remote_id)
            del queue[remote_id]
            _give_times(queue, live.profile_id, self._clock.now())

    def share(self, remote_id: str) -> None:
        with self._queue(changing=True) as queue:
            live = _waiting(queue, remote_id)
            queue[remote_id] = _published(live, self._clock.now())

    # -- inside ----

    def _check(self, entry: Entry) -> None:
        if entry.due_at is not None and entry.due_at < self._clock.now():
            raise Rejected("the time has passed", "past")

    def _put(self, queue: Queue, entry: Entry, profile: Profile) -> LiveEntry:
        now = self._clock.now()
        remote_id = f"json-{uuid4().hex}"  # never that of an entry that was removed
        shown = self.expected(entry, profile)
        live = LiveEntry(remote_id, profile.id, shown, due_at=entry.due_at, created_at=now)
        known = dict(queue)
        queue.clear()
        at_the_head = entry.queue is QueuePosition.TOP
        queue.update({remote_id: live, **known} if at_the_head else {**known, remote_id: live})
        _give_times(queue, profile.id, now)
        return queue[remote_id]

    @contextmanager
    def _queue(self, *, changing: bool = False) -> Iterator[Queue]:
        """The entries by their ids, in the order of the queue. `changing`: they are written."""
        try:
            with self._folder.lock("queue.lock", math.inf):
                queue = self._load()
                _publish(queue, self._clock.now())
                yield queue
                if changing:
                    self._save(queue)
        except OSError as error:
            # Nothing is written if the disk refuses: the file is replaced as a whole.
            raise Unreachable(f"{self._folder.path}: {error.strerror or error}") from error

    def _load(self) -> Queue:
        try:
            document = json.loads(self._folder.read(FILE, LIMIT))
        except FileNotFoundError:
            return {}
        entries = Reader(document).at("entries").items(live_from_dict)
        return {live.id: live for live in entries}

    def _save(self, queue: Queue) -> None:
        document: dict[str, Any] = {"entries": [live_to_dict(live) for live in queue.values()]}
        self._folder.replace(FILE, json.dumps(document, indent=1).encode())


def _waiting(queue: Queue, remote_id: str) -> LiveEntry:
    live = queue.get(remote_id)
    if live is None:
        raise NotFound(f"no entry {remote_id}")
    if live.status is LiveStatus.PUBLISHED:
        raise Rejected("it was sent already", "sent")
    return live


def _publish(queue: Queue, now: datetime) -> None:
    for live in tuple(queue.values()):
        if live.status is LiveStatus.SCHEDULED and live.due_at and live.due_at <= now:
            queue[live.id] = _published(live, live.due_at)


def _published(live: LiveEntry, at: datetime) -> LiveEntry:
    return replace(live, status=LiveStatus.PUBLISHED, sent_at=at)


def _give_times(queue: Queue, profile_id: str, now: datetime) -> None:
    """The n-th entry without a time of its own goes out at the n-th full hour from now."""
    slot = now.replace(minute=0, second=0, microsecond=0)
    for live in tuple(queue.values()):
        waits = live.profile_id == profile_id and live.status is LiveStatus.SCHEDULED
        if waits and live.entry.due_at is None:
            slot += timedelta(hours=1)
            queue[live.id] = replace(live, due_at=slot)
