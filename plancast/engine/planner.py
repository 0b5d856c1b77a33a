"""The planner: make a plan from what the files ask for and what the queue holds. Pure.

The steps, in order:

1. settle the calls that an earlier run left open (`recovery`);
2. match everything, compare each pair, tie groups, assert the invariants (`plan_changes`);
3. narrow the changes to the scope of the plan (`groups.narrowed`);
4. hold back changes that wait for an unknown outcome, for a post that is being sent, for a text,
   for another workspace, or for room in a queue (`groups.hold`, `repeats.hold_repeats`,
   `rails.defer`);
5. apply the rails (`rails`);
6. count the requests (`order`).

Steps 3 to 5 treat a group as a whole. The state that is returned beside the plan contains what this
read of the world shows. An apply writes it first, a plan drops it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from plancast.codec import live_to_dict
from plancast.engine.observer import Observation
from plancast.engine.plan_changes import View, decide, place
from plancast.engine.plan_request import PlanRequest
from plancast.engine.recovery import Evidence, Undecided, recover
from plancast.model.diagnostics import Diagnostic, Severity, in_order, problem
from plancast.model.entry import Address, LiveEntry
from plancast.model.plan import (
    Action,
    Basis,
    Budget,
    Change,
    Plan,
    RateWindow,
    Situation,
    Unmanaged,
)
from plancast.model.ports import Capabilities, Provider
from plancast.model.safety import Safety
from plancast.model.state import Intent, Operation, State
from plancast.model.workspace import Policy
from plancast.reconcile.findings_use import repeat_rule_after, unfit_safety
from plancast.reconcile.groups import Hold, hold, hold_for_texts, narrowed
from plancast.reconcile.invariants import state_update_faults
from plancast.reconcile.keyed import forget_old_drafts, left_over, resumable, stray_drafts
from plancast.reconcile.match import Claim, Pair
from plancast.reconcile.order import calls, eta_seconds, requests_of
from plancast.reconcile.rails import apply_rails, defer, guard_world
from plancast.reconcile.repeats import Foreseen, RepeatFacts, hold_repeats
from plancast.reconcile.risks import retirement
from plancast.reconcile.safety import ChosenSafety, choose_safety
from plancast.reconcile.state_updates import note_ignored_edits, refresh
from plancast.reconcile.strays import forget_old
from plancast.reconcile.targets import is_target

__all__ = ["PlanRequest", "Planned", "budget", "live_digest", "make_plan"]


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan, the state as it is known now, and the calls whose outcome is still unknown.

    `whole` are the changes for everything that the files ask for, before scope, holds and rails.
    `safety` is how creates are made, `stray_drafts` are content items that an apply removes.
    """

    plan: Plan
    state: State
    undecided: tuple[Undecided, ...] = ()
    whole: tuple[Change, ...] = ()
    safety: Safety = Safety.DIRECT
    stray_drafts: tuple[str, ...] = ()


def make_plan(
    question: PlanRequest, state: State, seen: Observation, provider: Provider, now: datetime
) -> Planned:
    """Make the plan. Sends nothing: of `provider` only pure methods and windows are used."""
    # The order matters: recovery first, since matching must know what earlier calls made.
    recovered = recover(state, _evidence(question, state, seen, provider, now))
    known = forget_old(_refreshed(recovered.state, seen, provider), now)
    known = forget_old_drafts(known, now)
    desired = () if question.destroy else question.desired
    view = View(question, seen, provider, now)
    decided = decide(view, desired, known, recovered.undecided)
    # An offline plan is for reading only, so it leaves the bindings as they are.
    known = _protecting(known, decided.pairs) if seen.offline_as_of is None else known
    # `whole` is fixed before the scope: approvals are judged by all changes, not by a part.
    known, whole = _without_what_is_over(known, decided.changes, now)
    changes = narrowed(whole, question.asks_for, question.flags)
    known, undecided = _answered(known, recovered.undecided, changes)
    waiting = (*undecided, *unsettled(changes, known, question.policy.quiet_period, now))
    claims = decided.claims
    # Report open calls within the scope, and those that a change in it waits for.
    needed = [call for one in changes if (call := waits_for(one, waiting, claims)) is not None]
    waiting = tuple(
        one for one in waiting if one in needed or is_target(str(one.address), question.targets)
    )
    changes, codes = _held_back(changes, view, known, holds(changes, waiting, claims))
    fitting, repeated = _deferred(changes, view, known)
    railed = apply_rails(
        fitting,
        policy=question.policy,
        state=known,
        now=now,
        allow=question.allow,
        drift_rules={str(item.address): item.on_drift for item in desired},
        asks_for_nothing=question.asks_for_nothing,
        missing=question.missing,
        unread=question.unread,
        asked={(item.profile.id, item.address) for item in desired},
        waiting=question.waiting,
        codes={**codes, **repeated},
        title=provider.title,
    )
    if seen.offline_as_of is None:
        known = note_ignored_edits(known, railed.changes)
    keyed = _keyed(view, known, railed.changes)
    diagnostics = (
        *question.diagnostics,
        *_of_the_world(state, view),
        *keyed.remarks(provider.title),
        *decided.diagnostics,
        *railed.diagnostics,
        *(undecided_problem(item, provider.title) for item in waiting),
        *(problem("PC618", fault) for fault in state_update_faults(known, railed.changes)),
    )
    plan = _plan(view, state, railed.changes, decided.unmanaged, in_order(diagnostics))
    plan = replace(plan, budget=_cost(view, known, railed.changes, keyed))
    return Planned(plan, known, waiting, whole, keyed.chosen.safety, keyed.strays)


def _account_id(state: State, seen: Observation) -> str:
    """Return the id of the account as it was read, else the one that the state remembers."""
    return seen.account.id if seen.account else state.account_id


def _held_back(
    changes: Sequence[Change], view: View, known: State, waits: Mapping[int, Hold]
) -> tuple[list[Change], dict[tuple[str, Address], str]]:
    """Hold back what waits for calls, for posts on their way, for texts, and for others.

    `waits` are those for calls, by the position of the change. Return the changes, and the codes of
    those whose post is on its way.
    """
    applied = {one.remote_id: one.applied for one in known.resources.values()}
    leaving = being_sent(changes, view.provider.title)
    held = {**leaving, **waits}
    # A held change keeps its text in the queue, so `hold_for_texts` comes after `hold`.
    free = hold_for_texts(hold(changes, held), applied)
    free = hold(free, for_others(free, view.question.waiting))
    codes = {(changes[n].profile.id, changes[n].address): IS_BEING_SENT for n in leaving}
    return free, codes


def _plan(
    view: View,
    state: State,
    changes: Sequence[Change],
    unmanaged: tuple[Unmanaged, ...],
    diagnostics: tuple[Diagnostic, ...],
) -> Plan:
    """Build the plan from its changes, with its basis and scope, and without its cost."""
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
        account_id=_account_id(state, seen),
        changes=tuple(sorted(changes, key=place)),
        unmanaged=unmanaged,
        diagnostics=diagnostics,
        offline_as_of=seen.offline_as_of,
        history=len(question.history),
        targets=question.targets,
        only=question.only,
    )


def _of_the_world(state: State, view: View) -> tuple[Diagnostic, ...]:
    """Return the problems of the provider itself, the account and the clocks."""
    seen, allow = view.seen, view.question.allow
    account_id = _account_id(state, seen)
    api = view.provider.capabilities.api
    return (
        *retirement(view.provider, view.now),
        *unfit_safety(view.question.policy.safety, state.findings, account_id, api),
        *guard_world(state, seen.account, seen.server_time, view.now, allow),
    )


REMOVAL = 2
"""Requests for the removal of a draft: it is read before."""


@dataclass(frozen=True, slots=True)
class _Keyed:
    """How creates are made, and the drafts of earlier keyed creates that an apply removes."""

    chosen: ChosenSafety
    left_over: tuple[Intent, ...] = ()
    strays: tuple[str, ...] = ()

    def remarks(self, title: str) -> tuple[Diagnostic, ...]:
        """Report why creates have no keys although the policy says so, and what is removed."""
        chosen = self.chosen
        notes = [problem(chosen.code, chosen.reason, title=title)] if chosen.code else []
        for intent in self.left_over:
            detail = "its create was not finished, and the plan does not ask for just that any more"
            notes.append(problem("PC516", detail, address=str(intent.addresses[0])))
        if self.strays:
            count = len(self.strays)
            notes.append(problem("PC516", f"{title} holds {count} that no create goes on with"))
        return tuple(notes)


def _keyed(view: View, state: State, changes: Sequence[Change]) -> _Keyed:
    seen, provider = view.seen, view.provider
    account_id = _account_id(state, seen)
    chosen = choose_safety(
        view.question.policy.safety, provider.capabilities, state, account_id, provider.title
    )
    if seen.items is None:
        return _Keyed(chosen)
    return _Keyed(chosen, left_over(state, changes), stray_drafts(state, seen.own_drafts))


def _cost(view: View, state: State, changes: Sequence[Change], keyed: _Keyed) -> Budget:
    provider = view.provider
    return budget(
        changes,
        provider.capabilities.with_queue_limit(view.seen.queue_limit),
        provider.windows(),
        safety=keyed.chosen.safety,
        state=state,
        removals=REMOVAL * (len(keyed.left_over) + len(keyed.strays)),
    )


def _evidence(
    question: PlanRequest, state: State, seen: Observation, provider: Provider, now: datetime
) -> Evidence:
    """Collect the evidence of recovery; what files ask for is only needed for open intents."""
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
        items=seen.items,
    )


# -- repeated texts ---------------------------------------------------------------------------


def _deferred(
    changes: Sequence[Change], view: View, state: State
) -> tuple[tuple[Change, ...], dict[tuple[str, Address], str]]:
    """Return the changes with those deferred that no queue has room for, or that repeat a text.

    Also return the codes of those that repeat one, see `_repeated`.
    """
    provider, seen = view.provider, view.seen
    able = provider.capabilities.with_queue_limit(seen.queue_limit)
    facts = _repeat_facts(state, seen, provider, view.now)
    account_id = _account_id(state, seen)
    rule = repeat_rule_after(able.features.repeats, state.findings, account_id, able.api)
    foreseen = hold_repeats(changes, facts, rule)
    # Room is given out late, so that changes which are held anyway take none.
    fitting = defer(foreseen.changes, seen.live.queue, able.queue_limit)
    # A destroy or update that waits for room with its group does not free its text.
    last = hold_repeats(fitting, facts, rule)
    return tuple(last.changes), _repeated((foreseen, last), view.question.policy)


def _repeat_facts(
    state: State, seen: Observation, provider: Provider, now: datetime
) -> RepeatFacts:
    profiles = {profile.id: profile for profile in seen.profiles}
    return RepeatFacts(seen.live, state, profiles, provider.expected, now, provider.title)


def _repeated(foreseen: Sequence[Foreseen], policy: Policy) -> dict[tuple[str, Address], str]:
    """Return the code for each change that waits for a text; "" if its file is reported already.

    `lint.duplicates` reports posts that are too close in time, unless the policy says otherwise.
    """
    silent = policy.duplicates != "off"
    return {
        place: "" if silent and place in one.too_close else code
        for one in foreseen
        for place, code in one.codes.items()
    }


# -- open calls -------------------------------------------------------------------------------


def _answered(
    state: State, undecided: Sequence[Undecided], changes: Sequence[Change]
) -> tuple[State, tuple[Undecided, ...]]:
    """Settle the open creates whose entry is adopted; return the state and the rest.

    A person edited the entry that such a create made, and its file says the same now.
    """
    adopted = {change.remote_id for change in changes if change.action is Action.ADOPT}
    left = []
    for item in undecided:
        if item.alike is not None and item.alike.id in adopted:
            state = state.answered(item.address)
        else:
            left.append(item)
    return state, tuple(left)


# -- the state as it is known now --------------------------------------------------------------


def _without_what_is_over(
    state: State, changes: Sequence[Change], now: datetime
) -> tuple[State, tuple[Change, ...]]:
    """Forget entries without a file that went out before their time, once that time has passed.

    They were kept until then in case their file comes back (`diff`). This is not reported: for its
    author, the post was over when its file was removed.
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
    """Return the state with `protect` as the files say; a rename sets it when it is made."""
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
    """Return the state with the status and times that this read shows, and the read itself."""
    if seen.offline_as_of is not None:
        return state
    live = {entry.id: entry for entry in (*seen.live.sent, *seen.live.queue)}
    fresh = [refresh(binding, live.get(binding.remote_id)) for binding in state.resources.values()]
    changed = [item for item in fresh if item != state.resources[item.address]]
    account_id = _account_id(state, seen)
    return replace(
        state.bind(*changed),
        provider=provider.capabilities.api or state.provider,
        account_id=account_id,
        profiles=tuple(sorted(seen.profiles, key=lambda item: item.id)),
        read_at=seen.read_at,
    )


def live_digest(changes: Sequence[Change]) -> str:
    """Return a digest of all live entries that a plan touches."""
    digest = hashlib.sha256()
    for change in sorted(changes, key=lambda item: (item.sort_key, item.remote_id)):
        if change.action is not Action.NONE and change.live is not None:
            digest.update(repr(sorted(live_to_dict(change.live).items())).encode())
    return digest.hexdigest()


def budget(  # noqa: PLR0913  # what is done, what the provider allows, and how creates are made
    changes: Sequence[Change],
    capabilities: Capabilities,
    windows: Sequence[RateWindow],
    *,
    safety: Safety = Safety.DIRECT,
    state: State | None = None,
    removals: int = 0,
) -> Budget:
    """Return the cost of an apply: its requests, and how long they take under the rate limits.

    `state` holds the creates that came to nothing, which share no request, and the keyed creates
    that the apply goes on with (`reconcile.order`). `removals` are the requests to remove drafts.
    """
    able = capabilities.for_keyed_creates() if safety is Safety.KEYED else capabilities
    alone = state.abandoned_addresses() if state else frozenset()
    made = calls(changes, able, alone, resumable(state) if state else ())
    requests = sum(requests_of(call, safety) for call in made) + removals
    waits = capabilities.waits
    eta = eta_seconds(requests, windows, waits=waits)
    return Budget(requests, eta, tuple(windows), waits)


Place = tuple[str, Address]
"""The id of a profile, and an address on it."""


def unsettled(
    changes: Sequence[Change], state: State, quiet_period: timedelta, now: datetime
) -> tuple[Undecided, ...]:
    """Return the updates that must wait for an earlier one that was given up a moment ago.

    The earlier update may still arrive, and would then undo the newer one.
    """
    open_updates = []
    for change in changes:
        if change.action is not Action.UPDATE:
            continue
        binding = state.holder(change.remote_id, change.previous_address or change.address)
        if binding is None or binding.unsettled_at is None:
            continue
        until = binding.unsettled_at + quiet_period
        # An equal update may be sent at once: if the earlier one arrives, nothing changes.
        if now < until and change.after != binding.applied:
            waits = Undecided(change.address, binding.unsettled_at, until, Operation.UPDATE)
            open_updates.append(replace(waits, profile_id=change.profile.id))
    return tuple(open_updates)


def waits_for(
    change: Change, waiting: Sequence[Undecided], claims: Mapping[Place, Claim]
) -> Undecided | None:
    """Return the open call that a change has to wait for, if any: a create or an update.

    `claims` are the claims of matching, by profile id and address.
    """
    place = (change.profile.id, change.address)
    if change.action is Action.CREATE and place in claims:
        return next((item for item in waiting if item.claim == claims[place]), None)
    if change.action is Action.UPDATE:
        for item in waiting:
            if item.operation is Operation.UPDATE and place == (item.profile_id, item.address):
                return item
    return None


def holds(
    changes: Sequence[Change], waiting: Sequence[Undecided], claims: Mapping[Place, Claim]
) -> dict[int, Hold]:
    """Return the changes that wait for an open call, by position, with their reasons."""
    held: dict[int, Hold] = {}
    for number, change in enumerate(changes) if waiting else ():
        item = waits_for(change, waiting, claims)
        if item is not None:
            earlier = f"an earlier {item.operation.value}"
            if item.address != change.address:
                earlier = f"a {item.operation.value} of {item.address}"
            reason = f"{earlier} may still happen until {_clock(item)}"
            held[number] = (Situation.BLOCKED, reason)
    return held


IS_BEING_SENT = "PC548"
"""The code of a change that waits until its post has arrived at the network, or has not."""


def being_sent(changes: Sequence[Change], title: str) -> dict[int, Hold]:
    """Return the changes of posts that are on their way to the network, with their reasons.

    The provider refuses such a change or, worse, sends the post a second time
    (docs/buffer/graphql.md#editing-posts).
    """
    reason = f"{title} is sending it to the network"
    return {
        number: (Situation.DEFERRED, reason)
        for number, change in enumerate(changes)
        if change.action in (Action.UPDATE, Action.DESTROY)
        and change.live is not None
        and change.live.sending
    }


def for_others(changes: Sequence[Change], waiting: Mapping[Address, str]) -> dict[int, Hold]:
    """Return the changes that wait for another workspace, by position, with their reasons."""
    return {
        number: (Situation.DEFERRED, waiting[change.address])
        for number, change in enumerate(changes if waiting else ())
        if change.action in (Action.CREATE, Action.UPDATE) and change.address in waiting
    }


def undecided_problem(item: Undecided, title: str) -> Diagnostic:
    """Describe a call whose outcome is unknown, for a person who has to wait."""
    made = f"{item.since:%Y-%m-%d %H:%M:%S} UTC"
    if item.alike is not None:
        return _asked(item, item.alike, made, title)
    if item.operation is Operation.CREATE:
        detail = (
            f"a create of {made} was not answered, and may still happen until {_clock(item)}: made "
            "again before that, it could go out twice"
        )
    else:
        detail = (
            f"an update of {made} was not answered, and may still happen until {_clock(item)}, "
            "after a newer one that is made before that"
        )
    return problem("PC904", detail, address=str(item.address), severity=Severity.WARNING)


def _asked(item: Undecided, alike: LiveEntry, made: str, title: str) -> Diagnostic:
    """Ask about an entry that only a person can attribute to the open create."""
    text = " ".join(alike.entry.text.split())
    shown = f"{text[:60]}…" if len(text) > 60 else text
    return problem(
        "PC904",
        f"a create of {made} was not answered, and {alike.id} began to exist just then, "
        f"but is not the same: {shown}",
        hint="If somebody edited it, let the file say the same. If not, remove it in "
        f"{title}. Then apply again.",
        address=str(item.address),
        severity=Severity.WARNING,
    )


def _clock(item: Undecided) -> str:
    return f"{item.until:%H:%M:%S} UTC"
