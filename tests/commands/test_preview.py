"""`plancast preview`, and the page from `plan` and `show`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.commands.desk import Desk, post

PAGE = "plancast-preview.html"
HEAD = "<!doctype html>"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk.tiny(tmp_path, a=post("One post.", on="x, li"))


def read(desk: Desk, name: str = PAGE) -> str:
    return (desk.folder / name).read_text(encoding="utf-8")


def test_it_writes_the_page_of_a_plan_made_now(desk: Desk) -> None:
    result = desk.run("preview")
    assert (result.code, result.out) == (0, f"{PAGE}\n")
    assert "Plan: 2 to create, 0 to update, 0 to destroy." in result.err
    text = read(desk)
    assert text.startswith(HEAD)
    assert "a@x" in text
    assert "Times in Europe/Berlin" in text


def test_it_shows_a_saved_plan_where_there_is_no_workspace(desk: Desk, tmp_path: Path) -> None:
    desk.run("plan", "-o", "plan.json")
    made = read(desk, "plan.json")
    elsewhere = Desk(tmp_path / "elsewhere")
    elsewhere.write("plan.json", made)
    result = elsewhere.run("preview", "plan.json", "-o", "pages/p.html")
    assert (result.code, result.out) == (0, "pages/p.html\n")
    assert "Times in Europe/Berlin" in read(elsewhere, "pages/p.html")


def test_the_same_plan_gives_the_same_page(desk: Desk) -> None:
    desk.run("plan", "-o", "plan.json")
    shown = desk.run("show", "plan.json", "--format", "html")
    assert shown.code == 0
    desk.run("preview", "plan.json")
    assert read(desk) == shown.out
    assert desk.run("show", "plan.json", "--format", "html").out == shown.out


def test_plan_prints_it(desk: Desk) -> None:
    result = desk.run("plan", "--format", "html")
    assert result.code == 0
    assert result.out.startswith(HEAD)
    assert result.out.endswith("</html>\n")


def test_a_refused_plan_is_shown_and_not_judged(desk: Desk) -> None:
    desk.apply()
    (desk.folder / "a.yaml").unlink()
    assert desk.run("plan").code == 4
    assert desk.run("preview").code == 0
    assert "PC702" in read(desk)


def test_targets_and_offline_are_those_of_plan(desk: Desk) -> None:
    desk.apply()
    assert desk.run("preview", "--offline", "--target", "*@li").code == 0
    text = read(desk)
    assert "Without a look at Buffer" in text
    assert "a@li" in text
    assert "a@x" not in text


def test_errors_in_the_files_leave_no_page(desk: Desk) -> None:
    desk.write("b.yaml", "profiles: [nobody]\n")
    result = desk.run("preview")
    assert result.code == 1
    assert not (desk.folder / PAGE).exists()


def test_a_disk_that_refuses_is_told_and_leaves_what_was_there(desk: Desk) -> None:
    desk.write("taken/inside", "")
    result = desk.run("preview", "-o", "a.yaml/page.html")
    assert (result.code, result.codes) == (1, ["PC007"])
    assert "a.yaml/page.html" in result.err


def test_the_plan_itself_is_not_written_over(desk: Desk) -> None:
    desk.run("plan", "-o", "plan.json")
    result = desk.run("preview", "plan.json", "-o", "plan.json")
    assert (result.code, result.codes) == (1, ["PC007"])
    assert json.loads(read(desk, "plan.json"))["format_version"] == 1


@pytest.mark.parametrize("flags", [["--offline"], ["--target", "a@x"], ["--destroy"]])
def test_a_saved_plan_is_not_planned_again(desk: Desk, flags: list[str]) -> None:
    desk.run("plan", "-o", "plan.json")
    result = desk.run("preview", "plan.json", *flags)
    assert (result.code, result.codes) == (1, ["PC809"])


@pytest.mark.parametrize("text", ["", "{}", "<html>"])
def test_what_is_no_plan_is_told(desk: Desk, text: str) -> None:
    desk.write("plan.json", text)
    result = desk.run("preview", "plan.json")
    assert (result.code, result.codes) == (1, ["PC608"])


def test_in_ci_the_page_names_commit_and_run(desk: Desk) -> None:
    desk.environ = {
        "GITHUB_ACTIONS": "true",
        "GITHUB_REPOSITORY": "acme/posts",
        "GITHUB_SHA": "0123456789abcdef0123456789abcdef01234567",
        "GITHUB_SERVER_URL": "https://github.com",
        "GITHUB_RUN_ID": "42",
        "GITHUB_EVENT_NAME": "push",
    }
    assert desk.run("preview").code == 0
    text = read(desk)
    assert "commit 0123456789" in text
    assert "https://github.com/acme/posts/actions/runs/42" in text


def test_a_ci_that_is_not_as_it_should_be_does_not_stop_it(desk: Desk) -> None:
    desk.environ = {"GITHUB_ACTIONS": "true"}
    assert desk.run("preview").code == 0
    assert "commit" not in read(desk).partition("<h1>")[2].partition("</header>")[0]


def test_it_is_opened_by_the_browser_of_the_person(desk: Desk, tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\nprintf %s "$1" > "{seen}"\n', encoding="utf-8")
    browser.chmod(0o755)
    desk.environ = {"BROWSER": f"{browser} %s"}
    assert desk.process("preview", "--open").code == 0
    assert seen.read_text() == (desk.folder / PAGE).as_uri()
