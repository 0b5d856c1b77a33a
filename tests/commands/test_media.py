"""Images and videos by their addresses, from the file to the exit code."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from plancast.model.media import MediaAnswer, MediaOutcome
from plancast.model.ports import Clock
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
        words = " ".join((result.out + result.err).split())
        assert "could not fetch an image or a video" in words
        assert "Failed to backfill media from URL" in words


# -- with a look at the web ----

GOOD = MediaAnswer(MediaOutcome.ANSWERED, 200, "image/png", 1)
GONE = MediaAnswer(MediaOutcome.ANSWERED, 404)
SLOW = MediaAnswer(MediaOutcome.UNREACHED, detail="no answer in time")
IMAGE = "https://images.acme.example/a.png"


@dataclass
class Web:
    """Answers in place of the web; `asked` are the addresses of each run."""

    answer: MediaAnswer = GOOD
    asked: list[tuple[str, ...]] = field(default_factory=list)

    def ask(self, urls: Sequence[str], clock: Clock) -> Mapping[str, MediaAnswer]:
        self.asked.append(tuple(urls))
        return dict.fromkeys(urls, self.answer)


def online(tmp_path: Path, web: Web, **posts: str) -> WorkspaceDir:
    return replace(WorkspaceDir.tiny(tmp_path, **posts), ask_media=web.ask)


FAR = with_image(IMAGE).replace(AT, "2099-12-01 09:30")


def test_without_the_flag_nothing_is_asked(tmp_path: Path) -> None:
    web = Web(GONE)
    workspace = online(tmp_path, web, far=FAR)
    for verb in ("validate", "plan", "status"):
        assert workspace.run(verb).code == 0
    assert web.asked == []


@pytest.mark.parametrize(
    ("answer", "code", "shown"),
    [(GOOD, 0, ""), (SLOW, 0, "warning[PC541]"), (GONE, 1, "error[PC540]")],
)
def test_validate_asks_and_shows_the_place(
    tmp_path: Path, answer: MediaAnswer, code: int, shown: str
) -> None:
    web = Web(answer)
    result = online(tmp_path, web, far=FAR).run("validate", "--online")
    assert result.code == code
    assert web.asked == [(IMAGE,)]
    assert shown in result.err
    assert ("far.yaml:5:5" in result.err) is bool(shown)


def test_problems_of_media_are_in_every_format_of_validate(tmp_path: Path) -> None:
    workspace = online(tmp_path, Web(GONE), far=FAR)
    (found,) = workspace.run("validate", "--online", "--format", "json").json
    assert (found["code"], found["source"]["line"]) == ("PC540", 5)
    assert "PC540" in workspace.run("validate", "--online", "--format", "github").out
    assert "PC540" in workspace.run("validate", "--online", "--format", "sarif").out


def test_a_problem_that_came_from_a_variant_is_shown_there(tmp_path: Path) -> None:
    text = f"{post()}variants:\n  twitter:\n    images:\n      - url: {IMAGE}\n        alt: A\n"
    workspace = online(tmp_path, Web(GONE), far=text.replace(AT, "2099-12-01 09:30"))
    assert "far.yaml:7:" in workspace.run("validate", "--online").err


def test_status_asks_for_what_is_still_to_go_out(tmp_path: Path) -> None:
    web = Web(GONE)
    early = with_image(f"{IMAGE}?early").replace("Hello.", "Early.")
    queued = early.replace(AT, "queue").replace("Early.", "Queued.")
    workspace = online(tmp_path, web, far=FAR, early=early, queued=queued)
    assert workspace.run("apply", "--auto-approve").code == 0
    with workspace.person() as world:
        world.set_clock("2026-12-02T08:00:00Z")
    result = workspace.run("status", "--online")
    assert web.asked == [(IMAGE,)], "the other two went out"
    assert (result.code, result.errors) == (1, ["PC540"])
    assert "far.yaml:5:5" in result.err
    web.answer = GOOD
    assert workspace.run("status", "--online").code == 0


def test_status_of_one_address_asks_for_that_one(tmp_path: Path) -> None:
    web = Web()
    other = with_image(f"{IMAGE}?other").replace("Hello.", "Other.")
    workspace = online(tmp_path, web, far=FAR, other=other)
    workspace.run("apply", "--auto-approve")
    assert workspace.run("status", "--online", "other@x").code == 0
    assert web.asked == [(f"{IMAGE}?other",)]


def event(folder: Path, head: str) -> dict[str, str]:
    """The environment of a run of GitHub for a pull request from a repository."""
    path = folder / "event.json"
    about = {"head": {"repo": {"full_name": head}}, "base": {"repo": {"full_name": "acme/posts"}}}
    path.write_text(json.dumps({"pull_request": about}))
    return {
        "GITHUB_ACTIONS": "true",
        "GITHUB_EVENT_NAME": "pull_request",
        "GITHUB_EVENT_PATH": str(path),
    }


@pytest.mark.parametrize("head", ["acme/posts", "stranger/posts"])
def test_for_a_request_from_a_fork_nothing_is_asked_unless_that_is_said(
    tmp_path: Path, head: str
) -> None:
    web = Web(GONE)
    environ = event(tmp_path, head)
    workspace = replace(online(tmp_path, web, far=FAR), environ=environ)
    result = workspace.run("validate", "--online")
    is_fork = head != "acme/posts"
    assert result.code == (0 if is_fork else 1)
    assert ("PC544" in result.err) is is_fork
    assert len(web.asked) == (0 if is_fork else 1)
    assert workspace.run("validate", "--online-forks").code == 1
    assert len(web.asked) == (1 if is_fork else 2)


def test_without_media_nobody_is_asked_and_nothing_said_about_forks(tmp_path: Path) -> None:
    web = Web()
    workspace = replace(online(tmp_path, web, a=post()), environ=event(tmp_path, "stranger/posts"))
    result = workspace.run("validate", "--online")
    assert (result.code, result.err, web.asked) == (0, "", [])
