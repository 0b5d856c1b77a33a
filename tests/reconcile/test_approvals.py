"""Approvals: the changes that a person agrees to, as a comment and the state record them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from plancast.model.clearance import Clearance
from plancast.model.entry import Address, Entry, QueuePosition
from plancast.model.plan import Action, Change, ProfileRef, Situation
from plancast.model.state import Applied, Operation, PersonApproval, RequestApproval, State
from plancast.reconcile.approvals import (
    MARK_LENGTH,
    SPENT_FOR,
    Setting,
    approved_by_person,
    approved_by_request,
    done,
    granted,
    is_pending,
    key_of,
    kind_of,
    mark_of,
    marks_in,
    marks_line,
    noticed,
    pending,
    plan_id,
    pruned,
    refused,
)
from plancast.reconcile.top_up import may_wait
from plancast.testing import builders

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
HERE = Setting("w1", "buffer-graphql", "github:12")
BY = RequestApproval("github", "12", "abcdef0")
ME = PersonApproval("ada", "a terminal")
TEXT = Entry("Spring is here.", NOW + timedelta(days=1))


def change(action: Action = Action.CREATE, **fields: Any) -> Change:
    return replace(builders.change(action), **fields)


def created(text: str = "Spring is here.", **fields: Any) -> Change:
    return change(**{"after": replace(TEXT, text=text), **fields})


# -- keys -----------------------------------------------------------------------------------------

SAME = {
    "another address": created(address=Address("renamed", "x")),
    "another line": created(source=None, reason="anything"),
    "deferred": created(action=Action.NONE, situations=(Situation.DEFERRED,)),
    "held": created(action=Action.NONE, situations=(Situation.BLOCKED,), group="a@x"),
    "another campaign": created(campaign="spring", tags=("a",)),
    "the update that completes it": change(
        Action.UPDATE,
        after=TEXT,
        completes_create=True,
        fields=(builders.leaf("stage", "draft", "scheduled"),),
    ),
    "that update, deferred": change(
        Action.NONE,
        after=TEXT,
        remote_id="7",
        completes_create=True,
        situations=(Situation.DEFERRED,),
    ),
}
OTHER = {
    "another text": created("Spring is here!"),
    "another time": change(after=replace(TEXT, due_at=NOW + timedelta(days=2))),
    "another profile": created(profile=ProfileRef("y", "p-2", "twitter")),
    "with a link card off": change(after=replace(TEXT, link_card=False)),
    "for the queue": change(after=Entry(TEXT.text, queue=QueuePosition.NEXT)),
    "an update": change(Action.UPDATE, after=TEXT),
    "a destroy": change(Action.DESTROY),
    "the update that completes it, over an edit of a person": change(
        Action.UPDATE,
        after=TEXT,
        completes_create=True,
        drift=(builders.leaf("text", "a", "by hand"),),
    ),
}


@pytest.mark.parametrize("case", SAME)
def test_a_key_leaves_out_what_nobody_agrees_to(case: str) -> None:
    assert key_of(SAME[case]) == key_of(created())


@pytest.mark.parametrize("case", OTHER)
def test_a_key_tells_apart_what_a_person_would(case: str) -> None:
    assert key_of(OTHER[case]) != key_of(created())


def test_the_time_that_a_queue_gives_out_is_no_part_of_a_key() -> None:
    queued = Entry(TEXT.text, queue=QueuePosition.NEXT)
    later = replace(queued, due_at=NOW + timedelta(days=3))
    assert key_of(change(after=queued)) == key_of(change(after=later))
    removal = change(Action.DESTROY, before=queued)
    assert key_of(removal) == key_of(replace(removal, before=later))


def test_what_a_person_changed_meanwhile_is_part_of_a_key() -> None:
    update = change(Action.UPDATE, fields=(builders.leaf("text", "a", "b"),))
    drifted = replace(update, drift=(builders.leaf("text", "a", "by hand"),))
    lost = replace(update, fields=(builders.leaf("text", "by hand", "b"),))
    assert len({key_of(update), key_of(drifted), key_of(lost)}) == 3


def test_what_is_as_usual_is_left_out_so_that_a_new_field_changes_no_key() -> None:
    """If this fails, each approval that waits is void: raise FORM, and say so in the changelog."""
    assert key_of(created(profile=ProfileRef("x", "p-1", "twitter"))) == (
        "092a645b8042475aab0fef7c2a2d1e28ef685ac2aa3b228ae45bb445b917e4e7"
    )


PENDING = {
    "a create": (created(), True),
    "a destroy": (change(Action.DESTROY), True),
    "a deferred create": (SAME["deferred"], True),
    "a held destroy": (
        change(
            Action.NONE, before=TEXT, after=None, remote_id="r", situations=(Situation.BLOCKED,)
        ),
        True,
    ),
    "a held update that still gets its name": (
        change(Action.RENAME, situations=(Situation.BLOCKED,)),
        True,
    ),
    "a rename": (change(Action.RENAME), False),
    "an adoption": (change(Action.ADOPT), False),
    "nothing": (created(action=Action.NONE), False),
    "what was missed": (created(action=Action.NONE, situations=(Situation.MISSED,)), False),
}


@pytest.mark.parametrize("case", PENDING)
def test_pending_is_what_is_sent_now_or_once_nothing_holds_it_back(case: str) -> None:
    made, expected = PENDING[case]
    assert is_pending(made) is expected
    assert (key_of(made) in pending([made])) is expected


def test_a_held_change_is_still_of_its_kind() -> None:
    situations = (Situation.BLOCKED,)
    assert kind_of(SAME["deferred"]) is Operation.CREATE
    assert kind_of(PENDING["a held destroy"][0]) is Operation.DESTROY
    assert kind_of(change(Action.NONE, after=TEXT, remote_id="r", situations=situations)) is (
        Operation.UPDATE
    )


# -- marks ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "elsewhere",
    [
        replace(HERE, workspace="w2"),
        replace(HERE, environment="sandbox"),
        replace(HERE, request="github:13"),
        Setting("w1b", "uffer-graphql", "github:12"),
    ],
)
def test_a_mark_means_one_change_of_one_request_of_one_workspace(elsewhere: Setting) -> None:
    key = key_of(created())
    assert mark_of(key, HERE) != mark_of(key, elsewhere)
    assert len(mark_of(key, HERE)) == MARK_LENGTH


def test_a_comment_lists_the_marks_of_what_it_shows() -> None:
    keys = pending([created(), created("Another.")])
    line = marks_line(keys, HERE)
    assert marks_in(f"<!-- first -->\n{line}\n\ntext") == {mark_of(key, HERE) for key in keys}
    assert marks_in(f"<!-- first -->\r\n{line}\r\ntext") == marks_in(f"x\n{line}\n")
    assert marks_line([], HERE) == ""


@pytest.mark.parametrize(
    "body",
    [
        "",
        "one line",
        "first\n<!-- plancast:changes 0123456789abcdef -->\n",
        "first\n<!-- plancast:approves short -->\n",
        f"first\nsecond\n<!-- plancast:approves {'a' * MARK_LENGTH} -->",
        f"first\n <!-- plancast:approves {'a' * MARK_LENGTH} -->",
        f"first\n<!-- plancast:approves {'a' * MARK_LENGTH} --> more",
    ],
)
def test_anything_else_approves_nothing(body: str) -> None:
    assert marks_in(body) == frozenset()


def test_a_request_approves_what_its_comment_showed_and_nothing_else() -> None:
    shown, hidden = created(), created("Nobody has seen this.")
    marks = marks_in("x\n" + marks_line(pending([shown]), HERE))
    found = approved_by_request(pending([shown, hidden]), marks, HERE, BY, NOW)
    assert {key: one.by for key, one in found.items()} == {key_of(shown): BY}


# -- in the state ---------------------------------------------------------------------------------


def state_with(*changes: Change) -> State:
    return granted(State("l"), Clearance(approved_by_person(changes, ME, NOW)), NOW)


def test_a_run_takes_over_what_was_approved_and_notes_whose_approvals_are_spent() -> None:
    old = replace(State("l"), spent={"github:1": NOW - SPENT_FOR * 2, "github:2": NOW})
    approvals = approved_by_request(
        pending([created()]), marks_in("x\n" + marks_line([key_of(created())], HERE)), HERE, BY, NOW
    )
    commit = Applied("main", "abcdef0")
    after = granted(old, Clearance(approvals, ("github:12",), commit), NOW)
    assert set(after.approved) == {key_of(created())}
    assert set(after.spent) == {"github:2", "github:12"}
    assert after.applied == commit
    assert granted(after, Clearance(), NOW).applied == commit


def test_what_is_not_asked_for_any_more_is_dropped() -> None:
    state = state_with(created(), created("Gone."))
    left, dropped = pruned(state, [replace(created(), address=Address("renamed", "x"))])
    assert set(left.approved) == {key_of(created())}
    assert [one.kind for one in dropped] == [Operation.CREATE]
    assert pruned(left, [created()]) == (left, ())


def test_what_nobody_approved_is_known_since_it_was_first_met() -> None:
    later = NOW + timedelta(days=3)
    renamed = replace(created("Waits."), address=Address("renamed", "x"))
    state = noticed(state_with(created()), [created(), created("Waits."), created("Goes.")], NOW)
    assert state.unapproved == {key_of(created("Waits.")): NOW, key_of(created("Goes.")): NOW}
    state = noticed(state, [created(), renamed, created("New.")], later)
    assert state.unapproved == {key_of(renamed): NOW, key_of(created("New.")): later}
    assert noticed(state, [], later).unapproved == {}


def test_what_is_made_is_not_approved_again() -> None:
    state = done(state_with(created(), created("Later.")), created())
    assert set(state.approved) == {key_of(created("Later."))}
    assert done(state, created()) is state


def test_a_top_up_adopts_and_creates_what_was_approved_and_was_not_refused() -> None:
    no = created("The network says no.")
    may = may_wait(refused(state_with(created(), no, change(Action.UPDATE)), no))
    assert may(created())
    assert may(change(Action.ADOPT))
    assert not may(no)
    assert not may(created("Nobody has seen this."))
    assert not may(change(Action.UPDATE))
    completing = change(Action.UPDATE, after=created().after, completes_create=True)
    assert may(completing)
    assert not may(replace(completing, drift=(builders.leaf("text", "a", "by hand"),)))
    assert not may(replace(completing, completes_create=False))
    assert not may(change(Action.DESTROY))
    assert not may(change(Action.RENAME))


# -- the plan as a whole --------------------------------------------------------------------------


def test_a_plan_has_the_same_id_as_long_as_it_does_the_same() -> None:
    plan = builders.plan(created(), change(Action.DESTROY, address=Address("b", "x")))
    later = replace(plan, generated_at=NOW + timedelta(days=9), changes=plan.changes[::-1])
    assert plan_id(plan) == plan_id(later)
    assert len(plan_id(plan)) == 32
    others = [
        builders.plan(created()),
        builders.plan(created("More."), change(Action.DESTROY, address=Address("b", "x"))),
        replace(plan, targets=("a@x",)),
        replace(plan, only=(Action.CREATE,)),
    ]
    assert len({plan_id(plan), *map(plan_id, others)}) == 5
