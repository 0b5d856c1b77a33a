"""Partial documents: what can still be read of a document in which something is wrong.

A problem of one key must not hide the problems of the others, so `fit` removes what the schema
refuses and returns the rest, together with the paths whose values are not known (`unread`). A later
check can then find a problem that is only a consequence: a post is not empty if its `text` could
not be read. `Consequences` recognizes those; they are not reported. Pure.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from plancast.content.file_names import WORKSPACE_FILE
from plancast.content.schema import accepts, validator
from plancast.content.schema_errors import MOST_PROBLEMS, explained, meant_key
from plancast.content.yaml_reader import Path
from plancast.model.diagnostics import Diagnostic, Pointer, problem
from plancast.model.workspace import Post

_PASSES = 16
"""How often the schema may find something else wrong after its last findings were removed."""

_STAND_IN = "https://unread.invalid/"
"""Takes the place of a list's item that was removed, so that the others keep their indexes. It fits
wherever a list holds texts. Problems found at it are consequences, since its path is unread."""

EVERYTHING: Path = ()
"""The path of a document of which nothing could be read."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """A document without what its schema refuses; `value` is None if nothing of it can be used.

    `unread` are the paths whose values are not known: they were removed, or a key that is not known
    was probably meant to be them.
    """

    value: Any
    problems: tuple[Diagnostic, ...] = ()
    unread: frozenset[Path] = frozenset()


def fit(value: Any, schema: str, at: Pointer, unread: Collection[Path] = ()) -> Fitted:
    """Return what of a document fits its schema, with a problem for each place that does not.

    `unread` are paths of the document that could not be read, as of a key that stands twice.
    """
    if not isinstance(value, dict):
        wrong = problem("PC202", "expected a mapping of keys to values", at=at)
        return Fitted(None, (wrong,), frozenset({EVERYTHING}))
    for path in unread:
        value = _without(value, path)
    # The question is cheap, and the answer is almost always yes; finding all errors is neither.
    if accepts(schema, value):
        return Fitted(value, (), frozenset(unread))
    check = validator(schema)
    errors = list(islice(check.iter_errors(value), MOST_PROBLEMS))
    guesses = {path for error in errors for path in _meant(error)}
    problems = [
        item for error in errors if not _is_guessed(error, guesses) for item in explained(error, at)
    ]
    lost = {*unread, *guesses}
    for _ in range(_PASSES):
        if not errors:
            return Fitted(value, tuple(problems), frozenset(lost))
        # So many errors are one mistake, repeated; the rest of the document would be as odd.
        if len(errors) == MOST_PROBLEMS:
            break
        for error in errors:
            for path in _removable(error):
                if path == EVERYTHING:
                    return Fitted(None, tuple(problems), frozenset({EVERYTHING}))
                path = _list_of_stand_in(value, path)  # noqa: PLW2901
                value = _without(value, path)
                if error.validator != "additionalProperties":
                    lost.add(path)
        errors = list(islice(check.iter_errors(value), MOST_PROBLEMS))
    return Fitted(None, tuple(problems), frozenset({EVERYTHING}))


def _unknown_keys(error: Any) -> list[str]:
    known = error.schema.get("properties", {})
    return [key for key in error.instance if key not in known]


def _meant(error: Any) -> Iterator[Path]:
    """Yield the paths that unknown keys were probably meant to be, unless these are there too."""
    if error.validator == "additionalProperties":
        for key in _unknown_keys(error):
            name = meant_key(str(key), error.schema.get("properties", {}))
            if name and name not in error.instance:
                yield (*error.absolute_path, name)


def _is_guessed(error: Any, guesses: Collection[Path]) -> bool:
    """Return whether an error is about the absence of a key that was probably only misspelt."""
    path = tuple(error.absolute_path)
    if error.validator == "required":
        names = [key for key in error.validator_value if key not in error.instance]
        return all((*path, name) in guesses for name in names)
    if error.validator == "oneOf":
        options = [name for option in error.validator_value for name in option["required"]]
        return any((*path, name) in guesses for name in options)
    return False


def _removable(error: Any) -> Iterator[Path]:
    """Yield the paths to remove so that a document no longer has this error."""
    path = tuple(error.absolute_path)
    if error.validator == "additionalProperties":
        yield from ((*path, key) for key in _unknown_keys(error))
    else:
        yield path


def _list_of_stand_in(value: Any, path: Path) -> Path:
    """Return the path of the list if its item is a stand-in already: none fits there."""
    node = value
    for step in path:
        try:
            node = node[step]
        except (KeyError, IndexError, TypeError):
            return path  # removed meanwhile, with what holds it
    return path[:-1] if isinstance(path[-1], int) and node == _STAND_IN else path


def _without(value: Any, path: Path) -> Any:
    """Return a copy without the value at a path. Aliases share values, so nothing is changed."""
    step, *rest = path
    if isinstance(value, list) and isinstance(step, int) and step < len(value):
        item = _without(value[step], tuple(rest)) if rest else _STAND_IN
        return [*value[:step], item, *value[step + 1 :]]
    if not isinstance(value, dict) or step not in value:
        return value
    if rest:
        return {**value, step: _without(value[step], tuple(rest))}
    return {key: item for key, item in value.items() if key != step}


# -- layers ---------------------------------------------------------------------------------------

_DEPTHS = {"variants": 3, "metadata": 3}
"""How many steps name a value that a stronger layer replaces as a whole; 1 for all other keys."""


def still_unread(unread: Iterable[Path], over: Mapping[str, Any]) -> set[Path]:
    """Return the unread paths of a weaker layer that a stronger one does not set itself."""
    return {path for path in unread if not _sets(over, path)}


def _sets(spec: Mapping[str, Any], path: Path) -> bool:
    depth = _DEPTHS.get(str(path[0]), 1) if path else 0
    if not path or len(path) < depth:
        return False
    node: Any = spec
    for step in path[:depth]:
        if not isinstance(node, Mapping) or step not in node:
            return False
        node = node[step]
    return True


# -- consequences ---------------------------------------------------------------------------------

_CONTENT = ("text", "link", "images", "video")
_CAUSES: Mapping[str, tuple[str, ...]] = {
    "PC207": _CONTENT,
    "PC209": ("profiles",),
    "PC210": ("alt",),
    "PC403": ("timezone",),
    "PC404": ("timezone", "fold"),
    "PC502": ("images", "video"),
    "PC505": ("text",),
    "PC510": ("metadata",),
    "PC514": ("text",),
}
"""The keys without which a post has a problem that it may not have once they can be read."""


_SETTINGS: Mapping[str, tuple[Path, ...]] = {
    "PC210": (("policy", "require_alt"),),
    "PC301": (("profiles",),),
    "PC302": (("groups",),),
    "PC403": (("timezone",),),
    "PC404": (("timezone",),),
    "PC407": (("timezone",), ("policy", "freeze")),
    "PC408": (("policy", "min_gap"),),
    "PC409": (("timezone",), ("policy", "max_per_day")),
    "PC507": (("policy", "duplicates"),),
    "PC508": (("provider",),),
    "PC509": (("provider",),),
    "PC512": (("provider",),),
}
"""The settings of plancast.yaml without which these problems of posts prove nothing."""

_SELECTOR = 3
"""The length of the path of a criterion, `profiles.ALIAS.KEY`: without it, the alias is known."""


@dataclass(frozen=True, slots=True)
class Consequences:
    """The unread paths of a workspace: `documents` by file and number, `posts` by their places.

    Those of a post include what the defaults above it could not say.
    """

    documents: Mapping[tuple[str, int], frozenset[Path]]
    posts: Mapping[tuple[str, int], Post]

    def includes(self, found: Diagnostic, place: Pointer, stronger: Iterable[Path] = ()) -> bool:
        """Return whether a problem may be only the consequence of one that was reported.

        `place` is that of its post, and `found.at` that of the key which it is about. `stronger`
        are the paths at which the post could say something else for the profile of the problem.
        """
        at = found.at or place
        own = self.documents.get((at.file, at.document), frozenset())
        if is_at_or_below(own, at.path):
            return True
        if self._of_settings(found.code):
            return True
        post = self.posts.get((place.file, place.document))
        if post is None or not post.unread:
            return False
        is_own = (at.file, at.document) == (place.file, place.document)
        return (
            (EVERYTHING in post.unread and found.code in _CAUSES)
            or (is_own and is_at_or_below(post.unread, at.path))
            or _causes(found.code, post.unread)
            or any(
                known[: len(path)] == path or is_at_or_below((known,), path)
                for path in stronger
                for known in post.unread
            )
        )

    def _of_settings(self, code: str) -> bool:
        unread = self.documents.get((WORKSPACE_FILE, 0), frozenset())
        return any(
            path[: len(known)] == known or known[: len(path)] == path
            for path in _SETTINGS.get(code, ())
            for known in unread
            if path != ("profiles",) or len(known) < _SELECTOR
        )


def is_at_or_below(unread: Iterable[Path], path: Path) -> bool:
    """Return whether a path is one of those that could not be read, or below one."""
    return any(known and known == path[: len(known)] for known in unread)


def _causes(code: str, unread: Collection[Path]) -> bool:
    names = _CAUSES.get(code, ())
    return any(path and (path[-1] in names or path[0] in names) for path in unread) or any(
        len(path) > 2 and path[0] == "variants" and path[2] in names for path in unread
    )
