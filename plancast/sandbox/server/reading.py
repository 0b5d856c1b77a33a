"""The reading of a request: its head, and its body in either framing.

Only a complete request is returned: one that ends early counts as never sent. Failures raise
GateError.
"""

import re

from plancast.sandbox.server.options import ServerLimits
from plancast.sandbox.server.request import (
    TOKEN_CHARACTERS,
    Field,
    Framing,
    RequestLine,
    parse_field,
    parse_request_line,
)
from plancast.sandbox.server.socket_reader import LineTooLong, SocketReader
from plancast.sandbox.v1.errors import GateError

#: The beginning of a request line: a method of reasonable length, or an empty line before it.
_METHOD = re.compile(rb"\r|[%s]{1,24}(?: |\Z)" % TOKEN_CHARACTERS)
_CHUNK = re.compile(rb"(?P<size>[0-9A-Fa-f]{1,8})[ \t]*(?:;[\t\x20-\x7e\x80-\xff]*)?")
_CHUNK_LINE = 1024
_EMPTY_LINES = 2


def read_request_line(reader: SocketReader, limits: ServerLimits) -> RequestLine:
    """Read the first line of a request; some clients send empty lines after a body."""
    try:
        for _ in range(_EMPTY_LINES + 1):
            line = reader.line(limits.target_bytes, lambda begin: bool(_METHOD.match(begin)))
            if line:
                return parse_request_line(line)
    except LineTooLong:
        raise GateError(414) from None
    raise GateError(400, "There are only empty lines.")


def read_fields(reader: SocketReader, limits: ServerLimits) -> tuple[Field, ...]:
    """Read header fields or trailers up to the empty line behind them."""
    fields: list[Field] = []
    left = limits.header_bytes
    try:
        while line := reader.line(left):
            left -= len(line)
            if len(fields) == limits.header_count:
                raise GateError(431)
            fields.append(parse_field(line))
    except LineTooLong:
        raise GateError(431) from None
    return tuple(fields)


def check_length(framing: Framing, limits: ServerLimits) -> None:
    """Refuse a body whose announced length is beyond the limit."""
    if framing.length > limits.body_bytes:
        raise GateError(413, f"The body is longer than {limits.body_bytes} bytes.")


def read_body(reader: SocketReader, framing: Framing, limits: ServerLimits) -> bytes:
    """Read a whole body that `check_length` has passed."""
    if not framing.is_chunked:
        return reader.block(framing.length)
    body = bytearray()
    while size := _read_chunk_size(reader):
        check_length(Framing(len(body) + size), limits)
        body += reader.block(size)
        if reader.block(2) != b"\r\n":
            raise GateError(400, "A chunk of the body is longer than it claims to be.")
    read_fields(reader, limits)  # trailers could only repeat what the header has said
    return bytes(body)


def _read_chunk_size(reader: SocketReader) -> int:
    """Read the line before a chunk and return its size; extensions are ignored."""
    try:
        line = reader.line(_CHUNK_LINE)
    except LineTooLong:
        raise GateError(400, "The line before a chunk of the body is too long.") from None
    match = _CHUNK.fullmatch(line)
    if match is None:
        raise GateError(400, "A chunk of the body has no length.")
    return int(match["size"], 16)
