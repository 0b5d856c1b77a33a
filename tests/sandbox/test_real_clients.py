"""Clients that others wrote for the real service work against the sandbox as they are.

`make clients` puts them in `.clients`; without them these tests are skipped.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from plancast.sandbox import SandboxServer, World
from plancast.sandbox.seed import DEFAULT_TOKEN
from tests.sandbox.sandbox_client import FACEBOOK, MONDAY, TWITTER, seconds

ROOT = Path(__file__).resolve().parents[2]
DRIVERS = Path(__file__).parent / "clients"
BUFFPY = ROOT / ".clients" / "venv" / "bin" / "python"
BUFFER_NODE = ROOT / ".clients" / "node_modules" / "buffer-node"
NODE = shutil.which("node")

SCHEDULES = [{"days": ["mon", "tue"], "times": ["09:00", "17:00"]}]

pytestmark = pytest.mark.clients


@pytest.fixture
def server() -> Iterator[SandboxServer]:
    with World() as world:
        world.reset({"clock": MONDAY, "rate_limit": None})
        with SandboxServer(world) as running:
            yield running


def drive(*command: str) -> dict[str, Any]:
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    found: dict[str, Any] = json.loads(ended.stdout)
    return found


def _has_buffpy() -> bool:
    command = [str(BUFFPY), "-c", "import buffpy"]
    return BUFFPY.exists() and subprocess.run(command, check=False).returncode == 0


def test_buffpy(server: SandboxServer) -> None:
    if not _has_buffpy():
        pytest.skip("buffpy is not in .clients: make clients")
    seen = drive(str(BUFFPY), str(DRIVERS / "buffpy_driver.py"), server.url, DEFAULT_TOKEN)
    assert (seen["user"], seen["profile"], seen["schedules"]) == ("Acme", TWITTER, SCHEDULES)
    assert {"twitter", "facebook"} <= set(seen["info"])
    first, second, third = "Grüße & more 0", "Grüße & more 1", "Grüße & more 2"
    assert seen["made"] == [first, second, third]
    assert (seen["card"], seen["now"]) == ("A title", "sent")
    assert (seen["moved"], seen["pending"]) == (True, [third, first, second])
    assert seen["reordered"] == [second, first, third]
    assert seen["shuffled"] == 2
    assert (seen["edited"], seen["read"]) == ("Changed", "Changed")
    assert seen["interactions"] == []
    assert seen["published"] == {"success": True}
    assert seen["deleted"]["success"] is True
    assert (seen["sent"], seen["left"]) == ([second, "Right now"], [third])
    assert (seen["shares"], seen["error"]) == (0, 404)
    card = next(u for u in server.app.world.snapshot() if u.profile_id == FACEBOOK)
    assert card.content.media["link"] == "https://acme.example/a?b=c&d"
    assert card.scheduled_at == seconds("2030-01-01T09:30:00Z")


def test_buffer_node(server: SandboxServer) -> None:
    if NODE is None or not BUFFER_NODE.is_dir():
        pytest.skip("node or buffer-node is not there: make clients")
    driver = str(DRIVERS / "buffer_node_driver.js")
    seen = drive(NODE, "--no-deprecation", driver, str(BUFFER_NODE), server.url, DEFAULT_TOKEN)
    assert (seen["user"], seen["profile"], seen["schedules"]) == ("Acme", TWITTER, SCHEDULES)
    assert seen["both"] == [TWITTER, FACEBOOK]
    assert seen["dated"] == [seconds("2030-01-01T09:30:00Z"), "Dated https://acme.example/a"]
    assert seen["top"] is True
    assert seen["pending"] == ["Next", "Grüße & more", "Dated https://acme.example/a"]
    assert seen["since"] == []
    assert seen["reordered"] == ["Grüße & more", "Next"]
    assert seen["shuffled"] == 1
    assert (seen["edited"], seen["read"]) == ("Changed", "Changed")
    assert (seen["saved"], seen["shared"], seen["destroyed"]) == (True, True, True)
    assert (seen["sent"], seen["shares"]) == (["Changed"], 0)
    assert seen["gone"][:2] == [404, 1020]
    assert seen["again"][:2] == [400, 1025]
    assert seen["nobody"] == [400, 1004, "Please select at least one account to post from."]
