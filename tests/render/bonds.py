"""Plans in which changes belong together, and one that was narrowed to a part of them."""

from __future__ import annotations

from plancast.model.plan import Action, Change, Plan
from plancast.reconcile.groups import grouped, narrowed
from plancast.testing.builders import change, entry, leaf, plan

BEFORE = "Our garden tools are here, come and see."
AFTER = "Our garden tools are here: come and see!"
TIP = "Every Friday: one tool, one trick."


def _changes() -> list[Change]:
    """A rename with an edit, two halves of what may be one, and a ring of names."""
    renamed = [
        change(
            Action.UPDATE,
            f"2026/tools@{alias}",
            previous=f"drafts/tools@{alias}",
            before=entry(BEFORE),
            after=entry(AFTER),
            fields=[leaf("text", BEFORE, AFTER)],
        )
        for alias in ("acme-fb", "acme-x")
    ]
    return list(
        grouped(
            [
                *renamed,
                change(Action.DESTROY, "tips/old@acme-x", before=entry(TIP, at="2026-12-04 10:00")),
                change(Action.CREATE, "tips/new@acme-x", after=entry(TIP, at="2026-12-11 10:00")),
                change(Action.RENAME, "week/1@acme-fb", previous="week/2@acme-fb"),
                change(Action.RENAME, "week/2@acme-fb", previous="week/1@acme-fb"),
            ],
            {},
        )
    )


def bonds() -> Plan:
    """Return a plan with entries that belong together."""
    return plan(*_changes())


def half_a_group() -> Plan:
    """Only creates were asked for, and this one is half of something."""
    creates = narrowed(_changes(), lambda one: one.action is Action.CREATE, "`--only create`")
    return plan(*creates, only=[Action.CREATE])
