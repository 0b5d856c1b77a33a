"""The choice of the way in which creates are made: what the policy asks for, if it is possible.

`keyed` relies on two properties of the service: a repeated key returns the same content item, and
a content item is promoted once. Neither is taken on trust. A probe of the account and its API has
to have shown the first, and must not have shown the opposite of the second. Otherwise `strict`,
which relies on neither, takes its place.
"""

from __future__ import annotations

from dataclasses import dataclass

from plancast.model.findings import Answer, Question, answer_to
from plancast.model.ports import Capabilities
from plancast.model.safety import Safety
from plancast.model.state import State


@dataclass(frozen=True, slots=True)
class ChosenSafety:
    """The safety of a run. `reason` says why it is not the one of the policy, "" if it is.

    `code` is that of the remark about it.
    """

    safety: Safety
    reason: str = ""
    code: str = ""


_NOT_PROBED = "no probe of this account has shown that {title} returns the same item for a key"
_WRONG_KEY = "a probe has shown that {title} does not return the same item for a repeated key"
_NO_PROMOTION = "a probe has shown that {title} does not turn a content item into posts"
_TWICE = "a probe has shown that {title} turns a content item into posts twice"


def choose_safety(
    policy: str, capabilities: Capabilities, state: State, account_id: str, title: str
) -> ChosenSafety:
    """Return the safety of a run. `policy` is `policy.safety`, `title` names the provider."""
    wanted = Safety(policy)
    if wanted is not Safety.KEYED:
        return ChosenSafety(wanted)
    if not capabilities.keyed_group:
        reason = f"this API of {title} has no creates with a key"
        return ChosenSafety(Safety.STRICT, reason, "PC517")
    reason = _against_keyed(capabilities, state, account_id)
    if not reason:
        return ChosenSafety(wanted)
    return ChosenSafety(Safety.STRICT, reason.format(title=title), "PC515")


def _against_keyed(capabilities: Capabilities, state: State, account_id: str) -> str:
    """Return what the findings say against keyed creates, "" if nothing."""

    def found(question: Question) -> str:
        return answer_to(question, state.findings, account_id, capabilities.api)

    key, promoted, twice = (
        found(question)
        for question in (Question.REPEATED_KEY, Question.PROMOTION, Question.SECOND_PROMOTION)
    )
    if key != Answer.SAME_ITEM:
        return _NOT_PROBED if key in ("", Answer.UNCLEAR) else _WRONG_KEY
    # Only a probe that may schedule a post asks these two. If it did not, the cost of a wrong guess
    # is a draft that stays one.
    if promoted in (Answer.REFUSED, Answer.NOT_OFFERED):
        return _NO_PROMOTION
    return _TWICE if twice == Answer.DONE_TWICE else ""
