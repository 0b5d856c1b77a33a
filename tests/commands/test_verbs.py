"""The table of verbs: `plancast --help` reads it, so that it need not import the verbs."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from plancast.commands._shared.lazy_group import BY_VARIABLE, GROUPS
from plancast.commands.main import VERBS, main
from plancast.model.exit_codes import ExitCode
from tests.commands.workspace_dir import WorkspaceDir, post


@pytest.mark.parametrize("verb", VERBS)
def test_the_table_says_of_a_verb_what_its_own_help_says(verb: str) -> None:
    command = main.get_command(click.Context(main), verb)
    assert command is not None
    assert command.name == verb
    first = inspect.cleandoc(command.help or "").partition("\n\n")[0]
    assert " ".join(first.split()) == VERBS[verb].help


def test_each_group_has_a_heading_and_each_heading_a_verb() -> None:
    assert {verb.group for verb in VERBS.values()} == set(GROUPS)


@pytest.mark.parametrize("width", [60, 80, 120])
def test_every_verb_is_in_the_help_under_its_heading(width: int) -> None:
    context = click.Context(main, info_name="plancast", terminal_width=width)
    sections = re.split(r"^([A-Z][a-z ]+):$", context.get_help(), flags=re.MULTILINE)
    found = dict(zip(sections[1::2], sections[2::2], strict=True))
    for verb, known in VERBS.items():
        assert re.search(rf"^  {verb} ", found[GROUPS[known.group]], re.MULTILINE), verb


@pytest.mark.parametrize(
    ("typed", "meant"), [("pln", "plan"), ("aply", "apply"), ("stats", "status")]
)
def test_a_verb_that_is_misspelled_gets_a_suggestion(typed: str, meant: str) -> None:
    with pytest.raises(click.UsageError, match=f"Did you mean `{meant}`"):
        main.resolve_command(click.Context(main), [typed])


@pytest.mark.parametrize("words", [(), ("plan",), ("state",), ("state", "rm")])
def test_help_of_a_command_is_what_the_command_says_of_itself(words: tuple[str, ...]) -> None:
    runner = CliRunner()
    by_verb = runner.invoke(main, ["help", *words])
    assert by_verb.output == runner.invoke(main, [*words, "--help"]).output
    assert by_verb.exit_code == 0


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_a_shell_asks_plancast(shell: str) -> None:
    done = CliRunner().invoke(main, ["completion", shell])
    assert "_PLANCAST_COMPLETE" in done.output


def options_of(command: click.Command, name: str) -> Iterator[tuple[str, click.Option]]:
    if isinstance(command, click.Group):
        context = click.Context(command)
        for child in command.list_commands(context):
            inner = command.get_command(context, child)
            assert inner is not None
            yield from options_of(inner, f"{name} {child}".strip())
    yield from ((name, param) for param in command.params if isinstance(param, click.Option))


TYPED = re.compile(
    r"--(auto-approve|yes|allow-.*|destroy|online-forks|reviewed|force|.*waiting|.*pushed|keep.*"
    r"|also.*|match|profile|forget|clear|rebuild|probe|endpoint|directory|plan)"
)
"""Options that approve something, override a rail, name a post, or say where requests go."""


def test_no_variable_approves_anything_or_overrides_a_rail() -> None:
    by_variable = set()
    for command, option in options_of(main, ""):
        spellings = {*option.opts, *option.secondary_opts}
        if option.envvar is not None:
            by_variable |= spellings & BY_VARIABLE
            assert not any(map(TYPED.fullmatch, spellings)), f"{command} {option.opts}"
            assert spellings & BY_VARIABLE, f"{command} {option.opts}"
    assert by_variable == BY_VARIABLE  # each of them is an option


def test_a_variable_gives_the_value_of_an_option(tmp_path: Path) -> None:
    workspace = WorkspaceDir.tiny(tmp_path, a=post())
    variables = {"PLANCAST_FORMAT": "json", "PLANCAST_AUTO_APPROVE": "1"}
    workspace = replace(workspace, environ={**workspace.environ, **variables})
    assert workspace.process("plan").out.startswith("{")
    assert workspace.process("apply").code == ExitCode.ERROR
    assert workspace.live() == ()


def test_a_word_that_is_no_verb_has_no_command() -> None:
    assert main.get_command(click.Context(main), "plancast") is None


def test_help_imports_no_verb() -> None:
    program = (
        "import sys\n"
        "from plancast.commands.main import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        "verbs = [name for name in sys.modules if name.startswith('plancast.commands.')]\n"
        "print(*(name for name in verbs if '_shared' not in name and not name.endswith('main')))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    assert done.stdout.splitlines()[-1] == ""
