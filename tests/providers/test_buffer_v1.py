"""The border of API v1: every error of the wire is one of the six, and reads are whole."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pytest

from plancast.model.entry import Entry, Image, Link
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
from plancast.net.transport import Lost, NotSent, Response
from plancast.providers.buffer_v1.provider import BufferV1Provider
from plancast.testing.fakes import START
from tests.providers.wire import FB, LI, Answer, Script, X, form, provider, reply, update

Call = Callable[[BufferV1Provider], object]

READS: Mapping[str, Call] = {
    "account": lambda p: p.account(),
    "profiles": lambda p: p.profiles(),
    "profile": lambda p: p.profile("p-x"),
    "limits": lambda p: p.limits(),
    "read": lambda p: p.read([X]),
    "sent": lambda p: p.sent({X.id: None}),
}
WRITES: Mapping[str, Call] = {
    "create": lambda p: p.create(Entry("a"), [X]),
    "update": lambda p: p.update("1", Entry("b"), Entry("a"), X),
    "delete": lambda p: p.delete("1"),
    "share": lambda p: p.share("1"),
}


def refusal(code: int, status: int, message: str = "no") -> Response:
    return reply({"success": False, "message": message, "code": code}, status)


def test_it_is_a_provider() -> None:
    one: Provider = provider(Script([]))
    assert one.name == "buffer"
    assert one.windows()[0].limit == 60
    assert one.capabilities.create_group == 10
    assert one.capabilities.ungrouped_services == {"twitter"}


REFUSALS: list[tuple[Response, type[ProviderError]]] = [
    (reply({"error": "bad token", "code": 401}, 401), Unauthorized),
    (reply(b"", 401), Unauthorized),
    (refusal(1001, 403), Unauthorized),
    (refusal(403, 403), Unauthorized),
    (refusal(429, 429), RateLimited),
    (refusal(1010, 404), NotFound),
    (refusal(1020, 404), NotFound),
    (reply({"error": "The endpoint you requested was not found.", "code": 404}, 404), Rejected),
    (reply(b"<html>not here", 404), Rejected),
    (refusal(405, 405), Rejected),
    (refusal(1004, 400), Rejected),
    (refusal(1004, 200), Rejected),
    (refusal(1011, 403), Rejected),
    (refusal(1011, 400), Rejected),
    (refusal(1021, 403), Rejected),
    (refusal(1022, 400), Rejected),
    (refusal(1025, 400), Rejected),
    (refusal(1034, 400), Rejected),
]


@pytest.mark.parametrize("call", [*READS, *WRITES])
@pytest.mark.parametrize(("answer", "kind"), REFUSALS)
def test_a_refusal_is_the_same_for_all_calls(
    call: str, answer: Response, kind: type[ProviderError]
) -> None:
    with pytest.raises(ProviderError) as caught:
        {**READS, **WRITES}[call](provider(Script([answer])))
    assert type(caught.value) is kind


UNCLEAR: list[Answer] = [
    Lost("the connection broke"),
    reply({"error": "oops", "code": 1000}, 500),
    reply(b"<html>Bad Gateway", 502),
    reply(b"<html>Time-out", 504),
    reply(b"<html>Be right back", 200),
    reply(b'{"success":tr', 200),
    reply(b"", 200),
    reply(b"", 408),
    reply(b"", 307),
    {"nothing": "of the kind"},
]


@pytest.mark.parametrize("answer", UNCLEAR)
@pytest.mark.parametrize("call", WRITES)
def test_a_post_without_a_clear_answer_has_an_unknown_outcome_and_is_sent_once(
    call: str, answer: Answer
) -> None:
    script = Script([answer])
    with pytest.raises(OutcomeUnknown):
        WRITES[call](provider(script))
    assert len(script.seen) == 1


@pytest.mark.parametrize("answer", UNCLEAR[:-1])
@pytest.mark.parametrize("call", READS)
def test_a_read_without_a_clear_answer_has_done_nothing(call: str, answer: Answer) -> None:
    script = Script([answer])
    with pytest.raises(Unreachable):
        READS[call](provider(script))
    assert len(script.seen) == 1


@pytest.mark.parametrize("call", [*READS, *WRITES])
def test_what_was_not_sent_can_be_sent_again(call: str) -> None:
    with pytest.raises(Unreachable):
        {**READS, **WRITES}[call](provider(Script([NotSent("refused")])))


@pytest.mark.parametrize("code", [1023, 1024, 1028])
def test_a_full_queue_is_a_refusal_of_its_own_kind(code: int) -> None:
    message = 'filled the buffer for your <a href="https://x">@A</a>'
    with pytest.raises(Rejected) as caught:
        provider(Script([refusal(code, 403, message)])).create(Entry("a"), [X])
    assert caught.value.queue_full
    assert caught.value.code == code
    assert caught.value.message == "filled the buffer for your @A"


def test_other_refusals_are_not_for_want_of_room() -> None:
    with pytest.raises(Rejected) as caught:
        provider(Script([refusal(1025, 400)])).create(Entry("a"), [X])
    assert not caught.value.queue_full


def test_a_rate_limit_says_how_long_to_wait() -> None:
    answer = reply({"error": "Too many requests", "code": 429}, 429, ("retry-after", "17"))
    with pytest.raises(RateLimited) as caught:
        provider(Script([answer])).account()
    assert caught.value.retry_after == 17


# -- creating ----


def test_results_are_matched_by_profile_and_come_in_the_order_asked_for() -> None:
    answer = {"success": True, "updates": [update("2", X), update("9", LI), update("1", FB)]}
    made = provider(Script([answer])).create(Entry("a"), [FB, X])
    assert [(live.id, live.profile_id) for live in made] == [("1", FB.id), ("2", X.id)]


@pytest.mark.parametrize(
    ("updates", "confirmed"),
    [
        ([], []),
        ([update("1", FB)], ["1"]),
        ([update("1", FB), update("2", FB)], ["1"]),
        ([update("1", FB), update("", X)], ["1"]),
        ([update("1", LI)], []),
        ({"3": update("1", FB)}, ["1"]),
    ],
)
def test_an_answer_for_fewer_profiles_confirms_those(
    updates: object, confirmed: Sequence[str]
) -> None:
    answer = {"success": True, "updates": updates}
    with pytest.raises(OutcomeUnknown) as caught:
        provider(Script([answer])).create(Entry("a"), [X, FB])
    assert [live.id for live in caught.value.confirmed] == confirmed


def test_a_link_is_never_sent_to_networks_with_and_without_cards_at_once() -> None:
    wire = Script([])
    with pytest.raises(Rejected, match="link cards"):
        provider(wire).create(Entry("a", link=Link("https://acme.example/")), [X, FB])


@pytest.mark.parametrize(
    "entry",
    [
        Entry("a", images=(Image(file="a.png"),)),
        Entry("\ud83c"),
        Entry("a", link=Link("https://a.example/", title="\udfff")),
        Entry("a", images=(Image("https://a.example/", alt="\ud800"),)),
    ],
)
def test_what_no_form_can_hold_is_refused_before_anything_is_sent(entry: Entry) -> None:
    script = Script([])
    with pytest.raises(Rejected):
        provider(script).create(entry, [X])
    with pytest.raises(Rejected):
        provider(script).update("1", entry, Entry(), X)
    assert script.seen == []


# -- changing ----


def test_an_update_sends_the_difference_and_shows_the_result() -> None:
    script = Script([{"success": True, "update": update("1", X, text="b")}])
    live = provider(script).update("1", Entry("b"), Entry("a", START), X)
    assert live.entry.text == "b"
    assert form(script.seen[0])["scheduled_at"] == ""


def test_an_answer_that_shows_another_update_proves_nothing() -> None:
    script = Script([{"success": True, "update": update("2")}])
    with pytest.raises(OutcomeUnknown):
        provider(script).update("1", Entry("b"), Entry("a"), X)


def test_delete_and_share_need_a_yes() -> None:
    script = Script([{"success": True, "message": "Update deleted successfully"}] * 2)
    one = provider(script)
    one.delete("1")
    one.share("1")
    assert [request.path for request in script.seen] == [
        "/updates/1/destroy.json",
        "/updates/1/share.json",
    ]


def test_a_list_with_an_update_of_another_profile_is_not_believed() -> None:
    stranger = {"total": 1, "updates": [update("1", FB)]}
    with pytest.raises(Unreachable, match="another profile"):
        provider(Script([stranger])).read([X])
    with pytest.raises(Unreachable, match="another profile"):
        provider(Script([stranger])).sent({X.id: None})
