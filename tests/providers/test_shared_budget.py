"""Two keys of one account, each in processes of its own, against a server that counts together."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from plancast.sandbox import SandboxServer, World

KEYS = ("first-key-of-acme", "second-key-of-acme")
LIMIT = 14

_PROCESS = """
import json, os, sys, time
from datetime import UTC, datetime
from plancast.model.ports import ProviderError
from plancast.model.workspace import ProviderSettings
from plancast.providers import ProviderContext, connect

class Clock:
    def now(self): return datetime.now(UTC)
    def monotonic(self): return time.monotonic()
    def sleep(self, seconds): time.sleep(seconds)

name, folder, requests, options = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
connected = connect(ProviderContext(
    settings=ProviderSettings(name, json.loads(options)), workspace_root=folder,
    environ=os.environ, clock=Clock(), pacing_dir=folder + "/pacing",
    notify=lambda seconds, reason: None,
))
passed, ended = 0, ""
try:
    for _ in range(requests):
        if name == "buffer":
            connected.provider.account()
        else:
            connected.provider.account() if not passed else connected.provider.profile(sys.argv[5])
        passed += 1
except ProviderError as error:
    ended = str(error)
left = [window.remaining for window in connected.provider.windows()]
connected.close()
print(json.dumps([passed, left, ended]))
"""


class Runs:
    """Runs of plancast on one machine that reach a server."""

    def __init__(self, world: World, server: SandboxServer, folder: Path) -> None:
        self.world = world
        self.server = server
        self.folder = folder

    def start(self, name: str, key: str, requests: int) -> subprocess.Popen[str]:
        v1 = name == "buffer"
        variable = "BUFFER_ACCESS_TOKEN" if v1 else "BUFFER_API_KEY"
        address = self.server.url if v1 else self.server.url.removesuffix("/1")
        window = {"requests": LIMIT, "seconds": 900}
        options: dict[str, object] = {"rate_limit": window}
        if not v1:
            options |= {"max_wait": "0s", "organization": "4eb854340acb04e8700000f0"}
        channel = self.world.profiles()[0].id
        arguments = (name, str(self.folder), str(requests), json.dumps(options), channel)
        return subprocess.Popen(
            [sys.executable, "-c", _PROCESS, *arguments],
            env={**os.environ, variable: key, "PLANCAST_API_URL": address},
            stdout=subprocess.PIPE,
            text=True,
        )

    @staticmethod
    def end(process: subprocess.Popen[str]) -> tuple[int, list[int], str]:
        """How many requests passed, how many are left, and why there were no more."""
        output, _ = process.communicate(timeout=60)
        assert process.returncode == 0
        passed, left, ended = json.loads(output)
        return passed, left, ended


@pytest.fixture
def runs(tmp_path: Path) -> Iterator[Runs]:
    with World() as world:
        limits = {"requests": LIMIT, "seconds": 900, "windows": f"{LIMIT}/900"}
        world.reset({"account": {"tokens": list(KEYS)}, "rate_limit": limits})
        with SandboxServer(world) as server:
            yield Runs(world, server, tmp_path)


@pytest.mark.parametrize("name", ["buffer", "buffer-graphql"])
def test_two_keys_of_an_account_share_the_budget_from_the_second_run_on(
    runs: Runs, name: str
) -> None:
    for key in KEYS:
        assert runs.end(runs.start(name, key, 2))[0] == 2
    at_once = [runs.start(name, key, 5 if name == "buffer" else LIMIT) for key in KEYS]
    ended = [runs.end(process) for process in at_once]
    assert sum(passed for passed, _, _ in ended) == LIMIT - 4
    assert runs.world.requests().limited == {}, "no request was refused"
    assert sum(runs.world.requests().received.values()) == LIMIT
    assert runs.end(runs.start(name, KEYS[0], 0))[1] == [0]
    for path in (runs.folder / "pacing").iterdir():
        assert not any(key in path.name + path.read_text() for key in KEYS)


def test_a_key_that_is_new_costs_no_more_than_its_requests_up_to_the_first_answer(
    runs: Runs,
) -> None:
    assert runs.end(runs.start("buffer", KEYS[0], LIMIT - 3))[1] == [3]
    passed, left, _ = runs.end(runs.start("buffer", KEYS[1], 1))
    assert (passed, left) == (1, [2]), "its first answer has named the account"
