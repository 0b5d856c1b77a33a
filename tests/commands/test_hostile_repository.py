"""A repository of an attacker: it gets no key, and no address that it names is called.

The client that Buffer ships takes the address from a file of the repository and the key from the
environment, so that a user who runs it in a clone of such a repository sends the key away
(docs/buffer/graphql.md#buffers-own-client). Here the same is tried, and more: at each address that
such files name a server listens on a port of this machine, and must hear nothing; the address of
the environment is the only one that is called.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from plancast.model.exit_codes import ExitCode
from plancast.sandbox import World
from tests.commands.keyed import KEY, SECRET, Ear, agency, keyed, listening
from tests.commands.workspace_dir import Result, WorkspaceDir, post, workspace_yaml

pytestmark = pytest.mark.part(2)

AT = "2030-01-31 09:30"
PROGRAM = Path(sys.executable).parent / "plancast"
LOOKING = [
    ("plan",),
    ("plan", "--format", "json"),
    ("plan", "--format", "html"),
    ("apply", "--auto-approve"),
    ("status",),
    ("profiles",),
    ("doctor",),
    ("report",),
    ("import", "--auto-approve"),
    ("preview", "-o", "page.html"),
]


@dataclass(frozen=True)
class Trap:
    """A workspace with a key in its environment, its Buffer, and the one who lies in wait."""

    workspace: WorkspaceDir
    world: World
    thief: Ear

    def written(self, text: str) -> str:
        """Return a text of the attacker, with the address that the key is to go to for THIEF."""
        return text.replace("THIEF", self.thief.url)

    @property
    def asked(self) -> int:
        """How many requests the right one got."""
        return sum(self.world.requests().received.values())

    def sprung(self, *results: Result) -> bool:
        """Whether they got anything, or would read it somewhere."""
        output = "".join(item.out + item.err for item in results)
        files = [path for path in self.workspace.folder.rglob("*") if path.is_file()]
        kept = [path for path in files if SECRET.encode() in path.read_bytes()]
        return bool(self.thief.heard or SECRET in output or kept)


@pytest.fixture
def trap(tmp_path: Path) -> Iterator[Trap]:
    with keyed(WorkspaceDir(tmp_path / "theirs")) as (workspace, world), listening(agency) as thief:
        workspace.write("a.yaml", post(at=AT))
        yield Trap(workspace, world, thief)


def test_who_listens_hears() -> None:
    """Or else the silence below would prove nothing."""
    with listening(agency) as ear:
        workspace = WorkspaceDir(Path(), {"BUFFER_API_KEY": KEY, "PLANCAST_API_URL": ear.url})
        workspace.run("init", "--provider", "buffer-graphql", "--organization", "3" * 24)
    ((line, headers, body),) = ear.heard
    assert line == "POST /graphql"
    assert headers["Authorization"] == f"Bearer {KEY}"
    assert SECRET not in body


# -- what plancast.yaml may not say ----

PROVIDERS = [
    "{name: API, url: 'THIEF'}",
    "{name: API, base: 'THIEF'}",
    "{name: API, base_url: 'THIEF'}",
    "{name: API, api_url: 'THIEF'}",
    "{name: API, apiUrl: 'THIEF'}",
    "{name: API, endpoint: 'THIEF/graphql'}",
    "{name: API, PLANCAST_API_URL: 'THIEF'}",
    "{name: API, environ: {PLANCAST_API_URL: 'THIEF'}}",
    "{name: API, proxy: 'THIEF'}",
    "{name: API, headers: {Host: evil.example}}",
    "{name: API, token: abc}",
    "{name: API, access_token: abc}",
    "{name: API, api_key: abc}",
    "{name: API, token_env: PATH}",
    "{name: API, key_env: GITHUB_TOKEN}",
    "{name: API, api: 'THIEF'}",
    "{name: API, seed: seed.json}",
    "{name: 'THIEF'}",
    "'THIEF'",
    "{name: ../API}",
    "{name: sandbox, api: graphql, api_url: 'THIEF'}",
    "{name: sandbox, api: graphql, token: abc}",
    "{name: sandbox, api: 'THIEF'}",
]


@pytest.mark.parametrize("api", ["buffer-graphql", "buffer"])
@pytest.mark.parametrize("provider", PROVIDERS)
def test_no_option_of_the_provider_names_an_address_or_a_key(
    trap: Trap, provider: str, api: str
) -> None:
    named = trap.written(provider).replace("API,", f"{api},").replace("API}", f"{api}}}")
    trap.workspace.write("plancast.yaml", workspace_yaml(provider=named))
    workspace = replace(
        trap.workspace, environ={**trap.workspace.environ, "BUFFER_ACCESS_TOKEN": KEY}
    )
    results = [workspace.run(*command) for command in (("plan",), ("profiles",), ("doctor",))]
    assert {item.code for item in results} == {ExitCode.ERROR}
    assert not trap.sprung(*results)
    assert trap.asked == 0, "not even the right one was asked"


KEYS = [
    "api_url: THIEF\n",
    "apiUrl: THIEF\n",
    "env: {PLANCAST_API_URL: THIEF}\n",
    "environment: {PLANCAST_API_URL: THIEF}\n",
    "PLANCAST_API_URL: THIEF\n",
    "token: abc\n",
    "include: [THIEF]\n",
    "extends: THIEF/plancast.yaml\n",
    "state: {backend: THIEF}\n",
    "state: {backend: git, remote: THIEF/state.git}\n",
    "state: {backend: http, url: THIEF}\n",
    "timezone: !env BUFFER_API_KEY\n",
    "defaults: {text: !ENV '${BUFFER_API_KEY}'}\n",
    "defaults: !!python/object/apply:os.system ['true']\n",
    "defaults: {api_url: THIEF}\n",
    "policy: {api_url: THIEF}\n",
]


@pytest.mark.parametrize("line", KEYS)
def test_no_other_key_does_either(trap: Trap, line: str) -> None:
    text = "version: 1\nprovider: buffer-graphql\nprofiles: {x: {service: twitter}}\n"
    trap.workspace.write("plancast.yaml", text + trap.written(line))
    results = [trap.workspace.run(*command) for command in (("validate",), ("plan",))]
    assert results[-1].code == ExitCode.ERROR, results[-1].err
    assert not trap.sprung(*results)


def test_a_content_folder_is_never_an_address(trap: Trap) -> None:
    """It is a folder that is missing, and nothing else."""
    text = "version: 1\nprovider: buffer-graphql\nprofiles: {x: {service: twitter}}\n"
    trap.workspace.write("plancast.yaml", text + trap.written("content: THIEF\n"))
    results = [trap.workspace.run(*command) for command in (("validate",), ("plan",))]
    assert ["PC015" in one.codes for one in results] == [True, True]
    assert not trap.sprung(*results)


@pytest.mark.parametrize("organization", ["../../x?y=1", "THIEF", "x\r\nHost: evil", "$(id)"])
def test_an_organization_is_no_part_of_an_address(trap: Trap, organization: str) -> None:
    name = json.dumps(trap.written(organization))
    provider = f"{{name: buffer-graphql, organization: {name}}}"
    trap.workspace.write("plancast.yaml", workspace_yaml(provider=provider))
    result = trap.workspace.run("plan")
    assert result.code == ExitCode.ERROR
    assert not trap.sprung(result)
    assert trap.asked == 1, "the right one was asked, and knows no such organization"


# -- what lies beside it ----

BESIDE = {
    ".buffer/config.json": '{"apiUrl": "THIEF", "apiKey": "abc", "organizationId": "x"}',
    ".buffer/config.yaml": "apiUrl: THIEF\n",
    ".config/buffer/config.json": '{"apiUrl": "THIEF"}',
    ".config/plancast/config.yaml": "api_url: THIEF\n",
    ".env": "PLANCAST_API_URL=THIEF\nBUFFER_API_KEY=abc\nBUFFER_ACCESS_TOKEN=abc\n",
    ".envrc": "export PLANCAST_API_URL=THIEF\n",
    ".netrc": "machine 127.0.0.1 login me password abc\n",
    ".plancast.yaml": "provider: {name: buffer-graphql, api_url: THIEF}\n",
    ".plancast/config.json": '{"api_url": "THIEF", "token": "abc"}',
    ".plancastrc": "PLANCAST_API_URL=THIEF\n",
    "plancast.toml": 'api_url = "THIEF"\n',
    "pyproject.toml": '[tool.plancast]\napi_url = "THIEF"\ntoken = "abc"\n',
    "setup.cfg": "[plancast]\napi_url = THIEF\n",
    "tox.ini": "[plancast]\napi_url = THIEF\n",
    "package.json": '{"buffer": {"apiUrl": "THIEF"}, "plancast": {"apiUrl": "THIEF"}}',
}


@pytest.mark.parametrize("command", LOOKING, ids=" ".join)
def test_files_beside_the_workspace_change_nothing(trap: Trap, command: tuple[str, ...]) -> None:
    for name, text in BESIDE.items():
        trap.workspace.write(name, trap.written(text))
    result = trap.workspace.run(*command)
    assert result.code == ExitCode.DONE, result.err
    assert trap.asked > 0, "the right one was asked"
    assert not trap.sprung(result)


def test_nor_do_they_for_who_begins_there(trap: Trap) -> None:
    (trap.workspace.folder / "plancast.yaml").unlink()
    for name, text in BESIDE.items():
        trap.workspace.write(name, trap.written(text))
    begun = trap.workspace.run("init")
    assert begun.code == ExitCode.DONE, begun.err
    assert trap.asked > 0
    assert not trap.sprung(begun)


@pytest.mark.parametrize("name", [".env", ".buffer/config.json", "pyproject.toml"])
def test_no_file_stands_in_for_the_environment(trap: Trap, name: str) -> None:
    trap.workspace.write(name, trap.written(BESIDE[name]))
    poor = replace(trap.workspace, environ={})
    assert poor.run("plan").codes == ["PC802"]
    assert trap.asked == 0
    assert trap.thief.heard == []


def test_a_package_in_the_repository_is_no_provider(trap: Trap) -> None:
    """The installed program does not look for code in the current folder."""
    trap.workspace.write(
        "evil-1.0.dist-info/entry_points.txt", "[plancast.providers]\nevil = evil_one:make\n"
    )
    trap.workspace.write(
        "evil-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: evil\nVersion: 1\n"
    )
    trap.workspace.write("evil_one.py", "open('ran', 'w')\n\n\ndef make(context): ...\n")
    trap.workspace.write("click.py", "open('ran', 'w')\n")
    trap.workspace.write("plancast.yaml", workspace_yaml(provider="evil"))
    done = subprocess.run(
        [PROGRAM, "plan"],
        cwd=trap.workspace.folder,
        env={**os.environ, **trap.workspace.environ},
        capture_output=True,
        text=True,
        check=False,
    )
    result = Result(done.returncode, done.stdout, done.stderr)
    assert (result.code, result.codes) == (ExitCode.ERROR, ["PC801"])
    assert not (trap.workspace.folder / "ran").exists()
    assert not trap.sprung(result)


# -- links, inside and outside ----


def test_a_configuration_that_is_a_link_leads_nowhere(trap: Trap, tmp_path: Path) -> None:
    """The target of a link is not shown, even if it is no configuration."""
    secret = tmp_path / "secret.yaml"
    secret.write_text(f"token: {KEY}\nversion: 1\n", encoding="utf-8")
    for name in ("plancast.yaml", "_defaults.yaml", "b.yaml", "c.md"):
        path = trap.workspace.folder / name
        before = path.read_bytes() if path.exists() else None
        path.unlink(missing_ok=True)
        path.symlink_to(secret)
        result = trap.workspace.run("plan")
        assert result.code == ExitCode.ERROR, name
        assert SECRET not in result.out + result.err, name
        path.unlink()
        if before is not None:
            path.write_bytes(before)
    assert trap.thief.heard == []


def test_not_even_to_the_environment_of_the_run(trap: Trap) -> None:
    environment = Path("/proc/self/environ")
    if not environment.exists():
        pytest.skip("this system shows no process its environment as a file")
    (trap.workspace.folder / "plancast.yaml").unlink()
    (trap.workspace.folder / "plancast.yaml").symlink_to(environment)
    result = trap.workspace.process("plan")
    assert result.code == ExitCode.ERROR
    assert result.codes == ["PC004"]
    assert not trap.sprung(result)


@pytest.mark.parametrize(
    ("name", "provider", "code"),
    [(".plancast-sandbox", "sandbox", "PC011"), ("imported", "", "PC004")],
)
def test_a_folder_that_is_a_link_is_not_written_through(
    trap: Trap, tmp_path: Path, name: str, provider: str, code: str
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    trap.world.person_create(trap.world.profiles()[0].id, "By hand.")
    (trap.workspace.folder / name).symlink_to(outside)
    if provider:
        trap.workspace.write("plancast.yaml", workspace_yaml(provider=provider))
    results = [
        trap.workspace.run(*command) for command in (("plan",), ("import", "--auto-approve"))
    ]
    assert results[-1].codes == [code]
    assert list(outside.iterdir()) == []
    assert not trap.sprung(*results)


# -- what posts can say ----

WORDS = ["$BUFFER_API_KEY", "${BUFFER_API_KEY}", "%BUFFER_API_KEY%", "{{ env.BUFFER_API_KEY }}"]


@pytest.mark.parametrize("words", WORDS)
def test_a_variable_in_a_post_is_text(trap: Trap, words: str) -> None:
    trap.workspace.write("a.yaml", post(words, at=AT))
    results = [trap.workspace.run("plan", "--format", "html"), trap.workspace.apply()]
    assert [item.code for item in results] == [ExitCode.DONE] * 2
    assert [item.content.text for item in trap.world.snapshot()] == [words]
    assert not trap.sprung(*results)


def test_what_a_post_links_to_is_not_called(trap: Trap) -> None:
    """By Buffer it is; with no key, since it has none of ours."""
    url = f"{trap.thief.url}/image.png"
    more = f"link: {{url: '{url}', thumbnail: '{url}'}}\n"
    trap.workspace.write("a.yaml", post(at=AT, more=more))
    trap.workspace.write("b.yaml", post("B.", at=AT, on="li", more=f"images: [{{url: '{url}'}}]\n"))
    results = [trap.workspace.run(*command) for command in LOOKING]
    assert not trap.sprung(*results)


@pytest.mark.parametrize("name", ["/proc/self/environ", "../secret.png", "linked.png"])
def test_no_file_outside_goes_along_with_a_post(trap: Trap, tmp_path: Path, name: str) -> None:
    (tmp_path / "secret.png").write_text(KEY, encoding="utf-8")
    (trap.workspace.folder / "linked.png").symlink_to(tmp_path / "secret.png")
    trap.workspace.write("a.yaml", post(at=AT, more=f"images: [{{file: {name}}}]\n"))
    results = [trap.workspace.run("plan", "--format", "html"), trap.workspace.apply()]
    assert {item.code for item in results} == {ExitCode.ERROR}
    assert SECRET not in "".join(item.out + item.err for item in results)
    assert trap.world.snapshot() == ()


# -- what the service can say ----


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(tmp_path: Path, status: int) -> None:
    with listening(agency) as thief, listening(lambda _body: (status, {})) as ear:
        ear.location = f"{thief.url}/graphql"
        workspace = WorkspaceDir(tmp_path, {"BUFFER_API_KEY": KEY, "PLANCAST_API_URL": ear.url})
        workspace.write("plancast.yaml", workspace_yaml(provider="buffer-graphql"))
        workspace.write("a.yaml", post(at=AT))
        result = workspace.run("plan")
    assert result.code == ExitCode.ERROR
    assert ear.heard != []
    assert thief.heard == []
    assert SECRET not in result.out + result.err
