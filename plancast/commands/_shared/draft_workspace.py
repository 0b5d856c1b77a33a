"""Drafts of post files, read as a workspace before they are written.

A draft is a temporary folder with plancast.yaml, the edited files and all defaults. The loader
reads it as it reads any workspace, so `pull` needs no second implementation of layers, ids and
front matter that could disagree.
"""

from __future__ import annotations

import codecs
from collections import ChainMap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, cast

from plancast.commands._shared.file_rewrite import Rewrite, changed, loaded_text
from plancast.model.diagnostics import problem
from plancast.model.exit_codes import Stop
from plancast.model.workspace import Desired, Post

if TYPE_CHECKING:
    from plancast.content.editing.pull_layers import Wish
    from plancast.content.loader import Loaded
    from plancast.content.source import PostText


@dataclass(frozen=True, slots=True)
class WorkspaceDraft:
    """Files to write, and the workspace that results from them.

    `failed` maps the name of each post that cannot be edited to the reason.
    """

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
    """Edit the files of posts as `wishes` ask, and load the result without writing any of them.

    `posts` maps post ids to posts, `desired` are all entries of the workspace before the edit.
    Raises Stop if a file cannot be read, or changed since it was loaded.
    """
    failed: dict[str, str] = {}
    texts: dict[str, tuple[bytes, str]] = {}
    by_post: dict[str, list[Wish]] = {}
    for wish in wishes:
        by_post.setdefault(wish.desired.address.post, []).append(wish)
    for name, post_wishes in by_post.items():
        post = posts[name]
        # One file may hold several posts: each edit builds on the text that the one before it left.
        raw, text = texts.get(post.at.file) or _read(root, post.at.file, loaded)
        siblings = [sibling for sibling in desired if sibling.address.post == name]
        edited = _edited(post, text, post_wishes, siblings, loaded)
        if edited is None:
            failed[name] = "its file cannot be edited by a program"
        else:
            texts[post.at.file] = (raw, edited)
    rewrites = tuple(
        Rewrite(name, root / name, raw, _marked(raw, text))
        for name, (raw, text) in sorted(texts.items())
        if _marked(raw, text).encode() != raw
    )
    return WorkspaceDraft(rewrites, _read_back(rewrites, loaded, root), failed)


def _read(root: Path, name: str, loaded: Loaded) -> tuple[bytes, str]:
    """Read a post file again, as bytes and text. Raises Stop if it is not as it was loaded."""
    from plancast.content.discovery import Source  # noqa: PLC0415
    from plancast.content.source import read_bytes  # noqa: PLC0415

    try:
        raw = read_bytes(Source(name, str(root / name)))
    except OSError as error:
        raise Stop([problem("PC002", f"{name}: {error.strerror}")]) from error
    text = raw.decode("utf-8-sig", "replace")
    if text != loaded_text(loaded, name).text:
        raise Stop([changed(name)])
    return raw, text


def _marked(raw: bytes, text: str) -> str:
    """Return the text with a byte order mark if the file began with one."""
    return f"\ufeff{text}" if raw.startswith(codecs.BOM_UTF8) else text


def _edited(
    post: Post, text: str, wishes: Sequence[Wish], siblings: Sequence[Desired], loaded: Loaded
) -> str | None:
    """Return the text of the file with every wish for one post; None if it cannot be edited so."""
    from plancast.content.editing.cst import Odd  # noqa: PLC0415
    from plancast.content.editing.markdown_text import body_edits  # noqa: PLC0415
    from plancast.content.editing.patch import put_body, rewritten  # noqa: PLC0415
    from plancast.content.editing.pull_layers import edits  # noqa: PLC0415

    number = post.at.document
    document = _document(post, loaded)
    post_edits = edits(post, document, wishes, siblings, loaded.workspace)
    file = loaded_text(loaded, post.at.file)
    body = None
    if post.at.file in loaded.converted and (file.body or "").strip():
        post_edits, body = body_edits(post_edits, document, file.body or "")
    try:
        # A comment inside a value that is replaced would be lost: such a file is for a person.
        after = rewritten(
            post.at.file, text, [(number, edit.path, edit.value) for edit in post_edits]
        )
        after = after if body is None else put_body(after, body)
        return after if _notes(post.at.file, text) == _notes(post.at.file, after) else None
    except Odd:
        return None


def _document(post: Post, loaded: Loaded) -> Mapping[str, Any]:
    documents, _ = loaded_text(loaded, post.at.file).documents()
    values = [document.value for document in documents if document.number == post.at.document]
    return values[0] if values and isinstance(values[0], dict) else {}


def _notes(name: str, text: str) -> list[str]:
    """Return the comments of a file, sorted, to check that an edit loses none."""
    from plancast.content.editing.cst import comments, sheets  # noqa: PLC0415
    from plancast.content.editing.patch import front_matter  # noqa: PLC0415

    yaml = front_matter(text)[1] if name.endswith(".md") else text
    return sorted(comment.text for sheet in sheets(yaml) for comment in comments(yaml, sheet))


def _read_back(rewrites: Sequence[Rewrite], loaded: Loaded, root: Path) -> Loaded:
    """Return the workspace as it was loaded, with the posts of these files as edited."""
    from plancast.content.file_names import DEFAULTS_FILE, WORKSPACE_FILE  # noqa: PLC0415
    from plancast.content.loader import load  # noqa: PLC0415

    kept = [file for file in loaded.texts if Path(file).name in (DEFAULTS_FILE, WORKSPACE_FILE)]
    with TemporaryDirectory(prefix="plancast-") as folder_name:
        folder = Path(folder_name)
        for file in kept:
            _copy(folder / file, (root / file).read_bytes())
        for rewrite in rewrites:
            _copy(folder / rewrite.name, rewrite.after)
        draft = load(folder)
        edited = dict(draft.texts)  # before the folder is gone
    files = {rewrite.name for rewrite in rewrites}
    fresh = {post.at: post for post in draft.posts if post.at.file in files}
    current = (fresh.get(post.at) if post.at.file in files else post for post in loaded.posts)
    # A post that cannot be read back is left out; `pull` then finds its wish unfulfilled.
    posts = tuple(post for post in current if post is not None)
    texts = ChainMap(edited, cast("dict[str, PostText]", loaded.texts))  # which are only read
    return replace(loaded, posts=posts, texts=texts)


def _copy(path: Path, raw: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(raw)
