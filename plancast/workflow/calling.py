"""One call to the provider, and what its failure means.

Here, and nowhere else, it is decided whether a request may be made again. The
six provider errors say what is known of its effect; the table in core.ports
says what follows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from plancast.core.model import Entry, LiveEntry, Profile
from plancast.core.order import Call
from plancast.core.outcomes import CallOutcome
from plancast.core.plan import Action
from plancast.core.ports import (
    Clock,
    Interrupted,
    NotFound,
    OutcomeUnknown,
    Provider,
    ProviderError,
    RateLimited,
    Rejected,
    Unauthorized,
    Unreachable,
)

TRIES = 3
"""How often a call is made at the most where making it again is safe."""

BACK_OFF = 1.0
"""Seconds before the second try; doubled for the third."""

RATE_LIMIT_TRIES = 5
"""How often "too early" is taken for an answer. The limiter waits in between."""


@dataclass(frozen=True, slots=True)
class Answer:
    """How a call ended. `fatal`: no further call can succeed, so the run ends."""

    outcome: CallOutcome
    live: tuple[LiveEntry, ...] = ()
    message: str = ""
    queue_full: bool = False
    fatal: bool = False
    requests: int = 0


def make_call(
    call: Call, profiles: Mapping[str, Profile], provider: Provider, clock: Clock
) -> Answer:
    """Make it, again where that is safe, and say how it ended.

    Never raises ProviderError or Interrupted: being told to stop while waiting
    for a second try leaves the first one's failure as the answer.
    """
    requests = 0
    while True:
        requests += 1
        try:
            live = _send(call, profiles, provider)
        except Interrupted:
            return Answer(CallOutcome.NOT_SENT, (), "interrupted", requests=requests - 1)
        except ProviderError as error:
            answer = replace(_failure(error, call.action), requests=requests)
            pause = _pause(error, call.action, requests)
            if pause is None or not _slept(clock, pause):
                return answer
        else:
            return Answer(CallOutcome.CONFIRMED, live, requests=requests)


def _pause(error: ProviderError, action: Action, tries: int) -> float | None:
    """How long to wait before the next try, in seconds; None where there is none."""
    if isinstance(error, RateLimited):
        if tries >= RATE_LIMIT_TRIES:
            return None
        # The limiter below has heard of it and waits as well; this is for those without one.
        return min(error.retry_after or BACK_OFF, 60.0) if tries > 1 else 0.0
    if tries < TRIES and _may_repeat(error, action):
        return float(BACK_OFF * 2 ** (tries - 1))
    return None


def _slept(clock: Clock, seconds: float) -> bool:
    try:
        clock.sleep(seconds)
    except Interrupted:
        return False
    return True


def _send(call: Call, profiles: Mapping[str, Profile], provider: Provider) -> tuple[LiveEntry, ...]:
    change = call.changes[0]
    if call.action is Action.CREATE:
        targets = [profiles[item.profile.id] for item in call.changes]
        return provider.create(call.entry, targets)
    if call.action is Action.UPDATE:
        previous = change.before or Entry()
        profile = profiles[change.profile.id]
        return (provider.update(change.remote_id, call.entry, previous, profile),)
    provider.delete(change.remote_id)
    return ()


def _may_repeat(error: ProviderError, action: Action) -> bool:
    if isinstance(error, OutcomeUnknown):
        return action is not Action.CREATE
    return isinstance(error, Unreachable)


def _failure(error: ProviderError, action: Action) -> Answer:
    message = str(error)
    if isinstance(error, OutcomeUnknown):
        return Answer(CallOutcome.UNKNOWN, error.confirmed, message)
    if isinstance(error, NotFound) and action is Action.DESTROY:
        return Answer(CallOutcome.CONFIRMED)
    if isinstance(error, Unreachable | RateLimited):
        return Answer(CallOutcome.NOT_SENT, (), message, fatal=True)
    if isinstance(error, Unauthorized):
        return Answer(CallOutcome.REJECTED, (), message, fatal=True)
    full = isinstance(error, Rejected) and error.queue_full
    return Answer(CallOutcome.REJECTED, (), message, queue_full=full)
