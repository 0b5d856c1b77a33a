"""Lists that are read from a place on, in the order of an index.

A page begins after the row of a cursor, so it costs as much as its rows and not as much as the
list. A list of several ranges, such as the channels of a filter, is merged: each range is read in
its own order, and only as far as it is needed.
"""

import heapq
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

from plancast.sandbox import tables


@dataclass(slots=True)
class Where:
    """Conditions that must all hold, with the values that belong to them."""

    conditions: list[str] = field(default_factory=list)
    values: list[object] = field(default_factory=list)

    def add(self, condition: str, *values: object) -> None:
        """Add a condition."""
        self.conditions.append(f"({condition})")
        self.values.extend(values)

    def among(self, column: str, values: Sequence[str], *bound: object) -> None:
        """Require that a column, or an expression with bound values, is one of `values`."""
        self.add(f"{column} IN ({', '.join('?' * len(values))})", *bound, *values)

    def between(self, column: str, begin: float | None, end: float | None) -> None:
        """Require that a column is in a span, ends included. None: no limit on that side."""
        if begin is not None:
            self.add(f"{column} >= ?", begin)
        elif end is not None:
            self.add(f"{column} > ?", tables.NONE)
        if end is not None:
            self.add(f"{column} <= ?", end)

    def present(self, column: str, is_present: bool) -> None:
        """Require that a column has a time, or that it has none."""
        self.add(f"{column} {'>' if is_present else '='} ?", tables.NONE)

    def tagged(self, ids: list[str], empty: bool = False) -> None:
        """Require one of some tags, or with `empty` none at all.

        Without either, require nothing.
        """
        # The column holds ids between blanks, so that no id is found inside another one.
        either = ["instr(tags, ?) > 0"] * len(ids) + ["tags = ''"] * empty
        if either:
            self.add(" OR ".join(either), *(f" {id_} " for id_ in ids))

    def __str__(self) -> str:
        return " AND ".join(self.conditions) or "1"


@dataclass(frozen=True, slots=True)
class Order:
    """The order of a list. Rows with equal keys come in the order of their creation.

    `keys` are columns of whole numbers and whether they descend.
    """

    keys: tuple[tuple[str, bool], ...]

    @classmethod
    def of(cls, sort: Sequence[Mapping[str, str]] | None, columns: Mapping[str, str]) -> Self:
        """Read a sort; without one the newest come first. `columns` are those of its fields."""
        sent = sort or [{"field": "createdAt", "direction": "desc"}]
        keys = [(columns[key["field"]], key["direction"] == "desc") for key in sent]
        return cls((*keys, ("number", keys[-1][1])))

    def __str__(self) -> str:
        return ", ".join(f"{name} {'DESC' if falls else 'ASC'}" for name, falls in self.keys)

    @property
    def columns(self) -> str:
        """The columns of the keys, as a query lists them."""
        return ", ".join(name for name, _ in self.keys)

    def place(self, row: sqlite3.Row) -> tuple[int, ...]:
        """Return the place of a row: it comes after all rows whose place is smaller."""
        return tuple(-row[name] if falls else row[name] for name, falls in self.keys)

    def after(self, row: sqlite3.Row) -> tuple[str, list[int]]:
        """Return the condition that a row comes after another one, and the values in it."""
        falls = self.keys[0][1]
        # One comparison of all keys is what an index serves; those of the other direction are
        # turned round.
        signs = ["" if other is falls else "-" for _, other in self.keys]
        left = ", ".join(f"{sign}{name}" for sign, (name, _) in zip(signs, self.keys, strict=True))
        right = ", ".join(f"{sign}?" for sign in signs)
        return f"({left}) {'<' if falls else '>'} ({right})", [row[name] for name, _ in self.keys]


@dataclass(frozen=True, slots=True)
class Listing:
    """The rows of a table that fulfil conditions, in an order.

    `ranges` are mappings of columns to values: a row is in one of them. An index of the table must
    begin with these columns and go on with the keys of the order.
    """

    table: str
    ranges: Sequence[Mapping[str, str]]
    where: Where
    order: Order

    def row(self, db: sqlite3.Connection, id_: str) -> sqlite3.Row | None:
        """Return the row with an id, None if the list has none."""
        rows = (self._rows(db, one, "id = ?", [id_]) for one in self.ranges)
        return next((row for found in rows for row in found), None)

    def after(self, db: sqlite3.Connection, row: sqlite3.Row | None) -> Iterator[sqlite3.Row]:
        """Yield the rows that come after one of the list, or all rows."""
        condition, values = ("1", list[int]()) if row is None else self.order.after(row)
        parts: Iterable[Iterable[sqlite3.Row]] = [
            self._rows(db, one, condition, values) for one in self.ranges
        ]
        return heapq.merge(*parts, key=self.order.place)

    def _rows(
        self,
        db: sqlite3.Connection,
        one: Mapping[str, str],
        condition: str,
        values: Sequence[object],
    ) -> Iterable[sqlite3.Row]:
        inside = " AND ".join([*(f"{column} = ?" for column in one), condition, str(self.where)])
        query = (
            f"SELECT id, {self.order.columns} FROM {self.table} WHERE {inside}"
            f" ORDER BY {self.order}"
        )
        return db.execute(query, (*one.values(), *values, *self.where.values))
