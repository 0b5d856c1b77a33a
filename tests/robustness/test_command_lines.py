"""Command lines of all commands, with flags and arguments that no person would type."""

from __future__ import annotations

from typing import Any

import click
from hypothesis import given, settings
from hypothesis import strategies as st

from plancast.commands.main import main
from tests.robustness.ends import applied_workspace, must_end_well
from tests.robustness.mutation import TEXTS, examples

NEVER = {("sandbox", "serve")}
"""The server runs until it is stopped."""

NOT_GIVEN = {"--open", "--log-file"}
"""One opens a browser, the other names a file in the current folder, which is that of the tests."""

WRITES_FILES = {"fmt", "pull", "import", "init", "migrate"}
"""Commands that may change the files of a workspace; `plan -o` and the like make new ones."""

WORDS = (
    "a@x", "b@x", "c@li", "*", "*@x", "a", "x", "li", "a@x=1", "x=1", "=", "post", "state", "-",
    "--", "0", "1", "-1", "1e9", "9" * 20, "nan", "inf", "-inf", "0.5", "now", "run", "freeze",
    "+2h", "+9999999999d", "+", "2026-12-01T09:00:00Z", "lost_answer", "POST *", "[",
)  # fmt: skip
NAMES = (
    "out.json", "sub/out.html", "a.yaml", "b.yaml/x", "plancast.yaml", "saved.json", "sub", ".", "",
    "nope/x", "é.json", "\u2028", "a" * 300, "\udcff", "-", "copy.json",
)  # fmt: skip
"""Paths stay in the folder of the example: no `..`, no `/`."""

PATHS = {"into", "out", "events", "also", "json_into", "log_file", "directory", "paths"}
words = st.sampled_from(WORDS + tuple(text for text in TEXTS if "\0" not in text))
names = st.sampled_from(NAMES)


def commands(command: click.Command, path: tuple[str, ...] = ()) -> dict[tuple[str, ...], Any]:
    """All commands below one, by the words that name them."""
    if not isinstance(command, click.Group):
        return {} if path in NEVER else {path: command}
    found: dict[tuple[str, ...], Any] = {}
    context = click.Context(command)
    for name in command.list_commands(context):
        inner = command.get_command(context, name)
        assert inner is not None
        found.update(commands(inner, (*path, name)))
    return found


COMMANDS = commands(main)


def value(parameter: click.Parameter) -> st.SearchStrategy[str]:
    if isinstance(parameter.type, click.Choice):
        return st.sampled_from([*parameter.type.choices, "x"])
    is_path = isinstance(parameter.type, click.Path) or parameter.name in PATHS
    return names if is_path else words


@st.composite
def lines(draw: st.DrawFn) -> list[str]:
    """A command with some of its options and arguments, in an order of its own."""
    path = draw(st.sampled_from(sorted(COMMANDS)))
    line = list(draw(st.sampled_from([(), (), (), ("-q",), ("-v",), ("-C", "sub"), ("-C", "no")])))
    line += path
    for parameter in COMMANDS[path].params:
        if isinstance(parameter, click.Argument):
            most = 1 if parameter.nargs == 1 else 3
            least = 1 if parameter.required else 0
            line += draw(st.lists(value(parameter), min_size=least, max_size=most))
        elif draw(st.integers(0, 3)) == 0:
            name = draw(st.sampled_from(parameter.opts))
            if name in NOT_GIVEN:
                continue
            line.append(name)
            if not getattr(parameter, "is_flag", False):
                line.append(draw(value(parameter)))
    if draw(st.booleans()) and "--auto-approve" not in line and _asks(path):
        line.append("--auto-approve")
    # Nothing is to wait for a quiet period, or for another run.
    return [*line, "--no-wait"] if path == ("apply",) else line


def _asks(path: tuple[str, ...]) -> bool:
    return any("--auto-approve" in parameter.opts for parameter in COMMANDS[path].params)


def test_all_commands_are_tried() -> None:
    assert {("plan",), ("apply",), ("state", "mv"), ("sandbox", "clock")} <= COMMANDS.keys()
    assert len(COMMANDS) > 25


@settings(max_examples=examples(60))
@given(lines(), st.sampled_from(["", "yes\n", "no\n", "\0\n", "\ud800"]))
def test_a_command_line(line: list[str], answer: str) -> None:
    with applied_workspace() as workspace:
        (workspace.folder / "sub").mkdir()
        (workspace.folder / "copy.json").write_bytes(workspace.state_file.read_bytes())
        posts = {name: text for name, text in workspace.files().items() if name.endswith(".yaml")}
        must_end_well(workspace, *line, stdin=answer)
        if not WRITES_FILES & set(line) and not names_a_post(line):
            kept = {name: text for name, text in workspace.files().items() if name in posts}
            assert kept == posts


def names_a_post(line: list[str]) -> bool:
    """Whether a file of the workspace was named as one to be written."""
    return any(word in ("a.yaml", "plancast.yaml") for word in line)
