"""The plan as a comment: fits, cannot be broken out of, and notifies no user by accident.

The parser is GitHub's own (cmark-gfm); what GitHub does after it is played by `Page`, which knows
what stands in code and what does not.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser

import cmarkgfm
import pytest
from cmarkgfm.cmark import Options
from hypothesis import given
from hypothesis import strategies as st

from plancast.model.diagnostics import SourceRange, problem
from plancast.model.events import ChangeFinished, Outcome
from plancast.model.plan import Action, Change, Plan, Situation
from plancast.render.markdown import render, render_problems, render_receipt, show_plan
from plancast.render.markdown.escape import block, length, prose, span
from plancast.render.markdown.fitting import Section, fit
from plancast.render.terminal.style import safe
from plancast.testing.builders import NOW, change, entry, leaf, live, plan
from tests.render.rendering import options
from tests.render.scenes import SCENES
from tests.strategies import plans

HOSTILE = (
    "```\n# no heading\n```",
    "`" * 5000,
    "</details></blockquote><script>alert(1)</script><!-- plancast:comment x -->",
    "| a | b |\n|---|---|\n| 1 | 2 |",
    "\n\n\n# heading\n\n- item\n\n> [!CAUTION]\n> told",
    "😀" * 5000,
    "\u202egnp.exe\u200b\u200f",
    "@everyone @acme/team #1 GH-12 acme/posts#12 !3 $4 0123456789abcdef0123456789abcdef01234567",
    "a@b.example https://github.com/acme/posts/issues/1 www.acme.example :tada: ::x::",
    "[link](javascript:alert(1)) ![x](http://x.example/y) <https://x.example> &lt;b&gt; &#64;ana",
    "  two  spaces\n\tand a tab  \r\nand \\ back \\slashes",
    "<![CDATA[x]]> <?php ?> <!DOCTYPE x> <pre> <style> <textarea>",
)
texts = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=200))
BLOCKS = {
    "details",
    "summary",
    "blockquote",
    "table",
    "tr",
    "td",
    "th",
    "ul",
    "li",
    "h3",
    "h4",
    "p",
}
VOID = {"br", "img", "hr"}


class Page(HTMLParser):
    """A comment as GitHub shows it: its elements, and its text outside of code."""

    def __init__(self, markdown: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[str] = []
        self.open: list[str] = []
        self.links: list[str] = []
        self.loose = ""
        self.quotes: list[str] = []
        self.broken: list[str] = []
        self.feed(
            cmarkgfm.github_flavored_markdown_to_html(markdown, options=Options.CMARK_OPT_UNSAFE)
        )

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        if tag == "a":
            self.links.append(dict(attrs).get("href") or "")
        if tag == "blockquote":
            self.quotes.append("")
        if tag == "br" and "blockquote" in self.open:
            self.quotes[-1] += "\n"
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if not self.open or self.open.pop() != tag:
            self.broken.append(tag)

    def handle_data(self, data: str) -> None:
        if "code" not in self.open:
            self.loose += data
        else:
            self.loose += "\0"  # nothing that a forge does goes across an element
        if "blockquote" in self.open:
            self.quotes[-1] += data

    def handle_comment(self, data: str) -> None:
        self.broken.append(f"comment {data}")

    @property
    def shape(self) -> dict[str, int]:
        """How many of each element that gives structure there are."""
        return {tag: self.elements.count(tag) for tag in BLOCKS}


def page(made: Plan, **more: object) -> Page:
    return Page(render(made, replace(options(), **more)))  # type: ignore[arg-type]


# -- it cannot be broken out of ----


@given(texts)
def test_no_text_of_a_post_changes_the_structure(text: str) -> None:
    calm = page(plan(change(after=entry("Calm."))))
    wild = page(plan(change(after=entry("x" + text))))
    assert wild.shape == calm.shape
    assert wild.broken == []
    assert wild.open == []
    assert set(wild.elements) <= {*BLOCKS, "br", "code", "sub", "hr", "b", "strong", "em", "i"}


@given(texts, texts)
def test_no_edit_changes_the_structure(before: str, after: str) -> None:
    made = change(
        Action.UPDATE,
        before=entry("x" + before),
        after=entry("x" + after),
        fields=[leaf("text", "x" + before, "x" + after), leaf("link.title", before, after)],
        drift=[leaf("text", after, before)],
        reason=before,
    )
    found = page(plan(made))
    assert (found.broken, found.open) == ([], [])
    assert found.links == []
    assert found.shape["details"] == 1


@given(texts)
def test_no_text_elsewhere_changes_the_structure(text: str) -> None:
    made = plan(
        change(after=entry("A.", images=["https://a.example/x.png"]), reason="r" + text),
        diagnostics=[problem("PC401", text, hint=text, address=text)],
    )
    found = page(replace(made, targets=(text,)), revision=text[:10])
    assert (found.broken, found.open, found.links) == ([], [], [])
    assert found.shape["details"] == 1
    assert found.shape["li"] == 1


@given(texts)
def test_a_text_can_be_read_back(text: str) -> None:
    shown = "x" + text + "x"
    (quote,) = page(plan(change(after=entry(shown)))).quotes
    assert quote.replace("\xa0", " ") == safe(shown).replace("\xa0", " ")


@given(texts)
def test_a_span_of_code_holds_whatever_it_is_given(text: str) -> None:
    found = Page(f"before {span(text)} after")
    assert found.elements == ["p", "code"]
    assert found.loose == "before \0 after\n" or not text.strip()


NOTIFIES = {
    "a mention": re.compile(r"@\w"),
    "an issue": re.compile(r"#\d|GH-\d"),
    "a commit": re.compile(r"\b[0-9a-f]{7,40}\b"),
    "a picture": re.compile(r":[a-z0-9_+-]+:"),
    "an address": re.compile(r"https?://|www\.\w"),
}


@given(texts)
def test_nobody_is_told_and_nothing_is_linked(text: str) -> None:
    made = change(after=entry(text or "x"), reason=text)
    found = page(plan(made))
    assert found.links == []
    assert {name for name, sign in NOTIFIES.items() if sign.search(found.loose)} == set()


def test_pictures_come_from_the_web_and_nowhere_else() -> None:
    images = ["https://a.example/x.png", "javascript:alert(1)", 'https://a.example/"onerror="x', ""]
    made = plan(change(after=entry("A.", images=images)))
    text = render(made, options())
    assert re.findall(r'<img src="([^"]*)"', text) == ["https://a.example/x.png"]
    assert Page(text).elements.count("img") == 1


# -- it fits ----


def many(number: int, text: str = "Something is coming. " * 5) -> Plan:
    return plan(
        *(
            change(
                (Action.CREATE, Action.UPDATE, Action.DESTROY)[index % 3],
                f"posts/2026/number-{index:04}@acme-x",
                after=entry(f"{index} {text}", at="2026-12-01 09:30") if index % 3 != 2 else None,
                fields=[leaf("text", "Before.", f"{index} {text}")] if index % 3 == 1 else [],
            )
            for index in range(number)
        )
    )


@pytest.mark.part(10)
@pytest.mark.parametrize("limit", [1200, 2000, 20_000, 65_536, 1_000_000])
@pytest.mark.parametrize("text", [*HOSTILE[:6], "Something is coming. " * 5], ids=range(7))
def test_three_hundred_changes_fit_into_any_limit_and_nothing_is_cut(text: str, limit: int) -> None:
    made = render(many(300, text), replace(options(), limit=limit))
    assert length(made) <= limit
    found = Page(made)
    assert (found.broken, found.open) == ([], [])
    assert "100 to destroy" in made
    assert "**100 entries** will be removed" in made


def test_three_thousand_changes_keep_their_summary_and_count_the_rest() -> None:
    made = render(many(3000), options())
    assert length(made) <= 65_536
    assert "Plan: 1,000 to create, 1,000 to update, 1,000 to destroy." in made
    assert "988 more" in made
    shown = made.count("<details>")
    assert f"_{3000 - shown:,} posts are not shown" in made
    assert shown > 30, "the tables leave room for posts"
    assert made.count("<tr>") > 100
    assert Page(made).broken == []


@pytest.mark.parametrize(
    ("number", "is_whole"), [(1, True), (60, True), (300, True), (3000, False)]
)
def test_each_change_has_a_line_or_the_comment_says_that_it_approves_of_none(
    number: int, is_whole: bool
) -> None:
    plan = many(number)
    shown = show_plan(plan, options())
    missing = [one for one in plan.changes if one.address.post not in shown.text]
    assert shown.is_whole is is_whole
    assert (missing == []) is is_whole
    assert ("approves of none" in shown.text) is not is_whole
    assert length(shown.text) <= 65_536
    assert Page(shown.text).broken == []


def test_what_one_section_leaves_another_may_have() -> None:
    one, other = (Section(("x" * 9,) * 50, weight, "things", share=0.2) for weight in (1, 2))
    text = fit((one, other), 1000)
    assert 900 < length(text) <= 1000
    assert text.count("x" * 9) == 50 + (other.number - int(re.findall(r"_(\d+) things", text)[0]))
    assert fit((one,), 1000).count("x" * 9) == 50


@given(plans(), st.integers(20_000, 65_536))
def test_no_plan_is_longer_than_its_limit_or_broken(made: Plan, limit: int) -> None:
    text = render(made, replace(options(), limit=limit))
    assert length(text) <= limit
    assert (Page(text).broken, Page(text).open) == ([], [])


# -- what stands in it ----


def test_a_plan_without_danger_has_no_box() -> None:
    assert "[!" not in render(plan(change()), options())


BOXES: dict[str, tuple[Plan, str]] = {
    "destroy": (plan(change(Action.DESTROY)), "> [!CAUTION]\n> **1 entry** will be removed"),
    "due soon": (
        plan(change(due_at=NOW + timedelta(minutes=30))),
        "> [!WARNING]\n> **1 entry** due within the hour",
    ),
    "missed": (
        plan(change(Action.NONE, after=entry(), situations=[Situation.MISSED])),
        "**1 entry** passed before it ever existed",
    ),
    "drift": (
        plan(change(Action.UPDATE, drift=[leaf("text", "a", "b")])),
        "**1 entry** changed by a person",
    ),
    "refused": (plan(change(), diagnostics=[problem("PC701")]), "**1 error** must be settled"),
}


@pytest.mark.parametrize(("made", "words"), BOXES.values(), ids=BOXES)
def test_each_danger_has_its_box(made: Plan, words: str) -> None:
    assert words in render(made, options())


DRIFT = [leaf("text", "Small.", "Tiny.")]
KEPT = (Situation.DRIFTED,)
WAYS: dict[str, tuple[Change, list[str]]] = {
    "overwritten": (change(Action.UPDATE, drift=DRIFT), ["plancast pull", "apply this plan"]),
    "kept": (
        change(Action.NONE, drift=DRIFT, situations=KEPT, live=live()),
        ["plancast pull", "on_drift: overwrite"],
    ),
    "made anew": (change(Action.CREATE, drift=DRIFT), ["status: draft", "apply this plan"]),
    "left removed": (
        change(Action.NONE, drift=DRIFT, situations=KEPT),
        ["left removed", "on_drift: overwrite"],
    ),
    "taken over": (change(Action.ADOPT, drift=DRIFT), []),
}


@pytest.mark.parametrize(("made", "words"), WAYS.values(), ids=WAYS)
def test_drift_shows_both_versions_and_how_to_keep_either(made: Change, words: list[str]) -> None:
    text = render(plan(made), options())
    assert "<del>Small</del><ins>Tiny</ins>" in text
    phrases = (
        "plancast pull",
        "apply this plan",
        "on_drift: overwrite",
        "status: draft",
        "left rem",
    )
    assert [word for word in words if word not in text] == []
    assert [
        word for word in phrases if word in text and not any(word in item for item in words)
    ] == []


def test_files_are_linked_where_the_forge_shows_them() -> None:
    source = SourceRange('posts/a "b".yaml', 3, 1)
    made = plan(change(source=source), diagnostics=[problem("PC401", source=source)])
    home = "https://git.example/acme/posts/blob/0123"
    links = page(made, files=home).links
    assert links == [f"{home}/posts/a%20%22b%22.yaml#L3"] * 2
    assert page(made).links == []


def test_what_is_not_done_has_no_sign() -> None:
    text = render(plan(change(Action.NONE, situations=[Situation.BLOCKED])), options())
    assert "<code></code>" not in text


def test_what_goes_out_stands_in_the_order_of_time() -> None:
    made = plan(
        change(address="b/late@acme-x", after=entry("Late.", at="2026-12-03 09:30")),
        change(address="c/soon@acme-x", after=entry("Soon.", at="2026-12-01 09:30")),
        change(address="a/next@acme-x", after=entry("Next.", at="2026-12-02 09:30")),
    )
    text = render(made, options()).split("#### Each post")[0]
    assert re.findall(r"Soon|Next|Late", text) == ["Soon", "Next", "Late"]


def test_an_offline_plan_says_how_old_its_knowledge_is() -> None:
    made = plan(change(), offline_as_of=NOW - timedelta(days=3))
    assert "last seen 3 days ago" in render(made, options())


# -- the receipt and the problems ----


def finished(made: Plan, *outcomes: Outcome, message: str = "") -> list[ChangeFinished]:
    return [
        ChangeFinished(NOW, item.address, item.action, outcome, 1, 1, 0, "id-1", message)
        for item, outcome in zip(made.changes, outcomes, strict=False)
    ]


def test_a_receipt_says_how_each_change_ended_what_went_wrong_first() -> None:
    made = plan(*(change(address=f"{name}@acme-x") for name in "abcd"))
    ends = finished(made, Outcome.APPLIED, Outcome.FAILED, Outcome.UNKNOWN, message="No <b>.")
    text = render_receipt(made, ends, options())
    assert text.startswith("### ❓ Apply: 1 applied, 1 failed, 1 unknown and 1 not attempted.")
    assert re.findall(r"<code>([a-d])@acme-x</code>", text) == ["b", "c", "d", "a"]
    assert "No &lt;b&gt;." in text
    assert Page(text).broken == []


def test_a_receipt_of_a_whole_apply_is_green() -> None:
    made = plan(change())
    text = render_receipt(made, finished(made, Outcome.APPLIED), options())
    assert text.startswith("### ✅ Apply: 1 applied.")
    assert "id-1" in text


def test_a_long_receipt_fits() -> None:
    made = many(3000)
    text = render_receipt(made, finished(made, *[Outcome.APPLIED] * 3000), options())
    assert length(text) <= 65_536
    assert "entries are not shown" in text
    assert Page(text).broken == []


@pytest.mark.parametrize("number", [0, 1, 3000])
def test_problems_are_listed_and_fit(number: int) -> None:
    found = [problem("PC401", f"case {index} `<b>`", hint="@ana") for index in range(number)]
    text = render_problems(found, options())
    assert length(text) <= 65_536
    assert ("in the files" in text) == bool(number)
    assert Page(text).broken == []


def test_words_beside_code_are_whole() -> None:
    assert block("Ask @ana, see #12.") == "Ask <code>@ana</code>, see <code>#12.</code>"


@pytest.mark.parametrize("name", SCENES)
def test_the_golden_plans_are_whole(name: str) -> None:
    found = Page(render(SCENES[name](), options()))
    assert (found.broken, found.open, found.links) == ([], [], [])


def test_backticks_in_hints_are_code() -> None:
    text = render_problems([problem("PC210", hint="Add `alt:`: it is `x<y`.")], options())
    assert "<i>Add <code>alt:</code>: it is <code>x&lt;y</code>.</i>" in text


@pytest.mark.parametrize(
    ("hint", "shown"),
    [
        ("Write `text`.", "Write <code>text</code>."),
        ("Write `![a](https://…)` there.", "Write <code>![a](https://…)</code> there."),
        ("Write `<b>` @name", "Write <code>&lt;b&gt;</code> <code>@name</code>"),
        ("A ` alone", "A ` alone"),
    ],
)
def test_words_between_backticks_are_code(hint: str, shown: str) -> None:
    assert prose(hint) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("See page (https://a.example/b).", "See page (<code>https://a.example/b</code>)."),
        ("www.a.example, and", "<code>www.a.example</code>, and"),
        ("https://a.example/B_(c)", "<code>https://a.example/B_(c)</code>"),
        ("(https://a.example/B_(c)).", "(<code>https://a.example/B_(c)</code>)."),
        ("https://a.example/?a=b", "<code>https://a.example/?a=b</code>"),
    ],
)
def test_the_end_of_a_sentence_is_no_part_of_an_address(text: str, shown: str) -> None:
    """Under `markdown: plain` each link stands in brackets behind its words."""
    assert block(text) == shown
