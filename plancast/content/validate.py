"""Everything that can be said of posts once it is known which profiles they are for."""

from __future__ import annotations

from collections.abc import Mapping
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
    """What the posts ask for, how many entries are drafts, and what is wrong, located."""

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
    before = policy.history_before
    current = [
        item
        for item in (*expanded.desired, *expanded.drafted)
        if before is None or item.entry.due_at is None or item.entry.due_at >= before
    ]
    posts = {post.id: post for post in loaded.posts}
    checked = [
        _at_its_cause(item, posts, profiles)
        for item in check(current, LintContext(policy, limits, features))
    ]
    found = (*expanded.diagnostics, *checked)
    return Validated(expanded.desired, len(expanded.drafted), loaded.locate(found))


def _at_its_cause(
    item: Diagnostic, posts: Mapping[str, Post], profiles: Mapping[str, Profile]
) -> Diagnostic:
    """A fault in a key is shown where the key was written: in a variant, or in defaults."""
    if not item.address or item.at is None or not item.at.path:
        return item
    address = Address.parse(item.address)
    post = posts[address.post]
    layer = layer_of(item.at.path, post, address.profile, profiles[address.profile])
    key, *rest = (*layer, *item.at.path)
    return replace(item, at=post.where(str(key), *rest))
