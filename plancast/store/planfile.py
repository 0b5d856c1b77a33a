"""A plan in a file, so that what was reviewed can be applied exactly."""

from __future__ import annotations

import json

from plancast.core.codec import CodecError, parse_json, plan_from_dict, plan_to_dict
from plancast.core.diagnostics import problem
from plancast.core.exits import Stop
from plancast.core.plan import Plan
from plancast.files.named import NamedFile
from plancast.files.refusals import link_problem, reason, unwritable

MAX_BYTES = 256 * 1024 * 1024
"""More than a plan of 100,000 changes; anything larger is not a plan."""


def save(file: NamedFile, plan: Plan) -> None:
    """Write it, whole or not at all. Raises Stop."""
    text = json.dumps(plan_to_dict(plan), indent=1, ensure_ascii=False) + "\n"
    try:
        file.replace(text.encode())
    except OSError as error:
        raise Stop([unwritable(file.path, error)]) from error


def load(file: NamedFile) -> Plan:
    """Read it. Raises Stop if there is none, or something else."""
    try:
        return plan_from_dict(parse_json(file.read(MAX_BYTES).decode("utf-8")))
    except OSError as error:
        refused = link_problem(error) or problem("PC608", f"{file.path}: {reason(error)}")
        raise Stop([refused]) from error
    except (CodecError, UnicodeDecodeError) as error:
        raise Stop([problem("PC608", f"{file.path}: {error}")]) from error
