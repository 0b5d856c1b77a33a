"""The file of a saved plan, so that `apply` can do exactly what was reviewed."""

from __future__ import annotations

from plancast.codec import plan_from_dict, plan_to_dict
from plancast.files.named import NamedFile
from plancast.model.plan import Plan
from plancast.store.named_documents import load_document, save_document

MAX_BYTES = 256 * 1024 * 1024
"""More than a plan of 100,000 changes; anything larger is not a plan."""


def save(file: NamedFile, plan: Plan) -> None:
    """Write the plan as JSON: the whole file, or none of it.

    Raises Stop if it cannot be written.
    """
    save_document(file, plan_to_dict(plan))


def load(file: NamedFile) -> Plan:
    """Read a plan. Raises Stop (PC608) if the file is missing, or is no plan."""
    return load_document(file, plan_from_dict, "PC608", MAX_BYTES)
