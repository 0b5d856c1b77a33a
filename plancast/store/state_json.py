"""The state as JSON text: the same in a local file and in a ref of git.

`codec/states.py` has its fields; here are the text, its largest size and the older formats.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Any, Generic, TypeVar

from plancast.codec import (
    CodecError,
    TooNewError,
    approval_to_dict,
    head_from_dict,
    parse_json,
    resource_to_dict,
    state_from_dict,
    state_to_dict,
)
from plancast.model.entry import Address
from plancast.model.ports import StateDamaged, StateTooNew
from plancast.model.state import FORMAT_VERSION, Approval, Binding, State, StateHead
from plancast.store.state_migrations import STEPS, Step

MAX_BYTES = 256 * 1024 * 1024
"""Larger documents are not read. 100,000 posts of a usual length take 110 MB."""


_NEXT, _CLOSE = b",\n", b"\n }"
_K = TypeVar("_K")
_V = TypeVar("_V")


def encode(state: State) -> bytes:
    """Return the document of a state, with a line end: see `Encoder`."""
    return Encoder().encode(state)


class Encoder:
    """An encoder of states, each key and each resource a line: a change of one changes a line.

    It keeps the lines of resources and of approvals, since one write changes few of them. The text
    is ASCII: one emoji would make it four times as large in memory.
    """

    def __init__(self) -> None:
        self._resources = _Lines[Address, Binding](resource_to_dict)
        self._approved = _Lines[str, Approval](approval_to_dict)

    def encode(self, state: State) -> bytes:
        """Return the document of a state, with a line end."""
        addresses = sorted(state.resources, key=attrgetter("post", "profile"))
        lines = self._resources.of(addresses, state.resources)
        approvals = self._approved.of(sorted(state.approved), state.approved)
        document = state_to_dict(replace(state, resources={}, approved={}))
        keys = (f" {json.dumps(key)}: {_spelled(value)}" for key, value in document.items())
        text = "{\n" + ",\n".join(keys) + "\n}\n"
        above, below = text.encode().split(_empty("resources"))
        if approvals:
            block = _opened("approved") + _NEXT.join(approvals) + _CLOSE
            below = below.replace(_empty("approved"), block)
        if not lines:
            return above + _empty("resources") + below
        # Joined once: a state of many entries is not copied from one text to the next.
        lines[0] = above + _opened("resources") + lines[0]
        lines[-1] += _CLOSE + below
        return _NEXT.join(lines)


class _Lines(Generic[_K, _V]):
    """The lines of a mapping. That of a value is kept as long as it is the same object."""

    def __init__(self, to_dict: Callable[[_V], dict[str, object]]) -> None:
        self._to_dict = to_dict
        self._kept: dict[_K, tuple[_V, bytes]] = {}

    def of(self, keys: Iterable[_K], mapping: Mapping[_K, _V]) -> list[bytes]:
        """Return the lines of these keys, which are all keys of the mapping."""
        self._kept = {key: self._line(key, mapping[key]) for key in keys}
        return [line for _, line in self._kept.values()]

    def _line(self, key: _K, value: _V) -> tuple[_V, bytes]:
        kept = self._kept.get(key)
        if kept is not None and kept[0] is value:
            return kept
        return value, f"  {json.dumps(str(key))}: {json.dumps(self._to_dict(value))}".encode()


def _empty(name: str) -> bytes:
    """Return an empty mapping at the top, which is how a document has it without its lines."""
    return f'\n "{name}": {{}}'.encode()


def _opened(name: str) -> bytes:
    """Return the beginning of a mapping at the top, before its lines."""
    return f'\n "{name}": {{\n'.encode()


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
    content: bytes,
    place: str,
    steps: Mapping[int, Step] = STEPS,
    version: int = FORMAT_VERSION,
) -> State:
    """Read a state, migrating the document of an older version first.

    All of it is decoded now: damage is found before anything is done, never in the middle of a run.
    `place` names the file or ref in errors. `steps` are the migrations, `version` is the current
    one. Raises StateDamaged, and StateTooNew if a newer plancast wrote it.
    """
    with _refusals(place):
        state = _read_by_line(content, version)
        return state or state_from_dict(_document(content, steps, version))


def decode_head(content: bytes, place: str) -> StateHead:
    """Read the head of a state; its resources are neither decoded nor checked.

    Raises StateDamaged and StateTooNew, as `decode` does.
    """
    with _refusals(place):
        cut = _cut(content, FORMAT_VERSION)
        return head_from_dict(cut.rest if cut else _document(content, STEPS, FORMAT_VERSION))


@contextmanager
def _refusals(place: str) -> Iterator[None]:
    """Turn the errors of decoding into those of a state at `place`."""
    try:
        yield
    except TooNewError as error:
        raise StateTooNew(f"{place}: {error}", place) from error
    except (CodecError, UnicodeDecodeError) as error:
        raise StateDamaged(f"{place}: {error}", place) from error


def _document(content: bytes, steps: Mapping[int, Step], version: int) -> object:
    """Return a document as a whole, as the current version writes it."""
    return _migrated(parse_json(content.decode()), steps, version)


# -- line by line ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Cut:
    """A document as `Encoder` writes it, with the lines of its resources cut out.

    `rest` is the document without them; `start` and `end` are the place of the lines.
    """

    rest: dict[str, object]
    content: bytes
    start: int
    end: int

    def resources(self) -> Iterator[tuple[str, object]]:
        """Yield the address and the value of each line. Raises CodecError, UnicodeDecodeError."""
        start = self.start
        while start < self.end:
            stop = self.content.find(_NEXT, start, self.end)
            stop = self.end if stop < 0 else stop
            # A line that is the one member of an object is a member of the object around them, too.
            line = parse_json("{" + self.content[start:stop].decode() + "}")
            if not isinstance(line, dict) or len(line) != 1:
                raise CodecError("expected one resource a line")
            yield from line.items()
            start = stop + len(_NEXT)


def _cut(content: bytes, version: int) -> _Cut | None:
    """Cut a document; None unless it is of this version and looks as `Encoder` writes it."""
    opened = content.find(_opened("resources"))
    start = opened + len(_opened("resources"))
    end = content.find(_CLOSE, start)
    if opened < 0 or end < 0:
        return None
    # A name that no document can hold proves that the lines are those of the key at the top.
    hole = uuid.uuid4().hex
    left = _empty("resources").replace(b"{}", json.dumps(hole).encode())
    try:
        rest = parse_json((content[:opened] + left + content[end + len(_CLOSE) :]).decode())
    except (CodecError, UnicodeDecodeError):
        return None
    if not isinstance(rest, dict) or rest.get("resources") != hole:
        return None
    if rest.get("format_version") != version:
        return None
    return _Cut({**rest, "resources": {}}, content, start, end)


def _read_by_line(content: bytes, version: int) -> State | None:
    """Read a document line by line, which takes less memory and time than to parse it as a whole.

    Return None if it is of another version, looks unlike what `Encoder` writes, or is damaged: to
    parse it as a whole then migrates it, accepts it, or shows the place of the damage.
    """
    cut = _cut(content, version)
    try:
        return state_from_dict(cut.rest, cut.resources()) if cut else None
    except (CodecError, UnicodeDecodeError):
        return None


# -- older formats --------------------------------------------------------------------------------


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
