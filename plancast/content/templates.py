"""The files that `init --ci` writes: those that stand in this repository, for this workspace.

They are shipped as they are, so what users get is what is linted and run by our own tests.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from plancast.content.writer import scalar

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

_JOBS = re.compile(
    r"^plancast [a-z-]+:$|^\.plancast:$|extends: \.plancast$|resource_group: plancast$"
    r"|\.gitlab/plancast(\.yml|-requirements\.txt)",
    re.MULTILINE,
)
"""What two workspaces of one repository must not both be called, in GitLab."""

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
        """`plancast`, or `plancast-social-acme` for a workspace in a folder."""
        words = "".join(sign if sign.isascii() and sign.isalnum() else "-" for sign in self.inside)
        return "-".join(part for part in ("plancast", *words.lower().split("-")) if part)


def template(name: str) -> str:
    """A file as it is shipped: inside the package, or in a checkout."""
    installed = _INSTALLED / Path(name).name
    path = installed if _INSTALLED.is_dir() else _CHECKOUT / name
    return path.read_text(encoding="utf-8")


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
    for word in ("plan", "apply", "drift"):
        text = text.replace(f"group: plancast-{word}", f"group: {place.slug}-{word}")
    return text.replace("name: plancast ", f"name: {place.slug} ")
