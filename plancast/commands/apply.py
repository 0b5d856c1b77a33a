"""`plancast apply`: do what the plan says, once."""

from __future__ import annotations

import os
import socket
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from plancast.commands.planning import Scope, Survey, checked_files, plan_online
from plancast.core.diagnostics import Diagnostic, problem
from plancast.core.events import Event, Outcome, Waiting
from plancast.core.exits import ExitCode, Stop, code_for
from plancast.core.plan import Plan
from plancast.core.ports import Clock, Sink
from plancast.core.stale import moved
from plancast.workflow.applier import Report, World, apply
from plancast.workflow.planner import Planned

if TYPE_CHECKING:
    from plancast.content.loader import Loaded
    from plancast.providers import Connected
    from plancast.runtime import Runtime
    from plancast.views.apply import JsonSink, LiveSink, PlainSink


@dataclass(frozen=True, slots=True, kw_only=True)
class Args(Scope):
    """The flags of `apply`."""

    plan_file: str | None = None
    auto_approve: bool = False
    json_events: bool = False
    lock_timeout: float = 0.0
    no_wait: bool = False


def run(args: Args, runtime: Runtime) -> ExitCode:
    """Plan, show, ask, apply; or apply a saved plan as it is."""
    saved = _saved(args, runtime)
    loaded = checked_files(runtime)
    bridge = _Bridge()
    connected = runtime.connect(notify=bridge.waiting)
    runtime.watch_signals()
    with runtime.store.lock(_holder(), args.lock_timeout):
        planned, found = _plan(args, runtime, loaded, connected, saved)
        plan = planned.plan
        if saved is not None:
            _must_still_hold(saved, plan)
        if not args.json_events:
            _show(plan, runtime)
        if not plan.can_apply:
            return _refused(plan, args, runtime)
        # Where nothing is to do, what was seen is still worth remembering: nobody is asked.
        if plan.has_changes and not _approved(args, runtime, saved):
            runtime.say("Nothing was done.")
            return ExitCode.ERROR
        sink = _sink(args, runtime, connected.clock)
        bridge.listen(sink, connected.clock)
        with closing(sink):
            report = _apply(runtime, planned, found, connected, sink)
    return _ending(report, planned)


def _saved(args: Args, runtime: Runtime) -> Plan | None:
    if args.plan_file is None:
        return None
    from plancast.store.planfile import load  # noqa: PLC0415

    if args.targets or args.destroy:
        raise Stop([problem("PC608", "--target and --destroy belong to the plan that was saved")])
    return load(runtime.path(args.plan_file))


def _holder() -> str:
    """Who we are, for whoever finds the state locked."""
    return f"pid {os.getpid()} on {socket.gethostname()}"


def _plan(
    args: Args, runtime: Runtime, loaded: Loaded, connected: Connected, saved: Plan | None
) -> tuple[Planned, Survey]:
    """A plan of now; where an earlier create may still happen, after its quiet period."""
    scope: Scope = args
    if saved is not None:
        scope = replace(args, targets=saved.targets)
    while True:
        planned, found = plan_online(
            loaded, connected.provider, connected.clock, runtime.state(), scope
        )
        if not planned.undecided or args.no_wait:
            return planned, found
        until = max(item.until for item in planned.undecided)
        seconds = (until - connected.clock.now()).total_seconds()
        if seconds <= 0:
            return planned, found
        runtime.say(
            f"An earlier run was cut off while it created {len(planned.undecided)} entries. "
            f"Waiting {seconds:.0f} s to be sure what became of them."
        )
        connected.clock.sleep(seconds)


def _must_still_hold(saved: Plan, fresh: Plan) -> None:
    """Raises Stop (exit 7) where anything moved that the saved plan was made from."""
    reasons = moved(saved, fresh)
    if reasons:
        raise Stop([problem("PC609", reason) for reason in reasons], ExitCode.STALE)


def _show(plan: Plan, runtime: Runtime) -> None:
    from plancast.views import RENDERERS  # noqa: PLC0415

    runtime.show(RENDERERS["human"](plan, runtime.options(plan.generated_at)))


def _refused(plan: Plan, args: Args, runtime: Runtime) -> ExitCode:
    if args.json_events:
        runtime.problems(plan.diagnostics)
    runtime.say("Nothing was done.")
    return code_for(plan.diagnostics)


def _approved(args: Args, runtime: Runtime, saved: Plan | None) -> bool:
    if args.auto_approve or saved is not None:
        return True
    if args.json_events:
        raise Stop([_usage("--json cannot ask: pass --auto-approve as well")])
    return runtime.confirm("Do you want to do this to the live queue?")


def _usage(detail: str) -> Diagnostic:
    return problem("PC809", detail)


def _sink(args: Args, runtime: Runtime, clock: Clock) -> JsonSink | LiveSink | PlainSink:
    from plancast.views.apply import JsonSink, LiveSink, PlainSink  # noqa: PLC0415

    options = runtime.options(clock.now())
    if args.json_events:
        return JsonSink(runtime.stdout)
    if runtime.stderr.isatty() and not runtime.quiet:
        return LiveSink(runtime.stderr, options)
    return PlainSink(runtime.stdout, options)


def _apply(
    runtime: Runtime, planned: Planned, found: Survey, connected: Connected, sink: Sink
) -> Report:
    world = World(connected.provider, runtime.store, runtime.journal, connected.clock, sink)
    profiles = {profile.id: profile for profile in found.profiles}
    return apply(planned.plan, planned.state, profiles, world, runtime.stop.is_set)


def _ending(report: Report, planned: Planned) -> ExitCode:
    if report.interrupted:
        return ExitCode.INTERRUPTED
    if report.addresses(Outcome.UNKNOWN) or planned.undecided:
        return ExitCode.UNKNOWN
    failed = report.addresses(Outcome.FAILED, Outcome.DEFERRED, Outcome.NOT_ATTEMPTED)
    if not failed:
        return ExitCode.DONE
    return ExitCode.PARTIAL if report.addresses(Outcome.APPLIED) else ExitCode.ERROR


class _Bridge:
    """Lets the limiter, which exists before there is anybody to tell, tell the sink later."""

    def __init__(self) -> None:
        self._sink: Sink | None = None
        self._clock: Clock | None = None

    def listen(self, sink: Sink, clock: Clock) -> None:
        """From now on there is somebody to tell."""
        self._sink, self._clock = sink, clock

    def waiting(self, seconds: float, reason: str) -> None:
        """Called by the limiter before it waits."""
        if self._sink and self._clock:
            event: Event = Waiting(self._clock.now(), seconds, reason)
            self._sink.emit(event)
