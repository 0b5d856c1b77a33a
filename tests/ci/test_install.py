"""Both forges on a machine that has nothing but Python: they install plancast, and it works.

The packages come from the package index, in the versions and with the hashes of ci/. The checkout
is hostile: none of its files may take part.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

import plancast
from tests.ci import hostile
from tests.ci.runner import ROOT, Job, action, base_environ, bash
from tests.commands.workspace_dir import post, workspace_yaml
from tests.reliability.depth import THOROUGH

OUT_OF_REACH = re.compile(r"No matching distribution found|Could not find a version")


@pytest.fixture(scope="module")
def downloads(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """pip's cache: what one test downloaded the next one need not."""
    return tmp_path_factory.mktemp("downloads")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel of plancast, as a release has it."""
    folder = tmp_path_factory.mktemp("wheels")
    flags = ("--quiet", "--no-deps", "--no-index", "--no-build-isolation", "--wheel-dir")
    command = [sys.executable, "-m", "pip", "wheel", *flags, str(folder), str(ROOT)]
    subprocess.run(command, check=True, cwd=folder.parent)
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A hostile checkout with a workspace in it."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    hostile.plant(folder)
    (folder / "plancast.yaml").write_text(workspace_yaml(), encoding="utf-8")
    (folder / "a.yaml").write_text(post(), encoding="utf-8")
    return folder


def environment(home: Path, downloads: Path) -> dict[str, str]:
    """A bare machine: a version manager's `python`, and the way to the packages of this one."""
    index = {key: value for key, value in os.environ.items() if key.startswith(("PIP_", "SSL_"))}
    base = base_environ(home)
    path = f"{hostile.version_manager(home)}{os.pathsep}{base['PATH']}"
    cache = {"PIP_CACHE_DIR": str(downloads), "PIP_NO_COMPILE": "1"}
    return {**base, **index, **cache, "PATH": path}


@pytest.mark.night
def test_the_action_installs_what_its_own_checkout_holds(
    tmp_path: Path, checkout: Path, downloads: Path
) -> None:
    environ = environment(tmp_path, downloads)
    job = Job(checkout, tmp_path / "temp", tmp_path / "artifacts", {"event_name": "push"}, environ)
    ended = job.use(action(), {"run": "plan"})
    hostile.must_be_harmless(tmp_path)
    if ended.codes["install"] and OUT_OF_REACH.search(ended.log):
        pytest.skip("the packages that plancast needs are out of reach")
    assert ended.ok, ended.log
    assert "Plan: 1 to create" in ended.summary
    assert (tmp_path / "artifacts" / "plancast" / "preview.html").is_file()


@pytest.mark.every(3)
@pytest.mark.parametrize(
    "whole",
    [
        pytest.param(False, id="plancast by its version"),
        pytest.param(
            True,
            id="plancast by its hash",
            marks=pytest.mark.skipif(not THOROUGH, reason="installs everything: at night"),
        ),
    ],
)
def test_the_template_for_gitlab_installs_even_in_a_home_that_is_the_checkout(
    whole: bool, tmp_path: Path, checkout: Path, downloads: Path, wheel: Path
) -> None:
    """As in images that have no other folder to write to: pip's settings would come from there."""
    listed = (ROOT / "ci" / "requirements.txt").read_text(encoding="utf-8")
    (click,) = re.findall(r"^click==(?:.*\\\n)+.*\n", listed, re.MULTILINE)
    # `plancast --version` needs click alone, so by day the others are left out.
    text = listed + own_line(wheel) if whole else click
    done = prepared(checkout, text, environment(tmp_path, downloads), tmp_path, wheel.parent)
    hostile.must_be_harmless(tmp_path)
    if done.returncode and OUT_OF_REACH.search(done.stdout):
        pytest.skip("the packages that plancast needs are out of reach")
    assert done.returncode == 0, done.stdout
    assert f"version {plancast.__version__}" in done.stdout


@pytest.mark.every(3)
def test_a_wheel_of_plancast_with_another_hash_is_refused(
    tmp_path: Path, checkout: Path, downloads: Path, wheel: Path
) -> None:
    """The list comes from a variable of the type File here, which authors cannot change."""
    listed = tmp_path / "variable"
    listed.write_text(re.sub("[0-9a-f]{64}", "0" * 64, own_line(wheel)), encoding="utf-8")
    environ = {**environment(tmp_path, downloads), "PLANCAST_REQUIREMENTS": str(listed)}
    refused = prepared(checkout, own_line(wheel), environ, tmp_path, wheel.parent)
    assert refused.returncode != 0
    assert "DO NOT MATCH THE HASHES" in refused.stdout


def own_line(wheel: Path) -> str:
    """The line for plancast itself, as the notes of a release give it."""
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    return f"plancast=={plancast.__version__} --hash=sha256:{digest}\n"


def prepared(
    checkout: Path, requirements: str, environ: Mapping[str, str], folder: Path, wheels: Path
) -> subprocess.CompletedProcess[str]:
    """Run what comes before the script of every job, then ask plancast for its version."""
    pins = checkout / ".gitlab" / "plancast-requirements.txt"
    pins.parent.mkdir()
    pins.write_text(requirements, encoding="utf-8")
    subprocess.run(["git", "init", "-q", checkout], check=True)
    subprocess.run(["git", "-C", checkout, "remote", "add", "origin", "x"], check=True)
    template = yaml.safe_load((ROOT / "ci" / "gitlab-ci.yml").read_text(encoding="utf-8"))
    parts = [*template[".plancast"]["before_script"], "plancast --version"]
    script = folder / "script.sh"
    script.write_text("\n".join(parts) + "\n", encoding="utf-8")
    variables = {
        "CI_PROJECT_DIR": str(checkout),
        "CI_PROJECT_URL": "https://gitlab.example/acme/posts",
        "CI_SERVER_URL": "https://gitlab.example",
        "HOME": str(checkout),
        "PIP_FIND_LINKS": f"{wheels} {environ.get('PIP_FIND_LINKS', '')}".strip(),
        "PLANCAST_DIRECTORY": ".",
    }
    return bash(script, checkout, {**environ, **variables})
