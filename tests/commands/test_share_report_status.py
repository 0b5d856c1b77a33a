"""`share`, `status` and `report`: send a post now, show what happened to each, and the results."""

from __future__ import annotations

from pathlib import Path

import pytest

from plancast.model.exit_codes import ExitCode
from plancast.sandbox.faults import Fault, FaultKind
from plancast.sandbox.values import Status
from tests.commands.workspace_dir import NOW, SANDBOX, WorkspaceDir, X, post

GRAPHQL = f"{{name: sandbox, api: graphql, clock: {NOW}}}"
SHARE = "POST /updates/{id}/share.json"


@pytest.fixture
def workspace(tmp_path: Path) -> WorkspaceDir:
    """Two posts in the queue, one of them on two profiles."""
    workspace = WorkspaceDir.tiny(
        tmp_path, a=post("A.", on="x, li"), b=post("B.", "2026-12-05 09:30")
    )
    assert workspace.apply().code == 0
    return workspace


def sent(workspace: WorkspaceDir) -> list[str]:
    return [item.content.text for item in workspace.live() if item.status is Status.SENT]


# -- share ----


def test_share_sends_this_one_and_no_other(workspace: WorkspaceDir) -> None:
    assert workspace.run("share", "b@x", "--auto-approve").code == 0
    assert sent(workspace) == ["B."]
    assert workspace.summary() == {"unchanged": 2, "published": 1}
    assert workspace.apply().code == 0
    assert sent(workspace) == ["B."]


@pytest.mark.parametrize("answer", ["", "no\n", "y\n", "Yes\n"])
def test_share_asks_and_only_yes_will_do(workspace: WorkspaceDir, answer: str) -> None:
    assert workspace.run("share", "b@x", stdin=answer).code == ExitCode.ERROR
    assert sent(workspace) == []
    assert workspace.requests().get(SHARE) is None


def test_a_yes_is_enough(workspace: WorkspaceDir) -> None:
    assert workspace.run("share", "b@x", stdin="yes\n").code == 0
    assert sent(workspace) == ["B."]


def test_what_was_sent_is_not_sent_again(workspace: WorkspaceDir) -> None:
    workspace.run("share", "b@x", "--auto-approve")
    for _ in range(2):
        assert workspace.run("share", "b@x", "--auto-approve").code == ExitCode.ERROR
        workspace.apply()
    assert sent(workspace) == ["B."]


def test_only_what_is_owned_can_be_sent(workspace: WorkspaceDir) -> None:
    with workspace.person() as world:
        world.person_create(X, "By hand.", at="2026-12-06T09:30:00Z")
    result = workspace.run("share", "by-hand@x", "--auto-approve")
    assert (result.code, result.codes) == (ExitCode.ERROR, ["PC607"])
    assert sent(workspace) == []


@pytest.mark.parametrize("kind", [FaultKind.LOST_ANSWER, FaultKind.ERROR_500_AFTER])
def test_a_share_whose_answer_is_lost_is_made_once(
    workspace: WorkspaceDir, kind: FaultKind
) -> None:
    with workspace.person() as world:
        world.arm(Fault(kind, "POST *share.json"))
    lost = workspace.run("share", "b@x", "--auto-approve")
    assert (lost.code, lost.codes) == (ExitCode.UNKNOWN, ["PC904"])
    assert "plancast status" in lost.err
    assert workspace.requests()[SHARE] == 1
    assert sent(workspace) == ["B."]
    row = workspace.run("status", "b@x", "--format", "json").json[0]
    assert row["status"] == "published"


def test_what_a_person_removed_cannot_be_sent(workspace: WorkspaceDir) -> None:
    with workspace.person() as world:
        for item in world.snapshot():
            world.person_delete(item.id)
    assert workspace.run("share", "b@x", "--auto-approve").code == ExitCode.ERROR
    assert workspace.live() == ()


# -- status ----


def rows(workspace: WorkspaceDir) -> dict[str, str]:
    return {
        row["address"]: row["status"] for row in workspace.run("status", "--format", "json").json
    }


def test_status_tells_of_every_post_and_all_is_well(workspace: WorkspaceDir) -> None:
    assert workspace.run("status").code == 0
    assert rows(workspace) == {"a@li": "scheduled", "a@x": "scheduled", "b@x": "scheduled"}


def test_what_was_published_has_its_link(workspace: WorkspaceDir) -> None:
    with workspace.person() as world:
        world.set_clock("2026-12-02T08:00:00Z")
        links = {item.service_link for item in world.snapshot() if item.service_link}
    result = workspace.run("status")
    assert result.code == 0
    assert len(links) == 2
    assert all(link in result.out for link in links)
    assert rows(workspace) == {"a@li": "published", "a@x": "published", "b@x": "scheduled"}


def test_what_the_network_refused_is_an_error_and_says_why(workspace: WorkspaceDir) -> None:
    with workspace.person() as world:
        world.set_setting("network_refuses", X)
        world.set_clock("2026-12-02T08:00:00Z")
        (reason,) = {item.error for item in world.snapshot() if item.error}
    result = workspace.run("status")
    assert result.code == ExitCode.ERROR
    assert reason in result.out
    assert rows(workspace) == {"a@li": "published", "a@x": "failed", "b@x": "scheduled"}


@pytest.mark.parametrize("provider", [SANDBOX, GRAPHQL], ids=["v1", "graphql"])
def test_what_failed_is_mended_and_goes_out(provider: str, tmp_path: Path) -> None:
    workspace = WorkspaceDir.tiny(tmp_path, provider=provider, a=post("A.", on="x, li"))
    workspace.apply()
    with workspace.person() as world:
        world.set_setting("network_refuses", X)
        world.set_setting("network_words", "Please reconnect this account. \x1b[31m")
        world.set_clock("2026-12-02T08:00:00Z")
        world.set_setting("network_refuses", "")
    plan = workspace.run("plan")
    assert (plan.code, plan.codes) == (0, ["PC902"])
    for shown in (plan.out, workspace.run("status").out):
        flat = " ".join(shown.split())
        assert "Buffer has lost its access to the account (Please reconnect" in flat
        assert "another time" in flat
        assert "\x1b" not in flat
    assert "variants: {x: {…}}" in " ".join(plan.out.split())
    assert workspace.apply().code == 0
    assert rows(workspace)["a@x"] == "failed", "it is not sent again by itself"
    workspace.write("a.yaml", post("A.", "2026-12-03 09:30", on="x, li"))
    asked = workspace.run("plan")
    assert "PC619" in asked.codes, "on the other profile it went out"
    assert "It failed on x. For this profile alone" in " ".join((asked.out + asked.err).split())
    variant = "variants: {x: {schedule: 2026-12-03 09:30}}\n"
    workspace.write("a.yaml", post("A.", on="x, li", more=variant))
    how = {"update": 1} if provider is GRAPHQL else {"create": 1, "destroy": 1}
    assert workspace.summary() == {**how, "published": 1, "failed": 1}
    assert workspace.apply().code == 0
    assert rows(workspace)["a@x"] == "scheduled"
    with workspace.person() as world:
        world.set_clock("2026-12-04T08:00:00Z")
    assert rows(workspace)["a@x"] == "published"
    assert sent(workspace) == ["A.", "A."]


def test_what_is_gone_is_missing_and_an_error(workspace: WorkspaceDir) -> None:
    with workspace.person() as world:
        world.person_delete(next(i.id for i in world.snapshot() if i.content.text == "B."))
    assert workspace.run("status").code == ExitCode.ERROR
    assert rows(workspace)["b@x"] == "missing"
    assert workspace.run("status", "a@x").code == 0, "of this one all is well"
    assert workspace.run("status", "b@x").code == ExitCode.ERROR


def test_what_is_overdue_is_an_error(workspace: WorkspaceDir) -> None:
    with workspace.person() as world:
        world.set_profile(X, paused=True)
        world.set_clock("2026-12-02T08:00:00Z")
    assert workspace.run("status").code == ExitCode.ERROR
    assert rows(workspace)["a@x"] == "overdue"


def test_an_unknown_outcome_is_told_and_an_error(tmp_path: Path) -> None:
    workspace = WorkspaceDir.tiny(tmp_path, a=post("A."))
    with workspace.person() as world:
        world.arm(Fault(FaultKind.LOST_REQUEST, "POST *"))
    assert workspace.apply("--no-wait").code == ExitCode.UNKNOWN
    assert workspace.run("status").code == ExitCode.ERROR
    assert rows(workspace) == {"a@x": "unknown"}


def test_status_of_one_address_is_of_that_alone(workspace: WorkspaceDir) -> None:
    (row,) = workspace.run("status", "a@li", "--format", "json").json
    assert row["address"] == "a@li"
    assert workspace.run("status", "c@x").codes == ["PC607"]


def test_of_nothing_there_is_nothing_to_tell(tmp_path: Path) -> None:
    result = WorkspaceDir.tiny(tmp_path, a=post()).run("status")
    assert result.code == 0
    assert "Nothing" in result.out


# -- report ----


def test_the_report_shows_what_was_sent_and_by_whom(workspace: WorkspaceDir) -> None:
    with workspace.person() as world:
        world.person_create(X, "By hand.", at="2026-12-01T10:00:00Z")
        world.set_clock("2026-12-02T08:00:00Z")
        links = {item.id: item.service_link for item in world.snapshot() if item.service_link}
    report = workspace.run("report", "--format", "json").json
    assert [(row["address"], row["text"]) for row in report] == [
        (None, "By hand."),
        ("a@x", "A."),
        ("a@li", "A."),
    ]
    assert {row["id"]: row["link"] for row in report} == links
    assert all(row["statistics"] for row in report)
    shown = workspace.run("report")
    assert shown.code == 0
    assert all(link in shown.out for link in links.values())


def test_likes_are_counted_whatever_the_network_calls_them(tmp_path: Path) -> None:
    workspace = WorkspaceDir.tiny(
        tmp_path,
        provider=GRAPHQL,
        a=post("A.", on="x, li, ig", more="images: [https://a.example/1.png]\n"),
    )
    li = "li: {service: linkedin}"
    workspace.edit("plancast.yaml", li, f"{li}\n  ig: {{service: instagram}}")
    assert workspace.apply().code == 0
    with workspace.person() as world:
        world.set_clock("2026-12-02T08:00:00Z")
    rows = workspace.run("report", "--format", "json").json
    assert len(rows) == 3
    assert all("likes" in row["statistics"] for row in rows)
    assert not any("reactions" in row["statistics"] for row in rows)
    assert "LIKES" in workspace.run("report").out


def test_the_report_reaches_as_far_back_as_asked(workspace: WorkspaceDir) -> None:
    with workspace.person() as world:
        world.set_clock("2026-12-08T08:00:00Z")
    assert len(workspace.run("report", "--days", "30", "--format", "json").json) == 3
    assert [
        row["address"] for row in workspace.run("report", "--days", "4", "--format", "json").json
    ] == ["b@x"]
    nothing = workspace.run("report", "--days", "1", "--format", "json")
    assert (nothing.code, nothing.json) == (0, [])
    assert "last 1 day." in workspace.run("report", "--days", "1").err


def test_the_report_shows_what_went_out_long_after_its_state_was_lost(
    workspace: WorkspaceDir,
) -> None:
    with workspace.person() as world:
        world.set_clock("2026-12-02T08:00:00Z")
    workspace.lose_state()
    report = workspace.run("report", "--format", "json").json
    assert [row["address"] for row in report] == [None, None]


def test_looking_changes_nothing(workspace: WorkspaceDir) -> None:
    before, sent_before = workspace.live(), workspace.requests()
    for command in (("status",), ("report",), ("status", "a@x")):
        workspace.run(*command)
    assert (workspace.live(), workspace.requests()) == (before, sent_before)
