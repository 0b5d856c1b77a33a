"""Errors of the disk as errors of the state."""

from __future__ import annotations

from pathlib import Path

from plancast.files.refusals import LinkRefused, reason
from plancast.model.ports import StateError, StateLinked


def state_error(error: OSError, path: Path, kind: type[StateError]) -> StateError:
    """Return StateLinked for a link that was refused, and `kind` for anything else."""
    if isinstance(error, LinkRefused):
        return StateLinked(reason(error), error.path)
    return kind(f"{path}: {reason(error)}", str(path))
