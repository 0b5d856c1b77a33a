"""The places of posts in the queue, and the times at which they go out."""

from __future__ import annotations

from itertools import islice

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from plancast.sandbox import Profile, Schedule, Status
from plancast.sandbox.posting_times import DAYS, upcoming
from tests.robustness.mutation import examples
from tests.sandbox.sandbox_client import (
    FACEBOOK,
    LINKEDIN,
    TWITTER,
    SandboxClient,
    ok,
    refusal,
    seconds,
)

# The Twitter profile posts at 09:00, 12:30 and 17:15 in Berlin (UTC+1 in November).
SLOTS = ["11-23 08:00", "11-23 11:30", "11-23 16:15", "11-24 08:00", "11-24 11:30"]


def filled(count: int = 4) -> tuple[SandboxClient, list[str]]:
    sandbox = SandboxClient()
    return sandbox, [sandbox.one(text=f"Post {n}")["id"] for n in range(count)]


def test_first_come_first_served() -> None:
    sandbox, _ = filled(4)
    assert sandbox.texts() == ["Post 0", "Post 1", "Post 2", "Post 3"]
    assert sandbox.due() == SLOTS[:4]
    assert "scheduled_at" not in sandbox.queue()[0]


def test_the_zone_is_that_of_the_profile() -> None:
    assert [SandboxClient().one(p)["due_time"] for p in (TWITTER, FACEBOOK)] == [
        "9:00 am",
        "10:00 am",
    ]
    sandbox = SandboxClient()
    sandbox.one(FACEBOOK)
    assert sandbox.due(FACEBOOK) == ["11-23 15:00"]  # 10:00 in New York


def test_top() -> None:
    sandbox, _ = filled(2)
    sandbox.one(text="First", top="true")
    assert sandbox.texts() == ["First", "Post 0", "Post 1"]
    assert sandbox.due() == SLOTS[:3]


def test_a_time_of_its_own_takes_no_slot_and_overrides_top_and_now() -> None:
    sandbox, _ = filled(2)
    at = seconds("2026-11-23T08:00:00Z")
    item = sandbox.one(text="Custom", scheduled_at=at, top="true", now="true")
    assert (item["due_at"], item["scheduled_at"], item["status"]) == (at, at, "buffer")
    assert sandbox.due() == [SLOTS[0], SLOTS[0], SLOTS[1]]
    sandbox.one(text="Next")
    assert sandbox.due()[-1] == SLOTS[2]


def test_pinned_takes_its_slot() -> None:
    sandbox, _ = filled(2)
    sandbox.one(text="Pinned", scheduled_at=seconds("2026-11-23T08:00:00Z"), pinned="true")
    assert list(zip(sandbox.texts(), sandbox.due(), strict=True)) == [
        ("Pinned", SLOTS[0]),
        ("Post 0", SLOTS[1]),
        ("Post 1", SLOTS[2]),
    ]
    pinned = sandbox.queue()[0]["id"]
    ok(sandbox.post(f"updates/{pinned}/destroy.json"))
    assert sandbox.due() == SLOTS[:2]


@pytest.mark.parametrize(
    ("action", "texts"),
    [
        ("updates/{1}/destroy.json", ["Post 0", "Post 2", "Post 3"]),
        ("updates/{1}/share.json", ["Post 0", "Post 2", "Post 3"]),
        ("updates/{2}/move_to_top.json", ["Post 2", "Post 0", "Post 1", "Post 3"]),
    ],
)
def test_the_rest_moves_up(action: str, texts: list[str]) -> None:
    sandbox, ids = filled(4)
    ok(sandbox.post(action.format(*ids)))
    assert sandbox.texts() == texts
    assert sandbox.due() == SLOTS[: len(texts)]


def test_a_recompute_marks_everybody() -> None:
    sandbox, ids = filled(3)
    sandbox.world.advance(60)
    ok(sandbox.post(f"updates/{ids[2]}/destroy.json"))
    assert {item["updated_at"] for item in sandbox.queue()} == {seconds("2026-11-23T07:01:00Z")}


@pytest.mark.parametrize(
    ("order", "offset", "texts"),
    [
        ([3, 2, 1, 0], None, [3, 2, 1, 0]),
        ([2], None, [2, 0, 1, 3]),
        ([3, 0], 1, [1, 3, 0, 2]),
        ([0], 9, [1, 2, 3, 0]),
        ([1, 1, 0], -5, [1, 0, 2, 3]),
    ],
)
def test_reorder(order: list[int], offset: int | None, texts: list[int]) -> None:
    sandbox, ids = filled(4)
    more = {} if offset is None else {"offset": offset}
    names = [*(ids[n] for n in order), "unknown"]
    body = ok(sandbox.post(f"profiles/{TWITTER}/updates/reorder.json", order=names, **more))
    expected = [f"Post {n}" for n in texts]
    assert body["success"] is True
    assert [item["text"] for item in body["updates"]] == expected == sandbox.texts()
    assert sandbox.due() == SLOTS[:4]


def test_reorder_needs_an_order() -> None:
    sandbox, _ = filled(1)
    assert refusal(sandbox.post(f"profiles/{TWITTER}/updates/reorder.json")) == (400, 1004)


def test_shuffle() -> None:
    sandbox, _ = filled(5)
    before = sandbox.texts()
    body = ok(sandbox.post(f"profiles/{TWITTER}/updates/shuffle.json", count=2))
    assert len(body["updates"]) == 2
    assert sandbox.texts() != before
    assert sorted(sandbox.texts()) == before
    assert sandbox.due() == SLOTS


def test_move_to_top_is_for_the_queue() -> None:
    sandbox = SandboxClient()
    custom = sandbox.one(text="Custom", scheduled_at=seconds("2026-12-01T08:00:00Z"))["id"]
    sent = sandbox.one(text="Sent", now="true")["id"]
    for id_ in (custom, sent):
        assert refusal(sandbox.post(f"updates/{id_}/move_to_top.json")) == (400, 1027)


def test_they_go_out_as_the_clock_passes_them() -> None:
    sandbox, ids = filled(3)
    sandbox.one(text="Custom", scheduled_at=seconds("2026-11-23T10:00:30Z"))
    sandbox.world.set_clock("2026-11-23T11:30:00Z")
    assert [item["text"] for item in sandbox.sent()] == ["Post 1", "Custom", "Post 0"]
    assert sandbox.due() == SLOTS[2:3]
    item = sandbox.sent()[-1]
    assert item["id"] == ids[0]
    assert item["sent_at"] == item["due_at"] == seconds("2026-11-23T08:00:00Z")
    assert item["status"] == "sent"
    assert item["service_update_id"].isdecimal()
    assert item["service_link"].endswith(item["service_update_id"])
    assert set(item["statistics"]) == {"reach", "clicks", "retweets", "favorites", "mentions"}


def test_nothing_depends_on_who_looks_when() -> None:
    busy, idle = filled(3)[0], filled(3)[0]
    for _ in range(4):
        busy.world.advance(5000)
        busy.queue()
    idle.world.advance(20_000)
    assert busy.world.snapshot() == idle.world.snapshot()


def test_without_posting_times_nothing_is_due_until_there_are_some() -> None:
    sandbox = SandboxClient()
    sandbox.world.set_profile(TWITTER, schedules=())
    item = sandbox.one()
    assert (item["day"], item["due_at"], item["due_time"]) == ("No scheduled days or times", 0, "-")
    sandbox.world.advance(10 * 86_400)
    assert sandbox.due() == ["-"]
    sandbox.world.set_profile(TWITTER, schedules=(Schedule(DAYS, ("09:00",)),))
    assert sandbox.due() == ["12-03 08:00"]


def test_what_has_no_time_is_listed_last() -> None:
    sandbox = SandboxClient()
    sandbox.world.set_profile(TWITTER, schedules=())
    sandbox.one(text="Some day")
    sandbox.one(text="Surely", scheduled_at=seconds("2026-12-01T08:00:00Z"))
    assert sandbox.texts() == ["Surely", "Some day"]


def test_schedules_can_be_read_and_changed() -> None:
    sandbox, _ = filled(3)
    url = f"profiles/{TWITTER}/schedules"
    body = sandbox.get(f"{url}.json").json
    assert body is not None
    assert body[0]["times"] == ["09:00", "12:30", "17:15"]
    new = [{"days": ["tue", "thu"], "times": ["08:00", "8:30"]}, {"days": ["sat"], "times": []}]
    answer = ok(sandbox.post(f"{url}/update.json", schedules=new))
    assert answer == {"success": True, "message": "Schedule saved successfully"}
    assert sandbox.get(f"{url}.json").json == new
    assert sandbox.due() == ["11-24 07:00", "11-24 07:30", "11-26 07:00"]
    bad = [{"days": ["someday"], "times": ["08:00"]}]
    assert refusal(sandbox.post(f"{url}/update.json", schedules=bad)) == (400, 1012)
    ok(sandbox.post(f"{url}/update.json"))
    assert sandbox.due() == ["-", "-", "-"]


def test_several_schedules_on_the_free_plan_erase_all_times() -> None:
    sandbox = SandboxClient(seed={"account": {"plan": "free"}})
    url = f"profiles/{TWITTER}/schedules"
    week = [{"days": ["mon"], "times": ["08:00"]}, {"days": ["tue"], "times": ["09:00"]}]
    ok(sandbox.post(f"{url}/update.json", schedules=week[:1]))
    assert sandbox.get(f"{url}.json").json == week[:1]
    ok(sandbox.post(f"{url}/update.json", schedules=week))
    assert sandbox.get(f"{url}.json").json == []


def test_a_paused_profile_keeps_its_queue() -> None:
    sandbox, _ = filled(2)
    sandbox.world.set_profile(TWITTER, paused=True)
    sandbox.world.advance(86_400)
    assert sandbox.texts() == ["Post 0", "Post 1"]
    assert sandbox.sent() == []
    sandbox.world.set_profile(TWITTER, paused=False)
    assert sandbox.due() == ["11-24 08:00", "11-24 11:30"]


def test_a_disconnected_profile_fails_and_takes_no_more() -> None:
    sandbox, _ = filled(1)
    sandbox.world.set_profile(TWITTER, disconnected=True)
    sandbox.world.advance(86_400)
    failed = sandbox.queue()[0]
    assert failed["status"] == "error"
    assert failed["error"]
    answer = sandbox.post("updates/create.json", profile_ids=[TWITTER], text="More")
    assert refusal(answer) == (400, 1011)
    both = sandbox.create(TWITTER, LINKEDIN, text="More")
    assert [item["profile_id"] for item in both] == [LINKEDIN]


def test_what_the_network_refuses_stays_in_the_list_with_an_error() -> None:
    sandbox, ids = filled(2)
    sandbox.world.set_setting("network_refuses", [TWITTER])
    sandbox.world.set_clock("2026-11-23T09:00:00Z")
    first, second = sandbox.queue()
    assert (first["id"], first["status"], first["error"]) == (
        ids[0],
        "error",
        "The network did not accept this post.",
    )
    assert second["status"] == "buffer"
    assert ok(sandbox.pending())["total"] == 2
    sandbox.world.set_setting("network_refuses", "")
    back = ok(sandbox.post(f"updates/{ids[0]}/requeue.json"))["update"]
    assert (back["status"], "error" in back) == ("buffer", False)
    assert sandbox.texts() == ["Post 1", "Post 0"]
    assert refusal(sandbox.post(f"updates/{ids[0]}/requeue.json")) == (400, 1026)


def test_the_network_refuses_in_the_words_that_were_set() -> None:
    sandbox, _ = filled(2)
    sandbox.world.set_setting("network_refuses", [TWITTER])
    sandbox.world.set_setting("network_words", "Board not found, 7/7")
    sandbox.world.set_clock("2026-11-23T09:00:00Z")
    assert sandbox.queue()[0]["error"] == "Board not found, 7/7"


def test_sharing_what_the_network_refuses() -> None:
    sandbox, ids = filled(1)
    sandbox.world.set_setting("network_refuses", "*")
    answer = sandbox.post(f"updates/{ids[0]}/share.json")
    assert refusal(answer) == (400, 1022)
    assert sandbox.queue()[0]["status"] == "error"
    sandbox.world.set_setting("network_refuses", "")
    assert ok(sandbox.post(f"updates/{ids[0]}/share.json")) == {"success": True}
    assert sandbox.sent()[0]["id"] == ids[0]


def test_turning_the_clock_back_deals_the_slots_anew() -> None:
    sandbox, _ = filled(3)
    sandbox.world.set_clock("2026-11-23T12:00:00Z")
    assert sandbox.due() == ["11-23 16:15"]
    sandbox.world.set_clock("2026-11-23T07:00:00Z")
    assert sandbox.due() == SLOTS[:1]


class QueueMachine(RuleBasedStateMachine):
    """At any time the n-th in the queue holds the n-th slot to which no post is pinned."""

    def __init__(self) -> None:
        super().__init__()
        self.sandbox = SandboxClient(duplicates=False)
        self.number = 0

    def _pick(self, data: st.DataObject) -> str | None:
        ids = [u.id for u in self.sandbox.world.snapshot() if u.status is Status.BUFFER]
        return data.draw(st.sampled_from(ids)) if ids else None

    @rule(top=st.booleans(), at=st.none() | st.integers(1, 5), pinned=st.booleans())
    def create(self, top: bool, at: int | None, pinned: bool) -> None:
        self.number += 1
        times: dict[str, object] = {}
        if at is not None:
            slots = upcoming(self._owner().schedules, "Europe/Berlin", self._now())
            times["scheduled_at"] = next(islice(slots, at, None))
        self.sandbox.one(text=f"Post {self.number}", top=top, pinned=pinned, **times)

    @rule(
        data=st.data(),
        action=st.sampled_from(["destroy", "share", "move_to_top"]),
    )
    def act(self, data: st.DataObject, action: str) -> None:
        if id_ := self._pick(data):
            self.sandbox.post(f"updates/{id_}/{action}.json")

    @rule(data=st.data(), at=st.sampled_from(["", "2027-01-01T00:00:00Z"]))
    def edit(self, data: st.DataObject, at: str) -> None:
        if id_ := self._pick(data):
            ok(self.sandbox.post(f"updates/{id_}/update.json", text="New", scheduled_at=at))

    @rule(data=st.data())
    def reorder(self, data: st.DataObject) -> None:
        if id_ := self._pick(data):
            self.sandbox.post(f"profiles/{TWITTER}/updates/reorder.json", order=[id_], offset=1)

    @rule(hours=st.integers(1, 30))
    def wait(self, hours: int) -> None:
        self.sandbox.world.advance(hours * 3600)

    @invariant()
    def slots_are_dealt_in_order(self) -> None:
        waiting = [u for u in self.sandbox.world.snapshot() if u.status is Status.BUFFER]
        queue = sorted((u for u in waiting if u.scheduled_at is None), key=lambda u: u.position)
        taken = {u.scheduled_at for u in waiting if u.pinned and u.scheduled_at is not None}
        slots = upcoming(self._owner().schedules, "Europe/Berlin", self._now(), taken)
        assert [u.due_at for u in queue] == list(islice(slots, len(queue)))
        assert all(u.due_at > self._now() for u in waiting)

    def _owner(self) -> Profile:
        return self.sandbox.world.profiles()[0]

    def _now(self) -> int:
        return int(self.sandbox.world.clock().now)

    def teardown(self) -> None:
        self.sandbox.world.close()


TestQueueMachine = QueueMachine.TestCase
TestQueueMachine.settings = settings(max_examples=examples(15), stateful_step_count=25)
