"""The command `plancast comment`: show the plan, or its receipt, on the pull or merge request.

The comment is found again by a marker in its first line and edited in place. Marks below
it stand for the changes that it shows: merging the request approves these, see `reviewed`.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_from_bytes

import click

from plancast.codec.apply_log import Record, is_whole, outcomes, read_record
from plancast.commands._shared.checked_posts import ask_offline
from plancast.commands._shared.flags import invoke
from plancast.commands._shared.forge_session import at_forge, key_of, request_name, setting_of
from plancast.files.refusals import link_problem, unwritable
from plancast.forges import Done, Forge, ForgeError, Put, ReviewRequest, Trouble, newest, put
from plancast.model.diagnostics import Diagnostic, problem
from plancast.model.exit_codes import ExitCode, Stop
from plancast.model.plan import Plan
from plancast.providers import registry
from plancast.reconcile.approvals import Marker, marks_in_line, marks_line, pending, plan_id

if TYPE_CHECKING:
    from plancast.app.context import Runtime
    from plancast.files.named_file import NamedFile
    from plancast.render.options import ViewOptions

MAX_RECORD = 256 * 1024 * 1024
"""Bytes of a record that are read: more than the events of an apply of 100,000 changes."""

_DONE = {
    Done.CREATED: "Commented on {}.",
    Done.EDITED: "Edited the comment on {}.",
    Done.UNCHANGED: "The comment on {} reads like this already.",
}
_TOO_LATE = "**The {} was merged before this was shown, so nothing of it is approved.**"
_READ_ONLY = (Trouble.NO_TOKEN, Trouble.REFUSED, Trouble.FORBIDDEN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Args:
    """The flags of `comment`: a saved plan, the events of its apply, and a file to append to."""

    plan_file: str | None = None
    events: str | None = None
    also: str | None = None


@click.command("comment")
@click.argument("plan_file", metavar="[PLAN]", required=False, type=click.Path())
@click.option(
    "--events",
    metavar="FILE",
    type=click.Path(dir_okay=False),
    help="What `apply --json-into` wrote: the comment becomes the receipt.",
)
@click.option(
    "--also",
    metavar="FILE",
    type=click.Path(dir_okay=False),
    help="Append what it says to this file as well, such as the summary of the run.",
)
@click.pass_context
def command(context: click.Context, /, **flags: Any) -> None:
    """Put the plan on the pull or merge request, as one comment that is edited in place.

    PLAN is a file that `plan -o` saved. If it is missing, the comment says what is wrong with
    the files. Runs in the CI of GitHub and GitLab, with GITHUB_TOKEN or GITLAB_TOKEN.
    """
    invoke(context, Args, run, flags)


def run(args: Args, runtime: Runtime) -> ExitCode:
    """Render the comment and put it on the request that this run is about, if there is one.

    The view is appended to `--also` in any case, so that a run without a request shows it too.
    """
    plan = _plan(args, runtime)
    with at_forge(runtime) as forge:
        marker = Marker(key_of(runtime), plan_id(plan) if plan else "", forge.revision)
        request = forge.request()
        marks = _marks(plan, args, runtime, forge, request)
        # The marker comes first: it is how a later run finds this comment.
        head = "\n".join(filter(None, (str(marker), marks)))
        view, is_whole = _view(plan, args, runtime, forge, len(head) + 2)
        if not (is_whole or args.events):
            head = str(marker)  # what is not shown is not approved
        # Before the comment is put, so that the summary has the plan even if that fails.
        if args.also:
            _append(view, args.also, runtime)
        if request is None:
            runtime.console.say(
                f"This run is about no {forge.noun}: there is nothing to comment on."
            )
            return ExitCode.DONE
        try:
            # A request that changes no post stays without a comment, but an old one is corrected.
            if _is_no_news(plan, args) and newest(forge.comments(request), marker.key) is None:
                runtime.console.say(f"{forge.noun.capitalize()} {request.number} changes no post.")
                return ExitCode.DONE
            is_asked = plan is not None and not args.events
            if is_asked and not forge.is_open(request):
                runtime.console.say(_of_what_is_over(forge, request))
                return ExitCode.DONE
            body = f"{head}\n\n{view}"
            done = put(forge, request, marker.key, body, runtime.system_clock)
            if is_asked and not forge.is_open(request):
                # A person merged it while this comment was being written, so before reading it.
                # Approve of nothing, or the merge would count for what was never seen.
                late = _without_marks(marker, view, forge)
                done = put(forge, request, marker.key, late, runtime.system_clock)
                runtime.console.say(_of_what_is_over(forge, request))
        except ForgeError as error:
            if not (request.foreign and error.trouble in _READ_ONLY):
                raise
            runtime.console.say(_of_a_fork(forge, request))
            return ExitCode.DONE
    _report_comment(done, forge, request, runtime)
    return ExitCode.DONE


def _marks(
    plan: Plan | None, args: Args, runtime: Runtime, forge: Forge, request: ReviewRequest | None
) -> str:
    """Return the line of marks, one for each change that merging the request approves.

    A receipt shows no plan, so it keeps the marks that the comment had: the person who merged had
    read that plan.
    """
    if plan is None or request is None:
        return ""
    if args.events is not None:
        comments = newest(forge.comments(request), key_of(runtime))
        return marks_in_line(comments[0].body) if comments else ""
    return marks_line(pending(plan.changes), setting_of(runtime)(request_name(forge, request)))


def _plan(args: Args, runtime: Runtime) -> Plan | None:
    if args.plan_file is None:
        if args.events is not None:
            raise Stop([problem("PC608", "--events tells how a plan ended: name the plan as well")])
        return None
    from plancast.store.plan_file import load  # noqa: PLC0415

    return load(runtime.named(args.plan_file))


def _is_no_news(plan: Plan | None, args: Args) -> bool:
    """Return whether there is nothing to comment: a plan, no receipt, that changes no post."""
    is_news = plan is None or plan.has_changes or pending(plan.changes) or not plan.can_apply
    return not (args.events or is_news)


def _append(view: str, name: str, runtime: Runtime) -> None:
    try:
        with runtime.named(name).append() as file:
            file.write(view.encode())
    except OSError as error:
        raise Stop([unwritable(name, error)]) from error


# -- the text of the comment ------------------------------------------------------------------


def _view(
    plan: Plan | None, args: Args, runtime: Runtime, forge: Forge, head_length: int
) -> tuple[str, bool]:
    """Render the text below the marker and the marks, which take `head_length` characters.

    Also return whether it shows every change of a plan; if not, the comment must approve nothing.
    """
    from plancast.render.markdown import (  # noqa: PLC0415
        render_problems,
        render_receipt,
        show_plan,
    )

    now = plan.generated_at if plan else runtime.system_clock.now()
    options = _options(runtime, forge, now, forge.limit - head_length)
    if plan is not None:
        # A saved plan may be about another provider than plancast.yaml names by now.
        options = replace(options, title=registry.title(plan.provider))
    if plan is None:
        return render_problems(_problems(runtime), options), False
    if args.events is None:
        shown = show_plan(plan, options)
        return shown.text, shown.is_whole
    record = _record(runtime.named(args.events))
    # The apply was killed, or its disk was full: changes without an event count as not attempted.
    if not is_whole(record):
        missing = "it has no end" if record else "it cannot be read"
        runtime.console.problems([problem("PC829", f"{args.events}: {missing}")])
    resumes_at = record.resumes_at if record else None
    return render_receipt(plan, outcomes(plan, record), options, resumes_at), False


def _options(runtime: Runtime, forge: Forge, now: datetime, limit: int) -> ViewOptions:
    """Return the options of the view; times are in UTC if plancast.yaml cannot be read."""
    try:
        zone = runtime.settings.timezone
    except Stop:
        zone = "UTC"
    options = runtime.options(now, zone, registry.DEFAULT.name)
    options = replace(options, limit=limit, revision=forge.revision, run=forge.run)
    return replace(options, files=_files(forge, runtime)) if forge.files else options


def _files(forge: Forge, runtime: Runtime) -> str:
    """Return the web address at which the forge shows the workspace's files, "" if unknown."""
    try:
        inside = os.fsencode(runtime.inside)
    except Stop:
        return ""
    return f"{forge.files}/{quote_from_bytes(inside)}".rstrip("/")


def _problems(runtime: Runtime) -> Sequence[Diagnostic]:
    """Return the diagnostics that `validate` shows."""
    try:
        loaded = runtime.loaded
    except Stop as stop:
        return stop.diagnostics
    return ask_offline(loaded).diagnostics


def _record(file: NamedFile) -> Record | None:
    """Read the events of the apply; None if the file cannot be read. Raises Stop for a link."""
    try:
        raw = file.read(MAX_RECORD)
    except OSError as error:
        if refused := link_problem(error):
            raise Stop([refused]) from error
        return None
    return read_record(raw.decode("utf-8", "replace"))


# -- messages ---------------------------------------------------------------------------------


def _report_comment(done: Put, forge: Forge, request: ReviewRequest, runtime: Runtime) -> None:
    runtime.console.show_name(done.comment.url)
    runtime.console.say(_DONE[done.done].format(f"{forge.noun} {request.number}"))


def _without_marks(marker: Marker, view: str, forge: Forge) -> str:
    """Return the body of a comment that approves of nothing, and says so if there is room."""
    body = f"{marker}\n\n{_TOO_LATE.format(forge.noun)}\n\n{view}"
    return body if len(body) <= forge.limit else f"{marker}\n\n{view}"


def _of_what_is_over(forge: Forge, request: ReviewRequest) -> str:
    return (
        f"The {forge.noun} {request.number} was merged or closed before it could show this plan, "
        "so nothing of it is approved."
    )


def _of_a_fork(forge: Forge, request: ReviewRequest) -> str:
    return (
        f"The {forge.noun} {request.number} comes from a fork, and its runs have no token that may "
        "comment. The preview is in what this run keeps."
    )
