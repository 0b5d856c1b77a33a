"""The choice of the way in which creates are made, as a table."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plancast.model.findings import ANSWERS, Answer, Findings, Question
from plancast.model.ports import Capabilities
from plancast.model.safety import Safety
from plancast.model.state import State
from plancast.reconcile.safety import choose_safety
from plancast.testing.builders import NOW

ABLE = Capabilities(api="buffer-graphql", keyed_group=10)
KEY, PROMOTION, SECOND = (
    Question.REPEATED_KEY,
    Question.PROMOTION,
    Question.SECOND_PROMOTION,
)
GOOD = {KEY: Answer.SAME_ITEM}


def chosen(
    answers: dict[Question, Answer] | None,
    policy: str = "keyed",
    able: Capabilities = ABLE,
    account_id: str = "acc",
    api: str = "buffer-graphql",
) -> tuple[Safety, str]:
    found = None if answers is None else Findings(account_id, api, NOW, answers)
    state = replace(State("lineage"), findings=found)
    made = choose_safety(policy, able, state, "acc", "Buffer")
    assert (made.reason == "") == (made.code == "") == (made.safety is Safety(policy))
    assert (made.code == "PC517") == (not able.keyed_group and policy == "keyed")
    return made.safety, made.reason


@pytest.mark.parametrize("policy", ["direct", "strict"])
@pytest.mark.parametrize("answers", [None, GOOD])
def test_what_is_not_keyed_needs_no_findings(
    policy: str, answers: dict[Question, Answer] | None
) -> None:
    assert chosen(answers, policy) == (Safety(policy), "")


USED = {
    "the same item for a key": GOOD,
    "and it is promoted": {**GOOD, PROMOTION: Answer.DONE},
    "or the answer was not clear": {**GOOD, PROMOTION: Answer.UNCLEAR},
    "once": {**GOOD, PROMOTION: Answer.DONE, SECOND: Answer.STATE_ERROR},
    "once, in other words": {**GOOD, PROMOTION: Answer.DONE, SECOND: Answer.REFUSED},
}


@pytest.mark.parametrize("name", USED)
def test_keyed_is_used_if_a_probe_has_shown_that_it_works(name: str) -> None:
    assert chosen(USED[name]) == (Safety.KEYED, "")


NOT_USED: dict[str, tuple[dict[Question, Answer] | None, str]] = {
    "never probed": (None, "no probe"),
    "not asked": ({PROMOTION: Answer.DONE}, "no probe"),
    "not clear": ({KEY: Answer.UNCLEAR}, "no probe"),
    "another item": ({KEY: Answer.ANOTHER_ITEM}, "does not return the same item"),
    "refused": ({KEY: Answer.REFUSED}, "does not return the same item"),
    "not offered": ({KEY: Answer.NOT_OFFERED}, "does not return the same item"),
    "not promoted": ({**GOOD, PROMOTION: Answer.REFUSED}, "does not turn a content item into"),
    "no promotion": ({**GOOD, PROMOTION: Answer.NOT_OFFERED}, "does not turn a content item into"),
    "promoted twice": ({**GOOD, SECOND: Answer.DONE_TWICE}, "into posts twice"),
}


@pytest.mark.parametrize("name", NOT_USED)
def test_otherwise_creates_are_strict_and_the_reason_is_given(name: str) -> None:
    answers, words = NOT_USED[name]
    safety, reason = chosen(answers)
    assert safety is Safety.STRICT
    assert words in reason
    assert "Buffer" in reason


def test_findings_of_another_account_or_api_say_nothing() -> None:
    assert chosen(GOOD, account_id="other")[0] is Safety.STRICT
    assert chosen(GOOD, api="buffer-v2")[0] is Safety.STRICT


def test_a_provider_without_keyed_creates_has_strict_ones_whatever_was_found() -> None:
    safety, reason = chosen(GOOD, able=replace(ABLE, keyed_group=0))
    assert (safety, reason) == (Safety.STRICT, "this API of Buffer has no creates with a key")


def test_only_one_answer_to_the_repeated_key_will_do() -> None:
    used = [answer for answer in ANSWERS[KEY] if chosen({KEY: answer})[0] is Safety.KEYED]
    assert used == [Answer.SAME_ITEM]
