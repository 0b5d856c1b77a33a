"""YAML by our own rules, and what hostile text cannot do."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from plancast.content.yaml_reader import (
    MAX_BYTES,
    MAX_DEPTH,
    Flaw,
    Marks,
    decode,
    read,
    read_closely,
)


def value(text: str) -> Any:
    documents, flaws = read(text)
    assert flaws == ()
    (document,) = documents
    return document.value


def flaw(text: str) -> Flaw:
    documents, flaws = read(text)
    assert len(flaws) == 1, (documents, flaws)
    return flaws[0]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("true", True), ("True", True), ("TRUE", True), ("false", False),
        ("null", None), ("Null", None), ("~", None), ("", None),
        ("0", 0), ("12", 12), ("-3", -3), ("+4", 4), ("1.5", 1.5), ("1e3", 1000.0),
        ("123456789012345678901", 123456789012345678901),
        ("no", "no"), ("No", "No"), ("yes", "yes"), ("on", "on"), ("off", "off"), ("y", "y"),
        ("tRUE", "tRUE"), ("12:30", "12:30"), ("2026-12-01", "2026-12-01"),
        ("2026-12-01 09:30", "2026-12-01 09:30"), ("007", "007"), ("1_000", "1_000"),
        ("=", "="), ("1.2.3", "1.2.3"), ('"12"', "12"), ("'true'", "true"), ("!!str 12", "12"),
        ("!!int 12", 12), ("! 12", "12"),
    ],
)  # fmt: skip
def test_scalars_are_those_of_yaml_1_2(written: str, meant: object) -> None:
    found = value(f"k: {written}\n")["k"]
    assert (found, type(found)) == (meant, type(meant))


def test_windows_line_ends_and_a_byte_order_mark() -> None:
    raw = b"\xef\xbb\xbfa: 1\r\nb: |\r\n  x\r\n  y\r\n"
    text = decode(raw)
    assert isinstance(text, str)
    assert value(text) == {"a": 1, "b": "x\ny\n"}


def test_documents_have_numbers_and_empty_ones_are_passed_over() -> None:
    documents, flaws = read("---\na: 1\n---\n# nothing\n---\n\nb: 2\n...\n")
    assert flaws == ()
    assert [(item.number, item.line, item.value) for item in documents] == [
        (0, 2, {"a": 1}),
        (2, 7, {"b": 2}),
    ]


@pytest.mark.parametrize("text", ["", "\n\n", "# only\n# comments\n", "---\n---\n", "null\n"])
def test_a_text_without_documents(text: str) -> None:
    assert read(text) == ((), ())


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ("a: [1\nb: 2\n", "PC101", 1, 4),
        ("a: 'open\n", "PC101", 1, 4),
        ("a: b: c\n", "PC101", 1, 5),
        ("a: 1\n\tb: 2\n", "PC102", 2, 1),
        ("a:\n  -\tb\n", "PC102", 2, 4),
        ("a: 1\nb: 2\na: 3\n", "PC103", 3, 1),
        ("a: {b: 1, b: 2}\n", "PC103", 1, 11),
        ("a: *nobody\n", "PC101", 1, 4),
        ("a: &x [*x]\n", "PC105", 1, 8),
        ("a: !!python/object/apply:os.system [ls]\n", "PC106", 1, 4),
        ("a: !!binary aGk=\n", "PC106", 1, 4),
        ("a: !mine x\n", "PC106", 1, 4),
        ("<<: {a: 1}\n", "PC106", 1, 1),
        ("[a]: 1\n", "PC107", 1, 1),
        ("12: 1\n", "PC107", 1, 1),
        ("true: 1\n", "PC107", 1, 1),
        ('a: "\\ud83d"\n', "PC101", 1, 7),
        ("a: \x07\n", "PC101", 1, 4),
    ],
)
def test_what_is_wrong_has_a_place(text: str, code: str, line: int, column: int) -> None:
    found = flaw(text)
    assert (found.code, found.line, found.column) == (code, line, column)


def test_equal_keys_are_all_told() -> None:
    assert [item.code for item in read("a: 1\na: 2\na: 3\n")[1]] == ["PC103", "PC103"]


@pytest.mark.parametrize(
    ("raw", "line", "column"),
    [(b"a: \xe9", 1, 4), (b"a: 1\nb: \xc3\xa9\xff", 2, 5), (b"\xff\xfea\x00", 1, 1)],
)
def test_the_first_byte_that_is_not_utf8(raw: bytes, line: int, column: int) -> None:
    found = decode(raw)
    assert isinstance(found, Flaw)
    assert (found.code, found.line, found.column) == ("PC003", line, column)


def test_a_size_that_is_just_right_and_one_more() -> None:
    assert isinstance(decode(b"x" * MAX_BYTES), str)
    found = decode(b"x" * (MAX_BYTES + 1))
    assert isinstance(found, Flaw)
    assert found.code == "PC005"


def test_a_depth_that_is_just_right_and_one_more() -> None:
    assert read("[" * MAX_DEPTH + "]" * MAX_DEPTH)[1] == ()
    assert flaw("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1)).code == "PC104"


def test_aliases_are_written_out() -> None:
    assert value("a: &x {b: [1, 2]}\nc: *x\n") == {"a": {"b": [1, 2]}, "c": {"b": [1, 2]}}


def test_a_bomb_of_aliases_does_not_go_off() -> None:
    levels = [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]" for n in range(1, 30)]
    assert flaw("\n".join(["l0: &l0 [x, x]", *levels])).code == "PC105"


@pytest.mark.parametrize("anchored", ["{}", "[{}]", "{{a: {}}}"])
def test_a_long_text_counts_by_its_length_when_aliases_repeat_it(anchored: str) -> None:
    text = f"a: &a {anchored.format('e' * 100_000)}\nb: ["
    assert read(f"{text}{'*a, ' * 50}]\n")[1] == ()
    assert flaw(f"{text}{'*a, ' * 200}]\n").code == "PC105"


SHAPES = {
    "brackets": "'[' * n",
    "braces": "'{a: ' * n",
    "dashes": "'- ' * n",
    "question marks": "'? ' * n",
    "both": "'[{a: ' * n",
    "in a post": "'text: ' + '[' * n",
    "closed": "'[' * n + ']' * n",
    "anchors": "'&a [' * n",
    "tags": "'!!seq [' * n",
    "blocks": "'\\n'.join(' ' * i + 'a:' for i in range(1400))",
}


@pytest.mark.part(4)
@pytest.mark.parametrize("parser", ["libyaml", "python"])
@pytest.mark.parametrize("name", SHAPES)
def test_no_depth_ends_the_process(name: str, parser: str) -> None:
    """In a process of its own: what is feared is a signal, not an exception."""
    hidden = "sys.modules['yaml.cyaml'] = None" if parser == "python" else "pass"
    code = f"""
import sys
import yaml
{hidden}
from plancast.content.yaml_reader import Marks, read
for n in (50_000, 1_000_000):
    text = {SHAPES[name]}
    print(*(flaw.code for flaw in read(text)[1]))
    Marks(text).find(0, ("text", 0))
"""
    ended = subprocess.run(
        [sys.executable, "-c", code], check=False, capture_output=True, text=True, timeout=120
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert set(ended.stdout.split()) <= {"PC104", "PC107"}
    assert len(ended.stdout.split()) == 2


def test_both_parsers_read_the_same() -> None:
    text = "a: [1, no, 'x']\nb: |\n  y\n---\nc: {d: ~, e: 2026-12-01}\n"
    code = (
        "import sys, yaml; sys.modules['yaml.cyaml'] = None\n"
        "from plancast.content.yaml_reader import read\n"
        f"print([(d.number, d.line, d.value) for d in read({text!r})[0]])"
    )
    ended = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert ended.stdout.strip() == str([(d.number, d.line, d.value) for d in read(text)[0]])


PLACES = "a: 1\nimages:\n  - url: x\n    alt: two words\n---\nb: [p, q]\n"


@pytest.mark.parametrize(
    ("number", "path", "key", "found"),
    [
        (0, (), False, (1, 1)),
        (0, ("a",), False, (1, 4)),
        (0, ("a",), True, (1, 1)),
        (0, ("images", 0, "alt"), False, (4, 10)),
        (0, ("images", 0, "alt"), True, (4, 5)),
        (0, ("images", 0, "missing"), False, (3, 5)),
        (0, ("nowhere",), False, (1, 1)),
        (1, ("b", 1), False, (6, 8)),
        (7, ("a",), False, (1, 1)),
    ],
)
def test_places(
    number: int, path: tuple[str | int, ...], key: bool, found: tuple[int, int]
) -> None:
    line, column, end, text = Marks(PLACES).find(number, path, key=key)
    assert (line, column) == found
    assert end > column
    assert text == PLACES.splitlines()[line - 1]


def test_places_before_a_flaw_are_known_all_the_same() -> None:
    assert Marks("a: 1\nb: 2\nc: [\n").find(0, ("b",))[:2] == (2, 4)


@given(st.text(alphabet=st.sampled_from("ab:-#[]{}&*!|>'\"%@`,?\n \t\r\u2028\x85\ufeff\x00"),
               max_size=40))  # fmt: skip
def test_nothing_that_is_written_raises(text: str) -> None:
    documents, flaws = read(text)
    for item in flaws:
        assert item.line >= 1
        assert item.column >= 1
    marks = Marks(text)
    for document in documents:
        assert marks.find(document.number, ())[0] >= 1


PIECES = st.sampled_from(
    ["a: b\n", "- x\n", "  c: d # no\n", "t: |\n  hi #there\n", "t: | #x\n  hi\n", "#tag\n",
     "# c\n", "'q #a'", '"d #b"', "{a: 1, b: [x, y]}", "&a ", "*a", "!t ", "---\n", "...\n",
     "\r\n", "\t", "  ", "\u00e9\U0001f469", "? k\n", ": v\n", "[", "]", "{", "}", ",", "~", "1",
     "no", "true", "<<: x\n", "''", '""', ">\n  f\n\n", "#", "-", " ", "\n", "\u2028", "\x85",
     "x: y z\n   more #q\n", "\ufeff", "t: | #x", "t: > #x\r  hi", "\xa0#n"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=12).map("".join))
@example("a: b #c\n")
@example("a: | #c\n  b\n")
@example("a: | #c")
@example("a: | #c\r  b\r")
@example("a: > #c\x85  b #d")
@example("[c, \xa0#d]")
@example("[c, \u3000#d]")
@example("a: 1\n---\n~\n---\n- 2\n")
def test_the_short_way_reads_as_the_long_way_does(text: str) -> None:
    documents, flaws = read(text)
    assert (documents, flaws) == read_closely(text)
    # `1 == True`, so the values are compared as they are spelled as well.
    assert repr(documents) == repr(read_closely(text)[0])


def test_a_text_with_too_many_values_is_read_the_long_way() -> None:
    (flaw,) = read("[" + "1," * 120_000 + "1]")[1]
    assert flaw.code == "PC105"


def test_levels_are_counted_on_the_short_way_too() -> None:
    assert read("[" * MAX_DEPTH + "]" * MAX_DEPTH)[1] == ()
    (flaw,) = read("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1))[1]
    assert flaw.code == "PC104"


@given(st.binary(max_size=60))
def test_no_bytes_raise(raw: bytes) -> None:
    text = decode(raw)
    assert isinstance(text, Flaw) or read(text) is not None
