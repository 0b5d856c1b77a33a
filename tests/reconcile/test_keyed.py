"""Decisions about keyed creates: the rows of the protocol as tables."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plancast.codec import intent_from_dict, intent_to_dict
from plancast.codec.reader import Reader
from plancast.model.entry import LiveEntry
from plancast.model.plan import Action, Change
from plancast.model.ports import Capabilities, ContentItem
from plancast.model.safety import Safety
from plancast.model.state import Intent, intent_name
from plancast.reconcile.keyed import (
    DRAFT_MEMORY,
    NAMESPACE,
    Verdict,
    forget_old_drafts,
    goes_on,
    judge,
    key_of,
    left_over,
    made_of,
    open_creates,
    sought_keys,
    stray_drafts,
)
from plancast.reconcile.order import calls, requests_of, spans
from plancast.testing.builders import NOW, change, entry
from tests.reconcile import making

ENTRY = entry("Tomorrow, 10:00.")


def keyed(*addresses: str, item: str = "i1", number: int = 1) -> Intent:
    made = making.intent(*addresses, content=ENTRY, id=intent_name("lineage-1", 7, number))
    return replace(made, keyed=True, item=item, sent_at=NOW)


def post(
    profile_id: str, remote_id: str, text: str = "Tomorrow, 10:00.", age: int = 0
) -> LiveEntry:
    created = NOW - timedelta(seconds=age)
    return LiveEntry(remote_id, profile_id, entry(text), created_at=created)


TWO = keyed("a@x", "a@li")
KEY_OF_TWO = "3dc9503b-b60e-55c8-b8b5-e099f0409f40"
X, LI = post("p-x", "r1"), post("p-li", "r2")
DRAFT = ContentItem("i1")


# -- keys ----


@given(st.text(min_size=1))
def test_a_key_is_a_uuid_of_version_5(name: str) -> None:
    named = f"{name} 2026-11-23T09:00:00Z"
    assert key_of(replace(TWO, id=name)) == str(uuid.uuid5(uuid.UUID(bytes=NAMESPACE), named))


def test_the_key_of_an_intent_never_changes() -> None:
    """A lost answer of an earlier plancast is repeated with its key."""
    assert key_of(TWO) == KEY_OF_TWO
    assert key_of(replace(TWO, item="", sent_at=None)) == KEY_OF_TWO
    assert key_of(intent_from_dict(Reader(intent_to_dict(TWO), "intent"))) == KEY_OF_TWO


def test_each_intent_has_a_key_of_its_own() -> None:
    """Also if a state was set back, and counts its intents anew."""
    intents = [
        replace(TWO, id=intent_name(lineage, serial, number), made_at=NOW + timedelta(seconds=late))
        for lineage in ("a", "b")
        for serial in (1, 11)
        for number in (1, 2)
        for late in (0, 1)
    ]
    assert len({key_of(intent) for intent in intents}) == len(intents)


# -- what follows from an item ----

ROWS = {
    "a draft is promoted": (
        DRAFT,
        {"p-x", "p-li"},
        (),
        Verdict(promote=frozenset({"p-x", "p-li"})),
    ),
    "on the profiles that are asked for": (DRAFT, {"p-x"}, (), Verdict(promote=frozenset({"p-x"}))),
    "and have not refused": (DRAFT, {"p-x", "p-li"}, ["p-x"], Verdict(promote=frozenset({"p-li"}))),
    "all have refused": (DRAFT, {"p-x", "p-li"}, ["p-x", "p-li"], Verdict(removes=True)),
    "its file changed": (DRAFT, set(), (), Verdict(removes=True)),
    "posts are ours": (ContentItem("i1", (LI, X)), {"p-x", "p-li"}, (), Verdict(made=(X, LI))),
    "whatever is asked for": (ContentItem("i1", (LI, X)), set(), (), Verdict(made=(X, LI))),
    "and whoever refused": (ContentItem("i1", (X,)), {"p-x", "p-li"}, ["p-x"], Verdict(made=(X,))),
    "posts in part": (ContentItem("i1", (LI,)), {"p-x", "p-li"}, (), Verdict(made=(LI,))),
    "posts of others are not": (ContentItem("i1", (post("p-fb", "r3"),)), {"p-x"}, (), Verdict()),
    "all posts were deleted": (ContentItem("i1", ()), {"p-x"}, (), Verdict()),
    "it is gone": (None, {"p-x", "p-li"}, (), Verdict()),
}


@pytest.mark.parametrize("name", ROWS)
def test_what_follows_from_an_item(name: str) -> None:
    item, asked, refused, verdict = ROWS[name]
    assert judge(TWO, item, asked, refused) == verdict


@given(
    st.none() | st.lists(st.sampled_from([X, LI, post("p-fb", "r3")]), unique=True),
    st.frozensets(st.sampled_from(["p-x", "p-li"])),
    st.frozensets(st.sampled_from(["p-x", "p-li"])),
)
def test_only_a_draft_is_promoted_or_removed(
    posts: list[LiveEntry] | None, asked: frozenset[str], refused: frozenset[str]
) -> None:
    item = ContentItem("i1", None if posts is None else tuple(posts))
    verdict = judge(TWO, item, asked, refused)
    assert bool(verdict.promote or verdict.removes) == (posts is None)
    assert not (verdict.promote and verdict.removes)
    assert verdict.promote <= asked - refused
    assert {live.profile_id for live in verdict.made} <= set(TWO.profile_ids)


def test_of_two_posts_on_a_profile_ours_is_the_one_with_our_text_or_the_older_one() -> None:
    theirs = post("p-x", "r0", "by hand", age=60)
    assert made_of(TWO, [theirs, X]) == (X,)
    older, newer = post("p-x", "r9", "edited", age=60), post("p-x", "r8", "by hand")
    assert made_of(TWO, [newer, older]) == (older,)


def test_a_post_that_was_there_before_the_create_is_never_ours() -> None:
    """A person can make any post a part of a content item."""
    seen_by_the_plan = replace(TWO, known=("r1",))
    assert made_of(seen_by_the_plan, [X, LI]) == (LI,)
    assert made_of(TWO, [post("p-x", "r1", age=3600), LI]) == (LI,)


# -- what a plan goes on with ----


def create(address: str, text: str = "Tomorrow, 10:00.") -> Change:
    return change(Action.CREATE, address, after=entry(text))


GOING_ON = {
    "the same entry at the same address": (create("a@x"), True),
    "another text": (create("a@x", "Tomorrow, at ten."), False),
    "another address": (create("b@x"), False),
    "another profile": (create("a@fb"), False),
    "no create": (change(Action.UPDATE, "a@x", before=entry("old"), after=ENTRY), False),
}


@pytest.mark.parametrize("name", GOING_ON)
def test_a_create_goes_on_only_with_exactly_what_was_sent(name: str) -> None:
    made, is_it = GOING_ON[name]
    assert goes_on(TWO, made) is is_it
    one = keyed("a@x")
    known = making.state(intents=[one])
    assert left_over(known, [made]) == (() if is_it else (one,))


@pytest.mark.parametrize(
    ("made", "is_it"),
    [
        ([create("a@x"), create("a@li")], True),
        ([create("a@x"), create("a@li"), create("b@li")], True),
        ([create("a@x")], False),
        ([create("a@x"), create("a@li", "Tomorrow, at ten.")], False),
        ([create("a@x"), create("b@li")], False),
        ([], False),
    ],
)
def test_a_create_is_gone_on_with_on_all_of_its_profiles_or_not_at_all(
    made: list[Change], is_it: bool
) -> None:
    """Its earlier promotion may still arrive, and makes a post on each of them."""
    assert left_over(making.state(intents=[TWO]), made) == (() if is_it else (TWO,))
    planned = calls(made, Capabilities(create_group=10), resumed=[TWO])
    assert [call.resumes for call in planned if call.resumes] == ([TWO.id] if is_it else [])
    assert sum(len(call.changes) for call in planned) == len(made)


def test_a_change_goes_on_with_one_create_alone() -> None:
    twin = keyed("a@x", "a@li", item="i2", number=2)
    known = making.state(intents=[TWO, twin])
    assert left_over(known, [create("a@x"), create("a@li")]) == (twin,)


def test_creates_that_go_on_with_an_item_share_a_call_and_others_do_not_join_them() -> None:
    made = calls(
        [create("a@x"), create("a@li"), create("b@fb")],
        Capabilities(create_group=10),
        resumed=[TWO],
    )
    assert sorted((call.resumes, len(call.changes)) for call in made) == [("", 1), (TWO.id, 2)]


def test_only_keyed_creates_are_gone_on_with() -> None:
    direct = replace(TWO, keyed=False, item="", id="lineage-1.7-000009")
    known = making.state(intents=[direct, keyed("c@x", number=2), TWO])
    assert [intent.id for intent in open_creates(known)] == [TWO.id, "lineage-1.7-000002"]


@pytest.mark.parametrize(("safety", "cost"), [("direct", 1), ("strict", 3), ("keyed", 2)])
def test_what_a_create_for_two_profiles_costs(safety: str, cost: int) -> None:
    (call,) = calls([create("a@x"), create("a@li")], Capabilities(create_group=10))
    assert requests_of(call, Safety(safety)) == cost
    assert spans([call], Safety(safety)) == {}
    (update,) = calls(
        [change(Action.UPDATE, "a@x", before=entry("old"), after=ENTRY)], Capabilities()
    )
    assert requests_of(update, Safety(safety)) == 1


# -- drafts that no answer has shown ----


def test_a_stray_draft_is_one_that_no_intent_holds() -> None:
    known = making.state(intents=[TWO])
    assert stray_drafts(known, ["i1", "i2"]) == ("i2",)


def test_a_key_is_sought_for_a_day() -> None:
    known = making.state().doubt_draft("key", NOW)
    late = NOW + DRAFT_MEMORY
    assert sought_keys(known, late - timedelta(seconds=1)) == {"key"}
    assert sought_keys(known, late) == frozenset()
    unknown = replace(TWO, item="")
    open_too = making.state(intents=[unknown]).doubt_draft(key_of(unknown), NOW)
    assert sought_keys(open_too, NOW) == frozenset(), "its draft is no stray"
    assert forget_old_drafts(open_too, NOW) is open_too
    assert forget_old_drafts(known, late).draft_keys == {}
    assert forget_old_drafts(known, NOW) is known
