"""The ways in which creates are made (`policy.safety`)."""

from __future__ import annotations

from enum import Enum


class Safety(Enum):
    """The way in which creates are made.

    DIRECT: in one call. STRICT: inert at first, then with their own time (`reconcile.two_phase`).
    KEYED: by content items whose drafts have keys (`reconcile.keyed`).
    """

    DIRECT = "direct"
    STRICT = "strict"
    KEYED = "keyed"
