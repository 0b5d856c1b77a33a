"""Accounts whose limit differs from that of their network: every command judges by the account."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.commands.workspace_dir import NOW, WorkspaceDir, post

MASTODON, X = "5f0c1e2d3b4a596877665510", "5f0c1e2d3b4a596877665511"
WORLD: dict[str, Any] = {
    "clock": NOW,
    "rate_limit": {"requests": 0},
    "profiles": [
        {
            "id": MASTODON,
            "service": "mastodon",
            "service_username": "acme@tech.example",
            "extras": {"max_characters": 2000},
        },
        {
            "id": X,
            "service": "twitter",
            "service_username": "acme",
            "extras": {"subscription_type": "Premium"},
        },
    ],
}
LONG = "w" * 999
SELECTORS = {
    "by network": "x: {service: twitter}\n  m: {service: mastodon}",
    "by id": f"x: {{id: {X}}}\n  m: {{id: {MASTODON}}}",
    "by both": f"x: {{service: twitter, id: {X}}}\n  m: {{service: mastodon, id: {MASTODON}}}",
}


def made(
    folder: Path, limits: dict[str, Any] | None = None, selectors: str = "by network"
) -> WorkspaceDir:
    """A workspace over the current API, with a Mastodon server and an X subscription."""
    workspace = WorkspaceDir(folder)
    profiles = [{**one, "extras": {**one["extras"], **(limits or {})}} for one in WORLD["profiles"]]
    workspace.write("world.json", json.dumps({**WORLD, "profiles": profiles}))
    workspace.write(
        "plancast.yaml",
        "version: 1\ntimezone: Europe/Berlin\ncontent: posts\n"
        f"provider: {{name: sandbox, api: graphql, clock: {NOW}, seed: world.json}}\n"
        f"profiles:\n  {SELECTORS[selectors]}\n",
    )
    return workspace


@pytest.fixture
def workspace(tmp_path: Path) -> WorkspaceDir:
    return made(tmp_path)


def write(workspace: WorkspaceDir, text: str = LONG, on: str = "x, m") -> None:
    workspace.write("posts/long.yaml", post(text, on=on))


@pytest.mark.parametrize("selectors", SELECTORS)
def test_a_long_text_goes_all_the_way(tmp_path: Path, selectors: str) -> None:
    workspace = made(tmp_path, selectors=selectors)
    write(workspace)
    for command in (("validate",), ("plan",), ("pull",), ("status",), ("preview",)):
        result = workspace.run(*command)
        assert result.errors == [], command
    assert workspace.apply().code == 0
    assert workspace.texts() == [LONG, LONG]
    assert workspace.summary() == {"unchanged": 2}
    assert workspace.run("status").code == 0
    assert workspace.run("pull", "--auto-approve").code == 0


def test_without_a_look_at_the_account_the_usual_limit_warns(workspace: WorkspaceDir) -> None:
    write(workspace)
    result = workspace.run("validate")
    assert (result.code, result.codes) == (0, ["PC520", "PC520"])
    assert "mastodon: 999 of 500" in result.out + result.err
    offline = workspace.run("plan", "--offline")
    assert offline.code == 0
    assert "PC520" in offline.codes


def test_what_an_apply_saw_is_remembered(workspace: WorkspaceDir) -> None:
    write(workspace, "Hello.")
    assert workspace.apply().code == 0
    write(workspace)
    assert workspace.run("validate").codes == []
    assert workspace.run("plan", "--offline").codes == []
    write(workspace, "w" * 2001, "m")
    assert workspace.run("validate").errors == ["PC501"]
    assert workspace.run("plan", "--offline").errors == ["PC501"]


def test_what_an_import_saw_is_remembered(workspace: WorkspaceDir) -> None:
    with workspace.person() as world:
        world.reset({**WORLD, "posts": [{"profile": MASTODON, "text": LONG}]})
    imported = workspace.run("import", "--auto-approve")
    assert imported.code == 0
    assert "1 entry becomes 1 file in" in imported.out + imported.err
    assert workspace.run("validate").codes == []
    assert workspace.run("plan", "--offline").codes == []
    assert workspace.summary() == {"unchanged": 1}


def test_a_state_that_was_written_before_knows_no_limit(workspace: WorkspaceDir) -> None:
    """A missing key of the state means that the limit is unknown, not that there is none."""
    write(workspace, "Hello.")
    assert workspace.apply().code == 0
    state = json.loads(workspace.state_file.read_text())
    assert [one.pop("text_limit") for one in state["profiles"]] == [2000, 25_000]
    workspace.state_file.write_text(json.dumps(state))
    write(workspace)
    assert workspace.run("validate").codes == ["PC520", "PC520"]
    assert workspace.run("plan", "--offline").errors == []


def test_a_lower_limit_holds_as_well(tmp_path: Path) -> None:
    workspace = made(tmp_path, {"max_characters": 140, "subscription_type": "none"})
    write(workspace, "w" * 141, "m")
    assert workspace.run("validate").codes == []
    for command in (("plan",), ("pull",), ("apply", "--auto-approve")):
        assert workspace.run(*command).errors == ["PC501"], command
    write(workspace, "w" * 140, "m")
    assert workspace.apply().code == 0
    write(workspace, "w" * 141, "m")
    assert workspace.run("validate").errors == ["PC501"], "the state remembers it"


def raised(folder: Path, length: int) -> WorkspaceDir:
    """A Buffer that says of LinkedIn that it takes texts of this length."""
    provider = f"{{name: sandbox, api: graphql, clock: {NOW}}}"
    workspace = WorkspaceDir.tiny(folder, provider=provider)
    with workspace.person() as world:
        world.set_setting("character_limits", {"linkedin": length})
    return workspace


def test_a_limit_that_buffer_raises_holds_and_is_remembered(tmp_path: Path) -> None:
    workspace = raised(tmp_path, 4000)
    workspace.write("long.yaml", post("w" * 4000, on="li"))
    assert workspace.run("validate").errors == ["PC501"], "no run has asked Buffer yet"
    plan = workspace.plan()
    assert plan["changes"][0]["profile"]["text_limit"] == 4000
    assert workspace.apply().code == 0
    assert workspace.run("validate").errors == []
    assert workspace.run("plan", "--offline").errors == []
    workspace.write("long.yaml", post("w" * 4001, on="li"))
    for command in (("validate",), ("plan",), ("plan", "--offline")):
        assert workspace.run(*command).errors == ["PC501"], command


def test_what_buffer_says_lowers_no_limit(tmp_path: Path) -> None:
    workspace = raised(tmp_path, 100)
    workspace.write("long.yaml", post("w" * 3000, on="li"))
    assert workspace.run("plan").errors == []
    workspace.write("long.yaml", post("w" * 3001, on="li"))
    assert workspace.run("plan").errors == ["PC501"]


def test_buffer_is_asked_for_its_rules_only_if_a_text_is_too_long(tmp_path: Path) -> None:
    workspace = raised(tmp_path, 4000)
    for length, asked in ((3000, 0), (3001, 1)):
        workspace.write("long.yaml", post("w" * length, on="li"))
        assert workspace.run("plan").code == 0
        with workspace.person() as world:
            received = world.requests().received
        assert received.get("query configuration", 0) == asked


def test_more_than_any_account_may_have_is_an_error_at_once(workspace: WorkspaceDir) -> None:
    write(workspace, "w" * 25_001, "x")
    assert workspace.run("validate").errors == ["PC501"]
    write(workspace, "w" * 25_000, "x")
    assert workspace.run("validate").errors == []


def test_a_state_that_cannot_be_read_is_no_trouble_for_validate(workspace: WorkspaceDir) -> None:
    write(workspace)
    workspace.write(".plancast/state.json", "{")
    result = workspace.run("validate")
    assert (result.code, result.codes) == (0, ["PC520", "PC520"])


def test_the_counters_show_the_limit_that_was_checked(workspace: WorkspaceDir) -> None:
    write(workspace)
    plan = workspace.plan()
    limits = {
        change["profile"]["alias"]: change["profile"]["text_limit"] for change in plan["changes"]
    }
    assert limits == {"m": 2000, "x": 25_000}
    assert workspace.run("plan", "-o", "saved.json").code == 0
    shown = workspace.run("show", "saved.json", "--format", "markdown").out
    for view in (workspace.run("plan", "--format", "markdown").out, shown):
        assert "999/2,000" in view
        assert "999/25,000" in view
        assert "⚠️" not in view
    page = workspace.run("plan", "--format", "html").out
    assert "2,000" in page
    assert "25,000" in page


def test_after_an_import_of_long_texts_the_next_plan_is_empty(workspace: WorkspaceDir) -> None:
    with workspace.person() as world:
        world.person_create(MASTODON, LONG, at="2026-12-01T08:30:00Z")
        world.person_create(X, LONG + "!", at="2026-12-01T08:30:00Z")
    result = workspace.run("import", "--auto-approve")
    assert result.code == 0, result.err
    assert workspace.summary() == {"unchanged": 2}
    assert workspace.run("plan", "--detailed-exitcode").code == 0
    assert workspace.run("validate").errors == []
