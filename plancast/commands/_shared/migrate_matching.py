"""How `migrate` works out what will be so: who is who, which entry is which, and what follows.

Whatever it asks of the provider is a read. The queues are read once; sent lists as far as they
explain what no queue does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from plancast.commands._shared.config_rewrite import TARGET
from plancast.commands._shared.plan_session import Asked, Look, Scope, Survey, decide
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
from plancast.reconcile.lookups import sent_needed
from plancast.reconcile.match import Facts, Live

if TYPE_CHECKING:
    from plancast.content.loader import Loaded


@dataclass(frozen=True, slots=True)
class Paired:
    """Who is who. `aliases`: what each alias of the workspace means from now on."""

    roster: Roster
    channels: Mapping[str, Channel]
    aliases: Mapping[str, Profile]

    def by_id(self) -> dict[str, Profile]:
        """The channels by old id."""
        return {key: channel.new for key, channel in self.channels.items()}


# -- who is who -----------------------------------------------------------------------------------


def pair(
    workspace: Workspace, state: State, around: Survey, said: Mapping[str, str]
) -> tuple[Paired, tuple[Doubt, ...]]:
    """Pair what can be paired; doubts are left where nobody can tell. `said`: alias -> channel id.

    Raises Stop where what was said cannot be.
    """
    known = roster(workspace.profiles, state, around.profiles, TARGET)
    ids = {profile.id: profile for profile in around.profiles}
    for alias, channel_id in said.items():
        if alias not in known.aliases and alias not in known.direct:
            raise Stop([problem("PC301", repr(alias))])
        if channel_id not in ids:
            raise Stop([problem("PC812", f"{alias}: there is no channel {channel_id}")])
    given = {
        old_id: channel_id
        for alias, channel_id in said.items()
        for old_id in known.aliases.get(alias, ())
    }
    channels = pair_profiles(known.old, around.profiles, given)
    left = doubts(known.wanted, channels, around.profiles)
    if left:
        return Paired(known, channels, {}), left
    aliases = {
        one.alias: ids[said[one.alias]] if one.alias in said else known.channel(one.alias, channels)
        for one in workspace.profiles
    }
    return Paired(known, channels, aliases), ()


def pairs(words: tuple[str, ...], form: str) -> dict[str, str]:
    """`NAME=ID` of a flag, several times. Raises Stop."""
    found: dict[str, str] = {}
    for word in words:
        name, sign, value = word.rpartition("=")
        if not (name and sign and value):
            raise Stop([problem("PC203", f"{word!r}: expected {form}")])
        if found.setdefault(name, value) != value:
            raise Stop([problem("PC203", f"{word!r}: {name} is {found[name]} already")])
    return found


# -- which entry is which -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sight:
    """What was read so far. `since`: how far back which sent lists were."""

    queue: QueueRead
    profiles: tuple[Profile, ...]
    around: Survey
    sent: tuple[LiveEntry, ...] = ()
    since: Mapping[str, datetime | None] | None = None

    @property
    def live(self) -> Live:
        """All entries."""
        return Live(self.queue.entries, self.sent)

    def seen(self) -> Observation:
        """As a plan wants it."""
        return Observation(
            live=self.live,
            profiles=self.profiles,
            read_at=self.queue.read_at,
            account=self.around.account,
            server_time=self.queue.server_time,
        )

    def with_sent(self, provider: Provider, since: Mapping[str, datetime | None]) -> Sight:
        """With these sent lists as well, as far as they were not read yet."""
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
    """Read the queues of all channels that matter."""
    wanted = [paired.channels[one.id].new for one in paired.roster.wanted]
    profiles = {one.id: one for one in (*paired.aliases.values(), *wanted)}
    watched = tuple(profiles[key] for key in sorted(profiles))
    return Sight(provider.read(watched), watched, around)


def search(
    provider: Provider, wanted: Search, sight: Sight, clock: Clock
) -> tuple[FoundEntries, Sight]:
    """Find what is owned. Raises Stop where what a person said cannot be."""
    explained = find(wanted, sight.live)
    reach = timedelta(days=provider.capabilities.sent_days)
    since = sent_since(wanted, explained, clock.now(), reach)
    sight = sight.with_sent(provider, since)
    wrong = misgiven(wanted, sight.live)
    if wrong:
        raise Stop([problem("PC616", reason, address=str(address)) for address, reason in wrong])
    return find(wanted, sight.live), sight


def addresses(said: Mapping[str, str]) -> dict[Address, str]:
    """What `--match` says, by address. Raises Stop."""
    return {parse(name): value for name, value in said.items()}


def let_go(found: FoundEntries, globs: tuple[str, ...]) -> tuple[Address, ...]:
    """The doubtful addresses that a person lets go of. Raises Stop where a glob means none."""
    for glob in globs:
        if not any(fnmatchcase(str(address), glob) for address in found.doubtful):
            hint = "Only what is not certain can be let go of."
            raise Stop([problem("PC607", f"{glob}: nothing in doubt is called so", hint=hint)])
    return tuple(
        address
        for address in found.doubtful
        if any(fnmatchcase(str(address), glob) for glob in globs)
    )


# -- what follows ---------------------------------------------------------------------------------


def moved(  # noqa: PLR0913, PLR0917  # both sides, and what was found out about them
    state: State,
    found: FoundEntries | None,
    paired: Paired,
    asked: Asked,
    provider: Provider,
    sight: Sight,
) -> State:
    """The state of the other side. Where nothing is owned only whose it is has to be said."""
    if state.provider == TARGET or not (state.serial or state.resources):
        return state
    tags = {item.address: item.entry.tags for item in asked.desired}
    account = sight.around.account.id
    target = Target(TARGET, account, sight.profiles, sight.queue.read_at, tags)
    return migrated(state, found or FoundEntries(), paired.by_id(), provider.expected, target)


def next_plan(loaded: Loaded, asked: Asked, provider: Provider, state: State, sight: Sight) -> Plan:
    """What an apply would do afterwards."""
    queue, now = sight.queue.entries, sight.queue.read_at
    bound = tuple(state.resources.values())
    needed = sent_needed(asked.desired, bound, queue, Facts(provider.expected, now, asked.history))
    known = {one.id for one in sight.profiles}
    sight = sight.with_sent(provider, {key: needed[key] for key in needed if key in known})
    looked = Look(sight.around, asked, sight.seen())
    return decide(loaded, provider, state, looked, Scope()).plan
