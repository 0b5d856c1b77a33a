"""A repository whose author committed links in the places of plancast's own files.

Every command that touches such a file refuses it, names the link and ends with 1: what it points to
is neither read nor written, and nothing is sent. The same holds for a pipe or a folder there.
"""

from __future__ import annotations

import os
import re
import shutil
import struct
from collections.abc import Mapping
from pathlib import Path

import pytest

from plancast.model.exit_codes import ExitCode
from plancast.providers.sandbox import DATABASE, FOLDER
from tests.commands.workspace_dir import Result, WorkspaceDir, applied, post, workspace_yaml
from tests.files.obstacles import CONTENT, KINDS, LINKS, Outside, put
from tests.forges.stand_in import GitHubStandIn, serving
from tests.store.gits import ENVIRON, Remote, git

APPLY = ("apply", "--auto-approve")
PLAN = ("plan",)
LIST = ("state", "list")

OWN = [
    *((".plancast", command) for command in (PLAN, APPLY, ("status",), LIST, ("state", "pull"))),
    *((".plancast/state.json", command) for command in (PLAN, APPLY, ("status",), LIST)),
    (".plancast/state.json", ("state", "pull")),
    (".plancast/state.json", ("state", "rm", "--auto-approve", "a@x")),
    (".plancast/state.json", ("import", "--auto-approve")),
    (".plancast/state.json.backup", APPLY),
    *((".plancast/journal.jsonl", command) for command in (PLAN, APPLY, LIST)),
    (".plancast/lock", APPLY),
    (".plancast/lock.holder", APPLY),
    (".plancast/write.lock", APPLY),
    (".plancast/write.lock", ("state", "rm", "--auto-approve", "a@x")),
    (".plancast/.gitignore", APPLY),
    *((FOLDER, command) for command in (PLAN, APPLY, ("status",), ("sandbox", "clock"))),
    *((DATABASE, command) for command in (PLAN, APPLY, ("sandbox", "reset", "--auto-approve"))),
    (f"{DATABASE}-journal", PLAN),
    (f"{DATABASE}-wal", PLAN),
    (f"{DATABASE}-shm", PLAN),
    (f"{FOLDER}/world.lock", PLAN),
    (f"{FOLDER}/.gitignore", PLAN),
]
"""The files that plancast keeps, and commands that touch them."""

OWN_KINDS = [
    (name, command, kind)
    for name, command in OWN
    for kind in KINDS
    if not (kind == "folder" and name in (".plancast", FOLDER))  # one belongs there
]
BEGINNING = [f"{FOLDER}/new.db", *(f"{FOLDER}/new.db-{end}" for end in ("journal", "wal", "shm"))]
"""Files that exist only until a world begins."""

NAMED = [
    ("named", ("plan", "-o", "named")),
    ("named", ("show", "named")),
    ("named", ("apply", "named")),
    ("named", ("preview", "named")),
    ("named", ("preview", "--out", "named")),
    ("named", ("--log-file", "named", "plan")),
    ("named", (*APPLY, "--json-into", "named")),
    ("named", (*APPLY, "--summary", "named")),
    ("named", ("state", "push", "named", "--auto-approve")),
    ("out/named", ("plan", "-o", "out/named")),
    ("out/named", ("--log-file", "out/named", "plan")),
]
"""Files that the user names, in the checkout."""


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


@pytest.fixture
def outside(tmp_path: Path) -> Outside:
    return Outside.make(tmp_path / "outside")


def away(path: Path) -> None:
    """Make room."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def must_refuse(result: Result, path: Path, target: str) -> None:
    """Assert that a command ended with 1 and named the link and its target."""
    assert result.code == ExitCode.ERROR, result.out + result.err
    output = result.out + result.err
    assert "Traceback" not in output
    assert CONTENT.decode().strip() not in output
    if target:
        assert result.errors == ["PC011"], output
        assert "hint: It was not followed. Remove it" in output
        plain = re.sub(r"\s+", "", output)
        assert f"{path}isalinkto{target}" in plain
    else:
        assert result.errors
        assert "PC011" not in output


def sent(workspace: WorkspaceDir) -> Mapping[str, int]:
    """The requests that changed something, as the copy of the world in the workspace has them."""
    return workspace.requests()


@pytest.mark.part(4)
@pytest.mark.parametrize(("name", "command", "kind"), OWN_KINDS, ids=str)
def test_a_file_of_plancast_is_no_link(
    workspace: WorkspaceDir, outside: Outside, name: str, command: tuple[str, ...], kind: str
) -> None:
    path = workspace.folder / name
    before = None if name.startswith(FOLDER) else sent(workspace)
    away(path)
    target = put(kind, path, outside)
    result = workspace.run(*command)
    must_refuse(result, path, target)
    outside.check()
    if before is not None:
        assert sent(workspace) == before


@pytest.mark.parametrize("name", [".plancast", ".plancast/state.json", ".plancast/journal.jsonl"])
def test_the_doctor_names_the_link_beside_everything_else(
    workspace: WorkspaceDir, outside: Outside, name: str
) -> None:
    away(workspace.folder / name)
    put("link to a folder", workspace.folder / name, outside)
    checked = workspace.run("doctor", "--format", "json")
    assert checked.code == ExitCode.ERROR
    found = {item["check"]: (item["verdict"], item["detail"]) for item in checked.json}
    assert found["state"][0] == "error"
    assert found["state"][1].startswith("PC011 ")
    assert str(outside.folder) in found["state"][1]
    assert found["files"][0] == "ok"
    outside.check()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", BEGINNING)
def test_a_world_does_not_begin_in_a_link(
    tmp_path: Path, outside: Outside, name: str, kind: str
) -> None:
    workspace = WorkspaceDir.tiny(tmp_path / "workspace", a=post())
    target = put(kind, workspace.folder / name, outside)
    must_refuse(workspace.run("plan"), workspace.folder / name, target)
    outside.check()
    assert not (workspace.folder / DATABASE).exists()


@pytest.mark.part(4)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("name", "command"), NAMED, ids=str)
def test_a_file_that_the_user_names_is_no_link_of_the_repository(
    workspace: WorkspaceDir, outside: Outside, name: str, command: tuple[str, ...], kind: str
) -> None:
    before = sent(workspace)
    place = workspace.folder / name
    # A log is named from the folder of the process, which is not the workspace here.
    arguments = [
        str(place) if word == name and "--log-file" in command else word for word in command
    ]
    target = put(kind, place, outside)
    must_refuse(workspace.run(*arguments), place, target)
    outside.check()
    assert sent(workspace) == before


@pytest.mark.parametrize("kind", LINKS)
def test_nor_is_a_folder_on_the_way_to_it(
    workspace: WorkspaceDir, outside: Outside, kind: str
) -> None:
    target = put(kind, workspace.folder / "out", outside)
    for command in (("plan", "-o", "out/named"), (*APPLY, "--json-into", "out/named")):
        must_refuse(workspace.run(*command), workspace.folder / "out", target)
    outside.check()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("command", [("--also", "named"), ("--events", "named")])
def test_nor_is_what_a_comment_is_made_of(
    workspace: WorkspaceDir, outside: Outside, tmp_path: Path, command: tuple[str, str], kind: str
) -> None:
    (workspace.folder / ".git").mkdir()
    workspace.run("plan", "-o", "plan.json")
    target = put(kind, workspace.folder / "named", outside)
    with serving(GitHubStandIn()) as forge:
        workspace.environ = forge.environ(tmp_path)
        result = workspace.run("comment", "plan.json", *command)
        if target or command[0] == "--also":
            must_refuse(result, workspace.folder / "named", target)
            assert forge.bodies() == []
        else:
            assert result.codes == ["PC829"], "a record that cannot be read is told as ever"
    outside.check()


# -- files of the workspace ----


@pytest.mark.parametrize("name", ["posts", "schemas", ".github", ".github/workflows"])
def test_a_new_workspace_is_not_written_through_a_link(
    tmp_path: Path, outside: Outside, name: str
) -> None:
    checkout = tmp_path / "checkout"
    (checkout / ".git").mkdir(parents=True)
    put("link to a folder", checkout / name, outside)
    result = WorkspaceDir(checkout).run("init", "--provider", "sandbox", "--ci", "github")
    assert (result.code, result.errors) == (ExitCode.ERROR, ["PC004"]), result.err
    outside.check()


@pytest.mark.parametrize("name", [".gitignore", "posts/hello.yaml", "schemas/post.schema.json"])
def test_nor_is_a_file_of_it(tmp_path: Path, outside: Outside, name: str) -> None:
    put("dangling link", tmp_path / "workspace" / name, outside)
    result = WorkspaceDir(tmp_path / "workspace").run("init", "--provider", "sandbox")
    assert (result.code, result.errors) == (ExitCode.ERROR, ["PC011"])
    outside.check()


# -- the state in git ----


@pytest.fixture
def clone(tmp_path: Path) -> WorkspaceDir:
    workspace = WorkspaceDir(Remote.make(tmp_path).clone("clone"), ENVIRON)
    workspace.write("plancast.yaml", workspace_yaml() + "state: {backend: git}\n")
    workspace.write("a.yaml", post())
    return workspace


@pytest.mark.parametrize(
    ("name", "kind"),
    [(".plancast", kind) for kind in LINKS] + [(".plancast/place", kind) for kind in KINDS],
)
def test_the_name_of_this_place_is_no_link(
    clone: WorkspaceDir, outside: Outside, name: str, kind: str
) -> None:
    target = put(kind, clone.folder / name, outside)
    must_refuse(clone.apply(), clone.folder / name, target)
    outside.check()
    assert "refs/plancast" not in git(clone.folder, "ls-remote", "origin")


NAMES = {
    "empty": b"",
    "too short": b"short\n",
    "no hex digits": b"A" * 32,
    "too long": b"0" * 33,
    "more beside it": b"0" * 32 + b"\n\x00",
    "not a text": b"\xff" * 32,
    "much": b"x" * 4096,
}


@pytest.mark.parametrize("content", NAMES.values(), ids=NAMES)
def test_a_name_that_plancast_did_not_give_is_not_published(
    clone: WorkspaceDir, content: bytes
) -> None:
    """It becomes the holder of a lease, in commits that everybody can fetch."""
    clone.write(".plancast/place", "").write_bytes(content)
    result = clone.apply()
    assert (result.code, result.errors) == (ExitCode.ERROR, ["PC606"]), result.err
    assert "place" in result.err
    assert clone.requests() == {}
    assert "refs/plancast" not in git(clone.folder, "ls-remote", "origin")


def test_the_environment_is_not_published(clone: WorkspaceDir) -> None:
    if not Path("/proc/self/environ").exists():
        pytest.skip("this system has no /proc")
    (clone.folder / ".plancast").mkdir()
    (clone.folder / ".plancast" / "place").symlink_to("/proc/self/environ")
    result = clone.process(*APPLY)
    assert (result.code, result.errors) == (ExitCode.ERROR, ["PC011"])
    assert "PATH=" not in result.out + result.err
    assert "refs/plancast" not in git(clone.folder, "ls-remote", "origin")


# -- what SQLite would do ----


def test_a_journal_of_sqlite_removes_no_file(workspace: WorkspaceDir, outside: Outside) -> None:
    """It may name another file, which SQLite takes for its own and removes after a roll-back."""
    database = workspace.folder / DATABASE
    (workspace.folder / f"{DATABASE}-journal").write_bytes(hot_journal(outside.file, database))
    result = workspace.run("plan")
    assert (result.code, result.errors) == (ExitCode.ERROR, ["PC809"])
    assert "world.db-journal is not a file of plancast: remove it" in re.sub(
        r"\s+", " ", result.err
    )
    outside.check()


def hot_journal(names: Path, database: Path) -> bytes:
    """A rollback journal without a page in it, at its end the name of a super-journal."""
    magic, page = bytes.fromhex("d9d505f920a163d7"), 4096
    head = magic + struct.pack(">IIIII", 0, 0, database.stat().st_size // page, 512, page)
    name = os.fsencode(names)
    checksum = sum(name) & 0xFFFFFFFF
    end = struct.pack(">I", 2**30 // page + 1) + name + struct.pack(">II", len(name), checksum)
    return head.ljust(512, b"\0") + end + magic


def test_such_a_journal_is_one(tmp_path: Path, outside: Outside) -> None:
    """Or else the test above would prove nothing."""
    import sqlite3  # noqa: PLC0415

    path = tmp_path / "plain.db"
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE t (a)")
    database.close()
    Path(f"{path}-journal").write_bytes(hot_journal(outside.file, path))
    database = sqlite3.connect(path)
    database.execute("PRAGMA user_version")
    database.close()
    assert not outside.file.exists()
