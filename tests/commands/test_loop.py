"""The main job, as a user meets it: files in, the queue follows, and what people made is theirs."""

from __future__ import annotations

from pathlib import Path

import pytest

from plancast.sandbox.values import Status
from tests.commands.workspace_dir import LINKEDIN, WorkspaceDir, X, applied, post

BY_HAND = "Written in Buffer, by a person."


# -- files and the queue ----


def test_from_files_to_the_queue_and_nothing_left_to_do(tmp_path: Path) -> None:
    workspace = WorkspaceDir.with_examples(tmp_path)
    assert workspace.run("validate").code == 0
    assert workspace.summary() == {"create": 27}
    assert workspace.live() == ()
    done = workspace.apply()
    assert done.code == 0, done.err
    assert len(workspace.live()) == 27
    assert workspace.summary() == {"unchanged": 27}
    before = workspace.requests()
    assert workspace.apply().code == 0
    assert workspace.requests() == before, "a second apply changes nothing"


def test_an_edit_changes_the_entry_that_is_there(tmp_path: Path) -> None:
    workspace = applied(tmp_path, a=post("Before.", on="x, li"))
    ids = {item.id for item in workspace.live()}
    workspace.edit("a.yaml", "Before.", "After.")
    workspace.edit("a.yaml", "09:30", "11:45")
    changes = workspace.plan()["changes"]
    assert [change["action"] for change in changes] == ["update", "update"]
    assert {leaf["path"] for change in changes for leaf in change["fields"]} == {"text", "due_at"}
    assert workspace.apply().code == 0
    assert {item.id for item in workspace.live()} == ids
    assert workspace.texts() == ["After.", "After."]
    assert workspace.summary() == {"unchanged": 2}


def test_an_edit_for_one_network_leaves_the_others_alone(tmp_path: Path) -> None:
    workspace = applied(tmp_path, a=post("Same.", on="x, li"))
    workspace.write(
        "a.yaml", post("Same.", on="x, li", more="variants: {li: {text: Longer here.}}\n")
    )
    assert [change["address"] for change in workspace.plan()["changes"] if change["fields"]] == [
        "a@li"
    ]
    assert workspace.apply().code == 0
    assert {(item.profile_id, item.content.text) for item in workspace.live()} == {
        (X, "Same."),
        (LINKEDIN, "Longer here."),
    }


def test_a_file_that_goes_takes_its_entries_along_and_no_others(tmp_path: Path) -> None:
    workspace = applied(tmp_path, a=post("Goes.", on="x, li"), b=post("Stays.", "2026-12-02 09:30"))
    (workspace.folder / "a.yaml").unlink()
    assert workspace.summary() == {"destroy": 2, "unchanged": 1}
    assert workspace.apply().code == 0
    assert workspace.texts() == ["Stays."]
    assert workspace.run("state", "list").out == "b@x\n"


def test_a_profile_that_goes_from_a_post_takes_its_entry_along(tmp_path: Path) -> None:
    workspace = applied(tmp_path, a=post(on="x, li"))
    workspace.edit("a.yaml", "[x, li]", "[li]")
    assert workspace.summary() == {"destroy": 1, "unchanged": 1}
    assert workspace.apply().code == 0
    assert [item.profile_id for item in workspace.live()] == [LINKEDIN]


def test_a_rename_of_a_file_is_a_matter_of_the_state_alone(tmp_path: Path) -> None:
    workspace = applied(tmp_path, a=post(on="x, li"))
    before, sent = workspace.live(), workspace.requests()
    (workspace.folder / "deep").mkdir()
    (workspace.folder / "a.yaml").rename(workspace.folder / "deep" / "b.yaml")
    plan = workspace.plan()
    assert [change["action"] for change in plan["changes"]] == ["rename", "rename"]
    assert plan["budget"]["requests"] == 0
    assert workspace.apply().code == 0
    assert (workspace.live(), workspace.requests()) == (before, sent)
    assert workspace.run("state", "list").out.split() == ["deep/b@li", "deep/b@x"]
    assert workspace.summary() == {"unchanged": 2}


def test_a_renamed_and_edited_file_never_stands_twice(tmp_path: Path) -> None:
    workspace = applied(tmp_path, a=post("Before."))
    (workspace.folder / "a.yaml").unlink()
    workspace.write("b.yaml", post("After."))
    assert workspace.apply().code == 0
    assert workspace.texts() == ["After."]
    assert workspace.summary() == {"unchanged": 1}


def test_a_draft_is_checked_and_never_planned(tmp_path: Path) -> None:
    workspace = WorkspaceDir.tiny(tmp_path, a=post(), b=post("Draft.", more="status: draft\n"))
    assert workspace.summary() == {"create": 1}
    workspace.write("b.yaml", post("Draft.", "2026-13-45 09:30", more="status: draft\n"))
    assert workspace.run("validate").code == 1


def test_a_post_that_becomes_a_draft_leaves_the_queue(tmp_path: Path) -> None:
    workspace = applied(tmp_path, a=post("Kept."), b=post("Held back.", "2026-12-02 10:00"))
    workspace.write("b.yaml", post("Held back.", "2026-12-02 10:00", more="status: draft\n"))
    assert workspace.summary() == {"destroy": 1, "unchanged": 1}
    assert workspace.apply().code == 0
    assert workspace.texts() == ["Kept."]


def test_a_target_leaves_the_rest_for_another_time(tmp_path: Path) -> None:
    workspace = WorkspaceDir.tiny(tmp_path, a=post("A."), b=post("B.", "2026-12-02 09:30"))
    assert workspace.apply("--target", "b@*").code == 0
    assert workspace.texts() == ["B."]
    assert workspace.summary() == {"create": 1, "unchanged": 1}


def test_destroy_removes_what_is_owned_and_nothing_else(tmp_path: Path) -> None:
    workspace = applied(tmp_path, a=post(on="x, li"))
    with workspace.person() as world:
        world.person_create(X, BY_HAND, at="2026-12-01T15:00:00Z")
    assert workspace.summary("--destroy") == {"destroy": 2, "unmanaged": 1}
    done = workspace.apply("--destroy")
    assert done.code == 0, done.err
    assert workspace.texts() == [BY_HAND]


# -- the state is lost ----


def test_without_its_state_a_plan_is_refused_until_a_person_says_so(tmp_path: Path) -> None:
    """And then it adopts everything and creates nothing."""
    workspace = WorkspaceDir.with_examples(tmp_path)
    workspace.apply()
    before, sent = workspace.live(), workspace.requests()
    workspace.lose_state()
    for _ in range(2):
        for command in (("plan",), ("apply", "--auto-approve")):
            refused = workspace.run(*command)
            assert (refused.code, refused.errors) == (4, ["PC625"]), command
            assert "27 live entries are just what the files ask for" in refused.out
            for way in ("import --rebuild", "state adopt", "--allow-new-state"):
                assert way in " ".join(refused.out.split())
    assert workspace.summary() == {"adopt": 27}
    assert workspace.apply("--allow-new-state").code == 0
    assert (workspace.live(), workspace.requests()) == (before, sent)
    assert workspace.summary() == {"unchanged": 27}


def test_a_plan_without_a_look_says_that_there_never_was_one(tmp_path: Path) -> None:
    workspace = WorkspaceDir.tiny(tmp_path, a=post("Hello."))
    offline = workspace.run("plan", "--offline")
    assert (offline.code, offline.codes) == (0, ["PC628"])
    assert workspace.apply().code == 0
    assert workspace.run("plan", "--offline").codes == []


def test_without_its_state_what_went_out_is_not_sent_again(tmp_path: Path) -> None:
    workspace = applied(tmp_path, a=post("Out."), b=post("Waits.", "2026-12-10 09:30"))
    with workspace.person() as world:
        world.set_clock("2026-12-02T08:00:00Z")
    workspace.lose_state()
    plan = workspace.plan()
    assert plan["summary"]["create"] == 0
    assert plan["summary"]["adopt"] == 2
    assert workspace.apply("--allow-new-state").code == 0
    assert workspace.texts() == ["Out.", "Waits."]


# -- what a person made ----


def test_what_a_person_made_is_shown_and_never_touched(tmp_path: Path) -> None:
    workspace = WorkspaceDir.with_examples(tmp_path)
    with workspace.person() as world:
        made = {
            item.id: item
            for item in (
                world.person_create(X, BY_HAND, at="2026-12-01T12:00:00Z"),
                world.person_create(LINKEDIN, BY_HAND, at="2026-12-05T12:00:00Z"),
                world.person_create(LINKEDIN, "Whenever there is room."),
                # On a profile that the workspace does not know.
                world.person_create("4eb854340acb04e870000015", BY_HAND),
            )
        }

    def hands() -> dict[str, object]:
        return {item.id: item for item in workspace.live() if item.id in made}

    assert workspace.summary() == {"create": 27, "unmanaged": 3}
    shown = {entry["id"] for entry in workspace.plan()["unmanaged"]}
    assert shown == {key for key, item in made.items() if not item.profile_id.endswith("15")}
    assert workspace.apply().code == 0
    assert hands() == made
    workspace.edit("launch/teaser.yaml", "one very small box", "one very heavy box")
    (workspace.folder / "tips" / "december.yaml").unlink()
    (workspace.folder / "holidays" / "closing.yaml").rename(workspace.folder / "closing.yaml")
    assert workspace.apply("--allow-destroy", "6").code == 0
    assert hands() == made
    workspace.lose_state()
    assert workspace.apply("--allow-new-state").code == 0
    assert hands() == made
    assert workspace.apply("--destroy", "--allow-destroy", "99").code in (0, 4)
    workspace.edit("launch/announcement.yaml", "protect: true\n", "")
    assert workspace.apply().code == 0
    assert workspace.apply("--destroy", "--allow-destroy", "99").code == 0
    assert {item.id: item for item in workspace.live()} == made


def test_a_post_by_hand_that_says_the_same_is_adopted_and_not_repeated(tmp_path: Path) -> None:
    workspace = WorkspaceDir.tiny(tmp_path, a=post("Hello."))
    with workspace.person() as world:
        made = world.person_create(X, "Hello.", at="2026-12-01T08:30:00Z")
    assert workspace.summary() == {"adopt": 1}
    assert workspace.apply().codes == ["PC625"]
    assert workspace.apply("--allow-new-state").code == 0
    assert workspace.live() == (made,)


# -- drift ----

DRIFT = {
    "overwrite": (0, "Hello.", {"unchanged": 1}),
    "keep": (0, "By hand.", {"drifted": 1}),
    "fail": (4, "By hand.", {"unchanged": 1, "drifted": 1, "blocked": 1}),
}


@pytest.mark.parametrize("rule", DRIFT)
@pytest.mark.parametrize("place", ["post", "policy"])
def test_what_a_person_changed_is_shown_and_then_as_on_drift_says(
    tmp_path: Path, rule: str, place: str
) -> None:
    code, text, after = DRIFT[rule]
    setting = f"on_drift: {rule}\n"
    workspace = applied(
        tmp_path,
        policy=f"{{{setting.strip()}}}" if place == "policy" else "{}",
        a=post(more=setting if place == "post" else ""),
    )
    with workspace.person() as world:
        (item,) = world.snapshot()
        world.person_edit(item.id, text="By hand.", at=item.scheduled_at)
    plan = workspace.plan()
    assert plan["summary"]["drifted"] == 1
    assert "By hand" in workspace.run("plan").out
    done = workspace.apply()
    assert done.code == code, done.err
    assert workspace.texts() == [text]
    if code == 0:
        assert workspace.summary() == after
    else:
        assert "PC708" in done.codes


def test_what_a_person_deleted_is_made_again_or_left(tmp_path: Path) -> None:
    workspace = applied(
        tmp_path,
        a=post("Again."),
        b=post("Left.", "2026-12-02 09:30", more="on_drift: keep\n"),
    )
    with workspace.person() as world:
        for item in world.snapshot():
            world.person_delete(item.id)
    assert workspace.apply().code == 0
    assert workspace.texts() == ["Again."]
    assert workspace.apply().code == 0
    assert workspace.texts() == ["Again."]


def test_an_edit_by_hand_that_agrees_with_the_file_needs_no_request(tmp_path: Path) -> None:
    workspace = applied(tmp_path, a=post("Before."))
    with workspace.person() as world:
        (item,) = world.snapshot()
        edited = world.person_edit(item.id, text="After.", at=item.scheduled_at)
    workspace.edit("a.yaml", "Before.", "After.")
    sent = workspace.requests()
    assert workspace.apply().code == 0
    assert workspace.live() == (edited,)
    assert workspace.requests() == sent
    assert workspace.summary() == {"unchanged": 1}


# -- time passes ----


def test_what_went_out_is_never_sent_again_whatever_its_file_says(tmp_path: Path) -> None:
    workspace = applied(tmp_path, a=post("Out."), b=post("Waits.", "2026-12-10 09:30"))
    with workspace.person() as world:
        world.set_clock("2026-12-01T09:00:00Z")
    assert {item.status for item in workspace.live()} == {Status.SENT, Status.BUFFER}
    assert workspace.summary() == {"unchanged": 1, "published": 1}
    assert workspace.apply().code == 0
    workspace.edit("a.yaml", "Out.", "Other words.")
    edited = workspace.run("plan")
    assert edited.code == 0
    assert "PC901" in edited.codes
    assert workspace.apply().code == 0
    (workspace.folder / "a.yaml").unlink()
    assert workspace.summary() == {"forget": 1, "unchanged": 1}
    assert workspace.apply().code == 0
    assert workspace.texts() == ["Out.", "Waits."]


def test_a_new_time_does_not_bring_back_what_went_out(tmp_path: Path) -> None:
    workspace = applied(tmp_path, a=post("Out."))
    with workspace.person() as world:
        world.set_clock("2026-12-01T09:00:00Z")
    workspace.edit("a.yaml", "2026-12-01 09:30", "2026-12-24 09:30")
    for _ in range(2):
        done = workspace.apply()
        assert (done.code, done.codes) == (1, ["PC619"]), "a new post, or the same one? It is asked"
        assert [item.status for item in workspace.live()] == [Status.SENT]


@pytest.mark.parametrize(("rule", "code"), [("fail", 1), ("warn", 0)])
def test_a_post_whose_time_passed_is_never_sent_late(tmp_path: Path, rule: str, code: int) -> None:
    workspace = WorkspaceDir.tiny(
        tmp_path, f"{{missed: {rule}}}", a=post("Late.", "2026-11-30 08:00")
    )
    done = workspace.apply()
    assert (done.code, done.codes) == (code, ["PC405"])
    assert workspace.live() == ()
    assert workspace.requests() == {}


def test_a_paused_workspace_sends_and_removes_nothing(tmp_path: Path) -> None:
    workspace = applied(tmp_path, a=post("A."), b=post("B.", "2026-12-02 09:30"))
    before, sent = workspace.live(), workspace.requests()
    workspace.write(
        "plancast.yaml",
        (workspace.folder / "plancast.yaml")
        .read_text()
        .replace("policy: {}", "policy: {paused: true}"),
    )
    workspace.write("c.yaml", post("C.", "2026-12-03 09:30"))
    (workspace.folder / "a.yaml").unlink()
    workspace.edit("b.yaml", "B.", "B again.")
    done = workspace.apply()
    assert (done.code, set(done.codes)) == (0, {"PC707"})
    assert (workspace.live(), workspace.requests()) == (before, sent)
    workspace.edit("plancast.yaml", "{paused: true}", "{}")
    assert workspace.apply().code == 0
    assert workspace.texts() == ["B again.", "C."]


def test_a_full_queue_lets_the_soonest_go_first(tmp_path: Path) -> None:
    provider = "{name: sandbox, clock: 2026-11-30T08:00:00Z, queue_limit: 1}"
    workspace = WorkspaceDir.tiny(
        tmp_path,
        provider=provider,
        a=post("Later.", "2026-12-09 09:30"),
        b=post("Soonest.", "2026-12-01 09:30"),
    )
    assert workspace.plan()["summary"]["deferred"] == 1
    shown = workspace.apply()
    assert "PC905" in shown.codes
    assert workspace.texts() == ["Soonest."]
    with workspace.person() as world:
        world.set_clock("2026-12-02T08:00:00Z")
    assert workspace.apply().code == 0
    assert workspace.texts() == ["Later.", "Soonest."]
