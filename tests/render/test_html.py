"""The page: whole, harmless whatever the texts, and the same for everybody who looks.

`Page` reads it as a browser would, as far as Python's parser does. What a real browser makes of it
is in tests/browser.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plancast.model.diagnostics import SourceRange, problem
from plancast.model.entry import Image, LiveStatus
from plancast.model.limits import Counting
from plancast.model.plan import Action, Plan, Situation
from plancast.networks.counting import measure
from plancast.networks.registry import LIMITS
from plancast.render.html import digest, render
from plancast.render.html.cards import MARKS
from plancast.render.html.offsets import home, read, shifts
from plancast.render.html.page import make_page
from plancast.render.html.spans import compared, marked
from plancast.render.terminal.style import safe
from plancast.render.text_length import NO_LINK, length
from plancast.testing.builders import NOW, change, entry, leaf, live, plan, unmanaged
from tests.render.rendering import control_characters, options
from tests.render.scenes import SCENES
from tests.strategies import plans

HOSTILE = (
    "</script><script>document.title='owned'</script>",
    "<!--<script>",
    "</style><style>*{display:none}</style>",
    "<img src=x onerror=\"document.title='owned'\">",
    "\"><svg onload=alert(1)>' autofocus onfocus='alert(1)",
    "<base href='https://evil.example/'><meta http-equiv=refresh content='0;https://evil.example'>",
    'javascript:alert(1) https://evil.example/"onmouseover="alert(1)',
    "{{ 7*7 }}{% raw %}${7*7}<%= 7*7 %>",
    "\u2028\u2029\u202egnp.exe\u2066\x00\x1b[2J\ud83d",
    "&lt;script&gt;&#60;&amp;amp;",
    "😀" * 500 + "שלום עולם مرحبا",
    "a" * 10_000,
)
texts = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=200))
VOID = {"meta", "img", "br", "input", "use", "path", "circle", "rect"}


class Page(HTMLParser):
    """The elements of a page, what stands in them, and what is not closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.inside: dict[str, list[str]] = {"script": [], "style": [], "title": []}
        self.texts: list[str] = []
        self.broken: list[str] = []
        self._said_at = 0
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.attributes.extend((tag, name, value or "") for name, value in attrs)
        if tag in self.inside:
            self.inside[tag].append("")
        if dict(attrs).get("class") == "said":
            self.texts.append("")
            self._said_at = len(self.open) + 1
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.attributes.extend((tag, name, value or "") for name, value in attrs)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.broken.append(tag)
        if len(self.open) < self._said_at:
            self._said_at = 0

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in self.inside:
            self.inside[self.open[-1]][-1] += data
        if self._said_at:
            self.texts[-1] += data

    def handle_comment(self, data: str) -> None:
        self.broken.append(f"comment {data}")

    @property
    def policy(self) -> str:
        return next(value for _tag, name, value in self.attributes if name == "content")

    @property
    def links(self) -> list[str]:
        return [value for tag, name, value in self.attributes if (tag, name) == ("a", "href")]

    @property
    def facts(self) -> dict[str, object]:
        found: dict[str, object] = json.loads(self.inside["script"][1])
        return found


def page(made: Plan, **more: object) -> Page:
    return Page(render(made, replace(options(), **more)))  # type: ignore[arg-type]


# -- it cannot be broken out of ----


@given(texts)
def test_no_text_of_a_post_adds_an_element(text: str) -> None:
    calm = page(plan(change(after=entry("Calm."))))
    wild = page(plan(change(after=entry("x" + text))))
    # What is marked in a text, and that it is too long.
    ours = ("a", "span", "strong")
    assert [tag for tag in wild.elements if tag not in ours] == [
        tag for tag in calm.elements if tag not in ours
    ]
    assert (wild.broken, wild.open) == ([], [])


@given(texts, texts)
def test_no_text_anywhere_breaks_the_page(one: str, two: str) -> None:
    edited = change(
        Action.UPDATE,
        f"a{two}@acme-x",
        before=entry(one),
        after=entry(two, images=[Image(one, two)], link=one),
        fields=[leaf("text", one, two), leaf("link.title", one, two), leaf(two, one, None)],
        drift=[leaf("text", two, one)],
        reason=one,
        campaign=one,
        tags=[two, one],
        service=two,
        zone=one,
        source=SourceRange(one, 3, 2, 9, two),
    )
    made = plan(
        edited,
        unmanaged=[unmanaged(1, one, two)],
        diagnostics=[problem("PC401", one, hint=two, address=one, source=edited.source)],
        targets=[one, two],
    )
    text = render(made, replace(options(), revision=one, run=two))
    found = Page(text)
    assert (found.broken, found.open) == ([], [])
    assert found.elements.count("script") == 3
    assert found.elements.count("style") == 1
    assert {name for _, name, _ in found.attributes if name.startswith("on")} == set()
    assert all(re.match(r"#|https?://", link) for link in found.links)
    assert control_characters(text) == set()


@given(texts)
def test_a_text_can_be_read_back(text: str) -> None:
    shown = f"x{text}x"
    found = page(plan(change(after=entry(shown))))
    assert found.texts == [safe(shown)]


@given(texts, texts)
def test_runs_joined_are_the_text(before: str, after: str) -> None:
    assert "".join(run.text for run in marked(after)) == safe(after)
    runs = compared(before, after)
    if before.strip() and after.strip() and "·" not in before + after and "⏎" not in before + after:
        new = "".join(run.text for run in runs if run.kind != "gone").replace("⏎\n", "\n")
        assert new.replace("·", " ") == safe(after)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("See https://a.example/x, and #tools by @ana.", ["link", "tag", "mention"]),
        ("@ana@social.example wrote", ["mention"]),
        ("mail ana@a.example about a#b and c/#d", []),
        ("(https://a.example/(x))", ["link"]),
    ],
)
def test_links_tags_and_mentions_are_told_apart(text: str, kinds: list[str]) -> None:
    assert [run.kind for run in marked(text) if run.kind != "plain"] == kinds


@given(plans())
def test_the_policy_names_what_stands_in_the_page_and_nothing_else(made: Plan) -> None:
    found = page(made)
    boot, facts, script = found.inside["script"]
    policy = dict(part.strip().split(" ", 1) for part in found.policy.split(";"))
    assert policy == {
        "default-src": "'none'",
        "script-src": f"'{digest(boot)}' '{digest(script)}'",
        "style-src": f"'{digest(found.inside['style'][0])}'",
        "img-src": "https: data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    assert facts.isascii()
    assert set(facts) & set("<>&") == set()


def test_nothing_is_fetched_by_opening_it() -> None:
    made = plan(change(after=entry("A.", images=["https://a.example/1.png", "http://b.example"])))
    found = page(made)
    fetching = {("img", "src"), ("script", "src"), ("link", "href"), ("svg", "href")}
    assert [item for item in found.attributes if item[:2] in fetching] == []
    asked = [value for _, name, value in found.attributes if name == "data-fetch"]
    assert asked == ["https://a.example/1.png"]
    assert "url(" not in found.inside["style"][0]
    assert "innerHTML" not in found.inside["script"][2]


# -- it is whole ----


@given(plans())
def test_every_entry_has_a_card_and_a_fact(made: Plan) -> None:
    found = page(made)
    cards = found.facts["cards"]
    assert isinstance(cards, list)
    assert found.elements.count("article") == len(cards) == len(made.changes) + len(made.unmanaged)
    addresses = sorted(item["a"] for item in cards if "others" not in item["k"])
    assert addresses == sorted(safe(str(item.address)) for item in made.changes)
    times = [item["t"] for item in cards if "t" in item]
    assert times == sorted(times)


@given(plans())
def test_the_tiles_count_the_cards(made: Plan) -> None:
    shown = make_page(made, options())
    for tile in shown.tiles:
        assert tile.number == sum(1 for card in shown.cards if tile.mark in card.marks)
    assert {mark for card in shown.cards for mark in card.marks} <= set(MARKS)


@pytest.mark.parametrize("name", SCENES)
def test_the_golden_plans_are_whole(name: str) -> None:
    found = page(SCENES[name]())
    assert (found.broken, found.open) == ([], [])
    assert found.elements.count("h1") == 1


def test_an_empty_plan_says_so() -> None:
    text = render(plan(), options())
    assert "No changes. The queue holds what the files ask for." in text
    assert "No posts: the files ask for none" in text


def test_each_danger_names_its_entries_and_counts_the_rest() -> None:
    removed = [change(Action.DESTROY, f"p/{number:02d}@acme-x") for number in range(9)]
    text = render(plan(*removed), options())
    assert "9 entries will be removed from the queue." in text
    assert "and 3 more" in text
    assert "warning" not in Page(render(plan(change()), options())).elements


def test_a_late_twin_is_told_from_its_sibling() -> None:
    twin = change(Action.DESTROY, due_at="2026-12-02 08:30", situations=[Situation.STRAY])
    shown = make_page(plan(change(Action.NONE), twin), options())
    (warning,) = shown.warnings
    assert [shown.cards[number].kind for number, _ in warning.named] == ["destroy"]


def test_what_no_file_asks_for_is_read_on_the_clock_of_the_page() -> None:
    (item,) = make_page(plan(change(Action.DESTROY, zone="UTC")), options()).cards
    assert "Tue 1 Dec 2026 09:30 CET" in item.when


def test_a_plan_that_is_refused_shows_its_errors_at_once() -> None:
    made = plan(change(), diagnostics=[problem("PC701", "6 of 20")])
    opened = [item for item in page(made).attributes if item[:2] == ("details", "open")]
    assert len(opened) == 1
    assert "1 error must be settled first" in render(made, options())


def test_an_offline_plan_says_how_old_its_knowledge_is() -> None:
    made = plan(change(), offline_as_of=NOW - timedelta(days=3))
    assert "last seen 3 days ago" in render(made, options())


def test_drift_shows_both_sides_and_how_to_keep_either() -> None:
    text = render(SCENES["drift"](), options())
    assert "plancast pull a/overwrite@acme-x" in text
    assert "<del>Small</del><ins>Tiny</ins>" in text


def test_what_goes_out_is_shown_and_not_what_was_meant() -> None:
    kept = change(
        Action.NONE,
        before=entry("By hand."),
        after=entry("By file."),
        drift=[leaf("text", "By file.", "By hand.")],
        situations=[Situation.DRIFTED],
    )
    assert page(plan(kept)).texts == ["By hand."]
    assert page(plan(change(Action.UPDATE, after=entry("By file.")))).texts == ["By file."]
    assert page(plan(change(Action.DESTROY, before=entry("By hand.")))).texts == ["By hand."]


def test_what_was_published_says_where_it_stands() -> None:
    sent = live(status=LiveStatus.PUBLISHED, link="https://x.example/9")
    made = change(Action.NONE, situations=[Situation.PUBLISHED], live=sent)
    assert "https://x.example/9" in page(plan(made)).links


@pytest.mark.parametrize("years", [(2000, 2100), (2026, 2027), (1, 9999)])
def test_years_far_apart_are_no_trouble(years: tuple[int, int]) -> None:
    ends = [datetime(year, 1, 1, tzinfo=UTC) for year in years]
    made = plan(*(change(address=f"p{when.year}@acme-x", due_at=when) for when in ends))
    assert page(made, zone="Pacific/Apia").elements.count("article") == 2


# -- lengths and clocks ----


@given(st.text(st.characters(max_codepoint=127), max_size=80))
def test_the_short_way_to_count_counts_the_same(text: str) -> None:
    found = length(entry(text), "twitter", NO_LINK)
    assert found.size == measure(text.strip(), Counting.TWITTER)
    assert found.limit == LIMITS["twitter"].text


def test_a_link_that_buffer_appends_counts_and_is_shown() -> None:
    linked = entry("Look.", link="https://acme.com/a/b/c/d/e/f")
    made = change(after=entry("Look.", link="https://a.example/long/address/of/a/page"))
    assert length(linked, "twitter", NO_LINK).size == 5 + 1 + 23
    assert page(plan(made)).texts == ["Look. https://a.example/long/address/of/a/page"]


@pytest.mark.parametrize(
    ("size", "level", "over"),
    [(0, "fine", 0), (270, "close", 0), (280, "close", 0), (281, "over", 1)],
)
def test_a_length_says_how_close_it_is(size: int, level: str, over: int) -> None:
    found = length(entry("a" * size), "twitter", NO_LINK)
    assert (found.level, found.over) == (level, over)


def test_the_days_on_which_clocks_change_are_known() -> None:
    autumn = [datetime(2026, 10, 20, tzinfo=UTC)]
    assert [(str(day), words) for day, words in shifts(autumn, "Europe/Berlin")] == [
        ("2026-10-25", "Clocks go back 1 hour")
    ]
    spring = [datetime(2026, 3, 20, tzinfo=UTC)]
    found = shifts(spring, "America/New_York")
    assert [(str(day), words) for day, words in found] == [
        ("2026-03-08", "Clocks go forward 1 hour")
    ]
    assert shifts(autumn, "UTC") == shifts([], "Europe/Berlin") == ()


@given(
    st.integers(0, 70 * 365).map(lambda days: datetime(1990, 1, 1, tzinfo=UTC) + timedelta(days))
)
def test_every_change_of_the_clocks_is_on_its_day(moment: datetime) -> None:
    for day, words in shifts([moment], "America/New_York"):
        noon = datetime(day.year, day.month, day.day, 17, tzinfo=UTC)
        before, after = (read(noon + timedelta(days=by), "America/New_York") for by in (-1, 0))
        assert ("forward" in words) == (after.offset > before.offset)
        assert after.offset != before.offset


def test_a_saved_plan_opens_in_the_zone_of_most_of_its_entries() -> None:
    zones = ["America/New_York", "America/New_York", "Europe/Berlin", "Not/AZone"]
    made = plan(*(change(address=f"p{n}@acme-x", zone=zone) for n, zone in enumerate(zones)))
    assert home(made, "UTC") == "America/New_York"
    assert home(made, "Asia/Tokyo") == "Asia/Tokyo"
    assert home(plan(), "Not/AZone") == "UTC"
