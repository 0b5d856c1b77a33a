"""Translation of an OSError into an error of the state, which callers know how to report."""

from __future__ import annotations

from pathlib import Path

from plancast.files.refusals import LinkRefused, reason
from plancast.model.ports import StateError, StateLinked


def state_error(error: OSError, path: Path, kind: type[StateError]) -> StateError:
    """Return StateLinked if a link was refused, and an error of `kind` for any other OSError."""
    if isinstance(error, LinkRefused):
        return StateLinked(reason(error), error.path)
    return kind(f"{path}: {reason(error)}", str(path))
