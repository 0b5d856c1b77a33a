"""The stores and journals of plancast keep the contract, and so do those in memory."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from plancast.model.ports import Journal
from plancast.model.state import State
from plancast.store.journal import FileJournal
from plancast.store.local import LocalStore
from plancast.testing.memory_store import MemoryJournal, MemoryStore
from plancast.testing.store_contract import JournalContract, StoreContract, StorePair, state
from tests.store.gits import Remote, journal_of, store_in


def local(folder: Path) -> StorePair:
    return LocalStore(folder), LocalStore(folder)


def memory(_folder: Path) -> StorePair:
    first = MemoryStore()
    return first, MemoryStore(first.disk)


def in_git(folder: Path) -> StorePair:
    """One clone, as runs of one machine have it: the second looks again at what the first did."""
    clone = Remote.make(folder).clone("clone")
    return store_in(clone, hurried=True), store_in(clone, hurried=True)


class TestStores(StoreContract):
    @pytest.fixture(params=[local, memory, in_git], ids=["local", "memory", "git"])
    def stores(self, request: pytest.FixtureRequest, tmp_path: Path) -> StorePair:
        make: Callable[[Path], StorePair] = request.param
        return make(tmp_path / ".plancast")


class TestJournals(JournalContract):
    @pytest.fixture(params=["file", "memory", "git"])
    def journal(self, request: pytest.FixtureRequest, tmp_path: Path) -> Journal:
        if request.param == "git":
            clone = Remote.make(tmp_path).clone("clone")
            store = store_in(clone)
            written = store.write(State(lineage="lineage"))
            assert store.write(store.write(written)).serial == state().serial
            return journal_of(store, clone)
        return (
            FileJournal(tmp_path / "journal.jsonl") if request.param == "file" else MemoryJournal()
        )
