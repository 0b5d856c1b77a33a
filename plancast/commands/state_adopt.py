"""`plancast state adopt`: take over a state that does not belong to this workspace yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from plancast.commands.owning import holding
from plancast.core.diagnostics import problem
from plancast.core.exits import ExitCode, Stop
from plancast.core.git_refs import is_state_ref
from plancast.core.identity import Identity, environment, is_one_queue

if TYPE_CHECKING:
    from plancast.core.state import State
    from plancast.runtime import Runtime


@dataclass(frozen=True, slots=True, kw_only=True)
class Args:
    """The arguments of `state adopt`."""

    place: str
    auto_approve: bool = False


def run(args: Args, runtime: Runtime) -> ExitCode:
    """Read, say whose it is, ask, write it as the state of this workspace."""
    runtime.adopting = _place(args.place, runtime)
    state = runtime.state()
    _must_fit(state, args.place, runtime)
    runtime.say(_described(state, args.place, runtime))
    if not args.auto_approve and not runtime.confirm("Make it the state of this workspace?"):
        runtime.say("Nothing was done.")
        return ExitCode.ERROR
    with holding(runtime, "state adopt"):
        pass  # to take the lease is to write the state, as that of this workspace
    runtime.show("Adopted the state. `plancast plan` shows what differs.")
    return ExitCode.DONE


def _place(name: str, runtime: Runtime) -> str:
    """The ref, or the folder, that is meant. Raises Stop."""
    if runtime.settings.state.backend == "git":
        if not is_state_ref(name):
            hint = "Name it in full, such as `refs/plancast/state`."
            raise Stop([problem("PC627", f"{name!r} is no ref for a state", hint=hint)])
        return name
    own = runtime.root / ".plancast"
    if runtime.path(name).absolute() not in {own, own / "state.json"}:
        detail = f"a local state is adopted where it is used, in {own}"
        hint = "Move its folder there, then run `plancast state adopt .plancast`."
        raise Stop([problem("PC627", detail, hint=hint)])
    return str(own)


def _must_fit(state: State, place: str, runtime: Runtime) -> None:
    """Raise Stop if there is none, or it is that of a living workspace or about another queue."""
    if state.is_new:
        raise Stop([problem("PC627", f"{place} holds no state that owns anything")])
    if runtime.stands(place, state):
        whose = f"that of {state.workspace.shown}" if state.workspace else "that of its folder"
        detail = f"{place} is {whose}, and that workspace is still there"
        hint = (
            "The next plan would destroy its posts. Give this workspace a state of its own: name "
            "another ref in `state:`. If the other one is to go, commit that first."
        )
        raise Stop([problem("PC627", detail, hint=hint)])
    here = Identity(environment=environment(runtime.settings.provider))
    if state.workspace and not is_one_queue(here, state.workspace):
        detail = f"it is about {state.workspace.environment}, not about {here.environment}"
        raise Stop([problem("PC623", detail)], ExitCode.REFUSED)


def _described(state: State, place: str, runtime: Runtime) -> str:
    from plancast.views.words import count  # noqa: PLC0415

    asked = sum(1 for address in state.resources if runtime.asks_for(address))
    whose = f"is that of {state.workspace.shown}" if state.workspace else "does not say whose it is"
    owned = count(len(state.resources), "entry")
    return f"{place} {whose}. It owns {owned}, {asked} of them asked for here."
