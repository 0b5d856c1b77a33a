"""Values of every shape for Hypothesis: as ordinary and as hostile as a file or a queue can be."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from plancast.model.codes import CODES
from plancast.model.diagnostics import Diagnostic, Severity, SourceRange, problem
from plancast.model.entry import (
    Address,
    Entry,
    Image,
    Link,
    LiveEntry,
    LiveStatus,
    QueuePosition,
    Stage,
    ThreadItem,
    Video,
)
from plancast.model.entry_fields import ENTRY_FIELDS, Kind
from plancast.model.events import (
    ApplyFinished,
    ApplyStarted,
    BatchStarted,
    ChangeFinished,
    Event,
    Outcome,
    Waiting,
)
from plancast.model.plan import (
    Action,
    Budget,
    Change,
    FieldDiff,
    Plan,
    ProfileRef,
    RateWindow,
    Situation,
    Unmanaged,
)
from plancast.testing import builders

NASTY = (
    "\x00\x07\x08\x1b\x7f\x85\x9b\xad\r\n\t\u061c\u200b\u200e\u202e\u2028\u2066\u2069\ufeff"
    "\U0001f600[]{}+-|`*_~<>&\\\"' :#"
)
"""Characters that a terminal, a markup or a codec might take for an order."""

UNSEEN = (
    "\u034f\u115f\u1160\u17b4\u180b\u180e\u200c\u200d\u2062\u206a\u2800\u3164\ufe00\ufe0f\uffa0\ufff9"
    "\U0001d173\U000e0001\U000e0041\U000e007f\U000e0100\ue000\ufdd0"
)
"""Characters without a shape, some of which emoji and scripts need."""

COMMANDS = (
    "::stop-commands::abc",
    "::add-mask::x",
    "\n::error file=a.yaml,line=1::b",
    "\r::debug::c",
    "\u3000\n\u00a0::set-output name=a::b",
    "##[add-mask]x",
    "##vso[task.setvariable variable=a]b",
    "##teamcity[buildStop]",
    "section_start:0:a\r\x1b[0K",
    "::",
    "##",
)
"""Texts that CI runners obey if a step prints them."""

_characters = st.one_of(
    st.sampled_from("aeinost  \n.,-"),
    st.characters(max_codepoint=0x2FFFF, exclude_categories=["Cs"]),
    st.sampled_from(NASTY),
    st.sampled_from(UNSEEN),
)
texts = st.text(_characters, max_size=60) | st.lists(
    st.sampled_from(COMMANDS) | st.text(_characters, max_size=8), max_size=6
).map("".join)
"""Any text that a value can hold. Every border refuses half a character, or replaces it."""

_letters = "abcdefghijklmnopqrstuvwxyz0123456789"
# From an alphabet and not from a pattern, which takes ten times as long to draw from.
names = st.builds(str.__add__, st.sampled_from(_letters), st.text(_letters + "._-", max_size=11))
post_ids = st.lists(names, min_size=1, max_size=3).map("/".join)
aliases = st.sampled_from(["acme-x", "acme-fb", "acme-linkedin", "acme-mastodon"])
addresses = st.builds(Address, post_ids, aliases)
zones = st.sampled_from(
    ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Apia", "Not/AZone"]
)
moments = st.datetimes(
    datetime.min.replace(year=2000), datetime.min.replace(year=2101), timezones=st.just(UTC)
).map(lambda moment: moment.replace(microsecond=0))
some_moments = st.none() | moments
flags = st.booleans()
addresses_of_images = st.sampled_from(["https://a.example/1.png", "https://a.example/2.png", ""])
links = st.builds(
    Link,
    st.sampled_from(["https://a.example", "https://b.example/?q=1"]),
    st.none() | texts,
    st.none() | texts,
    st.none() | texts,
)
images = st.builds(Image, addresses_of_images, st.none() | texts, texts, st.booleans())
few_images = st.lists(images, max_size=2).map(tuple)
some_images = st.lists(images, max_size=3).map(tuple)
some_links = st.none() | links
videos = st.builds(
    Video,
    st.sampled_from(["https://a.example/1.mp4", "http://a.example/2.mov"]) | texts,
    st.none() | texts,
    st.none() | st.integers(0, 100_000),
    st.booleans(),
)
some_videos = st.none() | videos
threads = st.lists(st.builds(ThreadItem, texts, few_images, some_links), max_size=3).map(tuple)
stages = st.sampled_from(Stage)
queue_positions = st.sampled_from(QueuePosition)
keys_of_settings = st.sampled_from(
    ["type", "title", "board", "url", "ai_generated", "spoiler_text"]
)
all_settings = st.dictionaries(
    keys_of_settings | names,
    st.sampled_from(["reel", "story", "post"]) | texts | st.booleans(),
    max_size=3,
).map(lambda found: tuple(sorted(found.items())))
names_of_tags = st.lists(texts.filter(bool), max_size=2, unique=True).map(
    lambda found: tuple(sorted(found))
)


_NAMED = {
    *("text", "due_at", "link", "images", "queue", "shorten", "link_card", "video", "thread"),
    *("first_comment", "metadata", "tags", "stage"),
}
_BY_KIND = {
    Kind.TEXT: texts,
    Kind.FLAG: st.booleans(),
    Kind.MOMENT: st.none() | moments,
    Kind.NAMES: names_of_tags,
}
others = {row.name: _BY_KIND[row.kind] for row in ENTRY_FIELDS if row.name not in _NAMED}
"""Fields of an entry that are not drawn by their names."""


@st.composite
def rests(draw: st.DrawFn) -> dict[str, Any]:
    """Draw the parts of an entry beside text, link and images; most have none."""
    if draw(flags):
        return {}
    rest = {name: draw(strategy) for name, strategy in others.items()}
    return rest | {
        "video": draw(some_videos),
        "thread": draw(threads),
        "first_comment": draw(texts),
        "metadata": draw(all_settings),
        "tags": draw(names_of_tags),
        "stage": draw(stages),
    }


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    """Entries with a time of their own or in the queue."""
    due_at = draw(some_moments)
    return Entry(
        text=draw(texts),
        due_at=due_at,
        link=draw(some_links),
        images=draw(some_images),
        queue=draw(queue_positions) if due_at is None else None,
        shorten=draw(flags),
        link_card=draw(flags),
        **draw(rests()),
    )


live_entries = st.builds(
    LiveEntry,
    id=names,
    profile_id=names,
    entry=entries(),
    status=st.sampled_from(LiveStatus),
    due_at=st.none() | moments,
    created_at=st.none() | moments,
    sent_at=st.none() | moments,
    link=st.sampled_from(["", "https://x.example/1"]),
    error=texts,
    reminder=st.booleans(),
    sending=st.booleans(),
)
sources = st.builds(
    SourceRange,
    file=post_ids.map(lambda name: f"{name}.yaml")
    | st.sampled_from(COMMANDS).map(lambda order: f"{order}.yaml"),
    line=st.integers(1, 10_000),
    column=st.integers(1, 80),
    end_column=st.integers(0, 120),
    text=texts,
)


PATHS = (
    "text", "due_at", "queue", "link.url", "images[0].alt", "shorten", "thread[0].text",
    "thread[11].images[1].url", "stage", "tags", "first_comment", "video.url", "video.cover_ms",
    "metadata.type", "metadata.ai_generated",
)  # fmt: skip


_paths = st.sampled_from(PATHS)
_some_texts = st.none() | texts
_sides: dict[str, st.SearchStrategy[Any]] = {
    "due_at": some_moments,
    "shorten": flags,
    "stage": st.sampled_from(Stage).map(lambda stage: stage.value),
    "metadata.ai_generated": st.none() | flags,
    "video.cover_ms": st.none() | st.integers(0, 100_000).map(str),
}


@st.composite
def leaves(draw: st.DrawFn) -> FieldDiff:
    """Leaves as `compare.field_diffs` makes them."""
    path = draw(_paths)
    side = _sides.get(path, _some_texts)
    return FieldDiff(path, draw(side), draw(side))


_actions = st.sampled_from(Action)
_fields = st.lists(leaves(), max_size=3)
_drift = st.lists(leaves(), max_size=2)
_situations = st.lists(st.sampled_from(Situation), max_size=2, unique=True)
_some_sources = st.none() | sources
_campaigns = st.sampled_from(["", "launch"])
_tags = st.sampled_from([(), ("teaser",), ("teaser", "Q&A <3")])
_some_live = st.none() | live_entries
_some_groups = st.just("") | addresses.map(str)
_held_with = st.lists(addresses.map(str), max_size=2)


@st.composite
def changes(draw: st.DrawFn) -> Change:
    """Changes that keep the table of their action."""
    action = draw(_actions)
    address = draw(addresses)
    return builders.change(
        action,
        address,
        before=draw(entries()) if action not in (Action.CREATE, Action.NONE) else None,
        after=draw(entries()) if action not in (Action.DESTROY, Action.FORGET) else None,
        fields=draw(_fields),
        drift=draw(_drift),
        situations=draw(_situations),
        reason=draw(texts),
        source=draw(_some_sources),
        previous=str(draw(addresses)) if action is Action.RENAME else None,
        due_at=draw(some_moments),
        zone=draw(zones),
        protect=draw(flags),
        campaign=draw(_campaigns),
        tags=draw(_tags),
        live=draw(_some_live),
        group=draw(_some_groups),
        held_with=draw(_held_with),
        completes_create=action is Action.UPDATE and draw(flags),
    )


_codes = st.sampled_from(sorted(CODES))
_some_addresses = addresses.map(str) | st.just("")
_some_severities = st.none() | st.sampled_from(Severity)


@st.composite
def diagnostics(draw: st.DrawFn) -> Diagnostic:
    """Problems of every code, with a place or without."""
    return problem(
        draw(_codes),
        draw(texts),
        hint=draw(texts),
        address=draw(_some_addresses),
        source=draw(_some_sources),
        severity=draw(_some_severities),
    )


profiles = st.builds(ProfileRef, aliases | texts, names, names | texts)
unmanaged = st.builds(Unmanaged, profiles, names, texts, st.none() | moments)
windows = st.sampled_from(
    [
        (),
        (RateWindow(60, 60, 60),),
        (RateWindow(100, 900, 57), RateWindow(250, 86_400, 0), RateWindow(3000, 2_592_000, 2938)),
    ]
)
budgets = st.builds(
    Budget, st.integers(0, 10_000), st.integers(0, 1_000_000), windows, st.booleans()
)


_few_changes = st.lists(changes(), max_size=6)
_few_unmanaged = st.lists(unmanaged, max_size=7)
_few_diagnostics = st.lists(diagnostics(), max_size=4)
_few_texts = st.lists(texts, max_size=2)
_history = st.integers(0, 3)
_only = st.lists(
    st.sampled_from(sorted(frozenset(Action) - {Action.NONE}, key=str)), max_size=2, unique=True
)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Plans of up to six changes, some of them for the same post."""
    return builders.plan(
        *draw(_few_changes),
        unmanaged=draw(_few_unmanaged),
        diagnostics=draw(_few_diagnostics),
        budget=draw(budgets),
        offline_as_of=draw(some_moments),
        history=draw(_history),
        targets=draw(_few_texts),
        only=draw(_only),
        generated_at=draw(moments),
    )


_groups = st.lists(addresses, max_size=3).map(tuple)
events: st.SearchStrategy[Event] = st.one_of(
    st.builds(ApplyStarted, moments, *[st.integers(0, 1000)] * 3),
    st.builds(BatchStarted, moments, *[st.integers(1, 20)] * 3),
    st.builds(
        ChangeFinished,
        moments,
        addresses,
        st.sampled_from(Action),
        st.sampled_from(Outcome),
        st.integers(1, 20),
        st.integers(1, 20),
        st.integers(0, 5000),
        names,
        texts,
    ),
    st.builds(Waiting, moments, st.floats(0, 5000), texts),
    st.builds(ApplyFinished, moments, *[_groups] * 5, st.integers(0, 100), st.none() | moments),
)
"""The events of an apply, in no particular order."""
