"""The journal as a file: a torn end is no damage, and damage is never guessed away."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest

from plancast.model.entry import Address
from plancast.model.outcomes import CallOutcome
from plancast.model.ports import JournalDamaged, StateDamaged, StateUnwritable
from plancast.model.state import Intent, Operation, State, intent_name
from plancast.store.journal import FileJournal
from plancast.testing import builders

FULL_DISK = """
import resource, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from plancast.model.ports import StateUnwritable
from plancast.store.journal import FileJournal
journal = FileJournal(Path(sys.argv[1]))
room = journal.path.stat().st_size + int(sys.argv[2])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
try:
    journal.sending(sys.argv[3], datetime.now(UTC))
except StateUnwritable as error:
    print(error)
    sys.exit(9)
"""
AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
STATE = State(lineage="lineage", serial=3)
NEWLINE = b"\n"


def intent(number: int) -> Intent:
    return Intent(
        intent_name("lineage", 3, number),
        Operation.CREATE,
        (Address(f"post-{number}", "x"),),
        ("p-x",),
        builders.entry(f"Zürich {number} 🎈"),
        AT,
    )


@pytest.fixture
def journal(tmp_path: Path) -> FileJournal:
    """A batch of two, of which one was sent and refused."""
    made = FileJournal(tmp_path / "journal.jsonl")
    made.intend(STATE, [intent(1), intent(2)])
    made.sending(intent(1).id, AT)
    made.outcome(intent(1).id, CallOutcome.REJECTED, AT)
    return made


def test_torn_at_any_byte_it_says_what_its_whole_lines_say(journal: FileJournal) -> None:
    whole = journal.path.read_bytes()
    ends = [index + 1 for index, byte in enumerate(whole) if byte == ord("\n")]
    known = {0: STATE}
    for end in ends:
        journal.path.write_bytes(whole[:end])
        known[end] = journal.replay(STATE)
    for size in range(len(whole) + 1):
        journal.path.write_bytes(whole[:size])
        last = max(end for end in known if end <= size)
        assert journal.replay(STATE) == known[last], size


def test_after_a_torn_end_the_next_record_begins_on_its_own(journal: FileJournal) -> None:
    whole = journal.path.read_bytes()
    for cut in (1, 5, 30):
        journal.path.write_bytes(whole[:-cut])
        journal.sending(intent(2).id, AT)
        assert journal.replay(STATE).intents[intent(2).id].sent_at == AT
        assert len(journal.replay(STATE).intents) == 2, "the outcome was torn away"


@pytest.mark.parametrize("line", [1, 2])
def test_a_line_that_was_changed_is_named_and_nothing_is_guessed(
    journal: FileJournal, line: int
) -> None:
    lines = journal.path.read_bytes().splitlines(keepends=True)
    lines[line - 1] = lines[line - 1].replace(b"lineage", b"lineagE", 1)
    journal.path.write_bytes(b"".join(lines))
    before = journal.path.read_bytes()
    with pytest.raises(StateDamaged, match=f"journal.jsonl:{line}: "):
        journal.replay(STATE)
    assert journal.path.read_bytes() == before


def test_what_belongs_to_another_state_is_not_taken_in(journal: FileJournal) -> None:
    with pytest.raises(StateDamaged):
        journal.replay(State(lineage="another", serial=3))


def test_an_outcome_without_its_batch_is_damage(tmp_path: Path) -> None:
    journal = FileJournal(tmp_path / "journal.jsonl")
    journal.outcome(intent(1).id, CallOutcome.CONFIRMED, AT)
    with pytest.raises(StateDamaged):
        journal.replay(STATE)


def test_a_word_that_comes_late_changes_nothing_that_was_found_out_since(
    journal: FileJournal,
) -> None:
    later = State(lineage="lineage", serial=9)
    assert journal.replay(later) == later


def test_where_it_cannot_be_written_nothing_may_be_sent(tmp_path: Path) -> None:
    (tmp_path / "folder").write_text("a file")
    journal = FileJournal(tmp_path / "folder" / "journal.jsonl")
    with pytest.raises(StateUnwritable):
        journal.intend(STATE, [intent(1)])


@pytest.mark.parametrize("room", [0, 1, 40])
def test_a_full_disk_costs_the_record_that_did_not_fit_and_no_other(
    journal: FileJournal, room: int
) -> None:
    before = journal.replay(STATE)
    line = [sys.executable, "-c", FULL_DISK, str(journal.path), str(room), intent(2).id]
    ended = subprocess.run(line, check=False, capture_output=True, text=True)
    assert ended.returncode == 9, ended.stderr
    assert str(journal.path) in ended.stdout
    assert journal.replay(STATE) == before
    journal.sending(intent(2).id, AT)
    assert journal.replay(STATE).intents[intent(2).id].sent_at == AT


def line(body: str) -> bytes:
    """A line whose checksum fits, whatever it says."""
    raw = body.encode()
    return sha256(raw).hexdigest()[:16].encode() + b" " + raw + b"\n"


MADE = "2026-11-23T09:00:00Z"
BODIES = {
    "nothing": "",
    "no JSON": "hello",
    "cut off": '{"kind": "batch"',
    "a list": "[]",
    "no kind": "{}",
    "an unknown kind": '{"kind": "repair"}',
    "a key twice": '{"kind": "batch", "kind": "sending"}',
    "deep": "[" * 100_000,
    "not a number": '{"kind": "batch", "lineage": "lineage", "serial": NaN}',
    "beyond ASCII": '{"kind": "é"}',
    "half a character": f'{{"kind": "sending", "intent": "\\ud800", "at": "{MADE}"}}',
    "a time beyond all use": (
        '{"kind": "sending", "intent": "lineage.3-000001", "at": "9999-12-31T23:59:59-14:00"}'
    ),
    "an outcome of no intent": (
        f'{{"kind": "outcome", "intent": "x", "outcome": "unknown", "at": "{MADE}", "live": []}}'
    ),
    "a serial that is no number": '{"kind": "batch", "lineage": "lineage", "serial": "3"}',
    "an intent without a place": (
        '{"kind": "batch", "lineage": "lineage", "serial": 3, "intents": [{"id": "i"}]}'
    ),
}


@pytest.mark.parametrize("name", BODIES)
def test_a_line_whose_checksum_fits_is_damage_all_the_same(journal: FileJournal, name: str) -> None:
    whole = journal.path.read_bytes()
    journal.path.write_bytes(whole + line(BODIES[name]))
    with pytest.raises(JournalDamaged) as caught:
        journal.replay(STATE)
    assert str(caught.value).startswith(f"{journal.path}:{whole.count(NEWLINE) + 1}")
    assert str(caught.value).isprintable()


def test_line_ends_within_texts_do_not_end_a_record(tmp_path: Path) -> None:
    journal = FileJournal(tmp_path / "journal.jsonl")
    odd = Intent(
        intent_name("lineage", 3, 1),
        Operation.CREATE,
        (Address("post", "x"),),
        ("p-x",),
        builders.entry("one\ntwo\r\n\u2028three\x85"),
        AT,
    )
    journal.intend(STATE, [odd])
    assert journal.replay(STATE).intents[odd.id].entry.text == odd.entry.text
