"""Problems as values.

A problem in an author's file is data, not an exception: it is collected beside
its siblings, so that one run shows all of them. Each carries a stable code
(`PC101`), because people search for codes and silence them; a summary that
holds no user data, so that the same mistake always reads the same; and a hint
that says what to do.

Two ways to say where:

* `Pointer` is cheap and is known while values are handled: the file, the number
  of the YAML document in it, and the path of keys below. Rules on posts work
  with pointers.
* `SourceRange` is dear and exact: line, column and the line itself. The content
  room turns pointers into ranges, and only for what will be shown.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum

from plancast.model.codes import CODES
from plancast.model.features import THE_PROVIDER
from plancast.model.quoting import line_around, shorten


class Severity(Enum):
    """How bad it is. Only errors stop a plan from being applied."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 for the worst; the order in which problems are shown."""
        return _RANKS[self]


_RANKS = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}


@dataclass(frozen=True, slots=True)
class Pointer:
    """A place in a file by structure: `document` counts from 0, `path` holds keys and indexes."""

    file: str
    document: int = 0
    path: tuple[str | int, ...] = ()

    def __truediv__(self, key: str | int) -> Pointer:
        """The place one step deeper, as in `pointer / "images" / 0`."""
        return replace(self, path=(*self.path, key))


@dataclass(frozen=True, slots=True, order=True)
class SourceRange:
    """A place in a file by text. `line` and `column` count from 1.

    `text` is the line; of a very long one it is the part around the place, which begins at
    `text_column`.
    """

    file: str
    line: int
    column: int
    end_column: int = 0
    text: str = ""
    text_column: int = 1

    @classmethod
    def in_line(cls, file: str, line: int, column: int, end_column: int, text: str) -> SourceRange:
        """Return a place whose whole line is `text`."""
        return cls(file, line, column, end_column, *line_around(text, column))

    @property
    def parts(self) -> tuple[str, str, str]:
        """What stands before the place, what is meant, and what follows it in the text."""
        start = max(0, self.column - self.text_column)
        end = max(start + 1, self.end_column - self.text_column)
        return self.text[:start], self.text[start:end], self.text[end:]

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One problem.

    `code` is a key of `codes.CODES`. `summary` is generic, `detail` holds the
    case at hand, `hint` an instruction. `address` names an entry where the
    problem belongs to one. `at` and `source` say where; see the module's essay.
    """

    severity: Severity
    code: str
    summary: str
    detail: str = ""
    hint: str = ""
    address: str = ""
    at: Pointer | None = None
    source: SourceRange | None = None

    @property
    def sort_key(self) -> tuple[int, str, int, int, str, str]:
        """Worst first, then by place, so that output is the same in every run."""
        file = self.source.file if self.source else (self.at.file if self.at else "")
        line = self.source.line if self.source else 0
        column = self.source.column if self.source else 0
        return (self.severity.rank, file, line, column, self.code, self.detail)


def problem(  # noqa: PLR0913  # one keyword per field of the value it makes
    code: str,
    detail: str = "",
    *,
    hint: str = "",
    address: str = "",
    at: Pointer | None = None,
    source: SourceRange | None = None,
    severity: Severity | None = None,
    title: str = THE_PROVIDER,
) -> Diagnostic:
    """Make a Diagnostic; the table of codes holds its summary, severity and hint.

    `title` is that of the provider, for the codes whose words name it (`Code.names_provider`).
    What is long is shortened, so that a value of a megabyte can be quoted as it is.
    """
    known = CODES[code].about(title)
    return Diagnostic(
        severity=severity or Severity(known.severity),
        code=code,
        summary=known.summary,
        detail=shorten(detail),
        hint=shorten(hint) or known.hint,
        address=address,
        at=at,
        source=source,
    )


def has_errors(diagnostics: Iterable[Diagnostic]) -> bool:
    """Whether anything in the list stops the run."""
    return any(item.severity is Severity.ERROR for item in diagnostics)


def in_order(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Sorted by `sort_key`, exact repetitions dropped."""
    return tuple(sorted(dict.fromkeys(diagnostics), key=lambda item: item.sort_key))
