"""Expansion of posts into entries: one entry for each profile that a post names.

The values of an entry come from layers, the weakest first: the post (the loader has merged its
defaults under it), the variant for the service, the variant for the profile. A key that a layer
does not set keeps the value of the layer below.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from operator import attrgetter
from typing import Any

from plancast.model.address import is_post_id
from plancast.model.codes import CODES
from plancast.model.diagnostics import Diagnostic, Pointer, Severity, problem
from plancast.model.entry import Address, Entry, QueuePosition, Setting
from plancast.model.entry_fields import ENTRY_FIELDS, Kind
from plancast.model.features import PLAIN, Features
from plancast.model.profile import Profile
from plancast.model.quoting import closest
from plancast.model.workspace import Desired, Post, PostFields, PostStatus, Schedule, Workspace
from plancast.networks.registry import NETWORKS
from plancast.reconcile.schedule import TimeProblem, find_zone, resolve

_SAID = tuple(row for row in ENTRY_FIELDS if row.file_key != "schedule")
_SAID_VALUES = attrgetter(*(row.file_key for row in _SAID))
_NAMES = tuple(item.name for item in fields(PostFields))
_VALUES = attrgetter(*_NAMES)
_QUEUE = Schedule(queue=QueuePosition.NEXT)


@dataclass(frozen=True, slots=True)
class PartialEntry:
    """An entry of which only a part is known, because of an error that is reported.

    `is_comparable`: its text and its time are known, so it can be compared with other entries.
    """

    entry: Desired
    is_comparable: bool


@dataclass(frozen=True, slots=True)
class ExpandedPost:
    """A post whose entries are known already: it was expanded on the same profiles before."""

    id: str
    is_draft: bool
    entries: tuple[Desired, ...]


@dataclass(frozen=True, slots=True)
class Expansion:
    """The result of `expand`: desired entries, drafts, and problems of the posts.

    Drafts and partial entries are expanded so that they can be validated; no plan contains them.
    """

    desired: tuple[Desired, ...]
    drafted: tuple[Desired, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    partial: tuple[PartialEntry, ...] = ()


@dataclass(slots=True)
class _Work:
    """The inputs of one expansion, and what it has collected so far.

    `times` caches resolved schedules: most posts of a workspace share a few zones and defaults.
    """

    workspace: Workspace
    profiles: Mapping[str, Profile]
    features: Features
    zones: Mapping[str, str]
    aliases: frozenset[str]
    diagnostics: list[Diagnostic] = field(default_factory=list)
    times: dict[tuple[Schedule, str], datetime | QueuePosition | TimeProblem] = field(
        default_factory=dict
    )


def expand(
    workspace: Workspace,
    posts: Sequence[Post | ExpandedPost],
    profiles: Mapping[str, Profile],
    features: Features = PLAIN,
    partial: Sequence[Post] = (),
) -> Expansion:
    """Return all entries of all posts. Of the posts in `partial`, not every value is known.

    No id of an `ExpandedPost` may be that of another post.

    `profiles` are by alias; an alias without a profile is skipped, since binding has reported it.
    If the provider has no tags, those of a post are dropped silently; anything else that it lacks
    is an error (`networks.requirements`).
    """
    work = _Work(
        workspace,
        profiles,
        features,
        {item.alias: item.timezone for item in workspace.profiles},
        frozenset(item.alias for item in workspace.profiles),
    )
    seen: dict[str, Post] = {}
    desired: list[Desired] = []
    drafted: list[Desired] = []
    apart: list[PartialEntry] = []
    for post in (*posts, *partial):
        if isinstance(post, ExpandedPost):
            (drafted if post.is_draft else desired).extend(post.entries)
            continue
        first = seen.setdefault(post.id, post)
        is_single = first is post
        if not is_single and not post.is_unread("id"):
            work.diagnostics.append(_twice(first, post))
        target = drafted if post.fields.status is PostStatus.DRAFT else desired
        for item in _entries(post, work):
            if is_single and item.is_comparable and not post.unread:
                target.append(item.entry)
            else:
                apart.append(replace(item, is_comparable=is_single and item.is_comparable))
    problems = tuple(dict.fromkeys(work.diagnostics))
    return Expansion(tuple(desired), tuple(drafted), problems, tuple(apart))


def _twice(first: Post, second: Post) -> Diagnostic:
    """Report an id that two posts share, with the place of the first one."""
    place = first.at.file + (f", document {first.at.document + 1}" if first.at.document else "")
    detail = f"{second.id!r} is the id of the post in {place} as well"
    return problem("PC205", detail, at=second.where("id"))


def _entries(post: Post, work: _Work) -> Iterator[PartialEntry]:
    """Yield the entries of one post, in the order in which it names its profiles."""
    has_id = is_post_id(post.id)
    if not has_id:
        # An id with such a sign most often comes from the name of a file.
        hint = f"{CODES['PC208'].hint} Without `id:` the name of the file is the id."
        work.diagnostics.append(problem("PC208", repr(post.id), hint=hint, at=post.where("id")))
    problems_before = len(work.diagnostics)
    aliases = _aliases(post, work)
    if not aliases:
        if len(work.diagnostics) == problems_before and _names_empty_groups(post, work):
            # A draft may still lack its profiles.
            severity = Severity.WARNING if post.fields.status is PostStatus.DRAFT else None
            detail = f"post {post.id}: {', '.join(post.fields.profiles or ())} has no members"
            place = post.where("profiles")
            work.diagnostics.append(problem("PC314", detail, at=place, severity=severity))
        return
    _check_audience(post, aliases, work)
    reached = [alias for alias in aliases if alias in work.profiles]
    skipped = [alias for alias in reached if _is_skipped(post, alias, work.profiles[alias])]
    if reached and len(skipped) == len(aliases):
        detail = f"post {post.id}: `skip: true` holds for {', '.join(skipped)}"
        warning = problem("PC314", detail, at=post.at, severity=Severity.WARNING)
        work.diagnostics.append(warning)
    for alias in reached:
        item = _entry(post, alias, work.profiles[alias], work)
        if item is not None:
            yield item if has_id else replace(item, is_comparable=False)


def _names_empty_groups(post: Post, work: _Work) -> bool:
    """Return whether all that a post names are groups without members, which were reported."""
    named = post.fields.profiles or ()
    return all(not work.workspace.groups.get(name.removeprefix("@"), name) for name in named)


def _is_skipped(post: Post, alias: str, profile: Profile) -> bool:
    """Return whether a post leaves out a profile; the strongest layer that says so decides."""
    for layer in (post.variants.get(alias), post.variants.get(profile.service), post.fields):
        if layer is not None and layer.skip is not None:
            return layer.skip
    return False


def _aliases(post: Post, work: _Work) -> list[str]:
    """Return the aliases of a post, groups resolved, each once, in the order they are named."""
    named = post.fields.profiles or ()
    if not named:
        work.diagnostics.append(problem("PC209", f"post {post.id}", at=post.at))
    aliases: dict[str, None] = {}
    for index, name in enumerate(named):
        if name in work.aliases and not name.startswith("@"):
            aliases[name] = None
            continue
        place = post.where("profiles", index)
        if name.startswith("@"):
            members = work.workspace.groups.get(name[1:])
            if members is None and name[1:] in work.aliases:
                hint = f"{name[1:]} is a profile: write it without the @."
                work.diagnostics.append(problem("PC302", repr(name[1:]), hint=hint, at=place))
            elif members is None:
                work.diagnostics.append(_unknown("PC302", name[1:], work.workspace.groups, place))
            aliases.update(dict.fromkeys(item for item in members or () if item in work.aliases))
        elif name in work.workspace.groups:
            hint = f'{name} is a group: write "@{name}", in quotes.'
            work.diagnostics.append(problem("PC301", repr(name), hint=hint, at=place))
        elif alike := _aliases_by_word(name, work):
            hint = f"Did you mean {' or '.join(alike)}?"
            work.diagnostics.append(problem("PC301", repr(name), hint=hint, at=place))
        elif on_network := _aliases_on(_network_named(name), work):
            hint = f"Profiles have the names of plancast.yaml: write {' or '.join(on_network)}."
            work.diagnostics.append(problem("PC301", repr(name), hint=hint, at=place))
        else:
            work.diagnostics.append(_unknown("PC301", name, work.aliases, place))
    return list(aliases)


def _aliases_by_word(name: str, work: _Work) -> list[str]:
    """Return the aliases on the network that a part of a name means, as in `acme-twitter`."""
    words = re.split(r"[-_. ]+", name)
    found = (alias for word in words for alias in _aliases_on(_network_named(word), work))
    return sorted(set(found)) if len(words) > 1 else []


def _network_named(name: str) -> str:
    """Return the network that people call so: by its name, its short one or its title; or ""."""
    folded = name.casefold()
    return next(
        (
            service
            for service, network in NETWORKS.items()
            if folded in {service, network.short, network.title.casefold()}
        ),
        "",
    )


def _aliases_on(service: str, work: _Work) -> list[str]:
    """Return the aliases of the profiles of a network; none for ""."""
    profiles = work.profiles.items() if service else ()
    return sorted(alias for alias, profile in profiles if profile.service == service)


def _unknown(
    code: str, name: str, known: Mapping[str, object] | frozenset[str], place: Pointer
) -> Diagnostic:
    close = closest(name, known)
    if close:
        hint = f"Did you mean {close}?"
    else:
        hint = f"Known: {', '.join(sorted(known))}." if known else ""
    return problem(code, repr(name), hint=hint, at=place)


def _check_audience(post: Post, aliases: Sequence[str], work: _Work) -> None:
    """Report variants and settings of a post that none of its profiles uses."""
    if not (post.variants or post.fields.metadata):
        return
    services = {work.profiles[alias].service for alias in aliases if alias in work.profiles}
    if "" in services:  # A service that is not known (offline) may be the one that is meant.
        return
    for key in post.variants:
        if key in aliases or key in services:
            continue
        place = post.where("variants", key)
        known = {*work.aliases, *NETWORKS, *services}
        meant = "" if key in known else _network_named(key) or closest(key, known)
        hint = f"Did you mean `{meant}`?" if meant else ""
        # Defaults are for many posts, and not each of them goes everywhere. Only a name that fits
        # no post at all is a problem there, and one for all of them.
        if (place.file, place.document) == (post.at.file, post.at.document):
            detail = f"{key!r} of post {post.id}"
            work.diagnostics.append(problem("PC307", detail, hint=hint, at=place))
        elif key not in known:
            work.diagnostics.append(problem("PC316", repr(key), hint=hint, at=place))
    places = [("metadata",), *(("variants", key, "metadata") for key in post.variants)]
    for path, part in zip(places, (post.fields, *post.variants.values()), strict=True):
        for service, settings in (part.metadata or {}).items():
            if service not in services and _is_own(post, (*path, service), settings):
                at = post.where(*path, service)
                work.diagnostics.append(problem("PC310", f"{service} of post {post.id}", at=at))


def _is_own(post: Post, path: Sequence[str], settings: Sequence[Setting]) -> bool:
    """Return whether the post itself sets these, rather than defaults shared with other posts."""
    own = (post.at.file, post.at.document)
    places = (post.where(path[0], *path[1:], name) for name, _ in settings)
    return any((at.file, at.document) == own for at in places)


def _entry(post: Post, alias: str, profile: Profile, work: _Work) -> PartialEntry | None:
    """Return the entry of a post for one profile; None if it is skipped.

    If its time cannot be read, the entry is for the queue and cannot be compared.
    """
    layers = [post.fields]
    schedule_at = post.where("schedule")
    for key in (profile.service, alias):
        variant = post.variants.get(key)
        if variant is not None:
            layers.append(variant)
            if variant.schedule is not None:
                schedule_at = post.where("variants", key, "schedule")
    fields = post.fields if len(layers) == 1 else _layered(layers)
    if fields.skip:
        return None
    zone = fields.timezone or work.zones.get(alias) or work.workspace.timezone
    schedule = fields.schedule or _QUEUE
    when = _time(schedule, zone, work)
    if isinstance(when, TimeProblem):
        # If the post itself names the unknown zone, the error points at that line.
        named = when.code == "PC402" and post.fields.timezone == zone
        place = post.where("timezone") if named else schedule_at
        work.diagnostics.append(problem(when.code, when.detail, hint=when.hint, at=place))
    has_content = bool((fields.text or "").strip() or fields.link or fields.images or fields.video)
    if not has_content:
        work.diagnostics.append(problem("PC207", f"post {post.id}", at=post.at))
    is_timed = not (isinstance(when, TimeProblem) or post.is_unread("schedule", "timezone"))
    moment = when if is_timed and not isinstance(when, TimeProblem) else QueuePosition.NEXT
    queued = isinstance(moment, QueuePosition)
    entry = Desired(
        address=Address(post.id, alias),
        profile=profile,
        entry=_asked(fields, layers, moment, profile.service, work.features),
        at=post.at,
        zone=zone if queued else (schedule.timezone or zone),
        protect=bool(fields.protect),
        on_drift=fields.on_drift or work.workspace.policy.on_drift,
        campaign=fields.campaign or "",
        tags=fields.tags or (),
    )
    return PartialEntry(entry, is_timed and has_content and not post.is_unread("text"))


def _asked(
    fields: PostFields,
    layers: Sequence[PostFields],
    when: datetime | QueuePosition,
    service: str,
    features: Features,
) -> Entry:
    """Build the entry from layered fields; a field that no layer sets has its default."""
    is_queued = isinstance(when, QueuePosition)
    values: dict[str, Any] = {"due_at": None if is_queued else when}
    values["queue"] = when if is_queued else None
    for row, value in zip(_SAID, _SAID_VALUES(fields), strict=True):
        if row.kind is Kind.NAMES:  # the campaign is a tag too
            values[row.name] = _tags(fields) if getattr(features, row.feature) else ()
        elif value is None:
            continue
        elif row.kind is Kind.SETTINGS:
            values[row.name] = _settings(layers, service)
        else:
            values[row.name] = value.strip() if row.kind is Kind.TEXT else value
    return Entry(**values)


def _layered(layers: Sequence[PostFields]) -> PostFields:
    """Merge layers, the weakest first: each key takes its value from the last that sets it."""
    values = list(_VALUES(layers[0]))
    for layer in layers[1:]:
        for index, value in enumerate(_VALUES(layer)):
            if value is not None:
                values[index] = value
    return PostFields(*values)


def _settings(layers: Sequence[PostFields], service: str) -> tuple[Setting, ...]:
    """Merge the settings for a service key by key: a layer replaces only the keys that it sets."""
    settings: dict[str, str | bool] = {}
    for layer in layers:
        settings.update((layer.metadata or {}).get(service, ()))
    return tuple(sorted(settings.items()))


def _tags(fields: PostFields) -> tuple[str, ...]:
    """Return the tags of a post, sorted; the campaign is one of them, as Buffer shows it."""
    names = (fields.campaign or "", *(fields.tags or ()))
    return tuple(sorted({name.strip() for name in names} - {""}))


def _time(schedule: Schedule, zone: str, work: _Work) -> datetime | QueuePosition | TimeProblem:
    """Resolve a schedule in a zone, once for each pair of both."""
    key = (schedule, zone)
    if key not in work.times:
        # The zone must exist even for the queue: plans show slot times in it.
        place = find_zone(schedule.timezone or zone)
        work.times[key] = place if isinstance(place, TimeProblem) else resolve(schedule, zone)
    return work.times[key]
