"""The fields of a state file: codecs of the state, its bindings, intents, leases, and approvals."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from datetime import datetime
from enum import Enum
from typing import TypeVar

from plancast.codec.entries import (
    Plain,
    address_from,
    entry_from_dict,
    entry_to_dict,
    profile_from_dict,
    profile_to_dict,
    time_to_text,
)
from plancast.codec.reader import CodecError, Reader, is_plain_text
from plancast.model.entry import Address
from plancast.model.events import Event
from plancast.model.findings import ANSWERS, Findings, ProbeKind, ProbeObject, Question
from plancast.model.git_ref_names import is_state_ref
from plancast.model.state import (
    FORMAT_VERSION,
    Applied,
    Approval,
    Binding,
    BindingStatus,
    Intent,
    Lease,
    Operation,
    PersonApproval,
    RequestApproval,
    State,
    StateHead,
)
from plancast.model.workspace_identity import Identity

_T = TypeVar("_T")


def state_to_dict(state: State) -> Plain:
    """Encode a state, as `schemas/state.schema.json` describes it."""
    return {
        "format_version": FORMAT_VERSION,
        "lineage": state.lineage,
        "serial": state.serial,
        "epoch": state.epoch,
        "account_id": state.account_id,
        "provider": state.provider,
        "read_at": time_to_text(state.read_at),
        "lease": _lease_to_dict(state.lease) if state.lease else None,
        "profiles": [profile_to_dict(profile) for profile in state.profiles],
        "resources": {
            str(address): resource_to_dict(state.resources[address])
            for address in sorted(state.resources)
        },
        "intents": [intent_to_dict(intent) for intent in state.intents.values()],
        "abandoned": [intent_to_dict(intent) for intent in state.abandoned],
        "workspace": _identity_to_dict(state.workspace) if state.workspace else None,
        "approved": {key: approval_to_dict(state.approved[key]) for key in sorted(state.approved)},
        "spent": _times_to_dict(state.spent),
        "unapproved": _times_to_dict(state.unapproved),
        "applied": applied_to_dict(state.applied) if state.applied else None,
        "moved_to": state.moved_to,
        # Optional: states of accounts that were never probed stay as older versions wrote them.
        **({"findings": _findings_to_dict(state.findings)} if state.findings else {}),
        **({"probes": [_probe_to_dict(probe) for probe in state.probes]} if state.probes else {}),
        **({"draft_keys": _times_to_dict(state.draft_keys)} if state.draft_keys else {}),
    }


def state_from_dict(
    document: object, resources: Iterable[tuple[str, object]] | None = None
) -> State:
    """Decode what `state_to_dict` returns.

    `resources` are the pairs of address and value of a document that was read without them.

    Raises:
        CodecError: the document is not a state.
        TooNewError: a newer plancast wrote it.
    """
    reader = Reader(document)
    reader.version(FORMAT_VERSION)
    lease, workspace, applied, findings = (
        reader.at(key) for key in ("lease", "workspace", "applied", "findings")
    )
    intents = reader.at("intents").items(intent_from_dict)
    # By id one of the two would silently win, and its call would never be looked for.
    if len({intent.id for intent in intents}) < len(intents):
        raise CodecError(f"{reader.path}.intents: two intents have the same id")
    return State(
        lineage=reader.at("lineage").name(),
        serial=reader.at("serial").number(least=0),
        epoch=reader.at("epoch").number(0, least=0),
        account_id=reader.at("account_id").text(""),
        provider=reader.at("provider").text(""),
        read_at=reader.at("read_at").optional_moment(),
        lease=None if lease.absent else _lease_from_dict(lease),
        resources=_resources(reader.at("resources"), resources),
        intents={intent.id: intent for intent in intents},
        profiles=reader.at("profiles").items(profile_from_dict),
        abandoned=reader.at("abandoned").items(intent_from_dict),
        workspace=None if workspace.absent else _identity_from_dict(workspace),
        approved=named_pairs(reader.at("approved"), approval_from_dict),
        spent=named_pairs(reader.at("spent"), Reader.moment),
        unapproved=named_pairs(reader.at("unapproved"), Reader.moment),
        applied=None if applied.absent else applied_from_dict(applied),
        moved_to=_ref(reader.at("moved_to")),
        findings=None if findings.absent else _findings_from_dict(findings),
        probes=reader.at("probes").items(_probe_from_dict),
        draft_keys=named_pairs(reader.at("draft_keys"), Reader.moment),
    )


def head_from_dict(document: object) -> StateHead:
    """Decode the head of what `state_to_dict` returns. Raises CodecError, TooNewError."""
    reader = Reader(document)
    reader.version(FORMAT_VERSION)
    return StateHead(
        lineage=reader.at("lineage").name(),
        serial=reader.at("serial").number(least=0),
        epoch=reader.at("epoch").number(0, least=0),
        profiles=reader.at("profiles").items(profile_from_dict),
        moved_to=_ref(reader.at("moved_to")),
    )


def _resources(
    reader: Reader, pairs: Iterable[tuple[str, object]] | None
) -> dict[Address, Binding]:
    """Decode the bindings of a state, from `pairs` if they are given."""
    if pairs is None:
        pairs = reader.pairs(lambda resource: resource.value).items()
    resources: dict[Address, Binding] = {}
    for text, value in pairs:
        # Keys are checked like every other address: they have to name a post and an alias.
        address = address_from(Reader(text, reader))
        if address in resources:
            raise CodecError(f"{reader.path}: the key {text!r} stands twice")
        resources[address] = _resource(Reader(value, reader, text), address)
    return resources


def _times_to_dict(times: Mapping[str, datetime]) -> Plain:
    return {key: time_to_text(times[key]) for key in sorted(times)}


def binding_to_dict(binding: Binding) -> Plain:
    """Encode a binding with its address and both entries, as commands show it."""
    observed = entry_to_dict(binding.observed)
    return {"address": str(binding.address), **resource_to_dict(binding), "observed": observed}


def resource_to_dict(binding: Binding) -> Plain:
    """Encode a binding without its address, which is its key in a state.

    Most queues show what was sent, so `observed` is left out if it equals `applied`.
    """
    is_as_sent = binding.observed == binding.applied
    return {
        "remote_id": binding.remote_id,
        "profile_id": binding.profile_id,
        "status": binding.status.value,
        "due_at": time_to_text(binding.due_at),
        "created_at": time_to_text(binding.created_at),
        "sent_at": time_to_text(binding.sent_at),
        "link": binding.link,
        "protect": binding.protect,
        "inert": binding.inert,
        "unsettled_at": time_to_text(binding.unsettled_at),
        **({"ignored_edit": binding.ignored_edit} if binding.ignored_edit else {}),
        "applied": entry_to_dict(binding.applied),
        **({} if is_as_sent else {"observed": entry_to_dict(binding.observed)}),
    }


def _resource(reader: Reader, address: Address) -> Binding:
    """Decode a binding. Its address is the key above it."""
    known = reader.mapping()

    # Most of these are null: no reader is built for them.
    def moment(key: str) -> datetime | None:
        return None if known.get(key) is None else reader.at(key).moment()

    def text(key: str) -> str:
        value = known.get(key)
        return value if is_plain_text(value) else reader.at(key).text("")

    def flag(key: str) -> bool:
        return known.get(key) is not False and reader.at(key).flag(False)

    applied = entry_from_dict(reader.at("applied"))
    observed = known.get("observed")
    return Binding(
        address=address,
        remote_id=reader.at("remote_id").name(),
        profile_id=reader.at("profile_id").name(),
        applied=applied,
        observed=applied if observed is None else entry_from_dict(reader.at("observed")),
        status=reader.at("status").member(BindingStatus),
        due_at=moment("due_at"),
        created_at=moment("created_at"),
        sent_at=moment("sent_at"),
        link=text("link"),
        protect=flag("protect"),
        inert=flag("inert"),
        unsettled_at=moment("unsettled_at"),
        ignored_edit=text("ignored_edit"),
    )


def _lease_to_dict(lease: Lease) -> Plain:
    return {
        "holder": lease.holder,
        "token": lease.token,
        "host": lease.host,
        "acquired_at": time_to_text(lease.acquired_at),
        "ttl_seconds": lease.ttl_seconds,
    }


def _lease_from_dict(reader: Reader) -> Lease:
    return Lease(
        holder=reader.at("holder").text(),
        token=reader.at("token").text(""),
        host=reader.at("host").text(""),
        acquired_at=reader.at("acquired_at").moment(),
        ttl_seconds=reader.at("ttl_seconds").number(least=0),
    )


def _identity_to_dict(identity: Identity) -> Plain:
    return {
        "id": identity.id,
        "path": identity.path,
        "environment": identity.environment,
    }


def _identity_from_dict(reader: Reader) -> Identity:
    return Identity(
        id=reader.at("id").text(""),
        path=reader.at("path").text(),
        environment=reader.at("environment").text(""),
    )


def named_pairs(reader: Reader, read: Callable[[Reader], _T]) -> dict[str, _T]:
    """Return a mapping, each value decoded by `read`; refuse an empty key."""
    pairs = reader.pairs(read)
    if "" in pairs:
        raise CodecError(f"{reader.path}: expected keys that are not empty")
    return pairs


def approval_to_dict(approval: Approval) -> Plain:
    """Encode an approval: the change, the time, and the request or the person that gave it."""
    by = approval.by
    source: Plain
    if isinstance(by, RequestApproval):
        source = {"forge": by.forge, "request": by.request, "revision": by.revision}
    else:
        source = {"person": by.person, "run": by.run}
    return {
        "profile_id": approval.profile_id,
        "address": str(approval.address),
        "kind": approval.kind.value,
        "group": approval.group,
        "refused": approval.refused,
        "at": time_to_text(approval.at),
        "by": source,
    }


def approval_from_dict(reader: Reader) -> Approval:
    """Decode what `approval_to_dict` returns. Raises CodecError."""
    return Approval(
        profile_id=reader.at("profile_id").name(),
        address=address_from(reader.at("address")),
        kind=reader.at("kind").member(Operation),
        at=reader.at("at").moment(),
        by=_approver(reader.at("by")),
        group=reader.at("group").text(""),
        refused=reader.at("refused").flag(False),
    )


def _approver(reader: Reader) -> RequestApproval | PersonApproval:
    """Decode the giver of an approval: a request or a person, never both."""
    if reader.at("person").absent:
        return RequestApproval(
            forge=reader.at("forge").name(),
            request=reader.at("request").name(),
            revision=reader.at("revision").name(),
        )
    if not reader.at("request").absent:
        raise CodecError(f"{reader.path}: expected a request or a person, not both")
    return PersonApproval(person=reader.at("person").name(), run=reader.at("run").name())


def applied_to_dict(applied: Applied) -> Plain:
    """Encode the commit that was applied last, with its branch."""
    return {"branch": applied.branch, "commit": applied.commit}


def applied_from_dict(reader: Reader) -> Applied:
    """Decode what `applied_to_dict` returns. Raises CodecError."""
    return Applied(branch=reader.at("branch").name(), commit=reader.at("commit").name())


def _findings_to_dict(findings: Findings) -> Plain:
    return {
        "account_id": findings.account_id,
        "api": findings.api,
        "at": time_to_text(findings.at),
        "answers": {
            question.value: str(findings.answers[question])
            for question in Question
            if question in findings.answers
        },
    }


def _findings_from_dict(reader: Reader) -> Findings:
    """Decode findings. Questions and answers that only a newer plancast knows are left out.

    To leave one out is safe: it then counts as not asked.
    """
    answers = reader.at("answers")
    texts = {question: answers.at(question.value).text("") for question in Question}
    return Findings(
        account_id=reader.at("account_id").text(),
        api=reader.at("api").name(),
        at=reader.at("at").moment(),
        answers={
            question: answer
            for question, known in ANSWERS.items()
            for answer in known
            if texts[question] == answer
        },
    )


def _probe_to_dict(probe: ProbeObject) -> Plain:
    return {
        "kind": probe.kind.value,
        "marker": probe.marker,
        "profile_id": probe.profile_id,
        "recorded_at": time_to_text(probe.recorded_at),
        "key": probe.key,
        "remote_id": probe.remote_id,
    }


def _probe_from_dict(reader: Reader) -> ProbeObject:
    """Decode an object of a probe. An empty marker would match every post, so it is refused."""
    return ProbeObject(
        kind=reader.at("kind").member(ProbeKind),
        marker=reader.at("marker").name(),
        profile_id=reader.at("profile_id").name(),
        recorded_at=reader.at("recorded_at").moment(),
        key=reader.at("key").text(""),
        remote_id=reader.at("remote_id").text(""),
    )


def _ref(reader: Reader) -> str:
    """Decode the name of a ref. A state must not lead git to a ref of another kind."""
    ref = reader.text("")
    if ref and not is_state_ref(ref):
        raise CodecError(f"{reader.path}: expected the full name of a ref for a state")
    return ref


def intent_to_dict(intent: Intent) -> Plain:
    """Encode an intent, for the state and the journal."""
    return {
        "id": intent.id,
        "operation": intent.operation.value,
        "addresses": [str(address) for address in intent.addresses],
        "profile_ids": list(intent.profile_ids),
        "entry": entry_to_dict(intent.entry),
        "made_at": time_to_text(intent.made_at),
        "remote_id": intent.remote_id,
        "known": list(intent.known),
        "sent_at": time_to_text(intent.sent_at),
        "given_up_at": time_to_text(intent.given_up_at),
        "inert": intent.inert,
        **({"keyed": True, "item": intent.item} if intent.keyed else {}),
        **({"removes": True} if intent.removes else {}),
    }


def intent_from_dict(reader: Reader) -> Intent:
    """Decode what `intent_to_dict` returns. Raises CodecError."""
    intent = Intent(
        id=reader.at("id").name(),
        operation=reader.at("operation").member(Operation),
        addresses=reader.at("addresses").items(address_from),
        profile_ids=reader.at("profile_ids").items(Reader.name),
        entry=entry_from_dict(reader.at("entry")),
        made_at=reader.at("made_at").moment(),
        remote_id=reader.at("remote_id").text(""),
        known=reader.at("known").items(Reader.text),
        sent_at=reader.at("sent_at").optional_moment(),
        given_up_at=reader.at("given_up_at").optional_moment(),
        inert=reader.at("inert").flag(False),
        keyed=reader.at("keyed").flag(False),
        item=reader.at("item").text(""),
        removes=reader.at("removes").flag(False),
    )
    # Recovery relies on both, so a damaged intent must not get past this point.
    if not intent.addresses or len(intent.addresses) != len(intent.profile_ids):
        raise CodecError(f"{reader.path}: addresses and profile_ids must run in parallel")
    if intent.operation is not Operation.CREATE and not intent.remote_id:
        raise CodecError(f"{reader.path}: only a create has no remote_id")
    if intent.operation is not Operation.CREATE and intent.keyed:
        raise CodecError(f"{reader.path}: only a create has a key")
    if (intent.item or intent.removes) and not intent.keyed:
        raise CodecError(f"{reader.path}: only a create with a key has an item")
    return intent


def event_to_dict(event: Event) -> Plain:
    """Encode an event, one line of `apply --json`: its name and its fields."""
    plain: Plain = {"event": event.name}
    plain.update((item.name, _plain(getattr(event, item.name))) for item in fields(event))
    return plain


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return time_to_text(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Address):
        return str(value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value
