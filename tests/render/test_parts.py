"""Threads, drafts, videos, comments, settings and the budget: in every view, and harmless."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plancast.model.entry import Entry, Image, Stage, ThreadItem, Video
from plancast.model.plan import Action, Budget, Change, Plan, RateWindow, Situation
from plancast.render.html.page import make_page
from plancast.render.markdown import render as comment
from plancast.render.markdown.content import LONGEST
from plancast.render.markdown.escape import length
from plancast.render.markdown.weeks import weeks
from plancast.render.terminal.entry_block import is_text, label, settings, value
from plancast.render.terminal.style import safe
from plancast.testing.builders import change, entry, leaf, plan
from tests import strategies
from tests.render import test_html, test_markdown
from tests.render.rendering import COMPLETE, options, rendered, uncoloured
from tests.render.test_markdown import texts

every_renderer = pytest.mark.parametrize("renderer", COMPLETE)
NEW = ("thread", "reel", "hashtags", "clip", "workshop", "oldtag")


def everything(**more: object) -> Entry:
    """An entry with a word of its own in each part."""
    made = entry(
        "root",
        video=Video("https://cdn.example/clip.mp4", title="loud"),
        thread=["thread item"],
        first_comment="hashtags",
        metadata={"type": "reel", "board": "workshop"},
        tags=["oldtag"],
    )
    return replace(made, **more)  # type: ignore[arg-type]


# -- every part is there ----


@every_renderer
def test_a_create_shows_all_that_will_be(renderer: str) -> None:
    text = rendered(plan(change(after=everything())), renderer)
    assert [word for word in NEW if word not in text] == []


@every_renderer
@given(found=st.lists(st.text("abcdefgh", min_size=3, max_size=9), min_size=1, max_size=30))
def test_no_post_of_a_thread_is_left_out(renderer: str, found: list[str]) -> None:
    made = entry("root", thread=[f"n{number}{word}" for number, word in enumerate(found)])
    text = rendered(plan(change(after=made)), renderer)
    missing = [item.text for item in made.thread if item.text not in text]
    assert missing == []
    if renderer != "json":
        assert f"1/{len(found) + 1}" in text
        assert f"{len(found) + 1}/{len(found) + 1}" in text


@every_renderer
@pytest.mark.parametrize(
    ("path", "before", "after", "words"),
    [
        ("thread[0].text", "Old words.", "New words.", ["part 2"]),
        ("thread[1].text", None, "More.", ["part 3", "More."]),
        ("thread[9].images[0].url", None, "https://a.example/x.png", ["part 11 images[0].url"]),
        ("first_comment", "", "#tools", ["first comment"]),
        ("metadata.type", "post", "reel", ["type", "reel"]),
        ("metadata.ai_generated", False, True, ["made with AI", "yes"]),
        ("stage", "needs_approval", "draft", ["stage", "needs approval", "draft"]),
        ("video.url", None, "https://a.example/x.mp4", ["video", "https://a.example/x.mp4"]),
        ("video.cover_ms", "1500", "2000", ["video cover", "at 1.5 s", "at 2 s"]),
        ("video.cover_ms", "0", "12345678", ["video cover", "at 0 s", "at 12345.678 s"]),
        ("tags", "", "a, b", ["tags", "a, b"]),
    ],
)
def test_a_difference_reads_well(
    renderer: str, path: str, before: object, after: object, words: list[str]
) -> None:
    text = rendered(plan(change(Action.UPDATE, fields=[leaf(path, before, after)])), renderer)
    if renderer == "json":
        assert json.loads(text)["changes"][0]["fields"] == [
            {"path": path, "before": before, "after": after}
        ]
        return
    assert [word for word in words if word not in text] == []


def test_of_long_texts_the_words_that_changed_are_shown() -> None:
    fields = [leaf("thread[0].text", "One old word.", "One new word."), leaf("stage", "a", "b")]
    assert "One [-old-]{+new+} word." in rendered(plan(change(Action.UPDATE, fields=fields)))
    assert is_text("first_comment")
    assert not is_text("thread[0].images[0].alt")


@given(st.text(max_size=30), st.none() | texts | st.booleans())
def test_any_path_has_a_label_and_any_value_a_word(path: str, plain: object) -> None:
    assert label(path) or not path or path == "metadata."
    assert str(value(path, plain)) or plain == ""


def test_settings_stand_in_the_order_in_which_one_asks_for_them() -> None:
    found: dict[str, str | bool] = {
        "start": "2026-12-01T09:00:00+01:00",
        "code": "",
        "ai_generated": False,
        "type": "x",
    }
    assert settings(entry(metadata=found)) == (
        ("type", "x"),
        ("begins", "2026-12-01 09:00 +01:00"),
        ("made with AI", "no"),
        ("offer code", "empty"),
    )


# -- what does not go out by itself ----

STAGED = pytest.mark.parametrize(
    ("stage", "words", "mark"),
    [
        (Stage.DRAFT, "until somebody schedules it", "draft"),
        (Stage.NEEDS_APPROVAL, "until somebody approves it", "approval"),
    ],
)


@STAGED
@pytest.mark.parametrize("renderer", ["human", "markdown", "html"])
def test_a_draft_is_told_from_what_goes_out(
    renderer: str, stage: Stage, words: str, mark: str
) -> None:
    del mark
    text = uncoloured(rendered(plan(change(after=entry(stage=stage))), renderer, width=100))
    assert words in text
    assert ("meant for 09:30 CET" if renderer == "human" else "meant for Tue 1 Dec 2026") in text
    assert words not in rendered(plan(change()), renderer)
    queued = rendered(plan(change(after=entry(at=None, stage=stage))), renderer)
    assert "next free slot" not in queued


@STAGED
def test_a_draft_does_not_count_as_going_out(stage: Stage, words: str, mark: str) -> None:
    del words
    made = plan(change(after=entry("Waits.", stage=stage)), change(address="b@acme-x"))
    calendar, beside = comment(made, options()).split("#### Beside the calendar")
    assert "Waits." not in calendar.split("#### What goes out when")[1]
    assert "Waits." in beside
    (week,) = weeks(made.changes).pieces
    assert re.findall(r"<b>(\d+)</b>", week) == ["1"]
    page = make_page(made, options())
    assert [tile.number for tile in page.tiles if tile.mark == mark] == [1]
    (card,) = (card for card in page.cards if mark in card.marks)
    assert card.kind == "create"


def test_what_is_unchanged_and_a_draft_is_drawn_as_a_draft_and_counted_as_both() -> None:
    same = entry(stage=Stage.DRAFT)
    made = plan(change(Action.NONE, before=same, after=same), change(Action.NONE, "b@acme-x"))
    marks = {card.address: card.marks for card in make_page(made, options()).cards}
    assert marks["launch/teaser@acme-x"] == ("draft", "unchanged")
    assert "1 draft does not go out by itself." in rendered(made)


def test_a_draft_that_is_removed_or_was_published_is_not_waited_for() -> None:
    draft = entry(stage=Stage.DRAFT)
    removed = change(Action.DESTROY, before=draft)
    sent = change(Action.NONE, "b@acme-x", after=draft, situations=[Situation.PUBLISHED])
    for renderer in ("human", "markdown", "html"):
        assert "until somebody" not in rendered(plan(removed, sent), renderer)


# -- it is harmless, and it fits ----


def hostile(text: str) -> Entry:
    return Entry(
        text="x",
        video=Video(text or "x", text, 5),
        thread=(ThreadItem("x" + text, (Image(text, text),)),),
        first_comment="x" + text,
        metadata=(("title", text), (text, text)),
        tags=(text,),
    )


def differing(text: str) -> Change:
    paths = ("thread[0].text", "first_comment", "metadata.title", "stage", "tags", text)
    fields = [leaf(path, text, None) for path in paths]
    return change(Action.UPDATE, "b@acme-x", after=hostile(text), fields=fields)


@given(texts)
def test_no_part_changes_the_structure_of_the_comment(text: str) -> None:
    text = text[:1000]  # so that each post has room
    made = plan(change(after=hostile(text)), differing(text))
    calm = test_markdown.page(plan(change(after=hostile("calm")), differing("calm")))
    # Of lines the parser makes one, which no forge does.
    found = test_markdown.Page(comment(made, options()).replace("<br>", "<br> "))
    assert (found.broken, found.open, found.links) == ([], [], [])
    assert found.shape["details"] == calm.shape["details"]
    assert {n for n, sign in test_markdown.NOTIFIES.items() if sign.search(found.loose)} == set()


@given(texts)
def test_no_part_breaks_the_page(text: str) -> None:
    found = test_html.page(plan(change(after=hostile(text)), differing(text)))
    assert (found.broken, found.open) == ([], [])
    assert found.elements.count("script") == 3
    assert {name for _, name, _ in found.attributes if name.startswith("on")} == set()
    assert all(re.match(r"#|https?://", link) for link in found.links)


@given(texts)
def test_a_thread_can_be_read_back(text: str) -> None:
    made = entry("x", thread=[f"a{text}a"], first_comment=f"b{text}b")
    assert test_html.page(plan(change(after=made))).texts == [
        "x",
        safe(f"a{text}a"),
        safe(f"b{text}b"),
    ]
    quotes = [
        quote.replace("\xa0", " ") for quote in test_markdown.page(plan(change(after=made))).quotes
    ]
    assert quotes[1:] == [safe(f"{sign}{text}{sign}").replace("\xa0", " ") for sign in "ab"]


@pytest.mark.parametrize("limit", [2000, 20_000, 65_536])
def test_a_comment_full_of_long_threads_fits_and_each_leaves_room_for_others(limit: int) -> None:
    long = entry("root", thread=["<&" * 250] * 24, first_comment="&" * 2000)
    made = plan(
        *(change(address=f"p/{number:02}@acme-threads", after=long) for number in range(40))
    )
    text = comment(made, replace(options(), limit=limit))
    assert length(text) <= limit
    found = test_markdown.Page(text)
    assert (found.broken, found.open) == ([], [])
    if limit == 65_536:
        assert text.count("<details>") > 1
        assert re.search(r"… \d+ more of the thread", text)
        assert "24 more of the thread" not in text
    assert length("<&" * 250) < LONGEST


# -- what it costs ----

FREE = (RateWindow(3000, 2_592_000, 2938), RateWindow(100, 900, 57), RateWindow(250, 86_400, 210))
LEFT = "57 of 100 in 15 min, 210 of 250 in 24 h, 2,938 of 3,000 in 30 days"
STOP = "The run will stop after 57 of 260 requests and go on when it is run again"
TEXTS = ["human", "markdown", "html"]


def costing(requests: int, *, waits: bool = False) -> Plan:
    return plan(change(), budget=Budget(requests, 0, FREE, waits))


@pytest.mark.parametrize("renderer", TEXTS)
def test_what_is_left_of_each_window_is_told_in_plain_words(renderer: str) -> None:
    text = rendered(costing(40), renderer, width=140)
    assert f"40 requests; left: {LEFT}" in text
    assert "The run will stop" not in text


@pytest.mark.parametrize("renderer", TEXTS)
def test_a_run_that_will_stop_says_so(renderer: str) -> None:
    assert STOP in rendered(costing(260), renderer, width=140)
    assert STOP not in rendered(costing(260, waits=True), renderer, width=140)


def test_a_narrow_terminal_has_it_on_two_lines() -> None:
    lines = rendered(costing(40)).splitlines()
    assert lines[-2:] == ["40 requests.", f"Left: {LEFT}."]


def test_of_a_short_window_that_is_waited_for_only_the_time_is_told() -> None:
    assert rendered(plan(change())).splitlines()[-1] == "1 request, a few seconds."


@pytest.mark.parametrize("renderer", TEXTS)
def test_nothing_left_is_told_as_well(renderer: str) -> None:
    made = plan(change(), budget=Budget(9, 0, (RateWindow(100, 900, 0),), waits=False))
    assert "No request is left now" in rendered(made, renderer, width=140)


@given(strategies.budgets)
def test_what_fits_is_within_the_request_and_every_window(budget: Budget) -> None:
    assert 0 <= budget.fits <= budget.requests
    assert all(budget.fits <= max(0, window.remaining) for window in budget.windows)
    assert budget.stops == (not budget.waits and budget.fits < budget.requests)
    document = json.loads(rendered(plan(change(), budget=budget), "json"))["budget"]
    assert (document["fits"], document["waits"]) == (budget.fits, budget.waits)
