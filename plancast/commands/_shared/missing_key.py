"""What a run without a key cannot know, and why the key may be missing."""

from __future__ import annotations

from collections.abc import Mapping

from plancast.forges.events import GITHUB, GITLAB, ci_of
from plancast.model.diagnostics import Diagnostic, problem
from plancast.providers.registry import ProviderInfo

_HINTS = {
    GITHUB: "A pull request from a fork or from Dependabot gets no secret, and a secret of an "
    "environment reaches the jobs of that environment alone. See docs/ci.md.",
    GITLAB: "A protected variable does not reach the pipelines of branches that are not protected: "
    "add a key that may only read as a variable that is not protected. See docs/ci.md.",
}


def without_key(info: ProviderInfo | None, environ: Mapping[str, str]) -> Diagnostic | None:
    """Return a warning if the environment has no key for the provider, None if it needs none."""
    if info is None or not info.secrets:
        return None
    if any(environ.get(name, "").strip() for name in info.secrets):
        return None
    detail = (
        f"the environment has no {info.secrets[0]}: a plan made offline does not show what people "
        f"changed in {info.title}, and if a merge would undo such a change, CI refuses it as "
        "`different`"
    )
    hint = _HINTS.get(ci_of(environ), "")
    return problem("PC813", detail, hint=hint, title=info.title)
