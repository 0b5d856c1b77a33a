"""The states of a remote: what `owned.txt` says, and which folders a commit holds."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plancast.codec import CodecError
from plancast.model.entry import Address
from plancast.model.state import State
from plancast.model.workspace_identity import Identity
from plancast.providers import registry
from plancast.reconcile.workspace_identity import Kept
from plancast.store.git_head import workspaces_of
from plancast.store.git_process import Git
from plancast.store.git_ref import GitRef
from plancast.store.git_states import (
    OUR_FILES,
    OWNED,
    GitStates,
    OwnedIds,
    claimed,
    files_of,
    folder_in,
    owned_text,
    parse_owned,
    ref_for,
)
from plancast.store.workspace_owner import Owner
from tests.reconcile.making import binding
from tests.store.gits import ENVIRON, Remote, git, push_by_hand

ids = st.text(min_size=1, max_size=12) | st.sampled_from(["moved to x", '"', "a\nb", " ", "4eb8"])


def owning(*remote_ids: str, account: str = "user-1", moved_to: str = "") -> State:
    bound = [binding(f"p{n}@x", remote_id=remote_id) for n, remote_id in enumerate(remote_ids)]
    return replace(State("lineage"), account_id=account, moved_to=moved_to).bind(*bound)


@given(st.lists(ids, unique=True, max_size=4), st.just("") | ids, st.booleans())
def test_whatever_is_owned_is_read_back(remote_ids: list[str], account: str, moved: bool) -> None:
    to = "refs/plancast/state" if moved else ""
    text = owned_text(owning(*remote_ids, account=account, moved_to=to))
    assert parse_owned(text) == OwnedIds(account, to, frozenset(remote_ids))


@given(st.text())
def test_any_text_is_a_list_or_an_error(text: str) -> None:
    try:
        parse_owned(text)
    except CodecError:
        return


def test_the_form_of_the_list() -> None:
    assert owned_text(owning("b2", "a1")) == "user-1\na1\nb2\n"
    assert owned_text(owning(account="")) == '""\n'
    assert files_of(owning("a1")).keys() <= OUR_FILES


CLAIMS: dict[str, tuple[OwnedIds, bool]] = {
    "a neighbour": (OwnedIds("user-1", "", frozenset({"r"})), True),
    "one that does not say of which account": (OwnedIds("", "", frozenset({"r"})), True),
    "of another account": (OwnedIds("user-2", "", frozenset({"r"})), False),
    "moved here": (OwnedIds("user-1", "refs/plancast/own", frozenset({"r"})), False),
    "moved elsewhere": (OwnedIds("user-1", "refs/plancast/third", frozenset({"r"})), True),
}


@pytest.mark.parametrize("name", CLAIMS)
def test_what_others_own(name: str) -> None:
    owned, counts = CLAIMS[name]
    found = claimed({"refs/plancast/other": owned}, "refs/plancast/own", "user-1")
    assert found == (frozenset({"r"}) if counts else frozenset())
    assert claimed({"refs/plancast/own": owned}, "refs/plancast/own", "user-1") == frozenset()


# -- what a commit and a remote hold ----


def id_of(content: bytes) -> str:
    return content.decode()


def pinned(clone: Path) -> Git:
    return Git.pin(clone, clone, ENVIRON)


def test_the_folders_of_a_commit_are_those_with_a_workspace_file(tmp_path: Path) -> None:
    clone = Remote.make(tmp_path).clone("clone")
    assert workspaces_of(pinned(clone), id_of) == {}
    folders = ["", "social", "team/a b", "ä", "-c", "a\nb", "HEAD:x"]
    for folder in folders:
        (clone / folder).mkdir(parents=True, exist_ok=True)
        (clone / folder / "plancast.yaml").write_text(f"{folder!r}")
        (clone / folder / "my-plancast.yaml").write_text("version: 1\n")
    assert workspaces_of(pinned(clone), id_of) == {}, "what is not committed does not count"
    git(clone, "add", "-A")
    git(clone, "commit", "-q", "-m", "All")
    assert workspaces_of(pinned(clone), id_of) == {folder: repr(folder) for folder in folders}
    assert {folder_in(clone / folder, clone) for folder in folders} == set(folders)


def test_before_the_first_commit_there_is_no_folder(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", ".")
    (tmp_path / "plancast.yaml").write_text("version: 1\n")
    assert workspaces_of(pinned(tmp_path), id_of) == {}


def test_a_settings_file_that_is_a_link_has_no_id(tmp_path: Path) -> None:
    clone = Remote.make(tmp_path).clone("clone")
    (clone / "social").mkdir()
    (clone / "social" / "plancast.yaml").symlink_to("elsewhere")
    git(clone, "add", "-A")
    git(clone, "commit", "-q", "-m", "Link")
    assert workspaces_of(pinned(clone), id_of) == {"social": ""}


def states(clone: Path, identity: Identity) -> GitStates:
    run = pinned(clone)
    owner = Owner(identity, asks_for=lambda address: address == Address("p0", "x"))
    folders = partial(workspaces_of, run, id_of)
    owner = replace(owner, folders=folders, is_shared=registry.is_shared)
    ref = GitRef(run, "origin", ref_for(identity.path))
    return GitStates(run, ref, owner, is_named=False)


def pushed(clone: Path, ref: str, state: State) -> None:
    files = {name: content.decode() for name, content in files_of(state).items()}
    push_by_hand(clone, ref, files)


def test_states_are_found_beside_refs_of_others(tmp_path: Path) -> None:
    clone = Remote.make(tmp_path).clone("clone")
    old, named, branch = ref_for("social"), "refs/mine/state", "refs/heads/plancast-state"
    whose = Identity("acme", "social", "buffer")
    pushed(clone, old, replace(owning("a1"), workspace=whose, moved_to=named))
    pushed(clone, named, replace(owning("a1"), workspace=whose))
    pushed(clone, branch, owning())
    push_by_hand(clone, "refs/heads/plancast-docs", {"README": "Docs."})
    push_by_hand(clone, ref_for("broken"), {"state.json": "{"})
    git(clone, "push", "-q", "origin", "HEAD^{tree}:refs/plancast/tree")
    found = {one.place: one for one in states(clone, Identity("x", "marketing")).others()}
    assert found == {
        old: Kept(old, whose, is_gone=True, meets=True, moved_to=named),
        named: Kept(named, whose, is_gone=True, meets=True),
        branch: Kept(branch, is_empty=True, is_new=True),
        ref_for("broken"): Kept(ref_for("broken"), is_gone=True, meets=True),
    }


def test_an_own_state_under_another_name_is_known_by_its_ref(tmp_path: Path) -> None:
    clone = Remote.make(tmp_path).clone("clone")
    pushed(clone, ref_for("social"), owning("a1"))
    run = pinned(clone)
    owner = Owner(Identity("", "social"), folders=lambda: {"social": ""})
    here = GitStates(run, GitRef(run, "origin", "refs/mine/state"), owner, is_named=True)
    (kept,) = here.others()
    assert kept.identity == Identity("", "social")


@pytest.mark.parametrize("flags", [(), ("--depth=1",)])
def test_claims_are_read_in_clones_of_any_depth(tmp_path: Path, flags: tuple[str, ...]) -> None:
    remote = Remote.make(tmp_path)
    writer = remote.clone("writer")
    pushed(writer, ref_for("one"), owning("a1", "a2"))
    pushed(writer, ref_for("two"), owning("b1"))
    push_by_hand(
        writer, ref_for("three"), {"state.json": files_of(owning("c1"))["state.json"].decode()}
    )
    clone = remote.clone("clone", *flags)
    here = states(clone, Identity("", "two", "buffer"))
    assert here.claimed("user-1") == {"a1", "a2", "c1"}
    pushed(writer, ref_for("one"), owning("a2"))
    assert here.claimed("user-1") == {"a2", "c1"}
    assert here.claimed("user-2") == frozenset()
    assert states(clone, Identity("", "two", "sandbox")).claimed("user-1") == frozenset()
    assert git(clone, "status", "--porcelain") == ""
    assert OWNED in OUR_FILES
