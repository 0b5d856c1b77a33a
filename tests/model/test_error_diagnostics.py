"""The diagnostic of each error of a provider: its code, and the remedy."""

from __future__ import annotations

import pytest

from plancast.model.codes import CODES
from plancast.model.error_diagnostics import provider_problem
from plancast.model.ports import (
    NotFound,
    OutcomeUnknown,
    ProviderError,
    RateLimited,
    Rejected,
    Unauthorized,
    Unreachable,
)


@pytest.mark.parametrize(
    ("error", "code", "hint"),
    [
        (Unauthorized("no"), "PC803", "BUFFER_API_KEY"),
        (Unreachable("no"), "PC804", ""),
        (OutcomeUnknown("no"), "PC805", ""),
        (RateLimited("no", 90), "PC807", "There is room again in"),
        (Rejected("no", 1023), "PC808", ""),
        (Rejected("no", 404), "PC808", "PLANCAST_API_URL"),
        (Rejected("no", choices=[("1", "Acme")]), "PC811", "organization: ID"),
        (NotFound("no"), "PC808", ""),
    ],
)
def test_what_an_error_is_called(error: ProviderError, code: str, hint: str) -> None:
    problem = provider_problem(error)
    assert (problem.code, problem.detail) == (code, "no")
    assert hint in problem.hint if hint else problem.hint == ""


def test_a_key_that_was_refused_is_named() -> None:
    problem = provider_problem(Unauthorized("no"), ("ELSEWHERE_KEY", "ELSEWHERE_OTHER"))
    assert (problem.code, problem.hint) == ("PC803", "Check ELSEWHERE_KEY.")
    assert provider_problem(Unauthorized("no"), ("BUFFER_API_KEY",)).hint == CODES["PC803"].hint
