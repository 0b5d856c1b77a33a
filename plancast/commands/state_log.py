"""`plancast state log`: who changed the state and when, where the store keeps that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from plancast.core.codec import time_to_text
from plancast.core.diagnostics import problem
from plancast.core.exits import ExitCode, Stop

if TYPE_CHECKING:
    from plancast.runtime import Runtime


@dataclass(frozen=True, slots=True, kw_only=True)
class Args:
    """The flags of `state log`."""

    limit: int = 20
    format_name: str = "human"


def run(args: Args, runtime: Runtime) -> ExitCode:
    """One line a write, newest first. Raises Stop where the state has no history."""
    from plancast.views.tables import render_table  # noqa: PLC0415
    from plancast.views.words import local  # noqa: PLC0415

    if runtime.history is None:
        raise Stop([problem("PC613")])
    history = runtime.history(args.limit)
    if args.format_name == "json":
        plain = [
            {
                "commit": step.id,
                "at": time_to_text(step.at) if step.at else None,
                "who": step.who,
                "what": step.what,
            }
            for step in history
        ]
        runtime.show_json(plain)
        return ExitCode.DONE
    zone = runtime.settings.timezone
    cells = [
        (local(step.at, zone) if step.at else "unknown", step.id[:10], step.who, step.what)
        for step in history
    ]
    if cells:
        headers = ("WHEN", "COMMIT", "WHO", "WHAT")
        runtime.show(
            render_table(headers, cells, color=runtime.color, width=runtime.width, whole=True)
        )
    else:
        runtime.say("Nothing was written yet.")
    return ExitCode.DONE
