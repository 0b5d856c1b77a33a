"""Text that YAML takes for comments or names: it is reported wherever an author writes words."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plancast.content.loader import Loaded, load
from plancast.content.text_places import holds_words
from plancast.content.yaml_reader import read
from plancast.model.diagnostics import Severity

HEAD = "version: 1\nprofiles: {x: {id: b, service: twitter}}\n"


def loaded(root: Path, post: str, more: str = "", name: str = "p.yaml") -> Loaded:
    (root / "plancast.yaml").write_bytes((HEAD + more).encode())
    (root / name).write_bytes(post.encode())
    return load(root)


def problems(found: Loaded) -> list[tuple[str, str, str]]:
    return [
        (item.code, item.severity.value, str(item.source).partition(":")[2])
        for item in found.diagnostics
    ]


# -- one by one -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("post", "code", "place"),
    [
        ("text: Join us #devops #python\n", "PC110", "1:15"),
        ("text: #python is here\n", "PC110", "1:7"),
        ("text: We are #1\n", "PC110", "1:14"),
        ("text: Viele Grüße #Öffentlich\n", "PC110", "1:19"),
        ("text: Join us\n  #devops\n", "PC110", "2:3"),
        ("text: Join us\n  # a note\n  #devops\n", "PC110", "3:3"),
        ("text:\n  #devops\n  Join us\n", "PC110", "2:3"),
        ("text: #devops\n  Join us\n", "PC110", "1:7"),
        ("text: |\n  Join us\n #devops\n", "PC110", "3:2"),
        ("text: |\n#devops\nlink: https://acme.example\n", "PC110", "2:1"),
        ("thread:\n- One #two\n", "PC110", "2:7"),
        ("thread:\n- #two\n- Three\n", "PC110", "2:3"),
        ("thread: [One #two\n ]\ntext: a\n", "PC110", "1:14"),
        ("{text: One #two\n}\n", "PC110", "1:12"),
        ("{text: One, #two\n}\n", "PC110", "1:13"),
        ("text: a\ntags: [one, #two\n]\n", "PC110", "2:13"),
        ("text: a\ntags: [one, #two\n three]\n", "PC110", "2:13"),
        ("text: a\ntags: [#one\n two]\n", "PC110", "2:8"),
        ("? text\n: One #two\n", "PC110", "2:7"),
        ("text: &co is here\n", "PC111", "1:7"),
        ("text: &co\n", "PC111", "1:7"),
        ("first_comment: &co a\nthread: [&co b, *co]\ntext: c\n", "PC111", "1:16"),
        ("text: ! Wow\n", "PC111", "1:7"),
    ],
)
def test_a_part_of_a_text_that_is_lost_is_an_error(
    tmp_path: Path, post: str, code: str, place: str
) -> None:
    found = loaded(tmp_path, f"{post}")
    assert problems(found) == [(code, "error", place)]
    assert "in quotes" in found.diagnostics[0].hint
    assert "`|`" in found.diagnostics[0].hint


@pytest.mark.parametrize(
    ("post", "place"),
    [
        ('text: "Join us" #devops\n', "1:17"),
        ("text: 'Join us'\n  #devops\n", "2:3"),
        ("text: | #devops\n  Join us\n", "1:9"),
        ("text: >-  #devops\n  Join us\n", "1:11"),
        ("text: &co |\n  Join us\n", "1:7"),
    ],
)
def test_behind_a_text_whose_end_is_marked_it_is_a_warning(
    tmp_path: Path, post: str, place: str
) -> None:
    found = loaded(tmp_path, post)
    assert [item[1:] for item in problems(found)] == [("warning", place)]
    assert [post.fields.text for post in found.posts] == ["Join us"]


def test_quotes_are_not_proposed_for_a_text_that_has_them(tmp_path: Path) -> None:
    (found,) = loaded(tmp_path, 'text: "Join us" #devops\n').diagnostics
    assert found.hint.startswith("Move it into the text.")


@pytest.mark.parametrize(
    "post",
    [
        "text: Join us # a note\n",
        "text: Join us ## a note\n",
        "text: Join us #\n",
        "text: Join us#devops\n",
        'text: "Join us #devops"\n',
        "text: 'Join us #devops'\n",
        "text: |\n  Join us #devops\n  #python\n",
        "text: >\n  Join us\n\n  #python\n",
        "#python\ntext: Join us\n#link: https://acme.example\n",
        "text: Join us\n#schedule: queue\n",
        "variants:\n  twitter:\n    #text: old\n    text: New\n    #link: none\ntext: a\n",
        "thread:\n#first\n- One\n#second\n- Two\n#third\ntext: a\n",
        "thread:\n  #first\n  - One\n  #second\n  - Two\ntext: a\n",
        "schedule: 2026-12-01 09:30 #moved\ntext: a\n",
        "images:\n- url: https://acme.example/a.png #teaser\n  alt: A\ntext: a\n",
        "link: https://acme.example #card\ntext: a\n",
        "link: {url: https://acme.example, #card\n title: A}\ntext: a\n",
        "profiles: [x] #only\ntext: a\n",
        'thread: ["a #b", *c]\ntext: a\n'.replace("*c", "c"),
        "text: &intro Join us\nfirst_comment: *intro\n",
        "text: !!str 2026\n",
        "text: Q & A\n",
        "text: Wow! *bold*\n",
    ],
)
def test_ordinary_comments_and_names_stay_fine(tmp_path: Path, post: str) -> None:
    assert problems(loaded(tmp_path, post)) == []


@pytest.mark.parametrize(
    "post",
    [
        "text: *bold* words\n",
        "text: *co is here\n",
        "text: *co\n",
        "text: & so on\n",
        "text: !important words\n",
        "text: @acme is here\n",
        "text: > a quote\n",
        "text: Join us #devops\n  and more\n",
        "tags: [launch, #devops]\nlink: https://acme.example\n",
        "tags: [#launch, devops]\n",
        "variants: {x: {text: Join us #devops}}\nlink: https://acme.example\n",
    ],
)
def test_a_text_that_is_no_yaml_says_that_it_can_be_quoted(tmp_path: Path, post: str) -> None:
    found = loaded(tmp_path, post)
    assert [item.code for item in found.diagnostics] in (["PC101"], ["PC106"])
    assert "uote" in found.diagnostics[0].hint


def test_in_defaults_of_the_workspace_but_not_in_its_settings(tmp_path: Path) -> None:
    more = "timezone: Europe/Berlin #home\ndefaults: {campaign: Launch #1\n}\n"
    found = loaded(tmp_path, "text: a\nprofiles: [x]\n", more)
    assert [(item.code, str(item.source)) for item in found.diagnostics] == [
        ("PC110", "plancast.yaml:4:29")
    ]


def test_in_front_matter(tmp_path: Path) -> None:
    post = "---\r\nprofiles: [x]\r\nfirst_comment: See #more\r\n---\r\nBody #tag\r\n"
    assert problems(loaded(tmp_path, post, name="p.md")) == [("PC110", "error", "3:20")]


def test_many_of_them_are_one_mistake(tmp_path: Path) -> None:
    items = "".join("- a #b\n" for _ in range(5000))
    found = loaded(tmp_path, f"thread:\n{items}text: x\nprofiles: [x]\n")
    assert sum(item.code == "PC110" for item in found.diagnostics) == 100


# -- the class ------------------------------------------------------------------------------------

PLACES = {
    "text": ("text",),
    "first comment": ("first_comment",),
    "campaign": ("campaign",),
    "tag": ("tags", 0),
    "part of a thread": ("thread", 0),
    "text of a part": ("thread", 0, "text"),
    "alternative text": ("images", 0, "alt"),
    "alternative text in a thread": ("thread", 0, "images", 0, "alt"),
    "title of a link": ("link", "title"),
    "description of a link": ("link", "description"),
    "title of a video": ("video", "title"),
    "name of a file": ("images", 0, "file"),
    "warning": ("metadata", "mastodon", "spoiler_text"),
    "unknown setting": ("metadata", "somewhere", "words"),
    "variant": ("variants", "twitter", "text"),
    "thread of a variant": ("variants", "x", "thread", 0),
    "setting of a variant": ("variants", "x", "metadata", "youtube", "title"),
}
OTHERS = [
    (), ("variants", "x"), ("schedule",), ("schedule", "at"), ("timezone",), ("profiles", 0),
    ("link",), ("link", "url"), ("link", "thumbnail"), ("images", 0), ("images", 0, "url"),
    ("video",), ("video", "url"), ("video", "cover_ms"), ("status",), ("stage",), ("shorten",),
    ("metadata", "youtube", "category", 0), ("metadata", "instagram", "type"),
    ("metadata", "googlebusiness", "start"), ("on_drift",), ("unknown",), ("thread",),
]  # fmt: skip


@pytest.mark.parametrize("name", PLACES)
def test_places_of_words(name: str) -> None:
    assert holds_words(PLACES[name])
    assert holds_words(("variants", "li", *PLACES[name]))


@pytest.mark.parametrize("path", OTHERS, ids=str)
def test_places_of_other_values(path: tuple[str | int, ...]) -> None:
    assert not holds_words(path)


@dataclass(frozen=True)
class Style:
    """A way to write a value with a hashtag.

    `{i}` is the indentation of what is below it, `{o}` a smaller one, at which a block has ended.
    """

    value: str
    is_lost: bool
    in_brackets: bool = True


STYLES = [
    Style("{a} #{b}", is_lost=True),
    Style("#{b} {a}", is_lost=True),
    Style("{a}{n}{i}#{b}", is_lost=True),
    Style("{a} # {b}", is_lost=False),
    Style("{a}#{b}", is_lost=False),
    Style('"{a} #{b}"', is_lost=False),
    Style("'{a} #{b}'", is_lost=False),
    Style('"{a}{n}{i}#{b}"', is_lost=False),
    Style("|{n}{i}{a}{n}{i}#{b}", is_lost=False, in_brackets=False),
    Style(">-{n}{i}{a} #{b}", is_lost=False, in_brackets=False),
    Style("|{n}{i}{a}{n}{o}#{b}", is_lost=True, in_brackets=False),
]


def _written(path: tuple[str | int, ...], value: str, n: str, *, brackets: bool) -> str:
    """Write one value at a path, in block style or in brackets."""
    if brackets:
        opened = "".join("[" if isinstance(step, int) else f"{{{step}: " for step in path)
        closed = "".join("]" if isinstance(step, int) else "}" for step in reversed(path))
        return f"{opened}{value.replace('{i}', '  ')}{n}  {closed}{n}"
    lines, depth = "", 0
    for step in path:
        lines += f"{n}{'  ' * depth}" + ("-" if isinstance(step, int) else f"{step}:")
        depth += 1
    value = value.replace("{i}", "  " * depth).replace("{o}", "  " * (depth - 1) + " ")
    return f"{lines} {value}{n}".removeprefix(n)


WORDS = st.text("abc äß", min_size=1, max_size=12).map(str.strip).filter(bool)


@given(
    st.sampled_from(sorted(PLACES)),
    st.sampled_from(STYLES),
    WORDS,
    st.sampled_from(["dev", "1", "Öl", "two-words"]),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
    st.integers(0, 2),
    st.booleans(),
)
def test_it_is_seen_in_every_style(  # the dimensions of the table
    name: str, style: Style, words: str, tag: str, n: str, in_brackets: bool, before: int, bom: bool
) -> None:
    path = PLACES[name]
    brackets = in_brackets and style.in_brackets
    value = style.value.format(a=words, b=tag, n=n, i="{i}", o="{o}")
    text = _written(path, value, n, brackets=brackets)
    stream = ("\ufeff" if bom else "") + f"a: 1{n}---{n}" * before + text + f"---{n}b: 2{n}"
    documents, flaws = read(stream)
    assert flaws == ()
    document = documents[before]
    assert [one.path for one in document.swallowed] == ([path] if style.is_lost else [])
    found: object = document.value
    for step in path:
        found = found[step]  # type: ignore[index]
    # What is not reported is in the value, unless it is an ordinary comment.
    if "# " not in style.value:
        assert (tag.split(maxsplit=1)[0] in str(found)) is not style.is_lost or tag[0] in words
    lines = stream.removeprefix("\ufeff").split("\n")
    for one in document.swallowed:
        line, column = one.place(stream.removeprefix("\ufeff"))
        assert lines[line - 1][column - 1 :].startswith(f"#{tag.split(maxsplit=1)[0]}")


@given(st.text("ab:-#[]{}&*!|>'\"?, \n\r\x85\ufeff", max_size=60))
def test_what_is_swallowed_stands_in_the_text(text: str) -> None:
    for document in read(text)[0]:
        for one in document.swallowed:
            assert text.removeprefix("\ufeff").startswith(one.part, one.index)
            assert one.place(text) >= (1, 1)


def test_both_parsers_see_the_same() -> None:
    samples = [
        _written(path, style.value.format(a="a ß", b="b", n=n, i="{i}", o="{o}"), n, brackets=False)
        for path in PLACES.values()
        for style in STYLES
        for n in ("\n", "\r\n")
    ]
    code = (
        "import sys, yaml; sys.modules['yaml.cyaml'] = None\n"
        "from plancast.content.yaml_reader import read\n"
        f"print([d.swallowed for text in {samples!r} for d in read(text)[0]])"
    )
    ended = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    ours = [document.swallowed for text in samples for document in read(text)[0]]
    assert ended.stdout.strip() == str(ours)
    assert sum(map(len, ours)) == len(samples) * 4 // len(STYLES)


def test_a_warning_is_no_error(tmp_path: Path) -> None:
    found = loaded(tmp_path, 'profiles: [x]\ntext: "a" #b\n')
    assert [item.severity for item in found.diagnostics] == [Severity.WARNING]
    assert len(found.posts) == 1
