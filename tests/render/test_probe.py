"""The table of a probe: a sentence for each answer, and lines that fit."""

from __future__ import annotations

import re

import pytest

from plancast.model.findings import ANSWERS, Answer, Question
from plancast.render.probe_words import FOLLOWS, NOT_ASKED, probe_rows
from plancast.render.terminal.probe import render_probe
from plancast.render.terminal.tables import render_wrapped_table

PAIRS = [(question, answer) for question, answers in ANSWERS.items() for answer in answers]


def test_each_answer_has_a_consequence() -> None:
    assert set(FOLLOWS) == set(PAIRS)
    assert all(re.fullmatch(r"[A-Za-z].*[.:]", words) for words in FOLLOWS.values())


@pytest.mark.parametrize(("question", "answer"), PAIRS)
def test_each_answer_is_shown_with_it(question: Question, answer: Answer) -> None:
    rows = probe_rows({question: answer}, ("createTag",), "Gone", scheduled=True)
    (row,) = (row for row in rows if row.answer != NOT_ASKED)
    assert (row.question, row.answer) == (question.value, answer.value)
    assert row.follows.startswith(FOLLOWS[question, answer])
    assert ("createTag" in row.follows) is (answer is Answer.SOME_MISSING)
    assert ("Gone" in row.follows) is (question is Question.NOT_FOUND)


@pytest.mark.parametrize("width", [40, 60, 80, 100, 200])
def test_every_line_fits_into_the_terminal(width: int) -> None:
    answers = {question: answers[0] for question, answers in ANSWERS.items()}
    rows = probe_rows(answers, (), "", scheduled=True)
    shown = render_probe(rows, color=False, width=width)
    left = max(len(row.question) for row in rows) + max(len(row.answer) for row in rows) + 4
    assert max(map(len, shown.splitlines())) <= max(width, left + 24)
    squeezed = " ".join(shown.split())
    for row in rows:
        assert row.question in squeezed
        if width == 200:
            assert row.follows in squeezed


def test_what_was_not_asked_says_how_to_ask_it() -> None:
    rows = {row.question: row for row in probe_rows({}, (), "", scheduled=False)}
    assert {row.answer for row in rows.values()} == {NOT_ASKED}
    assert rows["edit"].follows == ""
    assert "--scheduled" in rows["promotion"].follows
    again = {row.question: row for row in probe_rows({}, (), "", scheduled=True)}
    assert again["promotion"].follows == "", "the flag was given, so the reason is another one"


def test_a_path_stays_whole_and_the_rest_of_a_cell_is_wrapped() -> None:
    path = f"/srv/{'a' * 60}/state.json"
    cells = [("error", "state", f"cannot be read: {path}: it is not of this plancast, so move it")]
    shown = render_wrapped_table(("VERDICT", "CHECK", "FOUND"), cells, color=False, width=60)
    assert path in shown
    long = [row for row in shown.splitlines() if len(row) > 60]
    assert [row.strip() for row in long] == [f"{path}:"]
