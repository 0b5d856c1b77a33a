"""Checkouts of every shape: a workspace finds its own state, whatever a surrounding hook says."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from plancast.content.discovery import find_checkout
from plancast.model.ports import StateUnreachable
from plancast.store.git_process import Git
from tests.store.gits import ENVIRON, Remote, git, store_in

pytestmark = pytest.mark.part(6)


@pytest.fixture
def remote(tmp_path: Path) -> Remote:
    return Remote.make(tmp_path / "server")


# -- shapes of a checkout ----


def plain(remote: Remote, folder: Path) -> Path:
    git(folder, "clone", "-q", str(remote.folder), "plain")
    return folder / "plain"


def linked_worktree(remote: Remote, folder: Path) -> Path:
    main = plain(remote, folder)
    git(main, "worktree", "add", "-q", "-b", "feature", str(folder / "linked"))
    return folder / "linked"


def worktree_of_a_bare_clone(remote: Remote, folder: Path) -> Path:
    git(folder, "clone", "-q", "--bare", str(remote.folder), "bare.git")
    git(folder / "bare.git", "worktree", "add", "-q", "-b", "feature", str(folder / "linked"))
    return folder / "linked"


def submodule(remote: Remote, folder: Path) -> Path:
    outer = plain(remote, folder)
    allowed = ("-c", "protocol.file.allow=always")
    git(outer, *allowed, "submodule", "add", "-q", str(remote.folder), "inner")
    git(outer, "remote", "set-url", "origin", "/nowhere")
    return outer / "inner"


def git_dir_elsewhere(remote: Remote, folder: Path) -> Path:
    elsewhere = folder / "elsewhere"
    git(folder, "clone", "-q", f"--separate-git-dir={elsewhere}", str(remote.folder), "apart")
    return folder / "apart"


def relative_git_file(remote: Remote, folder: Path) -> Path:
    top = git_dir_elsewhere(remote, folder)
    (top / ".git").write_text("gitdir: ../elsewhere\n", encoding="utf-8")
    return top


def link_to_a_git_dir(remote: Remote, folder: Path) -> Path:
    top = plain(remote, folder)
    (top / ".git").rename(folder / "moved")
    (top / ".git").symlink_to("../moved")
    return top


def bare_behind_a_git_file(remote: Remote, folder: Path) -> Path:
    top = folder / "top"
    git(folder, "clone", "-q", "--bare", str(remote.folder), "top/.bare")
    (top / ".git").write_text("gitdir: ./.bare\n", encoding="utf-8")
    return top


def named(name: bytes) -> Callable[[Remote, Path], Path]:
    """A clone in a folder of that name."""

    def clone(remote: Remote, folder: Path) -> Path:
        target = folder / os.fsdecode(name)
        target.mkdir(parents=True)
        git(target, "clone", "-q", str(remote.folder), ".")
        return target

    return clone


SHAPES: dict[str, Callable[[Remote, Path], Path]] = {
    "plain": plain,
    "linked worktree": linked_worktree,
    "worktree of a bare clone": worktree_of_a_bare_clone,
    "submodule": submodule,
    "git dir elsewhere": git_dir_elsewhere,
    "relative .git file": relative_git_file,
    "link to a git dir": link_to_a_git_dir,
    "bare behind a .git file": bare_behind_a_git_file,
    "a blank": named(b"a b"),
    "a colon": named(b"a:b/c"),
    "a line end": named(b"a\nb"),
    "no UTF-8": named(b"\xff\xfe"),
    "a dash": named(b"-c"),
}


@pytest.mark.parametrize("inside", ["", "social", "social/ä b"])
@pytest.mark.parametrize("shape", SHAPES)
def test_a_workspace_reads_what_it_wrote(
    remote: Remote, tmp_path: Path, shape: str, inside: str
) -> None:
    top = SHAPES[shape](remote, tmp_path)
    store = store_in(top, inside=inside)
    written = store.write(replace(store.read(), account_id="own"))
    again = store_in(top, inside=inside)
    assert again.read() == written
    assert again.write(written).serial == 2
    assert len(again.history(5)) == 2
    assert len(remote.refs()) == 2, "the branch of the repository, and the state"


@pytest.mark.parametrize("shape", SHAPES)
def test_the_variables_of_a_hook_lead_to_no_other_state(
    remote: Remote, tmp_path: Path, shape: str
) -> None:
    top = SHAPES[shape](remote, tmp_path)
    other = Remote.make(tmp_path / "other-server").clone("other")
    foreign = store_in(other).write(replace(store_in(other).read(), account_id="foreign"))
    hook = {
        **ENVIRON,
        "GIT_DIR": str(other / ".git"),
        "GIT_WORK_TREE": str(other),
        "GIT_COMMON_DIR": str(other / ".git"),
        "GIT_INDEX_FILE": str(other / ".git" / "index"),
        "GIT_OBJECT_DIRECTORY": str(other / ".git" / "objects"),
        "GIT_QUARANTINE_PATH": str(other / ".git" / "objects"),
        "GIT_NAMESPACE": "foreign",
        "GIT_PREFIX": "social/",
        "GIT_AUTHOR_DATE": "2001-01-01T00:00:00Z",
        "GIT_LITERAL_PATHSPECS": "1",
    }
    store = store_in(top, environ=hook)
    assert store.read().account_id == ""
    store.write(replace(store.read(), account_id="own"))
    assert store_in(top).read().account_id == "own"
    assert store_in(other).read() == foreign
    (step,) = store_in(top, environ=hook).history(9)
    assert step.at is not None
    assert step.at.year > 2001


def test_a_hook_of_a_linked_worktree_reaches_its_own_state(remote: Remote, tmp_path: Path) -> None:
    """With the variables that this git really sets, and another workspace in the checkout."""
    top = linked_worktree(remote, tmp_path)
    above, below = store_in(top), store_in(top, inside="social")
    above.write(replace(above.read(), account_id="above"))
    below.write(replace(below.read(), account_id="below"))
    noted = tmp_path / "environ"
    hook = Path(git(top, "rev-parse", "--git-path", "hooks/post-commit"))
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\nenv -0 > {noted}\n", encoding="utf-8")
    hook.chmod(0o755)
    git(top, "commit", "-q", "--allow-empty", "-m", "Runs the hook")
    environ = dict(item.split("=", 1) for item in noted.read_text().split("\0") if item)
    assert "GIT_DIR" in environ
    for inside, account in (("", "above"), ("social", "below")):
        assert store_in(top, inside=inside, environ=environ).read().account_id == account


# -- pinned once ----


def test_a_repository_that_was_pinned_stays_the_one(remote: Remote, tmp_path: Path) -> None:
    top = git_dir_elsewhere(remote, tmp_path)
    pinned = Git.pin(top, find_checkout(top), ENVIRON)
    other = Remote.make(tmp_path / "other-server").clone("other")
    (top / ".git").write_text(f"gitdir: {other}/.git\n", encoding="utf-8")
    assert pinned.text("remote", "get-url", "origin") == str(remote.folder)
    assert git(top, "remote", "get-url", "origin") != str(remote.folder), "git would follow it"


def test_each_call_runs_at_the_top_of_the_work_tree(remote: Remote, tmp_path: Path) -> None:
    top = plain(remote, tmp_path)
    (top / "social").mkdir()
    pinned = Git.pin(top / "social", find_checkout(top / "social"), ENVIRON)
    assert pinned.text("rev-parse", "--show-prefix") == ""
    assert pinned.text("rev-parse", "--show-toplevel") == str(top)
    assert "README" in pinned.text("ls-tree", "--name-only", "HEAD")


# -- no checkout ----


def test_a_folder_without_a_checkout_is_named(tmp_path: Path) -> None:
    with pytest.raises(StateUnreachable, match="alone is in no git checkout"):
        store_in(tmp_path / "alone")


def test_a_bare_clone_is_no_checkout(remote: Remote, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", "--bare", str(remote.folder), "bare.git")
    with pytest.raises(StateUnreachable, match="is in no git checkout") as refused:
        store_in(tmp_path / "bare.git", inside="social")
    assert "Run it in a clone" in refused.value.hint


def empty_git_dir(folder: Path) -> Path:
    (folder / ".git").mkdir(parents=True)
    return folder


def git_file(text: str) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        folder.mkdir(parents=True)
        (folder / ".git").write_text(text, encoding="utf-8")
        return folder

    return write


BROKEN: dict[str, Callable[[Path], Path]] = {
    "an empty folder": empty_git_dir,
    "a path that is not there": git_file("gitdir: /nowhere/at/all\n"),
    "a folder that is no repository": git_file("gitdir: ..\n"),
    "no path": git_file("gitdir:\n"),
    "something else": git_file("Hello.\n"),
    "nothing": git_file(""),
}


@pytest.mark.parametrize("name", ["inner", "in:ner"])
@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_checkout_does_not_lead_to_the_one_around_it(
    remote: Remote, tmp_path: Path, broken: str, name: str
) -> None:
    """git skips a `.git` that is no repository, and the content loader does not."""
    outer = plain(remote, tmp_path)
    store_in(outer).write(replace(store_in(outer).read(), account_id="outer"))
    inner = BROKEN[broken](outer / name / "workspace")
    with pytest.raises(StateUnreachable) as refused:
        store_in(inner)
    assert str(inner) in str(refused.value)
    assert ".git" in refused.value.hint or "git status" in refused.value.hint
