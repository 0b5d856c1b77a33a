"""A repository with posts, a Buffer and a GitHub on this machine, and people who work with them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from plancast.providers.sandbox import World
from plancast.sandbox import SandboxServer
from plancast.sandbox.values import Update
from tests.ci import hostile
from tests.ci.runner import Ended, Expression, Job, action, base_environ, installed, workflow
from tests.forges.stand_in import GitHubStandIn, GitLabStandIn, serving
from tests.store.gits import Remote, git

BUFFER = "buffer-token-0123456789"
VARIABLES = {"buffer": "BUFFER_ACCESS_TOKEN", "buffer-graphql": "BUFFER_API_KEY"}
WORKSPACE = """\
version: 1
provider: {provider}
timezone: UTC
profiles:
  x: {{service: twitter}}
  li: {{service: linkedin}}
state: {{backend: git}}
"""


def on_day(number: int) -> str:
    """A time so many days from now: the server's clock is the real one here."""
    return f"{datetime.now(UTC) + timedelta(days=number):%Y-%m-%d} 09:30"


def post(text: str, day: int = 5, on: str = "x") -> str:
    """A post file."""
    return f"profiles: [{on}]\nschedule: {on_day(day)}\ntext: {json.dumps(text)}\n"


@dataclass
class CiRepository:
    """A repository, its forge and the Buffer behind `url`, and the machines of its CI.

    `forge` receives the comments. `world` is that Buffer, for a look at its queue. `secrets` are
    those of the repository.
    """

    folder: Path
    remote: Remote
    forge: GitHubStandIn | GitLabStandIn
    world: World
    url: str
    secrets: Mapping[str, str]
    numbers: Iterator[int] = field(default_factory=count)

    @property
    def programs(self) -> Path:
        """A folder whose programs every machine finds first."""
        return self.folder / "programs"

    # -- people -------------------------------------------------------------------------------

    def push(
        self,
        branch: str,
        files: Mapping[str, str | None],
        inside: str = "",
        links: Mapping[str, str] | None = None,
    ) -> None:
        """Commit to a branch as a person, from main if it is new; None removes a file."""
        clone = self.remote.clone(f"author-{next(self.numbers)}")
        known = f"refs/heads/{branch}" in self.remote.refs()
        git(clone, "checkout", "-q", *([branch] if known else ["-b", branch, "origin/main"]))
        for name, text in files.items():
            path = clone / inside / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if text is None:
                path.unlink()
            else:
                path.write_text(text, encoding="utf-8")
        for name, target in (links or {}).items():
            (clone / inside / name).symlink_to(target)
        git(clone, "add", "-A")
        git(clone, "commit", "-q", "-m", "Posts")
        git(clone, "push", "-q", "origin", branch)

    def merge(self, branch: str) -> None:
        """A maintainer merges it; the forge knows to which request the commit belongs."""
        clone = self.remote.clone(f"merger-{next(self.numbers)}")
        git(clone, "merge", "-q", "--no-ff", "-m", "Merge", f"origin/{branch}")
        git(clone, "push", "-q", "origin", "main")
        sha = git(clone, "rev-parse", "HEAD")
        made = self.forge.merged(self.forge.number, sha)
        self.forge.commits[sha] = [made]
        self.forge.closed.insert(0, made)

    def live(self) -> Sequence[Update]:
        """Return the updates that Buffer holds, in the order of creation."""
        return self.world.snapshot()

    def texts(self) -> list[str]:
        """The texts of it."""
        return sorted(item.content.text for item in self.live())

    def comment(self) -> str:
        """The only one there is."""
        (body,) = self.forge.bodies()
        return body

    # -- machines -----------------------------------------------------------------------------

    def checkout(self, branch: str, at: str = "") -> Path:
        """As actions/checkout leaves it: one commit deep, no branch, no credential.

        `at`: of a run that is repeated, the commit that it is about.
        """
        target = self.remote.clone(f"run-{next(self.numbers)}", "--depth=1", f"--branch={branch}")
        git(target, "checkout", "-q", "--detach")
        if at:
            git(target, "fetch", "-q", "--depth=1", "origin", at)
            git(target, "checkout", "-q", at)
        return target

    def job(
        self, branch: str, github: Mapping[str, Any], environ: Mapping[str, str], at: str = ""
    ) -> Job:
        """A fresh machine with plancast on it."""
        checkout = self.checkout(branch, at)
        temp = self.folder / f"temp-{checkout.name}"
        home = self.folder / f"home-{checkout.name}"
        home.mkdir()
        installed(temp / "plancast.venv")
        base = base_environ(home)
        path = f"{self.programs}:{base['PATH']}"
        env = {**base, "PATH": path, "PLANCAST_API_URL": self.url, **environ}
        return Job(checkout, temp, self.folder / "artifacts", github, env)

    def run(
        self,
        name: str,
        job: str,
        branch: str,
        event: str,
        *,
        secrets: Mapping[str, str] | None = None,
        fork: str = "",
        github_token: str = "",
        private: bool = False,
        plan: str = "",
        at: str = "",
        review: str = "",
        tag: bool = False,
    ) -> Ended:
        """The step of a workflow's job that uses our action, on a machine of its own.

        `plan` is the id that a person gives who starts it by hand; `at` is as in `checkout`;
        `review` takes the place of what the workflow says; `tag`: what `branch` names is a tag.
        """
        forge = self.forge
        assert isinstance(forge, GitHubStandIn)
        base = forge.environ(self.folder, fork=fork) if event == "pull_request" else {}
        environ = base or {**forge.after_merge(), "GITHUB_EVENT_NAME": event}
        full = f"refs/{'tags' if tag else 'heads'}/{branch}"
        environ |= {"GITHUB_REF": full, "GITHUB_REF_NAME": branch}
        if not base:
            event_file = self.folder / "event-of-a-commit.json"
            event_file.write_text('{"repository": {"default_branch": "main"}}', encoding="utf-8")
            environ["GITHUB_EVENT_PATH"] = str(event_file)
        token = github_token or environ["GITHUB_TOKEN"]
        environ.pop("GITHUB_TOKEN")  # a step has it only if it asks for it
        repository = {"private": private, "default_branch": "main"}
        github = {"event_name": event, "token": token, "event": {"repository": repository}}
        machine = self.job(branch, github, environ, at)
        if not base:
            head = git(machine.checkout, "rev-parse", "HEAD")
            machine = replace(machine, environ={**machine.environ, "GITHUB_SHA": head})
        known = self.secrets if secrets is None else secrets
        (step,) = (
            item
            for item in workflow(name)["jobs"][job]["steps"]
            if item["uses"].startswith("plancast/")
        )
        context = {"secrets": known, "github": github, "inputs": {"plan": plan}}
        inputs = {
            key: str(evaluated(value, context)) for key, value in step.get("with", {}).items()
        }
        return machine.use(action(), {**inputs, **({"review": review} if review else {})})


def evaluated(value: object, context: Mapping[str, Any]) -> object:
    """Return a value of a workflow; if it is an expression, evaluate it."""
    text = str(value)
    if not text.startswith("${{"):
        return text
    found = Expression(text, context, ok=True).value()
    return "" if found is None else found


@contextmanager
def ci_repository(
    folder: Path,
    forge: GitHubStandIn | GitLabStandIn,
    provider: str = "buffer",
    **seed: object,
) -> Iterator[CiRepository]:
    """Everything up, with an empty workspace on main and an empty queue.

    The repository is hostile: none of its files may run, none of its links be written through.
    """
    remote = Remote.make(folder)
    hostile.prepare(folder)
    account = {"token": BUFFER, **seed.pop("account", {})}  # type: ignore[dict-item]
    with World() as world, serving(forge):
        world.reset({"rate_limit": {"requests": 0}, "account": account, **seed})
        with SandboxServer(world) as server:
            url = server.url if provider == "buffer" else server.url.removesuffix("/1")
            secrets = {VARIABLES[provider]: BUFFER}
            found = CiRepository(folder, remote, forge, world, url, secrets)
            settings = WORKSPACE.format(provider=provider)
            files = {"plancast.yaml": settings, "posts/.keep": "", **hostile.files(folder)}
            found.push("main", files, links=hostile.LINKS)
            yield found
            hostile.must_be_harmless(folder)
