"""The forge (GitHub, GitLab) of this CI run, for `comment`, `reviewed` and `apply`.

Errors of the forge become diagnostics, and a comment gets the key of its workspace.
"""

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
"""Characters of a key. A longer path of a folder is replaced by its hash."""

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
    """Open the forge whose CI this run is part of, and close it at the end.

    Raises Stop if this is no run of CI (PC820), and in the place of every ForgeError.
    """
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
    # Raised out here, so that the traceback of the ForgeError is not chained to it.
    raise Stop([failure])


def forge_problem(error: ForgeError, forge: Forge | None) -> Diagnostic:
    """Return the diagnostic of a forge's error. `forge` is None if it could not even be opened."""
    hint = ""
    if error.trouble is Trouble.FORBIDDEN and forge is not None:
        hint = _MAY_WRITE.get(forge.name, "")
    who = f"{forge.name}: " if forge is not None and error.status else ""
    return problem(_CODES[error.trouble], f"{who}{error}", hint=hint)


def request_name(forge: Forge, request: ReviewRequest) -> str:
    """Return the name of a pull or merge request, in marks and in the state: `github:12`."""
    return f"{forge.name.lower()}:{request.number}"


def setting_of(runtime: Runtime) -> Callable[[str], Setting]:
    """Return a function that builds, from a request's name, the setting its marks are bound to.

    A setting is the workspace, the environment of its provider and the request: a mark that is
    copied to another of them is worth nothing.
    """
    settings = runtime.settings
    workspace = settings.id or key_of(runtime)
    return partial(Setting, workspace, environment(settings.provider, runtime.root))


def key_of(runtime: Runtime) -> str:
    """Return the key of this workspace, unlike that of any other in the repository."""
    try:
        return workspace_key(runtime.inside)
    except Stop:  # without a workspace the comment reports just that, under the key of the top
        return workspace_key("")


def workspace_key(inside: str) -> str:
    """Return the folder of a workspace in its checkout, quoted for a marker; the top is `.`.

    `inside` is the folder seen from the top of the checkout. The key holds no `--`, which could end
    a comment of HTML, and different folders have different keys.
    """
    raw = os.fsencode(inside)
    key = quote_from_bytes(raw, safe="/").replace("--", "-%2D") or "."
    # No quoted folder begins with these signs, so no folder can be named like a hash.
    return key if len(key) <= LONGEST_KEY else f"%sha256/{hashlib.sha256(raw).hexdigest()}"
