"""The port on API v1: calls become values, errors become the six, once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from plancast.core.model import Account, Entry, LiveEntry, Profile
from plancast.core.plan import RateWindow
from plancast.core.ports import (
    Capabilities,
    NotFound,
    OutcomeUnknown,
    QueueRead,
    RateLimited,
    Rejected,
    ServiceLimits,
    Unauthorized,
    Unreachable,
)
from plancast.providers.buffer_v1 import translate
from plancast.providers.buffer_v1.client import (
    PAGE,
    BufferClient,
    NotSentError,
    RefusedError,
    UnclearError,
)

GROUP = 10
"""Profiles of one create; Buffer's own client never sends more (sheet 2.5)."""

UNGROUPED = frozenset({"twitter"})
"""Twitter's rules forbid the same text on several accounts, so it gets calls of its own (4.3)."""

_UNAUTHORIZED = {401, 403, 1001, 1002, 1011, 1021, 1051}
_NOT_FOUND = {404, 1010, 1020}
_FULL = {1023, 1024, 1028}
_RE_READS = 3
"""How often a queue is read again because it moved while it was read page by page."""


class BufferV1Provider:
    """A Provider. `windows` tells the budget; `tells_time`: the Date header is the clock's."""

    def __init__(
        self,
        client: BufferClient,
        windows: Callable[[], tuple[RateWindow, ...]],
        *,
        name: str = "buffer",
        queue_limit: int | None = None,
        tells_time: bool = True,
    ) -> None:
        self.name = name
        self.capabilities = Capabilities(
            create_group=GROUP, ungrouped_services=UNGROUPED, queue_limit=queue_limit
        )
        self._client = client
        self._windows = windows
        self._tells_time = tells_time

    # -- reading ------------------------------------------------------------------------------

    def account(self) -> Account:
        """See ports.Provider."""
        with _reading():
            return translate.account(self._client.user())

    def profiles(self) -> tuple[Profile, ...]:
        """See ports.Provider."""
        with _reading():
            return tuple(translate.profile(item) for item in self._client.profiles())

    def profile(self, profile_id: str) -> Profile:
        """See ports.Provider."""
        with _reading():
            return translate.profile(self._client.profile(profile_id))

    def limits(self) -> ServiceLimits:
        """See ports.Provider."""
        with _reading():
            return ServiceLimits(translate.limits(self._client.configuration()))

    def read(self, profiles: Sequence[Profile], since: datetime | None = None) -> QueueRead:
        """See ports.Provider."""
        entries: list[LiveEntry] = []
        requests = 0
        for profile in profiles:
            found, made = self._queue(profile.id, _seconds(since))
            entries.extend(found)
            requests += made
        told = self._client.server_time if self._tells_time else None
        return QueueRead(tuple(entries), told or datetime.now(UTC), told, requests)

    def _queue(self, profile_id: str, since: int | None) -> tuple[list[LiveEntry], int]:
        """One queue, read again from the start where it moved meanwhile."""
        requests = 0
        for _ in range(_RE_READS):
            with _reading():
                found, totals = self._pages(self._client.pending, profile_id, since)
            requests += len(totals)
            if len(set(totals)) <= 1:
                break
        return found, requests

    def _pages(
        self, page_of: Callable[..., Any], profile_id: str, since: int | None
    ) -> tuple[list[LiveEntry], list[int]]:
        """All pages of a list, each entry once, and the total that each page told."""
        found: dict[str, LiveEntry] = {}
        totals: list[int] = []
        while True:
            page = page_of(profile_id, len(totals) + 1, since)
            updates = [item for item in page["updates"] if not item.get("draft")]
            total = page.get("total")
            totals.append(total if isinstance(total, int) else len(updates))
            found.update((entry.id, entry) for entry in map(translate.live, updates))
            if len(page["updates"]) < PAGE or PAGE * len(totals) >= totals[-1]:
                return list(found.values()), totals

    def sent(self, profile: Profile, since: datetime | None = None) -> tuple[LiveEntry, ...]:
        """See ports.Provider."""
        with _reading():
            found, _ = self._pages(self._client.sent, profile.id, _seconds(since))
        return tuple(found)

    def windows(self) -> tuple[RateWindow, ...]:
        """See ports.Provider."""
        return self._windows()

    def expected(self, entry: Entry, profile: Profile) -> Entry:
        """See ports.Provider."""
        return translate.expected(entry, profile)

    # -- changing -----------------------------------------------------------------------------

    def create(self, entry: Entry, profiles: Sequence[Profile]) -> tuple[LiveEntry, ...]:
        """See ports.Provider. Results are matched by profile, never by position (sheet 2.5)."""
        with _changing():
            answer = self._client.create(translate.create_form(entry, profiles))
        updates = answer.get("updates")
        shown = [translate.live(item) for item in updates] if isinstance(updates, list) else []
        by_profile = {live.profile_id: live for live in shown if live.id}
        made = [by_profile[item.id] for item in profiles if item.id in by_profile]
        if len(made) < len(profiles):
            missing = len(profiles) - len(made)
            message = f"the answer shows nothing for {missing} of {len(profiles)} profiles"
            raise OutcomeUnknown(message, confirmed=made)
        return tuple(made)

    def update(self, remote_id: str, entry: Entry, previous: Entry, profile: Profile) -> LiveEntry:
        """See ports.Provider. The profile of an update cannot be changed, so it is not sent."""
        del profile
        with _changing():
            answer = self._client.update(remote_id, translate.update_form(entry, previous))
        shown = answer.get("update")
        if not isinstance(shown, dict) or translate.live(shown).id != remote_id:
            raise OutcomeUnknown("the answer does not show the update")
        return translate.live(shown)

    def delete(self, remote_id: str) -> None:
        """See ports.Provider."""
        with _changing():
            self._client.destroy(remote_id)

    def share(self, remote_id: str) -> None:
        """See ports.Provider."""
        with _changing():
            self._client.share(remote_id)


@contextmanager
def _reading() -> Iterator[None]:
    """Errors of calls that have no effect: an answer that is lost has lost nothing."""
    try:
        yield
    except UnclearError as error:
        raise Unreachable(str(error)) from None
    except NotSentError as error:
        raise Unreachable(str(error)) from None
    except RefusedError as error:
        raise _refusal(error) from None


@contextmanager
def _changing() -> Iterator[None]:
    """Errors of calls that change something."""
    try:
        yield
    except UnclearError as error:
        raise OutcomeUnknown(str(error)) from None
    except NotSentError as error:
        raise Unreachable(str(error)) from None
    except RefusedError as error:
        raise _refusal(error) from None


def _refusal(error: RefusedError) -> Exception:
    """The sheet's table of codes (6.2), as far as anybody above must tell them apart."""
    message = str(error)
    if error.status == 429 or error.code == 429:
        return RateLimited(message, error.wait)
    if error.status == 401 or error.code in _UNAUTHORIZED:
        return Unauthorized(message)
    if error.code in _NOT_FOUND:
        return NotFound(message)
    return Rejected(message, error.code, queue_full=error.code in _FULL)


def _seconds(moment: datetime | None) -> int | None:
    return int(moment.timestamp()) if moment else None
