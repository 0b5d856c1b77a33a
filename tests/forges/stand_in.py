"""A GitHub and a GitLab on a port of this machine: the few endpoints that a comment takes.

Both keep what the real ones promise and forges rely on: the token decides who wrote a comment,
lists come in pages, a token that only reads is refused with 403, a repository that moved answers
with redirects. `faults` makes a request go wrong; each happens once.
"""

from __future__ import annotations

import json
import re
import socket
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "tok/en-0123456789abcdef"
SHA = "a" * 40
HEAD = "b" * 40
MOVED = 42
"""The number of a repository that was renamed."""


@dataclass
class Note:
    """A comment, as both forges keep it."""

    id: int
    author: str
    body: str
    system: bool = False
    request: int = 12


@dataclass(frozen=True)
class Fault:
    """A fault that one request meets. `done`: it is carried out before its answer goes wrong.

    `status` 0: no answer, the connection ends.
    """

    method: str
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = '{"message": "an error of its own"}'
    done: bool = False


@dataclass
class Reply:
    status: int
    document: Any = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class StandIn(ABC):
    """One repository (project) with requests. `me` is whose token it is, `number` the request that
    a run for one is about, `closed` what was closed last.
    """

    me: str = "github-actions[bot]"
    app: bool = False
    read_only: bool = False
    page: int = 100
    number: int = 12
    base: str = ""
    notes: list[Note] = field(default_factory=list)
    commits: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    closed: list[dict[str, Any]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    in_a_hurry: bool = False
    """If set, a person merges the request as soon as anything is written to it."""
    apart: set[str] = field(default_factory=set)
    """Commits that are in no history but their own."""
    seen: list[tuple[str, str]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    kind = ""

    @abstractmethod
    def environ(self, folder: Path, **more: str) -> dict[str, str]:
        """Return the environment of a run for the request."""

    @abstractmethod
    def merged(self, number: int = 12, sha: str = SHA, merged: str | None = "2026-11-25") -> Any:
        """A request as lists show it: merged by default."""

    @abstractmethod
    def after_merge(self) -> dict[str, str]:
        """Return the environment of a run after the merge of the request."""

    def write(self, author: str, body: str, *, system: bool = False, request: int = 12) -> Note:
        """Add a comment of an author."""
        note = Note(1000 + len(self.notes), author, body, system, request)
        self.notes.append(note)
        return note

    def bodies(self) -> list[str]:
        return [note.body for note in self.notes]

    def sent(self) -> list[str]:
        """The methods that wrote, in order."""
        return [m for m, path in self.seen if m != "GET" and not path.endswith("/graphql")]

    def is_closed(self, number: int) -> bool:
        """Whether a request was closed, merged or not."""
        return any(number in (one.get("number"), one.get("iid")) for one in self.closed)

    # -- the wire ----

    @abstractmethod
    def token_of(self, headers: Mapping[str, str]) -> str:
        """As the forge has it."""

    @abstractmethod
    def route(self, method: str, path: str, query: Mapping[str, str], body: Any) -> Reply:
        """As the forge has it."""

    def answer(
        self, method: str, url: str, headers: Mapping[str, str], raw: bytes
    ) -> Reply | Fault:
        path = urlsplit(url).path
        self.seen.append((method, path))
        self.headers.append({key.lower(): value for key, value in headers.items()})
        if self.token_of(headers) != TOKEN:
            return Reply(401, {"message": f"Bad credentials: {self.token_of(headers)}"})
        fault = next((item for item in self.faults if item.method == method), None)
        if fault:
            self.faults.remove(fault)
            if not fault.done:
                return fault
        query = {key: values[0] for key, values in parse_qs(urlsplit(url).query).items()}
        reply = self.route(method, path, query, json.loads(raw) if raw else None)
        if self.in_a_hurry and method != "GET" and not self.closed:
            self.closed.append(self.merged(self.number))
        return fault or reply

    def paged(self, items: list[Any], query: Mapping[str, str]) -> tuple[list[Any], int | None]:
        """A page, and the number of the next one."""
        size = min(self.page, int(query.get("per_page", "30")))
        number = int(query.get("page", "1"))
        page = items[(number - 1) * size : number * size]
        return page, number + 1 if number * size < len(items) else None


class GitHubStandIn(StandIn):
    kind = "github"

    def environ(
        self, folder: Path, *, repo: str = "acme/posts", fork: str | None = "", **more: str
    ) -> dict[str, str]:
        head = {"full_name": fork or "acme/posts"} if fork is not None else None
        event = {
            "pull_request": {
                "number": self.number,
                "html_url": f"https://github.example/acme/posts/pull/{self.number}",
                "head": {"sha": HEAD, "repo": head},
                "base": {"repo": {"full_name": "acme/posts"}},
            }
        }
        path = folder / "event.json"
        path.write_text(json.dumps(event), encoding="utf-8")
        return {
            **self._common(repo),
            "GITHUB_EVENT_NAME": "pull_request",
            "GITHUB_EVENT_PATH": str(path),
            **more,
        }

    def after_merge(self) -> dict[str, str]:
        return {**self._common("acme/posts"), "GITHUB_EVENT_NAME": "push"}

    def _common(self, repo: str) -> dict[str, str]:
        return {
            "GITHUB_ACTIONS": "true",
            "GITHUB_API_URL": self.base,
            "GITHUB_REPOSITORY": repo,
            "GITHUB_SERVER_URL": "https://github.example",
            "GITHUB_RUN_ID": "77",
            "GITHUB_SHA": SHA,
            "GITHUB_TOKEN": TOKEN,
        }

    def merged(self, number: int = 12, sha: str = SHA, merged: str | None = "2026-11-25") -> Any:
        repo = {"full_name": "acme/posts"}
        return {
            "number": number,
            "html_url": f"https://github.example/acme/posts/pull/{number}",
            "merge_commit_sha": sha,
            "merged_at": merged,
            "head": {"sha": HEAD, "repo": repo},
            "base": {"repo": repo},
        }

    def token_of(self, headers: Mapping[str, str]) -> str:
        return headers.get("Authorization", "").removeprefix("Bearer ")

    def route(  # noqa: PLR0911, PLR0912  # one return for each endpoint
        self, method: str, path: str, query: Mapping[str, str], body: Any
    ) -> Reply:
        if path == "/api/graphql":
            return Reply(200, {"data": {"viewer": {"login": self.me}}})
        path = path.removeprefix("/api/v3")
        if path == "/user":
            no = Reply(403, {"message": "Resource not accessible by integration"})
            return no if self.app else Reply(200, {"login": self.me})
        if path.startswith("/repos/acme/old/"):
            to = path.replace("/repos/acme/old", f"/repositories/{MOVED}")
            return Reply(301 if method == "GET" else 307, {}, {"Location": f"/api/v3{to}"})
        path = path.replace(f"/repositories/{MOVED}", "/repos/acme/posts")
        if found := re.fullmatch(r"/repos/acme/posts/commits/(\w+)/pulls", path):
            return self._listed(self.commits.get(found[1], []), path, query)
        if found := re.fullmatch(r"/repos/acme/posts/compare/(\w+)\.\.\.(\w+)", path):
            same = "identical" if found[1] == found[2] else "ahead"
            return Reply(200, {"status": "diverged" if found[1] in self.apart else same})
        if found := re.fullmatch(r"/repos/acme/posts/pulls/(\d+)", path):
            return Reply(200, {"state": "closed" if self.is_closed(int(found[1])) else "open"})
        if path == "/repos/acme/posts/pulls":
            return self._listed(self.closed, path, query)
        on = re.fullmatch(r"/repos/acme/posts/issues/(\d+)/comments", path)
        if on and method == "GET":
            notes = [note for note in self.notes if note.request == int(on[1])]
            return self._listed([self._shown(note) for note in notes], path, query)
        if self.read_only:
            return Reply(403, {"message": "Resource not accessible by integration"})
        if on and method == "POST":
            if len(body["body"]) > 65_536:
                return Reply(422, {"message": "Body is too long"})
            return Reply(201, self._shown(self.write(self.me, body["body"], request=int(on[1]))))
        if found := re.fullmatch(r"/repos/acme/posts/issues/comments/(\d+)", path):
            for note in self.notes:
                if note.id == int(found[1]) and method == "PATCH":
                    note.body = body["body"]
                    return Reply(200, self._shown(note))
        return Reply(404, {"message": "Not Found"})

    def _shown(self, note: Note) -> dict[str, Any]:
        url = f"https://github.example/acme/posts/pull/{note.request}#issuecomment-{note.id}"
        return {"id": note.id, "body": note.body, "user": {"login": note.author}, "html_url": url}

    def _listed(self, items: list[Any], path: str, query: Mapping[str, str]) -> Reply:
        page, following = self.paged(items, query)
        target = f"{self.base}{path}?per_page={query.get('per_page', 30)}&page={following}"
        links = f'<{target}>; rel="next", <{target}>; rel="last"' if following else ""
        return Reply(200, page, {"Link": links} if links else {})


class GitLabStandIn(StandIn):
    kind = "gitlab"

    def environ(self, folder: Path, *, fork: str | None = "", **more: str) -> dict[str, str]:
        return {
            **self._common(),
            "CI_MERGE_REQUEST_IID": str(self.number),
            "CI_MERGE_REQUEST_PROJECT_ID": "7",
            "CI_MERGE_REQUEST_PROJECT_URL": "https://gitlab.example/acme/posts",
            "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "8" if fork else "7",
            "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": HEAD,
            "CI_PIPELINE_SOURCE": "merge_request_event",
            **({"CI_PROJECT_ID": "8"} if fork else {}),
            **more,
        }

    def after_merge(self) -> dict[str, str]:
        return {**self._common(), "CI_PIPELINE_SOURCE": "push"}

    def _common(self) -> dict[str, str]:
        return {
            "GITLAB_CI": "true",
            "CI_API_V4_URL": self.base,
            "CI_PROJECT_ID": "7",
            "CI_COMMIT_SHA": SHA,
            "CI_JOB_URL": "https://gitlab.example/acme/posts/-/jobs/77",
            "GITLAB_TOKEN": TOKEN,
        }

    def merged(self, number: int = 12, sha: str = SHA, merged: str | None = "2026-11-25") -> Any:
        return {
            "iid": number,
            "web_url": f"https://gitlab.example/acme/posts/-/merge_requests/{number}",
            "merge_commit_sha": sha,
            "state": "merged" if merged else "opened",
            "sha": HEAD,
            "source_project_id": 7,
            "target_project_id": 7,
        }

    def token_of(self, headers: Mapping[str, str]) -> str:
        return headers.get("PRIVATE-TOKEN", "")

    def route(  # noqa: PLR0911  # one return for each endpoint
        self, method: str, path: str, query: Mapping[str, str], body: Any
    ) -> Reply:
        path = path.removeprefix("/api/v4")
        if path == "/user":
            return Reply(200, {"id": self._number(self.me), "username": self.me})
        if found := re.fullmatch(r"/projects/7/repository/commits/(\w+)/merge_requests", path):
            return self._listed(self.commits.get(found[1], []), query)
        if path == "/projects/7/repository/merge_base":
            older = query["refs[]"]
            return Reply(200, {"id": "0" * 40 if older in self.apart else older})
        if found := re.fullmatch(r"/projects/7/merge_requests/(\d+)", path):
            return Reply(200, {"state": "merged" if self.is_closed(int(found[1])) else "opened"})
        if path == "/projects/7/merge_requests":
            return self._listed(self.closed, query)
        on = re.fullmatch(r"/projects/7/merge_requests/(\d+)/notes", path)
        if on and method == "GET":
            notes = [note for note in reversed(self.notes) if note.request == int(on[1])]
            return self._listed([self._shown(note) for note in notes], query)
        if self.read_only:
            return Reply(403, {"message": "403 Forbidden"})
        if on and method == "POST":
            note = self.write(self.me, body["body"].strip(), request=int(on[1]))
            return Reply(201, self._shown(note))
        if found := re.fullmatch(r"/projects/7/merge_requests/\d+/notes/(\d+)", path):
            for note in self.notes:
                if note.id == int(found[1]) and method == "PUT":
                    note.body = body["body"].strip()
                    return Reply(200, self._shown(note))
        return Reply(404, {"message": "404 Not found"})

    @staticmethod
    def _number(author: str) -> int:
        return 1 + sum(author.encode())

    def _shown(self, note: Note) -> dict[str, Any]:
        author = {"id": self._number(note.author), "username": note.author}
        return {"id": note.id, "body": note.body, "author": author, "system": note.system}

    def _listed(self, items: list[Any], query: Mapping[str, str]) -> Reply:
        page, following = self.paged(items, query)
        return Reply(200, page, {"X-Next-Page": str(following or "")})


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    stand_in: StandIn


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def _serve(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        found = self.server.stand_in.answer(self.command, self.path, dict(self.headers), raw)
        if isinstance(found, Fault):
            if not found.status:
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            status, headers, body = found.status, found.headers, found.body.encode()
        else:
            status, headers = found.status, found.headers
            body = json.dumps(found.document).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PATCH = do_PUT = _serve  # noqa: N815  # names that http.server asks for

    def log_message(self, *_args: object) -> None:
        """Nothing: who is interested reads `seen`."""


@contextmanager
def serving(stand_in: StandIn) -> Iterator[StandIn]:
    """The stand-in on a port of this machine."""
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.stand_in = stand_in
        path = "v3" if stand_in.kind == "github" else "v4"
        stand_in.base = f"http://127.0.0.1:{server.server_address[1]}/api/{path}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield stand_in
        finally:
            server.shutdown()
            thread.join()
