"""Written files read back as exactly the values that they were written from."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from plancast.content.editing.emitter import (
    first_post,
    post_to_yaml,
    scalar,
    workspace_to_yaml,
    write_new,
)
from plancast.content.editing.formatter import formed
from plancast.content.loader import load
from plancast.content.schema import takes_setting
from plancast.content.yaml_reader import read
from plancast.model.entry import (
    Entry,
    Image,
    Link,
    QueuePosition,
    Setting,
    Stage,
    ThreadItem,
    Video,
)
from plancast.model.exit_codes import Stop
from plancast.model.profile import Profile
from plancast.model.workspace import Selector
from plancast.providers.buffer_features import CURRENT
from plancast.reconcile.expand import expand
from plancast.reconcile.selectors import assume

HOSTILE = [
    "", " ", "no", "true", "~", "null", "12", "007", "12:30", "2026-12-01", "- a", "-", "?",
    "@launch", "*a", "&a", "!a", "%a", "`a", "|", ">", "'", '"', "a: b", "a:", ":a", "a #b", "#",
    "a, b", "[a]", "{a}", " lead", "trail ", "a\n", "\na", "a\nb", "a\n\nb", "a\r\nb", "\ttab",
    "\\", "\\n", "<<", "...", "---", "\x07", "\x7f", "\x85", "\u00a0", "\u2028", "\u2029",
    "\ufeff", "\ufffe", "\U0001f680", "\U0001f680\u00a0", "\U0001f469\u200d\U0001f467", "\u202e",
]  # fmt: skip
TEXT = st.text(st.characters(codec="utf-8"), max_size=60) | st.lists(
    st.sampled_from(HOSTILE), max_size=5
).map("".join)


def seconds(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)


MOMENTS = st.datetimes(datetime(2001, 1, 2), datetime(2099, 12, 30)).map(  # noqa: DTZ001
    lambda wall: seconds(wall.replace(tzinfo=UTC))
)
URLS = st.text(st.sampled_from("aZ09-._~:/?#[]@!$&'()*+,;=%\u00fc"), min_size=1, max_size=30).map(
    "https://a.example/{}".format
)


@pytest.mark.parametrize("form", ["k: {}\n", "k: [{}, z]\n", "k: {{s: {}}}\n", "- k: {}\n"])
@given(text=TEXT)
@example(text="@launch")
@example(text="a, b")
@example(text="\U0001f680\u00a0")
def test_a_scalar_reads_back_anywhere(form: str, text: str) -> None:
    documents, flaws = read(form.format(scalar(text)))
    assert flaws == ()
    found = documents[0].value
    while not isinstance(found, str):
        found = found[0] if isinstance(found, list) else next(iter(found.values()))
    assert found == text


@pytest.mark.parametrize("text", ["acme-x", "2026/launch", "Europe/Berlin", "A quiet word."])
def test_what_needs_no_quotes_has_none(text: str) -> None:
    assert scalar(text) == text


TRIMMED = TEXT.map(str.strip)
WORDS = TRIMMED.filter(bool)
PICTURES = st.builds(Image, URLS, st.none() | TEXT)
IMAGES = st.lists(PICTURES, max_size=2).map(tuple)
SETTINGS: dict[str, tuple[dict[str, st.SearchStrategy[Any]], dict[str, st.SearchStrategy[Any]]]] = {
    "instagram": (
        {},
        {
            "type": st.sampled_from(["post", "reel", "story"]),
            "share_to_feed": st.booleans(),
            "link": URLS,
        },
    ),
    "youtube": (
        {"title": TEXT.filter(bool), "category": st.sampled_from(["1", "22"])},
        {"made_for_kids": st.booleans(), "license": st.just("creativeCommon")},
    ),
}
LINKS = st.none() | st.builds(Link, URLS, st.none() | TEXT, st.none() | TEXT, st.none() | URLS)
ENTRIES = st.builds(
    Entry,
    text=WORDS,
    due_at=MOMENTS | st.none(),
    link=LINKS,
    images=IMAGES,
    shorten=st.booleans(),
    link_card=st.booleans(),
    video=st.none()
    | st.builds(Video, URLS, st.none() | TEXT.filter(bool), st.none() | st.integers(0, 10**7)),
    thread=st.lists(
        st.builds(ThreadItem, WORDS, IMAGES, LINKS)
        | st.builds(ThreadItem, st.just(""), IMAGES, LINKS).filter(
            lambda part: part.images or part.link
        ),
        max_size=3,
    ).map(tuple),
    first_comment=TRIMMED,
    tags=st.sets(WORDS, max_size=3).map(lambda tags: tuple(sorted(tags))),
    stage=st.sampled_from(Stage),
)


def read_back(text: str, service: str = "linkedin") -> Entry:
    """As the files of a workspace come to be entries."""
    with TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "plancast.yaml").write_text("version: 1\nprofiles: {li: {id: p}}\n")
        (root / "post.yaml").write_bytes(text.encode())
        loaded = load(root)
        assert loaded.diagnostics == (), text
        profiles = {"li": Profile("p", service)}
        found = expand(loaded.workspace, loaded.posts, profiles, CURRENT)
        # Settings of another network are reported, and do no harm.
        assert [item for item in found.diagnostics if item.code != "PC310"] == [], text
        (item,) = found.desired
        return item.entry


@given(ENTRIES, st.sampled_from(["UTC", "Europe/Berlin", "America/New_York"]))
@example(Entry("x", datetime(2027, 10, 31, 0, 30, tzinfo=UTC)), "Europe/Berlin")
@example(Entry("x", datetime(2027, 10, 31, 1, 30, tzinfo=UTC)), "Europe/Berlin")
@example(Entry("\U0001f680\u00a0now"), "UTC")
@example(Entry("no\n\n  - indented\n\tand a tab"), "UTC")
@example(
    Entry("x", thread=(ThreadItem("- a\n\n  b"), ThreadItem("no", (Image("https://a"),)))), "UTC"
)
def test_an_entry_reads_back(entry: Entry, zone: str) -> None:
    queue = QueuePosition.NEXT if entry.due_at is None else None
    written = post_to_yaml(["li"], entry, zone, timezone=zone)
    assert read_back(written) == replace(entry, queue=queue)


@pytest.mark.parametrize("service", SETTINGS)
@given(st.data())
def test_what_a_network_is_told_reads_back_there_and_nowhere_else(
    service: str, data: st.DataObject
) -> None:
    always, sometimes = SETTINGS[service]
    settings = data.draw(st.fixed_dictionaries(always, optional=sometimes))
    metadata: tuple[Setting, ...] = tuple(sorted(settings.items()))
    entry = Entry("x", queue=QueuePosition.NEXT, metadata=metadata)
    written = post_to_yaml(["li"], entry, "UTC", services=[service])
    assert read_back(written, service) == entry
    assert read_back(written).metadata == ()
    assert formed(written).text == written


def test_what_no_file_can_say_is_known() -> None:
    assert takes_setting("facebook", "type", "reel")
    assert not takes_setting("facebook", "type", "ghost_post")
    assert not takes_setting("facebook", "title", "Hello")
    assert not takes_setting("linkedin", "type", "post")
    assert not takes_setting("youtube", "embeddable", "yes")


def test_the_top_of_the_queue_reads_back() -> None:
    entry = Entry("x", queue=QueuePosition.TOP)
    assert read_back(post_to_yaml(["li"], entry, "UTC")) == entry


def test_groups_can_be_named() -> None:
    documents, flaws = read(post_to_yaml(["@launch", "li"], Entry("x"), "UTC"))
    assert flaws == ()
    assert documents[0].value["profiles"] == ["@launch", "li"]


def test_a_post_looks_as_a_person_would_write_it() -> None:
    entry = Entry(
        "Something is coming.\n\nTomorrow.",
        datetime(2026, 12, 1, 8, 30, tzinfo=UTC),
        images=(Image("https://images.acme.example/a.png", "A stage"),),
    )
    assert post_to_yaml(
        ["acme-x"], entry, "Europe/Berlin", post_id="launch/teaser", schema="../post.json"
    ) == (
        "# yaml-language-server: $schema=../post.json\n"
        "id: launch/teaser\n"
        "profiles: [acme-x]\n"
        "schedule: 2026-12-01 09:30\n"
        "text: |\n  Something is coming.\n\n  Tomorrow.\n"
        'images:\n  - url: "https://images.acme.example/a.png"\n    alt: A stage\n'
    )


def test_a_thread_looks_as_a_person_would_write_it() -> None:
    entry = Entry(
        "One.",
        images=(Image("https://a.example/1.png"),),
        video=Video("https://a.example/1.mp4", "The dog", 1500),
        thread=(
            ThreadItem("Two."),
            ThreadItem("Three.", (Image("https://a.example/3.png", "Cat"),)),
            ThreadItem("Four.", (), Link("https://a.example/4")),
            ThreadItem("", (), Link("https://a.example/5", "Five")),
        ),
        first_comment="https://a.example",
        metadata=(("category", "22"), ("made_for_kids", False), ("title", "No")),
        tags=("a, b", "launch"),
        stage=Stage.DRAFT,
    )
    assert post_to_yaml(["li"], entry, "UTC", services=["youtube"]) == (
        "profiles: [li]\n"
        "schedule: queue\n"
        "stage: draft\n"
        "text: |\n  One.\n"
        "thread:\n"
        "  - |\n    Two.\n"
        "  - text: |\n      Three.\n"
        '    images:\n      - url: "https://a.example/3.png"\n        alt: Cat\n'
        '  - text: |\n      Four.\n    link: "https://a.example/4"\n'
        '  - link:\n      url: "https://a.example/5"\n      title: Five\n'
        'images:\n  - url: "https://a.example/1.png"\n'
        'video:\n  url: "https://a.example/1.mp4"\n  title: The dog\n  cover_ms: 1500\n'
        "first_comment: |\n  https://a.example\n"
        'metadata:\n  youtube:\n    title: No\n    category: "22"\n    made_for_kids: false\n'
        'tags: ["a, b", launch]\n'
    )


@given(st.lists(st.tuples(TEXT.filter(str.strip), TEXT.filter(str.strip)), min_size=1, max_size=3))
def test_a_workspace_reads_back(named: list[tuple[str, str]]) -> None:
    selectors = [
        Selector(f"a{index}", id=name, username=user) for index, (name, user) in enumerate(named)
    ]
    documents, flaws = read(workspace_to_yaml("sandbox", "Europe/Berlin", selectors))
    assert flaws == ()
    assert documents[0].value["profiles"] == {
        item.alias: {"id": item.id, "username": item.username} for item in selectors
    }


def test_the_first_post_is_a_draft_that_is_valid(tmp_path: Path) -> None:
    selectors = [Selector("acme-x", id="1", service="twitter")]
    write_new(tmp_path / "plancast.yaml", workspace_to_yaml("sandbox", "UTC", selectors), tmp_path)
    write_new(tmp_path / "posts" / "hello.yaml", first_post(["acme-x"]), tmp_path)
    loaded = load(tmp_path)
    assert loaded.diagnostics == ()
    profiles = assume(loaded.workspace.profiles).profiles
    found = expand(loaded.workspace, loaded.posts, profiles)
    assert (len(found.drafted), found.desired, found.diagnostics) == (1, (), ())


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("mine\n")
    with pytest.raises(Stop) as stopped:
        write_new(path, "yours\n", tmp_path)
    assert [item.code for item in stopped.value.diagnostics] == ["PC007"]
    assert path.read_text() == "mine\n"


def test_line_ends_are_the_same_everywhere(tmp_path: Path) -> None:
    write_new(tmp_path / "new" / "a.yaml", "a\nb\n", tmp_path)
    assert (tmp_path / "new" / "a.yaml").read_bytes() == b"a\nb\n"


def test_a_full_disk_leaves_no_half_of_a_file(tmp_path: Path) -> None:
    """A limit on the size of files stands for the disk; what is left would be taken for a post."""
    code = """
import resource, signal, sys
from pathlib import Path
from plancast.content.editing.emitter import write_new
from plancast.model.exit_codes import Stop
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    path = Path(sys.argv[1])
    write_new(path, "x" * 100_000, path.parent)
except Stop as stop:
    print(stop.diagnostics[0].code)
"""
    target = tmp_path / "a.yaml"
    ended = subprocess.run(
        [sys.executable, "-c", code, str(target)], check=True, capture_output=True, text=True
    )
    assert ended.stdout == "PC007\n"
    assert list(tmp_path.iterdir()) == []
