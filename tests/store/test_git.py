"""The state in a ref of the remote: real git, a bare remote, clones of it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from plancast.model.ports import (
    StateDamaged,
    StateElsewhere,
    StateMoved,
    StateRewound,
    StateUnreachable,
    StateUnwritable,
)
from plancast.model.profile import Profile
from plancast.model.state import State
from plancast.model.workspace import StateSettings
from plancast.store.git import GitStore, open_git
from plancast.store.git_states import ref_for
from plancast.store.local import LocalStore
from tests.store.gits import ENVIRON, Remote, git, push_by_hand, store_in

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
REF = "refs/plancast/state"


@pytest.fixture
def remote(tmp_path: Path) -> Remote:
    return Remote.make(tmp_path)


def begun(store: GitStore, account: str = "user-1") -> State:
    """A first state, written."""
    return store.write(replace(store.read(), account_id=account))


# -- what it remembers ----


def test_what_was_read_last_is_remembered_without_the_remote(remote: Remote) -> None:
    clone = remote.clone("clone")
    assert store_in(clone).remembered_profiles() == ()
    profiles = (Profile("p-1", "twitter"),)
    store = store_in(clone)
    store.write(replace(store.read(), profiles=profiles))
    store_in(clone).read()
    remote.folder.rename(remote.folder.with_name("away"))
    assert store_in(clone).remembered_profiles() == profiles
    with pytest.raises(StateUnreachable):
        store_in(clone).read()


# -- places it works in ----


@pytest.mark.parametrize("flags", [(), ("--depth=1",), ("--filter=blob:none",)])
def test_a_clone_of_any_depth_reads_and_writes(remote: Remote, flags: tuple[str, ...]) -> None:
    store_in(remote.clone("before")).write(State("lineage"))
    git(remote.folder, "config", "uploadpack.allowFilter", "true")
    clone = remote.clone("clone", *flags)
    store = store_in(clone)
    written = store.write(replace(store.read(), account_id="user-1"))
    assert store_in(remote.clone("after", "--depth=1")).read() == written


def test_a_detached_head_and_a_dirty_tree_stay_as_they_are(remote: Remote) -> None:
    clone = remote.clone("clone", "--depth=1")
    git(clone, "checkout", "-q", "--detach")
    (clone / "README").write_text("Changed.\n")
    before = (git(clone, "status"), git(clone, "branch", "-a"), git(clone, "rev-parse", "HEAD"))
    store = store_in(clone)
    store.write(begun(store))
    after = (git(clone, "status"), git(clone, "branch", "-a"), git(clone, "rev-parse", "HEAD"))
    assert after == before
    assert not (clone / ".git" / "FETCH_HEAD").exists()


def test_pushes_of_others_to_their_branches_are_none_of_its_business(remote: Remote) -> None:
    clone, other = remote.clone("clone"), remote.clone("other")
    store = store_in(clone)
    written = begun(store)
    (other / "post.yaml").write_text("text: Hello.\n")
    git(other, "add", ".")
    git(other, "commit", "-q", "-m", "A post")
    git(other, "push", "-q", "origin", "HEAD:main")
    assert store.write(written).serial == 2
    assert store_in(other).read().serial == 2


def test_the_ref_is_no_branch_and_hooks_of_the_clone_do_not_run(remote: Remote) -> None:
    clone = remote.clone("clone")
    hook = clone / ".git" / "hooks" / "pre-push"
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    begun(store_in(clone))
    assert set(remote.refs()) == {"refs/heads/main", REF}


def test_each_folder_of_a_repository_has_a_state_of_its_own(remote: Remote) -> None:
    clone = remote.clone("clone")
    one, two = store_in(clone, inside="social/acme"), store_in(clone, inside="social/acme_")
    first, second = begun(one, "one"), begun(two, "two")
    assert first.lineage != second.lineage
    assert (one.read().account_id, two.read().account_id) == ("one", "two")
    assert len(set(remote.refs())) == 3


def test_names_of_refs_are_told_apart_and_allowed() -> None:
    folders = ["", "social", "social/a", "social-a", "Sozial/ä", "..", "a b", "x" * 80]
    names = [ref_for(folder) for folder in folders]
    assert len(set(names)) == len(names)
    for name in names:
        git(Path("/"), "check-ref-format", name)


# -- compare and swap ----


def test_of_six_that_write_at_once_exactly_one_wins_each_round(remote: Remote) -> None:
    stores = [store_in(remote.clone(f"clone{number}", "--depth=1")) for number in range(6)]
    state = begun(stores[0])
    for number in range(3):
        ended: list[str] = []
        start = threading.Barrier(len(stores))

        def write(
            store: GitStore, name: str, ended: list[str] = ended, start: threading.Barrier = start
        ) -> None:
            seen = store.read()
            start.wait()
            try:
                store.write(replace(seen, account_id=name))
            except StateMoved:
                ended.append("lost")
            else:
                ended.append(name)

        threads = [
            threading.Thread(target=write, args=(store, f"run {number} by {index}"))
            for index, store in enumerate(stores)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        (winner,) = [name for name in ended if name != "lost"]
        assert len(ended) == 6
        state = stores[number].read()
        assert (state.account_id, state.serial) == (winner, number + 2)


def test_of_two_first_states_one_wins(remote: Remote) -> None:
    one, two = store_in(remote.clone("one")), store_in(remote.clone("two"))
    first, second = one.read(), two.read()
    one.write(first)
    with pytest.raises(StateMoved):
        two.write(second)
    assert two.read().lineage == first.lineage


def test_two_that_write_the_same_at_the_same_moment_do_not_both_win(remote: Remote) -> None:
    one, two = store_in(remote.clone("one")), store_in(remote.clone("two"))
    written = begun(one)
    two.read()
    one.write(written)
    with pytest.raises(StateMoved):
        two.write(written)


def test_a_run_that_goes_on_after_another_wrote_is_stopped(remote: Remote) -> None:
    one = store_in(remote.clone("one"), hurried=True)
    two = store_in(remote.clone("two"))
    written = begun(one)
    two.write(two.read())
    assert not one.is_ours()
    with pytest.raises(StateMoved):
        one.write(written)


def test_a_glance_is_believed_for_some_seconds_and_where_nobody_answers(remote: Remote) -> None:
    clone = remote.clone("one")
    calm, hurried = store_in(clone), store_in(clone, hurried=True)
    begun(calm)
    hurried.read()
    other = store_in(remote.clone("two"))
    other.write(other.read())
    assert calm.is_ours()
    assert not hurried.is_ours()
    git(clone, "remote", "set-url", "origin", "file:///nowhere")
    assert hurried.is_ours()


# -- answers that are lost, and refusals ----


def test_a_push_whose_answer_is_lost_is_looked_for(remote: Remote) -> None:
    store = store_in(remote.clone("clone"))
    written = begun(store)
    remote.hook("post-receive", "kill -9 $PPID")
    assert store.write(written).serial == 2
    assert store_in(remote.clone("other")).read().serial == 2


def test_a_push_that_died_on_the_way_changed_nothing(remote: Remote) -> None:
    store = store_in(remote.clone("clone"))
    written = begun(store)
    remote.hook("pre-receive", "kill -9 $PPID")
    with pytest.raises(StateUnwritable):
        store.write(written)
    remote.hook("pre-receive", "exit 0")
    assert store.read() == written
    assert store.write(written).serial == 2


def test_a_remote_that_takes_no_such_refs_is_told_of_the_branch(remote: Remote) -> None:
    remote.hook("update", 'case "$1" in refs/heads/*) ;; *) echo "no such refs" >&2; exit 1;; esac')
    clone = remote.clone("clone")
    with pytest.raises(StateUnwritable, match="no such refs") as refused:
        begun(store_in(clone))
    assert "refs/heads/plancast-state" in refused.value.hint
    written = begun(store_in(clone, "refs/heads/plancast-state"))
    assert store_in(remote.clone("other"), "refs/heads/plancast-state").read() == written


def _set_url(clone: Path, url: str) -> None:
    git(clone, "remote", "set-url", "origin", url)


def _drop_remote(clone: Path) -> None:
    git(clone, "remote", "remove", "origin")


UNREACHABLE: dict[str, Callable[[Path], None]] = {
    "gone": lambda clone: _set_url(clone, "file:///nowhere/at/all"),
    "no such remote": _drop_remote,
}


@pytest.mark.parametrize("broken", UNREACHABLE.values(), ids=UNREACHABLE)
def test_a_remote_that_cannot_be_asked_is_no_empty_state(
    remote: Remote, broken: Callable[[Path], None]
) -> None:
    clone = remote.clone("clone")
    broken(clone)
    with pytest.raises(StateUnreachable):
        store_in(clone).read()


def test_a_credential_in_an_address_is_not_repeated(remote: Remote) -> None:
    clone = remote.clone("clone")
    _set_url(clone, "http://ana:sesame@127.0.0.1:9/posts.git")
    with pytest.raises(StateUnreachable) as refused:
        store_in(clone).read()
    assert "sesame" not in str(refused.value)


def test_an_address_is_no_name_of_a_remote(remote: Remote) -> None:
    clone = remote.clone("clone")
    settings = StateSettings("git", f"file://{remote.folder}", "")
    store = open_git(clone, clone / ".plancast", settings, ENVIRON, checkout=clone)
    with pytest.raises(StateUnreachable, match="it has: origin"):
        store.read()


def test_a_folder_in_no_repository_is_said(tmp_path: Path) -> None:
    with pytest.raises(StateUnreachable, match="no git checkout"):
        store_in(tmp_path / "alone")


def test_without_git_that_is_said(remote: Remote) -> None:
    clone = remote.clone("clone")
    environ = {**ENVIRON, "PATH": "/nonexistent"}
    with pytest.raises(StateUnreachable, match="git is not installed"):
        store_in(clone, environ=environ)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"format_version": 1}', "\udcff"])
def test_a_state_that_cannot_be_understood_is_left_alone(remote: Remote, content: str) -> None:
    clone = remote.clone("clone")
    push_by_hand(clone, REF, {"state.json": content})
    store = store_in(clone)
    with pytest.raises(StateDamaged):
        store.read()
    with pytest.raises(StateDamaged):
        store.write(State("lineage"))


# -- set back ----


def test_a_state_that_was_set_back_is_refused(remote: Remote) -> None:
    clone = remote.clone("clone", "--depth=1")
    store = store_in(clone)
    old = begun(store)
    first = remote.refs()[REF]
    store.write(old)
    git(remote.folder, "update-ref", REF, first)
    with pytest.raises(StateRewound, match="serial 2 to 1"):
        store.read()
    with pytest.raises(StateRewound):
        store_in(clone).read()
    assert store_in(remote.clone("other")).read() == old


def test_an_older_epoch_is_older_whatever_its_serial(remote: Remote) -> None:
    one, two = remote.clone("one"), remote.clone("two")
    store = store_in(one)
    state = begun(store)
    fork = remote.refs()[REF]
    store.write(replace(state, epoch=5))
    git(remote.folder, "update-ref", REF, fork)
    late = store_in(two)
    late.write(late.write(late.read()))
    with pytest.raises(StateRewound):
        store.read()


@pytest.mark.parametrize("what", ["gone", "another"])
def test_a_state_that_is_gone_or_another_is_refused_until_a_person_says_so(
    remote: Remote, what: str
) -> None:
    clone = remote.clone("clone")
    store = store_in(clone)
    begun(store)
    git(remote.folder, "update-ref", "-d", REF)
    if what == "another":
        begun(store_in(remote.clone("other")), "somebody")
    with pytest.raises(StateRewound) as refused:
        store.read()
    command = str(refused.value).split("If that was meant: git ")[1]
    git(clone, *command.split())
    assert store_in(clone).read().account_id == ("somebody" if what == "another" else "")


def test_a_state_of_before_is_not_forgotten_silently(remote: Remote) -> None:
    clone = remote.clone("clone")
    local = LocalStore(clone / ".plancast")
    local.write(local.read())
    with pytest.raises(StateElsewhere):
        store_in(clone).read()
