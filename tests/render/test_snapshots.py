"""The same plans through every renderer, compared with what was judged by eye.

`UPDATE_SNAPSHOTS=1` writes them anew; then read what changed.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from plancast.render.formats import PLAN_FORMATS
from tests.render.rendering import rendered, uncoloured
from tests.render.scenes import SCENES

FOLDER = Path(__file__).parent / "snapshots"
JUDGED = tuple(name for name in PLAN_FORMATS if name != "html")
"""A page is judged in a browser: tests/browser."""

COLOURED = ("drift", "problems", "state-only", "update")


def compare(name: str, text: str) -> None:
    file = FOLDER / f"{name}.txt"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        file.write_text(text, encoding="utf-8", newline="\n")
    assert file.exists(), f"{file.name}: UPDATE_SNAPSHOTS=1 make pytest K=snapshots writes it"
    assert text == file.read_text(encoding="utf-8")


@pytest.mark.parametrize("renderer", JUDGED)
@pytest.mark.parametrize("scene", SCENES)
def test_a_scene_looks_as_it_was_judged(scene: str, renderer: str) -> None:
    compare(f"{scene}.{renderer}", rendered(SCENES[scene](), renderer))


@pytest.mark.parametrize("scene", COLOURED)
def test_colours_stand_where_they_were_judged(scene: str) -> None:
    text = rendered(SCENES[scene](), color=True, width=120)
    compare(f"{scene}.colour-120", text.replace("\x1b[0m", "⟩").replace("\x1b[", "⟨"))


@pytest.mark.parametrize("scene", ["creates", "others", "update"])
def test_verbose_shows_all(scene: str) -> None:
    compare(f"{scene}.verbose", rendered(SCENES[scene](), verbose=True))


@pytest.mark.parametrize("scene", SCENES)
def test_colour_adds_nothing_but_colour(scene: str) -> None:
    assert uncoloured(rendered(SCENES[scene](), color=True)) == rendered(SCENES[scene]())


def test_no_snapshot_is_left_over() -> None:
    known = {f"{scene}.{name}" for scene in SCENES for name in (*JUDGED, "verbose")}
    known |= {f"{scene}.colour-120" for scene in COLOURED}
    assert {file.stem for file in FOLDER.iterdir()} <= known
