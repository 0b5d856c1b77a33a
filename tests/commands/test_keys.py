"""A run without a key: what it plans, what it cannot know, and why the key may be missing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.commands.workspace_dir import WorkspaceDir, post, workspace_yaml

VARIABLES = {"buffer-graphql": "BUFFER_API_KEY", "buffer": "BUFFER_ACCESS_TOKEN"}
WHY = {
    "GITLAB_CI": "A protected variable does not reach the pipelines of branches that are not",
    "GITHUB_ACTIONS": "A pull request from a fork or from Dependabot gets no secret",
    "": "Give the job a key that may read.",
}


def workspace_of(folder: Path, provider: str, **environ: str) -> WorkspaceDir:
    workspace = WorkspaceDir(folder, environ)
    workspace.write("plancast.yaml", workspace_yaml(provider=provider))
    workspace.write("a.yaml", post(at="2036-12-01 09:30"))
    return workspace


def words(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("empty", [False, True], ids=["no variable", "an empty one"])
@pytest.mark.parametrize("forge", WHY)
@pytest.mark.parametrize("provider", VARIABLES)
def test_a_plan_for_lack_of_a_key_says_so(
    provider: str, forge: str, empty: bool, tmp_path: Path
) -> None:
    name = VARIABLES[provider]
    environ = {**({forge: "true"} if forge else {}), **({name: " "} if empty else {})}
    workspace = workspace_of(tmp_path, provider, **environ)
    for form in ("human", "markdown", "html"):
        done = workspace.run("plan", "--offline", "--format", form)
        assert done.code == 0, done.err
        assert f"the environment has no {name}" in words(done.out)
        assert "1 to create" in done.out
    (found,) = (i for i in workspace.plan("--offline")["diagnostics"] if i["code"] == "PC813")
    assert found["severity"] == "warning"
    assert WHY[forge] in found["hint"]
    checked = workspace.run("doctor")
    assert checked.code == 1
    assert f"the environment has no {name}" in words(checked.out)
    assert WHY[forge] in words(checked.out)


def test_with_a_key_an_offline_plan_was_asked_for(tmp_path: Path) -> None:
    for provider, name in VARIABLES.items():
        workspace = replace(workspace_of(tmp_path, provider), environ={name: "a-key-0123456789"})
        assert "PC813" not in workspace.run("plan", "--offline").codes


def test_the_sandbox_needs_none(tmp_path: Path) -> None:
    workspace = WorkspaceDir.tiny(tmp_path, a=post())
    assert workspace.run("plan", "--offline").codes == ["PC628"], (
        "there is no state, and no key is missed"
    )
