"""The table of `core.diff`, row by row: which change a pair needs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from plancast.model.entry import Address, Entry, Image, LiveEntry, LiveStatus, ThreadItem
from plancast.model.plan import Action, Change, ProfileRef, Situation
from plancast.model.state import Binding, BindingStatus
from plancast.model.workspace import Desired, OnDrift
from plancast.reconcile.diff import DiffContext, diff
from plancast.reconcile.match import How, Pair
from plancast.testing.builders import DUE, NOW, ZONE, entry, leaf, live, moment
from tests.reconcile.making import as_it_is, binding, desired

PAST, LATER = "2026-11-23 08:00", "2026-12-02 08:30"
IMAGE = Image("https://a.example/1.png", "One")
CONTEXT = DiffContext(
    NOW, as_it_is, {"p-acme-x": ProfileRef("acme-x", "p-acme-x", "twitter")}, "Buffer"
)
PUBLISHED = live(due_at=PAST, sent_at=PAST, status=LiveStatus.PUBLISHED)
FAILED = live(status=LiveStatus.FAILED, error="Status is a duplicate.")
WAS_DUE = binding(applied=entry(at=PAST))


def of(
    wanted: Desired | None,
    bound: Binding | None = None,
    found: LiveEntry | None = None,
    how: How = How.SAME,
    published: Binding | None = None,
) -> Change:
    place = wanted.address if wanted else bound.address if bound else Address("a", "acme-x")
    return diff(Pair(place, how, wanted, bound, found, published), CONTEXT)


def keep(content: Entry | None = None) -> Desired:
    return desired(content=content, on_drift=OnDrift.KEEP)


def fail(content: Entry | None = None) -> Desired:
    return desired(content=content, on_drift=OnDrift.FAIL)


EDIT, TOUCHED = entry("an edit"), live(content=entry("touched"))
S = Situation

# name -> (desired, bound, live, action, situations)
ROWS: dict[str, tuple[Any, Any, Any, Action, tuple[Situation, ...]]] = {
    # desired only
    "new": (desired(), None, None, Action.CREATE, ()),
    "new, for the queue": (desired(content=entry(at=None)), None, None, Action.CREATE, ()),
    "new, too late": (desired(content=entry(at=PAST)), None, None, Action.NONE, (S.MISSED,)),
    "new, due this moment": (desired(content=entry(at=NOW)), None, None, Action.NONE, (S.MISSED,)),
    # desired, live
    "it is there": (desired(), None, live(), Action.ADOPT, ()),
    "it went out": (desired(), None, PUBLISHED, Action.ADOPT, (S.PUBLISHED,)),
    # desired, bound, live
    "equal": (desired(), binding(), live(), Action.NONE, ()),
    "equal, for the queue": (
        desired(content=entry(at=None)),
        binding(applied=entry(at=None)),
        live(content=entry(at=None), due_at=LATER),
        Action.NONE,
        (),
    ),
    "edited": (desired(content=EDIT), binding(), live(), Action.UPDATE, ()),
    "moved": (desired(content=entry(at=LATER)), binding(), live(), Action.UPDATE, ()),
    "touched": (desired(), binding(), TOUCHED, Action.UPDATE, (S.DRIFTED,)),
    "edited and touched": (desired(content=EDIT), binding(), TOUCHED, Action.UPDATE, (S.DRIFTED,)),
    "moved by hand after its time": (
        desired(content=entry(at=PAST)),
        WAS_DUE,
        live(content=entry(at=LATER)),
        Action.NONE,
        (S.DRIFTED,),
    ),
    "moved by hand after its time, fail": (
        fail(entry(at=PAST)),
        WAS_DUE,
        live(content=entry(at=LATER)),
        Action.NONE,
        (S.DRIFTED, S.BLOCKED),
    ),
    "moved by hand after its time, and edited": (
        desired(content=entry("an edit", at=PAST)),
        WAS_DUE,
        live(content=entry(at=LATER)),
        Action.UPDATE,
        (S.DRIFTED,),
    ),
    "touched after its time": (
        desired(content=entry(at=PAST)),
        WAS_DUE,
        live(content=entry("touched", at=PAST)),
        Action.UPDATE,
        (S.DRIFTED,),
    ),
    "touched, keep": (keep(), binding(), TOUCHED, Action.NONE, (S.DRIFTED,)),
    "edited and touched, keep": (
        keep(EDIT),
        binding(),
        TOUCHED,
        Action.NONE,
        (S.DRIFTED, S.BLOCKED),
    ),
    "touched, fail": (fail(), binding(), TOUCHED, Action.NONE, (S.DRIFTED, S.BLOCKED)),
    "the edit of both is the same": (
        desired(content=EDIT),
        binding(),
        live(content=EDIT),
        Action.ADOPT,
        (),
    ),
    "the edit of both is the same, fail": (
        fail(EDIT),
        binding(),
        live(content=EDIT),
        Action.ADOPT,
        (),
    ),
    "refused": (desired(), binding(), FAILED, Action.NONE, (S.FAILED,)),
    "refused, then edited": (desired(content=EDIT), binding(), FAILED, Action.UPDATE, (S.FAILED,)),
    "reserved": (
        desired(),
        binding(applied=entry(at="2032-01-01 00:00"), inert=True),
        live(content=entry(at="2032-01-01 00:00"), due_at="2032-01-01 00:00"),
        Action.UPDATE,
        (),
    ),
    "reserved too long": (
        desired(content=entry(at=PAST)),
        binding(applied=entry(at="2032-01-01 00:00"), inert=True),
        live(content=entry(at="2032-01-01 00:00"), due_at="2032-01-01 00:00"),
        Action.DESTROY,
        (S.MISSED,),
    ),
    # desired, bound: published
    "published": (desired(), binding(), PUBLISHED, Action.NONE, (S.PUBLISHED,)),
    "published long ago": (
        desired(),
        binding(status=BindingStatus.PUBLISHED),
        None,
        Action.NONE,
        (S.PUBLISHED,),
    ),
    "published, then edited": (
        desired(content=EDIT),
        binding(status=BindingStatus.PUBLISHED),
        None,
        Action.NONE,
        (S.PUBLISHED,),
    ),
    "published, then moved to the future": (
        desired(content=entry(at=LATER)),
        binding(applied=entry(at=PAST), status=BindingStatus.PUBLISHED),
        None,
        Action.NONE,
        (S.PUBLISHED,),
    ),
    # desired, bound: gone
    "gone": (desired(), binding(), None, Action.CREATE, (S.DRIFTED,)),
    "gone, keep": (keep(), binding(), None, Action.NONE, (S.DRIFTED,)),
    "gone, fail": (fail(), binding(), None, Action.NONE, (S.DRIFTED, S.BLOCKED)),
    "gone, and its time has passed": (
        desired(content=entry(at=PAST)),
        binding(applied=entry(at=PAST)),
        None,
        Action.NONE,
        (S.MISSED,),
    ),
    "gone from the queue after its time": (
        desired(content=entry(at=None)),
        binding(applied=entry(at=None), due_at=moment(PAST)),
        None,
        Action.NONE,
        (S.MISSED,),
    ),
    "gone from the queue before its time": (
        desired(content=entry(at=None)),
        binding(applied=entry(at=None), due_at=moment(DUE)),
        None,
        Action.CREATE,
        (S.DRIFTED,),
    ),
    # bound, live
    "not wanted": (None, binding(), live(), Action.DESTROY, ()),
    "not wanted, touched": (None, binding(), TOUCHED, Action.DESTROY, ()),
    "not wanted, refused": (None, binding(), FAILED, Action.DESTROY, ()),
    "not wanted, went out": (None, WAS_DUE, PUBLISHED, Action.FORGET, ()),
    "not wanted, went out before its time": (None, binding(), PUBLISHED, Action.NONE, ()),
    "not wanted, went out, from the queue": (
        None,
        binding(applied=entry(at=None)),
        PUBLISHED,
        Action.FORGET,
        (),
    ),
    # bound only
    "not wanted, gone": (None, binding(), None, Action.FORGET, ()),
    "not wanted, published long ago": (
        None,
        replace(WAS_DUE, status=BindingStatus.PUBLISHED),
        None,
        Action.FORGET,
        (),
    ),
}


@pytest.mark.parametrize("row", ROWS)
def test_a_pair_needs_this_change(row: str) -> None:
    wanted, bound, found, action, situations = ROWS[row]
    change = of(wanted, bound, found, How.SAME if bound else How.NEW)
    assert (change.action, change.situations) == (action, situations)
    assert change.after == (wanted.entry if wanted and action is not Action.DESTROY else None)
    if action.sends and action is not Action.CREATE:
        assert change.remote_id == bound.remote_id
        assert change.before == found.entry


RENAMES: dict[str, tuple[Any, Any, Any, Action]] = {
    "waiting": (desired("new@acme-x"), binding(), live(), Action.RENAME),
    "touched": (desired("new@acme-x"), binding(), TOUCHED, Action.UPDATE),
    "published": (desired("new@acme-x"), binding(), PUBLISHED, Action.RENAME),
    "published long ago": (
        desired("new@acme-x"),
        binding(status=BindingStatus.PUBLISHED),
        None,
        Action.RENAME,
    ),
    "gone, keep": (
        desired("new@acme-x", on_drift=OnDrift.KEEP),
        binding(),
        None,
        Action.RENAME,
    ),
    "edited": (desired("new@acme-x", EDIT), binding(), live(), Action.UPDATE),
    "edited, touched, keep": (
        desired("new@acme-x", EDIT, on_drift=OnDrift.KEEP),
        binding(),
        TOUCHED,
        Action.RENAME,
    ),
    "the edit of both is the same": (
        desired("new@acme-x", EDIT),
        binding(),
        live(content=EDIT),
        Action.ADOPT,
    ),
    "refused": (desired("new@acme-x"), binding(), FAILED, Action.RENAME),
    "published, then edited": (desired("new@acme-x", EDIT), binding(), PUBLISHED, Action.RENAME),
}


@pytest.mark.parametrize("row", RENAMES)
def test_a_rename_keeps_its_entry(row: str) -> None:
    wanted, bound, found, action = RENAMES[row]
    change = of(wanted, bound, found, How.EQUAL)
    assert change.action is action
    assert change.previous_address == bound.address
    assert (change.address, change.remote_id) == (wanted.address, bound.remote_id)


# -- what a change shows ---------------------------------------------------------------------


def test_a_change_carries_what_people_need_to_read_it() -> None:
    change = of(desired(protect=True))
    assert change.profile == ProfileRef("acme-x", "p-acme-x", "twitter")
    assert (change.zone, change.protect, change.due_at) == (ZONE, True, moment(DUE))


def test_an_update_names_what_is_wrong_in_the_queue_and_what_a_person_did() -> None:
    change = of(desired(content=EDIT), binding(), TOUCHED)
    assert change.fields == (leaf("text", "touched", "an edit"),)
    assert change.drift == (leaf("text", entry().text, "touched"),)
    assert of(desired(content=EDIT), binding(), live()).drift == ()


@pytest.mark.parametrize(
    ("before", "after", "path"),
    [
        pytest.param(entry(), entry(shorten=True), "shorten", id="shorten"),
        pytest.param(entry(), entry(link_card=False), "link_card", id="link_card"),
        pytest.param(
            entry(images=[replace(IMAGE, alt="Old")]),
            entry(images=[IMAGE]),
            "images[0].alt",
            id="alt",
        ),
        pytest.param(
            entry("see https://a.example", shorten=True),
            entry("see https://b.example", shorten=True),
            "text",
            id="a link that reads back as another",
        ),
    ],
)
def test_an_edit_that_buffer_does_not_show_is_sent_all_the_same(
    before: Entry, after: Entry, path: str
) -> None:
    images = tuple(replace(image, alt=None) for image in after.images)
    seen = live(content=replace(after, images=images, shorten=False, link_card=True))
    change = of(desired(content=after), binding(applied=before), seen)
    assert change.action is Action.UPDATE
    assert [item.path for item in change.fields] == [path]


def test_an_alternative_text_that_buffer_tells_and_that_is_right_needs_no_request() -> None:
    before = entry(images=[replace(IMAGE, alt="Old")])
    change = of(
        desired(content=entry(images=[IMAGE])),
        binding(applied=before),
        live(content=entry(images=[IMAGE])),
    )
    assert change.action is Action.ADOPT


def test_from_a_time_to_the_queue_is_an_update_while_buffer_keeps_the_time() -> None:
    asked = entry(at=None)
    change = of(desired(content=asked), binding(), live())
    assert change.action is Action.UPDATE
    assert change.fields == (leaf("due_at", DUE, None),)
    by_the_queue = live(content=Entry(asked.text))
    assert of(desired(content=asked), binding(), by_the_queue).action is Action.ADOPT


def test_an_edit_of_a_published_post_is_named_and_not_sent() -> None:
    change = of(desired(content=EDIT), binding(), PUBLISHED)
    assert change.fields == (leaf("text", entry().text, "an edit"),)
    assert change.reason == "it was published; the edit of its file has no effect"
    assert change.due_at == moment(PAST)


def test_that_it_went_out_is_news_once() -> None:
    assert of(desired(), binding(), PUBLISHED).reason == "it went out"
    assert of(desired(), binding(status=BindingStatus.PUBLISHED), PUBLISHED).reason == ""


def test_what_was_removed_in_buffer_is_drift_of_every_leaf() -> None:
    change = of(keep(), binding(), None)
    assert change.drift == (leaf("text", entry().text, None), leaf("due_at", DUE, None))
    assert change.remote_id == "remote-1"


def test_a_second_create_is_no_longer_about_the_old_id() -> None:
    change = of(desired(), binding(), None)
    assert (change.action, change.remote_id, change.before) == (Action.CREATE, "", None)


REASONS: dict[str, tuple[Change, str]] = {
    "no file": (of(None, binding(), live()), "no file asks for it"),
    "published": (of(None, WAS_DUE, PUBLISHED), "it was published"),
    "published early": (
        of(None, binding(), PUBLISHED),
        "it went out before its time, and is known until then",
    ),
    "gone": (of(None, binding(), None), "it is gone from the queue"),
    "refused": (
        of(desired(), binding(), FAILED),
        "the profile has the same text already, or had it a short time ago (Status is a "
        "duplicate.); mend its file if need be, and give it another time",
    ),
    "touched": (of(desired(), binding(), TOUCHED), "it was changed in Buffer"),
    "held back": (
        of(keep(EDIT), binding(), TOUCHED),
        "it was changed in Buffer; on_drift says keep, so the edit of its file is held back",
    ),
    "removed": (of(desired(), binding(), None), "it was removed in Buffer"),
    "removed, kept": (of(keep(), binding(), None), "it was removed in Buffer; on_drift says keep"),
    "late": (
        of(desired(content=entry(at=PAST))),
        "its time passed before it ever existed; it is never sent late",
    ),
    "plain": (of(desired(), binding(), live()), ""),
}


@pytest.mark.parametrize("case", REASONS)
def test_a_reason_is_given_where_one_is_needed(case: str) -> None:
    change, reason = REASONS[case]
    assert change.reason == reason


# -- what may have gone out already ------------------------------------------------------------

OVER = binding("old@acme-x", status=BindingStatus.PUBLISHED)


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        (How.OCCUPIED, "it was published already, and its file was changed since"),
        (How.REPEATED, "nearly the same text was published as old@acme-x"),
    ],
)
def test_what_may_have_gone_out_is_shown_beside_it_and_nothing_is_done(
    how: How, reason: str
) -> None:
    change = of(desired(content=EDIT), how=how, published=OVER)
    assert (change.action, change.situations, change.reason) == (Action.NONE, (S.BLOCKED,), reason)
    assert change.before == OVER.observed
    assert [leaf.path for leaf in change.fields] == ["text"]


@pytest.mark.parametrize("at", [DUE, PAST])
def test_an_unanswered_create_stays_a_create_for_the_planner_to_hold(at: str) -> None:
    change = of(desired(content=entry(at=at)), how=How.CLAIMED)
    assert (change.action, change.situations) == (Action.CREATE, ())


def test_what_was_reserved_for_too_long_goes_under_whatever_name() -> None:
    inert = binding(applied=entry(at="2032-01-01 00:00"), inert=True)
    there = live(content=entry(at="2032-01-01 00:00"), due_at="2032-01-01 00:00")
    change = of(desired("new@acme-x", entry(at=PAST)), inert, there, How.EQUAL)
    assert (change.action, change.remote_id) == (Action.DESTROY, "remote-1")


def test_a_pair_of_nothing_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="desired or a bound side"):
        of(None)


# -- images with alternative texts ----

ONE, TWO, NEW = (Image(f"https://a.example/{n}.png", f"Image {n}") for n in (1, 2, 3))
SILENT, BARE = replace(ONE, alt=None), replace(NEW, alt=None)
A = Action

# name -> (applied, asked, live, action, paths of the fields); `reported`: live alts are shown
IMAGES: dict[str, tuple[list[Image], list[Image], list[Image], Action, list[str]]] = {
    "removed on both sides": ([ONE], [], [], A.ADOPT, []),
    "one of two removed on both sides": ([ONE, TWO], [TWO], [TWO], A.ADOPT, []),
    "the last removed on both sides": ([ONE, TWO], [ONE], [ONE], A.ADOPT, []),
    "replaced on both sides": ([ONE], [BARE], [BARE], A.ADOPT, []),
    "put in another order on both sides": ([ONE, TWO], [TWO, ONE], [TWO, ONE], A.ADOPT, []),
    "added on both sides": ([ONE], [ONE, BARE], [ONE, BARE], A.ADOPT, []),
    "removed in the file": ([ONE], [], [ONE], A.UPDATE, ["images[0].url"]),
    "removed in Buffer": ([ONE], [ONE], [], A.UPDATE, ["images[0].alt", "images[0].url"]),
    "its words taken out of the file": ([ONE], [SILENT], [ONE], A.UPDATE, ["images[0].alt"]),
    "its words written anew in the file": (
        [SILENT], [ONE], [SILENT], A.UPDATE, ["images[0].alt"],
    ),
    "new on both sides, with words in the file": (
        [], [NEW], [BARE], A.UPDATE, ["images[0].alt"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", IMAGES)
@pytest.mark.parametrize("is_reported", [True, False])
@pytest.mark.parametrize("in_thread", [False, True])
def test_images_with_alternative_texts(case: str, is_reported: bool, in_thread: bool) -> None:
    applied, asked, seen, action, paths = IMAGES[case]
    if not is_reported:
        seen = [replace(image, alt=None) for image in seen]

    def holding(images: list[Image]) -> Entry:
        if in_thread:
            return entry(thread=[ThreadItem("Part two.", tuple(images))])
        return entry(images=images)

    bound = binding(applied=holding(applied))
    made = of(desired(content=holding(asked)), bound, live(content=holding(seen)))
    before = "thread[0]." if in_thread else ""
    found = [item.path for item in made.fields if not item.path.endswith(".text")]
    assert made.action is action
    assert found == [f"{before}{path}" for path in paths]
