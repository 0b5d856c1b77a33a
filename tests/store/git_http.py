"""A remote behind HTTP on a port of this machine: git's own server program, which needs a front."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from tests.store.gits import ENVIRON


@contextmanager
def served_repositories(folder: Path, *, login_to_write: bool = False) -> Iterator[str]:
    """Serve the repositories of a folder; all may read, and none may write.

    `login_to_write`: a push is asked for a name and a password before.
    """

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            address = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length)
            if login_to_write and "git-receive-pack" in self.path:
                self.send_response(401)
                self.send_header("WWW-Authenticate", 'Basic realm="posts"')
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            done = subprocess.run(
                ["git", "http-backend"],
                input=body,
                capture_output=True,
                check=False,
                env={
                    **ENVIRON,
                    "GIT_PROJECT_ROOT": str(folder),
                    "GIT_HTTP_EXPORT_ALL": "1",
                    "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
                    "REQUEST_METHOD": self.command,
                    "PATH_INFO": address.path,
                    "QUERY_STRING": address.query,
                    "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                    "CONTENT_LENGTH": str(length),
                    "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
                },
            )
            head, _, content = done.stdout.partition(b"\r\n\r\n")
            headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
            self.send_response(int(headers.pop("Status", "200").split()[0]))
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = _answer  # noqa: N815  # their names

        def log_message(self, *_words: object) -> None:
            """Write no log."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def can_be_served() -> bool:
    """Whether this git has its HTTP programs; some packages leave them out."""
    found = subprocess.run(["git", "--exec-path"], capture_output=True, check=True, text=True)
    folder = Path(found.stdout.strip())
    return all(
        os.access(folder / name, os.X_OK) for name in ("git-http-backend", "git-remote-http")
    )
