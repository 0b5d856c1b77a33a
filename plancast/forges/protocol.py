"""What a forge is to us: a place where a request is reviewed, with comments on it.

Terms. A *forge* is GitHub or GitLab. A *request* is what GitHub calls a pull request and GitLab a
merge request. A comment is *ours* where the forge says that the owner of our token wrote it:
what it says of itself proves nothing, and what others wrote is never edited and never believed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Comment:
    """One comment of ours. `url` is for people."""

    id: str
    body: str
    url: str


@dataclass(frozen=True, slots=True)
class ReviewRequest:
    """A pull or merge request. `head` is its last commit, "" where that is not known.

    `foreign`: it comes from a fork, whose runs get no token that may write. `merge` is the commit
    that its merge made, "" if it was not merged or if that is not known; `merged_at` is when.
    """

    number: int
    url: str
    head: str = ""
    foreign: bool = False
    merge: str = ""
    merged_at: datetime | None = None


class RunEvent(Enum):
    """The kind of event that started a run of CI, see `event_of`."""

    PUSH = "push"
    REQUEST = "request"
    PERSON = "person"
    CLOCK = "clock"
    OTHER = "other"


class Trouble(Enum):
    """What was in the way. UNCLEAR: something may have been written, and nobody will ever tell."""

    SETTING = "setting"
    NO_TOKEN = "no_token"  # noqa: S105  # a word
    REFUSED = "refused"
    FORBIDDEN = "forbidden"
    UNSAFE = "unsafe"
    UNREACHABLE = "unreachable"
    UNCLEAR = "unclear"
    ODD = "odd"
    BUSY = "busy"
    SAID_NO = "said_no"


class ForgeError(Exception):
    """A forge did not do what it was asked. `status` is that of HTTP, 0 where there was none."""

    def __init__(self, trouble: Trouble, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.trouble = trouble
        self.status = status


MERGED = 10
"""How many merged requests are looked at: what is merged waits for minutes, not for days."""


class Forge(Protocol):
    """A forge as one run of its CI meets it. Every method raises ForgeError."""

    @property
    def name(self) -> str:
        """`GitHub`."""

    @property
    def noun(self) -> str:
        """What it calls a request, in lower case."""

    @property
    def limit(self) -> int:
        """How many characters a comment can have."""

    @property
    def revision(self) -> str:
        """The commit that this run is about, "" where it is not known."""

    @property
    def branch(self) -> str:
        """The branch that this run is about; "" for a tag, a request or a merge queue."""

    @property
    def default_branch(self) -> str:
        """The branch that requests are merged into; "" if it is not known."""

    @property
    def person(self) -> str:
        """Who started this run, "" if that is not known."""

    @property
    def run(self) -> str:
        """The address of this run, for people; "" where there is none."""

    @property
    def files(self) -> str:
        """The address below which the files of `revision` are shown; "" where there is none."""

    def merged(self) -> tuple[ReviewRequest, ...]:
        """The requests that were merged last into the branch of this run, the newest first."""

    def contains(self, newer: str, older: str) -> bool | None:
        """Whether the history of one commit has the other one in it; None if nobody knows."""

    def request(self) -> ReviewRequest | None:
        """The request that this run is about, be it merged already; None where there is none."""

    def is_open(self, request: ReviewRequest) -> bool:
        """Whether it can still be merged, as the forge says at this moment."""

    def comments(self, request: ReviewRequest) -> tuple[Comment, ...]:
        """Our comments on it, oldest first."""

    def create(self, request: ReviewRequest, body: str) -> Comment:
        """A new comment. UNCLEAR: it may be there."""

    def edit(self, request: ReviewRequest, comment: Comment, body: str) -> Comment:
        """The comment with another body. UNCLEAR: it may have it."""

    def close(self) -> None:
        """Close the connections."""


def setting(environ: Mapping[str, str], name: str) -> str:
    """A variable that the CI sets. Raises ForgeError where it is missing."""
    found = environ.get(name, "").strip()
    if not found:
        raise ForgeError(Trouble.SETTING, f"the environment has no {name}")
    return found


def token(environ: Mapping[str, str], *names: str) -> str:
    """The first of these variables that is set, "" where none is."""
    return next((found for name in names if (found := environ.get(name, "").strip())), "")


def moment(value: object) -> datetime | None:
    """A time as both forges write it, None for anything else."""
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found and found.tzinfo is None else found


def commit(value: object) -> str:
    """A commit as both forges write it, "" for anything else."""
    text = value if isinstance(value, str) else ""
    return text if 7 <= len(text) <= 64 and set(text) <= set("0123456789abcdef") else ""


def at(value: object, *path: str) -> object:
    """What stands under these keys of a JSON document; None where nothing does."""
    for key in path:
        if not isinstance(value, Mapping):
            return None
        value = value.get(key)
    return value


def words(value: object, *path: str) -> str:
    """The same where it is a text, else ""."""
    found = at(value, *path)
    return found if isinstance(found, str) else ""


def count(value: object, *path: str) -> int:
    """The same where it is a number from 1 on, else 0."""
    found = at(value, *path)
    return found if isinstance(found, int) and not isinstance(found, bool) and found > 0 else 0
