"""A text and its media, as each network shows them."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from plancast.sandbox.services import SERVICES
from plancast.sandbox.text import first_link, formatted, short_link
from tests.sandbox.sandbox_client import (
    BLUESKY,
    FACEBOOK,
    INSTAGRAM,
    LINKEDIN,
    MASTODON,
    TWITTER,
    SandboxClient,
    ok,
    refusal,
)

PAGE = "https://acme.example/two-years"
PHOTO = "https://acme.example/photo.jpg"
CARD = {
    "link": PAGE,
    "title": "Two years",
    "description": "A page of acme.example.",
    "expanded_link": PAGE,
    "preview": "https://acme.example/preview.png",
}


@pytest.mark.parametrize(
    ("profile", "sent", "text", "media", "kind"),
    [
        # text alone
        (TWITTER, {"text": "  Hi \n"}, "Hi", None, "text"),
        (FACEBOOK, {"text": "Hi"}, "Hi", None, "text"),
        # a link: a card, or appended
        (TWITTER, {"text": "Hi", "media": {"link": PAGE}}, f"Hi {PAGE}", None, "link"),
        (TWITTER, {"text": "", "media": {"link": PAGE}}, PAGE, None, "link"),
        (TWITTER, {"text": f"{PAGE} hi", "media": {"link": PAGE}}, f"{PAGE} hi", None, "link"),
        (MASTODON, {"text": "Hi", "media": {"link": PAGE}}, f"Hi {PAGE}", None, "link"),
        (BLUESKY, {"text": "Hi", "media": {"link": PAGE}}, f"Hi {PAGE}", None, "link"),
        (FACEBOOK, {"text": "Hi", "media": {"link": PAGE}}, "Hi", CARD, "link"),
        (LINKEDIN, {"text": "", "media": {"link": PAGE}}, "", CARD, "link"),
        (
            FACEBOOK,
            {"text": "Hi", "media": {"link": PAGE, "title": "T", "description": "D"}},
            "Hi",
            {**CARD, "title": "T", "description": "D"},
            "link",
        ),
        # a link in the text, and nothing else
        (FACEBOOK, {"text": f"See {PAGE}."}, f"See {PAGE}.", CARD, "link"),
        (FACEBOOK, {"text": f"See {PAGE}", "attachment": "false"}, f"See {PAGE}", None, "link"),
        (TWITTER, {"text": f"See {PAGE}"}, f"See {PAGE}", None, "link"),
        # photos
        (TWITTER, {"text": "Hi", "media": {"photo": PHOTO}}, "Hi", {"picture": PHOTO}, "picture"),
        (LINKEDIN, {"text": "x", "media": {"picture": PHOTO}}, "x", {"picture": PHOTO}, "picture"),
        (
            FACEBOOK,
            {"text": f"Hi {PAGE}", "media": {"photo": PHOTO, "thumbnail": PHOTO, "id": "7"}},
            f"Hi {PAGE}",
            {"picture": PHOTO, "thumbnail": PHOTO},
            "picture",
        ),
        (
            INSTAGRAM,
            {"text": "", "media": {"photo": PHOTO, "alt_text": "A stage"}},
            "",
            {"picture": PHOTO, "alt_text": "A stage"},
            "picture",
        ),
        # both
        (
            TWITTER,
            {"text": "Hi", "media": {"link": PAGE, "photo": PHOTO}},
            f"Hi {PAGE}",
            {"picture": PHOTO},
            "picture",
        ),
        (FACEBOOK, {"text": "Hi", "media": {"link": PAGE, "photo": PHOTO}}, "Hi", CARD, "link"),
        (
            FACEBOOK,
            {"text": "Hi", "media": {"link": PAGE, "picture": PHOTO}},
            "Hi",
            {**CARD, "picture": PHOTO},
            "link",
        ),
        # parts that no network can use
        (FACEBOOK, {"text": "Hi", "media": {"title": "T"}}, "Hi", None, "text"),
        # a text of Facebook's own
        (FACEBOOK, {"text": "Hi", "fb_text": "Dear all"}, "Dear all", None, "text"),
        (TWITTER, {"text": "Hi", "fb_text": "Dear all"}, "Hi", None, "text"),
    ],
)  # fmt: skip
def test_rewriting(
    profile: str, sent: dict[str, object], text: str, media: dict[str, str] | None, kind: str
) -> None:
    item = SandboxClient().one(profile, **sent)
    assert (item["text"], item.get("media"), item["type"]) == (text, media, kind)


def test_a_card_can_take_its_link_out_of_the_text() -> None:
    sandbox = SandboxClient(strip_card_url=True)
    item = sandbox.one(FACEBOOK, text=f"Look: {PAGE} now")
    assert (item["text"], item["media"]["link"]) == ("Look: now", PAGE)


def test_extra_media_read_back_as_photos() -> None:
    extra = [{"photo": PHOTO, "alt_text": "One"}, {"picture": PHOTO + "?2", "thumbnail": PHOTO}]
    item = SandboxClient().one(TWITTER, media={"photo": PHOTO}, extra_media=extra)
    assert item["extra_media"] == [
        {"photo": PHOTO, "alt_text": "One"},
        {"photo": PHOTO + "?2", "thumbnail": PHOTO},
    ]
    card = SandboxClient().one(FACEBOOK, media={"link": PAGE}, extra_media=extra)
    assert "extra_media" not in card
    photos = SandboxClient().one(FACEBOOK, text=f"No card {PAGE}", extra_media=extra)
    assert "media" not in photos
    assert photos["type"] == "picture"


def test_pictures_can_be_hosted_anew() -> None:
    item = SandboxClient(rehost_images=True).one(TWITTER, media={"photo": PHOTO})
    assert set(item["media"]) == {"picture", "thumbnail"}
    assert all(u.startswith("https://buffer-pictures.s3.") for u in item["media"].values())
    assert item["media"]["thumbnail"].endswith(".100x100.jpg")


def test_links_are_shortened_unless_the_caller_or_the_profile_says_no() -> None:
    sandbox = SandboxClient()
    text = f"Read {PAGE}, and {PAGE}?x=1."
    first = sandbox.one(TWITTER, text=text, shorten="true")["text"]
    short, shorter = short_link(PAGE, TWITTER), short_link(f"{PAGE}?x=1", TWITTER)
    assert first == f"Read {short}, and {shorter}."
    assert short.startswith("https://buff.ly/")
    assert len(short) == len("https://buff.ly/") + 7
    assert short != short_link(PAGE, FACEBOOK)
    again = sandbox.one(TWITTER, text=f"Again {short}", shorten="true")["text"]
    assert again == f"Again {short}"
    assert sandbox.one(TWITTER, text=f"No {PAGE}", shorten="false")["text"] == f"No {PAGE}"
    sandbox.world.set_profile(TWITTER, shortens=False)
    assert sandbox.one(TWITTER, text=f"Off {PAGE}", shorten="true")["text"] == f"Off {PAGE}"


def test_cards_keep_their_long_link() -> None:
    item = SandboxClient().one(FACEBOOK, text=f"See {PAGE}", shorten="true")
    assert item["media"]["link"] == PAGE
    assert PAGE not in item["text"]


def test_text_md5_is_that_of_the_text_before_trimming_and_shortening() -> None:
    def digest(text: str) -> str:
        return hashlib.md5(text.encode()).hexdigest()

    sandbox = SandboxClient()
    plain = sandbox.one(TWITTER, text=f" Höhe {PAGE} ", shorten="true")
    assert plain["text_md5"] == digest(f" Höhe {PAGE} ")
    tweet, card = sandbox.create(TWITTER, FACEBOOK, text="", media={"link": PAGE})
    # the service hands the digest of one profile on to the next that has no text
    assert tweet["text_md5"] == card["text_md5"] == digest(f" {PAGE}")
    assert sandbox.one(LINKEDIN, text="", media={"link": PAGE})["text_md5"] == digest("")


def test_retweets_are_for_twitter() -> None:
    retweet = {"tweet_id": "123", "comment": "So true"}
    tweet, post = SandboxClient().create(TWITTER, LINKEDIN, text="So true", retweet=retweet)
    assert (tweet["type"], tweet["retweet"], tweet["retweeted_tweet_id"]) == (
        "retweet",
        retweet,
        "123",
    )
    assert (post["type"], "retweet" in post) == ("text", False)


@pytest.mark.parametrize(
    ("profile", "sent", "code"),
    [
        (TWITTER, {"text": ""}, 1004),
        (TWITTER, {"text": "   "}, 1004),
        (LINKEDIN, {"text": "", "retweet": {"tweet_id": "1"}}, 1004),
        (INSTAGRAM, {"text": "No photo"}, 1004),
        (INSTAGRAM, {"text": "A link", "media": {"link": PAGE}}, 1004),
        (TWITTER, {"text": "x" * 281}, 1004),
        (BLUESKY, {"text": "x" * 280 + " " + PAGE}, 1004),
        (TWITTER, {"media": {"photo": "photo.jpg"}}, 1003),
        (TWITTER, {"media": {"photo": "ftp://acme.example/a.png"}}, 1003),
        (TWITTER, {"media": {"photo": "http://127.0.0.1/a.png"}}, 1003),
        (TWITTER, {"media": {"photo": "http://[bad/a.png"}}, 1003),
        (TWITTER, {"extra_media": [{"photo": "https://printer.local/a.png"}]}, 1003),
        (TWITTER, {"media": {"photo": "https://acme.example/a.svg"}}, 1030),
    ],
)
def test_refused(profile: str, sent: dict[str, object], code: int) -> None:
    sandbox = SandboxClient()
    sent = {"text": "Hi", **sent}
    answer = sandbox.post("updates/create.json", profile_ids=[profile], **sent)
    assert refusal(answer) == (400, code)
    assert sandbox.world.snapshot() == ()


@pytest.mark.parametrize(
    ("profile", "text"),
    [
        (TWITTER, "x" * 280),
        (TWITTER, "x" * 256 + " https://acme.com/" + "y" * 200),
        (MASTODON, "x" * 476 + " https://acme.com/" + "y" * 200),
        (FACEBOOK, "x" * 5000),
    ],
)
def test_as_long_as_allowed(profile: str, text: str) -> None:
    assert SandboxClient().one(profile, text=text)["text"] == text


def test_limits_and_image_checks_are_settings() -> None:
    sandbox = SandboxClient(character_limits={"twitter": 5}, check_images=False)
    answer = sandbox.post("updates/create.json", profile_ids=[TWITTER], text="longer")
    assert refusal(answer) == (400, 1004)
    body = ok(sandbox.get("info/configuration.json"))
    assert body["services"]["twitter"]["types"]["profile"]["character_limit"] == 5
    item = sandbox.one(TWITTER, text="fine", media={"photo": "http://localhost/a.svg"})
    assert item["media"] == {"picture": "http://localhost/a.svg"}


def _anchor(url: str) -> str:
    return f'<a class="url" href="{url}" rel="external nofollow" target="_blank">{url}</a>'


@pytest.mark.parametrize(
    ("service", "text", "expected"),
    [
        ("twitter", "a < b & c", "a &lt; b &amp; c"),
        ("twitter", f"see {PAGE}.", f"see {_anchor(PAGE)}."),
        (
            "twitter",
            "#Swift a#b",
            '<a href="https://twitter.com/#!/search?q=%23Swift" title="#Swift" class="hashtag"'
            ' rel="external nofollow" target="_blank">#Swift</a> a#b',
        ),
        (
            "twitter",
            "by @ay8s",
            'by @<a class="username" href="https://twitter.com/ay8s" rel="external nofollow"'
            ' target="_blank">ay8s</a>',
        ),
        ("linkedin", "#tag", "#tag"),
        ("mastodon", "@me", "@me"),
    ],
)
def test_text_formatted(service: str, text: str, expected: str) -> None:
    assert formatted(text, SERVICES[service]) == expected


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("none here", ""),
        ("(https://acme.example/a)", "https://acme.example/a"),
        ("https://en.example/wiki/Mercury_(planet).", "https://en.example/wiki/Mercury_(planet)"),
        ("HTTPS://ACME.example/a?b=c#d!", "HTTPS://ACME.example/a?b=c#d"),
    ],
)
def test_finding_links(text: str, link: str) -> None:
    assert first_link(text) == link


def test_an_odd_address_is_no_crash() -> None:
    item: dict[str, Any] = SandboxClient().one(
        FACEBOOK, media={"link": "http://[bad"}, shorten="true"
    )
    assert item["media"]["link"] == "http://[bad"
