"""`plancast import`: the live queue as files and as owned, so that the next plan is empty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from plancast.commands.planning import checked_files, selected, survey
from plancast.core.booking import adopt
from plancast.core.diagnostics import problem
from plancast.core.exits import ExitCode, Stop
from plancast.core.model import Address, Entry, LiveEntry, LiveStatus, Profile
from plancast.core.naming import post_id_for
from plancast.core.state import Binding

if TYPE_CHECKING:
    from plancast.content.loader import Loaded
    from plancast.runtime import Runtime


@dataclass(frozen=True, slots=True, kw_only=True)
class Args:
    """The flags of `import`."""

    into: str = "imported"
    auto_approve: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """One post to be: what is the same on several profiles is one post."""

    post_id: str
    entry: Entry
    live: tuple[tuple[str, LiveEntry], ...]

    @property
    def aliases(self) -> tuple[str, ...]:
        """The profiles it stands on."""
        return tuple(alias for alias, _ in self.live)


def run(args: Args, runtime: Runtime) -> ExitCode:
    """Read, show what would be written, ask, write the files, then own the entries."""
    loaded = checked_files(runtime)
    connected = runtime.connect()
    profiles, _ = selected(loaded, survey(connected.provider))
    folder = _folder(args.into)
    with runtime.store.lock("import", 0.0):
        state = runtime.state()
        queue = connected.provider.read(tuple(profiles.values()))
        free = [live for live in queue.entries if live.id not in state.owned_ids()]
        posts = _posts(free, profiles, loaded, folder)
        if not posts:
            runtime.show("Nothing to import: everything in the queue is owned.")
            return ExitCode.DONE
        count = sum(len(post.live) for post in posts)
        runtime.show(f"{count} entries become {len(posts)} files in {folder or '.'}/.")
        if not args.auto_approve and not runtime.confirm("Write the files and own the entries?"):
            runtime.say("Nothing was done.")
            return ExitCode.ERROR
        _write(posts, runtime, loaded)
        bindings = [_binding(post, alias, live) for post in posts for alias, live in post.live]
        runtime.store.write(state.bind(*bindings))
        runtime.journal.clear()
    runtime.show(f"Imported {count} entries. The next plan has nothing to do.")
    return ExitCode.DONE


def _folder(into: str) -> str:
    path = PurePosixPath(into)
    if path.is_absolute() or ".." in path.parts:
        raise Stop([problem("PC004", into)])
    return "" if str(path) == "." else str(path)


def _posts(
    free: Sequence[LiveEntry], profiles: Mapping[str, Profile], loaded: Loaded, folder: str
) -> list[Found]:
    """Entries that read the same at the same time become one post; failed ones are left out."""
    aliases = {profile.id: alias for alias, profile in profiles.items()}
    groups: dict[Entry, list[tuple[str, LiveEntry]]] = {}
    for live in free:
        if live.status is not LiveStatus.SCHEDULED:
            continue
        alias = aliases[live.profile_id]
        group = groups.setdefault(_written(live), [])
        if all(alias != other for other, _ in group):
            group.append((alias, live))
        else:
            groups[_apart(_written(live), live)] = [(alias, live)]
    taken = {post.id for post in loaded.posts}
    found = []
    for members in groups.values():
        first = members[0][1]
        post_id = post_id_for(first, folder, taken)
        taken.add(post_id)
        found.append(Found(post_id, _written(first), tuple(members)))
    return found
