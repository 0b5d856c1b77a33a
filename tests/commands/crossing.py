"""A workspace on API v1, and the other side of it, for the tests of `migrate`."""

from __future__ import annotations

import json
from pathlib import Path

from plancast.sandbox.values import Update
from tests.commands.workspace_dir import SANDBOX, Result, WorkspaceDir, X, applied, post

DOORS = "The workshop opens its doors tomorrow: come and see the new machines."
LAUNCH = "Read all about the launch: https://acme.example/launch"
BREAD = "Fresh bread from the old oven in the yard."
SLOT = "Whenever there is room: a look behind the scenes."

FILES = {
    "doors": post(DOORS, "2026-12-01 09:30", on="x, li"),
    "launch": post(LAUNCH, "2026-12-02 09:30"),
    "bread": post(BREAD, "2026-12-04 09:30"),
    "slot": post(SLOT, "queue", on="li"),
}
CURRENT = SANDBOX.replace("name: sandbox", "name: sandbox, api: graphql")


def made(folder: Path, ids: str = "other", **posts: str) -> WorkspaceDir:
    """A workspace on API v1 whose posts stand in the queue; the other API has ids of its own."""
    workspace = applied(folder, **(posts or FILES))
    with workspace.person() as world:
        world.set_setting("graphql_ids", ids)
    return workspace


def migrate(workspace: WorkspaceDir, *args: str, stdin: str = "") -> Result:
    return workspace.run("migrate", "--to", "buffer-graphql", *args, stdin=stdin)


def moved(workspace: WorkspaceDir, *args: str) -> Result:
    return migrate(workspace, "--auto-approve", *args)


def received(workspace: WorkspaceDir) -> set[str]:
    """Return the first word of each request that the other API received."""
    with workspace.world as world:
        return {name.split()[0] for name in world.requests().received if "/" not in name}


def of(workspace: WorkspaceDir, text: str, profile: str = X) -> Update:
    (found,) = (
        it for it in workspace.live() if (it.content.text, it.profile_id) == (text, profile)
    )
    return found


def settings_and_state(workspace: WorkspaceDir) -> tuple[bytes, dict[str, object]]:
    """Return what `migrate` may write: plancast.yaml, and the state but for the lease on it."""
    document = json.loads(workspace.state_file.read_bytes())
    for key in ("serial", "epoch", "lease"):
        del document[key]
    return (workspace.folder / "plancast.yaml").read_bytes(), document


def channels(workspace: WorkspaceDir) -> dict[str, str]:
    """The ids of the other side, by network."""
    workspace.edit("plancast.yaml", SANDBOX, CURRENT)
    listed = workspace.run("profiles", "--format", "json").json
    workspace.edit("plancast.yaml", CURRENT, SANDBOX)
    return {item["service"]: item["id"] for item in listed}
