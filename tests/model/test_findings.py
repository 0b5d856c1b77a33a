"""Findings: each question has fixed answers, and they count for their own account and API alone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from plancast.codec import state_from_dict, state_to_dict
from plancast.model.findings import (
    ANSWERS,
    Answer,
    Findings,
    ProbeKind,
    ProbeObject,
    Question,
    answer_to,
)
from plancast.model.state import State
from plancast.testing.builders import NOW

FOUND = Findings(
    "acc-1", "graphql", NOW, {Question.EDIT: Answer.PATCHES, Question.PROMOTION: Answer.DONE}
)


def test_each_question_has_answers_and_each_answer_a_question() -> None:
    assert set(ANSWERS) == set(Question)
    assert {answer for answers in ANSWERS.values() for answer in answers} == set(Answer)


@pytest.mark.parametrize(
    ("account_id", "api", "known"),
    [("acc-1", "graphql", Answer.PATCHES), ("acc-2", "graphql", ""), ("acc-1", "v1", "")],
)
def test_an_answer_counts_for_its_account_and_api(account_id: str, api: str, known: str) -> None:
    assert answer_to(Question.EDIT, FOUND, account_id, api) == known
    assert answer_to(Question.EDIT, None, account_id, api) == ""
    assert answer_to(Question.DUPLICATE, FOUND, account_id, api) == "", "it was not asked"


def test_a_newer_probe_replaces_what_it_asked_again() -> None:
    later = NOW + timedelta(days=1)
    newer = Findings("acc-1", "graphql", later, {Question.EDIT: Answer.REPLACES})
    assert FOUND.updated(newer) == Findings(
        "acc-1",
        "graphql",
        later,
        {Question.EDIT: Answer.REPLACES, Question.PROMOTION: Answer.DONE},
    )


@pytest.mark.parametrize(("account_id", "api"), [("acc-2", "graphql"), ("acc-1", "v1")])
def test_answers_of_another_account_or_api_are_dropped(account_id: str, api: str) -> None:
    newer = Findings(account_id, api, NOW, {Question.EDIT: Answer.REPLACES})
    assert FOUND.updated(newer) == newer


@pytest.mark.parametrize(
    "answers",
    [
        {"edit": "patches", "moon-phase": "full"},
        {"edit": "patches", "promotion": "by carrier pigeon"},
        {"edit": "patches", "promotion": None},
    ],
)
def test_what_only_a_newer_plancast_knows_counts_as_not_asked(answers: dict[str, str]) -> None:
    document = state_to_dict(State("lineage-1", findings=FOUND))
    document["findings"] = {**document["findings"], "answers": answers}  # type: ignore[dict-item]
    read = state_from_dict(document).findings
    assert read is not None
    assert read.answers == {Question.EDIT: Answer.PATCHES}


def test_a_state_that_lists_objects_of_a_probe_is_not_to_be_dropped() -> None:
    probe = ProbeObject(ProbeKind.POST, "probe l.4-1:", "p1", NOW)
    assert State("lineage-1").is_idle
    assert not State("lineage-1", probes=(probe,)).is_idle
    assert State("lineage-1", probes=(probe,)).is_new, "no apply has read a queue with it"
