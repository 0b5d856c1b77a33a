"""Images and videos by their addresses, from the file to the exit code."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.commands.workspace_dir import WorkspaceDir, post

AT = "2026-12-01 09:30"
BAD = {
    "webp": ("https://images.acme.example/a.webp", "PC530"),
    "svg": ("https://images.acme.example/a.svg", "PC530"),
    "txt": ("https://images.acme.example/a.txt", "PC530"),
    "mp4": ("https://images.acme.example/a.mp4", "PC530"),
    "local": ("http://localhost/a.png", "PC533"),
    "blob": ("https://github.com/acme/posts/blob/main/a.png", "PC531"),
    "drive": ("https://drive.google.com/file/d/1aB/view", "PC532"),
}


def with_image(url: str) -> str:
    return f"{post(at=AT)}images:\n  - url: {url}\n    alt: A stage\n"


@pytest.mark.parametrize("name", BAD)
def test_what_would_fail_is_refused_by_validate_and_by_plan(tmp_path: Path, name: str) -> None:
    url, code = BAD[name]
    workspace = WorkspaceDir.tiny(tmp_path, good=post("Another."), bad=with_image(url))
    for verb in ("validate", "plan"):
        result = workspace.run(verb)
        assert result.code == 1
        assert result.errors == [code]
        assert "bad.yaml:" in result.err


SIGNED = (
    "https://images.acme.example/a.png?X-Amz-Date=20261201T070000Z&X-Amz-Signature=ab&"
    "X-Amz-Expires="
)


def test_a_file_that_ends_before_its_post_goes_out_is_refused(tmp_path: Path) -> None:
    """09:30 in Berlin is 08:30 UTC, an hour and a half after the address was signed."""
    workspace = WorkspaceDir.tiny(tmp_path, bad=with_image(f"{SIGNED}5400"))
    assert workspace.run("plan").errors == ["PC535"]
    workspace.write("bad.yaml", with_image(f"{SIGNED}10800"))
    result = workspace.run("plan")
    assert (result.code, result.errors) == (0, [])


def test_a_post_that_failed_for_its_file_is_explained(tmp_path: Path) -> None:
    """A post in the queue has no time in its file, so its address can end before it goes out."""
    text = with_image(f"{SIGNED.replace('1201T07', '1130T08')}1800").replace(AT, "queue")
    workspace = WorkspaceDir.tiny(tmp_path, waiting=text)
    assert workspace.run("apply", "--auto-approve").errors == []
    with workspace.person() as world:
        world.advance(8 * 86_400)
    for verb in ("status", "plan"):
        result = workspace.run(verb)
        assert "could not fetch an image or a video" in result.out + result.err
        assert "Failed to backfill media from URL" in result.out + result.err
