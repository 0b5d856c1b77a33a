"""The CI files that `init --ci` writes: the ones of this repository, fitted to a workspace.

The package ships the files unchanged, so users get exactly the files that our own CI lints and
runs. Only the folder, the branch and the names of jobs are replaced, as text, on the way out.
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
"""By forge: the path of each file in the user's checkout, and its path in this repository."""

CI_FOLDERS = (".github/workflows", ".gitlab")
"""The folders, from the top of a checkout, of the files that have an edition."""

EDITION = 2
"""The edition of the YAML files. Raised when files that users wrote earlier should be renewed."""

_WRITTEN = re.compile(r"Written by `plancast init --ci \w+`(?:, edition ([0-9]{1,6})\b)?")

_JOBS = re.compile(
    r"^plancast [a-z-]+:$|^\.plancast:$|extends: \.plancast$|resource_group: plancast$"
    r"|\.gitlab/plancast(\.yml|-requirements\.txt)",
    re.MULTILINE,
)
"""The names in a GitLab file that two workspaces of one repository must not share."""

_PLAIN = re.compile(r"[a-z0-9]+(?:[-/][a-z0-9]+)*")
"""Folders whose names consist of characters that both forges accept everywhere."""

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
    """The workspace that the files are for. `inside`: its folder in the checkout, "" for the top.

    `branch` is the one that is applied; `slug` distinguishes the workspaces of a repository.
    """

    inside: str = ""
    branch: str = "main"

    @property
    def slug(self) -> str:
        """A readable name of at most 90 characters that no other folder of the checkout gets.

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
    """Read a file as it is shipped, from the installed package or from a checkout."""
    installed = _INSTALLED / Path(name).name
    path = installed if _INSTALLED.is_dir() else _CHECKOUT / name
    return path.read_text(encoding="utf-8")


def edition_of(text: str) -> int:
    """Return the edition in the first line of a file that `init --ci` wrote; 0 if it has none.

    The lines below may have been edited by hand and are not looked at.
    """
    signature = _WRITTEN.search(text)
    # The first edition was written without a number.
    return int(signature[1] or 1) if signature else 0


def folder_of(text: str) -> str | None:
    """Return the folder that a file of `init --ci` is about, "" for the top; None if it has none.

    Raises ValueError if the value is not a plain YAML string.
    """
    directory = _DIRECTORY.search(text)
    if directory is None:
        return None
    try:
        folder = yaml.safe_load(directory[1])
    except yaml.YAMLError as error:
        raise ValueError(f"not a folder: {directory[1]}") from error
    if not isinstance(folder, str):
        raise ValueError(f"not a folder: {directory[1]}")
    return "" if folder == "." else folder


_DIRECTORY = re.compile(r"^ +(?:PLANCAST_DIRECTORY|directory): (.{1,4096})$", re.MULTILINE)


def ci_names(forge: str, place: Place) -> list[str]:
    """Return the paths of the files that have an edition, from the top of the checkout."""
    return [_renamed(target, place) for target in FILES[forge] if target.endswith(".yml")]


def ci_files(forge: str, place: Place) -> dict[str, str]:
    """Build the texts of all files of a forge, by their paths from the top of the checkout."""
    return {
        _renamed(target, place): _fitted(template(name), forge, place)
        if target.endswith(".yml")
        else template(name)
        for target, name in FILES[forge].items()
    }


def _renamed(target: str, place: Place) -> str:
    return target.replace("plancast", place.slug)


def _fitted(text: str, forge: str, place: Place) -> str:
    """Fit a file to a folder and a branch, and remove what concerns this repository alone."""
    for part in _OURS:
        text = text.replace(part, "")
    folder = scalar(place.inside or ".")
    if forge == "gitlab":
        text = text.replace("PLANCAST_DIRECTORY: .\n", f"PLANCAST_DIRECTORY: {folder}\n")
        return _JOBS.sub(lambda name: name[0].replace("plancast", place.slug), text)
    text = text.replace("branches: [main]", f"branches: [{scalar(place.branch)}]")
    if not place.inside:
        return text
    # Workspaces of one repository must not wait for each other, so each gets its own groups.
    named = f"directory: {folder}\n          name: {place.slug}\n"
    text = text.replace("directory: .\n", named)
    for word in ("plan", "apply", "drift", "top-up"):
        text = text.replace(f"group: plancast-{word}", f"group: {place.slug}-{word}")
    return text.replace("name: plancast ", f"name: {place.slug} ")
