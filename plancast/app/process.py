"""The process: its clock, its end, and the names of the secrets in its environment."""

from __future__ import annotations

import os
import threading
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from plancast.model.exit_codes import ExitCode
from plancast.model.ports import (
    Interrupted,
)

if TYPE_CHECKING:
    pass


FORGE_SECRETS = ("GITHUB_TOKEN", "GH_TOKEN", "GITLAB_TOKEN")
"""Environment variables that hold tokens of forges. Those of providers are in their registry."""

LAST_CALL = 2.0
"""Seconds that a call may still take once the run was asked to end."""

LAST_WORD = 2.8
"""Seconds after which the run ends, whatever it is doing."""

LAST_PUSH = 7.0
"""The same where the state has to reach a remote: GitHub kills a cancelled job after 7.5 s."""


def _leave() -> None:
    os._exit(int(ExitCode.INTERRUPTED))


class SystemClock:
    """The machine's time. `stop` set makes a sleeper come back with Interrupted."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop

    def now(self) -> datetime:
        """Calendar time, UTC, whole seconds."""
        return datetime.now(UTC).replace(microsecond=0)

    def monotonic(self) -> float:
        """Seconds that never jump."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait, unless the run is to end."""
        if self._stop.wait(max(0.0, seconds)):
            raise Interrupted
