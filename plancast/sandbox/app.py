"""The wire: a WSGI application that turns HTTP requests into calls and answers into responses.

API v1 is below /1; what is posted to / or to /graphql is for the GraphQL API.

It knows paths, encodings, tokens and status lines, and nothing of what the calls mean. It may be
mounted in a process as it is, or served on a port (serve.py). Where a fault ends the connection
without an answer, ConnectionDropped leaves the application: whoever runs it must let the client
see a broken connection, for instance as a transport error.
"""

import re
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.http import http_date
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from plancast.sandbox.endpoints import ROUTES
from plancast.sandbox.forms import Form, Tree, parse
from plancast.sandbox.problems import GateError
from plancast.sandbox.replies import Reply, reply
from plancast.sandbox.world import Arrival, World

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

BASE = "/1"
GRAPHQL = frozenset(("/", "/graphql"))

#: What the id comes before, in the order of segments that the phone apps use:
#: updates/update/ID.json for updates/ID/update.json.
_SWAPPABLE = re.compile(r"^/(updates|profiles)/\{id\}/(?P<rest>.+)\.json$")


def _rules() -> Iterable[Rule]:
    for endpoint in ROUTES:
        method, _, template = endpoint.partition(" ")
        yield _rule(template, method, endpoint)
        swapped = _SWAPPABLE.match(template)
        if swapped:
            yield _rule(f"/{swapped[1]}/{swapped['rest']}/{{id}}.json", method, endpoint)


def _rule(template: str, method: str, endpoint: str) -> Rule:
    return Rule(BASE + template.replace("{id}", "<id>"), methods=[method], endpoint=endpoint)


@cache
def _routes() -> Map:
    """The paths of API v1. Making it costs more than many requests: one for all worlds, on need."""
    return Map(_rules(), strict_slashes=False, merge_slashes=False)


class _Request(Request):
    max_form_memory_size = None  # the peer is on this machine


class SandboxApp:
    """The API on one World."""

    def __init__(self, world: World) -> None:
        self.world = world

    def __call__(self, environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        return self.respond(_Request(environ))(environ, start)

    def respond(self, request: Request) -> Response:
        """The response to a request; raises ConnectionDropped."""
        # Clients that join base and path carelessly send /1//updates/...
        path = re.sub("/{2,}", "/", request.path)
        if path in GRAPHQL and request.method == "POST":
            return self._response(self._asked(request))
        try:
            found = self.world.receive(self._arrival(request, path))
        except GateError as problem:
            found = reply(problem.answer())
        return self._response(found)

    def _asked(self, request: Request) -> Reply:
        """The reply of the GraphQL API."""
        from plancast.sandbox.graphql.request import Question  # noqa: PLC0415  # heavy

        token = _bearer(request.headers.get("Authorization", ""))
        return self.world.ask(Question.read(request.get_data(), token))

    def _arrival(self, request: Request, path: str) -> Arrival:
        endpoint, values = self._route(path, request.method)
        query = parse(request.args.items(multi=True))
        body = parse(request.form.items(multi=True))
        tokens = {
            "header": _bearer(request.headers.get("Authorization", "")),
            "body": _pop_token(body),
            "query": _pop_token(query),
        }
        params: Tree = query if request.method == "GET" else {**query, **body}
        id_ = values.get("id", "")
        return Arrival(
            endpoint=endpoint,
            name=endpoint.replace("{id}", id_),
            id=id_,
            params=params,
            tokens=tokens,
            pretty=Form(params).flag("pretty"),
        )

    def _route(self, path: str, method: str) -> tuple[str, dict[str, str]]:
        adapter = _routes().bind("sandbox", path_info=path, default_method=method)
        try:
            endpoint, values = adapter.match(method=method)
        except MethodNotAllowed:
            raise GateError(405) from None
        except NotFound:
            raise GateError(self._reason(path)) from None
        return str(endpoint), dict(values)

    def _reason(self, path: str) -> int:
        """1005 where only the .json is missing or another format is asked for, else 404."""
        stem, dot, _ = path.rpartition(".")
        as_json = f"{stem if dot else path}.json"
        adapter = _routes().bind("sandbox", path_info=as_json)
        return 1005 if as_json != path and adapter.allowed_methods() else 404

    def _response(self, found: Reply) -> Response:
        response = Response(found.content, found.status, content_type=found.content_type)
        for name, value in found.headers:
            response.headers.add(name, value)
        response.headers["Content-Length"] = str(found.length)
        response.headers["Date"] = http_date(self.world.clock().now)
        return response


def _bearer(header: str) -> str:
    kind, _, token = header.partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""


def _pop_token(tree: Tree) -> str:
    """The token of a query or a body, which goes no further than this."""
    token = tree.pop("access_token", "")
    return token if isinstance(token, str) else ""
