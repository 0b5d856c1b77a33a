"""The command `plancast mv`: give a post another id and its file another name.

It stays the same post: `was: OLD` in the file names the id that the state knows. The file is
renamed first and edited second. If the run ends between the two, the renamed file still has the
content that the state knows, and the next plan sees a rename: at no moment do two files ask for the
same post.
"""

from __future__ import annotations

import codecs
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import click

from plancast.commands._shared.file_rewrite import Rewrite, changed, loaded_text, refused, write
from plancast.commands._shared.flags import invoke
from plancast.content.file_names import WORKSPACE_FILE
from plancast.model.address import is_post_id
from plancast.model.diagnostics import Diagnostic, Pointer, problem
from plancast.model.exit_codes import ExitCode, Stop
from plancast.model.workspace import Post

if TYPE_CHECKING:
    from plancast.app.context import Runtime
    from plancast.content.discovery import Source
    from plancast.content.editing.patch import Value
    from plancast.content.yaml_reader import Path as Keys

Edit = tuple[int, "Keys", "Value | None"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Args:
    """The arguments of `mv`: ids of posts, or paths of their files."""

    old: str
    new: str


@click.command("mv")
@click.argument("old")
@click.argument("new")
@click.pass_context
def command(context: click.Context, /, **flags: Any) -> None:
    """Give a post another id, and its file another name. It stays the same post.

    OLD and NEW are ids of posts, or paths of their files. What is scheduled for the post stays as
    it is: the file says `was: OLD` until that has been applied.
    """
    invoke(context, Args, run, flags)


@dataclass(frozen=True, slots=True)
class _Move:
    """The move of one post: from its file to `target`, seen from the root, and to the id `new`."""

    post: Post
    source: Source
    target: PurePosixPath
    new: str

    @property
    def is_renamed(self) -> bool:
        """True if the file gets another name; an id inside the file needs none."""
        return self.target.as_posix() != self.source.name


def run(args: Args, runtime: Runtime) -> ExitCode:
    """Rename the file, and write `was:` into it if the state owns entries under the old id."""
    move = _move(args, runtime)
    state = runtime.state()
    known = {address.post for address in state.resources}
    # A post that was moved before and never applied keeps its first `was`: the state knows that id.
    was = move.post.id if move.post.id in known else move.post.was
    rewrite = _rewrite(move, was, runtime)
    target = runtime.root / move.target
    # Check that the file can be written before renaming it, or the rename would stand alone.
    trouble = refused(_still(move, rewrite))
    if trouble is None and move.is_renamed:
        trouble = _rename(move.source.path, target, move.target.as_posix())
    if trouble is None and rewrite is not None:
        trouble = write(rewrite)
    if trouble is not None:
        runtime.console.problems([trouble])
        return ExitCode.ERROR
    runtime.console.show(move.target.as_posix())
    kept = f" It keeps what is scheduled for {was}." if was else ""
    runtime.console.say(f"{move.post.id} is {move.new} now.{kept}")
    return ExitCode.DONE


# -- the move ---------------------------------------------------------------------------------


def _move(args: Args, runtime: Runtime) -> _Move:
    """Find the post and its file, and work out the new id and path. Raises Stop."""
    from plancast.content.discovery import discover  # noqa: PLC0415

    loaded = runtime.loaded
    sources = {item.name: item for item in discover(runtime.root, loaded.workspace.content).posts}
    post = _post(args.old, runtime)
    source = sources[post.at.file]
    new = _new_id(args.new, source, runtime)
    if not is_post_id(new):
        raise Stop([problem("PC208", repr(new))])
    if any(other.id == new for other in loaded.posts):
        raise Stop([problem("PC205", f"{new!r} is the id of a post already")])
    # Only an id that comes from the name of the file moves the file; else `id:` is edited in place.
    by_name = post.id == source.id and post.at.document == 0 and not _names_itself(post, runtime)
    if not by_name:
        return _Move(post, source, PurePosixPath(source.name), new)
    suffix = PurePosixPath(source.name).suffix
    base = source.name[: -len(source.id) - len(suffix)]
    target = PurePosixPath(f"{base}{new}{suffix}")
    if ".." in target.parts or not _is_inside(runtime.root, target):
        raise Stop([problem("PC004", target.as_posix())])
    if (other := _other_workspace(runtime.root, target)) is not None:
        detail = f"{target.as_posix()} would belong to the workspace in {other}"
        hint = "`git mv` moves it: it is destroyed here, and created there."
        raise Stop([problem("PC004", detail, hint=hint)])
    return _Move(post, source, target, new)


def _is_inside(root: Path, target: PurePosixPath) -> bool:
    """Return whether the nearest existing folder of the new file is in the workspace."""
    above = (root / folder for folder in target.parents)
    return next(path for path in above if path.exists()).resolve().is_relative_to(root.resolve())


def _other_workspace(root: Path, target: PurePosixPath) -> str | None:
    """Return the folder of the nested workspace that a file would belong to, else None."""
    for folder in target.parents:
        if folder.parts and (root / folder / WORKSPACE_FILE).is_file():
            return folder.as_posix()
    return None


def _post(name: str, runtime: Runtime) -> Post:
    """Return the post with this id, or the first one of the file at this path. Raises Stop."""
    path = runtime.path(name)
    loaded = runtime.loaded
    for post in loaded.posts:
        if post.id == name:
            return post
    for post in loaded.posts:
        if path.is_file() and path.resolve() == (runtime.root / post.at.file).resolve():
            return post
    if loaded.diagnostics:
        raise Stop(loaded.diagnostics)
    raise Stop([problem("PC002", f"{name}: no post has this id, and no file of a post this path")])


def _new_id(name: str, source: Source, runtime: Runtime) -> str:
    """Return the new id: the name itself, or that of a path if it has the suffix of the file."""
    suffix = PurePosixPath(source.name).suffix
    if not name.endswith(suffix):
        return name
    path = Path(os.path.normpath(runtime.path(name).absolute()))
    base = runtime.root / source.base
    if not path.is_relative_to(base):
        raise Stop([problem("PC004", f"{name}: the content folder of {source.name} is {base}")])
    return path.relative_to(base).as_posix().removesuffix(suffix)


def _names_itself(post: Post, runtime: Runtime) -> bool:
    """Return whether the document of a post has an `id:` of its own."""
    return "id" in _document(post, runtime)


def _document(post: Post, runtime: Runtime) -> Mapping[str, Any]:
    documents, _ = loaded_text(runtime.loaded, post.at.file).documents()
    values = [document.value for document in documents if document.number == post.at.document]
    return values[0] if values and isinstance(values[0], dict) else {}


# -- the edit ---------------------------------------------------------------------------------


def _rewrite(move: _Move, was: str, runtime: Runtime) -> Rewrite | None:
    """Return the new text of the file at its new place; None if the text stays. Raises Stop."""
    from plancast.content.editing.cst import Odd  # noqa: PLC0415
    from plancast.content.editing.patch import rewritten  # noqa: PLC0415
    from plancast.content.source import read_bytes  # noqa: PLC0415

    name = move.target.as_posix()
    raw = read_bytes(move.source)
    text = raw.decode("utf-8-sig", "replace")
    if text != loaded_text(runtime.loaded, move.source.name).text:
        raise Stop([changed(move.source.name)])
    number = move.post.at.document
    edits: list[Edit] = []
    if not move.is_renamed:
        edits.append((number, ("id",), move.new))
    if was != move.post.was:
        edits.append((number, ("was",), was or None))
    edits.extend(_images(move, runtime))
    if not edits:
        return None
    try:
        after = rewritten(move.source.name, text, edits)
    except Odd as odd:
        detail = f"{move.source.name} cannot be edited by a program: {odd}"
        hint = f"Rename it by hand, and write `was: {was}` into it."
        raise Stop([problem("PC007", detail, hint=hint, at=move.post.at)]) from None
    marked = f"\ufeff{after}" if raw.startswith(codecs.BOM_UTF8) else after
    return Rewrite(name, runtime.root / move.target, raw, marked)


def _images(move: _Move, runtime: Runtime) -> Iterator[Edit]:
    """Yield the edits of image paths, which are relative to the folder of the post's file."""
    before = PurePosixPath(move.source.name).parent
    after = move.target.parent
    if before == after:
        return
    for document in loaded_text(runtime.loaded, move.source.name).documents()[0]:
        if not isinstance(document.value, dict):
            continue
        for keys, name in _files(document.value):
            new_path = os.path.relpath((before / name).as_posix(), after.as_posix() or ".")
            yield document.number, keys, PurePosixPath(new_path).as_posix()


def _files(value: Mapping[str, Any], above: Keys = ()) -> Iterator[tuple[Keys, str]]:
    """Yield each `file:` of an image, with its keys: of a post, its thread and its variants."""
    for index, image in enumerate(value.get("images") or ()):
        if isinstance(image, dict) and "file" in image:
            yield (*above, "images", index, "file"), image["file"]
    for index, part in enumerate(value.get("thread") or ()):
        if isinstance(part, dict):
            yield from _files(part, (*above, "thread", index))
    for name, variant in (value.get("variants") or {}).items():
        yield from _files(variant, (*above, "variants", name))


def _still(move: _Move, rewrite: Rewrite | None) -> Rewrite:
    """Return a rewrite of the file at its old place, to check with `refused` before the rename."""
    from plancast.content.source import read_bytes  # noqa: PLC0415

    path = move.source.path
    before = rewrite.before if rewrite else read_bytes(move.source)
    return Rewrite(move.source.name, path, before, "")


def _rename(path: Path, target: Path, name: str) -> Diagnostic | None:
    """Rename the file, and return the problem if there is a file of that name or it fails."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        # `rename` replaces an existing file without asking; a dangling link does not "exist".
        if target.exists() or target.is_symlink():
            return problem("PC007", f"{name} is there already", at=Pointer(name))
        path.rename(target)
    except OSError as error:
        return problem("PC007", f"{name}: {error.strerror}", at=Pointer(name))
    return None
