"""The files that plancast keeps or was asked for: their modes, their bounds, and a full disk."""

from __future__ import annotations

import fcntl
import os
import shutil
from pathlib import Path

import pytest

from plancast.model.exit_codes import ExitCode
from tests.commands.workspace_dir import WorkspaceDir, applied, post, workspace_yaml
from tests.files.obstacles import modes
from tests.forges.stand_in import GitHubStandIn, serving

APPLY = ("apply", "--auto-approve")
FULL = Path("/dev/full")

needs_full = pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")


@pytest.fixture(scope="module")
def pattern(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace that was applied, with an edit that waits."""
    workspace = applied(tmp_path_factory.mktemp("pattern") / "workspace", a=post("A."))
    workspace.edit("a.yaml", "A.", "A again.")
    return workspace.folder


@pytest.fixture
def workspace(pattern: Path, tmp_path: Path) -> WorkspaceDir:
    shutil.copytree(pattern, tmp_path / "workspace")
    return WorkspaceDir(tmp_path / "workspace")


# -- modes ----

MODES = {
    ".plancast": "0700",
    ".plancast/.gitignore": "0600",
    ".plancast/journal.jsonl": "0600",
    ".plancast/lock": "0600",
    ".plancast/state.json": "0600",
    ".plancast/state.json.backup": "0600",
    ".plancast/write.lock": "0600",
    ".plancast-sandbox": "0700",
    ".plancast-sandbox/.gitignore": "0600",
    ".plancast-sandbox/world.db": "0600",
    ".plancast-sandbox/world.lock": "0600",
    "events": "0600",
    "log": "0600",
    "page": "0644",
    "plan": "0600",
}


@pytest.mark.parametrize("mask", ["000", "022", "077"])
@pytest.mark.parametrize("loose", [False, True])
def test_what_holds_posts_is_open_to_nobody_else(tmp_path: Path, mask: str, loose: bool) -> None:
    """`loose`: an earlier version, or a person, had opened it to all."""
    workspace = WorkspaceDir.tiny(tmp_path / "workspace", a=post("A."))
    if loose:
        assert workspace.apply().code == 0
        for name in MODES:
            path = workspace.folder / name
            if path.exists() and not path.is_dir():
                path.chmod(0o666)
            elif path.exists():
                path.chmod(0o755)
        for name in ("events", "log", "page", "plan"):
            workspace.write(name, "").chmod(0o666)
        workspace.edit("a.yaml", "A.", "A again.")
    before = os.umask(int(mask, 8))
    try:
        assert workspace.run("plan", "-o", "plan").code == 0
        assert workspace.run("preview", "plan", "--out", "page").code == 0
        log = str(workspace.folder / "log")
        assert workspace.run("--log-file", log, "apply", "plan", "--json-into", "events").code == 0
    finally:
        os.umask(before)
    found = {
        name.removeprefix("workspace/"): mode
        for name, mode in modes(workspace.folder)
        if not name.endswith(".yaml") and name != "workspace"
    }
    assert found == MODES


# -- what a committed file says ----


def test_a_holder_is_shown_on_one_line_and_cut(workspace: WorkspaceDir) -> None:
    holder = workspace.folder / ".plancast" / "lock.holder"
    with (workspace.folder / ".plancast" / "lock").open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        holder.write_bytes(b"\x1b[2J::add-mask::x\n##[group]" + b"y" * 3000)
        result = workspace.run(*APPLY)
        assert (result.code, result.errors) == (ExitCode.LOCKED, ["PC605"])
        assert "\x1b" not in result.err
        assert "y" * 190 not in result.err
        assert "\n##[" not in result.err
        holder.write_bytes(b"z" * 5000)
        assert "zzz" not in workspace.run(*APPLY).err
        holder.unlink()
        holder.symlink_to(workspace.folder / "a.yaml")
        assert "another run holds it" in " ".join(workspace.run(*APPLY).err.split())


@pytest.mark.parametrize(("name", "code"), [("state.json", "PC601"), ("journal.jsonl", "PC603")])
def test_a_file_beyond_all_bounds_is_not_read(
    workspace: WorkspaceDir, name: str, code: str
) -> None:
    with (workspace.folder / ".plancast" / name).open("r+b") as file:
        file.truncate(2**40)
    for command in (("plan",), APPLY, ("state", "list")):
        result = workspace.run(*command)
        assert (result.code, result.errors) == (ExitCode.ERROR, [code])
        assert "larger than 256 MiB" in " ".join(result.err.split())


# -- a full disk ----


@needs_full
@pytest.mark.parametrize("command", [("plan", "-o"), ("preview", "--out")])
def test_a_result_that_does_not_fit_is_an_error(
    workspace: WorkspaceDir, command: tuple[str, ...]
) -> None:
    result = workspace.run(*command, str(FULL))
    assert (result.code, result.errors) == (ExitCode.ERROR, ["PC007"])
    assert "hint: Free some space." in result.err


@needs_full
def test_a_summary_that_does_not_fit_is_an_error(workspace: WorkspaceDir, tmp_path: Path) -> None:
    (workspace.folder / ".git").mkdir()
    workspace.run("plan", "-o", "plan.json")
    with serving(GitHubStandIn()) as forge:
        workspace.environ = forge.environ(tmp_path)
        result = workspace.run("comment", "plan.json", "--also", str(FULL))
    assert (result.code, result.errors) == (ExitCode.ERROR, ["PC007"])
    assert "hint: Free some space." in result.err


@needs_full
def test_a_log_that_does_not_fit_is_lost_and_the_run_goes_on(workspace: WorkspaceDir) -> None:
    result = workspace.run("--log-file", str(FULL), *APPLY)
    assert (result.code, result.codes, result.errors) == (ExitCode.DONE, ["PC007"], [])
    assert "the run went on without it" in result.err
    assert "hint: Free some space." in result.err
    assert "Traceback" not in result.err
    assert workspace.texts() == ["A again."]


def test_a_log_is_of_one_run(workspace: WorkspaceDir) -> None:
    log = workspace.folder / "log"
    assert workspace.run("--log-file", str(log), "plan").code == 0
    written = log.read_text(encoding="utf-8")
    assert "GET /profiles.json" in written
    assert workspace.run("plan").code == 0
    assert log.read_text(encoding="utf-8") == written
    assert workspace.run("--log-file", str(log), "plan").code == 0
    assert log.read_text(encoding="utf-8").startswith(written)


# -- no home ----


@pytest.mark.parametrize("home", ["relative", "/dev/null"])
def test_without_a_home_the_run_paces_itself(tmp_path: Path, home: str) -> None:
    provider = "{name: sandbox, rate_limit: {requests: 50, seconds: 60}}"
    workspace = WorkspaceDir(tmp_path, {"HOME": home, "XDG_STATE_HOME": ""})
    workspace.write("plancast.yaml", workspace_yaml(provider=provider))
    workspace.write("a.yaml", post(at="2030-01-31 09:30"))
    result = workspace.process(*APPLY)
    assert (result.code, result.codes) == (ExitCode.DONE, []), result.err
    assert not (tmp_path / home).is_dir()
