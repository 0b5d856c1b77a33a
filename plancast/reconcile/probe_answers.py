"""The answers of a probe, from what was sent and what was shown. Pure."""

from __future__ import annotations

from datetime import datetime

from plancast.model.findings import Answer

LINK = "https://example.com/plancast-probe"
"""The link in the texts of a probe; its domain is reserved for examples."""


def probe_text(marker: str) -> str:
    """Return the text of an object of a probe."""
    return f"{marker} asks what this account does. plancast removes it again. {LINK}"


def words_before_link(text: str) -> str:
    """Return what a text says before its first link, which may be shortened or removed."""
    return text.partition("http")[0].strip()


def is_text_of(text: str, marker: str) -> bool:
    """Return whether a text is that of a probe's object, ignoring what became of its link.

    A text that a person has edited is not.
    """
    return words_before_link(text) == words_before_link(probe_text(marker))


def far_time_answer(asked: datetime, shown: datetime | None) -> Answer:
    """Return what became of a time that is years ahead."""
    return Answer.KEPT if shown == asked else Answer.CHANGED


def link_answer(marker: str, shown: str) -> Answer:
    """Return what became of the link in a text."""
    if shown.strip() == probe_text(marker):
        return Answer.AS_WRITTEN
    has_link = "http" in shown
    return Answer.SHORTENED if is_text_of(shown, marker) and has_link else Answer.CHANGED


def edit_answer(marker: str, shown: str) -> Answer:
    """Return what an edit without a text did to the text."""
    if not shown.strip():
        return Answer.REPLACES
    return Answer.PATCHES if is_text_of(shown, marker) else Answer.UNCLEAR


def same_item_answer(first: str, second: str) -> Answer:
    """Return whether a repeated key gave the same content item, from both ids."""
    return Answer.SAME_ITEM if first == second else Answer.ANOTHER_ITEM
