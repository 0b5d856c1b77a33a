"""The rate limit runs in real time, per token, for everybody who shares the database."""

from __future__ import annotations

from pathlib import Path

from plancast.sandbox import Fault, FaultKind
from tests.sandbox.desk import Desk, ok, refusal


def burst(desk: Desk, count: int) -> list[int]:
    return [desk.get("user.json").status_code for _ in range(count)]


def test_the_sixty_first_is_refused_until_the_first_is_a_minute_old() -> None:
    desk = Desk(rate_requests=60)
    assert burst(desk, 30) == [200] * 30
    desk.time.now += 20
    assert burst(desk, 31) == [200] * 30 + [429]
    answer = desk.get("user.json")
    assert answer.json == {"error": "Too many requests", "code": 429}
    assert answer.headers["Retry-After"] == "40"
    desk.time.now += 39.5
    assert desk.get("user.json").headers["Retry-After"] == "1"
    desk.time.now += 0.5
    assert burst(desk, 31) == [200] * 30 + [429]
    assert desk.world.requests().limited == {"GET /user.json": 4}
    desk.world.arm(Fault(FaultKind.RATE_429))
    desk.get("profiles.json")
    assert desk.world.requests().limited["GET /profiles.json"] == 1


def test_the_calendar_has_no_say_in_it() -> None:
    desk = Desk(rate_requests=1)
    ok(desk.get("user.json"))
    desk.world.advance(3600)
    assert refusal(desk.get("user.json")) == (429, 429)


def test_refused_requests_may_count() -> None:
    desk = Desk(rate_requests=2, rate_counts_refused=True)
    assert burst(desk, 3) == [200, 200, 429]
    desk.time.now += 59
    assert burst(desk, 1) == [429]
    desk.time.now += 2  # the first three are too old, the fourth is not
    assert burst(desk, 2) == [200, 429]


def test_the_header_can_be_left_out_and_the_limit_lifted() -> None:
    desk = Desk(rate_requests=1, rate_retry_after=False)
    burst(desk, 1)
    assert "Retry-After" not in desk.get("user.json").headers
    desk.world.set_setting("rate_requests", 0)
    assert burst(desk, 100) == [200] * 100


def test_every_token_has_a_window_and_strangers_have_none() -> None:
    seed = {"account": {"tokens": ["sandbox-token", "other"]}}
    desk = Desk(seed=seed, rate_requests=1)
    burst(desk, 1)
    assert burst(desk, 1) == [429]
    other = {"Authorization": "Bearer other"}
    assert desk.client.get("/1/user.json", headers=other).status_code == 200
    wrong = {"Authorization": "Bearer wrong"}
    codes = {desk.client.get("/1/user.json", headers=wrong).status_code for _ in range(3)}
    assert codes == {401}


def test_a_clock_that_was_set_back_locks_nobody_out() -> None:
    desk = Desk(rate_requests=1)
    burst(desk, 1)
    desk.time.now -= 10_000
    assert burst(desk, 2) == [200, 429]


def test_worlds_over_one_file_share_the_window(tmp_path: Path) -> None:
    first = Desk(tmp_path / "world.db", rate_requests=2)
    second = Desk(tmp_path / "world.db", keep=True)
    assert second.world.settings.rate_requests == 2
    burst(first, 1)
    assert burst(second, 1) + burst(first, 1) + burst(second, 1) == [200, 429, 429]
