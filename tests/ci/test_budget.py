"""Over Buffer's current API, whose requests can be used up for a day: what the jobs make of that.

A job that the budget ended is no failure, since there is nothing to mend: another goes on. One in
which something else went wrong as well still is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from plancast.sandbox.faults import Fault, FaultKind
from tests.ci.ci_repository import BUFFER, CiRepository, ci_repository, post
from tests.ci.gitlab_job import run
from tests.forges.stand_in import GitHubStandIn, GitLabStandIn

NAMES = "abcd"
FILES: dict[str, str | None] = {
    f"posts/{name}.yaml": post(f"Number {name}.", 5 + day) for day, name in enumerate(NAMES)
}
USED_UP = "::warning title=The budget of requests is used up::"


@pytest.fixture
def github(tmp_path: Path) -> Iterator[CiRepository]:
    with ci_repository(tmp_path, GitHubStandIn(app=True), "buffer-graphql") as found:
        yield found


@pytest.fixture
def gitlab(tmp_path: Path) -> Iterator[CiRepository]:
    with ci_repository(tmp_path, GitLabStandIn(me="project_7_bot"), "buffer-graphql") as found:
        yield found


def allow(repository: CiRepository, requests: int) -> None:
    """The key may make so many requests in 24 hours, counted from when that was first said."""
    repository.world.set_setting("graphql_windows", f"{requests}/86400")


def texts(names: str) -> list[str]:
    return [f"Number {name}." for name in names]


def test_a_large_merge_is_done_over_several_nights(github: CiRepository) -> None:
    repository = github
    repository.push("many", FILES)
    planned = repository.run("plan", "plan", "many", "pull_request")
    assert planned.ok, planned.log
    assert "Plan: 4 to create" in repository.comment()
    repository.merge("many")
    assert repository.run("apply", "plan", "main", "push").ok

    allow(repository, 5)
    done = repository.run("apply", "apply", "main", "push")
    assert done.ok, done.log
    (warning,) = done.annotations
    assert warning.startswith(USED_UP)
    assert re.search(r"all jobs of this run, from [0-9T:-]+Z on\.$", warning)
    assert repository.texts() == texts("ab"), "the soonest first"

    used_up = repository.run("nightly", "top-up", "main", "schedule")
    assert used_up.ok, used_up.log
    assert used_up.annotations == [
        "::notice title=The budget of requests is used up::Another night goes on."
    ]
    unseen = repository.run("nightly", "drift", "main", "schedule")
    assert unseen.ok, unseen.log
    assert [line.startswith(USED_UP) for line in unseen.annotations] == [True, True]
    assert repository.texts() == texts("ab")

    repository.push("more", {"posts/e.yaml": post("Number e.", 20)})
    shown = repository.run("plan", "plan", "more", "pull_request")
    assert shown.ok, shown.log
    assert [line.startswith(USED_UP) for line in shown.annotations] == [True]
    assert "Without a look at Buffer" in shown.summary

    allow(repository, 100)
    waiting = repository.run("nightly", "drift", "main", "schedule")
    assert waiting.ok, waiting.log
    (notice,) = waiting.annotations
    assert notice.startswith("::notice title=Posts wait to be created::")
    topped = repository.run("nightly", "top-up", "main", "schedule")
    assert topped.ok, topped.log
    assert topped.annotations == []
    assert repository.texts() == texts(NAMES)
    quiet = repository.run("nightly", "drift", "main", "schedule")
    assert (quiet.ok, quiet.annotations) == (True, []), quiet.log
    logs = (planned, done, used_up, unseen, shown, topped)
    assert all(BUFFER not in item.log + item.summary for item in logs)


def test_what_was_refused_beside_it_is_a_failure_all_the_same(github: CiRepository) -> None:
    repository = github
    repository.push("many", FILES)
    assert repository.run("plan", "plan", "many", "pull_request").ok
    repository.merge("many")
    assert repository.run("apply", "plan", "main", "push").ok
    allow(repository, 5)
    repository.world.arm(Fault(FaultKind.SUCCESS_FALSE_200, "mutation *"))
    done = repository.run("apply", "apply", "main", "push")
    assert done.codes["apply"] == 3, done.log
    assert not done.ok
    assert not [line for line in done.annotations if line.startswith(USED_UP)]


def test_a_person_who_changed_the_queue_makes_a_night_red_here_too(github: CiRepository) -> None:
    repository = github
    repository.push("few", {"posts/a.yaml": FILES["posts/a.yaml"]})
    assert repository.run("plan", "plan", "few", "pull_request").ok
    repository.merge("few")
    assert repository.run("apply", "plan", "main", "push").ok
    assert repository.run("apply", "apply", "main", "push").ok
    repository.push("main", {"posts/b.yaml": FILES["posts/b.yaml"]})
    repository.world.person_edit(repository.live()[0].id, text="Edited by hand.")
    loud = repository.run("nightly", "drift", "main", "schedule")
    assert not loud.ok
    assert loud.codes["plan"] == 2


@pytest.mark.night
def test_the_same_in_gitlab(gitlab: CiRepository) -> None:
    repository = gitlab
    repository.push("many", FILES)
    planned = run(repository, "plancast plan", "many", "merge_request_event")
    assert planned.code == 0, planned.log
    repository.merge("many")
    allow(repository, 8)
    done = run(repository, "plancast apply", "main", "push")
    assert done.code == 0, done.log
    assert repository.texts() == texts("ab")
    assert "Apply: " in repository.comment()

    unseen = run(repository, "plancast drift", "main", "schedule")
    assert unseen.code == 0, unseen.log
    assert "The queue was not looked at." in unseen.log
    assert "What became of the posts was not looked at." in unseen.log
    assert run(repository, "plancast top-up", "main", "schedule").code == 3, "allowed, and shown"
    shown = run(repository, "plancast plan", "many", "merge_request_event")
    assert shown.code == 0, shown.log
    assert "Planned without a look at Buffer." in shown.log

    allow(repository, 100)
    waiting = run(repository, "plancast drift", "main", "schedule")
    assert waiting.code == 0, waiting.log
    assert "Posts wait to be created." in waiting.log
    assert run(repository, "plancast top-up", "main", "schedule").code == 0
    assert repository.texts() == texts(NAMES)
    repository.world.person_edit(repository.live()[0].id, text="Edited by hand.")
    assert run(repository, "plancast drift", "main", "schedule").code == 2
