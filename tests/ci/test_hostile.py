"""CI runs no code of the repository and writes through none of its links, and obeys no text of it.

Every test that uses `ci_repository`, and those in test_install.py, check at their end that each
script of the action and of the template is harmless in a hostile checkout. Here: that the checkout
is hostile indeed, the hooks of pre-commit, and the parts that all scripts share.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.ci import hostile
from tests.ci.runner import ROOT, action, base_environ, bash
from tests.ci.runner_commands import obeyed
from tests.commands.workspace_dir import post, workspace_yaml

FOREIGN = (
    "::add-mask::a",
    "  ::error title=Reviewed::Merge it.",
    "a post with ##[add-mask]b",
    "##[stop-commands]word",
    "::stop-commands::word",
    "::word::",
    "first\r::set-output name=reviewed::same",
    "an end without a newline::warning::",
)

CALL = re.compile(r"(?<![\w`-])plancast [a-z]")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A hostile checkout with a workspace."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    hostile.plant(folder)
    (folder / "plancast.yaml").write_text(workspace_yaml(), encoding="utf-8")
    (folder / "a.yaml").write_text(post(), encoding="utf-8")
    return folder


def python(folder: Path, *args: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run the Python of these tests in a folder, as the scripts must not."""
    return subprocess.run(
        [sys.executable, *args],
        cwd=folder,
        env={**os.environ, **environ},
        check=False,
        capture_output=True,
        text=True,
    )


# -- the checkout is hostile ----


@pytest.mark.parametrize("name", hostile.MODULES)
def test_each_module_of_the_checkout_runs_if_python_finds_it(name: str, checkout: Path) -> None:
    module = name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    python(checkout, "-S", "-c", f"import {module}")
    assert name in hostile.ran(checkout.parent)


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        (("-m", "pip", "--version"), "pip.py"),
        (("-m", "venv", "new"), "venv/__main__.py"),
        (("-m", "plancast", "validate"), "plancast/__main__.py"),
    ],
    ids=["pip", "venv", "plancast"],
)
def test_the_commands_that_ci_runs_would_run_the_checkout_without_isolation(
    arguments: tuple[str, ...], name: str, checkout: Path
) -> None:
    python(checkout, *arguments)
    assert name in hostile.ran(checkout.parent)


def test_an_environment_that_was_committed_would_run_code_at_its_start(checkout: Path) -> None:
    python(checkout.parent, "-I", "-m", "venv", "--without-pip", str(checkout / ".plancast-venv"))
    program = checkout / ".plancast-venv" / "bin" / "python"
    subprocess.run([program, "-I", "-c", ""], check=True, cwd=checkout.parent)
    assert set(hostile.ran(checkout.parent)) == {hostile.STARTUP}


def test_a_link_at_the_place_of_an_output_would_be_written_through(checkout: Path) -> None:
    (checkout / ".plancast-out").mkdir(exist_ok=True)
    (checkout / ".plancast-out" / "plan.json").write_text("{}", encoding="utf-8")
    with pytest.raises(AssertionError, match=r"plan\.json"):
        hostile.must_be_harmless(checkout.parent)


def test_a_version_manager_would_read_the_version_of_the_checkout(
    checkout: Path, tmp_path: Path
) -> None:
    program = hostile.version_manager(tmp_path) / "python"
    refused, ran = (
        subprocess.run([program, "-I", "-c", ""], cwd=folder, check=False)
        for folder in (checkout, tmp_path)
    )
    assert (refused.returncode, ran.returncode) == (1, 0)


# -- pre-commit ----


@pytest.mark.parametrize("path", ["", "."], ids=["plain", "PYTHONPATH is the checkout"])
def test_the_hooks_run_nothing_of_the_checkout(path: str, checkout: Path) -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    environ = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    for hook in hooks:
        command = [*hook["entry"].split(), *([] if "validate" in hook["entry"] else ["a.yaml"])]
        done = subprocess.run(
            command,
            cwd=checkout,
            env={**environ, "PYTHONPATH": path},
            check=False,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
    hostile.must_be_harmless(checkout.parent)


# -- text that the runner must not obey ----


def shared(folder: Path, script: str) -> subprocess.CompletedProcess[str]:
    """Run a script that begins as those of the action do."""
    path = folder / "script.sh"
    path.write_text(f'source "$GITHUB_ACTION_PATH/ci/action.sh"\n{script}\n', encoding="utf-8")
    environ = {
        **base_environ(folder),
        "GITHUB_ACTION_PATH": str(ROOT),
        "RUNNER_TEMP": str(folder),
        "GITHUB_STEP_SUMMARY": str(folder / "summary"),
        "NAME": "plancast",
        "DIRECTORY": ".",
    }
    return bash(path, folder, environ, stderr=subprocess.PIPE)


@pytest.mark.parametrize("text", FOREIGN)
@pytest.mark.parametrize("stream", [1, 2], ids=["stdout", "stderr"])
def test_a_shielded_output_gives_the_runner_no_command(
    text: str, stream: int, tmp_path: Path
) -> None:
    (tmp_path / "text").write_text(text, encoding="utf-8", newline="")
    done = shared(tmp_path, f"say() {{ cat text >&{stream}; }}\nshielded say\necho ::notice::Ours")
    assert done.stderr == ""
    assert obeyed(done.stdout) == ["::notice::Ours"]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("::add-mask::a\nplain", ["::add-mask::a"]),
        ("a post with ##[add-mask]b", ["a post with ##[add-mask]b"]),
        ("::stop-commands::w\n::error::no\n::w::\n::error::yes", ["::error::yes"]),
        ("first\r::error title=a,file=b::c", ["::error title=a,file=b::c"]),
        ("::unknown::a\nsome ::error::b\n::error c", []),
    ],
    ids=["colons", "brackets", "stopped", "carriage return", "no command"],
)
def test_the_stand_in_for_the_runner_obeys_what_is_not_shielded(
    text: str, lines: list[str]
) -> None:
    assert obeyed(text) == lines


def test_a_shielded_command_keeps_its_exit_code(tmp_path: Path) -> None:
    done = shared(
        tmp_path, "code=0\nshielded false || code=$?\necho $code\nshielded bash -c 'exit 7'"
    )
    assert done.returncode == 7
    assert "\n1\n" in done.stdout
    assert obeyed(done.stdout) == []


def test_every_call_of_plancast_is_shielded_or_goes_to_a_file() -> None:
    """Only the annotations of `validate` reach the runner as they are."""
    to_files = (
        '>> "$GITHUB_STEP_SUMMARY" 2> "$PROBLEMS"',
        'plan.json" "${flags[@]}" 2> "$PROBLEMS")"',
        'plan.json" --kept 2> "$PROBLEMS")"',
        "validate --format github 2> ",
        'validate 2> "$PROBLEMS" > /dev/null',
    )
    for step in action()["runs"]["steps"]:
        if step.get("id") == "install" or "run" not in step:
            continue
        assert step["run"].startswith('source "$GITHUB_ACTION_PATH/ci/action.sh"\n')
        calls = [line for line in step["run"].splitlines() if CALL.search(line)]
        assert calls
        bare = [line for line in calls if "shielded plancast " not in line]
        assert [line for line in bare if not any(part in line for part in to_files)] == []
        assert 'cat "$PROBLEMS"' not in step["run"].replace('shielded cat "$PROBLEMS"', "")


@pytest.mark.parametrize("text", FOREIGN)
def test_problems_stand_on_the_summary_as_they_are(text: str, tmp_path: Path) -> None:
    """No Markdown, no HTML, no name that would notify a person, and no command for the runner."""
    hostile_text = f"{text}\n</pre><img src=x>@everyone &amp; # head"
    (tmp_path / "plancast.problems").write_text(hostile_text, encoding="utf-8", newline="")
    done = shared(tmp_path, 'explained "No plan"')
    assert (done.stdout, done.returncode) == ("", 0)
    summary = (tmp_path / "summary").read_text(encoding="utf-8")
    begin, inside = summary.split("<pre>\n")
    assert begin == "### ❌ No plan\n\n"
    assert inside.count("<") == 1
    assert inside.endswith("\n</pre>\n\n")
    assert "&lt;/pre&gt;&lt;img src=x&gt;@everyone &amp;amp; # head" in inside


def test_only_one_plain_word_becomes_an_output(tmp_path: Path) -> None:
    """Outputs are lines of a file: what holds a line break could set another one."""
    (script,) = (s["run"] for s in action()["runs"]["steps"] if s.get("id") == "reviewed")
    body = script.partition("\n")[2]
    output = tmp_path / "output"
    for printed, code, written in (
        ("same", 0, "reviewed=same\n"),
        ("different", 4, "reviewed=different\n"),
        ("superseded", 0, "reviewed=superseded\n"),
        ("nothing", 0, "reviewed=nothing\n"),
        (r"same\nchanges=true", 70, ""),
        ("::error::same", 70, ""),
        ("", 70, ""),
    ):
        output.unlink(missing_ok=True)
        replaced = f"plancast() {{ printf '{printed}\\n'; }}\nGITHUB_OUTPUT={output}\n{body}"
        done = shared(tmp_path, replaced)
        assert done.returncode == code, done.stdout
        assert (output.read_text(encoding="utf-8") if output.exists() else "") == written


def test_what_the_scripts_hand_to_the_runner_is_known() -> None:
    scripts = "\n".join(step.get("run", "") for step in action()["runs"]["steps"])
    handed = {line.strip() for line in scripts.splitlines() if '"$GITHUB_OUTPUT"' in line}
    assert handed == {
        'echo "planned=true" >> "$GITHUB_OUTPUT"',
        'echo "reviewed=$word" >> "$GITHUB_OUTPUT"',
        'echo "untouched=true" >> "$GITHUB_OUTPUT"',
    }
    assert "GITHUB_ENV" not in scripts
    assert "GITHUB_PATH" not in scripts


def test_bash_understands_the_shared_script() -> None:
    program = shutil.which("bash")
    assert program
    subprocess.run([program, "-n", ROOT / "ci" / "action.sh"], check=True)
