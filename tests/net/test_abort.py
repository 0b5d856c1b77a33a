"""Breaking off what is under way, for a run that is asked to end."""

from __future__ import annotations

import socket
import threading

import pytest

from plancast.net.transport import HttpxTransport, Lost, Request

TOKEN = "1/0123456789abcdef"


def test_another_thread_can_break_off_a_request_that_nobody_answers() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        wire = HttpxTransport(f"http://127.0.0.1:{silent.getsockname()[1]}/1", TOKEN, timeout=30)
        accepted: list[socket.socket] = []

        def break_off() -> None:
            connected, _ = silent.accept()
            accepted.append(connected)
            connected.recv(1)  # the request is on its way
            wire.abort()

        helper = threading.Thread(target=break_off)
        helper.start()
        with pytest.raises(Lost):
            wire.send(Request("POST", "/updates/create.json", form=(("text", "x"),)))
        helper.join()
        accepted[0].close()
        wire.close()


def test_requests_of_several_threads_have_connections_to_themselves_and_all_are_broken_off() -> (
    None
):
    ended: list[str] = []

    def ask() -> None:
        try:
            wire.send(Request("GET", "/user.json", idempotent=True))
        except Lost:
            ended.append("lost")

    with socket.create_server(("127.0.0.1", 0)) as silent:
        wire = HttpxTransport(f"http://127.0.0.1:{silent.getsockname()[1]}/1", TOKEN, timeout=30)
        threads = [threading.Thread(target=ask) for _ in range(3)]
        for thread in threads:
            thread.start()
        accepted = [silent.accept()[0] for _ in threads]
        for connected in accepted:
            connected.recv(1)  # the request is on its way
        wire.abort()
        for thread in threads:
            thread.join(20)
        for connected in accepted:
            connected.close()
    wire.close()
    assert ended == ["lost"] * 3
