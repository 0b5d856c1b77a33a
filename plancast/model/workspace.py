"""Posts, settings and policies as authors write them; `Desired` is one post on one profile."""

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
    """What to do about what a person changed in Buffer."""

    OVERWRITE = "overwrite"
    KEEP = "keep"
    FAIL = "fail"


class PostStatus(Enum):
    """A draft is validated and never planned."""

    DRAFT = "draft"
    READY = "ready"


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


CheckLevel = Annotated[str, ("off", "warn", "error")]
"""How much a check of posts weighs."""


@dataclass(frozen=True, slots=True)
class Policy:
    """`policy:` of plancast.yaml, built by the parser from the names and the types of these fields.

    A percentage (`max_destroy_percent`) is kept apart from the number that always holds. The words
    that a text can be stand in `Annotated`; the schema checks them.
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
    safety: Annotated[str, ("direct", "strict")] = "direct"
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
