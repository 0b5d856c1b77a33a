"""Merging two logs of requests into one. Pure.

Either the logs are of one account and went separate ways for a while (`joined`), or they were of
two keys that turn out to belong to one account (`merged`). Neither loses a request.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from plancast.net.rate_windows import MOST_WORDS, ROUNDING, Log, Slot, Word


def merged(one: Log, other: Log) -> Log:
    """Merge the logs of two keys that share the limits of an account.

    A request that is in both has the same id in both. A group has no id; its requests are taken for
    others than those of the other log.
    """
    known = {slot.id: slot for slot in one.slots if slot.id}
    for slot in other.slots:
        # If both know a request, the answered version is right.
        if slot.id and (slot.id not in known or known[slot.id].open):
            known[slot.id] = slot
    groups = [slot for log in (one, other) for slot in log.slots if not slot.id]
    return _with_words_of(one, other, (*groups, *known.values()), _without)


def joined(shared: Log, own: Log, alone: float) -> Log:
    """Merge two logs of one account that went separate ways so many seconds ago.

    Older slots were in both, unless one log has lost them: the fuller list is right. If both know a
    younger slot, the answered version is right.
    """
    old = max(
        (tuple(s for s in log.slots if _is_old(s, alone)) for log in (shared, own)),
        key=lambda slots: sum(slot.count for slot in slots),
    )
    young = {slot.id: slot for slot in shared.slots if not _is_old(slot, alone)}
    for slot in own.slots:
        known = young.get(slot.id)
        if not _is_old(slot, alone) and (known is None or known.open):
            young[slot.id] = slot
    return _with_words_of(shared, own, (*old, *young.values()), _without_single)


def _with_words_of(
    one: Log, other: Log, slots: tuple[Slot, ...], less: Callable[[Log, Log], tuple[Word, ...]]
) -> Log:
    """Return a log of these slots, with the report on each window that leaves less.

    `less` returns the reports of a log, less the later requests that only the other log knows. The
    younger report is not always the safer one: its answer may have been the slower one, to a
    request that arrived first.
    """
    words = {word.seconds: word for word in less(one, other)}
    for word in less(other, one):
        known = words.get(word.seconds)
        if known is None or _caution(word) < _caution(known):
            words[word.seconds] = word
    return Log(
        # Open slots come first, so that all slots of the other log count as sent beside them.
        tuple(sorted(slots, key=lambda slot: not slot.open)),
        max(one.pause, other.pause),
        max(one.halved, other.halved),
        tuple(words.values())[:MOST_WORDS],
    )


def _caution(word: Word) -> tuple[bool, int, float]:
    """Return a key that is smaller for the report to go by: in force, leaving less, younger."""
    return (not word.holds, word.free if word.holds else 0, word.age)


def _is_old(slot: Slot, seconds: float) -> bool:
    """Return whether a slot is from before the logs went separate ways. A group always is."""
    return slot.count > 1 or slot.age > seconds + ROUNDING


def _without(log: Log, other: Log) -> tuple[Word, ...]:
    """Return the reports of a log, less the later requests that only the other log knows."""
    known = {slot.id for slot in log.slots if slot.id}
    new = [slot for slot in other.slots if slot.id not in known]
    return tuple(
        replace(word, free=word.free - sum(s.count for s in new if s.open or s.age <= word.age))
        for word in log.words
    )


def _without_single(log: Log, other: Log) -> tuple[Word, ...]:
    """Do the same for logs of one account: the groups were in both."""
    return _without(log, replace(other, slots=tuple(s for s in other.slots if s.count == 1)))
