"""Fakes for tests: a clock that only tests move, and a live queue in memory whose calls can fail.

`FakeProvider` keeps every promise of `model.ports.Provider`: due entries go out when the clock
passes them, a full queue refuses, and sent entries cannot be changed. It never fails at random: a
call fails because a test listed it in `failures`, and `calls` records every call.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from plancast.model.entry import Entry, Image, LiveEntry, LiveStatus, QueuePosition, Stage
from plancast.model.plan import RateWindow
from plancast.model.ports import (
    Capabilities,
    ContentItem,
    KeyedCreates,
    NotFound,
    NotPromoted,
    OutcomeUnknown,
    ProviderError,
    QueueRead,
    Rejected,
    ServiceLimits,
)
from plancast.model.profile import Account, Profile
from plancast.providers.registry import DEFAULT

_T = TypeVar("_T")

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
OWNER = Account("user-1", "Acme")
ABLE = Capabilities(create_group=10, features=replace(DEFAULT.features, repeats=None))
"""The abilities of the fake: as `repeats` says, it takes a text that it holds already."""


class FakeClock:
    """A calendar and a stopwatch. `sleep` and `advance` move both, `jump` only the calendar.

    `slept` records the lengths of all waits, in seconds.
    """

    def __init__(self, start: datetime = START) -> None:
        self._calendar = start.timestamp()
        self._seconds = 1000.0
        self.slept: list[float] = []

    def now(self) -> datetime:
        """Return the time of the calendar, in whole seconds."""
        return datetime.fromtimestamp(int(self._calendar), UTC)

    def monotonic(self) -> float:
        """Return the seconds of the stopwatch."""
        return self._seconds

    def wall(self) -> float:
        """Return the calendar as Unix seconds, with fractions."""
        return self._calendar

    def sleep(self, seconds: float) -> None:
        """Let time pass, and record the wait."""
        if seconds < 0:
            raise ValueError("time does not run backwards")
        self.slept.append(seconds)
        self.advance(seconds)

    def advance(self, seconds: float) -> None:
        """Let time pass without a wait: `slept` does not record it."""
        self._calendar += seconds
        self._seconds += seconds

    def jump(self, seconds: float) -> None:
        """Set the calendar on or back, as a correction of the machine's clock does."""
        self._calendar += seconds


@dataclass(frozen=True, slots=True)
class Failure:
    """A failure to come: the `nth` call of `method` (counted from 1) raises `error`.

    `executed`: the call is carried out all the same, and only its answer is lost.
    `only`: an executed create is carried out for the first so many profiles alone.
    `confirms`: an OutcomeUnknown lists in `confirmed` the entries that were made.
    `late`: the call is carried out so many seconds of the stopwatch after it failed.
    """

    method: str
    nth: int
    error: BaseException
    executed: bool = False
    only: int | None = None
    confirms: bool = False
    late: float | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """A recorded call: its method, the ids it was about, and its entry if it has one."""

    method: str
    ids: tuple[str, ...] = ()
    entry: Entry | None = None


@dataclass(slots=True)
class _Item:
    """One entry of the queue. `custom`: its time was asked for, so the queue does not move it."""

    live: LiveEntry
    custom: bool
    position: float = 0.0


@dataclass(frozen=True, slots=True)
class KeyedItem:
    """A content item: its key, and the ids of its posts, None while it is a draft."""

    key: str
    posts: tuple[str, ...] | None = None


@dataclass(slots=True)
class FakeProvider:
    """A Provider in memory; the docstring of the module has its rules.

    Methods without a docstring are those of `ports.Provider`.

    Tests look at it with `queue` and `history`, and act as a person in Buffer with `add`, `edit`,
    `remove`, `publish` and `fail`. `unlisted` are the ids of waiting entries that no list shows.

    It has keyed creates if `capabilities.keyed_group` says so. `forgets_keys`: a repeated key makes
    another draft. `refuses_promotion` holds the error of each profile that refuses to be promoted
    on; with `half_promotes` the posts of the others are made nevertheless. `content_items` are the
    content items by their ids. `seconds` is how long a call takes, by its method.
    """

    clock: FakeClock
    accounts: Sequence[Profile] = ()
    owner: Account = OWNER
    capabilities: Capabilities = ABLE
    failures: Iterable[Failure] = ()
    name: str = "fake"
    title: str = DEFAULT.title
    service_limits: ServiceLimits = field(default_factory=ServiceLimits)
    calls: list[Call] = field(default_factory=list)
    unlisted: set[str] = field(default_factory=set)
    forgets_keys: bool = False
    refuses_promotion: dict[str, ProviderError] = field(default_factory=dict)
    half_promotes: bool = False
    seconds: dict[str, float] = field(default_factory=dict)
    content_items: dict[str, KeyedItem] = field(default_factory=dict)
    _items: dict[str, _Item] = field(default_factory=dict)
    _late: list[tuple[float, Callable[[], object]]] = field(default_factory=list)
    _made: int = 0

    # -- reading ------------------------------------------------------------------------------

    def account(self) -> Account:
        return self._run(Call("account"), lambda: self.owner)

    def profiles(self) -> tuple[Profile, ...]:
        return self._run(Call("profiles"), lambda: tuple(self.accounts))

    def profile(self, profile_id: str) -> Profile:
        return self._run(Call("profile", (profile_id,)), lambda: self._profile(profile_id))

    def limits(self) -> ServiceLimits:
        return self._run(Call("limits"), lambda: self.service_limits)

    def read(self, profiles: Sequence[Profile], since: datetime | None = None) -> QueueRead:
        ids = tuple(profile.id for profile in profiles)

        def look() -> QueueRead:
            entries = [
                live
                for profile_id in ids
                for live in self.queue(profile_id)
                if since is None or (live.created_at is not None and live.created_at >= since)
            ]
            now = self.clock.now()
            return QueueRead(tuple(entries), now, now, len(ids))

        return self._run(Call("read", ids), look)

    def sent(self, since: Mapping[str, datetime | None]) -> tuple[LiveEntry, ...]:
        def look() -> tuple[LiveEntry, ...]:
            recent = [
                live
                for profile_id, begin in since.items()
                for live in self.history(profile_id)
                if begin is None or (live.sent_at is not None and live.sent_at >= begin)
            ]
            return tuple(sorted(recent, key=lambda live: live.sent_at or _NEVER, reverse=True))

        return self._run(Call("sent", tuple(since)), look)

    def find(self, remote_ids: Sequence[str]) -> tuple[LiveEntry, ...]:
        known = tuple(self._items[key].live for key in remote_ids if key in self._items)
        return self._run(Call("find", tuple(remote_ids)), lambda: known) if remote_ids else ()

    def windows(self) -> tuple[RateWindow, ...]:
        return (RateWindow(60, 60, 60),)

    # -- changing -----------------------------------------------------------------------------

    def create(self, entry: Entry, profiles: Sequence[Profile]) -> tuple[LiveEntry, ...]:
        def act(only: int | None = None) -> tuple[LiveEntry, ...]:
            for profile in profiles:
                self._check(entry, profile, adding=True)
            return tuple(self._put(entry, profile) for profile in profiles[:only])

        return self._run(Call("create", tuple(profile.id for profile in profiles), entry), act)

    def update(self, remote_id: str, entry: Entry, previous: Entry, profile: Profile) -> LiveEntry:
        del previous  # the fake replaces the whole entry; a wire would send the difference

        def act() -> LiveEntry:
            item = self._waiting(remote_id)
            self._check(entry, profile, adding=False)
            item.live = replace(
                item.live,
                entry=self.expected(entry, profile),
                due_at=entry.due_at,
                status=LiveStatus.SCHEDULED,
                error="",
            )
            item.custom = entry.due_at is not None
            self._retime(item.live.profile_id)
            return item.live

        return self._run(Call("update", (remote_id,), entry), act)

    def delete(self, remote_id: str) -> None:
        def act() -> None:
            item = self._waiting(remote_id)
            del self._items[remote_id]
            self._retime(item.live.profile_id)

        self._run(Call("delete", (remote_id,)), act)

    def share(self, remote_id: str) -> None:
        def act() -> None:
            self._waiting(remote_id)
            self.publish(remote_id)

        self._run(Call("share", (remote_id,)), act)

    # -- keyed creates ------------------------------------------------------------------------

    @property
    def keyed_creates(self) -> KeyedCreates | None:
        """The provider itself, if it has keyed creates."""
        return self if self.capabilities.keyed_group else None

    def create_draft(self, key: str, entry: Entry) -> ContentItem:
        def act() -> ContentItem:
            known = None if self.forgets_keys else self._item_of(key)
            if known is None:
                self._made += 1
                known = f"item-{self._made}"
                self.content_items[known] = KeyedItem(key)
            return self._item(known)

        return self._run(Call("create_draft", (key,), entry), act)

    def promote(self, item_id: str, entry: Entry, profiles: Sequence[Profile]) -> ContentItem:
        def act(only: int | None = None) -> ContentItem:
            item = self.content_items.get(item_id)
            if item is None or item.posts is not None:
                raise NotPromoted(f"{item_id} is no draft")
            refused: dict[str, ProviderError] = {}
            for profile in profiles:
                try:
                    self._check(entry, profile, adding=True)
                    if profile.id in self.refuses_promotion:
                        raise self.refuses_promotion[profile.id]
                except ProviderError as error:
                    refused[profile.id] = error
            taken = [profile for profile in profiles if profile.id not in refused]
            if refused and not (self.half_promotes and taken):
                raise NotPromoted("the promotion failed", refused)
            posts = tuple(self._put(entry, profile).id for profile in taken[:only])
            self.content_items[item_id] = replace(item, posts=posts)
            if refused:
                raise NotPromoted("the promotion failed", refused)
            return self._item(item_id)

        ids = (item_id, *(profile.id for profile in profiles))
        return self._run(Call("promote", ids, entry), act)

    def content_item(self, item_id: str) -> ContentItem | None:
        def look() -> ContentItem | None:
            return self._item(item_id) if item_id in self.content_items else None

        return self._run(Call("content_item", (item_id,)), look)

    def remove_item(self, item_id: str) -> None:
        def act() -> None:
            item = self.content_items.get(item_id)
            if item is None:
                raise NotFound(f"no content item {item_id}")
            posts = [self._items[name] for name in item.posts or () if name in self._items]
            if any(post.live.status is LiveStatus.PUBLISHED for post in posts):
                raise OutcomeUnknown("one of its posts went out")
            for post in posts:
                self.remove(post.live.id)
            del self.content_items[item_id]

        self._run(Call("remove_item", (item_id,)), act)

    def drafts(self, keys: Collection[str]) -> tuple[str, ...]:
        def look() -> tuple[str, ...]:
            return tuple(
                name
                for name, item in self.content_items.items()
                if item.key in keys and item.posts is None
            )

        return self._run(Call("drafts", tuple(sorted(keys))), look) if keys else ()

    def expected(self, entry: Entry, profile: Profile) -> Entry:
        """Predict a read-back: trimmed, the link in the text on Twitter, no alternative texts."""
        text, link = entry.text, entry.link
        if link is not None and profile.service == "twitter":
            text, link = f"{text} {link.url}", None
        shown = replace(entry, queue=None, shorten=False, link_card=True, link=link)
        images = tuple(Image(image.url) for image in entry.images)
        return replace(shown, text=text.strip(), images=images)

    # -- what tests see, and what a person does in Buffer ----------------------------------------

    def queue(self, profile_id: str) -> tuple[LiveEntry, ...]:
        """Return the entries that wait on a profile, failed ones too, the soonest first."""
        self._pass_time()
        waiting = [
            item.live
            for item in self._items.values()
            if item.live.profile_id == profile_id
            and item.live.status is not LiveStatus.PUBLISHED
            and item.live.id not in self.unlisted
        ]
        return tuple(sorted(waiting, key=lambda live: (live.due_at or _NEVER, live.id)))

    def history(self, profile_id: str) -> tuple[LiveEntry, ...]:
        """Return the entries that were sent on a profile, newest first."""
        self._pass_time()
        sent = [
            item.live
            for item in self._items.values()
            if item.live.profile_id == profile_id and item.live.status is LiveStatus.PUBLISHED
        ]
        return tuple(sorted(sent, key=lambda live: (live.sent_at or _NEVER, live.id), reverse=True))

    def add(self, entry: Entry, profile: Profile) -> LiveEntry:
        """Add an entry as a person would."""
        self._pass_time()
        return self._put(entry, profile)

    def edit(
        self, remote_id: str, text: str | None = None, due_at: datetime | None = None
    ) -> LiveEntry:
        """Change the text or the time of a waiting entry as a person would."""
        item = self._waiting(remote_id)
        entry = item.live.entry
        if text is not None:
            entry = replace(entry, text=text.strip())
        if due_at is not None:
            entry = replace(entry, due_at=due_at)
            item.custom = True
        item.live = replace(item.live, entry=entry, due_at=entry.due_at or item.live.due_at)
        return item.live

    def remove(self, remote_id: str) -> None:
        """Delete a waiting entry as a person would, or forget a sent one as Buffer does."""
        item = self._items.pop(remote_id)
        self._retime(item.live.profile_id)

    def publish(self, remote_id: str) -> LiveEntry:
        """Send an entry now."""
        item = self._items[remote_id]
        now = self.clock.now()
        item.live = replace(
            item.live,
            status=LiveStatus.PUBLISHED,
            sent_at=now,
            link=f"https://network.example/{remote_id}",
        )
        self._retime(item.live.profile_id)
        return item.live

    def set_keyed(self, *, forgets_keys: bool, half_promotes: bool) -> None:
        """Choose what the service does that no documentation settles."""
        self.forgets_keys, self.half_promotes = forgets_keys, half_promotes

    def refuse_promotions(self, *profile_ids: str) -> None:
        """Let these profiles, and no others, refuse to be promoted on."""
        refusal = Rejected("this channel takes no promotions")
        self.refuses_promotion = dict.fromkeys(profile_ids, refusal)

    def fail(self, remote_id: str, error: str = "The network said no.") -> LiveEntry:
        """Let the network refuse an entry; it stays in the queue."""
        item = self._items[remote_id]
        item.live = replace(item.live, status=LiveStatus.FAILED, error=error)
        return item.live

    # -- inside -------------------------------------------------------------------------------

    def _run(self, call: Call, act: Callable[..., _T]) -> _T:
        self._pass_time()
        self.calls.append(call)
        nth = sum(1 for made in self.calls if made.method == call.method)
        for failure in self.failures:
            if (failure.method, failure.nth) == (call.method, nth):
                self._fail(failure, act)
        result = act()
        self.clock.advance(self.seconds.get(call.method, 0.0))
        return result

    def _fail(self, failure: Failure, act: Callable[..., object]) -> None:
        results: object = ()
        if failure.late is not None:
            self._late.append((self.clock.monotonic() + failure.late, act))
        elif failure.executed:
            results = act() if failure.only is None else act(failure.only)
        error = failure.error
        if failure.confirms and isinstance(error, OutcomeUnknown):
            made = results if isinstance(results, tuple) else ()
            raise OutcomeUnknown(str(error), confirmed=made)
        raise error

    def _pass_time(self) -> None:
        """Carry out late requests that have arrived, then send due entries at their own times."""
        arrived = [act for due, act in self._late if due <= self.clock.monotonic()]
        self._late = [late for late in self._late if late[0] > self.clock.monotonic()]
        for act in arrived:
            try:
                act()
            except ProviderError:
                continue  # its caller gave up long ago, so the refusal has no reader
        now = self.clock.now()
        for item in self._items.values():
            live = item.live
            if live.entry.stage is not Stage.SCHEDULED:
                continue  # drafts and entries that wait for approval never go out
            if live.status is LiveStatus.SCHEDULED and live.due_at and live.due_at <= now:
                link = f"https://network.example/{live.id}"
                item.live = replace(
                    live, status=LiveStatus.PUBLISHED, sent_at=live.due_at, link=link
                )

    def _item_of(self, key: str) -> str | None:
        return next((name for name, item in self.content_items.items() if item.key == key), None)

    def _item(self, item_id: str) -> ContentItem:
        posts = self.content_items[item_id].posts
        if posts is None:
            return ContentItem(item_id)
        there = (self._items[name].live for name in posts if name in self._items)
        return ContentItem(item_id, tuple(there))

    def _profile(self, profile_id: str) -> Profile:
        for profile in self.accounts:
            if profile.id == profile_id:
                return profile
        raise NotFound(f"no profile {profile_id}")

    def _waiting(self, remote_id: str) -> _Item:
        item = self._items.get(remote_id)
        if item is None:
            raise NotFound(f"no update {remote_id}")
        if item.live.status is LiveStatus.PUBLISHED:
            raise Rejected("it was sent already", 1022)
        return item

    def _check(self, entry: Entry, profile: Profile, *, adding: bool) -> None:
        self._profile(profile.id)
        if entry.due_at is not None and entry.due_at < self.clock.now():
            raise Rejected("the time lies in the past", 1034)
        limit = self.capabilities.queue_limit
        if adding and limit is not None and len(self.queue(profile.id)) >= limit:
            raise Rejected("the queue is full", 1023, queue_full=True)

    def _put(self, entry: Entry, profile: Profile) -> LiveEntry:
        self._made += 1
        now = self.clock.now()
        remote_id = f"{int(now.timestamp()):08x}{self._made:016x}"
        top = entry.queue is QueuePosition.TOP
        live = LiveEntry(
            id=remote_id,
            profile_id=profile.id,
            entry=self.expected(entry, profile),
            due_at=entry.due_at,
            created_at=now,
        )
        position = float(-self._made if top else self._made)
        self._items[remote_id] = _Item(live, entry.due_at is not None, position)
        self._retime(profile.id)
        return self._items[remote_id].live

    def _retime(self, profile_id: str) -> None:
        """Give the n-th entry without a time of its own the n-th full hour from now."""
        queued = [
            item
            for item in self._items.values()
            if not item.custom
            and item.live.entry.stage is Stage.SCHEDULED
            and item.live.profile_id == profile_id
            and item.live.status is LiveStatus.SCHEDULED
        ]
        slot = self.clock.now().replace(minute=0, second=0)
        for item in sorted(queued, key=lambda item: item.position):
            slot += timedelta(hours=1)
            item.live = replace(item.live, due_at=slot)


_NEVER = datetime.max.replace(tzinfo=UTC)
