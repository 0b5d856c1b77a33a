"""Refusals of the API: numeric codes, their HTTP statuses and the two shapes of their bodies.

The routing and token layer answers `{"error", "code"}`; the action layer answers
`{"success": false, "message", "code"}`. A code below 1000 equals its HTTP status.
"""

from collections.abc import Mapping

from plancast.sandbox.values import Answer

#: code -> (HTTP status, wording). The wordings of 401, 404, 1004, 1011 and 1025 are those
#: that clients have seen; the others are ours.
CODES: Mapping[int, tuple[int, str]] = {
    401: (401, "The provided access token is invalid"),
    403: (403, "You do not have permission to do that."),
    404: (404, "The endpoint you requested was not found."),
    405: (405, "This endpoint does not support the HTTP method that was used."),
    429: (429, "Too many requests"),
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
    """A request that is refused; nothing it asked for has happened.

    `status` overrides the table where the service is known to contradict it.
    """

    def __init__(self, code: int, message: str = "", *, status: int | None = None) -> None:
        table_status, table_message = CODES[code]
        self.code = code
        self.message = message or table_message
        self.status = status or table_status
        super().__init__(f"{code}: {self.message}")

    def answer(self) -> Answer:
        """The refusal as the action layer words it."""
        body = {"success": False, "message": self.message, "code": self.code}
        return Answer(self.status, body)


class GateError(ApiError):
    """A refusal by the routing and token layer, which has a body of its own."""

    def answer(self) -> Answer:
        """The refusal as the gate words it."""
        return Answer(self.status, {"error": self.message, "code": self.code})
