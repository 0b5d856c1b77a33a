"""Charts: well-formed, legible on a phone, readable in light and dark, and no text on another."""

from __future__ import annotations

import re
from itertools import combinations, pairwise
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.plot import HEIGHT, LABEL_STEP, WIDTH, Line, chart, spread, texts

PHONE = 360
"""The width that a narrow phone leaves for a picture."""

LEAST_TEXT = 10
SIZES = (1_000.0, 10_000.0, 100_000.0)


def unit(value: float) -> str:
    return f"{value:,.0f} MB"


def lines(*ends: float, sizes: tuple[float, ...] = SIZES) -> list[Line]:
    return [
        Line(name, role, [(size, end * size / sizes[-1]) for size in sizes])
        for (name, role), end in zip(
            [("octoDNS", "peer"), ("plan", "plan"), ("plan, warm", "warm"), ("parsing", "floor")],
            ends,
            strict=False,
        )
    ]


figures = st.floats(0.5, 9_000)


@given(
    st.lists(figures, min_size=1, max_size=4),
    st.sampled_from([SIZES, SIZES[:2], SIZES[:1]]),
)
def test_no_text_touches_another_or_the_edge(ends: list[float], sizes: tuple[float, ...]) -> None:
    placed = texts(
        "Memory of a plan", "peak; both axes logarithmic", lines(*ends, sizes=sizes), unit
    )
    for one, two in combinations(placed, 2):
        left, top, right, bottom = one.box
        left2, top2, right2, bottom2 = two.box
        apart = right <= left2 or right2 <= left or bottom <= top2 or bottom2 <= top
        assert apart, (one, two)
    for text in placed:
        left, top, right, bottom = text.box
        assert left >= 0, text
        assert right <= WIDTH, text
        assert top >= 0, text
        assert bottom <= HEIGHT, text


def test_texts_are_legible_on_a_phone() -> None:
    placed = texts("Time", "seconds", lines(1, 10, 100), unit)
    assert min(text.size for text in placed) * PHONE / WIDTH >= LEAST_TEXT


def test_a_chart_is_well_formed_and_has_its_figures_in_words() -> None:
    svg = chart("Time & <memory>", "peak", lines(100, 20, 3), unit)
    root = ET.fromstring(svg)
    space = {"svg": "http://www.w3.org/2000/svg"}
    assert root.findtext("svg:title", None, space) == "Time & <memory>"
    words = root.findtext("svg:desc", "", space)
    assert "octoDNS: 1 MB at 1,000, 10 MB at 10,000, 100 MB at 100,000" in words
    assert len(root.findall("svg:circle", space)) == 9
    assert len(root.findall("svg:path", space)) == 3


def test_a_chart_asks_for_nothing_and_runs_nothing() -> None:
    svg = chart("Time", "seconds", lines(1, 2), unit)
    assert not re.search(r"<script|<image|@import|url\(|href|\bon\w+=", svg)


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_has_the_contrast_that_wcag_asks_for(scheme: str) -> None:
    style = chart("Time", "seconds", lines(1, 2), unit).partition("@media")
    colours = dict(re.findall(r"--(\w+): (#\w{6})", style[0] if scheme == "light" else style[2]))
    ground = luminance(colours["ground"])
    for name in ("text", "muted", "plan", "warm", "peer", "floor"):
        light, dark = sorted((luminance(colours[name]), ground), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5, name


@given(st.lists(st.floats(60, 250), min_size=1, max_size=6).map(sorted))
def test_labels_keep_their_order_their_distance_and_the_ground(places: list[float]) -> None:
    moved = spread(places, LABEL_STEP, 256)
    assert all(two - one >= LABEL_STEP - 1e-6 for one, two in pairwise(moved))
    assert moved[-1] <= 256


def test_labels_with_room_stay_at_their_lines() -> None:
    assert spread([60, 100, 140], LABEL_STEP, 256) == [60, 100, 140]
