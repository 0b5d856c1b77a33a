"""The layers of a file that receive the new parts of an entry, and that it then asks for them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from plancast.content.editing.patch import rewritten
from plancast.content.editing.pull_layers import Wish, edits
from plancast.content.loader import Loaded, load
from plancast.model.entry import Entry, Image, Link, Setting, Stage, ThreadItem, Video
from plancast.model.profile import Profile
from plancast.model.workspace import Desired
from plancast.providers.buffer_features import CURRENT
from plancast.reconcile.expand import expand

PROFILES = {
    "x": Profile("1", "twitter"),
    "x2": Profile("2", "twitter"),
    "fb": Profile("3", "facebook"),
    "ig": Profile("4", "instagram"),
}
SPACE = "version: 1\nprofiles:\n" + "".join(
    f"  {alias}: {{id: '{known.id}'}}\n" for alias, known in PROFILES.items()
)
REEL: tuple[Setting, ...] = (("type", "reel"),)


def asked(folder: Path, text: str, defaults: str = "") -> tuple[Loaded, dict[str, Desired]]:
    (folder / "plancast.yaml").write_text(SPACE)
    (folder / "_defaults.yaml").write_text(defaults)
    (folder / "a.yaml").write_text(text)
    loaded = load(folder)
    assert loaded.diagnostics == ()
    found = expand(loaded.workspace, loaded.posts, PROFILES, CURRENT)
    assert found.diagnostics == ()
    return loaded, {item.address.profile: item for item in found.desired}


def pulled(
    folder: Path, text: str, changes: dict[str, dict[str, Any]], defaults: str = ""
) -> tuple[str, dict[str, Entry], dict[str, Entry]]:
    """The file with the changes, what is wished for, and what the file asks for then."""
    loaded, desired = asked(folder, text, defaults)
    wishes = [
        Wish(desired[alias], replace(desired[alias].entry, **values))
        for alias, values in changes.items()
    ]
    (document,) = loaded.texts["a.yaml"].documents()[0]
    siblings = list(desired.values())
    made = edits(loaded.posts[0], document.value, wishes, siblings, loaded.workspace)
    after = rewritten("a.yaml", text, [(0, edit.path, edit.value) for edit in made])
    wanted = {alias: item.entry for alias, item in desired.items()}
    wanted |= {wish.alias: wish.entry for wish in wishes}
    _, read = asked(folder, after, defaults)
    return after, wanted, {alias: item.entry for alias, item in read.items()}


ONE = "profiles: [x]\ntext: One.\n"
TWO, THREE = ThreadItem("Two."), ThreadItem("Three.", (Image("https://a.example/1.png"),))
CASES: dict[str, tuple[str, dict[str, dict[str, Any]], str]] = {
    "a part of a thread": (
        f"{ONE}thread:\n  - Two. # second\n  - text: 'Three.' # third\n"
        "    images: [https://a.example/1.png] # dog\n",
        {"x": {"thread": (ThreadItem("Two, or so."), replace(THREE, text="Three, or so."))}},
        f"{ONE}thread:\n  - Two, or so. # second\n  - text: 'Three, or so.' # third\n"
        "    images: [https://a.example/1.png] # dog\n",
    ),
    "an image of a part": (
        f"{ONE}thread:\n  - text: Three.\n    images: [https://a.example/1.png] # dog\n",
        {"x": {"thread": (ThreadItem("Three.", (Image("https://a.example/2.png", "A cat"),)),)}},
        f"{ONE}thread:\n  - text: Three.\n"
        "    images: [{url: https://a.example/2.png, alt: A cat}] # dog\n",
    ),
    "an image where none was": (
        f"{ONE}thread:\n  - Three. # third\n",
        {"x": {"thread": (THREE,)}},
        f"{ONE}thread:\n  - text: Three. # third\n    images:\n"
        "      - url: https://a.example/1.png\n",
    ),
    "an image and no text": (
        f"{ONE}thread:\n  - text: Three.\n",
        {"x": {"thread": (replace(THREE, text=""),)}},
        f"{ONE}thread:\n  - images:\n      - url: https://a.example/1.png\n",
    ),
    "a part more": (
        f"{ONE}thread: [Two.]\ntags: [a]\n",
        {"x": {"thread": (TWO, ThreadItem("Three.\n\nFour."))}},
        f"{ONE}thread:\n  - Two.\n  - |\n    Three.\n\n    Four.\ntags: [a]\n",
    ),
    "a link of a part": (
        f"{ONE}thread:\n  - text: Two.\n    link: https://a.example # why\n",
        {"x": {"thread": (replace(TWO, link=Link("https://b.example")),)}},
        f"{ONE}thread:\n  - text: Two.\n    link: https://b.example # why\n",
    ),
    "a link of a part with its words": (
        f"{ONE}thread:\n  - text: Two.\n"
        "    link:\n      url: https://a.example\n      title: A # why\n",
        {"x": {"thread": (replace(TWO, link=Link("https://a.example", "B")),)}},
        f"{ONE}thread:\n  - text: Two.\n"
        "    link:\n      url: https://a.example\n      title: B # why\n",
    ),
    "no link of a part any more": (
        f"{ONE}thread:\n  - text: Two.\n    link: https://a.example\n",
        {"x": {"thread": (TWO,)}},
        f"{ONE}thread:\n  - text: Two.\n",
    ),
    "a link of a part that was a text": (
        f"{ONE}thread:\n  - Two. # two\n",
        {"x": {"thread": (replace(TWO, link=Link("https://a.example")),)}},
        f"{ONE}thread:\n  - text: Two. # two\n    link: https://a.example\n",
    ),
    "a thread": (
        f"{ONE}tags: [a]\n",
        {"x": {"thread": (TWO, THREE)}},
        f"{ONE}thread:\n  - Two.\n  - text: Three.\n    images:\n"
        "      - url: https://a.example/1.png\ntags: [a]\n",
    ),
    "a thread of one of two": (
        "profiles: [x, x2]\ntext: One.\nthread: [Two.]\n",
        {"x2": {"thread": (TWO, TWO)}},
        "profiles: [x, x2]\ntext: One.\nthread: [Two.]\n"
        "variants:\n  x2:\n    thread:\n      - Two.\n      - Two.\n",
    ),
    "a first comment": (
        f"{ONE}first_comment: |\n  More. # no comment\ntags: [a]\n",
        {"x": {"first_comment": "More:\nless."}},
        f"{ONE}first_comment: |\n  More:\n  less.\ntags: [a]\n",
    ),
    "no first comment": (
        f"{ONE}first_comment: More.\ntags: [a]\n", {"x": {"first_comment": ""}},
        f"{ONE}tags: [a]\n",
    ),
    "no first comment on one of two": (
        "profiles: [x, fb]\ntext: One.\nfirst_comment: More.\n", {"fb": {"first_comment": ""}},
        "profiles: [x, fb]\ntext: One.\nfirst_comment: More.\n"
        'variants:\n  fb:\n    first_comment: ""\n',
    ),
    "a setting": (
        "profiles: [fb]\ntext: One.\nmetadata: {facebook: {type: post}} # kind\n",
        {"fb": {"metadata": REEL}},
        "profiles: [fb]\ntext: One.\nmetadata: {facebook: {type: reel}} # kind\n",
    ),
    "a setting of one network": (
        "profiles: [fb, ig]\ntext: One.\nmetadata:\n  facebook: {type: post}\n"
        "  instagram:\n    type: post\n    share_to_feed: true # both\n",
        {"fb": {"metadata": REEL}, "ig": {"metadata": (("share_to_feed", False), *REEL)}},
        "profiles: [fb, ig]\ntext: One.\nmetadata:\n  facebook: {type: reel}\n"
        "  instagram:\n    type: reel\n    share_to_feed: false # both\n",
    ),
    "a setting of a variant": (
        "profiles: [ig]\ntext: One.\nmetadata: {instagram: {type: post, share_to_feed: true}}\n"
        "variants:\n  ig: {metadata: {instagram: {type: story}}}\n",
        {"ig": {"metadata": (("share_to_feed", False), *REEL)}},
        "profiles: [ig]\ntext: One.\nmetadata: {instagram: {type: post, share_to_feed: false}}\n"
        "variants:\n  ig: {metadata: {instagram: {type: reel}}}\n",
    ),
    "a setting of one of two": (
        "profiles: [x, x2]\ntext: One.\nmetadata: {twitter: {ai_generated: true}}\n",
        {"x2": {"metadata": (("ai_generated", False),)}},
        "profiles: [x, x2]\ntext: One.\nmetadata: {twitter: {ai_generated: true}}\n"
        "variants:\n  x2:\n    metadata:\n      twitter:\n        ai_generated: false\n",
    ),
    "another video": (
        f"{ONE}video: https://a.example/1.mp4 # dog\n",
        {"x": {"video": Video("https://a.example/2.mp4")}},
        f"{ONE}video: https://a.example/2.mp4 # dog\n",
    ),
    "the cover of a video": (
        f"{ONE}video:\n  url: https://a.example/1.mp4\n  cover_ms: 12 # dog\n",
        {"x": {"video": Video("https://a.example/1.mp4", cover_ms=1500)}},
        f"{ONE}video:\n  url: https://a.example/1.mp4\n  cover_ms: 1500 # dog\n",
    ),
    "no video": (
        f"{ONE}video: https://a.example/1.mp4 # dog\n", {"x": {"video": None}}, f"{ONE}# dog\n",
    ),
    "a stage": (
        f"{ONE}schedule: 2026-12-01 09:30\n", {"x": {"stage": Stage.DRAFT}},
        f"{ONE}schedule: 2026-12-01 09:30\nstage: draft\n",
    ),
    "a stage of one of two": (
        "profiles: [x, fb]\ntext: One.\nstage: needs_approval\n", {"fb": {"stage": Stage.DRAFT}},
        "profiles: [x, fb]\ntext: One.\nstage: needs_approval\n"
        "variants:\n  fb:\n    stage: draft\n",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_part_is_written_where_it_belongs(case: str, tmp_path: Path) -> None:
    before, changes, after = CASES[case]
    made, wanted, read = pulled(tmp_path, before, changes)
    assert made == after
    assert read == wanted


DEFAULTS: dict[str, tuple[str, str, dict[str, dict[str, Any]], str]] = {
    "a setting of the defaults goes into the post": (
        "metadata: {facebook: {type: post}}\n",
        "profiles: [fb]\ntext: One.\n",
        {"fb": {"metadata": REEL}},
        "profiles: [fb]\ntext: One.\nmetadata:\n  facebook:\n    type: reel\n",
    ),
    "a thread of the defaults as well": (
        "thread: [Two.]\n",
        "profiles: [x]\ntext: One.\n",
        {"x": {"thread": (ThreadItem("Three."),)}},
        "profiles: [x]\ntext: One.\nthread:\n  - Three.\n",
    ),
}


@pytest.mark.parametrize("case", DEFAULTS)
def test_what_comes_from_defaults_is_written_into_the_post(case: str, tmp_path: Path) -> None:
    defaults, before, changes, after = DEFAULTS[case]
    made, wanted, read = pulled(tmp_path, before, changes, defaults)
    assert made == after
    assert read == wanted


def test_a_part_that_nobody_changed_stays_as_it_is_written(tmp_path: Path) -> None:
    parts = (TWO, ThreadItem("Four."))
    text = f"{ONE}thread: [' Two. ', {{text: Three., images: []}}]\n"
    made, wanted, read = pulled(tmp_path, text, {"x": {"thread": parts}})
    assert (made, read) == (text.replace("Three.", "Four."), wanted)
