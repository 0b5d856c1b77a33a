"""The command `plancast fmt`: bring post files into canonical form, or report that they are not."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import click

from plancast.commands._shared.file_rewrite import Rewrite, difference, refused, write
from plancast.commands._shared.flags import invoke
from plancast.commands._shared.named_workspaces import Below, WorkspacePart, choose
from plancast.content.source import PostText
from plancast.model.diagnostics import Diagnostic, Pointer, has_errors, problem
from plancast.model.exit_codes import ExitCode, Stop

if TYPE_CHECKING:
    from plancast.app.context import Runtime
    from plancast.content.discovery import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Args:
    """The flags of `fmt`. No `paths` means the whole workspace."""

    paths: tuple[str, ...] = ()
    check: bool = False


@click.command("fmt")
@click.argument("paths", metavar="[FILE...]", nargs=-1, type=click.Path())
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if a file is not in form.")
@click.pass_context
def command(context: click.Context, /, **flags: Any) -> None:
    """Bring post files into canonical form. Comments are kept.

    Without FILE, all post files and defaults of the workspace. Folders are entered, each file is
    read with the settings of its own workspace, and what is no post file is passed over, so that a
    hook can name everything that changed.
    """
    invoke(context, Args, run, flags)


@dataclass(frozen=True, slots=True)
class FormattedFile:
    """The result for one file: what to write, if anything, and what is wrong with it.

    `is_fine` if it is in form already; `odd` is why a program cannot edit it, "" if one can.
    """

    rewrite: Rewrite | None = None
    is_fine: bool = False
    odd: str = ""
    problems: tuple[Diagnostic, ...] = ()


def run(args: Args, runtime: Runtime) -> ExitCode:
    """Bring the files of every chosen workspace into form, and show those that were not."""
    chosen = choose(args.paths, runtime)
    chosen.note_foreign(runtime)
    diagnostics = list(chosen.missing)
    code, changed, fine = ExitCode.DONE, 0, 0
    for part in chosen.parts:
        try:
            done = _format(part, runtime, check=args.check)
        except Stop as stop:  # a wrong plancast.yaml must not stop the other workspaces
            diagnostics.extend(part.seen(stop.diagnostics, ()))
            code = stop.code
            continue
        diagnostics.extend(done.problems)
        changed += done.changed
        fine += done.fine
    if args.check and changed:
        diagnostics.append(problem("PC008", _of(changed, fine + changed)))
    runtime.console.problems(diagnostics)
    if not args.check or not changed:
        runtime.console.say(_closing(changed, fine))
    return ExitCode.ERROR if has_errors(diagnostics) else code


@dataclass(frozen=True, slots=True)
class _Done:
    """Counts of a workspace: files that were not in form, and those that were; and problems."""

    changed: int
    fine: int
    problems: tuple[Diagnostic, ...]


def _format(part: WorkspacePart, runtime: Runtime, *, check: bool) -> _Done:
    """Bring the files of one workspace into form, and show those that were not."""
    sources, diagnostics = _sources(part, runtime)
    changed = fine = 0
    for source in sources:
        seen = look(source)
        diagnostics.extend(seen.problems)
        if seen.odd and runtime.console.verbose:
            runtime.console.say(f"{part.name(source.name)} is left as it is: {seen.odd}.")
        fine += seen.is_fine
        if seen.rewrite is None:
            continue
        # `refused` reads the file again: an editor may have saved it since.
        trouble = None if check else refused(seen.rewrite) or write(seen.rewrite)
        if trouble is not None:
            diagnostics.append(trouble)
            continue
        changed += 1
        _show(seen.rewrite, part, runtime)
    files = {source.name for source in sources}
    return _Done(changed, fine, tuple(part.seen(diagnostics, files)))


def look(source: Source) -> FormattedFile:
    """Read a file and return its canonical form, without writing it.

    A text that would not read back as the same values is a problem (PC009), and is not written.
    """
    from plancast.content.editing.formatter import canonical  # noqa: PLC0415
    from plancast.content.source import post_text, read_bytes  # noqa: PLC0415
    from plancast.content.text_places import lost_words  # noqa: PLC0415
    from plancast.content.yaml_reader import Flaw  # noqa: PLC0415

    at = Pointer(source.name)
    try:
        raw = read_bytes(source)
    except OSError as error:
        return FormattedFile(
            problems=(problem("PC002", f"{source.name}: {error.strerror}", at=at),)
        )
    file = post_text(source, raw)
    if file is None:
        # Prose, or what `validate` reports as PC109: neither has a canonical form.
        return FormattedFile()
    if isinstance(file, Flaw):
        return FormattedFile(problems=(problem(file.code, file.detail, hint=file.hint, at=at),))
    documents, flaws = file.documents()
    places = [(flaw, file.flaw_range(flaw)) for flaw in flaws]
    troubles = (
        *(problem(flaw.code, flaw.detail, hint=flaw.hint, source=place) for flaw, place in places),
        # The form would move a hashtag that became a comment away from its text.
        *(lost for document in documents for _, lost in lost_words(document, file, "PC110")),
    )
    if troubles:
        return FormattedFile(problems=troubles)
    named = with_ids(source, file)
    canonical_text = canonical(named)
    if canonical_text.odd and named is not file:
        # The form cannot be repaired, but the missing id can.
        canonical_text = replace(canonical_text, text=named.text)
    if canonical_text.differs:
        return FormattedFile(problems=(problem("PC009", canonical_text.differs, at=at),))
    rewrite = Rewrite(source.name, source.path, raw, canonical_text.text)
    is_fine = rewrite.after == raw or (bool(canonical_text.odd) and named is file)
    return FormattedFile(None if is_fine else rewrite, is_fine, canonical_text.odd)


def with_ids(source: Source, file: PostText) -> PostText:
    """Return the file with an `id:` added to each document that needs one: see `missing_ids`.

    Returns the file itself if none is missing, or if its text cannot be edited by a program.
    """
    from plancast.content.editing.cst import Odd  # noqa: PLC0415
    from plancast.content.editing.patch import rewritten  # noqa: PLC0415
    from plancast.content.file_names import DEFAULTS_FILE  # noqa: PLC0415
    from plancast.content.loader import missing_ids  # noqa: PLC0415
    from plancast.content.source import post_text  # noqa: PLC0415
    from plancast.model.address import is_post_id  # noqa: PLC0415

    if source.path.name == DEFAULTS_FILE:
        return file
    before, _ = file.documents()
    places = missing_ids(source, [document.value for document in before])
    missing = {
        document.number: places[place]
        for place, document in enumerate(before)
        if place in places and isinstance(document.value, dict)
    }
    if not missing or not all(map(is_post_id, missing.values())):
        return file
    try:
        edits = [(number, ("id",), name) for number, name in missing.items()]
        text = rewritten(source.name, file.text, edits)
    except Odd:
        text = _with_lines(
            file.text,
            {document.line: missing.get(document.number, "") for document in before},
        )
    edited = post_text(source, text.encode("utf-8"))
    if not isinstance(edited, PostText):
        return file
    expected = [
        {**document.value, "id": missing[document.number]}
        if document.number in missing
        else document.value
        for document in before
    ]
    # Only an edit that adds the ids and changes nothing else is taken.
    after, flaws = edited.documents()
    return edited if not flaws and [document.value for document in after] == expected else file


def _with_lines(text: str, ids: Mapping[int, str]) -> str:
    """Insert a line `id: ID` before each line in `ids`, which are numbered from 1.

    This needs no YAML editor, so it works for a file that the editor refuses. Each line ends as the
    one after it does.
    """
    lines = text.split("\n")
    for line, name in sorted(ids.items(), reverse=True):  # from the end, so that numbers stay true
        if name:
            end = "\r" if lines[line - 1].endswith("\r") else ""
            lines.insert(line - 1, f"id: {name}{end}")
    return "\n".join(lines)


def _sources(part: WorkspacePart, runtime: Runtime) -> tuple[list[Source], list[Diagnostic]]:
    """Return the post files and defaults of a workspace, limited to the paths that were named.

    Also return the problems of discovery that are about these files.
    """
    from plancast.content.discovery import discover  # noqa: PLC0415

    root = part.runtime.root
    discovered = discover(root, part.runtime.settings.content)
    every = sorted((*discovered.posts, *discovered.defaults), key=lambda source: source.name)
    if not part.paths:
        return every, list(discovered.diagnostics)
    for path in part.paths if runtime.console.verbose else ():
        alone = Below([path])
        if not any(source.path in alone for source in every):
            shown = os.path.relpath(path, part.stand)
            runtime.console.say(f"{shown} is no post file of this workspace.")
    wanted = Below(part.paths)
    refusals = [
        refusal
        for refusal in discovered.diagnostics
        if refusal.at and root / refusal.at.file in wanted
    ]
    return [source for source in every if source.path in wanted], refusals


def _show(rewrite: Rewrite, part: WorkspacePart, runtime: Runtime) -> None:
    runtime.console.show_name(part.name(rewrite.name))
    if runtime.console.verbose:
        runtime.console.show("\n".join(difference(rewrite, runtime)))


def _of(changed_count: int, files: int) -> str:
    from plancast.render.text import count  # noqa: PLC0415

    return f"{changed_count} of {count(files, 'file')}"


def _closing(changed: int, fine: int) -> str:
    from plancast.render.text import count  # noqa: PLC0415

    if changed:
        return f"{count(changed, 'file')} rewritten, {fine} in form already."
    return f"In form: {count(fine, 'file')}." if fine else "No post files to bring into form."
