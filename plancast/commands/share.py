"""The command `plancast share`: send one owned entry now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from plancast.commands._shared.flags import approve, invoke
from plancast.commands._shared.plan_session import must_speak
from plancast.commands._shared.state_access import holding, owned
from plancast.model.diagnostics import problem
from plancast.model.exit_codes import ExitCode, Stop
from plancast.model.ports import NotFound, OutcomeUnknown
from plancast.model.state import BindingStatus

if TYPE_CHECKING:
    from plancast.app.context import Runtime


@dataclass(frozen=True, slots=True, kw_only=True)
class Args:
    """The arguments of `share`."""

    address: str
    auto_approve: bool = False


@click.command("share")
@click.argument("address")
@approve
@click.pass_context
def command(context: click.Context, /, **flags: Any) -> None:
    """Send one entry now."""
    invoke(context, Args, run, flags)


def run(args: Args, runtime: Runtime) -> ExitCode:
    """Ask, then send the entry. The state is not changed: the next plan sees that it went out.

    A call whose answer is lost is never repeated, since that could publish the post twice: the next
    `plancast status` shows whether it went out. Raises Stop if publishing is paused, or if the
    entry is not owned, was published already, or is gone.
    """
    if runtime.loaded.workspace.policy.paused:
        raise Stop([problem("PC707", args.address)], ExitCode.REFUSED)
    connected = runtime.connect()
    with holding(runtime.stores, runtime.system_clock, "share") as tenure:
        state = tenure.state()
        # Ids of another API could name another post.
        must_speak(connected.provider, state)
        binding = owned(state, args.address)
        if binding.status is BindingStatus.PUBLISHED:
            raise Stop([problem("PC809", f"{args.address} was published already")])
        if not args.auto_approve and not runtime.console.confirm(
            f"Send {args.address} now, to everybody?"
        ):
            runtime.console.say("Nothing was done.")
            return ExitCode.ERROR
        try:
            connected.provider.share(binding.remote_id)
        except NotFound:
            detail = f"{args.address} is not in the queue any more"
            raise Stop([problem("PC903", detail, hint="See `plancast status`.")]) from None
        # Never try again: the post may be out already.
        except OutcomeUnknown as error:
            hint = "See `plancast status` before you try again."
            raise Stop([problem("PC904", str(error), hint=hint)], ExitCode.UNKNOWN) from None
    runtime.console.show_name(f"{args.address} is on its way.")
    return ExitCode.DONE
