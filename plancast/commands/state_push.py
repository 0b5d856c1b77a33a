"""`plancast state push`: put a copy of the state in the place of what is there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from plancast.commands.owning import holding
from plancast.core.diagnostics import problem
from plancast.core.exits import ExitCode, Stop
from plancast.core.ports import StateError
from plancast.core.state import State

if TYPE_CHECKING:
    from plancast.runtime import Runtime


@dataclass(frozen=True, slots=True, kw_only=True)
class Args:
    """The arguments of `state push`."""

    state_file: str
    auto_approve: bool = False


def run(args: Args, runtime: Runtime) -> ExitCode:
    """Read, compare, ask, write. What the file does not name is owned no more, and stays live."""
    given = _read(args.state_file, runtime)
    runtime.moving = True
    with holding(runtime, "state push") as held:
        current = held.state()
        _must_fit(given, current)
        runtime.say(
            f"The state owns {len(current.resources)} entries, the file {len(given.resources)}."
        )
        if not args.auto_approve and not runtime.confirm("Put the file in the place of the state?"):
            runtime.say("Nothing was done.")
            return ExitCode.ERROR
        held.write(
            replace(
                given,
                lineage=current.lineage,
                serial=current.serial,
                epoch=max(given.epoch, current.epoch) + 1,
                lease=current.lease,
            )
        )
    runtime.show("Replaced the state.")
    return ExitCode.DONE


def _read(name: str, runtime: Runtime) -> State:
    from plancast.files.refusals import link_problem, reason  # noqa: PLC0415
    from plancast.store.document import MAX_BYTES, decode  # noqa: PLC0415

    file = runtime.named(name)
    try:
        return decode(file.read(MAX_BYTES).decode("utf-8"), str(file.path))
    except OSError as error:
        refused = link_problem(error) or problem("PC614", f"{name}: {reason(error)}")
        raise Stop([refused]) from None
    except (UnicodeDecodeError, StateError) as error:
        raise Stop([problem("PC614", f"{name}: {error}")]) from None


def _must_fit(given: State, current: State) -> None:
    """Raises Stop where the file is of another state, or where calls are still unresolved."""
    if given.lineage != current.lineage and (current.resources or current.intents):
        raise Stop([problem("PC614", "the file is a copy of another state (its lineage differs)")])
    for state, where in ((given, "the file"), (current, "the state")):
        if state.intents:
            detail = f"{where} holds calls whose outcome is not known"
            hint = "Run `plancast apply` there first: it finds out."
            raise Stop([problem("PC614", detail, hint=hint)])
