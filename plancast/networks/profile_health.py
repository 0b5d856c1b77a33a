"""Warnings about profiles that keep posts from going out as they are meant. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from plancast.model.profile import Profile


@dataclass(frozen=True, slots=True)
class Remark:
    """`word` fits beside a name, `meaning` says what comes of it."""

    word: str
    meaning: str


def remarks(profile: Profile, title: str) -> Iterator[Remark]:
    """Return what is wrong, the worst first. `title` is that of the provider."""
    if profile.disconnected:
        yield Remark("disconnected", f"nothing goes out until it is reconnected in {title}")
    if profile.locked:
        yield Remark("locked", "the plan of the account does not cover it, so nothing goes out")
    if profile.paused:
        yield Remark("paused", f"nothing goes out until its queue is resumed in {title}")
    if profile.reminders:
        yield Remark("only reminds", f"{title} may remind somebody, who publishes by hand")
    if profile.shortens:
        domain = "" if profile.shortens == "yes" else f" to {profile.shortens}"
        yield Remark(f"shortens links{domain}", "it does so whatever a post says")
