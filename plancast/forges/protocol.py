"""The port to a forge: requests under review, and the comments on them.

Terms. A *forge* is GitHub or GitLab. A *request* is what GitHub calls a pull request and GitLab a
merge request. A comment is *ours* if the forge says that the owner of our token wrote it: the text
of a comment proves nothing, and a comment of any other author is never edited and never believed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment of ours. `url` is its address in a browser."""

    id: str
    body: str
    url: str


@dataclass(frozen=True, slots=True)
class ReviewRequest:
    """A pull or merge request. `head` is its last commit, "" if that is not known.

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
    """The reason of a ForgeError.

    SETTING: a variable of the environment is missing or makes no sense. NO_TOKEN: the variables for
    a token are empty. REFUSED: the token is not valid. FORBIDDEN: the token may not do this, or the
    thing is not there. UNSAFE: the address of the API is not one that a token may be sent to.
    UNREACHABLE: nothing was written. UNCLEAR: the write may have succeeded, but the answer was
    lost. ODD: the answer makes no sense. BUSY: too many requests. SAID_NO: the forge refused for
    another reason.
    """

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
    """A forge did not do what was asked. `status` is that of HTTP, 0 if there was no answer."""

    def __init__(self, trouble: Trouble, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.trouble = trouble
        self.status = status


MERGED = 10
"""The most merged requests that are looked at: a merge waits minutes for its run, not days."""


class Forge(Protocol):
    """A forge as one run of its CI sees it. Every method raises ForgeError."""

    @property
    def name(self) -> str:
        """The name for people: `GitHub`."""

    @property
    def noun(self) -> str:
        """The forge's word for a request, in lower case."""

    @property
    def limit(self) -> int:
        """The most characters that a comment can have."""

    @property
    def revision(self) -> str:
        """The commit that this run is about, "" if it is not known."""

    @property
    def branch(self) -> str:
        """The branch that this run is about; "" for a tag, a request or a merge queue."""

    @property
    def default_branch(self) -> str:
        """The branch that requests are merged into; "" if it is not known."""

    @property
    def person(self) -> str:
        """The login of the person who started this run, "" if it is not known."""

    @property
    def run(self) -> str:
        """The address of this run's page; "" if there is none."""

    @property
    def files(self) -> str:
        """The address below which the files of `revision` are shown; "" if there is none."""

    def merged(self) -> tuple[ReviewRequest, ...]:
        """Return the requests that were merged last into the branch of this run, newest first."""

    def contains(self, newer: str, older: str) -> bool | None:
        """Return whether the history of `newer` contains `older`; None if the forge cannot say."""

    def request(self) -> ReviewRequest | None:
        """Return the request that this run is about, open or merged; None if it is about none."""

    def is_open(self, request: ReviewRequest) -> bool:
        """Return whether the request can still be merged, as the forge says at this moment."""

    def comments(self, request: ReviewRequest) -> tuple[Comment, ...]:
        """Return our comments on the request, oldest first."""

    def create(self, request: ReviewRequest, body: str) -> Comment:
        """Post a new comment and return it. UNCLEAR: it may have been posted."""

    def edit(self, request: ReviewRequest, comment: Comment, body: str) -> Comment:
        """Replace the body of a comment and return it. UNCLEAR: it may have been replaced."""

    def close(self) -> None:
        """Close the connections."""


def setting(environ: Mapping[str, str], name: str) -> str:
    """Return a variable that the CI sets. Raises ForgeError if it is missing."""
    value = environ.get(name, "").strip()
    if not value:
        raise ForgeError(Trouble.SETTING, f"the environment has no {name}")
    return value


def token(environ: Mapping[str, str], *names: str) -> str:
    """Return the first of these variables that is set, "" if none is."""
    return next((value for name in names if (value := environ.get(name, "").strip())), "")


def moment(value: object) -> datetime | None:
    """Parse a time as both forges write it; None for anything else."""
    try:
        time = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    # Times without a zone are in UTC.
    return time.replace(tzinfo=UTC) if time and time.tzinfo is None else time


def commit(value: object) -> str:
    """Return a commit as both forges write it, "" for anything else."""
    text = value if isinstance(value, str) else ""
    return text if 7 <= len(text) <= 64 and set(text) <= set("0123456789abcdef") else ""


def at(value: object, *path: str) -> object:
    """Return the value under these keys of a JSON document, None if there is none."""
    for key in path:
        if not isinstance(value, Mapping):
            return None
        value = value.get(key)
    return value


def words(value: object, *path: str) -> str:
    """Return the text under these keys, "" if there is none."""
    text = at(value, *path)
    return text if isinstance(text, str) else ""


def count(value: object, *path: str) -> int:
    """Return the number under these keys if it is 1 or more, else 0."""
    number = at(value, *path)
    return number if isinstance(number, int) and not isinstance(number, bool) and number > 0 else 0
