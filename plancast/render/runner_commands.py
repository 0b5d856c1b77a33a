"""Lines that a CI runner obeys, and how a text that is only shown is kept from being one.

Runners read what a step prints, on both streams, and act on some of it:

* GitHub, and Forgejo and Gitea like it: a line that begins with `::name`, whatever blanks stand
  before it, and has another `::`; and the older `##[name]` anywhere in a line;
* Azure Pipelines: `##vso[` anywhere in a line; TeamCity: `##teamcity[`;
* GitLab: `section_start:`, but only with a carriage return and an escape sequence behind it, which
  no text keeps (`invisible.show_orders`).

`disarm` writes the last sign of `::` or `##[` as hidden characters are written: `:<U+003A>name::`.
It does so only where a line would be obeyed, and does not ask whether this machine is a runner:
that is nothing that a program can know for certain, and a log is often shown in another place.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from plancast.render.invisible import HIDDEN, code_point

_LONGEST = 12
"""Letters of a name between `##` and its bracket; `teamcity` has eight."""

_ANYWHERE = re.compile(rf"(##\w{{0,{_LONGEST}}})\[")


@dataclass(frozen=True, slots=True)
class _Rule:
    """Where a line begins: what may stand before `::` without keeping it from being obeyed."""

    at_begin: re.Pattern[str]
    not_begun: re.Pattern[str]


def _rule(blanks: str) -> _Rule:
    begin = rf"((?:\A|(?<=[\r\n])){blanks}:):"
    return _Rule(
        re.compile(rf"{begin}(?! )(?=[^\r\n]*(?:::|\Z))"),
        re.compile(rf"{blanks}(:?)"),
    )


BLANKS = _rule(rf"(?:(?![\r\n])[\s{HIDDEN}])*+")
"""Blanks of every kind. Runners skip those of Unicode, and may pass over what has no shape."""

BEYOND_ASCII = _rule(r"[^\x21-\x7e\r\n]*+")
"""Whatever is not plain ASCII, for streams in another encoding than UTF-8: runners read UTF-8, in
which two signs of the other one can be a blank.
"""


def disarm(text: str, form: Callable[[str], str] = code_point, rule: _Rule = BLANKS) -> str:
    """Return the text, which begins a line, with nothing left that a runner obeys.

    The last line may go on, so it is taken for a command as soon as it begins like one. `form`
    writes the sign that is replaced.
    """
    if "::" in text:
        text = rule.at_begin.sub(rf"\1{_literal(form(':'))}", text)
    return disarm_names(text, form)


def disarm_names(text: str, form: Callable[[str], str] = code_point) -> str:
    """Return the text without the older form, which is obeyed wherever it stands in a line."""
    return _ANYWHERE.sub(rf"\1{_literal(form('['))}", text) if "##" in text else text


def _literal(text: str) -> str:
    """The text as `re` puts it into the place of a match: a backslash is one."""
    return text.replace("\\", r"\\")


def entity(character: str) -> str:
    """Write a character as HTML and Markdown understand it: `&#58;`."""
    return f"&#{ord(character)};"


class Disarmer:
    """Disarms a text that comes in pieces, where a command may be spread over several."""

    def __init__(self, *, is_utf8: bool = True) -> None:
        self.is_in_line = False
        self._rule = BLANKS if is_utf8 else BEYOND_ASCII
        self._begun = ""  # stands for the line that has not ended yet

    def feed(self, piece: str) -> str:
        """Return what to write in the place of the next piece."""
        before = len(self._begun)
        # The sign that completes a command is the one that is replaced, and it is never behind us.
        text = disarm(self._begun + piece, rule=self._rule)
        self._begun = _summary(text, self._rule)
        if piece:
            self.is_in_line = piece[-1] != "\n"
        return text[before:]


def _summary(text: str, rule: _Rule) -> str:
    """Shorten the last line to what decides about its rest."""
    end = max(text.rfind("\n"), text.rfind("\r")) + 1
    not_begun = rule.not_begun.fullmatch(text, end)
    if not_begun:
        return not_begun.group(1)
    return "x" + text[max(end, len(text) - _LONGEST - 2) :]
