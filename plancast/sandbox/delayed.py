"""Requests that are delivered late: kept as JSON until a moment of real time."""

import json
import sqlite3

from plancast.sandbox import clock, database, queues
from plancast.sandbox.queues import Session
from plancast.sandbox.settings import Settings
from plancast.sandbox.v1 import counts, endpoints


def keep(db: sqlite3.Connection, due: float, call: str) -> None:
    """Keep a call of either API until `due`, in Unix seconds of real time."""
    db.execute("INSERT INTO late (due, call) VALUES (?, ?)", (due, call))


def deliver(db: sqlite3.Connection, real: float, settings: Settings) -> None:
    """Execute the calls that are due, each at its own moment of the calendar."""
    for row in database.rows(db, "SELECT * FROM late WHERE due <= ? ORDER BY due, id", real):
        then = Session(db, int(clock.at_real(db, row["due"])), settings)
        db.execute("DELETE FROM late WHERE id = ?", (row["id"],))
        queues.go_out(then)
        _execute(then, row["call"])


def _execute(session: Session, call: str) -> None:
    """Execute a kept call. A call of v1 is kept as a list, one of GraphQL as a mapping."""
    if isinstance(json.loads(call), dict):
        from plancast.sandbox.graphql import handler  # noqa: PLC0415  # v1 alone does without

        handler.deliver(session, call)
        return
    known = endpoints.call_from_json(call)
    counts.add(session.db, known.endpoint, "executed")
    endpoints.execute(session, known)
