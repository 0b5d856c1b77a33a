"""Several requests at a time, for those that only read.

The limiter still decides when each of them is sent; this saves the time that answers take to come.
Results have the order of the calls, whichever ends first, so the output does not depend on it. The
threads end with the reading: none outlives it, however it ends.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import CancelledError, Future
from typing import TypeVar

_T = TypeVar("_T")

_AHEAD = 2
"""Results that may wait for their turn, for each call that is made at a time."""


def in_order(calls: Iterable[Callable[[], _T]], at_once: int) -> Generator[_T, None, None]:
    """Make calls, up to `at_once` at a time; yield their results in the order of the calls.

    With 1 it uses no threads. Raises the error of the first call that fails; calls that were not
    begun are left out then, and those that were are waited for. Close it to end it early.
    """
    if at_once == 1:
        for call in calls:
            yield call()
        return
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415

    failed = threading.Event()

    def begin(call: Callable[[], _T]) -> _T:
        # Calls are begun in their order, so the one that failed is yielded before this one.
        if failed.is_set():
            raise CancelledError
        try:
            return call()
        except BaseException:
            failed.set()
            raise

    waiting: deque[Future[_T]] = deque()
    with ThreadPoolExecutor(at_once, thread_name_prefix="plancast-read") as pool:
        try:
            for call in calls:
                waiting.append(pool.submit(begin, call))
                if len(waiting) >= at_once * _AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            failed.set()
