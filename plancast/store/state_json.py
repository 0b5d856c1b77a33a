"""The state as text, the same wherever it is kept."""

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
"""What is larger is not read. 100,000 posts of a usual length take 180 MB."""


def encode(state: State) -> str:
    """The document. Ends with a line end; one value a line, so that a difference can be read."""
    return json.dumps(state_to_dict(state), indent=1, ensure_ascii=False) + "\n"


def decode(
    text: str,
    place: str,
    steps: Mapping[int, Step] = STEPS,
    version: int = FORMAT_VERSION,
) -> State:
    """The reverse, older versions brought on. Raises StateDamaged, StateTooNew, naming `place`."""
    try:
        return state_from_dict(_migrated(parse_json(text), steps, version))
    except TooNewError as error:
        raise StateTooNew(f"{place}: {error}", place) from error
    except CodecError as error:
        raise StateDamaged(f"{place}: {error}", place) from error


def _migrated(document: object, steps: Mapping[int, Step], current: int) -> object:
    if not isinstance(document, dict):
        raise CodecError("$: expected a mapping")
    version: Any = document.get("format_version")
    while _is_whole(version) and version < current:
        step = steps.get(version)
        if step is None:
            raise CodecError(f"$.format_version: no step leads on from {version}")
        try:
            document = step(document)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise CodecError(f"$: it is not of format version {version}: {error!r}") from error
        version = document.get("format_version")
    return document


def _is_whole(version: object) -> bool:
    """Whether it is a whole number; `true` is one to Python alone."""
    return isinstance(version, int) and not isinstance(version, bool)
