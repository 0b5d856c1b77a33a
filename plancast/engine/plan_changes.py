"""The changes for everything that is desired or owned, before the scope of a plan. Pure.

`decide` matches and compares, ties changes into groups, and asserts `reconcile.invariants`. The
planner then narrows the changes to the scope and holds some of them back.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from plancast.engine.observer import Observation
from plancast.engine.plan_request import PlanRequest
from plancast.engine.recovery import Undecided
from plancast.model.diagnostics import Diagnostic, problem
from plancast.model.entry import Address, LiveEntry
from plancast.model.plan import HIDDEN, Action, Change, ProfileRef, Situation, Unmanaged
from plancast.model.ports import Provider
from plancast.model.profile import Profile
from plancast.model.state import State
from plancast.model.workspace import Desired
from plancast.reconcile.diff import DiffContext, diff
from plancast.reconcile.groups import grouped
from plancast.reconcile.invariants import contradictions, repeated_ids
from plancast.reconcile.match import Claim, Facts, How, Matched, Pair, match
from plancast.reconcile.match_remarks import remarks
from plancast.reconcile.repairs import is_failed, removed
from plancast.reconcile.strays import Stray, strays
from plancast.reconcile.targets import is_target


@dataclass(frozen=True, slots=True)
class View:
    """A request for a plan, with everything else that its changes depend on."""

    question: PlanRequest
    seen: Observation
    provider: Provider
    now: datetime

    @property
    def context(self) -> DiffContext:
        """The context of `diff`."""
        references = _references(self.question, self.seen)
        return DiffContext(
            self.now,
            self.provider.expected,
            references,
            self.provider.title,
            self.provider.capabilities.edits_failed,
        )


@dataclass(frozen=True, slots=True)
class Decided:
    """All changes, before any is narrowed or held back, with the pairs they come from."""

    changes: tuple[Change, ...] = ()
    unmanaged: tuple[Unmanaged, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    pairs: tuple[Pair, ...] = ()

    @property
    def claims(self) -> dict[tuple[str, Address], Claim]:
        """The claims that creates have to wait for, by profile id and address."""
        return {(one.profile_id, one.address): one.claim for one in self.pairs if one.claim}


def decide(
    view: View, desired: Sequence[Desired], state: State, undecided: Sequence[Undecided]
) -> Decided:
    """Match, compare and group everything, and assert the invariants.

    `undecided` are the calls of earlier runs whose outcome is still unknown.
    """
    # Step 0 of matching: with one entry under two addresses no pair would be certain.
    repeated = repeated_ids(state)
    if repeated:
        return Decided(diagnostics=tuple(_repeated(*one) for one in repeated))
    question, context = view.question, view.context
    matched = match(
        desired,
        state.resources.values(),
        view.seen.live,
        Facts(
            view.provider.expected,
            view.now,
            history=question.history,
            elsewhere=question.elsewhere,
            claims=[item.claim for item in undecided if item.claim],
            stated=question.moves.moves,
            kept=question.moves.kept,
        ),
    )
    places = {item.address: item for item in desired}
    paired = [(pair, _change(pair, context, places, question)) for pair in matched.pairs]
    late = _strays(matched, state, view)
    changes = [
        *(change for _, change in paired),
        *_left_behind(paired, context),
        *(replace(_stray(item, context), zone=question.zone) for item in late),
    ]
    # A person may have edited a live text; groups also need the text that plancast sent.
    applied = {one.remote_id: one.applied for one in state.resources.values()}
    # Without history, as in `match`: a binding there is in no pair.
    bound = [one for one in state.resources.values() if one.address not in question.history]
    faults = contradictions(desired, bound, paired, changes, view.now)
    # Faults count for all entries, but questions to authors only for those in scope.
    asked = [
        (pair, change) for pair, change in paired if is_target(str(pair.address), question.targets)
    ]
    return Decided(
        grouped(sorted(changes, key=place), applied),
        _others(matched, {item.live.id for item in late}, view, context),
        (
            *remarks(asked, view.now, {item.address.post for item in desired}),
            *(problem("PC618", fault) for fault in faults),
        ),
        matched.pairs,
    )


def _repeated(remote_id: str, addresses: Sequence[Address]) -> Diagnostic:
    names = " and ".join(map(str, addresses))
    hint = f"Let go of what is wrong: `plancast state rm {addresses[-1]}`."
    return problem("PC616", f"{names} are the same entry, {remote_id}", hint=hint)


def _change(
    pair: Pair, context: DiffContext, places: Mapping[Address, Desired], question: PlanRequest
) -> Change:
    """Return the change of a pair, with its place in a file and the reason for people."""
    change = diff(pair, context)
    item = places.get(pair.address)
    if pair.how is How.UNWANTED:
        moved = item is not None and item.profile.id != pair.profile_id
        reason = "the alias means another profile now" if moved else change.reason
        change = replace(change, reason=reason, zone=question.zone)
        # `removed: [{keep: true}]`: let go of the entry and leave it in the queue.
        if change.action is Action.DESTROY and pair.address.post in question.moves.kept:
            reason = f"it stays in {context.title}, as `removed` says"
            return replace(change, action=Action.FORGET, reason=reason)
        return change
    if item is None or not change.is_visible:
        return change
    return replace(change, source=question.locate(item.at))


def _left_behind(paired: Sequence[tuple[Pair, Change]], context: DiffContext) -> list[Change]:
    """Let go of what creates replace: the old address of a renamed entry, and a failed entry.

    A create cannot carry a rename: it gets a new id at the new address, and the binding of the
    missing entry is left at the old one. A failed entry is still in the queue.
    """
    changes = []
    for pair, change in paired:
        if change.action is not Action.CREATE or pair.binding is None:
            continue
        old = Pair(pair.binding.address, How.UNWANTED, None, pair.binding, pair.live)
        if is_failed(pair.live):
            changes.append(removed(diff(old, context), change.zone))
        elif pair.is_renamed:
            reason = f"it is gone from the queue; {pair.address} takes its place"
            changes.append(replace(diff(old, context), reason=reason, zone=change.zone))
    return changes


def _strays(matched: Matched, state: State, view: View) -> tuple[Stray, ...]:
    """Return the strays in the queue, without entries that another workspace owns."""
    free = [one for one in matched.unmanaged if one.id not in view.question.elsewhere]
    profiles = {profile.id: profile for profile in view.seen.profiles}
    return strays(free, state.abandoned, profiles, view.provider.expected)


def _others(
    matched: Matched, late: Collection[str], view: View, context: DiffContext
) -> tuple[Unmanaged, ...]:
    """Return the unmanaged entries, with their texts hidden if strangers may read the plan."""
    others = [_unmanaged(entry, context) for entry in matched.unmanaged if entry.id not in late]
    if view.question.hide_unmanaged:
        others = [replace(item, text=HIDDEN) for item in others]
    return tuple(sorted(others, key=_by_profile_and_time))


def _references(question: PlanRequest, seen: Observation) -> dict[str, ProfileRef]:
    """Return the references of all known profiles by id; the alias is "" if they have none."""
    named = {
        profile.id: _reference(alias, profile, question)
        for alias, profile in question.profiles.items()
    }
    for profile in seen.profiles:
        named.setdefault(profile.id, _reference("", profile, question))
    return named


def _reference(alias: str, profile: Profile, question: PlanRequest) -> ProfileRef:
    """Return the reference of a profile, with the limit that its texts were checked by."""
    limits = question.limits.get(profile.service)
    usual = limits.text if limits else None
    own = profile.text_limit
    return ProfileRef(alias, profile.id, profile.service, usual if own is None else own)


def _stray(item: Stray, context: DiffContext) -> Change:
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


def _unmanaged(entry: LiveEntry, context: DiffContext) -> Unmanaged:
    known = context.aliases.get(entry.profile_id)
    reference = known or ProfileRef("", entry.profile_id, "")
    return Unmanaged(reference, entry.id, entry.entry.text, entry.due_at)


def place(change: Change) -> tuple[tuple[str, str], str, str, str]:
    """Return the sort key of a change: by address, then by what makes the order unambiguous."""
    return (change.sort_key, change.profile.id, change.action.value, change.remote_id)
