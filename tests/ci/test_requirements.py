"""The packages that CI installs by hash.

These tests compare ci/requirements*.txt with pyproject.toml and constraints.txt. No network: the
dependencies of a package are read from its metadata in the environment of the tests, which has the
versions of constraints.txt.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.tags import Tag
from packaging.utils import canonicalize_name

from tests.ci.runner import ROOT
from tools import gen_requirements
from tools.gen_requirements import BUILD, RUNTIME, Pin, parse

REGENERATE = "run `make requirements`"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
WANTED: Mapping[Path, list[str]] = {
    RUNTIME: PROJECT["project"]["dependencies"],
    BUILD: PROJECT["build-system"]["requires"],
}
ENVIRONMENTS = [
    {
        "implementation_name": "cpython",
        "os_name": "posix",
        "platform_machine": "arm64" if system == "Darwin" else "x86_64",
        "platform_python_implementation": "CPython",
        "platform_system": system,
        "python_full_version": f"3.{minor}.0",
        "python_version": f"3.{minor}",
        "sys_platform": system.lower(),
    }
    for minor in gen_requirements.MINORS
    for system in ("Linux", "Darwin")
]


def pins(path: Path) -> dict[str, Pin]:
    found = parse(path.read_text(encoding="utf-8"))
    assert len(found) == len({pin.name for pin in found}), "a package is named twice"
    return {pin.name: pin for pin in found}


def constraints() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    named = (line.partition("==") for line in lines if "==" in line and not line.startswith("#"))
    return {canonicalize_name(name): version for name, _, version in named}


def closure(requirements: Iterable[str], environment: Mapping[str, str]) -> set[str]:
    """All packages that the requirements bring along in an environment, by installed metadata."""
    known = constraints()
    found: set[tuple[str, str]] = set()
    waiting = [(Requirement(text), "") for text in requirements]
    while waiting:
        requirement, extra = waiting.pop()
        marker = requirement.marker
        if marker and not marker.evaluate({**environment, "extra": extra}):
            continue
        name = canonicalize_name(requirement.name)
        for wanted in ("", *requirement.extras):
            if (name, wanted) not in found:
                found.add((name, wanted))
                waiting += [(Requirement(text), wanted) for text in requires(name, known)]
    return {name for name, _ in found}


def requires(name: str, known: Mapping[str, str]) -> list[str]:
    try:
        installed = distribution(name)
    except PackageNotFoundError:
        pytest.fail(f"{name} is not installed here, and constraints.txt should name it")
    if installed.version != known.get(name):
        pytest.skip(f"{name} is installed as {installed.version}: not what constraints.txt says")
    return installed.requires or []


@pytest.mark.parametrize("path", WANTED, ids=lambda path: path.name)
def test_every_package_is_pinned_to_the_version_of_the_constraints(path: Path) -> None:
    known = constraints()
    found = pins(path)
    assert {name: pin.version for name, pin in found.items()} == {
        name: known.get(name) for name in found
    }, REGENERATE
    assert [name for name, pin in found.items() if not pin.hashes] == []


@pytest.mark.parametrize("path", WANTED, ids=lambda path: path.name)
def test_it_holds_what_is_needed_and_nothing_else_on_every_python_and_platform(path: Path) -> None:
    found = pins(path)
    for environment in ENVIRONMENTS:
        applying = {
            name
            for name, pin in found.items()
            if not pin.marker or Marker(pin.marker).evaluate(environment)
        }
        assert applying == closure(WANTED[path], environment), f"{REGENERATE} ({environment})"


@pytest.mark.parametrize("path", WANTED, ids=lambda path: path.name)
def test_it_names_packages_and_their_hashes_and_no_place_to_get_them_from(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    options = {word for line in lines for word in re.findall(r"(?<!\S)-\S+?(?==|:|\s|$)", line)}
    assert options - {"--require-hashes", "--only-binary"} == {"--hash"}
    assert "://" not in "\n".join(lines)


def test_a_line_without_a_hash_is_no_pin() -> None:
    good = parse(f"a-b==1.0 ; python_version < '3.12' \\\n    --hash=sha256:{'0' * 64}\n# end\n")
    assert good == (Pin("a-b", "1.0", "python_version < '3.12'", frozenset({"0" * 64})),)
    for text in ("a==1.0\n", "a>=1.0 --hash=sha256:" + "0" * 64, "--find-links https://a.example/"):
        with pytest.raises(ValueError, match="not a package with hashes"):
            parse(text)


@pytest.mark.parametrize(
    ("tag", "taken"),
    [
        (Tag("py3", "none", "any"), True),
        (Tag("cp312", "cp312", "manylinux_2_17_x86_64"), True),
        (Tag("cp39", "abi3", "macosx_11_0_arm64"), True),
        (Tag("cp312", "cp312", "musllinux_1_2_aarch64"), True),
        (Tag("cp310", "cp310", "manylinux_2_17_x86_64"), False),
        (Tag("cp314", "cp314t", "manylinux_2_17_x86_64"), False),
        (Tag("pp311", "pypy311_pp73", "manylinux_2_17_x86_64"), False),
        (Tag("cp312", "cp312", "win_amd64"), False),
        (Tag("py2", "none", "any"), False),
    ],
    ids=str,
)
def test_only_wheels_that_can_be_installed_are_listed(tag: Tag, taken: bool) -> None:
    assert gen_requirements._is_supported(tag) is taken


def test_a_package_without_a_wheel_for_a_supported_platform_is_refused() -> None:
    def wheel(name: str) -> dict[str, object]:
        return {"url": f"x/{name}", "hashes": {"sha256": "0" * 64}}

    package = {"name": "a", "version": "1", "wheels": [wheel("a-1-py3-none-any.whl")]}
    assert gen_requirements._lines(package) == f"a==1 \\\n    --hash=sha256:{'0' * 64}\n"
    linux = wheel("a-1-cp311-abi3-manylinux_2_17_x86_64.whl")
    with pytest.raises(SystemExit, match=r"a 1 has no wheel for Python 3\.11 on manylinux aarch64"):
        gen_requirements._lines({**package, "wheels": [linux]})
