"""A provider of another package: installed by pip, under the shipped contract, in a process."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(
    not (find_spec("pip") and find_spec("hatchling")),
    reason="this environment has no pip, or not what builds packages: `make test` has both",
)

HERE = Path(__file__).resolve().parent.parent
PACKAGE = HERE / "small_provider"

POST = """\
id: hello
text: Hello from a file
profiles: [{alias}]
schedule: {{at: 2099-01-01 09:00}}
"""


def run(folder: Path, *command: str, path: str = "", code: int = 0) -> str:
    """Run Python with plancast and what is in `path`; return both streams."""
    environ = {**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
    ended = subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env=environ,
        check=False,
        capture_output=True,
        text=True,
    )
    assert ended.returncode == code, ended.stdout + ended.stderr
    return ended.stdout + ended.stderr


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The folder that pip has put the package into, away from any checkout."""
    target = tmp_path_factory.mktemp("installed")
    pip = ["-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-index", "--no-deps"]
    run(target, *pip, "--no-build-isolation", "--target", str(target), str(PACKAGE))
    return str(target)


PLANCAST = ("-P", "-c", "from plancast.commands.main import main; main()")


@pytest.mark.every(2)
def test_it_keeps_the_contract(installed: str, tmp_path: Path) -> None:
    options = [
        "-q",
        "-p",
        "no:cacheprovider",
        "--import-mode=importlib",
        "--rootdir",
        str(tmp_path),
    ]
    output = run(tmp_path, "-m", "pytest", *options, str(PACKAGE / "checks"), path=installed)
    assert "failed" not in output
    passed = int(output.split(" passed")[0].split()[-1])
    assert passed > 90


@pytest.mark.every(2)
def test_a_workspace_goes_from_init_to_an_apply_that_has_nothing_left(
    installed: str, tmp_path: Path
) -> None:
    def plancast(*arguments: str, code: int = 0) -> str:
        return run(tmp_path, *PLANCAST, *arguments, path=installed, code=code)

    plancast("init", "--provider", "json-folder")
    assert "\nprovider: json-folder\n" in (tmp_path / "plancast.yaml").read_text()
    (tmp_path / "posts" / "hello.yaml").write_text(POST.format(alias="acme-x"))
    assert "1 to create" in plancast("plan", "--detailed-exitcode", code=2)
    plancast("apply", "--auto-approve")
    document = json.loads((tmp_path / "queue" / "queue.json").read_text())
    assert [entry["entry"]["text"] for entry in document["entries"]] == ["Hello from a file"]
    plancast("plan", "--detailed-exitcode")
    document["entries"][0]["entry"]["text"] = "Changed by hand"
    (tmp_path / "queue" / "queue.json").write_text(json.dumps(document))
    output = plancast("plan", "--detailed-exitcode", code=2)
    assert "changed in the JSON folder since the last apply" in output
    assert "Buffer" not in output


def test_without_the_package_the_name_is_unknown(tmp_path: Path) -> None:
    output = run(tmp_path, *PLANCAST, "init", "--provider", "json-folder", code=1)
    assert "json-folder" in output
    assert "One of: buffer, buffer-graphql, sandbox." in output


def test_an_option_that_leads_out_of_the_workspace_is_refused(
    installed: str, tmp_path: Path
) -> None:
    (tmp_path / "plancast.yaml").write_text(
        "version: 1\nprovider: {name: json-folder, folder: ../elsewhere}\n"
        "profiles:\n  x: {service: twitter}\n"
    )
    assert "PC203" in run(tmp_path, *PLANCAST, "plan", path=installed, code=1)
    assert not (tmp_path.parent / "elsewhere").exists()


# -- the page about it ----

PAGE = HERE.parent / "docs" / "writing-a-provider.md"
SNIPPET = re.compile(r"<!-- from (\S+) -->\n```\w+\n(.*?)```\n", re.DOTALL)


def test_every_snippet_of_the_page_stands_in_a_file_of_the_package() -> None:
    found = SNIPPET.findall(PAGE.read_text(encoding="utf-8"))
    assert len(found) == 4
    for file, text in found:
        assert text.strip()
        assert text in (HERE.parent / file).read_text(encoding="utf-8"), file
    assert PAGE.read_text(encoding="utf-8").count("```python") == 3, "each is taken from a file"


def test_the_commands_of_the_page_are_those_that_are_run_here() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert "plancast init --provider json-folder\n" in page
    assert "pip install ./tests/small_provider\n" in page
