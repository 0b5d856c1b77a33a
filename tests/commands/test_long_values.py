"""Values without end in files: what is said of them is short, in every format."""

from __future__ import annotations

from pathlib import Path

import pytest

from plancast.model.quoting import LONGEST, LONGEST_LINE
from tests.commands.workspace_dir import WorkspaceDir, post, workspace_yaml

LONG = "é" * 100_000
MESSAGE = 2 * LONGEST + LONGEST_LINE + 1000
"""Characters of one problem: detail, hint, the line, and what stands around them."""

FILES = {
    "profiles": f"profiles: [{LONG}]\nschedule: queue\ntext: a\n",
    "groups": f'profiles: ["@{LONG}"]\nschedule: queue\ntext: a\n',
    "schedule": post(at=LONG),
    "timezone": post(more=f"timezone: {LONG}\n"),
    "images.file": post(more=f"images: [{{file: {LONG}, alt: a}}]\n"),
    "images.url": post(more=f"images: [{{url: {LONG}}}]\n"),
    "link": post(more=f"link: {LONG}\n"),
    "status": post(more=f"status: {LONG}\n"),
    "id": post(more=f"id: {LONG}\n"),
    "a key": post(more=f"? {LONG}\n: 1\n"),
    "a variant": post(more=f"variants: {{? {LONG} : {{text: b}}}}\n"),
    "a setting": post(more=f"metadata: {{twitter: {{? {LONG} : b}}}}\n"),
    "an alias": post(more=f"x: *{LONG}\n"),
    "a tag": post(more=f"x: !{'e' * len(LONG)} 1\n"),
    "a bracket": post(more=f"x: [{LONG}\n"),
    "a list": post(more=f"text: [{LONG}]\n").replace('text: "Hello."\n', ""),
    "a text": f'profiles: [x]\nschedule: 2026-12-01 09:30\ntext: "{LONG}"\n',
}


@pytest.mark.parametrize("key", FILES)
def test_a_message_is_short_however_long_the_value(tmp_path: Path, key: str) -> None:
    workspace = WorkspaceDir.tiny(tmp_path, a=FILES[key])
    problems = workspace.run("validate", "--format", "json")
    assert problems.code == 1 or key == "a variant"  # a service of this name may exist
    number = len(problems.json)
    assert 1 <= number <= 4
    assert len(problems.out) <= 2 * number * MESSAGE
    for result in (workspace.run("validate"), workspace.run("plan")):
        assert len(result.out + result.err) <= number * MESSAGE
    for name in ("github", "sarif"):
        assert len(workspace.run("validate", "--format", name).out) <= 2 * (number + 1) * MESSAGE


def test_a_value_of_the_workspace_as_well(tmp_path: Path) -> None:
    workspace = WorkspaceDir(tmp_path)
    workspace.write("plancast.yaml", workspace_yaml().replace("Europe/Berlin", LONG))
    workspace.write("a.yaml", post())
    result = workspace.run("validate")
    assert result.codes == ["PC402"]
    assert "… 99,880 characters …" in " ".join(result.err.split())
    assert len(result.err) <= MESSAGE


def test_an_alias_without_end_is_refused(tmp_path: Path) -> None:
    """Each address of an entry would hold it."""
    workspace = WorkspaceDir(tmp_path)
    workspace.write("plancast.yaml", workspace_yaml().replace("  x:", f"  {'e' * 101}:"))
    workspace.write("a.yaml", post(on="li"))
    result = workspace.run("validate")
    assert result.codes == ["PC203"]
    assert "At the most 100." in result.err


def test_many_problems_of_one_line_do_not_repeat_it(tmp_path: Path) -> None:
    keys = ", ".join(f"wrong{number}: 1" for number in range(2000))
    workspace = WorkspaceDir.tiny(
        tmp_path, a=f"{{profiles: [x], schedule: queue, text: a, {keys}}}\n"
    )
    problems = workspace.run("validate", "--format", "json")
    assert len(problems.json) == 2000
    assert len(problems.out) <= 2000 * (LONGEST_LINE + 1000)
    assert "wrong1999" in problems.json[-1]["source"]["text"]


def test_an_argument_is_not_repeated_whole(tmp_path: Path) -> None:
    workspace = WorkspaceDir.tiny(tmp_path, a=post())
    name = LONG[:50_000]
    commands = ((name,), ("plan", name), ("-C", name, "plan"), ("fmt", name), ("show", name))
    for command in commands:
        result = workspace.process(*command)
        assert result.code == 1
        assert "characters" in result.err
        assert len(result.err) <= LONGEST + 300


@pytest.mark.parametrize(
    "content",
    [LONG, f"{LONG}/*", "é" * 300, f"{'é' * 298}/*", "*/" * 2000 + "*", "**/" * 60 + "*"],
    ids=["folder", "glob", "name", "glob of a name", "levels", "any depth"],
)
def test_a_place_of_content_without_end_is_a_problem(tmp_path: Path, content: str) -> None:
    workspace = WorkspaceDir(tmp_path)
    workspace.write("plancast.yaml", f"{workspace_yaml()}content: '{content}'\n")
    workspace.write("a.yaml", post())
    result = workspace.run("validate")
    assert result.code in (0, 1)  # a glob that finds nothing is a warning
    assert result.codes != []
    assert len(result.err) <= MESSAGE
