"""Posts with equal texts: each is created once the one before it is out, and no run fails."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from plancast.sandbox.values import Status
from tests.commands.test_clearing import Team
from tests.commands.workspace_dir import NOW, WorkspaceDir, X, post
from tests.forges.stand_in import GitHubStandIn, serving

CREATE = {"graphql": "mutation createPost", "v1": "POST /updates/create.json"}
BERLIN = ZoneInfo("Europe/Berlin")
BEGIN = datetime.fromisoformat(NOW)
TEXT = "Market day: see you at ten."

pytestmark = pytest.mark.part(2)


@pytest.fixture(params=["graphql", "v1"])
def api(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def team(tmp_path: Path, api: str) -> Iterator[Team]:
    """A workspace with no posts yet, its first commit pushed, and the clock of a sandbox."""
    stand_in = GitHubStandIn()
    with serving(stand_in):
        subprocess.run(["git", "init", "-q", "--bare", tmp_path / "origin"], check=True)
        subprocess.run(["git", "init", "-qb", "main", tmp_path / "posts"], check=True)
        provider = f"{{name: sandbox, api: {api}, clock: {NOW}}}"
        workspace = WorkspaceDir.tiny(tmp_path / "posts", provider=provider)
        team = Team(workspace, stand_in, tmp_path, [])
        workspace.write(".gitignore", ".plancast/\n.plancast-sandbox/\n")
        team.git("remote", "add", "origin", str(tmp_path / "origin"))
        workspace.write("stays.yaml", post("Stays.", "2027-02-20 09:30"))
        team.commit("begin")
        assert workspace.apply().code == 0
        yield team


def weekly(team: Team, weeks: int) -> list[datetime]:
    """Write posts with one text, a week apart, and return their times."""
    times = [datetime(2026, 12, 4, 10, tzinfo=BERLIN) + timedelta(days=7 * n) for n in range(weeks)]
    for number, moment in enumerate(times, start=1):
        text = post(TEXT, f"{moment:%Y-%m-%d %H:%M}")
        team.workspace.write(f"week-{number}.yaml", text)
    return times


def creates(team: Team, api: str) -> int:
    """How many creates the sandbox was sent, refused ones included."""
    with team.workspace.person() as world:
        return world.requests().received.get(CREATE[api], 0)


def sent_at(team: Team) -> list[datetime]:
    """The times at which the text went out."""
    with team.workspace.person() as world:
        updates = world.snapshot()
    return sorted(
        datetime.fromtimestamp(item.sent_at or 0, BERLIN)
        for item in updates
        if item.status is Status.SENT and item.content.text == TEXT
    )


def test_five_equal_weekly_texts_go_out_one_after_the_other(team: Team, api: str) -> None:
    times = weekly(team, 5)
    before = creates(team, api)
    assert team.request().code == 0
    team.merge()
    word, merged = team.run()
    assert (word, merged.code) == ("same", 3), merged.err
    assert merged.codes.count("PC528") == 1
    assert "(4 times)" in merged.out + merged.err
    assert "waits until week-1@x is out" in merged.out
    assert creates(team, api) - before == 1
    for day in range(1, 7 * 5 + 2):
        with team.workspace.person() as world:
            world.set_clock(f"{BEGIN + timedelta(days=day):%Y-%m-%dT%H:%M:%SZ}")
        night = team.night()
        assert night.code in (0, 3), night.err
        assert "failed" not in night.out + night.err
    assert sent_at(team) == times
    assert creates(team, api) - before == 5
    assert team.state["approved"] == {}
    assert team.workspace.run("plan", "--detailed-exitcode").code == 0


def test_what_passes_its_time_meanwhile_is_missed_and_reported(team: Team, api: str) -> None:
    before = creates(team, api)
    team.workspace.write("a.yaml", post(TEXT, "2026-12-04 10:00"))
    team.workspace.write("b.yaml", post(TEXT, "2026-12-04 18:00"))
    assert team.request().code == 0
    team.merge()
    merged = team.run()[1]
    # The file says so before the merge; the plan does not say it a second time.
    assert (merged.codes.count("PC507"), merged.codes.count("PC529")) == (1, 0)
    with team.workspace.person() as world:
        world.set_clock("2026-12-05T08:00:00Z")
    night = team.night()
    assert "PC405" in night.codes
    assert "b@x" in night.out
    assert creates(team, api) - before == 1
    assert len(sent_at(team)) == 1


def test_a_post_of_a_person_is_waited_for_too(team: Team, api: str) -> None:
    with team.workspace.person() as world:
        world.person_create(X, TEXT, at="2026-12-02T09:00:00Z")
    before = creates(team, api)
    weekly(team, 1)
    assert team.request().code == 0
    team.merge()
    assert "waits until a post that is in Buffer already is out" in team.run()[1].out
    for day in (2, 3, 4):
        with team.workspace.person() as world:
            world.set_clock(f"2026-12-0{day}T08:{'30' if day == 4 else '45'}:00Z")
        assert team.night().code in (0, 3)
    # The person's post went out on Wednesday at 9:00, so Thursday at 8:45 would be too early.
    assert creates(team, api) - before == 1
