"""What a run without a key of Buffer cannot know, and why the key may be missing."""

from __future__ import annotations

from collections.abc import Mapping

from plancast.forges.events import GITHUB, GITLAB, ci_of
from plancast.model.diagnostics import Diagnostic, problem

VARIABLES = {"buffer-graphql": "BUFFER_API_KEY", "buffer": "BUFFER_ACCESS_TOKEN"}
"""The variable of the environment that holds the key, by provider."""

_HINTS = {
    GITHUB: "A pull request from a fork or from Dependabot gets no secret, and a secret of an "
    "environment reaches the jobs of that environment alone. See docs/ci.md.",
    GITLAB: "A protected variable does not reach the pipelines of branches that are not protected: "
    "add a key that may only read as a variable that is not protected. See docs/ci.md.",
}


def without_key(provider: str, environ: Mapping[str, str]) -> Diagnostic | None:
    """Return a warning if the environment has no key for the provider, None if it needs none."""
    name = VARIABLES.get(provider)
    if name is None or environ.get(name, "").strip():
        return None
    detail = (
        f"the environment has no {name}: a plan made offline does not show what people changed in "
        "Buffer, and if a merge would undo such a change, CI refuses it as `different`"
    )
    return problem("PC813", detail, hint=_HINTS.get(ci_of(environ), ""))
