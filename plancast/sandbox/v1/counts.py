"""Counts of requests, by the names that faults use for them."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass

from plancast.sandbox import database


@dataclass(frozen=True, slots=True)
class Requests:
    """The numbers of requests that came in, were executed, and were refused by the rate limit.

    By endpoint, as in "POST /updates/create.json" or "POST /updates/{id}/destroy.json"; over
    GraphQL by operation, as in "query account+channels" or "mutation createPost*3".
    """

    received: Mapping[str, int]
    executed: Mapping[str, int]
    limited: Mapping[str, int]


def add(db: sqlite3.Connection, endpoint: str, what: str) -> None:
    """Count one request; `what` is a field of Requests."""
    db.execute(
        "INSERT INTO counts VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET number = number + 1",
        (endpoint, what),
    )


def read(db: sqlite3.Connection) -> Requests:
    """Return all counts since the last reset."""
    records = database.rows(db, "SELECT * FROM counts ORDER BY endpoint")
    whats = ("received", "executed", "limited")
    return Requests(
        *({r["endpoint"]: r["number"] for r in records if r["what"] == w} for w in whats)
    )
