"""A person at a terminal: commands in this process, with streams and environment of their own."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from plancast.cli import main
from plancast.providers.sandbox import World, open_world
from plancast.runtime import Runtime

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "content"


@dataclass(frozen=True)
class Result:
    """How a command ended and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it wrote to standard output, as data."""
        return json.loads(self.out)

    @property
    def codes(self) -> list[str]:
        """The diagnostic codes that it showed."""
        return [
            line.partition("[")[2].partition("]")[0]
            for line in self.err.splitlines()
            if line.startswith(("error[", "warning["))
        ]


@dataclass
class Desk:
    """One folder, one environment."""

    folder: Path
    environ: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def with_examples(cls, folder: Path) -> Desk:
        """A copy of examples/content."""
        target = folder / "content"
        shutil.copytree(EXAMPLES, target)
        return cls(target)

    def run(self, *args: str, stdin: str = "") -> Result:
        """`plancast ARGS`."""
        out, err = io.StringIO(), io.StringIO()

        def make(*, directory: str, quiet: bool, verbose: bool, **_rest: object) -> Runtime:
            return Runtime(
                start=self.folder / directory,
                environ=dict(self.environ),
                stdin=io.StringIO(stdin),
                stdout=out,
                stderr=err,
                quiet=quiet,
                verbose=verbose,
            )

        try:
            main(list(args), obj=make)
        except SystemExit as end:
            return Result(int(end.code or 0), out.getvalue(), err.getvalue())
        raise AssertionError("the command line always ends with an exit code")

    def plan(self, *args: str) -> dict[str, Any]:
        """The plan as data."""
        result = self.run("plan", "--format", "json", *args)
        assert result.code in (0, 4), result.err
        document: dict[str, Any] = result.json
        return document

    def summary(self) -> dict[str, int]:
        """What a plan would do, zeros left out."""
        return {key: value for key, value in self.plan()["summary"].items() if value}

    def apply(self, *args: str) -> Result:
        """Apply without being asked."""
        return self.run("apply", "--auto-approve", *args)

    def write(self, name: str, text: str) -> Path:
        """A file of the workspace."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    @property
    def world(self) -> World:
        """The sandbox of the workspace, for a person to work in."""
        return open_world(self.folder, {})
