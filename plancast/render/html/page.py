"""Content of the page, built from a plan, in the order in which it is shown. Pure.

Cards are sorted by time, those without one at the end. The index of a card in that order is how the
list, the calendar, the dangers and the problems refer to it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from itertools import groupby

from plancast.model.diagnostics import Diagnostic
from plancast.model.plan import Plan
from plancast.model.quoting import shorten
from plancast.reconcile.risks import Danger, Peril, dangers
from plancast.render.html.cards import MARKS, Card, card, foreign, mark_words
from plancast.render.html.offsets import Reading, days_away, home, long_day, read, shifts
from plancast.render.options import ViewOptions
from plancast.render.problem_groups import ProblemGroup, grouped
from plancast.render.summary_text import (
    cost,
    left_out,
    not_by_themselves,
    scope_of_targets,
    stale,
    stop,
    with_bonds,
)
from plancast.render.terminal.problems import tally
from plancast.render.text import count, local

NAMED = 6
"""Addresses that a danger names before it counts the rest."""

ALWAYS = ("create", "update", "destroy")
"""Marks whose tile is shown even for no entry."""

_LAST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Tile:
    """The number of entries that have a mark."""

    mark: str
    words: str
    number: int


@dataclass(frozen=True, slots=True)
class Warned:
    """A danger, with the index and address of the cards that it names, and how many `more`."""

    words: str
    grave: bool
    icon: str
    named: tuple[tuple[int, str], ...]
    more: int


@dataclass(frozen=True, slots=True)
class PageProblem:
    """A diagnostic. `number` is the index of its entry's card, None if it has none.

    `before`, `marked` and `after` are the three parts of the line in the file. Of many problems of
    one code, `others` are those after the first, and `times` is how many there are.
    """

    code: str
    severity: str
    summary: str
    detail: str
    hint: str
    place: str
    address: str
    number: int | None
    line: int
    before: str
    marked: str
    after: str
    times: int = 1
    others: tuple[PageProblem, ...] = ()


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the list, or the entries without a time, which have no `distance`."""

    title: str
    distance: str
    cards: tuple[tuple[int, Card], ...]


@dataclass(frozen=True, slots=True)
class PreviewPage:
    """Everything that the template of the page prints."""

    verdict: str
    asides: tuple[str, ...]
    stale: str
    cost: str
    stop: str
    run: str
    tiles: tuple[Tile, ...]
    warnings: tuple[Warned, ...]
    problems: tuple[PageProblem, ...]
    tally: str
    refused: bool
    cards: tuple[Card, ...]
    days: tuple[Day, ...]
    zone: str
    now: datetime
    here: Reading
    shifts: tuple[tuple[date, str], ...]


def make_page(plan: Plan, options: ViewOptions) -> PreviewPage:
    """Build the content of the page."""
    plan = with_bonds(plan)
    zone = home(plan, options.zone)
    cards = _cards(plan, options, zone)
    numbers: dict[str, list[int]] = {}
    for number, shown in enumerate(cards):
        numbers.setdefault(shown.address, []).append(number)
    moments = [shown.moment for shown in cards if shown.moment] + [options.now]
    return PreviewPage(
        verdict=plan.verdict,
        asides=tuple(_asides(plan, options, zone)),
        stale=stale(plan, options.now, zone, options.title),
        cost=cost(plan),
        stop=stop(plan.budget),
        # The address comes from the environment of CI: a link to anything but https is dropped.
        run=options.run if options.run.startswith("https://") else "",
        tiles=tuple(_tiles(cards, options.title)),
        warnings=tuple(_warned(danger, numbers, cards, options.title) for danger in dangers(plan)),
        problems=tuple(_problems(group, numbers) for group in grouped(plan.diagnostics)),
        tally=tally(plan.diagnostics) if plan.diagnostics else "",
        refused=not plan.can_apply,
        cards=cards,
        days=tuple(_days(cards, read(options.now, zone).day)),
        zone=zone,
        now=options.now,
        here=read(options.now, zone),
        shifts=shifts(moments, zone),
    )


def _cards(plan: Plan, options: ViewOptions, zone: str) -> tuple[Card, ...]:
    cards = [card(change, options, zone) for change in plan.changes]
    cards.extend(foreign(unmanaged, options, zone) for unmanaged in plan.unmanaged)
    # By time, then by names, so that the same plan always gives the same page.
    cards.sort(
        key=lambda shown: (
            shown.moment or _LAST,
            shown.post,
            shown.profile,
            shown.address,
        )
    )
    return tuple(cards)


def _days(cards: Sequence[Card], today: date) -> Iterator[Day]:
    numbered = list(enumerate(cards))
    # Cards are sorted by time, so those of one day are next to each other.
    for day, group in groupby(numbered, lambda pair: pair[1].home and pair[1].home.day):
        numbered_cards = tuple(group)
        if day is None:
            yield Day("No time yet", "", numbered_cards)
        else:
            yield Day(long_day(day), days_away(day, today), numbered_cards)


# -- the head ---------------------------------------------------------------------------------


def _asides(plan: Plan, options: ViewOptions, zone: str) -> Iterator[str]:
    if options.revision:
        yield f"commit {options.revision[:10]}"
    if plan.offline_as_of is None:
        yield f"queue of {plan.provider} read {local(plan.generated_at, zone)}"
    if not_by_themselves(plan):
        yield not_by_themselves(plan).removesuffix(".")
    if plan.history:
        yield f"{plan.history:,} in the past by history_before"
    if plan.targets:
        yield scope_of_targets(plan, shorten)
    if plan.scope:
        yield f"only what is {plan.scope}"
    if left_out(plan):
        yield left_out(plan).removesuffix(".")


def _tiles(cards: Sequence[Card], title: str) -> Iterator[Tile]:
    counts = Counter(mark for shown in cards for mark in shown.marks)
    for mark in MARKS:
        if counts[mark] or mark in ALWAYS:
            yield Tile(mark, mark_words(mark, title), counts[mark])


_MARK_OF = {
    Peril.DESTROY: "destroy",
    Peril.MISSED: "missed",
    Peril.FAILED: "failed",
    Peril.DRIFT: "drifted",
    Peril.BLOCKED: "blocked",
    Peril.DEFERRED: "deferred",
    Peril.STRAY: "stray",
}

_ICONS = {Peril.REFUSED: "failed", Peril.DUE_SOON: "deferred"}
"""The icons of dangers that belong to no mark."""


def _warned(
    danger: Danger, numbers: Mapping[str, list[int]], cards: Sequence[Card], title: str
) -> Warned:
    noun = "error" if danger.peril is Peril.REFUSED else "entry"
    mark = _MARK_OF.get(danger.peril, "")
    addresses = [str(change.address) for change in danger.changes[:NAMED]]
    return Warned(
        words=f"{count(danger.count, noun)} {danger.peril.words(title)}",
        grave=danger.peril.is_grave,
        icon=_ICONS.get(danger.peril, mark),
        named=tuple((_meant(numbers[name], mark, cards), name) for name in addresses),
        more=len(danger.changes) - len(addresses),
    )


def _meant(numbers: Sequence[int], mark: str, cards: Sequence[Card]) -> int:
    """Return the card of an address that a danger names.

    A late twin has the address of its sibling: then it is the card that has the mark.
    """
    return next((number for number in numbers if mark in cards[number].marks), numbers[0])


def _problems(group: ProblemGroup, numbers: Mapping[str, list[int]]) -> PageProblem:
    first, *others = (_problem(item, numbers) for item in group.problems)
    return replace(first, times=len(group.problems), others=tuple(others))


def _problem(item: Diagnostic, numbers: Mapping[str, list[int]]) -> PageProblem:
    source = item.source
    before, place, after = source.parts if source else ("", "", "")
    return PageProblem(
        code=item.code,
        severity=item.severity.value,
        summary=item.summary,
        detail=item.detail,
        hint=item.hint,
        place=str(source) if source else (item.at.file if item.at else ""),
        address=item.address,
        number=numbers[item.address][0] if item.address in numbers else None,
        line=source.line if source else 0,
        before=f"…{before}" if source and source.text_column > 1 else before,
        marked=place.rstrip("\r\n"),
        after=after.rstrip("\r\n"),
    )
