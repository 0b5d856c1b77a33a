"""The last post of a folder is removed, and git drops the folder; or `content:` has a typo."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.commands.desk import SANDBOX, Desk, post, workspace


def with_content(folder: Path, content: str) -> Desk:
    """A workspace whose posts stand in `posts` and `events`, all of them applied."""
    desk = Desk.tiny(folder)
    desk.write("plancast.yaml", f"{workspace(provider=SANDBOX)}content: {content}\n")
    for name, day in (("posts/a", 1), ("events/b", 2)):
        desk.write(f"{name}.yaml", post(f"{name}.", f"2026-12-0{day} 09:30"))
    assert desk.apply().code == 0
    return desk


def test_the_last_post_is_removed(tmp_path: Path) -> None:
    """The plan shows what goes, a rail stands before it, and one flag lifts it."""
    desk = with_content(tmp_path, "posts")
    shutil.rmtree(tmp_path / "posts")
    shutil.rmtree(tmp_path / "events")
    checked = desk.run("validate")
    assert (checked.code, checked.codes) == (0, ["PC015"])
    assert desk.run("fmt").code == 0
    refused = desk.run("plan")
    assert (refused.code, refused.errors) == (4, ["PC702"])
    assert "0 to update, 1 to destroy." in refused.out
    assert desk.apply().code == 4
    assert desk.texts() == ["posts/a."]
    assert desk.apply("--only", "create").code == 0, "a top-up destroys nothing"
    assert desk.texts() == ["posts/a."]
    done = desk.apply("--allow-empty")
    assert (done.code, done.errors) == (0, [])
    assert desk.texts() == []
    assert desk.run("plan").code == 0


@pytest.mark.parametrize("content", ["[posts, events]", "[posts/*.yaml, events/*.yaml]"])
def test_one_of_several_folders_is_gone(content: str, tmp_path: Path) -> None:
    desk = with_content(tmp_path, content)
    shutil.rmtree(tmp_path / "events")
    desk.write("posts/c.yaml", post("C.", "2026-12-03 09:30"))
    refused = desk.run("plan")
    assert (refused.code, refused.codes) == (4, ["PC702", "PC015"])
    assert "no folder events" in refused.err + refused.out
    assert desk.apply("--allow-empty").code == 0
    assert desk.texts() == ["C.", "posts/a."]
    after = desk.run("plan")
    assert (after.code, after.codes) == (0, ["PC015"]), "until `content:` no longer names it"


TYPOS = {
    "a letter": ("post", "Did you mean `posts`?"),
    "two letters": ("[posts, evnets]", "Did you mean `events`?"),
    "in a glob": ("post/*.yaml", "Did you mean `posts`?"),
}


@pytest.mark.parametrize("case", TYPOS)
def test_a_typo_is_an_error_that_names_the_folder(case: str, tmp_path: Path) -> None:
    content, hint = TYPOS[case]
    desk = with_content(tmp_path, "[posts, events]")
    desk.write("plancast.yaml", f"{workspace(provider=SANDBOX)}content: {content}\n")
    for verb in ("validate", "plan"):
        done = desk.run(verb)
        assert (done.code, done.errors) == (1, ["PC002"])
        assert hint in done.err
    assert desk.apply("--allow-empty").code == 1
    assert len(desk.live()) == 2


def test_a_folder_that_was_renamed_is_no_typo_and_still_refused(tmp_path: Path) -> None:
    desk = with_content(tmp_path, "posts")
    (tmp_path / "posts").rename(tmp_path / "archive")
    assert desk.run("plan").errors == ["PC702"]
    assert len(desk.live()) == 1


def test_before_the_first_apply_it_is_only_a_warning(tmp_path: Path) -> None:
    desk = Desk.tiny(tmp_path)
    desk.write("plancast.yaml", f"{workspace()}content: posts\n")
    for verb in ("validate", "plan", "status"):
        assert desk.run(verb).code == 0
    assert desk.run("plan").codes == ["PC015"]


def test_a_saved_plan_takes_its_consent_along_and_nothing_else(tmp_path: Path) -> None:
    desk = with_content(tmp_path / "w", "posts")
    plan = str(tmp_path / "saved.plan")
    shutil.rmtree(desk.folder / "posts")
    assert desk.run("plan", "-o", plan).code == 4
    assert desk.run("apply", plan).errors == ["PC702"]
    allowed = desk.run("plan", "--allow-empty", "-o", plan)
    assert (allowed.code, allowed.codes) == (0, ["PC702", "PC015"])
    with desk.person() as world:
        world.person_edit(world.snapshot()[0].id, text="By hand.")
    assert desk.run("apply", plan).code == 7, "it destroys something else by now"
    assert desk.texts() == ["By hand."]
    assert desk.run("plan", "--allow-empty", "-o", plan).code == 0
    assert desk.run("apply", plan).code == 0
    assert desk.texts() == []
