"""The modules that each verb imports: no client, template engine or provider that it does not use.

Imports are most of the time of a short command. A clock would measure the machine, so the tests
look at what was imported in a process of its own.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from plancast.commands.main import VERBS
from tests.commands.workspace_dir import NOW, SANDBOX, WorkspaceDir, post

PROGRAM = """\
import pathlib, sys
from plancast.commands.main import main
try:
    main(sys.argv[2:])
finally:
    pathlib.Path(sys.argv[1]).write_text("\\n".join(sys.modules))
"""

FILES = "yaml plancast.content.loader "
STATE = "plancast.codec plancast.model.plan plancast.store "
WORLD = "httpx regex rich sqlite3 ssl werkzeug plancast.providers.sandbox plancast.sandbox "
CLIENT = "filelock plancast.net.transport "
V1 = f"{WORLD}{CLIENT}plancast.providers.buffer_v1 "
LIVE = f"{FILES}{STATE}{V1}"
DECIDED = "plancast.engine plancast.forges plancast.reconcile.compare "
PLAN = f"{LIVE}{DECIDED}plancast.lint "
SAVED = f"{FILES}{STATE}plancast.reconcile.compare "

USES = {
    "--version": "",
    "--help": "",
    "init": f"yaml plancast.model.plan plancast.store {V1}",
    "validate": f"{FILES}{STATE}plancast.lint ",
    "validate --format sarif": f"{FILES}{STATE}plancast.lint ",
    "plan": PLAN,
    "plan --format json": PLAN,
    "plan --format markdown": f"{PLAN}plancast.render.markdown",
    "plan --format html": f"{PLAN}jinja2 plancast.render.html",
    "apply --auto-approve": PLAN,
    "show plan.json": SAVED,
    "show plan.json --format markdown": f"{SAVED}plancast.render.markdown",
    "status": f"{PLAN}plancast.render.markdown",
    "import": f"{PLAN}plancast.rebuild",
    "profiles": LIVE,
    "share one@x --auto-approve": f"{LIVE}{DECIDED}",
    "report": f"{LIVE}{DECIDED}",
    "schema post": "",
    "doctor": PLAN,
    "migrate": f"{DECIDED}plancast.codec plancast.model.plan plancast.rebuild",
    "preview": f"{PLAN}jinja2 plancast.render.html",
    "comment": "plancast.codec plancast.forges plancast.model.plan",
    "reviewed plan.json": f"{STATE}plancast.forges",
    "completion bash": "",
    "help plan": "",
    "version": "",
    "sandbox clock": f"{FILES}{WORLD}filelock",
    "state list": f"{SAVED}plancast.engine",
    "fmt": FILES,
    "mv one uno": f"{FILES}{STATE}",
    "pull": PLAN,
}
"""What a command line imports of them, in a workspace on the embedded sandbox of API v1."""

PROVIDERS = {
    SANDBOX: V1,
    f"{{name: sandbox, clock: {NOW}, api: graphql}}": (
        f"{WORLD}{CLIENT}plancast.providers.buffer_graphql"
    ),
    "buffer": f"{CLIENT}httpx rich ssl plancast.providers.buffer_v1",
    "buffer-graphql": f"{CLIENT}httpx rich ssl plancast.providers.buffer_graphql",
}
"""What a provider imports of them, by `provider:` in plancast.yaml."""

RARELY = (
    "asyncio deepdiff graphql jsonschema markdown_it plancast.content.markdown "
    "plancast.forges.github plancast.forges.gitlab plancast.net.media_probe"
)
"""For answers that differ, refused files, Markdown posts, media of the web, requests to a forge."""

WATCHED = frozenset(" ".join((*USES.values(), *PROVIDERS.values(), RARELY)).split())
"""Libraries and rooms that take long to import, and that many commands can do without."""


def tiny(folder: Path, provider: str = SANDBOX) -> WorkspaceDir:
    return WorkspaceDir.tiny(folder, provider=provider, one=post("One, at #launch"))


@pytest.fixture(scope="module")
def applied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with a post that was edited since it was put into the queue, and a new one."""
    workspace = tiny(tmp_path_factory.mktemp("applied") / "ws")
    done = workspace.run("apply", "--auto-approve")
    assert done.code == 0, done
    workspace.write("two.yaml", post("Two", "2026-12-02 09:30"))
    workspace.write("one.yaml", post("Another, at #launch"))
    assert workspace.run("plan", "-o", "plan.json").code == 0
    return workspace.folder


def imported(folder: Path, line: Iterable[str], listing: Path) -> set[str]:
    subprocess.run(
        [sys.executable, "-c", PROGRAM, listing, *line],
        cwd=folder,
        capture_output=True,
        check=False,
    )
    return set(listing.read_text().split())


def disagreement(loaded: set[str], needed: str) -> str:
    """Return what was imported without need, and what of plancast's own is no longer needed."""
    wanted = set(needed.split())
    without_need = sorted(loaded & WATCHED - wanted)
    no_longer = sorted(name for name in wanted - loaded if name.startswith("plancast."))
    return f"{without_need} {no_longer}" if without_need or no_longer else ""


@pytest.mark.part(4)
@pytest.mark.parametrize("line", USES)
def test_a_command_imports_what_it_uses(line: str, applied: Path, tmp_path: Path) -> None:
    folder = tmp_path / "ws"
    if line == "init":
        folder.mkdir()
    else:
        shutil.copytree(applied, folder)
    assert disagreement(imported(folder, line.split(), tmp_path / "listing"), USES[line]) == ""


@pytest.mark.part(2)
@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_plan_imports_its_own_provider_alone(provider: str, tmp_path: Path) -> None:
    folder = tiny(tmp_path / "ws", provider).folder
    loaded = imported(folder, ["plan", "--offline"], tmp_path / "listing")
    needed = f"{FILES}{STATE}{DECIDED}plancast.lint {PROVIDERS[provider]}"
    assert disagreement(loaded, needed) == ""


def test_every_verb_has_its_row() -> None:
    assert {line.split()[0] for line in USES} - {"--version", "--help"} == set(VERBS)
