"""The house rules, as far as a machine can see them. Their reasons stand in CONTRIBUTING.md."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import plancast
from plancast.model.codes import CODES
from plancast.model.exit_codes import EXIT_CODES
from tools import gen_docs

ROOT = Path(__file__).resolve().parent.parent
FUNCTION_LINES = 60
BUILT = {
    ".clients", ".git", ".hypothesis", ".import_linter_cache", ".mypy_cache", ".pytest_cache",
    ".plancast", ".plancast-sandbox", ".ruff_cache", ".venv", ".venv-lowest", ".venv-newest",
    ".venv-wheel", "__pycache__", "build", "dist", "node_modules",
}  # fmt: skip


@cache
def tracked() -> tuple[Path, ...]:
    """Return the files of the repository: those that git tracks or would, else all not built."""
    if shutil.which("git") and (ROOT / ".git").exists():
        command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
        names = [ROOT / name for name in listed.stdout.split("\0") if name]
    else:
        names = [path for path in ROOT.rglob("*") if not BUILT & set(path.relative_to(ROOT).parts)]
    return tuple(sorted(path for path in names if path.is_file()))


def texts() -> Iterator[tuple[str, str]]:
    """Every text file of ours, by its name from the top; the licence is not ours."""
    for path in tracked():
        name = path.relative_to(ROOT).as_posix()
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        if name != "LICENSE":
            yield name, text


def python_files(*folders: str) -> list[Path]:
    return [
        path
        for path in tracked()
        if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in folders
    ]


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


# -- sizes ------------------------------------------------------------------------------------


def test_the_list_of_files_is_not_empty() -> None:
    names = {path.relative_to(ROOT).as_posix() for path in tracked()}
    assert {"pyproject.toml", "plancast/model/plan.py", "tests/test_repo.py"} <= names


def test_every_function_is_under_60_lines() -> None:
    found = {}
    for path in python_files("plancast", "tools", "bench", "examples"):
        for node in functions(parsed(path)):
            size = (node.end_lineno or node.lineno) - node.lineno + 1
            if size >= FUNCTION_LINES:
                found[f"{path.relative_to(ROOT)}:{node.name}"] = size
    assert found == {}


# -- code -------------------------------------------------------------------------------------


def test_all_is_sorted_and_true() -> None:
    assert sorted(plancast.__all__) == list(plancast.__all__)
    assert [name for name in plancast.__all__ if not hasattr(plancast, name)] == []


DECIDING = {"codec", "engine", "lint", "model", "networks", "rebuild", "reconcile"}


def test_every_public_function_that_decides_says_what_it_does() -> None:
    silent = [
        f"{path.relative_to(ROOT)}:{node.name}"
        for path in python_files("plancast")
        if path.relative_to(ROOT).parts[1] in DECIDING
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and node.col_offset == 0
        and not ast.get_docstring(node)
    ]
    assert silent == []


def test_no_class_name_means_two_things() -> None:
    """`Args` is that of each verb. The sandbox is a world of its own, with nouns of its own."""
    places: dict[str, list[str]] = {}
    for path in python_files("plancast"):
        if path.relative_to(ROOT).parts[1] == "sandbox":
            continue
        for node in parsed(path).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places.setdefault(node.name, []).append(str(path.relative_to(ROOT)))
    twice = {name: found for name, found in places.items() if len(found) > 1}
    assert twice.keys() == {"Args"}, twice


OPENING = {
    "FileHandler", "FileLock", "NamedTemporaryFile", "chmod", "mkdir", "mkstemp", "open",
    "read_bytes", "read_text", "touch", "unlink", "write_bytes", "write_text",
}  # fmt: skip
ELSEWHERE = {
    "app/console.py": "the null device",
    "commands/_shared/draft_workspace.py": "a copy of the workspace in a temporary folder",
    "commands/_shared/config_rewrite.py": "plancast.yaml, and a copy in a temporary folder",
    "commands/mv.py": "the folder that a post file goes to",
    "commands/preview.py": "a browser",
    "content/schema.py": "comes with plancast",
    "content/ci_templates.py": "comes with plancast",
    "content/known_posts.py": "the version of the system's time zones",
    "content/source.py": "post files",
    "content/unread_posts.py": "post files in folders of tools, which are searched for ids",
    "forges/events.py": "written by the runner",
    "net/limiter_files.py": "in the user's own folder, for all workspaces",
    "net/media_memory.py": "in the user's cache folder, for all workspaces",
    "store/git_process.py": "the `.git` of a worktree, which names its repository",
    "app/process.py": "the report of a bug, in the system's temporary folder",
    "render/html/__init__.py": "comes with plancast",
}
"""Files beside plancast/files that open files, and which."""


def test_files_are_opened_through_one_door() -> None:
    """All files that plancast keeps go through plancast/files, which follows no link."""
    found = {
        path.relative_to(ROOT / "plancast").as_posix()
        for path in python_files("plancast")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call)
        and path.relative_to(ROOT).parts[1] not in ("files", "sandbox")
        and (
            (isinstance(node.func, ast.Attribute) and node.func.attr in OPENING)
            or (isinstance(node.func, ast.Name) and node.func.id in {"open", "FileLock"})
        )
    }
    assert found == set(ELSEWHERE)


SET_FROM_OUTSIDE = {
    "app/console.py: sys.stderr": "the streams of this process, where Python has None",
    "app/console.py: sys.stdin": "the same",
    "app/console.py: sys.stdout": "the same",
    "commands/_shared/lazy_group.py: param.envvar": "click reads it; set once, when a verb is made",
    "app/process.py: timer.daemon": "threading.Timer takes it in no other way",
    "commands/_shared/lazy_group.py: sys.stderr": "the streams of this process, guarded for click",
    "commands/_shared/lazy_group.py: sys.stdout": "the same",
    "content/markdown.py: state.pending": "rules of markdown-it-py take characters in no other way",
    "content/markdown.py: state.pos": "the same",
    "net/deadline.py: thread.daemon": "threading.Timer takes it in no other way",
    "sandbox/database.py: self._connection.row_factory": "sqlite3 takes it in no other way",
    "sandbox/database.py: self._connection.text_factory": "the same",
    "sandbox/graphql/schema.py: setattr(type_)": "graphql-core builds a schema without resolvers",
    "testing/fakes.py: item.custom": "the queue of a fake, which changes as a real one does",
    "testing/fakes.py: item.live": "the same",
    "testing/memory_store.py: self.disk.born": "the disk that several stores of a test share",
    "testing/memory_store.py: self.disk.text": "the same",
}
"""Attributes of other objects that plancast sets, and why there is no better way."""

SETTERS = ("setattr", "object.__setattr__")


def set_from_outside(tree: ast.AST) -> Iterator[str]:
    """Yield the attributes that code sets or deletes on any object but `self`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store | ast.Del):
            if ast.unparse(node.value) != "self":
                yield ast.unparse(node)
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in SETTERS:
            yield f"{ast.unparse(node.func)}({ast.unparse(node.args[0])})"


def test_no_object_is_changed_from_outside() -> None:
    """An attribute that others set must be set before it is read: an order that nothing shows."""
    found = {
        f"{path.relative_to(ROOT / 'plancast').as_posix()}: {target}"
        for path in python_files("plancast")
        for target in set_from_outside(ast.parse(path.read_text(encoding="utf-8")))
    }
    assert found == set(SET_FROM_OUTSIDE)


@pytest.mark.parametrize(
    ("code", "target"),
    [
        ("runtime.moving = True", "runtime.moving"),
        ("self.run.fenced, aborted = True, text", "self.run.fenced"),
        ("work.files += 1", "work.files"),
        ("bridge.held: Tenure = held", "bridge.held"),
        ("for run.number in numbers: pass", "run.number"),
        ("with opened() as run.file: pass", "run.file"),
        ("del run.file", "run.file"),
        ("object.__setattr__(plan, 'state', state)", "object.__setattr__(plan)"),
    ],
)
def test_a_change_from_outside_is_found(code: str, target: str) -> None:
    assert list(set_from_outside(ast.parse(code))) == [target]
    assert list(set_from_outside(ast.parse("self.moving = run.moving"))) == []


def test_nothing_is_patched() -> None:
    patching = re.compile(r"monkeypatch\.setattr|\bmock\.patch\b|unittest\.mock|\bpatch\.object\b")
    here = Path(__file__)
    found = [
        str(path.relative_to(ROOT))
        for path in python_files("tests")
        if path != here and patching.search(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_nothing_is_left_for_later() -> None:
    marks = re.compile(r"\b(TO" r"DO|FIX" r"ME|X" r"XX)\b")
    found = [
        f"{name}:{number}"
        for name, text in texts()
        for number, line in enumerate(text.splitlines(), start=1)
        if marks.search(line)
    ]
    assert found == []


def test_no_place_of_one_machine_is_named() -> None:
    """Folders of a machine and the hosts of package indexes do not belong in a repository."""
    homes = re.compile(r"(?<![\w.~$}-])/(?:home|root|Users|work|opt)/")
    indexes = re.compile(r"(?:registry|index)\.[a-z]+\.org|files\.python|index-url|\.debian\.org")
    found = [
        f"{name}: {marks.search(text)}"
        for name, text in texts()
        for marks in (homes, indexes)
        if name != "tests/test_repo.py" and (str(ROOT) in text or marks.search(text))
    ]
    assert found == []


def test_text_files_end_lines_alike() -> None:
    """CRLF and missing ends are for the cases that are about them."""
    found = [
        name
        for name, text in texts()
        if not name.startswith("tests/") and text and ("\r" in text or not text.endswith("\n"))
    ]
    assert found == []


# -- documents --------------------------------------------------------------------------------


def test_generated_pages_are_current() -> None:
    assert list(gen_docs.stale()) == [], "run `make docs`"


def prose() -> str:
    pages = [path for path in tracked() if path.suffix == ".md" and "docs" in path.parts]
    return "\n".join(path.read_text(encoding="utf-8") for path in pages)


def test_every_command_is_in_the_reference_and_in_the_readme() -> None:
    reference = (ROOT / "docs/reference/cli.md").read_text(encoding="utf-8")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    names = [name for name, _ in gen_docs.commands()]
    assert "plancast state mv" in names
    assert [name for name in names if f"\n## {name}\n" not in reference] == []
    top = {name.split()[1] for name in names if " " in name}
    assert [name for name in sorted(top) if not re.search(rf"`{name}\b", readme)] == []


def test_every_code_and_every_exit_code_is_documented() -> None:
    codes = (ROOT / "docs/reference/diagnostics.md").read_text(encoding="utf-8")
    exits = (ROOT / "docs/reference/exit-codes.md").read_text(encoding="utf-8")
    assert [code for code in CODES if f"| {code} |" not in codes] == []
    assert [code for code in EXIT_CODES if f"| {int(code)} |" not in exits] == []


def test_no_code_is_mentioned_that_does_not_exist() -> None:
    mentioned = set(re.findall(r"\bPC\d{3}\b", prose()))
    assert mentioned
    assert mentioned - set(CODES) == set()


def test_every_flag_in_the_prose_exists() -> None:
    known = {
        flag
        for _, command in gen_docs.commands()
        for parameter in command.params
        for flag in (*parameter.opts, *parameter.secondary_opts)
    } | {"--help", "--version"}
    foreign = {"--check", "--allow-"}  # of tools; and of a family of flags
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    used = {
        flag
        for page in pages
        for flag in re.findall(r"`[^`\n]*?(--[a-z][a-z-]*)", page.read_text(encoding="utf-8"))
    }
    assert used - known - foreign == set()


def test_links_between_pages_lead_somewhere() -> None:
    dead = []
    for path in tracked():
        if path.suffix != ".md":
            continue
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8")):
            if "://" not in target and not (path.parent / target).exists():
                dead.append(f"{path.relative_to(ROOT)}: {target}")
    assert dead == []


def test_the_changelog_knows_this_version() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"\n## {plancast.__version__}" in changelog


def test_the_readme_begins_with_two_commands() -> None:
    """They are the ones that CI runs as well."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    first = readme.split("```sh\n")[1].split("```")[0]
    run = (ROOT / ".ci/run").read_text(encoding="utf-8")
    assert [line.split("#")[0].strip() for line in first.splitlines()] == ["make demo", "make test"]
    assert all(f"\n{verb}\n" in run for verb in ("make demo", "make test"))


@pytest.mark.parametrize(("verb", "has_tools"), [("demo", False), ("setup", True)])
def test_the_demo_installs_what_a_user_needs_and_no_more(
    verb: str, has_tools: bool, tmp_path: Path
) -> None:
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path)
    shown = subprocess.run(
        ["make", "-n", verb], cwd=tmp_path, check=True, capture_output=True, text=True
    ).stdout
    assert "-e ." in shown
    assert ("[dev]" in shown) is has_tools


# -- who may import whom ----------------------------------------------------------------------

VIOLATIONS = {
    "layers: model imports codec": ("model/zz.py", "import plancast.codec"),
    "layers: networks imports lint": ("networks/zz.py", "import plancast.lint"),
    "layers: net imports store": ("net/zz.py", "import plancast.store"),
    "layers: lint imports reconcile": ("lint/zz.py", "import plancast.reconcile.match"),
    "layers: reconcile imports rebuild": ("reconcile/zz.py", "import plancast.rebuild.rebuild"),
    "layers: engine imports content": ("engine/zz.py", "import plancast.content.loader"),
    "layers: store imports render": ("store/zz.py", "import plancast.render"),
    "layers: content imports providers": ("content/zz.py", "import plancast.providers"),
    "layers: forges imports render": ("forges/zz.py", "import plancast.render"),
    "layers: render imports app": ("render/zz.py", "import plancast.app.context"),
    "layers: app imports commands": ("app/zz.py", "import plancast.commands.main"),
    "layers: testing is above commands": ("commands/zz.py", "import plancast.testing.fakes"),
    "testing: a renderer uses a fake": ("render/zz.py", "import plancast.testing.fakes"),
    "layers: files imports net": ("files/zz.py", "import plancast.net"),
    "layers: files imports engine": ("files/zz.py", "import plancast.engine"),
    "layers: a room that no contract knows": ("zz.py", "import plancast.model"),
    "pure: a file": ("reconcile/zz.py", "import os"),
    "pure: a clock": ("model/zz.py", "import time"),
    "pure: the network": ("networks/zz.py", "import httpx"),
    "engine: it opens a file": ("engine/zz.py", "import plancast.files.folder"),
    "engine: it speaks HTTP": ("engine/zz.py", "import plancast.net.transport"),
    "http: a command": ("commands/zz.py", "import httpx"),
    "http: content": ("content/zz.py", "import httpx"),
    "locks: a store locks by a path": ("store/zz.py", "import filelock"),
    "sandbox-alone: it opens files of plancast": ("sandbox/zz.py", "import plancast.files"),
    "sandbox-alone: it borrows": ("sandbox/zz.py", "import plancast.model.entry"),
    "sandbox-mounted: a renderer serves it": ("render/zz.py", "import plancast.sandbox.world"),
    "providers: one leans on another": (
        "providers/buffer_graphql/zz.py", "import plancast.providers.buffer_v1.client",
    ),
    "renderers: one leans on another": ("render/terminal/plan.py", "import plancast.render.json"),
}  # fmt: skip


def lint_imports(folder: Path) -> str:
    """The report on the package in `folder`, by the contracts of this repository."""
    program = Path(sys.executable).parent / "lint-imports"
    command = [str(program), "--no-cache", "--config", str(ROOT / "pyproject.toml")]
    ended = subprocess.run(
        command, cwd=folder, check=False, capture_output=True, text=True, env={"COLUMNS": "200"}
    )
    return f"exit {ended.returncode}\n{ended.stdout}{ended.stderr}"


def copied(folder: Path) -> Path:
    shutil.copytree(ROOT / "plancast", folder / "plancast", ignore=shutil.ignore_patterns("*.pyc"))
    return folder


def broken(report: str) -> list[str]:
    """The names of the contracts that the report calls broken."""
    return re.findall(r"^(.*) BROKEN", report, flags=re.MULTILINE)


def names_of_contracts() -> dict[str, str]:
    document = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return {item["id"]: item["name"] for item in document["tool"]["importlinter"]["contracts"]}


def test_every_contract_is_tried() -> None:
    assert {name.partition(":")[0] for name in VIOLATIONS} == set(names_of_contracts())


def test_the_package_keeps_its_contracts(tmp_path: Path) -> None:
    report = lint_imports(copied(tmp_path))
    assert report.startswith("exit 0"), report


@pytest.mark.part(8)
@pytest.mark.parametrize("name", VIOLATIONS)
def test_a_contract_can_fail(name: str, tmp_path: Path) -> None:
    file, line = VIOLATIONS[name]
    target = copied(tmp_path) / "plancast" / file
    before = target.read_text(encoding="utf-8") if target.exists() else '"""A violation."""\n'
    target.write_text(f"{before}\n{line}\n", encoding="utf-8")
    report = lint_imports(tmp_path)
    assert report.startswith("exit 1"), report
    assert names_of_contracts()[name.partition(":")[0]] in broken(report)
