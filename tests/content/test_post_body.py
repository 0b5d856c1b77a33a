"""Bodies of Markdown posts: who says how they are read, and what is reported about them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from plancast.content.loader import Loaded, load
from plancast.content.post_body import second_front_matter
from plancast.content.validate import validate
from plancast.model.diagnostics import Severity
from plancast.model.entry import Image
from plancast.reconcile.selectors import assume

HEAD = "version: 1\nprofiles: {li: {id: a, service: linkedin}}\n"
FRONT = "profiles: [li]\n"
BODY = "Hello **you**\n"


def loaded(
    root: Path, body: str = BODY, *, front: str = "", above: Mapping[str, str] | None = None
) -> Loaded:
    """Load one Markdown post. `above` maps the names of files to what they say beside it."""
    files = {"plancast.yaml": HEAD, "posts/a.md": f"---\n{FRONT}{front}---\n{body}"}
    for name, more in (above or {}).items():
        files[name] = files.get(name, "") + more
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    return load(root)


def found(loaded: Loaded) -> list[tuple[str, str]]:
    """Return the codes of problems, each with its place in the text."""
    return [
        (item.code, str(item.source).removeprefix("posts/a.md:")) for item in loaded.diagnostics
    ]


PLAIN, LITERAL = "Hello you", "Hello **you**"
TOP, DEEP = "_defaults.yaml", "posts/_defaults.yaml"
LAYERS: Mapping[str, tuple[Mapping[str, str], str, str]] = {
    "no one": ({}, "", LITERAL),
    "the workspace": ({"plancast.yaml": "markdown: plain\n"}, "", PLAIN),
    "its defaults": ({"plancast.yaml": "defaults: {markdown: plain}\n"}, "", PLAIN),
    "its defaults before itself": (
        {"plancast.yaml": "markdown: plain\ndefaults: {markdown: literal}\n"}, "", LITERAL
    ),
    "a folder": ({TOP: "markdown: plain\n"}, "", PLAIN),
    "the nearer folder": ({TOP: "markdown: plain\n", DEEP: "markdown: literal\n"}, "", LITERAL),
    "a folder before the workspace": (
        {"plancast.yaml": "markdown: literal\n", DEEP: "markdown: plain\n"}, "", PLAIN
    ),
    "the post": ({DEEP: "markdown: literal\n"}, "markdown: plain\n", PLAIN),
    "the post alone": ({"plancast.yaml": "markdown: plain\n"}, "markdown: literal\n", LITERAL),
}  # fmt: skip


@pytest.mark.parametrize("name", LAYERS)
def test_the_nearest_setting_counts(name: str, tmp_path: Path) -> None:
    above, front, text = LAYERS[name]
    result = loaded(tmp_path, front=front, above=above)
    assert [post.fields.text for post in result.posts] == [text]
    assert result.converted == ({"posts/a.md"} if text == PLAIN else set())
    expected = {LITERAL: [], PLAIN: ["PC227"]}[text] if above or front else ["PC226"]
    assert [code for code, _ in found(result)] == expected


def test_without_the_key_one_warning_for_each_file_names_both_settings(tmp_path: Path) -> None:
    result = loaded(tmp_path, "\n\nHello\n  and [you](https://a.example), **all** of\n\n# you\n")
    assert found(result) == [("PC226", "7:7")]
    (warning,) = result.diagnostics
    assert warning.severity is Severity.WARNING
    assert "`markdown: plain`" in warning.hint
    assert "`markdown: literal`" in warning.hint
    assert warning.source is not None
    assert warning.source.text[warning.source.column - 1 :].startswith("[you]")


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_text_without_signs_has_no_remark(end: str, tmp_path: Path) -> None:
    body = f"Hello #launch{end}{end}- you{end}> me{end}"
    for front in ("", f"markdown: literal{end}"):
        result = loaded(tmp_path, body, front=front)
        assert found(result) == []
    plain = loaded(tmp_path, f"Hello #launch{end}you_and_me{end}", front="markdown: plain\n")
    assert found(plain) == []
    assert plain.posts[0].fields.text == "Hello #launch\nyou_and_me"


def test_what_has_no_plain_form_is_reported_at_its_place(tmp_path: Path) -> None:
    result = loaded(tmp_path, "\nHello\n\na <b>you</b>\n", front="markdown: plain\n")
    assert found(result) == [("PC228", "8:3")]
    assert result.posts[0].fields.text == "Hello\n\na <b>you</b>"


IMAGE = "Hello\n\n![A door](https://a.example/1.png)\n"


def test_images_of_the_body_are_images_of_the_post(tmp_path: Path) -> None:
    result = loaded(tmp_path, f"{IMAGE}![](https://a.example/2.png)\n", front="markdown: plain\n")
    assert result.posts[0].fields.text == "Hello"
    assert result.posts[0].fields.images == (
        Image("https://a.example/1.png", alt="A door"),
        Image("https://a.example/2.png"),
    )


def test_a_problem_of_an_image_of_the_body_is_shown_at_the_image(tmp_path: Path) -> None:
    body = f"{IMAGE}\nMore\n\n![](https://a.example/2.svg)\n"
    result = loaded(tmp_path, body, front="markdown: plain\n")
    checked = validate(result, assume(result.workspace.profiles).profiles)
    places = [(item.code, item.source and item.source.line) for item in checked.diagnostics]
    assert ("PC210", 11) in places
    assert ("PC530", 11) in places


def test_images_of_the_body_come_before_those_of_defaults(tmp_path: Path) -> None:
    above = {TOP: "markdown: plain\nimages: [https://a.example/0.png]\n"}
    result = loaded(tmp_path, IMAGE, above=above)
    assert [image.url for image in result.posts[0].fields.images or ()] == [
        "https://a.example/1.png"
    ]


@pytest.mark.parametrize(
    ("front", "body", "detail"),
    [
        ("images: [https://a.example/0.png]\n", IMAGE, "https://a.example/1.png"),
        ("images: []\n", IMAGE, "https://a.example/1.png"),
        ("", "Hello\n\n![a](1.png)\n", "'1.png'"),
        ("", "Hello\n\n![a](<https://a.example/a b.png>)\n", "'https://a.example/a b.png'"),
    ],
)
def test_an_image_that_cannot_be_taken_is_an_error(
    front: str, body: str, detail: str, tmp_path: Path
) -> None:
    result = loaded(tmp_path, body, front=f"markdown: plain\n{front}")
    (error,) = [item for item in result.diagnostics if item.severity is Severity.ERROR]
    assert error.code == "PC229"
    assert error.detail.startswith(detail)
    assert error.source is not None
    assert error.source.text.startswith("![")


def test_a_second_front_matter_is_an_error_unless_it_is_meant(tmp_path: Path) -> None:
    body = "One\n\n---\nprofiles: [li]\ntext: |\n  Two\n---\nThree\n"
    for front in ("", "markdown: plain\n"):
        result = loaded(tmp_path, body, front=front)
        (error,) = [item for item in result.diagnostics if item.code == "PC230"]
        assert error.severity is Severity.ERROR
        assert error.source is not None
        assert error.source.text == "---"
    meant = loaded(tmp_path, body, front="markdown: literal\n")
    assert [(item.code, item.severity) for item in meant.diagnostics] == [
        ("PC230", Severity.WARNING)
    ]
    assert meant.posts[0].fields.text == body.strip()


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("a\n---\nid: b\n---\nc", 2),
        ("a\n\n---  \n# d\nid: b\ntags:\n  - c\n\n...\nc", 3),
        ("---\n---\nid: b\n---", 2),
        ("\n---\nid: b\n\nc", 2),
        ("a\n---\nb\n---\nid: c", 0),
        ("a\n---\nid: b\nc and d\n---\ne", 0),
        ("a\n---\nid: b\nc", 0),
        ("a\n---\nTo: b\n---\nc", 0),
        ("a\n---\nid:b\n---\nc", 0),
        ("---\na\n---", 0),
        ("", 0),
    ],
)
def test_which_lines_are_a_front_matter(body: str, line: int) -> None:
    assert second_front_matter(body) == line


def test_the_key_is_about_markdown_files(tmp_path: Path) -> None:
    yaml = {
        "posts/b.yaml": f"{FRONT}markdown: plain\ntext: Bye **you**\n",
        TOP: "markdown: plain\n",
    }
    result = loaded(tmp_path, "Hello\n", above=yaml)
    assert [(item.code, str(item.source)) for item in result.diagnostics] == [
        ("PC203", "posts/b.yaml:2:11")
    ]
    assert result.posts[1].fields.text == "Bye **you**"
    assert result.converted == {"posts/a.md"}


def test_another_word_is_an_error_and_nothing_is_converted(tmp_path: Path) -> None:
    assert found(loaded(tmp_path, front="markdown: html\n")) == [("PC203", "3:11")]
    above = {"plancast.yaml": "markdown: html\n"}
    assert [code for code, _ in found(loaded(tmp_path, above=above))] == ["PC203"]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_an_image_of_a_body_has_the_place_at_which_it_stands(end: str, tmp_path: Path) -> None:
    """So that a problem of an image leads an author to it, and not to the front matter."""
    lines = ["# Hello", "", "![a](https://a.example/a.png) and ![](./b.png)", "", "* you", ""]
    body = end.join([*lines, "  ![c](https://a.example/c.webp)", ""])
    result = loaded(tmp_path, body, front="markdown: plain\n")
    (post,) = result.posts or result.partial
    places = [
        str(result.source(post.at / step / index)) for step in ("images",) for index in (0, 1)
    ]
    assert places == ["posts/a.md:7:1", "posts/a.md:11:3"]
    assert str(result.source(post.at / "images")) == places[0]
    assert str(result.source(post.at / "images" / 1 / "alt")) == places[1]
    assert str(result.source(post.at / "profiles")) == "posts/a.md:2:11"
