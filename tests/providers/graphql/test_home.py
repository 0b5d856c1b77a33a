"""Whose key it is, and which organization is meant."""

from __future__ import annotations

import pytest

from plancast.model.ports import Rejected, Unreachable
from tests.providers.graphql.wire import (
    ALL,
    ORG,
    account,
    channel,
    data,
    errors,
    home,
    names,
    provider,
    variables,
)
from tests.providers.wire import Answer, Script

CHANNELS = data(channels=[channel(one) for one in ALL])


def test_it_is_one_request_where_the_organization_is_known() -> None:
    script = Script([home()])
    assert provider(script).profiles() == ALL
    assert variables(script.seen[0]) == {"channels": {"organizationId": ORG}}


def test_the_only_organization_is_the_one() -> None:
    script = Script([data(account=account("org-7")), CHANNELS])
    assert provider(script, organization="").profiles() == ALL
    assert names(script) == ["query account", "query channels"]
    assert variables(script.seen[1]) == {"channels": {"organizationId": "org-7"}}


@pytest.mark.parametrize(
    ("organization", "answer", "words"),
    [
        ("", data(account=account("o1", "o2")), r"o1 \(Org o1\), o2 \(Org o2\): name one"),
        ("", data(account={**account(), "organizations": []}), "no organization"),
        ("", data(account={**account(), "organizations": [{"id": None}, 7]}), "no organization"),
        ("o3", errors("NOT_FOUND", path=["channels"]), "no organization o3"),
        (
            "o3",
            data(account=account("o1", "o2"), channels=[]),
            r"o3 is none of o1 \(Org o1\), o2 \(Org o2\)",
        ),
    ],
)
def test_it_is_never_guessed(organization: str, answer: Answer, words: str) -> None:
    with pytest.raises(Rejected, match=words) as caught:
        provider(Script([answer]), organization=organization).account()
    assert caught.value.code == "organization"


@pytest.mark.parametrize(
    ("limits", "room"),
    [
        ({"scheduledPosts": 5000}, 5000),
        ({"scheduledPosts": 0}, None),
        ({"scheduledPosts": None}, None),
        ({"scheduledPosts": True}, None),
        ({"scheduledPosts": -1}, None),
    ],
)
def test_the_room_of_a_queue_is_told_by_the_plan(
    limits: dict[str, object], room: int | None
) -> None:
    one = provider(Script([home(**limits)]))
    assert one.account().queue_limit == room
    assert one.capabilities.queue_limit is None


def test_a_home_that_could_not_be_read_is_asked_for_again() -> None:
    script = Script([data(account=account(), channels=None), home()])
    one = provider(script)
    with pytest.raises(Unreachable):
        one.account()
    assert one.account().id == "a-1"


def test_limits_may_be_untold() -> None:
    bare = {"id": "a", "organizations": [{"id": ORG, "limits": None}]}
    one = provider(Script([data(account=bare, channels=[])]))
    assert one.account().id == "a"
    assert one.account().queue_limit is None
