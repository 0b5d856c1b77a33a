"""Tags are asked about once, made if they are missing, and never a reason not to post."""

from __future__ import annotations

import pytest

from plancast.model.entry import Entry
from plancast.model.ports import ProviderError, RateLimited, Unauthorized, Unreachable
from plancast.net.transport import Lost, NotSent
from tests.providers.graphql.wire import (
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

TAGGED = Entry("hello", tags=("one", "two"))
MADE = data(createPost=made(post()))
EDITED = data(editPost=made(post(tags=[{"id": "t1", "name": "one"}, {"id": "t2", "name": "two"}])))


def tag(name: str, identity: str) -> dict[str, object]:
    return {"id": identity, "name": name, "isLocked": False}


def listed(*tags: object) -> dict[str, object]:
    return data(tagsV2=page(*tags))


def new(name: str, identity: str) -> dict[str, object]:
    return data(createTag={"__typename": "TagActionSuccess", "tag": tag(name, identity)})


BOTH = listed(tag("two", "t2"), tag("one", "t1"))


def given_tags(script: Script) -> list[object]:
    """Return the tags of each post that was sent."""
    changes = [request for request in script.seen if request.name.endswith("Post")]
    return [variables(request)["input"].get("tagIds") for request in changes]


def test_nobody_asks_about_tags_that_nobody_wants() -> None:
    script = Script([home(), MADE])
    provider(script).create(Entry("hello"), [X])
    assert names(script)[1:] == ["mutation createPost"]
    assert given_tags(script) == [None]


def test_tags_are_asked_about_once() -> None:
    script = Script([home(), BOTH, MADE, MADE])
    one = provider(script)
    one.create(TAGGED, [X])
    one.create(TAGGED, [X])
    assert names(script)[1:] == ["query tagsV2", "mutation createPost", "mutation createPost"]
    assert given_tags(script) == [["t1", "t2"], ["t1", "t2"]]


def test_tags_that_posts_were_seen_with_are_known() -> None:
    seen = post(tags=[tag("one", "t1"), tag("two", "t2")])
    script = Script([home(), data(posts=page(seen)), MADE])
    one = provider(script)
    one.read([X])
    one.create(TAGGED, [X])
    assert given_tags(script) == [["t1", "t2"]]


def test_missing_tags_are_made() -> None:
    script = Script([home(), listed(tag("two", "t2")), new("one", "t9"), MADE, MADE])
    one = provider(script)
    one.create(TAGGED, [X])
    one.create(TAGGED, [X])
    assert variables(script.seen[2])["name"] == "one"
    assert given_tags(script) == [["t9", "t2"], ["t9", "t2"]]


@pytest.mark.parametrize(
    ("answers", "sent", "note"),
    [
        ([invalid("no such field")], None, "posts go without tags: no such field"),
        ([errors("FORBIDDEN", "no scope")], None, "posts go without tags: no scope"),
        (
            [listed(tag("two", "t2")), data(createTag=typed("LimitReachedError", "full"))],
            ["t2"],
            "'one' could not be made: full",
        ),
        ([listed(), invalid("no such field")], None, "'one' could not be made"),
        (
            [listed(*(tag(name, name) for name in ("a", "b", "two")))],
            ["two"],
            "no room for the tag 'one': 3 are used",
        ),
    ],
)
def test_posts_go_without_tags_that_cannot_be_had(
    answers: list[Answer], sent: list[str] | None, note: str
) -> None:
    script = Script([home(), *answers, MADE, MADE])
    one = provider(script)
    one.create(TAGGED, [X])
    one.create(TAGGED, [X])
    assert given_tags(script) == [sent, sent]
    (message,) = one.notes
    assert note in message


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Lost("broke"), Unreachable),
        (NotSent("refused"), Unreachable),
        (reply(b"", 502), Unreachable),
        (reply(b"", 429), RateLimited),
        (reply(b"", 401), Unauthorized),
    ],
)
@pytest.mark.parametrize("before", [[], [listed()]])
def test_where_tags_cannot_be_told_just_now_nothing_was_sent(
    before: list[Answer], answer: Answer, kind: type[ProviderError]
) -> None:
    script = Script([home(), *before, answer])
    with pytest.raises(ProviderError) as caught:
        provider(script).create(TAGGED, [X])
    assert type(caught.value) is kind
    assert "mutation createPost" not in names(script)


def test_a_tag_that_was_made_without_an_answer_is_looked_for_before_it_is_made_again() -> None:
    script = Script([home(), listed(tag("two", "t2")), Lost("broke"), BOTH, MADE])
    one = provider(script)
    with pytest.raises(Unreachable):
        one.create(TAGGED, [X])
    one.create(TAGGED, [X])
    assert names(script)[2:] == ["mutation createTag", "query tagsV2", "mutation createPost"]
    assert given_tags(script) == [["t1", "t2"]]
    assert one.notes == ()


@pytest.mark.parametrize("kind", ["DuplicateError", "InvalidInputError"])
def test_a_tag_that_another_process_made_meanwhile_is_used(kind: str) -> None:
    exists = data(createTag=typed(kind, "it exists"))
    script = Script([home(), listed(tag("two", "t2")), exists, BOTH, MADE])
    one = provider(script)
    one.create(TAGGED, [X])
    assert given_tags(script) == [["t1", "t2"]]
    assert one.notes == ()


def test_tags_of_others_are_kept_and_those_that_go_are_named_by_nobody() -> None:
    script = Script([home(), BOTH, EDITED, data(editPost=made(post()))])
    one = provider(script)
    one.update("1", Entry("hello", tags=("one",)), Entry("a", tags=("two",)), X)
    one.update("1", Entry("hello"), Entry("a"), X)
    assert given_tags(script) == [["t1", "t2"], []]


def test_an_edit_without_the_tags_that_cannot_be_had_is_a_success() -> None:
    script = Script([home(), invalid(), data(editPost=made(post()))])
    provider(script).update("1", TAGGED, Entry("a"), X)
    assert given_tags(script) == [None]


# -- the tag of ownership -------------------------------------------------------------------------


OURS = "by plancast"


def test_every_post_gets_the_tag_of_ownership() -> None:
    script = Script([home(), BOTH, new(OURS, "t0"), MADE, EDITED])
    one = provider(script, ownership_tag=OURS)
    one.create(Entry("hello"), [X])
    one.update("1", TAGGED, Entry("a"), X)
    assert given_tags(script) == [["t0"], ["t1", "t2", "t0"]]


def test_where_there_is_no_room_for_it_posts_go_without() -> None:
    full = listed(*(tag(name, name) for name in ("a", "b", "c")))
    script = Script([home(), full, MADE])
    one = provider(script, ownership_tag=OURS)
    one.create(Entry("hello"), [X])
    assert given_tags(script) == [None]
    assert "no room" in one.notes[0]


def test_it_is_not_shown() -> None:
    shown = post(tags=[tag(OURS, "t0"), tag("one", "t1")])
    script = Script([home(), data(posts=page(shown))])
    (live,) = provider(script, ownership_tag=OURS).read([X]).entries
    assert live.entry.tags == ("one",)


def test_a_post_may_name_the_tag_of_ownership_itself() -> None:
    entry = Entry("hello", tags=(OURS, "one"))
    ours = listed(tag(OURS, "t0"), tag("one", "t1"))
    shown = post(tags=[tag(OURS, "t0"), tag("one", "t1")])
    script = Script([home(), ours, data(editPost=made(shown))])
    one = provider(script, ownership_tag=OURS)
    assert one.update("1", entry, Entry("a"), X).entry.tags == ("one",)
    assert one.expected(entry, X).tags == ("one",)
