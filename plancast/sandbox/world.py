"""The world that the API shows: one object over one database file.

Every visit, by a client, a test or a command, is one transaction that first brings the world up
to date: requests that were delivered late are executed, then everything that has become due goes
out. So there is no background work, and nobody can tell.

Two clocks. The calendar (`clock`, `set_clock`, `advance`, `freeze`, `run`) decides what is due
and belongs to the database. `now` is real time; rate limits and late deliveries use it.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Literal, Self, TypedDict, Unpack
from urllib.parse import unquote

from plancast.sandbox import clock, database, delayed, faults, queues, seed
from plancast.sandbox import settings as switches
from plancast.sandbox.clock import Clock
from plancast.sandbox.compose import Submission
from plancast.sandbox.database import Check, Database
from plancast.sandbox.faults import ConnectionDropped, Fault, FaultKind, Phase
from plancast.sandbox.queues import Session
from plancast.sandbox.settings import Settings
from plancast.sandbox.v1 import actions, counts, endpoints, rate_limit
from plancast.sandbox.v1.actions import Author, Timing
from plancast.sandbox.v1.counts import Requests
from plancast.sandbox.v1.endpoints import Call
from plancast.sandbox.v1.errors import ApiError, GateError
from plancast.sandbox.v1.php_form import Tree
from plancast.sandbox.v1.replies import Reply, reply
from plancast.sandbox.values import Answer, Profile, Schedule, Update

if TYPE_CHECKING:
    from plancast.sandbox.graphql.request import Question

Moment = datetime | str | float

TOO_MANY = 429
_PERSON = ("4eb854340acb04e8700000c2", "buffer")  # another client than the API's


@dataclass(frozen=True, slots=True)
class Arrival:
    """A request at the door. `name` is its endpoint with the id written out.

    `tokens` maps the places where a token was found (header, body, query) to it.
    """

    endpoint: str
    name: str
    id: str = ""
    params: Tree = field(default_factory=dict)
    tokens: Mapping[str, str] = field(default_factory=dict, repr=False)
    pretty: bool = False


class ProfileChanges(TypedDict, total=False):
    """What set_profile can change."""

    paused: bool
    disconnected: bool
    locked: bool
    shortens: bool
    extras: Mapping[str, object]
    timezone: str
    schedules: tuple[Schedule, ...]


class World:
    """A whole Buffer account with its profiles and posts, in a file or (":memory:") in memory.

    Threads may share a World; processes may open the same file. `check` may refuse the file, see
    `Database`. `now` is real time in Unix seconds; `sleep` waits where a fault says that an answer
    is slow.
    """

    def __init__(
        self,
        path: str | Path = ":memory:",
        *,
        check: Check | None = None,
        now: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._now = now
        self._sleep = sleep
        self._database = Database(path, check)
        with self._database.transaction() as db:
            if database.fact(db, "settings") is None:  # nobody has planted a seed yet
                self.reset()

    def close(self) -> None:
        """Closes the database; the world must not be used any more."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def reset(self, document: Mapping[str, object] | None = None) -> None:
        """Empties the world and plants a seed (default: seed.DEFAULT). Faults and counts go too."""
        chosen = seed.DEFAULT if document is None else document
        settings = seed.configured(chosen)
        with self._database.transaction() as db:
            database.empty(db)
            database.set_fact(db, "settings", switches.to_json(settings))
            start = seed.start_clock(Session(db, int(self._now()), settings), chosen)
            seed.plant(Session(db, start, settings), chosen)

    # --- the wire ---

    def receive(self, arrival: Arrival) -> Reply:
        """The reply to a request; ConnectionDropped where a fault takes the connection away."""
        with self._session() as session:
            counts.add(session.db, arrival.endpoint, "received")
            fault = faults.take(session.db, arrival.endpoint, arrival.name)
            found = self._outcome(session, arrival, fault)
            if not isinstance(found, Phase) and found.status == TOO_MANY:
                counts.add(session.db, arrival.endpoint, "limited")
        honest = reply(found, arrival.pretty) if isinstance(found, Answer) else found
        return self._delivered(honest, fault)

    def ask(self, question: "Question") -> Reply:
        """The reply to a GraphQL request; ConnectionDropped where a fault takes it away."""
        from plancast.sandbox.graphql import handler  # noqa: PLC0415  # v1 alone does without

        with self._session() as session:
            counts.add(session.db, question.name, "received")
            fault = faults.take(session.db, question.name, *question.names)
            found = handler.outcome(session, question, fault, self._now())
            if not isinstance(found, Phase) and found.status == TOO_MANY:
                counts.add(session.db, question.name, "limited")
        return self._delivered(found, fault)

    def _delivered(self, found: Reply | Phase, fault: Fault | None) -> Reply:
        """What the client gets of a reply, after a fault that strikes on its way."""
        if isinstance(found, Phase):
            raise ConnectionDropped(found)
        if fault is None:
            return found
        if fault.kind is FaultKind.SLOW:
            self._sleep(fault.seconds)
        return faults.distort(fault, found)

    def _outcome(
        self, session: Session, arrival: Arrival, fault: Fault | None
    ) -> Answer | Reply | Phase:
        """An honest Answer, what a fault says instead, or where the connection ends."""
        kind = fault.kind if fault else None
        if kind is FaultKind.LOST_REQUEST:
            return Phase.REQUEST
        if fault and (false := faults.instead(fault)):
            return false
        call = self._authorised(session, arrival)
        if isinstance(call, Answer):
            return call
        if fault and kind is FaultKind.PARTIAL_CREATE:
            call = replace(call, drop=fault.profile or "*")
        if fault and kind is FaultKind.LATE_COMMIT:
            delayed.keep(session.db, self._now() + fault.seconds, call.to_json())
            return Phase.LATE
        counts.add(session.db, call.endpoint, "executed")
        return endpoints.execute(session, call)

    def _authorised(self, session: Session, arrival: Arrival) -> Call | Answer:
        """The call that a token allows, or the refusal."""
        if arrival.endpoint in endpoints.OPEN:
            return Call(arrival.endpoint, "", arrival.id, arrival.params)
        places = session.settings.token_places
        sent = [arrival.tokens[place] for place in places if arrival.tokens.get(place)]
        if not sent:
            return GateError(1001).answer()
        # A token that a client has encoded once too often is still the same token.
        for value in (sent[0], unquote(sent[0])):
            token = database.token(session.db, value)
            if token is not None:
                refused = rate_limit.admit(session.db, token[0], self._now(), session.settings)
                return refused or Call(arrival.endpoint, token[1], arrival.id, arrival.params)
        return GateError(401).answer()

    # --- the calendar ---

    def clock(self) -> Clock:
        """What the calendar shows."""
        with self._database.transaction() as db:
            return clock.read(db, self._now)

    def set_clock(self, moment: Moment | Literal["running"]) -> Clock:
        """Sets the calendar; it keeps running or standing still. "running": this machine's time."""
        return self._turn(lambda _: moment)

    def advance(self, seconds: float) -> Clock:
        """Lets time pass on the calendar, with everything that becomes due in it."""
        return self._turn(lambda before: before.now + seconds)

    def freeze(self, moment: Moment | None = None) -> Clock:
        """Stops the calendar, now or at a moment."""
        return self._turn(lambda before: before.now if moment is None else moment, running=False)

    def run(self) -> Clock:
        """Lets the calendar move on from where it is."""
        return self._turn(lambda before: before.now, running=True)

    def _turn(
        self,
        target: Callable[[Clock], Moment | Literal["running"]],
        running: bool | None = None,
    ) -> Clock:
        with self._session() as session:
            before = clock.read(session.db, self._now)
            value = target(before)
            if value == clock.RUNNING:
                clock.run_real(session.db)
            elif before.running if running is None else running:
                clock.run(session.db, clock.seconds(value), self._now())
            else:
                clock.freeze(session.db, clock.seconds(value))
            after = clock.read(session.db, self._now)
            later = replace(session, now=int(after.now))
            queues.go_out(later)
            if after.now < before.now:  # slots that had passed are ahead again
                for owner in queues.profiles(later):
                    queues.retime(later, owner)
        return after

    # --- switches and faults ---

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        with self._database.transaction() as db:
            return switches.from_json(database.fact(db, "settings") or "{}")

    def set_setting(self, name: str, value: object) -> Settings:
        """Changes one setting; SettingError where there is none such or the value does not fit."""
        with self._session() as session:
            settings = switches.changed(session.settings, name, value)
            database.set_fact(session.db, "settings", switches.to_json(settings))
        return settings

    def arm(self, fault: Fault) -> Fault:
        """Arms a fault; the result has its id."""
        with self._session() as session:
            return faults.arm(session.db, fault)

    def faults(self) -> tuple[Fault, ...]:
        """What is armed, in the order of arming; `skip` and `times` are what is left."""
        with self._session() as session:
            return faults.armed(session.db)

    def clear_faults(self) -> None:
        """Disarms everything. What was delivered late already stays on its way."""
        with self._session() as session:
            session.db.execute("DELETE FROM faults")

    # --- in place of a person with a browser ---

    def person_create(
        self,
        profile_id: str,
        text: str,
        *,
        at: Moment | None = None,
        media: Mapping[str, str] | None = None,
        draft: bool = False,
    ) -> Update:
        """Somebody writes a post, or a draft, in Buffer; without `at` it joins the queue."""
        with self._session() as session:
            owner = actions.accessible(session, self._user(session), [profile_id])
            author = Author(self._user(session), *_PERSON)
            when = None if at is None else int(clock.seconds(at))
            timing = Timing(scheduled_at=when, draft=draft)
            submission = Submission(text=text, media=media, shorten=False)
            return actions.create(session, author, owner, submission, timing)[0]

    def person_edit(
        self,
        update_id: str,
        *,
        text: str | None = None,
        at: Moment | None = None,
        queue: bool = False,
        media: Mapping[str, str] | None = None,
    ) -> Update:
        """Somebody changes a post in Buffer: its text, its time (`queue`: back to the queue)."""
        with self._session() as session:
            item = actions.known(session, update_id)
            words = item.content.text if text is None else text
            submission = Submission(text=words, media=media, shorten=False)
            when = None if at is None else int(clock.seconds(at))
            timing = Timing(sent=queue or at is not None, scheduled_at=when)
            return actions.edit(session, item, submission, timing)

    def person_approve(self, update_id: str) -> Update:
        """Somebody turns a draft in Buffer into a post: at its own time, or in the queue."""
        with self._session() as session:
            return actions.approve(session, actions.known(session, update_id))

    def person_delete(self, update_id: str) -> None:
        """Somebody deletes a post in Buffer, whatever has become of it."""
        with self._session() as session:
            actions.remove(session, actions.known(session, update_id))

    def set_profile(self, profile_id: str, **changes: Unpack[ProfileChanges]) -> Profile:
        """Somebody changes a profile in Buffer; its queue is dealt new slots."""
        with self._session() as session:
            found = queues.profile(session, profile_id)
            if found is None:
                raise ApiError(1010)
            changed = replace(found, **changes)
            database.save_profile(session.db, changed)
            queues.retime(session, changed)
            queues.go_out(session)
        return changed

    # --- looking ---

    def snapshot(self) -> tuple[Update, ...]:
        """All updates in the order of creation, drafts and sent ones included."""
        with self._session() as session:
            found = database.rows(session.db, "SELECT * FROM updates ORDER BY number")
            return tuple(database.update_of(row) for row in found)

    def profiles(self) -> tuple[Profile, ...]:
        """All profiles, those of other users included, in the order of the account."""
        with self._session() as session:
            return queues.profiles(session)

    def requests(self) -> Requests:
        """How many requests there were since the last reset."""
        with self._session() as session:
            return counts.read(session.db)

    # --- inside ---

    @contextmanager
    def _session(self) -> Iterator[Session]:
        """A transaction on a world that is up to date."""
        with self._database.transaction() as db:
            settings = switches.from_json(database.fact(db, "settings") or "{}")
            real = self._now()
            delayed.deliver(db, real, settings)
            session = Session(db, int(clock.at_real(db, real)), settings)
            queues.go_out(session)
            yield session

    @staticmethod
    def _user(session: Session) -> str:
        return str(database.rows(session.db, "SELECT id FROM accounts LIMIT 1")[0]["id"])
