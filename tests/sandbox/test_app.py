"""The wire: paths, methods, tokens, encodings and the JSON of PHP."""

from __future__ import annotations

import json

import pytest
from werkzeug.test import TestResponse

from plancast.sandbox.seed import DEFAULT_TOKEN
from plancast.sandbox.v1.endpoints import ROUTES
from tests.sandbox.sandbox_client import LINKEDIN, TWITTER, SandboxClient, ok, refusal

FOREIGN = {
    "id": "4eb854340acb04e8700000aa",
    "user_id": "4eb854340acb04e8700000ab",
    "service": "twitter",
}


def request(sandbox: SandboxClient, method: str, path: str, **more: object) -> TestResponse:
    headers = {"Authorization": f"Bearer {DEFAULT_TOKEN}"}
    return sandbox.client.open(path, **{"method": method, "headers": headers, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/1/nothing.json", (404, 404)),
        ("GET", "/2/user.json", (404, 404)),
        ("POST", "/1/user.json", (405, 405)),
        ("GET", "/1/updates/create/x.json", (404, 404)),
        ("DELETE", f"/1/profiles/{TWITTER}.json", (405, 405)),
        ("GET", "/1/user", (406, 1005)),
        ("GET", "/1/user.xml", (406, 1005)),
        ("GET", f"/1/profiles/{TWITTER}/updates/pending", (406, 1005)),
    ],
)
def test_routing(method: str, path: str, expected: tuple[int, int]) -> None:
    answer = request(SandboxClient(), method, path)
    assert refusal(answer) == expected
    assert list(answer.json or {}) == ["error", "code"]


def test_the_recorded_404() -> None:
    answer = request(SandboxClient(), "GET", "/1/nothing.json")
    assert answer.json == {"error": "The endpoint you requested was not found.", "code": 404}


@pytest.mark.parametrize(
    "path",
    ["/1//user.json", "/1//info///configuration.json", "/1/user.json?pretty=true", "/1/user.json?"],
)
def test_careless_paths(path: str) -> None:
    assert request(SandboxClient(), "GET", path).status_code == 200


def test_ids_may_come_last() -> None:
    sandbox = SandboxClient()
    item = sandbox.one()
    pending = request(sandbox, "GET", f"/1/profiles/updates/pending/{TWITTER}.json")
    assert ok(pending)["total"] == 1
    edited = request(sandbox, "POST", f"/1/updates/update/{item['id']}.json", data={"text": "New"})
    assert ok(edited)["update"]["text"] == "New"
    ok(request(sandbox, "POST", f"/1/updates/destroy/{item['id']}.json"))
    counted = sandbox.world.requests().received
    assert counted["POST /updates/{id}/update.json"] == 1


@pytest.mark.parametrize("path", sorted(ROUTES))
def test_every_endpoint_answers_in_json(path: str) -> None:
    sandbox = SandboxClient()
    method, _, template = path.partition(" ")
    known = TWITTER if template.startswith("/profiles") else sandbox.one()["id"]
    answer = request(sandbox, method, "/1" + template.replace("{id}", known), data={"text": "x"})
    assert answer.status_code in (200, 400)
    assert answer.headers["Content-Type"] == "application/json;charset=UTF-8"
    assert answer.json is not None
    assert answer.status == {200: "200 OK", 400: "400 BAD REQUEST"}[answer.status_code]


# --- tokens ---


@pytest.mark.parametrize(
    ("headers", "query", "body"),
    [
        ({"Authorization": "Bearer sandbox-token"}, {}, {}),
        ({"Authorization": "bearer  sandbox-token"}, {}, {}),
        ({"Authorization": "Basic abc"}, {"access_token": "sandbox-token"}, {}),
        ({}, {"access_token": "sandbox-token"}, {}),
        ({}, {}, {"access_token": "sandbox-token"}),
    ],
)
def test_places_of_a_token(
    headers: dict[str, str], query: dict[str, str], body: dict[str, str]
) -> None:
    data = {"profile_ids[]": TWITTER, "text": "Hi", **body}
    answer = SandboxClient().client.post(
        "/1/updates/create.json", headers=headers, query_string=query, data=data
    )
    assert answer.status_code == 200


@pytest.mark.parametrize("sent", ["1/0f00", "1%2F0f00", "1%252F0f00"])
def test_tokens_with_a_slash(sent: str) -> None:
    sandbox = SandboxClient(seed={"account": {"tokens": ["1/0f00"]}})
    assert sandbox.client.get(f"/1/user.json?access_token={sent}").status_code == 200


def test_a_token_that_is_missing_or_wrong() -> None:
    sandbox = SandboxClient()
    missing = sandbox.client.get("/1/user.json")
    assert refusal(missing) == (403, 1001)
    wrong = sandbox.client.get("/1/user.json", headers={"Authorization": "Bearer nonsense"})
    assert wrong.status_code == 401
    assert wrong.json == {"error": "The provided access token is invalid", "code": 401}


def test_places_can_be_closed() -> None:
    sandbox = SandboxClient(token_places="header")
    assert sandbox.get("user.json").status_code == 200
    assert refusal(sandbox.client.get(f"/1/user.json?access_token={DEFAULT_TOKEN}")) == (403, 1001)


def test_tokens_are_granted_and_revoked() -> None:
    sandbox = SandboxClient()
    grant = {"grant_type": "authorization_code", "code": "abc", "client_id": "c"}
    token = ok(sandbox.client.post("/1/oauth2/token.json", data=grant))["access_token"]
    assert token.startswith("1/")
    headers = {"Authorization": f"Bearer {token}"}
    assert sandbox.client.get("/1/user.json", headers=headers).status_code == 200
    body = ok(sandbox.post("user/deauthorize.json"))
    assert body == {"success": True, "message": "Access successfully revoked!"}
    assert sandbox.client.get("/1/user.json", headers=headers).status_code == 401
    assert sandbox.client.post("/1/oauth2/token.json", data={"code": "abc"}).status_code == 400


def test_no_token_is_kept() -> None:
    sandbox = SandboxClient()
    sandbox.client.get("/1/user.json?access_token=sandbox-token")
    body = f"profile_ids[]={TWITTER}&text=a&access_token=sandbox-token"
    assert sandbox.post_body("updates/create.json", body).status_code == 200
    with sandbox.world._database.transaction() as db:
        dump = "\n".join(db.iterdump())
    assert "sandbox-token" not in dump


# --- encodings ---


@pytest.mark.parametrize(
    "body",
    [
        f"profile_ids[]={TWITTER}&profile_ids[]={LINKEDIN}&text=Hi%20you",
        f"profile_ids%5B%5D={TWITTER}&profile_ids%5B%5D={LINKEDIN}&text=Hi+you",
        f"profile_ids%5B0%5D={TWITTER}&profile_ids%5B1%5D={LINKEDIN}&text=Hi+you",
        f"&profile_ids[0]={TWITTER}&profile_ids[1]={LINKEDIN}&text=Hi you&",
    ],
)
def test_forms(body: str) -> None:
    found = ok(SandboxClient().post_body("updates/create.json", body))["updates"]
    assert [(u["profile_id"], u["text"]) for u in found] == [
        (TWITTER, "Hi you"),
        (LINKEDIN, "Hi you"),
    ]


def test_multipart() -> None:
    data = {
        "profile_ids[]": [TWITTER, LINKEDIN],
        "text": "Grüße",
        "media[link]": "https://a.example/b",
    }
    answer = request(
        SandboxClient(),
        "POST",
        "/1/updates/create.json",
        data=data,
        content_type="multipart/form-data",
    )
    tweet, post = ok(answer)["updates"]
    assert post["text"] == "Grüße"
    assert post["media"]["link"] == "https://a.example/b"
    assert tweet["text"].startswith("Grüße https://buff.ly/")


def test_a_body_in_json_is_no_form() -> None:
    answer = request(SandboxClient(), "POST", "/1/updates/create.json", json={"text": "Hi"})
    assert refusal(answer) == (400, 1004)


def test_php_json() -> None:
    sandbox = SandboxClient()
    sandbox.one(text="Höhe – 🎉 https://acme.example/x", shorten="false")
    raw = sandbox.pending().get_data(as_text=True)
    assert r"H\u00f6he \u2013 \ud83c\udf89 https:\/\/acme.example\/x" in raw
    assert raw.isascii()
    assert '"statistics":[]' in sandbox.get("profiles.json").get_data(as_text=True)
    assert '"preferences":{}' in sandbox.get("profiles.json").get_data(as_text=True)


def test_pretty() -> None:
    answer = SandboxClient().get("user.json", pretty="true")
    assert answer.get_data(as_text=True).startswith('{\n    "_id"')


def test_headers() -> None:
    answer = SandboxClient().get("user.json")
    assert answer.headers["Date"] == "Mon, 23 Nov 2026 07:00:00 GMT"
    assert answer.headers["Content-Length"] == str(len(answer.data))


# --- account and profiles ---


def test_user() -> None:
    body = ok(SandboxClient().get("user.json"))
    assert {"_id", "id", "activity_at", "created_at", "plan", "timezone"} <= set(body)
    assert (body["name"], body["timezone"]) == ("Acme", "Europe/Berlin")


def test_profiles() -> None:
    sandbox = SandboxClient()
    sandbox.one(is_draft="true", text="Draft")
    sandbox.one(text="Waiting")
    sandbox.one(text="Sent", now="true")
    profiles = sandbox.get("profiles.json").json or []
    assert [p["service"] for p in profiles] == [
        "twitter",
        "linkedin",
        "facebook",
        "instagram",
        "mastodon",
        "bluesky",
    ]
    twitter, linkedin, facebook = profiles[:3]
    assert {twitter[k] for k in ("avatar", "avatar_https", "formatted_username")} == {""}
    assert (twitter["service_username"], twitter["service_id"]) == ("", "814220001")
    assert twitter["counts"] == {
        "drafts": 1,
        "reminders": 0,
        "daily_suggestions": 25,
        "sent": 1,
        "pending": 1,
    }
    assert linkedin["service_username"] == "acme-inc"
    assert (facebook["timezone"], facebook["formatted_service"]) == (
        "America/New_York",
        "Facebook Page",
    )
    assert ok(sandbox.get(f"profiles/{LINKEDIN}.json")) == linkedin


def test_profile_switches() -> None:
    sandbox = SandboxClient(empty_twitter_names=False, missing_optional_fields=True)
    twitter = (sandbox.get("profiles.json").json or [])[0]
    assert (twitter["service_username"], twitter["formatted_username"]) == ("acme", "@acme")
    assert not {"created_at", "default", "statistics", "shortener", "counts"} & set(twitter)
    assert "text_md5" not in sandbox.one()
    seed = {"profiles": [{"service": "twitter", "statistics": {"followers": 7}}]}
    assert (SandboxClient(seed=seed).get("profiles.json").json or [])[0]["statistics"] == {
        "followers": 7
    }
    listed = SandboxClient(seed=seed, statistics_as_list=True)
    assert (listed.get("profiles.json").json or [])[0]["statistics"] == []


@pytest.mark.parametrize("path", ["profiles/{}.json", "profiles/{}/updates/pending.json"])
def test_profiles_of_others(path: str) -> None:
    sandbox = SandboxClient(seed={"profiles": [FOREIGN]})
    assert refusal(sandbox.get(path.format("unknown"))) == (404, 1010)
    assert refusal(sandbox.get(path.format(FOREIGN["id"]))) == (403, 1011)
    assert sandbox.get("profiles.json").json == []


def test_updates_of_others() -> None:
    post = {"profile": FOREIGN["id"], "text": "Theirs"}
    sandbox = SandboxClient(seed={"profiles": [FOREIGN], "posts": [post]})
    theirs = sandbox.world.snapshot()[0].id
    assert refusal(sandbox.get(f"updates/{theirs}.json")) == (403, 1021)
    assert refusal(sandbox.post(f"updates/{theirs}/destroy.json")) == (403, 1021)


def test_configuration() -> None:
    body = ok(SandboxClient().get("info/configuration.json"))
    twitter = body["services"]["twitter"]
    assert twitter["types"]["profile"]["character_limit"] == 280
    assert twitter["types"]["profile"]["link_attachments"] is False
    assert twitter["urls"]["hashtag"].endswith("%23")
    assert body["services"]["facebook"]["types"]["page"]["link_attachments"] is True
    assert body["media"]["picture_filetypes"] == ["jpeg", "jpg", "gif", "png"]
    assert json.dumps(body)


def test_what_api_v1_does_not_know_is_not_there() -> None:
    """Substack joined the current API alone (docs/networks.md#texts)."""
    sandbox = SandboxClient(seed={"profiles": [{"id": "s", "service": "substack"}]})
    assert ok(sandbox.get("profiles.json")) == []
    assert refusal(sandbox.get("profiles/s.json")) == (404, 1010)
    made = sandbox.post("updates/create.json", profile_ids=["s"], text="A note")
    assert refusal(made)[1] == 1011
    assert "substack" not in ok(sandbox.get("info/configuration.json"))["services"]
