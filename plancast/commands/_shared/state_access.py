"""Access to the state for commands: parse addresses, find bindings, hold the lease, and edit."""

from __future__ import annotations

import os
import socket
import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from plancast.engine.lease import Holder, Tenure, hold_lease
from plancast.model.diagnostics import problem
from plancast.model.entry import Address
from plancast.model.exit_codes import Stop
from plancast.model.ports import Clock
from plancast.model.quoting import closest
from plancast.model.state import Binding, State

if TYPE_CHECKING:
    from plancast.app.context import Runtime, Stores


def parse(text: str) -> Address:
    """Parse an address that a user gave. Raises Stop (PC607) if it is not one."""
    try:
        return Address.parse(text)
    except ValueError as error:
        raise Stop([problem("PC607", str(error))]) from None


def owned(state: State, text: str) -> Binding:
    """Return the binding of an address that a user gave. Raises Stop (PC607) if there is none."""
    binding = state.binding(parse(text))
    if binding is not None:
        return binding
    close = closest(text, map(str, state.resources))
    hint = f"Did you mean {close}?" if close else ""
    raise Stop([problem("PC607", text, hint=hint)])


def holding(
    stores: Stores, clock: Clock, what: str, patience: float = 0.0
) -> AbstractContextManager[Tenure]:
    """Hold the lease of the state, which excludes every other run, within a `with`.

    `what` names the command for the holder's message to others; `patience` is how many seconds to
    wait for another run. Raises StateLocked.
    """
    host = socket.gethostname()
    # Other runs show the name if they find the state held. The random id makes each run unique.
    name = f"`{what}`, pid {os.getpid()} on {host}"
    holder = Holder(name, uuid.uuid4().hex, stores.store.place)
    return hold_lease(stores.store, stores.journal, clock, holder, patience)


def edit(runtime: Runtime, what: str, change: Callable[[State], State]) -> State:
    """Change the state under its lease, with the journal replayed into it first, and return it."""
    with holding(runtime.stores, runtime.system_clock, what) as tenure:
        return tenure.write(change(tenure.state()))
