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
from plancast.model.diagnostics import Diagnostic, has_errors, problem
from plancast.model.entry import Address
from plancast.model.features import PLAIN, Features
from plancast.model.limits import NetworkLimits
from plancast.model.profile import Profile
from plancast.model.quoting import first_few
from plancast.model.workspace import Desired, Post, PostStatus
from plancast.networks.registry import LIMITS
from plancast.reconcile.expand import expand
from plancast.reconcile.selectors import alias_problems


@dataclass(frozen=True, slots=True)
class Validated:
    """The entries that the posts and the drafts ask for, and the problems with positions."""

    desired: tuple[Desired, ...]
    drafted: tuple[Desired, ...]
    diagnostics: tuple[Diagnostic, ...]


def validate(
    loaded: Loaded,
    profiles: Mapping[str, Profile],
    limits: Mapping[str, NetworkLimits] = LIMITS,
    features: Features = PLAIN,
    *,
    accounts_known: bool = True,
) -> Validated:
    """Expand the posts on `profiles` (by alias) and check them; drafts are checked as well.

    `features` are what the provider of the workspace can do. `accounts_known`: see `LintContext`.
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
    context = LintContext(policy, limits, features, accounts_known=accounts_known)
    checked = _at_their_causes(loaded, profiles, check(current, context))
    named = alias_problems(loaded.workspace.profiles, profiles)
    problems = [*named, *expanded.diagnostics, *checked]
    if _are_drafts(loaded):
        problems.append(problem("PC216", first_few([post.id for post in loaded.posts])))
    return Validated(expanded.desired, expanded.drafted, loaded.locate(problems))


def _are_drafts(loaded: Loaded) -> bool:
    """Return whether there are posts, and all of them are drafts; one with an error may be none."""
    are_drafts = all(post.fields.status is PostStatus.DRAFT for post in loaded.posts)
    return bool(loaded.posts) and are_drafts and not has_errors(loaded.diagnostics)


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
