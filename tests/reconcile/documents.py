"""A plan, a state and the events with everything in them, as documents, and ways to break them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from plancast.codec import event_to_dict, plan_to_dict, state_to_dict
from plancast.model.diagnostics import SourceRange, problem
from plancast.model.entry import Address, Image, Link
from plancast.model.events import (
    ApplyFinished,
    ApplyStarted,
    BatchStarted,
    ChangeFinished,
    Outcome,
    Waiting,
)
from plancast.model.findings import ANSWERS, Findings, ProbeKind, ProbeObject, Question
from plancast.model.plan import Action, Situation
from plancast.model.profile import Profile
from plancast.model.state import (
    Applied,
    Approval,
    Lease,
    Operation,
    PersonApproval,
    RequestApproval,
)
from plancast.model.workspace_identity import Identity
from plancast.testing.builders import NOW, change, entry, leaf, live, plan, unmanaged
from tests.reconcile import making

Path = tuple[str | int, ...]

_SOURCE = SourceRange("a.yaml", 3, 5, 9, "text: hello")
_FULL = entry(
    "hello",
    link=Link("https://a.example", "Title", "About", "https://a.example/t.png"),
    images=[Image("https://a.example/1.png", "One", "one.png", hosted=True)],
)
_LIVE = replace(live("r1", _FULL), statistics={"likes": 3}, created_at=NOW)
_PLACE = Address("a", "acme-x")

PLAN: dict[str, Any] = plan_to_dict(
    plan(
        change(Action.CREATE, "a@acme-x", after=_FULL, source=_SOURCE, reason="why"),
        change(
            Action.UPDATE,
            "b@acme-x",
            before=entry("before"),
            after=_FULL,
            fields=[leaf("text", "before", "hello")],
            drift=[leaf("due_at", "2026-12-01 08:30", "2026-12-02 08:30")],
            situations=[Situation.DRIFTED],
            live=_LIVE,
            previous="old@acme-x",
        ),
        unmanaged=[unmanaged()],
        diagnostics=[problem("PC703", "soon", address="b@acme-x", source=_SOURCE)],
        offline_as_of=NOW,
        targets=["*"],
        only=[Action.CREATE],
    )
)

STATE: dict[str, Any] = state_to_dict(
    replace(
        making.state(
            making.binding("a@acme-x", _FULL, created_at=NOW, sent_at=NOW, unsettled_at=NOW),
            intents=[
                replace(
                    making.intent(
                        "b@acme-x", "b@acme-fb", content=_FULL, known=["f1"], sent_at=NOW
                    ),
                    keyed=True,
                    item="i2",
                )
            ],
        ),
        read_at=NOW,
        lease=Lease("ci", "token", "host", NOW, 60),
        profiles=(Profile("p-acme-x", "twitter"),),
        abandoned=(making.intent("c@acme-x", given_up_at=NOW),),
        workspace=Identity("k3xq7mzp2a", "social", "buffer"),
        approved={
            "key-1": Approval(
                "p-acme-x",
                Address("d", "acme-x"),
                Operation.CREATE,
                NOW,
                RequestApproval("github", "12", "4f0c1d2"),
                group="g1",
                refused=True,
            ),
            "key-2": Approval(
                "p-acme-x", _PLACE, Operation.UPDATE, NOW, PersonApproval("ana", "77")
            ),
        },
        spent={"github/12": NOW},
        unapproved={"key-3": NOW},
        applied=Applied("main", "4f0c1d2"),
        moved_to="refs/plancast/state",
        findings=Findings(
            "acc-1",
            "buffer-graphql",
            NOW,
            {question: ANSWERS[question][0] for question in Question},
        ),
        probes=(ProbeObject(ProbeKind.ITEM, "probe l.1-2", "p-acme-x", NOW, "key", "i1"),),
        draft_keys={"key-4": NOW},
    )
)

EVENTS: dict[str, dict[str, Any]] = {
    event.name: event_to_dict(event)
    for event in (
        ApplyStarted(NOW, 3, 2, 2),
        BatchStarted(NOW, 1, 1, 2),
        ChangeFinished(NOW, _PLACE, Action.CREATE, Outcome.APPLIED, 1, 3, 2, "r1", "fine"),
        Waiting(NOW, 1.5, "the limit"),
        ApplyFinished(NOW, (_PLACE,), (), (), (), (), 2),
    )
}


def places(document: Any, path: Path = ()) -> list[Path]:
    """The path of every value below a document."""
    if isinstance(document, dict):
        inside: list[tuple[str | int, Any]] = list(document.items())
    elif isinstance(document, list):
        inside = list(enumerate(document))
    else:
        return []
    return [
        found for key, value in inside for found in ((*path, key), *places(value, (*path, key)))
    ]


def at(document: Any, path: Path) -> Any:
    """The value at a path."""
    for step in path:
        document = document[step]
    return document


def without(document: Any, path: Path) -> Any:
    """A copy that lacks one value."""
    smaller = copied(document, path[:-1])
    del at(smaller, path[:-1])[path[-1]]
    return smaller


def having(document: Any, path: Path, value: object) -> Any:
    """A copy in which one value is another."""
    other = copied(document, path[:-1])
    at(other, path[:-1])[path[-1]] = value
    return other


def copied(document: Any, path: Path) -> Any:
    """A copy of the containers on a path, which shares what lies beside it."""
    container = document.copy()
    if path:
        container[path[0]] = copied(document[path[0]], path[1:])
    return container
