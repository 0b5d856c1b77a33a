"""Stated moves: which contradict each other, and which still have an effect."""

from __future__ import annotations

import pytest

from plancast.model.diagnostics import Pointer
from plancast.reconcile.moves import (
    StatedMove,
    StatedMoves,
    StatedRemoval,
    check_moves,
    settle_moves,
)

AT = Pointer("_moves.yaml")
KNOWN = {"old", "busy", "sent"}


def stated(*moves: str, removed: tuple[str, ...] = (), keep: bool = True) -> StatedMoves:
    """Moves written as `old>new`."""
    pairs = (move.split(">") for move in moves)
    return StatedMoves(
        tuple(StatedMove(old, new, AT) for old, new in pairs),
        tuple(StatedRemoval(post, keep, AT) for post in removed),
    )


@pytest.mark.parametrize(
    ("moves", "codes"),
    [
        (stated(), []),
        (stated("old>new"), []),
        (stated("old>new", "old>new"), []),
        (stated("a>b", "b>a"), []),
        (stated("old>new", "x>a"), []),
        (stated("old>new", "old>a"), ["PC213"]),
        (stated("old>new", "x>new"), ["PC213"]),
        (stated("new>new"), []),
        (stated("old>nowhere"), []),
        (stated(removed=("old",)), []),
        (stated(removed=("new",)), ["PC213"]),
        (stated(removed=("new",), keep=False), ["PC213"]),
        (stated("old>new", removed=("old",)), ["PC213"]),
    ],
)
def test_moves_that_contradict_each_other_or_the_files_are_found(
    moves: StatedMoves, codes: list[str]
) -> None:
    found = list(check_moves(moves, {"new", "a", "b"}))
    assert [item.code for item in found] == codes
    assert all(item.at is not None for item in found)


def test_of_files_that_could_not_be_read_nothing_is_said() -> None:
    moves = stated("old>nowhere", "old>a", removed=("new",))
    assert [item.code for item in check_moves(moves, None)] == ["PC213"]


FILES = {"new", "busy", "same"}


@pytest.mark.parametrize(
    ("moves", "effective", "codes"),
    [
        (stated("old>new"), ["old"], []),
        (stated("sent>new"), ["sent"], []),
        (stated("busy>busy"), ["busy"], []),
        (stated("old>busy", "busy>new"), ["old", "busy"], []),
        (stated("old>nowhere"), [], ["PC214"]),
        (stated("gone>busy"), [], ["PC215"]),
        (stated("gone>sent"), [], ["PC215"]),
        (stated("gone>nowhere"), [], ["PC215"]),
        (stated("gone>new"), [], ["PC214"]),
        (stated("new>new"), [], ["PC214"]),
        (stated(removed=("old",)), [], []),
        (stated(removed=("gone",)), [], ["PC215"]),
    ],
)
def test_a_move_has_an_effect_while_the_state_knows_its_old_id(
    moves: StatedMoves, effective: list[str], codes: list[str]
) -> None:
    settled = settle_moves(moves, KNOWN, FILES, is_new=False)
    assert [move.old for move in settled.moves] == effective
    assert [item.code for item in settled.diagnostics] == codes


@pytest.mark.parametrize(
    ("moves", "hint"),
    [
        (stated("olt>new"), "Is 'old' meant? `plancast state list` shows the ids that there are."),
        (
            stated("x>new"),
            "Check the spelling. `plancast state list` shows the ids that there are.",
        ),
        (stated("old>knew"), "Is 'new' meant? If the post is gone, remove the line."),
        (stated("old>x"), "Check the spelling. If the post is gone, remove the line."),
        (stated("x>busy"), "It can be removed."),
        # What is kept by a slip of the pen is not kept, so it is destroyed.
        (
            stated(removed=("olt",)),
            "It can be removed, unless 'old' is meant: that has no file any more.",
        ),
        (stated(removed=("olt",), keep=False), "It can be removed."),
        (stated(removed=("bussy",)), "It can be removed."),
        (stated("old>new", removed=("olt",)), "It can be removed."),
    ],
)
def test_a_hint_names_what_may_be_meant(moves: StatedMoves, hint: str) -> None:
    (found,) = settle_moves(moves, KNOWN, FILES, is_new=False).diagnostics
    assert found.hint == hint


def test_where_nothing_was_ever_applied_no_move_is_an_error() -> None:
    settled = settle_moves(stated("gone>new"), (), FILES, is_new=True)
    assert (settled.moves, [item.code for item in settled.diagnostics]) == ((), ["PC215"])


def test_only_what_is_said_to_be_kept_is_kept() -> None:
    removals = tuple(StatedRemoval(name, name != "b", AT) for name in ("a", "b", "c"))
    moves = StatedMoves((), removals)
    assert moves.kept == {"a", "c"}
    assert settle_moves(moves, {"a", "b"}, (), is_new=False).kept == {"a"}


def test_all_ids_that_are_spoken_of_are_named() -> None:
    assert stated("a>b", removed=("c",)).named == {"a", "b", "c"}
