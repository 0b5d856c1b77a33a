"""`plancast state list`: everything that is owned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from plancast.core.exits import ExitCode

if TYPE_CHECKING:
    from plancast.runtime import Runtime


@dataclass(frozen=True, slots=True, kw_only=True)
class Args:
    """The flags of `state list`."""

    format_name: str = "human"


def run(args: Args, runtime: Runtime) -> ExitCode:
    """One line an address, in order."""
    from plancast.core.codec import binding_to_dict  # noqa: PLC0415

    state = runtime.state()
    bindings = [state.resources[address] for address in sorted(state.resources)]
    if args.format_name == "json":
        runtime.show_json([binding_to_dict(item) for item in bindings])
    elif bindings:
        for item in bindings:
            runtime.show_name(str(item.address))
    else:
        runtime.say("Nothing is owned yet.")
    return ExitCode.DONE
