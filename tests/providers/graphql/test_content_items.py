"""Keyed creates over the current API: what is sent, and what answers prove."""

from __future__ import annotations

import pytest

from plancast.model.entry import Entry, Link
from plancast.model.ports import (
    ContentItem,
    NotFound,
    NotPromoted,
    OutcomeUnknown,
    ProviderError,
    Rejected,
    Unauthorized,
    Unreachable,
)
from plancast.providers.buffer_graphql.content_items import DRAFT_PAGES, title_of
from tests.providers.graphql.wire import (
    LI,
    ORG,
    X,
    data,
    errors,
    home,
    names,
    page,
    post,
    provider,
    typed,
    variables,
)
from tests.providers.wire import Answer, Script

ENTRY = Entry("hello")
KEY = "0b6c9d52-6a0f-5c61-9d5e-6d1c4a1f2b30"
DRAFTED: dict[str, object] = {"__typename": "DraftContent"}


def item(*posts: object, identity: str = "i") -> dict[str, object]:
    body = {"__typename": "PostContent", "posts": list(posts)} if posts else DRAFTED
    return {"id": identity, "title": title_of(KEY), "body": body}


def drafted(shown: object) -> dict[str, object]:
    payload = {"__typename": "CreateContentItemDraftSuccess", "contentItem": shown}
    return data(createContentItemDraft=payload)


def promoted(shown: object) -> dict[str, object]:
    payload = {"__typename": "PromoteContentItemDraftToPostsSuccess", "contentItem": shown}
    return data(promoteContentItemDraftToPosts=payload)


def failed(*listed: object, message: str = "it failed") -> dict[str, object]:
    failure = typed("PromoteContentItemDraftToPostsFailure", message, errors=list(listed))
    return data(promoteContentItemDraftToPosts=failure)


def tags(*labels: str) -> dict[str, object]:
    return data(
        tagsV2=page(*({"id": f"t-{one}", "name": one, "isLocked": False} for one in labels))
    )


# -- the draft ----


@pytest.mark.parametrize(
    ("entry", "text"),
    [
        (Entry("  hello "), "hello"),
        (Entry("", link=Link("https://acme.example/")), "https://acme.example/"),
        (Entry(""), "A post"),
    ],
)
def test_a_draft_has_its_key_twice_and_a_text(entry: Entry, text: str) -> None:
    script = Script([home(), drafted(item())])
    assert provider(script).keyed_creates.create_draft(KEY, entry) == ContentItem("i")
    assert variables(script.seen[1])["input"] == {
        "organizationId": ORG,
        "correlationId": KEY,
        "title": f"plancast {KEY}",
        "draft": {"text": text},
    }


def test_a_repeated_key_shows_the_posts_of_its_item() -> None:
    script = Script([home(), drafted(item(post("1", X), post("2", LI)))])
    made = provider(script).keyed_creates.create_draft(KEY, ENTRY)
    assert [live.id for live in made.posts or ()] == ["1", "2"]


REFUSED_DRAFTS: list[tuple[Answer, type[ProviderError]]] = [
    (
        data(createContentItemDraft=typed("CreateContentItemDraftFailure", "no", errors=[])),
        Rejected,
    ),
    (data(createContentItemDraft=typed("UnexpectedError")), OutcomeUnknown),
    (drafted(None), OutcomeUnknown),
    (drafted({"id": "i", "body": None}), OutcomeUnknown),
    (drafted({"id": "", "body": DRAFTED}), OutcomeUnknown),
    (drafted({"id": "i", "body": {"__typename": "NewContent"}}), OutcomeUnknown),
    (drafted({"id": "i", "body": {"__typename": "PostContent", "posts": None}}), OutcomeUnknown),
    (errors("FORBIDDEN"), Unauthorized),
]


@pytest.mark.parametrize(("answer", "kind"), REFUSED_DRAFTS)
def test_what_becomes_of_a_draft(answer: Answer, kind: type[ProviderError]) -> None:
    with pytest.raises(kind) as caught:
        provider(Script([home(), answer])).keyed_creates.create_draft(KEY, ENTRY)
    assert type(caught.value) is kind


# -- the promotion ----


def test_a_promotion_brings_the_whole_post_of_each_channel_with_its_tags() -> None:
    script = Script([home(), tags("Launch"), promoted(item(post("1", X), post("2", LI)))])
    entry = Entry("hello", tags=("Launch",))
    made = provider(script).keyed_creates.promote("i", entry, [X, LI])
    assert [live.profile_id for live in made.posts or ()] == [X.id, LI.id]
    sent = variables(script.seen[2])["input"]
    assert sent["id"] == "i"
    assert [each["channelId"] for each in sent["posts"]] == [X.id, LI.id]
    assert [each["tagIds"] for each in sent["posts"]] == [["t-Launch"], ["t-Launch"]]
    assert "tagIds" not in sent, "tags of an item do not reach its posts"


INVALID = typed("PostInvalidInputError", "too long", channelId=X.id)
LIMIT = typed("PostLimitReachedError", "full", channelId=X.id)
LOST = typed("PostChannelNotFoundError", "gone", channelId=LI.id)
STATE = typed("ContentItemStateError", "it is no draft")
WHOLE = typed("InvalidInputError", "no")
FAILURES: dict[str, tuple[Answer, dict[str, type[ProviderError]], bool]] = {
    "one channel": (failed(INVALID), {X.id: Rejected}, False),
    "two channels": (failed(LIMIT, LOST), {X.id: Rejected, LI.id: NotFound}, False),
    "a channel and the whole": (failed(INVALID, WHOLE), {X.id: Rejected}, False),
    "the whole": (failed(WHOLE), {}, True),
    "an error that is new": (failed(typed("SomethingNewError")), {}, True),
    "the state of the item": (failed(STATE), {}, False),
    "the state of the item and a channel": (failed(STATE, INVALID), {}, False),
    "no reason": (failed(), {}, False),
    "a reason in another form": (failed(None, 7), {}, False),
}


@pytest.mark.parametrize("name", FAILURES)
def test_a_promotion_that_failed_names_what_a_read_has_to_confirm(name: str) -> None:
    answer, named, has_whole = FAILURES[name]
    with pytest.raises(NotPromoted) as caught:
        provider(Script([answer])).keyed_creates.promote("i", ENTRY, [X, LI])
    assert {key: type(error) for key, error in caught.value.named.items()} == named
    assert (caught.value.whole is not None) is has_whole


def test_a_full_queue_and_a_repeated_text_are_told_apart_from_other_refusals() -> None:
    words = "Invalid post: Whoops, it looks like you've already got this one scheduled"
    repeated = typed("PostInvalidInputError", words, channelId=LI.id)
    with pytest.raises(NotPromoted) as caught:
        provider(Script([failed(LIMIT, repeated)])).keyed_creates.promote("i", ENTRY, [X, LI])
    full, again = caught.value.named[X.id], caught.value.named[LI.id]
    assert isinstance(full, Rejected)
    assert isinstance(again, Rejected)
    assert (full.queue_full, full.repeated) == (True, False)
    assert (again.queue_full, again.repeated) == (False, True)
    assert "twitter acme: full" in str(caught.value), "people do not know the ids of channels"


OPEN: list[Answer] = [
    promoted(item()),
    promoted(item(post("1", X), identity="another")),
    promoted(None),
    data(promoteContentItemDraftToPosts=typed("UnexpectedError")),
    data(promoteContentItemDraftToPosts=typed("InvalidInputError")),
    data(promoteContentItemDraftToPosts=typed("NotFoundError")),
    errors("NOT_FOUND", path=["promoteContentItemDraftToPosts"]),
]


@pytest.mark.parametrize("answer", OPEN)
def test_whatever_else_is_no_item_with_posts_leaves_the_promotion_open(answer: Answer) -> None:
    with pytest.raises(OutcomeUnknown):
        provider(Script([answer])).keyed_creates.promote("i", ENTRY, [X])


# -- reading, removing, and looking for drafts ----


def test_an_item_is_read_whole_or_is_gone() -> None:
    script = Script(
        [data(contentItem=item(post("1", X))), errors("NOT_FOUND", path=["contentItem"])]
    )
    keyed = provider(script).keyed_creates
    shown = keyed.content_item("i")
    assert shown is not None
    assert [live.id for live in shown.posts or ()] == ["1"]
    assert keyed.content_item("i") is None
    beside = errors("UNEXPECTED", body={"contentItem": item(post("1", X))}, path=["contentItem"])
    with pytest.raises(Unreachable):
        provider(Script([beside])).keyed_creates.content_item("i")


@pytest.mark.parametrize("shown", [None, {**item(post("1", X)), "id": "j"}])
def test_an_answer_without_the_item_does_not_say_that_it_is_gone(shown: object) -> None:
    with pytest.raises(Unreachable):
        provider(Script([data(contentItem=shown)])).keyed_creates.content_item("i")


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (typed("DeleteContentItemFailure", "Content item not found", errors=[]), OutcomeUnknown),
        (typed("DeleteContentItemFailure", "it went out", errors=[]), OutcomeUnknown),
        (typed("NotFoundError"), NotFound),
    ],
)
def test_a_removal_that_fails_proves_nothing_unless_its_type_does(
    answer: object, kind: type[ProviderError]
) -> None:
    with pytest.raises(kind):
        provider(Script([data(deleteContentItem=answer)])).keyed_creates.remove_item("i")


def test_only_drafts_with_a_title_of_ours_are_found() -> None:
    nodes = [
        {"id": "1", "title": "Ideas"},
        {"id": "2", "title": title_of(KEY)},
        {"id": "3", "title": None},
        {"id": "4", "title": f"{title_of(KEY)} and more"},
        {"id": "5", "title": title_of("another")},
    ]
    script = Script([home(), data(contentItems=page(*nodes))])
    assert provider(script).keyed_creates.drafts([KEY]) == ("2",)


def test_drafts_are_read_only_for_a_key_and_not_without_end() -> None:
    script = Script([])
    assert provider(script).keyed_creates.drafts([]) == ()
    full = data(contentItems=page({"id": "1", "title": None}, after="next"))
    script = Script([home(), *[full] * DRAFT_PAGES])
    assert provider(script).keyed_creates.drafts([KEY]) == ()
    assert names(script)[1:] == ["query contentItems"] * DRAFT_PAGES
