"""Changing one value: the file says the new value, and every other sign of it stays."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from plancast.content.editing.cst import Odd, comments, sheets
from plancast.content.editing.patch import Value, drop, put, rewritten
from plancast.content.yaml_reader import Path, read
from tests.content import styled


def values(text: str) -> list[Any]:
    documents, flaws = read(text)
    assert flaws == (), text
    return [item.value for item in documents]


def comment_texts(text: str) -> list[str]:
    return sorted(note.text for sheet in sheets(text) for note in comments(text, sheet))


def stripped(value: Any) -> Any:
    """Around a text blanks do not count, and a block may end as the old one did."""
    if isinstance(value, dict):
        return {key: stripped(item) for key, item in value.items()}
    if isinstance(value, list):
        return [stripped(item) for item in value]
    return value.strip() if isinstance(value, str) else value


PATHS: list[tuple[tuple[str, ...], Value]] = [
    (("text",), ""),
    (("campaign",), ""),
    (("schedule",), "2026-12-05 10:00"),
    (("schedule",), {"at": "2026-12-05 10:00", "fold": "later"}),
    (("link",), "https://a.example/#x"),
    (("link",), {"url": "https://a.example/#x", "title": "A: b"}),
    (("images",), []),
    (("images",), [{"url": "https://a.example/#x", "alt": "A #b"}, {"url": "https://b.example"}]),
    (("thread",), ["Two.", "Three.\n\n- more"]),
    (("thread",), [{"text": "- Two.\n#three", "images": [{"url": "https://a.example/#x"}]}, "no"]),
    (("metadata", "facebook", "type"), "reel"),
    (("metadata", "youtube", "embeddable"), True),
    (("video",), {"url": "https://a.example/1.mp4", "cover_ms": 1500}),
    (("video", "cover_ms"), 0),
    (("first_comment",), ""),
    (("variants", "acme-x", "metadata"), {"youtube": {"embeddable": False, "title": "no"}}),
    (("variants", "acme-x", "text"), ""),
    (("variants", "new", "schedule"), "queue"),
]


@given(styled.texts(), st.sampled_from(PATHS), styled.VALUES.map(str.strip))
@example("text: |+\n  a\n\n\n# c\nid: b\n", (("text",), ""), "x\ny")
@example("text: 'a' # c\n", (("text",), ""), "x\n\ny")
@example("{text: a, id: b} # c\n", (("text",), ""), "x\n\ny")
@example("text: >2\n   a\n  b\n", (("text",), ""), "x\n\ny")
@example("text:\nid: b # c\n", (("text",), ""), "x")
@example("text: a\n\n  # c\nid: b\n", (("text",), ""), "x\ny")
@example("campaign: a\n  # c\n", (("text",), ""), "x\ny")
@example("id: b # c", (("variants", "new", "schedule"), "queue"), "")
def test_a_value_is_put_and_all_else_stays(
    text: str, place: tuple[tuple[str, ...], Value], words: str
) -> None:
    path, value = place[0], place[1] or (words if place[0][-1] != "images" else [])
    before = values(text)
    wanted = copy.deepcopy(before)
    number = read(text)[0][0].number
    node = wanted[0]
    for step in path[:-1]:
        assume(isinstance(node, dict) and isinstance(node.get(step, {}), dict))
        node = node.setdefault(step, {})
    node[path[-1]] = value
    try:
        after = put(text, number, path, value)
    except Odd:
        return
    assert stripped(values(after)) == stripped(wanted), (text, after)
    old, new = comment_texts(text), comment_texts(after)
    assert [note for note in new if note not in old] == []
    whole = isinstance(before[0].get(path[0]), dict | list)
    assert old == new or whole, (text, after)


@given(styled.texts(), st.sampled_from(["text", "link", "id", "tags", "unknown", "variants"]))
@example("id: a # first\ntext: |  # second\n  b\n\n# third\ntags: [a]\n", "text")
@example("{id: a, text: b, tags: [a]} # c\n", "id")
@example("{id: a}\n", "id")
def test_a_key_is_dropped_and_all_else_stays(text: str, key: str) -> None:
    before = values(text)
    assume(len(before[0]) > 1 and isinstance(before[0].get(key, ""), str))
    wanted = [{name: item for name, item in before[0].items() if name != key}, *before[1:]]
    try:
        after = drop(text, read(text)[0][0].number, (key,))
    except Odd:
        return
    assert stripped(values(after)) == stripped(wanted), (text, after)
    assert comment_texts(after) == comment_texts(text)


DROPS = {
    "a line": ("id: a\nlink: b\ntext: c\n", ("link",), "id: a\ntext: c\n"),
    "its comment stays": ("id: a\nlink: b # c\n", ("link",), "id: a\n# c\n"),
    "the last of several": ("id: a\r\nlink: b", ("link",), "id: a\r\n"),
    "in braces": ("link: {url: a, title: b}\n", ("link", "title"), "link: {url: a}\n"),
    "first in braces": ("link: {url: a, title: b}\n", ("link", "url"), "link: {title: b}\n"),
    "alone in braces": ("link: {url: a}\n", ("link", "url"), "link: {}\n"),
    "behind a dash": (
        "images:\n  - alt: b\n    url: a\n",
        ("images", 0, "alt"),
        "images:\n  - url: a\n",
    ),
    "what is not there": ("id: a\n", ("link", "url"), "id: a\n"),
}


@pytest.mark.parametrize("case", DROPS)
def test_what_is_left_of_a_dropped_key(case: str) -> None:
    before, path, after = DROPS[case]
    assert drop(before, 0, path) == after


PUTS: dict[str, tuple[str, Path, Value, str]] = {
    "where the form has it": (
        "id: a # c\n# of the text\ntext: b\n",
        ("schedule",),
        "queue",
        "id: a # c\nschedule: queue\n# of the text\ntext: b\n",
    ),
    "before all others": ("text: b\ntags: [a]\n", ("id",), "a", "id: a\ntext: b\ntags: [a]\n"),
    "behind a file without an end": ("id: a", ("text",), "b", "id: a\ntext: b"),
    "in braces": (
        "{id: a, text: b}\n", ("schedule",), "queue", "{id: a, schedule: queue, text: b}\n",
    ),
    "in the variants": (
        "variants:\n    x:\n        text: b\ntags: [a]\n",
        ("variants", "li", "text"),
        "One\nTwo",
        "variants:\n    x:\n        text: b\n    li:\n      text: |\n        One\n        Two\n"
        "tags: [a]\n",
    ),
    "of an image": (
        "images:\n- {url: a, alt: b}\n- url: c\n  alt: d\n",
        ("images", 1, "alt"),
        "e: f",
        'images:\n- {url: a, alt: b}\n- url: c\n  alt: "e: f"\n',
    ),
    "behind what belongs to the key before it": (
        "variants:\n  x: {}\n  # y\ntags: []\n", ("zebra",), "a",
        "variants:\n  x: {}\n  # y\ntags: []\nzebra: a\n",
    ),
    "below a comment further in": (
        "id: a\n\n  # of a\n# of b\ntext: b\n", ("schedule",), "queue",
        "id: a\n\n  # of a\nschedule: queue\n# of b\ntext: b\n",
    ),
    "a part of a thread": (
        "thread:\n- Two. # b\n- |\n  Three.\n", ("thread", 0), "Two:\nb",
        "thread:\n- | # b\n  Two:\n  b\n- |\n  Three.\n",
    ),
    "a part of a thread that was a block": (
        "thread:\n- Two.\n- |\n  Three.\n# end\n", ("thread", 1), "Four.\nFive.",
        "thread:\n- Two.\n- |\n  Four.\n  Five.\n# end\n",
    ),
    "a part of a thread that gets an image": (
        "thread:\n  - Two. # b\n  - Three.\n", ("thread", 0),
        {"text": "Two.", "images": [{"url": "https://c"}]},
        "thread:\n  - text: Two. # b\n    images:\n      - url: https://c\n  - Three.\n",
    ),
    "a thread": (
        "text: a\nlink: b\n", ("thread",),
        ["Two.", {"text": "Three.\nb", "images": [{"url": "https://c"}]}, "Four.\nd"],
        "text: a\nthread:\n  - Two.\n  - text: |\n      Three.\n      b\n    images:\n"
        "      - url: https://c\n  - |\n    Four.\n    d\nlink: b\n",
    ),
    "what a network is told": (
        "text: a\ntags: [b]\n", ("metadata", "youtube", "embeddable"), False,
        "text: a\nmetadata:\n  youtube:\n    embeddable: false\ntags: [b]\n",
    ),
    "what a network is told, in braces": (
        "metadata: {youtube: {title: a}} # b\n", ("metadata", "youtube", "embeddable"), True,
        "metadata: {youtube: {title: a, embeddable: true}} # b\n",
    ),
    "a number": ("video: {url: a, cover_ms: 12}\n", ("video", "cover_ms"), 1500,
        "video: {url: a, cover_ms: 1500}\n",
    ),
    "into nothing": ("# only\n", ("text",), "b", "# only\ntext: b\n"),
    "into nothing at all": ("", ("variants", "x", "text"), "b", "variants:\n  x:\n    text: b\n"),
    "into an empty value": ("link:\nid: a\n", ("link",), "b", "link: b\nid: a\n"),
}  # fmt: skip


@pytest.mark.parametrize("case", PUTS)
def test_where_a_key_is_put(case: str) -> None:
    before, path, value, after = PUTS[case]
    assert put(before, 0, path, value) == after
    assert values(before) != values(after)


def test_of_a_markdown_post_front_matter_and_text_are_apart() -> None:
    raw = "---\r\nid: a # c\r\ntags: [b]\r\n...\r\n\r\nOne.\r\n\r\nTwo.\r\n"
    edits: list[tuple[int, tuple[str, ...], Value | None]] = [
        (0, ("text",), "Uno.\n\nDue."),
        (0, ("schedule",), "queue"),
        (0, ("tags",), None),
    ]
    assert rewritten("a.md", raw, edits) == (
        "---\r\nid: a # c\r\nschedule: queue\r\n...\r\n\r\nUno.\r\n\r\nDue.\r\n"
    )
