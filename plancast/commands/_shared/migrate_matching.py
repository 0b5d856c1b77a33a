"""Matching for `migrate`: pair channels, find entries, and build the state and plan after it.

Every request is a read. The queues are read once; a sent list only as far back as an owned entry
that is in no queue may have gone out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from plancast.commands._shared.checked_posts import Asked
from plancast.commands._shared.config_rewrite import TARGET
from plancast.commands._shared.plan_session import (
    Look,
    Scope,
    Survey,
    decide,
)
from plancast.commands._shared.state_access import parse
from plancast.engine.observer import Observation
from plancast.model.diagnostics import problem
from plancast.model.entry import Address, LiveEntry
from plancast.model.exit_codes import Stop
from plancast.model.plan import Plan
from plancast.model.ports import Clock, Provider, QueueRead
from plancast.model.profile import Profile
from plancast.model.state import State
from plancast.model.workspace import Workspace
from plancast.rebuild.migrate import (
    FoundEntries,
    Search,
    Target,
    find,
    migrated,
    misgiven,
    sent_since,
)
from plancast.rebuild.profile_matching import Channel, Doubt, Roster, doubts, pair_profiles, roster
from plancast.reconcile.match import Facts, Live
from plancast.reconcile.needed_lookups import sent_needed

if TYPE_CHECKING:
    from plancast.content.loader import Loaded


@dataclass(frozen=True, slots=True)
class Paired:
    """Old profiles paired with channels of the other API.

    `channels` maps old ids to channels, `aliases` each alias of the workspace to the profile that
    it means after the move.
    """

    roster: Roster
    channels: Mapping[str, Channel]
    aliases: Mapping[str, Profile]

    def by_id(self) -> dict[str, Profile]:
        """Return the new profiles by old id."""
        return {old_id: channel.new for old_id, channel in self.channels.items()}


# -- channels -------------------------------------------------------------------------------------


def pair(
    workspace: Workspace, state: State, around: Survey, given_ids: Mapping[str, str]
) -> tuple[Paired, tuple[Doubt, ...]]:
    """Pair old profiles with channels, and return the doubts that only a person can resolve.

    `given_ids` maps aliases to channel ids, as a person gave them. With doubts left, the pairing
    has no aliases. Raises Stop if an alias or a channel does not exist.
    """
    known = roster(workspace.profiles, state, around.profiles, TARGET)
    ids = {profile.id: profile for profile in around.profiles}
    for alias, channel_id in given_ids.items():
        if alias not in known.aliases and alias not in known.direct:
            raise Stop([problem("PC301", repr(alias))])
        if channel_id not in ids:
            raise Stop([problem("PC812", f"{alias}: there is no channel {channel_id}")])
    channel_ids = {
        old_id: channel_id
        for alias, channel_id in given_ids.items()
        for old_id in known.aliases.get(alias, ())
    }
    channels = pair_profiles(known.old, around.profiles, channel_ids)
    left = doubts(known.wanted, channels, around.profiles)
    if left:
        return Paired(known, channels, {}), left
    aliases = {
        selector.alias: ids[given_ids[selector.alias]]
        if selector.alias in given_ids
        else known.channel(selector.alias, channels)
        for selector in workspace.profiles
    }
    return Paired(known, channels, aliases), ()


def pairs(words: tuple[str, ...], form: str) -> dict[str, str]:
    """Parse the values `NAME=ID` of a repeated flag; `form` is how the message describes it.

    The last `=` splits, since an address may hold one. Raises Stop (PC203) if a value has another
    form, or if one name is given two ids.
    """
    values_by_name: dict[str, str] = {}
    for word in words:
        name, sign, value = word.rpartition("=")
        if not (name and sign and value):
            raise Stop([problem("PC203", f"{word!r}: expected {form}")])
        if values_by_name.setdefault(name, value) != value:
            raise Stop([problem("PC203", f"{word!r}: {name} is {values_by_name[name]} already")])
    return values_by_name


# -- entries --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sight:
    """Everything read so far. `since` maps profiles to how far back their sent list was read.

    A profile that is missing there was not read; None means that its whole list was.
    """

    queue: QueueRead
    profiles: tuple[Profile, ...]
    around: Survey
    sent: tuple[LiveEntry, ...] = ()
    since: Mapping[str, datetime | None] | None = None

    @property
    def live(self) -> Live:
        """All entries, waiting and sent."""
        return Live(self.queue.entries, self.sent)

    def seen(self) -> Observation:
        """Return the reads as the observation that the planner takes."""
        return Observation(
            live=self.live,
            profiles=self.profiles,
            read_at=self.queue.read_at,
            account=self.around.account,
            server_time=self.queue.server_time,
        )

    def with_sent(self, provider: Provider, since: Mapping[str, datetime | None]) -> Sight:
        """Read these sent lists as well, unless they were read as far back before."""
        known = dict(self.since or {})
        missing = {key: begin for key, begin in since.items() if _is_earlier(begin, known, key)}
        entries = {entry.id: entry for entry in (*self.sent, *provider.sent(missing))}
        return replace(self, sent=tuple(entries.values()), since={**known, **missing})


def _is_earlier(
    begin: datetime | None, known: Mapping[str, datetime | None], profile_id: str
) -> bool:
    if profile_id not in known:
        return True
    read = known[profile_id]
    return read is not None and (begin is None or begin < read)


def look(provider: Provider, paired: Paired, around: Survey) -> Sight:
    """Read the queues of the channels that aliases mean or that hold an owned entry."""
    wanted = [paired.channels[profile.id].new for profile in paired.roster.wanted]
    profiles = {profile.id: profile for profile in (*paired.aliases.values(), *wanted)}
    watched = tuple(profiles[key] for key in sorted(profiles))
    return Sight(provider.read(watched), watched, around)


def search(
    provider: Provider, wanted: Search, sight: Sight, clock: Clock
) -> tuple[FoundEntries, Sight]:
    """Find the owned entries on the other side; return them and all that was read for it.

    Raises Stop (PC616) if a person matched an address to an entry that it cannot be.
    """
    # First by the queues alone: entries found there need no sent list, which costs requests.
    explained = find(wanted, sight.live)
    reach = timedelta(days=provider.capabilities.sent_days)
    since = sent_since(wanted, explained, clock.now(), reach)
    sight = sight.with_sent(provider, since)
    wrong = misgiven(wanted, sight.live)
    if wrong:
        raise Stop([problem("PC616", reason, address=str(address)) for address, reason in wrong])
    return find(wanted, sight.live), sight


def addresses(entry_ids: Mapping[str, str]) -> dict[Address, str]:
    """Parse the addresses that `--match` gives entry ids for. Raises Stop if one is no address."""
    return {parse(name): value for name, value in entry_ids.items()}


def let_go(found: FoundEntries, globs: tuple[str, ...]) -> tuple[Address, ...]:
    """Return the doubtful addresses that match a glob of `--forget`.

    Raises Stop if a glob matches none: certain matches cannot be let go of.
    """
    for glob in globs:
        if not any(fnmatchcase(str(address), glob) for address in found.doubtful):
            hint = "Only what is not certain can be let go of."
            raise Stop([problem("PC607", f"{glob}: nothing in doubt is called so", hint=hint)])
    return tuple(
        address
        for address in found.doubtful
        if any(fnmatchcase(str(address), glob) for glob in globs)
    )


# -- the state and the plan afterwards ------------------------------------------------------------


def moved(  # noqa: PLR0913, PLR0917  # both sides, and what was found out about them
    state: State,
    found: FoundEntries | None,
    paired: Paired,
    asked: Asked,
    provider: Provider,
    sight: Sight,
) -> State:
    """Return the state with the ids of the other API; unchanged if it has them, or is new.

    `found` is None if nothing is owned: then only provider and account change.
    """
    if state.provider == TARGET or not (state.serial or state.resources):
        return state
    tags = {item.address: item.entry.tags for item in asked.desired}
    account = sight.around.account.id
    target = Target(TARGET, account, sight.profiles, sight.queue.read_at, tags)
    return migrated(state, found or FoundEntries(), paired.by_id(), provider.expected, target)


def next_plan(loaded: Loaded, asked: Asked, provider: Provider, state: State, sight: Sight) -> Plan:
    """Return the plan that an apply would follow after the move."""
    queue, now = sight.queue.entries, sight.queue.read_at
    bound = tuple(state.resources.values())
    needed = sent_needed(asked.desired, bound, queue, Facts(provider.expected, now, asked.history))
    known = {profile.id for profile in sight.profiles}
    sight = sight.with_sent(provider, {key: needed[key] for key in needed if key in known})
    looked = Look(sight.around, asked, sight.seen())
    return decide(loaded, provider, state, looked, Scope()).plan
