"""Documents in files that the user names: written whole or not at all, read whole or refused."""

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
    """Write it as JSON. Raises Stop."""
    text = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
    try:
        file.replace(text.encode())
    except OSError as error:
        raise Stop([unwritable(file.path, error)]) from error


def load_document(file: NamedFile, decode: Callable[[object], _T], code: str, most: int) -> _T:
    """Read what `decode` makes of it. Raises Stop with this code if it cannot be read.

    `most`: bytes. A larger file is refused unread.
    """
    try:
        return decode(parse_json(file.read(most).decode("utf-8")))
    except OSError as error:
        refused = link_problem(error) or problem(code, f"{file.path}: {reason(error)}")
        raise Stop([refused]) from error
    except (CodecError, UnicodeDecodeError) as error:
        raise Stop([problem(code, f"{file.path}: {error}")]) from error
