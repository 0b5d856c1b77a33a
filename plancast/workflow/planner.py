"""From what the files ask for and what the queue holds to a Plan. Pure.

The steps, in order: settle what an earlier run left open (recovery), pair
everything up (match), compare each pair (diff), hold back what may not be done
(rails), count what it costs (order). The state that comes out beside the plan
is the state as this look at the world shows it: an apply saves it first, a plan
throws it away.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from fnmatch import fnmatchcase

from plancast.core.booking import refresh
from plancast.core.codec import live_to_dict
from plancast.core.diagnostics import Diagnostic, Pointer, SourceRange, in_order
from plancast.core.diff import Context, diff, orphan
from plancast.core.match import How, Pair, match, orphans
from plancast.core.model import Address, Desired, LiveEntry, Policy, Profile
from plancast.core.order import calls, eta_seconds
from plancast.core.plan import (
    HIDDEN,
    Action,
    Basis,
    Budget,
    Change,
    Plan,
    ProfileRef,
    RateWindow,
    Situation,
    Unmanaged,
)
from plancast.core.ports import Capabilities, Provider
from plancast.core.rails import Allowances, apply_rails, defer, guard_world
from plancast.core.retirement import retirement
from plancast.core.state import State
from plancast.core.strays import Stray, forget_old, strays
from plancast.workflow.holding import hold_back, told, unsettled
from plancast.workflow.observe import Observation
from plancast.workflow.recovery import Evidence, Undecided, recover


@dataclass(frozen=True, slots=True)
class Question:
    """What a plan is asked for.

    `profiles` maps the aliases of the workspace to live profiles. `locate`
    turns the place of a post into a line. `targets` are globs on addresses, `only` are actions;
    none of them means everything. `history` counts the posts that lie before
    `policy.history_before`: they are neither planned nor destroyed. `zone` shows the times of
    what no file asks for any more. `hide_unmanaged`: what others wrote is nobody's business here.
    """

    desired: tuple[Desired, ...]
    profiles: Mapping[str, Profile]
    policy: Policy
    content_digest: str
    locate: Callable[[Pointer], SourceRange | None]
    diagnostics: tuple[Diagnostic, ...] = ()
    history: frozenset[Address] = frozenset()
    destroy: bool = False
    zone: str = "UTC"
    targets: tuple[str, ...] = ()
    only: tuple[Action, ...] = ()
    hide_unmanaged: bool = False
    allow: Allowances = field(default=Allowances())


@dataclass(frozen=True, slots=True)
class Planned:
    """The plan, the state as it is now known, and what cannot be judged yet."""

    plan: Plan
    state: State
    undecided: tuple[Undecided, ...] = ()


def make_plan(
    question: Question, state: State, seen: Observation, provider: Provider, now: datetime
) -> Planned:
    """Decide. Reads nothing: `provider` is asked for what it can do, never for what it holds."""
    recovered = recover(state, _evidence(question, seen, provider, now))
    known = forget_old(_refreshed(recovered.state, seen, question, provider), now)
    desired = () if question.destroy else question.desired
    changes, unmanaged = _changes(question, desired, known, seen, provider, now)
    quiet = question.policy.quiet_period
    adopted = {change.address for change in changes if change.action is Action.ADOPT}
    waiting = (
        *(item for item in recovered.undecided if item.address not in adopted),
        *unsettled(changes, known, quiet, now),
    )
    if question.targets:
        waiting = tuple(item for item in waiting if _is_target(item.address, question.targets))
    changes = hold_back(changes, waiting)
    fitting = defer(changes, seen.live.queue, provider.capabilities.queue_limit)
    railed = apply_rails(
        fitting,
        policy=question.policy,
        state=known,
        now=now,
        allow=question.allow,
        drift_rules={str(item.address): item.on_drift for item in desired},
        asks_for_nothing=not (desired or question.destroy or question.history),
    )
    plan = Plan(
        generated_at=now,
        provider=provider.name,
        basis=Basis(
            content_digest=question.content_digest,
            state_lineage=state.lineage,
            state_serial=state.serial,
            live_digest=live_digest(railed.changes),
        ),
        account_id=seen.account.id if seen.account else state.account_id,
        changes=tuple(sorted(railed.changes, key=lambda item: item.sort_key)),
        unmanaged=unmanaged,
        diagnostics=in_order(
            (
                *question.diagnostics,
                *_of_the_world(state, seen, question, provider, now),
                *railed.diagnostics,
                *(told(item) for item in waiting),
            )
        ),
        budget=budget(
            railed.changes,
            provider.capabilities,
            provider.windows(),
            strict=question.policy.safety == "strict",
        ),
        offline_as_of=seen.offline_as_of,
        history=len(question.history),
        targets=question.targets,
        only=question.only,
    )
    return Planned(plan, known, waiting)


def _of_the_world(
    state: State, seen: Observation, question: Question, provider: Provider, now: datetime
) -> tuple[Diagnostic, ...]:
    """What is to be said of the provider itself, of the account and of the clocks."""
    return (
        *retirement(provider.capabilities.retires, now),
        *guard_world(state, seen.account, seen.server_time, now, question.allow),
    )


def _evidence(question: Question, seen: Observation, provider: Provider, now: datetime) -> Evidence:
    return Evidence(
        live=seen.live,
        profiles={profile.id: profile for profile in seen.profiles},
        expected=provider.expected,
        now=now,
        quiet_period=question.policy.quiet_period,
        recreate=question.policy.on_unknown == "recreate",
        wanted=frozenset() if question.destroy else {item.address for item in question.desired},
    )


def _changes(  # noqa: PLR0913, PLR0917  # the two sides, and what stands between them
    question: Question,
    desired: Sequence[Desired],
    state: State,
    seen: Observation,
    provider: Provider,
    now: datetime,
) -> tuple[list[Change], tuple[Unmanaged, ...]]:
    bindings = [
        binding for binding in state.resources.values() if binding.address not in question.history
    ]
    matched = match(desired, bindings, seen.live, provider.expected)
    context = Context(now, provider.expected, _references(question, seen))
    places = {item.address: item.at for item in desired}
    changes = [_located(diff(pair, context), places, question.locate) for pair in matched.pairs]
    changes.extend(_left_behind(changes, matched.pairs, context))
    by_id = {entry.id: entry for entry in (*seen.live.sent, *seen.live.queue)}
    changes.extend(
        replace(orphan(binding, by_id.get(binding.remote_id), context), zone=question.zone)
        for binding in orphans(desired, bindings)
    )
    profiles = {profile.id: profile for profile in seen.profiles}
    late = strays(matched.unmanaged, state.abandoned, profiles, provider.expected)
    changes.extend(replace(_stray(item, context), zone=question.zone) for item in late)
    changes = [item for item in changes if _is_asked(item, question)]
    history_ids = {
        binding.remote_id
        for binding in state.resources.values()
        if binding.address in question.history
    }
    ours = history_ids | {item.live.id for item in late}
    unmanaged = [_unmanaged(entry, context) for entry in matched.unmanaged if entry.id not in ours]
    if question.hide_unmanaged:
        unmanaged = [replace(item, text=HIDDEN) for item in unmanaged]
    return changes, tuple(sorted(unmanaged, key=_by_profile_and_time))


def _left_behind(
    changes: Sequence[Change], pairs: Sequence[Pair], context: Context
) -> list[Change]:
    """What was renamed and has to be created anew leaves its old address without an entry."""
    return [
        replace(
            diff(Pair(pair.binding.address, How.BOUND, None, pair.binding, None), context),
            reason=f"it is gone from the queue; {pair.address} takes its place",
        )
        for change, pair in zip(changes, pairs, strict=True)
        if pair.how is How.RENAMED and pair.binding and change.action is Action.CREATE
    ]


def _located(
    change: Change,
    places: Mapping[Address, Pointer],
    locate: Callable[[Pointer], SourceRange | None],
) -> Change:
    place = places.get(change.address)
    if place is None or not change.is_visible:
        return change
    return replace(change, source=locate(place))


def _references(question: Question, seen: Observation) -> dict[str, ProfileRef]:
    named = {
        profile.id: ProfileRef(alias, profile.id, profile.service)
        for alias, profile in question.profiles.items()
    }
    for profile in seen.profiles:
        named.setdefault(profile.id, ProfileRef("", profile.id, profile.service))
    return named


def _stray(item: Stray, context: Context) -> Change:
    live = item.live
    return Change(
        action=Action.DESTROY,
        address=item.address,
        profile=context.reference(item.address.profile, live.profile_id),
        before=live.entry,
        remote_id=live.id,
        situations=(Situation.STRAY,),
        reason=f"a create of {item.intent.made_at:%Y-%m-%d %H:%M} UTC, long given up, came late",
        due_at=live.due_at,
        live=live,
    )


def _by_profile_and_time(item: Unmanaged) -> tuple[str, bool, str, str]:
    due = item.due_at.isoformat() if item.due_at else ""
    return (item.profile.alias, not due, due, item.id)


def _unmanaged(entry: LiveEntry, context: Context) -> Unmanaged:
    known = context.aliases.get(entry.profile_id)
    reference = known or ProfileRef("", entry.profile_id, "")
    return Unmanaged(reference, entry.id, entry.entry.text, entry.due_at)


def _is_asked(change: Change, question: Question) -> bool:
    if question.only and change.action not in (Action.NONE, *question.only):
        return False
    return not question.targets or _is_target(change.address, question.targets)


def _is_target(address: Address, targets: Sequence[str]) -> bool:
    return any(fnmatchcase(str(address), target) for target in targets)


def _refreshed(state: State, seen: Observation, question: Question, provider: Provider) -> State:
    """The state with what this look shows of entries that need no change: due times, ends."""
    if seen.offline_as_of is not None:
        return state
    live = {entry.id: entry for entry in (*seen.live.sent, *seen.live.queue)}
    protected = {item.address: item.protect for item in question.desired}
    fresh = [
        refresh(binding, live.get(binding.remote_id), protected.get(binding.address))
        for binding in state.resources.values()
    ]
    changed = [item for item in fresh if item != state.resources[item.address]]
    account_id = seen.account.id if seen.account else state.account_id
    return replace(
        state.bind(*changed),
        provider=provider.capabilities.api or state.provider,
        account_id=account_id,
        profiles=tuple(sorted(seen.profiles, key=lambda item: item.id)),
        read_at=seen.read_at,
    )


def live_digest(changes: Sequence[Change]) -> str:
    """One word for every live entry that a plan touches."""
    digest = hashlib.sha256()
    for change in sorted(changes, key=lambda item: (item.sort_key, item.remote_id)):
        if change.action is not Action.NONE and change.live is not None:
            digest.update(repr(sorted(live_to_dict(change.live).items())).encode())
    return digest.hexdigest()


def budget(
    changes: Sequence[Change],
    capabilities: Capabilities,
    windows: Sequence[RateWindow],
    *,
    strict: bool = False,
) -> Budget:
    """What the apply costs: its requests, and how long the limits make them take.

    `strict`: each entry that is created is moved to its own time by a second request.
    """
    requests = len(calls(changes, capabilities))
    if strict:
        requests += sum(1 for change in changes if change.action is Action.CREATE)
    waits = capabilities.waits
    eta = eta_seconds(requests, windows, waits=waits)
    return Budget(requests, eta, tuple(windows), waits)
