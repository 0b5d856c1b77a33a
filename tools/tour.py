"""Fill the tour of README.md with the real output of plancast.

A block stands between `<!-- tour:begin NAME -->` and `<!-- tour:end -->`. The scenes are played in
order on one copy of `examples/content`, with the embedded sandbox, whose clock stands still, so
every run prints the same. `--check` writes nothing and fails if a block is not current.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
BLOCK = re.compile(r"(<!-- tour:begin (\w+) -->\n).*?(<!-- tour:end -->)", re.DOTALL)
KEPT = ("PATH", "LANG", "LC_ALL", "TMPDIR", "TZ")


class TourError(Exception):
    """A scene that did not go as it is written."""


@dataclass(frozen=True, slots=True)
class Edit:
    """An edit of a file, shown as a `sed` command: the first text becomes the second."""

    file: str
    before: str
    after: str

    @property
    def shown(self) -> str:
        """The command that a reader would type."""
        return f"sed -i {shlex.quote(f's/{self.before}/{self.after}/')} {self.file}"


@dataclass(frozen=True, slots=True)
class Tail:
    """A command of whose output only the last lines are shown; a scene before showed the rest."""

    command: str
    lines: int


Scene = tuple[str | Edit | Tail, ...]

SCENES: MappingProxyType[str, Scene] = MappingProxyType(
    {
        "post": ("cat launch/teaser.yaml",),
        "validate": ("plancast validate",),
        "plan": ("plancast plan --target 'launch/teaser@*'",),
        "apply": (Tail("plancast apply --auto-approve --target 'launch/teaser@*'", 6),),
        "edit": (
            Edit("launch/teaser.yaml", "09:30", "11:00"),
            Edit("launch/teaser.yaml", "very small box", "very heavy box"),
            "plancast plan --target 'launch/teaser@*'",
        ),
        "again": (
            Tail("plancast apply --auto-approve --target 'launch/teaser@*'", 6),
            "plancast plan --target 'launch/teaser@*'",
        ),
    }
)


def play() -> dict[str, str]:
    """Play all scenes; return the text of each by name: commands and their output."""
    with tempfile.TemporaryDirectory(prefix="plancast-tour-") as name:
        folder = Path(name) / "content"
        shutil.copytree(
            ROOT / "examples" / "content", folder, ignore=shutil.ignore_patterns(".plancast*")
        )
        environ = {key: os.environ[key] for key in KEPT if key in os.environ}
        environ.update(
            HOME=name, XDG_STATE_HOME=f"{name}/state", COLUMNS="100", PYTHONPATH=str(ROOT)
        )
        return {
            scene: "\n".join(shown(step, folder, environ) for step in steps)
            for scene, steps in SCENES.items()
        }


def shown(step: str | Edit | Tail, folder: Path, environ: dict[str, str]) -> str:
    """Play one step; return its command line with the output below it."""
    if isinstance(step, Edit):
        return shown_edit(step, folder)
    if isinstance(step, Tail):
        lines = printed(step.command, folder, environ).splitlines()
        return "\n".join([f"$ {step.command}", "...", *lines[-step.lines :], ""])
    return f"$ {step}\n{printed(step, folder, environ)}\n"


def printed(command: str, folder: Path, environ: dict[str, str]) -> str:
    """Run a command and return its output on both streams. Raises TourError if it fails."""
    program, *arguments = shlex.split(command)
    if program == "plancast":
        line = [sys.executable, "-m", "plancast", *arguments]
    else:
        line = [program, *arguments]
    ended = subprocess.run(
        line,
        cwd=folder,
        env=environ,
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )
    if ended.returncode:
        raise TourError(f"{command}: exit code {ended.returncode}\n{ended.stdout}")
    return "\n".join(line.rstrip() for line in ended.stdout.strip("\n").splitlines())


def shown_edit(step: Edit, folder: Path) -> str:
    """Change the file, and return the command that would do it."""
    path = folder / step.file
    text = path.read_text(encoding="utf-8")
    if text.count(step.before) != 1:
        raise TourError(f"{step.file} does not hold {step.before!r} once")
    path.write_text(text.replace(step.before, step.after), encoding="utf-8")
    return f"$ {step.shown}"


def filled(text: str, scenes: dict[str, str]) -> str:
    """Return the page with every block renewed. Raises TourError for a name without a scene."""

    def block(place: re.Match[str]) -> str:
        begin, name, end = place.groups()
        if name not in scenes:
            raise TourError(f"there is no scene {name!r}")
        return f"{begin}```console\n{scenes[name].rstrip()}\n```\n{end}"

    return BLOCK.sub(block, text)


def main(arguments: list[str]) -> int:
    """Write README.md if it is not current, or with `--check` only report that."""
    before = README.read_text(encoding="utf-8")
    try:
        after = filled(before, play())
    except TourError as error:
        print(f"tour: {error}", file=sys.stderr)
        return 1
    if before == after:
        return 0
    if "--check" in arguments:
        print("the tour in README.md is not current: run `make docs`", file=sys.stderr)
        return 1
    README.write_text(after, encoding="utf-8")
    print("wrote the tour in README.md")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
