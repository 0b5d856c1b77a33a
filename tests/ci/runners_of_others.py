"""Runners that others wrote, `act` and `gitlab-ci-local`, on the files of `plancast init --ci`.

tests/ci/runner.py is our own reading of the workflows, quick enough for many cases. These two show
that the files mean the same to programs whose authors never saw ours. Both run jobs on this
machine, without containers. The actions in tests/ci/actions stand in for those of GitHub.

Installing has a stand-in too: the `python` on the path makes environments that have plancast
already (tests/ci/test_install.py installs it for real).
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.ci.ci_repository import CiRepository
from tests.ci.runner import PATIENCE, ROOT, base_environ, start_python
from tests.forges.stand_in import TOKEN, GitLabStandIn
from tests.store.gits import git

ACTIONS = Path(__file__).parent / "actions"
CLIENTS = ROOT / ".clients"
PLACES = (CLIENTS / "venv" / "bin", CLIENTS / "node_modules" / ".bin")
USES = re.compile(r"^\s*(?:- )?uses: (\S+)@(\S+)", re.MULTILINE)
PYTHON = """\
#!/bin/sh
# `python -I -m venv FOLDER` puts this very script there, and its pip has nothing to install.
case "$1 $2 $3" in
  "-I -m venv") mkdir -p "$4/bin" && cp "$0" "$4/bin/python"; exit ;;
  "-I -m pip") exit ;;
esac
"""


def program(name: str) -> str:
    """Return the path of a program of others, or skip the test."""
    beside = shutil.which(name, path=os.pathsep.join(map(str, PLACES)))
    found = beside or shutil.which(name)
    if found is None:
        how = "`apt-get install rsync`" if name == "rsync" else "`make clients`"
        pytest.skip(f"{name} is not installed: {how} installs it")
    return found


def install_workflows(repository: CiRepository, forge: str, more: Mapping[str, str]) -> None:
    """Write the files for CI as a user does, and push them to main with `more` beside them."""
    clone = repository.remote.clone(f"installer-{forge}")
    subprocess.run(
        [sys.executable, "-I", "-m", "plancast", "-C", str(clone), "init", "--ci", forge],
        check=True,
        cwd=repository.folder,
        env={**base_environ(repository.folder), "NO_COLOR": "1"},
        capture_output=True,
        timeout=PATIENCE,
    )
    for name, text in more.items():
        (clone / name).write_text(text, encoding="utf-8")
    git(clone, "add", "-A")
    git(clone, "commit", "-q", "-m", "Workflows")
    git(clone, "push", "-q", "origin", "main")


def python_with_plancast(folder: Path) -> Path:
    """Return a folder whose `python` makes environments that have plancast."""
    path = folder / "python-of-the-machine" / "python"
    path.parent.mkdir(exist_ok=True)
    path.write_text(PYTHON + start_python() + "\n", encoding="utf-8")
    path.chmod(0o755)
    return path.parent


@dataclass(frozen=True)
class Run:
    """How a run of workflows ended. `jobs`: the result of each that was run, by its name.

    `log` is what the steps printed, `commands` what the runner obeyed of it.
    """

    code: int
    log: str
    jobs: Mapping[str, str] = field(default_factory=dict)
    commands: Sequence[str] = ()


# -- GitHub -----------------------------------------------------------------------------------


def github_run(
    repository: CiRepository,
    event: str,
    branch: str,
    request: Mapping[str, Any] | None = None,
    plan: str = "",
) -> Run:
    """Run with `act` every workflow of the repository that an event starts; by hand, the apply.

    `branch` is what is checked out; of a pull request it is the head, and GitHub's merge of it is
    what runs. `request` is what the event says of a pull request beside what plancast reads, `plan`
    is the input of a run by hand.
    """
    ref = merge_ref(repository, branch) if event == "pull_request" else f"refs/heads/{branch}"
    commit = repository.remote.refs()[ref]
    number = f"act-{next(repository.numbers)}"
    folder = repository.remote.clone(number, "--no-checkout")
    if event == "pull_request":
        git(folder, "fetch", "-q", "origin", ref)
    git(folder, "checkout", "-q", "--detach", commit)
    place = repository.folder / f"of-{number}"
    (place / "home").mkdir(parents=True)
    document = event_of(repository, event, ref, commit)
    picked = "plancast-apply.yml" if event == "workflow_dispatch" else ""
    if picked:
        document["inputs"] = {"plan": plan}
    if request:
        document["pull_request"] = merged(document["pull_request"], request)
    (place / "event.json").write_text(json.dumps(document), encoding="utf-8")
    secrets = {**repository.secrets, "GITHUB_TOKEN": TOKEN}
    listed = "".join(f"{name}={value}\n" for name, value in secrets.items())
    (place / "secrets").write_text(listed, encoding="utf-8")
    flags = [
        "--json", "--no-skip-checkout", "--no-cache-server", "--concurrent-jobs=1",
        "--platform=ubuntu-latest=-self-hosted", "--defaultbranch=main",
        f"--directory={folder}", f"--eventpath={place / 'event.json'}",
        f"--secret-file={place / 'secrets'}", f"--action-cache-path={place / 'machines'}",
        *(f"--{name}-file={os.devnull}" for name in ("env", "var", "input")),
        f"--workflows=.github/workflows/{picked}",
        *mapped(repository.folder, folder),
    ]  # fmt: skip
    for name, value in environ_of(repository, ref, commit).items():
        flags += ["--env", f"{name}={value}"]
    ended = subprocess.run(
        [program("act"), event, *flags],
        cwd=place,
        env=base_environ(place / "home"),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    return read_log(ended)


def merged(document: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Return a document with another one laid over it, key by key."""
    both = {
        key: merged(document[key], value)
        if isinstance(value, Mapping) and key in document
        else value
        for key, value in more.items()
    }
    return {**document, **both}


def merge_ref(repository: CiRepository, branch: str) -> str:
    """Merge a branch into main as GitHub does for a pull request, and return the ref of that."""
    ref = f"refs/pull/{repository.forge.number}/merge"
    clone = repository.remote.clone(f"merge-{next(repository.numbers)}")
    git(clone, "merge", "-q", "--no-ff", "-m", "Merge", f"origin/{branch}")
    git(clone, "push", "-q", "--force", "origin", f"HEAD:{ref}")
    return ref


def event_of(repository: CiRepository, event: str, ref: str, commit: str) -> dict[str, Any]:
    """Return the payload of an event on GitHub, as far as workflows and plancast read it."""
    details = {"full_name": "acme/posts", "default_branch": "main", "private": True}
    if event != "pull_request":
        return {"repository": details, "ref": ref, "after": commit}
    file = Path(repository.forge.environ(repository.folder)["GITHUB_EVENT_PATH"])
    request = json.loads(file.read_bytes())
    request["pull_request"]["base"]["ref"] = "main"
    return {**request, "repository": details, "number": repository.forge.number, "action": "opened"}


def environ_of(repository: CiRepository, ref: str, commit: str) -> dict[str, str]:
    """Return the addresses of the stand-ins, and what `act` would read from a remote on GitHub."""
    return {
        "GITHUB_API_URL": repository.forge.base,
        "GITHUB_SERVER_URL": "https://github.example",
        "GITHUB_REPOSITORY": "acme/posts",
        "GITHUB_REF": ref,
        "GITHUB_SHA": commit,
        "PLANCAST_API_URL": repository.url,
        "STAND_IN_REMOTE": f"file://{repository.remote.folder}",
        "STAND_IN_PYTHON": str(python_with_plancast(repository.folder)),
        "STAND_IN_ARTIFACTS": str(repository.folder / "artifacts"),
    }


def mapped(folder: Path, checkout: Path) -> list[str]:
    """Return the flags that put a folder of this machine in the place of each action."""
    ours = folder / "action"
    if not ours.exists():
        ours.mkdir()
        shutil.copy(ROOT / "action.yml", ours)
        shutil.copytree(ROOT / "ci", ours / "ci")
    files = [ROOT / "action.yml", *sorted((checkout / ".github" / "workflows").iterdir())]
    used = {pair for path in files for pair in USES.findall(path.read_text(encoding="utf-8"))}
    places = {name: ours if name == "plancast/plancast" else ACTIONS / name.partition("/")[2]
              for name, _ in used}  # fmt: skip
    missing = [name for name, place in places.items() if not (place / "action.yml").is_file()]
    assert not missing, f"nothing stands in for {missing}"
    return [f"--local-repository={name}@{ref}={places[name]}" for name, ref in sorted(used)]


def read_log(ended: subprocess.CompletedProcess[str]) -> Run:
    """Read what `act` says of a run: one JSON document on a line."""
    jobs: dict[str, str] = {}
    log, commands = [], []
    for line in ended.stdout.splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            entry = {"msg": line}
        if "jobResult" in entry:
            jobs[entry["job"].rpartition("/")[2].strip()] = entry["jobResult"]
        if "command" in entry:
            commands.append(f"{entry['command']} {entry.get('arg', '')}")
        log.append(str(entry.get("msg", "")).rstrip("\n"))
    return Run(ended.returncode, "\n".join([*log, ended.stderr]), jobs, commands)


# -- GitLab -----------------------------------------------------------------------------------


def gitlab_run(
    repository: CiRepository, source: str, branch: str, more: Mapping[str, str] | None = None
) -> Run:
    """Run with `gitlab-ci-local` the jobs that the rules of the template pick for a pipeline.

    `source` is what started it, `more` are further variables of the pipeline.
    """
    assert isinstance(repository.forge, GitLabStandIn)
    program("rsync")  # which gitlab-ci-local calls
    runner = program("gitlab-ci-local")
    checkout = repository.checkout(branch)
    is_request = source == "merge_request_event"
    if is_request:
        git(checkout, "fetch", "-q", "--unshallow")  # as GIT_DEPTH asks for
    home = repository.folder / f"home-{checkout.name}"
    home.mkdir()
    project = f"file://{repository.remote.folder}".removesuffix(".git")
    known = (
        repository.forge.environ(repository.folder)
        if is_request
        else repository.forge.after_merge()
    )
    base = base_environ(home)
    variables = {
        **known,
        **base,
        "PATH": f"{python_with_plancast(repository.folder)}{os.pathsep}{base['PATH']}",
        **repository.secrets,
        "PLANCAST_API_URL": repository.url,
        "CI_PIPELINE_SOURCE": source,
        "CI_PROJECT_DIR": str(checkout),
        "CI_PROJECT_URL": project,
        "CI_DEFAULT_BRANCH": "main",
        "CI_SERVER_URL": "https://gitlab.example",
        "CI_COMMIT_SHA": git(checkout, "rev-parse", "HEAD"),
        **({"CI_MERGE_REQUEST_PROJECT_URL": project,
            "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main"} if is_request
           else {"CI_COMMIT_BRANCH": branch}),
        **(more or {}),
    }  # fmt: skip
    flags = ["--no-color", "--force-shell-executor", "--concurrency=1", f"--home={home}"]
    for name, value in variables.items():
        flags += ["--variable", f"{name}={value}"]
    if is_request:
        flags += ["--unset-variable", "CI_COMMIT_BRANCH"]
    ended = subprocess.run(
        [runner, *flags],
        cwd=checkout,
        env={**base, "GCL_IGNORE_PREDEFINED_VARS": ",".join(variables)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    results = re.findall(r"^ (PASS|WARN|FAIL)\s+(plancast [a-z-]+)", ended.stdout, re.MULTILINE)
    return Run(ended.returncode, ended.stdout, {name: word for word, name in results})
