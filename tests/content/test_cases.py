"""Case folders: the files of a workspace, and every problem that they have.

`UPDATE_SNAPSHOTS=1` writes the expectations anew; then read what changed.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from plancast.content.loader import load
from plancast.content.validate import validate
from plancast.model.diagnostics import Diagnostic, in_order
from plancast.providers import features
from plancast.reconcile.selectors import assume

CASES = sorted(path for path in (Path(__file__).parent / "cases").iterdir() if path.is_dir())


def _found(root: Path) -> tuple[Diagnostic, ...]:
    loaded = load(root)
    profiles = assume(loaded.workspace.profiles).profiles
    checked = validate(loaded, profiles, features=features(loaded.workspace.provider))
    return in_order((*loaded.diagnostics, *checked.diagnostics))


def _diagnostic_lines(found: tuple[Diagnostic, ...]) -> str:
    lines = []
    for item in found:
        place = str(item.source) if item.source else (item.at.file if item.at else "-")
        words = f"{item.code} {item.severity.value}: {item.summary} | {item.detail} | {item.hint}"
        lines.append(f"{place} {words}\n")
    return "".join(lines)


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_case(folder: Path, tmp_path: Path) -> None:
    root = tmp_path / "case"
    shutil.copytree(folder, root)
    expected = root / "expected.txt"
    if expected.exists():
        expected.unlink()
    actual = _diagnostic_lines(_found(root))
    if os.environ.get("UPDATE_SNAPSHOTS"):
        (folder / "expected.txt").write_text(actual, encoding="utf-8")
    assert actual == (folder / "expected.txt").read_text(encoding="utf-8")


def test_what_only_a_real_folder_can_hold(tmp_path: Path) -> None:
    """A link out of the workspace, a file without permission to be huge, deep nesting."""
    base = CASES[0]
    root = tmp_path / "case"
    shutil.copytree(base, root)
    outside = tmp_path / "outside.yaml"
    outside.write_text("text: secret\n", encoding="utf-8")
    (root / "posts" / "link.yaml").symlink_to(outside)
    (root / "posts" / "huge.yaml").write_text("text: " + "x" * 1_100_000, encoding="utf-8")
    (root / "posts" / "deep.yaml").write_text("text: " + "[" * 50_000, encoding="utf-8")
    (root / "posts" / "block.yaml").write_text("- " * 50_000 + "x", encoding="utf-8")
    found = [(item.code, item.source.file if item.source else None) for item in _found(root)]
    assert ("PC004", None) in found
    assert ("PC005", "posts/huge.yaml") in found
    assert ("PC104", "posts/deep.yaml") in found
    assert ("PC104", "posts/block.yaml") in found
    assert all("secret" not in item.detail for item in _found(root))
