"""The rate limit runs in real time, per account, for everybody who shares the database."""

from __future__ import annotations

from pathlib import Path

from plancast.sandbox import Fault, FaultKind
from tests.sandbox.sandbox_client import SandboxClient, ok, refusal


def burst(sandbox: SandboxClient, count: int) -> list[int]:
    return [sandbox.get("user.json").status_code for _ in range(count)]


def test_the_sixty_first_is_refused_until_the_first_is_a_minute_old() -> None:
    sandbox = SandboxClient(rate_requests=60)
    assert burst(sandbox, 30) == [200] * 30
    sandbox.time.now += 20
    assert burst(sandbox, 31) == [200] * 30 + [429]
    answer = sandbox.get("user.json")
    assert answer.json == {"error": "Too many requests", "code": 429}
    assert answer.headers["Retry-After"] == "40"
    sandbox.time.now += 39.5
    assert sandbox.get("user.json").headers["Retry-After"] == "1"
    sandbox.time.now += 0.5
    assert burst(sandbox, 31) == [200] * 30 + [429]
    assert sandbox.world.requests().limited == {"GET /user.json": 4}
    sandbox.world.arm(Fault(FaultKind.RATE_429))
    sandbox.get("profiles.json")
    assert sandbox.world.requests().limited["GET /profiles.json"] == 1


def test_the_calendar_has_no_say_in_it() -> None:
    sandbox = SandboxClient(rate_requests=1)
    ok(sandbox.get("user.json"))
    sandbox.world.advance(3600)
    assert refusal(sandbox.get("user.json")) == (429, 429)


def test_refused_requests_may_count() -> None:
    sandbox = SandboxClient(rate_requests=2, rate_counts_refused=True)
    assert burst(sandbox, 3) == [200, 200, 429]
    sandbox.time.now += 59
    assert burst(sandbox, 1) == [429]
    sandbox.time.now += 2  # the first three are too old, the fourth is not
    assert burst(sandbox, 2) == [200, 429]


def test_the_header_can_be_left_out_and_the_limit_lifted() -> None:
    sandbox = SandboxClient(rate_requests=1, rate_retry_after=False)
    burst(sandbox, 1)
    assert "Retry-After" not in sandbox.get("user.json").headers
    sandbox.world.set_setting("rate_requests", 0)
    assert burst(sandbox, 100) == [200] * 100


def test_the_tokens_of_an_account_share_its_window_and_strangers_have_none() -> None:
    seed = {"account": {"tokens": ["sandbox-token", "other"]}}
    sandbox = SandboxClient(seed=seed, rate_requests=1)
    burst(sandbox, 1)
    assert burst(sandbox, 1) == [429]
    other = {"Authorization": "Bearer other"}
    assert sandbox.client.get("/1/user.json", headers=other).status_code == 429
    wrong = {"Authorization": "Bearer wrong"}
    codes = {sandbox.client.get("/1/user.json", headers=wrong).status_code for _ in range(3)}
    assert codes == {401}


def test_a_clock_that_was_set_back_locks_nobody_out() -> None:
    sandbox = SandboxClient(rate_requests=1)
    burst(sandbox, 1)
    sandbox.time.now -= 10_000
    assert burst(sandbox, 2) == [200, 429]


def test_worlds_over_one_file_share_the_window(tmp_path: Path) -> None:
    first = SandboxClient(tmp_path / "world.db", rate_requests=2)
    second = SandboxClient(tmp_path / "world.db", keep=True)
    assert second.world.settings.rate_requests == 2
    burst(first, 1)
    assert burst(second, 1) + burst(first, 1) + burst(second, 1) == [200, 429, 429]
