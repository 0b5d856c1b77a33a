"""Media by what their addresses say; the rows of the table are those of the sandbox as well."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plancast.lint.base import LintContext
from plancast.lint.media import fetched_from_the_web, media_of
from plancast.lint.media_addresses import MediaAddress
from plancast.lint.media_expiry import Expiry, expiry
from plancast.lint.media_pages import page
from plancast.model.diagnostics import Diagnostic, Pointer, Severity
from plancast.model.entry import Address, Entry, Image, Link, QueuePosition, ThreadItem, Video
from plancast.model.features import Features
from plancast.model.media import MediaKind
from plancast.model.profile import Profile
from plancast.model.workspace import Desired, Policy
from plancast.networks.registry import LIMITS
from tests.lint.media_rows import DUE, HOST, ROWS, Row

CONTEXT = LintContext(Policy(), LIMITS, Features(title="Buffer"))


def wanted(service: str = "twitter", **fields: Any) -> Desired:
    entry = Entry(**{"text": "One.", "due_at": DUE, **fields})
    return Desired(Address("a", service), Profile("p", service), entry, Pointer("a.yaml"))


def of(url: str, kind: str = "image") -> dict[str, Any]:
    return {"images": (Image(url),)} if kind == "image" else {"video": Video(url)}


def problems(item: Desired, context: LintContext = CONTEXT) -> list[Diagnostic]:
    return list(fetched_from_the_web(item, context))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.url)
def test_the_verdict_on_an_address(row: Row) -> None:
    found = problems(wanted(**of(row.url, row.kind)))
    assert [one.code for one in found if one.code != "PC534"] == ([row.code] if row.code else [])
    if row.code:
        severity = Severity.WARNING if row.warned else Severity.ERROR
        assert found[0].severity is severity
        assert found[0].hint


PLACES: list[tuple[dict[str, Any], tuple[str | int, ...], Severity]] = [
    (
        {"images": (Image(f"{HOST}/a.png"), Image("https://nas/a.png"))},
        ("images", 1),
        Severity.ERROR,
    ),
    (
        {"thread": (ThreadItem("2"), ThreadItem("3", (Image("https://nas/a.png"),)))},
        ("thread", 1, "images", 0),
        Severity.ERROR,
    ),
    (
        {"thread": (ThreadItem("2", (), Link(HOST, thumbnail="https://nas/a.png")),)},
        ("thread", 0, "link", "thumbnail"),
        Severity.ERROR,
    ),
    ({"video": Video("https://nas/a.mp4")}, ("video",), Severity.ERROR),
    ({"link": Link(HOST, thumbnail="https://nas/a.png")}, ("link", "thumbnail"), Severity.ERROR),
    (
        {"link": Link(HOST, thumbnail="https://nas/a.png"), "images": (Image(f"{HOST}/a.png"),)},
        ("link", "thumbnail"),
        Severity.WARNING,
    ),
]


@pytest.mark.parametrize(("fields", "path", "severity"), PLACES)
def test_every_place_of_a_post_is_seen(
    fields: dict[str, Any], path: tuple[str | int, ...], severity: Severity
) -> None:
    (found,) = problems(wanted(**fields))
    assert found.at == Pointer("a.yaml", 0, path)
    assert (found.code, found.severity) == ("PC533", severity)


def test_a_file_and_a_provider_that_takes_files_are_left_alone() -> None:
    assert problems(wanted(images=(Image(file="a.webp"),))) == []
    hidden = wanted(images=(Image("https://nas/a.webp"),))
    assert problems(hidden, replace(CONTEXT, public_media_only=False)) == []


def test_kinds_are_those_of_the_places() -> None:
    item = wanted(images=(Image(HOST),), video=Video(HOST), link=Link(HOST, thumbnail=HOST))
    kinds = [one.kind for one in media_of(item)]
    assert kinds == [MediaKind.IMAGE, MediaKind.VIDEO, MediaKind.IMAGE]


GIF = {"twitter", "facebook", "linkedin", "instagram", "mastodon", "pinterest"}
"""Networks for which Buffer's page names GIF."""


@pytest.mark.parametrize("service", LIMITS)
def test_gif_is_taken_for_some_networks_and_uncertain_for_the_others(service: str) -> None:
    found = problems(wanted(service, images=(Image(f"{HOST}/a.gif"),)))
    assert [one.severity for one in found] == ([] if service in GIF else [Severity.WARNING])


VIDEOS = {
    **{name: {"mp4", "mov", "avi", "m4v"} for name in ("facebook", "linkedin", "twitter")},
    "instagram": {"mp4", "mov"},
    "tiktok": {"mp4", "mov", "webm"},
    "youtube": {"mp4", "mov", "mpg", "avi", "webm"},
}


@pytest.mark.parametrize("service", LIMITS)
@pytest.mark.parametrize("ending", ["mp4", "mov", "avi", "m4v", "webm", "mpg", "mkv"])
def test_types_of_videos_are_warnings(service: str, ending: str) -> None:
    found = problems(wanted(service, video=Video(f"{HOST}/a.{ending}")))
    taken = VIDEOS.get(service)
    expected = [] if taken is None or ending in taken else [Severity.WARNING]
    assert [one.severity for one in found] == expected


def test_of_an_unknown_network_no_type_is_judged_but_what_is_no_image() -> None:
    assert problems(wanted("tumblr", images=(Image(f"{HOST}/a.webp"),))) == []
    (found,) = problems(wanted("tumblr", images=(Image(f"{HOST}/a.txt"),)))
    assert found.detail == "TEXT file as an image"


PROPOSALS = {
    "https://github.com/acme/posts/blob/main/img/a%20b.png": (
        "https://raw.githubusercontent.com/acme/posts/main/img/a%20b.png"
    ),
    "https://gist.github.com/acme/0123abcdef": "https://gist.githubusercontent.com/acme/0123abcdef/raw",
    "https://github.acme.example/o/r/blob/main/a.png": "https://github.acme.example/o/r/raw/main/a.png",
    "https://gitlab.com/a/b/c/-/blob/main/a.png?ref_type=heads": (
        "https://gitlab.com/a/b/c/-/raw/main/a.png"
    ),
    "https://gitlab.com/a/b/blob/main/a.png": "https://gitlab.com/a/b/-/raw/main/a.png",
    "https://bitbucket.org/a/b/src/main/x/a.png": "https://bitbucket.org/a/b/raw/main/x/a.png",
    "https://codeberg.org/a/b/src/branch/main/a.png": (
        "https://codeberg.org/a/b/raw/branch/main/a.png"
    ),
    "https://git.sr.ht/~a/b/tree/main/item/x/a.png": "https://git.sr.ht/~a/b/blob/main/x/a.png",
    "https://www.dropbox.com/s/abc/a.png?dl=0": "https://www.dropbox.com/s/abc/a.png?raw=1",
    "https://www.dropbox.com/scl/fi/a/a.png?rlkey=x&dl=0#p": (
        "https://www.dropbox.com/scl/fi/a/a.png?rlkey=x&raw=1"
    ),
    "https://dev.azure.com/a/b/_git/c?path=/a.png": "",
    "https://drive.google.com/file/d/1/view": "",
}


@pytest.mark.parametrize(("url", "direct"), PROPOSALS.items())
def test_the_address_of_the_file_is_proposed_and_is_no_page(url: str, direct: str) -> None:
    address = MediaAddress.parse(url)
    assert address
    found = page(address)
    assert found
    assert found.direct == direct
    (shown,) = problems(wanted(images=(Image(url),)))
    assert (direct in shown.hint) if direct else shown.hint
    if direct:
        assert problems(wanted(images=(Image(direct),))) == []


def end_of(url: str) -> Expiry | None:
    address = MediaAddress.parse(url)
    assert address
    return expiry(address)


@pytest.mark.parametrize(
    ("url", "service"),
    [
        ("https://cdn.discordapp.com/attachments/1/2/a.png?ex=692d5400&is=1&hm=2", "Discord"),
        ("https://scontent.xx.fbcdn.net/v/a.jpg?oe=692d5400&oh=1", "Meta"),
        ("https://scontent.cdninstagram.com/v/a.jpg?oe=692D5400", "Meta"),
        (f"{HOST}/a.png?hdnts=st=1~exp=1764578304~acl=/*~hmac=ab", "Akamai"),
        (f"{HOST}/a.png?Expires=1764578304&KeyName=k&Signature=ab", "its host"),
        (f"{HOST}/a.png?AWSAccessKeyId=A&Expires=1764578304&Signature=ab", "its host"),
        (f"{HOST}/a.png?se=2025-12-01T08%3A38%3A24Z&sp=r&sig=ab", "Azure"),
        (f"{HOST}/a.png?X-Amz-Date=20251201T083824Z&X-Amz-Expires=0", "AWS"),
    ],
)
def test_moments_are_read_as_each_service_writes_them(url: str, service: str) -> None:
    assert end_of(url) == Expiry(service, datetime(2025, 12, 1, 8, 38, 24, tzinfo=UTC))


@pytest.mark.parametrize(
    "url",
    [
        "https://raw.githubusercontent.com/acme/posts/main/a.png?token=ABC",
        "https://private-user-images.githubusercontent.com/1/2.png?jwt=ey",
    ],
)
def test_tokens_end_at_a_moment_that_is_not_known(url: str) -> None:
    assert end_of(url) == Expiry("GitHub")
    (found,) = problems(wanted(images=(Image(url),)))
    assert (found.code, found.severity) == ("PC536", Severity.WARNING)


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(-1, "PC535"), (0, "PC535"), (1, "PC536"), (3599, "PC536"), (3600, ""), (90_000, "")],
)
def test_the_end_is_compared_with_the_time_of_the_post(seconds: int, code: str) -> None:
    end = int((DUE + timedelta(seconds=seconds)).timestamp())
    item = wanted(images=(Image(f"{HOST}/a.png?Expires={end}&Signature=ab"),))
    assert [one.code for one in problems(item)] == ([code] if code else [])


def test_in_the_queue_every_end_is_a_warning() -> None:
    url = f"{HOST}/a.png?Expires=1900000000&Signature=ab"
    item = wanted(images=(Image(url),), due_at=None, queue=QueuePosition.NEXT)
    (found,) = problems(item)
    assert (found.code, found.severity) == ("PC536", Severity.WARNING)
    assert "the queue decides" in found.detail


def test_a_page_that_is_only_supposed_does_not_hide_a_wrong_type() -> None:
    url = "https://git.acme.example/o/r/-/blob/main/a.webp"
    found = problems(wanted(images=(Image(url),)))
    assert [(one.code, one.severity) for one in found] == [
        ("PC531", Severity.WARNING),
        ("PC530", Severity.ERROR),
    ]


def test_a_password_in_an_address_is_a_warning_that_does_not_show_it() -> None:
    (found,) = problems(wanted(images=(Image("https://me:word@acme.example/a.png"),)))
    assert (found.code, found.severity) == ("PC534", Severity.WARNING)
    assert "word" not in found.detail


PIECES = st.sampled_from(
    [
        *("https://", "http://", "a.example", "localhost", "/", "\\", "?", "#", "@", ":", "[", "]"),
        *("%", "%ff", "%e0%a4", "&", "=", "Expires=", "se=", "sig=", "X-Amz-Date=", "9" * 40, "-1"),
        *("X-Amz-Expires=", "0x", ".png", "github.com/a/b/blob/", "dropbox.com/s/", "[::1%25eth0]"),
        *("\u0661", "\u00e4", "\udcff"),
    ]
)


@given(st.lists(PIECES, max_size=12).map("".join))
def test_no_address_breaks_the_rules(rest: str) -> None:
    for found in problems(wanted(images=(Image(f"https://{rest}"),))):
        assert found.code


@pytest.mark.parametrize("host", ["9" * 5000, f"1.{'9' * 5000}", "0x" + "f" * 5000, "0" * 5000])
def test_a_host_of_many_digits_is_a_name_or_an_address(host: str) -> None:
    address = MediaAddress.parse(f"https://{host}/a.png")
    assert address is not None
    assert address.is_private is not host.startswith("1.")


def test_an_end_before_the_calendar_is_none() -> None:
    url = f"{HOST}/a.png?se=0001-01-01T00%3A00%3A00%2B23%3A59&sig=ab"
    assert problems(wanted(images=(Image(url),))) == []
