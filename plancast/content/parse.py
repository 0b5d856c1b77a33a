"""The parser of documents: mappings, as the YAML reader returns them, become values of the model.

Every mapping has passed its schema by now (`schema_errors`), so nothing here checks shapes. What a
schema cannot check (zones, times, names of refs, members of groups) is reported as problems.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, partial
from typing import Any, get_type_hints

from plancast.model.diagnostics import Diagnostic, Pointer, problem
from plancast.model.entry import Image, Link, QueuePosition, Setting, ThreadItem, Video
from plancast.model.entry_fields import KEYS, PARTS, EntryField, Kind, rows_of
from plancast.model.git_ref_names import name_problem, ref_problem
from plancast.model.quoting import closest
from plancast.model.workspace import (
    FreezeWindow,
    OnDrift,
    Policy,
    PostFields,
    PostStatus,
    ProviderSettings,
    Schedule,
    Selector,
    StateSettings,
    Workspace,
)
from plancast.reconcile.schedule import TimeProblem, find_zone, resolve

Mapping_ = Mapping[str, Any]

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def fields(spec: Mapping_) -> PostFields:
    """Build the fields of a post, of a variant or of defaults. Keys that are absent stay None."""
    return PostFields(**{key: read(spec[key]) for key, read in _KEYS.items() if key in spec})


def _same(value: Any) -> Any:
    return value


def _text(value: Any) -> Any:
    # Entries have their texts stripped: so a post and its entries share one.
    return value.strip() if isinstance(value, str) else value


def _word(value: Any) -> Any:
    # A few words stand in thousands of posts, and each file gives a copy of its own.
    return sys.intern(value) if isinstance(value, str) else value


def _names(values: Any) -> tuple[Any, ...]:
    return tuple(map(_word, values))


def _part(owner: type, value: Any) -> Any:
    """Return a link, an image or a video, from its address alone or from a mapping."""
    if value is None or isinstance(value, str):
        return value if value is None else owner(value)
    parts = {
        part.name: int(value[part.name]) if part.kind is Kind.NUMBER else value[part.name]
        for part in PARTS[owner]
        if not part.observed and value.get(part.name) is not None
    }
    return owner(**parts)


def _images(values: Any) -> tuple[Image, ...]:
    return tuple(_part(Image, value) for value in values)


def _item(value: Any) -> ThreadItem:
    if isinstance(value, str):
        return ThreadItem(value.strip())
    return ThreadItem(
        value.get("text", "").strip(),
        _images(value.get("images", ())),
        _part(Link, value.get("link")),
    )


def _metadata(spec: Mapping_) -> dict[str, tuple[Setting, ...]]:
    return {service: tuple(sorted(settings.items())) for service, settings in spec.items()}


def _schedule(value: Any) -> Schedule:
    if isinstance(value, str):
        if value.strip() == "queue":
            return Schedule(queue=QueuePosition.NEXT)
        return Schedule(at=value)
    if "queue" in value:
        return Schedule(queue=QueuePosition(value["queue"]))
    return Schedule(value.get("at", ""), value.get("timezone", ""), value.get("fold", ""))


_READERS: Mapping[Kind, Callable[[Any], Any]] = {
    Kind.TEXT: _text,
    Kind.NUMBER: int,
    Kind.FLAG: _same,
    Kind.MOMENT: _schedule,
    Kind.WORD: _same,
    Kind.LINK: partial(_part, Link),
    Kind.IMAGES: _images,
    Kind.VIDEO: partial(_part, Video),
    Kind.THREAD: lambda value: tuple(map(_item, value)),
    Kind.SETTINGS: _metadata,
    Kind.NAMES: _names,
}


def _key(row: EntryField) -> Callable[[Any], Any]:
    return row.words if row.words is not None else _READERS[row.kind]


_KEYS: Mapping[str, Callable[[Any], Any]] = {
    # A key of several fields goes by the first one: `schedule` is a time, or a place in the queue.
    **{key: _key(rows_of(key)[0]) for key in KEYS},
    "timezone": _word,
    "skip": _same,
    "campaign": _word,
    "status": PostStatus,
    "protect": _same,
    "on_drift": OnDrift,
    "profiles": _names,
}


def workspace(spec: Mapping_, root: str, at: Pointer) -> tuple[Workspace, list[Diagnostic]]:
    """Build the workspace from plancast.yaml; report unknown zones, times and members of groups.

    An unknown zone becomes UTC in the value, so that the posts can still be checked.
    """
    problems: list[Diagnostic] = []
    zone = spec.get("timezone", "UTC")
    _check_zone(zone, at / "timezone", problems)
    profiles = tuple(
        _selector(alias, item, at / "profiles" / alias, problems)
        for alias, item in spec.get("profiles", {}).items()
    )
    groups = {name: tuple(members) for name, members in spec.get("groups", {}).items()}
    aliases = {item.alias for item in profiles}
    for name in groups:
        problems.extend(_group_problems(name, groups, aliases, at / "groups" / name))
    content = spec.get("content", ".")
    made = Workspace(
        root=root,
        id=spec.get("workspace", ""),
        provider=_provider(spec.get("provider", "sandbox")),
        content=(content,) if isinstance(content, str) else tuple(content),
        timezone=zone if not isinstance(find_zone(zone), TimeProblem) else "UTC",
        profiles=profiles,
        groups=groups,
        policy=_policy(spec.get("policy", {}), zone, at / "policy", problems),
        state=StateSettings(**spec.get("state", {})),
        markdown=spec.get("markdown", ""),
    )
    return made, problems


def _group_problems(
    name: str, groups: Mapping[str, tuple[str, ...]], aliases: Collection[str], at: Pointer
) -> Iterator[Diagnostic]:
    """Report a group without members, and members of a group that are no aliases."""
    if not groups[name]:
        yield problem("PC313", name, at=at)
    for index, member in enumerate(groups[name]):
        if member in aliases:
            continue
        inner = member.removeprefix("@")
        if member.startswith("@") and inner in aliases:
            hint = f"{inner} is a profile: write it without the @."
            yield problem("PC301", f"{member!r} in group {name}", hint=hint, at=at / index)
        elif member.startswith("@") or inner in groups:
            # No groups in groups: who reads `@launch` in a post finds all its members on one line.
            known = ", ".join(one for one in groups.get(inner, ()) if one in aliases)
            hint = f"Write out its members: {known}." if known else ""
            yield problem("PC315", f"{member!r} in group {name}", hint=hint, at=at / index)
        else:
            close = closest(member, aliases)
            hint = f"Did you mean {close}?" if close else ""
            yield problem("PC301", f"{member!r} in group {name}", hint=hint, at=at / index)


def _check_zone(zone: str, place: Pointer, problems: list[Diagnostic]) -> None:
    trouble = find_zone(zone)
    if isinstance(trouble, TimeProblem):
        problems.append(problem(trouble.code, trouble.detail, hint=trouble.hint, at=place))


def _selector(alias: str, spec: Mapping_, place: Pointer, problems: list[Diagnostic]) -> Selector:
    if "timezone" in spec:
        _check_zone(spec["timezone"], place / "timezone", problems)
    return Selector(alias=alias, **spec, at=place)


def state_problems(spec: Mapping_, at: Pointer) -> list[Diagnostic]:
    """Report names in `state:` that git refuses, or that are reserved for something else."""
    settings, place = spec.get("state", {}), at / "state"
    return [
        problem("PC203", f"state.{key}: {settings[key]!r}: {why}", hint=hint, at=place / key)
        for key, problem_of, hint in _STATE_NAMES
        if key in settings and (why := problem_of(settings[key]))
    ]


_STATE_NAMES = (
    ("remote", name_problem, "`git remote` lists those that there are."),
    ("ref", ref_problem, "Name `refs/plancast/NAME`, or a branch for the state alone."),
)


def _provider(spec: Any) -> ProviderSettings:
    if isinstance(spec, str):
        return ProviderSettings(spec)
    options = {key: value for key, value in spec.items() if key != "name"}
    return ProviderSettings(spec["name"], options)


def duration(text: str) -> timedelta:
    """Parse a length of time such as `90s`, `5m`, `2h` or `1d`."""
    return timedelta(seconds=int(text[:-1]) * _UNITS[text[-1]])


@dataclass(frozen=True, slots=True)
class _PolicyValue:
    """A value of the policy as it was written, with the zone and the list for its problems."""

    value: Any
    zone: str
    at: Pointer
    problems: list[Diagnostic]

    def moment(self, text: str, at: Pointer) -> datetime | None:
        """Parse a time in the zone of the workspace; report it and return None if it is none."""
        return _moment(text, self.zone, at, self.problems)


def _policy(spec: Mapping_, zone: str, place: Pointer, problems: list[Diagnostic]) -> Policy:
    """Build the policy by the types of its fields: each key of the schema is the name of a field.

    A field with a twin `NAME_percent` takes a number or a percentage; see `_limit`.
    """
    fields_set: dict[str, Any] = {}
    for name, hint in _policy_hints().items():
        if name not in spec:
            continue
        written = _PolicyValue(spec[name], zone, place / name, problems)
        if f"{name}{_PERCENT}" in _policy_hints():
            fields_set.update(_limit(name, written.value))
        else:
            fields_set[name] = _POLICY_READERS[hint](written)
    return Policy(**fields_set)


@cache
def _policy_hints() -> dict[str, Any]:
    """Return the type of each field of the policy. The schema checks fields of fixed words."""
    return get_type_hints(Policy)


_PERCENT = "_percent"


def _limit(name: str, value: object) -> dict[str, int | None]:
    """Parse a limit: a number alone, or a percentage that leaves the default number beside it."""
    if isinstance(value, str):
        return {f"{name}{_PERCENT}": int(value.rstrip("%"))}
    assert isinstance(value, int | float), "as the schema has it"
    return {name: int(value), f"{name}{_PERCENT}": None}  # 3.0 is a whole number to JSON Schema


def _windows(written: _PolicyValue) -> tuple[FreezeWindow, ...]:
    windows = []
    for index, window in enumerate(written.value):
        at = written.at / index
        start = written.moment(window["from"], at / "from")
        end = written.moment(window["to"], at / "to")
        if start and end and end <= start:
            hint = "A window ends after it begins."
            place = at / "to"
            written.problems.append(problem("PC203", f"`to: {window['to']}`", hint=hint, at=place))
        elif start and end:
            windows.append(FreezeWindow(start, end, window.get("reason", "")))
    return tuple(windows)


_POLICY_READERS: Mapping[Any, Callable[[_PolicyValue], Any]] = {
    str: lambda written: written.value,
    bool: lambda written: written.value,
    int | None: lambda written: None if written.value == "off" else int(written.value),
    timedelta: lambda written: duration(written.value),
    timedelta | None: lambda written: None if written.value == "off" else duration(written.value),
    datetime | None: lambda written: written.moment(written.value, written.at),
    OnDrift: lambda written: OnDrift(written.value),
    tuple[FreezeWindow, ...]: _windows,
}
"""The reader of a value of the policy, by the type of its field."""


def _moment(text: str, zone: str, place: Pointer, problems: list[Diagnostic]) -> datetime | None:
    """Parse a time of the policy; a date alone means its first minute."""
    whole = text if ":" in text else f"{text} 00:00"
    when = resolve(Schedule(at=whole), zone)
    if isinstance(when, datetime):
        return when
    # An unknown zone (PC402) was reported once, at `timezone:`.
    if isinstance(when, TimeProblem) and when.code != "PC402":
        problems.append(problem(when.code, when.detail, hint=when.hint, at=place))
    return None
