"""The provider on the GraphQL API: an implementation of `ports.Provider`.

The meaning of an error depends on the request. A query without an answer has had no effect, so
every failure of it is Unreachable and may be repeated. A mutation without an answer, or with one
that proves nothing, may have been carried out: OutcomeUnknown. This module repeats nothing.

Requests are the scarce resource: some 250 a day (docs/buffer/graphql.md#rate-limits). Account and
channels come in one request and are kept for the run; all queues are one list, and so are all sent
posts; tags are read when the first one is needed.

An edit counts as done only if the answer shows it: Buffer has reported edits as done that changed
nothing (docs/buffer/graphql.md#editing-posts).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from plancast.model.entry import Entry, LiveEntry, LiveStatus, Stage
from plancast.model.entry_fields import head_of
from plancast.model.features import RepeatRule
from plancast.model.plan import RateWindow
from plancast.model.ports import (
    Capabilities,
    Clock,
    NotFound,
    OutcomeUnknown,
    QueueRead,
    Rejected,
    ServiceLimits,
    Unauthorized,
    Unreachable,
)
from plancast.model.profile import Account, Profile
from plancast.networks.registry import NETWORKS
from plancast.providers.buffer_features import CURRENT, REPEATS
from plancast.providers.buffer_graphql import build_input, parse
from plancast.providers.buffer_graphql.account import Home, find_home
from plancast.providers.buffer_graphql.client import GraphqlClient
from plancast.providers.buffer_graphql.content_items import ContentItems
from plancast.providers.buffer_graphql.create import Creator, Grouping
from plancast.providers.buffer_graphql.errors import (
    change_error,
    changing,
    check,
    reading_only,
    with_names,
)
from plancast.providers.buffer_graphql.pagination import parsed_list
from plancast.providers.buffer_graphql.probe import BufferProber
from plancast.providers.buffer_graphql.responses import Json
from plancast.providers.buffer_graphql.tags import Tags
from plancast.reconcile.compare import live_diffs

GROUP = 10
"""Channels of one create, if creates are grouped
(docs/buffer/graphql.md#several-creates-in-one-document)."""

UNGROUPED = frozenset(name for name, one in NETWORKS.items() if one.one_account_per_text)
"""Networks that forbid the same text on several accounts: each account gets calls of its own
(docs/buffer/v1.md#the-same-text-twice)."""

WAITING = ("draft", "needs_approval", "scheduled", "sending", "error")
_GOING = ("sending", "sent")
NATIVE = "network"
"""`via` of posts made on the network itself (docs/buffer/graphql.md#enums-and-scalars)."""

MARGIN = timedelta(days=1)
"""The sent list is read from so much earlier than asked for: Buffer filters it by the planned time
or that of creation, and not by the time of sending (docs/buffer/graphql.md#lists-and-pages)."""

_LAST = datetime.max.replace(tzinfo=UTC)


class BufferGraphqlProvider:
    """The provider `buffer-graphql`. It is for one run, since it keeps account and channels.

    `windows` returns the state of the request budget. `tells_time`: the Date header of answers
    shows the time that `clock` should show; that of the sandbox does not.
    `on_account` is called with the id of the account once an answer has named it: the limits belong
    to the account.
    """

    def __init__(  # noqa: PLR0913  # what the wiring decides
        self,
        client: GraphqlClient,
        windows: Callable[[], tuple[RateWindow, ...]],
        clock: Clock,
        *,
        name: str = "buffer-graphql",
        organization: str = "",
        queue_limit: int | None = None,
        grouping: Grouping = Grouping.OFF,
        ownership_tag: str = "",
        tells_time: bool = True,
        repeats: RepeatRule | None = REPEATS,
        on_account: Callable[[str], None] = lambda _account_id: None,
    ) -> None:
        self.name = name
        self.title = "Buffer"
        self.capabilities = Capabilities(
            create_group=1 if grouping is Grouping.OFF else GROUP,
            ungrouped_services=UNGROUPED,
            queue_limit=queue_limit,
            features=replace(CURRENT, repeats=repeats),
            waits=False,
            api="buffer-graphql",
            keyed_group=GROUP,
        )
        self._client = client
        self._windows = windows
        self._clock = clock
        self._organization = organization
        self._ownership = ownership_tag
        self._tells_time = tells_time
        self._on_account = on_account
        self._home: Home | None = None
        self._creator = Creator(client, grouping)
        self._tags = Tags(client, ownership_tag, lambda: self._known().tags)
        self.keyed_creates = ContentItems(
            client, ownership_tag, lambda: self._known().organization, self._tag_ids
        )

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences about what could not be done without stopping the run, such as missing tags."""
        return tuple(self._tags.notes)

    def prober(self) -> BufferProber:
        """Return the prober on the connection of this provider."""
        return BufferProber(self._client, lambda: self._known().organization)

    # -- reading ------------------------------------------------------------------------------

    def account(self) -> Account:
        """See ports.Provider. With `profiles` 1 request a run, 2 without an organization."""
        return self._known().account

    def profiles(self) -> tuple[Profile, ...]:
        """See ports.Provider. Kept for the run."""
        return self._known().profiles

    def profile(self, profile_id: str) -> Profile:
        """See ports.Provider."""
        with reading_only():
            return parse.profile(self._client.channel(profile_id))

    def limits(self) -> ServiceLimits:
        """See ports.Provider. Experimental: none if Buffer does not answer the question.

        See docs/buffer/graphql.md#experimental-parts.
        """
        organization = self._known().organization
        try:
            with reading_only():
                return ServiceLimits(parse.limits(self._client.configuration(organization)))
        except (Rejected, NotFound, Unauthorized, Unreachable):
            return ServiceLimits()

    def read(self, profiles: Sequence[Profile], since: datetime | None = None) -> QueueRead:
        """See ports.Provider. One list for all of them."""
        if not profiles:
            return QueueRead((), self._clock.now(), self._server_time())
        organization = self._known().organization
        ids = {profile.id for profile in profiles}
        chosen: dict[str, Any] = {"channelIds": sorted(ids), "status": WAITING}
        if since is not None:
            chosen["createdAt"] = {"start": _wire_time(since)}
        before = self._client.requests
        with reading_only():
            posts = parsed_list(
                lambda after: self._client.posts(organization, chosen, after), self._unless_native
            )
        entries = [entry for entry in posts if entry is not None and entry.profile_id in ids]
        entries.sort(key=lambda entry: (entry.due_at or _LAST, entry.id))
        requests = self._client.requests - before
        return QueueRead(tuple(entries), self._clock.now(), self._server_time(), requests)

    def sent(self, since: Mapping[str, datetime | None]) -> tuple[LiveEntry, ...]:
        """See ports.Provider. One list for all with a time, and one for all without."""
        begins = [begin for begin in since.values() if begin is not None]
        bounded = sorted(one for one, begin in since.items() if begin is not None)
        whole = sorted(since.keys() - set(bounded))
        shown: list[LiveEntry] = []
        if bounded:
            shown += self._sent(bounded, min(begins))
        if whole:
            shown += self._sent(whole, None)
        recent = (item for item in shown if _is_recent(item, since[item.profile_id]))
        return tuple(sorted(recent, key=_newness, reverse=True))

    def find(self, remote_ids: Sequence[str]) -> tuple[LiveEntry, ...]:
        """See ports.Provider. 1 request for each id.

        Lists are filtered by the known statuses, so they lack a post whose status is a new one.
        """
        posts: list[Json] = []
        for remote_id in remote_ids:
            with suppress(NotFound), reading_only():
                posts.append(self._client.post(remote_id))
        with reading_only():
            return tuple(self._shown(item) for item in posts)

    def windows(self) -> tuple[RateWindow, ...]:
        """See ports.Provider."""
        return self._windows()

    def expected(self, entry: Entry, profile: Profile) -> Entry:
        """See ports.Provider."""
        shown = build_input.expected(entry, profile)
        if self._ownership in shown.tags:
            # `parse.live` removes this tag from every post, so it is never read back, even if an
            # author asks for it.
            shown = replace(shown, tags=tuple(t for t in shown.tags if t != self._ownership))
        if not self._client.reads_item_links:
            shown = replace(shown, thread=tuple(replace(item, link=None) for item in shown.thread))
        return shown

    # -- changing -----------------------------------------------------------------------------

    def create(self, entry: Entry, profiles: Sequence[Profile]) -> tuple[LiveEntry, ...]:
        """See ports.Provider. Results are matched by profile, never by position."""
        for profile in profiles:
            check(entry, profile)
        organization = self._known().organization
        tag_ids = self._tag_ids(entry.tags)
        inputs = {
            profile.id: build_input.create_input(entry, profile, tag_ids) for profile in profiles
        }
        try:
            with changing():
                created = self._creator.create(organization, inputs)
        except OutcomeUnknown as error:
            # Buffer names channels by their ids, which people have never seen.
            raise OutcomeUnknown(with_names(str(error), profiles)) from None
        # The answer's order is Buffer's own, and it may show posts of other channels.
        made: dict[str, LiveEntry] = {}
        for item in created.posts:
            with suppress(parse.Unreadable):
                shown = parse.live(item, self._ownership)
                if shown.profile_id in inputs:
                    made.setdefault(shown.profile_id, shown)
        if len(made) < len(inputs):
            missing = len(inputs) - len(made)
            message = f"the answer shows nothing for {missing} of {len(inputs)} profiles"
            words = f"{message}: {created.error}" if created.error else message
            refused = {key: change_error(error) for key, error in created.refused.items()}
            raise OutcomeUnknown(words, tuple(made.values()), refused)
        return tuple(made[profile.id] for profile in profiles)

    def update(self, remote_id: str, entry: Entry, previous: Entry, profile: Profile) -> LiveEntry:
        """See ports.Provider. Tags that `previous` has beside those of the entry are kept."""
        check(entry, profile)
        tag_ids = self._tag_ids({*entry.tags, *previous.tags})
        fields = build_input.edit_input(remote_id, entry, previous, profile, tag_ids)
        _, shown = self._edited(remote_id, fields)
        if shown.status is LiveStatus.FAILED:
            # An edit of a failed post schedules it again, and its time is still to come.
            raise Rejected("Buffer says that it is done, but shows it as failed", "not_applied")
        missing = self._not_applied(entry, profile, shown, tagged=tag_ids is not None)
        if missing:
            words = f"Buffer says that it is done, but shows another {', '.join(missing)}"
            raise Rejected(words, "not_applied")
        return shown

    def delete(self, remote_id: str) -> None:
        """See ports.Provider."""
        with changing():
            self._client.delete_post(remote_id)

    def share(self, remote_id: str) -> None:
        """See ports.Provider. 2 requests: an edit holds the whole post, so it is read first.

        A post that is on its way already is left alone.
        """
        with reading_only():
            post = self._client.post(remote_id)
            if post.get("status") == "sending":
                return
            entry = parse.live(post, self._ownership).entry
            self._tags.saw([post])
        profile = self._owner(post)
        tag_ids = self._tag_ids(entry.tags)
        now = replace(entry, due_at=None, stage=Stage.SCHEDULED)
        mode = build_input.SHARE_NOW
        fields = build_input.edit_input(remote_id, now, entry, profile, tag_ids, mode)
        post, shown = self._edited(remote_id, fields)
        # Any of three signs will do: its status, its mode, or a time that is (almost) now.
        going = post.get("status") in _GOING or post.get("shareMode") == mode
        if not going and (shown.due_at or _LAST) > self._clock.now() + timedelta(minutes=1):
            raise Rejected("Buffer says that it is done, but shows another due_at", "not_applied")

    # -- inside -------------------------------------------------------------------------------

    def _server_time(self) -> datetime | None:
        return self._client.server_time if self._tells_time else None

    def _known(self) -> Home:
        if self._home is None:
            self._home = find_home(self._client, self._organization, self._on_account)
        return self._home

    def _owner(self, post: Json) -> Profile:
        """Return the channel of a post; if it is none of the account's, only its id and network."""
        channel, service = str(post.get("channelId")), str(post.get("channelService"))
        known = (item for item in self._known().profiles if item.id == channel)
        return next(known, Profile(channel, service))

    def _shown(self, post: Json) -> LiveEntry:
        """Parse a post, and learn the ids of its tags."""
        self._tags.saw([post])
        return parse.live(post, self._ownership)

    def _unless_native(self, post: Json) -> LiveEntry | None:
        """Parse a post; None for one that was made on the network itself, which no queue holds."""
        return None if post.get("via") == NATIVE else self._shown(post)

    def _sent(self, ids: list[str], since: datetime | None) -> list[LiveEntry]:
        organization = self._known().organization
        chosen: dict[str, Any] = {"channelIds": ids, "status": ["sent"]}
        if since is not None:
            chosen["startDate"] = _wire_time(since - MARGIN)
        with reading_only():
            posts = parsed_list(
                lambda after: self._client.sent(organization, chosen, after), self._shown
            )
        return [entry for entry in posts if entry.profile_id in ids]

    def _tag_ids(self, names: Iterable[str]) -> list[str] | None:
        """Look up the ids of tags. This is a read: if it fails, nothing has happened yet."""
        wanted = frozenset(names)
        if not wanted and not self._ownership:
            return []
        with reading_only():
            return self._tags.ids(self._known().organization, wanted)

    def _edited(self, remote_id: str, fields: Json) -> tuple[Json, LiveEntry]:
        with changing():
            post = self._client.edit_post(fields).post
            shown = parse.live(post, self._ownership)
        if shown.id != remote_id:
            raise OutcomeUnknown("the answer shows another post")
        return post, shown

    def _not_applied(
        self, entry: Entry, profile: Profile, shown: LiveEntry, *, tagged: bool
    ) -> tuple[str, ...]:
        """Return the keys in which an edited post differs from the request, sorted."""
        leaves = live_diffs(entry, self.expected(entry, profile), shown)
        keys = {head_of(leaf.path) for leaf in leaves}
        if shown.entry.stage is not entry.stage and shown.status is LiveStatus.SCHEDULED:
            keys.add("stage")
        # Tags that could not be had are noted, and are no reason to call the edit failed.
        if not tagged or self._tags.notes:
            keys.discard("tags")
        return tuple(sorted(keys))


def _is_recent(entry: LiveEntry, since: datetime | None) -> bool:
    return since is None or entry.sent_at is None or entry.sent_at >= since


def _wire_time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _newness(entry: LiveEntry) -> tuple[float, str]:
    moment = entry.sent_at or entry.due_at
    return (moment.timestamp() if moment else 0.0, entry.id)
