"""Warnings about connected accounts that may keep posts from going out as they are meant."""

from __future__ import annotations

import pytest

from plancast.model.profile import Profile
from plancast.networks.profile_health import remarks

CASES: dict[str, tuple[Profile, list[str]]] = {
    "nothing": (Profile("1", "twitter"), []),
    "disconnected": (Profile("1", "twitter", disconnected=True), ["disconnected"]),
    "locked": (Profile("1", "twitter", locked=True), ["locked"]),
    "paused": (Profile("1", "twitter", paused=True), ["paused"]),
    "reminders": (Profile("1", "instagram", reminders=True), ["only reminds"]),
    "a domain": (Profile("1", "twitter", shortens="buff.ly"), ["shortens links to buff.ly"]),
    "some domain": (Profile("1", "twitter", shortens="yes"), ["shortens links"]),
    "the worst first": (
        Profile("1", "tiktok", paused=True, locked=True, reminders=True, disconnected=True),
        ["disconnected", "locked", "paused", "only reminds"],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_said_of_a_profile(case: str) -> None:
    profile, words = CASES[case]
    found = list(remarks(profile, "Buffer"))
    assert [remark.word for remark in found] == words
    assert all(remark.meaning for remark in found)
