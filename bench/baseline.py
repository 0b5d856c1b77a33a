"""The baseline: the figures that a later measurement must not be far above.

Read and compared with `bench/baseline.json`. `figures.complaints` decides what is too far above.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path

from bench.figures import Results, complaints

Baseline = Mapping[str, Mapping[str, float]]
"""The figures of each group, by name."""


def read_baseline(path: Path) -> tuple[Baseline, Mapping[str, str]]:
    """Return the figures of the baseline and its conditions; none if there is no baseline."""
    if not path.exists():
        return {}, {}
    document = json.loads(path.read_text(encoding="utf-8"))
    return document["groups"], document["conditions"]


def other_conditions(now: Mapping[str, str], before: Mapping[str, str]) -> str:
    """Return a sentence that names what else differs from the baseline; "" if nothing does."""
    other = [
        f"{name} {value}, not {now[name]}"
        for name, value in before.items()
        if name in now and now[name] != value
    ]
    return f"The baseline was measured with {'; '.join(other)}." if other else ""


def renewed(baseline: Baseline, groups: Mapping[str, Results]) -> Baseline:
    """Return the baseline with the measured groups replaced; others stay as they are."""
    fresh = {
        title: {name: round(value, 3) for name, value in results.guarded().items()}
        for title, results in groups.items()
    }
    return {**baseline, **fresh}


def report(groups: Mapping[str, Results], baseline: Baseline, note: str = "") -> int:
    """Print what is too far above the baseline, and a note; return 1 if anything is."""
    lines = [
        f"  {title}: {line}"
        for title, results in groups.items()
        for line in complaints(results, baseline.get(title, {}))
    ]
    if not lines:
        print("\nNo figure is more than 20 % above bench/baseline.json.")
        return 0
    print(
        "\nbench: these figures do not keep to bench/baseline.json (20 % above it at most):",
        *lines,
        "Measure again on a quiet machine. If a change is worth this price, write a new baseline",
        "with `make bench BASELINE=1` and say why in the commit.",
        *([note] if note else []),
        sep="\n",
        file=sys.stderr,
    )
    return 1
