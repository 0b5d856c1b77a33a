"""Accounts at a provider, the profiles connected to them, and their boards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from plancast.model.address import Address as Address  # noqa: PLC0414  # a noun like those below


@dataclass(frozen=True, slots=True)
class Board:
    """A board of a Pinterest profile. Requests send its `id`."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Profile:
    """One connected account of one network, as the provider describes it.

    `username` has been empty for Twitter since 2019, so no code may rely on it. `locked`: the plan
    of the account does not cover this profile. `shortens` is the domain to which all links are
    shortened, whatever a post says; "" if they are not. `text_limit` is the longest text
    that this account may have, as the provider reports it; None if that is not known. `reminders`:
    by default a person is reminded to publish by hand.
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
        """A name that a person recognizes: the user name if known, else the network's id."""
        return self.username or self.service_id or self.id


@dataclass(frozen=True, slots=True)
class Account:
    """The account that a token belongs to.

    `organization` is the id of the part of the account that owns the profiles. `queue_limit` is the
    number of entries that its plan allows in the queue of a profile, None if the provider does not
    report it. `key_expires` is the moment from which on the token is refused, None if the provider
    does not report that.
    """

    id: str
    name: str = ""
    timezone: str = "UTC"
    plan: str = ""
    organization: str = ""
    queue_limit: int | None = None
    key_expires: datetime | None = None
