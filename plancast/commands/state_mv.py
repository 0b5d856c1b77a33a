"""`plancast state mv`: give an entry another address, for a post whose file was renamed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from plancast.commands.owning import edit, owned, parse
from plancast.core.diagnostics import problem
from plancast.core.exits import ExitCode, Stop
from plancast.core.state import State

if TYPE_CHECKING:
    from plancast.runtime import Runtime


@dataclass(frozen=True, slots=True, kw_only=True)
class Args:
    """The arguments of `state mv`."""

    old: str
    new: str


def run(args: Args, runtime: Runtime) -> ExitCode:
    """The new address must be free and on the same profile: entries cannot move."""
    target = parse(args.new)

    def moved(state: State) -> State:
        binding = owned(state, args.old)
        if state.binding(target) is not None:
            raise Stop([problem("PC607", f"{target} is owned already", hint="Remove it first.")])
        if target.profile != binding.address.profile:
            hint = "Buffer cannot move an entry: change the file, and plan."
            raise Stop([problem("PC607", "the profile must stay the same", hint=hint)])
        return state.move(binding.address, target)

    edit(runtime, "state mv", moved)
    runtime.say(f"{args.old} is {args.new} now.")
    return ExitCode.DONE
