"""Faults strike the request that they are aimed at, and report truly what happened by then."""

from __future__ import annotations

import pytest
from werkzeug.test import TestResponse

from plancast.sandbox import ConnectionDropped, Fault, FaultError, FaultKind, Phase, Status
from plancast.sandbox.faults import from_mapping
from tests.sandbox.sandbox_client import LINKEDIN, TWITTER, SandboxClient, ok, refusal, seconds

CREATE = "POST /updates/create.json"


def create(sandbox: SandboxClient, text: str = "Hello") -> TestResponse:
    return sandbox.post("updates/create.json", profile_ids=[TWITTER], text=text)


def armed(kind: FaultKind, **more: object) -> SandboxClient:
    sandbox = SandboxClient()
    sandbox.world.arm(Fault(kind, CREATE, **more))  # type: ignore[arg-type]
    return sandbox


@pytest.mark.parametrize(
    ("kind", "phase", "posts"),
    [
        (FaultKind.LOST_REQUEST, Phase.REQUEST, 0),
        (FaultKind.LATE_COMMIT, Phase.LATE, 0),
        (FaultKind.LOST_ANSWER, Phase.ANSWER, 1),
        (FaultKind.TRUNCATED_BODY, Phase.BODY, 1),
    ],
)
def test_connections_that_go_away(kind: FaultKind, phase: Phase, posts: int) -> None:
    sandbox = armed(kind)
    with pytest.raises(ConnectionDropped) as caught:
        create(sandbox)
    assert caught.value.phase is phase
    assert len(sandbox.world.snapshot()) == posts
    assert sandbox.world.requests().received[CREATE] == 1
    assert sandbox.world.requests().executed.get(CREATE, 0) == posts
    partial = caught.value.partial
    assert (partial is not None) is (phase is Phase.BODY)
    if partial is not None:
        assert 0 < len(partial.content) < partial.length
    assert sandbox.world.faults() == ()


@pytest.mark.parametrize(
    ("kind", "status", "posts", "json"),
    [
        (FaultKind.ERROR_500_BEFORE, 500, 0, True),
        (FaultKind.ERROR_500_AFTER, 500, 1, True),
        (FaultKind.HTML_502_BEFORE, 502, 0, False),
        (FaultKind.HTML_502_AFTER, 502, 1, False),
        (FaultKind.HTML_504_AFTER, 504, 1, False),
        (FaultKind.RATE_429, 429, 0, True),
        (FaultKind.SUCCESS_FALSE_200, 200, 0, True),
        (FaultKind.MESSAGE_OBJECT, 400, 0, True),
        (FaultKind.UNAUTHORIZED, 401, 0, True),
        (FaultKind.HTML_401, 401, 0, False),
        (FaultKind.EMPTY_BODY, 200, 1, False),
        (FaultKind.UNPARSABLE_200, 200, 1, False),
    ],
)
def test_answers_that_mislead(kind: FaultKind, status: int, posts: int, json: bool) -> None:
    sandbox = armed(kind)
    answer = create(sandbox)
    assert answer.status_code == status
    assert len(sandbox.world.snapshot()) == posts
    assert answer.is_json is json or kind is FaultKind.EMPTY_BODY
    if json:
        refusal(answer)
    honest = create(sandbox, "Another")
    assert honest.status_code == 200


def test_what_the_misleading_answers_say() -> None:
    assert (create(armed(FaultKind.ERROR_500_AFTER)).json or {})["code"] == 1000
    assert create(armed(FaultKind.RATE_429)).headers.get("Retry-After") is None
    assert create(armed(FaultKind.RATE_429, retry_after=7)).headers["Retry-After"] == "7"
    assert (create(armed(FaultKind.MESSAGE_OBJECT)).json or {})["message"] == {
        "text": "The update could not be saved."
    }
    challenged = create(armed(FaultKind.HTML_401))
    assert (challenged.data, "WWW-Authenticate" in challenged.headers) == (b"", True)
    assert create(armed(FaultKind.EMPTY_BODY)).data == b""


def test_slow() -> None:
    sandbox = armed(FaultKind.SLOW, seconds=30.0)
    assert create(sandbox).status_code == 200
    assert sandbox.time.slept == 30.0


def test_a_late_request_is_executed_when_its_time_has_come() -> None:
    sandbox = armed(FaultKind.LATE_COMMIT, seconds=5.0)
    sandbox.world.run()
    with pytest.raises(ConnectionDropped):
        create(sandbox)
    sandbox.time.now += 4.9
    assert sandbox.queue() == []
    sandbox.time.now += 20
    item = sandbox.queue()[0]
    # as if it had been there at the time, and not only now that a client looked
    assert item["created_at"] == seconds("2026-11-23T07:00:05Z")
    assert sandbox.world.requests().executed[CREATE] == 1


def test_a_late_request_may_be_refused_in_its_turn() -> None:
    sandbox = armed(FaultKind.LATE_COMMIT)
    with pytest.raises(ConnectionDropped):
        create(sandbox)
    create(sandbox)
    sandbox.time.now += 60
    assert len(sandbox.world.snapshot()) == 1


def test_clearing_does_not_call_back_what_is_on_its_way() -> None:
    sandbox = armed(FaultKind.LATE_COMMIT)
    with pytest.raises(ConnectionDropped):
        create(sandbox)
    sandbox.world.clear_faults()
    sandbox.time.now += 60
    assert len(sandbox.world.snapshot()) == 1


@pytest.mark.parametrize(("profile", "left"), [("", [TWITTER]), (TWITTER, [LINKEDIN])])
def test_a_profile_is_dropped_without_a_word(profile: str, left: list[str]) -> None:
    sandbox = armed(FaultKind.PARTIAL_CREATE, profile=profile)
    assert [item["profile_id"] for item in sandbox.create(TWITTER, LINKEDIN)] == left
    assert [item.profile_id for item in sandbox.world.snapshot()] == left


def test_even_the_only_one() -> None:
    body = ok(create(armed(FaultKind.PARTIAL_CREATE)))
    assert (body["updates"], body["buffer_count"], body["success"]) == ([], 0, True)


@pytest.mark.parametrize(
    ("pattern", "struck"),
    [
        ("*", True),
        ("POST *", True),
        ("GET *", False),
        ("POST /updates/{id}/destroy.json", True),
        ("POST /updates/*/destroy.json", True),
        ("POST /updates/*/share.json", False),
    ],
)
def test_patterns(pattern: str, struck: bool) -> None:
    sandbox = SandboxClient()
    item = sandbox.one()
    sandbox.world.arm(Fault(FaultKind.ERROR_500_BEFORE, pattern))
    status = sandbox.post(f"updates/{item['id']}/destroy.json").status_code
    assert status == (500 if struck else 200)
    written_out = Fault(FaultKind.HTML_502_BEFORE, f"GET /updates/{item['id']}.json")
    sandbox.world.clear_faults()
    sandbox.world.arm(written_out)
    assert sandbox.get(f"updates/{item['id']}.json").status_code == 502


def test_skip_and_times() -> None:
    sandbox = SandboxClient()
    fault = sandbox.world.arm(Fault(FaultKind.ERROR_500_BEFORE, "GET *", skip=2, times=2))
    assert sandbox.world.faults() == (fault,)
    codes = [sandbox.get("user.json").status_code for _ in range(5)]
    assert codes == [200, 200, 500, 500, 200]
    sandbox.world.arm(Fault(FaultKind.ERROR_500_BEFORE, times=0))
    assert {sandbox.get("user.json").status_code for _ in range(5)} == {500}
    sandbox.world.clear_faults()
    assert sandbox.get("user.json").status_code == 200


def test_faults_are_used_in_the_order_of_arming() -> None:
    sandbox = SandboxClient()
    for kind in (FaultKind.ERROR_500_BEFORE, FaultKind.HTML_504_AFTER):
        sandbox.world.arm(Fault(kind))
    assert [sandbox.get("user.json").status_code for _ in range(3)] == [500, 504, 200]


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"kind": "earthquake"},
        {"kind": "slow", "color": "red"},
        {"kind": "slow", "skip": -1},
        {"kind": "slow", "seconds": "long"},
        {"kind": "slow", "endpoint": 7},
    ],
)
def test_faults_that_cannot_be_armed(values: dict[str, object]) -> None:
    with pytest.raises(FaultError):
        from_mapping(values)


def test_a_fault_from_json() -> None:
    found = from_mapping({"kind": "rate_429", "retry_after": 3, "endpoint": "GET *"})
    assert found == Fault(FaultKind.RATE_429, "GET *", retry_after=3)
    assert from_mapping({"kind": "rate_429", "retry_after": None}) == Fault(FaultKind.RATE_429)


def test_refused_by_the_network_is_a_setting_not_a_fault() -> None:
    sandbox = SandboxClient(network_refuses=[TWITTER])
    first, second = sandbox.create(TWITTER, LINKEDIN, now="true")
    assert (first["status"], second["status"]) == (Status.ERROR, Status.SENT)
