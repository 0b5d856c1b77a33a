"""The state as JSON text: the same in a local file and in a ref of git.

`codec/states.py` has its fields; here are the text, its largest size and the older formats.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from plancast.codec import (
    CodecError,
    TooNewError,
    parse_json,
    resource_to_dict,
    state_from_dict,
    state_to_dict,
)
from plancast.model.entry import Address
from plancast.model.ports import StateDamaged, StateTooNew
from plancast.model.state import FORMAT_VERSION, Binding, State
from plancast.store.state_migrations import STEPS, Step

MAX_BYTES = 256 * 1024 * 1024
"""Larger documents are not read. 100,000 posts of a usual length take 180 MB."""


def encode(state: State) -> str:
    """Return the document of a state, with a line end: see `Encoder`."""
    return Encoder().encode(state)


class Encoder:
    """An encoder of states, each key and each resource a line: a change of one changes a line.

    It keeps the lines of resources, since one write changes few of them. The text is ASCII: one
    emoji would make it four times as large in memory.
    """

    def __init__(self) -> None:
        self._lines: dict[Address, tuple[Binding, str]] = {}

    def encode(self, state: State) -> str:
        """Return the document of a state, with a line end."""
        self._lines = {address: self._line(state.resources[address]) for address in state.resources}
        document = state_to_dict(replace(state, resources={}))
        keys = (
            f" {json.dumps(key)}: {self._resources() if key == 'resources' else _spelled(value)}"
            for key, value in document.items()
        )
        return "{\n" + ",\n".join(keys) + "\n}\n"

    def _line(self, binding: Binding) -> tuple[Binding, str]:
        kept = self._lines.get(binding.address)
        if kept is not None and kept[0] is binding:
            return kept
        return (
            binding,
            f"  {json.dumps(str(binding.address))}: {json.dumps(resource_to_dict(binding))}",
        )

    def _resources(self) -> str:
        return _block("{", [self._lines[address][1] for address in sorted(self._lines)], "}")


def _spelled(value: object) -> str:
    """Return the JSON of a value, each item of it a line."""
    if isinstance(value, dict) and all(isinstance(item, dict) for item in value.values()):
        return _block("{", [f"  {json.dumps(k)}: {json.dumps(v)}" for k, v in value.items()], "}")
    if isinstance(value, list):
        return _block("[", [f"  {json.dumps(item)}" for item in value], "]")
    return json.dumps(value)


def _block(begin: str, lines: list[str], end: str) -> str:
    return f"{begin}\n" + ",\n".join(lines) + f"\n {end}" if lines else begin + end


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
