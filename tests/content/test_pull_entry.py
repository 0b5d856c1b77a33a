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


def test_short_links_are_never_written() -> None:
    asked = entry("Read https://acme.example/a and https://acme.example/b", shorten=True)
    observed = entry("Read https://buff.ly/1 and https://buff.ly/2")
    found = pull(asked, X, observed, text="First https://buff.ly/2, then https://buff.ly/1")
    # The comma belongs to the word that is not known, so that one stays as the person left it.
    assert found.text == "First https://buff.ly/2, then https://acme.example/a"


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
