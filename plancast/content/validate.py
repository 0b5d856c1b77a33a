"""The validation of posts against the profiles they are for: expansion, then the lint rules.

`validate` needs no network: profiles come from the caller, limits from the tables of networks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from plancast.content.file_names import WORKSPACE_FILE
from plancast.content.loader import Loaded
from plancast.content.partial import Consequences
from plancast.content.post_list import KnownFile, PostList, PostsByPlace
from plancast.content.variants import layer_of, variants_for
from plancast.content.yaml_reader import Path
from plancast.lint.base import LintContext
from plancast.lint.registry import among_entries, of_entries, reported_once
from plancast.model.diagnostics import Diagnostic, Pointer, Severity, has_errors, problem
from plancast.model.features import PLAIN, Features
from plancast.model.limits import NetworkLimits
from plancast.model.profile import Profile
from plancast.model.quoting import first_few
from plancast.model.workspace import Desired, Post, PostStatus
from plancast.networks.registry import LIMITS
from plancast.reconcile.expand import ExpandedPost, Expansion, expand
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
    policy = loaded.workspace.policy
    context = LintContext(policy, limits, features, accounts_known=accounts_known)
    before_this = loaded.validations[-1] if loaded.validations else None
    known: _Known | None = None
    if before_this is not None and before_this.is_for_services_of(profiles, features):
        expanded = _on_profiles(before_this.expanded, profiles)
    else:
        known = _Known.of(loaded, profiles, context)
        expanded = expand(loaded.workspace, known.posts, profiles, features, loaded.partial)
    partial = [item.entry for item in expanded.partial if item.is_comparable]
    apart = [item.entry for item in expanded.partial if not item.is_comparable]
    # Posts from before the move to plancast are history; the rules of today do not apply to them.
    before = policy.history_before
    current = [
        item
        for item in (*expanded.desired, *expanded.drafted, *partial)
        if before is None or item.entry.due_at is None or item.entry.due_at >= before
    ]
    unread = loaded.unread.get((WORKSPACE_FILE, 0), frozenset())
    # It is not known which posts are history if that setting could not be read.
    is_judged = not {("policy",), ("policy", "history_before")} & unread
    found: tuple[Diagnostic, ...] = ()
    if is_judged:
        settled = _settled(before_this, known, profiles, context)
        of_each = of_entries((one for one in (*current, *apart) if not settled(one)), context)
        found = reported_once([*of_each, *among_entries(current, context)])
        reported = frozenset((one.at.file, one.at.document) for one in of_each if one.at)
        loaded.validations[:] = [_Earlier(profiles, expanded, context, reported)]
        if known is not None:
            known.keep(loaded, expanded, (*expanded.diagnostics, *found))
    causes = _causes(loaded, profiles)
    problems = [
        *alias_problems(loaded.workspace.profiles, profiles),
        *(item for item in expanded.diagnostics if not causes.explain(item)),
        *(causes.placed(item) for item in found if not causes.explain(item)),
    ]
    if _are_drafts(loaded) and not has_errors((*loaded.diagnostics, *problems)):
        problems.append(problem("PC216", first_few([post.id for post in loaded.posts])))
    return Validated(expanded.desired, expanded.drafted, loaded.locate(problems))


@dataclass(frozen=True, slots=True)
class _Known:
    """Findings of earlier runs: `posts` are all posts, some of them expanded already.

    `sound` holds the `id()` of each entry of those. `check` is the key of this check.
    """

    posts: Sequence[Post | ExpandedPost]
    sound: frozenset[int] = frozenset()
    check: bytes = b""

    @classmethod
    def of(cls, loaded: Loaded, profiles: Mapping[str, Profile], context: LintContext) -> _Known:
        """Look up the posts of a workspace, if it was loaded with a cache."""
        if loaded.memory is None or not isinstance(loaded.posts, PostList):
            return cls(loaded.posts)
        from plancast.content.known_posts import key_of_check  # noqa: PLC0415

        others = (context.limits, context.features, context.accounts_known)
        check = key_of_check(profiles, *others)
        known = loaded.memory.recall(loaded.posts, check, profiles)
        posts = tuple(
            post
            for part in loaded.posts.parts
            for post in (
                (known.get(part.name) or part.whole_posts())
                if isinstance(part, KnownFile)
                else (part,)
            )
        )
        expanded = (post for file in known.values() for post in file)
        return cls(posts, frozenset(id(one) for post in expanded for one in post.entries), check)

    def keep(self, loaded: Loaded, expanded: Expansion, found: Iterable[Diagnostic]) -> None:
        """Keep the entries of the posts that were expanded now and in which nothing was found."""
        if loaded.memory is None:
            return
        files = {item.at.file for item in found if item.at is not None}
        fresh = [post for post in self.posts if isinstance(post, Post)]
        if files - {post.at.file for post in (*fresh, *loaded.partial)}:
            return  # a problem of defaults stands for any number of posts
        loaded.memory.keep(self.check, fresh, (*expanded.desired, *expanded.drafted), files)


# -- the same posts on other profiles -------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Earlier:
    """The last validation of the same posts: what one on other profiles can take from it.

    A plan validates twice: before its first request on assumed profiles, then on live ones.
    `reported` are the places of the posts whose entries had problems by themselves.
    """

    profiles: Mapping[str, Profile]
    expanded: Expansion
    context: LintContext
    reported: frozenset[tuple[str, int]]

    def is_for_services_of(self, profiles: Mapping[str, Profile], features: Features) -> bool:
        """Return whether the posts expand as before: of profiles, only services matter for that."""
        services = {alias: profile.service for alias, profile in profiles.items()}
        before = {alias: profile.service for alias, profile in self.profiles.items()}
        return services == before and features == self.context.features

    def settled(
        self, profiles: Mapping[str, Profile], context: LintContext
    ) -> Callable[[Desired], bool]:
        """Return the test whether an entry surely has no problem by itself: it had none before.

        That holds on the profiles in which no rule sees a difference.
        """
        if not self.is_for_services_of(profiles, context.features):
            return _nothing_settled
        same = {
            alias
            for alias, profile in profiles.items()
            if context.view_of(profile) == self.context.view_of(self.profiles[alias])
        }
        reported = self.reported
        return lambda item: (
            item.address.profile in same and (item.at.file, item.at.document) not in reported
        )


def _settled(
    earlier: _Earlier | None,
    known: _Known | None,
    profiles: Mapping[str, Profile],
    context: LintContext,
) -> Callable[[Desired], bool]:
    """Return the test whether an entry surely has no problem by itself.

    The last validation of this run says so, or one of an earlier run.
    """
    if earlier is not None:
        return earlier.settled(profiles, context)
    sound = known.sound if known is not None else frozenset()
    return (lambda item: id(item) in sound) if sound else _nothing_settled


def _nothing_settled(_item: Desired) -> bool:
    return False


def _on_profiles(expanded: Expansion, profiles: Mapping[str, Profile]) -> Expansion:
    """Return the same entries on other profiles of the same services."""

    def moved(item: Desired) -> Desired:
        return replace(item, profile=profiles[item.address.profile])

    return Expansion(
        tuple(map(moved, expanded.desired)),
        tuple(map(moved, expanded.drafted)),
        expanded.diagnostics,
        tuple(replace(one, entry=moved(one.entry)) for one in expanded.partial),
    )


def _are_drafts(loaded: Loaded) -> bool:
    """Return whether there are posts, and all of them are drafts."""
    return bool(loaded.posts) and all(
        post.fields.status is PostStatus.DRAFT for post in loaded.posts
    )


def located(
    loaded: Loaded, profiles: Mapping[str, Profile], problems: Iterable[Diagnostic]
) -> tuple[Diagnostic, ...]:
    """Return problems of entries with their places: file, line and column."""
    causes = _causes(loaded, profiles)
    return loaded.locate(causes.placed(item) for item in problems)


def _causes(loaded: Loaded, profiles: Mapping[str, Profile]) -> _Causes:
    posts = PostsByPlace(loaded.posts, loaded.partial)
    consequences = Consequences(loaded.unread, posts) if loaded.unread or loaded.partial else None
    return _Causes(posts, profiles, consequences)


@dataclass(frozen=True, slots=True)
class _Causes:
    """The posts by their places, to find the cause of a problem. `profiles` are by alias.

    Problems of entries name the place of their post, and below it the key, as if no variant and no
    defaults file had set it. Two posts may have the same id by mistake, so places decide.
    """

    posts: Mapping[tuple[str, int], Post]
    profiles: Mapping[str, Profile]
    consequences: Consequences | None

    def explain(self, item: Diagnostic) -> bool:
        """Return whether a problem is only the consequence of one that the loader reported."""
        if item.at is None or self.consequences is None:
            return False
        at, stronger = item.at, list[Path]()
        if item.address and at.path:
            alias = _alias(item)
            layer = self._layer(item, at)
            names = variants_for(alias, self.profiles[alias])
            above = takewhile(lambda name: name not in layer, names)
            stronger = [("variants", name, at.path[0]) for name in above]
        return self.consequences.includes(self.placed(item), at, stronger)

    def placed(self, item: Diagnostic) -> Diagnostic:
        """Point a problem of a key at the place where it was written: a variant, or defaults.

        A draft may break the rules of its network, which are warnings then.
        """
        if not item.address or item.at is None:
            return item
        post, at, severity = self._post(item.at), item.at, item.severity
        # Of a post whose status could not be read, it is not known whether it is a draft.
        is_draft = post.fields.status is PostStatus.DRAFT or post.is_unread("status")
        if is_draft and _is_of_network(item.code):
            severity = max(severity, Severity.WARNING, key=lambda one: one.rank)
        if at.path:
            key, *rest = (*self._layer(item, at), *at.path)
            at = post.where(str(key), *rest)
        return replace(item, at=at, severity=severity)

    def _post(self, at: Pointer) -> Post:
        return self.posts[at.file, at.document]

    def _layer(self, item: Diagnostic, at: Pointer) -> Path:
        alias = _alias(item)
        return layer_of(at.path, self._post(at), alias, self.profiles[alias])


def _alias(item: Diagnostic) -> str:
    return item.address.rpartition("@")[2]


def _is_of_network(code: str) -> bool:
    """Return whether a problem is about what a network takes, and not about the provider."""
    return code.startswith("PC5") and code != "PC509"
