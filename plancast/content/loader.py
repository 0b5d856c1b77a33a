"""The loader: a workspace and its posts from files, together with everything that is wrong.

`load` reads plancast.yaml, then the files that it means, then the defaults of folders, and then
the posts with those defaults under them. No step stops at the first problem: a post in
which something is wrong is read as far as it can be (`content.partial`), and kept apart.

Values carry no positions. Only for a problem that will be shown, `Loaded.locate` reads the text a
second time (`yaml_reader.Marks`), so a run without problems never pays for positions.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain, count
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from plancast.content import parse, post_body
from plancast.content.discovery import Discovered, Source, discover, find_root, is_inside
from plancast.content.file_names import DEFAULTS_FILE, PROSE, WORKSPACE_FILE
from plancast.content.partial import EVERYTHING, Fitted, fit, is_at_or_below, still_unread
from plancast.content.post_list import KnownFile, PostList
from plancast.content.source import FileTexts, PostText, post_text, read_bytes
from plancast.content.text_places import lost_words
from plancast.content.yaml_reader import Document, Flaw
from plancast.content.yaml_reader import Path as KeyPath
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

if TYPE_CHECKING:
    from plancast.content.known_posts import Memory, Rows

__all__ = ["Loaded", "find_root", "load", "load_settings"]

FEWEST_FILES = 64
"""With fewer files, opening a cache takes longer than reading them."""

_ABOVE_POSTS = (WORKSPACE_FILE, DEFAULTS_FILE)
"""Files that say something about the posts of others: a part of the key of each such post."""

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
    "PC546",
    "PC547",
}
"""Problems that are the fault of a key, not of its value."""


@dataclass(frozen=True)
class Loaded:
    """A workspace, its posts and its problems with their positions. See `load`.

    `content_digest` is the SHA-256 of all files that were read, `files` their number. `skipped` are
    the folders of tools in the content folders, which were not entered. `converted` are the
    Markdown files whose bodies are read under `markdown: plain`. `partial` are the posts in which
    something is wrong, as far as they could be read: they are checked and never planned. `unread`
    are the paths that could not be read, by file and number of the document. `texts` has the texts
    of the files, each for as long as its file is as it was loaded. `memory` is what is known of
    files from earlier runs, None if the workspace was loaded without a cache. `validations` is
    where `content.validate` keeps the last one of these posts; a changed copy begins without any.
    """

    workspace: Workspace
    posts: Sequence[Post]
    diagnostics: tuple[Diagnostic, ...]
    content_digest: str
    files: int
    texts: Mapping[str, PostText] = field(repr=False, default_factory=dict)
    moves: StatedMoves = NO_MOVES
    missing: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    converted: frozenset[str] = frozenset()
    partial: tuple[Post, ...] = ()
    unread: Mapping[tuple[str, int], frozenset[KeyPath]] = field(default_factory=dict)
    memory: Memory | None = field(repr=False, default=None)
    validations: list[Any] = field(init=False, repr=False, compare=False, default_factory=list)

    @property
    def ids(self) -> Sequence[str]:
        """The ids of the posts, without reading those that are known."""
        return _ids(self.posts)

    def locate(self, diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
        """Return the same problems with line, column and line of text, sorted."""
        return _all_located(diagnostics, self.texts)

    def source(self, pointer: Pointer) -> SourceRange | None:
        """Return the position of a post or of one of its keys.

        None if its file was not read, or was changed since.
        """
        text = self.texts.get(pointer.file)
        return text.locate(pointer) if text else None


@dataclass
class _Work:
    """The mutable state of one load: texts, problems, digest and moves gathered so far."""

    root: Path
    texts: FileTexts
    problems: list[Diagnostic] = field(default_factory=list)
    digest: Any = field(default_factory=hashlib.sha256)
    files: int = 0
    missing: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    moves: StatedMoves = NO_MOVES
    converted: set[str] = field(default_factory=set)
    partial: list[Post] = field(default_factory=list)
    unread: dict[tuple[str, int], frozenset[KeyPath]] = field(default_factory=dict)
    inputs: dict[str, bytes] = field(default_factory=dict)
    memory: Memory | None = None

    def fit(self, read: _Read, schema: str) -> Fitted:
        """Return what of a document fits its schema; report the rest."""
        fitted = fit(read.value, schema, read.at, read.unread)
        self.problems.extend(fitted.problems)
        self.mark_unread(read.at, fitted.unread)
        return fitted

    def mark_unread(self, at: Pointer, paths: Iterable[KeyPath]) -> None:
        """Note paths of a document, or of a mapping in it, that could not be read."""
        below = frozenset((*at.path, *path) for path in paths)
        if below:
            place = (at.file, at.document)
            self.unread[place] = self.unread.get(place, frozenset()) | below

    def count_file(self) -> None:
        """Count a file that could be read."""
        self.files += 1

    def add_to_digest(self, source: Source, raw: bytes) -> None:
        """Add a file to the digest of the content."""
        # Lengths first, so that no two sets of files run into the same stream of bytes. File names
        # that are not UTF-8 reach us with lone surrogates; the handler turns those back into bytes.
        head = f"{len(source.name)}:{source.name}:{len(raw)}:"
        self.digest.update(head.encode("utf-8", "surrogateescape"))
        self.digest.update(raw)

    def remember(self, rows: Rows) -> Memory:
        """Use a cache for the posts; return what this run knows of them."""
        from plancast.content.known_posts import Memory  # noqa: PLC0415

        self.memory = Memory(rows)
        return self.memory

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
class _Read:
    """A document as it was read: its tree, its place and file, and the paths not to be trusted."""

    value: Any
    at: Pointer
    text: PostText
    unread: frozenset[KeyPath] = frozenset()


@dataclass(frozen=True)
class _Layer:
    """The keys of a defaults file (or of `defaults:`, or of a post itself), and their place."""

    spec: Mapping[str, Any]
    at: Pointer
    unread: frozenset[KeyPath] = frozenset()

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


def load(root: Path, rows: Rows | None = None, *, with_posts: bool = True) -> Loaded:
    """Read the workspace whose plancast.yaml lies in `root`, with all its posts.

    With `rows`, posts whose files are known from an earlier run are read only when they are used.
    Without `with_posts`, only plancast.yaml is read.
    Never raises for what a file holds: problems are values, in `Loaded.diagnostics`.
    """
    work = _begin(root)
    settings = _workspace(work)
    posts: Sequence[Post] = ()
    workspace = settings.workspace or Workspace(root=str(work.root))
    if settings.workspace is not None and with_posts:
        posts = _posts(workspace, settings.defaults, work, rows)
    moves = work.moves.with_posts(_read_posts(posts))
    # A post that could not be read would look like one that is not there.
    known = None if has_errors(work.problems) else set(_ids(posts))
    work.problems.extend(check_moves(moves, known))
    located = _all_located(work.problems, work.texts)
    digest = work.digest.hexdigest()
    return Loaded(
        workspace,
        posts,
        located,
        digest,
        work.files,
        work.texts,
        moves,
        work.missing,
        work.skipped,
        frozenset(work.converted),
        tuple(work.partial),
        work.unread,
        work.memory,
    )


def _ids(posts: Sequence[Post]) -> Sequence[str]:
    return posts.ids if isinstance(posts, PostList) else [post.id for post in posts]


def _read_posts(posts: Sequence[Post]) -> Iterable[Post]:
    """Return the posts that were read in this run: a post with `was:` always is."""
    return posts.fresh if isinstance(posts, PostList) else posts


def digest_now(alone: Loaded) -> tuple[str, frozenset[str]] | None:
    """Return the digest that the content has now, as `load` would return it, and its files.

    `alone` is the workspace, loaded without its posts. None if there are few posts, if there is
    something to say about the name of a file, or if one is in Markdown, or cannot be read, or if
    plancast.yaml has changed meanwhile.
    """
    work = _begin(Path(alone.workspace.root))
    found = discover(work.root, alone.workspace.content)
    is_plain = not found.diagnostics and not any(source.is_markdown for source in found.posts)
    if not is_plain or len(found.posts) < FEWEST_FILES:
        return None
    settings = Source(WORKSPACE_FILE, str(work.root / WORKSPACE_FILE))
    for source in (settings, *found.moves, *found.defaults, *found.posts):
        try:
            work.add_to_digest(source, read_bytes(source))
        except OSError:
            return None
        if source is settings and work.digest.hexdigest() != alone.content_digest:
            return None
    sources = (*found.moves, *found.defaults, *found.posts)
    return work.digest.hexdigest(), frozenset((WORKSPACE_FILE, *(one.name for one in sources)))


def load_settings(root: Path) -> tuple[Workspace | None, tuple[Diagnostic, ...]]:
    """Read plancast.yaml alone, for commands that need no posts; None if it cannot be read."""
    work = _begin(root)
    settings = _workspace(work)
    # A setting that could not be read must not be taken for one that was left out.
    workspace = settings.workspace if settings.is_whole else None
    return workspace, _all_located(work.problems, work.texts)


def _begin(root: Path) -> _Work:
    resolved = root.resolve()
    return _Work(resolved, FileTexts(str(resolved)))


@dataclass(frozen=True)
class _Settings:
    """The settings of plancast.yaml; without a workspace if nothing of it can be used.

    `is_whole`: its schema refused none of them.
    """

    workspace: Workspace | None = None
    defaults: _Layer | None = None
    is_whole: bool = False


def _workspace(work: _Work) -> _Settings:
    source = Source(WORKSPACE_FILE, str(work.root / WORKSPACE_FILE))
    at = Pointer(WORKSPACE_FILE)
    if not is_inside(work.root, source.path):
        # It could lead to /proc/self/environ, say, and messages quote lines of the file.
        work.problems.append(problem("PC004", f"{WORKSPACE_FILE} is a link", at=at))
        return _Settings()
    documents = list(_documents(source, work))
    if work.problems or not documents:
        if not work.problems:
            work.problems.append(problem("PC204", "`version` and `profiles`: it is empty", at=at))
        return _Settings()
    fitted = work.fit(documents[0], "workspace")
    _report_further(documents, at, work)
    if fitted.value is None:
        return _Settings()
    odd_names = parse.state_problems(fitted.value, at)
    work.problems.extend(odd_names)
    spec = {key: value for key, value in fitted.value.items() if key != "state" or not odd_names}
    workspace, problems = parse.workspace(spec, str(work.root), at)
    work.problems.extend(item for item in problems if not _stands_in(fitted.unread, item.at))
    work.add_moves(_moves(spec, at))
    defaults = spec.get("defaults", {})
    work.problems.extend(_shared_ids(defaults, at / "defaults"))
    defaults = {key: value for key, value in defaults.items() if key not in _OF_ONE_POST}
    unread = frozenset(path[1:] for path in fitted.unread if path[:1] == ("defaults",))
    layer = _Layer(defaults, at / "defaults", unread) if defaults or unread else None
    return _Settings(workspace, layer, not (fitted.problems or odd_names))


def _report_further(documents: Sequence[_Read], at: Pointer, work: _Work) -> None:
    """Report documents after the first of a file that holds one: nothing reads them."""
    if len(documents) > 1:
        place = replace(at, document=1)
        work.problems.append(problem("PC020", f"{at.file}: {len(documents)} documents", at=place))


def _stands_in(unread: Iterable[KeyPath], at: Pointer | None) -> bool:
    return at is not None and is_at_or_below(unread, at.path)


def _documents(source: Source, work: _Work, raw: bytes | None = None) -> Iterator[_Read]:
    """Yield the YAML documents of a file, each with its place; report what cannot be read.

    `raw` is its content, if that was read already.

    Of a file with broken YAML only the documents before the broken place are yielded: what stands
    behind it cannot be trusted. Markdown without front matter is prose and yields nothing (PC109
    unless it is a README or the like).
    """
    try:
        raw = read_bytes(source) if raw is None else raw
    except OSError as error:
        detail = f"{source.name}: {error.strerror}"
        work.problems.append(problem("PC002", detail, at=Pointer(source.name)))
        return
    work.count_file()
    if source.name.rpartition("/")[2] in _ABOVE_POSTS:
        work.inputs[source.name] = raw
    text = post_text(source, raw)
    if text is None:
        if PurePosixPath(source.name).stem.lower() not in PROSE:
            work.problems.append(problem("PC109", source.name, at=Pointer(source.name)))
        return
    work.add_to_digest(source, raw)
    if isinstance(text, Flaw):
        lines = raw.decode("utf-8", "replace").split("\n")
        shown = lines[text.line - 1].rstrip("\r")
        place = SourceRange.in_line(source.name, text.line, text.column, text.column + 1, shown)
        work.problems.append(problem(text.code, text.detail, hint=text.hint, source=place))
        return
    work.texts.note(source.name, raw)
    documents, flaws = text.documents()
    for flaw in flaws:
        place = text.flaw_range(flaw)
        work.problems.append(problem(flaw.code, flaw.detail, hint=flaw.hint, source=place))
    for document in documents:
        _report_swallowed(document, text, work)
        unread = frozenset(
            flaw.path
            for flaw in flaws
            if flaw.path is not None and flaw.document == document.number
        )
        yield _Read(document.value, Pointer(source.name, document.number), text, unread)
    # Empty front matter is still a post: everything may come from defaults and the body.
    if text.body is not None and not documents and not flaws:
        yield _Read({}, Pointer(source.name), text)


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


def _posts(
    workspace: Workspace, defaults: _Layer | None, work: _Work, rows: Rows | None
) -> Sequence[Post]:
    if any(path[0] == "content" for path in work.unread.get((WORKSPACE_FILE, 0), ())):
        return ()  # other files than those that were meant could be read
    discovered = discover(work.root, workspace.content)
    work.add_discovered(discovered)
    _read_moves(discovered.moves, work)
    layers = _folder_layers(discovered.defaults, work)
    by_folder: dict[str, list[_Layer]] = {}

    def above(source: Source) -> list[_Layer]:
        folder = source.name.rpartition("/")[0]
        if folder not in by_folder:
            by_folder[folder] = _layers_above(folder, defaults, layers)
        return by_folder[folder]

    posts: Sequence[Post]
    is_odd = has_errors(work.problems) or bool(work.unread)
    if rows is None or len(discovered.posts) < FEWEST_FILES or is_odd or _is_new(rows, work.root):
        posts = tuple(
            post
            for source in discovered.posts
            for post in _posts_in(source, None, above(source), workspace, work)
        )
    else:
        posts = PostList(_remembered(discovered.posts, above, workspace, work, rows))
    if not posts and {item.code for item in work.problems} <= _OF_FILES_WITHOUT_POST:
        work.problems.append(problem("PC006", ", ".join(workspace.content)))
    return posts


def _is_new(rows: Rows, root: Path) -> bool:
    """Return whether no earlier run has read this workspace, and note that this one does.

    A first run then takes no longer than without a cache: it writes no rows that may never be read.
    """
    from plancast.content.known_posts import key_of_workspace  # noqa: PLC0415

    key = key_of_workspace(root)
    if rows.find([key]):
        return False
    rows.keep({key: b"1"})
    return True


def _posts_in(
    source: Source, raw: bytes | None, above: list[_Layer], workspace: Workspace, work: _Work
) -> Iterator[Post]:
    """Yield the posts of a file in which nothing is wrong; keep the others as partial ones."""
    problems_before = len(work.problems)
    documents = list(_documents(source, work, raw))
    if not documents and len(work.problems) == problems_before and not source.is_markdown:
        work.problems.append(problem("PC017", source.name, at=Pointer(source.name)))
    missing = missing_ids(source, [read.value for read in documents])
    for number, read in enumerate(documents):
        if isinstance(read.value, dict):
            markdown = _markdown(read.value, above, workspace, work)
            value = _with_body(read.value, read.text, markdown, read.at, work)
            read = replace(read, value=value)  # noqa: PLW2901
        fitted = work.fit(read, "post")
        if fitted.value is None:
            continue
        if number in missing:
            work.problems.append(_without_id(missing[number], source, number, read.at))
        own = _Layer(fitted.value, read.at, fitted.unread)
        post = _post(own, missing.get(number, source.id), above, work)
        if fitted.problems or read.unread or post.unread:
            work.partial.append(post)
        else:
            yield post


# -- posts that an earlier run has read -----------------------------------------------------------

_AT_ONCE = 500
"""Files that are looked up together: their contents are in memory meanwhile."""


def _remembered(
    sources: Sequence[Source],
    above: Callable[[Source], list[_Layer]],
    workspace: Workspace,
    work: _Work,
    rows: Rows,
) -> Iterator[Post | KnownFile]:
    """Yield the posts of all files; those of files that `rows` knows are not read."""
    from plancast.content.known_posts import encode_posts  # noqa: PLC0415

    memory = work.remember(rows)
    folders: dict[tuple[str, ...], bytes] = {}
    new: dict[bytes, bytes] = {}
    for start in range(0, len(sources), _AT_ONCE):
        some = [
            _Content.of(source, _key_of_layers(above(source), folders, work))
            for source in sources[start : start + _AT_ONCE]
        ]
        values = rows.find([content.key for content in some if content.key])
        for content in some:
            source, layers = content.source, above(content.source)
            known = _known_file(content, values.get(content.key), layers, workspace, work)
            if known is not None:
                memory.keys[source.name] = content.key
                yield known
                continue
            before = len(work.problems)
            posts = tuple(_posts_in(source, content.raw, layers, workspace, work))
            yield from posts
            if content.key and posts and len(work.problems) == before and can_be_known(posts):
                memory.keys[source.name] = content.key
                new[content.key] = encode_posts(posts)
    rows.keep(new)


def can_be_known(posts: Sequence[Post]) -> bool:
    """Return whether all that loading finds out about posts depends on their key alone.

    Of an image on this disk it is checked whether it exists, and a stated move has to be compared
    with those of other posts.
    """
    parts = [part for post in posts for part in (post.fields, *post.variants.values())]
    images = [image for part in parts for image in part.images or ()]
    items = [item for part in parts for item in part.thread or ()]
    images.extend(image for item in items for image in item.images)
    return not any(post.was for post in posts) and not any(image.file for image in images)


@dataclass(frozen=True, slots=True)
class _Content:
    """The content of a file, None if it cannot be read, and the key of what is known of it.

    Of Markdown nothing is known (b""): where its text stands depends on how its body was read.
    """

    source: Source
    raw: bytes | None
    key: bytes

    @classmethod
    def of(cls, source: Source, folder: bytes) -> _Content:
        """Read a file and find its key; `folder` is that of its folder."""
        from plancast.content.known_posts import key_of_file  # noqa: PLC0415

        try:
            raw = read_bytes(source)
        except OSError:
            return cls(source, None, b"")  # reported when its documents are read
        if source.is_markdown:
            return cls(source, raw, b"")
        return cls(source, raw, key_of_file(folder, source.name, source.id, raw))


def _key_of_layers(
    above: Sequence[_Layer], known: dict[tuple[str, ...], bytes], work: _Work
) -> bytes:
    """Return the key of a folder whose posts have these layers above them; `known` caches it."""
    from plancast.content.known_posts import key_of_folder  # noqa: PLC0415

    names = tuple(dict.fromkeys((WORKSPACE_FILE, *(layer.at.file for layer in above))))
    if names not in known:
        known[names] = key_of_folder(work.inputs[name] for name in names)
    return known[names]


def _known_file(
    content: _Content, row: bytes | None, above: list[_Layer], workspace: Workspace, work: _Work
) -> KnownFile | None:
    """Return a file with its posts as a row names them; None if there is no such row."""
    if row is None or content.raw is None:
        return None
    from plancast.codec.reader import CodecError  # noqa: PLC0415
    from plancast.content.known_posts import decode_posts  # noqa: PLC0415

    source, raw = content.source, content.raw
    try:
        posts = decode_posts(row)
    except CodecError:
        return None
    work.count_file()
    work.add_to_digest(source, raw)
    work.texts.note(source.name, raw)

    def read() -> tuple[Post, ...]:
        # From the bytes that the key is of: the file may have changed meanwhile.
        return tuple(_posts_in(source, raw, above, workspace, _begin(work.root)))

    return KnownFile(source.name, posts, read)


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
    has_been = ", its id until now," if name == _positional_id(source, place) else ""
    hint = f"Write `id: {name}`{has_been} or run `plancast fmt`, which does."
    detail = (
        "only the first post of a file may go without one: if a post above it is added or removed, "
        "the others must stay the same posts"
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
        for read in _documents(source, work):
            fitted = work.fit(read, "moves")
            if not (fitted.problems or read.unread):
                work.add_moves(_moves(fitted.value, read.at))


_MARKDOWN: KeyPath = ("markdown",)
_UNREAD = "unread"
"""In place of a setting that could not be read."""


def _markdown(
    value: Mapping[str, Any], above: Sequence[_Layer], workspace: Workspace, work: _Work
) -> str:
    """Return how a body is read: the nearest `markdown:` that holds for a post, "" for none.

    If that could not be read, the body is taken as it is, without a remark.
    """
    if "markdown" in value:
        return str(value["markdown"])
    for layer in reversed(above):
        if "markdown" in layer.spec:
            return str(layer.spec["markdown"])
        if {EVERYTHING, _MARKDOWN} & layer.unread:
            return _UNREAD
    if _MARKDOWN in work.unread.get((WORKSPACE_FILE, 0), ()):
        return _UNREAD
    return workspace.markdown


def _with_body(
    value: dict[str, Any], text: PostText, markdown: str, at: Pointer, work: _Work
) -> dict[str, Any]:
    """Return the keys of a post with the body of its file, and what comes from the body."""
    if markdown == "plain" and text.body is not None:
        work.converted.add(text.name)
    read = post_body.read(value, text, markdown, at)
    work.problems.extend(read.problems)
    if read.places:
        work.texts.note_body_places(text.name, read.places)
    return {**value, **read.keys}


def _folder_layers(sources: Iterable[Source], work: _Work) -> dict[str, _Layer]:
    layers = {}
    for source in sources:
        before = len(work.problems)
        documents = list(_documents(source, work))
        if documents:
            read = documents[0]
            fitted = work.fit(read, "post")
            spec = fitted.value or {}
            work.problems.extend(_shared_ids(spec, read.at))
            spec = {key: value for key, value in spec.items() if key not in _OF_ONE_POST}
            layers[source.name] = _Layer(spec, read.at, fitted.unread)
            _report_further(documents, read.at, work)
        elif len(work.problems) > before:
            # It could set any key, so a key that a post lacks may be in it.
            layers[source.name] = _Layer({}, Pointer(source.name), frozenset({EVERYTHING}))
    return layers


def _shared_ids(spec: Mapping[str, Any], at: Pointer) -> list[Diagnostic]:
    """Report the keys in defaults that only one post can have."""
    hint = "An id belongs to one post."
    return [
        problem("PC203", f"`{key}`", hint=hint, at=at / key) for key in _OF_ONE_POST if key in spec
    ]


_OF_ONE_POST = ("id", "was")


def _layers_above(
    folder: str, defaults: _Layer | None, layers: Mapping[str, _Layer]
) -> list[_Layer]:
    """Return the defaults that hold in a folder: the workspace's, then those of outer folders."""
    above = [defaults] if defaults else []
    steps = folder.split("/") if folder else []
    for depth in range(len(steps) + 1):
        layer = layers.get("/".join((*steps[:depth], DEFAULTS_FILE)))
        if layer is not None:
            above.append(layer)
    return above


def _post(own: _Layer, default_id: str, above: list[_Layer], work: _Work) -> Post:
    """Build one post with its defaults under it.

    A stronger layer replaces a key as a whole; variants and the settings of each network
    (`metadata`) merge key by key. `origins` keeps the place of every key that a defaults file set,
    `unread` what none of the layers could say.
    """
    merged: dict[str, Any] = {}
    variants: dict[str, dict[str, Any]] = {}
    origins: dict[str, Pointer] = {}
    unread: set[KeyPath] = set()
    for layer in (*above, own):
        unread = still_unread(unread, layer.spec) | layer.unread
        if layer is not own:
            origins.update(layer.places)
        elif origins:  # keys that the post sets itself come from no defaults file
            for path in _paths(own.spec):
                origins.pop("/".join(path), None)
        for key, item in layer.spec.items():
            if key == "variants":
                for name, variant in item.items():
                    variants[name] = _merged_variant(variants.get(name, {}), variant)
            elif key == "metadata":
                merged[key] = _merged_settings(merged.get(key, {}), item)
            else:
                merged[key] = item
    _check_files(merged, own.at, work)
    return Post(
        id=own.spec.get("id", default_id),
        at=own.at,
        fields=parse.fields(merged),
        variants={name: parse.fields(variant) for name, variant in variants.items()} or _NOTHING,
        origins=origins or _NOTHING,
        was=own.spec.get("was", ""),
        unread=frozenset(unread) if unread else _NOT_UNREAD,
    )


_NOTHING: Mapping[str, Any] = {}
_NOT_UNREAD: frozenset[KeyPath] = frozenset()
"""Shared by the posts that have none: an empty set of its own takes 200 bytes."""


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
    for place, image in _all_images(merged, at):
        name = image.get("file") if isinstance(image, dict) else None
        if name is None:
            continue
        folder = (work.root / at.file).parent
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


def _all_located(
    diagnostics: Iterable[Diagnostic], texts: Mapping[str, PostText]
) -> tuple[Diagnostic, ...]:
    """Return the problems with their positions, sorted. They are located file by file."""
    found = list(diagnostics)
    # A text that is asked for again and again would have to be read each time.
    for index in sorted(range(len(found)), key=lambda index: _file_of(found[index])):
        found[index] = _located(found[index], texts)
    return in_order(found)


def _file_of(item: Diagnostic) -> str:
    return item.at.file if item.at else ""


def _located(item: Diagnostic, texts: Mapping[str, PostText]) -> Diagnostic:
    if item.source is not None or item.at is None:
        return item
    text = texts.get(item.at.file)
    if text is None:
        return item
    return replace(item, source=text.locate(item.at, key=item.code in _AT_THE_KEY))
