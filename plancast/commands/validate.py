"""The command `plancast validate`: check everything about the files that needs no network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass, replace
from typing import TYPE_CHECKING, Any

import click

from plancast.commands._shared.checked_posts import ask_offline, note_skipped
from plancast.commands._shared.flags import formats, invoke, no_cache, online
from plancast.commands._shared.named_workspaces import WorkspacePart, choose, renamed
from plancast.model.diagnostics import Diagnostic, Pointer, has_errors, in_order
from plancast.model.exit_codes import ExitCode

if TYPE_CHECKING:
    from plancast.app.context import Runtime
    from plancast.commands._shared.valid_before import Glance


@dataclass(frozen=True, slots=True, kw_only=True)
class Args:
    """The arguments of `validate`. Without `paths`, the workspace of the current folder."""

    paths: tuple[str, ...] = ()
    format_name: str = "human"
    online: bool = False
    online_forks: bool = False
    no_cache: bool = False


@click.command("validate")
@click.argument("paths", metavar="[FILE...]", nargs=-1, type=click.Path())
@formats("validate")
@online
@no_cache
@click.pass_context
def command(context: click.Context, /, **flags: Any) -> None:
    """Check the files. Needs no token, and no network without --online.

    With FILE, the workspaces that these files and folders belong to, each as a whole, wherever they
    lie. Files that belong to no workspace are left alone, so that a hook can name everything that
    changed.
    """
    invoke(context, Args, run, flags)


@dataclass(frozen=True, slots=True)
class _Checked:
    """The result for one workspace: its problems, its files, and in words how much is in it."""

    part: WorkspacePart
    problems: tuple[Diagnostic, ...]
    files: frozenset[str]
    counts: str


def run(args: Args, runtime: Runtime) -> ExitCode:
    """Check each workspace as a whole; show every problem, or say that there is none."""
    runtime = runtime.for_preview(no_cache=args.no_cache)
    chosen = choose(args.paths, runtime)
    chosen.note_foreign(runtime)
    checked = [_check(part, args) for part in chosen.parts]
    _report(args.format_name, checked, chosen.missing, runtime)
    problems = [problem for workspace in checked for problem in workspace.problems]
    return ExitCode.ERROR if has_errors((*problems, *chosen.missing)) else ExitCode.DONE


def _check(part: WorkspacePart, args: Args) -> _Checked:
    is_online = args.online or args.online_forks
    seen: Glance | None = None
    if part.runtime.rows is not None and not (is_online or part.runtime.console.verbose):
        from plancast.commands._shared.valid_before import glance  # noqa: PLC0415

        seen = glance(part.runtime)
        if seen is not None and seen.counts is not None:
            return _Checked(part, seen.remarks, seen.files, _in_words(*astuple(seen.counts)))
    loaded = part.runtime.loaded
    note_skipped(part.runtime)
    asked = ask_offline(loaded, part.runtime.remembered_profiles())
    if seen is not None:
        seen.keep(loaded, asked)
    profiles = len({entry.address.profile for entry in asked.desired})
    counts = _in_words(len(loaded.posts), len(asked.desired), profiles)
    problems = asked.diagnostics
    if is_online:
        from plancast.commands._shared.media_check import media_problems  # noqa: PLC0415

        now = part.runtime.system_clock.now()
        found = media_problems(part.runtime, asked, now, forks=args.online_forks)
        problems = in_order((*problems, *found))
    return _Checked(part, problems, frozenset(loaded.texts), counts)


def _in_words(posts: int, entries: int, profiles: int) -> str:
    from plancast.render.text import count  # noqa: PLC0415

    return f"{count(posts, 'post')}, {count(entries, 'entry')} on {count(profiles, 'profile')}"


def _report(
    form: str, checked: Sequence[_Checked], missing: Sequence[Diagnostic], runtime: Runtime
) -> None:
    if form in ("github", "sarif"):
        _report_to_forge(
            form,
            [diagnostic for workspace in checked for diagnostic in _from_the_top(workspace)],
            runtime,
        )
        # A name that does not exist has no line in the checkout, so no annotation can carry it.
        runtime.console.problems(missing)
        return
    diagnostics = [
        diagnostic
        for workspace in checked
        for diagnostic in workspace.part.seen(workspace.problems, workspace.files)
    ]
    diagnostics.extend(missing)
    if form == "json":
        from plancast.render.terminal.problems import diagnostics_to_json  # noqa: PLC0415

        runtime.console.show(diagnostics_to_json(diagnostics))
        return
    runtime.console.problems(diagnostics)
    for workspace in checked:
        if not has_errors(workspace.problems):
            where = f" ({workspace.part.title})" if len(checked) > 1 else ""
            runtime.console.show_done(f"Valid{where}: {workspace.counts}.")
    if not checked and not missing:
        runtime.console.say("No workspace to check.")


def _report_to_forge(form: str, found: Sequence[Diagnostic], runtime: Runtime) -> None:
    from plancast.render.annotations import render_github, render_sarif  # noqa: PLC0415

    if form == "github":
        runtime.console.command_runner(render_github(found))
    else:
        from plancast import __version__  # noqa: PLC0415

        runtime.console.show(render_sarif(found, __version__))


def _from_the_top(checked: _Checked) -> list[Diagnostic]:
    """Return the problems with files named as a forge names them: from the top of the checkout.

    A forge shows an annotation only at a file, so a problem without one gets plancast.yaml.
    """
    from plancast.content.file_names import WORKSPACE_FILE  # noqa: PLC0415

    inside = checked.part.runtime.inside

    def name(file: str) -> str:
        return f"{inside}/{file}" if inside else file

    return [
        renamed(
            problem
            if problem.at or problem.source
            else replace(problem, at=Pointer(WORKSPACE_FILE)),
            checked.files,
            name,
        )
        for problem in checked.problems
    ]
