"""Files as they would be, read as a workspace before they are written.

A draft is a folder with plancast.yaml, the files that are edited and all
defaults. What it means is found out by the loader itself, so no second opinion
on layers, ids and front matter can be wrong.
"""

from __future__ import annotations

import codecs
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from plancast.commands._shared.file_rewrite import Rewrite
from plancast.model.diagnostics import problem
from plancast.model.exit_codes import Stop
from plancast.model.workspace import Desired, Post

if TYPE_CHECKING:
    from plancast.content.editing.pull_layers import Wish
    from plancast.content.loader import Loaded


@dataclass(frozen=True, slots=True)
class WorkspaceDraft:
    """What shall stand in which file, the workspace as it would be, and posts that cannot be."""

    rewrites: tuple[Rewrite, ...]
    loaded: Loaded
    failed: Mapping[str, str] = field(default_factory=dict)


def drafted(
    wishes: Sequence[Wish],
    posts: Mapping[str, Post],
    loaded: Loaded,
    desired: Sequence[Desired],
    root: Path,
) -> WorkspaceDraft:
    """Edit the texts of the posts that are wished for, and read what came out."""
    failed: dict[str, str] = {}
    texts: dict[str, tuple[bytes, str]] = {}
    by_post: dict[str, list[Wish]] = {}
    for wish in wishes:
        by_post.setdefault(wish.desired.address.post, []).append(wish)
    for name, mine in by_post.items():
        post = posts[name]
        raw, text = texts.get(post.at.file) or _read(root, post.at.file, loaded)
        siblings = [item for item in desired if item.address.post == name]
        made = _edited(post, text, mine, siblings, loaded)
        if made is None:
            failed[name] = "its file cannot be edited by a program"
        else:
            texts[post.at.file] = (raw, made)
    rewrites = tuple(
        Rewrite(name, root / name, raw, _marked(raw, text))
        for name, (raw, text) in sorted(texts.items())
        if _marked(raw, text).encode() != raw
    )
    return WorkspaceDraft(rewrites, _read_back(rewrites, loaded, root), failed)


def _read(root: Path, name: str, loaded: Loaded) -> tuple[bytes, str]:
    """A file as it stands, which must be as it was loaded. Raises Stop."""
    from plancast.content.discovery import Source  # noqa: PLC0415
    from plancast.content.source import read_bytes  # noqa: PLC0415

    try:
        raw = read_bytes(Source(name, root / name))
    except OSError as error:
        raise Stop([problem("PC002", f"{name}: {error.strerror}")]) from error
    text = raw.decode("utf-8-sig", "replace")
    if text != loaded.texts[name].text:
        hint = "Run the command again."
        raise Stop([problem("PC007", f"{name} was changed meanwhile", hint=hint)])
    return raw, text


def _marked(raw: bytes, text: str) -> str:
    """With a byte order mark where there was one."""
    return f"\ufeff{text}" if raw.startswith(codecs.BOM_UTF8) else text


def _edited(
    post: Post, text: str, wishes: Sequence[Wish], siblings: Sequence[Desired], loaded: Loaded
) -> str | None:
    """The text of the file with all that is wished for one post; None where that cannot be."""
    from plancast.content.editing.cst import Odd  # noqa: PLC0415
    from plancast.content.editing.patch import rewritten  # noqa: PLC0415
    from plancast.content.editing.pull_layers import edits  # noqa: PLC0415

    number = post.at.document
    document = _document(post, loaded)
    made = edits(post, document, wishes, siblings, loaded.workspace)
    try:
        after = rewritten(post.at.file, text, [(number, edit.path, edit.value) for edit in made])
        return after if _notes(post.at.file, text) == _notes(post.at.file, after) else None
    except Odd:
        return None


def _document(post: Post, loaded: Loaded) -> Mapping[str, Any]:
    documents, _ = loaded.texts[post.at.file].documents()
    found = [item.value for item in documents if item.number == post.at.document]
    return found[0] if found and isinstance(found[0], dict) else {}


def _notes(name: str, text: str) -> list[str]:
    """The comments of a file, to see that none is lost."""
    from plancast.content.editing.cst import comments, sheets  # noqa: PLC0415
    from plancast.content.editing.patch import front_matter  # noqa: PLC0415

    yaml = front_matter(text)[1] if name.endswith(".md") else text
    return sorted(note.text for sheet in sheets(yaml) for note in comments(yaml, sheet))


def _read_back(rewrites: Sequence[Rewrite], loaded: Loaded, root: Path) -> Loaded:
    """The workspace with the posts of these files as they would be."""
    from plancast.content.discovery import DEFAULTS_FILE, WORKSPACE_FILE  # noqa: PLC0415
    from plancast.content.loader import load  # noqa: PLC0415

    kept = [name for name in loaded.texts if Path(name).name in (DEFAULTS_FILE, WORKSPACE_FILE)]
    with TemporaryDirectory(prefix="plancast-") as name:
        folder = Path(name)
        for file in kept:
            _copy(folder / file, (root / file).read_bytes())
        for rewrite in rewrites:
            _copy(folder / rewrite.name, rewrite.after)
        read = load(folder)
    files = {rewrite.name for rewrite in rewrites}
    fresh = {post.at: post for post in read.posts if post.at.file in files}
    found = (fresh.get(post.at) if post.at.file in files else post for post in loaded.posts)
    # A post that could not be read is missing, and so is what was wished for it.
    posts = tuple(post for post in found if post is not None)
    return replace(loaded, posts=posts, texts={**loaded.texts, **read.texts})


def _copy(path: Path, raw: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(raw)
