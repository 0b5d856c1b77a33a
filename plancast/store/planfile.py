"""A plan in a file, so that what was reviewed can be applied exactly."""

from __future__ import annotations

import json
from pathlib import Path

from plancast.core.codec import CodecError, parse_json, plan_from_dict, plan_to_dict
from plancast.core.diagnostics import problem
from plancast.core.exits import Stop
from plancast.core.plan import Plan
from plancast.store.files import replace_file

MAX_BYTES = 256 * 1024 * 1024
"""More than a plan of 100,000 changes; anything larger is not a plan."""


def save(path: Path, plan: Plan) -> None:
    """Write it, whole or not at all. Raises Stop."""
    text = json.dumps(plan_to_dict(plan), indent=1, ensure_ascii=False) + "\n"
    try:
        replace_file(path, text)
    except OSError as error:
        raise Stop([problem("PC007", f"{path}: {error.strerror}")]) from error


def load(path: Path) -> Plan:
    """Read it. Raises Stop where there is none, or something else."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise Stop([problem("PC608", f"{path} is larger than any plan")])
        return plan_from_dict(parse_json(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise Stop([problem("PC608", f"{path}: {error.strerror}")]) from error
    except (CodecError, UnicodeDecodeError) as error:
        raise Stop([problem("PC608", f"{path}: {error}")]) from error
