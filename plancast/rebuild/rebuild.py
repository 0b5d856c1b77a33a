"""Matching of live entries to addresses by content, with a margin, after the state was lost.

Terms. Without a state, nothing says which live entry belongs to which address. A *match* is a pair
that is certain enough to be owned again; a *question* is an address with candidates of which none
is; *lost* is an address that no live entry is like; *foreign* is a live entry that no address
wants.

Premise. A wrong match makes plancast change or delete what a person made; a missed one makes the
next plan create an entry that may be live. So nothing is guessed: each unclear case becomes a
question for a person, and the candidates of a question are withheld from every other address.

Stages, per profile; a later one sees only what the earlier ones left:

1. *exact*: the entry reads as the file does, at its time. Entries that went out are
   compared after the queue, by the rules of `match`;
2. *minute*: the same text but for its links, in the same minute;
3. *order*: the same text at other times, at most DAY away. Entries and addresses within
   reach of each other are paired in the order of time, if both sides have as many
   and none has a nearer partner than its own. A pair that is more than NEAR apart
   is in doubt if the text was also found in its place elsewhere (it is repeated
   again and again, and not by us alone), or if another free entry or address
   stands at the time of either;
4. *likeness*: 0.8 x likeness of the texts + 0.2 x closeness in time, at least
   THRESHOLD, at most WEEK away, and ahead of every rival of either side by
   MARGIN. Rivals are the free ones; for a pair that is more than DAY apart also
   those that were matched already. A pair that was in doubt because of its place
   elsewhere stays so.

Entries that went out take part in stages 1 and 2 alone; nothing can happen to them any more. An
address that is lost in the end, but whose text went out earlier, is a question.

Not done here: reading, binding, and the next plan's treatment of a question. An entry that a person
wrote with our words and near our time is taken for ours if ours is gone; so the evidence is shown
before anything is owned.

The order of files and of lists does not matter.
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
    """The stage that found a pair."""

    EXACT = "exact"
    MINUTE = "minute"
    ORDER = "order"
    LIKENESS = "likeness"


@dataclass(frozen=True, slots=True)
class Match:
    """An address and the live entry that belongs to it.

    `score` is 0 to 1, `evidence` a reason in words.
    """

    item: Desired
    live: LiveEntry
    stage: RebuildStage
    score: float
    evidence: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A live entry that may belong to an address."""

    live: LiveEntry
    score: float
    evidence: str


@dataclass(frozen=True, slots=True)
class RebuildQuestion:
    """An address whose live entry is not clear; the likeliest candidate comes first."""

    item: Desired
    candidates: tuple[Candidate, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """The result of matching.

    Each desired entry is in one of the first three, each waiting live entry in one of the four.
    """

    matches: tuple[Match, ...]
    ambiguous: tuple[RebuildQuestion, ...]
    lost: tuple[Desired, ...]
    foreign: tuple[LiveEntry, ...]


def rebuild(
    desired: Sequence[Desired], live: Live, owned: Collection[str], expected: Expected
) -> Rebuilt:
    """Match desired entries to live ones that are not owned yet.

    `owned` are the remote ids that bindings own already. `expected` returns how an entry reads once
    the provider has it.
    """
    by_profile: dict[str, _ProfileMatching] = defaultdict(_ProfileMatching)
    for item in sorted(desired, key=lambda item: item.address):
        reads_as = expected(item.entry, item.profile)
        want = WantedEntry(item, reads_as, item.entry.due_at, wording(reads_as.text))
        by_profile[item.profile.id].wants.append(want)
    published = {entry.id: entry for entry in live.sent if entry.status is LiveStatus.PUBLISHED}
    for entry_id, entry in sorted(
        {**{entry.id: entry for entry in live.queue}, **published}.items()
    ):
        seen = SeenEntry(entry, entry.due_at, wording(entry.entry.text), entry_id in published)
        matching = by_profile[entry.profile_id]
        if entry_id in owned:
            # It is not to be matched, but its text is not a rare one: see the order stage.
            matching.in_place.add(seen.words.key)
        else:
            matching.seen.append(seen)
    # Each stage of a profile sees what its earlier ones left; profiles do not affect each other.
    for matching in by_profile.values():
        matching.exact()
        matching.sent(expected)
        matching.minute()
        matching.order()
        matching.likeness()
        matching.early()
    return _result(by_profile.values())


def owning(match: Match, expected: Expected) -> Binding:
    """Build the binding for a match.

    If the live entry is not what the file asks for, its own content counts as applied, so that the
    next plan shows an update. Parts that read as they should count as they were asked for.
    """
    item, live = match.item, match.live
    reads_as = expected(item.entry, item.profile)
    applied = item.entry
    if live.status is not LiveStatus.PUBLISHED and not same_as_live(item.entry, reads_as, live):
        applied = _applied(item.entry, reads_as, live)
    return replace(adopt(item.address, applied, live), protect=item.protect)


def _applied(asked: Entry, reads_as: Entry, live: LiveEntry) -> Entry:
    """Return the entry that counts as applied: the file's, with the live values if they differ."""
    seen = as_asked(live.entry, asked, live.due_at)
    asked_parts = {row.name: getattr(asked, row.name) for row in ENTRY_FIELDS}
    unread = (row.name for row in ENTRY_FIELDS if not row.compared.is_read_back)
    seen = replace(seen, **{name: asked_parts[name] for name in unread})
    differing = {head_of(leaf.path) for leaf in live_diffs(asked, reads_as, live)}
    blend = replace(
        seen, **{name: value for name, value in asked_parts.items() if name not in differing}
    )
    # On a network without cards a link is in the text. If it is missing there, no other part
    # differs, and the blend would equal the file: then no update would be planned.
    return seen if blend == asked else blend


def _is_before(seen: SeenEntry, want: WantedEntry) -> bool:
    """Return whether the entry went out before the time that the address asks for."""
    out_at = seen.live.sent_at or seen.due_at
    return want.due_at is not None and out_at is not None and out_at < want.due_at


@dataclass(slots=True)
class _ProfileMatching:
    """The matching of one profile, stage by stage.

    `settled` are all that are matched, or withheld by a question; `in_place` are the keys of texts
    of which one entry was found at its own time.
    """

    wants: list[WantedEntry] = field(default_factory=list)
    seen: list[SeenEntry] = field(default_factory=list)
    matches: list[Match] = field(default_factory=list)
    questions: list[RebuildQuestion] = field(default_factory=list)
    settled: set[WantedEntry | SeenEntry] = field(default_factory=set)
    in_place: set[str] = field(default_factory=set)

    def free(self) -> list[WantedEntry]:
        """Return the addresses that later stages may still match."""
        return [want for want in self.wants if want not in self.settled]

    def waiting(self) -> list[SeenEntry]:
        """Return the live entries in the queue that later stages may still match."""
        return [entry for entry in self.seen if not entry.went and entry not in self.settled]

    def published(self) -> list[SeenEntry]:
        """Return the entries that went out and that later stages may still match."""
        return [entry for entry in self.seen if entry.went and entry not in self.settled]

    def exact(self) -> None:
        """Run stage 1 on the queue."""
        waiting = self.waiting()
        timed = grouped(waiting, lambda entry: (entry.words.blind, minute(entry.due_at)))
        queued = grouped(waiting, lambda entry: entry.words.blind)
        pairs = [
            (want, entry)
            for want in self.free()
            for entry in (
                queued.get(want.words.blind, ())
                if want.due_at is None
                else timed.get((want.words.blind, minute(want.due_at)), ())
            )
            if same_as_live(want.item.entry, want.reads_as, entry.live)
        ]
        self._settle(RebuildStage.EXACT, pairs)

    def sent(self, expected: Expected) -> None:
        """Run stage 1 on the entries that went out.

        Of two equal ones take the older: both are past.
        """
        wants = {want.item.address: want for want in self.free()}
        by_id = {entry.live.id: entry for entry in self.published()}
        items = [want.item for want in wants.values()]
        sent_by_address = equal_sent(items, (entry.live for entry in by_id.values()), expected)
        for address, live in sent_by_address.items():
            evidence = "it went out with this text"
            self._match(wants[address], by_id[live.id], RebuildStage.EXACT, evidence)

    def minute(self) -> None:
        """Run stage 2, on the queue and on the entries that went out."""
        for entries in (self.waiting(), self.published()):
            by_text = grouped(entries, lambda entry: (entry.words.blind, minute(entry.due_at)))
            pairs = [
                (want, entry)
                for want in self.free()
                if want.due_at is not None
                for entry in by_text.get((want.words.blind, minute(want.due_at)), ())
            ]
            self._settle(RebuildStage.MINUTE, pairs)

    def order(self) -> None:
        """Run stage 3."""
        self.in_place.update(one.words.key for one in self.settled)
        timed = [
            entry for entry in self.waiting() if entry.due_at is not None and entry.words.whole
        ]
        by_text = grouped(timed, lambda entry: entry.words.key)
        wants = [want for want in self.free() if want.due_at is not None]
        asked_minutes, live_minutes = (
            {minute(want.due_at) for want in wants},
            {minute(entry.due_at) for entry in timed},
        )
        for key, group in grouped(wants, lambda want: want.words.key).items():
            for ours, theirs in within_reach(group, by_text.get(key, [])):
                pairs = list(zip(ours, theirs, strict=False))
                # A near pair was most likely moved by a person. A far one may be a repetition.
                far = [pair for pair in pairs if gap(*pair) > NEAR]
                displaced = (
                    minute(want.due_at) in live_minutes or minute(entry.due_at) in asked_minutes
                    for want, entry in far
                )
                if len(ours) != len(theirs) or not is_clear(pairs) or any(displaced):
                    continue
                if far and key in self.in_place:
                    continue
                for want, entry in pairs:
                    self._match(want, entry, RebuildStage.ORDER)

    def likeness(self) -> None:
        """Run stage 4, and ask the questions that it leaves."""
        wants, waiting = self.free(), self.waiting()
        if not wants or not waiting:
            return
        # Matched entries and addresses can be rivals as well, so both whole sides are compared.
        scores = scores_of(
            wants, self.wants, waiting, [entry for entry in self.seen if not entry.went]
        )
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
        settled = frozenset(self.settled)
        for want in wants:
            candidates = [
                entry for entry in waiting if entry not in settled and (want, entry) in possible
            ]
            if want not in settled and candidates:
                candidates.sort(key=lambda entry: -scores[want, entry])
                self._ask(want, candidates, reasons[want, candidates[0]])

    def early(self) -> None:
        """Ask about addresses that are lost although their text went out before its time.

        A person may have sent it early. It may also be repeated on purpose.
        """
        by_text = grouped(self.published(), lambda entry: entry.words.key)
        for want in self.free():
            earlier = [
                entry for entry in by_text.get(want.words.key, ()) if _is_before(entry, want)
            ]
            if want.words.whole and earlier:
                reason = "the same text went out before its time; remove its file if that was it"
                self._ask(want, earlier, reason)

    def _is_said_elsewhere(self, pair: Pair) -> bool:
        """Return whether a far pair has a text that was found in its place elsewhere, too."""
        return (
            pair[0].words.says_the_same(pair[1].words)
            and gap(*pair) > NEAR
            and pair[0].words.key in self.in_place
        )

    def _doubt(self, pair: Pair, score: float, ranks: Ranks) -> str:
        """Return why a pair is not clear; "" if it is ahead of all rivals of either side."""
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
                # A far pair is judged by its text alone, so matched ones are rivals as well: it may
                # be a variation of theirs.
                if other is not partner and (is_far or other not in self.settled)
            )
            # Rounded, so that an error of floating point does not decide at the margin.
            if round(score - next(rivals, 0.0), 6) < MARGIN:
                return words
        return ""

    def _settle(self, stage: RebuildStage, pairs: Sequence[Pair]) -> None:
        """Match each address with one candidate that no other address wants; ask about the rest."""
        partners = grouped(pairs, lambda pair: pair[0])
        wanted_by = Counter(entry for _, entry in pairs)
        for want, own_pairs in partners.items():
            theirs = [entry for _, entry in own_pairs]
            contested = any(wanted_by[entry] > 1 for entry in theirs)
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
        self, want: WantedEntry, entry: SeenEntry, stage: RebuildStage, evidence: str = ""
    ) -> None:
        """Record a match, and settle both sides."""
        score = 1.0 if stage is RebuildStage.EXACT else score_of(want, entry)
        self.matches.append(
            Match(want.item, entry.live, stage, score, evidence or describe_likeness(want, entry))
        )
        self.settled.update((want, entry))

    def _ask(self, want: WantedEntry, theirs: Iterable[SeenEntry], reason: str) -> None:
        """Record a question, and withhold its candidates."""
        candidates = [
            Candidate(entry.live, score_of(want, entry), describe_likeness(want, entry))
            for entry in theirs
        ]
        candidates.sort(key=lambda candidate: (-candidate.score, candidate.live.id))
        self.questions.append(RebuildQuestion(want.item, tuple(candidates), reason))
        self.settled.update((want, *theirs))


def _result(matchings: Iterable[_ProfileMatching]) -> Rebuilt:
    """Join the results of all profiles, sorted."""
    matches: list[Match] = []
    questions: list[RebuildQuestion] = []
    lost: list[Desired] = []
    foreign: list[LiveEntry] = []
    for matching in matchings:
        matches.extend(matching.matches)
        questions.extend(matching.questions)
        lost.extend(want.item for want in matching.free())
        foreign.extend(seen.live for seen in matching.waiting())
    return Rebuilt(
        tuple(sorted(matches, key=lambda match: match.item.address)),
        tuple(sorted(questions, key=lambda question: question.item.address)),
        tuple(sorted(lost, key=lambda item: item.address)),
        tuple(
            sorted(foreign, key=lambda entry: (entry.profile_id, entry.due_at or NEVER, entry.id))
        ),
    )
