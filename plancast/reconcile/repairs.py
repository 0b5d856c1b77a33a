"""Repairs: the changes that schedule entries again which their networks refused. Pure.

A *failed* entry stays in the provider's queue and does nothing there. Only an edit of its file
repairs it: another text, other media, another time. A failed entry whose file is unchanged is never
sent again, since no person has looked at it. A repair is a change like any other: it is approved,
counted and limited, and it names the entry by its id, so a lost answer is settled by looking.

A time that has passed is never sent late. So an entry with a time of its own needs a new one; an
entry for the queue gets the next free slot with whatever edit.

A person can schedule a failed entry again in the provider's own pages. Then it has drifted to a
time to come, and its file still has one that has passed: the plan leaves it there and says so.

A provider that cannot edit failed entries (`Capabilities.edits_failed`) gets a destroy and a create
at the same address. They are a group (`groups`): the create is made only if the destroy was.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from plancast.model.entry import Entry, LiveEntry, LiveStatus
from plancast.model.plan import Action, Change, FieldDiff, Situation
from plancast.reconcile.failure_reasons import explain

FAILED = (Situation.FAILED,)


def is_failed(live: LiveEntry | None) -> bool:
    """Return whether the network refused a live entry."""
    return live is not None and live.status is LiveStatus.FAILED


def failure(live: LiveEntry, entry: Entry, title: str) -> str:
    """Describe why an entry failed, and the edit of its file that repairs it.

    `entry` is what its file asks for.
    """
    return f"{_meaning(live, title)}; {way_out(entry)}"


def way_out(entry: Entry) -> str:
    """Return the edit of its file that repairs a failed entry."""
    if entry.due_at is None:
        return "mend its file, and it gets the next free slot of the queue"
    return "mend its file if need be, and give it another time"


def moved_away(title: str) -> str:
    """Return why an entry stays where a person put it, in Buffer, after its own time."""
    return f"it got another time in {title}, and the time of its file has passed"


def is_moved_away(change: Change, now: datetime) -> bool:
    """Return whether a change leaves an entry where a person put it, after its own time."""
    live, due = change.live, change.after.due_at if change.after else None
    held_back = {Situation.BLOCKED, Situation.DEFERRED} & set(change.situations)
    waits = live is not None and live.status is LiveStatus.SCHEDULED
    stays = waits and not change.action.sends and not held_back
    moved = any(leaf.path == "due_at" for leaf in change.drift)
    return stays and moved and due is not None and due <= now


def only_for(alias: str) -> str:
    """Return how a file changes one profile of a post alone: the others went out, or still wait."""
    return f"For this profile alone, write what is new under `variants: {{{alias}: {{…}}}}`."


def too_late(change: Change, edits: tuple[FieldDiff, ...], title: str) -> Change:
    """Return the change of a failed entry that was edited but still has a time that has passed."""
    said = f"{_meaning(change.live, title)}; its file was changed, but the time passed"
    return replace(change, fields=edits, reason=f"{said}: give it another time")


def recreated(change: Change, title: str) -> Change:
    """Return the create that replaces a failed entry; see `removed` for the other half."""
    return replace(
        change,
        action=Action.CREATE,
        before=None,
        remote_id="",
        live=None,
        due_at=change.after.due_at if change.after else None,
        reason=f"{_meaning(change.live, title)}; it is made anew with this edit",
    )


def removed(change: Change, zone: str) -> Change:
    """Return the destroy of a failed entry that a create replaces."""
    return replace(change, zone=zone, reason="the network refused it, and it is made anew")


def why_again(live: LiveEntry, title: str) -> str:
    """Return the reason of an update that repairs a failed entry."""
    return f"{_meaning(live, title)}; this edit schedules it again"


def replaced_entry(change: Change) -> Entry | None:
    """Return the entry that an update replaces, as it stands at the provider.

    A failed entry holds no slot of its queue any more, only the time at which it was tried. With
    that time, providers see that an entry for the queue has to join it again.
    """
    live = change.live
    if change.before is None or live is None or live.status is not LiveStatus.FAILED:
        return change.before
    return replace(change.before, due_at=change.before.due_at or live.due_at)


def _meaning(live: LiveEntry | None, title: str) -> str:
    """Return why an entry failed as the beginning of a sentence, without a full stop."""
    meaning, hint = explain(live.error if live else "", title)
    if not meaning:
        return "the network refused it and gave no reason"
    return meaning if hint else f"the network refused it: {meaning.rstrip('.')}"
