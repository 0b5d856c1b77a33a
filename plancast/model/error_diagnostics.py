"""Diagnostics and exit codes for the exceptions of `model.ports`."""

from __future__ import annotations

from collections.abc import Sequence

from plancast.model.codes import CODES
from plancast.model.diagnostics import Diagnostic, problem
from plancast.model.durations import waiting
from plancast.model.exit_codes import ExitCode, Stop, code_for
from plancast.model.ports import (
    JournalDamaged,
    OutcomeUnknown,
    ProviderError,
    RateLimited,
    Rejected,
    StateDamaged,
    StateElsewhere,
    StateError,
    StateForeign,
    StateLinked,
    StateLocked,
    StateMoved,
    StateRefused,
    StateRewound,
    StateTooNew,
    StateUnreachable,
    StateUnwritable,
    Unauthorized,
    Unreachable,
)


def provider_problem(error: ProviderError, keys: Sequence[str] = ()) -> Diagnostic:
    """Return the diagnostic for an error of a provider.

    `keys` are the environment variables of the provider's secrets, the usual one first.
    """
    if isinstance(error, Unauthorized) and keys and keys[0] not in CODES["PC803"].hint:
        return problem("PC803", str(error), hint=f"Check {keys[0]}.")
    if isinstance(error, Rejected) and error.choices:
        return problem("PC811", str(error))
    if isinstance(error, RateLimited) and error.retry_after:
        hint = f"There is room again in {waiting(error.retry_after)}: run it again then."
        return problem("PC807", str(error), hint=hint)
    if isinstance(error, Rejected) and error.code == _NOTHING_THERE:
        return problem("PC808", str(error), hint="Check PLANCAST_API_URL, where it is set.")
    for kind, code in _PROVIDER_CODES:
        if isinstance(error, kind):
            return problem(code, str(error))
    return problem("PC808", str(error))


_NOTHING_THERE = 404
"""The HTTP status of an address without an API. An unknown id raises `NotFound` instead."""

_PROVIDER_CODES: tuple[tuple[type[ProviderError], str], ...] = (
    (Unauthorized, "PC803"),
    (RateLimited, "PC807"),
    (Unreachable, "PC804"),
    (OutcomeUnknown, "PC805"),
    (Rejected, "PC808"),
)


def state_problem(error: StateError) -> Diagnostic:
    """Return the diagnostic for an error of the state."""
    if isinstance(error, StateRefused):
        return problem(error.code, str(error), hint=error.hint)
    for kind, code in _STATE_CODES:
        if isinstance(error, kind):
            return problem(code, str(error), hint=error.hint)
    return problem("PC601", str(error), hint=error.hint)


# The first class that fits counts, so subclasses of StateDamaged come before it.
_STATE_CODES: tuple[tuple[type[StateError], str], ...] = (
    (StateTooNew, "PC602"),
    (JournalDamaged, "PC603"),
    (StateDamaged, "PC601"),
    (StateLinked, "PC011"),
    (StateMoved, "PC604"),
    (StateLocked, "PC605"),
    (StateUnwritable, "PC606"),
    (StateUnreachable, "PC610"),
    (StateRewound, "PC611"),
    (StateElsewhere, "PC612"),
    (StateForeign, "PC617"),
)


def state_exit(error: StateError) -> ExitCode:
    """Return the exit code of a run that an error of the state stops."""
    if isinstance(error, StateRefused):
        return code_for([state_problem(error)])
    return ExitCode.LOCKED if isinstance(error, StateLocked) else ExitCode.ERROR


def stopped_by(
    error: Stop | ProviderError | StateError | OSError, keys: Sequence[str] = ()
) -> Stop:
    """Return the `Stop` that ends a command after an error. `keys` are as in `provider_problem`."""
    if isinstance(error, Stop):
        return error
    if isinstance(error, StateError):
        return Stop([state_problem(error)], state_exit(error))
    if isinstance(error, ProviderError):
        return Stop([provider_problem(error, keys)])
    return Stop([problem("PC012", system_reason(error))])


def system_reason(error: OSError) -> str:
    """Return the reason that the operating system gave, with the name of the file if known."""
    reason = error.strerror or str(error) or type(error).__name__
    return f"{error.filename}: {reason}" if error.filename else reason
