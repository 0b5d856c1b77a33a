"""Threads, comments, videos, settings, tags and stages: what of them is a difference, and what not.

`test_compare.py` and `test_diff.py` have the rules that hold for texts, links, images and times.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from plancast.model.diagnostics import Pointer
from plancast.model.entry import Address, Entry, Image, LiveEntry, Stage, ThreadItem, Video
from plancast.model.plan import Action, FieldDiff, Situation
from plancast.model.profile import Profile
from plancast.model.state import Binding
from plancast.model.workspace import Desired
from plancast.reconcile.compare import as_asked, drift, field_diffs, live_diffs, same_as_live
from plancast.reconcile.diff import DiffContext, diff
from plancast.reconcile.match import How, Pair
from plancast.reconcile.two_phase import AHEAD, parked
from plancast.testing.builders import ADDRESS, DUE, entry, live, moment

CLIP, COPY = Video("https://a.example/1.mp4"), Video("https://b.example/2.mp4", hosted=True)
PICTURE = Image("https://a.example/1.png")
SECOND, THIRD = ThreadItem("second"), ThreadItem("third", (PICTURE,))
NOW = moment("2026-11-23 09:00")


def having(**parts: Any) -> Entry:
    return replace(entry(), **parts)


# -- ours against ours ----

LEAVES: dict[str, tuple[Entry, Entry, list[tuple[str, object, object]]]] = {
    "a part more": (
        having(thread=(SECOND,)),
        having(thread=(SECOND, THIRD)),
        [("thread[1].images[0].url", None, PICTURE.url), ("thread[1].text", None, "third")],
    ),
    "a part in other words": (
        having(thread=(SECOND,)),
        having(thread=(ThreadItem("2nd"),)),
        [("thread[0].text", "second", "2nd")],
    ),
    "a comment": (having(), having(first_comment="hi"), [("first_comment", "", "hi")]),
    "a video": (having(), having(video=CLIP), [("video.url", None, CLIP.url)]),
    "the cover of a video": (
        having(video=CLIP),
        having(video=replace(CLIP, cover_ms=1500)),
        [("video.cover_ms", None, "1500")],
    ),
    "settings": (
        having(metadata=(("share_to_feed", True), ("type", "post"))),
        having(metadata=(("share_to_feed", False), ("type", "reel"))),
        [("metadata.share_to_feed", True, False), ("metadata.type", "post", "reel")],
    ),
    "tags": (having(tags=("a",)), having(tags=("a", "b")), [("tags", "a", "a, b")]),
    "a stage": (having(), having(stage=Stage.DRAFT), [("stage", "scheduled", "draft")]),
}


@pytest.mark.parametrize("case", LEAVES)
def test_every_leaf_that_differs_is_named(case: str) -> None:
    before, after, leaves = LEAVES[case]
    assert field_diffs(before, after) == tuple(FieldDiff(*leaf) for leaf in leaves)


# -- what was asked for ----

ASKED = {
    "a setting that nobody asked for": (having(metadata=(("type", "post"),)), having(), having()),
    "a setting that was": (
        having(metadata=(("board", "b"), ("title", "t"))),
        having(metadata=(("title", "mine"),)),
        having(metadata=(("title", "t"),)),
    ),
    "somebody else's tag": (
        having(tags=("launch", "theirs")), having(tags=("launch",)), having(tags=("launch",)),
    ),
    "the title of a video": (
        having(video=replace(CLIP, title="told", cover_ms=0)), having(video=CLIP),
        having(video=CLIP),
    ),
    "blanks in a thread": (
        having(thread=(ThreadItem(" second\n"),)),
        having(thread=(SECOND,)),
        having(thread=(SECOND,)),
    ),
    "an alternative text in a thread": (
        having(thread=(ThreadItem("a", (replace(PICTURE, alt="told"),)),)),
        having(thread=(ThreadItem("a", (PICTURE,)),)),
        having(thread=(ThreadItem("a", (PICTURE,)),)),
    ),
    "a part more": (having(thread=(SECOND, THIRD)), having(thread=(SECOND,)), having(
        thread=(SECOND, THIRD)
    )),
    "a draft that went on": (having(), having(stage=Stage.DRAFT), having(stage=Stage.DRAFT)),
    "an approval that went on": (
        having(), having(stage=Stage.NEEDS_APPROVAL), having(stage=Stage.NEEDS_APPROVAL),
    ),
    "one that was called back": (having(stage=Stage.DRAFT), having(), having(stage=Stage.DRAFT)),
}  # fmt: skip


@pytest.mark.parametrize("case", ASKED)
def test_what_is_seen_is_reduced_to_what_was_asked_for(case: str) -> None:
    seen, asked, left = ASKED[case]
    assert as_asked(seen, asked) == left


def test_copies_of_videos_and_in_threads_are_no_difference() -> None:
    copied = replace(PICTURE, url="https://b.example/9.png", hosted=True)
    asked = having(video=CLIP, thread=(ThreadItem("a", (PICTURE,)),))
    seen = live(content=having(video=COPY, thread=(ThreadItem("a", (copied,)),)))
    assert same_as_live(asked, asked, seen)
    assert live_diffs(asked, asked, seen) == ()
    other = live(content=having(video=CLIP, thread=(ThreadItem("b", (copied,)),)))
    assert not same_as_live(asked, asked, other)


def test_alternative_texts_count_where_both_sides_tell_them() -> None:
    asked = entry(images=[replace(PICTURE, alt="A stage")])
    without_alt, other = live(content=entry(images=[PICTURE])), replace(PICTURE, alt="A door")
    assert same_as_live(asked, asked, without_alt)
    assert not same_as_live(asked, asked, live(content=entry(images=[other])))
    silent = entry(images=[PICTURE])  # how a provider that shows none expects it
    assert same_as_live(asked, silent, live(content=entry(images=[other])))


SHORT, LONG = "see https://buff.ly/1 and go", "see https://a.example/x and go"


def test_links_that_the_channel_shortens_are_no_difference() -> None:
    asked, blind = entry(LONG), replace(entry(LONG), shorten=True)
    assert same_as_live(asked, blind, live(content=entry(SHORT)))
    assert live_diffs(asked, blind, live(content=entry(SHORT))) == ()
    assert not same_as_live(asked, asked, live(content=entry(SHORT)))
    assert drift(asked, entry(LONG), live(content=entry(SHORT)), blind=True) == ()
    assert drift(asked, entry(LONG), live(content=entry(SHORT))) != ()
    words = live(content=entry("look https://buff.ly/1 and go"))
    assert drift(asked, entry(LONG), words, blind=True) != ()


def test_links_in_a_thread_are_shortened_as_well() -> None:
    asked = having(thread=(ThreadItem(LONG),))
    blind = replace(asked, shorten=True)
    assert same_as_live(asked, blind, live(content=having(thread=(ThreadItem(SHORT),))))
    more = live(content=having(thread=(ThreadItem(SHORT), SECOND)))
    assert not same_as_live(asked, blind, more)


# -- what follows from it ----


Verdict = tuple[Action, list[str], tuple[Situation, ...]]


def judged(applied: Entry, wanted: Entry, seen: Entry, observed: Entry | None = None) -> Verdict:
    profile = Profile("p-acme-x", "twitter")
    item = Desired(Address.parse(ADDRESS), profile, wanted, Pointer("a.yaml"))
    binding = Binding(item.address, "remote-1", item.profile.id, applied, observed or applied)
    found = LiveEntry("remote-1", item.profile.id, seen, due_at=seen.due_at)
    context = DiffContext(NOW, lambda asked, _profile: replace(asked, queue=None), {})
    change = diff(Pair(item.address, How.SAME, item, binding, found), context)
    return change.action, [leaf.path for leaf in change.fields], change.situations


DRAFT, WAITS = Stage.DRAFT, Stage.NEEDS_APPROVAL
DRIFTED = (Situation.DRIFTED,)
STAGES: dict[
    str, tuple[Stage, Stage, Stage, Action, list[str], tuple[Situation, ...]]
] = {
    "a person scheduled the draft": (DRAFT, DRAFT, Stage.SCHEDULED, Action.NONE, [], ()),
    "a person approved it": (WAITS, WAITS, Stage.SCHEDULED, Action.NONE, [], ()),
    "the file schedules it": (DRAFT, Stage.SCHEDULED, DRAFT, Action.UPDATE, ["stage"], ()),
    "both did": (DRAFT, Stage.SCHEDULED, Stage.SCHEDULED, Action.ADOPT, [], ()),
    "the file calls it back": (
        Stage.SCHEDULED, DRAFT, Stage.SCHEDULED, Action.UPDATE, ["stage"], (),
    ),
    "a person called it back": (
        Stage.SCHEDULED, Stage.SCHEDULED, DRAFT, Action.UPDATE, ["stage"], DRIFTED,
    ),
    "from a draft to an approval": (DRAFT, WAITS, DRAFT, Action.UPDATE, ["stage"], ()),
}  # fmt: skip


@pytest.mark.parametrize("case", STAGES)
def test_stages(case: str) -> None:
    applied, wanted, seen, action, fields, situations = STAGES[case]
    found = judged(having(stage=applied), having(stage=wanted), having(stage=seen))
    assert found == (action, fields, situations)


def test_a_setting_that_is_never_told_is_sent_when_its_file_changes() -> None:
    before, after = having(metadata=(("topic", "a"),)), having(metadata=(("topic", "b"),))
    shown, silent = having(metadata=(("topic", "b"),)), having()
    assert judged(before, after, shown, shown) == (Action.ADOPT, [], ())
    action, fields, _ = judged(before, after, silent, silent)
    assert (action, fields) == (Action.UPDATE, ["metadata.topic"])


def test_a_setting_is_shown_in_the_words_of_its_author() -> None:
    item = Desired(
        Address.parse(ADDRESS),
        Profile("p-acme-x", "pinterest"),
        having(metadata=(("board", "Ideas"),)),
        Pointer("a.yaml"),
    )
    applied, seen = having(metadata=(("board", "Workshop"),)), having(metadata=(("board", "901"),))
    binding = Binding(item.address, "remote-1", item.profile.id, applied, seen)
    found = LiveEntry("remote-1", item.profile.id, seen, due_at=seen.due_at)
    context = DiffContext(NOW, lambda asked, _: replace(asked, metadata=(("board", "902"),)), {})
    change = diff(Pair(item.address, How.SAME, item, binding, found), context)
    assert change.fields == (FieldDiff("metadata.board", "Workshop", "Ideas"),)


def test_a_tag_that_the_file_drops_needs_no_request() -> None:
    tagged = having(tags=("launch",))
    assert judged(tagged, having(), tagged) == (Action.ADOPT, [], ())
    action, fields, _ = judged(having(), tagged, having())
    assert (action, fields) == (Action.UPDATE, ["tags"])


@pytest.mark.parametrize("asked", [DRAFT, WAITS])
def test_an_update_of_what_went_on_shows_that_it_waits_again(asked: Stage) -> None:
    applied, wanted = having(stage=asked), having(stage=asked, text="edited")
    action, fields, _ = judged(applied, wanted, having())
    assert (action, fields) == (Action.UPDATE, ["text", "stage"])
    by_hand = having(text="by hand")
    action, fields, situations = judged(applied, applied, by_hand)
    assert (action, fields, situations) == (Action.UPDATE, ["text", "stage"], DRIFTED)


def test_an_entry_without_its_tags_is_the_same_entry() -> None:
    tagged = having(tags=("launch",))
    assert same_as_live(tagged, tagged, live(content=having()))
    assert judged(tagged, tagged, having(), having()) == (Action.NONE, [], ())
    assert judged(having(), tagged, tagged, tagged) == (Action.ADOPT, [], ())


def test_what_is_told_of_a_video_counts_where_both_sides_tell_it() -> None:
    asked = having(video=replace(CLIP, title="Mine", cover_ms=0))
    assert same_as_live(asked, asked, live(content=having(video=CLIP)))
    assert not same_as_live(asked, asked, live(content=having(video=replace(CLIP, title="No"))))


def test_what_is_inert_is_a_draft_where_there_are_drafts() -> None:
    asked = having(stage=WAITS)
    plain, draft = parked(asked, "i-1", NOW), parked(asked, "i-1", NOW, drafts=True)
    assert (plain.stage, draft.stage) == (WAITS, DRAFT)
    for one in (plain, draft):
        assert one.due_at is not None
        assert one.due_at - NOW >= AHEAD - timedelta(minutes=1)
        assert replace(one, due_at=moment(DUE), stage=WAITS) == asked
