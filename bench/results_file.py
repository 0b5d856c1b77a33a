"""The file of results: the figures of each group, and the conditions under which it was measured.

`bench/results.json` is in git: docs/performance.md is made of it, and nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.figures import Results

DIGITS = 4
"""Digits of a figure that are kept. A median has fewer that mean something."""


@dataclass(frozen=True, slots=True)
class Measured:
    """The results of a group, and their conditions by name, such as the version of Python."""

    results: Results
    conditions: Mapping[str, str]


def read_results(path: Path) -> dict[str, Measured]:
    """Return the groups of a file of results by title; none if there is no file."""
    if not path.exists():
        return {}
    document = json.loads(path.read_text(encoding="utf-8"))
    return {
        title: Measured(Results(**group["results"]), group["conditions"])
        for title, group in document.items()
    }


def write_results(path: Path, groups: Mapping[str, Measured]) -> None:
    """Write the groups, with figures of `DIGITS` digits."""
    write_json(
        path,
        {
            title: {
                "conditions": dict(group.conditions),
                "results": rounded(asdict(group.results)),
            }
            for title, group in groups.items()
        },
    )


def rounded(value: object) -> object:
    """Return a value of JSON with every fraction cut to `DIGITS` significant digits."""
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}")
    if isinstance(value, Mapping):
        return {name: rounded(part) for name, part in value.items()}
    return value


def write_json(path: Path, document: object) -> None:
    """Write a file of JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
