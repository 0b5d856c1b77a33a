"""Settings of networks, both ways."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plancast.model.profile import Profile
from plancast.providers.buffer_graphql import metadata
from plancast.providers.buffer_graphql.wire_networks import ROWS
from tests.providers.graphql.wire import ALL, BS, FB, GB, IG, LI, MA, PI, TH, TT, YT, X

URL = "https://acme.example/launch"
START = "2026-12-01T09:00:00+01:00"
END = "2026-12-01T11:00:00Z"
UTC_START = "2026-12-01T08:00:00Z"
Settings = dict[str, str | bool]


def pairs(settings: Settings) -> tuple[tuple[str, str | bool], ...]:
    return tuple(sorted(settings.items()))


YOUTUBE = {
    "privacy": "public",
    "license": "youtube",
    "notifySubscribers": True,
    "embeddable": True,
    "madeForKids": False,
}
NO_DATES = {"startDate": None, "endDate": None, "link": None}


@pytest.mark.parametrize(
    ("profile", "settings", "wire"),
    [
        (FB, {}, {"type": "post"}),
        (FB, {"type": "reel"}, {"type": "reel"}),
        (LI, {}, {}),
        (BS, {}, {}),
        (IG, {}, {"type": "post", "shouldShareToFeed": True}),
        (
            IG,
            {"type": "story", "share_to_feed": False, "link": URL, "ai_generated": True},
            {"type": "story", "shouldShareToFeed": False, "link": URL, "isAiGenerated": True},
        ),
        (X, {"ai_generated": True}, {"isAiGenerated": True}),
        (MA, {"spoiler_text": "The end"}, {"spoilerText": "The end"}),
        (TH, {"topic": "Stages"}, {"topic": "Stages"}),
        (TT, {"title": "T", "ai_generated": False}, {"title": "T", "isAiGenerated": False}),
        (PI, {"board": "b-2"}, {"boardServiceId": "b-2"}),
        (PI, {"board": "Ideas", "title": "T"}, {"boardServiceId": "b-1", "title": "T"}),
        (PI, {"board": "doors", "url": URL}, {"boardServiceId": "b-2", "url": URL}),
        (PI, {"board": "unheard of"}, {"boardServiceId": "unheard of"}),
        (
            YT,
            {"title": "T", "category": "22"},
            {"title": "T", "categoryId": "22", **YOUTUBE},
        ),
        (YT, {"privacy": "unlisted"}, {**YOUTUBE, "privacy": "unlisted"}),
        (
            GB,
            {},
            {
                "type": "whats_new",
                "title": None,
                "detailsWhatsNew": {"button": "none", "link": None},
            },
        ),
        (
            GB,
            {"link": URL},
            {
                "type": "whats_new",
                "title": None,
                "detailsWhatsNew": {"button": "learn_more", "link": URL},
            },
        ),
        (
            GB,
            {"link": URL, "button": "book"},
            {
                "type": "whats_new",
                "title": None,
                "detailsWhatsNew": {"button": "book", "link": URL},
            },
        ),
        (
            GB,
            {"type": "offer", "title": "T", "code": "C", "start": START, "end": END},
            {
                "type": "offer",
                "title": "T",
                "detailsOffer": {
                    "title": "T",
                    "code": "C",
                    "terms": None,
                    "link": None,
                    "startDate": START,
                    "endDate": END,
                },
            },
        ),
        (
            GB,
            {"type": "event", "title": "T", "full_day": True, "link": URL},
            {
                "type": "event",
                "title": "T",
                "detailsEvent": {
                    **NO_DATES,
                    "title": "T",
                    "link": URL,
                    "button": "none",
                    "isFullDayEvent": True,
                },
            },
        ),
        (Profile("p", "substack"), {}, {}),
        (Profile("p", "something new"), {"type": "x"}, {}),
    ],
)
def test_settings_for_the_wire(profile: Profile, settings: Settings, wire: dict[str, Any]) -> None:
    assert metadata.settings_input(pairs(settings), profile) == wire


def test_the_link_of_an_entry_is_the_one_on_the_button() -> None:
    wire = metadata.settings_input((), GB, URL)
    assert wire["detailsWhatsNew"] == {"button": "learn_more", "link": URL}
    parsed = metadata.canonical((), GB, URL)
    assert parsed == metadata.ParsedSettings((), URL)
    booked = metadata.canonical((("button", "book"),), GB, URL)
    assert booked == metadata.ParsedSettings((("button", "book"), ("link", URL)))


@pytest.mark.parametrize(
    ("profile", "held", "wire"),
    [
        (PI, {"board", "title", "url"}, {"title": None, "url": None}),
        (PI, {"title"}, {"title": None}),
        (MA, {"spoiler_text"}, {"spoilerText": None}),
        (X, {"ai_generated"}, {"isAiGenerated": False}),
        (FB, {"type"}, {"type": "post"}),
        (LI, {"type"}, {}),
    ],
)
def test_what_nobody_asks_for_any_more_is_undone(
    profile: Profile, held: set[str], wire: dict[str, Any]
) -> None:
    assert metadata.settings_input((), profile, held=held) == wire


@pytest.mark.parametrize(
    ("kind", "fields", "settings", "button_url"),
    [
        ("FacebookPostMetadata", {"type": "post"}, {}, ""),
        ("FacebookPostMetadata", {"type": "reel"}, {"type": "reel"}, ""),
        ("FacebookPostMetadata", {"type": None}, {}, ""),
        ("LinkedInPostMetadata", {"type": "post"}, {}, ""),
        ("InstagramPostMetadata", {"type": "carousel", "shouldShareToFeed": True}, {}, ""),
        (
            "InstagramPostMetadata",
            {"type": "story", "shouldShareToFeed": False, "link": URL, "isAiGenerated": True},
            {"type": "story", "share_to_feed": False, "link": URL, "ai_generated": True},
            "",
        ),
        ("TwitterPostMetadata", {"type": "post", "isAiGenerated": False}, {}, ""),
        ("MastodonPostMetadata", {"spoilerText": ""}, {}, ""),
        ("MastodonPostMetadata", {"spoilerText": "S"}, {"spoiler_text": "S"}, ""),
        ("ThreadsPostMetadata", {"topic": "T", "type": "thread"}, {"topic": "T"}, ""),
        (
            "PinterestPostMetadata",
            {"board": {"serviceId": "b-1", "name": "Ideas"}, "title": None, "url": URL},
            {"board": "b-1", "url": URL},
            "",
        ),
        ("PinterestPostMetadata", {"board": None}, {}, ""),
        (
            "YoutubePostMetadata",
            {"title": "T", "category": {"categoryId": "22"}, **YOUTUBE},
            {"title": "T", "category": "22"},
            "",
        ),
        (
            "YoutubePostMetadata",
            {"privacy": None, "madeForKids": True},
            {"made_for_kids": True},
            "",
        ),
        (
            "GoogleBusinessPostMetadata",
            {"type": "whats_new", "details": {"button": "none", "link": None}},
            {},
            "",
        ),
        (
            "GoogleBusinessPostMetadata",
            {"type": "whats_new", "details": {"button": "learn_more", "link": URL}},
            {},
            URL,
        ),
        (
            "GoogleBusinessPostMetadata",
            {"type": "whats_new", "details": {"button": "shop", "link": URL}, "title": "T"},
            {"button": "shop", "link": URL, "title": "T"},
            "",
        ),
        (
            "GoogleBusinessPostMetadata",
            {
                "type": "event",
                "title": None,
                "details": {
                    "title": "T",
                    "button": "none",
                    "startDate": "2026-12-01T08:00:00.000Z",
                    "endDate": END,
                    "isFullDayEvent": False,
                },
            },
            {"type": "event", "title": "T", "start": UTC_START, "end": END},
            "",
        ),
        ("GoogleBusinessPostMetadata", {"details": None}, {}, ""),
        ("SubstackPostMetadata", {"type": "post"}, {}, ""),
        ("SomethingNew", {"type": "post"}, {}, ""),
        (None, {}, {}, ""),
    ],
)
def test_settings_from_the_wire(
    kind: str | None, fields: dict[str, Any], settings: Settings, button_url: str
) -> None:
    parsed = metadata.parse_settings({"__typename": kind, **fields})
    assert parsed == metadata.ParsedSettings(pairs(settings), button_url)


@pytest.mark.parametrize(
    ("profile", "asked", "compared"),
    [
        (FB, {"type": "post"}, {}),
        (IG, {"type": "reel", "share_to_feed": True}, {"type": "reel"}),
        (X, {"ai_generated": False}, {}),
        (YT, {"notify_subscribers": False}, {"notify_subscribers": False}),
        (PI, {"board": "ideas", "title": " T "}, {"board": "b-1", "title": "T"}),
        (GB, {"type": "event", "start": START}, {"type": "event", "start": UTC_START}),
        (GB, {"start": "2026-12-01T09:00:00.5Z"}, {"start": "2026-12-01T09:00:00Z"}),
        (
            GB,
            {"start": "someday", "end": "2026-12-01"},
            {"start": "someday", "end": "2026-12-01T00:00:00Z"},
        ),
    ],
)
def test_both_sides_are_compared_in_one_form(
    profile: Profile, asked: Settings, compared: Settings
) -> None:
    assert metadata.canonical(pairs(asked), profile).settings == pairs(compared)


VALUES = st.sampled_from(("post", "reel", "event", "none", "book", "learn_more", URL, "T", True))
KEYS = st.sampled_from(
    sorted(
        {setting.name for row in ROWS.values() for setting in row.settings}
        | {"button", "code", "terms", "start", "end", "full_day"}
    )
)


@given(st.dictionaries(KEYS, VALUES), st.sampled_from(ALL))
def test_the_one_form_stays_as_it_is(settings: Settings, profile: Profile) -> None:
    once = metadata.canonical(pairs(settings), profile)
    assert metadata.canonical(once.settings, profile, once.button_url) == once
