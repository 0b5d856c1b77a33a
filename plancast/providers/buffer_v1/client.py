"""The client of API v1: one method for each endpoint, forms in, JSON out.

It knows HTTP and nothing of plans. The status of an answer is never trusted alone
(docs/buffer/v1.md#two-forms-of-errors): errors come under 200, as HTML, as an empty body, in two
JSON shapes. Each answer becomes one of four: data; a refusal, which proves that nothing happened;
no connection, which proves it too; or an answer that proves nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypeGuard
from urllib.parse import quote

from plancast.net.rate_limiter import http_date, retry_after
from plancast.net.transport import Lost, NotSent, Pairs, Request, Response, Transport
from plancast.providers.buffer_text import parsed, plain

Json = Mapping[str, Any]

PAGE = 100
"""The largest page that may be asked for (docs/buffer/v1.md#the-pending-list)."""

TOO_MANY = 429


class V1WireError(Exception):
    """A call that returned no data."""


class V1RefusedError(V1WireError):
    """A refusal: the service did nothing.

    `code` is that of the body (docs/buffer/v1.md#error-codes), else the status. `wait` is the time
    in seconds that the service asks to wait.
    """

    def __init__(self, status: int, code: int, message: str, wait: float | None = None) -> None:
        super().__init__(message or f"HTTP {status}")
        self.status = status
        self.code = code
        self.wait = wait


class V1NotSentError(V1WireError):
    """A failure to connect: nothing of the request arrived."""


class V1UnclearError(V1WireError):
    """A call without an answer, or with one that proves nothing: it may have been carried out."""


class BufferClient:
    """The endpoints of docs/buffer/v1.md that plancast uses. All raise V1WireError."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self.server_time: datetime | None = None

    # -- reading ------------------------------------------------------------------------------

    def user(self) -> Json:
        """Return the user (GET /user.json)."""
        return _mapping(self._get("/user.json"))

    def profiles(self) -> Sequence[Json]:
        """Return all profiles (GET /profiles.json, a bare list)."""
        return _list(self._get("/profiles.json"))

    def profile(self, profile_id: str) -> Json:
        """Return one profile (GET /profiles/{id}.json)."""
        return _mapping(self._get(f"/profiles/{_part(profile_id)}.json"))

    def pending(self, profile_id: str, page: int, since: int | None = None) -> Json:
        """Return one page of a queue, `{total, updates}` (GET …/updates/pending.json).

        `since`: only updates that were created after these Unix seconds.
        """
        return self._page(f"/profiles/{_part(profile_id)}/updates/pending.json", page, since)

    def sent(self, profile_id: str, page: int, since: int | None = None) -> Json:
        """Return one page of sent updates, `{total, updates}` (GET …/updates/sent.json)."""
        return self._page(f"/profiles/{_part(profile_id)}/updates/sent.json", page, since)

    def configuration(self) -> Json:
        """Return the configuration with its limits (GET /info/configuration.json)."""
        return _mapping(self._get("/info/configuration.json"))

    # -- changing -----------------------------------------------------------------------------

    def create(self, form: Pairs) -> Sequence[Json]:
        """Create updates and return those that were made (POST /updates/create.json).

        They come in Buffer's own order, and are fewer than asked for if Buffer dropped profiles
        silently (docs/buffer/v1.md#creating-updates).
        """
        return _list(_mapping(self._post("/updates/create.json", form)).get("updates"))

    def update(self, update_id: str, form: Pairs) -> Json:
        """Change an update and return it as it is now (POST /updates/{id}/update.json)."""
        answer = _mapping(self._post(f"/updates/{_part(update_id)}/update.json", form))
        return _mapping(answer.get("update"))

    def destroy(self, update_id: str) -> None:
        """Delete an update (POST /updates/{id}/destroy.json)."""
        _success(self._post(f"/updates/{_part(update_id)}/destroy.json"))

    def share(self, update_id: str) -> None:
        """Publish an update now (POST /updates/{id}/share.json)."""
        _success(self._post(f"/updates/{_part(update_id)}/share.json"))

    # -- inside -------------------------------------------------------------------------------

    def _page(self, path: str, page: int, since: int | None) -> Json:
        query: list[tuple[str, str]] = [("count", str(PAGE)), ("page", str(page)), ("utc", "true")]
        if since is not None:
            query.append(("since", str(since)))
        answer = _mapping(self._get(path, tuple(query)))
        return {**answer, "updates": _list(answer.get("updates"))}

    def _get(self, path: str, query: Pairs = ()) -> Any:
        return self._call(Request("GET", path, query, idempotent=True))

    def _post(self, path: str, form: Pairs = ()) -> Any:
        return self._call(Request("POST", path, form=form))

    def _call(self, request: Request) -> Any:
        try:
            response = self._transport.send(request)
        except NotSent as error:
            raise V1NotSentError(str(error)) from error
        except Lost as error:
            raise V1UnclearError(str(error)) from error
        self.server_time = http_date(response.header("date") or "") or self.server_time
        return _understood(response)


def is_hasty(response: Response) -> bool:
    """Return whether an answer means "too many requests", be it by the code in its body alone."""
    if response.status == TOO_MANY:
        return True
    # No refusal is as long as a page of updates; those need not be read twice.
    data = parsed(response.body) if len(response.body) < 2048 else None
    return _is_refusal(data) and _code(data, response.status) == TOO_MANY


def _understood(response: Response) -> Any:
    """Return the data of an answer. Raises V1RefusedError or V1UnclearError if it has none.

    The order of the checks is that of proof: data first, then refusals, then the rest.
    """
    status = response.status
    data = parsed(response.body)
    if _shows(data) and not 200 <= status < 300:
        # Updates that are shown were made, whatever the status says.
        raise V1UnclearError(f"HTTP {status} beside updates")
    if is_hasty(response):
        words = _message(data) or "too many requests"
        raise V1RefusedError(status, TOO_MANY, words, retry_after(response))
    if status >= 500 or status < 200 or 300 <= status < 400 or status == 408:
        # Any hop on the way may have sent it, before or after the request was carried out.
        raise V1UnclearError(f"HTTP {status}{_said(data)}")
    if _is_refusal(data):
        code = _code(data, status)
        # Code 1000 is a failure of the service itself, before the request was carried out or after.
        if code == 1000 or 500 <= code < 600:
            raise V1UnclearError(f"the service met an error of its own{_said(data)}")
        raise V1RefusedError(status, code, _message(data))
    if status >= 400:
        raise V1RefusedError(status, status, _message(data))
    if data is None:
        raise V1UnclearError("the answer is not JSON" if response.body else "the answer is empty")
    return data


def _is_refusal(data: Any) -> TypeGuard[Json]:
    """Return whether data have one of the two shapes of an error.

    See docs/buffer/v1.md#two-forms-of-errors. Updates in an answer were made, whatever its
    `success` is; and an update (which has an `id`) can have an `error` of its own, its network's.
    """
    if not isinstance(data, Mapping) or _shows(data) or "id" in data:
        return False
    return bool(data.get("error")) or ("success" in data and not data["success"])


def _shows(data: Any) -> bool:
    """Return whether an answer shows updates, be it those of a list or those that were made."""
    return isinstance(data, Mapping) and bool(data.get("updates"))


def _code(data: Json, status: int) -> int:
    code = data.get("code")
    if isinstance(code, str) and re.fullmatch("[0-9]{1,6}", code):
        return int(code)
    return code if isinstance(code, int) and not isinstance(code, bool) else status


def _message(data: Any) -> str:
    """Return the message of an error: under `error` or `message`, as text, HTML or `{text}`."""
    if not isinstance(data, Mapping):
        return ""
    return plain(data.get("error") or data.get("message"))


def _said(data: Any) -> str:
    message = _message(data)
    return f": {message}" if message else ""


def _mapping(data: Any) -> Json:
    if not isinstance(data, Mapping):
        raise V1UnclearError("the answer has another form than expected")
    return data


def _success(data: Any) -> None:
    """Check that an answer says that it was done. Raises V1UnclearError if it does not."""
    if _mapping(data).get("success") is not True:
        raise V1UnclearError("the answer does not say that it was done")


def _list(data: Any) -> Sequence[Json]:
    """Return a list of objects; PHP writes a list with gaps as a map of numbers."""
    if isinstance(data, Mapping) and data and all(key.isdecimal() for key in data):
        data = list(data.values())
    if not isinstance(data, list) or not all(isinstance(item, Mapping) for item in data):
        raise V1UnclearError("the answer has another form than expected")
    return data


def _part(text: str) -> str:
    """Encode an id as one part of a path, dots included: two of them would lead out of it."""
    return quote(text, safe="").replace(".", "%2E")
