"""Binding of selectors to live profiles: each alias must mean exactly one profile."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from plancast.model.diagnostics import Diagnostic, Severity, problem
from plancast.model.features import THE_PROVIDER
from plancast.model.profile import Profile
from plancast.model.workspace import Selector
from plancast.networks.registry import NETWORKS


@dataclass(frozen=True, slots=True)
class Bound:
    """The result of binding: profiles by alias, and problems of the other aliases."""

    profiles: Mapping[str, Profile]
    diagnostics: tuple[Diagnostic, ...] = ()


def matches(selector: Selector, profile: Profile) -> bool:
    """Return whether a profile meets all criteria of a selector; case does not matter."""
    return bool(selector.criteria) and all(
        _same(name, value, getattr(profile, name)) for name, value in selector.criteria
    )


def _same(name: str, wanted: str, found: str) -> bool:
    # A handle may be written with or without its @.
    if name == "username":
        return wanted.lstrip("@").casefold() == found.lstrip("@").casefold()
    return wanted.casefold() == found.casefold()


def bind(
    selectors: Sequence[Selector], live: Sequence[Profile], title: str = THE_PROVIDER
) -> Bound:
    """Return the live profile of each alias, with a diagnostic for each alias without one.

    A profile that cannot publish now (disconnected, locked, paused) is bound, with a warning or an
    error as the table of codes says.
    """
    profiles: dict[str, Profile] = {}
    aliases: dict[str, str] = {}
    diagnostics: list[Diagnostic] = []
    for selector in selectors:
        fitting = [profile for profile in live if matches(selector, profile)]
        if len(fitting) != 1:
            diagnostics.append(_ambiguous(selector, fitting, live))
            continue
        profile = fitting[0]
        # A post for two aliases of one profile would go out there twice.
        other = aliases.setdefault(profile.id, selector.alias)
        if other != selector.alias:
            detail = f"{other} and {selector.alias} both mean {_named(profile)}"
            diagnostics.append(problem("PC305", detail, at=selector.at))
            continue
        detail = f"{selector.alias}: {_named(profile)}"
        diagnostics.extend(
            problem(code, detail, at=selector.at, title=title) for code in _troubles(profile)
        )
        profiles[selector.alias] = profile
    return Bound(profiles, tuple(diagnostics))


def _troubles(profile: Profile) -> Iterator[str]:
    """Yield the codes of conditions that keep posts from going out on a profile."""
    if profile.disconnected:
        yield "PC306"
    if profile.locked:
        yield "PC308"
    if profile.paused:
        yield "PC309"
    if profile.reminders:
        yield "PC527"


def _ambiguous(
    selector: Selector, fitting: Sequence[Profile], live: Sequence[Profile]
) -> Diagnostic:
    wanted = ", ".join(f"{name} {value}" for name, value in selector.criteria)
    if fitting:
        detail = f"{selector.alias} ({wanted}) fits {', '.join(map(_named, fitting))}"
        return problem("PC304", detail, at=selector.at)
    service = dict(selector.criteria).get("service", "")
    near = [profile for profile in live if profile.service == service] if service else live
    known = ", ".join(map(_named, near)) or (
        f"no {service} profile" if service else "no profile at all"
    )
    detail = f"{selector.alias} ({wanted or 'no criteria'}); connected: {known}"
    return problem("PC303", detail, at=selector.at)


def _named(profile: Profile) -> str:
    return f"{profile.service} {profile.label} (id {profile.id})"


def assume(selectors: Sequence[Selector], remembered: Sequence[Profile] = ()) -> Bound:
    """Return a profile for each alias without asking the provider.

    If exactly one `remembered` profile fits, it is used. Otherwise a profile is made up from the
    criteria. Its service is empty if no criterion names one; the rules of networks then skip it.
    """
    profiles = {}
    for selector in selectors:
        fitting = [profile for profile in remembered if matches(selector, profile)]
        profiles[selector.alias] = fitting[0] if len(fitting) == 1 else _made_up(selector)
    return Bound(profiles)


def alias_problems(
    selectors: Sequence[Selector], profiles: Mapping[str, Profile]
) -> Iterator[Diagnostic]:
    """Yield a problem for each alias that is named like a network.

    `variants.twitter` is for the profile with that alias and for all of that network. If the alias
    means another network, a text for one reaches both: an error. Else it is a warning: a second
    profile of the network would share what is meant for the first. `profiles` are by alias.
    """
    services = {*NETWORKS, *(profile.service for profile in profiles.values())} - {""}
    for selector in selectors:
        name = selector.alias.casefold()
        profile = profiles.get(selector.alias)
        if name not in services or profile is None or not profile.service:
            continue
        if profile.service == name:
            detail = f"{selector.alias} is one profile of it"
            severity = Severity.WARNING
        else:
            detail = f"{selector.alias} means a profile of {_title(profile.service)}"
            severity = Severity.ERROR
        yield problem("PC312", detail, at=selector.at, severity=severity)


def _title(service: str) -> str:
    network = NETWORKS.get(service)
    return network.title if network else service


def _made_up(selector: Selector) -> Profile:
    return Profile(
        id=selector.id or f"?{selector.alias}",
        service=selector.service.lower(),
        service_type=selector.service_type,
        service_id=selector.service_id,
        username=selector.username,
        timezone=selector.timezone or "UTC",
    )
