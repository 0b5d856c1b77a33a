"""The text of a limiter's log: what is written is read again, and nothing else is believed."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from plancast.net.limiter_records import (
    MAX_BYTES,
    NOTHING,
    LogText,
    Redirect,
    decode,
    decode_further,
    encode,
    encode_change,
    encode_redirect,
)
from plancast.net.rate_windows import Log, Slot, Stamp, Word

TARGET = f"account-{'0' * 64}.log"
NOW = Stamp(1_795_000_000.0, 1000.0)

slots = st.builds(
    Slot,
    st.text("abcdef0123456789", min_size=1, max_size=4),
    st.floats(-60, 3000),
    st.booleans(),
    left=st.lists(st.tuples(st.floats(1, 1e6), st.integers(0, 100)), max_size=2).map(tuple),
)
words = st.builds(
    Word,
    st.integers(1, 500),
    st.floats(1, 1e6),
    st.integers(-5, 500),
    st.floats(-60, 1),
    st.floats(0, 60),
)
logs = st.builds(
    Log,
    st.lists(slots, max_size=6, unique_by=lambda slot: slot.id).map(tuple),
    st.floats(0, 100),
    st.floats(0, 100),
    st.lists(words, max_size=3).map(tuple),
)


def rounded(log: Log) -> tuple[object, ...]:
    shown = [(s.id, round(s.age, 3), s.open, s.left) for s in log.slots]
    return sorted(shown), log.pause, log.halved, log.words


@given(first=logs, changes=st.lists(st.tuples(logs, st.floats(0, 500)), max_size=5))
def test_a_log_is_the_same_after_any_changes(first: Log, changes: list[tuple[Log, float]]) -> None:
    raw, log, monotonic = encode(first, NOW), first, NOW.monotonic
    for after, seconds in changes:
        monotonic += seconds
        now = Stamp(NOW.wall, monotonic)
        raw += encode_change(log.older(seconds), after, now)
        log = after
    found = decode(raw)
    assert isinstance(found, LogText)
    assert rounded(found.log) == rounded(log)
    assert (found.whole, found.stamp.monotonic) == (True, monotonic)
    assert found.records == len(first.slots) + len(changes)


@given(
    first=logs,
    changes=st.lists(st.tuples(logs, st.floats(0, 500)), max_size=4),
    end=st.sampled_from([b"", b"{", b"nonsense\n", b"null\n", b'{"slots": []}\n']),
    data=st.data(),
)
def test_a_log_that_was_read_before_is_read_as_a_new_one(
    first: Log, changes: list[tuple[Log, float]], end: bytes, data: st.DataObject
) -> None:
    lines, log, monotonic = [encode(first, NOW)], first, NOW.monotonic
    for after, seconds in changes:
        monotonic += seconds
        lines.append(encode_change(log.older(seconds), after, Stamp(NOW.wall, monotonic)))
        log = after
    raw = b"".join(lines) + end
    before = b"".join(lines[: data.draw(st.integers(1, len(lines)))])
    known = decode(before)
    assert isinstance(known, LogText)
    found, wanted = decode_further(raw, before, known), decode(raw)
    assert isinstance(found, LogText)
    assert isinstance(wanted, LogText)
    assert rounded(found.log) == rounded(wanted.log)
    assert [slot.id for slot in found.log.slots] == [slot.id for slot in wanted.log.slots]
    assert (found.records, found.whole, found.stamp) == (wanted.records, wanted.whole, wanted.stamp)


@pytest.mark.parametrize("raw", [b"", b"{}", encode_redirect(TARGET), encode(Log(), NOW)])
def test_a_log_that_was_written_anew_is_read_anew(raw: bytes) -> None:
    before = encode(Log((Slot("a", 1.0),)), NOW)
    known = decode(before)
    assert isinstance(known, LogText)
    assert decode_further(raw, before, known) == decode(raw)


def test_of_a_log_that_grew_only_the_new_lines_are_read() -> None:
    log = Log((Slot("a", 1.0),))
    before, known = encode(log, NOW), LogText(Log((Slot("kept", 2.0),)), NOW, 1)
    added = encode_change(log, Log((*log.slots, Slot("b", 0.0))), NOW)
    found = decode_further(before + added, before, known)
    assert isinstance(found, LogText)
    assert [slot.id for slot in found.log.slots] == ["kept", "b"]


def test_a_group_is_kept_beside_others() -> None:
    log = Log((Slot("", 1000.0, count=7, span=5.0), Slot("", 2000.0, count=9), Slot("a", 1.0)))
    found = decode(encode(log, NOW))
    assert isinstance(found, LogText)
    assert found.log == log


def test_slots_are_in_the_order_in_which_they_were_last_touched() -> None:
    log = Log((Slot("a", -60.0, open=True), Slot("b", 1.0), Slot("c", -60.0, open=True)))
    found = decode(encode(log, NOW) + encode_change(log, log.answered("a"), NOW))
    assert isinstance(found, LogText)
    assert [slot.id for slot in found.log.slots] == ["b", "c", "a"]


def test_a_machine_that_was_started_anew_counts_by_the_wall_clock() -> None:
    first, log = Log((Slot("a", 1.0),)), Log((Slot("a", 1.0), Slot("b", 0.0)))
    raw = encode(first, NOW) + encode_change(first, log, Stamp(NOW.wall + 90, 5.0))
    found = decode(raw)
    assert isinstance(found, LogText)
    assert [slot.age for slot in found.log.slots] == [91.0, 0.0]


def test_a_redirect_is_read_again() -> None:
    assert decode(encode_redirect(TARGET)) == Redirect(TARGET)


@given(first=logs, after=logs, data=st.data())
def test_a_file_that_ends_early_has_what_was_written_before(
    first: Log, after: Log, data: st.DataObject
) -> None:
    whole = encode(first, NOW)
    change = encode_change(first, after, NOW)
    cut = data.draw(st.integers(0, len(change) - 1))
    found = decode(whole + change[:cut])
    assert isinstance(found, LogText)
    assert rounded(found.log) == rounded(first)
    assert found.whole is (cut == 0)


LINE = json.loads(encode(Log((Slot("a", 1.0),), words=(Word(9, 60.0, 3, 5.0),)), NOW))
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([10**400, -(10**400)])
    | st.floats()
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
)


@given(key=st.sampled_from([*LINE, "gone", "moved", "extra"]), value=values, line=st.booleans())
@example(key="wall", value=10**400, line=False)
@example(key="slots", value=[["a", -(10**400), False]], line=True)
def test_a_value_that_makes_no_sense_is_an_error_of_the_file_and_never_one_of_the_program(
    key: str, value: object, *, line: bool
) -> None:
    spoiled = json.dumps({**LINE, key: value}).encode() + b"\n"
    raw = encode(Log(), NOW) + spoiled if line else spoiled
    found = decode(raw)
    assert found is NOTHING or isinstance(found, LogText)


@given(raw=st.binary(max_size=200))
def test_bytes_at_random_are_no_log(raw: bytes) -> None:
    assert decode(raw) is NOTHING


@pytest.mark.parametrize(
    "raw",
    [b"", b"\n", b"[]\n", b"7\n", b"{}\n", b"null\n", b'{"version": 9}\n', b" " * (MAX_BYTES + 1)],
)
def test_these_are_no_logs(raw: bytes) -> None:
    assert decode(raw) is NOTHING
