"""Run tests with the newest and with the lowest versions of the dependencies of plancast.

    tools/check_bounds.py [--jobs N] [newest|lowest]

Each bound gets an environment of its own beside .venv. `newest` has the versions that
`pip install plancast` installs today, `lowest` the lower bounds of pyproject.toml. Versions are
resolved anew in each run, so that a release of today is tried today. Packages that only tests need
have the versions of constraints.txt and cannot change those of ours: a conflict is an error.

In each environment plancast is installed as a user would install it. Then the tests run that call
its dependencies (`TESTS`), and the demo over both APIs, which ends with a plan without changes.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PINS = ROOT / "constraints.txt"
BOUNDS = {"newest": "highest", "lowest": "lowest-direct"}
"""Each bound, and uv's name for it."""

TOOLS = ("cmarkgfm", "hypothesis", "pytest", "pytest-xdist")
COMMANDS = (
    "comment", "current_api", "doctor_profiles_init_schema", "exit_codes", "fmt", "loop", "preview",
    "reviewed", "saved_plan", "share_report_status", "state", "state_git", "validate",
)  # fmt: skip
TESTS = (
    "tests/sandbox",
    "tests/providers",
    "tests/net/test_media_transport.py",
    "tests/store/test_local.py",
    "tests/content/test_markdown.py",
    *(f"tests/commands/test_{name}.py" for name in COMMANDS),
)
"""All tests that go through a dependency, and tests of commands for each of them."""

DEMOS = ("sandbox", "buffer-graphql")
UV = (sys.executable, "-m", "uv")
_NAME = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)")


class BoundsError(Exception):
    """A step that does not work with these versions."""


def main(arguments: Sequence[str]) -> int:
    """Try the bound that is named, or both. Return 1 if one of them does not work."""
    parser = argparse.ArgumentParser(description="Run tests with the bounds of our dependencies.")
    parser.add_argument("bound", nargs="?", choices=BOUNDS, help="both if none is named")
    parser.add_argument("--jobs", default="2", help="how many tests run side by side")
    parsed = parser.parse_args(arguments)
    try:
        for bound in [parsed.bound] if parsed.bound else BOUNDS:
            check(bound, install(bound), parsed.jobs)
    except BoundsError as error:
        print(f"bounds: {error}", file=sys.stderr)
        return 1
    return 0


def install(bound: str) -> Path:
    """Build the environment of a bound and return its interpreter."""
    folder = ROOT / f".venv-{bound}"
    python = folder / "bin" / "python"
    run([*UV, "venv", "--quiet", "--clear", "--python", sys.executable, folder])
    resolution = ("--resolution", BOUNDS[bound], "--no-header", "--no-annotate")
    resolved = run(
        [*UV, "pip", "compile", "--quiet", "--python", python, *resolution, "pyproject.toml"]
    )
    ours = versions(resolved)
    print(f"{bound}: {', '.join(f'{name} {version}' for name, version in ours.items())}")
    requirements = folder / "requirements.txt"
    requirements.write_text(resolved, encoding="utf-8")
    pins = versions(PINS.read_text(encoding="utf-8"))
    constraints = folder / "constraints.txt"
    constraints.write_text(listed(pins, {*pins} - {*ours}), encoding="utf-8")
    # Users need no compiler, so neither may this: a bound without a wheel is too low.
    wheels = [f"--only-binary={name}" for name in ours]
    pip: list[str | Path] = [*UV, "pip", "install", "--quiet", "--python", python]
    tools = [f"{name}=={pins[name]}" for name in TOOLS if name not in ours]
    run([*pip, *wheels, "--requirement", requirements, "--constraint", constraints, *tools])
    run([*pip, "--no-deps", "--refresh-package", "plancast", ROOT])
    run([*UV, "pip", "check", "--quiet", "--python", python])
    return python


def versions(text: str) -> dict[str, str]:
    """Return the versions in a list of requirements, by normalized name."""
    pins = map(_NAME.match, text.splitlines())
    return {re.sub("[-_.]+", "-", pin[1]).lower(): pin[2] for pin in pins if pin}


def listed(pins: Mapping[str, str], names: set[str]) -> str:
    """Return some of the pins as a list of requirements."""
    return "".join(f"{name}=={pins[name]}\n" for name in sorted(names))


def check(bound: str, python: Path, jobs: str) -> None:
    """Run the tests and the demos in an environment; show the tests, and a demo if it fails."""
    options = ("-q", "-n", jobs, "-p", "no:cacheprovider", "-m", "not clients")
    run([python, "-m", "pytest", *options, *TESTS], shown=True)
    for provider in DEMOS:
        run([python, ROOT / "examples" / "demo.py", provider])
        print(f"{bound}: the demo over {provider} ended with no changes", flush=True)


def run(command: Sequence[str | Path], shown: bool = False) -> str:
    """Run a command and return what it printed; raise BoundsError with all of it if it fails."""
    environ = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    output = None if shown else subprocess.PIPE
    ended = subprocess.run(
        command, cwd=ROOT, env=environ, check=False, stdout=output, stderr=output, text=True
    )
    if ended.returncode:
        line = " ".join(map(str, command))
        raise BoundsError(f"{line}\n{ended.stdout or ''}{ended.stderr or ''}".rstrip())
    return ended.stdout or ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
