"""State, intents and events as plain dicts."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from enum import Enum

from plancast.core.codec.reading import CodecError, Reader
from plancast.core.codec.values import (
    Plain,
    address_from,
    entry_from_dict,
    entry_to_dict,
    profile_from_dict,
    profile_to_dict,
    time_to_text,
)
from plancast.core.events import Event
from plancast.core.model import Address
from plancast.core.state import (
    FORMAT_VERSION,
    Binding,
    BindingStatus,
    Intent,
    Lease,
    Operation,
    State,
)


def state_to_dict(state: State) -> Plain:
    """The state document of `schemas/state.schema.json`."""
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
            str(address): _resource_to_dict(state.resources[address])
            for address in sorted(state.resources)
        },
        "intents": [intent_to_dict(intent) for intent in state.intents.values()],
        "abandoned": [intent_to_dict(intent) for intent in state.abandoned],
    }


def state_from_dict(document: object) -> State:
    """The reverse. Raises CodecError, and TooNewError for what a newer plancast wrote."""
    reader = Reader(document)
    reader.version(FORMAT_VERSION)
    lease = reader.at("lease")
    intents = reader.at("intents").items(intent_from_dict)
    if len({intent.id for intent in intents}) < len(intents):
        raise CodecError(f"{reader.path}.intents: two intents have the same id")
    resources = {}
    for text, binding in reader.at("resources").pairs(_resource).items():
        address = address_from(Reader(text, f"{reader.path}.resources"))
        resources[address] = _named(binding, address)
    return State(
        lineage=reader.at("lineage").name(),
        serial=reader.at("serial").number(least=0),
        epoch=reader.at("epoch").number(0, least=0),
        account_id=reader.at("account_id").text(""),
        provider=reader.at("provider").text(""),
        read_at=reader.at("read_at").optional_moment(),
        lease=None if lease.absent else _lease_from_dict(lease),
        resources=resources,
        intents={intent.id: intent for intent in intents},
        profiles=reader.at("profiles").items(profile_from_dict),
        abandoned=reader.at("abandoned").items(intent_from_dict),
    )


def binding_to_dict(binding: Binding) -> Plain:
    """A binding with its address, as commands show it."""
    return {"address": str(binding.address), **_resource_to_dict(binding)}


def _resource_to_dict(binding: Binding) -> Plain:
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
        "applied": entry_to_dict(binding.applied),
        "observed": entry_to_dict(binding.observed),
    }


def _resource(reader: Reader) -> Binding:
    return Binding(
        address=Address("", ""),
        remote_id=reader.at("remote_id").name(),
        profile_id=reader.at("profile_id").name(),
        applied=entry_from_dict(reader.at("applied")),
        observed=entry_from_dict(reader.at("observed")),
        status=reader.at("status").member(BindingStatus),
        due_at=reader.at("due_at").optional_moment(),
        created_at=reader.at("created_at").optional_moment(),
        sent_at=reader.at("sent_at").optional_moment(),
        link=reader.at("link").text(""),
        protect=reader.at("protect").flag(False),
        inert=reader.at("inert").flag(False),
        unsettled_at=reader.at("unsettled_at").optional_moment(),
    )


def _named(binding: Binding, address: Address) -> Binding:
    values = {item.name: getattr(binding, item.name) for item in fields(binding)}
    return Binding(**{**values, "address": address})


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


def intent_to_dict(intent: Intent) -> Plain:
    """An intent, as it stands in the state and in the journal."""
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
    }


def intent_from_dict(reader: Reader) -> Intent:
    """The reverse of `intent_to_dict`."""
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
    )
    if not intent.addresses or len(intent.addresses) != len(intent.profile_ids):
        raise CodecError(f"{reader.path}: addresses and profile_ids must run in parallel")
    if intent.operation is not Operation.CREATE and not intent.remote_id:
        raise CodecError(f"{reader.path}: only a create has no remote_id")
    return intent


def event_to_dict(event: Event) -> Plain:
    """One line of `apply --json`: the event's name and its fields."""
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
