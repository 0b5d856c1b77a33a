"""Known reasons for which a post failed, in plain words and with what to do. Pure.

The provider passes on what it or the network says. Some of that names a part of its own machinery,
which says little to an author. A reason that is not known here is shown as it came.

A pattern that fits the wrong sentence misleads, so each asks for two things that only that reason
has, and the words of the provider always follow the plain ones.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from plancast.model.quoting import shorten

LONGEST = 400
"""Characters of a reason that are shown, at most."""


@dataclass(frozen=True, slots=True)
class FailureReason:
    """A reason that can be recognized. `title` of the provider goes into `{provider}`.

    `words` are an example of what the provider says, as the documentation shows it. `reported`:
    these words were seen; others are likely ones (docs/failed-posts.md#known-reasons).
    """

    pattern: re.Pattern[str]
    words: str
    meaning: str
    hint: str
    reported: bool = False


def _reason(
    pattern: str, words: str, meaning: str, hint: str, *, reported: bool = False
) -> FailureReason:
    return FailureReason(re.compile(pattern, re.IGNORECASE), words, meaning, hint, reported)


REASONS = (
    _reason(
        r"failed to backfill media",
        "Failed to backfill media from URL",
        "{provider} could not fetch an image or a video of the post when it was to go out",
        "Open its addresses in a private window: each has to lead to the file itself. Replace the "
        "one that does not (`plancast validate --online` finds it), and give the post a new time.",
        reported=True,
    ),
    _reason(
        r"video could not be read from its url",
        "Video could not be read from its URL",
        "{provider} fetched the address of the video and found no video there",
        "Open it in a private window: the video itself has to play. Replace the address, and give "
        "the post a new time.",
        reported=True,
    ),
    _reason(
        r"already got this one scheduled|posted that one recently|post the same thing twice"
        r"|\bduplicate\b",
        "Status is a duplicate.",
        "the profile has the same text already, or had it a short time ago",
        "Say it in other words, or give the post a time some days later.",
        reported=True,
    ),
    _reason(
        r"\breconnect|(token|session|credential|authori[sz]ation|permission|access)\w*"
        r" (\w+ ){0,3}(expired|revoked|invalid|missing|lost|denied)"
        r"|(expired|revoked|invalid) (\w+ )?(token|session|credential|authori[sz]ation)"
        r"|not authori[sz]ed",
        "The connection to this account was lost. Please reconnect it.",
        "{provider} has lost its access to the account",
        "Reconnect the channel in {provider}, then give the post a new time. Its content is fine.",
    ),
    _reason(
        r"account (\w+ ){0,3}(suspended|locked|disabled|restricted|deactivated)"
        r"|(suspended|locked|disabled|restricted) account",
        "The account is suspended.",
        "the network has locked or suspended the account",
        "Sign in on the network and settle it there, then give the post a new time.",
    ),
    _reason(
        r"(?<!of the )(?<!of a )(video|clip)\b(?! (title|text|description|caption))"
        r".{0,30}(too long|too short|duration)"
        r"|duration .{0,40}(video|second|minute)",
        "The video is too long.",
        "the network does not take a video of that length",
        "Cut the video (docs/networks.md has the limits), and give the post a new time.",
    ),
    _reason(
        r"(text|caption|title|description|tweet|post|status|message|comment)\b.{0,40}"
        r"(too long(?! ago)|too many characters|exceed\w* .{0,30}character)"
        r"|(over|up to|more than|longer than|maximum of|at most) \d[\d,.]* characters"
        r"|character limit",
        "The title of a photo can have up to 90 characters.",
        "a text of the post is too long for the network",
        "Shorten it, and give the post a new time.",
    ),
    _reason(
        r"\bboard\b.{0,40}(not found|missing|required|exist|deleted|select|invalid)"
        r"|(select|choose|missing|invalid|no such|without a) (\w+ )?board\b",
        "Board not found",
        "the board that the post names is gone, or it names none",
        "Name a board that the account has (`plancast profiles` lists them), and give the post a "
        "new time.",
    ),
    _reason(
        r"aspect ratio|(width|height|dimension|resolution)s? .{0,40}(invalid|too|must|unsupported)",
        "The aspect ratio is not supported.",
        "the network does not take the shape or the size of an image or a video",
        "Crop or scale the file (docs/networks.md has the limits), and give the post a new time.",
    ),
    _reason(
        r"(file|image|video|media|photo|picture)\b.{0,40}(too large|too big|size limit|exceeds?)",
        "The video file is too large.",
        "the network does not take a file that large",
        "Make the file smaller (docs/networks.md has the limits), and give the post a new time.",
    ),
    _reason(
        r"unsupported (\w+ )?(media|image|video|file|format|type)"
        r"|(media|image|video|file|format|type)\b.{0,30}(not|un|in)\s?(supported|valid)\b"
        r"|only photo or video can be accepted",
        "The media file type .webp is not supported.",
        "the network does not take a file of that type",
        "Use JPEG or PNG for images and MP4 for videos, and give the post a new time.",
    ),
    _reason(
        r"(requires?|needs?|must (have|include|contain)|at least one).{0,40}"
        r"\b(image|video|photo|media|picture)",
        "Instagram posts require at least one image or video.",
        "the network takes no such post without an image or a video",
        "Add one, and give the post a new time.",
        reported=True,
    ),
    _reason(
        r"(daily|hourly|posting|publishing|rate) limit|limit (\w+ ){0,3}(posts|day|24 hours)"
        r"|too many (posts|requests|actions|tweets)",
        "You have reached the daily limit of posts.",
        "the account had posted too much for the network at that time",
        "Give the post a new time, with fewer others on that day. Its content is fine.",
    ),
    _reason(
        r"\bspam\b|(looks?|might be|seems?|appears?) (to be )?automated"
        r"|automated (behaviou?r|activity|request)",
        "This request looks like it might be automated.",
        "the network took the post for spam",
        "Say it in other words, with fewer links, hashtags and mentions, and give the post a new "
        "time.",
    ),
    _reason(
        r"(internal|temporary|unknown|unexpected|server) (\w+ )?error|service unavailable"
        r"|timed? ?out|try again later",
        "Internal error. Please try again later.",
        "the network or {provider} had a fault of its own",
        "Give the post a new time. Its content is fine.",
    ),
)
"""The reasons, the first that fits counts (docs/failed-posts.md#known-reasons)."""


def explain(error: str, title: str) -> tuple[str, str]:
    """Return what an error means and what to do about it; the error itself and "" if unknown."""
    said = shorten(error, LONGEST)
    # Patterns read what is shown: a provider of another origin may pass on a megabyte.
    for reason in REASONS:
        if reason.pattern.search(said):
            meaning, hint = (
                words.replace("{provider}", title) for words in (reason.meaning, reason.hint)
            )
            return f"{meaning} ({said})", hint
    return said, ""
