"""Advice on broken YAML: which mistake it names, where, and what it says to write."""

from __future__ import annotations

import pytest

from plancast.content.yaml_reader import read

HEAD = "profiles: [acme-x]\n"

# The text below HEAD, the place of the mistake in the file, words of the detail and of the hint.
MISTAKES = {
    "a colon in a text": ("text: Now: open\n", (2, 10), "colon", "Put the text in quotes"),
    "a sign in front": ("text: %50 off\n", (2, 7), "begins with %", "Put the text in quotes"),
    "a group without quotes": ("tags: [@launch]\n", (2, 8), "begins with @", '"@launch"'),
    "quotes in quotes": ('text: "Say "hello" now"\n', (2, 13), "closing quote", "as a block"),
    "an apostrophe": ("text: 'It's here'\n", (2, 11), "closing quote", "as a block"),
    "curly quotes": ("text: “Now: open”\n", (2, 11), "“ is no quote", "straight quotes"),
    "a quote that stays open": ('text: "Hi\ntags: [a]\n', (2, 7), "not closed", "Close it"),
    "a quote closed by another": (
        'text: "Hi\nlink: "https://acme.example"\n',
        (2, 7),
        "not closed",
        "Close it",
    ),
    "a list that stays open": ("tags: [a\ntext: Hi\n", (2, 7), "list", "Close it with ]"),
    "a mapping that stays open": ("link: {url: a\ntext: Hi\n", (2, 7), "mapping", "with }"),
    "a text in brackets": ("text: [New] Hi\n", (2, 13), "`[` begins a list", "Is it a text?"),
    "a dash in front": ("text: - one\n", (2, 7), "an item of a list", "Is it a text?"),
    "a block at the margin": ("text: |\nHi all\nMore\n", (3, 1), "`text: |`", "by two spaces"),
    "a line at the margin": ("text: Hi\nmore words\ntags: [a]\n", (3, 1), "no key", "as a block"),
    "no blank behind a key": ("text:Hi all\ntags: [a]\n", (2, 6), "touch", "`text: Hi all`"),
    "a key too far right": ("text: Hi\n  link: x\n", (3, 3), "further right", "same column"),
    "a key too far left": (
        "images:\n  - url: x\n  alt: y\n",
        (4, 3),
        "left of `url:`",
        "below `url:`",
    ),
    "marks of a conflict": (
        "<<<<<<< HEAD\ntext: Hi\n=======\ntext: Ho\n>>>>>>> main\n",
        (2, 1),
        "conflict",
        "Keep one version",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_of_an_author_is_named_where_it_is(name: str) -> None:
    text, place, detail, hint = MISTAKES[name]
    _, (flaw,) = read(HEAD + text)
    assert (flaw.code, flaw.line, flaw.column) == ("PC101", *place)
    assert detail in flaw.detail
    assert hint in flaw.hint


@pytest.mark.parametrize("text", ['tags: ["a" "b"]\n', "- a\n", "a: *b: c\n", "a: {b: [}\n"])
def test_no_advice_breaks_off_the_reading(text: str) -> None:
    _, (flaw,) = read(HEAD + text)
    assert flaw.code == "PC101"
    assert flaw.detail
