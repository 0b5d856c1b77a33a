"""`fmt` and `validate` on files from anywhere: each with its own workspace, none without one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.commands.workspace_dir import WorkspaceDir, post

UGLY = "text:   'Hello.'   # greeting\n\nprofiles:\n- x\nschedule: 2026-12-01T09:30\n"
WRONG = post(at="2026-13-01 09:30")
BOTH = ("fmt", "validate")


@pytest.fixture
def top(tmp_path: Path) -> WorkspaceDir:
    """A checkout with the workspaces `one` and `deep/two`, and files that belong to neither."""
    workspace = WorkspaceDir(tmp_path / "top")
    for name in ("one", "deep/two"):
        WorkspaceDir.tiny(workspace.folder / name)
        workspace.write(f"{name}/posts/a.yaml", UGLY)
        workspace.write(f"{name}/posts/b.yaml", UGLY.replace("Hello", "Bye"))
    workspace.write(".git/HEAD", "ref: refs/heads/main\n")
    for name in ("README.md", ".pre-commit-config.yaml", "deep/notes.yaml"):
        workspace.write(name, "no: post\n")
    return workspace


def rewritten(top: WorkspaceDir) -> list[str]:
    """The files that are in form now, from the top."""
    return sorted(name for name, text in top.files().items() if text.startswith(b"profiles: [x]\n"))


A, B, C, D = (
    "one/posts/a.yaml",
    "one/posts/b.yaml",
    "deep/two/posts/a.yaml",
    "deep/two/posts/b.yaml",
)
STANDS = (".", "one", "one/posts", "deep", "deep/two")
WANTED: dict[str, tuple[tuple[str, ...], list[str]]] = {
    "a file": ((A,), [A]),
    "files of two workspaces": ((A, D), [D, A]),
    "files of none beside them": (("README.md", A, "deep/notes.yaml", C), [C, A]),
    "a folder in a workspace": (("one/posts",), [A, B]),
    "a workspace": (("deep/two",), [C, D]),
    "a folder above workspaces": (("deep", A), [C, D, A]),
    "the top": ((".",), [C, D, A, B]),
    "a file twice, and its folder": ((A, A, "one"), [A, B]),
    "settings": (("one/plancast.yaml",), []),
    "none": (("README.md", "deep/notes.yaml"), []),
}


@pytest.mark.part(4)
@pytest.mark.parametrize("absolute", [False, True], ids=["relative", "absolute"])
@pytest.mark.parametrize("stand", STANDS)
@pytest.mark.parametrize("case", WANTED)
def test_the_same_files_are_meant_from_everywhere(
    case: str, stand: str, absolute: bool, top: WorkspaceDir
) -> None:
    """Names that are shown are names that work: they are seen from where the user stands."""
    named, expected = WANTED[case]
    here = WorkspaceDir(top.folder / stand)
    paths = [top.folder / name for name in named]
    given = [str(path) if absolute else os.path.relpath(path, here.folder) for path in paths]
    checked = here.run("fmt", "--check", "--", *given)
    assert checked.code == (1 if expected else 0), checked.err
    assert rewritten(top) == []
    done = here.run("fmt", "--", *given)
    assert done.code == 0, done.err
    assert rewritten(top) == sorted(expected)
    shown = done.out.splitlines()
    assert checked.out == done.out
    assert sorted(os.path.normpath(here.folder / name) for name in shown) == sorted(
        str(top.folder / name) for name in expected
    )
    assert not [name for name in shown if Path(name).is_absolute()]
    assert here.run("fmt", "--check", "--", *given).code == 0


@pytest.mark.parametrize("stand", STANDS)
def test_a_workspace_is_checked_whole_and_once_for_all_its_files(
    stand: str, top: WorkspaceDir
) -> None:
    top.write("one/posts/c.yaml", WRONG)
    here = WorkspaceDir(top.folder / stand)
    one, two, bad = (
        os.path.relpath(top.folder / name, here.folder) for name in (A, C, "one/posts/c.yaml")
    )
    done = here.run("validate", "--", one, os.path.relpath(top.folder / B, here.folder), two)
    assert (done.code, done.errors) == (1, ["PC401"])
    assert f"  --> {bad}:2:11\n" in done.err
    title = os.path.relpath(top.folder / "deep" / "two", here.folder)
    assert done.out == f"Valid ({title}): 2 posts, 2 entries on 1 profile.\n"
    assert here.run("validate", "--", two).code == 0


def test_each_workspace_has_its_own_settings(top: WorkspaceDir) -> None:
    """The first knows no profile `y`, the second no group; neither is taken for the other."""
    top.edit("deep/two/plancast.yaml", "  x: {", "  y: {")
    done = top.run("validate", A, C)
    assert (done.code, set(done.errors)) == (1, {"PC301"})
    assert "one/" not in done.err.replace("Valid (one)", "")
    assert "deep/two/posts/a.yaml:" in done.err


def test_settings_that_cannot_be_read_stop_no_other_workspace(top: WorkspaceDir) -> None:
    top.write("deep/two/plancast.yaml", "version: [\n")
    for verb in BOTH:
        done = top.run(verb, A, C)
        assert (done.code, done.errors) == (1, ["PC101"])
        assert "  --> deep/two/plancast.yaml:" in done.err
    assert rewritten(top) == [A]


@pytest.mark.parametrize("verb", BOTH)
def test_a_path_that_does_not_exist_is_an_error_beside_the_others(
    verb: str, top: WorkspaceDir
) -> None:
    for name in ("nowhere.yaml", "one/posts/nowhere.yaml", "nowhere/a.yaml", "x" * 5000):
        done = top.run(verb, "--", A, name)
        assert (done.code, done.errors) == (1, ["PC002"]), name
    assert rewritten(top) == ([A] if verb == "fmt" else [])


@pytest.mark.parametrize("verb", BOTH)
def test_files_of_no_workspace_are_left_alone_with_one_note(verb: str, top: WorkspaceDir) -> None:
    before = top.files()
    quiet = top.run(verb, "README.md", "deep/notes.yaml", ".pre-commit-config.yaml")
    assert (quiet.code, quiet.out, quiet.codes) == (0, "", [])
    assert "README.md" not in quiet.err
    noted = top.run("-v", verb, "README.md", "deep/notes.yaml", ".pre-commit-config.yaml")
    assert (noted.code, noted.out) == (0, "")
    assert "README.md and 2 other files belong to no workspace.\n" in noted.err
    assert "README.md belongs to no workspace.\n" in top.run("-v", verb, "README.md").err
    assert top.files() == before


@pytest.mark.parametrize("verb", BOTH)
def test_without_names_it_is_the_workspace_of_this_folder(verb: str, top: WorkspaceDir) -> None:
    assert top.run(verb).codes == ["PC001"]
    assert WorkspaceDir(top.folder / "nowhere").run(verb, "a.yaml").codes == ["PC001"]
    assert WorkspaceDir(top.folder / "one" / "posts").run(verb).code == 0
    assert rewritten(top) == ([A, B] if verb == "fmt" else [])


def test_workspaces_behind_links_and_in_hidden_folders_are_not_searched_for(
    top: WorkspaceDir,
) -> None:
    outside = WorkspaceDir.tiny(top.folder.parent / "outside", a=UGLY)
    (top.folder / "link").symlink_to(outside.folder)
    hidden = WorkspaceDir.tiny(top.folder / ".hidden", a=UGLY)
    modules = WorkspaceDir.tiny(top.folder / "node_modules" / "pkg", a=UGLY)
    assert top.run("fmt", ".").code == 0
    assert rewritten(top) == [C, D, A, B]
    for workspace in (outside, hidden, modules):
        assert (workspace.folder / "a.yaml").read_text(encoding="utf-8") == UGLY


def test_a_content_folder_that_is_a_link_is_named_by_either_name(tmp_path: Path) -> None:
    workspace = WorkspaceDir.tiny(tmp_path)
    workspace.edit("plancast.yaml", "timezone:", "content: posts\ntimezone:")
    (tmp_path / "real").mkdir()
    (tmp_path / "posts").symlink_to("real")
    for name in ("posts/a.yaml", "real/a.yaml"):
        workspace.write("real/a.yaml", UGLY)
        assert workspace.run("fmt", name).out == "posts/a.yaml\n"


def test_words_of_a_problem_name_files_as_its_place_does(top: WorkspaceDir) -> None:
    top.write("one/posts/twin.yaml", f"id: posts/a\n{post('Twin.', '2026-12-03 09:30')}")
    top.write("one/posts/plain text.md", "Hello.\n")
    done = top.run("validate", "one")
    assert done.errors == ["PC109", "PC205"]
    assert "is the id of the post in one/posts/a.yaml as well" in done.err
    assert "--> one/posts/plain text.md\n" in done.err


def test_for_machines_files_are_named_as_their_readers_expect(top: WorkspaceDir) -> None:
    """A forge counts from the top of the checkout, whatever folder a job works in."""
    for name in ("one", "deep/two"):
        top.write(f"{name}/posts/c.yaml", WRONG)
    here = WorkspaceDir(top.folder / "deep")
    both = ("two", "../one")
    annotated = here.run("validate", "--format", "github", *both)
    assert annotated.code == 1
    assert [line.split("file=")[1].split(",")[0] for line in annotated.out.splitlines()] == [
        "deep/two/posts/c.yaml",
        "one/posts/c.yaml",
    ]
    results = here.run("validate", "--format", "sarif", *both).json["runs"][0]["results"]
    assert [
        item["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for item in results
    ] == ["deep/two/posts/c.yaml", "one/posts/c.yaml"]
    plain = here.run("validate", "--format", "json", *both).json
    assert [item["source"]["file"] for item in plain] == ["../one/posts/c.yaml", "two/posts/c.yaml"]
    assert here.run("validate", "--format", "json", "../README.md").json == []
