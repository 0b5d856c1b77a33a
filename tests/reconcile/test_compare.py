"""When two entries mean the same: rewriting is never a difference, an edit always is."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from plancast.model.entry import Entry, Image, Link, QueuePosition
from plancast.reconcile.compare import (
    as_asked,
    blind_links,
    drift,
    field_diffs,
    live_diffs,
    same_as_live,
)
from plancast.testing.builders import DUE, entry, leaf, live, moment
from tests.strategies import entries

URL = "https://a.example"
ONE, TWO = Image("https://a.example/1.png"), Image("https://a.example/2.png")
COPY = Image("https://buffer.example/copy.png", hosted=True)

# -- ours against ours ------------------------------------------------------------------------

LEAVES = {
    "text": (entry("a"), entry("b"), [leaf("text", "a", "b")]),
    "time": (
        entry(at=DUE),
        entry(at="2026-12-02 08:30"),
        [leaf("due_at", DUE, "2026-12-02 08:30")],
    ),
    "to the queue": (
        entry(at=DUE),
        entry(at=None),
        [leaf("due_at", DUE, None), leaf("queue", None, "next")],
    ),
    "in the queue": (
        entry(at=None),
        entry(at=None, queue=QueuePosition.TOP),
        [leaf("queue", "next", "top")],
    ),
    "a new link": (
        entry(),
        entry(link=Link(URL, "Title")),
        [leaf("link.title", None, "Title"), leaf("link.url", None, URL)],
    ),
    "a link less": (entry(link=URL), entry(), [leaf("link.url", URL, None)]),
    "an image more": (
        entry(images=[ONE]),
        entry(images=[ONE, TWO]),
        [leaf("images[1].url", None, TWO.url)],
    ),
    "images the other way round": (
        entry(images=[ONE, TWO]),
        entry(images=[TWO, ONE]),
        [leaf("images[0].url", ONE.url, TWO.url), leaf("images[1].url", TWO.url, ONE.url)],
    ),
    "an alternative text": (
        entry(images=[ONE]),
        entry(images=[replace(ONE, alt="One")]),
        [leaf("images[0].alt", None, "One")],
    ),
    "instructions": (
        entry(),
        entry(shorten=True, link_card=False),
        [leaf("shorten", False, True), leaf("link_card", True, False)],
    ),
    "all at once, in a fixed order": (
        entry("a", at=DUE, link=URL, images=[ONE]),
        entry("b", at=None, shorten=True),
        [
            leaf("text", "a", "b"),
            leaf("due_at", DUE, None),
            leaf("queue", None, "next"),
            leaf("link.url", URL, None),
            leaf("images[0].url", ONE.url, None),
            leaf("shorten", False, True),
        ],
    ),
}


@pytest.mark.parametrize("case", LEAVES)
def test_each_leaf_that_differs_is_named(case: str) -> None:
    before, after, leaves = LEAVES[case]
    assert list(field_diffs(before, after)) == leaves


images = st.lists(
    st.builds(Image, st.sampled_from([ONE.url, TWO.url]), st.sampled_from([None, "a", "b"])),
    max_size=4,
)


def _flat(found: list[Image]) -> dict[str, object]:
    urls = {f"images[{index}].url": image.url for index, image in enumerate(found)}
    alts = {f"images[{index}].alt": image.alt for index, image in enumerate(found) if image.alt}
    return {**urls, **alts}


@given(images, images)
def test_images_are_compared_place_by_place(before: list[Image], after: list[Image]) -> None:
    found = field_diffs(entry(images=before), entry(images=after))
    one, two = _flat(before), _flat(after)
    assert {item.path: (item.before, item.after) for item in found} == {
        path: (one.get(path), two.get(path))
        for path in {*one, *two}
        if one.get(path) != two.get(path)
    }


@given(entries(), entries())
def test_a_difference_turned_round_is_the_difference_the_other_way(one: Entry, two: Entry) -> None:
    there, back = field_diffs(one, two), field_diffs(two, one)
    assert [leaf(item.path, item.after, item.before) for item in there] == list(back)
    assert len({item.path for item in there}) == len(there)


@given(entries())
def test_an_entry_does_not_differ_from_itself(one: Entry) -> None:
    assert field_diffs(one, one) == field_diffs(one, replace(one)) == ()


# -- what was asked for -----------------------------------------------------------------------

CARD = Link(URL, "Scraped", "By the network", "https://a.example/t.png")
ASKED = {
    "blanks around a text": (entry("  a\n"), entry("a"), entry("a")),
    "seconds that were cut off": (
        entry(at="2026-12-01 08:30"),
        entry(at="2026-12-01 08:30:15"),
        entry(at="2026-12-01 08:30:15"),
    ),
    "seconds that differ": (
        entry(at="2026-12-01 08:30:10"),
        entry(at="2026-12-01 08:30:15"),
        entry(at="2026-12-01 08:30:10"),
    ),
    "another minute": (
        entry(at="2026-12-01 08:31"),
        entry(at="2026-12-01 08:30:15"),
        entry(at="2026-12-01 08:31"),
    ),
    "a card that grew out of the text": (
        entry(f"see {URL}", link=CARD),
        entry(f"see {URL}"),
        entry(f"see {URL}"),
    ),
    "a card that nobody wants": (
        entry(f"see {URL}", link=CARD),
        entry(f"see {URL}", link_card=False),
        entry(f"see {URL}", link=URL),
    ),
    "a card of another link": (
        entry("see", link=CARD),
        entry("see"),
        entry("see", link=URL),
    ),
    "parts of a card that were not asked for": (
        entry(link=CARD),
        entry(link=Link(URL, title="Mine")),
        entry(link=Link(URL, title="Scraped")),
    ),
    "an alternative text that was not asked for": (
        entry(images=[replace(ONE, alt="told")]),
        entry(images=[ONE]),
        entry(images=[ONE]),
    ),
    "an alternative text that was": (
        entry(images=[replace(ONE, alt="told")]),
        entry(images=[replace(ONE, alt="asked")]),
        entry(images=[replace(ONE, alt="told")]),
    ),
}


@pytest.mark.parametrize("case", ASKED)
def test_what_is_seen_is_reduced_to_what_was_asked_for(case: str) -> None:
    seen, asked, left = ASKED[case]
    assert as_asked(seen, asked) == replace(left, shorten=False, link_card=True)


@pytest.mark.parametrize(
    ("asked", "seen", "effective", "compared"),
    [
        pytest.param(entry(at=DUE), None, moment(DUE), moment(DUE), id="by when it goes out"),
        pytest.param(entry(at=None), None, moment(DUE), None, id="the queue's time is its own"),
        pytest.param(entry(at=None), moment(DUE), moment(DUE), moment(DUE), id="a time by hand"),
        pytest.param(entry(at=DUE), None, None, None, id="no time at all"),
    ],
)
def test_the_effective_time_counts_only_where_a_time_was_asked_for(
    asked: Entry, seen: datetime | None, effective: datetime | None, compared: datetime | None
) -> None:
    assert as_asked(Entry(due_at=seen), asked, effective).due_at == compared


# -- drift ------------------------------------------------------------------------------------

NO_DRIFT = {
    "nothing happened": (entry(), entry(), live(content=entry())),
    "the network trims": (entry(" a "), entry("a"), live(content=entry("a "))),
    "the answer did not tell the time": (
        entry(),
        replace(entry(), due_at=None),
        live(content=replace(entry(), due_at=None), due_at=DUE),
    ),
    "the queue moved it": (
        entry(at=None),
        Entry(entry().text),
        live(content=Entry(entry().text), due_at="2026-12-05 10:00"),
    ),
    "the card came later": (
        entry(URL),
        entry(URL),
        live(content=entry(URL, link=CARD)),
    ),
    "the image was copied": (
        entry(images=[ONE]),
        entry(images=[ONE]),
        live(content=entry(images=[COPY])),
    ),
    "another copy": (
        entry(images=[ONE]),
        entry(images=[COPY]),
        live(content=entry(images=[replace(COPY, url="https://buffer.example/2.png")])),
    ),
    "rewritten from the first": (
        entry(f"see {URL}", shorten=True),
        entry("see https://buff.ly/1"),
        live(content=entry("see https://buff.ly/1")),
    ),
}


@pytest.mark.parametrize("case", NO_DRIFT)
def test_rewriting_is_never_drift(case: str) -> None:
    asked, observed, now = NO_DRIFT[case]
    assert drift(asked, observed, now) == ()


DRIFT = {
    "text": (entry("a"), entry("a"), live(content=entry("b")), [leaf("text", "a", "b")]),
    "time": (
        entry(),
        entry(),
        live(content=entry(at=None), due_at="2026-12-02 08:30"),
        [leaf("due_at", DUE, "2026-12-02 08:30")],
    ),
    "time where the answer told none": (
        entry(),
        replace(entry(), due_at=None),
        live(content=entry(at="2026-12-02 08:30")),
        [leaf("due_at", DUE, "2026-12-02 08:30")],
    ),
    "a time for a queued entry": (
        entry(at=None),
        Entry(entry().text),
        live(content=entry(at=DUE)),
        [leaf("due_at", None, DUE)],
    ),
    "the image is gone": (
        entry(images=[ONE]),
        entry(images=[COPY]),
        live(content=entry()),
        [leaf("images[0].url", COPY.url, None)],
    ),
    "the card is gone": (
        entry(link=URL),
        entry(link=CARD),
        live(content=entry()),
        [leaf("link.url", URL, None)],
    ),
}


@pytest.mark.parametrize("case", DRIFT)
def test_an_edit_in_buffer_is_drift(case: str) -> None:
    asked, observed, now, leaves = DRIFT[case]
    assert list(drift(asked, observed, now)) == leaves


# -- theirs against ours ----------------------------------------------------------------------

SAME = {
    "equal": (entry(), entry(), live(content=entry())),
    "as the provider rewrites it": (entry("a b"), entry("a  b"), live(content=entry("a  b"))),
    "shortened links": (
        entry(f"see {URL}", shorten=True),
        entry(f"see {URL}"),
        live(content=entry("see https://buff.ly/1")),
    ),
    "a copied image": (
        entry(images=[ONE]),
        entry(images=[ONE]),
        live(content=entry(images=[COPY])),
    ),
    "an alternative text that is not told": (
        entry(images=[replace(ONE, alt="One")]),
        entry(images=[replace(ONE, alt="One")]),
        live(content=entry(images=[ONE])),
    ),
    "ends of lines, and letters that are composed in another way": (
        entry("one\r\ntwo\u0301"),
        entry("one\r\ntwo\u0301"),
        live(content=entry(" one\ntw\u00f3")),
    ),
    "seconds that were cut off": (
        entry(at="2026-12-01 08:30:15"),
        entry(at="2026-12-01 08:30:15"),
        live(content=entry(at="2026-12-01 08:30")),
    ),
}
OTHER = {
    "text": (entry("a"), live(content=entry("b")), ["text"]),
    "links where none are shortened": (
        entry(f"see {URL}"),
        live(content=entry("see https://buff.ly/1")),
        ["text"],
    ),
    "words beside a shortened link": (
        entry(f"see {URL}", shorten=True),
        live(content=entry("look https://buff.ly/1")),
        ["text"],
    ),
    "time": (entry(), live(content=entry(at="2026-12-01 08:31")), ["due_at"]),
    "an image more": (entry(), live(content=entry(images=[COPY])), ["images[0].url"]),
    "another image": (entry(images=[ONE]), live(content=entry(images=[TWO])), ["images[0].url"]),
    "a card": (entry("see"), live(content=entry("see", link=URL)), ["link.url"]),
}


@pytest.mark.parametrize("case", SAME)
def test_what_was_rewritten_is_still_the_same(case: str) -> None:
    asked, expected, found = SAME[case]
    assert same_as_live(asked, expected, found)
    assert live_diffs(asked, expected, found) == ()


@pytest.mark.parametrize("case", OTHER)
def test_what_is_not_the_same_is_told_leaf_by_leaf(case: str) -> None:
    asked, found, paths = OTHER[case]
    assert not same_as_live(asked, asked, found)
    assert [item.path for item in live_diffs(asked, asked, found)] == paths


@given(entries(), entries())
def test_same_means_that_no_leaf_differs(asked: Entry, seen: Entry) -> None:
    named = all(image.url or image.file for image in (*asked.images, *seen.images))
    assume(named)  # an image without any address does not exist
    found = live(content=seen, due_at=seen.due_at)
    assert same_as_live(asked, asked, found) == (not live_diffs(asked, asked, found))


@given(entries())
def test_what_reads_back_as_it_was_asked_for_is_the_same(asked: Entry) -> None:
    found = live(content=asked, due_at=asked.due_at or moment(DUE) + timedelta(days=3))
    assert same_as_live(asked, asked, found)
    assert drift(asked, asked, found) == ()


def test_every_address_in_a_text_is_blinded() -> None:
    assert blind_links(f"a {URL} b http://c.example/x?y=1") == "a <link> b <link>"
