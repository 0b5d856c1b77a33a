"""Staleness of a saved plan: it may be applied only while everything that it was made from holds.

The check compares the saved plan with a fresh one. Content, lineage and serial must be the same. Of
the live side only entries that the plan touches count: a post that a person made in Buffer since
then is no reason to refuse.
"""

from __future__ import annotations

from plancast.model.entry import Address
from plancast.model.features import THE_PROVIDER
from plancast.model.plan import Action, Change, Plan, Situation


def staleness_reasons(saved: Plan, fresh: Plan, title: str = THE_PROVIDER) -> tuple[str, ...]:
    """Return the reasons why a saved plan is stale, one phrase each; empty if it may be applied.

    `title` is the name of the provider.
    """
    reasons = []
    if saved.provider != fresh.provider:
        reasons.append(f"it was made for the provider {saved.provider}, this is {fresh.provider}")
    if saved.account_id and fresh.account_id and saved.account_id != fresh.account_id:
        reasons.append("it was made for another account")
    before, after = saved.basis, fresh.basis
    if before.state_serial != after.state_serial:
        reasons.append(f"the state is at serial {after.state_serial}, not {before.state_serial}")
    elif before.state_serial and before.state_lineage != after.state_lineage:
        # A state that was never written (serial 0) gets a new lineage each time it is read.
        reasons.append("the state is another one (its lineage differs)")
    if saved.basis.content_digest != fresh.basis.content_digest:
        reasons.append("the files changed")
    reasons.extend(_entries(saved, fresh, title))
    return tuple(reasons)


def _entries(saved: Plan, fresh: Plan, title: str) -> list[str]:
    """Return a phrase for each change that differs between the two plans."""
    before, after = _by_key(saved), _by_key(fresh)
    return [
        f"{key[0]}: {_what(before.get(key), after.get(key), title)}"
        for key in sorted({*before, *after}, key=lambda item: (str(item[0]), *item[1:]))
        if not _same(before.get(key), after.get(key))
    ]


def _by_key(plan: Plan) -> dict[tuple[Address, str, str], Change]:
    """Return the changes that do something, by a key that is unique in a plan.

    An address can occur twice: on two profiles, and for a stray beside the entry itself.
    """
    return {
        (
            change.address,
            change.profile.id,
            change.remote_id if Situation.STRAY in change.situations else "",
        ): change
        for change in plan.changes
        if change.action is not Action.NONE
    }


def _same(before: Change | None, after: Change | None) -> bool:
    if before is None or after is None:
        return before is after
    # Reasons, sources and times for display may differ: only what is sent, and what it replaces.
    return (
        before.action is after.action
        and before.remote_id == after.remote_id
        and before.after == after.after
        and before.before == after.before
        # It decides which approval covers the change.
        and before.completes_create == after.completes_create
    )


def _what(before: Change | None, after: Change | None, title: str) -> str:
    if before is None:
        return "it has to be changed now, the plan does not know of it"
    if after is None:
        return f"{before.action.value} is no longer what is needed"
    if before.action is not after.action:
        return f"{after.action.value} would be right now, not {before.action.value}"
    return f"it was changed in {title} since"
