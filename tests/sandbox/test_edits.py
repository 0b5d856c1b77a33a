"""Editing, sharing and deleting updates through the API."""

from __future__ import annotations

import pytest

from tests.sandbox.sandbox_client import FACEBOOK, SandboxClient, ok, refusal, seconds

PAGE = "https://acme.example/two-years"
PHOTO = "https://acme.example/photo.jpg"
TOMORROW = "2026-11-24T08:00:00Z"


def edit(sandbox: SandboxClient, item: dict[str, object], **params: object) -> dict[str, object]:
    found = ok(sandbox.post(f"updates/{item['id']}/update.json", **{"shorten": "false", **params}))
    assert list(found) == ["success", "buffer_count", "buffer_percentage", "update"]
    update: dict[str, object] = found["update"]
    return update


def test_text_and_time() -> None:
    sandbox = SandboxClient()
    item = sandbox.one(text="One")
    assert edit(sandbox, item, text="Two ")["text"] == "Two"
    moved = edit(sandbox, item, text="Two", scheduled_at=TOMORROW)
    assert moved["due_at"] == moved["scheduled_at"] == seconds(TOMORROW)
    assert edit(sandbox, item, text="Three")["scheduled_at"] == seconds(TOMORROW)
    back = edit(sandbox, item, text="Three", scheduled_at="")
    assert "scheduled_at" not in back
    assert sandbox.due() == ["11-23 08:00"]


def test_un_scheduling_joins_the_end_of_the_queue() -> None:
    sandbox = SandboxClient()
    item = sandbox.one(text="Custom", scheduled_at=TOMORROW)
    for text in ("A", "B"):
        sandbox.one(text=text)
    edit(sandbox, item, text="Custom", scheduled_at="")
    assert sandbox.texts() == ["A", "B", "Custom"]
    first = sandbox.queue()[0]
    edit(sandbox, first, text="A", scheduled_at="")
    assert sandbox.texts() == ["A", "B", "Custom"]  # it had no time of its own to lose
    edit(sandbox, first, text="A", scheduled_at="2026-12-24T08:00:00Z")
    assert sandbox.due() == ["11-23 08:00", "11-23 11:30", "12-24 08:00"]


def test_media_are_kept_replaced_or_cleared() -> None:
    sandbox = SandboxClient()
    item = sandbox.one(text="Hi", media={"photo": PHOTO}, extra_media=[{"photo": PHOTO + "?2"}])
    kept = edit(sandbox, item, text="Ho")
    assert kept["media"] == {"picture": PHOTO}
    assert kept["extra_media"] == [{"photo": PHOTO + "?2"}]
    replaced = edit(sandbox, item, text="Ho", media={"picture": PHOTO + "?3"})
    assert replaced["media"] == {"picture": PHOTO + "?3"}
    cleared = edit(sandbox, item, text="Ho", **{"media": "", "extra_media": ""})
    assert "media" not in cleared
    assert "extra_media" not in cleared
    assert cleared["type"] == "text"


def test_cards_are_kept_dropped_or_made_again() -> None:
    sandbox = SandboxClient()
    item = sandbox.one(FACEBOOK, text=f"See {PAGE}")
    other = "https://acme.example/other"
    kept = edit(sandbox, item, text=f"See {other}")
    assert kept["media"]["link"] == PAGE  # type: ignore[index]
    made = edit(sandbox, item, text=f"See {other}", media="")
    assert made["media"]["link"] == other  # type: ignore[index]
    assert "media" not in edit(sandbox, item, text=f"See {other}", attachment="false")


def test_an_edit_replaces_the_whole_text_of_a_tweet() -> None:
    sandbox = SandboxClient()
    item = sandbox.one(text="Hi", media={"link": PAGE})
    assert edit(sandbox, item, text="Ho")["text"] == "Ho"
    assert edit(sandbox, item, text="Ho", media={"link": PAGE})["text"] == f"Ho {PAGE}"


def test_editing_to_send_now_or_to_the_top() -> None:
    sandbox = SandboxClient()
    a, b = sandbox.one(text="A"), sandbox.one(text="B")
    edit(sandbox, b, text="B", top="true")
    assert sandbox.texts() == ["B", "A"]
    assert edit(sandbox, a, text="A", now="true", scheduled_at="")["status"] == "sent"
    assert sandbox.due() == ["11-23 08:00"]


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
    sandbox = SandboxClient()
    sandbox.one(text="Other")
    item = sandbox.one(text="Hi")
    before = sandbox.world.snapshot()
    assert refusal(sandbox.post(f"updates/{item['id']}/update.json", **params)) == expected
    assert sandbox.world.snapshot() == before


def test_what_was_sent_cannot_be_changed() -> None:
    sandbox = SandboxClient()
    item = sandbox.one(now="true")
    answers = {
        "update": (400, 1022),
        "share": (400, 1022),
        "destroy": (403, 1021),
        "approve": (400, 1022),
    }
    for action, expected in answers.items():
        answer = sandbox.post(f"updates/{item['id']}/{action}.json", text="New")
        assert refusal(answer) == expected


def test_share() -> None:
    sandbox = SandboxClient()
    item = sandbox.one(scheduled_at=TOMORROW)
    assert ok(sandbox.post(f"updates/{item['id']}/share.json")) == {"success": True}
    sent = sandbox.sent()[0]
    assert (sent["id"], sent["sent_at"]) == (item["id"], seconds("2026-11-23T07:00:00Z"))


def test_destroy() -> None:
    sandbox = SandboxClient()
    item = sandbox.one()
    body = ok(sandbox.post(f"updates/{item['id']}/destroy.json"))
    assert body == {"success": True, "message": "Update deleted successfully"}
    assert refusal(sandbox.post(f"updates/{item['id']}/destroy.json")) == (404, 1020)
    assert refusal(sandbox.get(f"updates/{item['id']}.json")) == (404, 1020)


def test_one_update_and_its_interactions() -> None:
    sandbox = SandboxClient()
    item = sandbox.one()
    assert ok(sandbox.get(f"updates/{item['id']}.json")) == item
    url = f"updates/{item['id']}/interactions.json"
    assert ok(sandbox.get(url, event="likes")) == {"total": 0, "interactions": []}
