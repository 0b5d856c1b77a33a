"""Texts of others in Markdown: read, never obeyed.

Two places, two rules.

*Blocks* are HTML: a block begins with a tag and holds no empty line, so Markdown
leaves it alone to its end, and all that a text could do is HTML, which is
escaped. That is why nearly everything here is a block. A line end becomes
`<br>`, a run of blanks keeps its width.

*Spans* stand in a line of Markdown. They are code spans whose fence is longer
than any run of backticks inside, which nothing can close.

Forges look once more at the text of what was rendered: `@name` tells a person,
`#12` and `owner/name#12` link an issue, forty hexadecimal digits a commit,
`:name:` becomes a picture, an address a link. They leave code alone, so in a
text these stand in `<code>`.
"""

from __future__ import annotations

import re
from html import escape

from plancast.render.runner_commands import disarm, entity
from plancast.render.terminal.style import one_line, safe

_TELLING = re.compile(
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
"""Backticks. GitHub's parser takes a longer run for text."""

_TICKED = re.compile(r"`([^`<>]+)`")
_BLANKS = re.compile(r" (?= )")


def block(text: str) -> str:
    """A text in an HTML block, its lines kept. One line without line ends."""
    return "<br>".join(_BLANKS.sub("&nbsp;", line) for line in _marked(safe(text)).split("\n"))


def phrase(text: str) -> str:
    """The same for a text that shall stand on one line."""
    return _marked(one_line(text))


def prose(text: str) -> str:
    """A phrase of ours, in which backticks stand around what is code."""
    return _TICKED.sub(r"<code>\1</code>", phrase(text))


def plain(text: str) -> str:
    """Words in an HTML block that are ours, or names that no forge reads anything into."""
    return _escaped(one_line(text))


def attribute(text: str) -> str:
    """In the quotes of an attribute."""
    return _escaped(one_line(text))


def code(text: str) -> str:
    """In an HTML block, as code."""
    return f"<code>{plain(text)}</code>"


def span(text: str) -> str:
    """A code span in a line of Markdown."""
    shown = one_line(text).replace("|", "¦")  # the one sign that a table sees even in code
    longest = max((len(run) for run in re.findall("`+", shown)), default=0)
    if longest >= LONGEST_FENCE:
        shown, longest = shown.replace("`", "\N{MODIFIER LETTER GRAVE ACCENT}"), 0
    fence = "`" * (longest + 1)
    padding = " " if shown.startswith("`") or shown.endswith("`") or not shown else ""
    return f"{fence}{padding}{shown}{padding}{fence}"


def is_address(text: str) -> bool:
    """Whether a picture or a link may point there."""
    return re.fullmatch(r"https?://[^\s\"'<>`\\]+", text) is not None


def length(text: str) -> int:
    """As forges count: in units of UTF-16, of which an emoji takes two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _marked(text: str) -> str:
    """Escaped, and in code what a forge would act on."""
    parts: list[str] = []
    end = 0
    for found in _TELLING.finditer(text):
        parts.append(_escaped(text[end : found.start()]))
        parts.append(f"<code>{_escaped(found.group())}</code>")
        end = found.end()
    parts.append(_escaped(text[end:]))
    return "".join(parts)


def _escaped(text: str) -> str:
    """As HTML. In a log, where a comment may be printed as well, no runner obeys it."""
    return disarm(escape(text, quote=True), entity)
