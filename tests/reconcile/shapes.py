"""Strategies for what is owned and for whole worlds, the latter of few values so that they meet."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from hypothesis import strategies as st

from plancast.model.diagnostics import Pointer
from plancast.model.entry import Address, Entry, LiveEntry, LiveStatus, QueuePosition
from plancast.model.findings import ANSWERS, Findings, ProbeKind, ProbeObject
from plancast.model.profile import Profile
from plancast.model.state import (
    Applied,
    Approval,
    Binding,
    BindingStatus,
    Intent,
    Lease,
    Operation,
    PersonApproval,
    RequestApproval,
    State,
)
from plancast.model.workspace import Desired, OnDrift
from plancast.model.workspace_identity import Identity
from plancast.reconcile.match import Live
from plancast.testing import builders
from plancast.testing.builders import NOW
from tests.reconcile import making
from tests.strategies import addresses, entries, moments, names, texts

bindings = st.builds(
    Binding,
    address=addresses,
    remote_id=names,
    profile_id=names,
    applied=entries(),
    observed=entries(),
    status=st.sampled_from(BindingStatus),
    due_at=st.none() | moments,
    created_at=st.none() | moments,
    sent_at=st.none() | moments,
    link=texts,
    protect=st.booleans(),
    inert=st.booleans(),
    unsettled_at=st.none() | moments,
)
identities = st.builds(Identity, texts, texts, texts)
approvals = st.builds(
    Approval,
    profile_id=names,
    address=addresses,
    kind=st.sampled_from(Operation),
    at=moments,
    by=st.builds(RequestApproval, names, names, names) | st.builds(PersonApproval, names, names),
    group=texts,
    refused=st.booleans(),
)
findings = st.builds(
    Findings,
    texts,
    names,
    moments,
    st.fixed_dictionaries(
        {}, optional={question: st.sampled_from(answers) for question, answers in ANSWERS.items()}
    ),
)
probes = st.builds(ProbeObject, st.sampled_from(ProbeKind), names, names, moments, texts, texts)
leases = st.builds(Lease, texts, texts, texts, moments, st.integers(0, 9999))
full_profiles = st.builds(
    Profile, names, names, texts, texts, texts, texts, st.booleans(), st.booleans()
)


@st.composite
def intents(draw: st.DrawFn) -> Intent:
    """Intents for one address, and creates for up to three."""
    operation = draw(st.sampled_from(Operation))
    most = 3 if operation is Operation.CREATE else 1
    places = draw(st.lists(addresses, min_size=1, max_size=most, unique=True))
    keyed = operation is Operation.CREATE and draw(st.booleans())
    return Intent(
        id=draw(names),
        operation=operation,
        addresses=tuple(places),
        profile_ids=tuple(draw(names) for _ in places),
        entry=draw(entries()),
        made_at=draw(moments),
        remote_id="" if operation is Operation.CREATE else draw(names),
        known=tuple(draw(st.lists(names, max_size=2))),
        sent_at=draw(st.none() | moments),
        given_up_at=draw(st.none() | moments),
        inert=draw(st.booleans()),
        keyed=keyed,
        item=draw(texts) if keyed else "",
    )


@st.composite
def states(draw: st.DrawFn) -> State:
    """Whole state documents."""
    found = State(
        lineage=draw(names),
        serial=draw(st.integers(0, 999)),
        epoch=draw(st.integers(0, 99)),
        account_id=draw(texts),
        provider=draw(texts),
        read_at=draw(st.none() | moments),
        lease=draw(st.none() | leases),
        profiles=tuple(draw(st.lists(full_profiles, max_size=2))),
        abandoned=tuple(draw(st.lists(intents(), max_size=2))),
        workspace=draw(st.none() | identities),
        approved=draw(st.dictionaries(names, approvals, max_size=2)),
        spent=draw(st.dictionaries(names, moments, max_size=2)),
        unapproved=draw(st.dictionaries(names, moments, max_size=2)),
        applied=draw(st.none() | st.builds(Applied, names, names)),
        moved_to=draw(st.sampled_from(["", "refs/plancast/state-b", "refs/heads/plancast-state"])),
        findings=draw(st.none() | findings),
        probes=tuple(draw(st.lists(probes, max_size=2))),
        draft_keys=draw(st.dictionaries(names, moments, max_size=2)),
    )
    owned = draw(st.lists(bindings, max_size=3))
    return found.bind(*owned).intend(draw(st.lists(intents(), max_size=2)))


# -- worlds -----------------------------------------------------------------------------------

POSTS = ("a", "b", "c", "d")
ALIASES = ("acme-x", "acme-fb")
_times = st.sampled_from(
    [NOW - timedelta(days=1), NOW + timedelta(days=1), NOW + timedelta(days=2)]
)


@st.composite
def few(draw: st.DrawFn) -> Entry:
    """One of a dozen entries."""
    due_at = draw(st.none() | _times)
    queue = QueuePosition.NEXT if due_at is None else None
    return Entry(text=draw(st.sampled_from(["one", "two", "three"])), due_at=due_at, queue=queue)


@dataclass(frozen=True, slots=True)
class Seen:
    """Both sides, and what is known of them."""

    desired: tuple[Desired, ...]
    bindings: tuple[Binding, ...]
    live: Live


def _profile(alias: str, *, moved: bool) -> Profile:
    known = making.owner(alias)
    return replace(known, id="p-new") if moved else known


@st.composite
def worlds(draw: st.DrawFn) -> Seen:
    """A few posts on two profiles, among a few entries of which some are owned, some are not."""
    places = st.builds(Address, st.sampled_from(POSTS), st.sampled_from(ALIASES))
    moved = draw(st.lists(st.sampled_from(ALIASES), max_size=1))
    wanted = tuple(
        Desired(
            address=place,
            profile=_profile(place.profile, moved=place.profile in moved),
            entry=draw(few()),
            at=Pointer(f"{place.post}.yaml"),
            protect=draw(st.booleans()),
            on_drift=draw(st.sampled_from(OnDrift)),
        )
        for place in draw(st.lists(places, unique=True, max_size=5))
    )
    owned = []
    lists: dict[bool, list[LiveEntry]] = {False: [], True: []}
    for number, place in enumerate(draw(st.lists(places, unique=True, max_size=4))):
        content, remote_id = draw(few()), f"r{number}"
        shown = draw(st.sampled_from(["queue", "sent", "gone"]))
        owned.append(
            making.binding(
                str(place),
                content,
                remote_id=remote_id,
                status=draw(st.sampled_from(BindingStatus)),
            )
        )
        if shown != "gone":
            live = builders.live(remote_id, draw(few()), alias=place.profile)
            lists[shown == "sent"].append(_standing(live, sent=shown == "sent"))
    for number in range(draw(st.integers(0, 4))):
        alias, sent = draw(st.sampled_from(ALIASES)), draw(st.booleans())
        live = builders.live(f"f{number}", draw(few()), alias=alias)
        lists[sent].append(_standing(live, sent=sent))
    return Seen(wanted, tuple(owned), Live(tuple(lists[False]), tuple(lists[True])))


def _standing(live: LiveEntry, *, sent: bool) -> LiveEntry:
    due_at = live.entry.due_at or NOW
    if not sent:
        return replace(live, due_at=due_at)
    return replace(live, due_at=due_at, sent_at=due_at, status=LiveStatus.PUBLISHED)
