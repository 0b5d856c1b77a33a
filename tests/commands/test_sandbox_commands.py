"""The local Buffer from the command line: serve, reset, clock, fault."""

from __future__ import annotations

import re
import signal
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from plancast.model.exit_codes import ExitCode
from plancast.sandbox.faults import FaultKind
from tests.commands.workspace_dir import NOW, PATIENCE, WorkspaceDir, X, post, workspace_yaml

pytestmark = pytest.mark.part(4)


@pytest.fixture
def workspace(tmp_path: Path) -> WorkspaceDir:
    """One post in the queue."""
    workspace = WorkspaceDir.tiny(tmp_path, a=post("A."))
    assert workspace.apply().code == 0
    return workspace


# -- serve ----


@contextmanager
def serving(
    workspace: WorkspaceDir, provider: str = "buffer", flags: tuple[str, ...] = ()
) -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    """A sandbox in a process of its own, and the environment that it prints for a provider."""
    running = workspace.start(*flags, "sandbox", "serve", "--port", "0")
    try:
        assert running.stdout is not None
        exports: list[tuple[str, str]] = []
        while len(exports) < 4:
            line = running.stdout.readline()
            assert line, "it ended before it was ready"
            if match := re.fullmatch(r"\s+export (\w+)=(\S+)\n", line):
                exports.append((match[1], match[2]))
        yield running, dict(exports[:2] if provider == "buffer-graphql" else exports[2:])
    finally:
        running.kill()
        running.communicate()


@pytest.mark.parametrize("provider", ["buffer", "buffer-graphql"])
def test_what_serve_prints_is_enough_to_use_it_as_buffer(tmp_path: Path, provider: str) -> None:
    server = WorkspaceDir(tmp_path / "server")
    server.folder.mkdir()
    with serving(server, provider) as (_, environ):
        assert environ["PLANCAST_API_URL"].startswith("http://127.0.0.1:")
        client = WorkspaceDir(tmp_path / "client", environ)
        client.write("plancast.yaml", workspace_yaml(provider=provider))
        client.write("a.yaml", post("Over the wire.", "2030-01-31 09:30", on="x, li"))
        assert client.process("apply", "--auto-approve").code == 0
        assert client.process("plan", "--detailed-exitcode").code == 0
        with server.person() as world:  # another process may look at the same time
            texts = [item.content.text for item in world.snapshot()]
        assert texts == ["Over the wire.", "Over the wire."]
        assert not (client.folder / ".plancast-sandbox").exists()


def test_a_served_workspace_is_the_one_that_is_embedded(workspace: WorkspaceDir) -> None:
    with serving(workspace) as (_, environ):
        client = replace(workspace, environ=environ)
        listed = client.run("sandbox", "clock").out
        assert listed.startswith(NOW)
        world = workspace.live()
        assert [item.content.text for item in world] == ["A."]


@pytest.mark.parametrize("flags", [(), ("-v",), ("-v", "-q")])
def test_serve_logs_requests_only_if_it_is_asked_to(tmp_path: Path, flags: tuple[str, ...]) -> None:
    with serving(WorkspaceDir(tmp_path), flags=flags) as (running, environ):
        address = f"{environ['PLANCAST_API_URL']}/user.json?access_token=sandbox-token"
        with urllib.request.urlopen(address) as answer:
            assert answer.status == 200
        running.send_signal(signal.SIGTERM)
        _, err = running.communicate(timeout=PATIENCE)
    logged = r"GET /1/user\.json\?access_token=\[hidden\] 200 [0-9]+ ms\n"
    assert re.fullmatch(logged if flags == ("-v",) else "", err), err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serve_ends_in_order_when_it_is_asked_to(tmp_path: Path, number: signal.Signals) -> None:
    with serving(WorkspaceDir(tmp_path)) as (running, _):
        running.send_signal(number)
        code = running.wait(timeout=PATIENCE)
        assert code in (ExitCode.DONE, ExitCode.INTERRUPTED)
        _, err = running.communicate()
        assert "Traceback" not in err


def test_a_port_that_is_taken_is_an_error(tmp_path: Path) -> None:
    with serving(WorkspaceDir(tmp_path)) as (_, environ):
        port = environ["PLANCAST_API_URL"].split(":")[2].partition("/")[0]
        refused = WorkspaceDir(tmp_path).process("sandbox", "serve", "--port", port)
    assert (refused.code, refused.codes) == (ExitCode.ERROR, ["PC809"])
    assert port in refused.err


# -- reset ----


@pytest.mark.parametrize("answer", ["", "no\n", "y\n"])
def test_reset_asks_and_only_yes_will_do(workspace: WorkspaceDir, answer: str) -> None:
    refused = workspace.run("sandbox", "reset", stdin=answer)
    assert refused.code == ExitCode.ERROR
    assert workspace.texts() == ["A."]


def test_after_a_reset_the_world_is_new_and_its_clock_where_the_workspace_says(
    workspace: WorkspaceDir,
) -> None:
    workspace.run("sandbox", "clock", "+3d")
    workspace.run("sandbox", "fault", "lost_answer")
    assert workspace.run("sandbox", "reset", stdin="yes\n").code == 0
    assert workspace.live() == ()
    assert workspace.run("sandbox", "clock").out.startswith(NOW)
    assert "Nothing is armed" in workspace.run("sandbox", "fault").out
    assert workspace.requests() == {}


def test_after_a_reset_what_is_gone_is_seen_and_made_again(workspace: WorkspaceDir) -> None:
    workspace.run("sandbox", "reset", "--auto-approve")
    assert workspace.plan()["summary"]["drifted"] == 1
    assert workspace.apply().code == 0
    assert workspace.texts() == ["A."]


def test_a_seed_is_what_the_world_begins_with(workspace: WorkspaceDir) -> None:
    workspace.write("seed.json", f'{{"posts": [{{"profile": "{X}", "text": "Seeded."}}]}}')
    assert workspace.run("sandbox", "reset", "--auto-approve", "--seed", "seed.json").code == 0
    assert workspace.texts() == ["Seeded."]


SEEDS = {
    "it is not there": ("nowhere.json", "", "PC002"),
    "it leads outside": ("../seed.json", "", "PC004"),
    "it is no JSON": ("seed.json", "{", "PC002"),
    "it is no mapping": ("seed.json", "[]", "PC202"),
    "it has a key that is none": ("seed.json", '{"postings": []}', "PC203"),
    "it is YAML that constructs": ("seed.yaml", "posts: !!python/object:os.system {}", "PC002"),
}


@pytest.mark.parametrize("case", SEEDS)
def test_a_seed_that_cannot_be_planted_leaves_the_world_as_it_is(
    workspace: WorkspaceDir, case: str
) -> None:
    name, content, code = SEEDS[case]
    if content:
        workspace.write(name, content)
    result = workspace.run("sandbox", "reset", "--auto-approve", "--seed", name)
    assert (result.code, result.codes) == (ExitCode.ERROR, [code]), result.err
    assert workspace.texts() == ["A."]


# -- clock ----


def test_the_clock_stands_where_the_workspace_says(workspace: WorkspaceDir) -> None:
    assert workspace.run("sandbox", "clock").out == f"{NOW} (standing still)\n"


@pytest.mark.parametrize(
    ("move", "shows"),
    [
        ("+90s", "2026-11-30T08:01:30Z"),
        ("+2h", "2026-11-30T10:00:00Z"),
        ("+1d", "2026-12-01T08:00:00Z"),
        ("2026-12-24T18:00:00Z", "2026-12-24T18:00:00Z"),
        ("2026-12-24T18:00:00+01:00", "2026-12-24T17:00:00Z"),
        ("freeze", NOW),
    ],
)
def test_the_clock_moves_as_it_is_told(workspace: WorkspaceDir, move: str, shows: str) -> None:
    assert workspace.run("sandbox", "clock", move).out == f"{shows} (standing still)\n"
    assert workspace.run("sandbox", "clock").out == f"{shows} (standing still)\n"


def test_what_becomes_due_on_the_way_has_gone_out(workspace: WorkspaceDir) -> None:
    workspace.run("sandbox", "clock", "+2d")
    assert workspace.run("status", "--format", "json").json[0]["status"] == "published"


def test_a_clock_can_be_set_going(workspace: WorkspaceDir) -> None:
    assert "(running)" in workspace.run("sandbox", "clock", "run").out
    assert "(standing still)" in workspace.run("sandbox", "clock", "freeze").out


@pytest.mark.parametrize("move", ["tomorrow", "+2w", "+h", "+", "2026-13-01", "+-1h", "9" * 30])
def test_a_time_that_is_none_is_an_error_and_the_clock_stays(
    workspace: WorkspaceDir, move: str
) -> None:
    result = workspace.run("sandbox", "clock", move)
    assert (result.code, result.codes) == (ExitCode.ERROR, ["PC401"])
    assert "hint:" in result.err
    assert workspace.run("sandbox", "clock").out.startswith(NOW)


# -- fault ----


def test_faults_are_armed_listed_used_up_and_cleared(workspace: WorkspaceDir) -> None:
    assert "Nothing is armed" in workspace.run("sandbox", "fault").out
    armed = workspace.run("sandbox", "fault", "lost_answer", "--endpoint", "POST *", "--times", "2")
    assert armed.out == "lost_answer on POST *, after 0, 2 times\n"
    workspace.edit("a.yaml", "A.", "A again.")
    workspace.apply()
    assert "Nothing is armed" in workspace.run("sandbox", "fault").out
    workspace.run("sandbox", "fault", "rate_429", "--skip", "1", "--times", "0")
    assert "until cleared" in workspace.run("sandbox", "fault").out
    assert "Nothing is armed" in workspace.run("sandbox", "fault", "--clear").out


@pytest.mark.parametrize("api", ["v1", "graphql"])
def test_a_read_that_came_too_early_is_repeated(tmp_path: Path, api: str) -> None:
    workspace = WorkspaceDir.tiny(
        tmp_path, provider=f"{{name: sandbox, api: {api}, clock: {NOW}}}", a=post("A.")
    )
    assert workspace.run("sandbox", "fault", "rate_429", "--times", "2").code == 0
    assert workspace.run("plan", "--detailed-exitcode").code == 2
    assert "Nothing is armed" in workspace.run("sandbox", "fault").out


@pytest.mark.parametrize("kind", sorted(FaultKind))
def test_whatever_goes_wrong_once_the_queue_ends_as_the_files_say(
    tmp_path: Path, kind: FaultKind
) -> None:
    workspace = WorkspaceDir.tiny(tmp_path, a=post("A.", on="x, li"))
    armed = workspace.run(
        "sandbox", "fault", kind.value, "--endpoint", "POST *", "--seconds", "0.1"
    )
    assert armed.code == 0
    for _ in range(4):
        result = workspace.apply()
        assert result.code in (0, 1, 3, 6), result.err
        assert len(workspace.live()) <= 2
    assert result.code == 0, result.err
    assert workspace.texts() == ["A.", "A."]
    assert workspace.summary() == {"unchanged": 2}


@pytest.mark.parametrize(
    "args",
    [
        ("nonsense",),
        ("slow", "--times", "-1"),
        ("slow", "--skip", "-1"),
        ("slow", "--seconds", "nan"),
    ],
)
def test_a_fault_that_cannot_be_armed_is_an_error(
    workspace: WorkspaceDir, args: tuple[str, ...]
) -> None:
    result = workspace.run("sandbox", "fault", *args)
    assert result.code == ExitCode.ERROR
    assert "Nothing is armed" in workspace.run("sandbox", "fault").out


def test_the_kinds_are_told_where_nothing_is_armed(workspace: WorkspaceDir) -> None:
    listing = workspace.run("sandbox", "fault").out
    assert all(kind.value in listing for kind in FaultKind)


# -- without a workspace ----


def test_a_sandbox_needs_no_workspace(tmp_path: Path) -> None:
    workspace = WorkspaceDir(tmp_path)
    assert workspace.run("sandbox", "clock").code == 0
    assert workspace.run("sandbox", "fault", "slow").code == 0
    assert (tmp_path / ".plancast-sandbox").is_dir()


def test_a_database_that_is_none_is_an_error_and_is_left(workspace: WorkspaceDir) -> None:
    database = workspace.folder / ".plancast-sandbox" / "world.db"
    for leftover in database.parent.glob("world.db-*"):
        leftover.unlink()
    database.write_bytes(b"no database at all, whatever it was before" * 30)
    for command in (("plan",), ("sandbox", "clock"), ("apply", "--auto-approve")):
        result = workspace.run(*command)
        assert (result.code, result.codes) == (ExitCode.ERROR, ["PC809"])
    assert database.read_bytes().startswith(b"no database")
