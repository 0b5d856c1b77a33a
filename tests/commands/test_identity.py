"""A state belongs to one workspace: renamed, copied, cloned and forked folders, at a terminal."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from plancast.sandbox.faults import Fault, FaultKind
from plancast.store.git_states import ref_for
from tests.commands.repositories import (
    BACKEND,
    MARKETING,
    SOCIAL,
    Repository,
    later,
    repository,
    settings,
)
from tests.commands.workspace_dir import Result, WorkspaceDir, post, workspace_yaml
from tests.store.gits import ENVIRON, Remote, git, push_by_hand

PARTIAL, REFUSED, UNKNOWN = 3, 4, 6


pytestmark = pytest.mark.stories(8)


@pytest.fixture
def repo(tmp_path: Path) -> Iterator[Repository]:
    with repository(tmp_path) as made:
        yield made


def must_apply(workspace: WorkspaceDir, *args: str) -> Result:
    result = workspace.apply(*args)
    assert result.code == 0, result.err
    return result


def is_refused(
    repo: Repository, workspace: WorkspaceDir, code: str, *words: str, args: tuple[str, ...] = ()
) -> None:
    """Check that neither a plan nor an apply goes on, and that nothing changes."""
    before = (repo.live(), used(repo))
    for command in (("plan",), ("apply", "--auto-approve")):
        refused = workspace.run(*command, *args)
        assert (refused.code, refused.errors) == (REFUSED, [code]), (command, refused.err)
        shown = " ".join((refused.err + refused.out).split())
        assert [word for word in words if word not in shown] == [], shown
    assert (repo.live(), used(repo)) == before


def waits_for(repo: Repository, workspace: WorkspaceDir, ref: str) -> None:
    """Check that a post is not created beside the same that another workspace still owns."""
    before = repo.live()
    planned = workspace.run("plan")
    assert planned.code == 0, planned.err
    assert "PC911" in planned.out
    assert f"{ref} still owns the same" in " ".join(planned.out.split())
    assert workspace.apply().code == PARTIAL
    assert repo.live() == before


def used(repo: Repository) -> dict[str, Any]:
    """Return what the refs hold, but for leases: an apply takes one before it looks."""
    return {
        name: {key: state[key] for key in ("lineage", "resources", "workspace", "moved_to")}
        for name, state in repo.states().items()
        if state["read_at"] or state["resources"] or state["moved_to"]
    }


# -- renamed ----


@pytest.mark.parametrize("identity", ["", "acme"])
def test_a_renamed_folder_keeps_its_state(repo: Repository, identity: str) -> None:
    """Also if the commit edits a post and removes another."""
    posts = {"a": later("A."), "b": later("B.", 2), "c": later("C.", 3)}
    must_apply(repo.workspace("social", identity, **posts))
    git(repo.top, "mv", "social", "marketing")
    workspace = repo.at("marketing")
    workspace.edit("a.yaml", "A.", "A again.")
    (workspace.folder / "b.yaml").unlink()
    repo.commit()
    assert workspace.summary() == {"update": 1, "destroy": 1, "unchanged": 1}
    assert set(repo.states()) == {SOCIAL}, "a plan writes nothing"
    must_apply(workspace)
    assert repo.live() == ["A again.", "C."]
    assert repo.owned(MARKETING) == ["a@x", "c@x"]
    left = repo.states()[SOCIAL]
    assert (left["moved_to"], left["resources"]) == (MARKETING, {})
    assert repo.states()[MARKETING]["workspace"]["path"] == "marketing"
    assert workspace.summary() == {"unchanged": 2}
    assert repo.clone("two").at("marketing").summary() == {"unchanged": 2}


def test_a_rename_is_refused_until_it_is_committed(repo: Repository) -> None:
    must_apply(repo.workspace("social", "acme", a=later()))
    git(repo.top, "mv", "social", "marketing")
    is_refused(repo, repo.at("marketing"), "PC621", "social", "commit that")
    repo.commit()
    assert repo.at("marketing").summary() == {"unchanged": 1}


def test_the_state_of_an_older_plancast_is_found_by_what_it_owns(repo: Repository) -> None:
    must_apply(repo.workspace("social", a=later("A."), b=later("B.", 2)))
    must_apply(repo.workspace("other", c=later("C.", 3)))
    state = repo.states()[SOCIAL]
    for key in ("workspace", "approved", "spent", "unapproved", "applied", "moved_to"):
        del state[key]
    old = json.dumps({**state, "format_version": 1})
    push_by_hand(repo.top, SOCIAL, {"state.json": old})
    fresh = repo.clone("two")
    workspace = fresh.move("social", "marketing")
    workspace.edit("a.yaml", "A.", "A again.")
    assert workspace.summary() == {"update": 1, "unchanged": 1, "unmanaged": 1}
    must_apply(workspace)
    assert repo.live() == ["A again.", "B.", "C."]
    assert repo.states()[MARKETING]["workspace"] == {
        "id": "", "path": "marketing", "environment": "buffer",
    }  # fmt: skip


def test_an_old_checkout_does_not_use_the_state_that_was_moved(repo: Repository) -> None:
    must_apply(repo.workspace("social", "acme", a=later()))
    old = repo.clone("old")
    must_apply(repo.move("social", "marketing"))
    git(old.top, "checkout", "-q", "-b", "kept")
    workspace = old.at("social")
    # There the new folder is not known: the state is followed, and goes on to be one.
    assert workspace.summary() == {"unchanged": 1}
    git(old.top, "pull", "-q", "origin", "main")
    git(old.top, "checkout", "-q", "HEAD~1", "--", "social")
    old.commit("Both")
    is_refused(old, workspace, "PC624", MARKETING, "newer one", "workspace:")


def test_a_folder_that_comes_back_gets_its_state_back(repo: Repository) -> None:
    must_apply(repo.workspace("social", "acme", a=later()))
    must_apply(repo.move("social", "marketing"))
    workspace = repo.move("marketing", "social")
    workspace.edit("a.yaml", "Hello.", "Good morning.")
    must_apply(workspace)
    assert repo.live() == ["Good morning."]
    assert repo.states()[MARKETING]["moved_to"] == SOCIAL
    assert workspace.summary() == {"unchanged": 1}


def test_a_place_that_was_left_is_not_set_back(repo: Repository) -> None:
    must_apply(repo.workspace("social", "acme", a=later()))
    before = repo.remote.refs()[SOCIAL]
    old = repo.clone("old")
    must_apply(repo.move("social", "marketing"))
    git(repo.remote.folder, "update-ref", SOCIAL, before)
    git(repo.top, "checkout", "-q", "HEAD~1")
    refused = repo.at("social").run("plan")
    assert (refused.code, refused.errors) == (1, ["PC611"])
    assert old.at("social").summary() == {"unchanged": 1}, "who has not seen it cannot tell"


@pytest.mark.night
def test_another_workspace_may_take_the_folder_that_was_left(repo: Repository) -> None:
    must_apply(repo.workspace("social", "acme", a=later("A.")))
    must_apply(repo.move("social", "marketing"))
    must_apply(repo.workspace("social", "umbrella", b=later("B.", 2)))
    assert (repo.owned(SOCIAL), repo.owned(MARKETING)) == (["b@x"], ["a@x"])
    for folder in ("social", "marketing"):
        for clone in (repo, repo.clone(f"{folder}-two")):
            assert clone.at(folder).summary() == {"unchanged": 1, "unmanaged": 1}, folder


def test_a_move_that_is_cut_off_is_finished_by_the_next_run(repo: Repository) -> None:
    must_apply(repo.workspace("social", "acme", a=later()))
    workspace = repo.move("social", "marketing")
    repo.remote.hook("update", f'case "$1" in {MARKETING}) echo "Not now." >&2; exit 1;; esac')
    assert workspace.apply().errors == ["PC606"]
    assert repo.states()[SOCIAL]["moved_to"] == MARKETING
    assert repo.owned(SOCIAL) == ["a@x"], "it is still whole"
    old = repo.clone("old")
    git(old.top, "checkout", "-q", "HEAD~1")
    is_refused(old, old.at("social"), "PC624", "not there", f"state adopt {SOCIAL}")
    repo.remote.hook("update", "exit 0")
    must_apply(workspace)
    assert repo.owned(MARKETING) == ["a@x"]
    assert repo.owned(SOCIAL) == []
    assert workspace.summary() == {"unchanged": 1}


def test_a_move_that_is_cut_off_can_be_taken_back(repo: Repository) -> None:
    must_apply(repo.workspace("social", "acme", a=later()))
    workspace = repo.move("social", "marketing")
    repo.remote.hook("update", f'case "$1" in {MARKETING}) echo "Not now." >&2; exit 1;; esac')
    assert workspace.apply().errors == ["PC606"]
    repo.remote.hook("update", "exit 0")
    back = repo.move("marketing", "social")
    assert back.run("state", "adopt", SOCIAL, "--auto-approve").code == 0
    assert back.summary() == {"unchanged": 1}
    assert set(repo.states()) == {SOCIAL}


def test_a_state_that_was_moved_and_is_gone_since_is_not_begun_anew(repo: Repository) -> None:
    must_apply(repo.workspace("social", "acme", a=later()))
    must_apply(repo.move("social", "marketing"))
    git(repo.remote.folder, "update-ref", "-d", MARKETING)
    fresh = repo.clone("two")
    is_refused(fresh, fresh.at("marketing"), "PC624", "not there any more", "--rebuild")
    rebuilt = fresh.at("marketing").run(
        "import", "--rebuild", "--allow-new-state", "--auto-approve"
    )
    assert rebuilt.code == 0, rebuilt.err
    assert fresh.at("marketing").summary() == {"unchanged": 1}


# -- copied ----


def test_a_copy_is_refused_until_it_has_an_id_of_its_own(repo: Repository) -> None:
    must_apply(repo.workspace("social", "acme", a=later()))
    shutil.copytree(repo.top / "social", repo.top / "marketing")
    workspace = repo.at("marketing")
    is_refused(repo, workspace, "PC621", "marketing", "social", "workspace:", args=())
    repo.commit()
    is_refused(repo, workspace, "PC621", args=("--allow-new-state",))
    workspace.edit("plancast.yaml", "acme", "umbrella")
    is_refused(repo, workspace, "PC625", "1 live entry")
    assert workspace.summary("--allow-new-state") == {"deferred": 1, "unmanaged": 1}
    assert repo.at("social").summary() == {"unchanged": 1}


@pytest.mark.night
def test_a_copy_without_an_id_is_refused_by_what_is_live(repo: Repository) -> None:
    must_apply(repo.workspace("social", a=later()))
    shutil.copytree(repo.top / "social", repo.top / "marketing")
    repo.commit()
    is_refused(repo, repo.at("marketing"), "PC625", "1 live entry")


def test_one_ref_for_two_folders_is_refused(repo: Repository) -> None:
    shared = "state: {backend: git, ref: refs/heads/plancast-state}\n"
    must_apply(repo.workspace("one", state=shared, a=later("A.")))
    is_refused(repo, repo.workspace("two", state=shared, b=later("B.", 2)), "PC622", "one", "ref")
    named = repo.workspace("three", "umbrella", state=shared, c=later("C.", 3))
    is_refused(repo, named, "PC622", "one")
    assert repo.at("one").summary() == {"unchanged": 1}


def test_another_id_is_refused_and_adopted_by_a_person(repo: Repository) -> None:
    workspace = repo.workspace("social", "acme", a=later())
    must_apply(workspace)
    workspace.edit("plancast.yaml", "acme", "umbrella")
    is_refused(repo, workspace, "PC622", "acme", "umbrella", f"plancast state adopt {SOCIAL}")
    asked = workspace.run("state", "adopt", SOCIAL, stdin="no\n")
    assert asked.code == 1
    assert "owns 1 entry, 1 of them asked for here" in " ".join(asked.err.split())
    is_refused(repo, workspace, "PC622")
    assert workspace.run("state", "adopt", SOCIAL, stdin="yes\n").code == 0
    assert workspace.summary() == {"unchanged": 1}
    assert repo.states()[SOCIAL]["workspace"]["id"] == "umbrella"


def test_a_state_without_a_name_in_a_ref_that_is_named_must_fit(repo: Repository) -> None:
    must_apply(repo.workspace("one", a=later("A.")))
    state = {**repo.states()[next(iter(repo.states()))], "workspace": None}
    branch = "refs/heads/plancast-state"
    push_by_hand(repo.top, branch, {"state.json": json.dumps(state)})
    named = f"state: {{backend: git, ref: {branch}}}\n"
    stranger = repo.workspace("two", state=named, b=later("B.", 2))
    is_refused(repo, stranger, "PC622", "does not say", f"state adopt {branch}")
    assert repo.workspace("three", state=named, a=later("A.")).summary() == {"unchanged": 1}


def test_a_state_for_another_queue_is_refused(repo: Repository) -> None:
    workspace = repo.workspace("social", "acme", a=later())
    must_apply(workspace)
    workspace.write("plancast.yaml", f"workspace: acme\n{workspace_yaml()}{BACKEND}")
    is_refused(repo, workspace, "PC623", "buffer", "sandbox", "provider:")
    adopted = workspace.run("state", "adopt", SOCIAL, "--auto-approve")
    assert (adopted.code, adopted.errors) == (REFUSED, ["PC623"])


# -- state adopt ----


def test_the_state_of_a_removed_workspace_is_adopted(repo: Repository) -> None:
    must_apply(repo.workspace("social", "acme", a=later("A."), b=later("B.", 2)))
    git(repo.top, "rm", "-q", "-r", "social")
    workspace = repo.workspace("team/marketing", "umbrella", a=later("A."))
    is_refused(
        repo, workspace, "PC624", SOCIAL, "acme", f"state adopt {SOCIAL}", "--allow-new-state"
    )
    assert workspace.run("state", "adopt", SOCIAL, "--auto-approve").code == 0
    assert repo.states()[SOCIAL]["moved_to"] != ""
    assert workspace.summary() == {"destroy": 1, "unchanged": 1}
    again = workspace.run("state", "adopt", SOCIAL, "--auto-approve")
    assert (again.code, again.errors) == (1, ["PC627"])


NO_STATE = [
    "refs/plancast/nothing",
    "main",
    "refs/heads/main",
    "refs/tags/x",
    "--all",
    "social",
    "",
]


@pytest.mark.parametrize("place", NO_STATE)
def test_what_is_no_state_is_not_adopted(repo: Repository, place: str) -> None:
    workspace = repo.workspace("social", "acme", a=later())
    before = repo.remote.refs()
    refused = workspace.run("state", "adopt", "--auto-approve", "--", place)
    assert refused.code == 1
    assert set(refused.errors) <= {"PC627", "PC617"}
    assert refused.errors
    assert repo.remote.refs() == before


def adopting(workspace: WorkspaceDir, place: str) -> Result:
    return workspace.run("state", "adopt", place, "--auto-approve")


def is_not_adopted(repo: Repository, workspace: WorkspaceDir, place: str, *words: str) -> None:
    before = repo.remote.refs()
    refused = adopting(workspace, place)
    assert (refused.code, refused.errors) == (1, ["PC627"])
    shown = " ".join(refused.err.split())
    assert [word for word in words if word not in shown] == [], shown
    assert repo.remote.refs() == before


@pytest.mark.parametrize("ids", [("acme", "umbrella"), ("", "")])
def test_the_state_of_a_workspace_that_stands_is_not_adopted(
    repo: Repository, ids: tuple[str, str]
) -> None:
    """Half of a folder becomes a workspace of its own."""
    one = repo.workspace("social", ids[0], a=later("A."), b=later("B.", 2))
    must_apply(one)
    (repo.top / "marketing").mkdir()
    git(repo.top, "mv", "social/b.yaml", "marketing/b.yaml")
    two = repo.workspace("marketing", ids[1])
    is_refused(repo, two, "PC625", "1 live entry", "another workspace owns", "apply there first")
    assert "adopt" not in two.run("plan").out
    is_not_adopted(repo, two, SOCIAL, "the folder social", "still there")
    must_apply(one)
    must_apply(two)
    assert repo.live() == ["A.", "B."]
    assert (repo.owned(SOCIAL), repo.owned(MARKETING)) == (["a@x"], ["b@x"])


def test_the_state_of_a_workspace_that_has_another_folder_is_not_adopted(repo: Repository) -> None:
    """It was renamed, and nothing was applied there since."""
    must_apply(repo.workspace("social", "acme", a=later("A.")))
    repo.move("social", "marketing")
    two = repo.workspace("team", "umbrella", a=later("A."))
    is_refused(repo, two, "PC625", "another workspace owns")
    is_not_adopted(repo, two, SOCIAL, "acme")
    must_apply(repo.at("marketing"))
    assert repo.owned(MARKETING) == ["a@x"]


def test_a_local_state_that_was_copied_is_not_adopted(repo: Repository) -> None:
    """In a sandbox it may be: that was copied as well."""
    must_apply(repo.workspace("social", "acme", state="", a=later("A.")))
    shutil.copytree(repo.top / "social", repo.top / "marketing")
    workspace = repo.at("marketing")
    workspace.edit("plancast.yaml", "acme", "umbrella")
    repo.commit()
    assert "adopt" not in refusal(workspace, "PC622")
    refused = adopting(workspace, ".plancast")
    assert (refused.code, refused.errors) == (1, ["PC627"])
    assert repo.at("social").summary() == {"unchanged": 1}


def swapped(repo: Repository) -> tuple[WorkspaceDir, WorkspaceDir]:
    must_apply(repo.workspace("social", "acme", a=later("A.")))
    must_apply(repo.workspace("marketing", "umbrella", b=later("B.", 2)))
    git(repo.top, "mv", "social", "between")
    git(repo.top, "mv", "marketing", "social")
    git(repo.top, "mv", "between", "marketing")
    repo.commit()
    return repo.at("social"), repo.at("marketing")


@pytest.mark.night
def test_two_folders_that_were_swapped_are_each_offered_their_own_state(repo: Repository) -> None:
    umbrella, acme = swapped(repo)
    for workspace, own, other in ((umbrella, MARKETING, SOCIAL), (acme, SOCIAL, MARKETING)):
        is_refused(repo, workspace, "PC622", f"ref: {own}")
        assert "adopt" not in workspace.run("plan").err
        is_not_adopted(repo, workspace, other, "still there")
        is_not_adopted(repo, workspace, own, "1 entries", f"ref: {own}")
        workspace.edit("plancast.yaml", "{backend: git}", f"{{backend: git, ref: {own}}}")
    repo.commit()
    for workspace in (umbrella, acme):
        assert workspace.summary() == {"unchanged": 1, "unmanaged": 1}
        must_apply(workspace)
        assert workspace.summary() == {"unchanged": 1, "unmanaged": 1}
    assert repo.live() == ["A.", "B."]


@pytest.mark.night
def test_folders_that_are_renamed_in_a_chain_keep_their_states(repo: Repository) -> None:
    must_apply(repo.workspace("social", "acme", a=later("A.")))
    must_apply(repo.workspace("marketing", "umbrella", b=later("B.", 2)))
    git(repo.top, "mv", "marketing", "team")
    git(repo.top, "mv", "social", "marketing")
    repo.commit()
    is_refused(repo, repo.at("marketing"), "PC622", f"ref: {SOCIAL}")
    must_apply(repo.at("team"))
    must_apply(repo.at("marketing"))
    for workspace in (repo.at("team"), repo.at("marketing")):
        assert workspace.summary() == {"unchanged": 1, "unmanaged": 1}
    assert repo.live() == ["A.", "B."]
    assert repo.owned(MARKETING) == ["a@x"]


@pytest.mark.night
def test_a_state_that_was_let_go_of_is_replaced_by_adopting(repo: Repository) -> None:
    workspace = repo.workspace("marketing", "umbrella", b=later("B.", 2))
    must_apply(workspace)
    must_apply(repo.workspace("social", "acme", a=later("A.")))
    git(repo.top, "rm", "-q", "-r", "social")
    workspace.write("a.yaml", later("A."))
    repo.commit()
    is_not_adopted(repo, workspace, SOCIAL, "of 1 entries", "state rm")
    assert workspace.run("state", "rm", "--auto-approve", "b@x").code == 0
    adopted = adopting(workspace, SOCIAL)
    assert adopted.code == 0, adopted.err
    assert workspace.summary() == {"adopt": 1, "unchanged": 1}
    assert repo.clone("two").at("marketing").summary() == {"adopt": 1, "unchanged": 1}


def test_nothing_is_let_go_of_for_a_state_that_cannot_be_adopted(repo: Repository) -> None:
    must_apply(repo.workspace("social", "acme", a=later("A.")))
    workspace = repo.workspace("marketing", "umbrella", b=later("B.", 2))
    must_apply(workspace)
    is_not_adopted(repo, workspace, SOCIAL, "Keep it", "still there")
    assert workspace.run("state", "rm", "--auto-approve", "b@x").code == 0
    is_not_adopted(repo, workspace, SOCIAL, "acme", "still there")


def test_after_an_adoption_others_may_apply_at_once(repo: Repository) -> None:
    must_apply(repo.workspace("social", "acme", a=later("A.")))
    git(repo.top, "rm", "-q", "-r", "social")
    workspace = repo.workspace("marketing", "umbrella", a=later("A."))
    assert adopting(workspace, SOCIAL).code == 0
    assert repo.states()[MARKETING]["lease"] is None
    must_apply(repo.clone("two").at("marketing"))


# -- merged ----


def merged(repo: Repository) -> WorkspaceDir:
    """The posts of a workspace move to another one, and its folder goes."""
    must_apply(repo.workspace("old brand", "acme", a=later("A."), b=later("B.", 2)))
    workspace = repo.workspace("social", "umbrella", c=later("C.", 3))
    must_apply(workspace)
    for name in ("a", "b"):
        git(repo.top, "mv", f"old brand/{name}.yaml", f"social/{name}.yaml")
    git(repo.top, "rm", "-q", "-r", "old brand")
    repo.commit("Merge")
    return workspace


@pytest.mark.night
def test_what_a_folder_that_is_gone_still_owns_is_not_created_twice(repo: Repository) -> None:
    workspace = merged(repo)
    ref = ref_for("old brand")
    back = "git checkout COMMIT^ -- 'old brand/plancast.yaml'"
    is_refused(repo, workspace, "PC629", "a@x, b@x", "the folder old brand", ref, back)
    is_refused(repo, workspace, "PC629", args=("--allow-new-state",))
    fresh = repo.clone("two")
    is_refused(fresh, fresh.at("social"), "PC629", ref)
    git(repo.top, "checkout", "-q", "HEAD^", "--", "old brand/plancast.yaml")
    repo.commit("Bring it back")
    must_apply(repo.at("old brand"), "--allow-empty", "--allow-destroy", "2")
    must_apply(workspace)
    git(repo.top, "rm", "-q", "-r", "old brand")
    repo.commit("Remove it")
    assert workspace.summary() == {"unchanged": 3}
    assert repo.live() == ["A.", "B.", "C."]


def test_a_new_workspace_does_not_create_what_a_folder_that_is_gone_owns(repo: Repository) -> None:
    must_apply(repo.workspace("social", "acme", a=later("A.")))
    git(repo.top, "rm", "-q", "-r", "social")
    workspace = repo.workspace("marketing", "umbrella", a=later("A."))
    new = ("--allow-new-state",)
    is_refused(repo, workspace, "PC629", SOCIAL, f"state adopt {SOCIAL}", args=new)
    assert adopting(workspace, SOCIAL).code == 0
    assert workspace.summary() == {"unchanged": 1}


def test_a_folder_that_another_workspace_took_owns_nothing_for_the_one_before(
    repo: Repository,
) -> None:
    """Its ref has the id of a workspace that no folder of the commit has."""
    must_apply(repo.workspace("social", "acme", a=later("A.")))
    workspace = repo.workspace("marketing", "umbrella", b=later("B.", 2))
    must_apply(workspace)
    git(repo.top, "mv", "social/a.yaml", "marketing/a.yaml")
    repo.at("social").edit("plancast.yaml", "acme", "initech")
    repo.commit()
    is_refused(repo, workspace, "PC629", "acme", SOCIAL)


@pytest.mark.night
def test_a_post_of_a_workspace_that_was_renamed_may_go_to_another_one(repo: Repository) -> None:
    """Its state is still in the ref of the old folder, and will let go of it."""
    must_apply(repo.workspace("social", "acme", a=later("A."), b=later("B.", 2)))
    two = repo.workspace("two", "umbrella", c=later("C.", 3))
    must_apply(two)
    git(repo.top, "mv", "social/a.yaml", "two/a.yaml")
    one = repo.move("social", "marketing")
    waits_for(repo, two, SOCIAL)
    must_apply(one)
    must_apply(two)
    assert repo.live() == ["A.", "B.", "C."]


# -- neighbours on one account ----


@pytest.mark.night
def test_a_post_that_goes_to_another_workspace_is_adopted_by_neither(repo: Repository) -> None:
    one = repo.workspace("one", "acme", a=later("A."), b=later("B.", 2))
    two = repo.workspace("two", "umbrella", c=later("C.", 3))
    must_apply(one)
    must_apply(two)
    git(repo.top, "mv", "one/a.yaml", "two/a.yaml")
    repo.commit()
    assert two.summary() == {"deferred": 1, "unchanged": 1, "unmanaged": 2}
    waits_for(repo, two, ref_for("one"))
    assert one.summary() == {"destroy": 1, "unchanged": 1, "unmanaged": 1}
    must_apply(one)
    must_apply(two)
    assert repo.live() == ["A.", "B.", "C."]
    assert (one.summary()["unchanged"], two.summary()["unchanged"]) == (1, 2)


def test_an_import_leaves_what_a_neighbour_owns(repo: Repository) -> None:
    one = repo.workspace("one", "acme", a=later("A."))
    must_apply(one)
    two = repo.workspace("two", "umbrella")
    nothing = two.run("import", "--auto-approve")
    assert nothing.code == 0, nothing.err
    assert "Nothing to import" in nothing.out
    two.write("a.yaml", later("A."))
    rebuilt = two.run("import", "--rebuild", "--auto-approve")
    assert "Owned again" not in rebuilt.err
    assert two.run("state", "list").out == ""
    assert one.summary() == {"unchanged": 1}


@pytest.mark.night
def test_what_nobody_owns_is_adopted_beside_neighbours(repo: Repository) -> None:
    must_apply(repo.workspace("one", "acme", a=later("A.")))
    two = repo.workspace("two", "umbrella", b=later("B.", 2))
    must_apply(two)
    assert two.run("state", "rm", "--auto-approve", "b@x").code == 0
    assert two.summary()["adopt"] == 1
    must_apply(two)
    assert two.summary() == {"unchanged": 1, "unmanaged": 1}


@pytest.mark.night
def test_a_sandbox_has_no_neighbours(tmp_path: Path) -> None:
    """Each workspace has one of its own, and their ids are the same."""
    remote = Remote.make(tmp_path)
    top = remote.clone("clone")
    for folder in ("one", "two"):
        workspace = WorkspaceDir(top / folder, ENVIRON)
        workspace.write("plancast.yaml", workspace_yaml() + BACKEND)
        workspace.write("a.yaml", post())
        must_apply(workspace)
        assert workspace.run("state", "rm", "--auto-approve", "a@x").code == 0
        assert workspace.summary() == {"adopt": 1}, folder


def test_each_ref_names_what_it_owns(repo: Repository) -> None:
    workspace = repo.workspace("social", "acme", a=later("A."), b=later("B.", 2))
    must_apply(workspace)
    state = repo.states()[SOCIAL]
    ids = sorted(item["remote_id"] for item in state["resources"].values())
    assert repo.file(SOCIAL, "owned.txt").splitlines() == [state["account_id"], *ids]
    assert workspace.run("state", "rm", "--auto-approve", "a@x").code == 0
    removed = state["resources"]["a@x"]["remote_id"]
    assert repo.file(SOCIAL, "owned.txt").splitlines()[1:] == [one for one in ids if one != removed]


@pytest.mark.night
def test_a_list_that_cannot_be_read_stops_an_adoption_and_nothing_else(repo: Repository) -> None:
    must_apply(repo.workspace("one", "acme", a=later("A.")))
    ref = next(iter(repo.states()))
    state = repo.file(ref, "state.json")
    push_by_hand(repo.top, ref, {"state.json": state, "owned.txt": "{\n"})
    two = repo.workspace("two", "umbrella", b=later("B.", 2))
    must_apply(two)
    assert two.run("state", "rm", "--auto-approve", "b@x").code == 0
    refused = two.apply()
    assert (refused.code, refused.errors) == (1, ["PC610"])
    assert ref in refused.err


# -- forks and other remotes ----


def forked(repo: Repository, folder: Path) -> Repository:
    """A fork of the repository, without its state, cloned with the original as `upstream`."""
    git(folder, "init", "-q", "--bare", "-b", "main", "fork.git")
    git(repo.top, "push", "-q", str(folder / "fork.git"), "HEAD:main")
    git(folder, "clone", "-q", str(folder / "fork.git"), "forked")
    git(folder / "forked", "remote", "add", "upstream", str(repo.remote.folder))
    return Repository(Remote(folder / "fork.git"), folder / "forked", repo.environ, repo.world)


def test_a_fork_does_not_begin_a_state_of_its_own(repo: Repository, tmp_path: Path) -> None:
    must_apply(repo.workspace("social", "acme", a=later()))
    fork = forked(repo, tmp_path)
    workspace = fork.at("social")
    is_refused(fork, workspace, "PC626", "the remote upstream", "--allow-new-state")
    assert "PC626" in workspace.run("doctor").out
    git(fork.top, "remote", "set-url", "upstream", "/nowhere")
    is_refused(fork, workspace, "PC625", "1 live entry")
    git(fork.top, "remote", "set-url", "upstream", str(repo.remote.folder))
    workspace.edit("plancast.yaml", "{backend: git}", "{backend: git, remote: upstream}")
    assert workspace.summary() == {"unchanged": 1}


CI: dict[str, tuple[dict[str, str], str]] = {
    "a merge request from a fork": (
        {
            "GITLAB_CI": "true",
            "CI_PROJECT_PATH": "bo/posts",
            "CI_MERGE_REQUEST_PROJECT_PATH": "acme/posts",
        },
        "acme/posts, of which bo/posts is a fork",
    ),
    "a fork on GitHub": (
        {"GITHUB_ACTIONS": "true", "GITHUB_REPOSITORY": "bo/posts", "GITHUB_EVENT_PATH": "EVENT"},
        "that bo/posts is a fork of",
    ),
}


@pytest.mark.parametrize("name", CI)
def test_a_fork_is_known_by_what_its_forge_says(
    repo: Repository, tmp_path: Path, name: str
) -> None:
    must_apply(repo.workspace("social", "acme", a=later()))
    fork = forked(repo, tmp_path)
    git(fork.top, "remote", "remove", "upstream")
    event = tmp_path / "event.json"
    event.write_text('{"repository": {"fork": true}}')
    variables, words = CI[name]
    environ = {key: str(event) if value == "EVENT" else value for key, value in variables.items()}
    fork.environ = {**fork.environ, **environ}
    is_refused(fork, fork.at("social"), "PC626", words)
    offline = fork.at("social").run("plan", "--offline")
    assert (offline.code, offline.errors) == (REFUSED, ["PC626"])


# -- what surrounds ----


def test_a_workspace_in_a_subfolder_reads_its_own_state(repo: Repository) -> None:
    must_apply(repo.workspace(".", "top", a=later("A.")))
    workspace = repo.workspace("social", "acme", b=later("B.", 2))
    must_apply(workspace)
    for name in ("GIT_DIR", "GIT_COMMON_DIR"):
        around = WorkspaceDir(workspace.folder, {**workspace.environ, name: str(repo.top / ".git")})
        assert around.run("state", "list").out == "b@x\n", name
        assert around.summary() == {"unchanged": 1, "unmanaged": 1}, name
    assert repo.owned("refs/plancast/state") == ["a@x"]
    assert repo.owned(SOCIAL) == ["b@x"]


def test_two_clones_share_the_state(repo: Repository) -> None:
    must_apply(repo.workspace("social", "acme", a=later("A.")))
    other = repo.clone("two")
    workspace = other.at("social")
    workspace.write("b.yaml", later("B.", 2))
    must_apply(workspace)
    other.commit()
    git(repo.top, "pull", "-q", "origin", "main")
    assert repo.at("social").summary() == {"unchanged": 2}
    assert set(repo.states()) == {SOCIAL}


# -- local states ----


def local(tmp_path: Path, identity: str = "acme") -> WorkspaceDir:
    """An applied workspace in the folder `social` of a checkout, with a local state."""
    git(tmp_path, "init", "-q", "-b", "main", ".")
    workspace = WorkspaceDir(tmp_path / "social", ENVIRON)
    workspace.write("plancast.yaml", f"workspace: {identity}\n" + workspace_yaml())
    workspace.write("a.yaml", post())
    committed(tmp_path)
    must_apply(workspace)
    return workspace


def committed(top: Path) -> None:
    (top / ".gitignore").write_text(".plancast-sandbox/\n")
    git(top, "add", "-A")
    git(top, "commit", "-q", "--allow-empty", "-m", "Change")


def refusal(workspace: WorkspaceDir, code: str) -> str:
    refused = workspace.run("plan")
    assert (refused.code, refused.errors) == (REFUSED, [code]), refused.err
    return " ".join(refused.err.split())


def test_a_local_state_records_its_workspace(tmp_path: Path) -> None:
    workspace = local(tmp_path)
    recorded = json.loads(workspace.state_file.read_text())["workspace"]
    assert recorded == {"id": "acme", "path": "social", "environment": "sandbox"}


def test_a_local_state_goes_with_its_folder(tmp_path: Path) -> None:
    local(tmp_path)
    git(tmp_path, "mv", "social", "marketing")
    workspace = WorkspaceDir(tmp_path / "marketing", ENVIRON)
    assert "commit that" in refusal(workspace, "PC621")
    committed(tmp_path)
    assert workspace.summary() == {"unchanged": 1}
    must_apply(workspace)
    assert json.loads(workspace.state_file.read_text())["workspace"]["path"] == "marketing"


def test_a_local_state_that_a_pull_left_behind_is_found(tmp_path: Path) -> None:
    workspace = local(tmp_path)
    new = tmp_path / "new place"
    shutil.copytree(workspace.folder, new, ignore=shutil.ignore_patterns(".plancast"))
    for path in (workspace.folder / "a.yaml", workspace.folder / "plancast.yaml"):
        path.unlink()
    committed(tmp_path)
    moved = WorkspaceDir(new, ENVIRON)
    shown = refusal(moved, "PC624")
    command = f"mv {workspace.folder}/.plancast '{new}/.plancast'"
    # A path that is longer than a line is continued on the next one, wherever that is.
    assert command.replace(" ", "") in shown.replace(" ", "")
    (workspace.folder / ".plancast").rename(new / ".plancast")
    assert moved.summary() == {"unchanged": 1}


def test_a_local_state_in_a_copy_is_refused(tmp_path: Path) -> None:
    workspace = local(tmp_path)
    copy = WorkspaceDir(tmp_path / "marketing", ENVIRON)
    shutil.copytree(workspace.folder, copy.folder)
    committed(tmp_path)
    assert "workspace:" in refusal(copy, "PC621")
    copy.edit("plancast.yaml", "acme", "umbrella")
    assert "move `.plancast/` away" in refusal(copy, "PC622")
    adopted = copy.run("state", "adopt", ".plancast", "--auto-approve")
    assert adopted.code == 0, adopted.err
    assert copy.summary() == {"unchanged": 1}
    assert workspace.summary() == {"unchanged": 1}


@pytest.mark.parametrize("place", ["../other", "refs/plancast/state", "", ".."])
def test_a_local_state_elsewhere_is_moved_by_hand(tmp_path: Path, place: str) -> None:
    workspace = local(tmp_path)
    refused = workspace.run("state", "adopt", "--auto-approve", "--", place)
    assert (refused.code, refused.errors) == (1, ["PC627"])


def test_a_state_that_came_with_the_repository_is_never_taken(tmp_path: Path) -> None:
    workspace = local(tmp_path)
    text = workspace.state_file.read_text()
    shutil.rmtree(workspace.folder / ".plancast")
    planted = tmp_path / "planted" / ".plancast"
    planted.mkdir(parents=True)
    (planted / "state.json").write_text(text.replace('"social"', '"planted"'))
    git(tmp_path, "add", "-f", "planted")
    git(tmp_path, "commit", "-q", "-m", "Planted")
    assert "import --rebuild" in " ".join(workspace.run("plan").out.split())


def test_outside_of_a_checkout_the_folder_is_no_matter(tmp_path: Path) -> None:
    workspace = WorkspaceDir.tiny(tmp_path / "one", a=post())
    must_apply(workspace)
    workspace.folder.rename(tmp_path / "two")
    assert WorkspaceDir(tmp_path / "two").summary() == {"unchanged": 1}
    assert settings("acme").startswith("workspace: acme\n")


# -- moved to a neighbour ----


def moved_to_a_neighbour(repo: Repository, edit: str = "") -> tuple[WorkspaceDir, WorkspaceDir]:
    one = repo.workspace("social", "acme", a=later("A."), z=later("Z.", 5))
    two = repo.workspace("marketing", "umbrella", c=later("C.", 3))
    must_apply(one)
    must_apply(two)
    git(repo.top, "mv", "social/a.yaml", "marketing/a.yaml")
    if edit:
        two.write("a.yaml", later(edit))
    return one, two


@pytest.mark.parametrize("first", ["old", "new"])
def test_what_a_person_sent_early_and_moves_to_a_neighbour_is_not_sent_again(
    repo: Repository, first: str
) -> None:
    one, two = moved_to_a_neighbour(repo)
    repo.send_now("A.")
    repo.commit("Move it")
    for workspace in (one, two) if first == "old" else (two, one):
        must_apply(workspace)
    assert repo.live() == ["A.", "C.", "Z."]
    assert "create" not in two.summary()


@pytest.mark.parametrize("removed_by", ["a person", "its workspace"])
def test_what_left_the_queue_otherwise_and_moves_to_a_neighbour_is_created(
    repo: Repository, removed_by: str
) -> None:
    one, two = moved_to_a_neighbour(repo)
    repo.commit("Move it")
    if removed_by == "a person":
        repo.remove("A.")
    else:
        must_apply(one)
    must_apply(two)
    must_apply(one)
    assert repo.live() == ["A.", "C.", "Z."]


def test_what_was_sent_early_is_remembered_until_its_time_though_its_file_goes(
    repo: Repository,
) -> None:
    workspace = repo.workspace("social", "acme", a=later("A."), z=later("Z.", 5))
    must_apply(workspace)
    repo.send_now("A.")
    text = later("A.")
    git(repo.top, "rm", "-q", "social/a.yaml")
    repo.commit("Remove it")
    must_apply(workspace)
    workspace.write("a.yaml", text)
    repo.commit("Bring it back")
    must_apply(workspace)
    assert repo.live() == ["A.", "Z."]


def test_what_moves_and_is_edited_while_its_folder_goes_is_not_created_twice(
    repo: Repository,
) -> None:
    _one, two = moved_to_a_neighbour(repo, edit="Quite another text.")
    git(repo.top, "rm", "-q", "-r", "social")
    repo.commit("Merge")
    is_refused(repo, two, "PC629", "a@x", "the folder social", SOCIAL)


@pytest.mark.night
def test_the_doctor_names_a_state_that_no_workspace_is_left_for(repo: Repository) -> None:
    _one, two = moved_to_a_neighbour(repo)
    assert "states" not in [item["check"] for item in two.run("doctor", "--format", "json").json]
    git(repo.top, "rm", "-q", "-r", "-f", "social")
    repo.commit("Remove it")
    [found] = [
        item for item in two.run("doctor", "--format", "json").json if item["check"] == "states"
    ]
    assert found["verdict"] == "warning"
    assert all(word in found["detail"] for word in (SOCIAL, "acme", "owns 2 that wait"))


MOVES = {
    "as it is": later("A."),
    "with an edit": later("A, and more of it."),
    "with a new text": later("Quite another text."),
    "with a new time": later("A.", 7),
}


@pytest.mark.parametrize(
    ("name", "how"),
    [
        *(pytest.param("a", how, id=how) for how in MOVES),
        # With another text it is an edit of that post, which looks like any other edit.
        pytest.param("c", "as it is", id="in the place of another post"),
        pytest.param("c", "with a new time", id="in the place of another post, at a new time"),
    ],
)
def test_what_moves_waits_until_its_old_workspace_lets_go_of_it(
    repo: Repository, name: str, how: str
) -> None:
    text = MOVES[how]
    one, two = moved_to_a_neighbour(repo)
    (two.folder / "a.yaml").unlink()
    two.write(f"{name}.yaml", text)
    repo.commit("Move it")
    waits_for(repo, two, SOCIAL)
    assert two.run("plan", "--only", "create").code == 0
    assert "create" not in two.summary("--only", "create")
    must_apply(one)
    must_apply(two)
    left = ["C.", "Z."] if name == "a" else ["Z."]
    assert repo.live() == sorted([json.loads(text.partition("text: ")[2]), *left])


@pytest.mark.parametrize("edit", ["the text", "the time"])
def test_what_a_person_edited_waits_as_well_if_its_file_moves(repo: Repository, edit: str) -> None:
    one, two = moved_to_a_neighbour(repo)
    repo.commit("Move it")
    repo.edit(
        "A.", "A, by hand." if edit == "the text" else "A.", day=1 if edit == "the text" else 9
    )
    waits_for(repo, two, SOCIAL)
    must_apply(one)
    must_apply(two)
    assert repo.live() == ["A.", "C.", "Z."]


@pytest.mark.night
def test_two_posts_that_change_workspaces_are_never_there_twice(repo: Repository) -> None:
    one = repo.workspace("social", "acme", a=later("A."), z=later("Z.", 5))
    two = repo.workspace("marketing", "umbrella", a=later("B.", 2), c=later("C.", 3))
    must_apply(one)
    must_apply(two)
    one.write("a.yaml", later("B.", 2))
    two.write("a.yaml", later("A."))
    repo.commit("Swap them")
    waits_for(repo, one, MARKETING)
    waits_for(repo, two, SOCIAL)


@pytest.mark.night
def test_the_same_name_in_two_workspaces_is_no_move(repo: Repository) -> None:
    one = repo.workspace("social", "acme", a=later("A."))
    must_apply(one)
    two = repo.workspace("marketing", "umbrella", b=later("B.", 2))
    must_apply(two)
    two.write("a.yaml", later("Another one.", 3))
    repo.commit()
    must_apply(two)
    assert repo.live() == ["A.", "Another one.", "B."]


@pytest.mark.night
def test_what_a_person_sent_early_is_not_sent_again_with_an_edit(repo: Repository) -> None:
    one, two = moved_to_a_neighbour(repo, edit="A, and more of it.")
    repo.send_now("A.")
    repo.commit("Move it")
    must_apply(one)
    assert two.apply().code == PARTIAL
    assert "went out already" in " ".join(two.run("plan").out.split())
    assert repo.live() == ["A.", "C.", "Z."]


@pytest.mark.night
def test_what_went_out_from_a_folder_that_is_gone_stops_nothing(repo: Repository) -> None:
    one, two = moved_to_a_neighbour(repo)
    repo.send_now("A.")
    git(repo.top, "rm", "-q", "-r", "-f", "social/z.yaml")
    repo.commit("Move it")
    must_apply(one, "--allow-empty")
    git(repo.top, "rm", "-q", "-r", "-f", "social")
    two.write("d.yaml", later("D.", 4))
    repo.commit("Merge")
    must_apply(two)
    assert repo.live() == ["A.", "C.", "D."]


@pytest.mark.night
def test_a_create_of_a_neighbour_that_was_not_answered_is_waited_for(repo: Repository) -> None:
    one = repo.workspace("social", "acme", z=later("Z.", 5))
    two = repo.workspace("marketing", "umbrella", c=later("C.", 3))
    must_apply(one)
    must_apply(two)
    one.write("a.yaml", later("A."))
    repo.commit("Add it")
    repo.world.arm(Fault(FaultKind.LATE_COMMIT, "POST /updates/create.json", seconds=600))
    assert one.apply("--no-wait").code == UNKNOWN
    git(repo.top, "mv", "social/a.yaml", "marketing/a.yaml")
    repo.commit("Move it")
    assert two.apply().code == PARTIAL
    assert "was not answered" in " ".join(two.run("plan").out.split())


@pytest.mark.night
def test_a_state_that_its_workspace_uses_no_more_is_not_waited_for(repo: Repository) -> None:
    one, two = moved_to_a_neighbour(repo)
    one.edit("plancast.yaml", "provider: buffer", "provider: sandbox")
    repo.commit("Move it")
    is_refused(repo, two, "PC629", "a@x", SOCIAL)


def test_a_neighbour_that_cannot_be_read_is_named(repo: Repository) -> None:
    _one, two = moved_to_a_neighbour(repo)
    files = {name: repo.file(SOCIAL, name) for name in ("state.json", "owned.txt")}
    push_by_hand(repo.top, SOCIAL, {**files, "state.json": "{"})
    two.write("d.yaml", later("D.", 4))
    (two.folder / "a.yaml").unlink()
    repo.commit("Another one")
    planned = two.run("plan")
    assert planned.code == 0, planned.err
    assert "PC912" in planned.out


@pytest.mark.night
def test_a_workspace_whose_state_was_moved_is_one_neighbour(repo: Repository) -> None:
    """Its old ref says no more than where the state went."""
    must_apply(repo.workspace("social", "acme", a=later("A."), z=later("Z.", 5)))
    one = repo.move("social", "team")
    must_apply(one)
    two = repo.workspace("marketing", "umbrella", c=later("C.", 3))
    must_apply(two)
    git(repo.top, "mv", "team/a.yaml", "marketing/a.yaml")
    repo.commit("Move it")
    waits_for(repo, two, ref_for("team"))
    must_apply(one)
    must_apply(two)
    assert repo.live() == ["A.", "C.", "Z."]
