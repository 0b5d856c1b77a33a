"""The way from checked files and a key to a plan, for `plan`, `apply`, `status` and `import`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Self

from plancast.app.context import StateAccess
from plancast.commands._shared.checked_posts import (
    Asked,
    ask_live,
    ask_offline,
    checked_files,
)
from plancast.commands._shared.neighbour_entries import (
    MAKES,
    begun_in,
    must_be_known,
    seen_of_others,
    with_sent,
)
from plancast.engine.observer import Observation, observe, remember
from plancast.engine.planner import Planned, PlanRequest, make_plan
from plancast.forges.events import GITHUB, GITLAB, ci_of
from plancast.model.diagnostics import Diagnostic, has_errors, in_order, problem
from plancast.model.exit_codes import ExitCode, Stop, code_for
from plancast.model.features import THE_PROVIDER
from plancast.model.plan import Action, Change, Situation
from plancast.model.ports import Clock, Provider
from plancast.model.profile import Account, Profile
from plancast.model.state import State
from plancast.model.workspace_identity import Identity
from plancast.networks.registry import LIMITS
from plancast.providers import registry
from plancast.providers.registry import ProviderInfo
from plancast.reconcile.moves import NO_MOVES, SettledMoves, settle_moves
from plancast.reconcile.neighbours import (
    Files,
    Neighbour,
    Twin,
    joined,
    orphaned,
    reasons_to_wait,
    twins,
    unanswered,
)
from plancast.reconcile.rails import Allowances, guard_ids
from plancast.reconcile.targets import WITHOUT, unmatched
from plancast.reconcile.top_up import TOP_UP_ACTIONS, may_wait
from plancast.reconcile.workspace_identity import Sighting, identify

if TYPE_CHECKING:
    from plancast.app.context import Runtime
    from plancast.content.loader import Loaded

Elsewhere = Callable[[str], frozenset[str]]
"""Callable that returns the remote ids of an account that other workspaces own."""


def _nothing_elsewhere(_account_id: str) -> frozenset[str]:
    return frozenset()


Neighbours = Callable[[str], tuple[Neighbour, ...]]
"""Callable that returns the states of other workspaces that own anything on an account."""


def _no_neighbours(_account_id: str) -> tuple[Neighbour, ...]:
    return ()


FilesOf = Callable[[Neighbour], Files]
"""Callable that returns what the files of another workspace of this checkout say."""


def _no_files(_neighbour: Neighbour) -> Files:
    return Files()


_NO_KEY_HINTS = {
    GITHUB: "A pull request from a fork or from Dependabot gets no secret, and a secret of an "
    "environment reaches the jobs of that environment alone. See docs/ci.md.",
    GITLAB: "A protected variable does not reach the pipelines of branches that are not protected: "
    "add a key that may only read as a variable that is not protected. See docs/ci.md.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """The flags that `plan` and `apply` share.

    `waiting` is a top-up: only what was approved before and still waits for room in a queue.
    """

    targets: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    target_files: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    hide_unmanaged: bool = False
    waiting: bool = False
    destroy: bool = False
    allow_destroy: int | None = None
    allow_update: int | None = None
    allow_empty: bool = False
    allow_due_soon: bool = False
    allow_account_change: bool = False
    allow_clock_skew: bool = False
    allow_new_state: bool = False

    def with_all_targets(self, runtime: Runtime) -> Self:
        """Return the flags with all targets in `targets`: those of files, and the excluded ones.

        Raises Stop if a file cannot be read.
        """
        if not (self.excludes or self.target_files):
            return self
        listed = [target for name in self.target_files for target in _targets_of(name, runtime)]
        without = (f"{WITHOUT}{glob}" for glob in self.excludes)
        targets = (*self.targets, *listed, *without)
        return replace(self, targets=targets, excludes=(), target_files=())

    @property
    def allowances(self) -> Allowances:
        """The flags that let a run pass a safety rail."""
        return Allowances(
            destroy=self.allow_destroy,
            update=self.allow_update,
            empty=self.allow_empty,
            due_soon=self.allow_due_soon,
            account_change=self.allow_account_change,
            clock_skew=self.allow_clock_skew,
        )


@dataclass(frozen=True, slots=True)
class Survey:
    """The account of the key and its connected profiles. `title` is that of the provider."""

    account: Account
    profiles: tuple[Profile, ...]
    title: str = THE_PROVIDER


@dataclass(frozen=True, slots=True)
class Look:
    """Both sides of a plan: what the files ask for and what the provider holds."""

    found: Survey
    asked: Asked
    seen: Observation


def survey(provider: Provider) -> Survey:
    """Read the account and its profiles, in two requests."""
    return Survey(provider.account(), provider.profiles(), provider.title)


def must_speak(provider: Provider, state: State) -> None:
    """Raise Stop (exit 4) if the state holds ids of another API than the provider speaks."""
    trouble = guard_ids(state, provider.capabilities.api)
    if trouble is not None:
        raise Stop([trouble], ExitCode.REFUSED)


def selected(loaded: Loaded, found: Survey) -> tuple[Mapping[str, Profile], tuple[Diagnostic, ...]]:
    """Bind the workspace's aliases to live profiles; also return remarks that are no errors.

    Raises Stop if a selector fits no profile, or several.
    """
    from plancast.reconcile.selectors import bind  # noqa: PLC0415

    bound = bind(loaded.workspace.profiles, found.profiles, found.title)
    located = loaded.locate(bound.diagnostics)
    if has_errors(located):
        raise Stop(located)
    return bound.profiles, located


def watched(profiles: Mapping[str, Profile], found: Survey, state: State) -> tuple[Profile, ...]:
    """Return the profiles whose queues are read: named by the files, or with an entry of ours.

    A profile that no file names any more still counts: its entries are to be destroyed.
    """
    ids = {profile.id for profile in profiles.values()}
    ids.update(binding.profile_id for binding in state.resources.values())
    ids.update(profile_id for intent in state.intents.values() for profile_id in intent.profile_ids)
    return tuple(profile for profile in found.profiles if profile.id in ids)


def look(loaded: Loaded, provider: Provider, clock: Clock, state: State) -> Look:
    """Check that the provider speaks the state's API, then read account, profiles and queues.

    Raises Stop if a selector does not fit, or if a post has an error on its live profile.
    """
    must_speak(provider, state)
    found = survey(provider)
    profiles, remarks = selected(loaded, found)
    asked = ask_live(loaded, provider, profiles)
    if has_errors(asked.diagnostics):
        raise Stop(asked.diagnostics, code_for(asked.diagnostics))
    around = tuple(_with_limit(one, asked) for one in watched(profiles, found, state))
    seen = observe(provider, clock, state, asked.desired, around, history=asked.history)
    asked = replace(asked, diagnostics=(*asked.diagnostics, *remarks))
    return Look(found, asked, replace(seen, account=found.account))


def _with_limit(profile: Profile, asked: Asked) -> Profile:
    """Return a profile with the limit that the provider raised, for the state to remember."""
    limits, ours = asked.limits.get(profile.service), LIMITS.get(profile.service)
    if profile.text_limit is not None or limits is None or limits == ours:
        return profile
    return replace(profile, text_limit=limits.text)


def decide(  # noqa: PLR0913  # what was read, and what is asked
    loaded: Loaded,
    provider: Provider,
    state: State,
    looked: Look,
    scope: Scope,
    *,
    elsewhere: Elsewhere = _nothing_elsewhere,
    neighbours: Neighbours = _no_neighbours,
    files: FilesOf = _no_files,
) -> Planned:
    """Make the plan from both sides that were read, and from what other workspaces own.

    Each callable may cost requests, so it is called only if needed: `elsewhere` if the plan would
    begin to own a live entry or destroy a stray, `neighbours` if that returned anything and before
    any create, `files` if a change may be about an entry of theirs. The provider is read again only
    if one of their entries may have gone out unseen.
    """
    asked = question(loaded, looked.asked, scope, state)
    seen = replace(looked.seen, queue_limit=looked.found.account.queue_limit)
    now = seen.read_at
    # A first plan, as if there were no other workspace: it shows which of them have to be read.
    planned = first = make_plan(asked, state, seen, provider, now)
    account_id = looked.found.account.id
    owned: frozenset[str] = frozenset()
    adopted = {change.remote_id for change in first.plan.changes if change.action is Action.ADOPT}
    if _takes_hold(first, state):
        owned = elsewhere(account_id) - state.owned_ids()
    around = neighbours(account_id) if owned or _makes(first) else ()
    left: frozenset[str] = frozenset()
    if around:
        must_be_known(around, adopted)
        before = seen
        seen = with_sent(seen, first, around, provider)
        asked = replace(asked, elsewhere=owned)
        found: tuple[Twin, ...] = ()
        begun, theirs = begun_in(first), seen_of_others(seen, around, state)
        if begun and theirs:
            # Plan once more as if their entries were ours: a change that then finds one in place
            # is about the same post, so theirs and ours are twins.
            free, other = replace(asked, elsewhere=owned - theirs), joined(state, around, theirs)
            found = twins(begun, make_plan(free, other, seen, provider, now).whole, around)
        reasons = {**unanswered(first.whole, around), **reasons_to_wait(found, files)}
        if owned or reasons or seen is not before:
            planned = make_plan(replace(asked, waiting=reasons), state, seen, provider, now)
        for trouble in (*orphaned(found, files, is_new=state.is_new), *_unreadable(around)):
            planned = _also(planned, trouble)
        # Adopting what a removed folder left behind is a move, no claim on another's entry.
        left = frozenset(twin.binding.remote_id for twin in found if twin.neighbour.is_left)
    alike = adopted - left
    return _with_news(
        planned, state, len(alike), len(alike & owned), is_allowed=scope.allow_new_state
    )


def _unreadable(around: Iterable[Neighbour]) -> list[Diagnostic]:
    """Return a warning for each neighbour whose state cannot be read."""
    return [problem("PC912", one.trouble) for one in around if one.trouble]


def _takes_hold(planned: Planned, state: State) -> bool:
    """Return whether the plan begins to own a live entry, or destroys one as a stray of ours."""
    if state.intents or planned.state.owned_ids() > state.owned_ids():
        return True
    return any(
        change.action is Action.ADOPT or Situation.STRAY in change.situations
        for change in planned.whole
    )


def _makes(planned: Planned) -> bool:
    """Return whether the plan puts a text in the queue, ignoring its scope."""
    return any(change.action in MAKES for change in planned.whole)


def _with_news(
    planned: Planned, state: State, alike: int, claimed: int, *, is_allowed: bool
) -> Planned:
    """Refuse to adopt with a new state: it may be the replacement of one that was lost.

    `alike` counts the entries that would be adopted, `claimed` those that another workspace owns.
    """
    if not state.is_new:
        return planned
    here = state.workspace or Identity()
    seen = Sighting(here, "", alike=alike, claimed=claimed, is_allowed=is_allowed)
    refusal = identify(seen).refusal
    return _also(planned, refusal) if refusal else planned


def _also(planned: Planned, found: Diagnostic) -> Planned:
    plan = planned.plan
    return replace(planned, plan=replace(plan, diagnostics=in_order((*plan.diagnostics, found))))


def plan_offline(  # noqa: PLR0913  # what to decide by, each of its own type
    loaded: Loaded,
    provider: Provider,
    clock: Clock,
    state: State,
    scope: Scope,
    *,
    environ: Mapping[str, str],
) -> Planned:
    """Make the plan from what the state remembers, without a request.

    Warns (PC813) if there is no key in the environment, since an online plan could show more.
    """
    must_speak(provider, state)
    asked = ask_offline(loaded, state.profiles)
    if has_errors(asked.diagnostics):
        raise Stop(asked.diagnostics)
    workspace = loaded.workspace
    info = registry.find(workspace.provider.name, Path(workspace.root))
    if (warning := without_key(info, environ)) is not None:
        asked = replace(asked, diagnostics=(*asked.diagnostics, warning))
    seen: Observation = remember(state, state.profiles, clock.now())
    planned = make_plan(question(loaded, asked, scope, state), state, seen, provider, clock.now())
    require_targets(scope.targets, asked, state, planned.whole)
    return _also(planned, problem("PC628")) if state.is_new else planned


MOST_OF_A_LIST = 1024 * 1024
"""Bytes of a file of targets that are read."""


def _targets_of(name: str, runtime: Runtime) -> list[str]:
    """Return the targets of a file, one on each line; empty lines and `#` comments are skipped."""
    try:
        text = runtime.named(name).read(MOST_OF_A_LIST).decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise Stop([problem("PC809", f"--target-file {name}: {reason}")]) from None
    lines = [line.strip() for line in text.splitlines()]
    found = [line for line in lines if line and not line.startswith("#")]
    if not found:
        # No target at all would mean everything.
        raise Stop([problem("PC809", f"--target-file {name}: it has no target")])
    return found


def require_targets(
    targets: Sequence[str], asked: Asked, state: State, changes: Sequence[Change]
) -> None:
    """Raise Stop if a target matches no address: a typing error would look like "no changes".

    `changes` are those for everything that is desired or owned, whatever the scope.
    """
    if not targets:
        return
    known = {wanted.address for wanted in asked.desired} | asked.history | set(state.resources)
    known.update(change.address for change in changes)
    known.update(change.previous_address for change in changes if change.previous_address)
    if found := unmatched(targets, {*map(str, known)}, {*map(str, asked.drafts)}):
        raise Stop(found)


def plan_now(scope: Scope, runtime: Runtime, *, offline: bool) -> Planned:
    """Load the files, read the provider and plan: what an apply would do now.

    If `offline`, plan from what the state remembers instead.
    """
    loaded = checked_files(runtime)
    connected = runtime.connect(offline=offline)
    stores = runtime.open_stores(StateAccess(allow_new=scope.allow_new_state))
    state = stores.state()
    if offline:
        return plan_offline(
            loaded, connected.provider, connected.clock, state, scope, environ=runtime.environ
        )
    looked = look(loaded, connected.provider, connected.clock, state)
    planned = decide(
        loaded,
        connected.provider,
        state,
        looked,
        scope,
        elsewhere=stores.claimed_elsewhere,
        neighbours=stores.neighbours,
        files=runtime.files_of,
    )
    require_targets(scope.targets, looked.asked, state, planned.whole)
    return planned


def question(loaded: Loaded, asked: Asked, scope: Scope, state: State) -> PlanRequest:
    """Build the planner's request. Raises Stop if an author's statement of a move is wrong."""
    moves = _settled(loaded, state)
    return PlanRequest(
        desired=asked.desired,
        profiles=asked.profiles,
        policy=loaded.workspace.policy,
        content_digest=loaded.content_digest,
        locate=loaded.source,
        diagnostics=(*asked.diagnostics, *moves.diagnostics),
        history=asked.history,
        destroy=scope.destroy,
        zone=loaded.workspace.timezone,
        targets=scope.targets,
        only=TOP_UP_ACTIONS if scope.waiting else tuple(Action(word) for word in scope.only),
        hide_unmanaged=scope.hide_unmanaged,
        allow=scope.allowances,
        moves=moves,
        may=may_wait(state) if scope.waiting else None,
        may_flag="`--waiting`" if scope.waiting else "",
        missing=loaded.missing,
        unread=_unread(loaded, state),
        limits=asked.limits,
    )


def _unread(loaded: Loaded, state: State) -> Mapping[str, str]:
    """Return the folders of tools that may hold posts which the state knows and no file has."""
    if not loaded.skipped:
        return {}
    from plancast.content.unread_posts import find_unread  # noqa: PLC0415

    gone = {address.post for address in state.resources} - {*loaded.ids}
    return find_unread(Path(loaded.workspace.root), loaded.skipped, gone)


def _settled(loaded: Loaded, state: State) -> SettledMoves:
    if loaded.moves == NO_MOVES:
        return SettledMoves()
    known = {address.post for address in state.resources}
    known.update(address.post for one in state.intents.values() for address in one.addresses)
    posts = {*loaded.ids}
    settled = settle_moves(loaded.moves, known, posts, is_new=not known)
    located = loaded.locate(settled.diagnostics)
    if has_errors(located):
        raise Stop(located)
    return replace(settled, diagnostics=located)


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
    hint = _NO_KEY_HINTS.get(ci_of(environ), "")
    return problem("PC813", detail, hint=hint, title=info.title)
