"""Worlds whose creates are keyed: the provider has content items, and a probe has shown it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from plancast.model.findings import Answer, Findings, Question
from plancast.model.workspace import Desired, Policy
from plancast.testing.fakes import ABLE, OWNER, START, Failure
from tests.engine.worlds import Loop, wanted

API = "fake"
KEYED = replace(ABLE, keyed_group=10, api=API)
FOUND = Findings(OWNER.id, API, START, {Question.REPEATED_KEY: Answer.SAME_ITEM})


def keyed_loop(*failures: Failure, **policy: object) -> Loop:
    """Return a world whose creates are keyed."""
    made = Loop.at("2026-11-23 09:00", failures=failures, capabilities=KEYED)
    made.store.write(replace(made.store.read(), findings=FOUND))
    return replace(made, policy=replace(Policy(), safety="keyed", max_destroy=100, **policy))  # type: ignore[arg-type]


def on(aliases: Collection[str], text: str = "Tomorrow, 10:00.", post: str = "a") -> list[Desired]:
    """Return the entries of one post on several profiles."""
    spec = {"text": text, "at": "2026-12-01 09:00"}
    return [wanted({"address": f"{post}@{alias}", **spec}) for alias in aliases]


def texts(world: Loop) -> list[tuple[str, str]]:
    """Return the alias and the text of each entry that waits, sorted."""
    return sorted(
        (alias, entry.text) for alias, entries in world.live().items() for entry in entries
    )


def methods(world: Loop) -> list[str]:
    """Return the calls so far that are about content items, in order."""
    about = {"create", "create_draft", "promote", "content_item", "remove_item", "drafts"}
    return [call.method for call in world.provider.calls if call.method in about]
