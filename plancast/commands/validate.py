"""`plancast validate`: everything that can be known of the files without a network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from plancast.commands.planning import Asked, ask, assumed
from plancast.core.diagnostics import Diagnostic, has_errors
from plancast.core.exits import ExitCode

if TYPE_CHECKING:
    from plancast.runtime import Runtime


@dataclass(frozen=True, slots=True, kw_only=True)
class Args:
    """The flags of `validate`."""

    format_name: str = "human"


def run(args: Args, runtime: Runtime) -> ExitCode:
    """Show every problem, or say that there is none."""
    loaded = runtime.loaded
    asked = ask(loaded, assumed(loaded))
    if args.format_name == "human":
        runtime.problems(asked.diagnostics)
        if not has_errors(asked.diagnostics):
            runtime.show(_praise(asked, len(loaded.posts)))
    elif args.format_name == "github":
        from plancast.views.annotations import render_github  # noqa: PLC0415

        runtime.command_runner(render_github(asked.diagnostics, runtime.inside))
    else:
        runtime.show(_for_machines(args.format_name, asked.diagnostics, runtime.inside))
    return ExitCode.ERROR if has_errors(asked.diagnostics) else ExitCode.DONE


def _for_machines(name: str, found: tuple[Diagnostic, ...], inside: str) -> str:
    from plancast import __version__  # noqa: PLC0415
    from plancast.views.annotations import render_sarif  # noqa: PLC0415
    from plancast.views.diagnostics import diagnostics_to_json  # noqa: PLC0415

    if name == "sarif":
        return render_sarif(found, __version__, inside)
    return diagnostics_to_json(found)


def _praise(asked: Asked, posts: int) -> str:
    from plancast.views.words import count  # noqa: PLC0415

    profiles = len({item.address.profile for item in asked.desired})
    entries = count(len(asked.desired), "entry")
    return f"Valid: {count(posts, 'post')}, {entries} on {count(profiles, 'profile')}."
