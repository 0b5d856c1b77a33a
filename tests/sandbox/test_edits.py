"""Editing, sharing and deleting updates through the API."""

from __future__ import annotations

import pytest

from tests.sandbox.desk import FACEBOOK, Desk, ok, refusal, seconds

PAGE = "https://acme.example/two-years"
PHOTO = "https://acme.example/photo.jpg"
TOMORROW = "2026-11-24T08:00:00Z"


def edit(desk: Desk, item: dict[str, object], **params: object) -> dict[str, object]:
    found = ok(desk.post(f"updates/{item['id']}/update.json", **{"shorten": "false", **params}))
    assert list(found) == ["success", "buffer_count", "buffer_percentage", "update"]
    update: dict[str, object] = found["update"]
    return update


def test_text_and_time() -> None:
    desk = Desk()
    item = desk.one(text="One")
    assert edit(desk, item, text="Two ")["text"] == "Two"
    moved = edit(desk, item, text="Two", scheduled_at=TOMORROW)
    assert moved["due_at"] == moved["scheduled_at"] == seconds(TOMORROW)
    assert edit(desk, item, text="Three")["scheduled_at"] == seconds(TOMORROW)
    back = edit(desk, item, text="Three", scheduled_at="")
    assert "scheduled_at" not in back
    assert desk.due() == ["11-23 08:00"]


def test_un_scheduling_joins_the_end_of_the_queue() -> None:
    desk = Desk()
    item = desk.one(text="Custom", scheduled_at=TOMORROW)
    for text in ("A", "B"):
        desk.one(text=text)
    edit(desk, item, text="Custom", scheduled_at="")
    assert desk.texts() == ["A", "B", "Custom"]
    first = desk.queue()[0]
    edit(desk, first, text="A", scheduled_at="")
    assert desk.texts() == ["A", "B", "Custom"]  # it had no time of its own to lose
    edit(desk, first, text="A", scheduled_at="2026-12-24T08:00:00Z")
    assert desk.due() == ["11-23 08:00", "11-23 11:30", "12-24 08:00"]


def test_media_are_kept_replaced_or_cleared() -> None:
    desk = Desk()
    item = desk.one(text="Hi", media={"photo": PHOTO}, extra_media=[{"photo": PHOTO + "?2"}])
    kept = edit(desk, item, text="Ho")
    assert kept["media"] == {"picture": PHOTO}
    assert kept["extra_media"] == [{"photo": PHOTO + "?2"}]
    replaced = edit(desk, item, text="Ho", media={"picture": PHOTO + "?3"})
    assert replaced["media"] == {"picture": PHOTO + "?3"}
    cleared = edit(desk, item, text="Ho", **{"media": "", "extra_media": ""})
    assert "media" not in cleared
    assert "extra_media" not in cleared
    assert cleared["type"] == "text"


def test_cards_are_kept_dropped_or_made_again() -> None:
    desk = Desk()
    item = desk.one(FACEBOOK, text=f"See {PAGE}")
    other = "https://acme.example/other"
    kept = edit(desk, item, text=f"See {other}")
    assert kept["media"]["link"] == PAGE  # type: ignore[index]
    made = edit(desk, item, text=f"See {other}", media="")
    assert made["media"]["link"] == other  # type: ignore[index]
    assert "media" not in edit(desk, item, text=f"See {other}", attachment="false")


def test_an_edit_replaces_the_whole_text_of_a_tweet() -> None:
    desk = Desk()
    item = desk.one(text="Hi", media={"link": PAGE})
    assert edit(desk, item, text="Ho")["text"] == "Ho"
    assert edit(desk, item, text="Ho", media={"link": PAGE})["text"] == f"Ho {PAGE}"


def test_editing_to_send_now_or_to_the_top() -> None:
    desk = Desk()
    a, b = desk.one(text="A"), desk.one(text="B")
    edit(desk, b, text="B", top="true")
    assert desk.texts() == ["B", "A"]
    assert edit(desk, a, text="A", now="true", scheduled_at="")["status"] == "sent"
    assert desk.due() == ["11-23 08:00"]


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({}, (400, 1004)),
        ({"text": ""}, (400, 1004)),
        ({"text": "Other"}, (400, 1025)),
        ({"text": "Hi", "scheduled_at": "2020-01-01"}, (400, 1034)),
        ({"text": "x" * 281}, (400, 1004)),
    ],
)
def test_refused_edits(params: dict[str, object], expected: tuple[int, int]) -> None:
    desk = Desk()
    desk.one(text="Other")
    item = desk.one(text="Hi")
    before = desk.world.snapshot()
    assert refusal(desk.post(f"updates/{item['id']}/update.json", **params)) == expected
    assert desk.world.snapshot() == before


def test_what_was_sent_cannot_be_changed() -> None:
    desk = Desk()
    item = desk.one(now="true")
    answers = {
        "update": (400, 1022),
        "share": (400, 1022),
        "destroy": (403, 1021),
        "approve": (400, 1022),
    }
    for action, expected in answers.items():
        answer = desk.post(f"updates/{item['id']}/{action}.json", text="New")
        assert refusal(answer) == expected


def test_share() -> None:
    desk = Desk()
    item = desk.one(scheduled_at=TOMORROW)
    assert ok(desk.post(f"updates/{item['id']}/share.json")) == {"success": True}
    sent = desk.sent()[0]
    assert (sent["id"], sent["sent_at"]) == (item["id"], seconds("2026-11-23T07:00:00Z"))


def test_destroy() -> None:
    desk = Desk()
    item = desk.one()
    body = ok(desk.post(f"updates/{item['id']}/destroy.json"))
    assert body == {"success": True, "message": "Update deleted successfully"}
    assert refusal(desk.post(f"updates/{item['id']}/destroy.json")) == (404, 1020)
    assert refusal(desk.get(f"updates/{item['id']}.json")) == (404, 1020)


def test_one_update_and_its_interactions() -> None:
    desk = Desk()
    item = desk.one()
    assert ok(desk.get(f"updates/{item['id']}.json")) == item
    url = f"updates/{item['id']}/interactions.json"
    assert ok(desk.get(url, event="likes")) == {"total": 0, "interactions": []}
