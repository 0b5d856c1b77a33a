"""Values to plain dicts and back: the forms of the plan, the state and the events.

What is written can be read by a later plancast: names are fixed, additions are
free, and unknown names are ignored. What cannot be read raises CodecError with
the path of the value that is wrong, never a KeyError.
"""

from plancast.codec.entries import (
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
    binding_to_dict,
    event_to_dict,
    intent_from_dict,
    intent_to_dict,
    state_from_dict,
    state_to_dict,
)

__all__ = [
    "CodecError",
    "TooNewError",
    "binding_to_dict",
    "change_to_dict",
    "diagnostic_to_dict",
    "entry_from_dict",
    "entry_to_dict",
    "event_to_dict",
    "intent_from_dict",
    "intent_to_dict",
    "live_from_dict",
    "live_to_dict",
    "parse_json",
    "plan_from_dict",
    "plan_to_dict",
    "state_from_dict",
    "state_to_dict",
    "time_to_text",
]
