"""The table of scopes in docs/going-live.md: each command works with them, and needs them all.

The server refuses whatever needs a scope that the key lacks. Which scope a field needs is from
docs/buffer/graphql.md#keys-and-organizations.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from graphql import FieldNode, OperationDefinitionNode, parse

from plancast.providers.buffer_graphql.probe_queries import SENTINEL
from tests.commands.keyed import listening
from tests.commands.workspace_dir import WorkspaceDir, post, workspace_yaml
from tests.sandbox.graphql_client import GraphqlClient

pytestmark = pytest.mark.part(4)

ROOT = Path(__file__).parents[2]
AT = "2030-01-31 09:30"

READ_ACCOUNT, READ, WRITE = "account:read", "posts:read", "posts:write"
METRICS = "insights:read"
SCOPES = {
    **dict.fromkeys(("account", "channels", "channel", "configuration"), READ_ACCOUNT),
    **dict.fromkeys(("posts", "post", "tagsV2"), READ),
    **dict.fromkeys(("createPost", "editPost", "deletePost", "createTag"), WRITE),
    **dict.fromkeys(("contentItem", "contentItems"), READ),
    **dict.fromkeys(("createContentItemDraft", "deleteContentItem"), WRITE),
}
COMMANDS = {
    "validate": ("validate",),
    "plan --offline": ("plan", "--offline"),
    "fmt": ("fmt",),
    "mv": ("mv", "a", "c"),
    "schema": ("schema", "post"),
    "show": ("show", "saved.json"),
    "state list": ("state", "list"),
    "plan": ("plan",),
    "doctor": ("doctor",),
    "doctor --probe": ("doctor", "--probe", "x", "--yes"),
    "profiles": ("profiles",),
    "status": ("status",),
    "import": ("import", "--auto-approve"),
    "pull": ("pull", "--auto-approve"),
    "init": ("init",),
    "report": ("report",),
    "apply": ("apply", "--auto-approve"),
    "share": ("share", "a@x", "--auto-approve"),
}


def table() -> dict[str, frozenset[str]]:
    """The scopes of each command, by the page."""
    page = (ROOT / "docs" / "going-live.md").read_text(encoding="utf-8")
    section = page.split("### Scopes")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (`.+`) \| (.+) \|$", section, re.MULTILINE)
    return {
        command: frozenset(re.findall(r"`([a-z:]+)`", scopes))
        for commands, scopes in rows
        for command in re.findall(r"`([^`]+)`", commands)
    }


def needed(query: str) -> frozenset[str]:
    """The scopes that a document needs."""
    scopes = {
        SCOPES[selection.name.value]
        # A document that asks for a field that does not exist is refused before any scope counts.
        for definition in (() if SENTINEL in query else parse(query).definitions)
        if isinstance(definition, OperationDefinitionNode)
        for selection in definition.selection_set.selections
        if isinstance(selection, FieldNode)
    }
    return frozenset(scopes | ({METRICS} if "metrics {" in query else set()))


@dataclass
class ScopedBuffer:
    """A Buffer whose keys have scopes; `used` are those that were needed."""

    sandbox: GraphqlClient
    allowed: frozenset[str] = frozenset(SCOPES.values())
    used: set[str] = field(default_factory=set)

    def reply(self, body: str) -> tuple[int, object]:
        scopes = needed(json.loads(body)["query"])
        if not scopes <= self.allowed:
            lacking = {"message": "a scope is missing", "extensions": {"code": "FORBIDDEN"}}
            return 200, {"data": None, "errors": [lacking]}
        self.used |= scopes
        headers = {"Authorization": "Bearer sandbox-token", "Content-Type": "application/json"}
        answer = self.sandbox.client.post("/graphql", data=body, headers=headers)
        return answer.status_code, answer.json


@contextmanager
def buffer(folder: Path) -> Iterator[tuple[ScopedBuffer, WorkspaceDir]]:
    """A workspace of that Buffer, whose first posts were applied: one waits and one was sent."""
    one = ScopedBuffer(GraphqlClient(seed={"clock": "running"}))
    with listening(one.reply) as ear:
        environ = {"PLANCAST_API_URL": ear.url, "BUFFER_API_KEY": "a-key"}
        workspace = WorkspaceDir(folder, environ)
        workspace.write("plancast.yaml", workspace_yaml(provider="buffer-graphql"))
        workspace.write("a.yaml", post("A.", AT, more="tags: [launch]\n"))
        assert workspace.run("plan", "-o", "saved.json").code == 0
        assert workspace.apply("saved.json").code == 0
        workspace.write("a.yaml", post("B.", AT, more="tags: [launch]\n"))
        workspace.write("b.yaml", post("C.", AT, more="tags: [more]\n"))
        one.used.clear()
        yield one, workspace


def test_the_table_has_each_command_once() -> None:
    assert sorted(table()) == sorted(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_works_with_the_scopes_of_the_table_and_uses_them_all(
    tmp_path: Path, command: str
) -> None:
    scopes = table()[command]
    with buffer(tmp_path / "content") as (server, workspace):
        server.allowed = scopes
        folder = tmp_path / "new" if command == "init" else workspace.folder
        folder.mkdir(exist_ok=True)
        environ = workspace.environ if scopes else {}
        result = replace(workspace, folder=folder, environ=environ).run(*COMMANDS[command])
    assert result.code == 0, result.err
    assert server.used == scopes


@pytest.mark.parametrize("command", ["plan", "status", "apply"])
def test_without_the_scope_of_a_change_or_of_reading_it_is_said(
    tmp_path: Path, command: str
) -> None:
    with buffer(tmp_path / "content") as (server, workspace):
        server.allowed = table()[command] - {WRITE if command == "apply" else READ}
        result = workspace.run(*COMMANDS[command])
    assert result.code != 0
    assert "a scope is missing" in result.err + result.out
    assert command == "apply" or result.codes == ["PC803"]
