"""The border of the GraphQL API: every error of the wire is one of the six, and reads are whole."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from plancast.model.entry import Entry, Image, Link, LiveStatus, Stage, ThreadItem, Video
from plancast.model.limits import NetworkLimits
from plancast.model.ports import (
    NotFound,
    OutcomeUnknown,
    Provider,
    ProviderError,
    RateLimited,
    Rejected,
    Unauthorized,
    Unreachable,
)
from plancast.net.rate_limiter import Spent
from plancast.net.transport import Lost, NotSent
from plancast.providers.buffer_features import CURRENT
from plancast.providers.buffer_graphql import queries
from plancast.providers.buffer_graphql.provider import BufferGraphqlProvider
from plancast.testing.fakes import START
from tests.providers.graphql.wire import (
    ALL,
    BS,
    FB,
    LI,
    X,
    channel,
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

Call = Callable[[BufferGraphqlProvider], object]

#: call -> the answers before the one that matters
READS: Mapping[str, tuple[Call, Sequence[object]]] = {
    "account": (lambda p: p.account(), []),
    "profiles": (lambda p: p.profiles(), []),
    "profile": (lambda p: p.profile("c-x"), []),
    "read": (lambda p: p.read([X]), [home()]),
    "sent": (lambda p: p.sent({"c-x": START}), [home()]),
}
WRITES: Mapping[str, tuple[Call, Sequence[object]]] = {
    "create": (lambda p: p.create(Entry("hello"), [X]), [home()]),
    "update": (lambda p: p.update("1", Entry("hello"), Entry("a"), X), []),
    "delete": (lambda p: p.delete("1"), []),
    "share": (lambda p: p.share("1"), [data(post=post()), home()]),
}
CALLS = {**READS, **WRITES}


def outcome(name: str, answer: Answer) -> tuple[ProviderError, Script]:
    """Return the error of a call whose last request gets this answer, and the script."""
    call, before = CALLS[name]
    # A list of sent posts that a right is missing for is read once more, without statistics.
    script = Script([*before, answer, *([answer] if name in ("sent", "read") else [])])
    with pytest.raises(ProviderError) as caught:
        call(provider(script))
    return caught.value, script


def test_it_is_a_provider() -> None:
    one: Provider = provider(Script([]))
    assert one.name == "buffer-graphql"
    assert one.windows()[0].limit == 100
    assert one.capabilities.create_group == 1
    assert one.capabilities.features == CURRENT


def rules(*lengths: int | None, service: str = "linkedin", of: str = "text") -> dict[str, object]:
    """Return what Buffer says of a network, with a rule of length for each kind of content."""
    found = [{"__typename": "LengthRule", "property": of, "maxLength": one} for one in lengths]
    return {"service": service, "content": [{"rules": [{"__typename": "CountRule"}, *found]}]}


LIMITS: dict[str, tuple[Answer, dict[str, NetworkLimits]]] = {
    "the longest of all kinds": (
        data(configuration={"services": [rules(3000, 4000), rules(3500)]}),
        {"linkedin": NetworkLimits(4000)},
    ),
    "no network of ours": (data(configuration={"services": [rules(9, service="new")]}), {}),
    "not of texts": (data(configuration={"services": [rules(9, of="imageAltText")]}), {}),
    "no number": (data(configuration={"services": [rules(None), rules(0)]}), {}),
    "another shape": (data(configuration={"services": [{"content": None}, 7]}), {}),
    "no answer": (data(configuration=None), {}),
    "a question that is refused": (invalid(), {}),
    "no connection": (NotSent("refused"), {}),
    "no right": (errors("FORBIDDEN", path=["configuration"]), {}),
}


@pytest.mark.parametrize("case", LIMITS)
def test_limits_are_advice_that_may_be_missing(case: str) -> None:
    answer, expected = LIMITS[case]
    script = Script([home(), answer])
    assert provider(script).limits().by_service == expected


FORBIDDEN: list[Answer] = [
    reply(errors("FORBIDDEN"), 403),
    errors("UNAUTHORIZED"),
    errors("FORBIDDEN"),
]
INVALID = invalid()
REFUSALS: list[tuple[Answer, type[ProviderError]]] = [
    (reply(errors("UNAUTHENTICATED"), 401), Unauthorized),
    (reply(b"", 401), Unauthorized),
    *((answer, Unauthorized) for answer in FORBIDDEN),
    (reply(b"<html>Cloudflare", 403), Unreachable),
    (reply(b"", 429), RateLimited),
    (errors("RATE_LIMIT_EXCEEDED"), RateLimited),
    (INVALID, Rejected),
    (reply(b"<html>not here", 404), Rejected),
    (NotSent("refused"), Unreachable),
]


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize(("answer", "kind"), REFUSALS)
def test_a_refusal_is_the_same_for_all_calls(
    name: str, answer: Answer, kind: type[ProviderError]
) -> None:
    error, script = outcome(name, answer)
    assert type(error) is kind
    again = name == "sent" and kind is Unauthorized and answer in FORBIDDEN
    # A list that may name what the service does not know is read once more, without that.
    again = again or (name in ("read", "sent") and kind is Rejected and answer == INVALID)
    assert len(script.seen) == len(CALLS[name][1]) + 1 + again


@pytest.mark.parametrize("name", [name for name in CALLS if name not in ("account", "profiles")])
def test_what_is_not_there_is_not_found(name: str) -> None:
    error, _ = outcome(name, errors("NOT_FOUND"))
    assert type(error) is NotFound


def test_a_rate_limit_says_how_long_to_wait_and_whether_anybody_should() -> None:
    error, _ = outcome("account", reply(b"", 429, ("retry-after", "17")))
    assert isinstance(error, RateLimited)
    assert (error.retry_after, error.spent) == (17.0, False)
    error, _ = outcome("account", Spent(7200.0))
    assert isinstance(error, RateLimited)
    assert (error.retry_after, error.spent) == (7200.0, True)


UNCLEAR: list[Answer] = [
    Lost("the connection broke"),
    reply(errors("UNEXPECTED"), 500),
    reply(b"<html>Bad Gateway", 502),
    reply(b"<html>Be right back"),
    reply(b'{"data":{"cr'),
    reply(b""),
    errors("UNEXPECTED"),
    errors("SOMETHING_NEW"),
    data(),
]


@pytest.mark.parametrize("answer", UNCLEAR)
@pytest.mark.parametrize("name", WRITES)
def test_a_change_without_a_clear_answer_has_an_unknown_outcome_and_is_sent_once(
    name: str, answer: Answer
) -> None:
    error, script = outcome(name, answer)
    assert type(error) is OutcomeUnknown
    assert len(script.seen) == len(WRITES[name][1]) + 1


@pytest.mark.parametrize("answer", UNCLEAR)
@pytest.mark.parametrize("name", READS)
def test_a_read_without_a_clear_answer_has_done_nothing(name: str, answer: Answer) -> None:
    error, script = outcome(name, answer)
    assert type(error) is Unreachable
    assert len(script.seen) == len(READS[name][1]) + 1


# -- looking --------------------------------------------------------------------------------------


def test_all_queues_are_one_list_without_what_was_posted_elsewhere() -> None:
    nodes = [
        post("3", X, dueAt=None, status="draft"),
        post("2", FB, dueAt="2026-12-02T08:00:00Z"),
        post("1", X, dueAt="2026-12-03T08:00:00Z", status="archived"),
        post("4", X, via="network"),
        post("5", LI),
    ]
    script = Script([home(), data(posts=page(*nodes, after="c")), data(posts=page(post("6", X)))])
    found = provider(script).read([X, FB], START)
    assert [live.id for live in found.entries] == ["6", "2", "1", "3"]
    assert (found.requests, found.read_at) == (2, START)
    assert names(script) == ["query account+channels", "query posts", "query posts"]
    chosen = variables(script.seen[1])["input"]["filter"]
    assert chosen["channelIds"] == ["c-fb", "c-x"]
    assert set(chosen["status"]) == {"draft", "needs_approval", "scheduled", "sending", "error"}
    assert chosen["createdAt"] == {"start": "2026-11-23T09:00:00Z"}
    assert variables(script.seen[2])["after"] == "c"


def test_nothing_is_asked_about_no_profile() -> None:
    script = Script([])
    assert provider(script).read([]).entries == ()
    assert provider(script).sent({}) == ()


def sent_post(identity: str, hour: int, **fields: Any) -> dict[str, object]:
    return post(identity, **{"status": "sent", "sentAt": f"2026-11-20T{hour:02}:00:00Z", **fields})


def test_what_was_sent_is_one_list_for_all_that_have_a_time() -> None:
    begin = START - timedelta(days=3)  # the 20th, 9:00
    nodes = [sent_post("1", 8), sent_post("2", 9, via="network"), sent_post("3", 12)]
    nodes += [sent_post("4", 10, channelId="c-fb"), sent_post("5", 12, channelId="c-fb")]
    script = Script([home(), data(posts=page(*nodes))])
    found = provider(script).sent({"c-x": begin, "c-fb": begin + timedelta(hours=2)})
    assert [live.id for live in found] == ["5", "3", "2"]
    assert all(live.status is LiveStatus.PUBLISHED for live in found)
    chosen = variables(script.seen[1])["input"]["filter"]
    assert chosen["status"] == ["sent"]
    assert chosen["channelIds"] == ["c-fb", "c-x"]
    assert chosen["startDate"] == "2026-11-19T09:00:00Z"


@pytest.mark.parametrize(
    "answer",
    [
        errors("FORBIDDEN", path=["posts"]),
        errors("FORBIDDEN", path=["posts", "edges", 0, "node", "metrics"]),
        errors(
            "UNAUTHORIZED",
            body={"posts": page(sent_post("1", 8, metrics=None))},
            path=["posts", "edges", 0, "node", "metrics"],
        ),
        reply(errors("FORBIDDEN"), 403),
    ],
)
def test_a_key_that_may_not_read_statistics_reads_the_posts_alone(answer: Answer) -> None:
    """One request more for a run; the statistics are not asked for again."""
    alone = data(posts=page(sent_post("1", 8)))
    script = Script([home(), answer, alone, alone])
    one = provider(script)
    for _ in range(2):
        assert [live.id for live in one.sent({"c-x": None})] == ["1"]
    asked = ["metrics" in str(request.json) for request in script.seen[1:]]
    assert asked == [True, False, False]


def test_a_service_that_does_not_know_the_links_of_threads_is_read_without_them() -> None:
    """One request more for a run; changes no longer name them either."""
    asked = Entry("One.", thread=(ThreadItem("Two.", link=Link("https://a.example")),))
    script = Script(
        [home(), invalid(), data(posts=page(post("1"))), data(createPost=made(post("2")))]
    )
    one = provider(script)
    assert one.expected(asked, BS).thread[0].link is not None
    assert [live.id for live in one.read([X]).entries] == ["1"]
    assert one.expected(asked, BS).thread[0].link is None
    one.create(Entry("a"), [X])
    documents = [json.loads(request.json)["query"] for request in script.seen[1:]]
    assert [one == queries.without_item_links(one) for one in documents] == [False, True, True]


def test_a_document_that_is_refused_for_another_reason_stays_refused() -> None:
    script = Script([home(), invalid(), invalid("Unknown type.")])
    with pytest.raises(Rejected, match="Unknown type"):
        provider(script).read([X])


def test_a_change_that_is_refused_is_not_sent_again() -> None:
    script = Script([home(), invalid()])
    with pytest.raises(Rejected):
        provider(script).create(Entry("a"), [X])


def test_what_was_sent_without_a_time_is_another_list() -> None:
    script = Script([home(), data(posts=page(sent_post("1", 8))), data(posts=page())])
    found = provider(script).sent({"c-fb": None, "c-x": START - timedelta(days=4)})
    assert [live.id for live in found] == ["1"]
    chosen = [variables(request)["input"]["filter"] for request in script.seen[1:]]
    assert [item["channelIds"] for item in chosen] == [["c-x"], ["c-fb"]]
    assert ["startDate" in item for item in chosen] == [True, False]


def test_account_and_profiles_are_asked_for_once() -> None:
    script = Script([home(), data(channel=channel(X))])
    one = provider(script)
    assert one.account().name == "Acme"
    assert [profile.id for profile in one.profiles()] == [profile.id for profile in ALL]
    assert one.profile("c-x") == X
    assert one.account().queue_limit == 10
    assert names(script) == ["query account+channels", "query channel"]
    assert provider(Script([home()]), queue_limit=7).capabilities.queue_limit == 7


# -- changing -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        (Entry("a", images=(Image(file="a.png"),)), "image_file"),
        (Entry("a", thread=(ThreadItem("b", (Image(file="a.png"),)),)), "image_file"),
        (Entry("\ud83c"), "text"),
        (Entry("a", thread=(ThreadItem("\ud83c"),)), "text"),
        (Entry("a", link=Link("https://a.example/", title="\udfff")), "text"),
        (Entry("a", video=Video("https://a.example/", "\ud800")), "text"),
        (Entry("a", metadata=(("topic", "\ud800"),)), "text"),
        (Entry("a", first_comment="b"), "first_comment"),
    ],
)
def test_what_no_request_can_hold_is_refused_before_anything_is_sent(
    entry: Entry, code: str
) -> None:
    script = Script([])
    acts: list[Call] = [
        lambda p: p.create(entry, [X]),
        lambda p: p.update("1", entry, Entry(), X),
    ]
    for act in acts:
        with pytest.raises(Rejected) as caught:
            act(provider(script))
        assert caught.value.code == code
    with pytest.raises(Rejected):
        provider(script).create(Entry("a", thread=(ThreadItem("b"),)), [FB])
    assert script.seen == []


def test_an_update_holds_the_whole_post_and_shows_the_result() -> None:
    script = Script([data(editPost=made(post(text="b", isCustomScheduled=True)))])
    due_at = START.replace(month=12, day=1, hour=8, minute=30)
    live = provider(script).update("1", Entry("b", due_at), Entry("a", START), X)
    assert live.entry == Entry("b", due_at)
    assert variables(script.seen[0])["input"] == {
        "id": "1",
        "schedulingType": "automatic",
        "text": "b",
        "assets": [],
        "mode": "customScheduled",
        "dueAt": "2026-12-01T08:30:00Z",
        "saveToDraft": False,
        "tagIds": [],
    }


@pytest.mark.parametrize(
    ("entry", "shown", "keys"),
    [
        (Entry("b"), post(text="a"), "text"),
        (Entry("hello", START), post(isCustomScheduled=True), "due_at"),
        (Entry("b", START), post(isCustomScheduled=True), "due_at, text"),
        (Entry("hello", images=(Image("https://a.example/a.png"),)), post(), "images"),
        (Entry("hello", stage=Stage.DRAFT), post(), "stage"),
        (Entry("hello"), post(status="draft"), "stage"),
        (Entry("hello", metadata=(("ai_generated", True),)), post(), "metadata"),
    ],
)
def test_an_edit_that_changed_nothing_is_no_success(entry: Entry, shown: object, keys: str) -> None:
    script = Script([data(editPost=made(shown))])
    with pytest.raises(Rejected, match=f"shows another {keys}$") as caught:
        provider(script).update("1", entry, Entry("a"), X)
    assert caught.value.code == "not_applied"


def test_an_edit_with_a_warning_beside_it_is_a_success() -> None:
    script = Script([errors("UNEXPECTED", "late", {"editPost": made(post())})])
    assert provider(script).update("1", Entry("hello"), Entry("a"), X).id == "1"


def test_links_that_the_channel_shortens_are_as_they_were_asked_for() -> None:
    script = Script([data(editPost=made(post(text="see https://buff.ly/1")))])
    entry = Entry("see https://acme.example/launch")
    provider(script).update("1", entry, Entry("a"), replace(X, shortens="buff.ly"))


@pytest.mark.parametrize("shown", [post("2"), {"id": "1"}, {}])
def test_an_answer_that_shows_another_post_proves_nothing(shown: object) -> None:
    with pytest.raises(OutcomeUnknown):
        provider(Script([data(editPost=made(shown))])).update("1", Entry("b"), Entry("a"), X)


@pytest.mark.parametrize(
    "answer",
    [
        data(deletePost=typed("VoidMutationError", "Post not found")),
        errors("NOT_FOUND", path=["deletePost"]),
        errors("NOT_FOUND"),
    ],
)
def test_what_is_gone_cannot_be_deleted(answer: Answer) -> None:
    with pytest.raises(NotFound):
        provider(Script([answer])).delete("1")


def test_a_deleted_post_is_deleted() -> None:
    script = Script([data(deletePost={"__typename": "DeletePostSuccess", "id": "1"})])
    provider(script).delete("1")
    assert variables(script.seen[0]) == {"input": {"id": "1"}}


def test_sharing_sends_the_whole_post_once_more() -> None:
    image = {"type": "image", "source": "https://a.example/a.png", "image": {"altText": "A"}}
    before = post("1", FB, assets=[image], tags=[{"id": "t", "name": "one"}], status="draft")
    after = made(post("1", FB, status="sending", shareMode="shareNow"))
    script = Script([data(post=before), home(), data(editPost=after)])
    provider(script).share("1")
    given = variables(script.seen[2])["input"]
    assert (given["mode"], given["saveToDraft"], given["tagIds"]) == ("shareNow", False, ["t"])
    assert given["assets"] == [
        {"image": {"url": "https://a.example/a.png", "metadata": {"altText": "A"}}}
    ]
    assert given["metadata"] == {"facebook": {"type": "post"}}
    assert "dueAt" not in given


def test_sharing_that_changed_nothing_is_no_success() -> None:
    script = Script([data(post=post()), home(), data(editPost=made(post()))])
    with pytest.raises(Rejected) as caught:
        provider(script).share("1")
    assert caught.value.code == "not_applied"
