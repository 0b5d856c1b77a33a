"""From mappings to the values of the model. Their shapes are right by now (`schema_errors`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, partial
from typing import Any, get_type_hints

from plancast.model.diagnostics import Diagnostic, Pointer, problem
from plancast.model.entry import Image, Link, QueuePosition, Setting, ThreadItem, Video
from plancast.model.entry_fields import KEYS, PARTS, EntryField, Kind, rows_of
from plancast.model.git_refs import name_problem, ref_problem
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
    """The keys of a post, a variant or defaults."""
    return PostFields(**{key: read(spec[key]) for key, read in _KEYS.items() if key in spec})


def _same(value: Any) -> Any:
    return value


def _part(owner: type, value: Any) -> Any:
    """Return a link, an image or a video, from its address alone or from a mapping."""
    if value is None or isinstance(value, str):
        return value if value is None else owner(value)
    said = {
        part.name: int(value[part.name]) if part.kind is Kind.NUMBER else value[part.name]
        for part in PARTS[owner]
        if not part.observed and value.get(part.name) is not None
    }
    return owner(**said)


def _images(values: Any) -> tuple[Image, ...]:
    return tuple(_part(Image, value) for value in values)


def _item(value: Any) -> ThreadItem:
    if isinstance(value, str):
        return ThreadItem(value.strip())
    return ThreadItem(value.get("text", "").strip(), _images(value.get("images", ())))


def _metadata(spec: Mapping_) -> dict[str, tuple[Setting, ...]]:
    return {service: tuple(sorted(told.items())) for service, told in spec.items()}


def _schedule(value: Any) -> Schedule:
    if isinstance(value, str):
        if value.strip() == "queue":
            return Schedule(queue=QueuePosition.NEXT)
        return Schedule(at=value)
    if "queue" in value:
        return Schedule(queue=QueuePosition(value["queue"]))
    return Schedule(value.get("at", ""), value.get("timezone", ""), value.get("fold", ""))


_READERS: Mapping[Kind, Callable[[Any], Any]] = {
    Kind.TEXT: _same,
    Kind.NUMBER: int,
    Kind.FLAG: _same,
    Kind.MOMENT: _schedule,
    Kind.WORD: _same,
    Kind.LINK: partial(_part, Link),
    Kind.IMAGES: _images,
    Kind.VIDEO: partial(_part, Video),
    Kind.THREAD: lambda value: tuple(map(_item, value)),
    Kind.SETTINGS: _metadata,
    Kind.NAMES: tuple,
}


def _key(row: EntryField) -> Callable[[Any], Any]:
    return row.words if row.words is not None else _READERS[row.kind]


_KEYS: Mapping[str, Callable[[Any], Any]] = {
    # A key of several fields goes by the first one: `schedule` is a time, or a place in the queue.
    **{key: _key(rows_of(key)[0]) for key in KEYS},
    "timezone": _same,
    "skip": _same,
    "campaign": _same,
    "status": PostStatus,
    "protect": _same,
    "on_drift": OnDrift,
    "profiles": tuple,
}


def workspace(spec: Mapping_, root: str, at: Pointer) -> tuple[Workspace, list[Diagnostic]]:
    """plancast.yaml as a value, and what a schema cannot find: zones, times, groups."""
    found: list[Diagnostic] = []
    zone = spec.get("timezone", "UTC")
    _check_zone(zone, at / "timezone", found)
    profiles = tuple(
        _selector(alias, item, at / "profiles" / alias, found)
        for alias, item in spec.get("profiles", {}).items()
    )
    groups = {name: tuple(members) for name, members in spec.get("groups", {}).items()}
    aliases = {item.alias for item in profiles}
    for name, members in groups.items():
        for index, member in enumerate(members):
            if member not in aliases:
                place = at / "groups" / name / index
                found.append(problem("PC301", f"{member!r} in group {name}", at=place))
    content = spec.get("content", ".")
    made = Workspace(
        root=root,
        id=spec.get("workspace", ""),
        provider=_provider(spec.get("provider", "sandbox")),
        content=(content,) if isinstance(content, str) else tuple(content),
        timezone=zone if not isinstance(find_zone(zone), TimeProblem) else "UTC",
        profiles=profiles,
        groups=groups,
        policy=_policy(spec.get("policy", {}), zone, at / "policy", found),
        state=StateSettings(**spec.get("state", {})),
    )
    return made, found


def _check_zone(zone: str, place: Pointer, found: list[Diagnostic]) -> None:
    trouble = find_zone(zone)
    if isinstance(trouble, TimeProblem):
        found.append(problem(trouble.code, trouble.detail, hint=trouble.hint, at=place))


def _selector(alias: str, spec: Mapping_, place: Pointer, found: list[Diagnostic]) -> Selector:
    if "timezone" in spec:
        _check_zone(spec["timezone"], place / "timezone", found)
    return Selector(alias=alias, **spec, at=place)


def state_problems(spec: Mapping_, at: Pointer) -> list[Diagnostic]:
    """Names in `state:` of plancast.yaml that git does not take, or that are for something else."""
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
    """`90s`, `5m`, `2h`, `1d`."""
    return timedelta(seconds=int(text[:-1]) * _UNITS[text[-1]])


@dataclass(frozen=True, slots=True)
class _PolicyValue:
    """A value of the policy as it was written, with the zone and the list for its problems."""

    value: Any
    zone: str
    at: Pointer
    found: list[Diagnostic]

    def moment(self, text: str, at: Pointer) -> datetime | None:
        return _moment(text, self.zone, at, self.found)


def _policy(spec: Mapping_, zone: str, place: Pointer, found: list[Diagnostic]) -> Policy:
    """Build the policy by the types of its fields: a key of the schema is the name of one."""
    said: dict[str, Any] = {}
    for name, hint in _policy_hints().items():
        if name not in spec:
            continue
        given = _PolicyValue(spec[name], zone, place / name, found)
        if f"{name}{_PERCENT}" in _policy_hints():
            said.update(_limit(name, given.value))
        else:
            said[name] = _POLICY_READERS[hint](given)
    return Policy(**said)


@cache
def _policy_hints() -> dict[str, Any]:
    """The type of each field; the words of those that have but some are the schema's to check."""
    return get_type_hints(Policy)


_PERCENT = "_percent"


def _limit(name: str, said: object) -> dict[str, int | None]:
    """A limit is a number, or a percentage beside the least number that always holds."""
    if isinstance(said, str):
        return {f"{name}{_PERCENT}": int(said.rstrip("%"))}
    assert isinstance(said, int | float), "as the schema has it"
    return {name: int(said), f"{name}{_PERCENT}": None}  # 3.0 is a whole number to JSON Schema


def _windows(given: _PolicyValue) -> tuple[FreezeWindow, ...]:
    windows = []
    for index, window in enumerate(given.value):
        at = given.at / index
        start = given.moment(window["from"], at / "from")
        end = given.moment(window["to"], at / "to")
        if start and end and end <= start:
            hint = "A window ends after it begins."
            given.found.append(problem("PC203", f"`to: {window['to']}`", hint=hint, at=at / "to"))
        elif start and end:
            windows.append(FreezeWindow(start, end, window.get("reason", "")))
    return tuple(windows)


_POLICY_READERS: Mapping[Any, Callable[[_PolicyValue], Any]] = {
    str: lambda given: given.value,
    bool: lambda given: given.value,
    int | None: lambda given: None if given.value == "off" else int(given.value),
    timedelta: lambda given: duration(given.value),
    timedelta | None: lambda given: None if given.value == "off" else duration(given.value),
    datetime | None: lambda given: given.moment(given.value, given.at),
    OnDrift: lambda given: OnDrift(given.value),
    tuple[FreezeWindow, ...]: _windows,
}
"""How a value is read, by the type of the field that it is for."""


def _moment(text: str, zone: str, place: Pointer, found: list[Diagnostic]) -> datetime | None:
    """A time of the policy; a date alone means its first minute."""
    whole = text if ":" in text else f"{text} 00:00"
    when = resolve(Schedule(at=whole), zone)
    if isinstance(when, datetime):
        return when
    if isinstance(when, TimeProblem) and when.code != "PC402":
        found.append(problem(when.code, when.detail, hint=when.hint, at=place))
    return None
