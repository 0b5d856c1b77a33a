"""`plancast state show`: all that is known of one entry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from plancast.commands.owning import owned
from plancast.core.exits import ExitCode

if TYPE_CHECKING:
    from plancast.runtime import Runtime


@dataclass(frozen=True, slots=True, kw_only=True)
class Args:
    """The argument of `state show`."""

    address: str


def run(args: Args, runtime: Runtime) -> ExitCode:
    """The binding, in the form of the state file."""
    from plancast.core.codec import binding_to_dict  # noqa: PLC0415

    binding = owned(runtime.state(), args.address)
    runtime.show_json(binding_to_dict(binding))
    return ExitCode.DONE
