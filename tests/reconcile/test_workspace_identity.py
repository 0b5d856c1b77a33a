"""The table of identity: what a run finds, and whether it may use it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plancast.model.codes import RAIL_CODES
from plancast.model.state import State
from plancast.model.workspace_identity import Identity
from plancast.reconcile.workspace_identity import Course, Kept, Sighting, identify
from plancast.store.workspace_owner import Owner

HERE = Identity("mine", "marketing", "buffer")
OWN, OLD, THIRD = "refs/plancast/state-m", "refs/plancast/state-s", "refs/plancast/state-t"
MINE = Kept(OWN, HERE)
WAS = Kept(OLD, replace(HERE, path="social"), is_gone=True, meets=True)
OTHER_QUEUE = replace(WAS, identity=Identity("mine", "social", "sandbox"))
LEGACY = Kept(OLD, is_gone=True, meets=True)
NAMELESS = Kept(OLD, Identity("", "social", "buffer"), is_gone=True, meets=True)
NEIGHBOUR = Kept(OLD, Identity("theirs", "social", "buffer"), meets=True)
NO_ID = Identity("", "marketing", "buffer")


def marker(place: str, to: str, path: str, **more: bool) -> Kept:
    """Build the marker that stands in a place that was left."""
    return Kept(place, replace(HERE, path=path), moved_to=to, is_empty=True, is_new=True, **more)


@dataclass(frozen=True)
class Row:
    seen: Sighting
    wanted: str
    place: str = ""
    words: tuple[str, ...] = ()
    without: str = ""


def own(
    kept: Kept,
    wanted: str,
    *words: str,
    place: str = "",
    here: Identity = HERE,
    named: bool = False,
    without: str = "",
) -> Row:
    return Row(Sighting(here, OWN, kept, is_named=named), wanted, place, words, without)


def absent(
    wanted: str,
    *words: str,
    others: tuple[Kept, ...] = (),
    here: Identity = HERE,
    place: str = "",
    original: str = "",
    alike: int = 0,
    allowed: bool = False,
) -> Row:
    seen = Sighting(here, OWN, None, False, others, original, alike, allowed)
    return Row(seen, wanted, place, words)


def moved(kept: Kept, *others: Kept, wanted: str, place: str = "", here: Identity = HERE) -> Row:
    return Row(Sighting(here, OWN, kept, others=others), wanted, place)


TABLE: dict[str, Row] = {
    # -- there is a state in the own place ----
    "id and path equal": own(MINE, "goes on"),
    "an environment that was not recorded": own(
        replace(MINE, identity=replace(HERE, environment="")), "goes on"
    ),
    "id equal, path differs, the old one is gone": own(replace(WAS, place=OWN), "goes on"),
    "id equal, path differs, the old one is there": own(
        replace(WAS, place=OWN, is_gone=False), "PC621", "social", "marketing", "workspace:"
    ),
    "id differs": own(replace(NEIGHBOUR, place=OWN), "PC622", "theirs", "mine", "state adopt"),
    "id differs, its folder is gone": own(
        replace(NEIGHBOUR, place=OWN, is_gone=True), "PC622", "state adopt"
    ),
    "id differs, the same folder": own(
        replace(MINE, identity=replace(HERE, id="theirs")), "PC622", "state adopt"
    ),
    "id differs, nothing was done with it": own(
        replace(NEIGHBOUR, place=OWN, is_new=True, is_empty=True), "goes on"
    ),
    "no id was recorded, path equal": own(replace(MINE, identity=NO_ID), "goes on"),
    "the file has no id, path equal": own(MINE, "goes on", here=NO_ID),
    "no id anywhere, path equal": own(replace(MINE, identity=NO_ID), "goes on", here=NO_ID),
    "no id was recorded, path gone": own(replace(NAMELESS, place=OWN), "goes on"),
    "no id was recorded, path there": own(
        replace(NAMELESS, place=OWN, is_gone=False), "PC622", "social", "ref"
    ),
    "the file has no id, path there": own(
        replace(WAS, place=OWN, is_gone=False), "PC622", here=NO_ID
    ),
    "another environment": own(
        replace(MINE, identity=replace(HERE, environment="sandbox")),
        "PC623",
        "sandbox",
        "buffer",
    ),
    "nothing recorded, a ref by the path": own(Kept(OWN), "goes on"),
    "nothing recorded, a named ref that meets": own(Kept(OWN, meets=True), "goes on", named=True),
    "nothing recorded, a named ref that owns nothing": own(
        Kept(OWN, is_empty=True), "goes on", named=True
    ),
    "nothing recorded, a named ref of others": own(Kept(OWN), "PC622", "state adopt", named=True),
    "id differs, and its workspace stands elsewhere": own(
        replace(MINE, identity=Identity("theirs", "marketing", "buffer"), stands=True),
        "PC622",
        "still there",
        "apply there first",
        without="state adopt",
    ),
    "id differs, and the own state is in another place": Row(
        Sighting(
            HERE, OWN, replace(NEIGHBOUR, place=OWN, stands=True), others=(replace(WAS, place=OLD),)
        ),
        "PC622",
        words=(f"ref: {OLD}",),
        without="state adopt",
    ),
    "id differs, and the own state there is that of a copy": Row(
        Sighting(HERE, OWN, replace(NEIGHBOUR, place=OWN), others=(replace(WAS, is_gone=False),)),
        "PC622",
        without=f"ref: {OLD}",
    ),
    # -- the state was moved away from the own place ----
    "moved away and back": moved(
        marker(OWN, OLD, "marketing"), WAS, wanted="uses the state of another place", place=OLD
    ),
    "moved away, twice, and back": moved(
        marker(OWN, THIRD, "marketing"),
        marker(THIRD, OLD, "team"),
        WAS,
        wanted="uses the state of another place",
        place=OLD,
    ),
    "moved away, and there now": moved(
        marker(OWN, OLD, "marketing"), replace(WAS, is_gone=False), wanted="PC624"
    ),
    "moved to what is not there": moved(marker(OWN, OLD, "marketing"), wanted="PC624"),
    "that of another workspace, moved to what is not there": Row(
        Sighting(HERE, OWN, replace(marker(OWN, OLD, "marketing"), identity=NEIGHBOUR.identity)),
        "PC624",
        without="state adopt",
    ),
    "that of another workspace, moved away, and the own one waits in a third place": moved(
        replace(marker(OWN, OLD, "marketing"), identity=replace(HERE, id="theirs")),
        replace(NEIGHBOUR, is_gone=False),
        replace(WAS, place=THIRD),
        wanted="uses the state of another place",
        place=THIRD,
    ),
    "moved in a circle": moved(
        marker(OWN, OLD, "marketing"), marker(OLD, OWN, "social"), wanted="PC624"
    ),
    "moved away, another workspace has the folder": moved(
        marker(OWN, OLD, "marketing"),
        replace(WAS, is_gone=False),
        wanted="begins a new state",
        here=replace(HERE, id="fresh"),
    ),
    "moved away, a workspace without an id has the folder": moved(
        marker(OWN, OLD, "marketing"), replace(WAS, is_gone=False), wanted="PC624", here=NO_ID
    ),
    "adopted by another workspace": moved(
        marker(OWN, OLD, "marketing"), replace(NEIGHBOUR, is_gone=True), wanted="PC624"
    ),
    "moved away and back, for another queue": moved(
        marker(OWN, OLD, "marketing"), OTHER_QUEUE, wanted="PC623"
    ),
    # -- there is none in the own place ----
    "nothing anywhere": absent("begins a new state"),
    "neighbours only": absent("begins a new state", others=(NEIGHBOUR,)),
    "the id elsewhere, its path gone": absent(
        "uses the state of another place", others=(WAS,), place=OLD
    ),
    "the id elsewhere, no address in common": absent(
        "uses the state of another place", others=(replace(WAS, meets=False),), place=OLD
    ),
    "the id elsewhere, for this folder": absent(
        "uses the state of another place", others=(replace(MINE, place=OLD),), place=OLD
    ),
    "the id elsewhere, its path there": absent(
        "PC621", "social", "workspace:", others=(replace(WAS, is_gone=False),)
    ),
    "the id elsewhere, twice": absent(
        "PC624", OLD, THIRD, "state adopt", others=(WAS, replace(WAS, place=THIRD))
    ),
    "the id elsewhere, its path gone, for another queue": absent(
        "PC623", OLD, "sandbox", "buffer", others=(OTHER_QUEUE,)
    ),
    "the id elsewhere, for another queue, a person says go on": absent(
        "begins a new state", others=(OTHER_QUEUE,), allowed=True
    ),
    "the id elsewhere, its path there, for another queue": absent(
        "begins a new state", others=(replace(OTHER_QUEUE, is_gone=False),)
    ),
    "the id elsewhere, for another queue, and a named ref for this one": Row(
        Sighting(HERE, OWN, None, is_named=True, others=(OTHER_QUEUE,)), "begins a new state"
    ),
    "no id, path gone, addresses meet, for another queue": absent(
        "PC623",
        others=(replace(NAMELESS, identity=Identity("", "social", "sandbox")),),
    ),
    "another id, path gone, addresses meet, for another queue": absent(
        "begins a new state",
        others=(replace(NEIGHBOUR, identity=Identity("x", "social", "sandbox"), is_gone=True),),
    ),
    "a move that was not finished, for another queue": absent(
        "PC623", others=(replace(OTHER_QUEUE, moved_to=OWN),)
    ),
    "the id elsewhere, nothing was done with it": absent(
        "begins a new state", others=(replace(WAS, is_new=True, is_empty=True),)
    ),
    "no id, path gone, addresses meet": absent(
        "uses the state of another place", others=(NAMELESS,), place=OLD
    ),
    "nothing recorded, path gone, addresses meet": absent(
        "uses the state of another place", others=(LEGACY,), place=OLD
    ),
    "nothing recorded, path gone, twice": absent(
        "PC624", OLD, THIRD, others=(LEGACY, replace(LEGACY, place=THIRD))
    ),
    "nothing recorded, path gone, none meets": absent(
        "begins a new state", others=(replace(LEGACY, meets=False),)
    ),
    "nothing recorded, path there": absent(
        "begins a new state", others=(replace(LEGACY, is_gone=False),)
    ),
    "another id, path gone, addresses meet": absent(
        "PC624", OLD, "theirs", "--allow-new-state", others=(replace(NEIGHBOUR, is_gone=True),)
    ),
    "another id, path gone, a person says go on": absent(
        "begins a new state", others=(replace(NEIGHBOUR, is_gone=True),), allowed=True
    ),
    "the own id counts more than addresses": absent(
        "uses the state of another place",
        others=(replace(WAS, meets=False), replace(LEGACY, place=THIRD)),
        place=OLD,
    ),
    "a move that was not finished": absent(
        "uses the state of another place", others=(replace(WAS, moved_to=OWN),), place=OLD
    ),
    "a move of before, the state is gone since": absent(
        "PC624", OLD, "--rebuild", others=(marker(OLD, OWN, "social"),)
    ),
    "moved on, to another place": absent(
        "begins a new state", others=(replace(WAS, moved_to=THIRD),)
    ),
    "live entries are what is asked for": absent(
        "PC625", "2 live entries", "--rebuild", "state adopt", "--allow-new-state", alike=2
    ),
    "live entries are, and another workspace owns one": Row(
        Sighting(HERE, OWN, None, alike=2, claimed=1),
        "PC625",
        words=("1 of them", "apply there first", "--allow-new-state"),
        without="state adopt",
    ),
    "live entries are, a person says go on": absent("begins a new state", alike=2, allowed=True),
    "another remote has it": absent(
        "PC626", "upstream", "--allow-new-state", original="the remote upstream"
    ),
    "another remote has it, a person says go on": absent(
        "begins a new state", original="the remote upstream", allowed=True
    ),
    "a copy, whatever a person says": absent(
        "PC621", others=(replace(WAS, is_gone=False),), allowed=True
    ),
    "begun and not used, the id elsewhere, its path gone": Row(
        Sighting(HERE, OWN, replace(MINE, is_new=True, is_empty=True), others=(WAS,)),
        "uses the state of another place",
        OLD,
    ),
    "begun and not used, another remote has it": Row(
        Sighting(HERE, OWN, replace(MINE, is_new=True, is_empty=True), original="upstream"),
        "PC626",
    ),
    "begun and not used, live entries are what is asked for": Row(
        Sighting(HERE, OWN, replace(MINE, is_new=True, is_empty=True), alike=1),
        "PC625",
        words=("1 live entry is",),
    ),
}


def result(seen: Sighting) -> str:
    found = identify(seen)
    if found.course is Course.REFUSED:
        assert found.refusal
        code: str = found.refusal.code
        return code
    assert found.refusal is None
    course: str = found.course.value
    return course


@pytest.mark.parametrize("name", TABLE)
def test_the_table(name: str) -> None:
    row = TABLE[name]
    found = identify(row.seen)
    assert result(row.seen) == row.wanted
    assert found.place == row.place
    if found.refusal:
        shown = f"{found.refusal.detail} {found.refusal.hint}"
        assert found.refusal.code in RAIL_CODES
        assert found.refusal.hint
        assert [word for word in row.words if word not in shown] == []
        assert not row.without or row.without not in shown


# -- laws ----

ids = st.sampled_from(["", "mine", "theirs"])
paths = st.sampled_from(["", "social", "marketing"])
places = st.sampled_from([OWN, OLD, THIRD])
identities = st.builds(Identity, ids, paths, st.sampled_from(["", "buffer", "sandbox"]))
kept = st.builds(
    Kept,
    places,
    st.none() | identities,
    st.booleans(),
    st.just(False),
    st.booleans(),
    st.booleans(),
    st.just("") | places,
)
sightings = st.builds(
    Sighting,
    identities,
    st.just(OWN),
    st.none() | kept.map(lambda one: replace(one, place=OWN)),
    st.booleans(),
    st.lists(kept.filter(lambda one: one.place != OWN), max_size=3, unique_by=lambda one: one.place)
    .map(tuple),
    st.sampled_from(["", "the remote upstream"]),
    st.integers(0, 2),
    st.booleans(),
)  # fmt: skip


@given(sightings)
def test_a_state_of_another_id_is_never_used(seen: Sighting) -> None:
    found = identify(seen)
    used = {one.place: one for one in seen.others}.get(found.place, seen.own)
    if found.course in (Course.GOES_ON, Course.MOVED) and used and used.identity:
        assert "" in (seen.here.id, used.identity.id) or seen.here.id == used.identity.id


@given(sightings)
def test_a_state_of_another_queue_is_never_used(seen: Sighting) -> None:
    found = identify(seen)
    used = {one.place: one for one in seen.others}.get(found.place, seen.own)
    if found.course in (Course.GOES_ON, Course.MOVED) and used and used.identity:
        is_begun = used is seen.own and used.is_new  # a run took the lease and got no further
        queues = {seen.here.environment, used.identity.environment} - {""}
        assert len(queues) <= 1 or is_begun


@given(sightings)
def test_a_state_whose_workspace_stays_where_it_is_is_never_used(seen: Sighting) -> None:
    found = identify(seen)
    used = {one.place: one for one in seen.others}.get(found.place, seen.own)
    if found.course in (Course.GOES_ON, Course.MOVED) and used and used.identity:
        unfinished = used.moved_to == OWN
        assert used.is_gone or used.identity.path == seen.here.path or unfinished


@given(sightings)
def test_nothing_new_begins_while_the_own_id_has_a_state(seen: Sighting) -> None:
    if identify(seen).course is Course.BEGINS and seen.here.id and not seen.is_allowed:
        for one in seen.others:
            same = one.identity is not None and one.identity.id == seen.here.id
            queues = {seen.here.environment, one.identity.environment if one.identity else ""}
            assert not same or one.moved_to or len(queues - {""}) > 1 or seen.own


@given(sightings)
def test_what_is_refused_is_said(seen: Sighting) -> None:
    found = identify(seen)
    assert (found.refusal is not None) is (found.course is Course.REFUSED)
    assert bool(found.place) is (found.course is Course.MOVED)


# -- which workspaces of a commit a state can be of ----

STANDS: dict[str, tuple[Identity, dict[str, str], bool]] = {
    "this one": (HERE, {"marketing": "mine", "social": "theirs"}, False),
    "this one, renamed": (replace(HERE, path="social"), {"marketing": "mine"}, False),
    "this one, renamed, and another one took its folder": (
        replace(HERE, path="social"), {"marketing": "mine", "social": "theirs"}, False,
    ),
    "this one, renamed, and what took its folder has no id": (
        replace(HERE, path="social"), {"marketing": "mine", "social": ""}, True,
    ),
    "the original of a copy": (
        replace(HERE, path="social"), {"marketing": "mine", "social": "mine"}, True,
    ),
    "a neighbour": (Identity("theirs", "social"), {"social": "theirs"}, True),
    "a neighbour, renamed": (Identity("theirs", "social"), {"team": "theirs"}, True),
    "a neighbour, in a folder that is now this one": (
        Identity("theirs", "marketing"), {"marketing": "mine", "team": "theirs"}, True,
    ),
    "a neighbour that is gone": (Identity("theirs", "social"), {"marketing": "mine"}, False),
    "a neighbour that is gone, and another one took its folder": (
        Identity("theirs", "social"), {"social": "fresh"}, False,
    ),
    "this one, with another id before": (Identity("theirs", "marketing"), {"marketing": "theirs"},
        False),
    "no id was recorded, path there": (Identity("", "social"), {"social": "theirs"}, True),
    "no id was recorded, path gone": (Identity("", "social"), {"team": "theirs"}, False),
    "no id was recorded, the own path": (Identity("", "marketing"), {"marketing": ""}, False),
}  # fmt: skip


@pytest.mark.parametrize("name", STANDS)
def test_whether_the_workspace_of_a_state_stands_elsewhere(name: str) -> None:
    recorded, folders, stands = STANDS[name]
    owner = Owner(HERE, folders=lambda: folders)
    assert owner.stands(recorded) is stands
    kept = owner.kept(OLD, replace(State("lineage"), workspace=recorded))
    assert kept.stands is stands
    assert kept.is_gone is (not stands and recorded.path != HERE.path)
