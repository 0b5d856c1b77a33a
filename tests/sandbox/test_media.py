"""Addresses of media: the sandbox refuses what the rules of plancast refuse, by code of its own.

The rows are those of tests/lint/media_rows.py. An address that ends before the post goes out is
taken, and the post fails.
"""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from plancast.model.diagnostics import Severity
from plancast.sandbox import media
from tests.lint.media_rows import ROWS, Row
from tests.lint.test_media import of, problems, wanted
from tests.sandbox.graphql_client import ONE, POST, GraphqlClient, words
from tests.sandbox.sandbox_client import LINKEDIN, TWITTER, SandboxClient, ok, refusal

BACKFILL = "Failed to backfill media from URL"
DUE = "2026-12-01T12:00:00Z"
IMAGES = [row for row in ROWS if row.kind == "image"]
ENDED = [row for row in ROWS if row.code == "PC535"]


def is_refused(row: Row) -> bool:
    """Return whether the verdict on an address is an error that shows when a post is created."""
    return bool(row.code) and not row.warned and row.code != "PC535"


@pytest.fixture(scope="module")
def classic() -> SandboxClient:
    return SandboxClient(duplicates=False, queue_limit=100_000)


@pytest.fixture(scope="module")
def current() -> GraphqlClient:
    return GraphqlClient(queue_limit=100_000)


@pytest.mark.parametrize("row", IMAGES, ids=lambda row: row.url)
def test_v1_and_the_rules_agree(classic: SandboxClient, row: Row) -> None:
    sent = {"text": "Hi", "shorten": "false", "media": {"photo": row.url}}
    answer = classic.post("updates/create.json", profile_ids=[TWITTER], **sent)
    if not is_refused(row):
        ok(answer)
        return
    assert refusal(answer) == (400, 1030 if row.code == "PC530" else 1003)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.kind} {row.url}")
def test_the_current_api_and_the_rules_agree(current: GraphqlClient, row: Row) -> None:
    payload = current.create(text="Hi", assets=[{row.kind: {"url": row.url}}])
    if not is_refused(row):
        assert payload["__typename"] == "PostActionSuccess"
    elif row.kind == "video":
        assert words(payload) == "Video could not be read from its URL."
    elif row.code == "PC530":
        assert words(payload).endswith(" is not supported.")
    else:
        assert words(payload) == "Invalid image url parameter supplied."


@pytest.mark.parametrize("row", [one for one in IMAGES if one.code != "PC535"][::7], ids=str)
def test_a_thumbnail_is_judged_like_an_image(current: GraphqlClient, row: Row) -> None:
    link = {"url": "https://acme.example/", "thumbnail": {"url": row.url}}
    metadata = {"linkedin": {"linkAttachment": link}}
    payload = current.create(channel=LINKEDIN, text="Hi", metadata=metadata)
    assert (payload["__typename"] != "PostActionSuccess") is is_refused(row)


def failed(sandbox: GraphqlClient, post: dict[str, Any]) -> dict[str, Any] | None:
    query = ONE.replace(POST, "status error { message rawError }")
    found: dict[str, Any] = sandbox.data(query, input={"id": post["id"]})["post"]
    assert found["status"] == ("error" if found["error"] else "sent")
    error: dict[str, Any] | None = found["error"]
    return error


@pytest.mark.parametrize("row", ENDED, ids=lambda row: row.url)
def test_a_post_fails_if_the_address_of_its_media_has_ended(row: Row) -> None:
    sandbox = GraphqlClient()
    timed = {"mode": "customScheduled", "dueAt": DUE}
    post = sandbox.made("Hi", assets=[{row.kind: {"url": row.url}}], **timed)
    sandbox.world.set_clock("2026-12-01T12:00:01Z")
    error = failed(sandbox, post)
    assert error == {"message": "The network did not accept this post.", "rawError": BACKFILL}


@pytest.mark.parametrize("end", ["9" * 5000, "soon", ""])
def test_an_end_that_is_no_moment_is_none(end: str) -> None:
    sandbox = GraphqlClient()
    url = f"https://images.acme.example/a.png?Expires={end}&Signature=ab"
    timed = {"mode": "customScheduled", "dueAt": DUE}
    post = sandbox.made("Hi", assets=[{"image": {"url": url}}], **timed)
    sandbox.world.set_clock("2026-12-01T12:00:01Z")
    assert failed(sandbox, post) is None


def test_a_post_goes_out_if_the_address_still_works() -> None:
    sandbox = GraphqlClient()
    rows = [row for row in IMAGES if not is_refused(row) and row.code != "PC535"]
    timed = {"mode": "customScheduled", "dueAt": DUE}
    posts = [
        sandbox.made(f"Hi {number}", assets=[{"image": {"url": row.url}}], **timed)
        for number, row in enumerate(rows[::5] + rows[-5:])
    ]
    sandbox.world.set_clock("2026-12-01T12:00:01Z")
    assert [failed(sandbox, post) for post in posts] == [None] * len(posts)


def test_v1_shows_the_same_failure() -> None:
    sandbox = SandboxClient()
    row = next(one for one in ENDED if one.kind == "image")
    made = sandbox.one(media={"photo": row.url}, scheduled_at=DUE)
    sandbox.world.set_clock("2026-12-01T12:00:01Z")
    (update,) = (one for one in sandbox.world.snapshot() if one.id == made["id"])
    assert update.error == BACKFILL
    assert "could" not in update.content.text


def test_the_switch_for_images_takes_every_address() -> None:
    sandbox = GraphqlClient(check_images=False)
    post = sandbox.made(
        "Hi",
        assets=[{"image": {"url": next(row.url for row in ENDED if row.kind == "image")}}],
        mode="customScheduled",
        dueAt=DUE,
    )
    sandbox.world.set_clock("2026-12-01T12:00:01Z")
    assert failed(sandbox, post) is None


HOSTS = (
    *("acme.example", "localhost", "10.0.0.1", "[::1]", "2130706433", "nas", "github.com"),
    *("www.github.com", "gitlab.com", "gitlab.acme.example", "git.acme.example", "bitbucket.org"),
    *("codeberg.org", "gitea.acme.example", "git.sr.ht", "dev.azure.com", "dropbox.com"),
    *("www.dropbox.com", "drive.google.com", "imgur.com", "i.imgur.com", "unsplash.com"),
    *("onedrive.live.com", "acme.sharepoint.com", "x.com", "vimeo.com", "en.wikipedia.org"),
    *("box.com", "tiktok.com", "icloud.com"),
)
PATHS = (
    *("", "/", "/a", "/s/a", "/o/r/blob/main/a", "/o/r/-/blob/main/a", "/o/r/src/main/a"),
    *("/o/r/src/branch/main/a", "/o/r/raw/main/a", "/photos/a", "/file/d/a/view", "/wiki/File:a"),
    *("/123", "/~o/r/tree/main/item/a", "/o/p/_git/r", "/:i:/g/a", "/o/status/1"),
)
ENDINGS = ("", ".png", ".gif", ".webp", ".mp4", ".txt", ".php")
QUERIES = ("", "?raw=1", "?raw=true", "?dl=0", "?dl=1", "?download=1", "?fm=jpg")


@pytest.mark.part(5)
@pytest.mark.parametrize("host", HOSTS)
def test_what_the_rules_accept_the_sandbox_takes_and_the_reverse(host: str) -> None:
    """Two tables that were written apart: each path, ending and query on each host."""
    for path, ending, query in product(PATHS, ENDINGS, QUERIES):
        url = f"https://{host}{path}{ending}{query}"
        for kind in ("image", "video"):
            found = problems(wanted(**of(url, kind)))
            is_error = any(one.severity is Severity.ERROR for one in found)
            assert is_error is (media.refusal(url, kind) is not None), (url, kind)
