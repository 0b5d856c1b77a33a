"""Escaping of texts of others for Markdown, so that a forge shows them and never acts on them.

There are two places for a text, each with a rule.

*Blocks* are HTML: a block begins with a tag and has no empty line in it, so Markdown does not touch
it up to its end. All that a text could do there is HTML, which is escaped. That is why nearly
everything in a comment is a block. A line end becomes `<br>`, and a run of blanks keeps its width.

*Spans* are in a line of Markdown. They are code spans whose fence is longer than any run of
backticks inside, so no text can close them.

Forges process the rendered text once more: `@name` notifies a person, `#12` and `owner/name#12`
link an issue, forty hexadecimal digits a commit, `:name:` becomes a picture, an address a link.
They leave code alone, so in a text these are put in `<code>`.
"""

from __future__ import annotations

import re
from html import escape

from plancast.render.runner_commands import disarm, entity
from plancast.render.terminal.style import one_line, safe

_FORGE_SYNTAX = re.compile(
    r"""
      https?://\S+ | \bwww\.\S+      # addresses
    | [@#!$%&~]\w[\w./-]*           # @name, #tag, and what follows owner/name
    | \bGH-\d+                     # an issue
    | \b[0-9a-fA-F]{7,64}\b        # a commit
    | :[\w+-]+:                    # a picture
    | [@#]                         # whatever else a forge may read into it
    """,
    re.VERBOSE,
)
LONGEST_FENCE = 80
"""Backticks. GitHub's parser does not accept a longer run as a fence."""

_TICKED = re.compile(r"`([^`]+)`")
_BLANKS = re.compile(r" (?= )")


def block(text: str) -> str:
    """Escape a text for an HTML block, its lines kept as `<br>`. Returns one line."""
    return "<br>".join(_BLANKS.sub("&nbsp;", line) for line in _marked(safe(text)).split("\n"))


def phrase(text: str) -> str:
    """Escape a text for an HTML block as one line: each line end becomes a sign."""
    return _marked(one_line(text))


def prose(text: str) -> str:
    """Escape a sentence of ours, and turn its backticks into code."""
    # Every second part stood between backticks. An address in it is code already.
    parts = _TICKED.split(one_line(text))
    parts[::2] = map(_marked, parts[::2])
    parts[1::2] = (f"<code>{_escaped(part)}</code>" for part in parts[1::2])
    return "".join(parts)


def plain(text: str) -> str:
    """Escape words for an HTML block that are our own, or names on which no forge acts."""
    return _escaped(one_line(text))


def attribute(text: str) -> str:
    """Escape a text for the quotes of an attribute."""
    return _escaped(one_line(text))


def code(text: str) -> str:
    """Escape a text for an HTML block, as code."""
    return f"<code>{plain(text)}</code>"


def span(text: str) -> str:
    """Return a text as a code span for a line of Markdown."""
    shown = one_line(text).replace("|", "¦")  # ends a cell of a table even within code
    longest = max((len(run) for run in re.findall("`+", shown)), default=0)
    if longest >= LONGEST_FENCE:
        shown, longest = shown.replace("`", "\N{MODIFIER LETTER GRAVE ACCENT}"), 0
    fence = "`" * (longest + 1)
    padding = " " if shown.startswith("`") or shown.endswith("`") or not shown else ""
    return f"{fence}{padding}{shown}{padding}{fence}"


def is_address(text: str) -> bool:
    """Return whether a text is an http(s) address that a picture or a link may point to."""
    return re.fullmatch(r"https?://[^\s\"'<>`\\]+", text) is not None


def length(text: str) -> int:
    """Return the length of a text as forges count it: in units of UTF-16, two for an emoji."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _marked(text: str) -> str:
    """Escape a text, and put in `<code>` each part on which a forge would act."""
    parts: list[str] = []
    end = 0
    for match in _FORGE_SYNTAX.finditer(text):
        parts.append(_escaped(text[end : match.start()]))
        shown = _without_tail(match.group())
        parts.append(f"<code>{_escaped(shown)}</code>")
        end = match.start() + len(shown)
    parts.append(_escaped(text[end:]))
    return "".join(parts)


def _without_tail(found: str) -> str:
    """Return an address without the punctuation of its sentence; a bracket it opened is its own."""
    if not found.startswith(("http", "www.")):
        return found
    while found[-1] in ".,;:!?" or (found[-1] == ")" and found.count(")") > found.count("(")):
        found = found[:-1]
    return found


def _escaped(text: str) -> str:
    """Escape a text as HTML, with commands disarmed: a comment may also be printed to a CI log."""
    return disarm(escape(text, quote=True), entity)
