"""Posts, settings and policies as authors write them, and `Desired`: one post on one profile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Annotated

from plancast.model.address import Address as Address  # noqa: PLC0414  # a noun like those below
from plancast.model.diagnostics import Pointer
from plancast.model.entry import (
    Entry,
    Image,
    Link,
    QueuePosition,
    Setting,
    Stage,
    ThreadItem,
    Video,
)
from plancast.model.profile import Profile


class OnDrift(Enum):
    """The reaction to an entry that a person changed in Buffer."""

    OVERWRITE = "overwrite"
    KEEP = "keep"
    FAIL = "fail"


class PostStatus(Enum):
    """The status of a post. A draft is validated and never planned."""

    DRAFT = "draft"
    READY = "ready"


@dataclass(frozen=True, slots=True)
class Selector:
    """The criteria by which a workspace selects one live profile; all given ones must hold."""

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
    """The key `schedule` as the author wrote it: a wall-clock time, or the queue.

    `fold` is `earlier` or `later`, for a time that a clock shows twice.
    """

    at: str = ""
    timezone: str = ""
    fold: str = ""
    queue: QueuePosition | None = None


@dataclass(frozen=True, slots=True)
class PostFields:
    """The keys that a post, a variant or a set of defaults can hold. None means: not set here."""

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
    """One post as written, with defaults already merged under it.

    `variants` maps a service name or a profile alias to the keys that differ there. `origins` holds
    the places of keys that came from a defaults file, so that a problem is shown at its cause; a
    key below `variants` or `metadata` is named by its path (`metadata/youtube/title`). `was` is the
    id that the post had before, "" if it has not changed. `unread` are the paths of the keys whose
    values could not be read: `fields` and `variants` lack them, and such a post is only checked.
    """

    id: str
    at: Pointer
    fields: PostFields
    variants: Mapping[str, PostFields] = field(default_factory=dict, hash=False)
    origins: Mapping[str, Pointer] = field(default_factory=dict, hash=False)
    was: str = ""
    unread: frozenset[tuple[str | int, ...]] = frozenset()

    def is_unread(self, *keys: str) -> bool:
        """Return whether the value of one of these keys is not known, in a variant or above it."""
        # Nearly every post is whole, and a generator costs more than all the rest.
        return bool(self.unread) and any(
            not path or path[0] in keys or (path[0] == "variants" and {*path[2:3]} <= {*keys})
            for path in self.unread
        )

    def where(self, key: str, *rest: str | int) -> Pointer:
        """Return the place of one of its keys, in its own file or in a defaults file."""
        path, covered = (key, *rest), 0
        place = self.at
        # The longest prefix of the path with a known origin counts; the rest is below that place.
        for length in range(len(path), 0, -1) if self.origins else ():
            origin = self.origins.get("/".join(map(str, path[:length])))
            if origin is not None:
                place, covered = origin, length
                break
        for step in path[covered:]:
            place = place / step
        return place


@dataclass(frozen=True, slots=True)
class FreezeWindow:
    """A span of time in which no entry may be due, from `start` up to but not including `end`."""

    start: datetime
    end: datetime
    reason: str = ""


CheckLevel = Annotated[str, ("off", "warn", "error")]
"""The weight of a check of posts."""


@dataclass(frozen=True, slots=True)
class Policy:
    """The key `policy` of plancast.yaml. Its parser is built from the fields of this class.

    A limit has two fields: a percentage (`max_destroy_percent`) and the number that is always
    allowed (`max_destroy`). `Annotated` holds the words that a text can be; the schema checks them.
    """

    max_destroy_percent: int | None = 20
    max_destroy: int = 5
    max_update_percent: int | None = 50
    max_update: int = 20
    due_soon: timedelta = timedelta(minutes=5)
    min_lead: timedelta = timedelta(minutes=5)
    missed: Annotated[str, ("fail", "warn")] = "fail"
    history_before: datetime | None = None
    on_drift: OnDrift = OnDrift.OVERWRITE
    on_unknown: Annotated[str, ("hold", "recreate")] = "hold"
    safety: Annotated[str, ("direct", "strict", "keyed")] = "direct"
    quiet_period: timedelta = timedelta(minutes=2)
    paused: bool = False
    freeze: tuple[FreezeWindow, ...] = ()
    require_alt: CheckLevel = "warn"
    duplicates: CheckLevel = "warn"
    min_gap: timedelta | None = None
    max_per_day: int | None = None
    branch: str = ""


@dataclass(frozen=True, slots=True)
class ProviderSettings:
    """The key `provider` of plancast.yaml: its name, and options that only it understands."""

    name: str = "sandbox"
    options: Mapping[str, object] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class StateSettings:
    """The key `state` of plancast.yaml.

    `remote` and `ref` are for the backend `git`; without `ref`, the ref is named by the folder.
    """

    backend: str = "local"
    remote: str = "origin"
    ref: str = ""


@dataclass(frozen=True, slots=True)
class Workspace:
    """The whole plancast.yaml as values. `id` is its key `workspace`, "" if it has none.

    `markdown` is how bodies of Markdown files are read: `plain`, `literal`, or "" if it is not set.
    """

    root: str
    provider: ProviderSettings = ProviderSettings()
    content: tuple[str, ...] = (".",)
    timezone: str = "UTC"
    profiles: tuple[Selector, ...] = ()
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    policy: Policy = Policy()
    state: StateSettings = StateSettings()
    id: str = ""
    markdown: str = ""

    def selector(self, alias: str) -> Selector | None:
        """Return the selector with this alias; None if there is none."""
        return next((item for item in self.profiles if item.alias == alias), None)


@dataclass(frozen=True, slots=True)
class Desired:
    """An entry that the files ask for, with everything that planning needs to know about it.

    `at` is the place of its post, `zone` the time zone in which its times are shown.
    """

    address: Address
    profile: Profile
    entry: Entry
    at: Pointer
    zone: str = "UTC"
    protect: bool = False
    on_drift: OnDrift = OnDrift.OVERWRITE
    campaign: str = ""
    tags: tuple[str, ...] = ()
