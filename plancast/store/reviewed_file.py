"""What a run may send, in a file that one job of CI hands to the next."""

from __future__ import annotations

from plancast.codec.reviewed import clearance_from_dict, clearance_to_dict
from plancast.files.named import NamedFile
from plancast.model.clearance import Clearance
from plancast.store.named_documents import load_document, save_document

MAX_BYTES = 64 * 1024 * 1024
"""More than the approvals of 100,000 changes."""


def save(file: NamedFile, clearance: Clearance) -> None:
    """Write it, whole or not at all. Raises Stop."""
    save_document(file, clearance_to_dict(clearance))


def load(file: NamedFile) -> Clearance:
    """Read it. Raises Stop if there is none, or something else."""
    return load_document(file, clearance_from_dict, "PC842", MAX_BYTES)
