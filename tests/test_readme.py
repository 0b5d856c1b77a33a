"""The README shows what really comes out."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import tour

README = (Path(__file__).resolve().parent.parent / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def scenes() -> dict[str, str]:
    return tour.play()


def test_every_scene_is_shown_once_and_in_order() -> None:
    assert [found[2] for found in tour.BLOCK.finditer(README)] == list(tour.SCENES)


def test_the_tour_is_what_plancast_prints(scenes: dict[str, str]) -> None:
    assert tour.filled(README, scenes) == README


def test_the_tour_tells_a_story(scenes: dict[str, str]) -> None:
    """It would be current, too, if every command printed nothing."""
    assert "Valid: 13 posts" in scenes["validate"]
    assert "3 to create" in scenes["plan"]
    assert "3 to update" in scenes["edit"]
    assert scenes["again"].count("\nNo changes.") == 1


def test_a_tour_that_is_not_current_is_noticed(scenes: dict[str, str]) -> None:
    aged = README.replace("3 to create", "4 to create")
    assert aged != README
    assert tour.filled(aged, scenes) == README
    with pytest.raises(tour.TourError, match="nowhere"):
        tour.filled("<!-- tour:begin nowhere -->\n<!-- tour:end -->", scenes)
