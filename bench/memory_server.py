"""A server that answers from memory: the cost of a client without that of a service.

`python bench/memory_server.py UPSTREAM` listens on a free port of this machine and prints its
address. It passes a request that it has not seen on to the server at UPSTREAM and keeps the answer;
the same request is then answered from memory, byte for byte. When UPSTREAM has ended, an unknown
request gets a 501, so that a measurement fails instead of measuring something else. It counts all
requests.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Mapping
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar
from urllib.parse import urlsplit

Key = tuple[str, str, bytes]
"""A request: its method, its path with the query, and its body."""

Answer = tuple[int, str, bytes]
"""An answer: its status, its content type, and its body."""

PATIENCE = 120.0
"""Seconds that UPSTREAM may take for one answer."""

COUNT_PATH = "/answered"
"""Where the server says how many requests it has answered. Buffer has no such path."""


Ask = Callable[[Key, Mapping[str, str]], Answer]
"""Sends a request, with headers, to the server that knows the answer."""


class Recordings:
    """The answers of a server, which is asked once for each request."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._answers: dict[Key, Answer] = {}
        self._lock = threading.Lock()
        self.answered = 0

    def answer(self, key: Key, headers: Mapping[str, str]) -> Answer:
        """Return the kept answer to a request, or ask for it; 501 if the server has ended."""
        if key[1] == COUNT_PATH:
            return 200, "text/plain", str(self.answered).encode()
        with self._lock:
            self.answered += 1
        kept = self._answers.get(key)
        if kept is not None:
            return kept
        with self._lock:
            try:
                answer = self._ask(key, headers)
            except (OSError, HTTPException) as error:
                text = f"not recorded, and the server that knows it has ended: {key[1]} ({error})"
                return 501, "text/plain", text.encode()
            if answer[0] == 200:
                self._answers[key] = answer
        return answer


def ask_over_http(upstream: str) -> Ask:
    """Return a function that sends requests to the server at this address."""
    netloc = urlsplit(upstream).netloc

    def ask(key: Key, headers: Mapping[str, str]) -> Answer:
        method, path, body = key
        connection = HTTPConnection(netloc, timeout=PATIENCE)
        try:
            connection.request(method, path, body or None, dict(headers))
            response = connection.getresponse()
            return response.status, response.headers["Content-Type"] or "", response.read()
        finally:
            connection.close()

    return ask


class Handler(BaseHTTPRequestHandler):
    """One connection. The methods have the names that `http.server` calls."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    recordings: ClassVar[Recordings]

    def do_GET(self) -> None:
        """Answer a GET."""
        self._respond()

    def do_POST(self) -> None:
        """Answer a POST."""
        self._respond()

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing: it would cost more than the answers."""

    def _respond(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        passed = {
            name: self.headers[name]
            for name in ("Authorization", "Content-Type", "Accept")
            if self.headers[name]
        }
        status, kind, content = self.recordings.answer((self.command, self.path, body), passed)
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def main(arguments: list[str]) -> int:
    """Serve until the process is ended."""
    Handler.recordings = Recordings(ask_over_http(arguments[0]))
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
