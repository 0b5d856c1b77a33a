"""One entry for several channels: what is sent, and what is known afterwards."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from plancast.model.entry import Entry
from plancast.model.ports import (
    Interrupted,
    NotFound,
    OutcomeUnknown,
    ProviderError,
    RateLimited,
    Rejected,
    StateMoved,
    Unauthorized,
    Unreachable,
)
from plancast.net.transport import Lost, NotSent
from plancast.providers.buffer_graphql.create import Grouping
from tests.providers.graphql.wire import (
    FB,
    LI,
    ORG,
    X,
    data,
    errors,
    home,
    invalid,
    made,
    names,
    page,
    post,
    provider,
    typed,
    variables,
)
from tests.providers.wire import Answer, Script, reply

ENTRY = Entry("hello")
CREATE = "mutation createPost"
ITEM = "mutation createContentItem"
ALIASES = "mutation createPost*3"


def one(identity: str, owner: object = X, **fields: object) -> dict[str, object]:
    return data(createPost=made(post(identity, owner, **fields)))  # type: ignore[arg-type]


def item(*posts: object) -> dict[str, object]:
    body = {"posts": list(posts)}
    shown = {"__typename": "CreateContentItemSuccess", "content": {"id": "i", "body": body}}
    return data(createContentItem=shown)


def test_a_create_for_one_is_a_create() -> None:
    for grouping in Grouping:
        script = Script([home(), one("1")])
        made_ = provider(script, grouping=grouping).create(ENTRY, [X])
        assert [live.id for live in made_] == ["1"]
        assert names(script)[1:] == [CREATE]


@pytest.mark.parametrize(
    ("grouping", "group"), [(Grouping.OFF, 1), (Grouping.CONTENT_ITEM, 10), (Grouping.ALIASES, 10)]
)
def test_only_who_puts_creates_together_is_given_several(grouping: Grouping, group: int) -> None:
    assert provider(Script([]), grouping=grouping).capabilities.create_group == group


def test_a_content_item_makes_all_in_one_request() -> None:
    script = Script([home(), item(post("2", LI), post("9", X), post("1", FB), post("7", LI))])
    found = provider(script, grouping=Grouping.CONTENT_ITEM).create(ENTRY, [FB, X, LI])
    assert [(live.id, live.profile_id) for live in found] == [
        ("1", FB.id),
        ("9", X.id),
        ("2", LI.id),
    ]
    given = variables(script.seen[1])
    assert given["organization"] == ORG
    assert [each["channelId"] for each in given["posts"]] == [FB.id, X.id, LI.id]


def test_aliases_make_all_in_one_request() -> None:
    answer = data(p0=made(post("1", FB)), p1=made(post("2", X)), p2=made(post("3", LI)))
    script = Script([home(), answer])
    found = provider(script, grouping=Grouping.ALIASES).create(ENTRY, [FB, X, LI])
    assert [live.id for live in found] == ["1", "2", "3"]
    assert names(script)[1:] == [ALIASES]


SINGLE: list[Answer] = [one("1", FB), one("2", X), one("3", LI)]


@pytest.mark.parametrize("grouping", [Grouping.CONTENT_ITEM, Grouping.ALIASES])
@pytest.mark.parametrize(
    "answer",
    [
        invalid('Cannot query field "createContentItem" on type "Mutation".'),
        reply({"errors": [{"message": "too complex"}]}, 400),
        {"errors": [{"message": "no", "locations": [{"line": 1, "column": 2}]}]},
    ],
)
def test_what_is_refused_as_such_is_sent_one_by_one_from_then_on(
    grouping: Grouping, answer: Answer
) -> None:
    script = Script([home(), answer, *SINGLE, *SINGLE])
    who = provider(script, grouping=grouping)
    before = who.capabilities
    for _ in range(2):
        found = who.create(ENTRY, [FB, X, LI])
        assert [live.id for live in found] == ["1", "2", "3"]
    assert names(script)[2:] == [CREATE] * 6
    assert who.capabilities is before


def failure(*errors: object, message: str = "it failed") -> dict[str, object]:
    return data(createContentItem=typed("CreateContentItemFailure", message, errors=list(errors)))


VARIANTS = [
    typed("CreateContentItemVariantInvalidInputError", "too long", channelId=X.id),
    typed("CreateContentItemVariantLimitReachedError", "full", channelId=X.id),
    typed("CreateContentItemVariantNotFoundError", "gone", channelId=X.id),
    typed("InvalidInputError", "one post per channel"),
    typed("NotFoundError", "no such organization"),
    typed("LimitReachedError", "too many items"),
    typed("SomethingNewError", ""),
]


@pytest.mark.parametrize(
    "answer",
    [
        failure(),
        failure(message=""),
        *(failure(error) for error in VARIANTS),
        failure(*VARIANTS),
        data(createContentItem={"__typename": "CreateContentItemFailure"}),
        data(createContentItem={"__typename": "CreateContentItemFailure", "errors": [None, 7]}),
        # Types that other creates have, should Buffer send them here one day.
        data(createContentItem=typed("InvalidInputError", "one is too long")),
        data(createContentItem=typed("LimitReachedError")),
        data(createContentItem=typed("NotFoundError")),
        data(createContentItem=typed("UnauthorizedError")),
        data(createContentItem=typed("RestProxyError")),
        data(createContentItem=typed("VoidMutationError", "Document not found")),
        data(createContentItem=typed("UnexpectedError")),
        data(createContentItem={"__typename": "CreateContentItemSuccess", "content": None}),
        # Fields were executed before these errors.
        errors("NOT_FOUND", path=["createContentItem"]),
        errors("BAD_USER_INPUT", path=["createContentItem"]),
        errors("GRAPHQL_VALIDATION_FAILED"),
        {"errors": [{"message": "no", "path": ["createContentItem"]}]},
        reply(errors("BAD_USER_INPUT", path=["createContentItem"]), 400),
        reply(errors("BAD_USER_INPUT"), 400),
    ],
)
def test_a_content_item_that_fails_is_unknown_for_all_its_posts(answer: Answer) -> None:
    script = Script([home(), answer, item(post("4", FB), post("5", LI))])
    who = provider(script, grouping=Grouping.CONTENT_ITEM)
    with pytest.raises(OutcomeUnknown) as caught:
        who.create(ENTRY, [FB, X, LI])
    assert (caught.value.confirmed, dict(caught.value.refused)) == ((), {})
    assert len(who.create(ENTRY, [FB, LI])) == 2
    assert names(script)[1:] == [ITEM, ITEM], "nothing is sent one by one"


def test_the_failure_of_a_content_item_says_why_for_each_channel() -> None:
    script = Script([home(), failure(VARIANTS[0], VARIANTS[3], VARIANTS[3], message="A., B.")])
    with pytest.raises(OutcomeUnknown) as caught:
        provider(script, grouping=Grouping.CONTENT_ITEM).create(ENTRY, [FB, X, LI])
    assert str(caught.value) == (
        "it failed, perhaps after it took effect: "
        "A. B.; twitter acme: too long; one post per channel"
    )


def test_each_post_of_a_content_item_has_the_tags_of_the_entry() -> None:
    labels = data(tagsV2=page({"id": "t1", "name": "ours", "isLocked": False}))
    script = Script([home(), labels, item(post("1", FB), post("2", X))])
    provider(script, grouping=Grouping.CONTENT_ITEM).create(Entry("a", tags=("ours",)), [FB, X])
    sent = variables(script.seen[2])
    assert [each["tagIds"] for each in sent["posts"]] == [["t1"], ["t1"]]
    assert set(sent) == {"organization", "posts"}, "tags of the item would not reach its posts"


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (errors("FORBIDDEN", path=["createContentItem"]), Unauthorized),
        (reply(b"", 401), Unauthorized),
        (reply(b"", 429), RateLimited),
        (errors("RATE_LIMIT_EXCEEDED"), RateLimited),
        (errors("UNEXPECTED"), OutcomeUnknown),
        (reply(b"", 502), OutcomeUnknown),
        (Lost("broke"), OutcomeUnknown),
    ],
)
def test_what_may_have_been_made_or_holds_for_all_is_not_tried_in_parts(
    answer: Answer, kind: type[ProviderError]
) -> None:
    script = Script([home(), answer])
    with pytest.raises(ProviderError) as caught:
        provider(script, grouping=Grouping.CONTENT_ITEM).create(ENTRY, [FB, X, LI])
    assert type(caught.value) is kind
    assert len(script.seen) == 2


@pytest.mark.parametrize(
    "answer",
    [
        reply(errors("BAD_USER_INPUT", path=["p1"]), 400),
        reply(errors("NOT_FOUND"), 400),
        {"errors": [{"message": "no", "extensions": {"code": "NOT_FOUND"}, "path": ["p1"]}]},
    ],
)
def test_several_creates_that_were_begun_are_not_sent_again(answer: Answer) -> None:
    script = Script([home(), answer])
    with pytest.raises(OutcomeUnknown):
        provider(script, grouping=Grouping.ALIASES).create(ENTRY, [FB, X, LI])
    assert names(script)[1:] == [ALIASES]


@pytest.mark.parametrize(
    ("grouping", "answers", "confirmed"),
    [
        (Grouping.CONTENT_ITEM, [item(post("1", FB))], ["1"]),
        (Grouping.CONTENT_ITEM, [item()], []),
        (Grouping.CONTENT_ITEM, [item(post("1", FB), post("", X), {}, post("9", LI))], ["1", "9"]),
        (
            Grouping.ALIASES,
            [data(p0=made(post("1", FB)), p1=typed("InvalidInputError"), p2=made(post("3", LI)))],
            ["1", "3"],
        ),
        (Grouping.ALIASES, [data(p0=made(post("1", FB)), p1=None)], ["1"]),
        (Grouping.ALIASES, [errors("FORBIDDEN", path=["p1"])], []),
        # One by one, what is refused stops no other; what is not clear stops all.
        (
            Grouping.ALIASES,
            [invalid(), SINGLE[0], data(createPost=typed("InvalidInputError")), SINGLE[2]],
            ["1", "3"],
        ),
        (Grouping.ALIASES, [invalid(), SINGLE[0], Lost("broke")], ["1"]),
        (Grouping.ALIASES, [invalid(), SINGLE[0], reply(b"", 429)], ["1"]),
        (
            Grouping.ALIASES,
            [invalid(), data(createPost=typed("InvalidInputError")), Lost("broke")],
            [],
        ),
    ],
)
def test_an_answer_for_fewer_confirms_those(
    grouping: Grouping, answers: Sequence[Answer], confirmed: Sequence[str]
) -> None:
    script = Script([home(), *answers])
    with pytest.raises(OutcomeUnknown) as caught:
        provider(script, grouping=grouping).create(ENTRY, [FB, X, LI])
    assert [live.id for live in caught.value.confirmed] == confirmed
    assert len(script.seen) == 1 + len(answers)


@pytest.mark.parametrize(
    ("answers", "refused"),
    [
        ([data(p0=made(post("1", FB)), p1=typed("LimitReachedError"), p2=None)], {X.id: Rejected}),
        (
            [data(p0=typed("LimitReachedError"), p1=typed("InvalidInputError", "long"), p2=None)],
            {},
        ),
        (
            [data(p0=made(post("1", FB)), p1=typed("LimitReachedError"), p2=typed("Other"))],
            {X.id: Rejected},
        ),
        (
            [
                data(
                    p0=made(post("1", FB)), p1=typed("LimitReachedError"), p2=typed("NotFoundError")
                )
            ],
            {X.id: Rejected, LI.id: NotFound},
        ),
        # What comes after the one that ends it is not sent.
        (
            [invalid(), SINGLE[0], reply(b"", 429)],
            {X.id: RateLimited, LI.id: RateLimited},
        ),
        ([invalid(), SINGLE[0], NotSent("no route")], {X.id: Unreachable, LI.id: Unreachable}),
        ([invalid(), SINGLE[0], Lost("broke")], {LI.id: Unreachable}),
        (
            [invalid(), data(createPost=typed("InvalidInputError")), reply(b"", 429)],
            {FB.id: Rejected, X.id: RateLimited, LI.id: RateLimited},
        ),
        # A run that is stopped in between learns what was made.
        ([invalid(), SINGLE[0], Interrupted()], {X.id: Unreachable, LI.id: Unreachable}),
        ([invalid(), SINGLE[0], StateMoved("late")], {X.id: Unreachable, LI.id: Unreachable}),
    ],
)
def test_what_was_surely_not_made_is_told_by_profile(
    answers: Sequence[Answer], refused: dict[str, type[ProviderError]]
) -> None:
    script = Script([home(), *answers])
    with pytest.raises(OutcomeUnknown) as caught:
        provider(script, grouping=Grouping.ALIASES).create(ENTRY, [FB, X, LI])
    assert {key: type(error) for key, error in caught.value.refused.items()} == refused
    assert len(script.seen) == 1 + len(answers)


@pytest.mark.parametrize("stopped", [Interrupted(), StateMoved("late")])
@pytest.mark.parametrize("before", [[], [invalid()]])
def test_who_is_stopped_before_anything_was_made_is_stopped(
    before: Sequence[Answer], stopped: Exception
) -> None:
    script = Script([home(), *before, stopped])
    with pytest.raises(type(stopped)):
        provider(script, grouping=Grouping.ALIASES).create(ENTRY, [FB, X, LI])


def test_what_is_refused_for_each_is_refused() -> None:
    no = typed("InvalidInputError", "too long")
    script = Script([home(), data(p0=no, p1=no, p2=no)])
    with pytest.raises(Rejected, match="too long"):
        provider(script, grouping=Grouping.ALIASES).create(ENTRY, [FB, X, LI])
    assert len(script.seen) == 2


def test_a_post_of_another_channel_confirms_nothing() -> None:
    script = Script([home(), one("1", LI)])
    with pytest.raises(OutcomeUnknown, match="nothing for 1 of 1") as caught:
        provider(script).create(ENTRY, [X])
    assert caught.value.confirmed == ()
