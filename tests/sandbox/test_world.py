"""The controls of a world: its clock, seeds, settings, people, and its file."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from plancast.sandbox import (
    ApiError,
    ClockError,
    DatabaseError,
    SeedError,
    SettingError,
    Status,
    World,
)
from plancast.sandbox.seed import DEFAULT
from tests.sandbox.sandbox_client import (
    FACEBOOK,
    MONDAY,
    TWITTER,
    RealTime,
    SandboxClient,
    ok,
    seconds,
)

ROOT = Path(__file__).resolve().parents[2]


# --- the clock ---


def test_a_new_world_shows_real_time() -> None:
    time = RealTime(now=1_800_000_000.5)
    world = World(now=time)
    assert world.clock().now == time.now
    assert world.clock().moment == datetime.fromtimestamp(1_800_000_000, UTC)
    time.now += 10
    assert world.clock().now == 1_800_000_010.5


def test_setting_advancing_freezing_running() -> None:
    time = RealTime()
    world = World(now=time)
    world.set_clock("2030-01-01T00:00:00Z")
    time.now += 5
    assert world.clock().now == seconds("2030-01-01T00:00:05Z")
    world.advance(55)
    frozen = world.freeze()
    assert (frozen.now, frozen.running) == (seconds("2030-01-01T00:01:00Z"), False)
    time.now += 1000
    assert world.clock() == frozen
    world.advance(60)
    world.set_clock(datetime(2031, 1, 1, tzinfo=UTC))
    assert world.clock().running is False
    assert world.run().running is True
    time.now += 1
    assert world.clock().now == seconds("2031-01-01T00:00:01Z")
    assert world.freeze("2032-01-01").now == seconds("2032-01-01T00:00:00Z")
    assert world.set_clock("running").now == time.now


def test_what_is_no_time() -> None:
    with pytest.raises(ClockError):
        World().set_clock("half past nine")


def test_answers_show_the_time_of_the_calendar() -> None:
    sandbox = SandboxClient()
    sandbox.world.advance(86_400)
    assert ok(sandbox.get("user.json"))["activity_at"] == seconds(MONDAY) + 86_400
    assert sandbox.get("user.json").headers["Date"] == "Tue, 24 Nov 2026 07:00:00 GMT"


# --- seeds ---


def test_a_seed_document() -> None:
    sandbox = SandboxClient(
        seed={
            "account": {"id": "u" * 24, "name": "Zoo", "plan": "free", "queue_limit": 12},
            "profiles": [
                {
                    "service": "linkedin",
                    "service_username": "zoo",
                    "timezone": "Asia/Tokyo",
                    "schedules": [{"days": ["mon"], "times": ["20:00"]}],
                },
                {
                    "id": "b" * 24,
                    "service": "mastodon",
                    "service_username": "@zoo@mastodon.example",
                    "paused": True,
                },
            ],
            "posts": [
                {"profile": "zoo", "text": "Queued"},
                {"profile": "zoo", "text": "First", "queue": "top"},
                {"profile": "linkedin", "text": "Custom", "scheduled_at": "2026-12-01T08:00:00Z"},
                {"profile": "zoo", "text": "Gone", "status": "sent", "scheduled_at": "2026-11-01"},
                {"profile": "b" * 24, "text": "Bad", "status": "error", "error": "No luck"},
                {"profile": "mastodon", "text": "Idea", "status": "draft"},
            ],
            "clock": "2026-11-23T07:00:00Z",
            "rate_limit": {"requests": 5, "seconds": 10},
            "switches": {"reversed_updates": True},
        }
    )
    settings = sandbox.world.settings
    assert (settings.queue_limit, settings.rate_seconds, settings.reversed_updates) == (
        12,
        10,
        True,
    )
    linkedin = sandbox.world.profiles()[0].id
    assert len(linkedin) == 24
    assert sandbox.texts(linkedin) == ["First", "Queued", "Custom"]
    assert sandbox.due(linkedin) == ["11-23 11:00", "11-30 11:00", "12-01 08:00"]
    assert [item["text"] for item in sandbox.sent(linkedin)] == ["Gone"]
    bad = sandbox.queue("b" * 24)[0]
    assert (bad["status"], bad["error"]) == ("error", "No luck")
    assert [u.content.text for u in sandbox.world.snapshot() if u.draft] == ["Idea"]


def test_no_rate_limit() -> None:
    world = World()
    assert world.settings.rate_requests == 60
    world.reset({"rate_limit": None})
    assert world.settings.rate_requests == 0


@pytest.mark.parametrize(
    ("seed", "place"),
    [
        ({"acount": {}}, "seed: unknown acount"),
        ({"account": {"plan": "golden"}}, "account.plan"),
        ({"account": []}, "account: a mapping"),
        ({"profiles": [{"service": "friendster"}]}, "profiles[0].service"),
        (
            {"profiles": [{"service": "twitter", "timezone": "Mars/Olympus"}]},
            "profiles[0].timezone",
        ),
        ({"profiles": [{"service": "twitter", "colour": 1}]}, "profiles[0]: unknown colour"),
        (
            {"profiles": [{"service": "twitter", "schedules": [{"days": ["x"], "times": []}]}]},
            "profiles[0].schedules",
        ),
        ({"profiles": {}}, "profiles: a list"),
        ({"posts": [{"profile": "nobody", "text": "x"}]}, "posts[0].profile: 'nobody' names 0"),
        ({"posts": [{"profile": "twitter", "text": "x", "status": "odd"}]}, "posts[0].status"),
        ({"posts": [{"profile": "twitter", "text": ""}]}, "posts[0]: 1004"),
        ({"posts": [{"profile": "twitter", "text": "x", "scheduled_at": "x"}]}, "posts[0]: 'x'"),
        ({"clock": "noon"}, "clock: 'noon'"),
    ],
)
def test_seeds_that_cannot_be_planted(seed: dict[str, object], place: str) -> None:
    world = World()
    before = world.profiles()
    with pytest.raises(SeedError) as caught:
        world.reset(seed)
    assert str(caught.value).startswith(place)
    assert world.profiles() == before


def test_a_reset_forgets_everything() -> None:
    sandbox = SandboxClient()
    sandbox.one()
    sandbox.world.set_setting("queue_limit", 1)
    sandbox.world.reset()
    assert sandbox.world.snapshot() == ()
    assert sandbox.world.requests().received == {}
    assert sandbox.world.settings.queue_limit == 2000
    assert len(sandbox.world.profiles()) == len(DEFAULT["profiles"])  # type: ignore[arg-type]


# --- settings ---


@pytest.mark.parametrize(
    ("name", "value", "stored"),
    [
        ("queue_limit", "10", 10),
        ("duplicates", "off", False),
        ("duplicates", True, True),
        ("when_full", "skip", "skip"),
        ("token_places", "header, query", ("header", "query")),
        ("network_refuses", [TWITTER], (TWITTER,)),
        ("network_words", "Board not found", "Board not found"),
        ("graphql_windows", "250/86400  100/900", "100/900 250/86400"),
        ("character_limits", '{"twitter": 5}', {"twitter": 5}),
    ],
)
def test_settings(name: str, value: object, stored: object) -> None:
    world = World()
    assert getattr(world.set_setting(name, value), name) == stored
    assert getattr(world.settings, name) == stored


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("colour", 1),
        ("queue_limit", -1),
        ("queue_limit", "many"),
        ("queue_limit", True),
        ("duplicates", "perhaps"),
        ("when_full", "explode"),
        ("character_limits", "x"),
        ("token_places", 7),
    ],
)
def test_settings_that_do_not_fit(name: str, value: object) -> None:
    with pytest.raises(SettingError):
        World().set_setting(name, value)


# --- people ---


def test_a_person_writes_changes_and_deletes() -> None:
    sandbox = SandboxClient()
    ours = sandbox.one(text="Ours")
    theirs = sandbox.world.person_create(TWITTER, "Theirs", at="2026-12-01T08:00:00Z")
    assert (theirs.via, theirs.client_id != ours["client_id"]) == ("buffer", True)
    sandbox.world.person_edit(theirs.id, queue=True)
    assert sandbox.texts() == ["Ours", "Theirs"]
    edited = sandbox.world.person_edit(ours["id"], text="Changed", at="2026-12-24T08:00:00Z")
    assert (edited.content.text, edited.due_at) == ("Changed", seconds("2026-12-24T08:00:00Z"))
    card = sandbox.world.person_create(FACEBOOK, "Look", media={"link": "https://acme.example/a"})
    assert card.content.media["title"] == "A"
    sandbox.world.person_delete(theirs.id)
    assert sandbox.texts() == ["Changed"]
    sent = sandbox.world.person_create(TWITTER, "Sent", at=MONDAY)
    assert sent.status is Status.SENT
    sandbox.world.person_delete(sent.id)
    assert sandbox.sent() == []


def test_people_obey_the_rules() -> None:
    world = SandboxClient().world
    for attempt in (
        lambda: world.person_create("nobody", "x"),
        lambda: world.person_create(TWITTER, "x" * 281),
        lambda: world.person_edit("nothing", text="x"),
        lambda: world.person_delete("nothing"),
        lambda: world.set_profile("nobody", paused=True),
    ):
        with pytest.raises(ApiError):
            attempt()
    assert world.snapshot() == ()


# --- the file ---


def test_a_world_lasts(tmp_path: Path) -> None:
    path = tmp_path / "world.db"
    with World(path) as world:
        world.freeze(MONDAY)
        made = world.person_create(TWITTER, "Hello")
    with World(path) as world:
        assert world.snapshot() == (made,)
        assert world.clock().now == seconds(MONDAY)


def test_what_is_no_world(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("This is a letter, not a database, however long." * 20)
    with pytest.raises(DatabaseError):
        World(tmp_path / "text.db")
    with pytest.raises(DatabaseError):
        World(tmp_path / "missing" / "world.db")
    with closing(sqlite3.connect(tmp_path / "later.db")) as later:
        later.execute("PRAGMA user_version = 99")
    with pytest.raises(DatabaseError, match="another version"):
        World(tmp_path / "later.db")


def test_threads_share_a_world(tmp_path: Path) -> None:
    sandbox = SandboxClient(tmp_path / "world.db")

    def work(name: int) -> None:
        for number in range(20):
            sandbox.one(text=f"{name} {number}")

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    queue = sandbox.queue(count=100)
    assert len({item["id"] for item in queue}) == len({item["due_at"] for item in queue}) == 80


_WORKER = """
import sys
from plancast.sandbox import World
world = World(sys.argv[1])
for number in range(15):
    world.person_create("4eb854340acb04e870000010", f"{sys.argv[2]} {number}")
"""


def test_processes_share_a_world_from_its_first_moment(tmp_path: Path) -> None:
    path = tmp_path / "world.db"
    workers = [
        subprocess.Popen([sys.executable, "-c", _WORKER, str(path), str(n)], cwd=ROOT)
        for n in range(4)
    ]
    assert [worker.wait() for worker in workers] == [0] * 4
    with World(path) as world:
        found = world.snapshot()
        assert len(world.profiles()) == 6
    assert len({u.id for u in found}) == len({u.due_at for u in found}) == 60
