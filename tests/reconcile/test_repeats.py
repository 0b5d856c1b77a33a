"""Repeated texts: who waits for whom, how long, and what is said of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from hashlib import md5
from typing import Any

import pytest

from plancast.model.entry import Address, Entry, Image, LiveEntry, LiveStatus, Stage
from plancast.model.features import RepeatRule
from plancast.model.plan import Action, Change, FieldDiff, ProfileRef, Situation
from plancast.model.profile import Profile
from plancast.model.state import Binding, BindingStatus, Intent, Operation, State
from plancast.reconcile.match import Live
from plancast.reconcile.repeats import TOO_LATE, WAITS, Foreseen, RepeatFacts, hold_repeats
from tests.engine.worlds import moment

NOW = moment("2026-12-01 12:00")
RULE = RepeatRule(timedelta(hours=24), frozenset({"pinterest"}))
PROFILES = {"p-x": Profile("p-x", "twitter"), "p-pin": Profile("p-pin", "pinterest")}
TEXT = "Market day."


def entry(at: str = "", text: str = TEXT, **more: Any) -> Entry:
    return Entry(text=text, due_at=moment(at) if at else None, **more)


def change(
    post: str, action: Action, at: str = "", text: str = TEXT, on: str = "p-x", **more: Any
) -> Change:
    """A change of `post@x`; before it, an updated or destroyed entry reads "Old."."""
    creates, destroys = action is Action.CREATE, action is Action.DESTROY
    after = more.pop("after", entry(at, text))
    before = more.pop("before", entry(at, "Old."))
    return Change(
        action=action,
        address=Address(post, "x"),
        profile=ProfileRef("x", on, PROFILES[on].service),
        before=None if creates else before,
        after=None if destroys else after,
        remote_id="" if creates else post,
        **more,
    )


def new(post: str, at: str = "", text: str = TEXT, **more: Any) -> Change:
    return change(post, Action.CREATE, at, text, **more)


def live(
    remote_id: str,
    at: str,
    text: str = TEXT,
    status: LiveStatus = LiveStatus.SCHEDULED,
    **more: Any,
) -> LiveEntry:
    due_at = moment(at) if at else None
    sent_at = due_at if status is LiveStatus.PUBLISHED else None
    made = more.pop("entry", entry(at, text))
    profile_id = more.pop("on", "p-x")
    return LiveEntry(remote_id, profile_id, made, status, due_at, sent_at=sent_at, **more)


def foreseen(
    changes: Sequence[Change],
    queue: Sequence[LiveEntry] = (),
    sent: Sequence[LiveEntry] = (),
    state: State | None = None,
    rule: RepeatRule | None = RULE,
) -> Foreseen:
    known = state or State("lineage")
    facts = RepeatFacts(
        Live(tuple(queue), tuple(sent)), known, PROFILES, lambda one, _: one, NOW, "Buffer"
    )
    return hold_repeats(changes, facts, rule)


def reasons(found: Foreseen) -> dict[str, str]:
    return {
        one.address.post: one.reason
        for one in found.changes
        if Situation.DEFERRED in one.situations
    }


def codes(found: Foreseen) -> dict[str, str]:
    return {address.post: code for (_, address), code in found.codes.items()}


def test_of_equal_posts_the_soonest_goes_and_each_waits_for_the_one_before() -> None:
    weeks = [new(f"w{n}", f"2026-12-{n * 7:02} 09:00") for n in (3, 1, 2)]
    found = foreseen(weeks)
    assert reasons(found) == {
        "w2": "waits until w1@x is out, which has the same text",
        "w3": "waits until w2@x is out, which has the same text",
    }
    assert codes(found) == {"w2": WAITS, "w3": WAITS}
    assert foreseen(weeks, rule=None).changes == tuple(weeks)


OWNED = Binding(Address("a", "x"), "1", "p-x", entry("2026-12-02 09:00"), entry())
OUT = replace(OWNED, status=BindingStatus.PUBLISHED, sent_at=moment("2026-12-01 09:00"))
ASKED = Intent("i", Operation.CREATE, (Address("b", "x"),), ("p-x",), entry(), made_at=NOW)
SHORT = live("1", "2026-12-02 09:00", "Market day. buff.ly/1")


@pytest.mark.parametrize(
    ("queue", "sent", "state", "waits_for"),
    [
        ([], [], State("l"), None),
        ([live("1", "2026-12-02 09:00")], [], State("l"), "a post that is in Buffer already"),
        ([live("1", "2026-12-02 09:00")], [], State("l").bind(OWNED), "until a@x is out"),
        ([live("1", "2026-12-02 09:00", " Market day.\r\n")], [], State("l"), "a post that"),
        ([live("1", "2026-12-02 09:00", "market day.")], [], State("l"), None),
        ([live("1", "2026-12-02 09:00", on="p-pin")], [], State("l"), None),
        ([live("1", "", entry=entry(stage=Stage.DRAFT))], [], State("l"), None),
        ([live("1", "2026-12-01 10:00", status=LiveStatus.FAILED)], [], State("l"), "a post that"),
        ([live("1", "2026-11-30 12:00", status=LiveStatus.FAILED)], [], State("l"), None),
        ([], [live("1", "2026-11-30 12:01", status=LiveStatus.PUBLISHED)], State("l"), "a post"),
        ([], [live("1", "2026-11-30 12:00", status=LiveStatus.PUBLISHED)], State("l"), None),
        ([], [], State("l").bind(OUT), "takes it again after 2026-12-02 09:00 UTC"),
        ([], [], State("l").bind(replace(OUT, sent_at=moment("2026-11-30 11:00"))), None),
        ([], [], State("l").intend([ASKED]), "until b@x is out"),
        # A shortener replaced the link, and the text that was submitted is known all the same.
        ([SHORT], [], State("l"), None),
        ([SHORT], [], State("l").bind(replace(OWNED, observed=SHORT.entry)), "until a@x is out"),
        (
            [replace(SHORT, fingerprint=md5(TEXT.encode(), usedforsecurity=False).hexdigest())],
            [],
            State("l"),
            "a post that",
        ),
    ],
)
def test_each_holder_is_known(
    queue: list[LiveEntry], sent: list[LiveEntry], state: State, waits_for: str | None
) -> None:
    found = foreseen([new("new", "2026-12-20 09:00")], queue, sent, state)
    assert (waits_for is None) == (reasons(found) == {})
    assert waits_for is None or waits_for in reasons(found)["new"]


@pytest.mark.parametrize(
    ("at", "code"),
    [
        ("2026-12-02 08:00", TOO_LATE),
        ("2026-12-03 09:00", TOO_LATE),
        ("2026-12-03 09:01", WAITS),
        ("", WAITS),
    ],
)
def test_a_post_whose_time_comes_first_is_reported_as_one_that_will_be_missed(
    at: str, code: str
) -> None:
    found = foreseen([new("new", at)], [live("1", "2026-12-02 09:00")])
    assert codes(found) == {"new": code}
    assert ("its own time comes first" in reasons(found)["new"]) is (code == TOO_LATE)


def test_a_post_that_will_be_missed_holds_up_no_later_one() -> None:
    week = [
        new("a", "2026-12-02 09:00"),
        new("b", "2026-12-02 19:00"),
        new("c", "2026-12-03 18:00"),
    ]
    found = foreseen(week)
    assert codes(found) == {"b": TOO_LATE, "c": WAITS}
    assert "a@x" in reasons(found)["c"]
    assert {address.post for _, address in found.too_close} == {"b"}


def test_a_text_that_this_plan_frees_can_be_taken() -> None:
    there = [live("old", "2026-12-02 09:00"), live("edited", "2026-12-03 09:00", "Other.")]
    destroy = change("old", Action.DESTROY, before=there[0].entry)
    edit = change("edited", Action.UPDATE, "2026-12-03 09:00", "Third.", before=there[1].entry)
    found = foreseen(
        [destroy, edit, new("a", "2026-12-05 09:00"), new("b", "2026-12-06 09:00", "Other.")], there
    )
    assert reasons(found) == {}


def test_a_destroy_that_waits_with_its_group_frees_nothing() -> None:
    there = [live("old", "2026-12-02 09:00", "Other."), live("1", "2026-12-04 09:00")]
    group = {"group": "g"}
    destroy = change("old", Action.DESTROY, before=there[0].entry, **group)
    held = new("held", "2026-12-08 09:00", **group)
    needs = new("needs", "2026-12-09 09:00", "Other.")
    found = foreseen([destroy, held, needs], there)
    assert codes(found) == {"held": WAITS, "needs": WAITS}
    assert "old@x" in reasons(found)["needs"]


def test_an_update_waits_as_well_and_keeps_its_entry() -> None:
    there = [live("1", "2026-12-02 09:00"), live("b", "2026-12-20 09:00", "Old.")]
    edit = change("b", Action.UPDATE, "2026-12-20 09:00")
    found = foreseen([edit], there)
    assert reasons(found)["b"].endswith("same text; it stays as it is until then")
    assert found.changes[0].action is Action.NONE
    # Its own text does not stand in its way.
    own = change("1", Action.UPDATE, "2026-12-20 09:00", before=there[0].entry)
    assert reasons(foreseen([own], there)) == {}


def test_a_draft_takes_no_text_until_it_is_scheduled() -> None:
    there = [live("1", "2026-12-02 09:00")]
    draft = entry("2026-12-20 09:00", stage=Stage.DRAFT)
    assert reasons(foreseen([new("a", after=draft)], there)) == {}
    scheduled = change("a", Action.UPDATE, "2026-12-20 09:00", before=draft)
    fields = (FieldDiff("stage", "draft", "scheduled"),)
    assert codes(foreseen([replace(scheduled, fields=fields)], there)) == {"a": WAITS}


def test_a_picture_counts_where_the_rule_says_so() -> None:
    shown = (Image("https://acme.example/a.png"),)
    there = [
        live("1", "2026-12-02 09:00", entry=entry(text="One", images=shown), on="p-pin"),
    ]
    pin = new("a", on="p-pin", after=entry("2026-12-20 09:00", "Two", images=shown))
    assert codes(foreseen([pin], there)) == {"a": WAITS}
    there = [replace(there[0], profile_id="p-x")]
    tweet = new("a", after=entry("2026-12-20 09:00", "Two", images=shown))
    assert reasons(foreseen([tweet], there)) == {}
