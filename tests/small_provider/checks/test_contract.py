"""The provider keeps the contract that plancast ships."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest
from plancast_json_folder import INFO
from plancast_json_folder.provider import JsonFolderProvider, queue_file

from plancast.files.folder import Folder
from plancast.model.entry import Entry
from plancast.model.profile import Profile
from plancast.providers.registry import get
from plancast.testing.fakes import FakeClock
from plancast.testing.provider_contract import ProviderCase, ProviderContract, WireFailure


class WatchedFolder:
    """The folder of the queue. It counts what is asked of it, and can refuse to write."""

    def __init__(self, folder: Folder) -> None:
        self.inner = folder
        self.path = folder.path
        self.opened = self.written = 0
        self.is_full = False

    @contextmanager
    def lock(self, name: str, timeout: float) -> Iterator[None]:
        self.opened += 1
        with self.inner.lock(name, timeout):
            yield

    def read(self, name: str, limit: int) -> bytes:
        return self.inner.read(name, limit)

    def replace(self, name: str, content: bytes) -> None:
        if self.is_full:
            self.is_full = False
            raise OSError(errno.ENOSPC, "No space left on device")
        self.written += 1
        self.inner.replace(name, content)


class Service:
    """The folder as a person and time change it: with a provider of their own."""

    def __init__(self, folder: WatchedFolder, clock: FakeClock) -> None:
        self.folder = folder
        self.clock = clock
        self.person = JsonFolderProvider(folder.inner, clock, INFO.title, INFO.features_with({}))

    def write(self, profile: Profile, text: str) -> str:
        return self.person.create(Entry(text), [profile])[0].id

    def edit(self, remote_id: str, text: str) -> None:
        (live,) = (
            it for it in self.person.read(self.person.profiles()).entries if it.id == remote_id
        )
        profile = self.person.profile(live.profile_id)
        self.person.update(remote_id, Entry(text), live.entry, profile)

    def set_clock(self, moment: datetime) -> None:
        self.clock.advance((moment - self.clock.now()).total_seconds())

    def fill(self, profile: Profile) -> bool:
        return False  # there is always room

    def changes(self) -> int:
        return self.folder.written

    def requests(self) -> int:
        return self.folder.opened

    def break_next(self, failure: WireFailure) -> bool:
        self.folder.is_full = failure is WireFailure.NEVER_ARRIVED
        return self.folder.is_full


class TestJsonFolder(ProviderContract):
    @pytest.fixture
    def case(self, tmp_path: Path) -> ProviderCase:
        clock = FakeClock()
        folder = WatchedFolder(queue_file(str(tmp_path), {}))
        provider = JsonFolderProvider(folder, clock, INFO.title, INFO.features_with({}))
        # There are no pages: a file is read whole.
        return ProviderCase(provider, clock, Service(folder, clock), many=5)


def test_plancast_finds_it() -> None:
    assert get("json-folder") is INFO
