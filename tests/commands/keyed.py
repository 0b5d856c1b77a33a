"""Buffer's current API on a port of this machine, and others who listen there: all that is said to
them is written down.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from plancast.sandbox import SandboxServer, World
from tests.commands.workspace_dir import WorkspaceDir, workspace_yaml

KEY = "key-0123456789abcdef-fedcba9876543210"
SECRET = "0123456789abcdef"


@contextmanager
def keyed(
    workspace: WorkspaceDir, key: str = KEY, **seed: object
) -> Iterator[tuple[WorkspaceDir, World]]:
    """Serve a Buffer that knows the key to the workspace (buffer-graphql); its clock runs."""
    workspace.write("plancast.yaml", workspace_yaml(provider="buffer-graphql"))
    with World() as world:
        world.reset({"rate_limit": {"requests": 0}, "account": {"token": key}, **seed})
        with SandboxServer(world) as server:
            base = server.graphql_url.removesuffix("/graphql")
            environ = {"PLANCAST_API_URL": base, "BUFFER_API_KEY": key}
            yield replace(workspace, environ={**workspace.environ, **environ}), world


@dataclass
class Ear:
    """A listener, and the requests that it received: method and path, headers, body.

    `location` is the address that each answer points to.
    """

    url: str = ""
    location: str = ""
    heard: list[tuple[str, Mapping[str, str], str]] = field(default_factory=list)


Reply = Callable[[str], tuple[int, object]]
"""From the body of a request to a status and a document."""


def nothing(_body: str) -> tuple[int, object]:
    """Reply as a server that knows none of our requests."""
    return 200, {"data": {}}


@contextmanager
def listening(reply: Reply = nothing) -> Iterator[Ear]:
    """Listen on a port of this machine."""
    ear = Ear()

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
            ear.heard.append((f"{self.command} {self.path}", dict(self.headers.items()), body))
            status, document = reply(body)
            content = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            if ear.location:
                self.send_header("Location", ear.location)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_CONNECT = do_HEAD = do_PUT = _answer  # noqa: N815  # their names

        def log_message(self, *_words: object) -> None:
            """Write no log."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        ear.url = f"http://127.0.0.1:{server.server_address[1]}"
        try:
            yield ear
        finally:
            server.shutdown()
            thread.join()


def agency(body: str) -> tuple[int, object]:
    """A Buffer whose key reaches two organizations, each with a channel of its own."""
    document: dict[str, Any] = json.loads(body)
    variables = document["variables"]
    data: dict[str, object] = {}
    if "account" in document["query"]:
        named = [{"id": one, "name": name, "limits": None} for one, name in ORGANIZATIONS.items()]
        data["account"] = {
            "id": "a" * 24,
            "email": "me@agency.example",
            "name": "Me",
            "timezone": "Europe/Berlin",
            "organizations": named,
        }
    if "channels" in variables:
        inside = variables["channels"]["organizationId"]
        data["channels"] = [channel(inside)] if inside in ORGANIZATIONS else []
    return 200, {"data": data}


ORGANIZATIONS = {"1" * 24: "Acme", "2" * 24: "Umbrella \x1b[31mInc\u202e"}


def channel(organization: str) -> Mapping[str, object]:
    """Its only one."""
    return {
        "id": organization[0] * 23 + "f",
        "service": "mastodon",
        "type": "profile",
        "serviceId": organization,
        "name": f"{ORGANIZATIONS[organization].split()[0].lower()}@example.social",
        "displayName": "",
        "organizationId": organization,
        "timezone": "Europe/Berlin",
        "isDisconnected": False,
        "isLocked": False,
        "isQueuePaused": False,
        "linkShortening": {"isEnabled": False, "config": None},
        "metadata": None,
    }
