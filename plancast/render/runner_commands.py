"""Commands of CI runners in printed text, and the disarming of texts that look like one.

Runners read what a step prints, on both streams, and act on some of it:

* GitHub, and Forgejo and Gitea like it: a line that begins with `::name`, whatever blanks stand
  before it, and has another `::`; and the older `##[name]` anywhere in a line;
* Azure Pipelines: `##vso[` anywhere in a line; TeamCity: `##teamcity[`;
* GitLab: `section_start:`, but only with a carriage return and an escape sequence behind it, which
  no text keeps (`invisible.show_orders`).

`disarm` writes the last sign of `::` or `##[` as hidden characters are written: `:<U+003A>name::`.
It does so only in a line that would be obeyed, and on every machine: a program cannot be certain
whether a runner reads its output, and a log is often printed again by another job.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cached_property

from plancast.render.invisible import HIDDEN, code_point

_LONGEST = 12
"""Letters of a name between `##` and `[`; `teamcity` has eight."""

_ANYWHERE = re.compile(rf"(##\w{{0,{_LONGEST}}})\[")


class _Rule:
    """Patterns for the beginning of a line, by what a runner skips before `::`.

    Compiled when a line needs them: every command loads this module, and few lines do.
    """

    def __init__(self, blanks: str) -> None:
        self._blanks = blanks

    @cached_property
    def at_begin(self) -> re.Pattern[str]:
        """Match up to the second colon of a command."""
        begin = rf"((?:\A|(?<=[\r\n])){self._blanks}:):"
        # Begins at the start of a line. A blank after `::` makes it no command to any runner;
        # without a second `::` it is one only if the line is not finished: the rest may still come.
        return re.compile(rf"{begin}(?! )(?=[^\r\n]*(?:::|\Z))")

    @cached_property
    def not_begun(self) -> re.Pattern[str]:
        """Match a line that may still become a command: blanks and at most one colon."""
        return re.compile(rf"{self._blanks}(:?)")


BLANKS = _Rule(rf"(?:(?![\r\n])[\s{HIDDEN}])*+")
"""The rule for UTF-8. Runners skip all blanks of Unicode, and may skip hidden characters."""

BEYOND_ASCII = _Rule(r"[^\x21-\x7e\r\n]*+")
"""The rule for other encodings: skip everything that is not printable ASCII.

Runners read UTF-8, in which two characters of another encoding can be one blank.
"""


def disarm(text: str, form: Callable[[str], str] = code_point, rule: _Rule = BLANKS) -> str:
    """Return the text, which starts at the beginning of a line, with every command disarmed.

    The last line may go on, so it counts as a command as soon as it begins like one. `form` returns
    the replacement of the one character that is replaced.
    """
    if "::" in text:
        text = rule.at_begin.sub(rf"\1{_literal(form(':'))}", text)
    return disarm_names(text, form)


def disarm_names(text: str, form: Callable[[str], str] = code_point) -> str:
    """Disarm the forms with `##`, which are obeyed anywhere in a line."""
    return _ANYWHERE.sub(rf"\1{_literal(form('['))}", text) if "##" in text else text


def _literal(text: str) -> str:
    """Escape a text for the replacement of `re.sub`, in which a backslash is special."""
    return text.replace("\\", r"\\")


def entity(character: str) -> str:
    """Return a character as an entity of HTML and Markdown: `&#58;`."""
    return f"&#{ord(character)};"


class Disarmer:
    """Disarming of a text that is written in pieces, so that a command may be spread over several.

    `is_in_line` is true if the last piece did not end its line.
    """

    def __init__(self, *, is_utf8: bool = True) -> None:
        self.is_in_line = False
        self._rule = BLANKS if is_utf8 else BEYOND_ASCII
        self._begun = ""  # a short stand-in for the line that has not ended yet, see `_summary`

    def feed(self, piece: str) -> str:
        """Return the next piece, disarmed in view of the pieces before it."""
        before = len(self._begun)
        # The replaced character is the one that completes a command, so it is always in this piece.
        text = disarm(self._begun + piece, rule=self._rule)
        # Never the whole line: a line without an end would be searched again for each piece.
        self._begun = _summary(text, self._rule)
        if piece:
            self.is_in_line = piece[-1] != "\n"
        return text[before:]


def _summary(text: str, rule: _Rule) -> str:
    """Shorten the last line to the part that decides whether what follows is a command.

    That is the colon of a line that has only begun, or else an `x`, which no command begins with,
    and the last characters, in which a name after `##` may have begun.
    """
    end = max(text.rfind("\n"), text.rfind("\r")) + 1
    if end == len(text):
        return ""
    not_begun = rule.not_begun.fullmatch(text, end)
    if not_begun:
        return not_begun.group(1)
    return "x" + text[max(end, len(text) - _LONGEST - 2) :]
