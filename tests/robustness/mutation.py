"""Documents that are almost right: a valid one with a few of its parts changed.

Bytes at random fail at the first of them. What finds mistakes is a document of which all but a leaf
is as it should be, so mutants are made of valid ones: values of other types and at the ends of
their range, parts that are missing or stand twice, texts with what no text should hold.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from plancast.model.exit_codes import ExitCode
from tests.reconcile.documents import Path, at, places
from tests.reliability.depth import THOROUGH

ENDS = frozenset(int(code) for code in ExitCode) - {ExitCode.BUG}
"""How a command may end, whatever it is given."""

TEXTS = (
    "", " ", "x", "0", "-1", "null", "true", "a@x", "@", "a@", "é b/../c@x", "..", "/",
    "\x00", "\n",
    "\ud800", "\udcff", "\udc00x", "\U0001f600", "\u2028", "\u202e", "\x1b[2J", "\ufeff", "\u0661",
    "a" * 3000, "é" * 300, "%s", "{}", "{{7*7}}", "<script>", "[red]", "::stop-commands::x",
    "2026-12-01T09:00:00Z", "2026-12-01 09:30", "0001-01-01T00:00:00Z", "0000-00-00T00:00:00Z",
    "9999-12-31T23:59:59Z", "9999-12-31T23:59:59-14:00", "2026-12-01T09:00:00", "2026-12-01",
    "2026-12-01T09:00:00.123456+00:00:01", "24:00", "queue", "Europe/Berlin", "Not/AZone", "../UTC",
    "https://a.example/", "http://[", "file:///etc/passwd", "9" * 5000, "1e400", "NaN",
)  # fmt: skip
NUMBERS = (
    0, 1, -1, 2, 255, 2**31, 2**53, 2**53 + 1, 2**63, -(2**63), 10**30, 10**300,
    0.0, -0.0, 0.5, 1.5, 1e308, 5e-324, float("inf"), float("-inf"), float("nan"),
    253_402_300_799, 253_402_300_800, -62_135_596_800, 1_800_000_000,
)  # fmt: skip
CONTAINERS: tuple[Any, ...] = (
    [], {}, [[]], [{}], {"": None}, {"x": 1}, [None], [1, "a", None], {"a": {"b": {"c": []}}},
    {"id": "x"}, {"\ud800": "\ud800"}, {"__typename": "X", "message": "no"},
)  # fmt: skip

JUNK: tuple[Any, ...] = (None, True, False, *TEXTS, *NUMBERS, *CONTAINERS)

json_values: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(exclude_categories=[]), max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)
values = (st.sampled_from(JUNK) | json_values).map(copy.deepcopy)


def examples(day: int) -> int:
    """How many examples to try: at night ten times as many."""
    return day * 10 if THOROUGH else day


@st.composite
def mutants(draw: st.DrawFn, document: Any, most: int = 3) -> Any:
    """The document with one to `most` of its parts changed; once in a while it is another thing."""
    if draw(st.integers(0, 19)) == 0:
        return draw(values)
    mutant = copy.deepcopy(document)
    for _ in range(draw(st.integers(1, most))):
        paths = places(mutant)
        if not paths:
            return draw(values)
        mutant = _changed(draw, mutant, draw(st.sampled_from(paths)), paths)
    return mutant


def _changed(draw: st.DrawFn, document: Any, path: Path, paths: Sequence[Path]) -> Any:
    inside, key = at(document, path[:-1]), path[-1]
    known = inside[key]
    match draw(
        st.sampled_from(["junk", "junk", "gone", "other", "twice", "deeper", "text", "key"])
    ):
        case "gone":
            del inside[key]
        case "other":
            inside[key] = copy.deepcopy(at(document, draw(st.sampled_from(list(paths)))))
        case "twice" if isinstance(known, list) and known:
            known.append(copy.deepcopy(draw(st.sampled_from(known))))
        case "deeper":
            inside[key] = {"x": known} if draw(st.booleans()) else [known]
        case "text" if isinstance(known, str):
            place = draw(st.integers(0, len(known)))
            inside[key] = known[:place] + draw(st.sampled_from(TEXTS)) + known[place:]
        case "key" if isinstance(inside, dict):
            inside[draw(st.sampled_from(TEXTS))] = inside.pop(key)
        case _:
            inside[key] = draw(values)
    return document


def spelled(document: Any) -> bytes:
    """A document as JSON, halves of characters and all."""
    return json.dumps(document).encode("ascii")


@st.composite
def raw(draw: st.DrawFn, document: Any, most: int = 3) -> bytes:
    """The bytes of a mutant, most of them whole JSON; some are cut, torn or not text at all."""
    whole = spelled(draw(mutants(document, most)))
    match draw(st.sampled_from(["whole"] * 8 + ["cut", "byte", "twice", "odd"])):
        case "cut":
            return whole[: draw(st.integers(0, len(whole)))]
        case "byte":
            place = draw(st.integers(0, max(0, len(whole) - 1)))
            return whole[:place] + draw(st.binary(max_size=3)) + whole[place + 1 :]
        case "twice":
            return whole.replace(b'": ', b'": 0, "x": 1, "x": ', 1)
        case "odd":
            return draw(st.sampled_from(ODD_BYTES) | st.binary(max_size=40))
    return whole


ODD_BYTES = (
    b"", b"\n", b"\x00", b"\xff\xfe", b"\xef\xbb\xbf{}", b"[" * 100_000, b'{"a":' * 100_000,
    b"<html><body>502 Bad Gateway</body></html>", b"NaN", b"Infinity", b"-", b'"', b"nul",
    b"9" * 10_000, b"1e99999", '{"a": 1}'.encode("utf-16"), b'"\\ud800"', b"{}{}", b"null",
)  # fmt: skip
