"""git gets the token of CI for the forge alone: for exactly its scheme, host and port, over https.

With real git, which decides whether it asks a helper. Another helper is configured for every host,
as on machines that keep passwords: it may neither answer for the forge nor store its token.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.ci.runner import ROOT, base_environ, bash

TOKEN = "token-0123456789abcdef"
GITHUB = "https://github.com"
GITLAB = "https://gitlab.example:8443/forge"
INHERITED = """\
[credential]
\thelper = "!f() {{ cat >> '{log}'; test $1 = get && echo username=other && echo password=other; }}; f"
"""  # noqa: E501
OTHER = ("other", "other")

ASKED = [
    ("github", "protocol=https host=github.com", True),
    ("github", "protocol=https host=github.com path=acme/posts.git", True),
    ("github", "protocol=https host=github.com:443", True),
    ("github", "protocol=https host=github.com username=somebody", True),
    ("github", "protocol=http host=github.com", False),
    ("github", "protocol=http host=github.com:443", False),
    ("github", "protocol=https host=github.com:8443", False),
    ("github", "protocol=https host=github.com.evil.example", False),
    ("github", "protocol=https host=evil-github.com", False),
    ("github", "protocol=https host=gist.github.com", False),
    ("github", "protocol=https host=evil.example path=github.com/acme/posts.git", False),
    ("github", "protocol=https host=evil.example username=github.com", False),
    ("github", "protocol=ssh host=github.com", False),
    ("gitlab", "protocol=https host=gitlab.example:8443 path=forge/acme/posts.git", True),
    ("gitlab", "protocol=https host=gitlab.example:8443 path=elsewhere/posts.git", False),
    ("gitlab", "protocol=https host=gitlab.example:8443 path=forge-of-others/posts.git", False),
    ("gitlab", "protocol=https host=gitlab.example path=forge/acme/posts.git", False),
    ("gitlab", "protocol=http host=gitlab.example:8443 path=forge/acme/posts.git", False),
    ("gitlab", "protocol=https host=gitlab.example.evil.example:8443 path=forge/a.git", False),
]


def giving(forge: str) -> str:
    """The part of a script after which git has the token."""
    if forge == "github":
        return 'source "$GITHUB_ACTION_PATH/ci/action.sh"\ngit_token'
    template = yaml.safe_load((ROOT / "ci" / "gitlab-ci.yml").read_text(encoding="utf-8"))
    (part,) = (part for part in template[".plancast"]["before_script"] if "credential." in part)
    return str(part)


def ran(folder: Path, forge: str, script: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a script after git has the token."""
    (folder / "gitconfig").write_text(INHERITED.format(log=folder / "log"), encoding="utf-8")
    path = folder / "script.sh"
    path.write_text(f"{giving(forge)}\n{script}\n", encoding="utf-8")
    environ = {
        **base_environ(folder),
        "GIT_CONFIG_GLOBAL": str(folder / "gitconfig"),
        "GIT_TERMINAL_PROMPT": "0",
        "GITHUB_ACTION_PATH": str(ROOT),
        "RUNNER_TEMP": str(folder),
        "NAME": "plancast",
        "GITHUB_SERVER_URL": GITHUB,
        "GITHUB_TOKEN": TOKEN,
        "CI_SERVER_URL": GITLAB,
        "CI_JOB_TOKEN": "of-the-job",
        "GITLAB_TOKEN": TOKEN,
        **more,
    }
    return bash(path, folder, environ)


def asking(folder: Path, forge: str, asked: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Have git look for a name and a password."""
    lines = "\\n".join(asked.split())
    return ran(folder, forge, f"printf '{lines}\\n\\n' | git credential fill", **more)


def answer(folder: Path, forge: str, asked: str, **more: str) -> tuple[str, str]:
    """The name and the password that git would send."""
    done = asking(folder, forge, asked, **more)
    assert done.returncode == 0, done.stdout
    found = dict(line.split("=", 1) for line in done.stdout.splitlines())
    return found["username"], found["password"]


def seen_by_the_other(folder: Path) -> str:
    log = folder / "log"
    return log.read_text(encoding="utf-8") if log.exists() else ""


@pytest.mark.parametrize(("forge", "asked", "given"), ASKED, ids=str)
def test_only_the_forge_is_given_the_token(
    forge: str, asked: str, given: bool, tmp_path: Path
) -> None:
    found = answer(tmp_path, forge, asked)
    alone = asking(tmp_path, forge, asked, GIT_CONFIG_GLOBAL=os.devnull)
    if given:
        assert found[1] == TOKEN
        assert seen_by_the_other(tmp_path) == "", "another helper was asked for the forge"
        assert TOKEN in alone.stdout
    else:
        assert found[1] == "other", "what others configured for other hosts still holds"
        assert alone.returncode != 0, "without another helper there is no answer"
        assert TOKEN not in alone.stdout


@pytest.mark.parametrize("forge", ["github", "gitlab"])
def test_no_helper_stores_the_token_and_it_is_written_nowhere(forge: str, tmp_path: Path) -> None:
    host = "github.com" if forge == "github" else "gitlab.example:8443"
    known = f"protocol=https\\nhost={host}\\npath=forge/a.git\\nusername=u\\npassword={TOKEN}\\n"
    done = ran(tmp_path, forge, f"printf '{known}' | git credential approve")
    assert (done.returncode, done.stdout) == (0, "")
    assert TOKEN not in seen_by_the_other(tmp_path)
    kept = [path for path in tmp_path.rglob("*") if path.is_file() and path.name != "script.sh"]
    assert [path.name for path in kept if TOKEN in path.read_text(encoding="utf-8")] == []


@pytest.mark.parametrize(
    ("forge", "variable"), [("github", "GITHUB_SERVER_URL"), ("gitlab", "CI_SERVER_URL")]
)
def test_a_forge_without_https_is_not_given_the_token(
    forge: str, variable: str, tmp_path: Path
) -> None:
    more = {variable: "http://forge.example"}
    for scheme in ("http", "https"):
        assert answer(tmp_path, forge, f"protocol={scheme} host=forge.example", **more) == OTHER


@pytest.mark.parametrize("forge", ["github", "gitlab"])
def test_settings_of_git_in_the_environment_are_kept(forge: str, tmp_path: Path) -> None:
    more = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "acme.key", "GIT_CONFIG_VALUE_0": "kept"}
    done = ran(tmp_path, forge, "git config acme.key; echo $GIT_CONFIG_COUNT", **more)
    assert done.stdout.split() == ["kept", "3"]


def test_a_job_of_gitlab_without_a_token_of_the_project_uses_its_own(tmp_path: Path) -> None:
    asked = "protocol=https host=gitlab.example:8443 path=forge/a.git"
    assert answer(tmp_path, "gitlab", asked, GITLAB_TOKEN="") == ("gitlab-ci-token", "of-the-job")
