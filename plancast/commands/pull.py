"""The command `plancast pull`: take what people changed in Buffer into the post files.

The queue and the state are only read. Every edit is tried before it is written: the edited files
are laid out in a temporary folder, loaded as any workspace is, and planned against the queue that
was read. An edit is dropped if the plan would still differ from the queue there, or would change an
entry that no person touched.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import click

from plancast.commands._shared.checked_posts import checked_files
from plancast.commands._shared.file_rewrite import Rewrite, difference, refused, write
from plancast.commands._shared.flags import approve, invoke
from plancast.commands._shared.plan_session import (
    Look,
    Scope,
    decide,
    look,
    require_targets,
)
from plancast.model.diagnostics import Diagnostic, Pointer, has_errors, problem
from plancast.model.entry import Address, Entry
from plancast.model.exit_codes import ExitCode, Stop
from plancast.model.plan import Action, Change, Plan
from plancast.model.state import State
from plancast.model.workspace import Desired

if TYPE_CHECKING:
    from plancast.app.context import Runtime
    from plancast.commands._shared.draft_workspace import WorkspaceDraft
    from plancast.content.editing.pull_layers import Wish
    from plancast.content.loader import Loaded
    from plancast.model.ports import Provider


@dataclass(frozen=True, slots=True, kw_only=True)
class Args:
    """The flags of `pull`. Without `targets`, every address."""

    targets: tuple[str, ...] = ()
    auto_approve: bool = False


@click.command("pull")
@click.argument("targets", metavar="[ADDRESS-GLOB...]", nargs=-1)
@approve
@click.pass_context
def command(context: click.Context, /, **flags: Any) -> None:
    """Take what people changed in the queue into the files. Comments are kept.

    Shows what will change in which file, and asks. The queue and the state are only read.
    """
    invoke(context, Args, run, flags)


@dataclass(frozen=True, slots=True)
class PullWorld:
    """Everything that was read: files, state and queue, with the provider to plan by."""

    loaded: Loaded
    provider: Provider
    state: State
    looked: Look

    def plan(self, loaded: Loaded, looked: Look, targets: tuple[str, ...] = ()) -> Plan:
        """Return what an apply would do with these files. Costs no request."""
        scope = Scope(targets=targets)
        return decide(loaded, self.provider, self.state, looked, scope).plan


def run(args: Args, runtime: Runtime) -> ExitCode:
    """Read files and queue, show what would be written, ask, write."""
    loaded = checked_files(runtime)
    connected = runtime.connect()
    state = runtime.state()
    looked = look(loaded, connected.provider, connected.clock, state)
    world = PullWorld(loaded, connected.provider, state, looked)
    plan = world.plan(loaded, looked, args.targets)
    require_targets(args.targets, looked.asked, state, plan.changes)
    wishes, remarks = _wishes(plan, world)
    rewrites, pulled, left = _settled(wishes, world, runtime)
    runtime.console.problems((*remarks, *left))
    if not rewrites:
        title = connected.provider.title
        runtime.console.show_done(_nothing(args.targets, title, has_remarks=bool(remarks or left)))
        return ExitCode.DONE
    if not (args.auto_approve and runtime.console.quiet):
        runtime.console.show(_shown(rewrites, pulled, runtime))
    if not args.auto_approve and not runtime.console.confirm(_question(rewrites)):
        runtime.console.say("Nothing was written.")
        return ExitCode.ERROR
    return _write(rewrites, runtime)


# -- wishes ---------------------------------------------------------------------------------------


def _wishes(plan: Plan, world: PullWorld) -> tuple[list[Wish], list[Diagnostic]]:
    """Return the entries that the files should ask for instead, and remarks on those they cannot.

    Only drift counts: what a person changed in the queue since plancast wrote it.
    """
    from plancast.content.editing.pull_entry import Untold  # noqa: PLC0415
    from plancast.content.editing.pull_layers import Wish  # noqa: PLC0415

    desired = {wanted.address: wanted for wanted in world.looked.asked.desired}
    wishes: list[Wish] = []
    remarks: list[Diagnostic] = []
    for change in plan.changes:
        wanted = desired.get(change.address)
        if wanted is None or not change.drift or change.action is Action.ADOPT:
            continue
        # A removed entry has no content to pull: a person decides whether the post stays.
        if change.live is None:
            removed = f"it was removed in {world.provider.title}"
            hint = "Set `status: draft` in its file, or delete the file, to keep it so."
            remarks.append(_remark(removed, change.address, wanted.at, world, hint))
            continue
        try:
            entry = _pulled_entry(change, wanted, world)
        except Untold as reason:
            remarks.append(_remark(str(reason), change.address, wanted.at, world))
            continue
        if entry != wanted.entry:
            wishes.append(Wish(wanted, entry))
            remarks.extend(_unknown_links(wanted, entry, world))
    return wishes, remarks


def _pulled_entry(change: Change, item: Desired, world: PullWorld) -> Entry:
    from plancast.content.editing.pull_entry import SHORTENER, taken  # noqa: PLC0415

    binding = world.state.holder(change.remote_id, change.previous_address or change.address)
    observed = binding.observed if binding else item.entry
    title = world.provider.title
    return taken(
        change,
        observed,
        lambda entry: world.provider.expected(entry, item.profile),
        title,
        item.profile.shortens or SHORTENER,
    )


def _unknown_links(wanted: Desired, entry: Entry, world: PullWorld) -> Iterator[Diagnostic]:
    """Yield a remark for each short link that a file gets: its target is not known."""
    from plancast.content.editing.pull_entry import SHORTENER, short_links  # noqa: PLC0415

    shortener = wanted.profile.shortens or SHORTENER
    known = short_links(wanted.entry, shortener)
    for link in dict.fromkeys(short_links(entry, shortener)):
        if link not in known:
            place = world.loaded.source(wanted.at)
            address, title = str(wanted.address), world.provider.title
            yield problem("PC711", link, address=address, at=wanted.at, source=place, title=title)


def _remark(
    detail: str, address: Address, at: Pointer, world: PullWorld, hint: str = ""
) -> Diagnostic:
    place = world.loaded.source(at)
    title = world.provider.title
    return problem(
        "PC709", detail, hint=hint, address=str(address), at=at, source=place, title=title
    )


# -- files ----------------------------------------------------------------------------------------


def _settled(
    wishes: Sequence[Wish], world: PullWorld, runtime: Runtime
) -> tuple[list[Rewrite], list[Wish], list[Diagnostic]]:
    """Return the files to write, the wishes that they fulfil, and remarks on the posts left out.

    A post is left out if no edit of its file means exactly what is wished. Raises Stop if the files
    would have an error that they do not have now.
    """
    from plancast.commands._shared.draft_workspace import drafted  # noqa: PLC0415

    left: list[Diagnostic] = []
    wishes = list(wishes)
    while wishes:
        posts = {post.id: post for post in world.loaded.posts}
        draft = drafted(wishes, posts, world.loaded, world.looked.asked.desired, runtime.root)
        failed = dict(draft.failed)
        if not failed:
            failed = _unlike(draft, wishes, world)
        if not failed:
            return list(draft.rewrites), wishes, left
        # Leave out the posts that failed and try again: edits of one file depend on each other.
        for name, reason in sorted(failed.items()):
            mine = [wish for wish in wishes if wish.desired.address.post == name]
            address = mine[0].desired.address
            left.append(_remark(reason, address, posts[name].at, world))
        wishes = [wish for wish in wishes if wish.desired.address.post not in failed]
    return [], [], left


def _unlike(draft: WorkspaceDraft, wishes: Sequence[Wish], world: PullWorld) -> dict[str, str]:
    """Return the posts whose edited files would not mean what is wished, and why.

    Checked are all entries: an edit must not change one that no person touched.
    """
    from plancast.commands._shared.checked_posts import ask_live  # noqa: PLC0415

    asked = ask_live(draft.loaded, world.provider, world.looked.asked.profiles)
    if has_errors(asked.diagnostics):
        raise Stop(asked.diagnostics)
    failed: dict[str, str] = {}
    before = {item.address: item.entry for item in world.looked.asked.desired}
    after = {item.address: item.entry for item in asked.desired}
    wanted = {wish.desired.address: wish.entry for wish in wishes}
    # An address that vanished or appeared differs as well.
    for address in {*before, *after}:
        meant = wanted.get(address, before.get(address))
        if after.get(address) != meant:
            failed[address.post] = "its file would not say what is in the queue"
    plan = world.plan(draft.loaded, replace(world.looked, asked=asked))
    return failed or _still_open(plan, wanted)


def _still_open(plan: Plan, wanted: Mapping[Address, Entry]) -> dict[str, str]:
    """Return the posts in which the next apply would still undo what a person changed, and why.

    That it puts the author's links back in the place of short ones undoes nothing.
    """
    from plancast.reconcile.diff import is_other_link  # noqa: PLC0415

    reasons = {}
    for change in plan.changes:
        drifted = {leaf.path for leaf in change.drift}
        undone = {leaf.path for leaf in change.fields if not is_other_link(leaf)}
        if change.address in wanted and drifted & undone:
            reasons[change.address.post] = "the next apply would still change it"
    return reasons


def _write(rewrites: Sequence[Rewrite], runtime: Runtime) -> ExitCode:
    """Write the files, after checking that every one of them can be written."""
    from plancast.render.text import count  # noqa: PLC0415

    troubles = [trouble for item in rewrites if (trouble := refused(item))]
    if troubles:
        runtime.console.problems(troubles)
        runtime.console.say("Nothing was written.")
        return ExitCode.ERROR
    failed = [trouble for item in rewrites if (trouble := write(item))]
    runtime.console.problems(failed)
    done = count(len(rewrites) - len(failed), "file")
    runtime.console.say(
        f"{done} written. `plancast plan` shows what is left to do, if anything is."
    )
    return ExitCode.ERROR if failed else ExitCode.DONE


# -- output ---------------------------------------------------------------------------------------


def _shown(rewrites: Sequence[Rewrite], pulled: Sequence[Wish], runtime: Runtime) -> str:
    """Render each file with the addresses that are pulled into it, and its diff."""
    from plancast.render.terminal.style import Ink, one_line, paint  # noqa: PLC0415

    blocks = []
    for rewrite in rewrites:
        mine = [str(w.desired.address) for w in pulled if w.desired.at.file == rewrite.name]
        head = paint(one_line(rewrite.name), Ink.STRONG, color=runtime.console.color)
        lines = [f"{head} · {', '.join(map(one_line, sorted(mine)))}"]
        blocks.append("\n".join([*lines, *difference(rewrite, runtime)]))
    return "\n\n".join(blocks) + "\n"


def _question(rewrites: Sequence[Rewrite]) -> str:
    from plancast.render.text import count  # noqa: PLC0415

    return f"Do you want to write this into {count(len(rewrites), 'file')}?"


def _nothing(targets: tuple[str, ...], title: str, *, has_remarks: bool) -> str:
    if has_remarks:
        return "Nothing that can be pulled."
    only = " there" if targets else ""
    return f"Nothing to pull: nobody changed in {title} what plancast made{only}."
