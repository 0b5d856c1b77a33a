"""The abilities of provider and network beside text, link and images: a table over both."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from plancast.lint.base import LintContext
from plancast.lint.registry import check
from plancast.model.diagnostics import Pointer
from plancast.model.entry import Address, Entry, Image, Link, Setting, Stage, ThreadItem, Video
from plancast.model.entry_fields import ENTRY_FIELDS, Kind
from plancast.model.features import Features
from plancast.model.limits import NetworkLimits
from plancast.model.profile import Board, Profile
from plancast.model.workspace import Desired, Policy
from plancast.networks.registry import LIMITS
from plancast.networks.requirements import UnmetRequirement, abilities
from plancast.providers.buffer_features import CLASSIC, CURRENT

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
PICTURE = Image("https://a.example/1.png", alt="A stage")
CLIP = Video("https://a.example/1.mp4")
QUIET = Policy(require_alt="off", duplicates="off")
ROCKET = "\U0001f680"
NEEDED: dict[str, tuple[Setting, ...]] = {
    "pinterest": (("board", "Ideas"),),
    "youtube": (("category", "22"), ("title", "A stage")),
}
"""Settings without which a network takes nothing."""

BARE: dict[str, Any] = {"images": (PICTURE,)}
MEDIA: dict[str, dict[str, Any]] = {
    "instagram": BARE, "pinterest": BARE, "tiktok": BARE, "youtube": {"video": CLIP},
}  # fmt: skip
"""Media without which a network takes nothing."""


def wanted(service: str, *, profile: Profile | None = None, **fields: Any) -> Desired:
    """An entry that the network takes but for what is `said`."""
    basis = {"text": "One.", "due_at": NOON, "metadata": NEEDED.get(service, ())}
    entry = Entry(**{**basis, **MEDIA.get(service, {}), **fields})
    profile = profile or Profile("p", service)
    return Desired(Address("a", service), profile, entry, Pointer("a.yaml"))


def messages(item: Desired, features: Features = CURRENT) -> list[str]:
    return [
        f"{one.code} {'.'.join(map(str, one.path))}: {one.detail}" for one in found(item, features)
    ]


def found(item: Desired, features: Features = CURRENT) -> list[UnmetRequirement]:
    return list(abilities(item, LIMITS[item.profile.service], features))


def codes(item: Desired, features: Features = CURRENT) -> list[str]:
    return [one.code for one in check([item], LintContext(QUIET, LIMITS, features))]


# -- which network has what ----

THREADS = {"twitter", "mastodon", "bluesky", "threads"}
COMMENTS = {"facebook": 5000, "linkedin": 1250, "instagram": 2200}
NO_VIDEO = {"pinterest"}


@pytest.mark.parametrize("service", LIMITS)
def test_what_a_network_needs_is_enough(service: str) -> None:
    assert messages(wanted(service)) == []
    assert codes(wanted(service)) == []


@pytest.mark.parametrize("service", LIMITS)
def test_which_networks_have_threads(service: str) -> None:
    expected = [] if service in THREADS else [f"PC504 thread: {service}: there are no threads"]
    assert messages(wanted(service, thread=(ThreadItem("Two."),))) == expected


@pytest.mark.parametrize("service", LIMITS)
def test_which_networks_have_first_comments_and_of_which_length(service: str) -> None:
    limit = COMMENTS.get(service)
    if limit is None:
        nothing = f"PC504 first_comment: {service}: there are no first comments"
        assert messages(wanted(service, first_comment="More.")) == [nothing]
        return
    assert messages(wanted(service, first_comment="a" * limit)) == []
    longer = f"{service}, first comment: {limit + 1:,} of {limit:,}, 1 too many"
    assert messages(wanted(service, first_comment="a" * (limit + 1))) == [
        f"PC501 first_comment: {longer}"
    ]
    # Signs beyond the first plane count two.
    assert messages(wanted(service, first_comment=ROCKET * (limit // 2))) == []
    assert codes(wanted(service, first_comment=ROCKET * (limit // 2 + 1))) == ["PC501"]


@pytest.mark.parametrize("service", LIMITS)
def test_which_networks_have_videos(service: str) -> None:
    expected = [f"PC504 video: {service}: there are no videos"] if service in NO_VIDEO else []
    assert messages(wanted(service, images=(), video=CLIP)) == expected
    # A video does for an image if the network has videos.
    missing = ["PC502"] if service in MEDIA else []
    assert codes(wanted(service, images=(), video=CLIP)) == (
        [*missing, "PC504"] if service in NO_VIDEO else []
    )


@pytest.mark.parametrize("service", LIMITS)
@pytest.mark.parametrize("stage", Stage)
def test_every_network_has_drafts_and_tags(service: str, stage: Stage) -> None:
    assert messages(wanted(service, stage=stage, tags=("a",))) == []


# -- which provider has what ----

ASKED: dict[str, tuple[dict[str, Any], str, str]] = {
    "threads": ({"thread": (ThreadItem("Two."),)}, "threads", "thread"),
    "first_comment": ({"first_comment": "More."}, "first comments", "first_comment"),
    "video": ({"video": CLIP}, "videos", "video"),
    "metadata": ({"metadata": (("type", "reel"),)}, "settings of networks", "metadata.facebook"),
    "stages": ({"stage": Stage.NEEDS_APPROVAL}, "drafts or approvals", "stage"),
}
ASKED |= {
    row.feature: ({row.name: "words"}, row.lack, row.file_key)
    for row in ENTRY_FIELDS
    if row.kind is Kind.TEXT and row.lack and row.feature not in ASKED
}


@pytest.mark.parametrize("feature", ASKED)
def test_what_a_provider_lacks_is_refused_and_nothing_else(feature: str) -> None:
    fields, words, path = ASKED[feature]
    lame = replace(CURRENT, **{"api": "The lame API", feature: False})  # type: ignore[arg-type]
    expected = [f"PC509 {path}: The lame API has no {words}"]
    assert messages(wanted("facebook", **fields), lame) == expected
    others = [key for key in ASKED if key != feature]
    for key in others:
        assert not any(
            line.startswith("PC509") for line in messages(wanted("facebook", **ASKED[key][0]), lame)
        )


def test_the_table_has_every_feature_that_a_file_can_ask_for() -> None:
    words = {item.name for item in fields(Features)} - {
        "title",
        "api",
        "tags",
        "shorten",
        "link_cards",
        "repeats",
    }
    assert words == set(ASKED)


def test_what_the_provider_lacks_is_not_told_of_the_network_as_well() -> None:
    item = wanted("youtube", thread=(ThreadItem(""),), first_comment="a", metadata=())
    assert messages(item, CLASSIC) == [
        "PC509 thread: API v1 of Buffer has no threads",
        "PC509 first_comment: API v1 of Buffer has no first comments",
        "PC509 video: API v1 of Buffer has no videos",
    ]


def test_what_v1_can_is_no_problem_there() -> None:
    item = wanted("linkedin", link=Link("https://a.example"), tags=("a",), shorten=True)
    assert messages(item, CLASSIC) == []


# -- threads ----

FIVE = (PICTURE,) * 5
LONG_ALT = Image(PICTURE.url, "a" * 1001)
PARTS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "as it should be": ({"thread": (ThreadItem("Two."), ThreadItem("", (PICTURE,)))}, []),
    "the same again": (
        {"thread": (ThreadItem(" One. "),)},
        ["PC514 thread.0: twitter: part 2 repeats the first post"],
    ),
    "the same later": ({"thread": (ThreadItem("Two."), ThreadItem("One."))}, []),
    "nothing to begin with": (
        {"text": "", "images": (PICTURE,), "thread": (ThreadItem("Two."),)},
        ["PC514 thread: twitter: the first post of a thread needs a text"],
    ),
    "nothing at all": (
        {"text": "", "images": (PICTURE,), "thread": (ThreadItem(""),)},
        [
            "PC514 thread: twitter: the first post of a thread needs a text",
            "PC514 thread.0: twitter, part 2 is empty",
        ],
    ),
    "an empty part": (
        {"thread": (ThreadItem("Two."), ThreadItem(" \n"))},
        ["PC514 thread.1: twitter, part 3 is empty"],
    ),
    "a part that fits": ({"thread": (ThreadItem("a" * 280 + " "),)}, []),
    "a part that is too long": (
        {"thread": (ThreadItem("Two."), ThreadItem("a" * 281))},
        ["PC501 thread.1.text: twitter, part 3: 281 of 280, 1 too many"],
    ),
    "a link that ends a part": (
        {"thread": (ThreadItem("a" * 256, (), Link("https://a.example.com")),)},
        [],
    ),
    "a link that makes a part too long": (
        {"thread": (ThreadItem("a" * 257, (), Link("https://a.example.com")),)},
        ["PC501 thread.0.text: twitter, part 2: 281 of 280 as the network counts, 1 too many"],
    ),
    "a part that is a link": ({"thread": (ThreadItem("", (), Link("https://a.example")),)}, []),
    "images that fit": ({"thread": (ThreadItem("Two.", FIVE[1:]),)}, []),
    "too many images": (
        {"thread": (ThreadItem("Two.", FIVE),)},
        ["PC503 thread.0.images: twitter, part 2: 5 of 4"],
    ),
    "an alternative text that is too long": (
        {"thread": (ThreadItem("Two.", (PICTURE, LONG_ALT)),)},
        ["PC506 thread.0.images.1: twitter, part 2: 1,001 of 1,000, 1 too many"],
    ),
}


@pytest.mark.parametrize("case", PARTS)
def test_the_parts_of_a_thread(case: str) -> None:
    fields, expected = PARTS[case]
    assert messages(wanted("twitter", **fields)) == expected


@pytest.mark.parametrize(
    ("service", "images", "fits"),
    [("bluesky", (), True), ("bluesky", (PICTURE,), False), ("mastodon", (), False)],
)
def test_the_card_of_a_part_is_beside_its_text(
    service: str, images: tuple[Image, ...], fits: bool
) -> None:
    limit = LIMITS[service].text or 0
    part = ThreadItem("a" * limit, images, Link("https://a.example"))
    assert (codes(wanted(service, thread=(part,))) == []) is fits


def test_images_of_a_thread_are_images() -> None:
    thread = (ThreadItem("Two."), ThreadItem("Three.", (Image(file="a.png"), Image(PICTURE.url))))
    troubles = check([wanted("twitter", thread=thread)], LintContext(Policy(), LIMITS, CURRENT))
    places = [(one.code, one.at.path if one.at else ()) for one in troubles]
    first, second = ("thread", 1, "images", 0), ("thread", 1, "images", 1)
    assert sorted(places) == [("PC210", first), ("PC210", second), ("PC508", first)]


# -- videos ----

VIDEOS: dict[str, tuple[str, dict[str, Any], list[str]]] = {
    "beside images": (
        "facebook", {"video": CLIP, "images": (PICTURE,)}, ["PC513 video: a video and images"],
    ),
    "beside a card": (
        "facebook", {"video": CLIP, "link": Link("https://a.example")},
        ["PC513 video: a video and a link card"],
    ),
    "beside a link in the text": (
        "twitter", {"video": CLIP, "link": Link("https://a.example")}, [],
    ),
    "beside both": (
        "facebook", {"video": CLIP, "images": (PICTURE,), "link": Link("https://a.example")},
        ["PC513 video: a video and images", "PC513 video: a video and a link card"],
    ),
    "not there": ("youtube", {"video": None}, ["PC504 video: youtube: a post needs a video"]),
    "with a text that fits": ("tiktok", {"images": (), "video": CLIP, "text": "a" * 2200}, []),
    "with a text that would do for images": (
        "tiktok", {"images": (), "video": CLIP, "text": "a" * 2201},
        ["PC501 text: tiktok with a video: 2,201 of 2,200, 1 too many"],
    ),
    "without one": ("tiktok", {"text": "a" * 2201}, []),
}  # fmt: skip


@pytest.mark.parametrize("case", VIDEOS)
def test_videos(case: str) -> None:
    service, fields, expected = VIDEOS[case]
    assert messages(wanted(service, **fields)) == expected


@pytest.mark.parametrize(
    ("name", "value"),
    [("images", (PICTURE,)), ("video", CLIP), ("thread", (ThreadItem("Two."),))],
)
def test_what_a_post_cannot_have_if_it_passes_on_another(name: str, value: Any) -> None:
    item = wanted("twitter", metadata=(("retweet", "20"),), **{name: value})
    said = f"PC546 metadata.twitter.retweet: twitter: retweet and {name}"
    assert messages(item) == [said]


def test_a_text_that_is_too_long_for_anything_is_told_once() -> None:
    item = wanted("tiktok", images=(), video=CLIP, text="a" * 4001)
    assert codes(item) == ["PC501"]


# -- settings ----

EVENT: tuple[Setting, ...] = (
    ("end", "2026-12-02T18:00:00+01:00"), ("start", "2026-12-02T10:00:00Z"), ("title", "Come"),
)  # fmt: skip
OFFER = ("type", "offer")
DAY_BEFORE = ("end", "2026-12-01T10:00:00Z")
SETTINGS: dict[str, tuple[str, tuple[Setting, ...], list[str]]] = {
    "no board": ("pinterest", (), ["PC510 metadata.pinterest: pinterest: board"]),
    "no title": (
        "youtube", (("category", "22"),), ["PC510 metadata.youtube: youtube: title"],
    ),
    "neither": (
        "youtube", (),
        [
            "PC510 metadata.youtube: youtube: title",
            "PC510 metadata.youtube: youtube: category",
        ],
    ),
    "a title of which nothing is seen": (
        "youtube", (("category", "22"), ("title", " \u200b ")),
        ["PC510 metadata.youtube: youtube: title"],
    ),
    "a category that does not exist": (
        "youtube", (("category", "3"), ("title", "a")),
        ["PC203 metadata.youtube.category: youtube: there is no category '3'"],
    ),
    "a title that fits": ("youtube", (("category", "22"), ("title", "a" * 100)), []),
    "a title that is too long": (
        "youtube", (("category", "22"), ("title", ROCKET * 51)),
        [
            "PC501 metadata.youtube.title: youtube, title: "
            "102 of 100 as the network counts, 2 too many"
        ],
    ),
    "a title without a limit": ("tiktok", (("title", "a" * 101),), []),
    "what is new": ("googlebusiness", (("type", "whats_new"),), []),
    "an event": ("googlebusiness", (*EVENT, ("type", "event")), []),
    "an offer without its times": (
        "googlebusiness", (("title", "Come"), ("type", "offer")),
        [
            "PC510 metadata.googlebusiness: googlebusiness: start",
            "PC510 metadata.googlebusiness: googlebusiness: end",
        ],
    ),
    "an address of a post": (
        "twitter", (("retweet", "https://x.com/acme/status/20?s=20"),), [],
    ),
    "a post by its number": ("twitter", (("retweet", "20"),), []),
    "a post that is a page": (
        "twitter", (("retweet", "https://x.com/acme"),),
        ["PC545 metadata.twitter.retweet: twitter: retweet: 'https://x.com/acme'"],
    ),
    "a post passed on and made with AI": (
        "twitter", (("ai_generated", True), ("retweet", "20")),
        ["PC546 metadata.twitter.retweet: twitter: retweet and ai_generated"],
    ),
    "a post passed on, said not to be made with AI": (
        "twitter", (("ai_generated", False), ("retweet", "20")), [],
    ),
    "a place by its id": ("threads", (("location_id", "7"),), []),
    "a place with both": ("instagram", (("location", "Rome"), ("location_id", "7")), []),
    "a place by its name": (
        "instagram", (("location", "Rome"),),
        ["PC547 metadata.instagram.location: instagram: location without location_id"],
    ),
    "a day that is none": (
        "googlebusiness",
        (("end", "2026-02-30T10:00:00Z"), ("start", "soon"), ("title", "T"), ("type", "event")),
        [
            "PC401 metadata.googlebusiness.start: 'soon'",
            "PC401 metadata.googlebusiness.end: '2026-02-30T10:00:00Z'",
        ],
    ),
    "a time without an offset": (
        "googlebusiness", (*EVENT[:1], ("start", "2026-12-02T10:00:00"), *EVENT[2:], OFFER),
        ["PC401 metadata.googlebusiness.start: '2026-12-02T10:00:00'"],
    ),
    "an end before its beginning": (
        "googlebusiness", (DAY_BEFORE, *EVENT[1:], ("type", "event")),
        [
            "PC203 metadata.googlebusiness.end: it ends at 2026-12-01T10:00:00Z, "
            "and begins at 2026-12-02T10:00:00Z"
        ],
    ),
    "what only an offer has": (
        "googlebusiness", (("code", "X"), ("terms", ""), ("title", "T")),
        ["PC504 metadata.googlebusiness.code: googlebusiness: `type: whats_new` has no code"],
    ),
    "what an offer has not": (
        "googlebusiness", (*EVENT, ("button", "book"), ("full_day", True), OFFER),
        [
            "PC504 metadata.googlebusiness.button: googlebusiness: `type: offer` has no button",
            "PC504 metadata.googlebusiness.full_day: googlebusiness: `type: offer` has no full_day",
        ],
    ),
    "what is as if not said": (
        "googlebusiness", (*EVENT, ("button", "none"), ("full_day", False), OFFER), [],
    ),
    "a title elsewhere": ("facebook", (("type", "event"),), []),
}  # fmt: skip


@pytest.mark.parametrize("case", SETTINGS)
def test_what_a_network_is_told(case: str) -> None:
    service, metadata, expected = SETTINGS[case]
    assert messages(wanted(service, metadata=metadata)) == expected


def test_a_setting_of_another_kind_names_its_own() -> None:
    [one] = found(wanted("googlebusiness", metadata=(("button", "book"), *EVENT, OFFER)))
    assert one.hint == "It is for `type: whats_new` or `event`."


@pytest.mark.parametrize(("campaign", "path"), [("", "tags"), ("a" * 101, "campaign")])
def test_a_name_that_no_tag_can_have_is_told_before_it_is_sent(campaign: str, path: str) -> None:
    tagged = replace(wanted("facebook", tags=("a" * 101, "b" * 100)), campaign=campaign)
    [one] = found(tagged)
    assert (one.code, one.path, one.hint) == ("PC203", (path,), "At the most 100.")
    assert codes(tagged) == ["PC203"]
    # Over API v1 they stay in the files.
    assert found(tagged, CLASSIC) == []


BOARDS = (Board("900", "Ideas"), Board("901", "Dogs"))


@pytest.mark.parametrize(
    ("board", "boards", "hint"),
    [
        ("Ideas", BOARDS, None),
        ("901", BOARDS, None),
        ("Idea", BOARDS, "Did you mean Ideas?"),
        ("Zebras", BOARDS, "Known: Dogs, Ideas."),
        ("Zebras", (), None),
    ],
)
def test_a_board_must_be_one_of_the_profile(
    board: str, boards: tuple[Board, ...], hint: str | None
) -> None:
    profile = Profile("p", "pinterest", boards=boards)
    troubles = found(wanted("pinterest", profile=profile, metadata=(("board", board),)))
    path = ("metadata", "pinterest", "board")
    assert troubles == (
        [] if hint is None else [UnmetRequirement("PC511", repr(board), path, hint)]
    )


# -- networks that are not in the table ----


def test_a_network_that_nobody_knows_takes_what_the_provider_takes() -> None:
    parts: dict[str, Any] = {
        "text": "a" * 9999, "thread": (ThreadItem("b" * 9999),), "first_comment": "a" * 9999,
        "video": CLIP, "metadata": (("title", "a" * 999),),
    }  # fmt: skip
    item = wanted("tumblr", **parts)
    assert codes(item) == []
    assert codes(item, CLASSIC) == ["PC509"] * 4


@pytest.mark.parametrize("feature", ASKED)
def test_a_network_that_plancast_does_not_know_takes_each_field(feature: str) -> None:
    asked = ASKED[feature][0]
    assert codes(wanted("tumblr", **asked)) == [], (
        f"plancast/lint/base.py: `_UNKNOWN` is to allow {', '.join(asked)}"
    )


def test_limits_of_all_networks_are_used() -> None:
    """A network without a word in these tables would be one that no test checks."""
    named = {service for service, rules in LIMITS.items() if rules.threads}
    here = "the tables of tests/networks/test_abilities.py"
    assert named == THREADS, f"{here}: THREADS"
    assert {s: r.first_comment for s, r in LIMITS.items() if r.first_comment} == COMMENTS, here
    assert {service for service, rules in LIMITS.items() if not rules.video} == NO_VIDEO, here
    requiring = {service for service, rules in LIMITS.items() if rules.requires}
    assert requiring == set(NEEDED), f"{here}: NEEDED"
    media = {s for s, rules in LIMITS.items() if rules.needs_image or rules.needs_video}
    assert media == set(MEDIA), f"{here}: MEDIA"
    assert LIMITS["youtube"].requires == ("title", "category")
    assert NetworkLimits().requires == ()
