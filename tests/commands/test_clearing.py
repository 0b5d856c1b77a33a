"""The changes that CI may send: from the tip of the branch, approved by a person, each once."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from plancast.sandbox.faults import Fault, FaultKind
from tests.commands.workspace_dir import Result, WorkspaceDir, post
from tests.forges.stand_in import GitHubStandIn, GitLabStandIn, serving

StandIns = GitHubStandIn | GitLabStandIn
ZERO = "0" * 40


@dataclass
class Team:
    """A repository with a remote, a workspace in it, and a forge on which requests are merged."""

    workspace: WorkspaceDir
    stand_in: StandIns
    folder: Path
    commits: list[str]

    # -- what authors do ----

    def git(self, *args: str) -> str:
        line = ["git", "-c", "user.name=Ada", "-c", "user.email=ada@example.org", *args]
        done = subprocess.run(
            line, cwd=self.workspace.folder, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def commit(self, message: str = "posts") -> str:
        """Commit all, and push it to the default branch."""
        self.git("add", "-A")
        self.git("commit", "-qm", message)
        self.git("push", "-q", "origin", "HEAD:refs/heads/main")
        self.commits.append(self.git("rev-parse", "HEAD"))
        return self.commits[-1]

    def request(self, number: int = 12) -> Result:
        """A request whose run comments what it would do."""
        self.stand_in.number = number
        self.workspace.environ = self.stand_in.environ(self.folder)
        assert self.workspace.run("plan", "-o", self.plan).code in (0, 4)
        return self.workspace.run("comment", self.plan)

    def merge(self, number: int = 12) -> None:
        """The request is merged: its files are the tip."""
        sha = self.commit(f"request {number}")
        made = self.stand_in.merged(number, sha)
        self.stand_in.commits[sha] = [made]
        self.stand_in.closed.insert(0, made)

    # -- what runs do ----

    @property
    def plan(self) -> str:
        return str(self.folder / "plan.json")

    @property
    def reviewed(self) -> str:
        return str(self.folder / "reviewed.json")

    def environ(self, kind: str = "push", ref: str = "main") -> dict[str, str]:
        """Return the environment of a run after the merge, for the commit that is checked out."""
        sha = self.git("rev-parse", "HEAD")
        made = self.stand_in.after_merge()
        if isinstance(self.stand_in, GitHubStandIn):
            event = self.folder / "event.json"
            event.write_text(json.dumps({"repository": {"default_branch": "main"}}))
            names = {"push": "push", "clock": "schedule", "person": "workflow_dispatch"}
            full = f"refs/tags/{ref[4:]}" if ref.startswith("tag:") else f"refs/heads/{ref}"
            return {
                **made,
                "GITHUB_SHA": sha,
                "GITHUB_REF": full,
                "GITHUB_REF_NAME": ref.removeprefix("tag:"),
                "GITHUB_EVENT_PATH": str(event),
                "GITHUB_EVENT_NAME": names[kind],
                "GITHUB_ACTOR": "ada",
            }
        names = {"push": "push", "clock": "schedule", "person": "web"}
        branch = {} if ref.startswith("tag:") else {"CI_COMMIT_BRANCH": ref}
        return {
            **made,
            **branch,
            "CI_COMMIT_SHA": sha,
            "CI_DEFAULT_BRANCH": "main",
            "CI_PIPELINE_SOURCE": names[kind],
            "GITLAB_USER_LOGIN": "ada",
        }

    def run(self, kind: str = "push", named: str = "", ref: str = "main") -> tuple[str, Result]:
        """Plan, ask what was reviewed, apply: the word, and how the last command ended."""
        self.workspace.environ = self.environ(kind, ref)
        planned = self.workspace.run("plan", "-o", self.plan)
        assert planned.code in (0, 4), planned.err
        flags = ("--plan", named) if named else ()
        asked = self.workspace.run("reviewed", self.plan, "-o", self.reviewed, *flags)
        assert asked.code == 0, asked.err
        if asked.out != "same\n":
            return asked.out.strip(), asked
        return "same", self.workspace.run("apply", self.plan, "--reviewed", self.reviewed)

    def night(self, *args: str) -> Result:
        """A top-up."""
        self.workspace.environ = self.environ("clock")
        return self.workspace.run("apply", *(args or ("--waiting", "--auto-approve")))

    def checkout(self, commit: str) -> None:
        self.git("checkout", "-q", commit)

    @property
    def state(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.workspace.state_file.read_text())
        return document


pytestmark = pytest.mark.part(4)


@pytest.fixture(params=[GitHubStandIn, GitLabStandIn], ids=["github", "gitlab"])
def team(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Team]:
    """A workspace with no posts yet, its first commit pushed."""
    made: StandIns = request.param()
    with serving(made):
        subprocess.run(["git", "init", "-q", "--bare", tmp_path / "origin"], check=True)
        subprocess.run(["git", "init", "-qb", "main", tmp_path / "posts"], check=True)
        workspace = WorkspaceDir.tiny(tmp_path / "posts", stays=post("Stays.", "2026-12-20 09:30"))
        team = Team(workspace, made, tmp_path, [])
        workspace.write(".gitignore", ".plancast/\n.plancast-sandbox/\n")
        team.git("remote", "add", "origin", str(tmp_path / "origin"))
        team.commit("begin")
        assert workspace.apply().code == 0
        yield team


def test_what_a_merged_request_showed_is_sent_once(team: Team) -> None:
    team.workspace.write("a.yaml", post("Hello."))
    assert team.request().code == 0
    team.merge()
    word, done = team.run()
    assert (word, done.code) == ("same", 0), done.err
    assert team.workspace.texts() == ["Hello.", "Stays."]
    assert team.state["approved"] == {}
    assert len(team.state["spent"]) == 1
    assert team.state["applied"] == {"branch": "main", "commit": team.commits[-1]}
    word, again = team.run()
    assert (word, again.code) == ("nothing", 0)
    assert team.workspace.texts() == ["Hello.", "Stays."]


def test_a_push_that_nobody_reviewed_is_refused_and_no_night_sends_it(team: Team) -> None:
    team.workspace.write("a.yaml", post("Nobody has seen this."))
    team.commit()
    word, result = team.run()
    assert word == "unknown"
    assert "a@x" in result.err
    done = team.night()
    assert done.code == 0, done.err
    assert "warning[PC843]" in done.err
    assert team.workspace.texts() == ["Stays."]


@pytest.mark.parametrize("kind", ["clock", "person"])
def test_a_night_that_creates_without_asking_is_a_top_up(team: Team, kind: str) -> None:
    """As workflows of older versions have it, and a person may start it by hand."""
    team.workspace.write("a.yaml", post("Nobody has seen this."))
    team.commit()
    team.workspace.environ = team.environ(kind)
    done = team.workspace.run("apply", "--only", "create", "--auto-approve")
    assert (done.code, team.workspace.texts()) == (0, ["Stays."])


def test_an_old_run_that_is_repeated_does_not_bring_back_what_was_removed(team: Team) -> None:
    team.workspace.write("a.yaml", post("Hello."))
    team.request(12)
    team.merge(12)
    assert team.run()[1].code == 0
    (team.workspace.folder / "a.yaml").unlink()
    team.request(13)
    team.merge(13)
    assert team.run()[1].code == 0
    assert team.workspace.texts() == ["Stays."]
    team.checkout(team.commits[-2])
    word, asked = team.run()
    assert (word, asked.code) == ("superseded", 0)
    assert "by hand" not in asked.err, "no person is asked to bring it back"
    assert team.workspace.texts() == ["Stays."]


def test_what_was_approved_and_removed_and_added_again_has_to_be_seen_again(team: Team) -> None:
    team.workspace.write("a.yaml", post("Hello."))
    team.request(12)
    team.merge(12)
    team.run()
    (team.workspace.folder / "a.yaml").unlink()
    team.request(13)
    team.merge(13)
    team.run()
    team.workspace.write("a.yaml", post("Hello."))
    team.commit("by hand")
    word, _ = team.run()
    assert word != "same"


def test_a_commit_that_was_forced_away_is_refused(team: Team) -> None:
    team.workspace.write("a.yaml", post("Hello."))
    team.request()
    team.merge()
    sha = team.commits[-1]
    team.git("push", "-qf", "origin", f"{team.commits[0]}:refs/heads/main")
    team.stand_in.apart.add(sha)
    word, done = team.run()
    assert (word, done.code, done.errors) == ("same", 4, ["PC841"])


def test_nobody_is_asked_to_approve_of_a_commit_that_was_forced_away(team: Team) -> None:
    team.workspace.write("a.yaml", post("Hello."))
    team.commit("unseen")
    sha = team.commits[-1]
    team.git("push", "-qf", "origin", f"{team.commits[0]}:refs/heads/main")
    team.stand_in.apart.add(sha)
    word, asked = team.run()
    assert (word, asked.code) == ("superseded", 0)
    assert "not on the branch any more" in asked.err
    assert "by hand" not in asked.err
    assert team.workspace.texts() == ["Stays."]


def test_a_tag_with_the_name_of_the_branch_is_not_the_branch(team: Team) -> None:
    team.workspace.write("a.yaml", post("Hello."))
    team.request()
    team.merge()
    named = plan_named(team)
    _, done = team.run("person", named, ref="tag:main")
    assert (done.code, done.errors) == (4, ["PC841"])
    assert team.workspace.texts() == ["Stays."]


def plan_named(team: Team) -> str:
    """The id that the summary of a run shows."""
    team.workspace.environ = {}
    shown = team.workspace.run("plan", "--format", "markdown").out
    return shown.split("The id of this plan: `")[1].split("`")[0]


def unreviewed(team: Team, kind: str = "push", ref: str = "main") -> Result:
    """A run of a workflow that asks for no review: as older versions and people write them."""
    team.workspace.environ = team.environ(kind, ref)
    assert team.workspace.run("plan", "-o", team.plan).code in (0, 4)
    return team.workspace.run("apply", team.plan)


@pytest.mark.parametrize("kind", ["push", "clock", "person"])
def test_a_run_that_asks_for_no_review_applies_the_tip_alone(team: Team, kind: str) -> None:
    team.workspace.write("a.yaml", post("Hello."))
    team.commit()
    (team.workspace.folder / "a.yaml").unlink()
    team.commit()
    team.checkout(team.commits[-2])
    late = unreviewed(team, kind)
    assert (late.code, late.errors) == (4, ["PC840"])
    elsewhere = unreviewed(team, kind, "tag:main")
    assert (elsewhere.code, elsewhere.errors) == (4, ["PC841"])
    assert team.workspace.texts() == ["Stays."]
    team.checkout(team.commits[-1])
    team.workspace.write("b.yaml", post("At the tip."))
    team.commit()
    done = unreviewed(team, kind)
    assert done.code == 0, done.err
    assert team.workspace.texts() == ["At the tip.", "Stays."]
    assert team.state["applied"] == {"branch": "main", "commit": team.commits[-1]}


def test_a_run_that_asks_for_no_review_approves_as_the_person_who_started_it(team: Team) -> None:
    team.workspace.write("a.yaml", post("Hello."))
    team.commit()
    with team.workspace.person() as world:
        world.arm(Fault(FaultKind.SUCCESS_FALSE_200, "POST /updates/create.json"))
    assert unreviewed(team).code == 1
    (kept,) = team.state["approved"].values()
    assert kept["by"]["person"] == "ada"
    assert kept["by"]["run"].startswith("https://")


def test_a_person_applies_the_plan_whose_id_they_name(team: Team) -> None:
    team.workspace.write("a.yaml", post("By a push."))
    team.commit()
    assert team.run()[0] == "unknown"
    named = plan_named(team)
    assert team.run("person", ZERO[:32])[0] == "different"
    word, done = team.run("person", named)
    assert (word, done.code) == ("same", 0), done.err
    assert team.workspace.texts() == ["By a push.", "Stays."]


def test_a_plan_that_changed_since_it_was_read_is_another_one(team: Team) -> None:
    team.workspace.write("a.yaml", post("By a push."))
    team.commit()
    named = plan_named(team)
    team.workspace.write("b.yaml", post("One more.", "2026-12-05 09:30"))
    team.commit()
    word, result = team.run("person", named)
    assert word == "different"
    assert team.workspace.texts() == ["Stays."]
    assert named in result.err


def test_what_was_approved_for_another_plan_is_no_approval(team: Team) -> None:
    team.workspace.write("a.yaml", post("Hello."))
    team.request()
    team.merge()
    assert team.run()[0] == "same"
    team.workspace.write("b.yaml", post("Nobody has seen this.", "2026-12-05 09:30"))
    team.commit()
    team.workspace.environ = team.environ()
    assert team.workspace.run("plan", "-o", team.plan).code == 0
    done = team.workspace.run("apply", team.plan, "--reviewed", team.reviewed)
    assert (done.code, done.errors) == (1, ["PC845"])
    assert "Nobody has seen this." not in team.workspace.texts()


def test_a_comment_that_is_copied_to_another_request_approves_of_nothing(team: Team) -> None:
    team.workspace.write("a.yaml", post("Hello."))
    team.request(12)
    body = team.stand_in.notes[-1].body
    team.stand_in.write(team.stand_in.me, body, request=13)
    team.merge(13)
    assert team.run()[0] == "different"


def test_what_the_network_refused_is_not_repeated_at_night_and_is_reported(team: Team) -> None:
    team.workspace.write("a.yaml", post("Hello."))
    team.request()
    team.merge()
    with team.workspace.person() as world:
        world.arm(Fault(FaultKind.SUCCESS_FALSE_200, "POST /updates/create.json"))
    _, done = team.run()
    assert done.code == 1, done.err
    (waiting,) = team.state["approved"].values()
    assert (waiting["address"], waiting["refused"]) == ("a@x", True)
    at_night = team.night()
    assert reported(at_night) == [("PC844", "a@x", 0)]
    assert team.workspace.texts() == ["Stays."]
    word, done = team.run()
    assert (word, done.code) == ("same", 0), done.err
    assert team.workspace.texts() == ["Hello.", "Stays."]


def test_what_was_approved_and_was_cut_off_is_created_at_night_and_nothing_else(
    team: Team,
) -> None:
    team.workspace.write("a.yaml", post("Hello."))
    team.request()
    team.merge()
    with team.workspace.person() as world:
        world.arm(Fault(FaultKind.LOST_REQUEST, "POST /updates/create.json"))
    _, done = team.run()
    assert done.code == 6, done.err
    team.workspace.write("c.yaml", post("Nobody has seen this.", "2026-12-10 09:30"))
    team.commit()
    assert team.workspace.run("sandbox", "clock", "+10m").code == 0
    at_night = team.night()
    assert at_night.code == 0
    assert team.workspace.texts() == ["Hello.", "Stays."]
    assert team.state["approved"] == {}
    assert reported(at_night) == [("PC843", "c@x", 0)], "what was just created is not reported"


def test_what_nobody_approved_is_reported_each_night_with_its_age(team: Team) -> None:
    team.workspace.write("a.yaml", post("Nobody has seen this.", "2026-12-10 09:30"))
    team.commit()
    assert reported(team.night()) == [("PC843", "a@x", 0)]
    assert len(team.state["unapproved"]) == 1
    assert team.workspace.run("sandbox", "clock", "+3d").code == 0
    team.workspace.write("b.yaml", post("Nor this.", "2026-12-11 09:30"))
    team.commit()
    assert reported(team.night()) == [("PC843", "a@x", 3), ("PC843", "b@x", 0)]

    team.workspace.write("a.yaml", post("Edited, so it is another one.", "2026-12-10 09:30"))
    team.commit()
    assert team.workspace.run("sandbox", "clock", "+1d").code == 0
    assert reported(team.night()) == [("PC843", "a@x", 0), ("PC843", "b@x", 1)]

    named = plan_named(team)
    assert team.run("person", named)[1].code == 0
    assert reported(team.night()) == []
    assert team.state["unapproved"] == {}


def reported(night: Result) -> list[tuple[str, str, int]]:
    """Return what a top-up has left for a person: codes, addresses, and ages in days."""
    assert night.code == 0, night.err
    blocks = re.split(r"^(?=warning\[)", night.err, flags=re.MULTILINE)
    found = []
    for block in blocks:
        if code := re.match(r"warning\[(PC84[34])\]", block):
            address = re.search(r" · (\S+)$", block, re.MULTILINE)
            age = re.search(r"since \S+ \S+ UTC(?: \((\d+) days?\))?$", block, re.MULTILINE)
            assert address, block
            assert age, block
            found.append((code[1], address[1], int(age[1] or 0)))
    return found


@pytest.mark.parametrize(
    "args",
    [
        ("--waiting", "--reviewed", "x"),
        ("plan.json", "--waiting"),
        ("--reviewed", "x"),
        ("--waiting", "--destroy"),
    ],
)
def test_flags_that_contradict_each_other_are_an_error(team: Team, args: tuple[str, ...]) -> None:
    team.workspace.run("plan", "-o", "plan.json")
    done = team.workspace.run("apply", "--auto-approve", *args)
    assert done.code == 1
    assert done.errors in (["PC809"], ["PC608"], ["PC842"])


# -- approvals do not outlive what they approved of ------------------------------------------------


def limit(team: Team, posts: int) -> None:
    with team.workspace.person() as world:
        world.set_setting("queue_limit", posts)


def test_what_was_merged_into_a_full_queue_is_approved_and_created_at_night(team: Team) -> None:
    """The comment shows what waits for room, and the run after the merge takes it over."""
    limit(team, 1)
    team.workspace.write("a.yaml", post("Hello."))
    asked = team.request()
    assert "changes no post" not in asked.err
    team.merge()
    word, done = team.run()
    assert (word, done.code) == ("same", 3), done.err
    assert [one["address"] for one in team.state["approved"].values()] == ["a@x"]
    limit(team, 5)
    assert reported(team.night()) == []
    assert team.workspace.texts() == ["Hello.", "Stays."]


@pytest.mark.parametrize("by", ["push", "person"])
def test_a_request_is_used_up_by_a_run_that_had_nothing_left_to_do(team: Team, by: str) -> None:
    """One request added it, another removed it before any run; then a push adds it again."""
    team.workspace.write("a.yaml", post("Hello."))
    team.request(12)
    team.merge(12)
    (team.workspace.folder / "a.yaml").unlink()
    team.workspace.write("c.yaml", post("Something else.", "2026-12-09 09:30"))
    team.request(13)
    team.merge(13)
    word, done = team.run() if by == "push" else team.run("person", plan_named(team))
    assert (word, done.code) == ("same", 0), done.err
    assert len(team.state["spent"]) == 2
    team.workspace.write("a.yaml", post("Hello."))
    team.commit()
    assert team.run()[0] in ("different", "unknown")
    assert "Hello." not in team.workspace.texts()


def test_a_plan_that_does_nothing_is_booked_if_it_ends_an_approval(team: Team) -> None:
    limit(team, 1)
    team.workspace.write("a.yaml", post("Hello."))
    team.request(12)
    team.merge(12)
    assert team.run()[0] == "same"
    (team.workspace.folder / "a.yaml").unlink()
    team.commit("nothing that is sent")
    word, done = team.run()
    assert (word, done.code) == ("same", 0), done.err
    assert team.state["approved"] == {}
    team.workspace.write("a.yaml", post("Hello."))
    team.commit()
    limit(team, 5)
    assert team.run()[0] in ("different", "unknown")
    assert reported(team.night()) == [("PC843", "a@x", 0)]
    assert team.workspace.texts() == ["Stays."]


def test_the_comment_on_a_request_of_long_ago_approves_of_nothing(team: Team) -> None:
    """By then the state has forgotten whether its approvals were used."""
    team.workspace.write("a.yaml", post("Hello."))
    team.request()
    team.merge()
    for made in (*team.stand_in.closed, *team.stand_in.commits[team.commits[-1]]):
        made["merged_at"] = "2026-09-20T10:00:00Z"
    team.workspace.write("b.yaml", post("Else."))
    team.commit("later still")
    assert team.run()[0] == "unknown"


def test_a_night_says_whether_a_run_has_taken_over_what_waits(team: Team) -> None:
    team.workspace.write("a.yaml", post("Hello."))
    team.request()
    team.merge()
    team.workspace.environ = team.environ("clock")
    assert team.workspace.run("plan", "-o", team.plan).code == 0
    asked = team.workspace.run("reviewed", team.plan, "--kept")
    assert asked.out == "unknown\n", "no run has come by"
    assert "a@x" in asked.err
    assert team.run()[0] == "same"
    assert team.workspace.run("plan", "-o", team.plan).code == 0
    assert team.workspace.run("reviewed", team.plan, "--kept").out == "same\n"


def test_what_was_reviewed_is_booked_though_no_request_is_left_to_look(team: Team) -> None:
    team.workspace.write("a.yaml", post("Hello."))
    team.request()
    team.merge()
    team.workspace.environ = team.environ()
    assert team.workspace.run("plan", "-o", team.plan).code == 0
    asked = team.workspace.run("reviewed", team.plan, "-o", team.reviewed)
    assert asked.out == "same\n"
    with team.workspace.person() as world:
        world.arm(Fault(FaultKind.RATE_429, "GET *", times=0, retry_after=3600))
    ended = team.workspace.run("apply", team.plan, "--reviewed", team.reviewed)
    assert "PC807" in ended.errors, ended.err
    with team.workspace.person() as world:
        world.clear_faults()
    assert team.night().code == 0
    assert team.workspace.texts() == ["Hello.", "Stays."]
    assert team.state["approved"] == {}


def test_a_run_by_hand_that_is_repeated_has_nothing_to_do(team: Team) -> None:
    team.workspace.write("a.yaml", post("Nobody has seen this."))
    team.commit()
    assert team.run()[0] == "unknown"
    named = plan_named(team)
    word, done = team.run("person", named)
    assert (word, done.code) == ("same", 0)
    word, asked = team.run("person", named)
    assert (word, asked.code) == ("nothing", 0)
    assert "by hand" not in asked.err
