"""The recorded answers of the live service are the referee: all of them are understood.

They are not part of the repository. If their folder does not stand beside it, these tests are
skipped; `test_translate.py` and `test_client.py` hold the same facts in small.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from plancast.model.entry import Entry, Image, Link, LiveEntry, LiveStatus
from plancast.model.ports import Rejected, Unauthorized
from plancast.model.profile import Profile
from plancast.net.transport import Response
from plancast.providers.buffer_features import WITHOUT_CARDS
from plancast.providers.buffer_v1 import translate
from plancast.providers.buffer_v1.client import BufferClient
from plancast.reconcile.compare import live_diffs, same_as_live
from tests.providers.wire import Script, provider, reply

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data" / "buffer-v1-recordings"

pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="the recorded answers are not beside the repository"
)


def body(name: str) -> bytes:
    return (FOLDER / name).read_bytes()


def parsed(name: str) -> Any:
    return json.loads(body(name))


def http(name: str) -> Response:
    """A recording with its status line and headers."""
    head, _, content = body(name).replace(b"\r\n", b"\n").partition(b"\n\n")
    status, *lines = head.decode().splitlines()
    headers = tuple(
        (key.lower(), value.strip()) for key, _, value in (line.partition(":") for line in lines)
    )
    return Response(int(status.split()[1]), headers, content.strip())


# -- profiles ----


def test_profiles_of_2019_have_no_names_on_twitter() -> None:
    twitter, facebook = provider(Script([reply(body("o3po2019_profile_ids.json"))])).profiles()
    assert twitter == Profile(
        "4352461346424513",
        "twitter",
        "profile",
        "717001930095136768",
        timezone="Europe/Zurich",
    )
    assert twitter.label == "717001930095136768"
    assert (facebook.service_type, facebook.username) == ("page", "Quantum Journal")


def test_profiles_of_2016_and_2013() -> None:
    found = provider(Script([reply(body("socialmodules2016_profiles.scrubbed.json"))])).profiles()
    assert [profile.service for profile in found][:4] == [
        "twitter",
        "linkedin",
        "facebook",
        "google",
    ]
    assert not any(profile.disconnected or profile.paused for profile in found)
    old = provider(Script([reply(body("ruby2013_profiles_by_id.body.json"))])).profile("p")
    assert (old.id, old.username, old.disconnected) == (
        "5160746d13d04a5e3a00000f",
        "example",
        False,
    )


# -- queues ----


def test_a_queue_of_2016() -> None:
    found = provider(Script([reply(body("swift2016_profile_updates_success.json"))])).read(
        [Profile("4f4e7605512f7e803300000f", "twitter")]
    )
    assert len(found.entries) == 10
    assert found.requests == 1
    due = [live.due_at for live in found.entries]
    assert due == sorted(moment for moment in due if moment)
    first = found.entries[0]
    assert first.entry.due_at is None, "its slot was the queue's decision"
    assert first.entry.images[0].hosted
    assert first.created_at == datetime(2016, 3, 1, 12, 29, 53, tzinfo=UTC)
    assert first.fingerprint == "ac008d2abb200c4729601b6b9f5eb21d"
    assert {live.status for live in found.entries} == {LiveStatus.SCHEDULED}


def test_every_id_of_that_queue_tells_when_it_was_made() -> None:
    for wire in parsed("swift2016_profile_updates_success.json")["updates"]:
        bare = {key: value for key, value in wire.items() if key != "created_at"}
        assert translate.live(bare).created_at == translate.live(wire).created_at


def test_a_queue_of_2013_with_its_headers() -> None:
    script = Script([http("ruby2013_updates_by_profile_id_pending.http.txt")])
    found = provider(script).read([Profile("5160746d13d04a5e3a00000f", "twitter")])
    assert found.server_time == datetime(2013, 5, 16, 4, 48, 14, tzinfo=UTC)
    (live,) = found.entries
    assert live.entry.text.endswith("jaysonlane/buffer-ruby · GitHub http://bit.ly/15OS4ap")


def test_a_retweet_is_a_text_at_least() -> None:
    fragment = parsed("publish2018_retweet_update_fragment.scrubbed.json")
    live = translate.live({"id": "1", "profile_id": "p", **fragment})
    assert live.entry == Entry("Fascinating")


# -- creates: what was asked for, and what became of it ----


def shown(name: str, *profiles: Profile) -> list[LiveEntry]:
    """Return the entries that an answer to a create shows for each profile.

    Other clients sent it for both at once.
    """
    found = [translate.live(item) for item in parsed(name)["updates"]]
    by_profile = {live.profile_id: live for live in found}
    return [by_profile[profile.id] for profile in profiles]


def test_a_create_for_two_networks_of_2019() -> None:
    """The request is known: a text, a link and a photo, Facebook first.

    See docs/buffer/v1.md#media-on-read-back.
    """
    twitter = Profile("57828568375464d044868456", "twitter")
    facebook = Profile("573423fb35252a874d311e98", "facebook")
    photo = (
        "https://quantum-journal.org/wp-content/uploads/2019/04/2years_publications_carnations.jpg"
    )
    asked = Entry(
        "test text",
        link=Link("https://quantum-journal.org/two-years-of-publications/"),
        images=(Image(photo, "Carnations"),),
    )
    one = provider(Script([]))
    made = shown("o3po2019_successful.json", facebook, twitter)
    assert [live.profile_id for live in made] == [facebook.id, twitter.id]
    for live, profile in zip(made, (facebook, twitter), strict=True):
        seen = one.expected(asked, profile)
        assert live_diffs(asked, seen, live) == ()
        assert same_as_live(asked, seen, live)
    assert made[0].entry.link is not None
    assert made[0].entry.link.title == "Two years of publications!"
    assert made[0].entry.images == ()
    assert made[1].entry.text == f"test text {asked.link.url if asked.link else ''}"


def test_a_create_without_text_and_without_posting_times_of_2019() -> None:
    twitter = Profile("5d1540122a12ce0b141dbd22", "twitter")
    facebook = Profile("5d13f781311f3c63c430771e", "facebook")
    link = "https://itbase.ba/vijesti/1342/otvorene-prijave-za-regionalni-elevator-lab-challenge"
    asked = Entry("", link=Link(link))
    one = provider(Script([]))
    made = shown("nova2019_create_fb_tw_no_schedule.json", twitter, facebook)
    for live, profile in zip(made, (twitter, facebook), strict=True):
        assert live.due_at is None
        assert same_as_live(asked, one.expected(asked, profile), live)
    assert made[0].entry == Entry(link)


# -- the rest ----


def test_a_destroy_of_2013() -> None:
    provider(Script([http("ruby2013_destroy.http.txt")])).delete("1")
    provider(Script([reply(body("ruby2013_destroy.body.json"))])).delete("1")


def test_a_401_of_2013_is_an_empty_page() -> None:
    answer = http("ruby2013_update_by_id_non_auth.http.txt")
    assert (answer.status, answer.body) == (401, b"")
    with pytest.raises(Unauthorized):
        provider(Script([answer])).account()


def test_a_token_of_2019_that_is_invalid() -> None:
    answer = reply(body("o3po2019_token_invalid.json"), 401)
    with pytest.raises(Unauthorized, match="The provided access token is invalid"):
        provider(Script([answer])).profiles()


@pytest.mark.parametrize("status", [200, 400, 403])
@pytest.mark.parametrize(
    ("name", "code", "words"),
    [
        ("o3po2019_no_permission.json", 1011, "You do not have permission"),
        ("o3po2019_select_account.json", 1004, "Please select at least one account"),
        ("error_1004_instagram_photo.json", 1004, "Must provide a photo"),
        ("error_1025_duplicate.json", 1025, "Whoops"),
        ("error_1023_queue_full.PARTLY_RECONSTRUCTED.json", 1023, "for your @example Twitter"),
        ("error_404_endpoint.json", 404, "The endpoint you requested was not found."),
    ],
)
def test_refusals(name: str, code: int, words: str, status: int) -> None:
    with pytest.raises(Rejected) as caught:
        provider(Script([reply(body(name), status)])).delete("1")
    assert caught.value.code == code
    assert words in caught.value.message
    assert "<" not in caught.value.message
    assert caught.value.queue_full is (code == 1023)


@pytest.mark.parametrize(
    ("name", "twitter"),
    [("ruby2013_info.body.json", 140), ("docs_info_configuration_later.json", 140)],
)
def test_configurations(name: str, twitter: int) -> None:
    by_service = provider(Script([reply(body(name))])).limits().by_service
    assert by_service["twitter"].text == twitter
    assert by_service["facebook"].text == 5000


def test_later_configurations_say_where_links_go() -> None:
    answer = reply(body("docs_info_configuration_later.json"))
    by_service = provider(Script([answer])).limits().by_service
    without = {name for name, limits in by_service.items() if limits.link_in_text}
    assert without == set(by_service) & WITHOUT_CARDS == {"twitter"}


@pytest.mark.parametrize(
    "path", sorted(FOLDER.glob("*.json")) if FOLDER.is_dir() else [], ids=lambda path: path.name
)
def test_no_recording_is_unclear(path: Path) -> None:
    """Each is either the data of some endpoint or a refusal."""
    found = json.loads(path.read_bytes())
    refused = isinstance(found, dict) and ("error" in found or found.get("success") is False)
    client = BufferClient(Script([reply(path.read_bytes())] * 2))
    if refused:
        with pytest.raises(Exception, match=r"\w") as caught:
            client.user()
        assert type(caught.value).__name__ == "V1RefusedError"
    elif isinstance(found, list):
        assert list(client.profiles()) == found
    else:
        assert client.user() == found
