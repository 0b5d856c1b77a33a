"""The region of a terminal that shows a running apply, at moments of it."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta, tzinfo

import pytest

from plancast.model.entry import Address
from plancast.model.events import (
    ApplyFinished,
    ApplyStarted,
    BatchStarted,
    ChangeFinished,
    Event,
    Outcome,
    Waiting,
)
from plancast.model.plan import Action, RateWindow
from plancast.render.terminal.live_region import RESULTS, LiveRegion, Outlook, counted
from plancast.render.terminal.progress import LiveSink, change_line
from plancast.render.terminal.style import columns
from plancast.testing.builders import NOW
from tests.render.rendering import options, uncoloured

ORDER = tuple(Address.parse(f"launch/p{number:02}@acme-x") for number in range(12))


class Watch:
    """A clock that is put forward by hand."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


def finished(number: int, at: datetime, outcome: Outcome = Outcome.APPLIED) -> ChangeFinished:
    return ChangeFinished(at, ORDER[number], Action.CREATE, outcome, number + 1, 12, 100, "", "")


def shown(watch: Watch, *events: Event, width: int = 80, color: bool = False) -> list[str]:
    """Return the lines of the region after these events."""
    windows = (RateWindow(60, 60, 0), RateWindow(250, 86_400, 198))
    region = LiveRegion(Outlook(ORDER, watch, lambda: windows), options(width=width, color=color))
    for event in events:
        line = change_line(event, color=color) if isinstance(event, ChangeFinished) else ""
        region.see(event, line)
    return region.lines()


def test_an_event_while_the_lines_are_drawn_spoils_none_of_them() -> None:
    region = LiveRegion(Outlook(ORDER, lambda: NOW), options())

    class Meanwhile(datetime):
        """A moment that is drawn just when another thread reports an event."""

        def astimezone(self, tz: tzinfo | None = None) -> Meanwhile:
            region.see(finished(3, NOW), "meanwhile")
            return super().astimezone(tz)

    at = Meanwhile.fromtimestamp(NOW.timestamp(), UTC)
    region.see(finished(0, at), "first")
    region.see(finished(1, NOW), "second")
    assert [line.split()[-1] for line in region.lines()[1:3]] == ["first", "second"]


def test_it_shows_how_far_it_is_what_was_last_what_is_next_and_what_is_left() -> None:
    watch = Watch()
    events = (
        ApplyStarted(NOW, 12, 12, 60),
        BatchStarted(NOW, 1, 2, 12),
        finished(0, NOW + timedelta(seconds=1)),
        finished(1, NOW + timedelta(seconds=2)),
        Waiting(NOW + timedelta(seconds=3), 41.0, "60 requests in 60 s"),
    )
    watch.now = NOW + timedelta(seconds=4)
    assert shown(watch, *events) == [
        "Applying ━━─────────────  2 of 12 · batch 1 of 2 · until 10:01:42 CET, 1:38 left",
        "  10:00:01  + launch/p00@acme-x created (1/12)",
        "  10:00:02  + launch/p01@acme-x created (2/12)",
        "  next      launch/p02@acme-x, in 0:40: 60 requests in 60 s",
        "  left      requests: 0 of 60 in 60 s, 198 of 250 in 24 h",
    ]


def test_a_countdown_goes_on_without_an_event() -> None:
    watch = Watch()
    region = LiveRegion(Outlook(ORDER, watch), options())
    region.see(ApplyStarted(NOW, 12, 12, 60))
    region.see(Waiting(NOW, 30.0, "a pause"))
    found = []
    for _ in range(3):
        found.append(region.lines()[1])
        watch.now += timedelta(seconds=15)
    assert found == [
        "  next      launch/p00@acme-x, in 0:30: a pause",
        "  next      launch/p00@acme-x, in 0:15: a pause",
        "  next      launch/p00@acme-x",
    ]


def test_the_end_is_never_before_the_wait_is_over() -> None:
    watch = Watch()
    region = LiveRegion(Outlook(ORDER, watch), options())
    region.see(ApplyStarted(NOW, 12, 12, 5))
    region.see(Waiting(NOW, 3600.0, "a pause"))
    assert region.lines()[0].endswith("until 11:00:00 CET, 1:00:00 left")


def test_the_last_results_stay_and_no_more() -> None:
    lines = shown(Watch(), *(finished(number, NOW) for number in range(12)))
    assert sum("created" in line for line in lines) == RESULTS
    assert not any("next" in line for line in lines)


@pytest.mark.parametrize("width", [20, 40, 60, 80, 120, 200])
@pytest.mark.parametrize("color", [True, False])
def test_the_head_fits(width: int, color: bool) -> None:
    events = (ApplyStarted(NOW, 12, 12, 60), BatchStarted(NOW, 1, 2, 12), finished(3, NOW))
    head = shown(Watch(), *events, width=width, color=color)[0]
    assert columns(uncoloured(head)) <= width


@pytest.mark.parametrize("width", [20, 40, 80])
def test_no_line_on_the_terminal_is_longer_than_it_is_wide(width: int) -> None:
    stream = io.StringIO()
    sink = LiveSink(stream, options(width=width), Outlook(ORDER, Watch()))
    sink.emit(ApplyStarted(NOW, 12, 12, 60))
    for number in range(12):
        sink.emit(finished(number, NOW))
    sink.close()
    lines = uncoloured(stream.getvalue()).replace("\r", "\n").split("\n")
    assert max(columns(line) for line in lines) <= width


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "0:00"),
        (0.2, "0:01"),
        (41, "0:41"),
        (221, "3:41"),
        (3723, "1:02:03"),
        (183_845, "2 d 3:04:05"),
    ],
)
def test_a_countdown_reads_like_a_clock(seconds: float, words: str) -> None:
    assert counted(timedelta(seconds=seconds)) == words


def test_an_interrupted_run_says_how_to_go_on_and_nothing_failed() -> None:
    stream = io.StringIO()
    sink = LiveSink(stream, options(width=120), Outlook(ORDER, Watch()))
    sink.emit(finished(0, NOW))
    sink.emit(ApplyFinished(NOW, ORDER[:1], (), (), ORDER[1:], (), 1, interrupted=True))
    said = uncoloured(stream.getvalue())
    assert "Apply incomplete: 1 applied (1 created), 11 not attempted. 1 request made." in said
    assert "Interrupted. 11 not attempted; run `plancast apply` again" in said
    assert "failed" not in said
    assert said.count("@acme-x") == 5
