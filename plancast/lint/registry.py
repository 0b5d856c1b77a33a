"""The rules about what the files ask for, none of which knows the present time.

A new rule is a function and a row here; CONTRIBUTING.md has the steps. A problem that a post has on
several profiles is one problem: it is reported once, with the networks named.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from plancast.lint import duplicates, images, media, network_limits, text_contents, times
from plancast.lint.base import EntryRule, LintContext, QueueRule
from plancast.model.diagnostics import Diagnostic, Pointer
from plancast.model.workspace import Desired

ENTRY_RULES: tuple[EntryRule, ...] = (
    network_limits.within_limits,
    network_limits.within_usual_length,
    network_limits.images_beside_a_card,
    network_limits.within_abilities,
    text_contents.seen_characters,
    text_contents.countable_contents,
    images.described_and_public,
    media.fetched_from_the_web,
    times.outside_freezes,
)
"""Rules about each entry by itself, in the order in which their problems are shown."""

QUEUE_RULES: tuple[QueueRule, ...] = (
    duplicates.different_texts,
    times.far_enough_apart,
    times.few_enough_a_day,
)
"""Rules about entries beside each other."""


def check(
    desired: Sequence[Desired],
    context: LintContext,
    apart: Sequence[Desired] = (),
) -> tuple[Diagnostic, ...]:
    """Return the problems of all entries: those of each entry first, then those among them.

    The entries in `apart` are not compared with others: too little of them is known.
    """
    found = of_entries((*desired, *apart), context)
    return reported_once([*found, *among_entries(desired, context)])


def of_entries(desired: Iterable[Desired], context: LintContext) -> list[Diagnostic]:
    """Return the problems that each entry has by itself."""
    return [problem for item in desired for rule in ENTRY_RULES for problem in rule(item, context)]


def among_entries(desired: Sequence[Desired], context: LintContext) -> list[Diagnostic]:
    """Return the problems that entries have beside each other."""
    return [problem for rule in QUEUE_RULES for problem in rule(desired, context)]


def reported_once(found: Sequence[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Merge problems that differ in their profile alone into the first of them."""
    first: dict[tuple[str, Pointer | None, str], Diagnostic] = {}
    profiles: dict[tuple[str, Pointer | None, str], list[str]] = defaultdict(list)
    for item in found:
        key = (item.code, item.at, item.detail)
        if key in first:
            profiles[key].append(item.address.rpartition("@")[2])
        first.setdefault(key, item)
    return tuple(
        replace(item, detail=f"{item.detail} (also {', '.join(profiles[key])})")
        if profiles[key]
        else item
        for key, item in first.items()
    )
