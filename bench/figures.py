"""Figures of a measurement: medians, ratios of paired runs, and their comparison with a baseline.

Pure: numbers in, numbers and text out. Seconds are seconds of the processor (user and system, with
those of children), memory is the peak in bytes.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

MARGIN = 0.20
"""The part by which a figure may be above its baseline."""

MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Usage:
    """Resources of one process, with its children."""

    seconds: float
    peak: int


@dataclass(frozen=True, slots=True)
class Pair:
    """Two subjects to divide: `above` takes so many times the processor time of `below`."""

    above: str
    below: str

    @property
    def name(self) -> str:
        """Return the name under which the ratio stands in results and in the baseline."""
        return f"{self.above} / {self.below}"


Runs = Mapping[str, Sequence[Usage]]
"""The runs of each subject; those of one round have the same place."""


@dataclass(frozen=True, slots=True)
class Results:
    """The figures of one group of subjects, such as those with 1,000 posts.

    `medians` (seconds) and `peaks` (bytes) are by subject, `ratios` by pair. `weights` are peaks
    divided by the bytes of the corpus. `left_out` are subjects that were not measured.

    Figures that no baseline holds: `requests` of a command, `opened`, the seconds until a browser
    has the page, and `shares`, the parts of the time of a plan, by room. `rounds` says how often
    each subject ran.
    """

    medians: Mapping[str, float]
    peaks: Mapping[str, int]
    ratios: Mapping[str, float]
    weights: Mapping[str, float]
    left_out: Sequence[str] = ()
    requests: Mapping[str, int] = field(default_factory=dict)
    opened: Mapping[str, float] = field(default_factory=dict)
    shares: Mapping[str, float] = field(default_factory=dict)
    rounds: int = 0

    def guarded(self) -> dict[str, float]:
        """Return the figures that a baseline holds, by name."""
        return {
            **self.ratios,
            **{f"peak memory of {name}": part for name, part in self.weights.items()},
        }


def ratio(above: Sequence[Usage], below: Sequence[Usage]) -> float:
    """Return the median of the ratios of runs of the same round.

    Raises ValueError if the numbers of runs differ.
    """
    rounds = zip(above, below, strict=True)
    return statistics.median(one.seconds / two.seconds for one, two in rounds)


def summarize(
    runs: Runs, pairs: Sequence[Pair], weighed: Iterable[str] = (), corpus_bytes: int = 1
) -> Results:
    """Return the figures of all runs of a group.

    A pair of which a subject was not measured is left out. `weighed` are the subjects whose memory
    is guarded.
    """
    peaks = {name: max(usage.peak for usage in usages) for name, usages in runs.items()}
    wanted = {name for pair in pairs for name in (pair.above, pair.below)}
    return Results(
        {name: statistics.median(use.seconds for use in uses) for name, uses in runs.items()},
        peaks,
        {
            pair.name: ratio(runs[pair.above], runs[pair.below])
            for pair in pairs
            if pair.above in runs and pair.below in runs
        },
        {name: peaks[name] / corpus_bytes for name in weighed if name in peaks},
        sorted(wanted - set(runs)),
        rounds=max(map(len, runs.values()), default=0),
    )


def complaints(results: Results, baseline: Mapping[str, float]) -> list[str]:
    """Return one line for each figure that is too far above the baseline of its group.

    A figure without a baseline is a complaint as well, and so is a baseline that was not measured,
    unless its subject was left out: otherwise a new name would switch a guard off.
    """
    measured = results.guarded()
    lines = []
    for name, value in measured.items():
        if name not in baseline:
            lines.append(f"{name}: {value:.2f}, and the baseline has no such figure")
        elif value > baseline[name] * (1 + MARGIN):
            more = (value / baseline[name] - 1) * 100
            lines.append(
                f"{name}: {value:.2f}, {more:.0f} % above the baseline {baseline[name]:.2f}"
            )
    absent = set(results.left_out)
    lines += [
        f"{name}: in the baseline ({value:.2f}), but not measured"
        for name, value in baseline.items()
        if name not in measured and absent.isdisjoint(name.split(" / "))
    ]
    return lines


def table(title: str, results: Results, baseline: Mapping[str, float]) -> str:
    """Return the figures of a group as text: subjects, then ratios beside their baselines."""
    lines = [f"{title:<40}{'seconds':>10}{'peak MB':>10}"]
    for name, seconds in results.medians.items():
        lines.append(f"  {name:<38}{seconds:>10.3f}{results.peaks[name] / MEGABYTE:>10.0f}")
    lines.append(f"  {'':<38}{'now':>10}{'baseline':>10}")
    for name, value in results.guarded().items():
        before = f"{baseline[name]:.2f}" if name in baseline else "-"
        lines.append(f"  {name:<38}{value:>10.2f}{before:>10}")
    lines += [f"  {name:<38}{'left out':>10}" for name in results.left_out]
    return "\n".join(lines)
