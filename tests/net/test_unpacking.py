"""Bodies of answers: unpacked once, and never beyond their bound."""

from __future__ import annotations

import gzip
import zlib
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plancast.net.unpacking import UnpackError, unpacked

LIMIT = 1024 * 1024


@cache
def bomb() -> bytes:
    """Return 300 MiB of zeros, packed: made once, since that takes a second."""
    return gzip.compress(bytes(300 * LIMIT), 1)


def pieces(body: bytes, size: int = 1000) -> list[bytes]:
    return [body[start : start + size] for start in range(0, len(body), size)]


@given(st.binary(max_size=5000), st.integers(1, 700))
def test_a_body_comes_out_as_it_went_in(body: bytes, size: int) -> None:
    assert b"".join(unpacked(pieces(body, size), "", LIMIT)) == body
    assert b"".join(unpacked(pieces(gzip.compress(body), size), "gzip", LIMIT)) == body


def test_what_unpacks_to_more_than_the_bound_is_not_unpacked() -> None:
    kept: list[int] = []
    with pytest.raises(UnpackError, match="larger than 1 MiB"):
        kept.extend(map(len, unpacked([bomb()], "gzip", LIMIT)))
    assert sum(kept) <= LIMIT


def test_what_is_larger_than_the_bound_is_not_read() -> None:
    asked = 0

    def endless() -> object:
        nonlocal asked
        while True:
            asked += 1
            yield bytes(1000)

    with pytest.raises(UnpackError, match="larger than 1 MiB"):
        list(unpacked(endless(), "identity", LIMIT))  # type: ignore[arg-type]
    assert asked < 1100


@pytest.mark.parametrize("encoding", ["gzip, gzip", "deflate", "br", "gzip,identity", "zstd"])
def test_what_was_not_asked_for_is_not_understood(encoding: str) -> None:
    body = gzip.compress(bomb())
    with pytest.raises(UnpackError, match="another way"):
        list(unpacked([body], encoding, LIMIT))


@pytest.mark.parametrize(
    "body",
    [b"plain", gzip.compress(b"cut off", mtime=0)[:-9], zlib.compress(b"no gzip"), b"\x1f\x8b\x08"],
    ids=["plain", "cut off", "zlib", "a head alone"],
)
def test_what_cannot_be_unpacked_is_an_error(body: bytes) -> None:
    with pytest.raises(UnpackError, match="cannot be unpacked"):
        list(unpacked([body], "gzip", LIMIT))


def test_an_empty_body_is_empty_however_it_is_packed() -> None:
    assert list(unpacked([], "gzip", LIMIT)) == []
    assert b"".join(unpacked([b""], "GZIP", LIMIT)) == b""
