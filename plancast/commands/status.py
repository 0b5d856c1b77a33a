"""`plancast status`: what became of every post."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from plancast.codec import time_to_text
from plancast.commands._shared.flags import formats, invoke
from plancast.commands._shared.plan_session import (
    Look,
    Scope,
    ask,
    checked_files,
    decide,
    must_speak,
    selected,
    survey,
    watched,
)
from plancast.commands._shared.state_access import owned
from plancast.engine.observer import observe
from plancast.model.diagnostics import has_errors
from plancast.model.exit_codes import ExitCode, Stop
from plancast.model.plan import Plan
from plancast.model.ports import Provider
from plancast.model.state import State
from plancast.reconcile.status import StatusRow, standings

if TYPE_CHECKING:
    from plancast.app.context import Runtime
    from plancast.content.loader import Loaded
    from plancast.render.options import ViewOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class Args:
    """The arguments of `status`."""

    address: str | None = None
    format_name: str = "human"


@click.command("status")
@click.argument("address", required=False)
@formats("status")
@click.pass_context
def command(context: click.Context, /, **flags: Any) -> None:
    """Show what became of every post. Exit 1 if something is wrong."""
    invoke(context, Args, run, flags)


def run(args: Args, runtime: Runtime) -> ExitCode:
    """Read the queues and what was sent; exit 1 where anything failed, is missing or overdue."""
    loaded = checked_files(runtime)
    connected = runtime.connect()
    state = runtime.state()
    must_speak(connected.provider, state)
    if args.address is not None:
        owned(state, args.address)
    found = survey(connected.provider)
    profiles, _ = selected(loaded, found)
    asked = ask(loaded, profiles)
    around = watched(profiles, found, state)
    seen = observe(
        connected.provider, connected.clock, state, asked.desired, around, history=asked.history
    )
    unknown = [address for intent in state.intents.values() for address in intent.addresses]
    rows = standings(
        state.resources.values(),
        seen.live,
        seen.read_at,
        {item.address: item.zone for item in asked.desired},
        unknown,
        title=connected.provider.title,
    )
    if args.address is not None:
        rows = tuple(row for row in rows if str(row.address) == args.address)
    # Only what was looked at already is used: it costs no request.
    scope = Scope(targets=(args.address,) if args.address is not None else ())
    plan = _plan(loaded, connected.provider, state, Look(found, asked, seen), scope)
    shown = _shown(rows, plan, args.format_name, runtime.options(seen.read_at))
    runtime.console.show(shown)
    trouble = any(row.standing.is_trouble for row in rows)
    return ExitCode.ERROR if trouble else ExitCode.DONE


def _plan(
    loaded: Loaded, provider: Provider, state: State, looked: Look, scope: Scope
) -> Plan | None:
    """Return what the files ask for beside what is there; None if that cannot be planned."""
    if has_errors(looked.asked.diagnostics):
        return None
    try:
        return decide(loaded, provider, state, looked, scope).plan
    except Stop:
        return None


def _shown(rows: Sequence[StatusRow], plan: Plan | None, form: str, options: ViewOptions) -> str:
    from plancast.render import markdown  # noqa: PLC0415
    from plancast.render.summary_text import not_applied  # noqa: PLC0415
    from plancast.render.terminal import status  # noqa: PLC0415
    from plancast.render.terminal.style import to_json  # noqa: PLC0415

    if form == "json":
        return to_json([_plain(row) for row in rows], indent=2)
    if form == "markdown":
        return markdown.render_status(rows, options, not_applied(plan))
    return status.render_status(rows, options, not_applied(plan))


def _plain(row: StatusRow) -> dict[str, object]:
    return {
        "address": str(row.address),
        "status": row.standing.value,
        "when": time_to_text(row.when),
        "link": row.link,
        "detail": row.detail,
    }
