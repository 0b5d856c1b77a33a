"""The file that one job of CI hands to the next: read as it was written, or not at all."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from plancast.codec import CodecError
from plancast.codec.reviewed import clearance_from_dict, clearance_to_dict
from plancast.model.clearance import Clearance
from plancast.model.entry import Address
from plancast.model.state import Applied, Approval, Operation, PersonApproval, RequestApproval

AT = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
SHOWN = Approval(
    "p-1", Address("a", "x"), Operation.CREATE, AT, RequestApproval("github", "12", "abcdef0")
)
NAMED = Approval(
    "p-1", Address("b", "x"), Operation.DESTROY, AT, PersonApproval("ada", "run 7"), group="a@x"
)
WHOLE = Clearance(
    {"1" * 64: SHOWN, "2" * 64: NAMED}, ("github:12",), Applied("main", "abcdef0"), "f" * 32
)


@pytest.mark.parametrize("made", [WHOLE, Clearance(plan="f" * 32)])
def test_it_is_read_as_it_was_written(made: Clearance) -> None:
    assert clearance_from_dict(clearance_to_dict(made)) == made


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("format_version", 2),
        ("format_version", True),
        ("plan", ""),
        ("plan", None),
        ("approved", []),
        ("approved", {"": {}}),
        ("approved", {"1": {"address": "no address"}}),
        ("requests", "github:12"),
        ("requests", ["github:12", "github:12"]),
        ("requests", [""]),
        ("applied", {"branch": "main"}),
        ("applied", {"branch": "", "commit": "abcdef0"}),
    ],
)
def test_anything_else_is_refused(key: str, value: Any) -> None:
    document = clearance_to_dict(WHOLE)
    document[key] = value
    with pytest.raises(CodecError):
        clearance_from_dict(document)
