"""From a folder to a workspace: what is found, what is merged, what hostile folders cannot do."""

from __future__ import annotations

import gc
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from plancast.content.loader import Loaded, find_root, load
from plancast.content.source import FileTexts, PostText
from plancast.content.validate import Validated, validate
from plancast.model.diagnostics import Pointer, problem
from plancast.model.entry import Image, Link, QueuePosition
from plancast.reconcile.selectors import assume

HEAD = "version: 1\nprofiles: {li: {id: a, service: linkedin}, x: {id: b, service: twitter}}\n"
POST = "profiles: [li]\ntext: Hello\n"
BOM = b"\xef\xbb\xbf"


def space(root: Path, files: dict[str, str], more: str = "") -> Path:
    for name, text in {"plancast.yaml": HEAD + more, **files}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    return root


def loaded(root: Path, files: dict[str, str], more: str = "") -> Loaded:
    return load(space(root, files, more))


def codes(found: Loaded) -> list[str]:
    return [item.code for item in found.diagnostics]


def ids(found: Loaded) -> list[str]:
    return [post.id for post in found.posts]


def checked(found: Loaded) -> Validated:
    return validate(found, assume(found.workspace.profiles).profiles)


# -- finding ----------------------------------------------------------------------------------


def test_the_root_is_found_upwards(tmp_path: Path) -> None:
    root = space(tmp_path / "w", {"a/b/c.yaml": POST})
    assert find_root(root / "a" / "b") == root.resolve()
    assert find_root(tmp_path) is None


def test_what_is_a_post_and_what_is_not(tmp_path: Path) -> None:
    files = dict.fromkeys(
        ["a.yaml", "b.yml", "deep/er/c.yaml", ".hidden.yaml", ".git/d.yaml", ".plancast/e.yaml",
         "node_modules/f.yaml", "notes.txt", "data.json"], POST
    )  # fmt: skip
    files |= {"d.md": "---\nprofiles: [li]\n---\nBody\n", "README.md": "# no post\n"}
    found = loaded(tmp_path, files)
    assert codes(found) == []
    assert ids(found) == ["a", "b", "d", "deep/er/c"]


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (".", ["posts/a", "posts/sub/b", "other/c"]),
        ("posts", ["a", "sub/b"]),
        ("./posts/", ["a", "sub/b"]),
        ("posts/a.yaml", ["a"]),
        ('"posts/*.yaml"', ["a"]),
        ('"posts/**/*.yaml"', ["a", "sub/b"]),
        ("[posts/sub, other]", ["b", "c"]),
        ("[posts, posts/sub]", ["a", "sub/b"]),
    ],
)
def test_content_is_folders_files_and_globs(tmp_path: Path, content: str, found: list[str]) -> None:
    files = dict.fromkeys(["posts/a.yaml", "posts/sub/b.yaml", "other/c.yaml"], POST)
    got = loaded(tmp_path, files, f"content: {content}\n")
    assert codes(got) == []
    assert sorted(ids(got)) == sorted(found)


def test_dots_in_the_name_of_a_folder_stay(tmp_path: Path) -> None:
    got = loaded(tmp_path, {"my.posts/a.yaml": POST}, "content: my.posts/a.yaml\n")
    assert ids(got) == ["a"]


@pytest.mark.parametrize("content", [".", "'**/*.yaml'", "[posts, team]", "team"])
def test_a_folder_with_a_workspace_of_its_own_is_left_to_it(tmp_path: Path, content: str) -> None:
    files = {"posts/a.yaml": POST, "team/b.yaml": POST, "team/acme/c.yaml": POST}
    files["team/acme/plancast.yaml"] = HEAD
    got = loaded(tmp_path, files, f"content: {content}\n")
    assert "PC201" not in codes(got)
    assert sorted(one.rpartition("/")[2] for one in ids(got)) == (
        ["b"] if content == "team" else ["a", "b"]
    )


def test_a_workspace_is_no_content_folder_of_another_one(tmp_path: Path) -> None:
    files = {"acme/c.yaml": POST, "acme/plancast.yaml": HEAD}
    got = loaded(tmp_path, files, "content: acme\n")
    assert (codes(got)[0], ids(got)) == ("PC203", [])
    assert "belong to that workspace" in got.diagnostics[0].detail


@pytest.mark.parametrize("content", ["/etc", "~", "../up", "a/../../up"])
def test_content_stays_inside(tmp_path: Path, content: str) -> None:
    assert "PC004" in codes(loaded(tmp_path, {"a.yaml": POST}, f'content: "{content}"\n'))


# -- hostile folders ----------------------------------------------------------------------------


@pytest.mark.parametrize("content", ["link", "link/s.yaml", '"link/*.yaml"', '"*/s.yaml"'])
def test_a_folder_that_is_a_link_does_not_lead_out(tmp_path: Path, content: str) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "s.yaml").write_text("profiles: [li]\ntext: SECRET\n")
    root = space(tmp_path / "w", {"z.yaml": POST}, f"content: [z.yaml, {content}]\n")
    (root / "link").symlink_to(outside)
    found = load(root)
    assert [post.fields.text for post in found.posts] == ["Hello"]
    assert codes(found) == ["PC004"]


def test_a_file_that_is_a_link_may_stay_inside(tmp_path: Path) -> None:
    root = space(tmp_path, {"a.yaml": POST})
    (root / "b.yaml").symlink_to("a.yaml")
    assert ids(load(root)) == ["a", "b"]


def test_links_that_lead_nowhere(tmp_path: Path) -> None:
    root = space(tmp_path, {"a.yaml": POST})
    (root / "gone.yaml").symlink_to("nothing.yaml")
    (root / "loop.yaml").symlink_to("loop.yaml")
    found = load(root)
    assert ids(found) == ["a"]
    assert set(codes(found)) <= {"PC002", "PC004"}
    assert len(codes(found)) == 2


@pytest.mark.parametrize("name", ["a\\0b", "n" * 5000, "loop.png"])
def test_an_image_file_that_cannot_be_looked_for(tmp_path: Path, name: str) -> None:
    root = space(tmp_path, {"a.yaml": POST + f'images: [{{file: "{name}"}}]\n'})
    (root / "loop.png").symlink_to("loop.png")
    assert codes(load(root)) == ["PC211"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
def test_a_pipe_is_no_file_to_wait_for(tmp_path: Path) -> None:
    root = space(tmp_path, {"a.yaml": POST})
    os.mkfifo(root / "pipe.yaml")
    code = (
        "import sys; from pathlib import Path; from plancast.content.loader import load\n"
        "found = load(Path(sys.argv[1]))\n"
        "print(*(item.code for item in found.diagnostics), *(post.id for post in found.posts))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code, str(root)],
        check=True, capture_output=True, text=True, timeout=30,
    )  # fmt: skip
    assert ended.stdout.split() == ["PC002", "a"]


def test_a_file_that_is_far_too_large_is_not_read_into_memory(tmp_path: Path) -> None:
    root = space(tmp_path, {"a.yaml": POST})
    with (root / "huge.yaml").open("wb") as file:
        file.truncate(1 << 40)  # a hole: a terabyte that takes no room
    found = load(root)
    assert (codes(found), ids(found)) == (["PC005"], ["a"])


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission(tmp_path: Path) -> None:
    root = space(tmp_path, {"a.yaml": POST, "b.yaml": POST})
    (root / "b.yaml").chmod(0)
    found = load(root)
    assert (codes(found), ids(found)) == (["PC002"], ["a"])


# -- reading ------------------------------------------------------------------------------------


def test_several_posts_in_one_file(tmp_path: Path) -> None:
    found = loaded(tmp_path, {"m.yaml": f"{POST}---\n---\n{POST}id: own\n---\n{POST}"})
    assert ids(found) == ["m", "own", "m-3"]
    assert [found.source(post.at) and str(found.source(post.at)) for post in found.posts] == [
        "m.yaml:1:1",
        "m.yaml:5:1",
        "m.yaml:9:1",
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_markdown(tmp_path: Path, end: str, mark: str) -> None:
    text = mark + end.join(["---", "profiles: [li]", "link: ftp://x", "---", "", "Body", "", "End"])
    found = loaded(tmp_path, {"a.md": text})
    (trouble,) = found.diagnostics
    assert str(trouble.source) == "a.md:3:7"
    fixed = loaded(tmp_path, {"a.md": text.replace("ftp", "http")})
    assert codes(fixed) == []
    assert fixed.posts[0].fields.text == "Body\n\nEnd"


def test_the_text_of_markdown_is_found_where_it_stands(tmp_path: Path) -> None:
    long = "y" * 281
    body = loaded(tmp_path / "1", {"a.md": f"---\nprofiles: [x]\n---\n\n{long}\n"})
    assert [str(item.source) for item in checked(body).diagnostics] == ["a.md:5:1"]
    front = loaded(tmp_path / "2", {"a.md": f"---\nprofiles: [x]\ntext: {long}\n---\n\n"})
    assert [str(item.source) for item in checked(front).diagnostics] == ["a.md:3:7"]


def test_a_text_above_and_below_is_one_too_many(tmp_path: Path) -> None:
    found = loaded(tmp_path, {"a.md": "---\nprofiles: [li]\ntext: a\n---\nb\n"})
    assert codes(found) == ["PC203"]


def test_all_problems_of_all_files_at_once(tmp_path: Path) -> None:
    files = {"a.yaml": "a: [\n", "b.yaml": "a: 1\na: 2\n", "c.yaml": POST + "x: 1\nstatus: y\n"}
    found = loaded(tmp_path, {**files, "d.yaml": POST})
    assert sorted(codes(found)) == ["PC101", "PC103", "PC201", "PC203"]
    assert ids(found) == ["d"]


def test_an_empty_plancast_yaml(tmp_path: Path) -> None:
    (tmp_path / "plancast.yaml").write_text("# nothing yet\n")
    assert codes(load(tmp_path)) == ["PC204"]


# -- defaults -----------------------------------------------------------------------------------


def test_the_nearest_word_holds(tmp_path: Path) -> None:
    files = {
        "_defaults.yaml": "campaign: outer\ntags: [o]\nvariants: {x: {text: outer, campaign: v}}\n",
        "in/_defaults.yaml": "campaign: inner\nvariants: {x: {text: inner}, li: {skip: true}}\n",
        "a.yaml": POST,
        "in/b.yaml": POST,
        "in/c.yaml": POST + "campaign: own\nvariants: {x: {text: own}}\n",
    }
    found = loaded(tmp_path, files, "defaults: {campaign: space, protect: true}\n")
    assert codes(found) == []
    by_id = {post.id: (post.fields.campaign, post.fields.tags) for post in found.posts}
    assert by_id == {"a": ("outer", ("o",)), "in/b": ("inner", ("o",)), "in/c": ("own", ("o",))}
    assert all(post.fields.protect for post in found.posts)
    variants = {post.id: post.variants["x"] for post in found.posts}
    assert {name: item.text for name, item in variants.items()} == {
        "a": "outer", "in/b": "inner", "in/c": "own",
    }  # fmt: skip
    assert all(item.campaign == "v" for item in variants.values())
    assert found.posts[1].variants["li"].skip is True


def test_defaults_above_the_content_folder_hold(tmp_path: Path) -> None:
    files = {"_defaults.yaml": "campaign: c\n", "posts/a.yaml": POST}
    found = loaded(tmp_path, files, "content: posts\n")
    assert found.posts[0].fields.campaign == "c"


def test_a_problem_of_defaults_is_shown_in_them(tmp_path: Path) -> None:
    found = loaded(tmp_path, {"_defaults.yaml": "schedule: soon\n", "a.yaml": POST, "b.yaml": POST})
    assert [str(item.source) for item in checked(found).diagnostics] == ["_defaults.yaml:1:11"]


@pytest.mark.parametrize("where", ["_defaults.yaml", "plancast.yaml"])
def test_an_id_belongs_to_one_post(tmp_path: Path, where: str) -> None:
    if where == "plancast.yaml":
        found = loaded(tmp_path, {"a.yaml": POST}, "defaults: {id: same}\n")
    else:
        found = loaded(tmp_path, {"a.yaml": POST, where: "id: same\n"})
    assert [(item.code, item.source and item.source.file) for item in found.diagnostics] == [
        ("PC203", where)
    ]


def test_a_problem_of_a_variant_is_shown_there(tmp_path: Path) -> None:
    text = f"profiles: [x, li]\ntext: short\nvariants:\n  twitter:\n    text: {'y' * 281}\n"
    found = checked(loaded(tmp_path, {"a.yaml": text}))
    assert [(item.code, str(item.source)) for item in found.diagnostics] == [
        ("PC501", "a.yaml:5:11")
    ]


# -- shapes and values --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("schedule: {at: 2026-12-01 09:30, queue: next}", "PC203"),
        ("schedule: {timezone: Europe/Berlin}", "PC203"),
        ("schedule: {}", "PC203"),
        ("images: [{alt: x}]", "PC203"),
        ("images: [{url: https://a.example/i, file: a.yaml}]", "PC203"),
        ("images: [{}]", "PC203"),
        ("images: [ftp://a.example/i]", "PC203"),
        ("link: javascript:alert(1)", "PC203"),
        ("link: {title: t}", "PC204"),
        ("profiles: []", "PC203"),
        ("text: 12", "PC202"),
        ("text: ~", "PC202"),
        ("tags: [1]", "PC202"),
        ("shedule: now", "PC201"),
    ],
)
def test_a_wrong_shape(tmp_path: Path, line: str, code: str) -> None:
    key = line.partition(":")[0]
    kept = [item for item in POST.splitlines() if not item.startswith(f"{key}:")]
    found = loaded(tmp_path, {"a.yaml": "\n".join([*kept, line, ""])})
    assert codes(found) == [code]
    assert found.diagnostics[0].source is not None
    assert found.posts == ()


def test_a_block_does_not_smuggle_a_line_end_into_an_address(tmp_path: Path) -> None:
    found = loaded(tmp_path, {"a.yaml": POST + "link: |\n  https://a.example\n"})
    assert codes(found) == ["PC203"]


def test_the_forms_of_links_images_and_times(tmp_path: Path) -> None:
    text = POST + (
        "link: {url: https://a.example, title: T}\n"
        "images: [https://a.example/i, {url: https://a.example/j, alt: J}]\n"
        "schedule: {queue: top}\n"
    )
    fields = loaded(tmp_path, {"a.yaml": text}).posts[0].fields
    assert fields.link == Link("https://a.example", "T")
    assert fields.images == (Image("https://a.example/i"), Image("https://a.example/j", "J"))
    assert fields.schedule is not None
    assert fields.schedule.queue is QueuePosition.TOP


@pytest.mark.parametrize(
    "policy",
    ['due_soon: "5m\\n"', 'max_destroy: "20%\\n"', "due_soon: 5", "min_gap: 1w",
     "max_destroy: -1", "max_destroy: true", "max_destroy: '%'", "paused: maybe"],
)  # fmt: skip
def test_a_policy_that_cannot_be_read(tmp_path: Path, policy: str) -> None:
    found = loaded(tmp_path, {"a.yaml": POST}, f"policy: {{{policy}}}\n")
    assert set(codes(found)) <= {"PC202", "PC203"}
    assert codes(found)


@pytest.mark.parametrize(
    ("written", "percent", "number"),
    [("20%", 20, 5), ("0%", 0, 5), ("3", None, 3), ("3.0", None, 3), ("0", None, 0)],
)
def test_how_much_may_be_destroyed(
    tmp_path: Path, written: str, percent: int | None, number: int
) -> None:
    policy = loaded(tmp_path, {"a.yaml": POST}, f"policy: {{max_destroy: {written}}}\n")
    assert policy.workspace.policy.max_destroy_percent == percent
    assert policy.workspace.policy.max_destroy == number


@pytest.mark.parametrize(
    ("written", "percent", "number"),
    [("60%", 60, 20), ("0%", 0, 20), ("3", None, 3), ("0", None, 0)],
)
def test_how_much_may_be_updated(
    tmp_path: Path, written: str, percent: int | None, number: int
) -> None:
    policy = loaded(tmp_path, {"a.yaml": POST}, f"policy: {{max_update: {written}}}\n")
    assert policy.workspace.policy.max_update_percent == percent
    assert policy.workspace.policy.max_update == number


def test_lint_that_is_off(tmp_path: Path) -> None:
    found = loaded(tmp_path, {"a.yaml": POST}, "policy: {min_gap: off, max_per_day: off}\n")
    assert codes(found) == []
    assert found.workspace.policy.min_gap is None
    assert found.workspace.policy.max_per_day is None


def test_a_freeze_that_ends_before_it_begins(tmp_path: Path) -> None:
    window = "policy: {freeze: [{from: 2026-12-27, to: 2026-12-24}]}\n"
    assert codes(loaded(tmp_path, {"a.yaml": POST}, window)) == ["PC203"]


# -- the whole ----------------------------------------------------------------------------------


def test_the_digest_is_of_what_matters(tmp_path: Path) -> None:
    files = {"a.yaml": POST, "sub/b.yaml": POST, "README.md": "one\n"}
    first = loaded(tmp_path / "1", files)
    assert loaded(tmp_path / "2", files).content_digest == first.content_digest
    assert loaded(tmp_path / "3", {**files, "README.md": "two\n"}).content_digest == (
        first.content_digest
    )
    for number, changed in enumerate(
        [{"a.yaml": POST + "#"}, {"c.yaml": POST}, {"_defaults.yaml": "campaign: c\n"}]
    ):
        other = loaded(tmp_path / f"4{number}", {**files, **changed})
        assert other.content_digest != first.content_digest
    shutil.move(tmp_path / "2" / "a.yaml", tmp_path / "2" / "z.yaml")
    assert load(tmp_path / "2").content_digest != first.content_digest


def test_a_place_that_nobody_knows(tmp_path: Path) -> None:
    assert loaded(tmp_path, {"a.yaml": POST}).source(Pointer("nowhere.yaml")) is None


# -- a text is read again when a position needs it ----------------------------------------------


def put_link(path: Path, text: str) -> None:
    other = path.with_name("other.txt")
    other.write_text(text)
    path.unlink()
    path.symlink_to(other)


def put_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def put_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


SINCE: dict[str, tuple[Callable[[Path], object], str]] = {
    "left alone": (lambda _path: None, "a.yaml:2:7"),
    "written again, with the same content": (lambda path: path.write_text(POST), "a.yaml:2:7"),
    "replaced by a link to the same content": (lambda path: put_link(path, POST), "a.yaml:2:7"),
    "a line put in front": (lambda path: path.write_text(f"# Hi\n{POST}"), ""),
    "a byte order mark put in front": (lambda path: path.write_bytes(BOM + POST.encode()), ""),
    "another text of the same length": (lambda path: path.write_text(POST.upper()), ""),
    "no YAML any more": (lambda path: path.write_text("text: ["), ""),
    "not UTF-8": (lambda path: path.write_bytes(b"\xff"), ""),
    "too large": (lambda path: path.write_text(POST + "#" * 2**20), ""),
    "removed": (Path.unlink, ""),
    "replaced by a link to another text": (lambda path: put_link(path, "root:x:0:0"), ""),
    "replaced by a pipe that nobody writes": (put_pipe, ""),
    "replaced by a folder": (put_folder, ""),
}
"""What becomes of a file after it was loaded, and the position of its text then."""


@pytest.mark.parametrize("since", SINCE)
def test_a_position_is_one_in_the_text_that_was_loaded(since: str, tmp_path: Path) -> None:
    found = loaded(tmp_path, {"a.yaml": POST, "b.yaml": POST})
    change, expected = SINCE[since]
    change(tmp_path / "a.yaml")
    place, trouble = Pointer("a.yaml") / "text", problem("PC501", at=Pointer("a.yaml") / "text")
    assert str(found.source(place) or "") == expected
    located = found.locate([trouble])[0]
    assert (str(located.source or ""), located.at) == (expected, place)
    assert str(found.source(Pointer("b.yaml") / "text")) == "b.yaml:2:7"
    assert set(found.texts) == {"plancast.yaml", "a.yaml", "b.yaml"}


def test_texts_are_not_kept_however_many_files_and_problems(tmp_path: Path) -> None:
    files = {f"{number:03}.yaml": f"{POST}unknown: {number}\n" for number in range(200)}
    found = loaded(tmp_path, files)
    assert [str(item.source) for item in found.diagnostics] == [f"{name}:3:1" for name in files]
    assert [item.source.text for item in found.diagnostics if item.source] == [
        f"unknown: {number}" for number in range(200)
    ]
    names = {f"{number:03}.yaml" for number in range(200)}
    alive = [one for one in gc.get_objects() if isinstance(one, PostText)]
    assert len([one for one in alive if one.name in names]) <= FileTexts.MOST_RECENT


def test_what_is_equal_in_many_posts_is_one_value(tmp_path: Path) -> None:
    post = "profiles: [li]\nid: {id}\ncampaign: spring sale\ntags: [two words]\ntext: |\n  Hello\n"
    found = loaded(tmp_path, {f"{name}.yaml": post.replace("{id}", name) for name in "ab"})
    one, other = found.posts
    assert one.fields.campaign is other.fields.campaign
    assert (one.fields.tags or [""])[0] is (other.fields.tags or [""])[0]
    assert (one.variants, one.origins, one.unread) == ({}, {}, frozenset())
    assert (one.variants is other.variants, one.unread is other.unread) == (True, True)
    assert checked(found).desired[0].entry.text is one.fields.text


def test_history_is_not_checked(tmp_path: Path) -> None:
    old = f"profiles: [x]\nschedule: 2020-01-01 09:00\ntext: {'y' * 281}\n"
    policy = "policy: {history_before: 2026-01-01}\n"
    assert checked(loaded(tmp_path, {"a.yaml": old}, policy)).diagnostics == ()


def test_a_draft_is_checked_and_counted_apart(tmp_path: Path) -> None:
    text = f"profiles: [x]\nstatus: draft\ntext: {'y' * 281}\n"
    found = checked(loaded(tmp_path, {"a.yaml": text}))
    assert (found.desired, len(found.drafted)) == ((), 1)
    assert [item.code for item in found.diagnostics] == ["PC501", "PC216"]


# -- patterns ----


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ("'*.yaml'", {"a"}),
        ("'**/*.yaml'", {"a", "posts/b", "posts/sub/c", "posts/sub/d"}),
        ("'posts/**'", {"b", "sub/c", "sub/d"}),
        ("'posts/**/*.yaml'", {"b", "sub/c", "sub/d"}),
        ("'posts/*/[cd].yaml'", {"sub/c", "sub/d"}),
        ("'p*/**/d.yaml'", {"posts/sub/d"}),
        ("'*/*/*/*.yaml'", set()),
        ("'p*'", set()),
    ],
)
def test_patterns_match_part_by_part(tmp_path: Path, content: str, found: set[str]) -> None:
    names = ["a.yaml", "posts/b.yaml", "posts/sub/c.yaml", "posts/sub/d.yaml"]
    got = loaded(tmp_path, dict.fromkeys(names, POST), f"content: {content}\n")
    assert set(ids(got)) == found


@pytest.mark.parametrize("content", ["'***'", "'a**b'", "'" + "*/" * 1200 + "*.yaml'", '"a\\0*"'])
def test_an_odd_pattern_is_an_answer_and_no_crash(tmp_path: Path, content: str) -> None:
    loaded(tmp_path, {"a.yaml": POST}, f"content: {content}\n")


def test_links_that_lead_back_are_not_entered_by_a_pattern(tmp_path: Path) -> None:
    (tmp_path / "posts").mkdir()
    for name in ("one", "two"):
        (tmp_path / name).symlink_to(tmp_path)
    pattern = "'" + "*/" * 30 + "posts/*'"
    assert ids(loaded(tmp_path, {"posts/a.yaml": POST}, f"content: {pattern}\n")) == []


@pytest.mark.parametrize("target", [".", "..", "../..", "../../posts"])
def test_a_link_to_a_folder_that_it_lies_in_gives_no_second_name(
    tmp_path: Path, target: str
) -> None:
    (tmp_path / "posts" / "new").mkdir(parents=True)
    (tmp_path / "posts" / "new" / "loop").symlink_to(target)
    files = {"posts/a.yaml": POST, "posts/new/b.yaml": POST}
    got = loaded(tmp_path, files, "content: 'posts/**/*.yaml'\n")
    assert sorted(ids(got)) == ["a", "new/b"]


def test_many_problems_of_one_document_are_shown_in_part(tmp_path: Path) -> None:
    images = ", ".join(["1"] * 5000)
    got = loaded(tmp_path, {"a.yaml": f"profiles: [x]\ntext: a\nimages: [{images}]\n"})
    assert 0 < len(codes(got)) <= 100
