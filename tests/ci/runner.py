"""A small runner for our composite action: real scripts in a real bash, as the one of GitHub would.

It understands as much as `action.yml` uses: inputs with defaults, expressions of `==`, `!=`, `&&`,
`||` and the three functions of a step's state, files for outputs and summaries. What an expression
means is not guessed: whatever this does not know is an error. Actions of others are noted, and
those that carry artifacts from one job to the next are played on a folder.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.ci.runner_commands import obeyed
from tests.fork_server import start as fork_server
from tests.reliability.depth import THOROUGH

ROOT = Path(__file__).resolve().parents[2]
TOKENS = re.compile(r"\s*('(?:[^']|'')*'|&&|\|\||==|!=|!|\(|\)|[A-Za-z_][\w.-]*)")
SHELL = ["bash", "--noprofile", "--norc", "-eo", "pipefail"]
PATIENCE = 120.0


@dataclass
class Ended:
    """How a use of the action ended: the outcome of each step, and what the steps wrote.

    `annotations` are the commands that the runner obeyed, which it shows on the page of the run.
    """

    outcomes: dict[str, str] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)
    codes: dict[str, int] = field(default_factory=dict)
    annotations: list[str] = field(default_factory=list)
    log: str = ""
    summary: str = ""
    used: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether the job goes on."""
        return "failure" not in self.outcomes.values()


@dataclass
class Job:
    """One job on one machine: a checkout, a folder for temporary files, an environment."""

    checkout: Path
    temp: Path
    artifacts: Path
    github: Mapping[str, Any]
    environ: Mapping[str, str]

    def use(self, action: Mapping[str, Any], inputs: Mapping[str, str]) -> Ended:
        """Run the action. Skip `install` if the program lies in its place already."""
        self.temp.mkdir(parents=True, exist_ok=True)
        ended = Ended()
        steps: dict[str, dict[str, Any]] = {}
        given = {
            name: inputs.get(name, str(self._text(spec.get("default", ""), {}, {}, ended)))
            for name, spec in action["inputs"].items()
        }
        unknown = set(inputs) - set(action["inputs"])
        assert not unknown, f"no such inputs: {unknown}"
        installed = (self.temp / "plancast.venv").exists()
        for number, step in enumerate(action["runs"]["steps"]):
            name = step.get("id", f"#{number}")
            wanted = step.get("if", "success()")
            if name == "install" and installed:
                continue
            state = Expression(wanted, self.context(given, steps), ok=ended.ok).value()
            if not _true(state) or (not ended.ok and not _says_when(wanted)):
                ended.outcomes[name] = "skipped"
            elif "uses" in step:
                ended.used.append(step["uses"])
                values = {
                    key: self._text(value, given, steps, ended)
                    for key, value in step.get("with", {}).items()
                }
                ended.outcomes[name] = self._foreign(step["uses"], values)
            else:
                self._run(name, step, given, steps, ended)
            steps[name] = {"outputs": steps.get(name, {}).get("outputs", {})}
            steps[name]["outcome"] = ended.outcomes[name]
        for name, spec in action.get("outputs", {}).items():
            ended.outputs[name] = str(self._text(spec["value"], given, steps, ended))
        return ended

    def context(self, inputs: Mapping[str, str], steps: Mapping[str, Any]) -> dict[str, Any]:
        """Return the contexts that expressions can name."""
        return {
            "inputs": inputs,
            "steps": steps,
            "github": {**self.github, "action_path": str(ROOT)},
            "runner": {"temp": str(self.temp)},
        }

    def _text(
        self, value: object, inputs: Mapping[str, str], steps: Mapping[str, Any], ended: Ended
    ) -> str:
        context = self.context(inputs, steps)
        return re.sub(
            r"\$\{\{(.*?)\}\}",
            lambda found: _shown(Expression(found[1], context, ok=ended.ok).value()),
            str(value),
        )

    def _run(
        self,
        name: str,
        step: Mapping[str, Any],
        inputs: Mapping[str, str],
        steps: dict[str, dict[str, Any]],
        ended: Ended,
    ) -> None:
        assert step["shell"] == "bash"
        script, output, summary = (self.temp / word for word in ("step.sh", "output", "summary"))
        script.write_text(step["run"], encoding="utf-8")
        output.write_text("", encoding="utf-8")
        summary.write_text("", encoding="utf-8")
        environ = {
            **self.environ,
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTION_PATH": str(ROOT),
            "GITHUB_WORKSPACE": str(self.checkout),
            "GITHUB_OUTPUT": str(output),
            "GITHUB_STEP_SUMMARY": str(summary),
            "RUNNER_TEMP": str(self.temp),
            **{
                key: self._text(value, inputs, steps, ended)
                for key, value in step.get("env", {}).items()
            },
        }
        folder = self._text(step.get("working-directory", self.checkout), inputs, steps, ended)
        done = bash(script, Path(folder), environ, stderr=subprocess.PIPE)
        # The runner does not keep the order of two streams, and stopping commands needs it.
        assert name == "install" or done.stderr == ""
        ended.log += f"## {name}\n{done.stdout}{done.stderr}"
        ended.annotations += obeyed(done.stdout)
        ended.summary += summary.read_text(encoding="utf-8")
        ended.codes[name] = done.returncode
        ended.outcomes[name] = "failure" if done.returncode else "success"
        written = output.read_text(encoding="utf-8").splitlines()
        steps[name] = {"outputs": dict(line.split("=", 1) for line in written)}

    def _foreign(self, action: str, values: Mapping[str, str]) -> str:
        """An action of others. Artifacts are folders by their names."""
        kind = action.partition("@")[0]
        if kind == "actions/upload-artifact":
            source = Path(values["path"])
            if source.is_dir() and any(source.iterdir()):
                shutil.copytree(source, self.artifacts / values["name"], dirs_exist_ok=True)
        elif kind == "actions/download-artifact":
            source = self.artifacts / values["name"]
            if not source.is_dir():
                return "failure"
            shutil.copytree(source, Path(values["path"]), dirs_exist_ok=True)
        else:
            assert kind == "actions/setup-python", f"nobody knows what {action} does"
        return "success"


def bash(
    script: Path, folder: Path, environ: Mapping[str, str], stderr: int = subprocess.STDOUT
) -> subprocess.CompletedProcess[str]:
    """Run a script as a runner does: no terminal, and both streams in one log unless it says so."""
    return subprocess.run(
        [*SHELL, str(script)],
        cwd=folder,
        env=dict(environ),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


class Expression:
    """One expression of GitHub's, evaluated. What it does not know is an AssertionError."""

    def __init__(self, text: str, context: Mapping[str, Any], *, ok: bool) -> None:
        inner = re.fullmatch(r"\s*\$\{\{(.*)\}\}\s*", text)
        self._text = inner[1] if inner else text
        self._tokens = _tokens(self._text)
        self._context = context
        self._ok = ok

    def value(self) -> object:
        """Its value, as Python has it."""
        found = self._or()
        assert not self._tokens, f"what follows is not understood: {self._tokens} in {self._text}"
        return found

    def _next(self) -> str:
        return self._tokens.pop(0) if self._tokens else ""

    def _peek(self) -> str:
        return self._tokens[0] if self._tokens else ""

    def _or(self) -> object:
        left = self._and()
        while self._peek() == "||":
            self._next()
            right = self._and()
            left = left if _true(left) else right
        return left

    def _and(self) -> object:
        left = self._equal()
        while self._peek() == "&&":
            self._next()
            right = self._equal()
            left = right if _true(left) else left
        return left

    def _equal(self) -> object:
        left = self._atom()
        while self._peek() in ("==", "!="):
            same = self._next() == "=="
            right = self._atom()
            left = (_shown(left).lower() == _shown(right).lower()) is same
        return left

    def _atom(self) -> object:
        token = self._next()
        if token == "!":
            return not _true(self._atom())
        if token == "(":
            found = self._or()
            assert self._next() == ")"
            return found
        if token.startswith("'"):
            return token[1:-1].replace("''", "'")
        if self._peek() == "(":
            self._next()
            assert self._next() == ")", f"{token} takes nothing here"
            return {"always": True, "success": self._ok, "failure": not self._ok}[token]
        if token in ("true", "false"):
            return token == "true"
        return self._named(token)

    def _named(self, name: str) -> object:
        first, *rest = name.split(".")
        assert first in self._context, f"{name}: nothing is called {first}"
        found: Any = self._context[first]
        for part in rest:
            found = found.get(part) if isinstance(found, Mapping) else None
        return found


def _tokens(text: str) -> list[str]:
    found, place = [], 0
    text = text.strip()
    while place < len(text):
        match = TOKENS.match(text, place)
        assert match is not None, f"not understood: {text[place:]}"
        found.append(match[1])
        place = match.end()
    return found


def _says_when(condition: str) -> bool:
    """Whether a condition says itself what a failure before it means."""
    return bool(re.search(r"\b(always|failure)\(\)", condition))


def _true(value: object) -> bool:
    return value not in (None, False, "", 0)


def _shown(value: object) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def action() -> dict[str, Any]:
    """Our action."""
    found: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    return found


def workflow(name: str) -> dict[str, Any]:
    """One of the workflows that users copy. YAML 1.1 takes the key `on` for a truth."""
    path = ROOT / ".github" / "workflows" / f"plancast-{name}.yml"
    found: dict[Any, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return {("on" if key is True else str(key)): value for key, value in found.items()}


def installed(place: Path) -> None:
    """Put a Python that has plancast where a script would have made an environment with it."""
    program = place / "bin" / "python"
    program.parent.mkdir(parents=True, exist_ok=True)
    program.write_text(f"#!/bin/sh\n{start_python()}\n", encoding="utf-8")
    program.chmod(0o755)


def start_python() -> str:
    """Return the end of a shell script that becomes this Python, with the arguments of the script.

    `python -I -m plancast` is forked from a server that has loaded plancast. Any other command
    line, and by night this one too, starts a Python that sees what lies in the checkout.
    """
    lines = [f'exec {shlex.quote(sys.executable)} "$@"']
    if fork_server.available() and not THOROUGH:
        forked = shlex.join(fork_server.command())
        lines.insert(0, f'[ "$1 $2 $3" = "-I -m plancast" ] && exec {forked} "$@"')
    return "\n".join(lines)


def base_environ(home: Path) -> dict[str, str]:
    """Return the environment of every step.

    It has a path, a home, and no configuration of git but that of the step.
    """
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
    }
