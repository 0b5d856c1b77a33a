"""Every rail: what it refuses, what it lets pass, and the flag that lifts it and no other."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from plancast.model.codes import CODES, RAIL_CODES
from plancast.model.diagnostics import Severity
from plancast.model.entry import Address, LiveStatus, Stage
from plancast.model.plan import Action, Change, Situation
from plancast.model.profile import Account
from plancast.model.state import BindingStatus, State
from plancast.model.workspace import OnDrift, Policy
from plancast.reconcile.rails import (
    MAX_CLOCK_SKEW,
    Allowances,
    destroy_limit,
    guard_world,
    update_limit,
)
from plancast.testing.builders import NOW, change, entry, leaf, live
from tests.reconcile import making
from tests.reconcile.making import OWNED, codes, destroys, rail

SOON = NOW + timedelta(minutes=4)


def due(action: Action, at: Any = SOON, *situations: Situation) -> Change:
    return change(action, "p1@acme-x", live=live("r1", due_at=at), situations=situations)


def refused(action: Action) -> Change:
    content = live("r1", due_at=SOON, status=LiveStatus.FAILED, error="It said no.")
    return change(action, "p1@acme-x", live=content)


def updates(number: int) -> list[Change]:
    return [change(Action.UPDATE, f"p{n}@acme-x") for n in range(number)]


# -- each rail and its flag -------------------------------------------------------------------

PROTECTED = making.state(making.binding("p1@acme-x", protect=True))

# name -> (changes, the rest of the question, code, the flag that lifts it)
RAILS: dict[str, tuple[list[Change], dict[str, Any], str, Allowances | None]] = {
    "too much is destroyed": (destroys(6), {}, "PC701", Allowances(destroy=6)),
    "too much is updated": (updates(21), {}, "PC710", Allowances(update=21)),
    "nothing is asked for": ([], {"asks_for_nothing": True}, "PC702", Allowances(empty=True)),
    "an update of what is due soon": (
        [due(Action.UPDATE)],
        {},
        "PC703",
        Allowances(due_soon=True),
    ),
    "a destroy of what is due soon": (
        [due(Action.DESTROY)],
        {},
        "PC703",
        Allowances(due_soon=True),
    ),
    "a destroy of what is overdue": (
        [due(Action.DESTROY, NOW - timedelta(minutes=1))],
        {},
        "PC703",
        Allowances(due_soon=True),
    ),
    "a protected post": (
        [change(Action.DESTROY, "p1@acme-x", remote_id="remote-1")],
        {"state": PROTECTED},
        "PC706",
        None,
    ),
    "drift that must not be": (
        [change(Action.NONE, "p1@acme-x", situations=[Situation.DRIFTED])],
        {"drift_rules": {"p1@acme-x": OnDrift.FAIL}},
        "PC708",
        None,
    ),
}
ALL_FLAGS = (
    Allowances(destroy=99),
    Allowances(update=99),
    Allowances(empty=True),
    Allowances(due_soon=True),
    Allowances(account_change=True),
    Allowances(clock_skew=True),
)


@pytest.mark.parametrize("case", RAILS)
def test_a_rail_refuses_and_only_its_own_flag_lifts_it(case: str) -> None:
    changes, question, code, flag = RAILS[case]
    assert codes(rail(*changes, **question)) == [code]
    assert code in RAIL_CODES
    if flag is not None:
        allowed = rail(*changes, allow=flag, **question).diagnostics
        assert [item for item in allowed if item.severity is Severity.ERROR] == []
    names = ("destroy", "update", "empty", "due_soon", "account_change", "clock_skew")
    mine = {name for name in names if flag and getattr(flag, name)}
    for other in ALL_FLAGS:
        if not any(getattr(other, name) for name in mine):
            assert codes(rail(*changes, allow=other, **question)) == [code]


def test_that_everything_goes_stays_a_warning_for_those_who_review_it() -> None:
    (found,) = rail(asks_for_nothing=True, allow=Allowances(empty=True)).diagnostics
    assert (found.code, found.severity) == ("PC702", Severity.WARNING)
    assert found.hint == "It was allowed with --allow-empty."


@pytest.mark.parametrize("allowed", [False, True])
def test_what_a_missing_folder_would_destroy_is_refused_too(allowed: bool) -> None:
    """Though other folders ask for something: a typo must not cost the posts of one."""
    allow = Allowances(empty=allowed)
    assert codes(rail(missing=["events"], allow=allow)) == [], "it destroys nothing"
    (found,) = rail(*destroys(1), missing=["events"], allow=allow).diagnostics
    assert (found.code, found.severity is Severity.ERROR) == ("PC702", not allowed)
    assert "no folder events" in found.detail
    stray = replace(destroys(1)[0], situations=(Situation.STRAY,))
    assert codes(rail(stray, missing=["events"], allow=allow)) == []


@pytest.mark.parametrize("case", RAILS)
def test_a_rail_names_its_flag_or_key(case: str) -> None:
    changes, question, code, _ = RAILS[case]
    found = rail(*changes, **question).diagnostics[0]
    words = {
        "PC701": "--allow-destroy 6",
        "PC710": "--allow-update 21",
        "PC702": "--allow-empty",
        "PC703": "--allow-due-soon",
        "PC706": "protect",
        "PC708": "on_drift",
    }
    assert words[code] in found.hint
    assert found.severity is Severity.ERROR


PASSES: dict[str, tuple[list[Change], dict[str, Any]]] = {
    "as much as the limit": (destroys(5), {}),
    "as many updates as the limit": (updates(20), {}),
    "more updates, with a higher number": (updates(21), {"policy": Policy(max_update=21)}),
    "more updates, where nothing is owned": (updates(21), {"state": State("l")}),
    "more updates, of what is only reserved": (
        updates(21),
        {"state": making.state(*(making.binding(f"p{n}@acme-x", inert=True) for n in range(21)))},
    ),
    "more, with a higher number": (destroys(6), {"policy": Policy(max_destroy=6)}),
    "more, with a higher share": (destroys(6), {"policy": Policy(max_destroy_percent=60)}),
    "nothing asked for, nothing owned": ([], {"asks_for_nothing": True, "state": State("l")}),
    "nothing asked for, all of it is published": (
        [],
        {
            "asks_for_nothing": True,
            "state": making.state(making.binding(status=BindingStatus.PUBLISHED)),
        },
    ),
    "due in five minutes": ([due(Action.DESTROY, NOW + timedelta(minutes=5))], {}),
    "due soon, by a narrower policy": (
        [due(Action.DESTROY)],
        {"policy": Policy(due_soon=timedelta(minutes=1))},
    ),
    "due soon, but refused by the network": ([refused(Action.DESTROY)], {}),
    "due soon, but refused by the network and mended": ([refused(Action.UPDATE)], {}),
    "due soon, but only looked at": ([due(Action.NONE), due(Action.ADOPT)], {}),
    "protected, and its address is asked for by another entry": (
        [change(Action.DESTROY, "p1@acme-x", remote_id="remote-1")],
        {"state": PROTECTED, "asked": {("p-acme-x", Address("p1", "acme-x"))}},
    ),
    "protected, and kept": ([change(Action.UPDATE, "p1@acme-x")], {"state": PROTECTED}),
    "protected, published, forgotten": (
        [change(Action.FORGET, "p1@acme-x")],
        {"state": PROTECTED},
    ),
    "drift that may be": (
        [change(Action.NONE, "p1@acme-x", situations=[Situation.DRIFTED])],
        {"drift_rules": {"p1@acme-x": OnDrift.KEEP}},
    ),
}


@pytest.mark.parametrize("case", PASSES)
def test_a_rail_lets_pass(case: str) -> None:
    changes, question = PASSES[case]
    found = rail(*changes, **question)
    assert codes(found) == []
    assert list(found.changes) == changes


def test_a_protected_address_is_one_on_its_profile() -> None:
    """Its alias means another profile now: what stays behind is still protected."""
    removal = change(Action.DESTROY, "p1@acme-x", remote_id="remote-1")
    moved = {("p-new", Address("p1", "acme-x"))}
    assert codes(rail(removal, state=PROTECTED, asked=moved)) == ["PC706"]


def test_protection_is_found_under_the_address_that_had_to_make_room() -> None:
    kept = making.state(
        making.binding("p1@acme-x"), making.binding("p2@acme-x", remote_id="r2", protect=True)
    )
    removal = change(Action.DESTROY, "p1@acme-x", remote_id="r2")
    assert codes(rail(removal, state=kept)) == ["PC706"]


def test_a_lower_allowance_takes_nothing_away() -> None:
    assert codes(rail(*destroys(5), allow=Allowances(destroy=0))) == []


@pytest.mark.parametrize(
    ("policy", "owned", "limit"),
    [
        (Policy(), 0, 20),
        (Policy(), 41, 20),
        (Policy(), 42, 21),
        (Policy(), 1000, 500),
        (Policy(max_update_percent=None, max_update=2), 1000, 2),
    ],
)
def test_a_share_of_updates_is_never_less_than_twenty(
    policy: Policy, owned: int, limit: int
) -> None:
    assert update_limit(policy, owned) == limit


def test_none_of_these_rails_stands_before_a_stray() -> None:
    strays = [
        replace(item, situations=(Situation.STRAY,), live=live(due_at=SOON)) for item in destroys(9)
    ]
    protected = making.state(
        *(making.binding(f"p{number}@acme-x", protect=True) for number in range(9))
    )
    assert codes(rail(*strays, state=protected)) == []


@pytest.mark.parametrize(
    ("policy", "owned", "limit"),
    [
        (Policy(), 0, 5),
        (Policy(), 29, 5),
        (Policy(), 30, 6),
        (Policy(), 1000, 200),
        (Policy(max_destroy_percent=0), 1000, 5),
        (Policy(max_destroy_percent=100), 1000, 1000),
        (Policy(max_destroy_percent=None, max_destroy=2), 1000, 2),
        (Policy(max_destroy_percent=None, max_destroy=0), 1000, 0),
    ],
)
def test_a_share_is_never_less_than_five_and_a_number_is_meant(
    policy: Policy, owned: int, limit: int
) -> None:
    assert destroy_limit(policy, owned) == limit


def test_what_is_published_does_not_count_as_owned() -> None:
    bindings = [
        making.binding(f"old{number}@acme-x", status=BindingStatus.PUBLISHED)
        for number in range(100)
    ]
    found = rail(*destroys(6), state=OWNED.bind(*bindings))
    assert found.diagnostics[0].detail == "6 of 10 owned entries would be destroyed, 5 may be"


# -- the world --------------------------------------------------------------------------------

KNOWN = replace(State("l"), account_id="user-1")
LATE = NOW + MAX_CLOCK_SKEW + timedelta(seconds=1)
WORLD: dict[str, tuple[State, Any, Any, Allowances, list[str]]] = {
    "all is well": (KNOWN, Account("user-1"), NOW, Allowances(), []),
    "another account": (KNOWN, Account("user-2"), NOW, Allowances(), ["PC704"]),
    "another account, allowed": (
        KNOWN,
        Account("user-2"),
        NOW,
        Allowances(account_change=True),
        [],
    ),
    "the first account": (State("l"), Account("user-2"), NOW, Allowances(), []),
    "nobody asked": (KNOWN, None, None, Allowances(), []),
    "the clock is slow": (KNOWN, Account("user-1"), LATE, Allowances(), ["PC705"]),
    "the clock is fast": (
        KNOWN,
        Account("user-1"),
        NOW - timedelta(seconds=31),
        Allowances(),
        ["PC705"],
    ),
    "the clock is nearly right": (KNOWN, Account("user-1"), NOW + MAX_CLOCK_SKEW, Allowances(), []),
    "the clock is wrong, allowed": (
        KNOWN,
        Account("user-1"),
        LATE,
        Allowances(clock_skew=True),
        [],
    ),
    "both": (KNOWN, Account("user-2"), LATE, Allowances(), ["PC704", "PC705"]),
    "the flag of the one is not that of the other": (
        KNOWN,
        Account("user-2"),
        LATE,
        Allowances(account_change=True),
        ["PC705"],
    ),
}


@pytest.mark.parametrize("case", WORLD)
def test_account_and_clock_are_guarded(case: str) -> None:
    state, account, server_time, allow, found = WORLD[case]
    assert [item.code for item in guard_world(state, account, server_time, NOW, allow)] == found


# -- times ------------------------------------------------------------------------------------


def created(at: Any) -> Change:
    return change(Action.CREATE, "p1@acme-x", after=entry(at=at))


def moved(at: Any, path: str = "due_at") -> Change:
    return change(
        Action.UPDATE,
        "p1@acme-x",
        after=entry(at=at),
        fields=[leaf(path, None, "2026-12-01 08:30")],
    )


def missed(remote_id: str = "") -> Change:
    return change(
        Action.NONE,
        "p1@acme-x",
        after=entry(at="2026-11-23 08:00"),
        situations=[Situation.MISSED],
        remote_id=remote_id,
    )


TIMES: dict[str, tuple[Change, list[str]]] = {
    "a new one in good time": (created(NOW + timedelta(minutes=5)), []),
    "a new one too close": (created(SOON), ["PC406"]),
    "a new one for the queue": (created(None), []),
    "moved in good time": (moved(NOW + timedelta(minutes=5)), []),
    "moved too close": (moved(SOON), ["PC406"]),
    "moved to the past": (moved(NOW), ["PC405"]),
    "close already, and not moved": (moved(SOON, "text"), []),
    "an edit of what failed at its time": (
        replace(moved(NOW, "text"), situations=(Situation.FAILED,)),
        ["PC405"],
    ),
    "an edit of what failed, which is held at its time": (
        replace(moved(NOW, "text"), action=Action.NONE, situations=(Situation.FAILED,)),
        ["PC537", "PC902"],
    ),
    "the same, but held back for another reason": (
        replace(
            moved(NOW, "text"),
            action=Action.NONE,
            situations=(Situation.FAILED, Situation.DRIFTED, Situation.BLOCKED),
        ),
        ["PC902"],
    ),
    "a draft that is scheduled too late": (moved(NOW, "stage"), ["PC405"]),
    "a draft that is edited after its time": (moved(NOW, "text"), []),
    "missed": (missed(), ["PC405"]),
    "gone and not sent": (missed("r1"), ["PC903"]),
}


@pytest.mark.parametrize("case", TIMES)
def test_a_new_time_is_far_enough_away(case: str) -> None:
    found, expected = TIMES[case]
    assert codes(rail(found)) == expected


@pytest.mark.parametrize(
    ("case", "verb"),
    [
        ("a new one too close", "is"),
        ("moved to the past", "was"),
        ("an edit of what failed, which is held at its time", "was"),
        ("missed", "was"),
    ],
)
def test_a_time_is_shown_in_the_zone_of_the_post(case: str, verb: str) -> None:
    found = replace(TIMES[case][0], zone="Europe/Berlin")
    detail = rail(found).diagnostics[0].detail
    assert re.fullmatch(rf"it {verb} due at [\d-]{{10}} \d\d:\d\d CET", detail)


@pytest.mark.parametrize(
    ("policy", "severity"), [("fail", Severity.ERROR), ("warn", Severity.WARNING)]
)
def test_a_missed_time_is_told_as_the_policy_says_and_never_sent(
    policy: str, severity: Severity
) -> None:
    found = rail(missed(), policy=Policy(missed=policy))
    assert [item.severity for item in found.diagnostics] == [severity]
    assert not any(item.action.sends for item in found.changes)


# -- what waits for a person in Buffer ----

PASSED = NOW - timedelta(days=15)


def in_buffer(
    stage: Stage, due_at: datetime | None = PASSED, action: Action = Action.NONE
) -> Change:
    """An owned entry that stands in Buffer so, and its file too unless it is to be updated."""
    content = entry(at=due_at, stage=stage)
    return change(
        action,
        "p1@acme-x",
        before=content,
        after=None if action is Action.DESTROY else content,
        remote_id="r1",
        live=live("r1", content, due_at=due_at),
    )


WAITING: dict[str, tuple[Change, list[str]]] = {
    "a draft in good time": (in_buffer(Stage.DRAFT, NOW + timedelta(seconds=1)), []),
    "a draft without a time": (in_buffer(Stage.DRAFT, None), []),
    "a draft whose time passed": (in_buffer(Stage.DRAFT), ["PC910"]),
    "not approved in time": (in_buffer(Stage.NEEDS_APPROVAL), ["PC910"]),
    "not approved until now": (in_buffer(Stage.NEEDS_APPROVAL, NOW), ["PC910"]),
    "scheduled": (in_buffer(Stage.SCHEDULED), []),
    "adopted": (in_buffer(Stage.DRAFT, action=Action.ADOPT), ["PC910"]),
    "destroyed": (in_buffer(Stage.DRAFT, action=Action.DESTROY), []),
    "its text is edited": (
        replace(in_buffer(Stage.DRAFT, action=Action.UPDATE), fields=(leaf("text", "a", "b"),)),
        ["PC910"],
    ),
    "its file gives it a new time": (
        replace(
            in_buffer(Stage.DRAFT, action=Action.UPDATE),
            after=entry(at=NOW + timedelta(days=1), stage=Stage.DRAFT),
            fields=(leaf("due_at", None, "2026-12-01 08:30"),),
        ),
        [],
    ),
    "it went out": (
        replace(
            in_buffer(Stage.NEEDS_APPROVAL),
            live=live("r1", entry(stage=Stage.NEEDS_APPROVAL), status=LiveStatus.PUBLISHED),
        ),
        [],
    ),
}


@pytest.mark.parametrize("case", WAITING)
def test_what_a_person_forgot_in_buffer_is_a_warning_until_somebody_acts(case: str) -> None:
    found, expected = WAITING[case]
    railed = rail(found)
    assert codes(railed) == expected
    assert [item.severity for item in railed.diagnostics] == [Severity.WARNING] * len(expected)
    assert all("ago" in item.detail for item in railed.diagnostics)


def test_what_is_only_reserved_waits_for_no_person() -> None:
    reserved = making.state(making.binding("p1@acme-x", remote_id="r1", inert=True))
    assert codes(rail(in_buffer(Stage.DRAFT), state=reserved)) == []


def test_every_code_of_a_rail_is_known() -> None:
    assert set(CODES) >= RAIL_CODES
    assert "PC707" not in RAIL_CODES, "pausing refuses nothing"
