"""Token and key: their sources, their destinations, and that no output or file holds them.

What holds for one of Buffer's APIs holds for the other: each test is about both.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from plancast.model.exit_codes import ExitCode
from plancast.render.formats import PLAN_FORMATS
from plancast.sandbox import World
from plancast.sandbox.faults import Fault, FaultKind
from tests.commands.keyed import keyed
from tests.commands.workspace_dir import Result, WorkspaceDir, broken, post, served, workspace_yaml

pytestmark = pytest.mark.part(6)

TOKEN = "1/0123456789abcdef0123456789abcdef"
SECRET = "0123456789abcdef"
AT = "2030-01-31 09:30"


VARIABLES = {"buffer": "BUFFER_ACCESS_TOKEN", "buffer-graphql": "BUFFER_API_KEY"}
CHANGES = {"buffer": "POST *", "buffer-graphql": "mutation *"}
CREATES = {"buffer": "POST /updates/create.json", "buffer-graphql": "mutation createPost"}


@pytest.fixture(params=VARIABLES)
def api(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def buffer(folder: Path, api: str, token: str | None = None, **environ: str) -> WorkspaceDir:
    """Return a workspace of a provider, with an address at which no server listens."""
    given = {} if token is None else {VARIABLES[api]: token}
    workspace = WorkspaceDir(folder, {**given, **environ})
    workspace.write("plancast.yaml", workspace_yaml(provider=api))
    workspace.write("a.yaml", post(at=AT))
    return workspace


@contextmanager
def online(folder: Path, api: str, token: str = TOKEN) -> Iterator[tuple[WorkspaceDir, World]]:
    """The same with a Buffer on a port of this machine that knows the token."""
    serving = served if api == "buffer" else keyed
    with serving(buffer(folder, api), token) as (workspace, world):
        yield workspace, world


def holding(workspace: WorkspaceDir, api: str, token: str) -> WorkspaceDir:
    """Return the workspace with another token."""
    return replace(workspace, environ={**workspace.environ, VARIABLES[api]: token})


# -- where it comes from ----

NEEDY = [("plan",), ("apply", "--auto-approve"), ("profiles",), ("status",), ("report",)]


@pytest.mark.parametrize("command", NEEDY)
@pytest.mark.parametrize("token", [None, "", " "])
def test_without_a_token_it_says_which_variable_is_missing(
    tmp_path: Path, api: str, command: tuple[str, ...], token: str | None
) -> None:
    """That of the other API is no help."""
    (other,) = set(VARIABLES) - {api}
    result = buffer(tmp_path, api, token, **{VARIABLES[other]: TOKEN}).run(*command)
    assert (result.code, result.codes) == (ExitCode.ERROR, ["PC802"])
    assert VARIABLES[api] in result.err
    assert SECRET not in result.out + result.err


@pytest.mark.parametrize("command", [("validate",), ("plan", "--offline"), ("schema", "post")])
def test_what_needs_no_network_needs_no_token(
    tmp_path: Path, api: str, command: tuple[str, ...]
) -> None:
    assert buffer(tmp_path, api).run(*command).code == ExitCode.DONE


@pytest.mark.parametrize("token", ["se cret", "sécret", "se\ncret", "se\x7fcret", "se\u200bcret"])
def test_a_token_with_odd_characters_is_refused_and_not_shown(
    tmp_path: Path, api: str, token: str
) -> None:
    result = buffer(tmp_path, api, token).run("plan")
    assert (result.code, result.codes) == (ExitCode.ERROR, ["PC803"])
    assert "cret" not in result.out + result.err


@pytest.mark.parametrize("token", ["a+b%2F=&c", "quo'te\"d\\", "1/slash", "$(x)`y`;z"])
def test_a_token_of_any_visible_signs_works_and_is_not_shown(
    tmp_path: Path, api: str, token: str
) -> None:
    with online(tmp_path, api, token) as (workspace, world):
        workspace.write("a.yaml", post(at=AT))
        done = workspace.apply()
        assert done.code == ExitCode.DONE, done.err
        assert len(world.snapshot()) == 1
        assert token not in done.out + done.err


def test_blanks_around_a_token_do_no_harm(tmp_path: Path, api: str) -> None:
    with online(tmp_path, api) as (workspace, _):
        assert holding(workspace, api, f" {TOKEN}\n").run("plan").code == ExitCode.DONE


def test_a_wrong_token_is_refused_by_the_service_and_not_shown(tmp_path: Path, api: str) -> None:
    with online(tmp_path, api) as (workspace, world):
        wrong = holding(workspace, api, "1/another-secret")
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


def test_a_token_that_is_withdrawn_meanwhile_ends_the_run_and_loses_nothing(
    tmp_path: Path, api: str
) -> None:
    with online(tmp_path, api) as (workspace, world):
        workspace.write("b.yaml", post("B.", "2030-02-01 09:30"))
        world.arm(Fault(FaultKind.UNAUTHORIZED, CREATES[api], skip=1, times=1))
        broken_off = workspace.apply()
        assert broken_off.code == ExitCode.PARTIAL
        assert len(world.snapshot()) == 1
        assert workspace.apply().code == ExitCode.DONE
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
def test_an_address_that_no_token_may_go_to_is_refused(
    tmp_path: Path, api: str, address: str
) -> None:
    result = buffer(tmp_path, api, TOKEN, PLANCAST_API_URL=address).run("plan")
    assert (result.code, result.codes) == (ExitCode.ERROR, ["PC806"])
    assert SECRET not in result.out + result.err
    assert "pass" not in result.out + result.err


def test_a_seed_cannot_say_where_the_token_goes(tmp_path: Path, api: str) -> None:
    workspace = WorkspaceDir.tiny(tmp_path, provider="{name: sandbox, seed: seed.json}", a=post())
    workspace.environ = {VARIABLES[api]: TOKEN}
    workspace.write("seed.json", '{"url": "https://evil.example/1", "token": "abc"}')
    result = workspace.run("plan")
    assert result.code == ExitCode.ERROR
    assert "token" in result.err


# -- what is written ----


def _plain(workspace: WorkspaceDir, _world: World, _api: str) -> Result:
    return workspace.process("-v", "--log-file", "log.txt", "apply", "--auto-approve")


def _faulty(kind: FaultKind) -> Callable[[WorkspaceDir, World, str], Result]:
    def act(workspace: WorkspaceDir, world: World, api: str) -> Result:
        world.arm(Fault(kind, CHANGES[api], times=0))
        return workspace.process("-v", "--log-file", "log.txt", "apply", "--auto-approve", "--json")

    return act


def _unreachable(workspace: WorkspaceDir, _world: World, _api: str) -> Result:
    away = {**workspace.environ, "PLANCAST_API_URL": "http://127.0.0.1:1/1"}
    return replace(workspace, environ=away).process("-v", "--log-file", "log.txt", "plan")


def _saved(workspace: WorkspaceDir, _world: World, _api: str) -> Result:
    log = ("-v", "--log-file", "log.txt")
    results = [
        workspace.process(*log, "plan", "-o", "saved.json"),
        *(workspace.run("show", "saved.json", "--format", name) for name in FORMATS),
        workspace.run("preview", "saved.json", "-o", "page.html"),
        workspace.process(*log, "apply", "saved.json", "--json-into", "events.jsonl"),
        *(workspace.run(word) for word in ("doctor", "status", "profiles", "report")),
    ]
    out, err = "".join(item.out for item in results), "".join(item.err for item in results)
    return Result(max(item.code for item in results), out, err)


FORMATS = tuple(PLAN_FORMATS)
SCENES: dict[str, tuple[Callable[[WorkspaceDir, World, str], Result], int]] = {
    "it goes well": (_plain, ExitCode.DONE),
    "a plan is saved, shown in every form, and applied": (_saved, ExitCode.DONE),
    "the token is refused": (_faulty(FaultKind.UNAUTHORIZED), ExitCode.ERROR),
    "the answer is lost": (_faulty(FaultKind.LOST_ANSWER), ExitCode.UNKNOWN),
    "the server breaks": (_faulty(FaultKind.ERROR_500_AFTER), ExitCode.UNKNOWN),
    "nobody is there": (_unreachable, ExitCode.ERROR),
}


@pytest.mark.parametrize("scene", SCENES)
def test_the_token_is_in_no_output_no_log_and_no_file(tmp_path: Path, api: str, scene: str) -> None:
    act, code = SCENES[scene]
    with online(tmp_path / "content", api) as (workspace, world):
        result = act(workspace, world, api)
    assert result.code == code, result.err
    assert SECRET not in result.out + result.err
    assert (workspace.folder / "log.txt").read_text(encoding="utf-8").count("\n") >= 1
    assert holders(workspace.folder, Path(os.environ["HOME"])) == []


def test_the_token_is_in_no_address_that_the_service_sees(tmp_path: Path) -> None:
    with online(tmp_path, "buffer") as (workspace, world):
        world.set_setting("token_places", "header")
        assert workspace.apply().code == ExitCode.DONE
        world.set_setting("token_places", "body,query")
        assert workspace.run("plan").code == ExitCode.ERROR, "it is not sent there as well"


CRASHES = [
    "raise RuntimeError(context.environ['{}'])",
    "raise RuntimeError(dict(context.environ))",
    "raise RuntimeError('Bearer ' + os.environ['{}'])",
    "import urllib.parse as p; raise ValueError(p.quote(os.environ['{}'], ''))",
]


@pytest.mark.parametrize("body", CRASHES)
def test_the_token_is_in_no_report_of_a_bug(tmp_path: Path, api: str, body: str) -> None:
    workspace = broken(tmp_path, body.format(VARIABLES[api]))
    workspace.environ = {**workspace.environ, VARIABLES[api]: TOKEN}
    result = workspace.process("--log-file", "log.txt", "plan")
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
