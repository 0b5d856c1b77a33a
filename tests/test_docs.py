"""Pages that are written by hand name what the code knows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from plancast.codec import plan_to_dict
from plancast.model.outcomes import CallOutcome
from plancast.model.plan import Action, Situation
from plancast.reconcile.status import Standing
from plancast.sandbox import World
from tests import builders
from tests.reliability.test_mutants import MUTANTS

DOCS = Path(__file__).resolve().parent.parent / "docs"


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
    told = page("reference/json-plan.md")
    missing = {key for key in keys(plan_to_dict(plan)) if f"`{key}`" not in told}
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
    told = page("exactly-once.md")
    # UNSETTLED is a confirmed one with a past.
    for outcome in set(CallOutcome) - {CallOutcome.UNSETTLED}:
        assert f"| {outcome.value.replace('_', ' ')} |" in told


def test_every_standing_that_is_trouble_has_a_word_in_the_reference() -> None:
    told = page("reference/cli.md") + page("exactly-once.md") + page("going-live.md")
    for standing in Standing:
        assert standing.value in told, standing


@pytest.mark.parametrize("name", MUTANTS)
def test_every_protection_is_listed_with_the_test_that_notices_its_loss(name: str) -> None:
    told = page("reliability.md")
    assert f"| {name} |" in told
    assert MUTANTS[name].test.rpartition("::")[2] in told
