"""A ref that is for something else: nothing is read from it, and nothing is written to it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from plancast.model.ports import StateForeign, StateTooNew
from plancast.model.state import FORMAT_VERSION, State
from plancast.store.git_states import JOURNAL, OUR_FILES, STATE
from plancast.store.state_json import encode
from tests.store.gits import Remote, git, push_by_hand, store_in

REF = "refs/plancast/state"
BRANCH = "refs/heads/plancast-state"
TEXT = encode(State("lineage", serial=3)).decode()


@pytest.fixture
def remote(tmp_path: Path) -> Remote:
    return Remote.make(tmp_path)


def is_refused(remote: Remote, clone: Path, ref: str, why: str) -> None:
    """Check that no way leads into the ref, and that it stays as it is."""
    before = remote.refs()
    store = store_in(clone, ref)
    ways: list[Callable[[], object]] = [
        store.read,
        lambda: store.write(State("lineage", serial=3)),
        lambda: store.history(5),
    ]
    for way in ways:
        with pytest.raises(StateForeign, match=why):
            way()
    assert remote.refs() == before


# -- what its tree holds ----


@pytest.mark.parametrize(
    ("names", "why"),
    [
        (["README"], "holds README"),
        ([STATE, "README"], "holds README"),
        ([STATE, JOURNAL, "posts/a.yaml"], "holds posts"),
        ([f"{STATE}/a"], f"holds {STATE}"),
        (["a", "b", "c", "d", "e"], "holds a, b, c and 2 more"),
        (["State.json"], "holds State.json"),
        (["a\nb", STATE], r"holds 'a\\nb'"),
    ],
)
def test_a_tree_with_anything_else_is_refused(remote: Remote, names: list[str], why: str) -> None:
    clone = remote.clone("clone")
    push_by_hand(clone, REF, dict.fromkeys(names, TEXT))
    is_refused(remote, clone, REF, why)


def test_more_files_of_a_newer_plancast_are_said_to_be_that(remote: Remote) -> None:
    clone = remote.clone("clone")
    newer = json.dumps({"format_version": FORMAT_VERSION + 1, "lineage": ["another", "form"]})
    for more in ({}, {"more.json": "{}"}):
        push_by_hand(clone, REF, {STATE: newer, **more})
        with pytest.raises(StateTooNew):
            store_in(clone, REF).read()
        with pytest.raises(StateTooNew):
            store_in(clone, REF).write(State("lineage"))


def test_a_link_is_no_file_of_ours(remote: Remote) -> None:
    clone = remote.clone("clone")
    blob = git(clone, "hash-object", "-w", "README")
    git(clone, "checkout", "-q", "--orphan", "links")
    git(clone, "rm", "-q", "-r", "--cached", ".")
    git(clone, "update-index", "--add", "--cacheinfo", f"120000,{blob},{STATE}")
    git(clone, "commit", "-q", "-m", "A link")
    git(clone, "push", "-q", "origin", f"HEAD:{REF}")
    is_refused(remote, clone, REF, f"holds {STATE}")


def test_a_tree_of_ours_is_read(remote: Remote) -> None:
    clone = remote.clone("clone")
    assert {STATE, JOURNAL} <= OUR_FILES
    push_by_hand(clone, REF, {STATE: TEXT, JOURNAL: ""})
    assert store_in(clone, REF).read().serial == 3


def test_a_run_that_is_under_way_does_not_write_over_other_files(remote: Remote) -> None:
    clone = remote.clone("clone")
    store = store_in(clone, REF)
    state = store.write(store.read())
    push_by_hand(clone, REF, {STATE: encode(state).decode(), "README": "Mine."})
    before = remote.refs()
    with pytest.raises(StateForeign):
        store_in(clone, REF).write(state)
    assert remote.refs() == before


# -- branches that people work on ----


def in_the_work_tree(remote: Remote) -> Path:
    clone = remote.clone("clone")
    git(clone, "checkout", "-q", "-b", "plancast-state")
    return clone


def in_a_linked_worktree(remote: Remote) -> Path:
    clone = remote.clone("clone")
    git(clone, "worktree", "add", "-q", "-b", "plancast-state", str(remote.folder.parent / "two"))
    return clone


def in_the_main_work_tree(remote: Remote) -> Path:
    clone = in_the_work_tree(remote)
    git(clone, "worktree", "add", "-q", "-b", "other", str(remote.folder.parent / "two"))
    return remote.folder.parent / "two"


def before_the_first_commit(remote: Remote) -> Path:
    clone = remote.folder.parent / "new"
    git(remote.folder.parent, "init", "-q", "-b", "plancast-state", "new")
    git(clone, "remote", "add", "origin", str(remote.folder))
    return clone


def default_of_the_remote(remote: Remote) -> Path:
    """Known there alone: the clone is from before."""
    clone = remote.clone("clone")
    push_by_hand(clone, BRANCH, {STATE: TEXT})
    git(remote.folder, "symbolic-ref", "HEAD", BRANCH)
    return clone


def default_of_the_remote_before(remote: Remote) -> Path:
    """Known here alone: the remote says no more which one it is."""
    clone = remote.clone("clone")
    push_by_hand(clone, BRANCH, {STATE: TEXT})
    git(clone, "fetch", "-q", "origin")
    git(clone, "remote", "set-head", "origin", "plancast-state")
    git(remote.folder, "update-ref", "--no-deref", "HEAD", git(clone, "rev-parse", "HEAD"))
    return clone


WORKED_ON: dict[str, tuple[Callable[[Remote], Path], str]] = {
    "in the work tree": (in_the_work_tree, "checked out in .*clone"),
    "in a linked worktree": (in_a_linked_worktree, "checked out in .*two"),
    "in the main work tree": (in_the_main_work_tree, "checked out in .*clone"),
    "before the first commit": (before_the_first_commit, "checked out in .*new"),
    "the default of the remote": (default_of_the_remote, "default branch of origin"),
    "the default of before": (default_of_the_remote_before, "default branch of origin"),
}


@pytest.mark.parametrize("name", WORKED_ON)
def test_a_branch_that_people_work_on_is_refused(remote: Remote, name: str) -> None:
    """Also if nothing but a state is in it."""
    prepare, why = WORKED_ON[name]
    is_refused(remote, prepare(remote), BRANCH, why)


def test_a_branch_for_the_state_alone_is_taken(remote: Remote) -> None:
    clone = remote.clone("clone")
    store = store_in(clone, BRANCH)
    written = store.write(store.read())
    git(clone, "fetch", "-q", "origin")
    git(clone, "branch", "-q", "--track", "plancast-state", "origin/plancast-state")
    assert store_in(clone, BRANCH).read() == written


def test_a_branch_that_is_checked_out_meanwhile_is_not_written(remote: Remote) -> None:
    clone = remote.clone("clone")
    store = store_in(clone, BRANCH, hurried=True)
    state = store.write(store.read())
    before = remote.refs()
    git(clone, "fetch", "-q", "origin")
    git(clone, "checkout", "-q", "plancast-state")
    assert store.is_ours(), "the ref has not moved"
    with pytest.raises(StateForeign, match="checked out"):
        store.write(state)
    assert remote.refs() == before
