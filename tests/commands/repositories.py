"""Workspaces that share a repository and an account: real git, and one Buffer for all of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from plancast.providers.sandbox import World
from plancast.sandbox import SandboxServer
from plancast.store.git_states import ref_for
from tests.commands.workspace_dir import WorkspaceDir, post, workspace_yaml
from tests.store.gits import ENVIRON, Remote, git

BACKEND = "state: {backend: git}\n"
LATER = "2099-12-01 09:30"
"""The clock of a Buffer that is served runs."""

SOCIAL, MARKETING = ref_for("social"), ref_for("marketing")


def settings(identity: str = "", state: str = BACKEND) -> str:
    """A plancast.yaml for provider buffer."""
    named = f"workspace: {identity}\n" if identity else ""
    return named + workspace_yaml(provider="buffer") + state


def later(text: str = "Hello.", day: int = 1, more: str = "") -> str:
    """A post that is due in many years."""
    return post(text, f"2099-12-{day:02d} 09:30", more=more)


@dataclass
class Repository:
    """A clone of a remote, in which several folders may be workspaces."""

    remote: Remote
    top: Path
    environ: Mapping[str, str]
    world: World
    _clones: list[Path] = field(default_factory=list)

    def workspace(
        self, folder: str, identity: str = "", state: str = BACKEND, **posts: str
    ) -> WorkspaceDir:
        """A new workspace, committed, with a file for each of `posts`."""
        workspace = self.at(folder)
        workspace.write("plancast.yaml", settings(identity, state))
        for name, text in posts.items():
            workspace.write(f"{name}.yaml", text)
        self.commit(f"Add {folder}")
        return workspace

    def at(self, folder: str) -> WorkspaceDir:
        """Return the workspace in a folder of the clone."""
        return WorkspaceDir(self.top / folder, self.environ)

    def commit(self, message: str = "Change") -> None:
        """Commit all, and push it."""
        git(self.top, "add", "-A")
        git(self.top, "commit", "-q", "--allow-empty", "-m", message)
        git(self.top, "push", "-q", "origin", "HEAD:main")

    def move(self, old: str, new: str) -> WorkspaceDir:
        """Rename a folder in a commit."""
        git(self.top, "mv", old, new)
        self.commit(f"Rename {old}")
        return self.at(new)

    def clone(self, name: str) -> Repository:
        """Another clone of the same remote."""
        return Repository(self.remote, self.remote.clone(name), self.environ, self.world)

    def states(self) -> dict[str, Any]:
        """The states that the remote holds, by ref."""
        names = [name for name in self.remote.refs() if name.startswith("refs/plancast/")]
        return {name: json.loads(self.file(name, "state.json")) for name in names}

    def file(self, ref: str, name: str) -> str:
        """A file in a ref of the remote."""
        return git(self.remote.folder, "show", f"{ref}:{name}")

    def owned(self, ref: str) -> list[str]:
        """The addresses that a state owns."""
        return sorted(self.states()[ref]["resources"])

    def live(self) -> list[str]:
        """The texts of all that waits or went out."""
        return sorted(item.content.text for item in self.world.snapshot())

    def send_now(self, text: str) -> None:
        """Send what waits, as a person does in Buffer."""
        self._call(text, "share")

    def remove(self, text: str) -> None:
        """Remove what waits, as a person does in Buffer."""
        self._call(text, "destroy")

    def edit(self, text: str, new: str, day: int) -> None:
        """Change what waits, as a person does in Buffer."""
        at = datetime(2099, 12, day, 8, 30, tzinfo=UTC)
        self._call(text, "update", {"text": new, "scheduled_at": str(int(at.timestamp()))})

    def _call(self, text: str, action: str, form: Mapping[str, str] | None = None) -> None:
        found = [item.id for item in self.world.snapshot() if item.content.text == text]
        [remote_id] = found
        url = f"{self.environ['PLANCAST_API_URL']}/updates/{remote_id}/{action}.json"
        token = self.environ["BUFFER_ACCESS_TOKEN"]
        answer = httpx.post(url, headers={"Authorization": f"Bearer {token}"}, data=form)
        assert answer.is_success, f"{url}: {answer.status_code} {answer.headers} {answer.text}"


@contextmanager
def repository(folder: Path) -> Iterator[Repository]:
    """A clone of a new remote, and a Buffer on a port of this machine."""
    token = "sandbox-token"
    with World() as world:
        world.reset({"rate_limit": {"requests": 0}, "account": {"token": token}})
        with SandboxServer(world) as server:
            environ = {**ENVIRON, "PLANCAST_API_URL": server.url, "BUFFER_ACCESS_TOKEN": token}
            remote = Remote.make(folder)
            yield Repository(remote, remote.clone("clone"), environ, world)
