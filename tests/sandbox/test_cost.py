"""What requests cost the database: no page and no creation reads or sorts a whole queue.

The cost is counted in instructions of SQLite's machine, which are the same on every computer.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from plancast.sandbox import World
from plancast.sandbox import settings as switches
from plancast.sandbox.graphql import handler
from plancast.sandbox.graphql.request import Question
from plancast.sandbox.queues import Session
from plancast.sandbox.seed import DEFAULT_TOKEN
from plancast.sandbox.v1 import endpoints
from plancast.sandbox.v1.endpoints import Call
from plancast.sandbox.v1.php_form import Tree
from tests.sandbox.graphql_client import CREATE, ORGANIZATION, PINTEREST, POSTS
from tests.sandbox.sandbox_client import LINKEDIN, MONDAY, TWITTER, seconds

USER = "4eb854340acb04e870000001"
NOW = seconds(MONDAY)
STATUSES = ("buffer", "buffer", "draft", "sent", "error", "needs_approval", "service_reply")
SEVERAL = [TWITTER, LINKEDIN, PINTEREST]
ITEMS = """query($input: ContentItemsInput!, $first: Int, $after: String) {
  contentItems(input: $input, first: $first, after: $after) {
    pageInfo { endCursor } edges { node { id } } } }"""
DRAFT = """mutation($input: CreateContentItemDraftInput!) {
  createContentItemDraft(input: $input) {
    __typename ... on CreateContentItemDraftSuccess { contentItem { id } } } }"""
BOARD = {"pinterest": {"boardServiceId": "77"}}
PICTURE = [{"image": {"url": "https://acme.example/new.png"}}]
THREAD = {"twitter": {"thread": [{"text": "New"}, {"text": "More"}]}}


class Explaining(sqlite3.Connection):
    """A connection that keeps the plan of every query, and counts what it executes."""

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.plans: list[tuple[str, str]] = []
        self.steps = 0
        self.row_factory = sqlite3.Row

    def execute(self, query: str, parameters: Any = (), /) -> sqlite3.Cursor:
        if query.startswith(("SELECT", "DELETE", "UPDATE")):
            plan = super().execute(f"EXPLAIN QUERY PLAN {query}", parameters).fetchall()
            self.plans += [(row["detail"], query) for row in plan]
        return super().execute(query, parameters)

    def count(self) -> None:
        self.steps = 0
        self.set_progress_handler(self._step, 1)

    def _step(self) -> int:
        self.steps += 1
        return 0


def seed(number: int) -> Mapping[str, object]:
    """Posts of all kinds on three channels, and one queue of slots."""
    return {
        "clock": MONDAY,
        "rate_limit": {"requests": 0},
        "account": {"queue_limit": 1_000_000},
        "profiles": [
            {"id": TWITTER, "service": "twitter"},
            {
                "id": LINKEDIN,
                "service": "linkedin",
                "schedules": [{"days": ["mon", "thu"], "times": ["09:00"]}],
            },
            {
                "id": PINTEREST,
                "service": "pinterest",
                "extras": {"boards": [{"name": "Stages", "serviceId": "77"}]},
            },
        ],
        "posts": [
            {
                "profile": SEVERAL[n % 3],
                "text": f"Number {n}",
                "status": "buffer" if n % 3 == 1 else STATUSES[n // 3 % len(STATUSES)],
                "media": {"photo": f"https://acme.example/{n}.png"},
                **({} if n % 3 == 1 else {"scheduled_at": time_of(n)}),
            }
            for n in range(number)
        ],
    }


def time_of(number: int) -> int:
    is_past = STATUSES[number // 3 % len(STATUSES)] in ("sent", "service_reply")
    return NOW + 3600 * (number + 1) * (-1 if is_past else 1)


@contextmanager
def session(folder: Path, number: int) -> Iterator[tuple[Explaining, Session]]:
    """A world of so many posts, and of content items, whose queries are explained."""
    path = folder / f"{number}.db"
    with World(path) as world:
        world.reset(seed(number))
    with closing(sqlite3.connect(path, factory=Explaining, isolation_level=None)) as db:
        asked = Session(db, NOW, switches.changed(switches.DEFAULTS, "graphql_windows", ""))
        for n in range(number // 10):
            draft = {"text": f"{n}", "assets": [], "aiAssisted": False}
            key = f"00000000-0000-4000-8000-{n:012}"
            sent = {"organizationId": ORGANIZATION, "draft": draft, "correlationId": key}
            ask(DRAFT, input=sent)(asked)
        db.plans.clear()
        yield db, asked


def ask(document: str, /, **variables: object) -> Callable[[Session], Any]:
    """A GraphQL request."""
    body = json.dumps({"query": document, "variables": variables}).encode()
    question = Question.read(body, DEFAULT_TOKEN)

    def run(asked: Session) -> Any:
        reply = handler.outcome(asked, question, None, 0.0)
        data = json.loads(reply.content)  # type: ignore[union-attr]
        assert data.get("errors") is None, data
        return data["data"]

    return run


def call(endpoint: str, id_: str = "", /, **params: str | Tree) -> Callable[[Session], Any]:
    """A request of API v1."""

    def run(asked: Session) -> Any:
        answer = endpoints.execute(asked, Call(endpoint, USER, id_, params))
        assert answer.status == 200, answer.body
        return answer.body

    return run


def page_of_posts(sort: list[tuple[str, str]], **filters: object) -> Callable[[Session], Any]:
    """The page after the first one."""
    keys = [{"field": name, "direction": direction} for name, direction in sort]
    sent: dict[str, object] = {"organizationId": ORGANIZATION, "filter": filters, "sort": keys}

    def run(asked: Session) -> Any:
        first = ask(POSTS, input=sent, first=5)(asked)["posts"]
        return ask(POSTS, input=sent, first=5, after=first["pageInfo"]["endCursor"])(asked)

    return run


def post(channel: str, /, **more: object) -> Callable[[Session], Any]:
    """A creation that must succeed."""
    sent: dict[str, object] = {
        "channelId": channel,
        "text": "New",
        "schedulingType": "automatic",
        "assets": [],
    }
    sent |= {"mode": "addToQueue", "needsApproval": False, **more}

    def run(asked: Session) -> Any:
        payload = ask(CREATE, input=sent)(asked)["createPost"]
        assert payload["__typename"] == "PostActionSuccess", payload

    return run


PENDING, SENT, DRAFTS = (
    f"GET /profiles/{{id}}/updates/{name}.json" for name in ("pending", "sent", "drafts")
)
UP, DOWN = "asc", "desc"
REQUESTS: Mapping[str, Callable[[Session], Any]] = {
    "profiles": call("GET /profiles.json"),
    "pending": call(PENDING, TWITTER, count="5", page="2"),
    "slots": call(PENDING, LINKEDIN, count="5", page="2"),
    "sent": call(SENT, TWITTER, count="5"),
    "replies": call(SENT, TWITTER, count="5", filter="all"),
    "drafts": call(DRAFTS, TWITTER, count="5"),
    "posts": page_of_posts([]),
    "oldest": page_of_posts([("createdAt", UP)], status=["scheduled", "error"]),
    "latest": page_of_posts([("dueAt", DOWN), ("createdAt", DOWN)], status=["sent"]),
    "mixed": page_of_posts([("dueAt", UP), ("createdAt", DOWN)], channelIds=[TWITTER]),
    "items": ask(ITEMS, input={"organizationId": ORGANIZATION}, first=2),
    "by date": ask(
        ITEMS,
        input={
            "organizationId": ORGANIZATION,
            "sort": [{"field": "targetDate", "direction": "asc"}],
        },
        first=2,
    ),
    "create": call("POST /updates/create.json", profile_ids={"0": LINKEDIN}, text="New"),
    "create timed": call(
        "POST /updates/create.json",
        profile_ids={"0": TWITTER, "1": PINTEREST},
        text="New",
        scheduled_at=str(NOW + 60),
        media={"photo": "https://acme.example/new.png"},
    ),
    "create queued": post(LINKEDIN),
    "create due": post(
        PINTEREST,
        mode="customScheduled",
        dueAt="2027-01-01T09:00:00Z",
        assets=PICTURE,
        metadata=BOARD,
    ),
    "create thread": post(TWITTER, mode="shareNow", metadata=THREAD),
    "wait with a thread": post(
        TWITTER, mode="customScheduled", dueAt="2027-01-01T09:00:00Z", metadata=THREAD
    ),
}
#: Plans that are bounded: an index that is walked as far as a page goes, and rows of equal times
#: that are sorted among themselves.
ALLOWED = (
    "SCAN items USING INDEX items_created",
    "SCAN items USING INDEX items_target",
    "USE TEMP B-TREE FOR RIGHT PART OF ORDER BY",
)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Explaining, Session]]:
    with session(tmp_path_factory.mktemp("small"), 150) as made:
        yield made


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Explaining, Session]]:
    with session(tmp_path_factory.mktemp("large"), 1500) as made:
        yield made


def cost(made: tuple[Explaining, Session], request: Callable[[Session], Any]) -> int:
    """The instructions that a request costs. What it changes is undone."""
    db, asked = made
    db.execute("BEGIN")
    db.count()
    try:
        request(asked)
    finally:
        db.set_progress_handler(None, 1)
        db.execute("ROLLBACK")
    return db.steps


@pytest.mark.parametrize("name", REQUESTS)
def test_no_request_reads_or_sorts_a_table(small: tuple[Explaining, Session], name: str) -> None:
    small[0].plans.clear()
    cost(small, REQUESTS[name])
    bad = [
        (plan, query)
        for plan, query in small[0].plans
        if ("TEMP B-TREE" in plan or plan.startswith("SCAN"))
        and any(f"{verb} {table}" in query for verb in ("FROM", "UPDATE") for table in TABLES)
        and plan not in ALLOWED
    ]
    assert small[0].plans
    assert bad == []


TABLES = ("updates", "waiting", "queued", "posts", "items")


@pytest.mark.parametrize("name", REQUESTS)
def test_ten_times_as_many_posts_cost_the_same(
    small: tuple[Explaining, Session], large: tuple[Explaining, Session], name: str
) -> None:
    assert cost(large, REQUESTS[name]) < 1.5 * cost(small, REQUESTS[name])
