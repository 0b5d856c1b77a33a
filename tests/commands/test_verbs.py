"""The table of verbs: `plancast --help` reads it, so that it need not import the verbs."""

from __future__ import annotations

import inspect
import subprocess
import sys

import click
import pytest

from plancast.commands.main import VERBS, main


@pytest.mark.parametrize("verb", VERBS)
def test_the_table_says_of_a_verb_what_its_own_help_says(verb: str) -> None:
    command = main.get_command(click.Context(main), verb)
    assert command is not None
    assert command.name == verb
    first = inspect.cleandoc(command.help or "").partition("\n\n")[0]
    assert " ".join(first.split()) == VERBS[verb][1]


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
