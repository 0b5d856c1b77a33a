"""One comment, by a forge that follows a script: how often something is sent, and when not."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from plancast.forges import Comment, Done, ForgeError, ReviewRequest, Trouble, newest, put
from plancast.forges.comment import SETTLE
from plancast.reconcile.approvals import Marker
from plancast.testing.fakes import FakeClock

KEY = "a"
BODY = f"{Marker(KEY)}\n\nText"
REQUEST = ReviewRequest(12, "https://forge.example/12")


@dataclass
class ScriptedForge:
    """A forge that follows a script: its writes raise `fails` one by one (None: it works)."""

    fails: list[ForgeError | None] = field(default_factory=list)
    late: bool = False
    stored: list[Comment] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    name = noun = revision = run = files = branch = default_branch = person = ""
    limit = 100

    def contains(self, newer: str, older: str) -> bool | None:
        return newer == older

    def merged(self) -> tuple[ReviewRequest, ...]:
        return ()

    def request(self) -> ReviewRequest | None:
        return REQUEST

    def is_open(self, request: ReviewRequest) -> bool:
        return request == REQUEST

    def comments(self, request: ReviewRequest) -> tuple[Comment, ...]:
        self.calls.append("look")
        return tuple(self.stored)

    def create(self, request: ReviewRequest, body: str) -> Comment:
        return self._do(
            "create", Comment(str(len(self.stored)), body, "https://forge.example/12#1")
        )

    def edit(self, request: ReviewRequest, comment: Comment, body: str) -> Comment:
        return self._do("edit", Comment(comment.id, body, comment.url))

    def close(self) -> None:
        """Nothing is open."""

    def _do(self, what: str, comment: Comment) -> Comment:
        self.calls.append(what)
        failure = self.fails.pop(0) if self.fails else None
        if failure is None or self.late:
            self.stored = [item for item in self.stored if item.id != comment.id] + [comment]
        if failure is not None:
            raise failure
        return comment


def error(trouble: Trouble, status: int = 0) -> ForgeError:
    return ForgeError(trouble, "no", status)


def test_what_surely_was_not_sent_is_sent_again() -> None:
    forge, clock = ScriptedForge([error(Trouble.UNREACHABLE)]), FakeClock()
    assert put(forge, REQUEST, KEY, BODY, clock).done is Done.CREATED
    assert forge.calls == ["look", "create", "look", "create"]
    assert clock.slept == [SETTLE]


def test_what_was_done_all_the_same_is_seen_and_not_repeated() -> None:
    forge = ScriptedForge([error(Trouble.UNCLEAR)], late=True)
    assert put(forge, REQUEST, KEY, BODY, FakeClock()).done is Done.CREATED
    assert forge.calls == ["look", "create", "look"]


@pytest.mark.parametrize(
    "trouble",
    [item for item in Trouble if item not in (Trouble.UNCLEAR, Trouble.UNREACHABLE)],
)
def test_a_refusal_is_the_end(trouble: Trouble) -> None:
    forge, clock = ScriptedForge([error(trouble)]), FakeClock()
    with pytest.raises(ForgeError):
        put(forge, REQUEST, KEY, BODY, clock)
    assert (forge.calls, clock.slept) == (["look", "create"], [])


def test_an_edit_that_is_forbidden_is_not_a_reason_to_post_another() -> None:
    """Both "gone" and "not for you" are 404; the second look shows which."""
    forge, clock = ScriptedForge([error(Trouble.FORBIDDEN, 404)] * 2), FakeClock()
    forge.stored = [Comment("1", f"{BODY} of before", "")]
    with pytest.raises(ForgeError):
        put(forge, REQUEST, KEY, BODY, clock)
    assert forge.calls == ["look", "edit", "look", "edit"]
    assert clock.slept == []


def test_the_newest_is_the_last_of_this_workspace() -> None:
    bodies = (BODY, f"{BODY} again", f"{Marker('b')}", "Text", f" {BODY}")
    stored = [Comment(str(number), body, "") for number, body in enumerate(bodies)]
    found = newest(stored, KEY)
    assert found is not None
    assert (found[0].id, found[1]) == ("1", Marker(KEY))
    assert newest(stored, "c") is None
    assert newest([], KEY) is None
