"""Take the screenshots of the preview in docs/images, in a browser without a window.

`python tools/screenshots.py [FOLDER]` renders the page of a made-up plan (a small maker of tools,
its launch, and a month of posts around it) and takes several pictures of it. Nothing is read from
the machine: the plan, its clock and the size of the window are in this file, so a picture changes
only when the page does. Browsers of other versions draw slightly differently: look before
committing.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from plancast.model.diagnostics import SourceRange, problem
from plancast.model.entry import Address, Entry, Image, Link, LiveEntry
from plancast.model.plan import (
    Action,
    Basis,
    Budget,
    Change,
    FieldDiff,
    Plan,
    ProfileRef,
    RateWindow,
    Situation,
    Unmanaged,
)
from plancast.render.html import render
from plancast.render.options import ViewOptions
from tools.browser import FLAGS, NAMES, find

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parent.parent
NOW = datetime(2026, 11, 30, 9, 12, tzinfo=UTC)
ZONE = "Europe/Berlin"
SERVICES = {
    "acme-x": "twitter",
    "acme-linkedin": "linkedin",
    "acme-mastodon": "mastodon",
    "acme-instagram": "instagram",
    "acme-fb": "facebook",
    "acme-bluesky": "bluesky",
    "acme-threads": "threads",
    "acme-pinterest": "pinterest",
}


# -- a month of a small maker of tools --------------------------------------------------------


def at(text: str) -> datetime:
    """Parse `12-03 09:30` on the wall clock of the workspace's zone; return it in UTC."""
    wall = datetime.fromisoformat(f"2026-{text}").replace(tzinfo=ZoneInfo(ZONE))
    return wall.astimezone(UTC)


def picture(name: str, alt: str) -> Image:
    """Build an image with an address on the web."""
    return Image(f"https://images.acme.example/2026/{name}.jpg", alt)


SHOP = Link(
    "https://acme.example/anvil",
    "The anvil, again",
    "Twice as heavy, half as loud. Hand-finished in our workshop in the Eifel.",
)
TEASER = (
    "Two years, eleven prototypes, one very heavy box.\n\n"
    "Tomorrow at ten we open it. Bring coffee, and somebody strong.\n\n#toolmaking"
)
LAUNCH = (
    "It is here: the Acme anvil.\n\n57 kg of forged steel that rings half as loud as the old one. "
    "Made by @mira and the whole night shift, for benches that are used every day.\n\n"
    "The first hundred ship on Monday. #toolmaking"
)
STAGES = picture("teaser", "A wooden box on a workbench in a dark workshop, lit from one side")


@dataclass(frozen=True, slots=True)
class Row:
    """A post of the table below, on some profiles (their aliases without `acme-`)."""

    id: str
    due: str
    profiles: str
    text: str
    action: Action = Action.NONE
    campaign: str = ""
    tags: tuple[str, ...] = ()
    images: tuple[Image, ...] = ()
    link: Link | None = None


TABLE = (
    Row("launch/teaser", "12-01 09:30", "x linkedin mastodon bluesky", TEASER, Action.CREATE,
        "anvil", ("teaser",), (STAGES,)),
    Row("launch/announcement", "12-02 10:00", "x linkedin fb mastodon", LAUNCH, Action.CREATE,
        "anvil", ("launch",), (), SHOP),
    Row("launch/announcement", "12-02 12:00", "instagram threads", LAUNCH, Action.CREATE, "anvil",
        ("launch",), (picture("anvil", "The anvil on an oak block, sparks behind it"),)),
    Row("launch/behind-the-scenes", "12-04 16:00", "linkedin fb",
        "Eleven prototypes failed before this one. We kept all of them, and Mira tells what each "
        "one taught us.", Action.CREATE, "anvil", ("story",),
        (picture("shelf", "Eleven anvils on a shelf, each with a paper tag"),)),
    Row("launch/questions", "12-08 11:00", "x mastodon bluesky",
        "You asked, we answer: does it fit on a Swedish bench? It does, with two of the four "
        "bolts. Longer answers: https://acme.example/questions", Action.CREATE, "anvil"),
    Row("tips/01", "12-03 08:00", "x mastodon", "Day 3: a square that is not square. How to "
        "check yours with a pencil and a straight board. #tooltips", tags=("tips",)),
    Row("tips/02", "12-07 08:00", "x mastodon", "Day 7: oil on the stone, not on the bench. "
        "#tooltips", tags=("tips",)),
    Row("tips/03", "12-10 08:00", "x mastodon", "Day 10: why your plane chatters, and the one "
        "screw to turn. #tooltips", tags=("tips",)),
    Row("tips/04", "12-14 08:00", "x mastodon", "Day 14: a mallet in an afternoon, from one "
        "offcut. #tooltips", tags=("tips",)),
    Row("tips/05", "12-17 08:00", "x mastodon", "Day 17: sharpen before it is dull. #tooltips",
        tags=("tips",)),
    Row("tips/06", "12-21 08:00", "x mastodon", "Day 21: shortest day, longest shadow: check "
        "your surfaces with a low lamp. #tooltips", tags=("tips",)),
    Row("journal/oak", "12-09 14:00", "instagram pinterest fb", "Oak from the storm of 2024, dry "
        "at last.", campaign="journal",
        images=(picture("oak", "Stacked oak boards with sticks between them"),)),
    Row("journal/forge", "12-16 14:00", "instagram pinterest", "The forge at half past six.",
        campaign="journal", images=(picture("forge", "A glowing bar of steel on an anvil"),)),
    Row("holidays/review", "12-29 10:00", "linkedin", "What we made this year: 4,120 tools, 3 "
        "apprentices, and one very heavy box. Thank you for every letter.", Action.CREATE,
        "holidays"),
)  # fmt: skip


def change(row: Row, alias: str) -> Change:
    """Build the change of a row for one profile."""
    alias = f"acme-{alias}"
    entry = Entry(row.text, at(row.due), row.link, row.images)
    return Change(
        action=row.action,
        address=Address(row.id, alias),
        profile=ProfileRef(alias, f"p-{alias}", SERVICES[alias]),
        before=None if row.action is Action.CREATE else entry,
        after=entry,
        remote_id="" if row.action is Action.CREATE else f"r-{row.id}-{alias}",
        source=SourceRange(f"{row.id}.yaml", 1, 1),
        due_at=at(row.due),
        zone=ZONE,
        campaign=row.campaign,
        tags=row.tags,
    )


def edited(id: str, alias: str, before: Entry, after: Entry, *leaves: FieldDiff) -> Change:
    """Build the change of an entry that the plan updates."""
    return Change(
        action=Action.UPDATE,
        address=Address(id, alias),
        profile=ProfileRef(alias, f"p-{alias}", SERVICES[alias]),
        before=before,
        after=after,
        fields=leaves,
        remote_id=f"r-{id}-{alias}",
        source=SourceRange(f"{id}.yaml", 4, 1),
        due_at=after.due_at,
        zone=ZONE,
    )


def special() -> Iterator[Change]:
    """Yield the unusual changes: a moved date, an edit by hand, a post that must go."""
    old = "We are hiring a toolmaker. Two days of trial work, paid, and lunch is on us."
    new = (
        "We are hiring a toolmaker, in Aachen. Three days of trial work, paid, and lunch is on us."
    )
    hiring = edited(
        "hiring/toolmaker",
        "acme-linkedin",
        Entry(old, at("12-09 09:00")),
        Entry(new, at("12-11 09:00"), Link("https://acme.example/jobs", "A toolmaker in Aachen")),
        FieldDiff("text", old, new),
        FieldDiff("due_at", at("12-09 09:00"), at("12-11 09:00")),
        FieldDiff("link.url", None, "https://acme.example/jobs"),
    )
    yield hiring
    ours = "Closed from 24 December to 3 January. Repairs that reach us by the 18th come home."
    theirs = "CLOSED from 23 December to 3 January!! Repairs that reach us by the 18th come home."
    leaf = FieldDiff("text", ours, theirs)
    closing = edited(
        "holidays/closing",
        "acme-fb",
        Entry(theirs, at("12-15 12:00")),
        Entry(ours, at("12-15 12:00")),
        FieldDiff("text", theirs, ours),
    )
    yield _with(closing, drift=(leaf,), situations=(Situation.DRIFTED,), campaign="holidays")
    gone = Entry("Last call for the autumn catalogue.", at("12-05 18:00"))
    for alias in ("acme-x", "acme-fb"):
        yield Change(
            Action.DESTROY,
            Address("autumn/last-call", alias),
            ProfileRef(alias, f"p-{alias}", SERVICES[alias]),
            before=gone,
            remote_id=f"r-{alias}",
            reason="no file asks for it",
            due_at=gone.due_at,
            zone=ZONE,
        )
    sent = Entry("Tomorrow it gets heavy.", at("11-30 09:00"))
    posted = LiveEntry("s-1", "p-acme-x", sent, link="https://x.example/acme/status/1")
    base = change(Row("launch/countdown", "11-30 09:00", "x", sent.text), "x")
    yield _with(base, situations=(Situation.PUBLISHED,), reason="it went out", live=posted)
    queued = Entry("Whenever there is room: our repair guide is free to read.")
    yield _with(
        change(Row("tips/whenever", "12-01 00:00", "x", queued.text, Action.CREATE), "bluesky"),
        after=queued,
        due_at=None,
    )


def _with(base: Change, **fields: object) -> Change:
    from dataclasses import replace  # noqa: PLC0415

    return replace(base, **fields)  # type: ignore[arg-type]  # names of its own fields


def sample() -> Plan:
    """Build the whole plan."""
    rows = [change(row, alias) for row in TABLE for alias in row.profiles.split()]
    changes = sorted([*rows, *special()], key=lambda item: item.sort_key)
    by_hand = [
        ("acme-fb", "12-06 10:00", "Second Advent: the workshop is open from ten to four."),
        ("acme-instagram", "12-13 10:00", "Third Advent, and the forge is still warm."),
        ("acme-fb", "12-19 15:00", "The last market of the year, come by."),
    ]
    return Plan(
        generated_at=NOW - timedelta(minutes=1),
        provider="buffer",
        basis=Basis("sha256:0", "lineage", 41, "sha256:1"),
        changes=tuple(changes),
        unmanaged=tuple(
            Unmanaged(ProfileRef(alias, f"p-{alias}", SERVICES[alias]), f"u-{due}", text, at(due))
            for alias, due, text in by_hand
        ),
        diagnostics=(
            problem(
                "PC507",
                "23.0 hours after launch/teaser@acme-x",
                address="launch/announcement@acme-x",
                source=SourceRange("launch/announcement.yaml", 6, 1, 5, "text: |"),
            ),
        ),
        budget=Budget(12, 4, (RateWindow(60, 60, 56),)),
    )


# -- taking pictures --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture: the fragment of the page's address, the size of the window, light or dark."""

    name: str
    address: str
    size: tuple[int, int] = (1360, 980)
    dark: bool = False


SHOTS = (
    Shot("preview-month", "view=month&date=2026-12-01"),
    Shot("preview-week", "view=week&date=2026-12-01", (1360, 860)),
    Shot("preview-list", "view=list&date=2026-12-01", (1360, 900)),
    Shot("preview-dark", "view=month&date=2026-12-01&post=launch/announcement@acme-linkedin",
         dark=True),
    Shot("preview-update", "view=month&date=2026-12-01&post=hiring/toolmaker@acme-linkedin"),
    Shot("preview-drift", "view=month&date=2026-12-01&post=holidays/closing@acme-fb"),
    Shot("preview-phone", "view=list&date=2026-12-01", (390, 844)),
)  # fmt: skip
IN_DOCS = ("preview-month", "preview-dark", "preview-list", "preview-update")


def main(arguments: list[str]) -> int:
    """Write the pictures of the documentation to docs/images, or all of them to a named folder."""
    chromium = find()
    if chromium is None:
        sys.exit(f"screenshots: none of {', '.join(NAMES)} is installed")
    target = Path(arguments[0]) if arguments else ROOT / "docs" / "images"
    target.mkdir(parents=True, exist_ok=True)
    from playwright.sync_api import sync_playwright  # noqa: PLC0415

    options = ViewOptions(title="Buffer", now=NOW, zone=ZONE, revision="4f2c1d90ab77")
    with tempfile.TemporaryDirectory(prefix="plancast-page-") as folder, sync_playwright() as tool:
        page = Path(folder) / "preview.html"
        page.write_text(render(sample(), options), encoding="utf-8")
        flags = [*FLAGS, "--hide-scrollbars"]
        browser = tool.chromium.launch(executable_path=chromium, args=flags)
        for shot in SHOTS:
            if arguments or shot.name in IN_DOCS:
                path = target / f"{shot.name}.png"
                path.write_bytes(small(take(browser, page.as_uri(), shot)))
                print(f"{path.name}  {path.stat().st_size / 1024:.0f} KB")
        browser.close()
    return 0


def take(browser: Browser, address: str, shot: Shot) -> bytes:
    """Open the page in a new window and return a picture of it as PNG."""
    width, height = shot.size
    page = browser.new_page(
        viewport={"width": width, "height": height},
        color_scheme="dark" if shot.dark else "light",
        timezone_id=ZONE,
    )
    page.goto(f"{address}#{shot.address}")
    # Without a focus ring, whose blinking caret would differ from run to run.
    page.evaluate("document.activeElement.blur()")
    png = page.screenshot()
    page.close()
    return png


def small(png: bytes) -> bytes:
    """Reduce a picture to a palette if pngquant is installed: a quarter of the size."""
    tool = shutil.which("pngquant")
    if tool is None:
        return png
    return subprocess.run([tool, "128", "-"], input=png, check=True, capture_output=True).stdout


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
