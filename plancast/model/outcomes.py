"""The outcomes of a call."""

from __future__ import annotations

from enum import Enum


class CallOutcome(Enum):
    """What is known of a call's effect. Only NOT_SENT may ever be sent again as it was.

    UNSETTLED: it is confirmed, but an earlier try of it was given up and may
    still arrive.
    """

    CONFIRMED = "confirmed"
    UNSETTLED = "unsettled"
    REJECTED = "rejected"
    NOT_SENT = "not_sent"
    UNKNOWN = "unknown"
