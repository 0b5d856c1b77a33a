"""`plancast fmt`: post files in canonical form, or the word that they are not."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from plancast.commands.writing import Rewrite, difference, refused, write
from plancast.content.texts import PostText
from plancast.core.diagnostics import Diagnostic, Pointer, has_errors, problem
from plancast.core.exits import ExitCode

if TYPE_CHECKING:
    from plancast.content.discover import Source
    from plancast.runtime import Runtime


@dataclass(frozen=True, slots=True, kw_only=True)
class Args:
    """The flags of `fmt`."""

    paths: tuple[str, ...] = ()
    check: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """One file: what shall be written, if anything; why it is left alone; what is wrong."""

    rewrite: Rewrite | None = None
    is_fine: bool = False
    odd: str = ""
    problems: tuple[Diagnostic, ...] = ()


def run(args: Args, runtime: Runtime) -> ExitCode:
    """Find the files, bring each into form, and tell of those that were not."""
    parts = _workspaces(args, runtime)
    if not parts:
        runtime.say(_closing(0, 0))
    return max((_run(part, place) for part, place in parts), default=ExitCode.DONE)


def _workspaces(args: Args, runtime: Runtime) -> list[tuple[Args, Runtime]]:
    """The workspace of this folder. In none, as where a hook runs at the top of a repository whose
    workspaces lie below: those that the files belong to, and no other file is anybody's business.
    """
    from plancast.content.loader import find_root  # noqa: PLC0415

    paths = [_resolved(runtime.path(name)) for name in args.paths]
    if not paths or find_root(runtime.start) or not all(map(_exists, paths)):
        return [(args, runtime)]
    found: dict[Path, list[str]] = {}
    for path in paths:
        root = find_root(path if path.is_dir() else path.parent)
        if root is not None:
            found.setdefault(root, []).append(str(path))
    return [
        (replace(args, paths=tuple(names)), replace(runtime, start=root))
        for root, names in sorted(found.items())
    ]


def _run(args: Args, runtime: Runtime) -> ExitCode:
    sources, found = _sources(args.paths, runtime)
    changed: list[Rewrite] = []
    fine = 0
    for source in sources:
        seen = look(source)
        found.extend(seen.problems)
        if seen.odd and runtime.verbose:
            runtime.say(f"{source.name} is left as it is: {seen.odd}.")
        fine += seen.is_fine
        if seen.rewrite is None:
            continue
        trouble = None if args.check else refused(seen.rewrite) or write(seen.rewrite)
        if trouble is not None:
            found.append(trouble)
            continue
        changed.append(seen.rewrite)
        _tell(seen.rewrite, runtime)
    if args.check and changed:
        found.append(problem("PC008", _of(len(changed), fine + len(changed))))
    runtime.problems(found)
    if not args.check or not changed:
        runtime.say(_closing(len(changed), fine))
    return ExitCode.ERROR if has_errors(found) else ExitCode.DONE


def look(source: Source) -> Seen:
    """Read a file and bring it into form. Writes nothing."""
    from plancast.content.form import canonical  # noqa: PLC0415
    from plancast.content.texts import post_text, read_bytes  # noqa: PLC0415
    from plancast.content.yamltree import Flaw  # noqa: PLC0415

    at = Pointer(source.name)
    try:
        raw = read_bytes(source)
    except OSError as error:
        return Seen(problems=(problem("PC002", f"{source.name}: {error.strerror}", at=at),))
    file = post_text(source, raw)
    if file is None:
        return Seen()  # prose, or what `validate` calls PC109: nothing here that has a form
    if isinstance(file, Flaw):
        return Seen(problems=(problem(file.code, file.detail, hint=file.hint, at=at),))
    _, flaws = file.documents()
    if flaws:
        places = [(flaw, file.flaw_range(flaw)) for flaw in flaws]
        return Seen(
            problems=tuple(
                problem(flaw.code, flaw.detail, hint=flaw.hint, source=place)
                for flaw, place in places
            )
        )
    named = with_ids(source, file)
    made = canonical(named)
    if made.odd and named is not file:
        made = replace(made, text=named.text)  # form is one thing, an id that is missing another
    if made.differs:
        return Seen(problems=(problem("PC009", made.differs, at=at),))
    rewrite = Rewrite(source.name, source.path, raw, made.text)
    is_fine = rewrite.after == raw or (bool(made.odd) and named is file)
    return Seen(None if is_fine else rewrite, is_fine, made.odd)


def with_ids(source: Source, file: PostText) -> PostText:
    """The file with an `id:` in each document that lacks one and needs it: the id it has had.

    The file itself if there is none such, or if its text cannot be edited by a program.
    """
    from plancast.content.discover import DEFAULTS_FILE  # noqa: PLC0415
    from plancast.content.edit import rewritten  # noqa: PLC0415
    from plancast.content.layout import Odd  # noqa: PLC0415
    from plancast.content.loader import document_id  # noqa: PLC0415
    from plancast.content.texts import post_text  # noqa: PLC0415
    from plancast.core.address import is_post_id  # noqa: PLC0415

    if source.path.name == DEFAULTS_FILE:
        return file
    before, _ = file.documents()
    missing = {
        document.number: document_id(source, place)
        for place, document in enumerate(before)
        if place and isinstance(document.value, dict) and "id" not in document.value
    }
    if not missing or not all(map(is_post_id, missing.values())):
        return file
    try:
        edits = [(number, ("id",), name) for number, name in missing.items()]
        text = rewritten(source.name, file.text, edits)
    except Odd:
        text = _with_lines(file.text, {item.line: missing.get(item.number, "") for item in before})
    made = post_text(source, text.encode("utf-8"))
    if not isinstance(made, PostText):
        return file
    expected = [
        {**item.value, "id": missing[item.number]} if item.number in missing else item.value
        for item in before
    ]
    after, flaws = made.documents()
    return made if not flaws and [item.value for item in after] == expected else file


def _with_lines(text: str, ids: Mapping[int, str]) -> str:
    """The text with a line `id: ID` before each of some lines, which count from 1."""
    lines = text.split("\n")
    for line, name in sorted(ids.items(), reverse=True):
        if name:
            end = "\r" if lines[line - 1].endswith("\r") else ""
            lines.insert(line - 1, f"id: {name}{end}")
    return "\n".join(lines)


def _sources(paths: tuple[str, ...], runtime: Runtime) -> tuple[list[Source], list[Diagnostic]]:
    """The post files and defaults of the workspace; with `paths`, those that they mean."""
    from plancast.content.discover import discover  # noqa: PLC0415

    discovered = discover(runtime.root, runtime.settings.content)
    every = sorted((*discovered.posts, *discovered.defaults), key=lambda item: item.name)
    if not paths:
        return every, list(discovered.diagnostics)
    wanted = [(name, _resolved(runtime.path(name))) for name in paths]
    found = [
        problem("PC002", f"{name}: there is no such file or folder")
        for name, path in wanted
        if not _exists(path)
    ]
    chosen = [item for item in every if _is_below(item.path, [path for _, path in wanted])]
    for name, path in wanted:
        if runtime.verbose and _exists(path) and not any(_is_below(i.path, [path]) for i in every):
            runtime.say(f"{name} is no post file of this workspace.")
    refusals = [
        item
        for item in discovered.diagnostics
        if item.at and _is_below(runtime.root / item.at.file, [path for _, path in wanted])
    ]
    return chosen, [*found, *refusals]


def _exists(path: Path) -> bool:
    """Whether it is there; what no system takes for a name is not."""
    return os.path.exists(path)  # noqa: PTH110  # Path.exists raises for one that is too long


def _resolved(path: Path) -> Path:
    """Folders followed, the name itself not: a link in the workspace is a post of its own."""
    return path.parent.resolve() / path.name if path.name not in ("", "..") else path.resolve()


def _is_below(path: Path, wanted: Iterable[Path]) -> bool:
    return any(path == item or path.is_relative_to(item) for item in wanted)


def _tell(rewrite: Rewrite, runtime: Runtime) -> None:
    runtime.show_name(rewrite.name)
    if runtime.verbose:
        runtime.show("\n".join(difference(rewrite, runtime)))


def _of(changed: int, files: int) -> str:
    from plancast.views.words import count  # noqa: PLC0415

    return f"{changed} of {count(files, 'file')}"


def _closing(changed: int, fine: int) -> str:
    from plancast.views.words import count  # noqa: PLC0415

    if changed:
        return f"{count(changed, 'file')} rewritten, {fine} in form already."
    return f"In form: {count(fine, 'file')}." if fine else "No post files to bring into form."
