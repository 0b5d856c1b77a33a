"""With any command line and any files, a command ends with an exit code that is known."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.commands.workspace_dir import WorkspaceDir, post
from tests.robustness.mutation import examples

CODES = {0, 1, 2, 3, 4, 5, 6, 7, 130}
WORDS = [
    "plan", "apply", "validate", "status", "fmt", "pull", "import", "preview", "show", "state",
    "list", "mv", "rm", "unlock", "log", "profiles", "doctor", "schema", "report", "reviewed",
    "comment", "init", "migrate", "sandbox", "reset", "clock", "fault", "share",
    "--offline", "--format", "json", "human", "github", "--target", "--only", "create", "-o",
    "--auto-approve", "--check", "--allow-destroy", "5", "-C", ".", "-q", "-v", "--to",
    "buffer-graphql", "--rebuild", "a@x", "a", "*@*", "plan.json", "a.yaml", "--events", "--help",
]  # fmt: skip
TYPED = st.lists(st.sampled_from(WORDS) | st.text(max_size=6), min_size=1, max_size=6)
LINES = st.lists(
    st.sampled_from([
        "profiles: [x]", "text: Hello", "schedule: queue", "schedule: 2026-12-01 09:30", "text: |",
        "  more", "---", "images: [https://a.example/i.png]", "variants: {x: {text: b}}", "- a",
        "id: b", "&a b", "*a", "\t", "link: {url: 1}", "tags: [a, a]", "metadata: {x: y}",
        "thread: [a]", "'", "\"\\ud800\"", "!!python/object:a {}", "? [a]", "stage: draft",
    ])
    | st.text(max_size=12),
    max_size=8,
)  # fmt: skip


@settings(max_examples=examples(60))
@given(TYPED)
def test_no_command_line_is_a_bug(arguments: list[str]) -> None:
    with tempfile.TemporaryDirectory() as name:
        workspace = WorkspaceDir.tiny(Path(name), a=post("A."))
        ended = workspace.run(*arguments)
        assert ended.code in CODES, (arguments, ended.err)


@settings(max_examples=examples(60))
@given(LINES, st.sampled_from(["a.yaml", "b.md", "_defaults.yaml", "plancast.yaml"]), st.booleans())
def test_no_file_is_a_bug(lines: list[str], name: str, bare: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        workspace = WorkspaceDir.tiny(Path(folder), a=post("A."))
        head = "" if bare or not name.endswith(".md") else "---\n"
        before = (head + "\n".join(lines)).encode("utf-8", "surrogatepass")
        (workspace.folder / name).write_bytes(before)
        for command in (("validate",), ("plan",)):
            ended = workspace.run(*command)
            assert ended.code in CODES, (before, ended.err)
        assert (workspace.folder / name).read_bytes() == before
