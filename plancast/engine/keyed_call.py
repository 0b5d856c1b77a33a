"""The calls of a keyed create: its draft, its promotion, and the removal of a draft left over.

`reconcile.keyed` has the protocol and decides what follows from a content item; this module makes
the calls. Unlike `provider_call` it may repeat all of them: a draft has a key, and a content item
is promoted at most once. What it must not do is to conclude anything about posts from an error, so
it reads the item instead.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from plancast.engine.provider_call import CallAnswer, failure_answer, pause_after, slept
from plancast.model.outcomes import CallOutcome
from plancast.model.ports import (
    Clock,
    ContentItem,
    Interrupted,
    KeyedCreates,
    NotFound,
    NotPromoted,
    OutcomeUnknown,
    ProviderError,
    RateLimited,
    Rejected,
    StateMoved,
    Unauthorized,
    Unreachable,
)
from plancast.model.profile import Profile
from plancast.model.state import Intent, Operation
from plancast.reconcile.keyed import judge, key_of

GONE = "its draft is gone; the next run makes another"
INCOMPLETE = "its content item was made without it; the next run makes another"


@dataclass(frozen=True, slots=True)
class DraftAnswer:
    """The end of the creation of a draft: its content item, or the answer without one.

    `is_doubtful`: a creation was refused or not answered, in this run or an earlier one, so a draft
    may exist that no intent knows.
    """

    answer: CallAnswer
    item: ContentItem | None = None
    is_doubtful: bool = False


@dataclass(frozen=True, slots=True)
class KeyedCall:
    """The calls of one keyed create.

    `fence` is called before each try of a call that changes something, and raises StateMoved if
    this run must not send any more. No error of the provider, no StateMoved and no Interrupted is
    raised: each becomes an answer.
    """

    intent: Intent
    keyed: KeyedCreates
    clock: Clock
    fence: Callable[[], None] = lambda: None

    def make_draft(self) -> DraftAnswer:
        """Create the draft, or find the item that an earlier try has made. Repeated if need be."""
        requests = 0
        is_doubtful = self.intent.sent_at is not None
        while True:
            try:
                self.fence()
                requests += 1
                item = self.keyed.create_draft(key_of(self.intent), self.intent.entry)
            except (Interrupted, StateMoved) as stopped:
                answer = _stopped(stopped, requests - isinstance(stopped, Interrupted))
                return DraftAnswer(_kept(answer, is_doubtful), None, is_doubtful)
            except ProviderError as error:
                # Buffer sends the same failure before and after it made a draft.
                is_doubtful = is_doubtful or isinstance(error, OutcomeUnknown | Rejected)
                requests -= isinstance(error, RateLimited) and error.spent
                # Repeated like an update: the key makes the repetition harmless.
                pause = pause_after(error, Operation.UPDATE, requests)
                if pause is None or not slept(self.clock, pause):
                    answer = replace(failure_answer(error, Operation.UPDATE), requests=requests)
                    return DraftAnswer(_kept(answer, is_doubtful), None, is_doubtful)
            else:
                return DraftAnswer(
                    CallAnswer(CallOutcome.DRAFTED, requests=requests), item, is_doubtful
                )

    def promote(self, profiles: Sequence[Profile]) -> CallAnswer:
        """Promote the draft on `profiles`, until a read of the item says that this is over.

        A profile that has refused is left out of the next try, so that it does not hold up others.
        If all have refused, the answer says that the draft is to be removed.
        """
        promotion = _Promotion(self, {profile.id: profile for profile in profiles})
        while (answer := promotion.step()) is None:
            pass
        return replace(answer, requests=promotion.requests)

    def discard(self) -> CallAnswer:
        """Remove the draft, unless its item turns out to have posts: these are ours then.

        The item is read first, however young the read of the plan is: with an item go its posts.
        """
        call, requests = self, 1
        if self.intent.item:
            try:
                item = self.keyed.content_item(self.intent.item)
            except (ProviderError, Interrupted) as error:
                return CallAnswer(CallOutcome.DRAFTED, (), str(error), requests=requests)
        else:
            drafted = self.make_draft()
            requests, item = drafted.answer.requests, drafted.item
            if item is None:
                return drafted.answer
            call = replace(self, intent=replace(self.intent, item=item.id))
        if item is not None and not item.is_draft:
            return replace(call.end(item, ()), requests=requests)
        ended = CallAnswer(CallOutcome.REJECTED)
        answer = ended if item is None else call.remove(ended)
        return replace(answer, requests=requests + answer.requests)

    def remove(self, ended: CallAnswer, asked: Sequence[str] = ()) -> CallAnswer:
        """Remove the item, and return `ended`; or what a read of it says if it does not go.

        `asked` are the profiles on which it was to be promoted.
        """
        requests, kept = 0, replace(ended, outcome=CallOutcome.DRAFTED, is_over=False)
        try:
            self.fence()
            requests += 1
            self.keyed.remove_item(self.intent.item)
        except NotFound:
            pass
        except OutcomeUnknown:
            requests += 1
            try:
                item = self.keyed.content_item(self.intent.item)
            except (ProviderError, Interrupted):
                return replace(kept, requests=requests)
            if item is not None and item.is_draft:
                return replace(kept, requests=requests)
            if item is not None:
                return replace(self.end(item, asked, ended.parts), requests=requests)
        except StateMoved as moved:
            return replace(_stopped(moved, requests), parts=ended.parts)
        except (ProviderError, Interrupted):
            return replace(kept, requests=requests)
        return replace(ended, requests=requests)

    def end(
        self,
        item: ContentItem | None,
        asked: Sequence[str],
        refused: Mapping[str, CallAnswer] | None = None,
    ) -> CallAnswer:
        """Return the answer of a create whose item makes no more posts.

        A profile in `asked` without a post is refused if it has refused, else deferred.
        """
        made = judge(self.intent, item, asked).made
        shown = {entry.profile_id for entry in made}
        later = CallAnswer(
            CallOutcome.REJECTED, (), GONE if item is None else INCOMPLETE, is_deferred=True
        )
        parts = {
            profile_id: (refused or {}).get(profile_id, later)
            for profile_id in asked
            if profile_id not in shown
        }
        if not made:
            return replace(later, parts=parts, is_over=True)
        outcome = CallOutcome.UNKNOWN if parts else CallOutcome.CONFIRMED
        return CallAnswer(outcome, made, parts=parts, is_over=True)


@dataclass(slots=True)
class _Promotion:
    """A promotion under way. `is_unsettled`: a try was not answered, and may still arrive."""

    call: KeyedCall
    asked: Mapping[str, Profile]
    requests: int = 0
    tries: int = 0
    is_unsettled: bool = False
    refused: dict[str, CallAnswer] = field(default_factory=dict)

    def step(self) -> CallAnswer | None:
        """Try once; return the answer, or None if there is to be another try."""
        call = self.call
        left = [self.asked[name] for name in self.asked if name not in self.refused]
        if not left:
            refused = {**self.refused}
            return CallAnswer(CallOutcome.REJECTED, parts=refused, is_over=True, removes=True)
        try:
            call.fence()
            self.requests += 1
            item = call.keyed.promote(call.intent.item, call.intent.entry, left)
        except (Interrupted, StateMoved) as stopped:
            self.requests -= isinstance(stopped, Interrupted)
            answer = replace(_stopped(stopped, 0), parts=self.refused)
            return replace(answer, outcome=CallOutcome.UNKNOWN) if self.is_unsettled else answer
        except (RateLimited, Unreachable, Unauthorized) as error:
            return self._again(error)
        except ProviderError as error:
            return self._look(error)
        return call.end(item, tuple(self.asked), self.refused)

    def _look(self, error: ProviderError) -> CallAnswer | None:
        """Read the item after an error, and go on from what it is."""
        call, named = self.call, _refusals(error, self.asked)
        try:
            self.requests += 1
            item = call.keyed.content_item(call.intent.item)
        except (ProviderError, Interrupted):
            return CallAnswer(CallOutcome.UNKNOWN, (), str(error), parts={**self.refused})
        if item is None or not judge(call.intent, item, self.asked).promote:
            return call.end(item, tuple(self.asked), {**named, **self.refused})
        # The item is a draft, so the refusals in the error stand.
        if named.keys() - self.refused.keys():
            self.refused |= named
            return None
        self.is_unsettled = self.is_unsettled or isinstance(error, OutcomeUnknown)
        return self._again(error)

    def _again(self, error: ProviderError) -> CallAnswer | None:
        """Wait for another try; return the answer if there is none. The draft stays as it is."""
        if isinstance(error, RateLimited) and error.spent:
            self.requests -= 1
        self.tries += 1
        pause = pause_after(error, Operation.UPDATE, self.tries)
        if pause is not None and slept(self.call.clock, pause):
            return None
        answer = failure_answer(error, Operation.UPDATE)
        # A promotion without an answer may still arrive.
        left = CallOutcome.UNKNOWN if self.is_unsettled else CallOutcome.DRAFTED
        return replace(answer, outcome=left, live=(), parts={**self.refused})


def _refusals(error: ProviderError, asked: Mapping[str, Profile]) -> dict[str, CallAnswer]:
    """Return the refusals that an error names, by profile; for all if it is about all of them.

    That there is no such item is none: a read of the item shows it.
    """
    if not isinstance(error, NotPromoted):
        is_refusal = not isinstance(error, OutcomeUnknown | NotFound)
        return dict.fromkeys(asked, failure_answer(error, Operation.CREATE)) if is_refusal else {}
    if error.whole is not None:
        return dict.fromkeys(asked, failure_answer(error.whole, Operation.CREATE))
    return {
        name: failure_answer(refusal, Operation.CREATE)
        for name, refusal in error.named.items()
        if name in asked
    }


def _stopped(stopped: Interrupted | StateMoved, requests: int) -> CallAnswer:
    """Return the answer of a call that this run must not send, or not wait for."""
    if isinstance(stopped, StateMoved):
        return CallAnswer(CallOutcome.DRAFTED, (), str(stopped), fatal=True, requests=requests)
    return CallAnswer(CallOutcome.DRAFTED, (), "interrupted", requests=requests)


def _kept(answer: CallAnswer, is_doubtful: bool) -> CallAnswer:
    """Return the answer of a draft's creation: the intent stays open if there may be a draft."""
    if answer.outcome in (CallOutcome.DRAFTED, CallOutcome.NOT_SENT):
        left = CallOutcome.DRAFTED if is_doubtful else CallOutcome.NOT_SENT
        return replace(answer, outcome=left)
    return answer
