"""The commands `plancast state …`: look into what plancast owns, and mend it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import click

from plancast.app.context import StateAccess
from plancast.codec import time_to_text
from plancast.commands._shared.flags import approve, formats, invoke
from plancast.commands._shared.state_access import (
    edit,
    holding,
    owned,
    owned_by,
    parse,
    show_entries,
)
from plancast.model.diagnostics import problem
from plancast.model.exit_codes import ExitCode, Stop
from plancast.model.git_ref_names import is_state_ref
from plancast.model.ports import StateError
from plancast.model.state import State
from plancast.model.workspace_identity import Identity
from plancast.providers.registry import environment
from plancast.reconcile.workspace_identity import is_one_queue

if TYPE_CHECKING:
    from plancast.app.context import Runtime, Stores


@click.group("state")
def command() -> None:
    """Look into what plancast owns, and mend it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListArgs:
    """The arguments of `state list`. Without `patterns`, everything."""

    patterns: tuple[str, ...] = ()
    format_name: str = "human"


@command.command("list")
@click.argument("patterns", metavar="[ADDRESS|ID|GLOB]...", nargs=-1)
@formats("state list")
@click.pass_context
def list_command(context: click.Context, /, **flags: Any) -> None:
    """List everything that is owned, or what matches."""
    invoke(context, ListArgs, run_list, flags)


def run_list(args: ListArgs, runtime: Runtime) -> ExitCode:
    """Show the owned addresses, sorted, one on each line."""
    from plancast.codec import binding_to_dict  # noqa: PLC0415

    state = runtime.state()
    bindings = owned_by(state, args.patterns or ("*",) if state.resources else (), globs=True)
    if args.format_name == "json":
        runtime.console.show_json([binding_to_dict(binding) for binding in bindings])
    elif bindings:
        for binding in bindings:
            runtime.console.show_name(str(binding.address))
    else:
        runtime.console.say("Nothing is owned yet.")
    return ExitCode.DONE


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowArgs:
    """The arguments of `state show`."""

    patterns: tuple[str, ...]


@command.command("show")
@click.argument("patterns", metavar="ADDRESS|ID|GLOB...", nargs=-1, required=True)
@click.pass_context
def show_command(context: click.Context, /, **flags: Any) -> None:
    """Show all that is known of entries."""
    invoke(context, ShowArgs, run_show, flags)


def run_show(args: ShowArgs, runtime: Runtime) -> ExitCode:
    """Show bindings in the form of the state file: that of an address, or a list of all others."""
    from plancast.codec import binding_to_dict  # noqa: PLC0415

    found = [binding_to_dict(one) for one in owned_by(runtime.state(), args.patterns, globs=True)]
    is_one = len(args.patterns) == 1 and "@" in args.patterns[0] and len(found) == 1
    runtime.console.show_json(found[0] if is_one else found)
    return ExitCode.DONE


@dataclass(frozen=True, slots=True, kw_only=True)
class RmArgs:
    """The arguments of `state rm`."""

    patterns: tuple[str, ...]
    auto_approve: bool = False


@command.command("rm")
@click.argument("patterns", metavar="ADDRESS|ID...", nargs=-1, required=True)
@approve
@click.pass_context
def rm_command(context: click.Context, /, **flags: Any) -> None:
    """Stop owning entries. They stay in the queue."""
    invoke(context, RmArgs, run_rm, flags)


def run_rm(args: RmArgs, runtime: Runtime) -> ExitCode:
    """Show the entries, ask, and stop owning all of them, or none if one is not owned."""
    if not args.auto_approve:
        runtime.console.must_be_able_to_ask()
    found = owned_by(runtime.state(), args.patterns)
    if not args.auto_approve:
        show_entries(found, runtime)
        what = found[0].address if len(found) == 1 else f"these {len(found)} entries"
        if not runtime.console.confirm(f"Stop owning {what}? What is in the queue stays there."):
            runtime.console.say("Nothing was done.")
            return ExitCode.ERROR

    # Checked again under the lease: another run may have changed the state since.
    def without(state: State) -> State:
        return state.forget(*(owned(state, str(one.address)).address for one in found))

    edit(runtime, "state rm", without)
    for one in found:
        runtime.console.say(f"{one.address} is no longer owned. It stays in the queue.")
    return ExitCode.DONE


@dataclass(frozen=True, slots=True, kw_only=True)
class MvArgs:
    """The arguments of `state mv`."""

    old: str
    new: str


@command.command("mv")
@click.argument("old")
@click.argument("new")
@click.pass_context
def mv_command(context: click.Context, /, **flags: Any) -> None:
    """Give an entry another address."""
    invoke(context, MvArgs, run_mv, flags)


def run_mv(args: MvArgs, runtime: Runtime) -> ExitCode:
    """Give an entry another address, which must be free and on the same profile.

    Raises Stop otherwise: an entry cannot move from one queue to another.
    """
    target = parse(args.new)

    def with_new_address(state: State) -> State:
        binding = owned(state, args.old)
        if state.binding(target) is not None:
            raise Stop([problem("PC607", f"{target} is owned already", hint="Remove it first.")])
        if target.profile != binding.address.profile:
            hint = "An entry that is in a queue cannot move to another: change the file, and plan."
            raise Stop([problem("PC607", "the profile must stay the same", hint=hint)])
        return state.move(binding.address, target)

    edit(runtime, "state mv", with_new_address)
    runtime.console.say(f"{args.old} is {args.new} now.")
    return ExitCode.DONE


@dataclass(frozen=True, slots=True, kw_only=True)
class UnlockArgs:
    """The flags of `state unlock`."""

    auto_approve: bool = False


@command.command("unlock")
@approve
@click.pass_context
def unlock_command(context: click.Context, /, **flags: Any) -> None:
    """Take the state from a run that is dead, on another machine."""
    invoke(context, UnlockArgs, run_unlock, flags)


def run_unlock(args: UnlockArgs, runtime: Runtime) -> ExitCode:
    """Show who holds the lease, ask, and end it. Raises StateLocked if a run here holds the state.

    If the other run lives after all, it notices the new epoch before its next request that writes.
    """
    if not args.auto_approve:
        runtime.console.must_be_able_to_ask()
    stores = runtime.stores
    with stores.store.lock("`state unlock`", 0.0):
        state = stores.state()
        if state.lease is None:
            runtime.console.show("Nobody holds the state.")
            return ExitCode.DONE
        since = f"{state.lease.acquired_at:%Y-%m-%d %H:%M:%S} UTC"
        question = f"{state.lease.holder} holds the state since {since}. Is it surely dead?"
        if not args.auto_approve and not runtime.console.confirm(question):
            runtime.console.say("Nothing was done.")
            return ExitCode.ERROR
        # Write first: the state that is written has the journal's records in it, so none is lost.
        stores.store.write(replace(state, lease=None, epoch=state.epoch + 1))
        stores.journal.clear()
    runtime.console.show_done(
        "Unlocked. The next apply looks for what the other run may have done."
    )
    return ExitCode.DONE


@dataclass(frozen=True, slots=True, kw_only=True)
class LogArgs:
    """The flags of `state log`."""

    limit: int = 20
    format_name: str = "human"


@command.command("log")
@click.option(
    "-n", "limit", type=click.IntRange(1), default=20, show_default=True, help="How many."
)
@formats("state log")
@click.pass_context
def log_command(context: click.Context, /, **flags: Any) -> None:
    """Show who changed the state and when, newest first (state in git only)."""
    invoke(context, LogArgs, run_log, flags)


def run_log(args: LogArgs, runtime: Runtime) -> ExitCode:
    """Show one line for each write, newest first. Raises Stop if the state has no history."""
    from plancast.render.terminal.tables import render_table  # noqa: PLC0415
    from plancast.render.text import local  # noqa: PLC0415

    if (history_of := runtime.stores.history) is None:
        raise Stop([problem("PC613")])
    history = history_of(args.limit)
    if args.format_name == "json":
        plain = [
            {
                "commit": step.id,
                "at": time_to_text(step.at) if step.at else None,
                "who": step.who,
                "what": step.what,
            }
            for step in history
        ]
        runtime.console.show_json(plain)
        return ExitCode.DONE
    zone = runtime.settings.timezone
    cells = [
        (local(step.at, zone) if step.at else "unknown", step.id[:10], step.who, step.what)
        for step in history
    ]
    if cells:
        headers = ("WHEN", "COMMIT", "WHO", "WHAT")
        runtime.console.show(
            render_table(
                headers, cells, color=runtime.console.color, width=runtime.console.width, whole=True
            )
        )
    else:
        runtime.console.say("Nothing was written yet.")
    return ExitCode.DONE


@dataclass(frozen=True, slots=True, kw_only=True)
class AdoptArgs:
    """The arguments of `state adopt`."""

    place: str
    auto_approve: bool = False


@command.command("adopt")
@click.argument("place", metavar="REF")
@approve
@click.pass_context
def adopt_command(context: click.Context, /, **flags: Any) -> None:
    """Take over the state in another ref, or one of another workspace.

    From then on it is the state of this workspace, and the other ref says so. With a local state
    REF is `.plancast`.
    """
    invoke(context, AdoptArgs, run_adopt, flags)


def run_adopt(args: AdoptArgs, runtime: Runtime) -> ExitCode:
    """Read the other state, say whose it is, ask, and write it as the state of this workspace."""
    if not args.auto_approve:
        runtime.console.must_be_able_to_ask()
    stores = runtime.open_stores(StateAccess(adopting=_place(args.place, runtime)))
    state = stores.state()
    _must_be_adoptable(state, args.place, runtime, stores)
    runtime.console.say(_described(state, args.place, runtime))
    if not args.auto_approve and not runtime.console.confirm(
        "Make it the state of this workspace?"
    ):
        runtime.console.say("Nothing was done.")
        return ExitCode.ERROR
    with holding(stores, runtime.system_clock, "state adopt"):
        pass  # taking the lease writes the state, as that of this workspace
    runtime.console.show_done("Adopted the state. `plancast plan` shows what differs.")
    return ExitCode.DONE


def _place(name: str, runtime: Runtime) -> str:
    """Return the ref or the folder of the state to adopt. Raises Stop if it cannot be one."""
    if runtime.settings.state.backend == "git":
        if not is_state_ref(name):
            hint = "Name it in full, such as `refs/plancast/state`."
            raise Stop([problem("PC627", f"{name!r} is no ref for a state", hint=hint)])
        return name
    # A local state is used in place: there is nothing to read from another folder.
    own = runtime.root / ".plancast"
    if runtime.path(name).absolute() not in {own, own / "state.json"}:
        detail = f"a local state is adopted where it is used, in {own}"
        hint = "Move its folder there, then run `plancast state adopt .plancast`."
        raise Stop([problem("PC627", detail, hint=hint)])
    return str(own)


def _must_be_adoptable(state: State, place: str, runtime: Runtime, stores: Stores) -> None:
    """Raise Stop if there is no state, its workspace still exists, or it is about another queue."""
    if state.is_new:
        raise Stop([problem("PC627", f"{place} holds no state that owns anything")])
    # Two workspaces with one state would each destroy the posts of the other.
    if stores.stands(place, state):
        whose = f"that of {state.workspace.shown}" if state.workspace else "that of its folder"
        detail = f"{place} is {whose}, and that workspace is still there"
        hint = (
            "The next plan would destroy its posts. Give this workspace a state of its own: name "
            "another ref in `state:`. If the other one is to go, commit that first."
        )
        raise Stop([problem("PC627", detail, hint=hint)])
    here = Identity(environment=environment(runtime.settings.provider, runtime.root))
    if state.workspace and not is_one_queue(here, state.workspace):
        detail = f"it is about {state.workspace.environment}, not about {here.environment}"
        raise Stop([problem("PC623", detail)], ExitCode.REFUSED)


def _described(state: State, place: str, runtime: Runtime) -> str:
    from plancast.render.text import count  # noqa: PLC0415

    asked = sum(1 for address in state.resources if runtime.asks_for(address))
    whose = f"is that of {state.workspace.shown}" if state.workspace else "does not say whose it is"
    owned = count(len(state.resources), "entry")
    return f"{place} {whose}. It owns {owned}, {asked} of them asked for here."


@dataclass(frozen=True, slots=True, kw_only=True)
class PullArgs:
    """The arguments of `state pull`: none."""


@command.command("pull")
@click.pass_context
def pull_command(context: click.Context, /, **flags: Any) -> None:
    """Print the state, as one JSON document."""
    invoke(context, PullArgs, run_pull, flags)


def run_pull(_args: PullArgs, runtime: Runtime) -> ExitCode:
    """Print the state with the journal replayed into it; write nothing."""
    from plancast.render.terminal.style import safe_json  # noqa: PLC0415
    from plancast.store.state_json import encode  # noqa: PLC0415

    runtime.console.show(safe_json(encode(runtime.state()).decode()))
    return ExitCode.DONE


@dataclass(frozen=True, slots=True, kw_only=True)
class PushArgs:
    """The arguments of `state push`."""

    state_file: str
    auto_approve: bool = False


@command.command("push")
@click.argument("state_file", metavar="FILE", type=click.Path(dir_okay=False))
@approve
@click.pass_context
def push_command(context: click.Context, /, **flags: Any) -> None:
    """Put a copy of the state, such as `state pull` printed, in the place of the state.

    Also moves a local state to the place that plancast.yaml now names. What the file does not
    name is no longer owned; it stays in the queue.
    """
    invoke(context, PushArgs, run_push, flags)


def run_push(args: PushArgs, runtime: Runtime) -> ExitCode:
    """Read the file, compare, ask, and write it in the place of the state.

    An entry that the file does not name is no longer owned, and stays in the queue.
    """
    if not args.auto_approve:
        runtime.console.must_be_able_to_ask()
    pushed = _read(args.state_file, runtime)
    stores = runtime.open_stores(StateAccess(moving=True))
    with holding(stores, runtime.system_clock, "state push") as tenure:
        current = tenure.state()
        _must_replace(pushed, current)
        runtime.console.say(
            f"The state owns {len(current.resources)} entries, the file {len(pushed.resources)}."
        )
        if not args.auto_approve and not runtime.console.confirm(
            "Put the file in the place of the state?"
        ):
            runtime.console.say("Nothing was done.")
            return ExitCode.ERROR
        tenure.write(
            # The line of writes goes on: an older serial would make a saved plan look fresh, and
            # an older epoch would let a run that lost its lease go on.
            replace(
                pushed,
                lineage=current.lineage,
                serial=current.serial,
                epoch=max(pushed.epoch, current.epoch) + 1,
                lease=current.lease,
            )
        )
    runtime.console.show_done("Replaced the state.")
    return ExitCode.DONE


def _read(name: str, runtime: Runtime) -> State:
    from plancast.files.refusals import link_problem, reason  # noqa: PLC0415
    from plancast.store.state_json import MAX_BYTES, decode  # noqa: PLC0415

    file = runtime.named(name)
    try:
        return decode(file.read(MAX_BYTES), str(file.path))
    except OSError as error:
        refused = link_problem(error) or problem("PC614", f"{name}: {reason(error)}")
        raise Stop([refused]) from None
    except StateError as error:
        raise Stop([problem("PC614", f"{name}: {error}")]) from None


def _must_replace(pushed: State, current: State) -> None:
    """Raise Stop if the file is a copy of another state, or if calls are unresolved in either."""
    if pushed.lineage != current.lineage and (current.resources or current.intents):
        raise Stop([problem("PC614", "the file is a copy of another state (its lineage differs)")])
    for state, where in ((pushed, "the file"), (current, "the state")):
        if state.intents:
            detail = f"{where} holds calls whose outcome is not known"
            hint = "Run `plancast apply` there first: it finds out."
            raise Stop([problem("PC614", detail, hint=hint)])
