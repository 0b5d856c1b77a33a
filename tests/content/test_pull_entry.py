"""From what is live to what a file has to say: the nearest entry that reads back as that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plancast.content.editing.pull_entry import Untold, taken
from plancast.model.entry import Entry, Image, Link, LiveEntry, QueuePosition
from plancast.model.plan import Action, Change
from plancast.model.profile import Profile
from plancast.providers.buffer_v1.translate import expected
from plancast.reconcile.compare import drift, same_as_live
from plancast.testing.builders import change, entry, live, moment

URL = "https://acme.example/a"
X = Profile("p-acme-x", "twitter")
LI = Profile("p-acme-x", "linkedin")
COPY = "https://s3.amazonaws.com/buffer-media-uploads/1.png"


def drifted(asked: Entry, seen: LiveEntry, observed: Entry) -> Change:
    leaves = drift(asked, observed, seen)
    assert leaves, "somebody changed something"
    return change(
        Action.UPDATE, before=seen.entry, after=asked, drift=leaves, remote_id=seen.id, live=seen
    )


def pull(asked: Entry, profile: Profile, observed: Entry | None = None, **changes: object) -> Entry:
    """A person makes these changes to what `asked` reads back as; what the file shall ask for."""
    shown = observed or expected(asked, profile)
    seen = live(content=replace(shown, **changes), due_at=shown.due_at or "2026-12-01 08:30")  # type: ignore[arg-type]
    if "due_at" in changes:
        seen = replace(seen, due_at=changes["due_at"] or seen.due_at)  # type: ignore[arg-type]
    return taken(drifted(asked, seen, shown), shown, lambda item: expected(item, profile))


CASES: dict[str, tuple[Entry, Profile, dict[str, object], Entry]] = {
    "a text": (entry("a"), X, {"text": "b"}, entry("b")),
    "a text before its link": (
        entry("a", link=URL), X, {"text": f"b {URL}"}, entry("b", link=URL),
    ),
    "a text around its link": (
        entry("a", link=URL), X, {"text": f"b {URL} c"}, entry(f"b {URL} c", link=URL),
    ),
    "a text without its link": (entry("a", link=URL), X, {"text": "b"}, entry("b")),
    "a text beside its card": (entry("a", link=URL), LI, {"text": "b"}, entry("b", link=URL)),
    "another card": (
        entry("a", link=Link(URL, "A", "B")),
        LI,
        {"link": Link("https://b.example", "C", "D", "https://b.example/1.png")},
        entry("a", link=Link("https://b.example", "C", "D")),
    ),
    "no card": (entry("a", link=URL), LI, {"link": None}, entry("a")),
    "a card where none was": (
        entry("a"), LI, {"link": Link(URL, "scraped", "words")}, entry("a", link=URL),
    ),
    "a card that grew from the text": (
        entry("a"), LI, {"text": f"see {URL}", "link": Link(URL, "scraped")}, entry(f"see {URL}"),
    ),
    "a time": (
        entry("a"), X, {"due_at": moment("2026-12-02 10:00")}, entry("a", at="2026-12-02 10:00"),
    ),
    "a time for what was queued": (
        entry("a", at=None), X, {"due_at": moment("2026-12-02 10:00")},
        entry("a", at="2026-12-02 10:00"),
    ),
    "another image": (
        entry("a", images=[Image("https://a.example/1.png", "dog")]), LI,
        {"images": (Image("https://a.example/2.png"),)},
        entry("a", images=["https://a.example/2.png"]),
    ),
    "no image": (entry("a", images=["https://a.example/1.png"]), LI, {"images": ()}, entry("a")),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_the_file_asks_for_what_reads_back_as_it_is(case: str) -> None:
    asked, profile, changes, wanted = CASES[case]
    assert pull(asked, profile, **changes) == wanted  # type: ignore[arg-type]


def test_what_is_put_back_into_the_queue_has_no_time() -> None:
    asked = entry("a")
    seen = live(content=entry("a", at=None), due_at="2026-12-03 10:00")
    found = taken(drifted(asked, seen, asked), asked, lambda item: expected(item, X))
    assert (found.due_at, found.queue) == (None, QueuePosition.NEXT)


A, B, C = "https://acme.example/a", "https://acme.example/b", "https://other.example/(c)"
ONE, TWO, NEW = "https://buff.ly/1", "https://buff.ly/2", "https://buff.ly/new"

# name -> (text of the file, text as it was read, text as a person left it, text of the file then)
LINKS = {
    "in another order": (
        f"{A} {B}", f"{ONE} {TWO}", f"First {TWO} then {ONE}", f"First {B} then {A}",
    ),
    "with other signs after them": (f"See {A}.", f"See {ONE}.", f"({ONE}, {ONE})!", f"({A}, {A})!"),
    "a link with a bracket": (f"See {C}", f"See {ONE}", f"Look: {ONE}", f"Look: {C}"),
    "one of them removed": (f"{A} {B}", f"{ONE} {TWO}", f"Only {TWO}", f"Only {B}"),
    "one that is not known stays": (f"{A} {B}", f"{ONE} {TWO}", f"{ONE} {NEW}", f"{A} {NEW}"),
    "one that a person wrote": (f"See {A}", f"See {ONE}", f"{C} {ONE}", f"{C} {A}"),
    # They were read before they were shortened, so only their order says what they are.
    "shortened later": (
        f"See {A}, {B}!", f"See {A}, {B}!", f"Look: {ONE}, {TWO}", f"Look: {A}, {B}",
    ),
    "some shortened later": (f"{A} {B}", f"{A} {B}", f"Look: {A} {TWO}", f"Look: {A} {B}"),
    "one is gone, so their order proves nothing": (
        f"{A} {B}", f"{A} {B}", f"Look: {TWO}", f"Look: {TWO}",
    ),
    "another is in the place of one": (
        f"{A} {B}", f"{A} {B}", f"Look: {C} {TWO}", f"Look: {C} {TWO}",
    ),
    "the author's own short link": (f"See {ONE}", f"See {ONE}", f"Look: {ONE}", f"Look: {ONE}"),
}  # fmt: skip


@pytest.mark.parametrize("shortens", [True, False])
@pytest.mark.parametrize("case", LINKS)
def test_short_links_become_those_of_the_author(case: str, shortens: bool) -> None:
    mine, read, edited, wanted = LINKS[case]
    asked = entry(mine, shorten=shortens)
    assert pull(asked, X, entry(read), text=edited).text == wanted


@given(
    st.lists(st.sampled_from([A, B, C]), min_size=1, max_size=4),
    st.permutations(range(4)),
    st.sampled_from(["", ".", ",", "!", ")"]),
)
def test_whatever_a_person_does_with_known_links_the_author_has_theirs(
    links: list[str], order: list[int], sign: str
) -> None:
    short = {link: f"https://buff.ly/{number}" for number, link in enumerate(links)}
    kept = [links[number] for number in order if number < len(links)]
    edited = " ".join(f"{short[link]}{sign}" for link in kept)
    asked = entry(" ".join(links), shorten=True)
    found = pull(asked, X, entry(" ".join(short[link] for link in links)), text=f"x {edited}")
    assert found.text == "x " + " ".join(f"{link}{sign}" for link in kept)


def test_images_that_buffer_copied_keep_the_address_that_the_author_wrote() -> None:
    mine = [Image("https://a.example/1.png", "one"), Image("https://a.example/2.png", "two")]
    asked = entry("a", images=mine)
    copies = [Image(COPY.replace("1", number), hosted=True) for number in "12"]
    observed = entry("a", images=copies)
    assert pull(asked, LI, observed, images=(copies[1],)).images == (mine[1],)
    with pytest.raises(Untold, match="own copy"):
        pull(asked, LI, observed, images=(*copies, Image(COPY.replace("1", "3"), hosted=True)))


def test_an_alternative_text_is_taken_where_it_is_told() -> None:
    asked = entry("a", images=[Image("https://a.example/1.png", "dog")])
    described = (Image("https://a.example/1.png", "A dog"),)
    shown = entry("a", images=[Image("https://a.example/1.png", "dog")])
    assert pull(asked, LI, shown, images=described).images == described


WORDS = st.lists(st.sampled_from(["a", "b", URL, "https://b.example", "\n"]), max_size=5).map(
    " ".join
)


@given(WORDS, st.none() | st.just(Link(URL)), WORDS, st.sampled_from([X, LI]))
def test_what_is_taken_reads_back_as_what_is_live(
    text: str, link: Link | None, edit: str, profile: Profile
) -> None:
    asked = entry(text.strip() or "a", link=link)
    shown = expected(asked, profile)
    seen = live(content=replace(shown, text=edit.strip() or "b"))
    leaves: Sequence[object] = drift(asked, shown, seen)
    if not leaves:
        return
    try:
        found = taken(drifted(asked, seen, shown), shown, lambda item: expected(item, profile))
    except Untold:
        assert profile is LI, "a text that is no card can always be written"
        return
    assert same_as_live(found, expected(found, profile), seen)
