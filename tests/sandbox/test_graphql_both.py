"""One world, two APIs: what is made over one of them is seen over the other."""

from __future__ import annotations

from pathlib import Path

import pytest

from plancast.sandbox import World
from plancast.sandbox.graphql.schema import other_id
from tests.sandbox.graphql_client import EVERYBODY, GOOGLE, PNG, VIDEO, GraphqlClient
from tests.sandbox.sandbox_client import BLUESKY, FACEBOOK, LINKEDIN, TWITTER, ok

LINK = {"url": "https://acme.example/big-stage"}


def v1(sandbox: GraphqlClient, profile: str = TWITTER, /, **params: object) -> str:
    sent = {"profile_ids": [profile], "text": "Hello", "shorten": "false", **params}
    return str(ok(sandbox.post("updates/create.json", **sent))["updates"][0]["id"])


def test_a_post_of_v1() -> None:
    sandbox = GraphqlClient()
    sandbox.world.advance(60)
    post = sandbox.show(v1(sandbox, scheduled_at="2026-12-01T09:00:00Z"))
    assert (post["text"], post["status"], post["via"]) == ("Hello", "scheduled", "buffer")
    assert (post["schedulingType"], post["shareMode"]) == ("automatic", "customScheduled")
    assert post["dueAt"] == "2026-12-01T09:00:00.000Z"


def test_pictures_of_v1() -> None:
    sandbox = GraphqlClient()
    id_ = v1(sandbox, media={"photo": "https://a.b/1.png", "alt_text": "One"})
    id_two = v1(sandbox, text="b", extra_media=[{"photo": "https://a.b/2.gif"}])
    assets = [*sandbox.show(id_)["assets"], *sandbox.show(id_two)["assets"]]
    assert [(a["source"], a["image"]["altText"]) for a in assets] == [
        ("https://a.b/1.png", "One"),
        ("https://a.b/2.gif", ""),
    ]


@pytest.mark.parametrize("profile", [FACEBOOK, LINKEDIN])
def test_link_cards_of_v1(profile: str) -> None:
    sandbox = GraphqlClient()
    post = sandbox.show(v1(sandbox, profile, media={"link": LINK["url"], "title": "Stage"}))
    card = post["metadata"]["linkAttachment"]
    assert (card["url"], card["title"], post["assets"]) == (LINK["url"], "Stage", [])


def test_a_link_on_google_is_its_button() -> None:
    sandbox = GraphqlClient(seed=EVERYBODY)
    post = sandbox.show(v1(sandbox, GOOGLE, media={"link": LINK["url"]}))
    details = post["metadata"]["details"]
    assert (details["button"], details["link"]) == ("learn_more", LINK["url"])


def test_what_a_person_wrote_has_no_scheduling_type() -> None:
    sandbox = GraphqlClient()
    made = sandbox.world.person_create(TWITTER, "Hello")
    draft = sandbox.world.person_create(TWITTER, "Draft", draft=True)
    assert sandbox.show(made.id)["schedulingType"] is None
    assert sandbox.show(draft.id)["status"] == "draft"


def test_posts_of_this_api_over_v1() -> None:
    sandbox = GraphqlClient()
    sandbox.made("a", assets=[PNG, PNG])
    sandbox.made("b", channel=LINKEDIN, metadata={"linkedin": {"linkAttachment": LINK}})
    sandbox.made("c", assets=[VIDEO])
    a, c = sandbox.queue(TWITTER)
    (b,) = sandbox.queue(LINKEDIN)
    assert (a["type"], a["media"]["picture"]) == ("picture", PNG["image"]["url"])
    assert a["media"]["alt_text"] == "A stage"
    assert [extra["photo"] for extra in a["extra_media"]] == [PNG["image"]["url"]]
    assert (b["type"], b["media"]["link"]) == ("link", LINK["url"])
    assert c["media"] == {"video": VIDEO["video"]["url"]}


@pytest.mark.parametrize("profile", [FACEBOOK, BLUESKY])
def test_an_edit_over_v1_shows_here(profile: str) -> None:
    sandbox = GraphqlClient()
    key = {FACEBOOK: "facebook", BLUESKY: "bluesky"}[profile]
    metadata = {"type": "post"} if profile == FACEBOOK else {}
    post = sandbox.made("a", channel=profile, metadata={key: {**metadata, "linkAttachment": LINK}})
    path = f"updates/{post['id']}/update.json"
    ok(sandbox.post(path, text="b", shorten="false"))
    shown = sandbox.show(post["id"])
    assert (shown["text"], shown["metadata"]["linkAttachment"]["url"]) == ("b", LINK["url"])
    ok(sandbox.post(path, text="c", shorten="false", media={"photo": "https://a.b/1.png"}))
    shown = sandbox.show(post["id"])
    assert shown["metadata"]["linkAttachment"] is None
    assert [asset["source"] for asset in shown["assets"]] == ["https://a.b/1.png"]


def test_the_text_of_a_thread_follows_that_of_the_post() -> None:
    sandbox = GraphqlClient()
    post = sandbox.made("a", metadata={"twitter": {"thread": [{"text": "a"}, {"text": "b"}]}})
    sandbox.world.person_edit(post["id"], text="z")
    thread = sandbox.show(post["id"])["metadata"]["thread"]
    assert [part["text"] for part in thread] == ["z", "b"]


def test_drafts_over_v1() -> None:
    sandbox = GraphqlClient()
    post = sandbox.made(needsApproval=True)
    assert sandbox.get(f"updates/{post['id']}.json").json["draft"] is True  # type: ignore[index]
    ok(sandbox.post(f"updates/{post['id']}/approve.json"))
    assert sandbox.show(post["id"])["status"] == "scheduled"


def test_links_are_shortened_only_where_it_is_switched_on() -> None:
    sandbox = GraphqlClient()
    text = "Look: https://acme.example/a-long-address"
    assert sandbox.made(text)["text"] == text
    sandbox.world.set_setting("graphql_shortens", True)
    parts = [{"text": text}, {"text": f"and {text}"}]
    post = sandbox.made(text, metadata={"twitter": {"thread": parts}})
    assert post["text"].startswith("Look: https://buff.ly/")
    assert "buff.ly" in post["metadata"]["thread"][1]["text"]
    assert "buff.ly" in sandbox.changed(post["id"], text=f"{text}!")["text"]
    sandbox.world.set_profile(TWITTER, shortens=False)
    assert sandbox.made(text)["text"] == text


def test_pictures_may_move_to_buffers_own_storage() -> None:
    sandbox = GraphqlClient(rehost_images=True)
    (asset,) = sandbox.made(assets=[PNG])["assets"]
    assert asset["source"].startswith("https://buffer-pictures.s3.amazonaws.com/")


def test_ids_may_be_others_than_those_of_v1() -> None:
    sandbox = GraphqlClient(graphql_ids="other")
    channel = other_id(TWITTER)
    assert channel != TWITTER
    assert other_id(channel) == TWITTER
    post = sandbox.made(channel=channel)
    (item,) = sandbox.world.snapshot()
    assert (post["channelId"], post["id"]) == (channel, other_id(item.id))
    sandbox.made("b", channel=channel)
    page = sandbox.page(first=1, channelIds=[channel])
    rest = sandbox.page(after=page["pageInfo"]["endCursor"])
    assert [edge["node"]["id"] for edge in rest["edges"]] == [post["id"]]
    assert sandbox.changed(post["id"], text="c")["text"] == "c"
    assert sandbox.delete(post["id"])["id"] == post["id"]
    assert sandbox.create(channel=TWITTER, text="d")["__typename"] == "NotFoundError"


def test_everything_is_kept_in_the_file(tmp_path: Path) -> None:
    sandbox = GraphqlClient(seed={"tags": [{"name": "x"}]})
    file = tmp_path / "world.db"
    with World(file) as world:
        world.reset({"tags": [{"name": "x", "id": "1" * 24}], "profiles": EVERYBODY["profiles"]})
        before = world.profiles()
    with World(file) as world:
        assert world.profiles() == before
        assert before[6].extras == {"boards": [{"name": "Stages", "serviceId": "77"}]}
    sandbox.world.close()
