"""A bug of the sandbox is an answer with status 500, and a report without tokens."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from plancast.sandbox import (
    Fault,
    FaultKind,
    SandboxServer,
    ServerLimits,
    ServerOptions,
    World,
)
from plancast.sandbox.seed import DEFAULT_TOKEN
from plancast.sandbox.v1.replies import Reply
from plancast.sandbox.world import Arrival
from tests.sandbox.raw_http import (
    ACCOUNT,
    CREATE,
    FORM,
    JSON,
    PATIENCE,
    TEXT,
    Client,
    HttpReply,
    ask,
    post,
    request,
    served,
)
from tests.sandbox.sandbox_client import TWITTER


class FailingWorld(World):
    """A world with a bug: its error quotes the request, tokens and all."""

    def receive(self, arrival: Arrival) -> Reply:
        raise ValueError(f"{dict(arrival.tokens)} {arrival.params}\nGET /forged 200 0 ms\x1b[2J")

    def ask(self, question: Any) -> Reply:
        raise KeyError(question.token, question.query)


def is_a_bug_of(answer: HttpReply, api: str) -> bool:
    code = {"v1": 1000, "graphql": "INTERNAL_SERVER_ERROR"}[api]
    return (answer.status, answer.refusal, answer.closes) == (500, (api, code), False)


def test_a_bug_is_answered_in_the_shape_of_the_api_and_reported() -> None:
    with served(world=FailingWorld()) as one, Client(one.server) as client:
        for content, api in (
            (request(), "v1"),
            (post("/graphql", JSON, body=ACCOUNT), "graphql"),
            (post("/", JSON, body=ACCOUNT), "graphql"),
        ):
            client.send(content)  # on one connection: none of the answers ends it
            answer = client.reply()
            assert answer is not None
            assert is_a_bug_of(answer, api)
        assert [report.splitlines()[0] for report in one.reports] == [
            "A bug of the sandbox, in GET /1/user.json:",
            "A bug of the sandbox, in POST /graphql:",
            "A bug of the sandbox, in POST /:",
        ]
        assert "ValueError" in one.reports[0]
        assert "KeyError" in one.reports[1]


@pytest.mark.parametrize(
    "content",
    [
        request("GET /1/user.json?access_token=an/other+token HTTP/1.1"),
        request("GET /1/user.json?access_token=an%2Fother%2Btoken HTTP/1.1", token=False),
        post(CREATE, FORM, body=b"access_token=an%2Fother%2Btoken&text=x"),
        post("/graphql", JSON, body=ACCOUNT),
        post(
            CREATE,
            "Content-Type: multipart/form-data; boundary=b",
            body=b'--b\r\nContent-Disposition: form-data; name="access_token"\r\n\r\n'
            b"an/other+token\r\n--b--\r\n",
        ),
    ],
)
def test_a_report_holds_no_token_and_nothing_that_a_terminal_obeys(content: bytes) -> None:
    with served(world=FailingWorld()) as one:
        assert one.ask(content).status == 500
        (report,) = one.reports
        written = "\n".join((*one.log, report))
    for token in (DEFAULT_TOKEN, "an/other", "an%2Fother", "other+token", "other token"):
        assert token not in written
    assert "[hidden]" in written
    assert written.replace("\n", "").isascii()
    assert written.replace("\n", "").isprintable()
    # A line end in the error cannot forge a line of the log: lines of a report are indented.
    assert [line for line in report.splitlines() if not line.startswith("  ")] == [
        report.splitlines()[0]
    ]


def test_a_database_that_is_gone_is_a_bug_as_well() -> None:
    with served() as one:
        one.world.close()
        assert is_a_bug_of(one.ask(request()), "v1")
        assert is_a_bug_of(one.ask(post("/graphql", JSON, body=ACCOUNT)), "graphql")
        assert "ProgrammingError" in one.reports[0]


def test_a_bug_leaves_nothing_half_done() -> None:
    with served() as one:
        post_id = one.world.person_create(TWITTER, "Before").id
        with one.world._database.transaction() as db:
            # The next count fails when the post has been written already.
            db.execute(
                "CREATE TRIGGER broken AFTER INSERT ON updates BEGIN"
                " SELECT RAISE(ABORT, 'the disk is full'); END"
            )
        before = one.rows()
        assert one.ask(post(CREATE, FORM, body=TEXT)).status == 500
        assert "the disk is full" in one.reports[0]
        assert one.rows() == before
        assert [update.id for update in one.world.snapshot()] == [post_id]


def test_a_bug_while_a_request_is_read_is_answered_and_ends_the_connection() -> None:
    with served(ServerLimits(body_bytes=None)) as one:  # type: ignore[arg-type]
        answer = one.ask(post(CREATE, FORM, body=TEXT))
        assert (answer.status, answer.refusal, answer.closes) == (500, ("v1", 1000), True)
        assert "TypeError" in one.reports[0]
        assert one.world.snapshot() == ()


def test_an_answer_that_outlives_the_server_is_no_bug() -> None:
    asleep, awake, logged = threading.Event(), threading.Event(), threading.Event()

    def sleep(_seconds: float) -> None:
        asleep.set()
        awake.wait(PATIENCE)

    reports: list[str] = []
    options = ServerOptions(ServerLimits(stop_seconds=0.0), lambda _: logged.set(), reports.append)
    with World(sleep=sleep) as world, SandboxServer(world, options=options) as server:
        world.arm(Fault(FaultKind.SLOW))
        with Client(server) as client:
            client.send(request())
            assert asleep.wait(PATIENCE)
            server.stop()
            assert client.reply() is None
    awake.set()  # only now, when the world has been closed as well
    assert logged.wait(PATIENCE)
    assert reports == []


def test_reports_go_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    with FailingWorld() as world, SandboxServer(world) as server:
        assert ask(server, request()).status == 500
    written = capsys.readouterr()
    assert written.err.startswith("A bug of the sandbox, in GET /1/user.json:\n  Traceback")
    assert written.out == ""
