"""The words of a probe: the consequence of each answer, for the terminal and for JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from plancast.model.findings import Answer, Question

NOT_ASKED = "not asked"

_UNCLEAR = "The reply was lost or proves nothing. Probe again."

FOLLOWS: Mapping[tuple[Question, Answer], str] = {
    (Question.OPERATIONS, Answer.ALL): "The API has all operations that plancast may use.",
    (Question.OPERATIONS, Answer.SOME_MISSING): "What needs these is not used:",
    (Question.OPERATIONS, Answer.UNCLEAR): "The API does not say which operations it has.",
    (Question.FAR_TIME, Answer.KEPT): "A draft can wait years ahead: `safety: strict` works.",
    (Question.FAR_TIME, Answer.CHANGED): "A draft loses a time that is years ahead: plan warns of "
    "`safety: strict`.",
    (Question.FAR_TIME, Answer.REFUSED): "A draft cannot wait years ahead: plan warns of "
    "`safety: strict`.",
    (Question.FAR_TIME, Answer.UNCLEAR): _UNCLEAR,
    (Question.LINK_DRAFT, Answer.AS_WRITTEN): "Links in drafts read back as they were written.",
    (Question.LINK_DRAFT, Answer.SHORTENED): "Links in drafts read back shortened.",
    (Question.LINK_DRAFT, Answer.CHANGED): "A draft with a link reads back with another text.",
    (Question.EDIT, Answer.REPLACES): "An edit clears what it leaves out; plancast sends all.",
    (Question.EDIT, Answer.PATCHES): "An edit keeps what it leaves out; plancast sends all.",
    (Question.EDIT, Answer.UNCLEAR): _UNCLEAR,
    (Question.NOT_FOUND, Answer.TYPED): "plancast recognizes that a post is gone.",
    (Question.NOT_FOUND, Answer.IN_ERRORS): "plancast recognizes that a post is gone, by the code "
    "of the error.",
    (Question.NOT_FOUND, Answer.OTHER_WORDS): "plancast does not recognize that a post is gone. "
    "Please report this table.",
    (Question.NOT_FOUND, Answer.UNCLEAR): _UNCLEAR,
    (Question.REPEATED_KEY, Answer.SAME_ITEM): "A creation with a key can be repeated.",
    (Question.REPEATED_KEY, Answer.ANOTHER_ITEM): "A repeated key makes a second draft: a creation "
    "with a key cannot be repeated.",
    (Question.REPEATED_KEY, Answer.REFUSED): "A repeated key is refused: a creation with a key "
    "cannot be repeated.",
    (Question.REPEATED_KEY, Answer.NOT_OFFERED): "Nothing can be created with a key.",
    (Question.REPEATED_KEY, Answer.UNCLEAR): _UNCLEAR,
    (Question.PROMOTION, Answer.DONE): "A draft of content can become posts.",
    (Question.PROMOTION, Answer.REFUSED): "A draft of content cannot become posts.",
    (Question.PROMOTION, Answer.NOT_OFFERED): "A draft of content cannot become posts.",
    (Question.PROMOTION, Answer.UNCLEAR): _UNCLEAR,
    (Question.SECOND_PROMOTION, Answer.STATE_ERROR): "A second promotion is refused, by the type "
    "that the schema has for it.",
    (Question.SECOND_PROMOTION, Answer.REFUSED): "A second promotion is refused, by another type "
    "than the schema has for it.",
    (Question.SECOND_PROMOTION, Answer.DONE_TWICE): "A second promotion makes further posts, so a "
    "promotion cannot be repeated.",
    (Question.SECOND_PROMOTION, Answer.NO_EFFECT): "A second promotion has no effect.",
    (Question.SECOND_PROMOTION, Answer.UNCLEAR): _UNCLEAR,
    (Question.PROMOTED_KEY, Answer.SAME_ITEM): "The key still names the item once it has posts.",
    (Question.PROMOTED_KEY, Answer.ANOTHER_ITEM): "The key makes another draft once the item has "
    "posts.",
    (Question.PROMOTED_KEY, Answer.REFUSED): "The key is refused once the item has posts.",
    (Question.PROMOTED_KEY, Answer.UNCLEAR): _UNCLEAR,
    (Question.LINK_SCHEDULED, Answer.AS_WRITTEN): "Links in posts read back as they were written.",
    (Question.LINK_SCHEDULED, Answer.SHORTENED): "Links in posts read back shortened.",
    (Question.LINK_SCHEDULED, Answer.CHANGED): "A post with a link reads back with another text.",
    (Question.DUPLICATE, Answer.REFUSED): "The plan holds a repeated text back until the first one "
    "is out.",
    (Question.DUPLICATE, Answer.ACCEPTED): "The plan does not hold repeated texts back.",
    (Question.DUPLICATE, Answer.UNCLEAR): _UNCLEAR,
}
"""The consequence of an answer, in one sentence."""

_ONLY_SCHEDULED = frozenset(
    {
        Question.PROMOTION,
        Question.SECOND_PROMOTION,
        Question.PROMOTED_KEY,
        Question.LINK_SCHEDULED,
        Question.DUPLICATE,
    }
)


@dataclass(frozen=True, slots=True)
class ProbeRow:
    """One question as it is shown: the answer, and what follows from it."""

    question: str
    answer: str
    follows: str


def probe_rows(
    answers: Mapping[Question, Answer], missing: Iterable[str], words: str, *, scheduled: bool
) -> tuple[ProbeRow, ...]:
    """Return a row for each question, in order; one without an answer was not asked.

    `missing` are operations that the API lacks, `words` those about a missing post.
    """
    rows = []
    for question in Question:
        answer = answers.get(question)
        if answer is None:
            needs_flag = question in _ONLY_SCHEDULED and not scheduled
            hint = "`--scheduled` asks it, with a post a year ahead." if needs_flag else ""
            rows.append(ProbeRow(question.value, NOT_ASKED, hint))
            continue
        follows = FOLLOWS[question, answer]
        if answer is Answer.SOME_MISSING:
            follows = f"{follows} {', '.join(missing)}."
        if question is Question.NOT_FOUND and words:
            follows = f'{follows} Its words: "{words}".'
        rows.append(ProbeRow(question.value, answer.value, follows))
    return tuple(rows)
