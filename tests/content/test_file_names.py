"""Files that look like posts, and folders of tools: nothing is passed over without a word."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plancast.content.file_names import ENDINGS, PROSE, is_post_name, look_alike
from plancast.content.loader import Loaded, load
from plancast.model.diagnostics import Severity

HEAD = "version: 1\nprofiles: {li: {id: a, service: linkedin}}\n"
POST = "profiles: [li]\ntext: Hello\n"


def loaded(root: Path, files: dict[str, str], more: str = "") -> Loaded:
    for name, text in {"plancast.yaml": HEAD + more, **files}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    return load(root)


def found(result: Loaded) -> list[tuple[str, str, str]]:
    return [
        (item.code, item.severity.value, item.at.file if item.at else "")
        for item in result.diagnostics
    ]


@pytest.mark.parametrize(
    ("name", "code", "hint"),
    [
        ("upper.YAML", "PC016", "Rename it to upper.yaml."),
        ("Mixed.Yml", "PC016", "Rename it to Mixed.yml."),
        ("doc.MD", "PC016", "Rename it to doc.md."),
        ("long.markdown", "PC016", "Rename it to long.md."),
        ("LONG.Markdown", "PC016", "Rename it to LONG.md."),
        ("a.mkd", "PC016", "Rename it to a.md."),
        ("a.ymal", "PC016", "Rename it to a.yaml."),
        ("a.yaml.txt", "PC016", "Rename it to a.yaml."),
        ("a.MD.txt", "PC016", "Rename it to a.md."),
        ("a.yaml ", "PC016", "Rename it to a.yaml."),
        ("a.YML.", "PC016", "Rename it to a.yml."),
        ("sub/folder/b.YML", "PC016", "Rename it to b.yml."),
        ("_defaults.yml", "PC019", "Rename it to _defaults.yaml."),
        ("_Defaults.yaml", "PC019", "Rename it to _defaults.yaml."),
        ("sub/_defaults.YAML", "PC019", "Rename it to _defaults.yaml."),
        ("_default.yaml", "PC019", "Rename it to _defaults.yaml."),
        ("_moves.yml", "PC019", "Rename it to _moves.yaml."),
        ("hello.tweet", "PC018", "`text:`"),
        ("posts.csv", "PC018", "can be converted"),
        ("posts.CSV", "PC018", "can be converted"),
    ],
)
def test_a_file_that_looks_like_a_post_is_reported(
    tmp_path: Path, name: str, code: str, hint: str
) -> None:
    result = loaded(tmp_path, {"a.yaml": POST, f"posts/{name}": POST})
    severity = "warning" if code == "PC018" else "error"
    assert found(result) == [(code, severity, f"posts/{name}")]
    assert hint in result.diagnostics[0].hint
    assert [post.id for post in result.posts] == ["a"]


@pytest.mark.parametrize(
    "name",
    ["data.json", "notes.txt", "a.yaml.bak", "a.yaml~", "a.yaml.orig", "a.png", "README.MD", "yaml",
     "changelog.markdown", ".hidden.YAML", "markdown", "csv", "a.txt", ".tweet", "Makefile"],
)  # fmt: skip
def test_other_files_are_left_alone(tmp_path: Path, name: str) -> None:
    assert found(loaded(tmp_path, {"a.yaml": POST, name: POST})) == []


@pytest.mark.parametrize(
    ("content", "names"),
    [
        (".", {"posts/b.YAML", "c.MD"}),
        ("posts", {"posts/b.YAML"}),
        ("posts/b.YAML", {"posts/b.YAML"}),
        ("[posts, posts]", {"posts/b.YAML"}),
        ('"posts/**"', {"posts/b.YAML"}),
        ('"posts/*.yaml"', set()),
    ],
)
def test_in_all_that_content_means(tmp_path: Path, content: str, names: set[str]) -> None:
    files = {"posts/a.yaml": POST, "posts/b.YAML": POST, "c.MD": "---\n---\n"}
    result = loaded(tmp_path, files, f"content: {content}\n")
    assert {name for _, _, name in found(result) if name} == names


def test_a_link_out_of_the_workspace_is_reported_as_that(tmp_path: Path) -> None:
    (tmp_path / "outside.YAML").write_text(POST)
    result = loaded(tmp_path / "w", {"a.yaml": POST})
    (tmp_path / "w" / "b.YAML").symlink_to(tmp_path / "outside.YAML")
    result = load(tmp_path / "w")
    assert found(result) == [("PC004", "error", "b.YAML")]


@pytest.mark.parametrize(
    "text", ["", "\n\n", "\ufeff", "# text: commented out\n", "---\n", "---\n---\n", "null\n", "~"]
)
def test_an_empty_file_is_a_warning(tmp_path: Path, text: str) -> None:
    result = loaded(tmp_path, {"a.yaml": POST, "b.yaml": text})
    assert found(result) == [("PC017", "warning", "b.yaml")]
    result = loaded(tmp_path, {"a.yaml": POST, "b.yaml": POST, "_defaults.yaml": text})
    assert found(result) == []


def test_a_folder_without_any_post_still_says_so(tmp_path: Path) -> None:
    result = loaded(tmp_path, {"posts/a.yaml": "", "posts/b.csv": "text\n"}, "content: posts\n")
    assert [code for code, _, _ in found(result)] == ["PC006", "PC017", "PC018"]


def test_an_empty_file_of_markdown_has_no_front_matter(tmp_path: Path) -> None:
    assert found(loaded(tmp_path, {"a.yaml": POST, "b.md": "", "README.md": ""})) == [
        ("PC109", "error", "b.md")
    ]


@pytest.mark.parametrize(
    ("files", "more"),
    [({"_defaults.yaml": "tags: [a]\n---\ntags: [b]\n"}, ""), ({}, "---\nversion: 1\n")],
)
def test_documents_that_nothing_reads_are_errors(
    tmp_path: Path, files: dict[str, str], more: str
) -> None:
    result = loaded(tmp_path, {"a.yaml": POST, **files}, more)
    assert [(code, severity) for code, severity, _ in found(result)] == [("PC020", "error")]


@given(st.text("aYyMmLlDdNnOoWwRrKkCcSsVvTtEeXx._", min_size=1, max_size=14))
def test_every_name_is_read_or_reported_or_of_another_kind(name: str) -> None:
    """However the ending is spelled: a name that ends like a post is never ignored."""
    item = look_alike(name)
    ending = Path(name).suffix
    if item is not None:
        assert item.code in {"PC016", "PC018", "PC019"}
        assert (item.severity is Severity.ERROR) is (item.code != "PC018")
    elif ending.casefold() in ENDINGS:
        assert is_post_name(name) or Path(name).stem.casefold() in PROSE


# -- folders of tools -----------------------------------------------------------------------------

TOOLS = {
    "an environment": {"venv/pyvenv.cfg": "", "venv/lib/a/b.yaml": "x: 1\n"},
    "a deep environment": {"env/pyvenv.cfg": "", "env/a/b/c/d.md": "# no post\n"},
    "modules": {"node_modules/a/b.yaml": "x: 1\n", "node_modules/README.md": "x"},
    "packages": {"lib/site-packages/a/b.yaml": "x: 1\n"},
    "a distribution": {"my.egg-info/b.yaml": "x: 1\n"},
    "a cache": {"cache/CACHEDIR.TAG": "", "cache/a.yaml": "x: 1\n"},
    "conda": {"env/conda-meta/history": "", "env/a.yaml": "x: 1\n"},
    "bytecode": {"__pycache__/a.yaml": "x: 1\n"},
    "vendor": {"vendor/modules.txt": "", "vendor/a/b.yaml": "x: 1\n"},
    "dist": {"package.json": "{}", "dist/a.yaml": "x: 1\n"},
    "hidden": {".venv/a.yaml": "x: 1\n", ".git/b.yaml": "x: 1\n", ".github/w/c.yml": "x: 1\n"},
}
SKIPPED = {
    "an environment": ("venv",), "a deep environment": ("env",), "modules": ("node_modules",),
    "packages": ("lib/site-packages",), "a distribution": ("my.egg-info",), "a cache": ("cache",),
    "conda": ("env",), "bytecode": ("__pycache__",), "vendor": ("vendor",), "dist": ("dist",),
    "hidden": (),
}  # fmt: skip


@pytest.mark.parametrize("content", [".", '"**/*.yaml"', '"**/*"', '"*/**"'])
@pytest.mark.parametrize("name", TOOLS)
def test_folders_of_tools_are_not_entered(tmp_path: Path, name: str, content: str) -> None:
    files = {"posts/a.yaml": POST, **TOOLS[name]}
    result = loaded(tmp_path, files, f"content: {content}\n")
    assert found(result) == []
    assert [post.id for post in result.posts] == ["posts/a"]
    assert result.skipped == SKIPPED[name]


@pytest.mark.parametrize(
    "content", ["venv", "venv/", "[venv]", '"venv/*.yaml"', '"venv/**/*.yaml"', "venv/a.yaml"]
)
@pytest.mark.parametrize("mark", ["venv/pyvenv.cfg", "venv/CACHEDIR.TAG"])
def test_a_folder_of_a_tool_that_is_named_is_read(tmp_path: Path, content: str, mark: str) -> None:
    result = loaded(tmp_path, {"venv/a.yaml": POST, mark: ""}, f"content: {content}\n")
    assert found(result) == []
    assert [post.id for post in result.posts] == ["a"]
    assert result.skipped == ()


@pytest.mark.parametrize("content", [".social", '".social/*.yaml"', '".s*/*.yaml"'])
def test_a_hidden_folder_that_is_named_is_read(tmp_path: Path, content: str) -> None:
    result = loaded(tmp_path, {".social/a.yaml": POST}, f"content: {content}\n")
    assert len(result.posts) == 1


@pytest.mark.parametrize("name", ["dist", "vendor", "venv", "env", "build", "target", "cache"])
def test_a_folder_with_such_a_name_alone_may_hold_posts(tmp_path: Path, name: str) -> None:
    """Without a sign of a tool it is a folder like any other: its posts must not be lost."""
    result = loaded(tmp_path, {f"{name}/a.yaml": POST})
    assert [post.id for post in result.posts] == [f"{name}/a"]
