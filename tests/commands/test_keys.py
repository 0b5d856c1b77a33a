"""A run without a key: what it plans, what it cannot know, and why the key may be missing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.commands.desk import Desk, post, workspace

VARIABLES = {"buffer-graphql": "BUFFER_API_KEY", "buffer": "BUFFER_ACCESS_TOKEN"}
WHY = {
    "GITLAB_CI": "A protected variable does not reach the pipelines of branches that are not",
    "GITHUB_ACTIONS": "A pull request from a fork or from Dependabot gets no secret",
    "": "Give the job a key that may read.",
}


def desk_of(folder: Path, provider: str, **environ: str) -> Desk:
    desk = Desk(folder, environ)
    desk.write("plancast.yaml", workspace(provider=provider))
    desk.write("a.yaml", post(at="2036-12-01 09:30"))
    return desk


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
    desk = desk_of(tmp_path, provider, **environ)
    for form in ("human", "markdown", "html"):
        done = desk.run("plan", "--offline", "--format", form)
        assert done.code == 0, done.err
        assert f"the environment has no {name}" in words(done.out)
        assert "1 to create" in done.out
    (found,) = (i for i in desk.plan("--offline")["diagnostics"] if i["code"] == "PC813")
    assert found["severity"] == "warning"
    assert WHY[forge] in found["hint"]
    checked = desk.run("doctor")
    assert checked.code == 1
    assert f"the environment has no {name}" in words(checked.out)
    assert WHY[forge] in words(checked.out)


def test_with_a_key_an_offline_plan_was_asked_for(tmp_path: Path) -> None:
    for provider, name in VARIABLES.items():
        desk = replace(desk_of(tmp_path, provider), environ={name: "a-key-0123456789"})
        assert "PC813" not in desk.run("plan", "--offline").codes


def test_the_sandbox_needs_none(tmp_path: Path) -> None:
    desk = Desk.tiny(tmp_path, a=post())
    assert desk.run("plan", "--offline").codes == ["PC628"], (
        "there is no state, and no key is missed"
    )
