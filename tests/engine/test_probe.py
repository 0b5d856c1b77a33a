"""A probe reports exactly what the world does, leaves nothing behind, and may die at any call."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plancast.engine.probe import REQUESTS, REQUESTS_SCHEDULED, ProbeReport, ProbeWorld, run_probe
from plancast.model.findings import ANSWERS, Answer, ProbeObject, Question
from plancast.model.probing import Prober
from plancast.model.profile import Profile
from plancast.net.transport import HttpxTransport
from plancast.providers.buffer_graphql.client import GraphqlClient
from plancast.providers.buffer_graphql.provider import BufferGraphqlProvider
from plancast.providers.sandbox import mount
from plancast.sandbox import Fault, FaultKind, World
from plancast.testing.fakes import FakeClock

QUIET = timedelta(minutes=2)
EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
TWITTER = "4eb854340acb04e870000010"

SWITCHES: dict[str, tuple[Any, ...]] = {
    "edit_mode": ("replace", "patch"),
    "delete_unknown": ("payload", "errors", "other"),
    "graphql_duplicates": (True, False),
    "graphql_shortens": (True, False),
    "graphql_far_times": ("keep", "drop", "refuse"),
    "graphql_key_memory": (1_000_000, 0),
    "graphql_refuses_keys": (False, True),
    "graphql_promotion": ("once", "again", "ignored"),
    "promote_refuses": ("", "*"),
}
OPERATIONS = (
    "createContentItemDraft",
    "promoteContentItemDraftToPosts",
    "contentItems",
    "configuration",
    "createTag",
)
switches = st.fixed_dictionaries({name: st.sampled_from(SWITCHES[name]) for name in SWITCHES})
missing = st.sets(st.sampled_from(OPERATIONS))


class Killed(BaseException):
    """The end of a process, which no code of the probe notices."""


@dataclass
class Setup:
    """A world with the state of a workspace, of which only `durable` survives a kill."""

    world: World
    clock: FakeClock
    prober: Prober
    profile: Profile
    durable: tuple[ProbeObject, ...] = ()
    alive: bool = True
    probes: int = 0
    owned: frozenset[str] = frozenset()
    writes: list[tuple[ProbeObject, ...]] = field(default_factory=list)

    def run(
        self,
        *,
        scheduled: bool = True,
        prober: Prober | None = None,
        stop: Callable[[], bool] = lambda: False,
    ) -> ProbeReport:
        self.probes += 1
        self.alive = True
        world = ProbeWorld(
            prober or self.prober,
            self.profile,
            self.clock,
            self._record,
            f"lineage.{self.probes}",
            QUIET,
            self.owned,
            stop,
        )
        return run_probe(world, self.durable, scheduled=scheduled)

    def _record(self, objects: tuple[ProbeObject, ...]) -> None:
        if not self.alive:
            raise Killed
        self.durable = objects
        self.writes.append(objects)

    def left(self) -> list[str]:
        """Return the texts of everything that the world holds, content items included."""
        items = self.prober.items_since(EPOCH)
        return [item.content.text for item in self.world.snapshot()] + [one.id for one in items]

    def requests(self) -> int:
        return sum(self.world.requests().received.values())


@contextmanager
def setup(**settings: object) -> Iterator[Setup]:
    clock = FakeClock()
    with World(now=clock.wall) as world:
        world.reset(
            {
                "account": {"token": "sandbox-token"},
                "profiles": [{"id": TWITTER, "service": "twitter", "shortens": True}],
                "clock": "running",
                "rate_limit": {"requests": 0, "windows": ""},
            }
        )
        for name, value in settings.items():
            world.set_setting(name, value)
        http = HttpxTransport("http://localhost", "sandbox-token", 30.0, mount(world))
        provider = BufferGraphqlProvider(GraphqlClient(http), lambda: (), clock)
        (profile,) = provider.profiles()
        yield Setup(world, clock, provider.prober(), profile)


class DyingProber:
    """A prober whose process ends at one of its calls, before or after it was carried out."""

    def __init__(self, inner: Prober, setup: Setup, call: int, *, after: bool) -> None:
        self._inner, self._setup = inner, setup
        self._left, self._after = call, after

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._inner, name)

        def call(*args: Any, **more: Any) -> Any:
            self._left -= 1
            if self._left == 0 and not self._after:
                self._die()
            result = method(*args, **more)
            if self._left == 0:
                self._die()
            return result

        return call

    def _die(self) -> None:
        self._setup.alive = False
        raise Killed


def dying(one: Setup, call: int, *, after: bool) -> Prober:
    return cast("Prober", DyingProber(one.prober, one, call, after=after))


# -- what a probe reports ----------------------------------------------------------------------


def expected(settings: dict[str, Any], absent: set[str], *, scheduled: bool) -> dict[Question, str]:
    """Return the answers that follow from the switches."""
    link = Answer.SHORTENED if settings["graphql_shortens"] else Answer.AS_WRITTEN
    known = Answer.REFUSED if settings["graphql_refuses_keys"] else Answer.SAME_ITEM
    key = known if settings["graphql_key_memory"] else Answer.ANOTHER_ITEM
    answers: dict[Question, str] = {
        Question.OPERATIONS: Answer.SOME_MISSING if absent else Answer.ALL,
        Question.FAR_TIME: {
            "keep": Answer.KEPT,
            "drop": Answer.CHANGED,
            "refuse": Answer.REFUSED,
        }[settings["graphql_far_times"]],
        Question.LINK_DRAFT: link,
        Question.EDIT: {"replace": Answer.REPLACES, "patch": Answer.PATCHES}[settings["edit_mode"]],
        Question.NOT_FOUND: {
            "payload": Answer.TYPED,
            "errors": Answer.IN_ERRORS,
            "other": Answer.OTHER_WORDS,
        }[settings["delete_unknown"]],
        Question.REPEATED_KEY: Answer.NOT_OFFERED if OPERATIONS[0] in absent else key,
    }
    if not scheduled:
        return answers
    second = {
        "once": Answer.STATE_ERROR,
        "again": Answer.DONE_TWICE,
        "ignored": Answer.NO_EFFECT,
    }[settings["graphql_promotion"]]
    if absent & set(OPERATIONS[:2]):
        answers[Question.PROMOTION] = Answer.NOT_OFFERED
    elif settings["promote_refuses"]:
        answers[Question.PROMOTION] = Answer.REFUSED
    else:
        answers[Question.PROMOTION] = Answer.DONE
        answers[Question.SECOND_PROMOTION] = second
        answers[Question.PROMOTED_KEY] = key
    answers[Question.LINK_SCHEDULED] = link
    duplicates = settings["graphql_duplicates"]
    answers[Question.DUPLICATE] = Answer.REFUSED if duplicates else Answer.ACCEPTED
    return answers


@given(switches, missing, st.booleans())
def test_a_probe_reports_exactly_the_switches_and_leaves_nothing(
    settings: dict[str, Any], absent: set[str], scheduled: bool
) -> None:
    with setup(**settings, graphql_missing=",".join(absent)) as one:
        before = one.requests()
        report = one.run(scheduled=scheduled)
        requests = one.requests() - before
        assert report.answers == expected(settings, absent, scheduled=scheduled)
        assert set(report.missing) == absent
        assert (report.stopped, report.notes, report.left) == (None, (), ())
        assert all(answer in ANSWERS[question] for question, answer in report.answers.items())
        assert one.durable == ()
        one.world.set_setting("graphql_missing", "")
        assert one.left() == []
        least, most = REQUESTS_SCHEDULED if scheduled else REQUESTS
        assert least <= requests <= most


@pytest.mark.parametrize("name", SWITCHES)
def test_each_switch_changes_an_answer(name: str) -> None:
    usual = {key: values[0] for key, values in SWITCHES.items()}
    answers = []
    for value in SWITCHES[name]:
        with setup(**{**usual, name: value}) as one:
            answers.append(one.run().answers)
    assert len({tuple(sorted((q.value, a) for q, a in one.items())) for one in answers}) == len(
        answers
    )


def test_a_full_queue_leaves_its_questions_unasked() -> None:
    with setup(queue_limit=0) as one:
        report = one.run()
        assert Question.PROMOTION not in report.answers
        assert Question.DUPLICATE not in report.answers
        assert report.notes == ("the queue of the channel is full: promotion was not asked",)
        assert one.left() == []
    with setup(queue_limit=1, graphql_duplicates=False, graphql_promotion="once") as one:
        report = one.run()
        assert report.answers[Question.PROMOTION] is Answer.DONE
        assert report.notes == ("the queue of the channel is full: duplicate was not asked",)
        assert one.left() == []


# -- harmless ----------------------------------------------------------------------------------


def test_nothing_that_a_probe_makes_can_go_out_within_a_year() -> None:
    with setup(graphql_duplicates=False, graphql_promotion="again", graphql_key_memory=0) as one:
        seen: dict[str, tuple[bool, float]] = {}

        class Watched:
            def __getattr__(self, name: str) -> Callable[..., Any]:
                method = getattr(one.prober, name)

                def call(*args: Any, **more: Any) -> Any:
                    result = method(*args, **more)
                    for post in one.world.snapshot():
                        seen[post.id] = (post.draft, float(post.scheduled_at or 0))
                    return result

                return call

        one.run(prober=cast("Prober", Watched()))
        ahead = (one.clock.now() + timedelta(days=364)).timestamp()
        assert len(seen) == 4
        assert all(draft or due > ahead for draft, due in seen.values())


def test_every_object_stands_in_the_state_before_it_is_made() -> None:
    """At each call that makes something, the state lists as many objects of its kind, or more."""
    with setup(graphql_duplicates=False, graphql_promotion="again", graphql_key_memory=0) as one:

        class Watched:
            def __getattr__(self, name: str) -> Callable[..., Any]:
                method = getattr(one.prober, name)

                def call(*args: Any, **more: Any) -> Any:
                    result = method(*args, **more)
                    live = len(one.world.snapshot())
                    kinds = [record.kind.value for record in one.durable]
                    if name in {"create_post", "promote"}:
                        assert live <= kinds.count("post"), name
                    if name == "create_item":
                        assert len(one.prober.items_since(EPOCH)) <= kinds.count("item"), name
                    return result

                return call

        one.run(prober=cast("Prober", Watched()))


def test_posts_of_people_and_owned_ones_are_left_alone() -> None:
    with setup() as one:
        with pytest.raises(Killed):
            one.run(prober=dying(one, 2, after=True))
        (draft,) = one.world.snapshot()
        text = draft.content.text
        one.world.person_edit(draft.id, text="Mine now.")
        other = one.world.person_create(TWITTER, f"See: {text}", draft=True)
        report = one.run()
        assert {post.id for post in one.world.snapshot()} == {draft.id, other.id}
        assert report.left == one.durable, "the record waits, since its answer was lost"


def test_a_draft_that_a_person_has_edited_is_left_to_that_person() -> None:
    with setup() as one:
        with pytest.raises(Killed):
            one.run(prober=dying(one, 3, after=True))  # the id of the draft is durable by now
        (draft,) = one.world.snapshot()
        assert [record.remote_id for record in one.durable] == [draft.id]
        one.world.person_edit(draft.id, text="Mine now.")
        report = one.run()
        assert [post.content.text for post in one.world.snapshot()] == ["Mine now."]
        assert report.notes == ("a person changed an object of the probe; it was left as it is",)
        assert one.durable == ()


def test_more_copies_than_were_made_are_left_to_a_person() -> None:
    with setup() as one:
        with pytest.raises(Killed):
            one.run(prober=dying(one, 2, after=True))
        (draft,) = one.world.snapshot()
        one.world.person_create(TWITTER, draft.content.text, draft=True)
        report = one.run()
        assert len(one.world.snapshot()) == 2
        assert "remove them by hand" in report.notes[0]
        assert len(one.durable) == 1, "until there is one again"
        one.world.person_delete(draft.id)
        assert one.run().left == ()
        assert one.left() == []


def test_what_the_state_owns_is_never_removed() -> None:
    with setup() as one:
        with pytest.raises(Killed):
            one.run(prober=dying(one, 2, after=True))
        (draft,) = one.world.snapshot()
        one.owned = frozenset({draft.id})
        one.run()
        assert [post.id for post in one.world.snapshot()] == [draft.id]


PROMOTES = "mutation promoteContentItemDraftToPosts"


def test_a_promotion_whose_answer_was_lost_is_read_and_not_taken_for_failed() -> None:
    with setup() as one:
        one.world.arm(Fault(FaultKind.LOST_ANSWER, PROMOTES))
        report = one.run()
        assert report.answers[Question.PROMOTION] is Answer.DONE
        assert one.left() == []


def test_beside_a_promotion_that_may_still_arrive_no_other_post_is_scheduled() -> None:
    with setup() as one:
        one.world.arm(Fault(FaultKind.LATE_COMMIT, PROMOTES, seconds=30))
        report = one.run()
        assert Question.DUPLICATE not in report.answers
        assert one.world.requests().received.get("mutation createPost", 0) == 1, "the draft alone"
        one.clock.advance(31)
        finished(one)


# -- kills and faults --------------------------------------------------------------------------

CALLS = 18
"""The calls of a whole probe, more or less."""


def finished(one: Setup) -> None:
    """Probe again, now and once nothing can arrive any more; then nothing is left."""
    report = one.run()
    assert one.left() == []
    assert all(not record.remote_id for record in report.left), "what may still arrive"
    one.clock.advance(QUIET.total_seconds() + 1)
    assert one.run(scheduled=False).left == ()
    assert one.durable == ()
    assert one.left() == []


@given(switches, st.integers(1, CALLS), st.booleans())
def test_a_probe_that_was_killed_is_cleaned_up_by_the_next(
    settings: dict[str, Any], call: int, after: bool
) -> None:
    with setup(**settings) as one:
        try:
            one.run(prober=dying(one, call, after=after))
        except Killed:
            assert len(one.left()) <= len(one.durable)
        finished(one)


@pytest.mark.part(5)
@pytest.mark.parametrize("call", range(1, CALLS + 1))
@pytest.mark.parametrize("after", [False, True])
def test_a_cleaning_probe_can_be_killed_too(call: int, after: bool) -> None:
    with setup(graphql_duplicates=False, graphql_promotion="again", graphql_key_memory=0) as one:
        with pytest.raises(Killed):
            one.run(prober=dying(one, 14, after=True))
        for number in range(2):
            with suppress(Killed):
                one.run(prober=dying(one, call + number, after=after))
        finished(one)


class WatchedProber:
    """A prober that notes the names of its calls. `then` is called after call number `call`."""

    def __init__(self, inner: Prober, call: int, then: Callable[[], None]) -> None:
        self._inner, self._call, self._then = inner, call, then
        self.names: list[str] = []

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._inner, name)

        def call(*args: Any, **more: Any) -> Any:
            result = method(*args, **more)
            self.names.append(name)
            if len(self.names) == self._call:
                self._then()
            return result

        return call


@pytest.mark.parametrize("call", range(1, CALLS + 1))
def test_a_probe_that_the_user_ends_asks_no_further_and_removes_what_it_made(call: int) -> None:
    with setup() as one:
        ended: list[bool] = []
        watched = WatchedProber(one.prober, call, lambda: ended.append(True))
        report = one.run(prober=cast("Prober", watched), stop=lambda: bool(ended))
        making = {"create_post", "create_item", "promote", "edit_without_text"}
        assert not making & set(watched.names[call:])
        assert report.interrupted is (not report.answers.keys() >= set(ANSWERS))
        assert report.left == one.durable == ()
        assert one.left() == []


KINDS = [
    FaultKind.LOST_REQUEST,
    FaultKind.LOST_ANSWER,
    FaultKind.LATE_COMMIT,
    FaultKind.ERROR_500_BEFORE,
    FaultKind.ERROR_500_AFTER,
    FaultKind.HTML_502_AFTER,
    FaultKind.RATE_429,
    FaultKind.SUCCESS_FALSE_200,
    FaultKind.UNEXPECTED_ERROR,
    FaultKind.TRUNCATED_BODY,
    FaultKind.EMPTY_BODY,
    FaultKind.MESSAGE_OBJECT,
    FaultKind.UNAUTHORIZED,
    FaultKind.HTML_403,
    FaultKind.ERRORS_BESIDE_DATA,
    FaultKind.FAILURE_AFTER,
    FaultKind.PARTIAL_CREATE,
]


@pytest.mark.part(8)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("skip", range(CALLS))
def test_a_fault_at_any_request_costs_answers_at_most(kind: FaultKind, skip: int) -> None:
    with setup() as one:
        truth = one.run().answers
        one.world.arm(Fault(kind, "*", skip=skip, times=1, seconds=30))
        report = one.run()
        wrong = {
            question: answer
            for question, answer in report.answers.items()
            if answer not in (truth[question], Answer.UNCLEAR)
        }
        # A refusal is taken at its word, which only keeps a feature from being used.
        says_no = {FaultKind.SUCCESS_FALSE_200, FaultKind.UNEXPECTED_ERROR, FaultKind.FAILURE_AFTER}
        allowed = {Answer.REFUSED, Answer.OTHER_WORDS} if kind in says_no else set[Answer]()
        assert set(wrong.values()) <= allowed, wrong
        one.world.clear_faults()
        one.clock.advance(31)
        one.world.clock()
        finished(one)


def test_a_budget_that_ends_keeps_the_objects_for_the_next_probe() -> None:
    with setup(graphql_windows="5/900") as one:
        one.clock.advance(901)
        report = one.run()
        assert report.stopped is not None
        assert Question.NOT_FOUND not in report.answers
        assert report.left == one.durable != ()
        one.world.set_setting("graphql_windows", "")
        finished(one)
