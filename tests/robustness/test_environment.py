"""Variables of the environment with values that make no sense."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plancast.model.exit_codes import ExitCode
from tests.commands.workspace_dir import WorkspaceDir, post, workspace_yaml
from tests.net.peers import Peer, read_request
from tests.robustness.ends import applied_workspace, must_end_well
from tests.robustness.mutation import TEXTS, examples

ADDRESSES = (
    "http://127.0.0.1:99999", "http://localhost:9/a/../b", "file:///etc/passwd", "https://",
    "http://user:secret@127.0.0.1:9/", "http://[::1", "http://127.0.0.1:9/ x", "\x1b[2J",
)  # fmt: skip
"""None of them is one that anything is sent to."""

OF_PLANCAST = ("BUFFER_API_KEY", "BUFFER_ACCESS_TOKEN", "PLANCAST_API_URL")
OF_GITHUB = (
    "GITHUB_ACTIONS", "GITHUB_TOKEN", "GITHUB_REPOSITORY", "GITHUB_API_URL", "GITHUB_SERVER_URL",
    "GITHUB_SHA", "GITHUB_RUN_ID", "GITHUB_EVENT_NAME", "GITHUB_EVENT_PATH", "GITHUB_REF_NAME",
    "GITHUB_STEP_SUMMARY",
)  # fmt: skip
OF_GITLAB = (
    "GITLAB_CI", "GITLAB_TOKEN", "CI_API_V4_URL", "CI_PROJECT_ID", "CI_PROJECT_URL",
    "CI_COMMIT_SHA", "CI_COMMIT_BRANCH", "CI_MERGE_REQUEST_IID", "CI_MERGE_REQUEST_PROJECT_ID",
    "CI_MERGE_REQUEST_PROJECT_URL", "CI_MERGE_REQUEST_SOURCE_PROJECT_ID", "CI_PIPELINE_SOURCE",
    "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA",
)  # fmt: skip
WORDS = (
    "true", "1", "0", "acme/posts", "acme", "a" * 40, "12", "-1", "main", "refs/heads/main",
    "pull_request", "push", "schedule", "merge_request_event", "event.json", "a.yaml", "nope.json",
)  # fmt: skip
texts = st.sampled_from(WORDS + tuple(text for text in TEXTS if "\0" not in text))
HERE = "(here)"
addresses = st.sampled_from((HERE, HERE, *ADDRESSES))


def refuse(connection: socket.socket) -> None:
    """Know nothing of what is asked."""
    while True:
        read_request(connection)
        connection.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n{}")


@pytest.fixture(scope="module")
def here() -> Iterator[str]:
    """The address of a server on this machine."""
    with Peer(refuse) as peer:
        yield peer.url


@st.composite
def environments(draw: st.DrawFn) -> dict[str, str]:
    """Some of the variables that are read, those of one forge or of both among them."""
    forges = draw(st.sampled_from([(), OF_GITHUB, OF_GITLAB, OF_GITHUB + OF_GITLAB]))
    found: dict[str, str] = {}
    for name in OF_PLANCAST + forges:
        if draw(st.integers(0, 3)):
            is_address = name.endswith("_URL") and "PROJECT" not in name and "SERVER" not in name
            found[name] = draw(addresses if is_address else texts)
    # Without an address of this machine the real one would be asked.
    for name in ("PLANCAST_API_URL", "GITHUB_API_URL", "CI_API_V4_URL"):
        found.setdefault(name, HERE)
    for switch in ("GITHUB_ACTIONS", "GITLAB_CI"):
        if switch in found and draw(st.booleans()):
            found[switch] = "true"
    return found


COMMANDS: tuple[tuple[str, ...], ...] = (
    ("plan",),
    ("doctor",),
    ("profiles",),
    ("init", "--ci", "github"),
    ("init", "--ci", "gitlab"),
    ("comment", "saved.json"),
    ("comment",),
    ("reviewed", "saved.json"),
    ("preview", "saved.json"),
    ("validate", "--format", "github"),
    ("status",),
)
PROVIDERS = ("buffer", "buffer-graphql", None)


@settings(max_examples=examples(30))
@given(environments(), st.sampled_from(COMMANDS), st.sampled_from(PROVIDERS))
def test_an_environment(
    here: str, environ: dict[str, str], command: tuple[str, ...], provider: str | None
) -> None:
    environ = {key: here if value == HERE else value for key, value in environ.items()}
    with applied_workspace() as workspace:
        if provider:
            workspace.write("plancast.yaml", workspace_yaml(provider=provider))
        (workspace.folder / "event.json").write_text('{"pull_request": {"number": 1}}')
        result = must_end_well(WorkspaceDir(workspace.folder, environ), *command)
        assert "secret" not in result.out + result.err


OF_THE_PROCESS: dict[str, dict[str, str]] = {
    "no terminal to speak of": {"TERM": "", "COLUMNS": "x", "LINES": "-1"},
    "a terminal without width": {"COLUMNS": "0", "FORCE_COLOR": "1"},
    "a terminal without end": {"COLUMNS": "9" * 30},
    "another language": {"LC_ALL": "xx_XX.nope", "LANG": "\udcff", "PYTHONUTF8": "0"},
    "ASCII alone": {"PYTHONIOENCODING": "ascii"},
    "no place for what is kept": {"HOME": "/nonexistent", "XDG_STATE_HOME": "nowhere/\udcff"},
    "a key that is no text": {"BUFFER_API_KEY": "\udcff", "PLANCAST_API_URL": "\udcff"},
    "a clock of nowhere": {"TZ": ":../../nope"},
}


@pytest.mark.part(3)
@pytest.mark.parametrize("name", OF_THE_PROCESS)
def test_a_process_in_an_odd_environment(
    tmp_path_factory: pytest.TempPathFactory, name: str
) -> None:
    workspace = WorkspaceDir.tiny(tmp_path_factory.mktemp("w"), a=post("Grüße 🎈 aus Zürich."))
    workspace.environ = OF_THE_PROCESS[name]
    done = workspace.process("apply", "--auto-approve")
    assert done.code == ExitCode.DONE, done.err
    assert "Traceback" not in done.err
    assert workspace.texts() == ["Grüße 🎈 aus Zürich."]
