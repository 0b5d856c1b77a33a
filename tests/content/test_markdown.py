"""Markdown as plain text, and plain text as Markdown."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plancast.content.editing.markdown_text import body_edits, escaped, merged
from plancast.content.editing.pull_layers import Edit
from plancast.content.markdown import LONGEST, BodyPlace, convert, first_syntax, may_have_signs

CONVERTED: Mapping[str, tuple[str, str]] = {
    # -- signs inside a line
    "bold": ("a **b** c", "a b c"),
    "bold with underscores": ("a __b__ c", "a b c"),
    "italic": ("a _b_ *c*", "a b c"),
    "both": ("***a** b*", "a b"),
    "strike": ("~~a~~ b", "a b"),
    "code": ("run `a_*b*` now", "run a_*b* now"),
    "escapes": (r"\*a\* \_b\_ \#c \[d\] \\", r"*a* _b_ #c [d] \ ".strip()),
    "entities": ("a &amp; b &lt; c &copy; &#35;", "a & b < c © #"),
    "what is no entity": ("AT&T a&b; &nosuch;", "AT&T a&b; &nosuch;"),
    "emphasis over lines": ("**a\nb** c", "a\nb c"),
    # -- links
    "a link": ("see [the docs](https://a.example/x).", "see the docs (https://a.example/x)."),
    "a link with words in bold": ("[**a** b](https://a.example)", "a b (https://a.example)"),
    "a link with a title": ('[a](https://a.example "T")', "a (https://a.example)"),
    "a link by a name": ("[a][n] [n]\n\n[n]: https://a.example 'T'", "a (https://a.example) n "
                         "(https://a.example)"),
    "a link whose words are its address": ("[https://a.example](https://a.example)",
                                           "https://a.example"),
    "a link whose words are its host": ("[a.example](https://a.example/)", "https://a.example/"),
    "a link without words": ("a [](https://a.example) b", "a https://a.example b"),
    "a link without a target": ("[a]() b", "a b"),
    "an address as a link": ("a <https://a.example/_x_> b", "a https://a.example/_x_ b"),
    "an address between letters": ("a<https://a.example>b", "a https://a.example b"),
    "an address before a full stop": ("<https://a.example>.", "https://a.example."),
    "a mail address": ("<a@b.example> [me](mailto:a@b.example)", "a@b.example me (a@b.example)"),
    "an address as it is written": ("[a](https://münchen.example/ä%20b)",
                                    "a (https://münchen.example/ä%20b)"),
    "brackets without a target": ("[a] [b][c] [ ]", "[a] [b][c] [ ]"),
    # -- what looks like Markdown in a post
    "a hashtag": ("#launch today #now", "#launch today #now"),
    "hashtags on a line": ("Hi\n\n#a #b_c_ #_d_", "Hi\n\n#a #b_c_ #_d_"),
    "snake case": ("a snake_case_word and a_b_c", "a snake_case_word and a_b_c"),
    "a mention": ("@_jane_ and @joe_ and @a_b_c", "@_jane_ and @joe_ and @a_b_c"),
    "a mention in italic": ("_hi @joe_ there", "hi @joe there"),
    "a bare address": ("https://a.example/_b_/*c*/~~d~~?e=_f_", "https://a.example/_b_/*c*/~~d~~?e=_f_"),
    "a bare host with a path": ("a.example/_b_/c", "a.example/_b_/c"),
    "a bare address in bold": ("**https://a.example/_b_c**", "https://a.example/_b_c"),
    "a bare address in brackets": ("(*https://a.example/_b_*)", "(https://a.example/_b_)"),
    "a product": ("2*3*4 = 24", "2*3*4 = 24"),
    "signs apart": ("5 * 3 * 2, a * b, a_ b_", "5 * 3 * 2, a * b, a_ b_"),
    "a year": ("2026. What a year", "2026. What a year"),
    "smaller": ("I <3 you, 1 < 2 > 0", "I <3 you, 1 < 2 > 0"),
    "a shrug": (r"¯\\\_(ツ)\_/¯", r"¯\_(ツ)_/¯"),
    # -- blocks
    "a heading": ("# A *b*\nc", "A b\nc"),
    "headings": ("## A ##\n\nB\n===\n\nC\n---\nd", "A\n\nB\n\nC\nd"),
    "a heading without words": ("a\n\n#\n\nb", "a\n\n#\n\nb"),
    "lines": ("a\nb  \nc\\\nd", "a\nb\nc\nd"),
    "paragraphs": ("a\n\nb\n\n\n\nc", "a\n\nb\n\n\n\nc"),
    "a list": ("Now:\n- a\n- *b*\n\nc", "Now:\n• a\n• b\n\nc"),
    "a list with other signs": ("* a\n* b\n\n+ c", "• a\n• b\n\n• c"),
    "a loose list": ("- a\n\n- b", "• a\n\n• b"),
    "a list in a list": ("- a\n  - b\n    c\n- d", "• a\n  • b\n    c\n• d"),
    "an empty item": ("- a\n-\n- b", "• a\n•\n• b"),
    "tasks": ("- [ ] a\n- [x] b", "• [ ] a\n• [x] b"),
    "numbers": ("1. a\n2. b\n5) c", "1. a\n2. b\n5) c"),
    "numbers as written": ("3. a\n1. b\n007. c", "3. a\n1. b\n007. c"),
    "numbers that count up": ("1. a\n1. b\n1. c", "1. a\n2. b\n3. c"),
    "a quote": ("> a *b*\n> c\n\nd", "> a b\n> c\n\nd"),
    "a quote that goes on": ("> a\nb", "> a\n> b"),
    "a quote in a quote": ("> a\n> > b\n>\n> c", "> a\n> > b\n>\n> c"),
    "a rule": ("a\n\n---\n\nb\n\n* * *", "a\n\n———\n\nb\n\n———"),
    "code between fences": ("a\n```python\n**b**\n\n  c\n```\nd", "a\n**b**\n\n  c\nd"),
    "indented code": ("a\n\n    **b**\n      c", "a\n\n**b**\n  c"),
    # -- what is not shown
    "a comment": ("a <!-- n --> b", "a b"),
    "a comment on lines": ("a\n\n<!-- n\n\nm -->\n\nb", "a\n\nb"),
    "a comment between lines": ("a\n<!-- n -->\nb", "a\nb"),
    "a comment at the end of a line": ("a <!-- n -->\nb", "a\nb"),
    "a comment as a definition": ("a\n\n[//]: # (n)\n[comment]: <> (m)\n\nb", "a\n\nb"),
    "a comment that is code": ("`<!-- a -->`", "<!-- a -->"),
    "an image on a line": ("a\n![b](https://a.example/i.png)\nc", "a\nc"),
    "an image in a line": ("a ![b](https://a.example/i.png) c", "a c"),
    "an image in a link": ("[![b](https://a.example/i.png)](https://a.example)",
                           "https://a.example"),
    # -- blanks that a plain text has
    "blanks": ("\u3000a  b\n  c\u00a0\n\n \u3000\n d", "a  b\n  c\u00a0\n\n \u3000\n d"),
}  # fmt: skip


@pytest.mark.parametrize("name", CONVERTED)
def test_markdown_as_plain_text(name: str) -> None:
    source, text = CONVERTED[name]
    plain = convert(source)
    assert plain.text == text
    assert plain.kept == ()


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_line_ends_of_windows_and_unix_are_the_same(end: str) -> None:
    source = "# A\n\n- b\n- c\n".replace("\n", end)
    assert convert(source).text == "A\n\n• b\n• c"


def test_images_in_the_order_of_the_text_with_plain_alternative_texts() -> None:
    plain = convert(
        "[![a *b*](https://a.example/1.png)](https://a.example)\n\n"
        '- x ![](https://a.example/2.png "T")\n\n![c\nd][n]\n\n[n]: https://a.example/3.png'
    )
    assert [(image.url, image.alt) for image in plain.images] == [
        ("https://a.example/1.png", "a b"),
        ("https://a.example/2.png", ""),
        ("https://a.example/3.png", "c d"),
    ]
    assert [image.place.line for image in plain.images] == [1, 3, 5]


KEPT: Mapping[str, tuple[str, str, BodyPlace]] = {
    "a table": ("x\n\n| a | b |\n|---|:-:|\n| 1 | 2 |", "a table", BodyPlace(4, 1)),
    "a footnote": ("a\nb[^1] c", "a footnote", BodyPlace(2, 2)),
    "a footnote with an address": (
        "a[^1]\n\n[^1]: https://a.example", "a footnote", BodyPlace(1, 2)
    ),
    "a tag": ("a <b>b</b>", "HTML", BodyPlace(1, 3)),
    "a break": ("a<br>b", "HTML", BodyPlace(1, 2)),
    "a block of HTML": ("a\n\n<div>\nb\n</div>", "HTML", BodyPlace(3, 1)),
    "words behind a comment": ("<!-- n --> a **b**", "HTML", BodyPlace(1, 1)),
    "a comment without an end": ("a\n\n<!-- b", "HTML", BodyPlace(3, 1)),
    "code without an end": ("a\n\n```b\nc", "a block of code without an end", BodyPlace(3, 1)),
    "a definition that nothing uses": (
        "a\n\n[b]: https://a.example", "a definition of a link that nothing uses", BodyPlace(3, 1)
    ),
    "a second definition": (
        "[b]\n\n[b]: https://a.example\n[b]: https://b.example",
        "a definition of a link that nothing uses", BodyPlace(4, 1),
    ),
    "a relative link": (
        "[a](b.md)", "the target `b.md`, which is no web address", BodyPlace(1, 1)
    ),
    "too deep": ("> " * 60 + "a", "lists or quotes that are nested too deeply", BodyPlace(1, 1)),
    "too long": ("**a** " * 11_000, "a text of more than 65,536 characters", BodyPlace(1, 1)),
}  # fmt: skip


@pytest.mark.parametrize("name", KEPT)
def test_what_has_no_plain_form_is_sent_as_it_is_written_and_reported(name: str) -> None:
    source, what, place = KEPT[name]
    plain = convert(source)
    assert [(kept.what, kept.place) for kept in plain.kept] == [(what, place)]
    assert not_in_text(source, plain.text) == set()


def test_comments_without_end_take_no_longer_than_their_length() -> None:
    """Time that grew with the square of the length would be a minute."""
    source = "<!--" * 16_000
    assert convert(source).text == source
    assert first_syntax(source) is None
    assert convert(f"{source}-->").text == ""
    assert first_syntax(f"{source}-->") == BodyPlace(1, 1)


SHOWS: Mapping[str, tuple[str, BodyPlace | None]] = {
    "bold": ("a\nb **c** **d**", BodyPlace(2, 3)),
    "bold behind signs": ("a * b **c**", BodyPlace(1, 7)),
    "a link": ("- a\n- b [c](https://a.example)", BodyPlace(2, 5)),
    "an image": ("  ![a](https://a.example)", BodyPlace(1, 3)),
    "an address in brackets": ("a <https://a.example>", BodyPlace(1, 3)),
    "code": ("a `b`", BodyPlace(1, 3)),
    "an escape": ("a \\* **b**", BodyPlace(1, 3)),
    "a heading": ("a\n\n> ## b", BodyPlace(3, 3)),
    "fences": ("a\n```\nb\n```", BodyPlace(2, 1)),
    "a comment": ("a <!-- b -->", BodyPlace(1, 3)),
    "a comment on lines": ("a\n\n  <!-- b\n\n-->", BodyPlace(3, 3)),
    "a definition": ("a\n\n[b]: https://a.example", BodyPlace(3, 1)),
    "a backslash at the end of a line": ("a\\\nb", BodyPlace(1, 2)),
    "a list": ("- a\n- b\n\n1. c", None),
    "a quote and a rule": ("> a\n\n---\n\nb  \nc", None),
    "a tag that is none": ("a <name> b", None),
    "hashtags and names": ("#a_b_ @_c_ snake_case https://a.example/_b_/", None),
    "a footnote": ("a[^1]", None),
}


@pytest.mark.parametrize("name", SHOWS)
def test_the_first_place_whose_signs_a_network_would_show(name: str) -> None:
    source, place = SHOWS[name]
    assert first_syntax(source) == place


# -- properties -----------------------------------------------------------------------------------

PARTS = st.sampled_from(
    [
        "**", "_", "*", "__", "`", "[", "](https://a.example/x)", "]", "!", "![", "<!-- n -->",
        "<!--", "-->", "<b>", "<", "> ", "#", " # ", "\n", "\n\n", "\n\n\n", "- ", "1. ", "1) ",
        "2. ", "   ", "    ", "\t", "~~", "~", "---", "===", "\n---\n", "\\", "&amp;", "&", "a",
        "b c", "Zwei", "@_x_", "https://e.example/_a_/b", "#_t", "|", "|---|", "[^1]", "[a]: u",
        "[a]", "\n[a]: https://x\n", "```", "\n```\n", "\u3000", "é", "👩‍💻", "+", "=", "  \n",
        "\u00a0", "http://", "'", "(", ")", '"t"', "\n\n[^1]: z\n",
    ]
)  # fmt: skip
HOSTILE = st.lists(PARTS, max_size=14).map("".join)
CALM = st.text(st.sampled_from("aeinost äß日🎉  \n\n.,;:'’\"?()/@#%€"), max_size=60).filter(
    lambda text: not re.search(r"(?m)^\s*#+(\s|$)|^(\t| {4})|  $", text)
)
TEXTS = st.text(
    st.characters(exclude_categories=["Cc", "Cs"], include_characters="\n\t"), max_size=40
)


def not_in_text(source: str, *shown: str) -> set[str]:
    """Return the words of a source that do not stand in what is shown, comments apart."""
    visible = re.sub(r"<!--.*?-->", " ", source, flags=re.DOTALL)
    visible = re.sub(r"(?m)(```|~~~)[^`\n]*$", r"\1 ", visible)  # the language of a block of code
    words = {word for word in re.findall(r"[A-Za-zé]+", visible) if word != "amp"}
    return {word for word in words if not any(word in text for text in shown)}


@given(HOSTILE)
def test_no_word_of_a_source_is_lost(source: str) -> None:
    plain = convert(source)
    images = [part for image in plain.images for part in (image.alt, image.url)]
    assert not_in_text(source, plain.text, *images) == set()
    first_syntax(source)


@given(CALM)
def test_a_text_without_markdown_is_unchanged(text: str) -> None:
    assert convert(text).text == text.strip()
    assert first_syntax(text) is None
    assert escaped(text.strip()) == text.strip()


@given(HOSTILE | CALM | TEXTS)
def test_the_parser_agrees_that_a_body_without_signs_is_plain(body: str) -> None:
    body = body.strip()
    if body and not may_have_signs(body):
        # The reference to a blank is a sign, so this body is parsed.
        assert convert(f"{body}\n\n&#32;a").text == f"{body}\n\n a"


@given(HOSTILE | TEXTS)
def test_an_escaped_text_converts_to_the_text(text: str) -> None:
    text = text.strip()
    plain = convert(escaped(text))
    assert (plain.text, plain.images, plain.kept) == (text, (), ())


@given(HOSTILE, HOSTILE)
def test_a_body_with_an_edited_text_converts_to_that_text(body: str, text: str) -> None:
    assert convert(merged(body, text.strip())).text == text.strip()


@given(HOSTILE)
def test_a_body_whose_text_is_not_edited_stays_as_it_is(body: str) -> None:
    plain = convert(body)
    if plain.lines and "\n".join(plain.lines) == plain.text:
        assert merged(body, plain.text).strip("\n") == body.rstrip("\n").strip("\n")


PULLED_IMAGES = st.lists(
    st.sampled_from(["https://a.example/x", "https://b.example/n.png"]), max_size=2
)


@given(HOSTILE, st.none() | HOSTILE, st.none() | PULLED_IMAGES)
def test_a_file_after_pulled_edits_says_what_was_pulled(
    body: str, text: str | None, images: list[str] | None
) -> None:
    before = convert(body)
    edits = [Edit(("schedule",), "queue")]
    if text is not None:
        edits.append(Edit(("text",), text.strip()))
    if images is not None:
        edits.append(Edit(("images",), [{"url": url} for url in images]))
    others, new_body = body_edits(edits, {}, body)
    after = convert(body if new_body is None else new_body)
    assert others[0] == edits[0]
    assert after.text == (before.text if text is None else text.strip())
    in_front = [_urls(edit.value) for edit in others if edit.path == ("images",)]
    in_body = [image.url for image in after.images]
    assert not (in_front and in_body)  # both are an error
    wanted = [image.url for image in before.images] if images is None else images
    assert (in_front[0] if in_front else in_body) == wanted


def _urls(images: Any) -> list[str]:
    return [image["url"] for image in images]


PATHOLOGICAL = {
    "brackets": "[" * 8000, "images": "![" * 4000, "nested images": "![" * 900 + "a" + "](b)" * 900,
    "stars": "*a **a " * 1200, "quotes": ">" * 8000, "comments": "<!-- a " * 1200,
    "fences": "".join("`" * number + "e" for number in range(120)),
    "definitions": "[a]: u\n" * 1200,
    "lists": "".join(" " * number + "- a\n" for number in range(120)), "dashes": "- " * 4000,
    "underlines": "a_" * 4000, "addresses": "a.b/" * 2000, "names": "@_" * 4000,
    "pointed": "<a" * 4000, "links": "[a](" * 2000, "long": "a" * LONGEST,
}  # fmt: skip


@pytest.mark.parametrize("name", PATHOLOGICAL)
def test_a_text_that_is_hard_to_parse_loses_nothing(name: str) -> None:
    source = PATHOLOGICAL[name]
    plain = convert(source)
    assert not_in_text(source, plain.text, *(image.alt for image in plain.images)) == set()
    first_syntax(source)


# -- edits ----------------------------------------------------------------------------------------

EDITED: Mapping[str, tuple[str, str, str]] = {
    "a block in the middle": (
        "# A\n\nb **c**\n\n- d\n- [e](https://a.example)\n",
        "A\n\nb, c\n\n• d\n• e (https://a.example)",
        "# A\n\nb, c\n\n- d\n- [e](https://a.example)",
    ),
    "the end": ("**a**\n\nb\n", "a\n\nb *now*", "**a**\n\nb \\*now\\*"),
    "a new block": ("**a**\n\n*c*\n", "a\n\nb\n\nc", "**a**\n\nb\n\n*c*"),
    "a block that went": ("**a**\n\nb\n\n*c*\n", "a\n\nc", "**a**\n\n*c*"),
    "comments": (
        "<!-- n -->\n\n**a**\n\n<!-- m -->\n\nb\n",
        "a\n\nc",
        "<!-- n -->\n\n**a**\n\n<!-- m -->\n\nc",
    ),
    "definitions": (
        "[a][n]\n\nb\n\n[n]: https://a.example\n",
        "a (https://a.example)\n\nc",
        "[a][n]\n\nc\n\n[n]: https://a.example",
    ),
    "images": (
        "**a**\n\n![b](https://a.example/1.png)\n\nc\n",
        "a\n\nd",
        "**a**\n\n![b](https://a.example/1.png)\n\nd",
    ),
}


@pytest.mark.parametrize("name", EDITED)
def test_an_edit_keeps_the_markdown_around_it(name: str) -> None:
    body, text, expected = EDITED[name]
    after = merged(body, text)
    assert after == expected
    assert convert(after).text == text


def test_only_the_paragraphs_with_signs_are_escaped() -> None:
    assert escaped("a_b #c\n\n2 ** 3 _x_\n- d") == "a_b #c\n\n2 \\*\\* 3 \\_x\\_\n\\- d"


def test_the_parser_is_imported_for_markdown_alone() -> None:
    code = (
        "import sys, plancast.commands.pull, plancast.content.loader\n"
        "from plancast.content.markdown import convert, first_syntax\n"
        "text = 'Hello #launch!\\n\\n\\nSee https://a.example/b, @you (1).'\n"
        "assert (convert(text).text, first_syntax(text)) == (text, None)\n"
        "assert 'markdown_it' not in sys.modules\n"
        "assert convert('*a*').text == 'a'\n"
        "assert 'markdown_it' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
