"""JSON documents in files that the user names on the command line.

A write replaces the whole file or leaves the old one; a read returns the whole document or stops
the command with a diagnostic.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TypeVar

from plancast.codec import CodecError, parse_json
from plancast.files.named import NamedFile
from plancast.files.refusals import link_problem, reason, unwritable
from plancast.model.diagnostics import problem
from plancast.model.exit_codes import Stop

_T = TypeVar("_T")


def save_document(file: NamedFile, document: object) -> None:
    """Write a document as JSON.

    Raises Stop if the file cannot be written, or a link is in the way.
    """
    text = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
    try:
        file.replace(text.encode())
    except OSError as error:
        raise Stop([unwritable(file.path, error)]) from error


def load_document(file: NamedFile, decode: Callable[[object], _T], code: str, most: int) -> _T:
    """Read a JSON document and return what `decode` makes of it.

    A file of more than `most` bytes is refused unread. Raises Stop, with a problem of this `code`
    unless a link was refused, which has a code of its own.
    """
    try:
        return decode(parse_json(file.read(most).decode("utf-8")))
    except OSError as error:
        refused = link_problem(error) or problem(code, f"{file.path}: {reason(error)}")
        raise Stop([refused]) from error
    except (CodecError, UnicodeDecodeError) as error:
        raise Stop([problem(code, f"{file.path}: {error}")]) from error
