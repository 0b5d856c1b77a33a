"""The referee: answers that the real service once gave, against those of the sandbox."""

from __future__ import annotations

import json
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from plancast.sandbox import Schedule
from plancast.sandbox.posting_times import upcoming
from plancast.sandbox.services import SERVICES
from plancast.sandbox.text import formatted
from tests.sandbox.sandbox_client import INSTAGRAM, TWITTER, SandboxClient, ok

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data" / "buffer-v1-recordings"

pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="the recordings are not beside this repository"
)

#: What cannot be equal: ids, the second of the recording, and what Buffer read off a page.
_OWN = {"_id", "id", "client_id", "organization_id", "user_id", "created_at", "updated_at"}
_SCRAPED = {"title", "description", "preview"}
_PAGE = "https://quantum-journal.org/two-years-of-publications/"
_PHOTO = "https://quantum-journal.org/wp-content/uploads/2019/04/2years_publications_carnations.jpg"
_WORKDAYS = ["mon", "tue", "wed", "thu", "fri"]


def recorded(name: str) -> Any:
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


def comparable(value: Any) -> Any:
    """A body without the values that cannot be equal; their keys stay."""
    if isinstance(value, dict):
        hidden = _OWN | _SCRAPED
        return {k: "..." if k in hidden else comparable(v) for k, v in value.items()}
    return [comparable(item) for item in value] if isinstance(value, list) else value


def by_service(body: Any) -> Any:
    """The order of updates says nothing."""
    return {**body, "updates": sorted(body["updates"], key=lambda u: str(u["profile_service"]))}


def profile(update: Any, **more: object) -> dict[str, object]:
    names = {"id": update["profile_id"], "service": update["profile_service"]}
    page = {"service_type": "page"} if names["service"] == "facebook" else {}
    return {**names, **page, "service_username": f"of {names['service']}", **more}


def test_create_with_link_and_photo() -> None:
    """Even the times agree: six and seven posts were waiting for one slot per working day."""
    expected = by_service(recorded("o3po2019_successful.json"))
    schedules = [{"days": _WORKDAYS, "times": ["11:55"]}]
    facebook, twitter = expected["updates"]
    waiting = [(facebook, 7), (twitter, 6)]
    sandbox = SandboxClient(
        queue_limit=10,
        reversed_updates=True,
        seed={
            "profiles": [
                profile(u, timezone="Europe/Zurich", schedules=schedules) for u, _ in waiting
            ],
            "posts": [
                {"profile": u["profile_id"], "text": f"Post {n}"}
                for u, count in waiting
                for n in range(count)
            ],
            "clock": str(facebook["created_at"]),
        },
    )
    answer = sandbox.post(
        "updates/create.json",
        profile_ids={"0": facebook["profile_id"], "1": twitter["profile_id"]},
        text="test text",
        media={"link": _PAGE, "photo": _PHOTO},
        shorten="false",
        now="false",
        top="false",
    )
    assert comparable(by_service(ok(answer))) == comparable(expected)
    assert list(ok(answer)) == list(recorded("o3po2019_successful.json"))


def test_the_keys_of_an_update_come_in_the_recorded_order() -> None:
    for update in recorded("o3po2019_successful.json")["updates"]:
        names = [key for key in update if key != "service_link"]
        assert names == sorted(names)
        assert "service_link" not in update or list(update)[-1] == "service_link"


def test_create_without_text_on_profiles_without_schedule() -> None:
    expected = recorded("nova2019_create_fb_tw_no_schedule.json")
    twitter, facebook = expected["updates"]
    link = facebook["media"]["link"]
    sandbox = SandboxClient(
        queue_limit=10,
        seed={"profiles": [profile(u, shortens=False) for u in (twitter, facebook)]},
    )
    ids = [twitter["profile_id"], facebook["profile_id"]]
    answer = sandbox.post(
        "updates/create.json", profile_ids=ids, text="", media={"link": link}, now="0"
    )
    assert comparable(ok(answer)) == comparable(expected)


def test_profiles() -> None:
    expected = recorded("o3po2019_profile_ids.json")
    seed = {
        "profiles": [
            {
                "id": entry["id"],
                "service": entry["service"],
                "service_type": entry["service_type"],
                "service_id": entry["service_id"],
                "service_username": entry["service_username"],
                "timezone": entry["timezone"],
                "schedules": entry["schedules"],
                "created_at": entry["created_at"],
                "statistics": entry["statistics"] or {},
            }
            for entry in expected
        ]
    }
    found = SandboxClient(seed=seed).get("profiles.json").json or []
    own = {"avatar", "avatar_https", "cover_photo", "timezone_city", "user_id", "counts"}
    for ours, theirs in zip(found, expected, strict=True):
        # one of the two recorded profiles shows an empty cover, the other a picture and a place
        assert set(ours) == set(theirs)
        assert {k: v for k, v in ours.items() if k not in own} == {
            k: v for k, v in theirs.items() if k not in own
        }
        assert set(ours["counts"]) == set(theirs["counts"])


def test_without_optional_fields_profiles_have_what_all_recordings_have() -> None:
    everywhere = set.intersection(
        *(set(p) for p in recorded("o3po2019_profile_ids.json")),
        *(set(p) for p in recorded("socialmodules2016_profiles.scrubbed.json")),
        *(set(p) for p in recorded("ruby2013_profile_authenticated.body.json")),
        set(recorded("ruby2013_profiles_by_id.body.json")),
    )
    found = SandboxClient(missing_optional_fields=True).get("profiles.json").json or []
    assert all(set(p) <= everywhere for p in found)


def test_without_optional_fields_updates_are_those_of_2013() -> None:
    expected = recorded("ruby2013_updates_by_profile_id_pending.body.json")
    sandbox = SandboxClient(missing_optional_fields=True)
    sandbox.one(text=expected["updates"][0]["text"])
    found = ok(sandbox.pending())
    assert set(found) == set(expected)
    assert set(found["updates"][0]) == set(expected["updates"][0])
    assert found["updates"][0]["text_formatted"] == expected["updates"][0]["text_formatted"]


def test_a_queue_sits_in_its_schedule() -> None:
    schedules = tuple(
        Schedule(tuple(s["days"]), tuple(s["times"]))
        for s in recorded("swift2016_profile_schedules_success.json")
    )
    due = [u["due_at"] for u in recorded("swift2016_profile_updates_success.json")["updates"]]
    slots = upcoming(schedules, "America/Sao_Paulo", due[0] - 1)  # three hours behind UTC
    assert due == list(islice(slots, len(due)))


def test_days_times_and_html_of_a_recorded_queue() -> None:
    updates = recorded("swift2016_profile_updates_success.json")["updates"]
    seed = {
        "profiles": [
            {"id": TWITTER, "service": "twitter", "timezone": "America/Sao_Paulo"},
        ],
        "posts": [
            {"profile": TWITTER, "text": u["text"], "scheduled_at": str(u["due_at"])}
            for u in updates
        ],
        "clock": str(updates[0]["updated_at"]),
    }
    found = SandboxClient(seed=seed).queue()
    for name in ("day", "due_time", "text", "text_formatted"):
        assert [u[name] for u in found] == [u[name] for u in updates]
    single = recorded("swift2016_single_update.json")
    assert formatted(single["text"], SERVICES["twitter"]) == single["text_formatted"]


def error_bodies() -> dict[str, Any]:
    """Return the answers of the sandbox for which the recordings hold an error, by file."""
    sandbox = SandboxClient()
    sandbox.one(text="Hello")

    def create(**params: object) -> Any:
        return sandbox.post("updates/create.json", **params).json

    return {
        "o3po2019_token_invalid.json": sandbox.client.get("/1/user.json?access_token=1%2Fx").json,
        "o3po2019_no_permission.json": create(profile_ids=["578c44fb"], text="Hello"),
        "o3po2019_select_account.json": create(text="Hello"),
        "error_404_endpoint.json": sandbox.get("no/such.json").json,
        "error_1025_duplicate.json": create(profile_ids=[TWITTER], text="Hello"),
        "error_1004_instagram_photo.json": create(profile_ids=[INSTAGRAM], text="Hello"),
        "ruby2013_destroy.body.json": sandbox.post(
            f"updates/{sandbox.queue()[0]['id']}/destroy.json"
        ).json,
    }


def test_errors() -> None:
    for name, body in error_bodies().items():
        assert body == recorded(name), name


def test_a_full_queue() -> None:
    expected = recorded("error_1023_queue_full.PARTLY_RECONSTRUCTED.json")
    sandbox = SandboxClient(queue_limit=0)
    answer = sandbox.post("updates/create.json", profile_ids=[TWITTER], text="Hello")
    body = answer.json or {}
    assert (set(body), body["code"]) == (set(expected), expected["code"])
    beginning = expected["message"].partition("<a href")[0]
    assert body["message"].startswith(f'{beginning}<a href="https://bufferapp.com/app/profile/')


def test_configuration() -> None:
    ours = ok(SandboxClient().get("info/configuration.json"))
    theirs = recorded("docs_info_configuration_later.json")
    assert set(ours) == set(theirs)
    assert ours["media"] == theirs["media"]
    for name, service in theirs["services"].items():
        found = ours["services"][name]
        assert set(found) == set(service)
        assert (found["urls"], found["analytics_filters"]) == (
            service["urls"],
            service["analytics_filters"],
        )
        assert set(found["types"]) == set(service["types"])
        for kind, entry in service["types"].items():
            changing = ("icons", "character_limit")  # networks allow more than they did
            assert {k: v for k, v in found["types"][kind].items() if k not in changing} == {
                k: v for k, v in entry.items() if k not in changing
            }
            assert set(found["types"][kind]["icons"]) == set(entry["icons"])
