"""Answers of both APIs, odd in every way: a value, or one of the six errors of the port.

A value must be one that the state can hold, and a create is said to have had no effect only if
the answer says so itself.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from plancast.codec import live_from_dict, live_to_dict, parse_json
from plancast.codec.entries import profile_from_dict, profile_to_dict
from plancast.codec.reader import Reader
from plancast.engine.provider_call import make_call
from plancast.model.entry import Entry, LiveEntry
from plancast.model.error_diagnostics import provider_problem
from plancast.model.outcomes import CallOutcome
from plancast.model.ports import (
    OutcomeUnknown,
    Provider,
    ProviderError,
    QueueRead,
    RateLimited,
    ServiceLimits,
)
from plancast.model.profile import Account, Profile
from plancast.net import rate_headers
from plancast.net.transport import Request, Response
from plancast.providers.buffer_graphql import responses as answers
from plancast.providers.buffer_graphql.create import Grouping
from plancast.providers.buffer_v1 import client as buffer_v1
from plancast.testing.fakes import FakeClock
from tests.providers import wire as classic
from tests.providers.graphql import wire as current
from tests.providers.graphql.calls import CREATED
from tests.reconcile import making
from tests.robustness.mutation import examples, raw, spelled

STATUSES = st.sampled_from([200] * 12 + [201, 204, 206, 301, 302, 304, 400, 401, 403, 404, 408, 409,
    413, 422, 429, 451, 499, 500, 502, 503, 504, 520, 599, 600, 999, 100, 103, 0])  # fmt: skip
HEADERS = st.lists(
    st.tuples(
        st.sampled_from(
            ["date", "retry-after", "ratelimit", "ratelimit-policy", "content-type", "location"]
        ),
        st.sampled_from(
            ["", "0", "-1", "17", "1e5", "1e300", "1e400", "nan", "inf", "9" * 400, "x", "\x00",
             "Mon, 23 Nov 2026 09:00:00 GMT", "Mon, 01 Jan 0001 00:00:00 GMT", "\udcff",
             "Fri, 31 Dec 9999 23:59:59 -1400", "Mon, 99 Foo 99999 99:99:99 GMT", "٣",
             '"100-in-15min"; r=0; t=9', '"x"; q=100; w=900', '"x"; r=99999999999; t=1',
             '"250-in-1day"; r=-1; t=1e9', '"9999999999-in-9999999999week";r=1;t=1', ";;;,,,=\"",
             "text/html", "http://["]
        ),
    ),
    max_size=3,
).map(tuple)  # fmt: skip


def responses(document: Any) -> st.SearchStrategy[Response]:
    """Answers that are almost this document, under a status that is mostly 200."""
    return st.builds(Response, STATUSES, HEADERS, raw(document))


# -- what every value and every error must be ----


def through_json(document: object) -> Reader:
    return Reader(parse_json(spelled(document).decode("ascii")))


def sound(value: object) -> None:
    """The state can hold it, and gives it back as it was."""
    if isinstance(value, LiveEntry):
        assert live_from_dict(through_json(live_to_dict(value))) == value
    elif isinstance(value, Profile):
        assert profile_from_dict(through_json(profile_to_dict(value))) == value
    elif isinstance(value, Account):
        assert value.id
        value.name.encode()
    elif isinstance(value, QueueRead):
        sound(value.entries)
    elif isinstance(value, ServiceLimits):
        assert all((limit.text or 1) > 0 for limit in value.by_service.values())
    elif isinstance(value, tuple):
        for item in value:
            sound(item)
    else:
        assert value is None


def check_showable(error: ProviderError) -> None:
    """Check that an error can be shown on any terminal."""
    shown = provider_problem(error)
    f"{shown.detail}{shown.hint}".encode()
    assert len(str(error)) < 2000
    if isinstance(error, RateLimited):
        assert error.retry_after is None or 0 <= error.retry_after <= rate_headers.LONGEST
    if isinstance(error, OutcomeUnknown):
        sound(error.confirmed)


def ask(call: Callable[[Provider], object], provider: Provider) -> None:
    try:
        sound(call(provider))
    except ProviderError as error:
        check_showable(error)


def loaded(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


# -- API v1 ----

UPDATE = classic.update(
    "507f1f77bcf86cd799439011",
    scheduled_at=1_800_000_000,
    created_at=1_700_000_000,
    sent_at=1_800_000_000,
    service_link="https://x.example/1",
    text_md5="d41d8cd98f00b204e9800998ecf8427e",
    pinned=False,
    media={"link": "https://a.example/", "title": "T", "picture": "https://a.example/1.png"},
    extra_media=[{"photo": "https://a.example/2.png", "alt_text": "Two"}],
    statistics={"clicks": 3, "reach": 10},
    error={"text": "<b>no</b>"},
)
PROFILE = {
    "id": "p-x",
    "service": "twitter",
    "service_type": "profile",
    "service_id": "717",
    "service_username": None,
    "formatted_username": "@acme",
    "timezone": "Europe/Berlin",
    "disconnected": False,
}
CONFIGURATION = {
    "services": {
        "twitter": {"types": {"profile": {"character_limit": 280, "link_attachments": False}}},
        "linkedin": {"types": {"page": {"character_limit": 3000, "link_attachments": True}}},
    }
}
MADE = {"success": True, "buffer_count": 1, "updates": [UPDATE]}

V1_READS: dict[str, tuple[Callable[[Provider], object], object]] = {
    "account": (lambda p: p.account(), {"id": "u", "name": "Acme", "timezone": "UTC", "plan": "x"}),
    "profiles": (lambda p: p.profiles(), [PROFILE]),
    "profile": (lambda p: p.profile("p-x"), PROFILE),
    "limits": (lambda p: p.limits(), CONFIGURATION),
    "read": (lambda p: p.read([classic.X]), {"total": 1, "updates": [UPDATE]}),
    "sent": (lambda p: p.sent({"p-x": None}), {"total": 1, "updates": [UPDATE]}),
}
V1_WRITES: dict[str, tuple[Callable[[Provider], object], object]] = {
    "update": (
        lambda p: p.update(str(UPDATE["id"]), Entry("b"), Entry("a"), classic.X),
        {"success": True, "update": UPDATE},
    ),
    "delete": (lambda p: p.delete("1"), {"success": True, "message": "Gone."}),
    "share": (lambda p: p.share("1"), {"success": True}),
}


def v1_cases() -> st.SearchStrategy[tuple[Callable[[Provider], object], Response]]:
    return st.sampled_from([*V1_READS.values(), *V1_WRITES.values()]).flatmap(
        lambda case: st.tuples(st.just(case[0]), responses(case[1]))
    )


@settings(max_examples=examples(150))
@given(v1_cases())
def test_every_answer_of_the_classic_api_is_a_value_or_an_error(
    case: tuple[Callable[[Provider], object], Response],
) -> None:
    call, response = case
    buffer_v1.is_hasty(response)
    ask(call, classic.provider(classic.Script(lambda _: response)))


def v1_says_no(response: Response) -> bool:
    """Whether an answer to a create says that nothing was made.

    A second reading of docs/buffer/v1.md#two-forms-of-errors.
    """
    body = loaded(response.body)
    if isinstance(body, Mapping) and body.get("updates"):
        return False
    if 400 <= response.status < 500 and response.status != 408:
        return True
    if not isinstance(body, Mapping) or not 200 <= response.status < 300:
        return False
    return bool(body.get("error")) or not body.get("success", True)


CREATE = making.intent("a@acme-x", content=Entry("hello"))
X = Profile("p-acme-x", "twitter")


def outcome(provider: Provider) -> CallOutcome:
    answer = make_call(CREATE, None, {X.id: X}, provider, FakeClock(), lambda: None)
    sound(answer.live)
    return answer.outcome


@settings(max_examples=examples(150))
@given(responses({**MADE, "updates": [{**UPDATE, "profile_id": X.id}]}))
def test_a_create_over_the_classic_api_had_no_effect_only_where_it_says_so(
    response: Response,
) -> None:
    found = outcome(classic.provider(classic.Script(lambda _: response)))
    if found in (CallOutcome.NOT_SENT, CallOutcome.REJECTED):
        assert v1_says_no(response)


# -- the current API ----

POST = current.post(
    "507f1f77bcf86cd799439011",
    sentAt="2026-12-01T08:30:00.000Z",
    isCustomScheduled=True,
    externalLink="https://x.example/1",
    error={"message": "no"},
    tags=[{"id": "t1", "name": "one"}],
    assets=[
        {
            "__typename": "ImageAsset",
            "source": "https://a.example/1.png",
            "image": {"altText": "A"},
        },
        {
            "__typename": "VideoAsset",
            "type": "video",
            "source": "https://a.example/1.mp4",
            "video": {"title": "T", "thumbnailOffset": 1200},
        },
    ],
    metadata={
        "__typename": "TwitterPostMetadata",
        "type": "post",
        "thread": [{"text": "1", "assets": []}, {"text": "2", "assets": []}],
        "linkAttachment": {"url": "https://a.example/", "title": "T", "text": "D"},
        "firstComment": "first",
        "isAiGenerated": True,
    },
    metrics=[{"type": "likes", "name": "Likes", "value": 3}],
)
GOOGLE = current.post(
    "2",
    current.GB,
    metadata={
        "__typename": "GoogleBusinessPostMetadata",
        "type": "event",
        "title": "T",
        "details": {
            "title": "T",
            "button": "learn_more",
            "link": "https://a.example/",
            "startDate": "2026-12-01T09:00:00+01:00",
            "endDate": "2026-12-01T10:00:00Z",
            "isFullDayEvent": False,
        },
    },
)
CHANNEL = current.channel(
    current.PI,
    linkShortening={"isEnabled": True, "config": {"domain": "buff.ly"}},
    metadata={
        "__typename": "PinterestMetadata",
        "boards": [{"serviceId": "b", "name": "B"}],
        "maxCharacters": 500,
        "subscriptionType": "Premium",
        "defaultToReminders": True,
    },
)
HOME = current.data(account=current.account(), channels=[CHANNEL])
TAGS = current.data(tagsV2=current.page({"id": "t1", "name": "one"}))

GRAPHQL: dict[str, tuple[Callable[[Provider], object], object]] = {
    "account": (lambda p: p.account(), HOME),
    "profiles": (lambda p: p.profiles(), HOME),
    "profile": (lambda p: p.profile("c-pi"), current.data(channel=CHANNEL)),
    "read": (lambda p: p.read([current.X, current.GB]),
             current.data(posts=current.page(POST, GOOGLE))),
    "sent": (lambda p: p.sent({"c-x": None}), current.data(posts=current.page(POST))),
    "find": (lambda p: p.find(["1"]), current.data(post=POST)),
    "update": (
        lambda p: p.update(str(POST["id"]), Entry("b"), Entry("a"), current.X),
        current.data(editPost=current.made(POST)),
    ),
    "delete": (
        lambda p: p.delete("1"),
        current.data(deletePost={"__typename": "DeletePostSuccess", "id": "1"}),
    ),
    "share": (lambda p: p.share(str(POST["id"])), current.data(post=POST)),
    "tags": (lambda p: p.create(Entry("a", tags=("one",)), [current.X]), TAGS),
}  # fmt: skip


def current_provider(
    response: Response, grouping: Grouping = Grouping.OFF, *, at_home: bool = True
) -> Provider:
    """One whose home is as it should be, unless that is what is asked for; then this answer."""

    def answer(request: Request) -> object:
        if at_home and request.name == "query account+channels":
            return current.home()
        return response

    return current.provider(classic.Script(answer), grouping=grouping)


def current_cases() -> st.SearchStrategy[tuple[str, Response]]:
    return st.sampled_from(sorted(GRAPHQL)).flatmap(
        lambda name: st.tuples(st.just(name), responses(GRAPHQL[name][1]))
    )


@settings(max_examples=examples(200))
@given(current_cases())
def test_every_answer_of_the_current_api_is_a_value_or_an_error(case: tuple[str, Response]) -> None:
    name, response = case
    answers.is_hasty(response)
    at_home = name not in ("account", "profiles")
    ask(GRAPHQL[name][0], current_provider(response, at_home=at_home))


def current_says_no(response: Response, *names: str) -> bool:
    """Whether an answer to creates says of one that nothing was made; a second reading."""
    body = loaded(response.body)
    data = body.get("data") if isinstance(body, Mapping) else None
    fields = [data.get(name) for name in names] if isinstance(data, Mapping) else []
    results = [item for item in fields if isinstance(item, Mapping)]
    if any(isinstance(item.get("post"), Mapping) for item in results) and len(names) == 1:
        return False
    if 400 <= response.status < 500 and response.status != 408:
        return True
    if not 200 <= response.status < 300 and not results:
        return False
    typed = any(not str(item.get("__typename")).endswith("Success") for item in results)
    return typed or bool(isinstance(body, Mapping) and body.get("errors"))


@settings(max_examples=examples(150))
@given(responses(current.data(createPost=current.made({**POST, "channelId": X.id}))))
def test_a_create_over_the_current_api_had_no_effect_only_where_it_says_so(
    response: Response,
) -> None:
    found = outcome(current_provider(response))
    if found in (CallOutcome.NOT_SENT, CallOutcome.REJECTED):
        assert current_says_no(response, "createPost")


TWO = (current.X, current.FB)
GROUPED = {
    Grouping.ALIASES: current.data(
        p0=current.made(POST), p1=current.made(current.post("2", current.FB))
    ),
    Grouping.CONTENT_ITEM: current.data(createContentItem=CREATED),
}


@settings(max_examples=examples(100))
@given(
    st.sampled_from(sorted(GROUPED, key=str)).flatmap(
        lambda way: st.tuples(st.just(way), responses(GROUPED[way]))
    )
)
def test_creates_that_are_put_together_are_a_value_or_an_error(
    case: tuple[Grouping, Response],
) -> None:
    way, response = case
    provider = current_provider(response, way)
    try:
        sound(provider.create(Entry("hello"), TWO))
    except ProviderError as error:
        check_showable(error)


def test_the_answers_that_mutants_are_made_of_are_all_well() -> None:
    """Or nothing above would be about a leaf."""
    for call, document in (*V1_READS.values(), *V1_WRITES.values()):
        sound(call(classic.provider(classic.Script([document]))))
    for name, (call, document) in GRAPHQL.items():
        if name in ("share", "tags", "update"):  # these ask twice, or compare what they get
            continue
        good = Response(200, (), spelled(document))
        found = call(current_provider(good, at_home=name not in ("account", "profiles")))
        sound(found)
    v1 = Response(200, (), spelled({**MADE, "updates": [{**UPDATE, "profile_id": X.id}]}))
    assert outcome(classic.provider(classic.Script(lambda _: v1))) is CallOutcome.CONFIRMED
    post = current.data(createPost=current.made({**POST, "channelId": X.id}))
    new = Response(200, (), spelled(post))
    assert outcome(current_provider(new)) is CallOutcome.CONFIRMED
