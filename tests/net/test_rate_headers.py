"""The headers that report what is left: both of their forms, and all that they are not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plancast.net.rate_headers import (
    LONGEST,
    MAX_TEXT,
    MOST,
    RateReport,
    rate_reports,
    requested_wait,
)
from plancast.net.rate_windows import MOST_WORDS
from plancast.net.transport import Response

LIMIT = (
    '"100-in-15min"; r=99; t=900, "250-in-1day"; r=241; t=32871, "3000-in-30days"; r=0; t=2145606'
)
POLICY = (
    '"100-in-15min"; q=100; w=900; pk=:YWJj+/w=:, "250-in-1day"; q=250; w=86400; pk=:ZGVm:,'
    ' "3000-in-30days"; q=3000; w=2592000; pk=:Z2hp:'
)
THREE = (
    RateReport(900.0, 100, 99, 900.0),
    RateReport(86_400.0, 250, 241, 32_871.0),
    RateReport(2_592_000.0, 3000, 0, 2_145_606.0),
)


def answer(*limits: str, policy: str | None = None, status: int = 200) -> Response:
    headers = [("ratelimit", value) for value in limits]
    if policy is not None:
        headers.append(("ratelimit-policy", policy))
    return Response(status, tuple(headers))


def test_one_line_with_its_policy() -> None:
    assert rate_reports(answer(LIMIT, policy=POLICY)) == THREE


def test_several_lines_without_a_policy() -> None:
    assert rate_reports(answer(*LIMIT.split(", "))) == THREE


def test_the_policy_tells_the_window_and_not_the_name() -> None:
    policy = '"100-in-15min"; q=200; w=60, "burst"; q=9; w=10'
    found = rate_reports(answer('"100-in-15min"; r=150; t=30, "burst"; r=3; t=4', policy=policy))
    assert found == (RateReport(10.0, 9, 3, 4.0), RateReport(60.0, 200, 150, 30.0))


def test_a_refusal_that_names_two_windows_of_three() -> None:
    """As one of September 2026 did: the month is not in it."""
    refusal = answer(
        '"100-in-15min"; r=98; t=146, "250-in-1day"; r=0; t=47729',
        policy='"100-in-15min"; q=100; w=900; pk=:YWJj:, "250-in-1day"; q=250; w=86400; pk=:YWJj:',
        status=429,
    )
    assert rate_reports(refusal) == (
        RateReport(900.0, 100, 98, 146.0),
        RateReport(86_400.0, 250, 0, 47_729.0),
    )
    assert requested_wait(refusal) == 47_729.0


def test_nothing_is_told_where_there_are_no_headers() -> None:
    assert rate_reports(answer()) == ()
    assert rate_reports(answer(policy=POLICY)) == ()
    assert rate_reports(Response(200, (("x-ratelimit-remaining", "3"),))) == ()


@pytest.mark.parametrize(
    ("text", "seconds", "limit"),
    [
        ("60-in-1sec", 1, 60),
        ("60-in-90s", 90, 60),
        ("100-in-15min", 900, 100),
        ("100-in-2hr", 7200, 100),
        ("250-in-24h", 86_400, 250),
        ("250-in-1day", 86_400, 250),
        ("3000-in-30days", 2_592_000, 3000),
        ("9-in-2weeks", 1_209_600, 9),
    ],
)
def test_names_that_say_it_all(text: str, seconds: int, limit: int) -> None:
    assert rate_reports(answer(f'"{text}"; r=5; t=1')) == (
        RateReport(float(seconds), limit, 5, 1.0),
    )
    assert rate_reports(answer(f"{text};r=5;t=1")) == (RateReport(float(seconds), limit, 5, 1.0),)


@pytest.mark.parametrize(
    "text",
    [
        "",
        ",",
        ";;;",
        "limit=100, remaining=50, reset=30",
        '"100-in-15min"',
        '"100-in-15min"; t=3',
        '"100-in-15min"; r=-1; t=3',
        '"100-in-15min"; r=1.5; t=3',
        '"100-in-15min"; r=; t=3',
        '"100-in-15min"; r=\u0661; t=3',
        '"100-in-15min"; r=101; t=3',
        '"100-in-15min"; r=99999999999; t=3',
        '"100-in-1month"; r=1; t=3',
        '"100-in-0min"; r=1; t=3',
        '"0-in-15min"; r=0; t=3',
        '"100-in-9999999999days"; r=1; t=3',
        '"99999999-in-1day"; r=1; t=3',
        '"default"; r=1; t=3',
        '"100-in-15min; r=1; t=3',
        '"100-in-15min\\"; r=1; t=3',
        '"100-in-15min" r=1 t=3',
        '"x" * 9',
        f'"100-in-15min"; r=1; t=3; pk="{"x" * MAX_TEXT}"',
    ],
)
def test_what_makes_no_sense_is_as_if_it_were_not_there(text: str) -> None:
    assert rate_reports(answer(text)) == ()


@pytest.mark.parametrize(
    ("text", "resets_in"),
    [("r=1", 900.0), ("r=1; t=-3", 900.0), ("r=1; t=1000000", 900.0), ("r=1; t=0", 0.0)],
)
def test_a_reset_is_at_most_a_window_away(text: str, resets_in: float) -> None:
    assert rate_reports(answer(f'"100-in-15min"; {text}')) == (
        RateReport(900.0, 100, 1, resets_in),
    )


def test_of_two_items_about_one_window_the_tighter_one_is_right() -> None:
    text = '"2000-in-15min"; r=70; t=5, "100-in-15min"; r=7; t=3, "100-in-900s"; r=7; t=9'
    assert rate_reports(answer(text)) == (RateReport(900.0, 100, 7, 9.0),)


def test_a_comma_in_a_name_does_not_part_it() -> None:
    policy = '"a, b; c"; q=5; w=10'
    assert rate_reports(answer('"a, b; c"; r=1; t=2', policy=policy)) == (
        RateReport(10.0, 5, 1, 2.0),
    )


def test_no_more_windows_are_listened_for_than_anybody_has() -> None:
    text = ", ".join(f'"9-in-{n}s"; r=1; t=1' for n in range(1, 30))
    assert [item.seconds for item in rate_reports(answer(text))] == [
        float(n) for n in range(1, MOST_WORDS + 1)
    ]


@given(
    limit=st.text(max_size=60) | st.text(alphabet='";,=\\rtqw019- insmd', max_size=80),
    policy=st.text(alphabet='";,=\\rtqw019- insmd', max_size=80),
)
def test_no_text_is_believed_beyond_reason(limit: str, policy: str) -> None:
    for item in rate_reports(answer(limit, policy=policy)):
        assert 1 <= item.seconds <= LONGEST
        assert 0 <= item.remaining <= item.limit <= MOST
        assert 0 <= item.resets_in <= item.seconds


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ((("retry-after", "30"), ("ratelimit", LIMIT)), 30.0),
        ((("retry-after", "soon"), ("ratelimit", LIMIT)), 2_145_606.0),
        ((("ratelimit", LIMIT),), 2_145_606.0),
        ((("ratelimit", '"100-in-15min"; r=0; t=7, "250-in-1day"; r=9; t=99'),), 7.0),
        ((("ratelimit", '"100-in-15min"; r=1; t=7'),), None),
        ((("ratelimit", '"100-in-15min"; r=0; t=0'),), None),
        ((), None),
    ],
)
def test_how_long_a_refusal_asks_to_wait(
    headers: tuple[tuple[str, str], ...], seconds: float | None
) -> None:
    assert requested_wait(Response(429, headers)) == seconds
