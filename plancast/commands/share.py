"""The command `plancast share`: send one owned entry now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from plancast.commands._shared.flags import approve, invoke
from plancast.commands._shared.plan_session import must_speak
from plancast.commands._shared.state_access import holding, owned_by, show_entries
from plancast.model.diagnostics import problem
from plancast.model.exit_codes import ExitCode, Stop
from plancast.model.ports import NotFound, OutcomeUnknown
from plancast.model.state import Binding, BindingStatus

if TYPE_CHECKING:
    from plancast.app.context import Runtime
    from plancast.model.ports import Provider


@dataclass(frozen=True, slots=True, kw_only=True)
class Args:
    """The arguments of `share`."""

    pattern: str
    auto_approve: bool = False


@click.command("share")
@click.argument("pattern", metavar="ADDRESS|ID")
@approve
@click.pass_context
def command(context: click.Context, /, **flags: Any) -> None:
    """Send one entry now.

    The id of a post sends it on all of its profiles.
    """
    invoke(context, Args, run, flags)


def run(args: Args, runtime: Runtime) -> ExitCode:
    """Ask, then send the entry. The state is not changed: the next plan sees that it went out.

    A call whose answer is lost is never repeated, since that could publish the post twice: the next
    `plancast status` shows whether it went out. Raises Stop if publishing is paused, or if the
    entry is not owned, was published already, or is gone.
    """
    if not args.auto_approve:
        runtime.console.must_be_able_to_ask()
    if runtime.loaded.workspace.policy.paused:
        raise Stop([problem("PC707", args.pattern)], ExitCode.REFUSED)
    connected = runtime.connect()
    with holding(runtime.stores, runtime.system_clock, "share") as tenure:
        state = tenure.state()
        # Ids of another API could name another post.
        must_speak(connected.provider, state)
        bindings = owned_by(state, [args.pattern])
        out = [one for one in bindings if one.status is BindingStatus.PUBLISHED]
        if out:
            detail = [problem("PC809", f"{one.address} was published already") for one in out]
            raise Stop(detail)
        if not args.auto_approve:
            show_entries(bindings, runtime)
            what = bindings[0].address if len(bindings) == 1 else f"{len(bindings)} entries"
            if not runtime.console.confirm(f"Send {what} now, to everybody?"):
                runtime.console.say("Nothing was done.")
                return ExitCode.ERROR
        for binding in bindings:
            _send(binding, connected.provider)
            runtime.console.show_name(f"{binding.address} is on its way.")
    return ExitCode.DONE


def _send(binding: Binding, provider: Provider) -> None:
    """Send an entry. Raises Stop if it is gone, or if it is unknown whether it was sent."""
    try:
        provider.share(binding.remote_id)
    except NotFound:
        detail = f"{binding.address} is not in the queue any more"
        raise Stop([problem("PC903", detail, hint="See `plancast status`.")]) from None
    # Never try again: the post may be out already.
    except OutcomeUnknown as error:
        hint = "See `plancast status` before you try again."
        raise Stop([problem("PC904", str(error), hint=hint)], ExitCode.UNKNOWN) from None
