"""A plan: the state it is bound to, the changes it leaves out, and those it holds back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from plancast.engine.observer import Observation, observe, remember
from plancast.engine.planner import Planned, PlanRequest, make_plan
from plancast.model.diagnostics import problem
from plancast.model.entry import Address
from plancast.model.plan import Action, Change, Plan, Situation
from plancast.model.ports import Capabilities, OutcomeUnknown, Rejected
from plancast.model.profile import Account
from plancast.model.workspace import Desired, Policy
from plancast.reconcile.rails import Allowances
from plancast.testing.fakes import Failure
from tests.engine.worlds import PROFILES, Loop, wanted

NO_ANSWER = OutcomeUnknown("no answer in time")
REFUSED = Rejected("something is wrong with it")
ALL = tuple(PROFILES.values())


def post(address: str, text: str = "", at: str = "2026-12-01 09:00", **spec: Any) -> Desired:
    return wanted({"address": address, "text": text or address, "at": at, **spec})


def world(*owned: Desired, **options: Any) -> Loop:
    """A world in which these are owned already."""
    made = Loop.at("2026-11-23 09:00", **options)
    made.converge(owned)
    return made


def edited(item: Desired, text: str = "edited") -> Desired:
    return replace(item, entry=replace(item.entry, text=text))


def acting(plan: Plan) -> dict[str, str]:
    return {
        str(change.address): change.action.value
        for change in plan.changes
        if change.action is not Action.NONE
    }


def look(loop: Loop, desired: Sequence[Desired]) -> Observation:
    return observe(loop.provider, loop.clock, loop.state, desired, ALL)


def decide(loop: Loop, seen: Observation, *desired: Desired, **question: Any) -> Planned:
    asked = PlanRequest(
        desired=desired,
        profiles=PROFILES,
        policy=loop.policy,
        content_digest="digest",
        locate=lambda _pointer: None,
        **question,
    )
    return make_plan(asked, loop.state, seen, loop.provider, loop.clock.now())


# -- what it is bound to ----

A, B, C = post("a@x"), post("b@x", at="2026-12-02 09:00"), post("c@fb", at="2026-12-03 09:00")
"""Each has a minute of its own: what shares one belongs together."""


def test_a_plan_names_the_files_and_the_state_that_it_was_made_from() -> None:
    loop = world(A)
    basis = loop.plan([A]).plan.basis
    assert (basis.state_lineage, basis.state_serial) == (loop.state.lineage, loop.state.serial)
    assert basis.content_digest == "digest"


def test_what_a_plan_touches_is_in_its_digest_and_nothing_else() -> None:
    loop = world(A, B)
    files = [edited(A), B]
    before = loop.plan(files).plan.basis.live_digest
    by_text = {live.entry.text: live.id for live in loop.provider.queue("p-x")}
    loop.provider.add(C.entry, C.profile)
    assert loop.plan(files).plan.basis.live_digest == before
    loop.provider.edit(by_text["a@x"], text="by hand")
    assert loop.plan(files).plan.basis.live_digest != before


def test_the_state_beside_a_plan_is_as_the_world_was_seen() -> None:
    loop = world(A)
    loop.clock.advance(30 * 24 * 3600.0)
    planned = loop.plan([A])
    (bound,) = planned.state.resources.values()
    assert bound.link.startswith("https://")
    assert planned.state.read_at == loop.clock.now()
    assert loop.state.resources[A.address].link == "", "planning writes nothing"


def test_what_went_out_early_is_forgotten_without_a_change_once_its_time_is_over() -> None:
    """Its file is gone: a night that reported it would be red until the next apply."""
    loop = world(A, B)
    remote_id = loop.state.resources[A.address].remote_id
    loop.provider.publish(remote_id)
    loop.converge([B])
    assert A.address in loop.state.resources, "its file may come back"
    assert acting(loop.plan([B]).plan) == {}
    assert acting(loop.plan([A, B]).plan) == {}
    loop.clock.advance(8 * 24 * 3600.0)
    planned = loop.plan([])
    assert A.address not in planned.state.resources
    assert acting(loop.plan([B]).plan) == {}


# -- what it leaves out ----


@pytest.mark.parametrize(
    ("targets", "expected"),
    [
        pytest.param((), {"a@x", "b@x", "c@fb", "gone@fb"}, id="none is everything"),
        pytest.param(("a@x",), {"a@x"}, id="one"),
        pytest.param(("*@fb",), {"c@fb", "gone@fb"}, id="a profile, destroys too"),
        pytest.param(("a@*", "c@*"), {"a@x", "c@fb"}, id="several"),
        pytest.param(("A@x",), set(), id="case counts"),
        pytest.param(("a",), {"a@x"}, id="a post"),
        pytest.param(("gon",), set(), id="whole ids"),
        pytest.param(("!a",), {"b@x", "c@fb", "gone@fb"}, id="all but one"),
        pytest.param(("*@x", "!b@*"), {"a@x"}, id="some but one"),
    ],
)
def test_targets_choose_addresses(targets: tuple[str, ...], expected: set[str]) -> None:
    loop = world(post("gone@fb"), A)
    plan = loop.plan([edited(A), B, C], targets=targets).plan
    assert set(acting(plan)) == expected
    assert plan.targets == targets


@pytest.mark.parametrize(
    ("only", "expected"),
    [
        pytest.param((Action.CREATE,), {"b@x", "c@fb"}, id="one"),
        pytest.param((Action.UPDATE, Action.DESTROY), {"a@x", "gone@fb"}, id="several"),
        pytest.param((Action.ADOPT,), set(), id="there is none"),
    ],
)
def test_a_plan_can_be_narrowed_to_actions(only: tuple[Action, ...], expected: set[str]) -> None:
    loop = world(post("gone@fb"), A)
    plan = loop.plan([edited(A), B, C], only=only).plan
    assert set(acting(plan)) == expected
    assert plan.only == only
    assert plan.unmanaged == ()


def test_what_others_wrote_can_be_left_out() -> None:
    loop = world(A)
    loop.provider.add(C.entry, C.profile)
    (shown,) = loop.plan([A, post("d@fb")]).plan.unmanaged
    (hidden,) = loop.plan([A, post("d@fb")], hide_unmanaged=True).plan.unmanaged
    assert hidden == replace(shown, text="(hidden)")


def test_what_is_no_target_is_not_called_unmanaged() -> None:
    loop = world(A)
    assert loop.plan([A, B], targets=("b@x",)).plan.unmanaged == ()


def test_history_is_counted_and_neither_destroyed_nor_unmanaged() -> None:
    loop = world(A, C)
    plan = loop.plan([C], history=frozenset({A.address})).plan
    assert acting(plan) == {}
    assert plan.unmanaged == ()
    assert plan.history == 1
    assert acting(loop.plan([C]).plan) == {"a@x": "destroy"}


def test_destroy_removes_what_is_owned_and_nothing_else() -> None:
    loop = world(A, C)
    loop.provider.add(B.entry, B.profile)
    planned = loop.plan([A, B, C], destroy=True)
    assert acting(planned.plan) == {"a@x": "destroy", "c@fb": "destroy"}
    assert planned.plan.diagnostics == (), "it was asked for"
    loop.apply(planned)
    assert [entry.text for entries in loop.live().values() for entry in entries] == ["b@x"]


def test_files_that_ask_for_nothing_need_a_word_more() -> None:
    loop = world(A)
    assert [item.code for item in loop.plan([]).plan.diagnostics] == ["PC702"]
    assert loop.plan([], allow=Allowances(empty=True)).plan.can_apply


# -- without a token ----


def test_without_a_token_a_plan_is_made_against_what_was_seen_last() -> None:
    loop = world(A, B)
    seen_at = loop.state.read_at
    requests = len(loop.provider.calls)
    loop.provider.edit(loop.provider.queue("p-x")[0].id, text="by hand")
    loop.clock.advance(3600.0)
    seen = remember(loop.state, ALL, loop.clock.now())
    planned = decide(loop, seen, edited(A), B, C)
    assert acting(planned.plan) == {"a@x": "update", "c@fb": "create"}
    assert planned.plan.offline_as_of == seen_at
    assert planned.state.read_at == seen_at, "what was not seen now is not said to be"
    assert len(loop.provider.calls) == requests


def test_without_a_token_what_is_past_counts_as_gone_out() -> None:
    loop = world(A)
    loop.clock.advance(30 * 24 * 3600.0)
    plan = decide(loop, remember(loop.state, ALL, loop.clock.now()), A).plan
    assert plan.changes[0].situations == (Situation.PUBLISHED,)
    assert acting(plan) == {}


# -- what it holds back ----


def test_what_nobody_knows_is_held_and_the_rest_goes_on() -> None:
    loop = world(failures=[Failure("create", 1, NO_ANSWER)])
    loop.converge([A])
    planned = loop.plan([A, C])
    assert acting(planned.plan) == {"c@fb": "create"}
    blocked = next(change for change in planned.plan.changes if change.address == A.address)
    assert blocked.situations == (Situation.BLOCKED,)
    assert [item.address for item in planned.undecided] == [A.address]
    assert codes(planned.plan) == [("PC904", "a@x")]
    assert planned.plan.can_apply
    assert loop.plan([A, C], targets=("c@*",)).undecided == ()


def codes(plan: Plan) -> list[tuple[str, str]]:
    return [(item.code, item.address) for item in plan.diagnostics]


def test_an_answer_that_a_person_gave_by_hand_and_in_the_file_forbids_nothing() -> None:
    loop = world(failures=[Failure("create", 1, NO_ANSWER, executed=True)])
    loop.converge([A])
    loop.provider.edit(loop.provider.queue("p-x")[0].id, text="by hand")
    assert len(loop.plan([A]).undecided) == 1
    planned = loop.plan([edited(A, "by hand")])
    assert acting(planned.plan) == {"a@x": "adopt"}
    assert planned.undecided == ()


def test_a_newer_update_waits_for_an_older_one_and_the_same_one_does_not() -> None:
    lost = [Failure("update", number, NO_ANSWER) for number in (1, 2, 3)]
    loop = world(A, failures=lost)
    loop.converge([edited(A, "older")])
    assert acting(loop.plan([edited(A, "newer")]).plan) == {}
    assert codes(loop.plan([edited(A, "newer")]).plan) == [("PC904", "a@x")]
    assert loop.plan([A]).plan.can_apply, "nothing is to be sent"
    loop.clock.advance(Policy().quiet_period.total_seconds())
    assert acting(loop.plan([edited(A, "newer")]).plan) == {"a@x": "update"}


def test_an_update_that_was_refused_after_a_lost_answer_may_still_arrive() -> None:
    lost, refused = Failure("update", 1, NO_ANSWER, late=60.0), Failure("update", 2, REFUSED)
    loop = world(A, failures=[lost, refused])
    loop.converge([edited(A, "older")])
    assert acting(loop.plan([edited(A, "newer")]).plan) == {}


def test_what_may_still_arrive_is_no_danger_to_more_of_the_same() -> None:
    loop = world(A, failures=[Failure("update", 1, NO_ANSWER)])
    loop.converge([edited(A)])
    loop.provider.edit(loop.provider.queue("p-x")[0].id, text="by hand")
    assert acting(loop.plan([edited(A)]).plan) == {"a@x": "update"}
    assert acting(loop.plan([edited(A, "newer")]).plan) == {}


@pytest.mark.parametrize("of_the_account", [False, True])
def test_a_queue_that_is_full_takes_the_soonest(of_the_account: bool) -> None:
    loop = world(C)
    if of_the_account:
        loop.provider.owner = replace(loop.provider.owner, queue_limit=2)
    else:
        loop.provider.capabilities = Capabilities(queue_limit=2)
    sooner, later = post("s@fb", at="2026-12-02 09:00"), post("l@fb", at="2026-12-03 09:00")
    plan = loop.plan([C, later, sooner]).plan
    assert acting(plan) == {"s@fb": "create"}
    assert codes(plan) == [("PC905", "l@fb")]
    assert acting(loop.plan([later, sooner]).plan) == {
        "c@fb": "destroy",
        "l@fb": "create",
        "s@fb": "create",
    }


def test_a_pause_holds_what_would_be_sent_and_nothing_else() -> None:
    loop = world(A)
    loop.provider.add(C.entry, C.profile)
    paused = replace(Policy(), paused=True)
    plan = loop.plan([edited(A), B, C], policy=paused).plan
    assert acting(plan) == {"c@fb": "adopt"}
    assert ("PC707", "") in codes(plan)


def test_another_account_is_told_before_anything_is_sent() -> None:
    loop = world(A)
    loop.provider.owner = Account("user-2")
    assert ("PC704", "") in codes(loop.plan([A]).plan)
    allowed = loop.plan([A], allow=Allowances(account_change=True)).plan
    assert allowed.can_apply


def test_a_clock_that_is_wrong_is_told() -> None:
    loop = world(A)
    seen = replace(look(loop, [A]), server_time=loop.clock.now())
    assert codes(decide(loop, seen, A).plan) == []
    loop.clock.jump(31)
    assert codes(decide(loop, seen, A).plan) == [("PC705", "")]


# -- what it costs ----


def test_a_group_costs_one_request_and_two_steps_cost_one_more_for_each() -> None:
    loop = world()
    group = [post(f"a@{alias}", "for all") for alias in PROFILES]
    assert loop.plan(group).plan.budget.requests == 1
    strict = replace(Policy(), safety="strict")
    assert loop.plan(group, policy=strict).plan.budget.requests == 4


def test_more_requests_than_fit_in_a_window_take_time() -> None:
    loop = world()
    posts = [post(f"p-{number}@x", at=f"2026-12-01 09:{number % 60:02d}") for number in range(61)]
    assert loop.plan(posts[:60]).plan.budget.eta_seconds == 0
    assert loop.plan(posts).plan.budget.eta_seconds == 60


# -- laws ----

POSTS = st.lists(
    st.builds(
        post,
        st.builds("p-{}@{}".format, st.integers(0, 4), st.sampled_from(sorted(PROFILES))),
        st.sampled_from(["one", "two"]),
        st.sampled_from(["", "2026-12-01 09:00", "2026-12-02 09:00", "2026-11-20 09:00"]),
    ),
    max_size=8,
    unique_by=lambda item: item.address,
)


@given(POSTS, POSTS, st.randoms(use_true_random=False))
def test_the_order_of_files_decides_nothing(
    before: list[Desired], after: list[Desired], chance: Any
) -> None:
    loop = world(*before)
    plan = loop.plan(after).plan
    chance.shuffle(after)
    assert loop.plan(after).plan == plan


@given(POSTS, POSTS)
@example([post("p-0@li", "one", ""), post("p-1@li", "two", "")], [post("p-0@li", "two", "")])
def test_every_address_is_told_once_and_in_order(
    before: list[Desired], after: list[Desired]
) -> None:
    loop = world(*before)
    made = loop.state.resources
    changes = loop.plan(after).plan.changes
    keys = [change.sort_key for change in changes]
    assert keys == sorted(keys)
    # An address stands there twice if its old entry goes and another post takes its name.
    assert len({change.key for change in changes}) == len(changes)
    addresses = {change.address for change in changes}
    addresses |= {change.previous_address for change in changes if change.previous_address}
    assert addresses == {item.address for item in after} | set(made)


@given(POSTS, POSTS)
def test_a_target_changes_no_decision_about_what_it_names(
    before: list[Desired], after: list[Desired]
) -> None:
    loop = world(*before)
    everything = loop.plan(after).plan
    for alias in PROFILES:
        part = loop.plan(after, targets=(f"*@{alias}",)).plan
        assert part.changes == tuple(c for c in everything.changes if _on(c, alias))


def _on(change: Change, alias: str) -> bool:
    return change.address.profile == alias


# -- remarks ----


def test_a_remark_on_the_files_is_part_of_the_plan_and_an_error_forbids_the_apply() -> None:
    loop = world()
    remark, error = problem("PC006", "posts"), problem("PC001", "none")
    seen = look(loop, [])
    assert decide(loop, seen, diagnostics=(remark,)).plan.diagnostics == (remark,)
    assert decide(loop, seen, diagnostics=(remark,)).plan.can_apply
    assert not decide(loop, seen, diagnostics=(remark, error)).plan.can_apply


def test_an_alias_that_means_another_profile_now_leaves_nothing_behind() -> None:
    loop = world(A)
    moved = replace(A, profile=PROFILES["li"])
    plan = loop.plan([moved]).plan
    made = sorted((change.action.value, change.profile.id) for change in plan.changes)
    assert made == [("create", "p-li"), ("destroy", "p-x")]
    assert {change.address for change in plan.changes} == {Address("a", "x")}


def test_what_frees_a_place_goes_first_if_the_account_limits_the_queue() -> None:
    """The plan counts on it, so the apply has to know the limit as well."""
    loop = world(A, B)
    new = post("n@x", at="2026-11-24 09:00")
    place = len(loop.provider.queue("p-x"))
    loop.provider.owner = replace(loop.provider.owner, queue_limit=place)
    loop.converge([new, B])
    sent = [call.method for call in loop.provider.calls if call.method in ("create", "delete")]
    assert sent[-2:] == ["delete", "create"]
