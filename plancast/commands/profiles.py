"""The command `plancast profiles`: list the connected accounts, and how to select them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from plancast.codec.entries import profile_to_dict
from plancast.commands._shared.flags import formats, invoke
from plancast.model.diagnostics import problem
from plancast.model.exit_codes import ExitCode, Stop
from plancast.model.ports import NotFound, Provider
from plancast.model.profile import Profile
from plancast.networks.profile_health import remarks

if TYPE_CHECKING:
    from plancast.app.context import Runtime


@dataclass(frozen=True, slots=True, kw_only=True)
class Args:
    """The argument and the flags of `profiles`. `name` is an alias or an id."""

    name: str | None = None
    format_name: str = "human"


@click.command("profiles")
@click.argument("name", metavar="[ALIAS|ID]", required=False)
@formats("profiles")
@click.pass_context
def command(context: click.Context, /, **flags: Any) -> None:
    """List the connected accounts, and how to select them.

    With an alias or an id: only that one.
    """
    invoke(context, Args, run, flags)


def run(args: Args, runtime: Runtime) -> ExitCode:
    """Show one line for each profile, with its alias in the workspace; then the boards."""
    from plancast.reconcile.selectors import bind  # noqa: PLC0415

    provider = runtime.connect().provider
    live = provider.profiles() if args.name is None else (_one(args.name, runtime, provider),)
    bound = bind(runtime.loaded.workspace.profiles, live, provider.title)
    aliases = {profile.id: alias for alias, profile in bound.profiles.items()}
    if args.format_name == "json":
        plain = [{"alias": aliases.get(profile.id), **profile_to_dict(profile)} for profile in live]
        runtime.console.show_json(plain)
        return ExitCode.DONE
    from plancast.render.terminal.tables import render_table  # noqa: PLC0415

    def show(headers: Sequence[str], cells: Sequence[Sequence[str]]) -> None:
        table = render_table(
            headers, cells, color=runtime.console.color, width=runtime.console.width, whole=True
        )
        runtime.console.show(table)

    headers = ("ALIAS", "SERVICE", "NAME", "TIME ZONE", "SELECT BY")
    show(
        headers,
        [_cells(profile, aliases.get(profile.id, ""), provider.title) for profile in live],
    )
    # Only networks such as Pinterest have boards; the others add no rows.
    boards = [
        (aliases.get(profile.id, profile.label), board.name or "(not told)", board.id)
        for profile in live
        for board in profile.boards
    ]
    if boards:
        runtime.console.show("")
        show(("PROFILE", "BOARD", "ID"), boards)
    if args.name is None and (organization := provider.account().organization):
        runtime.console.say(f"Organization: {organization}")
    return ExitCode.DONE


def _one(name: str, runtime: Runtime, provider: Provider) -> Profile:
    """Return the profile with this alias or id. Raises Stop if there is none.

    Costs one request if the id is known, else two.
    """
    selector = runtime.loaded.workspace.selector(name)
    try:
        # One profile is read by its id. A selector by name can only be matched against all of them.
        if selector is None or selector.id:
            return provider.profile(selector.id if selector else name)
    except NotFound:
        detail = f"{name} is neither an alias of plancast.yaml nor the id of a profile"
        raise Stop([problem("PC303", detail)]) from None
    from plancast.reconcile.selectors import bind  # noqa: PLC0415

    bound = bind((selector,), provider.profiles(), provider.title)
    if name not in bound.profiles:
        raise Stop(runtime.loaded.locate(bound.diagnostics))
    return bound.profiles[name]


def _cells(profile: Profile, alias: str, title: str) -> tuple[str, ...]:
    words = ", ".join(remark.word for remark in remarks(profile, title))
    name = profile.username or "(not told)"
    shown = f"{name} ({words})" if words else name
    return (alias or "-", profile.service, shown, profile.timezone, f"{{id: {profile.id}}}")
