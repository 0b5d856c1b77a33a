"""The WSGI application: HTTP requests become calls on the World, and answers become responses.

API v1 is below /1; a POST to / or to /graphql is for the GraphQL API.

It knows paths, encodings, tokens and status lines, but not what the calls mean. A process may mount
it as it is, or serve it on a port (serve.py). If a fault ends the connection without an answer,
ConnectionDropped leaves the application: its caller must let the client see a broken connection,
for instance as a transport error.
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.http import http_date
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from plancast.sandbox.graphql import answers
from plancast.sandbox.refusals import GRAPHQL, refuse
from plancast.sandbox.v1 import php_form
from plancast.sandbox.v1.endpoints import ROUTES
from plancast.sandbox.v1.errors import GateError
from plancast.sandbox.v1.php_form import Form, Tree
from plancast.sandbox.v1.replies import Reply
from plancast.sandbox.world import Arrival, World

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

BASE = "/1"

# : Keys under which the application leaves values in the environment of a request, for the log of
# the : server: the operation of a GraphQL request, and the tokens that must not be logged.
OPERATION = "plancast.operation"
TOKENS = "plancast.tokens"

_JSON = "application/json"
#: The media type of GraphQL over HTTP, for clients that ask for it.
_GRAPHQL_RESPONSE = "application/graphql-response+json"
_CHARSETS = frozenset(("", "utf-8", "utf8", "us-ascii"))

#: Routes that also exist with the id at the end, as the phone apps send them:
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
    """Return the routes of API v1.

    Building them costs more than many requests: once for all worlds, on need.
    """
    return Map(_rules(), strict_slashes=False, merge_slashes=False)


class SandboxApp:
    """Both APIs on one World, as a WSGI application."""

    def __init__(self, world: World) -> None:
        self.world = world

    def __call__(self, environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        return self.respond(Request(environ))(environ, start)

    def respond(self, request: Request) -> Response:
        """Return the response to a request. Raises ConnectionDropped."""
        path = ""
        try:
            path = _path(request)
            if path in GRAPHQL:
                return self._response(self._ask(request))
            return self._response(self.world.receive(self._arrival(request, path)))
        except GateError as problem:
            return self._response(refuse(problem, path))

    def _ask(self, request: Request) -> Reply:
        """Return the reply of the GraphQL API. Raises GateError before the world is asked."""
        from plancast.sandbox.graphql.request import Question  # noqa: PLC0415  # heavy

        if request.method != "POST":
            raise GateError(
                405,
                hint="Send the document in the body of a POST.",
                headers=(("Allow", "POST"),),
            )
        if request.mimetype != _JSON:
            # A page of another site can make a browser POST other types without a preflight, and so
            # write to the sandbox of the person who opened it.
            raise GateError(
                415,
                f"The body of a GraphQL request is {_JSON}.",
                hint=f"Send the header Content-Type: {_JSON}.",
            )
        token = _bearer(request)
        request.environ[TOKENS] = (token,) if token else ()
        question = Question.read(_body(request), token)
        request.environ[OPERATION] = question.label
        return _negotiated(request, self.world.ask(question))

    def _arrival(self, request: Request, path: str) -> Arrival:
        """Read a request of API v1. Raises GateError."""
        endpoint, values = self._route(path, request.method)
        query = php_form.parse(php_form.read_urlencoded(request.query_string, "query"))
        # The body of a GET means nothing, whatever is in it.
        body = php_form.parse(_fields(request)) if request.method == "POST" else {}
        tokens = {
            "header": _bearer(request),
            "body": _pop_token(body),
            "query": _pop_token(query),
        }
        request.environ[TOKENS] = tuple(filter(None, tokens.values()))
        params: Tree = {**query, **body}
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
        """Return the endpoint of a path and the values in it. Raises GateError."""
        adapter = _routes().bind("sandbox", path_info=path, default_method=method)
        try:
            endpoint, values = adapter.match(method=method)
        except MethodNotAllowed as refused:
            allowed = ", ".join(sorted(refused.valid_methods or ()))
            raise GateError(405, headers=(("Allow", allowed),)) from None
        except NotFound:
            raise GateError(self._reason(path)) from None
        if method == "HEAD" and endpoint.replace("GET", "POST", 1) in ROUTES:
            # The GET of approve.json changes a post; a HEAD must not.
            raise GateError(405, headers=(("Allow", "GET, POST"),))
        return str(endpoint), dict(values)

    def _reason(self, path: str) -> int:
        """Return 1005 if only the .json is missing or another format is asked for, else 404."""
        stem, dot, _ = path.rpartition(".")
        as_json = f"{stem if dot else path}.json"
        adapter = _routes().bind("sandbox", path_info=as_json)
        return 1005 if as_json != path and adapter.allowed_methods() else 404

    def _response(self, reply: Reply) -> Response:
        """Turn a reply into a response, dated by the clock of the world."""
        response = Response(reply.content, reply.status, content_type=reply.content_type)
        for name, value in reply.headers:
            response.headers.add(name, value)
        response.headers["Content-Length"] = str(reply.length)
        response.headers["Date"] = http_date(self.world.clock().now)
        return response


def _path(request: Request) -> str:
    """Return the decoded path of a request. Clients that join carelessly send /1//updates/..."""
    try:
        path = request.environ.get("PATH_INFO", "").encode("latin-1").decode("utf-8")
    except UnicodeError:
        raise GateError(400, "The path is not UTF-8.") from None
    if "\0" in path:
        raise GateError(400, "There is a null character in the path.")
    return re.sub("/{2,}", "/", path) or "/"


def _fields(request: Request) -> php_form.Pairs:
    """Return the fields of a form. A body of another type has none, as PHP has it."""
    raw = _body(request)
    if request.mimetype == php_form.FORM:
        return php_form.read_urlencoded(raw, "body")
    if request.mimetype == php_form.MULTIPART:
        return php_form.read_multipart(raw, request.mimetype_params)
    return []


def _body(request: Request) -> bytes:
    """Return the body of a request. Raises GateError if it would have to be decoded first."""
    raw = request.get_data()
    if not raw:
        return raw
    coding = request.headers.get("Content-Encoding", "").strip().lower()
    if coding not in ("", "identity"):
        raise GateError(
            415,
            "Compressed bodies are not read here.",
            hint="Send the body without a Content-Encoding.",
            headers=(("Accept-Encoding", "identity"),),
        )
    if request.mimetype_params.get("charset", "").lower() not in _CHARSETS:
        raise GateError(415, "Bodies are read as UTF-8 alone.", hint="Leave the charset out.")
    return raw


def _negotiated(request: Request, reply: Reply) -> Reply:
    """Return an answer in the media type that the client prefers; one in HTML stays what it is."""
    accepted = request.accept_mimetypes
    types = [_JSON]
    if _GRAPHQL_RESPONSE in accepted.values():
        types.insert(0, _GRAPHQL_RESPONSE)
    chosen = accepted.best_match(types, default=_JSON)
    if reply.content_type != answers.JSON or chosen == _JSON:
        return reply
    return replace(reply, content_type=f"{chosen}; charset=utf-8")


def _bearer(request: Request) -> str:
    """Return the token of the Authorization header, "" if there is none."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""


def _pop_token(tree: Tree) -> str:
    """Remove the token from a query or a body, and return it."""
    token = tree.pop("access_token", "")
    return token if isinstance(token, str) else ""
