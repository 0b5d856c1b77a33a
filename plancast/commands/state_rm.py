"""`plancast state rm`: stop owning entries. They stay in the queue, as anybody's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from plancast.commands.owning import edit, owned
from plancast.core.exits import ExitCode
from plancast.core.state import State

if TYPE_CHECKING:
    from plancast.runtime import Runtime


@dataclass(frozen=True, slots=True, kw_only=True)
class Args:
    """The arguments of `state rm`."""

    addresses: tuple[str, ...]


def run(args: Args, runtime: Runtime) -> ExitCode:
    """All of them or, where one is not owned, none."""

    def without(state: State) -> State:
        return state.forget(*(owned(state, text).address for text in args.addresses))

    edit(runtime, "state rm", without)
    for text in args.addresses:
        runtime.say(f"{text} is no longer owned. It stays in the queue.")
    return ExitCode.DONE
