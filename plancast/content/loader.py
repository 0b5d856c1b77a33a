"""The loader: a workspace and its posts from files, together with everything that is wrong.

`load` reads plancast.yaml, then the files that it means, then the defaults of folders, and then
the posts with those defaults under them. No step stops at the first problem: a post that cannot
be read is left out and reported.

Values carry no positions. Only for a problem that will be shown, `Loaded.locate` reads the text a
second time (`yaml_reader.Marks`), so a run without problems never pays for positions.
"""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain, count
from pathlib import Path, PurePosixPath
from typing import Any

from plancast.content import parse, post_body
from plancast.content.discovery import Discovered, Source, discover, find_root, is_inside
from plancast.content.file_names import DEFAULTS_FILE, PROSE, WORKSPACE_FILE
from plancast.content.schema_errors import shape_problems
from plancast.content.source import PostText, post_text, read_bytes
from plancast.content.text_places import lost_words
from plancast.content.yaml_reader import Document, Flaw
from plancast.model.diagnostics import (
    Diagnostic,
    Pointer,
    SourceRange,
    has_errors,
    in_order,
    problem,
)
from plancast.model.workspace import Post, Workspace
from plancast.reconcile.moves import NO_MOVES, StatedMove, StatedMoves, StatedRemoval, check_moves

__all__ = ["Loaded", "find_root", "load", "load_settings"]

_OF_FILES_WITHOUT_POST = {"PC017", "PC018"}
"""Problems of files that hold no post: a folder with nothing else has no posts."""

_AT_THE_KEY = {
    "PC201",
    "PC307",
    "PC312",
    "PC313",
    "PC316",
    "PC310",
    "PC504",
    "PC509",
    "PC510",
    "PC513",
}
"""Problems that are the fault of a key, not of its value."""


@dataclass(frozen=True)
class Loaded:
    """A workspace, its posts and its problems with their positions. See `load`.

    `content_digest` is the SHA-256 of all files that were read, `files` their number. `skipped` are
    the folders of tools in the content folders, which were not entered. `converted` are the
    Markdown files whose bodies are read under `markdown: plain`.
    """

    workspace: Workspace
    posts: tuple[Post, ...]
    diagnostics: tuple[Diagnostic, ...]
    content_digest: str
    files: int
    texts: Mapping[str, PostText] = field(repr=False, default_factory=dict)
    moves: StatedMoves = NO_MOVES
    missing: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    converted: frozenset[str] = frozenset()

    def locate(self, diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
        """Return the same problems with line, column and line of text, sorted."""
        return in_order(_located(item, self.texts) for item in diagnostics)

    def source(self, pointer: Pointer) -> SourceRange | None:
        """Return the position of a post or of one of its keys; None if its file was not read."""
        text = self.texts.get(pointer.file)
        return text.locate(pointer) if text else None


@dataclass
class _Work:
    """The mutable state of one load: texts, problems, digest and moves gathered so far."""

    root: Path
    texts: dict[str, PostText] = field(default_factory=dict)
    problems: list[Diagnostic] = field(default_factory=list)
    digest: Any = field(default_factory=hashlib.sha256)
    files: int = 0
    missing: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    moves: StatedMoves = NO_MOVES
    converted: set[str] = field(default_factory=set)

    def count_file(self) -> None:
        """Count a file that could be read."""
        self.files += 1

    def add_moves(self, more: StatedMoves) -> None:
        """Add the moved and removed posts that one file states."""
        self.moves = StatedMoves(
            (*self.moves.moves, *more.moves), (*self.moves.removals, *more.removals)
        )

    def add_discovered(self, discovered: Discovered) -> None:
        """Add the problems, missing folders and skipped folders of the search for files."""
        self.problems.extend(discovered.diagnostics)
        self.missing = discovered.missing
        self.skipped = discovered.skipped


@dataclass(frozen=True)
class _Layer:
    """The keys of a defaults file (or of `defaults:`, or of a post itself), and their place."""

    spec: Mapping[str, Any]
    at: Pointer

    @cached_property
    def places(self) -> dict[str, Pointer]:
        """The place of each key by its path with slashes, for the `origins` of a post."""
        return {"/".join(path): self._place(path) for path in _paths(self.spec)}

    def _place(self, path: tuple[str, ...]) -> Pointer:
        place = self.at
        for step in path:
            place = place / step
        return place


def _paths(spec: Mapping[str, Any], above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the paths of all keys that merge one by one: of a post, of variants, of metadata."""
    for key, value in spec.items():
        path = (*above, key)
        yield path
        if key == "variants":
            for name, variant in value.items():
                yield (*path, name)
                yield from _paths(variant, (*path, name))
        elif key == "metadata":
            for service, settings in value.items():
                yield (*path, service)
                yield from ((*path, service, setting) for setting in settings)


def load(root: Path) -> Loaded:
    """Read the workspace whose plancast.yaml lies in `root`, with all its posts.

    Never raises for what a file holds: problems are values, in `Loaded.diagnostics`.
    """
    with _collector_off():
        work = _Work(root.resolve())
        workspace, defaults = _workspace(work)
        posts: list[Post] = []
        if workspace is None:
            workspace = Workspace(root=str(work.root))
        else:
            posts = _posts(workspace, defaults, work)
    moves = work.moves.with_posts(posts)
    # A post that could not be read would look like one that is not there.
    known = None if has_errors(work.problems) else {post.id for post in posts}
    work.problems.extend(check_moves(moves, known))
    located = in_order(_located(item, work.texts) for item in work.problems)
    digest = work.digest.hexdigest()
    return Loaded(
        workspace,
        tuple(posts),
        located,
        digest,
        work.files,
        work.texts,
        moves,
        work.missing,
        work.skipped,
        frozenset(work.converted),
    )


def load_settings(root: Path) -> tuple[Workspace | None, tuple[Diagnostic, ...]]:
    """Read plancast.yaml alone, for commands that need no posts; None if it cannot be read."""
    work = _Work(root.resolve())
    workspace, _ = _workspace(work)
    return workspace, in_order(_located(item, work.texts) for item in work.problems)


@contextmanager
def _collector_off() -> Iterator[None]:
    """Switch the garbage collector off for a while: growing trees hold no garbage to find.

    Collecting took half of the time of a load. It is switched on again only if it was on.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _workspace(work: _Work) -> tuple[Workspace | None, _Layer | None]:
    source = Source(WORKSPACE_FILE, work.root / WORKSPACE_FILE)
    at = Pointer(WORKSPACE_FILE)
    if not is_inside(work.root, source.path):
        # It could lead to /proc/self/environ, say, and messages quote lines of the file.
        work.problems.append(problem("PC004", f"{WORKSPACE_FILE} is a link", at=at))
        return None, None
    documents = [value for value, _ in _documents(source, work)]
    if not documents:
        if not work.problems:
            work.problems.append(problem("PC204", "`version` and `profiles`: it is empty", at=at))
        return None, None
    troubles = _shape(documents[0], "workspace", at) or parse.state_problems(documents[0], at)
    work.problems.extend(troubles)
    if troubles:
        return None, None
    workspace, problems = parse.workspace(documents[0], str(work.root), at)
    work.problems.extend(problems)
    work.add_moves(_moves(documents[0], at))
    _report_further(documents, at, work)
    defaults = documents[0].get("defaults")
    work.problems.extend(_shared_ids(defaults or {}, at / "defaults"))
    return workspace, _Layer(defaults, at / "defaults") if defaults else None


def _report_further(documents: Sequence[Any], at: Pointer, work: _Work) -> None:
    """Report documents after the first of a file that holds one: nothing reads them."""
    if len(documents) > 1:
        place = replace(at, document=1)
        work.problems.append(problem("PC020", f"{at.file}: {len(documents)} documents", at=place))


def _shape(value: Any, schema: str, at: Pointer) -> list[Diagnostic]:
    if not isinstance(value, dict):
        return [problem("PC202", "expected a mapping of keys to values", at=at)]
    return shape_problems(value, schema, at)


def _documents(source: Source, work: _Work) -> Iterator[tuple[Any, Pointer]]:
    """Yield the YAML documents of a file, each with its place; report what cannot be read.

    A file with any flaw yields nothing: what stands behind a broken place cannot be trusted.
    Markdown without front matter is prose and yields nothing either (PC109 unless it is a README
    or the like).
    """
    try:
        raw = read_bytes(source)
    except OSError as error:
        detail = f"{source.name}: {error.strerror}"
        work.problems.append(problem("PC002", detail, at=Pointer(source.name)))
        return
    work.count_file()
    text = post_text(source, raw)
    if text is None:
        if PurePosixPath(source.name).stem.lower() not in PROSE:
            work.problems.append(problem("PC109", source.name, at=Pointer(source.name)))
        return
    # Lengths first, so that no two sets of files run into the same stream of bytes. File names
    # that are not UTF-8 reach us with lone surrogates; the handler turns those back into bytes.
    head = f"{len(source.name)}:{source.name}:{len(raw)}:"
    work.digest.update(head.encode("utf-8", "surrogateescape"))
    work.digest.update(raw)
    if isinstance(text, Flaw):
        lines = raw.decode("utf-8", "replace").split("\n")
        shown = lines[text.line - 1].rstrip("\r")
        place = SourceRange.in_line(source.name, text.line, text.column, text.column + 1, shown)
        work.problems.append(problem(text.code, text.detail, hint=text.hint, source=place))
        return
    work.texts[source.name] = text
    documents, flaws = text.documents()
    for flaw in flaws:
        place = text.flaw_range(flaw)
        work.problems.append(problem(flaw.code, flaw.detail, hint=flaw.hint, source=place))
    if flaws:
        return
    for document in documents:
        _report_swallowed(document, text, work)
        yield document.value, Pointer(source.name, document.number)
    # Empty front matter is still a post: everything may come from defaults and the body.
    if text.body is not None and not documents:
        yield {}, Pointer(source.name)


def _report_swallowed(document: Document, text: PostText, work: _Work) -> None:
    """Report the parts of texts that YAML took for comments or names.

    A value of which nothing was left gets the part back. The post has an error in any case, and a
    second one for its empty value would say less.
    """
    for part, trouble in lost_words(document, text):
        work.problems.append(trouble)
        _give_back(document.value, part.path, part.part)


def _give_back(value: Any, path: Sequence[str | int], part: str) -> None:
    for step in path[:-1]:
        value = value[step]
    if value[path[-1]] is None:
        value[path[-1]] = part


def _posts(workspace: Workspace, defaults: _Layer | None, work: _Work) -> list[Post]:
    discovered = discover(work.root, workspace.content)
    work.add_discovered(discovered)
    _read_moves(discovered.moves, work)
    layers = _folder_layers(discovered.defaults, work)
    posts: list[Post] = []
    for source in discovered.posts:
        above = _layers_above(source, defaults, layers)
        problems_before = len(work.problems)
        documents = list(_documents(source, work))
        if not documents and len(work.problems) == problems_before and not source.is_markdown:
            work.problems.append(problem("PC017", source.name, at=Pointer(source.name)))
        missing = missing_ids(source, [value for value, _ in documents])
        for number, (value, at) in enumerate(documents):
            text = work.texts[source.name]
            if isinstance(value, dict):
                markdown = _markdown(value, above, workspace)
                value = _with_body(value, text, markdown, at, work)  # noqa: PLW2901
            troubles = _shape(value, "post", at)
            work.problems.extend(troubles)
            if not troubles:
                if number in missing:
                    work.problems.append(_without_id(missing[number], source, number, at))
                posts.append(_post(value, at, missing.get(number, source.id), above, work))
    if not posts and {item.code for item in work.problems} <= _OF_FILES_WITHOUT_POST:
        work.problems.append(problem("PC006", ", ".join(workspace.content)))
    return posts


def missing_ids(source: Source, documents: Sequence[Any]) -> Mapping[int, str]:
    """Return ids for the documents of a file that name none and must, by their places in it.

    Earlier versions derived the id from the place, and the state may know the post by it. So the
    document gets that id, or a free one if it is in use, as when a document was put in front.
    """
    posts = {place: value for place, value in enumerate(documents) if isinstance(value, dict)}
    used = {value["id"] for value in posts.values() if isinstance(value.get("id"), str)}
    lacking = [place for place, value in posts.items() if place and "id" not in value]
    # The first document may go without an id: it is called as its file is.
    if lacking and "id" not in posts.get(0, {}):
        used.add(source.id)
    ids = {place: _positional_id(source, place) for place in lacking}
    ids = {place: name for place, name in ids.items() if name not in used}
    used.update(ids.values())
    for place in lacking:
        if place not in ids:
            # A document that used to stand first had the id of the file: try that one first.
            numbered = (_positional_id(source, number) for number in count(place))
            ids[place] = next(name for name in chain([source.id], numbered) if name not in used)
            used.add(ids[place])
    return ids


def _positional_id(source: Source, place: int) -> str:
    return f"{source.id}-{place + 1}"


def _without_id(name: str, source: Source, place: int, at: Pointer) -> Diagnostic:
    has_been = ", the id of its place until now," if name == _positional_id(source, place) else ""
    hint = f"Write `id: {name}`{has_been} or run `plancast fmt`, which does."
    detail = (
        "only the first document of a file may go without: as others come and go, the rest would "
        "be taken for each other"
    )
    return problem("PC212", detail, hint=hint, at=at)


def _moves(spec: Mapping[str, Any], at: Pointer) -> StatedMoves:
    """Build the stated moves and removals of plancast.yaml or of a _moves.yaml."""
    moved, removed = spec.get("moved", ()), spec.get("removed", ())
    return StatedMoves(
        tuple(
            StatedMove(item["from"], item["to"], at / "moved" / index)
            for index, item in enumerate(moved)
        ),
        tuple(
            StatedRemoval(item["id"], item["keep"], at / "removed" / index)
            for index, item in enumerate(removed)
        ),
    )


def _read_moves(sources: Iterable[Source], work: _Work) -> None:
    for source in sources:
        for value, at in _documents(source, work):
            troubles = _shape(value, "moves", at)
            work.problems.extend(troubles)
            if not troubles:
                work.add_moves(_moves(value, at))


def _markdown(value: Mapping[str, Any], above: Sequence[_Layer], workspace: Workspace) -> str:
    """Return how a body is read: the nearest `markdown:` that holds for a post, "" for none."""
    specs = (value, *(layer.spec for layer in reversed(above)))
    said = (spec["markdown"] for spec in specs if "markdown" in spec)
    return str(next(said, workspace.markdown))


def _with_body(
    value: dict[str, Any], text: PostText, markdown: str, at: Pointer, work: _Work
) -> dict[str, Any]:
    """Return the keys of a post with the body of its file, and what comes from the body."""
    if markdown == "plain" and text.body is not None:
        work.converted.add(text.name)
    read = post_body.read(value, text, markdown, at)
    work.problems.extend(read.problems)
    return {**value, **read.keys}


def _folder_layers(sources: Iterable[Source], work: _Work) -> dict[str, _Layer]:
    layers = {}
    for source in sources:
        documents = list(_documents(source, work))
        for value, at in documents[:1]:
            troubles = _shape(value, "post", at)
            work.problems.extend(troubles)
            shared = [] if troubles else _shared_ids(value, at)
            work.problems.extend(shared)
            if not troubles and not shared:
                layers[source.name] = _Layer(value, at)
            _report_further(documents, at, work)
    return layers


def _shared_ids(spec: Mapping[str, Any], at: Pointer) -> list[Diagnostic]:
    """Report the keys in defaults that only one post can have."""
    hint = "An id belongs to one post."
    return [
        problem("PC203", f"`{key}`", hint=hint, at=at / key) for key in ("id", "was") if key in spec
    ]


def _layers_above(
    source: Source, defaults: _Layer | None, layers: Mapping[str, _Layer]
) -> list[_Layer]:
    """Return the defaults that hold for a file: the workspace's, then those of outer folders."""
    above = [defaults] if defaults else []
    for folder in reversed(PurePosixPath(source.name).parents):
        layer = layers.get((folder / DEFAULTS_FILE).as_posix())
        if layer is not None:
            above.append(layer)
    return above


def _post(
    value: dict[str, Any], at: Pointer, default_id: str, above: list[_Layer], work: _Work
) -> Post:
    """Build one post with its defaults under it.

    A stronger layer replaces a key as a whole; variants and the settings of each network
    (`metadata`) merge key by key. `origins` keeps the place of every key that a defaults file set.
    """
    merged: dict[str, Any] = {}
    variants: dict[str, dict[str, Any]] = {}
    origins: dict[str, Pointer] = {}
    own = _Layer(value, at)
    for layer in (*above, own):
        if layer is not own:
            origins.update(layer.places)
        elif origins:  # keys that the post sets itself come from no defaults file
            for path in _paths(value):
                origins.pop("/".join(path), None)
        for key, item in layer.spec.items():
            if key == "variants":
                for name, variant in item.items():
                    variants[name] = _merged_variant(variants.get(name, {}), variant)
            elif key == "metadata":
                merged[key] = _merged_settings(merged.get(key, {}), item)
            else:
                merged[key] = item
    _check_files(merged, at, work)
    return Post(
        id=value.get("id", default_id),
        at=at,
        fields=parse.fields(merged),
        variants={name: parse.fields(variant) for name, variant in variants.items()},
        origins=origins,
        was=value.get("was", ""),
    )


def _merged_variant(under: dict[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Lay one variant over a weaker one of the same name."""
    merged = {**under, **over}
    if "metadata" in under and "metadata" in over:
        merged["metadata"] = _merged_settings(under["metadata"], over["metadata"])
    return merged


def _merged_settings(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Merge the settings of each network key by key; `over` wins."""
    return {name: {**under.get(name, {}), **over.get(name, {})} for name in {**under, **over}}


def _check_files(merged: Mapping[str, Any], at: Pointer, work: _Work) -> None:
    """Report images named by `file:` that do not exist (PC211) or lie outside (PC004)."""
    folder = (work.root / at.file).parent
    for place, image in _all_images(merged, at):
        name = image.get("file") if isinstance(image, dict) else None
        if name is None:
            continue
        try:
            path = (folder / name).resolve()
            there = path.is_file()
        except (OSError, RuntimeError, ValueError):  # no system has a file of such a name
            path, there = work.root, False
        if not path.is_relative_to(work.root):
            work.problems.append(problem("PC004", name, at=place / "file"))
        elif not there:
            work.problems.append(problem("PC211", name, at=place / "file"))


def _all_images(merged: Mapping[str, Any], at: Pointer) -> Iterator[tuple[Pointer, Any]]:
    """Yield the images of a post and of its thread, each with its place."""
    for index, image in enumerate(merged.get("images", ())):
        yield at / "images" / index, image
    for number, part in enumerate(merged.get("thread", ())):
        if isinstance(part, dict):
            for index, image in enumerate(part.get("images", ())):
                yield at / "thread" / number / "images" / index, image


def _located(item: Diagnostic, texts: Mapping[str, PostText]) -> Diagnostic:
    if item.source is not None or item.at is None:
        return item
    text = texts.get(item.at.file)
    if text is None:
        return item
    return replace(item, source=text.locate(item.at, key=item.code in _AT_THE_KEY))
