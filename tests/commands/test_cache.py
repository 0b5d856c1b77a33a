"""The cache of previews: it changes no output, and what it says can reach no apply."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as settings_of
from hypothesis import strategies as st

from plancast.content.loader import FEWEST_FILES
from tests.commands.workspace_dir import Result, WorkspaceDir
from tests.night import THOROUGH

SETTINGS = """\
version: 1
provider: {name: sandbox, clock: "2030-12-30T08:00:00Z"}
content: posts
timezone: Europe/Berlin
profiles:
  x: {service: twitter}
  li: {service: linkedin}
"""
POST = """\
profiles: [{profile}]
schedule: 2031-01-{day:02d} {hour:02d}:{minute:02d}
text: Post number {number}
"""
COMMANDS = (
    ("validate",),
    ("validate", "--format", "json"),
    ("plan",),
    ("plan", "--offline"),
    ("plan", "--format", "markdown"),
    ("status",),
)


def database() -> Path:
    return Path(os.environ["XDG_CACHE_HOME"]) / "plancast" / "posts" / "rows.sqlite"


@pytest.fixture(autouse=True)
def _cache_of_this_test(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))


@pytest.fixture
def workspace(tmp_path: Path) -> WorkspaceDir:
    return filled(tmp_path / "work")


def filled(folder: Path) -> WorkspaceDir:
    one = unread(folder)
    one.run("status")  # the first run that reads a workspace only notes that it did
    return one


def unread(folder: Path) -> WorkspaceDir:
    one = WorkspaceDir(folder)
    one.write("plancast.yaml", SETTINGS)
    for number in range(FEWEST_FILES):
        one.write(f"posts/{number % 3}/post-{number:03d}.yaml", post(number))
    return one


def post(number: int) -> str:
    profile, day = ("x", "li")[number % 2], 2 + number % 27
    return POST.format(
        profile=profile, day=day, hour=8 + number // 27, minute=number % 60, number=number
    )


def rows() -> int:
    with sqlite3.connect(database()) as file:
        (count,) = file.execute("SELECT count(*) FROM rows").fetchone()
    file.close()
    return int(count)


def same(workspace: WorkspaceDir) -> None:
    """Every command shows the same with the cache and without it, whatever the cache holds."""
    for command in COMMANDS:
        plain = workspace.run(*command, "--no-cache")
        for _ in range(2):
            cached = workspace.run(*command)
            assert (cached.code, text(cached)) == (plain.code, text(plain)), command


def text(result: Result) -> tuple[str, str]:
    """The output without the seconds of a distance in time."""
    return re.sub(r"\b[0-9]+ (?:seconds?|minutes?) ago", "some time ago", result.out), result.err


# -- equal output ---------------------------------------------------------------------------------

EDITS: dict[str, str] = {
    "posts/0/post-000.yaml": post(0).replace("number", "no."),
    "posts/1/post-001.yaml": post(1) + "campaign: launch\ntags: [one, two]\non_drift: keep\n",
    "posts/2/post-002.yaml": post(2) + "status: draft\n",
    "posts/0/post-003.yaml": post(3) + f"---\nid: second\n{post(4)}",
    "posts/0/twice.yaml": f"id: 1/post-004\n{post(4)}",
    "posts/0/same-text.yaml": post(0),
    "posts/0/near.yaml": post(0).replace("08:00", "18:00"),
    "posts/1/long.yaml": post(7).replace("Post", "Long " * 200),
    "posts/1/broken.yaml": "profiles: [x\n",
    "posts/1/unknown-key.yaml": post(8) + "hashtags: 1\n",
    "posts/1/unknown-profile.yaml": post(8).replace("[x]", "[y]"),
    "posts/1/image.yaml": post(9) + "images: [{file: one.png}]\n",
    "posts/1/one.png": "no image",
    "posts/1/no-alt.yaml": post(10) + "images: [{url: https://a.example/b.png}]\n",
    "posts/2/was.yaml": f"was: 2/post-005\n{post(5)}",
    "posts/2/post-005.yaml": "",
    "posts/2/variant.yaml": post(11) + "variants: {linkedin: {text: Other}, x: {skip: true}}\n",
    "posts/2/markdown.md": f"---\n{post(12).partition('text')[0]}---\n*Hi*\n",
    "posts/_defaults.yaml": "campaign: shared\n",
    "posts/0/_defaults.yaml": "variants: {mastodom: {text: odd}}\n",
    "posts/1/_defaults.yaml": "tags: [a\n",
    "posts/2/_defaults.yaml": "text: A text of the folder\nshorten: true\n",
    "posts/_moves.yaml": "removed: [{id: 0/post-006, keep: true}]\n",
    "plancast.yaml": SETTINGS + "policy: {min_gap: 3h, max_per_day: 1}\n",
}


@pytest.mark.part(4)
@pytest.mark.parametrize("name", EDITS)
def test_each_edit_shows_the_same_with_and_without_the_cache(
    workspace: WorkspaceDir, name: str
) -> None:
    workspace.run("validate")
    workspace.run("plan")
    workspace.write(name, EDITS[name])
    same(workspace)


@given(
    names=st.lists(st.sampled_from(list(EDITS)), max_size=6),
    settings=st.sampled_from(
        [
            SETTINGS,
            SETTINGS.replace("Europe/Berlin", "America/New_York"),
            SETTINGS.replace("twitter", "mastodon"),
            SETTINGS + "defaults: {campaign: all, variants: {x: {text: For x}}}\n",
            SETTINGS + "policy: {history_before: 2031-01-10, duplicates: error}\n",
            SETTINGS + "policy: {freeze: [{from: 2031-01-05, to: 2031-01-07}]}\n",
            SETTINGS.replace("sandbox,", "sandbox, api: graphql,"),
            SETTINGS.replace("version: 1", "version: 2"),
        ]
    ),
    undone=st.booleans(),
)
@settings_of(max_examples=8 if THOROUGH else 2)
def test_any_edits_in_a_row_show_the_same_with_and_without_the_cache(
    tmp_path_factory: pytest.TempPathFactory, names: list[str], settings: str, undone: bool
) -> None:
    workspace = filled(tmp_path_factory.mktemp("work"))
    workspace.run("plan")
    before = {path: path.read_bytes() for path in workspace.folder.rglob("*.yaml")}
    for name in names:
        workspace.write(name, EDITS[name])
    workspace.write("plancast.yaml", settings)
    same(workspace)
    if undone:
        for path, content in before.items():
            path.write_bytes(content)
        same(workspace)


def test_a_run_that_knows_all_files_shows_the_same_after_an_apply(workspace: WorkspaceDir) -> None:
    assert workspace.run("apply", "--auto-approve").code == 0
    workspace.write("posts/0/post-003.yaml", post(3).replace("number", "no."))
    same(workspace)


def test_a_known_file_is_not_parsed_again(workspace: WorkspaceDir) -> None:
    # A row can only be used if it is believed, so one that lies shows which files were parsed.
    workspace.run("plan")
    poison()
    assert "HACKED" in workspace.run("plan").out
    assert "HACKED" not in workspace.run("plan", "--no-cache").out


def test_an_image_of_this_disk_is_looked_for_in_each_run(workspace: WorkspaceDir) -> None:
    workspace.write("posts/1/image.yaml", EDITS["posts/1/image.yaml"])
    workspace.write("posts/1/one.png", "an image")
    for _ in range(2):
        assert "PC211" not in workspace.run("validate").codes
    (workspace.folder / "posts/1/one.png").unlink()
    assert "PC211" in workspace.run("validate").codes


def test_the_verdict_on_a_workspace_holds_for_its_files_alone(workspace: WorkspaceDir) -> None:
    workspace.run("validate")
    assert workspace.run("validate").out.startswith(f"Valid: {FEWEST_FILES} posts")
    workspace.write("posts/0/more.yaml", post(FEWEST_FILES))
    assert workspace.run("validate").out.startswith(f"Valid: {FEWEST_FILES + 1} posts")
    (workspace.folder / "posts/0/more.yaml").unlink()
    assert workspace.run("validate").out.startswith(f"Valid: {FEWEST_FILES} posts")


def test_the_first_run_only_notes_that_it_read_a_workspace(tmp_path: Path) -> None:
    workspace = unread(tmp_path / "work")
    found = []
    for _ in range(3):
        workspace.run("status")
        found.append(rows())
    assert found[0] == 1
    assert found[1] == found[2] > FEWEST_FILES


def test_few_files_need_no_cache(tmp_path: Path) -> None:
    workspace = unread(tmp_path / "work")
    (workspace.folder / "posts/0/post-000.yaml").unlink()
    workspace.run("plan")
    assert not database().exists()


# -- a cache that lies ----------------------------------------------------------------------------


def poison(old: bytes = b"Post number", new: bytes = b"HACKED post") -> None:
    """Change the texts in all rows, with checksums that fit."""
    with sqlite3.connect(database()) as file:
        changed = [
            (value.replace(old, new), sha256(key + value.replace(old, new)).digest(), key)
            for key, value in file.execute("SELECT key, value FROM rows").fetchall()
        ]
        file.executemany("UPDATE rows SET value = ?, checksum = ? WHERE key = ?", changed)
    file.close()


@pytest.fixture
def poisoned(workspace: WorkspaceDir) -> WorkspaceDir:
    workspace.run("validate")
    workspace.run("plan")
    poison()
    assert "HACKED" in workspace.run("plan").out, "the rows are believed by a preview"
    return workspace


def test_no_apply_reads_it(poisoned: WorkspaceDir) -> None:
    done = poisoned.run("apply", "--auto-approve")
    assert done.code == 0
    assert "HACKED" not in done.out + done.err
    assert "HACKED" not in (poisoned.folder / ".plancast/state.json").read_text()


def test_no_saved_plan_reads_it(poisoned: WorkspaceDir) -> None:
    saved = poisoned.run("plan", "-o", "plan.json")
    assert saved.code == 0
    assert "HACKED" not in saved.out + (poisoned.folder / "plan.json").read_text()
    assert poisoned.run("apply", "plan.json").code == 0
    assert "HACKED" not in (poisoned.folder / ".plancast/state.json").read_text()


@pytest.mark.parametrize("flags", [("--format", "json"), ("--waiting",)])
def test_no_plan_that_can_be_applied_reads_it(
    poisoned: WorkspaceDir, flags: tuple[str, ...]
) -> None:
    assert "HACKED" not in poisoned.run("plan", *flags).out


@pytest.mark.parametrize("name", ["CI", "GITHUB_ACTIONS", "GITLAB_CI"])
@pytest.mark.parametrize("command", ["plan", "status", "preview", "validate"])
def test_no_run_of_ci_reads_or_writes_it(poisoned: WorkspaceDir, name: str, command: str) -> None:
    poisoned.environ = {name: "true"}
    before = database().read_bytes()
    done = poisoned.run(command)
    assert "HACKED" not in done.out
    page = poisoned.folder / "plancast-preview.html"
    assert "HACKED" not in (page.read_text() if page.exists() else "")
    assert database().read_bytes() == before


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"[]",
        b"{}",
        b"null",
        b"[[]]",
        b"[[{}]]",
        b"\xff",
        b"[" * 5000,
        b'[{"id":"","document":0,"draft":false}]',
        b'[{"id":"a","document":-1,"draft":false}]',
        b'[[{"profile":"nobody","entry":{"text":"x"},"zone":"UTC"}]]',
        b'[[{"profile":"x","entry":{"text":"\\ud800"},"zone":"UTC"}]]',
    ],
)
def test_a_row_that_is_no_row_is_not_there(workspace: WorkspaceDir, value: bytes) -> None:
    plain = workspace.run("plan").out
    with sqlite3.connect(database()) as file:
        keys = [key for (key,) in file.execute("SELECT key FROM rows").fetchall()]
        file.executemany(
            "UPDATE rows SET value = ?, checksum = ? WHERE key = ?",
            ((value, sha256(key + value).digest(), key) for key in keys),
        )
    file.close()
    assert workspace.run("plan").out == plain


# -- a cache that cannot be used ------------------------------------------------------------------


def test_it_is_no_error_if_there_is_no_place_for_it(
    workspace: WorkspaceDir, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = workspace.run("validate")
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert workspace.run("validate") == plain
    spoken = workspace.run("-v", "validate")
    assert spoken.code == 0
    assert spoken.err.count("Done without the cache") == 1


def test_another_copy_of_the_workspace_knows_the_same_files(
    workspace: WorkspaceDir, tmp_path: Path
) -> None:
    workspace.run("validate")
    before = rows()
    shutil.copytree(workspace.folder, tmp_path / "copy")
    assert WorkspaceDir(tmp_path / "copy").run("validate").code == 0
    assert rows() == before


def test_doctor_shows_its_place_and_size(tmp_path: Path) -> None:
    workspace = unread(tmp_path / "work")
    assert f"{database().parent}: empty" in re.sub(r"\s+", " ", workspace.run("doctor").out)
    workspace.run("validate")
    shown = workspace.run("doctor", "--format", "json").out
    assert f"{database().parent}: " in shown
    assert f"{rows()} rows; remove that folder to empty it" in shown
