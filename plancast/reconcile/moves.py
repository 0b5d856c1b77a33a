"""Stated moves: what an author says about which post is which.

A file that is renamed and rewritten at once reads like another post. Where the
content does not show that it is the same one, the author says so:

* `was: OLD` in the post, or `moved: [{from: OLD, to: NEW}]` in plancast.yaml or
  in a `_moves.yaml`: NEW keeps what is scheduled for OLD. If both are the same
  id, the post is what was published under it, whatever its text says now;
* `removed: [{id: OLD, keep: true}]`: the file is gone, and what is scheduled for
  it stays in Buffer and is no longer plancast's.

Such a line is read like any other of the repository: it is reviewed, it can
name posts and never an entry in Buffer. Once it is applied it does nothing, and
can go.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from plancast.model.diagnostics import Diagnostic, Pointer, problem
from plancast.model.quoting import closest
from plancast.model.workspace import Post


@dataclass(frozen=True, slots=True)
class StatedMove:
    """The post `old` is called `new` from now on. `at` is the line that says so."""

    old: str
    new: str
    at: Pointer


@dataclass(frozen=True, slots=True)
class StatedRemoval:
    """The post has no file any more. `keep`: its entries stay in Buffer."""

    post: str
    keep: bool
    at: Pointer


@dataclass(frozen=True, slots=True)
class StatedMoves:
    """All stated moves of a workspace, in the order of its files."""

    moves: tuple[StatedMove, ...] = ()
    removals: tuple[StatedRemoval, ...] = ()

    def with_posts(self, posts: Iterable[Post]) -> StatedMoves:
        """Add the moves that posts state themselves (`was:`)."""
        own = (StatedMove(post.was, post.id, post.at / "was") for post in posts if post.was)
        return StatedMoves((*self.moves, *own), self.removals)

    @property
    def named(self) -> frozenset[str]:
        """All ids that are spoken of: no new post takes one of them."""
        ids = (name for move in self.moves for name in (move.old, move.new))
        return frozenset((*ids, *(item.post for item in self.removals)))

    @property
    def kept(self) -> frozenset[str]:
        """The ids of posts whose entries stay in Buffer although their files are gone."""
        return frozenset(item.post for item in self.removals if item.keep)


NO_MOVES = StatedMoves()


def check_moves(stated: StatedMoves, posts: Collection[str] | None) -> Iterator[Diagnostic]:
    """Find moves that contradict each other or the files.

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
    """Two different moves of one post, or to one post. The same move said twice is no harm."""
    seen: dict[str, StatedMove] = {}
    for move in moves:
        name, other = (move.old, move.new) if side == "from" else (move.new, move.old)
        first = seen.setdefault(name, move)
        before = first.new if side == "from" else first.old
        if before != other:
            said = "to" if side == "from" else "from"
            detail = f"{name!r} is moved {said} {before!r} and {said} {other!r}"
            yield problem("PC213", detail, hint="Remove one of the two.", at=move.at)


@dataclass(frozen=True, slots=True)
class SettledMoves:
    """What stated moves come to, by what the state knows.

    `moves` still have an effect; `kept` are posts whose entries plancast lets go of.
    """

    moves: tuple[StatedMove, ...] = ()
    kept: frozenset[str] = frozenset()
    diagnostics: tuple[Diagnostic, ...] = ()


def settle_moves(
    stated: StatedMoves, known: Collection[str], posts: Collection[str], *, is_new: bool
) -> SettledMoves:
    """Say which moves have an effect, and what is wrong or over with the others.

    `known` are the ids of posts that the state owns or that a create was sent for; `posts` those
    that files have. An old id that the state does not know is an error if the new one is not known
    either: nothing else tells a slip of the pen from a move that is over. `is_new`: nothing was
    ever applied, so nothing can be known.
    """
    moves: list[StatedMove] = []
    found: list[Diagnostic] = []
    for move in stated.moves:
        if move.old in known and move.new in posts:
            moves.append(move)
        elif move.old in known:
            detail = f"no file has the id {move.new!r}, to which {move.old!r} is moved"
            hint = f"{_meant(move.new, posts)}If the post is gone, remove the line."
            found.append(problem("PC214", detail, hint=hint, at=move.at))
        elif move.new in known or move.new not in posts or is_new:
            found.append(_over(move.old, move.at))
        else:
            detail = f"plancast knows no post {move.old!r}"
            hint = f"{_meant(move.old, known)}`plancast state list` shows the ids that there are."
            found.append(problem("PC214", detail, hint=hint, at=move.at))
    gone = set(known).difference(posts, (move.old for move in moves))
    found.extend(
        _over(item.post, item.at, closest(item.post, gone) if item.keep else "")
        for item in stated.removals
        if item.post not in known
    )
    return SettledMoves(tuple(moves), stated.kept.intersection(known), tuple(found))


def _over(post: str, at: Pointer, near: str = "") -> Diagnostic:
    """Say that a line has had its effect. `near`: an id that may be meant, and has no file."""
    hint = (
        f"It can be removed, unless {near!r} is meant: that has no file any more." if near else ""
    )
    return problem("PC215", f"there is no {post!r} any more", hint=hint, at=at)


def _meant(name: str, known: Collection[str]) -> str:
    near = closest(name, known)
    return f"Is {near!r} meant? " if near else "Check the spelling. "
