"""`init` on a live account: which API, whose profiles, and what stands in plancast.yaml."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from plancast.model.exit_codes import ExitCode
from plancast.providers.sandbox import World
from plancast.sandbox import SandboxServer
from tests.commands.keyed import KEY, ORGANIZATIONS, SECRET, agency, keyed, listening
from tests.commands.workspace_dir import Result, WorkspaceDir, served

ACME, UMBRELLA = ORGANIZATIONS


def empty(folder: Path, environ: Mapping[str, str]) -> WorkspaceDir:
    folder.mkdir(exist_ok=True)
    return WorkspaceDir(folder, environ)


def settings(workspace: WorkspaceDir) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(
        (workspace.folder / "plancast.yaml").read_text("utf-8")
    )
    return document


def test_with_a_key_it_names_the_organization_and_takes_its_profiles(tmp_path: Path) -> None:
    with keyed(WorkspaceDir(tmp_path / "other")) as (online, world):
        workspace = empty(tmp_path / "new", online.environ)
        begun = workspace.run("init")
        assert begun.code == ExitCode.DONE, begun.err
        provider = settings(workspace)["provider"]
        assert set(provider) == {"name", "organization"}
        assert provider["name"] == "buffer-graphql"
        assert f"organization {provider['organization']}" in workspace.run("doctor").out
        listed = workspace.run("profiles", "--format", "json").json
        assert {item["id"] for item in listed} == {item.id for item in world.profiles()}
        assert None not in {item["alias"] for item in listed}
        assert "PC810" not in begun.err
        assert workspace.summary() == {}
    assert all(SECRET.encode() not in content for content in workspace.files().values())


def test_each_workspace_gets_an_id_that_stays(tmp_path: Path) -> None:
    ids = set()
    for number in range(20):
        workspace = empty(tmp_path / str(number), {})
        assert workspace.run("init").code == ExitCode.DONE
        text = (workspace.folder / "plancast.yaml").read_text(encoding="utf-8")
        assert workspace.run("fmt").code == ExitCode.DONE
        assert (workspace.folder / "plancast.yaml").read_text(encoding="utf-8") == text
        ids.add(settings(workspace)["workspace"])
    assert len(ids) == 20
    assert all(re.fullmatch("[a-z][a-z2-7]{9}", one) for one in ids), ids


@pytest.mark.parametrize("word", ["''", "-a", "a b", "5", "a/b", "é", "x" * 65, '"a\\n"', "[a]"])
def test_an_id_is_one_plain_word(tmp_path: Path, word: str) -> None:
    workspace = WorkspaceDir.tiny(tmp_path)
    workspace.edit("plancast.yaml", "version: 1\n", f"version: 1\nworkspace: {word}\n")
    refused = workspace.run("validate")
    assert refused.code == ExitCode.ERROR
    assert "plancast.yaml:2:" in refused.err


def test_the_first_post_is_for_networks_that_take_a_text_alone(tmp_path: Path) -> None:
    services = ["instagram", "youtube", "pinterest", "tiktok", "linkedin", "threads"]
    profiles = [{"service": name} for name in services]
    with keyed(WorkspaceDir(tmp_path / "other"), profiles=profiles) as (online, _):
        workspace = empty(tmp_path / "new", online.environ)
        assert workspace.run("init").code == ExitCode.DONE
        checked = workspace.run("validate")
    assert checked.code == ExitCode.DONE, checked.err
    chosen = settings(workspace)["profiles"]
    hello = yaml.safe_load((workspace.folder / "posts/hello.yaml").read_text(encoding="utf-8"))
    assert [chosen[alias]["service"] for alias in hello["profiles"]] == ["linkedin", "threads"]


def test_for_a_ci_it_names_the_secret(tmp_path: Path) -> None:
    with keyed(WorkspaceDir(tmp_path / "other")) as (online, _):
        workspace = empty(tmp_path / "new", online.environ)
        (workspace.folder / ".git").mkdir()
        begun = workspace.run("init", "--ci", "github")
    assert begun.code == ExitCode.DONE, begun.err
    assert "add BUFFER_API_KEY to the secrets of the repository" in begun.err
    assert settings(workspace)["state"] == {"backend": "git"}


def test_the_first_post_goes_out_over_it(tmp_path: Path) -> None:
    with keyed(WorkspaceDir(tmp_path / "other")) as (online, world):
        workspace = empty(tmp_path / "new", online.environ)
        assert workspace.run("init").code == ExitCode.DONE
        hello = workspace.folder / "posts" / "hello.yaml"
        text = hello.read_text(encoding="utf-8").replace("status: draft", "status: ready")
        hello.write_text(text, encoding="utf-8")
        done = workspace.apply()
        assert done.code == ExitCode.DONE, done.err
        assert len(world.snapshot()) == 2
        assert workspace.summary() == {"unchanged": 2}


def test_with_a_token_of_v1_alone_it_says_until_when(tmp_path: Path) -> None:
    with served(WorkspaceDir(tmp_path / "other")) as (online, _):
        workspace = empty(tmp_path / "new", online.environ)
        begun = workspace.run("init")
    assert begun.code == ExitCode.DONE, begun.err
    assert settings(workspace)["provider"] == "buffer"
    assert begun.codes == ["PC810"]
    assert "2027-02-01" in begun.err


BOTH = {"BUFFER_API_KEY": KEY, "BUFFER_ACCESS_TOKEN": KEY}
CHOICES: dict[str, tuple[Mapping[str, str], tuple[str, ...], str]] = {
    "nothing at hand": ({}, (), "sandbox"),
    "blanks are nothing": ({"BUFFER_API_KEY": " ", "BUFFER_ACCESS_TOKEN": ""}, (), "sandbox"),
    "the sandbox all the same": (BOTH, ("--provider", "sandbox"), "sandbox"),
    "a key goes before a token": (BOTH, (), "buffer-graphql"),
    "a blank key does not": ({**BOTH, "BUFFER_API_KEY": " "}, (), "buffer"),
    "v1 by its name": (BOTH, ("--provider", "buffer"), "buffer"),
    "and the other": (BOTH, ("--provider", "buffer-graphql"), "buffer-graphql"),
}


@pytest.mark.parametrize("case", CHOICES)
def test_which_api_it_takes(tmp_path: Path, case: str) -> None:
    environ, flags, wanted = CHOICES[case]
    with World() as world:
        world.reset({"rate_limit": {"requests": 0}, "account": {"token": KEY}})
        with SandboxServer(world) as server:
            base = server.url if wanted == "buffer" else server.url.removesuffix("/1")
            workspace = empty(tmp_path / "new", {**environ, "PLANCAST_API_URL": base})
            begun = workspace.run("init", *flags)
    assert begun.code == ExitCode.DONE, begun.err
    provider = settings(workspace)["provider"]
    assert (provider if isinstance(provider, str) else provider["name"]) == wanted


@pytest.mark.parametrize("name", ["buffer-graphql", "buffer"])
def test_without_the_right_variable_nothing_is_written(tmp_path: Path, name: str) -> None:
    workspace = empty(tmp_path / "new", {})
    result = workspace.run("init", "--provider", name)
    assert (result.code, result.codes) == (ExitCode.ERROR, ["PC802"])
    assert workspace.files() == {}


# -- several organizations ----


def begin(folder: Path, *flags: str, answer: str = "") -> tuple[WorkspaceDir, Result]:
    with listening(agency) as ear:
        workspace = empty(folder / "new", {"BUFFER_API_KEY": KEY, "PLANCAST_API_URL": ear.url})
        return workspace, workspace.run("init", *flags, stdin=answer)


@pytest.mark.parametrize("answer", [f"{UMBRELLA}\n", "2\n", f"  {UMBRELLA}  \n"])
def test_of_several_organizations_one_is_asked_for(tmp_path: Path, answer: str) -> None:
    workspace, begun = begin(tmp_path, answer=answer)
    assert begun.code == ExitCode.DONE, begun.err
    assert settings(workspace)["provider"] == {"name": "buffer-graphql", "organization": UMBRELLA}
    assert list(settings(workspace)["profiles"].values()) == [
        {"id": "2" * 23 + "f", "service": "mastodon"}
    ]
    assert "Acme" in begun.err
    assert "Umbrella" in begun.err
    assert "\x1b" not in begun.err


def test_or_named(tmp_path: Path) -> None:
    workspace, begun = begin(tmp_path, "--organization", ACME)
    assert begun.code == ExitCode.DONE, begun.err
    assert settings(workspace)["provider"]["organization"] == ACME


@pytest.mark.parametrize("answer", ["", "\n", "3\n", "0\n", "-1\n", "Acme\n", "yes\n", "²\n"])
def test_without_a_choice_they_are_listed_and_nothing_is_written(
    tmp_path: Path, answer: str
) -> None:
    workspace, begun = begin(tmp_path, answer=answer)
    assert (begun.code, begun.codes) == (ExitCode.ERROR, ["PC811"])
    assert ACME in begun.err
    assert UMBRELLA in begun.err
    assert "--organization" in begun.err
    assert workspace.files() == {}


def test_an_organization_that_the_key_does_not_reach(tmp_path: Path) -> None:
    workspace, begun = begin(tmp_path, "--organization", "3" * 24)
    assert (begun.code, begun.codes) == (ExitCode.ERROR, ["PC811"])
    assert workspace.files() == {}


@pytest.mark.parametrize("name", ["sandbox", "buffer"])
def test_an_organization_is_of_one_api_only(tmp_path: Path, name: str) -> None:
    workspace = empty(tmp_path / "new", BOTH)
    result = workspace.run("init", "--provider", name, "--organization", ACME)
    assert (result.code, result.codes) == (ExitCode.ERROR, ["PC201"])
    assert workspace.files() == {}


def test_a_workspace_without_the_organization_names_them(tmp_path: Path) -> None:
    with listening(agency) as ear:
        workspace = empty(tmp_path / "new", {"BUFFER_API_KEY": KEY, "PLANCAST_API_URL": ear.url})
        workspace.write("plancast.yaml", "version: 1\nprovider: buffer-graphql\nprofiles: {}\n")
        result = workspace.run("profiles")
    assert (result.code, result.codes) == (ExitCode.ERROR, ["PC811"])
    assert ACME in result.err
    assert UMBRELLA in result.err
