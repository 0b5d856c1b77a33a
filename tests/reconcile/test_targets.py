"""Targets that match nothing: an error each, with the addresses that were probably meant."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plancast.reconcile.targets import unmatched

KNOWN = ("2026/hello@acme-x", "2026/hello@acme-li", "2026/launch@acme-x", "world@acme-x")


@pytest.mark.parametrize(
    "target",
    [
        "*",
        "2026/hello@acme-x",
        "2026/*@acme-li",
        "*@acme-x",
        "w*",
        "2026/*",
        "2026/hello",
        "!world",
    ],
)
def test_a_target_that_matches_is_fine(target: str) -> None:
    assert unmatched([target], KNOWN) == ()


@pytest.mark.parametrize(
    ("target", "meant"),
    [
        ("2026/helo@*", "2026/hello@acme-li, 2026/hello@acme-x"),
        ("2026/helo@acme-x", "2026/hello@acme-x"),
        ("2026/hello@acme-xx", "2026/hello@acme-x"),
        ("2026/Hello@acme-x", "2026/hello@acme-x"),
        ("*@acme-l", "2026/hello@acme-li"),
        ("2026/*@acme-tw", "2026/hello@acme-"),
        ("2026/hell", "2026/hello@acme-li, 2026/hello@acme-x"),
        ("worl", "world@acme-x"),
        ("posts/2026/launch.yaml", "2026/launch@acme-x"),
        ("world.md", "world@acme-x"),
        ("@acme-li", "2026/"),
    ],
)
def test_a_typing_error_gets_the_closest_addresses(target: str, meant: str) -> None:
    (found,) = unmatched([target], KNOWN)
    assert (found.code, found.severity.value, found.detail) == ("PC311", "error", target)
    if target != "@acme-li":  # too far from everything
        assert meant in found.hint
        assert found.hint.startswith("Did you mean ")


def test_each_target_counts_by_itself() -> None:
    found = unmatched(["world@*", "nothing@*", "nothing@*", "none@acme-x"], KNOWN)
    assert [item.detail for item in found] == ["nothing@*", "none@acme-x"]


def test_a_draft_says_so() -> None:
    (found,) = unmatched(["idea@*"], KNOWN, ["idea@acme-x", "idea@acme-li"])
    assert found.detail == "idea@*: a draft is never planned: idea@acme-li, idea@acme-x"
    assert "status: draft" in found.hint
    (found,) = unmatched(["ide@*"], (), ["idea@acme-x"])
    assert found.hint == "Did you mean idea@acme-x?"


def test_a_workspace_without_addresses() -> None:
    (found,) = unmatched(["a@*"], ())
    assert "There are no addresses" in found.hint


@given(
    st.lists(st.text("ab*?[]@./!", max_size=8), max_size=4),
    st.sets(st.from_regex(r"[ab./]{1,6}@[ab]{1,3}", fullmatch=True), max_size=5),
)
def test_whatever_is_typed_names_known_addresses_alone(targets: list[str], known: set[str]) -> None:
    for item in unmatched(targets, known):
        if item.hint.startswith("Did you mean "):
            named = item.hint.removeprefix("Did you mean ").removesuffix("?")
            named, _, _ = named.partition(" and ")
            assert set(named.split(", ")) <= known
