"""Commands on a state that is almost right: they work, or say what is wrong and leave it alone."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.robustness.ends import applied_workspace, known_state, must_end_well
from tests.robustness.mutation import examples, raw

LOOKING: tuple[tuple[str, ...], ...] = (
    ("plan",),
    ("plan", "--offline", "--format", "json"),
    ("plan", "--offline", "--format", "markdown"),
    ("plan", "--format", "html"),
    ("status",),
    ("status", "--format", "json"),
    ("status", "--format", "markdown"),
    ("state", "list"),
    ("state", "list", "--format", "json"),
    ("state", "show", "a@x"),
    ("state", "pull"),
    ("report",),
    ("report", "--format", "json"),
    ("doctor",),
    ("preview", "--offline"),
    ("pull", "--auto-approve"),
)
CHANGING: tuple[tuple[str, ...], ...] = (
    ("apply", "--auto-approve", "--no-wait"),
    ("apply", "saved.json", "--no-wait"),
    ("apply", "--auto-approve", "--no-wait", "--destroy", "--allow-destroy", "9", "--json"),
    ("state", "rm", "--auto-approve", "a@x"),
    ("state", "mv", "a@x", "z@x"),
    ("state", "unlock", "--auto-approve"),
    ("state", "push", "copy.json", "--auto-approve"),
    ("share", "a@x", "--auto-approve"),
    ("import", "--auto-approve"),
    ("import", "--rebuild", "--auto-approve"),
)


@settings(max_examples=examples(15))
@given(raw(known_state()), st.sampled_from(LOOKING), st.sampled_from(CHANGING))
def test_commands_on_a_state(
    content: bytes, looking: tuple[str, ...], changing: tuple[str, ...]
) -> None:
    with applied_workspace() as workspace:
        workspace.state_file.write_bytes(content)
        (workspace.folder / "copy.json").write_bytes(content)
        files = workspace.files()
        must_end_well(workspace, *looking)
        assert workspace.state_file.read_bytes() == content
        assert workspace.files().items() >= files.items()
        must_end_well(workspace, *changing)
        if changing[0] == "state":
            assert workspace.files().items() >= files.items()
