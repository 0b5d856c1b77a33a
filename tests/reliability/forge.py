"""A forge in memory: requests, comments, and the environment of a run of its CI. GitHub or GitLab.

If the two differ for plancast, they differ here: what a run of a fork may do, which commit a
merge is known by, and which requests are listed as merged last. What their clients make of answers
over the wire is tried elsewhere (`tests/forges`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count

from plancast.forges import Comment, ForgeError, ReviewRequest, RunEvent, Trouble
from plancast.forges.protocol import MERGED
from tests.reliability.commits import Commits

BOT = "plancast"
MAIN = "main"
GITHUB, GITLAB = "GitHub", "GitLab"


@dataclass
class Note:
    """A comment, and who the forge says has written it."""

    id: int
    author: str
    body: str


@dataclass
class Pull:
    """A request. `own` are its commits; by `commits` it is known once it is merged."""

    number: int
    head: str
    foreign: bool = False
    is_open: bool = True
    merge: str = ""
    own: frozenset[str] = frozenset()
    commits: frozenset[str] = frozenset()
    updated: int = 0
    notes: list[Note] = field(default_factory=list)


@dataclass
class Forge:
    """The server: what all runs see. `limit` is how long a comment can be."""

    kind: str
    commits: Commits
    limit: int = 65_536
    pulls: list[Pull] = field(default_factory=list)
    _numbers: count[int] = field(default_factory=lambda: count(1))

    def open(self, head: str, *, foreign: bool = False) -> Pull:
        made = Pull(next(self._numbers), head, foreign)
        self.pulls.append(made)
        self.push(made, head)
        return made

    def push(self, pull: Pull, head: str) -> None:
        """The branch of a request is at a commit now."""
        tip = self.commits.branches[MAIN]
        pull.head = head
        pull.own = self.commits.history(head) - self.commits.history(tip)
        self.touch(pull)

    def touch(self, pull: Pull) -> None:
        pull.updated = next(self._numbers)

    def close(self, pull: Pull) -> None:
        pull.is_open = False
        self.touch(pull)

    def merged(self, pull: Pull, made: list[str]) -> None:
        """A request was merged: these commits came to be, the last one is the tip."""
        pull.merge = made[-1] if made else pull.head
        pull.commits = frozenset({*made, pull.merge})
        self.close(pull)

    def say(self, pull: Pull, author: str, body: str) -> Note:
        note = Note(next(self._numbers), author, body)
        pull.notes.append(note)
        self.touch(pull)
        return note

    def ours(self, pull: Pull) -> list[Note]:
        """The comments of plancast."""
        return [note for note in pull.notes if note.author == BOT]


@dataclass
class Visit:
    """The view of one run of CI: a `plancast.forges.Forge`. `about` is its request."""

    server: Forge
    event: RunEvent
    revision: str
    branch: str = ""
    about: Pull | None = None
    person: str = "ada"
    run: str = "https://forge.example/runs/1"
    files: str = ""
    default_branch: str = MAIN

    @property
    def name(self) -> str:
        return self.server.kind

    @property
    def noun(self) -> str:
        return "pull request" if self.server.kind == GITHUB else "merge request"

    @property
    def limit(self) -> int:
        return self.server.limit

    def merged(self) -> tuple[ReviewRequest, ...]:
        """GitHub lists what was closed last, merged or not; GitLab what was merged."""
        closed = [one for one in self.server.pulls if not one.is_open]
        closed.sort(key=lambda one: one.updated, reverse=True)
        if self.server.kind == GITHUB:
            closed = closed[: 2 * MERGED]
        return tuple(self._request(one) for one in closed if one.merge)[:MERGED]

    def contains(self, newer: str, older: str) -> bool | None:
        return self.server.commits.contains(newer, older)

    def request(self) -> ReviewRequest | None:
        """The request of the event; of a commit the one whose merge made it."""
        if self.about is not None:
            return self._request(self.about)
        if self.event is RunEvent.CLOCK:
            return None
        having = [one for one in self.server.pulls if self.revision in one.commits]
        having += [one for one in self.server.pulls if not one.merge and self._has(one)]
        made = [one for one in having if one.merge == self.revision]
        fitting = made or having
        return self._request(fitting[0]) if len(fitting) == 1 else None

    def is_open(self, request: ReviewRequest) -> bool:
        return self._pull(request).is_open

    def comments(self, request: ReviewRequest) -> tuple[Comment, ...]:
        found = self.server.ours(self._pull(request))
        return tuple(Comment(str(note.id), note.body, request.url) for note in found)

    def create(self, request: ReviewRequest, body: str) -> Comment:
        pull = self._pull(request)
        self._may_write(pull)
        note = self.server.say(pull, BOT, body)
        return Comment(str(note.id), body, request.url)

    def edit(self, request: ReviewRequest, comment: Comment, body: str) -> Comment:
        pull = self._pull(request)
        self._may_write(pull)
        note = next(one for one in pull.notes if str(one.id) == comment.id)
        note.body = body
        self.server.touch(pull)
        return Comment(comment.id, body, request.url)

    def close(self) -> None:
        """Nothing is open."""

    def _may_write(self, pull: Pull) -> None:
        if pull.foreign and self.event is RunEvent.REQUEST:
            raise ForgeError(Trouble.FORBIDDEN, "the token of a fork only reads", 403)

    def _has(self, pull: Pull) -> bool:
        """Whether a request that is not merged has the commit: it was pushed to the branch too."""
        return self.revision in pull.own

    def _pull(self, request: ReviewRequest) -> Pull:
        return next(one for one in self.server.pulls if one.number == request.number)

    def _request(self, pull: Pull) -> ReviewRequest:
        url = f"https://forge.example/requests/{pull.number}"
        return ReviewRequest(pull.number, url, pull.head, pull.foreign, pull.merge)
