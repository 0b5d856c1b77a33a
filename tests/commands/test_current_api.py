"""Buffer's current API on bad days: what `plan` and `apply` say and do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from plancast.sandbox import Fault, FaultKind
from tests.commands.workspace_dir import LINKEDIN, NOW, WorkspaceDir, X, many, post

API = f"name: sandbox, api: graphql, clock: {NOW}"
URL = "https://acme.example/launch"


def workspace(folder: Path, options: str = "", policy: str = "{}", **posts: str) -> WorkspaceDir:
    provider = f"{{{API}{', ' if options else ''}{options}}}"
    return WorkspaceDir.tiny(folder, policy, provider, **posts)


def set_(one: WorkspaceDir, **settings: Any) -> None:
    with one.person() as world:
        for name, value in settings.items():
            world.set_setting(name, value)


def changes(one: WorkspaceDir) -> int:
    with one.person() as world:
        received = world.requests().received
    return sum(count for name, count in received.items() if name.startswith("mutation"))


def empty(one: WorkspaceDir) -> bool:
    return one.run("plan", "--detailed-exitcode").code == 0


# -- budgets ----


def test_a_budget_ends_the_run_and_the_next_one_goes_on(tmp_path: Path) -> None:
    one = workspace(tmp_path, "rate_limit: [{requests: 8, seconds: 86400}]", **many(12))
    plan = one.run("plan")
    assert plan.code == 0
    assert "12 requests" in plan.out
    first = one.apply()
    assert first.code == 3, first.err
    assert "resumes at" in first.out + first.err
    made = one.texts()
    assert made == [f"Number {n}." for n in range(len(made))], "the soonest first"
    assert 0 < len(made) < 8
    again = one.apply()
    assert again.code == 3, "there is not even a request left to look"
    assert "PC807" in again.err
    assert "resumes at" in again.err
    assert one.texts() == made


def test_what_is_told_about_the_budget_is_data_too(tmp_path: Path) -> None:
    one = workspace(tmp_path, "rate_limit: [{requests: 7, seconds: 86400}]", **many(9))
    assert one.plan()["budget"]["windows"][0]["limit"] == 7
    result = one.apply("--json")
    assert result.code == 3
    (finished,) = [event for event in result.events if event["event"] == "apply_finished"]
    assert finished["resumes_at"]
    assert finished["failed"] == finished["unknown"] == []
    assert len(finished["applied"]) + len(finished["not_attempted"]) == 9


def test_on_the_free_plan_ten_wait_and_the_rest_is_topped_up(tmp_path: Path) -> None:
    one = workspace(tmp_path, **many(13))
    with one.person() as world:
        world.set_setting("queue_limit", 10)
    first = one.apply()
    assert (first.code, len(one.texts())) == (3, 10)
    with one.person() as world:
        world.set_clock("2026-12-03T12:00:00Z")  # three went out
    second = one.apply()
    assert second.code == 0, second.err
    assert len(one.texts()) == 13
    assert empty(one)


# -- answers that are not what was asked for ----


def test_an_edit_that_is_called_done_and_was_not_is_an_error(tmp_path: Path) -> None:
    one = workspace(tmp_path, a=post("Hello."))
    assert one.apply().code == 0
    one.edit("a.yaml", "Hello.", "Good morning.")
    with one.person() as world:
        world.arm(Fault(FaultKind.EDIT_IGNORED, "mutation editPost"))
    result = one.apply()
    assert result.code == 1
    assert "shows another text" in result.out + result.err
    assert one.texts() == ["Hello."]
    assert one.apply().code == 0
    assert one.texts() == ["Good morning."]
    assert empty(one)


@pytest.mark.parametrize("mode", ["replace", "patch"])
def test_edits_take_effect_however_edits_are_meant(tmp_path: Path, mode: str) -> None:
    more = f"link: {URL}\nfirst_comment: First\nvariants: {{x: {{first_comment: ''}}}}\n"
    one = workspace(tmp_path, a=post("Hello.", on="x, li", more=more))
    set_(one, edit_mode=mode)
    assert one.apply().code == 0
    one.write("a.yaml", post("Hello.", "2026-12-02 10:00", on="x, li"))
    assert one.apply().code == 0
    assert empty(one)
    assert {item.due_at for item in one.live()} == {1796202000}


def test_a_reminder_is_said_aloud(tmp_path: Path) -> None:
    one = workspace(tmp_path, a=post())
    set_(one, notification_downgrade=True)
    result = one.apply()
    assert result.code == 0
    assert "remind" in result.out
    later = one.run("plan")
    assert (later.code, later.codes) == (0, ["PC907"])
    assert "reminder" in one.run("status").out


def test_a_post_beside_an_error_is_not_made_again(tmp_path: Path) -> None:
    one = workspace(tmp_path, a=post())
    with one.person() as world:
        world.arm(Fault(FaultKind.ERRORS_BESIDE_DATA, "mutation createPost"))
    assert one.apply().code == 0
    assert empty(one)
    assert (len(one.texts()), changes(one)) == (1, 1)


def test_a_page_from_the_edge_is_no_word_about_the_key(tmp_path: Path) -> None:
    one = workspace(tmp_path, a=post())
    with one.person() as world:
        world.arm(Fault(FaultKind.HTML_403, "query *", times=9))
    result = one.run("plan")
    assert (result.code, result.codes) == (1, ["PC804"])
    assert "edge" in result.err


def test_a_word_that_is_new_to_us_is_no_trouble(tmp_path: Path) -> None:
    one = workspace(tmp_path, a=post())
    assert one.apply().code == 0
    with one.person() as world:
        world.arm(Fault(FaultKind.NEW_ENUM, "query posts", times=9))
    assert empty(one)


# -- people and channels ----


def test_a_post_that_a_person_changed_after_the_plan_makes_it_stale(tmp_path: Path) -> None:
    one = workspace(tmp_path, a=post("Hello."))
    assert one.apply().code == 0
    one.edit("a.yaml", "Hello.", "Good morning.")
    assert one.run("plan", "-o", "plan.json").code == 0
    with one.person() as world:
        (item,) = world.snapshot()
        world.person_edit(item.id, text="By hand.")
    result = one.run("apply", "plan.json")
    assert (result.code, result.codes) == (7, ["PC609"])
    assert one.texts() == ["By hand."]


@pytest.mark.parametrize(
    ("state", "code"),
    [({"disconnected": True}, "PC306"), ({"locked": True}, "PC308"), ({"paused": True}, "PC309")],
)
def test_a_channel_that_takes_nothing_is_told(
    tmp_path: Path, state: dict[str, bool], code: str
) -> None:
    one = workspace(tmp_path, a=post())
    with one.person() as world:
        world.set_profile(X, **state)  # type: ignore[arg-type]
    assert code in one.run("plan").codes
    result = one.apply()
    assert result.code == (0 if code == "PC309" else 1), result.out + result.err


def test_a_channel_that_shortens_links_is_told_and_makes_no_difference(tmp_path: Path) -> None:
    one = workspace(tmp_path, a=post(f"See {URL} now", on="x, li"))
    with one.person() as world:
        world.set_setting("graphql_shortens", True)
        world.set_profile(LINKEDIN, shortens=False)
    assert one.run("plan").codes == ["PC512"]
    assert one.apply().code == 0
    assert URL not in next(item.content.text for item in one.live() if item.profile_id == X)
    assert empty(one)
    one.edit("a.yaml", "now", "soon")
    assert one.summary()["update"] == 2
    assert one.apply().code == 0
    assert empty(one)


def test_what_was_approved_by_a_person_stays_until_its_file_changes(tmp_path: Path) -> None:
    one = workspace(tmp_path, a=post("Hello.", more="stage: needs_approval\n"))
    assert one.apply().code == 0
    assert "needs approval" in one.run("status").out
    with one.person() as world:
        (item,) = world.snapshot()
        world.person_approve(item.id)
    assert empty(one)
    one.edit("a.yaml", "Hello.", "Good morning.")
    plan = one.plan()
    assert [leaf["path"] for leaf in plan["changes"][0]["fields"]] == ["text", "stage"]
    assert one.apply().code == 0
    assert "needs approval" in one.run("status").out
    assert empty(one)


def test_an_approval_that_no_policy_asks_for_says_what_to_write_instead(tmp_path: Path) -> None:
    one = workspace(tmp_path, a=post("Hello.", more="stage: needs_approval\n"))
    set_(one, approvals=False)
    result = one.apply()
    assert result.code == 1
    assert "only valid when your posting policy on this channel requires approval" in result.out
    assert "write `stage: draft` or `stage: scheduled`" in result.out
    assert one.texts() == []


def test_tags_of_people_stay(tmp_path: Path) -> None:
    one = workspace(tmp_path, "ownership_tag: plancast", a=post(more="campaign: launch\n"))
    assert one.apply().code == 0
    assert _tags(one) == ["launch", "plancast"]
    with one.person() as world:
        _tag_by_hand(world, "theirs")
    assert empty(one)
    one.edit("a.yaml", "Hello.", "Good morning.")
    assert one.apply().code == 0
    assert _tags(one) == ["launch", "plancast", "theirs"]
    assert empty(one)


def test_where_there_is_no_room_for_tags_posts_go_without(tmp_path: Path) -> None:
    seed = (
        "account: {plan: free, token: sandbox-token}\n"
        f"profiles:\n  - {{id: {X}, service: twitter}}\n  - {{id: {LINKEDIN}, service: linkedin}}\n"
        "tags:\n" + "".join(f"  - {{name: t{n}}}\n" for n in range(3))
    )
    one = workspace(tmp_path, "seed: world.seed", a=post(more="campaign: launch\n"))
    one.write("world.seed", seed)
    result = one.apply()
    assert result.code == 0, result.err
    assert "no room for the tag 'launch'" in result.out + result.err
    assert _tags(one) == []
    assert empty(one)


QUERY = """query($o: OrganizationId!) {
  posts(first: 10, input: {organizationId: $o}) { edges { node { id tags { id name } } } }
}"""


def _ask(world: Any, document: str, **variables: Any) -> Any:
    from werkzeug.test import Client  # noqa: PLC0415

    from plancast.sandbox import SandboxApp  # noqa: PLC0415

    answer = Client(SandboxApp(world)).post(
        "/graphql",
        json={"query": document, "variables": variables},
        headers={"Authorization": "Bearer sandbox-token"},
    )
    found: Any = answer.json
    assert "errors" not in found, found
    return found["data"]


def _organization(world: Any) -> str:
    found = _ask(world, "{ account { organizations { id } } }")
    return str(found["account"]["organizations"][0]["id"])


def _posts(world: Any) -> list[Any]:
    found = _ask(world, QUERY, o=_organization(world))
    return [edge["node"] for edge in found["posts"]["edges"]]


def _tags(one: WorkspaceDir) -> list[str]:
    with one.person() as world:
        (found,) = _posts(world)
    return sorted(tag["name"] for tag in found["tags"])


def _tag_by_hand(world: Any, name: str) -> None:
    make = """mutation($o: OrganizationId!, $n: String!) {
      createTag(input: {organizationId: $o, tag: {name: $n, color: "#112233"}}) {
        ... on TagActionSuccess { tag { id } } } }"""
    made = _ask(world, make, o=_organization(world), n=name)["createTag"]["tag"]["id"]
    (found,) = _posts(world)
    ids = [*(tag["id"] for tag in found["tags"]), made]
    put = """mutation($i: EditPostInput!) { editPost(input: $i) { __typename } }"""
    given = {"id": found["id"], "text": "Hello.", "tagIds": ids}
    assert _ask(world, put, i=given)["editPost"]["__typename"] == "PostActionSuccess"
