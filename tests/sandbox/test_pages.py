"""Pages of the lists: read one after the other they are the list, in its order, each row once."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from plancast.sandbox import Status
from tests.sandbox.graphql_client import GraphqlClient
from tests.sandbox.sandbox_client import LINKEDIN, TWITTER, SandboxClient, ok

FIELDS = ("dueAt", "createdAt")
KEYS = tuple(product(FIELDS, ("asc", "desc")))
STATES = ("buffer", "draft", "sent", "error", "needs_approval", "buffer")
KINDS = {"pending": ("buffer", "error"), "sent": ("sent",), "drafts": ("draft", "needs_approval")}


def posts() -> list[dict[str, object]]:
    """Posts of all kinds on two channels: with equal times, and without any."""
    made: list[dict[str, object]] = []
    for n in range(36):
        state = STATES[n % 6]
        post: dict[str, object] = {
            "profile": ("twitter", "linkedin")[n % 2],
            "text": f"{n:02}",
            "status": state,
        }
        if n % 5 or state in ("sent", "error"):
            month = 10 if state in ("sent", "error") else 12
            post["scheduled_at"] = f"2026-{month}-{10 + n % 4}T08:00:00Z"
        made.append(post)
    return made


@pytest.fixture(scope="module")
def box() -> GraphqlClient:
    sandbox = GraphqlClient(seed={"posts": posts()}, graphql_windows="")
    for n in range(4):  # of another second
        sandbox.world.advance(1)
        sandbox.made(f"late {n}", channel=(TWITTER, LINKEDIN)[n % 2])
    return sandbox


def rank(node: dict[str, Any], name: str, direction: str) -> tuple[object, ...]:
    """A key by which nodes are sorted one after the other, as SQL sorts: no time is the least."""
    value = node[name] or ""
    return (value,) if direction == "asc" else (*(-ord(letter) for letter in value), 1)


@pytest.mark.parametrize("sort", [[], *([key] for key in KEYS), *map(list, product(KEYS, KEYS))])
@pytest.mark.parametrize("status", [None, ["scheduled"], ["draft", "sent"]])
def test_pages_are_the_list(
    box: GraphqlClient, sort: list[tuple[str, str]], status: list[str] | None
) -> None:
    asked: dict[str, Any] = {} if status is None else {"status": status}
    made = [edge["node"] for edge in box.page(first=100, **asked)["edges"]]
    made.sort(key=lambda node: node["id"])  # ids count up
    keys = sort or [("createdAt", "desc")]
    if keys[-1][1] == "desc":
        made.reverse()
    for name, direction in reversed(keys):
        made.sort(key=lambda node: rank(node, name, direction))
    if sort:
        asked["sort"] = [{"field": name, "direction": direction} for name, direction in sort]
    read: list[str] = []
    after, more = None, True
    while more:
        page = box.page(first=15, after=after, **asked)
        read += [edge["node"]["id"] for edge in page["edges"]]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    assert read == [node["id"] for node in made]


def test_a_cursor_is_of_the_list_that_it_came_from(box: GraphqlClient) -> None:
    draft = box.page(first=1, status=["draft"])["edges"][0]["cursor"]
    assert box.page(first=1, after=draft)["edges"]
    with pytest.raises(AssertionError, match="nothing at this cursor"):
        box.page(first=1, after=draft, status=["scheduled"])


@pytest.mark.parametrize("profile", [TWITTER, LINKEDIN])
def test_counts_follow_every_change(profile: str) -> None:
    sandbox = SandboxClient(seed={"posts": posts()}, duplicates=False)
    one, two, three = (sandbox.one(profile, text=text)["id"] for text in ("a", "b", "c"))
    draft = sandbox.one(profile, text="d", is_draft="true")["id"]
    for path in (
        *(f"updates/{one}/share.json", f"updates/{two}/destroy.json"),
        *(f"updates/{draft}/approve.json", f"updates/{three}/move_to_top.json"),
    ):
        ok(sandbox.post(path))
    sandbox.post("updates/create.json", profile_ids=[profile], text="")  # refused and undone
    sandbox.world.advance(86_400)  # some go out
    own = [item for item in sandbox.world.snapshot() if item.profile_id == profile]
    kept = ["draft" if item.draft else item.status.value for item in own]
    for name, kinds in KINDS.items():
        answer = ok(sandbox.get(f"profiles/{profile}/updates/{name}.json", count=100))
        number = sum(kept.count(kind) for kind in kinds)
        assert answer["total"] == len(answer["updates"]) == number
    shown = next(one for one in ok(sandbox.get("profiles.json")) if one["id"] == profile)
    numbers = shown["counts"]["pending"], shown["counts"]["sent"], shown["counts"]["drafts"]
    assert numbers == tuple(map(kept.count, (Status.BUFFER, Status.SENT, "draft")))
