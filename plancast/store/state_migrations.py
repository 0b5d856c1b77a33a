"""Migration steps: each brings a state's document to the next format version. Pure.

A step takes the document as that version wrote it, and returns it as the next version would have
written it. It never reads values of today's code, which go on changing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

Document = dict[str, object]
Step = Callable[[Document], Document]


def add_workspace_and_approvals(document: Document) -> Document:
    """Migrate version 1 to 2: the workspace of the state is unknown, and nothing is approved."""
    return {
        **document,
        "format_version": 2,
        "workspace": None,
        "approved": {},
        "spent": {},
        "unapproved": {},
        "applied": None,
        "moved_to": "",
    }


STEPS: Mapping[int, Step] = {1: add_workspace_and_approvals}
"""Format version -> the step that makes the next version of such a document."""
