"""Reasons of failed posts in plain words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plancast.reconcile.failure_reasons import LONGEST, REASONS, explain

# what the provider says -> a part of what it means; "" if nothing is known about it
SAID = {
    "Failed to backfill media from URL": "could not fetch an image or a video",
    "The network did not accept it. (failed to backfill MEDIA from url)": "could not fetch",
    "Video could not be read from its URL": "found no video there",
    "Status is a duplicate.": "the same text already",
    "Invalid post: Looks like you've already got this one scheduled.": "the same text already",
    "Whoops, you've posted that one recently.": "the same text already",
    "The connection to this account was lost. Please reconnect it.": "lost its access",
    "Error validating access token: Session has expired": "lost its access",
    "The access token was revoked": "lost its access",
    "Invalid token": "lost its access",
    "The user is not authorized.": "lost its access",
    "The account is suspended.": "locked or suspended",
    "This account is temporarily locked": "locked or suspended",
    "The video is too long.": "a video of that length",
    "The clip in this post is too short": "a video of that length",
    "The title of a photo can have up to 90 characters.": "too long for the network",
    "Status is over 140 characters": "too long for the network",
    "The title of the video is too long": "too long for the network",
    "The video title is too long": "too long for the network",
    "Board not found": "the board",
    "Please select a board": "the board",
    "The aspect ratio is not supported.": "the shape or the size",
    "The video file is too large.": "a file that large",
    "Video file exceeds 1 GB": "a file that large",
    "The media file type .webp is not supported.": "a file of that type",
    "Unsupported image format": "a file of that type",
    "Only photo or video can be accepted as media type.": "a file of that type",
    "Instagram posts require at least one image or video.": "without an image or a video",
    "You have reached the daily limit of posts.": "posted too much",
    "Application request limit of posts reached: too many posts": "posted too much",
    "This request looks like it might be automated.": "took the post for spam",
    "Internal error. Please try again later.": "a fault of its own",
    "": "",
    "The network did not accept this post.": "",
    "media": "",
    "A board of directors": "",
    "duplicates": "",
    "The post is from too long ago": "",
    "video upload failed": "",
}


@pytest.mark.parametrize(("error", "words"), SAID.items())
def test_a_known_reason_is_explained_with_what_to_do(error: str, words: str) -> None:
    meaning, hint = explain(error, "Buffer")
    assert "{" not in meaning + hint
    if not words:
        assert (meaning, hint) == (error, "")
        return
    assert words in meaning
    assert meaning.endswith(f"({error})"), "what was said stays there, to search for it"
    assert hint.endswith(".")


@pytest.mark.parametrize("reason", REASONS, ids=lambda reason: reason.words)
def test_the_example_of_each_reason_is_explained_by_it(reason: object) -> None:
    (found,) = {one for one in REASONS if one is reason}
    first = next(one for one in REASONS if one.pattern.search(found.words))
    assert first is found
    assert SAID.get(found.words), "each has a row above"


@given(st.text(max_size=50), st.integers(0, 300))
def test_whatever_was_said_is_short_in_the_end(word: str, times: int) -> None:
    meaning, _ = explain(word * times, "Buffer")
    longest = max(len(reason.meaning) for reason in REASONS)
    # The length of what is left out takes some characters as well.
    assert len(meaning) <= LONGEST + longest + 40
