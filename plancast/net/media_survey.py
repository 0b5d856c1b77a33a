"""Asking many addresses of media: a few at a time, within bounds, and none twice within an hour."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass
from queue import Empty, SimpleQueue

from plancast.model.media import MediaAnswer, MediaOutcome
from plancast.net.media_memory import MediaMemory, digest_of
from plancast.net.media_probe import SECONDS

Ask = Callable[[str, float], MediaAnswer]
"""Asks one address, within so many seconds."""

_Task = tuple["Future[MediaAnswer]", str]


@dataclass(frozen=True, slots=True)
class SurveyBounds:
    """The bounds of one run: addresses, seconds, and connections at a time."""

    addresses: int = 500
    seconds: float = 60.0
    at_a_time: int = 4


def survey(
    urls: Sequence[str],
    ask: Ask,
    memory: MediaMemory,
    now: int,
    bounds: SurveyBounds = SurveyBounds(),
) -> dict[str, MediaAnswer]:
    """Return the answer of each address. `now` is in Unix seconds.

    An address that the bounds left out has the outcome LEFT_OUT.
    """
    wanted = tuple(dict.fromkeys(urls))
    recalled = memory.recall(now)
    answers = {url: recalled[key] for url in wanted if (key := digest_of(url)) in recalled}
    open_urls = [url for url in wanted if url not in answers]
    asked = _asked(open_urls[: bounds.addresses], ask, bounds)
    memory.remember(asked, now)
    answers.update(asked)
    for url in open_urls[bounds.addresses :]:
        detail = f"a run asks {bounds.addresses} addresses at the most"
        answers[url] = MediaAnswer(MediaOutcome.LEFT_OUT, detail=detail)
    return answers


def _asked(urls: Sequence[str], ask: Ask, bounds: SurveyBounds) -> dict[str, MediaAnswer]:
    """Ask in threads, and give up those that are not done when the time is over.

    The threads are daemons: a lookup of a name cannot be broken off, and must not keep the program
    from ending.
    """
    tasks: SimpleQueue[_Task] = SimpleQueue()
    futures: dict[str, Future[MediaAnswer]] = {url: Future() for url in urls}
    for url, future in futures.items():
        tasks.put((future, url))
    until = time.monotonic() + bounds.seconds
    for _ in range(min(bounds.at_a_time, len(urls))):
        threading.Thread(target=_work, args=(tasks, ask, until), daemon=True).start()
    wait(futures.values(), bounds.seconds)
    late = MediaAnswer(MediaOutcome.LEFT_OUT, detail="the time of the run was over")
    return {url: future.result() if future.done() else late for url, future in futures.items()}


def _work(tasks: SimpleQueue[_Task], ask: Ask, until: float) -> None:
    """Ask one address after the other until there is none left, or no time."""
    while True:
        try:
            future, url = tasks.get_nowait()
        except Empty:
            return
        left = until - time.monotonic()
        if left <= 0:
            return
        try:
            future.set_result(ask(url, min(SECONDS, left)))
        except BaseException as error:  # noqa: BLE001  # raised again by the thread that waits
            future.set_exception(error)
