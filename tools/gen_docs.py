"""Write what is made from the code: the pages of commands, diagnostics and exit codes, and in the
schemas of plan and state the fields of an entry.

`--check` writes nothing and fails if a file is not what the code says now.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

import click

from plancast.commands.main import main as plancast
from plancast.model.codes import CODES, RAIL_CODES, Code
from plancast.model.entry import Entry
from plancast.model.entry_fields import (
    ENTRY_FIELDS,
    AnyField,
    Kind,
    Presence,
    defaults,
    in_documents,
)
from plancast.model.exit_codes import EXIT_CODES

ROOT = Path(__file__).resolve().parent.parent
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
    """Every command under its full name, groups before what is in them."""
    yield name, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for child in sorted(command.list_commands(context)):
            found = command.get_command(context, child)
            assert found is not None
            yield from commands(found, f"{name} {child}")


def cli() -> str:
    """One section a command: its `--help`, as it is printed."""
    parts = [
        NOTE,
        "# Commands\n",
        "Options of `plancast` itself stand before the command: `plancast -C DIR plan`.\n"
        "The workspace is found upwards from the current folder, or from DIR.\n",
    ]
    for name, command in commands():
        parts.append(f"## {name}\n\n```text\n{help_of(name, command)}\n```\n")
    return "\n".join(parts)


def help_of(name: str, command: click.Command) -> str:
    """Its help at a fixed width, so that the terminal of whoever runs this has no say."""
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
    """The table of codes, block by block."""
    parts = [
        NOTE,
        "# Diagnostics\n",
        "Each problem that plancast reports has a code. A code never gets a second meaning; one\n"
        "that is retired stays retired. *Rail* marks those that refuse for safety: where only\n"
        "they stand in the way, the exit code is 4. Some are milder where a policy says so.\n",
    ]
    for block, title in BLOCKS.items():
        rows = [row(code, CODES[code]) for code in sorted(CODES) if code.startswith(block)]
        table = ["| code | severity | what | what to do |", "|---|---|---|---|", *rows]
        parts.append(f"## {title}\n\n" + "\n".join(table) + "\n")
    return "\n".join(parts)


def row(code: str, known: Code) -> str:
    """One line of the table."""
    severity = f"{known.severity}, rail" if code in RAIL_CODES else known.severity
    cells = (code, severity, known.summary, known.hint)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def exit_codes() -> str:
    """The table of exit codes, and what a script should make of them."""
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


def wire_schema(path: str) -> str:
    """The schema of a document with the fields of an entry: those that are new by their kind alone.

    What is said of a field by hand stays, such as its description.
    """
    text = (ROOT / path).read_text(encoding="utf-8")
    entry = json.loads(text)["$defs"]["entry"]
    rows = in_documents(Entry, ENTRY_FIELDS)
    known = entry["properties"]
    entry["required"] = [row.name for row in rows if row.presence is not Presence.IF_SET]
    entry["properties"] = {
        row.name: known[row.name] if row.name in known else wire_type(row) for row in rows
    }
    begin = text.index('\n    "entry": {') + 1
    end = text.index("\n    },\n", begin) + len("\n    }")
    return text[:begin] + f'    "entry": {as_json(entry, 4, 4 + len("entry: ,") + 2)}' + text[end:]


def wire_type(row: AnyField) -> Mapping[str, Any]:
    """How the codec writes a value. What has parts is described by hand."""
    usual = defaults(Entry)[row.name]
    words = [word.value for word in row.words] if row.words else []
    types: Mapping[Kind, Mapping[str, Any]] = {
        Kind.TEXT: {"type": "string"},
        Kind.NUMBER: {"type": "integer"},
        Kind.FLAG: {"type": "boolean"},
        Kind.MOMENT: {"anyOf": [{"$ref": "#/$defs/time"}, {"type": "null"}]},
        Kind.WORD: {"enum": words if usual else [*words, None]},
        Kind.NAMES: {"type": "array", "items": {"type": "string"}},
    }
    return types[row.kind]


def as_json(value: object, indent: int, lead: int) -> str:
    """JSON as the schemas are written: on one line what fits, unless a mapping holds a mapping.

    `lead` is the room that is taken on its first line.
    """
    flat = _flat(value)
    nested = isinstance(value, dict) and any(isinstance(item, dict) for item in value.values())
    if not isinstance(value, dict | list) or (not nested and lead + len(flat) <= WIDTH):
        return flat
    inner = indent + 2
    if isinstance(value, dict):
        names = [f"{json.dumps(key)}: " for key in value]
        lines = [
            name + as_json(item, inner, inner + len(name) + 1)
            for name, item in zip(names, value.values(), strict=True)
        ]
    else:
        lines = [as_json(item, inner, inner + 1) for item in value]
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    body = ",\n".join(f"{' ' * inner}{line}" for line in lines)
    return f"{opening}\n{body}\n{' ' * indent}{closing}"


WIDTH = 100


def _flat(value: object) -> str:
    if isinstance(value, dict):
        pairs = ", ".join(f"{json.dumps(key)}: {_flat(item)}" for key, item in value.items())
        return f"{{ {pairs} }}"
    if isinstance(value, list):
        return f"[{', '.join(map(_flat, value))}]"
    return json.dumps(value, ensure_ascii=False)


PAGES: MappingProxyType[str, Callable[[], str]] = MappingProxyType(
    {
        "docs/reference/cli.md": cli,
        "docs/reference/diagnostics.md": diagnostics,
        "docs/reference/exit-codes.md": exit_codes,
        **{
            path: partial(wire_schema, path)
            for path in ("schemas/plan.schema.json", "schemas/state.schema.json")
        },
    }
)


def stale() -> list[str]:
    """The files that are not what the code says."""
    return [
        name
        for name, page in PAGES.items()
        if not (ROOT / name).exists() or (ROOT / name).read_text(encoding="utf-8") != page()
    ]


def main(arguments: list[str]) -> int:
    """Write what is stale, or with `--check` only say so."""
    found = stale()
    if "--check" in arguments:
        for name in found:
            print(f"{name} is not current: run `make docs`", file=sys.stderr)
        return 1 if found else 0
    for name in found:
        (ROOT / name).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / name).write_text(PAGES[name](), encoding="utf-8")
        print(f"wrote {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
