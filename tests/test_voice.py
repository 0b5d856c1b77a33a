"""Words that a reader has to decode stay out of docstrings and comments (STYLE.md)."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
RIDDLES = re.compile(
    r"\b(told|tell|tells|telling|somebody|nobody|anybody|whoever)\b", re.IGNORECASE
)
OPENING = re.compile(r"What(?:ever)?\b")
ROOMS = sorted(
    path
    for path in (ROOT / "plancast").iterdir()
    if path.suffix == ".py" or (path / "__init__.py").exists()
)


def prose(source: str) -> Iterator[tuple[int, str]]:
    """Yield each docstring and comment of a module, with its line."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            text = node.value.value
            if isinstance(text, str):
                yield node.lineno, text
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def riddles(source: str) -> Iterator[tuple[int, str]]:
    """Yield the riddles of a module, with their lines."""
    for line, text in prose(source):
        yield from ((line, found) for found in RIDDLES.findall(text))
        if opening := OPENING.match(text):
            yield line, opening[0]


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.stem)
def test_docstrings_and_comments_say_who_does_what(room: Path) -> None:
    files = sorted(room.rglob("*.py")) if room.is_dir() else [room]
    found = [
        f"{path.relative_to(ROOT)}:{line}: {word}"
        for path in files
        for line, word in riddles(path.read_text(encoding="utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ('def f():\n    """Return the reports of a server."""\n', []),
        ('def f():\n    """What a server reports."""\n', ["What"]),
        ("x = 1  # nobody knows\n", ["nobody"]),
        ('x = "nobody"\n', []),
        ('x = 1\n"""As the server tells it."""\n', ["tells"]),
    ],
)
def test_a_riddle_is_found(source: str, words: list[str]) -> None:
    assert [word for _, word in riddles(source)] == words
