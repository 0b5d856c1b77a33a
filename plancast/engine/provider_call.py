"""One call to the provider: make it, repeat it if that is safe, and report its outcome.

This is the only module that decides if a request may be repeated. Each of the six provider errors
says what is known of the effect; the table in `model.ports` says what follows from it.
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
"""Tries of a call that is safe to repeat, at most."""

BACK_OFF = 1.0
"""Seconds before the second try; doubled for the third."""

PATIENCE = 120.0
"""Seconds. If the provider asks for a longer wait, the run ends and a later one goes on: no run
waits for the budget of the next day."""

RATE_LIMIT_TRIES = 5
"""Tries of a call that the provider answers with "too early", at most. The limiter waits between
them."""


@dataclass(frozen=True, slots=True)
class CallAnswer:
    """The end of a call.

    `live` are the entries that the answer shows. `queue_full` and `repeated`: the provider refused
    it for now (see `Rejected`), and a later run tries it again. `fatal`: no further call can
    succeed, so the run ends. `resumes_in`: the run ends because the request budget is used up for
    so many seconds. `parts` is set if a create was made on some profiles and surely not on all
    others: it holds the answer of each of the others, by profile id. `is_deferred`: it came to
    nothing, and the next run makes it anew. `is_over`: no more entries can come of the intent, once
    its draft is removed if `removes` says so.
    """

    outcome: CallOutcome
    live: tuple[LiveEntry, ...] = ()
    message: str = ""
    queue_full: bool = False
    repeated: bool = False
    fatal: bool = False
    requests: int = 0
    resumes_in: float | None = None
    parts: Mapping[str, CallAnswer] = field(default_factory=dict)
    is_deferred: bool = False
    is_over: bool = False
    removes: bool = False


def make_call(  # noqa: PLR0913, PLR0917  # the call, the world, and who may forbid it
    intent: Intent,
    previous: Entry | None,
    profiles: Mapping[str, Profile],
    provider: Provider,
    clock: Clock,
    fence: Callable[[], None] = lambda: None,
) -> CallAnswer:
    """Make a call, again if that is safe, and return its outcome.

    `previous` is the entry in the queue now, for an update. `fence` is called before each try and
    raises StateMoved if this run must not send any more.

    StateMoved, ProviderError and Interrupted become answers and are never raised. If the run is
    asked to stop during the wait for a second try, the failure of the first one is the answer.
    """
    # `unsettled`: an earlier try ended without an answer and may still arrive. From then on no
    # later answer alone settles the call.
    requests = 0
    unsettled = False
    lost_tries = 0
    while True:
        try:
            fence()
            requests += 1
            live = _send(intent, previous or Entry(), profiles, provider)
        except Interrupted:
            # Raised in a wait before the request was sent, so this try had no effect.
            outcome = CallOutcome.UNKNOWN if unsettled else CallOutcome.NOT_SENT
            return CallAnswer(outcome, (), "interrupted", requests=requests - 1)
        except StateMoved as moved:
            outcome = CallOutcome.UNKNOWN if unsettled else CallOutcome.NOT_SENT
            return CallAnswer(outcome, (), str(moved), fatal=True, requests=requests)
        except ProviderError as error:
            unsettled = unsettled or isinstance(error, OutcomeUnknown)
            if isinstance(error, RateLimited) and error.spent:
                requests -= 1  # our own limiter refused: it was not sent
            answer = replace(failure_answer(error, intent.operation), requests=requests)
            if isinstance(error, OutcomeUnknown) and intent.operation is Operation.CREATE:
                answer = replace(answer, parts=_parts(error, intent))
            doubtful = unsettled and _leaves_doubt(answer, error, intent.operation)
            if doubtful or _is_own_twin(answer, intent.operation, lost_tries):
                answer = replace(answer, outcome=CallOutcome.UNKNOWN)
            lost_tries += isinstance(error, Unreachable)
            pause = pause_after(error, intent.operation, requests)
            if pause is None or not slept(clock, pause):
                return answer
        else:
            done = CallOutcome.UNSETTLED if unsettled else CallOutcome.CONFIRMED
            return CallAnswer(done, live, requests=requests)


def _parts(error: OutcomeUnknown, intent: Intent) -> dict[str, CallAnswer]:
    """Return the answers of the profiles that refused a create, if every profile is accounted for.

    If one profile is neither confirmed nor refused, the outcome of the whole call stays unknown.
    """
    shown = {entry.profile_id for entry in error.confirmed}
    if not set(intent.profile_ids) <= shown | error.refused.keys():
        return {}
    return {
        profile_id: failure_answer(refusal, intent.operation)
        for profile_id, refusal in error.refused.items()
        if profile_id not in shown
    }


def _leaves_doubt(answer: CallAnswer, error: ProviderError, operation: Operation) -> bool:
    """Return whether an earlier try, which may still arrive, keeps the outcome unknown.

    It does if this try was not sent. It also does if an update was refused: the earlier try may
    have been accepted, and could undo a newer update. NotFound settles an update, since there is
    nothing left to change.
    """
    if answer.outcome is CallOutcome.NOT_SENT:
        return True
    refused = answer.outcome is CallOutcome.REJECTED and not isinstance(error, NotFound)
    return refused and operation is Operation.UPDATE


def _is_own_twin(answer: CallAnswer, operation: Operation, lost_tries: int) -> bool:
    """Return whether a create may be refused because an earlier try of it arrived after all.

    That try ended without a connection, as far as we could see. If the profile holds the text now,
    recovery has to look for the entry and adopt it; to create it again would make a twin.
    """
    return answer.repeated and operation is Operation.CREATE and lost_tries > 0


def pause_after(error: ProviderError, operation: Operation, tries: int) -> float | None:
    """Return the seconds to wait before the next try; None if there must be none."""
    if isinstance(error, RateLimited):
        if tries >= RATE_LIMIT_TRIES or _spent(error):
            return None
        # The limiter of the connection saw the error too, and waits by itself before the first
        # repetition. This pause is for providers without a limiter.
        return min(error.retry_after or BACK_OFF, 60.0) if tries > 1 else 0.0
    if tries < TRIES and _may_repeat(error, operation):
        return float(BACK_OFF * 2 ** (tries - 1))
    return None


def _spent(error: RateLimited) -> bool:
    """Return whether the budget is used up for longer than a run waits."""
    return error.spent or (error.retry_after or 0.0) > PATIENCE


def slept(clock: Clock, seconds: float) -> bool:
    """Wait; return False if the run was asked to stop meanwhile."""
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
    """Return whether a failed call is safe to repeat; a create of unknown outcome never is."""
    if isinstance(error, OutcomeUnknown):
        return operation is not Operation.CREATE
    return isinstance(error, Unreachable)


def failure_answer(error: ProviderError, operation: Operation) -> CallAnswer:
    """Return the answer that an error means."""
    message = str(error)
    if isinstance(error, OutcomeUnknown):
        return CallAnswer(CallOutcome.UNKNOWN, error.confirmed, message)
    # The entry is gone, which is all that a destroy wants.
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
    repeated = isinstance(error, Rejected) and error.repeated
    return CallAnswer(CallOutcome.REJECTED, (), message, queue_full=full, repeated=repeated)
