"""`migrate`: the ids change, the queue does not, and what is not certain is for a person to say."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from plancast.model.exit_codes import ExitCode
from plancast.sandbox.faults import Fault, FaultKind
from tests.commands.crossing import (
    BREAD,
    CURRENT,
    DOORS,
    LAUNCH,
    SLOT,
    held,
    made,
    migrate,
    moved,
    of,
    received,
)
from tests.commands.desk import LINKEDIN, NOW, SANDBOX, Desk, X, post, workspace


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return made(tmp_path)


# -- what nobody touched --------------------------------------------------------------------------


@pytest.mark.parametrize("ids", ["same", "other"])
def test_what_is_owned_is_owned_still_and_there_is_nothing_to_do(tmp_path: Path, ids: str) -> None:
    desk = made(tmp_path, ids)
    live, lineage = tuple(desk.live()), json.loads(desk.state_file.read_bytes())["lineage"]
    result = moved(desk)
    assert result.code == ExitCode.DONE, result.err
    assert "The next plan is empty." in result.out
    assert desk.summary() == {"unchanged": 5}
    assert desk.apply().code == 0
    assert tuple(desk.live()) == live
    assert received(desk) == {"query"}, "no mutation was sent"
    state = json.loads(desk.state_file.read_bytes())
    assert (state["lineage"], state["provider"]) == (lineage, "buffer-graphql")
    assert desk.summary("--offline") == {"unchanged": 5}


@pytest.mark.parametrize("switch", ["", "rehost_images", "strip_card_url", "graphql_shortens"])
@pytest.mark.parametrize("ids", ["same", "other"])
def test_links_and_images_are_what_they_were(tmp_path: Path, ids: str, switch: str) -> None:
    """The two sides do not show them alike, and that is nobody's change."""
    desk = Desk.with_examples(tmp_path)
    with desk.person() as world:
        world.set_setting("graphql_ids", ids)
        if switch:
            world.set_setting(switch, True)
    assert desk.apply().code == 0
    with desk.person() as world:
        world.set_clock("2026-12-05T08:00:00Z")
    result = moved(desk)
    assert (result.code, "The next plan is empty." in result.out) == (0, True), result.out
    assert set(desk.summary()) == {"unchanged", "published"}


def test_there_is_a_way_back(desk: Desk) -> None:
    file = (desk.folder / "plancast.yaml").read_bytes()
    desk.write(".plancast/before.json", desk.run("state", "pull").out)
    assert moved(desk).code == 0
    assert desk.run("state", "push", ".plancast/before.json", stdin="yes\n").code == 0
    (desk.folder / "plancast.yaml").write_bytes(file)
    assert desk.summary() == {"unchanged": 5}, "on API v1"


def test_after_the_way_back_what_was_created_meanwhile_is_adopted(desk: Desk) -> None:
    file = (desk.folder / "plancast.yaml").read_bytes()
    desk.write(".plancast/before.json", desk.run("state", "pull").out)
    assert moved(desk).code == 0
    desk.write("new.yaml", post("Created over there.", "2026-12-07 09:30"))
    assert desk.apply().code == 0
    assert desk.run("state", "push", ".plancast/before.json", stdin="yes\n").code == 0
    assert desk.run("plan").codes == ["PC615"], "the file is still the new one"
    (desk.folder / "plancast.yaml").write_bytes(file)
    assert desk.summary() == {"adopt": 1, "unchanged": 5}
    assert desk.apply().code == 0
    assert desk.texts().count("Created over there.") == 1


def test_the_id_of_the_workspace_stays(desk: Desk) -> None:
    desk.edit("plancast.yaml", "version: 1\n", "version: 1\nworkspace: k3xq7mzp2a  # ours\n")
    assert desk.apply().code == 0
    assert moved(desk).code == ExitCode.DONE
    assert "workspace: k3xq7mzp2a  # ours\n" in (desk.folder / "plancast.yaml").read_text("utf-8")
    assert desk.summary() == {"unchanged": 5}


def test_a_second_run_has_nothing_to_do(desk: Desk) -> None:
    assert moved(desk).code == 0
    before, state = desk.files(), desk.state_file.read_bytes()
    again = moved(desk)
    assert (again.code, "Nothing to migrate" in again.out) == (0, True)
    assert (desk.files(), desk.state_file.read_bytes()) == (before, state)


def test_a_workspace_that_owns_nothing_yet_only_changes_its_file(tmp_path: Path) -> None:
    desk = Desk.tiny(tmp_path)
    assert moved(desk).code == 0
    assert (desk.folder / "plancast.yaml").read_text() == workspace(
        provider=SANDBOX.replace("}", ", api: graphql}")
    )
    desk.write("a.yaml", post())
    assert desk.summary() == {"create": 1}


def test_what_went_out_stays_published_whether_it_can_be_found_or_not(desk: Desk) -> None:
    with desk.person() as world:
        world.set_clock("2026-12-02T09:00:00Z")  # three went out, and nobody looked since
        world.person_create(X, DOORS, at="2026-12-20T09:00:00Z")  # as one of them says
    assert moved(desk).code == 0
    summary = {"unchanged": 1, "published": 4, "unmanaged": 1}
    assert desk.summary() == summary, "the queue sent what it held as well"
    document = json.loads(desk.state_file.read_bytes())
    for binding in document["resources"].values():
        if binding["status"] == "published":
            binding["remote_id"] = "f" * 24
    desk.state_file.write_text(json.dumps(document | {"provider": "buffer-v1"}), encoding="utf-8")
    with desk.person() as world:
        world.set_clock("2027-02-20T09:00:00Z")  # longer ago than lists are asked for
        world.set_clock("2026-12-02T09:00:00Z")
    assert moved(desk).code == 0
    assert desk.summary() == summary


def test_tags_that_v1_never_held_need_no_request_for_each_post(tmp_path: Path) -> None:
    desk = made(tmp_path, a=post(DOORS, more="tags: [teaser]\ncampaign: launch\n"))
    result = moved(desk)
    assert (result.code, "the tags that the files name: 1 entry." in result.out) == (0, True)
    assert desk.summary() == {"unchanged": 1}
    desk.edit("a.yaml", "tomorrow", "on Monday")
    assert desk.apply().code == 0
    assert [len(it.tags) for it in desk.live()] == [2]


# -- asking ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", ["", "no\n", "y\n"])
def test_it_asks_and_only_yes_will_do(desk: Desk, answer: str) -> None:
    before = held(desk)
    result = migrate(desk, stdin=answer)
    assert (result.code, "Nothing was written" in result.err) == (ExitCode.ERROR, True)
    assert held(desk) == before
    assert desk.summary() == {"unchanged": 5}, "on API v1"


def test_a_yes_is_enough(desk: Desk) -> None:
    assert migrate(desk, stdin="yes\n").code == 0
    assert desk.summary() == {"unchanged": 5}


# -- entries --------------------------------------------------------------------------------------


def test_what_a_person_changed_is_found_and_shown_as_that(desk: Desk) -> None:
    with desk.person() as world:
        edited = DOORS.replace("tomorrow", "on Monday")
        world.person_edit(of(desk, DOORS).id, text=edited, at="2026-12-01T08:30:00Z")
        world.person_edit(of(desk, BREAD).id, at="2026-12-04T13:00:00Z")
        world.person_create(X, "By hand, and unlike all others.", at="2026-12-03T08:30:00Z")
    result = moved(desk)
    assert result.code == ExitCode.ERROR
    assert "The next plan is not empty" in result.out
    summary = {"update": 2, "unchanged": 3, "drifted": 2, "unmanaged": 1}
    assert desk.summary() == summary
    assert received(desk) == {"query"}


@pytest.fixture
def twins(desk: Desk) -> Desk:
    """A person wrote one of ours once more, at its time; another one was removed."""
    with desk.person() as world:
        world.set_setting("duplicates", False)
        world.person_create(X, BREAD, at="2026-12-04T08:30:00Z")
        world.person_delete(of(desk, LAUNCH).id)
    return desk


def test_what_is_not_certain_is_listed_and_nothing_is_written(twins: Desk) -> None:
    before = held(twins)
    result = moved(twins)
    assert (result.code, result.codes) == (ExitCode.ERROR, ["PC616"])
    assert "bread@x: 2 live entries are just like it" in result.out
    assert "launch@x: nothing is like it" in result.out
    assert held(twins) == before
    assert received(twins) == {"query"}


def test_a_person_says_which_and_lets_go_of_the_rest(twins: Desk) -> None:
    lines = moved(twins).out.splitlines()
    rows = [line.split() for line in lines if "Fresh bread" in line]
    assert len(rows) == 2
    result = moved(twins, "--match", f"bread@x={rows[0][0]}", "--forget", "launch@*")
    assert result.code == ExitCode.ERROR, "there is something to do"
    assert twins.summary() == {"create": 1, "unchanged": 4, "unmanaged": 1}
    assert twins.apply().code == 0
    assert twins.texts().count(BREAD) == 2
    assert twins.texts().count(LAUNCH) == 1


def test_with_ids_that_stay_a_twin_is_no_question(tmp_path: Path) -> None:
    desk = made(tmp_path, "same")
    with desk.person() as world:
        world.set_setting("duplicates", False)
        world.person_create(X, BREAD, at="2026-12-04T08:30:00Z")
    assert moved(desk).code == 0
    assert desk.summary() == {"unchanged": 5, "unmanaged": 1}


def test_what_the_files_may_not_ask_for_there_is_told(tmp_path: Path) -> None:
    """A pin needs a board, of which API v1 knows nothing."""
    seed = {
        "clock": "2026-11-30T08:00:00Z",
        "rate_limit": {"requests": 0},
        "profiles": [{"id": X, "service": "pinterest", "service_username": "acme"}],
    }
    desk = Desk(tmp_path)
    desk.write("seed.json", json.dumps(seed))
    text = workspace(provider="{name: sandbox, seed: seed.json}").replace("twitter", "pinterest")
    desk.write("plancast.yaml", text.replace("  li: {service: linkedin}\n", ""))
    desk.write("a.yaml", post(more="images: [https://acme.example/a.png]\n"))
    assert desk.apply().code == 0
    result = moved(desk)
    assert (result.code, result.errors) == (ExitCode.ERROR, ["PC510"])
    assert desk.run("plan").errors == ["PC510"], "it was migrated all the same"


@pytest.mark.parametrize("ids", ["same", "other"])
@pytest.mark.parametrize("name", ["doors", "slot"])
def test_what_went_out_is_not_what_a_person_says_again(tmp_path: Path, ids: str, name: str) -> None:
    """Ours is not in the queue any more, and there stands the same text, at another time."""
    desk = made(tmp_path, ids)
    text, profile = (DOORS, X) if name == "doors" else (SLOT, LINKEDIN)
    with desk.person() as world:
        world.set_setting("duplicates", False)
        gone = datetime.fromtimestamp(of(desk, text, profile).due_at, UTC) + timedelta(minutes=5)
        world.set_clock(gone.isoformat())
        at = (gone + timedelta(hours=5)).isoformat()
        theirs = world.person_create(profile, text, at=at).id
    assert moved(desk).code == 0
    assert desk.summary()["unmanaged"] == 1
    (desk.folder / f"{name}.yaml").unlink()
    assert desk.apply().code == 0
    assert theirs in {it.id for it in desk.live()}, "it is not ours to destroy"


@pytest.mark.parametrize("ids", ["same", "other"])
def test_what_a_person_wrote_in_the_place_of_ours_is_theirs(tmp_path: Path, ids: str) -> None:
    desk = made(tmp_path, ids)
    with desk.person() as world:
        world.person_delete(of(desk, BREAD).id)
        world.set_clock("2026-11-30T09:00:00Z")
        world.person_create(X, BREAD, at="2026-12-04T10:30:00Z")
    before = held(desk)
    assert moved(desk).codes == ["PC616"]
    assert held(desk) == before


# -- what may be ours, and what was written in part -----------------------------------------------


def test_what_is_not_settled_is_settled_on_the_old_side(tmp_path: Path) -> None:
    desk = Desk.tiny(tmp_path, a=post("Lost on the way."))
    with desk.person() as world:
        world.arm(Fault(FaultKind.LOST_ANSWER, "POST /updates/create.json"))
    assert desk.apply("--no-wait").code == ExitCode.UNKNOWN
    refused = moved(desk)
    assert (refused.code, refused.codes) == (ExitCode.UNKNOWN, ["PC904"])
    assert desk.apply().code == 0
    assert moved(desk).code == 0
    assert desk.summary() == {"unchanged": 1}


def test_what_is_not_settled_keeps_its_way_back_where_the_file_went_ahead(tmp_path: Path) -> None:
    desk = Desk.tiny(tmp_path, a=post("Lost on the way."))
    with desk.person() as world:
        world.arm(Fault(FaultKind.LOST_ANSWER, "POST /updates/create.json"))
    assert desk.apply("--no-wait").code == ExitCode.UNKNOWN
    desk.edit("plancast.yaml", SANDBOX, CURRENT)
    assert desk.apply().codes == ["PC615"], "an apply cannot settle it"
    refused = moved(desk)
    assert (refused.code, refused.codes) == (ExitCode.UNKNOWN, ["PC904"])
    assert "Name API v1 in plancast.yaml once more" in refused.err
    desk.edit("plancast.yaml", CURRENT, SANDBOX)
    assert desk.apply().code == 0
    assert moved(desk).code == 0
    assert (desk.summary(), desk.texts()) == ({"unchanged": 1}, ["Lost on the way."])


def test_what_is_not_settled_on_the_new_side_does_not_keep_the_file_back(desk: Desk) -> None:
    file = (desk.folder / "plancast.yaml").read_bytes()
    assert moved(desk).code == 0
    desk.write("new.yaml", post("Lost on the way.", "2026-12-07 09:30"))
    with desk.person() as world:
        world.arm(Fault(FaultKind.LOST_ANSWER, "mutation createPost"))
    assert desk.apply("--no-wait").code == ExitCode.UNKNOWN
    (desk.folder / "plancast.yaml").write_bytes(file)
    assert moved(desk).code in (ExitCode.DONE, ExitCode.ERROR)
    assert desk.apply().code == 0
    assert desk.summary() == {"unchanged": 6}
    assert desk.texts().count("Lost on the way.") == 1


REFUSED = {
    "plan": ("plan",),
    "a plan without a look": ("plan", "--offline"),
    "apply": ("apply", "--auto-approve"),
    "pull": ("pull", "--auto-approve"),
    "import": ("import", "--auto-approve"),
    "import --rebuild": ("import", "--rebuild", "--auto-approve"),
    "status": ("status",),
    "share": ("share", "doors@x", "--auto-approve"),
}


def interrupted(folder: Path, written: str) -> Desk:
    """A run was killed when one of the two was written."""
    desk = made(folder)
    file, state = (desk.folder / "plancast.yaml").read_bytes(), desk.state_file.read_bytes()
    assert moved(desk).code == 0
    if written == "the state":
        (desk.folder / "plancast.yaml").write_bytes(file)
    else:
        desk.state_file.write_bytes(state)
    return desk


@pytest.mark.parametrize("written", ["the state", "the file"])
@pytest.mark.parametrize("command", REFUSED)
def test_a_state_of_another_api_is_refused(tmp_path: Path, written: str, command: str) -> None:
    desk = interrupted(tmp_path, written)
    live, state = tuple(desk.live()), held(desk)
    refused = desk.run(*REFUSED[command])
    assert (refused.code, refused.codes) == (ExitCode.REFUSED, ["PC615"])
    assert (tuple(desk.live()), held(desk)) == (live, state)


@pytest.mark.parametrize("written", ["the state", "the file"])
def test_a_run_that_was_killed_in_between_is_finished_by_the_next(
    tmp_path: Path, written: str
) -> None:
    desk = interrupted(tmp_path, written)
    assert "PC615" in desk.run("doctor").out
    assert moved(desk).code == 0
    assert desk.summary() == {"unchanged": 5}
    assert "Nothing to migrate" in moved(desk).out
    assert "PC615" not in desk.run("doctor").out


def test_a_run_that_was_killed_is_finished_though_the_selectors_name_what_is_no_more(
    tmp_path: Path,
) -> None:
    """Two of one network, of which the file knows nothing but the ids of API v1."""
    profiles = [
        {"id": X, "service": "twitter", "service_username": "one"},
        {"id": LINKEDIN, "service": "twitter", "service_username": "two"},
    ]
    desk = Desk(tmp_path)
    seed = {"clock": NOW, "rate_limit": {"requests": 0}, "profiles": profiles}
    desk.write("seed.json", json.dumps(seed | {"switches": {"graphql_ids": "other"}}))
    text = workspace(provider="{name: sandbox, seed: seed.json}")
    text = text.replace("{service: twitter}", f"{{id: {X}}}")
    desk.write("plancast.yaml", text.replace("{service: linkedin}", f"{{id: {LINKEDIN}}}"))
    desk.write("a.yaml", post(DOORS, on="x, li"))
    assert desk.apply().code == 0
    file = (desk.folder / "plancast.yaml").read_bytes()
    assert moved(desk).code == 0
    written = (desk.folder / "plancast.yaml").read_bytes()
    (desk.folder / "plancast.yaml").write_bytes(file)
    assert moved(desk).code == 0
    assert (desk.folder / "plancast.yaml").read_bytes() == written
    assert desk.summary() == {"unchanged": 2}


def test_a_state_that_does_not_say_is_of_the_first_api(desk: Desk) -> None:
    """As all states before this were: whoever only changes the provider is refused."""
    document = json.loads(desk.state_file.read_bytes())
    desk.state_file.write_text(json.dumps(document | {"provider": ""}), encoding="utf-8")
    assert desk.summary() == {"unchanged": 5}
    desk.edit("plancast.yaml", SANDBOX, CURRENT)
    assert desk.run("plan").codes == ["PC615"]
    assert moved(desk).code == 0
    assert desk.summary() == {"unchanged": 5}
