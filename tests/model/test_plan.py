"""The plan as a value: its table, what is counted, what is shown, what the last line says."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given

from plancast.model.diagnostics import Severity, problem
from plancast.model.entry import Address, Stage
from plancast.model.plan import Action, Change, Plan, Situation
from plancast.reconcile.risks import Peril, dangers
from plancast.testing.builders import NOW, change, entry, leaf, plan, profile, unmanaged
from tests.strategies import plans

A, S = Action, Situation
PLACE = Address("a", "acme-x")
OLD = Address("old", "acme-x")

# action -> (before, after, remote id, previous address): True must, False must not, None may
TABLE: dict[Action, tuple[bool | None, bool | None, bool | None, bool | None]] = {
    A.CREATE: (False, True, False, False),
    A.UPDATE: (True, True, True, None),
    A.DESTROY: (True, False, True, False),
    A.ADOPT: (True, True, True, None),
    A.RENAME: (True, True, True, True),
    A.FORGET: (True, False, True, False),
    A.NONE: (None, None, None, False),
}
NAMES = ("before", "after", "remote_id", "previous_address")


def make(action: Action, present: tuple[bool, ...]) -> Change:
    before, after, remote_id, previous = present
    return Change(
        action=action,
        address=PLACE,
        profile=profile("acme-x"),
        before=entry() if before else None,
        after=entry() if after else None,
        remote_id="r1" if remote_id else "",
        previous_address=OLD if previous else None,
    )


@pytest.mark.parametrize("action", Action)
def test_a_change_keeps_the_table_of_its_action(action: Action) -> None:
    for bits in range(16):
        present = tuple(bool(bits >> place & 1) for place in range(4))
        wrong = [
            name
            for name, rule, there in zip(NAMES, TABLE[action], present, strict=True)
            if rule is not None and rule is not there
        ]
        if not wrong:
            assert make(action, present).action is action
            continue
        with pytest.raises(ValueError, match=f"^{action.value} of a@acme-x: {wrong[0]} ") as caught:
            make(action, present)
        assert ("is missing" in str(caught.value)) is not present[NAMES.index(wrong[0])]


@pytest.mark.parametrize("action", Action)
def test_an_action_has_a_sign_and_a_title_of_its_own(action: Action) -> None:
    signs = {item.sign for item in Action}
    assert len(signs) == len(Action)
    assert change(action).title.startswith(("will be ", "is unchanged"))


def test_only_three_actions_send() -> None:
    assert {action for action in Action if action.sends} == {A.CREATE, A.UPDATE, A.DESTROY}


@pytest.mark.parametrize(
    ("found", "title"),
    [
        (change(A.RENAME), "will be renamed (was old@acme-x)"),
        (change(A.UPDATE, previous="old@acme-x"), "will be updated (was old@acme-x)"),
        (change(A.NONE, situations=[S.DRIFTED, S.BLOCKED]), "drifted, blocked"),
        (change(A.UPDATE, situations=[S.DRIFTED]), "will be updated"),
        (change(A.NONE), "is unchanged"),
    ],
)
def test_a_title_says_what_happens(found: Change, title: str) -> None:
    assert found.title == title


@pytest.mark.parametrize(
    ("found", "shown"),
    [
        pytest.param(change(A.NONE), False, id="unchanged"),
        pytest.param(change(A.NONE, situations=[S.PUBLISHED]), False, id="published, old news"),
        pytest.param(
            change(A.NONE, situations=[S.PUBLISHED], reason="it went out"), True, id="published"
        ),
        *(
            pytest.param(change(A.NONE, situations=[item]), True, id=item.value)
            for item in Situation
            if item is not S.PUBLISHED
        ),
        *(pytest.param(change(item), True, id=item.value) for item in Action if item is not A.NONE),
    ],
)
def test_what_does_or_happened_is_visible(found: Change, shown: bool) -> None:
    assert found.is_visible is shown
    assert plan(found).visible == ((found,) if shown else ())


# -- counts -----------------------------------------------------------------------------------


def test_every_count_is_always_there() -> None:
    assert dict(plan().summary) == dict.fromkeys(
        [
            *("create", "update", "destroy", "adopt", "rename", "forget"),
            *("unchanged", "unmanaged"),
            *("published", "failed", "missed", "deferred", "blocked", "drifted", "stray"),
        ],
        0,
    )


def test_what_is_counted() -> None:
    found = plan(
        change(A.CREATE, "a@acme-x"),
        change(A.CREATE, "b@acme-x"),
        change(A.UPDATE, "c@acme-x", situations=[S.DRIFTED]),
        change(A.NONE, "d@acme-x", situations=[S.DRIFTED, S.BLOCKED]),
        change(A.NONE, "e@acme-x"),
        unmanaged=[unmanaged(1), unmanaged(2)],
    )
    counted = {name: count for name, count in found.summary.items() if count}
    assert counted == {
        "create": 2,
        "update": 1,
        "unchanged": 1,
        "unmanaged": 2,
        "blocked": 1,
        "drifted": 2,
    }


@given(plans())
def test_every_change_is_counted_once_by_its_action(found: Plan) -> None:
    acting = sum(found.summary[action.value] for action in Action if action is not A.NONE)
    silent = [item for item in found.changes if item.action is A.NONE]
    assert acting + len(silent) == len(found.changes)
    assert found.summary["unchanged"] == sum(1 for item in silent if not item.situations)
    assert found.has_changes is (acting > 0)
    assert {item for item in found.changes if item not in found.visible} <= set(silent)


@pytest.mark.parametrize(
    ("found", "headline"),
    [
        (plan(), "Plan: 0 to create, 0 to update, 0 to destroy."),
        (
            plan(change(A.CREATE), change(A.FORGET, "b@acme-x")),
            "Plan: 1 to create, 0 to update, 0 to destroy, 1 to forget.",
        ),
        (
            plan(*(change(action, f"{action.value}@acme-x") for action in Action)),
            "Plan: 1 to create, 1 to update, 1 to destroy, 1 to adopt, 1 to rename, 1 to forget.",
        ),
    ],
)
def test_the_headline_names_what_is_sent_always_and_the_rest_where_there_is_some(
    found: Plan, headline: str
) -> None:
    assert found.headline == headline


def test_the_verdict_counts_what_failed() -> None:
    failed = change(A.NONE, "a@acme-x", situations=[Situation.FAILED])
    assert plan(failed).verdict == "No changes, but 1 entry failed: mend its file."
    two = plan(failed, change(A.NONE, "b@acme-x", situations=[Situation.FAILED]))
    assert two.verdict == "No changes, but 2 entries failed: mend their files."


def test_what_failed_is_a_danger_and_its_repair_is_none() -> None:
    failed = change(A.NONE, "a@acme-x", situations=[Situation.FAILED])
    mended = change(A.UPDATE, "b@acme-x", situations=[Situation.FAILED])
    found = {one.peril: one.changes for one in dangers(plan(failed, mended))}
    assert found[Peril.FAILED] == (failed,)


def test_a_repair_is_an_update_that_schedules_again() -> None:
    mended = change(A.UPDATE, situations=[Situation.FAILED])
    assert mended.is_repair
    assert mended.title == "will be updated and scheduled again"
    assert not change(A.UPDATE).is_repair
    assert not change(A.NONE, situations=[Situation.FAILED]).is_repair


def test_the_verdict_is_the_headline_where_there_is_something_to_do() -> None:
    busy = plan(change(A.FORGET))
    assert busy.verdict == busy.headline
    assert plan(change(A.NONE)).verdict == "No changes. The queue holds what the files ask for."


# -- what does not go out by itself -----------------------------------------------------------

D, N, O = Stage.DRAFT, Stage.NEEDS_APPROVAL, Stage.SCHEDULED  # noqa: E741  # O: out


@pytest.mark.parametrize(
    ("action", "before", "after", "called_back", "stage"),
    [
        (A.CREATE, None, D, False, D),
        (A.CREATE, None, N, False, N),
        (A.CREATE, None, O, False, O),
        (A.UPDATE, D, D, False, D),
        (A.UPDATE, D, O, True, O),
        (A.UPDATE, O, D, False, O),  # a person scheduled it; the text of its file changed
        (A.UPDATE, N, D, False, N),
        (A.UPDATE, O, D, True, D),  # its file calls it back
        (A.NONE, O, D, False, O),
        (A.NONE, O, D, True, O),  # it would be called back, and is held
        (A.NONE, None, D, False, D),
        (A.ADOPT, D, D, False, D),
        (A.DESTROY, D, None, False, D),
    ],
)
def test_the_stage_is_that_in_which_it_stands_once_this_is_done(
    action: Action, before: Stage | None, after: Stage | None, called_back: bool, stage: Stage
) -> None:
    found = change(
        action,
        before=entry(stage=before) if before else None,
        after=entry(stage=after) if after else None,
        fields=[leaf("stage", "scheduled", "draft")] if called_back else [],
    )
    assert found.stage is stage


def test_what_was_published_waits_for_nobody() -> None:
    assert change(A.NONE, after=entry(stage=D), situations=[S.PUBLISHED]).stage is O


def test_a_draft_is_not_due_soon() -> None:
    soon = NOW + timedelta(minutes=30)
    assert [danger.peril for danger in dangers(plan(change(due_at=soon)))] == [Peril.DUE_SOON]
    assert dangers(plan(change(after=entry(stage=D), due_at=soon))) == ()


# -- what may be done -------------------------------------------------------------------------


@pytest.mark.parametrize("severity", Severity)
def test_only_an_error_forbids_the_apply(severity: Severity) -> None:
    found = plan(change(), diagnostics=[problem("PC101", severity=severity)])
    assert found.can_apply is (severity is not Severity.ERROR)


def test_changes_are_picked_by_action_in_order() -> None:
    found = plan(
        change(A.CREATE, "b@acme-x"), change(A.CREATE, "a@acme-x"), change(A.UPDATE, "c@acme-x")
    )
    assert [str(item.address) for item in found.with_action(A.CREATE)] == ["a@acme-x", "b@acme-x"]
    assert len(found.with_action(A.CREATE, A.UPDATE)) == 3
    assert found.with_action(A.DESTROY) == ()
