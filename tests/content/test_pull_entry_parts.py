"""Changes of a person in Buffer beside text, link and images."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from plancast.content.editing.pull_entry import Untold, taken
from plancast.model.entry import (
    Entry,
    Image,
    Link,
    LiveEntry,
    QueuePosition,
    Setting,
    Stage,
    ThreadItem,
    Video,
)
from plancast.model.plan import Action
from plancast.reconcile.compare import drift, same_as_live
from plancast.testing.builders import change, entry, live, moment

URL = "https://acme.example/1.mp4"
COPY = "https://buffer.example/copies/1.mp4"
PICTURE = Image("https://acme.example/1.png", "A dog")
TWO, THREE = ThreadItem("Two."), ThreadItem("Three.", (PICTURE,))
LINKED = ThreadItem("Five.", (), Link("https://a.example", "A"))
DEFAULTS: tuple[Setting, ...] = (("share_to_feed", True), ("type", "post"))


def pull(asked: Entry, observed: Entry | None = None, **changes: Any) -> Entry:
    """A person makes these changes; what the file shall ask for. Nothing is rewritten."""
    shown = observed or asked
    seen = live(content=replace(shown, **changes), due_at=shown.due_at or "2026-12-01 08:30")
    return found(asked, shown, seen)


def found(asked: Entry, shown: Entry, seen: LiveEntry) -> Entry:
    leaves = drift(asked, shown, seen)
    assert leaves, "somebody changed something"
    drifted = change(Action.UPDATE, before=seen.entry, after=asked, drift=leaves, live=seen)
    return taken(drifted, shown, lambda item: item)


def full(**fields: Any) -> Entry:
    return replace(entry("One."), **fields)


CASES: dict[str, tuple[Entry, dict[str, Any], Entry]] = {
    "a part of a thread": (
        full(thread=(TWO, THREE)),
        {"thread": (ThreadItem("Two, or so. "), THREE)},
        full(thread=(ThreadItem("Two, or so."), THREE)),
    ),
    "an image of a part": (
        full(thread=(TWO, THREE)),
        {"thread": (TWO, replace(THREE, images=(Image("https://acme.example/2.png"),)))},
        full(thread=(TWO, replace(THREE, images=(Image("https://acme.example/2.png"),)))),
    ),
    "the link of a part": (
        full(thread=(TWO, LINKED)),
        {"thread": (TWO, replace(LINKED, link=Link("https://b.example", "B", "About b")))},
        full(thread=(TWO, replace(LINKED, link=Link("https://b.example", "B")))),
    ),
    "a link of a part where none was": (
        full(thread=(TWO,)),
        {"thread": (replace(TWO, link=Link("https://b.example", "B")),)},
        full(thread=(replace(TWO, link=Link("https://b.example")),)),
    ),
    "a link of a part taken away": (
        full(thread=(LINKED,)),
        {"thread": (replace(LINKED, link=None),)},
        full(thread=(replace(LINKED, link=None),)),
    ),
    "a text of a part with a link": (
        full(thread=(LINKED,)),
        {"thread": (replace(LINKED, text="Six."),)},
        full(thread=(replace(LINKED, text="Six."),)),
    ),
    "a part more": (full(thread=(TWO,)), {"thread": (TWO, THREE)}, full(thread=(TWO, THREE))),
    "a thread where none was": (full(), {"thread": (TWO,)}, full(thread=(TWO,))),
    "a first comment": (
        full(first_comment="a"), {"first_comment": "b "}, full(first_comment="b"),
    ),
    "no first comment": (full(first_comment="a"), {"first_comment": ""}, full()),
    "a setting": (
        full(metadata=DEFAULTS),
        {"metadata": (("share_to_feed", True), ("type", "reel"))},
        full(metadata=(("share_to_feed", True), ("type", "reel"))),
    ),
    "a setting, but not what the file is silent about": (
        full(metadata=DEFAULTS[1:]),
        {"metadata": (("share_to_feed", False), ("type", "reel"))},
        full(metadata=(("type", "reel"),)),
    ),
    "another video": (
        full(video=Video(URL, "A dog")),
        {"video": Video("https://acme.example/2.mp4", "A cat", 7)},
        full(video=Video("https://acme.example/2.mp4", "A cat")),
    ),
    "its cover": (
        full(video=Video(URL, cover_ms=5)), {"video": Video(URL, "told", 7)},
        full(video=Video(URL, cover_ms=7)),
    ),
    "no video": (full(video=Video(URL)), {"video": None}, full()),
    "a video where images were": (
        full(images=(PICTURE,)), {"images": (), "video": Video(URL, "told")},
        full(video=Video(URL)),
    ),
    "back to a draft": (full(), {"stage": Stage.DRAFT}, full(stage=Stage.DRAFT)),
    "from an approval to a draft": (
        full(stage=Stage.NEEDS_APPROVAL), {"stage": Stage.DRAFT}, full(stage=Stage.DRAFT),
    ),
    "all at once": (
        full(thread=(TWO,), first_comment="a", metadata=DEFAULTS, link=Link("https://a.example")),
        {
            "text": "Uno.", "thread": (ThreadItem("Due."),), "first_comment": "b",
            "metadata": (("share_to_feed", False), ("type", "post")), "stage": Stage.DRAFT,
            "due_at": moment("2026-12-02 10:00"),
        },
        replace(
            full(thread=(ThreadItem("Due."),), first_comment="b", link=Link("https://a.example")),
            text="Uno.", metadata=(("share_to_feed", False), ("type", "post")), stage=Stage.DRAFT,
            due_at=moment("2026-12-02 10:00"),
        ),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_the_file_asks_for_what_reads_back_as_it_is(case: str) -> None:
    asked, changes, wanted = CASES[case]
    assert pull(asked, **changes) == wanted


LOST: dict[str, tuple[Entry, dict[str, Any], str]] = {
    "a thread that lost a part": (full(thread=(TWO, THREE)), {"thread": (THREE,)}, "lost parts"),
    "a thread that is none": (full(thread=(TWO,)), {"thread": ()}, "lost parts"),
    "a setting that is gone": (
        full(metadata=(("spoiler_text", "a"), ("type", "post"))),
        {"metadata": (("type", "post"),)},
        "spoiler_text",
    ),
    "a tag": (full(tags=("a", "b")), {"tags": ("a",)}, "a tag"),
}  # fmt: skip


@pytest.mark.parametrize("case", LOST)
def test_what_no_file_can_say_is_told(case: str) -> None:
    asked, changes, reason = LOST[case]
    with pytest.raises(Untold, match=reason):
        pull(asked, **changes)


def without_defaults(item: Entry) -> Entry:
    """Return the entry without the settings that Buffer has by default."""
    silent = (("share_to_feed", True), ("type", "post"))
    return replace(item, metadata=tuple(pair for pair in item.metadata if pair not in silent))


@pytest.mark.parametrize(
    ("asked", "seen", "wanted"),
    [
        ({"type": "post", "share_to_feed": False}, {}, {"type": "post", "share_to_feed": True}),
        ({"type": "reel", "share_to_feed": True}, {}, {"type": "post", "share_to_feed": True}),
        ({"type": "reel"}, {"type": "story"}, {"type": "story"}),
        (
            {"type": "post", "share_to_feed": True},
            {"share_to_feed": False},
            {"type": "post", "share_to_feed": False},
        ),
    ],
)
def test_a_setting_that_is_not_told_is_as_where_nobody_says_anything(
    asked: dict[str, str | bool], seen: dict[str, str | bool], wanted: dict[str, str | bool]
) -> None:
    asked_entry = full(metadata=tuple(sorted(asked.items())))
    shown = without_defaults(asked_entry)
    now = live(content=replace(shown, metadata=tuple(sorted(seen.items()))))
    leaves = drift(asked_entry, shown, now)
    drifted = change(
        Action.UPDATE,
        before=now.entry,
        after=asked_entry,
        drift=leaves,
        live=now,
        service="instagram",
    )
    pulled = taken(drifted, shown, without_defaults)
    assert dict(pulled.metadata) == wanted
    assert same_as_live(pulled, without_defaults(pulled), now)


def test_a_board_stays_under_the_name_that_the_author_wrote() -> None:
    def by_id(item: Entry) -> Entry:
        boards = {"board": "900"} if dict(item.metadata).get("board") == "Ideas" else {}
        return replace(item, metadata=tuple(sorted({**dict(item.metadata), **boards}.items())))

    asked = full(metadata=(("board", "Ideas"), ("title", "A")))
    shown = by_id(asked)
    now = live(content=replace(shown, metadata=(("board", "900"), ("title", "B"))))
    leaves = drift(asked, shown, now)
    drifted = change(Action.UPDATE, before=now.entry, after=asked, drift=leaves, live=now)
    assert taken(drifted, shown, by_id).metadata == (("board", "Ideas"), ("title", "B"))


def test_what_went_on_from_a_draft_is_no_change() -> None:
    asked = full(stage=Stage.DRAFT)
    seen = live(content=replace(asked, stage=Stage.SCHEDULED))
    assert drift(asked, asked, seen) == ()


def test_a_draft_without_a_time_is_one_of_the_queue() -> None:
    asked = full()
    seen = live(content=replace(asked, stage=Stage.DRAFT, due_at=None), due_at=None)
    wanted = full(stage=Stage.DRAFT, due_at=None, queue=QueuePosition.NEXT)
    assert found(asked, asked, seen) == wanted


def test_a_video_that_buffer_copied_keeps_the_address_that_the_author_wrote() -> None:
    asked = full(video=Video(URL, "A dog"))
    shown = full(video=Video(COPY, "A dog", hosted=True))
    titled = replace(shown.video or Video(""), title="A cat")
    assert pull(asked, shown, video=titled).video == Video(URL, "A cat")
    other = Video(COPY.replace("1", "2"), "A cat", hosted=True)
    with pytest.raises(Untold, match="own copy"):
        pull(asked, shown, video=other)


def test_a_cover_that_a_network_has_not_stays_in_the_file() -> None:
    def coverless(item: Entry) -> Entry:
        return replace(item, video=item.video and replace(item.video, cover_ms=None))

    asked = full(video=Video(URL, cover_ms=5))
    shown = coverless(asked)
    now = live(content=replace(shown, video=Video("https://acme.example/2.mp4")))
    leaves = drift(asked, shown, now)
    drifted = change(Action.UPDATE, before=now.entry, after=asked, drift=leaves, live=now)
    wanted = Video("https://acme.example/2.mp4", cover_ms=5)
    assert taken(drifted, shown, coverless).video == wanted


def test_images_of_a_part_keep_the_address_that_the_author_wrote() -> None:
    copies = (Image("https://buffer.example/1.png", "A dog", hosted=True),)
    asked, shown = full(thread=(THREE,)), full(thread=(replace(THREE, images=copies),))
    edited = (ThreadItem("Drei.", copies),)
    assert pull(asked, shown, thread=edited).thread == (ThreadItem("Drei.", (PICTURE,)),)


def test_short_links_of_a_channel_are_never_written() -> None:
    """The channel shortens, whatever the post says: `expected` knows."""
    asked = full(text="See https://acme.example/a", thread=(ThreadItem("https://acme.example/b"),))
    shown = full(text="See https://buff.ly/1", thread=(ThreadItem("https://buff.ly/2"),))
    edited = replace(
        shown, text="Look: https://buff.ly/1", thread=(ThreadItem("x https://buff.ly/2"),)
    )
    seen = live(content=edited)
    leaves = drift(asked, shown, seen, blind=True)
    drifted = change(Action.UPDATE, before=edited, after=asked, drift=leaves, live=seen)
    wanted = taken(drifted, shown, lambda item: replace(item, shorten=True))
    assert wanted.text == "Look: https://acme.example/a"
    assert wanted.thread == (ThreadItem("x https://acme.example/b"),)


def test_a_card_that_grew_from_the_text_is_not_taken_along() -> None:
    asked = full(text="see https://a.example", first_comment="a")
    shown = replace(asked, link=Link("https://a.example", "scraped"))
    assert pull(asked, shown, first_comment="b") == replace(asked, first_comment="b")


PARTS = st.fixed_dictionaries(
    {},
    optional={
        "text": st.sampled_from(["Uno.", "One."]),
        "thread": st.lists(st.sampled_from([TWO, THREE, LINKED]), max_size=3).map(tuple),
        "first_comment": st.sampled_from(["", "a", "b"]),
        "metadata": st.sampled_from(
            [(), DEFAULTS, DEFAULTS[:1], (("share_to_feed", False), DEFAULTS[1])]
        ),
        "video": st.sampled_from([None, Video(URL), Video(URL, "A", 3), Video("https://b/1.mp4")]),
        "stage": st.sampled_from(Stage),
        "tags": st.sampled_from([(), ("a",), ("a", "b")]),
        "images": st.sampled_from([(), (PICTURE,)]),
    },
)


@given(PARTS, PARTS)
def test_what_is_taken_reads_back_as_what_is_live(
    said: dict[str, Any], edited: dict[str, Any]
) -> None:
    asked = full(**said)
    seen = live(content=replace(asked, **edited))
    assume(drift(asked, asked, seen))
    try:
        wanted = found(asked, asked, seen)
    except Untold:
        assert {"thread", "metadata", "tags"} & edited.keys()
        return
    assert same_as_live(wanted, wanted, seen)
    assert drift(wanted, seen.entry, seen) == ()
