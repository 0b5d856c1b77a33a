"""Findings: the answers of one account and API to questions that no documentation settles.

A probe asks them, the state keeps the answers (docs/state.md#findings-of-a-probe), and plan and
apply read them. Each question has a fixed set of answers, so that a finding never holds anything of
the account. A question that was not asked is not in `Findings.answers`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum, StrEnum


class Question(Enum):
    """The questions, in the order in which they are asked and shown."""

    OPERATIONS = "operations"
    FAR_TIME = "far-time"
    LINK_DRAFT = "link-draft"
    EDIT = "edit"
    NOT_FOUND = "not-found"
    REPEATED_KEY = "repeated-key"
    PROMOTION = "promotion"
    SECOND_PROMOTION = "second-promotion"
    PROMOTED_KEY = "promoted-key"
    LINK_SCHEDULED = "link-scheduled"
    DUPLICATE = "duplicate"


class Answer(StrEnum):
    """The answers. `ANSWERS` says which of them a question can have."""

    ALL = "all"
    SOME_MISSING = "some missing"
    KEPT = "kept"
    CHANGED = "changed"
    REFUSED = "refused"
    AS_WRITTEN = "as written"
    SHORTENED = "shortened"
    REPLACES = "replaces"
    PATCHES = "patches"
    TYPED = "typed"
    IN_ERRORS = "in errors"
    OTHER_WORDS = "other words"
    SAME_ITEM = "same item"
    ANOTHER_ITEM = "another item"
    DONE = "done"
    STATE_ERROR = "state error"
    DONE_TWICE = "done twice"
    NO_EFFECT = "no effect"
    ACCEPTED = "accepted"
    NOT_OFFERED = "not offered"
    UNCLEAR = "unclear"


ANSWERS: Mapping[Question, tuple[Answer, ...]] = {
    Question.OPERATIONS: (Answer.ALL, Answer.SOME_MISSING, Answer.UNCLEAR),
    Question.FAR_TIME: (Answer.KEPT, Answer.CHANGED, Answer.REFUSED, Answer.UNCLEAR),
    Question.LINK_DRAFT: (Answer.AS_WRITTEN, Answer.SHORTENED, Answer.CHANGED),
    Question.EDIT: (Answer.REPLACES, Answer.PATCHES, Answer.UNCLEAR),
    Question.NOT_FOUND: (Answer.TYPED, Answer.IN_ERRORS, Answer.OTHER_WORDS, Answer.UNCLEAR),
    Question.REPEATED_KEY: (
        Answer.SAME_ITEM,
        Answer.ANOTHER_ITEM,
        Answer.REFUSED,
        Answer.NOT_OFFERED,
        Answer.UNCLEAR,
    ),
    Question.PROMOTION: (Answer.DONE, Answer.REFUSED, Answer.NOT_OFFERED, Answer.UNCLEAR),
    Question.SECOND_PROMOTION: (
        Answer.STATE_ERROR,
        Answer.REFUSED,
        Answer.DONE_TWICE,
        Answer.NO_EFFECT,
        Answer.UNCLEAR,
    ),
    Question.PROMOTED_KEY: (
        Answer.SAME_ITEM,
        Answer.ANOTHER_ITEM,
        Answer.REFUSED,
        Answer.UNCLEAR,
    ),
    Question.LINK_SCHEDULED: (Answer.AS_WRITTEN, Answer.SHORTENED, Answer.CHANGED),
    Question.DUPLICATE: (Answer.REFUSED, Answer.ACCEPTED, Answer.UNCLEAR),
}
"""The answers that each question can have. UNCLEAR: the reply proves nothing."""


@dataclass(frozen=True, slots=True)
class Findings:
    """The answers of one account over one API. `at` is the time of the last probe."""

    account_id: str
    api: str
    at: datetime
    answers: Mapping[Question, str] = field(default_factory=dict, hash=False)

    def updated(self, newer: Findings) -> Findings:
        """Return the findings after a newer probe.

        Answers to questions that it did not ask are kept if it probed the same account and API.
        """
        if (self.account_id, self.api) != (newer.account_id, newer.api):
            return newer
        return replace(newer, answers={**self.answers, **newer.answers})


def answer_to(question: Question, found: Findings | None, account_id: str, api: str) -> str:
    """Return the answer of this account and API; "" if it is not known.

    Findings about another account or API say nothing about this one.
    """
    if found is None or (found.account_id, found.api) != (account_id, api):
        return ""
    return found.answers.get(question, "")


class ProbeKind(Enum):
    """The kinds of objects that a probe makes: posts (also drafts of posts), and content items."""

    POST = "post"
    ITEM = "item"


@dataclass(frozen=True, slots=True)
class ProbeObject:
    """An object that a probe is about to make, durable before the first byte leaves.

    `marker` begins its text and is unique to the state and the probe, so the object is found even
    if the answer to its creation was lost. `key` is the client's key of a content item. `remote_id`
    is "" until an answer has shown it. `recorded_at` is earlier than its creation.
    """

    kind: ProbeKind
    marker: str
    profile_id: str
    recorded_at: datetime
    key: str = ""
    remote_id: str = ""
