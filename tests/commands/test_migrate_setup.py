"""`migrate`: plancast.yaml, who is who, and the wire."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from plancast.app.console import Console
from plancast.app.context import Runtime
from plancast.commands.migrate import nothing_is_sent
from plancast.model.exit_codes import ExitCode
from plancast.model.workspace import ProviderSettings
from plancast.sandbox import SandboxServer
from plancast.sandbox.world import World
from tests.commands.crossing import DOORS, channels, made, migrate, moved, settings_and_state
from tests.commands.workspace_dir import LINKEDIN, SANDBOX, WorkspaceDir, X, post, workspace_yaml


@pytest.fixture
def workspace(tmp_path: Path) -> WorkspaceDir:
    return made(tmp_path)


# -- plancast.yaml --------------------------------------------------------------------------------

BIRD = f"  x: {{id: {X}}}  # the bird\n"
EDITS = {
    "options in braces": (SANDBOX, SANDBOX.replace("}", ", api: graphql}")),
    "options on lines": (
        f"\n  name: sandbox  # for now\n  clock: {SANDBOX.split()[-1].strip('}')}",
        f"\n  name: sandbox  # for now\n  clock: {SANDBOX.split()[-1].strip('}')}\n  api: graphql",
    ),
    "the other api named": (
        SANDBOX.replace("}", ", api: v1}"),
        SANDBOX.replace("}", ", api: graphql}"),
    ),
}


@pytest.mark.parametrize("case", EDITS)
@pytest.mark.parametrize("form", ["{}", "\ufeff{}", "{} CRLF"])
def test_only_what_must_change_changes_in_the_file(tmp_path: Path, case: str, form: str) -> None:
    before, after = EDITS[case]

    def shaped(provider: str) -> bytes:
        text = workspace_yaml(provider=provider).replace("  x: {service: twitter}\n", BIRD)
        text = f"# ours\n{text}"
        return (text.replace("\n", "\r\n") if "CRLF" in form else text).encode(
            "utf-8-sig" if form.startswith("\ufeff") else "utf-8"
        )

    workspace = WorkspaceDir(tmp_path)
    (tmp_path / "plancast.yaml").write_bytes(shaped(before))
    workspace.write("a.yaml", post())
    assert workspace.apply().code == 0
    with workspace.person() as world:
        world.set_setting("graphql_ids", "other")
    shown = migrate(workspace, stdin="no\n")
    assert f"-{BIRD.rstrip()}" in shown.out.replace("␍", "")
    assert moved(workspace).code == 0
    channel = next(
        it["id"]
        for it in workspace.run("profiles", "--format", "json").json
        if it["service"] == "twitter"
    )
    assert (tmp_path / "plancast.yaml").read_bytes().decode() == shaped(after).decode().replace(
        X, channel
    )


def test_a_provider_without_options_gets_some(tmp_path: Path) -> None:
    text = workspace_yaml(provider="sandbox  # local").replace("timezone", "# when\ntimezone")
    workspace = WorkspaceDir(tmp_path)
    workspace.write("plancast.yaml", text)
    assert moved(workspace).code == 0
    wanted = "provider:  # local\n  name: sandbox\n  api: graphql"
    assert (tmp_path / "plancast.yaml").read_text() == text.replace(
        "provider: sandbox  # local", wanted
    )


def test_a_file_that_nobody_can_edit_is_said_to_the_last_word(tmp_path: Path) -> None:
    workspace = WorkspaceDir.tiny(tmp_path)
    workspace.edit("plancast.yaml", "policy: {}", "defaults: &d {tags: [a]}\npolicy: {}")
    result = moved(workspace)
    assert (result.code, result.codes) == (ExitCode.ERROR, ["PC007"])
    assert "`provider.api: graphql`" in " ".join(result.err.split())
    workspace.edit("plancast.yaml", "{name: sandbox,", "{name: sandbox, api: graphql,")
    assert moved(workspace).code == 0


def test_what_is_to_be_written_by_hand_is_written_as_yaml(tmp_path: Path) -> None:
    workspace = WorkspaceDir(tmp_path)
    workspace.write("plancast.yaml", workspace_yaml(provider="&p sandbox"))
    result = moved(workspace)
    assert (result.code, result.codes) == (ExitCode.ERROR, ["PC007"])
    assert "`provider: {name: sandbox, api: graphql}`" in " ".join(result.err.split())


def test_a_file_that_is_read_only_stops_all_of_it(workspace: WorkspaceDir) -> None:
    (workspace.folder / "plancast.yaml").chmod(0o444)
    before = settings_and_state(workspace)
    result = moved(workspace)
    assert (result.code, result.codes) == (ExitCode.ERROR, ["PC007"])
    assert settings_and_state(workspace) == before


def test_a_file_that_cannot_be_written_after_all_is_told_with_what_was(tmp_path: Path) -> None:
    workspace = made(tmp_path, a=post(DOORS))
    file, aside = tmp_path / "plancast.yaml", tmp_path / ".aside"
    aside.mkdir()
    long = aside / f"{'long' * 62}.yaml"  # no name is left for what is written beside it
    file.rename(long)
    file.symlink_to(long)
    result = moved(workspace)
    assert (result.code, result.codes) == (ExitCode.ERROR, ["PC007"])
    assert "The state is written." in result.err
    assert workspace.run("plan").codes == ["PC615"]
    long.rename(aside / "short.yaml")
    file.unlink()
    file.symlink_to(aside / "short.yaml")
    assert moved(workspace).code == 0
    assert workspace.summary() == {"unchanged": 1}


def test_a_provider_that_is_none_of_ours_has_no_other_side(tmp_path: Path) -> None:
    workspace = WorkspaceDir.tiny(tmp_path, provider="buffer-fax")
    result = moved(workspace)
    assert (result.code, result.codes) == (ExitCode.ERROR, ["PC809"])


# -- profiles -------------------------------------------------------------------------------------


@pytest.fixture
def unclear(tmp_path: Path) -> WorkspaceDir:
    """Nothing but an id is known of `x`, as after an import; the other API has another."""
    workspace = made(tmp_path, a=post(DOORS))
    workspace.edit("plancast.yaml", "{service: twitter}", f"{{id: {X}}}")
    document = json.loads(workspace.state_file.read_bytes())
    workspace.state_file.write_text(json.dumps(document | {"profiles": []}), encoding="utf-8")
    return workspace


def test_an_unclear_profile_is_listed_and_nothing_is_written(unclear: WorkspaceDir) -> None:
    before = settings_and_state(unclear)
    result = moved(unclear)
    assert (result.code, result.codes) == (ExitCode.ERROR, ["PC812"])
    assert "x (" in result.err
    assert settings_and_state(unclear) == before


def test_an_unclear_profile_can_be_named(unclear: WorkspaceDir) -> None:
    twitter = channels(unclear)["twitter"]
    assert moved(unclear, "--profile", f"x={twitter}").code == 0
    assert f"x: {{id: {twitter}}}" in (unclear.folder / "plancast.yaml").read_text()
    assert unclear.summary() == {"unchanged": 1}


def test_whoever_is_there_is_asked_for_a_number(unclear: WorkspaceDir) -> None:
    shown = migrate(unclear).err
    number = next(line.split(":")[0].strip() for line in shown.splitlines() if ": twitter " in line)
    assert migrate(unclear, stdin=f"{number}\nyes\n").code == 0
    assert unclear.summary() == {"unchanged": 1}


WRONG = {
    "an alias that is none": (("--profile", "y=1"), "PC301"),
    "a channel that is none": (("--profile", "x=1"), "PC812"),
    "no pair": (("--profile", "x"), "PC203"),
    "said twice": (("--match", "a@x=1", "--match", "a@x=2"), "PC203"),
    "no address": (("--match", "a=1"), "PC607"),
    "no post": (("--match", "doors@x=1"), "PC616"),
    "an address that is none": (("--match", "doors@y=1"), "PC616"),
    "nothing in doubt": (("--forget", "doors@*"), "PC607"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_is_refused(workspace: WorkspaceDir, case: str) -> None:
    before = settings_and_state(workspace)
    args, code = WRONG[case]
    result = moved(workspace, *args)
    assert (result.code, result.codes) == (ExitCode.ERROR, [code])
    assert settings_and_state(workspace) == before


# -- over the network, and the day on which v1 ends -----------------------------------------------


@contextmanager
def served(folder: Path) -> Iterator[tuple[WorkspaceDir, WorkspaceDir, World]]:
    """One workspace seen with the token of v1, and with the key of the other API."""
    workspace = WorkspaceDir(folder)
    workspace.write("plancast.yaml", workspace_yaml(provider="buffer"))
    workspace.write("a.yaml", post(DOORS, "2027-01-11 09:30"))
    with World() as world:
        switches = {"graphql_ids": "other", "graphql_windows": ""}
        clock = "2026-11-30T08:00:00Z"
        world.reset({"rate_limit": {"requests": 0}, "clock": clock, "switches": switches})
        with SandboxServer(world) as server:
            base = server.url.removesuffix("/1")
            old = {"PLANCAST_API_URL": f"{base}/1", "BUFFER_ACCESS_TOKEN": "sandbox-token"}
            new = {"PLANCAST_API_URL": base, "BUFFER_API_KEY": "sandbox-token"}
            yield replace(workspace, environ=old), replace(workspace, environ=new), world


def test_with_a_key_alone_a_workspace_moves_to_the_current_api(tmp_path: Path) -> None:
    skewed = "--allow-clock-skew"
    with served(tmp_path) as (old, new, world):
        assert old.apply(skewed).code == 0
        result = moved(new)
        assert "Found 1 of 1 entry: 1 by text and time." in result.out, result.err
        plan = new.run("plan", skewed, "--format", "json")
        assert plan.json["summary"]["unchanged"] == 1
        text = (tmp_path / "plancast.yaml").read_text()
        assert "provider:\n  name: buffer-graphql\n  organization: " in text
        names = world.requests().received
        assert not [name for name in names if name.startswith("mutation")]
        assert moved(old).out.startswith("Nothing to migrate"), "needs no key to know"


def test_an_organization_that_is_none_is_told(tmp_path: Path) -> None:
    with served(tmp_path) as (old, new, _):
        assert old.apply("--allow-clock-skew").code == 0
        before = settings_and_state(old)
        result = moved(new, "--organization", "4eb854340acb04e8700000ff")
        assert (result.code, result.codes) == (ExitCode.ERROR, ["PC811"])
        assert "`--organization ID`" in result.err
        assert settings_and_state(old) == before


def test_v1_says_when_it_ends(tmp_path: Path) -> None:
    with served(tmp_path) as (old, _, _):
        shown = old.run("plan", "--allow-clock-skew")
        assert "PC810" in shown.codes
        assert "Buffer retires API v1 on 2027-02-01" in shown.out
        checks = {it["check"]: it for it in old.run("doctor", "--format", "json").json}
        assert checks["api"]["verdict"] == "warning"
        assert "2027-02-01" in checks["api"]["detail"]


def test_the_sandbox_never_ends(workspace: WorkspaceDir) -> None:
    assert "PC810" not in workspace.run("plan").out
    assert moved(workspace).code == 0
    assert "PC810" not in workspace.run("plan").out


def test_linkedin_is_where_it_was(workspace: WorkspaceDir) -> None:
    """An alias that fits as it stands is left as it is."""
    assert moved(workspace).code == 0
    assert "li: {service: linkedin}" in (workspace.folder / "plancast.yaml").read_text()
    assert {it.profile_id for it in workspace.live()} == {X, LINKEDIN}


def test_the_wire_of_a_migration_carries_no_change(tmp_path: Path) -> None:
    with served(tmp_path) as (old, new, world):
        assert old.apply("--allow-clock-skew").code == 0
        (made_there,) = world.snapshot()
        console = Console(io.StringIO(), io.StringIO(), io.StringIO())
        runtime = Runtime(tmp_path, new.environ, console)
        settings = ProviderSettings("buffer-graphql")
        connected = runtime.connect(settings=settings, root=tmp_path, fence=nothing_is_sent)
        with runtime.opened, pytest.raises(AssertionError, match="nothing"):
            connected.provider.delete(made_there.id)
        assert len(world.snapshot()) == 1
        assert not [name for name in world.requests().received if name.startswith("mutation")]
