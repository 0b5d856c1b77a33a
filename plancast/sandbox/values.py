"""Values of the sandbox: the rows of its database, and what its rules exchange.

Times are whole Unix seconds (UTC) of the sandbox's own calendar, never of this machine. An update
is the API's word for one queued or sent post.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Status(StrEnum):
    """The state of an update; these words are sent over the wire."""

    BUFFER = "buffer"
    SENT = "sent"
    ERROR = "error"
    SERVICE = "service"  # made elsewhere and imported
    SERVICE_REPLY = "service_reply"  # the same, a reply


class Kind(StrEnum):
    """The `type` of an update."""

    TEXT = "text"
    LINK = "link"
    PICTURE = "picture"
    RETWEET = "retweet"


class Plan(StrEnum):
    """The subscription of the account; it decides how many posts a profile may have waiting."""

    FREE = "free"
    AWESOME = "awesome"
    SMALL = "small"


PLAN_LIMITS: Mapping[Plan, int] = {Plan.FREE: 10, Plan.AWESOME: 100, Plan.SMALL: 2000}


@dataclass(frozen=True, slots=True)
class Account:
    """The owner of the world. `timezone` is the default of the profiles."""

    id: str
    name: str
    timezone: str
    plan: Plan
    created_at: int


@dataclass(frozen=True, slots=True)
class Schedule:
    """Weekdays ("mon" .. "sun") and wall-clock times ("HH:MM") of one posting schedule."""

    days: tuple[str, ...]
    times: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Profile:
    """One connected account of one network. `position` orders the list of profiles.

    `locked`: beyond what the plan covers. `extras` are the values that only the GraphQL API has:
    boards (`[{id, name, serviceId, url}]`), max_characters, subscription_type, reminders,
    daily_limit.
    """

    id: str
    user_id: str
    position: int
    service: str
    service_type: str
    service_id: str
    service_username: str
    formatted_username: str
    timezone: str
    schedules: tuple[Schedule, ...]
    created_at: int
    paused: bool = False
    disconnected: bool = False
    shortens: bool = True
    preselected: bool = True
    statistics: Mapping[str, int] = field(default_factory=dict)
    locked: bool = False
    extras: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Content:
    """The content of an update: the part that a person writes and the service rewrites."""

    text: str
    text_md5: str
    kind: Kind
    media: Mapping[str, str] = field(default_factory=dict)
    extra_media: tuple[Mapping[str, str], ...] = ()
    retweet: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Update:
    """One post on one profile.

    `scheduled_at` is set only if a time was chosen; without it the update stands in the profile's
    queue at `position` and `due_at` is the posting slot that the position earns, or 0 if the
    profile has no posting times. `pinned` with `scheduled_at` occupies that slot.

    `approval` marks a draft that waits to be approved. `tags` and `item_id` name rows of their own
    tables. `extras` are the values that only the GraphQL API has: `assets` and `metadata` as they
    were sent, `scheduling`, `mode` and `idea`; v1 neither shows nor changes them.
    """

    id: str
    profile_id: str
    user_id: str
    client_id: str
    created_at: int
    updated_at: int
    content: Content
    status: Status = Status.BUFFER
    draft: bool = False
    due_at: int = 0
    scheduled_at: int | None = None
    pinned: bool = False
    position: int = 0
    shared_now: bool = False
    sent_at: int | None = None
    service_update_id: str = ""
    service_link: str = ""
    error: str = ""
    statistics: Mapping[str, int] = field(default_factory=dict)
    via: str = "api"
    approval: bool = False
    tags: tuple[str, ...] = ()
    item_id: str = ""
    extras: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tag:
    """A label of the organization for posts and content items. `color` is #RRGGBB."""

    id: str
    name: str
    color: str
    created_at: int


@dataclass(frozen=True, slots=True)
class ContentItem:
    """The common content of posts on several profiles, which point to it.

    `draft` is its content while it is a draft without posts, else None. `key` is the one that its
    client gave it, "" without one.
    """

    id: str
    title: str | None
    target_at: int | None
    tags: tuple[str, ...]
    created_at: int
    draft: Mapping[str, Any] | None = None
    key: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer of an endpoint: a status and a body that is still a Python value."""

    status: int
    body: object
    headers: tuple[tuple[str, str], ...] = ()
