"""The token: where it comes from, where it may go, and that nothing that is written holds it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from plancast.core.exits import ExitCode
from plancast.sandbox import World
from plancast.sandbox.faults import Fault, FaultKind
from tests.commands.desk import Desk, Result, broken, post, served, workspace

TOKEN = "1/0123456789abcdef0123456789abcdef"
SECRET = "0123456789abcdef"
AT = "2030-01-31 09:30"


def buffer(folder: Path, **environ: str) -> Desk:
    """A workspace of provider buffer; nobody listens where it is told to go."""
    desk = Desk(folder, environ)
    desk.write("plancast.yaml", workspace(provider="buffer"))
    desk.write("a.yaml", post(at=AT))
    return desk


@contextmanager
def online(folder: Path) -> Iterator[tuple[Desk, World]]:
    """The same with a Buffer on a port of this machine that knows TOKEN."""
    with served(buffer(folder), token=TOKEN) as (desk, world):
        yield desk, world


# -- where it comes from ----

NEEDY = [("plan",), ("apply", "--auto-approve"), ("profiles",), ("status",), ("report",)]


@pytest.mark.parametrize("command", NEEDY)
@pytest.mark.parametrize("environ", [{}, {"BUFFER_ACCESS_TOKEN": ""}, {"BUFFER_ACCESS_TOKEN": " "}])
def test_without_a_token_it_says_which_variable_is_missing(
    tmp_path: Path, command: tuple[str, ...], environ: Mapping[str, str]
) -> None:
    result = buffer(tmp_path, **environ).run(*command)
    assert (result.code, result.codes) == (ExitCode.ERROR, ["PC802"])
    assert "BUFFER_ACCESS_TOKEN" in result.err


@pytest.mark.parametrize("command", [("validate",), ("plan", "--offline"), ("schema", "post")])
def test_what_needs_no_network_needs_no_token(tmp_path: Path, command: tuple[str, ...]) -> None:
    assert buffer(tmp_path).run(*command).code == ExitCode.DONE


@pytest.mark.parametrize("token", ["se cret", "sécret", "se\ncret", "se\x7fcret", "se\u200bcret"])
def test_a_token_with_odd_characters_is_refused_and_not_shown(tmp_path: Path, token: str) -> None:
    result = buffer(tmp_path, BUFFER_ACCESS_TOKEN=token).run("plan")
    assert (result.code, result.codes) == (ExitCode.ERROR, ["PC803"])
    assert "cret" not in result.out + result.err


@pytest.mark.parametrize("token", ["a+b%2F=&c", "quo'te\"d\\", "1/slash", "$(x)`y`;z"])
def test_a_token_of_any_visible_signs_works_and_is_not_shown(tmp_path: Path, token: str) -> None:
    with served(buffer(tmp_path), token=token) as (desk, world):
        desk.write("a.yaml", post(at=AT))
        done = desk.apply()
        assert done.code == ExitCode.DONE, done.err
        assert len(world.snapshot()) == 1
        assert token not in done.out + done.err


def test_blanks_around_a_token_do_no_harm(tmp_path: Path) -> None:
    with online(tmp_path) as (desk, _):
        spaced = replace(desk, environ={**desk.environ, "BUFFER_ACCESS_TOKEN": f" {TOKEN}\n"})
        assert spaced.run("plan").code == ExitCode.DONE


def test_a_wrong_token_is_refused_by_the_service_and_not_shown(tmp_path: Path) -> None:
    with online(tmp_path) as (desk, world):
        wrong = replace(desk, environ={**desk.environ, "BUFFER_ACCESS_TOKEN": "1/another-secret"})
        for command in (("plan",), ("apply", "--auto-approve"), ("import",), ("init",)):
            place = wrong if command != ("init",) else replace(wrong, folder=tmp_path / "new")
            place.folder.mkdir(exist_ok=True)
            result = place.run(*command)
            assert (result.code, result.codes) == (ExitCode.ERROR, ["PC803"]), command
            assert "another-secret" not in result.out + result.err
        assert world.snapshot() == ()
        checked = wrong.run("doctor")
        assert checked.code == ExitCode.ERROR
        assert "PC803" in checked.out


def test_a_token_that_is_withdrawn_meanwhile_ends_the_run_and_loses_nothing(tmp_path: Path) -> None:
    with online(tmp_path) as (desk, world):
        desk.write("b.yaml", post("B.", "2030-02-01 09:30"))
        world.arm(Fault(FaultKind.UNAUTHORIZED, "POST /updates/create.json", skip=1, times=1))
        broken_off = desk.apply()
        assert broken_off.code == ExitCode.PARTIAL
        assert len(world.snapshot()) == 1
        assert desk.apply().code == ExitCode.DONE
        assert len(world.snapshot()) == 2


# -- where it may go ----


@pytest.mark.parametrize(
    "address",
    [
        "http://api.example/1",
        "http://127.0.0.1.example/1",
        "http://127.0.0.1@evil.example/1",
        "https://me:pass@api.example/1",
        "http://0.0.0.0/1",
        "http://[::2]/1",
        "ftp://127.0.0.1/1",
        "//api.example/1",
        "https://api.example/1?to=evil",
    ],
)
def test_an_address_that_no_token_may_go_to_is_refused(tmp_path: Path, address: str) -> None:
    result = buffer(tmp_path, BUFFER_ACCESS_TOKEN=TOKEN, PLANCAST_API_URL=address).run("plan")
    assert (result.code, result.codes) == (ExitCode.ERROR, ["PC806"])
    assert SECRET not in result.out + result.err
    assert "pass" not in result.out + result.err


PROVIDERS = [
    "{name: buffer, url: 'http://127.0.0.1:1/1'}",
    "{name: buffer, base_url: 'https://evil.example/1'}",
    "{name: buffer, api_url: 'https://evil.example/1'}",
    "{name: buffer, token: abc}",
    "{name: buffer, access_token: abc}",
    "{name: buffer, token_env: PATH}",
    "{name: buffer, proxy: 'http://evil.example/'}",
    "{name: buffer, seed: seed.json}",
    "https://evil.example/1",
]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_no_file_of_the_repository_sends_the_token_elsewhere(tmp_path: Path, provider: str) -> None:
    with online(tmp_path) as (desk, world):
        desk.write("plancast.yaml", workspace(provider=provider))
        result = desk.run("plan")
        assert result.code == ExitCode.ERROR
        assert SECRET not in result.out + result.err
        assert world.requests().received == {}, "not even the right one was asked"


@pytest.mark.parametrize("name", [".env", ".netrc", "plancast.env"])
def test_a_file_beside_the_workspace_is_no_environment(tmp_path: Path, name: str) -> None:
    desk = buffer(tmp_path)
    desk.write(name, "BUFFER_ACCESS_TOKEN=abc\nPLANCAST_API_URL=http://127.0.0.1:1/1\n")
    assert desk.run("plan").codes == ["PC802"]


def test_a_seed_cannot_say_where_the_token_goes(tmp_path: Path) -> None:
    desk = Desk.tiny(tmp_path, provider="{name: sandbox, seed: seed.json}", a=post())
    desk.environ = {"BUFFER_ACCESS_TOKEN": TOKEN}
    desk.write("seed.json", '{"url": "https://evil.example/1", "token": "abc"}')
    result = desk.run("plan")
    assert result.code == ExitCode.ERROR
    assert "token" in result.err


# -- what is written ----


def _plain(desk: Desk, _world: World) -> Result:
    return desk.process("-v", "--log-file", "log.txt", "apply", "--auto-approve")


def _faulty(kind: FaultKind) -> Callable[[Desk, World], Result]:
    def act(desk: Desk, world: World) -> Result:
        world.arm(Fault(kind, "POST *", times=0))
        return desk.process("-v", "--log-file", "log.txt", "apply", "--auto-approve", "--json")

    return act


def _unreachable(desk: Desk, _world: World) -> Result:
    away = {**desk.environ, "PLANCAST_API_URL": "http://127.0.0.1:1/1"}
    return replace(desk, environ=away).process("-v", "--log-file", "log.txt", "plan")


def _saved(desk: Desk, _world: World) -> Result:
    saved = desk.process("-v", "--log-file", "log.txt", "plan", "-o", "saved.json")
    shown = desk.process("show", "saved.json")
    checked = desk.process("doctor")
    told = saved.out + shown.out + checked.out, saved.err + shown.err + checked.err
    return Result(saved.code, *told)


SCENES: dict[str, tuple[Callable[[Desk, World], Result], int]] = {
    "it goes well": (_plain, ExitCode.DONE),
    "a plan is saved and shown": (_saved, ExitCode.DONE),
    "the token is refused": (_faulty(FaultKind.UNAUTHORIZED), ExitCode.ERROR),
    "the answer is lost": (_faulty(FaultKind.LOST_ANSWER), ExitCode.UNKNOWN),
    "the server breaks": (_faulty(FaultKind.ERROR_500_AFTER), ExitCode.UNKNOWN),
    "nobody is there": (_unreachable, ExitCode.ERROR),
}


@pytest.mark.parametrize("scene", SCENES)
def test_the_token_is_in_no_output_no_log_and_no_file(tmp_path: Path, scene: str) -> None:
    act, code = SCENES[scene]
    with online(tmp_path / "content") as (desk, world):
        result = act(desk, world)
    assert result.code == code, result.err
    assert SECRET not in result.out + result.err
    assert (desk.folder / "log.txt").read_text(encoding="utf-8").count("\n") >= 1
    assert holders(desk.folder, Path(os.environ["HOME"])) == []


def test_the_token_is_in_no_address_that_the_service_sees(tmp_path: Path) -> None:
    with online(tmp_path) as (desk, world):
        world.set_setting("token_places", "header")
        assert desk.apply().code == ExitCode.DONE
        world.set_setting("token_places", "body,query")
        assert desk.run("plan").code == ExitCode.ERROR, "it is not sent there as well"


CRASHES = [
    "raise RuntimeError(context.environ['BUFFER_ACCESS_TOKEN'])",
    "raise RuntimeError(dict(context.environ))",
    "raise RuntimeError('Bearer ' + os.environ['BUFFER_ACCESS_TOKEN'])",
    "import urllib.parse as p; raise ValueError(p.quote(os.environ['BUFFER_ACCESS_TOKEN'], ''))",
]


@pytest.mark.parametrize("body", CRASHES)
def test_the_token_is_in_no_report_of_a_bug(tmp_path: Path, body: str) -> None:
    desk = broken(tmp_path, body)
    desk.environ = {**desk.environ, "BUFFER_ACCESS_TOKEN": TOKEN}
    result = desk.process("--log-file", "log.txt", "plan")
    assert result.code == ExitCode.BUG
    assert SECRET not in result.out + result.err
    (report,) = (tmp_path / "reports").iterdir()
    assert "Error" in report.read_text(encoding="utf-8")
    assert holders(tmp_path) == []


def holders(*folders: Path) -> list[str]:
    """Files that hold the token, by content or by name."""
    found = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    assert found
    return [
        path.name for path in found if SECRET.encode() in path.read_bytes() or SECRET in path.name
    ]
