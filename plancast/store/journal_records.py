"""Records of the journal as lines of text, the same in a file and in a ref.

Each line carries a checksum. A line that was cut off can only be the last one, and it was never
acted upon: intents are durable before anything is sent, and an outcome whose line is incomplete
counts as unknown, which is the safe reading. So a torn tail is dropped. A damaged line anywhere
else means that something other than a crash happened; then nothing is guessed.

The first record of a batch names the serial of the state that it was made on, and so do the ids of
its intents. A state with a higher serial was written after the batch, or in the middle of it, and
knows the intents already: they are skipped. An outcome counts as long as the state still has its
intent open. So a batch can be replayed on any later state, and a run that lost its lease cannot
undo with a late record what another run has found out.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from datetime import datetime

from plancast.codec import (
    CodecError,
    intent_from_dict,
    intent_to_dict,
    live_from_dict,
    live_to_dict,
    parse_json,
    time_to_text,
)
from plancast.codec.reader import Reader
from plancast.model.entry import LiveEntry
from plancast.model.outcomes import CallOutcome
from plancast.model.ports import JournalDamaged
from plancast.model.state import Intent, State, serial_of
from plancast.reconcile.state_updates import settle

Record = dict[str, object]

MAX_BYTES = 256 * 1024 * 1024
"""Larger journals are not read. A journal holds one batch of calls, which is far less."""


def batch(state: State, intents: Sequence[Intent]) -> Record:
    """Build the record that these calls are about to be made on `state`."""
    return {
        "kind": "batch",
        "lineage": state.lineage,
        "serial": state.serial,
        "intents": [intent_to_dict(intent) for intent in intents],
    }


def sending(intent_id: str, at: datetime) -> Record:
    """Build the record that one call is about to be sent."""
    return {"kind": "sending", "intent": intent_id, "at": time_to_text(at)}


def drafted(intent_id: str, item: str) -> Record:
    """Build the record of the content item that the draft of a keyed create is."""
    return {"kind": "drafted", "intent": intent_id, "item": item}


def outcome(
    intent_id: str, ended: CallOutcome, at: datetime, live: Sequence[LiveEntry] = ()
) -> Record:
    """Build the record of how a call ended, with the entries that the answer showed."""
    return {
        "kind": "outcome",
        "intent": intent_id,
        "outcome": ended.value,
        "at": time_to_text(at),
        "live": [live_to_dict(entry) for entry in live],
    }


def line(record: Record) -> bytes:
    """Return the record as a line: checksum, space, JSON in ASCII, line end."""
    body = json.dumps(record, ensure_ascii=True, separators=(",", ":")).encode()
    return _checksum(body) + b" " + body + b"\n"


def replay(content: bytes, state: State, path: str) -> State:
    """Fold the lines of a journal into the state that it was written on.

    Raises JournalDamaged, naming `path` and the line.
    """
    floor = state.serial
    # Compare serials with that of the state as it was read, before anything is replayed.
    for place, body in _lines(content, path):
        try:
            state = _replayed(state, Reader(parse_json(body), place), floor, path)
        except CodecError as error:
            # If the line is no JSON, the error of the parser does not name the line.
            message = str(error)
            shown = message if message.startswith(place) else f"{place}: {message}"
            raise JournalDamaged(shown, path) from error
    return state


def _replayed(state: State, reader: Reader, floor: int, path: str) -> State:
    """Return the state with one record folded in. Raises CodecError, JournalDamaged.

    `floor` is the serial of the state before the replay.
    """
    kind = reader.at("kind").text()
    if kind == "sending":
        return state.sending(reader.at("intent").text(), reader.at("at").moment())
    if kind == "drafted":
        return state.drafted(reader.at("intent").text(), reader.at("item").name())
    if kind == "outcome":
        return _settled(state, reader, floor)
    if kind != "batch":
        raise CodecError(f"{reader.path}.kind: {kind!r} is no kind of record")
    _same_lineage(reader, state, path)
    # The state was written after this batch began, so it holds the intents, or has settled them.
    if reader.at("serial").number(least=0) < floor:
        return state
    return state.intend(reader.at("intents").items(intent_from_dict))


def _lines(content: bytes, path: str) -> Iterator[tuple[str, str]]:
    """Yield the place `PATH:NUMBER` and the JSON of each complete line. Raises JournalDamaged."""
    whole = content.split(b"\n")[:-1]  # after the last line end: nothing, or a torn line
    for number, line in enumerate(whole, start=1):
        checksum, _, body = line.partition(b" ")
        if not body.isascii() or checksum != _checksum(body):
            raise JournalDamaged(f"{path}:{number}: the line is damaged", path)
        yield f"{path}:{number}", body.decode("ascii")


def _checksum(body: bytes) -> bytes:
    return hashlib.sha256(body).hexdigest()[:16].encode()


def _same_lineage(reader: Reader, state: State, path: str) -> None:
    """Refuse the batch of another state. Raises JournalDamaged."""
    lineage = reader.at("lineage").text()
    if lineage == state.lineage:
        return
    if state.serial == 0:
        # A new state beside an old journal: the state was lost, and the calls that the journal
        # names may have created entries that no state knows.
        detail = "the journal belongs to a state that is no longer there"
    else:
        detail = f"the journal belongs to the state {lineage}, not to {state.lineage}"
    raise JournalDamaged(f"{path}: {detail}", path)


def _settled(state: State, reader: Reader, floor: int) -> State:
    """Return the state with the outcome of one call folded in."""
    name = reader.at("intent").text()
    intent = state.intents.get(name)
    # An earlier write of the state has settled this call. It knows more than a late record.
    if intent is None and _serial_of(name, reader) < floor:
        return state
    if intent is None:
        raise CodecError(f"{reader.path}: an outcome without an intent")
    ended = reader.at("outcome").member(CallOutcome)
    live = reader.at("live").items(live_from_dict)
    return settle(state, intent, ended, live, reader.at("at").moment())


def _serial_of(name: str, reader: Reader) -> int:
    """Return the serial in the id of an intent. Raises CodecError if it has none."""
    try:
        return serial_of(name)
    except ValueError:
        raise CodecError(f"{reader.path}.intent: {name!r} is no id of an intent") from None
