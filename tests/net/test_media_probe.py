"""Which addresses of media are asked, what is sent there, and where a redirect may lead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plancast.model.media import MediaAnswer, MediaOutcome
from plancast.net.media_probe import (
    KNOWN_NAME,
    MOST_REDIRECTS,
    MOST_TRIES,
    Head,
    HeadRequest,
    MediaProbe,
    NoSuchName,
)
from plancast.net.public_addresses import is_public
from plancast.net.transport import TransportError

PUBLIC = "93.184.216.34"
SIX = "2606:4700::1111"
URL = "https://images.acme.example/a.png"
PNG = Head(200, (("content-type", "image/png"), ("content-length", "1234")))


@dataclass
class Names:
    """A resolver with a table; `asked` are the lookups."""

    table: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    broken: bool = False

    def resolve(self, host: str, port: int) -> tuple[str, ...]:
        self.asked.append(host)
        if self.broken:
            raise OSError("resolver 10.0.0.53 does not answer")
        if host not in self.table:
            raise NoSuchName(host)
        return self.table[host]


@dataclass
class Web:
    """A transport that answers by method and address; `requests` are those that were made."""

    answers: Mapping[str, Head | TransportError] = field(default_factory=dict)
    requests: list[HeadRequest] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    clock: float = 0.0
    slow: float = 0.0

    def ask(self, request: HeadRequest, seconds: float) -> Head:
        self.requests.append(request)
        self.seconds.append(seconds)
        self.clock += self.slow
        keys = (f"{request.ip}", f"{request.method} {request.url}", request.url)
        answer = next((self.answers[key] for key in keys if key in self.answers), PNG)
        if isinstance(answer, TransportError):
            raise answer
        return answer


HOSTS = {"images.acme.example": (PUBLIC,), "two.example": (SIX, PUBLIC)}


def to(location: str, status: int = 302) -> Head:
    return Head(status, (("location", location),))


def asked(url: str, web: Web, names: Names | None = None, seconds: float = 10.0) -> MediaAnswer:
    probe = MediaProbe(names or Names(HOSTS), web, lambda: web.clock)
    return probe.ask(url, seconds)


def test_an_answer_is_its_status_type_and_size() -> None:
    web = Web()
    assert asked(URL, web) == MediaAnswer(MediaOutcome.ANSWERED, 200, "image/png", 1234)
    (request,) = web.requests
    assert (request.method, request.url, request.host, request.port, request.ip) == (
        *("HEAD", URL, "images.acme.example", 443),
        PUBLIC,
    )


@pytest.mark.parametrize(
    ("url", "sent", "host", "port"),
    [
        ("HTTPS://Images.ACME.example/A.png#top", "https://images.acme.example/A.png", "", 443),
        (
            "https://images.acme.example:8443/a.png",
            "https://images.acme.example:8443/a.png",
            "",
            8443,
        ),
        ("https://images.acme.example./a.png", "https://images.acme.example./a.png", "", 443),
        (
            "https://bücher.example/a.png",
            "https://xn--bcher-kva.example/a.png",
            "xn--bcher-kva.example",
            443,
        ),
        (f"https://{PUBLIC}/a.png", f"https://{PUBLIC}/a.png", PUBLIC, 443),
    ],
)
def test_host_and_port_are_those_of_the_address(url: str, sent: str, host: str, port: int) -> None:
    web, host = Web(), host or "images.acme.example"
    names = Names({**HOSTS, "xn--bcher-kva.example": (PUBLIC,), PUBLIC: (PUBLIC,)})
    assert asked(url, web, names).status == 200
    (request,) = web.requests
    assert (request.url, request.host, request.port, request.ip) == (sent, host, port, PUBLIC)


NOT_ASKED = {
    "http://images.acme.example/a.png": "only https",
    "ftp://images.acme.example/a.png": "only https",
    "file:///etc/passwd": "only https",
    "https://me:word@images.acme.example/a.png": "a user name or a password",
    "https://images.acme.example\\@evil.example/a.png": "a user name or a password",
    "https:///a.png": "no host",
    "https://": "no host",
    "https://[::1/a.png": "no address",
    "https://\udcff.example/a.png": "no address",
    "": "only https",
    **dict.fromkeys(
        (f"https://images.acme.example:{port}/a.png" for port in (0, -1, 65536, 65979, 10**30)),
        "no port",
    ),
}


@pytest.mark.parametrize(("url", "why"), NOT_ASKED.items())
def test_addresses_that_are_not_asked(url: str, why: str) -> None:
    web, names = Web(), Names(HOSTS)
    answer = asked(url, web, names)
    assert answer.outcome is MediaOutcome.NOT_ASKED
    assert why in answer.detail
    assert "word" not in answer.detail.replace("password", "")
    assert (web.requests, names.asked) == ([], [])


HIDDEN = (
    *("127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.9.9", "192.168.0.9"),
    *("169.254.169.254", "100.100.100.200", "168.63.129.16", "192.0.0.192", "192.0.2.1"),
    *("198.18.0.1", "198.51.100.7", "203.0.113.7", "192.88.99.1", "224.0.0.251", "239.1.1.1"),
    *("240.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00::1"),
    *("fd00:ec2::254", "ff02::fb", "::ffff:127.0.0.1", "::ffff:93.184.216.34", "::127.0.0.1"),
    *("64:ff9b::7f00:1", "64:ff9b::5db8:d822", "64:ff9b:1::1", "2002:7f00:1::", "2002:5db8:d822::"),
    *(
        "2001::1",
        "2001:0:5ef5:79fd::1",
        "2001:db8::1",
        "2001:20::1",
        "3fff::1",
        "100::1",
        "5f00::1",
    ),
    *("::ffff:0:127.0.0.1", "fec0::1", "", "nonsense", "127.1", "0x7f.0.0.1", "1.2.3.4.5"),
)


@pytest.mark.parametrize("ip", HIDDEN)
def test_a_name_of_a_private_network_is_not_asked_and_not_shown(ip: str) -> None:
    for addresses in ((ip,), (PUBLIC, ip), (ip, PUBLIC)):
        web = Web()
        answer = asked(URL, web, Names({"images.acme.example": addresses}))
        assert answer.outcome is MediaOutcome.NOT_ASKED
        assert web.requests == []
        assert "images.acme.example" in answer.detail
        assert not ip or ip not in answer.detail


SHOWN = (
    *(PUBLIC, "8.8.8.8", "172.15.0.1", "172.32.0.1", "100.63.0.1", "100.128.0.1"),
    *("223.255.255.1", SIX, "2a00:1450:4001::200e", "2003::1", "2001:4860:4860::8888", "3ffe::1"),
)


@pytest.mark.parametrize("ip", SHOWN)
def test_a_public_address_is_asked(ip: str) -> None:
    assert is_public(ip)
    assert asked(URL, Web(), Names({"images.acme.example": (ip,)})).status == 200


@given(st.ip_addresses())
def test_nothing_is_public_that_python_knows_to_be_private(
    found: IPv4Address | IPv6Address,
) -> None:
    """Two tables, of which ours is the stricter one."""
    private = (found.is_private, found.is_loopback, found.is_link_local, found.is_unspecified)
    special = (found.is_multicast, found.is_reserved)
    assert not (is_public(str(found)) and any((*private, *special)))


def test_a_name_is_looked_up_once_for_both_requests() -> None:
    """A second lookup could be answered with another address: that is how names are rebound."""
    names = Names(HOSTS)
    web = Web({f"HEAD {URL}": Head(405)})
    assert asked(URL, web, names).status == 200
    assert names.asked == ["images.acme.example"]
    assert [one.ip for one in web.requests] == [PUBLIC, PUBLIC]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 410, 500, 501, 503])
def test_where_head_is_refused_the_first_byte_is_asked_for(status: int) -> None:
    ranged = Head(206, (("content-type", "image/png"), ("content-range", "bytes 0-0/99")))
    web = Web({f"HEAD {URL}": Head(status), f"GET {URL}": ranged})
    assert asked(URL, web) == MediaAnswer(MediaOutcome.ANSWERED, 206, "image/png", 99)
    assert [one.method for one in web.requests] == ["HEAD", "GET"]


def test_too_many_requests_are_not_answered_with_one_more() -> None:
    web = Web({URL: Head(429)})
    assert asked(URL, web).status == 429
    assert len(web.requests) == 1


def test_a_redirect_is_followed_and_resolved_by_itself() -> None:
    names = Names(HOSTS)
    web = Web({URL: to("https://two.example/b.png"), "https://two.example/b.png": PNG})
    assert asked(URL, web, names).content_type == "image/png"
    assert [(one.host, one.ip) for one in web.requests] == [
        ("images.acme.example", PUBLIC),
        ("two.example", SIX),
    ]
    assert names.asked == ["images.acme.example", "two.example"]


def test_a_redirect_may_be_relative() -> None:
    web = Web({URL: to("../b.png", 301)})
    assert asked(URL, web).status == 200
    assert web.requests[-1].url == "https://images.acme.example/b.png"


LOCATIONS = {
    "http://images.acme.example/a.png": "only https",
    "https://127.0.0.1/": "private network",
    "https://localhost/": "private network",
    "https://[::ffff:169.254.169.254]/latest/meta-data": "private network",
    "https://metadata.acme.example/": "private network",
    "//metadata.acme.example/": "private network",
    "https://me:word@images.acme.example/": "a user name or a password",
    "file:///etc/passwd": "only https",
    "https://[::1/": "no address",
}


@pytest.mark.parametrize(("location", "why"), LOCATIONS.items())
def test_a_redirect_leads_nowhere_that_may_not_be_asked(location: str, why: str) -> None:
    inside = {
        "127.0.0.1": ("127.0.0.1",),
        "localhost": ("::1", "127.0.0.1"),
        "::ffff:169.254.169.254": ("::ffff:169.254.169.254",),
        "metadata.acme.example": ("169.254.169.254",),
    }
    web = Web({URL: to(location)})
    answer = asked(URL, web, Names({**HOSTS, **inside}))
    assert answer.outcome is MediaOutcome.NOT_ASKED
    assert why in answer.detail
    assert {one.ip for one in web.requests} == {PUBLIC}


def test_a_name_that_changes_its_meaning_between_redirects_is_not_asked() -> None:
    class Rebinding(Names):
        def resolve(self, host: str, port: int) -> tuple[str, ...]:
            self.asked.append(host)
            return (PUBLIC,) if len(self.asked) == 1 else ("127.0.0.1",)

    web = Web({URL: to(f"{URL}?again")})
    assert asked(URL, web, Rebinding()).outcome is MediaOutcome.NOT_ASKED
    assert [one.ip for one in web.requests] == [PUBLIC]


def test_redirects_are_counted() -> None:
    def chain(length: int) -> Web:
        steps = {f"{URL}?{n}": to(f"{URL}?{n + 1}") for n in range(length)}
        return Web(steps)

    assert asked(f"{URL}?0", chain(MOST_REDIRECTS)).status == 200
    web = chain(MOST_REDIRECTS + 1)
    assert asked(f"{URL}?0", web).outcome is MediaOutcome.NOT_ASKED
    assert len(web.requests) == MOST_REDIRECTS + 1
    loop = Web({URL: to(URL)})
    assert asked(URL, loop).outcome is MediaOutcome.NOT_ASKED


def test_a_redirect_without_a_location_is_an_answer() -> None:
    assert asked(URL, Web({URL: Head(302)})).status == 302


def test_another_address_of_the_name_is_tried_if_one_does_not_answer() -> None:
    names = Names({"images.acme.example": (SIX, PUBLIC, "8.8.8.8")})
    web = Web({SIX: TransportError("no connection")})
    assert asked(URL, web, names).status == 200
    assert [one.ip for one in web.requests] == [SIX, PUBLIC]
    down = Web({URL: TransportError("no connection")})
    assert asked(URL, down, names) == MediaAnswer(MediaOutcome.UNREACHED, detail="no connection")
    assert len(down.requests) == MOST_TRIES


def test_a_name_that_does_not_exist_and_one_that_cannot_be_looked_up() -> None:
    known = {KNOWN_NAME: (PUBLIC,)}
    assert asked(URL, Web(), Names(known)).outcome is MediaOutcome.NO_NAME
    empty = Names({**known, "images.acme.example": ()})
    assert asked(URL, Web(), empty).outcome is MediaOutcome.NO_NAME
    answer = asked(URL, Web(), Names(broken=True))
    assert answer.outcome is MediaOutcome.UNREACHED
    assert "10.0.0.53" not in answer.detail


def test_where_no_name_of_the_internet_is_known_none_is_missing() -> None:
    """Behind a proxy that is the only way out, the names of all hosts do not exist."""
    answer = asked(URL, Web(), Names())
    assert answer.outcome is MediaOutcome.UNREACHED
    assert "cannot look up names" in answer.detail


def test_all_steps_share_the_time_of_one_address() -> None:
    steps = {f"{URL}?{n}": to(f"{URL}?{n + 1}") for n in range(9)}
    web = Web(steps, slow=4.0)
    answer = asked(f"{URL}?0", web, seconds=10.0)
    assert answer == MediaAnswer(MediaOutcome.UNREACHED, detail="no answer in time")
    assert web.seconds == [10.0, 6.0, 2.0]


HEADS = [
    (Head(200, (("content-type", "Image/PNG; charset=x"),)), "image/png", None),
    (Head(200, (("content-type", "x" * 300),)), "", None),
    (Head(200, (("content-type", "image/\x1b[31m"),)), "", None),
    (Head(200, (("content-length", "-5"),)), "", None),
    (Head(200, (("content-length", "9" * 40),)), "", None),
    (Head(200, (("content-length", "5"), ("content-encoding", "gzip"))), "", None),
    (Head(206, (("content-length", "1"),)), "", None),
    (Head(206, (("content-range", "bytes 0-0/*"),)), "", None),
    (Head(206, (("content-range", "bytes 0-0/7"), ("content-length", "1"))), "", 7),
]


@pytest.mark.parametrize(("head", "content_type", "size"), HEADS)
def test_headers_are_read_with_care(head: Head, content_type: str, size: int | None) -> None:
    answer = asked(URL, Web({URL: head}))
    assert (answer.content_type, answer.size) == (content_type, size)


@pytest.mark.parametrize(
    ("header", "moment"),
    [
        (
            'expiry-date="Tue, 01 Dec 2026 00:00:00 GMT", rule-id="tmp"',
            datetime(2026, 12, 1, tzinfo=UTC),
        ),
        ('expiry-date="soon", rule-id="tmp"', None),
        ('expiry-date=""', None),
        ('expiry-date="Fri, 31 Dec 9999 23:59:59 -2359"', None),
        ('expiry-date="Fri, 31 Dec 2030 00:00:00 -99999999999999"', None),
        ('expiry-date="31 Dec 99999999999999 0:0 GMT"', None),
        (f'expiry-date="Fri, {"9" * 30} Dec 2030 00:00:00 GMT"', None),
        ("", None),
    ],
)
def test_the_date_of_removal_is_read(header: str, moment: datetime | None) -> None:
    answer = asked(URL, Web({URL: Head(200, (("x-amz-expiration", header),))}))
    assert answer.removed_at == moment
