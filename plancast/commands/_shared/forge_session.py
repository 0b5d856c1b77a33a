"""What `comment` and `reviewed` have in common: the forge of this run, and whose comment it is."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import quote_from_bytes

from plancast.forges import Forge, ForgeError, ReviewRequest, Trouble
from plancast.model.diagnostics import Diagnostic, problem
from plancast.model.exit_codes import Stop
from plancast.providers.registry import environment
from plancast.reconcile.approvals import Setting

if TYPE_CHECKING:
    from plancast.app.context import Runtime

LONGEST_KEY = 200
"""Characters. The path of a folder deeper than this is told by its hash."""

_CODES = {
    Trouble.NO_TOKEN: "PC821",
    Trouble.REFUSED: "PC822",
    Trouble.FORBIDDEN: "PC823",
    Trouble.UNREACHABLE: "PC824",
    Trouble.UNCLEAR: "PC824",
    Trouble.ODD: "PC825",
    Trouble.UNSAFE: "PC826",
    Trouble.SETTING: "PC827",
    Trouble.BUSY: "PC828",
    Trouble.SAID_NO: "PC828",
}
_MAY_WRITE = {
    "GitHub": "Give the job `permissions: pull-requests: write`. A pull request of a fork or of "
    "Dependabot has a token that only reads: its preview is in the summary of the run.",
    "GitLab": "Give GITLAB_TOKEN the scope `api` and a role that may comment. A merge request of a "
    "fork has no such token: its preview is among the artifacts of the job.",
}


@contextmanager
def at_forge(runtime: Runtime) -> Iterator[Forge]:
    """The forge whose CI this run is part of. What goes wrong with it there ends the command."""
    forge: Forge | None = None
    try:
        forge = runtime.forge()
        if forge is None:
            raise Stop([problem("PC820", "neither GITHUB_ACTIONS nor GITLAB_CI is `true`")])
        yield forge
    except ForgeError as error:
        failure = forge_problem(error, forge)
    else:
        return
    finally:
        if forge is not None:
            forge.close()
    raise Stop([failure])


def forge_problem(error: ForgeError, forge: Forge | None) -> Diagnostic:
    """What an error of a forge is called in our table."""
    hint = ""
    if error.trouble is Trouble.FORBIDDEN and forge is not None:
        hint = _MAY_WRITE.get(forge.name, "")
    who = f"{forge.name}: " if forge is not None and error.status else ""
    return problem(_CODES[error.trouble], f"{who}{error}", hint=hint)


def request_name(forge: Forge, request: ReviewRequest) -> str:
    """Return what marks are bound to, and what the state calls a request: `github:12`."""
    return f"{forge.name.lower()}:{request.number}"


def setting_of(runtime: Runtime) -> Callable[[str], Setting]:
    """Return how to name what the marks on a request are bound to."""
    settings = runtime.settings
    workspace = settings.id or key_of(runtime)
    return partial(Setting, workspace, environment(settings.provider, runtime.root))


def key_of(runtime: Runtime) -> str:
    """Return what tells the comment of this workspace from those of others in the repository."""
    try:
        return workspace_key(runtime.inside)
    except Stop:  # where there is no workspace, that is what the comment tells
        return workspace_key("")


def workspace_key(inside: str) -> str:
    """Return the folder of a workspace in its checkout, as it stands in a marker; the top is `.`.

    No sign in it could end a comment of HTML. Different folders have different keys.
    """
    raw = os.fsencode(inside)
    key = quote_from_bytes(raw, safe="/").replace("--", "-%2D") or "."
    # No quoted folder begins with these signs, so no folder can be named like a hash.
    return key if len(key) <= LONGEST_KEY else f"%sha256/{hashlib.sha256(raw).hexdigest()}"
