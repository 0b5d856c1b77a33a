"""Many problems of one code are one block; those of posts that a plan leaves alone are counted."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plancast.model.diagnostics import Diagnostic, Pointer, Severity, SourceRange, in_order, problem
from plancast.model.plan import Action
from plancast.render.problem_groups import FEW, grouped
from plancast.render.terminal.problems import render_diagnostics
from plancast.testing.builders import change, plan
from tests import strategies
from tests.render.rendering import COMPLETE, rendered


def silent_image(number: int, file: str = "a", detail: str = "1.png") -> Diagnostic:
    source = SourceRange.in_line(f"{file}.yaml", number, 3, 8, "url: 1.png")
    return problem("PC210", detail, address=f"{file}@acme-x", source=source)


# -- groups ----


@given(found=st.lists(strategies.diagnostics(), max_size=12))
def test_each_problem_is_in_one_group(found: list[Diagnostic]) -> None:
    groups = grouped(found)
    assert Counter(item for group in groups for item in group.problems) == Counter(in_order(found))
    for group in groups:
        of_lines = [item for line in group.lines for item in line.problems]
        assert Counter(of_lines) == Counter(group.problems)
        assert len({(item.code, item.severity) for item in group.problems}) == 1
        assert group.is_one or len(group.problems) > FEW
    ranks = [group.first.severity.rank for group in groups]
    assert ranks == sorted(ranks), "the worst first"


def test_a_few_are_shown_one_by_one_with_their_lines() -> None:
    shown = render_diagnostics([silent_image(number) for number in range(1, FEW + 1)])
    assert shown.count("warning[PC210]") == FEW
    assert shown.count("url: 1.png") == FEW


def test_many_are_one_block_with_a_line_for_each_place() -> None:
    found = [
        *(silent_image(number) for number in (4, 9)),
        silent_image(7, detail="2.png"),
        *(silent_image(number, "b") for number in (2, 12)),
        problem("PC307", "'twiter' of post c", at=Pointer("c.yaml")),
    ]
    shown = render_diagnostics(found)
    assert shown.startswith(
        "warning[PC210]: An image has no alternative text (5 times)\n"
        "  a.yaml:4:3, 9:3 · a@acme-x · 1.png\n"
        "  a.yaml:7:3 · a@acme-x · 2.png\n"
        "  b.yaml:2:3, 12:3 · b@acme-x · 1.png\n"
        "  hint: Describe it: `alt:`"
    )
    assert shown.endswith("\n6 warnings.\n")


def test_hints_that_differ_stand_at_their_places() -> None:
    found = [
        problem("PC201", f"'k{number}'", hint=f"Did you mean `{number}`?", at=Pointer("a.yaml"))
        for number in range(FEW + 1)
    ]
    shown = render_diagnostics(found)
    assert "  a.yaml · 'k2' · Did you mean `2`?\n" in shown
    assert "hint:" not in shown


@pytest.mark.parametrize("form", [form for form in COMPLETE if form != "json"])
def test_every_view_shows_the_count_and_the_places(form: str) -> None:
    found = [silent_image(number) for number in range(1, 9)]
    shown = rendered(
        plan(change(address="a@acme-x", action=Action.CREATE), diagnostics=found), form
    )
    assert shown.count("An image has no alternative text") == 1
    assert "8 times" in shown
    for item in found:
        assert item.source
        line = f"{item.source.line}:3" if form == "human" else f"a.yaml:{item.source.line}"
        assert line in shown


# -- a plan shows those of what it changes ----

KEPT = change(Action.NONE, "kept@acme-x")
MADE = change(Action.CREATE, "made@acme-x", source=SourceRange("made.yaml", 1, 1))

PLACES: dict[str, tuple[Diagnostic, bool]] = {
    "of an entry that changes": (problem("PC210", address="made@acme-x"), True),
    "of another profile of a post that changes": (problem("PC210", address="made@acme-li"), True),
    "of an entry that stays": (problem("PC210", address="kept@acme-x"), False),
    "of a post that the plan does not know": (problem("PC210", address="draft@acme-x"), False),
    "in the file of a post that changes": (problem("PC307", at=Pointer("made.yaml")), True),
    "in another file": (problem("PC307", at=Pointer("kept.yaml")), False),
    "in plancast.yaml": (problem("PC015", at=Pointer("plancast.yaml")), True),
    "in defaults": (problem("PC310", at=Pointer("posts/_defaults.yaml")), True),
    "of the world": (problem("PC813"), True),
    "of what became of an entry": (problem("PC907", address="kept@acme-x"), True),
    "an error": (problem("PC501", address="kept@acme-x"), True),
}


@pytest.mark.parametrize("case", PLACES)
def test_a_plan_counts_the_warnings_of_what_it_does_not_change(case: str) -> None:
    found, is_here = PLACES[case]
    made = plan(KEPT, MADE, diagnostics=[found])
    assert made.diagnostics_here == ((found,) if is_here else ())
    line = "1 warning about posts that this plan does not change: `plancast validate` shows it."
    for form in ("human", "markdown"):
        shown = " ".join(rendered(made, form).split())
        assert (found.code in shown, line in shown) == (is_here, not is_here)
    for form in ("json", "html"):
        assert found.code in rendered(made, form), "nothing is left out"
    assert found.code in rendered(made, "human", verbose=True)


def test_only_warnings_are_counted_and_errors_always_shown() -> None:
    """A remark, such as that a text was converted, is about the change that a reader sees."""
    found = [problem("PC210", address="kept@acme-x", severity=severity) for severity in Severity]
    made = plan(KEPT, MADE, diagnostics=found)
    assert [item.severity for item in made.diagnostics_here] == [Severity.ERROR]
    for form in ("human", "markdown"):
        assert "1 warning about posts that this plan does not change" in " ".join(
            rendered(made, form).split()
        )
    quiet = plan(KEPT, MADE, diagnostics=[found[list(Severity).index(Severity.INFO)]])
    for form in ("human", "markdown"):
        assert "that this plan does not change" not in rendered(quiet, form)


@pytest.mark.parametrize("number", [1, FEW + 1])
def test_a_file_that_the_words_name_alone_is_shown_once(number: int) -> None:
    names = [f"posts/{place}.YAML" for place in range(number)]
    found = [problem("PC016", name, hint="Rename it.", at=Pointer(name)) for name in names]
    views = [render_diagnostics(found)]
    made = plan(MADE, diagnostics=[replace(item, severity=Severity.WARNING) for item in found])
    views += [rendered(made, form, verbose=True) for form in ("human", "markdown")]
    for shown in views:
        assert [shown.count(name) for name in names] == [1] * number
