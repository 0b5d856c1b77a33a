"""The standing of every owned entry."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from plancast.model.entry import Address, LiveEntry, LiveStatus, Stage
from plancast.model.state import Binding, BindingStatus
from plancast.reconcile.match import Live
from plancast.reconcile.status import GRACE, Standing, StatusRow, standings
from plancast.testing.builders import ADDRESS, DUE, NOW, entry, live, moment
from tests.reconcile.making import binding

PLACE = Address.parse(ADDRESS)
SENT = "2026-11-23 08:02"
URL = "https://x.example/1"
PUBLISHED = live(status=LiveStatus.PUBLISHED, sent_at=SENT, link=URL)
P = BindingStatus.PUBLISHED

DRAFT = entry(stage=Stage.DRAFT)
UNAPPROVED = entry(stage=Stage.NEEDS_APPROVAL)

# name -> (binding, live, standing, when, link, words of the detail)
ROWS: dict[str, tuple[Binding, LiveEntry | None, Standing, object, str, str]] = {
    "it waits": (binding(), live(), Standing.SCHEDULED, moment(DUE), "", ""),
    "it waits without a time": (
        binding(),
        live(due_at=None),
        Standing.SCHEDULED,
        None,
        "",
        "no posting times",
    ),
    "it is a little late": (
        binding(),
        live(due_at=NOW - GRACE),
        Standing.SCHEDULED,
        NOW - GRACE,
        "",
        "",
    ),
    "it is overdue": (
        binding(),
        live(due_at=NOW - GRACE - timedelta(seconds=1)),
        Standing.OVERDUE,
        NOW - GRACE - timedelta(seconds=1),
        "",
        "",
    ),
    "it went out": (binding(), PUBLISHED, Standing.PUBLISHED, moment(SENT), URL, ""),
    "it went out long ago": (
        binding(status=P, sent_at=moment(SENT), link=URL),
        None,
        Standing.PUBLISHED,
        moment(SENT),
        URL,
        "",
    ),
    "it went out, nobody knows when": (
        binding(status=P),
        None,
        Standing.PUBLISHED,
        moment(DUE),
        "",
        "",
    ),
    "a draft whose time is to come": (
        binding(),
        live(content=DRAFT),
        Standing.DRAFT,
        moment(DUE),
        "",
        "it waits in Buffer to be scheduled",
    ),
    "a draft without a time": (
        binding(),
        live(content=DRAFT, due_at=None),
        Standing.DRAFT,
        None,
        "",
        "it waits in Buffer to be scheduled",
    ),
    "a draft whose time passed": (
        binding(),
        live(content=DRAFT, due_at=NOW - timedelta(days=15, hours=3)),
        Standing.OVERDUE_DRAFT,
        NOW - timedelta(days=15, hours=3),
        "",
        "its time passed 15 days ago, and it still waits in Buffer to be scheduled",
    ),
    "it needs approval, in good time": (
        binding(),
        live(content=UNAPPROVED, due_at=NOW + timedelta(seconds=1)),
        Standing.NEEDS_APPROVAL,
        NOW + timedelta(seconds=1),
        "",
        "it waits in Buffer for an approval",
    ),
    "it was not approved in time": (
        binding(),
        live(content=UNAPPROVED, due_at=NOW),
        Standing.OVERDUE_APPROVAL,
        NOW,
        "",
        "its time passed 0 s ago, and it still waits in Buffer for an approval",
    ),
    "it was refused": (
        binding(),
        live(status=LiveStatus.FAILED, error="It said no."),
        Standing.FAILED,
        moment(DUE),
        "",
        "It said no.",
    ),
    "it was refused while reserved": (
        binding(inert=True),
        live(status=LiveStatus.FAILED, error="It said no."),
        Standing.FAILED,
        moment(DUE),
        "",
        "It said no.",
    ),
    "it was only reserved": (binding(inert=True), live(), Standing.STUCK, None, "", "reserved"),
    "it is gone": (
        binding(),
        None,
        Standing.MISSING,
        moment(DUE),
        "",
        "neither in the queue nor among what was sent",
    ),
    "it was refused, then gone": (
        binding(status=BindingStatus.FAILED),
        None,
        Standing.MISSING,
        moment(DUE),
        "",
        "neither",
    ),
}


def look(
    bound: list[Binding],
    *found: LiveEntry,
    unknown: tuple[Address, ...] = (),
    kept: tuple[Address, ...] = (),
    to_complete: tuple[Address, ...] = (),
) -> list[StatusRow]:
    queue = tuple(item for item in found if item.status is not LiveStatus.PUBLISHED)
    sent = tuple(item for item in found if item.status is LiveStatus.PUBLISHED)
    zones = {PLACE: "Europe/Berlin"}
    rows = standings(
        bound,
        Live(queue, sent),
        NOW,
        zones,
        unknown,
        kept=kept,
        to_complete=to_complete,
        title="Buffer",
    )
    return list(rows)


@pytest.mark.parametrize("case", ROWS)
def test_an_entry_stands_so(case: str) -> None:
    bound, found, standing, when, link, words = ROWS[case]
    row = look([bound], *([found] if found else []))[0]
    assert (row.address, row.standing, row.when, row.link) == (PLACE, standing, when, link)
    assert words in row.detail if words else row.detail == ""
    assert row.zone == "Europe/Berlin"


@pytest.mark.parametrize("standing", Standing)
def test_all_but_waiting_and_published_is_trouble(standing: Standing) -> None:
    waiting = (Standing.SCHEDULED, Standing.DRAFT, Standing.NEEDS_APPROVAL)
    fine = standing in (*waiting, Standing.PUBLISHED, Standing.REMOVED, Standing.RESERVED)
    assert standing.is_trouble is not fine


TO_COMPLETE: dict[str, tuple[Binding, LiveEntry | None, Standing]] = {
    "it is only reserved": (binding(inert=True), live(), Standing.RESERVED),
    "it has its time already": (binding(), live(), Standing.SCHEDULED),
    "it was refused": (binding(inert=True), live(status=LiveStatus.FAILED), Standing.FAILED),
    "it is gone": (binding(inert=True), None, Standing.MISSING),
}


@pytest.mark.parametrize("case", TO_COMPLETE)
def test_what_a_run_will_complete_is_no_trouble(case: str) -> None:
    bound, found, standing = TO_COMPLETE[case]
    shown = (found,) if found else ()
    assert look([bound], *shown, to_complete=(PLACE,))[0].standing is standing


def test_an_entry_on_its_way_says_so() -> None:
    (row,) = look([binding()], replace(live(), sending=True))
    assert (row.standing, row.detail) == (
        Standing.SCHEDULED,
        "Buffer is sending it to the network",
    )


KEPT: dict[str, tuple[Binding, LiveEntry | None, Standing]] = {
    "it is gone": (binding(), None, Standing.REMOVED),
    "it is gone, and had no slot": (replace(binding(), due_at=None), None, Standing.REMOVED),
    "it is gone, and its time has passed": (
        replace(binding(), due_at=NOW),
        None,
        Standing.MISSING,
    ),
    "it waits": (binding(), live(), Standing.SCHEDULED),
    "it failed": (
        binding(),
        live(status=LiveStatus.FAILED, error="It said no."),
        Standing.FAILED,
    ),
}


@pytest.mark.parametrize("case", KEPT)
def test_only_what_a_person_removed_is_well_because_it_is_kept_so(case: str) -> None:
    bound, found, standing = KEPT[case]
    row = look([bound], *([found] if found else []), kept=(PLACE,))[0]
    assert row.standing is standing
    assert (row.detail == "it was removed in Buffer; on_drift says keep") is (
        standing is Standing.REMOVED
    )


def test_an_unanswered_create_is_told_though_nothing_is_owned() -> None:
    row = look([], unknown=(PLACE,))[0]
    assert (row.address, row.standing) == (PLACE, Standing.UNKNOWN)


def test_rows_come_by_address_and_strangers_have_none() -> None:
    bound = [binding("b@acme-x", remote_id="rb"), binding("a@acme-x", remote_id="ra")]
    rows = look(bound, live("ra"), live("rb"), live("f1"), unknown=(Address("aa", "acme-x"),))
    assert [str(row.address) for row in rows] == ["a@acme-x", "aa@acme-x", "b@acme-x"]
    assert rows[0].zone == "UTC"
