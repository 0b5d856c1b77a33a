"""The command `plancast apply`: do what the plan says, once.

It holds the lease of the state from before its first look at the queue until the last outcome is
recorded, so that no other run acts on what this one has seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from io import TextIOWrapper
from typing import TYPE_CHECKING, Any, TextIO

import click

from plancast.app.console import noted
from plancast.app.context import StateAccess
from plancast.commands._shared.apply_summary import Summary
from plancast.commands._shared.checked_posts import checked_files
from plancast.commands._shared.flags import DURATION, approve, invoke, rails, scope, sort
from plancast.commands._shared.plan_session import (
    Scope,
    Survey,
    decide,
    look,
    require_targets,
)
from plancast.commands._shared.run_approvals import (
    Clearing,
    at_tip,
    not_approved,
)
from plancast.commands._shared.state_access import holding
from plancast.engine.applier import ApplyWorld, Report, apply
from plancast.engine.lease import SendGate, Tenure
from plancast.engine.observer import look_again
from plancast.engine.planner import Planned
from plancast.files.refusals import unwritable
from plancast.forges import RunEvent, event_of
from plancast.model.diagnostics import Diagnostic, Severity, problem
from plancast.model.error_diagnostics import provider_problem
from plancast.model.events import Outcome, Waiting
from plancast.model.exit_codes import ExitCode, Stop, code_for
from plancast.model.plan import Plan
from plancast.model.ports import Clock, RateLimited, Sink
from plancast.reconcile.approvals import granted
from plancast.reconcile.order import calls
from plancast.reconcile.staleness import staleness_reasons

if TYPE_CHECKING:
    from plancast.app.context import Runtime, Stores
    from plancast.files.named_file import NamedFile
    from plancast.providers import Connected
    from plancast.render.terminal.live_region import Outlook
    from plancast.render.terminal.progress import JsonSink, LiveSink, PlainSink, RecordSink


@dataclass(frozen=True, slots=True, kw_only=True)
class Args(Scope):
    """The flags of `apply`.

    `plan_file` is a saved plan, `reviewed` a file that `reviewed --out` wrote. `lock_timeout` is in
    seconds. `json_into` and `summary` name files for the events and for the receipt.
    """

    plan_file: str | None = None
    sort: str = "time"
    auto_approve: bool = False
    json_events: bool = False
    json_into: str | None = None
    summary: str | None = None
    lock_timeout: float = 0.0
    no_wait: bool = False
    reviewed: str | None = None


@click.command("apply")
@click.argument("plan_file", metavar="[PLAN]", required=False, type=click.Path())
@approve
@click.option("--json", "json_events", is_flag=True, help="Stream events, one JSON object a line.")
@click.option(
    "--json-into",
    metavar="FILE",
    type=click.Path(dir_okay=False),
    help="Write the events to a file as well, and show the usual output.",
)
@click.option(
    "--summary",
    metavar="FILE",
    type=click.Path(dir_okay=False),
    help="Append what was done to this file, as Markdown.",
)
@scope
@sort
@rails
@click.option(
    "--lock-timeout",
    metavar="DURATION",
    type=DURATION,
    default=0.0,
    help="Wait so long for another run to end: seconds, or 30s, 2m.",
)
@click.option("--no-wait", is_flag=True, help="Exit 6 instead of waiting out a quiet period.")
@click.option(
    "--reviewed",
    metavar="FILE",
    type=click.Path(dir_okay=False),
    help="Send only what `reviewed --out` found approved; for CI, with a saved plan.",
)
@click.option(
    "--waiting",
    is_flag=True,
    help="Create only what was approved before and could not be sent then.",
)
@click.pass_context
def command(context: click.Context, /, **flags: Any) -> None:
    """Do what the plan says, once.

    PLAN is a file that `plan -o` saved: it is applied as it is, or refused.
    """
    invoke(context, Args, run, flags)


def run(args: Args, runtime: Runtime) -> ExitCode:
    """Plan, show, ask, apply; or apply a saved plan as it is. Raises Stop if it must not."""
    args = _prepared(args, runtime)
    # Open every output file before the first request: a wrong name must stop the run, not its end.
    record = _events_file(args, runtime)
    summary = Summary(args.summary, runtime)
    saved = _saved(args, runtime)
    clearing = _clearing(args, runtime, saved)
    checked_files(runtime)
    # The gate stays shut until the applier opens it for one call: no other code can write.
    waits, gate = _WaitReports(), SendGate()
    connected = runtime.connect(notify=waits.report, fence=gate.check)
    stores = runtime.open_stores(StateAccess(allow_new=args.allow_new_state))
    runtime.watch_signals(stores, connected.abort)
    with holding(stores, runtime.system_clock, "apply", args.lock_timeout) as tenure:
        # Asked under the lease: a newer run that was started meanwhile waits for this one.
        if _obeys_tip(clearing, runtime):
            clearing = at_tip(clearing, runtime)
        try:
            planned, surveyed = _plan(args, runtime, connected, stores, tenure, saved)
        except RateLimited as error:
            _keep_approvals(clearing, saved, tenure, runtime)
            raise _out_of_budget(error, runtime, connected.clock) from None
        plan = planned.plan
        if saved is not None:
            _must_still_hold(saved, plan, tenure, connected.provider.title)
        if not args.json_events:
            _show(plan, args.sort, runtime, asks=_asks(args, saved))
        if not plan.can_apply:
            summary.add_refusal(plan)
            return _refused(plan, args, runtime)
        # Without changes the apply still records what it has seen, so there is nothing to ask.
        if plan.has_changes and not _approved(args, runtime, saved):
            runtime.console.say("Nothing was done.")
            return ExitCode.ERROR
        clearance = clearing.of(plan, planned.state, runtime)
        sink = summary.listening(_sink(args, runtime, _outlook(plan, connected), record))
        with closing(sink), waits.emitted_to(sink, connected.clock):
            world = ApplyWorld(
                connected.provider,
                tenure,
                connected.clock,
                sink,
                safety=planned.safety,
                clearance=clearance,
                whole=planned.whole,
                gate=gate,
                queue_limit=surveyed.account.queue_limit,
                stray_drafts=planned.stray_drafts,
            )
            profiles = {profile.id: profile for profile in surveyed.profiles}
            report = apply(plan, planned.state, profiles, world, runtime.stop.is_set)
    summary.add_receipt(plan)
    for note in connected.notes():
        runtime.console.say(f"Note: {note}.")
    _report_approvals(report, planned, clearing, connected.clock.now(), runtime)
    if report.fenced:  # another run took the lease, so this one has stopped sending
        raise Stop([problem("PC604", report.aborted)], ExitCode.LOCKED)
    return _ending(report, planned)


def _prepared(args: Args, runtime: Runtime) -> Args:
    """Return the flags as they are meant. Raises Stop if nothing could answer the question."""
    if not (args.auto_approve or args.plan_file or args.json_events):
        runtime.console.must_be_able_to_ask()
    return _of_older_workflows(args, runtime).with_all_targets(runtime)


def _of_older_workflows(args: Args, runtime: Runtime) -> Args:
    """Turn the flags of older workflows for a scheduled run into `--waiting`.

    They say `--only create --auto-approve`, also when a person starts that run by hand. No person
    has seen the plan of such a run, so it may only create what was approved before.
    """
    is_old = args.auto_approve and args.only == ("create",) and args.plan_file is None
    is_a_night = event_of(runtime.environ) in (RunEvent.CLOCK, RunEvent.PERSON)
    return replace(args, waiting=True) if is_old and is_a_night else args


def _obeys_tip(clearing: Clearing, runtime: Runtime) -> bool:
    """Return whether this run may apply nothing but the tip of a branch: CI, from a checkout.

    With the approvals of a review it always must, since they hold for that branch alone. A folder
    outside of a checkout has no branch: a demonstration, or files that a job has made.
    """
    if clearing.reviewed is not None:
        return True
    is_of_a_branch = clearing.waiting or runtime.checkout is not None
    return is_of_a_branch and event_of(runtime.environ) is not None


def _clearing(args: Args, runtime: Runtime, saved: Plan | None) -> Clearing:
    from plancast.store.plan_file import load_clearance  # noqa: PLC0415

    if args.waiting and (saved is not None or args.reviewed or args.destroy):
        raise Stop([_usage("--waiting makes a plan of its own: what was approved and still waits")])
    if args.reviewed and saved is None:
        raise Stop([_usage("--reviewed is about a saved plan: name it as well")])
    reviewed = load_clearance(runtime.named(args.reviewed)) if args.reviewed else None
    return Clearing(args.waiting, reviewed, saved=saved)


def _keep_approvals(
    clearing: Clearing, saved: Plan | None, tenure: Tenure, runtime: Runtime
) -> None:
    """Record the approvals of a review although no request is left: a later top-up applies them."""
    if saved is None or clearing.reviewed is None:
        return
    state = tenure.state()
    clearance = clearing.of(saved, state, runtime)
    tenure.write(granted(state, clearance, runtime.system_clock.now()))


def _report_approvals(
    report: Report, planned: Planned, clearing: Clearing, now: datetime, runtime: Runtime
) -> None:
    """Say which approvals this run dropped; for a top-up, report what a person has to look at."""
    for dropped in report.dropped:
        reason = "it is in the queue already, or no file asks for exactly that any more"
        runtime.console.say(f"The approval of {dropped.address} has ended: {reason}.")
    if clearing.waiting:
        runtime.console.problems(not_approved(planned.whole, report.state, now))


def _saved(args: Args, runtime: Runtime) -> Plan | None:
    if args.plan_file is None:
        return None
    from plancast.store.plan_file import load  # noqa: PLC0415

    if args.targets or args.only or args.destroy:
        flags = "--target, --only and --destroy"
        raise Stop([problem("PC608", f"{flags} belong to the plan that was saved")])
    return load(runtime.named(args.plan_file))


def _plan(  # noqa: PLR0913, PLR0917  # what was opened, each of its own type
    args: Args,
    runtime: Runtime,
    connected: Connected,
    stores: Stores,
    tenure: Tenure,
    saved: Plan | None,
) -> tuple[Planned, Survey]:
    """Plan with what the queue holds now, in the scope of the saved plan if there is one.

    If a create of an earlier run may still take effect, wait out its quiet period and read again.
    """
    scope: Scope = args
    if saved is not None:
        # The scope of a saved plan is part of it: a wider plan would look stale.
        only = tuple(action.value for action in saved.only)
        allow_empty = args.allow_empty or _allowed_empty(saved)
        scope = replace(args, targets=saved.targets, only=only, allow_empty=allow_empty)
    loaded, provider, clock = runtime.loaded, connected.provider, connected.clock
    state = tenure.state()
    looked = look(loaded, provider, clock, state)
    while True:
        planned = decide(
            loaded,
            provider,
            state,
            looked,
            scope,
            elsewhere=stores.claimed_elsewhere,
            neighbours=stores.neighbours,
            files=runtime.files_of,
        )
        require_targets(args.targets, looked.asked, state, planned.whole)
        if not planned.undecided or args.no_wait:
            return planned, looked.found
        # The latest deadline covers the earlier ones, so one wait is enough.
        until = max(create.until for create in planned.undecided)
        seconds = (until - clock.now()).total_seconds()
        if seconds <= 0:
            return planned, looked.found
        runtime.console.say(
            f"An earlier run does not know what became of {len(planned.undecided)} of its calls. "
            f"Waiting {seconds:.0f} s to be sure."
        )
        # Interruptible: a signal ends the wait with Interrupted.
        clock.sleep(seconds)
        seen = look_again(provider, clock, planned.state, looked.seen, planned.undecided)
        looked = replace(looked, seen=seen)


def _allowed_empty(saved: Plan) -> bool:
    """Return whether a saved plan was made with --allow-empty and needed it.

    The rail is a warning in such a plan. It is safe to allow again: a plan that would by now
    destroy anything else is stale.
    """
    return any(
        diagnostic.code == "PC702" and diagnostic.severity is Severity.WARNING
        for diagnostic in saved.diagnostics
    )


def _out_of_budget(error: RateLimited, runtime: Runtime, clock: Clock) -> Stop:
    """Return the end of a run that had no request left to read the queue.

    The exit code is PARTIAL, as if the run had begun: running it again later is the way to go on.
    """
    from plancast.render.text import local  # noqa: PLC0415

    if error.retry_after is None:
        return Stop([provider_problem(error)])
    again = clock.now() + timedelta(seconds=error.retry_after)
    hint = f"Nothing was done. It resumes at {local(again, runtime.loaded.workspace.timezone)}."
    return Stop([problem("PC807", str(error), hint=hint)], ExitCode.PARTIAL)


def _must_still_hold(saved: Plan, fresh: Plan, tenure: Tenure, title: str) -> None:
    """Raise Stop (exit 7) if anything changed that the saved plan was made from.

    What runs is the fresh plan, once it is known to equal the saved one. Taking the lease wrote the
    state, so its serial is compared as it was found before that.
    """
    basis = replace(fresh.basis, state_serial=tenure.found_serial)
    reasons = staleness_reasons(saved, replace(fresh, basis=basis), title)
    if reasons:
        raise Stop([problem("PC609", reason) for reason in reasons], ExitCode.STALE)


def _show(plan: Plan, sort_by: str, runtime: Runtime, *, asks: bool) -> None:
    """Show what is about to be done. Raises Stop if it cannot be shown and a question follows.

    Without a question the apply goes on: a full disk behind standard output is reported at the end.
    With -q a plan is shown only if a question about it follows, or if it is refused.
    """
    if runtime.console.quiet and plan.can_apply and not asks:
        return
    from plancast.render.formats import render_plan  # noqa: PLC0415

    options = replace(runtime.options(plan.generated_at), sort=sort_by)
    text = render_plan(plan, "human", options)
    try:
        runtime.console.show(text)
    except Stop:
        if asks:
            raise


def _refused(plan: Plan, args: Args, runtime: Runtime) -> ExitCode:
    if args.json_events:
        runtime.console.problems(plan.diagnostics)
    runtime.console.say("Nothing was done.")
    return code_for(plan.diagnostics)


def _asks(args: Args, saved: Plan | None) -> bool:
    return not args.auto_approve and saved is None


def _approved(args: Args, runtime: Runtime, saved: Plan | None) -> bool:
    if not _asks(args, saved):
        return True
    if args.json_events:
        raise Stop([_usage("--json cannot ask: pass --auto-approve as well")])
    return runtime.console.confirm("Do you want to do this to the live queue?")


def _usage(detail: str) -> Diagnostic:
    return problem("PC809", detail)


def _outlook(plan: Plan, connected: Connected) -> Outlook:
    from plancast.render.terminal.live_region import Outlook  # noqa: PLC0415

    provider = connected.provider
    order = [
        one.address for call in calls(plan.changes, provider.capabilities) for one in call.changes
    ]
    return Outlook(tuple(order), connected.clock.now, provider.windows)


def _sink(
    args: Args, runtime: Runtime, outlook: Outlook, record: EventsFile | None
) -> JsonSink | LiveSink | PlainSink | RecordSink:
    from plancast.render.terminal.progress import JsonSink, LiveSink, PlainSink, RecordSink  # noqa: PLC0415

    options = runtime.options(outlook.now())
    sink: JsonSink | LiveSink | PlainSink
    if args.json_events:
        sink = JsonSink(noted(runtime.console.stdout, runtime.console.output_failed))
    elif runtime.console.stderr.isatty() and not runtime.console.quiet:
        sink = LiveSink(runtime.console.stderr, options, outlook)
    else:
        sink = PlainSink(noted(runtime.console.stdout, runtime.console.output_failed), options)
    return RecordSink(sink, record.file, record.lost) if record else sink


def _events_file(args: Args, runtime: Runtime) -> EventsFile | None:
    """Open the file of `--json-into`, emptied of an earlier run's events; None without the flag.

    Raises Stop if it cannot be written, or is the plan itself.
    """
    if args.json_into is None:
        return None
    file = runtime.named(args.json_into)
    if args.plan_file and file.is_same(runtime.named(args.plan_file)):
        raise Stop([_usage(f"--json-into {args.json_into}: that is the plan itself")])
    try:
        record = EventsFile(args.json_into, file, TextIOWrapper(file.empty(), encoding="utf-8"))
    except OSError as error:
        raise Stop([unwritable(args.json_into, error)]) from error
    runtime.opened.callback(record.close, runtime)
    return record


def _ending(report: Report, planned: Planned) -> ExitCode:
    if report.interrupted:
        return ExitCode.INTERRUPTED
    if report.addresses(Outcome.UNKNOWN) or planned.undecided:
        return ExitCode.UNKNOWN
    if report.resumes_at is not None:
        return ExitCode.PARTIAL
    failed = report.addresses(Outcome.FAILED, Outcome.NOT_ATTEMPTED)
    if not failed:
        plan = planned.plan
        deferred = plan.summary["deferred"] or report.addresses(Outcome.DEFERRED)
        waiting = deferred or plan.held_by_scope
        return ExitCode.PARTIAL if waiting else ExitCode.DONE
    return ExitCode.PARTIAL if report.addresses(Outcome.APPLIED) else ExitCode.ERROR


_RECORD_HINT = "Free some space. What was done is in the state: `plancast status` shows it."


class EventsFile:
    """The file of `--json-into`, and whether writing to it has failed."""

    def __init__(self, name: str, named: NamedFile, file: TextIO) -> None:
        self.file = file
        self._name = name
        self._named = named
        self._reason = ""

    def lost(self, reason: str) -> None:
        """Note that the file takes no more events, and why.

        A file that is still empty is removed: it would say that the apply never began.
        """
        self._reason = reason
        with suppress(OSError):
            self._named.remove_if_empty()

    def close(self, runtime: Runtime) -> None:
        """Close the file; a record that was lost makes an apply that went well an error."""
        with suppress(OSError):
            self.file.close()
        if self._reason:
            detail = f"{self._name}: {self._reason}; the apply went on without it"
            runtime.console.unwritten.append(problem("PC007", detail, hint=_RECORD_HINT))


class _WaitReports:
    """Relay of the connection's waits to a sink, which is made only after the connection."""

    def __init__(self) -> None:
        self._emit: Callable[[float, str], None] | None = None

    @contextmanager
    def emitted_to(self, sink: Sink, clock: Clock) -> Iterator[None]:
        """Emit an event for each wait, as long as the sink takes any."""
        self._emit = lambda seconds, reason: sink.emit(Waiting(clock.now(), seconds, reason))
        try:
            yield
        finally:
            self._emit = None

    def report(self, seconds: float, reason: str) -> None:
        """Report a wait that is about to begin; without a sink it goes unreported."""
        if self._emit is not None:
            self._emit(seconds, reason)
