"""The state as JSON text: the same in a local file and in a ref of git.

`codec/states.py` has its fields; here are the text, its largest size and the older formats.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from plancast.codec import (
    CodecError,
    TooNewError,
    parse_json,
    state_from_dict,
    state_to_dict,
)
from plancast.model.ports import StateDamaged, StateTooNew
from plancast.model.state import FORMAT_VERSION, State
from plancast.store.state_migrations import STEPS, Step

MAX_BYTES = 256 * 1024 * 1024
"""Larger documents are not read. 100,000 posts of a usual length take 180 MB."""


def encode(state: State) -> str:
    """Return the document of a state, with a line end.

    Each value has a line of its own, so that `git diff` of two states can be read.
    """
    return json.dumps(state_to_dict(state), indent=1, ensure_ascii=False) + "\n"


def decode(
    text: str,
    place: str,
    steps: Mapping[int, Step] = STEPS,
    version: int = FORMAT_VERSION,
) -> State:
    """Read a state, migrating the document of an older version first.

    `place` names the file or ref in errors. `steps` are the migrations, `version` is the current
    one. Raises StateDamaged, and StateTooNew if a newer plancast wrote it.
    """
    try:
        return state_from_dict(_migrated(parse_json(text), steps, version))
    except TooNewError as error:
        raise StateTooNew(f"{place}: {error}", place) from error
    except CodecError as error:
        raise StateDamaged(f"{place}: {error}", place) from error


def _migrated(document: object, steps: Mapping[int, Step], current: int) -> object:
    """Apply migration steps until the document has the current version.

    A version that is missing or no number is left for the codec to refuse.
    """
    if not isinstance(document, dict):
        raise CodecError("$: expected a mapping")
    version: Any = document.get("format_version")
    while _is_whole(version) and version < current:
        step = steps.get(version)
        if step is None:
            raise CodecError(f"$.format_version: no step leads on from {version}")
        try:
            document = step(document)
        # The document claims a version that it does not have, so the step stumbled over its shape.
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise CodecError(f"$: it is not of format version {version}: {error!r}") from error
        version = document.get("format_version")
    return document


def _is_whole(version: object) -> bool:
    """Return whether a value is a whole number.

    In Python `True` is an int; in a document it is none.
    """
    return isinstance(version, int) and not isinstance(version, bool)
