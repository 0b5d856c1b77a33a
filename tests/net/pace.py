"""A limiter on a virtual clock, and a server that knows when it is asked too often."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from plancast.net.rate_limiter import Limiter, LimiterWindow, LogStore, MemoryLog
from plancast.testing.fakes import FakeClock

V1 = (LimiterWindow(60, 60.0),)


def limiter(
    clock: FakeClock,
    windows: Sequence[LimiterWindow] = V1,
    store: LogStore | None = None,
    notes: list[tuple[float, str]] | None = None,
    timeout: float = 60.0,
) -> Limiter:
    def notify(seconds: float, reason: str) -> None:
        if notes is not None:
            notes.append((seconds, reason))

    return Limiter(
        windows,
        store or MemoryLog(),
        clock,
        clock.wall,
        notify,
        timeout=timeout,
        chance=lambda: 0.5,
    )


class RollingServer:
    """Counts a request when it arrives, and refuses those that are too many in any window."""

    def __init__(self, windows: Sequence[LimiterWindow]) -> None:
        self._windows = windows
        self._logs: list[deque[float]] = [deque() for _ in windows]
        self.refused = 0

    def arrive(self, now: float) -> bool:
        for window, log in zip(self._windows, self._logs, strict=True):
            while log and log[0] <= now - window.seconds:
                log.popleft()
        if any(len(log) >= w.limit for w, log in zip(self._windows, self._logs, strict=True)):
            self.refused += 1
            return False
        for log in self._logs:
            log.append(now)
        return True
