"""The prober: what each form of a reply is taken for, and what is sent."""

from __future__ import annotations

from datetime import timedelta

import pytest

from plancast.model.findings import Answer
from plancast.model.ports import NotFound, OutcomeUnknown, RateLimited, Rejected, Unauthorized
from plancast.model.probing import NOT_OFFERED, Refusal
from plancast.net.transport import Response
from plancast.providers.buffer_graphql import probe_queries
from plancast.providers.buffer_graphql.probe import BufferProber
from plancast.testing.builders import NOW
from tests.providers.graphql.wire import (
    FB,
    ORG,
    X,
    client,
    data,
    errors,
    invalid,
    made,
    page,
    post,
    typed,
    variables,
)
from tests.providers.wire import Answer as Reply
from tests.providers.wire import Script, reply


def prober(*answers: Reply) -> BufferProber:
    return BufferProber(client(*answers), lambda: ORG)


def scripted(*answers: Reply) -> tuple[BufferProber, Script]:
    from plancast.providers.buffer_graphql.client import GraphqlClient  # noqa: PLC0415

    script = Script(answers)
    return BufferProber(GraphqlClient(script), lambda: ORG), script


def unknown(*names: str, words: str = 'Cannot query field "{}" on type "Query".') -> Response:
    found = [
        {"message": words.format(name), "extensions": {"code": "GRAPHQL_VALIDATION_FAILED"}}
        for name in names
    ]
    return reply({"errors": found}, 400)


# -- operations ----

SENTINEL = probe_queries.SENTINEL


def test_missing_operations_are_those_that_the_errors_name() -> None:
    first, second = unknown(SENTINEL, "contentItems"), unknown("createTag", SENTINEL)
    assert prober(first, second).missing_operations() == ("contentItems", "createTag")
    assert prober(unknown(SENTINEL), unknown(SENTINEL)).missing_operations() == ()


@pytest.mark.parametrize(
    "words",
    [
        "Cannot query field '{}' on type 'Query'.",
        'Cannot query field "{}" on type "Query". Did you mean "posts"?',
        "Cannot query field “{}” on type “Query”.",
    ],
)
def test_the_quotes_of_the_server_do_not_matter(words: str) -> None:
    answers = [unknown(SENTINEL, "posts", words=words)] * 2
    assert prober(*answers).missing_operations() == ("posts",)


@pytest.mark.parametrize(
    "answer",
    [unknown("contentItems"), unknown(SENTINEL, words="No field {}"), invalid("Syntax"), data()],
)
def test_a_server_that_does_not_name_the_sentinel_says_nothing(answer: Reply) -> None:
    assert prober(answer, answer).missing_operations() is None


def test_other_refusals_are_raised() -> None:
    with pytest.raises(RateLimited):
        prober(reply(errors("RATE_LIMIT_EXCEEDED"), 429)).missing_operations()
    with pytest.raises(Unauthorized):
        prober(reply(errors("UNAUTHENTICATED"), 401)).missing_operations()


def test_a_document_about_operations_has_the_field_that_no_schema_has() -> None:
    for kind, names in (
        ("query", probe_queries.QUERIES),
        ("mutation", probe_queries.MUTATIONS),
    ):
        document = probe_queries.which_exist(kind, names)
        assert f"  {SENTINEL} {{" in document
        assert all(f"  {name} {{" in document for name in names)


# -- posts ----


def test_an_edit_sends_everything_but_the_text() -> None:
    one, script = scripted(data(editPost=made(post("1", FB))))
    one.edit_without_text("1", FB, NOW)
    (request,) = script.seen
    sent = variables(request)["input"]
    assert sent.keys() >= {"id", "mode", "dueAt", "schedulingType", "saveToDraft", "metadata"}
    assert not sent.keys() & {"text", "assets", "channelId"}
    assert sent["saveToDraft"] is True


@pytest.mark.parametrize("draft", [True, False])
def test_a_post_of_a_probe_has_a_text_alone(draft: bool) -> None:
    one, script = scripted(data(createPost=made(post("1"))))
    one.create_post(X, "See https://acme.example", NOW + timedelta(days=1), draft=draft)
    sent = variables(script.seen[0])["input"]
    assert (sent["saveToDraft"], sent["mode"]) == (draft, "customScheduled")
    assert "tagIds" not in sent
    assert "linkAttachment" not in str(sent)
    assert not script.seen[0].idempotent


NOT_FOUND = "Document not found"


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (data(deletePost=typed("VoidMutationError", NOT_FOUND)), Answer.TYPED),
        (data(deletePost=typed("NotFoundError", "It is gone")), Answer.TYPED),
        (data(deletePost=typed("VoidMutationError", "It has left")), Answer.OTHER_WORDS),
        (data(deletePost=typed("InvalidInputError", "It has left")), Answer.OTHER_WORDS),
        (errors("NOT_FOUND", NOT_FOUND), Answer.IN_ERRORS),
        (data(deletePost=typed("UnexpectedError", "Oops")), Answer.UNCLEAR),
        (data(deletePost={"__typename": "DeletePostSuccess", "id": "1"}), Answer.UNCLEAR),
    ],
)
def test_the_form_of_a_reply_about_a_missing_post(answer: Reply, found: Answer) -> None:
    assert prober(answer).delete_missing("1").answer is found


def test_a_failure_about_a_missing_post_proves_nothing() -> None:
    with pytest.raises(OutcomeUnknown):
        prober(errors("UNEXPECTED")).delete_missing("1")


# -- content items ----


def item(identity: str = "i1", body: object = None) -> dict[str, object]:
    draft = {"__typename": "DraftContent", "text": "a"}
    return {
        "id": identity,
        "createdAt": "2026-11-23T09:00:00.000Z",
        "body": body or draft,
    }


def success(name: str, shown: object) -> dict[str, object]:
    return data(
        **{name: {"__typename": f"{name[0].upper()}{name[1:]}Success", "contentItem": shown}}
    )


CREATE, PROMOTE = "createContentItemDraft", "promoteContentItemDraftToPosts"


def failure(*kinds: str) -> dict[str, object]:
    listed = [typed(kind) for kind in kinds]
    return data(**{PROMOTE: typed("PromoteContentItemDraftToPostsFailure", errors=listed)})


def test_a_key_travels_with_the_creation() -> None:
    one, script = scripted(success(CREATE, item()))
    made_item = one.create_item("k1", "a")
    assert (made_item.id, made_item.text, made_item.posts) == ("i1", "a", ())
    assert variables(script.seen[0]) == {"organization": ORG, "key": "k1", "text": "a"}


@pytest.mark.parametrize(
    ("answer", "error", "code"),
    [
        (invalid(), Rejected, NOT_OFFERED),
        (data(**{CREATE: typed("CreateContentItemDraftFailure", errors=[])}), Rejected, "refused"),
        (success(CREATE, None), OutcomeUnknown, None),
        (data(**{CREATE: {"__typename": "Other"}}), OutcomeUnknown, None),
        (errors("UNEXPECTED"), OutcomeUnknown, None),
    ],
)
def test_a_creation_that_fails(answer: Reply, error: type[Exception], code: str | None) -> None:
    with pytest.raises(error) as caught:
        prober(answer).create_item("k1", "a")
    assert getattr(caught.value, "code", None) == code


@pytest.mark.parametrize(
    ("kinds", "refusal"),
    [
        (["ContentItemStateError"], Refusal.STATE),
        (["ContentItemStateError", "ContentItemStateError"], Refusal.STATE),
        (["PostLimitReachedError"], Refusal.LIMIT),
        (["ContentItemStateError", "PostLimitReachedError"], Refusal.OTHER),
        (["PostInvalidInputError"], Refusal.OTHER),
        (["NewError"], Refusal.OTHER),
        ([], Refusal.OTHER),
    ],
)
def test_why_a_promotion_failed(kinds: list[str], refusal: Refusal) -> None:
    assert prober(failure(*kinds)).promote("i1", X, "a", NOW) is refusal


def test_a_promotion_shows_the_posts() -> None:
    body = {"__typename": "PostContent", "posts": [post("1", text="a")]}
    promoted = prober(success(PROMOTE, item(body=body))).promote("i1", X, "a", NOW)
    assert not isinstance(promoted, Refusal)
    assert promoted.text is None
    assert [one.id for one in promoted.posts] == ["1"]


def test_items_are_read_until_they_are_older() -> None:
    old = {**item("i2"), "createdAt": "2026-11-20T09:00:00.000Z"}
    one, script = scripted(
        data(contentItems=page(item("i1"), after="c1")), data(contentItems=page(old, after="c2"))
    )
    found = one.items_since(NOW - timedelta(days=1))
    assert [shown.id for shown in found] == ["i1"]
    assert len(script.seen) == 2, "the third page is older still"


def test_a_missing_list_of_items_is_not_offered() -> None:
    with pytest.raises(Rejected) as caught:
        prober(invalid()).items_since(NOW)
    assert caught.value.code == NOT_OFFERED


def test_deleting_an_item() -> None:
    done = data(deleteContentItem={"__typename": "EmptySuccess"})
    prober(done).delete_item("i1")
    gone = data(deleteContentItem=typed("DeleteContentItemFailure", "Content item not found"))
    with pytest.raises(NotFound):
        prober(gone).delete_item("i1")
    failed = data(deleteContentItem=typed("DeleteContentItemFailure", "Something"))
    with pytest.raises(OutcomeUnknown):
        prober(failed).delete_item("i1")
