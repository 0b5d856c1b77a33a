"""The nouns of plancast as frozen values. Words are those of `docs/glossary.md`.

A *post* is what an author wrote; an *entry* is one post on one profile at one
time, the unit that is compared and sent. `Entry` is the same type on both
sides: what the files ask for and what the queue holds are both entries, so that
the difference of the two is a comparison of fields and nothing else.

Instants are timezone-aware datetimes in UTC with whole seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from plancast.model.address import Address as Address  # noqa: PLC0414  # a noun like those below


class QueuePosition(Enum):
    """Where `schedule: queue` puts an entry."""

    NEXT = "next"
    TOP = "top"


@dataclass(frozen=True, slots=True)
class Image:
    """An image by its public address, or (`file`) by its path in the workspace.

    `hosted` is set by a provider on what it read back when the address is that
    of a copy which the provider made: such an address says nothing about the
    original, so comparison ignores it.
    """

    url: str = ""
    alt: str | None = None
    file: str = ""
    hosted: bool = False


@dataclass(frozen=True, slots=True)
class Video:
    """A video by its public address. `cover_ms`: the moment that is shown before it plays."""

    url: str
    title: str | None = None
    cover_ms: int | None = None
    hosted: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """A link card. Parts that are None were not asked for (or are not known)."""

    url: str
    title: str | None = None
    description: str | None = None
    thumbnail: str | None = None


class Stage(Enum):
    """How an entry stands in Buffer. Only a scheduled one goes out.

    Whatever is asked for, a person may move an entry on from there: that is what drafts are for.
    """

    DRAFT = "draft"
    NEEDS_APPROVAL = "needs_approval"
    SCHEDULED = "scheduled"

    @property
    def rank(self) -> int:
        """How far it is on its way out."""
        return (Stage.DRAFT, Stage.NEEDS_APPROVAL, Stage.SCHEDULED).index(self)


@dataclass(frozen=True, slots=True)
class ThreadItem:
    """One of the posts that follow the first one of a thread."""

    text: str = ""
    images: tuple[Image, ...] = ()


Setting = tuple[str, str | bool]
"""What a network is told beside the content, by its name in `schemas/post.schema.json`."""


@dataclass(frozen=True, slots=True)
class Entry:
    """The comparable content of one post on one profile.

    `due_at` is None when the queue decides the time; then `queue` says where in
    it. `shorten` and `link_card` are instructions to the provider: they are
    never read back, so on a live entry they hold their defaults. `thread` is
    what follows the first post, which is the entry itself. `metadata` is sorted
    and about the entry's own network. `tags` are names, sorted; tags that others
    set beside them are none of our business.
    """

    text: str = ""
    due_at: datetime | None = None
    link: Link | None = None
    images: tuple[Image, ...] = ()
    queue: QueuePosition | None = None
    shorten: bool = False
    link_card: bool = True
    video: Video | None = None
    thread: tuple[ThreadItem, ...] = ()
    first_comment: str = ""
    metadata: tuple[Setting, ...] = ()
    tags: tuple[str, ...] = ()
    stage: Stage = Stage.SCHEDULED


class LiveStatus(Enum):
    """Where an entry stands at the provider."""

    SCHEDULED = "scheduled"
    PUBLISHED = "published"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class LiveEntry:
    """An entry in the provider's queue or among what it sent.

    `due_at` is the effective time, whoever decided it (None: no time at all);
    `entry.due_at` is set only where somebody asked for that time. `fingerprint`
    identifies the text as it was submitted, where the provider tells it. `reminder`:
    it will not go out by itself, a person is reminded to publish it.
    """

    id: str
    profile_id: str
    entry: Entry
    status: LiveStatus = LiveStatus.SCHEDULED
    due_at: datetime | None = None
    created_at: datetime | None = None
    sent_at: datetime | None = None
    link: str = ""
    error: str = ""
    fingerprint: str = ""
    statistics: Mapping[str, int] = field(default_factory=dict, hash=False)
    reminder: bool = False
