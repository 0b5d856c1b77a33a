"""The settings of the sandbox: the choices that the real service leaves open or makes both ways.

They live in the database, so that another process can change one while the server runs.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from functools import lru_cache
from typing import Any, cast


class SettingError(ValueError):
    """There is no such setting, or it cannot have this value."""


class WhenFull(StrEnum):
    """A create for several profiles of which one is full: refuse the call, or skip that one."""

    REFUSE = "refuse"
    SKIP = "skip"


class OddCount(StrEnum):
    """`count` outside 1..100: refuse the call, or use the nearest bound."""

    REFUSE = "refuse"
    CLAMP = "clamp"


class EditMode(StrEnum):
    """The effect of editPost on a field that was not sent: clear it (observed), or keep it."""

    REPLACE = "replace"
    PATCH = "patch"


class DeleteUnknown(StrEnum):
    """The place in which deletePost reports a missing post: its payload, or errors[]."""

    PAYLOAD = "payload"
    ERRORS = "errors"


class Ids(StrEnum):
    """The ids of profiles and posts in GraphQL: those of v1, or ids of its own."""

    SAME = "same"
    OTHER = "other"


class Counting(StrEnum):
    """The unit in which Buffer measures texts: that of the network, or UTF-16 code units always."""

    NETWORK = "network"
    UTF16 = "utf16"


@dataclass(frozen=True, slots=True)
class Settings:
    """Defaults are what the recordings show, or else the likelier behaviour.

    rate_requests, rate_seconds   requests per token in any such window; 0 requests = no limit
    rate_retry_after              a 429 has the header that says when to come back
    rate_counts_refused           a refused request uses up the window as well
    token_places                  places in which an access token is accepted: header, body, query
    queue_limit                   posts that a profile may have waiting
    when_full, odd_count          see the enums
    duplicates, duplicate_window  the same text again on the same profile is refused while the
                                  other waits, and for this many seconds after it was sent or
                                  tried; so is the same picture on Pinterest
    check_images                  addresses that Buffer could not fetch are refused
    rehost_images                 pictures read back from Buffer's own storage (as in 2016)
    strip_card_url                a link that became a card disappears from the text
    character_limits              by service; overrides the built-in limits
    counting                      texts are counted as the network counts them, or in UTF-16
    network_refuses               profile ids (or "*") whose network refuses everything
    empty_twitter_names           Twitter profiles come without names and pictures (since 2019)
    missing_optional_fields       answers hold only what every recording has
    statistics_as_list            `statistics` is always an empty list
    reversed_updates              create lists its updates in reverse order

    Of the GraphQL API alone:

    graphql_windows               requests/seconds of its windows per token; "" = no limit
    graphql_ids, edit_mode, delete_unknown   see the enums
    graphql_duplicates            it refuses repetition as v1 does, for as long
    graphql_shortens              links are shortened on the profiles that shorten
    graphql_key_memory            seconds for which the key of a draft of content is remembered
    promote_refuses               channels that a promotion refuses; `*` for all
    half_promotes                 a promotion makes the posts of the channels that take them, and
                                  fails for the others; else it makes none
    notification_downgrade        every post comes back as a reminder for a person
    approvals                     the posting policy knows posts that need approval
    sending_seconds               how long a post is on its way to the network
    """

    rate_requests: int = 60
    rate_seconds: int = 60
    rate_retry_after: bool = True
    rate_counts_refused: bool = False
    token_places: tuple[str, ...] = ("header", "body", "query")
    queue_limit: int = 2000
    when_full: WhenFull = WhenFull.REFUSE
    odd_count: OddCount = OddCount.REFUSE
    duplicates: bool = True
    duplicate_window: int = 86_400
    check_images: bool = True
    rehost_images: bool = False
    strip_card_url: bool = False
    character_limits: Mapping[str, int] = field(default_factory=dict)
    counting: Counting = Counting.NETWORK
    network_refuses: tuple[str, ...] = ()
    empty_twitter_names: bool = True
    missing_optional_fields: bool = False
    statistics_as_list: bool = False
    reversed_updates: bool = False
    graphql_windows: str = "100/900 250/86400 3000/2592000"
    graphql_ids: Ids = Ids.SAME
    edit_mode: EditMode = EditMode.REPLACE
    delete_unknown: DeleteUnknown = DeleteUnknown.PAYLOAD
    graphql_duplicates: bool = True
    graphql_shortens: bool = False
    graphql_key_memory: int = 1_000_000_000
    promote_refuses: tuple[str, ...] = ()
    half_promotes: bool = False
    notification_downgrade: bool = False
    approvals: bool = True
    sending_seconds: int = 0

    def refuses(self, profile_id: str) -> bool:
        """Return whether the network of a profile refuses every post."""
        return "*" in self.network_refuses or profile_id in self.network_refuses

    def refuses_promotion(self, profile_id: str) -> bool:
        """Return whether a promotion refuses the post of a profile."""
        return "*" in self.promote_refuses or profile_id in self.promote_refuses

    @property
    def windows(self) -> tuple[tuple[int, int], ...]:
        """The windows of the GraphQL API: requests and seconds of each, the shortest first."""
        return _windows(self.graphql_windows)


DEFAULTS = Settings()
MOST = 1_000_000_000
"""The largest number of any kind, seconds included: a generation."""

NAMES = tuple(sorted(f.name for f in fields(Settings)))


def changed(settings: Settings, name: str, value: object) -> Settings:
    """Return `settings` with one of them set. Raises SettingError.

    The value may come from JSON or a command line.
    """
    if name not in NAMES:
        raise SettingError(f"no setting {name!r}; there are: {', '.join(NAMES)}")
    try:
        fitting = _fitting(getattr(DEFAULTS, name), value)
    except (AttributeError, TypeError, ValueError, RecursionError) as error:
        raise SettingError(f"setting {name} cannot be {value!r}: {error}") from None
    return replace(settings, **cast("dict[str, Any]", {name: fitting}))


def to_json(settings: Settings) -> str:
    """Return the settings as they are stored."""
    return json.dumps({name: getattr(settings, name) for name in NAMES}, sort_keys=True)


@lru_cache(maxsize=16)
def from_json(text: str) -> Settings:
    """Read stored settings."""
    settings = DEFAULTS
    for name, value in json.loads(text).items():
        settings = changed(settings, name, value)
    return settings


def _fitting(default: object, value: object) -> object:
    """Return `value` in the type of `default`.

    Raises ValueError or TypeError if it does not fit.
    """
    if isinstance(default, bool):
        return _boolean(value)
    if isinstance(default, int):
        return _count(value)
    if isinstance(default, StrEnum):
        return type(default)(str(value))
    if isinstance(default, str):
        return " ".join(f"{limit}/{span}" for limit, span in _windows(str(value)))
    if isinstance(default, tuple):
        items = value.split(",") if isinstance(value, str) else cast("list[object]", value)
        return tuple(str(item).strip() for item in items if str(item).strip())
    pairs = cast("Mapping[str, object]", json.loads(value) if isinstance(value, str) else value)
    return {str(key): _count(item) for key, item in pairs.items()}


@lru_cache(maxsize=16)
def _windows(text: str) -> tuple[tuple[int, int], ...]:
    """Parse windows such as `100/900 250/86400`, the shortest first. Raises ValueError."""
    windows: list[tuple[int, int]] = []
    for window in text.split():
        limit, slash, span = window.partition("/")
        if not slash or not _count(limit) or not _count(span):
            raise ValueError("windows are such as 100/900, with blanks between them")
        windows.append((int(limit), int(span)))
    return tuple(sorted(windows, key=lambda window: window[1]))


def _count(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise TypeError("a whole number is needed")
    number = int(value)
    if not 0 <= number <= MOST:
        raise ValueError(f"it must be from 0 to {MOST}")
    return number


def _boolean(value: object) -> bool:
    words = {True: True, False: False, "true": True, "on": True, "false": False, "off": False}
    if not isinstance(value, bool | str) or value not in words:
        raise TypeError("true or false is needed")
    return words[value]
