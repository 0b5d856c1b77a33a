"""Renderer of the plan as one HTML page: a calendar, and every post as it will look on its network.

The page is one file that makes no request: styles and scripts are inline, pictures are fetched only
when the reader presses a button, and a Content-Security-Policy in its head forbids all else. Three
things make a hostile text harmless, each of which is enough by itself: Jinja escapes every value
that a template prints; the script builds elements one by one and never parses markup; and the
policy names the script and the style by their digest, so nothing else runs.

Without scripts the page is the list of all posts, and so it is on paper. The script adds the month
and the week, filters and keys. It draws the month from a small table of facts that comes before the
list, so that a large queue is on the screen long before the last card has been read.
"""

from __future__ import annotations

import base64
import hashlib
import json
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from plancast import __version__
from plancast.render.html.network_theme import network_styles
from plancast.render.html.page import make_page
from plancast.render.html.page_data import facts
from plancast.render.runner_commands import disarm, entity
from plancast.render.terminal.style import safe, safe_json

if TYPE_CHECKING:
    from jinja2 import Environment

    from plancast.model.plan import Plan
    from plancast.render.options import ViewOptions

__all__ = ["render"]

STYLES = ("base.css", "calendar.css", "posts.css", "print.css")
SCRIPTS = ("time.js", "filters.js", "calendar.js", "posts.js", "page.js")
BOOT = "boot.js"
"""Script that runs before the first paint: it marks that scripts run, and sets light or dark."""


def render(plan: Plan, options: ViewOptions) -> str:
    """Render the whole page. The same plan and options give the same bytes."""
    page = make_page(plan, options)
    # The digests in the policy are of exactly these texts, so they are joined before rendering.
    style, boot = network_styles() + _joined(STYLES), _joined((BOOT,))
    script = f'"use strict";\n{{\n{_joined(SCRIPTS)}}}\n'
    template = _environment().get_template("page.html.j2")
    text = template.render(
        page=page,
        facts=_data(facts(page, options.title)),
        policy=_policy(style, boot, script),
        style=style,
        boot=boot,
        script=script,
        version=__version__,
    )
    return text.rstrip("\n") + "\n"


def digest(text: str) -> str:
    """Return the name of a script or a style in a Content-Security-Policy: `sha256-…`."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _policy(style: str, *scripts: str) -> str:
    """Return the policy of the page: the named scripts and style, pictures, and nothing else.

    Pictures may be allowed from the start, since no `img` is in the page before the reader asks.
    """
    allowed = " ".join(f"'{digest(script)}'" for script in scripts)
    return (
        f"default-src 'none'; script-src {allowed}; style-src '{digest(style)}'; "
        "img-src https: data:; base-uri 'none'; form-action 'none'"
    )


def _data(document: object) -> str:
    """Return JSON that cannot end its `script` element: ASCII, without `<`, `>` and `&`."""
    text = safe_json(json.dumps(document, separators=(",", ":")))
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


@cache
def _joined(names: tuple[str, ...]) -> str:
    folder = files(__name__) / "assets"
    return "".join((folder / name).read_text(encoding="utf-8") for name in names)


def _shown(value: object) -> object:
    """Make a value that a template prints safe to read. Jinja calls this for every one of them.

    If a CI runner would obey a line of the page, once it is printed to a log, one character becomes
    an entity, which reads the same.
    """
    if type(value) is not str:
        return value
    text = safe(value)
    # Nearly every value takes this way: let Jinja escape it.
    if "::" not in text and "##" not in text:
        return text
    from markupsafe import Markup, escape  # noqa: PLC0415  # Jinja's own

    return Markup(disarm(str(escape(text)), entity))  # noqa: S704  # escaped right here


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415

    return Environment(
        loader=PackageLoader(__name__),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
