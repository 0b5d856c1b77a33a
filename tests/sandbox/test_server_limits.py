"""Limits of the server: clients cannot hold its threads, nor take more and more of them."""

from __future__ import annotations

from contextlib import ExitStack, suppress

import pytest

from plancast.sandbox import Fault, FaultKind, ServerLimits
from tests.sandbox.raw_http import (
    CREATE,
    FORM,
    JSON,
    TEXT,
    Client,
    HttpReply,
    Served,
    post,
    request,
    served,
)
from tests.sandbox.sandbox_client import TWITTER

SHORT = 0.05
LONG = 60.0


def until_served(one: Served) -> HttpReply:
    """The first answer that is no refusal; the server needs a moment to see that a client went."""
    for _ in range(10_000):
        with Client(one.server) as client:
            try:
                client.send(request())
                answer = client.reply()
            except OSError:
                continue
        if answer is not None and answer.status != 503:
            return answer
    raise AssertionError("no connection has become free")


def test_a_connection_on_which_nothing_comes_is_closed() -> None:
    with served(ServerLimits(idle_seconds=SHORT)) as one:
        with Client(one.server) as silent:
            assert silent.reply() is None
        assert one.log == []


def test_a_connection_on_which_nothing_more_comes_is_closed() -> None:
    with served(ServerLimits(idle_seconds=SHORT)) as one:
        for _ in range(100):  # on a busy machine, SHORT may have passed before anything is sent
            with Client(one.server) as client, suppress(OSError):
                client.send(request())
                if answer := client.reply():
                    assert (answer.status, answer.closes) == (200, False)
                    assert client.reply() is None
                    return
    raise AssertionError("no request has been answered")


@pytest.mark.parametrize(
    "begin",
    [
        b"G",
        b"\r\n",
        b"GET /1/user.json HTTP/1.1\r\n",
        request()[:-2],
        post(CREATE, FORM, body=TEXT)[:-1],
        post(CREATE, FORM, "Transfer-Encoding: chunked", body=b"3"),
        post(CREATE, FORM, "Transfer-Encoding: chunked", body=b"3\r\nab"),
        post(CREATE, FORM, "Transfer-Encoding: chunked", body=b"0\r\nX: y\r\n"),
    ],
)
def test_a_request_that_does_not_go_on_is_given_up(begin: bytes) -> None:
    with (
        served(ServerLimits(request_seconds=SHORT, idle_seconds=LONG)) as one,
        Client(one.server) as client,
    ):
        client.send(begin)
        answers = client.replies()
        assert [(answer.status, answer.refusal) for answer in answers] == [(408, ("v1", 408))]
        assert answers[0].closes
        assert one.world.snapshot() == ()


def test_a_slow_graphql_request_is_given_up_in_its_own_shape() -> None:
    with (
        served(ServerLimits(request_seconds=SHORT, idle_seconds=LONG)) as one,
        Client(one.server) as client,
    ):
        client.send(post("/graphql", JSON, "Content-Length: 9", body=b"{"))
        assert [answer.refusal for answer in client.replies()] == [("graphql", "REQUEST_TIMEOUT")]


def test_a_client_that_takes_no_answer_is_given_up() -> None:
    many = request("GET /1/profiles.json HTTP/1.1") * 20_000
    limits = ServerLimits(connections=1, spare=0, answer_seconds=SHORT)
    with served(limits) as one, Client(one.server) as greedy:
        with suppress(OSError):  # the server stops reading, and then ends the connection
            greedy.send(many)
        assert until_served(one).status == 200  # while the greedy client is still there
        assert any(line.startswith("GET /1/profiles.json 200 (not taken)") for line in one.log)


def test_connections_have_a_limit_and_the_next_ones_are_refused() -> None:
    with (
        served(ServerLimits(connections=3, spare=2, linger_seconds=LONG)) as one,
        ExitStack() as stack,
    ):

        def opened() -> Client:
            return stack.enter_context(Client(one.server))

        connections = [opened() for _ in range(3)]
        for client in connections:  # each has a thread by now
            client.send(request())
            assert client.reply() is not None
        spare = [opened() for _ in range(2)]
        beyond = [opened() for _ in range(5)]
        for client in beyond:
            assert client.reply() is None
        for client, content, refusal in (
            (spare[0], post(CREATE, FORM, body=TEXT), ("v1", 503)),
            (spare[1], post("/graphql", JSON, body=b"{}"), ("graphql", "SERVICE_UNAVAILABLE")),
        ):
            client.send(content)
            (answer,) = client.replies()
            assert (answer.status, answer.refusal) == (503, refusal)
            assert answer.headers["retry-after"] == "1"
            client.close()
        for client in connections:  # those that were there before are still served
            client.send(request())
            answered = client.reply()
            assert answered is not None
            assert answered.status == 200
        connections[0].close()
        assert until_served(one).status == 200
        assert one.world.snapshot() == ()


def test_spare_connections_are_not_held_either() -> None:
    limits = ServerLimits(1, 1, idle_seconds=LONG, request_seconds=LONG, linger_seconds=SHORT)
    with served(limits) as one, Client(one.server) as connection:
        connection.send(request())
        assert connection.reply() is not None
        with Client(one.server) as silent:
            assert silent.reply() is None
    with served(limits) as one, Client(one.server) as connection:
        connection.send(request())
        assert connection.reply() is not None
        with Client(one.server) as slow:
            slow.send(b"GET /1/user.json HTTP/1.1\r\n")
            assert [answer.status for answer in slow.replies()] == [408]


def test_a_flood_of_connections_leaves_the_server_alive() -> None:
    with served(ServerLimits(connections=8, spare=4, idle_seconds=LONG)) as one:
        with ExitStack() as stack:
            for _ in range(200):
                stack.enter_context(Client(one.server))
        assert until_served(one).status == 200
        assert one.reports == []


@pytest.mark.parametrize("kind", [FaultKind.LOST_REQUEST, FaultKind.LOST_ANSWER])
def test_a_fault_ends_a_connection_with_a_reset(kind: FaultKind) -> None:
    with served() as one, Client(one.server) as client:
        one.world.arm(Fault(kind))
        client.send(post(CREATE, FORM, body=TEXT))
        with pytest.raises(ConnectionResetError):
            client.reply()
        assert len(one.world.snapshot()) == (1 if kind is FaultKind.LOST_ANSWER else 0)
        assert one.ask(request()).status == 200
        assert one.reports == []


def test_a_fault_ends_an_answer_in_the_middle() -> None:
    with served() as one, Client(one.server) as client:
        one.world.arm(Fault(FaultKind.TRUNCATED_BODY))
        client.send(post(CREATE, FORM, body=TEXT) + request())
        head, _, content = client.rest().partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 OK\r\n")
        assert b"onnection" not in head  # it looks as if the connection went on
        length = int(head.partition(b"Content-Length: ")[2].split(b"\r\n")[0])
        assert len(content) == length // 2
        assert [update.profile_id for update in one.world.snapshot()] == [TWITTER]
