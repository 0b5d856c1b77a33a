"""`init --ci`: the files that it writes, their places, and the files that it leaves alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from plancast.content.ci_templates import FILES, Place, ci_files
from tests.commands.workspace_dir import WorkspaceDir, post
from tests.store.gits import ENVIRON, Remote, git


def checkout(folder: Path, branch: str = "main") -> Path:
    git(folder, "init", "-q", "-b", branch)
    return folder


@pytest.mark.parametrize("forge", FILES)
def test_a_new_workspace_gets_its_files_and_its_state_in_git(forge: str, tmp_path: Path) -> None:
    workspace = WorkspaceDir(checkout(tmp_path))
    done = workspace.run("init", "--ci", forge)
    assert done.code == 0, done.err
    assert "state: {backend: git}\n" in (tmp_path / "plancast.yaml").read_text(encoding="utf-8")
    for name, text in ci_files(forge, Place()).items():
        assert (tmp_path / name).read_text(encoding="utf-8") == text
        assert f"Wrote {name}\n" in done.out
    assert workspace.run("validate").code == 0


def test_for_a_workspace_in_a_folder_they_stand_at_the_top(tmp_path: Path) -> None:
    top = checkout(tmp_path, "master")
    workspace = WorkspaceDir.tiny(top / "social" / "acme", a=post())
    before = workspace.files()
    done = workspace.run("init", "--ci", "github")
    assert done.code == 0, done.err
    assert workspace.files() == before
    for name, text in ci_files("github", Place("social/acme", "master")).items():
        assert (top / name).read_text(encoding="utf-8") == text
    assert "state: {backend: git}" in done.err, "the state is not in git yet"


def test_what_is_there_stays_and_is_named_in_order(tmp_path: Path) -> None:
    workspace = WorkspaceDir.tiny(checkout(tmp_path), a=post())
    mine = [".github/workflows/plancast-plan.yml", ".github/workflows/plancast-apply.yml"]
    for name in mine:
        workspace.write(name, "mine\n")
    done = workspace.run("init", "--ci", "github")
    assert done.out == "Wrote .github/workflows/plancast-nightly.yml\n"
    assert f"Left as they are: {', '.join(mine)}\n" in done.err
    assert [(tmp_path / name).read_text(encoding="utf-8") for name in mine] == ["mine\n"] * 2
    again = workspace.run("init", "--ci", "github")
    assert (again.code, again.codes) == (1, ["PC007"])


def test_outside_of_a_checkout_nothing_is_written(tmp_path: Path) -> None:
    done = WorkspaceDir(tmp_path).run("init", "--ci", "github")
    assert (done.code, done.codes) == (1, ["PC010"])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("forge", FILES)
@pytest.mark.parametrize("folders", [("a-b", "a/b"), ("a/b", "a-b"), ("A", "a"), ("é", "ü")])
def test_folders_with_names_alike_get_files_of_their_own(
    forge: str, folders: tuple[str, str], tmp_path: Path
) -> None:
    top = checkout(tmp_path)
    written: list[str] = []
    for inside in folders:
        done = WorkspaceDir.tiny(top / inside, a=post()).run("init", "--ci", forge)
        assert done.code == 0, done.err
        names = [line.removeprefix("Wrote ") for line in done.out.splitlines()]
        assert sorted(names) == sorted(ci_files(forge, Place(inside)))
        assert [name for name in names if name in written] == []
        for name in names:
            text = (top / name).read_text(encoding="utf-8")
            assert text == ci_files(forge, Place(inside))[name]
        written += names


# -- which branch is applied ----


def applied_branch(workspace: WorkspaceDir) -> str:
    """Return the branch that a new workspace's workflow names. The command says the same."""
    done = workspace.run("init", "--ci", "github")
    assert done.code == 0, done.err
    (top,) = (
        place
        for place in (workspace.folder, *workspace.folder.parents)
        if (place / ".git").exists()
    )
    text = (top / ".github/workflows/plancast-apply.yml").read_text(encoding="utf-8")
    (line,) = (line for line in text.splitlines() if line.strip().startswith("branches: ["))
    branch = line.strip().removeprefix("branches: [").removesuffix("]")
    known = f"The workflows apply what is merged into `{branch}`.\n"
    guessed = f"The default branch is taken to be `{branch}`: "
    assert (known in done.err) is not (guessed in done.err)
    assert (guessed in done.err) is ("If it is another one, name it under `branches:`" in done.err)
    return branch


def no_commit_yet(clone: Path) -> None:
    git(clone, "checkout", "-q", "--orphan", "trunk")
    git(clone, "remote", "remove", "origin")


def renamed_at_the_remote(clone: Path, branch: str) -> None:
    git(clone, "push", "-q", "origin", f"HEAD:refs/heads/{branch}")
    server = Path(git(clone, "remote", "get-url", "origin").removeprefix("file://"))
    git(server, "symbolic-ref", "HEAD", f"refs/heads/{branch}")
    git(clone, "push", "-q", "origin", "--delete", "main")
    git(clone, "remote", "set-head", "origin", "--delete")


BRANCHES: dict[str, tuple[Callable[[Path], object], str]] = {
    "the default branch": (lambda clone: None, "main"),
    "on another branch": (lambda clone: git(clone, "checkout", "-q", "-b", "master"), "main"),
    "detached": (lambda clone: git(clone, "checkout", "-q", "--detach"), "main"),
    "no HEAD of origin": (lambda clone: git(clone, "remote", "set-head", "origin", "-d"), "main"),
    "no remote, no commit": (no_commit_yet, "trunk"),
    "only master": (lambda clone: renamed_at_the_remote(clone, "master"), "master"),
    "a name of its own": (lambda clone: renamed_at_the_remote(clone, "develop"), "main"),
    "a HEAD that leads nowhere": (
        lambda clone: git(
            clone, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/gone"
        ),
        "main",
    ),
}


@pytest.mark.parametrize("name", BRANCHES)
def test_the_default_branch_is_applied(name: str, tmp_path: Path) -> None:
    prepare, expected = BRANCHES[name]
    clone = Remote.make(tmp_path / "server").clone("clone")
    prepare(clone)
    assert applied_branch(WorkspaceDir(clone, ENVIRON)) == expected


@pytest.mark.parametrize(
    ("branch", "expected"),
    [("develop", "develop"), ("release/2", "release/2"), ("a],b", "main"), ("é", "main")],
)
def test_its_name_is_taken_if_yaml_reads_it_as_it_is(
    branch: str, expected: str, tmp_path: Path
) -> None:
    clone = Remote.make(tmp_path / "server").clone("clone")
    git(clone, "push", "-q", "origin", f"HEAD:refs/heads/{branch}")
    git(clone, "remote", "set-head", "origin", branch)
    assert applied_branch(WorkspaceDir(clone, ENVIRON)) == expected


def test_in_a_linked_worktree_as_well(tmp_path: Path) -> None:
    clone = Remote.make(tmp_path / "server").clone("clone")
    renamed_at_the_remote(clone, "master")
    git(clone, "worktree", "add", "-q", "-b", "feature", str(tmp_path / "linked"))
    assert applied_branch(WorkspaceDir(tmp_path / "linked", ENVIRON)) == "master"


@pytest.mark.parametrize("noted", [True, False])
def test_a_guess_is_called_one(noted: bool, tmp_path: Path) -> None:
    clone = Remote.make(tmp_path / "server").clone("clone")
    if not noted:
        renamed_at_the_remote(clone, "develop")
    done = WorkspaceDir(clone, ENVIRON).run("init", "--ci", "github")
    assert ("git has not noted the default branch of `origin`" in done.err) is not noted


def test_a_pipeline_of_gitlab_names_no_branch(tmp_path: Path) -> None:
    done = WorkspaceDir(checkout(tmp_path), ENVIRON).run("init", "--ci", "gitlab")
    assert done.code == 0, done.err
    assert "branch" not in done.err


def test_where_git_does_not_answer_the_guess_is_said(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "HEAD").write_text("ref: refs/heads/master\n", encoding="utf-8")
    done = WorkspaceDir(tmp_path, ENVIRON).run("init", "--ci", "github")
    assert done.code == 0, done.err
    assert "The default branch is taken to be `main`" in done.err
    assert "not a git repository" in done.err


@pytest.mark.parametrize("forge", FILES)
@pytest.mark.parametrize(
    "name", ["${{ secrets.BUFFER_API_KEY }}", "$BUFFER_API_KEY", "a$(id)", "a\nb"]
)
def test_a_folder_that_a_forge_would_read_as_an_expression_is_refused(
    forge: str, name: str, tmp_path: Path
) -> None:
    top = checkout(tmp_path)
    workspace = WorkspaceDir.tiny(top / name, a=post())
    done = workspace.run("init", "--ci", forge)
    assert (done.code, done.codes) == (1, ["PC203"])
    assert not (top / ".github").exists()
    assert not (top / ".gitlab").exists()
