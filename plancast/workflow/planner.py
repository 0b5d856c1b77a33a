"""From what the files ask for and what the queue holds to a Plan. Pure.

The steps, in order: settle what an earlier run left open (recovery), pair
everything up (match), compare each pair (diff), find what belongs together
(groups), assert what must hold (invariants), narrow it to what was asked for,
hold back what may not be done (holding, rails), count what it costs (order).
The state that comes out beside the plan is the state as this look at the world
shows it: an apply saves it first, a plan throws it away.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from plancast.core.booking import refresh
from plancast.core.codec import live_to_dict
from plancast.core.diagnostics import Diagnostic, in_order, problem
from plancast.core.groups import hold, hold_for_texts, narrowed
from plancast.core.invariants import booking_fault
from plancast.core.match import Pair
from plancast.core.order import calls, eta_seconds
from plancast.core.plan import Action, Basis, Budget, Change, Plan, RateWindow, Unmanaged
from plancast.core.ports import Capabilities, Provider
from plancast.core.rails import apply_rails, defer, guard_world
from plancast.core.retirement import retirement
from plancast.core.state import State
from plancast.core.strays import forget_old
from plancast.workflow.decisions import View, decide, place
from plancast.workflow.holding import for_others, holds, told, unsettled, waits_for
from plancast.workflow.observe import Observation
from plancast.workflow.question import Question, is_target
from plancast.workflow.recovery import Evidence, Undecided, recover

__all__ = ["Planned", "Question", "budget", "live_digest", "make_plan"]


@dataclass(frozen=True, slots=True)
class Planned:
    """The plan, the state as it is now known, and what cannot be judged yet.

    `whole` is everything that the files ask for, whatever the scope of the plan and its rails.
    """

    plan: Plan
    state: State
    undecided: tuple[Undecided, ...] = ()
    whole: tuple[Change, ...] = ()


def make_plan(
    question: Question, state: State, seen: Observation, provider: Provider, now: datetime
) -> Planned:
    """Decide. Reads nothing: `provider` is asked for what it can do, never for what it holds."""
    recovered = recover(state, _evidence(question, state, seen, provider, now))
    known = forget_old(_refreshed(recovered.state, seen, provider), now)
    desired = () if question.destroy else question.desired
    view = View(question, seen, provider, now)
    decided = decide(view, desired, known, recovered.undecided)
    known = _protecting(known, decided.pairs) if seen.offline_as_of is None else known
    known, whole = _without_what_is_over(known, decided.changes, now)
    changes = narrowed(whole, question.asks_for, question.flags)
    known, undecided = _answered(known, recovered.undecided, changes)
    waiting = (*undecided, *unsettled(changes, known, question.policy.quiet_period, now))
    claims = decided.claims
    needed = [found for one in changes if (found := waits_for(one, waiting, claims)) is not None]
    waiting = tuple(
        one for one in waiting if one in needed or is_target(one.address, question.targets)
    )
    applied = {one.remote_id: one.applied for one in known.resources.values()}
    changes = hold_for_texts(hold(changes, holds(changes, waiting, claims)), applied)
    changes = hold(changes, for_others(changes, question.waiting))
    fitting = defer(changes, seen.live.queue, provider.capabilities.queue_limit)
    railed = apply_rails(
        fitting,
        policy=question.policy,
        state=known,
        now=now,
        allow=question.allow,
        drift_rules={str(item.address): item.on_drift for item in desired},
        asks_for_nothing=question.asks_for_nothing,
        missing=question.missing,
        asked={(item.profile.id, item.address) for item in desired},
        waiting=question.waiting,
    )
    diagnostics = (
        *question.diagnostics,
        *_of_the_world(state, view),
        *decided.diagnostics,
        *railed.diagnostics,
        *(told(item) for item in waiting),
        *(problem("PC618", fault) for fault in booking_fault(known, railed.changes)),
    )
    plan = _plan(view, state, railed.changes, decided.unmanaged, in_order(diagnostics))
    return Planned(plan, known, waiting, whole)


def _plan(
    view: View,
    state: State,
    changes: Sequence[Change],
    unmanaged: tuple[Unmanaged, ...],
    diagnostics: tuple[Diagnostic, ...],
) -> Plan:
    question, seen, provider = view.question, view.seen, view.provider
    return Plan(
        generated_at=view.now,
        provider=provider.name,
        basis=Basis(
            content_digest=question.content_digest,
            state_lineage=state.lineage,
            state_serial=state.serial,
            live_digest=live_digest(changes),
        ),
        account_id=seen.account.id if seen.account else state.account_id,
        changes=tuple(sorted(changes, key=place)),
        unmanaged=unmanaged,
        diagnostics=diagnostics,
        budget=budget(
            changes,
            provider.capabilities,
            provider.windows(),
            strict=question.policy.safety == "strict",
        ),
        offline_as_of=seen.offline_as_of,
        history=len(question.history),
        targets=question.targets,
        only=question.only,
    )


def _of_the_world(state: State, view: View) -> tuple[Diagnostic, ...]:
    """What is to be said of the provider itself, of the account and of the clocks."""
    seen, allow = view.seen, view.question.allow
    return (
        *retirement(view.provider.capabilities.retires, view.now),
        *guard_world(state, seen.account, seen.server_time, view.now, allow),
    )


def _evidence(
    question: Question, state: State, seen: Observation, provider: Provider, now: datetime
) -> Evidence:
    desired = () if question.destroy or not state.intents else question.desired
    return Evidence(
        live=seen.live,
        profiles={profile.id: profile for profile in seen.profiles},
        expected=provider.expected,
        now=now,
        quiet_period=question.policy.quiet_period,
        recreate=question.policy.on_unknown == "recreate",
        wanted=frozenset(item.address for item in desired),
        wanted_entries=frozenset((item.profile.id, item.entry) for item in desired),
        elsewhere=question.elsewhere,
    )


# -- what is waited for -----------------------------------------------------------------------


def _answered(
    state: State, undecided: Sequence[Undecided], changes: Sequence[Change]
) -> tuple[State, tuple[Undecided, ...]]:
    """The state without the creates that an adoption answers, and what is still not known.

    A person edited what such a create had made, and its file says the same now.
    """
    adopted = {change.remote_id for change in changes if change.action is Action.ADOPT}
    left = []
    for item in undecided:
        if item.alike is not None and item.alike.id in adopted:
            state = state.answered(item.address)
        else:
            left.append(item)
    return state, tuple(left)


# -- what is known ----------------------------------------------------------------------------


def _without_what_is_over(
    state: State, changes: Sequence[Change], now: datetime
) -> tuple[State, tuple[Change, ...]]:
    """Forget what went out before its time, no file asks for, and whose time is over by now.

    Nobody has to hear of that: it was as good as forgotten when its file went.
    """
    over = {
        change.address
        for change in changes
        if change.action is Action.NONE and change.after is None and _is_over(state, change, now)
    }
    left = tuple(one for one in changes if one.after is not None or one.address not in over)
    return (state.forget(*over), left) if over else (state, tuple(changes))


def _is_over(state: State, change: Change, now: datetime) -> bool:
    binding = state.holder(change.remote_id, change.address)
    asked = binding.applied.due_at if binding else None
    return asked is not None and asked <= now


def _protecting(state: State, pairs: Sequence[Pair]) -> State:
    """The state with what the files say of protection; a rename takes it along when booked."""
    marked = [
        replace(pair.binding, protect=pair.desired.protect)
        for pair in pairs
        if pair.desired is not None
        and pair.binding is not None
        and not pair.is_renamed
        and pair.binding.protect != pair.desired.protect
    ]
    return state.bind(*marked) if marked else state


def _refreshed(state: State, seen: Observation, provider: Provider) -> State:
    """The state with what this look shows of entries that need no change: due times, ends."""
    if seen.offline_as_of is not None:
        return state
    live = {entry.id: entry for entry in (*seen.live.sent, *seen.live.queue)}
    fresh = [refresh(binding, live.get(binding.remote_id)) for binding in state.resources.values()]
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
