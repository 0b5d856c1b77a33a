"""`plancast status`: what became of every post."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from plancast.commands.owning import owned
from plancast.commands.planning import (
    ask,
    checked_files,
    must_speak,
    selected,
    survey,
    watched,
)
from plancast.core.codec import time_to_text
from plancast.core.exits import ExitCode
from plancast.core.status import StatusRow, standings
from plancast.workflow.observe import observe

if TYPE_CHECKING:
    from plancast.runtime import Runtime
    from plancast.views.options import ViewOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class Args:
    """The arguments of `status`."""

    address: str | None = None
    format_name: str = "human"


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
    )
    if args.address is not None:
        rows = tuple(row for row in rows if str(row.address) == args.address)
    runtime.show(_shown(rows, args.format_name, runtime.options(seen.read_at)))
    trouble = any(row.standing.is_trouble for row in rows)
    return ExitCode.ERROR if trouble else ExitCode.DONE


def _shown(rows: Sequence[StatusRow], form: str, options: ViewOptions) -> str:
    from plancast.views import markdown, status  # noqa: PLC0415
    from plancast.views.paint import to_json  # noqa: PLC0415

    if form == "json":
        return to_json([_plain(row) for row in rows], indent=2)
    if form == "markdown":
        return markdown.render_status(rows, options)
    return status.render_status(rows, options)


def _plain(row: StatusRow) -> dict[str, object]:
    return {
        "address": str(row.address),
        "status": row.standing.value,
        "when": time_to_text(row.when),
        "link": row.link,
        "detail": row.detail,
    }
