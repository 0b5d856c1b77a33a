"""The output of an apply while it runs, and at its end."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta

import pytest

from plancast.model.entry import Address, Stage
from plancast.model.events import ApplyFinished, ApplyStarted, ChangeFinished, Event, Outcome
from plancast.model.plan import Action
from plancast.render.markdown import render_receipt
from plancast.render.terminal.live_region import Outlook
from plancast.render.terminal.progress import STOPPED, LiveSink, PlainSink
from plancast.testing.builders import NOW, change, entry, plan
from tests.render.rendering import options, uncoloured
from tests.render.test_markdown import Page

A = Address.parse("a@acme-x")
REMIND = "Buffer will only remind somebody of it"
every_sink = pytest.mark.parametrize("kind", [PlainSink, LiveSink])
Kind = Callable[..., PlainSink | LiveSink]


def sink_output(kind: Kind, *events: Event, width: int = 100) -> str:
    """Return the text that a sink writes of these events."""
    stream = io.StringIO()
    outlook = Outlook((A,), lambda: NOW)
    shown = options(width=width)
    sink = LiveSink(stream, shown, outlook) if kind is LiveSink else PlainSink(stream, shown)
    for event in events:
        sink.emit(event)
    sink.close()
    return uncoloured(stream.getvalue())


def done(outcome: Outcome, message: str = "") -> ChangeFinished:
    return ChangeFinished(NOW, A, Action.CREATE, outcome, 1, 3, 0, "id-1", message)


def ended(left: int, resumes_in: timedelta | None = None) -> ApplyFinished:
    rest = tuple(Address.parse(f"p{number:03}@acme-x") for number in range(left))
    resumes_at = NOW + resumes_in if resumes_in is not None else None
    return ApplyFinished(NOW, (A,), (), (), rest, (), 58, resumes_at)


@every_sink
def test_what_is_to_be_said_of_an_applied_change_is_a_warning_of_its_own(kind: Kind) -> None:
    text = sink_output(kind, ApplyStarted(NOW, 1, 1, 0), done(Outcome.APPLIED, REMIND))
    assert f"    warning: {REMIND}" in text
    assert "a@acme-x created (1/3)" in text


def test_without_anything_to_say_there_is_no_warning() -> None:
    assert sink_output(PlainSink, done(Outcome.APPLIED)) == "  + a@acme-x created (1/3)\n"
    failed = sink_output(PlainSink, done(Outcome.FAILED, "No."))
    assert failed == "  + a@acme-x failed: No. (1/3)\n"


@every_sink
def test_a_run_that_used_up_its_budget_says_when_to_go_on(kind: Kind) -> None:
    text = sink_output(kind, ended(160, timedelta(minutes=14)), width=160)
    assert (
        "Stopped: the budget of requests is used up. 160 changes are left; it resumes at 10:14 CET "
        "(in 14 min): run `plancast apply` again then.\n"
    ) in text
    assert "Apply incomplete: 1 applied, 160 not attempted. 58 requests made." in text
    assert text.count("@acme-x") == STOPPED
    assert f"… {160 - STOPPED} more" in text


def test_on_another_day_the_day_is_told() -> None:
    text = sink_output(PlainSink, ended(1, timedelta(hours=20)), width=160)
    assert "1 change is left; it resumes at Tue 24 Nov 2026 06:00 CET (in 20 hours)" in text


def test_a_run_that_failed_names_all_that_is_left() -> None:
    text = sink_output(PlainSink, ended(40))
    assert text.count("@acme-x") == 40
    assert "Stopped" not in text


def test_a_receipt_says_when_to_go_on() -> None:
    made = plan(change(address="a@acme-x"), change(address="b@acme-x"))
    text = render_receipt(made, [done(Outcome.APPLIED)], options(), NOW + timedelta(minutes=14))
    assert text.startswith("### ⏸️ Apply: 1 applied and 1 not attempted.")
    assert "used up until **Mon 23 Nov 2026 10:14 CET**" in text
    assert "for the next run" in text
    assert Page(text).broken == []
    assert "budget" not in render_receipt(made, [done(Outcome.APPLIED)], options())


def test_a_receipt_keeps_what_is_to_be_said_of_an_applied_change() -> None:
    made = plan(change(address="a@acme-x"))
    text = render_receipt(made, [done(Outcome.APPLIED, REMIND + " <b>")], options())
    assert f"⚠️ {REMIND} &lt;b&gt;" in text
    assert text.startswith("### ✅")


def test_a_receipt_does_not_say_that_a_draft_goes_out() -> None:
    made = plan(change(address="a@acme-x", after=entry(stage=Stage.DRAFT)))
    text = render_receipt(made, [done(Outcome.APPLIED)], options())
    assert "<td>draft</td>" in text
    assert "09:30" not in text
