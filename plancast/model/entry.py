"""Entries: the content of one post on one profile, desired and live. Terms: `docs/glossary.md`.

A *post* is what an author wrote. An *entry* is one post on one profile at one time, the unit that
is compared and sent. `Entry` is the type of both sides: what the files ask for and what the queue
holds. So their difference is a comparison of fields and nothing else.

Instants are timezone-aware datetimes in UTC with whole seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from plancast.model.address import Address as Address  # noqa: PLC0414  # a noun like those below


class QueuePosition(Enum):
    """The place in the queue that `schedule: queue` gives an entry."""

    NEXT = "next"
    TOP = "top"


@dataclass(frozen=True, slots=True)
class Image:
    """An image, by its public address or (`file`) by its path in the workspace.

    `alt` is None if it was not set. A provider sets `hosted` on an image that it read back if the
    address is that of a copy it made. Such an address says nothing about the original, so
    comparison ignores it.
    """

    url: str = ""
    alt: str | None = None
    file: str = ""
    hosted: bool = False


@dataclass(frozen=True, slots=True)
class Video:
    """A video by its public address. `cover_ms` is the moment of the picture shown before play."""

    url: str
    title: str | None = None
    cover_ms: int | None = None
    hosted: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """A link card. Parts that are None were not asked for, or are not known."""

    url: str
    title: str | None = None
    description: str | None = None
    thumbnail: str | None = None


class Stage(Enum):
    """The stage of an entry in Buffer. Only a scheduled one goes out by itself.

    A person may move an entry on from the stage that its file asks for: drafts are meant for that.
    """

    DRAFT = "draft"
    NEEDS_APPROVAL = "needs_approval"
    SCHEDULED = "scheduled"

    @property
    def rank(self) -> int:
        """The position on the way out, 0 for a draft."""
        return (Stage.DRAFT, Stage.NEEDS_APPROVAL, Stage.SCHEDULED).index(self)


@dataclass(frozen=True, slots=True)
class ThreadItem:
    """One of the posts that follow the first post of a thread."""

    text: str = ""
    images: tuple[Image, ...] = ()
    link: Link | None = None


Setting = tuple[str, str | bool]
"""A setting of a network besides the content: its name in `schemas/post.schema.json`, its value."""


@dataclass(frozen=True, slots=True)
class Entry:
    """The comparable content of one post on one profile.

    `due_at` is None if the queue assigns the time; `queue` is then the position in it. `shorten`
    and `link_card` are instructions to the provider, which no provider reads back, so on a live
    entry they have their defaults. `thread` holds the posts after the first one, which is the entry
    itself. `metadata` holds the settings of the entry's own network, sorted. `tags` are sorted
    names; tags that people add in Buffer are ignored.
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
    """The status of an entry at the provider."""

    SCHEDULED = "scheduled"
    PUBLISHED = "published"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class LiveEntry:
    """An entry in the provider's queue, or in its list of sent ones.

    `due_at` is the effective time, set by a file, a person or the queue (None if it has no time at
    all); `entry.due_at` is set only if the entry has a time of its own. `fingerprint` identifies
    the text as it was submitted, "" if the provider does not report it. `reminder`: it will not go
    out by itself; a person is reminded to publish it. `sending`: it is on its way to the network,
    so nothing about it may be changed, and whether it arrives is not known yet.
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
    sending: bool = False
