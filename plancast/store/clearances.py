"""What a run may send, in a file that one job of CI hands to the next."""

from __future__ import annotations

import json

from plancast.core.approvals import Clearance
from plancast.core.codec import CodecError, parse_json
from plancast.core.codec.clearances import clearance_from_dict, clearance_to_dict
from plancast.core.diagnostics import problem
from plancast.core.exits import Stop
from plancast.files.named import NamedFile
from plancast.files.refusals import link_problem, reason, unwritable

MAX_BYTES = 64 * 1024 * 1024
"""More than the approvals of 100,000 changes."""


def save(file: NamedFile, clearance: Clearance) -> None:
    """Write it, whole or not at all. Raises Stop."""
    text = json.dumps(clearance_to_dict(clearance), indent=1) + "\n"
    try:
        file.replace(text.encode())
    except OSError as error:
        raise Stop([unwritable(file.path, error)]) from error


def load(file: NamedFile) -> Clearance:
    """Read it. Raises Stop if there is none, or something else."""
    try:
        return clearance_from_dict(parse_json(file.read(MAX_BYTES).decode("utf-8")))
    except OSError as error:
        refused = link_problem(error) or problem("PC842", f"{file.path}: {reason(error)}")
        raise Stop([refused]) from error
    except (CodecError, UnicodeDecodeError) as error:
        raise Stop([problem("PC842", f"{file.path}: {error}")]) from error
