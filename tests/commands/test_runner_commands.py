"""Files, queues and accounts that are full of runner commands: plancast repeats none of them."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.commands.workspace_dir import Result, WorkspaceDir, X, post, served, workspace_yaml
from tests.runners import github, obeyed
from tests.store.gits import ENVIRON, Remote, git

STOP = "::stop-commands::abc"
OLD = "##[stop-commands]abc"
FILE = f"{STOP}.yaml"
TEXTS = (
    f"{OLD}\n{STOP}\r##vso[task.setvariable variable=a]b\u2028{STOP}\nsection_start:1:a\r\x1b[0K"
)


def heard(*results: Result) -> list[object]:
    """Return the commands that a runner obeys in all that was printed."""
    return [found for result in results for found in obeyed(result.out) + obeyed(result.err)]


@pytest.fixture
def hostile(tmp_path: Path) -> WorkspaceDir:
    """A workspace whose files, names and posts are commands, and nothing of which is wrong."""
    workspace = WorkspaceDir.tiny(tmp_path, a=post(TEXTS.replace("\x1b", ""), on="li"))
    named = post(f"Fine.\n{STOP}", "2026-12-02 09:30", on="li", more=f'campaign: "{OLD}"\n')
    workspace.write(f"{STOP}/{FILE}", f'id: b\ntags: ["{STOP}"]\n{named}')
    return workspace


@pytest.fixture
def broken(tmp_path: Path) -> WorkspaceDir:
    """A workspace whose problems are about commands."""
    workspace = WorkspaceDir.tiny(tmp_path, a=post(on=f'"{STOP}"'))
    workspace.write(FILE, f"profiles: [x]\nschedule: \"{STOP}\"\n'{OLD}': 1\n")
    workspace.write("c.yaml", post(at=OLD))
    workspace.write("d.yaml", post(more=f'timezone: "{STOP}"\n'))
    workspace.write("e.yaml", f"{STOP}: [{OLD}\n")
    return workspace


READING = [
    ("plan",),
    ("-v", "plan"),
    ("plan", "--format", "json"),
    ("plan", "--format", "markdown"),
    ("plan", "--format", "html"),
    ("plan", "--target", f"{STOP}*"),
    ("plan", "--offline"),
    ("fmt", "--check"),
    ("-v", "fmt", FILE),
    ("profiles",),
    ("status",),
    ("status", "--format", "json"),
    ("status", OLD),
    ("doctor",),
    ("report",),
    ("state", "list"),
    ("state", "pull"),
    ("state", "show", f"{STOP}@x"),
    ("share", f"{OLD}@x"),
    ("show", f"{STOP}.json"),
    ("schema", STOP),
    ("preview", "-o", f"{STOP}.html"),
    ("sandbox", "fault", STOP),
    (STOP,),
    ("plan", f"--{OLD}"),
    ("apply", "--lock-timeout", f"\n{STOP}"),
    ("validate", "--format", STOP),
]


@pytest.mark.parametrize("command", READING, ids=" ".join)
def test_no_command_repeats_one(hostile: WorkspaceDir, command: tuple[str, ...]) -> None:
    assert heard(hostile.apply(), hostile.run(*command)) == []


@pytest.mark.parametrize("name", ["human", "json", "sarif"])
def test_no_problem_repeats_one(broken: WorkspaceDir, name: str) -> None:
    result = broken.run("validate", "--format", name)
    assert result.code == 1
    assert "stop-commands" in result.out + result.err
    assert heard(result) == []


def test_problems_for_github_are_its_commands_and_there_is_no_other(broken: WorkspaceDir) -> None:
    found = broken.run("validate", "--format", "json").json
    commands = github(broken.run("validate", "--format", "github").out)
    words = {"error": "error", "warning": "warning", "info": "notice"}
    assert [
        (command.name, command.properties["title"][:5], command.properties["file"])
        for command in commands
    ] == [(words[item["severity"]], item["code"], item["source"]["file"]) for item in found]


def test_an_apply_records_none(hostile: WorkspaceDir) -> None:
    hostile.run("sandbox", "fault", "reject")
    result = hostile.apply("--json-into", "events.jsonl")
    again = hostile.apply("--json")
    events = (hostile.folder / "events.jsonl").read_text(encoding="utf-8")
    assert obeyed(events) == []
    assert heard(result, again) == []
    assert [json.loads(line)["event"] for line in events.splitlines()][-1] == "apply_finished"


def test_what_people_wrote_in_buffer_is_none(tmp_path: Path) -> None:
    workspace = WorkspaceDir.tiny(tmp_path, a=post())
    assert workspace.apply().code == 0
    with workspace.person() as world:
        (item,) = world.snapshot()
        world.person_edit(item.id, text=TEXTS)
        world.person_create(X, f"{STOP}\n{TEXTS}", at="2026-12-20T09:30:00Z")
    results = [workspace.run(*command) for command in (("plan",), ("pull", "--auto-approve"))]
    results += [
        workspace.run("-v", "fmt"),
        workspace.run("import", "--auto-approve", "--into", "new"),
    ]
    assert heard(*results) == []


def test_what_a_server_says_is_none(tmp_path: Path) -> None:
    profiles = [{"service": "linkedin", "service_username": name} for name in (STOP, OLD)]
    with served(WorkspaceDir(tmp_path), profiles=profiles) as (workspace, _):
        commands = (("profiles",), ("profiles", "--format", "json"), ("doctor",), ("plan",))
        results = [workspace.run(*command) for command in commands]
        (workspace.folder / "plancast.yaml").unlink()
        results += [workspace.run("init", "--provider", "buffer")]
    assert "stop-commands" in results[0].out
    assert heard(*results) == []


def test_the_author_of_a_state_is_none(tmp_path: Path) -> None:
    workspace = WorkspaceDir(Remote.make(tmp_path).clone("one"), ENVIRON)
    workspace.write("plancast.yaml", workspace_yaml() + "state: {backend: git}\n")
    workspace.write("a.yaml", post())
    assert workspace.apply().code == 0
    git(workspace.folder, "fetch", "-q", "origin", "refs/plancast/state")
    environ = {**ENVIRON, **dict.fromkeys(("GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"), STOP)}
    environ |= dict.fromkeys(("GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"), "a@b")
    line = ["git", "commit-tree", "FETCH_HEAD^{tree}", "-p", "FETCH_HEAD", "-m", OLD]
    made = subprocess.run(line, cwd=workspace.folder, env=environ, check=True, capture_output=True)
    git(
        workspace.folder,
        "push",
        "-q",
        "origin",
        f"{made.stdout.decode().strip()}:refs/plancast/state",
    )
    results = [workspace.run("state", "log"), workspace.run("state", "log", "--format", "json")]
    assert "stop-commands" in results[0].out
    assert results[1].json[0]["what"] == OLD
    assert heard(*results) == []


# -- in a process of its own ----------------------------------------------------------------------


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "plancast.log"
    path.touch()
    yield path
    assert obeyed(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "command",
    [
        ("validate",),
        ("validate", "--format", "json"),
        ("fmt", "--check", FILE),
        (STOP,),
        ("plan", f"\n{STOP}"),
        ("-C", f"\n{STOP}", "plan"),
    ],
    ids=" ".join,
)
def test_a_process_repeats_none(broken: WorkspaceDir, log: Path, command: tuple[str, ...]) -> None:
    result = broken.process("--log-file", str(log), *command)
    assert result.code == 1
    assert heard(result) == []


def test_a_process_gives_github_its_commands(broken: WorkspaceDir) -> None:
    result = broken.process("validate", "--format", "github")
    assert {command.name for command in github(result.out)} == {"error"}
    assert len(github(result.out)) == result.out.count("\n")
    assert github(result.err) == []


def test_a_name_that_is_no_text_is_shown(broken: WorkspaceDir) -> None:
    folder = os.fsencode(broken.folder)
    (broken.folder / "a.yaml").unlink()
    with open(folder + b"/\xff##[add-mask]\xfe.yaml", "wb") as file:  # noqa: PTH123  # bytes
        file.write(b"text: [\n")
    result = broken.process("validate")
    assert "<U+DCFF>##<U+005B>add-mask]<U+DCFE>.yaml" in result.err
    assert heard(result) == []


def test_a_bug_repeats_none(tmp_path: Path) -> None:
    from tests.commands.workspace_dir import broken as with_bug  # noqa: PLC0415

    workspace = with_bug(tmp_path, f"raise ValueError({OLD + chr(10) + STOP!r})")
    result = workspace.process("plan")
    assert result.code == 70
    (report,) = (tmp_path / "reports").glob("plancast-*.log")
    assert "stop-commands" in report.read_text()
    assert obeyed(report.read_text()) == []
    assert heard(result) == []
