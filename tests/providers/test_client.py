"""The wire of API v1: what is sent, and which of four things an answer is."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from plancast.net.transport import Lost, NotSent, Request, Response
from plancast.providers.buffer_text import parsed, plain
from plancast.providers.buffer_v1.client import (
    BufferClient,
    V1NotSentError,
    V1RefusedError,
    V1UnclearError,
    is_hasty,
)
from tests.providers.wire import Script, client, reply, update

DONE = {"success": True}

ENDPOINTS: list[tuple[Callable[[BufferClient], object], object, Request]] = [
    (lambda c: c.user(), {"id": "u"}, Request("GET", "/user.json", idempotent=True)),
    (lambda c: c.profiles(), [], Request("GET", "/profiles.json", idempotent=True)),
    (lambda c: c.profile("p"), {"id": "p"}, Request("GET", "/profiles/p.json", idempotent=True)),
    (
        lambda c: c.pending("p", 2, 17),
        {"total": 0, "updates": []},
        Request(
            "GET",
            "/profiles/p/updates/pending.json",
            (("count", "100"), ("page", "2"), ("utc", "true"), ("since", "17")),
            idempotent=True,
        ),
    ),
    (
        lambda c: c.sent("p", 1),
        {"total": 0, "updates": []},
        Request(
            "GET",
            "/profiles/p/updates/sent.json",
            (("count", "100"), ("page", "1"), ("utc", "true")),
            idempotent=True,
        ),
    ),
    (
        lambda c: c.create((("text", "a"),)),
        {"success": True, "updates": [update("1")]},
        Request("POST", "/updates/create.json", form=(("text", "a"),)),
    ),
    (
        lambda c: c.update("1", (("text", "a"),)),
        {"success": True, "update": update("1")},
        Request("POST", "/updates/1/update.json", form=(("text", "a"),)),
    ),
    (lambda c: c.destroy("1"), DONE, Request("POST", "/updates/1/destroy.json")),
    (lambda c: c.share("1"), DONE, Request("POST", "/updates/1/share.json")),
    (
        lambda c: c.configuration(),
        {"services": {}},
        Request("GET", "/info/configuration.json", idempotent=True),
    ),
]


@pytest.mark.parametrize(("call", "answer", "request_"), ENDPOINTS)
def test_every_endpoint(
    call: Callable[[BufferClient], object], answer: object, request_: Request
) -> None:
    script = Script([answer])
    call(BufferClient(script))
    assert script.seen == [request_]


@pytest.mark.parametrize(("call", "answer", "request_"), ENDPOINTS)
@pytest.mark.parametrize(
    "junk",
    [b"", b" ", b"null", b"[1]", b"7", b'"x"', b"{", b"<html>", b"\xff\xfe\x00", b"[" * 9**5],
)
def test_no_endpoint_takes_junk_for_an_answer(
    call: Callable[[BufferClient], object], answer: object, request_: Request, junk: bytes
) -> None:
    with pytest.raises(V1UnclearError):
        call(client(reply(junk)))


@pytest.mark.parametrize("identity", ["..", "a/b", "a?b", "a#b", "%2e%2e/x"])
def test_an_id_cannot_lead_out_of_its_place_in_a_path(identity: str) -> None:
    script = Script([DONE])
    BufferClient(script).destroy(identity)
    path = script.seen[0].path
    assert path.startswith("/updates/")
    assert path.endswith("/destroy.json")
    assert path.count("/") == 3
    assert not set("?#") & set(path)
    assert ".." not in path


@pytest.mark.parametrize(
    ("response", "code", "words"),
    [
        (reply({"error": "bad token", "code": 401}, 401), 401, "bad token"),
        (reply({"success": False, "message": "no", "code": 1011}, 403), 1011, "no"),
        (reply({"success": False, "message": "no", "code": 1004}, 200), 1004, "no"),
        (reply({"success": False, "message": "no", "code": "1023"}, 403), 1023, "no"),
        (reply({"success": False, "message": {"text": "no"}, "code": 1022}, 400), 1022, "no"),
        (reply({"success": False}, 400), 400, "HTTP 400"),
        (reply({"success": None, "code": False}, 200), 200, "HTTP 200"),
        (reply(b"", 401), 401, "HTTP 401"),
        (reply(b"<h1>Forbidden</h1>", 403), 403, "HTTP 403"),
        (reply({"error": "The endpoint was not found.", "code": 404}, 404), 404, "not found"),
    ],
)
def test_refusals_have_many_forms(response: Response, code: int, words: str) -> None:
    with pytest.raises(V1RefusedError) as caught:
        client(response).destroy("1")
    assert caught.value.code == code
    assert words in str(caught.value)


@pytest.mark.parametrize(
    "response",
    [
        reply({"error": "oops", "code": 1000}, 500),
        reply({"success": False, "message": "oops", "code": 1000}, 200),
        reply({"error": "oops", "code": 502}, 200),
        reply(b"<html>Bad Gateway", 502),
        reply({"success": True}, 504),
        reply(b"", 408),
        reply(b"", 302, ("location", "https://elsewhere.example/")),
        reply(b"", 204),
        reply({"success": "perhaps"}),
        reply({"id": "1"}),
        reply({}),
        reply([]),
    ],
)
def test_what_proves_nothing_is_unclear(response: Response) -> None:
    with pytest.raises(V1UnclearError):
        client(response).destroy("1")


@pytest.mark.parametrize("status", [100, 302, 400, 401, 403, 404, 408, 429, 500, 503, 999])
@pytest.mark.parametrize("success", [True, False])
def test_updates_that_are_shown_were_made_whatever_the_status_says(
    status: int, success: bool
) -> None:
    body = {"success": success, "error": "no", "code": 429, "updates": [update("1")]}
    with pytest.raises(V1UnclearError):
        client(reply(body, status)).create(())


@pytest.mark.parametrize(
    ("response", "wait"),
    [
        (reply({"error": "Too many requests", "code": 429}, 429, ("retry-after", "17")), 17.0),
        (reply({"error": "slow", "code": 429}, 429, ("retry-after", "1e300")), 366 * 86_400.0),
        (reply(b"slow down", 429), None),
        (reply({"error": "Too many requests", "code": 429}, 200), None),
        (reply({"success": False, "message": "slow", "code": 429}, 403), None),
    ],
)
def test_haste_is_told_from_other_refusals(response: Response, wait: float | None) -> None:
    assert is_hasty(response)
    with pytest.raises(V1RefusedError) as caught:
        client(response).user()
    assert (caught.value.code, caught.value.wait) == (429, wait)


@pytest.mark.parametrize(
    "response",
    [
        reply([]),
        reply(b"", 503),
        reply({"total": 429}),
        reply({"id": "1", "error": "x", "code": 429}),
    ],
)
def test_nothing_else_is_haste(response: Response) -> None:
    assert not is_hasty(response)


def test_broken_connections_keep_their_difference() -> None:
    with pytest.raises(V1NotSentError, match="refused"):
        client(NotSent("refused")).user()
    with pytest.raises(V1UnclearError, match="broke"):
        client(Lost("broke")).user()


def test_updates_that_are_shown_were_made_whatever_is_said_of_success() -> None:
    body = {"success": False, "message": "one is full", "code": 1023, "updates": [update("1")]}
    assert [item["id"] for item in client(reply(body, 200)).create(())] == ["1"]


def test_a_list_with_gaps_is_a_list() -> None:
    answer = {"success": True, "updates": {"0": update("1"), "2": update("2")}}
    assert [item["id"] for item in client(answer).create(())] == ["1", "2"]


def test_an_update_that_its_network_refused_is_no_refusal() -> None:
    failed = update("1", status="error", error="the network said no")
    assert client(failed).profile("p") == failed


def test_the_time_of_the_last_answer_is_remembered() -> None:
    answers = [
        reply({"id": "u"}, 200, ("date", "Wed, 15 May 2013 01:43:34 GMT")),
        reply({"id": "u"}, 200, ("date", "someday")),
    ]
    one = BufferClient(Script(answers))
    assert BufferClient(Script([])).server_time is None
    one.user()
    one.user()
    assert one.server_time is not None
    assert one.server_time.isoformat() == "2013-05-15T01:43:34+00:00"


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("plain", "plain"),
        (
            'filled the <a href="https:\\/\\/x">@A</a> queue &amp; more',
            "filled the @A queue & more",
        ),
        ({"text": "in an object", "link": "x"}, "in an object"),
        ({"other": 1}, ""),
        (["list"], ""),
        (None, ""),
        (False, ""),
        ("\x1b[31mred\x1b[0m\n\tline\u202e", "[31mred [0m line"),
        ("&lt;script&gt;", "<script>"),
    ],
)
def test_messages_become_one_plain_line(message: object, words: str) -> None:
    assert plain(message) == words


def test_messages_have_an_end() -> None:
    assert len(plain("x" * 10_000)) <= 400


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b'"\\ud83d\\ude00 \\u00e9"', "\U0001f600 \u00e9"),
        (b'"\\ud83d"', "\ufffd"),
        (b'["a\\uDE00b", 1]', ["a\ufffdb", 1]),
        (b'{"\\ud800": "\\\\ud800"}', {"\ufffd": "\\ud800"}),
        (b'"\xff"', None),
        (b"[" * 100_000, None),
        (b"", None),
    ],
)
def test_an_answer_holds_whole_characters(body: bytes, says: object) -> None:
    assert parsed(body) == says
