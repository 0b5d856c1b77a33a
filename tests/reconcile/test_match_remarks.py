"""Remarks on posts that went out and may be asked for again: the fact, the cause, the remedy."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from plancast.model.workspace import Desired
from plancast.reconcile.diff import DiffContext, diff
from plancast.reconcile.match import How, Pair
from plancast.reconcile.match_remarks import remarks
from plancast.testing.builders import NOW, entry, moment
from tests.reconcile.making import as_it_is, binding, desired

SENT = replace(binding("old@acme-x", entry("Hello, world!")), sent_at=NOW - timedelta(days=1))


def remark(item: Desired, how: How, now: datetime = NOW) -> tuple[str, str, str]:
    """The one remark on a pair: its code, its detail and its hint."""
    pair = Pair(item.address, how, item, None, None, SENT)
    change = diff(pair, DiffContext(now, as_it_is, {}, "Buffer"))
    (found,) = remarks([(pair, change)], now, {"old", "old-2", "new"})
    return found.code, found.detail, found.hint


def test_a_new_post_in_the_place_of_one_that_went_out() -> None:
    item = replace(desired("old@acme-x", entry("Another text")), zone="Europe/Berlin")
    assert remark(item, How.OCCUPIED) == (
        "PC619",
        "old@acme-x was published on 2026-11-22 10:00 CET, and its file asks for something else "
        "now. A new post would be sent, a correction of the old one would not: which of the two it "
        "is, plancast does not guess.",
        "A new post: write `id: old-3` into it, or rename its file. The same post: write "
        "`was: old` into it, and nothing is sent.",
    )


def test_nearly_the_text_of_what_went_out() -> None:
    queued = entry("Hello, world", at=None)
    item = replace(desired("new@acme-x", queued), zone="Europe/Berlin")
    assert remark(item, How.REPEATED) == (
        "PC620",
        "nearly the same text was published as old@acme-x on 2026-11-22 10:00 CET, and no file "
        "asks for that any more. A new post would be sent, the same one would not: which of the "
        "two it is, plancast does not guess.",
        "The same post: write `was: old` into it, and nothing is sent. A new post: give it a time, "
        "such as `schedule: 2026-12-08 09:00`, or put the old file back.",
    )


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago"])
@pytest.mark.parametrize("day", [None, 0, 1])
def test_the_time_that_is_named_is_to_come_and_far_from_the_old_one(
    day: int | None, zone: str
) -> None:
    old = SENT.applied.due_at
    assert old is not None
    at = None if day is None else old + timedelta(hours=23 * day)
    item = replace(desired("new@acme-x", entry("Hello, world", at=at)), zone=zone)
    now = old + timedelta(days=3)
    _, _, hint = remark(item, How.REPEATED, now)
    assert ("a day or more from the old one" in hint) == (at is not None)
    named = moment(hint.split("schedule: ")[1][:16])
    assert named > now + timedelta(days=5)
