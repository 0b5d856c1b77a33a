"""The table of an entry's fields: everything that other packages need to know about each field.

`ENTRY_FIELDS` has a row for each field of `Entry`, in canonical order: the order in which
differences are shown and pulled. `PARTS` has the same for values inside an entry (a link, an image,
a video, a post of a thread), in the order in which files hold them. Documents of the codec follow
the order of the classes instead, which never changes.

The table contains no functions. A package that compares, encodes, reads, writes or shows fields has
one dictionary of its own, with a function for each member of `Kind` or `Comparison`.
tests/model/test_entry_fields.py finds a member without a function. A field without a row is refused
when this module is imported.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, fields
from enum import Enum
from types import MappingProxyType
from typing import Any

from plancast.model.entry import Entry, Image, Link, QueuePosition, Stage, ThreadItem, Video


class Kind(Enum):
    """The type of a field's value."""

    TEXT = "text"
    NUMBER = "number"
    FLAG = "flag"
    MOMENT = "moment"
    WORD = "word"
    LINK = "link"
    IMAGES = "images"
    VIDEO = "video"
    THREAD = "thread"
    SETTINGS = "settings"
    NAMES = "names"


class Comparison(Enum):
    """The way in which a live value is reduced to what was asked for, before both are compared.

    EXACT: as it is. TEXT: normalized. TIME: the effective time; seconds may have been cut off.
    CARD: the parts that were asked for, without a card that grew out of the text. MEDIA: the
    details that were asked for. SETTINGS and SUBSET: the settings, or names, that were asked for.
    RANK: a stage further on counts as the one that was asked for. PLACEMENT is never read back, and
    has no effect once the entry is in the queue. INSTRUCTION is never read back either, but an edit
    of it must be sent.
    """

    EXACT = "exact"
    TEXT = "normalized text"
    TIME = "time"
    CARD = "link card"
    MEDIA = "media"
    SETTINGS = "settings"
    SUBSET = "subset"
    RANK = "rank"
    PLACEMENT = "placement"
    INSTRUCTION = "instruction"

    @property
    def is_read_back(self) -> bool:
        """Whether a provider shows the value when it is read back."""
        return self not in (Comparison.PLACEMENT, Comparison.INSTRUCTION)


class Loss(Enum):
    """The parts of a value that may be lost on read-back, besides what comparison leaves out.

    LINKS: links in texts are replaced by short ones. COPIES: addresses of media become addresses of
    the provider's copies. DETAILS: not every API shows alternative texts and titles. ALL: the
    account may have no room for the value at all.
    """

    LINKS = "links"
    COPIES = "copies"
    DETAILS = "details"
    ALL = "all"


class Presence(Enum):
    """The condition under which a document of the codec holds a field.

    REQUIRED: always, and a document without it is refused. IF_SET: unless it has its default.
    """

    REQUIRED = "required"
    ALWAYS = "always"
    IF_SET = "if set"


@dataclass(frozen=True, slots=True)
class EntryField:
    """A field of `Entry`.

    `label` is its name for people, `brief` the same for a narrow column. `key` is the key of a post
    file that sets it, "" if that is `name`. `loses` are the losses of read-back that comparison
    forgives. `words` is the enumeration of a WORD. `feature` names the attribute of `Features` that
    a provider needs for the field, "" if every provider has it. `lack` completes the refusal by a
    provider without the feature ("has no …"), "" if such a post is not refused.
    """

    name: str
    kind: Kind
    compared: Comparison
    label: str
    brief: str = ""
    key: str = ""
    presence: Presence = Presence.IF_SET
    loses: frozenset[Loss] = frozenset()
    words: type[Enum] | None = None
    feature: str = ""
    lack: str = ""

    @property
    def file_key(self) -> str:
        """The key of a post file that sets the field."""
        return self.key or self.name


@dataclass(frozen=True, slots=True)
class PartField:
    """A field of a value inside an entry.

    A field whose default is None is a *detail*: it is compared only if it was asked for. The link
    of a post of a thread is none: it is compared as the link of an entry is. `observed`: it is set
    on read-back only, so no file holds it. `is_address`: it is a web address, so it holds no blank.
    `label` is its name for people, "" if that is its path.
    """

    name: str
    kind: Kind
    presence: Presence = Presence.ALWAYS
    observed: bool = False
    label: str = ""
    is_address: bool = False
    words: None = None


_TEXT_LOSSES = frozenset({Loss.LINKS})
_MEDIA_LOSSES = frozenset({Loss.COPIES, Loss.DETAILS})

ENTRY_FIELDS: tuple[EntryField, ...] = (
    EntryField(
        "text",
        Kind.TEXT,
        Comparison.TEXT,
        "text",
        presence=Presence.REQUIRED,
        loses=_TEXT_LOSSES,
    ),
    EntryField(
        "thread",
        Kind.THREAD,
        Comparison.MEDIA,
        "thread",
        loses=_TEXT_LOSSES | _MEDIA_LOSSES,
        feature="threads",
        lack="threads",
    ),
    EntryField(
        "due_at",
        Kind.MOMENT,
        Comparison.TIME,
        "time",
        key="schedule",
        presence=Presence.ALWAYS,
    ),
    EntryField(
        "queue",
        Kind.WORD,
        Comparison.PLACEMENT,
        "queue",
        key="schedule",
        presence=Presence.ALWAYS,
        words=QueuePosition,
    ),
    EntryField(
        "stage",
        Kind.WORD,
        Comparison.RANK,
        "stage",
        words=Stage,
        feature="stages",
        lack="drafts or approvals",
    ),
    EntryField("link", Kind.LINK, Comparison.CARD, "link", presence=Presence.ALWAYS),
    EntryField(
        "images",
        Kind.IMAGES,
        Comparison.MEDIA,
        "images",
        presence=Presence.ALWAYS,
        loses=_MEDIA_LOSSES,
    ),
    EntryField(
        "video",
        Kind.VIDEO,
        Comparison.MEDIA,
        "video",
        loses=_MEDIA_LOSSES,
        feature="video",
        lack="videos",
    ),
    EntryField(
        "first_comment",
        Kind.TEXT,
        Comparison.TEXT,
        "first comment",
        loses=_TEXT_LOSSES,
        feature="first_comment",
        lack="first comments",
    ),
    EntryField(
        "metadata",
        Kind.SETTINGS,
        Comparison.SETTINGS,
        "metadata",
        feature="metadata",
        lack="settings of networks",
    ),
    # A provider without tags does not refuse them: they stay in the file. The same goes for
    # `shorten`, for which a warning says what becomes of the links.
    EntryField(
        "tags",
        Kind.NAMES,
        Comparison.SUBSET,
        "tags",
        loses=frozenset({Loss.ALL}),
        feature="tags",
    ),
    EntryField(
        "shorten",
        Kind.FLAG,
        Comparison.INSTRUCTION,
        "short links",
        brief="shorten",
        presence=Presence.ALWAYS,
        feature="shorten",
    ),
    EntryField(
        "link_card",
        Kind.FLAG,
        Comparison.INSTRUCTION,
        "link card",
        brief="card",
        presence=Presence.ALWAYS,
    ),
)

PARTS: Mapping[type, tuple[PartField, ...]] = MappingProxyType(
    {
        Link: (
            PartField("url", Kind.TEXT, Presence.REQUIRED, is_address=True),
            PartField("title", Kind.TEXT),
            PartField("description", Kind.TEXT),
            PartField("thumbnail", Kind.TEXT, is_address=True),
        ),
        Image: (
            PartField("url", Kind.TEXT, is_address=True),
            PartField("file", Kind.TEXT, Presence.IF_SET),
            PartField("alt", Kind.TEXT),
            PartField("hosted", Kind.FLAG, Presence.IF_SET, observed=True),
        ),
        Video: (
            PartField("url", Kind.TEXT, Presence.REQUIRED, label="video", is_address=True),
            PartField("title", Kind.TEXT, label="video title"),
            PartField("cover_ms", Kind.NUMBER, label="video cover"),
            PartField("hosted", Kind.FLAG, Presence.IF_SET, observed=True),
        ),
        ThreadItem: (
            PartField("text", Kind.TEXT),
            PartField("link", Kind.LINK, Presence.IF_SET),
            PartField("images", Kind.IMAGES),
        ),
    }
)

AnyField = EntryField | PartField

FIELD: Mapping[str, EntryField] = MappingProxyType({row.name: row for row in ENTRY_FIELDS})
"""The rows by field name."""

KEYS: tuple[str, ...] = tuple(dict.fromkeys(row.file_key for row in ENTRY_FIELDS))
"""The keys of a post file that set fields, in canonical order."""


def head_of(path: str) -> str:
    """Return the field of a path: `images` for `images[0].alt`."""
    return path.partition(".")[0].partition("[")[0]


def rows_of(key: str) -> tuple[EntryField, ...]:
    """Return the rows of the fields that a key of a post file sets."""
    return tuple(row for row in ENTRY_FIELDS if row.file_key == key)


def defaults(owner: type) -> dict[str, Any]:
    """Return the defaults of `Entry` or a value inside it, without fields that have none."""
    return {item.name: item.default for item in fields(owner) if item.default is not MISSING}


def in_documents(owner: type, table: Iterable[AnyField]) -> tuple[AnyField, ...]:
    """Return the rows in the order of documents, which is that of the class."""
    rows = {row.name: row for row in table}
    return tuple(rows[item.name] for item in fields(owner) if item.name in rows)


def file_parts(owner: type) -> tuple[str, ...]:
    """Return the keys that a file can hold for a value inside an entry."""
    return tuple(part.name for part in PARTS[owner] if not part.observed)


def details(owner: type) -> tuple[str, ...]:
    """Return the names of parts that are compared only if they were asked for."""
    usual = defaults(owner)
    return tuple(part.name for part in PARTS[owner] if usual.get(part.name, "") is None)


def unlisted(owner: type, table: Iterable[AnyField]) -> list[str]:
    """Return the problems of a table: fields without a row, rows without a field, repetitions."""
    known, listed = {item.name for item in fields(owner)}, [row.name for row in table]
    place = "plancast/model/entry_fields.py"
    return [
        *(f"{owner.__name__}.{name} has no row in {place}" for name in sorted(known - {*listed})),
        *(f"{place} has a row for {owner.__name__}.{name}, which is no field"
          for name in sorted({*listed} - known)),
        *(f"{place} has two rows for {owner.__name__}.{name}"
          for name in sorted({*listed}) if listed.count(name) > 1),
    ]  # fmt: skip


def _require_complete() -> None:
    """Refuse to run with an incomplete table: diff and state would silently drop a field."""
    problems = unlisted(Entry, ENTRY_FIELDS)
    problems += [one for owner, table in PARTS.items() for one in unlisted(owner, table)]
    if problems:
        raise TypeError("; ".join(problems))


_require_complete()
