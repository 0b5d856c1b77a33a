"""Commands that may end in any way but one, and what they must leave alone."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from typing import Any

from tests.commands.workspace_dir import Result, WorkspaceDir, post
from tests.reconcile.documents import STATE
from tests.robustness.mutation import ENDS

POSTS = {
    "a": post("Alpha."),
    "b": post("Beta.", "2026-12-02 09:30", more="link: https://acme.example/\ntags: [one]\n"),
    "c": post("Gamma.", "queue", on="x, li"),
}


@cache
def _template() -> Path:
    """A workspace whose posts stand in the queue, with an edit that waits and a saved plan."""
    folder = Path(mkdtemp(prefix="robust-", dir=os.environ["HOME"]))
    workspace = WorkspaceDir.tiny(folder, **POSTS)
    result = workspace.apply()
    assert result.code == 0, result.err
    workspace.edit("a.yaml", "Alpha.", "Alpha, again.")
    # The same in every run, so that the examples are.
    fixed = {
        "lineage": "lineage-1",
        **{key: STATE[key] for key in ("approved", "spent", "unapproved", "applied")},
    }
    workspace.state_file.write_text(json.dumps({**state(workspace), **fixed}))
    assert workspace.run("plan", "-o", "saved.json").code == 0
    return folder


@contextmanager
def applied_workspace() -> Iterator[WorkspaceDir]:
    """A copy of it, for one example."""
    with TemporaryDirectory(prefix="robust-") as folder:
        copied = Path(folder, "w")
        shutil.copytree(_template(), copied)
        yield WorkspaceDir(copied)


def state(workspace: WorkspaceDir) -> Any:
    """The state as a document."""
    return json.loads(workspace.state_file.read_text(encoding="utf-8"))


def known_state() -> Any:
    """The state of the workspace that every example begins with."""
    return state(WorkspaceDir(_template()))


def saved_plan() -> Any:
    """The plan that was saved there."""
    return json.loads((_template() / "saved.json").read_text(encoding="utf-8"))


def must_end_well(workspace: WorkspaceDir, *args: str, stdin: str = "") -> Result:
    """Run a command: it ends with a code of its own, says why if it failed, and no traceback."""
    result = workspace.run(*args, stdin=stdin)
    output = result.out + result.err
    assert result.code in ENDS, (args, result.code, output)
    assert "Traceback" not in output, (args, output)
    assert "a bug of plancast" not in output, (args, output)
    output.encode()
    return result
