"""The file of approvals: all that a run may send, written by one CI job and read by the next."""

from __future__ import annotations

from plancast.codec.reviewed import clearance_from_dict, clearance_to_dict
from plancast.files.named import NamedFile
from plancast.model.clearance import Clearance
from plancast.store.named_documents import load_document, save_document

MAX_BYTES = 64 * 1024 * 1024
"""More than the approvals of 100,000 changes."""


def save(file: NamedFile, clearance: Clearance) -> None:
    """Write the clearance as JSON: the whole file, or none of it.

    Raises Stop if it cannot be written.
    """
    save_document(file, clearance_to_dict(clearance))


def load(file: NamedFile) -> Clearance:
    """Read a clearance. Raises Stop (PC842) if the file is missing, or is no clearance."""
    return load_document(file, clearance_from_dict, "PC842", MAX_BYTES)
