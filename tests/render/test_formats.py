"""The table of formats: each has a module that draws, and each command offers what it names."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import click
import pytest

import plancast.render
from plancast.commands.main import main
from plancast.render.formats import COMMAND_FORMATS, PLAN_FORMATS

ROOM = Path(plancast.render.__file__).parent
ROOT = Path(__file__).resolve().parents[2]


def test_each_format_of_plans_is_drawn_by_a_module() -> None:
    missing = [
        name
        for name, form in PLAN_FORMATS.items()
        if not callable(getattr(import_module(form.module), "render", None))
    ]
    assert missing == [], "give its module a function render(plan, options)"


def test_each_module_that_draws_plans_is_in_the_table() -> None:
    known = {form.module for form in PLAN_FORMATS.values()}
    assert set(renderers(ROOM)) == known, "add a row to PLAN_FORMATS of plancast/render/formats.py"


def test_each_module_that_draws_plans_is_a_stranger_to_the_others() -> None:
    document = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = {item["id"]: item for item in document["tool"]["importlinter"]["contracts"]}
    known = {form.module for form in PLAN_FORMATS.values()}
    assert set(contracts["renderers"]["modules"]) == known, (
        "pyproject.toml: the contract `renderers` names the module of each format"
    )


def test_a_module_without_a_row_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "calendar.py").write_text(
        "def render(plan: Plan, options: ViewOptions) -> str: ..."
    )
    (tmp_path / "other.py").write_text("def render(rows: Rows) -> str: ...")
    assert list(renderers(tmp_path)) == ["plancast.render.calendar"]


def test_commands_offer_what_the_table_names() -> None:
    offered = dict(commands_with_formats(main, ""))
    assert offered == dict(COMMAND_FORMATS)


@pytest.mark.parametrize("command", ["plan", "show"])
def test_a_command_that_shows_a_plan_has_all_formats_of_plans(command: str) -> None:
    assert COMMAND_FORMATS[command] == tuple(PLAN_FORMATS)


def renderers(room: Path) -> Iterator[str]:
    """Yield the modules below a folder with a function `render` that takes a plan."""
    for path in sorted(room.rglob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.name == "render":
                kinds = [ast.unparse(one.annotation) for one in node.args.args if one.annotation]
                if kinds == ["Plan", "ViewOptions"]:
                    parts = path.relative_to(room).with_suffix("").parts
                    yield ".".join(["plancast.render", *parts]).removesuffix(".__init__")


def commands_with_formats(group: click.Group, above: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each command below a group that has `--format`, with what the option takes."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from commands_with_formats(command, f"{above}{name} ")
        for option in command.params if command else ():
            if "--format" in option.opts and isinstance(option.type, click.Choice):
                yield f"{above}{name}", tuple(option.type.choices)
