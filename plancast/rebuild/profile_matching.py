"""Pairing of profiles between two APIs, which know the same accounts by different ids.

The *old* profiles are those of the state, a *channel* is a profile of the other API. They are
paired by what the network itself says of them, rule by rule (`By`). A rule pairs two profiles only
if each is the only one that fits the other. The rest are for a person to decide, and so is a
profile whose id and name on the network point to two channels.

A `Roster` holds what is known of the old profiles. A state remembers the profiles that were read; a
profile that it lacks is made up from its selector. An alias whose selector fits a channel as it is,
and no old profile, means that channel.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from plancast.model.profile import Profile
from plancast.model.state import BindingStatus, State
from plancast.model.workspace import Selector
from plancast.reconcile.candidates import grouped
from plancast.reconcile.selectors import assume, matches


class By(Enum):
    """The reason why an old profile and a channel are one account."""

    GIVEN = "you said so"
    ID = "the same id"
    SERVICE_ID = "the network's own id"
    NAME = "the network and the name"
    ALONE = "the only one of its network"


@dataclass(frozen=True, slots=True)
class Channel:
    """An old profile and the profile of the other API that it is now."""

    old: Profile
    new: Profile
    by: By


@dataclass(frozen=True, slots=True)
class Doubt:
    """An old profile whose channel is not clear. The candidates are of its network."""

    old: Profile
    candidates: tuple[Profile, ...]


def pair_profiles(
    old: Sequence[Profile], new: Sequence[Profile], given: Mapping[str, str] | None = None
) -> dict[str, Channel]:
    """Return the channel of each old profile that has one, by its old id.

    `given`: old id -> new id, as a person decided.
    """
    by_id = {channel.id: channel for channel in new}
    chosen = [(profile, by_id.get((given or {}).get(profile.id, ""))) for profile in old]
    channels = {
        profile.id: Channel(profile, channel, By.GIVEN)
        for profile, channel in chosen
        if channel is not None
    }
    torn = _torn(old, new)
    for by, key in _RULES:
        ours, theirs = _keyed(old, key), _keyed(new, key)
        for profile in old:
            fitting = theirs.get(key(profile), [])
            paired = {channel.new.id for channel in channels.values()}
            alone = len(ours.get(key(profile), [])) == len(fitting) == 1
            if profile.id in channels or not alone or fitting[0].id in paired:
                continue
            if by is not By.ID and profile.id in torn:  # only a person can decide
                continue
            # The only account of a network on either side may still be two accounts.
            if by is By.ALONE and _are_others(profile, fitting[0]):
                continue
            channels[profile.id] = Channel(profile, fitting[0], by)
    return channels


def doubts(
    wanted: Iterable[Profile], channels: Mapping[str, Channel], new: Sequence[Profile]
) -> tuple[Doubt, ...]:
    """Return a doubt for each profile of `wanted` without a channel, with those left for it."""
    paired = {channel.new.id for channel in channels.values()}
    free = [profile for profile in new if profile.id not in paired]
    return tuple(
        Doubt(one, tuple(two for two in free if not one.service or _service(two) == _service(one)))
        for one in dict.fromkeys(wanted)
        if one.id not in channels
    )


_Key = Callable[[Profile], Hashable]


def _service(profile: Profile) -> str:
    """Return the network's name for comparisons."""
    return profile.service.casefold()


def _name(profile: Profile) -> str:
    """Return the user name for comparisons: without @, and without case."""
    return profile.username.lstrip("@").casefold()


def _number_key(profile: Profile) -> Hashable:
    """Return a key by the network's own id, None if it is unknown."""
    return (_service(profile), profile.service_id) if profile.service_id else None


def _name_key(profile: Profile) -> Hashable:
    """Return a key by the user name, None if it is unknown."""
    return (_service(profile), _name(profile)) if _name(profile) else None


_RULES: tuple[tuple[By, _Key], ...] = (
    # Buffer draws the ids of all its objects from one space, so an equal id is never a coincidence.
    (By.ID, lambda profile: profile.id),
    (By.SERVICE_ID, _number_key),
    (By.NAME, _name_key),
    (By.ALONE, lambda profile: _service(profile) or None),
)


def _keyed(profiles: Sequence[Profile], key: _Key) -> dict[Hashable, list[Profile]]:
    """Group profiles by a key; those without a key are left out."""
    groups = grouped(profiles, key)
    groups.pop(None, None)
    return groups


def _torn(old: Sequence[Profile], new: Sequence[Profile]) -> set[str]:
    """Return the ids of old profiles that are like one channel by id, and another by name."""
    numbers, names = _keyed(new, _number_key), _keyed(new, _name_key)
    return {
        old_profile.id
        for old_profile in old
        if (numbered := {profile.id for profile in numbers.get(_number_key(old_profile), ())})
        and (named := {profile.id for profile in names.get(_name_key(old_profile), ())})
        and not numbered & named
    }


def _are_others(one: Profile, two: Profile) -> bool:
    """Return whether an id or a name that both have differs."""
    pairs = ((one.service_id, two.service_id), (_name(one), _name(two)))
    return any(ours and theirs and ours != theirs for ours, theirs in pairs)


# -- the old profiles -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Roster:
    """The old profiles: `old` all, `wanted` those that must have a channel.

    `aliases`: alias -> the ids of the old profiles that it means or meant. `direct`: alias -> the
    channel that it means as it stands.
    """

    old: tuple[Profile, ...]
    wanted: tuple[Profile, ...]
    aliases: Mapping[str, tuple[str, ...]]
    direct: Mapping[str, Profile]

    def names(self, profile_id: str) -> tuple[str, ...]:
        """Return the aliases of an old profile."""
        return tuple(sorted(name for name, ids in self.aliases.items() if profile_id in ids))

    def channel(self, alias: str, channels: Mapping[str, Channel]) -> Profile:
        """Return the channel that an alias of the workspace means.

        Every doubt must be settled before.
        """
        return self.direct.get(alias) or channels[self.aliases[alias][0]].new


def roster(selectors: Sequence[Selector], state: State, new: Sequence[Profile], api: str) -> Roster:
    """Collect the old profiles from the selectors and the state. `new` are the channels of `api`.

    If the state is of that API already, a run was interrupted before the selectors were written:
    then a selector that fits no profile means the channel on which the entries of its alias are.
    """
    old = {profile.id: profile for profile in state.profiles}
    places = _places(state) if state.provider == api else {}
    assumed = assume(selectors, state.profiles).profiles
    aliases: dict[str, dict[str, None]] = {}
    direct: dict[str, Profile] = {}
    wanted: dict[str, None] = {}
    for selector in selectors:
        profile = assumed[selector.alias]
        fitting = [one for one in new if matches(selector, one)]
        if profile.id not in old and len(fitting) == 1:
            direct[selector.alias] = fitting[0]
            continue
        if profile.id not in old and not fitting:
            profile = old.get(places.get(selector.alias, ""), profile)
        old.setdefault(profile.id, profile)
        wanted.setdefault(profile.id)
        aliases.setdefault(selector.alias, {}).setdefault(profile.id)
    for binding in state.resources.values():
        alias = binding.address.profile
        known = old.get(binding.profile_id)
        if known is None:
            assumed_profile = assumed.get(alias, Profile("", ""))
            old[binding.profile_id] = replace(assumed_profile, id=binding.profile_id)
        aliases.setdefault(alias, {}).setdefault(binding.profile_id)
        if binding.status is not BindingStatus.PUBLISHED:
            wanted.setdefault(binding.profile_id)
    return Roster(
        tuple(old.values()),
        tuple(old[key] for key in wanted),
        {alias: tuple(ids) for alias, ids in aliases.items()},
        direct,
    )


def _places(state: State) -> dict[str, str]:
    """Return the profile on which the entries of each alias are, if it is a single one."""
    ids_by_alias: dict[str, set[str]] = {}
    for binding in state.resources.values():
        ids_by_alias.setdefault(binding.address.profile, set()).add(binding.profile_id)
    return {alias: next(iter(ids)) for alias, ids in ids_by_alias.items() if len(ids) == 1}
