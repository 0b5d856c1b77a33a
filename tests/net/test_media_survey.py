"""Many addresses at a time: the bounds of a run, and what it remembers."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from plancast.model.media import MediaAnswer, MediaOutcome
from plancast.net.media_memory import MediaMemory
from plancast.net.media_probe import SECONDS
from plancast.net.media_survey import SurveyBounds, survey

GOOD = MediaAnswer(MediaOutcome.ANSWERED, 200, "image/png", 1)
GONE = MediaAnswer(MediaOutcome.ANSWERED, 404)
NOW = 1_796_115_600


@pytest.fixture
def memory(tmp_path: Path) -> MediaMemory:
    return MediaMemory(tmp_path / "media.json")


class Asker:
    """Answers GOOD, or GONE for addresses that say so; counts what is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.seconds: list[float] = []
        self._lock = threading.Lock()

    def ask(self, url: str, seconds: float) -> MediaAnswer:
        with self._lock:
            self.asked.append(url)
            self.seconds.append(seconds)
        return GONE if "gone" in url else GOOD


def test_each_address_is_asked_once_and_answered(memory: MediaMemory) -> None:
    asker = Asker()
    urls = [f"https://a.example/{n % 7}" for n in range(50)]
    answers = survey(urls, asker.ask, memory, NOW)
    assert answers == dict.fromkeys(urls, GOOD)
    assert sorted(asker.asked) == sorted(set(urls))
    assert all(0 < seconds <= SECONDS for seconds in asker.seconds)


def test_good_answers_are_not_asked_for_again_within_an_hour(memory: MediaMemory) -> None:
    urls = ["https://a.example/1", "https://a.example/gone"]
    survey(urls, Asker().ask, memory, NOW)
    again = Asker()
    assert survey(urls, again.ask, memory, NOW + 3599) == dict(zip(urls, (GOOD, GONE), strict=True))
    assert again.asked == urls[1:]
    later = Asker()
    survey(urls, later.ask, memory, NOW + 3600)
    assert sorted(later.asked) == urls


def test_no_more_addresses_than_the_bound(memory: MediaMemory) -> None:
    asker = Asker()
    urls = [f"https://a.example/{n}" for n in range(5)]
    answers = survey(urls, asker.ask, memory, NOW, SurveyBounds(addresses=3))
    outcomes = [answers[url].outcome for url in urls]
    assert outcomes == [MediaOutcome.ANSWERED] * 3 + [MediaOutcome.LEFT_OUT] * 2
    assert sorted(asker.asked) == urls[:3]


def test_no_more_connections_at_a_time_than_the_bound(memory: MediaMemory) -> None:
    """Every connection waits until as many others stand beside it, so one more would be seen."""
    together, most = threading.Barrier(3), []
    lock, open_now = threading.Lock(), [0]

    def ask(url: str, seconds: float) -> MediaAnswer:
        with lock:
            open_now[0] += 1
            most.append(open_now[0])
        together.wait(60)
        with lock:
            open_now[0] -= 1
        return GOOD

    urls = [f"https://a.example/{n}" for n in range(9)]
    survey(urls, ask, memory, NOW, SurveyBounds(at_a_time=3))
    assert max(most) == 3


def test_an_address_that_never_answers_does_not_hold_the_run(memory: MediaMemory) -> None:
    release = threading.Event()

    def ask(url: str, seconds: float) -> MediaAnswer:
        if "slow" in url:
            release.wait(60)
        return GOOD

    urls = ["https://a.example/slow", "https://a.example/1"]
    answers = survey(urls, ask, memory, NOW, SurveyBounds(seconds=0.5, at_a_time=2))
    release.set()
    assert answers[urls[0]].outcome is MediaOutcome.LEFT_OUT
    assert answers[urls[1]] == GOOD


def test_when_the_time_is_over_nothing_more_is_asked(memory: MediaMemory) -> None:
    asker = Asker()
    answers = survey(["https://a.example/1"], asker.ask, memory, NOW, SurveyBounds(seconds=0.0))
    assert [one.outcome for one in answers.values()] == [MediaOutcome.LEFT_OUT]
    assert asker.asked == []


def test_a_bug_while_asking_is_not_hidden(memory: MediaMemory) -> None:
    def ask(url: str, seconds: float) -> MediaAnswer:
        raise RuntimeError("a bug")

    with pytest.raises(RuntimeError, match="a bug"):
        survey(["https://a.example/1"], ask, memory, NOW)


def test_nothing_to_ask_is_nothing(memory: MediaMemory) -> None:
    assert survey([], Asker().ask, memory, NOW) == {}
