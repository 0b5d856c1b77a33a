"""Medians, ratios and the comparison with a baseline: numbers in, numbers and text out."""

from __future__ import annotations

import pytest

from bench.figures import Pair, Results, Usage, complaints, ratio, summarize, table

PAIR = Pair("plan", "parse")


def uses(*seconds: float, peak: int = 10) -> list[Usage]:
    return [Usage(value, peak) for value in seconds]


def results(ratios: dict[str, float], left_out: tuple[str, ...] = ()) -> Results:
    return Results({}, {}, ratios, {}, left_out)


@pytest.mark.parametrize(
    ("above", "below", "median"),
    [
        (uses(2.0), uses(1.0), 2.0),
        (uses(2.0, 4.0), uses(1.0, 1.0), 3.0),
        (uses(2.0, 90.0, 2.2, 1.0, 2.1), uses(1.0, 1.0, 1.0, 1.0, 1.0), 2.1),
        # A slow machine slows both runs of a round: the quotient of the medians would be 4.
        (uses(2.0, 20.0, 4.0), uses(1.0, 10.0, 0.5), 2.0),
    ],
)
def test_a_ratio_is_the_median_of_the_ratios_of_each_round(
    above: list[Usage], below: list[Usage], median: float
) -> None:
    assert ratio(above, below) == pytest.approx(median)


def test_runs_that_have_no_partner_are_an_error() -> None:
    with pytest.raises(ValueError, match="shorter"):
        ratio(uses(1.0, 2.0), uses(1.0))


def test_a_summary_has_medians_peaks_ratios_and_memory_for_each_byte() -> None:
    runs = {"plan": [Usage(3.0, 500), Usage(5.0, 700), Usage(4.0, 600)], "parse": uses(1, 1, 1)}
    summary = summarize(runs, [PAIR], ["plan"], corpus_bytes=100)
    assert summary.medians == {"plan": 4.0, "parse": 1.0}
    assert summary.peaks == {"plan": 700, "parse": 10}
    assert summary.guarded() == {"plan / parse": 4.0, "peak memory of plan": 7.0}
    assert summary.left_out == []


def test_a_subject_that_was_not_measured_is_left_out_with_its_pairs() -> None:
    pairs = [PAIR, Pair("plan", "octoDNS")]
    summary = summarize({"plan": uses(2), "parse": uses(1)}, pairs, ["plan"])
    assert list(summary.ratios) == ["plan / parse"]
    assert summary.left_out == ["octoDNS"]


@pytest.mark.parametrize(
    ("ratios", "left_out", "baseline", "lines"),
    [
        ({"a / b": 1.2}, (), {"a / b": 1.0}, []),
        ({"a / b": 0.1}, (), {"a / b": 1.0}, []),
        ({"a / b": 1.21}, (), {"a / b": 1.0}, ["a / b: 1.21, 21 % above the baseline 1.00"]),
        (
            {"a / b": 9.0, "a / c": 3.0, "d / c": 1.0},
            (),
            {"a / b": 3.0, "a / c": 3.0, "d / c": 0.5},
            ["a / b: 9.00, 200 % above the baseline 3.00", "d / c: 1.00, 100 % above the "],
        ),
        ({"a / b": 1.0}, (), {}, ["a / b: 1.00, and the baseline has no such figure"]),
        ({}, (), {"a / b": 1.0}, ["a / b: in the baseline (1.00), but not measured"]),
        ({}, ("b",), {"a / b": 1.0}, []),
        ({}, ("b",), {"a / bc": 1.0}, ["a / bc: in the baseline (1.00), but not measured"]),
    ],
)
def test_what_does_not_keep_to_the_baseline_is_named(
    ratios: dict[str, float],
    left_out: tuple[str, ...],
    baseline: dict[str, float],
    lines: list[str],
) -> None:
    found = complaints(results(ratios, left_out), baseline)
    assert len(found) == len(lines)
    assert all(line.startswith(start) for line, start in zip(found, lines, strict=True))


def test_memory_is_compared_as_well() -> None:
    summary = summarize({"plan": uses(1.0, peak=300)}, [], ["plan"], corpus_bytes=100)
    assert complaints(summary, {"peak memory of plan": 2.4}) == [
        "peak memory of plan: 3.00, 25 % above the baseline 2.40"
    ]


def test_the_table_shows_what_was_left_out_and_what_has_no_baseline() -> None:
    summary = summarize({"plan": uses(2), "parse": uses(1)}, [PAIR, Pair("plan", "octoDNS")])
    lines = [line.split() for line in table("1,000 posts", summary, {}).splitlines()]
    assert lines[0] == ["1,000", "posts", "seconds", "peak", "MB"]
    assert ["plan", "/", "parse", "2.00", "-"] in lines
    assert ["octoDNS", "left", "out"] in lines
    with_baseline = table("1,000 posts", summary, {"plan / parse": 1.5})
    assert "2.00      1.50" in with_baseline
