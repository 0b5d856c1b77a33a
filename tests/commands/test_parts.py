"""Threads, comments, videos, settings and stages: from the files to Buffer and back."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from plancast.app.console import Console
from plancast.app.context import Runtime
from plancast.model.entry import Entry, Stage, ThreadItem
from tests.commands.workspace_dir import NOW, WorkspaceDir

SPACE = f"""version: 1
provider: {{name: sandbox, api: graphql, clock: {NOW}}}
content: posts
timezone: Europe/Berlin
profiles: {{x: {{service: twitter}}, fb: {{service: facebook}}, ig: {{service: instagram}}}}
policy: {{require_alt: off}}
"""
THREAD = """profiles: [x]
schedule: 2026-12-01 09:30
text: One.
thread:
  - Two. # second
  - text: Three.
    images: [https://images.acme.example/three.png]
tags: [launch]
"""
REEL = """profiles: [fb, ig]
schedule: 2026-12-01 18:00
text: One minute of it.
video: {url: https://videos.acme.example/teaser.mp4, cover_ms: 1500}
first_comment: All dates
metadata:
  facebook: {type: reel} # kind
  instagram: {type: reel, share_to_feed: false}
campaign: spring
"""

Edit = Callable[[Entry], Entry]


@pytest.fixture
def workspace(tmp_path: Path) -> WorkspaceDir:
    made = WorkspaceDir(tmp_path)
    made.write("plancast.yaml", SPACE)
    made.write("posts/thread.yaml", THREAD)
    made.write("posts/reel.yaml", REEL)
    assert made.apply().code == 0
    assert made.summary() == {"unchanged": 3}
    return made


def edited(workspace: WorkspaceDir, service: str, edit: Edit) -> None:
    """A person changes the one entry on a network in Buffer, by a key of their own."""
    runtime = Runtime(workspace.folder, {}, Console(io.StringIO(), io.StringIO(), io.StringIO()))
    with runtime.opened:
        provider = runtime.connect().provider
        profiles = {known.id: known for known in provider.profiles()}
        (live,) = [
            live
            for live in provider.read(tuple(profiles.values())).entries
            if profiles[live.profile_id].service == service
        ]
        provider.update(live.id, edit(live.entry), live.entry, profiles[live.profile_id])


PULLS: dict[str, tuple[str, Edit, str, str, str]] = {
    "a part of a thread": (
        "twitter", lambda it: replace(it, thread=(ThreadItem("Zwei."), it.thread[1])),
        "thread", "  - Two. # second\n", "  - Zwei. # second\n",
    ),
    "a first comment of one of two": (
        "facebook", lambda it: replace(it, first_comment="No dates"),
        "reel", "campaign: spring\n",
        "campaign: spring\nvariants:\n  fb:\n    first_comment: No dates\n",
    ),
    "a setting": (
        "facebook", lambda it: replace(it, metadata=(("type", "story"),)),
        "reel", "{type: reel} # kind", "{type: story} # kind",
    ),
    "another cover": (
        "instagram", lambda it: replace(it, video=it.video and replace(it.video, cover_ms=7)),
        "reel", "campaign: spring\n",
        "campaign: spring\nvariants:\n  ig:\n    video:\n"
        "      url: https://videos.acme.example/teaser.mp4\n      cover_ms: 7\n",
    ),
    "back to a draft": (
        "twitter", lambda it: replace(it, stage=Stage.DRAFT),
        "thread", "09:30\n", "09:30\nstage: draft\n",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", PULLS)
def test_what_a_person_changed_is_pulled(case: str, workspace: WorkspaceDir) -> None:
    service, edit, name, before, after = PULLS[case]
    edited(workspace, service, edit)
    wanted = workspace.files()
    path = f"posts/{name}.yaml"
    wanted[path] = wanted[path].decode().replace(before, after).encode()
    assert workspace.summary()["drifted"] == 1
    done = workspace.run("pull", "--auto-approve")
    assert (done.code, done.codes) == (0, []), done.err
    assert workspace.files() == wanted
    plan = workspace.plan()
    assert plan["budget"]["requests"] == 0
    assert workspace.apply().code == 0
    assert workspace.summary() == {"unchanged": 3}


def test_a_part_that_is_gone_is_told_and_the_rest_is_pulled(workspace: WorkspaceDir) -> None:
    edited(workspace, "twitter", lambda it: replace(it, thread=it.thread[:1]))
    edited(workspace, "facebook", lambda it: replace(it, metadata=(("type", "story"),)))
    done = workspace.run("pull", "--auto-approve")
    assert done.codes == ["PC709"]
    assert "the thread has lost parts" in done.err
    files = workspace.files()
    assert files["posts/thread.yaml"].decode() == THREAD
    assert "facebook: {type: story}" in files["posts/reel.yaml"].decode()


def test_the_queue_as_files_is_the_queue(workspace: WorkspaceDir) -> None:
    edited(workspace, "instagram", lambda it: replace(it, stage=Stage.NEEDS_APPROVAL))
    before = workspace.live()
    workspace.lose_state()
    for name in ("thread", "reel"):
        (workspace.folder / "posts" / f"{name}.yaml").unlink()
    done = workspace.run("import", "--auto-approve")
    assert done.code == 0, done.err
    assert workspace.run("fmt", "--check").code == 0
    assert workspace.summary() == {"unchanged": 3}
    assert workspace.live() == before
