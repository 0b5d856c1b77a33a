"""Ctrl-C while several requests are read: it ends the threads that read, whatever they wait for."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from functools import partial

import pytest

from plancast.app.process import SystemClock, end_threads_with_interrupt
from plancast.model.ports import Interrupted
from plancast.net.side_by_side import in_order


@pytest.fixture(autouse=True)
def _default_handler() -> Iterator[None]:
    """Have Python's own handler: a shell starts a process in the background without it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


LONG = 30.0
"""Seconds after which a thread that is not woken gives up and makes the test fail."""


def test_an_interrupt_wakes_the_threads_that_read() -> None:
    stop, aborted, ready = threading.Event(), threading.Event(), threading.Barrier(3)
    ended: list[str] = []

    def sleep() -> None:
        ready.wait(LONG)
        try:
            SystemClock(stop).sleep(LONG)
        except Interrupted:
            ended.append("woken")

    def request() -> None:
        ready.wait(LONG)
        if aborted.wait(LONG):
            ended.append("broken off")

    def interrupt() -> None:
        ready.wait(LONG)
        os.kill(os.getpid(), signal.SIGINT)

    calls: list[Callable[[], None]] = [sleep, request, interrupt]
    with end_threads_with_interrupt(stop, aborted.set), pytest.raises(KeyboardInterrupt):
        list(in_order(calls, 3))
    assert sorted(ended) == ["broken off", "woken"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_handler_that_is_there_stays() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with end_threads_with_interrupt(threading.Event(), partial(pytest.fail, "aborted")):
            assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def test_another_thread_installs_no_handler() -> None:
    def install() -> None:
        with end_threads_with_interrupt(threading.Event(), threading.Event().set):
            seen.append(signal.getsignal(signal.SIGINT))

    seen: list[object] = []
    thread = threading.Thread(target=install)
    thread.start()
    thread.join()
    assert seen == [signal.default_int_handler]
