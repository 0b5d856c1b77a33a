"""A process that writes is killed at any moment: what it said was durable is there, and whole."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

from plancast.store.journal import FileJournal
from plancast.store.local import LocalStore

ROUNDS = 12
WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from plancast.model.entry import Address, Entry
from plancast.model.state import Intent, Operation, intent_name
from plancast.store.journal import FileJournal
from plancast.store.local import LocalStore
folder = Path(sys.argv[1])
store, journal = LocalStore(folder), FileJournal(folder / "journal.jsonl")
print("begin", flush=True)
while True:
    state = store.write(journal.replay(store.read()))
    journal.clear()
    print("state", state.serial, flush=True)
    for number in range(4):
        name = intent_name(state.lineage, state.serial, number)
        made = Intent(name, Operation.CREATE, (Address("p", "x"),), ("p-x",), Entry("x" * 2000),
                      datetime.now(UTC).replace(microsecond=0))
        journal.intend(state, [made])
        print("intent", name, flush=True)
"""


def test_what_was_durable_outlives_a_kill(tmp_path: Path) -> None:
    chance = random.Random(7)
    store, journal = LocalStore(tmp_path), FileJournal(tmp_path / "journal.jsonl")
    serial, progress = 0, 0
    for _ in range(ROUNDS):
        line = [sys.executable, "-c", WRITER, str(tmp_path)]
        with subprocess.Popen(line, stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout is not None
            # Killed after so many words, that is: somewhere in what comes after them.
            lines = [writer.stdout.readline() for _ in range(chance.randint(2, 12))]
            os.kill(writer.pid, signal.SIGKILL)
            lines += writer.stdout.read().splitlines()
            words = [item.split() for item in lines]
        state = store.read()
        durable = [int(word[1]) for word in words if word[0] == "state" and len(word) == 2]
        assert state.serial >= max([serial, *durable]), "an older state came back"
        after = journal.replay(state)
        since = [word[1] for word in words if word[0] == "intent" and len(word) == 2]
        latest = [name for name in since if f".{state.serial}-" in name]
        assert set(latest) <= set(after.intents), "an intent that was durable is gone"
        progress += state.serial - serial
        serial = state.serial
    assert progress >= ROUNDS
