"""The provider on API v1: an implementation of `ports.Provider`.

The meaning of an error depends on the request. A read without an answer has had no effect, so every
failure of it is Unreachable and may be repeated, a 5xx too. A POST without an answer, or with one
that cannot be understood, may have been carried out: OutcomeUnknown. This module repeats nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from functools import partial

from plancast.model.entry import Entry, LiveEntry, LiveStatus
from plancast.model.features import RepeatRule
from plancast.model.plan import RateWindow
from plancast.model.ports import (
    Capabilities,
    Clock,
    NotFound,
    OutcomeUnknown,
    ProviderError,
    QueueRead,
    RateLimited,
    Rejected,
    Retirement,
    ServiceLimits,
    Unauthorized,
    Unreachable,
)
from plancast.model.profile import Account, Profile
from plancast.networks.registry import NETWORKS
from plancast.providers.buffer_features import CLASSIC, REPEATS, WITHOUT_CARDS
from plancast.providers.buffer_text import texts_of
from plancast.providers.buffer_v1 import translate
from plancast.providers.buffer_v1.client import (
    BufferClient,
    Json,
    V1NotSentError,
    V1RefusedError,
    V1UnclearError,
)
from plancast.providers.buffer_v1.pagination import whole_lists

GROUP = 10
"""Profiles of one create; Buffer's client never sends more (docs/buffer/v1.md#creating-updates)."""

UNGROUPED = frozenset(name for name, one in NETWORKS.items() if one.one_account_per_text)
"""Networks that forbid the same text on several accounts: each account gets calls of its own
(docs/buffer/v1.md#the-same-text-twice)."""

API = "buffer-v1"
"""The name under which a state records that its ids are those of API v1."""

_UNAUTHORIZED = {401, 403, 1001, 1002, 1050, 1051}
_NOT_FOUND = {1010, 1020}
"""Codes for profiles and updates. A plain 404 is a wrong address: it proves no deletion."""
_FULL = {1023, 1024, 1028}
_REPEATED = 1025


class BufferV1Provider:
    """The provider `buffer`, and that of the sandbox if it speaks v1.

    `windows` returns the state of the request budget. `tells_time`: the Date header of answers
    shows the time that `clock` should show; that of the sandbox does not. `retires`: the day on
    which the API ends, of which plans warn.
    `on_account` is called with the id of the account once an answer has named it: the limit belongs
    to the account. `at_once`: the pages that may be read at a time.
    """

    def __init__(  # noqa: PLR0913  # what the wiring decides
        self,
        client: BufferClient,
        windows: Callable[[], tuple[RateWindow, ...]],
        clock: Clock,
        *,
        name: str = "buffer",
        queue_limit: int | None = None,
        tells_time: bool = True,
        repeats: RepeatRule | None = REPEATS,
        retires: Retirement | None = None,
        on_account: Callable[[str], None] = lambda _account_id: None,
        at_once: int = 1,
    ) -> None:
        self.name = name
        self.title = "Buffer"
        self.capabilities = Capabilities(
            create_group=GROUP,
            ungrouped_services=UNGROUPED,
            cardless_services=WITHOUT_CARDS,
            queue_limit=queue_limit,
            features=replace(CLASSIC, repeats=repeats),
            api=API,
            retires=retires,
            # Nothing says that one can (docs/buffer/v1.md#updating-an-update).
            edits_failed=False,
        )
        self._client = client
        self._windows = windows
        self._clock = clock
        self._tells_time = tells_time
        self._on_account = on_account
        self._at_once = at_once

    # -- reading ------------------------------------------------------------------------------

    def account(self) -> Account:
        """See ports.Provider."""
        with _reading():
            account = translate.account(self._client.user())
        self._on_account(account.id)
        return account

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
        fetches = [
            partial(self._client.pending, profile.id, since=_after(since)) for profile in profiles
        ]
        with _reading():
            queues = whole_lists(fetches, self._at_once, filtered=since is not None)
            for profile, queue in zip(profiles, queues, strict=True):
                waiting = (item for item in queue.updates if not item.get("draft"))
                entries.extend(_of_list(item, profile.id) for item in waiting)
                requests += queue.requests
        server_time = self._client.server_time if self._tells_time else None
        return QueueRead(tuple(entries), self._clock.now(), server_time, requests)

    def sent(self, since: Mapping[str, datetime | None]) -> tuple[LiveEntry, ...]:
        """See ports.Provider. A list for each profile."""
        shown: list[LiveEntry] = []
        fetches = [
            partial(self._client.sent, profile_id, since=_after(begin))
            for profile_id, begin in since.items()
        ]
        with _reading():
            lists = whole_lists(fetches, self._at_once, moves=False, filtered=any(since.values()))
            for (profile_id, begin), sent in zip(since.items(), lists, strict=True):
                entries = (_of_list(item, profile_id) for item in sent.updates)
                shown.extend(item for item in entries if _is_recent(item, begin))
        return tuple(sorted(shown, key=_newness, reverse=True))

    def find(self, remote_ids: Sequence[str]) -> tuple[LiveEntry, ...]:
        """Return nothing, without a request: the two lists have no filter and miss no entry."""
        del remote_ids
        return ()

    def windows(self) -> tuple[RateWindow, ...]:
        """See ports.Provider."""
        return self._windows()

    def expected(self, entry: Entry, profile: Profile) -> Entry:
        """See ports.Provider."""
        return translate.expected(entry, profile)

    # -- changing -----------------------------------------------------------------------------

    def create(self, entry: Entry, profiles: Sequence[Profile]) -> tuple[LiveEntry, ...]:
        """See ports.Provider. Results are matched by profile, never by position.

        Their order is Buffer's (docs/buffer/v1.md#creating-updates).
        """
        _check(entry)
        if entry.link is not None and translate.is_mixed(profiles):
            # Documentation and recordings disagree about whether Buffer would append the link.
            message = "networks with and without link cards cannot share a create with a link"
            raise Rejected(message, "mixed_cards")
        with _changing():
            updates = self._client.create(translate.create_form(entry, profiles))
        made: dict[str, LiveEntry] = {}
        wanted = {profile.id for profile in profiles}
        for item in updates:
            with suppress(translate.V1Unreadable):
                shown = translate.live(item)
                if shown.profile_id in wanted:
                    made.setdefault(shown.profile_id, shown)
        if len(made) < len(wanted):
            missing = len(wanted) - len(made)
            message = f"the answer shows nothing for {missing} of {len(wanted)} profiles"
            raise OutcomeUnknown(message, confirmed=tuple(made.values()))
        return tuple(made[profile.id] for profile in profiles)

    def update(self, remote_id: str, entry: Entry, previous: Entry, profile: Profile) -> LiveEntry:
        """See ports.Provider. The profile of an update cannot be changed."""
        _check(entry)
        form = translate.update_form(entry, previous, profile)
        with _changing():
            shown = translate.live(self._client.update(remote_id, form), profile.id)
        if shown.id != remote_id:
            raise OutcomeUnknown("the answer shows another update")
        if shown.status is LiveStatus.FAILED:
            # It failed after the plan was made: the next plan shows that, and how to repair it.
            raise Rejected("the network has refused it meanwhile", "failed")
        return shown

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
    """Translate errors of calls without an effect: a lost answer has lost nothing."""
    try:
        yield
    except (V1UnclearError, V1NotSentError, translate.V1Unreadable) as error:
        raise Unreachable(str(error)) from None
    except V1RefusedError as error:
        raise _refusal(error) from None


@contextmanager
def _changing() -> Iterator[None]:
    """Translate errors of calls that change something: a lost answer is an unknown outcome."""
    try:
        yield
    except (V1UnclearError, translate.V1Unreadable) as error:
        raise OutcomeUnknown(str(error)) from None
    except V1NotSentError as error:
        raise Unreachable(str(error)) from None
    except V1RefusedError as error:
        raise _refusal(error) from None


def _of_list(item: Json, profile_id: str) -> LiveEntry:
    """Parse an update in a profile's list. Raises V1Unreadable if it belongs to another profile.

    Neither guess is safe: left out, it would be created a second time; accepted, it would count for
    a profile that was not asked for.
    """
    shown = translate.live(item, profile_id)
    if shown.profile_id != profile_id:
        raise translate.V1Unreadable("the list shows an update of another profile")
    return shown


def _refusal(error: V1RefusedError) -> ProviderError:
    """Translate a code into an error of the port; only as many as callers distinguish.

    The table is docs/buffer/v1.md#error-codes.
    """
    message = str(error)
    if error.status == 429 or error.code == 429:
        return RateLimited(message, error.wait)
    if error.status == 401 or error.code in _UNAUTHORIZED:
        return Unauthorized(message)
    if error.code in _NOT_FOUND:
        return NotFound(message)
    full, repeated = error.code in _FULL, error.code == _REPEATED
    return Rejected(message, error.code, queue_full=full, repeated=repeated)


def _check(entry: Entry) -> None:
    """Refuse an entry that no form can hold, before anything is sent. Raises Rejected.

    API v1 takes images by their address only (docs/buffer/v1.md#creating-updates).
    """
    if any(not image.url for image in entry.images):
        raise Rejected("API v1 takes images by their public address, not as files", "image_file")
    try:
        "".join(texts_of(entry)).encode()
    except UnicodeEncodeError:
        raise Rejected("the text holds half a character, which cannot be sent", "text") from None


def _after(since: datetime | None) -> int | None:
    """Return the `since` of a request: Buffer excludes the given second, callers include it."""
    return int(since.timestamp()) - 1 if since else None


def _is_recent(entry: LiveEntry, since: datetime | None) -> bool:
    return since is None or entry.sent_at is None or entry.sent_at >= since


def _newness(entry: LiveEntry) -> tuple[float, str]:
    moment = entry.sent_at or entry.due_at
    return (moment.timestamp() if moment else 0.0, entry.id)
