"""The canonical form: one spelling, the same meaning, every comment."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from plancast.content.discovery import Source, discover
from plancast.content.editing.cst import comments, sheets
from plancast.content.editing.emitter import first_post, post_to_yaml
from plancast.content.editing.formatter import canonical, formed, meaning
from plancast.content.editing.key_order import KEYS, SETTINGS
from plancast.content.schema import validator
from plancast.content.source import PostText, post_text, read_bytes
from plancast.content.yaml_reader import read
from plancast.model.entry import Entry, QueuePosition
from tests.content import styled
from tests.content.test_emitter import ENTRIES

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "content"

TABLE = {
    "keys in their order": (
        "tags: [a]\ntext: Hello.\nvariants: {}\nprofiles: [x]\nid: b\nschedule: queue\n",
        "id: b\nprofiles: [x]\nschedule: queue\ntext: Hello.\ntags: [a]\nvariants: {}\n",
    ),
    "unknown keys last, as they came": (
        "zebra: 1\nape: 2\ntext: Hello.\n",
        "text: Hello.\nzebra: 1\nape: 2\n",
    ),
    "two blanks deep": (
        "variants:\n        x:\n                text: Hi.\n",
        "variants:\n  x:\n    text: Hi.\n",
    ),
    "no empty lines, no blanks at the end": (
        "id: a  \n\n\ntext: Hello.\t\n\n\n",
        "id: a\ntext: Hello.\n",
    ),
    "a text of several lines is a block": (
        'text: "Something\\n\\nis coming. "\n',
        "text: |\n  Something\n\n  is coming.\n",
    ),
    "a block stays a block": ("text: |-\n     One line.\n\n", "text: |\n  One line.\n"),
    "a folded block stays as it is folded": (
        "text: >-\n    It was a dark\n    night.\n\n    The end.\n",
        "text: >\n  It was a dark\n  night.\n\n  The end.\n",
    ),
    "lines joined into one": ("text: Something\n  is coming.\n", "text: Something is coming.\n"),
    "what cannot be a block is quoted": (
        'text: "a\\n\\u2028b"\n',
        'text: "a\\n\\u2028b"\n'.replace("\\u2028", "\\U00002028"),
    ),
    "double quotes": ("campaign: 'one two'\n", 'campaign: "one two"\n'),
    "single quotes around double ones": (
        "text: 'She said \"no\".'\n",
        "text: 'She said \"no\".'\n",
    ),
    "times": ("schedule: '2026-12-01T09:30:00'\n", "schedule: 2026-12-01 09:30\n"),
    "offsets": ("schedule: 2026-12-01 09:30:05+0100\n", "schedule: 2026-12-01 09:30:05 +01:00\n"),
    "z": ("schedule: 2026-12-01t09:30z\n", "schedule: 2026-12-01 09:30 Z\n"),
    "what is no time": ("schedule: 'at noon'\n", "schedule: at noon\n"),
    "a schedule on one line": (
        "schedule:\n  fold: later\n  at: 2026-10-25T02:30\n",
        "schedule: {at: 2026-10-25 02:30, fold: later}\n",
    ),
    "short lists on one line": (
        "profiles:\n- acme-x\n- '@launch'\ntags:\n  - a, b\n",
        'profiles: [acme-x, "@launch"]\ntags: ["a, b"]\n',
    ),
    "long lists on several": (
        f"tags: [{', '.join(['abcdefgh'] * 12)}]\n",
        "tags:\n" + "  - abcdefgh\n" * 12,
    ),
    "images on several": (
        "images: [https://a.example/1.png, {alt: A dog, url: https://a.example/2.png}]\n",
        "images:\n  - https://a.example/1.png\n  - {url: https://a.example/2.png, alt: A dog}\n",
    ),
    "the order of what is said": (
        "first_comment: a\nvideo: {cover_ms: 1, url: https://a.example/1.mp4}\nthread: [b]\n"
        "stage: draft\nmetadata: {youtube: {category: '22', title: c}, facebook: {type: reel}}\n"
        "text: d\nid: e\n",
        "id: e\nstage: draft\ntext: d\nthread:\n  - b\n"
        "video: {url: https://a.example/1.mp4, cover_ms: 1}\nfirst_comment: a\nmetadata:\n"
        '  facebook: {type: reel}\n  youtube: {title: c, category: "22"}\n',
    ),
    "a thread": (
        "thread:\n- images: [https://a.example/1.png]\n  text: 'One\n\n    two '\n"
        '- "Three\\nfour"\n- {text: Five}\n',
        "thread:\n  - text: |\n      One\n      two\n    images:\n      - https://a.example/1.png\n"
        "  - |\n    Three\n    four\n  - {text: Five}\n",
    ),
    "blanks around a part of a thread": (
        "thread: [' One ', Two]\n",
        'thread:\n  - "One"\n  - Two\n',
    ),
    "a comment between the parts of a thread": (
        "thread:\n- One # first\n# the second\n- text: Two\n",
        "thread:\n  - One # first\n  # the second\n  - text: Two\n",
    ),
    "a first comment of several lines": (
        'first_comment: "More\\nbelow. "\n',
        "first_comment: |\n  More\n  below.\n",
    ),
    "settings of networks nobody knows": (
        "metadata: {zebra: {b: 1, a: 2}, twitter: {ai_generated: true}}\n",
        "metadata:\n  twitter: {ai_generated: true}\n  zebra: {b: 1, a: 2}\n",
    ),
    "what a variant says": (
        "variants: {x: {metadata: {x: {a: b}}, thread: [c, {images: [], text: d}]},\n"
        "  y: {thread: []}}\n",
        "variants:\n  x: {thread: [c, {text: d, images: []}], metadata: {x: {a: b}}}\n"
        "  y: {thread: []}\n",
    ),
    "variants: braces where they fit": (
        "variants: {x: {text: Hi., skip: true}, li: {text: 'One\n\n  two'}}\n",
        "variants:\n  x: {skip: true, text: Hi.}\n  li:\n    text: |\n      One\n      two\n",
    ),
    "an item's first key": (
        "images:\n- alt: A dog\n  url: https://a.example/1.png\n",
        "images:\n  - url: https://a.example/1.png\n    alt: A dog\n",
    ),
    "comments go where their key goes": (
        "# of the text\ntext: Hello. # beside\n# of the id\nid: a\n",
        "# of the id\nid: a\n# of the text\ntext: Hello. # beside\n",
    ),
    "what stands at the top stays there": (
        "# Ours.\n\n\n# of the text\ntext: Hello.\nid: a\n",
        "# Ours.\n\nid: a\n# of the text\ntext: Hello.\n",
    ),
    "the modeline comes first": (
        "# of the text\n# yaml-language-server: $schema=a\ntext: Hello.\nid: a\n",
        "# yaml-language-server: $schema=a\nid: a\n# of the text\ntext: Hello.\n",
    ),
    "comments keep their distance": (
        "schedule: queue      # or a time\n",
        "schedule: queue      # or a time\n",
    ),
    "a comment in brackets": (
        "profiles: [x, # the loud one\n  li]\n",
        "profiles:\n  - x # the loud one\n  - li\n",
    ),
    "a comment behind the sign of a block": (
        "text: |  # careful\n  Hello.\n",
        "text: |  # careful\n  Hello.\n",
    ),
    "a comment behind a dash": (
        "images:\n- # the dog\n  url: https://a.example/1.png\n",
        "images:\n  # the dog\n  - url: https://a.example/1.png\n",
    ),
    "a comment at the end of what it was in": (
        "variants:\n    x: {text: Hi.}\n    # fb: {skip: true}\ntags: [a]\n# last\n",
        "tags: [a]\nvariants:\n  x: {text: Hi.}\n  # fb: {skip: true}\n# last\n",
    ),
    "documents": (
        "---\nid: a\n--- # the second\n{text: B, id: b}\n...\n---\n# nothing\n",
        "id: a\n---\n# the second\nid: b\ntext: B\n# nothing\n",
    ),
    "an emoji, and much text": (
        f"text: {'Hop. ' * 2000}\ud83d\ude80\n".encode("utf-16", "surrogatepass").decode("utf-16"),
        f"text: {'Hop. ' * 2000}\U0001f680\n",
    ),
    "comments alone": ("\n# nobody\n\n\n# home\n", "# nobody\n# home\n"),
    "nothing": ("", ""),
    "an empty post": ("{}\n", "{}\n"),
}


@pytest.mark.parametrize("case", TABLE)
def test_there_is_one_form(case: str) -> None:
    before, after = TABLE[case]
    made = formed(before)
    assert (made.text, made.odd, made.differs) == (after, "", "")
    assert formed(after).text == after


ODD = {
    "anchors": "text: &t Hello.\nvariants:\n  x:   {text: *t}\n",
    "tags": "text:   !!str 12\n",
    "directives": "%YAML 1.1\n---\ntext:   Hello.\n",
    "keys": "? text\n:   Hello.\n",
    "a list": "-   text\n",
    "line ends": "text:   'a\u2028b'\n",
    "old line ends": "id:   a\rtext: b\r",
}


@pytest.mark.parametrize("case", ODD)
def test_what_is_built_in_a_way_of_its_own_is_left_as_it_is(case: str) -> None:
    assert read(ODD[case])[1] == ()
    made = formed(ODD[case])
    assert made.odd
    assert (made.text, made.differs) == (ODD[case], "")


def comment_texts(text: str) -> list[str]:
    return sorted(note.text for sheet in sheets(text) for note in comments(text, sheet))


@given(styled.texts())
@example("text: >\n   a\n\n   b\n \n# c\nid: a\n")
@example('text: "a\n\n  b" # c\n')
def test_the_form_is_one_step_away_and_says_the_same(text: str) -> None:
    made = formed(text)
    assert made.differs == "", text
    if made.odd:
        assert set(text) & set("&!\x85\u2028")
        assert made.text == text
        return
    assert formed(made.text).text == made.text
    before, after = ([meaning(item.value) for item in read(one)[0]] for one in (text, made.text))
    assert before == after
    assert comment_texts(text) == comment_texts(made.text)
    assert not any(line != line.rstrip(" ") for line in made.text.split("\n") if "note" in line)


@given(ENTRIES, st.sampled_from(["UTC", "Europe/Berlin"]), st.sampled_from(["", "../p.json"]))
def test_what_plancast_writes_is_in_form(entry: Entry, zone: str, schema: str) -> None:
    queued = replace(entry, due_at=None, queue=QueuePosition.TOP)
    for asked in (entry, queued):
        text = post_to_yaml(["li", "@all"], asked, zone, timezone=zone, schema=schema)
        assert formed(text).text == text


def test_the_first_post_and_the_examples_are_in_form() -> None:
    text = first_post(["acme-x"], "../post.json")
    assert formed(text).text == text
    found = discover(EXAMPLES, ["."])
    for source in (*found.posts, *found.defaults):
        raw = read_bytes(source)
        file = post_text(source, raw)
        if isinstance(file, PostText):
            assert canonical(file).text.encode() == raw, source.name


def test_the_order_names_every_key_of_a_post() -> None:
    schema = validator("post").schema
    assert set(KEYS) == set(schema["properties"])
    networks = schema["$defs"]["metadata"]["properties"]
    assert [(name, *keys) for name, keys in SETTINGS.items()] == [
        (name, *network["properties"]) for name, network in networks.items()
    ]


def file(name: str, raw: bytes) -> PostText:
    made = post_text(Source(name, name), raw)
    assert isinstance(made, PostText)
    return made


def test_windows_line_ends_and_a_byte_order_mark_go() -> None:
    raw = b"\xef\xbb\xbfid: a\r\ntext: |\r\n  One.\r\n  Two.\r\n# end\r\n"
    assert canonical(file("a.yaml", raw)).text == "id: a\ntext: |\n  One.\n  Two.\n# end\n"


def test_of_a_markdown_post_the_text_is_untouched() -> None:
    front = b"---\r\nschedule: queue\r\nprofiles: ['x']\r\n...\r\n"
    raw = front + b"\r\n# Not a comment \r\n\r\n  text:  b\r\n"
    assert canonical(file("a.md", raw)).text == (
        '---\nprofiles: ["x"]\nschedule: queue\n---\n\n# Not a comment \n\n  text:  b\n'
    )
    odd = b"---\r\nid:   &a b\r\n---\r\nHello.\r\n"
    assert canonical(file("a.md", odd)).text.encode() == odd


@pytest.mark.parametrize("front", ["", "# only this\n"])
def test_front_matter_may_be_empty(front: str) -> None:
    text = f"---\n{front}---\nHello.\n"
    assert canonical(file("a.md", text.encode())).text == text
