"""From mappings to the values of the model. Their shapes are right by now (`schema_errors`)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from plancast.model.diagnostics import Diagnostic, Pointer, problem
from plancast.model.entry import Image, Link, QueuePosition, Setting, Stage, ThreadItem, Video
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
    return PostFields(
        text=spec.get("text"),
        link=_link(spec["link"]) if spec.get("link") is not None else None,
        images=tuple(_image(item) for item in spec["images"]) if "images" in spec else None,
        schedule=_schedule(spec["schedule"]) if "schedule" in spec else None,
        timezone=spec.get("timezone"),
        shorten=spec.get("shorten"),
        link_card=spec.get("link_card"),
        skip=spec.get("skip"),
        campaign=spec.get("campaign"),
        tags=tuple(spec["tags"]) if "tags" in spec else None,
        status=PostStatus(spec["status"]) if "status" in spec else None,
        protect=spec.get("protect"),
        on_drift=OnDrift(spec["on_drift"]) if "on_drift" in spec else None,
        profiles=tuple(spec["profiles"]) if "profiles" in spec else None,
        video=_video(spec["video"]) if "video" in spec else None,
        thread=tuple(_item(item) for item in spec["thread"]) if "thread" in spec else None,
        first_comment=spec.get("first_comment"),
        metadata=_metadata(spec["metadata"]) if "metadata" in spec else None,
        stage=Stage(spec["stage"]) if "stage" in spec else None,
    )


def _link(value: Any) -> Link:
    if isinstance(value, str):
        return Link(value)
    parts = ("url", "title", "description", "thumbnail")
    return Link(*(value.get(part) for part in parts))


def _image(value: Any) -> Image:
    if isinstance(value, str):
        return Image(value)
    return Image(url=value.get("url", ""), alt=value.get("alt"), file=value.get("file", ""))


def _video(value: Any) -> Video:
    if isinstance(value, str):
        return Video(value)
    cover = value.get("cover_ms")
    return Video(value["url"], value.get("title"), None if cover is None else int(cover))


def _item(value: Any) -> ThreadItem:
    if isinstance(value, str):
        return ThreadItem(value.strip())
    images = tuple(_image(item) for item in value.get("images", ()))
    return ThreadItem(value.get("text", "").strip(), images)


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


def _policy(spec: Mapping_, zone: str, place: Pointer, found: list[Diagnostic]) -> Policy:
    plain = Policy()
    destroy = _limit(spec.get("max_destroy"), plain.max_destroy_percent, plain.max_destroy)
    update = _limit(spec.get("max_update"), plain.max_update_percent, plain.max_update)
    said: dict[str, Any] = {
        name: duration(spec[name])
        for name in ("due_soon", "min_lead", "quiet_period", "min_gap")
        if spec.get(name, "off") != "off"
    }
    words = ("missed", "on_unknown", "safety", "paused", "require_alt", "duplicates")
    said.update((name, spec[name]) for name in words if name in spec)
    freeze = []
    for index, window in enumerate(spec.get("freeze", ())):
        start = _moment(window["from"], zone, place / "freeze" / index / "from", found)
        end = _moment(window["to"], zone, place / "freeze" / index / "to", found)
        if start and end and end <= start:
            hint = "A window ends after it begins."
            at = place / "freeze" / index / "to"
            found.append(problem("PC203", f"`to: {window['to']}`", hint=hint, at=at))
        elif start and end:
            freeze.append(FreezeWindow(start, end, window.get("reason", "")))
    history = spec.get("history_before")
    return Policy(
        max_destroy_percent=destroy[0],
        max_destroy=destroy[1],
        max_update_percent=update[0],
        max_update=update[1],
        branch=spec.get("branch", ""),
        max_per_day=None if spec.get("max_per_day", "off") == "off" else int(spec["max_per_day"]),
        on_drift=OnDrift(spec.get("on_drift", "overwrite")),
        freeze=tuple(freeze),
        history_before=_moment(history, zone, place / "history_before", found) if history else None,
        **said,
    )


def _limit(said: object, percent: int | None, number: int) -> tuple[int | None, int]:
    """A limit as (percentage, number): one that is said, or what holds if nothing is."""
    if isinstance(said, int | float):  # 3.0 is a whole number to JSON Schema
        return None, int(said)
    return (int(said.rstrip("%")), number) if isinstance(said, str) else (percent, number)


def _moment(text: str, zone: str, place: Pointer, found: list[Diagnostic]) -> datetime | None:
    """A time of the policy; a date alone means its first minute."""
    whole = text if ":" in text else f"{text} 00:00"
    when = resolve(Schedule(at=whole), zone)
    if isinstance(when, datetime):
        return when
    if isinstance(when, TimeProblem) and when.code != "PC402":
        found.append(problem(when.code, when.detail, hint=when.hint, at=place))
    return None
