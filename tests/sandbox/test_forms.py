"""Parameters are read as PHP reads them, however a client writes its brackets."""

from __future__ import annotations

import pytest

from plancast.sandbox.v1.errors import ApiError, GateError
from plancast.sandbox.v1.php_form import MAX_FIELDS, Form, parse, read_multipart, read_urlencoded


def form(body: str) -> Form:
    return Form(parse(read_urlencoded(body.encode(), "body")))


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
        ("a[]=1&a[7]=2&a[]=3&a[3]=4&a[]=5", {"a": dict(zip("07839", "12345", strict=True))}),
        ("a[]=1&a=2&a[]=3", {"a": {"0": "3"}}),
        ("a[" + "9" * 5000 + "]=1&a[]=2", {"a": {"9" * 5000: "1", "0": "2"}}),
        ("a[\u0665]=1&a[]=2", {"a": {"\u0665": "1", "0": "2"}}),
        ("a=100%&b=%zz&c=%", {"a": "100%", "b": "%zz", "c": "%"}),
        ("a=1;b=2", {"a": "1;b=2"}),
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


@pytest.mark.parametrize("body", [b"a=\xff", b"a=%ff", b"%ff=a", b"a=%ed%a0%80", b"a=\xc3"])
def test_values_are_utf8(body: bytes) -> None:
    with pytest.raises(GateError) as caught:
        read_urlencoded(body, "query")
    assert (caught.value.code, caught.value.message) == (1003, "The query is not UTF-8.")


def test_parameters_have_a_limit() -> None:
    body = b"&".join([b"a[]=x"] * MAX_FIELDS)
    assert form(body.decode()).strings("a") == ["x"] * MAX_FIELDS
    with pytest.raises(GateError) as caught:
        read_urlencoded(body + b"&a[]=x", "body")
    assert caught.value.code == 413


def part(name: str, text: str) -> bytes:
    return f"--b\r\nContent-Disposition: form-data; {name}\r\n\r\n{text}\r\n".encode()


def test_multipart() -> None:
    body = part('name="a[]"', "é") + part('name="a[]"', "") + part('name="f"; filename="x"', "F")
    found = read_multipart(body + b"--b--\r\n", {"boundary": "b"})
    assert found == [("a[]", "é"), ("a[]", "")]
    assert read_multipart(part("x=y", "unnamed") + b"--b--", {"boundary": "b"}) == [("", "unnamed")]


@pytest.mark.parametrize(
    ("body", "boundary", "code"),
    [
        (b"", "b", 1003),
        (part('name="a"', "x"), "b", 1003),
        (part('name="a"', "x") + b"--b--", "c", 1003),
        (part('name="a"', "x") + b"--b--", "", 1003),
        (part('name="a"', "x") + b"--b--", "\u00fc", 1003),
        (b"--b\r\nX: y\r\n\r\nx\r\n--b--", "b", 1003),
        (b"--b\r\n\xff: y\r\n\r\nx\r\n--b--", "b", 1003),
        (part('name="a"', "x") * (MAX_FIELDS + 1) + b"--b--", "b", 413),
    ],
)
def test_multipart_that_cannot_be_read(body: bytes, boundary: str, code: int) -> None:
    with pytest.raises(GateError) as caught:
        read_multipart(body, {"boundary": boundary})
    assert caught.value.code == code
