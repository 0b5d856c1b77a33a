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


def leave_out_equal_observed(document: Document) -> Document:
    """Migrate version 2 to 3: `observed` is left out of a resource if it equals `applied`.

    Raises ValueError if a resource has none: in version 2 that is damage, in version 3 it is not.
    What has another shape is left for the codec to refuse, which names its place.
    """
    resources = document.get("resources")
    if isinstance(resources, dict):
        resources = {key: _without_equal_observed(key, resources[key]) for key in resources}
    return {**document, "format_version": 3, "resources": resources}


def _without_equal_observed(address: str, resource: object) -> object:
    if not isinstance(resource, dict):
        return resource
    if resource.get("observed") is None:
        raise ValueError(f"{address} has no entry `observed`")
    if resource["observed"] != resource.get("applied"):
        return resource
    return {key: value for key, value in resource.items() if key != "observed"}


STEPS: Mapping[int, Step] = {1: add_workspace_and_approvals, 2: leave_out_equal_observed}
"""Format version -> the step that makes the next version of such a document."""
