"""Known reasons for which a post failed, in plain words and with what to do. Pure.

The provider passes on what it or the network says. Some of that names a part of its own machinery,
which says little to an author. A reason that is not known here is shown as it came.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FailureReason:
    """A reason that can be recognized. `title` of the provider goes into `{provider}`."""

    pattern: re.Pattern[str]
    meaning: str
    hint: str


REASONS = (
    FailureReason(
        re.compile(r"failed to backfill media", re.IGNORECASE),
        "{provider} could not fetch an image or a video of the post when it was to go out",
        "Open its addresses in a private window: each has to lead to the file itself. Replace the "
        "one that does not (`plancast validate --online` finds it), and give the post a new time.",
    ),
    FailureReason(
        re.compile(r"video could not be read from its url", re.IGNORECASE),
        "{provider} fetched the address of the video and found no video there",
        "Open it in a private window: the video itself has to play. Replace the address, and give "
        "the post a new time.",
    ),
)
"""The reasons, the first that fits counts (docs/media.md#when-a-post-failed)."""


def explain(error: str, title: str) -> tuple[str, str]:
    """Return what an error means and what to do about it; the error itself and "" if unknown."""
    for reason in REASONS:
        if reason.pattern.search(error):
            return f"{reason.meaning.replace('{provider}', title)} ({error})", reason.hint
    return error, ""
