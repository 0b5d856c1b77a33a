"""`plancast fmt`: at a terminal, as a hook of pre-commit, and on files that it must leave alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from plancast.commands._shared.file_rewrite import Rewrite, refused, write
from tests.commands.workspace_dir import EXAMPLES, WorkspaceDir, post

UGLY = "text:   'Hello.'   # greeting\n\nprofiles:\n- x\nschedule: 2026-12-01T09:30\n"
TIDY = 'profiles: [x]\nschedule: 2026-12-01 09:30\ntext: "Hello."   # greeting\n'
FINE = post("Fine.", "2026-12-02 09:30")


def test_each_file_that_was_rewritten_is_named(tmp_path: Path) -> None:
    workspace = WorkspaceDir.tiny(tmp_path, a=UGLY, b=FINE)
    before = workspace.summary()
    done = workspace.run("fmt")
    assert (done.code, done.out) == (0, "a.yaml\n")
    assert done.err == "1 file rewritten, 1 in form already.\n"
    assert (tmp_path / "a.yaml").read_text() == TIDY
    assert (tmp_path / "b.yaml").read_text() == FINE
    assert workspace.summary() == before
    again = workspace.run("fmt")
    assert (again.code, again.out, again.err) == (0, "", "In form: 2 files.\n")


def test_check_writes_nothing_and_ends_with_1(tmp_path: Path) -> None:
    workspace = WorkspaceDir.tiny(tmp_path, a=UGLY, b=FINE)
    before = workspace.files()
    done = workspace.run("fmt", "--check")
    assert (done.code, done.out, done.codes) == (1, "a.yaml\n", ["PC008"])
    assert "1 of 2 files" in done.err
    assert workspace.files() == before
    shown = workspace.run("-v", "fmt", "--check").out
    assert "\n  -text:   'Hello.'   # greeting\n" in shown
    assert '\n  +text: "Hello."   # greeting\n' in shown
    workspace.run("fmt")
    done = workspace.run("fmt", "--check")
    assert (done.code, done.out, done.codes) == (0, "", [])


def test_the_examples_are_in_form(tmp_path: Path) -> None:
    assert WorkspaceDir(EXAMPLES).run("fmt", "--check").code == 0
    made = WorkspaceDir(tmp_path)
    assert made.run("init", "--provider", "sandbox").code == 0
    assert made.run("fmt", "--check").code == 0


def test_named_files_are_taken_as_a_hook_passes_them(tmp_path: Path) -> None:
    workspace = WorkspaceDir.tiny(tmp_path, a=UGLY, b=UGLY, c=UGLY)
    for name in ("posts/d.yaml", "posts/deep/e.yaml"):
        workspace.write(name, UGLY)
    workspace.write("notes.txt", UGLY)
    workspace.write("README.md", "# prose\n")
    outside = tmp_path.parent / "outside.yaml"
    outside.write_text(UGLY)
    others = ["plancast.yaml", "notes.txt", "README.md", str(outside)]
    settings = (tmp_path / "plancast.yaml").read_text()
    done = workspace.run("fmt", "a.yaml", str(tmp_path / "b.yaml"), "posts", *others)
    assert done.code == 0
    assert done.out == "a.yaml\nb.yaml\nposts/d.yaml\nposts/deep/e.yaml\n"
    assert (tmp_path / "c.yaml").read_text() == UGLY
    assert (tmp_path / "plancast.yaml").read_text() == settings
    assert outside.read_text() == UGLY
    below = workspace.run("-C", "posts", "fmt", "--check", "../c.yaml")
    assert (below.code, below.out) == (1, "../c.yaml\n")
    assert "is no post file" in workspace.run("-v", "fmt", "notes.txt").err
    assert workspace.run("fmt", "nobody.yaml").codes == ["PC002"]


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"text: [\n", "PC101"),
        (b"text: a\ntext: b\n", "PC103"),
        (b"text: \xff\n", "PC003"),
        (b"x: " + b"a" * 1_048_577, "PC005"),
    ],
)
def test_a_file_that_cannot_be_read_stops_no_other(tmp_path: Path, raw: bytes, code: str) -> None:
    workspace = WorkspaceDir.tiny(tmp_path, b=UGLY)
    (tmp_path / "a.yaml").write_bytes(raw)
    done = workspace.run("fmt")
    assert (done.code, done.out, done.codes) == (1, "b.yaml\n", [code])
    assert (tmp_path / "a.yaml").read_bytes() == raw


def test_defaults_and_front_matter_have_the_same_form(tmp_path: Path) -> None:
    workspace = WorkspaceDir.tiny(tmp_path)
    workspace.write("_defaults.yaml", "tags: ['a']\nprofiles: [x]\n")
    workspace.write("a.md", "---\nstatus: draft\nschedule: 'queue'\n---\nHello.  \n\n\nBye.\n")
    assert workspace.run("fmt").out == "_defaults.yaml\na.md\n"
    assert (tmp_path / "_defaults.yaml").read_text() == 'profiles: [x]\ntags: ["a"]\n'
    assert (tmp_path / "a.md").read_text() == (
        "---\nschedule: queue\nstatus: draft\n---\nHello.  \n\n\nBye.\n"
    )


def test_a_file_with_anchors_is_left_as_it_is(tmp_path: Path) -> None:
    odd = f"campaign: &c    launch\ntags: [*c]\n{FINE}"
    workspace = WorkspaceDir.tiny(tmp_path, a=odd)
    done = workspace.run("-v", "fmt")
    assert (done.code, done.out) == (0, "")
    assert "a.yaml is left as it is: it uses anchors.\n" in done.err
    assert (tmp_path / "a.yaml").read_text() == odd


def test_the_mode_of_a_file_stays_and_a_link_stays_a_link(tmp_path: Path) -> None:
    workspace = WorkspaceDir.tiny(tmp_path, a=UGLY)
    (tmp_path / "a.yaml").chmod(0o754)
    (tmp_path / "link.yaml").symlink_to("a.yaml")
    assert workspace.run("fmt", "link.yaml").code == 0
    assert (tmp_path / "link.yaml").is_symlink()
    assert (tmp_path / "a.yaml").read_text() == TIDY
    assert (tmp_path / "a.yaml").stat().st_mode & 0o777 == 0o754


def test_nothing_outside_of_the_workspace_is_written(tmp_path: Path) -> None:
    outside = tmp_path / "outside.yaml"
    outside.write_text(UGLY)
    workspace = WorkspaceDir.tiny(tmp_path / "inside", a=FINE)
    (tmp_path / "inside" / "b.yaml").symlink_to(outside)
    for args in ((), ("b.yaml",)):
        done = workspace.run("fmt", *args)
        assert (done.code, done.codes) == (1, ["PC004"])
    assert outside.read_text() == UGLY


def test_a_read_only_file_is_told_and_left(tmp_path: Path) -> None:
    workspace = WorkspaceDir.tiny(tmp_path, a=UGLY, b=UGLY)
    (tmp_path / "a.yaml").chmod(0o444)
    done = workspace.run("fmt")
    assert (done.code, done.out, done.codes) == (1, "b.yaml\n", ["PC007"])
    assert (tmp_path / "a.yaml").read_text() == UGLY


def test_a_file_that_somebody_saves_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("newer\n")
    late = Rewrite("a.yaml", path, b"older\n", "formed\n")
    trouble = refused(late)
    assert trouble is not None
    assert "changed meanwhile" in trouble.detail
    assert refused(Rewrite("a.yaml", path, b"newer\n", "formed\n")) is None
    missing = Rewrite("b.yaml", tmp_path / "b.yaml", b"", "formed\n")
    assert [item.code for item in (refused(missing), write(missing)) if item] == ["PC007", "PC007"]


def test_without_posts_there_is_nothing_to_do(tmp_path: Path) -> None:
    done = WorkspaceDir.tiny(tmp_path).run("fmt")
    assert (done.code, done.out) == (0, "")
    assert done.err == "No post files to bring into form.\n"


def test_broken_settings_are_told(tmp_path: Path) -> None:
    workspace = WorkspaceDir.tiny(tmp_path, a=UGLY)
    workspace.write("plancast.yaml", "version: [\n")
    assert workspace.run("fmt").codes == ["PC101"]
    assert WorkspaceDir(tmp_path.parent).run("fmt").codes == ["PC001"]


# -- ids of documents ------------------------------------------------------------------------

WEEK = "\n---\n".join(
    post(f"Number {number}.", f"2026-12-0{number} 09:30").rstrip("\n") for number in (1, 2, 3)
)


def test_documents_get_the_ids_that_they_had(tmp_path: Path) -> None:
    """By their place in the file; empty documents do not count, and ids that are there stay."""
    week = WEEK.replace("\n---\n", "\n---\n# nothing\n---\n", 1) + "\n"
    workspace = WorkspaceDir.tiny(tmp_path, week=week)
    assert workspace.run("validate").errors == ["PC212", "PC212"]
    assert workspace.run("fmt", "--check").codes == ["PC008"]
    assert workspace.run("fmt").out == "week.yaml\n"
    text = (tmp_path / "week.yaml").read_text(encoding="utf-8")
    assert [line for line in text.splitlines() if line.startswith("id:")] == [
        "id: week-2",
        "id: week-3",
    ]
    assert "# nothing\n" in text
    assert workspace.run("validate").code == 0
    assert workspace.run("fmt").err == "In form: 1 file.\n"


@pytest.mark.parametrize(
    ("ids", "after"),
    [
        (["", "", ""], ["", "week-2", "week-3"]),
        (["mine", "", ""], ["mine", "week-2", "week-3"]),
        # A document was put in front of those that have their ids already.
        (["", "", "week-2", "week-3"], ["", "week-4", "week-2", "week-3"]),
        (["new", "", "week-2"], ["new", "week", "week-2"]),
        (["new", "newer", "", "week-2", "week-3"], ["new", "newer", "week", "week-2", "week-3"]),
        (["", "", "", "week-2"], ["", "week-4", "week-3", "week-2"]),
        (["week-2", "", ""], ["week-2", "week", "week-3"]),
        (["", "", "[week-2]"], ["", "week-2", "[week-2]"]),
    ],
    ids=str,
)
def test_an_id_that_is_written_is_no_other_document_of_the_file(
    tmp_path: Path, ids: list[str], after: list[str]
) -> None:
    posts = [
        (f"id: {name}\n" if name else "") + post(f"Number {number}.", f"2026-12-{number:02d} 09:30")
        for number, name in enumerate(ids, 1)
    ]
    workspace = WorkspaceDir.tiny(tmp_path, week="---\n".join(posts))
    before = workspace.run("validate")
    assert workspace.run("fmt").code == 0
    written = (tmp_path / "week.yaml").read_text(encoding="utf-8").split("---\n")
    named = [re.search(r"^id: (.*)$", text, re.MULTILINE) for text in written]
    assert [found[1] if found else "" for found in named] == after
    assert "PC212" not in workspace.run("validate").errors
    new = [one for one, name in zip(after, ids, strict=True) if one != name]
    assert [name for name in new if f"`id: {name}`" not in before.err] == []


def test_what_has_no_form_gets_its_ids_all_the_same(tmp_path: Path) -> None:
    odd = "text: Hello.\nprofiles: &x [x]\n---\nprofiles:   &x [x]\ntext: Ho.\n"
    workspace = WorkspaceDir.tiny(tmp_path, week=odd)
    assert workspace.run("fmt").code == 0
    assert workspace.run("validate").errors == []
    assert (tmp_path / "week.yaml").read_text(encoding="utf-8") == odd.replace(
        "---\n", "---\nid: week-2\n"
    )


def test_defaults_and_single_posts_get_none(tmp_path: Path) -> None:
    workspace = WorkspaceDir.tiny(tmp_path, a=FINE, _defaults="campaign: c\n---\ncampaign: d\n")
    workspace.run("fmt")
    assert not [path for path in tmp_path.glob("*.yaml") if "id:" in path.read_text()[:3]]


@pytest.mark.parametrize(
    "text",
    ["text: Join us\n  #devops\n", "text:   Join us #devops\n", "text: 'Join us'\n  #devops\n"],
)
@pytest.mark.parametrize("check", [(), ("--check",)])
def test_a_part_of_a_text_that_is_a_comment_stays_beside_it(
    tmp_path: Path, text: str, check: tuple[str, ...]
) -> None:
    """Moved above the next key it would look like any other comment, and be lost for good."""
    whole = f"profiles: [x]\n{text}link:   https://acme.example\n"
    workspace = WorkspaceDir.tiny(tmp_path)
    workspace.write("a.yaml", whole)
    result = workspace.run("fmt", *check)
    assert result.codes == ["PC110"]
    assert result.code == ("'" not in text)
    assert (tmp_path / "a.yaml").read_text() == whole
