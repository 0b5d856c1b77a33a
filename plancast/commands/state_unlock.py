"""`plancast state unlock`: take the lease from a run that is dead."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from plancast.core.exits import ExitCode

if TYPE_CHECKING:
    from plancast.runtime import Runtime


@dataclass(frozen=True, slots=True, kw_only=True)
class Args:
    """The flags of `state unlock`."""

    auto_approve: bool = False


def run(args: Args, runtime: Runtime) -> ExitCode:
    """Show who has it, ask, take it away. Raises StateLocked where the run lives on this machine.

    If the run lives after all, it finds out before it sends the next thing: the epoch is another
    one.
    """
    with runtime.store.lock("`state unlock`", 0.0):
        state = runtime.state()
        if state.lease is None:
            runtime.show("Nobody holds the state.")
            return ExitCode.DONE
        since = f"{state.lease.acquired_at:%Y-%m-%d %H:%M:%S} UTC"
        question = f"{state.lease.holder} holds the state since {since}. Is it surely dead?"
        if not args.auto_approve and not runtime.confirm(question):
            runtime.say("Nothing was done.")
            return ExitCode.ERROR
        runtime.store.write(replace(state, lease=None, epoch=state.epoch + 1))
        runtime.journal.clear()
    runtime.show("Unlocked. The next apply looks for what the other run may have done.")
    return ExitCode.DONE
