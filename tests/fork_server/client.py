"""The client of the fork server: it asks for a child, and ends as that child ends.

It is started for each command, without `site` and with as few imports as can be.
"""

import marshal
import os
import sys
from _socket import AF_UNIX, SCM_RIGHTS, SOCK_STREAM, SOL_SOCKET, socket

NO_ANSWER = 70


def main() -> int:
    """Send arguments, environment, folder and streams; return the exit code that comes back."""
    server = socket(AF_UNIX, SOCK_STREAM)
    server.connect(sys.argv[1])
    request = marshal.dumps((sys.argv[2:], dict(os.environb), os.getcwdb()))  # noqa: PTH109  # pathlib takes long to import
    streams = b"".join(number.to_bytes(4, sys.byteorder) for number in (0, 1, 2))
    size = len(request).to_bytes(8, "big")
    server.sendmsg([size], [(SOL_SOCKET, SCM_RIGHTS, streams)])
    server.sendall(request)
    answer = server.recv(4)
    return int.from_bytes(answer, "big") if answer else NO_ANSWER


os._exit(main())
