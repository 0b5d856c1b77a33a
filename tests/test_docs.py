"""Pages that are written by hand name what the code knows."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import yaml

from plancast.codec import plan_to_dict
from plancast.model.outcomes import CallOutcome
from plancast.model.plan import Action, Situation
from plancast.networks.registry import LIMITS
from plancast.reconcile.failure_reasons import REASONS
from plancast.reconcile.status import Standing
from plancast.sandbox import World
from plancast.testing import builders
from tests.reliability.test_mutants import MUTANTS

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def keys(document: object) -> set[str]:
    """The keys of a mapping and of what it holds, entries and live entries left out."""
    if isinstance(document, list):
        return set().union(*(keys(item) for item in document))
    if not isinstance(document, dict):
        return set()
    nested = (keys(value) for key, value in document.items() if key not in ("live", "source"))
    return set(document).union(*nested)


def test_the_json_plan_is_described_whole() -> None:
    plan = builders.plan(
        builders.change(Action.UPDATE, fields=[builders.leaf("text", "a", "b")]),
        unmanaged=[builders.unmanaged()],
    )
    text = page("reference/json-plan.md")
    missing = {key for key in keys(plan_to_dict(plan)) if f"`{key}`" not in text}
    assert missing <= {"url", "title", "description", "thumbnail"}


@pytest.mark.parametrize("situation", Situation)
def test_every_situation_is_explained(situation: Situation) -> None:
    assert f"| {situation.value} |" in page("plan.md")
    assert f"`{situation.value}`" in page("reference/json-plan.md")


@pytest.mark.parametrize("action", [item for item in Action if item is not Action.NONE])
def test_every_action_is_explained(action: Action) -> None:
    assert f"| `{action.sign}` | {action.value} |" in page("plan.md")


def test_the_seed_that_is_shown_can_be_planted() -> None:
    section = page("sandbox.md").partition("## A world of your own")[2]
    shown = re.search(r"```yaml\n(.*?)```", section, re.DOTALL)
    assert shown
    with World() as world:
        world.reset(yaml.load(shown[1], yaml.BaseLoader))
        assert len(world.snapshot()) == 2


def test_every_outcome_is_explained() -> None:
    text = page("exactly-once.md")
    # UNSETTLED is a confirmed one with a past.
    for outcome in set(CallOutcome) - {CallOutcome.UNSETTLED}:
        assert f"| {outcome.value.replace('_', ' ')} |" in text


def test_every_standing_that_is_trouble_has_a_word_in_the_reference() -> None:
    text = page("reference/cli.md") + page("exactly-once.md") + page("going-live.md")
    for standing in Standing:
        assert standing.value in text, standing


def test_the_reasons_of_failed_posts_are_listed_as_they_are() -> None:
    page = (DOCS / "failed-posts.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (.+) \| (.+) \| (.+) \| `(reported|assumed)` \|$", page, re.MULTILINE)
    assert rows == [
        (
            reason.words,
            reason.meaning.replace("{provider}", "Buffer"),
            reason.hint.replace("{provider}", "Buffer"),
            "reported" if reason.reported else "assumed",
        )
        for reason in REASONS
    ]


@pytest.mark.parametrize("name", MUTANTS)
def test_every_protection_is_listed_with_the_test_that_notices_its_loss(name: str) -> None:
    text = page("reliability.md")
    assert f"| {name} |" in text
    assert MUTANTS[name].test.rpartition("::")[2] in text


def row(heading: str, first: str) -> list[str]:
    """Return the cells after the first of a row in a section of networks.md."""
    section = page("networks.md").partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    found = re.search(rf"^\| `{first}` \| (.+) \|$", section, re.MULTILINE)
    assert found, f"{heading}: {first}"
    return [cell.strip() for cell in found[1].split("|")]


@pytest.mark.parametrize("service", LIMITS)
def test_the_lengths_that_are_checked_are_listed(service: str) -> None:
    limits = LIMITS[service]
    post, comment, title, _ = row("Texts", service)
    assert re.findall(r"[\d,]+\d", post) == [
        f"{limit:,}" for limit in (limits.text, limits.text_with_video, limits.text_bytes) if limit
    ]
    assert comment == ("–" if limits.first_comment is None else f"{limits.first_comment:,}")
    assert title == ("–" if limits.title is None else f"{limits.title:,}")


@pytest.mark.parametrize("service", LIMITS)
def test_the_images_that_are_allowed_are_listed(service: str) -> None:
    limits = LIMITS[service]
    images, alternative = row("Images", service)
    assert images == ("not checked" if limits.images is None else f"{limits.images}")
    unchecked = "–" if limits.images == 0 else "not checked"
    figure = re.sub(r" (?:code points|UTF-16 code units)$", "", alternative)
    assert figure == (unchecked if limits.alt_text is None else f"{limits.alt_text:,}")


# -- citations in comments --------------------------------------------------------------------


CITATION = re.compile(r"\bdocs/([\w./-]+\.md)(?:#([\w-]+))?")
OUTSIDE = re.compile(r"\bsheets?\b|\b(?:plan-apply|content)-peers\b", re.IGNORECASE)
"""Words that stand for notes which readers of the project do not have."""


def slug(heading: str) -> str:
    """Return the fragment that GitHub gives to a heading."""
    shown = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading)
    return re.sub(r"[^\w\- ]", "", shown.strip().lower()).replace(" ", "-")


def slugs(markdown: str) -> set[str]:
    """Return the fragments of a page. A heading that comes again gets a number."""
    found: dict[str, int] = {}
    prose = re.sub(r"^```.*?^```", "", markdown, flags=re.MULTILINE | re.DOTALL)
    names = set()
    for heading in re.findall(r"^#{1,6} (.+)$", prose, re.MULTILINE):
        name = slug(heading)
        number = found.get(name, 0)
        names.add(f"{name}-{number}" if number else name)
        found[name] = number + 1
    return names


@cache
def headings(name: str) -> set[str] | None:
    """Return the fragments of a page in docs/, or None if there is no such page."""
    return slugs(page(name)) if (DOCS / name).is_file() else None


def remarks(source: str, about: re.Pattern[str]) -> Iterator[str]:
    """Yield the comments and the docstrings of a module, if the pattern is anywhere in it.

    To read a module by its tokens takes long, and most have none.
    """
    if about.search(source) is None:
        return
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        documents = token.type == tokenize.STRING and token.string.endswith('"""')
        if documents or token.type == tokenize.COMMENT:
            yield token.string


def dead_citations(source: str) -> list[str]:
    """Return the citations in a module that lead to no page, or to no heading of it."""
    dead = []
    for remark in remarks(source, CITATION):
        for citation in CITATION.finditer(remark):
            name, fragment = citation.groups()
            known = headings(name)
            if known is None or (fragment and fragment not in known):
                dead.append(citation[0])
    return dead


def modules(folder: str) -> Iterator[tuple[str, str]]:
    for path in sorted((ROOT / folder).rglob("*.py")):
        yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")


@pytest.mark.parametrize("folder", ["plancast", "tests"])
def test_citations_in_comments_lead_to_a_heading(folder: str) -> None:
    dead = {name: found for name, text in modules(folder) if (found := dead_citations(text))}
    assert dead == {}


def test_facts_about_buffer_and_networks_are_cited() -> None:
    text = "".join(
        remark for _, source in modules("plancast") for remark in remarks(source, CITATION)
    )
    cited = {name for name, fragment in CITATION.findall(text) if fragment}
    assert {"buffer/v1.md", "buffer/graphql.md", "networks.md"} <= cited


def test_comments_cite_nothing_outside_the_project() -> None:
    outside = [
        f"{name}: {found[0]}"
        for name, source in modules("plancast")
        for remark in remarks(source, OUTSIDE)
        if (found := OUTSIDE.search(remark))
    ]
    assert outside == []


@pytest.mark.parametrize(
    ("source", "dead"),
    [
        ("# docs/buffer/v1.md#rate-limit", []),
        ("# docs/buffer/v1.md", []),
        ("# docs/buffer/v1.md#no-such-heading", ["docs/buffer/v1.md#no-such-heading"]),
        ("# docs/buffer/v9.md#rate-limit", ["docs/buffer/v9.md#rate-limit"]),
        ('"""Docs. (docs/buffer/v1.md#rate)."""', ["docs/buffer/v1.md#rate"]),
        ('x = "docs/buffer/v1.md#in-a-value"', []),
    ],
)
def test_a_citation_that_leads_nowhere_is_found(source: str, dead: list[str]) -> None:
    assert dead_citations(source) == dead


@pytest.mark.parametrize(
    ("markdown", "names"),
    [
        ("# Buffer's own client\n", {"buffers-own-client"}),
        ("## `posts`, and [pages](a.md#b)\n", {"posts-and-pages"}),
        ("## Same\n\n### Same\n", {"same", "same-1"}),
        ("## A_b c-d\n```sh\n# not a heading\n```\n", {"a_b-c-d"}),
    ],
)
def test_headings_get_the_fragments_of_github(markdown: str, names: set[str]) -> None:
    assert slugs(markdown) == names


@pytest.mark.parametrize("remark", ["# GraphQL sheet 2.6", "# the Sheets", "# plan-apply-peers 7"])
def test_a_citation_of_notes_outside_the_project_is_found(remark: str) -> None:
    assert OUTSIDE.search(remark)
