"""The log of the state's ref holds what others wrote, and anyone who can push writes it."""

from __future__ import annotations

import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from plancast.store.git import author
from plancast.store.git_ref import parse_log
from tests.commands.workspace_dir import WorkspaceDir, post, workspace_yaml
from tests.store.gits import ENVIRON, Remote, git, store_in

AUTHORS = {
    "line separators": "Ana\u2028Bo\u2029Cy\x85Di",
    "control characters": "Ana\r\t\x0b\x0c\x1b[31m\x1c\x1d\x1e\x7f",
    "NUL": "Ana\0Bo",
    "no UTF-8": "Ana\udcff\udcfe",
    "a surrogate": "Ana\udced\udca0\udc80",
    "nothing": "",
    "direction": "Ana\u202eBo",
}
TIMES = {
    "far away": "99999999999999999999 +0000",
    "in the year 9999": "253402300799 +0000",
    "later than that": "253402300800 +0000",
    "before 1970": "-86400 +0000",
    "no number": "yesterday +0000",
    "digits of another script": "\u0661\u0662 +0000",
    "no zone": "1700000000",
    "missing": "",
}


SIGNED = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n =abcd\n -----END PGP SIGNATURE-----\n"


@pytest.fixture
def remote(tmp_path: Path) -> Remote:
    return Remote.make(tmp_path)


def pushed_commit(
    clone: Path, author: str, committed: str, subject: str, headers: str = ""
) -> None:
    """Put a state into the ref with a commit that git itself would not make."""
    workspace = WorkspaceDir(clone, ENVIRON)
    workspace.write("plancast.yaml", workspace_yaml() + "state: {backend: git}\n")
    workspace.write("a.yaml", post())
    store = store_in(clone)
    store.write(store.read())
    tip = git(clone, "rev-parse", "refs/plancast-local/origin/plancast/state/accepted")
    tree = git(clone, "rev-parse", f"{tip}^{{tree}}")
    raw = (
        f"tree {tree}\nparent {tip}\nauthor {author} <a@b> {committed}\n"
        f"committer C <a@b> {committed}\n{headers}\n{subject}\n"
    )
    line = ["git", "-C", str(clone), "hash-object", "-t", "commit", "-w", "--stdin", "--literally"]
    made = subprocess.run(
        line,
        input=raw.encode("utf-8", "surrogateescape"),
        capture_output=True,
        check=True,
        env=dict(ENVIRON),
    )
    git(clone, "push", "-q", "origin", f"{made.stdout.decode().strip()}:refs/plancast/state")


def check_both_forms(clone: Path) -> list[dict[str, str]]:
    workspace = WorkspaceDir(clone, ENVIRON)
    human = workspace.run("state", "log")
    assert human.code == 0, human.err
    assert len(human.out.splitlines()) == 3, "a line for each write, below the headers"
    assert all(sign.isprintable() for line in human.out.splitlines() for sign in line)
    found = workspace.run("state", "log", "--format", "json")
    assert found.code == 0, found.err
    steps: list[dict[str, str]] = json.loads(found.out)
    assert len(steps) == 2
    assert steps[1]["what"].startswith("serial 1")
    return steps


@pytest.mark.parametrize("name", AUTHORS)
def test_an_author_or_a_subject_can_hold_anything(remote: Remote, name: str) -> None:
    clone = remote.clone("clone")
    pushed_commit(clone, AUTHORS[name], "1700000000 +0000", f"Ana's\u2028{AUTHORS[name]}.")
    (step, _) = check_both_forms(clone)
    # git itself reads no further than to a NUL, and finds no author then.
    assert step["who"].startswith("" if name in ("NUL", "nothing") else "Ana")
    assert step["what"].startswith("Ana's")


@pytest.mark.parametrize("name", TIMES)
def test_a_commit_can_have_any_time(remote: Remote, name: str) -> None:
    clone = remote.clone("clone")
    pushed_commit(clone, "Ana", TIMES[name], "By hand")
    (step, _) = check_both_forms(clone)
    assert step["what"] == "By hand"


def test_the_settings_of_the_user_for_logs_change_nothing(remote: Remote, tmp_path: Path) -> None:
    clone = remote.clone("clone")
    pushed_commit(clone, "Zo\u00eb", "1700000000 +0000", "By hand", SIGNED)
    before = check_both_forms(clone)
    called = tmp_path / "called"
    verifier = tmp_path / "verifier"
    verifier.write_text(f"#!/bin/sh\ntouch {called}\n", encoding="utf-8")
    verifier.chmod(0o755)
    settings = {
        "gpg.program": str(verifier),
        "log.showSignature": "true",
        "log.decorate": "full",
        "log.date": "relative",
        "color.ui": "always",
        "i18n.logOutputEncoding": "latin1",
        "i18n.commitEncoding": "latin1",
        "format.pretty": "raw",
        "core.pager": "false",
        "core.quotePath": "true",
    }
    for key, value in settings.items():
        git(clone, "config", key, value)
    tip = git(clone, "ls-remote", "origin", "refs/plancast/state").split()[0]
    git(clone, "log", "--format=%H", tip)
    assert called.exists(), "git verifies for the user"
    called.unlink()
    assert check_both_forms(clone) == before
    assert not called.exists()


def test_records_are_split_by_nul_alone() -> None:
    fields = ["a\u20281", "1700000000", "Ana\u2028\n", "\r\x1c", "b", "", "", ""]
    printed = "".join(field + "\0" for field in fields)
    one, two = parse_log(printed.encode())
    assert (one.id, one.who, one.what) == ("a\u20281", "Ana\u2028\n", "\r\x1c")
    assert one.at == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    assert (two.id, two.at, two.who, two.what) == ("b", None, "", "")
    assert parse_log(b"") == ()


# -- who stands in it ----


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"USER": "ana"}, "ana"),
        ({"USER": "Zo\u00eb"}, "Zo\u00eb"),
        ({"GITHUB_ACTOR": "dependabot[bot]", "USER": "runner"}, "dependabot[bot]"),
        ({"GITHUB_ACTOR": " \n", "USER": "ana"}, "ana"),
        ({"USER": "Ana\u2028\nBo\udcff\x1b"}, "AnaBo"),
        ({"USER": "<>", "LOGNAME": "ana"}, "ana"),
        ({"USER": "..."}, "plancast"),
        ({}, "plancast"),
    ],
)
def test_the_author_is_a_name_that_git_takes(
    remote: Remote, given: dict[str, str], expected: str
) -> None:
    assert author(given) == expected
    without = {name: value for name, value in ENVIRON.items() if name != "USER"}
    clone = remote.clone("clone")
    git(clone, "config", "i18n.commitEncoding", "latin1")
    store = store_in(clone, environ={**without, **given})
    store.write(store.read())
    (step,) = store.history(9)
    assert step.who == expected
