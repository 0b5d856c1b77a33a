"""Stated moves: lines in which an author says which post is which.

A file that is renamed and rewritten at once looks like another post. If the content does not show
that it is the same one, the author states it:

* `was: OLD` in the post, or `moved: [{from: OLD, to: NEW}]` in plancast.yaml or in a `_moves.yaml`:
  NEW takes over the entries of OLD. If OLD and NEW are one id, the post is the one that was
  published under it, whatever its text says now;
* `removed: [{id: OLD, keep: true}]`: the file is gone, but its entries stay in Buffer, and plancast
  stops managing them.

These lines are reviewed like the rest of the repository. They name posts and never a remote id, so
no line can make plancast touch an entry that it does not own. Once applied, a line has no effect
and can be removed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from plancast.model.diagnostics import Diagnostic, Pointer, problem
from plancast.model.quoting import closest
from plancast.model.workspace import Post


@dataclass(frozen=True, slots=True)
class StatedMove:
    """A statement that the post `old` is called `new` from now on. `at` is its line."""

    old: str
    new: str
    at: Pointer


@dataclass(frozen=True, slots=True)
class StatedRemoval:
    """A statement that a post has no file any more. `keep`: its entries stay in Buffer."""

    post: str
    keep: bool
    at: Pointer


@dataclass(frozen=True, slots=True)
class StatedMoves:
    """All stated moves of a workspace, in the order of its files."""

    moves: tuple[StatedMove, ...] = ()
    removals: tuple[StatedRemoval, ...] = ()

    def with_posts(self, posts: Iterable[Post]) -> StatedMoves:
        """Return the moves with those added that posts state themselves (`was:`)."""
        own = (StatedMove(post.was, post.id, post.at / "was") for post in posts if post.was)
        return StatedMoves((*self.moves, *own), self.removals)

    @property
    def named(self) -> frozenset[str]:
        """All ids that the lines name: an invented id of a new post must not be one of them."""
        ids = (name for move in self.moves for name in (move.old, move.new))
        return frozenset((*ids, *(item.post for item in self.removals)))

    @property
    def kept(self) -> frozenset[str]:
        """The ids of posts whose entries stay in Buffer although their files are gone."""
        return frozenset(item.post for item in self.removals if item.keep)


NO_MOVES = StatedMoves()


def check_moves(stated: StatedMoves, posts: Collection[str] | None) -> Iterator[Diagnostic]:
    """Yield an error for each line that contradicts another line or the files.

    `posts` are the ids that files have; None if some file could not be read.
    """
    yield from _repeated(stated.moves, "from")
    yield from _repeated(stated.moves, "to")
    moved = {move.old for move in stated.moves}
    for removal in stated.removals:
        if posts is not None and removal.post in posts:
            detail = f"a file still asks for {removal.post!r}, which is said to be removed"
            yield problem("PC213", detail, hint="Remove one of the two.", at=removal.at)
        elif removal.post in moved:
            detail = f"{removal.post!r} is said to be moved and to be removed"
            yield problem("PC213", detail, hint="Remove one of the two.", at=removal.at)


def _repeated(moves: Sequence[StatedMove], side: str) -> Iterator[Diagnostic]:
    """Yield an error for two different moves of one post, or to one post.

    `side` is the side that must be unique, `from` or `to`. Two equal lines are no error.
    """
    seen: dict[str, StatedMove] = {}
    for move in moves:
        name, other = (move.old, move.new) if side == "from" else (move.new, move.old)
        first = seen.setdefault(name, move)
        before = first.new if side == "from" else first.old
        if before != other:
            direction = "to" if side == "from" else "from"
            detail = f"{name!r} is moved {direction} {before!r} and {direction} {other!r}"
            yield problem("PC213", detail, hint="Remove one of the two.", at=move.at)


@dataclass(frozen=True, slots=True)
class SettledMoves:
    """Stated moves checked against the state.

    `moves` are those that still have an effect; `kept` are ids of posts whose entries stay in
    Buffer and are forgotten.
    """

    moves: tuple[StatedMove, ...] = ()
    kept: frozenset[str] = frozenset()
    diagnostics: tuple[Diagnostic, ...] = ()


def settle_moves(
    stated: StatedMoves, known: Collection[str], posts: Collection[str], *, is_new: bool
) -> SettledMoves:
    """Return the moves that have an effect, with a diagnostic for each of the others.

    `known` are the ids of posts that the state owns or for which a create was sent; `posts` those
    of files. If the state knows neither the old id nor the new one, the line is an error: it is
    more likely misspelled than done. `is_new`: nothing was ever applied, so nothing is known.
    """
    moves: list[StatedMove] = []
    diagnostics: list[Diagnostic] = []
    for move in stated.moves:
        if move.old in known and move.new in posts:
            # Whether it was made already is for matching to find out, by the texts.
            moves.append(move)
        elif move.old in known:
            detail = f"no file has the id {move.new!r}, to which {move.old!r} is moved"
            hint = f"{_meant(move.new, posts)}If the post is gone, remove the line."
            diagnostics.append(problem("PC214", detail, hint=hint, at=move.at))
        elif move.new in known or move.new not in posts or is_new:
            # Only a hint: lines of moves that are over stay in files for long.
            diagnostics.append(_over(move.old, move.at))
        else:
            detail = f"plancast knows no post {move.old!r}"
            hint = f"{_meant(move.old, known)}`plancast state list` shows the ids that there are."
            diagnostics.append(problem("PC214", detail, hint=hint, at=move.at))
    # Ids that a misspelled `removed: keep` may mean: owned, without a file, and not moved.
    fileless = set(known).difference(posts, (move.old for move in moves))
    diagnostics.extend(
        _over(item.post, item.at, closest(item.post, fileless) if item.keep else "")
        for item in stated.removals
        if item.post not in known
    )
    return SettledMoves(tuple(moves), stated.kept.intersection(known), tuple(diagnostics))


def _over(post: str, at: Pointer, near: str = "") -> Diagnostic:
    """Report a line that has had its effect. `near` is an id without a file that may be meant."""
    hint = (
        f"It can be removed, unless {near!r} is meant: that has no file any more." if near else ""
    )
    return problem("PC215", f"there is no {post!r} any more", hint=hint, at=at)


def _meant(name: str, known: Collection[str]) -> str:
    """Return the beginning of a hint: the id that may be meant, or a word about spelling."""
    near = closest(name, known)
    return f"Is {near!r} meant? " if near else "Check the spelling. "
