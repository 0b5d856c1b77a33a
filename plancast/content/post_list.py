"""The posts of a workspace, of which those that a cache knows are read only when they are used."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import overload

from plancast.model.workspace import Post


@dataclass(frozen=True, slots=True)
class KnownPost:
    """A post of a file that was not read in this run."""

    id: str
    document: int
    is_draft: bool


class KnownFile:
    """A file whose posts are known by its first row. `read` reads them, if they are needed."""

    def __init__(
        self, name: str, posts: tuple[KnownPost, ...], read: Callable[[], tuple[Post, ...]]
    ) -> None:
        self.name = name
        self.posts = posts
        self._read = read
        self._whole: tuple[Post, ...] | None = None

    def whole_posts(self) -> tuple[Post, ...]:
        """Return the posts, read from the file at the first call."""
        if self._whole is None:
            self._whole = self._read()
        return self._whole


class PostList(Sequence[Post]):
    """The posts of a workspace in their order; those of a known file are read when they are used.

    `parts` are posts and known files.
    """

    def __init__(self, parts: Iterable[Post | KnownFile]) -> None:
        self.parts = tuple(parts)

    @property
    def ids(self) -> list[str]:
        """The ids of all posts. This reads no file."""
        return list(
            chain.from_iterable(
                [post.id for post in part.posts] if isinstance(part, KnownFile) else [part.id]
                for part in self.parts
            )
        )

    @property
    def fresh(self) -> Iterator[Post]:
        """The posts that were read in this run."""
        return (part for part in self.parts if not isinstance(part, KnownFile))

    def __iter__(self) -> Iterator[Post]:
        for part in self.parts:
            yield from part.whole_posts() if isinstance(part, KnownFile) else (part,)

    def __len__(self) -> int:
        return sum(len(one.posts) if isinstance(one, KnownFile) else 1 for one in self.parts)

    @overload
    def __getitem__(self, index: int) -> Post: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Post]: ...
    def __getitem__(self, index: int | slice) -> Post | Sequence[Post]:
        return tuple(self)[index]


class PostsByPlace(Mapping[tuple[str, int], Post]):
    """Posts by file and number of the document. A known file is read when one of them is used."""

    def __init__(self, posts: Iterable[Post], partial: Iterable[Post]) -> None:
        parts = posts.parts if isinstance(posts, PostList) else posts
        self._files: dict[str, KnownFile] = {}
        self._posts: dict[tuple[str, int], Post] = {}
        for part in (*parts, *partial):
            if isinstance(part, KnownFile):
                self._files[part.name] = part
            else:
                self._posts[part.at.file, part.at.document] = part

    def __getitem__(self, place: tuple[str, int]) -> Post:
        file = self._files.pop(place[0], None)
        for post in file.whole_posts() if file else ():
            self._posts[post.at.file, post.at.document] = post
        return self._posts[place]

    def __iter__(self) -> Iterator[tuple[str, int]]:
        for name in tuple(self._files):
            self.get((name, 0))
        return iter(self._posts)

    def __len__(self) -> int:
        return len(list(iter(self)))
