"""The door to git: what git receives, which settings hold, and which programs it does not start."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

import plancast
from plancast.model.ports import StateUnreachable
from plancast.store.git_environment import KEPT_SETTINGS, git_environment
from plancast.store.git_process import MOST_WORDS, Git
from tests.store.gits import ENVIRON, Remote, git

PROTECTED = {
    "safe.bareRepository": ("explicit", "all"),
    "core.hooksPath": (os.devnull, "hooks"),
    "core.fsmonitor": ("false", "./watch"),
    "protocol.ext.allow": ("never", "always"),
}
"""By setting: the value that must hold, and one that the surroundings would like."""


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    return Remote.make(tmp_path / "server").clone("clone")


def door(folder: Path, environ: Mapping[str, str] = ENVIRON) -> Git:
    return Git.pin(folder, folder, environ)


def plain_git(folder: Path, *args: str, environ: Mapping[str, str]) -> str:
    """Run git without any precaution, and return what it printed."""
    line = ["git", *args]
    done = subprocess.run(line, cwd=folder, check=False, capture_output=True, env=dict(environ))
    return done.stdout.decode().strip()


# -- the environment ----

KEPT = [
    "GIT_ASKPASS", "GIT_CONFIG_COUNT", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_KEY_0", "GIT_CONFIG_KEY_12",
    "GIT_CONFIG_NOSYSTEM", "GIT_CONFIG_PARAMETERS", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_VALUE_0",
    "GIT_EXEC_PATH", "GIT_HTTP_LOW_SPEED_LIMIT", "GIT_HTTP_USER_AGENT", "GIT_PROXY_COMMAND",
    "GIT_PROXY_SSL_CAINFO", "GIT_SSH", "GIT_SSH_COMMAND", "GIT_SSH_VARIANT", "GIT_SSL_CAINFO",
    "GIT_SSL_NO_VERIFY", "GIT_PASSWORD", "GIT_USERNAME", "GIT_TOKEN", "GITHUB_TOKEN", "GH_TOKEN",
    "GITLAB_TOKEN", "CI_JOB_TOKEN", "HOME", "XDG_CONFIG_HOME", "SSH_AUTH_SOCK", "SSH_ASKPASS",
    "SUDO_UID", "https_proxy", "PLANCAST_API_URL",
]  # fmt: skip
DROPPED = [
    "BUFFER_ACCESS_TOKEN", "BUFFER_API_KEY", "BUFFER_ANYTHING",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_AUTHOR_DATE", "GIT_AUTHOR_NAME", "GIT_ATTR_SOURCE",
    "GIT_CEILING_DIRECTORIES", "GIT_COMMITTER_DATE", "GIT_COMMITTER_EMAIL", "GIT_COMMON_DIR",
    "GIT_CONFIG", "GIT_CURL_VERBOSE", "GIT_DIR", "GIT_DISCOVERY_ACROSS_FILESYSTEM", "GIT_EDITOR",
    "GIT_EXTERNAL_DIFF", "GIT_GRAFT_FILE", "GIT_ICASE_PATHSPECS", "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE", "GIT_INTERNAL_SUPER_PREFIX", "GIT_LITERAL_PATHSPECS", "GIT_NAMESPACE",
    "GIT_OBJECT_DIRECTORY", "GIT_PAGER", "GIT_PREFIX", "GIT_PROTOCOL", "GIT_PUSH_OPTION_0",
    "GIT_PUSH_OPTION_COUNT", "GIT_QUARANTINE_PATH", "GIT_REPLACE_REF_BASE", "GIT_SEQUENCE_EDITOR",
    "GIT_SHALLOW_FILE", "GIT_TEMPLATE_DIR", "GIT_TRACE", "GIT_TRACE2_EVENT", "GIT_TRACE_CURL",
    "GIT_TRACE_PACKET", "GIT_TRACE_REDACT", "GIT_WORK_TREE",
]  # fmt: skip


@pytest.mark.parametrize("name", KEPT)
def test_the_environment_of_the_user_reaches_git(name: str) -> None:
    assert git_environment({name: "/value"})[name] == "/value"


@pytest.mark.parametrize("name", DROPPED)
def test_that_of_a_surrounding_git_and_the_keys_do_not(name: str) -> None:
    assert name not in git_environment({name: "/value"})


def test_what_a_newer_git_counts_to_a_repository_is_dropped_as_well() -> None:
    local = {"GIT_NEW_THING", *KEPT_SETTINGS}
    environ = git_environment(dict.fromkeys(local, "value"), local)
    assert environ.keys() & local == KEPT_SETTINGS


def test_this_git_is_asked_what_it_counts(clone: Path) -> None:
    names = plain_git(clone, "rev-parse", "--local-env-vars", environ=ENVIRON).splitlines()
    given = dict.fromkeys(set(names) - KEPT_SETTINGS, "value")
    assert given
    # One of ours is set to a value of ours.
    assert door(clone, {**ENVIRON, **given}).environ.keys() & given == {"GIT_NO_REPLACE_OBJECTS"}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("/usr/bin:/bin", "/usr/bin:/bin"),
        (".:/usr/bin", "/usr/bin"),
        ("/usr/bin:", "/usr/bin"),
        ("bin::./a:/bin", "/bin"),
        ("", ""),
    ],
)
def test_the_search_path_leads_to_no_folder_of_the_repository(given: str, expected: str) -> None:
    assert git_environment({"PATH": given})["PATH"] == expected


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        *((name, ".", False) for name in ("HOME", "XDG_CONFIG_HOME", "GIT_EXEC_PATH")),
        *((name, "gitconfig", False) for name in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM")),
        ("GIT_CONFIG_GLOBAL", "", True),
        *((name, "./ask", False) for name in ("GIT_ASKPASS", "SSH_ASKPASS", "GIT_SSH")),
        *((name, "ask", True) for name in ("GIT_ASKPASS", "SSH_ASKPASS", "GIT_SSH")),
    ],
)
def test_no_relative_path_of_the_environment_is_one_in_the_work_tree(
    name: str, value: str, kept: bool
) -> None:
    assert (name in git_environment({name: value})) is kept


# -- settings ----


def surroundings(folder: Path, key: str, value: str) -> dict[str, dict[str, str]]:
    """Return environments in which a setting has another value, by who set it."""
    config = folder / "gitconfig"
    plain_git(folder, "config", "--file", str(config), key, value, environ=ENVIRON)
    counted = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": key, "GIT_CONFIG_VALUE_0": value}
    handed_on = {"GIT_CONFIG_PARAMETERS": f"'{key}={value}'"}
    return {
        "the user's configuration": {"GIT_CONFIG_GLOBAL": str(config)},
        "a variable": counted,
        "a surrounding git": handed_on,
        "all of them": {"GIT_CONFIG_GLOBAL": str(config), **counted, **handed_on},
    }


# A process that git starts for another repository knows ours no more, but the settings hold there.
ELSEWHERE = "!env -u GIT_DIR -u GIT_WORK_TREE git -C / config"


@pytest.mark.parametrize("key", PROTECTED)
def test_nothing_overrides_what_protects_git_and_what_it_starts(clone: Path, key: str) -> None:
    wanted, unwanted = PROTECTED[key]
    for who, variables in surroundings(clone.parent, key, unwanted).items():
        environ = {**ENVIRON, **variables}
        assert plain_git(clone, "config", key, environ=environ) == unwanted, f"{who} can set it"
        found = door(clone, environ)
        assert found.text("config", key) == wanted, who
        assert found.text("-c", f"alias.elsewhere={ELSEWHERE}", "elsewhere", key) == wanted, who


def test_other_settings_of_the_surroundings_are_kept(clone: Path) -> None:
    environ = {
        **ENVIRON,
        "GIT_CONFIG_COUNT": "2",
        "GIT_CONFIG_KEY_0": "credential.helper",
        "GIT_CONFIG_VALUE_0": "!f() { echo password=$GITHUB_TOKEN; }; f",
        "GIT_CONFIG_KEY_1": "a.counted",
        "GIT_CONFIG_VALUE_1": "one",
        "GIT_CONFIG_PARAMETERS": "'a.handed=on'",
    }
    found = door(clone, environ)
    assert found.text("config", "credential.helper") == environ["GIT_CONFIG_VALUE_0"]
    assert (found.text("config", "a.counted"), found.text("config", "a.handed")) == ("one", "on")


def test_a_credential_helper_of_ci_reads_its_token_and_no_key(clone: Path) -> None:
    environ = {
        **ENVIRON,
        "GITHUB_TOKEN": "token-of-the-job",
        "BUFFER_API_KEY": "key",
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "credential.helper",
        "GIT_CONFIG_VALUE_0": '!f() { echo "username=$BUFFER_API_KEY."; '
        'echo "password=$GITHUB_TOKEN"; }; f',
    }
    asked = b"protocol=https\nhost=example.com\n\n"
    filled = door(clone, environ).run("credential", "fill", stdin=asked).stdout.decode()
    assert filled.splitlines()[2:] == ["username=.", "password=token-of-the-job"]


def test_a_trace_does_not_stand_among_the_words_of_git(clone: Path) -> None:
    environ = {**ENVIRON, "GIT_TRACE": "1", "GIT_TRACE_CURL": "1", "GIT_TRACE_REDACT": "0"}
    assert door(clone, environ).run("rev-parse", "HEAD").stderr == b""


def test_a_key_or_a_token_does_not_stand_in_a_representation(clone: Path) -> None:
    assert "sesame" not in repr(door(clone, {**ENVIRON, "GITHUB_TOKEN": "sesame"}))


# -- programs of the work tree ----


def program(path: Path, sprung: Path) -> Path:
    """Write a program that leaves a mark."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\ntouch {sprung}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


STARTS = {
    "core.hooksPath=hooks": ("hooks/reference-transaction", ("update-ref", "refs/a/b", "HEAD")),
    "core.fsmonitor=./watch": ("watch", ("status",)),
}


@pytest.mark.parametrize("setting", STARTS)
def test_no_file_of_the_work_tree_is_started(clone: Path, tmp_path: Path, setting: str) -> None:
    name, call = STARTS[setting]
    sprung = tmp_path / "sprung"
    program(clone / name, sprung)
    environ = {**ENVIRON, "GIT_CONFIG_PARAMETERS": f"'{setting}'"}
    plain_git(clone, *call, environ=environ)
    assert sprung.exists(), "the trap works"
    sprung.unlink()
    assert door(clone, environ).run(*call).returncode == 0
    assert not sprung.exists()


@pytest.mark.parametrize(
    "variables",
    [
        {"GIT_CONFIG_PARAMETERS": "'protocol.ext.allow=always'"},
        {"GIT_ALLOW_PROTOCOL": "ext"},
        {"GIT_ALLOW_PROTOCOL": "https:ext:file"},
    ],
    ids=str,
)
def test_no_address_is_a_command(clone: Path, tmp_path: Path, variables: Mapping[str, str]) -> None:
    sprung = tmp_path / "sprung"
    command = program(tmp_path / "command", sprung)
    git(clone, "remote", "set-url", "origin", f"ext::{command}")
    environ = {**ENVIRON, **variables}
    plain_git(clone, "ls-remote", "origin", environ=environ)
    assert sprung.exists(), "the trap works"
    sprung.unlink()
    assert b"not allowed" in door(clone, environ).run("ls-remote", "origin").stderr
    assert not sprung.exists()


def test_protocols_that_the_user_allows_stay_the_only_ones(clone: Path) -> None:
    environ = {**ENVIRON, "GIT_ALLOW_PROTOCOL": "https:ext"}
    assert b"not allowed" in door(clone, environ).run("ls-remote", "origin").stderr
    assert door(clone).run("ls-remote", "origin").returncode == 0


def test_there_is_no_other_door() -> None:
    package = Path(plancast.__file__).parent
    starts = re.compile(r"\bPopen\b|subprocess\.(run|call|check)|os\.(system|popen|exec|spawn)")
    found = {
        path.relative_to(package).as_posix()
        for path in package.rglob("*.py")
        if starts.search(path.read_text(encoding="utf-8"))
    }
    assert found == {"store/git_process.py"}


# -- the process ----


def test_without_git_that_is_said(clone: Path) -> None:
    with pytest.raises(StateUnreachable, match="git is not installed"):
        door(clone, {**ENVIRON, "PATH": "/nonexistent"})


def test_a_call_that_takes_too_long_ends_with_all_that_it_started(
    clone: Path, tmp_path: Path
) -> None:
    started = tmp_path / "started"
    os.mkfifo(started)
    # The child waits for a writer that never comes, and so does nothing else.
    call = ("-c", f"alias.wait=!cat {started}", "wait")
    ended = door(clone).run(*call, seconds=0.5)
    assert ended.returncode != 0
    assert b"git took more than" in ended.stderr
    # A pipe can be opened for writing as long as something reads it.
    while _is_read(started):
        time.sleep(0.01)


@pytest.mark.parametrize(
    ("call", "ends_well"),
    [
        ("head -c 1000000 /dev/zero", True),
        ("head -c 3000000 /dev/zero", False),
        ("yes noise", False),
    ],
)
def test_no_more_output_is_kept_than_a_state_needs(
    clone: Path, call: str, *, ends_well: bool
) -> None:
    ended = door(clone).run("-c", f"alias.say=!{call}", "say", most=1024**2)
    assert (ended.returncode == 0) is ends_well
    assert len(ended.stdout) <= 1024**2
    assert (b"git said more than 1 MiB" in ended.stderr) is not ends_well


def test_of_endless_words_the_last_are_kept(clone: Path) -> None:
    call = "head -c 5000000 /dev/zero >&2; echo the end >&2; exit 3"
    ended = door(clone).run("-c", f"alias.say=!{call}", "say")
    assert ended.returncode == 3
    assert len(ended.stderr) <= MOST_WORDS
    assert ended.stderr.endswith(b"the end\n")


def _is_read(pipe: Path) -> bool:
    try:
        os.close(os.open(pipe, os.O_WRONLY | os.O_NONBLOCK))
    except OSError:
        return False
    return True


# -- whose repository it is ----


def git_that_sees_another_owner(folder: Path) -> dict[str, str]:
    """Put a git first in PATH for which every repository belongs to another user."""
    real = shutil.which("git")
    wrapper = folder / "bin" / "git"
    wrapper.parent.mkdir()
    wrapper.write_text(
        f'#!/bin/sh\nGIT_TEST_ASSUME_DIFFERENT_OWNER=1 exec {real} "$@"\n', encoding="utf-8"
    )
    wrapper.chmod(0o755)
    return {**ENVIRON, "PATH": f"{wrapper.parent}:{ENVIRON['PATH']}"}


def test_a_repository_of_another_user_is_refused_unless_git_knows_it_is_safe(
    clone: Path, tmp_path: Path
) -> None:
    environ = git_that_sees_another_owner(tmp_path)
    with pytest.raises(StateUnreachable, match="dubious ownership") as refused:
        door(clone, environ)
    assert f"git config --global --add safe.directory {clone}" in refused.value.hint
    config = tmp_path / "gitconfig"
    config.write_text(f"[safe]\n\tdirectory = {clone}\n", encoding="utf-8")
    assert door(clone, {**environ, "GIT_CONFIG_GLOBAL": str(config)}).git_dir == clone / ".git"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
@pytest.mark.parametrize(
    ("owner", "variables", "accepted"),
    [
        (0, {}, True),
        (12345, {}, False),
        (12345, {"SUDO_UID": "12345"}, True),
        (12345, {"SUDO_UID": "12346"}, False),
        (0, {"SUDO_UID": "12345"}, True),
    ],
)
def test_the_rules_for_root_are_those_of_git(
    clone: Path, owner: int, variables: Mapping[str, str], accepted: bool
) -> None:
    for path in (clone, clone / ".git"):
        os.chown(path, owner, owner)
    environ = {**ENVIRON, **variables}
    git_accepts = plain_git(clone, "rev-parse", "HEAD", environ=environ) != ""
    assert git_accepts is accepted
    if accepted:
        assert door(clone, environ).text("rev-parse", "HEAD")
    else:
        with pytest.raises(StateUnreachable, match="ownership"):
            door(clone, environ)
