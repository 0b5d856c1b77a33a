"""`state: {backend: git}` at a terminal: apply, log, pull, push, and what goes wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.commands.workspace_dir import WorkspaceDir, post, workspace_yaml
from tests.store.gits import ENVIRON, Remote, git

pytestmark = pytest.mark.stories(2)

BACKEND = "state: {backend: git}\n"


@pytest.fixture
def remote(tmp_path: Path) -> Remote:
    return Remote.make(tmp_path)


def workspace_in(remote: Remote, name: str, *flags: str) -> WorkspaceDir:
    """A workspace in a clone, with one post, and its state in git."""
    workspace = WorkspaceDir(remote.clone(name, *flags), ENVIRON)
    workspace.write("plancast.yaml", workspace_yaml() + BACKEND)
    workspace.write("a.yaml", post())
    return workspace


def test_an_apply_is_seen_from_another_clone_and_the_log_tells_of_it(remote: Remote) -> None:
    assert workspace_in(remote, "one").apply().code == 0
    other = workspace_in(remote, "two", "--depth=1")
    assert other.run("state", "list").out == "a@x\n"
    assert other.summary("--offline") == {"unchanged": 1}
    log = other.run("state", "log", "--format", "json").json
    assert [step["what"].split(": ")[1] for step in log][:3] == [
        "given back",
        "1 owned more",
        "about to 1 create",
    ]
    human = other.run("state", "log", "-n", "1").out
    assert human.splitlines()[0].split() == ["WHEN", "COMMIT", "WHO", "WHAT"]
    assert "given back" in human


def test_a_local_state_has_no_history(tmp_path: Path) -> None:
    result = WorkspaceDir.tiny(tmp_path, a=post()).run("state", "log")
    assert (result.code, result.codes) == (1, ["PC613"])


def test_a_local_state_moves_into_git_by_a_push(remote: Remote) -> None:
    workspace = workspace_in(remote, "one")
    workspace.write("plancast.yaml", workspace_yaml())
    assert workspace.apply().code == 0
    workspace.write("plancast.yaml", workspace_yaml() + BACKEND)
    refused = workspace.run("plan")
    assert (refused.code, refused.codes) == (1, ["PC612"])
    asked = workspace.run("state", "push", ".plancast/state.json", stdin="no\n")
    assert asked.code == 1
    assert workspace.run("state", "push", ".plancast/state.json", stdin="yes\n").code == 0
    assert workspace.summary() == {"unchanged": 1}
    assert workspace_in(remote, "two").run("state", "list").out == "a@x\n"


def test_what_was_pulled_can_be_pushed_back(remote: Remote) -> None:
    workspace = workspace_in(remote, "one")
    assert workspace.apply().code == 0
    workspace.write("copy.json", workspace.run("state", "pull").out)
    assert workspace.run("state", "rm", "--auto-approve", "a@x").code == 0
    assert workspace.run("state", "push", "copy.json", "--auto-approve").code == 0
    assert workspace.run("state", "list").out == "a@x\n"
    assert workspace.summary() == {"unchanged": 1}


def test_a_copy_of_another_state_is_refused(remote: Remote, tmp_path: Path) -> None:
    workspace = workspace_in(remote, "one")
    assert workspace.apply().code == 0
    foreign = json.loads(workspace.run("state", "pull").out)
    foreign["lineage"] = "another"
    workspace.write("copy.json", json.dumps(foreign))
    for name in ("copy.json", "missing.json", "plancast.yaml"):
        refused = workspace.run("state", "push", name, "--auto-approve")
        assert (refused.code, refused.codes) == (1, ["PC614"])
    assert workspace.run("state", "list").out == "a@x\n"


def test_a_state_that_was_set_back_stops_everything(remote: Remote) -> None:
    workspace = workspace_in(remote, "one")
    assert workspace.apply().code == 0
    git(remote.folder, "update-ref", "-d", "refs/plancast/state")
    for command in (["plan"], ["apply", "--auto-approve"], ["state", "list"]):
        refused = workspace.run(*command)
        assert (refused.code, refused.codes) == (1, ["PC611"]), command
    assert len(workspace.live()) == 1


def test_outside_of_a_repository_that_is_said(tmp_path: Path) -> None:
    workspace = WorkspaceDir(tmp_path, ENVIRON)
    workspace.write("plancast.yaml", workspace_yaml() + BACKEND)
    workspace.write("a.yaml", post())
    refused = workspace.run("plan")
    assert (refused.code, refused.codes) == (1, ["PC610"])


@pytest.mark.parametrize(
    "key",
    [
        "remote: 'https://a.example/b'",
        "remote: --upload-pack=x",
        "remote: ''",
        "remote: a..b",
        'remote: "origin\\n"',
        "ref: HEAD",
        "ref: main",
        "ref: refs/heads",
        "ref: refs/tags/state",
        "ref: refs/remotes/origin/main",
        "ref: refs/pull/1/head",
        "ref: refs/merge-requests/1/head",
        "ref: refs/heads/a..b",
        "ref: refs/heads/.a",
        "ref: refs/heads/a.lock",
        "ref: 'refs/heads/a:refs/heads/main'",
        "ref: 'refs/heads/a^'",
        "ref: 'refs/heads/*'",
        "ref: 'refs/heads/a b'",
        "ref: '+refs/heads/a'",
        "ref: refs/heads/-a",
        'ref: "refs/heads/a\\n"',
    ],
)
def test_a_file_cannot_send_the_state_elsewhere(remote: Remote, key: str) -> None:
    workspace = workspace_in(remote, "one")
    workspace.write("plancast.yaml", workspace_yaml() + f"state:\n  backend: git\n  {key}\n")
    before = remote.refs()
    for command in (["plan"], ["state", "list"], ["apply", "--auto-approve"]):
        refused = workspace.run(*command)
        assert (refused.code, refused.codes) == (1, ["PC203"]), command
        assert "plancast.yaml:10:" in refused.err, "the line of the key"
    assert remote.refs() == before


def test_a_branch_of_posts_is_no_place_for_the_state(remote: Remote) -> None:
    """Not even if a state was committed to it."""
    first = workspace_in(remote, "before")
    assert first.apply().code == 0
    workspace = workspace_in(remote, "one")
    workspace.write("state.json", first.run("state", "pull").out)
    git(workspace.folder, "add", ".")
    git(workspace.folder, "commit", "-q", "-m", "Posts")
    git(workspace.folder, "push", "-q", "origin", "HEAD:main")
    git(workspace.folder, "checkout", "-q", "--detach")
    workspace.write(
        "plancast.yaml", workspace_yaml() + "state: {backend: git, ref: refs/heads/main}\n"
    )
    before = remote.refs()
    for command in (
        ["plan"],
        ["apply", "--auto-approve"],
        ["status"],
        ["import", "--auto-approve"],
        ["state", "list"],
        ["state", "log"],
        ["state", "pull"],
        ["state", "push", "state.json", "--auto-approve"],
        ["state", "rm", "--auto-approve", "a@x"],
        ["state", "unlock", "--auto-approve"],
    ):
        refused = workspace.run(*command)
        assert (refused.code, refused.codes) == (1, ["PC617"]), command
        assert "default branch of origin" in refused.err
    assert "refs/plancast/" in refused.err, "the hint names a ref"
    assert "PC617" in workspace.run("doctor").out
    assert remote.refs() == before
    assert workspace.texts() == []


def test_a_workspace_that_cannot_be_read_is_not_taken_for_one_with_a_local_state(
    remote: Remote,
) -> None:
    workspace = workspace_in(remote, "one")
    assert workspace.apply().code == 0
    workspace.write("plancast.yaml", "version: 1\nprofile: {}\n" + BACKEND)
    broken = workspace.run("state", "list")
    assert broken.code == 1
    assert broken.errors != []


def test_a_run_on_a_machine_that_is_gone_is_unlocked_by_a_person(remote: Remote) -> None:
    workspace = workspace_in(remote, "one")
    assert workspace.apply().code == 0
    document = json.loads(workspace.run("state", "pull").out)
    document["lease"] = {
        "holder": "`apply`, pid 1 on gone",
        "token": "token",
        "host": "gone/1",
        "acquired_at": "2026-11-30T08:00:00Z",
        "ttl_seconds": 300,
    }
    clone = remote.clone("hand")
    (clone / "state.json").write_text(json.dumps(document))
    git(clone, "checkout", "-q", "--orphan", "hand")
    git(clone, "rm", "-rqf", "--cached", ".")
    git(clone, "add", "state.json")
    git(clone, "commit", "-q", "-m", "held")
    git(clone, "push", "-q", "-f", "origin", "HEAD:refs/plancast/state")
    locked = workspace.apply()
    assert (locked.code, locked.codes) == (5, ["PC605"])
    assert "pid 1 on gone" in locked.err
    assert workspace.run("state", "unlock", "--auto-approve").code == 0
    assert workspace.apply().code == 0
