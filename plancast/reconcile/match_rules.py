"""Rules (a) to (g) of `match`, on one profile: what becomes of what the steps left over.

The essay stands in `match`. The rules are for desired entries without a partner, and for those
whose partner is gone: both would be created. The first rule that fits decides.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from plancast.model.entry import Entry, LiveEntry, LiveStatus
from plancast.reconcile.candidates import THRESHOLD, minute
from plancast.reconcile.compare import same_as_live, same_text
from plancast.reconcile.match_steps import ProfileSteps
from plancast.reconcile.match_values import Claim, How, Owned, OwnedKind, Pair, Want, text_key
from plancast.reconcile.similarity import likeness

SENT_TOLERANCE = timedelta(hours=1)
"""How much later than asked a sent entry may have gone out and still be the one that was asked
for. Buffer sends up to tens of minutes late (docs/buffer/v1.md#late-sending)."""

Fits = Callable[[Entry, Entry, LiveEntry], bool]


@dataclass(slots=True)
class Unowned:
    """Live entries of one profile that no state owns, the oldest first, by their text."""

    entries: Iterable[LiveEntry]
    fits: Fits
    used: set[str] = field(default_factory=set)
    _by_text: dict[str, list[LiveEntry]] | None = None

    def take(self, want: Want, reads_as: Entry, since: datetime | None = None) -> LiveEntry | None:
        """Return the oldest entry that fits, which nobody else gets then.

        `since`: one that went out before cannot be it.
        """
        if self._by_text is None:
            self._by_text = defaultdict(list)
            for entry in sorted(self.entries, key=lambda entry: entry.id):
                self._by_text[text_key(entry.entry.text)].append(entry)
        for entry in self._by_text.get(text_key(reads_as.text), ()):
            early = since is not None and entry.sent_at is not None and entry.sent_at < since
            free = entry.id not in self.used and not early
            if free and self.fits(want.entry, reads_as, entry):
                self.used.add(entry.id)
                return entry
        return None


def fits_queue(asked: Entry, reads_as: Entry, live: LiveEntry) -> bool:
    """Return whether an entry in the queue is what was asked for."""
    return same_as_live(asked, reads_as, live)


def fits_sent(asked: Entry, reads_as: Entry, live: LiveEntry) -> bool:
    """Return whether an entry that went out is what was asked for, by its text and its time.

    Media are rewritten once more on the way out, so they do not count.
    """
    if live.status is not LiveStatus.PUBLISHED or not same_text(asked, reads_as, live):
        return False
    if asked.due_at is None:
        return True
    return _is_close(asked.due_at, live.due_at) or _is_close(asked.due_at, live.sent_at)


def _is_close(asked: datetime, seen: datetime | None) -> bool:
    return seen is not None and timedelta(minutes=-1) < seen - asked < SENT_TOLERANCE


class ProfileRules:
    """Decides about what `steps` left over. `queue` and `sent` are what no state owns."""

    def __init__(
        self,
        steps: ProfileSteps,
        claims: Sequence[Claim],
        queue: Iterable[LiveEntry],
        sent: Iterable[LiveEntry],
    ) -> None:
        self.steps = steps
        self.claims = claims
        self.queue = Unowned(queue, fits_queue)
        self.sent = Unowned(sent, fits_sent)
        self.kept: set[Owned] = set()
        """What a pair needs although it is no side of it, or nothing is done about."""

    def pairs(self) -> list[Pair]:
        """Return the pairs of the profile, each desired and each owned entry in one of them."""
        steps = self.steps
        found = [
            Pair(want.address, how, want.item, one.binding, one.live)
            for want, (how, one) in steps.pairs.items()
            if one.kind is not OwnedKind.GONE
        ]
        for want in steps.wants.values():
            how, one = steps.pairs.get(want, (How.NEW, None))
            if one is None or one.kind is OwnedKind.GONE:
                found.append(self._decided(want, how, one))
        found.extend(
            Pair(one.address, How.UNWANTED, None, one.binding, one.live)
            for one in steps.owned.values()
            if one not in self.kept and (one not in steps.takers or one.kind is OwnedKind.GONE)
        )
        return found

    def _decided(self, want: Want, how: How, gone: Owned | None) -> Pair:
        """Apply the first rule that fits. `gone` is what `how` has found, if anything."""
        claim = next((one for one in self.claims if one.is_for(want.entry)), None)
        if claim is None:
            found = self._explained(want, gone)
            if found is not None:
                return found
            claim = self._claimed_before(want)
        if claim is not None:
            return self._claimed(want, gone, claim)
        if gone is not None:
            self.kept.add(gone)
            return Pair(want.address, how, want.item, gone.binding)
        return Pair(want.address, how if self.steps.is_to_come(want) else How.MISSED, want.item)

    def _claimed(self, want: Want, gone: Owned | None, claim: Claim) -> Pair:
        """Rule (a)."""
        if gone is None or gone.address != want.address:
            return Pair(want.address, How.CLAIMED, want.item, claim=claim)
        self.kept.add(gone)
        return Pair(want.address, How.CLAIMED, want.item, gone.binding, claim=claim)

    def _claimed_before(self, want: Want) -> Claim | None:
        """The claim that an edit may have come after: at its address, or of a file that is gone.

        What was sent may still arrive, beside the edited version of it.
        """
        for claim in self.claims:
            if claim.address == want.address:
                return claim
            if claim.address not in self.steps.wants and self._is_like(want, claim):
                return claim
        return None

    def _is_like(self, want: Want, claim: Claim) -> bool:
        words = self.steps.scores.words
        due = minute(want.entry.due_at)
        if due is not None and due == minute(claim.entry.due_at):
            return True
        ours, theirs = words(want.entry.text), words(claim.entry.text)
        return likeness(ours.grams, theirs.grams) >= THRESHOLD

    def _explained(self, want: Want, gone: Owned | None) -> Pair | None:
        """Rules (b) to (e): it is there already, or may be."""
        reads_as = self.steps.reads_as(want)
        waiting = self.queue.take(want, reads_as)
        if waiting:
            return Pair(want.address, How.ADOPTED, want.item, None, waiting)
        how, published = self._refused(want, gone)
        if published:
            # It must not be forgotten meanwhile: the question would answer itself.
            self.kept.add(published)
            return Pair(want.address, how, want.item, None, None, published.binding)
        sent_entry = self.sent.take(want, reads_as, gone.binding.created_at if gone else None)
        return Pair(want.address, How.SENT, want.item, None, sent_entry) if sent_entry else None

    def _refused(self, want: Want, gone: Owned | None) -> tuple[How, Owned | None]:
        """Rules (c) and (d): what went out, and may or may not be this."""
        steps = self.steps
        own = steps.own(want)
        over = own is not None and own.kind is OwnedKind.PUBLISHED and steps.is_to_come(want)
        if own is not None and over and not steps.is_explained(own):
            return How.OCCUPIED, own
        return How.REPEATED, steps.repeated(want) if gone is None else None
