"""The command `plancast import`: write the live queue into files and own it.

Afterwards the next plan is empty. With `--rebuild` the files exist already and only the state was
lost: see `_shared/import_rebuild.py`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import click

from plancast.app.context import StateAccess
from plancast.commands._shared.checked_posts import ask, checked_files
from plancast.commands._shared.flags import allow_new_state, approve, formats, invoke
from plancast.commands._shared.import_rebuild import must_be_settled, run_rebuild
from plancast.commands._shared.plan_session import must_speak, selected, survey
from plancast.commands._shared.state_access import holding
from plancast.model.address import is_post_id
from plancast.model.diagnostics import problem
from plancast.model.entry import (
    Address,
    Entry,
    Image,
    Link,
    LiveEntry,
    LiveStatus,
    QueuePosition,
    Setting,
    ThreadItem,
    Video,
)
from plancast.model.entry_fields import ENTRY_FIELDS, Kind, details, rows_of
from plancast.model.exit_codes import ExitCode, Stop
from plancast.model.profile import Profile
from plancast.model.state import Binding
from plancast.model.workspace import Desired
from plancast.networks.sent_text import has_address
from plancast.reconcile.compare import field_diffs
from plancast.reconcile.match import Facts, Live, match
from plancast.reconcile.probe_leftovers import without_probes
from plancast.reconcile.slugs import post_id_for
from plancast.reconcile.state_updates import adopt
from plancast.render.text import count

if TYPE_CHECKING:
    from plancast.app.context import Runtime
    from plancast.content.loader import Loaded


@dataclass(frozen=True, slots=True, kw_only=True)
class Args:
    """The flags of `import`. `into` is a folder below the first content folder."""

    into: str = "imported"
    rebuild: bool = False
    auto_approve: bool = False
    allow_new_state: bool = False
    format_name: str = "human"


@click.command("import")
@click.option(
    "--into",
    metavar="DIR",
    default="imported",
    show_default=True,
    help="Folder for the new files, inside the content folder.",
)
@click.option(
    "--rebuild",
    is_flag=True,
    help="Write no files: own again what these files made, after the state was lost.",
)
@approve
@allow_new_state
@formats("import")
@click.pass_context
def command(context: click.Context, /, **flags: Any) -> None:
    """Write the live queue into files and own it, so that the next plan is empty.

    With --rebuild, live entries are matched with the files by text and time. Exit 3 if it is
    not certain which is which; nothing is created, changed or destroyed.
    """
    source_of = context.get_parameter_source
    if flags["rebuild"] and source_of("into") is click.core.ParameterSource.COMMANDLINE:
        raise click.UsageError("--rebuild writes no files, so --into has no meaning.")
    if flags["format_name"] != "human" and not flags["rebuild"]:
        raise click.UsageError("--format belongs to --rebuild.")
    invoke(context, Args, run, flags)


@dataclass(frozen=True, slots=True)
class ImportedEntries:
    """One post to write, and the live entries that it stands for, by alias.

    Entries that are the same on several profiles become one post.
    """

    post_id: str
    entry: Entry
    live: tuple[tuple[str, LiveEntry], ...]

    @property
    def aliases(self) -> tuple[str, ...]:
        """The aliases of the profiles that the post is for."""
        return tuple(alias for alias, _ in self.live)


def run(args: Args, runtime: Runtime) -> ExitCode:
    """Read the queue, show what would be written, ask, write the files, then own the entries."""
    if not args.auto_approve:
        runtime.console.must_be_able_to_ask()
    access = StateAccess(allow_new=args.allow_new_state)
    if args.rebuild:
        return run_rebuild(
            runtime, access, auto_approve=args.auto_approve, format_name=args.format_name
        )
    loaded = checked_files(runtime)
    connected = runtime.connect()
    surveyed = survey(connected.provider)
    profiles, _ = selected(loaded, surveyed)
    folder = _folder(args.into)
    stores = runtime.open_stores(access)
    with holding(stores, runtime.system_clock, "import") as tenure:
        state = tenure.state()
        # An entry that an unsettled call may have made is ours: importing would give it to a file.
        must_be_settled(state)
        must_speak(connected.provider, state)
        queue = connected.provider.read(tuple(profiles.values()))
        # Entries that the files ask for already are left to the next apply, which adopts them.
        desired = ask(loaded, profiles).desired
        # `match` takes entries of other workspaces for unmanaged, so remove them afterwards.
        elsewhere = stores.claimed_elsewhere(surveyed.account.id) - state.owned_ids()
        facts = Facts(connected.provider.expected, connected.clock.now(), elsewhere=elsewhere)
        # What a probe has left belongs in no file: the next probe removes it.
        live = Live(without_probes(queue.entries, state.probes))
        unmanaged = match(desired, state.resources.values(), live, facts).unmanaged
        free = [entry for entry in unmanaged if entry.id not in elsewhere]
        posts = _posts(free, profiles, loaded, folder)
        if not posts:
            runtime.console.show(
                "Nothing to import: everything in the queue is owned or asked for."
            )
            return ExitCode.DONE
        number = sum(len(post.live) for post in posts)
        become = "becomes" if number == 1 else "become"
        entries, files = count(number, "entry"), count(len(posts), "file")
        runtime.console.show_name(f"{entries} {become} {files} in {folder or '.'}/.")
        if not args.auto_approve and not runtime.console.confirm(
            "Write the files and own the entries?"
        ):
            runtime.console.say("Nothing was done.")
            return ExitCode.ERROR
        # Files first: if the run ends here, the next apply adopts what they ask for. The other way
        # round it would find owned entries that no file asks for, and destroy them.
        _write(posts, runtime, loaded, profiles)
        bindings = [_binding(post, alias, live) for post in posts for alias, live in post.live]
        api = connected.provider.capabilities.api or state.provider
        # With the limits of accounts, by which runs without a key check what was imported.
        seen = tuple(sorted(surveyed.profiles, key=lambda profile: profile.id))
        tenure.write(replace(state.bind(*bindings), provider=api, profiles=seen))
    runtime.console.show_done(f"Imported {entries}. The next plan has nothing to do.")
    return ExitCode.DONE


def _folder(into: str) -> str:
    path = PurePosixPath(into)
    if path.is_absolute() or ".." in path.parts:
        raise Stop([problem("PC004", into)])
    if str(path) == ".":
        return ""
    if not is_post_id(str(path)):
        # The folder becomes the beginning of ids, and of addresses in the state.
        raise Stop([problem("PC208", repr(into))])
    return str(path)


def _posts(
    free: Sequence[LiveEntry], profiles: Mapping[str, Profile], loaded: Loaded, folder: str
) -> list[ImportedEntries]:
    """Group entries with the same content at the same time into posts, and give each an id.

    Failed entries are left out, and so is the second of two equal entries on one profile, since
    files cannot ask for the same thing twice.
    """
    aliases = {profile.id: alias for alias, profile in profiles.items()}
    groups: dict[Entry, dict[str, LiveEntry]] = {}
    for live in free:
        if live.status is LiveStatus.SCHEDULED:
            alias = aliases[live.profile_id]
            entry = _written(live, profiles[alias].service)
            groups.setdefault(entry, {}).setdefault(alias, live)
    used_ids = {post.id for post in loaded.posts} | loaded.moves.named
    posts = []
    for entry, members in groups.items():
        post_id = post_id_for(entry, folder, used_ids)
        used_ids.add(post_id)
        posts.append(ImportedEntries(post_id, entry, tuple(sorted(members.items()))))
    return posts


def _written(live: LiveEntry, service: str) -> Entry:
    """Return the entry that a file must ask for so that it reads back as this live entry.

    A link's card keeps its address, but not the title and text that Buffer scraped. Settings that a
    file cannot express are left out, and stay as they are in the queue.
    """
    entry = live.entry
    fields = {
        row.name: _FILE_VALUES[row.kind](getattr(entry, row.name), entry, service)
        for row in ENTRY_FIELDS
        if row.compared.is_read_back
    }
    return Entry(**fields, queue=None if entry.due_at else QueuePosition.NEXT)


def _unchanged(value: Any, _entry: Entry, _service: str) -> Any:
    return value


def _link(link: Link | None, entry: Entry, _service: str) -> Link | None:
    return Link(link.url) if link and not has_address(entry.text, link.url) else None


def _video(video: Video | None, _entry: Entry, _service: str) -> Video | None:
    return video and replace(video, title=video.title or None, hosted=False)


def _images(images: Sequence[Image], _entry: Entry, _service: str) -> tuple[Image, ...]:
    return tuple(
        Image(image.url, **{name: getattr(image, name) for name in details(Image)})
        for image in images
    )


def _thread(thread: Sequence[ThreadItem], entry: Entry, service: str) -> tuple[ThreadItem, ...]:
    return tuple(
        ThreadItem(
            item.text.strip(),
            _images(item.images, entry, service),
            # Kept if its text has the address as well: an edit would else take the card away.
            Link(item.link.url) if item.link else None,
        )
        for item in thread
    )


def _settings(settings: Sequence[Setting], _entry: Entry, service: str) -> tuple[Setting, ...]:
    from plancast.content.schema import takes_setting  # noqa: PLC0415

    return tuple(pair for pair in settings if takes_setting(service, *pair))


_FILE_VALUES: Mapping[Kind, Callable[[Any, Entry, str], Any]] = {
    Kind.TEXT: lambda text, _entry, _service: text.strip(),
    Kind.NUMBER: _unchanged,
    Kind.FLAG: _unchanged,
    Kind.MOMENT: _unchanged,
    Kind.WORD: _unchanged,
    Kind.LINK: _link,
    Kind.IMAGES: _images,
    Kind.VIDEO: _video,
    Kind.THREAD: _thread,
    Kind.SETTINGS: _settings,
    Kind.NAMES: _unchanged,
}
"""Function for each kind of field: value, its entry, its network -> the value to write."""


def _write(
    posts: Sequence[ImportedEntries],
    runtime: Runtime,
    loaded: Loaded,
    profiles: Mapping[str, Profile],
) -> None:
    """Write one file for each post below the first content folder: all of them, or none.

    Raises Stop if a file exists already, or if the files do not ask for exactly what is in the
    queue: the next apply would change or destroy what a person made.
    """
    from plancast.content.editing.emitter import remove_new, write_new  # noqa: PLC0415

    base = runtime.root / (loaded.workspace.content[0] if loaded.workspace.content else ".")
    written: list[Path] = []

    def write(post: ImportedEntries, denied: Collection[str] = ()) -> None:
        path = base / f"{post.post_id}.yaml"
        text = _text(post, loaded, profiles, _schema(runtime.root, path.parent), denied)
        write_new(path, text, runtime.root)
        # Remembered one by one, so that a failure removes just what this run has written.
        written.append(path)

    try:
        for post in posts:
            write(post)
        # The defaults may add a key to a post: write its file again, with that key denied.
        for post, denied in _overridden_by_defaults(posts, runtime, profiles):
            path = base / f"{post.post_id}.yaml"
            remove_new(path, runtime.root)
            written.remove(path)
            write(post, denied)
        _must_read_back(posts, runtime, profiles)
    except BaseException:  # also an interrupt: half of the files would be adopted or created
        for path in written:
            remove_new(path, runtime.root)
        raise


def _schema(root: Path, folder: Path) -> str:
    """Return the path of the post schema as seen from a folder, "" if the workspace has none."""
    schema = root / "schemas" / "post.schema.json"
    return Path(os.path.relpath(schema, folder)).as_posix() if schema.is_file() else ""


def _text(
    post: ImportedEntries,
    loaded: Loaded,
    profiles: Mapping[str, Profile],
    schema: str,
    denied: Collection[str],
) -> str:
    from plancast.content.editing.emitter import post_to_yaml  # noqa: PLC0415

    zone = loaded.workspace.timezone
    zones = [
        selector.timezone
        for selector in loaded.workspace.profiles
        if selector.alias in post.aliases and selector.timezone
    ]
    return post_to_yaml(
        post.aliases,
        post.entry,
        zone,
        timezone=zone if zones else "",
        schema=schema,
        services=sorted({profiles[alias].service for alias in post.aliases}),
        denied=denied,
    )


def _read(runtime: Runtime, profiles: Mapping[str, Profile]) -> Mapping[Address, Desired]:
    """Load the files again and return the entries that they ask for, by address."""
    from plancast.content.loader import load  # noqa: PLC0415

    return {item.address: item for item in ask(load(runtime.root), profiles).desired}


def _overridden_by_defaults(
    posts: Sequence[ImportedEntries], runtime: Runtime, profiles: Mapping[str, Profile]
) -> list[tuple[ImportedEntries, frozenset[str]]]:
    """Return the posts that defaults change, each with the keys that have to be denied."""
    from plancast.content.editing.emitter import NONE  # noqa: PLC0415

    wanted, overridden = _read(runtime, profiles), []
    for post in posts:
        asked = [wanted.get(Address(post.post_id, alias)) for alias in post.aliases]
        keys = {
            key
            for item in asked
            if item is not None
            for key in NONE
            for row in rows_of(key)
            if getattr(item.entry, row.name) != getattr(post.entry, row.name)
        }
        # A campaign is written as a tag, so the tags of the entry may come from there.
        if "tags" in keys and any(item is not None and item.campaign for item in asked):
            keys.add("campaign")
        if keys:
            overridden.append((post, frozenset(keys)))
    return overridden


def _must_read_back(
    posts: Sequence[ImportedEntries], runtime: Runtime, profiles: Mapping[str, Profile]
) -> None:
    """Raise Stop if defaults change a written post, or if no plan would read its file."""
    wanted = _read(runtime, profiles)
    for post in posts:
        for alias in post.aliases:
            asked = wanted.get(Address(post.post_id, alias))
            if asked is None or field_diffs(post.entry, asked.entry):
                detail = f"{post.post_id}.yaml would not ask for what is in the queue"
                hint = "See --into, and `content:`, `defaults:` and `_defaults.yaml` files."
                raise Stop([problem("PC007", detail, hint=hint)])


def _binding(post: ImportedEntries, alias: str, live: LiveEntry) -> Binding:
    return adopt(Address(post.post_id, alias), post.entry, live)
