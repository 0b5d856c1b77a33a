"""Values that only the tests of the core need, in the manner of `plancast.testing.builders`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from plancast.model.diagnostics import Pointer
from plancast.model.entry import Address, Entry
from plancast.model.plan import Action, Change
from plancast.model.profile import Profile
from plancast.model.state import Binding, BindingStatus, Intent, Operation, State
from plancast.model.workspace import Desired, OnDrift, Policy
from plancast.reconcile.rails import Allowances, Railed, apply_rails
from plancast.testing import builders
from plancast.testing.builders import ADDRESS, NOW, change


def owner(alias: str) -> Profile:
    """The profile behind an alias of the builders."""
    known = builders.profile(alias)
    return Profile(known.id, known.service)


def as_it_is(entry: Entry, profile: Profile) -> Entry:
    """A provider that rewrites nothing."""
    del profile
    return entry


def desired(
    address: str = ADDRESS,
    content: Entry | None = None,
    *,
    profile: Profile | None = None,
    protect: bool = False,
    on_drift: OnDrift = OnDrift.OVERWRITE,
) -> Desired:
    """Build the desired entry that a file asks for."""
    place = Address.parse(address)
    return Desired(
        address=place,
        profile=profile or owner(place.profile),
        entry=content or builders.entry(),
        at=Pointer(f"{place.post}.yaml"),
        zone=builders.ZONE,
        protect=protect,
        on_drift=on_drift,
    )


def binding(
    address: str = ADDRESS,
    applied: Entry | None = None,
    *,
    observed: Entry | None = None,
    remote_id: str = "remote-1",
    profile_id: str = "",
    status: BindingStatus = BindingStatus.SCHEDULED,
    due_at: datetime | None = None,
    created_at: datetime | None = None,
    sent_at: datetime | None = None,
    link: str = "",
    protect: bool = False,
    inert: bool = False,
    unsettled_at: datetime | None = None,
) -> Binding:
    """An owned entry; what was observed is what was applied unless `observed` says otherwise."""
    place = Address.parse(address)
    asked = applied or builders.entry()
    return Binding(
        address=place,
        remote_id=remote_id,
        profile_id=profile_id or f"p-{place.profile}",
        applied=asked,
        observed=observed or asked,
        status=status,
        due_at=due_at or asked.due_at,
        created_at=created_at,
        sent_at=sent_at,
        link=link,
        protect=protect,
        inert=inert,
        unsettled_at=unsettled_at,
    )


def intent(
    *addresses: str,
    operation: Operation = Operation.CREATE,
    content: Entry | None = None,
    id: str = "lineage-1.7-000001",
    remote_id: str = "",
    known: Sequence[str] = (),
    made_at: datetime = NOW,
    sent_at: datetime | None = None,
    given_up_at: datetime | None = None,
    inert: bool = False,
) -> Intent:
    """A call that is about to be made for these addresses."""
    places = tuple(Address.parse(item) for item in addresses or (ADDRESS,))
    return Intent(
        id=id,
        operation=operation,
        addresses=places,
        profile_ids=tuple(f"p-{place.profile}" for place in places),
        entry=content or builders.entry(),
        made_at=made_at,
        remote_id=remote_id,
        known=tuple(known),
        sent_at=sent_at,
        given_up_at=given_up_at,
        inert=inert,
    )


def state(*bindings: Binding, intents: Sequence[Intent] = (), serial: int = 7) -> State:
    """A state that owns these."""
    return State("lineage-1", serial=serial).bind(*bindings).intend(intents)


OWNED = state(*(binding(f"p{number}@acme-x", remote_id=f"r{number}") for number in range(10)))


def rail(
    *changes: Change,
    policy: Policy | None = None,
    state: State = OWNED,
    allow: Allowances | None = None,
    drift_rules: dict[str, OnDrift] | None = None,
    asks_for_nothing: bool = False,
    asked: Collection[tuple[str, Address]] = frozenset(),
    missing: Sequence[str] = (),
) -> Railed:
    """These changes behind all rails."""
    return apply_rails(
        changes,
        policy=policy or Policy(),
        state=state,
        now=NOW,
        allow=allow or Allowances(),
        drift_rules=drift_rules or {},
        asks_for_nothing=asks_for_nothing,
        asked=asked,
        missing=missing,
    )


def codes(railed: Railed) -> list[str]:
    """Return the codes of the diagnostics."""
    return [item.code for item in railed.diagnostics]


def destroys(count: int) -> list[Change]:
    """The first few of what is owned go."""
    return [change(Action.DESTROY, f"p{number}@acme-x") for number in range(count)]
