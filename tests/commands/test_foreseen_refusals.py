"""The refusals of Buffer and the networks that `validate` foresees, each at its place in the file.

That the sandbox refuses the same posts is in tests/networks/test_boundaries_of_contents.py and
tests/sandbox/test_graphql_rules.py.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.commands.workspace_dir import WorkspaceDir

SETTINGS = """\
version: 1
provider: buffer-graphql
timezone: Europe/Berlin
profiles:
  yt: {service: youtube}
  tt: {service: tiktok}
"""
VIDEO = "video: https://acme.example/a.mp4\n"
IMAGE = "images: [{url: https://acme.example/a.png, alt: A stage}]\n"
NINETY_ONE = "x" * 91
REFUSALS: dict[str, tuple[str, str, list[tuple[str, int, int]]]] = {
    "YouTube posts require a title., YouTube posts require a category.": (
        "yt",
        VIDEO,
        [("PC510", 1, 1), ("PC510", 1, 1)],
    ),
    "YouTube posts require a title. It shows nothing.": (
        "yt",
        VIDEO + 'metadata:\n  youtube:\n    title: " \\u200B "\n    category: "22"\n',
        [("PC510", 6, 3)],
    ),
    "The YouTube category does not exist.": (
        "yt",
        VIDEO + 'metadata:\n  youtube:\n    title: A stage\n    category: "3"\n',
        [("PC203", 8, 15)],
    ),
    "TikTok posts can have up to 5 hashtags.": (
        "tt",
        IMAGE,
        [("PC522", 3, 7)],
    ),
    "The title of a photo can have up to 90 characters.": (
        "tt",
        IMAGE + f"metadata:\n  tiktok:\n    title: {NINETY_ONE}\n",
        [("PC522", 3, 7), ("PC501", 7, 12)],
    ),
}


@pytest.mark.parametrize("words", REFUSALS)
def test_a_refusal_is_foreseen_at_its_place(tmp_path: Path, words: str) -> None:
    profile, more, expected = REFUSALS[words]
    one = WorkspaceDir(tmp_path)
    one.write("plancast.yaml", SETTINGS)
    head = f"profiles: [{profile}]\nschedule: 2026-12-01 09:30\n"
    one.write("a.yaml", f"{head}text: '#a #b #c #d #e #f'\n{more}")
    result = one.run("validate")
    assert result.code == 1
    found = re.findall(r"^error\[(PC\d+)\].*\n +--> a\.yaml:(\d+):(\d+)", result.err, re.MULTILINE)
    assert [(code, int(line), int(column)) for code, line, column in found] == expected
