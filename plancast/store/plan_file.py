"""Files that the user names: a saved plan, and the approvals that `reviewed --out` writes.

A write replaces the whole file or leaves the old one; a read returns the whole document or stops
the command with a diagnostic.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import TypeVar

from plancast.codec import CodecError, parse_json, plan_from_dict, plan_to_json
from plancast.codec.reviewed import clearance_from_dict, clearance_to_dict
from plancast.files.named_file import NamedFile
from plancast.files.refusals import link_problem, reason, unwritable
from plancast.model.clearance import Clearance
from plancast.model.diagnostics import problem
from plancast.model.exit_codes import Stop
from plancast.model.plan import Plan

MAX_BYTES = 256 * 1024 * 1024
"""More than a plan of 100,000 changes; anything larger is not a plan."""

MAX_CLEARANCE_BYTES = 64 * 1024 * 1024
"""More than the approvals of 100,000 changes."""

_T = TypeVar("_T")


def save(file: NamedFile, plan: Plan) -> None:
    """Write a plan as JSON: the whole file, or none of it.

    Raises Stop if it cannot be written.
    """
    _write(file, plan_to_json(plan, indent=1))


def load(file: NamedFile) -> Plan:
    """Read a plan. Raises Stop (PC608) if the file is missing, or is no plan."""
    return _read(file, plan_from_dict, "PC608", MAX_BYTES)


def save_clearance(file: NamedFile, clearance: Clearance) -> None:
    """Write the clearance of a run as JSON: the whole file, or none of it.

    Raises Stop if it cannot be written.
    """
    _write(file, [json.dumps(clearance_to_dict(clearance), indent=1, ensure_ascii=False), "\n"])


def load_clearance(file: NamedFile) -> Clearance:
    """Read a clearance. Raises Stop (PC842) if the file is missing, or is no clearance."""
    return _read(file, clearance_from_dict, "PC842", MAX_CLEARANCE_BYTES)


def _write(file: NamedFile, pieces: Iterable[str]) -> None:
    """Write a text, piece by piece. Raises Stop if the file cannot be written, or is a link."""
    try:
        file.replace(piece.encode() for piece in pieces)
    except OSError as error:
        raise Stop([unwritable(file.path, error)]) from error


def _read(file: NamedFile, decode: Callable[[object], _T], code: str, most: int) -> _T:
    """Read a JSON document and return what `decode` makes of it.

    A file of more than `most` bytes is refused unread. Raises Stop, with a problem of this `code`
    unless a link was refused, which has a code of its own.
    """
    try:
        return decode(parse_json(file.read(most).decode("utf-8")))
    except OSError as error:
        refused = link_problem(error) or problem(code, f"{file.path}: {reason(error)}")
        raise Stop([refused]) from error
    except (CodecError, UnicodeDecodeError) as error:
        raise Stop([problem(code, f"{file.path}: {error}")]) from error
