"""Errors of API v1: numeric codes, their HTTP statuses and the two shapes of their bodies.

The routing and token layer answers `{"error", "code"}`; the action layer answers `{"success":
false, "message", "code"}`. A code below 1000 equals its HTTP status.
"""

from collections.abc import Mapping

from plancast.sandbox.values import Answer

#: code -> (HTTP status, wording). The wordings of 401, 404, 1004, 1011 and 1025 are those
#: that clients have seen; the others are ours.
CODES: Mapping[int, tuple[int, str]] = {
    400: (400, "The request is not HTTP as it should be."),
    401: (401, "The provided access token is invalid"),
    403: (403, "You do not have permission to do that."),
    404: (404, "The endpoint you requested was not found."),
    405: (405, "This endpoint does not support the HTTP method that was used."),
    408: (408, "The request took too long to arrive."),
    413: (413, "The body of the request is too large."),
    414: (414, "The address of the request is too long."),
    415: (415, "The body of the request is in a form that is not read here."),
    417: (417, "The expectation of the request cannot be met."),
    429: (429, "Too many requests"),
    431: (431, "The header of the request is too large."),
    501: (501, "This server does not know the HTTP method that was used."),
    503: (503, "The sandbox has too many connections at the moment."),
    505: (505, "This server speaks HTTP/1.0 and HTTP/1.1."),
    1000: (500, "Something went wrong on our side."),
    1001: (403, "An access token is required for this endpoint."),
    1003: (400, "A parameter could not be understood."),
    1004: (400, "A required parameter is missing."),
    1005: (406, "This response format is not supported; ask for .json."),
    1006: (400, "A parameter is out of bounds."),
    1010: (404, "There is no such profile."),
    1011: (
        403,
        "You do not have permission to post to any of the profile_id's provided.",
    ),
    1012: (400, "The profile could not be saved."),
    1020: (404, "There is no such update."),
    1021: (403, "You do not have permission to change this update."),
    1022: (400, "The update could not be saved."),
    1023: (403, "The queue of this profile is full."),
    1025: (
        400,
        "Whoops, it looks like you've posted that one recently. Unfortunately, we're not able "
        "to post the same thing again so soon!",
    ),
    1026: (400, "Only an update that failed can be put back into the queue."),
    1027: (400, "Only an update that waits in the queue can be moved to its top."),
    1030: (400, "This kind of media file is not supported."),
    1034: (400, "The time given lies in the past."),
}

NO_ACCOUNT_SELECTED = "Please select at least one account to post from."
NO_INSTAGRAM_PHOTO = "Must provide a photo media parameter for all Instagram service profiles"
BAD_IMAGE_URL = "Invalid image url parameter supplied"


class ApiError(Exception):
    """A request that is refused; nothing that it asked for has happened.

    `status` overrides the table if the service is known to contradict it.
    """

    def __init__(self, code: int, message: str = "", *, status: int | None = None) -> None:
        table_status, table_message = CODES[code]
        self.code = code
        self.message = message or table_message
        self.status = status or table_status
        super().__init__(f"{code}: {self.message}")

    def answer(self) -> Answer:
        """Return the refusal in the shape of the action layer."""
        body = {"success": False, "message": self.message, "code": self.code}
        return Answer(self.status, body)


class GateError(ApiError):
    """A refusal before any endpoint runs: by the server, the routes or the token check.

    It has a body of its own. `hint` says what to do instead; `headers` go with the answer.
    """

    def __init__(
        self,
        code: int,
        message: str = "",
        *,
        hint: str = "",
        headers: tuple[tuple[str, str], ...] = (),
    ) -> None:
        super().__init__(code, message)
        self.hint = hint
        self.headers = headers

    def answer(self) -> Answer:
        """Return the refusal in the shape of the routing layer."""
        body = {"error": self.message, "code": self.code}
        if self.hint:
            body["hint"] = self.hint
        return Answer(self.status, body, self.headers)
