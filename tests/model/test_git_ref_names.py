"""Names of refs and remotes that `state:` may not give, although their characters are allowed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from plancast.model.git_ref_names import RESERVED, name_problem, ref_problem
from tests.store.gits import git


@pytest.mark.parametrize(
    "ref",
    [
        *(f"refs/{word}/a" for word in RESERVED),
        "refs/heads/a..b",
        "refs/heads/a.",
        "refs/heads/a./b",
        "refs/heads/a.lock",
        "refs/heads/a.lock/b",
        "refs/heads/HEAD",
        "refs/heads/a\n",
    ],
)
def test_a_name_that_is_for_something_else_has_a_reason(ref: str) -> None:
    assert ref_problem(ref) != ""


@pytest.mark.parametrize(
    "ref",
    [
        "refs/plancast/state",
        "refs/heads/plancast-state",
        "refs/heads/a/b.c",
        "refs/mine/state",
        "refs/heads/lock",
        "refs/heads/x.l",
    ],
)
def test_other_names_have_none_and_git_takes_them(ref: str) -> None:
    assert ref_problem(ref) == ""
    git(Path(os.sep), "check-ref-format", ref)


@pytest.mark.parametrize("name", ["a..b", "a.", "a.lock", "a\n"])
def test_a_remote_with_a_name_that_no_ref_can_hold_has_a_reason(name: str) -> None:
    assert name_problem(name) != ""
    assert name_problem("origin") == ""
