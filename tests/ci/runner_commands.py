"""The commands that GitHub's runner finds in the output of a step, and obeys.

A line that begins with `::name ...::`, or has `##[name ...]` anywhere, is a command if the runner
knows the name. After `stop-commands` it obeys none until the word that came with it.
"""

from __future__ import annotations

import re

NAMES = frozenset(
    {
        "add-mask", "add-matcher", "add-path", "debug", "echo", "endgroup", "error", "group",
        "notice", "remove-matcher", "save-state", "set-env", "set-output", "stop-commands",
        "warning",
    }
)  # fmt: skip
BY_COLONS = re.compile(r"\s*::([^: ]+)(?: .*?)?::(.*)")
BY_BRACKET = re.compile(r".*?##\[([^\] ]+)(?: [^\]]*)?\](.*)")


def obeyed(output: str) -> list[str]:
    """Return the lines that are obeyed, without those that stop and resume.

    Raises AssertionError if commands are still stopped at the end.
    """
    found, word = [], ""
    for line in re.split(r"\r\n|\r|\n", output):
        parsed = BY_COLONS.fullmatch(line) or BY_BRACKET.fullmatch(line)
        if parsed is None:
            continue
        name, data = parsed[1].lower(), parsed[2]
        if word:
            word = "" if name == word else word
        elif name == "stop-commands":
            word = data.lower()
        elif name in NAMES:
            found.append(line)
    assert not word, "the step ends while commands are stopped"
    return found
