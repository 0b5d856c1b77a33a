"""Unpacking of the body of an answer, within bounds whatever the server sends.

The server says how a body is packed. A few hundred bytes, packed twice, unpack to gigabytes before
an HTTP library hands out the first piece; so bodies are unpacked here, piece by piece and never
beyond the bound. plancast asks for gzip alone, and understands nothing else.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

_GZIP = 16 + zlib.MAX_WBITS
_PLAIN = frozenset({"", "identity"})
_PACKED = frozenset({"gzip", "x-gzip"})


class UnpackError(Exception):
    """The body cannot be used; the message says why."""


def unpacked(parts: Iterable[bytes], encoding: str, limit: int) -> Iterator[bytes]:
    """Yield the body as it was before the server packed it.

    `encoding` is the value of the header Content-Encoding. Raises UnpackError for more than `limit`
    bytes, before or after unpacking, and for anything but one layer of gzip.
    """
    kind = encoding.strip().lower()
    if kind in _PLAIN:
        yield from _bounded(parts, limit)
    elif kind in _PACKED:
        yield from _gunzipped(_bounded(parts, limit), limit)
    else:
        raise UnpackError(
            "the answer cannot be unpacked: it is packed in another way than asked for"
        )


def _bounded(parts: Iterable[bytes], limit: int) -> Iterator[bytes]:
    """Yield the same parts. Raises UnpackError once they are larger than `limit` bytes."""
    size = 0
    for part in parts:
        size += len(part)
        if size > limit:
            raise _too_large(limit)
        yield part


def _gunzipped(parts: Iterable[bytes], limit: int) -> Iterator[bytes]:
    """Yield the parts of one gzip stream, unpacked. Raises UnpackError."""
    packer = zlib.decompressobj(_GZIP)
    left, begun = limit, False
    for part in parts:
        begun = begun or bool(part)
        try:
            # One byte more than is allowed shows that the body is too large; no more is unpacked.
            piece = packer.decompress(part, left + 1)
        except zlib.error as error:
            raise UnpackError("the answer cannot be unpacked") from error
        left -= len(piece)
        if left < 0 or packer.unconsumed_tail:
            raise _too_large(limit)
        yield piece
    # No bytes at all are an empty body, packed or not; a stream that stops early was cut off.
    if begun and not packer.eof:
        raise UnpackError("the answer cannot be unpacked: it ends too early")


def _too_large(limit: int) -> UnpackError:
    return UnpackError(f"the answer is larger than {limit // 1024 // 1024} MiB")
