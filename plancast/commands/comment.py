"""`plancast comment`: the plan, or what became of it, on the request that is reviewed."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import quote_from_bytes

from plancast.commands.planning import ask, assumed
from plancast.commands.reviewing import at_forge, key_of
from plancast.core.diagnostics import Diagnostic, problem
from plancast.core.exits import ExitCode, Stop
from plancast.core.plan import Plan
from plancast.core.record import Record, is_whole, outcomes, read_record
from plancast.core.reviewing import Marker, fingerprint, listing
from plancast.files.refusals import link_problem, unwritable
from plancast.forges import Done, Forge, ForgeError, Put, Request, Trouble, newest, put

if TYPE_CHECKING:
    from plancast.files.named import NamedFile
    from plancast.runtime import Runtime
    from plancast.views.options import ViewOptions

MAX_RECORD = 256 * 1024 * 1024
"""Bytes: more than what an apply of 100,000 changes tells."""

_DONE = {
    Done.CREATED: "Commented on {}.",
    Done.EDITED: "Edited the comment on {}.",
    Done.UNCHANGED: "The comment on {} reads like this already.",
}
_READ_ONLY = (Trouble.NO_TOKEN, Trouble.REFUSED, Trouble.FORBIDDEN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Args:
    """The flags of `comment`."""

    plan_file: str | None = None
    events: str | None = None
    also: str | None = None


def run(args: Args, runtime: Runtime) -> ExitCode:
    """Make the comment, and put it where the run is about a request."""
    plan = _plan(args, runtime)
    with at_forge(runtime) as forge:
        marker = Marker(key_of(runtime), fingerprint(plan) if plan else "", forge.revision)
        head = "\n".join(line for line in (str(marker), listing(plan) if plan else "") if line)
        view = _view(plan, args, runtime, forge, len(head) + 2)
        if args.also:
            _append(view, args.also, runtime)
        request = forge.request()
        if request is None:
            runtime.say(f"This run is about no {forge.noun}: there is nothing to comment on.")
            return ExitCode.DONE
        try:
            if _is_no_news(plan, args) and newest(forge.comments(request), marker.key) is None:
                runtime.say(f"{forge.noun.capitalize()} {request.number} changes no post.")
                return ExitCode.DONE
            body = f"{head}\n\n{view}"
            done = put(forge, request, marker.key, body, runtime.system_clock)
        except ForgeError as error:
            if not (request.foreign and error.trouble in _READ_ONLY):
                raise
            runtime.say(_of_a_fork(forge, request))
            return ExitCode.DONE
    _tell(done, forge, request, runtime)
    return ExitCode.DONE


def _plan(args: Args, runtime: Runtime) -> Plan | None:
    if args.plan_file is None:
        if args.events is not None:
            raise Stop([problem("PC608", "--events tells how a plan ended: name the plan as well")])
        return None
    from plancast.store.planfile import load  # noqa: PLC0415

    return load(runtime.named(args.plan_file))


def _is_no_news(plan: Plan | None, args: Args) -> bool:
    """A request that changes no post is not commented on; what was said before is set right."""
    return plan is not None and not args.events and plan.can_apply and not plan.has_changes


def _append(view: str, name: str, runtime: Runtime) -> None:
    try:
        with runtime.named(name).append() as file:
            file.write(view.encode())
    except OSError as error:
        raise Stop([unwritable(name, error)]) from error


# -- what it says -----------------------------------------------------------------------------


def _view(plan: Plan | None, args: Args, runtime: Runtime, forge: Forge, taken: int) -> str:
    """The text below the marker, which has `taken` so many characters already."""
    from plancast.views.markdown import render, render_problems, render_receipt  # noqa: PLC0415

    now = plan.generated_at if plan else runtime.system_clock.now()
    options = _options(runtime, forge, now, forge.limit - taken)
    if plan is None:
        return render_problems(_problems(runtime), options)
    if args.events is None:
        return render(plan, options)
    record = _record(runtime.named(args.events))
    if not is_whole(record):
        missing = "it has no end" if record else "it cannot be read"
        runtime.problems([problem("PC829", f"{args.events}: {missing}")])
    resumes_at = record.resumes_at if record else None
    return render_receipt(plan, outcomes(plan, record), options, resumes_at)


def _options(runtime: Runtime, forge: Forge, now: datetime, limit: int) -> ViewOptions:
    """Times are shown in the zone of the workspace, where there is one that can be read."""
    try:
        zone = runtime.settings.timezone
    except Stop:
        zone = "UTC"
    options = runtime.options(now, zone)
    options = replace(options, limit=limit, revision=forge.revision, run=forge.run)
    return replace(options, files=_files(forge, runtime)) if forge.files else options


def _files(forge: Forge, runtime: Runtime) -> str:
    """Where the forge shows the files of the workspace."""
    try:
        inside = os.fsencode(runtime.inside)
    except Stop:
        return ""
    return f"{forge.files}/{quote_from_bytes(inside)}".rstrip("/")


def _problems(runtime: Runtime) -> Sequence[Diagnostic]:
    """What `validate` says."""
    try:
        loaded = runtime.loaded
    except Stop as stop:
        return stop.diagnostics
    return ask(loaded, assumed(loaded)).diagnostics


def _record(file: NamedFile) -> Record | None:
    """What the apply told; None if there is nothing to read. Raises Stop for a link."""
    try:
        raw = file.read(MAX_RECORD)
    except OSError as error:
        if refused := link_problem(error):
            raise Stop([refused]) from error
        return None
    return read_record(raw.decode("utf-8", "replace"))


# -- what was done ----------------------------------------------------------------------------


def _tell(done: Put, forge: Forge, request: Request, runtime: Runtime) -> None:
    runtime.show_name(done.comment.url)
    runtime.say(_DONE[done.done].format(f"{forge.noun} {request.number}"))


def _of_a_fork(forge: Forge, request: Request) -> str:
    return (
        f"The {forge.noun} {request.number} comes from a fork, and its runs have no token that may "
        "comment. The preview is in what this run keeps."
    )
