"""The world that the APIs show: one object over one database file.

Every visit, by a client, a test or a command, is one transaction that first brings the world up to
date: requests that were delivered late are executed, then every post that has become due goes out.
So there is no background work, and no visit can see the difference.

There are two clocks. The calendar (`clock`, `set_clock`, `advance`, `freeze`, `run`) decides what
is due and belongs to the database. `now` is real time; rate limits and late deliveries use it.
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
from plancast.sandbox.values import Answer, ContentItem, Profile, Schedule, Update

if TYPE_CHECKING:
    from plancast.sandbox.graphql.request import Question

Moment = datetime | str | float

TOO_MANY = 429
_PERSON = ("4eb854340acb04e8700000c2", "buffer")  # another client than the API's


@dataclass(frozen=True, slots=True)
class Arrival:
    """A request of API v1, before its token is checked.

    `name` is its endpoint with the id written out. `tokens` maps the places that hold a token
    (header, body, query) to it.
    """

    endpoint: str
    name: str
    id: str = ""
    params: Tree = field(default_factory=dict)
    tokens: Mapping[str, str] = field(default_factory=dict, repr=False)
    pretty: bool = False


class ProfileChanges(TypedDict, total=False):
    """The fields that set_profile can change."""

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
    `Database`. `now` is real time in Unix seconds; `sleep` waits if a fault makes an answer slow.
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
            if database.fact(db, "settings") is None:  # a new database: no seed was planted yet
                self.reset()

    def close(self) -> None:
        """Close the database; the world must not be used afterwards."""
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
        """Empty the world and plant a seed (default: seed.DEFAULT).

        Faults and counts are removed too.
        """
        chosen = seed.DEFAULT if document is None else document
        settings = seed.configured(chosen)
        with self._database.transaction() as db:
            database.empty(db)
            database.set_fact(db, "settings", switches.to_json(settings))
            start = seed.start_clock(Session(db, int(self._now()), settings), chosen)
            seed.plant(Session(db, start, settings), chosen)

    # --- the wire ---

    def receive(self, arrival: Arrival) -> Reply:
        """Return the reply to a request of v1.

        Raises ConnectionDropped if a fault ends the connection.
        """
        with self._session() as session:
            counts.add(session.db, arrival.endpoint, "received")
            fault = faults.take(session.db, arrival.endpoint, arrival.name)
            result = self._outcome(session, arrival, fault)
            if not isinstance(result, Phase) and result.status == TOO_MANY:
                counts.add(session.db, arrival.endpoint, "limited")
        honest = reply(result, arrival.pretty) if isinstance(result, Answer) else result
        return self._delivered(honest, fault)

    def ask(self, question: "Question") -> Reply:
        """Return the reply to a GraphQL request.

        Raises ConnectionDropped if a fault ends the connection.
        """
        from plancast.sandbox.graphql import handler  # noqa: PLC0415  # v1 alone does without

        with self._session() as session:
            counts.add(session.db, question.name, "received")
            fault = faults.take(session.db, question.name, *question.names)
            result = handler.outcome(session, question, fault, self._now())
            if not isinstance(result, Phase) and result.status == TOO_MANY:
                counts.add(session.db, question.name, "limited")
        return self._delivered(result, fault)

    def _delivered(self, outcome: Reply | Phase, fault: Fault | None) -> Reply:
        """Return the reply that the client gets after a fault on its way.

        Raises ConnectionDropped.
        """
        if isinstance(outcome, Phase):
            raise ConnectionDropped(outcome)
        if fault is None:
            return outcome
        if fault.kind is FaultKind.SLOW:
            self._sleep(fault.seconds)
        return faults.distort(fault, outcome)

    def _outcome(
        self, session: Session, arrival: Arrival, fault: Fault | None
    ) -> Answer | Reply | Phase:
        """Return an honest Answer, the reply of a fault, or the phase that ends the connection."""
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
        """Return the call that a token allows, or the refusal."""
        if arrival.endpoint in endpoints.OPEN:
            return Call(arrival.endpoint, "", arrival.id, arrival.params)
        places = session.settings.token_places
        sent = [arrival.tokens[place] for place in places if arrival.tokens.get(place)]
        if not sent:
            return GateError(1001).answer()
        # A token that a client has encoded once too often is still the same token.
        for value in (sent[0], unquote(sent[0])):
            user = database.user_of_token(session.db, value)
            if user is not None:
                refused = rate_limit.admit(session.db, user, self._now(), session.settings)
                return refused or Call(arrival.endpoint, user, arrival.id, arrival.params)
        return GateError(401).answer()

    # --- the calendar ---

    def clock(self) -> Clock:
        """Return the reading of the calendar."""
        with self._database.transaction() as db:
            return clock.read(db, self._now)

    def set_clock(self, moment: Moment | Literal["running"]) -> Clock:
        """Set the calendar; it keeps running or standing still. "running": this machine's time."""
        return self._turn(lambda _: moment)

    def advance(self, seconds: float) -> Clock:
        """Let time pass on the calendar; everything that becomes due in it goes out."""
        return self._turn(lambda before: before.now + seconds)

    def freeze(self, moment: Moment | None = None) -> Clock:
        """Stop the calendar, now or at a moment."""
        return self._turn(lambda before: before.now if moment is None else moment, running=False)

    def run(self) -> Clock:
        """Let the calendar move on from where it is."""
        return self._turn(lambda before: before.now, running=True)

    def _turn(
        self,
        target: Callable[[Clock], Moment | Literal["running"]],
        running: bool | None = None,
    ) -> Clock:
        """Set the calendar to the target for its reading, then send what is due.

        `running` None: keep it.
        """
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
        """Change one setting and return all. Raises SettingError."""
        with self._session() as session:
            settings = switches.changed(session.settings, name, value)
            database.set_fact(session.db, "settings", switches.to_json(settings))
        return settings

    def arm(self, fault: Fault) -> Fault:
        """Arm a fault; return it with its id."""
        with self._session() as session:
            return faults.arm(session.db, fault)

    def faults(self) -> tuple[Fault, ...]:
        """Return the armed faults in order of arming; `skip` and `times` are what is left."""
        with self._session() as session:
            return faults.armed(session.db)

    def clear_faults(self) -> None:
        """Disarm all faults. Requests that are delivered late already stay on their way."""
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
        """Write a post, or a draft, as a person in Buffer; without `at` it joins the queue."""
        with self._session() as session:
            owner = actions.accessible(session, self._user(session), [profile_id])
            author = Author(self._user(session), *_PERSON)
            when = None if at is None else int(clock.seconds(at))
            timing = Timing(scheduled_at=when, draft=draft)
            submission = Submission(text=text, media=media, shorten=False, by_person=True)
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
        """Change a post as a person in Buffer: its text, its time (`queue`: back to the queue)."""
        with self._session() as session:
            item = actions.known(session, update_id)
            words = item.content.text if text is None else text
            submission = Submission(text=words, media=media, shorten=False, by_person=True)
            when = None if at is None else int(clock.seconds(at))
            timing = Timing(sent=queue or at is not None, scheduled_at=when)
            return actions.edit(session, item, submission, timing)

    def person_approve(self, update_id: str) -> Update:
        """Turn a draft into a post as a person in Buffer: at its own time, or in the queue."""
        with self._session() as session:
            return actions.approve(session, actions.known(session, update_id))

    def person_delete(self, update_id: str) -> None:
        """Delete a post as a person in Buffer, sent or not."""
        with self._session() as session:
            actions.remove(session, actions.known(session, update_id))

    def set_profile(self, profile_id: str, **changes: Unpack[ProfileChanges]) -> Profile:
        """Change a profile as a person in Buffer; its queue is dealt new slots. Raises ApiError."""
        with self._session() as session:
            profile = queues.profile(session, profile_id)
            if profile is None:
                raise ApiError(1010)
            changed = replace(profile, **changes)
            database.save_profile(session.db, changed)
            queues.retime(session, changed)
            queues.go_out(session)
        return changed

    # --- looking ---

    def content_items(self) -> tuple[ContentItem, ...]:
        """Return all content items, in the order of their creation."""
        with self._session() as session:
            records = database.rows(session.db, "SELECT * FROM items ORDER BY number")
            return tuple(database.item_of(record) for record in records)

    def snapshot(self) -> tuple[Update, ...]:
        """Return all updates in the order of creation, drafts and sent ones included."""
        with self._session() as session:
            records = database.rows(session.db, "SELECT * FROM updates ORDER BY number")
            return tuple(database.update_of(row) for row in records)

    def profiles(self) -> tuple[Profile, ...]:
        """Return all profiles, those of other users included, in the order of the account."""
        with self._session() as session:
            return queues.profiles(session)

    def requests(self) -> Requests:
        """Return how many requests there were since the last reset."""
        with self._session() as session:
            return counts.read(session.db)

    # --- inside ---

    @contextmanager
    def _session(self) -> Iterator[Session]:
        """Open a transaction on the world, brought up to date."""
        with self._database.transaction() as db:
            settings = switches.from_json(database.fact(db, "settings") or "{}")
            real = self._now()
            # Late requests first: each sees the queue as it was at its own moment.
            delayed.deliver(db, real, settings)
            session = Session(db, int(clock.at_real(db, real)), settings)
            queues.go_out(session)
            yield session

    @staticmethod
    def _user(session: Session) -> str:
        return str(database.rows(session.db, "SELECT id FROM accounts LIMIT 1")[0]["id"])
