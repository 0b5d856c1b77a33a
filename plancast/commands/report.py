"""The command `plancast report`: show the results of what was sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click

from plancast.codec import time_to_text
from plancast.commands._shared.flags import formats, invoke
from plancast.commands._shared.plan_session import selected, survey
from plancast.model.entry import LiveEntry
from plancast.model.exit_codes import ExitCode

if TYPE_CHECKING:
    from plancast.app.context import Runtime

TEXT = 60
"""Columns of the text that is shown for an entry without a link."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Args:
    """The flags of `report`. `days` is how far back the sent lists are read."""

    days: int = 30
    format_name: str = "human"


@click.command("report")
@click.option("--days", type=click.IntRange(1, 3650), default=30, show_default=True)
@formats("report")
@click.pass_context
def command(context: click.Context, /, **flags: Any) -> None:
    """Show the results of what was sent."""
    invoke(context, Args, run, flags)


@dataclass(frozen=True, slots=True)
class _Row:
    """One sent entry; `address` is empty if plancast did not make it."""

    alias: str
    address: str
    live: LiveEntry


def run(args: Args, runtime: Runtime) -> ExitCode:
    """Show everything that went out on the profiles of the workspace, newest first."""
    loaded = runtime.loaded
    connected = runtime.connect()
    profiles, _ = selected(loaded, survey(connected.provider))
    state = runtime.state()
    names = {binding.remote_id: str(binding.address) for binding in state.resources.values()}
    since = connected.clock.now() - timedelta(days=args.days)
    aliases = {profile.id: alias for alias, profile in profiles.items()}
    rows = [
        _Row(aliases[live.profile_id], names.get(live.id, ""), live)
        for live in connected.provider.sent(dict.fromkeys(aliases, since))
    ]
    rows.sort(key=lambda row: (row.live.sent_at or since, row.alias), reverse=True)
    if args.format_name == "json":
        runtime.console.show_json([_plain(row) for row in rows])
    elif rows:
        runtime.console.show(_table(rows, runtime))
    else:
        from plancast.render.text import count  # noqa: PLC0415

        runtime.console.say(f"Nothing went out in the last {count(args.days, 'day')}.")
    return ExitCode.DONE


def _plain(row: _Row) -> dict[str, object]:
    return {
        "profile": row.alias,
        "address": row.address or None,
        "id": row.live.id,
        "sent_at": time_to_text(row.live.sent_at),
        "text": row.live.entry.text,
        "link": row.live.link,
        "statistics": dict(row.live.statistics),
    }


def _table(rows: list[_Row], runtime: Runtime) -> str:
    from plancast.render.terminal.style import cut, one_line  # noqa: PLC0415
    from plancast.render.terminal.tables import render_table  # noqa: PLC0415
    from plancast.render.text import local  # noqa: PLC0415

    zone = runtime.loaded.workspace.timezone
    names = sorted({name for row in rows for name in row.live.statistics})
    cells = [
        (
            local(row.live.sent_at, zone) if row.live.sent_at else "-",
            row.address or f"(by hand)@{row.alias}",
            *(str(row.live.statistics.get(name, "-")) for name in names),
            # A part of a link leads nowhere, so only texts are cut.
            row.live.link or cut(one_line(row.live.entry.text), TEXT),
        )
        for row in rows
    ]
    headers = ("SENT", "ADDRESS", *(name.upper() for name in names), "LINK OR TEXT")
    return render_table(
        headers, cells, color=runtime.console.color, width=runtime.console.width, whole=True
    )
