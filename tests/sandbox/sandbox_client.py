"""A client for the tests of the sandbox: real requests to the application, without a port."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from werkzeug.test import Client, TestResponse

from plancast.sandbox import SandboxApp, World
from plancast.sandbox.seed import DEFAULT_TOKEN

TWITTER = "4eb854340acb04e870000010"
LINKEDIN = "4eb854340acb04e870000011"
FACEBOOK = "4eb854340acb04e870000012"
INSTAGRAM = "4eb854340acb04e870000013"
MASTODON = "4eb854340acb04e870000014"
BLUESKY = "4eb854340acb04e870000015"

#: A Monday, 08:00 in Berlin.
MONDAY = "2026-11-23T07:00:00Z"


@dataclass
class RealTime:
    """Real time as the tests want it; `slept` is what a slow answer waited for."""

    now: float = 1_700_000_000.0
    slept: float = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept += seconds


class SandboxClient:
    """A world whose calendar stands on a Monday morning, and requests to it.

    There is no rate limit unless `settings` say so. `keep`: the world as it is in the file.
    """

    def __init__(
        self,
        path: str | Path = ":memory:",
        *,
        seed: Mapping[str, object] | None = None,
        keep: bool = False,
        **settings: object,
    ) -> None:
        self.time = RealTime()
        self.world = World(path, now=self.time, sleep=self.time.sleep)
        if not keep:
            self.world.reset({"clock": MONDAY, **(seed or {})})
            settings = {"rate_requests": 0, **settings}
        for name, value in settings.items():
            self.world.set_setting(name, value)
        self.client = Client(SandboxApp(self.world))

    def get(self, path: str, /, **params: object) -> TestResponse:
        return self.client.get(f"/1/{path}", headers=HEADERS, query_string=_words(params))

    def post(self, path: str, /, **params: object) -> TestResponse:
        """A form; `params` may hold nested mappings and lists."""
        return self.post_body(path, urlencode(list(_pairs(params))))

    def post_body(self, path: str, body: str) -> TestResponse:
        """A form as a client wrote it."""
        return self.client.post(f"/1/{path}", data=body, content_type=FORM, headers=HEADERS)

    def create(self, *profiles: str, **params: object) -> list[dict[str, Any]]:
        """The updates that a create makes; it must succeed. Links stay as they are."""
        sent = {"text": "Hello", "shorten": "false", **params}
        answer = self.post("updates/create.json", profile_ids=list(profiles or (TWITTER,)), **sent)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = ok(answer)["updates"]
        return found

    def one(self, profile: str = TWITTER, /, **params: object) -> dict[str, Any]:
        return self.create(profile, **params)[0]

    def queue(self, profile: str = TWITTER, /, **params: object) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = ok(self.pending(profile, **params))["updates"]
        return found

    def pending(self, profile: str = TWITTER, /, **params: object) -> TestResponse:
        return self.get(f"profiles/{profile}/updates/pending.json", **params)

    def sent(self, profile: str = TWITTER, /, **params: object) -> list[dict[str, Any]]:
        answer = self.get(f"profiles/{profile}/updates/sent.json", **params)
        found: list[dict[str, Any]] = ok(answer)["updates"]
        return found

    def texts(self, profile: str = TWITTER) -> list[str]:
        return [item["text"] for item in self.queue(profile)]

    def due(self, profile: str = TWITTER) -> list[str]:
        """When the queue goes out, as MM-DD HH:MM in UTC."""
        return [stamp(item["due_at"]) for item in self.queue(profile)]


FORM = "application/x-www-form-urlencoded"
HEADERS = {"Authorization": f"Bearer {DEFAULT_TOKEN}"}


def ok(answer: TestResponse) -> Any:
    """The body of an answer that must be a success."""
    assert answer.status_code == 200, answer.text
    assert isinstance(answer.json, dict | list)
    found: Any = answer.json
    return found


def refusal(answer: TestResponse) -> tuple[int, int]:
    """HTTP status and code of an answer that must be a refusal."""
    body = answer.json or {}
    assert body.get("success") is False or "error" in body, answer.text
    return answer.status_code, body["code"]


def seconds(moment: str) -> int:
    return int(datetime.fromisoformat(moment).timestamp())


def stamp(at: int) -> str:
    return "-" if at == 0 else datetime.fromtimestamp(at, UTC).strftime("%m-%d %H:%M")


def _words(params: Mapping[str, object]) -> dict[str, str]:
    return {name: str(value) for name, value in params.items()}


def _pairs(params: Mapping[str, object], prefix: str = "") -> Iterable[tuple[str, str]]:
    for name, value in params.items():
        key = f"{prefix}[{name}]" if prefix else name
        if isinstance(value, Mapping):
            yield from _pairs(value, key)
        elif isinstance(value, list | tuple):
            for number, item in enumerate(value):
                if isinstance(item, Mapping):
                    yield from _pairs(item, f"{key}[{number}]")
                else:
                    yield f"{key}[]", str(item)
        else:
            yield key, str(value)
