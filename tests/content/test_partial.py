"""All problems of a run at once: none hides another, and none is reported for its consequences."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plancast.content.loader import Loaded, load, load_settings
from plancast.content.partial import fit
from plancast.content.schema import validator
from plancast.content.validate import Validated, validate
from plancast.model.diagnostics import Diagnostic, Pointer
from plancast.model.workspace import ProviderSettings
from plancast.providers import features
from plancast.reconcile.selectors import assume

WORKSPACE = """version: 1
timezone: Europe/Berlin
content: posts
profiles:
  x: {id: "10", service: twitter}
  li: {service: linkedin, username: acme}
  ig: {service: instagram, username: acme.studio}
  yt: {service: youtube, username: acme}
"""
FEATURES = features(ProviderSettings("buffer-graphql"))
FINE = {
    "profiles": "profiles: [x, li]",
    "schedule": "schedule: 2026-12-01 09:30",
    "text": "text: Hello.",
}
LONG = "w" * 300


def checked(root: Path, files: Mapping[str, str]) -> tuple[Loaded, Validated]:
    for name, text in {"plancast.yaml": WORKSPACE, **files}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    loaded = load(root)
    profiles = assume(loaded.workspace.profiles).profiles
    return loaded, validate(loaded, profiles, features=FEATURES)


def found(root: Path, files: Mapping[str, str]) -> list[Diagnostic]:
    loaded, result = checked(root, files)
    return [*loaded.diagnostics, *result.diagnostics]


def places(problems: list[Diagnostic]) -> set[tuple[str, str, str]]:
    """Each problem by its code, the text of its line, and its words."""
    return {(item.code, item.source.text if item.source else "", item.detail) for item in problems}


# -- none hides another ---------------------------------------------------------------------------

FAULTS: Mapping[str, tuple[str, dict[str, str]]] = {
    "an unknown key": ("PC201", {"foo": "qqqqqqqq: 1"}),
    "a key that stands twice": ("PC103", {"campaign": "campaign: a\ncampaign: b"}),
    "a key that is no text": ("PC107", {"five": "5: x"}),
    "a profile of the wrong type, and an unknown one": (
        "PC202 PC301",
        {"profiles": "profiles: [5, nobody, x, li]"},
    ),
    "a time that is none": ("PC401", {"schedule": "schedule: soon"}),
    "a time of the wrong type": ("PC202", {"schedule": "schedule: 5"}),
    "a text that is too long": ("PC501", {"text": f"text: {LONG}"}),
    "a word that is not allowed": ("PC203", {"status": "status: redy"}),
    "an image that is no address, and one without words": (
        "PC203 PC210",
        {"images": "images: [nowhere, 'https://acme.example/1.png']"},
    ),
    "a part of a thread that is too long, and one of the wrong type": (
        "PC202 PC501 PC504",
        {"thread": f"thread: [5, {LONG}]"},
    ),
    "something that the network lacks": ("PC504", {"first_comment": "first_comment: Hi."}),
    "an unknown key of a variant": ("PC201", {"variants": "variants: {li: {tags: [], zzzz: 1}}"}),
    "an id that is none": ("PC208", {"id": "id: a b"}),
    "a link that is none": ("PC203", {"link": "link: nowhere"}),
    "tags that are no list": ("PC202", {"tags": "tags: one"}),
}


@pytest.mark.parametrize("names", list(combinations(FAULTS, 2)), ids=" and ".join)
def test_of_two_problems_of_a_post_both_are_reported(
    names: tuple[str, str], tmp_path: Path
) -> None:
    (_, one), (_, two) = (FAULTS[name] for name in names)
    if one.keys() & two.keys():
        return  # one value cannot be wrong in two ways
    apart: set[tuple[str, str, str]] = set()
    for number, lines in enumerate((one, two)):
        codes, _ = FAULTS[names[number]]
        alone = found(
            tmp_path / str(number), {"posts/a.yaml": "\n".join({**FINE, **lines}.values())}
        )
        assert {item.code for item in alone} == set(codes.split()), names[number]
        apart |= places(alone)
    both = found(tmp_path / "both", {"posts/a.yaml": "\n".join({**FINE, **one, **two}.values())})
    assert places(both) == apart


def test_no_post_hides_another(tmp_path: Path) -> None:
    """Every fault has a post of its own; a document behind broken YAML is the only one lost."""
    files = {
        f"posts/{number}.yaml": "\n".join(
            {**FINE, "text": f"text: Post {number}.", **lines}.values()
        )
        for number, (_, lines) in enumerate(FAULTS.values())
    }
    broken = "\n".join({**FINE, "text": f"text: {LONG}"}.values())
    files["posts/several.yaml"] = f"{broken}\n---\nid: b\ntext: [\n---\nid: c\n"
    seen = {(item.source.file, item.code) for item in found(tmp_path, files) if item.source}
    for number, (codes, _) in enumerate(FAULTS.values()):
        assert {(f"posts/{number}.yaml", code) for code in codes.split()} <= seen
    assert {("posts/several.yaml", "PC501"), ("posts/several.yaml", "PC101")} <= seen


def test_each_of_two_posts_with_one_id_has_its_own_places(tmp_path: Path) -> None:
    problems = found(tmp_path, OWN["two posts have one id"][1])
    lines = {
        item.source.file: item.source.line
        for item in problems
        if item.code == "PC501" and item.source
    }
    assert lines == {"posts/a.yaml": 4, "posts/b.yaml": 5}


def test_what_is_known_in_part_is_compared_as_far_as_it_is_known(tmp_path: Path) -> None:
    """Text and time are known, so the repetition is found; without its time it is not."""
    post = "\n".join(FINE.values())
    codes = [
        item.code
        for item in found(tmp_path, {"posts/a.yaml": post, "posts/b.yaml": f"{post}\nqqqq: 1"})
    ]
    assert sorted(codes) == ["PC201", "PC206", "PC206"]


# -- none is reported for its consequences ---------------------------------------------------------

POST = "profiles: [x]\nschedule: 2026-12-01 09:30\n"
IMAGE = "https://acme.example/1.png"
CONSEQUENCES: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "the text is misspelt": ("PC201", {"posts/a.yaml": f"{POST}txt: Hello."}),
    "the text is a number": ("PC202", {"posts/a.yaml": f"{POST}text: 5"}),
    "the text stands twice": ("PC103", {"posts/a.yaml": f"{POST}text: Hello.\ntext: {LONG}"}),
    "the profiles are misspelt": ("PC201", {"posts/a.yaml": "proflies: [x]\ntext: Hello."}),
    "a profile is a number": ("PC202", {"posts/a.yaml": "profiles: [5]\ntext: Hello."}),
    "the images of a network that needs one": (
        "PC202",
        {"posts/a.yaml": "profiles: [ig]\ntext: Hello.\nimages: one.png"},
    ),
    "the only image": (
        "PC202",
        {"posts/a.yaml": "profiles: [ig]\ntext: Hello.\nimages: [5]"},
    ),
    "the words of an image": (
        "PC201",
        {"posts/a.yaml": f"{POST}text: Hello.\nimages: [{{url: '{IMAGE}', atl: A box}}]"},
    ),
    "the address of an image": (
        "PC201",
        {"posts/a.yaml": f"{POST}text: Hello.\nimages: [{{ulr: '{IMAGE}', alt: A box}}]"},
    ),
    "the address of a link": (
        "PC201",
        {"posts/a.yaml": f"{POST}text: Hello.\nlink: {{ulr: 'https://acme.example'}}"},
    ),
    "the video of a network that needs one": (
        "PC203",
        {"posts/a.yaml": "profiles: [yt]\ntext: Hello.\nvideo: 1.mp4\n"
         "metadata: {youtube: {title: T, category: '22'}}"},
    ),
    "a setting that the network needs": (
        "PC201",
        {"posts/a.yaml": "profiles: [yt]\ntext: Hello.\nvideo: https://acme.example/1.mp4\n"
         "metadata: {youtube: {titel: T, category: '22'}}"},
    ),
    "the variant of a text that is too long": (
        "PC202",
        {"posts/a.yaml": f"{POST}text: {LONG}\nvariants: {{twitter: {{text: 5}}}}"},
    ),
    "the variant by its profile": (
        "PC201",
        {"posts/a.yaml": f"{POST}text: {LONG}\nvariants: {{x: {{texd: Hello.}}}}"},
    ),
    "a variant of the wrong type": (
        "PC202",
        {"posts/a.yaml": f"{POST}text: {LONG}\nvariants: {{x: short}}"},
    ),
    "the times of two posts of one text": (
        "PC202 PC202",
        {
            "posts/a.yaml": "profiles: [x]\ntext: Hello.\nschedule: 5",
            "posts/b.yaml": "profiles: [x]\ntext: Hello.\nschedule: 6",
        },
    ),
    "the zone of a time that is skipped in another": (
        "PC202",
        {"posts/a.yaml": "profiles: [x]\ntext: Hello.\nschedule: 2027-03-28 02:30\ntimezone: 5"},
    ),
    "which of two equal times": (
        "PC201",
        {"posts/a.yaml": "profiles: [x]\ntext: A.\nschedule: {at: 2027-10-31 02:30, fodl: later}"},
    ),
    "the profiles of a folder": (
        "PC201",
        {
            "posts/_defaults.yaml": "proflies: [x]",
            "posts/a.yaml": "text: Hello.\nschedule: queue",
            "posts/b.yaml": "text: Bye.\nschedule: queue",
        },
    ),
    "an item of the profiles of a folder": (
        "PC202",
        {"posts/_defaults.yaml": "profiles: [x, 5]", "posts/a.yaml": "text: Hello."},
    ),
    "the whole file of a folder": (
        "PC101",
        {"posts/_defaults.yaml": "profiles: [x", "posts/a.yaml": "schedule: queue"},
    ),
    "two posts whose ids are numbers": (
        "PC202 PC202",
        {"posts/a.yaml": f"{POST}id: 5\ntext: Hello.", "posts/b.yaml": f"{POST}id: 5\ntext: Bye."},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CONSEQUENCES)
def test_a_consequence_is_not_reported(case: str, tmp_path: Path) -> None:
    codes, files = CONSEQUENCES[case]
    assert [item.code for item in found(tmp_path, files)] == codes.split()


OWN: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "a post sets what its folder could not say": (
        "PC201 PC501",
        {"posts/_defaults.yaml": "txt: Short.", "posts/a.yaml": f"{POST}text: {LONG}"},
    ),
    "a stronger layer says what a weaker one could not": (
        "PC202 PC501",
        {"posts/a.yaml": f"{POST}text: 5\nvariants: {{x: {{text: {LONG}}}}}"},
    ),
    "an unread image hides no others": (
        "PC202 PC503",
        {"posts/a.yaml": f"{POST}text: Hello.\nimages: [5, a, b, c, d]".replace(
            "a, b, c, d", ", ".join(f"{{url: '{IMAGE}?{n}', alt: A}}" for n in range(4)))},
    ),
    "what may be a draft has a warning": (
        "PC203 PC502", {"posts/a.yaml": "profiles: [ig]\ntext: Hello.\nstatus: drft"},
    ),
    "two posts have one id": (
        "PC205 PC501 PC501",
        {
            "posts/a.yaml": f"{POST}id: c\ntext: {LONG}",
            "posts/b.yaml": f"{POST}id: c\ntext: Hello.\nvariants: {{x: {{text: {LONG}w}}}}",
        },
    ),
    "a post of its own is still empty": ("PC207", {"posts/a.yaml": POST}),
}  # fmt: skip


@pytest.mark.parametrize("case", OWN)
def test_what_has_a_cause_of_its_own_is_reported(case: str, tmp_path: Path) -> None:
    codes, files = OWN[case]
    assert sorted(item.code for item in found(tmp_path, files)) == codes.split()


@pytest.mark.parametrize("case", CONSEQUENCES)
def test_no_plan_gets_what_is_known_only_in_part(case: str, tmp_path: Path) -> None:
    loaded, result = checked(tmp_path, CONSEQUENCES[case][1])
    assert (loaded.posts, result.desired) == ((), ())


# -- drafts ----

DRAFTS = {
    "an image is to come": ("PC502", "warning", "profiles: [ig]\ntext: Hello.\n"),
    "the text is too long": ("PC501", "warning", f"{POST}text: {LONG}\n"),
    "a key is unknown": ("PC201", "error", f"{POST}text: Hello.\nqqqq: 1\n"),
    "a time is none": ("PC401", "error", "profiles: [x]\ntext: Hello.\nschedule: soon\n"),
    "it goes nowhere": ("PC301", "error", "profiles: [nobody]\ntext: Hello.\n"),
}


@pytest.mark.parametrize("case", DRAFTS)
def test_a_draft_may_break_the_rules_of_its_network_and_no_others(
    case: str, tmp_path: Path
) -> None:
    code, severity, text = DRAFTS[case]
    problems = found(tmp_path / "draft", {"posts/a.yaml": f"{text}status: draft\n"})
    problems = [item for item in problems if item.code != "PC216"]  # all posts are drafts
    assert [(item.code, item.severity.value) for item in problems] == [(code, severity)]
    problems = found(tmp_path / "ready", {"posts/a.yaml": f"{text}status: ready\n"})
    assert [(item.code, item.severity.value) for item in problems] == [(code, "error")]


# -- laws ----

LEAVES = st.none() | st.booleans() | st.integers(-2, 5) | st.text(max_size=6)
KEYS = ["text", "txt", "link", "url", "images", "alt", "x", "schedule", "at", "queue", "profiles"]
JUNK = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4)
    ),
    max_leaves=10,
)


@given(st.dictionaries(st.sampled_from([*validator("post").schema["properties"], "zz"]), JUNK))
def test_what_is_left_fits_and_nothing_else_is_lost(document: dict[str, Any]) -> None:
    fitted = fit(document, "post", Pointer("a.yaml"))
    assert validator("post").is_valid(fitted.value)
    assert bool(fitted.problems) != validator("post").is_valid(document)
    wrong = {item.at.path[0] for item in fitted.problems if item.at and item.at.path}
    for key, value in document.items():
        if key not in wrong:
            assert fitted.value[key] == value
    for path in fitted.unread:
        assert path[0] in wrong or path[0] not in document


# -- plancast.yaml ----

SETTINGS: Mapping[str, tuple[str, str, str]] = {
    "an unknown key": ("foo: 1", "PC201", "PC401 PC501"),
    "the zone": ("timezone: 5", "PC202", "PC401 PC501"),
    "the rule about images": ("policy: {require_alt: 5}", "PC203", "PC401 PC501"),
    "what is history": ("policy: {history_before: 5}", "PC202", "PC401"),
    "the provider": ("provider: {nam: buffer-graphql}", "PC204", "PC401 PC501"),
    "the folders": ("contents: posts", "PC201", ""),
    "a word of the state": ("state: {backend: git, ref: '-x'}", "PC203", "PC401 PC501"),
    "a name of git": ("state: {backend: git, remote: 'a..b'}", "PC203", "PC401 PC501"),
    "a member of a group": ("groups: {g: [5, nobody]}", "PC202 PC301", "PC401 PC501"),
    "a default": ("defaults: {profils: [x]}", "PC201", "PC401 PC501"),
    "an id of defaults": ("defaults: {id: a}", "PC203", "PC401 PC501"),
}


@pytest.mark.parametrize("case", SETTINGS)
def test_a_problem_of_plancast_yaml_hides_none_of_the_posts(case: str, tmp_path: Path) -> None:
    setting, codes, of_posts = SETTINGS[case]
    name = setting.partition(":")[0].removesuffix("s")
    kept = [line for line in WORKSPACE.splitlines() if not line.startswith((name, "content"))]
    content = [] if name == "content" else ["content: posts"]
    files = {
        "plancast.yaml": "\n".join([*kept, *content, setting]),
        "posts/a.yaml": "profiles: [x]\nschedule: soon\n"
        f"text: {LONG}\nimages: ['{IMAGE}']\nfirst_comment: ''\n",
        "posts/b.yaml": "text: Hello.\nprofiles: [x]\nschedule: 2026-12-01 09:30\n",
    }
    problems = found(tmp_path, files)
    errors = [item.code for item in problems if item.severity.value == "error"]
    assert sorted(errors) == sorted([*codes.split(), *of_posts.split()])


def test_a_setting_that_could_not_be_read_has_no_default(tmp_path: Path) -> None:
    for setting, *_ in SETTINGS.values():
        (tmp_path / "plancast.yaml").write_text(
            f"version: 1\nprofiles: {{x: {{id: '1'}}}}\n{setting}\n", encoding="utf-8"
        )
        workspace, problems = load_settings(tmp_path)
        shape = [item for item in problems if item.code in ("PC201", "PC202", "PC203")]
        assert workspace is None or "defaults: {id" in setting, shape
