"""The files that `init --ci` writes: those that stand in this repository, for this workspace.

They are shipped as they are, so what users get is what is linted and run by our own tests.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from plancast.content.editing.emitter import scalar

_INSTALLED = Path(__file__).parent.parent / "ci"
_CHECKOUT = Path(__file__).parent.parent.parent

_GITHUB = {
    f".github/workflows/plancast-{name}.yml": f".github/workflows/plancast-{name}.yml"
    for name in ("plan", "apply", "nightly")
}
_GITLAB = {
    ".gitlab/plancast.yml": "ci/gitlab-ci.yml",
    ".gitlab/plancast-requirements.txt": "ci/requirements.txt",
}
FILES: Mapping[str, Mapping[str, str]] = {"github": _GITHUB, "gitlab": _GITLAB}
"""By forge: where a file goes, from the top of the checkout, and where it stands in ours."""

CI_FOLDERS = (".github/workflows", ".gitlab")
"""Where the files go that have an edition, from the top of the checkout."""

EDITION = 2
"""Of those that are YAML. It is counted up when what was written earlier should be renewed."""

_WRITTEN = re.compile(r"Written by `plancast init --ci \w+`(?:, edition ([0-9]{1,6})\b)?")

_JOBS = re.compile(
    r"^plancast [a-z-]+:$|^\.plancast:$|extends: \.plancast$|resource_group: plancast$"
    r"|\.gitlab/plancast(\.yml|-requirements\.txt)",
    re.MULTILINE,
)
"""What two workspaces of one repository must not both be called, in GitLab."""

_PLAIN = re.compile(r"[a-z0-9]+(?:[-/][a-z0-9]+)*")
"""Folders whose name says all in characters that both forges take everywhere."""

_LOST = re.compile(r"[^a-z0-9]+")
_LONGEST = 60
"""Characters of a folder that its slug shows: it becomes a part of the names of files."""

_OURS = (
    "    # The repository of plancast carries this file for others, and has no queue of its own.\n",
    "    if: github.repository != 'plancast/plancast'\n",
    "github.repository != 'plancast/plancast' && ",
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the files are for. `inside`: the folder of the workspace in its checkout, "" the top.

    `branch` is the one that is applied; `slug` tells the workspaces of a repository apart.
    """

    inside: str = ""
    branch: str = "main"

    @property
    def slug(self) -> str:
        """A readable name that no other folder of the checkout has, of at most 90 characters.

        `plancast` at the top, `plancast-social_acme-inc` for `social/acme-inc`. A folder whose name
        would lose something on the way gets a hash: `plancast-acme-inc--42cf7a26a3` for `Acme Inc`.
        """
        if not self.inside:
            return "plancast"
        if _PLAIN.fullmatch(self.inside) and len(self.inside) <= _LONGEST:
            return f"plancast-{self.inside.replace('/', '_')}"
        folders = (_LOST.sub("-", name.lower()).strip("-") for name in self.inside.split("/"))
        readable = "_".join(filter(None, folders))[:_LONGEST].rstrip("-_")
        digest = hashlib.sha256(self.inside.encode("utf-8", "surrogateescape")).hexdigest()[:10]
        # No plain name has two hyphens side by side, so it cannot be taken for one with a hash.
        return "-".join(filter(None, ("plancast", readable))) + f"--{digest}"


def template(name: str) -> str:
    """A file as it is shipped: inside the package, or in a checkout."""
    installed = _INSTALLED / Path(name).name
    path = installed if _INSTALLED.is_dir() else _CHECKOUT / name
    return path.read_text(encoding="utf-8")


def edition_of(text: str) -> int:
    """Return the edition of a file that `init --ci` wrote, as it says itself; 0 if it says nothing.

    What a person changed below that line is their own. The first edition had no number.
    """
    found = _WRITTEN.search(text)
    return int(found[1] or 1) if found else 0


def folder_of(text: str) -> str | None:
    """Return the folder that a file of `init --ci` is about, "" for the top; None if it says none.

    Raises ValueError if what it says is no plain word.
    """
    found = _DIRECTORY.search(text)
    if found is None:
        return None
    try:
        folder = yaml.safe_load(found[1])
    except yaml.YAMLError as error:
        raise ValueError(f"not a folder: {found[1]}") from error
    if not isinstance(folder, str):
        raise ValueError(f"not a folder: {found[1]}")
    return "" if folder == "." else folder


_DIRECTORY = re.compile(r"^ +(?:PLANCAST_DIRECTORY|directory): (.{1,4096})$", re.MULTILINE)


def ci_names(forge: str, place: Place) -> list[str]:
    """Return the paths of the files that have an edition, from the top of the checkout."""
    return [_renamed(target, place) for target in FILES[forge] if target.endswith(".yml")]


def ci_files(forge: str, place: Place) -> dict[str, str]:
    """Texts by path from the top of the checkout."""
    return {
        _renamed(target, place): _fitted(template(name), forge, place)
        if target.endswith(".yml")
        else template(name)
        for target, name in FILES[forge].items()
    }


def _renamed(target: str, place: Place) -> str:
    return target.replace("plancast", place.slug)


def _fitted(text: str, forge: str, place: Place) -> str:
    """For this folder and this branch; what concerns our own repository alone is taken out."""
    for part in _OURS:
        text = text.replace(part, "")
    folder = scalar(place.inside or ".")
    if forge == "gitlab":
        text = text.replace("PLANCAST_DIRECTORY: .\n", f"PLANCAST_DIRECTORY: {folder}\n")
        return _JOBS.sub(lambda found: found[0].replace("plancast", place.slug), text)
    text = text.replace("branches: [main]", f"branches: [{scalar(place.branch)}]")
    if not place.inside:
        return text
    named = f"directory: {folder}\n          name: {place.slug}\n"
    text = text.replace("directory: .\n", named)
    for word in ("plan", "apply", "drift", "top-up"):
        text = text.replace(f"group: plancast-{word}", f"group: {place.slug}-{word}")
    return text.replace("name: plancast ", f"name: {place.slug} ")
