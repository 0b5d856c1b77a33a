"""The command `plancast migrate`: move a workspace from API v1 to Buffer's current API.

The queue stays as it is: every request of this run is a read, and the fence refuses all others.
Only our records change: the ids in the state, and plancast.yaml.

The two are written one after the other, the state first, and a run can be killed in between. Then
the state belongs to another API than the workspace names, which every plan refuses (PC615), and
this command, run again, does the rest, whichever of the two was written.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import click

from plancast.commands._shared import migrate_matching
from plancast.commands._shared.checked_posts import ask_live
from plancast.commands._shared.config_rewrite import (
    FILE,
    TARGET,
    ConfigDraft,
    drafted,
    settings_for,
)
from plancast.commands._shared.file_rewrite import difference, refused, write
from plancast.commands._shared.flags import approve, invoke
from plancast.commands._shared.import_rebuild import must_be_settled
from plancast.commands._shared.plan_session import selected, survey
from plancast.commands._shared.state_access import holding
from plancast.model.diagnostics import Diagnostic, Severity, has_errors, problem
from plancast.model.entry import Address
from plancast.model.exit_codes import ExitCode, Stop
from plancast.model.plan import Plan
from plancast.model.ports import Rejected
from plancast.model.state import State
from plancast.model.workspace import ProviderSettings
from plancast.rebuild.migrate import FoundEntries, Search
from plancast.rebuild.profile_matching import Doubt

if TYPE_CHECKING:
    from plancast.app.context import Runtime
    from plancast.commands._shared.plan_session import Survey
    from plancast.engine.lease import Tenure
    from plancast.model.ports import Clock, Provider


@dataclass(frozen=True, slots=True, kw_only=True)
class Args:
    """The flags of `migrate`. `profiles`: ALIAS=ID, `matches`: ADDRESS=ID, `forget`: globs."""

    to: str = TARGET
    organization: str = ""
    profiles: tuple[str, ...] = ()
    matches: tuple[str, ...] = ()
    forget: tuple[str, ...] = ()
    auto_approve: bool = False


@click.command("migrate")
@click.option(
    "--to",
    type=click.Choice([TARGET]),
    required=True,
    help="The API that the workspace is to be about.",
)
@click.option(
    "--organization",
    metavar="ID",
    default="",
    help="Whose channels, if a key reaches several organizations.",
)
@click.option(
    "--profile",
    "profiles",
    metavar="ALIAS=ID",
    multiple=True,
    help="Which channel an alias means. Can be repeated.",
)
@click.option(
    "--match",
    "matches",
    metavar="ADDRESS=ID",
    multiple=True,
    help="Which post an address is. Can be repeated.",
)
@click.option(
    "--forget",
    metavar="ADDRESS-GLOB",
    multiple=True,
    help="Let go of what is not certain: the next plan may create it anew. Can be repeated.",
)
@approve
@click.pass_context
def command(context: click.Context, /, **flags: Any) -> None:
    """Move the workspace from API v1 to Buffer's current API.

    Finds what is owned by its new ids, then writes the state and plancast.yaml. Nothing is
    created, changed or destroyed. Exit 1 if something is left for a person to say or do.
    """
    invoke(context, Args, run, flags)


@dataclass(frozen=True, slots=True)
class MigrationOutcome:
    """The result of a migration before it is written.

    `found` is None if the state is on the other side already. `unsure` are the addresses that a
    person must match or let go of first. `plan` is the next plan, None if it cannot be made;
    `troubles` say why.
    """

    state: State
    draft: ConfigDraft
    paired: migrate_matching.Paired
    found: FoundEntries | None
    unsure: tuple[Address, ...]
    plan: Plan | None
    troubles: tuple[Diagnostic, ...]

    @property
    def is_clean(self) -> bool:
        """True if the next plan can be made and is empty."""
        return self.plan is not None and self.plan.can_apply and not self.plan.has_changes

    @property
    def untagged(self) -> int:
        """The number of waiting entries without a tag that their files name."""
        waiting = (binding for binding in self.state.resources.values() if binding.sent_at is None)
        return sum(
            1 for binding in waiting if set(binding.applied.tags) - set(binding.observed.tags)
        )


def run(args: Args, runtime: Runtime) -> ExitCode:
    """Read, match, show, ask, write. Exit 1 if something is left for a person to say or do."""
    loaded = runtime.loaded
    if has_errors(loaded.diagnostics):
        raise Stop(loaded.diagnostics)
    settings = settings_for(loaded.workspace.provider, args.organization)
    state = runtime.state()
    if settings == loaded.workspace.provider and _is_over(state):
        runtime.console.show(
            "Nothing to migrate: workspace and state are on the current API already."
        )
        return ExitCode.DONE
    _must_be_settled(state, is_named=settings == loaded.workspace.provider)
    connected = runtime.connect(settings=settings, root=runtime.root, fence=nothing_is_sent)
    with holding(runtime.stores, runtime.system_clock, "migrate") as tenure:
        # Another run may have changed the state before this one held it: read and check again.
        state = tenure.state()
        _must_be_settled(state, is_named=settings == loaded.workspace.provider)
        outcome = _outcome(args, runtime, connected.provider, connected.clock, state, settings)
        _show(outcome, runtime)
        # Nothing is written while an address is in doubt: its next plan could create a post again.
        if outcome.unsure:
            detail = f"{len(outcome.unsure)} of them, listed above"
            raise Stop([problem("PC616", detail)])
        if not args.auto_approve and not runtime.console.confirm(_question(outcome)):
            runtime.console.say("Nothing was written.")
            return ExitCode.ERROR
        _write(outcome, tenure, state)
    runtime.console.say("Migrated. Nothing was sent to Buffer.")
    return ExitCode.DONE if outcome.is_clean else ExitCode.ERROR


def _is_over(state: State) -> bool:
    """Return whether the state holds no id of API v1: it is moved already, or it owns nothing."""
    return state.provider == TARGET or not (state.resources or state.intents)


def _must_be_settled(state: State, *, is_named: bool) -> None:
    """Raise Stop if calls that were made through API v1 are not settled; only it can settle them.

    `is_named`: plancast.yaml names the current API already, so an apply would be refused (PC615)
    and the hint has to say more.
    """
    if state.provider == TARGET:
        return
    first = "Run `plancast apply` first"
    if is_named:
        first = f"Name API v1 in {FILE} once more and run `plancast apply`"
    must_be_settled(state, first)


def nothing_is_sent() -> None:
    """Refuse every request that changes something: the fence of this run."""
    raise AssertionError("a migration sends nothing")


def _write(outcome: MigrationOutcome, tenure: Tenure, state: State) -> None:
    """Write the state, then plancast.yaml. Raises Stop if one cannot be written.

    If only the state gets written, every plan is refused until the migration is run again.
    """
    rewrite = outcome.draft.rewrite
    trouble = refused(rewrite) if rewrite else None
    if trouble is None:
        if outcome.state != state:
            tenure.write(outcome.state)
        trouble = write(rewrite) if rewrite else None
        if trouble is not None:
            hint = "The state is written. Run the command again where the file can be."
            trouble = replace(trouble, hint=hint)
    if trouble is not None:
        raise Stop([trouble])


# -- the outcome ----------------------------------------------------------------------------------


def _outcome(  # noqa: PLR0913, PLR0917  # a run has these parts
    args: Args,
    runtime: Runtime,
    provider: Provider,
    clock: Clock,
    state: State,
    settings: ProviderSettings,
) -> MigrationOutcome:
    """Read the channels and queues of the current API, and work out the result. Raises Stop."""
    around = _around(provider)
    paired = _paired(args, runtime, state, around)
    if settings.name == TARGET and around.account.organization:
        # An organization in plancast.yaml saves one request in every later run.
        named_options = {"organization": around.account.organization, **settings.options}
        settings = replace(settings, options=named_options)
    draft = drafted(runtime, settings, paired.aliases, around.profiles)
    loaded = replace(runtime.loaded, workspace=draft.workspace)
    profiles, _ = selected(loaded, around)
    asked = ask_live(loaded, provider, profiles)
    sight = migrate_matching.look(provider, paired, around)
    found = None
    unsure: tuple[Address, ...] = ()
    if not _is_over(state):
        matches_given = migrate_matching.addresses(
            migrate_matching.pairs(args.matches, "ADDRESS=ID")
        )
        zones = {item.address: item.zone for item in asked.desired}
        wanted = Search(tuple(state.resources.values()), paired.by_id(), zones, matches_given)
        found, sight = migrate_matching.search(provider, wanted, sight, clock)
        let_go = migrate_matching.let_go(found, args.forget)
        unsure = tuple(address for address in found.doubtful if address not in let_go)
    fresh = migrate_matching.moved(state, found, paired, asked, provider, sight)
    troubles = tuple(
        diagnostic for diagnostic in asked.diagnostics if diagnostic.severity is Severity.ERROR
    )
    plan = None
    if not troubles and not unsure:
        plan = migrate_matching.next_plan(loaded, asked, provider, fresh, sight)
    return MigrationOutcome(fresh, draft, paired, found, unsure, plan, troubles)


def _around(provider: Provider) -> Survey:
    """Read account and channels. Raises Stop if a key reaches several organizations."""
    try:
        return survey(provider)
    except Rejected as error:
        if error.code != "organization":
            raise
        hint = "Name one: `--organization ID`."
        raise Stop([problem("PC811", str(error), hint=hint)]) from None


def _paired(args: Args, runtime: Runtime, state: State, around: Survey) -> migrate_matching.Paired:
    """Pair profiles with channels, and ask the user about doubts unless `--auto-approve` is set.

    Raises Stop if doubts are left.
    """
    workspace = runtime.loaded.workspace
    given_ids = migrate_matching.pairs(args.profiles, "ALIAS=ID")
    paired, doubts = migrate_matching.pair(workspace, state, around, given_ids)
    if doubts and not args.auto_approve:
        answers = {}
        for doubt in doubts:
            names = paired.roster.names(doubt.old.id)
            chosen = _asked(doubt, names, runtime) if names and doubt.candidates else ""
            answers.update(dict.fromkeys(names, chosen) if chosen else {})
        paired, doubts = migrate_matching.pair(workspace, state, around, {**answers, **given_ids})
    if doubts:
        raise Stop([_doubt_problem(doubt, paired.roster.names(doubt.old.id)) for doubt in doubts])
    return paired


def _asked(doubt: Doubt, names: tuple[str, ...], runtime: Runtime) -> str:
    """Ask which channel an alias means, and return its id; "" without a valid answer."""
    listed = "\n".join(
        f"  {number}: {channel.service} {channel.label} (id {channel.id})"
        for number, channel in enumerate(doubt.candidates, 1)
    )
    answer = runtime.console.ask(
        f"Which channel is {', '.join(names)}?\n{listed}\n  The number of one."
    )
    known = {str(number): channel.id for number, channel in enumerate(doubt.candidates, 1)}
    return known.get(answer, "")


def _doubt_problem(doubt: Doubt, names: tuple[str, ...]) -> Diagnostic:
    old = f"{', '.join(names) or 'no alias'} ({doubt.old.service} {doubt.old.label})"
    might = ", ".join(
        f"{candidate.id} ({candidate.service} {candidate.label})" for candidate in doubt.candidates
    )
    if might:
        return problem("PC812", f"{old}; it might be {might}")
    hint = "Connect it in Buffer, or name one with `--profile ALIAS=ID`."
    return problem("PC812", f"{old}; no channel of its network is left", hint=hint)


# -- what is shown --------------------------------------------------------------------------------


def _show(outcome: MigrationOutcome, runtime: Runtime) -> None:
    from plancast.render.formats import render_plan  # noqa: PLC0415
    from plancast.render.terminal.migrate import render_channels, render_found  # noqa: PLC0415
    from plancast.render.text import count  # noqa: PLC0415

    options = runtime.options(outcome.state.read_at or runtime.system_clock.now())
    parts = [render_channels(outcome.paired.roster, outcome.paired.channels, options)]
    if outcome.found is not None:
        parts.append(render_found(outcome.found, options))
        if outcome.untagged:
            what = f"Without the tags that the files name: {count(outcome.untagged, 'entry')}."
            parts.append(f"{what} API v1 has none; they go with the next change of each.\n")
    if outcome.draft.rewrite is not None:
        lines = [FILE, *difference(outcome.draft.rewrite, runtime)]
        parts.append("\n".join(lines) + "\n")
    plan = outcome.plan
    if outcome.is_clean:
        parts.append("The next plan is empty.\n")
    elif plan is not None:
        shown = render_plan(plan, "human", replace(options, now=plan.generated_at))
        parts.append(f"The next plan is not empty:\n\n{shown}")
    runtime.console.show("\n".join(parts))
    runtime.console.problems(outcome.troubles)


def _question(outcome: MigrationOutcome) -> str:
    what = f"the state and {FILE}" if outcome.draft.rewrite else "the state"
    return f"Write {what}? Nothing is sent to Buffer."
