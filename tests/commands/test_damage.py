"""Damaged files are reported exactly and left alone; nothing is lost or sent because of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from plancast.model.exit_codes import ExitCode
from tests.commands.workspace_dir import WorkspaceDir, post, served, workspace_yaml

pytestmark = pytest.mark.part(2)

TWO = {"a": post("A."), "b": post("B.", "2026-12-02 09:30")}


@pytest.fixture
def workspace(tmp_path: Path) -> WorkspaceDir:
    """A workspace with two posts in the queue, and an edit that waits."""
    workspace = WorkspaceDir.tiny(tmp_path, **TWO)
    assert workspace.apply().code == 0
    workspace.edit("a.yaml", "A.", "A again.")
    return workspace


def state_of(workspace: WorkspaceDir) -> dict[str, object]:
    document: dict[str, object] = json.loads(workspace.state_file.read_text(encoding="utf-8"))
    return document


def untouched(workspace: WorkspaceDir, path: Path) -> Callable[[], None]:
    """A check for later: neither the file nor the queue changed."""
    content, live, sent = path.read_bytes(), workspace.live(), workspace.requests()

    def check() -> None:
        assert path.read_bytes() == content
        assert (workspace.live(), workspace.requests()) == (live, sent)

    return check


# -- the state ----

DAMAGE: dict[str, bytes] = {
    "empty": b"",
    "cut off": b'{"format_version": 1, "lineage": "abc", "res',
    "another thing": b"[]",
    "no state": b'{"hello": "world"}',
    "binary": bytes(range(256)),
    "deep": b"[" * 100_000,
    "merge conflict": b"<<<<<<< HEAD\n{}\n=======\n{}\n>>>>>>> theirs\n",
    "wrong types": b'{"format_version": 1, "lineage": 7, "serial": "x", "resources": 1}',
}
WRITERS = [
    ("plan",),
    ("apply", "--auto-approve"),
    ("status",),
    ("state", "list"),
    ("state", "rm", "--auto-approve", "a@x"),
    ("state", "mv", "a@x", "c@x"),
    ("import", "--auto-approve"),
    ("share", "a@x", "--auto-approve"),
]


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_state_that_cannot_be_read_is_left_as_it_is(workspace: WorkspaceDir, damage: str) -> None:
    workspace.state_file.write_bytes(DAMAGE[damage])
    check = untouched(workspace, workspace.state_file)
    for command in WRITERS:
        result = workspace.run(*command)
        assert (result.code, result.codes) == (ExitCode.ERROR, ["PC601"]), (command, result.err)
        assert "state.json" in result.err
        assert "hint:" in result.err
        check()


@pytest.mark.parametrize("command", WRITERS)
def test_a_state_of_a_newer_plancast_is_left_as_it_is(
    workspace: WorkspaceDir, command: tuple[str, ...]
) -> None:
    newer = {**state_of(workspace), "format_version": 999, "resources": {"of": "another form"}}
    workspace.state_file.write_text(json.dumps(newer))
    check = untouched(workspace, workspace.state_file)
    result = workspace.run(*command)
    assert (result.code, result.codes) == (ExitCode.ERROR, ["PC602"])
    assert "Upgrade" in result.err
    check()


def test_the_state_before_the_last_one_is_kept(workspace: WorkspaceDir) -> None:
    before = workspace.state_file.read_text(encoding="utf-8")
    assert workspace.apply().code == 0
    kept = {
        path.read_text(encoding="utf-8") for path in workspace.state_file.parent.glob("*.backup")
    }
    assert workspace.state_file.read_text(encoding="utf-8") not in kept
    assert kept
    assert all(json.loads(text)["lineage"] == json.loads(before)["lineage"] for text in kept)


def test_the_doctor_names_a_damaged_state_beside_everything_else(workspace: WorkspaceDir) -> None:
    workspace.state_file.write_text("{")
    checked = workspace.run("doctor", "--format", "json")
    assert checked.code == ExitCode.ERROR
    found = {item["check"]: item["verdict"] for item in checked.json}
    assert found["state"] == "error"
    assert found["files"] == "ok"
    assert found["token"] == "ok"


# -- the journal ----


def journal(workspace: WorkspaceDir) -> Path:
    return workspace.folder / ".plancast" / "journal.jsonl"


@pytest.mark.parametrize(
    "content", [b"nonsense\nmore\n", b"0123456789abcdef {}\n", bytes(range(128, 256)) + b"\n\n"]
)
def test_a_damaged_journal_is_left_as_it_is_and_nothing_is_sent(
    workspace: WorkspaceDir, content: bytes
) -> None:
    journal(workspace).write_bytes(content)
    check = untouched(workspace, journal(workspace))
    for command in WRITERS:
        result = workspace.run(*command)
        assert (result.code, result.codes) == (ExitCode.ERROR, ["PC603"]), (command, result.err)
        assert "journal.jsonl:1" in "".join(result.err.split())
        check()


def test_a_line_that_a_crash_cut_off_is_no_damage(workspace: WorkspaceDir) -> None:
    journal(workspace).write_bytes(b'0123456789abcdef {"kind":"batch","lin')
    assert workspace.apply().code == ExitCode.DONE
    assert workspace.texts() == ["A again.", "B."]


def test_a_state_that_was_lost_beside_its_journal_sends_nothing_twice(
    workspace: WorkspaceDir,
) -> None:
    workspace.state_file.unlink()
    journal(workspace).write_bytes(b"")
    assert workspace.plan()["summary"]["create"] == 1, (
        "the edited one is not known to be the old one"
    )
    workspace.edit("a.yaml", "A again.", "A.")
    assert workspace.summary() == {"adopt": 2}


# -- places that cannot be written ----


@pytest.mark.parametrize("what", ["file", "dangling link"])
def test_where_the_state_cannot_be_written_nothing_is_sent(tmp_path: Path, what: str) -> None:
    # A file in the place of the folder: permissions would not keep root out.
    workspace = WorkspaceDir.tiny(tmp_path, **TWO)
    place = tmp_path / ".plancast"
    if what == "file":
        place.write_text("in the way")
    else:
        place.symlink_to(tmp_path / "nowhere" / "deep" / "down")
    result = workspace.apply()
    assert result.code == ExitCode.ERROR
    assert result.codes
    assert workspace.requests() == {}
    place.unlink()
    assert workspace.apply().code == ExitCode.DONE


def test_where_the_journal_cannot_be_written_nothing_is_sent(workspace: WorkspaceDir) -> None:
    journal(workspace).unlink(missing_ok=True)
    journal(workspace).mkdir()
    sent = workspace.requests()
    result = workspace.apply()
    assert result.code == ExitCode.ERROR
    assert "journal" in result.err
    assert workspace.requests() == sent


def test_a_plan_that_cannot_be_saved_is_an_error(workspace: WorkspaceDir) -> None:
    result = workspace.run("plan", "-o", "a.yaml/plan.json")
    assert (result.code, result.codes) == (ExitCode.ERROR, ["PC007"])
    assert workspace.run("plan", "-o", ".").code == ExitCode.ERROR


PLANS: dict[str, str] = {
    "empty": "",
    "no JSON": "Plan: 2 to create",
    "another thing": "[]",
    "another object": "{}",
    "deep": "[" * 100_000,
    "of a newer version": '{"format_version": 999}',
}


@pytest.mark.parametrize("content", PLANS)
def test_a_plan_file_that_cannot_be_read_is_never_half_applied(
    workspace: WorkspaceDir, content: str
) -> None:
    workspace.write("broken.plan", PLANS[content])
    sent = workspace.requests()
    for command in (("show", "broken.plan"), ("apply", "--auto-approve", "broken.plan")):
        result = workspace.run(*command)
        assert (result.code, result.codes) == (ExitCode.ERROR, ["PC608"])
        assert "broken.plan" in result.err
    assert workspace.requests() == sent


def test_a_plan_file_that_somebody_changed_is_not_applied(workspace: WorkspaceDir) -> None:
    assert workspace.run("plan", "-o", "saved.json").code == 0
    text = (workspace.folder / "saved.json").read_text(encoding="utf-8")
    workspace.write("saved.json", text.replace("A again.", "Slander."))
    sent = workspace.requests()
    assert workspace.run("apply", "saved.json").code == ExitCode.STALE
    assert workspace.requests() == sent


# -- workspaces ----


@pytest.mark.parametrize(
    "command", [("validate",), ("plan",), ("apply",), ("status",), ("state", "list"), ("doctor",)]
)
def test_without_a_workspace_it_says_how_to_begin(tmp_path: Path, command: tuple[str, ...]) -> None:
    result = WorkspaceDir(tmp_path).run(*command)
    assert (result.code, result.codes) == (ExitCode.ERROR, ["PC001"])
    assert "plancast init" in result.err
    assert list(tmp_path.iterdir()) == []


def test_the_workspace_is_found_upwards(tmp_path: Path) -> None:
    workspace = WorkspaceDir.tiny(tmp_path, **TWO)
    (tmp_path / "deep" / "down").mkdir(parents=True)
    assert workspace.run("-C", "deep/down", "apply", "--auto-approve").code == ExitCode.DONE
    assert workspace.summary() == {"unchanged": 2}
    assert not (tmp_path / "deep" / "down" / ".plancast").exists()


def test_two_workspaces_of_one_account_leave_each_other_alone(tmp_path: Path) -> None:
    one = WorkspaceDir(tmp_path / "one")
    one.write("a.yaml", post("Of the first.", "2030-01-31 09:30"))
    with served(one) as (first, world):
        second = WorkspaceDir(tmp_path / "two", first.environ)
        second.write("plancast.yaml", workspace_yaml(provider="buffer"))
        second.write("a.yaml", post("Of the second.", "2030-01-31 10:30"))
        assert first.apply().code == ExitCode.DONE
        made = world.snapshot()
        assert second.summary() == {"create": 1, "unmanaged": 1}
        assert second.apply().code == ExitCode.DONE
        assert second.apply("--destroy").code == ExitCode.DONE
        assert world.snapshot() == made
        assert first.summary() == {"unchanged": 1}


def test_a_state_that_was_copied_beside_other_files_is_refused_before_it_destroys(
    workspace: WorkspaceDir, tmp_path: Path
) -> None:
    (tmp_path / "a.yaml").unlink()
    (tmp_path / "b.yaml").unlink()
    assert workspace.apply("--allow-destroy", "99").code == ExitCode.REFUSED
    assert len(workspace.live()) == 2


# -- files ----

BROKEN: dict[str, tuple[bytes, str, str]] = {
    "a value that is no time": (
        b"profiles: [x]\nschedule: soon\ntext: A.\n",
        "PC401",
        "a.yaml:2:11",
    ),
    "an unknown key": (
        b"profiles: [x]\nschedule: queue\ntxet: A.\ntext: A.\n",
        "PC201",
        "a.yaml:3:1",
    ),
    "a key twice": (
        b"profiles: [x]\ntext: A.\nschedule: queue\ntext: B.\n",
        "PC103",
        "a.yaml:4:1",
    ),
    "broken YAML": (b"profiles: [x\nschedule: queue\ntext: A.\n", "PC101", "a.yaml:1:"),
    "a tag that constructs": (
        b"profiles: [x]\nschedule: queue\ntext: !!python/object:os.system {}\n",
        "PC106",
        "a.yaml:3:7",
    ),
    "an unknown profile": (
        b"profiles: [y]\nschedule: queue\ntext: A.\n",
        "PC301",
        "a.yaml:1:12",
    ),
    "Latin-1": ("profiles: [x]\nschedule: queue\ntext: Grüße\n".encode("latin-1"), "PC003", "a.y"),
    "Windows line ends": (
        b"profiles: [x]\r\nschedule: soon\r\ntext: A.\r\n",
        "PC401",
        "a.yaml:2:11",
    ),
    "a byte order mark": (
        b"\xef\xbb\xbfprofiles: [x]\nschedule: soon\ntext: A.\n",
        "PC401",
        "a.yaml:2:11",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_wrong_in_a_file_is_told_with_its_place_and_its_line(
    tmp_path: Path, name: str
) -> None:
    content, code, place = BROKEN[name]
    workspace = WorkspaceDir.tiny(tmp_path, **TWO)
    workspace.apply()
    before = workspace.live()
    (tmp_path / "a.yaml").write_bytes(content)
    for command in (("validate",), ("plan",), ("apply", "--auto-approve")):
        result = workspace.run(*command)
        assert (result.code, set(result.errors)) == (ExitCode.ERROR, {code}), result.err
        assert f"--> {place}" in result.err
        assert "│" in result.err or code == "PC003"
    assert workspace.live() == before, "a file that cannot be read is no wish to destroy"


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    workspace = WorkspaceDir.tiny(tmp_path)
    for number, (content, _, _) in enumerate(BROKEN.values()):
        (tmp_path / f"a{number}.yaml").write_bytes(content)
    result = workspace.run("validate")
    assert set(result.errors) == {code for _, code, _ in BROKEN.values()}
    document = workspace.run("validate", "--format", "json").json
    assert {item["code"] for item in document} >= set(result.errors)


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_line_ends_and_marks_are_no_part_of_what_is_said(
    tmp_path: Path, mark: bytes, end: str
) -> None:
    text = "profiles: [x]\nschedule: 2026-12-01 09:30\ntext: |\n  One.\n\n  Two.\n"
    workspace = WorkspaceDir.tiny(tmp_path)
    (tmp_path / "a.yaml").write_bytes(mark + text.replace("\n", end).encode())
    (tmp_path / "plancast.yaml").write_bytes(mark + workspace_yaml().replace("\n", end).encode())
    assert workspace.apply().code == ExitCode.DONE
    assert [item.content.text for item in workspace.live()] == ["One.\n\nTwo."]
    (tmp_path / "a.yaml").write_text(text, encoding="utf-8", newline="\n")
    assert workspace.summary() == {"unchanged": 1}


EMPTY = [b"", b"\n", b"---\n", b"# nothing but a remark\n", b"\xef\xbb\xbf", b"null\n"]


@pytest.mark.parametrize("content", EMPTY)
def test_a_file_that_is_empty_asks_for_nothing_and_the_plan_says_so(
    workspace: WorkspaceDir, content: bytes
) -> None:
    (workspace.folder / "a.yaml").write_bytes(content)
    assert workspace.summary() == {"destroy": 1, "unchanged": 1}
    assert "no file asks for it" in workspace.run("-v", "plan").out
    (workspace.folder / "b.yaml").write_bytes(content)
    refused = workspace.apply()
    assert (refused.code, refused.errors) == (ExitCode.REFUSED, ["PC702"])
    assert len(workspace.live()) == 2


@pytest.mark.parametrize("content", EMPTY)
def test_an_empty_workspace_file_is_an_error_and_destroys_nothing(
    workspace: WorkspaceDir, content: bytes
) -> None:
    before = workspace.live()
    (workspace.folder / "plancast.yaml").write_bytes(content)
    result = workspace.apply("--allow-empty", "--allow-destroy", "99")
    assert result.code == ExitCode.ERROR
    assert result.errors
    assert "plancast.yaml" in result.err
    (workspace.folder / "plancast.yaml").write_text(workspace_yaml(), encoding="utf-8")
    assert workspace.live() == before
