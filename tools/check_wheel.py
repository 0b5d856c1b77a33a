"""Build sdist and wheel, install the wheel beside this checkout, and check that it works alone.

The wheel is built from the sdist, so a file that is missing there is missing here as well. The
installed command runs in an empty folder, where it finds nothing of this checkout.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from plancast.content.ci_templates import FILES

ROOT = Path(__file__).resolve().parent.parent
DIST = ROOT / "dist"
VENV = ROOT / ".venv-wheel"
STAMP = VENV / ".stamp"
IMPORT_ALL = """
import pkgutil, plancast
from importlib import import_module
for found in pkgutil.walk_packages(plancast.__path__, "plancast."):
    if not found.name.endswith(("__main__", "_contract")):
        import_module(found.name)
LATE = "deepdiff filelock graphql httpx jinja2 jsonschema platformdirs regex rich werkzeug"
for name in LATE.split():
    import_module(name)
"""
"""Imports every module, and every package that modules import late: an undeclared dependency would
show only then. The contracts of plancast.testing need pytest, which the wheel does not bring."""
FOREIGN = (".pyc", ".orig", ".rej", "~")


class WheelError(Exception):
    """A wheel that is not as it should be."""


def main() -> int:
    """Build, look inside, install, run. Return 1 if something is wrong."""
    try:
        wheel = build()
        look_inside(wheel)
        install(wheel)
        try_out()
    except (WheelError, subprocess.CalledProcessError) as error:
        print(f"wheel: {error}", file=sys.stderr)
        return 1
    print(f"wheel: {wheel.name} is whole and works alone")
    return 0


def build() -> Path:
    """Build sdist and wheel of this checkout; return the path of the wheel."""
    shutil.rmtree(DIST, ignore_errors=True)
    run([sys.executable, "-m", "build", "--no-isolation", "--outdir", DIST, ROOT])
    wheels = list(DIST.glob("*.whl"))
    if len(wheels) != 1 or len(list(DIST.glob("*.tar.gz"))) != 1:
        raise WheelError("expected one wheel and one sdist")
    return wheels[0]


def expected() -> set[str]:
    """Return the names that the wheel must have: the package, and in it schemas and CI files."""
    modules = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "plancast").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    schemas = {f"plancast/schemas/{path.name}" for path in (ROOT / "schemas").glob("*.json")}
    if not schemas:
        raise WheelError("there are no schemas")
    templates = {name for files in FILES.values() for name in files.values()}
    return modules | schemas | {f"plancast/ci/{Path(name).name}" for name in templates}


def look_inside(wheel: Path) -> None:
    """Check that no file is missing from the wheel and none is there by mistake."""
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    for what, wrong in (("missing", expected() - names), ("surprising", names - expected())):
        if wrong:
            raise WheelError(f"{what}: {listed(wrong)}")
    foreign = {name for name in names if name.endswith(FOREIGN)}
    if foreign:
        raise WheelError(f"not meant to be shipped: {listed(foreign)}")


def install(wheel: Path) -> None:
    """Install the wheel into an environment of its own; keep its dependencies while pins do."""
    python = VENV / "bin" / "python"
    pins = ROOT / "constraints.txt"
    newest = max(path.stat().st_mtime for path in (pins, ROOT / "pyproject.toml"))
    # The pip of this environment, since to install one there takes as long as the packages do. What
    # is imported is compiled then.
    pip: list[str | Path] = [
        sys.executable,
        *("-m", "pip", "--disable-pip-version-check", "--no-input", "-qq", "--python"),
        python,
        *("install", "--no-compile"),
    ]
    if not (python.exists() and STAMP.exists() and STAMP.stat().st_mtime >= newest):
        run([sys.executable, "-m", "venv", "--without-pip", "--clear", VENV])
        run([*pip, "-c", pins, wheel])
        STAMP.touch()
    else:
        run([*pip, "--force-reinstall", "--no-deps", wheel])


def try_out() -> None:
    """Check the installed command: its version, its schemas, `init` and a plan."""
    plancast = VENV / "bin" / "plancast"
    with tempfile.TemporaryDirectory(prefix="plancast-wheel-") as name:
        folder = Path(name)
        words = run([plancast, "--version"], folder).split()
        if words[-1] != version():
            raise WheelError(f"--version says {words[-1]}, plancast/__init__.py {version()}")
        known = set(run([plancast, "schema"], folder).split())
        shipped = {path.name.removesuffix(".schema.json") for path in (ROOT / "schemas").iterdir()}
        if known != shipped:
            raise WheelError(f"schemas: {listed(known)} known, {listed(shipped)} shipped")
        (folder / ".git").mkdir()
        run([plancast, "init", "--provider", "sandbox"], folder)
        for forge in ("github", "gitlab"):
            run([plancast, "init", "--ci", forge], folder)
        run([plancast, "plan"], folder)
        run([VENV / "bin" / "python", "-c", IMPORT_ALL], folder)
        place = run(
            [VENV / "bin" / "python", "-c", "import plancast; print(plancast.__file__)"], folder
        )
        if not Path(place.strip()).is_relative_to(VENV):
            raise WheelError(f"it was not the wheel that ran, but {place.strip()}")


def version() -> str:
    """Return the version in `plancast/__init__.py`."""
    text = (ROOT / "plancast" / "__init__.py").read_text(encoding="utf-8")
    return text.split('__version__ = "')[1].split('"')[0]


def listed(names: Iterable[str]) -> str:
    """List names in order, with commas."""
    return ", ".join(sorted(names))


def run(command: Sequence[str | Path], folder: Path = ROOT) -> str:
    """Run a command and return what it printed; raise WheelError with all of it if it fails."""
    # Variables such as PYTHONPATH could bring this checkout into reach.
    environ = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    ended = subprocess.run(
        command, cwd=folder, env=environ, check=False, capture_output=True, text=True
    )
    if ended.returncode:
        raise WheelError(f"{' '.join(map(str, command))}\n{ended.stdout}{ended.stderr}")
    return ended.stdout


if __name__ == "__main__":
    sys.exit(main())
