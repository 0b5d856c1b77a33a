"""The log of requests: one line each, with how it ended and without what was said."""

from __future__ import annotations

import logging

import pytest

from plancast.net.transport import LOGGER, LoggedTransport, Lost, Request, Response

CREATE = Request("POST", "/updates/create.json", form=(("text", "not public yet"),))


class Answering:
    """Answers with a response, or fails."""

    def __init__(self, answer: Response | Exception) -> None:
        self._answer = answer

    def send(self, _request: Request) -> Response:
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer


def test_a_request_is_one_line_without_its_words(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, LOGGER)
    times = iter((1.0, 1.25))
    answer = Response(200, body=b'{"success": true}')
    wire = LoggedTransport(Answering(answer), lambda: next(times))
    assert wire.send(CREATE) is answer
    assert caplog.messages == ["POST /updates/create.json: 200, 17 bytes, 250 ms"]
    assert "not public yet" not in caplog.text


def test_a_failure_is_told_and_raised(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, LOGGER)
    wire = LoggedTransport(Answering(Lost("the connection broke")), lambda: 0.0)
    with pytest.raises(Lost):
        wire.send(CREATE)
    assert caplog.messages == ["POST /updates/create.json: Lost: the connection broke, 0 ms"]


@pytest.mark.parametrize(
    ("name", "idempotent", "line"),
    [
        ("query posts", True, "GET query posts: 200, 0 bytes, 0 ms"),
        ("mutation createPost", False, "POST mutation createPost: 200, 0 bytes, 0 ms"),
        ("", True, "POST /graphql: 200, 0 bytes, 0 ms"),
    ],
)
def test_a_request_is_called_by_its_name_and_reading_is_told_from_writing(
    caplog: pytest.LogCaptureFixture, name: str, idempotent: bool, line: str
) -> None:
    caplog.set_level(logging.DEBUG, LOGGER)
    request = Request("POST", "/graphql", json="{}", idempotent=idempotent, name=name)
    LoggedTransport(Answering(Response(200)), lambda: 0.0).send(request)
    assert caplog.messages == [line.partition(":")[0] + " ...", line]
