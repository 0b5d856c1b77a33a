"""Access to the state for commands: parse addresses, find bindings, hold the lease, and edit."""

from __future__ import annotations

import os
import socket
import uuid
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from plancast.engine.lease import Holder, Tenure, hold_lease
from plancast.model.diagnostics import Diagnostic, problem
from plancast.model.entry import Address
from plancast.model.exit_codes import Stop
from plancast.model.ports import Clock
from plancast.model.quoting import closest
from plancast.model.state import Binding, State
from plancast.reconcile.targets import matches

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
    raise Stop([_not_owned(state, text)])


def _not_owned(state: State, text: str) -> Diagnostic:
    names = [str(address) for address in state.resources]
    close = closest(text, names) or closest(text, {name.rpartition("@")[0] for name in names})
    return problem("PC607", text, hint=f"Did you mean {close}?" if close else "")


def owned_by(state: State, patterns: Sequence[str], *, globs: bool = False) -> tuple[Binding, ...]:
    """Return the bindings that are meant by addresses or ids of posts, or also by `globs` of them.

    They are sorted by address. Raises Stop with a suggestion for each pattern that means nothing.
    """
    fits = matches if globs else _is_named
    names = {str(address): address for address in state.resources}
    found: set[str] = set()
    missing = []
    for pattern in patterns:
        meant = {name for name in names if fits(name, pattern)}
        found |= meant
        if not meant:
            missing.append(_not_owned(state, pattern))
    if missing:
        raise Stop(missing)
    return tuple(state.resources[names[name]] for name in sorted(found))


def _is_named(address: str, text: str) -> bool:
    return text in (address, address.rpartition("@")[0])


def show_entries(bindings: Sequence[Binding], runtime: Runtime) -> None:
    """Show owned entries before a question about them: address, time and the first lines."""
    from plancast.render.terminal.content_block import text_block  # noqa: PLC0415
    from plancast.render.terminal.style import one_line  # noqa: PLC0415
    from plancast.render.text import local  # noqa: PLC0415

    now = runtime.system_clock.now()
    options = runtime.options(now)
    lines = []
    for one in bindings:
        when = local(one.due_at, options.zone) if one.due_at else one.status.value
        lines.append(f"  {one_line(str(one.address))} · {when}")
        lines.extend(text_block(one.observed.text, options, lines=2))
    runtime.console.show("\n".join(lines))


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
