"""CI runners, as far as they read what a step prints: what each would obey in an output.

Written from how the runners are known to read a line, and stricter in one thing: every name counts
as a command, known or not, because `::stop-commands::NAME` makes one of any name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

COLON = "::"
BRACKET = "##["
_UNDONE = (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%"))
_SECTION = re.compile(r"section_(?:start|end):[0-9]+:[A-Za-z0-9_.-]+(?:\[[^\]]*\])?\r\x1b\[0K")


@dataclass(frozen=True)
class Command:
    """A command for GitHub's runner: a name, properties and data, with escapes undone."""

    name: str
    data: str
    properties: dict[str, str] = field(default_factory=dict)


def github(output: str) -> list[Command]:
    """The workflow commands in an output, in both forms.

    A line ends at a carriage return as well. Before the newer form blanks are skipped, those of
    Unicode too; the older one is looked for if no newer one was found, anywhere in the line.
    """
    return list(_commands(output.removeprefix("\ufeff")))


def _commands(output: str) -> Iterator[Command]:
    for line in re.split(r"\r\n|\r|\n", output):
        found = _new_form(line) or _old_form(line)
        if found is not None:
            yield found


def _new_form(line: str) -> Command | None:
    text = line.lstrip()
    end = text.find(COLON, len(COLON))
    if not text.startswith(COLON) or end < 0:
        return None
    name, _, rest = text[len(COLON) : end].partition(" ")
    pairs = (pair.split("=", 1) for pair in rest.strip().split(",") if "=" in pair)
    properties = {key: _unescaped(value) for key, value in pairs}
    return Command(name, _unescaped(text[end + len(COLON) :]), properties) if name else None


def _old_form(line: str) -> Command | None:
    start = line.find(BRACKET)
    end = line.find("]", start)
    if start < 0 or end < 0:
        return None
    name = line[start + len(BRACKET) : end].partition(" ")[0]
    return Command(name, line[end + 1 :]) if name else None


def _unescaped(text: str) -> str:
    for escape, sign in _UNDONE:
        text = text.replace(escape, sign)
    return text


def obeyed(output: str) -> list[object]:
    """Everything that a runner of GitHub, Azure, TeamCity or GitLab would obey in an output."""
    lines = re.split(r"[\r\n]", output)
    return [
        *github(output),
        *(line for line in lines if "##vso[" in line.lower() or "##teamcity[" in line.lower()),
        *_SECTION.findall(output),
    ]
