"""The outcomes of a call to a provider."""

from __future__ import annotations

from enum import Enum


class CallOutcome(Enum):
    """The known effect of a call. Only a call that was NOT_SENT may be sent again as it is.

    CONFIRMED: it happened. UNSETTLED: it happened, but an earlier try of it was given up and may
    still arrive. REJECTED: the provider refused it, and nothing happened. NOT_SENT: no byte of it
    arrived. UNKNOWN: the answer was lost, so the write may have happened. DRAFTED: the draft of a
    keyed create may have been made, and was not promoted, so nothing can go out
    (`reconcile.keyed`); the next run goes on with it.
    """

    CONFIRMED = "confirmed"
    UNSETTLED = "unsettled"
    REJECTED = "rejected"
    NOT_SENT = "not_sent"
    UNKNOWN = "unknown"
    DRAFTED = "drafted"
