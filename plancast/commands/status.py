"""`plancast status`: what became of every post."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from plancast.commands.owning import owned
from plancast.commands.planning import ask, checked_files, selected, survey, watched
from plancast.core.codec import time_to_text
from plancast.core.exits import ExitCode
from plancast.core.status import StatusRow, standings
from plancast.workflow.observe import observe

if TYPE_CHECKING:
    from plancast.runtime import Runtime


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
    if args.address is not None:
        owned(state, args.address)
    found = survey(connected.provider)
    profiles, _ = selected(loaded, found)
    desired = ask(loaded, profiles).desired
    seen = observe(
        connected.provider, connected.clock, state, desired, watched(profiles, found, state)
    )
    unknown = [address for intent in state.intents.values() for address in intent.addresses]
    rows = standings(
        state.resources.values(),
        seen.live,
        seen.read_at,
        {item.address: item.zone for item in desired},
        unknown,
    )
    if args.address is not None:
        rows = tuple(row for row in rows if str(row.address) == args.address)
    if args.format_name == "json":
        runtime.show(json.dumps([_plain(row) for row in rows], indent=2, ensure_ascii=False))
    else:
        from plancast.views.status import render_status  # noqa: PLC0415

        runtime.show(render_status(rows, runtime.options(seen.read_at)))
    trouble = any(row.standing.is_trouble for row in rows)
    return ExitCode.ERROR if trouble else ExitCode.DONE


def _plain(row: StatusRow) -> dict[str, object]:
    return {
        "address": str(row.address),
        "status": row.standing.value,
        "when": time_to_text(row.when),
        "link": row.link,
        "detail": row.detail,
    }
