"""Lists are read whole, while they move."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plancast.providers.buffer_graphql.client import GraphqlPage
from plancast.providers.buffer_graphql.pagination import whole_list
from plancast.providers.buffer_graphql.responses import UnclearError

Step = Callable[[list[int]], object]


class Posts:
    """Posts by number, the order of their making; a cursor is the last number of its page."""

    def __init__(self, count: int, size: int = 100) -> None:
        self.found = list(range(count))
        self.size = size
        self.changes: dict[int, Step] = {}
        self.requests = 0

    def __call__(self, after: str | None) -> GraphqlPage:
        self.requests += 1
        self.changes.get(self.requests, len)(self.found)
        rest = [number for number in self.found if after is None or number > int(after)]
        shown = rest[: self.size]
        nodes = tuple({"id": str(number)} for number in shown)
        return GraphqlPage(nodes, str(shown[-1]) if len(rest) > self.size else None)

    def read(self) -> list[int]:
        return [int(node["id"]) for node in whole_list(self)]


@pytest.mark.parametrize(
    ("count", "requests"), [(0, 1), (1, 1), (99, 1), (100, 1), (101, 2), (200, 2), (250, 3)]
)
def test_a_list_takes_a_request_for_each_hundred(count: int, requests: int) -> None:
    posts = Posts(count)
    assert posts.read() == list(range(count))
    assert posts.requests == requests


@given(
    count=st.integers(0, 60),
    size=st.integers(1, 20),
    moves=st.dictionaries(st.integers(1, 6), st.sampled_from(("go first", "go any", "join"))),
)
def test_what_stays_is_always_read_and_once(
    count: int, size: int, moves: Mapping[int, str]
) -> None:
    posts = Posts(count, size)
    steps: Mapping[str, Step] = {
        "go first": lambda found: found and found.pop(0),
        "go any": lambda found: found and found.pop(len(found) // 2),
        "join": lambda found: found.append(max(found, default=0) + 1),
    }
    posts.changes = {number: steps[name] for number, name in moves.items()}
    read = posts.read()
    stayed = set(range(count)) & set(posts.found)
    assert stayed <= set(read)
    assert len(set(read)) == len(read)


def script(*pages: tuple[Sequence[str], str | None]) -> Callable[[str | None], GraphqlPage]:
    waiting = [GraphqlPage(tuple({"id": one} for one in ids), after) for ids, after in pages]
    return lambda after: waiting.pop(0)


def test_what_comes_twice_is_there_once() -> None:
    found = whole_list(script((["a", "b"], "1"), (["b", "c"], None)))
    assert [node["id"] for node in found] == ["a", "b", "c"]


def test_a_page_without_posts_ends_nothing() -> None:
    found = whole_list(script(([], "1"), (["a"], None)))
    assert [node["id"] for node in found] == ["a"]


@pytest.mark.parametrize(
    "pages",
    [
        [(["a"], "1"), (["b"], "1")],
        [(["a"], "1"), (["b"], "2"), (["c"], "1")],
        [(["a", "b"], "1"), (["a"], "2")],
        [([], "1"), ([], "1")],
    ],
)
def test_a_list_that_repeats_itself_is_not_believed(
    pages: Sequence[tuple[Sequence[str], str | None]],
) -> None:
    with pytest.raises(UnclearError, match="repeats"):
        whole_list(script(*pages))


def test_a_list_without_an_end_is_given_up() -> None:
    numbers = iter(range(10**9))
    with pytest.raises(UnclearError, match="no end"):
        whole_list(lambda after: GraphqlPage(({"id": str(n := next(numbers))},), str(n)))
