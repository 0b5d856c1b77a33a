"""Rules (a) to (g) of `match`, for one profile: decide about entries that the steps left over.

The essay is in `match`. The rules apply to desired entries without a partner, and to those whose
partner is gone: without a rule, both would be created. The first rule that fits decides.
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
"""A test of (asked entry, the same as it reads back, live entry)."""


@dataclass(slots=True)
class Unowned:
    """Live entries of one profile that no state owns, indexed by text, the oldest first.

    `fits` is the test that an entry must pass. `used` are the ids that were given away already.
    """

    entries: Iterable[LiveEntry]
    fits: Fits
    used: set[str] = field(default_factory=set)
    _by_text: dict[str, list[LiveEntry]] | None = None

    def take(self, want: Want, reads_as: Entry, since: datetime | None = None) -> LiveEntry | None:
        """Return the oldest free entry that fits, and reserve it; None if there is none.

        With `since`, entries that went out before that time are no candidates.
        """
        # Built at first use: most profiles have nothing left over to look for.
        if self._by_text is None:
            self._by_text = defaultdict(list)
            for entry in sorted(self.entries, key=lambda entry: entry.id):
                self._by_text[text_key(entry.entry.text)].append(entry)
        for entry in self._by_text.get(text_key(reads_as.text), ()):
            is_early = since is not None and entry.sent_at is not None and entry.sent_at < since
            is_free = entry.id not in self.used and not is_early
            if is_free and self.fits(want.entry, reads_as, entry):
                self.used.add(entry.id)
                return entry
        return None


def fits_queue(asked: Entry, reads_as: Entry, live: LiveEntry) -> bool:
    """Return whether an entry in the queue is what was asked for."""
    return same_as_live(asked, reads_as, live)


def fits_sent(asked: Entry, reads_as: Entry, live: LiveEntry) -> bool:
    """Return whether an entry that went out is what was asked for, by its text and its time.

    Media do not count, since networks rewrite them once more when a post goes out. The time counts
    so that a text which goes out every week is not taken for the post of the week before.
    """
    if live.status is not LiveStatus.PUBLISHED or not same_text(asked, reads_as, live):
        return False
    if asked.due_at is None:
        return True
    return _is_close(asked.due_at, live.due_at) or _is_close(asked.due_at, live.sent_at)


def _is_close(asked: datetime, seen: datetime | None) -> bool:
    # A minute early is allowed because providers drop the seconds.
    return seen is not None and timedelta(minutes=-1) < seen - asked < SENT_TOLERANCE


class ProfileRules:
    """The rules of one profile, applied to the entries that `steps` left over.

    `queue` and `sent` are the live entries of the profile that no state owns; `claims` are its
    creates with unknown outcomes.
    """

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
        """Owned entries that must stay in the state although they are in no pair of their own."""

    def pairs(self) -> list[Pair]:
        """Return the pairs of the profile, each desired and each owned entry in one of them."""
        steps = self.steps
        # Pairs whose owned side is there, or was published, are final.
        pairs = [
            Pair(want.address, how, want.item, one.binding, one.live)
            for want, (how, one) in steps.pairs.items()
            if one.kind is not OwnedKind.GONE
        ]
        for want in steps.wants.values():
            how, one = steps.pairs.get(want, (How.NEW, None))
            if one is None or one.kind is OwnedKind.GONE:
                pairs.append(self._decided(want, how, one))
        # Last, because the rules above add to `kept`.
        pairs.extend(
            Pair(one.address, How.UNWANTED, None, one.binding, one.live)
            for one in steps.owned.values()
            if one not in self.kept and (one not in steps.takers or one.kind is OwnedKind.GONE)
        )
        return pairs

    def _decided(self, want: Want, how: How, gone: Owned | None) -> Pair:
        """Apply the first rule that fits.

        `gone` is the missing owned entry that step `how` paired with `want`, if any.
        """
        claim = next((one for one in self.claims if one.is_for(want.entry)), None)
        if claim is None:
            explained = self._explained(want, gone)
            if explained is not None:
                return explained
            # The weaker half of (a) comes after (b) to (e): those rules find the post itself.
            claim = self._claimed_before(want)
        if claim is not None:
            return self._claimed(want, gone, claim)
        if gone is not None:
            # `diff` decides: create it again, hold it, or report it as missed.
            self.kept.add(gone)
            return Pair(want.address, how, want.item, gone.binding)
        return Pair(want.address, how if self.steps.is_to_come(want) else How.MISSED, want.item)

    def _claimed(self, want: Want, gone: Owned | None, claim: Claim) -> Pair:
        """Apply rule (a): hold the entry; a missing one at the same address stays owned."""
        if gone is None or gone.address != want.address:
            return Pair(want.address, How.CLAIMED, want.item, claim=claim)
        self.kept.add(gone)
        return Pair(want.address, How.CLAIMED, want.item, gone.binding, claim=claim)

    def _claimed_before(self, want: Want) -> Claim | None:
        """Return a claim of which this may be an edit: at its address, or of a file that is gone.

        The request of the claim may still arrive, and would then stand beside the edited version.
        """
        for claim in self.claims:
            if claim.address == want.address:
                return claim
            if claim.address not in self.steps.wants and self._is_like(want, claim):
                return claim
        return None

    def _is_like(self, want: Want, claim: Claim) -> bool:
        """Return whether a claim is due in the same minute, or has a similar text."""
        words = self.steps.scores.words
        due = minute(want.entry.due_at)
        if due is not None and due == minute(claim.entry.due_at):
            return True
        ours, theirs = words(want.entry.text), words(claim.entry.text)
        return likeness(ours.grams, theirs.grams) >= THRESHOLD

    def _explained(self, want: Want, gone: Owned | None) -> Pair | None:
        """Apply rules (b) to (e): the post exists already, or may exist."""
        reads_as = self.steps.reads_as(want)
        waiting = self.queue.take(want, reads_as)
        if waiting:
            return Pair(want.address, How.ADOPTED, want.item, None, waiting)
        how, published = self._refused(want, gone)
        if published:
            # Once forgotten, the published entry could not be asked about: the next run would send.
            self.kept.add(published)
            return Pair(want.address, how, want.item, None, None, published.binding)
        sent_entry = self.sent.take(want, reads_as, gone.binding.created_at if gone else None)
        return Pair(want.address, How.SENT, want.item, None, sent_entry) if sent_entry else None

    def _refused(self, want: Want, gone: Owned | None) -> tuple[How, Owned | None]:
        """Apply rules (c) and (d): return the published entry that this may or may not be."""
        steps = self.steps
        own = steps.own(want)
        is_over = own is not None and own.kind is OwnedKind.PUBLISHED and steps.is_to_come(want)
        if own is not None and is_over and not steps.is_explained(own):
            return How.OCCUPIED, own
        # A partner that is gone says which post this is, so (d) need not ask.
        return How.REPEATED, steps.repeated(want) if gone is None else None
