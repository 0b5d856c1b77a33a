"""The plans that every renderer is shown. Their renderings are in `snapshots/`."""

from __future__ import annotations

from plancast.model.diagnostics import Severity, SourceRange, problem
from plancast.model.entry import Image, Link, LiveStatus, QueuePosition
from plancast.model.plan import Action, Budget, Change, Plan, RateWindow, Situation
from plancast.testing.builders import change, entry, leaf, live, plan, unmanaged
from tests.render.bonds import bonds, half_a_group
from tests.render.parts import parts

LONG = "\n\n".join(
    f"Paragraph {number}. The new anvil is twice as heavy and half as loud, and nobody who has "
    "tried it wants the old one back."
    for number in range(1, 7)
)
OLD = (
    "Something is coming to your workshop.\n\nTwo years of work, one very small box.\n"
    "It fits under the bench.\n\nRead more tomorrow at ten."
)
NEW = (
    "Something is coming to your workshop.\n\nTwo years of work, one very heavy box.\n"
    "It fits under the bench.\n\nRead more tomorrow at ten."
)
TEASER = Link(
    "https://acme.example/launch",
    title="The anvil, again",
    description="Twice as heavy, half as loud.",
)
DARK = Image("https://images.acme.example/teaser.png", alt="A small wooden box on a dark stage")
HOSTILE = (
    "Sale\x1b[2J\x1b]0;owned\x07 now\r\x9b31m\u202egnp.exe\u2066 \ud83d end\x00\x7f\n"
    "[-not removed-] {+not added+} -] \u200bhidden\u2028line [bold]no markup[/bold]"
)


def creates() -> Plan:
    """One post on three profiles, one of which has its own time; others of many kinds."""
    queued = entry("Every Friday: one tool, one trick.", at=None)
    return plan(
        change(address="launch/teaser@acme-fb", after=entry(OLD, at="2026-12-01 14:30")),
        change(address="launch/teaser@acme-linkedin", after=entry(OLD, link=TEASER)),
        change(address="launch/teaser@acme-mastodon", after=entry(OLD, images=[DARK])),
        change(address="launch/teaser@acme-pinterest", after=entry(OLD, link=TEASER)),
        change(address="news/long@acme-linkedin", after=entry(LONG, shorten=True)),
        change(address="tips/friday@acme-x", after=queued, due_at="2026-11-27 10:00"),
        change(
            address="tips/top@acme-x",
            after=entry("First of all.", at=None, queue=QueuePosition.TOP, link_card=False),
        ),
        budget=Budget(6, 6, (RateWindow(60, 60, 60),)),
    )


def update() -> Plan:
    """A text, a time, a link and images that differ."""
    one, two = "https://images.acme.example/a.png", "https://images.acme.example/b.png"
    return plan(
        change(
            Action.UPDATE,
            before=entry(OLD),
            after=entry(NEW, at="2026-12-02 08:30", link=TEASER, images=[two]),
            fields=[
                leaf("text", OLD, NEW),
                leaf("due_at", "2026-12-01 08:30", "2026-12-02 08:30"),
                leaf("link.title", None, TEASER.title),
                leaf("link.url", None, TEASER.url),
                leaf("images[0].url", one, two),
                leaf("images[0].alt", "A box", None),
                leaf("link_card", True, False),
            ],
        ),
        change(
            Action.UPDATE,
            "launch/teaser@acme-linkedin",
            before=entry(OLD),
            after=entry(OLD, at=None),
            fields=[leaf("due_at", "2026-12-01 08:30", None), leaf("queue", None, "next")],
        ),
        change(
            Action.UPDATE,
            "news/long@acme-linkedin",
            before=entry(LONG),
            after=entry(LONG.replace("Paragraph 4", "Chapter 4")),
            fields=[leaf("text", LONG, LONG.replace("Paragraph 4", "Chapter 4"))],
        ),
    )


def destroy() -> Plan:
    """A removed file, a protected one, and a rail that refuses."""
    return plan(
        change(Action.DESTROY, "news/old@acme-linkedin", before=entry(LONG)),
        change(Action.DESTROY, "news/old@acme-x", reason="no file asks for it"),
        change(
            Action.DESTROY,
            "tips/friday@acme-x",
            before=entry("Every Friday: one tool.", at=None),
            due_at="2026-11-27 10:00",
            reason="the alias means another profile now",
        ),
        diagnostics=[
            problem("PC706", "news/old@acme-x is protected", address="news/old@acme-x"),
            problem(
                "PC701",
                "6 of 20 owned entries would be destroyed, 5 may be",
                hint="If that is meant, pass --allow-destroy 6.",
            ),
        ],
    )


def state_only() -> Plan:
    """Adopting, renaming and forgetting: no request."""
    sent = live(status=LiveStatus.PUBLISHED, sent_at="2026-11-22 08:31", link="https://x.example/9")
    return plan(
        change(Action.ADOPT, "launch/teaser@acme-x"),
        change(
            Action.ADOPT,
            "launch/yesterday@acme-x",
            situations=[Situation.PUBLISHED],
            reason="it was published already",
            due_at="2026-11-22 08:31",
            live=sent,
        ),
        change(Action.FORGET, "news/old@acme-x", reason="it was published"),
        change(Action.RENAME, "news/new@acme-x", previous="news/failed@acme-x"),
        change(
            Action.UPDATE,
            "news/other@acme-x",
            previous="news/drifted@acme-x",
            fields=[leaf("text", "Old.", "New.")],
            situations=[Situation.DRIFTED],
            reason="it was changed in Buffer",
        ),
        history=12,
        budget=Budget(1, 1),
    )


def drift() -> Plan:
    """Return the changes that a person made in Buffer, under each policy."""
    hand = [leaf("text", "Small box.", "Tiny box!"), leaf("due_at", "2026-12-01 08:30", None)]
    drifted, blocked = (Situation.DRIFTED,), (Situation.DRIFTED, Situation.BLOCKED)
    return plan(
        change(
            Action.UPDATE,
            "a/overwrite@acme-x",
            fields=[leaf("text", "Tiny box!", "Small box.")],
            drift=hand,
            situations=drifted,
            reason="it was changed in Buffer",
        ),
        change(
            Action.NONE,
            "b/keep@acme-x",
            before=entry("Tiny box!"),
            drift=hand,
            situations=drifted,
            reason="it was changed in Buffer; on_drift says keep",
        ),
        change(
            Action.NONE,
            "c/fail@acme-x",
            before=entry("Tiny box!"),
            drift=hand,
            situations=blocked,
            reason="it was changed in Buffer; on_drift says fail",
        ),
        change(
            Action.CREATE,
            "d/removed@acme-x",
            drift=[leaf("text", "Small box.", None)],
            situations=drifted,
            reason="it was removed in Buffer",
        ),
        change(
            Action.NONE,
            "e/removed-kept@acme-x",
            before=entry("Small box."),
            drift=[leaf("text", "Small box.", None)],
            situations=drifted,
            reason="it was removed in Buffer; on_drift says keep",
        ),
        change(
            Action.ADOPT, "f/taken-over@acme-x", drift=hand[:1], reason="Buffer holds this already"
        ),
        diagnostics=[problem("PC708", "on_drift says fail", address="c/fail@acme-x")],
    )


def situations() -> Plan:
    """Return entries in every situation, and those that hold others back."""
    sent = live(status=LiveStatus.PUBLISHED, sent_at="2026-11-23 08:31", link="https://x.example/7")
    at = "2026-11-23 08:30"
    return plan(
        change(
            Action.NONE,
            "a/published@acme-x",
            after=entry(at=at),
            due_at="2026-11-23 08:31",
            situations=[Situation.PUBLISHED],
            reason="it went out",
            live=sent,
        ),
        change(
            Action.NONE,
            "b/edited@acme-x",
            after=entry("Edited.", at=at),
            due_at="2026-11-23 08:31",
            fields=[leaf("text", "Sent.", "Edited.")],
            situations=[Situation.PUBLISHED],
            reason="it was published; the edit of its file has no effect",
        ),
        change(
            Action.NONE,
            "c/failed@acme-x",
            before=entry(at=at),
            situations=[Situation.FAILED],
            reason="the network has locked or suspended the account (The account [acme] is "
            "suspended); mend its file if need be, and give it another time",
        ),
        change(
            Action.NONE,
            "d/missed@acme-x",
            after=entry("Happy new week!", at="2026-11-22 08:00"),
            situations=[Situation.MISSED],
            reason="its time passed before it ever existed; it is never sent late",
        ),
        change(
            Action.NONE,
            "e/deferred@acme-x",
            situations=[Situation.DEFERRED],
            reason="the queue is full (10); the soonest posts go first",
        ),
        change(
            Action.NONE,
            "f/blocked@acme-x",
            situations=[Situation.BLOCKED],
            reason="publishing is paused",
        ),
        change(Action.NONE, "g/quiet@acme-x", after=entry(at=at), situations=[Situation.PUBLISHED]),
        change(Action.NONE, "h/unchanged@acme-x"),
        diagnostics=[
            problem("PC405", "it is due at 2026-11-22 08:00 UTC", address="d/missed@acme-x"),
            problem("PC905", "the queue is full (10)", address="e/deferred@acme-x"),
        ],
    )


def others() -> Plan:
    """A queue full of posts that people made."""
    found = [
        unmanaged(number, alias, f"Post {number}: " + "a long text by hand, " * number, due)
        for number, (alias, due) in enumerate(
            [("acme-x", "2026-11-24 08:00"), ("acme-fb", None), ("acme-x", "2026-11-25 08:00")] * 4,
            start=1,
        )
    ]
    return plan(change(), unmanaged=found)


def problems() -> Plan:
    """Diagnostics with and without a place, of every severity."""
    line = "profiles: [acme-x, acme-linkedn]"
    return plan(
        diagnostics=[
            problem("PC707", "3 changes are held back"),
            problem("PC907", "by hand", severity=Severity.INFO, address="launch/teaser@acme-x"),
            problem(
                "PC301",
                "acme-linkedn",
                hint="Did you mean acme-linkedin?",
                source=SourceRange("launch/teaser.yaml", 2, 20, 32, line),
            ),
            problem(
                "PC201",
                "'tex'",
                source=SourceRange("launch/teaser.yaml", 12, 1, 4, "tex: Something is coming"),
                address="launch/teaser@acme-x",
            ),
        ],
    )


def hostile() -> Plan:
    """Texts that want to write to the terminal, at every place of a text."""
    kept = entry(HOSTILE, link=Link(HOSTILE, HOSTILE, HOSTILE), images=[Image(HOSTILE, HOSTILE)])
    return plan(
        change(address=f"a{HOSTILE}@acme-x", after=kept, reason=HOSTILE, service=HOSTILE),
        change(
            Action.UPDATE,
            "b@acme-x",
            previous=f"{HOSTILE}@acme-x",
            zone=HOSTILE,
            fields=[leaf("text", HOSTILE, HOSTILE + HOSTILE), leaf("link.url", HOSTILE, None)],
            drift=[leaf(HOSTILE, HOSTILE, HOSTILE)],
        ),
        unmanaged=[unmanaged(1, HOSTILE, HOSTILE)],
        diagnostics=[
            problem(
                "PC902",
                HOSTILE,
                hint=HOSTILE,
                address=HOSTILE,
                source=SourceRange(f"{HOSTILE}.yaml", 3, 9, 30, HOSTILE.replace("\n", " ")),
            )
        ],
        targets=[HOSTILE],
    )


def many() -> Plan:
    """Thirty changes: five posts on three profiles each, some of them changed or gone."""
    actions = (Action.CREATE, Action.CREATE, Action.UPDATE, Action.DESTROY, Action.NONE)
    changes: list[Change] = []
    for number in range(1, 11):
        action = actions[number % len(actions)]
        for alias in ("acme-fb", "acme-linkedin", "acme-x"):
            text = f"Day {number} of the advent of tools."
            due = f"2026-12-{number:02d} 08:00"
            fields = [leaf("text", f"Day {number} of advent.", text)]
            changes.append(
                change(
                    action,
                    f"advent/{number:02d}@{alias}",
                    before=entry(f"Day {number} of advent.", at=due)
                    if action in (Action.UPDATE, Action.DESTROY)
                    else None,
                    after=None if action is Action.DESTROY else entry(text, at=due),
                    fields=fields if action is Action.UPDATE else (),
                )
            )
    return plan(*changes, budget=Budget(16, 0, (RateWindow(60, 60, 60),)))


SCENES = {
    "bonds": bonds,
    "creates": creates,
    "destroy": destroy,
    "drift": drift,
    "held": half_a_group,
    "hostile": hostile,
    "many": many,
    "nothing": lambda: plan(change(Action.NONE), change(Action.NONE, "tips/friday@acme-x")),
    "nothing-at-all": plan,
    "offline": lambda: plan(
        change(Action.NONE), offline_as_of="2026-11-23 06:55", targets=["launch/*"]
    ),
    "others": others,
    "parts": parts,
    "problems": problems,
    "situations": situations,
    "state-only": state_only,
    "update": update,
}
