"""Reader of the log that `apply --json-into` writes: the outcome of each change of a plan.

The run that writes the log can be killed at any moment, on a disk that can be full. So the last
line may be torn, and the end may be missing. Outcomes that the log lacks are never made up: a
change without one is *not attempted* only if the run surely did not come so far, and *unknown*
otherwise.
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
    """The content of a log.

    `began`: the apply took its first step. `ended`: it came to its own end, and wrote so.
    `finished` are the changes reported one by one; `sums` are the outcomes by address in the final
    event. `resumes_at`: the run ended because the request budget was used up until then.
    """

    began: bool = False
    ended: bool = False
    finished: tuple[ChangeFinished, ...] = ()
    sums: tuple[tuple[Address, Outcome], ...] = ()
    resumes_at: datetime | None = None


def read_record(text: str) -> Record:
    """Read the lines of a log. Lines that cannot be read are skipped: they prove nothing."""
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
    began = bool(text.strip())  # a torn first line proves that the apply began, too
    return Record(began, ended, tuple(finished), tuple(sums), resumes_at)


def outcomes(plan: Plan, record: Record | None) -> tuple[ChangeFinished, ...]:
    """Return the outcomes of a plan's changes by the record; None means that there is no record.

    Changes that are missing in the result were surely not attempted.
    """
    reported = {(item.address, item.action): item for item in (record.finished if record else ())}
    sums = dict(record.sums) if record else {}
    result: list[ChangeFinished] = []
    for change in plan.changes:
        if change.action is Action.NONE:
            continue
        # The most exact source first: the event of the change, then the lists of the final event.
        event = reported.get((change.address, change.action))
        if event is not None:
            result.append(event)
        elif record is None:
            result.append(_unreported(plan, change.address, change.action, NO_RECORD))
        elif change.address in sums:
            outcome = sums[change.address]
            result.append(_unreported(plan, change.address, change.action, "", outcome))
        elif record.began and not record.ended:
            # Cut short: the change may have been made after the last line that was written.
            result.append(_unreported(plan, change.address, change.action, CUT_SHORT))
    return tuple(result)


def is_whole(record: Record | None) -> bool:
    """Return whether a record is complete; that of an apply that never began is."""
    return record is not None and record.began == record.ended


def _unreported(
    plan: Plan, address: Address, action: Action, message: str, outcome: Outcome = Outcome.UNKNOWN
) -> ChangeFinished:
    """Build the event of a change that has none in the log."""
    return ChangeFinished(plan.generated_at, address, action, outcome, 0, 0, 0, message=message)


def _documents(text: str) -> Iterator[Reader]:
    """Yield a reader for each line that is a JSON object."""
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
    """Return the outcomes in `apply_finished`, whose lists have the names of the outcomes."""
    return tuple(
        (address, outcome)
        for outcome in Outcome
        for address in reader.at(outcome.value).items(address_from)
    )
