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
from datetime import datetime, timedelta
from enum import Enum

from plancast.core.address import Address as Address  # noqa: PLC0414  # a noun like those below
from plancast.core.diagnostics import Pointer


class QueuePosition(Enum):
    """Where `schedule: queue` puts an entry."""

    NEXT = "next"
    TOP = "top"


class OnDrift(Enum):
    """What to do about what a person changed in Buffer."""

    OVERWRITE = "overwrite"
    KEEP = "keep"
    FAIL = "fail"


class PostStatus(Enum):
    """A draft is validated and never planned."""

    DRAFT = "draft"
    READY = "ready"


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


@dataclass(frozen=True, slots=True)
class Board:
    """A board of a Pinterest profile. `id` is what is sent."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Profile:
    """One connected account of one network, as the provider describes it.

    `username` is empty for Twitter since 2019, so nothing may rely on it.
    `locked`: the account's plan does not cover it. `shortens`: links are shortened
    whatever a post says, with this domain. `text_limit`: where it is this account's
    own. `reminders`: by default a person is reminded to publish by hand.
    """

    id: str
    service: str
    service_type: str = ""
    service_id: str = ""
    username: str = ""
    timezone: str = "UTC"
    disconnected: bool = False
    paused: bool = False
    locked: bool = False
    shortens: str = ""
    text_limit: int | None = None
    boards: tuple[Board, ...] = ()
    reminders: bool = False

    @property
    def label(self) -> str:
        """Something a person recognises: the name where there is one, else the network's id."""
        return self.username or self.service_id or self.id


@dataclass(frozen=True, slots=True)
class Account:
    """Whom the token belongs to. `organization`: the part of it whose profiles these are, by id."""

    id: str
    name: str = ""
    timezone: str = "UTC"
    plan: str = ""
    organization: str = ""


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


@dataclass(frozen=True, slots=True)
class Selector:
    """How a workspace names one live profile. All criteria given must hold."""

    alias: str
    id: str = ""
    service: str = ""
    service_type: str = ""
    service_id: str = ""
    username: str = ""
    timezone: str = ""
    at: Pointer | None = None

    @property
    def criteria(self) -> tuple[tuple[str, str], ...]:
        """The criteria that were given, as (field of Profile, value)."""
        names = ("id", "service", "service_type", "service_id", "username")
        return tuple((name, getattr(self, name)) for name in names if getattr(self, name))


@dataclass(frozen=True, slots=True)
class Schedule:
    """What an author wrote under `schedule`: a wall-clock time, or the queue."""

    at: str = ""
    timezone: str = ""
    fold: str = ""
    queue: QueuePosition | None = None


@dataclass(frozen=True, slots=True)
class PostFields:
    """The keys that a post, a variant or a set of defaults can hold. None: not said here."""

    text: str | None = None
    link: Link | None = None
    images: tuple[Image, ...] | None = None
    schedule: Schedule | None = None
    timezone: str | None = None
    shorten: bool | None = None
    link_card: bool | None = None
    skip: bool | None = None
    campaign: str | None = None
    tags: tuple[str, ...] | None = None
    status: PostStatus | None = None
    protect: bool | None = None
    on_drift: OnDrift | None = None
    profiles: tuple[str, ...] | None = None
    video: Video | None = None
    thread: tuple[ThreadItem, ...] | None = None
    first_comment: str | None = None
    metadata: Mapping[str, tuple[Setting, ...]] | None = field(default=None, hash=False)
    stage: Stage | None = None


@dataclass(frozen=True, slots=True)
class Post:
    """One post as written, defaults already merged under it.

    `variants` maps a service name or a profile alias to what it says
    differently. `origins` holds the place of keys that came from a defaults
    file, so that a problem is shown where its cause stands; a key below
    `variants` or `metadata` goes by its path (`metadata/youtube/title`).
    `was`: the id that it had before.
    """

    id: str
    at: Pointer
    fields: PostFields
    variants: Mapping[str, PostFields] = field(default_factory=dict, hash=False)
    origins: Mapping[str, Pointer] = field(default_factory=dict, hash=False)
    was: str = ""

    def where(self, key: str, *rest: str | int) -> Pointer:
        """The place of one of its keys."""
        path, told = (key, *rest), 0
        place = self.at
        for length in range(len(path), 0, -1) if self.origins else ():
            origin = self.origins.get("/".join(map(str, path[:length])))
            if origin is not None:
                place, told = origin, length
                break
        for step in path[told:]:
            place = place / step
        return place


@dataclass(frozen=True, slots=True)
class FreezeWindow:
    """A span in which nothing may be due. Both ends are instants; `end` is not part of it."""

    start: datetime
    end: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Policy:
    """Section 7 of the contract. Percentages are kept apart from numbers."""

    max_destroy_percent: int | None = 20
    max_destroy: int = 5
    max_update_percent: int | None = 50
    max_update: int = 20
    due_soon: timedelta = timedelta(minutes=5)
    min_lead: timedelta = timedelta(minutes=5)
    missed: str = "fail"
    history_before: datetime | None = None
    on_drift: OnDrift = OnDrift.OVERWRITE
    on_unknown: str = "hold"
    safety: str = "direct"
    quiet_period: timedelta = timedelta(minutes=2)
    paused: bool = False
    freeze: tuple[FreezeWindow, ...] = ()
    require_alt: str = "warn"
    duplicates: str = "warn"
    min_gap: timedelta | None = None
    max_per_day: int | None = None
    branch: str = ""


@dataclass(frozen=True, slots=True)
class ProviderSettings:
    """`provider:` of plancast.yaml: its name and the options that only it understands."""

    name: str = "sandbox"
    options: Mapping[str, object] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class StateSettings:
    """`state:` of plancast.yaml. `remote` and `ref` are for git; no `ref`: one by the folder."""

    backend: str = "local"
    remote: str = "origin"
    ref: str = ""


@dataclass(frozen=True, slots=True)
class Workspace:
    """plancast.yaml as values. `id` is its key `workspace`, "" if it has none."""

    root: str
    provider: ProviderSettings = ProviderSettings()
    content: tuple[str, ...] = (".",)
    timezone: str = "UTC"
    profiles: tuple[Selector, ...] = ()
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    policy: Policy = Policy()
    state: StateSettings = StateSettings()
    id: str = ""

    def selector(self, alias: str) -> Selector | None:
        """The selector with this alias, if there is one."""
        return next((item for item in self.profiles if item.alias == alias), None)


@dataclass(frozen=True, slots=True)
class Desired:
    """An entry that the files ask for, with all that planning must know about it."""

    address: Address
    profile: Profile
    entry: Entry
    at: Pointer
    zone: str = "UTC"
    protect: bool = False
    on_drift: OnDrift = OnDrift.OVERWRITE
    campaign: str = ""
    tags: tuple[str, ...] = ()
