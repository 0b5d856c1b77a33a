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
    made,
    migrate,
    moved,
    of,
    received,
    settings_and_state,
)
from tests.commands.workspace_dir import (
    LINKEDIN,
    NOW,
    SANDBOX,
    WorkspaceDir,
    X,
    post,
    workspace_yaml,
)

pytestmark = pytest.mark.part(2)


@pytest.fixture
def workspace(tmp_path: Path) -> WorkspaceDir:
    return made(tmp_path)


# -- nothing was changed ---------------------------------------------------------------------------


@pytest.mark.parametrize("ids", ["same", "other"])
def test_what_is_owned_is_owned_still_and_there_is_nothing_to_do(tmp_path: Path, ids: str) -> None:
    workspace = made(tmp_path, ids)
    live, lineage = (
        tuple(workspace.live()),
        json.loads(workspace.state_file.read_bytes())["lineage"],
    )
    result = moved(workspace)
    assert result.code == ExitCode.DONE, result.err
    assert "The next plan is empty." in result.out
    assert workspace.summary() == {"unchanged": 5}
    assert workspace.apply().code == 0
    assert tuple(workspace.live()) == live
    assert received(workspace) == {"query"}, "no mutation was sent"
    state = json.loads(workspace.state_file.read_bytes())
    assert (state["lineage"], state["provider"]) == (lineage, "buffer-graphql")
    assert workspace.summary("--offline") == {"unchanged": 5}


@pytest.mark.parametrize("switch", ["", "rehost_images", "strip_card_url", "graphql_shortens"])
@pytest.mark.parametrize("ids", ["same", "other"])
def test_links_and_images_are_what_they_were(tmp_path: Path, ids: str, switch: str) -> None:
    """The two sides do not show them alike, and that is no change of a person."""
    workspace = WorkspaceDir.with_examples(tmp_path)
    with workspace.person() as world:
        world.set_setting("graphql_ids", ids)
        if switch:
            world.set_setting(switch, True)
    assert workspace.apply().code == 0
    with workspace.person() as world:
        world.set_clock("2026-12-05T08:00:00Z")
    result = moved(workspace)
    assert (result.code, "The next plan is empty." in result.out) == (0, True), result.out
    assert set(workspace.summary()) == {"unchanged", "published"}


def test_there_is_a_way_back(workspace: WorkspaceDir) -> None:
    file = (workspace.folder / "plancast.yaml").read_bytes()
    workspace.write(".plancast/before.json", workspace.run("state", "pull").out)
    assert moved(workspace).code == 0
    assert workspace.run("state", "push", ".plancast/before.json", stdin="yes\n").code == 0
    (workspace.folder / "plancast.yaml").write_bytes(file)
    assert workspace.summary() == {"unchanged": 5}, "on API v1"


def test_after_the_way_back_what_was_created_meanwhile_is_adopted(workspace: WorkspaceDir) -> None:
    file = (workspace.folder / "plancast.yaml").read_bytes()
    workspace.write(".plancast/before.json", workspace.run("state", "pull").out)
    assert moved(workspace).code == 0
    workspace.write("new.yaml", post("Created over there.", "2026-12-07 09:30"))
    assert workspace.apply().code == 0
    assert workspace.run("state", "push", ".plancast/before.json", stdin="yes\n").code == 0
    assert workspace.run("plan").codes == ["PC615"], "the file is still the new one"
    (workspace.folder / "plancast.yaml").write_bytes(file)
    assert workspace.summary() == {"adopt": 1, "unchanged": 5}
    assert workspace.apply().code == 0
    assert workspace.texts().count("Created over there.") == 1


def test_the_id_of_the_workspace_stays(workspace: WorkspaceDir) -> None:
    workspace.edit("plancast.yaml", "version: 1\n", "version: 1\nworkspace: k3xq7mzp2a  # ours\n")
    assert workspace.apply().code == 0
    assert moved(workspace).code == ExitCode.DONE
    assert "workspace: k3xq7mzp2a  # ours\n" in (workspace.folder / "plancast.yaml").read_text(
        "utf-8"
    )
    assert workspace.summary() == {"unchanged": 5}


def test_a_second_run_has_nothing_to_do(workspace: WorkspaceDir) -> None:
    assert moved(workspace).code == 0
    before, state = workspace.files(), workspace.state_file.read_bytes()
    again = moved(workspace)
    assert (again.code, "Nothing to migrate" in again.out) == (0, True)
    assert (workspace.files(), workspace.state_file.read_bytes()) == (before, state)


def test_a_workspace_that_owns_nothing_yet_only_changes_its_file(tmp_path: Path) -> None:
    workspace = WorkspaceDir.tiny(tmp_path)
    assert moved(workspace).code == 0
    assert (workspace.folder / "plancast.yaml").read_text() == workspace_yaml(
        provider=SANDBOX.replace("}", ", api: graphql}")
    )
    workspace.write("a.yaml", post())
    assert workspace.summary() == {"create": 1}


def test_what_went_out_stays_published_whether_it_can_be_found_or_not(
    workspace: WorkspaceDir,
) -> None:
    with workspace.person() as world:
        world.set_clock("2026-12-02T09:00:00Z")  # three went out, and no run has looked since
        world.person_create(X, DOORS, at="2026-12-20T09:00:00Z")  # as one of them says
    assert moved(workspace).code == 0
    summary = {"unchanged": 1, "published": 4, "unmanaged": 1}
    assert workspace.summary() == summary, "the queue sent what it held as well"
    document = json.loads(workspace.state_file.read_bytes())
    for binding in document["resources"].values():
        if binding["status"] == "published":
            binding["remote_id"] = "f" * 24
    workspace.state_file.write_text(
        json.dumps(document | {"provider": "buffer-v1"}), encoding="utf-8"
    )
    with workspace.person() as world:
        world.set_clock("2027-02-20T09:00:00Z")  # longer ago than lists are asked for
        world.set_clock("2026-12-02T09:00:00Z")
    assert moved(workspace).code == 0
    assert workspace.summary() == summary


def test_tags_that_v1_never_held_need_no_request_for_each_post(tmp_path: Path) -> None:
    workspace = made(tmp_path, a=post(DOORS, more="tags: [teaser]\ncampaign: launch\n"))
    result = moved(workspace)
    assert (result.code, "the tags that the files name: 1 entry." in result.out) == (0, True)
    assert workspace.summary() == {"unchanged": 1}
    workspace.edit("a.yaml", "tomorrow", "on Monday")
    assert workspace.apply().code == 0
    assert [len(it.tags) for it in workspace.live()] == [2]


# -- asking ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", ["", "no\n", "y\n"])
def test_it_asks_and_only_yes_will_do(workspace: WorkspaceDir, answer: str) -> None:
    before = settings_and_state(workspace)
    result = migrate(workspace, stdin=answer)
    assert (result.code, "Nothing was written" in result.err) == (ExitCode.ERROR, True)
    assert settings_and_state(workspace) == before
    assert workspace.summary() == {"unchanged": 5}, "on API v1"


def test_a_yes_is_enough(workspace: WorkspaceDir) -> None:
    assert migrate(workspace, stdin="yes\n").code == 0
    assert workspace.summary() == {"unchanged": 5}


# -- entries --------------------------------------------------------------------------------------


def test_what_a_person_changed_is_found_and_shown_as_that(workspace: WorkspaceDir) -> None:
    with workspace.person() as world:
        edited = DOORS.replace("tomorrow", "on Monday")
        world.person_edit(of(workspace, DOORS).id, text=edited, at="2026-12-01T08:30:00Z")
        world.person_edit(of(workspace, BREAD).id, at="2026-12-04T13:00:00Z")
        world.person_create(X, "By hand, and unlike all others.", at="2026-12-03T08:30:00Z")
    result = moved(workspace)
    assert result.code == ExitCode.ERROR
    assert "The next plan is not empty" in result.out
    summary = {"update": 2, "unchanged": 3, "drifted": 2, "unmanaged": 1}
    assert workspace.summary() == summary
    assert received(workspace) == {"query"}


@pytest.fixture
def twins(workspace: WorkspaceDir) -> WorkspaceDir:
    """A person wrote one of ours once more, at its time; another one was removed."""
    with workspace.person() as world:
        world.set_setting("duplicates", False)
        world.person_create(X, BREAD, at="2026-12-04T08:30:00Z")
        world.person_delete(of(workspace, LAUNCH).id)
    return workspace


def test_what_is_not_certain_is_listed_and_nothing_is_written(twins: WorkspaceDir) -> None:
    before = settings_and_state(twins)
    result = moved(twins)
    assert (result.code, result.codes) == (ExitCode.ERROR, ["PC616"])
    assert "bread@x: 2 live entries are just like it" in result.out
    assert "launch@x: nothing is like it" in result.out
    assert settings_and_state(twins) == before
    assert received(twins) == {"query"}


def test_a_person_says_which_and_lets_go_of_the_rest(twins: WorkspaceDir) -> None:
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
    workspace = made(tmp_path, "same")
    with workspace.person() as world:
        world.set_setting("duplicates", False)
        world.person_create(X, BREAD, at="2026-12-04T08:30:00Z")
    assert moved(workspace).code == 0
    assert workspace.summary() == {"unchanged": 5, "unmanaged": 1}


def test_what_the_files_may_not_ask_for_there_is_told(tmp_path: Path) -> None:
    """A pin needs a board, of which API v1 knows nothing."""
    seed = {
        "clock": "2026-11-30T08:00:00Z",
        "rate_limit": {"requests": 0},
        "profiles": [{"id": X, "service": "pinterest", "service_username": "acme"}],
    }
    workspace = WorkspaceDir(tmp_path)
    workspace.write("seed.json", json.dumps(seed))
    text = workspace_yaml(provider="{name: sandbox, seed: seed.json}").replace(
        "twitter", "pinterest"
    )
    workspace.write("plancast.yaml", text.replace("  li: {service: linkedin}\n", ""))
    workspace.write("a.yaml", post(more="images: [https://acme.example/a.png]\n"))
    assert workspace.apply().code == 0
    result = moved(workspace)
    assert (result.code, result.errors) == (ExitCode.ERROR, ["PC510"])
    assert workspace.run("plan").errors == ["PC510"], "it was migrated all the same"


@pytest.mark.parametrize("ids", ["same", "other"])
@pytest.mark.parametrize("name", ["doors", "slot"])
def test_what_went_out_is_not_what_a_person_says_again(tmp_path: Path, ids: str, name: str) -> None:
    """Ours is not in the queue any more, and there stands the same text, at another time."""
    workspace = made(tmp_path, ids)
    text, profile = (DOORS, X) if name == "doors" else (SLOT, LINKEDIN)
    with workspace.person() as world:
        world.set_setting("duplicates", False)
        sent_at = datetime.fromtimestamp(of(workspace, text, profile).due_at, UTC) + timedelta(
            minutes=5
        )
        world.set_clock(sent_at.isoformat())
        at = (sent_at + timedelta(hours=5)).isoformat()
        theirs = world.person_create(profile, text, at=at).id
    assert moved(workspace).code == 0
    assert workspace.summary()["unmanaged"] == 1
    (workspace.folder / f"{name}.yaml").unlink()
    assert workspace.apply().code == 0
    assert theirs in {it.id for it in workspace.live()}, "it is not ours to destroy"


@pytest.mark.parametrize("ids", ["same", "other"])
def test_what_a_person_wrote_in_the_place_of_ours_is_theirs(tmp_path: Path, ids: str) -> None:
    workspace = made(tmp_path, ids)
    with workspace.person() as world:
        world.person_delete(of(workspace, BREAD).id)
        world.set_clock("2026-11-30T09:00:00Z")
        world.person_create(X, BREAD, at="2026-12-04T10:30:00Z")
    before = settings_and_state(workspace)
    assert moved(workspace).codes == ["PC616"]
    assert settings_and_state(workspace) == before


# -- what may be ours, and what was written in part -----------------------------------------------


def test_what_is_not_settled_is_settled_on_the_old_side(tmp_path: Path) -> None:
    workspace = WorkspaceDir.tiny(tmp_path, a=post("Lost on the way."))
    with workspace.person() as world:
        world.arm(Fault(FaultKind.LOST_ANSWER, "POST /updates/create.json"))
    assert workspace.apply("--no-wait").code == ExitCode.UNKNOWN
    refused = moved(workspace)
    assert (refused.code, refused.codes) == (ExitCode.UNKNOWN, ["PC904"])
    assert workspace.apply().code == 0
    assert moved(workspace).code == 0
    assert workspace.summary() == {"unchanged": 1}


def test_what_is_not_settled_keeps_its_way_back_where_the_file_went_ahead(tmp_path: Path) -> None:
    workspace = WorkspaceDir.tiny(tmp_path, a=post("Lost on the way."))
    with workspace.person() as world:
        world.arm(Fault(FaultKind.LOST_ANSWER, "POST /updates/create.json"))
    assert workspace.apply("--no-wait").code == ExitCode.UNKNOWN
    workspace.edit("plancast.yaml", SANDBOX, CURRENT)
    assert workspace.apply().codes == ["PC615"], "an apply cannot settle it"
    refused = moved(workspace)
    assert (refused.code, refused.codes) == (ExitCode.UNKNOWN, ["PC904"])
    assert "Name API v1 in plancast.yaml once more" in refused.err
    workspace.edit("plancast.yaml", CURRENT, SANDBOX)
    assert workspace.apply().code == 0
    assert moved(workspace).code == 0
    assert (workspace.summary(), workspace.texts()) == ({"unchanged": 1}, ["Lost on the way."])


def test_what_is_not_settled_on_the_new_side_does_not_keep_the_file_back(
    workspace: WorkspaceDir,
) -> None:
    file = (workspace.folder / "plancast.yaml").read_bytes()
    assert moved(workspace).code == 0
    workspace.write("new.yaml", post("Lost on the way.", "2026-12-07 09:30"))
    with workspace.person() as world:
        world.arm(Fault(FaultKind.LOST_ANSWER, "mutation createPost"))
    assert workspace.apply("--no-wait").code == ExitCode.UNKNOWN
    (workspace.folder / "plancast.yaml").write_bytes(file)
    assert moved(workspace).code in (ExitCode.DONE, ExitCode.ERROR)
    assert workspace.apply().code == 0
    assert workspace.summary() == {"unchanged": 6}
    assert workspace.texts().count("Lost on the way.") == 1


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


def interrupted(folder: Path, written: str) -> WorkspaceDir:
    """A run was killed when one of the two was written."""
    workspace = made(folder)
    file, state = (
        (workspace.folder / "plancast.yaml").read_bytes(),
        workspace.state_file.read_bytes(),
    )
    assert moved(workspace).code == 0
    if written == "the state":
        (workspace.folder / "plancast.yaml").write_bytes(file)
    else:
        workspace.state_file.write_bytes(state)
    return workspace


@pytest.mark.parametrize("written", ["the state", "the file"])
@pytest.mark.parametrize("command", REFUSED)
def test_a_state_of_another_api_is_refused(tmp_path: Path, written: str, command: str) -> None:
    workspace = interrupted(tmp_path, written)
    live, state = tuple(workspace.live()), settings_and_state(workspace)
    refused = workspace.run(*REFUSED[command])
    assert (refused.code, refused.codes) == (ExitCode.REFUSED, ["PC615"])
    assert (tuple(workspace.live()), settings_and_state(workspace)) == (live, state)


@pytest.mark.parametrize("written", ["the state", "the file"])
def test_a_run_that_was_killed_in_between_is_finished_by_the_next(
    tmp_path: Path, written: str
) -> None:
    workspace = interrupted(tmp_path, written)
    assert "PC615" in workspace.run("doctor").out
    assert moved(workspace).code == 0
    assert workspace.summary() == {"unchanged": 5}
    assert "Nothing to migrate" in moved(workspace).out
    assert "PC615" not in workspace.run("doctor").out


def test_a_run_that_was_killed_is_finished_though_the_selectors_name_what_is_no_more(
    tmp_path: Path,
) -> None:
    """Two of one network, of which the file knows nothing but the ids of API v1."""
    profiles = [
        {"id": X, "service": "twitter", "service_username": "one"},
        {"id": LINKEDIN, "service": "twitter", "service_username": "two"},
    ]
    workspace = WorkspaceDir(tmp_path)
    seed = {"clock": NOW, "rate_limit": {"requests": 0}, "profiles": profiles}
    workspace.write("seed.json", json.dumps(seed | {"switches": {"graphql_ids": "other"}}))
    text = workspace_yaml(provider="{name: sandbox, seed: seed.json}")
    text = text.replace("{service: twitter}", f"{{id: {X}}}")
    workspace.write("plancast.yaml", text.replace("{service: linkedin}", f"{{id: {LINKEDIN}}}"))
    workspace.write("a.yaml", post(DOORS, on="x, li"))
    assert workspace.apply().code == 0
    file = (workspace.folder / "plancast.yaml").read_bytes()
    assert moved(workspace).code == 0
    written = (workspace.folder / "plancast.yaml").read_bytes()
    (workspace.folder / "plancast.yaml").write_bytes(file)
    assert moved(workspace).code == 0
    assert (workspace.folder / "plancast.yaml").read_bytes() == written
    assert workspace.summary() == {"unchanged": 2}


def test_a_state_that_does_not_say_is_of_the_first_api(workspace: WorkspaceDir) -> None:
    """As all states before this were: a change of the provider alone is refused."""
    document = json.loads(workspace.state_file.read_bytes())
    workspace.state_file.write_text(json.dumps(document | {"provider": ""}), encoding="utf-8")
    assert workspace.summary() == {"unchanged": 5}
    workspace.edit("plancast.yaml", SANDBOX, CURRENT)
    assert workspace.run("plan").codes == ["PC615"]
    assert moved(workspace).code == 0
    assert workspace.summary() == {"unchanged": 5}
