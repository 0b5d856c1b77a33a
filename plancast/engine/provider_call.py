"""One call to the provider, and what its failure means.

Here, and nowhere else, it is decided whether a request may be made again. The
six provider errors say what is known of its effect; the table in model.ports
says what follows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from plancast.model.entry import Entry, LiveEntry
from plancast.model.outcomes import CallOutcome
from plancast.model.ports import (
    Clock,
    Interrupted,
    NotFound,
    OutcomeUnknown,
    Provider,
    ProviderError,
    RateLimited,
    Rejected,
    StateMoved,
    Unauthorized,
    Unreachable,
)
from plancast.model.profile import Profile
from plancast.model.state import Intent, Operation

TRIES = 3
"""How often a call is made at the most if making it again is safe."""

BACK_OFF = 1.0
"""Seconds before the second try; doubled for the third."""

PATIENCE = 120.0
"""Seconds. Where the provider wants to be left alone for longer the run ends, and a later one
goes on: a budget for a day is not waited for."""

RATE_LIMIT_TRIES = 5
"""How often "too early" is taken for an answer. The limiter waits in between."""


@dataclass(frozen=True, slots=True)
class CallAnswer:
    """The end of a call. `fatal`: no further call can succeed, so the run ends.

    `resumes_in`: it ends because the budget of requests is used up, for so many seconds.
    `parts`: a create was made for the profiles that `live` shows, and for all others it was
    surely not; how it ended there, by profile.
    """

    outcome: CallOutcome
    live: tuple[LiveEntry, ...] = ()
    message: str = ""
    queue_full: bool = False
    fatal: bool = False
    requests: int = 0
    resumes_in: float | None = None
    parts: Mapping[str, CallAnswer] = field(default_factory=dict)


def make_call(  # noqa: PLR0913, PLR0917  # the call, the world, and who may forbid it
    intent: Intent,
    previous: Entry | None,
    profiles: Mapping[str, Profile],
    provider: Provider,
    clock: Clock,
    fence: Callable[[], None] = lambda: None,
) -> CallAnswer:
    """Make a call, again if that is safe, and return how it ended.

    `previous` is what the queue holds now, for an update. `fence` is asked before each try and
    raises StateMoved if nothing may be sent any more.

    Never raises any of those, nor ProviderError nor Interrupted: a request to stop while it waits
    for a second try leaves the first one's failure as the answer.
    """
    requests = 0
    unsettled = False
    while True:
        try:
            fence()
            requests += 1
            live = _send(intent, previous or Entry(), profiles, provider)
        except Interrupted:
            outcome = CallOutcome.UNKNOWN if unsettled else CallOutcome.NOT_SENT
            return CallAnswer(outcome, (), "interrupted", requests=requests - 1)
        except StateMoved as moved:
            outcome = CallOutcome.UNKNOWN if unsettled else CallOutcome.NOT_SENT
            return CallAnswer(outcome, (), str(moved), fatal=True, requests=requests)
        except ProviderError as error:
            unsettled = unsettled or isinstance(error, OutcomeUnknown)
            if isinstance(error, RateLimited) and error.spent:
                requests -= 1  # it was not even sent
            answer = replace(_failure(error, intent.operation), requests=requests)
            if isinstance(error, OutcomeUnknown) and intent.operation is Operation.CREATE:
                answer = replace(answer, parts=_parts(error, intent))
            if unsettled and _leaves_doubt(answer, error, intent.operation):
                answer = replace(answer, outcome=CallOutcome.UNKNOWN)
            pause = _pause(error, intent.operation, requests)
            if pause is None or not _slept(clock, pause):
                return answer
        else:
            done = CallOutcome.UNSETTLED if unsettled else CallOutcome.CONFIRMED
            return CallAnswer(done, live, requests=requests)


def _parts(error: OutcomeUnknown, intent: Intent) -> dict[str, CallAnswer]:
    """Return how it ended on each profile that refused it, if every profile is accounted for."""
    shown = {entry.profile_id for entry in error.confirmed}
    if not set(intent.profile_ids) <= shown | error.refused.keys():
        return {}
    return {
        profile_id: _failure(refusal, intent.operation)
        for profile_id, refusal in error.refused.items()
        if profile_id not in shown
    }


def _leaves_doubt(answer: CallAnswer, error: ProviderError, operation: Operation) -> bool:
    """Return whether a try before, which may still arrive, matters after this answer.

    An update that was refused may have been sent well the first time, and must not undo a newer
    one.
    """
    if answer.outcome is CallOutcome.NOT_SENT:
        return True
    refused = answer.outcome is CallOutcome.REJECTED and not isinstance(error, NotFound)
    return refused and operation is Operation.UPDATE


def _pause(error: ProviderError, operation: Operation, tries: int) -> float | None:
    """Return how long to wait before the next try, in seconds; None if there is none."""
    if isinstance(error, RateLimited):
        if tries >= RATE_LIMIT_TRIES or _spent(error):
            return None
        # The limiter below has heard of it and waits as well; this is for those without one.
        return min(error.retry_after or BACK_OFF, 60.0) if tries > 1 else 0.0
    if tries < TRIES and _may_repeat(error, operation):
        return float(BACK_OFF * 2 ** (tries - 1))
    return None


def _spent(error: RateLimited) -> bool:
    return error.spent or (error.retry_after or 0.0) > PATIENCE


def _slept(clock: Clock, seconds: float) -> bool:
    try:
        clock.sleep(seconds)
    except Interrupted:
        return False
    return True


def _send(
    intent: Intent, previous: Entry, profiles: Mapping[str, Profile], provider: Provider
) -> tuple[LiveEntry, ...]:
    if intent.operation is Operation.CREATE:
        return provider.create(intent.entry, [profiles[item] for item in intent.profile_ids])
    if intent.operation is Operation.UPDATE:
        profile = profiles[intent.profile_ids[0]]
        return (provider.update(intent.remote_id, intent.entry, previous, profile),)
    provider.delete(intent.remote_id)
    return ()


def _may_repeat(error: ProviderError, operation: Operation) -> bool:
    if isinstance(error, OutcomeUnknown):
        return operation is not Operation.CREATE
    return isinstance(error, Unreachable)


def _failure(error: ProviderError, operation: Operation) -> CallAnswer:
    message = str(error)
    if isinstance(error, OutcomeUnknown):
        return CallAnswer(CallOutcome.UNKNOWN, error.confirmed, message)
    if isinstance(error, NotFound) and operation is Operation.DESTROY:
        return CallAnswer(CallOutcome.CONFIRMED)
    if isinstance(error, RateLimited) and _spent(error):
        left = error.retry_after or 0.0
        return CallAnswer(CallOutcome.NOT_SENT, (), message, fatal=True, resumes_in=left)
    if isinstance(error, Unreachable | RateLimited):
        return CallAnswer(CallOutcome.NOT_SENT, (), message, fatal=True)
    if isinstance(error, Unauthorized):
        return CallAnswer(CallOutcome.REJECTED, (), message, fatal=True)
    full = isinstance(error, Rejected) and error.queue_full
    return CallAnswer(CallOutcome.REJECTED, (), message, queue_full=full)
