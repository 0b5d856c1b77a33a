"""How providers are made: names, options, tokens, addresses, and the limit that processes share."""

from __future__ import annotations

import dataclasses
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path

import httpx
import pytest

from plancast.model.entry import Entry, Link
from plancast.model.exit_codes import Stop
from plancast.model.plan import RateWindow
from plancast.model.ports import ProviderError, Unauthorized, Unreachable
from plancast.model.profile import Profile
from plancast.model.workspace import ProviderSettings
from plancast.net.transport import HttpxTransport
from plancast.providers import Connected, ProviderContext, connect
from plancast.providers.buffer_v1.client import BufferClient
from plancast.providers.buffer_v1.provider import BufferV1Provider
from plancast.providers.registry import BUILT_IN
from plancast.sandbox import SandboxServer, World
from plancast.testing.fakes import FakeClock

TOKEN = "1/0123456789abcdef0123456789abcdef"
GOOD = {"BUFFER_ACCESS_TOKEN": TOKEN}


def context(
    folder: Path,
    name: str = "buffer",
    options: Mapping[str, object] | None = None,
    environ: Mapping[str, str] = GOOD,
    clock: FakeClock | None = None,
    offline: bool = False,
) -> ProviderContext:
    return ProviderContext(
        settings=ProviderSettings(name, options or {}),
        workspace_root=str(folder),
        environ=environ,
        clock=clock or FakeClock(),
        pacing_dir=str(folder / "pacing"),
        notify=lambda seconds, reason: None,
        offline=offline,
    )


def codes(stop: pytest.ExceptionInfo[Stop]) -> list[str]:
    return [item.code for item in stop.value.diagnostics]


# -- names ----


def test_the_table_of_names() -> None:
    assert set(BUILT_IN) == {"buffer", "buffer-graphql", "sandbox"}


@pytest.mark.parametrize("name", ["", "Buffer", "buffer-graphql-2", "../x", "sandbox "])
def test_an_unknown_name_is_told_with_those_that_exist(tmp_path: Path, name: str) -> None:
    with pytest.raises(Stop) as stop:
        connect(context(tmp_path, name))
    assert codes(stop) == ["PC801"]
    assert "sandbox" in stop.value.diagnostics[0].hint


ELSEWHERE = """
from plancast.model.features import Features
from plancast.providers import Connected, ProviderInfo
from plancast.testing.fakes import FakeProvider

def make(context):
    return Connected(FakeProvider(context.clock, title=context.title), context.clock)

INFO = ProviderInfo("elsewhere", "Elsewhere", Features(), make)
"""


def test_a_package_can_bring_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "elsewhere-1.0.dist-info"
    package.mkdir()
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: elsewhere\nVersion: 1.0\n")
    (package / "entry_points.txt").write_text(
        "[plancast.providers]\n"
        "elsewhere = connected_elsewhere:INFO\n"
        "broken = connected_elsewhere:nothing\n"
        "missing = no_such_module:INFO\n"
    )
    (tmp_path / "connected_elsewhere.py").write_text(ELSEWHERE)
    monkeypatch.syspath_prepend(str(tmp_path))
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    made = connect(context(workspace, "elsewhere"))
    assert isinstance(made.clock, FakeClock)
    assert made.provider.title == "Elsewhere"
    for name in ("broken", "missing"):
        with pytest.raises(Stop) as stop:
            connect(context(workspace, name))
        assert codes(stop) == ["PC814"]


# -- tokens and addresses ----


@pytest.mark.parametrize(
    "environ", [{}, {"BUFFER_ACCESS_TOKEN": ""}, {"BUFFER_ACCESS_TOKEN": " \n"}]
)
def test_without_a_token_nothing_begins(tmp_path: Path, environ: Mapping[str, str]) -> None:
    with pytest.raises(Stop) as stop:
        connect(context(tmp_path, environ=environ))
    assert codes(stop) == ["PC802"]


@pytest.mark.parametrize("token", ["se cret", "se\ncret", "se\x00cret", "sécret", "se\tcret"])
def test_a_token_that_cannot_be_one_is_refused_and_not_shown(tmp_path: Path, token: str) -> None:
    with pytest.raises(Unauthorized) as caught:
        connect(context(tmp_path, environ={"BUFFER_ACCESS_TOKEN": token}))
    assert "cret" not in str(caught.value)


@pytest.mark.parametrize(
    "address",
    [
        "http://api.example/1",
        "https://me:secret@api.example/1",
        "ftp://x",
        "https://x.example/?a=1",
    ],
)
def test_an_unsafe_address_is_refused(tmp_path: Path, address: str) -> None:
    with pytest.raises(Stop) as stop:
        connect(context(tmp_path, environ={**GOOD, "PLANCAST_API_URL": address}))
    assert codes(stop) == ["PC806"]
    assert "secret" not in stop.value.diagnostics[0].detail


@pytest.mark.parametrize("name", ["buffer", "sandbox"])
@pytest.mark.parametrize(
    "option",
    ["url", "base_url", "api_url", "token", "access_token", "BUFFER_ACCESS_TOKEN", "proxy"],
)
def test_a_file_can_name_neither_an_address_nor_a_token(
    tmp_path: Path, name: str, option: str
) -> None:
    with pytest.raises(Stop) as stop:
        connect(context(tmp_path, name, {option: "https://evil.example/"}))
    assert codes(stop) == ["PC201"]
    assert option in stop.value.diagnostics[0].detail
    assert not (tmp_path / ".plancast-sandbox").exists()


@pytest.mark.parametrize("name", ["buffer", "sandbox"])
@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"rate_limit": 60}, "PC202"),
        ({"rate_limit": "60/60"}, "PC202"),
        ({"rate_limit": {}}, "PC202"),
        ({"rate_limit": {"requests": 60}}, "PC202"),
        ({"rate_limit": {"requests": 60, "seconds": 60, "burst": 1}}, "PC202"),
        ({"rate_limit": {"requests": "60", "seconds": 60}}, "PC202"),
        ({"rate_limit": {"requests": True, "seconds": 60}}, "PC202"),
        ({"rate_limit": {"requests": 0, "seconds": 60}}, "PC203"),
        ({"rate_limit": {"requests": 60, "seconds": -1}}, "PC203"),
        ({"rate_limit": {"requests": 60, "seconds": 10**12}}, "PC203"),
        ({"queue_limit": "10"}, "PC202"),
        ({"queue_limit": 0}, "PC203"),
        ({"queue_limit": True}, "PC202"),
    ],
)
def test_options_are_checked(
    tmp_path: Path, name: str, options: Mapping[str, object], code: str
) -> None:
    with pytest.raises(Stop) as stop:
        connect(context(tmp_path, name, options))
    assert codes(stop) == [code]


# -- limits ----


def test_buffer_has_its_own_limits_or_those_of_the_account(tmp_path: Path) -> None:
    plain = connect(context(tmp_path)).provider
    assert plain.windows() == (RateWindow(60, 60, 60),)
    assert plain.capabilities.queue_limit is None
    options = {"rate_limit": {"requests": 100, "seconds": 30}, "queue_limit": 10}
    other = connect(context(tmp_path, options=options)).provider
    assert other.windows() == (RateWindow(100, 30, 100),)
    assert other.capabilities.queue_limit == 10


def test_two_runs_with_one_token_share_the_limit_and_others_do_not(tmp_path: Path) -> None:
    with World() as world:
        world.reset({"rate_limit": {"requests": 5, "seconds": 60}})
        with SandboxServer(world) as server:
            clock = FakeClock()
            environ = {"BUFFER_ACCESS_TOKEN": "sandbox-token", "PLANCAST_API_URL": server.url}
            options = {"rate_limit": {"requests": 5, "seconds": 60}}

            def one(environ: Mapping[str, str]) -> Connected:
                return connect(context(tmp_path, options=options, environ=environ, clock=clock))

            first, second = one(environ), one(environ)
            for _ in range(3):
                first.provider.account()
            assert second.provider.windows()[0].remaining == 2
            stranger = one({**environ, "BUFFER_ACCESS_TOKEN": "another-token"})
            assert stranger.provider.windows()[0].remaining == 5
            first.close()
        assert world.requests().limited == {}
    names = [path.name for path in (tmp_path / "pacing").iterdir()]
    assert not any("sandbox-token" in name for name in names)
    for path in (tmp_path / "pacing").iterdir():
        assert b"sandbox-token" not in path.read_bytes()


@pytest.mark.parametrize("api", ["v1", "graphql"])
def test_each_embedded_sandbox_has_a_budget_of_its_own(tmp_path: Path, api: str) -> None:
    """All of them have the same token and the same account."""
    options = {"api": api, "rate_limit": {"requests": 5, "seconds": 60}}
    left = []
    for name in ("one", "one", "other"):
        (tmp_path / name).mkdir(exist_ok=True)
        asked = context(tmp_path / name, "sandbox", options)
        found = connect(dataclasses.replace(asked, pacing_dir=str(tmp_path / "pacing")))
        found.provider.account()
        left.append(found.provider.windows()[0].remaining)
        found.close()
    spent = 1 if api == "v1" else 2
    assert left == [5 - spent, 5 - 2 * spent, 5 - spent]
    assert len(list((tmp_path / "pacing").glob("*.log"))) == 2


def test_a_run_that_waits_for_a_slot_says_so(tmp_path: Path) -> None:
    notices: list[tuple[float, str]] = []
    with World() as world:
        world.reset({"rate_limit": {"requests": 0}})
        with SandboxServer(world) as server:
            environ = {"BUFFER_ACCESS_TOKEN": "sandbox-token", "PLANCAST_API_URL": server.url}
            clock = FakeClock()
            options = {"rate_limit": {"requests": 1, "seconds": 5}}
            waiting = dataclasses.replace(
                context(tmp_path, options=options, environ=environ, clock=clock),
                notify=lambda seconds, reason: notices.append((seconds, reason)),
            )
            one = connect(waiting)
            one.provider.account()
            assert notices == []
            one.provider.account()
            one.close()
    assert notices == [(5.05, "request limit")]
    assert clock.slept == [5.05]


# -- offline ----


@pytest.mark.parametrize("name", ["buffer", "sandbox"])
def test_offline_needs_no_token(tmp_path: Path, name: str) -> None:
    connected = connect(context(tmp_path, name, environ={}, offline=True))
    profile = Profile("p", "twitter")
    assert connected.provider.expected(Entry(" a "), profile) == Entry("a")
    connected.close()


def test_offline_with_a_token_does_not_even_read_it(tmp_path: Path) -> None:
    connect(context(tmp_path, environ={"BUFFER_ACCESS_TOKEN": "se cret"}, offline=True))


def test_nobody_there_is_unreachable(tmp_path: Path) -> None:
    environ = {**GOOD, "PLANCAST_API_URL": "http://127.0.0.1:1/1"}
    connected = connect(context(tmp_path, environ=environ))
    with pytest.raises(Unreachable):
        connected.provider.account()
    assert connected.provider.windows()[0].remaining == 60, "what was not sent costs nothing"
    connected.close()


# -- the token stays where it belongs ----


ANSWERS: list[Callable[[], httpx.Response]] = [
    lambda: httpx.Response(401, json={"error": f"bad token {TOKEN}", "code": 401}),
    lambda: httpx.Response(400, json={"success": False, "message": TOKEN, "code": 1003}),
    lambda: httpx.Response(500, text=f"<pre>{TOKEN}</pre>"),
    lambda: httpx.Response(200, text=TOKEN),
    lambda: httpx.Response(200, json={"success": True, "updates": [], "total": 0}),
]


@pytest.mark.parametrize("answer", ANSWERS)
def test_no_address_no_body_and_no_error_holds_the_token(
    answer: Callable[[], httpx.Response],
) -> None:
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return answer()

    transport = HttpxTransport("https://api.example/1", TOKEN, inner=httpx.MockTransport(handler))
    one = BufferV1Provider(BufferClient(transport), lambda: (), FakeClock())
    x = Profile("p", "twitter")
    entry = Entry("a", link=Link("https://acme.example/"))
    calls: list[Callable[[], object]] = [
        one.account,
        one.profiles,
        lambda: one.profile("p"),
        one.limits,
        lambda: one.read([x]),
        lambda: one.sent({x.id: None}),
        lambda: one.create(entry, [x]),
        lambda: one.update("1", entry, Entry(), x),
        lambda: one.delete("1"),
        lambda: one.share("1"),
    ]
    errors: list[ProviderError] = []
    for call in calls:
        try:
            call()
        except ProviderError as error:
            errors.append(error)
    assert len(seen) == len(calls)
    assert errors
    for request in seen:
        assert request.headers["Authorization"] == f"Bearer {TOKEN}"
        assert "0123456789" not in str(request.url) + request.content.decode()
    for raised in errors:
        links = [repr(raised), repr(raised.__cause__), repr(raised.__context__)]
        assert "0123456789" not in "".join([*traceback.format_exception(raised), *links])
    assert "0123456789" not in repr(one) + repr(transport)


def test_the_context_does_not_show_the_environment(tmp_path: Path) -> None:
    assert TOKEN not in repr(context(tmp_path))
