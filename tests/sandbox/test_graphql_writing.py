"""Making, editing, deleting and moving posts over GraphQL."""

from __future__ import annotations

from typing import Any

import pytest

from plancast.sandbox.settings import Settings
from tests.sandbox.graphql_client import (
    DELETE,
    EVERYBODY,
    PINTEREST,
    PNG,
    UNKNOWN,
    GraphqlClient,
    refused,
    words,
)
from tests.sandbox.sandbox_client import FACEBOOK, INSTAGRAM, LINKEDIN, TWITTER

DECEMBER = "2026-12-01T09:00:00.000Z"
LATER = "2026-12-02T09:00:00.000Z"
CUSTOM = {"mode": "customScheduled", "schedulingType": "automatic"}
POSTED = {"instagram": {"type": "post", "shouldShareToFeed": True}}
TAGS = [{"name": "x", "id": "1" * 24}, {"name": "y", "id": "2" * 24}]


@pytest.mark.parametrize(
    ("sent", "status", "due", "mode"),
    [
        ({"mode": "addToQueue"}, "scheduled", "2026-11-23T08:00:00.000Z", "addToQueue"),
        ({"mode": "shareNext"}, "scheduled", "2026-11-23T08:00:00.000Z", "shareNext"),
        ({"mode": "shareNow"}, "sent", "2026-11-23T07:00:00.000Z", "shareNow"),
        (
            {**CUSTOM, "dueAt": "2026-12-01T10:00:00+01:00"},
            "scheduled",
            DECEMBER,
            "customScheduled",
        ),
        (
            {"mode": "addToQueue", "dueAt": DECEMBER},
            "scheduled",
            "2026-11-23T08:00:00.000Z",
            "addToQueue",
        ),
        ({"saveToDraft": True}, "draft", None, "addToQueue"),
        ({"saveToDraft": True, "dueAt": DECEMBER}, "draft", None, "addToQueue"),
        ({"saveToDraft": True, **CUSTOM, "dueAt": DECEMBER}, "draft", DECEMBER, "customScheduled"),
        ({"saveToDraft": True, "mode": "shareNow"}, "draft", None, "addToQueue"),
        ({"needsApproval": True}, "needs_approval", None, "addToQueue"),
        (
            {"needsApproval": True, **CUSTOM, "dueAt": DECEMBER},
            "needs_approval",
            DECEMBER,
            "customScheduled",
        ),
    ],
)
def test_modes(sent: dict[str, object], status: str, due: str | None, mode: str) -> None:
    post = GraphqlClient().made(**sent)
    assert (post["status"], post["dueAt"], post["shareMode"]) == (status, due, mode)
    assert post["schedulingType"] == "automatic"


def test_share_next_goes_to_the_top_of_the_queue() -> None:
    sandbox = GraphqlClient()
    for text, mode in (("a", "addToQueue"), ("b", "addToQueue"), ("c", "shareNext")):
        sandbox.made(text, mode=mode)
    sort = [{"field": "dueAt", "direction": "asc"}]
    assert sandbox.listed(sort=sort) == ["c", "a", "b"]


def test_drafts_hold_no_slot_and_never_go_out() -> None:
    sandbox = GraphqlClient(queue_limit=1)
    draft = sandbox.made("draft", saveToDraft=True, **CUSTOM, dueAt=DECEMBER)
    asking = sandbox.made("asking", needsApproval=True)
    post = sandbox.made("post")
    assert post["dueAt"] == "2026-11-23T08:00:00.000Z"
    sandbox.world.advance(30 * 86_400)
    assert sandbox.listed(status=["sent"]) == ["post"]
    assert sandbox.show(draft["id"])["status"] == "draft"
    assert sandbox.show(asking["id"])["status"] == "needs_approval"


@pytest.mark.parametrize("mode", ["addToQueue", "customScheduled", "shareNext"])
def test_a_full_queue(mode: str) -> None:
    sandbox = GraphqlClient(seed={"account": {"plan": "free"}})
    sent = {"mode": mode, "dueAt": DECEMBER}
    posts = [sandbox.made(f"{n}", **sent) for n in range(10)]
    kind, message = refused(sandbox.create(text="one more", **sent))
    assert (kind, "10 scheduled posts" in message) == ("LimitReachedError", True)
    sandbox.made("now", mode="shareNow")
    draft = sandbox.made("draft", saveToDraft=True)
    payload = sandbox.edit(draft["id"], text="draft", saveToDraft=False)
    assert payload["__typename"] == "LimitReachedError"
    sandbox.delete(posts[0]["id"])
    assert sandbox.changed(draft["id"], text="draft", saveToDraft=False)["status"] == "scheduled"


def test_the_free_plan_has_one_thread_per_channel() -> None:
    sandbox = GraphqlClient(seed={"account": {"plan": "free"}})

    def thread(text: str, **sent: object) -> dict[str, Any]:
        parts = [{"text": text}, {"text": "more"}]
        return sandbox.create(text=text, metadata={"twitter": {"thread": parts}}, **sent)  # type: ignore[arg-type]

    first = thread("a")["post"]
    assert refused(thread("b"))[0] == "LimitReachedError"
    assert thread("c", saveToDraft=True)["__typename"] == "PostActionSuccess"
    assert thread("d", mode="shareNow")["__typename"] == "PostActionSuccess"
    again = sandbox.changed(
        first["id"], text="a", metadata={"twitter": {"thread": [{"text": "a"}, {"text": "z"}]}}
    )
    assert again["metadata"]["thread"][1]["text"] == "z"
    sandbox.delete(first["id"])
    assert thread("b")["__typename"] == "PostActionSuccess"


@pytest.mark.parametrize(
    ("channel", "changes", "kind"),
    [
        (UNKNOWN, {}, "NotFoundError"),
        (TWITTER, {"disconnected": True}, "InvalidInputError"),
        (TWITTER, {"locked": True}, "InvalidInputError"),
    ],
)
def test_channels_that_take_nothing(channel: str, changes: Any, kind: str) -> None:
    sandbox = GraphqlClient()
    sandbox.world.set_profile(TWITTER, **changes)
    assert refused(sandbox.create(channel=channel, text="Hello"))[0] == kind


def test_tags_must_be_there() -> None:
    sandbox = GraphqlClient(seed={"tags": TAGS})
    post = sandbox.made(tagIds=["2" * 24, "1" * 24, "2" * 24])
    assert [tag["name"] for tag in post["tags"]] == ["x", "y"]
    assert refused(sandbox.create(text="Hello", tagIds=[UNKNOWN])) == (
        "NotFoundError",
        "Tag not found",
    )


WAITS = "Whoops, it looks like you've already got this one scheduled."
RECENT = "Whoops, it looks like you've posted that one recently."


def test_repetition_is_refused_unless_it_is_switched_off() -> None:
    sandbox = GraphqlClient()
    sandbox.made("Hello")
    post = sandbox.made("Hello")
    sandbox.world.set_setting("graphql_duplicates", True)
    assert words(sandbox.create(text="Hello")).startswith(WAITS)
    assert sandbox.changed(post["id"], text="Other")["text"] == "Other"
    assert WAITS not in str(sandbox.edit(post["id"], text="Other"))
    assert WAITS in words(sandbox.edit(post["id"], text="Hello"))
    assert Settings().graphql_duplicates


def test_repetition_is_refused_for_a_while_after_the_first_is_out() -> None:
    sandbox = GraphqlClient(graphql_duplicates=True, duplicate_window=60)
    sandbox.made("Hello", mode="shareNow")
    assert words(sandbox.create(text="Hello")).startswith(RECENT)
    sandbox.world.advance(59)
    assert RECENT in words(sandbox.create(text="Hello"))
    sandbox.world.advance(1)
    sandbox.made("Hello")


def test_a_try_that_failed_counts_as_well() -> None:
    sandbox = GraphqlClient(graphql_duplicates=True, network_refuses=(TWITTER,))
    sandbox.made("Hello", mode="shareNow")
    assert RECENT in words(sandbox.create(text="Hello"))
    sandbox.world.advance(Settings().duplicate_window)
    sandbox.made("Hello")


@pytest.mark.parametrize(("channel", "is_refused"), [(PINTEREST, True), (LINKEDIN, False)])
def test_on_pinterest_the_same_picture_is_a_repetition(channel: str, is_refused: bool) -> None:
    sandbox = GraphqlClient(seed=EVERYBODY, graphql_duplicates=True)
    sent: dict[str, Any] = {
        "channel": channel,
        "assets": [{"image": {"url": "https://acme.example/a.png"}}],
    }
    if channel == PINTEREST:
        sent["metadata"] = {"pinterest": {"boardServiceId": "77"}}
    sandbox.made("One", **sent)
    assert (WAITS in str(sandbox.create(text="Two", **sent))) is is_refused


def test_reminders() -> None:
    sandbox = GraphqlClient()
    sent = {"channel": INSTAGRAM, "assets": [PNG], "metadata": POSTED}
    post = sandbox.made(schedulingType="notification", mode="shareNow", **sent)
    assert (post["schedulingType"], post["notificationStatus"]) == ("notification", "notified")
    sandbox.world.set_setting("notification_downgrade", True)
    assert sandbox.made("Other")["schedulingType"] == "notification"


@pytest.mark.parametrize("channel", [profile["id"] for profile in EVERYBODY["profiles"]])
def test_only_some_networks_have_reminders(channel: str) -> None:
    sandbox = GraphqlClient(seed=EVERYBODY)
    service = {one["id"]: one["service"] for one in EVERYBODY["profiles"]}[channel]
    created = sandbox.create(channel=channel, schedulingType="notification")
    no_reminders = (
        f"Notification scheduling is not supported for {service} channels. "
        "Use automatic scheduling instead."
    )
    has_them = service in {"instagram", "tiktok", "youtube"}
    assert (refused(created) == ("InvalidInputError", no_reminders)) is not has_them
    if service == "twitter":
        post = sandbox.made(channel=channel)
        assert refused(sandbox.edit(post["id"], text="Hello", schedulingType="notification")) == (
            "InvalidInputError",
            no_reminders,
        )


# -- editing ---------------------------------------------------------------------------------------


def test_replacing_replaces_everything() -> None:
    sandbox = GraphqlClient(seed={"tags": TAGS})
    post = sandbox.made("a", assets=[PNG], tagIds=["1" * 24], **CUSTOM, dueAt=DECEMBER)
    sandbox.world.advance(60)
    changed = sandbox.changed(post["id"], text="b")
    assert (changed["text"], changed["assets"]) == ("b", [])
    assert (changed["dueAt"], changed["createdAt"]) == (DECEMBER, post["createdAt"])
    assert changed["updatedAt"] == "2026-11-23T07:01:00.000Z"
    assert [tag["name"] for tag in changed["tags"]] == ["x"]
    assert sandbox.changed(post["id"], text="b", tagIds=[])["tags"] == []


@pytest.mark.parametrize("sent", [{}, {"dueAt": LATER}, {"tagIds": []}, {"text": None}])
def test_replacing_demands_text_or_media(sent: dict[str, object]) -> None:
    sandbox = GraphqlClient()
    post = sandbox.made()
    message = "Post must have either text or media"
    assert refused(sandbox.edit(post["id"], **sent)) == ("InvalidInputError", message)


def test_replacing_demands_the_metadata_again() -> None:
    sandbox = GraphqlClient()
    post = sandbox.made(channel=FACEBOOK, metadata={"facebook": {"type": "post"}})
    assert "require a type" in words(sandbox.edit(post["id"], text="b"))


@pytest.mark.parametrize(
    ("sent", "due"),
    [
        ({"dueAt": LATER}, DECEMBER),
        ({"dueAt": LATER, "mode": "customScheduled"}, DECEMBER),
        ({"dueAt": LATER, "schedulingType": "automatic"}, DECEMBER),
        ({"dueAt": LATER, **CUSTOM}, LATER),
        ({"mode": "addToQueue", "schedulingType": "automatic"}, "2026-11-23T08:00:00.000Z"),
    ],
)
def test_a_time_without_mode_and_type_is_passed_over_without_a_word(
    sent: dict[str, object], due: str
) -> None:
    sandbox = GraphqlClient()
    post = sandbox.made(**CUSTOM, dueAt=DECEMBER)
    assert sandbox.changed(post["id"], text="b", **sent)["dueAt"] == due


@pytest.mark.parametrize(
    ("sent", "text", "images"),
    [
        ({}, "a", 1),
        ({"text": "b"}, "b", 1),
        ({"text": ""}, "", 1),
        ({"text": None}, "", 1),
        ({"assets": []}, "a", 0),
        ({"assets": [PNG, PNG]}, "a", 2),
        ({"metadata": None}, "a", 1),
    ],
)
def test_patching_keeps_what_is_omitted(sent: dict[str, object], text: str, images: int) -> None:
    sandbox = GraphqlClient(edit_mode="patch")
    metadata = {"facebook": {"type": "reel", "firstComment": "Hi"}}
    post = sandbox.made(
        "a", channel=FACEBOOK, assets=[PNG], metadata=metadata, **CUSTOM, dueAt=DECEMBER
    )
    changed = sandbox.changed(post["id"], **sent)
    assert (changed["text"], len(changed["assets"])) == (text, images)
    assert changed["metadata"] == post["metadata"]
    assert changed["dueAt"] == DECEMBER


def test_patching_times() -> None:
    sandbox = GraphqlClient(edit_mode="patch")
    post = sandbox.made(**CUSTOM, dueAt=DECEMBER)
    assert sandbox.changed(post["id"], dueAt=LATER)["dueAt"] == DECEMBER
    assert sandbox.changed(post["id"], mode="customScheduled")["dueAt"] == DECEMBER
    assert sandbox.changed(post["id"], mode="customScheduled", dueAt=LATER)["dueAt"] == LATER
    queued = sandbox.changed(post["id"], mode="addToQueue")
    assert queued["dueAt"] == "2026-11-23T08:00:00.000Z"
    assert "requires dueAt" in words(sandbox.edit(post["id"], mode="customScheduled"))


def test_patching_a_thread() -> None:
    sandbox = GraphqlClient(edit_mode="patch")
    parts = [{"text": "a"}, {"text": "b"}]
    post = sandbox.made("a", metadata={"twitter": {"thread": parts}})
    changed = sandbox.changed(post["id"], text="c")
    assert [part["text"] for part in changed["metadata"]["thread"]] == ["c", "b"]
    assert sandbox.changed(post["id"], metadata={"twitter": {}})["metadata"]["threadCount"] == 0


@pytest.mark.parametrize(
    ("made", "sent", "status", "due"),
    [
        ({"saveToDraft": True}, {}, "draft", None),
        ({"saveToDraft": True}, {"saveToDraft": True, **CUSTOM, "dueAt": LATER}, "draft", LATER),
        ({"saveToDraft": True}, {**CUSTOM, "dueAt": LATER}, "scheduled", LATER),
        ({"saveToDraft": True}, {"saveToDraft": False}, "scheduled", "2026-11-23T08:00:00.000Z"),
        (
            {"saveToDraft": True, **CUSTOM, "dueAt": LATER},
            {"saveToDraft": False},
            "scheduled",
            LATER,
        ),
        ({"saveToDraft": True}, {"approvalChange": "request"}, "needs_approval", None),
        ({"needsApproval": True}, {"approvalChange": "revert"}, "draft", None),
        ({"needsApproval": True}, {**CUSTOM, "dueAt": LATER}, "needs_approval", LATER),
        (
            {"needsApproval": True},
            {"saveToDraft": False, **CUSTOM, "dueAt": LATER},
            "scheduled",
            LATER,
        ),
        ({**CUSTOM, "dueAt": LATER}, {"saveToDraft": True}, "draft", LATER),
        ({}, {"saveToDraft": True}, "draft", None),
        ({}, {"approvalChange": "request", "saveToDraft": True}, "needs_approval", None),
        ({"needsApproval": True}, {"approvalChange": "request"}, "needs_approval", None),
        ({"saveToDraft": True}, {"approvalChange": "revert"}, "draft", None),
    ],
)
def test_drafts_and_posts_become_each_other(
    made: dict[str, object], sent: dict[str, object], status: str, due: str | None
) -> None:
    sandbox = GraphqlClient()
    post = sandbox.made(**made)
    changed = sandbox.changed(post["id"], text="Hello", **sent)
    assert (changed["status"], changed["dueAt"]) == (status, due)
    waiting = [status] if status == "scheduled" else []
    assert [sandbox.show(post["id"])["status"]] * len(waiting) == waiting
    other = sandbox.made("Other")
    taken = due == "2026-11-23T08:00:00.000Z"
    assert (other["dueAt"] == "2026-11-23T08:00:00.000Z") is not taken


@pytest.mark.parametrize("change", ["request", "revert"])
def test_only_a_draft_waits_for_approval(change: str) -> None:
    sandbox = GraphqlClient()
    post = sandbox.made()
    payload = sandbox.edit(post["id"], text="Hello", approvalChange=change)
    assert refused(payload) == ("InvalidInputError", "approvalChange is only valid for a draft")
    assert sandbox.show(post["id"])["status"] == "scheduled"


def test_approval_needs_a_policy() -> None:
    sandbox = GraphqlClient(approvals=False)
    created = sandbox.create(text="Hello", needsApproval=True)
    assert refused(created) == (
        "InvalidInputError",
        "needsApproval is only valid when your posting policy on this channel requires approval",
    )
    post = sandbox.made(saveToDraft=True)
    edited = sandbox.edit(post["id"], text="Hello", approvalChange="request")
    assert refused(edited) == (
        "InvalidInputError",
        "approvalChange is only valid when your posting policy on this channel requires approval",
    )


def test_a_post_for_approval_is_a_draft() -> None:
    sandbox = GraphqlClient()
    created = sandbox.create(text="Hello", needsApproval=True, saveToDraft=False)
    assert refused(created)[0] == "InvalidInputError"
    assert "saveToDraft cannot be false" in refused(created)[1]
    assert sandbox.made(needsApproval=True, saveToDraft=True)["status"] == "needs_approval"
    draft = sandbox.made("Other", saveToDraft=True)
    edited = sandbox.edit(draft["id"], text="Other", approvalChange="request", saveToDraft=False)
    assert "saveToDraft cannot be false" in refused(edited)[1]
    assert sandbox.show(draft["id"])["status"] == "draft"


def test_a_person_approves_a_draft() -> None:
    sandbox = GraphqlClient()
    timed = sandbox.made("a", needsApproval=True, **CUSTOM, dueAt=DECEMBER)
    queued = sandbox.made("b", saveToDraft=True)
    for post in (timed, queued):
        sandbox.world.person_approve(post["id"])
    assert sandbox.show(timed["id"])["dueAt"] == DECEMBER
    assert sandbox.show(timed["id"])["status"] == "scheduled"
    assert sandbox.show(queued["id"])["dueAt"] == "2026-11-23T08:00:00.000Z"


def test_a_failed_post_is_scheduled_again() -> None:
    sandbox = GraphqlClient(network_refuses=[TWITTER])
    post = sandbox.made(mode="shareNow")
    sandbox.world.set_setting("network_refuses", [])
    assert sandbox.changed(post["id"], text="b")["status"] == "error"
    again = sandbox.changed(post["id"], text="b", **CUSTOM, dueAt=DECEMBER)
    assert (again["status"], again["error"], again["dueAt"]) == ("scheduled", None, DECEMBER)


def test_what_has_gone_out_stays_as_it_is() -> None:
    sandbox = GraphqlClient(sending_seconds=60)
    post = sandbox.made(mode="shareNow")
    for status in ("sending", "sent"):
        assert sandbox.show(post["id"])["status"] == status
        assert refused(sandbox.edit(post["id"], text="b"))[0] == "InvalidInputError"
        assert refused(sandbox.delete(post["id"]))[0] == "VoidMutationError"
        sandbox.world.advance(60)
    assert refused(sandbox.edit(UNKNOWN, text="b")) == ("NotFoundError", "Document not found")


# -- deleting and moving ---------------------------------------------------------------------------


@pytest.mark.parametrize("sent", [{}, {"saveToDraft": True}, {"needsApproval": True}])
def test_deleting(sent: dict[str, object]) -> None:
    sandbox = GraphqlClient()
    post = sandbox.made(**sent)
    sandbox.made("second")
    assert sandbox.delete(post["id"]) == {"__typename": "DeletePostSuccess", "id": post["id"]}
    assert sandbox.listed() == ["second"]
    assert sandbox.page()["edges"][0]["node"]["dueAt"] == "2026-11-23T08:00:00.000Z"
    assert refused(sandbox.delete(post["id"])) == ("VoidMutationError", "Document not found")
    sandbox.world.set_setting("delete_unknown", "errors")
    assert sandbox.errors(DELETE, input={"id": post["id"]}) == ["NOT_FOUND"]
    sandbox.world.set_setting("delete_unknown", "other")
    assert refused(sandbox.delete(post["id"])) == (
        "VoidMutationError",
        "The post has left the building",
    )


@pytest.mark.parametrize(
    ("mode", "due"), [("keep", "2033-11-23T08:00:00.000Z"), ("drop", None), ("refuse", "refused")]
)
def test_a_far_time_of_a_draft_is_what_the_switch_says(mode: str, due: str | None) -> None:
    sandbox = GraphqlClient()
    sandbox.world.set_setting("graphql_far_times", mode)
    far: dict[str, Any] = {
        "mode": "customScheduled",
        "dueAt": "2033-11-23T08:00:00Z",
        "saveToDraft": True,
    }
    if due == "refused":
        assert refused(sandbox.create(**far))[0] == "InvalidInputError"
    else:
        assert sandbox.made(**far)["dueAt"] == due
    near = {**far, "dueAt": "2028-01-03T08:00:00Z"}
    assert sandbox.made("near", **near)["dueAt"] == "2028-01-03T08:00:00.000Z"


def test_moving() -> None:
    sandbox = GraphqlClient()
    ids = {text: sandbox.made(text)["id"] for text in "abc"}
    sort = [{"field": "dueAt", "direction": "asc"}]
    assert sandbox.move(ids["c"], "top")["post"]["dueAt"] == "2026-11-23T08:00:00.000Z"
    assert sandbox.listed(sort=sort) == ["c", "a", "b"]
    assert sandbox.move(ids["c"], "bottom")["__typename"] == "PostActionSuccess"
    assert sandbox.listed(sort=sort) == ["a", "b", "c"]
    draft, custom = sandbox.made(saveToDraft=True), sandbox.made(**CUSTOM, dueAt=DECEMBER)
    for id_, message in (
        (draft["id"], "This draft is not in the queue"),
        (custom["id"], "This post is not in the queue"),
        (UNKNOWN, "Document not found"),
    ):
        assert refused(sandbox.move(id_, "top")) == ("VoidMutationError", message)
