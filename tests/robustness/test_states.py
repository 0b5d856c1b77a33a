"""Commands on a state that is almost right: they work, or say what is wrong, and leave it alone."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.commands.desk import Desk
from tests.robustness.ends import _template, must_end_well, state, workspace
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
    ("profiles",),
    ("preview", "--offline"),
    ("pull", "--auto-approve"),
    ("validate",),
)
CHANGING: tuple[tuple[str, ...], ...] = (
    ("apply", "--auto-approve", "--no-wait"),
    ("apply", "saved.json", "--no-wait"),
    ("apply", "--auto-approve", "--no-wait", "--destroy", "--allow-destroy", "9", "--json"),
    ("state", "rm", "a@x"),
    ("state", "mv", "a@x", "z@x"),
    ("state", "unlock", "--auto-approve"),
    ("state", "push", "copy.json", "--auto-approve"),
    ("share", "a@x", "--auto-approve"),
    ("import", "--auto-approve"),
    ("import", "--rebuild", "--auto-approve"),
)

known = state(Desk(_template()))


@settings(max_examples=examples(25))
@given(raw(known), st.data())
def test_commands_on_a_state(content: bytes, data: st.DataObject) -> None:
    with workspace() as desk:
        desk.state_file.write_bytes(content)
        (desk.folder / "copy.json").write_bytes(content)
        for args in data.draw(st.lists(st.sampled_from(LOOKING), min_size=3, max_size=3)):
            must_end_well(desk, *args)
            assert desk.state_file.read_bytes() == content
        must_end_well(desk, *data.draw(st.sampled_from(CHANGING)))
