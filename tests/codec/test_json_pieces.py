"""JSON in pieces: the text is what `json.dumps` writes, and a piece is a piece of lines."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plancast.codec import plan_to_dict, plan_to_json
from plancast.codec.json_pieces import json_pieces
from plancast.model.plan import Plan
from plancast.render.terminal.style import safe_json, to_json
from tests import strategies

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | strategies.texts,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(strategies.texts, inner, max_size=3)
    ),
    max_leaves=12,
)
DOCUMENTS = st.dictionaries(strategies.texts, VALUES, max_size=4)


def with_iterators(document: Mapping[str, object]) -> dict[str, object]:
    return {
        key: iter(value) if isinstance(value, list) else value for key, value in document.items()
    }


@given(DOCUMENTS, st.integers(1, 4))
def test_the_text_is_what_json_dumps_writes(document: dict[str, object], indent: int) -> None:
    expected = json.dumps(document, indent=indent, ensure_ascii=False)
    assert "".join(json_pieces(document, indent)) == expected
    assert "".join(json_pieces(with_iterators(document), indent)) == expected


@given(DOCUMENTS)
def test_what_is_escaped_in_pieces_is_what_is_escaped_as_a_whole(
    document: dict[str, object],
) -> None:
    pieces = map(safe_json, json_pieces(with_iterators(document), 2))
    assert "".join(pieces) == to_json(document, indent=2)


@pytest.mark.parametrize(
    "text", ["::error::no", "a\n::error::no", "##[error]no", "##vso[x]", "\u202e", "\u200b", '"\\']
)
def test_an_order_in_a_text_is_escaped_wherever_a_piece_ends(text: str) -> None:
    document: dict[str, object] = {text: [text, {text: text}], "b": text, "c": [[text]], "d": []}
    pieces = map(safe_json, json_pieces(with_iterators(document), 2))
    assert "".join(pieces) == to_json(document, indent=2)


@given(strategies.plans(), st.sampled_from([1, 2]))
def test_a_plan_in_pieces_is_the_plan(plan: Plan, indent: int) -> None:
    expected = json.dumps(plan_to_dict(plan), indent=indent, ensure_ascii=False) + "\n"
    assert "".join(plan_to_json(plan, indent)) == expected


def test_items_are_asked_for_one_by_one() -> None:
    asked = []

    def items() -> Iterator[object]:
        for number in range(3):
            asked.append(number)
            yield {"number": number}

    pieces = json_pieces({"before": 1, "items": items()}, 1)
    assert (next(pieces), asked) == ('{\n "before": 1', [])
    assert (next(pieces), asked) == (',\n "items": [\n  {\n   "number": 0\n  }', [0])
    assert (next(pieces), asked) == (',\n  {\n   "number": 1\n  }', [0, 1])


def test_a_key_that_is_no_text_is_refused() -> None:
    with pytest.raises(TypeError):
        list(json_pieces({"a": {1: "one"}}, 1))
