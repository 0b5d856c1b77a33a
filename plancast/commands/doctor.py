"""`plancast doctor`: is everything in order? Each check says what it found; nothing is changed."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from plancast.commands._shared.flags import formats, invoke
from plancast.commands._shared.plan_session import (
    Survey,
    ask,
    assumed,
    selected,
    survey,
    without_key,
)
from plancast.content.ci_templates import (
    CI_FOLDERS,
    EDITION,
    FILES,
    Place,
    ci_names,
    edition_of,
    folder_of,
)
from plancast.content.discovery import named_file
from plancast.model.diagnostics import Severity, problem
from plancast.model.durations import period
from plancast.model.error_diagnostics import provider_problem, state_problem
from plancast.model.exit_codes import ExitCode, Stop
from plancast.model.ports import ProviderError, StateError
from plancast.model.state import BindingStatus
from plancast.networks.profile_health import remarks
from plancast.networks.registry import LIMITS, merge
from plancast.reconcile.rails import MAX_CLOCK_SKEW, guard_ids
from plancast.reconcile.risks import retirement
from plancast.reconcile.selectors import bind

if TYPE_CHECKING:
    from plancast.app.context import Runtime
    from plancast.providers import Connected


_LONGEST_WORKFLOW = 1024 * 1024
"""Bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Args:
    """The flags of `doctor`."""

    format_name: str = "human"


@click.command("doctor")
@formats("doctor")
@click.pass_context
def command(context: click.Context, /, **flags: Any) -> None:
    """Check that everything is in order: files, state, key, profiles, channels, limits."""
    invoke(context, Args, run, flags)


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: `ok`, `warning` or `error`, and what was found."""

    check: str
    verdict: str
    detail: str


def run(args: Args, runtime: Runtime) -> ExitCode:
    """All checks, in the order in which one would look; exit 1 where one fails."""
    findings = list(_examine(runtime))
    if args.format_name == "json":
        plain = [
            {"check": item.check, "verdict": item.verdict, "detail": item.detail}
            for item in findings
        ]
        runtime.console.show_json(plain)
    else:
        from plancast.render.terminal.tables import render_table  # noqa: PLC0415

        cells = [(item.verdict, item.check, item.detail) for item in findings]
        headers = ("VERDICT", "CHECK", "FOUND")
        runtime.console.show(
            render_table(
                headers, cells, color=runtime.console.color, width=runtime.console.width, whole=True
            )
        )
    failed = any(item.verdict == "error" for item in findings)
    return ExitCode.ERROR if failed else ExitCode.DONE


def _examine(runtime: Runtime) -> Iterator[Finding]:
    yield Finding("workspace", "ok", str(runtime.root))
    yield _guarded("files", lambda: _files(runtime))
    yield _guarded("state", lambda: _state(runtime))
    yield from _workflows(runtime)
    try:
        connected = runtime.connect()
    except ProviderError as error:
        yield _failed("provider", error)
        return
    except Stop as stop:
        first = stop.diagnostics[0]
        lacking = without_key(runtime.provider_info, runtime.environ)
        if first.code == "PC802" and lacking is not None:
            yield Finding("provider", "error", f"{lacking.detail}. {lacking.hint}")
        else:
            yield Finding("provider", "error", first.detail or str(stop))
        return
    yield from _live(runtime, connected)


def _guarded(check: str, look: Callable[[], Finding]) -> Finding:
    """One check that fails must not hide the others."""
    try:
        return look()
    except Stop as stop:
        first = stop.diagnostics[0]
        return Finding(check, "error", f"{first.code} {first.summary}: {first.detail}")
    except StateError as error:
        found = state_problem(error)
        hint = f". {error.hint}" if error.hint else ""
        return Finding(check, "error", f"{found.code} {found.summary}: {found.detail}{hint}")
    except ProviderError as error:
        return _failed(check, error)


def _failed(check: str, error: ProviderError) -> Finding:
    found = provider_problem(error)
    return Finding(check, "error", f"{found.code} {found.summary}: {found.detail}")


def _files(runtime: Runtime) -> Finding:
    from plancast.render.text import count  # noqa: PLC0415

    loaded = runtime.loaded
    asked = ask(loaded, assumed(loaded))
    errors = sum(1 for item in asked.diagnostics if item.severity is Severity.ERROR)
    warnings = sum(1 for item in asked.diagnostics if item.severity is Severity.WARNING)
    verdict = "error" if errors else ("warning" if warnings else "ok")
    counts = ((len(loaded.posts), "post"), (errors, "error"), (warnings, "warning"))
    return Finding("files", verdict, ", ".join(count(*item) for item in counts))


def _state(runtime: Runtime) -> Finding:
    state = runtime.state()
    detail = f"serial {state.serial}, {len(state.resources)} owned"
    if state.intents:
        return Finding("state", "warning", f"{detail}, {len(state.intents)} calls unresolved")
    return Finding("state", "ok", detail)


def _workflows(runtime: Runtime) -> Iterator[Finding]:
    """Only if `init --ci` has written some: what a person should renew or remove."""
    old, current = [], 0
    for forge in FILES:
        editions = dict(_editions(forge, runtime))
        names = [name for name, edition in editions.items() if edition < EDITION]
        current += len(editions) - len(names)
        if names:
            renew = f"`git rm {' '.join(names)} && plancast init --ci {forge}` renews it"
            hint = f"{renew}; the diff shows what you had changed."
            old.append(problem("PC846", ", ".join(names), hint=hint))
    for name, folder in _without_workspace(runtime):
        again = f"`git rm {name}`, and `plancast init --ci` in the new one"
        detail, hint = f"{name} is about {folder}", f"If that was renamed: {again}."
        old.append(problem("PC847", detail, hint=hint))
    for item in old:
        detail = f"{item.code} {item.summary}: {item.detail}. {item.hint}"
        yield Finding("workflows", "warning", detail)
    if current and not old:
        yield Finding("workflows", "ok", f"{current} of the edition that this plancast writes")


def _editions(forge: str, runtime: Runtime) -> Iterator[tuple[str, int]]:
    """The files of this workspace that are there and that plancast wrote, with their editions."""
    for name in ci_names(forge, Place(runtime.inside)):
        if edition := edition_of(_text_of(name, runtime)):
            yield name, edition


def _without_workspace(runtime: Runtime) -> Iterator[tuple[str, str]]:
    """Files for CI that plancast wrote for a folder that holds no workspace, with that folder."""
    checkout = runtime.checkout
    if checkout is None:
        return
    for inside in CI_FOLDERS:
        try:
            names = sorted(path.name for path in os.scandir(checkout / inside))
        except OSError:
            continue
        for name in (f"{inside}/{one}" for one in names if one.endswith((".yml", ".yaml"))):
            text = _text_of(name, runtime)
            with suppress(ValueError):
                folder = folder_of(text) if edition_of(text) else None
                if folder is not None and not (checkout / folder / "plancast.yaml").is_file():
                    yield name, folder or "the top of the checkout"


def _text_of(name: str, runtime: Runtime) -> str:
    """A file of the checkout, "" if it cannot be read without following a link."""
    with suppress(OSError):
        if runtime.checkout is not None:
            found = named_file(runtime.checkout / name, runtime.checkout)
            return found.read(_LONGEST_WORKFLOW).decode("utf-8", "replace")
    return ""


def _left_states(runtime: Runtime, account_id: str) -> Iterator[Finding]:
    """States that no workspace is left for, if entries wait that they own."""
    try:
        mine = runtime.state().owned_ids()
        around = runtime.stores.neighbours(account_id)
    except StateError:  # said already
        return
    for one in around:
        if one.trouble:
            yield Finding("states", "warning", f"{one.trouble}. What it owns is not known.")
        waiting = sum(
            1
            for item in one.bindings
            if item.status is BindingStatus.SCHEDULED and item.remote_id not in mine
        )
        if one.is_left and waiting:
            yield Finding(
                "states",
                "warning",
                f"{one.kept.shown} owns {waiting} that waited when it was applied last, and no "
                "workspace of this commit will ever let go of them. To remove them, bring its "
                "plancast.yaml back without its posts, and apply there with `--allow-empty`.",
            )


def _live(runtime: Runtime, connected: Connected) -> Iterator[Finding]:
    provider = connected.provider
    try:
        found = survey(provider)
    except ProviderError as error:
        yield _failed("token", error)
        return
    account = found.account
    plan = f", plan {account.plan}" if account.plan else ""
    inside = f", organization {account.organization}" if account.organization else ""
    yield Finding("token", "ok", f"account {account.name or account.id}{plan}{inside}")
    yield _guarded("account", lambda: _account(runtime, account.id))
    yield from _left_states(runtime, account.id)
    yield from _api(runtime, connected)
    yield _guarded("profiles", lambda: _profiles(runtime, found))
    yield _guarded("channels", lambda: _channels(runtime, found))
    yield _guarded("clock", lambda: _clock(connected))
    yield _guarded("limits", lambda: _limits(connected))
    yield _guarded("requests", lambda: _requests(connected))


def _account(runtime: Runtime, account_id: str) -> Finding:
    known = runtime.state().account_id
    if known and known != account_id:
        return Finding("account", "error", f"the state is about {known}, not {account_id}")
    return Finding("account", "ok", "the one of the state" if known else "no state yet")


def _api(runtime: Runtime, connected: Connected) -> Iterator[Finding]:
    """Only where there is something to say: a state of another API, an API that goes."""
    able = connected.provider.capabilities
    with suppress(StateError):  # said already
        if trouble := guard_ids(runtime.state(), able.api):
            yield Finding("api", "error", f"{trouble.code} {trouble.summary}: {trouble.detail}")
    for item in retirement(connected.provider, connected.clock.now()):
        yield Finding("api", "warning", f"{item.summary}: {item.detail}. {item.hint}")


def _profiles(runtime: Runtime, around: Survey) -> Finding:
    bound, _ = selected(runtime.loaded, around)
    return Finding("profiles", "ok", f"{len(bound)} selected")


def _channels(runtime: Runtime, around: Survey) -> Finding:
    """How the profiles of the workspace are set up at the provider."""
    bound = bind(runtime.loaded.workspace.profiles, around.profiles).profiles
    found = [
        f"{alias}: {remark.word} ({remark.meaning})"
        for alias, profile in sorted(bound.items())
        for remark in remarks(profile, around.title)
    ]
    if found:
        return Finding("channels", "warning", "; ".join(found))
    return Finding("channels", "ok", "connected, and nothing holds them up")


def _clock(connected: Connected) -> Finding:
    told = connected.provider.read([]).server_time
    if told is None:
        return Finding("clock", "ok", "the provider does not tell the time")
    skew = abs(told - connected.clock.now())
    verdict = "error" if skew > MAX_CLOCK_SKEW else "ok"
    return Finding("clock", verdict, f"{int(skew.total_seconds())} s from the provider's")


def _limits(connected: Connected) -> Finding:
    """Our table is the newer one; where the provider allows more, that is worth knowing."""
    told = connected.provider.limits().by_service
    raised = [
        f"{name} {limit.text}, not {known.text if (known := LIMITS.get(name)) else 'unknown'}"
        for name, limit in sorted(merge(LIMITS, told).items())
        if limit != LIMITS.get(name)
    ]
    if raised:
        return Finding("limits", "ok", f"the provider tells more: {'; '.join(raised)}")
    if not told:
        return Finding("limits", "ok", "the provider tells none; ours hold")
    return Finding("limits", "ok", f"{len(told)} networks told, none takes more than we allow")


def _requests(connected: Connected) -> Finding:
    windows = connected.provider.windows()
    shown = [f"{item.remaining} of {item.limit} left in {period(item.seconds)}" for item in windows]
    spent = any(item.remaining <= 0 for item in windows)
    return Finding("requests", "warning" if spent else "ok", ", ".join(shown) or "no limit known")
