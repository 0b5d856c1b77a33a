"""Codecs of plans, changes and diagnostics: the JSON of `plan --json` and of saved plans."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from plancast.codec.entries import (
    Plain,
    address_from,
    entry_to_dict,
    live_from_dict,
    live_to_dict,
    optional_entry,
    time_to_text,
)
from plancast.codec.json_pieces import json_pieces
from plancast.codec.reader import CodecError, Reader
from plancast.model.diagnostics import Diagnostic, Severity, SourceRange
from plancast.model.plan import (
    FORMAT_VERSION,
    Action,
    Basis,
    Budget,
    Change,
    FieldDiff,
    Plan,
    ProfileRef,
    RateWindow,
    Situation,
    Unmanaged,
)

_LAST_PLACE = 1024 * 1024
"""The largest number of a line or a column: no file that is read has more bytes."""


def plan_to_dict(plan: Plan) -> Plain:
    """Encode a plan: `{format_version, generated_at, provider, basis, summary, changes, …}`."""
    return {
        key: list(value) if isinstance(value, Iterator) else value
        for key, value in _in_parts(plan).items()
    }


def plan_to_json(plan: Plan, indent: int) -> Iterator[str]:
    """Yield the JSON of a plan in pieces: one change is in memory at a time, not all of them."""
    yield from json_pieces(_in_parts(plan), indent)
    yield "\n"


def _in_parts(plan: Plan) -> Plain:
    """Encode a plan, with iterators in the place of long lists."""
    return {
        "format_version": FORMAT_VERSION,
        "generated_at": time_to_text(plan.generated_at),
        "provider": plan.provider,
        "account_id": plan.account_id,
        "basis": {
            "content_digest": plan.basis.content_digest,
            "state_lineage": plan.basis.state_lineage,
            "state_serial": plan.basis.state_serial,
            "live_digest": plan.basis.live_digest,
        },
        "targets": list(plan.targets),
        "only": [action.value for action in plan.only],
        "offline_as_of": time_to_text(plan.offline_as_of),
        "history": plan.history,
        "summary": dict(plan.summary),
        "changes": (change_to_dict(change) for change in plan.changes),
        "unmanaged": (_unmanaged_to_dict(item) for item in plan.unmanaged),
        "diagnostics": (diagnostic_to_dict(item) for item in plan.diagnostics),
        "budget": {
            "requests": plan.budget.requests,
            "eta_seconds": plan.budget.eta_seconds,
            "fits": plan.budget.fits,
            "waits": plan.budget.waits,
            "windows": [
                {"limit": item.limit, "seconds": item.seconds, "remaining": item.remaining}
                for item in plan.budget.windows
            ],
        },
    }


def plan_from_dict(document: object) -> Plan:
    """Decode what `plan_to_dict` returns.

    `summary` and `fits` are derived from the rest, so they are not read.

    Raises:
        CodecError: the document is not a plan, or a change does not match its action.
        TooNewError: a newer plancast wrote it.
    """
    reader = Reader(document)
    reader.version(FORMAT_VERSION)
    basis, budget = reader.at("basis"), reader.at("budget")
    return Plan(
        generated_at=reader.at("generated_at").moment(),
        provider=reader.at("provider").text(),
        basis=Basis(
            content_digest=basis.at("content_digest").text(),
            state_lineage=basis.at("state_lineage").text(),
            state_serial=basis.at("state_serial").number(),
            live_digest=basis.at("live_digest").text(),
        ),
        account_id=reader.at("account_id").text(""),
        changes=reader.at("changes").items(_change),
        unmanaged=reader.at("unmanaged").items(_unmanaged),
        diagnostics=reader.at("diagnostics").items(_diagnostic),
        budget=Budget(
            requests=budget.at("requests").number(),
            eta_seconds=budget.at("eta_seconds").number(),
            windows=budget.at("windows").items(_window),
            waits=budget.at("waits").flag(True),
        ),
        offline_as_of=reader.at("offline_as_of").optional_moment(),
        history=reader.at("history").number(0),
        targets=reader.at("targets").items(Reader.text),
        only=reader.at("only").items(lambda item: item.member(Action)),
    )


def change_to_dict(change: Change) -> Plain:
    """Encode a change."""
    plain: Plain = {
        "address": str(change.address),
        "action": change.action.value,
        "situations": [item.value for item in change.situations],
        "profile": _profile_to_dict(change.profile),
        "before": entry_to_dict(change.before) if change.before else None,
        "after": entry_to_dict(change.after) if change.after else None,
        "fields": [_leaf_to_dict(leaf) for leaf in change.fields],
        "drift": [_leaf_to_dict(leaf) for leaf in change.drift],
        "reason": change.reason,
        "source": _source_to_dict(change.source),
        "remote_id": change.remote_id,
        "previous_address": str(change.previous_address) if change.previous_address else None,
        "due_at": time_to_text(change.due_at),
        "zone": change.zone,
        "protect": change.protect,
        "live": live_to_dict(change.live) if change.live else None,
        "campaign": change.campaign,
        "tags": list(change.tags),
        "group": change.group,
        "held_with": [str(address) for address in change.held_with],
    }
    # Left out if it is not set, so that documents of older versions stay as they were.
    return plain | {"completes_create": True} if change.completes_create else plain


def _change(reader: Reader) -> Change:
    """Decode a change; one that `Change` itself refuses is an error of the document."""
    # A saved plan may have been edited: a change that no plan can contain must not get through.
    previous, live = reader.at("previous_address"), reader.at("live")
    try:
        return Change(
            action=reader.at("action").member(Action),
            address=address_from(reader.at("address")),
            profile=_profile(reader.at("profile")),
            before=optional_entry(reader.at("before")),
            after=optional_entry(reader.at("after")),
            fields=reader.at("fields").items(_leaf),
            drift=reader.at("drift").items(_leaf),
            situations=reader.at("situations").items(lambda item: item.member(Situation)),
            reason=reader.at("reason").text(""),
            source=_source(reader.at("source")),
            remote_id=reader.at("remote_id").text(""),
            previous_address=None if previous.absent else address_from(previous),
            due_at=reader.at("due_at").optional_moment(),
            zone=reader.at("zone").text("UTC"),
            protect=reader.at("protect").flag(False),
            live=None if live.absent else live_from_dict(live),
            campaign=reader.at("campaign").text(""),
            tags=reader.at("tags").items(Reader.text),
            group=reader.at("group").text(""),
            held_with=reader.at("held_with").items(address_from),
            completes_create=reader.at("completes_create").flag(False),
        )
    except CodecError:  # a ValueError too, and it has a path already
        raise
    except ValueError as error:
        raise CodecError(f"{reader.path}: {error}") from None


def _profile_to_dict(profile: ProfileRef) -> Plain:
    limit = {} if profile.text_limit is None else {"text_limit": profile.text_limit}
    return {"alias": profile.alias, "id": profile.id, "service": profile.service, **limit}


def _profile(reader: Reader) -> ProfileRef:
    limit = reader.at("text_limit")
    return ProfileRef(
        alias=reader.at("alias").text(),
        id=reader.at("id").text(),
        service=reader.at("service").text(),
        text_limit=None if limit.absent else limit.number(least=0),
    )


def _leaf_to_dict(leaf: FieldDiff) -> Plain:
    return {
        "path": leaf.path,
        "before": _value_to_plain(leaf.before),
        "after": _value_to_plain(leaf.after),
    }


def _value_to_plain(value: object) -> object:
    return time_to_text(value) if isinstance(value, datetime) else value


def _leaf(reader: Reader) -> FieldDiff:
    """Decode a difference. Only the values of the path `due_at` are times."""
    path = reader.at("path").text()
    before, after = reader.at("before"), reader.at("after")
    if path == "due_at":
        return FieldDiff(path, before.optional_moment(), after.optional_moment())
    return FieldDiff(path, _scalar(before), _scalar(after))


def _scalar(reader: Reader) -> object:
    if reader.absent or isinstance(reader.value, bool):
        return None if reader.absent else reader.value
    return reader.text()


def _unmanaged_to_dict(item: Unmanaged) -> Plain:
    return {
        "profile": _profile_to_dict(item.profile),
        "id": item.id,
        "text": item.text,
        "due_at": time_to_text(item.due_at),
    }


def _unmanaged(reader: Reader) -> Unmanaged:
    return Unmanaged(
        profile=_profile(reader.at("profile")),
        id=reader.at("id").text(),
        text=reader.at("text").text(),
        due_at=reader.at("due_at").optional_moment(),
    )


def _window(reader: Reader) -> RateWindow:
    return RateWindow(
        limit=reader.at("limit").number(),
        seconds=reader.at("seconds").number(),
        remaining=reader.at("remaining").number(),
    )


def diagnostic_to_dict(item: Diagnostic) -> Plain:
    """Encode a diagnostic: `{severity, code, summary, detail, hint, address, source}`."""
    return {
        "severity": item.severity.value,
        "code": item.code,
        "summary": item.summary,
        "detail": item.detail,
        "hint": item.hint,
        "address": item.address,
        "source": _source_to_dict(item.source),
    }


def _diagnostic(reader: Reader) -> Diagnostic:
    return Diagnostic(
        severity=reader.at("severity").member(Severity),
        code=reader.at("code").text(),
        summary=reader.at("summary").text(),
        detail=reader.at("detail").text(""),
        hint=reader.at("hint").text(""),
        address=reader.at("address").text(""),
        source=_source(reader.at("source")),
    )


def _source_to_dict(source: SourceRange | None) -> Plain | None:
    if source is None:
        return None
    plain: Plain = {
        "file": source.file,
        "line": source.line,
        "column": source.column,
        "end_column": source.end_column,
        "text": source.text,
    }
    # Left out if the text is the whole line, which it nearly always is.
    return plain if source.text_column == 1 else {**plain, "text_column": source.text_column}


def _source(reader: Reader) -> SourceRange | None:
    if reader.absent:
        return None
    return SourceRange(
        file=reader.at("file").text(),
        line=reader.at("line").number(least=0, most=_LAST_PLACE),
        column=reader.at("column").number(least=0, most=_LAST_PLACE),
        end_column=reader.at("end_column").number(0, least=0, most=_LAST_PLACE),
        text=reader.at("text").text(""),
        text_column=reader.at("text_column").number(1),
    )
