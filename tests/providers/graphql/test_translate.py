"""Entries for the wire, and how they read back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from plancast.model.entry import Entry, Image, Link, QueuePosition, Stage, ThreadItem, Video
from plancast.model.profile import Profile
from plancast.providers.buffer_graphql import build_input, metadata, parse
from plancast.reconcile.compare import live_diffs
from tests.providers.graphql.wire import BS, FB, GB, IG, LI, MA, PI, TH, YT, X, post

AT = datetime(2026, 12, 1, 8, 30, tzinfo=UTC)
WIRE_AT = "2026-12-01T08:30:00Z"
URL = "https://acme.example/launch"
PICTURE = "https://acme.example/a.png"
OTHER = "https://acme.example/b.png"
CLIP = "https://acme.example/a.mp4"
CARD = Link(URL, "T", "D", OTHER)
TOLD_CARD = {"url": URL, "title": "T", "description": "D", "thumbnail": {"url": OTHER}}


def image(url: str, alt: str | None = None) -> dict[str, Any]:
    return {"image": {"url": url, **({} if alt is None else {"metadata": {"altText": alt}})}}


@pytest.mark.parametrize(
    ("entry", "wire"),
    [
        (Entry("a", AT), {"mode": "customScheduled", "dueAt": WIRE_AT}),
        (
            Entry("a", AT.astimezone(timezone(timedelta(hours=1)))),
            {"mode": "customScheduled", "dueAt": WIRE_AT},
        ),
        (Entry("a"), {"mode": "addToQueue"}),
        (Entry("a", queue=QueuePosition.NEXT), {"mode": "addToQueue"}),
        (Entry("a", queue=QueuePosition.TOP), {"mode": "shareNext"}),
        (Entry("a", stage=Stage.DRAFT), {"saveToDraft": True, "needsApproval": False}),
        (Entry("a", stage=Stage.NEEDS_APPROVAL), {"saveToDraft": True, "needsApproval": True}),
        (Entry("a"), {"saveToDraft": False, "needsApproval": False}),
        (Entry(" a\n"), {"text": "a", "assets": [], "schedulingType": "automatic"}),
        (Entry("a"), {"channelId": X.id}),
    ],
)
def test_creates(entry: Entry, wire: dict[str, Any]) -> None:
    given = build_input.create_input(entry, X)
    assert {name: given[name] for name in wire} == wire
    assert "dueAt" in given or entry.due_at is None
    assert "metadata" not in given
    assert "tagIds" not in given


@pytest.mark.parametrize(
    ("entry", "owner", "text", "assets", "own"),
    [
        (Entry("a", link=Link(URL)), X, f"a {URL}", [], None),
        (Entry("", link=Link(URL)), X, URL, [], None),
        (Entry(f"see {URL} now", link=Link(URL)), X, f"see {URL} now", [], None),
        (Entry("a", link=CARD), X, f"a {URL}", [image(OTHER)], None),
        (Entry("a", link=CARD), LI, "a", [], {"linkAttachment": TOLD_CARD}),
        (Entry("a", link=Link(URL)), FB, "a", [], {"type": "post", "linkAttachment": {"url": URL}}),
        (Entry("a", link=Link(URL)), BS, "a", [], {"linkAttachment": {"url": URL}}),
        (Entry("a", link=Link(URL)), TH, "a", [], {"linkAttachment": {"url": URL}}),
        # A card and pictures exclude each other.
        (Entry("a", link=CARD, images=(Image(PICTURE),)), LI, f"a {URL}", [image(PICTURE)], None),
        (Entry(f"a {URL}."), LI, f"a {URL}.", [], {"linkAttachment": {"url": URL}}),
        (Entry(f"a {URL}", link_card=False), LI, f"a {URL}", [], None),
        (Entry(f"a {URL}", images=(Image(PICTURE),)), LI, f"a {URL}", [image(PICTURE)], None),
        (Entry(f"a {URL}"), X, f"a {URL}", [], None),
        (
            Entry("a", images=(Image(PICTURE, "A"), Image(OTHER, ""))),
            X,
            "a",
            [image(PICTURE, "A"), image(OTHER, "")],
            None,
        ),
        (Entry("a", video=Video(CLIP)), LI, "a", [{"video": {"url": CLIP}}], None),
        (
            Entry("a", video=Video(CLIP, "T", 1500)),
            IG,
            "a",
            [{"video": {"url": CLIP, "metadata": {"title": "T", "thumbnailOffset": 1500}}}],
            {"type": "post", "shouldShareToFeed": True},
        ),
        (
            Entry("a", video=Video(CLIP, cover_ms=1500)),
            LI,
            "a",
            [{"video": {"url": CLIP}}],
            None,
        ),
        (Entry("a", first_comment=" b "), LI, "a", [], {"firstComment": "b"}),
        (
            Entry("a", images=(Image(PICTURE),), thread=(ThreadItem(" b ", (Image(OTHER, "O"),)),)),
            MA,
            "a",
            [image(PICTURE)],
            {
                "thread": [
                    {"text": "a", "assets": [image(PICTURE)]},
                    {"text": "b", "assets": [image(OTHER, "O")]},
                ]
            },
        ),
        # The thread is what is published, and its parts have no cards.
        (
            Entry("a", link=Link(URL), thread=(ThreadItem("b"),)),
            BS,
            f"a {URL}",
            [],
            {"thread": [{"text": f"a {URL}", "assets": []}, {"text": "b", "assets": []}]},
        ),
        (
            Entry("a", metadata=(("board", "Doors"),), images=(Image(PICTURE),)),
            PI,
            "a",
            [image(PICTURE)],
            {"boardServiceId": "b-2"},
        ),
    ],
)
def test_contents(
    entry: Entry, owner: Profile, text: str, assets: list[Any], own: dict[str, Any] | None
) -> None:
    given = build_input.create_input(entry, owner, ["t"])
    assert (given["text"], given["assets"]) == (text, assets)
    assert given.get("metadata") == (None if own is None else {owner.service: own})
    assert given["tagIds"] == ["t"]


def test_a_link_is_on_the_button_of_a_google_business_post() -> None:
    given = build_input.create_input(Entry("a", link=CARD, images=(Image(PICTURE),)), GB)
    assert given["text"] == "a"
    button = {"button": "learn_more", "link": URL}
    assert given["metadata"]["google"]["detailsWhatsNew"] == button


DRAFT = Entry("a", stage=Stage.DRAFT)
ASKED = Entry("a", stage=Stage.NEEDS_APPROVAL)


@pytest.mark.parametrize(
    ("entry", "previous", "wire"),
    [
        (Entry("a", AT), Entry("b", AT), {"mode": "customScheduled", "dueAt": WIRE_AT}),
        (Entry("a", AT), Entry("b"), {"mode": "customScheduled", "dueAt": WIRE_AT}),
        (Entry("a"), Entry("b", AT), {"mode": "addToQueue"}),
        (Entry("a", queue=QueuePosition.TOP), Entry("b", AT), {"mode": "shareNext"}),
        # A post that keeps its place in the queue is not put there again.
        (Entry("a"), Entry("b"), {}),
        (Entry("a", queue=QueuePosition.TOP), Entry("b"), {}),
        (Entry("a"), DRAFT, {"mode": "addToQueue", "saveToDraft": False}),
        (DRAFT, Entry("b"), {"mode": "addToQueue", "saveToDraft": True}),
        (DRAFT, DRAFT, {"saveToDraft": True}),
        (
            ASKED,
            DRAFT,
            {"mode": "addToQueue", "saveToDraft": True, "approvalChange": "request"},
        ),
        (ASKED, ASKED, {"saveToDraft": True}),
        (
            DRAFT,
            ASKED,
            {"mode": "addToQueue", "saveToDraft": True, "approvalChange": "revert"},
        ),
        (Entry("a"), ASKED, {"mode": "addToQueue", "saveToDraft": False}),
    ],
)
def test_edits(entry: Entry, previous: Entry, wire: dict[str, Any]) -> None:
    given = build_input.edit_input("1", entry, previous, X, ["t"])
    timing = {name: value for name, value in given.items() if name in _ABOUT_TIME}
    assert timing == {"saveToDraft": False, **wire}
    rest = {name: value for name, value in given.items() if name not in _ABOUT_TIME}
    whole = {"id": "1", "text": "a", "assets": [], "schedulingType": "automatic", "tagIds": ["t"]}
    assert rest == whole


@pytest.mark.parametrize(
    ("owner", "previous", "own"),
    [
        (X, Entry("a"), None),
        (X, Entry("a", thread=(ThreadItem("b"),)), {"thread": None}),
        (LI, Entry("a", first_comment="b"), {"firstComment": None}),
        (LI, Entry("a", link=CARD), {"linkAttachment": None}),
        (X, Entry("a", metadata=(("ai_generated", True),)), {"isAiGenerated": False}),
    ],
)
def test_what_nobody_wants_any_more_is_said_to_be_nothing(
    owner: Profile, previous: Entry, own: dict[str, Any] | None
) -> None:
    given = build_input.edit_input("1", Entry("a"), previous, owner)
    assert given.get("metadata") == (None if own is None else {owner.service: own})


_ABOUT_TIME = {"mode", "dueAt", "saveToDraft", "approvalChange"}


def test_tags_that_cannot_be_had_are_left_alone() -> None:
    assert "tagIds" not in build_input.edit_input("1", Entry("a"), Entry("b"), X, None)
    assert build_input.edit_input("1", Entry("a"), Entry("b"), X, [])["tagIds"] == []
    assert "tagIds" not in build_input.create_input(Entry("a"), X, [])


@pytest.mark.parametrize(
    ("entry", "owner", "seen"),
    [
        (Entry(" a \n"), X, Entry("a")),
        (Entry("a", AT, shorten=True, link_card=False), X, Entry("a", AT)),
        (Entry("a", queue=QueuePosition.TOP), FB, Entry("a")),
        (Entry("a", link=Link(URL)), X, Entry(f"a {URL}")),
        (Entry("a", link=CARD), X, Entry(f"a {URL}", images=(Image(OTHER),))),
        (Entry("a", link=CARD), FB, Entry("a", link=CARD)),
        (
            Entry("a", link=CARD, images=(Image(PICTURE, "A"),)),
            FB,
            Entry(f"a {URL}", images=(Image(PICTURE, "A"),)),
        ),
        (Entry(f"a {URL}."), FB, Entry(f"a {URL}.", link=Link(URL))),
        (Entry(f"a {URL}"), GB, Entry(f"a {URL}")),
        (Entry("a", link=CARD), GB, Entry("a", link=Link(URL))),
        (
            Entry("a", metadata=(("link", URL), ("type", "whats_new"))),
            GB,
            Entry("a", link=Link(URL)),
        ),
        (Entry("a"), replace(X, shortens="buff.ly"), Entry("a", shorten=True)),
        (Entry("a", metadata=(("type", "post"),)), FB, Entry("a")),
        (
            Entry("a", metadata=(("board", "Ideas"),)),
            PI,
            Entry("a", metadata=(("board", "b-1"),)),
        ),
        (Entry("a", video=Video(CLIP, "T", 15)), YT, Entry("a", video=Video(CLIP, "T"))),
        (Entry("a", video=Video(CLIP, "T", 15)), IG, Entry("a", video=Video(CLIP, "T", 15))),
        (
            Entry("a", thread=(ThreadItem(" b", (Image(OTHER, "O"),)),), first_comment=" c "),
            X,
            Entry("a", thread=(ThreadItem("b", (Image(OTHER, "O"),)),), first_comment="c"),
        ),
        (
            Entry("a", tags=("t",), stage=Stage.DRAFT),
            X,
            Entry("a", tags=("t",), stage=Stage.DRAFT),
        ),
    ],
)
def test_expected(entry: Entry, owner: Profile, seen: Entry) -> None:
    assert build_input.expected(entry, owner) == seen


# -- there and back -------------------------------------------------------------------------------


def echoed(given: dict[str, Any], owner: Profile) -> dict[str, Any]:
    """A post as the service would show an input, defaults and all."""
    own = dict(given.get("metadata", {}).get(metadata.wire_name(owner.service), {}))
    kinds = {"googlebusiness": "GoogleBusiness", "linkedin": "LinkedIn"}
    kind = kinds.get(owner.service, owner.service.title())
    card = own.pop("linkAttachment", None)
    shown: dict[str, Any] = {"__typename": f"{kind}PostMetadata", "type": "post", **own}
    if card:
        thumbnail = card.get("thumbnail", {}).get("url")
        about = {"title": card.get("title", "scraped"), "text": card.get("description", "")}
        shown["linkAttachment"] = {"url": card["url"], "thumbnail": thumbnail, **about}
    if "boardServiceId" in own:
        shown["board"] = {"serviceId": own["boardServiceId"], "name": "?"}
    if "categoryId" in own:
        shown["category"] = {"categoryId": own["categoryId"]}
    shown["details"] = next((own[name] for name in own if name.startswith("details")), None)
    shown["thread"] = [
        {"text": part["text"], "assets": assets_as_read(part["assets"])}
        for part in own.get("thread", [])
    ]
    custom = given["mode"] == "customScheduled"
    return post(
        owner=owner,
        text=given["text"],
        assets=assets_as_read(given["assets"]),
        isCustomScheduled=custom,
        **({"dueAt": given["dueAt"]} if custom else {}),
        status="draft" if given["saveToDraft"] else "scheduled",
        metadata=shown,
        tags=[{"id": one, "name": one} for one in (*given.get("tagIds", ()), "others")],
    )


def assets_as_read(assets: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for item in assets:
        ((kind, given),) = item.items()
        about = {"altText": "", **given.get("metadata", {})}
        found.append({"type": kind, "source": given["url"], kind: about})
    return found


ENTRIES = {
    "text": Entry(" a \n"),
    "time": Entry("a", AT),
    "link": Entry("a", link=Link(URL)),
    "card": Entry("a", link=CARD),
    "link and image": Entry("a", link=CARD, images=(Image(PICTURE, "A"),)),
    "link in text": Entry(f"a {URL}."),
    "no card": Entry(f"a {URL}", link_card=False),
    "images": Entry("a", images=(Image(PICTURE, "A"), Image(OTHER))),
    "video": Entry("a", video=Video(CLIP, "T", 1500)),
    "draft": Entry("a", stage=Stage.DRAFT, tags=("one", "two")),
}
SETTINGS: dict[str, tuple[tuple[str, str | bool], ...]] = {
    "facebook": (("type", "reel"),),
    "instagram": (("share_to_feed", False), ("type", "story")),
    "pinterest": (("board", "Ideas"), ("title", "T"), ("url", URL)),
    "googlebusiness": (("button", "book"), ("link", URL), ("title", "T")),
    "youtube": (("category", "22"), ("made_for_kids", True), ("title", "T")),
    "threads": (("topic", "T"),),
    "mastodon": (("spoiler_text", "S"),),
    "twitter": (("ai_generated", True),),
}


@pytest.mark.parametrize("owner", [X, FB, LI, IG, BS, TH, MA, YT, GB, PI], ids=lambda p: p.service)
@pytest.mark.parametrize("name", ENTRIES)
@pytest.mark.parametrize("with_settings", [False, True])
def test_what_is_sent_reads_back_as_expected(
    name: str, owner: Profile, with_settings: bool
) -> None:
    entry = ENTRIES[name]
    if with_settings:
        entry = replace(entry, metadata=SETTINGS.get(owner.service, ()))
    if owner.service in build_input.THREADED and with_settings:
        entry = replace(entry, thread=(ThreadItem("b", (Image(OTHER, "O"),)), ThreadItem("c")))
    if owner.service in build_input.COMMENTED:
        entry = replace(entry, first_comment="first")
    live = parse.live(echoed(build_input.create_input(entry, owner, entry.tags), owner))
    assert live_diffs(entry, build_input.expected(entry, owner), live) == ()


@pytest.mark.parametrize("owner", [FB, IG, PI, GB, YT, TH, MA, X], ids=lambda p: p.service)
def test_settings_that_differ_are_seen(owner: Profile) -> None:
    asked = Entry("a", metadata=SETTINGS[owner.service])
    live = parse.live(echoed(build_input.create_input(Entry("a"), owner), owner))
    heads = {
        leaf.path.split(".")[0]
        for leaf in live_diffs(asked, build_input.expected(asked, owner), live)
    }
    assert "metadata" in heads
