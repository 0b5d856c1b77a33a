"""The posts of a real community move to the other API. Skipped if the data is not there."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from plancast.content.editing.emitter import post_to_yaml
from plancast.model.entry import Entry
from tests.commands.crossing import moved, received
from tests.commands.workspace_dir import WorkspaceDir
from tests.test_galaxy import DATA, START, _posts, _workspace

FEW = 40
"""Requests. For about 1,050 entries: 11 pages of them before, and as many for the next plan."""

pytestmark = pytest.mark.skipif(not DATA.exists(), reason="the galaxy-social posts are not here")


def _mended(workspace: WorkspaceDir) -> None:
    """Every post so that all its networks take it, and none like another."""
    listed = workspace.run("validate", "--format", "json").json
    unfit = {item["source"]["file"] for item in listed if item["severity"] == "error"}
    files = sorted((workspace.folder / "posts").iterdir())
    for number, (path, record) in enumerate(zip(files, _posts(), strict=True)):
        if f"posts/{path.name}" in unfit:
            due = START + timedelta(minutes=61 * number)
            entry = Entry(f"{number}: {record['body'].strip()[:180]}", due)
            path.write_text(post_to_yaml(record["channels"], entry, "Europe/Berlin"), "utf-8")
    assert len(files) == 516


@pytest.mark.night
def test_real_posts_move_without_a_write_and_need_nothing_afterwards(tmp_path: Path) -> None:
    workspace = _workspace(tmp_path)
    _mended(workspace)
    assert workspace.apply().code == 0
    (owned,) = workspace.summary().values()
    assert owned > 1000
    with workspace.person() as world:
        world.set_setting("graphql_ids", "other")
        world.set_clock("2026-12-04T08:00:00Z")  # some went out, and no run has looked since
    live = tuple(workspace.live())

    result = moved(workspace)
    assert result.code == 0, result.out[-2000:] + result.err[-2000:]
    assert f"Found {owned:,} of {owned:,} entries" in result.out
    assert "The next plan is empty." in result.out
    assert tuple(workspace.live()) == live
    assert received(workspace) == {"query"}, "no mutation was sent"

    summary = workspace.summary()
    assert set(summary) == {"unchanged", "published"}
    assert sum(summary.values()) == owned
    with workspace.world as world:
        asked = sum(n for name, n in world.requests().received.items() if "query" in name)
    assert asked < FEW
