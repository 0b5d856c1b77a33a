"""From an entry to the form that makes it, row by row."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plancast.model.entry import Entry, Image, Link, QueuePosition
from plancast.model.profile import Profile
from plancast.providers.buffer_v1 import translate
from tests.providers.wire import FB, IG, LI, X

AT = datetime(2026, 12, 1, 8, 30, tzinfo=UTC)
UNIX = str(int(AT.timestamp()))
URL = "https://acme.example/launch"
PICTURE = "https://acme.example/a.png"
OTHER = "https://acme.example/b.png"
CARD = Link(URL, "T", "D", OTHER)


def create(entry: Entry, *profiles: Profile) -> dict[str, str]:
    return dict(translate.create_form(entry, profiles))


def edit(entry: Entry, previous: Entry, profile: Profile = FB) -> dict[str, str]:
    return dict(translate.update_form(entry, previous, profile))


DEFAULTS = {"shorten": "false", "attachment": "true"}


def test_a_create_names_every_profile() -> None:
    form = translate.create_form(Entry("a"), (X, FB))
    assert [value for name, value in form if name == "profile_ids[]"] == [X.id, FB.id]


@pytest.mark.parametrize(
    ("entry", "profiles", "said"),
    [
        (Entry(" a "), (X,), {"text": " a ", **DEFAULTS}),
        (Entry("a", AT), (X,), {"text": "a", "scheduled_at": UNIX, **DEFAULTS}),
        (Entry("a", AT, queue=QueuePosition.TOP), (X,), {"scheduled_at": UNIX}),
        (Entry("a", queue=QueuePosition.TOP), (X,), {"top": "true"}),
        (Entry("a", shorten=True), (X,), {"shorten": "true"}),
        (Entry(f"a {URL}", link_card=False), (FB,), {"attachment": "false"}),
        (Entry("a", link=Link(URL), link_card=False), (FB,), {"attachment": "true"}),
        (Entry("a", link=Link(URL)), (X,), {"text": f"a {URL}"}),
        (Entry("a", link=Link(URL)), (X, IG), {"text": f"a {URL}"}),
        (Entry("a", link=Link(URL)), (FB, LI), {"text": "a", "media[link]": URL}),
        (
            Entry("a", link=CARD),
            (FB,),
            {
                "media[link]": URL,
                "media[title]": "T",
                "media[description]": "D",
                "media[picture]": OTHER,
            },
        ),
        (
            Entry("a", images=(Image(PICTURE, "A"), Image(OTHER, "B"), Image(PICTURE))),
            (X,),
            {
                "media[photo]": PICTURE,
                "media[alt_text]": "A",
                "extra_media[0][photo]": OTHER,
                "extra_media[0][alt_text]": "B",
                "extra_media[1][photo]": PICTURE,
            },
        ),
    ],
)
def test_what_a_create_says(
    entry: Entry, profiles: tuple[Profile, ...], said: dict[str, str]
) -> None:
    assert said.items() <= create(entry, *profiles).items()


@pytest.mark.parametrize(
    ("entry", "profiles", "unsaid"),
    [
        (Entry("a"), (X,), "scheduled_at"),
        (Entry("a", AT, queue=QueuePosition.TOP), (X,), "top"),
        (Entry("a", queue=QueuePosition.NEXT), (X,), "top"),
        (Entry("a", link=Link(URL)), (X,), "media[link]"),
        # It would be dropped, and may be refused before that.
        (Entry("a", link=Link(URL), images=(Image(PICTURE),)), (FB, LI), "media[photo]"),
        (Entry("a", images=(Image(PICTURE),)), (X,), "media[alt_text]"),
    ],
)
def test_what_a_create_does_not_say(
    entry: Entry, profiles: tuple[Profile, ...], unsaid: str
) -> None:
    assert unsaid not in create(entry, *profiles)


def test_a_picture_beside_a_link_is_sent_to_networks_without_cards() -> None:
    form = create(Entry("a", link=Link(URL), images=(Image(PICTURE),)), X, IG)
    assert (form["text"], form["media[photo]"]) == (f"a {URL}", PICTURE)


def test_networks_with_and_without_cards_are_told_apart() -> None:
    assert translate.is_mixed((X, FB))
    assert not translate.is_mixed((X, IG))
    assert not translate.is_mixed((FB, LI))


@pytest.mark.parametrize(
    ("entry", "previous", "said"),
    [
        (Entry("b"), Entry("a"), {}),
        (Entry("b", AT), Entry("a", AT), {"scheduled_at": UNIX}),
        (Entry("b"), Entry("a", AT), {"scheduled_at": ""}),
        (
            Entry("b", queue=QueuePosition.TOP),
            Entry("a", AT),
            {"scheduled_at": "", "top": "true"},
        ),
        # Media: kept, replaced, cleared.
        (Entry("b", images=(Image(PICTURE),)), Entry("a", images=(Image(PICTURE),)), {}),
        (
            Entry("b", images=(Image(PICTURE, "A"),)),
            Entry("a", images=(Image(PICTURE),)),
            {"media[photo]": PICTURE, "media[alt_text]": "A", "extra_media": ""},
        ),
        (
            Entry("b", images=(Image(PICTURE),)),
            Entry("a", images=(Image(PICTURE, "A"),)),
            {"media[photo]": PICTURE, "extra_media": ""},
        ),
        (
            Entry("b", images=(Image(OTHER),)),
            Entry("a", images=(Image(PICTURE), Image(OTHER))),
            {"media[photo]": OTHER, "extra_media": ""},
        ),
        (
            Entry("b", images=(Image(OTHER), Image(PICTURE))),
            Entry("a", link=Link(URL)),
            {"media[photo]": OTHER, "extra_media[0][photo]": PICTURE},
        ),
        (
            Entry("b"),
            Entry("a", images=(Image(PICTURE),)),
            {"media": "", "extra_media": ""},
        ),
        (Entry("b"), Entry("a", link=Link(URL)), {"media": "", "extra_media": ""}),
        (
            Entry("b", link=Link(URL)),
            Entry("a", link=Link(URL, "scraped")),
            {"media[link]": URL, "extra_media": ""},
        ),
        # A card that grew out of the text stays while its link does.
        (Entry(f"b {URL}"), Entry(f"a {URL}", link=Link(URL)), {}),
        (
            Entry(f"b {URL}/new"),
            Entry(f"a {URL}", link=Link(URL)),
            {"media": "", "extra_media": ""},
        ),
        (
            Entry(f"b {URL}", link_card=False),
            Entry(f"a {URL}", link=Link(URL)),
            {"attachment": "false", "media": "", "extra_media": ""},
        ),
    ],
)
def test_what_an_update_says(entry: Entry, previous: Entry, said: dict[str, str]) -> None:
    form = edit(entry, previous)
    assert form == {"text": entry.text, **DEFAULTS, **said}


def test_an_update_puts_the_link_into_the_text_itself_where_there_are_no_cards() -> None:
    form = edit(Entry("b", link=Link(URL)), Entry(f"a {URL}"), X)
    assert form["text"] == f"b {URL}"
    assert "media[link]" not in form


TEXTS = st.text(st.sampled_from("ab .\n") | st.characters(codec="utf-8"), max_size=20)
ENTRIES = st.builds(
    Entry,
    text=TEXTS | st.just(f"see {URL}"),
    due_at=st.none() | st.just(AT),
    link=st.none() | st.just(Link(URL)) | st.just(CARD),
    images=st.sampled_from(((), (Image(PICTURE),), (Image(PICTURE, "A"), Image(OTHER)))),
    shorten=st.booleans(),
    link_card=st.booleans(),
)


@given(ENTRIES, st.sampled_from((X, FB, LI, IG)))
def test_what_reads_back_reads_back_the_same(entry: Entry, profile: Profile) -> None:
    once = translate.expected(entry, profile)
    assert translate.expected(replace(once, link_card=entry.link_card), profile) == once


@given(ENTRIES, ENTRIES, st.sampled_from((X, FB)))
def test_every_form_is_made_of_texts_and_says_the_text_once(
    entry: Entry, previous: Entry, profile: Profile
) -> None:
    for form in (
        translate.create_form(entry, (profile,)),
        translate.update_form(entry, previous, profile),
    ):
        names = [name for name, _ in form]
        assert len(set(names)) == len(names)
        assert {"text", "shorten", "attachment"} <= set(names)
