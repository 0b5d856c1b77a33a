"""The last post of a folder is removed, and git drops the folder; or `content:` has a typo."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.commands.workspace_dir import SANDBOX, WorkspaceDir, post, workspace_yaml


def with_content(folder: Path, content: str) -> WorkspaceDir:
    """A workspace whose posts stand in `posts` and `events`, all of them applied."""
    workspace = WorkspaceDir.tiny(folder)
    workspace.write("plancast.yaml", f"{workspace_yaml(provider=SANDBOX)}content: {content}\n")
    for name, day in (("posts/a", 1), ("events/b", 2)):
        workspace.write(f"{name}.yaml", post(f"{name}.", f"2026-12-0{day} 09:30"))
    assert workspace.apply().code == 0
    return workspace


def test_the_last_post_is_removed(tmp_path: Path) -> None:
    """The plan shows what goes, a rail stands before it, and one flag lifts it."""
    workspace = with_content(tmp_path, "posts")
    shutil.rmtree(tmp_path / "posts")
    shutil.rmtree(tmp_path / "events")
    checked = workspace.run("validate")
    assert (checked.code, checked.codes) == (0, ["PC015"])
    assert workspace.run("fmt").code == 0
    refused = workspace.run("plan")
    assert (refused.code, refused.errors) == (4, ["PC702"])
    assert "0 to update, 1 to destroy." in refused.out
    assert workspace.apply().code == 4
    assert workspace.texts() == ["posts/a."]
    assert workspace.apply("--only", "create").code == 0, "a top-up destroys nothing"
    assert workspace.texts() == ["posts/a."]
    done = workspace.apply("--allow-empty")
    assert (done.code, done.errors) == (0, [])
    assert workspace.texts() == []
    assert workspace.run("plan").code == 0


@pytest.mark.parametrize("content", ["[posts, events]", "[posts/*.yaml, events/*.yaml]"])
def test_one_of_several_folders_is_gone(content: str, tmp_path: Path) -> None:
    workspace = with_content(tmp_path, content)
    shutil.rmtree(tmp_path / "events")
    workspace.write("posts/c.yaml", post("C.", "2026-12-03 09:30"))
    refused = workspace.run("plan")
    assert (refused.code, refused.codes) == (4, ["PC702", "PC015"])
    assert "no folder events" in refused.err + refused.out
    assert workspace.apply("--allow-empty").code == 0
    assert workspace.texts() == ["C.", "posts/a."]
    after = workspace.run("plan")
    assert (after.code, after.codes) == (0, ["PC015"]), "until `content:` no longer names it"


TYPOS = {
    "a letter": ("post", "Did you mean `posts`?"),
    "two letters": ("[posts, evnets]", "Did you mean `events`?"),
    "in a glob": ("post/*.yaml", "Did you mean `posts`?"),
}


@pytest.mark.parametrize("case", TYPOS)
def test_a_typo_is_an_error_that_names_the_folder(case: str, tmp_path: Path) -> None:
    content, hint = TYPOS[case]
    workspace = with_content(tmp_path, "[posts, events]")
    workspace.write("plancast.yaml", f"{workspace_yaml(provider=SANDBOX)}content: {content}\n")
    for verb in ("validate", "plan"):
        done = workspace.run(verb)
        assert (done.code, done.errors) == (1, ["PC002"])
        assert hint in done.err
    assert workspace.apply("--allow-empty").code == 1
    assert len(workspace.live()) == 2


def test_a_folder_that_was_renamed_is_no_typo_and_still_refused(tmp_path: Path) -> None:
    workspace = with_content(tmp_path, "posts")
    (tmp_path / "posts").rename(tmp_path / "archive")
    assert workspace.run("plan").errors == ["PC702"]
    assert len(workspace.live()) == 1


def test_before_the_first_apply_it_is_only_a_warning(tmp_path: Path) -> None:
    workspace = WorkspaceDir.tiny(tmp_path)
    workspace.write("plancast.yaml", f"{workspace_yaml()}content: posts\n")
    for verb in ("validate", "plan", "status"):
        assert workspace.run(verb).code == 0
    assert workspace.run("plan").codes == ["PC015"]


def test_a_saved_plan_takes_its_consent_along_and_nothing_else(tmp_path: Path) -> None:
    workspace = with_content(tmp_path / "w", "posts")
    plan = str(tmp_path / "saved.plan")
    shutil.rmtree(workspace.folder / "posts")
    assert workspace.run("plan", "-o", plan).code == 4
    assert workspace.run("apply", plan).errors == ["PC702"]
    allowed = workspace.run("plan", "--allow-empty", "-o", plan)
    assert (allowed.code, allowed.codes) == (0, ["PC702", "PC015"])
    with workspace.person() as world:
        world.person_edit(world.snapshot()[0].id, text="By hand.")
    assert workspace.run("apply", plan).code == 7, "it destroys something else by now"
    assert workspace.texts() == ["By hand."]
    assert workspace.run("plan", "--allow-empty", "-o", plan).code == 0
    assert workspace.run("apply", plan).code == 0
    assert workspace.texts() == []
