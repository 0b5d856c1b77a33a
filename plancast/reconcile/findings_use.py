"""The uses of findings in a plan, one function each. Pure.

Findings count for their own account and API alone.
"""

from __future__ import annotations

from plancast.model.diagnostics import Diagnostic, problem
from plancast.model.features import RepeatRule
from plancast.model.findings import Answer, Findings, Question, answer_to


def repeat_rule_after(
    rule: RepeatRule | None, found: Findings | None, account_id: str, api: str
) -> RepeatRule | None:
    """Return the rule about repeated texts; None if the account was seen to take them.

    Of two mistakes this is the smaller one. A rule that is missing costs a refused create, which
    the apply defers just as the plan would have. A rule too many holds back posts that could go
    out, until some have missed their time.
    """
    answer = answer_to(Question.DUPLICATE, found, account_id, api)
    return None if answer == Answer.ACCEPTED else rule


def unfit_safety(
    safety: str, found: Findings | None, account_id: str, api: str
) -> tuple[Diagnostic, ...]:
    """Warn if the account was seen not to take what `policy.safety: strict` needs."""
    answer = answer_to(Question.FAR_TIME, found, account_id, api)
    if safety != "strict" or found is None or answer not in (Answer.REFUSED, Answer.CHANGED):
        return ()
    detail = f"`safety: strict`: a probe on {found.at:%Y-%m-%d} found far times of drafts {answer}"
    return (problem("PC852", detail),)
