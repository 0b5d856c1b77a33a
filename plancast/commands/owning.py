"""What the `state` commands have in common: an address must be owned to be handled."""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches
from typing import TYPE_CHECKING

from plancast.core.diagnostics import problem
from plancast.core.exits import Stop
from plancast.core.model import Address
from plancast.core.state import Binding, State

if TYPE_CHECKING:
    from plancast.runtime import Runtime


def parse(text: str) -> Address:
    """An address that a user gave. Raises Stop where it is not one."""
    try:
        return Address.parse(text)
    except ValueError as error:
        raise Stop([problem("PC607", str(error))]) from None


def owned(state: State, text: str) -> Binding:
    """What is owned under an address that a user gave. Raises Stop where nothing is."""
    binding = state.binding(parse(text))
    if binding is not None:
        return binding
    close = get_close_matches(text, [str(address) for address in state.resources], n=1)
    hint = f"Did you mean {close[0]}?" if close else ""
    raise Stop([problem("PC607", text, hint=hint)])


def edit(runtime: Runtime, holder: str, change: Callable[[State], State]) -> State:
    """Change the state under its lock, with everything journalled taken in first."""
    with runtime.store.lock(holder, 0.0):
        written = runtime.store.write(change(runtime.state()))
        runtime.journal.clear()
    return written
