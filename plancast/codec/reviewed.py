"""Codec of a clearance: the document by which one CI job passes approvals to the next."""

from __future__ import annotations

from plancast.codec.entries import Plain
from plancast.codec.reader import CodecError, Reader
from plancast.codec.states import (
    applied_from_dict,
    applied_to_dict,
    approval_from_dict,
    approval_to_dict,
    named_pairs,
)
from plancast.model.clearance import Clearance

VERSION = 1


def clearance_to_dict(clearance: Clearance) -> Plain:
    """Encode a clearance: `{format_version, plan, approved, requests, applied}`."""
    approvals = clearance.approvals
    return {
        "format_version": VERSION,
        "plan": clearance.plan,
        "approved": {key: approval_to_dict(approvals[key]) for key in sorted(approvals)},
        "requests": list(clearance.requests),
        "applied": applied_to_dict(clearance.applied) if clearance.applied else None,
    }


def clearance_from_dict(document: object) -> Clearance:
    """Decode what `clearance_to_dict` returns. Raises CodecError."""
    reader = Reader(document)
    reader.version(VERSION)
    applied = reader.at("applied")
    requests = reader.at("requests").items(Reader.name)
    if len(set(requests)) < len(requests):
        raise CodecError(f"{reader.path}.requests: a request is named twice")
    return Clearance(
        approvals=named_pairs(reader.at("approved"), approval_from_dict),
        requests=requests,
        applied=None if applied.absent else applied_from_dict(applied),
        plan=reader.at("plan").name(),
    )
