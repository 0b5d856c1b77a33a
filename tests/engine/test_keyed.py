"""Keyed creates in a whole loop: every row of the protocol in `reconcile.keyed`, one at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from plancast.model.events import Outcome
from plancast.model.ports import (
    NotPromoted,
    OutcomeUnknown,
    ProviderError,
    RateLimited,
    Rejected,
    Unauthorized,
    Unreachable,
)
from plancast.model.workspace import Desired
from plancast.reconcile.keyed import DRAFT_MEMORY, key_of
from plancast.testing.fakes import Failure
from tests.engine.keyed import keyed_loop, methods, on, texts
from tests.engine.worlds import Loop

TWO = ("li", "x")
THREE = ("fb", "li", "x")
NO_ANSWER = OutcomeUnknown("no answer in time")
SPENT = RateLimited("the budget is used up", 900.0, spent=True)
MINUTE = 60.0


class Killed(BaseException):
    """The process is killed: no handler catches this."""


def there(aliases: Sequence[str], text: str = "Tomorrow, 10:00.") -> list[tuple[str, str]]:
    return [(alias, text) for alias in sorted(aliases)]


def converges(world: Loop, desired: list[Desired]) -> None:
    """The next run is undisturbed: everything is there once, and nothing is left of a draft."""
    world.provider.failures = ()
    world.converge(desired)
    assert texts(world) == sorted((one.address.profile, one.entry.text) for one in desired)
    assert not world.plan(desired).plan.has_changes
    assert world.state.intents == {}
    assert all(item.posts is not None for item in world.provider.content_items.values())


# -- without a fault ----


def test_many_channels_cost_two_requests() -> None:
    world = keyed_loop()
    planned = world.plan(on(THREE))
    assert planned.plan.budget.requests == 2
    report = world.apply(planned)
    assert (report.requests, methods(world)) == (2, ["create_draft", "promote"])
    assert texts(world) == there(THREE)
    assert len(report.addresses(Outcome.APPLIED)) == 3
    converges(world, on(THREE))


def test_the_key_is_made_of_the_id_of_the_intent() -> None:
    world = keyed_loop(Failure("promote", 1, Killed()))
    with pytest.raises(Killed):
        world.converge(on(TWO))
    (intent,) = world.state.intents.values()
    (item,) = world.provider.content_items.items()
    assert (intent.keyed, intent.item, key_of(intent)) == (True, item[0], item[1].key)


def test_the_item_is_in_the_state_before_it_is_promoted() -> None:
    """A state in git is pushed there, so a run on another machine cannot make a second draft."""
    world = keyed_loop(Failure("promote", 1, Killed()))
    with pytest.raises(Killed):
        world.converge(on(TWO))
    written = world.store.read()
    assert [intent.item for intent in written.intents.values()] == ["item-1"]


# -- the answer to the draft is lost ----


@pytest.mark.parametrize("executed", [True, False])
@pytest.mark.parametrize("forgets", [True, False])
def test_a_draft_without_an_answer_is_made_again_with_its_key(
    executed: bool, forgets: bool
) -> None:
    world = keyed_loop(Failure("create_draft", 1, NO_ANSWER, executed=executed))
    world.provider.forgets_keys = forgets
    report = world.converge(on(TWO))
    assert methods(world) == ["create_draft", "create_draft", "promote"]
    assert len(report.addresses(Outcome.APPLIED)) == 2
    assert texts(world) == there(TWO)
    assert len(world.provider.content_items) == (2 if executed and forgets else 1)
    world.converge(on(TWO))
    converges(world, on(TWO))


def test_a_killed_run_leaves_a_draft_that_the_next_one_finds_by_its_key() -> None:
    world = keyed_loop(Failure("create_draft", 1, Killed(), executed=True))
    with pytest.raises(Killed):
        world.converge(on(TWO))
    assert world.plan(on(TWO)).undecided == (), "no quiet period"
    converges(world, on(TWO))
    assert len(world.provider.content_items) == 1


def test_a_draft_that_no_run_got_an_answer_for_stays_open() -> None:
    lost = [Failure("create_draft", nth, NO_ANSWER, executed=True) for nth in (1, 2, 3)]
    world = keyed_loop(*lost)
    report = world.converge(on(TWO))
    assert len(report.addresses(Outcome.UNKNOWN)) == 2
    assert texts(world) == []
    converges(world, on(TWO))
    assert len(world.provider.content_items) == 1


@pytest.mark.parametrize("executed", [True, False])
def test_a_draft_that_is_refused_fails_and_leaves_nothing(executed: bool) -> None:
    """The refusal may have come after the draft was made."""
    world = keyed_loop(Failure("create_draft", 1, Rejected("no text"), executed=executed))
    report = world.converge(on(TWO))
    assert [one.message for one in report.settled] == ["no text", "no text"]
    assert len(report.addresses(Outcome.FAILED)) == 2
    assert world.state.intents == {}
    converges(world, on(TWO))


# -- the answer to the promotion is lost ----


@pytest.mark.parametrize("executed", [True, False])
def test_after_a_promotion_without_an_answer_the_item_is_read(executed: bool) -> None:
    world = keyed_loop(Failure("promote", 1, NO_ANSWER, executed=executed))
    report = world.converge(on(TWO))
    again = [] if executed else ["promote"]
    assert methods(world) == ["create_draft", "promote", "content_item", *again]
    assert len(report.addresses(Outcome.APPLIED)) == 2
    converges(world, on(TWO))


@pytest.mark.parametrize("executed", [True, False])
def test_a_run_that_was_killed_in_a_promotion_is_settled_by_a_read(executed: bool) -> None:
    world = keyed_loop(Failure("promote", 1, Killed(), executed=executed))
    with pytest.raises(Killed):
        world.converge(on(TWO))
    planned = world.plan(on(TWO))
    assert planned.undecided == ()
    assert planned.plan.summary["create"] == (0 if executed else 2)
    assert planned.plan.budget.requests == (0 if executed else 2)
    converges(world, on(TWO))
    assert methods(world).count("create_draft") == 1


def test_a_promotion_that_arrives_after_the_next_one_does_nothing() -> None:
    world = keyed_loop(Failure("promote", 1, Killed(), late=10 * MINUTE))
    with pytest.raises(Killed):
        world.converge(on(TWO))
    converges(world, on(TWO))
    world.clock.advance(11 * MINUTE)
    converges(world, on(TWO))


def test_a_promotion_that_arrives_between_plan_and_apply_is_found() -> None:
    """The second promotion is refused, since the item is no draft: the error proves nothing."""
    world = keyed_loop(Failure("promote", 1, Killed(), late=MINUTE))
    with pytest.raises(Killed):
        world.converge(on(TWO))
    planned = world.plan(on(TWO))
    world.clock.advance(2 * MINUTE)
    report = world.apply(planned)
    assert len(report.addresses(Outcome.APPLIED)) == 2
    converges(world, on(TWO))


def test_an_item_that_cannot_be_read_leaves_the_outcome_open() -> None:
    world = keyed_loop(
        Failure("promote", 1, NO_ANSWER, executed=True),
        Failure("content_item", 1, Unreachable("could not connect")),
    )
    report = world.converge(on(TWO))
    assert len(report.addresses(Outcome.UNKNOWN)) == 2
    converges(world, on(TWO))


def test_posts_that_no_list_shows_yet_are_not_made_again() -> None:
    world = keyed_loop(Failure("promote", 1, Killed(), executed=True))
    with pytest.raises(Killed):
        world.converge(on(TWO))
    world.provider.unlisted = {live.id for live in world.provider.queue("p-x")}
    planned = world.plan(on(TWO))
    assert planned.plan.summary["create"] == 0
    world.provider.unlisted = set()
    converges(world, on(TWO))


# -- some channels refuse ----


@pytest.mark.parametrize("half", [True, False])
@pytest.mark.parametrize(
    ("refusal", "outcome"),
    [
        (Rejected("the channel is disconnected"), Outcome.FAILED),
        (Rejected("the queue is full", queue_full=True), Outcome.DEFERRED),
        (Rejected("the text is there already", repeated=True), Outcome.DEFERRED),
    ],
)
def test_one_channel_that_refuses_holds_up_no_other(
    refusal: ProviderError, outcome: Outcome, half: bool
) -> None:
    world = keyed_loop()
    world.provider.half_promotes = half
    world.provider.refuses_promotion = {"p-li": refusal}
    report = world.converge(on(THREE))
    assert [str(address) for address in report.addresses(outcome)] == ["a@li"]
    assert len(report.addresses(Outcome.APPLIED)) == 2
    assert world.state.intents == {}
    again = [] if half else ["promote"]
    assert methods(world) == ["create_draft", "promote", "content_item", *again]
    world.provider.refuses_promotion = {}
    converges(world, on(THREE))


@pytest.mark.parametrize(
    ("refusal", "outcome"),
    [
        (Rejected("something is wrong with it"), Outcome.FAILED),
        (Rejected("the queue is full", queue_full=True), Outcome.DEFERRED),
    ],
)
def test_an_item_that_all_channels_refuse_is_removed(
    refusal: ProviderError, outcome: Outcome
) -> None:
    world = keyed_loop()
    world.provider.refuses_promotion = dict.fromkeys(("p-li", "p-x"), refusal)
    report = world.converge(on(TWO))
    assert len(report.addresses(outcome)) == 2
    assert world.provider.content_items == {}
    assert world.state.intents == {}
    world.provider.refuses_promotion = {}
    converges(world, on(TWO))


@pytest.mark.parametrize(
    "error",
    [
        Rejected("the request is wrong"),
        NotPromoted("it failed", whole=Rejected("it is no good")),
    ],
)
def test_a_refusal_that_names_no_channel_is_one_of_all_once_the_item_is_seen_as_a_draft(
    error: ProviderError,
) -> None:
    world = keyed_loop(Failure("promote", 1, error))
    report = world.converge(on(TWO))
    assert len(report.addresses(Outcome.FAILED)) == 2
    assert world.provider.content_items == {}
    converges(world, on(TWO))


def test_a_failure_after_success_is_a_success() -> None:
    failed = NotPromoted("it failed", whole=Rejected("something went wrong"))
    world = keyed_loop(Failure("promote", 1, failed, executed=True))
    report = world.converge(on(TWO))
    assert len(report.addresses(Outcome.APPLIED)) == 2
    converges(world, on(TWO))


def test_a_promotion_in_part_makes_the_rest_with_another_item() -> None:
    world = keyed_loop(Failure("promote", 1, NO_ANSWER, executed=True, only=1))
    report = world.converge(on(TWO))
    assert len(report.addresses(Outcome.APPLIED)) == 1
    assert len(report.addresses(Outcome.DEFERRED)) == 1
    assert world.state.intents == {}
    converges(world, on(TWO))
    assert len(world.provider.content_items) == 2


def test_a_draft_that_cannot_be_removed_is_kept_for_the_next_run() -> None:
    world = keyed_loop(Failure("remove_item", 1, Unreachable("could not connect")))
    refused = Rejected("something is wrong with it")
    world.provider.refuses_promotion = dict.fromkeys(("p-li", "p-x"), refused)
    report = world.converge(on(TWO))
    assert len(report.addresses(Outcome.FAILED)) == 2
    assert [intent.item for intent in world.state.intents.values()] == ["item-1"]
    world.provider.refuses_promotion = {}
    converges(world, on(TWO))


@pytest.mark.parametrize("executed", [True, False])
def test_a_removal_without_an_answer_is_settled_by_a_read(executed: bool) -> None:
    world = keyed_loop(Failure("remove_item", 1, NO_ANSWER, executed=executed))
    refused = Rejected("something is wrong with it")
    world.provider.refuses_promotion = dict.fromkeys(("p-li", "p-x"), refused)
    world.converge(on(TWO))
    assert len(world.state.intents) == (0 if executed else 1)
    world.provider.refuses_promotion = {}
    converges(world, on(TWO))


# -- the run ends before the promotion ----


@pytest.mark.parametrize(
    ("error", "outcome"), [(SPENT, Outcome.NOT_ATTEMPTED), (Unauthorized("no"), Outcome.FAILED)]
)
def test_a_run_that_ends_before_the_promotion_leaves_it_to_the_next(
    error: ProviderError, outcome: Outcome
) -> None:
    world = keyed_loop(Failure("promote", 1, error))
    report = world.converge(on(TWO))
    assert len(report.addresses(outcome)) == 2
    assert (report.resumes_at is not None) == (error is SPENT)
    (intent,) = world.state.intents.values()
    assert intent.item == "item-1"
    converges(world, on(TWO))
    assert len(world.provider.content_items) == 1


def test_a_run_that_is_stopped_between_the_two_rounds_leaves_the_draft_open() -> None:
    world = keyed_loop()
    planned = world.plan(on(TWO))
    report = world.apply(planned, stop=lambda: "create_draft" in methods(world))
    assert methods(world) == ["create_draft"]
    assert len(report.addresses(Outcome.NOT_ATTEMPTED)) == 2
    converges(world, on(TWO))


def test_a_draft_that_a_stopped_run_did_not_reach_stays_open() -> None:
    """A promotion of it may still arrive, so the intent is no less open than before."""
    world = killed_before_the_promotion(late=10 * MINUTE)
    asked: list[int] = []

    def stop_after_the_intents() -> bool:
        asked.append(1)
        return len(asked) > 1

    world.apply(world.plan(on(TWO)), stop=stop_after_the_intents)
    assert [intent.item for intent in world.state.intents.values()] == ["item-1"]
    world.clock.advance(11 * MINUTE)
    converges(world, on(TWO))


# -- the file changes meanwhile ----


def killed_before_the_promotion(**failure: object) -> Loop:
    world = keyed_loop(Failure("promote", 1, Killed(), **failure))  # type: ignore[arg-type]
    with pytest.raises(Killed):
        world.converge(on(TWO))
    world.provider.failures = ()
    return world


CHANGES = {
    "edited": on(TWO, "Tomorrow, at ten."),
    "renamed": on(TWO, post="b"),
    "edited on one profile": [*on(["li"]), *on(["x"], "Tomorrow, at ten.")],
    "left out of one profile": on(["li"]),
    "gone": [],
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_draft_whose_file_has_changed_is_never_promoted_as_it_was(change: str) -> None:
    world = killed_before_the_promotion()
    desired = CHANGES[change]
    planned = world.plan(desired)
    notes = [one for one in planned.plan.diagnostics if one.code == "PC516"]
    assert len(notes) == 1
    converges(world, desired)


@pytest.mark.parametrize("change", CHANGES)
def test_posts_whose_file_has_changed_are_adopted_and_then_changed(change: str) -> None:
    world = killed_before_the_promotion(executed=True)
    ids = {live.id for alias in TWO for live in world.provider.queue(f"p-{alias}")}
    desired = CHANGES[change]
    converges(world, desired)
    left = {live.id for alias in TWO for live in world.provider.queue(f"p-{alias}")}
    assert left <= ids or change == "renamed"


@pytest.mark.parametrize("change", CHANGES)
def test_a_promotion_that_arrives_late_cannot_make_a_twin_of_a_changed_file(change: str) -> None:
    """The draft is removed before anything is created on its profiles."""
    world = killed_before_the_promotion(late=10 * MINUTE)
    desired = CHANGES[change]
    world.converge(desired)
    world.clock.advance(11 * MINUTE)
    counted = [alias for alias, _ in texts(world)]
    assert len(counted) == len(set(counted))
    converges(world, desired)


@pytest.mark.parametrize("change", CHANGES)
def test_nothing_is_created_beside_a_draft_that_cannot_be_removed(change: str) -> None:
    world = killed_before_the_promotion(late=10 * MINUTE)
    removals = sum(1 for call in world.provider.calls if call.method == "remove_item")
    world.provider.failures = [Failure("remove_item", removals + 1, Unreachable("no"))]
    desired = CHANGES[change]
    world.converge(desired)
    world.clock.advance(11 * MINUTE)
    counted = [alias for alias, _ in texts(world)]
    assert len(counted) == len(set(counted))
    converges(world, desired)


def test_a_draft_that_has_posts_when_it_is_to_be_removed_is_adopted() -> None:
    world = killed_before_the_promotion(late=MINUTE)
    desired = on(TWO, "Tomorrow, at ten.")
    planned = world.plan(desired)
    world.provider.failures = [Failure("remove_item", 1, NO_ANSWER)]
    world.clock.advance(2 * MINUTE)
    report = world.apply(planned)
    assert len(report.addresses(Outcome.NOT_ATTEMPTED)) == 2
    assert texts(world) == there(TWO)
    converges(world, desired)


def test_an_unknown_draft_whose_file_is_gone_is_found_by_its_key_and_removed() -> None:
    world = keyed_loop(Failure("create_draft", 1, Killed(), executed=True))
    with pytest.raises(Killed):
        world.converge(on(TWO))
    converges(world, [])
    assert world.provider.content_items == {}


# -- a draft that is gone ----


def test_a_draft_that_a_person_removed_is_made_anew() -> None:
    world = killed_before_the_promotion()
    world.provider.content_items.clear()
    converges(world, on(TWO))
    assert list(world.provider.content_items) != ["item-1"]


def test_a_draft_that_goes_while_it_is_promoted_is_left_to_the_next_run() -> None:
    world = keyed_loop()
    planned = world.plan(on(TWO))

    def remove() -> bool:
        world.provider.content_items.clear()
        return False

    report = world.apply(planned, stop=remove)
    assert len(report.addresses(Outcome.DEFERRED)) == 2
    converges(world, on(TWO))


# -- keys that are forgotten ----


def test_the_second_draft_of_a_forgotten_key_is_removed_and_never_one_of_a_person() -> None:
    world = keyed_loop(Failure("create_draft", 2, NO_ANSWER, executed=True))
    world.provider.forgets_keys = True
    theirs = world.provider.create_draft("their key", on(TWO)[0].entry)
    world.converge(on(TWO))
    assert len(world.provider.content_items) == 3
    notes = [one.code for one in world.plan(on(TWO)).plan.diagnostics]
    assert notes == ["PC516"]
    world.converge(on(TWO))
    left = [name for name, item in world.provider.content_items.items() if item.posts is None]
    assert left == [theirs.id]


def test_drafts_are_looked_for_for_a_day() -> None:
    world = keyed_loop(Failure("create_draft", 1, NO_ANSWER, executed=True))
    world.converge(on(TWO))
    assert len(world.state.draft_keys) == 1
    world.clock.advance(DRAFT_MEMORY.total_seconds())
    world.converge(on(TWO))
    assert methods(world)[-1] != "drafts"
    assert world.state.draft_keys == {}


def test_without_a_doubt_no_draft_is_looked_for() -> None:
    world = keyed_loop()
    world.converge(on(TWO))
    world.converge(on(TWO))
    assert "drafts" not in methods(world)


# -- when keyed cannot be used ----


def test_without_findings_creates_are_strict_and_the_plan_says_so_once() -> None:
    world = keyed_loop()
    world.store.write(replace(world.store.read(), findings=None))
    planned = world.plan(on(TWO))
    assert [one.code for one in planned.plan.diagnostics] == ["PC515"]
    assert planned.plan.can_apply
    world.apply(planned)
    assert set(methods(world)) == {"create"}
    converges(world, on(TWO))


def test_a_draft_is_gone_on_with_although_creates_are_not_keyed_any_more() -> None:
    world = killed_before_the_promotion()
    world.store.write(replace(world.store.read(), findings=None))
    converges(world, on(TWO))
    assert "create" not in methods(world)
