"""What `apply --json-into` wrote, read again: how each change of a plan ended.

The file is written by a run that can be killed at any moment, on a disk that can
be full. So the last line may be torn, and the end may be missing. What the file
does not tell is not made up: a change without a word was *not attempted* only
where the run surely never came so far, and is *unknown* otherwise.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from plancast.codec import CodecError
from plancast.codec.entries import address_from
from plancast.codec.reader import Reader
from plancast.model.entry import Address
from plancast.model.events import ApplyFinished, ChangeFinished, Outcome
from plancast.model.plan import Action, Plan

CUT_SHORT = "the run ended before it told"
NO_RECORD = "there is no record of the apply"


@dataclass(frozen=True, slots=True)
class Record:
    """`began`: the apply did its first step. `ended`: it came to its own end.

    `finished` are the changes that were told of one by one; `sums` is what the end says of each
    address. `resumes_at`: it ended because the budget of requests was used up until then.
    """

    began: bool = False
    ended: bool = False
    finished: tuple[ChangeFinished, ...] = ()
    sums: tuple[tuple[Address, Outcome], ...] = ()
    resumes_at: datetime | None = None


def read_record(text: str) -> Record:
    """The record in these lines. What cannot be read is passed over: it tells nothing."""
    ended = False
    resumes_at: datetime | None = None
    finished: list[ChangeFinished] = []
    sums: list[tuple[Address, Outcome]] = []
    for reader in _documents(text):
        try:
            name = reader.at("event").text("")
            if name == ChangeFinished.name:
                finished.append(_finished(reader))
            elif name == ApplyFinished.name:
                sums.extend(_sums(reader))
                ended = True
                resumes_at = reader.at("resumes_at").optional_moment()
        except CodecError:
            continue
    began = bool(text.strip())  # a torn first line is one as well
    return Record(began, ended, tuple(finished), tuple(sums), resumes_at)


def outcomes(plan: Plan, record: Record | None) -> tuple[ChangeFinished, ...]:
    """How the changes of a plan ended, by all that is known; None: there is no record at all.

    Changes that are missing in the result were surely not attempted.
    """
    told = {(item.address, item.action): item for item in (record.finished if record else ())}
    sums = dict(record.sums) if record else {}
    found: list[ChangeFinished] = []
    for change in plan.changes:
        if change.action is Action.NONE:
            continue
        known = told.get((change.address, change.action))
        if known is not None:
            found.append(known)
        elif record is None:
            found.append(_without_a_word(plan, change.address, change.action, NO_RECORD))
        elif change.address in sums:
            outcome = sums[change.address]
            found.append(_without_a_word(plan, change.address, change.action, "", outcome))
        elif record.began and not record.ended:
            found.append(_without_a_word(plan, change.address, change.action, CUT_SHORT))
    return tuple(found)


def is_whole(record: Record | None) -> bool:
    """Whether the record tells all there is to tell: an apply that never began has nothing."""
    return record is not None and record.began == record.ended


def _without_a_word(
    plan: Plan, address: Address, action: Action, message: str, outcome: Outcome = Outcome.UNKNOWN
) -> ChangeFinished:
    return ChangeFinished(plan.generated_at, address, action, outcome, 0, 0, 0, message=message)


def _documents(text: str) -> Iterator[Reader]:
    for line in text.split("\n"):
        try:
            document = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(document, dict):
            yield Reader(document)


def _finished(reader: Reader) -> ChangeFinished:
    return ChangeFinished(
        at=reader.at("at").moment(),
        address=address_from(reader.at("address")),
        action=reader.at("action").member(Action),
        outcome=reader.at("outcome").member(Outcome),
        done=reader.at("done").number(0),
        total=reader.at("total").number(0),
        remaining_seconds=reader.at("remaining_seconds").number(0),
        remote_id=reader.at("remote_id").text(""),
        message=reader.at("message").text(""),
    )


def _sums(reader: Reader) -> tuple[tuple[Address, Outcome], ...]:
    """The lists of `apply_finished` are named after the outcomes."""
    return tuple(
        (address, outcome)
        for outcome in Outcome
        for address in reader.at(outcome.value).items(address_from)
    )
