"""Write ci/requirements*.txt: the packages that CI installs, with versions and hashes.

Ranges come from pyproject.toml, versions from constraints.txt, hashes from the package index. `uv`
resolves for every Python and platform that plancast supports, in an environment of its own that is
removed afterwards. The files list hashes of wheels alone: pip then refuses a source archive, whose
installation would run code of it.

tests/ci/test_requirements.py checks without a network that the files are current.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import tomllib
import venv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.tags import Tag
from packaging.utils import parse_wheel_filename

ROOT = Path(__file__).resolve().parent.parent
CONSTRAINTS = ROOT / "constraints.txt"
UV = "uv==0.13.9"
PLATFORMS = ("linux", "darwin")
ON_PLATFORMS = " or ".join(f"sys_platform == '{name}'" for name in sorted(PLATFORMS))
"""The marker that uv adds to every package, since it resolves for these platforms alone."""

MINORS = range(11, 15)
"""The versions of CPython 3 whose wheels are listed."""

MACHINES = (("manylinux", "x86_64"), ("manylinux", "aarch64"), ("macosx", "arm64"))
"""A package without a wheel for one of these, with each of MINORS, is refused."""

RUNTIME = ROOT / "ci" / "requirements.txt"
BUILD = ROOT / "ci" / "requirements-build.txt"
HEADERS = {
    RUNTIME: """\
# The packages that plancast runs with, for `pip install --require-hashes --only-binary :all:` with
# CPython 3.11 to 3.14 on Linux and macOS. Written by plancast's `make requirements`.
# plancast itself is not among them, since it ships this file: docs/ci.md says how to add its hash.
""",
    BUILD: """\
# The packages that build plancast, installed beside requirements.txt. Written by plancast's
# `make requirements`.
""",
}


@dataclass(frozen=True, slots=True)
class Pin:
    """One package of a requirements file. `marker` is its condition, "" if it has none."""

    name: str
    version: str
    marker: str
    hashes: frozenset[str]


def main() -> int:
    """Resolve both files and write them."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = {
        RUNTIME: project["project"]["dependencies"],
        BUILD: project["build-system"]["requires"],
    }
    with tempfile.TemporaryDirectory(prefix="plancast-requirements-") as name:
        folder = Path(name)
        uv = _install_uv(folder / "venv")
        for path, requirements in wanted.items():
            text = _resolve(uv, folder, requirements, project["project"]["requires-python"])
            path.write_text(HEADERS[path] + text, encoding="utf-8")
            print(f"Wrote {path.relative_to(ROOT)}: {len(parse(text))} packages")
    return 0


def parse(text: str) -> tuple[Pin, ...]:
    """Parse a requirements file as this program writes it. Raises ValueError for other lines."""
    pins = []
    lines = (line for line in text.splitlines() if line and not line.startswith("#"))
    for line in "\n".join(lines).replace("\\\n", " ").splitlines():
        matched = _PIN.fullmatch(line.strip())
        if matched is None:
            raise ValueError(f"not a package with hashes: {line}")
        name, version, marker, hashes = matched.groups(default="")
        pins.append(Pin(name, version, marker, frozenset(re.findall(r"[0-9a-f]{64}", hashes))))
    return tuple(pins)


_PIN = re.compile(
    r"([a-z0-9-]+)==([^\s;]+)(?: ; (.*?))?((?:\s+--hash=sha256:[0-9a-f]{64})+)",
)


def _install_uv(folder: Path) -> Path:
    venv.create(folder, with_pip=True)
    program = str(folder / "bin" / "python")
    flags = ("--quiet", "--disable-pip-version-check", "--only-binary", ":all:")
    _run([program, "-I", "-m", "pip", "install", *flags, UV], folder)
    return folder / "bin" / "uv"


def _resolve(uv: Path, folder: Path, requirements: Iterable[str], python: str) -> str:
    """Return the packages with versions, markers and hashes, one after the other by name."""
    # uv reads the platforms from a project file only.
    project = folder / "pyproject.toml"
    environments = [f"sys_platform == '{name}'" for name in PLATFORMS]
    project.write_text(
        '[project]\nname = "packages"\nversion = "0"\n'
        f'requires-python = "{python}"\ndependencies = {json.dumps(list(requirements))}\n'
        f"[tool.uv]\nenvironments = {json.dumps(environments)}\n",
        encoding="utf-8",
    )
    out = folder / "pylock.toml"
    out.unlink(missing_ok=True)  # uv prefers the versions of a file that is there
    flags = ("--quiet", "--universal", "--only-binary", ":all:", "--format", "pylock.toml")
    files = ("--constraint", str(CONSTRAINTS), "--output-file", str(out), str(project))
    _run([str(uv), "pip", "compile", *flags, *files], folder)
    lock = tomllib.loads(out.read_text(encoding="utf-8"))
    return "".join(_lines(package) for package in lock["packages"])


def _lines(package: Mapping[str, Any]) -> str:
    """Return one package as a requirements file has it. Raises SystemExit if wheels are missing."""
    name, version = package["name"], package["version"]
    tags: set[Tag] = set()
    hashes = set()
    for wheel in package.get("wheels", ()):
        supported = set(filter(_is_supported, _tags(wheel["url"])))
        if supported:
            tags |= supported
            hashes.add(wheel["hashes"]["sha256"])
    if gaps := _gaps(tags):
        raise SystemExit(f"{name} {version} has no wheel for {', '.join(gaps)}")
    marker = _without_platforms(package.get("marker", ""))
    requirement = f"{name}=={version} ; {marker}" if marker else f"{name}=={version}"
    options = [f"    --hash=sha256:{value}" for value in sorted(hashes)]
    return " \\\n".join([requirement, *options]) + "\n"


def _tags(url: str) -> frozenset[Tag]:
    return parse_wheel_filename(url.rpartition("/")[2])[3]


def _is_supported(tag: Tag) -> bool:
    """Return whether plancast supports the Python and the platform of a tag."""
    platform = tag.platform.startswith(("any", "manylinux", "musllinux", "macosx"))
    return platform and any(_runs_on(tag, minor) for minor in MINORS)


def _runs_on(tag: Tag, minor: int) -> bool:
    """Return whether CPython 3.`minor`, with its lock, can import a wheel with this tag."""
    if tag.interpreter == "py3":
        return tag.abi == "none"
    named = re.fullmatch(r"cp3([0-9]+)", tag.interpreter)
    if named is None:
        return False
    own = int(named[1])
    return (tag.abi == "abi3" and own <= minor) or (own == minor and tag.abi == f"cp3{minor}")


def _gaps(tags: set[Tag]) -> list[str]:
    """Return the supported combinations for which none of the tags stands."""
    return [
        f"Python 3.{minor} on {system} {machine}"
        for minor in MINORS
        for system, machine in MACHINES
        if not any(_runs_on(tag, minor) and _is_for(tag, system, machine) for tag in tags)
    ]


def _is_for(tag: Tag, system: str, machine: str) -> bool:
    ends = (machine, "universal2") if system == "macosx" else (machine,)
    return tag.platform == "any" or (
        tag.platform.startswith(system) and tag.platform.endswith(ends)
    )


def _without_platforms(marker: str) -> str:
    """Remove the marker of platforms, which every package has, so that others stand out."""
    return marker.replace(f" and ({ON_PLATFORMS})", "").replace(ON_PLATFORMS, "")


def _run(command: Sequence[str], folder: Path) -> None:
    ended = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)
    if ended.returncode:
        raise SystemExit(f"{' '.join(command)}\n{ended.stdout}{ended.stderr}")


if __name__ == "__main__":
    sys.exit(main())
