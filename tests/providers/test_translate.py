"""Between the wire's words and ours, row by row."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plancast.model.entry import Entry, Image, Link, LiveStatus, QueuePosition
from plancast.model.limits import Counting, NetworkLimits
from plancast.model.profile import Account, Profile
from plancast.providers.buffer_features import WITHOUT_CARDS
from plancast.providers.buffer_v1 import translate
from tests.providers.wire import FB, LI, X, update

AT = datetime(2026, 12, 1, 8, 30, tzinfo=UTC)
UNIX = str(int(AT.timestamp()))
URL = "https://acme.example/launch"
PICTURE = "https://acme.example/a.png"
OTHER = "https://acme.example/b.png"


# -- reading -------------------------------------------------------------------------------------


def test_an_account_may_have_neither_name_nor_zone() -> None:
    assert translate.account({"id": "u"}) == Account("u", timezone="UTC")
    payload = {"_id": "u", "name": "Acme", "timezone": "Europe/Berlin", "plan": "small"}
    assert translate.account(payload) == Account("u", "Acme", "Europe/Berlin", "small")


@pytest.mark.parametrize(
    ("wire", "profile"),
    [
        ({"id": "p", "service": "twitter"}, Profile("p", "twitter")),
        (
            {"id": "p", "service": "twitter", "service_id": 717, "service_username": ""},
            Profile("p", "twitter", service_id="717"),
        ),
        (
            {"id": "p", "service": "facebook", "formatted_username": "@Acme", "timezone": None},
            Profile("p", "facebook", username="Acme"),
        ),
        (
            {"_id": "q", "id": "p", "service": "linkedin", "disconnected": True, "paused": True},
            Profile("p", "linkedin", disconnected=True, paused=True),
        ),
        (
            {"id": "p", "service": "google", "disconnected": None, "statistics": []},
            Profile("p", "google"),
        ),
    ],
)
def test_profiles(wire: dict[str, object], profile: Profile) -> None:
    assert translate.profile(wire) == profile


@pytest.mark.parametrize(
    ("fields", "entry"),
    [
        ({}, Entry("hello")),
        ({"text": None}, Entry("")),
        ({"scheduled_at": int(UNIX)}, Entry("hello", AT)),
        ({"scheduled_at": UNIX}, Entry("hello", AT)),
        ({"scheduled_at": 0}, Entry("hello")),
        ({"scheduled_at": int(UNIX), "pinned": True}, Entry("hello")),
        ({"media": []}, Entry("hello")),
        ({"media": {"picture": PICTURE}}, Entry("hello", images=(Image(PICTURE),))),
        ({"media": {"photo": PICTURE}}, Entry("hello", images=(Image(PICTURE),))),
        (
            {"media": {"picture": PICTURE, "alt_text": "A"}, "extra_media": [{"photo": OTHER}]},
            Entry("hello", images=(Image(PICTURE, "A"), Image(OTHER))),
        ),
        (
            {"media": {"picture": PICTURE}, "extra_media": {"1": {"picture": OTHER}}},
            Entry("hello", images=(Image(PICTURE), Image(OTHER))),
        ),
        ({"media": {"video": {"id": 1}}, "extra_media": ["x", None, {}]}, Entry("hello")),
        ({"retweet": {"comment": "x"}, "type": "retweet"}, Entry("hello")),
        # With a link beside it in the documentation, within it in recordings.
        ({"text": f"hello {URL}", "media": {"link": URL}}, Entry(f"hello {URL}")),
        # Whether a client appended it or not: on a network without cards it is one entry.
        ({"media": {"link": URL}}, Entry(f"hello {URL}")),
        (
            {
                "profile_service": "facebook",
                "text": f"hello {URL}",
                "media": {"link": URL, "title": "T", "description": "D", "preview": PICTURE},
            },
            Entry(f"hello {URL}", link=Link(URL, "T", "D", PICTURE)),
        ),
        (
            {"profile_service": "facebook", "media": {"link": URL, "picture": PICTURE}},
            Entry("hello", link=Link(URL, thumbnail=PICTURE)),
        ),
    ],
)
def test_entries(fields: dict[str, object], entry: Entry) -> None:
    assert translate.live(update("1", X, **fields)).entry == entry


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("buffer", LiveStatus.SCHEDULED),
        ("error", LiveStatus.FAILED),
        ("sent", LiveStatus.PUBLISHED),
        ("service", LiveStatus.PUBLISHED),
        ("service_reply", LiveStatus.PUBLISHED),
        ("notified", LiveStatus.PUBLISHED),
        ("something new", LiveStatus.SCHEDULED),
    ],
)
def test_statuses(status: str, expected: LiveStatus) -> None:
    assert translate.live(update("1", status=status)).status is expected


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        (int(UNIX), AT),
        (UNIX, AT),
        (0, None),
        (-1, None),
        (None, None),
        (True, None),
        ("-", None),
        (1.5, None),
        (10**30, None),
        ("9" * 5000, None),
        (253_402_300_799, None),
        (221_845_391_999, datetime(8999, 12, 31, 23, 59, 59, tzinfo=UTC)),
        (221_845_392_000, None),
    ],
)
def test_times(value: object, moment: datetime | None) -> None:
    assert translate.live(update("1", due_at=value)).due_at == moment


def test_an_id_tells_when_it_was_made() -> None:
    made = datetime(2016, 3, 1, 12, 29, 53, tzinfo=UTC)
    assert translate.live(update("56d58b4131b2c21e1e0c5b6d")).created_at == made
    assert translate.live(update("1")).created_at is None
    live = translate.live(update("56d58b4131b2c21e1e0c5b6d", created_at=int(UNIX)))
    assert live.created_at == AT


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("no", "no"),
        ({"text": "no", "link": "x"}, "no"),
        (None, ""),
        ([], ""),
        ("<b>no</b>\x07", "no"),
    ],
)
def test_what_the_network_said(error: object, words: str) -> None:
    assert translate.live(update("1", status="error", error=error)).error == words


def test_the_rest_of_an_update() -> None:
    live = translate.live(
        update(
            "1",
            text_md5="0b42",
            service_link="https://x.example/1",
            sent_at=int(UNIX),
            statistics={"clicks": 3, "reach": "many", "ok": True},
        )
    )
    assert (live.fingerprint, live.link, live.sent_at) == ("0b42", "https://x.example/1", AT)
    assert live.statistics == {"clicks": 3}
    assert translate.live(update("1", statistics=[])).statistics == {}


@pytest.mark.parametrize(
    "wire", [{}, {"id": ""}, {"id": None, "profile_id": "p"}, {"id": {"$id": "x"}}, {"id": "1"}]
)
def test_what_nobody_can_identify_is_unreadable(wire: dict[str, object]) -> None:
    with pytest.raises(translate.V1Unreadable):
        translate.live(wire)


def test_an_update_of_a_list_belongs_to_the_profile_of_the_list() -> None:
    assert translate.live({"id": "1"}, "p").profile_id == "p"
    assert translate.live(update("1"), "p").profile_id == X.id


@pytest.mark.parametrize(
    ("url", "hosted"),
    [
        ("https://buffer-pictures.s3.amazonaws.com/4888.73520.png", True),
        ("https://buffer-media-uploads.s3.amazonaws.com/x.jpg", True),
        ("https://buffer-uploads.s3.eu-west-1.amazonaws.com/x.jpg", True),
        ("https://s3.amazonaws.com/buffer-ps/x.jpg", True),
        ("https://s3.amazonaws.com/others/x.jpg", False),
        ("https://buffer-pictures.s3.amazonaws.com.evil.example/x.png", False),
        ("https://evil.example/buffer-pictures.s3.amazonaws.com/x.png", False),
        (PICTURE, False),
    ],
)
def test_copies_are_told_from_originals(url: str, hosted: bool) -> None:
    (image,) = translate.live(update("1", media={"picture": url})).entry.images
    assert image.hosted is hosted


def test_limits() -> None:
    by_service = translate.limits(
        {
            "services": {
                "twitter": {
                    "types": {"profile": {"character_limit": 280, "link_attachments": False}}
                },
                "linkedin": {
                    "types": {
                        "group": {"character_limit": 200, "link_attachments": True},
                        "profile": {"character_limit": 3000, "link_attachments": True},
                    }
                },
                "odd": {"types": []},
                "odder": [],
                "a number": {"types": 1.5},
                "a text": {"types": "profile"},
                "true": {"types": True},
                "no limits": {"types": {"a": 1.5, "b": {"character_limit": 1.5}}},
                "limits beyond all use": {
                    "types": {"a": {"character_limit": True}, "b": {"character_limit": 10**30}}
                },
            }
        }
    )
    assert by_service == {
        "twitter": NetworkLimits(280, Counting.TWITTER, link_in_text=True),
        "linkedin": NetworkLimits(3000),
    }
    assert translate.limits({"services": []}) == {}


@pytest.mark.parametrize("service", sorted(WITHOUT_CARDS))
@pytest.mark.parametrize("beside", [True, False])
def test_a_link_that_came_beside_the_text_reads_as_expected(service: str, *, beside: bool) -> None:
    profile = Profile("p", service)
    asked = Entry("hello", link=Link(URL))
    content = {"text": "hello", "media": {"link": URL}} if beside else {"text": f"hello {URL}"}
    seen = translate.live(update("1", profile, **content))
    assert seen.entry == translate.expected(asked, profile)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)
NAMES = st.sampled_from(
    (
        *("id", "_id", "profile_id", "profile_service", "text", "media", "extra_media", "due_at"),
        *("scheduled_at", "sent_at", "created_at", "status", "error", "statistics", "text_md5"),
    )
)


@given(st.dictionaries(NAMES, JSON))
def test_no_update_is_too_odd(wire: dict[str, object]) -> None:
    try:
        live = translate.live(wire)
    except translate.V1Unreadable:
        return
    assert live.id
    assert live.profile_id


# -- what reads back -----------------------------------------------------------------------------


CARD = Link(URL, "T", "D", OTHER)


@pytest.mark.parametrize(
    ("entry", "profile", "seen"),
    [
        (Entry(" a \n"), X, Entry("a")),
        (Entry("a", AT, shorten=True, link_card=False), X, Entry("a", AT)),
        (Entry("a", queue=QueuePosition.TOP), FB, Entry("a")),
        # The link of a network without cards ends its text.
        (Entry("a", link=Link(URL)), X, Entry(f"a {URL}")),
        (Entry("", link=Link(URL)), X, Entry(URL)),
        (Entry("a\n", link=Link(URL)), X, Entry(f"a\n {URL}")),
        (Entry(f"see {URL} now", link=Link(URL)), X, Entry(f"see {URL} now")),
        (
            Entry("a", link=Link(URL), images=(Image(PICTURE, "A"),)),
            X,
            Entry(f"a {URL}", images=(Image(PICTURE),)),
        ),
        (Entry("a", link=CARD), X, Entry(f"a {URL}", images=(Image(OTHER),))),
        # Elsewhere it makes a card, and drops the pictures.
        (Entry("a", link=CARD), FB, Entry("a", link=CARD)),
        (Entry("a", link=Link(URL), images=(Image(PICTURE),)), LI, Entry("a", link=Link(URL))),
        (Entry("a", images=(Image(PICTURE, "A"),)), FB, Entry("a", images=(Image(PICTURE),))),
        # So does one in the text, unless there are pictures or the entry wants no card.
        (Entry(f"a {URL}."), FB, Entry(f"a {URL}.", link=Link(URL))),
        (Entry(f"a {URL}", link_card=False), FB, Entry(f"a {URL}")),
        (
            Entry(f"a {URL}", images=(Image(PICTURE),)),
            FB,
            Entry(f"a {URL}", images=(Image(PICTURE),)),
        ),
        (Entry(f"a {URL}"), X, Entry(f"a {URL}")),
    ],
)
def test_expected(entry: Entry, profile: Profile, seen: Entry) -> None:
    assert translate.expected(entry, profile) == seen
