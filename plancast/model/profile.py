"""Accounts, the profiles that are connected to them, and boards."""

from __future__ import annotations

from dataclasses import dataclass

from plancast.model.address import Address as Address  # noqa: PLC0414  # a noun like those below


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
    """Whom the token belongs to. `organization`: the part of it whose profiles these are, by id.

    `queue_limit`: how many entries its plan lets wait on a profile, None if it does not say.
    """

    id: str
    name: str = ""
    timezone: str = "UTC"
    plan: str = ""
    organization: str = ""
    queue_limit: int | None = None
