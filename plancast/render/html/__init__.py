"""The plan as one page: a calendar to look at, and every post as it will look on its network.

The page is a file that asks the world for nothing: styles and scripts stand in it, pictures are
fetched only when the reader presses a button, and a Content-Security-Policy in its head forbids all
else. Three things make a hostile text harmless, each of which would do alone: Jinja escapes
whatever a template prints; the script makes elements by hand and never reads markup; and the policy
names the script and the style by their digest, so nothing else runs.

Without scripts the page is the list of all posts, which is what prints as well. The script adds the
month and the week, filters and keys. It draws the month from a small table of facts that stands
before the list, so that a large queue is on the screen long before the last card has been read.
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

STYLES = ("base.css", "calendar.css", "posts.css", "paper.css")
SCRIPTS = ("time.js", "filters.js", "calendar.js", "posts.js", "page.js")
BOOT = "boot.js"
"""Runs before anything is drawn: light or dark, and whether the list is what will be shown."""


def render(plan: Plan, options: ViewOptions) -> str:
    """The whole page. The same plan and options give the same bytes."""
    page = make_page(plan, options)
    style, boot = network_styles() + _joined(STYLES), _joined((BOOT,))
    script = f'"use strict";\n{{\n{_joined(SCRIPTS)}}}\n'
    made = _environment().get_template("page.html.j2")
    text = made.render(
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
    """What a Content-Security-Policy calls a script or a style by."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _policy(style: str, *scripts: str) -> str:
    """Nothing, but what is named here. Pictures are markup only after the reader asked for them."""
    allowed = " ".join(f"'{digest(script)}'" for script in scripts)
    return (
        f"default-src 'none'; script-src {allowed}; style-src '{digest(style)}'; "
        "img-src https: data:; base-uri 'none'; form-action 'none'"
    )


def _data(document: object) -> str:
    """JSON that cannot end the element it stands in: nothing but ASCII, and no markup."""
    text = safe_json(json.dumps(document, separators=(",", ":")))
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


@cache
def _joined(names: tuple[str, ...]) -> str:
    folder = files(__name__) / "assets"
    return "".join((folder / name).read_text(encoding="utf-8") for name in names)


def _shown(value: object) -> object:
    """Whatever a template prints is made safe to read here, so that no place can be forgotten.

    Where a runner would obey a line of the page, when it is printed to a log, a sign of it becomes
    an entity, which reads the same.
    """
    if type(value) is not str:
        return value
    text = safe(value)
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
