"""Codecs: turn values into plain dicts and back, for plans, states, events and approvals.

A document that one version writes can be read by every later version: names never change, new ones
may be added, and unknown ones are ignored. A document that cannot be read raises CodecError with
the path of the wrong value, never a KeyError. Writing is deterministic, so equal values give equal
documents; approvals are hashes of them.
"""

from plancast.codec.entries import (
    entry_digest,
    entry_from_dict,
    entry_to_dict,
    live_from_dict,
    live_to_dict,
    time_to_text,
)
from plancast.codec.plans import (
    change_to_dict,
    diagnostic_to_dict,
    plan_from_dict,
    plan_to_dict,
)
from plancast.codec.reader import CodecError, TooNewError, parse_json
from plancast.codec.states import (
    approval_to_dict,
    binding_to_dict,
    event_to_dict,
    head_from_dict,
    intent_from_dict,
    intent_to_dict,
    resource_to_dict,
    state_from_dict,
    state_to_dict,
)

__all__ = [
    "CodecError",
    "TooNewError",
    "approval_to_dict",
    "binding_to_dict",
    "change_to_dict",
    "diagnostic_to_dict",
    "entry_digest",
    "entry_from_dict",
    "entry_to_dict",
    "event_to_dict",
    "head_from_dict",
    "intent_from_dict",
    "intent_to_dict",
    "live_from_dict",
    "live_to_dict",
    "parse_json",
    "plan_from_dict",
    "plan_to_dict",
    "resource_to_dict",
    "state_from_dict",
    "state_to_dict",
    "time_to_text",
]
