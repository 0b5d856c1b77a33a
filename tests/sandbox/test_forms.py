"""Parameters are read as PHP reads them, however a client writes its brackets."""

from __future__ import annotations

from urllib.parse import parse_qsl

import pytest

from plancast.sandbox.forms import Form, parse
from plancast.sandbox.problems import ApiError


def form(body: str) -> Form:
    return Form(parse(parse_qsl(body, keep_blank_values=True)))


@pytest.mark.parametrize(
    "body",
    [
        "profile_ids[]=a&profile_ids[]=b",
        "profile_ids%5B%5D=a&profile_ids%5B%5D=b",
        "profile_ids%5B0%5D=a&profile_ids%5B1%5D=b",
        "profile_ids[0]=a&profile_ids[]=b",
        "&profile_ids[]=a&profile_ids[]=b",
        "profile_ids[]=a&profile_ids[]=b&",
        "profile_ids[x]=a&profile_ids[y]=b",
    ],
)
def test_arrays(body: str) -> None:
    assert form(body).strings("profile_ids") == ["a", "b"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("a=1&a=2", {"a": "2"}),
        ("a[b]=1&a[c]=2", {"a": {"b": "1", "c": "2"}}),
        ("a[5]=x&a[]=y", {"a": {"5": "x", "6": "y"}}),
        ("a[b][]=1&a[b][]=2", {"a": {"b": {"0": "1", "1": "2"}}}),
        ("s[0][days][]=mon&s[0][x]=y", {"s": {"0": {"days": {"0": "mon"}, "x": "y"}}}),
        ("a=1&a[b]=2", {"a": {"b": "2"}}),
        ("a[b]c=1", {"a": {"b": "1"}}),
        ("=1&[x]=2&&", {}),
        ("a" + "[x]" * 9 + "=deep", {}),
    ],
)  # fmt: skip
def test_trees(body: str, expected: object) -> None:
    assert form(body).tree == expected


@pytest.mark.parametrize("word", ["", "0", "false", "False", " FALSE "])
def test_false(word: str) -> None:
    assert form(f"now={word}").flag("now", True) is False


@pytest.mark.parametrize("word", ["1", "true", "True", "yes", "2"])
def test_true(word: str) -> None:
    assert form(f"now={word}").flag("now") is True


def test_a_flag_that_was_not_sent_has_its_default() -> None:
    assert form("").flag("shorten", True) is True
    assert form("").flag("now") is False


def test_media_left_out_differs_from_media_sent_empty() -> None:
    assert form("text=x").mapping("media") is None
    assert form("media=").mapping("media") == {}
    assert form("media[link]=").mapping("media") == {}
    assert form("media[link]=u").mapping("media") == {"link": "u"}
    assert form("text=x").mappings("extra_media") is None
    assert form("extra_media=").mappings("extra_media") == ()
    body = "extra_media[0][photo]=p&extra_media[1][photo]=q&extra_media[2]=odd"
    assert form(body).mappings("extra_media") == ({"photo": "p"}, {"photo": "q"})


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("1796117400", 1796117400),
        ("1796117400.9", 1796117400),
        ("2026-12-01T09:30:00Z", 1796117400),
        ("2026-12-01T09:30:00.123Z", 1796117400),
        ("2026-12-01T10:30:00%2B01:00", 1796117400),
        ("2026-12-01T09:30:00", 1796117400),
        ("2026-12-01 09:30:00", 1796117400),
        ("2026-12-01 09:30", 1796117400),
        ("2026-12-01", 1796083200),
        ("", None),
        ("+", None),
    ],
)
def test_moments(value: str, expected: int | None) -> None:
    assert form(f"scheduled_at={value}").moment("scheduled_at") == expected


@pytest.mark.parametrize(
    "value", ["soon", "2026-13-01", "2026-12-01T09:30:00+01:00", "-5", "9" * 20, "nan"]
)
def test_what_is_no_moment_is_1003(value: str) -> None:
    with pytest.raises(ApiError) as caught:
        form(f"scheduled_at={value}").moment("scheduled_at")
    assert (caught.value.code, caught.value.status) == (1003, 400)


def test_what_is_no_number_is_1006() -> None:
    assert form("count=").number("count", 20) == 20
    with pytest.raises(ApiError) as caught:
        form("count=many").number("count", 20)
    assert (caught.value.code, caught.value.status) == (1006, 400)
