"""One world, two APIs: what is made over one of them is seen over the other."""

from __future__ import annotations

from pathlib import Path

import pytest

from plancast.sandbox import World
from plancast.sandbox.graphql.schema import other_id
from tests.sandbox.desk import BLUESKY, FACEBOOK, LINKEDIN, TWITTER, ok
from tests.sandbox.graphql_desk import EVERYBODY, GOOGLE, PNG, VIDEO, GraphDesk

LINK = {"url": "https://acme.example/big-stage"}


def v1(desk: GraphDesk, profile: str = TWITTER, /, **params: object) -> str:
    sent = {"profile_ids": [profile], "text": "Hello", "shorten": "false", **params}
    return str(ok(desk.post("updates/create.json", **sent))["updates"][0]["id"])


def test_a_post_of_v1() -> None:
    desk = GraphDesk()
    desk.world.advance(60)
    post = desk.show(v1(desk, scheduled_at="2026-12-01T09:00:00Z"))
    assert (post["text"], post["status"], post["via"]) == ("Hello", "scheduled", "buffer")
    assert (post["schedulingType"], post["shareMode"]) == ("automatic", "customScheduled")
    assert post["dueAt"] == "2026-12-01T09:00:00.000Z"


def test_pictures_of_v1() -> None:
    desk = GraphDesk()
    id_ = v1(desk, media={"photo": "https://a.b/1.png", "alt_text": "One"})
    id_two = v1(desk, text="b", extra_media=[{"photo": "https://a.b/2.gif"}])
    assets = [*desk.show(id_)["assets"], *desk.show(id_two)["assets"]]
    assert [(a["source"], a["image"]["altText"]) for a in assets] == [
        ("https://a.b/1.png", "One"),
        ("https://a.b/2.gif", ""),
    ]


@pytest.mark.parametrize("profile", [FACEBOOK, LINKEDIN])
def test_link_cards_of_v1(profile: str) -> None:
    desk = GraphDesk()
    post = desk.show(v1(desk, profile, media={"link": LINK["url"], "title": "Stage"}))
    card = post["metadata"]["linkAttachment"]
    assert (card["url"], card["title"], post["assets"]) == (LINK["url"], "Stage", [])


def test_a_link_on_google_is_its_button() -> None:
    desk = GraphDesk(seed=EVERYBODY)
    post = desk.show(v1(desk, GOOGLE, media={"link": LINK["url"]}))
    details = post["metadata"]["details"]
    assert (details["button"], details["link"]) == ("learn_more", LINK["url"])


def test_what_a_person_wrote_has_no_scheduling_type() -> None:
    desk = GraphDesk()
    made = desk.world.person_create(TWITTER, "Hello")
    draft = desk.world.person_create(TWITTER, "Draft", draft=True)
    assert desk.show(made.id)["schedulingType"] is None
    assert desk.show(draft.id)["status"] == "draft"


def test_posts_of_this_api_over_v1() -> None:
    desk = GraphDesk()
    desk.made("a", assets=[PNG, PNG])
    desk.made("b", channel=LINKEDIN, metadata={"linkedin": {"linkAttachment": LINK}})
    desk.made("c", assets=[VIDEO])
    a, c = desk.queue(TWITTER)
    (b,) = desk.queue(LINKEDIN)
    assert (a["type"], a["media"]["picture"]) == ("picture", PNG["image"]["url"])
    assert a["media"]["alt_text"] == "A stage"
    assert [extra["photo"] for extra in a["extra_media"]] == [PNG["image"]["url"]]
    assert (b["type"], b["media"]["link"]) == ("link", LINK["url"])
    assert c["media"] == {"video": VIDEO["video"]["url"]}


@pytest.mark.parametrize("profile", [FACEBOOK, BLUESKY])
def test_an_edit_over_v1_shows_here(profile: str) -> None:
    desk = GraphDesk()
    key = {FACEBOOK: "facebook", BLUESKY: "bluesky"}[profile]
    metadata = {"type": "post"} if profile == FACEBOOK else {}
    post = desk.made("a", channel=profile, metadata={key: {**metadata, "linkAttachment": LINK}})
    path = f"updates/{post['id']}/update.json"
    ok(desk.post(path, text="b", shorten="false"))
    shown = desk.show(post["id"])
    assert (shown["text"], shown["metadata"]["linkAttachment"]["url"]) == ("b", LINK["url"])
    ok(desk.post(path, text="c", shorten="false", media={"photo": "https://a.b/1.png"}))
    shown = desk.show(post["id"])
    assert shown["metadata"]["linkAttachment"] is None
    assert [asset["source"] for asset in shown["assets"]] == ["https://a.b/1.png"]


def test_the_text_of_a_thread_follows_that_of_the_post() -> None:
    desk = GraphDesk()
    post = desk.made("a", metadata={"twitter": {"thread": [{"text": "a"}, {"text": "b"}]}})
    desk.world.person_edit(post["id"], text="z")
    thread = desk.show(post["id"])["metadata"]["thread"]
    assert [part["text"] for part in thread] == ["z", "b"]


def test_drafts_over_v1() -> None:
    desk = GraphDesk()
    post = desk.made(needsApproval=True)
    assert desk.get(f"updates/{post['id']}.json").json["draft"] is True  # type: ignore[index]
    ok(desk.post(f"updates/{post['id']}/approve.json"))
    assert desk.show(post["id"])["status"] == "scheduled"


def test_links_are_shortened_only_where_it_is_switched_on() -> None:
    desk = GraphDesk()
    text = "Look: https://acme.example/a-long-address"
    assert desk.made(text)["text"] == text
    desk.world.set_setting("graphql_shortens", True)
    parts = [{"text": text}, {"text": f"and {text}"}]
    post = desk.made(text, metadata={"twitter": {"thread": parts}})
    assert post["text"].startswith("Look: https://buff.ly/")
    assert "buff.ly" in post["metadata"]["thread"][1]["text"]
    assert "buff.ly" in desk.changed(post["id"], text=f"{text}!")["text"]
    desk.world.set_profile(TWITTER, shortens=False)
    assert desk.made(text)["text"] == text


def test_pictures_may_move_to_buffers_own_storage() -> None:
    desk = GraphDesk(rehost_images=True)
    (asset,) = desk.made(assets=[PNG])["assets"]
    assert asset["source"].startswith("https://buffer-pictures.s3.amazonaws.com/")


def test_ids_may_be_others_than_those_of_v1() -> None:
    desk = GraphDesk(graphql_ids="other")
    channel = other_id(TWITTER)
    assert channel != TWITTER
    assert other_id(channel) == TWITTER
    post = desk.made(channel=channel)
    (item,) = desk.world.snapshot()
    assert (post["channelId"], post["id"]) == (channel, other_id(item.id))
    desk.made("b", channel=channel)
    page = desk.page(first=1, channelIds=[channel])
    rest = desk.page(after=page["pageInfo"]["endCursor"])
    assert [edge["node"]["id"] for edge in rest["edges"]] == [post["id"]]
    assert desk.changed(post["id"], text="c")["text"] == "c"
    assert desk.delete(post["id"])["id"] == post["id"]
    assert desk.create(channel=TWITTER, text="d")["__typename"] == "NotFoundError"


def test_everything_is_kept_in_the_file(tmp_path: Path) -> None:
    desk = GraphDesk(seed={"tags": [{"name": "x"}]})
    file = tmp_path / "world.db"
    with World(file) as world:
        world.reset({"tags": [{"name": "x", "id": "1" * 24}], "profiles": EVERYBODY["profiles"]})
        before = world.profiles()
    with World(file) as world:
        assert world.profiles() == before
        assert before[6].extras == {"boards": [{"name": "Stages", "serviceId": "77"}]}
    desk.world.close()
