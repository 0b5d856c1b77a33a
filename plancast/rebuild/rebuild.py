"""Which live entries are ours, once nobody remembers: matching by content with a margin.

Terms. The state is lost, so nothing says which live entry belongs to which
address. A *match* is a pair that is sure enough to be owned again; a *question*
is an address with candidates of which none is; *lost* is an address that
nothing live is like; *foreign* is a live entry that no address wants.

Premise. A wrong match makes plancast change or destroy what a person made, a
missed one makes the next plan create what may be live. So nothing is guessed:
whatever is not clear becomes a question for a person, and what is asked for by
a question is withheld from everybody else.

Stages, per profile; a later one only sees what the earlier ones left:

1. *exact*: it reads as the file does, at its time. What went out already is
   looked at after the queue, by the rules of `match`;
2. *minute*: the same text but for its links, in the same minute;
3. *order*: the same text at other times, at most DAY away. What is within reach
   of each other is paired in the order of time, where both sides have as many
   and nobody has a nearer partner than its own. More than NEAR away there is
   doubt where the text was found in its place elsewhere too (it is said again
   and again, and not by us alone), and where another free entry or address
   stands at the time that is asked for or found;
4. *likeness*: 0.8 x likeness of the texts + 0.2 x closeness in time, at least
   THRESHOLD, at most WEEK away, and ahead of every rival of either side by
   MARGIN. Rivals are what is free as well; for a pair that is more than DAY
   apart also what was matched already. What was in doubt because of its place
   elsewhere stays so.

What went out takes part in stages 1 and 2 alone; nothing can happen to it. What is lost in the end
and whose text went out earlier is a question.

What is not done here: reading, binding, and telling what the next plan does
with a question. What a person wrote just like ours and close to its time is not
told apart where our own is gone; the evidence is shown before anything is owned.

Neither the order of files nor that of lists has a say.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum

from plancast.model.entry import Entry, LiveEntry, LiveStatus
from plancast.model.entry_fields import ENTRY_FIELDS, head_of
from plancast.model.state import Binding
from plancast.model.workspace import Desired
from plancast.reconcile.candidates import (
    MARGIN,
    NEAR,
    NEVER,
    THRESHOLD,
    WEEK,
    Pair,
    Ranks,
    SeenEntry,
    WantedEntry,
    closeness,
    describe_likeness,
    gap,
    grouped,
    is_clear,
    is_timed,
    minute,
    ranked,
    score_of,
    scores_of,
    within_reach,
)
from plancast.reconcile.compare import as_asked, live_diffs, same_as_live
from plancast.reconcile.match import Expected, Live, equal_sent
from plancast.reconcile.similarity import wording
from plancast.reconcile.state_updates import adopt


class RebuildStage(Enum):
    """By what a pair was found."""

    EXACT = "exact"
    MINUTE = "minute"
    ORDER = "order"
    LIKENESS = "likeness"


@dataclass(frozen=True, slots=True)
class Match:
    """An address and the live entry that is its own. `score` is 0 to 1."""

    item: Desired
    live: LiveEntry
    stage: RebuildStage
    score: float
    evidence: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A live entry that might be the one."""

    live: LiveEntry
    score: float
    evidence: str


@dataclass(frozen=True, slots=True)
class RebuildQuestion:
    """An address of which it is not clear what is its own; the likeliest candidate first."""

    item: Desired
    candidates: tuple[Candidate, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """Every desired entry in one of the first three; every waiting live entry in one of four."""

    matches: tuple[Match, ...]
    ambiguous: tuple[RebuildQuestion, ...]
    lost: tuple[Desired, ...]
    foreign: tuple[LiveEntry, ...]


def rebuild(
    desired: Sequence[Desired], live: Live, owned: Collection[str], expected: Expected
) -> Rebuilt:
    """Match entries that nobody owns yet. `owned` are the remote ids that are spoken for."""
    benches: dict[str, _Bench] = defaultdict(_Bench)
    for item in sorted(desired, key=lambda item: item.address):
        reads_as = expected(item.entry, item.profile)
        want = WantedEntry(item, reads_as, item.entry.due_at, wording(reads_as.text))
        benches[item.profile.id].wants.append(want)
    gone = {entry.id: entry for entry in live.sent if entry.status is LiveStatus.PUBLISHED}
    for entry_id, entry in sorted({**{it.id: it for it in live.queue}, **gone}.items()):
        seen = SeenEntry(entry, entry.due_at, wording(entry.entry.text), entry_id in gone)
        bench = benches[entry.profile_id]
        if entry_id in owned:
            bench.in_place.add(seen.words.key)
        else:
            bench.seen.append(seen)
    for bench in benches.values():
        bench.exact()
        bench.sent(expected)
        bench.minute()
        bench.order()
        bench.likeness()
        bench.early()
    return _result(benches.values())


def owning(found: Match, expected: Expected) -> Binding:
    """The binding for a match.

    Where it is not what the file asks for, what is live counts as applied: then the next plan
    shows an update. Parts that read as they should count as they were asked for.
    """
    item, live = found.item, found.live
    reads_as = expected(item.entry, item.profile)
    applied = item.entry
    if live.status is not LiveStatus.PUBLISHED and not same_as_live(item.entry, reads_as, live):
        applied = _applied(item.entry, reads_as, live)
    return replace(adopt(item.address, applied, live), protect=item.protect)


def _applied(asked: Entry, reads_as: Entry, live: LiveEntry) -> Entry:
    seen = as_asked(live.entry, asked, live.due_at)
    said = {row.name: getattr(asked, row.name) for row in ENTRY_FIELDS}
    unread = (row.name for row in ENTRY_FIELDS if not row.compared.is_read_back)
    seen = replace(seen, **{name: said[name] for name in unread})
    other = {head_of(leaf.path) for leaf in live_diffs(asked, reads_as, live)}
    blend = replace(seen, **{name: value for name, value in said.items() if name not in other})
    # Where a network has no cards, a link belongs in the text: its lack shows in no other part.
    return seen if blend == asked else blend


def _is_before(it: SeenEntry, want: WantedEntry) -> bool:
    moment = it.live.sent_at or it.due_at
    return want.due_at is not None and moment is not None and moment < want.due_at


@dataclass(slots=True)
class _Bench:
    """One profile at work.

    `settled` are all that are matched, or withheld by a question; `in_place` are the texts of
    which one was found where it belongs.
    """

    wants: list[WantedEntry] = field(default_factory=list)
    seen: list[SeenEntry] = field(default_factory=list)
    matches: list[Match] = field(default_factory=list)
    questions: list[RebuildQuestion] = field(default_factory=list)
    settled: set[WantedEntry | SeenEntry] = field(default_factory=set)
    in_place: set[str] = field(default_factory=set)

    def free(self) -> list[WantedEntry]:
        """Addresses that later stages may still match."""
        return [want for want in self.wants if want not in self.settled]

    def waiting(self) -> list[SeenEntry]:
        """Live entries in the queue that later stages may still match."""
        return [it for it in self.seen if not it.went and it not in self.settled]

    def gone(self) -> list[SeenEntry]:
        """The same among what went out."""
        return [it for it in self.seen if it.went and it not in self.settled]

    def exact(self) -> None:
        """Stage 1 on the queue."""
        waiting = self.waiting()
        timed = grouped(waiting, lambda it: (it.words.blind, minute(it.due_at)))
        queued = grouped(waiting, lambda it: it.words.blind)
        pairs = [
            (want, it)
            for want in self.free()
            for it in (
                queued.get(want.words.blind, ())
                if want.due_at is None
                else timed.get((want.words.blind, minute(want.due_at)), ())
            )
            if same_as_live(want.item.entry, want.reads_as, it.live)
        ]
        self._settle(RebuildStage.EXACT, pairs)

    def sent(self, expected: Expected) -> None:
        """Stage 1 on what went out. Of two that are equal the older one: both are past."""
        wants = {want.item.address: want for want in self.free()}
        gone = {it.live.id: it for it in self.gone()}
        items = [want.item for want in wants.values()]
        went = equal_sent(items, (it.live for it in gone.values()), expected)
        for address, live in went.items():
            words = "it went out with this text"
            self._match(wants[address], gone[live.id], RebuildStage.EXACT, words)

    def minute(self) -> None:
        """Stage 2."""
        for entries in (self.waiting(), self.gone()):
            said = grouped(entries, lambda it: (it.words.blind, minute(it.due_at)))
            pairs = [
                (want, it)
                for want in self.free()
                if want.due_at is not None
                for it in said.get((want.words.blind, minute(want.due_at)), ())
            ]
            self._settle(RebuildStage.MINUTE, pairs)

    def order(self) -> None:
        """Stage 3."""
        self.in_place.update(one.words.key for one in self.settled)
        timed = [it for it in self.waiting() if it.due_at is not None and it.words.whole]
        said = grouped(timed, lambda it: it.words.key)
        wants = [want for want in self.free() if want.due_at is not None]
        asked, held = {minute(want.due_at) for want in wants}, {minute(it.due_at) for it in timed}
        for key, group in grouped(wants, lambda it: it.words.key).items():
            for ours, theirs in within_reach(group, said.get(key, [])):
                pairs = list(zip(ours, theirs, strict=False))
                far = [pair for pair in pairs if gap(*pair) > NEAR]
                displaced = (
                    minute(want.due_at) in held or minute(it.due_at) in asked for want, it in far
                )
                if len(ours) != len(theirs) or not is_clear(pairs) or any(displaced):
                    continue
                if far and key in self.in_place:
                    continue
                for want, it in pairs:
                    self._match(want, it, RebuildStage.ORDER)

    def likeness(self) -> None:
        """Stage 4, and the questions that it leaves."""
        wants, waiting = self.free(), self.waiting()
        if not wants or not waiting:
            return
        scores = scores_of(wants, self.wants, waiting, [it for it in self.seen if not it.went])
        ranks = ranked(scores)
        possible = {
            pair: score
            for pair, score in scores.items()
            if score >= THRESHOLD and not self.settled.intersection(pair)
        }
        reasons = {pair: self._doubt(pair, score, ranks) for pair, score in possible.items()}
        for pair in possible:
            if not reasons[pair]:
                self._match(*pair, RebuildStage.LIKENESS)
        # Two addresses may ask about the same entry, so asking must not hide it from the other.
        taken = frozenset(self.settled)
        for want in wants:
            left = [it for it in waiting if it not in taken and (want, it) in possible]
            if want not in taken and left:
                left.sort(key=lambda it: -scores[want, it])
                self._ask(want, left, reasons[want, left[0]])

    def early(self) -> None:
        """Ask about what is lost and whose text went out before its time.

        A person may have sent it early. It may also be said again on purpose.
        """
        said = grouped(self.gone(), lambda it: it.words.key)
        for want in self.free():
            times = [it for it in said.get(want.words.key, ()) if _is_before(it, want)]
            if want.words.whole and times:
                reason = "the same text went out before its time; remove its file if that was it"
                self._ask(want, times, reason)

    def _is_said_elsewhere(self, pair: Pair) -> bool:
        return (
            pair[0].words.says_the_same(pair[1].words)
            and gap(*pair) > NEAR
            and pair[0].words.key in self.in_place
        )

    def _doubt(self, pair: Pair, score: float, ranks: Ranks) -> str:
        """Why a pair is not clear; empty where it is ahead of all rivals of either side."""
        if self._is_said_elsewhere(pair):
            return "the same text stands elsewhere too"
        if is_timed(*pair) and gap(*pair) > WEEK:
            return "it is more than a week away"
        is_far = closeness(*pair) == 0
        sides = (
            (pair[0], pair[1], "other live entries are about as much like it"),
            (pair[1], pair[0], "other addresses are about as much like it"),
        )
        for one, partner, words in sides:
            rivals = (
                rank
                for rank, other in ranks[one]
                if other is not partner and (is_far or other not in self.settled)
            )
            # Scores have no more than a few digits that mean anything.
            if round(score - next(rivals, 0.0), 6) < MARGIN:
                return words
        return ""

    def _settle(self, stage: RebuildStage, pairs: Sequence[Pair]) -> None:
        """Match whoever has one partner and is its only one; the others are questions."""
        partners = grouped(pairs, lambda pair: pair[0])
        asked = Counter(it for _, it in pairs)
        for want, its in partners.items():
            theirs = [it for _, it in its]
            contested = any(asked[it] > 1 for it in theirs)
            if len(theirs) > 1:
                self._ask(want, theirs, f"{len(theirs)} live entries are just like it")
            elif contested:
                self._ask(want, theirs, "another address is just like it")
            elif stage is RebuildStage.MINUTE and not want.words.says_the_same(theirs[0].words):
                self._ask(want, theirs, "there is too little text to tell by")
            else:
                exact = "it reads as the file asks" if stage is RebuildStage.EXACT else ""
                self._match(want, theirs[0], stage, exact)

    def _match(
        self, want: WantedEntry, it: SeenEntry, stage: RebuildStage, evidence: str = ""
    ) -> None:
        score = 1.0 if stage is RebuildStage.EXACT else score_of(want, it)
        self.matches.append(
            Match(want.item, it.live, stage, score, evidence or describe_likeness(want, it))
        )
        self.settled.update((want, it))

    def _ask(self, want: WantedEntry, theirs: Iterable[SeenEntry], reason: str) -> None:
        found = [
            Candidate(it.live, score_of(want, it), describe_likeness(want, it)) for it in theirs
        ]
        found.sort(key=lambda candidate: (-candidate.score, candidate.live.id))
        self.questions.append(RebuildQuestion(want.item, tuple(found), reason))
        self.settled.update((want, *theirs))


def _result(benches: Iterable[_Bench]) -> Rebuilt:
    matches: list[Match] = []
    questions: list[RebuildQuestion] = []
    lost: list[Desired] = []
    foreign: list[LiveEntry] = []
    for bench in benches:
        matches.extend(bench.matches)
        questions.extend(bench.questions)
        lost.extend(want.item for want in bench.free())
        foreign.extend(it.live for it in bench.waiting())
    return Rebuilt(
        tuple(sorted(matches, key=lambda found: found.item.address)),
        tuple(sorted(questions, key=lambda asked: asked.item.address)),
        tuple(sorted(lost, key=lambda item: item.address)),
        tuple(sorted(foreign, key=lambda it: (it.profile_id, it.due_at or NEVER, it.id))),
    )
