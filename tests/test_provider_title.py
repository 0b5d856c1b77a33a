"""Text for people names the provider by its title, outside the Buffer providers themselves."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from plancast.model.codes import CODES

PLANCAST = Path(__file__).resolve().parent.parent / "plancast"
NAME = re.compile(r"\bBuffer\b")

OF_BUFFER = (
    "providers/buffer_features.py", "providers/buffer_graphql/", "providers/buffer_text.py",
    "providers/buffer_v1/", "providers/factories.py", "providers/registry.py",
    "providers/sandbox.py", "sandbox/",
)  # fmt: skip
"""The Buffer providers, their rows, and the local Buffer."""

ABOUT_BUFFER = {
    "commands/main.py": "the verbs `migrate` and `sandbox`, which are about Buffer alone",
    "commands/migrate.py": "the verb that goes from one of Buffer's APIs to the other",
    "commands/sandbox.py": "the verbs of the local Buffer",
}
"""Other files that may name it, and why."""


def literals(text: str) -> Iterator[tuple[int, str]]:
    """Each string of a module that is no docstring, with its line."""
    tree = ast.parse(text)
    prose = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            yield node.lineno, node.value


def helps(text: str) -> Iterator[tuple[int, str]]:
    """The docstrings that click shows as the help of a command."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef) and any(
            "command" in ast.dump(one) for one in node.decorator_list
        ):
            yield node.lineno, ast.get_docstring(node) or ""


def naming(folder: Path) -> list[str]:
    """The places below `folder` that name Buffer in a text for people."""
    found = []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if name.startswith(OF_BUFFER) or name in ABOUT_BUFFER or not path.is_file():
            continue
        if path.suffix == ".py":
            text = path.read_text(encoding="utf-8")
            lines = [*literals(text), *helps(text)]
        elif path.suffix in (".j2", ".js", ".css"):
            text = path.read_text(encoding="utf-8")
            lines = list(enumerate(text.splitlines(), start=1))
        else:
            continue
        found += [f"{name}:{line}" for line, words in lines if NAME.search(words)]
    return found


def test_no_text_for_people_names_buffer() -> None:
    assert naming(PLANCAST) == []


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("reconcile/zz.py", 'REASON = "it was changed in Buffer"\n'),
        ("reconcile/zz.py", 'def f(x):\n    return f"{x} was changed in Buffer"\n'),
        ("commands/zz.py", '@click.command("zz")\ndef command():\n    """Do it in Buffer."""\n'),
        ("render/html/templates/zz.html.j2", "<p>Changed in Buffer</p>\n"),
    ],
)
def test_a_text_that_does_is_found(file: str, text: str, tmp_path: Path) -> None:
    (tmp_path / file).parent.mkdir(parents=True)
    (tmp_path / file).write_text(text)
    assert [place.partition(":")[0] for place in naming(tmp_path)] == [file]


def test_the_exceptions_are_needed() -> None:
    for name in ABOUT_BUFFER:
        text = (PLANCAST / name).read_text(encoding="utf-8")
        assert [line for line, words in (*literals(text), *helps(text)) if NAME.search(words)], name


def test_a_diagnostic_whose_words_name_the_provider_is_given_its_title() -> None:
    """Each call that makes one by its code passes `title`."""
    named = {code for code, known in CODES.items() if known.names_provider}
    assert named
    found = []
    for path in sorted(PLANCAST.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            function = node.func.id if isinstance(node.func, ast.Name) else ""
            codes = {part.value for part in node.args if isinstance(part, ast.Constant)} & named
            keywords = {item.arg for item in node.keywords}
            if codes and function in ("problem", "_about") and "title" not in keywords:
                found.append(f"{path.relative_to(PLANCAST)}:{node.lineno}: {codes}")
    assert found == []


def test_words_of_a_code_without_a_title_still_read_well() -> None:
    for code, known in CODES.items():
        problem = known.about("the provider")
        assert (
            "{" not in problem.summary + problem.hint
            or "{provider}" not in problem.summary + problem.hint
        ), code
        assert problem.summary[0].isupper(), code
