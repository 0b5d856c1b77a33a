"""Creating and listing updates through the API."""

from __future__ import annotations

import pytest

from tests.sandbox.sandbox_client import (
    FACEBOOK,
    INSTAGRAM,
    LINKEDIN,
    TWITTER,
    SandboxClient,
    ok,
    refusal,
    seconds,
)

PAGE = "https://acme.example/two-years"
PHOTO = "https://acme.example/photo.jpg"
TOMORROW = "2026-11-24T08:00:00Z"


# --- create ---


def test_the_envelope() -> None:
    sandbox = SandboxClient(queue_limit=10)
    sandbox.one(text="Before")
    body = ok(sandbox.post("updates/create.json", profile_ids=[TWITTER, LINKEDIN], text="Hello"))
    assert list(body) == [
        "updates",
        "buffer_percentage",
        "buffer_count",
        "success",
        "message",
        "code",
    ]
    assert (body["success"], body["code"]) == (True, False)
    # the first update's profile is 20 % full, the last one's has one post
    assert (body["buffer_percentage"], body["buffer_count"]) == (20, 1)
    ids = [item["id"] for item in body["updates"]]
    assert int(ids[1], 16) - int(ids[0], 16) == 1
    assert all(item["id"] == item["_id"] for item in body["updates"])
    assert [item["profile_id"] for item in body["updates"]] == [TWITTER, LINKEDIN]


def test_ids_begin_with_the_second_and_are_the_same_in_every_world() -> None:
    first, second = SandboxClient().one()["id"], SandboxClient().one()["id"]
    assert first == second
    assert len(first) == 24
    assert int(first[:8], 16) == seconds("2026-11-23T07:00:00Z")


def test_updates_may_come_in_another_order() -> None:
    found = SandboxClient(reversed_updates=True).create(TWITTER, LINKEDIN)
    assert [item["profile_id"] for item in found] == [LINKEDIN, TWITTER]


@pytest.mark.parametrize(
    ("ids", "expected"),
    [
        ([], (400, 1004)),
        (["nobody"], (403, 1011)),
        ([LINKEDIN, "nobody", LINKEDIN], [LINKEDIN]),
    ],
)
def test_profiles_that_are_not_ours_are_dropped(ids: list[str], expected: object) -> None:
    answer = SandboxClient().post("updates/create.json", profile_ids=ids, text="Hi")
    if isinstance(expected, tuple):
        assert refusal(answer) == expected
    else:
        assert [item["profile_id"] for item in ok(answer)["updates"]] == expected


def test_now() -> None:
    sandbox = SandboxClient()
    item = sandbox.one(now="true")
    now = seconds("2026-11-23T07:00:00Z")
    assert (item["status"], item["sent_at"], item["due_at"]) == ("sent", now, now)
    assert item["shared_now"] is True
    assert sandbox.queue() == []
    assert [found["id"] for found in sandbox.sent()] == [item["id"]]


@pytest.mark.parametrize("word", ["false", "0", ""])
def test_now_in_words_that_mean_no(word: str) -> None:
    assert SandboxClient().one(now=word)["status"] == "buffer"


@pytest.mark.parametrize(
    ("value", "expected"),
    [("1796117400", 1796117400), ("2026-12-01 09:30:00", 1796117400), (TOMORROW, 1795507200)],
)
def test_scheduled_at(value: str, expected: int) -> None:
    item = SandboxClient().one(scheduled_at=value)
    assert item["due_at"] == item["scheduled_at"] == expected


@pytest.mark.parametrize(
    ("value", "code"), [("2026-11-23T06:59:59Z", 1034), ("0", 1034), ("tomorrow", 1003)]
)
def test_times_that_are_refused(value: str, code: int) -> None:
    sandbox = SandboxClient()
    answer = sandbox.post(
        "updates/create.json", profile_ids=[TWITTER], text="x", scheduled_at=value
    )
    assert refusal(answer) == (400, code)


def test_this_very_second_is_not_in_the_past() -> None:
    sandbox = SandboxClient()
    assert sandbox.one(scheduled_at="2026-11-23T07:00:00Z")["status"] == "sent"


def test_a_create_is_for_all_profiles_or_for_none() -> None:
    sandbox = SandboxClient()
    answer = sandbox.post("updates/create.json", profile_ids=[TWITTER, INSTAGRAM], text="No photo")
    assert refusal(answer) == (400, 1004)
    assert sandbox.world.snapshot() == ()


def test_a_full_queue() -> None:
    sandbox = SandboxClient(queue_limit=2)
    sandbox.one(text="One", scheduled_at=TOMORROW)
    sandbox.one(text="Two")
    answer = sandbox.post("updates/create.json", profile_ids=[TWITTER, LINKEDIN], text="Three")
    assert refusal(answer) == (403, 1023)
    assert (answer.json or {})["message"].startswith("You've completely filled the buffer for")
    assert '<a href="https://bufferapp.com/app/profile/' in (answer.json or {})["message"]
    assert sandbox.queue(LINKEDIN) == []
    assert sandbox.one(text="Now", now="true")["status"] == "sent"
    sandbox.world.set_setting("when_full", "skip")
    assert [item["profile_id"] for item in sandbox.create(TWITTER, LINKEDIN)] == [LINKEDIN]
    ok(sandbox.post(f"updates/{sandbox.queue()[0]['id']}/destroy.json"))
    sandbox.one(text="Room again")


@pytest.mark.parametrize(("plan", "limit"), [("free", 10), ("awesome", 100), ("small", 2000)])
def test_the_plan_decides_the_limit(plan: str, limit: int) -> None:
    assert SandboxClient(seed={"account": {"plan": plan}}).world.settings.queue_limit == limit


def test_the_same_text_again_is_refused() -> None:
    sandbox = SandboxClient()
    sandbox.one(text="Hello")
    again = sandbox.post("updates/create.json", profile_ids=[TWITTER], text="Hello")
    assert refusal(again) == (400, 1025)
    assert (again.json or {})["message"].startswith("Whoops, it looks like you've posted that one")
    with_media = {"text": "Hello", "media": {"photo": PHOTO}}
    answer = sandbox.post("updates/create.json", profile_ids=[TWITTER], **with_media)
    assert refusal(answer) == (400, 1025)  # media do not count
    sandbox.one(LINKEDIN, text="Hello")
    sandbox.one(text="Hello!")


def test_the_same_text_after_it_was_sent() -> None:
    sandbox = SandboxClient()
    sandbox.one(text="Hello", now="true")
    answer = sandbox.post("updates/create.json", profile_ids=[TWITTER], text="Hello")
    assert refusal(answer) == (400, 1025)
    sandbox.world.advance(86_400)
    sandbox.one(text="Hello", now="true")
    sandbox.world.set_setting("duplicate_window", 60)
    sandbox.world.advance(60)
    sandbox.one(text="Hello")


def test_duplicates_can_be_allowed_and_pictures_without_text_are_none() -> None:
    sandbox = SandboxClient()
    for _ in range(2):
        sandbox.one(INSTAGRAM, text="", media={"photo": PHOTO})
    sandbox.world.set_setting("duplicates", False)
    for _ in range(2):
        sandbox.one(text="Hello")
    assert len(sandbox.queue()) == 2


def test_drafts() -> None:
    sandbox = SandboxClient()
    item = sandbox.one(text="Idea", is_draft="true", scheduled_at=TOMORROW)
    assert item["draft"] is True
    assert "due_at" not in item
    assert sandbox.queue() == []
    drafts = ok(sandbox.get(f"profiles/{TWITTER}/updates/drafts.json"))
    assert [d["id"] for d in drafts["updates"]] == [item["id"]]
    ok(sandbox.post(f"updates/{item['id']}/update.json", text="Better idea"))
    sandbox.world.advance(3600)
    assert sandbox.queue() == []
    approved = ok(sandbox.post(f"updates/{item['id']}/approve.json"))["update"]
    assert (approved["text"], approved["due_at"]) == ("Better idea", seconds(TOMORROW))
    assert refusal(sandbox.get(f"updates/{item['id']}/approve.json")) == (400, 1022)


# --- lists ---


def test_pages() -> None:
    sandbox = SandboxClient()
    for number in range(25):
        sandbox.one(text=f"Post {number}")
    body = ok(sandbox.pending())
    assert (body["total"], len(body["updates"])) == (25, 20)
    assert len(sandbox.queue(page=2)) == 5
    for page in (3, 10**17):
        assert ok(sandbox.pending(page=page)) == {"total": 25, "updates": []}
    assert [item["text"] for item in sandbox.queue(page=2, count=3)] == [
        "Post 3",
        "Post 4",
        "Post 5",
    ]
    assert len(sandbox.queue(count=100)) == 25


@pytest.mark.parametrize(
    "params",
    [{"count": 0}, {"count": 101}, {"count": "x"}, {"page": 0}, {"page": "9" * 30}, {"page": 1.5}],
)
def test_odd_pages(params: dict[str, object]) -> None:
    assert refusal(SandboxClient().pending(**params)) == (400, 1006)


def test_odd_counts_can_be_clamped() -> None:
    sandbox = SandboxClient(odd_count="clamp")
    sandbox.one()
    assert len(sandbox.queue(count=0)) == len(sandbox.queue(count=500)) == 1


def test_since() -> None:
    sandbox = SandboxClient()
    sandbox.one(text="Old", scheduled_at=TOMORROW)
    sandbox.world.advance(60)
    sandbox.one(text="New", scheduled_at=TOMORROW)
    created = seconds("2026-11-23T07:00:00Z")
    assert [item["text"] for item in sandbox.queue(since=created)] == ["New"]
    assert [item["text"] for item in sandbox.queue(since="2026-11-23T07:00:00.000Z")] == ["New"]
    sandbox.world.set_clock("2026-11-25T00:00:00Z")
    assert sandbox.sent(since=seconds(TOMORROW)) == []
    assert len(sandbox.sent(since=seconds(TOMORROW) - 1)) == 2


def test_replies_that_were_imported_are_hidden() -> None:
    posts = [
        {"profile": TWITTER, "text": "Ours", "status": "sent", "scheduled_at": "2026-11-01"},
        {"profile": TWITTER, "text": "Native", "status": "service", "scheduled_at": "2026-11-03"},
        {"profile": TWITTER, "text": "@x", "status": "service_reply", "scheduled_at": "2026-11-02"},
    ]
    sandbox = SandboxClient(seed={"posts": posts})
    assert [item["text"] for item in sandbox.sent()] == ["Native", "Ours"]
    assert [item["text"] for item in sandbox.sent(filter="all")] == ["Native", "@x", "Ours"]


@pytest.mark.parametrize(
    ("at", "utc", "day", "time"),
    [
        ("2026-11-23T23:30:00Z", "", "Tomorrow", "12:30 am"),
        ("2026-11-23T23:30:00Z", "true", "Today", "11:30 pm"),
        ("2026-11-23T11:05:00Z", "", "Today", "12:05 pm"),
        ("2026-11-30T08:00:00Z", "", "Monday 30th November", "9:00 am"),
        ("2026-12-01T08:00:00Z", "", "Tuesday 1st December", "9:00 am"),
        ("2026-12-02T08:00:00Z", "", "Wednesday 2nd December", "9:00 am"),
        ("2026-12-03T08:00:00Z", "", "Thursday 3rd December", "9:00 am"),
        ("2026-12-11T08:00:00Z", "", "Friday 11th December", "9:00 am"),
        ("2027-01-22T08:00:00Z", "", "Friday 22nd January 2027", "9:00 am"),
    ],
)
def test_days_and_times(at: str, utc: str, day: str, time: str) -> None:
    sandbox = SandboxClient()
    sandbox.one(scheduled_at=at)
    item = sandbox.queue(utc=utc)[0]
    assert (item["day"], item["due_time"]) == (day, time)


# --- links ---


def test_link_shares() -> None:
    sandbox = SandboxClient()
    sandbox.one(text=f"See {PAGE}", now="true")
    sandbox.one(FACEBOOK, text="Hi", media={"link": PAGE.replace("//", "//www.")}, now="true")
    sandbox.one(LINKEDIN, text=f"Later {PAGE}")
    assert ok(sandbox.client.get("/1/links/shares.json", query_string={"url": PAGE})) == {
        "shares": 2
    }
    assert refusal(sandbox.get("links/shares.json")) == (400, 1004)
