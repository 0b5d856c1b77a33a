"""A refusal is sorted by its type first and by its words last.

The words of a refusal decide only what it means for a later run. Whether a create was made is
decided by the type alone: the laws below put any words on any type.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plancast.model.entry import Entry
from plancast.model.ports import (
    NotFound,
    OutcomeUnknown,
    ProviderError,
    Rejected,
    Unauthorized,
)
from plancast.providers.buffer_graphql.create import Grouping
from plancast.providers.buffer_graphql.provider import BufferGraphqlProvider
from tests.providers.graphql.wire import FB, X, data, home, made, post, provider, typed
from tests.providers.wire import Script

Call = Callable[[BufferGraphqlProvider], object]

#: operation -> the call, how creates are grouped, and the field with the result
CALLS: dict[str, tuple[Call, Grouping, str]] = {
    "create": (lambda p: p.create(Entry("a"), [X]), Grouping.OFF, "createPost"),
    "aliases": (lambda p: p.create(Entry("a"), [X, FB]), Grouping.ALIASES, "p0"),
    "item": (lambda p: p.create(Entry("a"), [X, FB]), Grouping.CONTENT_ITEM, "createContentItem"),
    "update": (lambda p: p.update("1", Entry("a"), Entry("b"), X), Grouping.OFF, "editPost"),
    "share": (lambda p: p.share("1"), Grouping.OFF, "editPost"),
    "delete": (lambda p: p.delete("1"), Grouping.OFF, "deletePost"),
}
CREATES = ("create", "aliases", "item")

WAITS = (
    "Invalid post: Whoops, it looks like you've already got this one scheduled. Unfortunately, "
    "we're not able to post the same thing twice."
)
RECENT = (
    "Invalid post: Whoops, it looks like you've posted that one recently. Unfortunately, we're "
    "not able to post the same thing again so soon!"
)
FULL = "Scheduled posts limit reached. You have 10 scheduled posts out of 10 allowed."
GONE = "Document not found"
WORDS = {
    "waits": WAITS,
    "recent": RECENT,
    "full": FULL,
    "gone": GONE,
    "past": "Invalid post input: dueAt must be in the future",
    "approval": "needsApproval is only valid when your posting policy on this channel requires "
    "approval",
    "reminder": "Notification scheduling is not supported for linkedin channels. Use automatic "
    "scheduling instead.",
    "youtube": "Invalid post: YouTube posts require a title., YouTube posts require a category.",
    "own": "Something unexpected happened. Please try again.",
    "limits": "Syntax Error: Query is too complex",
    "none": "",
}
"""Words that users of the API have pasted, and words of a failure and of limits on documents."""

MEANS: dict[str, type[ProviderError]] = {
    "InvalidInputError": Rejected,
    "LimitReachedError": Rejected,
    "NotFoundError": NotFound,
    "UnauthorizedError": Unauthorized,
    "UnexpectedError": OutcomeUnknown,
    "CreateContentItemFailure": OutcomeUnknown,
}
"""What a type means, whatever its words are, for each operation but a content item."""

Seen = tuple[type[ProviderError], bool, bool]


def sorted_as(operation: str, kind: str, words: str) -> Seen:
    """Return the error of an operation that a type with these words answers, and its two flags."""
    call, grouping, field = CALLS[operation]
    before: list[Any] = [data(post=post())] if operation == "share" else []
    before += [home()] if operation in ("share", *CREATES) else []
    beside = {"p1": made(post("2", FB))} if operation == "aliases" else {}
    answer = data(**{field: typed(kind, words)}, **beside)
    with pytest.raises(ProviderError) as caught:
        call(provider(Script([*before, answer]), grouping=grouping))
    error: ProviderError = caught.value
    if operation == "aliases" and isinstance(error, OutcomeUnknown):
        error = error.refused.get(X.id, error)  # the other post was made
    if not isinstance(error, Rejected):
        return type(error), False, False
    return type(error), error.queue_full, error.repeated


@pytest.mark.parametrize("words", WORDS)
@pytest.mark.parametrize("kind", MEANS)
@pytest.mark.parametrize("operation", CALLS)
def test_the_type_decides_and_the_words_add(operation: str, kind: str, words: str) -> None:
    repeated = kind == "InvalidInputError" and words in ("waits", "recent")
    expected: Seen = (MEANS[kind], kind == "LimitReachedError", repeated)
    if operation == "item":
        expected = (OutcomeUnknown, False, False)  # it may be about one post of several
    assert sorted_as(operation, kind, WORDS[words]) == expected


@pytest.mark.parametrize(
    ("kind", "words", "expected"),
    [
        ("VoidMutationError", "gone", NotFound),
        ("VoidMutationError", "past", Rejected),
        ("VoidMutationError", "own", Rejected),
        ("RestProxyError", "past", Rejected),
        ("RestProxyError", "own", OutcomeUnknown),
        ("SomethingNewError", "past", Rejected),
    ],
)
def test_words_decide_about_changes_that_can_be_repeated(
    kind: str, words: str, expected: type[ProviderError]
) -> None:
    for operation in ("update", "share", "delete"):
        assert sorted_as(operation, kind, WORDS[words]) == (expected, False, False), operation


@given(
    operation=st.sampled_from(CREATES),
    kind=st.sampled_from([*MEANS, "RestProxyError", "SomethingNewError", "PostActionSuccess"]),
    words=st.one_of(st.sampled_from(sorted(WORDS.values())), st.text(max_size=40)),
)
def test_no_words_decide_whether_a_create_was_made(operation: str, kind: str, words: str) -> None:
    expected = OutcomeUnknown if operation == "item" else MEANS.get(kind, OutcomeUnknown)
    assert sorted_as(operation, kind, words)[0] is expected


@given(words=st.one_of(st.sampled_from(sorted(WORDS.values())), st.text(max_size=40)))
def test_words_without_a_type_or_a_code_prove_nothing_of_a_create(words: str) -> None:
    for operation in CREATES:
        call, grouping, _ = CALLS[operation]
        script = Script([home(), {"errors": [{"message": words}]}])
        with pytest.raises(OutcomeUnknown):
            call(provider(script, grouping=grouping))
        assert len(script.seen) == 2, "nothing was sent a second time"
