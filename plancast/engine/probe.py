"""The probe: ask an account what no documentation settles, and leave nothing behind.

Each object stands in the state before it is made, so a probe that dies is cleaned up by the next
one. All objects are harmless: drafts, and with `scheduled` posts that are due in a year. What an
answer means is decided in `reconcile.probe_answers`, and what is left over and ours in
`reconcile.probe_leftovers`; this module makes the calls and keeps the records.

A lost connection, a refused key and a used-up budget end the questions, and what can be removed is
removed all the same. So does a signal of the user: the call in progress is the last one that makes
something. A lost answer is an answer of its own (UNCLEAR).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from plancast.model.entry import LiveEntry
from plancast.model.findings import ANSWERS, Answer, ProbeKind, ProbeObject, Question
from plancast.model.ports import (
    Clock,
    Interrupted,
    NotFound,
    OutcomeUnknown,
    ProviderError,
    RateLimited,
    Rejected,
    Unauthorized,
    Unreachable,
)
from plancast.model.probing import NOT_OFFERED, ProbedItem, Prober, Refusal
from plancast.model.profile import Profile
from plancast.reconcile.probe_answers import (
    edit_answer,
    far_time_answer,
    is_text_of,
    link_answer,
    probe_text,
    same_item_answer,
)
from plancast.reconcile.probe_leftovers import (
    LeftoverFacts,
    Leftovers,
    Shown,
    shown_item,
    shown_post,
    sort_leftovers,
)
from plancast.reconcile.strays import CLOCK_TOLERANCE
from plancast.reconcile.two_phase import AHEAD, NONCE_BITS

FAR = AHEAD + timedelta(minutes=2**NONCE_BITS)
"""The longest time ahead that a create of two phases can have."""

YEAR = timedelta(days=365)
REQUESTS, REQUESTS_SCHEDULED = (7, 15), (12, 28)
"""The fewest and the most requests of a probe, without and with a scheduled post."""

_KEYS = UUID("6f9b1d0e-7c55-5f0e-9d52-3c1f6a4be0a7")
_ENDS = (RateLimited, Unauthorized, Unreachable)
"""Errors that no further request would escape."""

CREATE_ITEM, PROMOTE = "createContentItemDraft", "promoteContentItemDraftToPosts"


@dataclass(frozen=True, slots=True)
class ProbeWorld:
    """The world of a probe: the provider, a profile, the clock, and the state.

    `record` makes the list of objects durable in the state. `name` is unique to the state and this
    probe. `owned` are ids that the state owns, which a probe never touches. `stop` is called before
    each question; once it returns True, no further one is asked.
    """

    prober: Prober
    profile: Profile
    clock: Clock
    record: Callable[[tuple[ProbeObject, ...]], None]
    name: str
    quiet_period: timedelta
    owned: frozenset[str] = frozenset()
    stop: Callable[[], bool] = lambda: False


@dataclass(frozen=True, slots=True)
class ProbeReport:
    """The result of a probe.

    `words` are those of the reply about a missing post, `missing` the operations that the API
    lacks. `stopped` is the error that ended the questions early, None if none did. `notes` are
    sentences about questions that could not be asked, and about objects that were left alone.
    `left` are the objects that the state still lists. `interrupted`: the user ended the probe.
    """

    answers: Mapping[Question, Answer]
    words: str = ""
    missing: tuple[str, ...] = ()
    stopped: ProviderError | None = None
    notes: tuple[str, ...] = ()
    left: tuple[ProbeObject, ...] = ()
    interrupted: bool = False


def run_probe(
    world: ProbeWorld, before: Sequence[ProbeObject] = (), *, scheduled: bool = False
) -> ProbeReport:
    """Remove what an earlier probe left (`before`), ask all questions, and remove everything again.

    Raises StateError; then the objects stay in the state for the next probe.
    """
    probe = _Probe(world, list(before))
    probe.ask(scheduled=scheduled)
    probe.remove_all()
    return ProbeReport(
        probe.answers,
        probe.words,
        probe.missing or (),
        probe.stopped,
        tuple(dict.fromkeys(probe.notes)),
        tuple(probe.objects),
        probe.interrupted,
    )


@dataclass(slots=True)
class _Probe:
    """A probe under way. `objects` are the records that are not settled.

    `_over` are records whose call was answered or never made: their object cannot arrive later.
    """

    world: ProbeWorld
    objects: list[ProbeObject]
    answers: dict[Question, Answer] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    missing: tuple[str, ...] | None = None
    words: str = ""
    stopped: ProviderError | None = None
    interrupted: bool = False
    _over: list[ProbeObject] = field(default_factory=list)
    _markers: int = 0
    _item: ProbedItem | None = None
    _item_marker: str = ""

    def ask(self, *, scheduled: bool) -> None:
        """Remove what an earlier probe left, then ask all questions, until something ends them."""
        try:
            if self.objects:
                self.clean()
            self.ask_about_posts()
            self.ask_about_items()
            if scheduled:
                self.ask_about_scheduled()
        except _ENDS as error:
            self.stopped = error
        except Interrupted:
            self.interrupted = True

    def _go_on(self) -> None:
        """Raise Interrupted if the user wants the probe to end."""
        if self.world.stop():
            raise Interrupted

    # -- records ------------------------------------------------------------------------------

    def _marker(self) -> str:
        self._markers += 1
        return f"plancast probe {self.world.name}-{self._markers}"

    def _expect(self, kind: ProbeKind, marker: str) -> ProbeObject:
        """Add a record; `_save` makes it durable, which must come before the call."""
        key = str(uuid5(_KEYS, marker)) if kind is ProbeKind.ITEM else ""
        now = self.world.clock.now()
        record = ProbeObject(kind, marker, self.world.profile.id, now, key)
        self.objects.append(record)
        self._over.append(record)
        return record

    def _save(self) -> None:
        self.world.record(tuple(self.objects))

    @contextmanager
    def _call(self, record: ProbeObject) -> Iterator[None]:
        """Make the call of a record. Without an answer its object may still arrive afterwards."""
        self._go_on()
        self._over = [one for one in self._over if one is not record]
        try:
            yield
        except OutcomeUnknown:
            raise
        except ProviderError:
            self._over.append(record)
            raise
        else:
            self._over.append(record)

    def _identify(self, record: ProbeObject, remote_id: str) -> ProbeObject:
        identified = replace(record, remote_id=remote_id)
        # By identity: two records of one marker can be equal.
        place = next(index for index, one in enumerate(self.objects) if one is record)
        self.objects[place] = identified
        return identified

    def _drop(self, *records: ProbeObject) -> None:
        self.objects = [one for one in self.objects if not any(one is item for item in records)]

    @contextmanager
    def _answering(self, question: Question) -> Iterator[None]:
        """Give a question the answer UNCLEAR if the reply to its call proves nothing."""
        self._go_on()
        try:
            yield
        except _ENDS:
            raise
        except ProviderError:
            if Answer.UNCLEAR in ANSWERS[question]:
                self.answers.setdefault(question, Answer.UNCLEAR)

    # -- posts --------------------------------------------------------------------------------

    def ask_about_posts(self) -> None:
        """Ask about operations, and what can be asked with one draft of a post."""
        prober = self.world.prober
        with self._answering(Question.OPERATIONS):
            self.missing = prober.missing_operations()
            known = Answer.SOME_MISSING if self.missing else Answer.ALL
            self.answers[Question.OPERATIONS] = Answer.UNCLEAR if self.missing is None else known
        marker = self._marker()
        record = self._expect(ProbeKind.POST, marker)
        self._save()
        far = self._whole_minutes(FAR)
        draft = self._draft(record, far)
        if draft is None:
            return
        record = self._identify(record, draft.id)
        # An edit may empty the text, and then only the id shows whose post it is.
        self._save()
        with self._answering(Question.LINK_DRAFT):
            shown = prober.post(draft.id)
            self.answers[Question.LINK_DRAFT] = link_answer(marker, shown.entry.text)
            self.answers.setdefault(Question.FAR_TIME, far_time_answer(far, shown.due_at))
        self._ask_edit(record)
        with self._answering(Question.NOT_FOUND):
            prober.delete_post(draft.id)
            self._drop(record)
            reply = prober.delete_missing(draft.id)
            self.answers[Question.NOT_FOUND], self.words = reply.answer, reply.words

    def _draft(self, record: ProbeObject, far: datetime) -> LiveEntry | None:
        """Create the draft of a post, due at `far`, or in a year if that is refused."""
        text, profile = probe_text(record.marker), self.world.profile
        for due_at in (far, self._whole_minutes(YEAR)):
            try:
                with self._call(record):
                    return self.world.prober.create_post(profile, text, due_at, draft=True)
            except (Rejected, NotFound) as error:
                if due_at is far:
                    self.answers[Question.FAR_TIME] = Answer.REFUSED
                    continue
                # Both were refused, so the time is not the reason.
                del self.answers[Question.FAR_TIME]
                self._drop(record)
                self.notes.append(f"the draft of a post was refused: {error}")
            except OutcomeUnknown:
                self.answers.setdefault(Question.FAR_TIME, Answer.UNCLEAR)
                break
        return None

    def _ask_edit(self, record: ProbeObject) -> None:
        prober, due_at = self.world.prober, self._whole_minutes(YEAR)
        with self._answering(Question.EDIT):
            try:
                edited = prober.edit_without_text(record.remote_id, self.world.profile, due_at)
            except Rejected:
                # A post without a text is refused, so what was left out counts as empty.
                self.answers[Question.EDIT] = Answer.REPLACES
            else:
                self.answers[Question.EDIT] = edit_answer(record.marker, edited.entry.text)

    # -- content items ------------------------------------------------------------------------

    def ask_about_items(self) -> None:
        """Ask whether a repeated key returns the same content item."""
        question = Question.REPEATED_KEY
        if CREATE_ITEM in (self.missing or ()):
            self.answers[question] = Answer.NOT_OFFERED
            return
        self._item_marker = self._marker()
        first = self._expect(ProbeKind.ITEM, self._item_marker)
        second = self._expect(ProbeKind.ITEM, self._item_marker)
        self._save()
        with self._answering(question):
            try:
                self._item = self._create_item(first)
            except Rejected as error:
                if error.code == NOT_OFFERED:
                    self._drop(first, second)
                    self.answers[question] = Answer.NOT_OFFERED
                    return
                raise
            first = self._identify(first, self._item.id)
            self._repeat_key(question, first, second)

    def _create_item(self, record: ProbeObject) -> ProbedItem:
        with self._call(record):
            return self.world.prober.create_item(record.key, probe_text(record.marker))

    def _repeat_key(self, question: Question, first: ProbeObject, second: ProbeObject) -> None:
        with self._answering(question):
            try:
                repeated = self._create_item(second)
            except Rejected:
                self.answers[question] = Answer.REFUSED
                return
            self.answers[question] = same_item_answer(first.remote_id, repeated.id)
            if repeated.id == first.remote_id:
                self._drop(second)
            else:
                self._identify(second, repeated.id)

    # -- scheduled posts ----------------------------------------------------------------------

    def ask_about_scheduled(self) -> None:
        """Ask what needs a scheduled post: promotion, links, and repeated texts."""
        self._item_marker = self._item_marker or self._marker()
        post = self._expect(ProbeKind.POST, self._item_marker)
        twin = self._expect(ProbeKind.POST, self._item_marker)
        again = self._expect(ProbeKind.POST, self._marker())
        item_twin = self._expect(ProbeKind.ITEM, self._item_marker)
        self._save()
        if PROMOTE in (self.missing or ()) or (
            self.answers.get(Question.REPEATED_KEY) is Answer.NOT_OFFERED
        ):
            self.answers[Question.PROMOTION] = Answer.NOT_OFFERED
        elif self._item is not None:
            post = self._ask_promotion(self._item.id, post)
            if post.remote_id:
                self._promote_again(self._item.id, again)
                self._ask_promoted_key(self._item.id, item_twin)
        # Unless a promotion surely had no effect, its post may exist, and one more is too many.
        no_effect = self.answers.get(Question.PROMOTION) in (Answer.REFUSED, Answer.NOT_OFFERED)
        if not post.remote_id and (no_effect or self._item is None):
            post = self._schedule(post)
        if post.remote_id:
            with self._answering(Question.LINK_SCHEDULED):
                shown = self.world.prober.post(post.remote_id)
                self.answers[Question.LINK_SCHEDULED] = link_answer(post.marker, shown.entry.text)
            self._ask_duplicate(twin)

    def _ask_promotion(self, item_id: str, post: ProbeObject) -> ProbeObject:
        """Promote the draft of content; return the record of its post."""
        reply: ProbedItem | Refusal | None = None
        with self._answering(Question.PROMOTION):
            try:
                reply = self._promote(item_id, post, YEAR)
            except Rejected as error:
                if error.code == NOT_OFFERED:
                    self.answers[Question.PROMOTION] = Answer.NOT_OFFERED
                raise
        with self._answering(Question.PROMOTION):
            # No answer alone is proof, so the item itself is read.
            shown = self.world.prober.item(item_id)
            if shown.posts:
                self.answers[Question.PROMOTION] = Answer.DONE
                return self._identify(post, shown.posts[0].id)
            if reply is Refusal.LIMIT:
                self.notes.append("the queue of the channel is full: promotion was not asked")
            elif isinstance(reply, Refusal) and shown.text is not None:
                self.answers[Question.PROMOTION] = Answer.REFUSED
            elif reply is not None:  # neither a draft any more, nor posts
                self.answers[Question.PROMOTION] = Answer.UNCLEAR
        return post

    def _promote(self, item_id: str, record: ProbeObject, ahead: timedelta) -> ProbedItem | Refusal:
        text, due_at = probe_text(record.marker), self._whole_minutes(ahead)
        with self._call(record):
            return self.world.prober.promote(item_id, self.world.profile, text, due_at)

    def _promote_again(self, item_id: str, record: ProbeObject) -> None:
        question = Question.SECOND_PROMOTION
        with self._answering(question):
            reply = self._promote(item_id, record, YEAR + timedelta(days=1))
            if isinstance(reply, Refusal):
                is_state = reply is Refusal.STATE
                self.answers[question] = Answer.STATE_ERROR if is_state else Answer.REFUSED
                return
            posts = reply.posts
            further = [one for one in posts if is_text_of(one.entry.text, record.marker)]
            self.answers[question] = Answer.DONE_TWICE if further else Answer.NO_EFFECT
            if further:
                self._identify(record, further[0].id)

    def _ask_promoted_key(self, item_id: str, twin: ProbeObject) -> None:
        first = next(one for one in self.objects if one.remote_id == item_id)
        self._repeat_key(Question.PROMOTED_KEY, first, twin)

    def _schedule(self, record: ProbeObject) -> ProbeObject:
        """Create the scheduled post, if promotion did not; return its record."""
        text, due_at = probe_text(record.marker), self._whole_minutes(YEAR)
        try:
            with self._call(record):
                made = self.world.prober.create_post(self.world.profile, text, due_at, draft=False)
        except (Rejected, NotFound) as error:
            self.notes.append(f"the scheduled post was refused: {error}")
        except OutcomeUnknown as error:
            self.notes.append(f"the scheduled post may exist or not: {error}")
        else:
            return self._identify(record, made.id)
        return record

    def _ask_duplicate(self, record: ProbeObject) -> None:
        question = Question.DUPLICATE
        text, due_at = probe_text(record.marker), self._whole_minutes(YEAR + timedelta(days=2))
        with self._answering(question):
            try:
                with self._call(record):
                    made = self.world.prober.create_post(
                        self.world.profile, text, due_at, draft=False
                    )
            except Rejected as error:
                if error.queue_full:
                    self.notes.append("the queue of the channel is full: duplicate was not asked")
                    return
                if not error.repeated:
                    raise
                self.answers[question] = Answer.REFUSED
            else:
                self.answers[question] = Answer.ACCEPTED
                self._identify(record, made.id)

    def _whole_minutes(self, ahead: timedelta) -> datetime:
        return self.world.clock.now().replace(second=0, microsecond=0) + ahead

    # -- removing -----------------------------------------------------------------------------

    def remove_all(self) -> None:
        """Remove everything as far as that is possible; the state lists the rest."""
        try:
            self.clean()
        except ProviderError as error:
            self.notes.append(f"not everything could be removed: {error}")
        except Interrupted:  # a wait for the budget of requests, which the user does not wait for
            self.interrupted = True

    def clean(self) -> None:
        """Remove all objects that are surely ours, and make durable what is left."""
        try:
            # Items first: their posts may go with them.
            self._clean_items()
            self._clean_posts()
        finally:
            self._save()

    def _clean_items(self) -> None:
        records = [one for one in self.objects if one.kind is ProbeKind.ITEM]
        if not records:
            return
        try:
            items = self.world.prober.items_since(_earliest(records))
        except Rejected:
            # There is no list. Items with an id can still be read.
            items = tuple(self._items_by_id(records))
        self._clean(records, map(shown_item, items), self.world.prober.delete_item)

    def _items_by_id(self, records: Iterable[ProbeObject]) -> Iterator[ProbedItem]:
        for record in records:
            if record.remote_id:
                with suppress(NotFound, Rejected):
                    yield self.world.prober.item(record.remote_id)

    def _clean_posts(self) -> None:
        records = [one for one in self.objects if one.kind is ProbeKind.POST]
        for profile_id in dict.fromkeys(record.profile_id for record in records):
            own = [record for record in records if record.profile_id == profile_id]
            try:
                posts = self.world.prober.posts_since(Profile(profile_id, ""), _earliest(own))
            except (Rejected, NotFound) as error:  # the channel may be gone
                self.notes.append(f"posts of an earlier probe cannot be read: {error}")
                continue
            self._clean(own, map(shown_post, posts), self.world.prober.delete_post)

    def _clean(
        self,
        records: Sequence[ProbeObject],
        shown: Iterable[Shown],
        delete: Callable[[str], None],
    ) -> None:
        world = self.world
        markers = frozenset(one.marker for one in self.objects)
        facts = LeftoverFacts(world.clock.now(), world.quiet_period, markers, world.owned)
        decided = sort_leftovers(records, tuple(shown), facts)
        for remote_id, record in decided.remove:
            try:
                delete(remote_id)
            except NotFound:
                self._drop(record)
            except (Rejected, OutcomeUnknown) as error:
                self.notes.append(f"an object of the probe could not be removed: {error}")
            else:
                self._drop(record)
        self._settle(decided)

    def _settle(self, decided: Leftovers) -> None:
        """Drop the records that need nothing more, and note what stays."""
        self._drop(*decided.settled, *decided.taken_over)
        self._drop(*(one for one in decided.waiting if any(one is item for item in self._over)))
        if decided.taken_over:
            self.notes.append("a person changed an object of the probe; it was left as it is")
        if decided.unclear:
            self.notes.append(
                "there are more copies of an object of the probe than it made; remove them by hand"
            )


def _earliest(records: Sequence[ProbeObject]) -> datetime:
    return min(record.recorded_at for record in records) - CLOCK_TOLERANCE
