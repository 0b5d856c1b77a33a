"""`apply --summary`: what was done, or why nothing was, for the page of a run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.commands.workspace_dir import WorkspaceDir, applied, post

TWO = {"a": post(), "b": post("Second.", "2026-12-02 09:30")}


def test_it_holds_the_receipt_and_keeps_what_stood_there(tmp_path: Path) -> None:
    workspace = WorkspaceDir.tiny(tmp_path / "w", **TWO)
    path = tmp_path / "summary.md"
    path.write_text("Before.\n", encoding="utf-8")
    done = workspace.apply("--summary", str(path))
    assert done.code == 0, done.err
    text = path.read_text(encoding="utf-8")
    assert text.startswith("Before.\n### ✅ Apply: 2 applied.")
    assert "<code>a@x</code>" in text
    again = tmp_path / "again.md"
    assert workspace.apply("--summary", str(again)).code == 0
    assert again.read_text(encoding="utf-8").startswith("### ✅ Apply: nothing was to do.")


def test_it_says_what_still_waits(tmp_path: Path) -> None:
    workspace = WorkspaceDir.tiny(tmp_path / "w", **TWO)
    with workspace.person() as world:
        world.set_setting("queue_limit", 1)
    path = tmp_path / "summary.md"
    assert workspace.apply("--only", "create", "--summary", str(path)).code == 3
    text = path.read_text(encoding="utf-8")
    assert "### ✅ Apply: 1 applied." in text
    assert text.endswith("1 entry waits for room in a full queue.\n")


def test_it_says_what_waits_for_an_equal_text(tmp_path: Path) -> None:
    posts = {"a": post("Hello."), "b": post("Hello.", "2026-12-20 09:30")}
    workspace = WorkspaceDir.tiny(tmp_path / "w", **posts)
    path = tmp_path / "summary.md"
    assert workspace.apply("--summary", str(path)).code == 3
    assert path.read_text(encoding="utf-8").endswith(
        "1 entry waits for another post that goes first.\n"
    )


def test_a_refusal_shows_the_plan(tmp_path: Path) -> None:
    workspace = applied(tmp_path / "w", a=post())
    (workspace.folder / "a.yaml").unlink()
    path = tmp_path / "summary.md"
    assert workspace.apply("--summary", str(path)).code == 4
    text = path.read_text(encoding="utf-8")
    assert "1 to destroy" in text
    assert "PC702" in text


@pytest.mark.parametrize("json", [(), ("--json",), ("--json-into", "events.jsonl")])
def test_the_other_outputs_are_as_without_it(json: tuple[str, ...], tmp_path: Path) -> None:
    plain = WorkspaceDir.tiny(tmp_path / "plain", **TWO).apply(*json)
    workspace = WorkspaceDir.tiny(tmp_path / "w", **TWO)
    assert workspace.apply(*json, "--summary", str(tmp_path / "s.md")).out == plain.out


def test_a_summary_that_cannot_be_written_is_reported_before_anything_is_sent(
    tmp_path: Path,
) -> None:
    workspace = WorkspaceDir.tiny(tmp_path / "w", **TWO)
    done = workspace.apply("--summary", str(tmp_path / "nowhere" / "summary.md"))
    assert (done.code, done.errors) == (1, ["PC007"])
    assert workspace.texts() == []
