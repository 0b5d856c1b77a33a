"""The command `plancast doctor`: run every check, report each finding, and change nothing.

With `--probe` it asks the live account instead (`_shared.account_probe`).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from plancast.commands._shared.checked_posts import ask_offline, skipped_words
from plancast.commands._shared.flags import formats, invoke
from plancast.commands._shared.plan_session import (
    Survey,
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
from plancast.model.findings import Question
from plancast.model.ports import ProviderError, StateError
from plancast.model.state import BindingStatus
from plancast.networks.profile_health import remarks
from plancast.networks.registry import LIMITS, merge
from plancast.reconcile.rails import MAX_CLOCK_SKEW, guard_ids
from plancast.reconcile.risks import retirement
from plancast.reconcile.selectors import bind

if TYPE_CHECKING:
    from plancast.app.context import Runtime
    from plancast.providers import Connected, ProviderInfo


_RENEWAL = timedelta(days=30)
"""A key that expires sooner is a warning: a person has to make the next one and store it."""

_LONGEST_WORKFLOW = 1024 * 1024
"""Bytes of a workflow that are read; a longer file is not one that plancast wrote."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Args:
    """The flags of `doctor`.

    `probe` is the profile on which the account is probed, None to check only. `scheduled`: the
    probe may schedule a post a year ahead. `yes`: the probe does not ask.
    """

    format_name: str = "human"
    probe: str | None = None
    scheduled: bool = False
    yes: bool = False


@click.command("doctor")
@formats("doctor")
@click.option(
    "--probe",
    metavar="CHANNEL",
    help="Ask the account what no documentation settles, with drafts that are removed again.",
)
@click.option(
    "--scheduled",
    is_flag=True,
    help="With --probe: also ask what needs a scheduled post, with one a year ahead.",
)
@click.option("--yes", is_flag=True, help="With --probe: do not ask first.")
@click.pass_context
def command(context: click.Context, /, **flags: Any) -> None:
    """Check that everything is in order: files, state, key, profiles, channels, limits.

    With --probe: instead, find out what the account does in cases that are not documented. CHANNEL
    is an alias of plancast.yaml or the id of a profile.
    """
    invoke(context, Args, run, flags)


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check. `verdict` is `ok`, `warning` or `error`."""

    check: str
    verdict: str
    detail: str


def run(args: Args, runtime: Runtime) -> ExitCode:
    """Run all checks, from the files outwards to the provider; exit 1 if one has an error.

    With `--probe`, probe the account instead.
    """
    if args.probe is not None:
        from plancast.commands._shared.account_probe import probe  # noqa: PLC0415

        return probe(args, runtime)
    if args.scheduled or args.yes:
        raise Stop(
            [problem("PC809", "--scheduled and --yes belong to --probe: name a channel with it")]
        )
    findings = list(_examine(runtime))
    if args.format_name == "json":
        plain = [
            {"check": finding.check, "verdict": finding.verdict, "detail": finding.detail}
            for finding in findings
        ]
        runtime.console.show_json(plain)
    else:
        from plancast.render.terminal.tables import render_wrapped_table  # noqa: PLC0415

        cells = [(finding.verdict, finding.check, finding.detail) for finding in findings]
        headers = ("VERDICT", "CHECK", "FOUND")
        runtime.console.show(
            render_wrapped_table(
                headers, cells, color=runtime.console.color, width=runtime.console.width
            )
        )
    failed = any(finding.verdict == "error" for finding in findings)
    return ExitCode.ERROR if failed else ExitCode.DONE


def _examine(runtime: Runtime) -> Iterator[Finding]:
    yield Finding("workspace", "ok", str(runtime.root))
    yield _guarded("files", lambda: _files(runtime))
    yield _guarded("state", lambda: _state(runtime))
    yield from _probes(runtime)
    yield from _workflows(runtime)
    yield _cache(runtime)
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
    """Run a check and turn what it raises into a finding, so that the other checks still run."""
    try:
        return look()
    except Stop as stop:
        first = stop.diagnostics[0]
        return Finding(check, "error", f"{first.code} {first.summary}: {first.detail}")
    except StateError as error:
        diagnostic = state_problem(error)
        hint = f". {error.hint}" if error.hint else ""
        return Finding(
            check, "error", f"{diagnostic.code} {diagnostic.summary}: {diagnostic.detail}{hint}"
        )
    except ProviderError as error:
        return _failed(check, error)


def _failed(check: str, error: ProviderError) -> Finding:
    found = provider_problem(error)
    detail = f"{found.code} {found.summary}: {found.detail}"
    return Finding(check, "error", f"{detail.rstrip('.')}. {found.hint}" if found.hint else detail)


def _files(runtime: Runtime) -> Finding:
    from plancast.render.text import count  # noqa: PLC0415

    loaded = runtime.loaded
    asked = ask_offline(loaded, runtime.remembered_profiles())
    errors = sum(1 for diagnostic in asked.diagnostics if diagnostic.severity is Severity.ERROR)
    warnings = sum(1 for diagnostic in asked.diagnostics if diagnostic.severity is Severity.WARNING)
    verdict = "error" if errors else ("warning" if warnings else "ok")
    counts = ((len(loaded.posts), "post"), (errors, "error"), (warnings, "warning"))
    found = ", ".join(count(*pair) for pair in counts)
    skipped = skipped_words(loaded)
    return Finding("files", verdict, f"{found}; {skipped}" if skipped else found)


def _state(runtime: Runtime) -> Finding:
    from plancast.render.text import count  # noqa: PLC0415

    state = runtime.state()
    detail = f"serial {state.serial}, {len(state.resources):,} owned"
    if state.intents:
        return Finding(
            "state", "warning", f"{detail}, {count(len(state.intents), 'call')} unresolved"
        )
    return Finding("state", "ok", detail)


def _probes(runtime: Runtime) -> Iterator[Finding]:
    """Report objects that a probe has left, and when the account was probed last."""
    try:
        state = runtime.state()
    except (Stop, StateError):  # the check `state` has reported it
        return
    if state.probes:
        from plancast.render.text import count  # noqa: PLC0415

        left = problem("PC850", count(len(state.probes), "object"))
        yield Finding("probe", "warning", f"{left.code} {left.summary}: {left.detail}. {left.hint}")
    elif state.findings:
        asked = f"{len(state.findings.answers)} of {len(Question)} questions"
        yield Finding("probe", "ok", f"asked on {state.findings.at:%Y-%m-%d}: {asked}")


def _cache(runtime: Runtime) -> Finding:
    """Report the place and the size of the cache of posts; that it cannot be used is no error."""
    from plancast.render.text import count  # noqa: PLC0415

    cache = runtime.post_cache()
    size = cache.size()
    cache.close()
    folder = cache.path.parent
    if cache.trouble:
        return Finding("cache", "ok", f"{folder}: not used: {cache.trouble}")
    if size is None:
        return Finding("cache", "ok", f"{folder}: empty")
    megabytes = f"{size.bytes / 1_000_000:.1f} MB"
    detail = f"{folder}: {megabytes}, {count(size.rows, 'row')}; remove that folder to empty it"
    return Finding("cache", "ok", detail)


def _workflows(runtime: Runtime) -> Iterator[Finding]:
    """Check the files that `init --ci` has written: report those to renew or to remove.

    Yields nothing if there are none.
    """
    outdated, current = [], 0
    for forge in FILES:
        editions = dict(_editions(forge, runtime))
        names = [name for name, edition in editions.items() if edition < EDITION]
        current += len(editions) - len(names)
        if names:
            renew = f"`git rm {' '.join(names)} && plancast init --ci {forge}` renews it"
            hint = f"{renew}; the diff shows what you had changed."
            outdated.append(problem("PC846", ", ".join(names), hint=hint))
    for name, folder in _without_workspace(runtime):
        again = f"`git rm {name}`, and `plancast init --ci` in the new one"
        detail, hint = f"{name} is about {folder}", f"If that was renamed: {again}."
        outdated.append(problem("PC847", detail, hint=hint))
    for item in outdated:
        detail = f"{item.code} {item.summary}: {item.detail}. {item.hint}"
        yield Finding("workflows", "warning", detail)
    if current and not outdated:
        yield Finding("workflows", "ok", f"{current} of the edition that this plancast writes")


def _editions(forge: str, runtime: Runtime) -> Iterator[tuple[str, int]]:
    """Yield the CI files of this workspace that plancast wrote, each with its edition."""
    for name in ci_names(forge, Place(runtime.inside)):
        if edition := edition_of(_text_of(name, runtime)):
            yield name, edition


def _without_workspace(runtime: Runtime) -> Iterator[tuple[str, str]]:
    """Yield each CI file that plancast wrote for a folder without a workspace, and that folder."""
    checkout = runtime.checkout
    if checkout is None:
        return
    for inside in CI_FOLDERS:
        try:
            names = sorted(path.name for path in os.scandir(checkout / inside))
        except OSError:
            continue
        for name in (
            f"{inside}/{file_name}" for file_name in names if file_name.endswith((".yml", ".yaml"))
        ):
            text = _text_of(name, runtime)
            with suppress(ValueError):
                folder = folder_of(text) if edition_of(text) else None
                if folder is not None and not (checkout / folder / "plancast.yaml").is_file():
                    yield name, folder or "the top of the checkout"


def _text_of(name: str, runtime: Runtime) -> str:
    """Read a file of the checkout; "" if it cannot be read without following a link."""
    with suppress(OSError):
        if runtime.checkout is not None:
            file = named_file(runtime.checkout / name, runtime.checkout)
            return file.read(_LONGEST_WORKFLOW).decode("utf-8", "replace")
    return ""


def _left_states(runtime: Runtime, account_id: str) -> Iterator[Finding]:
    """Report states whose workspace is gone, if they own entries that were still waiting."""
    try:
        mine = runtime.state().owned_ids()
        around = runtime.stores.neighbours(account_id)
    except StateError:  # the check `state` has reported it
        return
    for other in around:
        if other.trouble:
            yield Finding("states", "warning", f"{other.trouble}. What it owns is not known.")
        waiting = sum(
            1
            for binding in other.bindings
            if binding.status is BindingStatus.SCHEDULED and binding.remote_id not in mine
        )
        if other.is_left and waiting:
            yield Finding(
                "states",
                "warning",
                f"{other.kept.shown} owns {waiting} that waited when it was applied last, and no "
                "workspace of this commit will ever let go of them. To remove them, bring its "
                "plancast.yaml back without its posts, and apply there with `--allow-empty`.",
            )


def _live(runtime: Runtime, connected: Connected) -> Iterator[Finding]:
    provider = connected.provider
    try:
        surveyed = survey(provider)
    except ProviderError as error:
        yield _failed("token", error)
        return
    account = surveyed.account
    plan = f", plan {account.plan}" if account.plan else ""
    inside = f", organization {account.organization}" if account.organization else ""
    yield Finding("token", "ok", f"account {account.name or account.id}{plan}{inside}")
    yield from key_life(account.key_expires, runtime.provider_info, connected.clock.now())
    yield _guarded("account", lambda: _account(runtime, account.id))
    yield from _left_states(runtime, account.id)
    yield from _api(runtime, connected)
    yield _guarded("profiles", lambda: _profiles(runtime, surveyed))
    yield _guarded("channels", lambda: _channels(runtime, surveyed))
    yield _guarded("clock", lambda: _clock(connected))
    yield _guarded("limits", lambda: _limits(connected))
    yield _guarded("requests", lambda: _requests(connected))


def key_life(
    expires: datetime | None, info: ProviderInfo | None, now: datetime
) -> Iterator[Finding]:
    """Report until when the key can be used; nothing if no end of it is known."""
    from plancast.render.text import distance  # noqa: PLC0415

    if expires is not None:
        detail = f"expires on {expires.date()} ({distance(expires, now)})"
        if expires - now < _RENEWAL:
            yield Finding("key", "warning", f"{detail}. Make a new one before that.")
        else:
            yield Finding("key", "ok", detail)
    elif info is not None and info.key_life:
        unknown = f"{info.title} does not report when this one expires"
        yield Finding("key", "ok", f"keys live {info.key_life} at most; {unknown}")


def _account(runtime: Runtime, account_id: str) -> Finding:
    known = runtime.state().account_id
    if known and known != account_id:
        return Finding("account", "error", f"the state is about {known}, not {account_id}")
    return Finding("account", "ok", "the one of the state" if known else "the state names none yet")


def _api(runtime: Runtime, connected: Connected) -> Iterator[Finding]:
    """Report a state with ids of another API, and an API that is retired; else yield nothing."""
    able = connected.provider.capabilities
    with suppress(StateError):  # the check `state` has reported it
        if trouble := guard_ids(runtime.state(), able.api):
            yield Finding("api", "error", f"{trouble.code} {trouble.summary}: {trouble.detail}")
    for item in retirement(connected.provider, connected.clock.now()):
        yield Finding("api", "warning", f"{item.summary}: {item.detail}. {item.hint}")


def _profiles(runtime: Runtime, around: Survey) -> Finding:
    bound, _ = selected(runtime.loaded, around)
    return Finding("profiles", "ok", f"{len(bound)} selected")


def _channels(runtime: Runtime, around: Survey) -> Finding:
    """Check how the provider has set up the workspace's profiles: locked, paused, reminders."""
    bound = bind(runtime.loaded.workspace.profiles, around.profiles).profiles
    health_remarks = [
        f"{alias}: {remark.word} ({remark.meaning})"
        for alias, profile in sorted(bound.items())
        for remark in remarks(profile, around.title)
    ]
    if health_remarks:
        return Finding("channels", "warning", "; ".join(health_remarks))
    return Finding("channels", "ok", "connected, and nothing holds them up")


def _clock(connected: Connected) -> Finding:
    server_time = connected.provider.read([]).server_time
    if server_time is None:
        return Finding("clock", "ok", "the provider does not report its time")
    skew = abs(server_time - connected.clock.now())
    verdict = "error" if skew > MAX_CLOCK_SKEW else "ok"
    return Finding("clock", verdict, f"{int(skew.total_seconds())} s from the provider's")


def _limits(connected: Connected) -> Finding:
    """Compare our limits with the provider's, which may allow more than ours: no error."""
    provider_limits = connected.provider.limits().by_service
    raised = [
        f"{name} {limit.text}, not {known.text if (known := LIMITS.get(name)) else 'unknown'}"
        for name, limit in sorted(merge(LIMITS, provider_limits).items())
        if limit != LIMITS.get(name)
    ]
    if raised:
        return Finding("limits", "ok", f"the provider allows more: {'; '.join(raised)}")
    if not provider_limits:
        return Finding("limits", "ok", "the provider reports none; those of plancast hold")
    from plancast.render.text import count  # noqa: PLC0415

    networks = count(len(provider_limits), "network")
    return Finding("limits", "ok", f"reported for {networks}; none allows more than plancast does")


def _requests(connected: Connected) -> Finding:
    windows = connected.provider.windows()
    shown = [
        f"{item.remaining:,} of {item.limit:,} left in {period(item.seconds)}" for item in windows
    ]
    spent = any(item.remaining <= 0 for item in windows)
    return Finding("requests", "warning" if spent else "ok", ", ".join(shown) or "no limit known")
