"""Plans as text: at a width, in colour or without, and the control characters in the result."""

from __future__ import annotations

import re
import unicodedata

from plancast.model.plan import Plan
from plancast.render.formats import PLAN_FORMATS, render_plan
from plancast.render.options import ViewOptions
from plancast.testing.builders import NOW, ZONE

COMPLETE = tuple(name for name, form in PLAN_FORMATS.items() if form.complete)
"""The formats that show all of a plan, which exports need not."""

_SGR = re.compile(r"\x1b\[[0-9;]*m")
_TURNING = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


def options(*, color: bool = False, width: int = 80, verbose: bool = False) -> ViewOptions:
    """Build options as of the builders' now."""
    return ViewOptions(
        title="Buffer", now=NOW, color=color, width=width, zone=ZONE, verbose=verbose
    )


def rendered(
    plan: Plan,
    name: str = "human",
    *,
    color: bool = False,
    width: int = 80,
    verbose: bool = False,
) -> str:
    """Render a plan with the renderer of that name."""
    return render_plan(plan, name, options(color=color, width=width, verbose=verbose))


def uncoloured(text: str) -> str:
    """Return the text without its colours; anything else that a terminal obeys stays."""
    return _SGR.sub("", text)


def control_characters(text: str) -> set[str]:
    """Return the characters that a terminal would obey, line ends and colours apart."""
    return {
        f"U+{ord(character):04X}"
        for character in set(uncoloured(text))
        if character != "\n"
        and (
            unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp")
            or unicodedata.bidirectional(character) in _TURNING
            or character in "\u061c\u200b\u200e\u200f\ufeff"
        )
    }
