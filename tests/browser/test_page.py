"""The page in a real browser: it can be looked through, linked to, and sends no request."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from plancast.model.entry import Image
from plancast.model.plan import Action, Plan, Situation
from plancast.testing.builders import change, entry, leaf, plan, unmanaged
from tests.browser.open_page import OpenPage, launched, open_page
from tests.render.scenes import OLD, TEASER

IMAGE = Image("https://images.acme.example/teaser.png", "A box on a dark stage")


def queue() -> Plan:
    """A month with one of everything."""
    before, after = entry("Two days of work."), entry("Three days of work.", at="2026-12-04 08:30")
    return plan(
        change(address="launch/teaser@acme-x", after=entry(OLD), campaign="launch"),
        change(
            address="launch/teaser@acme-linkedin",
            after=entry(OLD, link=TEASER, images=[IMAGE]),
            campaign="launch",
            tags=["teaser"],
        ),
        change(
            Action.UPDATE,
            "hiring/toolmaker@acme-linkedin",
            before=before,
            after=after,
            fields=[
                leaf("text", before.text, after.text),
                leaf("due_at", "2026-12-01 08:30", "2026-12-04 08:30"),
            ],
        ),
        change(Action.DESTROY, "news/old@acme-x", due_at="2026-12-05 23:30"),
        change(
            Action.NONE,
            "news/kept@acme-fb",
            before=entry("By hand."),
            due_at="2026-12-09 08:00",
            drift=[leaf("text", "By file.", "By hand.")],
            situations=[Situation.DRIFTED],
        ),
        *(
            change(Action.NONE, f"tips/{number}@acme-x", due_at=f"2026-12-15 {number:02d}:00")
            for number in range(6, 12)
        ),
        change(Action.NONE, "later/new-year@acme-x", due_at="2027-01-01 11:00"),
        change(address="queued/next@acme-x", after=entry("Whenever.", at=None)),
        unmanaged=[unmanaged(1, due_at="2026-12-10 08:00")],
    )


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as found:
        yield found


@pytest.fixture(scope="module")
def opened(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenPage]:
    with open_page(browser, queue(), tmp_path_factory.mktemp("page")) as seen:
        yield seen


@pytest.fixture
def seen(opened: OpenPage) -> Iterator[OpenPage]:
    opened.go("")
    yield opened
    assert opened.complaints == []
    assert [url for url in opened.asked if not url.startswith(("file:", "about:"))] == []


def test_it_opens_at_the_month_of_the_first_change(seen: OpenPage) -> None:
    assert seen.title == "December 2026"
    chips = seen.chips()
    assert any("Something is coming" in text for text in chips)
    assert any("moves to Fri 4 Dec 09:30" in text for text in chips)
    assert (
        seen.page.locator(".chip.k-destroy .chip-said").evaluate(
            "one => getComputedStyle(one).textDecorationLine"
        )
        == "line-through"
    )


def test_one_post_on_two_profiles_is_one_chip(seen: OpenPage) -> None:
    chip = seen.page.locator(".chip.k-create:has-text('Something')")
    assert chip.count() == 1
    assert chip.locator(".badge").all_inner_texts() == ["in", "X"]


def test_it_goes_from_month_to_month_and_week_to_week(seen: OpenPage) -> None:
    seen.page.click("#later")
    assert seen.title == "January 2027"
    seen.page.keyboard.press("ArrowLeft")
    seen.page.keyboard.press("ArrowLeft")
    assert seen.title == "November 2026"
    seen.page.keyboard.press("t")
    assert seen.page.locator(".cell.today .number").inner_text().startswith("23")
    seen.page.keyboard.press("w")
    assert seen.title == "23 – 29 Nov 2026"
    seen.page.click("text=Next: Tue 1 December 2026")
    assert seen.title == "30 Nov – 6 Dec 2026"
    seen.page.keyboard.press("l")
    assert seen.title == "14 posts"


def test_a_full_day_shows_a_few_and_the_rest_when_asked(seen: OpenPage) -> None:
    day = seen.page.locator("[data-day]", has=seen.page.locator(".more"))
    assert day.locator(".chip").count() == 3
    day.locator(".more").click()
    assert day.locator(".chip").count() == 6
    assert seen.ask("document.activeElement.className") == "more"


def test_filters_narrow_together_and_come_back_from_the_address(seen: OpenPage) -> None:
    seen.page.click(".tile[data-mark=create] button")
    seen.page.click(".picker[data-group=campaign] summary")
    seen.page.click(".option:has-text('launch')")
    seen.page.keyboard.press("Escape")
    seen.page.keyboard.press("l")
    both = ["launch/teaser@acme-linkedin", "launch/teaser@acme-x"]
    assert seen.rows() == both
    assert "show=create" in seen.fragment
    assert "campaign=launch" in seen.fragment
    address = seen.fragment.removeprefix("#")
    seen.go(address)
    assert seen.rows() == both
    seen.page.click("#clear")
    assert len(seen.rows()) == 14
    assert "campaign" not in seen.fragment


def test_texts_can_be_searched(seen: OpenPage) -> None:
    seen.page.keyboard.press("/")
    seen.page.keyboard.type("Three days")
    assert [text.splitlines()[-1] for text in seen.chips()] == [
        "moves to Fri 4 Dec 09:30",
        "Three days of work.",
    ]
    seen.go("find=dark stage&view=list")
    assert seen.rows() == ["launch/teaser@acme-linkedin"]
    seen.go("find=nowhere&view=list")
    assert seen.page.locator("#posts .nothing").inner_text() == "Nothing passes the filters."


def test_the_zone_moves_times_and_days(seen: OpenPage) -> None:
    def night() -> tuple[str, str]:
        chip = seen.page.locator(".chip.k-destroy")
        day = chip.locator("xpath=ancestor::td").locator(".number").inner_text()
        return day, chip.locator(".chip-time").inner_text()

    assert night() == ("6", "00:30")
    seen.page.select_option("#zone", "utc")
    assert night() == ("5", "23:30")
    seen.page.select_option("#zone", "here")
    assert night() == ("6", "08:30")
    assert "zone=here" in seen.fragment
    seen.page.keyboard.press("l")
    # A day below the window has no inner text before it was drawn.
    title = seen.page.locator(".day:has-text('news/old') h2").text_content()
    assert "Sun 6 December 2026" in (title or "")


def test_a_post_opens_beside_the_calendar_and_is_linked_to(seen: OpenPage) -> None:
    seen.page.click(".chip.k-create:has-text('Something')")
    sheet = seen.page.locator("#sheet")
    assert "will be created" in sheet.locator(".card-title").inner_text().lower()
    assert "post=launch/teaser@acme-linkedin" in seen.fragment
    assert sheet.locator(".link-card strong").inner_text() == TEASER.title
    assert sheet.locator("figcaption").inner_text() == f"ALT {IMAGE.alt}"
    sheet.locator(".sibling", has_text="acme-x").click()
    assert "post=launch/teaser@acme-x" in seen.fragment
    seen.page.keyboard.press("Escape")
    assert not sheet.is_visible()
    # Not by asking the page: its policy lets no script evaluate words in it.
    seen.page.wait_for_url(lambda url: "post=" not in url)
    seen.go("post=hiring/toolmaker@acme-linkedin")
    assert sheet.locator(".words del").inner_text() == "Two"
    assert "3 days later" in sheet.inner_text()


def test_lines_of_a_text_stay_lines(seen: OpenPage) -> None:
    seen.go("post=launch/teaser@acme-x")
    assert seen.page.locator("#sheet .said").inner_text() == OLD


def test_keys_go_from_post_to_post(seen: OpenPage) -> None:
    seen.page.keyboard.press("n")
    first = seen.ask("document.activeElement.dataset.numbers")
    seen.page.keyboard.press("j")
    seen.page.keyboard.press("j")
    assert seen.ask("document.activeElement.dataset.numbers") != first
    seen.page.keyboard.press("k")
    seen.page.keyboard.press("Enter")
    assert seen.page.locator("#sheet").is_visible()
    shown = seen.page.locator("#sheet-count").inner_text()
    seen.page.keyboard.press("n")
    assert seen.page.locator("#sheet-count").inner_text() != shown
    seen.page.keyboard.press("Escape")
    seen.page.keyboard.press("?")
    assert seen.page.locator("#help").is_visible()
    seen.page.uncheck("#keys")
    seen.page.keyboard.press("Escape")
    seen.page.keyboard.press("l")
    assert seen.title == "December 2026"


def test_a_danger_leads_to_its_post(seen: OpenPage) -> None:
    seen.page.click(".warning a:has-text('news/old')")
    assert "post=news/old@acme-x" in seen.fragment


def test_light_and_dark_can_be_chosen(seen: OpenPage) -> None:
    def paper() -> object:
        return seen.ask("getComputedStyle(document.documentElement).backgroundColor")

    light = paper()
    seen.page.keyboard.press("d")
    assert paper() != light
    seen.go("view=week")
    assert paper() != light, "the choice is kept"
    seen.page.click("#theme")
    assert paper() == light


def test_without_a_script_all_posts_are_there(browser: Browser, tmp_path: Path) -> None:
    with open_page(browser, queue(), tmp_path, java_script_enabled=False) as seen:
        assert len(seen.rows()) == 14
        assert seen.page.locator("#title").is_visible() is False
        seen.page.click(".row-address:has-text('news/kept@acme-fb')")
        assert "plancast pull news/kept@acme-fb" in seen.page.locator("main").inner_text()


def test_on_a_phone_it_opens_as_a_list_and_nothing_is_cut(browser: Browser, tmp_path: Path) -> None:
    with open_page(browser, queue(), tmp_path, size=(360, 740)) as seen:
        assert seen.title == "14 posts"
        for view in ("list", "week", "month"):
            seen.page.click(f"button[data-view={view}]")
            assert seen.ask("document.documentElement.scrollWidth") <= 360, view


def test_an_empty_plan_opens_as_well(browser: Browser, tmp_path: Path) -> None:
    with open_page(browser, plan(), tmp_path) as seen:
        assert seen.title == "November 2026"
        seen.page.keyboard.press("l")
        assert "No posts" in seen.page.locator("#posts").inner_text()
        assert seen.complaints == []


def test_pictures_are_asked_for_only_by_the_reader(browser: Browser, tmp_path: Path) -> None:
    wanted = IMAGE.url
    with open_page(browser, queue(), tmp_path) as seen:
        seen.page.route("https://**", lambda route: route.abort())
        seen.page.keyboard.press("l")
        seen.page.click(".row-address:has-text('launch/teaser@acme-linkedin')")
        assert wanted not in seen.asked
        with seen.page.expect_request(wanted) as asked:
            seen.page.click("#pictures")
        assert "referer" not in asked.value.headers


SCRIPTS = (
    "</script><script>window.owned=1</script>",
    "<img src=x onerror='window.owned=1'>",
    "\"'><svg onload='window.owned=1'><a href='javascript:window.owned=1' autofocus>",
    "<iframe srcdoc='<script>parent.owned=1</script>'></iframe><style>body{display:none}</style>",
)


def hostile() -> Plan:
    """Every place that a text can stand in tries to run something."""
    made = []
    for number, text in enumerate(SCRIPTS):
        kept = entry(text, link=text, images=[Image(text, text), Image("", text, text)])
        made.append(
            change(
                Action.UPDATE,
                f"p{number}{text.replace('@', '')}@acme-x",
                before=kept,
                after=kept,
                fields=[leaf("text", text, text * 2), leaf(text, text, None)],
                drift=[leaf("text", text, "")],
                reason=text,
                campaign=text,
                tags=[text],
                service=text,
                zone=text,
            )
        )
    return replace(plan(*made, unmanaged=[unmanaged(1, SCRIPTS[0], SCRIPTS[1])]), targets=SCRIPTS)


def test_a_hostile_plan_runs_nothing(browser: Browser, tmp_path: Path) -> None:
    with open_page(browser, hostile(), tmp_path) as seen:
        for view in ("month", "week", "list"):
            seen.page.click(f"button[data-view={view}]")
        for row in seen.page.locator(".post summary").all():
            row.click()
        seen.page.click(".picker[data-group=tag] summary")
        seen.page.locator(".picker[data-group=tag] .option").first.click()
        seen.page.keyboard.press("Escape")
        seen.page.keyboard.press("m")
        seen.page.locator(".chip").first.click()
        assert seen.ask("window.owned") is None
        assert seen.page.locator("#sheet .mock").is_visible()
        assert seen.complaints == []
        assert [url for url in seen.asked if not url.startswith("file:")] == []


def test_the_policy_stops_what_got_past_everything_else(browser: Browser, tmp_path: Path) -> None:
    with open_page(browser, queue(), tmp_path) as seen:
        seen.ask(
            "document.body.append(Object.assign(document.createElement('script'),"
            " {textContent: 'window.owned = 1'}))"
        )
        seen.ask("document.body.insertAdjacentHTML('beforeend', '<b onclick=\"owned=1\">x</b>')")
        seen.ask("document.body.lastElementChild.click()")
        assert seen.ask("window.owned") is None
        assert any("Content Security Policy" in text for text in seen.complaints)
