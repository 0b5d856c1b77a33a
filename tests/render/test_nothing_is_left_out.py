"""A reader of a plan sees all that an entry holds: in terminal, comment and page."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest

from plancast.model.entry import Entry, Image, Link, ThreadItem, Video
from plancast.model.entry_fields import ENTRY_FIELDS, Kind
from plancast.model.plan import Action
from plancast.reconcile.compare import field_diffs
from plancast.render.formats import render_plan
from plancast.render.options import ViewOptions
from plancast.testing.builders import NOW, change, entry, plan
from tests.render.rendering import COMPLETE

MARKED = entry(
    "text-of-it",
    link=Link(
        "https://a.example/link-url", "link-title", "link-words", "https://a.example/thumb.png"
    ),
    images=[Image("https://a.example/image.png", "image-alt")],
    video=Video("https://a.example/clip.mp4", "clip-title", 1500),
    thread=[ThreadItem("second-part", (Image("https://a.example/part.png", "part-alt"),))],
    first_comment="first-words",
    metadata={"title": "setting-title"},
    tags=["tag-name"],
)
MARKS = (
    "text-of-it", "link-url", "link-title", "link-words", "thumb.png", "image.png", "image-alt",
    "clip.mp4", "clip-title", "second-part", "part.png", "part-alt", "first-words",
    "setting-title", "tag-name",
)  # fmt: skip
OTHERS: dict[str, Any] = {
    row.name: f"words-of-{row.name}"
    for row in ENTRY_FIELDS
    if row.kind is Kind.TEXT and not getattr(MARKED, row.name)
}
"""Texts that are not written out here."""

MARKED = replace(MARKED, **OTHERS)
MARKS += tuple(OTHERS.values())
UNMARKED = {"due_at", "queue", "shorten", "link_card", "stage"}
"""Fields that have no text of the author's."""


def test_each_field_with_a_text_is_marked() -> None:
    plain = Entry()
    marked = {item.name for item in fields(Entry) if item.name not in UNMARKED}
    assert [name for name in marked if getattr(MARKED, name) == getattr(plain, name)] == []


@pytest.mark.parametrize("form", COMPLETE)
@pytest.mark.parametrize("action", [Action.CREATE, Action.UPDATE])
def test_no_part_of_an_entry_is_left_out(form: str, action: Action) -> None:
    before = entry("before") if action is Action.UPDATE else None
    edits = field_diffs(before, MARKED) if before else ()
    made = plan(change(action, after=MARKED, before=before, fields=edits))
    options = ViewOptions(title="Buffer", now=NOW, zone="Europe/Berlin", width=200)
    shown = render_plan(made, form, options)
    assert [mark for mark in MARKS if mark not in shown] == []
