"""Generate the documents that are made from the code.

These are the pages of docs/reference, the facts of networks in docs and in the schema of posts, and
the fields of an entry in the schemas of plan and state.

`--check` writes nothing and fails if a file is not as the code would make it now.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import MappingProxyType

import click

from plancast.commands.main import main as plancast
from plancast.model.codes import CODES, RAIL_CODES, Code
from plancast.model.exit_codes import EXIT_CODES
from plancast.networks.registry import NETWORKS
from plancast.providers.registry import DEFAULT
from tools.network_tables import Networks, page, post_schema
from tools.wire_schemas import wire_schema

TOP = Path(__file__).resolve().parent.parent
NOTE = "<!-- Made by tools/gen_docs.py from the code: edit there, then run `make docs`. -->\n"

BLOCKS = MappingProxyType(
    {
        "PC0": "Files",
        "PC1": "YAML",
        "PC2": "The shape of a post",
        "PC3": "Profiles and selectors",
        "PC4": "Times",
        "PC5": "What a network takes",
        "PC6": "State, journal and plan files",
        "PC7": "Rails and policy",
        "PC8": "The provider",
        "PC9": "What became of a post",
    }
)


def commands(
    command: click.Command = plancast, name: str = "plancast"
) -> Iterator[tuple[str, click.Command]]:
    """Yield every command with its full name, groups before their commands."""
    yield name, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for child in sorted(command.list_commands(context)):
            inner = command.get_command(context, child)
            assert inner is not None
            yield from commands(inner, f"{name} {child}")


def cli() -> str:
    """Return the page of commands: a section for each, with its `--help` as it is printed."""
    parts = [
        NOTE,
        "# Commands\n",
        "Options of `plancast` itself may stand before or after the command:\n"
        "`plancast -C DIR plan`, `plancast plan -C DIR`. The workspace is found upwards from the\n"
        "current folder, or from DIR. Terraform's spellings work as well: `-auto-approve`,\n"
        "`-out=FILE`, `-chdir=DIR`.\n",
        "A variable `PLANCAST_` and the name of an option sets it: `PLANCAST_FORMAT=json`.\n"
        "An option that approves something, overrides a safety rail, or says where requests go\n"
        "has none. These have one:\n",
        f"{', '.join(f'`{variable}`' for variable in variables())}.\n",
    ]
    for name, command in commands():
        parts.append(f"## {name}\n\n```text\n{help_of(name, command)}\n```\n")
    return "\n".join(parts)


def variables() -> list[str]:
    """Return the names of the variables that give the value of an option, sorted."""
    options = (
        param
        for _, command in commands()
        for param in command.params
        if isinstance(param, click.Option)
    )
    return sorted({str(option.envvar) for option in options if option.envvar})


def help_of(name: str, command: click.Command) -> str:
    """Return the help of a command at a fixed width, independent of the terminal at hand."""
    context = click.Context(
        command,
        info_name=name,
        terminal_width=88,
        max_content_width=88,
        help_option_names=["-h", "--help"],
        color=False,
    )
    return "\n".join(line.rstrip() for line in command.get_help(context).splitlines())


def diagnostics() -> str:
    """Return the page of diagnostics: the table of codes, block by block."""
    parts = [
        NOTE,
        "# Diagnostics\n",
        "Each problem that plancast reports has a code. A code never gets a second meaning; one\n"
        "that is retired stays retired. *Rail* marks those that refuse for safety: if only they\n"
        "stand in the way, the exit code is 4. Some are milder if a policy says so.\n",
    ]
    for block, title in BLOCKS.items():
        rows = [row(code, CODES[code]) for code in sorted(CODES) if code.startswith(block)]
        table = ["| code | severity | what | what to do |", "|---|---|---|---|", *rows]
        parts.append(f"## {title}\n\n" + "\n".join(table) + "\n")
    return "\n".join(parts)


def row(code: str, known: Code) -> str:
    """Return the line of a code in the table."""
    severity = f"{known.severity}, rail" if code in RAIL_CODES else known.severity
    known = known.about(DEFAULT.title)
    cells = (code, severity, known.summary, known.hint)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def exit_codes() -> str:
    """Return the page of exit codes: the table, and what a script should do after each."""
    rows = [f"| {int(code)} | {meaning} |" for code, meaning in EXIT_CODES.items()]
    table = "\n".join(["| code | meaning |", "|---|---|", *rows])
    return f"""{NOTE}
# Exit codes

{table}

Wrong usage (an unknown flag, a missing argument) is 1 as well, so that 2 always means "changes are
pending". Without `--detailed-exitcode`, `plan` ends with 0 whether there are changes or not.

After 3 and 6, run `plancast apply` again: what was done is known and is not done again. After 7,
make a new plan. After 5, wait for the other run, or pass `--lock-timeout`.
"""


PAGES: MappingProxyType[str, Callable[[], str]] = MappingProxyType(
    {
        "docs/reference/cli.md": cli,
        "docs/reference/diagnostics.md": diagnostics,
        "docs/reference/exit-codes.md": exit_codes,
        "schemas/plan.schema.json": partial(wire_schema, TOP / "schemas/plan.schema.json"),
        "schemas/state.schema.json": partial(wire_schema, TOP / "schemas/state.schema.json"),
    }
)
"""Files that are made whole, by their paths from the top."""

PLACED: MappingProxyType[str, Callable[[str, Networks], str]] = MappingProxyType(
    {
        "docs/files.md": page,
        "docs/media.md": page,
        "docs/networks.md": page,
        "docs/providers.md": page,
        "schemas/post.schema.json": post_schema,
    }
)
"""Files in which the facts of networks have their places. The rest of them is written by hand."""


def made(networks: Networks = NETWORKS) -> Iterator[tuple[Path, str]]:
    """Yield every file that is made from the code, whole or in part, and its text."""
    for name, whole in PAGES.items():
        yield TOP / name, whole()
    for name, placed in PLACED.items():
        yield TOP / name, placed((TOP / name).read_text(encoding="utf-8"), networks)


def stale(networks: Networks = NETWORKS) -> dict[str, str]:
    """Return the new text of each file that is not current, by its path from the top."""
    return {
        path.relative_to(TOP).as_posix(): text
        for path, text in made(networks)
        if not path.exists() or path.read_text(encoding="utf-8") != text
    }


def main(arguments: list[str]) -> int:
    """Write the files that are stale, or with `--check` only name them."""
    texts = stale()
    if "--check" in arguments:
        for name in texts:
            print(f"{name} is not current: run `make docs`", file=sys.stderr)
        return 1 if texts else 0
    (TOP / "docs" / "reference").mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (TOP / name).write_text(text, encoding="utf-8")
        print(f"wrote {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
