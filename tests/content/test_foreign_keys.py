"""Keys that people know from other tools: each gets the hint of its own, however it is spelled."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plancast.content.foreign_keys import PLACES, POST, advice
from plancast.content.partial import fit
from plancast.content.schema import validator
from plancast.model.diagnostics import Pointer

SCHEMA = validator("post").schema
KEYS = frozenset(SCHEMA["properties"])
VARIANT_KEYS = frozenset(SCHEMA["$defs"]["variant"]["properties"])
NESTED = {
    "image": frozenset(SCHEMA["$defs"]["images"]["items"]["properties"]),
    "link": frozenset(SCHEMA["$defs"]["link"]["properties"]),
    "schedule": frozenset(SCHEMA["$defs"]["schedule"]["properties"]),
    "video": frozenset(SCHEMA["$defs"]["video"]["properties"]),
    "part": frozenset(SCHEMA["$defs"]["thread"]["items"]["properties"]),
    "metadata": frozenset(SCHEMA["$defs"]["metadata"]["properties"]),
    "workspace": frozenset(validator("workspace").schema["properties"]),
}


def hint(post: object, schema: str = "post") -> str:
    (found,) = fit(post, schema, Pointer("a.yaml")).problems
    assert found.code == "PC201"
    return found.hint


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("hashtags", "`text`"), ("mentions", "`text`"), ("media", "`images:`"),
        ("photo", "`images:`"), ("message", "`text`"), ("caption", "`text`"), ("body", "`text`"),
        ("date", "`schedule`"), ("time", "`schedule`"), ("publish_at", "`schedule`"),
        ("platforms", "`profiles`"), ("channels", "`profiles`"), ("poll", "by hand"),
        ("retweet", "retweet: https"), ("quote", "retweet: https"), ("reply", "`thread`"),
        ("location", "location_id"), ("url", "`link`"), ("alt", "`images:"), ("title", "`text`"),
        ("timeZone", "`timezone`"), ("tweets", "`thread`"), ("tweet", "`text`"),
        ("threads", "`thread`"), ("comments", "`first_comment`"), ("draft", "`status: draft`"),
        ("slug", "`id`"), ("cw", "spoiler_text"), ("image", "`images:`"), ("Text", "`text`"),
        ("firstComment", "`first_comment`"), ("on-drift", "`on_drift`"), ("twitter", "`variants:`"),
    ],
)  # fmt: skip
def test_a_key_of_another_tool(key: str, meant: str) -> None:
    assert meant in hint({key: "x"})


def test_hashtags_are_not_tags() -> None:
    """Labels would take the hashtags out of public sight."""
    for key in ("hashtags", "hashtag", "hash_tags", "hashTags", "HashTags", "HASHTAGS"):
        assert "Write hashtags in `text`" in hint({key: ["a"]})
        assert "Did you mean" not in hint({key: ["a"]})


@pytest.mark.parametrize(
    ("post", "meant"),
    [
        ({"images": [{"url": "https://a.example", "caption": "x"}]}, "`alt`"),
        ({"images": [{"url": "https://a.example", "altText": "x"}]}, "`alt`"),
        ({"images": [{"url": "https://a.example", "src": "x"}]}, "`url`"),
        ({"link": {"url": "https://a.example", "image": "x"}}, "`thumbnail`"),
        ({"video": {"url": "https://a.example", "thumbnail": "x"}}, "`cover_ms`"),
        ({"schedule": {"at": "2026-12-01 09:30", "tz": "UTC"}}, "`timezone`"),
        ({"schedule": {"at": "2026-12-01 09:30", "date": "x"}}, "`at:"),
        ({"thread": [{"text": "a", "photos": []}]}, "`images:`"),
        ({"thread": [{"text": "a", "hashtags": []}]}, "`text`"),
        ({"metadata": {"x": {}}}, "`twitter`"),
        ({"metadata": {"ig": {}}}, "`instagram`"),
        ({"variants": {"x": {"message": "a"}}}, "`text`"),
        ({"variants": {"x": {"channels": "a"}}}, "post itself"),
        ({"variants": {"x": {"profiles": ["a"]}}}, "post itself"),
        ({"variants": {"x": {"status": "draft"}}}, "post itself"),
        ({"variants": {"x": {"hashtags": "a"}}}, "`text`"),
    ],
)
def test_in_each_place(post: object, meant: str) -> None:
    assert meant in hint(post)


def test_in_plancast_yaml() -> None:
    for key in ("channels", "accounts", "platforms"):
        workspace = {"version": 1, "profiles": {"x": {"id": "a"}}, key: ["a"]}
        assert "`profiles`" in hint(workspace, "workspace")


def test_a_typing_error_still_gets_the_closest_name() -> None:
    assert hint({"schedul": "x"}) == "Did you mean `schedule`?"
    assert hint({"zzz": "x"}).startswith("Known here: ")


def test_a_mapping_or_list_in_the_place_of_a_text_may_be_a_text() -> None:
    for value in ({"Note": "this"}, ["new"]):
        (found,) = fit({"text": value}, "post", Pointer("a.yaml")).problems
        assert (found.code, "quotes" in found.hint) == ("PC202", True)


# -- the class ------------------------------------------------------------------------------------

ROWS = [
    (known, word, text)
    for known in (KEYS, VARIANT_KEYS, *NESTED.values())
    for marks, table in PLACES
    if marks <= known
    for words, text in table.items()
    for word in words.split()
]


def test_each_place_finds_its_own_table() -> None:
    """The marks of a table fit no place that comes before its own."""
    first = [next(i for i, (marks, _) in enumerate(PLACES) if marks <= known)
             for known in (KEYS, NESTED["image"], NESTED["link"], NESTED["video"],
                           NESTED["schedule"], NESTED["part"], NESTED["workspace"],
                           NESTED["metadata"])]  # fmt: skip
    assert first == list(range(len(PLACES)))


def test_no_word_has_two_hints() -> None:
    for _, table in PLACES:
        words = sorted(word for line in table for word in line.split())
        assert [one for one, other in pairwise(words) if one == other] == []


def test_hints_name_keys_that_exist() -> None:
    for text in POST.values():
        named = {match.group(1) for match in re.finditer(r"`([a-z_]+)[:`]", text)}
        assert named <= KEYS, text


@given(st.sampled_from(ROWS), st.sampled_from(["as it is", "plural", "upper", "title", "-", "_"]))
def test_every_spelling_gets_the_same_hint(row: tuple[frozenset[str], str, str], how: str) -> None:
    known, word, text = row
    middle = len(word) // 2
    spelled = {
        "as it is": word,
        "plural": word if word in {"tweet", "toot", "skeet", "thread"} else f"{word}s",
        "upper": word.upper(),
        "title": word.title(),
        "-": f"{word[:middle]}-{word[middle:]}",
        "_": f"{word[:middle]}_{word[middle:]}",
    }[how]
    if any(spelled.casefold() == name.replace("_", "") for name in known):
        assert advice(spelled, known).startswith("Did you mean")
    else:
        assert advice(spelled, known).startswith(text)
