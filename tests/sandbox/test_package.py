"""The package stands alone."""

from __future__ import annotations

import ast
from pathlib import Path

import plancast.sandbox as package

FOLDER = Path(package.__file__).parent


def test_it_imports_nothing_of_plancast_outside_itself() -> None:
    for path in FOLDER.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            for name in names:
                outside = name.startswith("plancast") and not name.startswith("plancast.sandbox")
                assert not outside, f"{path.name} imports {name}"


def test_its_public_names() -> None:
    assert package.__all__ == sorted(package.__all__)
    assert all(hasattr(package, name) for name in package.__all__)
