"""Problems in groups, for views in which many equal ones would hide the few that matter.

A problem of which there are only a few is shown by itself, with its line. If a code occurs more
often, all of them become one group: its summary, how many, and a line for each place. Pure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from plancast.model.diagnostics import Diagnostic, Severity, in_order

FEW = 3
"""The most problems of one code that are shown one by one."""


@dataclass(frozen=True, slots=True)
class PlacesLine:
    """The places in one file that have the same problem, with the same words.

    `file` is "" for problems that are about none.
    """

    file: str
    problems: tuple[Diagnostic, ...]

    @property
    def detail(self) -> str:
        """The words about these places."""
        return detail_of(self.problems[0])

    @property
    def hint(self) -> str:
        """The instruction for them."""
        return self.problems[0].hint

    @property
    def addresses(self) -> tuple[str, ...]:
        """The addresses that they are about, each once."""
        return tuple(dict.fromkeys(item.address for item in self.problems if item.address))


@dataclass(frozen=True, slots=True)
class ProblemGroup:
    """One problem, or all problems of one code and severity."""

    problems: tuple[Diagnostic, ...]

    @property
    def first(self) -> Diagnostic:
        """The first of them: code, severity and summary are those of all."""
        return self.problems[0]

    @property
    def is_one(self) -> bool:
        """Whether it is a single problem."""
        return len(self.problems) == 1

    @property
    def hint(self) -> str:
        """The hint that all of them share; "" if they differ."""
        hints = {item.hint for item in self.problems}
        return self.first.hint if len(hints) == 1 else ""

    @property
    def lines(self) -> tuple[PlacesLine, ...]:
        """The places, by file and then by what is said of them."""
        return tuple(self._lines())

    def _lines(self) -> Iterator[PlacesLine]:
        for file, problems in groupby(self.problems, file_of):
            alike: dict[tuple[str, str], list[Diagnostic]] = {}
            for item in problems:
                alike.setdefault((item.detail, item.hint), []).append(item)
            yield from (PlacesLine(file, tuple(items)) for items in alike.values())


def grouped(diagnostics: Iterable[Diagnostic]) -> tuple[ProblemGroup, ...]:
    """Return all problems in groups, the worst first; a group stands where its first one does."""
    ordered = in_order(diagnostics)
    counts = Counter(map(_kind, ordered))
    groups: dict[object, list[Diagnostic]] = {}
    for number, item in enumerate(ordered):
        kind = _kind(item)
        groups.setdefault(kind if counts[kind] > FEW else number, []).append(item)
    return tuple(ProblemGroup(tuple(items)) for items in groups.values())


def file_of(item: Diagnostic) -> str:
    """Return the file that a problem is about, "" for none."""
    if item.source:
        return item.source.file
    return item.at.file if item.at else ""


def detail_of(item: Diagnostic) -> str:
    """Return the words about a problem, "" if they only repeat the file that is shown beside."""
    return "" if item.detail == file_of(item) else item.detail


def _kind(item: Diagnostic) -> tuple[Severity, str, str]:
    return (item.severity, item.code, item.summary)
