"""Reasons of failed posts in plain words."""

from __future__ import annotations

import pytest

from plancast.reconcile.failure_reasons import REASONS, explain

SAID = {
    "Failed to backfill media from URL": "could not fetch an image or a video",
    "The network did not accept it. (failed to backfill MEDIA from url)": "could not fetch",
    "Video could not be read from its URL": "found no video there",
}


@pytest.mark.parametrize(("error", "words"), SAID.items())
def test_a_known_reason_is_explained_with_what_to_do(error: str, words: str) -> None:
    meaning, hint = explain(error, "Buffer")
    assert meaning.startswith("Buffer ")
    assert words in meaning
    assert meaning.endswith(f"({error})"), "what was said stays there, to search for it"
    assert "private window" in hint


@pytest.mark.parametrize("error", ["", "The network did not accept this post.", "media"])
def test_an_unknown_reason_is_shown_as_it_came(error: str) -> None:
    assert explain(error, "Buffer") == (error, "")


def test_each_reason_has_a_case() -> None:
    assert all(any(one.pattern.search(error) for error in SAID) for one in REASONS)
