"""The spellings of Terraform on a command line: accepted as ours, or refused with the right one.

Fingers that know Terraform type `-auto-approve`, `-out=plan.json` and `destroy`. click would read
`-out=plan.json` as `-o` with the value `ut=plan.json`; no such word is ever misread here.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

_WORD = re.compile(r"-([a-z]+(?:-[a-z]+)*)(=.*)?", re.DOTALL)
"""A word with one dash before it, as Terraform writes its options; the value follows `=`."""

VERBS: Mapping[str, str] = {
    "destroy": "`plancast apply --destroy` removes everything that plancast owns",
    "refresh": "`plancast plan` looks at the queue each time; `plancast pull` takes what people "
    "changed there into the files",
    "output": "`plancast report` shows the results of what was sent",
    "taint": "give the post another time, or `plancast state rm ADDRESS` and plan anew",
    "workspace": "a workspace is a folder with plancast.yaml: `plancast -C DIR plan`",
    "force-unlock": "a lock ends with the process that holds it; `plancast doctor` shows who does",
    "login": "the key is read from the environment: `plancast doctor` says from which variable",
    "providers": "`provider:` in plancast.yaml names it; docs/providers.md lists them",
    "get": "nothing is downloaded: `plancast plan` works at once",
    "console": "`plancast validate` checks the files, `plancast plan` shows what they mean",
    "graph": "`plancast preview` draws the calendar",
}
"""Verbs of Terraform that plancast has not, with what to do instead."""

REFUSED: Mapping[str, str] = {
    "var": "there are no variables: what differs is written into the posts",
    "var-file": "there are no variables: what differs is written into the posts",
    "refresh": "a plan always looks at the queue; `--offline` compares with what was last seen",
    "refresh-only": "`plancast plan` shows what people changed, `plancast pull` takes it over",
    "input": "leave it out: without a terminal nothing is asked, and `--auto-approve` is needed",
    "replace": "give the post another time, or `plancast state rm ADDRESS` and plan anew",
    "parallelism": "leave it out: posts are sent one by one, within the limits of the account",
    "lock": "leave it out: a run without the lock could send a post twice",
    "state": "leave it out: `state:` in plancast.yaml says where the state is kept",
    "backend-config": "leave it out: `state:` in plancast.yaml says where the state is kept",
    "compact-warnings": "leave it out: `-q` shows errors alone",
    "upgrade": "leave it out: nothing is downloaded",
    "reconfigure": "leave it out: `state:` in plancast.yaml says where the state is kept",
    "migrate-state": "leave it out: `plancast state push` moves a state",
    "generate-config-out": "`plancast import` writes the live queue into files",
}
"""Options of Terraform that plancast has not, with what to do instead."""


class NotOurs(ValueError):  # noqa: N818  # it names what was written, which is no failure of ours
    """A word of Terraform that has no meaning here; the text says what to write instead."""


def ours(arguments: Sequence[str], options: Collection[str], values: Collection[str]) -> list[str]:
    """Return the arguments of a verb with Terraform's spellings replaced by ours.

    `options` are the long options that the verb takes, such as `--out`, also those of plancast
    itself; `values` are those of its options of one letter that take a value, such as `-o`. What
    follows `--`, or an option that takes a value, is never an option. Raises NotOurs.
    """
    done: list[str] = []
    for number, word in enumerate(arguments):
        if word == "--":
            return [*done, *arguments[number:]]
        is_value = number > 0 and arguments[number - 1] in values
        done.extend([word] if is_value else _ours(word, options, values))
    return done


def _ours(word: str, options: Collection[str], values: Collection[str]) -> list[str]:
    found = _WORD.fullmatch(word.removeprefix("-") if word.startswith("--") else word)
    if found is None or len(found[1]) < 2:
        return [word]
    name, value = found[1], found[2] or ""
    if f"--{name}" in options:
        return [f"--{name}{value}"]
    if name == "chdir" and "--directory" in options:
        return [f"--directory{value}"]
    if name == "json" and "--format" in options and not value:
        return ["--format", "json"]
    if name in REFUSED:
        raise NotOurs(f"{word.partition('=')[0]}: {REFUSED[name]}")
    if word.startswith("--"):
        return [word]
    if f"-{name[0]}" in values:
        # `-oplan`: the value may as well be the rest of a long option that has one dash too few.
        raise NotOurs(f"{word}: write `-{name[0]} {name[1:]}{value}`, or the long option with `--`")
    return [word]
