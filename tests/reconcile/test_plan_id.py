"""The id of a plan: what changes it, and what must not; and the first line of a comment."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plancast.codec import plan_from_dict, plan_to_dict
from plancast.model.diagnostics import SourceRange, problem
from plancast.model.entry import Image, Link, QueuePosition
from plancast.model.plan import Action, Basis, Budget, Change, Plan, Situation
from plancast.reconcile.approvals import Marker, is_pending, plan_id
from plancast.testing.builders import change, entry, leaf, live, moment, plan, profile, unmanaged
from tests import strategies

SHA = "0123456789abcdef0123456789abcdef01234567"


def edited(**fields: object) -> Change:
    """An update of the text."""
    given_fields = {
        "before": entry("Before."),
        "after": entry("After."),
        "fields": [leaf("text", "Before.", "After.")],
        **fields,
    }
    return change(Action.UPDATE, **given_fields)  # type: ignore[arg-type]


BASE = plan(change(), edited(address="news/b@acme-fb"))

# -- each change by itself ----


# -- what a reviewer did not look at ----

SAME: dict[str, Plan] = {
    "made later": replace(BASE, generated_at=BASE.generated_at + timedelta(days=2)),
    "another state": replace(BASE, basis=Basis("sha256:other", "lineage-2", 99, "sha256:seen")),
    "another budget": replace(BASE, budget=Budget(9, 9)),
    "another order": replace(BASE, changes=BASE.changes[::-1]),
    "unmanaged": replace(BASE, unmanaged=(unmanaged(1),)),
    "history": replace(BASE, history=7),
    "a warning": replace(BASE, diagnostics=(problem("PC408", "close"),)),
    "offline": replace(BASE, offline_as_of=moment("2026-11-20 08:00")),
    "one that is unchanged": replace(
        BASE, changes=(*BASE.changes, change(Action.NONE, "z@acme-x"))
    ),
    "one that went out": replace(
        BASE, changes=(*BASE.changes, change(Action.NONE, situations=[Situation.PUBLISHED]))
    ),
    "moved lines": plan(
        change(source=SourceRange("launch/teaser.yaml", 9, 1)), edited(address="news/b@acme-fb")
    ),
    "words": plan(
        change(reason="no matter", campaign="launch", tags=["a"], zone="UTC"),
        edited(address="news/b@acme-fb"),
    ),
}


@pytest.mark.parametrize("name", SAME)
def test_what_only_another_run_tells_apart_is_the_same(name: str) -> None:
    assert plan_id(SAME[name]) == plan_id(BASE)


def test_targets_are_a_set() -> None:
    one, other = replace(BASE, targets=("a@*", "b@*")), replace(BASE, targets=("b@*", "a@*", "b@*"))
    assert plan_id(one) == plan_id(other) != plan_id(BASE)


def test_the_time_that_a_queue_gives_out_is_its_business() -> None:
    queued = entry("Queued.", at=None)
    one = plan(change(after=queued, due_at="2026-11-27 10:00"))
    other = plan(change(after=queued, due_at="2026-11-28 10:00"))
    timed = plan(change(after=replace(queued, due_at=moment("2026-11-28 10:00"))))
    assert plan_id(one) == plan_id(other) == plan_id(timed)


# -- what a reviewer approved ----

ENTRY = entry("After.")
ENTRIES = {
    "text": replace(ENTRY, text="After"),
    "time": replace(ENTRY, due_at=moment("2026-12-01 08:31")),
    "queue": replace(ENTRY, due_at=None, queue=QueuePosition.NEXT),
    "head of the queue": replace(ENTRY, due_at=None, queue=QueuePosition.TOP),
    "link": replace(ENTRY, link=Link("https://a.example")),
    "title": replace(ENTRY, link=Link("https://a.example", title="A")),
    "image": replace(ENTRY, images=(Image("https://a.example/1.png"),)),
    "alt": replace(ENTRY, images=(Image("https://a.example/1.png", alt="A box"),)),
    "shorten": replace(ENTRY, shorten=True),
    "card": replace(ENTRY, link_card=False),
}
DIFFERENT: dict[str, Plan] = {
    **{name: plan(change(after=content)) for name, content in ENTRIES.items()},
    "nothing": plan(),
    "address": plan(change(address="launch/other@acme-x", after=ENTRY)),
    "profile": plan(replace(change(after=ENTRY), profile=replace(profile("acme-x"), id="p-2"))),
    "adopt": plan(change(Action.ADOPT, after=ENTRY)),
    "destroy": plan(change(Action.DESTROY, before=ENTRY)),
    "destroy another": plan(change(Action.DESTROY, before=replace(ENTRY, text="Mine."))),
    "forget": plan(change(Action.FORGET)),
    "rename": plan(change(Action.RENAME, after=ENTRY, previous="a@acme-x")),
    "rename of another": plan(change(Action.RENAME, after=ENTRY, previous="b@acme-x")),
    "update": plan(edited()),
    "update of another text": plan(edited(fields=[leaf("text", "Theirs.", "After.")])),
    "drift": plan(edited(drift=[leaf("text", "Before.", "Theirs.")])),
    "moved in Buffer": plan(edited(drift=[leaf("due_at", "2026-12-01 08:30", "2026-12-05 08:30")])),
    "twice": plan(change(after=ENTRY), change(address="b@acme-x", after=ENTRY)),
    "target": replace(plan(change(after=ENTRY)), targets=("launch/*",)),
    "only creates": replace(plan(change(after=ENTRY)), only=(Action.CREATE,)),
    "other target": replace(plan(change(after=ENTRY)), targets=("launch/teaser@*",)),
    "as it was": plan(change(after=ENTRY)),
}


def test_whatever_a_reviewer_would_look_at_again_is_different() -> None:
    prints = {name: plan_id(item) for name, item in DIFFERENT.items()}
    assert len(set(prints.values())) == len(prints)


@given(strategies.plans(), st.randoms(use_true_random=False))
def test_the_order_of_changes_and_leaves_never_counts(made: Plan, random: Random) -> None:
    changes = [
        replace(item, fields=item.fields[::-1], drift=item.drift[::-1]) for item in made.changes
    ]
    random.shuffle(changes)
    assert plan_id(replace(made, changes=tuple(changes))) == plan_id(made)


@given(strategies.plans())
def test_a_saved_plan_has_the_fingerprint_of_the_one_that_was_saved(made: Plan) -> None:
    assert plan_id(plan_from_dict(plan_to_dict(made))) == plan_id(made)


@given(st.lists(strategies.changes(), min_size=1, max_size=5), st.data())
def test_any_entry_that_is_changed_changes_it(changes: list[Change], data: st.DataObject) -> None:
    asked = [item for item in changes if item.action is not Action.NONE and item.after]
    if not asked:
        return
    one = data.draw(st.sampled_from(asked))
    assert one.after is not None
    other = replace(one, after=replace(one.after, text=one.after.text + "!"))
    rest = [item for item in changes if item is not one]
    assert plan_id(plan(one, *rest)) != plan_id(plan(other, *rest))


@given(strategies.plans(), strategies.changes())
def test_one_change_more_is_another_plan(made: Plan, more: Change) -> None:
    larger = replace(made, changes=(*made.changes, more))
    same = more.action is Action.NONE and not is_pending(more)
    assert (plan_id(larger) == plan_id(made)) is same


# -- the marker ----


@pytest.mark.parametrize("key", [".", "marketing", "a/b-c_d.e~f", "caf%C3%A9", "-"])
@pytest.mark.parametrize("made", ["", "f" * 64])
@pytest.mark.parametrize("revision", ["", SHA, "0" * 64])
def test_a_marker_is_read_as_it_was_written(key: str, made: str, revision: str) -> None:
    marker = Marker(key, made, revision)
    assert "\n" not in str(marker)
    for body in (str(marker), f"{marker}\n\nText", f"{marker}\r\nText"):
        assert Marker.parse(body) == marker


@pytest.mark.parametrize(
    ("key", "made", "revision"),
    [
        ("", "", ""),
        ("a b", "", ""),
        ("a-->", "", ""),
        ("a--b", "", ""),
        ("a\n", "", ""),
        ("x" * 257, "", ""),
        (".", "F" * 64, ""),
        (".", "f" * 31, ""),
        (".", "", "main"),
        (".", "", "-->"),
    ],
)
def test_what_cannot_stand_in_a_marker_is_refused(key: str, made: str, revision: str) -> None:
    with pytest.raises(ValueError, match="marker"):
        Marker(key, made, revision)


LINE = str(Marker("a", "f" * 64, SHA))


@pytest.mark.parametrize(
    "body",
    [
        "",
        "Text",
        f" {LINE}",
        f"\n{LINE}",
        f"Text\n{LINE}",
        f"> {LINE}",
        f"{LINE} and more",
        LINE.replace("plancast", "Plancast"),
        LINE.replace(" plan=", "  plan="),
        LINE.replace("f" * 64, "f" * 65),
        LINE.replace("revision=", "revision=refs/"),
        LINE.replace(" -->", "-->"),
        LINE.replace("comment a", "comment a--b"),
    ],
)
def test_only_a_whole_first_line_is_a_marker(body: str) -> None:
    assert Marker.parse(body) is None


@given(strategies.texts)
def test_no_text_breaks_the_reading_of_a_marker(text: str) -> None:
    Marker.parse(text)
    assert Marker.parse(f"{LINE}\n{text}") == Marker("a", "f" * 64, SHA)


def test_a_live_entry_that_was_read_again_says_nothing_new() -> None:
    one = plan(edited(live=live(content=entry("Before."))))
    other = plan(edited(live=replace(live(content=entry("Before.")), fingerprint="other")))
    assert plan_id(one) == plan_id(other)
