"""A transport that answers from a script, and the updates that its answers hold."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from plancast.model.plan import RateWindow
from plancast.model.profile import Profile
from plancast.net.transport import Request, Response
from plancast.providers.buffer_v1.client import BufferClient
from plancast.providers.buffer_v1.provider import BufferV1Provider
from plancast.testing.fakes import FakeClock

X = Profile("p-x", "twitter")
FB = Profile("p-fb", "facebook")
LI = Profile("p-li", "linkedin")
IG = Profile("p-ig", "instagram")

Answer = Response | Exception | object


@dataclass
class Script:
    """Answers one after the other; an object is sent as JSON under status 200."""

    answers: Sequence[Answer] | Callable[[Request], Answer]
    seen: list[Request] = field(default_factory=list)

    def send(self, request: Request) -> Response:
        self.seen.append(request)
        found = (
            self.answers(request) if callable(self.answers) else self.answers[len(self.seen) - 1]
        )
        if isinstance(found, Exception):
            raise found
        return found if isinstance(found, Response) else reply(found)


def reply(body: object, status: int = 200, *headers: tuple[str, str]) -> Response:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Response(status, headers, raw)


def client(*answers: Answer) -> BufferClient:
    return BufferClient(Script(answers))


def provider(script: Script, clock: FakeClock | None = None, at_once: int = 1) -> BufferV1Provider:
    return BufferV1Provider(
        BufferClient(script),
        lambda: (RateWindow(60, 60, 60),),
        clock or FakeClock(),
        at_once=at_once,
    )


def update(identity: str, profile: Profile = X, **fields: object) -> dict[str, object]:
    """An update as small as the oldest recordings have it."""
    return {
        "id": identity,
        "profile_id": profile.id,
        "profile_service": profile.service,
        "status": "buffer",
        "text": "hello",
        "due_at": 1_800_000_000,
        **fields,
    }


def form(request: Request) -> dict[str, str]:
    return dict(request.form)
