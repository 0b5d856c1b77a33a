"""The validation of posts against the profiles they are for: expansion, then the lint rules.

`validate` needs no network: profiles come from the caller, limits from the tables of networks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from plancast.content.loader import Loaded
from plancast.content.variants import layer_of
from plancast.lint.base import LintContext
from plancast.lint.registry import check
from plancast.model.diagnostics import Diagnostic
from plancast.model.entry import Address
from plancast.model.features import PLAIN, Features
from plancast.model.limits import NetworkLimits
from plancast.model.profile import Profile
from plancast.model.workspace import Desired, Post
from plancast.networks.registry import LIMITS
from plancast.reconcile.expand import expand


@dataclass(frozen=True, slots=True)
class Validated:
    """The entries that the posts ask for, the number of drafts, and the problems with positions."""

    desired: tuple[Desired, ...]
    drafts: int
    diagnostics: tuple[Diagnostic, ...]


def validate(
    loaded: Loaded,
    profiles: Mapping[str, Profile],
    limits: Mapping[str, NetworkLimits] = LIMITS,
    features: Features = PLAIN,
) -> Validated:
    """Expand the posts on `profiles` (by alias) and check them; drafts are checked as well.

    `features` are what the provider of the workspace can do.
    """
    expanded = expand(loaded.workspace, loaded.posts, profiles, features)
    policy = loaded.workspace.policy
    # Posts from before the move to plancast are history; the rules of today do not apply to them.
    before = policy.history_before
    current = [
        item
        for item in (*expanded.desired, *expanded.drafted)
        if before is None or item.entry.due_at is None or item.entry.due_at >= before
    ]
    checked = check(current, LintContext(policy, limits, features))
    problems = (*expanded.diagnostics, *_at_their_causes(loaded, profiles, checked))
    return Validated(expanded.desired, len(expanded.drafted), loaded.locate(problems))


def located(
    loaded: Loaded, profiles: Mapping[str, Profile], problems: Iterable[Diagnostic]
) -> tuple[Diagnostic, ...]:
    """Return problems of entries with their places: file, line and column."""
    return loaded.locate(_at_their_causes(loaded, profiles, problems))


def _at_their_causes(
    loaded: Loaded, profiles: Mapping[str, Profile], problems: Iterable[Diagnostic]
) -> list[Diagnostic]:
    posts = {post.id: post for post in loaded.posts}
    return [_at_its_cause(item, posts, profiles) for item in problems]


def _at_its_cause(
    item: Diagnostic, posts: Mapping[str, Post], profiles: Mapping[str, Profile]
) -> Diagnostic:
    """Point a problem of a key at the place where the key was written: a variant, or defaults."""
    if not item.address or item.at is None or not item.at.path:
        return item
    address = Address.parse(item.address)
    post = posts[address.post]
    layer = layer_of(item.at.path, post, address.profile, profiles[address.profile])
    key, *rest = (*layer, *item.at.path)
    return replace(item, at=post.where(str(key), *rest))
