"""The nightly summary: what is wrong first, safe, and within its room."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

from hypothesis import given

from plancast.model.entry import Address
from plancast.reconcile.status import Standing, StatusRow
from plancast.render.markdown import render_status
from plancast.render.markdown.escape import length
from plancast.testing.builders import NOW
from tests.render.rendering import options
from tests.render.test_markdown import Page, texts


def line(name: str, standing: Standing, **more: str) -> StatusRow:
    return StatusRow(Address(name, "acme-x"), standing, NOW + timedelta(days=1), **more)


def test_what_is_wrong_comes_first_and_in_the_headline() -> None:
    rows = [
        line("a", Standing.PUBLISHED, link="https://x.example/1"),
        line("b", Standing.FAILED, detail="The account is suspended"),
        line("c", Standing.SCHEDULED),
    ]
    text = render_status(rows, options())
    assert text.startswith(
        "### ⚠️ Status: 1 entry needs a look\n\n1 scheduled, 1 published and 1 fa"
    )
    assert re.findall(r"<code>([abc])@acme-x</code>", text) == ["b", "a", "c"]
    assert Page(text).links == ["https://x.example/1"]


def test_all_is_well_and_nothing_yet() -> None:
    well = render_status([line("a", Standing.PUBLISHED)], options())
    assert well.startswith("### ✅ Status: all is well")
    assert render_status([], options()) == "### Status: nothing is owned yet\n"


def test_thousands_fit_and_the_rest_is_counted() -> None:
    rows = [line(f"post-{number}", Standing.SCHEDULED) for number in range(5000)]
    text = render_status(rows, options())
    assert length(text) <= 65_536
    shown = text.count("@acme-x")
    assert f"_{5000 - shown:,} entries are not shown" in text
    assert length(render_status(rows, replace(options(), limit=2000))) <= 2000


@given(texts, texts)
def test_no_text_breaks_out(detail: str, link: str) -> None:
    found = Page(render_status([line("a", Standing.FAILED, detail=detail, link=link)], options()))
    assert (found.broken, found.open) == ([], [])
    assert found.shape["tr"] == 2
    assert [item for item in found.links if not item.startswith(("http://", "https://"))] == []
