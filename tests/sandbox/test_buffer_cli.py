"""Buffer's own command line works against the sandbox as it is.

It is generated from Buffer's schema, so it is a judge of ours. `make clients` puts it in
`.clients`; without it, or without Node.js, these tests are skipped.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from plancast.sandbox import Fault, FaultKind, SandboxServer, World
from plancast.sandbox.seed import DEFAULT_TOKEN
from tests.sandbox.sandbox_client import FACEBOOK, MONDAY, TWITTER

BUFFER = Path(__file__).resolve().parents[2] / ".clients" / "node_modules" / ".bin" / "buffer"

DONE, API_ERROR, NO_RIGHT = 0, 3, 4
"""Its exit codes (docs/buffer/graphql.md#buffers-own-client)."""

POST = {
    "channelId": TWITTER,
    "schedulingType": "automatic",
    "mode": "customScheduled",
    "dueAt": "2030-12-01T09:30:00Z",
    "text": 'Grüße & "more" 🎉',
}

pytestmark = [pytest.mark.clients, pytest.mark.stories(2)]


@dataclass
class Shell:
    """A person with Buffer's command line, in a home of their own."""

    home: Path
    world: World
    address: str
    key: str = DEFAULT_TOKEN

    def buffer(self, *words: str, code: int = DONE) -> Any:
        """Return what it prints: of a success the data, of a failure its message."""
        environ = {
            "PATH": os.environ["PATH"], "HOME": str(self.home), "XDG_CONFIG_HOME": str(self.home),
            "BUFFER_API_KEY": self.key, "BUFFER_DISABLE_UPDATE_CHECK": "1",
        }  # fmt: skip
        ended = subprocess.run(
            [str(BUFFER), *words, "--api-url", self.address, "--output", "json"],
            capture_output=True, text=True, check=False, env=environ, cwd=self.home,
        )  # fmt: skip
        assert ended.returncode == code, (ended.stdout, ended.stderr)
        if code == DONE:
            return json.loads(ended.stdout)
        return json.loads(ended.stderr.strip().splitlines()[-1])["message"]

    def organization(self) -> str:
        (found,) = self.buffer("account")["organizations"]
        return str(found["id"])

    def create(self, code: int = DONE, **post: Any) -> Any:
        given = json.dumps({**POST, **post})
        found = self.buffer("posts", "create", "--json", given, code=code)
        return found["post"]["id"] if code == DONE else found

    def posts(self) -> list[dict[str, Any]]:
        asked = json.dumps(
            {
                "organizationId": self.organization(),
                "filter": {"status": ["scheduled"]},
                "sort": [{"field": "dueAt", "direction": "asc"}],
            }
        )
        fields = "items.{id,text,status,dueAt,channelId},pageInfo"
        found = self.buffer("posts", "list", "--json", asked, "--fields", fields)
        return list(found["items"])


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    if shutil.which("node") is None or not BUFFER.exists():
        pytest.skip("node or Buffer's command line is not there: make clients")
    with World() as world:
        world.reset({"clock": MONDAY, "rate_limit": None})
        with SandboxServer(world) as running:
            yield Shell(tmp_path, world, running.url.removesuffix("/1"))


def test_it_lists_creates_edits_and_deletes(shell: Shell) -> None:
    channels = shell.buffer("channels", "list", "--organization-id", shell.organization())
    assert {"twitter", "facebook"} <= {item["service"] for item in channels}
    made = shell.create()
    (item,) = shell.posts()
    assert (item["id"], item["text"], item["channelId"]) == (made, POST["text"], TWITTER)
    assert item["dueAt"] == "2030-12-01T09:30:00.000Z"
    edit = {**POST, "id": made, "text": "Edited"}
    del edit["channelId"]
    edited = shell.buffer("posts", "edit", "--json", json.dumps(edit))
    assert edited["post"]["id"] == made
    assert [item["text"] for item in shell.posts()] == ["Edited"]
    one = shell.buffer("posts", "get", "--id", made, "--fields", "id,status,via,schedulingType")
    assert (one["status"], one["via"], one["schedulingType"]) == (
        "scheduled",
        "buffer",
        "automatic",
    )
    assert shell.buffer("posts", "delete", "--id", made)["id"] == made
    assert shell.posts() == []
    assert shell.buffer("posts", "delete", "--id", made, code=API_ERROR)


def test_what_a_network_needs_is_said(shell: Shell) -> None:
    message = shell.create(code=API_ERROR, channelId=FACEBOOK)
    assert message == "Invalid post: Facebook posts require a type (post, story, or reel)."
    assert shell.create(channelId=FACEBOOK, metadata={"facebook": {"type": "post"}})


def test_threads_and_drafts(shell: Shell) -> None:
    thread = [{"text": "first"}, {"text": "second"}]
    made = shell.create(text="first", metadata={"twitter": {"thread": thread}}, saveToDraft=True)
    found = shell.buffer("posts", "get", "--id", made, "--fields", "id,status,text")
    assert (found["status"], found["text"]) == ("draft", "first")


def test_a_wrong_key_a_full_window_and_a_post_beside_an_error(shell: Shell) -> None:
    assert "authentication" in Shell(shell.home, shell.world, shell.address, "wrong").buffer(
        "account", code=NO_RIGHT
    )
    shell.world.arm(Fault(FaultKind.RATE_429, "mutation createPost", retry_after=3))
    shell.create(code=API_ERROR)
    assert shell.posts() == []
    # What leads its users to make a second one: it says that it failed, and the post is there.
    shell.world.arm(Fault(FaultKind.ERRORS_BESIDE_DATA, "mutation createPost"))
    shell.create(code=API_ERROR)
    assert len(shell.posts()) == 1
