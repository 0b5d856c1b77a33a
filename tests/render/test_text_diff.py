"""Differences of texts and of lines, and that they never cost more than they are worth."""

from __future__ import annotations

import re
from difflib import unified_diff

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plancast.render.text_diff import LONG, DiffPiece, pieces, unified
from tests import strategies

lines = st.lists(st.sampled_from("abcdef"), max_size=30)

COSTLY = {
    "every other word is new": (
        [f"w{number}" for number in range(3000)],
        [word for number in range(1500) for word in (f"w{number}", "x")],
    ),
    "two words": (["a"] * 3000, ["a", "b"] * 1500),
    "one word": (["a"] * 3000, ["b", "a", "a"] * 1000),
}
"""Words for whose common ones a search takes the square of their number."""


TEXT = "First line.\n\nSee https://acme.example/a for more.\n\n#launch #acme"

EDITS = {
    "a word at the end": (TEXT, "#acme", "#acme{+ today+}"),
    "a word at the end of the first line": (TEXT, "line.", "line.{+ (updated)+}"),
    "a word in the middle": (TEXT, "for more", "for {+much +}more"),
    "a typo": ("Frist line", "Frist", "[-Frist-]{+First+}"),
    "a link": (
        TEXT,
        "https://acme.example/a",
        "[-https://acme.example/a-]{+https://buff.ly/3xYz+}",
    ),
    "the path of a link": (
        TEXT,
        "https://acme.example/a",
        "[-https://acme.example/a-]{+https://acme.example/b?c=d#e+}",
    ),
    "a link in parentheses": (
        "(see www.acme.example/a).",
        "www.acme.example/a",
        "[-www.acme.example/a-]{+www.acme.example/b+}",
    ),
    "a line at the end": (TEXT, "#acme", "#acme{+\nSee you there!+}"),
    "a line in the middle": (TEXT, "\n\nSee", "\n\n{+New here.\n\n+}See"),
    "a line is removed": (TEXT, "See https://acme.example/a for more.\n\n", "[-…-]"),
    "two lines change places": (
        "One is first.\n\nTwo is second.\n\nThree is last.",
        "One is first.\n\nTwo is second.\n\n",
        "{+Two is second.\n\n+}One is first.\n\n[-Two is second.\n\n-]",
    ),
    "an emoji": ("Hello 🎉 world", "🎉", "[-🎉-]{+🚀+}"),
    "an emoji of several characters": ("Hi 👩‍👩‍👧 all", "👩‍👩‍👧", "[-👩‍👩‍👧-]{+👨‍👩‍👧+}"),
    "a flag": ("From 🇩🇪 now", "🇩🇪", "[-🇩🇪-]{+🇩🇰+}"),
    "a colour of skin": ("Thanks 👍🏽", "👍🏽", "[-👍🏽-]{+👍🏿+}"),
    "Japanese": ("明日は東京で会いましょう。", "東京", "[-東京-]{+大阪+}"),
    "Chinese": ("我们周一发布新版本", "一", "[-一-]{+五+}"),
    "Korean": ("내일 서울에서 만나요", "서울에서", "[-서울에서-]{+부산에서+}"),
    "Arabic": ("مرحبا بالعالم اليوم", "اليوم", "[-اليوم-]{+غدا+}"),
    "Hebrew": ("שלום לכולם היום", "היום", "[-היום-]{+מחר+}"),
    "Hindi": ("नमस्ते दुनिया", "दुनिया", "[-दुनिया-]{+भारत+}"),
    "case": ("Our Launch is Here", "Launch is Here", "[-Launch-]{+launch+} is [-Here-]{+here+}"),
    "a hashtag is added": (TEXT, "#acme", "#acme{+ #new+}"),
    "a hashtag is removed": (TEXT, " #acme", "[-…-]"),
    "an account": ("Thanks @anna for it", "@anna", "[-@anna-]{+@anna.bsky.social+}"),
    "an address of mail": (
        "Ask ann@acme.example.",
        "ann@acme.example",
        "[-…-]{+bob@acme.example+}",
    ),
    "numbers and times": (
        "Save 20% until 12:30",
        "20% until 12:30",
        "[-20-]{+25+}% until [-12:30-]{+13:30+}",
    ),
    "a price": ("Now 1,000.50 euros", "1,000.50", "[-…-]{+1,200.50+}"),
    "a punctuation mark": ("Join us!", "!", "[-!-]{+?+}"),
    "quotation marks": ('He said "yes"', '"yes"', '[-"-]{+“+}yes[-"-]{+”+}'),
    "an apostrophe": ("We dont know", "dont", "[-dont-]{+don't+}"),
    "a blank": ("one  two", "  ", "[- -] "),
    "a line end becomes a blank": ("one\ntwo", "\n", "[-\n-]{+ +}"),
    "a sentence is written anew": (
        "Join us on Monday at ten in Berlin",
        "Join us on Monday at ten in Berlin",
        "[-…-]{+See you on Friday at noon in Hamburg+}",
    ),
    "all is new": (TEXT, TEXT, "[-…-]{+Nothing stays of what was said here before, but a dot.+}"),
}
"""Edit -> the text before, its part that changes, and how that part is shown.

`…` is the part itself.
"""


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_is_shown_as_a_person_would_mark_it(name: str) -> None:
    before, part, marked = EDITS[name]
    marked = marked.replace("…", part)
    after = re.sub(r"\[-.*?-\]", "", marked, flags=re.DOTALL).replace("{+", "").replace("+}", "")
    found = "".join(
        piece.before
        if piece.kept
        else (piece.before and f"[-{piece.before}-]") + (piece.after and f"{{+{piece.after}+}}")
        for piece in pieces(before, before.replace(part, after))
    )
    assert found == before.replace(part, marked)


@given(strategies.texts, strategies.texts)
def test_the_sides_of_a_difference_are_the_texts(before: str, after: str) -> None:
    found = pieces(before, after)
    assert "".join(piece.before for piece in found) == before
    assert "".join(piece.after for piece in found) == after


@pytest.mark.parametrize("name", COSTLY)
def test_what_is_too_costly_is_shown_as_replaced(name: str) -> None:
    old, new = (" ".join(words) for words in COSTLY[name])
    assert max(len(old), len(new)) < LONG
    changed = [piece for piece in pieces(f"begin {old} end", f"begin {new} end") if not piece.kept]
    assert len(changed) == 1


def test_a_long_text_is_shown_as_replaced() -> None:
    old, new = "a " * LONG, "a " * LONG + "b"
    assert pieces(old, new) == (DiffPiece(old, new),)


@given(lines, lines, st.integers(0, 3))
def test_lines_differ_as_diff_says(before: list[str], after: list[str], context: int) -> None:
    expected = list(unified_diff(before, after, lineterm="", n=context))[2:]
    assert list(unified(before, after, context)) == expected


@pytest.mark.parametrize("name", COSTLY)
def test_lines_that_are_too_costly_are_shown_as_replaced(name: str) -> None:
    old, new = COSTLY[name]
    before, after = ["begin", *old, "end"], ["begin", *new, "end"]
    signs = "".join(line[0] for line in unified(before, after, 1))
    assert re.fullmatch(r"@ -{1000,}\+{1000,} ", signs)
