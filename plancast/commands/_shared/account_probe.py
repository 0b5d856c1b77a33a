"""The probe of `plancast doctor --probe`: ask, confirm, run under the lease, remember, show.

What is printed as JSON is meant for an issue in public, so it holds nothing of the account: fixed
words, the name of the network, and words of the server only if they are plain ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from plancast import __version__
from plancast.app.context import StateAccess
from plancast.commands._shared.plan_session import Survey, must_speak, survey
from plancast.commands._shared.state_access import holding
from plancast.engine.lease import ProbeFence, SendGate, Tenure
from plancast.engine.probe import REQUESTS, REQUESTS_SCHEDULED, YEAR, ProbeReport, ProbeWorld
from plancast.engine.probe import run_probe as ask_account
from plancast.lint.base import LintContext
from plancast.lint.registry import check
from plancast.model.diagnostics import Pointer, has_errors, problem
from plancast.model.entry import Address, Entry, Stage
from plancast.model.error_diagnostics import provider_problem
from plancast.model.exit_codes import ExitCode, Stop
from plancast.model.findings import Findings, ProbeObject
from plancast.model.ports import Interrupted
from plancast.model.profile import Profile
from plancast.model.state import State, intent_name
from plancast.model.workspace import Desired, Policy
from plancast.networks.registry import LIMITS, NETWORKS
from plancast.reconcile.probe_answers import probe_text
from plancast.reconcile.rails import guard_account
from plancast.reconcile.selectors import bind
from plancast.render.text import count

if TYPE_CHECKING:
    from plancast.app.context import Runtime
    from plancast.commands.doctor import Args
    from plancast.providers import Connected

_PLAIN = re.compile(r"[A-Za-z][A-Za-z ,.'!-]{0,79}")
"""Words that can hold no id, address or name with digits."""


def probe(args: Args, runtime: Runtime) -> ExitCode:
    """Probe the account of the workspace on one profile. Raises Stop if that is refused."""
    # The gate stays shut until the probe is confirmed and holds the state.
    gate = SendGate()
    connected = runtime.connect(fence=gate.check)
    title = connected.provider.title
    if connected.prober is None:
        name = connected.provider.name
        raise Stop([problem("PC849", f"`provider: {name}` speaks an API that no probe is about")])
    around = survey(connected.provider)
    profile = _profile(args.probe or "", runtime, around)
    _must_take_texts(profile, connected)
    stores = runtime.open_stores(StateAccess())
    intent = _intent(args, profile, title, connected, len(stores.state().probes))
    if not _confirmed(args, runtime, intent):
        runtime.console.say("Nothing was done.")
        return ExitCode.ERROR
    runtime.watch_signals(stores, connected.abort)
    with holding(stores, runtime.system_clock, "doctor --probe") as tenure:
        state = tenure.state()
        must_speak(connected.provider, state)
        if refusal := guard_account(state, around.account):
            raise Stop([refusal], ExitCode.REFUSED)
        with gate.open_for(ProbeFence(tenure)):
            report = ask_account(
                _world(profile, runtime, connected, tenure, state),
                state.probes,
                scheduled=args.scheduled,
            )
        _remember(report, connected, around, tenure)
    if not report.interrupted:
        _show(report, args, runtime, profile, around)
    return _ending(report, runtime)


def _profile(name: str, runtime: Runtime, around: Survey) -> Profile:
    """Return the profile with this alias or id. Raises Stop if there is none."""
    selector = runtime.loaded.workspace.selector(name)
    if selector is None:
        for profile in around.profiles:
            if profile.id == name:
                return profile
        detail = f"{name} is neither an alias of plancast.yaml nor the id of a profile"
        raise Stop([problem("PC303", detail)])
    bound = bind((selector,), around.profiles, around.title)
    if name not in bound.profiles:
        raise Stop(runtime.loaded.locate(bound.diagnostics))
    return bound.profiles[name]


def _must_take_texts(profile: Profile, connected: Connected) -> None:
    """Raise Stop (PC851) if a post of a text alone cannot be made on a profile."""
    if profile.disconnected or profile.locked:
        state = "disconnected" if profile.disconnected else "locked"
        raise Stop([problem("PC851", f"{profile.service} {profile.label} is {state}")])
    text = probe_text(f"plancast probe {'0' * 60}")
    due_at = connected.clock.now() + YEAR
    entry = Entry(text=text, due_at=due_at, link_card=False, stage=Stage.DRAFT)
    wanted = Desired(Address("probe", "probe"), profile, entry, Pointer("plancast.yaml"))
    features = connected.provider.capabilities.features
    # The policy of the workspace is about posts that go out, and these do not.
    found = check([wanted], LintContext(Policy(), LIMITS, features))
    if has_errors(found):
        reason = next(one for one in found if has_errors([one]))
        takes = f"{profile.service} {profile.label} takes no post of a text alone"
        detail = f"{takes} ({reason.code}: {reason.summary})"
        raise Stop([problem("PC851", detail)])


def _intent(args: Args, profile: Profile, title: str, connected: Connected, left: int) -> str:
    """Return in words what a probe is about to do. `left` counts objects of an earlier one."""
    least, most = REQUESTS_SCHEDULED if args.scheduled else REQUESTS
    day = f"{connected.clock.now() + YEAR:%Y-%m-%d}"
    lines = [
        f"This probe asks {title} what no documentation settles.",
        f"On {profile.service} {profile.label} it will",
    ]
    if left:
        lines.append(f"  - remove what an earlier probe left, {count(left, 'object')} at most;")
    lines.append("  - create a draft of a post and a draft of content, and remove both;")
    if args.scheduled:
        lines.append(f"  - schedule a post for {day}, try to repeat it, and remove what it made;")
    lines.append(f"  - make {least} to {most + 2 + left if left else most} requests.")
    return "\n".join([*lines, "Nothing goes out."])


def _confirmed(args: Args, runtime: Runtime, intent: str) -> bool:
    """Say what the probe does, and ask, unless `--yes` was given. Raises Stop if it cannot ask."""
    console = runtime.console
    if not args.yes and not console.stdin.isatty():
        raise Stop([problem("PC848", "standard input is no terminal")])
    console.say(intent)
    return args.yes or console.confirm("Do you want to probe the live account?")


def _world(
    profile: Profile, runtime: Runtime, connected: Connected, tenure: Tenure, state: State
) -> ProbeWorld:
    assert connected.prober is not None

    def record(objects: tuple[ProbeObject, ...]) -> None:
        tenure.write(replace(tenure.state(), probes=objects))

    return ProbeWorld(
        connected.prober,
        profile,
        connected.clock,
        record,
        # Taking the lease has raised the serial, so no other probe of this state has the name.
        intent_name(state.lineage, state.serial, 0).removesuffix("-000000"),
        runtime.loaded.workspace.policy.quiet_period,
        state.owned_ids(),
        runtime.stop.is_set,
    )


def _remember(report: ProbeReport, connected: Connected, around: Survey, tenure: Tenure) -> None:
    """Add the answers to those that the state has."""
    if not report.answers:
        return
    api, now = connected.provider.capabilities.api, connected.clock.now()
    found = Findings(around.account.id, api, now, dict(report.answers))
    state = tenure.state()
    known = state.findings.updated(found) if state.findings else found
    tenure.write(replace(state, findings=known))


def _show(
    report: ProbeReport, args: Args, runtime: Runtime, profile: Profile, around: Survey
) -> None:
    from plancast.render.probe_words import probe_rows  # noqa: PLC0415

    words = public_words(report.words, _private(profile, around))
    rows = probe_rows(report.answers, report.missing, words, scheduled=args.scheduled)
    console = runtime.console
    if args.format_name == "json":
        network = profile.service if profile.service in NETWORKS else "other"
        console.show_json(
            {
                "plancast": __version__,
                "network": network,
                "scheduled": args.scheduled,
                "complete": report.stopped is None,
                "left": len(report.left),
                "questions": [
                    {"question": row.question, "answer": row.answer, "follows": row.follows}
                    for row in rows
                ],
            }
        )
        return
    from plancast.render.terminal.probe import render_probe  # noqa: PLC0415

    console.show(render_probe(rows, color=console.color, width=console.width))


def _private(profile: Profile, around: Survey) -> tuple[str, ...]:
    account = around.account
    names = (account.name, account.id, account.organization)
    return tuple(
        text
        for one in (*around.profiles, profile)
        for text in (one.username, one.id, one.service_id, *names)
        if text
    )


def public_words(words: str, private: Iterable[str]) -> str:
    """Return words of the server if they can be shown to anyone, else ""."""
    folded = words.casefold()
    is_plain = _PLAIN.fullmatch(words) is not None
    return words if is_plain and not any(one.casefold() in folded for one in private) else ""


def _ending(report: ProbeReport, runtime: Runtime) -> ExitCode:
    """Say what went wrong, and return the exit code. Raises Interrupted if the user ended it."""
    for note in report.notes:
        runtime.console.say(f"Note: {note}.")
    found = [] if report.stopped is None else [provider_problem(report.stopped)]
    if report.left:
        found.append(problem("PC850", count(len(report.left), "object")))
    runtime.console.problems(found)
    if report.interrupted:
        raise Interrupted
    return ExitCode.PARTIAL if found else ExitCode.DONE
