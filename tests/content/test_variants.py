"""The layer whose value holds, and its place: defaults, the post, its variants."""

from __future__ import annotations

from pathlib import Path

import pytest

from plancast.content.loader import Loaded, load
from plancast.content.variants import layer_of
from plancast.model.diagnostics import Pointer
from plancast.model.entry import Entry, Image, Stage, ThreadItem, Video
from plancast.model.profile import Profile
from plancast.providers.buffer_features import CURRENT
from plancast.reconcile.expand import expand

PROFILES = {"yt": Profile("1", "youtube"), "fb": Profile("2", "facebook")}
HEAD = "version: 1\nprofiles: {yt: {id: '1'}, fb: {id: '2'}}\n"
HERE, ABOVE, TOP = Pointer("a/b.yaml"), Pointer("a/_defaults.yaml"), Pointer("_defaults.yaml")
SPACE = Pointer("plancast.yaml", 0, ("defaults",))


def loaded(root: Path, post: str, above: str = "", top: str = "", space: str = "") -> Loaded:
    (root / "a").mkdir()
    files = {"plancast.yaml": HEAD + space, "_defaults.yaml": top, "a/_defaults.yaml": above}
    for name, text in {**files, "a/b.yaml": post}.items():
        (root / name).write_text(text)
    found = load(root)
    assert found.diagnostics == ()
    return found


def entries(found: Loaded) -> dict[str, Entry]:
    expanded = expand(found.workspace, found.posts, PROFILES, CURRENT)
    assert expanded.diagnostics == ()
    return {item.address.profile: item.entry for item in expanded.desired}


def test_what_a_network_is_told_is_merged_key_by_key(tmp_path: Path) -> None:
    found = loaded(
        tmp_path,
        "profiles: [yt, fb]\nmetadata: {youtube: {title: Post}}\n"
        "variants:\n  youtube: {metadata: {youtube: {license: creativeCommon, privacy: private}}}\n"
        "  yt: {metadata: {youtube: {embeddable: false}}}\n",
        above="text: One.\nmetadata: {youtube: {title: Above, privacy: unlisted}}\n"
        "variants: {yt: {metadata: {youtube: {embeddable: true, made_for_kids: true}}}}\n",
        top="metadata: {facebook: {type: post}, youtube: {title: Top, category: '22'}}\n",
        space="defaults: {metadata: {facebook: {type: reel}, twitter: {ai_generated: true}}}\n",
    )
    settings = {alias: dict(entry.metadata) for alias, entry in entries(found).items()}
    assert settings == {
        "fb": {"type": "post"},
        "yt": {
            "category": "22",
            "title": "Post",
            "privacy": "private",
            "license": "creativeCommon",
            "embeddable": False,
            "made_for_kids": True,
        },
    }


PLACES: dict[str, tuple[str, tuple[str | int, ...], Pointer]] = {
    "of the post": ("text", (), HERE / "text"),
    "of a defaults file": ("schedule", ("at",), ABOVE / "schedule" / "at"),
    "that the post says otherwise": ("thread", (0, "text"), HERE / "thread" / 0 / "text"),
    "a setting of the post": (
        "metadata", ("youtube", "title"), HERE / "metadata" / "youtube" / "title",
    ),
    "a setting of the folder": (
        "metadata", ("youtube", "privacy"), ABOVE / "metadata" / "youtube" / "privacy",
    ),
    "a setting of the folder above": (
        "metadata", ("youtube", "category"), TOP / "metadata" / "youtube" / "category",
    ),
    "a setting of the workspace": (
        "metadata", ("facebook", "type"), SPACE / "metadata" / "facebook" / "type",
    ),
    "a setting that nobody says": (
        "metadata", ("youtube", "license"), HERE / "metadata" / "youtube" / "license",
    ),
    "the settings of a network": ("metadata", ("youtube",), HERE / "metadata" / "youtube"),
    "the settings of another": ("metadata", ("facebook",), SPACE / "metadata" / "facebook"),
    "a variant of the post": ("variants", ("fb", "text"), HERE / "variants" / "fb" / "text"),
    "a variant of both": ("variants", ("yt", "text"), HERE / "variants" / "yt" / "text"),
    "a variant of both, by the defaults": (
        "variants", ("yt", "link", "url"), ABOVE / "variants" / "yt" / "link" / "url",
    ),
    "a setting of a variant": (
        "variants", ("yt", "metadata", "youtube", "title"),
        ABOVE / "variants" / "yt" / "metadata" / "youtube" / "title",
    ),
    "a variant of the defaults": (
        "variants", ("facebook", "skip"), TOP / "variants" / "facebook" / "skip",
    ),
    "what is nowhere": ("link", ("url",), HERE / "link" / "url"),
}  # fmt: skip


@pytest.mark.parametrize("case", PLACES)
def test_a_key_stands_where_it_was_written(case: str, tmp_path: Path) -> None:
    found = loaded(
        tmp_path,
        "profiles: [yt]\ntext: One.\nthread: [Two.]\nmetadata: {youtube: {title: Post}}\n"
        "variants:\n  yt: {text: Uno., metadata: {youtube: {privacy: private}}}\n"
        "  fb: {text: Eins.}\n",
        above="schedule: {at: 2026-12-01 09:30}\nthread: [Three.]\n"
        "metadata: {youtube: {title: Above, privacy: public}}\n"
        "variants:\n  yt: {link: {url: 'https://a'}, metadata: {youtube: {title: Above}}}\n",
        top="metadata: {youtube: {title: Top, category: '22', privacy: unlisted}}\n"
        "variants: {facebook: {skip: true}}\n",
        space="defaults: {metadata: {facebook: {type: reel}}}\n",
    )
    (post,) = found.posts
    key, rest, place = PLACES[case]
    assert post.where(key, *rest) == place


@pytest.mark.parametrize(
    ("path", "layer"),
    [
        (("text",), ("variants", "yt")),
        (("link", "url"), ("variants", "youtube")),
        (("images", 0, "alt"), ()),
        (("metadata", "youtube", "title"), ("variants", "yt")),
        (("metadata", "youtube", "privacy"), ("variants", "youtube")),
        (("metadata", "youtube", "category"), ()),
        (("metadata", "youtube"), ("variants", "yt")),
        (("metadata", "facebook"), ()),
        (("metadata",), ("variants", "yt")),
    ],
)
def test_the_strongest_word_holds(
    path: tuple[str | int, ...], layer: tuple[str, ...], tmp_path: Path
) -> None:
    found = loaded(
        tmp_path,
        "profiles: [yt]\ntext: One.\nmetadata: {youtube: {category: '22', title: Post}}\n"
        "variants:\n"
        "  yt: {text: Uno., metadata: {youtube: {title: Uno}}}\n"
        "  youtube:\n    link: https://a\n"
        "    metadata: {youtube: {title: Due, privacy: public}, facebook: {}}\n",
    )
    (post,) = found.posts
    assert layer_of(path, post, "yt", PROFILES["yt"]) == layer


def test_the_forms_of_the_other_parts(tmp_path: Path) -> None:
    found = loaded(
        tmp_path,
        "profiles: [fb, yt]\ntext: One.\nfirst_comment: ' More. '\nstage: needs_approval\n"
        "video: https://a.example/1.mp4\n"
        "thread: [' Two. ', {text: 'Three. ', images: [https://a.example/1.png]}]\n"
        "variants:\n  yt:\n    thread: []\n    stage: scheduled\n    first_comment: ''\n"
        "    video: {url: 'https://a.example/2.mp4', title: Dog, cover_ms: 1500.0}\n",
    )
    both = entries(found)
    assert both["fb"].thread == (
        ThreadItem("Two."),
        ThreadItem("Three.", (Image("https://a.example/1.png"),)),
    )
    assert both["fb"].first_comment == "More."
    assert both["fb"].video == Video("https://a.example/1.mp4")
    assert both["fb"].stage is Stage.NEEDS_APPROVAL
    assert (both["yt"].thread, both["yt"].first_comment) == ((), "")
    assert both["yt"].video == Video("https://a.example/2.mp4", "Dog", 1500)
    assert both["yt"].stage is Stage.SCHEDULED


def test_campaign_and_tags_are_tags_where_there_are_any(tmp_path: Path) -> None:
    found = loaded(
        tmp_path, "profiles: [fb]\ntext: One.\ncampaign: ' launch '\ntags: [b, ' a', launch, '']\n"
    )
    assert entries(found)["fb"].tags == ("a", "b", "launch")
    (classic,) = expand(found.workspace, found.posts, PROFILES).desired
    assert (classic.entry.tags, classic.campaign) == ((), " launch ")
