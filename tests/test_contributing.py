"""The recipes of CONTRIBUTING.md name files and tests that exist.

A recipe is a section whose heading begins with "Add". Its steps are a numbered list. In backticks
it names paths and tests (`tests/file.py::test_name`); `NAME` in a path stands for the new name.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
SECTION = re.compile(r"^## (Add [^\n]+)\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
STEP = re.compile(r"^\d+\. .*?(?=^\d+\. |^\n|\Z)", re.MULTILINE | re.DOTALL)
QUOTED = re.compile(r"`([^`\n]+)`")
PATH = re.compile(r"[\w.-]+(?:/[\w.-]+)+/?")


def recipes(text: str) -> dict[str, list[str]]:
    """Return the steps of each recipe, by its heading."""
    return {heading: STEP.findall(body) for heading, body in SECTION.findall(text)}


def named_tests(text: str) -> list[str]:
    return [quoted for quoted in QUOTED.findall(text) if "::" in quoted]


def named_paths(text: str) -> list[str]:
    return [quoted for quoted in QUOTED.findall(text) if PATH.fullmatch(quoted)]


def has_path(path: str) -> bool:
    """Return whether a path exists; of one with `NAME` in it, whether the folder does."""
    parts = path.split("/")
    fixed = next((place for place, part in enumerate(parts) if _is_new(part)), len(parts))
    return (ROOT / "/".join(parts[:fixed])).exists()


def _is_new(part: str) -> bool:
    return "NAME" in part


@cache
def functions(path: str) -> frozenset[str]:
    """Return the names of the functions in a file; none if there is no such file."""
    file = ROOT / path
    if not file.is_file():
        return frozenset()
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def dead(text: str) -> Iterator[str]:
    """Yield what a recipe names and the project does not have."""
    for test in named_tests(text):
        path, _, name = test.partition("::")
        if name not in functions(path):
            yield test
    yield from (path for path in named_paths(text) if not has_path(path))


RECIPES = recipes(TEXT)
STEPS = [
    pytest.param(step, id=f"{heading}-{number}")
    for heading, steps in RECIPES.items()
    for number, step in enumerate(steps, start=1)
]
SECTIONS = dict(SECTION.findall(TEXT))


def test_there_are_recipes() -> None:
    assert "Add a field to a post" in RECIPES


@pytest.mark.parametrize("heading", RECIPES)
def test_a_recipe_has_steps(heading: str) -> None:
    assert len(RECIPES[heading]) > 1


@pytest.mark.parametrize("heading", RECIPES)
def test_what_a_recipe_names_exists(heading: str) -> None:
    assert list(dead(SECTIONS[heading])) == []


@pytest.mark.parametrize("step", STEPS)
def test_a_step_names_a_file_and_the_test_that_misses_it(step: str) -> None:
    assert named_paths(step), step
    assert named_tests(step), step


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("`plancast/model/entry.py` and `make docs`", []),
        ("`plancast/model/entries.py`", ["plancast/model/entries.py"]),
        ("`plancast/networks/NAME.py`", []),
        ("`plancast/network/NAME.py`", ["plancast/network/NAME.py"]),
        ("`tests/test_contributing.py::test_there_are_recipes`", []),
        ("`tests/test_contributing.py::test_none`", ["tests/test_contributing.py::test_none"]),
        ("`tests/test_none.py::test_there`", ["tests/test_none.py::test_there"]),
    ],
)
def test_a_name_that_is_dead_is_found(text: str, found: list[str]) -> None:
    assert list(dead(text)) == found


def test_steps_are_read_one_by_one() -> None:
    text = "## Add a thing\n\nIntro.\n\n1. One\n   more.\n2. Two.\n10. Ten.\n\nEnd.\n## B\n1. No.\n"
    assert recipes(text) == {"Add a thing": ["1. One\n   more.\n", "2. Two.\n", "10. Ten.\n"]}
