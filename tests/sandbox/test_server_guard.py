"""Web pages of other sites cannot use the sandbox, whatever a browser lets them send."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from plancast.sandbox import Fault, FaultKind
from plancast.sandbox.server.guard import is_loopback
from tests.sandbox.raw_http import (
    ACCOUNT,
    CREATE,
    FORM,
    JSON,
    TEXT,
    HttpReply,
    Served,
    post,
    request,
    served,
)


@pytest.fixture(scope="module")
def one() -> Iterator[Served]:
    with served() as opened:
        yield opened


HOSTS = {
    "localhost": True,
    "LocalHost:8025": True,
    "localhost.": True,
    "localhost:1": True,  # a forwarded port
    "localhost:": True,
    "127.0.0.1": True,
    "127.0.0.1:8025": True,
    "127.255.0.3:80": True,
    "[::1]": True,
    "[::1]:8025": True,
    "[0:0:0:0:0:0:0:1]": True,
    "acme.example": False,
    "acme.example:8025": False,
    "localhost.acme.example": False,
    "sandbox.localhost": False,
    "127.0.0.1.acme.example": False,
    "localhost-acme.example": False,
    "0.0.0.0": False,
    "0": False,
    "127.1": False,
    "0x7f000001": False,
    "2130706433": False,
    "0177.0.0.1": False,
    "192.168.0.1": False,
    "[::]": False,
    "[::ffff:127.0.0.1]": False,
    "[127.0.0.1]": False,
    "[fe80::1]": False,
}


@pytest.mark.parametrize("host", HOSTS)
def test_the_host_is_this_machine(one: Served, host: str) -> None:
    found = [
        one.ask(request(host=host)),
        one.ask(request(f"GET http://{host}/1/user.json HTTP/1.1")),
        one.ask(request(f"GET http://{host}/1/user.json HTTP/1.0", host=None)),
    ]
    assert [answer.status for answer in found] == [200 if HOSTS[host] else 403] * 3


def test_both_names_of_a_request_are_looked_at(one: Served) -> None:
    line = "GET http://localhost/1/user.json HTTP/1.1"
    assert one.ask(request(line, host="acme.example")).status == 403


@pytest.mark.parametrize("name", ["", "localhost..", "127.0.0.1.", "::1", "[::1", "[]", "[x]"])
def test_names_that_are_not_loopback(name: str) -> None:
    assert not is_loopback(name)


ORIGINS = {
    "http://localhost": True,
    "http://localhost:3000": True,
    "https://localhost": True,
    "http://127.0.0.1:3000": True,
    "HTTP://[::1]:3000": True,
    "null": False,
    "": False,
    "https://acme.example": False,
    "http://localhost.acme.example": False,
    "http://localhost@acme.example": False,
    "http://localhost, https://acme.example": False,
    "http://localhost/": False,
    "http://localhost:x": False,
    "localhost": False,
    "file://": False,
    "chrome-extension://localhost": False,
}


@pytest.mark.parametrize("origin", ORIGINS)
@pytest.mark.parametrize("line", ["GET /1/user.json HTTP/1.1", "POST /graphql HTTP/1.1"])
def test_the_origin_is_this_machine(one: Served, line: str, origin: str) -> None:
    answer = one.ask(request(line, JSON, f"Origin: {origin}", body=ACCOUNT))
    assert answer.status == (200 if ORIGINS[origin] else 403)
    assert "access-control-allow-origin" not in answer.headers


SITES = {
    "same-origin": 200,
    "same-site": 200,
    "none": 200,
    "cross-site": 403,
    "Cross-Site": 403,
    "": 403,
    "same-origin, cross-site": 403,
    "something new": 403,
}


@pytest.mark.parametrize("site", SITES)
def test_the_browser_says_that_the_page_is_near(one: Served, site: str) -> None:
    answer = one.ask(request("GET /1/user.json HTTP/1.1", f"Sec-Fetch-Site: {site}"))
    assert answer.status == SITES[site]


def test_a_field_that_is_there_twice_is_not_near(one: Served) -> None:
    sites = ("Sec-Fetch-Site: same-origin", "Sec-Fetch-Site: cross-site")
    assert one.ask(request("GET /1/user.json HTTP/1.1", *sites)).status == 403
    origins = ("Origin: http://localhost", "Origin: http://localhost")
    assert one.ask(request("GET /1/user.json HTTP/1.1", *origins)).status == 400


#: What a page of another site can make a browser send.
ATTACKS: dict[str, bytes] = {
    "a name that resolves to loopback": post(CREATE, FORM, body=TEXT, host="acme.example:8025"),
    "a form": post(
        f"{CREATE}?access_token=sandbox-token", FORM, "Origin: https://acme.example",
        "Sec-Fetch-Site: cross-site", body=TEXT, token=False,
    ),
    "a form of an older browser": post(
        f"{CREATE}?access_token=sandbox-token", FORM, "Origin: null", body=TEXT, token=False,
    ),
    "plain text": post(
        "/graphql", "Content-Type: text/plain", "Sec-Fetch-Site: cross-site", body=ACCOUNT,
    ),
    "a picture": request(
        "GET /1/updates/x/approve.json?access_token=sandbox-token HTTP/1.1",
        "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: no-cors", token=False,
    ),
    "a preflight": request(
        "OPTIONS /graphql HTTP/1.1", "Origin: https://acme.example",
        "Access-Control-Request-Method: POST", token=False,
    ),
    "a length that is never sent": post(
        CREATE, FORM, "Content-Length: 999999", "Expect: 100-continue", host="acme.example",
    ),
}  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_a_page_sends_has_no_effect(one: Served, attack: str) -> None:
    one.world.arm(Fault(FaultKind.LOST_REQUEST))  # a fault that such a request must not use up
    before = one.rows()
    answer = one.ask(ATTACKS[attack])
    assert answer.status == 403
    assert one.rows() == before
    one.world.clear_faults()


def test_a_preflight_of_a_page_on_this_machine_gets_no_permission(one: Served) -> None:
    asked = ("Origin: http://localhost:3000", "Access-Control-Request-Method: POST")
    for path in ("/graphql", CREATE):
        answer = one.ask(request(f"OPTIONS {path} HTTP/1.1", *asked))
        assert answer.status == 405
        assert not [name for name in answer.headers if name.startswith("access-control")]


def test_the_refusal_has_the_shape_of_the_api_and_says_what_to_do(one: Served) -> None:
    def refused(target: str) -> HttpReply:
        return one.ask(post(target, JSON, body=ACCOUNT, host="acme.example"))

    hint = "Address the sandbox as 127.0.0.1, localhost or [::1]."
    message = "The Host of the request is not this machine."
    assert refused(CREATE).json == {"error": message, "code": 403, "hint": hint}
    for path in ("/", "/graphql", "//graphql", "/graphql?x=1", "/%67raphql"):
        extensions = {"code": "FORBIDDEN", "hint": hint}
        assert refused(path).json == {"errors": [{"message": message, "extensions": extensions}]}
    assert refused(CREATE).headers["content-type"] == "application/json;charset=UTF-8"
