"""The package stands alone."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import plancast.sandbox as package

FOLDER = Path(package.__file__).parent


def test_it_imports_nothing_of_plancast_outside_itself() -> None:
    for path in FOLDER.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            for name in names:
                outside = name.startswith("plancast") and not name.startswith("plancast.sandbox")
                assert not outside, f"{path.name} imports {name}"


def test_v1_does_without_graphql() -> None:
    code = "import sys, plancast.sandbox as s; s.World(); sys.exit('graphql' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_its_public_names() -> None:
    assert package.__all__ == sorted(package.__all__)
    assert all(hasattr(package, name) for name in package.__all__)
