"""Which addresses of media are asked, and what answers mean beyond the table in test_rules.py."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from plancast.lint.media_answers import addresses_to_ask, check_answers
from plancast.lint.media_types import ENDINGS, type_of_answer
from plancast.model.diagnostics import Severity
from plancast.model.entry import Image, Link, QueuePosition, ThreadItem, Video
from plancast.model.media import MediaAnswer, MediaOutcome
from tests.lint.media_rows import DUE, HOST, ROWS
from tests.lint.test_media import CONTEXT, of, wanted

BEFORE = DUE - timedelta(hours=1)
MEGABYTE = 1024 * 1024
PNG, MP4 = f"{HOST}/a.png", f"{HOST}/a.mp4"


def found(item: Any, **answers: MediaAnswer) -> list[tuple[str, Severity]]:
    by_url = dict.fromkeys((PNG, MP4), next(iter(answers.values())))
    return [(one.code, one.severity) for one in check_answers([item], by_url, CONTEXT)]


def there(content_type: str = "", size: int | None = None) -> MediaAnswer:
    return MediaAnswer(MediaOutcome.ANSWERED, 200, content_type, size)


def test_every_place_of_a_post_is_asked_once() -> None:
    one = wanted(
        images=(Image(f"{HOST}/1"), Image(f"{HOST}/2"), Image(file="a.png")),
        thread=(ThreadItem("2", (Image(f"{HOST}/3"),)),),
        link=Link(f"{HOST}/page", thumbnail=f"{HOST}/4"),
    )
    two = wanted(video=Video(f"{HOST}/5"), images=(Image(f"{HOST}/1"),))
    urls = tuple(f"{HOST}/{n}" for n in (1, 2, 3, 4, 5))
    assert sorted(addresses_to_ask([one, two], BEFORE)) == list(urls)


def test_only_posts_that_are_still_to_go_out_are_asked_for() -> None:
    item = wanted(images=(Image(PNG),))
    assert addresses_to_ask([item], DUE - timedelta(seconds=1)) == (PNG,)
    assert addresses_to_ask([item], DUE) == ()
    queued = wanted(images=(Image(PNG),), due_at=None, queue=QueuePosition.NEXT)
    assert addresses_to_ask([queued], DUE + timedelta(days=999)) == (PNG,)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.url)
def test_addresses_that_lead_nowhere_are_not_asked(row: Any) -> None:
    """Of a page that is only supposed, and of a wrong type, the answer says more."""
    leads_nowhere = row.code in ("PC531", "PC532", "PC533") and not row.warned
    asked = addresses_to_ask([wanted(**of(row.url, row.kind))], BEFORE)
    assert asked == (() if leads_nowhere else (row.url,))


def test_a_type_that_some_networks_take_is_a_warning() -> None:
    gif = there("image/gif")
    assert found(wanted("bluesky", images=(Image(PNG),)), gif=gif) == [("PC542", Severity.WARNING)]
    assert found(wanted("twitter", images=(Image(PNG),)), gif=gif) == []


@pytest.mark.parametrize(
    ("service", "megabytes"), [("instagram", 300), ("twitter", 1024), ("youtube", 10_240)]
)
def test_a_video_may_be_as_large_as_its_network_takes(service: str, megabytes: int) -> None:
    item = wanted(service, video=Video(MP4))
    assert found(item, fits=there("video/mp4", megabytes * MEGABYTE)) == []
    larger = there("video/mp4", megabytes * MEGABYTE + 1)
    assert found(item, larger=larger) == [("PC543", Severity.WARNING)]
    assert found(item, page=there("text/html")) == [("PC542", Severity.ERROR)]


def test_of_a_network_whose_size_is_unknown_no_size_is_judged() -> None:
    assert found(wanted("bluesky", video=Video(MP4)), huge=there("", 10**15)) == []


def test_a_thumbnail_that_may_not_be_sent_is_a_warning() -> None:
    gone = MediaAnswer(MediaOutcome.ANSWERED, 404)
    link = Link(HOST, thumbnail=PNG)
    assert found(wanted("linkedin", link=link), gone=gone) == [("PC540", Severity.ERROR)]
    beside = wanted("linkedin", link=link, images=(Image(f"{HOST}/b.png"),))
    assert found(beside, gone=gone) == [("PC540", Severity.WARNING)]


def test_a_problem_of_one_file_on_several_profiles_is_one_problem() -> None:
    gone = MediaAnswer(MediaOutcome.ANSWERED, 404)
    items = [wanted(service, images=(Image(PNG),)) for service in ("twitter", "linkedin")]
    (problem,) = check_answers(items, {PNG: gone}, CONTEXT)
    assert problem.detail == "it answers 404 (also linkedin)"


def test_without_an_answer_nothing_is_said() -> None:
    assert check_answers([wanted(images=(Image(PNG),))], {}, CONTEXT) == ()


@pytest.mark.parametrize(
    ("content_type", "name"),
    [
        ("image/jpeg", "jpeg"),
        ("image/jpg", "jpeg"),
        ("image/webp", "webp"),
        ("image/svg+xml", "svg"),
        ("image/heif", "heic"),
        ("video/mp4", "mp4"),
        ("video/quicktime", "mov"),
        ("text/html", "html"),
        ("application/pdf", "pdf"),
        ("image/x-unknown", ""),
        ("image/mp4", ""),
        ("audio/mp3", ""),
        ("text/plain", ""),
        ("application/octet-stream", ""),
        ("binary/octet-stream", ""),
        ("", ""),
    ],
)
def test_types_of_answers(content_type: str, name: str) -> None:
    found_type = type_of_answer(content_type)
    assert (found_type.name if found_type else "") == name


def test_no_ending_has_two_types() -> None:
    assert len(ENDINGS) > 60
    assert all(ending == ending.lower() for ending in ENDINGS)
