"""Any request gets an answer, and a refusal leaves no trace."""

from __future__ import annotations

from urllib.parse import urlencode

from hypothesis import given
from hypothesis import strategies as st

from plancast.sandbox.v1.endpoints import ROUTES
from tests.sandbox.sandbox_client import FACEBOOK, FORM, HEADERS, INSTAGRAM, TWITTER, SandboxClient

NAMES = (
    *("text", "now", "top", "shorten", "attachment", "scheduled_at", "pinned", "is_draft"),
    *("media", "media[link]", "media[photo]", "media[picture]", "media[x][y]", "fb_text"),
    *("extra_media", "extra_media[0][photo]", "extra_media[][picture]", "retweet[tweet_id]"),
    *("profile_ids", "profile_ids[]", "profile_ids[a][b]", "order[]", "offset", "utc"),
    *("schedules", "schedules[0][days][]", "schedules[0][times][]", "schedules[x]", "pretty"),
    *("page", "count", "since", "filter", "url", "code", "grant_type"),
)
VALUES = st.one_of(
    st.sampled_from(
        ["", "0", "1", "-1", "true", "false", "mon", "09:00", TWITTER, FACEBOOK, INSTAGRAM]
    ),
    st.sampled_from(
        ["2026-12-01T09:30:00Z", "1e9", "253370764799", "9" * 25, "authorization_code"]
    ),
    st.sampled_from(["https://acme.example/a.png", "http://[", "https://", "http:// x", "//x"]),
    st.text(st.characters(codec="utf-8"), max_size=12),
)
BODIES = st.lists(st.tuples(st.sampled_from(NAMES), VALUES), max_size=8).map(urlencode)


@given(endpoint=st.sampled_from(sorted(ROUTES)), body=BODIES, fill=st.booleans())
def test_every_request_is_answered(endpoint: str, body: str, fill: bool) -> None:
    sandbox = SandboxClient()
    item = sandbox.one()
    method, _, template = endpoint.partition(" ")
    path = template.replace("{id}", TWITTER if "profiles" in template else item["id"])
    if fill:
        body = f"profile_ids[]={TWITTER}&profile_ids[]={FACEBOOK}&text=Hi&{body}"
    before = sandbox.world.snapshot()
    answer = sandbox.client.open(
        f"/1{path}",
        method=method,
        headers=HEADERS,
        content_type=FORM,
        query_string=body if method == "GET" else "",
        data=body if method == "POST" else "",
    )
    assert answer.status_code in (200, 400, 403)
    assert answer.json is not None
    if answer.status_code != 200:
        assert sandbox.world.snapshot() == before
    sandbox.world.close()
