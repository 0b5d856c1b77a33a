"""The command `plancast status`: show what became of every post."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from plancast.codec import time_to_text
from plancast.commands._shared.checked_posts import Asked, ask_live, checked_files
from plancast.commands._shared.flags import formats, invoke, no_cache, online
from plancast.commands._shared.media_check import media_problems
from plancast.commands._shared.plan_session import (
    Look,
    Scope,
    decide,
    must_speak,
    selected,
    survey,
    watched,
)
from plancast.commands._shared.state_access import owned_by
from plancast.engine.observer import observe
from plancast.model.diagnostics import Diagnostic, has_errors
from plancast.model.entry import Address
from plancast.model.exit_codes import ExitCode, Stop
from plancast.model.plan import Plan
from plancast.model.ports import Provider
from plancast.model.state import Operation, State
from plancast.model.workspace import OnDrift
from plancast.reconcile.status import Standing, StatusRow, standings
from plancast.reconcile.targets import is_target

if TYPE_CHECKING:
    from plancast.app.context import Runtime
    from plancast.content.loader import Loaded
    from plancast.render.options import ViewOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class Args:
    """The arguments of `status`. Without `patterns`, every post."""

    patterns: tuple[str, ...] = ()
    format_name: str = "human"
    online: bool = False
    online_forks: bool = False
    no_cache: bool = False


@click.command("status")
@click.argument("patterns", metavar="[ADDRESS|ID|GLOB]...", nargs=-1)
@formats("status")
@online
@no_cache
@click.pass_context
def command(context: click.Context, /, **flags: Any) -> None:
    """Show what became of every post. Exit 1 if something is wrong."""
    invoke(context, Args, run, flags)


def run(args: Args, runtime: Runtime) -> ExitCode:
    """Read queues and sent lists; exit 1 if an entry failed, is missing or is overdue."""
    runtime = runtime.for_preview(no_cache=args.no_cache)
    loaded = checked_files(runtime)
    connected = runtime.connect()
    state = runtime.state()
    must_speak(connected.provider, state)
    if args.patterns:
        owned_by(state, args.patterns, globs=True)
    surveyed = survey(connected.provider)
    profiles, _ = selected(loaded, surveyed)
    asked = ask_live(loaded, connected.provider, profiles)
    around = watched(profiles, surveyed, state)
    seen = observe(
        connected.provider, connected.clock, state, asked.desired, around, history=asked.history
    )
    # Calls of an earlier run without an outcome: their entries may or may not be in the queue.
    unknown = [address for intent in state.intents.values() for address in intent.addresses]
    all_rows = standings(
        state.resources.values(),
        seen.live,
        seen.read_at,
        {wanted.address: wanted.zone for wanted in asked.desired},
        unknown,
        kept={item.address for item in asked.desired if item.on_drift is OnDrift.KEEP},
        to_complete=_to_complete(asked, state, seen.read_at),
        title=connected.provider.title,
    )
    rows = tuple(row for row in all_rows if is_target(str(row.address), args.patterns))
    # The plan for "not applied yet" uses what was read already, so it costs no request.
    scope = Scope(targets=args.patterns)
    plan = _plan(loaded, connected.provider, state, Look(surveyed, asked, seen), scope)
    shown = _shown(rows, plan, args.format_name, runtime.options(seen.read_at))
    runtime.console.show(shown)
    media: tuple[Diagnostic, ...] = ()
    if args.online or args.online_forks:
        pending = _still_to_go_out(asked, all_rows, args.patterns)
        media = media_problems(runtime, pending, seen.read_at, forks=args.online_forks)
        runtime.console.problems(media)
    trouble = any(row.standing.is_trouble for row in rows) or has_errors(media)
    return ExitCode.ERROR if trouble else ExitCode.DONE


def _to_complete(asked: Asked, state: State, now: datetime) -> frozenset[Address]:
    """Return the addresses of approved creates that the network has not refused and are in time."""
    approved = {
        one.address
        for one in state.approved.values()
        if one.kind is Operation.CREATE and not one.refused
    }
    in_time = {
        item.address
        for item in asked.desired
        if item.entry.due_at is None or item.entry.due_at > now
    }
    return frozenset(approved & in_time)


def _still_to_go_out(asked: Asked, rows: Sequence[StatusRow], patterns: Sequence[str]) -> Asked:
    """Return what is asked for by these patterns, without the posts that went out."""
    sent = {row.address for row in rows if row.standing is Standing.PUBLISHED}
    desired = (item for item in asked.desired if item.address not in sent)
    return replace(
        asked, desired=tuple(item for item in desired if is_target(str(item.address), patterns))
    )


def _plan(
    loaded: Loaded, provider: Provider, state: State, looked: Look, scope: Scope
) -> Plan | None:
    """Return the plan of what the files still ask for; None if it cannot be made.

    `status` is about what is there, so errors in the files do not end it.
    """
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
