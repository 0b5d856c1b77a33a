"""Cards of the page: everything that it shows of one entry, taken from the plan as it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from plancast.model.entry import Entry, Link, Stage
from plancast.model.plan import Action, Change, FieldDiff, Situation, Unmanaged
from plancast.networks.registry import LIMITS
from plancast.networks.sent_text import sent_text
from plancast.render.html.card_parts import NO_CONTENT, CardContent, content
from plancast.render.html.network_theme import NetworkTheme, initials, look
from plancast.render.html.offsets import Reading, read
from plancast.render.html.spans import Run, compared, marked
from plancast.render.options import ViewOptions
from plancast.render.terminal.entry_block import answer, instructions, is_text, label, staged
from plancast.render.terminal.style import cut, safe
from plancast.render.text import local, moved, when, worded
from plancast.render.text_length import NOTHING, Length, length_on

EXCERPT = 150
"""Columns of a text on a chip of the calendar and in a row; the card has the whole text."""

MARKS = {
    "create": "to create",
    "update": "to update",
    "destroy": "to destroy",
    "adopt": "to adopt",
    "rename": "to rename",
    "forget": "to forget",
    "failed": "failed",
    "missed": "missed",
    "blocked": "blocked",
    "deferred": "deferred",
    "drifted": "changed in {provider}",
    "stray": "late twin",
    "published": "published",
    "draft": "kept as draft",
    "approval": "to be approved",
    "unchanged": "unchanged",
    "others": "made by others",
}
"""The marks of a card, the weightiest first, with the words that follow a number of entries."""

_ONE = {
    "create": "will be created",
    "update": "will be updated",
    "destroy": "will be destroyed",
    "adopt": "will be adopted",
    "rename": "will be renamed",
    "forget": "will be forgotten",
    "draft": "draft",
    "approval": "needs approval",
}
"""The words for one entry, if they differ from those after a number."""

_INSTRUCTIONS = {
    "shorten": "{provider} shortens the links",
    "link_card": "no card for links in the text",
}

STAGES = {Stage.DRAFT: "draft", Stage.NEEDS_APPROVAL: "approval"}
"""The marks of entries that do not go out by themselves."""

_ORDER = {name: number for number, name in enumerate(MARKS)}


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that differs: `runs` of a text, or both sides in words, and the `gap` of a time."""

    label: str
    runs: tuple[Run, ...] = ()
    before: str = ""
    after: str = ""
    gap: str = ""
    is_text: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """One entry as the page shows it.

    `moment` is when it goes out; `own` and `home` are that time in the zones of the entry and of
    the page. `earlier` and `earlier_home` are the time before, if it changes. `marks` are keys of
    MARKS, the weightiest first. `stage` says why it does not go out by itself, "" if it does.
    `provider` is the title of the provider.
    """

    address: str
    post: str
    profile: str
    look: NetworkTheme
    initials: str
    marks: tuple[str, ...]
    sign: str
    title: str
    excerpt: str
    provider: str
    moment: datetime | None = None
    own: Reading | None = None
    home: Reading | None = None
    when: str = ""
    earlier: Reading | None = None
    earlier_home: Reading | None = None
    text: tuple[Run, ...] = ()
    length: Length = NOTHING
    link: Link | None = None
    content: CardContent = NO_CONTENT
    stage: str = ""
    flags: tuple[str, ...] = ()
    differences: tuple[Difference, ...] = ()
    drift: tuple[Difference, ...] = ()
    reason: str = ""
    source: str = ""
    campaign: str = ""
    tags: tuple[str, ...] = ()
    protect: bool = False
    published_at: str = ""

    @property
    def kind(self) -> str:
        """The weightiest mark, which decides how the card is drawn."""
        return self.marks[0]

    @property
    def labels(self) -> tuple[tuple[str, str], ...]:
        """Each mark with its words for one entry."""
        return tuple((mark, one(mark, self.provider)) for mark in self.marks)

    @property
    def is_ours(self) -> bool:
        """True if plancast made the entry, or is about to."""
        return self.kind != "others"


def one(mark: str, title: str) -> str:
    """Return the words of a mark for one entry. `title` is that of the provider."""
    return _ONE.get(mark) or mark_words(mark, title)


def mark_words(mark: str, title: str) -> str:
    """Return the words of a mark after a number of entries. `title` is that of the provider."""
    return MARKS[mark].replace("{provider}", title)


def card(change: Change, options: ViewOptions, home: str) -> Card:
    """Build the card of a change. `home` is the zone of the page.

    An entry that no file asks for any more has no zone of its own, so it gets that of the page.
    """
    if change.after is None:
        change = replace(change, zone=home)
    entry = _shown(change)
    service, cards = change.profile.service, options.link_cards
    # Both readings of each time: the reader can switch between the zones of posts and of the page.
    moment, stood = change.due_at, _moved_from(change)
    return Card(
        address=str(change.address),
        post=change.address.post,
        profile=change.address.profile,
        look=look(service),
        initials=initials(change.address.profile),
        marks=_marks(change),
        sign=change.action.sign.strip(),
        title=change.title,
        excerpt=_excerpt(entry),
        provider=options.title,
        moment=moment,
        own=read(moment, change.zone) if moment else None,
        home=read(moment, home) if moment else None,
        when=_when(change, entry, options),
        earlier=read(stood, change.zone) if stood else None,
        earlier_home=read(stood, home) if stood else None,
        text=marked(sent_text(entry, service, LIMITS.get(service), cards)),
        length=length_on(entry, change.profile, cards),
        link=entry.link,
        content=content(entry, change.profile, cards),
        stage=staged(change, options.title),
        flags=tuple(_flags(entry, options.title)),
        differences=tuple(_differences(_shown_differences(change), change.zone)),
        drift=() if change.is_removed else tuple(_differences(change.drift, change.zone)),
        reason=change.reason,
        source=f"{change.source.file}:{change.source.line}" if change.source else "",
        campaign=change.campaign,
        tags=change.tags,
        protect=change.protect,
        published_at=change.live.link if change.live else "",
    )


def foreign(unmanaged: Unmanaged, options: ViewOptions, home: str) -> Card:
    """Build the card of an entry that plancast did not make: only text and time are known."""
    entry = Entry(unmanaged.text)
    profile = unmanaged.profile.alias or unmanaged.profile.id
    due = unmanaged.due_at
    return Card(
        address=f"{profile}: {unmanaged.id}",
        post="",
        profile=profile,
        look=look(unmanaged.profile.service),
        initials=initials(profile),
        marks=("others",),
        sign="",
        title="was made by somebody else, and is left alone",
        excerpt=_excerpt(entry),
        provider=options.title,
        moment=due,
        own=read(due, home) if due else None,
        home=read(due, home) if due else None,
        when=when(due, home, options.now) if due else "no time yet",
        text=marked(unmanaged.text.strip()),
        length=length_on(entry, unmanaged.profile, options.link_cards),
    )


def _shown(change: Change) -> Entry:
    """Return the entry that goes out: that of the queue if the plan leaves differences be."""
    # The plan leaves the difference, so the card shows what is live, not what the file wants.
    if change.action is Action.NONE and (change.fields or change.drift):
        return change.before or change.after or Entry()
    return change.after or change.before or Entry()


def _marks(change: Change) -> tuple[str, ...]:
    marks = {situation.value for situation in change.situations}
    if change.drift:
        marks.add(Situation.DRIFTED.value)
    if change.action is not Action.NONE:
        marks.add(change.action.value)
    marks = marks or {"unchanged"}
    # A stage says nothing of an entry that leaves the queue.
    if change.stage in STAGES and change.action.keeps:
        marks.add(STAGES[change.stage])
    return tuple(sorted(marks, key=_ORDER.__getitem__))


def _excerpt(entry: Entry) -> str:
    """Return the beginning of the text on one line, or else of a title or an alternative text."""
    titles = (str(title) for key, title in entry.metadata if key == "title")
    texts = [entry.text, *titles, *(image.alt or "" for image in entry.images)]
    for text in texts:
        # Cut before `safe` looks at it: an excerpt needs no more, and a text may be long.
        begin = " ".join(safe(text[: 3 * EXCERPT]).split())
        if begin:
            return cut(begin, EXCERPT)
    return "(no text)"


def _when(change: Change, entry: Entry, options: ViewOptions) -> str:
    """Return when the entry goes out, in the words of the terminal."""
    if change.stage is not Stage.SCHEDULED and change.due_at is not None:
        return f"meant for {when(change.due_at, change.zone, options.now)}"
    if change.stage is not Stage.SCHEDULED:
        return "no time yet"
    if change.action is Action.CREATE and entry.due_at is None:
        top = entry.queue is not None and entry.queue.value == "top"
        return "at the head of the queue" if top else "next free slot of the queue"
    if change.due_at is None:
        return "no time yet"
    moment = when(change.due_at, change.zone, options.now)
    return f"queue slot {moment}" if entry.due_at is None else moment


def _moved_from(change: Change) -> datetime | None:
    """Return the time before an update that moves the entry; None if its time stays."""
    if change.action is not Action.UPDATE:
        return None
    for diff in change.fields:
        if diff.path == "due_at" and isinstance(diff.before, datetime):
            return diff.before if diff.before != change.due_at else None
    return None


def _shown_differences(change: Change) -> tuple[FieldDiff, ...]:
    return change.fields if change.action in (Action.UPDATE, Action.NONE) else ()


def _flags(entry: Entry, title: str) -> Iterator[str]:
    for row in instructions(entry):
        words = _INSTRUCTIONS.get(row.name) or f"{row.label}: {answer(entry, row)}"
        yield words.replace("{provider}", title)


def _differences(leaves: Iterable[FieldDiff], zone: str) -> Iterator[Difference]:
    for leaf in leaves:
        name = label(leaf.path)
        before, after = leaf.before, leaf.after
        if is_text(leaf.path):
            runs = compared(str(before or ""), str(after or ""))
            yield Difference(name, runs, is_text=True)
        elif isinstance(before, datetime) and isinstance(after, datetime):
            gap = moved(before, after, zone)
            yield Difference(name, (), local(before, zone), local(after, zone), gap)
        else:
            yield Difference(
                name, (), worded(leaf.path, before, zone), worded(leaf.path, after, zone)
            )
