"""What a run without a key of Buffer cannot know, and why the key may be missing."""

from __future__ import annotations

from collections.abc import Mapping

from plancast.core.diagnostics import Diagnostic, problem

VARIABLES = {"buffer-graphql": "BUFFER_API_KEY", "buffer": "BUFFER_ACCESS_TOKEN"}
"""The variable of the environment that holds the key, by provider."""

_GITHUB = (
    "A pull request from a fork or from Dependabot gets no secret, and a secret of an environment "
    "reaches the jobs of that environment alone. See docs/ci.md."
)
_GITLAB = (
    "A protected variable does not reach the pipelines of branches that are not protected: add a "
    "key that may only read as a variable that is not protected. See docs/ci.md."
)


def without_key(provider: str, environ: Mapping[str, str]) -> Diagnostic | None:
    """Return a warning if the environment has no key for the provider, None if it needs none."""
    name = VARIABLES.get(provider)
    if name is None or environ.get(name, "").strip():
        return None
    detail = (
        f"the environment has no {name}: a plan made offline does not show what people changed in "
        "Buffer, and if a merge would undo such a change, CI refuses it as `different`"
    )
    is_on = {forge: environ.get(forge) == "true" for forge in ("GITHUB_ACTIONS", "GITLAB_CI")}
    hint = _GITHUB if is_on["GITHUB_ACTIONS"] else (_GITLAB if is_on["GITLAB_CI"] else "")
    return problem("PC813", detail, hint=hint)
