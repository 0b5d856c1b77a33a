"""Which profile is which, where two APIs call the same accounts by ids of their own.

The *old* profiles are those of the state, a *channel* is one of the other side.
They are paired by what the network itself says of them, rule by rule (`By`). A
rule pairs only what it fits once on either side; what is left is for a person
to say, and so is one whose id and name on the network speak for two channels.

A `Roster` is what is known of the old ones. States remember the profiles that
were looked at; one that does not is made up of what its selector says. An alias
whose selector fits a channel as it stands, and nothing old, means that channel.
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
    """Why an old profile and a channel are one account."""

    GIVEN = "you said so"
    ID = "the same id"
    SERVICE_ID = "the network's own id"
    NAME = "the network and the name"
    ALONE = "the only one of its network"


@dataclass(frozen=True, slots=True)
class Channel:
    """An old profile and what it is now."""

    old: Profile
    new: Profile
    by: By


@dataclass(frozen=True, slots=True)
class Doubt:
    """An old profile of which it is not clear what it is now. Candidates are of its network."""

    old: Profile
    candidates: tuple[Profile, ...]


def pair_profiles(
    old: Sequence[Profile], new: Sequence[Profile], given: Mapping[str, str] | None = None
) -> dict[str, Channel]:
    """The channel of each old profile that has one, by its old id. `given`: old id -> new id."""
    ids = {profile.id: profile for profile in new}
    told = [(one, ids.get((given or {}).get(one.id, ""))) for one in old]
    found = {one.id: Channel(one, two, By.GIVEN) for one, two in told if two is not None}
    torn = _torn(old, new)
    for by, key in _RULES:
        ours, theirs = _keyed(old, key), _keyed(new, key)
        for one in old:
            fitting = theirs.get(key(one), [])
            taken = {channel.new.id for channel in found.values()}
            alone = len(ours.get(key(one), [])) == len(fitting) == 1
            if one.id in found or not alone or fitting[0].id in taken:
                continue
            if by is not By.ID and one.id in torn:
                continue
            if by is By.ALONE and _are_others(one, fitting[0]):
                continue
            found[one.id] = Channel(one, fitting[0], by)
    return found


def doubts(
    wanted: Iterable[Profile], channels: Mapping[str, Channel], new: Sequence[Profile]
) -> tuple[Doubt, ...]:
    """Those of `wanted` that have no channel, with what they might be."""
    taken = {channel.new.id for channel in channels.values()}
    free = [profile for profile in new if profile.id not in taken]
    return tuple(
        Doubt(one, tuple(two for two in free if not one.service or _service(two) == _service(one)))
        for one in dict.fromkeys(wanted)
        if one.id not in channels
    )


_Key = Callable[[Profile], Hashable]


def _service(profile: Profile) -> str:
    return profile.service.casefold()


def _name(profile: Profile) -> str:
    return profile.username.lstrip("@").casefold()


def _number_key(profile: Profile) -> Hashable:
    return (_service(profile), profile.service_id) if profile.service_id else None


def _name_key(profile: Profile) -> Hashable:
    return (_service(profile), _name(profile)) if _name(profile) else None


_RULES: tuple[tuple[By, _Key], ...] = (
    # Ids are of one kind for all that Buffer keeps, so no two things ever have the same.
    (By.ID, lambda it: it.id),
    (By.SERVICE_ID, _number_key),
    (By.NAME, _name_key),
    (By.ALONE, lambda it: _service(it) or None),
)


def _keyed(profiles: Sequence[Profile], key: _Key) -> dict[Hashable, list[Profile]]:
    groups = grouped(profiles, key)
    groups.pop(None, None)
    return groups


def _torn(old: Sequence[Profile], new: Sequence[Profile]) -> set[str]:
    """The old ones that one channel is like by the network's id, and another by its name."""
    numbers, names = _keyed(new, _number_key), _keyed(new, _name_key)
    return {
        one.id
        for one in old
        if (numbered := {it.id for it in numbers.get(_number_key(one), ())})
        and (named := {it.id for it in names.get(_name_key(one), ())})
        and not numbered & named
    }


def _are_others(one: Profile, two: Profile) -> bool:
    """Whether what both tell speaks against it."""
    pairs = ((one.service_id, two.service_id), (_name(one), _name(two)))
    return any(ours and theirs and ours != theirs for ours, theirs in pairs)


# -- what is known of the old ones ----------------------------------------------------------------


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
        """The aliases of an old profile."""
        return tuple(sorted(name for name, ids in self.aliases.items() if profile_id in ids))

    def channel(self, alias: str, channels: Mapping[str, Channel]) -> Profile:
        """What an alias of the workspace means. There must be no doubt about it."""
        return self.direct.get(alias) or channels[self.aliases[alias][0]].new


def roster(selectors: Sequence[Selector], state: State, new: Sequence[Profile], api: str) -> Roster:
    """What selectors and state tell of the old profiles. `new` are the channels, of this API.

    Where the state is of it already, a run was interrupted before the selectors were written: one
    that fits nothing any more means the channel on which the entries of its alias are.
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
            said = assumed.get(alias, Profile("", ""))
            old[binding.profile_id] = replace(said, id=binding.profile_id)
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
    """The profile on which the entries of an alias are, where it is one."""
    found: dict[str, set[str]] = {}
    for binding in state.resources.values():
        found.setdefault(binding.address.profile, set()).add(binding.profile_id)
    return {alias: next(iter(ids)) for alias, ids in found.items() if len(ids) == 1}
