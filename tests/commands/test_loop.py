"""The main job, as a user meets it: files in, the queue follows, and what people made is theirs."""

from __future__ import annotations

from pathlib import Path

import pytest

from plancast.sandbox.values import Status
from tests.commands.desk import LINKEDIN, Desk, X, applied, post

BY_HAND = "Written in Buffer, by a person."


# -- files and the queue ----


def test_from_files_to_the_queue_and_nothing_left_to_do(tmp_path: Path) -> None:
    desk = Desk.with_examples(tmp_path)
    assert desk.run("validate").code == 0
    assert desk.summary() == {"create": 27}
    assert desk.live() == ()
    done = desk.apply()
    assert done.code == 0, done.err
    assert len(desk.live()) == 27
    assert desk.summary() == {"unchanged": 27}
    before = desk.requests()
    assert desk.apply().code == 0
    assert desk.requests() == before, "a second apply changes nothing"


def test_an_edit_changes_the_entry_that_is_there(tmp_path: Path) -> None:
    desk = applied(tmp_path, a=post("Before.", on="x, li"))
    ids = {item.id for item in desk.live()}
    desk.edit("a.yaml", "Before.", "After.")
    desk.edit("a.yaml", "09:30", "11:45")
    changes = desk.plan()["changes"]
    assert [change["action"] for change in changes] == ["update", "update"]
    assert {leaf["path"] for change in changes for leaf in change["fields"]} == {"text", "due_at"}
    assert desk.apply().code == 0
    assert {item.id for item in desk.live()} == ids
    assert desk.texts() == ["After.", "After."]
    assert desk.summary() == {"unchanged": 2}


def test_an_edit_for_one_network_leaves_the_others_alone(tmp_path: Path) -> None:
    desk = applied(tmp_path, a=post("Same.", on="x, li"))
    desk.write("a.yaml", post("Same.", on="x, li", more="variants: {li: {text: Longer here.}}\n"))
    assert [change["address"] for change in desk.plan()["changes"] if change["fields"]] == ["a@li"]
    assert desk.apply().code == 0
    assert {(item.profile_id, item.content.text) for item in desk.live()} == {
        (X, "Same."),
        (LINKEDIN, "Longer here."),
    }


def test_a_file_that_goes_takes_its_entries_along_and_no_others(tmp_path: Path) -> None:
    desk = applied(tmp_path, a=post("Goes.", on="x, li"), b=post("Stays.", "2026-12-02 09:30"))
    (desk.folder / "a.yaml").unlink()
    assert desk.summary() == {"destroy": 2, "unchanged": 1}
    assert desk.apply().code == 0
    assert desk.texts() == ["Stays."]
    assert desk.run("state", "list").out == "b@x\n"


def test_a_profile_that_goes_from_a_post_takes_its_entry_along(tmp_path: Path) -> None:
    desk = applied(tmp_path, a=post(on="x, li"))
    desk.edit("a.yaml", "[x, li]", "[li]")
    assert desk.summary() == {"destroy": 1, "unchanged": 1}
    assert desk.apply().code == 0
    assert [item.profile_id for item in desk.live()] == [LINKEDIN]


def test_a_rename_of_a_file_is_a_matter_of_the_state_alone(tmp_path: Path) -> None:
    desk = applied(tmp_path, a=post(on="x, li"))
    before, sent = desk.live(), desk.requests()
    (desk.folder / "deep").mkdir()
    (desk.folder / "a.yaml").rename(desk.folder / "deep" / "b.yaml")
    plan = desk.plan()
    assert [change["action"] for change in plan["changes"]] == ["rename", "rename"]
    assert plan["budget"]["requests"] == 0
    assert desk.apply().code == 0
    assert (desk.live(), desk.requests()) == (before, sent)
    assert desk.run("state", "list").out.split() == ["deep/b@li", "deep/b@x"]
    assert desk.summary() == {"unchanged": 2}


def test_a_renamed_and_edited_file_never_stands_twice(tmp_path: Path) -> None:
    desk = applied(tmp_path, a=post("Before."))
    (desk.folder / "a.yaml").unlink()
    desk.write("b.yaml", post("After."))
    assert desk.apply().code == 0
    assert desk.texts() == ["After."]
    assert desk.summary() == {"unchanged": 1}


def test_a_draft_is_checked_and_never_planned(tmp_path: Path) -> None:
    desk = Desk.tiny(tmp_path, a=post(), b=post("Draft.", more="status: draft\n"))
    assert desk.summary() == {"create": 1}
    desk.write("b.yaml", post("Draft.", "2026-13-45 09:30", more="status: draft\n"))
    assert desk.run("validate").code == 1


def test_a_post_that_becomes_a_draft_leaves_the_queue(tmp_path: Path) -> None:
    desk = applied(tmp_path, a=post("Kept."), b=post("Held back.", "2026-12-02 10:00"))
    desk.write("b.yaml", post("Held back.", "2026-12-02 10:00", more="status: draft\n"))
    assert desk.summary() == {"destroy": 1, "unchanged": 1}
    assert desk.apply().code == 0
    assert desk.texts() == ["Kept."]


def test_a_target_leaves_the_rest_for_another_time(tmp_path: Path) -> None:
    desk = Desk.tiny(tmp_path, a=post("A."), b=post("B.", "2026-12-02 09:30"))
    assert desk.apply("--target", "b@*").code == 0
    assert desk.texts() == ["B."]
    assert desk.summary() == {"create": 1, "unchanged": 1}


def test_destroy_removes_what_is_owned_and_nothing_else(tmp_path: Path) -> None:
    desk = applied(tmp_path, a=post(on="x, li"))
    with desk.person() as world:
        world.person_create(X, BY_HAND, at="2026-12-01T15:00:00Z")
    assert desk.summary("--destroy") == {"destroy": 2, "unmanaged": 1}
    done = desk.apply("--destroy")
    assert done.code == 0, done.err
    assert desk.texts() == [BY_HAND]


# -- the state is lost ----


def test_without_its_state_a_plan_is_refused_until_a_person_says_so(tmp_path: Path) -> None:
    """And then it adopts everything and creates nothing."""
    desk = Desk.with_examples(tmp_path)
    desk.apply()
    before, sent = desk.live(), desk.requests()
    desk.lose_state()
    for _ in range(2):
        for command in (("plan",), ("apply", "--auto-approve")):
            refused = desk.run(*command)
            assert (refused.code, refused.errors) == (4, ["PC625"]), command
            assert "27 live entries are just what the files ask for" in refused.out
            for way in ("import --rebuild", "state adopt", "--allow-new-state"):
                assert way in " ".join(refused.out.split())
    assert desk.summary() == {"adopt": 27}
    assert desk.apply("--allow-new-state").code == 0
    assert (desk.live(), desk.requests()) == (before, sent)
    assert desk.summary() == {"unchanged": 27}


def test_a_plan_without_a_look_says_that_there_never_was_one(tmp_path: Path) -> None:
    desk = Desk.tiny(tmp_path, a=post("Hello."))
    offline = desk.run("plan", "--offline")
    assert (offline.code, offline.codes) == (0, ["PC628"])
    assert desk.apply().code == 0
    assert desk.run("plan", "--offline").codes == []


def test_without_its_state_what_went_out_is_not_sent_again(tmp_path: Path) -> None:
    desk = applied(tmp_path, a=post("Out."), b=post("Waits.", "2026-12-10 09:30"))
    with desk.person() as world:
        world.set_clock("2026-12-02T08:00:00Z")
    desk.lose_state()
    plan = desk.plan()
    assert plan["summary"]["create"] == 0
    assert plan["summary"]["adopt"] == 2
    assert desk.apply("--allow-new-state").code == 0
    assert desk.texts() == ["Out.", "Waits."]


# -- what a person made ----


def test_what_a_person_made_is_shown_and_never_touched(tmp_path: Path) -> None:
    desk = Desk.with_examples(tmp_path)
    with desk.person() as world:
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
        return {item.id: item for item in desk.live() if item.id in made}

    assert desk.summary() == {"create": 27, "unmanaged": 3}
    shown = {entry["id"] for entry in desk.plan()["unmanaged"]}
    assert shown == {key for key, item in made.items() if not item.profile_id.endswith("15")}
    assert desk.apply().code == 0
    assert hands() == made
    desk.edit("launch/teaser.yaml", "one very small box", "one very heavy box")
    (desk.folder / "tips" / "december.yaml").unlink()
    (desk.folder / "holidays" / "closing.yaml").rename(desk.folder / "closing.yaml")
    assert desk.apply("--allow-destroy", "6").code == 0
    assert hands() == made
    desk.lose_state()
    assert desk.apply("--allow-new-state").code == 0
    assert hands() == made
    assert desk.apply("--destroy", "--allow-destroy", "99").code in (0, 4)
    desk.edit("launch/announcement.yaml", "protect: true\n", "")
    assert desk.apply().code == 0
    assert desk.apply("--destroy", "--allow-destroy", "99").code == 0
    assert {item.id: item for item in desk.live()} == made


def test_a_post_by_hand_that_says_the_same_is_adopted_and_not_repeated(tmp_path: Path) -> None:
    desk = Desk.tiny(tmp_path, a=post("Hello."))
    with desk.person() as world:
        made = world.person_create(X, "Hello.", at="2026-12-01T08:30:00Z")
    assert desk.summary() == {"adopt": 1}
    assert desk.apply().codes == ["PC625"]
    assert desk.apply("--allow-new-state").code == 0
    assert desk.live() == (made,)


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
    said = f"on_drift: {rule}\n"
    desk = applied(
        tmp_path,
        policy=f"{{{said.strip()}}}" if place == "policy" else "{}",
        a=post(more=said if place == "post" else ""),
    )
    with desk.person() as world:
        (item,) = world.snapshot()
        world.person_edit(item.id, text="By hand.", at=item.scheduled_at)
    plan = desk.plan()
    assert plan["summary"]["drifted"] == 1
    assert "By hand" in desk.run("plan").out
    done = desk.apply()
    assert done.code == code, done.err
    assert desk.texts() == [text]
    if code == 0:
        assert desk.summary() == after
    else:
        assert "PC708" in done.codes


def test_what_a_person_deleted_is_made_again_or_left(tmp_path: Path) -> None:
    desk = applied(
        tmp_path,
        a=post("Again."),
        b=post("Left.", "2026-12-02 09:30", more="on_drift: keep\n"),
    )
    with desk.person() as world:
        for item in world.snapshot():
            world.person_delete(item.id)
    assert desk.apply().code == 0
    assert desk.texts() == ["Again."]
    assert desk.apply().code == 0
    assert desk.texts() == ["Again."]


def test_an_edit_by_hand_that_agrees_with_the_file_needs_no_request(tmp_path: Path) -> None:
    desk = applied(tmp_path, a=post("Before."))
    with desk.person() as world:
        (item,) = world.snapshot()
        edited = world.person_edit(item.id, text="After.", at=item.scheduled_at)
    desk.edit("a.yaml", "Before.", "After.")
    sent = desk.requests()
    assert desk.apply().code == 0
    assert desk.live() == (edited,)
    assert desk.requests() == sent
    assert desk.summary() == {"unchanged": 1}


# -- time passes ----


def test_what_went_out_is_never_sent_again_whatever_its_file_says(tmp_path: Path) -> None:
    desk = applied(tmp_path, a=post("Out."), b=post("Waits.", "2026-12-10 09:30"))
    with desk.person() as world:
        world.set_clock("2026-12-01T09:00:00Z")
    assert {item.status for item in desk.live()} == {Status.SENT, Status.BUFFER}
    assert desk.summary() == {"unchanged": 1, "published": 1}
    assert desk.apply().code == 0
    desk.edit("a.yaml", "Out.", "Other words.")
    edited = desk.run("plan")
    assert edited.code == 0
    assert "PC901" in edited.codes
    assert desk.apply().code == 0
    (desk.folder / "a.yaml").unlink()
    assert desk.summary() == {"forget": 1, "unchanged": 1}
    assert desk.apply().code == 0
    assert desk.texts() == ["Out.", "Waits."]


def test_a_new_time_does_not_bring_back_what_went_out(tmp_path: Path) -> None:
    desk = applied(tmp_path, a=post("Out."))
    with desk.person() as world:
        world.set_clock("2026-12-01T09:00:00Z")
    desk.edit("a.yaml", "2026-12-01 09:30", "2026-12-24 09:30")
    for _ in range(2):
        done = desk.apply()
        assert (done.code, done.codes) == (1, ["PC619"]), "a new post, or the same one? It is asked"
        assert [item.status for item in desk.live()] == [Status.SENT]


@pytest.mark.parametrize(("rule", "code"), [("fail", 1), ("warn", 0)])
def test_a_post_whose_time_passed_is_never_sent_late(tmp_path: Path, rule: str, code: int) -> None:
    desk = Desk.tiny(tmp_path, f"{{missed: {rule}}}", a=post("Late.", "2026-11-30 08:00"))
    done = desk.apply()
    assert (done.code, done.codes) == (code, ["PC405"])
    assert desk.live() == ()
    assert desk.requests() == {}


def test_a_paused_workspace_sends_and_removes_nothing(tmp_path: Path) -> None:
    desk = applied(tmp_path, a=post("A."), b=post("B.", "2026-12-02 09:30"))
    before, sent = desk.live(), desk.requests()
    desk.write(
        "plancast.yaml",
        (desk.folder / "plancast.yaml").read_text().replace("policy: {}", "policy: {paused: true}"),
    )
    desk.write("c.yaml", post("C.", "2026-12-03 09:30"))
    (desk.folder / "a.yaml").unlink()
    desk.edit("b.yaml", "B.", "B again.")
    done = desk.apply()
    assert (done.code, set(done.codes)) == (0, {"PC707"})
    assert (desk.live(), desk.requests()) == (before, sent)
    desk.edit("plancast.yaml", "{paused: true}", "{}")
    assert desk.apply().code == 0
    assert desk.texts() == ["B again.", "C."]


def test_a_full_queue_lets_the_soonest_go_first(tmp_path: Path) -> None:
    provider = "{name: sandbox, clock: 2026-11-30T08:00:00Z, queue_limit: 1}"
    desk = Desk.tiny(
        tmp_path,
        provider=provider,
        a=post("Later.", "2026-12-09 09:30"),
        b=post("Soonest.", "2026-12-01 09:30"),
    )
    assert desk.plan()["summary"]["deferred"] == 1
    shown = desk.apply()
    assert "PC905" in shown.codes
    assert desk.texts() == ["Soonest."]
    with desk.person() as world:
        world.set_clock("2026-12-02T08:00:00Z")
    assert desk.apply().code == 0
    assert desk.texts() == ["Later.", "Soonest."]
